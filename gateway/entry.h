/*
 * One record on its way from the core to the ledger, and back into replies: a head, the record's
 * bytes, and the slices of it that sessions receive.
 *
 * The record's bytes begin right after the head; the slices begin after them, aligned. The release
 * (release.h) chains the slices of one session through `next`, those of one drop copy through
 * `copy_next`.
 */
#ifndef GATEWAY_ENTRY_H
#define GATEWAY_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/record.h"

/* A report for one session, or for a participant as such. */
struct entry_slice {
    uint64_t sequence; /* of its record */
    uint32_t to;       /* session or participant */
    uint32_t record;   /* where the record's bytes begin in the ring, in units of ENTRY_ALIGNMENT */
    uint32_t next;     /* the next slice of the same session, in the same units; SLICE_NONE: last */
    uint32_t copy_next; /* likewise, of the same participant's drop copy */
    uint16_t offset;    /* of the report from the record's start */
    uint16_t size;
    uint8_t audience; /* AUDIENCE_SESSION or AUDIENCE_PARTICIPANT */
};
_Static_assert(RECORD_BYTES_MAX <= UINT16_MAX, "an offset in a record fits");

struct entry {
    uint64_t sequence;
    int64_t received_ns; /* wall time at which the request came; 0: the exchange's own */
    uint32_t record_bytes;
    uint32_t slices;
    uint32_t session; /* of the request; of SESSION_UP: whose */
    uint8_t verb;     /* enum verb */
    bool is_first;    /* first record of its command */
    bool is_last; /* last record of its command; set after it was submitted, before it is flushed */
    bool is_request; /* of a participant: it took a credit */
};

#define ENTRY_ALIGNMENT 16
_Static_assert(sizeof(struct entry) % ENTRY_ALIGNMENT == 0, "record bytes are aligned");
_Static_assert(sizeof(struct entry_slice) % ENTRY_ALIGNMENT == 0, "slices are aligned");

static inline size_t entry_slices_offset(size_t record_bytes) {
    return sizeof(struct entry) +
           ((record_bytes + ENTRY_ALIGNMENT - 1) & ~(size_t)(ENTRY_ALIGNMENT - 1));
}

/* Bytes of an entry. */
static inline size_t entry_size(size_t record_bytes, uint32_t slices) {
    return entry_slices_offset(record_bytes) + slices * sizeof(struct entry_slice);
}

/* The largest there is. */
#define ENTRY_BYTES_MAX (entry_size(RECORD_BYTES_MAX, RECORD_SLICES_MAX))

static inline const uint8_t *entry_record(const struct entry *entry) {
    return (const uint8_t *)(entry + 1);
}

static inline struct entry_slice *entry_slices(const struct entry *entry) {
    return (struct entry_slice *)(void *)((const uint8_t *)(uintptr_t)entry +
                                          entry_slices_offset(entry->record_bytes));
}

#endif
