/*
 * A queue of byte strings of any size between two threads, in one block of memory, without locks.
 *
 * The producer asks for room, writes in place, appends, and publishes what it appended whenever it
 * likes; the consumer reads in place. Whoever may say so frees what lies before a position: the
 * consumer in an ordinary queue; in the pipeline to the ledger the producer itself, once what the
 * consumer has taken is durable and answered.
 *
 * Positions only grow; an entry lies at position modulo capacity and never wraps around the end.
 * The address space is large, for the largest command there may be, but at usual loads the producer
 * goes back to the front as soon as nothing is in flight (`early`), so that the same few pages are
 * used again and stay in the cache. At full load it goes round half of the ring: whenever the
 * consumer stops, there is room for the other half.
 *
 *     producer:  uint8_t *room = byte_ring_reserve(ring, size_max);
 *                byte_ring_append(ring, size); byte_ring_publish(ring);
 *     consumer:  while ((entry = byte_ring_next(ring, &position, &size)) != NULL) ...
 *                byte_ring_free(ring, position);
 *
 * Threads: one producer, one consumer; byte_ring_free() by one of the two, always the same.
 */
#ifndef GATEWAY_BYTE_RING_H
#define GATEWAY_BYTE_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an entry is aligned to, in bytes; its size is stored before it. */
#define BYTE_RING_ALIGNMENT 16

struct byte_ring {
    uint8_t *memory;
    size_t capacity; /* a power of two */
    size_t early;    /* go back to the front from here on, when nothing is in flight; 0: never */

    _Alignas(64) uint64_t write; /* the producer's own: end of what it appended */
    uint64_t free_seen;          /* and how far it knows things to be free */

    _Alignas(64) _Atomic uint64_t published; /* producer to consumer, with release */
    _Atomic uint64_t gap_from;               /* behind this position nothing stands, */
    _Atomic uint64_t gap_to;                 /* the ring goes on here; both before `published` */
    _Alignas(64) _Atomic uint64_t freed;     /* to the producer, with release */
};

/* Reserves address space; pages are touched as they are used. `capacity` and `early` are powers of
 * two. Returns 0 or a negative failure (ledger/failure.h). */
int byte_ring_init(struct byte_ring *ring, size_t capacity, size_t early);
void byte_ring_fini(struct byte_ring *ring);

/* Producer: room for an entry of at most `size` bytes, NULL when there is none now. A second call
 * without an append gives up the first. */
uint8_t *byte_ring_reserve(struct byte_ring *ring, size_t size);

/* Producer: the reserved entry is `size` bytes long. The consumer does not see it yet. Returns the
 * position after it. */
uint64_t byte_ring_append(struct byte_ring *ring, size_t size);

/* Producer: the consumer sees everything appended so far. */
void byte_ring_publish(struct byte_ring *ring);

/* Producer: the same up to a position that was the end once, not before what is published. */
void byte_ring_publish_to(struct byte_ring *ring, uint64_t position);

/* Consumer: the entry at *position, which moves past it (begin with 0); NULL when there is none
 * published. */
const uint8_t *byte_ring_next(const struct byte_ring *ring, uint64_t *position, size_t *size);

/* Producer: the same over entries appended, published or not. */
const uint8_t *byte_ring_own(const struct byte_ring *ring, uint64_t *position, size_t *size);

/* True when nothing is published past `position`. */
bool byte_ring_is_empty(const struct byte_ring *ring, uint64_t position);

/* Everything before `position` may be written over. */
void byte_ring_free(struct byte_ring *ring, uint64_t position);

/* Producer: bytes of entries not free. */
size_t byte_ring_used(struct byte_ring *ring);

#endif
