/*
 * ledger/map.h and ledger/map_proof.h against published vectors of the format: hashes of trees, and
 * proofs that there is nothing under a prefix, made by the Go package that defined it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/map.h"
#include "tests/unit/hex.h"

#define KEY_SIZE   32u
#define PAIRS_MAX  4u
#define VECTOR_MAX 1024u

struct pair {
    const char *key;
    const char *value;
};

struct tree_vector {
    struct pair pairs[PAIRS_MAX];
    const char *root;
};

#define ZEROS30 "000000000000000000000000000000000000000000000000000000000000"
#define AS30    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct tree_vector trees[] = {
    {.root = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {{{"4888ffe82a7d2964fbd4fa329f1509960024fd70e393cd5a1945bb41d0964d5c",
       "70be652ae9dffdd30243acd6487b0bebdac46aff230c8ac383e29d79dbd8915d"}},
     "2a698354db3d6d1e4205dc2ca99f9b5925612fd3641ce5bc3400ab521052c1e9"},
    {{{"0000" ZEROS30, "920c9d26acc22861bcd8de8737683b0b4cfaf0dfb7e80b4774421517bf8489c8"},
      {"8000" ZEROS30, "5f9895fa7d0d2ecb5d14d6dd0bda94f6b86cd8b197377445405576ac04279d3b"}},
     "6b6f242a8dcfacd8bc1213d4453852a2127b398c65a7684a2e1af666f6356061"},
    {{{"0000" ZEROS30, "f2fa85447882e5277506e12a94b2e83a6166b67d68cc6cc70d78c48b40010f5e"},
      {"0100" ZEROS30, "8b86cd5bb29ae0a28649688800e44b903f2deeefa9ae5694f80afe6cf29df14d"}},
     "9abb026bca1c67d3d40a45d97d6f0467b6d4a3c38606358014ff990b44b3b0c1"},
    {{{"0000" ZEROS30, "b188b6b58314ec338af1984d57465491745f06160303a071b8502ae32354f3af"},
      {"0080" ZEROS30, "aa9390c5f7034b582190e14923e48fab177a1f6067cf2b8cd9d58475cbefbbff"}},
     "fb38b0365217d5add42b9ed01a334c9b5e7e29798926f5eb3c9f14029de7c87a"},
    {{{AS30 "0000", "d40ee8abad7b6dd20a3e437b2fe42ed96a04a622435cb79bcfc498a9e76f2069"},
      {AS30 "0100", "1ee5c16df9f56ca48ab7cab839813a0fc53ffd57b8b6fd5fec34139855c3ed81"}},
     "6267acde2a12f4da5666e44cb63779798523d5b07fb09ed1a7ea38aaaf3bcd75"},
    {{{"0000" ZEROS30, "cc406618223e1e591b2cec004a8c7c1bf4eeb09aec43600381eedacac20f2bf9"},
      {"4000" ZEROS30, "6b371a019461913d1c26b038eff19680952e6e1c51c87db18a94f3a1b565f6c7"},
      {"8000" ZEROS30, "d5819ee69ad23ea2c4612acab96a6ed0085a9a4800d33497ccfdc37ce09c6f32"}},
     "3b5ae657915d8cd94abdf4362daf5397d0b74cea7edfcb88b2ad3a21bd0c6efd"},
    {{{"c000" ZEROS30, "d24e1a0392019144f59557f3fda9356417ed24125ade5c43f4fd5af5effb62c5"},
      {"4000" ZEROS30, "ba70df9bc82f5867ca56cd5d3110830194bff04a94bf140398aea50c4d88e041"},
      {"8000" ZEROS30, "2e164bab01a16e0e27ae3e08927dea054e8d5935aab742c78c244e74d0d6165d"},
      {"0000" ZEROS30, "651e31c69f55c7232848025467d5bb038b406bbdaa0a7e8ce18570e1629ac35c"}},
     "752cace32992bd2e650f86a60f7f4cb073e77bd0da0bbae17c9927ca0cac41d9"},
    {{{"ffffffffffffffffffffffffffffffff00000000000000000000000000000000",
       "a3b93625e143e33744bc532953260c66bcdb124ff930e6a55257558871df9e72"},
      {"ffffffffffffffffffffffffffffffff80000000000000000000000000000000",
       "4f02252ceaba90d9997b0f84bface6cd661dcb1779c5beb55d1eec2510680464"}},
     "55664663e0148e90b47b18ec9660b0a9c5d83b03fc0235fcb8938763d7d3ed7f"},
};

/* Proofs over one tree of random keys, whose root has two children: that no key begins with the
 * prefix. The first bytes are the size of a key, the last a hash beside the root's child. */
struct none_vector {
    const char *prefix;
    const char *proof;
};

#define ROOT_LEFT  "2e64cdef833deb3356a5e083b7cfc0a630088e879857ed39e784aae31ed6bedc"
#define ROOT_RIGHT "40dc737418c4383ac4b231e9a07ab1542a9c0f2ff92e3cfab0d7f05c5535afd0"

static const struct none_vector nones[] = {
    {"6f01", "206f8cee21f4e779c420cec4b20ce44cb179173f95e46e58a982c11cbb92c3e9ae"
             "20d3eb904638d1f4236aa7fe279500cda1938b4f370282586c432d5499f6a37312"
             "0acdffacb055c84f777e05eb827616cfe9732bf3428c7c6536dcbf5bfa75e6e1cc"
             "07c9ceb2b59da1f36ea57bf51fff9cd38b6040ec5d4d8cbbafcc7298a95b8ca6a4"
             "0647cd1161a308aad059657809136a59945e6747d69f2f039ef327cd2ba23fd9b7"
             "057a50e1cad1b7c2e5d515e41c88939ccf61569407051696b25923b6e514691e4a"
             "04f6fd1f46e40a44a762068b249000c5054837e7e34596442ceb007a5e2a5bf4f6"
             "035e332fc049f20d27eb93082f9dd0b9b9529e7215c64162f63e84dbd47e147315"
             "02297ffc406fc6925834e15d5792fec8502d8ce7e42248028c7892e424808d45b7"
             "01574864d1a861d417cff1f0e8587dd0724a56cc4743deb81e020aad40184cf91f"
             "00" ROOT_RIGHT},
    {"9b65d7", "209a1f4ba2a10e720c0ef44600468a2998991874dfa4f4d3ea6e592e94aa856722"
               "20864d0d4cc5da9b183841580bce16a47e02da86d5169d30305519ff9f3beb0ebf"
               "0675fea96ec321eb38e65258627ebd3542b561ee675c38c0c3d32c8ad4cd53060c"
               "05804e2be791fd6c48d16c1242ebac015c713bc2107dedea21dcc2fc47529c3861"
               "04026ba806c9f6ceef7f1d87722e3bab463aa86b571c3b36a1abc1ca02b81508b8"
               "03c973ad150aa99bf9f94477cbefaf422579cbad6126d9cdceb407312d793878b1"
               "0292708d71d5b5600cc197bf7dd442821e0e091dbdd9370062db7fbe3e63645a86"
               "01b0791c46587027f7e1384f593f13b1c2e074b6d2c0bcdb4e12562c04ee219bee"
               "00" ROOT_LEFT},
    {"69", "206882087c6e4e30f94ea4e0a789a5c40df23a8131eae8ea8fa9333ee4f7151432"
           "205ecfb7430bb4d74825f5010ba1ab078ea38fa66a3df6bbba70f240b805f769e2"
           "06c90d2ec06f046fd8ab4f3f623ffaa606af55cddfd80cd663d840eaf260592191"
           "05c488148baa9e7502ca4a7bdbaef023e665f5b99e3f809082c7be34d80ea4ca2d"
           "04f6fd1f46e40a44a762068b249000c5054837e7e34596442ceb007a5e2a5bf4f6"
           "035e332fc049f20d27eb93082f9dd0b9b9529e7215c64162f63e84dbd47e147315"
           "02297ffc406fc6925834e15d5792fec8502d8ce7e42248028c7892e424808d45b7"
           "01574864d1a861d417cff1f0e8587dd0724a56cc4743deb81e020aad40184cf91f"
           "00" ROOT_RIGHT},
};

static struct hash from_hex(const char *hex) {
    struct hash hash;
    assert_int_equal(hex_read(hex, hash.bytes, HASH_SIZE), HASH_SIZE);
    return hash;
}

static int borrow_hasher(void **state) {
    *state = hasher_create(PROFILE_INTERNATIONAL);
    return *state == NULL;
}

static int return_hasher(void **state) {
    hasher_destroy(*state);
    return 0;
}

static void roots_are_the_published_ones_in_whatever_order_entries_come(void **state) {
    struct hasher *hasher = *state;
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++)
        for (uint32_t first = 0; first < PAIRS_MAX; first++) {
            struct map *map = map_create(KEY_SIZE, PAIRS_MAX);
            struct hash expected = from_hex(trees[i].root);
            struct hash root;
            assert_non_null(map);
            for (uint32_t k = 0; k < PAIRS_MAX; k++) {
                const struct pair *pair = &trees[i].pairs[(first + k) % PAIRS_MAX];
                if (pair->key == NULL)
                    continue;
                struct hash key = from_hex(pair->key);
                struct hash value = from_hex(pair->value);
                assert_true(map_set(map, key.bytes, &value));
            }
            map_root(map, hasher, &root);
            assert_true(hash_equal(&root, &expected));
            map_destroy(map);
        }
}

static void published_proofs_of_nothing_hold(void **state) {
    struct hasher *hasher = *state;
    struct hash left = from_hex(ROOT_LEFT);
    struct hash right = from_hex(ROOT_RIGHT);
    struct hash root;
    map_inner(hasher, 0, &left, &right, &root);
    for (size_t i = 0; i < sizeof nones / sizeof *nones; i++) {
        uint8_t prefix[KEY_SIZE];
        uint8_t proof[VECTOR_MAX];
        int prefix_size = hex_read(nones[i].prefix, prefix, sizeof prefix);
        int proof_size = hex_read(nones[i].proof, proof, sizeof proof);
        assert_true(prefix_size > 0 && proof_size > 0);
        struct map_claim claim = {.key_size = KEY_SIZE,
                                  .prefix = prefix,
                                  .prefix_size = (uint32_t)prefix_size,
                                  .proof = proof,
                                  .proof_size = (size_t)proof_size};
        assert_true(map_check(hasher, &root, &claim));
        prefix[0] ^= 0x80;
        assert_false(map_check(hasher, &root, &claim));
    }
}

static void full_map_takes_new_values_but_no_new_keys(void **state) {
    struct hasher *hasher = *state;
    struct map *map = map_create(1, 2);
    struct hash value = {{7}};
    struct hash found;
    struct hash before;
    struct hash after;
    assert_non_null(map);
    assert_true(map_set(map, (const uint8_t *)"a", &value));
    assert_true(map_set(map, (const uint8_t *)"b", &value));
    map_root(map, hasher, &before);
    assert_false(map_set(map, (const uint8_t *)"c", &value));
    assert_false(map_find(map, (const uint8_t *)"c", &found));
    map_root(map, hasher, &after);
    assert_true(hash_equal(&before, &after));
    value.bytes[0] = 8;
    assert_true(map_set(map, (const uint8_t *)"a", &value));
    assert_true(map_find(map, (const uint8_t *)"a", &found));
    assert_true(hash_equal(&found, &value));
    assert_int_equal(map_count(map), 2);
    map_destroy(map);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_the_published_ones_in_whatever_order_entries_come),
        cmocka_unit_test(published_proofs_of_nothing_hold),
        cmocka_unit_test(full_map_takes_new_values_but_no_new_keys),
    };
    return cmocka_run_group_tests(tests, borrow_hasher, return_hasher);
}
