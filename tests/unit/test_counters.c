/* The counters file: who finds it, who lives, what outlasts a start; its trail. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/counters.h"
#include "gateway/stages.h"
#include "tests/unit/ledger_folder.h"

#define SECOND INT64_C(1000000000)

static char folder[LEDGER_FOLDER_PATH];

static int set_up(void **state) {
    (void)state;
    ledger_folder_make(folder);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    ledger_folder_remove(folder);
    return 0;
}

static void path_of(char path[LEDGER_FOLDER_PATH + 16]) {
    snprintf(path, LEDGER_FOLDER_PATH + 16, "%s/" COUNTERS_FILE, folder);
}

static struct counters *must_open(void) {
    struct counters *counters = counters_open(folder);
    assert_non_null(counters);
    return counters;
}

static void what_is_counted_is_seen_by_who_looks(void **state) {
    (void)state;
    struct counters *counters = must_open();
    const struct counters *seen = counters_look(folder);
    assert_non_null(seen);
    counter_add(counters, COUNTER_REQUESTS, 3);
    assert_int_equal(counter_get(seen, COUNTER_REQUESTS), 3);
    assert_string_equal(seen->values[COUNTER_REQUESTS].name, "requests");
    assert_string_equal(seen->values[counter_pool_used(POOL_ORDERS)].name, "orders_used");
    assert_string_equal(seen->values[counter_pool_limit(POOL_TIMERS)].name, "timers_limit");
    counters_close((struct counters *)(uintptr_t)seen);
    counters_close(counters);
}

static void a_new_start_begins_at_zero_but_for_how_the_last_one_ended(void **state) {
    (void)state;
    struct counters *counters = must_open();
    counter_set(counters, COUNTER_REQUESTS, 9);
    counter_set(counters, COUNTER_STARTED_NS, 77);
    counter_set(counters, COUNTER_ENDED, 1 + 5);
    counters->note.session = 4;
    atomic_store(&counters->note.size, 10);
    counters_trail(counters, 1);
    counters_close(counters);
    counters = must_open();
    assert_int_equal(counter_get(counters, COUNTER_REQUESTS), 0);
    assert_int_equal(counter_get(counters, COUNTER_ENDED), 0);
    assert_int_equal(counter_get(counters, COUNTER_BEFORE_ENDED), 1 + 5);
    assert_int_equal(counter_get(counters, COUNTER_BEFORE_STARTED_NS), 77);
    assert_null(counters_trail_last(counters));
    assert_int_equal(counters->note.size, 10);
    assert_int_equal(counters->note.session, 4);
    counters_close(counters);
}

/* A release that counts other things still finds the request that stopped the one before it. */
static void a_file_of_another_release_is_not_read_but_its_note_is_kept(void **state) {
    (void)state;
    const struct counters *seen;
    uint32_t version;
    struct counters *counters = must_open();
    snprintf(counters->values[COUNTER_PID].name, COUNTER_NAME_BYTES, "something");
    counters->note.session = 4;
    atomic_store(&counters->note.size, 10);
    counters_close(counters);
    assert_int_equal(counters_find(folder, &seen, &version), COUNTERS_OTHER);
    assert_null(seen);
    assert_int_equal(version, COUNTERS_VERSION);
    counters = must_open();
    assert_int_equal(counters->note.size, 10);
    assert_int_equal(counters->note.session, 4);
    counters_close(counters);
    assert_int_equal(counters_find(folder, &seen, &version), COUNTERS_FOUND);
    counters_close((struct counters *)(uintptr_t)seen);
}

static void a_file_of_anything_else_is_foreign_and_none_is_none(void **state) {
    (void)state;
    const struct counters *seen;
    uint32_t version;
    char path[LEDGER_FOLDER_PATH + 16];
    assert_int_equal(counters_find(folder, &seen, &version), COUNTERS_NONE);
    path_of(path);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs("not counters at all, but long enough to be a head", file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(counters_find(folder, &seen, &version), COUNTERS_FOREIGN);
    assert_int_equal(truncate(path, 3), 0);
    assert_int_equal(counters_find(folder, &seen, &version), COUNTERS_FOREIGN);
    counters_close(must_open()); /* a server makes it anew */
    assert_int_equal(counters_find(folder, &seen, &version), COUNTERS_FOUND);
    counters_close((struct counters *)(uintptr_t)seen);
    assert_int_equal(truncate(path, 4096), 0); /* cut short behind its head */
    assert_int_equal(counters_find(folder, &seen, &version), COUNTERS_OTHER);
}

static void the_file_is_held_until_its_process_is_killed(void **state) {
    (void)state;
    int ready[2];
    char byte;
    int status;
    counters_close(must_open());
    assert_false(counters_are_held(folder));
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (counters_hold(folder) < 0 || write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_true(counters_are_held(folder));
    assert_true(counters_are_held(folder)); /* to look is not to let go */
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_false(counters_are_held(folder));
    close(ready[0]);
    close(ready[1]);
}

/* --- the trail -------------------------------------------------------------------------------- */

static void a_lag_is_the_time_since_the_value_was_passed(void **state) {
    (void)state;
    struct counters *counters = must_open();
    bool is_more;
    for (int64_t second = 1; second <= 20; second++) {
        counter_set(counters, COUNTER_DURABLE, (uint64_t)second * 100);
        counters_trail(counters, second * SECOND);
    }
    /* 1,500 was durable at 15 s, the next after it by 16 s. */
    assert_int_equal(counters_lag_ns(counters, TRAIL_DURABLE, 1500, 21 * SECOND, &is_more),
                     5 * SECOND);
    assert_false(is_more);
    assert_int_equal(counters_lag_ns(counters, TRAIL_DURABLE, 2000, 21 * SECOND, &is_more), 0);
    assert_int_equal(counters_lag_ns(counters, TRAIL_DURABLE, 50, 21 * SECOND, &is_more),
                     20 * SECOND);
    assert_true(is_more); /* since before the trail began */
    counters_close(counters);
}

static void a_trail_keeps_the_newest_points(void **state) {
    (void)state;
    struct counters *counters = must_open();
    for (int64_t second = 1; second <= 3 * TRAIL_POINTS; second++) {
        counter_set(counters, COUNTER_REQUESTS, (uint64_t)second);
        counters_trail(counters, second * SECOND);
    }
    assert_int_equal(counters_trail_last(counters)->values[TRAIL_REQUESTS], 3 * TRAIL_POINTS);
    const struct trail_point *point =
        counters_trail_at(counters, (3 * TRAIL_POINTS - 10) * SECOND + SECOND / 2);
    assert_non_null(point);
    assert_int_equal(point->values[TRAIL_REQUESTS], 3 * TRAIL_POINTS - 10);
    assert_null(counters_trail_at(counters, TRAIL_POINTS * SECOND));
    counters_close(counters);
}

/* --- stages ----------------------------------------------------------------------------------- */

static uint64_t total_of(const struct counters *counters, enum histogram histogram) {
    struct tally_view view;
    tally_read(&view, &counters->histograms[histogram].tally);
    return view.total;
}

static void while_requests_are_few_each_one_is_sampled(void **state) {
    (void)state;
    static struct stages stages;
    struct counters *counters = must_open();
    memset(&stages, 0, sizeof stages);
    stages_init(&stages, counters);
    for (uint64_t i = 0; i < 500; i++) {
        stages_begin(&stages, 1);
        stages_end(&stages, i);
    }
    assert_false(stages_has_durable(&stages));
    stages_durable(&stages, 400, INT64_MAX / 2);
    assert_true(stages_has_durable(&stages));
    stages_sent(&stages, 300, INT64_MAX / 2 + 5);
    assert_int_equal(total_of(counters, HISTOGRAM_WAIT_SAMPLED), 300);
    stages_sent(&stages, 500, INT64_MAX / 2 + 5);
    assert_int_equal(total_of(counters, HISTOGRAM_SEND_SAMPLED), 400);
    assert_int_equal(total_of(counters, HISTOGRAM_APPLY_SAMPLED), 400);
    assert_int_equal(total_of(counters, HISTOGRAM_DURABLE_SAMPLED), 400);
    counters_close(counters);
}

#define FRAME   64
#define MANY    (FRAME * 20000)
#define SAMPLED 100 /* one of so many */

/* Frames of 64: every place in a frame must be met as often as any other, and the samples stand for
 * all requests. */
static void under_load_each_request_is_as_likely_to_be_sampled(void **state) {
    (void)state;
    static struct stages stages;
    static uint32_t met[FRAME];
    struct counters *counters = must_open();
    memset(&stages, 0, sizeof stages);
    stages_init(&stages, counters);
    counter_set(counters, COUNTER_REQUESTS, (uint64_t)STAGES_A_SECOND * (SAMPLED - 1));
    stages_second(&stages, stages.chosen_ns + SECOND);
    assert_int_equal(stages.stride, SAMPLED);
    for (uint64_t i = 0; i < MANY; i++) {
        uint64_t before = atomic_load(&stages.taken);
        stages_begin(&stages, 1);
        stages_end(&stages, i);
        met[i % FRAME] += atomic_load(&stages.taken) != before ? 1 : 0;
        stages_durable(&stages, i + 1, 2);
        stages_sent(&stages, i + 1, 3);
    }
    for (size_t i = 0; i < FRAME; i++)
        assert_in_range(met[i], MANY / FRAME / SAMPLED / 2, MANY / FRAME / SAMPLED * 2);
    assert_in_range(total_of(counters, HISTOGRAM_SEND_SAMPLED), MANY / 100 * 95, MANY / 100 * 105);
    counters_close(counters);
}

static void when_the_ledger_stands_still_samples_are_not_taken(void **state) {
    (void)state;
    static struct stages stages;
    struct counters *counters = must_open();
    memset(&stages, 0, sizeof stages);
    stages_init(&stages, counters);
    for (uint64_t i = 0; i < 2 * STAGES_SAMPLES; i++) {
        stages_begin(&stages, 1);
        stages_end(&stages, i);
    }
    assert_int_equal(atomic_load(&stages.taken), STAGES_SAMPLES);
    stages_durable(&stages, 2 * STAGES_SAMPLES, 2);
    stages_sent(&stages, 2 * STAGES_SAMPLES, 3);
    assert_int_equal(total_of(counters, HISTOGRAM_SEND_SAMPLED), STAGES_SAMPLES);
    counters_close(counters);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_is_counted_is_seen_by_who_looks),
        TEST(a_new_start_begins_at_zero_but_for_how_the_last_one_ended),
        TEST(a_file_of_another_release_is_not_read_but_its_note_is_kept),
        TEST(a_file_of_anything_else_is_foreign_and_none_is_none),
        TEST(the_file_is_held_until_its_process_is_killed),
        TEST(a_lag_is_the_time_since_the_value_was_passed),
        TEST(a_trail_keeps_the_newest_points),
        TEST(while_requests_are_few_each_one_is_sampled),
        TEST(under_load_each_request_is_as_likely_to_be_sampled),
        TEST(when_the_ledger_stands_still_samples_are_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
