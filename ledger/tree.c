/* A small cache of tiles in front of a reader. */
#include "ledger/tree.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/edge.h"
#include "ledger/failure.h"

/* Of 8 KiB each: a megabyte. */
#define TILES_KEPT 128u

struct kept {
    uint32_t width; /* 0: empty */
    uint32_t level;
    uint64_t index;
    struct hash hashes[TILE_WIDTH];
};

struct tree {
    struct reader *reader;
    struct hasher *hasher;
    struct kept *kept;
};

int tree_open(struct tree **opened, const char *dir, bool is_copy) {
    *opened = NULL;
    struct tree *tree = calloc(1, sizeof *tree);
    if (tree == NULL)
        return failure_errno("tree");
    tree->kept = calloc(TILES_KEPT, sizeof *tree->kept);
    int failure = tree->kept != NULL ? 0 : failure_errno("tree");
    if (failure == 0)
        failure = reader_open(&tree->reader, dir, is_copy);
    if (failure == 0)
        tree->hasher = hasher_create(reader_profile(tree->reader));
    if (failure == 0 && tree->hasher == NULL)
        failure = failure_log(FAILURE_SYSTEM, "tree: no hash");
    if (failure != 0) {
        tree_close(tree);
        return failure;
    }
    *opened = tree;
    return 0;
}

void tree_close(struct tree *tree) {
    if (tree == NULL)
        return;
    reader_close(tree->reader);
    hasher_destroy(tree->hasher);
    free(tree->kept);
    free(tree);
}

struct reader *tree_reader(struct tree *tree) {
    return tree->reader;
}

/* One hash of a tile that is not stored: of a record, or the root of the full tile below. */
static int compute_hash(struct tree *tree, uint32_t level, uint64_t index, struct hash *hash) {
    struct reader_record record;
    const struct hash *below = NULL;
    if (level == 0) {
        int failure = reader_get(tree->reader, index, &record);
        if (failure == 0)
            hasher_leaf(tree->hasher, record.bytes, record.size, hash);
        return failure;
    }
    struct tile tile = {level - 1, TILE_WIDTH, index};
    int failure = tree_tile(tree, &tile, &below);
    if (failure == 0)
        edge_tile_root(tree->hasher, below, TILE_WIDTH, hash);
    return failure;
}

/* Computes what a tile lacks of `tile->width` hashes. Tiles below are read in between, and might
 * take the tile's place among those kept, so it is built aside. Depth: TILE_LEVELS. */
static int compute_tile(struct tree *tree, const struct tile *tile, struct kept *kept) {
    struct hash hashes[TILE_WIDTH];
    bool is_same = kept->width > 0 && kept->level == tile->level && kept->index == tile->index;
    uint32_t width = is_same ? kept->width : 0;
    int failure = 0;
    memcpy(hashes, kept->hashes, width * sizeof *hashes);
    for (; width < tile->width && failure == 0; width++)
        failure = compute_hash(tree, tile->level, tile->index * TILE_WIDTH + width, &hashes[width]);
    if (failure != 0)
        return failure;
    kept->width = width;
    kept->level = tile->level;
    kept->index = tile->index;
    memcpy(kept->hashes, hashes, width * sizeof *hashes);
    return 0;
}

int tree_tile(struct tree *tree, const struct tile *tile, const struct hash **hashes) {
    assert(tile->level < TILE_LEVELS && tile->width >= 1 && tile->width <= TILE_WIDTH);
    struct kept *kept = &tree->kept[(tile->index + tile->level * UINT64_C(31)) % TILES_KEPT];
    *hashes = kept->hashes;
    if (kept->level == tile->level && kept->index == tile->index && kept->width >= tile->width)
        return 0;
    struct hash stored[TILE_WIDTH];
    int failure = reader_tile(tree->reader, tile->level, tile->index, stored);
    if (failure == FAILURE_NOT_FOUND)
        return compute_tile(tree, tile, kept);
    if (failure != 0)
        return failure;
    memcpy(kept->hashes, stored, sizeof stored);
    kept->width = TILE_WIDTH;
    kept->level = tile->level;
    kept->index = tile->index;
    return 0;
}

static int read_node(void *owner, uint32_t height, uint64_t index, struct hash *hash) {
    struct tree *tree = owner;
    uint32_t width = 1u << height % TILE_HEIGHT;
    uint64_t first = index * (uint64_t)width; /* among the hashes of the tile's level */
    uint32_t place = (uint32_t)(first % TILE_WIDTH);
    struct tile tile = {height / TILE_HEIGHT, place + width, first / TILE_WIDTH};
    const struct hash *hashes = NULL;
    if (tile.level >= TILE_LEVELS)
        return FAILURE_NOT_FOUND;
    int failure = tree_tile(tree, &tile, &hashes);
    if (failure == 0)
        edge_tile_root(tree->hasher, hashes + place, width, hash);
    return failure;
}

int tree_root(struct tree *tree, uint64_t size, struct hash *root) {
    struct merkle_nodes nodes = {read_node, tree};
    return merkle_root(tree->hasher, &nodes, size, root);
}

int tree_prove_inclusion(struct tree *tree, uint64_t index, uint64_t size,
                         struct merkle_proof *proof) {
    struct merkle_nodes nodes = {read_node, tree};
    return merkle_prove_inclusion(tree->hasher, &nodes, index, size, proof);
}

int tree_prove_consistency(struct tree *tree, uint64_t old_size, uint64_t size,
                           struct merkle_proof *proof) {
    struct merkle_nodes nodes = {read_node, tree};
    return merkle_prove_consistency(tree->hasher, &nodes, old_size, size, proof);
}
