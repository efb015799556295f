/* Records are taken apart as they come; what is gathered of them is written, sorted, at a commit.
 *
 * The last record is kept until the commit, so that the index can say of which ledger it is at both
 * ends. */
#include "ledger/index.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/failure.h"
#include "ledger/index_batch.h"
#include "ledger/index_note.h"
#include "ledger/index_rows.h"

#define PATH_SIZE 4096

struct index {
    char dir[PATH_SIZE];
    struct env *env;
    struct hasher *hasher;
    struct reader *ledger; /* for lookups: records 0, as_of - 1, and proposals */
    struct index_batch *batch;
    struct index_rows rows; /* as committed */
    uint64_t next;          /* record that comes next */
    uint32_t opens;         /* in a row, this one too; 0: it has proved itself */
    uint32_t commits;
    bool has_failed;
    uint8_t last[RECORD_BYTES_MAX]; /* the record before next, */
    size_t last_size;               /* 0: none since the commit */
};

/* --- opening -----------------------------------------------------------------------------------
 */

static int hash_record(struct index *index, uint64_t sequence, struct hash *hash) {
    struct reader_record record;
    int failure = reader_get(index->ledger, sequence, &record);
    if (failure == 0)
        hasher_leaf(index->hasher, record.bytes, record.size, hash);
    reader_rest(index->ledger);
    return failure;
}

/* NULL when its rows fit the ledger, else why they do not. */
static const char *rows_fault(struct index *index) {
    MDB_txn *txn = NULL;
    struct hash hash;
    int code = mdb_txn_begin(index->env->mdb, NULL, MDB_RDONLY, &txn);
    if (code != 0)
        return mdb_strerror(code);
    int failure = index_rows_read(index->env, txn, &index->rows);
    mdb_txn_abort(txn);
    if (failure == FAILURE_VERSION)
        return "it is of another layout";
    if (failure != 0)
        return "it cannot be read";
    if (index->rows.as_of == 0)
        return "it holds nothing";
    if (hash_record(index, 0, &hash) != 0 || !hash_equal(&hash, &index->rows.first))
        return "it is of another ledger";
    if (hash_record(index, index->rows.as_of - 1, &hash) != 0 ||
        !hash_equal(&hash, &index->rows.last))
        return "the ledger has not, or not the same, records that it has";
    return NULL;
}

/* Opens what is there. Returns why it cannot be believed, or NULL; *failure when that says nothing
 * about it. */
static const char *open_old(struct index *index, int *failure) {
    uint32_t opens;
    const char *fault = index_note_read(index->dir, &opens);
    *failure = 0;
    if (fault != NULL)
        return fault;
    if (env_check(index->dir) != 0)
        return "its file is damaged";
    index->opens = opens + 1;
    *failure = index_note_open(index->dir, index->opens);
    if (*failure == 0)
        *failure = index_rows_open(&index->env, index->dir, ENV_WRITE);
    if (*failure == FAILURE_DAMAGED || *failure == FAILURE_VERSION) {
        *failure = 0;
        return "it cannot be opened";
    }
    return *failure == 0 ? rows_fault(index) : NULL;
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

static int set_aside(struct index *index, const char *fault) {
    char aside[PATH_SIZE + 16];
    snprintf(aside, sizeof aside, "%s" INDEX_ASIDE_SUFFIX, index->dir);
    env_close(index->env);
    index->env = NULL;
    index->rows = (struct index_rows){0};
    remove_files(aside);
    if (rename(index->dir, aside) != 0)
        return failure_errno("%s", aside);
    failure_log(FAILURE_DAMAGED, "%s: %s; set aside as %s, and built again", index->dir, fault,
                aside);
    return 0;
}

static int open_new(struct index *index) {
    if (mkdir(index->dir, 0750) != 0)
        return failure_errno("%s", index->dir);
    int failure = index_rows_open(&index->env, index->dir, ENV_WRITE);
    if (failure == 0)
        failure = hash_record(index, 0, &index->rows.first);
    index->opens = 1;
    return failure == 0 ? index_note_open(index->dir, index->opens) : failure;
}

/* True when there is an environment; a folder without one is removed. */
static bool is_there(const struct index *index) {
    char path[PATH_SIZE + 16];
    snprintf(path, sizeof path, "%s/data.mdb", index->dir);
    if (access(path, F_OK) == 0)
        return true;
    remove_files(index->dir);
    return false;
}

static int open_env(struct index *index) {
    int failure = 0;
    if (!is_there(index))
        return open_new(index);
    const char *fault = open_old(index, &failure);
    if (failure != 0 || fault == NULL)
        return failure;
    failure = set_aside(index, fault);
    return failure == 0 ? open_new(index) : failure;
}

int index_open(struct index **opened, const char *dir, const char *ledger_dir) {
    *opened = NULL;
    struct index *index = calloc(1, sizeof *index);
    if (index == NULL)
        return failure_errno("index");
    snprintf(index->dir, sizeof index->dir, "%s", dir);
    index->batch = index_batch_create();
    int failure = reader_open(&index->ledger, ledger_dir, false);
    if (failure == 0)
        index->hasher = hasher_create(reader_profile(index->ledger));
    if (failure == 0 && (index->batch == NULL || index->hasher == NULL))
        failure = failure_log(FAILURE_SYSTEM, "no memory for the index");
    if (failure == 0)
        failure = open_env(index);
    index->next = index->rows.as_of;
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
    if (!index->has_failed && index_commit(index) == 0 && env_sync(index->env) == 0)
        index_note_closed(index->dir);
    env_close(index->env);
    if (index->ledger != NULL)
        reader_close(index->ledger);
    hasher_destroy(index->hasher);
    index_batch_destroy(index->batch);
    free(index);
}

uint64_t index_as_of(const struct index *index) {
    return index->rows.as_of;
}

uint64_t index_gathered(const struct index *index) {
    return index->next - index->rows.as_of;
}

/* --- adding ------------------------------------------------------------------------------------
 */

static void take_subject(void *owner, enum subject_kind kind, uint64_t id) {
    struct index *index = owner;
    index_batch_add(index->batch, kind, id, index->next);
}

/* What an approved proposal is about stands in its own record. */
static int add_proposal(struct index *index, uint64_t sequence) {
    struct reader_record stored;
    struct record proposal;
    if (sequence == 0 || sequence >= index->next)
        return 0; /* one that does not exist was refused */
    int failure = reader_get(index->ledger, sequence, &stored);
    if (failure == 0 && (!record_read(stored.bytes, stored.size, &proposal) ||
                         !subject_walk_proposal(&proposal, take_subject, index)))
        failure = failure_log(FAILURE_DAMAGED, "record %lu cannot be read", sequence);
    reader_rest(index->ledger);
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
    assert(stored->sequence == index->next && stored->size <= sizeof index->last);
    if (failure == 0 && index_batch_is_full(index->batch))
        failure = index_commit(index);
    if (failure == 0)
        failure = add_subjects(index, stored);
    if (failure != 0) {
        index->has_failed = true;
        return failure;
    }
    memcpy(index->last, stored->bytes, stored->size);
    index->last_size = stored->size;
    index->next++;
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
    struct index_rows rows = index->rows;
    int code = 0;
    for (uint32_t i = 0; i < INDEX_TABLES && code == 0; i++)
        code = mdb_cursor_open(txn, index->env->tables[i], &commit.cursors[i]);
    int failure = code == 0 ? 0 : env_failure(code, "index");
    if (failure == 0)
        failure = index_batch_flush(index->batch, put_chunk, &commit);
    for (uint32_t i = 0; i < INDEX_TABLES; i++)
        if (commit.cursors[i] != NULL)
            mdb_cursor_close(commit.cursors[i]);
    rows.as_of = index->next;
    hasher_leaf(index->hasher, index->last, index->last_size, &rows.last);
    return failure == 0 ? index_rows_write(index->env, txn, &rows) : failure;
}

/* After enough of them it is not what stops the exchange. */
static int count_commit(struct index *index) {
    if (index->opens == 0 || ++index->commits < INDEX_TRUSTED_COMMITS)
        return 0;
    index->opens = 0;
    return index_note_open(index->dir, 0);
}

int index_commit(struct index *index) {
    MDB_txn *txn = NULL;
    if (index->has_failed)
        return FAILURE_STOPPED;
    if (index_gathered(index) == 0)
        return 0;
    int code = mdb_txn_begin(index->env->mdb, NULL, 0, &txn);
    int failure = code == 0 ? write_all(index, txn) : env_failure(code, "index");
    if (failure == 0) {
        code = mdb_txn_commit(txn);
        failure = code == 0 ? 0 : env_failure(code, "index");
    } else if (txn != NULL) {
        mdb_txn_abort(txn);
    }
    index->has_failed = failure != 0;
    if (failure != 0)
        return failure;
    index->rows.as_of = index->next;
    hasher_leaf(index->hasher, index->last, index->last_size, &index->rows.last);
    return count_commit(index);
}
