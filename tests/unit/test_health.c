/* What is made of counters: each thing that can be wrong, provoked; and that the runbook has what
 * it is told to have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/exchange.h"
#include "gateway/figure.h"
#include "gateway/follower.h"
#include "gateway/health.h"
#include "gateway/status_page.h"

#define SECOND INT64_C(1000000000)
#define NOW    (1000 * SECOND)

static struct counters *counters;
static struct health_facts facts;
static struct health health;

/* An exchange that is well. */
static int set_up(void **state) {
    (void)state;
    counters = calloc(1, sizeof *counters);
    if (counters == NULL)
        return 1;
    counter_set(counters, COUNTER_PID, 4711);
    counter_set(counters, COUNTER_STATE, EXCHANGE_READY);
    counter_set(counters, COUNTER_HEARTBEAT_NS, NOW - SECOND);
    counter_set(counters, COUNTER_ALIVE_NS, (uint64_t)(3 * 3600 + 4 * 60) * SECOND);
    counter_set(counters, COUNTER_DISK_LOW, UINT64_C(1) << 30);
    counter_set(counters, COUNTER_DISK_CRITICAL, UINT64_C(1) << 29);
    counter_set(counters, COUNTER_DISK_HALT, UINT64_C(1) << 27);
    counter_set(counters, COUNTER_DISK_FREE, UINT64_C(3) << 29);
    counter_set(counters, COUNTER_DISK_STEP, DISK_ENOUGH);
    counter_set(counters, COUNTER_SHADOW_STATE, FOLLOWER_LIVE);
    counter_set(counters, COUNTER_RING_BYTES_BUSY, UINT64_C(1) << 27);
    counter_set(counters, counter_pool_limit(POOL_ORDERS), 1000000);
    facts = (struct health_facts){.counters = counters,
                                  .is_held = true,
                                  .process_state = 'S',
                                  .disk_available = UINT64_C(1) << 40,
                                  .mono_ns = NOW,
                                  .wall_ns = 4 * 3600 * SECOND};
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    free(counters);
    return 0;
}

/* Judged so, with a finding that says this and sends to that heading (NULL: to none). */
static void expect(enum health_verdict verdict, const char *says, const char *heading) {
    health_judge(&health, &facts);
    if (health.verdict != verdict)
        fail_msg("%s instead of %s", health_name((enum health_verdict)health.verdict),
                 health_name(verdict));
    for (uint32_t i = 0; i < health.count; i++) {
        const struct health_finding *finding = &health.findings[i];
        if (strstr(finding->text, says) == NULL)
            continue;
        if (heading == NULL)
            assert_null(finding->heading);
        else
            assert_string_equal(finding->heading, heading);
        return;
    }
    fail_msg("no finding says \"%s\"; the first is \"%s\"", says,
             health.count > 0 ? health.findings[0].text : "none");
}

static void an_exchange_that_is_well_has_no_findings(void **state) {
    (void)state;
    health_judge(&health, &facts);
    assert_int_equal(health.verdict, HEALTH_FINE);
    assert_int_equal(health.count, 0);
}

static void a_core_that_does_not_move_hangs_and_says_at_what(void **state) {
    (void)state;
    counter_set(counters, COUNTER_HEARTBEAT_NS, NOW - 12 * SECOND);
    counter_set(counters, COUNTER_DOING, DOING_TAKE);
    atomic_store(&counters->note.size, 91);
    counters->note.session = 7;
    expect(HEALTH_HANGS,
           "has not moved for 12 s, since 03:04:00 UTC; it takes requests: a request of session 7",
           "The server hangs");
    facts.process_state = 'T';
    expect(HEALTH_HANGS, "`kill -CONT 4711`", "The server hangs");
}

static void a_start_may_take_its_time(void **state) {
    (void)state;
    counter_set(counters, COUNTER_STATE, EXCHANGE_STARTING);
    counter_set(counters, COUNTER_HEARTBEAT_NS, NOW - 90 * SECOND);
    counter_set(counters, COUNTER_STARTED_NS, (uint64_t)(facts.wall_ns - 90 * SECOND));
    expect(HEALTH_ATTENTION, "starting for 1 min 30 s", NULL);
}

static void a_commit_that_does_not_return_hangs(void **state) {
    (void)state;
    counter_set(counters, COUNTER_LEDGER_DOING, DOING_COMMIT);
    counter_set(counters, COUNTER_LEDGER_SINCE_NS, NOW - 2 * SECOND);
    health_judge(&health, &facts);
    assert_int_equal(health.verdict, HEALTH_FINE);
    counter_set(counters, COUNTER_LEDGER_SINCE_NS, NOW - 4 * SECOND);
    expect(HEALTH_HANGS, "not moved for 4 s; it waits for the disk",
           "The disk does not answer, or fails");
}

static void what_the_state_asks_for_is_said(void **state) {
    (void)state;
    counter_set(counters, COUNTER_STATE, EXCHANGE_TIME_HELD);
    counter_set(counters, COUNTER_TIME_LEAP_NS, (uint64_t)(-3600 * SECOND));
    expect(HEALTH_ATTENTION, "the clock leapt back by 1 h 0 min", "The clock leapt");
    counter_set(counters, COUNTER_STATE, EXCHANGE_DIVERGED);
    counter_set(counters, COUNTER_DIVERGED, 128 + 1);
    expect(HEALTH_ATTENTION, "disagree at sequence 128", "Record and replay disagree");
    counter_set(counters, COUNTER_STATE, EXCHANGE_READY);
    counter_set(counters, COUNTER_MARKET, MARKET_HALTED);
    expect(HEALTH_ATTENTION, "halted after an outage",
           "The server was killed, or the machine went down");
    counter_set(counters, COUNTER_MARKET, MARKET_KILLED);
    expect(HEALTH_ATTENTION, "the whole exchange is killed", "A participant runs wild");
}

static void the_disk_is_told_of_before_and_at_each_step(void **state) {
    (void)state;
    facts.disk_available = UINT64_C(1) << 29;
    expect(HEALTH_ATTENTION, "the disk has 512 MiB left besides the reserve of 1.5 GiB",
           "The disk is nearly full");
    counter_set(counters, COUNTER_DISK_STEP, DISK_LOW);
    counter_set(counters, COUNTER_DISK_FREE, UINT64_C(3) << 28);
    expect(HEALTH_ATTENTION, "768 MiB left of the reserve, new orders are refused below 1.0 GiB",
           "The disk is nearly full");
    counter_set(counters, COUNTER_DISK_STEP, DISK_CRITICAL);
    expect(HEALTH_ATTENTION, "stops below 128 MiB", "The disk is nearly full");
}

static void a_pool_is_told_of_from_its_share_on(void **state) {
    (void)state;
    counter_set(counters, counter_pool_used(POOL_ORDERS), 799999);
    health_judge(&health, &facts);
    assert_int_equal(health.verdict, HEALTH_FINE);
    counter_set(counters, counter_pool_used(POOL_ORDERS), 810000);
    expect(HEALTH_ATTENTION, "orders are at 81% of their limit: 810,000 of 1,000,000",
           "A pool is nearly full");
}

static void a_follower_that_lags_or_failed_is_named(void **state) {
    (void)state;
    for (int64_t second = 0; second < 10; second++) {
        counter_set(counters, COUNTER_DURABLE, 1000 + (uint64_t)second * 100);
        counters_trail(counters, NOW - (10 - second) * SECOND);
    }
    counter_set(counters, COUNTER_SHADOW, 1500);
    health_judge(&health, &facts);
    assert_int_equal(health.verdict, HEALTH_FINE); /* 4 s */
    counter_set(counters, COUNTER_SHADOW, 1300);
    expect(HEALTH_ATTENTION, "the shadow is 600 records behind, 6 s",
           "A follower is behind, or has failed");
    counter_set(counters, COUNTER_SHADOW, 1900);
    counter_set(counters, COUNTER_INDEX, 1234);
    counter_set(counters, COUNTER_INDEX_STATE, FOLLOWER_FAILED);
    expect(HEALTH_ATTENTION, "the index has failed; it stands at 1234",
           "A follower is behind, or has failed");
}

static void a_reader_that_stays_and_a_ring_that_fills_are_told_of(void **state) {
    (void)state;
    for (int64_t second = 0; second < 40; second++) {
        counter_set(counters, COUNTER_COMMITS, (uint64_t)second * 10);
        counters_trail(counters, NOW - (40 - second) * SECOND);
    }
    counter_set(counters, COUNTER_READER_PID, 99);
    counter_set(counters, COUNTER_READER_COMMITS, 100);
    health_judge(&health, &facts);
    assert_int_equal(health.verdict, HEALTH_FINE);
    counter_set(counters, COUNTER_READER_COMMITS, 340);
    expect(HEALTH_ATTENTION, "process 99 has been reading the ledger for 34 s, 340 commits behind",
           "An old reader holds the ledger");
    counter_set(counters, COUNTER_RING_BYTES, UINT64_C(1) << 27);
    expect(HEALTH_ATTENTION, "the ledger does not keep up: 128 MiB wait for it",
           "The disk does not answer, or fails");
}

static void the_dead_are_told_by_how_they_ended(void **state) {
    (void)state;
    facts.is_held = false;
    expect(HEALTH_DEAD, "it was killed, or its machine went down: it lived last at 03:04:00 UTC",
           "The server was killed, or the machine went down");
    atomic_store(&counters->note.size, 91);
    counters->note.is_marked = 1;
    counters->note.session = 7;
    expect(HEALTH_DEAD, "it aborted at 03:04:00 UTC while it applied a request of session 7",
           "One request stops the server each time it comes");
    counter_set(counters, COUNTER_ENDED, 1 + EXIT_CODE_CLEAN);
    expect(HEALTH_STOPPED, "with exit code 0: a clean stop", NULL);
    counter_set(counters, COUNTER_ENDED, 1 + EXIT_CODE_DISK);
    expect(HEALTH_DEAD, "with exit code 5: a write or sync failed",
           "The disk does not answer, or fails");
    counter_set(counters, COUNTER_ENDED, 1 + EXIT_CODE_FULL);
    expect(HEALTH_DEAD, "exit code 6", "The disk is nearly full");
}

static void the_runbook_has_every_heading_that_findings_name(void **state) {
    (void)state;
    static char text[1 << 18];
    FILE *file = fopen("gateway/README.md", "re");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    const char *runbook = strstr(text, health_headings[0]);
    assert_non_null(runbook);
    for (size_t i = 1; health_headings[i] != NULL; i++)
        if (strstr(runbook, health_headings[i]) == NULL)
            fail_msg("gateway/README.md has no \"%s\"", health_headings[i]);
}

static void figures_are_short(void **state) {
    (void)state;
    char text[FIGURE_BYTES_MAX];
    assert_string_equal(figure_count(text, 0), "0");
    assert_string_equal(figure_count(text, 999), "999");
    assert_string_equal(figure_count(text, 1234567), "1,234,567");
    assert_string_equal(figure_bytes(text, 512), "512 B");
    assert_string_equal(figure_bytes(text, 1536), "1.5 KiB");
    assert_string_equal(figure_bytes(text, UINT64_C(12) << 30), "12 GiB");
    assert_string_equal(figure_latency(text, 850), "850 ns");
    assert_string_equal(figure_latency(text, 1700), "1.7 us");
    assert_string_equal(figure_latency(text, 880000), "0.88 ms");
    assert_string_equal(figure_latency(text, 12400000), "12 ms");
    assert_string_equal(figure_latency(text, UINT64_C(1500000000)), "1.5 s");
    assert_string_equal(figure_span(text, 12 * SECOND), "12 s");
    assert_string_equal(figure_span(text, 185 * SECOND), "3 min 5 s");
    assert_string_equal(figure_span(text, 7800 * SECOND), "2 h 10 min");
    assert_string_equal(figure_span(text, 100 * 3600 * SECOND), "4 d 4 h");
}

static void expect_narrow(struct page *page) {
    for (char *line = strtok(page->bytes, "\n"); line != NULL; line = strtok(NULL, "\n"))
        if (page_width(line) > 80)
            fail_msg("%u columns: %s", page_width(line), line);
}

/* Whatever stands in the counters, the page stays within the width of a small terminal. */
static void the_page_fits_eighty_columns(void **state) {
    (void)state;
    static struct page page;
    snprintf(counters->origin, sizeof counters->origin, "exchange.example/2026");
    snprintf(counters->build, sizeof counters->build, "1");
    for (int64_t second = 0; second < 20; second++) {
        counter_set(counters, COUNTER_REQUESTS, (uint64_t)second * 500000);
        counter_set(counters, COUNTER_DURABLE, (uint64_t)second * 123456);
        counters_trail(counters, NOW - (20 - second) * SECOND);
    }
    counter_set(counters, COUNTER_REQUESTS, UINT64_C(1234567890));
    counter_set(counters, COUNTER_DURABLE, UINT64_C(1234567890));
    counter_set(counters, COUNTER_INDEX_STATE, FOLLOWER_BEHIND);
    counter_set(counters, COUNTER_INDEX, 1000);
    counter_histogram_add(counters, HISTOGRAM_ANSWER_REQUEST, 880000, 1000000000);
    assert_int_equal(status_rate(counters, TRAIL_REQUESTS, 10), 500000);
    assert_int_equal(status_rate(counters, TRAIL_REQUESTS, 1), 500000);
    health_judge(&health, &facts);
    health.count = 0; /* findings are sentences and may be longer */
    status_page(&page, &facts, &health, NULL);
    expect_narrow(&page);
    assert_int_equal(setenv("TPX_LANG", "zh", 1), 0);
    status_page(&page, &facts, &health, NULL);
    expect_narrow(&page);
    assert_int_equal(unsetenv("TPX_LANG"), 0);
}

/* Where people read them; programs get English whatever the language is. */
static void findings_and_the_page_are_told_in_the_user_s_language(void **state) {
    (void)state;
    static struct page page;
    counter_set(counters, COUNTER_SHADOW_STATE, FOLLOWER_FAILED);
    assert_int_equal(setenv("TPX_LANG", "zh", 1), 0);
    health_judge(&health, &facts);
    assert_non_null(strstr(health.findings[0].text, "the shadow has failed"));
    facts.is_for_people = true;
    health_judge(&health, &facts);
    assert_non_null(strstr(health.findings[0].text, "影子引擎已失败"));
    status_page(&page, &facts, &health, NULL);
    assert_non_null(strstr(page.bytes, "影子引擎已失败"));
    assert_non_null(strstr(page.bytes, "需要处理"));
    assert_non_null(strstr(page.bytes, "A follower is behind, or has failed")); /* as it stands */
    assert_non_null(strstr(page.bytes, "答复：收到、落盘、发出"));
    assert_null(strstr(page.bytes, "requests"));
    assert_int_equal(setenv("TPX_LANG", "en", 1), 0);
    status_page(&page, &facts, &health, NULL);
    assert_non_null(strstr(page.bytes, "requests"));
    assert_int_equal(unsetenv("TPX_LANG"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_exchange_that_is_well_has_no_findings),
        TEST(a_core_that_does_not_move_hangs_and_says_at_what),
        TEST(a_start_may_take_its_time),
        TEST(a_commit_that_does_not_return_hangs),
        TEST(what_the_state_asks_for_is_said),
        TEST(the_disk_is_told_of_before_and_at_each_step),
        TEST(a_pool_is_told_of_from_its_share_on),
        TEST(a_follower_that_lags_or_failed_is_named),
        TEST(a_reader_that_stays_and_a_ring_that_fills_are_told_of),
        TEST(the_dead_are_told_by_how_they_ended),
        TEST(the_runbook_has_every_heading_that_findings_name),
        TEST(figures_are_short),
        TEST(the_page_fits_eighty_columns),
        TEST(findings_and_the_page_are_told_in_the_user_s_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
