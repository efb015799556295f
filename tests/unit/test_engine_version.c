/*
 * Activate, in an engine that knows one version more than this release does: act.c is compiled here
 * once more, with VERSION_KNOWN 2.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define VERSION_KNOWN 2u
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
    assert_int_equal(version_of(venue.engine), VERSION_FIRST);
    uint64_t before = venue_digest(venue.engine);
    activate(&venue, 2);
    assert_int_equal(venue.heard[venue.heard_count - 1].event.kind, EVENT_DONE);
    assert_int_equal(venue.heard[venue.heard_count - 1].event.id, 2);
    assert_int_equal(version_of(venue.engine), 2);
    assert_int_not_equal(venue_digest(venue.engine), before);
    venue_fini(&venue);
}

/* A venue stamps the version it is told: engine_apply() asserts that it is the one in force. */
static void commands_after_it_are_stamped_with_it_and_replay_alike(void **state) {
    (void)state;
    struct venue venue;
    begin(&venue);
    activate(&venue, 2);
    venue.version = 2;
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
    activate(&venue, 3);
    expect_refused(&venue, 2);
    activate(&venue, 1);
    expect_refused(&venue, 2);
    assert_int_equal(version_of(venue.engine), 1);
    venue_fini(&venue);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_keys_activate_the_next_version_that_a_release_knows),
        cmocka_unit_test(commands_after_it_are_stamped_with_it_and_replay_alike),
        cmocka_unit_test(what_a_release_does_not_know_or_what_is_in_force_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
