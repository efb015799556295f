/*
 * Sweeps that are not done in one command, and what may come in between: sweep.c is compiled here
 * once more, to look at no more than two orders, or ends of a list, a command.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/types.h"
#undef SWEEP_ORDERS_MAX
#define SWEEP_ORDERS_MAX 2u
#include "engine/sweep.c" /* NOLINT(bugprone-suspicious-include): compiled anew on purpose */

#include "tests/unit/rig.h"

enum { ORDERS = 6 };

static void enter_many(struct rig *rig, uint64_t ids[ORDERS]) {
    for (int i = 0; i < ORDERS; i++)
        ids[i] = rig_enter_limit(rig, RIG_ANN_SESSION, SIDE_BUY, 1000 - 5 * i, 100);
}

static void mass_cancel(struct rig *rig, uint32_t session, uint32_t key,
                        struct mass_cancel filter) {
    struct command command = {.verb = VERB_MASS_CANCEL, .mass_cancel = filter};
    rig_request(rig, session, key, &command);
}

static void go_on_once(struct rig *rig) {
    struct command command = {.verb = VERB_CONTINUE};
    assert_true(engine_continue_due(rig->engine));
    rig_own(rig, &command);
}

/* CONTINUEs to the end of all sweeps; the count that the last MASS_CANCELED told. */
static uint64_t finish(struct rig *rig) {
    uint64_t told = 0;
    while (engine_continue_due(rig->engine)) {
        go_on_once(rig);
        if (rig_event(rig, EVENT_MASS_CANCELED, NULL) != NULL)
            told = rig_event(rig, EVENT_MASS_CANCELED, NULL)->value;
    }
    return told;
}

static void what_is_swept_is_closed_until_the_sweep_is_done(void **state) {
    struct rig *rig = *state;
    uint64_t ids[ORDERS];
    enter_many(rig, ids);
    mass_cancel(rig, RIG_ANN_SESSION, RIG_ANN_KEY, (struct mass_cancel){.instrument = RIG_HX});
    assert_true(engine_continue_due(rig->engine));
    rig_enter_limit(rig, RIG_BOB_SESSION, SIDE_BUY, 1000, 100);
    assert_int_equal(rig_expect_refused(rig, REASON_NOT_IN_SESSION)->field, FIELD_INSTRUMENT);
    rig_replace(rig, RIG_ANN_SESSION, ids[0], 990, 100); /* the newest go first */
    rig_expect_refused(rig, REASON_NOT_IN_SESSION);
    assert_int_equal(finish(rig), ORDERS);
    assert_int_equal(engine_count(rig->engine, POOL_ORDERS), 0);
    rig_enter_limit(rig, RIG_BOB_SESSION, SIDE_BUY, 1000, 100);
    assert_int_equal(rig->events[0].kind, EVENT_NEW);
}

/* A cancel is taken meanwhile, also of the very order that the sweep would look at next. */
static void a_cancel_in_between_is_stepped_over(void **state) {
    struct rig *rig = *state;
    for (int victim = 0; victim < ORDERS; victim++) {
        uint64_t ids[ORDERS];
        struct order_view order;
        enter_many(rig, ids);
        mass_cancel(rig, RIG_ANN_SESSION, RIG_ANN_KEY, (struct mass_cancel){0});
        go_on_once(rig);
        bool is_there = engine_order(rig->engine, ids[victim], &order);
        rig_cancel(rig, RIG_ANN_SESSION, ids[victim]);
        assert_int_equal(rig->events[0].kind, is_there ? EVENT_CANCELED : EVENT_REJECTED);
        assert_int_equal(finish(rig), is_there ? ORDERS - 1 : ORDERS);
        assert_int_equal(engine_count(rig->engine, POOL_ORDERS), 0);
    }
}

/* The second waits its turn; its own orders are still there when it comes. */
static void sweeps_are_done_one_after_the_other(void **state) {
    struct rig *rig = *state;
    uint64_t ids[ORDERS];
    enter_many(rig, ids);
    for (int i = 0; i < ORDERS; i++)
        rig_enter_limit(rig, RIG_BOB_SESSION, SIDE_SELL, 1100, 100);
    mass_cancel(rig, RIG_ANN_SESSION, RIG_ANN_KEY, (struct mass_cancel){0});
    mass_cancel(rig, RIG_BOB_SESSION, RIG_BOB_KEY, (struct mass_cancel){0});
    assert_int_equal(rig->count, 0);
    const struct act kill = {.kind = ACT_KILL, .kill = {.participant = RIG_BOB}};
    rig_act(rig, &kill);
    assert_int_equal(rig->events[0].kind, EVENT_DONE);
    uint32_t told[2] = {0, 0};
    for (uint32_t done = 0; engine_continue_due(rig->engine);) {
        go_on_once(rig);
        const struct event *event = rig_event(rig, EVENT_MASS_CANCELED, NULL);
        if (event != NULL)
            told[done++] = event->to;
    }
    assert_int_equal(told[0], RIG_ANN_SESSION);
    assert_int_equal(told[1], RIG_BOB_SESSION);
    assert_int_equal(engine_count(rig->engine, POOL_ORDERS), 0);
    rig_enter_limit(rig, RIG_BOB_SESSION, SIDE_SELL, 1100, 100);
    rig_expect_refused(rig, REASON_KILLED);
}

/* Whoever drives the engine sends CONTINUE at once, so this needs one that does not. */
static void more_sweeps_than_may_wait_are_refused(void **state) {
    struct rig *rig = *state;
    uint64_t ids[ORDERS];
    uint32_t taken = 0;
    enter_many(rig, ids);
    for (uint32_t i = 0; i < 2 * SWEEPS_ASKED_MAX; i++) {
        mass_cancel(rig, RIG_ANN_SESSION, RIG_ANN_KEY, (struct mass_cancel){0});
        taken += rig->count == 0 || rig->events[0].kind != EVENT_REJECTED;
    }
    rig_expect_refused(rig, REASON_WRONG_STATE);
    assert_int_equal(taken, SWEEPS_ASKED_MAX - 1);
    finish(rig);
    mass_cancel(rig, RIG_ANN_SESSION, RIG_ANN_KEY, (struct mass_cancel){0});
    finish(rig);
    assert_int_equal(engine_count(rig->engine, POOL_ORDERS), 0);
}

static void a_copy_made_in_the_middle_of_a_sweep_goes_on_alike(void **state) {
    struct rig *rig = *state;
    static struct rig copy;
    uint64_t ids[ORDERS];
    struct extent extents[ENGINE_EXTENTS_MAX];
    enter_many(rig, ids);
    mass_cancel(rig, RIG_ANN_SESSION, RIG_ANN_KEY, (struct mass_cancel){0});
    struct engine_limits limits = rig_limits();
    rig_open(&copy, &limits, ENVIRONMENT_TEST);
    memset(copy.memory, 0, copy.size);
    size_t count = engine_extents(rig->engine, extents);
    for (size_t i = 0; i < count; i++)
        memcpy((char *)copy.memory + extents[i].offset, (char *)rig->memory + extents[i].offset,
               extents[i].size);
    copy.sequence = rig->sequence;
    copy.now_ns = rig->now_ns;
    assert_int_equal(finish(&copy), ORDERS);
    assert_int_equal(finish(rig), ORDERS);
    assert_int_equal(rig_digest(copy.engine), rig_digest(rig->engine));
    rig_close(&copy);
}

/* The day that opens sweeps too. */
static int set_up(void **state) {
    int failed = rig_set_up(state);
    rig_continue(*state);
    return failed;
}

#define IN_RIG(test) cmocka_unit_test_setup_teardown(test, set_up, rig_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_RIG(what_is_swept_is_closed_until_the_sweep_is_done),
        IN_RIG(a_cancel_in_between_is_stepped_over),
        IN_RIG(sweeps_are_done_one_after_the_other),
        IN_RIG(more_sweeps_than_may_wait_are_refused),
        IN_RIG(a_copy_made_in_the_middle_of_a_sweep_goes_on_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
