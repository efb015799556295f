/*
 * A raise never fails later: what the core touches before it sequences one is what the engine then
 * uses, and nothing moves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/rig.h"

/* Bytes of the region that have been touched ahead. */
struct touched {
    uint8_t *is_touched;
    size_t size;
};

static void touch(struct touched *touched, const struct engine *engine, uint32_t pool,
                  uint32_t limit) {
    struct extent extents[ENGINE_EXTENTS_MAX];
    size_t count = engine_reach(engine, pool, limit, extents);
    assert_true(count > 0 && count <= ENGINE_EXTENTS_MAX);
    for (size_t i = 0; i < count; i++) {
        assert_true(extents[i].offset + extents[i].size <= touched->size);
        memset(touched->is_touched + extents[i].offset, 1, extents[i].size);
    }
}

/* Fails unless all that is used was touched. */
static void expect_within(const struct touched *touched, const struct engine *engine) {
    struct extent extents[ENGINE_EXTENTS_MAX];
    size_t count = engine_extents(engine, extents);
    for (size_t i = 0; i < count; i++)
        for (size_t at = extents[i].offset; at < extents[i].offset + extents[i].size; at++)
            if (!touched->is_touched[at])
                fail_msg("byte %zu of extent %zu (at %zu, %zu long) was not touched", at, i,
                         extents[i].offset, extents[i].size);
}

static void fill(struct rig *rig) {
    const struct act accounts = {ACT_ADD_ACCOUNT,
                                 .add_account = {.participant = RIG_ANN, .owner = 9}};
    const struct act sessions = {ACT_ADD_SESSION, .add_session = {.participant = RIG_ANN}};
    struct act instruments = {
        ACT_ADD_INSTRUMENT,
        .add_instrument = {
            .symbol_bytes = 2, .symbol = "AA", .tick_fen = 1, .lot_min = 1, .lot_step = 1}};
    struct act holdings = {ACT_DEPOSIT, .deposit = {.amount = 1}};
    while (engine_count(rig->engine, POOL_ACCOUNTS) < engine_limit(rig->engine, POOL_ACCOUNTS))
        rig_act(rig, &accounts);
    while (engine_count(rig->engine, POOL_SESSIONS) < engine_limit(rig->engine, POOL_SESSIONS))
        rig_act(rig, &sessions);
    for (;
         engine_count(rig->engine, POOL_INSTRUMENTS) < engine_limit(rig->engine, POOL_INSTRUMENTS);
         instruments.add_instrument.symbol[1]++)
        rig_act(rig, &instruments);
    while (engine_count(rig->engine, POOL_HOLDINGS) < engine_limit(rig->engine, POOL_HOLDINGS)) {
        uint32_t made = engine_count(rig->engine, POOL_HOLDINGS);
        holdings.deposit.account = made % engine_count(rig->engine, POOL_ACCOUNTS) + 1;
        holdings.deposit.instrument = made / engine_count(rig->engine, POOL_ACCOUNTS) + 1;
        for (; holdings.deposit.instrument <= engine_count(rig->engine, POOL_INSTRUMENTS);
             holdings.deposit.instrument++) {
            rig_act(rig, &holdings);
            if (engine_count(rig->engine, POOL_HOLDINGS) > made)
                break;
        }
    }
}

/* Orders up to the limit, a few at each price. */
static void fill_orders(struct rig *rig) {
    uint32_t limit = engine_limit(rig->engine, POOL_ORDERS);
    while (engine_count(rig->engine, POOL_ORDERS) < limit) {
        uint32_t resting = engine_count(rig->engine, POOL_ORDERS);
        rig_enter_limit(rig, RIG_ANN_SESSION, SIDE_BUY, 5 + 5 * (resting % 40), 100);
        assert_int_equal(rig->events[0].kind, EVENT_NEW);
    }
    rig_enter_limit(rig, RIG_ANN_SESSION, SIDE_BUY, 5, 100);
    rig_expect_refused(rig, REASON_BOOK_FULL);
}

static void what_is_touched_ahead_is_all_that_is_used(void **state) {
    (void)state;
    static const uint32_t pools[] = {POOL_ORDERS, POOL_ACCOUNTS, POOL_HOLDINGS, POOL_SESSIONS,
                                     POOL_INSTRUMENTS};
    static struct rig rig;
    struct engine_limits limits = rig_limits();
    limits.limit[POOL_ORDERS] = 200;
    rig_open(&rig, &limits, ENVIRONMENT_TEST);
    struct touched touched = {.is_touched = calloc(1, rig.size), .size = rig.size};
    assert_non_null(touched.is_touched);
    touch(&touched, rig.engine, 0, 0);
    expect_within(&touched, rig.engine);
    rig_populate(&rig);
    rig.checks_every = 50;
    fill(&rig);
    fill_orders(&rig);
    expect_within(&touched, rig.engine);
    for (size_t i = 0; i < sizeof pools / sizeof *pools; i++) {
        uint32_t limit = engine_limit(rig.engine, (enum pool)pools[i]) * 2;
        const struct act raise = {ACT_RAISE_LIMIT, .raise_limit = {pools[i], limit}};
        touch(&touched, rig.engine, pools[i], limit);
        rig_act_by_two(&rig, &raise);
        rig_expect_done(&rig);
    }
    fill(&rig);
    fill_orders(&rig);
    expect_within(&touched, rig.engine);
    free(touched.is_touched);
    rig_close(&rig);
}

/* Every order is found again after each step from the first limit to the ceiling. */
static void a_raise_loses_nothing(void **state) {
    (void)state;
    enum { FIRST = 8 };
    static struct rig rig;
    static uint64_t ids[4000];
    struct engine_limits limits = rig_limits();
    limits.limit[POOL_ORDERS] = FIRST;
    rig_open(&rig, &limits, ENVIRONMENT_TEST);
    rig_populate(&rig);
    rig.checks_every = 100;
    uint32_t entered = 0;
    for (uint32_t limit = FIRST;; limit *= 2) {
        while (entered < limit)
            ids[entered] = rig_enter_limit(&rig, RIG_BOB_SESSION, SIDE_BUY, 5, 100), entered++;
        for (uint32_t i = 0; i < entered; i++)
            rig_expect_resting(&rig, ids[i]);
        if (2 * limit > limits.ceiling[POOL_ORDERS])
            break;
        const struct act raise = {ACT_RAISE_LIMIT, .raise_limit = {POOL_ORDERS, 2 * limit}};
        rig_act_by_two(&rig, &raise);
        rig_expect_done(&rig);
        assert_int_equal(engine_count(rig.engine, POOL_ORDERS), entered);
    }
    rig_close(&rig);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_touched_ahead_is_all_that_is_used),
        cmocka_unit_test(a_raise_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
