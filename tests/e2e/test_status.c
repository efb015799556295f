/*
 * `tpx status` about a server that runs, is stopped by a signal, is killed, has ended cleanly, or
 * was another release's; what it counts against what a client saw; and a log without secrets.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "gateway/cli.h"
#include "gateway/clock.h"
#include "gateway/counters.h"
#include "ledger/reader.h"
#include "tests/e2e/desk.h"

#define ORDERS      300
#define SECRET_TEXT "for-Mr-Li-alone"

static struct trial trial;

static int set_up(void **state) {
    struct trial_options options = {
        .config = "seal_ms = 1000", .brokers = 1, .sessions = 1, .accounts = 2, .instruments = 1};
    (void)state;
    desk_set_up(&trial, &options);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    if (trial.pid != 0)
        kill(trial.pid, SIGCONT);
    desk_tear_down(&trial);
    return 0;
}

/* What `tpx status` prints, the caller's; it must end with `code`. */
static char *status(int code, bool is_json) {
    const char *const arguments[] = {"status", trial.exchange, is_json ? "--json" : NULL, NULL};
    int actual;
    char *output = trial_tpx(&trial, &actual, arguments);
    if (actual != code)
        fail_msg("exit code %d instead of %d:\n%s", actual, code, output);
    return output;
}

static void expect(int code, const char *const says[]) {
    char *output = status(code, false);
    for (; *says != NULL; says++)
        if (strstr(output, *says) == NULL)
            fail_msg("no \"%s\" in:\n%s", *says, output);
    free(output);
}
#define EXPECT(code, ...) expect(code, (const char *const[]){__VA_ARGS__, NULL})

/* Asks again and again until it ends with `code`. */
static void until_code(int code) {
    const char *const arguments[] = {"status", trial.exchange, NULL};
    int64_t deadline_ns = clock_mono_ns() + DESK_PATIENCE_MS * CLOCK_MILLISECOND_NS;
    int actual = -1;
    while (actual != code) {
        char *output = trial_tpx(&trial, &actual, arguments);
        if (clock_mono_ns() > deadline_ns)
            fail_msg("exit code %d and never %d:\n%s", actual, code, output);
        free(output);
    }
}

static uint64_t number_of(json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    if (text == NULL)
        fail_msg("no \"%s\"", key);
    return strtoull(text, NULL, 10);
}

/* The row of a table whose first cell is this. */
static json_t *row_of(json_t *object, const char *table, const char *key, const char *name) {
    size_t index;
    json_t *row;
    json_array_foreach(json_object_get(object, table), index,
                       row) if (strcmp(json_string_value(json_object_get(row, key)), name) ==
                                0) return row;
    fail_msg("no %s in %s", name, table);
    return NULL;
}

static uint64_t count_of(json_t *object, const char *histogram) {
    return number_of(row_of(object, "histograms", "histogram", histogram), "count");
}

/* Sends orders that rest, each with a text that is nobody else's; counts what came back. */
static uint64_t trade(uint32_t orders) {
    struct client *client = trial_client(&trial, 1);
    uint64_t reports = 0;
    for (uint32_t i = 0; i < orders; i++) {
        struct command buy = desk_buy(trial_account(&trial, 1), 100 + i % 50, 1);
        struct report report;
        memcpy(buy.new_order.text, SECRET_TEXT, sizeof SECRET_TEXT - 1);
        buy.new_order.text_bytes = sizeof SECRET_TEXT - 1;
        desk_send(client, &buy, &report);
        reports++;
    }
    client_close(client);
    return reports;
}

static void counts_are_those_that_a_client_saw(void **state) {
    (void)state;
    json_error_t error;
    char *before_text = status(CLI_FINE, true);
    json_t *before = json_loads(before_text, 0, &error);
    uint64_t reports = trade(ORDERS);
    char *after_text = status(CLI_FINE, true);
    json_t *after = json_loads(after_text, 0, &error);
    assert_non_null(before);
    assert_non_null(after);
    assert_int_equal(number_of(after, "requests") - number_of(before, "requests"), ORDERS);
    assert_true(number_of(after, "reports") - number_of(before, "reports") >= reports);
    assert_int_equal(number_of(after, "refused"), number_of(before, "refused"));
    assert_true(number_of(after, "durable") - number_of(before, "durable") >= ORDERS);
    const char *const sampled[] = {"wait_sampled_ns", "apply_sampled_ns", "durable_sampled_ns",
                                   "send_sampled_ns"};
    assert_int_equal(count_of(after, "answer_request_ns") - count_of(before, "answer_request_ns"),
                     ORDERS);
    for (size_t i = 0; i < sizeof sampled / sizeof sampled[0]; i++)
        assert_true(count_of(after, sampled[i]) > count_of(before, sampled[i]));
    assert_string_equal(json_string_value(json_object_get(after, "verdict")), "running");
    assert_int_equal(number_of(after, "pid"), trial.pid);
    json_decref(before);
    json_decref(after);
    free(before_text);
    free(after_text);
}

/* Gauges are looked at once a second. */
static void pools_memory_and_followers_show(void **state) {
    (void)state;
    trade(10);
    desk_until_counter(&trial, counter_pool_used(POOL_ORDERS), 10);
    desk_until_counter(&trial, COUNTER_MEMORY_BYTES, 1 << 20);
    desk_until_counter(&trial, COUNTER_SHADOW, desk_ledger_next(&trial));
    desk_until_counter(&trial, COUNTER_VOLUME_BYTES, 4096);
    EXPECT(CLI_FINE, "running", "ready", "durable", "shadow", "answer", "commit", "orders", "disk");
}

/* A reader of another process that was stopped within a transaction is seen, with its process. */
static void an_old_reader_is_named_until_it_is_dead(void **state) {
    (void)state;
    char ledger[TRIAL_PATH_MAX + 16];
    int ready[2];
    char byte;
    int how;
    snprintf(ledger, sizeof ledger, "%s/ledger", trial.exchange);
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct reader *reader;
        struct reader_record record;
        if (reader_open(&reader, ledger, false) != 0)
            _exit(1);
        reader_seek(reader, 0);
        if (reader_next(reader, &record) != READER_RECORD || write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause(); /* holding its transaction */
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    trade(5);
    desk_until_counter(&trial, COUNTER_READER_COMMITS, 5);
    const struct counters *counters = counters_look(trial.exchange);
    assert_non_null(counters);
    assert_int_equal(counter_get(counters, COUNTER_READER_PID), child);
    counters_close((struct counters *)(uintptr_t)counters);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &how, 0), child);
    close(ready[0]);
    close(ready[1]);
}

static void a_server_that_a_signal_stopped_is_said_to_hang_and_goes_on(void **state) {
    (void)state;
    EXPECT(CLI_FINE, "running");
    assert_int_equal(kill(trial.pid, SIGSTOP), 0);
    until_code(CLI_UNKNOWN);
    EXPECT(CLI_UNKNOWN, "hangs", "a signal has stopped process", "has not moved for", "since",
           "gateway/README.md, \"The server hangs\"");
    assert_int_equal(kill(trial.pid, SIGCONT), 0);
    until_code(CLI_FINE);
}

static void a_killed_server_is_dead_and_the_next_start_says_so(void **state) {
    (void)state;
    trade(3);
    trial_kill(&trial);
    EXPECT(CLI_FAILED, "dead", "it was killed, or its machine went down",
           "\"The server was killed, or the machine went down\"");
    trial_start(&trial);
    EXPECT(CLI_FINE, "running", "before: killed");
}

static void a_clean_stop_is_no_failure(void **state) {
    (void)state;
    assert_int_equal(trial_stop(&trial), 0);
    EXPECT(CLI_CONNECTION, "stopped", "exit code 0: a clean stop");
    assert_int_equal(setenv("TPX_LANG", "zh", 1), 0);
    EXPECT(CLI_CONNECTION, "已停止", "退出码 0：正常停止", "请求数", "合计");
    char *json = status(CLI_CONNECTION, true); /* programs get English */
    assert_non_null(strstr(json, "exit code 0: a clean stop"));
    free(json);
    assert_int_equal(unsetenv("TPX_LANG"), 0);
    trial_start(&trial);
    EXPECT(CLI_FINE, "running", "before: a clean stop");
}

/* Waits until the trail has two points, a second apart. */
static void until_rates(void) {
    int64_t deadline_ns = clock_mono_ns() + DESK_PATIENCE_MS * CLOCK_MILLISECOND_NS;
    const struct counters *counters = counters_look(trial.exchange);
    const struct timespec moment = {.tv_nsec = 10 * CLOCK_MILLISECOND_NS};
    assert_non_null(counters);
    while (atomic_load(&counters->trail_next) < 2) {
        assert_true(clock_mono_ns() < deadline_ns);
        nanosleep(&moment, NULL);
    }
    counters_close((struct counters *)(uintptr_t)counters);
}

static void a_start_does_not_count_what_was_there_as_of_now(void **state) {
    (void)state;
    json_error_t error;
    trade(200);
    assert_int_equal(trial_stop(&trial), 0);
    trial_start(&trial);
    until_rates();
    char *text = status(CLI_FINE, true);
    json_t *object = json_loads(text, 0, &error);
    assert_non_null(object);
    assert_true(number_of(object, "durable") > 200);
    assert_true(number_of(row_of(object, "rates", "rate", "records"), "over_10_s") < 50);
    json_decref(object);
    free(text);
}

static void counters_of_something_else_are_refused(void **state) {
    (void)state;
    char path[TRIAL_PATH_MAX + 16];
    uint32_t version = COUNTERS_VERSION + 1;
    assert_int_equal(trial_stop(&trial), 0);
    snprintf(path, sizeof path, "%s/" COUNTERS_FILE, trial.exchange);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, &version, sizeof version, 8), sizeof version);
    EXPECT(CLI_FAILED, "is of another release (layout 3, this one's is 2");
    assert_int_equal(pwrite(fd, "not this", 8, 0), 8);
    EXPECT(CLI_FAILED, "is not a file of counters");
    assert_int_equal(close(fd), 0);
    assert_int_equal(unlink(path), 0);
    EXPECT(CLI_FAILED, "no counters");
    trial_start(&trial); /* makes them anew */
    EXPECT(CLI_FINE, "running");
}

/* --- watching ----------------------------------------------------------------------------------
 */

/* Starts `tpx status --watch`, its output to `out`; dies with the test. */
static pid_t start_watch(int out) {
    char path[TRIAL_PATH_MAX];
    trial_program("tpx", path);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (dup2(out, STDOUT_FILENO) >= 0)
            execl(path, "tpx", "status", "--watch", trial.exchange, (char *)NULL);
        _exit(127);
    }
    return child;
}

static void watching_without_a_terminal_gives_a_line_a_second(void **state) {
    (void)state;
    int ends[2];
    char line[1024];
    int how;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = start_watch(ends[1]);
    close(ends[1]);
    FILE *lines = fdopen(ends[0], "r");
    assert_non_null(lines);
    for (int i = 0; i < 2; i++) {
        assert_non_null(fgets(line, sizeof line, lines));
        assert_non_null(strstr(line, " running requests_s="));
        assert_non_null(strstr(line, " shadow_behind="));
        assert_null(strchr(line, '\033'));
    }
    assert_int_equal(kill(child, SIGTERM), 0);
    assert_int_equal(waitpid(child, &how, 0), child);
    fclose(lines);
}

/* --- the log -----------------------------------------------------------------------------------
 */

static char *read_log(void) {
    char path[TRIAL_PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/tpxd.log", trial.folder);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    char *text = calloc(1, 1 << 20);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
    fclose(file);
    return text;
}

/* The brokers' and operators' keys, secret and public, and what they wrote. */
static void the_log_has_neither_keys_nor_texts(void **state) {
    (void)state;
    trade(20);
    assert_int_equal(trial_stop(&trial), 0);
    trial_start(&trial);
    char *log = read_log();
    assert_non_null(strstr(log, "event=ready"));
    assert_null(strstr(log, SECRET_TEXT));
    const struct curve_key *keys[] = {&trial.operators[0], &trial.operators[1], &trial.brokers[0]};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        assert_null(strstr(log, keys[i]->secret_z85));
        assert_null(strstr(log, keys[i]->public_z85));
    }
    for (char *line = strtok(log, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (strncmp(line, "time=", 5) != 0 || strstr(line, " level=") == NULL ||
            strstr(line, " event=") == NULL)
            fail_msg("not structured: %s", line);
    }
    free(log);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_those_that_a_client_saw),
        cmocka_unit_test(pools_memory_and_followers_show),
        cmocka_unit_test(an_old_reader_is_named_until_it_is_dead),
        cmocka_unit_test(watching_without_a_terminal_gives_a_line_a_second),
        cmocka_unit_test(a_server_that_a_signal_stopped_is_said_to_hang_and_goes_on),
        cmocka_unit_test(a_killed_server_is_dead_and_the_next_start_says_so),
        cmocka_unit_test(a_clean_stop_is_no_failure),
        cmocka_unit_test(a_start_does_not_count_what_was_there_as_of_now),
        cmocka_unit_test(counters_of_something_else_are_refused),
        cmocka_unit_test(the_log_has_neither_keys_nor_texts),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
