/*
 * Takers that meet more orders than one command may trade with, at a size that a random run
 * reaches: what asks for the limit is compiled here once more, with one of two trades. See
 * market_run.h.
 *
 *     TPX_SEED=7 TPX_STEPS=10000000 build/tests/property/test_engine_trades
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "engine/types.h"
#undef COMMAND_TRADES_MAX
#define COMMAND_TRADES_MAX 2u
#include "engine/enter.c" /* NOLINT(bugprone-suspicious-include): compiled anew on purpose */
#include "engine/match.c" /* NOLINT(bugprone-suspicious-include) */

#include "tests/property/market_run.h"
#include "tests/property/seed.h"

#define STEPS_DEFAULT 300000

static void a_taker_stops_at_the_limit_and_all_or_nothing_does_not_begin(void **state) {
    (void)state;
    struct market_run run;
    uint64_t steps = seed_steps(STEPS_DEFAULT);
    market_run(&run, seed_begin(), steps, COMMAND_TRADES_MAX);
    if (steps >= STEPS_DEFAULT)
        assert_true(run.has_met[REASON_SWEEP_LIMIT]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_taker_stops_at_the_limit_and_all_or_nothing_does_not_begin),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    seed_tell(failures);
    return failures;
}
