/*
 * Keys that sign are of the ledger's profile: engine/party.h and engine/parties.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "tests/unit/rig.h"

/* Of the size that the other profile's have. */
static struct signing_key foreign_key(void) {
    struct signing_key key = algorithms_key(7);
    key.size = key.size == signing_key_bytes(PROFILE_NATIONAL)
                   ? (uint8_t)signing_key_bytes(PROFILE_INTERNATIONAL)
                   : (uint8_t)signing_key_bytes(PROFILE_NATIONAL);
    return key;
}

static void expect_refused(const struct rig *rig) {
    const struct event *refused = rig_expect_refused(rig, REASON_OUT_OF_LIMITS);
    assert_int_equal(refused->field, FIELD_KEY);
    assert_int_equal(refused->limit, signing_key_bytes(algorithms_profile()));
}

static void a_checkpoint_key_of_the_other_profile_is_refused(void **state) {
    struct rig *rig = *state;
    struct act act = {.kind = ACT_CHECKPOINT_KEY, .checkpoint_key = {.key = foreign_key()}};
    for (int i = 0; i < 2; i++) {
        struct command propose = {.verb = VERB_PROPOSE, .act = act};
        rig_request(rig, RIG_OPERATOR_SESSION, RIG_OPERATOR_KEY, &propose);
        expect_refused(rig);
        act.checkpoint_key.is_revoked = true;
    }
}

static void the_engine_says_whose_keys_are_in_force(void **state) {
    struct rig *rig = *state;
    struct act act = {.kind = ACT_CHECKPOINT_KEY, .checkpoint_key = {.key = algorithms_key(7)}};
    struct signing_key key = algorithms_key(7);
    struct signing_key first = algorithms_key(0xCC);
    assert_int_equal(engine_profile(rig->engine), algorithms_profile());
    assert_true(engine_checkpoint_key_is_in_force(rig->engine, &first));
    assert_false(engine_checkpoint_key_is_in_force(rig->engine, &key));
    rig_act_by_two(rig, &act);
    (void)rig_expect_done(rig);
    assert_true(engine_checkpoint_key_is_in_force(rig->engine, &key));
    key.bytes[key.size - 1] ^= 1; /* the last byte counts */
    assert_false(engine_checkpoint_key_is_in_force(rig->engine, &key));
    act.checkpoint_key.is_revoked = true;
    rig_act_by_two(rig, &act);
    assert_true(engine_checkpoint_key_is_revoked(rig->engine, &act.checkpoint_key.key));
}

static void add_party(struct rig *rig) {
    struct deed deed = {.kind = DEED_ADD_PARTY,
                        .add_party = {.code_bytes = 2, .code = "ZZ", .name_bytes = 2}};
    struct command command = {.verb = VERB_DEED, .deed = deed};
    rig_request(rig, RIG_OPERATOR_SESSION, RIG_OPERATOR_KEY, &command);
    assert_int_equal(rig_expect_done(rig), 1);
}

/* A registrar's session, for it alone gives parties their keys. */
static uint32_t add_registrar(struct rig *rig, uint32_t *key) {
    struct act act = {ACT_ADD_PARTICIPANT,
                      .add_participant = {.roles = ROLE_REGISTRAR, .code_bytes = 2, .code = "RR"}};
    rig_act_by_two(rig, &act);
    uint32_t participant = (uint32_t)rig_expect_done(rig);
    act = (struct act){ACT_ADD_KEY,
                       .add_key = {.participant = participant, .person = 90, .key = {90}}};
    rig_act_by_two(rig, &act);
    *key = (uint32_t)rig_expect_done(rig);
    act = (struct act){ACT_ADD_SESSION, .add_session = {.participant = participant}};
    rig_act(rig, &act);
    return (uint32_t)rig_expect_done(rig);
}

static void a_party_s_key_of_the_other_profile_is_refused(void **state) {
    struct rig *rig = *state;
    uint32_t key = 0;
    uint32_t session = add_registrar(rig, &key);
    struct command command = {
        .verb = VERB_DEED,
        .deed = {.kind = DEED_ADD_PARTY_KEY, .add_party_key = {1, 7, foreign_key()}}};
    add_party(rig);
    rig_request(rig, session, key, &command);
    expect_refused(rig);
    command.deed.add_party_key.key = algorithms_key(7);
    rig_request(rig, session, key, &command);
    assert_int_equal(rig_expect_done(rig), 1);
    struct party_key_view view;
    assert_true(engine_party_key(rig->engine, 1, &view));
    assert_true(signing_key_equal(&view.key, &command.deed.add_party_key.key));
}

/* Another profile, another digest: it is part of what replicas agree on. */
static void keys_count_in_the_digest_to_their_last_byte(void **state) {
    struct rig *rig = *state;
    uint64_t digests[2];
    for (int i = 0; i < 2; i++) {
        struct act act = {.kind = ACT_CHECKPOINT_KEY, .checkpoint_key = {.key = algorithms_key(7)}};
        act.checkpoint_key.key.bytes[act.checkpoint_key.key.size - 1] = (uint8_t)i;
        struct rig other;
        rig_open(&other, &rig->limits, ENVIRONMENT_TEST);
        rig_act_by_two(&other, &act);
        digests[i] = rig_digest(other.engine);
        rig_close(&other);
    }
    assert_true(digests[0] != digests[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_checkpoint_key_of_the_other_profile_is_refused),
        TEST(the_engine_says_whose_keys_are_in_force),
        TEST(a_party_s_key_of_the_other_profile_is_refused),
        TEST(keys_count_in_the_digest_to_their_last_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
