/*
 * Open-addressing tables from keys to row numbers: orders by id, holdings by account and
 * instrument.
 *
 * A table is an array of 2^bits slots of 32 bits. A row stands in its home slot, which its key
 * hashes to, or in the first free one after it. A slot holds the row's number and how far from home
 * it stands, so a look-up knows without reading rows which slots can hold its key, and a removal
 * closes the gap by moving slots back, without reading rows or leaving marks. Distances are cut at
 * DISTANCE_MAX, where the row must be asked; its owner gives a function for that.
 *
 * The hash is public, so a client could choose numbers that collide; that costs time in proportion
 * to the orders he keeps open, and nothing else.
 */
#ifndef ENGINE_TABLE_H
#define ENGINE_TABLE_H

#include "engine/state.h"

#define TABLE_ROW_BITS     26u
#define TABLE_ROW_MAX      ((UINT32_C(1) << TABLE_ROW_BITS) - 1)
#define TABLE_DISTANCE_MAX (UINT32_MAX >> TABLE_ROW_BITS)
#define TABLE_BITS_MIN     4u

/* A table as it is worked on. */
struct table {
    uint32_t *slots;
    uint32_t mask;
    uint32_t shift; /* of a 64-bit hash to its home */
};

static inline struct table table_of(const struct engine *engine, const struct table_place *place) {
    return (struct table){.slots = region_place(engine, place->at),
                          .mask = (UINT32_C(1) << place->bits) - 1,
                          .shift = 64 - place->bits};
}

/* Slots for this many rows: from one and a half to three times as many. */
static inline uint32_t table_bits_for(uint32_t rows) {
    uint32_t bits = TABLE_BITS_MIN;
    while ((UINT64_C(1) << bits) < (uint64_t)rows + rows / 2)
        bits++;
    return bits;
}

static inline uint64_t table_bytes(uint32_t bits) {
    return sizeof(uint32_t) << bits;
}

/* Multiplicative hashing, twice: the high bits of a product depend on all of the key's. Once is not
 * enough: keys that count up, in several rows side by side, then fall on each other. */
static inline uint64_t table_hash(uint64_t key) {
    key *= UINT64_C(0x9E3779B97F4A7C15);
    key ^= key >> 32;
    return key * UINT64_C(0x9E3779B97F4A7C15);
}

/* Of a code, a number, a name: FNV-1a, and then as above. */
static inline uint64_t table_hash_bytes(const void *bytes, size_t size) {
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001B3);
    return table_hash(hash);
}

static inline uint32_t table_home(const struct table *table, uint64_t hash) {
    return (uint32_t)(hash >> table->shift);
}

static inline uint32_t table_row(uint32_t slot) {
    return slot & TABLE_ROW_MAX;
}

static inline uint32_t table_distance(uint32_t slot) {
    return slot >> TABLE_ROW_BITS;
}

static inline uint32_t table_slot(uint32_t row, uint32_t distance) {
    uint32_t cut = distance < TABLE_DISTANCE_MAX ? distance : TABLE_DISTANCE_MAX;
    return row | cut << TABLE_ROW_BITS;
}

/* The next row after `*distance` steps from home that may have the key hashed to `home`; 0 when
 * there is none. Begin with *distance 0, go on with *distance + 1. */
static inline uint32_t table_next(const struct table *table, uint32_t home, uint32_t *distance) {
    for (;; ++*distance) {
        uint32_t slot = table->slots[(home + *distance) & table->mask];
        if (slot == 0)
            return 0;
        uint32_t cut = *distance < TABLE_DISTANCE_MAX ? *distance : TABLE_DISTANCE_MAX;
        if (table_distance(slot) == cut)
            return table_row(slot);
    }
}

/* Puts a row whose key is in no slot yet. There is always room: a table has more slots than rows
 * are allowed. */
static inline void table_put(const struct table *table, uint64_t hash, uint32_t row) {
    uint32_t home = table_home(table, hash);
    uint32_t distance = 0;
    while (table->slots[(home + distance) & table->mask] != 0)
        distance++;
    table->slots[(home + distance) & table->mask] = table_slot(row, distance);
}

/* Empties a table and gives it another size, at least as large; false, and nothing has happened,
 * when it has that size. Its owner puts the rows again. */
bool table_grow(const struct engine *engine, struct table_place *place, uint32_t bits);

/* Takes a row's slot out; the row must be there. `hash_of` gives a row's hash. */
void table_remove(const struct table *table, uint64_t hash, uint32_t row,
                  uint64_t (*hash_of)(const struct engine *, uint32_t),
                  const struct engine *engine);

#endif
