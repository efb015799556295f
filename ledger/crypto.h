/*
 * Hashes, signatures and random bytes: the only door to OpenSSL.
 *
 * The choice of algorithms is one profile, in crypto.c: SHA-256 and Ed25519. Everybody else knows
 * only sizes and the words hasher, signer, verifier. A second profile (SM3 and SM2) is a second
 * entry there, not a second path through the code.
 *
 * A hasher is fetched once and used again: an implicit fetch for each hash costs more than the
 * hash.
 *
 *     struct hasher *hasher = hasher_create();
 *     struct hash leaf;
 *     hasher_leaf(hasher, "abc", 3, &leaf);
 *     hasher_destroy(hasher);
 *
 * Threads: a hasher and an entropy belong to one thread; signers and verifiers may be shared once
 * made. Nothing here survives a fork usefully but hashers, signers and verifiers.
 */
#ifndef LEDGER_CRYPTO_H
#define LEDGER_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes. A profile whose sizes differ changes them here, and the formats that hold them. */
#define HASH_SIZE       32
#define SECRET_KEY_SIZE 32
#define PUBLIC_KEY_SIZE 32
#define SIGNATURE_SIZE  64
#define SALT_SIZE       16

struct hash {
    uint8_t bytes[HASH_SIZE];
};

/* What names the algorithms outside of this file. */
struct crypto_profile {
    const char *name;       /* as record 0 of a ledger names it */
    const char *hash;       /* OpenSSL's name */
    const char *signature;  /* OpenSSL's name */
    uint8_t signature_type; /* identifier byte of C2SP signed-note */
};

const struct crypto_profile *crypto_profile(void);

/* --- hashes ---------------------------------------------------------------------------------- */

struct hasher;

/* NULL when the library does not offer the hash or has no memory. */
struct hasher *hasher_create(void);
void hasher_destroy(struct hasher *hasher);

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

/* FAILURE_SYSTEM, with *signer NULL, when the library refuses. */
int signer_generate(struct signer **signer);
int signer_load(const uint8_t secret[SECRET_KEY_SIZE], struct signer **signer);
void signer_destroy(struct signer *signer);
void signer_secret(const struct signer *signer, uint8_t secret[SECRET_KEY_SIZE]);
void signer_public(const struct signer *signer, uint8_t public_key[PUBLIC_KEY_SIZE]);
int signer_sign(const struct signer *signer, const void *message, size_t size,
                uint8_t signature[SIGNATURE_SIZE]);

/* FAILURE_MALFORMED, with *verifier NULL, when the bytes are no key. */
int verifier_load(const uint8_t public_key[PUBLIC_KEY_SIZE], struct verifier **verifier);
void verifier_destroy(struct verifier *verifier);
void verifier_public(const struct verifier *verifier, uint8_t public_key[PUBLIC_KEY_SIZE]);
bool verifier_check(const struct verifier *verifier, const void *message, size_t size,
                    const uint8_t signature[SIGNATURE_SIZE]);

/* --- secrets --------------------------------------------------------------------------------- */

/* Compares in a time that does not depend on the bytes. */
bool secret_equal(const void *a, const void *b, size_t size);

/* Overwrites with zeros; the compiler does not take it away. */
void secret_cleanse(void *bytes, size_t size);

#endif
