/* Rows of the unnamed table, little-endian. */
#include "ledger/index_rows.h"

#include <endian.h>
#include <string.h>

#include "ledger/failure.h"
#include "ledger/index.h"

#define HEAD_SIZE  (sizeof(uint32_t) + HASH_SIZE)
#define AS_OF_SIZE (sizeof(uint64_t) + HASH_SIZE)

_Static_assert(INDEX_TABLES == SUBJECT_KINDS, "a table for each kind");

static MDB_val name_of(const char *name) {
    return (MDB_val){strlen(name), (void *)(uintptr_t)name};
}

int index_rows_open(struct env **env, const char *dir, enum env_mode mode) {
    static const char *const TABLES[INDEX_TABLES] = {
        [SUBJECT_ORDER] = "orders", [SUBJECT_ACCOUNT] = "accounts", [SUBJECT_SESSION] = "sessions"};
    struct env_options options = {.mode = mode,
                                  .map_bytes = INDEX_MAP_BYTES,
                                  .tables = TABLES,
                                  .tables_count = INDEX_TABLES,
                                  .is_cache = true};
    return env_open(env, dir, &options);
}

/* 0, NOT_FOUND without a line, DAMAGED, SYSTEM. */
static int read_row(const struct env *env, MDB_txn *txn, const char *name, MDB_val *value,
                    size_t size) {
    MDB_val key = name_of(name);
    int code = mdb_get(txn, env->main, &key, value);
    if (code == MDB_NOTFOUND)
        return FAILURE_NOT_FOUND;
    if (code != 0)
        return env_failure(code, "index");
    if (value->mv_size != size)
        return failure_log(FAILURE_DAMAGED, "index: row %s has %zu bytes", name, value->mv_size);
    return 0;
}

int index_rows_read(const struct env *env, MDB_txn *txn, struct index_rows *rows) {
    MDB_val value;
    uint32_t layout;
    uint64_t as_of;
    int failure = read_row(env, txn, "head", &value, HEAD_SIZE);
    if (failure != 0)
        return failure;
    memcpy(&layout, value.mv_data, sizeof layout);
    memcpy(rows->first.bytes, (const uint8_t *)value.mv_data + sizeof layout, HASH_SIZE);
    if (le32toh(layout) != INDEX_LAYOUT)
        return failure_log(FAILURE_VERSION, "index: layout %u, this release knows %u",
                           le32toh(layout), INDEX_LAYOUT);
    failure = read_row(env, txn, "as-of", &value, AS_OF_SIZE);
    if (failure != 0)
        return failure;
    memcpy(&as_of, value.mv_data, sizeof as_of);
    rows->as_of = le64toh(as_of);
    memcpy(rows->last.bytes, (const uint8_t *)value.mv_data + sizeof as_of, HASH_SIZE);
    return 0;
}

static int write_row(const struct env *env, MDB_txn *txn, const char *name, const void *bytes,
                     size_t size) {
    MDB_val key = name_of(name);
    MDB_val value = {size, (void *)(uintptr_t)bytes};
    int code = mdb_put(txn, env->main, &key, &value, 0);
    return code == 0 ? 0 : env_failure(code, "index");
}

int index_rows_write(const struct env *env, MDB_txn *txn, const struct index_rows *rows) {
    uint8_t head[HEAD_SIZE];
    uint8_t as_of[AS_OF_SIZE];
    uint32_t layout = htole32(INDEX_LAYOUT);
    uint64_t sequence = htole64(rows->as_of);
    memcpy(head, &layout, sizeof layout);
    memcpy(head + sizeof layout, rows->first.bytes, HASH_SIZE);
    memcpy(as_of, &sequence, sizeof sequence);
    memcpy(as_of + sizeof sequence, rows->last.bytes, HASH_SIZE);
    int failure = write_row(env, txn, "head", head, sizeof head);
    return failure != 0 ? failure : write_row(env, txn, "as-of", as_of, sizeof as_of);
}
