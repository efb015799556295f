/*
 * Recovery: an engine as the ledger says it must be.
 *
 * The newest good snapshot, then a replay of the records after it. Where replay and record disagree
 * a snapshot may be the culprit, for it was taken from a memory: then an older one is tried, and at
 * last the ledger's beginning. Only what disagrees from the beginning is a divergence of the ledger
 * (DESIGN.md, point 16).
 *
 * Threads: any; nothing is shared.
 */
#ifndef GATEWAY_RECOVERY_H
#define GATEWAY_RECOVERY_H

#include <stdatomic.h>

#include "ledger/reader.h"
#include "ledger/replay.h"

struct recovery_options {
    const char *ledger_dir;
    const char *snapshots_dir;
    const struct replay_options *replay; /* NULL for the defaults */
    const _Atomic bool *stops;           /* NULL, or set by somebody who does not wait for it */
};

/* What came of it. */
struct recovery {
    struct replay *replay;
    struct reader *reader; /* stands behind the last record */
    uint64_t base;         /* the snapshot's next record, 0: replayed from the beginning */
    uint64_t records;      /* replayed */
    bool is_cut;           /* a snapshot holds more than the ledger: records are missing */
    bool has_diverged;
    struct divergence divergence;
    struct genesis genesis; /* record 0 */
};

/* Replays all that is durable. Returns 0; FAILURE_DAMAGED when a record cannot be applied,
 * or the ledger ends before the newest good snapshot;
 * FAILURE_NOT_FOUND without a ledger; FAILURE_STOPPED when *stops was set; FAILURE_SYSTEM. On
 * failure there is nothing to release. */
int recover(struct recovery *recovery, const struct recovery_options *options);

/* Replays what has become durable since, as much as one view of the reader gives, and adds the
 * records to *records. Returns READER_PAUSE when there may be more, READER_END, or a failure. */
int recovery_follow(struct recovery *recovery, const struct recovery_options *options,
                    uint64_t *records);

/* Releases reader and replay; what was taken from the replay stays. */
void recovery_end(struct recovery *recovery);

#endif
