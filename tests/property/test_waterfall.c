/*
 * The waterfall against a model that hands out one fen after the other: each goes to the first who
 * may still have one. And, with amounts as large as money gets, what must always hold.
 *
 * TPX_SEED and TPX_STEPS repeat or lengthen a run; a failure prints the seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/waterfall.h"
#include "tests/property/seed.h"

#define STEPS      20000
#define CLAIMS_MAX 4u
#define RANKS_MAX  6u

static struct random random_state;

static int64_t amount(uint32_t most) {
    return random_once_in(&random_state, 5) ? 0 : random_below(&random_state, most + 1);
}

static struct waterfall random_waterfall(uint32_t most) {
    struct random *random = &random_state;
    struct waterfall run = {.proceeds_fen = amount(most * 4),
                            .costs_fen = amount(most),
                            .freeze_fen = random_once_in(random, 3) ? WATERFALL_ALL : amount(most),
                            .claims_count = random_between(random, 1, CLAIMS_MAX),
                            .ranks_count = random_below(random, RANKS_MAX + 1)};
    for (uint32_t i = 0; i < run.claims_count; i++)
        for (uint32_t part = 0; part < WATERFALL_PARTS; part++)
            run.claims[i].owed_fen[part] = amount(most);
    for (uint32_t i = 0; i < run.ranks_count; i++)
        run.ranks[i] = (struct waterfall_rank){.claim = random_below(random, run.claims_count),
                                               .cap_fen = amount(most * 2)};
    return run;
}

/* --- one fen after the other -------------------------------------------------------------------
 */

static bool naive_ranks(struct waterfall *naive) {
    for (uint32_t i = 0; i < naive->ranks_count; i++) {
        struct waterfall_rank *rank = &naive->ranks[i];
        struct waterfall_claim *claim = &naive->claims[rank->claim];
        for (uint32_t part = 0; part < WATERFALL_PARTS; part++) {
            if (rank->paid_fen == rank->cap_fen || claim->paid_fen[part] == claim->owed_fen[part])
                continue;
            claim->paid_fen[part]++;
            rank->paid_fen++;
            return true;
        }
    }
    return false;
}

static void naive_fen(struct waterfall *naive) {
    if (naive->costs_paid_fen < naive->costs_fen)
        naive->costs_paid_fen++;
    else if (naive_ranks(naive))
        return;
    else if (naive->frozen_fen < naive->freeze_fen)
        naive->frozen_fen++;
    else
        naive->surplus_fen++;
}

static void each_fen_goes_to_the_first_who_may_still_have_one(void **state) {
    uint64_t steps = seed_steps(STEPS);
    (void)state;
    for (uint64_t step = 0; step < steps; step++) {
        struct waterfall run = random_waterfall(40);
        struct waterfall naive = run;
        waterfall_run(&run);
        for (int64_t fen = 0; fen < naive.proceeds_fen; fen++)
            naive_fen(&naive);
        assert_memory_equal(&run, &naive, sizeof run);
    }
}

/* --- what must always hold ---------------------------------------------------------------------
 */

static int64_t all_paid(const struct waterfall *run) {
    int64_t sum = run->costs_paid_fen + run->frozen_fen + run->surplus_fen;
    for (uint32_t i = 0; i < run->claims_count; i++)
        sum += waterfall_paid(&run->claims[i]);
    return sum;
}

static void assert_bounds(const struct waterfall *run) {
    assert_int_equal(all_paid(run), run->proceeds_fen);
    for (uint32_t i = 0; i < run->claims_count; i++)
        assert_true(waterfall_short(&run->claims[i]) >= 0);
    for (uint32_t i = 0; i < run->ranks_count; i++)
        assert_true(run->ranks[i].paid_fen <= run->ranks[i].cap_fen);
    bool has_rest = run->frozen_fen + run->surplus_fen > 0;
    assert_true(!has_rest || run->costs_paid_fen == run->costs_fen);
}

/* One more fen makes nobody poorer. */
static void assert_grows(const struct waterfall *run) {
    struct waterfall more = *run;
    more.proceeds_fen++;
    waterfall_run(&more);
    for (uint32_t i = 0; i < run->ranks_count; i++)
        assert_true(more.ranks[i].paid_fen >= run->ranks[i].paid_fen);
    assert_true(more.surplus_fen >= run->surplus_fen);
}

static void sums_hold_with_amounts_as_large_as_money_gets(void **state) {
    uint64_t steps = seed_steps(STEPS);
    (void)state;
    for (uint64_t step = 0; step < steps; step++) {
        struct waterfall run = random_waterfall(UINT32_MAX / 8);
        run.proceeds_fen *= random_once_in(&random_state, 2) ? 1 : INT64_C(1) << 25;
        waterfall_run(&run);
        assert_bounds(&run);
        assert_grows(&run);
    }
}

/* The worked example of the rule. */
static void a_rank_takes_costs_interest_principal_up_to_what_it_secures(void **state) {
    struct waterfall run = {
        .proceeds_fen = 10000,
        .costs_fen = 500,
        .claims_count = 2,
        .ranks_count = 2,
        .claims = {{.owed_fen = {400, 600, 7000}}, {.owed_fen = {0, 100, 5000}}},
        .ranks = {{.claim = 0, .cap_fen = 6000}, {.claim = 1, .cap_fen = 3000}}};
    (void)state;
    waterfall_run(&run);
    assert_int_equal(run.costs_paid_fen, 500);
    assert_int_equal(run.claims[0].paid_fen[WATERFALL_COSTS], 400);
    assert_int_equal(run.claims[0].paid_fen[WATERFALL_INTEREST], 600);
    assert_int_equal(run.claims[0].paid_fen[WATERFALL_PRINCIPAL], 5000);
    assert_int_equal(waterfall_short(&run.claims[0]), 2000);
    assert_int_equal(waterfall_paid(&run.claims[1]), 3000);
    assert_int_equal(run.surplus_fen, 500);
}

static int begin(void **state) {
    (void)state;
    random_state = seed_begin();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rank_takes_costs_interest_principal_up_to_what_it_secures),
        cmocka_unit_test(each_fen_goes_to_the_first_who_may_still_have_one),
        cmocka_unit_test(sums_hold_with_amounts_as_large_as_money_gets),
    };
    int failures = cmocka_run_group_tests(tests, begin, NULL);
    seed_tell(failures);
    return failures;
}
