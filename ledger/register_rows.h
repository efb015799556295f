/*
 * The tables of the register's environment, and their keys. Private to register_store and
 * register_reader, which explain them.
 *
 * Numbers in keys are big-endian, so that rows lie in the order of their numbers.
 *
 * Threads: pure functions.
 */
#ifndef LEDGER_REGISTER_ROWS_H
#define LEDGER_REGISTER_ROWS_H

#include "ledger/cache.h"
#include "ledger/entry_report.h"
#include "ledger/wide_map.h"

#define REGISTER_LAYOUT 1u

enum register_table {
    TABLE_BUCKETS, /* bucket u16: hash */
    TABLE_ENTRIES, /* key in the map, moment: report */
    TABLE_ASSETS,  /* asset: hash */
    TABLE_CHANGES, /* moment: key in the map */
    TABLE_PARTIES, /* party u32, role u8, asset, entry u32: nothing */
    TABLE_NUMBERS, /* series u8, number u64, asset, entry u32: nothing */
    TABLE_TOTALS,  /* instrument u32, entry kind u8, moment: time i64, units u64 */
    REGISTER_TABLES,
};

extern const struct cache_kind register_kind;

/* When something was told: a record's sequence u64, and a place in it u16. */
#define MOMENT_SIZE 10u
/* An asset: kind u8, asset u32, holder u32. */
#define ASSET_SIZE 9u

#define BUCKET_KEY_SIZE  2u
#define ENTRY_KEY_SIZE   (REGISTER_KEY_SIZE + MOMENT_SIZE)
#define PARTY_KEY_SIZE   (4u + 1u + ASSET_SIZE + 4u)
#define NUMBER_KEY_SIZE  (1u + 8u + ASSET_SIZE + 4u)
#define TOTAL_KEY_SIZE   (4u + 1u + MOMENT_SIZE)
#define TOTAL_VALUE_SIZE 16u

/* Each appends, and returns one past what it wrote. */
static inline uint8_t *rows_put(uint8_t *at, uint64_t number, uint32_t size) {
    for (uint32_t i = 0; i < size; i++)
        at[i] = (uint8_t)(number >> 8 * (size - 1 - i));
    return at + size;
}
static inline uint8_t *rows_put_moment(uint8_t *at, uint64_t sequence, uint32_t place) {
    return rows_put(rows_put(at, sequence, 8), place, 2);
}
static inline uint8_t *rows_put_asset(uint8_t *at, const struct asset_name *asset) {
    return rows_put(rows_put(rows_put(at, asset->kind, 1), asset->asset, 4), asset->holder, 4);
}

static inline uint64_t rows_get(const uint8_t *at, uint32_t size) {
    uint64_t number = 0;
    for (uint32_t i = 0; i < size; i++)
        number = number << 8 | at[i];
    return number;
}
static inline struct asset_name rows_get_asset(const uint8_t *at) {
    return (struct asset_name){.kind = at[0],
                               .asset = (uint32_t)rows_get(at + 1, 4),
                               .holder = (uint32_t)rows_get(at + 5, 4)};
}

#endif
