/*
 * The register's map against a sorted list and the definition of its format, written down as it
 * stands: random entries, new values, roots; for random prefixes the entries and their proof hold,
 * and nothing else does: no byte changed, no entry dropped, added or altered. A wide map of the
 * same entries, which is now and then begun anew from its buckets' hashes, says the same to the
 * byte.
 *
 * TPX_SEED and TPX_STEPS repeat or lengthen a run; a failure prints the seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "ledger/failure.h"
#include "ledger/wide_map.h"
#include "tests/property/seed.h"

#define KEY_SIZE    5u
#define ENTRIES_MAX 600u
#define STEPS       400
/* Few different bytes, so that keys share prefixes of every length. */
#define LETTERS 3u

struct entry {
    uint8_t key[KEY_SIZE];
    struct hash value;
};

/* What the map should be: sorted, and nothing clever. */
struct list {
    uint32_t count;
    struct entry entries[ENTRIES_MAX];
};

struct world {
    struct random random;
    struct hasher *hasher;
    struct map *map;
    struct wide_map *wide;
    struct list list;
    struct hash buckets[WIDE_MAP_BUCKETS]; /* as the wide map told them */
    bool is_known[WIDE_MAP_BUCKETS];
    uint32_t fetched;
};

static uint32_t bit_of(const uint8_t *key, uint32_t bit) {
    return (uint32_t)(key[bit / 8] >> (7 - bit % 8)) & 1u;
}

/* The definition: below a node are the keys that agree up to its bit; those with 0 are left. */
static struct hash naive_root(struct hasher *hasher, const struct entry *entries, uint32_t count) {
    struct hash hash;
    if (count == 0) {
        hasher_digest(hasher, "", 0, &hash);
        return hash;
    }
    if (count == 1) {
        uint8_t bytes[3 + KEY_SIZE + HASH_SIZE] = {0, KEY_SIZE};
        memcpy(bytes + 2, entries->key, KEY_SIZE);
        bytes[2 + KEY_SIZE] = HASH_SIZE;
        memcpy(bytes + 3 + KEY_SIZE, entries->value.bytes, HASH_SIZE);
        hasher_digest(hasher, bytes, sizeof bytes, &hash);
        return hash;
    }
    uint32_t bit = 0;
    while (bit_of(entries[0].key, bit) == bit_of(entries[count - 1].key, bit))
        bit++;
    uint32_t left = 0;
    while (bit_of(entries[left].key, bit) == 0)
        left++;
    struct hash children[2] = {naive_root(hasher, entries, left),
                               naive_root(hasher, entries + left, count - left)};
    uint8_t bytes[2 + 2 * HASH_SIZE] = {1, (uint8_t)bit};
    memcpy(bytes + 2, children, sizeof children);
    hasher_digest(hasher, bytes, sizeof bytes, &hash);
    return hash;
}

static void list_set(struct list *list, const uint8_t *key, const struct hash *value) {
    uint32_t at = 0;
    while (at < list->count && memcmp(list->entries[at].key, key, KEY_SIZE) < 0)
        at++;
    if (at == list->count || memcmp(list->entries[at].key, key, KEY_SIZE) != 0) {
        memmove(&list->entries[at + 1], &list->entries[at],
                (list->count - at) * sizeof *list->entries);
        memcpy(list->entries[at].key, key, KEY_SIZE);
        list->count++;
    }
    list->entries[at].value = *value;
}

static int begin(void **state) {
    static struct world world;
    world.random = seed_begin();
    world.hasher = hasher_create(algorithms_profile());
    *state = &world;
    return world.hasher == NULL;
}

static int end(void **state) {
    struct world *world = *state;
    hasher_destroy(world->hasher);
    return 0;
}

static void random_key(struct world *world, uint8_t key[KEY_SIZE]) {
    static const uint8_t letters[LETTERS] = {0x00, 0x01, 0xff};
    for (uint32_t i = 0; i < KEY_SIZE; i++)
        key[i] = random_once_in(&world->random, 8) ? (uint8_t)random_next(&world->random)
                                                   : letters[random_below(&world->random, LETTERS)];
}

/* --- the wide map ------------------------------------------------------------------------------
 */

static int fetch(void *owner, uint32_t bucket, struct map *map) {
    struct world *world = owner;
    world->fetched++;
    for (uint32_t i = 0; i < world->list.count; i++) {
        const struct entry *entry = &world->list.entries[i];
        if (wide_map_bucket(entry->key) == bucket)
            assert_true(map_set(map, entry->key, &entry->value));
    }
    return 0;
}

static int keep_bucket(void *owner, uint32_t bucket, const struct hash *hash) {
    struct world *world = owner;
    world->buckets[bucket] = *hash;
    world->is_known[bucket] = true;
    return 0;
}

static void begin_wide(struct world *world) {
    struct wide_map_source source = {fetch, world};
    world->wide = wide_map_create(KEY_SIZE, &source);
    assert_non_null(world->wide);
    for (uint32_t i = 0; i < WIDE_MAP_BUCKETS; i++)
        if (world->is_known[i])
            wide_map_know(world->wide, i, &world->buckets[i]);
}

/* As if the program had ended after a commit. */
static void begin_wide_anew(struct world *world) {
    struct wide_map_listener listener = {keep_bucket, world};
    assert_int_equal(wide_map_changed(world->wide, world->hasher, &listener), 0);
    wide_map_destroy(world->wide);
    begin_wide(world);
}

static void set_some(struct world *world) {
    for (uint32_t n = random_below(&world->random, 8); n > 0; n--) {
        uint8_t key[KEY_SIZE];
        struct hash value;
        random_key(world, key);
        for (uint32_t i = 0; i < HASH_SIZE; i++)
            value.bytes[i] = (uint8_t)random_next(&world->random);
        if (world->list.count == ENTRIES_MAX)
            return;
        assert_true(map_set(world->map, key, &value));
        assert_int_equal(wide_map_set(world->wide, world->hasher, key, &value), 0);
        list_set(&world->list, key, &value);
        struct hash found;
        assert_true(map_find(world->map, key, &found));
        assert_true(hash_equal(&found, &value));
    }
    assert_int_equal(map_count(world->map), world->list.count);
}

/* --- claims -----------------------------------------------------------------------------------
 */

/* The bytes behind a claim, one entry more than the map can tell. */
struct bundle {
    uint8_t keys[(ENTRIES_MAX + 1) * KEY_SIZE];
    struct hash values[ENTRIES_MAX + 1];
    uint8_t proof[MAP_PROOF_MAX];
    size_t count;
};

static void collect(void *owner, const uint8_t *key, const struct hash *value) {
    struct bundle *bundle = owner;
    memcpy(bundle->keys + bundle->count * KEY_SIZE, key, KEY_SIZE);
    bundle->values[bundle->count++] = *value;
}

static void refuse_altered_proofs(struct world *world, const struct hash *root,
                                  struct bundle *bundle, struct map_claim claim) {
    for (size_t i = 0; i < claim.proof_size; i++) {
        uint8_t bit = (uint8_t)(1u << random_below(&world->random, 8));
        bundle->proof[i] ^= bit;
        assert_false(map_check(world->hasher, root, &claim));
        bundle->proof[i] ^= bit;
    }
    for (size_t size = 0; size < claim.proof_size; size++) {
        struct map_claim shorter = claim;
        shorter.proof_size = size;
        assert_false(map_check(world->hasher, root, &shorter));
    }
    bundle->proof[claim.proof_size++] = 0;
    assert_false(map_check(world->hasher, root, &claim));
}

static void refuse_altered_entries(struct world *world, const struct hash *root,
                                   struct bundle *bundle, struct map_claim claim) {
    if (claim.count == 0) {
        memset(bundle->keys, 0, KEY_SIZE);
        memcpy(bundle->keys, claim.prefix, claim.prefix_size);
        claim.count = 1;
        assert_false(map_check(world->hasher, root, &claim));
        return;
    }
    bundle->values[random_below(&world->random, (uint32_t)claim.count)].bytes[3] ^= 1;
    assert_false(map_check(world->hasher, root, &claim));
    struct map_claim fewer = claim;
    fewer.count--;
    assert_false(map_check(world->hasher, root, &fewer));
    fewer.keys += KEY_SIZE;
    fewer.values++;
    assert_false(map_check(world->hasher, root, &fewer));
    struct map_claim none = claim;
    none.count = 0;
    assert_false(map_check(world->hasher, root, &none));
}

/* The wide map tells the same entries and proves them by the same bytes. */
static void check_wide(struct world *world, const struct map_claim *claim) {
    static struct bundle bundle;
    struct map_listener listener = {collect, &bundle};
    struct map_prefix prefix = {claim->prefix, claim->prefix_size};
    size_t size = 0;
    bundle.count = 0;
    assert_int_equal(wide_map_scan(world->wide, world->hasher, &prefix, &listener), 0);
    assert_int_equal(bundle.count, claim->count);
    assert_memory_equal(bundle.keys, claim->keys, claim->count * KEY_SIZE);
    assert_memory_equal(bundle.values, claim->values, claim->count * HASH_SIZE);
    assert_int_equal(wide_map_prove(world->wide, world->hasher, &prefix, bundle.proof, &size), 0);
    assert_int_equal(size, claim->proof_size);
    assert_memory_equal(bundle.proof, claim->proof, size);
}

static void check_prefix(struct world *world, const uint8_t *prefix, uint32_t prefix_size) {
    static struct bundle bundle;
    struct map_listener listener = {collect, &bundle};
    struct hash root = naive_root(world->hasher, world->list.entries, world->list.count);
    bundle.count = 0;
    map_scan(world->map, prefix, prefix_size, &listener);
    uint32_t expected = 0;
    for (uint32_t i = 0; i < world->list.count; i++) {
        const struct entry *entry = &world->list.entries[i];
        if (memcmp(entry->key, prefix, prefix_size) != 0)
            continue;
        assert_memory_equal(bundle.keys + expected * KEY_SIZE, entry->key, KEY_SIZE);
        assert_true(hash_equal(&bundle.values[expected], &entry->value));
        expected++;
    }
    assert_int_equal(bundle.count, expected);
    struct map_claim claim = {.key_size = KEY_SIZE,
                              .prefix = prefix,
                              .prefix_size = prefix_size,
                              .count = bundle.count,
                              .keys = bundle.keys,
                              .values = bundle.values,
                              .proof = bundle.proof};
    claim.proof_size = map_prove(world->map, world->hasher, prefix, prefix_size, bundle.proof);
    assert_true(map_check(world->hasher, &root, &claim));
    if (prefix_size >= WIDE_MAP_PREFIX)
        check_wide(world, &claim);
    if (random_once_in(&world->random, 20)) {
        refuse_altered_proofs(world, &root, &bundle, claim);
        refuse_altered_entries(world, &root, &bundle, claim);
    }
}

static void map_equals_the_definition_and_proves_nothing_else(void **state) {
    struct world *world = *state;
    uint64_t steps = seed_steps(STEPS);
    world->map = map_create(KEY_SIZE, ENTRIES_MAX);
    world->list.count = 0;
    assert_non_null(world->map);
    begin_wide(world);
    for (uint64_t step = 0; step < steps; step++) {
        uint8_t prefix[KEY_SIZE];
        struct hash root;
        random_key(world, prefix);
        check_prefix(world, prefix, random_below(&world->random, KEY_SIZE + 1));
        set_some(world);
        struct hash expected = naive_root(world->hasher, world->list.entries, world->list.count);
        map_root(world->map, world->hasher, &root);
        assert_true(hash_equal(&root, &expected));
        if (random_once_in(&world->random, 5))
            begin_wide_anew(world);
        wide_map_root(world->wide, world->hasher, &root);
        assert_true(hash_equal(&root, &expected));
        if (world->list.count > 0) {
            const struct entry *entry =
                &world->list.entries[random_below(&world->random, world->list.count)];
            check_prefix(world, entry->key, random_below(&world->random, KEY_SIZE + 1));
        }
    }
    assert_true(world->fetched > 0);
    wide_map_destroy(world->wide);
    map_destroy(world->map);
}

static void a_bucket_that_holds_something_else_is_found(void **state) {
    struct world *world = *state;
    const uint8_t key[KEY_SIZE] = {1, 2, 3, 4, 5};
    struct hash value = {{7}};
    struct hash root;
    world->list.count = 0;
    memset(world->is_known, 0, sizeof world->is_known);
    world->is_known[wide_map_bucket(key)] = true;
    begin_wide(world);
    wide_map_root(world->wide, world->hasher, &root);
    assert_true(hash_equal(&root, &world->buckets[wide_map_bucket(key)])); /* on trust */
    assert_int_equal(wide_map_set(world->wide, world->hasher, key, &value), FAILURE_DAMAGED);
    list_set(&world->list, key, &value);
    assert_int_equal(wide_map_set(world->wide, world->hasher, key, &value), FAILURE_DAMAGED);
    wide_map_destroy(world->wide);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(map_equals_the_definition_and_proves_nothing_else),
        cmocka_unit_test(a_bucket_that_holds_something_else_is_found),
    };
    int failures = cmocka_run_group_tests(tests, begin, end);
    seed_tell(failures);
    return failures;
}
