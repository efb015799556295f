/*
 * Replay: a second engine that is given the recorded commands, and compares what comes of them
 * with what is recorded, byte for byte.
 *
 * Verify, recovery and the shadow are this: they differ in where records come from. Records go in
 * one by one, in order, from Genesis or from where a snapshot's engine stands. Before a command is
 * applied it is checked as a hostile one would be (ledger/contract.h), so that no ledger can make
 * the engine fail.
 *
 *     struct replay *replay = replay_create(NULL);
 *     while (more records)
 *         if (!replay_record(replay, bytes, size, &finding))
 *             ...
 *     replay_destroy(replay);
 *
 * Where the engine says something else than the record (finding EVENTS), the replay has diverged:
 * the engine goes on as it is, so that a follower keeps running, every later difference is reported
 * too, and a Resolve that is sequenced, and names the first sequence and both digests, ends it.
 * After any other finding the record has not been applied, and no later one is taken.
 *
 * Threads: belongs to one.
 */
#ifndef LEDGER_REPLAY_H
#define LEDGER_REPLAY_H

#include <stddef.h>

#include "engine/engine.h"
#include "ledger/crypto.h"
#include "ledger/finding.h"
#include "ledger/record.h"

/* What a replay does besides comparing; zeros and NULLs: nothing. */
struct replay_options {
    /* A Mark has been applied: the owner may copy the engine, as it stands before record
     * sequence + 1. */
    void (*mark)(void *owner, uint64_t sequence);

    /* A checkpoint key was added or revoked, by both keys. */
    void (*checkpoint_key)(void *owner, uint64_t sequence, const struct checkpoint_key *key);

    void *owner;

    /* Take the state's digest at each Mark, to compare it with the Digest that names it. Without,
     * only digests handed in by replay_expect() are compared. */
    bool takes_digests;

    /* Keep the register's map, from Genesis on, and compare each Seal's root with it. Without, only
     * Seals from before there was a register are compared. */
    bool keeps_map;

    /* Check the parties' signatures of each deed (ledger/deed_signature.h) before it is applied;
     * only from Genesis on, which names the origin that is signed. */
    bool checks_signatures;
};

struct replay;

/* An empty replay: the first record is a Genesis. NULL without memory. */
struct replay *replay_create(const struct replay_options *options);

/* One that goes on where a snapshot's engine stands, `notes` being what replay_notes() wrote when
 * it was taken. The region becomes the replay's, also when NULL is returned: without memory, or for
 * notes of another format. */
struct replay_base {
    struct engine *engine;
    size_t engine_size; /* of its region */
    uint64_t next;      /* sequence of the next record */
    const uint8_t *notes;
    size_t notes_size;
};
struct replay *replay_resume(const struct replay_options *options, const struct replay_base *base);

void replay_destroy(struct replay *replay);

/* Applies the next record's command, or, for a later part, compares it. False with a finding when
 * something is wrong; once a record could not be applied, always that. */
bool replay_record(struct replay *replay, const uint8_t *bytes, size_t size,
                   struct finding *finding);

/* The next record's sequence; and whether a command's later parts are still to come. */
uint64_t replay_next(const struct replay *replay);
bool replay_is_within(const struct replay *replay);

/* The engine, for views, NULL before Genesis; and the bytes of its region, unless `size` is NULL.
 */
struct engine *replay_engine(const struct replay *replay, size_t *size);

/* Gives the engine away: the caller owns its region, the replay is of no more use. */
struct engine *replay_take(struct replay *replay, size_t *size);

/* What a snapshot must keep beside the engine, REPLAY_NOTES_SIZE bytes. */
#define REPLAY_NOTES_SIZE 16
void replay_notes(const struct replay *replay, uint8_t notes[REPLAY_NOTES_SIZE]);

/* The digest at a Mark, computed elsewhere from a copy. */
void replay_expect(struct replay *replay, uint64_t mark, const struct hash *digest);

/* The state's digest as of replay_next() (ledger/state_digest.h); after Genesis. */
void replay_digest(struct replay *replay, struct hash *digest);

/* What a Resolve names: from `sequence` on, each differing record is chained into one of the two
 * digests, d = H(d || record), beginning with zeros. */
struct divergence {
    uint64_t sequence; /* of the first differing record */
    uint64_t records;  /* recorded ones that differ, so far */
    struct hash recorded;
    struct hash replayed;
};

/* False when replay and ledger agree, or a Resolve has settled it. */
bool replay_divergence(const struct replay *replay, struct divergence *divergence);

/* Counts since the beginning. */
struct replay_counts {
    uint64_t records;
    uint64_t commands;
    uint64_t events;
    uint64_t seals;
    uint64_t digests;         /* Digests compared */
    uint64_t unknown_digests; /* of Marks before this replay began */
};
void replay_counts(const struct replay *replay, struct replay_counts *counts);

#endif
