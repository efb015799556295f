/*
 * Whose each session is, for threads that must not look into the engine.
 *
 * A session belongs to one participant for ever, and sessions are numbered without gaps: so this is
 * a list that only grows. The core's thread copies from the engine what is new, before any record
 * that concerns the new session can be durable; every other thread reads, and finds each session
 * that a durable record names.
 *
 * Threads: owners_publish() belongs to the core's thread; reading, to any.
 */
#ifndef GATEWAY_OWNERS_H
#define GATEWAY_OWNERS_H

#include <stdatomic.h>
#include <stdint.h>

#include "engine/view.h"

struct owners {
    uint32_t sessions_max;
    uint32_t participants_max;
    uint32_t *participants; /* [session - 1] */
    _Atomic uint32_t count; /* sessions published */
};

/* Room for sessions 1 .. sessions_max of participants 1 .. participants_max. Returns 0 or a
 * negative failure. */
int owners_init(struct owners *owners, uint32_t sessions_max, uint32_t participants_max);
void owners_fini(struct owners *owners);

/* Takes over every session that the engine has and the list has not. */
void owners_publish(struct owners *owners, const struct engine *engine);

/* The participant of a session; 0 for one that is not published. */
static inline uint32_t owners_of(const struct owners *owners, uint32_t session) {
    /* Partner: the release in owners_publish(). */
    uint32_t count = atomic_load_explicit(&owners->count, memory_order_acquire);
    return session != 0 && session <= count ? owners->participants[session - 1] : 0;
}

/* A participant's drop copy is kept beside the sessions, under a number above all of theirs, so
 * that whatever is kept for a session can be kept for it too. */
static inline uint32_t owners_copy(const struct owners *owners, uint32_t participant) {
    return owners->sessions_max + participant;
}

/* The highest number of a session or drop copy. */
static inline uint32_t owners_numbers_max(const struct owners *owners) {
    return owners->sessions_max + owners->participants_max;
}

#endif
