/*
 * A request that stops the exchange does not stop it again; one that only happened to be there when
 * it was killed is simply applied when it comes again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/counters.h"
#include "gateway/quarantine.h"
#include "ledger/reader.h"
#include "ledger/record.h"
#include "proto/codec_request.h"
#include "tests/fault/witness.h"

#define POISON "poison"

static void open_trial(struct trial *trial) {
    struct trial_options options = {.config = WITNESS_SMALL "test_assert_text = \"" POISON "\"\n",
                                    .brokers = 2,
                                    .sessions = 2,
                                    .accounts = 2,
                                    .instruments = 1};
    trial_create(trial, &options);
    trial_start(trial);
    trial_furnish(trial);
}

static struct command poison(const struct trial *trial) {
    struct command order = witness_order(trial, 1, SIDE_BUY, 10, 1);
    order.new_order.text_bytes = sizeof POISON - 1;
    memcpy(order.new_order.text, POISON, sizeof POISON - 1);
    return order;
}

static struct report ask(struct client *client, const struct command *command) {
    struct report report;
    assert_true(trial_ask(client, command, NULL, &report, NULL));
    return report;
}

/* The command of the record that answers a report. */
static uint8_t recorded_verb(const struct trial *trial, uint64_t sequence) {
    char path[TRIAL_PATH_MAX + 16];
    struct reader *reader = NULL;
    struct reader_record stored;
    struct record record;
    struct request request = {0};
    struct codec_fault fault;
    snprintf(path, sizeof path, "%s/ledger", trial->exchange);
    assert_int_equal(reader_open(&reader, path, true), 0);
    assert_int_equal(reader_get(reader, sequence, &stored), 0);
    assert_true(record_read(stored.bytes, stored.size, &record));
    assert_true(codec_request_decode(record.request.bytes, record.request.size, &request, &fault));
    reader_close(reader);
    return request.command.verb;
}

/* Sends without waiting; returns the number. */
static uint64_t send_off(struct client *client, const struct command *command) {
    uint64_t number = client_add(client, command, NULL);
    assert_int_not_equal(number, 0);
    client_flush(client);
    return number;
}

static void an_assertion_stops_the_exchange_once_and_then_its_request_is_refused(void **state) {
    struct trial trial;
    (void)state;
    open_trial(&trial);
    struct client *ann = trial_client(&trial, 1);
    struct command good = witness_order(&trial, 1, SIDE_BUY, 10, 1);
    struct command bad = poison(&trial);
    (void)ask(ann, &good);
    bad.stamp.number = send_off(ann, &bad);
    assert_int_equal(trial_wait(&trial), 128 + SIGABRT);
    client_close(ann);

    trial_start(&trial);
    assert_true(witness_logged(&trial, "request_noted", "marked=1 refused=1"));
    ann = trial_client(&trial, 1);
    struct report report = ask(ann, &bad);
    assert_int_equal(witness_reason(&report), REASON_QUARANTINED);
    assert_int_equal(report_answers(&report), bad.stamp.number);
    uint64_t sequence = report.sequence;
    report = ask(ann, &good);
    assert_int_equal(report.execution.exec_type, EXEC_TYPE_NEW);
    report = ask(ann, &bad); /* a repeat gets the recorded answer */
    assert_int_equal(witness_reason(&report), REASON_QUARANTINED);
    assert_int_equal(report.sequence, sequence);
    client_close(ann);

    trial_kill(&trial); /* replay refuses it too, and asserts nothing */
    trial_start(&trial);
    assert_int_equal(trial_stop(&trial), 0);
    assert_int_equal(recorded_verb(&trial, sequence), VERB_QUARANTINED);
    (void)witness_verify(&trial);
    trial_remove(&trial);
}

/* Puts a note where the core would have left it, killed in the middle of this request. */
static void leave_note(const struct trial *trial, const struct command *command) {
    char path[TRIAL_PATH_MAX + 16];
    struct request request = {.command = *command};
    uint8_t bytes[REQUEST_BYTES_MAX];
    size_t size = codec_request_encode(&request, NULL, bytes, sizeof bytes);
    snprintf(path, sizeof path, "%s/" COUNTERS_FILE, trial->exchange);
    int file = open(path, O_RDWR | O_CLOEXEC);
    assert_true(file >= 0 && size > 0);
    struct counters *counters =
        mmap(NULL, sizeof *counters, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    assert_true(counters != MAP_FAILED);
    close(file);
    quarantine_note(&counters->note, trial_session(trial, 1), (struct span){bytes, size});
    munmap(counters, sizeof *counters);
}

static void a_request_found_after_two_unclean_stops_is_refused(void **state) {
    struct trial trial;
    (void)state;
    open_trial(&trial);
    struct client *ann = trial_client(&trial, 1);
    struct command order = witness_order(&trial, 1, SIDE_BUY, 10, 1);
    order.stamp.number = ask(ann, &order).execution.cl_ord_id + 1;
    client_close(ann);
    for (int times = 1; times <= 2; times++) {
        trial_kill(&trial);
        leave_note(&trial, &order);
        trial_start(&trial);
    }
    assert_true(witness_logged(&trial, "request_noted", "finds=2 marked=0 refused=1"));
    ann = trial_client(&trial, 1);
    struct report report = ask(ann, &order);
    assert_int_equal(witness_reason(&report), REASON_QUARANTINED);
    order.stamp.number++; /* the same order under another number is another request */
    report = ask(ann, &order);
    assert_int_equal(report.execution.exec_type, EXEC_TYPE_NEW);
    client_close(ann);
    assert_int_equal(trial_stop(&trial), 0);
    (void)witness_verify(&trial);
    trial_remove(&trial);
}

static void a_request_that_was_struck_from_outside_is_applied_when_it_comes_again(void **state) {
    struct trial trial;
    (void)state;
    open_trial(&trial);
    struct client *ann = trial_client(&trial, 1);
    struct command order = witness_order(&trial, 1, SIDE_BUY, 10, 1);
    order.stamp.number = ask(ann, &order).execution.cl_ord_id + 1;
    client_close(ann);
    trial_kill(&trial);
    leave_note(&trial, &order);
    trial_start(&trial);
    assert_true(witness_logged(&trial, "request_noted", "finds=1 marked=0 refused=0"));
    ann = trial_client(&trial, 1);
    struct report report = ask(ann, &order);
    assert_int_equal(report.execution.exec_type, EXEC_TYPE_NEW);
    assert_int_equal(report_answers(&report), order.stamp.number);
    client_close(ann);
    assert_int_equal(trial_stop(&trial), 0);
    (void)witness_verify(&trial);
    trial_remove(&trial);
}

static void a_fatal_signal_between_requests_marks_nothing(void **state) {
    static const int SIGNALS[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    struct trial trial;
    (void)state;
    open_trial(&trial);
    for (size_t i = 0; i < sizeof SIGNALS / sizeof SIGNALS[0]; i++) {
        assert_int_equal(kill(trial.pid, SIGNALS[i]), 0);
        assert_int_equal(trial_wait(&trial), 128 + SIGNALS[i]);
        trial_start(&trial);
    }
    assert_false(witness_logged(&trial, "request_noted", NULL));
    assert_int_equal(trial_stop(&trial), 0);
    (void)witness_verify(&trial);
    trial_remove(&trial);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_assertion_stops_the_exchange_once_and_then_its_request_is_refused),
        cmocka_unit_test(a_request_found_after_two_unclean_stops_is_refused),
        cmocka_unit_test(a_request_that_was_struck_from_outside_is_applied_when_it_comes_again),
        cmocka_unit_test(a_fatal_signal_between_requests_marks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
