/*
 * The right edge of a growing Merkle tree: what is needed to append a leaf, to tell the root, and
 * to give away each tile when it is full.
 *
 * It keeps the partial tiles (up to 255 hashes a level) and, for each bit of the size, the root of
 * that complete subtree. A leaf costs its own hash, handed in, and one node hash on average; a root
 * costs at most one node hash for each bit of the size.
 *
 * An edge can be written down as the hashes of its partial tiles, level 0 first, and made again
 * from them: that is what a volume begins with.
 *
 * Threads: belongs to one, with that thread's hasher. No allocation.
 */
#ifndef LEDGER_EDGE_H
#define LEDGER_EDGE_H

#include <stdint.h>

#include "ledger/crypto.h"
#include "ledger/tile.h"

/* Hashes of the largest written edge: 255 a level. */
#define EDGE_HASHES_MAX ((size_t)(TILE_WIDTH - 1) * TILE_LEVELS)

/* About 58 KiB. Starts as zeros: the empty tree. */
struct edge {
    uint64_t size;                              /* leaves */
    struct hash subtrees[64];                   /* [h] for each bit h of size: complete subtree */
    struct hash tiles[TILE_LEVELS][TILE_WIDTH]; /* the first tile_hashes(level) % 256 of each */
};

/* Takes a full tile. Returns 0, or a failure that edge_append() returns; the edge has moved on then
 * and must not be used. */
struct edge_sink {
    int (*tile)(void *owner, uint32_t level, uint64_t index, const struct hash hashes[TILE_WIDTH]);
    void *owner;
};

/* Appends a leaf by its hash; gives each tile that it fills to the sink, lower levels first. */
int edge_append(struct edge *edge, struct hasher *hasher, const struct hash *leaf,
                const struct edge_sink *sink);

/* The root of the tree as it stands; of the empty tree H(""). */
void edge_root(const struct edge *edge, struct hasher *hasher, struct hash *root);

/* Copies the hashes of the partial tiles, level 0 first; returns how many. */
uint32_t edge_write(const struct edge *edge, struct hash hashes[EDGE_HASHES_MAX]);

/* How many hashes edge_write() gives for a tree of `size` leaves. */
uint32_t edge_hashes(uint64_t size);

/* Makes the edge of a tree of `size` leaves, below TREE_SIZE_MAX, from edge_hashes(size) hashes. */
void edge_read(struct edge *edge, struct hasher *hasher, uint64_t size, const struct hash *hashes);

/* Computes the complete subtrees anew from size and partial tiles, which the caller has filled. */
void edge_restore(struct edge *edge, struct hasher *hasher);

/* The root of `width` hashes, a power of two up to TILE_WIDTH, as a complete subtree. */
void edge_tile_root(struct hasher *hasher, const struct hash *hashes, uint32_t width,
                    struct hash *root);

#endif
