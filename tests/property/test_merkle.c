/*
 * The tree against the recursive definitions of RFC 6962, section 2.1, written down as they stand
 * there: roots, proofs of inclusion and of consistency for random sizes, an edge that grows leaf by
 * leaf and one that is written down and made again on the way.
 *
 * TPX_SEED and TPX_STEPS repeat or lengthen a run; a failure prints the seed.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "bench/random.h"
#include "ledger/edge.h"
#include "ledger/merkle.h"

/* Above one tile of level 1, so three levels are at work. */
#define LEAVES     66000u
#define TILES_MAX  (LEAVES / TILE_WIDTH + 2)
#define STEPS      400
#define SMALL_SIZE 70u

struct forest {
    struct hasher *hasher;
    struct hash *leaf; /* LEAVES */
    uint64_t seed;
    uint64_t steps;
    struct random random;
    struct hash (*tiles)[TILE_WIDTH]; /* level 0, as the edge gave them */
    uint64_t tiles_given[TILE_LEVELS];
};

/* --- the definitions ------------------------------------------------------------------------- */

static uint64_t half(uint64_t n) {
    uint64_t k = 1;
    while (k * 2 < n)
        k *= 2;
    return k;
}

static struct hash naive_root(struct hasher *hasher, const struct hash *d, uint64_t n) {
    struct hash left;
    struct hash right;
    if (n == 0) {
        hasher_digest(hasher, "", 0, &left);
        return left;
    }
    if (n == 1)
        return d[0];
    left = naive_root(hasher, d, half(n));
    right = naive_root(hasher, d + half(n), n - half(n));
    hasher_node(hasher, &left, &right, &left);
    return left;
}

static void naive_path(struct hasher *hasher, uint64_t m, const struct hash *d, uint64_t n,
                       struct merkle_proof *proof) {
    if (n == 1)
        return;
    uint64_t k = half(n);
    if (m < k) {
        naive_path(hasher, m, d, k, proof);
        proof->hashes[proof->count++] = naive_root(hasher, d + k, n - k);
    } else {
        naive_path(hasher, m - k, d + k, n - k, proof);
        proof->hashes[proof->count++] = naive_root(hasher, d, k);
    }
}

/* SUBPROOF(m, D[n], b); a whole tree is one whose root the reader knows. */
struct subtree {
    const struct hash *d;
    uint64_t n;
    bool is_whole;
};

static void naive_subproof(struct hasher *hasher, uint64_t m, struct subtree tree,
                           struct merkle_proof *proof) {
    if (m == tree.n) {
        if (!tree.is_whole)
            proof->hashes[proof->count++] = naive_root(hasher, tree.d, tree.n);
        return;
    }
    uint64_t k = half(tree.n);
    struct subtree left = {tree.d, k, tree.is_whole};
    struct subtree right = {tree.d + k, tree.n - k, false};
    if (m <= k) {
        naive_subproof(hasher, m, left, proof);
        proof->hashes[proof->count++] = naive_root(hasher, right.d, right.n);
    } else {
        naive_subproof(hasher, m - k, right, proof);
        proof->hashes[proof->count++] = naive_root(hasher, left.d, left.n);
    }
}

/* --- helpers of the tests -------------------------------------------------------------------- */

static int read_node(void *owner, uint32_t height, uint64_t index, struct hash *hash) {
    struct forest *forest = owner;
    *hash = naive_root(forest->hasher, forest->leaf + (index << height), UINT64_C(1) << height);
    return 0;
}

static void assert_proof_equal(const struct merkle_proof *a, const struct merkle_proof *b) {
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->hashes, b->hashes, a->count * sizeof a->hashes[0]);
}

static uint64_t number_from(const char *name, uint64_t otherwise) {
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static int plant(void **state) {
    static struct forest forest;
    forest.seed = number_from("TPX_SEED", 1);
    forest.steps = number_from("TPX_STEPS", STEPS);
    forest.random.state = forest.seed;
    forest.hasher = hasher_create(algorithms_profile());
    forest.leaf = calloc(LEAVES, sizeof *forest.leaf);
    forest.tiles = calloc(TILES_MAX, sizeof *forest.tiles);
    if (forest.hasher == NULL || forest.leaf == NULL || forest.tiles == NULL)
        return 1;
    for (uint32_t i = 0; i < LEAVES; i++)
        hasher_leaf(forest.hasher, &i, sizeof i, &forest.leaf[i]);
    *state = &forest;
    print_message("seed %" PRIu64 ", steps %" PRIu64 "\n", forest.seed, forest.steps);
    return 0;
}

static int fell(void **state) {
    struct forest *forest = *state;
    free(forest->tiles);
    free(forest->leaf);
    hasher_destroy(forest->hasher);
    return 0;
}

/* Proves leaf `index` and the tree of `old_size` in a tree of `size`, and compares. */
static void compare_proofs(struct forest *forest, uint64_t index, uint64_t old_size,
                           uint64_t size) {
    struct merkle_nodes nodes = {read_node, forest};
    struct merkle_proof proof;
    struct merkle_proof naive = {0};
    struct merkle_head head = {size, naive_root(forest->hasher, forest->leaf, size)};
    struct merkle_head old = {old_size, naive_root(forest->hasher, forest->leaf, old_size)};
    struct hash root;
    assert_int_equal(merkle_root(forest->hasher, &nodes, size, &root), 0);
    assert_true(hash_equal(&root, &head.root));

    assert_int_equal(merkle_prove_inclusion(forest->hasher, &nodes, index, size, &proof), 0);
    naive_path(forest->hasher, index, forest->leaf, size, &naive);
    assert_proof_equal(&proof, &naive);
    const struct hash *leaf = &forest->leaf[index];
    assert_true(merkle_check_inclusion(forest->hasher, &head, index, leaf, &proof));
    if (size > 1)
        assert_false(merkle_check_inclusion(forest->hasher, &head, index ^ 1, leaf, &proof));

    assert_int_equal(merkle_prove_consistency(forest->hasher, &nodes, old_size, size, &proof), 0);
    naive.count = 0;
    struct subtree whole = {forest->leaf, size, true};
    if (old_size > 0)
        naive_subproof(forest->hasher, old_size, whole, &naive);
    assert_proof_equal(&proof, &naive);
    assert_true(merkle_check_consistency(forest->hasher, &old, &head, &proof));
    if (proof.count > 0) {
        proof.hashes[index % proof.count].bytes[index % HASH_SIZE] ^= 1;
        assert_false(merkle_check_consistency(forest->hasher, &old, &head, &proof));
    }
}

static void every_proof_in_every_small_tree_is_the_defined_one(void **state) {
    for (uint64_t size = 1; size <= SMALL_SIZE; size++)
        for (uint64_t index = 0; index < size; index++)
            compare_proofs(*state, index, index, size);
}

static void random_proofs_in_larger_trees_are_the_defined_ones(void **state) {
    struct forest *forest = *state;
    for (uint64_t i = 0; i < forest->steps / 8; i++) {
        uint64_t size = 1 + random_next(&forest->random) % LEAVES;
        compare_proofs(forest, random_next(&forest->random) % size,
                       random_next(&forest->random) % (size + 1), size);
    }
}

static int take_tile(void *owner, uint32_t level, uint64_t index,
                     const struct hash hashes[TILE_WIDTH]) {
    struct forest *forest = owner;
    assert_int_equal(index, forest->tiles_given[level]++);
    if (level == 0) {
        memcpy(forest->tiles[index], hashes, sizeof forest->tiles[index]);
        return 0;
    }
    for (uint64_t i = 0; level == 1 && i < TILE_WIDTH; i++) {
        struct hash root = naive_root(forest->hasher, forest->tiles[index * TILE_WIDTH + i], 256);
        assert_true(hash_equal(&hashes[i], &root));
    }
    return 0;
}

static void growing_edge_has_every_root_and_gives_every_tile_once(void **state) {
    struct forest *forest = *state;
    struct edge_sink sink = {take_tile, forest};
    struct edge *edge = calloc(1, sizeof *edge);
    struct edge *copy = calloc(1, sizeof *copy);
    struct hash *hashes = calloc(EDGE_HASHES_MAX, sizeof *hashes);
    uint64_t gap = LEAVES / forest->steps + 1;
    assert_true(edge != NULL && copy != NULL && hashes != NULL);
    memset(forest->tiles_given, 0, sizeof forest->tiles_given);
    for (uint64_t next_check = 0; edge->size < LEAVES;) {
        if (edge->size >= next_check) {
            struct hash naive = naive_root(forest->hasher, forest->leaf, edge->size);
            struct hash root;
            edge_root(edge, forest->hasher, &root);
            assert_true(hash_equal(&root, &naive));
            assert_int_equal(edge_write(edge, hashes), edge_hashes(edge->size));
            edge_read(copy, forest->hasher, edge->size, hashes);
            struct edge *swap = edge;
            edge = copy;
            copy = swap;
            next_check += 1 + random_next(&forest->random) % (2 * gap);
        }
        assert_int_equal(edge_append(edge, forest->hasher, &forest->leaf[edge->size], &sink), 0);
    }
    assert_int_equal(forest->tiles_given[0], LEAVES / 256);
    assert_int_equal(forest->tiles_given[1], LEAVES / 65536);
    assert_int_equal(forest->tiles_given[2], 0);
    assert_memory_equal(forest->tiles, forest->leaf, LEAVES / 256 * 256 * sizeof(struct hash));
    free(hashes);
    free(copy);
    free(edge);
}

static int refuse_tile(void *owner, uint32_t level, uint64_t index,
                       const struct hash hashes[TILE_WIDTH]) {
    (void)owner;
    (void)level;
    (void)index;
    (void)hashes;
    return -5;
}

static void refused_tile_fails_the_append_that_fills_it(void **state) {
    struct forest *forest = *state;
    struct edge_sink sink = {refuse_tile, NULL};
    struct edge *edge = calloc(1, sizeof *edge);
    assert_non_null(edge);
    for (uint32_t i = 0; i < 255; i++)
        assert_int_equal(edge_append(edge, forest->hasher, &forest->leaf[i], &sink), 0);
    assert_int_equal(edge_append(edge, forest->hasher, &forest->leaf[255], &sink), -5);
    free(edge);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_proof_in_every_small_tree_is_the_defined_one),
        cmocka_unit_test(random_proofs_in_larger_trees_are_the_defined_ones),
        cmocka_unit_test(growing_edge_has_every_root_and_gives_every_tile_once),
        cmocka_unit_test(refused_tile_fails_the_append_that_fills_it),
    };
    return cmocka_run_group_tests(tests, plant, fell);
}
