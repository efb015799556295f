/*
 * A golden ledger: a folder with the records that some release made, and what they led to.
 *
 *     entries     each record, its length before it as two bytes, big-endian (an entry bundle of
 *                 C2SP tlog-tiles, of any length)
 *     checkpoint  a signed note over all of them
 *     expected    lines: "key <verifier key>", "records <n>", "events <n>", and for some sequences
 *                 "digest <as of> <the state's digest in hex>"
 */
#ifndef TESTS_GOLDEN_GOLDEN_LEDGER_H
#define TESTS_GOLDEN_GOLDEN_LEDGER_H

#include "ledger/crypto.h"
#include "ledger/note.h"
#include "tests/property/record_list.h"

#define GOLDEN_DIGESTS_MAX 64

struct golden_digest {
    uint64_t as_of;
    struct hash digest;
};

struct golden_ledger {
    struct record_list list;
    char *checkpoint;
    size_t checkpoint_size;
    char key[NOTE_KEY_TEXT_SIZE];
    uint64_t events;
    uint32_t digests_count;
    struct golden_digest digests[GOLDEN_DIGESTS_MAX];
};

/* Reads a folder; asserts that it is of that form. */
void golden_ledger_read(struct golden_ledger *golden, const char *folder);
void golden_ledger_fini(struct golden_ledger *golden);

/* Plays golden_day.h and writes the folder, which must not exist. */
void golden_ledger_make(const char *folder);

#endif
