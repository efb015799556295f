/*
 * Activate, in an engine that knows one version more than this release does: act.c is compiled here
 * once more, with VERSION_KNOWN 3.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define VERSION_KNOWN 3u
#include "engine/act.c" /* NOLINT(bugprone-suspicious-include): compiled anew on purpose */

#include "tests/scenario/venue.h"
#include "tests/unit/rig.h"

static void activate(struct venue *venue, uint32_t version) {
    struct command command = {.verb = VERB_PROPOSE,
                              .act = {.kind = ACT_ACTIVATE, .activate = {.version = version}}};
    venue_request(venue, 1, 1, &command);
    command = (struct command){.verb = VERB_APPROVE, .approve = {.proposal = venue->sequence}};
    venue_request(venue, 2, 2, &command);
}

static void begin(struct venue *venue) {
    struct engine_limits limits = rig_limits();
    venue_init(venue, &limits, ENVIRONMENT_TEST, RIG_START_NS);
}

static uint32_t version_of(const struct engine *engine) {
    struct market_view view;
    engine_market(engine, &view);
    return view.version;
}

static void two_keys_activate_the_next_version_that_a_release_knows(void **state) {
    (void)state;
    struct venue venue;
    begin(&venue);
    assert_int_equal(version_of(venue.engine), VERSION_REGISTER);
    uint64_t before = venue_digest(venue.engine);
    activate(&venue, 3);
    assert_int_equal(venue.heard[venue.heard_count - 1].event.kind, EVENT_DONE);
    assert_int_equal(venue.heard[venue.heard_count - 1].event.id, 3);
    assert_int_equal(version_of(venue.engine), 3);
    assert_int_not_equal(venue_digest(venue.engine), before);
    venue_fini(&venue);
}

/* A venue stamps the version it is told: engine_apply() asserts that it is the one in force. */
static void commands_after_it_are_stamped_with_it_and_replay_alike(void **state) {
    (void)state;
    struct venue venue;
    begin(&venue);
    activate(&venue, 3);
    venue.version = 3;
    struct command mark = {.verb = VERB_MARK};
    venue_own(&venue, &mark);
    venue_move(&venue);
    venue_replay(&venue);
    venue_fini(&venue);
}

static void expect_refused(const struct venue *venue, int64_t limit) {
    const struct event *event = &venue->heard[venue->heard_count - 1].event;
    assert_int_equal(event->kind, EVENT_REJECTED);
    assert_int_equal(venue->heard[venue->heard_count - 2].event.kind, EVENT_REJECTED);
    event = &venue->heard[venue->heard_count - 2].event;
    assert_int_equal(event->reason, REASON_OUT_OF_LIMITS);
    assert_int_equal(event->field, FIELD_VERSION);
    assert_int_equal(event->limit, limit);
}

static void what_a_release_does_not_know_or_what_is_in_force_is_refused(void **state) {
    (void)state;
    struct venue venue;
    begin(&venue);
    activate(&venue, 4);
    expect_refused(&venue, 3);
    activate(&venue, 2);
    expect_refused(&venue, 3);
    assert_int_equal(version_of(venue.engine), 2);
    venue_fini(&venue);
}

/* A registrar, whose session and key come after the operators' two. */
static void add_registrar(struct venue *venue) {
    struct command command = {.verb = VERB_ACT};
    command.act =
        (struct act){.kind = ACT_ADD_PARTICIPANT,
                     .add_participant = {
                         .roles = ROLE_REGISTRAR, .code_bytes = 2, .code = "ZZ", .name_bytes = 4}};
    venue_request(venue, 1, 1, &command);
    command.act =
        (struct act){.kind = ACT_ADD_KEY, .add_key = {.participant = 2, .person = 9, .key = {9}}};
    venue_request(venue, 1, 1, &command);
    command.act = (struct act){.kind = ACT_ADD_SESSION, .add_session = {.participant = 2}};
    venue_request(venue, 1, 1, &command);
}

static const struct event *add_party(struct venue *venue, const char *code) {
    struct command command = {.verb = VERB_DEED, .deed.kind = DEED_ADD_PARTY};
    struct add_party *add = &command.deed.add_party;
    add->code_bytes = (uint8_t)strlen(code);
    memcpy(add->code, code, add->code_bytes);
    add->name_bytes = 4;
    venue_request(venue, 3, 3, &command);
    return &venue->heard[venue->heard_count - 1].event;
}

static void deeds_wait_for_their_version_in_a_ledger_of_the_first_release(void **state) {
    (void)state;
    struct venue venue;
    struct engine_limits limits = rig_limits();
    for (uint32_t pool = POOLS_FIRST_RELEASE_END; pool < POOLS_END; pool++)
        limits.limit[pool] = limits.ceiling[pool] = 0; /* its genesis does not name them */
    venue_init_first(&venue, &limits, ENVIRONMENT_TEST, RIG_START_NS);
    add_registrar(&venue);
    const struct event *event = add_party(&venue, "9144");
    assert_int_equal(event->kind, EVENT_REJECTED);
    assert_int_equal(event->reason, REASON_WRONG_STATE);
    assert_int_equal(event->field, FIELD_VERSION);
    assert_int_equal(event->limit, VERSION_REGISTER);
    activate(&venue, VERSION_REGISTER);
    venue.version = VERSION_REGISTER;
    assert_int_equal(add_party(&venue, "9144")->kind, EVENT_DONE);
    assert_int_equal(engine_count(venue.engine, POOL_PARTIES), 1);
    engine_check(venue.engine);
    venue_move(&venue);
    venue_fini(&venue);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_keys_activate_the_next_version_that_a_release_knows),
        cmocka_unit_test(commands_after_it_are_stamped_with_it_and_replay_alike),
        cmocka_unit_test(what_a_release_does_not_know_or_what_is_in_force_is_refused),
        cmocka_unit_test(deeds_wait_for_their_version_in_a_ledger_of_the_first_release),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
