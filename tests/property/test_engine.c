/*
 * The engine against a market of arrays: see market_run.h.
 *
 *     TPX_SEED=7 TPX_STEPS=10000000 build/tests/property/test_engine
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "engine/types.h"
#include "tests/property/market_run.h"
#include "tests/property/seed.h"

#define STEPS_DEFAULT 1000000

/* What a long enough run must have met, or it says little; SWEEP_LIMIT needs more than its pools.
 */
static void expect_lively(const struct market_run *run) {
    static const uint16_t all[] = {REASON_UNKNOWN_INSTRUMENT,
                                   REASON_NOT_IN_SESSION,
                                   REASON_HALTED,
                                   REASON_LOT_SIZE,
                                   REASON_MAX_QUANTITY,
                                   REASON_TICK_SIZE,
                                   REASON_OUT_OF_BAND,
                                   REASON_INSUFFICIENT_CASH,
                                   REASON_INSUFFICIENT_POSITION,
                                   REASON_KILLED,
                                   REASON_KEY_REVOKED,
                                   REASON_NOT_AUTHORISED,
                                   REASON_BOOK_FULL,
                                   REASON_DISK_RESERVE,
                                   REASON_QUARANTINED,
                                   REASON_UNKNOWN_ORDER,
                                   REASON_UNKNOWN_ACCOUNT,
                                   REASON_BAD_COMBINATION,
                                   REASON_WOULD_TRADE,
                                   REASON_BAD_DATE,
                                   REASON_LIMIT_REACHED,
                                   REASON_IOC_REST,
                                   REASON_MARKET_REST,
                                   REASON_FOK_SHORT,
                                   REASON_MIN_QUANTITY,
                                   REASON_REPLACED_TO_ZERO,
                                   REASON_MASS_CANCEL,
                                   REASON_DISCONNECTED,
                                   REASON_ALREADY_EXISTS,
                                   REASON_UNKNOWN_PARTICIPANT,
                                   REASON_UNKNOWN_SESSION,
                                   REASON_UNKNOWN_KEY,
                                   REASON_UNKNOWN_PROPOSAL,
                                   REASON_SAME_PERSON,
                                   REASON_OUT_OF_LIMITS,
                                   REASON_NEEDS_TWO_KEYS,
                                   REASON_WRONG_STATE};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (!run->has_met[all[i]])
            fprintf(stderr, "reason %d was never met\n", all[i]);
        assert_true(run->has_met[all[i]]);
    }
}

static void the_engine_says_what_the_obvious_market_says(void **state) {
    (void)state;
    struct market_run run;
    uint64_t steps = seed_steps(STEPS_DEFAULT);
    market_run(&run, seed_begin(), steps, COMMAND_TRADES_MAX);
    if (steps >= STEPS_DEFAULT)
        expect_lively(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_engine_says_what_the_obvious_market_says),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    seed_tell(failures);
    return failures;
}
