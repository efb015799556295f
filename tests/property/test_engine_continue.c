/*
 * Sweeps that go on over many commands, at a size that a random run reaches: sweep.c is compiled
 * here once more, to look at no more than three orders a command. Others come in between: see
 * market_run.h.
 *
 *     TPX_SEED=7 TPX_STEPS=10000000 build/tests/property/test_engine_continue
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "engine/types.h"
#undef SWEEP_ORDERS_MAX
#define SWEEP_ORDERS_MAX 3u
#include "engine/sweep.c" /* NOLINT(bugprone-suspicious-include): compiled anew on purpose */

#include "tests/property/market_run.h"
#include "tests/property/seed.h"

#define STEPS_DEFAULT 300000

static void what_comes_between_the_commands_of_a_sweep_leaves_it_whole(void **state) {
    (void)state;
    struct market_run run;
    uint64_t steps = seed_steps(STEPS_DEFAULT);
    market_run(&run, seed_begin(), steps, COMMAND_TRADES_MAX);
    assert_true(run.continues > steps / 100); /* else it says little */
    assert_true(run.between > steps / 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_between_the_commands_of_a_sweep_leaves_it_whole),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    seed_tell(failures);
    return failures;
}
