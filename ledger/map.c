/* Leaves and inner nodes lie in two arrays and name each other by 32-bit places. A leaf keeps no
 * hash: it is made again when the node above it is, or when a proof passes by. An inner node that
 * is stale has only stale ones above it, so the root's hash is brought up to date by visiting the
 * stale ones and nothing else. */
#include "ledger/map.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A place with this bit is a leaf's. */
#define LEAF (UINT32_C(1) << 31)
/* So many more, at least, are made room for. */
#define ROOM_MIN 2u

struct inner {
    struct hash hash; /* unless stale */
    uint32_t child[2];
    uint16_t bit;
    bool is_stale;
};

struct map {
    uint32_t key_size;
    uint32_t leaf_size; /* key and value */
    uint32_t entries_max;
    uint32_t room;  /* leaves and inner nodes that memory is there for */
    uint32_t count; /* leaves; the inner nodes are one fewer */
    uint32_t root;  /* a place, when count > 0 */
    uint8_t *leaves;
    struct inner *inner;
};

/* The nodes from the root down to the one above a leaf. */
struct path {
    uint32_t depth;
    uint32_t nodes[MAP_DEPTH_MAX];
    uint32_t leaf;
};

static_assert(MAP_ENTRIES_MAX < LEAF, "a place and its bit must fit");
static_assert(MAP_DEPTH_MAX <= UINT16_MAX, "a bit's number must fit");

static const uint8_t *leaf_key(const struct map *map, uint32_t place) {
    return map->leaves + (size_t)(place & ~LEAF) * map->leaf_size;
}

static struct hash leaf_value(const struct map *map, uint32_t place) {
    struct hash value;
    memcpy(value.bytes, leaf_key(map, place) + map->key_size, HASH_SIZE);
    return value;
}

struct map *map_create(uint32_t key_size, uint32_t entries_max) {
    assert(key_size >= 1 && key_size <= MAP_KEY_MAX);
    assert(entries_max >= 1 && entries_max <= MAP_ENTRIES_MAX);
    struct map *map = calloc(1, sizeof *map);
    if (map == NULL)
        return NULL;
    map->key_size = key_size;
    map->leaf_size = key_size + HASH_SIZE;
    map->entries_max = entries_max;
    return map;
}

void map_destroy(struct map *map) {
    if (map == NULL)
        return;
    free(map->leaves);
    free(map->inner);
    free(map);
}

bool map_reserve(struct map *map, uint32_t entries) {
    if (entries > map->entries_max)
        return false;
    if (entries <= map->room)
        return true;
    uint8_t *leaves = realloc(map->leaves, (size_t)entries * map->leaf_size);
    map->leaves = leaves != NULL ? leaves : map->leaves;
    struct inner *inner = realloc(map->inner, (size_t)entries * sizeof *map->inner);
    map->inner = inner != NULL ? inner : map->inner;
    if (leaves == NULL || inner == NULL)
        return false;
    map->room = entries;
    return true; // cppcheck-suppress memleak ; both are the map's
}

/* Room for one more; what is there grows by a quarter. */
static bool make_room(struct map *map) {
    uint32_t more = map->room / 4 + ROOM_MIN;
    if (map->count < map->room)
        return true;
    if (map->count == map->entries_max)
        return false;
    return map_reserve(map,
                       more < map->entries_max - map->room ? map->room + more : map->entries_max);
}

uint32_t map_count(const struct map *map) {
    return map->count;
}

/* The way that a key, or a prefix of one, takes; the map is not empty. */
static void walk(const struct map *map, const uint8_t *key, uint32_t size, struct path *path) {
    uint32_t place = map->root;
    assert(map->count > 0);
    path->depth = 0;
    while ((place & LEAF) == 0) {
        const struct inner *node = &map->inner[place];
        assert(path->depth < MAP_DEPTH_MAX);
        path->nodes[path->depth++] = place;
        place = node->child[map_bit(key, size, node->bit)];
    }
    path->leaf = place;
}

static uint32_t add_leaf(struct map *map, const uint8_t *key, const struct hash *value) {
    uint8_t *leaf = map->leaves + (size_t)map->count * map->leaf_size;
    memcpy(leaf, key, map->key_size);
    memcpy(leaf + map->key_size, value->bytes, HASH_SIZE);
    return map->count++ | LEAF;
}

/* Puts a new leaf beside all that lies behind the path's first `depth` nodes, from which its key
 * first differs at `bit`. */
static void fork_path(struct map *map, const struct path *path, uint32_t depth, uint32_t bit,
                      uint32_t leaf) {
    const uint8_t *key = leaf_key(map, leaf);
    uint32_t side = map_bit(key, map->key_size, bit);
    uint32_t place = map->count - 2; /* so many inner nodes were there before this leaf */
    uint32_t *link = &map->root;
    if (depth > 0) {
        struct inner *above = &map->inner[path->nodes[depth - 1]];
        link = &above->child[map_bit(key, map->key_size, above->bit)];
    }
    map->inner[place] = (struct inner){.bit = (uint16_t)bit, .is_stale = true};
    map->inner[place].child[side] = leaf;
    map->inner[place].child[!side] = *link;
    *link = place;
}

bool map_set(struct map *map, const uint8_t *key, const struct hash *value) {
    struct path path;
    if (map->count == 0) {
        if (!make_room(map))
            return false;
        map->root = add_leaf(map, key, value);
        return true;
    }
    walk(map, key, map->key_size, &path);
    uint32_t bit = map_differs_at(key, leaf_key(map, path.leaf), map->key_size);
    uint32_t depth = path.depth;
    if (bit < map->key_size * 8) {
        if (!make_room(map))
            return false;
        while (depth > 0 && map->inner[path.nodes[depth - 1]].bit > bit)
            depth--;
        fork_path(map, &path, depth, bit, add_leaf(map, key, value));
    } else {
        memcpy(map->leaves + (size_t)(path.leaf & ~LEAF) * map->leaf_size + map->key_size,
               value->bytes, HASH_SIZE);
    }
    for (uint32_t i = 0; i < depth; i++)
        map->inner[path.nodes[i]].is_stale = true;
    return true;
}

bool map_find(const struct map *map, const uint8_t *key, struct hash *value) {
    struct path path;
    if (map->count == 0)
        return false;
    walk(map, key, map->key_size, &path);
    if (memcmp(leaf_key(map, path.leaf), key, map->key_size) != 0)
        return false;
    *value = leaf_value(map, path.leaf);
    return true;
}

/* The hash of a node, brought up to date. Recurses at most MAP_DEPTH_MAX deep. */
static void node_hash(struct map *map, struct hasher *hasher, uint32_t place, struct hash *hash) {
    if ((place & LEAF) != 0) {
        struct hash value = leaf_value(map, place);
        map_leaf(hasher, leaf_key(map, place), map->key_size, &value, hash);
        return;
    }
    struct inner *node = &map->inner[place];
    if (node->is_stale) {
        struct hash right;
        node_hash(map, hasher, node->child[0], &node->hash);
        node_hash(map, hasher, node->child[1], &right);
        map_inner(hasher, node->bit, &node->hash, &right, &node->hash);
        node->is_stale = false;
    }
    *hash = node->hash;
}

void map_root(struct map *map, struct hasher *hasher, struct hash *root) {
    if (map->count == 0)
        hasher_digest(hasher, "", 0, root);
    else
        node_hash(map, hasher, map->root, root);
}

/* --- prefixes ---------------------------------------------------------------------------------
 */

static void tell_all(const struct map *map, uint32_t place, const struct map_listener *listener) {
    while ((place & LEAF) == 0) {
        tell_all(map, map->inner[place].child[0], listener);
        place = map->inner[place].child[1];
    }
    struct hash value = leaf_value(map, place);
    listener->entry(listener->owner, leaf_key(map, place), &value);
}

/* True when there are keys with this prefix: then the first `*depth` nodes of the path are above
 * all of them. */
static bool find_prefix(const struct map *map, const uint8_t *prefix, uint32_t prefix_size,
                        struct path *path, uint32_t *depth) {
    walk(map, prefix, prefix_size, path);
    *depth = path->depth;
    while (*depth > 0 && map->inner[path->nodes[*depth - 1]].bit >= prefix_size * 8)
        (*depth)--;
    return memcmp(leaf_key(map, path->leaf), prefix, prefix_size) == 0;
}

void map_scan(const struct map *map, const uint8_t *prefix, uint32_t prefix_size,
              const struct map_listener *listener) {
    struct path path;
    uint32_t depth;
    assert(prefix_size <= map->key_size);
    if (map->count == 0 || !find_prefix(map, prefix, prefix_size, &path, &depth))
        return;
    tell_all(map, depth == path.depth ? path.leaf : path.nodes[depth], listener);
}

size_t map_prove(struct map *map, struct hasher *hasher, const uint8_t *prefix,
                 uint32_t prefix_size, uint8_t proof[MAP_PROOF_MAX]) {
    struct path path;
    struct hash hash;
    uint32_t depth;
    uint8_t *at = proof;
    assert(prefix_size <= map->key_size);
    if (map->count == 0)
        return 0;
    if (!find_prefix(map, prefix, prefix_size, &path, &depth)) {
        depth = path.depth;
        hash = leaf_value(map, path.leaf);
        at = map_put_number(at, map->key_size);
        memcpy(at, leaf_key(map, path.leaf), map->key_size);
        at = map_put_number(at + map->key_size, HASH_SIZE);
        memcpy(at, hash.bytes, HASH_SIZE);
        at += HASH_SIZE;
    }
    while (depth > 0) {
        const struct inner *node = &map->inner[path.nodes[--depth]];
        uint32_t side = map_bit(prefix, prefix_size, node->bit);
        node_hash(map, hasher, node->child[!side], &hash);
        at = map_put_number(at, node->bit);
        memcpy(at, hash.bytes, HASH_SIZE);
        at += HASH_SIZE;
    }
    assert((size_t)(at - proof) <= MAP_PROOF_MAX);
    return (size_t)(at - proof);
}
