/*
 * The keys that sign checkpoints, as the ledger itself names them: the one in Genesis, and those
 * that two operators added and revoked later; and how far a reader has reason to believe in them.
 *
 * Belief begins with one key, that its reader got elsewhere or, for want of it, Genesis's. A
 * checkpoint that a believed key has signed vouches for every record below its size, so also for
 * the keys that those records added: from then on they are believed too.
 *
 * Threads: belongs to one; verify hands it over under a lock.
 */
#ifndef LEDGER_KEY_CHAIN_H
#define LEDGER_KEY_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/note.h"

/* As many as an engine keeps. */
#define KEY_CHAIN_MAX 16u

struct chain_key {
    uint64_t added;   /* sequence of the record that named it */
    uint64_t revoked; /* sequence + 1 of the one that revoked it, 0: none has */
    struct signing_key key;
    bool is_believed;
};

struct key_chain {
    uint8_t profile; /* enum profile: of every key */
    struct chain_key keys[KEY_CHAIN_MAX];
    struct note_verifier verifiers[KEY_CHAIN_MAX];
    uint32_t count;
    const struct note_verifier *given; /* NULL: Genesis's is believed */
    uint64_t vouched;                  /* size of the largest tree that a believed key signed */

    /* The last ring made, and which key stands at each place of it: KEY_CHAIN_MAX for the given one
     * where the ledger does not name it. */
    struct note_verifier ring[KEY_CHAIN_MAX + 1];
    uint32_t places[KEY_CHAIN_MAX + 1];
    struct note_keyring keyring;
};

/* An empty chain of a ledger of that profile. `given` must outlive it; one of another profile has
 * signed nothing here. */
void key_chain_init(struct key_chain *chain, uint8_t profile, const struct note_verifier *given);
void key_chain_fini(struct key_chain *chain);

/* A record names a key, whose notes carry `name`. 0; MALFORMED when it is none, or one too many. */
int key_chain_add(struct key_chain *chain, uint64_t sequence, const char *name,
                  const struct signing_key *key);
void key_chain_revoke(struct key_chain *chain, uint64_t sequence, const struct signing_key *key);

/* The keys in force at a tree of `size` records, and the given one in any case: what it has signed
 * tells of a record that was changed, also where that is the one that should name it. Valid until
 * the next call. */
const struct note_keyring *key_chain_ring(struct key_chain *chain, uint64_t size);

/* A right checkpoint of `size` carries the signatures `signed_by` of the last ring's keys. False
 * when none of them is of a key in force. */
bool key_chain_signed(struct key_chain *chain, uint64_t size, uint64_t signed_by);

#endif
