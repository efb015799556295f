/*
 * SM2's secret is brought in together with its point: the library signs over a digest of both and
 * computes neither from the other.
 */
#include "ledger/crypto_key.h"

#include <assert.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#define SM2_NUMBER_SIZE     32u /* a coordinate, a secret, half of a signature */
#define SM2_POINT_SIZE      (1u + SM2_NUMBER_SIZE)
#define SM2_WHOLE_POINT     (1u + 2u * SM2_NUMBER_SIZE)
#define POINT_IS_COMPRESSED 0x02 /* 03 where y is odd */
#define POINT_IS_WHOLE      0x04

static_assert(SM2_POINT_SIZE == SIGNING_KEY_BYTES_MAX, "a signing key has room for a point");
static_assert(SIGNATURE_SIZE == 2 * SM2_NUMBER_SIZE, "a signature is r and s");

/* --- SM2 ---------------------------------------------------------------------------------------
 */

/* A key of the library's from what it is made of. */
static EVP_PKEY *sm2_key(const uint8_t point[SM2_POINT_SIZE], const BIGNUM *secret) {
    static const char group[] = "SM2";
    EVP_PKEY *key = NULL;
    OSSL_PARAM *parameters = NULL;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "SM2", NULL);
    int selection = secret != NULL ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
    bool is_built =
        build != NULL && context != NULL &&
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, group, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, SM2_POINT_SIZE) ==
            1 &&
        (secret == NULL || OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, secret) == 1);
    if (is_built)
        parameters = OSSL_PARAM_BLD_to_param(build);
    if (parameters == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, selection, parameters) != 1)
        key = NULL;
    OSSL_PARAM_free(parameters);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_BLD_free(build);
    return key;
}

/* GB/T 32918.1, 6.1: from 1 to n - 2. */
static bool is_sm2_secret(const EC_GROUP *group, const BIGNUM *secret) {
    BIGNUM *most = BN_dup(EC_GROUP_get0_order(group));
    bool is_one = most != NULL && BN_sub_word(most, 2) == 1 && !BN_is_zero(secret) &&
                  BN_cmp(secret, most) <= 0;
    BN_free(most);
    return is_one;
}

static bool sm2_multiply(const EC_GROUP *group, const BIGNUM *secret,
                         uint8_t bytes[SM2_POINT_SIZE]) {
    EC_POINT *point = EC_POINT_new(group);
    bool is_done = point != NULL && EC_POINT_mul(group, point, secret, NULL, NULL, NULL) == 1 &&
                   EC_POINT_point2oct(group, point, POINT_CONVERSION_COMPRESSED, bytes,
                                      SM2_POINT_SIZE, NULL) == SM2_POINT_SIZE;
    EC_POINT_free(point);
    return is_done;
}

static EVP_PKEY *sm2_secret(const uint8_t bytes[SECRET_KEY_SIZE]) {
    uint8_t point[SM2_POINT_SIZE];
    EVP_PKEY *key = NULL;
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_sm2);
    BIGNUM *secret = BN_secure_new();
    if (group != NULL && secret != NULL && BN_bin2bn(bytes, SECRET_KEY_SIZE, secret) != NULL &&
        is_sm2_secret(group, secret) && sm2_multiply(group, secret, point))
        key = sm2_key(point, secret);
    BN_clear_free(secret);
    EC_GROUP_free(group);
    return key;
}

static void sm2_read_secret(const EVP_PKEY *key, uint8_t bytes[SECRET_KEY_SIZE]) {
    BIGNUM *secret = NULL;
    int is_read = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &secret);
    assert(is_read == 1);
    int size = BN_bn2binpad(secret, bytes, SECRET_KEY_SIZE);
    assert(size == SECRET_KEY_SIZE);
    BN_clear_free(secret);
}

static void sm2_read_public(const EVP_PKEY *key, uint8_t bytes[SM2_POINT_SIZE]) {
    uint8_t point[SM2_WHOLE_POINT];
    size_t size = 0;
    int is_read =
        EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &size);
    assert(is_read == 1 && (size == SM2_WHOLE_POINT || size == SM2_POINT_SIZE));
    if (point[0] == POINT_IS_WHOLE)
        point[0] = POINT_IS_COMPRESSED | (point[SM2_WHOLE_POINT - 1] & 1);
    memcpy(bytes, point, SM2_POINT_SIZE);
}

static bool sm2_signature_read(const uint8_t *bytes, size_t size,
                               uint8_t signature[SIGNATURE_SIZE]) {
    const uint8_t *at = bytes;
    ECDSA_SIG *parts = d2i_ECDSA_SIG(NULL, &at, (long)size);
    bool is_read =
        parts != NULL && at == bytes + size &&
        BN_bn2binpad(ECDSA_SIG_get0_r(parts), signature, SM2_NUMBER_SIZE) == SM2_NUMBER_SIZE &&
        BN_bn2binpad(ECDSA_SIG_get0_s(parts), signature + SM2_NUMBER_SIZE, SM2_NUMBER_SIZE) ==
            SM2_NUMBER_SIZE;
    ECDSA_SIG_free(parts);
    return is_read;
}

static size_t sm2_signature_write(const uint8_t signature[SIGNATURE_SIZE],
                                  uint8_t bytes[CRYPTO_SIGNATURE_MAX]) {
    int size = 0;
    uint8_t *at = bytes;
    ECDSA_SIG *parts = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature, SM2_NUMBER_SIZE, NULL);
    BIGNUM *s = BN_bin2bn(signature + SM2_NUMBER_SIZE, SM2_NUMBER_SIZE, NULL);
    if (parts != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(parts, r, s) == 1) {
        r = s = NULL; /* they are the signature's now */
        size =
            i2d_ECDSA_SIG(parts, NULL) <= (int)CRYPTO_SIGNATURE_MAX ? i2d_ECDSA_SIG(parts, &at) : 0;
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(parts);
    return size > 0 ? (size_t)size : 0;
}

/* --- either ------------------------------------------------------------------------------------
 */

EVP_PKEY *crypto_key_secret(uint8_t profile, const uint8_t secret[SECRET_KEY_SIZE]) {
    if (profile == PROFILE_NATIONAL)
        return sm2_secret(secret);
    return EVP_PKEY_new_raw_private_key_ex(NULL, crypto_profile(profile)->signature, NULL, secret,
                                           SECRET_KEY_SIZE);
}

EVP_PKEY *crypto_key_public(uint8_t profile, const struct signing_key *key) {
    if (key->size != signing_key_bytes(profile))
        return NULL;
    if (profile == PROFILE_NATIONAL)
        return (key->bytes[0] & ~1) == POINT_IS_COMPRESSED ? sm2_key(key->bytes, NULL) : NULL;
    return EVP_PKEY_new_raw_public_key_ex(NULL, crypto_profile(profile)->signature, NULL,
                                          key->bytes, key->size);
}

void crypto_key_read_secret(uint8_t profile, const EVP_PKEY *key, uint8_t secret[SECRET_KEY_SIZE]) {
    size_t size = SECRET_KEY_SIZE;
    if (profile == PROFILE_NATIONAL) {
        sm2_read_secret(key, secret);
        return;
    }
    int is_read = EVP_PKEY_get_raw_private_key(key, secret, &size);
    assert(is_read == 1 && size == SECRET_KEY_SIZE);
}

void crypto_key_read_public(uint8_t profile, const EVP_PKEY *key, struct signing_key *bytes) {
    size_t size = signing_key_bytes(profile);
    *bytes = (struct signing_key){.size = (uint8_t)size};
    if (profile == PROFILE_NATIONAL) {
        sm2_read_public(key, bytes->bytes);
        return;
    }
    int is_read = EVP_PKEY_get_raw_public_key(key, bytes->bytes, &size);
    assert(is_read == 1 && size == bytes->size);
}

bool crypto_signature_read(uint8_t profile, const uint8_t *bytes, size_t size,
                           uint8_t signature[SIGNATURE_SIZE]) {
    if (profile == PROFILE_NATIONAL)
        return sm2_signature_read(bytes, size, signature);
    if (size != SIGNATURE_SIZE)
        return false;
    memcpy(signature, bytes, SIGNATURE_SIZE);
    return true;
}

size_t crypto_signature_write(uint8_t profile, const uint8_t signature[SIGNATURE_SIZE],
                              uint8_t bytes[CRYPTO_SIGNATURE_MAX]) {
    if (profile == PROFILE_NATIONAL)
        return sm2_signature_write(signature, bytes);
    memcpy(bytes, signature, SIGNATURE_SIZE);
    return SIGNATURE_SIZE;
}
