/* Tallies: what quantiles say about values that are known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "gateway/tally.h"

static struct tally *tally;

static int set_up(void **state) {
    (void)state;
    tally = calloc(1, sizeof *tally);
    return tally == NULL;
}

static int tear_down(void **state) {
    (void)state;
    free(tally);
    return 0;
}

static uint64_t quantile_of(uint32_t ppm) {
    struct tally_view view;
    tally_read(&view, tally);
    return tally_quantile(&view, ppm);
}

static void nothing_counted_has_quantile_zero(void **state) {
    (void)state;
    assert_int_equal(quantile_of(990000), 0);
}

/* The bound is never below the value, and at most an eighth above it. */
static void a_quantile_is_at_most_an_eighth_above_the_value(void **state) {
    (void)state;
    for (uint64_t value = 1; value < TALLY_VALUE_MAX; value += 1 + value / 3) {
        struct tally one = {0};
        struct tally_view view;
        tally_add(&one, value, 1);
        tally_read(&view, &one);
        uint64_t bound = tally_quantile(&view, 500000);
        assert_true(bound >= value);
        assert_true(bound <= value + value / 8);
    }
}

static void a_value_beyond_the_most_counts_as_that(void **state) {
    (void)state;
    tally_add(tally, UINT64_MAX, 1);
    assert_int_equal(quantile_of(500000), TALLY_VALUE_MAX);
}

static void quantiles_stand_where_they_are_in_a_sorted_list(void **state) {
    (void)state;
    tally_add(tally, 3, 990);
    tally_add(tally, 5000, 9);
    tally_add(tally, 1000000, 1);
    assert_int_equal(quantile_of(500000), 3);
    assert_int_equal(quantile_of(989000), 3);
    assert_in_range(quantile_of(990000), 5000, 5625);
    assert_in_range(quantile_of(999000), 1000000, 1125000);
    assert_in_range(quantile_of(1000000), 1000000, 1125000);
}

static void a_view_since_another_holds_only_what_came_after(void **state) {
    (void)state;
    struct tally_view before;
    struct tally_view after;
    tally_add(tally, 1000000, 100);
    tally_read(&before, tally);
    tally_add(tally, 7, 3);
    tally_read(&after, tally);
    tally_since(&after, &before);
    assert_int_equal(after.total, 3);
    assert_int_equal(tally_quantile(&after, 999000), 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_counted_has_quantile_zero, set_up, tear_down),
        cmocka_unit_test(a_quantile_is_at_most_an_eighth_above_the_value),
        cmocka_unit_test_setup_teardown(a_value_beyond_the_most_counts_as_that, set_up, tear_down),
        cmocka_unit_test_setup_teardown(quantiles_stand_where_they_are_in_a_sorted_list, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_view_since_another_holds_only_what_came_after, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
