/* Messages from the child: how far it is, and at the end its verdict. */
#include "ledger/audit_guarded.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/guard.h"

struct guarded {
    const struct audit_options *options;
    struct audit_report *report;
    struct guard_pipe *pipe; /* in the child */
    int failure;
};

/* One kind of message: how far the child is, and at its end the verdict. */
struct audit_message {
    bool is_end;
    int failure;
    uint64_t done;
    uint64_t total;
    struct audit_report report;
};

static_assert(sizeof(struct audit_message) <= GUARD_MESSAGE_MAX, "a message holds a report");

static void send_progress(void *owner, uint64_t done, uint64_t total) {
    struct guarded *guarded = owner;
    struct audit_message message = {.done = done, .total = total, .report = *guarded->report};
    guard_send(guarded->pipe, &message, sizeof message);
}

static int run_in_child(void *owner, struct guard_pipe *pipe) {
    struct guarded *guarded = owner;
    struct audit_options options = *guarded->options;
    struct audit_message message = {.is_end = true};
    guarded->pipe = pipe;
    options.progress = send_progress;
    options.owner = guarded;
    message.failure = audit_run(&options, guarded->report);
    message.report = *guarded->report;
    guard_send(pipe, &message, sizeof message);
    return 0;
}

static void take_message(void *owner, const void *bytes, size_t size) {
    struct guarded *guarded = owner;
    struct audit_message message;
    assert(size == sizeof message);
    memcpy(&message, bytes, sizeof message);
    *guarded->report = message.report;
    guarded->failure = message.failure;
    if (!message.is_end && guarded->options->progress != NULL)
        guarded->options->progress(guarded->options->owner, message.done, message.total);
}

int audit_guarded(const struct audit_options *options, struct audit_report *report) {
    struct guarded guarded = {.options = options, .report = report};
    struct guard_work work = {run_in_child, take_message, &guarded};
    struct guard_end end;
    memset(report, 0, sizeof *report);
    int failure = guard_run(&work, &end);
    if (failure != 0)
        return failure;
    if (end.signal == 0)
        return guarded.failure;
    report->kind = AUDIT_CRASH;
    report->signal = end.signal;
    snprintf(report->text, sizeof report->text,
             "volume %u: reading it ended in signal %d after %" PRIu64 " records", report->volume,
             end.signal, report->records);
    return 0;
}
