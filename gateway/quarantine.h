/*
 * Quarantine: a request that stopped the exchange does not stop it again.
 *
 * Before it applies a request the core notes it in the counters file, and clears the note after.
 * When the process dies in between, the note is found at the next start. If the handler of an
 * assertion or of a fatal signal has marked it, or if it is found a second time, the request is
 * quarantined: when it comes again, it is sequenced as Quarantined, unread, and answered
 * QUARANTINED (DESIGN.md, point 16). Killed once from outside, it is simply applied again.
 *
 * A request is known by the hash of its session and bytes. The list is a small text file in
 * the exchange's folder: "<hash> <times found> <marked: 0 or 1>" a line.
 *
 * Threads: the core's, and its signal handlers.
 */
#ifndef GATEWAY_QUARANTINE_H
#define GATEWAY_QUARANTINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "gateway/counters.h"
#include "ledger/crypto.h"
#include "proto/wire.h"

#define QUARANTINE_FILE "quarantine"
/* Requests kept; the oldest is forgotten for a new one. */
#define QUARANTINE_MAX 64
/* Found this often in a note that nobody marked, a request is refused. */
#define QUARANTINE_FINDS 2

struct quarantined_request {
    struct hash hash;
    uint32_t finds;
    bool is_marked;
};

struct quarantine {
    struct request_note *note;
    struct hasher *hasher;
    uint32_t blocked; /* how many of the list are refused; usually 0, and then nothing is hashed */
    uint32_t count;
    struct quarantined_request list[QUARANTINE_MAX];
};

/* Reads the list of `folder`, adds what the note holds, writes the list, clears the note. Returns 0
 * or a negative failure. The hasher stays the caller's. */
int quarantine_open(struct quarantine *quarantine, const char *folder, struct request_note *note,
                    struct hasher *hasher);

/* True when this request is refused. */
bool quarantine_holds(struct quarantine *quarantine, uint32_t session, struct span request);

/* The handlers of fatal signals: they mark the note when the thread that dies is the one that
 * called this, then die as without them. Called once, by the core's thread. */
int quarantine_watch(struct request_note *note);

/* Notes the request that is about to be applied. The size comes last: a note with a size is
 * whole. */
static inline void quarantine_note(struct request_note *note, uint32_t session,
                                   struct span request) {
    note->session = session;
    memcpy(note->bytes, request.bytes, request.size);
    atomic_store_explicit(&note->size, (uint32_t)request.size, memory_order_release);
}

/* It was applied, or its sweep went on by one Continue command, and its records are written. */
static inline void quarantine_clear(struct request_note *note) {
    atomic_store_explicit(&note->size, 0, memory_order_release);
}

#endif
