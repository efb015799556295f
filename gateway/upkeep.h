/*
 * Upkeep: what the exchange does by itself because time has passed.
 *
 * Ticks for timers of the engine; unfinished sweeps, which get one Continue and then leave at least
 * as much time to requests, while there are any; a Seal a while after the first record that none
 * covers; a Mark every so many records; digests of refusals; heartbeats and the silent; the disk's
 * step; sessions that lag. Each is looked at between messages; upkeep_timeout_ms() says how long
 * the thread may sleep before one is due.
 *
 * Threads: the gateway's.
 */
#ifndef GATEWAY_UPKEEP_H
#define GATEWAY_UPKEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/byte_ring.h"
#include "gateway/trade.h"

struct journal;

struct upkeep {
    struct trade *trade;
    struct registry *registry; /* brings the roots of Seals; not the upkeep's */
    const struct journal *journal;
    struct byte_ring *ring;  /* on its way to the ledger */
    int64_t continue_due_ns; /* monotonic: not before, when messages wait */
    int64_t seal_due_ns;     /* monotonic; INT64_MAX: everything is covered */
    int64_t look_due_ns;     /* monotonic: sessions */
    int64_t space_due_ns;    /* monotonic: the disk */
    int64_t gauges_due_ns;   /* monotonic */
    uint8_t disk_step;       /* enum disk_step, as sequenced last */
    bool is_asking;          /* a Seal waits for its root */
    bool is_full;            /* the disk's last step: the exchange must stop */
};

/* What it looks after: all stays the caller's. */
struct upkeep_parts {
    struct trade *trade;
    struct registry *registry;
    const struct journal *journal;
    struct byte_ring *ring; /* to the ledger */
};

/* `disk_step` is the engine's. */
void upkeep_init(struct upkeep *upkeep, const struct upkeep_parts *parts, uint8_t disk_step);

/* At a clean stop: seals whatever no Seal covers. False while that waits for a root, which wakes
 * the core: then it is called again. */
bool upkeep_seal_last(struct upkeep *upkeep);

/* Does what is due. `is_drained`: every message that had come was taken before. */
void upkeep_run(struct upkeep *upkeep, bool is_drained);

/* How long until something is due, 0 for now, in ms rounded up. */
int upkeep_timeout_ms(const struct upkeep *upkeep);

#endif
