/*
 * Reports and records that tell of entries of the register, made field by field, for benchmarks and
 * tests that need registers larger or stranger than an engine would make in that time.
 *
 * Threads: pure functions.
 */
#ifndef BENCH_REGISTER_MAKER_H
#define BENCH_REGISTER_MAKER_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/entry_report.h"
#include "ledger/record.h"

#define REGISTER_MAKER_REPORT_MAX 1024u

/* Fields of 0 are left out, as in proto3. */
struct made_entry {
    struct asset_name asset;
    uint32_t entry;
    uint32_t version;
    uint8_t kind; /* enum entry_kind */
    int64_t from_ns;
    int64_t to_ns;
    uint64_t quantity;
    uint8_t right_kind;  /* RIGHT: enum right_kind, */
    const char *number;  /* and its canonical number */
    const char *symbol;  /* HOLDING: the instrument's */
    const char *code;    /* and the party's */
    uint32_t owner;      /* of all of a right; entry 0 */
    uint32_t pledgor;    /* PLEDGE */
    uint32_t pledgee;    /* PLEDGE */
    uint64_t registered; /* PLEDGE: its number */
};

/* Where and when it is told. */
struct made_moment {
    uint64_t sequence;
    uint32_t place;
    int64_t time_ns;
};

/* Writes the report, with room for REGISTER_MAKER_REPORT_MAX. Returns its bytes. */
size_t register_maker_report(const struct made_entry *entry, const struct made_moment *moment,
                             uint8_t *out);

/* Writes a record of the exchange's own that tells these entries, with places from 0 on, to
 * everybody; `out` has room for RECORD_BYTES_MAX. Returns its bytes. Asserts that they fit. */
size_t register_maker_record(const struct made_entry *entries, uint32_t count,
                             const struct made_moment *first, uint8_t *out);

#endif
