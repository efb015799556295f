/*
 * ledger/crypto.h against published vectors.
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

static int make_hasher(void **state) {
    *state = hasher_create(PROFILE_INTERNATIONAL);
    return *state == NULL;
}

static int drop_hasher(void **state) {
    hasher_destroy(*state);
    return 0;
}

static void assert_hash(const struct hash *hash, const char *hex) {
    uint8_t expected[HASH_SIZE];
    assert_int_equal(hex_read(hex, expected, sizeof expected), HASH_SIZE);
    assert_memory_equal(hash->bytes, expected, HASH_SIZE);
}

/* FIPS 180-4's examples. */
static void digest_is_sha256(void **state) {
    struct hash hash;
    hasher_digest(*state, "abc", 3, &hash);
    assert_hash(&hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hasher_digest(*state, "", 0, &hash);
    assert_hash(&hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    hasher_digest(*state, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, &hash);
    assert_hash(&hash, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void pieces_hash_like_the_whole(void **state) {
    struct hash whole;
    struct hash pieces;
    hasher_digest(*state, "abcdef", 6, &whole);
    hasher_begin(*state);
    hasher_add(*state, "abc", 3);
    hasher_add(*state, "", 0);
    hasher_add(*state, "def", 3);
    hasher_end(*state, &pieces);
    assert_true(hash_equal(&whole, &pieces));
}

/* The empty leaf and the inner node over two of certificate-transparency's test leaves. */
static void leaf_and_node_carry_their_prefixes(void **state) {
    struct hash left;
    struct hash right;
    hasher_leaf(*state, "", 0, &left);
    assert_hash(&left, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    hasher_leaf(*state, "\0", 1, &right);
    assert_hash(&right, "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7");
    hasher_node(*state, &left, &right, &left);
    assert_hash(&left, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
}

static void salt_of_the_first_record_is_the_commands_own(void **state) {
    uint8_t salt[SALT_SIZE];
    uint8_t derived[SALT_SIZE];
    memset(salt, 7, sizeof salt);
    hasher_salt(*state, salt, 0, derived);
    assert_memory_equal(derived, salt, SALT_SIZE);
}

static void salt_of_a_later_record_is_hashed_with_its_index(void **state) {
    uint8_t salt[SALT_SIZE];
    uint8_t derived[SALT_SIZE];
    uint8_t message[SALT_SIZE + 4] = {0};
    struct hash hash;
    memset(salt, 7, sizeof salt);
    memset(message, 7, SALT_SIZE);
    message[SALT_SIZE + 2] = 1;
    message[SALT_SIZE + 3] = 2;
    hasher_digest(*state, message, sizeof message, &hash);
    hasher_salt(*state, salt, 0x0102, derived);
    assert_memory_equal(derived, hash.bytes, SALT_SIZE);
}

static void entropy_gives_other_bytes_each_time_and_forgets_them(void **state) {
    (void)state;
    static struct entropy entropy;
    uint8_t drawn[300][SALT_SIZE];
    for (int i = 0; i < 300; i++)
        assert_int_equal(entropy_draw(&entropy, drawn[i], SALT_SIZE), 0);
    for (int i = 1; i < 300; i++)
        assert_memory_not_equal(drawn[i], drawn[i - 1], SALT_SIZE);
    assert_int_equal(entropy.left, 2 * ENTROPY_POOL_SIZE - 300 * SALT_SIZE);
    for (uint32_t i = 0; i < ENTROPY_POOL_SIZE - entropy.left; i++)
        assert_int_equal(entropy.pool[i], 0);
}

/* RFC 8032, 7.1, tests 2 and 3. */
static void signatures_are_those_of_rfc_8032(void **state) {
    (void)state;
    static const struct {
        const char *secret, *public_key, *message, *signature;
    } vectors[] = {{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
                   {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                    "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"}};
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        uint8_t secret[SECRET_KEY_SIZE];
        struct signing_key expected_key = {.size = 32};
        uint8_t expected[SIGNATURE_SIZE];
        struct signing_key key;
        uint8_t message[8];
        uint8_t signature[SIGNATURE_SIZE];
        struct signer *signer = NULL;
        struct verifier *verifier = NULL;
        hex_read(vectors[i].secret, secret, sizeof secret);
        hex_read(vectors[i].public_key, expected_key.bytes, expected_key.size);
        hex_read(vectors[i].signature, expected, sizeof expected);
        size_t size = (size_t)hex_read(vectors[i].message, message, sizeof message);
        assert_int_equal(signer_load(PROFILE_INTERNATIONAL, secret, &signer), 0);
        signer_public(signer, &key);
        assert_true(signing_key_equal(&key, &expected_key));
        assert_int_equal(signer_sign(signer, message, size, signature), 0);
        assert_memory_equal(signature, expected, sizeof signature);
        assert_int_equal(verifier_load(PROFILE_INTERNATIONAL, &key, &verifier), 0);
        assert_true(verifier_check(verifier, message, size, signature));
        signature[5] ^= 1;
        assert_false(verifier_check(verifier, message, size, signature));
        signature[5] ^= 1;
        message[0] ^= 1;
        assert_false(verifier_check(verifier, message, size, signature));
        verifier_destroy(verifier);
        signer_destroy(signer);
    }
}

static void generated_key_comes_back_from_its_secret(void **state) {
    (void)state;
    for (uint8_t profile = 1; profile < PROFILES_END; profile++) {
        struct signer *signer = NULL;
        struct signer *copy = NULL;
        uint8_t secret[SECRET_KEY_SIZE];
        struct signing_key keys[2];
        assert_int_equal(signer_generate(profile, &signer), 0);
        signer_secret(signer, secret);
        assert_int_equal(signer_load(profile, secret, &copy), 0);
        assert_int_equal(signer_profile(copy), profile);
        signer_public(signer, &keys[0]);
        signer_public(copy, &keys[1]);
        assert_int_equal(keys[0].size, signing_key_bytes(profile));
        assert_true(signing_key_equal(&keys[0], &keys[1]));
        signer_destroy(copy);
        signer_destroy(signer);
    }
}

static void profiles_have_names_and_there_are_no_others(void **state) {
    (void)state;
    assert_int_equal(crypto_profile_find("international"), PROFILE_INTERNATIONAL);
    assert_int_equal(crypto_profile_find("national"), PROFILE_NATIONAL);
    assert_int_equal(crypto_profile_find("National"), 0);
    assert_null(crypto_profile(0));
    assert_null(crypto_profile(PROFILES_END));
    assert_null(hasher_create(0));
    assert_null(hasher_create(PROFILES_END));
}

/* Neither loads, nor checks, what is of the other. */
static void a_key_of_one_profile_is_none_of_the_other(void **state) {
    (void)state;
    for (uint8_t profile = 1; profile < PROFILES_END; profile++) {
        struct signer *signer = NULL;
        struct verifier *verifier = NULL;
        struct signing_key key;
        assert_int_equal(signer_generate(profile, &signer), 0);
        signer_public(signer, &key);
        signer_destroy(signer);
        for (uint8_t other = 1; other < PROFILES_END; other++) {
            int failure = verifier_load(other, &key, &verifier);
            assert_int_equal(failure, other == profile ? 0 : FAILURE_MALFORMED);
            verifier_destroy(verifier);
        }
    }
}

static void secrets_compare_and_are_wiped(void **state) {
    (void)state;
    uint8_t a[8] = "secret!";
    uint8_t b[8] = "secret!";
    static const uint8_t zeros[8];
    assert_true(secret_equal(a, b, sizeof a));
    b[7] = 1;
    assert_false(secret_equal(a, b, sizeof a));
    secret_cleanse(a, sizeof a);
    assert_memory_equal(a, zeros, sizeof a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digest_is_sha256),
        cmocka_unit_test(pieces_hash_like_the_whole),
        cmocka_unit_test(leaf_and_node_carry_their_prefixes),
        cmocka_unit_test(salt_of_the_first_record_is_the_commands_own),
        cmocka_unit_test(salt_of_a_later_record_is_hashed_with_its_index),
        cmocka_unit_test(entropy_gives_other_bytes_each_time_and_forgets_them),
        cmocka_unit_test(signatures_are_those_of_rfc_8032),
        cmocka_unit_test(generated_key_comes_back_from_its_secret),
        cmocka_unit_test(profiles_have_names_and_there_are_no_others),
        cmocka_unit_test(a_key_of_one_profile_is_none_of_the_other),
        cmocka_unit_test(secrets_compare_and_are_wiped),
    };
    return cmocka_run_group_tests(tests, make_hasher, drop_hasher);
}
