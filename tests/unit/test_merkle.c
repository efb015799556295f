/*
 * ledger/merkle.h, ledger/edge.h and ledger/tile.h against the test tree of
 * certificate-transparency (eight leaves, known roots and proofs).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/edge.h"
#include "ledger/merkle.h"
#include "ledger/tile.h"
#include "tests/unit/hex.h"

#define LEAVES 8

static const char *const leaves[LEAVES] = {"",
                                           "00",
                                           "10",
                                           "2021",
                                           "3031",
                                           "40414243",
                                           "5051525354555657",
                                           "606162636465666768696a6b6c6d6e6f"};

static const char *const roots[LEAVES + 1] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

struct tree {
    struct hasher *hasher;
    struct hash leaf[LEAVES];
    struct merkle_nodes nodes;
};

static struct hash from_hex(const char *hex) {
    struct hash hash;
    assert_int_equal(hex_read(hex, hash.bytes, HASH_SIZE), HASH_SIZE);
    return hash;
}

static int read_node(void *owner, uint32_t height, uint64_t index, struct hash *hash) {
    struct tree *tree = owner;
    edge_tile_root(tree->hasher, &tree->leaf[index << height], 1u << height, hash);
    return 0;
}

static int plant(void **state) {
    static struct tree tree;
    tree.hasher = hasher_create(PROFILE_INTERNATIONAL);
    for (int i = 0; i < LEAVES; i++) {
        uint8_t bytes[16];
        int size = hex_read(leaves[i], bytes, sizeof bytes);
        hasher_leaf(tree.hasher, bytes, (size_t)size, &tree.leaf[i]);
    }
    tree.nodes = (struct merkle_nodes){read_node, &tree};
    *state = &tree;
    return tree.hasher == NULL;
}

static int fell(void **state) {
    struct tree *tree = *state;
    hasher_destroy(tree->hasher);
    return 0;
}

static void roots_are_those_of_the_test_tree(void **state) {
    struct tree *tree = *state;
    for (uint64_t size = 0; size <= LEAVES; size++) {
        struct hash expected = from_hex(roots[size]);
        struct hash root;
        assert_int_equal(merkle_root(tree->hasher, &tree->nodes, size, &root), 0);
        assert_true(hash_equal(&root, &expected));
    }
}

static void inclusion_proof_is_the_published_one(void **state) {
    struct tree *tree = *state;
    static const char *const expected[] = {
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"};
    struct merkle_head head = {8, from_hex(roots[8])};
    struct merkle_proof proof;
    assert_int_equal(merkle_prove_inclusion(tree->hasher, &tree->nodes, 5, 8, &proof), 0);
    assert_int_equal(proof.count, 3);
    for (int i = 0; i < 3; i++) {
        struct hash hash = from_hex(expected[i]);
        assert_true(hash_equal(&proof.hashes[i], &hash));
    }
    assert_true(merkle_check_inclusion(tree->hasher, &head, 5, &tree->leaf[5], &proof));
}

static void consistency_proof_is_the_published_one(void **state) {
    struct tree *tree = *state;
    static const char *const expected[] = {
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"};
    struct merkle_head old = {6, from_hex(roots[6])};
    struct merkle_head head = {8, from_hex(roots[8])};
    struct merkle_proof proof;
    assert_int_equal(merkle_prove_consistency(tree->hasher, &tree->nodes, 6, 8, &proof), 0);
    assert_int_equal(proof.count, 3);
    for (int i = 0; i < 3; i++) {
        struct hash hash = from_hex(expected[i]);
        assert_true(hash_equal(&proof.hashes[i], &hash));
    }
    assert_true(merkle_check_consistency(tree->hasher, &old, &head, &proof));
}

static void proof_of_a_tree_with_itself_is_empty(void **state) {
    struct tree *tree = *state;
    struct merkle_head head = {7, from_hex(roots[7])};
    struct merkle_head other = {7, from_hex(roots[6])};
    struct merkle_head none = {0, from_hex(roots[0])};
    struct merkle_proof proof;
    assert_int_equal(merkle_prove_consistency(tree->hasher, &tree->nodes, 7, 7, &proof), 0);
    assert_int_equal(proof.count, 0);
    assert_true(merkle_check_consistency(tree->hasher, &head, &head, &proof));
    assert_false(merkle_check_consistency(tree->hasher, &other, &head, &proof));
    assert_true(merkle_check_consistency(tree->hasher, &none, &head, &proof));
    none.root.bytes[0] ^= 1;
    assert_false(merkle_check_consistency(tree->hasher, &none, &head, &proof));
    assert_false(merkle_check_consistency(tree->hasher, &head, &none, &proof));
}

static void single_leaf_is_its_own_proof(void **state) {
    struct tree *tree = *state;
    struct merkle_head head = {1, from_hex(roots[1])};
    struct merkle_proof proof;
    assert_int_equal(merkle_prove_inclusion(tree->hasher, &tree->nodes, 0, 1, &proof), 0);
    assert_int_equal(proof.count, 0);
    assert_true(merkle_check_inclusion(tree->hasher, &head, 0, &tree->leaf[0], &proof));
    assert_false(merkle_check_inclusion(tree->hasher, &head, 1, &tree->leaf[0], &proof));
    assert_false(merkle_check_inclusion(tree->hasher, &head, 0, &tree->leaf[1], &proof));
}

static void proof_too_long_or_too_short_is_refused(void **state) {
    struct tree *tree = *state;
    struct merkle_head old = {3, from_hex(roots[3])};
    struct merkle_head head = {7, from_hex(roots[7])};
    struct merkle_proof proof;
    assert_int_equal(merkle_prove_inclusion(tree->hasher, &tree->nodes, 2, 7, &proof), 0);
    for (int change = -1; change <= 1; change += 2) {
        proof.count += (uint32_t)change;
        assert_false(merkle_check_inclusion(tree->hasher, &head, 2, &tree->leaf[2], &proof));
        proof.count -= (uint32_t)change;
    }
    assert_int_equal(merkle_prove_consistency(tree->hasher, &tree->nodes, 3, 7, &proof), 0);
    for (int change = -1; change <= 1; change += 2) {
        proof.count += (uint32_t)change;
        assert_false(merkle_check_consistency(tree->hasher, &old, &head, &proof));
        proof.count -= (uint32_t)change;
    }
    proof.count = 0;
    assert_false(merkle_check_consistency(tree->hasher, &old, &head, &proof));
}

static int fail_to_read(void *owner, uint32_t height, uint64_t index, struct hash *hash) {
    (void)owner;
    (void)height;
    (void)index;
    (void)hash;
    return -77;
}

static void failure_to_read_a_node_is_passed_up(void **state) {
    struct tree *tree = *state;
    struct merkle_nodes nodes = {fail_to_read, NULL};
    struct merkle_proof proof;
    struct hash root;
    assert_int_equal(merkle_root(tree->hasher, &nodes, 5, &root), -77);
    assert_int_equal(merkle_prove_inclusion(tree->hasher, &nodes, 2, 5, &proof), -77);
    assert_int_equal(merkle_prove_consistency(tree->hasher, &nodes, 3, 5, &proof), -77);
}

/* C2SP tlog-tiles gives this example: a tree of 70,000. */
static void tiles_of_a_tree_are_as_the_specification_counts_them(void **state) {
    (void)state;
    assert_int_equal(tile_hashes(0, 70000) / TILE_WIDTH, 273);
    assert_int_equal(tile_width(0, 272, 70000), 256);
    assert_int_equal(tile_width(0, 273, 70000), 112);
    assert_int_equal(tile_width(0, 274, 70000), 0);
    assert_int_equal(tile_width(1, 0, 70000), 256);
    assert_int_equal(tile_width(1, 1, 70000), 17);
    assert_int_equal(tile_width(2, 0, 70000), 1);
    assert_int_equal(tile_width(3, 0, 70000), 0);
    assert_int_equal(tile_width(1, 0, 256), 1);
    assert_int_equal(tile_last_leaf(0, 0), 255);
    assert_int_equal(tile_last_leaf(1, 2), 3 * 65536 - 1);
}

static void tile_paths_are_written_in_groups_of_three_digits(void **state) {
    (void)state;
    char path[TILE_PATH_SIZE];
    tile_path(0, 0, 256, path);
    assert_string_equal(path, "tile/0/000");
    tile_path(3, 1234067, 256, path);
    assert_string_equal(path, "tile/3/x001/x234/067");
    tile_path(1, 999, 17, path);
    assert_string_equal(path, "tile/1/999.p/17");
    tile_path(TILE_ENTRIES, 1000, 255, path);
    assert_string_equal(path, "tile/entries/x001/000.p/255");
    tile_path(TILE_ENTRIES, TREE_SIZE_MAX - 1, 1, path);
    assert_string_equal(path, "tile/entries/x072/x057/x594/x037/x927/935.p/1");
}

static void bundle_entry_carries_its_length_big_endian(void **state) {
    (void)state;
    uint8_t bundle[BUNDLE_ENTRY_SIZE(300)];
    uint8_t entry[300];
    memset(entry, 9, sizeof entry);
    assert_int_equal(bundle_put(bundle, entry, 300), 302);
    assert_int_equal(bundle[0], 1);
    assert_int_equal(bundle[1], 44);
    assert_memory_equal(bundle + 2, entry, 300);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_those_of_the_test_tree),
        cmocka_unit_test(inclusion_proof_is_the_published_one),
        cmocka_unit_test(consistency_proof_is_the_published_one),
        cmocka_unit_test(proof_of_a_tree_with_itself_is_empty),
        cmocka_unit_test(single_leaf_is_its_own_proof),
        cmocka_unit_test(proof_too_long_or_too_short_is_refused),
        cmocka_unit_test(failure_to_read_a_node_is_passed_up),
        cmocka_unit_test(tiles_of_a_tree_are_as_the_specification_counts_them),
        cmocka_unit_test(tile_paths_are_written_in_groups_of_three_digits),
        cmocka_unit_test(bundle_entry_carries_its_length_big_endian),
    };
    return cmocka_run_group_tests(tests, plant, fell);
}
