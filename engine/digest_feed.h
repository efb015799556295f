/*
 * What feeds the state digest: numbers and bytes, little-endian, gathered. Private to the files of
 * the digest: digest.c, and one for each large part of the register.
 */
#ifndef ENGINE_DIGEST_FEED_H
#define ENGINE_DIGEST_FEED_H

#include <string.h>

#include "engine/state.h"

/* Gathered before it is handed on, so that a hash gets whole blocks. */
#define GATHERED_BYTES 4096u

struct feeder {
    const struct engine *engine;
    void (*feed)(void *owner, const void *, size_t);
    void *owner;
    uint32_t used;
    uint8_t bytes[GATHERED_BYTES];
};

static inline void feed_flush(struct feeder *feeder) {
    if (feeder->used != 0)
        feeder->feed(feeder->owner, feeder->bytes, feeder->used);
    feeder->used = 0;
}

/* The low `bytes` bytes of a number, least first. */
static inline void put(struct feeder *feeder, uint64_t value, uint32_t bytes) {
    if (feeder->used + bytes > GATHERED_BYTES)
        feed_flush(feeder);
    for (uint32_t i = 0; i < bytes; i++)
        feeder->bytes[feeder->used++] = (uint8_t)(value >> (8 * i));
}

static inline void put8(struct feeder *feeder, uint64_t value) {
    put(feeder, value, 1);
}

static inline void put32(struct feeder *feeder, uint64_t value) {
    put(feeder, value, 4);
}

static inline void put64(struct feeder *feeder, uint64_t value) {
    put(feeder, value, 8);
}

/* At most a key's or a text's length. */
static inline void put_bytes(struct feeder *feeder, const void *bytes, uint32_t size) {
    if (feeder->used + size > GATHERED_BYTES)
        feed_flush(feeder);
    memcpy(feeder->bytes + feeder->used, bytes, size);
    feeder->used += size;
}

/* All are of one profile, and so of one size. */
static inline void put_signing_key(struct feeder *feeder, const struct signing_key *key) {
    put_bytes(feeder, key->bytes, key->size);
}

/* A place in the heap as the timer itself. */
static inline void put_timer(struct feeder *feeder, uint32_t place) {
    put8(feeder, place != 0);
    if (place == 0)
        return;
    const struct timer *timer = timer_at(feeder->engine, place);
    put64(feeder, (uint64_t)timer->due_ns);
    put64(feeder, timer->created);
}

/* digest_pledge.c */
void digest_pledges(struct feeder *feeder);

#endif
