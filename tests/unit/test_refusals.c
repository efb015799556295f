/* Refusals are counted by key and reason and come due a period after the first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/reason.h"
#include "gateway/refusals.h"

static struct refusal_table table;

static void counts_are_kept_by_key_and_reason(void **state) {
    (void)state;
    struct refusals got;
    refusals_init(&table, 60);
    assert_int_equal(refusals_due(&table), INT64_MAX);
    refusals_count(&table, 1, REASON_MALFORMED, 1000, 10);
    refusals_count(&table, 1, REASON_MALFORMED, 1005, 15);
    refusals_count(&table, 2, REASON_MALFORMED, 1006, 16);
    assert_int_equal(refusals_due(&table), 70);
    assert_true(refusals_take(&table, &got));
    assert_int_equal(got.key, 2);
    assert_int_equal(got.count, 1);
    assert_true(refusals_take(&table, &got));
    assert_int_equal(got.key, 1);
    assert_int_equal(got.reason, REASON_MALFORMED);
    assert_int_equal(got.count, 2);
    assert_int_equal(got.first_ns, 1000);
    assert_int_equal(got.last_ns, 1005);
    assert_false(refusals_take(&table, &got));
    assert_int_equal(refusals_due(&table), INT64_MAX);
}

static void a_full_table_is_due_at_once(void **state) {
    (void)state;
    refusals_init(&table, 60);
    for (uint32_t key = 1; key <= REFUSALS_MAX; key++)
        refusals_count(&table, key, REASON_NO_CREDIT, 1, 10);
    assert_int_equal(refusals_due(&table), 10);
    refusals_count(&table, REFUSALS_MAX + 1, REASON_NO_CREDIT, 1, 11);
    refusals_count(&table, 1, REASON_NO_CREDIT, 2, 12);
    struct refusals got;
    uint32_t pairs = 0;
    while (refusals_take(&table, &got)) {
        pairs++;
        assert_int_equal(got.count, got.key == 1 ? 2 : 1);
    }
    assert_int_equal(pairs, REFUSALS_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_kept_by_key_and_reason),
        cmocka_unit_test(a_full_table_is_due_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
