/* The subtree of a sorted list of keys needs no tree: neighbours differ at the bit of the inner
 * node between them, so the nodes are closed from left to right as in a bracketed expression. */
#include "ledger/map_proof.h"

#include <assert.h>
#include <string.h>

#define NUMBER_BYTES_MAX 4u

uint8_t *map_put_number(uint8_t *at, uint32_t number) {
    assert(number < UINT32_C(1) << (7 * NUMBER_BYTES_MAX));
    for (; number >= 0x80; number >>= 7)
        *at++ = (uint8_t)(number | 0x80);
    *at++ = (uint8_t)number;
    return at;
}

void map_leaf(struct hasher *hasher, const uint8_t *key, uint32_t key_size,
              const struct hash *value, struct hash *hash) {
    uint8_t bytes[1 + 1 + MAP_KEY_MAX + 1 + HASH_SIZE];
    uint8_t *at = bytes;
    assert(key_size <= MAP_KEY_MAX);
    *at++ = 0;
    at = map_put_number(at, key_size);
    memcpy(at, key, key_size);
    at = map_put_number(at + key_size, HASH_SIZE);
    memcpy(at, value->bytes, HASH_SIZE);
    hasher_digest(hasher, bytes, (size_t)(at + HASH_SIZE - bytes), hash);
}

void map_inner(struct hasher *hasher, uint32_t bit, const struct hash *left,
               const struct hash *right, struct hash *hash) {
    uint8_t bytes[1 + NUMBER_BYTES_MAX + HASH_SIZE + HASH_SIZE];
    uint8_t *at = bytes;
    *at++ = 1;
    at = map_put_number(at, bit);
    memcpy(at, left->bytes, HASH_SIZE);
    memcpy(at + HASH_SIZE, right->bytes, HASH_SIZE);
    hasher_digest(hasher, bytes, (size_t)(at + HASH_SIZE + HASH_SIZE - bytes), hash);
}

uint32_t map_differs_at(const uint8_t *a, const uint8_t *b, uint32_t key_size) {
    for (uint32_t i = 0; i < key_size; i++)
        if (a[i] != b[i])
            return i * 8 + (uint32_t)__builtin_clz((uint32_t)(a[i] ^ b[i]) << 24);
    return key_size * 8;
}

/* --- the claimed entries ----------------------------------------------------------------------
 */

/* An inner node whose left side is known. */
struct open_node {
    struct hash left;
    uint32_t bit;
};

/* True when every key begins with the prefix and is above the one before it. */
static bool keys_are_in_order(const struct map_claim *claim) {
    for (size_t i = 0; i < claim->count; i++) {
        const uint8_t *key = claim->keys + i * claim->key_size;
        if (memcmp(key, claim->prefix, claim->prefix_size) != 0)
            return false;
        if (i > 0 && memcmp(key - claim->key_size, key, claim->key_size) >= 0)
            return false;
    }
    return true;
}

/* The hash of the tree that holds exactly the claimed entries, which are in order. */
static void subtree(struct hasher *hasher, const struct map_claim *claim, struct hash *hash) {
    struct open_node open[MAP_DEPTH_MAX];
    uint32_t depth = 0;
    assert(claim->count > 0);
    for (size_t i = 0; i < claim->count; i++) {
        const uint8_t *key = claim->keys + i * claim->key_size;
        bool is_last = i + 1 == claim->count;
        uint32_t bit = is_last ? 0 : map_differs_at(key, key + claim->key_size, claim->key_size);
        map_leaf(hasher, key, claim->key_size, &claim->values[i], hash);
        while (depth > 0 && (is_last || open[depth - 1].bit > bit)) {
            depth--;
            map_inner(hasher, open[depth].bit, &open[depth].left, hash, hash);
        }
        if (!is_last)
            open[depth++] = (struct open_node){.left = *hash, .bit = bit};
    }
}

/* --- the way to the root ----------------------------------------------------------------------
 */

struct proof_reader {
    const uint8_t *at;
    const uint8_t *end;
};

/* Reads a number in its shortest form; false when there is none. */
static bool take_number(struct proof_reader *reader, uint32_t *number) {
    *number = 0;
    for (uint32_t i = 0; i < NUMBER_BYTES_MAX && reader->at < reader->end; i++) {
        uint8_t byte = *reader->at++;
        *number |= (uint32_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80)
            return byte != 0 || i == 0;
    }
    return false;
}

static bool take_bytes(struct proof_reader *reader, void *bytes, size_t size) {
    if ((size_t)(reader->end - reader->at) < size)
        return false;
    memcpy(bytes, reader->at, size);
    reader->at += size;
    return true;
}

/* Follows (bit, sibling) pairs from a subtree's hash upwards. `key` says on which side each sibling
 * is; the bits descend from below `bit_end`. True when the way is well formed to the proof's end.
 */
static bool climb(struct hasher *hasher, struct proof_reader *reader, const struct map_claim *claim,
                  uint32_t bit_end, struct hash *hash) {
    while (reader->at < reader->end) {
        struct hash sibling;
        uint32_t bit;
        if (!take_number(reader, &bit) || bit >= bit_end ||
            !take_bytes(reader, sibling.bytes, HASH_SIZE))
            return false;
        if (map_bit(claim->prefix, claim->prefix_size, bit) == 0)
            map_inner(hasher, bit, hash, &sibling, hash);
        else
            map_inner(hasher, bit, &sibling, hash, hash);
        bit_end = bit;
    }
    return true;
}

/* True when the proof names an entry with another prefix at the place where one with this prefix
 * would be: its key takes every turn that the prefix takes. */
static bool climb_from_stranger(struct hasher *hasher, struct proof_reader *reader,
                                const struct map_claim *claim, struct hash *hash) {
    uint8_t key[MAP_KEY_MAX];
    struct hash value;
    uint32_t size;
    if (!take_number(reader, &size) || size != claim->key_size || !take_bytes(reader, key, size) ||
        !take_number(reader, &size) || size != HASH_SIZE ||
        !take_bytes(reader, value.bytes, HASH_SIZE))
        return false;
    if (memcmp(key, claim->prefix, claim->prefix_size) == 0)
        return false;
    struct proof_reader turns = *reader;
    for (struct hash skipped; turns.at < turns.end;) {
        uint32_t bit;
        if (!take_number(&turns, &bit) || bit >= claim->key_size * 8 ||
            !take_bytes(&turns, skipped.bytes, HASH_SIZE) ||
            map_bit(key, claim->key_size, bit) != map_bit(claim->prefix, claim->prefix_size, bit))
            return false;
    }
    map_leaf(hasher, key, claim->key_size, &value, hash);
    return climb(hasher, reader, claim, claim->key_size * 8, hash);
}

bool map_check(struct hasher *hasher, const struct hash *root, const struct map_claim *claim) {
    struct proof_reader reader = {.at = claim->proof, .end = claim->proof + claim->proof_size};
    struct hash hash;
    assert(claim->key_size >= 1 && claim->key_size <= MAP_KEY_MAX);
    if (claim->prefix_size > claim->key_size || !keys_are_in_order(claim))
        return false;
    if (claim->count > 0) {
        subtree(hasher, claim, &hash);
        return climb(hasher, &reader, claim, claim->prefix_size * 8, &hash) &&
               hash_equal(&hash, root);
    }
    hasher_digest(hasher, "", 0, &hash);
    if (hash_equal(&hash, root))
        return claim->proof_size == 0;
    return climb_from_stranger(hasher, &reader, claim, &hash) && hash_equal(&hash, root);
}
