/*
 * OpenSSL's keys and signatures of a profile, to and from the fixed forms of ledger/crypto.h: what
 * differs between Ed25519, which the library reads and writes raw, and SM2, which it keeps as a
 * point, a number and a DER sequence. For ledger/crypto.c alone.
 *
 * Threads: any.
 */
#ifndef LEDGER_CRYPTO_KEY_H
#define LEDGER_CRYPTO_KEY_H

#include <openssl/evp.h>

#include "ledger/crypto.h"

/* Bytes of the longest signature as the library writes it: two numbers of 33 bytes in DER. */
#define CRYPTO_SIGNATURE_MAX 80u

/* A key from its bytes; NULL when they are none, or the library refuses. The caller frees it. */
EVP_PKEY *crypto_key_secret(uint8_t profile, const uint8_t secret[SECRET_KEY_SIZE]);
EVP_PKEY *crypto_key_public(uint8_t profile, const struct signing_key *key);

/* And back. */
void crypto_key_read_secret(uint8_t profile, const EVP_PKEY *key, uint8_t secret[SECRET_KEY_SIZE]);
void crypto_key_read_public(uint8_t profile, const EVP_PKEY *key, struct signing_key *bytes);

/* From the library's form of a signature to ours, and back; the second returns its size. False, or
 * 0, when it cannot be one. */
bool crypto_signature_read(uint8_t profile, const uint8_t *bytes, size_t size,
                           uint8_t signature[SIGNATURE_SIZE]);
size_t crypto_signature_write(uint8_t profile, const uint8_t signature[SIGNATURE_SIZE],
                              uint8_t bytes[CRYPTO_SIGNATURE_MAX]);

#endif
