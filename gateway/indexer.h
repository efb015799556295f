/*
 * The indexer: the follower that keeps the index (ledger/index.h) while the exchange runs.
 *
 * It commits INDEXER_BATCH records at a time, or what came in INDEXER_GATHER_NS; its as-of in the
 * counters is what is committed. Where the index cannot be opened, or a write to it fails, the
 * exchange goes on without: whoever reads it scans records instead.
 *
 * Threads: one of its own; the functions here are the creator's, indexer_read() for any.
 */
#ifndef GATEWAY_INDEXER_H
#define GATEWAY_INDEXER_H

#include "gateway/counters.h"
#include "gateway/wake.h"
#include "ledger/index.h"

#define INDEXER_BATCH     100000u
#define INDEXER_GATHER_NS INT64_C(500000000)

struct indexer;

/* Opens the index in `index_dir`, as ledger/index.h says, and follows. NULL when it cannot, with a
 * line in the log. */
struct indexer *indexer_create(const char *ledger_dir, const char *index_dir,
                               struct counters *counters);
void indexer_destroy(struct indexer *indexer);

/* What wakes it: for pipeline_follow(). */
struct wake *indexer_wake(struct indexer *indexer);

/* A reader for another thread, which closes it before the indexer is destroyed; NULL when the
 * indexer is NULL or it cannot be opened, with a line in the log. */
struct index_reader *indexer_read(const struct indexer *indexer);

#endif
