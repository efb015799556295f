/*
 * A small ledger with trading in it, kept in memory as records until it is stored: so a test can
 * change a record, take one away, or have a checkpoint signed by somebody else, and then ask what
 * verify says of the folder.
 */
#ifndef TESTS_UNIT_LEDGER_DESK_H
#define TESTS_UNIT_LEDGER_DESK_H

#include "ledger/note.h"
#include "tests/property/record_list.h"
#include "tests/unit/ledger_folder.h"

#define LEDGER_DESK_ORIGIN  "tpx.example/desk"
#define LEDGER_DESK_SIGNERS 2
#define LEDGER_DESK_ROLLS   4

struct ledger_desk {
    char dir[LEDGER_FOLDER_PATH];
    struct record_list list;
    struct maker maker;
    struct note_signer signers[LEDGER_DESK_SIGNERS]; /* the first is Genesis's */
    struct note_verifier verifiers[LEDGER_DESK_SIGNERS];

    /* How it is stored. */
    uint8_t profile;                   /* enum profile that the volumes name; 0: Genesis's */
    uint64_t rolls[LEDGER_DESK_ROLLS]; /* sequences with which a new volume begins; 0: no more */
    uint64_t second_from;              /* trees above this size are signed by the second key too */
    uint64_t first_until;              /* and up to this one by the first; 0: always */
    uint64_t signed_always;            /* a checkpoint of this size, Seal or not; 0: none */
};

/* cmocka's set-up and tear-down: Genesis and a market; nothing is stored. */
int ledger_desk_open(void **state);
int ledger_desk_close(void **state);

/* Orders that rest, one after the other, and one that takes some of them; then a Seal. */
void ledger_desk_trade(struct ledger_desk *desk, uint32_t orders);

/* Broker 0's order for instrument 1; returns its sequence. */
uint64_t ledger_desk_order(struct ledger_desk *desk, uint8_t side, int64_t price_fen,
                           uint64_t quantity);

/* Broker 0 cancels, or replaces, the order that was entered at a sequence. */
void ledger_desk_cancel(struct ledger_desk *desk, uint64_t entered);
void ledger_desk_replace(struct ledger_desk *desk, uint64_t entered, int64_t price_fen,
                         uint64_t quantity);

/* Writes the records into the folder, which is emptied before. A checkpoint is signed over every
 * tree that ends with a Seal. */
void ledger_desk_store(struct ledger_desk *desk);

/* Flips a bit of a stored record in its volume's file: also in the copies of its block that LMDB
 * has not written over yet. */
void ledger_desk_flip(struct ledger_desk *desk, uint64_t sequence, size_t at);

#endif
