/*
 * How fast a ledger is read again: verified, executed, indexed, and recovered from a snapshot and
 * its tail.
 *
 * The ledger is a day of bench-flow itch, made once; then each measurement is repeated on it. For
 * recovery so many orders rest before the day begins, and the snapshot is taken of them.
 */
#ifndef BENCH_LEDGER_READ_H
#define BENCH_LEDGER_READ_H

#include <stdint.h>

enum ledger_reading {
    LEDGER_VERIFY,
    LEDGER_REPLAY,
    LEDGER_INDEX, /* the index built from nothing */
    LEDGER_RECOVERY,
    LEDGER_READINGS,
};

struct ledger_read_options {
    const char *parent; /* the ledger is made in a new folder in it, and removed */
    uint32_t operations;
    uint32_t resting; /* orders before the snapshot */
    uint32_t runs;
    const int *wanted; /* [LEDGER_READINGS] */
};

#define LEDGER_READ_RUNS_MAX 1000

struct ledger_read {
    uint64_t records;                        /* that one run reads: of all, or of the tail */
    uint64_t record_bytes;                   /* of the whole ledger, */
    uint64_t all_records;                    /* and its records */
    uint64_t resting;                        /* RECOVERY: orders in the snapshot */
    double snapshot_s[LEDGER_READ_RUNS_MAX]; /* RECOVERY: loading it, by itself */
    double seconds[LEDGER_READ_RUNS_MAX];    /* ascending, both */
};

/* Makes ledgers and measures what is wanted. Returns 0, or -1 with a line on standard error. */
int ledger_read_run(const struct ledger_read_options *options,
                    struct ledger_read results[LEDGER_READINGS]);

#endif
