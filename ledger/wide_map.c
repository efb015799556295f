/* Above the buckets stands a complete binary tree, as an array: node 1 is the root, the children of
 * i are 2i and 2i + 1, a bucket's own node is WIDE_MAP_BUCKETS + bucket. A node at depth d divides
 * the keys below it at bit d. Where one side is empty there is no inner node in the map's tree: the
 * hash of the other side goes up as it is. */
#include "ledger/wide_map.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/failure.h"

#define NODES (2 * WIDE_MAP_BUCKETS)

/* Entries of one bucket at most; there are 65,536 of them. */
#define BUCKET_ENTRIES_MAX (UINT32_C(1) << 24)

enum node_state { NODE_EMPTY = 0, NODE_KNOWN, NODE_STALE };

struct wide_map {
    uint32_t key_size;
    struct wide_map_source source;
    struct map *maps[WIDE_MAP_BUCKETS]; /* NULL: not fetched, or empty */
    struct hash hashes[NODES];          /* when KNOWN */
    uint8_t states[NODES];              /* enum node_state; above a stale one all are stale */
    bool is_changed[WIDE_MAP_BUCKETS];
    uint32_t changed_count;
    uint16_t changed[WIDE_MAP_BUCKETS];
};

static_assert(WIDE_MAP_BUCKETS - 1 <= UINT16_MAX, "a bucket's number must fit");

struct wide_map *wide_map_create(uint32_t key_size, const struct wide_map_source *source) {
    assert(key_size >= WIDE_MAP_PREFIX && key_size <= MAP_KEY_MAX);
    struct wide_map *map = calloc(1, sizeof *map);
    if (map == NULL)
        return NULL;
    map->key_size = key_size;
    map->source = *source;
    return map;
}

void wide_map_destroy(struct wide_map *map) {
    if (map == NULL)
        return;
    for (uint32_t i = 0; i < WIDE_MAP_BUCKETS; i++)
        map_destroy(map->maps[i]);
    free(map);
}

uint32_t wide_map_bucket(const uint8_t *key) {
    static_assert(WIDE_MAP_PREFIX == 2, "two bytes make a bucket");
    return (uint32_t)key[0] << 8 | key[1];
}

static void set_stale(struct wide_map *map, uint32_t bucket) {
    for (uint32_t node = WIDE_MAP_BUCKETS + bucket; node > 0 && map->states[node] != NODE_STALE;
         node /= 2)
        map->states[node] = NODE_STALE;
}

void wide_map_know(struct wide_map *map, uint32_t bucket, const struct hash *hash) {
    uint32_t node = WIDE_MAP_BUCKETS + bucket;
    assert(bucket < WIDE_MAP_BUCKETS && map->states[node] == NODE_EMPTY);
    set_stale(map, bucket);
    map->states[node] = NODE_KNOWN;
    map->hashes[node] = *hash;
}

/* --- buckets -----------------------------------------------------------------------------------
 */

/* What was fetched must be what the bucket's hash stands for. */
static int check_bucket(struct wide_map *map, struct hasher *hasher, uint32_t bucket,
                        struct map *fetched) {
    struct hash hash;
    map_root(fetched, hasher, &hash);
    if (map_count(fetched) > 0 && hash_equal(&hash, &map->hashes[WIDE_MAP_BUCKETS + bucket]))
        return 0;
    return failure_log(FAILURE_DAMAGED, "register: bucket %u does not hold what it held", bucket);
}

/* Brings a bucket's entries, of an empty one an empty map. */
static int bring(struct wide_map *map, struct hasher *hasher, uint32_t bucket) {
    if (map->maps[bucket] != NULL)
        return 0;
    struct map *fetched = map_create(map->key_size, BUCKET_ENTRIES_MAX);
    int failure = fetched == NULL ? failure_errno("register: bucket %u", bucket) : 0;
    if (failure == 0 && map->states[WIDE_MAP_BUCKETS + bucket] != NODE_EMPTY) {
        failure = map->source.fetch(map->source.owner, bucket, fetched);
        if (failure == 0)
            failure = check_bucket(map, hasher, bucket, fetched);
    }
    if (failure == 0)
        map->maps[bucket] = fetched;
    else
        map_destroy(fetched);
    return failure;
}

int wide_map_set(struct wide_map *map, struct hasher *hasher, const uint8_t *key,
                 const struct hash *value) {
    uint32_t bucket = wide_map_bucket(key);
    int failure = bring(map, hasher, bucket);
    if (failure != 0)
        return failure;
    if (!map_set(map->maps[bucket], key, value))
        return failure_log(FAILURE_SYSTEM, "register: no room in bucket %u", bucket);
    set_stale(map, bucket);
    if (!map->is_changed[bucket])
        map->changed[map->changed_count++] = (uint16_t)bucket;
    map->is_changed[bucket] = true;
    return 0;
}

/* --- hashes ------------------------------------------------------------------------------------
 */

/* Brings a node up to date; its bit is `depth`. Recurses WIDE_MAP_BITS deep. */
static void refresh(struct wide_map *map, struct hasher *hasher, uint32_t node, uint32_t depth) {
    if (map->states[node] != NODE_STALE)
        return;
    map->states[node] = NODE_KNOWN;
    if (node >= WIDE_MAP_BUCKETS) {
        map_root(map->maps[node - WIDE_MAP_BUCKETS], hasher, &map->hashes[node]);
        return;
    }
    uint32_t left = 2 * node;
    uint32_t right = left + 1;
    refresh(map, hasher, left, depth + 1);
    refresh(map, hasher, right, depth + 1);
    if (map->states[left] == NODE_EMPTY)
        map->hashes[node] = map->hashes[right];
    else if (map->states[right] == NODE_EMPTY)
        map->hashes[node] = map->hashes[left];
    else
        map_inner(hasher, depth, &map->hashes[left], &map->hashes[right], &map->hashes[node]);
}

void wide_map_root(struct wide_map *map, struct hasher *hasher, struct hash *root) {
    refresh(map, hasher, 1, 0);
    if (map->states[1] == NODE_EMPTY)
        hasher_digest(hasher, "", 0, root);
    else
        *root = map->hashes[1];
}

int wide_map_changed(struct wide_map *map, struct hasher *hasher,
                     const struct wide_map_listener *listener) {
    struct hash root;
    wide_map_root(map, hasher, &root);
    for (uint32_t i = 0; i < map->changed_count; i++) {
        uint32_t bucket = map->changed[i];
        int failure =
            listener->tell(listener->owner, bucket, &map->hashes[WIDE_MAP_BUCKETS + bucket]);
        if (failure != 0)
            return failure;
    }
    for (uint32_t i = 0; i < map->changed_count; i++)
        map->is_changed[map->changed[i]] = false;
    map->changed_count = 0;
    return 0;
}

/* --- prefixes ----------------------------------------------------------------------------------
 */

int wide_map_scan(struct wide_map *map, struct hasher *hasher, const struct map_prefix *prefix,
                  const struct map_listener *listener) {
    uint32_t bucket = wide_map_bucket(prefix->bytes);
    assert(prefix->size >= WIDE_MAP_PREFIX);
    if (map->states[WIDE_MAP_BUCKETS + bucket] == NODE_EMPTY)
        return 0;
    int failure = bring(map, hasher, bucket);
    if (failure == 0)
        map_scan(map->maps[bucket], prefix->bytes, prefix->size, listener);
    return failure;
}

/* The bucket to which a prefix leads: its own, or where that is empty the one whose way takes every
 * turn there is that the prefix takes. The map is not empty. */
static uint32_t lead(const struct wide_map *map, const uint8_t *prefix) {
    uint32_t node = 1;
    for (uint32_t bit = 0; bit < WIDE_MAP_BITS; bit++) {
        uint32_t child = 2 * node + map_bit(prefix, WIDE_MAP_PREFIX, bit);
        node = map->states[child] != NODE_EMPTY ? child : child ^ 1u;
    }
    return node - WIDE_MAP_BUCKETS;
}

int wide_map_prove(struct wide_map *map, struct hasher *hasher, const struct map_prefix *prefix,
                   uint8_t proof[MAP_PROOF_MAX], size_t *size) {
    struct hash root;
    assert(prefix->size >= WIDE_MAP_PREFIX);
    wide_map_root(map, hasher, &root);
    *size = 0;
    if (map->states[1] == NODE_EMPTY)
        return 0;
    uint32_t bucket = lead(map, prefix->bytes);
    int failure = bring(map, hasher, bucket);
    if (failure != 0)
        return failure;
    uint8_t *at = proof + map_prove(map->maps[bucket], hasher, prefix->bytes, prefix->size, proof);
    uint32_t node = WIDE_MAP_BUCKETS + bucket;
    for (uint32_t bit = WIDE_MAP_BITS; bit-- > 0; node /= 2) {
        if (map->states[node ^ 1u] == NODE_EMPTY)
            continue;
        at = map_put_number(at, bit);
        memcpy(at, map->hashes[node ^ 1u].bytes, HASH_SIZE);
        at += HASH_SIZE;
    }
    *size = (size_t)(at - proof);
    assert(*size <= MAP_PROOF_MAX);
    return 0;
}
