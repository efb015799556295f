/* Rows are made in the order of their keys, table by table, so that each page is written once. */
#include "bench/register_bulk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/algorithms.h"
#include "ledger/failure.h"
#include "ledger/register_rows.h"

/* Rows in one transaction. */
#define ROWS_ONCE 500000u
#define TIME_NS   INT64_C(1790000000000000000)

/* A right's hash, to be sorted by. */
struct placed {
    struct hash hash;
    uint32_t right;
};

struct bulk {
    struct env *env;
    MDB_txn *txn;
    MDB_cursor *cursor;
    uint32_t rows; /* in the transaction */
    uint32_t pledges;
    struct hasher *hasher;
    struct placed *placed;
};

void register_bulk_number(uint32_t right, char number[REGISTER_BULK_NUMBER_MAX]) {
    snprintf(number, REGISTER_BULK_NUMBER_MAX, "ZL%010u", right);
}

static struct asset_name name_of(uint32_t right) {
    return (struct asset_name){.kind = ASSET_RIGHT, .asset = right};
}

struct made_entry register_bulk_right(uint32_t right, const char *number) {
    return (struct made_entry){.asset = name_of(right),
                               .version = 1,
                               .kind = ENTRY_ASSET,
                               .from_ns = TIME_NS,
                               .right_kind = RIGHT_INVENTION,
                               .number = number,
                               .owner = 1 + (right - 1) % REGISTER_BULK_OWNERS};
}

struct made_entry register_bulk_pledge(uint32_t right, uint32_t version, const char *number) {
    return (struct made_entry){.asset = name_of(right),
                               .entry = 1,
                               .version = version,
                               .kind = ENTRY_PLEDGE,
                               .from_ns = TIME_NS,
                               .quantity = RIGHT_WHOLE_PPM,
                               .right_kind = RIGHT_INVENTION,
                               .number = number,
                               .pledgor = 1 + (right - 1) % REGISTER_BULK_OWNERS,
                               .pledgee = 1 + (right - 1) % REGISTER_BULK_BANKS,
                               .registered = right};
}

/* --- rows --------------------------------------------------------------------------------------
 */

static int begin(struct bulk *bulk, enum register_table table) {
    int code = mdb_txn_begin(bulk->env->mdb, NULL, 0, &bulk->txn);
    if (code == 0)
        code = mdb_cursor_open(bulk->txn, bulk->env->tables[table], &bulk->cursor);
    bulk->rows = 0;
    return code == 0 ? 0 : env_failure(code, "bulk");
}

static int commit(struct bulk *bulk) {
    mdb_cursor_close(bulk->cursor);
    int code = mdb_txn_commit(bulk->txn);
    return code == 0 ? 0 : env_failure(code, "bulk");
}

static int put(struct bulk *bulk, enum register_table table, struct span key, struct span value) {
    MDB_val key_value = {key.size, (void *)(uintptr_t)key.bytes};
    MDB_val row = {value.size, (void *)(uintptr_t)value.bytes};
    int code = mdb_cursor_put(bulk->cursor, &key_value, &row, MDB_APPEND);
    if (code != 0)
        return env_failure(code, "bulk");
    if (++bulk->rows < ROWS_ONCE)
        return 0;
    int failure = commit(bulk);
    return failure != 0 ? failure : begin(bulk, table);
}

/* --- tables ------------------------------------------------------------------------------------
 */

static int compare(const void *a, const void *b) {
    return memcmp(a, b, HASH_SIZE);
}

static void place_rights(struct bulk *bulk) {
    for (uint32_t i = 0; i < bulk->pledges; i++) {
        char number[REGISTER_BULK_NUMBER_MAX];
        register_bulk_number(i + 1, number);
        bulk->placed[i].right = i + 1;
        register_right_hash(bulk->hasher, RIGHT_INVENTION, number, strlen(number),
                            &bulk->placed[i].hash);
    }
    qsort(bulk->placed, bulk->pledges, sizeof *bulk->placed, compare);
}

static int put_entry(struct bulk *bulk, struct map *map, const struct placed *placed,
                     const struct made_entry *entry) {
    static const struct made_moment FIRST = {.time_ns = TIME_NS};
    uint8_t report[REGISTER_MAKER_REPORT_MAX];
    uint8_t key[ENTRY_KEY_SIZE];
    struct hash value;
    size_t size = register_maker_report(entry, &FIRST, report);
    register_key(&placed->hash, entry->entry, key);
    rows_put_moment(key + REGISTER_KEY_SIZE, 0, 0);
    hasher_digest(bulk->hasher, report, size, &value);
    if (!map_set(map, key, &value))
        return failure_log(FAILURE_SYSTEM, "bulk: no memory");
    return put(bulk, TABLE_ENTRIES, (struct span){key, sizeof key}, (struct span){report, size});
}

static int write_bucket(struct bulk *bulk, uint32_t *at, struct hash *root) {
    uint32_t bucket = wide_map_bucket(bulk->placed[*at].hash.bytes);
    struct map *map = map_create(REGISTER_KEY_SIZE, 2 * bulk->pledges);
    int failure = map == NULL ? failure_log(FAILURE_SYSTEM, "bulk: no memory") : 0;
    for (; failure == 0 && *at < bulk->pledges &&
           wide_map_bucket(bulk->placed[*at].hash.bytes) == bucket;
         ++*at) {
        char number[REGISTER_BULK_NUMBER_MAX];
        const struct placed *placed = &bulk->placed[*at];
        register_bulk_number(placed->right, number);
        struct made_entry entries[] = {register_bulk_right(placed->right, number),
                                       register_bulk_pledge(placed->right, 1, number)};
        failure = put_entry(bulk, map, placed, &entries[0]);
        if (failure == 0)
            failure = put_entry(bulk, map, placed, &entries[1]);
    }
    if (failure == 0)
        map_root(map, bulk->hasher, root);
    map_destroy(map);
    return failure;
}

static int write_entries(struct bulk *bulk) {
    struct hash *roots = calloc(WIDE_MAP_BUCKETS, sizeof *roots);
    bool *is_there = calloc(WIDE_MAP_BUCKETS, sizeof *is_there);
    int failure = roots == NULL || is_there == NULL ? FAILURE_SYSTEM : begin(bulk, TABLE_ENTRIES);
    for (uint32_t at = 0; failure == 0 && at < bulk->pledges;) {
        uint32_t bucket = wide_map_bucket(bulk->placed[at].hash.bytes);
        is_there[bucket] = true;
        failure = write_bucket(bulk, &at, &roots[bucket]);
    }
    if (failure == 0)
        failure = commit(bulk);
    if (failure == 0)
        failure = begin(bulk, TABLE_BUCKETS);
    for (uint32_t bucket = 0; failure == 0 && bucket < WIDE_MAP_BUCKETS; bucket++) {
        uint8_t key[BUCKET_KEY_SIZE];
        rows_put(key, bucket, sizeof key);
        if (is_there[bucket])
            failure = put(bulk, TABLE_BUCKETS, (struct span){key, sizeof key},
                          (struct span){roots[bucket].bytes, HASH_SIZE});
    }
    free(roots);
    free(is_there);
    return failure != 0 ? failure : commit(bulk);
}

static int write_assets(struct bulk *bulk) {
    int failure = begin(bulk, TABLE_ASSETS);
    for (uint32_t right = 1; failure == 0 && right <= bulk->pledges; right++) {
        char number[REGISTER_BULK_NUMBER_MAX];
        uint8_t key[ASSET_SIZE];
        struct hash hash;
        struct asset_name name = name_of(right);
        register_bulk_number(right, number);
        register_right_hash(bulk->hasher, RIGHT_INVENTION, number, strlen(number), &hash);
        rows_put_asset(key, &name);
        failure = put(bulk, TABLE_ASSETS, (struct span){key, sizeof key},
                      (struct span){hash.bytes, HASH_SIZE});
    }
    return failure != 0 ? failure : commit(bulk);
}

static int write_party(struct bulk *bulk, uint32_t party, uint8_t role, uint32_t step) {
    int failure = 0;
    for (uint32_t right = party; failure == 0 && right <= bulk->pledges; right += step) {
        uint8_t key[PARTY_KEY_SIZE];
        struct asset_name name = name_of(right);
        uint8_t *at = rows_put_asset(rows_put(rows_put(key, party, 4), role, 1), &name);
        rows_put(at, role == ENTRY_ROLE_OWNER ? 0 : 1, 4);
        failure = put(bulk, TABLE_PARTIES, (struct span){key, sizeof key},
                      (struct span){(const uint8_t *)"", 0});
    }
    return failure;
}

static int write_parties(struct bulk *bulk) {
    int failure = begin(bulk, TABLE_PARTIES);
    for (uint32_t party = 1; failure == 0 && party <= REGISTER_BULK_OWNERS; party++) {
        failure = write_party(bulk, party, ENTRY_ROLE_OWNER, REGISTER_BULK_OWNERS);
        if (failure == 0)
            failure = write_party(bulk, party, ENTRY_ROLE_PLEDGOR, REGISTER_BULK_OWNERS);
        if (failure == 0 && party <= REGISTER_BULK_BANKS)
            failure = write_party(bulk, party, ENTRY_ROLE_PLEDGEE, REGISTER_BULK_BANKS);
    }
    return failure != 0 ? failure : commit(bulk);
}

static int write_numbers(struct bulk *bulk) {
    int failure = begin(bulk, TABLE_NUMBERS);
    for (uint32_t right = 1; failure == 0 && right <= bulk->pledges; right++) {
        uint8_t key[NUMBER_KEY_SIZE];
        struct asset_name name = name_of(right);
        uint8_t *at = rows_put(rows_put(key, ENTRY_PLEDGE, 1), right, 8);
        rows_put(rows_put_asset(at, &name), 1, 4);
        failure = put(bulk, TABLE_NUMBERS, (struct span){key, sizeof key},
                      (struct span){(const uint8_t *)"", 0});
    }
    return failure != 0 ? failure : commit(bulk);
}

int register_bulk_write(const char *dir, uint32_t pledges) {
    struct env_options options = {.mode = ENV_WRITE,
                                  .map_bytes = CACHE_MAP_BYTES,
                                  .tables = register_kind.tables,
                                  .tables_count = register_kind.tables_count,
                                  .is_cache = true};
    struct bulk bulk = {.pledges = pledges,
                        .hasher = hasher_create(algorithms_profile()),
                        .placed = calloc(pledges, sizeof *bulk.placed)};
    int failure = bulk.hasher == NULL || bulk.placed == NULL
                      ? failure_log(FAILURE_SYSTEM, "bulk: no memory")
                      : env_open(&bulk.env, dir, &options);
    if (failure == 0)
        place_rights(&bulk);
    int (*const steps[])(struct bulk *) = {write_entries, write_assets, write_parties,
                                           write_numbers};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && failure == 0; i++)
        failure = steps[i](&bulk);
    if (failure == 0)
        failure = env_sync(bulk.env);
    env_close(bulk.env);
    free(bulk.placed);
    hasher_destroy(bulk.hasher);
    return failure;
}
