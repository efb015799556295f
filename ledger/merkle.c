/*
 * Proofs follow the recursion of RFC 6962, 2.1.1 and 2.1.2, walked from the root down: at each step
 * a range of leaves is split at the largest power of two below its length, one half goes into the
 * proof, the walk goes on in the other. The list comes out root first and is turned round.
 *
 * Checking follows the loops of RFC 9162, written with its names.
 */
#include "ledger/merkle.h"

#include <assert.h>
#include <stddef.h>

/* The largest power of two below `length`, which is at least 2. */
static uint64_t split(uint64_t length) {
    return UINT64_C(1) << (63 - __builtin_clzll(length - 1));
}

/* The hash of leaves begin .. end - 1, begin being a multiple of a power of two that is not below
 * the range's length: complete subtrees from the right, small ones first. */
static int range_hash(struct hasher *hasher, const struct merkle_nodes *nodes, uint64_t begin,
                      uint64_t end, struct hash *hash) {
    bool is_first = true;
    while (begin < end) {
        uint32_t height = (uint32_t)__builtin_ctzll(end - begin);
        struct hash left;
        end -= UINT64_C(1) << height;
        int failure = nodes->read(nodes->owner, height, end >> height, is_first ? hash : &left);
        if (failure != 0)
            return failure;
        if (!is_first)
            hasher_node(hasher, &left, hash, hash);
        is_first = false;
    }
    return 0;
}

int merkle_root(struct hasher *hasher, const struct merkle_nodes *nodes, uint64_t size,
                struct hash *root) {
    if (size == 0) {
        hasher_digest(hasher, "", 0, root);
        return 0;
    }
    return range_hash(hasher, nodes, 0, size, root);
}

static void turn_round(struct merkle_proof *proof) {
    for (uint32_t i = 0, j = proof->count; i + 1 < j; i++) {
        struct hash hash = proof->hashes[i];
        proof->hashes[i] = proof->hashes[--j];
        proof->hashes[j] = hash;
    }
}

static int add_range(struct hasher *hasher, const struct merkle_nodes *nodes, uint64_t begin,
                     uint64_t end, struct merkle_proof *proof) {
    assert(proof->count < MERKLE_PROOF_MAX);
    return range_hash(hasher, nodes, begin, end, &proof->hashes[proof->count++]);
}

int merkle_prove_inclusion(struct hasher *hasher, const struct merkle_nodes *nodes, uint64_t index,
                           uint64_t size, struct merkle_proof *proof) {
    uint64_t begin = 0;
    uint64_t end = size;
    int failure = 0;
    assert(index < size);
    proof->count = 0;
    while (end - begin > 1 && failure == 0) {
        uint64_t middle = begin + split(end - begin);
        if (index < middle) {
            failure = add_range(hasher, nodes, middle, end, proof);
            end = middle;
        } else {
            failure = add_range(hasher, nodes, begin, middle, proof);
            begin = middle;
        }
    }
    turn_round(proof);
    return failure;
}

int merkle_prove_consistency(struct hasher *hasher, const struct merkle_nodes *nodes,
                             uint64_t old_size, uint64_t size, struct merkle_proof *proof) {
    uint64_t begin = 0;
    uint64_t end = size;
    int failure = 0;
    assert(old_size <= size);
    proof->count = 0;
    if (old_size == 0)
        return 0;
    while (end != old_size && failure == 0) {
        uint64_t middle = begin + split(end - begin);
        if (old_size <= middle) {
            failure = add_range(hasher, nodes, middle, end, proof);
            end = middle;
        } else {
            failure = add_range(hasher, nodes, begin, middle, proof);
            begin = middle;
        }
    }
    /* When the walk never went right the old tree is a node that its root already names. */
    if (failure == 0 && begin > 0)
        failure = add_range(hasher, nodes, begin, end, proof);
    turn_round(proof);
    return failure;
}

bool merkle_check_inclusion(struct hasher *hasher, const struct merkle_head *head, uint64_t index,
                            const struct hash *leaf, const struct merkle_proof *proof) {
    if (index >= head->size || proof->count > MERKLE_PROOF_MAX)
        return false;
    uint64_t fn = index;
    uint64_t sn = head->size - 1;
    struct hash r = *leaf;
    for (uint32_t i = 0; i < proof->count; i++) {
        const struct hash *p = &proof->hashes[i];
        if (sn == 0)
            return false;
        if ((fn & 1) != 0 || fn == sn) {
            hasher_node(hasher, p, &r, &r);
            for (; (fn & 1) == 0 && fn != 0; sn >>= 1)
                fn >>= 1;
        } else {
            hasher_node(hasher, &r, p, &r);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && hash_equal(&r, &head->root);
}

/* The two roots that a consistency proof leads to. */
struct climb {
    uint64_t fn;
    uint64_t sn;
    struct hash fr;
    struct hash sr;
};

static bool climb_step(struct hasher *hasher, struct climb *climb, const struct hash *c) {
    if (climb->sn == 0)
        return false;
    if ((climb->fn & 1) != 0 || climb->fn == climb->sn) {
        hasher_node(hasher, c, &climb->fr, &climb->fr);
        hasher_node(hasher, c, &climb->sr, &climb->sr);
        for (; (climb->fn & 1) == 0 && climb->fn != 0; climb->sn >>= 1)
            climb->fn >>= 1;
    } else {
        hasher_node(hasher, &climb->sr, c, &climb->sr);
    }
    climb->fn >>= 1;
    climb->sn >>= 1;
    return true;
}

bool merkle_check_consistency(struct hasher *hasher, const struct merkle_head *old_head,
                              const struct merkle_head *head, const struct merkle_proof *proof) {
    struct climb climb;
    uint32_t next = 0;
    if (old_head->size > head->size || proof->count > MERKLE_PROOF_MAX)
        return false;
    if (old_head->size == head->size)
        return proof->count == 0 && hash_equal(&old_head->root, &head->root);
    if (old_head->size == 0) {
        hasher_digest(hasher, "", 0, &climb.fr);
        return proof->count == 0 && hash_equal(&old_head->root, &climb.fr);
    }
    bool is_node = (old_head->size & (old_head->size - 1)) == 0;
    if (!is_node && proof->count == 0)
        return false;
    climb.fr = is_node ? old_head->root : proof->hashes[next++];
    climb.sr = climb.fr;
    climb.fn = old_head->size - 1;
    climb.sn = head->size - 1;
    for (; (climb.fn & 1) != 0; climb.sn >>= 1)
        climb.fn >>= 1;
    for (; next < proof->count; next++)
        if (!climb_step(hasher, &climb, &proof->hashes[next]))
            return false;
    return climb.sn == 0 && hash_equal(&climb.fr, &old_head->root) &&
           hash_equal(&climb.sr, &head->root);
}
