/*
 * Checkpoints (C2SP tlog-checkpoint): what a tree looked like at a size, signed as a note.
 *
 *     <origin>
 *     <size>
 *     <root, base 64>
 *
 *     — <key name> <signature>
 *
 * Ours have no extension lines; those of others may, and are read over.
 *
 * Threads: any.
 */
#ifndef LEDGER_CHECKPOINT_H
#define LEDGER_CHECKPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/merkle.h"
#include "ledger/note.h"

#define CHECKPOINT_ORIGIN_MAX 255u

/* Signers of one checkpoint of ours: the key in use and one that is taking over. */
#define CHECKPOINT_SIGNERS_MAX 4u

/* Origin, 20 digits, 44 characters of root, three newlines. */
#define CHECKPOINT_TEXT_MAX (CHECKPOINT_ORIGIN_MAX + 20u + 44u + 3u)

/* Bytes of a signed checkpoint of ours, at most. */
#define CHECKPOINT_SIZE_MAX (CHECKPOINT_TEXT_MAX + 1u + CHECKPOINT_SIGNERS_MAX * NOTE_LINE_MAX)

struct checkpoint {
    char origin[CHECKPOINT_ORIGIN_MAX + 1];
    struct merkle_head head;
};

/* Writes the text and signs it. Returns the note's size, or what note_sign() fails with; an origin
 * that is empty or holds a newline is MALFORMED. */
int checkpoint_sign(const struct checkpoint *checkpoint, const struct note_signer *const *signers,
                    uint32_t signers_count, char note[CHECKPOINT_SIZE_MAX]);

/* Reads the text of a note, that is what was signed. Returns 0 or MALFORMED. */
int checkpoint_parse(const char *text, size_t size, struct checkpoint *checkpoint);

/* Opens a note as note_open() does, and reads its text. `note` tells who has signed. */
int checkpoint_open(const char *bytes, size_t size, const struct note_keyring *keys,
                    struct checkpoint *checkpoint, struct note *note);

#endif
