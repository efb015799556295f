/* Records are taken apart as they come; what is gathered of them is written, sorted, at a commit.
 */
#include "ledger/index.h"

#include <assert.h>
#include <stdlib.h>

#include "ledger/failure.h"
#include "ledger/index_batch.h"
#include "ledger/index_rows.h"

struct index {
    struct cache *cache;
    struct index_batch *batch;
    bool has_failed;
};

int index_open(struct index **opened, const char *dir, const char *ledger_dir) {
    *opened = NULL;
    struct index *index = calloc(1, sizeof *index);
    if (index == NULL)
        return failure_errno("index");
    index->batch = index_batch_create();
    int failure = index->batch == NULL ? failure_log(FAILURE_SYSTEM, "no memory for the index") : 0;
    if (failure == 0)
        failure = cache_open(&index->cache, &index_kind, dir, ledger_dir);
    index->has_failed = failure != 0; /* nothing is noted of it */
    if (failure != 0)
        index_close(index);
    else
        *opened = index;
    return failure;
}

void index_close(struct index *index) {
    if (index == NULL)
        return;
    cache_close(index->cache, !index->has_failed && index_commit(index) == 0);
    index_batch_destroy(index->batch);
    free(index);
}

uint64_t index_as_of(const struct index *index) {
    return cache_as_of(index->cache);
}

uint64_t index_gathered(const struct index *index) {
    return cache_next(index->cache) - cache_as_of(index->cache);
}

/* --- adding ------------------------------------------------------------------------------------
 */

static void take_subject(void *owner, enum subject_kind kind, uint64_t id) {
    struct index *index = owner;
    index_batch_add(index->batch, kind, id, cache_next(index->cache));
}

/* What an approved proposal is about stands in its own record. */
static int add_proposal(struct index *index, uint64_t sequence) {
    struct reader_record stored;
    struct record proposal;
    if (sequence == 0 || sequence >= cache_next(index->cache))
        return 0; /* one that does not exist was refused */
    int failure = reader_get(cache_ledger(index->cache), sequence, &stored);
    if (failure == 0 && (!record_read(stored.bytes, stored.size, &proposal) ||
                         !subject_walk_proposal(&proposal, take_subject, index)))
        failure = failure_log(FAILURE_DAMAGED, "record %lu cannot be read", sequence);
    reader_rest(cache_ledger(index->cache));
    return failure;
}

static int add_subjects(struct index *index, const struct reader_record *stored) {
    struct record record;
    uint64_t proposal;
    if (!record_read(stored->bytes, stored->size, &record) ||
        !subject_walk(&record, take_subject, index, &proposal))
        return failure_log(FAILURE_DAMAGED, "record %lu cannot be read", stored->sequence);
    return add_proposal(index, proposal);
}

int index_add(struct index *index, const struct reader_record *stored) {
    int failure = index->has_failed ? FAILURE_STOPPED : 0;
    assert(stored->sequence == cache_next(index->cache));
    if (failure == 0 && index_batch_is_full(index->batch))
        failure = index_commit(index);
    if (failure == 0)
        failure = add_subjects(index, stored);
    if (failure != 0) {
        index->has_failed = true;
        return failure;
    }
    cache_take(index->cache, stored);
    return 0;
}

/* --- commits -----------------------------------------------------------------------------------
 */

struct commit {
    MDB_cursor *cursors[INDEX_TABLES];
};

static int put_chunk(void *owner, const struct index_chunk *chunk) {
    struct commit *commit = owner;
    uint8_t key_bytes[INDEX_KEY_SIZE];
    MDB_val key = {sizeof key_bytes, key_bytes};
    MDB_val value = {chunk->bytes.size, (void *)(uintptr_t)chunk->bytes.bytes};
    index_key(chunk->group, chunk->base, key_bytes);
    int code = mdb_cursor_put(commit->cursors[chunk->kind], &key, &value, MDB_NOOVERWRITE);
    return code == 0 ? 0 : env_failure(code, "index");
}

static int write_all(struct index *index, MDB_txn *txn) {
    struct commit commit = {0};
    const struct env *env = cache_env(index->cache);
    int code = 0;
    for (uint32_t i = 0; i < INDEX_TABLES && code == 0; i++)
        code = mdb_cursor_open(txn, env->tables[i], &commit.cursors[i]);
    int failure = code == 0 ? 0 : env_failure(code, "index");
    if (failure == 0)
        failure = index_batch_flush(index->batch, put_chunk, &commit);
    for (uint32_t i = 0; i < INDEX_TABLES; i++)
        if (commit.cursors[i] != NULL)
            mdb_cursor_close(commit.cursors[i]);
    return failure;
}

int index_commit(struct index *index) {
    MDB_txn *txn = NULL;
    if (index->has_failed)
        return FAILURE_STOPPED;
    if (index_gathered(index) == 0)
        return 0;
    int code = mdb_txn_begin(cache_env(index->cache)->mdb, NULL, 0, &txn);
    int failure = code == 0 ? write_all(index, txn) : env_failure(code, "index");
    if (failure == 0)
        failure = cache_commit(index->cache, txn);
    else if (txn != NULL)
        mdb_txn_abort(txn);
    index->has_failed = failure != 0;
    return failure;
}
