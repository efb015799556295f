/*
 * Records: one command with its events, as the leaves of the ledger's tree.
 *
 * A command takes one record, or several in a row when its events outgrow RECORD_BYTES_MAX; only
 * the first carries the request, and `part` counts them from 0. The writer encodes events as they
 * come; the reader hands out slices of the bytes as they stand. Written by hand, equal to the byte
 * to what protobuf-c would write (a test compares).
 *
 * Threads: a writer or reader belongs to its caller.
 */
#ifndef LEDGER_RECORD_H
#define LEDGER_RECORD_H

#include "engine/command.h"
#include "engine/event.h"
#include "proto/frame.h"

#define RECORD_BYTES_MAX 65000

/* What stands in a record's header. */
struct record_header {
    uint64_t sequence;
    int64_t time_ns;
    int64_t received_ns;
    uint8_t salt[SALT_BYTES];
    uint32_t participant;
    uint32_t session;
    uint64_t number;
    uint64_t previous; /* sequence + 1 of the session's request before this; 0: none */
    uint32_t key;
    uint32_t version;
    uint32_t part; /* 0: first record of its command */
};

/* A slice of a record for one audience, as the core cuts replies from it. */
struct record_slice {
    uint32_t to;     /* session or participant */
    uint32_t offset; /* of the Report, from the record's start */
    uint16_t size;
    uint8_t audience; /* enum audience */
};

/* Where a writer's records go. `room` is called for each new record and returns RECORD_BYTES_MAX
 * bytes to write into; `done` is called when a record is complete. */
struct record_output {
    uint8_t *(*room)(struct record_output *output);
    void (*done)(struct record_output *output, size_t size, const struct record_slice *slices,
                 uint32_t slices_count);
    void (*salt)(struct record_output *output, const uint8_t first[SALT_BYTES], uint32_t part,
                 uint8_t salt[SALT_BYTES]); /* derives a later part's salt: H(first || part) */
    void *owner;
};

/* Most events in one record: what fits, and what slices are kept for. */
#define RECORD_SLICES_MAX 4096

struct record_writer {
    struct record_output *output;
    const struct command *command;
    struct record_header header; /* of the record being written */
    uint8_t salt[SALT_BYTES];    /* of the command's first record */
    uint8_t *bytes;
    size_t size;
    uint32_t place; /* of the next event in this record */
    struct record_slice slices[RECORD_SLICES_MAX];
};

/* Begins a command's records: `header` is of the first (part 0), `request` its bytes as they came,
 * at most REQUEST_BYTES_MAX. */
void record_begin(struct record_writer *writer, struct record_output *output,
                  const struct record_header *header, const struct command *command,
                  struct span request);

/* Appends an event; closes the record and begins the next part when it would not fit. */
void record_event(struct record_writer *writer, const struct event *event);

/* Ends the command. Returns how many records it took. */
uint32_t record_end(struct record_writer *writer);

/* A record read back: spans point into its bytes. */
struct record {
    struct record_header header;
    struct span request; /* size 0 in later parts */
    struct span events;  /* the encoded Event fields; walk with record_event_next() */
};

struct record_event_view {
    uint8_t audience; /* enum audience */
    uint32_t to;
    struct span report;
};

/* Reads a record; false when the bytes are none (verify says where). Strict like the codec. */
bool record_read(const uint8_t *bytes, size_t size, struct record *record);

/* The next event from `*rest` (begin with record.events); false at the end, and then rest->size is
 * 0 unless the bytes are damaged. */
bool record_event_next(struct span *rest, struct record_event_view *view);

#endif
