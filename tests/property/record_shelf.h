/*
 * A record_output that keeps every record, each in memory of its own exact size, so that a
 * sanitizer sees a reader that goes too far.
 */
#ifndef TESTS_PROPERTY_RECORD_SHELF_H
#define TESTS_PROPERTY_RECORD_SHELF_H

#include "ledger/record.h"

struct shelf_record {
    uint8_t *bytes;
    size_t size;
    struct record_slice *slices;
    uint32_t slices_count;
};

/* A later part's salt is the first one's with its part XORed into the first byte. */
struct record_shelf {
    struct record_output output;
    uint8_t *room; /* RECORD_BYTES_MAX */
    struct shelf_record *records;
    uint32_t count;
};

void record_shelf_init(struct record_shelf *shelf);
void record_shelf_empty(struct record_shelf *shelf);
void record_shelf_fini(struct record_shelf *shelf);

#endif
