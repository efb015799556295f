/*
 * Who acts for a party and what it has signed (engine/confirm.h), asked as a deed's check asks.
 * tests/scenario/mandates.txt tells the same of whole deeds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "engine/confirm.h"
#include "engine/mandate.h"
#include "tests/unit/rig.h"

/* Kinds of two ranges, one of which Bob's mandates cover. */
enum { KIND_PLEDGE = 80, KIND_LISTING = 120 };
enum { LIMIT_FEN = 1000 };

/* Zhang acts through Ann, Wang and Wei through nobody; Wang has one key and Wei another. */
struct court {
    struct rig rig;
    uint32_t registrar; /* session and key */
    uint32_t zhang, wang, wei;
    uint32_t wang_key, wei_key;
    struct command command; /* the deed that is judged */
    struct call call;
};

static uint64_t deed(struct court *court, const struct deed *deed) {
    struct command command = {.verb = VERB_DEED, .deed = *deed};
    rig_request(&court->rig, court->registrar, court->registrar, &command);
    const struct event *done = rig_event(&court->rig, EVENT_DONE, NULL);
    assert_non_null(done);
    return done->id;
}

static uint32_t add_party(struct court *court, uint8_t identity, uint32_t participant) {
    struct deed add = {.kind = DEED_ADD_PARTY};
    add.add_party.participant = participant;
    add.add_party.identity_bytes = HASH_BYTES;
    add.add_party.identity[0] = identity;
    return (uint32_t)deed(court, &add);
}

static uint32_t add_key(struct court *court, uint32_t party, uint32_t person) {
    struct deed add = {.kind = DEED_ADD_PARTY_KEY,
                       .add_party_key = {.party = party,
                                         .person = person,
                                         .key = algorithms_key((uint8_t)person)}};
    return (uint32_t)deed(court, &add);
}

static uint32_t grant(struct court *court, uint32_t principal, uint32_t key, uint64_t serial) {
    struct deed grant = {.kind = DEED_GRANT_MANDATE,
                         .grant_mandate = {.principal = principal,
                                           .agent = RIG_BOB,
                                           .scope = MANDATE_PLEDGE,
                                           .limit_fen = LIMIT_FEN,
                                           .until = RIG_DATE}};
    if (key != 0)
        grant.signatures[grant.signatures_count++] =
            (struct signature){.party_key = key, .serial = serial};
    return (uint32_t)deed(court, &grant);
}

static int set_up(void **state) {
    struct court *court = calloc(1, sizeof *court);
    struct rig *rig = &court->rig;
    struct engine_limits limits = rig_limits();
    rig_open(rig, &limits, ENVIRONMENT_TEST);
    rig_populate(rig);
    struct act act = {ACT_ADD_PARTICIPANT,
                      .add_participant = {
                          .roles = ROLE_REGISTRAR, .code_bytes = 2, .code = "ZZ", .name_bytes = 4}};
    rig_act(rig, &act);
    uint32_t participant = (uint32_t)rig_expect_done(rig);
    act = (struct act){ACT_ADD_KEY,
                       .add_key = {.participant = participant, .person = 90, .key = {90}}};
    rig_act(rig, &act);
    court->registrar = (uint32_t)rig_expect_done(rig);
    act = (struct act){ACT_ADD_SESSION, .add_session = {.participant = participant}};
    rig_act(rig, &act);
    assert_int_equal(rig_expect_done(rig), court->registrar);
    court->zhang = add_party(court, 1, RIG_ANN);
    court->wang = add_party(court, 2, 0);
    court->wei = add_party(court, 3, 0);
    court->wang_key = add_key(court, court->wang, 7);
    court->wei_key = add_key(court, court->wei, 8);
    court->command.verb = VERB_DEED;
    court->call = (struct call){rig->engine, &court->command, &rig->sink};
    *state = court;
    return 0;
}

static int tear_down(void **state) {
    struct court *court = *state;
    rig_close(&court->rig);
    free(court);
    return 0;
}

/* A deed of a kind, sent by a participant on behalf of a party, or of nobody. */
static struct deed *sent(struct court *court, uint8_t kind, uint32_t sender, uint32_t behalf) {
    court->command.stamp.participant = sender;
    court->command.stamp.time_ns = court->rig.now_ns;
    court->command.deed = (struct deed){.kind = kind, .on_behalf_of = behalf};
    return &court->command.deed;
}

static void sign(struct deed *deed, uint32_t key, uint64_t serial) {
    deed->signatures[deed->signatures_count++] =
        (struct signature){.party_key = key, .serial = serial};
}

static void assert_refusal(struct refusal refusal, enum reason reason, enum field field,
                           int64_t limit) {
    assert_int_equal(refusal.reason, reason);
    assert_int_equal(refusal.field, field);
    assert_int_equal(refusal.limit, limit);
}

static void a_party_acts_through_its_own_participant(void **state) {
    struct court *court = *state;
    sent(court, KIND_PLEDGE, RIG_ANN, 0);
    assert_true(party_acts(&court->call, court->zhang));
    assert_false(party_acts(&court->call, court->wang));
    assert_false(party_acts(&court->call, 99));
    assert_refusal(party_check_acts(&court->call, court->wang, 0), REASON_NOT_AUTHORISED,
                   FIELD_PARTY, court->wang);
    sent(court, KIND_PLEDGE, RIG_BOB, 0);
    assert_false(party_acts(&court->call, court->zhang));
}

static void an_agent_acts_within_scope_limit_and_term_and_says_for_whom(void **state) {
    struct court *court = *state;
    grant(court, court->wang, court->wang_key, 1);
    sent(court, KIND_PLEDGE, RIG_BOB, 0);
    assert_false(party_acts(&court->call, court->wang));
    sent(court, KIND_PLEDGE, RIG_BOB, court->wang);
    assert_true(party_acts(&court->call, court->wang));
    assert_int_equal(party_check_acts(&court->call, court->wang, LIMIT_FEN).reason, REASON_NONE);
    assert_refusal(party_check_acts(&court->call, court->wang, LIMIT_FEN + 1), REASON_MANDATE_SCOPE,
                   FIELD_LIMIT, LIMIT_FEN);
    assert_refusal(party_check_acts(&court->call, court->wei, 0), REASON_NOT_AUTHORISED,
                   FIELD_PARTY, court->wei);
    sent(court, KIND_LISTING, RIG_BOB, court->wang);
    assert_refusal(party_check_acts(&court->call, court->wang, 0), REASON_MANDATE_SCOPE,
                   FIELD_SCOPE, MANDATE_PLEDGE);
    sent(court, DEED_ADMIT_RIGHT, RIG_BOB, court->wang);
    assert_refusal(party_check_acts(&court->call, court->wang, 0), REASON_MANDATE_SCOPE,
                   FIELD_SCOPE, MANDATE_PLEDGE);
    sent(court, KIND_PLEDGE, RIG_ANN, court->wang);
    assert_refusal(party_check_acts(&court->call, court->wang, 0), REASON_NOT_AUTHORISED,
                   FIELD_ON_BEHALF_OF, court->wang);
}

static void a_mandate_that_has_ended_covers_nothing(void **state) {
    struct court *court = *state;
    uint32_t mandate = grant(court, court->wang, court->wang_key, 1);
    uint32_t other = grant(court, court->wang, court->wang_key, 2);
    struct deed revoke = {.kind = DEED_REVOKE_MANDATE, .revoke_mandate = {mandate}};
    deed(court, &revoke);
    sent(court, KIND_PLEDGE, RIG_BOB, court->wang);
    assert_true(party_acts(&court->call, court->wang));
    revoke.revoke_mandate.mandate = other;
    deed(court, &revoke);
    assert_false(party_acts(&court->call, court->wang));
}

static void one_agent_never_acts_for_both_sides(void **state) {
    struct court *court = *state;
    grant(court, court->wang, court->wang_key, 1);
    sent(court, KIND_PLEDGE, RIG_BOB, court->wang);
    assert_int_equal(party_check_sides(&court->call, court->wang, court->wei).reason, REASON_NONE);
    assert_int_equal(party_check_sides(&court->call, court->wang, court->zhang).reason,
                     REASON_NONE);
    assert_refusal(party_check_sides(&court->call, court->wang, court->wang), REASON_MANDATE_SCOPE,
                   FIELD_ON_BEHALF_OF, court->wang);
    grant(court, court->wei, court->wei_key, 1);
    assert_refusal(party_check_sides(&court->call, court->wei, court->wang), REASON_MANDATE_SCOPE,
                   FIELD_ON_BEHALF_OF, court->wang);
    uint32_t own = add_party(court, 4, RIG_BOB);
    assert_refusal(party_check_sides(&court->call, court->wang, own), REASON_MANDATE_SCOPE,
                   FIELD_ON_BEHALF_OF, court->wang);
}

static void a_signature_is_of_the_party_whose_key_it_is_until_that_ends(void **state) {
    struct court *court = *state;
    const struct engine *engine = court->rig.engine;
    struct deed *deed_ = sent(court, KIND_PLEDGE, RIG_ANN, 0);
    assert_false(deed_signed_by(engine, deed_, court->wang));
    sign(deed_, court->wang_key, 1);
    assert_true(deed_signed_by(engine, deed_, court->wang));
    assert_false(deed_signed_by(engine, deed_, court->wei));
    assert_refusal(deed_check_signed_by(engine, deed_, court->wei), REASON_BAD_SIGNATURE,
                   FIELD_SIGNATURE, court->wei);
    sign(deed_, court->wei_key, 1);
    assert_true(deed_signed_by(engine, deed_, court->wei));
    assert_int_equal(confirm_check(&court->call).reason, REASON_NONE);
    struct deed revoke = {.kind = DEED_REVOKE_PARTY_KEY,
                          .revoke_party_key = {.party_key = court->wang_key}};
    deed(court, &revoke);
    assert_false(deed_signed_by(engine, deed_, court->wang));
    assert_refusal(confirm_check(&court->call), REASON_KEY_REVOKED, FIELD_SIGNATURE,
                   court->wang_key);
}

/* The answer to one more signature of Wang's with this serial; used when it is good. */
static struct refusal use(struct court *court, uint64_t serial) {
    struct deed *deed = sent(court, KIND_PLEDGE, RIG_ANN, 0);
    sign(deed, court->wang_key, serial);
    struct refusal refusal = confirm_check(&court->call);
    if (refusal.reason == REASON_NONE)
        confirm_use(court->rig.engine, deed);
    confirm_check_state(court->rig.engine);
    return refusal;
}

static void a_serial_is_good_once_in_any_order_within_the_window(void **state) {
    struct court *court = *state;
    for (uint64_t serial = 1000; serial > 1000 - PARTY_KEY_SERIALS; serial--)
        assert_int_equal(use(court, serial).reason, REASON_NONE);
    for (uint64_t serial = 1000; serial > 1000 - PARTY_KEY_SERIALS; serial--)
        assert_refusal(use(court, serial), REASON_SERIAL_USED, FIELD_SERIAL, 1001);
    /* The window is full: nothing below it, and each new one moves it on. */
    assert_refusal(use(court, 1000 - PARTY_KEY_SERIALS), REASON_SERIAL_USED, FIELD_SERIAL, 1001);
    assert_int_equal(use(court, 5000).reason, REASON_NONE);
    assert_refusal(use(court, 1001 - PARTY_KEY_SERIALS), REASON_SERIAL_USED, FIELD_SERIAL, 5001);
    assert_int_equal(use(court, 3000).reason, REASON_NONE);
    assert_refusal(use(court, 3000), REASON_SERIAL_USED, FIELD_SERIAL, 5001);
    assert_int_equal(use(court, SIGNATURE_SERIAL_MAX).reason, REASON_NONE);
    assert_refusal(use(court, 5000), REASON_SERIAL_USED, FIELD_SERIAL, INT64_MAX);
}

static void every_kind_of_a_range_has_its_scope(void **state) {
    (void)state;
    uint32_t seen = 0;
    for (uint32_t kind = 0; kind <= UINT8_MAX; kind++) {
        uint32_t scope = mandate_scope_of((uint8_t)kind);
        assert_int_equal(scope & (scope - 1), 0);
        assert_int_equal(scope & ~(uint32_t)MANDATE_SCOPE_ALL, 0);
        seen |= scope;
    }
    assert_int_equal(seen, MANDATE_SCOPE_ALL);
    assert_int_equal(mandate_scope_of(DEED_GRANT_MANDATE), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_party_acts_through_its_own_participant),
        TEST(an_agent_acts_within_scope_limit_and_term_and_says_for_whom),
        TEST(a_mandate_that_has_ended_covers_nothing),
        TEST(one_agent_never_acts_for_both_sides),
        TEST(a_signature_is_of_the_party_whose_key_it_is_until_that_ends),
        TEST(a_serial_is_good_once_in_any_order_within_the_window),
        cmocka_unit_test(every_kind_of_a_range_has_its_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
