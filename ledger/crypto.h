/*
 * Hashes, signatures and random bytes: the only door to OpenSSL.
 *
 * The choice of algorithms is one profile, which a ledger's genesis names: SHA-256 and Ed25519, or
 * SM3 and SM2. Whoever makes a hasher, signer or verifier says which; what they do then is said
 * once, here and everywhere else: a second profile is a row in a table of crypto.c, and no path
 * through the code.
 *
 * A hasher is fetched once and used again: an implicit fetch for each hash costs more than the
 * hash.
 *
 *     struct hasher *hasher = hasher_create(PROFILE_INTERNATIONAL);
 *     struct hash leaf;
 *     hasher_leaf(hasher, "abc", 3, &leaf);
 *     hasher_destroy(hasher);
 *
 *     struct verifier *verifier;
 *     if (verifier_load(profile, &key, &verifier) == 0 &&
 *         verifier_check(verifier, message, size, signature))
 *         ...
 *     verifier_destroy(verifier);
 *
 * SM2 signs and checks as GB/T 32918.2 says, over SM3, the signer's id being the 16 bytes
 * "1234567812345678" that GM/T 0009 sets where nobody has agreed on another. What the standard
 * leaves open is settled so that sizes are fixed: a signature is r || s, 32 bytes each, big-endian;
 * a public key the compressed point, 02 or 03 and x. SM2 draws a random number for each signature:
 * two of one message differ, unlike Ed25519's.
 *
 * Threads: a hasher and an entropy belong to one thread; signers and verifiers may be shared once
 * made. Nothing here survives a fork usefully but hashers, signers and verifiers.
 */
#ifndef LEDGER_CRYPTO_H
#define LEDGER_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/types.h"

/* Bytes, of either profile. A public key's are struct signing_key. */
#define HASH_SIZE       32
#define SECRET_KEY_SIZE 32
#define SIGNATURE_SIZE  64
#define SALT_SIZE       16

struct hash {
    uint8_t bytes[HASH_SIZE];
};

/* What a profile says about itself. */
struct crypto_profile {
    const char *name;      /* as configurations and people name it */
    const char *hash;      /* OpenSSL's name */
    const char *signature; /* OpenSSL's name */

    /* The signature's type in C2SP signed-note: its byte, and for 0xff the identifier after it. */
    const char *note_type;
    uint32_t note_type_size;
};

/* NULL for a number that is no enum profile. */
const struct crypto_profile *crypto_profile(uint8_t profile);

/* The profile of that name; 0 when there is none. */
uint8_t crypto_profile_find(const char *name);

/* --- hashes ---------------------------------------------------------------------------------- */

struct hasher;

/* NULL when there is no such profile, the library does not offer its hash, or has no memory. */
struct hasher *hasher_create(uint8_t profile);
void hasher_destroy(struct hasher *hasher);
uint8_t hasher_profile(const struct hasher *hasher);

void hasher_digest(struct hasher *hasher, const void *bytes, size_t size, struct hash *hash);

/* RFC 6962, 2.1: H(0x00 || entry) and H(0x01 || left || right). `hash` may be one of the two. */
void hasher_leaf(struct hasher *hasher, const void *bytes, size_t size, struct hash *hash);
void hasher_node(struct hasher *hasher, const struct hash *left, const struct hash *right,
                 struct hash *hash);

/* A hash in pieces; from begin to end the hasher serves nothing else. */
void hasher_begin(struct hasher *hasher);
void hasher_add(struct hasher *hasher, const void *bytes, size_t size);
void hasher_end(struct hasher *hasher, struct hash *hash);

/* The salt of a command's record `index`, counted from 0: the command's own salt for the first, for
 * the others the first 16 bytes of H(salt || index), the index as 4 bytes big-endian. */
void hasher_salt(struct hasher *hasher, const uint8_t salt[SALT_SIZE], uint32_t index,
                 uint8_t record_salt[SALT_SIZE]);

bool hash_equal(const struct hash *a, const struct hash *b);

/* --- random bytes ---------------------------------------------------------------------------- */

#define ENTROPY_POOL_SIZE 4096

/* Random bytes drawn in advance: one call of the library for 256 salts. Starts as zeros. */
struct entropy {
    uint32_t left; /* bytes of the pool not yet handed out, at its end */
    uint8_t pool[ENTROPY_POOL_SIZE];
};

/* Hands out `size` bytes, at most ENTROPY_POOL_SIZE, and forgets them. FAILURE_SYSTEM when the
 * library has none to give: then nothing may be stamped. */
int entropy_draw(struct entropy *entropy, void *bytes, size_t size);

/* --- signatures ------------------------------------------------------------------------------ */

struct signer;
struct verifier;

/* MALFORMED, with *signer NULL, for a secret that is none of this profile (an Ed25519 secret is any
 * 32 bytes, SM2's a number from 1 to n - 2); FAILURE_SYSTEM when the library refuses. */
int signer_generate(uint8_t profile, struct signer **signer);
int signer_load(uint8_t profile, const uint8_t secret[SECRET_KEY_SIZE], struct signer **signer);
void signer_destroy(struct signer *signer);
uint8_t signer_profile(const struct signer *signer);
void signer_secret(const struct signer *signer, uint8_t secret[SECRET_KEY_SIZE]);
void signer_public(const struct signer *signer, struct signing_key *key);
int signer_sign(const struct signer *signer, const void *message, size_t size,
                uint8_t signature[SIGNATURE_SIZE]);

/* FAILURE_MALFORMED, with *verifier NULL, when it is no key of this profile. */
int verifier_load(uint8_t profile, const struct signing_key *key, struct verifier **verifier);
void verifier_destroy(struct verifier *verifier);
uint8_t verifier_profile(const struct verifier *verifier);
void verifier_public(const struct verifier *verifier, struct signing_key *key);
bool verifier_check(const struct verifier *verifier, const void *message, size_t size,
                    const uint8_t signature[SIGNATURE_SIZE]);

/* --- secrets --------------------------------------------------------------------------------- */

/* Compares in a time that does not depend on the bytes. */
bool secret_equal(const void *a, const void *b, size_t size);

/* Overwrites with zeros; the compiler does not take it away. */
void secret_cleanse(void *bytes, size_t size);

#endif
