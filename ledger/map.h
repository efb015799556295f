/*
 * The register's map: what is bound on each asset, in a form that proves "these entries and no
 * others", and "none".
 *
 * A Merkle Patricia tree (ledger/README.md, "The register's map", restates the format): a binary
 * tree in which every inner node names the first bit at which the keys below it differ. Its shape
 * follows from its keys alone, so two maps with the same entries have the same root however they
 * came by them. All keys below a prefix are one subtree: its entries, and a proof of a few hashes
 * that leads from it to the root, are the whole truth about that prefix.
 *
 *     struct map *map = map_create(40, 10000000);
 *     map_set(map, key, &extract);                 // or takes the place of an older value
 *     map_root(map, hasher, &root);                // goes into a Seal
 *     size = map_prove(map, hasher, asset, 32, proof);
 *     map_scan(map, asset, 32, &listener);         // the entries that go with the proof
 *     map_check(hasher, &root, &claim)             // ledger/map_proof.h: needs no map
 *
 * Nothing is ever taken out: what has ended stays as an entry that says so. Hashes are made anew
 * only when the root is asked for, so changes made together share the nodes above them.
 *
 * Costs about 120 bytes an entry of 40 bytes.
 *
 * Threads: a map belongs to one.
 */
#ifndef LEDGER_MAP_H
#define LEDGER_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/crypto.h"
#include "ledger/map_proof.h"

/* Most entries that a map can be made for. */
#define MAP_ENTRIES_MAX (UINT32_C(1) << 30)

struct map;

/* An empty map of keys of `key_size` bytes, 1 .. MAP_KEY_MAX, for at most `entries_max`, 1 ..
 * MAP_ENTRIES_MAX. NULL without memory. */
struct map *map_create(uint32_t key_size, uint32_t entries_max);
void map_destroy(struct map *map);

/* Memory for so many entries in all, where it is known how many will come; else it grows with
 * them. False without memory, or beyond entries_max. */
bool map_reserve(struct map *map, uint32_t entries);

uint32_t map_count(const struct map *map);

/* Adds an entry, or gives the one with this key another value. False, and nothing has changed, when
 * a new one finds no room or no memory. */
bool map_set(struct map *map, const uint8_t *key, const struct hash *value);

/* False when there is no such key. */
bool map_find(const struct map *map, const uint8_t *key, struct hash *value);

/* The root over all entries; of an empty map H(""). */
void map_root(struct map *map, struct hasher *hasher, struct hash *root);

struct map_listener {
    void (*entry)(void *owner, const uint8_t *key, const struct hash *value);
    void *owner;
};

/* Tells each entry whose key begins with the first `prefix_size` bytes of `prefix`, 0 .. key size,
 * in ascending order of their keys. */
void map_scan(const struct map *map, const uint8_t *prefix, uint32_t prefix_size,
              const struct map_listener *listener);

/* Proves that the entries which map_scan() tells for this prefix, perhaps none, are all there are
 * under the root that map_root() gives. Returns the proof's size. */
size_t map_prove(struct map *map, struct hasher *hasher, const uint8_t *prefix,
                 uint32_t prefix_size, uint8_t proof[MAP_PROOF_MAX]);

#endif
