/*
 * Which records changed the keys that sign checkpoints: what one operator proposed, and another
 * approved. Fed every record, in order; keeps only where those are.
 *
 * With them a certificate carries the way from the first key to those in force (certificate.h).
 *
 * Threads: belongs to one.
 */
#ifndef LEDGER_KEY_HISTORY_H
#define LEDGER_KEY_HISTORY_H

#include "ledger/key_chain.h"
#include "ledger/record.h"
#include "proto/codec_request.h"

/* Each key but the first comes once, and each goes once. */
#define KEY_CHANGES_MAX (2u * KEY_CHAIN_MAX)

/* A change of keys that was carried out. */
struct key_change {
    uint64_t proposed; /* sequence of the record that names the key */
    uint64_t approved; /* and of the one from which on it counts */
};

struct key_history {
    uint32_t count;
    struct key_change changes[KEY_CHANGES_MAX];
};

/* Takes a record; `history` starts as zeros. True when it has changed the keys; then
 * changes[count - 1] is new, unless there were more than any engine makes. */
bool key_history_record(struct key_history *history, const struct record *record);

/* What two records say together: that a proposal named a key, and that this was approved and done.
 * False when they say something else. */
bool key_change_read(struct span proposal, struct span approval, struct key_change *change,
                     struct checkpoint_key *key);

#endif
