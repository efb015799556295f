/*
 * The child sends how far it is, and at its end the verdict. When it dies, what it left in shared
 * memory tells where; and when it was the re-execution that died, a second child audits alone: the
 * record that killed it may not be the one that was written.
 */
#include "ledger/verify.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "ledger/failure.h"
#include "ledger/guard.h"
#include "ledger/verify_pass.h"

struct guarded {
    const struct verify_options *options;
    struct verify_report *report;
    struct verify_marks *marks;
    bool replays;
    struct guard_pipe *pipe; /* in the child */
    int failure;
};

enum message_kind { MESSAGE_PROGRESS, MESSAGE_END };

struct verify_message {
    enum message_kind kind;
    int failure;
    uint64_t done;
    uint64_t total;
    struct verify_report report;
};

static_assert(sizeof(struct verify_message) <= GUARD_MESSAGE_MAX, "a message holds a report");

static void send_progress(void *owner, uint64_t done, uint64_t total) {
    struct guarded *guarded = owner;
    struct verify_message message = {.kind = MESSAGE_PROGRESS, .done = done, .total = total};
    guard_send(guarded->pipe, &message, sizeof message);
}

static int run_in_child(void *owner, struct guard_pipe *pipe) {
    struct guarded *guarded = owner;
    struct verify_options options = *guarded->options;
    struct verify_message message = {.kind = MESSAGE_END};
    guarded->pipe = pipe;
    options.progress = send_progress;
    options.owner = guarded;
    message.failure = verify_passes(&options, guarded->replays, guarded->marks, &message.report);
    guard_send(pipe, &message, sizeof message);
    return 0;
}

static void take_message(void *owner, const void *bytes, size_t size) {
    struct guarded *guarded = owner;
    const struct verify_options *options = guarded->options;
    struct verify_message message;
    assert(size == sizeof message);
    memcpy(&message, bytes, sizeof message);
    guarded->failure = message.failure;
    if (message.kind == MESSAGE_END)
        *guarded->report = message.report;
    else if (options->progress != NULL)
        options->progress(options->owner, message.done, message.total);
}

/* Runs a child. *crashed is 0, or the signal that ended it. */
static int run_child(struct guarded *guarded, int *crashed) {
    struct guard_work work = {run_in_child, take_message, guarded};
    struct guard_end end;
    memset(guarded->marks, 0, sizeof *guarded->marks);
    memset(guarded->report, 0, sizeof *guarded->report);
    int failure = guard_run(&work, &end);
    *crashed = failure == 0 ? end.signal : 0;
    return failure != 0 ? failure : *crashed != 0 ? 0 : guarded->failure;
}

static void crash_finding(const struct verify_marks *marks, enum verify_pass pass, int number,
                          struct finding *finding) {
    finding_set(finding, FINDING_CRASH, marks->next[pass],
                "volume %" PRIu32 ": %s ended in signal %d after %" PRIu64 " records",
                marks->volume[pass], pass == VERIFY_REPLAY ? "re-execution" : "reading", number,
                marks->next[pass]);
}

/* The child has died: of what it read, or of what it executed. */
static int judge_crash(struct guarded *guarded, int number) {
    struct verify_marks *marks = guarded->marks;
    struct verify_report *report = guarded->report;
    struct finding executed = {0};
    uint32_t volume = marks->volume[VERIFY_REPLAY];
    int again = number;
    int failure = 0;
    if (marks->crashed == VERIFY_REPLAY + 1) {
        crash_finding(marks, VERIFY_REPLAY, number, &executed);
        guarded->replays = false;
        failure = run_child(guarded, &again);
    }
    if (failure != 0)
        return failure;
    if (again != 0) {
        crash_finding(marks, VERIFY_AUDIT, again, &report->fault);
        report->volume = marks->volume[VERIFY_AUDIT];
        report->audit.kind = AUDIT_CRASH;
        report->audit.signal = again;
        return 0;
    }
    report->fault = (struct finding){0};
    verify_merge(report, &executed, volume);
    return 0;
}

int verify_run(const struct verify_options *options, struct verify_report *report) {
    struct verify_marks *marks =
        mmap(NULL, sizeof *marks, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (marks == MAP_FAILED)
        return failure_errno("verify");
    struct guarded guarded = {
        .options = options, .report = report, .marks = marks, .replays = true};
    int number = 0;
    int failure = run_child(&guarded, &number);
    if (failure == 0 && number != 0)
        failure = judge_crash(&guarded, number);
    munmap(marks, sizeof *marks);
    return failure;
}
