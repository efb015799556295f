/*
 * A map (ledger/map.h) too large to be read, or hashed, when a program starts.
 *
 * Its entries are divided among WIDE_MAP_BUCKETS by the first bytes of their keys. All entries of a
 * bucket are one subtree of the tree, so the root follows from the buckets' hashes alone. Who keeps
 * the entries keeps these hashes, too, and hands them over at the start; a bucket's entries are
 * fetched when one of them changes, or is to be proven. Root and proofs are those of the one map
 * that holds all entries: a proof does not tell how it was made.
 *
 *     struct wide_map *map = wide_map_create(40, &source);
 *     ... wide_map_know(map, bucket, &hash) for each that is not empty
 *     wide_map_set(map, key, &value);
 *     wide_map_root(map, hasher, &root);
 *     wide_map_changed(map, hasher, &listener);    // hashes to be kept from now on
 *
 * Costs 5.1 MB, and 170 bytes an entry of 40 bytes in the buckets that were fetched.
 *
 * Threads: belongs to one.
 */
#ifndef LEDGER_WIDE_MAP_H
#define LEDGER_WIDE_MAP_H

#include "ledger/map.h"

/* Bits, and bytes, of a key that say its bucket. */
#define WIDE_MAP_BITS    16u
#define WIDE_MAP_PREFIX  (WIDE_MAP_BITS / 8u)
#define WIDE_MAP_BUCKETS (UINT32_C(1) << WIDE_MAP_BITS)

/* Who keeps the entries. `fetch` sets those of a bucket, all that were kept, in an empty map.
 * Returns 0 or a failure, after a line in the log. */
struct wide_map_source {
    int (*fetch)(void *owner, uint32_t bucket, struct map *map);
    void *owner;
};

/* What keys begin with. */
struct map_prefix {
    const uint8_t *bytes;
    uint32_t size; /* WIDE_MAP_PREFIX .. key size */
};

struct wide_map;

/* An empty map; NULL without memory. `source` is copied. */
struct wide_map *wide_map_create(uint32_t key_size, const struct wide_map_source *source);
void wide_map_destroy(struct wide_map *map);

/* The bucket of a key, or of a prefix of WIDE_MAP_PREFIX bytes or more. */
uint32_t wide_map_bucket(const uint8_t *key);

/* At the start: a bucket is not empty, and this is the hash of its entries. */
void wide_map_know(struct wide_map *map, uint32_t bucket, const struct hash *hash);

/* --- Functions that fetch return 0; what the source returns; DAMAGED with a line in the log when
 * the entries fetched are not those that the bucket's hash stands for; SYSTEM without memory. ----
 */

/* Adds an entry, or gives the one with this key another value. */
int wide_map_set(struct wide_map *map, struct hasher *hasher, const uint8_t *key,
                 const struct hash *value);

/* The root over all entries; of an empty map H(""). Fetches nothing. */
void wide_map_root(struct wide_map *map, struct hasher *hasher, struct hash *root);

/* As map_scan() and map_prove(). *size is the proof's. */
int wide_map_scan(struct wide_map *map, struct hasher *hasher, const struct map_prefix *prefix,
                  const struct map_listener *listener);
int wide_map_prove(struct wide_map *map, struct hasher *hasher, const struct map_prefix *prefix,
                   uint8_t proof[MAP_PROOF_MAX], size_t *size);

/* Buckets that were changed since the last call, each told once with its hash. `tell` returns 0 or
 * a failure, which ends the call and is returned: then it is as if there had been none. */
struct wide_map_listener {
    int (*tell)(void *owner, uint32_t bucket, const struct hash *hash);
    void *owner;
};
int wide_map_changed(struct wide_map *map, struct hasher *hasher,
                     const struct wide_map_listener *listener);

#endif
