/*
 * Release: what is durable is told to those whom it concerns.
 *
 * Walks the entries in the ring up to the durable sequence, chains the reports of each session that
 * keeps up, and sends all that one commit released for a session together, in frames of at most 256
 * KiB, split between records. Then the places in the ring are free. Sessions that do not keep up
 * are left to the reader. While a participant's drop copy listens, the reports of all its sessions,
 * and its own, are chained once more for that one; while none does, this costs one look.
 *
 * Never touches the engine: it also runs in the middle of a command that waits for room.
 *
 * Threads: the gateway's.
 */
#ifndef GATEWAY_RELEASE_H
#define GATEWAY_RELEASE_H

#include "gateway/byte_ring.h"
#include "gateway/entry.h"
#include "gateway/outbox.h"

struct release_listener {
    /* The SESSION_UP of `session` is durable. Told before the frames of its commit are sent: what
     * comes after it in the same commit already goes to the session. */
    void (*session_up)(void *owner, uint32_t session, uint64_t sequence);
    void *owner;
};

struct release {
    struct byte_ring *ring;
    struct outbox *outbox;
    struct release_listener listener;
    uint64_t position; /* in the ring */
    uint64_t next;     /* every record below it is released */
    uint32_t touched;  /* first session or drop copy with a chain, 0: none */
};

/* `next`: the first record that is not released yet; the ring is empty. */
void release_init(struct release *release, struct byte_ring *ring, struct outbox *outbox,
                  const struct release_listener *listener, uint64_t next);

/* Releases every record below `durable`. `wall_ns`: now, for counting how long answers took. */
void release_run(struct release *release, uint64_t durable, int64_t wall_ns);

#endif
