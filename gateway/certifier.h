/*
 * The part of the register's follower that makes certificates (ledger/drafts.h): proofs of what was
 * asked for, under each root that goes into a Seal.
 *
 * One that fails holds up nothing: it writes a line in the log, and no more certificates are made.
 *
 * Threads: the register follower's, but for opening and closing.
 */
#ifndef GATEWAY_CERTIFIER_H
#define GATEWAY_CERTIFIER_H

#include <stdint.h>

#include "ledger/reader.h"
#include "ledger/register_store.h"

struct certifier;

/* Folders, and whose algorithms. */
struct certifier_places {
    const char *ledger;
    const char *registered; /* the register's store */
    const char *drafts;
    uint8_t profile;
};

/* NULL on failure, with a line in the log. */
struct certifier *certifier_open(const struct certifier_places *places);
void certifier_close(struct certifier *certifier);

/* The first record that it has not seen; UINT64_MAX of one that is NULL or has failed. */
uint64_t certifier_next(const struct certifier *certifier);

/* Takes a record; one that it has seen is passed over. */
void certifier_record(struct certifier *certifier, const struct reader_record *record);

/* A root as of `as_of`, up to where the store has read, is handed out. */
void certifier_root(struct certifier *certifier, struct register_store *store, uint64_t as_of);

/* The follower's turn: what was made is committed. */
void certifier_turn(struct certifier *certifier);

#endif
