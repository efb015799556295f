/*
 * Dates there and back, and deadlines in working days over weekends, holidays and make-up days.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/calendar.h"
#include "tests/unit/rig.h"

/* 2026-11-24 was a Tuesday. */
#define NOON(date) (date_end_ns(date) - NS_PER_DAY / 2)

static void every_day_is_found_again(void **state) {
    (void)state;
    for (int64_t days = 0; days < 230000; days++) {
        trading_date date = date_of_days(days);
        assert_true(date_is_valid(date));
        assert_int_equal(date_days(date), days);
    }
    assert_int_equal(date_of_ns(date_end_ns(20261124) - 1), 20261124);
    assert_int_equal(date_of_ns(date_end_ns(20261124)), 20261125);
}

static int set_up(void **state) {
    static struct rig rig;
    struct engine_limits limits = rig_limits();
    rig_open(&rig, &limits, ENVIRONMENT_TEST);
    *state = &rig;
    return 0;
}

static int tear_down(void **state) {
    rig_close(*state);
    return 0;
}

static void a_period_leaves_out_its_first_day_and_weekends(void **state) {
    const struct rig *rig = *state;
    assert_int_equal(calendar_deadline(rig->engine, NOON(20261124), 1), date_end_ns(20261125));
    assert_int_equal(calendar_deadline(rig->engine, NOON(20261124), 3), date_end_ns(20261127));
    assert_int_equal(calendar_deadline(rig->engine, NOON(20261124), 4), date_end_ns(20261130));
    assert_int_equal(calendar_deadline(rig->engine, NOON(20261128), 1), date_end_ns(20261130));
    assert_int_equal(calendar_days_deadline(NOON(20261124), 2), date_end_ns(20261126));
}

static void a_set_day_counts_as_it_was_set(void **state) {
    struct rig *rig = *state;
    struct calendar_day days[] = {{.date = 20261128, .is_working = true},
                                  {.date = 20261125},
                                  {.date = 20261126, .is_working = true, .is_trading = true}};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        calendar_set(rig->engine, &days[i]);
    calendar_check(rig->engine);
    assert_int_equal(rig->engine->pools[POOL_CALENDAR].count, 3);
    assert_true(calendar_is_working(rig->engine, 20261128));
    assert_false(calendar_is_trading(rig->engine, 20261128));
    assert_false(calendar_is_working(rig->engine, 20261125));
    assert_true(calendar_is_trading(rig->engine, 20261126));
    assert_int_equal(calendar_deadline(rig->engine, NOON(20261124), 3), date_end_ns(20261128));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_is_found_again),
        cmocka_unit_test_setup_teardown(a_period_leaves_out_its_first_day_and_weekends, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_set_day_counts_as_it_was_set, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
