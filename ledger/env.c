/*
 * The list of open environments, and a look at LMDB's meta pages.
 *
 * The layout of a meta page is LMDB's own (mdb.c, struct MDB_meta of data format 1, 64 bit): after
 * a page header of 16 bytes come magic, version, address, map size, two table descriptors of 48
 * bytes, the last page in use and the transaction's number. A commit writes one of the two pages,
 * the one of its number's parity, so the numbers on the two pages always differ by one.
 */
#include "ledger/env.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/failure.h"

#define ENV_ALL_OPEN_MAX 1024 /* environments of one process at a time */
#define PATH_SIZE        4096
#define FILE_MODE        0640

#define META_FLAGS_AT   10
#define META_FLAG       0x08
#define META_MAGIC_AT   16
#define META_MAGIC      0xBEEFC0DEu
#define META_VERSION_AT 20
#define META_VERSION    1u
#define META_MAP_AT     32
#define META_PAGE_AT    40 /* page size, in the first table's descriptor */
#define META_LAST_AT    136
#define META_TXN_AT     144
#define META_SIZE       152
#define META_TRIES      8 /* a writer may commit while the two pages are read */

/* One environment of this process. The handle that callers hold is its first member. */
struct open_env {
    struct env env;
    uint32_t holders;
    enum env_mode mode;
    dev_t device;
    ino_t inode;
    struct open_env *next;
};

static struct {
    pthread_mutex_t mutex;
    struct open_env *first;
    pid_t owner; /* a forked child must not use its parent's environments */
} process = {.mutex = PTHREAD_MUTEX_INITIALIZER};

int env_failure(int code, const char *what) {
    enum failure failure = FAILURE_SYSTEM;
    if (code == ENOENT || code == MDB_NOTFOUND)
        failure = FAILURE_NOT_FOUND;
    else if (code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND || code == MDB_INVALID ||
             code == MDB_CURSOR_FULL || code == MDB_BAD_VALSIZE || code == MDB_INCOMPATIBLE ||
             code == MDB_BAD_TXN || code == MDB_BAD_DBI || code == EINVAL)
        failure = FAILURE_DAMAGED;
    else if (code == MDB_VERSION_MISMATCH)
        failure = FAILURE_VERSION;
    return failure_log(failure, "%s: %s", what, mdb_strerror(code));
}

static int data_path(const char *dir, char path[PATH_SIZE]) {
    int size = snprintf(path, PATH_SIZE, "%s/data.mdb", dir);
    if (size < 0 || size >= PATH_SIZE)
        return failure_log(FAILURE_SYSTEM, "path too long: %.80s...", dir);
    return 0;
}

/* --- the check ------------------------------------------------------------------------------- */

struct meta {
    uint32_t magic;
    uint32_t version;
    uint32_t page_size;
    uint16_t flags;
    uint64_t map_bytes;
    uint64_t last_page;
    uint64_t transaction;
};

static bool read_meta(int file, off_t at, struct meta *meta) {
    uint8_t bytes[META_SIZE];
    if (pread(file, bytes, sizeof bytes, at) != (ssize_t)sizeof bytes)
        return false;
    memcpy(&meta->flags, bytes + META_FLAGS_AT, sizeof meta->flags);
    memcpy(&meta->magic, bytes + META_MAGIC_AT, sizeof meta->magic);
    memcpy(&meta->version, bytes + META_VERSION_AT, sizeof meta->version);
    memcpy(&meta->page_size, bytes + META_PAGE_AT, sizeof meta->page_size);
    memcpy(&meta->map_bytes, bytes + META_MAP_AT, sizeof meta->map_bytes);
    memcpy(&meta->last_page, bytes + META_LAST_AT, sizeof meta->last_page);
    memcpy(&meta->transaction, bytes + META_TXN_AT, sizeof meta->transaction);
    return true;
}

static bool is_meta(const struct meta *meta) {
    bool is_page_size = meta->page_size >= 512 && meta->page_size <= 65536 &&
                        (meta->page_size & (meta->page_size - 1)) == 0;
    return meta->flags == META_FLAG && meta->magic == META_MAGIC && meta->version == META_VERSION &&
           is_page_size;
}

/* NULL when the file is as it should be, else what is wrong. */
static const char *meta_fault(int file) {
    struct meta pages[2];
    struct stat status;
    if (!read_meta(file, 0, &pages[0]) || !is_meta(&pages[0]))
        return "the first page is no meta page of LMDB";
    if (!read_meta(file, pages[0].page_size, &pages[1]) || !is_meta(&pages[1]) ||
        pages[1].page_size != pages[0].page_size)
        return "the second page is no meta page of LMDB";
    uint64_t a = pages[0].transaction;
    uint64_t b = pages[1].transaction;
    if ((a & 1) != 0 || (b & 1) != 1 || (a + 1 != b && b + 1 != a))
        return "the meta pages are not of two commits in a row";
    uint64_t last = pages[a > b ? 0 : 1].last_page;
    if (pages[a > b ? 0 : 1].map_bytes > ENV_MAP_MAX)
        return "it asks for more address space than a ledger may";
    if (fstat(file, &status) != 0 || last < 1 || last >= UINT64_MAX / pages[0].page_size - 1 ||
        (uint64_t)status.st_size < (last + 1) * pages[0].page_size)
        return "the file is shorter than its pages";
    return NULL;
}

static int check_file(const char *dir) {
    char path[PATH_SIZE];
    int failure = data_path(dir, path);
    if (failure != 0)
        return failure;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 && errno == ENOENT)
        return FAILURE_NOT_FOUND;
    if (file < 0)
        return failure_errno("open %s", path);
    const char *fault = meta_fault(file);
    for (int i = 1; fault != NULL && i < META_TRIES; i++)
        fault = meta_fault(file);
    close(file);
    return fault == NULL ? 0 : failure_log(FAILURE_DAMAGED, "%s: %s", path, fault);
}

/* --- the list -------------------------------------------------------------------------------- */

/* The open environment whose file this is, or NULL; only with the mutex held. stat() opens nothing,
 * so it does no harm to locks. */
static struct open_env *find_open(const char *dir) {
    char path[PATH_SIZE];
    struct stat status;
    if (process.owner != getpid()) {
        process.owner = getpid();
        process.first = NULL;
    }
    if (data_path(dir, path) != 0 || stat(path, &status) != 0)
        return NULL;
    struct open_env *open_env = process.first;
    while (open_env != NULL &&
           (open_env->device != status.st_dev || open_env->inode != status.st_ino))
        open_env = open_env->next;
    return open_env;
}

int env_check(const char *dir) {
    pthread_mutex_lock(&process.mutex);
    int failure = find_open(dir) != NULL ? 0 : check_file(dir);
    pthread_mutex_unlock(&process.mutex);
    return failure;
}

static int open_tables(struct env *env, const struct env_options *options) {
    bool is_writer = options->mode == ENV_WRITE;
    MDB_txn *txn = NULL;
    int code = mdb_txn_begin(env->mdb, NULL, is_writer ? 0 : MDB_RDONLY, &txn);
    if (code != 0)
        return env_failure(code, "begin");
    code = mdb_dbi_open(txn, NULL, 0, &env->main);
    for (uint32_t i = 0; i < options->tables_count && code == 0; i++)
        code = mdb_dbi_open(txn, options->tables[i], is_writer ? MDB_CREATE : 0, &env->tables[i]);
    if (code == 0)
        code = mdb_txn_commit(txn);
    else
        mdb_txn_abort(txn);
    return code == 0 ? 0 : env_failure(code, "open tables");
}

static int open_mdb(struct env *env, const char *dir, const struct env_options *options) {
    unsigned flags = MDB_NOTLS | MDB_NORDAHEAD;
    flags |= options->mode == ENV_WRITE ? 0u : MDB_RDONLY;
    flags |= options->mode == ENV_COPY ? MDB_NOLOCK : 0u;
    flags |= options->mode == ENV_WRITE && options->is_cache ? MDB_NOSYNC : 0u;
    int code = mdb_env_create(&env->mdb);
    if (code != 0)
        return env_failure(code, dir);
    code = mdb_env_set_maxdbs(env->mdb, ENV_TABLES_MAX);
    if (code == 0)
        code = mdb_env_set_maxreaders(env->mdb, ENV_READERS_MAX);
    if (code == 0 && options->mode == ENV_WRITE)
        code = mdb_env_set_mapsize(env->mdb, options->map_bytes);
    if (code == 0)
        code = mdb_env_open(env->mdb, dir, flags, FILE_MODE);
    if (code == 0 && options->mode != ENV_COPY)
        code = mdb_reader_check(env->mdb, NULL);
    return code == 0 ? 0 : env_failure(code, dir);
}

/* Opens what is not open yet, and puts it on the list. */
static int open_new(struct open_env **opened, const char *dir, const struct env_options *options) {
    char path[PATH_SIZE];
    struct stat status;
    int failure = check_file(dir);
    if (failure == FAILURE_NOT_FOUND && options->mode != ENV_WRITE)
        return failure_log(failure, "%s: no data.mdb", dir);
    if (failure != 0 && failure != FAILURE_NOT_FOUND)
        return failure;
    struct open_env *open_env = calloc(1, sizeof *open_env);
    if (open_env == NULL)
        return failure_errno("environment");
    failure = open_mdb(&open_env->env, dir, options);
    if (failure == 0)
        failure = open_tables(&open_env->env, options);
    if (failure == 0)
        failure = data_path(dir, path);
    if (failure == 0 && stat(path, &status) != 0)
        failure = failure_errno("stat %s", path);
    if (failure != 0) {
        if (open_env->env.mdb != NULL)
            mdb_env_close(open_env->env.mdb);
        free(open_env);
        return failure;
    }
    open_env->device = status.st_dev;
    open_env->inode = status.st_ino;
    open_env->mode = options->mode;
    open_env->next = process.first;
    process.first = open_env;
    *opened = open_env;
    return 0;
}

int env_open(struct env **env, const char *dir, const struct env_options *options) {
    int failure = 0;
    assert(options->tables_count <= ENV_TABLES_MAX && options->map_bytes <= ENV_MAP_MAX);
    pthread_mutex_lock(&process.mutex);
    struct open_env *open_env = find_open(dir);
    if (open_env == NULL)
        failure = open_new(&open_env, dir, options);
    else if (options->mode == ENV_WRITE && open_env->mode != ENV_WRITE)
        failure = failure_log(FAILURE_BUSY, "%s is open for reading in this process", dir);
    if (failure == 0)
        open_env->holders++;
    pthread_mutex_unlock(&process.mutex);
    *env = failure == 0 ? &open_env->env : NULL;
    return failure;
}

void env_close(struct env *env) {
    if (env == NULL)
        return;
    pthread_mutex_lock(&process.mutex);
    struct open_env *open_env = (struct open_env *)env;
    assert(open_env->holders > 0 && process.owner == getpid());
    if (--open_env->holders == 0) {
        struct open_env **link = &process.first;
        while (*link != open_env)
            link = &(*link)->next;
        *link = open_env->next;
        mdb_env_close(env->mdb);
        free(open_env);
    }
    pthread_mutex_unlock(&process.mutex);
}

int env_sync(const struct env *env) {
    int code = mdb_env_sync(env->mdb, 1);
    return code == 0 ? 0 : env_failure(code, "sync");
}

/* --- pages ----------------------------------------------------------------------------------- */

uint64_t env_used_bytes(const struct env *env) {
    MDB_envinfo info;
    MDB_stat stat;
    int code = mdb_env_info(env->mdb, &info);
    assert(code == 0);
    code = mdb_env_stat(env->mdb, &stat);
    assert(code == 0);
    return (info.me_last_pgno + 1) * stat.ms_psize;
}

static int count_table(MDB_txn *txn, MDB_dbi table, uint64_t *used) {
    MDB_stat stat;
    int code = mdb_stat(txn, table, &stat);
    if (code == 0)
        *used += stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages;
    return code;
}

/* Adds up LMDB's own table 0, which lists free pages: each value is a count and so many numbers. */
static int count_free(MDB_txn *txn, uint64_t *free_pages) {
    MDB_cursor *cursor = NULL;
    MDB_val key;
    MDB_val value;
    int code = mdb_cursor_open(txn, 0, &cursor);
    if (code != 0)
        return code;
    while ((code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        size_t count = 0;
        if (value.mv_size < sizeof count)
            code = MDB_CORRUPTED;
        else
            memcpy(&count, value.mv_data, sizeof count);
        if (code != 0 || count > value.mv_size / sizeof count - 1)
            break;
        *free_pages += count;
    }
    mdb_cursor_close(cursor);
    return code == MDB_NOTFOUND ? 0 : code == 0 ? MDB_CORRUPTED : code;
}

int env_count_pages(const struct env *env, MDB_txn *txn, struct env_pages *pages) {
    MDB_envinfo info;
    memset(pages, 0, sizeof *pages);
    pages->used = 2;
    int code = mdb_env_info(env->mdb, &info);
    if (code == 0 && info.me_last_txnid == mdb_txn_id(txn))
        pages->total = info.me_last_pgno + 1;
    if (code == 0)
        code = count_table(txn, 0, &pages->used);
    if (code == 0)
        code = count_table(txn, env->main, &pages->used);
    for (uint32_t i = 0; i < ENV_TABLES_MAX && env->tables[i] != 0 && code == 0; i++)
        code = count_table(txn, env->tables[i], &pages->used);
    if (code == 0)
        code = count_free(txn, &pages->free);
    return code == 0 ? 0 : env_failure(code, "pages");
}

/* --- readers --------------------------------------------------------------------------------- */

struct readers_list {
    struct env_readers *readers;
    uint64_t oldest;
};

/* LMDB tells of its table in lines of process, thread and transaction, "-" for none. */
static int take_reader_line(const char *line, void *owner) {
    struct readers_list *list = owner;
    char *end;
    long pid = strtol(line, &end, 10);
    if (pid <= 0)
        return 0; /* the heading, or that there is none */
    end += strspn(end, " ");
    end += strcspn(end, " "); /* the thread */
    end += strspn(end, " ");
    if (*end < '0' || *end > '9')
        return 0; /* between two transactions */
    uint64_t txn = strtoull(end, NULL, 10);
    list->readers->count++;
    if (txn < list->oldest) {
        list->oldest = txn;
        list->readers->pid = (int32_t)pid;
    }
    return 0;
}

int env_look_at_readers(const struct env *env, struct env_readers *readers) {
    struct readers_list list = {.readers = readers, .oldest = UINT64_MAX};
    MDB_envinfo info;
    *readers = (struct env_readers){0};
    int code = mdb_reader_list(env->mdb, take_reader_line, &list);
    if (code < 0)
        return env_failure(code, "list readers");
    code = mdb_env_info(env->mdb, &info);
    if (code != 0)
        return env_failure(code, "list readers");
    if (readers->count > 0 && info.me_last_txnid > list.oldest)
        readers->commits = info.me_last_txnid - list.oldest;
    return 0;
}

int env_forget_dead_readers(const struct env *env, uint32_t *removed) {
    int dead = 0;
    int code = mdb_reader_check(env->mdb, &dead);
    *removed = dead > 0 ? (uint32_t)dead : 0;
    return code == 0 ? 0 : env_failure(code, "forget dead readers");
}
