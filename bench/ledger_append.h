/*
 * Durable appends: one producer that is always ready, distinct records of 200 bytes, hashing
 * included, batches of one size. A commit is timed from its first append to the return of its sync.
 */
#ifndef BENCH_LEDGER_APPEND_H
#define BENCH_LEDGER_APPEND_H

#include <stdint.h>

#define LEDGER_APPEND_RECORD_BYTES 200u

struct ledger_append {
    double records_per_s; /* over the whole run */
    double hash_ns;       /* of a record's time that is spent appending: hash, tree, copy */
    double p50_ms;        /* of a batch: append and commit */
    double p99_ms;
};

/* Makes a ledger in a new folder below `parent`, appends `records` in batches of `batch` after an
 * untimed warm-up, and removes it. Returns 0, or -1 with a line on standard error. */
int ledger_append_run(const char *parent, uint32_t batch, uint64_t records,
                      struct ledger_append *result);

#endif
