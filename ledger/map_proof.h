/*
 * Checking what a map (ledger/map.h) proves, without the map.
 *
 * A claim says: under this root, the keys that begin with this prefix are exactly these, with these
 * values. The checker computes the subtree's hash from all claimed entries and follows the proof to
 * the root. The proof alone proves nothing: the whole tree is a subtree that holds every prefix. So
 * both are checked in one call, and there is no other.
 *
 * Threads: any, with a hasher of the thread's own.
 */
#ifndef LEDGER_MAP_PROOF_H
#define LEDGER_MAP_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/crypto.h"

/* Bytes of the longest key. */
#define MAP_KEY_MAX 64u
/* Inner nodes on the way to a leaf, at most: one a bit. */
#define MAP_DEPTH_MAX (MAP_KEY_MAX * 8u)
/* Bytes of the longest proof: an entry, and a bit's number and a hash for each inner node. */
#define MAP_PROOF_MAX (1u + MAP_KEY_MAX + 1u + HASH_SIZE + MAP_DEPTH_MAX * (2u + HASH_SIZE))

struct map_claim {
    uint32_t key_size; /* 1 .. MAP_KEY_MAX */
    uint32_t prefix_size;
    const uint8_t *prefix;
    size_t count;              /* entries, perhaps none */
    const uint8_t *keys;       /* one after the other, key_size bytes each, ascending */
    const struct hash *values; /* as many */
    const uint8_t *proof;
    size_t proof_size;
};

/* True when the claim holds under `root`. False also for a proof that is not exactly the one that
 * map_prove() makes, and for keys that are out of order or begin otherwise. */
bool map_check(struct hasher *hasher, const struct hash *root, const struct map_claim *claim);

/* --- the format, for ledger/map.c ------------------------------------------------------------- */

/* H(0 || key size || key || value size || value). */
void map_leaf(struct hasher *hasher, const uint8_t *key, uint32_t key_size,
              const struct hash *value, struct hash *hash);

/* H(1 || bit || left || right). `hash` may be one of the two. */
void map_inner(struct hasher *hasher, uint32_t bit, const struct hash *left,
               const struct hash *right, struct hash *hash);

/* Bit number `bit` of a key, the highest of its first byte being 0. Behind its end a key, or a
 * prefix that is looked up as one, reads as one byte of zeros and then ones. */
static inline uint32_t map_bit(const uint8_t *key, uint32_t key_size, uint32_t bit) {
    uint32_t at = bit / 8;
    if (at >= key_size)
        return at > key_size;
    return (uint32_t)(key[at] >> (7 - bit % 8)) & 1u;
}

/* The first bit at which two keys of one size differ; size * 8 when they are equal. */
uint32_t map_differs_at(const uint8_t *a, const uint8_t *b, uint32_t key_size);

/* A varint of at most four bytes; returns one past it. */
uint8_t *map_put_number(uint8_t *at, uint32_t number);

#endif
