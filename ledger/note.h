/*
 * Signed notes (C2SP signed-note) and their keys as strings.
 *
 * A note is a text that ends in a newline, an empty line, and one line a signature:
 * "— <key name> base64(key id || signature)". The key id is the first four bytes of
 * SHA-256(name || newline || type || public key), of either profile, as the specification
 * recommends: it is a name, and no tool needs to know a type to compute it.
 *
 *     verifier key  <name>+<id, 8 hex digits>+base64(type || public key)
 *     signer key    PRIVATE+KEY+<name>+<id>+base64(type || secret)
 *
 * Both are written as Go's golang.org/x/mod/sumdb/note writes them, so its tools read ours. The
 * type is that of the profile (ledger/crypto.h): 0x01, or 0xff and "tpx-sm2-sm3@v1". A key's string
 * so says what it is a key of; whoever wants one profile's asks for it (note_verifier.profile).
 * Signatures of unknown keys are ignored, a wrong one of a known key spoils the note.
 *
 * Threads: any; a signer or verifier may be shared once made.
 */
#ifndef LEDGER_NOTE_H
#define LEDGER_NOTE_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/crypto.h"

#define NOTE_SIZE_MAX       (256u << 10) /* bytes of a note that is read */
#define NOTE_NAME_MAX       255u         /* bytes of a key's name */
#define NOTE_SIGNATURES_MAX 100u         /* the specification asks for 16 at least */
#define NOTE_VERIFIERS_MAX  64u          /* known keys in one call */

/* A key's string with its closing zero: prefix, name, id, at most 48 bytes in base 64. */
#define NOTE_KEY_TEXT_SIZE 344u

/* What one signature adds to a note of ours, at most: dash, name, base64 of id and signature. */
#define NOTE_LINE_MAX (3u + 1u + NOTE_NAME_MAX + 1u + 92u + 1u)

struct note_signer {
    char name[NOTE_NAME_MAX + 1];
    uint32_t id;
    uint8_t profile; /* enum profile */
    struct signer *key;
};

struct note_verifier {
    char name[NOTE_NAME_MAX + 1];
    uint32_t id;
    uint8_t profile; /* enum profile */
    struct verifier *key;
};

/* The keys that a reader knows, no two with the same name and id; at most NOTE_VERIFIERS_MAX. */
struct note_keyring {
    const struct note_verifier *verifiers;
    uint32_t count;
};

/* Both are made by a call that returns 0 or MALFORMED (name or text not of its format) or SYSTEM,
 * and are released by their _fini. After a failure there is nothing to release. */
int note_signer_generate(struct note_signer *signer, uint8_t profile, const char *name);
int note_signer_make(struct note_signer *signer, uint8_t profile, const char *name,
                     const uint8_t secret[SECRET_KEY_SIZE]);
int note_signer_parse(struct note_signer *signer, const char *text);
int note_verifier_parse(struct note_verifier *verifier, const char *text);
int note_verifier_make(struct note_verifier *verifier, uint8_t profile, const char *name,
                       const struct signing_key *key);
void note_signer_fini(struct note_signer *signer);
void note_verifier_fini(struct note_verifier *verifier);

/* The strings; whoever gets a signer's keeps it secret and cleanses it. */
void note_signer_format(const struct note_signer *signer, char text[NOTE_KEY_TEXT_SIZE]);
void note_verifier_format(const struct note_verifier *verifier, char text[NOTE_KEY_TEXT_SIZE]);

/* The verifier key of a signer. */
int note_signer_verifier(const struct note_signer *signer, struct note_verifier *verifier);

/* Where note_sign() writes. */
struct note_buffer {
    char *bytes;
    size_t size_max;
};

/* Signs `text` with every signer, in their order, and writes the note, without a closing zero.
 * Returns its size; MALFORMED for a text that no note may hold or a buffer too small; SYSTEM. */
int note_sign(const char *text, size_t text_size, const struct note_signer *const *signers,
              uint32_t signers_count, struct note_buffer *note);

/* A note taken apart; pointers lead into the bytes that were handed in. */
struct note {
    const char *text; /* ends in a newline */
    size_t text_size;
    const char *signatures; /* the lines */
    size_t signatures_size;
    uint32_t signatures_count;
    uint64_t verified; /* bit i: the ring's verifier i has signed; its signature stands there and is
                          right */
};

/* Takes a note apart and checks its form, no signature. Returns 0 or MALFORMED. */
int note_parse(const char *bytes, size_t size, struct note *note);

/* The same, and checks signatures: at least one key of the ring has signed, none of theirs is
 * wrong. Returns 0, MALFORMED or SIGNATURE. */
int note_open(const char *bytes, size_t size, const struct note_keyring *keys, struct note *note);

/* Writes a note with those of its signatures that keys of the ring have made. Returns its size, or
 * what note_open() fails with; MALFORMED for a buffer smaller than the note. */
int note_strip(const char *bytes, size_t size, const struct note_keyring *keys,
               struct note_buffer *stripped);

#endif
