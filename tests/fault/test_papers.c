/*
 * Random deeds with right, false, missing, foreign, used, expired and ended signatures through a
 * real server that is killed in between, against a model of arrays: what each is answered, that
 * nothing answered is lost or done twice, and what the ledger has come to in the end.
 *
 * TPX_SEED and TPX_STEPS repeat or lengthen a run; a failure prints the seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "engine/confirm.h"
#include "gateway/clock.h"
#include "gateway/recovery.h"
#include "ledger/deed_signature.h"
#include "tests/e2e/desk.h"
#include "tests/property/seed.h"

#define STEPS          120
#define BURST_MAX      12u
#define PARTIES        3u
#define KEYS_MAX       40u
#define MANDATES_MAX   2048u
#define SERIALS        400u /* few, so that they meet again */
#define USED_MAX       400u
#define STEPS_A_KILL   15
#define UNKNOWN_NUMBER 100000u
#define KEEPS          64u

struct model_key {
    struct signer *signer;
    uint32_t party;
    bool is_revoked;
    bool ends_now; /* revoked in this burst: gateway or engine may say so */
    uint64_t used[USED_MAX];
    uint32_t used_count;
};

struct model_mandate {
    uint32_t principal;
    bool has_ended;
};

/* What a request must be answered with: done, or one of two reasons. */
struct paper {
    struct command command;
    enum reason reason;
    enum reason other;
    bool is_free; /* refused by the gateway: its number may be decided anew */
    bool is_answered;
    uint64_t id; /* what was made, when it is told */
};

struct world {
    struct random random;
    struct trial trial;
    struct curve_key registrar_key;
    uint32_t registrar_session;
    struct client *client;
    char origin[ORIGIN_BYTES_MAX + 1];
    uint64_t number; /* last one given */
    struct model_key keys[KEYS_MAX + 1];
    uint32_t keys_count;
    struct model_mandate mandates[MANDATES_MAX + 1];
    uint32_t mandates_count;
    struct paper burst[BURST_MAX];
    uint32_t burst_count;
    struct paper kept[KEEPS]; /* done ones, to be handed in again */
    uint32_t kept_count;
    uint32_t answers[2]; /* done, refused */
};

/* --- the exchange ------------------------------------------------------------------------------
 */

static void connect_registrar(struct world *world) {
    struct client_options options = {.context = world->trial.context,
                                     .endpoint = world->trial.endpoint,
                                     .server_z85 = world->trial.server.public_z85,
                                     .key = &world->registrar_key,
                                     .session = world->registrar_session,
                                     .skips_past = true};
    struct client_item item;
    world->client = client_open(&options);
    assert_non_null(world->client);
    assert_true(client_wait_live(world->client, DESK_PATIENCE_MS, &item));
    snprintf(world->origin, sizeof world->origin, "%s", client_logged_on(world->client)->origin);
}

static void add_registrar(struct world *world) {
    struct act act = {
        .kind = ACT_ADD_PARTICIPANT,
        .add_participant = {
            .roles = ROLE_REGISTRAR, .code_bytes = 9, .code = "REGISTRAR", .name_bytes = 9}};
    uint32_t participant = (uint32_t)trial_act(&world->trial, &act, "Registrar");
    assert_int_equal(keyfile_curve_generate(&world->registrar_key), 0);
    act = (struct act){.kind = ACT_ADD_KEY, .add_key = {.participant = participant, .person = 77}};
    memcpy(act.add_key.key, world->registrar_key.public_key, KEY_BYTES);
    trial_act(&world->trial, &act, NULL);
    act = (struct act){.kind = ACT_ADD_SESSION, .add_session = {.participant = participant}};
    world->registrar_session = (uint32_t)trial_act(&world->trial, &act, NULL);
}

static void kill_and_start(struct world *world) {
    trial_kill(&world->trial);
    client_close(world->client);
    trial_start(&world->trial);
    connect_registrar(world);
}

/* --- the model ---------------------------------------------------------------------------------
 */

static uint32_t keys_of(const struct world *world, uint32_t party) {
    uint32_t count = 0;
    for (uint32_t i = 1; i <= world->keys_count; i++)
        count += world->keys[i].party == party && !world->keys[i].is_revoked;
    return count;
}

static uint32_t mandates_of(const struct world *world, uint32_t party) {
    uint32_t count = 0;
    for (uint32_t i = 1; i <= world->mandates_count; i++)
        count += world->mandates[i].principal == party && !world->mandates[i].has_ended;
    return count;
}

static bool is_stale(const struct model_key *key, uint64_t serial) {
    uint32_t higher = 0;
    for (uint32_t i = 0; i < key->used_count; i++) {
        if (key->used[i] == serial)
            return true;
        higher += key->used[i] > serial;
    }
    return higher >= PARTY_KEY_SERIALS;
}

/* What the engine says of a grant whose signatures are not false. */
static enum reason judge_grant(const struct world *world, const struct deed *deed) {
    uint32_t party = deed->grant_mandate.principal;
    bool is_signed = false;
    for (uint32_t i = 0; i < deed->signatures_count; i++) {
        const struct signature *signature = &deed->signatures[i];
        const struct model_key *key = &world->keys[signature->party_key];
        if (key->is_revoked)
            return REASON_KEY_REVOKED;
        if (signature->expires_ns == 1)
            return REASON_BAD_SIGNATURE;
        if (is_stale(key, signature->serial))
            return REASON_SERIAL_USED;
        is_signed = is_signed || key->party == party;
    }
    if (!is_signed && keys_of(world, party) > 0)
        return REASON_BAD_SIGNATURE;
    return mandates_of(world, party) >= MANDATES_EACH_MAX ? REASON_OUT_OF_LIMITS : REASON_NONE;
}

static void carry_out_grant(struct world *world, const struct deed *deed) {
    for (uint32_t i = 0; i < deed->signatures_count; i++) {
        struct model_key *key = &world->keys[deed->signatures[i].party_key];
        assert_true(key->used_count < USED_MAX);
        key->used[key->used_count++] = deed->signatures[i].serial;
    }
    assert_true(world->mandates_count < MANDATES_MAX);
    world->mandates[++world->mandates_count] =
        (struct model_mandate){.principal = deed->grant_mandate.principal};
}

/* --- random deeds ------------------------------------------------------------------------------
 */

static void sign(struct world *world, struct deed *deed, uint32_t number) {
    struct random *random = &world->random;
    struct deed_pen pen = {.signer = world->keys[number].signer,
                           .origin = world->origin,
                           .party_key = number,
                           .serial = random_between(random, 1, SERIALS),
                           .expires_ns = random_once_in(random, 12) ? 1 : 0};
    assert_int_equal(deed_add_signature(deed, NULL, &pen), 0);
}

static void random_grant(struct world *world, struct paper *paper) {
    struct random *random = &world->random;
    struct deed *deed = &paper->command.deed;
    bool is_false = false;
    deed->kind = DEED_GRANT_MANDATE;
    deed->grant_mandate =
        (struct grant_mandate){.principal = random_between(random, 1, PARTIES),
                               .agent = trial_broker(&world->trial, random_between(random, 1, 2)),
                               .scope = random_between(random, 1, MANDATE_SCOPE_ALL),
                               .limit_fen = random_between(random, 1, 1000),
                               .until = 20991231};
    if (!random_once_in(random, 6) && world->keys_count > 0) {
        sign(world, deed, random_between(random, 1, world->keys_count));
        is_false = random_once_in(random, 6);
    }
    if (is_false)
        deed->signatures[0].bytes[random_below(random, SIGNATURE_BYTES)] ^=
            (uint8_t)(1 << random_below(random, 8));
    if (deed->signatures_count > 0 && random_once_in(random, 20)) {
        deed->signatures[0].party_key = UNKNOWN_NUMBER;
        paper->reason = REASON_BAD_SIGNATURE;
        paper->is_free = true;
        return;
    }
    paper->reason = judge_grant(world, deed);
    paper->other = paper->reason;
    if (deed->signatures_count > 0) {
        const struct model_key *key = &world->keys[deed->signatures[0].party_key];
        paper->is_free = is_false || key->is_revoked;
        if (is_false && !key->is_revoked)
            paper->reason = REASON_BAD_SIGNATURE;
        if (is_false)
            paper->other = key->ends_now ? REASON_BAD_SIGNATURE : paper->reason;
    }
    if (paper->reason == REASON_NONE)
        carry_out_grant(world, deed);
}

static void random_end(struct world *world, struct paper *paper) {
    struct deed *deed = &paper->command.deed;
    uint32_t number = random_between(&world->random, 1, world->mandates_count + 1);
    deed->kind = DEED_REVOKE_MANDATE;
    deed->revoke_mandate.mandate = number;
    struct model_mandate *mandate = &world->mandates[number];
    if (number > world->mandates_count)
        paper->reason = REASON_UNKNOWN_MANDATE;
    else if (mandate->has_ended)
        paper->reason = REASON_WRONG_STATE;
    else
        mandate->has_ended = true;
}

static void random_key(struct world *world, struct paper *paper) {
    struct deed *deed = &paper->command.deed;
    struct model_key *key = &world->keys[++world->keys_count];
    assert_int_equal(signer_generate(algorithms_profile(), &key->signer), 0);
    key->party = random_between(&world->random, 1, PARTIES);
    deed->kind = DEED_ADD_PARTY_KEY;
    deed->add_party_key = (struct add_party_key){.party = key->party, .person = 100};
    signer_public(key->signer, &deed->add_party_key.key);
}

static void random_key_end(struct world *world, struct paper *paper) {
    struct deed *deed = &paper->command.deed;
    uint32_t number = random_between(&world->random, 1, world->keys_count);
    deed->kind = DEED_REVOKE_PARTY_KEY;
    deed->revoke_party_key.party_key = number;
    if (world->keys[number].is_revoked)
        paper->reason = REASON_WRONG_STATE;
    world->keys[number].ends_now = !world->keys[number].is_revoked;
    world->keys[number].is_revoked = true;
}

/* A paper that was done before, handed in once more. */
static void random_again(struct world *world, struct paper *paper) {
    const struct paper *old = &world->kept[random_below(&world->random, world->kept_count)];
    paper->command.deed = old->command.deed;
    paper->reason = judge_grant(world, &paper->command.deed);
    paper->is_free = paper->reason == REASON_KEY_REVOKED;
    assert_int_not_equal(paper->reason, REASON_NONE);
}

/* Keys are added in bursts of their own: nobody knows a key's number before it is answered. */
static void random_paper(struct world *world, struct paper *paper) {
    struct random *random = &world->random;
    *paper = (struct paper){.command = {.verb = VERB_DEED}};
    if (world->kept_count > 0 && random_once_in(random, 10))
        random_again(world, paper);
    else if (world->keys_count > 0 && random_once_in(random, 40))
        random_key_end(world, paper);
    else if (random_once_in(random, 3))
        random_end(world, paper);
    else
        random_grant(world, paper);
    if (paper->other == REASON_NONE)
        paper->other = paper->reason;
    paper->command.stamp.number = ++world->number;
}

static void random_burst(struct world *world) {
    bool adds_key = world->keys_count < KEYS_MAX && random_once_in(&world->random, 8);
    world->burst_count = adds_key ? 1 : random_between(&world->random, 1, BURST_MAX);
    for (uint32_t i = 1; i <= world->keys_count; i++)
        world->keys[i].ends_now = false;
    for (uint32_t i = 0; i < world->burst_count; i++) {
        struct paper *paper = &world->burst[i];
        if (!adds_key) {
            random_paper(world, paper);
            continue;
        }
        *paper = (struct paper){.command = {.verb = VERB_DEED}};
        random_key(world, paper);
        paper->command.stamp.number = ++world->number;
    }
}

/* --- answers -----------------------------------------------------------------------------------
 */

static struct paper *paper_of(struct world *world, uint64_t number) {
    for (uint32_t i = 0; i < world->burst_count; i++)
        if (world->burst[i].command.stamp.number == number)
            return &world->burst[i];
    return NULL;
}

static void take_answer(struct world *world, uint64_t number, enum reason reason, uint64_t id) {
    struct paper *paper = paper_of(world, number);
    if (paper == NULL || paper->is_answered)
        return;
    paper->is_answered = true;
    paper->id = id;
    bool is_late = paper->is_free && reason == REASON_NOT_SEQUENCED;
    if (reason != paper->reason && reason != paper->other && !is_late)
        fail_msg("deed %u, number %lu: answered %u, not %u", paper->command.deed.kind, number,
                 reason, paper->reason);
    world->answers[reason != REASON_NONE]++;
    if (reason == REASON_NONE && paper->command.deed.kind == DEED_GRANT_MANDATE &&
        paper->command.deed.signatures_count > 0)
        world->kept[world->kept_count < KEEPS ? world->kept_count++
                                              : random_below(&world->random, KEEPS)] = *paper;
}

/* One item from the exchange. */
static void hear(struct world *world) {
    struct client_item item;
    desk_next(world->client, true, &item);
    if (item.kind == CLIENT_REFUSED)
        take_answer(world, item.refused.number, (enum reason)item.refused.reason, 0);
    if (item.kind == CLIENT_REPORT && item.report.body == REPORT_DONE)
        take_answer(world, item.report.done.cl_ord_id, REASON_NONE, item.report.done.id);
    if (item.kind == CLIENT_REPORT && item.report.body == REPORT_EXECUTION)
        take_answer(world, item.report.execution.cl_ord_id,
                    (enum reason)item.report.execution.reason, 0);
}

static uint32_t unanswered(const struct world *world) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < world->burst_count; i++)
        count += !world->burst[i].is_answered;
    return count;
}

static void send_unanswered(struct world *world) {
    for (uint32_t i = 0; i < world->burst_count; i++)
        if (!world->burst[i].is_answered)
            assert_int_equal(client_add(world->client, &world->burst[i].command, NULL),
                             world->burst[i].command.stamp.number);
    client_flush(world->client);
}

static void step(struct world *world, bool kills) {
    random_burst(world);
    uint32_t before_kill = kills ? random_below(&world->random, world->burst_count + 1) : 0;
    send_unanswered(world);
    if (kills) {
        while (world->burst_count - unanswered(world) < before_kill)
            hear(world);
        kill_and_start(world);
        send_unanswered(world);
    }
    while (unanswered(world) > 0)
        hear(world);
}

/* --- the end -----------------------------------------------------------------------------------
 */

/* The ledger, executed anew, comes to what the model says. */
static void compare_state(const struct world *world) {
    char ledger[TRIAL_PATH_MAX + 16];
    char snapshots[TRIAL_PATH_MAX + 16];
    struct recovery recovery;
    struct recovery_options options = {.ledger_dir = ledger, .snapshots_dir = snapshots};
    snprintf(ledger, sizeof ledger, "%s/ledger", world->trial.exchange);
    snprintf(snapshots, sizeof snapshots, "%s/none", world->trial.exchange);
    assert_int_equal(recover(&recovery, &options), 0);
    const struct engine *engine = replay_engine(recovery.replay, NULL);
    assert_int_equal(engine_count(engine, POOL_MANDATES), world->mandates_count);
    for (uint32_t i = 1; i <= world->mandates_count; i++) {
        struct mandate_view view;
        assert_true(engine_mandate(engine, i, &view));
        assert_int_equal(view.principal, world->mandates[i].principal);
        assert_int_equal(view.to_ns != 0, world->mandates[i].has_ended);
    }
    assert_int_equal(engine_count(engine, POOL_PARTY_KEYS), world->keys_count);
    for (uint32_t i = 1; i <= world->keys_count; i++) {
        struct party_key_view view;
        uint64_t highest = 0;
        assert_true(engine_party_key(engine, i, &view));
        assert_int_equal(view.is_revoked, world->keys[i].is_revoked);
        for (uint32_t k = 0; k < world->keys[i].used_count; k++)
            highest = world->keys[i].used[k] > highest ? world->keys[i].used[k] : highest;
        assert_int_equal(view.serial, highest);
    }
    recovery_end(&recovery);
}

static void verify(const struct world *world) {
    int code;
    const char *arguments[] = {"ledger", "verify", world->trial.exchange, NULL};
    char *said = trial_tpx(&world->trial, &code, arguments);
    if (code != 0)
        fail_msg("%s", said);
    free(said);
}

static int begin(void **state) {
    static struct world world;
    struct trial_options options = {.brokers = 2, .sessions = 2, .accounts = 2, .instruments = 1};
    world.random = seed_begin();
    trial_create(&world.trial, &options);
    trial_start(&world.trial);
    trial_furnish(&world.trial);
    add_registrar(&world);
    connect_registrar(&world);
    *state = &world;
    return 0;
}

static int end(void **state) {
    struct world *world = *state;
    client_close(world->client);
    for (uint32_t i = 1; i <= world->keys_count; i++)
        signer_destroy(world->keys[i].signer);
    trial_kill(&world->trial);
    trial_remove(&world->trial);
    return 0;
}

static void signed_deeds_are_answered_as_the_model_says_through_kills(void **state) {
    struct world *world = *state;
    uint64_t steps = seed_steps(STEPS);
    for (uint32_t i = 0; i < PARTIES; i++) {
        struct command command = {.verb = VERB_DEED, .deed.kind = DEED_ADD_PARTY};
        command.deed.add_party =
            (struct add_party){.identity_bytes = HASH_BYTES, .identity = {(uint8_t)(i + 1)}};
        assert_true(trial_ask(world->client, &command, NULL, NULL, NULL));
    }
    world->number = PARTIES;
    for (uint64_t i = 1; i <= steps; i++)
        step(world, i % STEPS_A_KILL == 0);
    assert_true(world->answers[0] > steps && world->answers[1] > steps);
    client_close(world->client);
    trial_stop(&world->trial);
    compare_state(world);
    verify(world);
    trial_start(&world->trial);
    connect_registrar(world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signed_deeds_are_answered_as_the_model_says_through_kills),
    };
    int failures = cmocka_run_group_tests(tests, begin, end);
    seed_tell(failures);
    return failures;
}
