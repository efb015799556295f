/* A follower over a ledger that the test itself writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "bench/algorithms.h"
#include "gateway/clock.h"
#include "gateway/follower.h"
#include "ledger/failure.h"
#include "tests/unit/ledger_folder.h"

#define PATIENCE_S 60

/* What the listener has seen, for the test's thread. */
struct seen {
    uint64_t next; /* of the last record, plus 1 */
    uint64_t turns;
    uint64_t ends;   /* turns at the end */
    uint64_t events; /* taken from its fd */
    bool is_over;
    int failure;
    bool was_last; /* the last turn said so */
    uint64_t last_next;
};

struct setting {
    char dir[LEDGER_FOLDER_PATH];
    struct journal *journal;
    struct counters *counters;
    struct follower *follower;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct seen seen;
    bool is_held; /* the listener waits in its turn */

    /* How the listener behaves. */
    uint64_t from;
    uint64_t fails_at; /* record that it cannot take; 0: none */
    uint64_t behind;   /* its as-of is so far behind what it was given */
    int fd;
    int timeout_ms;
    int64_t delay_ns; /* that a record takes */
};

/* --- the listener, on the follower's thread ----------------------------------------------------
 */

static int begin(void *owner, struct follower_start *start) {
    struct setting *setting = owner;
    assert_int_equal(start->from, 0);
    assert_int_equal(start->fd, -1);
    start->from = setting->from;
    start->fd = setting->fd;
    return 0;
}

static int take_record(void *owner, const struct reader_record *record) {
    struct setting *setting = owner;
    uint8_t expected[BLOCK_RECORD_MAX];
    struct timespec delay = {.tv_nsec = setting->delay_ns};
    if (setting->fails_at != 0 && record->sequence == setting->fails_at)
        return FAILURE_MALFORMED;
    assert_int_equal(record->size, ledger_record(record->sequence, expected));
    assert_memory_equal(record->bytes, expected, record->size);
    if (setting->delay_ns > 0)
        nanosleep(&delay, NULL);
    pthread_mutex_lock(&setting->mutex);
    uint64_t next = setting->seen.next != 0 ? setting->seen.next : setting->from;
    setting->seen.next = record->sequence == next ? next + 1 : UINT64_MAX;
    pthread_mutex_unlock(&setting->mutex);
    return 0;
}

static int turn(void *owner, struct follower_turn *turn) {
    struct setting *setting = owner;
    uint64_t count;
    pthread_mutex_lock(&setting->mutex);
    while (setting->is_held)
        pthread_cond_wait(&setting->changed, &setting->mutex);
    if (setting->fd >= 0 && read(setting->fd, &count, sizeof count) == (ssize_t)sizeof count)
        setting->seen.events += count;
    setting->seen.turns++;
    setting->seen.ends += turn->is_end;
    setting->seen.was_last = turn->is_last;
    setting->seen.last_next = turn->next;
    turn->as_of = turn->next > setting->behind ? turn->next - setting->behind : 0;
    turn->timeout_ms = setting->timeout_ms;
    pthread_cond_broadcast(&setting->changed);
    pthread_mutex_unlock(&setting->mutex);
    return 0;
}

static void end(void *owner, int failure) {
    struct setting *setting = owner;
    pthread_mutex_lock(&setting->mutex);
    setting->seen.is_over = true;
    setting->seen.failure = failure;
    pthread_cond_broadcast(&setting->changed);
    pthread_mutex_unlock(&setting->mutex);
}

/* --- the test's thread -------------------------------------------------------------------------
 */

static int set_up(void **state) {
    struct setting *setting = calloc(1, sizeof *setting);
    ledger_folder_make(setting->dir);
    assert_int_equal(journal_create(setting->dir, algorithms_profile()), 0);
    assert_int_equal(journal_open(&setting->journal, setting->dir, &ledger_folder_options), 0);
    setting->counters = calloc(1, sizeof *setting->counters);
    pthread_mutex_init(&setting->mutex, NULL);
    pthread_cond_init(&setting->changed, NULL);
    setting->fd = -1;
    setting->timeout_ms = -1;
    *state = setting;
    return 0;
}

static int tear_down(void **state) {
    struct setting *setting = *state;
    follower_destroy(setting->follower);
    journal_close(setting->journal);
    ledger_folder_remove(setting->dir);
    if (setting->fd >= 0)
        close(setting->fd);
    pthread_cond_destroy(&setting->changed);
    pthread_mutex_destroy(&setting->mutex);
    free(setting->counters);
    free(setting);
    return 0;
}

static void start(struct setting *setting) {
    struct follower_options options = {.name = "test",
                                       .ledger_dir = setting->dir,
                                       .counters = setting->counters,
                                       .as_of = COUNTER_INDEX,
                                       .state = COUNTER_INDEX_STATE,
                                       .gather_ns = CLOCK_MILLISECOND_NS};
    struct follower_listener listener = {begin, take_record, turn, end, setting};
    setting->follower = follower_create(&options, &listener);
    assert_non_null(setting->follower);
}

static void stop(struct setting *setting) {
    follower_destroy(setting->follower);
    setting->follower = NULL;
}

/* As the pipeline does. */
static void append(struct setting *setting, uint64_t count) {
    ledger_folder_append(setting->journal, count);
    counter_set(setting->counters, COUNTER_DURABLE, journal_durable(setting->journal));
    if (setting->follower != NULL)
        wake_signal(follower_wake(setting->follower));
}

typedef bool condition(const struct seen *seen, uint64_t value);

static bool has_read(const struct seen *seen, uint64_t next) {
    return seen->next >= next && seen->last_next >= next;
}

static bool has_rested(const struct seen *seen, uint64_t ends) {
    return seen->ends >= ends;
}

static bool has_events(const struct seen *seen, uint64_t events) {
    return seen->events >= events;
}

static bool is_over(const struct seen *seen, uint64_t unused) {
    (void)unused;
    return seen->is_over;
}

static struct seen wait_until(struct setting *setting, condition *is_met, uint64_t value) {
    struct timespec until;
    int error = 0;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    pthread_mutex_lock(&setting->mutex);
    while (!is_met(&setting->seen, value) && error == 0)
        error = pthread_cond_timedwait(&setting->changed, &setting->mutex, &until);
    struct seen seen = setting->seen;
    pthread_mutex_unlock(&setting->mutex);
    assert_int_equal(error, 0);
    return seen;
}

static void records_come_in_order_before_and_after_it_started(void **state) {
    struct setting *setting = *state;
    append(setting, 5000);
    start(setting);
    struct seen seen = wait_until(setting, has_read, 5000);
    assert_in_range(seen.turns, 5, 5000); /* views end */
    for (uint64_t next = 5001; next <= 5200; next++) {
        append(setting, 1);
        wait_until(setting, has_read, next);
    }
    stop(setting);
    assert_int_equal(setting->seen.next, 5200);
    assert_int_equal(counter_get(setting->counters, COUNTER_INDEX), 5200);
    assert_int_equal(counter_get(setting->counters, COUNTER_INDEX_STATE), FOLLOWER_STOPPED);
}

static void it_starts_where_its_listener_says(void **state) {
    struct setting *setting = *state;
    append(setting, 3000);
    setting->from = 2990;
    start(setting);
    wait_until(setting, has_read, 3000);
    assert_int_equal(follower_state(setting->follower), FOLLOWER_LIVE);
    stop(setting);
    assert_int_equal(setting->seen.next, 3000);
}

static void a_listener_may_be_behind_what_it_was_given(void **state) {
    struct setting *setting = *state;
    setting->behind = 10;
    start(setting);
    append(setting, 100);
    wait_until(setting, has_read, 100);
    stop(setting);
    assert_int_equal(counter_get(setting->counters, COUNTER_INDEX), 90);
}

static void a_failure_ends_it_and_its_as_of_stands_still(void **state) {
    struct setting *setting = *state;
    append(setting, 100);
    setting->fails_at = 150;
    start(setting);
    wait_until(setting, has_read, 100);
    append(setting, 100);
    struct seen seen = wait_until(setting, is_over, 0);
    assert_int_equal(seen.failure, FAILURE_MALFORMED);
    assert_int_equal(seen.next, 150);
    append(setting, 100); /* nobody minds */
    stop(setting);
    assert_in_range(counter_get(setting->counters, COUNTER_INDEX), 100, 150);
    assert_int_equal(counter_get(setting->counters, COUNTER_INDEX_STATE), FOLLOWER_FAILED);
}

static void a_listener_s_fd_wakes_it(void **state) {
    struct setting *setting = *state;
    setting->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    assert_true(setting->fd >= 0);
    start(setting);
    for (uint64_t i = 1; i <= 100; i++) {
        uint64_t one = 1;
        assert_int_equal(write(setting->fd, &one, sizeof one), sizeof one);
        wait_until(setting, has_events, i);
        if (i % 10 == 0)
            append(setting, 1);
    }
    wait_until(setting, has_read, 10);
}

static void a_timeout_gives_turns_without_records(void **state) {
    struct setting *setting = *state;
    setting->timeout_ms = 1;
    start(setting);
    struct seen seen = wait_until(setting, has_rested, 5);
    assert_int_equal(seen.next, 0);
}

static void what_is_durable_at_a_stop_is_still_handed_over(void **state) {
    struct setting *setting = *state;
    start(setting);
    wait_until(setting, has_rested, 1);
    ledger_folder_append(setting->journal, 3000); /* and nobody wakes it */
    stop(setting);
    assert_int_equal(setting->seen.next, 3000);
    assert_true(setting->seen.was_last);
    assert_int_equal(counter_get(setting->counters, COUNTER_INDEX), 3000);
}

static void one_far_behind_does_not_hold_up_a_stop(void **state) {
    struct setting *setting = *state;
    append(setting, 100000);
    setting->delay_ns = 100 * CLOCK_MICROSECOND_NS; /* 10 s and more for all */
    start(setting);
    int64_t begun_ns = clock_mono_ns();
    stop(setting);
    assert_in_range(clock_mono_ns() - begun_ns, 0, 5 * CLOCK_SECOND_NS);
    assert_in_range(setting->seen.next, 1, 99999);
    assert_int_equal(counter_get(setting->counters, COUNTER_INDEX), setting->seen.next);
}

static void one_that_hangs_holds_up_nobody(void **state) {
    struct setting *setting = *state;
    setting->is_held = true;
    start(setting);
    for (int i = 0; i < 100; i++)
        append(setting, 10);
    pthread_mutex_lock(&setting->mutex);
    setting->is_held = false;
    pthread_cond_broadcast(&setting->changed);
    pthread_mutex_unlock(&setting->mutex);
    wait_until(setting, has_read, 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(records_come_in_order_before_and_after_it_started, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(it_starts_where_its_listener_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_listener_may_be_behind_what_it_was_given, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_failure_ends_it_and_its_as_of_stands_still, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_listener_s_fd_wakes_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_timeout_gives_turns_without_records, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_durable_at_a_stop_is_still_handed_over, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(one_far_behind_does_not_hold_up_a_stop, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_hangs_holds_up_nobody, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
