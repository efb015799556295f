/*
 * The pipeline: records from the core to the disk, by a thread of its own.
 *
 * The core writes entries into a ring; the ledger thread takes all that has queued, appends it to
 * the journal, commits once, and publishes one number, the durable sequence. That is agreement on
 * one machine (agree.h): committed is durable, the role is leader from the start, unknown only when
 * a write has failed, and then nothing is ever committed again.
 *
 * After a commit that holds a Seal the tree's head there goes to the signer; its checkpoint comes
 * back and is stored with a later commit.
 *
 * Threads: agree, ring and pipeline_roll() are the core's; the rest is the ledger thread's.
 */
#ifndef GATEWAY_PIPELINE_H
#define GATEWAY_PIPELINE_H

#include <pthread.h>
#include <stdatomic.h>

#include "engine/types.h"
#include "gateway/agree.h"
#include "gateway/byte_ring.h"
#include "gateway/counters.h"
#include "gateway/stages.h"
#include "gateway/wake.h"
#include "ledger/journal.h"

/* Address space between core and ledger, a power of two: the least holds twice what the largest
 * command makes, so that one always fits whole; the most is what a slice's place can name. */
#define PIPELINE_RING_BYTES_MIN ((size_t)256 << 20)
#define PIPELINE_RING_BYTES_MAX ((size_t)32 << 30)
/* What an event of a sweep costs there: its report of at most 128 bytes, the frame around it in the
 * record, and its slice. */
#define PIPELINE_EVENT_BYTES_MAX 176
_Static_assert(PIPELINE_RING_BYTES_MIN >= 2 * (size_t)COMMAND_EVENTS_MAX * PIPELINE_EVENT_BYTES_MAX,
               "the largest command fits twice");
/* At usual loads only so much of it is used, again and again; at full load half of it. */
#define PIPELINE_RING_EARLY ((size_t)1 << 20)
/* A commit takes at most so many records, but always whole commands. */
#define PIPELINE_BATCH_RECORDS 16384
#define PIPELINE_BATCH_BYTES   ((size_t)16 << 20)

/* Threads that follow durable records and may sleep. */
#define PIPELINE_FOLLOWERS_MAX 8

struct signing;

struct pipeline {
    struct agree agree;
    struct byte_ring ring;
    struct journal *journal;
    struct counters *counters;
    struct stages *stages;   /* NULL: nobody wants to know */
    struct signing *signing; /* NULL: no checkpoints */
    struct agree_listener listener;
    uint64_t epoch;
    uint64_t whole;     /* the core's: up to here the ring holds whole commands */
    uint64_t committed; /* the core's: what it was told */
    bool is_told;       /* the core's: of a failure */

    struct wake *core;
    struct wake *followers[PIPELINE_FOLLOWERS_MAX];
    uint32_t followers_count;
    struct wake wake; /* the ledger thread's sleep */
    pthread_t thread;
    bool is_running;

    _Atomic uint64_t durable;   /* ledger thread to all, with release */
    _Atomic int failure;        /* ledger thread to core: why it has stopped */
    _Atomic uint64_t roll_from; /* core to ledger: roll once this is durable; 0: do not */
    _Atomic bool stops;         /* core to ledger: end when the ring is empty */
};

/* What it is made of; all stays the caller's. */
struct pipeline_parts {
    struct journal *journal;
    struct counters *counters;
    struct stages *stages;
    struct signing *signing;
    struct wake *core;
    size_t ring_bytes; /* PIPELINE_RING_BYTES_MIN .. _MAX, a power of two */
};

/* Returns 0 or a negative failure; pipeline_fini() after either. */
int pipeline_init(struct pipeline *pipeline, const struct pipeline_parts *parts);

/* Before the start: a follower that sleeps is woken by commits. */
void pipeline_follow(struct pipeline *pipeline, struct wake *follower);

/* Starts the thread and tells the listener its role. Returns 0 or a negative failure. */
int pipeline_start(struct pipeline *pipeline, const struct agree_listener *listener,
                   uint64_t epoch);

/* Ends the thread after everything flushed is durable, or has failed; then checkpoints that were
 * signed are stored. */
void pipeline_stop(struct pipeline *pipeline);
void pipeline_fini(struct pipeline *pipeline);

/* Begins a new volume once every record below `sequence` is durable. */
void pipeline_roll(struct pipeline *pipeline, uint64_t sequence);

/* Everything below it is durable; any thread. */
static inline uint64_t pipeline_durable(const struct pipeline *pipeline) {
    /* Partner: the release in publish(), pipeline.c. */
    return atomic_load_explicit(&pipeline->durable, memory_order_acquire);
}

/* True when agree.poll() has something to tell. */
bool pipeline_has_news(const struct pipeline *pipeline);

#endif
