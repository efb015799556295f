/*
 * Orders through the whole engine: what each is answered with, in which order, and where cash and
 * shares are afterwards.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/rig.h"

/* Asserts the kinds of the last command's events. */
static void expect_kinds(const struct rig *rig, const uint8_t *kinds, size_t count) {
    assert_int_equal(rig->count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(rig->events[i].kind, kinds[i]);
}
#define EXPECT_KINDS(rig, ...)                                                                     \
    expect_kinds(rig, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void a_limit_order_rests_and_reserves(void **state) {
    struct rig *rig = *state;
    uint64_t id = rig_enter_limit(rig, RIG_ANN_SESSION, SIDE_BUY, 1000, 300);
    EXPECT_KINDS(rig, EVENT_NEW, EVENT_BOOK_ADDED);
    assert_int_equal(rig->events[0].to, RIG_ANN_SESSION);
    assert_int_equal(rig->events[0].quantity, 300);
    assert_int_equal(rig->events[0].leaves, 300);
    assert_int_equal(rig->events[0].ord_status, ORD_STATUS_NEW);
    assert_int_equal(rig->events[1].audience, AUDIENCE_EVERYBODY);
    assert_int_equal(rig->events[1].order_id, 0);
    assert_int_equal(rig->events[1].entry, rig->sequence - 1);
    struct order_view order = rig_expect_resting(rig, id);
    assert_int_equal(order.leaves_qty, 300);
    assert_int_equal(order.good_till, RIG_DATE);
    assert_int_equal(rig_account(rig, RIG_ANN_ACCOUNT).reserved_fen, 300000);
    rig_enter_limit(rig, RIG_BOB_SESSION, SIDE_SELL, 1005, 200);
    assert_int_equal(rig_holding(rig, RIG_BOB_ACCOUNT).reserved, 200);
}

static void a_trade_moves_cash_and_shares(void **state) {
    struct rig *rig = *state;
    uint64_t ann = rig_enter_limit(rig, RIG_ANN_SESSION, SIDE_SELL, 1000, 200);
    uint64_t bob = rig_enter_limit(rig, RIG_BOB_SESSION, SIDE_BUY, 1010, 300);
    EXPECT_KINDS(rig, EVENT_NEW, EVENT_TRADE, EVENT_TRADE, EVENT_BOOK_TRADED, EVENT_BOOK_ADDED);
    assert_int_equal(rig->events[1].to, RIG_BOB_SESSION);
    assert_int_equal(rig->events[1].price_fen, 1000);
    assert_int_equal(rig->events[1].leaves, 100);
    assert_int_equal(rig->events[1].is_maker, 0);
    assert_int_equal(rig->events[2].to, RIG_ANN_SESSION);
    assert_int_equal(rig->events[2].is_maker, 1);
    assert_int_equal(rig->events[2].ord_status, ORD_STATUS_FILLED);
    assert_int_equal(rig->events[3].match_id, 1);
    assert_int_equal(rig->events[3].side, SIDE_BUY);
    rig_expect_gone(rig, ann);
    assert_int_equal(rig_expect_resting(rig, bob).cum_qty, 200);
    struct account_view buyer = rig_account(rig, RIG_BOB_ACCOUNT);
    assert_int_equal(buyer.cash_fen, 100000000 - 200000);
    assert_int_equal(buyer.reserved_fen, 101000);
    assert_int_equal(rig_account(rig, RIG_ANN_ACCOUNT).cash_fen, 100000000 + 200000);
    assert_int_equal(rig_holding(rig, RIG_BOB_ACCOUNT).quantity, 10200);
    assert_int_equal(rig_holding(rig, RIG_ANN_ACCOUNT).quantity, 9800);
    assert_int_equal(rig_holding(rig, RIG_ANN_ACCOUNT).reserved, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_limit_order_rests_and_reserves, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(a_trade_moves_cash_and_shares, rig_set_up, rig_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
