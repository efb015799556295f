/*
 * Key files: who somebody is on the wire, and what a checkpoint is signed with.
 *
 * A CURVE key (transport) is two lines, so that it can be read and compared by people:
 *
 *     tpx-curve-public <40 characters of Z85>
 *     tpx-curve-secret <40 characters of Z85>
 *
 * A file with the first line alone names somebody else, e.g. the server. A key that signs is one
 * line in the format of signed notes (ledger/note.h). A file with a secret that its group or others
 * may read is refused: whoever could read it is the owner for the exchange.
 *
 * Functions return 0 or a negative failure (ledger/failure.h); the line that says why, with the
 * file's name, has been written then.
 *
 * Threads: any.
 */
#ifndef GATEWAY_KEYFILE_H
#define GATEWAY_KEYFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/types.h"
#include "ledger/note.h"

#define KEYFILE_Z85_CHARS 40

struct curve_key {
    uint8_t public_key[KEY_BYTES];
    char public_z85[KEYFILE_Z85_CHARS + 1];
    char secret_z85[KEYFILE_Z85_CHARS + 1]; /* "" when only the public key is known */
};

/* A new pair. */
int keyfile_curve_generate(struct curve_key *key);

/* Writes a new file, readable by its owner alone; EXISTS when there is one already. With
 * `public_only` the secret stays out and everybody may read it. */
int keyfile_curve_save(const struct curve_key *key, const char *path, bool public_only);

/* Reads a file; `needs_secret` refuses one with the public key alone. */
int keyfile_curve_load(struct curve_key *key, const char *path, bool needs_secret);

/* The 32 bytes of a public key in Z85, and back. False when the text is none. */
bool keyfile_z85_decode(const char *z85, uint8_t key[KEY_BYTES]);
void keyfile_z85_encode(const uint8_t key[KEY_BYTES], char z85[KEYFILE_Z85_CHARS + 1]);

/* The same for the key of a note. What was loaded is released with note_signer_fini(). */
int keyfile_note_save(const struct note_signer *signer, const char *path);
int keyfile_note_load(struct note_signer *signer, const char *path);

#endif
