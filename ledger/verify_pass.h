/*
 * The inside of verify: both passes in one process, which may crash of what it reads.
 *
 * Threads: verify_passes() makes a second one for its re-execution.
 */
#ifndef LEDGER_VERIFY_PASS_H
#define LEDGER_VERIFY_PASS_H

#include <stdatomic.h>

#include "ledger/verify.h"

enum verify_pass { VERIFY_AUDIT, VERIFY_REPLAY, VERIFY_PASSES };

/* How far the passes are, in memory that outlives a crash of the process. Each pass writes its own
 * numbers, whoever looks reads them; `crashed` is written by a handler of signals. */
struct verify_marks {
    _Atomic uint64_t next[VERIFY_PASSES];
    _Atomic uint32_t volume[VERIFY_PASSES];
    _Atomic uint32_t crashed; /* enum verify_pass + 1 */
    _Atomic uint64_t total;
};

/* Runs the audit, and with `replays` the re-execution beside it; without, nothing is read but by
 * the audit, and the key given is the only one known. options->progress is called on the caller's
 * thread. Returns as verify_run(). */
int verify_passes(const struct verify_options *options, bool replays, struct verify_marks *marks,
                  struct verify_report *report);

/* The verdict of two: which of them comes first, or says more of the same record. */
void verify_merge(struct verify_report *report, const struct finding *replayed,
                  uint32_t replayed_volume);

#endif
