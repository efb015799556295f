/*
 * What a party's key signs, and checking it: the same bytes for whoever signs, for the gateway
 * before a deed is sequenced, and for verify afterwards.
 *
 *     "tpx deed v1" 00            nothing else that such a key signs begins like this
 *     origin 00                   of the ledger: a signature for a test is none for production
 *     party_key      4 bytes      the key's number
 *     serial         8 bytes      of what it has signed (engine/confirm.h)
 *     expires        8 bytes      ns since 1970; 0: never
 *     kind           4 bytes      number of the body's field in Deed
 *     body                        its bytes as they stand in the deed: nothing is encoded again
 *
 * Numbers are big-endian. Left out is what may differ each time the same paper is handed in: the
 * session and its number, who sends it and on whose behalf, and the other signature.
 *
 * Threads: pure functions.
 */
#ifndef LEDGER_DEED_SIGNATURE_H
#define LEDGER_DEED_SIGNATURE_H

#include "engine/deed.h"
#include "ledger/crypto.h"

#define DEED_SIGNED_WORDS "tpx deed v1"
#define DEED_SIGNED_BYTES_MAX                                                                      \
    (sizeof DEED_SIGNED_WORDS + ORIGIN_BYTES_MAX + 1 + 24 + REQUEST_BYTES_MAX)

/* What one signature is over; pointers are the caller's. */
struct deed_signing {
    const char *origin;
    uint32_t party_key;
    uint64_t serial;
    int64_t expires_ns;
    uint8_t kind; /* enum deed_kind */
    const uint8_t *body;
    uint32_t body_bytes;
};

/* The i-th signature of a decoded deed. */
struct deed_signing deed_signing_of(const char *origin, const struct deed *deed, uint32_t i);

/* Writes the bytes that are signed; returns how many. */
size_t deed_signing_write(const struct deed_signing *signing, uint8_t bytes[DEED_SIGNED_BYTES_MAX]);

/* Returns 0 or FAILURE_SYSTEM. */
int deed_sign(const struct deed_signing *signing, const struct signer *signer,
              uint8_t signature[SIGNATURE_BYTES]);

/* A key of a party with what it signs next. */
struct deed_pen {
    const struct signer *signer;
    const char *origin;
    uint32_t party_key;
    uint64_t serial;
    int64_t expires_ns;
};

/* Adds a signature to a deed that is about to be sent, `name` being its text that stays outside
 * (proto/codec_request.h). Returns 0; FAILURE_MALFORMED for one that has all its signatures or is
 * too large; FAILURE_SYSTEM. */
int deed_add_signature(struct deed *deed, const char *name, const struct deed_pen *pen);

/* Whether a key of this profile made this signature over it. False also when its bytes are no key.
 */
bool deed_signature_is_right(const struct deed_signing *signing, uint8_t profile,
                             const struct signing_key *key,
                             const uint8_t signature[SIGNATURE_BYTES]);

/* The first of the deed's signatures, from 1, that is by a key which the engine knows and is false;
 * 0: none is. One that names no key the engine refuses. */
struct engine;
uint32_t deed_signatures_wrong(const struct engine *engine, const char *origin,
                               const struct deed *deed);

#endif
