/*
 * The tree of a stored ledger: roots of any size that it had, proofs, and tiles of any width, full
 * or not.
 *
 * Full tiles are read; what is not full yet is computed from the level below, at the bottom from
 * the records. Some tiles are kept, for a proof and the next one share most of theirs.
 *
 * Threads: a tree belongs to one, like the reader in it.
 */
#ifndef LEDGER_TREE_H
#define LEDGER_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/merkle.h"
#include "ledger/reader.h"
#include "ledger/tile.h"

struct tree;

/* As reader_open(). */
int tree_open(struct tree **tree, const char *dir, bool is_copy);
void tree_close(struct tree *tree);

/* The tree's own reader, for records and checkpoints beside proofs; its lookups end at the next
 * call on the tree. */
struct reader *tree_reader(struct tree *tree);

/* As in ledger/merkle.h, `size` being at most the durable size. Return 0, NOT_FOUND when records
 * are missing, DAMAGED, SYSTEM. */
int tree_root(struct tree *tree, uint64_t size, struct hash *root);
int tree_prove_inclusion(struct tree *tree, uint64_t index, uint64_t size,
                         struct merkle_proof *proof);
int tree_prove_consistency(struct tree *tree, uint64_t old_size, uint64_t size,
                           struct merkle_proof *proof);

/* A tile: its position, and how many of its hashes are wanted, 1 to TILE_WIDTH. */
struct tile {
    uint32_t level;
    uint32_t width;
    uint64_t index;
};

/* Points *hashes to the first `width` hashes of a tile, valid until the next call. */
int tree_tile(struct tree *tree, const struct tile *tile, const struct hash **hashes);

#endif
