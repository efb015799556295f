/* A transaction is open from the first entry told after a commit to the next commit: what it has
 * written, lookups see at once. Buckets of the map are fetched through it, too: one that was not
 * fetched before has not changed since the last commit. */
#include "ledger/register_store.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/failure.h"
#include "ledger/register_rows.h"

struct register_store {
    struct cache *cache;
    struct hasher *hasher;
    struct wide_map *map;
    MDB_txn *txn; /* NULL: nothing was told since the last commit */
    MDB_cursor *cursors[REGISTER_TABLES];
    uint32_t gathered;
    bool has_failed;
};

static const char *const TABLES[REGISTER_TABLES] = {
    [TABLE_BUCKETS] = "buckets", [TABLE_ENTRIES] = "entries", [TABLE_ASSETS] = "assets",
    [TABLE_CHANGES] = "changes", [TABLE_PARTIES] = "parties", [TABLE_NUMBERS] = "numbers",
    [TABLE_TOTALS] = "totals"};

const struct cache_kind register_kind = {.name = "register",
                                         .layout = REGISTER_LAYOUT,
                                         .tables_count = REGISTER_TABLES,
                                         .tables = TABLES};

static_assert(REGISTER_TABLES <= ENV_TABLES_MAX, "an environment has room for all");

/* --- transactions ------------------------------------------------------------------------------
 */

static int begin(struct register_store *store) {
    const struct env *env = cache_env(store->cache);
    if (store->txn != NULL)
        return 0;
    int code = mdb_txn_begin(env->mdb, NULL, 0, &store->txn);
    for (uint32_t i = 0; i < REGISTER_TABLES && code == 0; i++)
        code = mdb_cursor_open(store->txn, env->tables[i], &store->cursors[i]);
    return code == 0 ? 0 : env_failure(code, "register");
}

static void close_cursors(struct register_store *store) {
    for (uint32_t i = 0; i < REGISTER_TABLES; i++) {
        if (store->cursors[i] != NULL)
            mdb_cursor_close(store->cursors[i]);
        store->cursors[i] = NULL;
    }
}

static void abandon(struct register_store *store) {
    close_cursors(store);
    if (store->txn != NULL)
        mdb_txn_abort(store->txn);
    store->txn = NULL;
}

/* A row's key or value. */
static MDB_val value_of(const void *bytes, size_t size) {
    return (MDB_val){size, (void *)(uintptr_t)bytes};
}

static int put(struct register_store *store, enum register_table table, MDB_val key, MDB_val value,
               unsigned flags) {
    int code = mdb_cursor_put(store->cursors[table], &key, &value, flags);
    bool is_there = code == MDB_KEYEXIST && (flags & MDB_NOOVERWRITE) != 0;
    return code == 0 || is_there ? 0 : env_failure(code, TABLES[table]);
}

static int put_bucket(void *owner, uint32_t bucket, const struct hash *hash) {
    uint8_t key[BUCKET_KEY_SIZE];
    rows_put(key, bucket, BUCKET_KEY_SIZE);
    return put(owner, TABLE_BUCKETS, value_of(key, sizeof key), value_of(hash, sizeof *hash), 0);
}

static int commit(struct register_store *store) {
    struct wide_map_listener listener = {put_bucket, store};
    int failure = begin(store);
    if (failure == 0)
        failure = wide_map_changed(store->map, store->hasher, &listener);
    close_cursors(store);
    if (failure != 0) {
        abandon(store);
        return failure;
    }
    MDB_txn *txn = store->txn;
    store->txn = NULL;
    store->gathered = 0;
    return cache_commit(store->cache, txn);
}

int register_store_commit(struct register_store *store) {
    if (store->has_failed)
        return FAILURE_STOPPED;
    if (cache_next(store->cache) == cache_as_of(store->cache))
        return 0;
    int failure = commit(store);
    store->has_failed = failure != 0;
    return failure;
}

/* --- opening -----------------------------------------------------------------------------------
 */

/* The bucket's last versions, in the order of their keys. */
static int fetch(void *owner, uint32_t bucket, struct map *map) {
    struct register_store *store = owner;
    uint8_t prefix[BUCKET_KEY_SIZE];
    MDB_val key = value_of(prefix, sizeof prefix);
    MDB_val value;
    struct hash hash;
    rows_put(prefix, bucket, BUCKET_KEY_SIZE);
    int code = mdb_cursor_get(store->cursors[TABLE_ENTRIES], &key, &value, MDB_SET_RANGE);
    while (code == 0 && memcmp(key.mv_data, prefix, sizeof prefix) == 0) {
        uint8_t entry[REGISTER_KEY_SIZE];
        if (key.mv_size != ENTRY_KEY_SIZE)
            return failure_log(FAILURE_DAMAGED, "register: a key of %zu bytes", key.mv_size);
        memcpy(entry, key.mv_data, sizeof entry);
        MDB_val last = value;
        code = mdb_cursor_get(store->cursors[TABLE_ENTRIES], &key, &value, MDB_NEXT);
        if (code == 0 && memcmp(key.mv_data, entry, sizeof entry) == 0)
            continue;
        hasher_digest(store->hasher, last.mv_data, last.mv_size, &hash);
        if (!map_set(map, entry, &hash))
            return failure_log(FAILURE_SYSTEM, "register: no room for bucket %u", bucket);
    }
    return code == 0 || code == MDB_NOTFOUND ? 0 : env_failure(code, "register");
}

/* What buckets there are. */
static int read_buckets(struct register_store *store) {
    MDB_val key;
    MDB_val value;
    MDB_cursor *cursor = store->cursors[TABLE_BUCKETS];
    int code = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
    for (; code == 0; code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
        struct hash hash;
        if (key.mv_size != BUCKET_KEY_SIZE || value.mv_size != sizeof hash)
            return failure_log(FAILURE_DAMAGED, "register: a bucket of %zu bytes", value.mv_size);
        memcpy(&hash, value.mv_data, sizeof hash);
        wide_map_know(store->map, (uint32_t)rows_get(key.mv_data, BUCKET_KEY_SIZE), &hash);
    }
    return code == MDB_NOTFOUND ? 0 : env_failure(code, "register");
}

static int start(struct register_store *store, const char *dir, const char *ledger_dir) {
    struct wide_map_source source = {fetch, store};
    int failure = cache_open(&store->cache, &register_kind, dir, ledger_dir);
    if (failure == 0)
        store->hasher = hasher_create(register_store_profile(store));
    store->map = wide_map_create(REGISTER_KEY_SIZE, &source);
    if (failure == 0 && (store->hasher == NULL || store->map == NULL))
        failure = failure_log(FAILURE_SYSTEM, "no memory for the register");
    if (failure == 0)
        failure = begin(store);
    if (failure == 0)
        failure = read_buckets(store);
    abandon(store);
    return failure;
}

int register_store_open(struct register_store **opened, const char *dir, const char *ledger_dir) {
    *opened = NULL;
    struct register_store *store = calloc(1, sizeof *store);
    if (store == NULL)
        return failure_errno("register");
    int failure = start(store, dir, ledger_dir);
    store->has_failed = failure != 0; /* nothing is noted of it */
    if (failure != 0)
        register_store_close(store);
    else
        *opened = store;
    return failure;
}

void register_store_close(struct register_store *store) {
    if (store == NULL)
        return;
    bool is_well = !store->has_failed && register_store_commit(store) == 0;
    abandon(store);
    cache_close(store->cache, is_well);
    wide_map_destroy(store->map);
    hasher_destroy(store->hasher);
    free(store);
}

uint8_t register_store_profile(const struct register_store *store) {
    return reader_profile(cache_ledger(store->cache));
}

uint64_t register_store_next(const struct register_store *store) {
    return cache_next(store->cache);
}

uint64_t register_store_as_of(const struct register_store *store) {
    return cache_as_of(store->cache);
}

uint32_t register_store_gathered(const struct register_store *store) {
    return store->gathered;
}

/* --- what is told ------------------------------------------------------------------------------
 */

/* An asset's hash is found by the asset's number from its entry 0 on. */
static int put_asset(struct register_store *store, const struct entry_report *told,
                     const struct hash *hash) {
    uint8_t key[ASSET_SIZE];
    if (told->entry != 0)
        return 0;
    rows_put_asset(key, &told->asset);
    return put(store, TABLE_ASSETS, value_of(key, sizeof key), value_of(hash, sizeof *hash), 0);
}

static int put_parties(struct register_store *store, const struct entry_report *told) {
    uint8_t key[PARTY_KEY_SIZE];
    for (uint32_t i = 0; i < told->parties_count; i++) {
        uint8_t *at = rows_put(key, told->parties[i].party, 4);
        at = rows_put_asset(rows_put(at, told->parties[i].role, 1), &told->asset);
        rows_put(at, told->entry, 4);
        int failure =
            put(store, TABLE_PARTIES, value_of(key, sizeof key), value_of("", 0), MDB_NOOVERWRITE);
        if (failure != 0)
            return failure;
    }
    return 0;
}

static int put_number(struct register_store *store, const struct entry_report *told) {
    uint8_t key[NUMBER_KEY_SIZE];
    if (told->number == 0)
        return 0;
    uint8_t *at = rows_put(rows_put(key, told->series, 1), told->number, 8);
    rows_put(rows_put_asset(at, &told->asset), told->entry, 4);
    return put(store, TABLE_NUMBERS, value_of(key, sizeof key), value_of("", 0), MDB_NOOVERWRITE);
}

/* --- totals ------------------------------------------------------------------------------------
 */

/* Units that an entry binds as long as it is in force. */
static uint64_t bound_by(const struct entry_report *told) {
    return told->to_ns == 0 ? told->quantity : 0;
}

/* The row before `key`, which is not there, when it begins with the same `size` bytes. */
static int look_before(MDB_cursor *cursor, const uint8_t *key_bytes, size_t key_size, size_t size,
                       MDB_val *value) {
    MDB_val key = value_of(key_bytes, key_size);
    int code = mdb_cursor_get(cursor, &key, value, MDB_SET_RANGE);
    code = mdb_cursor_get(cursor, &key, value, code == 0 ? MDB_PREV : MDB_LAST);
    if (code == 0 && memcmp(key.mv_data, key_bytes, size) == 0)
        return 0;
    *value = (MDB_val){0, NULL};
    return code == 0 || code == MDB_NOTFOUND ? 0 : env_failure(code, "register");
}

/* Units that the version before bound. */
static int look_at_last(struct register_store *store, const uint8_t key[ENTRY_KEY_SIZE],
                        uint64_t *units) {
    MDB_val value;
    struct entry_report last;
    *units = 0;
    int failure =
        look_before(store->cursors[TABLE_ENTRIES], key, ENTRY_KEY_SIZE, REGISTER_KEY_SIZE, &value);
    if (failure == 0 && value.mv_data != NULL &&
        entry_report_read((struct span){value.mv_data, value.mv_size}, &last))
        *units = bound_by(&last);
    return failure;
}

/* Counts what is bound of an instrument, by kind of entry: all that strangers may know. */
static int put_total(struct register_store *store, const struct entry_report *told,
                     const uint8_t entry_key[ENTRY_KEY_SIZE]) {
    uint8_t key[TOTAL_KEY_SIZE];
    uint8_t row[TOTAL_VALUE_SIZE];
    MDB_val value;
    uint64_t before;
    if (told->asset.kind != ASSET_HOLDING || told->entry == 0)
        return 0;
    int failure = look_at_last(store, entry_key, &before);
    uint64_t now = bound_by(told);
    if (failure != 0 || before == now)
        return failure;
    uint8_t *at = rows_put(rows_put(key, told->asset.asset, 4), told->kind, 1);
    size_t prefix = (size_t)(at - key);
    rows_put_moment(at, told->sequence, told->place);
    failure = look_before(store->cursors[TABLE_TOTALS], key, sizeof key, prefix, &value);
    if (failure != 0)
        return failure;
    uint64_t total = value.mv_size == sizeof row ? rows_get((uint8_t *)value.mv_data + 8, 8) : 0;
    rows_put(rows_put(row, (uint64_t)told->time_ns, 8), total - before + now, 8);
    return put(store, TABLE_TOTALS, value_of(key, sizeof key), value_of(row, sizeof row), 0);
}

/* --- entries -----------------------------------------------------------------------------------
 */

static int put_entry(struct register_store *store, const struct entry_report *told,
                     struct span report) {
    uint8_t key[ENTRY_KEY_SIZE];
    uint8_t moment[MOMENT_SIZE];
    struct hash asset;
    struct hash hash;
    register_asset_hash(store->hasher, &told->named, &asset);
    register_key(&asset, told->entry, key);
    rows_put_moment(key + REGISTER_KEY_SIZE, told->sequence, told->place);
    rows_put_moment(moment, told->sequence, told->place);
    hasher_digest(store->hasher, report.bytes, report.size, &hash);
    int failure = wide_map_set(store->map, store->hasher, key, &hash);
    if (failure == FAILURE_DAMAGED)
        cache_distrust(store->cache);
    if (failure == 0)
        failure = put_total(store, told, key);
    if (failure == 0)
        failure = put(store, TABLE_ENTRIES, value_of(key, sizeof key),
                      value_of(report.bytes, report.size), 0);
    if (failure == 0)
        failure = put(store, TABLE_CHANGES, value_of(moment, sizeof moment),
                      value_of(key, REGISTER_KEY_SIZE), MDB_APPEND);
    if (failure == 0)
        failure = put_asset(store, told, &asset);
    if (failure == 0)
        failure = put_parties(store, told);
    return failure != 0 ? failure : put_number(store, told);
}

static int take_report(struct register_store *store, uint64_t sequence, struct span report) {
    struct entry_report told;
    if (!entry_report_read(report, &told) || told.sequence != sequence || told.place > UINT16_MAX)
        return failure_log(FAILURE_DAMAGED,
                           "register: record %" PRIu64 " holds an entry that is none", sequence);
    int failure = begin(store);
    if (failure == 0)
        failure = put_entry(store, &told, report);
    store->gathered++;
    return failure;
}

static int take_record(struct register_store *store, const struct reader_record *bytes) {
    struct record record;
    struct record_event_view view;
    if (!record_read(bytes->bytes, bytes->size, &record))
        return failure_log(FAILURE_DAMAGED, "register: record %" PRIu64 " is none",
                           bytes->sequence);
    struct span rest = record.events;
    while (record_event_next(&rest, &view)) {
        if (register_extract(view.report).size == 0)
            continue;
        int failure = take_report(store, bytes->sequence, view.report);
        if (failure != 0)
            return failure;
    }
    return 0;
}

int register_store_add(struct register_store *store, const struct reader_record *record) {
    int failure = store->has_failed ? FAILURE_STOPPED : 0;
    if (failure == 0)
        failure = take_record(store, record);
    if (failure == 0) {
        cache_take(store->cache, record);
        if (store->gathered >= REGISTER_STORE_BATCH)
            failure = commit(store);
    }
    if (failure != 0)
        abandon(store);
    store->has_failed = failure != 0;
    return failure;
}

/* --- the map -----------------------------------------------------------------------------------
 */

void register_store_root(struct register_store *store, struct hash *root) {
    wide_map_root(store->map, store->hasher, root);
}

int register_store_prove(struct register_store *store, const struct hash *asset,
                         uint8_t proof[MAP_PROOF_MAX], size_t *size) {
    struct map_prefix prefix = {asset->bytes, HASH_SIZE};
    int failure = begin(store);
    return failure != 0 ? failure : wide_map_prove(store->map, store->hasher, &prefix, proof, size);
}

int register_store_scan(struct register_store *store, const struct hash *asset,
                        const struct map_listener *listener) {
    struct map_prefix prefix = {asset->bytes, HASH_SIZE};
    int failure = begin(store);
    return failure != 0 ? failure : wide_map_scan(store->map, store->hasher, &prefix, listener);
}
