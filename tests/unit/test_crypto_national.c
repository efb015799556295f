/*
 * The national profile of ledger/crypto.h against the standards' examples: GB/T 32905 (SM3) and
 * GB/T 32918.5 (SM2 on the recommended curve, id "1234567812345678").
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/crypto.h"
#include "ledger/failure.h"
#include "tests/unit/hex.h"

static const char secret_hex[] = "3945208f7b2144b13f36e38ac6d39f9588939369"
                                 "2860b51a42fb81ef4df7c5b8";
/* x, behind 03: y ends in ad13, which is odd. */
static const char key_hex[] = "0309f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020";
static const char message[] = "message digest";
static const char signature_hex[] =
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";
#define MESSAGE_SIZE (sizeof message - 1)

/* n, the order of the curve. */
static const char order_hex[] = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";

static struct verifier *load_key(const char *hex) {
    struct signing_key key = {.size = 33};
    struct verifier *verifier = NULL;
    assert_int_equal(hex_read(hex, key.bytes, key.size), key.size);
    int failure = verifier_load(PROFILE_NATIONAL, &key, &verifier);
    assert_int_equal(failure, verifier != NULL ? 0 : FAILURE_MALFORMED);
    return verifier;
}

static void assert_sm3(const char *bytes, size_t size, const char *hex) {
    struct hasher *hasher = hasher_create(PROFILE_NATIONAL);
    struct hash hash;
    uint8_t expected[HASH_SIZE];
    assert_non_null(hasher);
    assert_int_equal(hasher_profile(hasher), PROFILE_NATIONAL);
    hex_read(hex, expected, sizeof expected);
    hasher_digest(hasher, bytes, size, &hash);
    assert_memory_equal(hash.bytes, expected, HASH_SIZE);
    hasher_destroy(hasher);
}

static void digest_is_sm3(void **state) {
    (void)state;
    assert_sm3("abc", 3, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    assert_sm3("abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd", 64,
               "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
}

static void the_standards_signature_is_right(void **state) {
    (void)state;
    uint8_t signature[SIGNATURE_SIZE];
    struct verifier *verifier = load_key(key_hex);
    assert_non_null(verifier);
    hex_read(signature_hex, signature, sizeof signature);
    assert_true(verifier_check(verifier, message, MESSAGE_SIZE, signature));
    for (size_t i = 0; i < sizeof signature; i++) {
        signature[i] ^= 1;
        assert_false(verifier_check(verifier, message, MESSAGE_SIZE, signature));
        signature[i] ^= 1;
    }
    assert_false(verifier_check(verifier, message, MESSAGE_SIZE - 1, signature));
    verifier_destroy(verifier);
}

static void the_standards_secret_has_its_public_key_and_signs(void **state) {
    (void)state;
    uint8_t secret[SECRET_KEY_SIZE];
    uint8_t back[SECRET_KEY_SIZE];
    uint8_t signatures[2][SIGNATURE_SIZE];
    struct signing_key expected = {.size = 33};
    struct signing_key key;
    struct signer *signer = NULL;
    struct verifier *verifier = load_key(key_hex);
    hex_read(secret_hex, secret, sizeof secret);
    hex_read(key_hex, expected.bytes, expected.size);
    assert_int_equal(signer_load(PROFILE_NATIONAL, secret, &signer), 0);
    signer_public(signer, &key);
    assert_true(signing_key_equal(&key, &expected));
    signer_secret(signer, back);
    assert_memory_equal(back, secret, sizeof secret);
    verifier_public(verifier, &key);
    assert_true(signing_key_equal(&key, &expected));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(signer_sign(signer, message, MESSAGE_SIZE, signatures[i]), 0);
        assert_true(verifier_check(verifier, message, MESSAGE_SIZE, signatures[i]));
    }
    assert_memory_not_equal(signatures[0], signatures[1], SIGNATURE_SIZE);
    verifier_destroy(verifier);
    signer_destroy(signer);
}

static void secrets_out_of_range_are_refused(void **state) {
    (void)state;
    uint8_t secret[SECRET_KEY_SIZE] = {0};
    struct signer *signer = NULL;
    assert_int_equal(signer_load(PROFILE_NATIONAL, secret, &signer), FAILURE_MALFORMED);
    assert_null(signer);
    hex_read(order_hex, secret, sizeof secret);
    secret[SECRET_KEY_SIZE - 1]--; /* n - 1, with which nothing can be signed */
    assert_int_equal(signer_load(PROFILE_NATIONAL, secret, &signer), FAILURE_MALFORMED);
    secret[SECRET_KEY_SIZE - 1]--;
    assert_int_equal(signer_load(PROFILE_NATIONAL, secret, &signer), 0);
    signer_destroy(signer);
}

static void what_is_no_point_of_the_curve_is_no_key(void **state) {
    (void)state;
    char hex[2 * 33 + 1];
    uint32_t points = 0;
    assert_null(load_key("0009f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"));
    assert_null(load_key("0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"));
    assert_null(load_key("02ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"));
    strcpy(hex, key_hex);
    for (hex[2 * 33 - 1] = '0'; hex[2 * 33 - 1] <= '9'; hex[2 * 33 - 1]++) {
        struct verifier *verifier = load_key(hex); /* about every second x has a y */
        points += verifier != NULL;
        verifier_destroy(verifier);
    }
    assert_in_range(points, 2, 8);
}

/* r || s has one form: what is not below n is nothing else in disguise. */
static void numbers_of_a_signature_are_below_the_order(void **state) {
    (void)state;
    uint8_t signature[SIGNATURE_SIZE] = {0};
    struct verifier *verifier = load_key(key_hex);
    assert_false(verifier_check(verifier, message, MESSAGE_SIZE, signature));
    memset(signature, 0xff, sizeof signature);
    assert_false(verifier_check(verifier, message, MESSAGE_SIZE, signature));
    verifier_destroy(verifier);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digest_is_sm3),
        cmocka_unit_test(the_standards_signature_is_right),
        cmocka_unit_test(the_standards_secret_has_its_public_key_and_signs),
        cmocka_unit_test(secrets_out_of_range_are_refused),
        cmocka_unit_test(what_is_no_point_of_the_curve_is_no_key),
        cmocka_unit_test(numbers_of_a_signature_are_below_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
