/* When the wall clock is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/clock.h"

#define T0 INT64_C(1764000000000000000)
#define M0 INT64_C(5000000000)

static struct clock started(void) {
    struct clock clock;
    clock_start(&clock, (struct clock_reading){T0, M0}, T0 - CLOCK_SECOND_NS);
    assert_false(clock.is_held);
    assert_int_equal(clock.now_ns, T0);
    return clock;
}

static struct clock_reading after(int64_t wall_ns, int64_t mono_ns) {
    return (struct clock_reading){T0 + wall_ns, M0 + mono_ns};
}

static void time_moves_with_the_wall_clock(void **state) {
    (void)state;
    struct clock clock = started();
    assert_true(clock_advance(&clock, after(1000, 1000)));
    assert_int_equal(clock.now_ns, T0 + 1000);
}

static void time_never_goes_back(void **state) {
    (void)state;
    struct clock clock = started();
    assert_true(clock_advance(&clock, after(CLOCK_SECOND_NS, CLOCK_SECOND_NS)));
    /* The wall clock was set back by 400 ms, less than a leap. */
    assert_true(clock_advance(
        &clock, after(CLOCK_SECOND_NS - 400 * CLOCK_MILLISECOND_NS, CLOCK_SECOND_NS + 1000)));
    assert_int_equal(clock.now_ns, T0 + CLOCK_SECOND_NS);
}

static void a_leap_while_running_holds_time(void **state) {
    (void)state;
    int64_t leaps[] = {CLOCK_LEAP_RUNNING_NS + 1, -CLOCK_LEAP_RUNNING_NS - 1};
    for (size_t i = 0; i < 2; i++) {
        struct clock clock = started();
        assert_false(clock_advance(&clock, after(1000 + leaps[i], 1000)));
        assert_true(clock.is_held);
        assert_int_equal(clock.leap_ns, leaps[i]);
        assert_int_equal(clock.now_ns, T0);
        assert_false(clock_advance(&clock, after(2000, 2000)));
    }
}

static void half_a_second_is_no_leap(void **state) {
    (void)state;
    struct clock clock = started();
    assert_true(clock_advance(&clock, after(CLOCK_LEAP_RUNNING_NS + 10, 10)));
}

static void slow_correction_passes(void **state) {
    (void)state;
    struct clock clock = started();
    for (int64_t i = 1; i <= 1000; i++)
        assert_true(clock_advance(
            &clock, after(i * 11 * CLOCK_MILLISECOND_NS, i * 10 * CLOCK_MILLISECOND_NS)));
    assert_int_equal(clock.now_ns, T0 + 11 * CLOCK_SECOND_NS);
}

static void a_start_after_a_week_is_held_and_one_before_is_not(void **state) {
    (void)state;
    struct clock clock;
    clock_start(&clock, (struct clock_reading){T0, M0}, T0 - CLOCK_LEAP_START_NS);
    assert_false(clock.is_held);
    clock_start(&clock, (struct clock_reading){T0, M0}, T0 - CLOCK_LEAP_START_NS - 1);
    assert_true(clock.is_held);
    assert_int_equal(clock.now_ns, T0 - CLOCK_LEAP_START_NS - 1);
}

static void a_start_before_the_last_stamp_is_held(void **state) {
    (void)state;
    struct clock clock;
    clock_start(&clock, (struct clock_reading){T0, M0}, T0 + CLOCK_SECOND_NS);
    assert_true(clock.is_held);
    clock_start(&clock, (struct clock_reading){T0, M0}, 0);
    assert_false(clock.is_held);
}

static void a_confirmed_time_near_the_wall_clock_ends_the_hold(void **state) {
    (void)state;
    struct clock clock = started();
    assert_false(clock_advance(&clock, after(3600 * CLOCK_SECOND_NS, 10)));
    assert_false(clock_confirm(&clock, after(3600 * CLOCK_SECOND_NS, 20), T0));
    assert_true(clock.is_held);
    assert_true(
        clock_confirm(&clock, after(3600 * CLOCK_SECOND_NS, 30), T0 + 3590 * CLOCK_SECOND_NS));
    assert_false(clock.is_held);
    assert_int_equal(clock.now_ns, T0 + 3600 * CLOCK_SECOND_NS);
    assert_true(clock_advance(&clock, after(3600 * CLOCK_SECOND_NS + 5, 35)));
}

static void a_confirmed_wall_clock_that_was_set_back_never_turns_time_back(void **state) {
    (void)state;
    struct clock clock = started();
    assert_false(clock_advance(&clock, after(-CLOCK_SECOND_NS, 10)));
    assert_true(clock_confirm(&clock, after(-CLOCK_SECOND_NS, 20), T0));
    assert_int_equal(clock.now_ns, T0);
    assert_true(clock_advance(&clock, after(CLOCK_SECOND_NS, 2 * CLOCK_SECOND_NS + 20)));
    assert_int_equal(clock.now_ns, T0 + CLOCK_SECOND_NS);
}

static void absurd_confirmations_are_not_believed(void **state) {
    (void)state;
    struct clock clock = started();
    assert_false(clock_confirm(&clock, after(0, 0), INT64_MIN));
    assert_false(clock_confirm(&clock, after(0, 0), INT64_MAX));
}

static void both_clocks_are_read_at_one_moment(void **state) {
    (void)state;
    struct clock_reading a = clock_read();
    struct clock_reading b = clock_read();
    assert_true(b.mono_ns >= a.mono_ns);
    int64_t drift_ns = (b.wall_ns - b.mono_ns) - (a.wall_ns - a.mono_ns);
    assert_true(drift_ns > -CLOCK_LEAP_RUNNING_NS && drift_ns < CLOCK_LEAP_RUNNING_NS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_moves_with_the_wall_clock),
        cmocka_unit_test(time_never_goes_back),
        cmocka_unit_test(a_leap_while_running_holds_time),
        cmocka_unit_test(half_a_second_is_no_leap),
        cmocka_unit_test(slow_correction_passes),
        cmocka_unit_test(a_start_after_a_week_is_held_and_one_before_is_not),
        cmocka_unit_test(a_start_before_the_last_stamp_is_held),
        cmocka_unit_test(a_confirmed_time_near_the_wall_clock_ends_the_hold),
        cmocka_unit_test(a_confirmed_wall_clock_that_was_set_back_never_turns_time_back),
        cmocka_unit_test(absurd_confirmations_are_not_believed),
        cmocka_unit_test(both_clocks_are_read_at_one_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
