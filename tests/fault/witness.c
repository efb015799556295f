/* The log is read anew for each question: it is short, and the server may still write it. */
#include "tests/fault/witness.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/clock.h"
#include "gateway/counters.h"

#define LINE_MAX_BYTES 2048

/* The last line of an event that holds `pairs` too; false when there is none. */
static bool find_line(const struct trial *trial, const char *event, const char *pairs,
                      char line[LINE_MAX_BYTES]) {
    char path[TRIAL_PATH_MAX + 16];
    char next[LINE_MAX_BYTES];
    char wanted[64];
    bool is_found = false;
    snprintf(path, sizeof path, "%s/tpxd.log", trial->folder);
    snprintf(wanted, sizeof wanted, "event=%s ", event);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(next, sizeof next, file) != NULL) {
        next[strcspn(next, "\n")] = ' '; /* so that each word ends with one */
        if (strstr(next, wanted) == NULL || (pairs != NULL && strstr(next, pairs) == NULL))
            continue;
        memcpy(line, next, sizeof next);
        is_found = true;
    }
    if (file != NULL)
        fclose(file);
    return is_found;
}

bool witness_logged(const struct trial *trial, const char *event, const char *pairs) {
    char line[LINE_MAX_BYTES];
    return find_line(trial, event, pairs, line);
}

void witness_text(const struct trial *trial, const char *event, const char *key, char *text,
                  size_t room) {
    char line[LINE_MAX_BYTES];
    if (!find_line(trial, event, key, line))
        trial_die("the log has no event=%s with %s", event, key);
    const char *value = strstr(line, key) + strlen(key);
    snprintf(text, room, "%.*s", (int)strcspn(value, " "), value);
}

uint64_t witness_number(const struct trial *trial, const char *event, const char *key) {
    char text[32];
    witness_text(trial, event, key, text, sizeof text);
    return strtoull(text, NULL, 10);
}

void witness_await_shadow(const struct trial *trial, uint64_t next) {
    const struct counters *counters = counters_look(trial->exchange);
    int64_t deadline_ns = clock_mono_ns() + TRIAL_PATIENCE_MS * CLOCK_MILLISECOND_NS;
    if (counters == NULL)
        trial_die("%s: no counters", trial->exchange);
    while (counter_get(counters, COUNTER_SHADOW) < next) {
        if (clock_mono_ns() > deadline_ns)
            trial_die("the shadow does not come to %lu", next);
        (void)poll(NULL, 0, 2);
    }
    counters_close((struct counters *)(uintptr_t)counters);
}

uint64_t witness_counter(const struct trial *trial, const char *name) {
    const struct counters *counters = counters_look(trial->exchange);
    if (counters == NULL)
        trial_die("%s: no counters", trial->exchange);
    size_t place = 0;
    while (place < COUNTERS_END && strcmp(counters->values[place].name, name) != 0)
        place++;
    if (place == COUNTERS_END)
        trial_die("%s: no counter %s", trial->exchange, name);
    uint64_t value = counter_get(counters, (enum counter)place);
    counters_close((struct counters *)(uintptr_t)counters);
    return value;
}

uint64_t witness_memory_kib(const struct trial *trial) {
    char path[64];
    char line[256];
    unsigned long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", trial->pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "RssAnon:", 8) == 0)
            kib = strtoul(line + 8, NULL, 10);
    fclose(file);
    return kib;
}

const struct verify_report *witness_verify(const struct trial *trial) {
    char ledger[TRIAL_PATH_MAX + 16];
    static struct verify_report report; /* large */
    struct verify_options options = {.dir = ledger};
    snprintf(ledger, sizeof ledger, "%s/ledger", trial->exchange);
#ifdef __SANITIZE_THREAD__ /* a child of a process with threads may not start any there */
    int code = -1;
    free(trial_tpx(trial, &code, (const char *const[]){"ledger", "verify", ledger, NULL}));
    assert_int_equal(code, 0);
    return &report;
#endif
    assert_int_equal(verify_run(&options, &report), 0);
    if (report.fault.kind != FINDING_NONE)
        fail_msg("verify: %s at %lu: %s", finding_name(report.fault.kind), report.fault.sequence,
                 report.fault.text);
    assert_true(report.is_replayed);
    return &report;
}

struct command witness_order(const struct trial *trial, uint32_t session, enum side side,
                             int64_t price_fen, uint64_t quantity) {
    struct command command = {
        .verb = VERB_NEW_ORDER,
        .new_order = {.account = trial_account(trial, trial_owner(trial, session)),
                      .instrument = 1,
                      .price_fen = price_fen,
                      .order_qty = quantity,
                      .side = (uint8_t)side,
                      .ord_type = ORD_TYPE_LIMIT,
                      .time_in_force = TIME_IN_FORCE_GTC}};
    return command;
}

struct command witness_cancel(uint64_t order_id) {
    return (struct command){.verb = VERB_CANCEL, .cancel = {.order_id = order_id}};
}

uint32_t witness_reason(const struct report *report) {
    bool is_rejected =
        report->body == REPORT_EXECUTION && report->execution.exec_type == EXEC_TYPE_REJECTED;
    return is_rejected ? report->execution.reason : REASON_NONE;
}
