/* The last record is kept until the commit, so that a cache can say of which ledger it is at both
 * ends. */
#include "ledger/cache.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/cache_note.h"
#include "ledger/failure.h"
#include "ledger/record.h"

#define PATH_SIZE  4096
#define HEAD_SIZE  (sizeof(uint32_t) + HASH_SIZE)
#define AS_OF_SIZE (sizeof(uint64_t) + HASH_SIZE)

/* What its rows say. */
struct rows {
    uint64_t as_of;
    struct hash first; /* of the ledger's record 0 */
    struct hash last;  /* of the record before as_of; zeros as long as that is 0 */
};

struct cache {
    const struct cache_kind *kind;
    char dir[PATH_SIZE];
    struct env *env;
    struct hasher *hasher;
    struct reader *ledger; /* for lookups: records 0, as_of - 1, and what the owner wants */
    struct rows rows;      /* as committed */
    uint64_t next;         /* record that comes next */
    uint32_t opens;        /* in a row, this one too; 0: it has proved itself */
    uint32_t commits;
    uint8_t last[RECORD_BYTES_MAX]; /* the record before next, */
    size_t last_size;               /* 0: none since the commit */
};

/* --- rows --------------------------------------------------------------------------------------
 */

static MDB_val name_of(const char *name) {
    return (MDB_val){strlen(name), (void *)(uintptr_t)name};
}

/* 0, NOT_FOUND without a line, DAMAGED, SYSTEM. */
static int read_row(const struct env *env, MDB_txn *txn, const char *name, MDB_val *value,
                    size_t size) {
    MDB_val key = name_of(name);
    int code = mdb_get(txn, env->main, &key, value);
    if (code == MDB_NOTFOUND)
        return FAILURE_NOT_FOUND;
    if (code != 0)
        return env_failure(code, name);
    if (value->mv_size != size)
        return failure_log(FAILURE_DAMAGED, "row %s has %zu bytes", name, value->mv_size);
    return 0;
}

static int read_rows(const struct env *env, const struct cache_kind *kind, MDB_txn *txn,
                     struct rows *rows) {
    MDB_val value;
    uint32_t layout;
    uint64_t as_of;
    int failure = read_row(env, txn, "head", &value, HEAD_SIZE);
    if (failure != 0)
        return failure;
    memcpy(&layout, value.mv_data, sizeof layout);
    memcpy(rows->first.bytes, (const uint8_t *)value.mv_data + sizeof layout, HASH_SIZE);
    if (le32toh(layout) != kind->layout)
        return failure_log(FAILURE_VERSION, "%s: layout %u, this release knows %u", kind->name,
                           le32toh(layout), kind->layout);
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
    return code == 0 ? 0 : env_failure(code, name);
}

static int write_rows(const struct cache *cache, MDB_txn *txn, const struct rows *rows) {
    uint8_t head[HEAD_SIZE];
    uint8_t as_of[AS_OF_SIZE];
    uint32_t layout = htole32(cache->kind->layout);
    uint64_t sequence = htole64(rows->as_of);
    memcpy(head, &layout, sizeof layout);
    memcpy(head + sizeof layout, rows->first.bytes, HASH_SIZE);
    memcpy(as_of, &sequence, sizeof sequence);
    memcpy(as_of + sizeof sequence, rows->last.bytes, HASH_SIZE);
    int failure = write_row(cache->env, txn, "head", head, sizeof head);
    return failure != 0 ? failure : write_row(cache->env, txn, "as-of", as_of, sizeof as_of);
}

/* --- opening -----------------------------------------------------------------------------------
 */

static int open_env(struct env **env, const struct cache_kind *kind, const char *dir,
                    enum env_mode mode) {
    struct env_options options = {.mode = mode,
                                  .map_bytes = CACHE_MAP_BYTES,
                                  .tables = kind->tables,
                                  .tables_count = kind->tables_count,
                                  .is_cache = true};
    return env_open(env, dir, &options);
}

static int hash_record(struct cache *cache, uint64_t sequence, struct hash *hash) {
    struct reader_record record;
    int failure = reader_get(cache->ledger, sequence, &record);
    if (failure == 0)
        hasher_leaf(cache->hasher, record.bytes, record.size, hash);
    reader_rest(cache->ledger);
    return failure;
}

/* NULL when its rows fit the ledger, else why they do not. */
static const char *rows_fault(struct cache *cache) {
    MDB_txn *txn = NULL;
    struct hash hash;
    int code = mdb_txn_begin(cache->env->mdb, NULL, MDB_RDONLY, &txn);
    if (code != 0)
        return mdb_strerror(code);
    int failure = read_rows(cache->env, cache->kind, txn, &cache->rows);
    mdb_txn_abort(txn);
    if (failure == FAILURE_VERSION)
        return "it is of another layout";
    if (failure != 0)
        return "it cannot be read";
    if (cache->rows.as_of == 0)
        return "it holds nothing";
    if (hash_record(cache, 0, &hash) != 0 || !hash_equal(&hash, &cache->rows.first))
        return "it is of another ledger";
    if (hash_record(cache, cache->rows.as_of - 1, &hash) != 0 ||
        !hash_equal(&hash, &cache->rows.last))
        return "the ledger has not, or not the same, records that it has";
    return NULL;
}

/* Opens what is there. Returns why it cannot be believed, or NULL; *failure when that says nothing
 * about it. */
static const char *open_old(struct cache *cache, int *failure) {
    uint32_t opens;
    const char *fault = cache_note_read(cache->dir, &opens);
    *failure = 0;
    if (fault != NULL)
        return fault;
    if (env_check(cache->dir) != 0)
        return "its file is damaged";
    cache->opens = opens + 1;
    *failure = cache_note_open(cache->dir, cache->opens);
    if (*failure == 0)
        *failure = open_env(&cache->env, cache->kind, cache->dir, ENV_WRITE);
    if (*failure == FAILURE_DAMAGED || *failure == FAILURE_VERSION) {
        *failure = 0;
        return "it cannot be opened";
    }
    return *failure == 0 ? rows_fault(cache) : NULL;
}

static void remove_files(const char *dir) {
    static const char *const NAMES[] = {"data.mdb", "lock.mdb", "note", "note.new"};
    char path[PATH_SIZE + 64];
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, NAMES[i]);
        unlink(path);
    }
    rmdir(dir);
}

static int set_aside(struct cache *cache, const char *fault) {
    char aside[PATH_SIZE + 16];
    snprintf(aside, sizeof aside, "%s" CACHE_ASIDE_SUFFIX, cache->dir);
    env_close(cache->env);
    cache->env = NULL;
    cache->rows = (struct rows){0};
    remove_files(aside);
    if (rename(cache->dir, aside) != 0)
        return failure_errno("%s", aside);
    failure_log(FAILURE_DAMAGED, "%s: %s; set aside as %s, and built again", cache->dir, fault,
                aside);
    return 0;
}

static int open_new(struct cache *cache) {
    if (mkdir(cache->dir, 0750) != 0)
        return failure_errno("%s", cache->dir);
    int failure = open_env(&cache->env, cache->kind, cache->dir, ENV_WRITE);
    if (failure == 0)
        failure = hash_record(cache, 0, &cache->rows.first);
    cache->opens = 1;
    return failure == 0 ? cache_note_open(cache->dir, cache->opens) : failure;
}

/* True when there is an environment; a folder without one is removed. */
static bool is_there(const struct cache *cache) {
    char path[PATH_SIZE + 16];
    snprintf(path, sizeof path, "%s/data.mdb", cache->dir);
    if (access(path, F_OK) == 0)
        return true;
    remove_files(cache->dir);
    return false;
}

static int open_any(struct cache *cache) {
    int failure = 0;
    if (!is_there(cache))
        return open_new(cache);
    const char *fault = open_old(cache, &failure);
    if (failure != 0 || fault == NULL)
        return failure;
    failure = set_aside(cache, fault);
    return failure == 0 ? open_new(cache) : failure;
}

int cache_open(struct cache **opened, const struct cache_kind *kind, const char *dir,
               const char *ledger_dir) {
    *opened = NULL;
    struct cache *cache = calloc(1, sizeof *cache);
    if (cache == NULL)
        return failure_errno("%s", kind->name);
    cache->kind = kind;
    snprintf(cache->dir, sizeof cache->dir, "%s", dir);
    int failure = reader_open(&cache->ledger, ledger_dir, false);
    if (failure == 0)
        cache->hasher = hasher_create(reader_profile(cache->ledger));
    if (failure == 0 && cache->hasher == NULL)
        failure = failure_log(FAILURE_SYSTEM, "%s: no memory", kind->name);
    if (failure == 0)
        failure = open_any(cache);
    cache->next = cache->rows.as_of;
    if (failure != 0)
        cache_close(cache, false);
    else
        *opened = cache;
    return failure;
}

void cache_close(struct cache *cache, bool is_well) {
    if (cache == NULL)
        return;
    if (is_well && env_sync(cache->env) == 0)
        cache_note_closed(cache->dir);
    env_close(cache->env);
    if (cache->ledger != NULL)
        reader_close(cache->ledger);
    hasher_destroy(cache->hasher);
    free(cache);
}

void cache_distrust(struct cache *cache) {
    cache_note_open(cache->dir, CACHE_NOTE_OPENS_MAX);
}

/* --- following ---------------------------------------------------------------------------------
 */

struct env *cache_env(struct cache *cache) {
    return cache->env;
}

struct reader *cache_ledger(struct cache *cache) {
    return cache->ledger;
}

uint64_t cache_as_of(const struct cache *cache) {
    return cache->rows.as_of;
}

uint64_t cache_next(const struct cache *cache) {
    return cache->next;
}

void cache_take(struct cache *cache, const struct reader_record *record) {
    assert(record->sequence == cache->next && record->size <= sizeof cache->last);
    memcpy(cache->last, record->bytes, record->size);
    cache->last_size = record->size;
    cache->next++;
}

/* After enough of them it is not what stops the exchange. */
static int count_commit(struct cache *cache) {
    if (cache->opens == 0 || ++cache->commits < CACHE_TRUSTED_COMMITS)
        return 0;
    cache->opens = 0;
    return cache_note_open(cache->dir, 0);
}

int cache_commit(struct cache *cache, MDB_txn *txn) {
    struct rows rows = cache->rows;
    rows.as_of = cache->next;
    assert(cache->last_size > 0 || cache->next == cache->rows.as_of);
    if (cache->last_size > 0)
        hasher_leaf(cache->hasher, cache->last, cache->last_size, &rows.last);
    int failure = write_rows(cache, txn, &rows);
    if (failure != 0) {
        mdb_txn_abort(txn);
        return failure;
    }
    int code = mdb_txn_commit(txn);
    if (code != 0)
        return env_failure(code, cache->kind->name);
    cache->rows = rows;
    cache->last_size = 0;
    return count_commit(cache);
}

/* --- reading -----------------------------------------------------------------------------------
 */

int cache_read(struct env **env, const struct cache_kind *kind, const char *dir) {
    return open_env(env, kind, dir, ENV_READ);
}

int cache_read_as_of(const struct env *env, const struct cache_kind *kind, MDB_txn *txn,
                     uint64_t *as_of) {
    struct rows rows;
    int failure = read_rows(env, kind, txn, &rows);
    if (failure == 0)
        *as_of = rows.as_of;
    return failure;
}
