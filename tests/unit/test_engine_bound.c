/*
 * No command makes more events than COMMAND_EVENTS_MAX: the engine counts them, and stops rather
 * than write one more. What trades and what counts is compiled here once more with a bound of ten
 * and, so that nothing else holds it, without one on trades.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/types.h"
#undef COMMAND_EVENTS_MAX
#undef COMMAND_TRADES_MAX
#define COMMAND_EVENTS_MAX 10u
#define COMMAND_TRADES_MAX 1000u
#include "engine/engine.c" /* NOLINT(bugprone-suspicious-include): compiled anew on purpose */
#include "engine/match.c"  /* NOLINT(bugprone-suspicious-include) */

#include "tests/unit/rig.h"

/* Makers whose trades, three events each, behind the NEW make the bound. */
enum { MAKERS_AT_THE_BOUND = 3 };

static uint32_t *flushed; /* events that left the engine, shared with a child */

static void count_and_drop(struct event_sink *sink) {
    struct rig *rig = sink->owner;
    *flushed += (uint32_t)(sink->next - rig->window);
    sink->next = rig->window;
}

/* Bob buys from so many, through a sink of `window` events. How the process that does it ends: with
 * the number of events, or by a signal. */
static int trade_with(struct rig *rig, uint32_t makers, uint32_t window) {
    for (uint32_t i = 0; i < makers; i++)
        rig_enter_limit(rig, RIG_ANN_SESSION, SIDE_SELL, 1000, 100);
    *flushed = 0;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        (void)freopen("/dev/null", "w", stderr); /* the assertion's text */
        rig->sink.next = rig->window;
        rig->sink.end = rig->window + window;
        rig->sink.flush = count_and_drop;
        rig_enter_limit(rig, RIG_BOB_SESSION, SIDE_BUY, 1000, 100 * makers);
        _exit((int)(*flushed + rig->count));
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void a_command_makes_as_many_events_as_it_may(void **state) {
    struct rig *rig = *state;
    int status = trade_with(rig, MAKERS_AT_THE_BOUND, 64);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), COMMAND_EVENTS_MAX);
}

static void a_command_that_makes_more_stops(void **state) {
    struct rig *rig = *state;
    int status = trade_with(rig, MAKERS_AT_THE_BOUND + 1, 64);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

/* Through a small sink it stops in the middle: what lies behind never gets more. */
static void no_more_than_the_bound_leaves_the_engine(void **state) {
    struct rig *rig = *state;
    int status = trade_with(rig, 100, 4);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_true(*flushed > 0 && *flushed <= COMMAND_EVENTS_MAX);
}

#define IN_RIG(test) cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_RIG(a_command_makes_as_many_events_as_it_may),
        IN_RIG(a_command_that_makes_more_stops),
        IN_RIG(no_more_than_the_bound_leaves_the_engine),
    };
    flushed =
        mmap(NULL, sizeof *flushed, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert(flushed != MAP_FAILED);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
