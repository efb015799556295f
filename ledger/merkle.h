/*
 * The Merkle tree of RFC 6962 (and 9162), section 2.1: roots, proofs of inclusion and of
 * consistency, made from stored nodes and checked without them.
 *
 * A node (height, index) is the root of the complete subtree of 2^height leaves from
 * index * 2^height on. Whoever keeps a tree hands its nodes in through `struct merkle_nodes`;
 * ledger/edge.h grows one, ledger/tree.h reads the one of a ledger.
 *
 * Threads: any, with a hasher of the thread's own.
 */
#ifndef LEDGER_MERKLE_H
#define LEDGER_MERKLE_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/crypto.h"

/* Hashes of the longest proof: one a height, and one more for consistency. */
#define MERKLE_PROOF_MAX 65

/* As RFC 9162 orders them: inclusion from the leaf's sibling to the root's child. */
struct merkle_proof {
    uint32_t count;
    struct hash hashes[MERKLE_PROOF_MAX];
};

/* A tree's complete nodes. read() returns 0 or a failure, which the caller gets. */
struct merkle_nodes {
    int (*read)(void *owner, uint32_t height, uint64_t index, struct hash *hash);
    void *owner;
};

/* The root of the tree of the first `size` leaves; of the empty tree H(""). Returns 0 or what a
 * read returned. */
int merkle_root(struct hasher *hasher, const struct merkle_nodes *nodes, uint64_t size,
                struct hash *root);

/* Proves that leaf `index`, below `size`, is in the tree of `size` leaves. */
int merkle_prove_inclusion(struct hasher *hasher, const struct merkle_nodes *nodes, uint64_t index,
                           uint64_t size, struct merkle_proof *proof);

/* Proves that the tree of `old_size` leaves is the beginning of the one of `size` leaves. The proof
 * is empty when the sizes are equal or the older tree is empty. */
int merkle_prove_consistency(struct hasher *hasher, const struct merkle_nodes *nodes,
                             uint64_t old_size, uint64_t size, struct merkle_proof *proof);

/* A tree of so many leaves with that root, as a checkpoint names one. */
struct merkle_head {
    uint64_t size;
    struct hash root;
};

/* RFC 9162, 2.1.3.2 and 2.1.4.2. False for any proof that is not exactly the right one. */
bool merkle_check_inclusion(struct hasher *hasher, const struct merkle_head *head, uint64_t index,
                            const struct hash *leaf, const struct merkle_proof *proof);
bool merkle_check_consistency(struct hasher *hasher, const struct merkle_head *old_head,
                              const struct merkle_head *head, const struct merkle_proof *proof);

#endif
