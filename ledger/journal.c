/*
 * A batch is one write transaction of LMDB, begun by its first append. Records gather in a block in
 * memory, where they are also hashed (the frame's last length byte is the leaf's prefix, so the
 * hash is one call); a full block is copied into pages that LMDB hands out. Tiles go in as they
 * fill.
 *
 * The order of pages in the file: LMDB takes pages of overwritten tree nodes again and new ones at
 * the end, so what a commit may write at most is known before it, and claimed from the space that
 * has been zeroed ahead (ledger/space.h).
 */
#include "ledger/journal.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/edge.h"
#include "ledger/failure.h"
#include "ledger/folder_lock.h"
#include "ledger/reader.h"
#include "ledger/tail.h"
#include "ledger/volume.h"

#define FOLDER_MODE 0750
#define PAGE_BYTES  4096u

/* Pages of one tile: 8,192 bytes and LMDB's 16 take three; its entry in the tree is part of a
 * fourth. */
#define TILE_PAGES 4u

/* What a commit may add to the file for tree nodes, free lists and small rows. A block's entry in
 * its leaf page takes far less than a page. */
#define COMMIT_SLACK_BYTES (1u << 20)

/* Address space past a volume's limit: a batch, twice, for the batch that passes it. */
#define MAP_SLACK_BYTES (2 * JOURNAL_BATCH_MAX + (64u << 20))

#define VOLUME_BYTES_MIN (1u << 20)

/* A ledger that was only created holds one head, one edge and little else. */
#define NEW_MAP_BYTES (16u << 20)
static_assert(sizeof(struct hash) * EDGE_HASHES_MAX < NEW_MAP_BYTES, "an edge fits");

struct journal {
    char *dir;
    struct journal_options options;
    int lock; /* of the whole ledger, held as long as the journal is open */
    struct hasher *hasher;
    struct edge *edge;
    struct env *env; /* the newest volume */
    struct space *space;
    MDB_txn *txn; /* of the batch under way, or NULL */
    uint64_t epoch;
    uint64_t durable;         /* records as of the last commit */
    uint64_t volume_first;    /* sequence of the volume's first record */
    uint64_t last_checkpoint; /* size of the newest one stored */
    uint64_t used_bytes;      /* of the volume's file, as of the last commit */
    uint64_t batch_pages;     /* of blocks and tiles in the batch under way, at most */
    uint64_t batch_bytes;     /* of records in it */
    uint64_t block_first;     /* sequence of the first record in `block` */
    uint32_t block_size;      /* bytes in `block` */
    uint32_t volume;
    atomic_bool is_stopped; /* written by the journal's thread, read by journal_space() anywhere */
    uint8_t block[BLOCK_SIZE_MAX];
};

/* --- stopping -------------------------------------------------------------------------------- */

static bool is_stopped(const struct journal *journal) {
    return atomic_load_explicit(&journal->is_stopped, memory_order_relaxed);
}

/* Ends the journal's usefulness; the transaction, if there is one, is dropped. */
static int stop(struct journal *journal, int failure) {
    if (journal->txn != NULL)
        mdb_txn_abort(journal->txn);
    journal->txn = NULL;
    atomic_store_explicit(&journal->is_stopped, true, memory_order_relaxed);
    failure_log(failure, "%s: the journal has stopped at %llu durable records", journal->dir,
                (unsigned long long)journal->durable);
    return failure;
}

static int stop_code(struct journal *journal, int code, const char *what) {
    if (code == ENOSPC)
        failure_log(FAILURE_SYSTEM, "%s: the disk is full", journal->dir);
    return stop(journal, env_failure(code, what));
}

/* --- appending ------------------------------------------------------------------------------- */

static int begin(struct journal *journal) {
    if (journal->txn != NULL)
        return 0;
    int code = mdb_txn_begin(journal->env->mdb, NULL, 0, &journal->txn);
    journal->batch_pages = 0;
    journal->batch_bytes = 0;
    return code == 0 ? 0 : stop_code(journal, code, "begin a batch");
}

/* Puts a new row of `size` bytes and tells where its bytes are to be written. */
static int put_room(struct journal *journal, enum volume_table table, uint64_t number, size_t size,
                    void **room) {
    uint8_t bytes[VOLUME_KEY_SIZE];
    MDB_val key = {sizeof bytes, bytes};
    MDB_val value = {size, NULL};
    /* Records and checkpoints ascend; tiles of all levels share a table. */
    unsigned flags = MDB_RESERVE | MDB_NOOVERWRITE;
    flags |= table == VOLUME_TILES ? 0u : MDB_APPEND;
    volume_key(number, bytes);
    int code = mdb_put(journal->txn, journal->env->tables[table], &key, &value, flags);
    *room = value.mv_data;
    return code == 0 ? 0 : stop_code(journal, code, "put a row");
}

static int put_tile(void *owner, uint32_t level, uint64_t index,
                    const struct hash hashes[TILE_WIDTH]) {
    struct journal *journal = owner;
    size_t size = TILE_WIDTH * sizeof *hashes;
    void *room = NULL;
    int failure = put_room(journal, VOLUME_TILES, volume_tile_number(level, index), size, &room);
    if (failure != 0)
        return failure;
    memcpy(room, hashes, size);
    journal->batch_pages += TILE_PAGES;
    return 0;
}

static int put_block(struct journal *journal) {
    void *room = NULL;
    if (journal->block_size == 0)
        return 0;
    int failure =
        put_room(journal, VOLUME_RECORDS, journal->block_first, journal->block_size, &room);
    if (failure != 0)
        return failure;
    memcpy(room, journal->block, journal->block_size);
    journal->batch_pages += journal->block_size / PAGE_BYTES + 2;
    journal->block_size = 0;
    return 0;
}

/* A volume past its limit ends before a batch, so that a batch lies in one. */
bool journal_is_large(const struct journal *journal) {
    return journal->txn == NULL && journal->used_bytes >= journal->options.volume_bytes_max;
}

int journal_append(struct journal *journal, const void *record, size_t size) {
    struct edge_sink sink = {put_tile, journal};
    struct hash leaf;
    if (is_stopped(journal))
        return FAILURE_STOPPED;
    int failure = journal_is_large(journal) ? journal_roll(journal) : 0;
    if (failure == 0)
        failure = begin(journal);
    if (failure == 0 && journal->block_size + FRAME_HEAD + size > BLOCK_SIZE_MAX)
        failure = put_block(journal);
    if (failure != 0)
        return failure;
    if (journal->block_size == 0)
        journal->block_first = journal->edge->size;
    uint8_t *frame = journal->block + journal->block_size;
    journal->block_size += (uint32_t)frame_put(frame, record, size);
    journal->batch_bytes += size;
    assert(journal->batch_bytes <= JOURNAL_BATCH_MAX);
    frame_leaf(journal->hasher, frame, &leaf);
    return edge_append(journal->edge, journal->hasher, &leaf, &sink);
}

int journal_put_checkpoint(struct journal *journal, uint64_t size, const char *note,
                           size_t note_size) {
    void *room = NULL;
    if (is_stopped(journal))
        return FAILURE_STOPPED;
    assert(size <= journal->durable && note_size <= JOURNAL_CHECKPOINT_MAX);
    if (size <= journal->last_checkpoint)
        return FAILURE_EXISTS;
    int failure = begin(journal);
    if (failure == 0)
        failure = put_room(journal, VOLUME_CHECKPOINTS, size, note_size, &room);
    if (failure != 0)
        return failure;
    memcpy(room, note, note_size);
    journal->batch_pages += note_size / PAGE_BYTES + 2;
    journal->last_checkpoint = size;
    return 0;
}

/* --- committing ------------------------------------------------------------------------------ */

static int write_tail(struct journal *journal) {
    struct merkle_head head;
    journal_head(journal, &head);
    int failure = volume_write_tail(journal->env, journal->txn, &head);
    return failure == 0 ? 0 : stop(journal, failure);
}

/* Commits the transaction as it stands. */
static int commit_transaction(struct journal *journal) {
    uint64_t end = journal->used_bytes + journal->batch_pages * PAGE_BYTES + COMMIT_SLACK_BYTES;
    if (journal->space != NULL && space_failure(journal->space) != 0)
        return stop(journal, space_failure(journal->space));
    if (journal->space != NULL)
        space_claim(journal->space, end);
    int code = mdb_txn_commit(journal->txn);
    journal->txn = NULL;
    if (code != 0)
        return stop_code(journal, code, "commit");
    journal->used_bytes = env_used_bytes(journal->env);
    assert(journal->used_bytes <= end);
    if (journal->space != NULL)
        space_use(journal->space, journal->used_bytes);
    journal->durable = journal->edge->size;
    return 0;
}

int journal_commit(struct journal *journal) {
    if (is_stopped(journal))
        return FAILURE_STOPPED;
    if (journal->txn == NULL)
        return 0;
    int failure = put_block(journal);
    if (failure == 0)
        failure = write_tail(journal);
    return failure == 0 ? commit_transaction(journal) : failure;
}

/* --- volumes --------------------------------------------------------------------------------- */

static int volume_file(const struct journal *journal) {
    int file = -1;
    int code = mdb_env_get_fd(journal->env->mdb, &file);
    assert(code == 0);
    return file;
}

static uint64_t map_bytes(const struct journal *journal) {
    return journal->options.volume_bytes_max + MAP_SLACK_BYTES;
}

static int open_volume(struct journal *journal, uint32_t number) {
    int failure = volume_open(&journal->env, journal->dir, number, ENV_WRITE, map_bytes(journal));
    if (failure != 0)
        return failure;
    journal->volume = number;
    journal->used_bytes = env_used_bytes(journal->env);
    return 0;
}

/* Makes and opens the volume after the newest, which is closed. */
static int begin_next_volume(struct journal *journal) {
    struct volume_birth birth = {journal_profile(journal), journal->edge, journal->epoch,
                                 map_bytes(journal)};
    env_close(journal->env);
    int failure = volume_create(&journal->env, journal->dir, journal->volume + 1, &birth);
    if (failure != 0)
        return failure;
    journal->volume++;
    journal->used_bytes = env_used_bytes(journal->env);
    journal->volume_first = journal->edge->size;
    return 0;
}

/* Gives back what is reserved behind the last page; the file is not written after it. */
static int trim(const struct journal *journal) {
    int file = volume_file(journal);
    if (ftruncate(file, (off_t)journal->used_bytes) != 0 || fsync(file) != 0)
        return failure_errno("%s: trim volume %u", journal->dir, journal->volume);
    return 0;
}

static int close_volume(struct journal *journal) {
    struct merkle_head end;
    int failure = begin(journal);
    if (failure != 0)
        return failure;
    journal_head(journal, &end);
    failure = volume_write_closed(journal->env, journal->txn, &end);
    return failure == 0 ? commit_transaction(journal) : stop(journal, failure);
}

int journal_roll(struct journal *journal) {
    int failure = journal_commit(journal);
    if (failure != 0 || journal->durable == journal->volume_first)
        return failure;
    failure = close_volume(journal);
    if (failure != 0)
        return failure;
    space_rest(journal->space);
    failure = trim(journal);
    if (failure == 0)
        failure = begin_next_volume(journal);
    if (failure != 0)
        return stop(journal, failure);
    space_move(journal->space, volume_file(journal), journal->used_bytes);
    return 0;
}

/* --- opening --------------------------------------------------------------------------------- */

static int make_folder(const char *dir) {
    if (mkdir(dir, FOLDER_MODE) != 0 && errno != EEXIST)
        return failure_errno("make %s", dir);
    return 0;
}

int journal_create(const char *dir, uint8_t profile) {
    uint32_t lowest = 0;
    uint32_t highest = 0;
    int failure = make_folder(dir);
    if (failure == 0)
        failure = volume_range(dir, &lowest, &highest);
    if (failure == 0 || failure == FAILURE_DAMAGED)
        return failure_log(FAILURE_EXISTS, "%s holds a ledger", dir);
    if (failure != FAILURE_NOT_FOUND)
        return failure;
    struct edge *edge = calloc(1, sizeof *edge);
    if (edge == NULL)
        return failure_errno("edge");
    struct volume_birth birth = {.profile = profile, .edge = edge, .map_bytes = NEW_MAP_BYTES};
    struct env *env = NULL;
    failure = volume_create(&env, dir, 0, &birth);
    env_close(env);
    free(edge);
    return failure;
}

static int make_hasher(struct journal *journal, uint8_t profile) {
    journal->hasher = hasher_create(profile);
    return journal->hasher != NULL ? 0 : failure_log(FAILURE_SYSTEM, "journal: no hash");
}

/* Reads the newest volume's edge and epoch, and whether it is closed. */
static int read_volume(struct journal *journal, bool *is_closed) {
    struct volume_head head;
    struct merkle_head end;
    MDB_txn *txn = NULL;
    int code = mdb_txn_begin(journal->env->mdb, NULL, MDB_RDONLY, &txn);
    if (code != 0)
        return env_failure(code, journal->dir);
    int failure = volume_read_head(journal->env, txn, &head);
    if (failure == 0)
        failure = make_hasher(journal, head.profile);
    if (failure == 0)
        failure = tail_read(journal->env, txn, journal->hasher, journal->edge);
    if (failure == 0)
        failure = volume_read_epoch(journal->env, txn, &journal->epoch);
    if (failure == 0) {
        failure = volume_read_closed(journal->env, txn, &end);
        *is_closed = failure == 0;
        journal->volume_first = head.start.size;
    }
    mdb_txn_abort(txn);
    return failure == FAILURE_NOT_FOUND ? 0 : failure;
}

static int find_last_checkpoint(struct journal *journal) {
    struct reader_note note = {.bytes_max = JOURNAL_CHECKPOINT_MAX};
    struct reader *reader = NULL;
    int failure = reader_open(&reader, journal->dir, false);
    note.bytes = malloc(note.bytes_max);
    if (failure == 0 && note.bytes == NULL)
        failure = failure_errno("checkpoint");
    if (failure == 0)
        failure = reader_last_checkpoint(reader, &note);
    journal->last_checkpoint = failure == 0 ? note.size : 0;
    free(note.bytes);
    reader_close(reader);
    return failure == FAILURE_NOT_FOUND ? 0 : failure;
}

/* The first commit of a run: a disk that cannot be written is found before the exchange opens. */
static int begin_epoch(struct journal *journal) {
    int failure = begin(journal);
    if (failure != 0)
        return failure;
    journal->epoch++;
    if (journal->epoch < journal->options.epoch_min)
        journal->epoch = journal->options.epoch_min;
    failure = volume_write_epoch(journal->env, journal->txn, journal->epoch);
    return failure == 0 ? commit_transaction(journal) : stop(journal, failure);
}

static int open_newest(struct journal *journal) {
    uint32_t lowest = 0;
    uint32_t highest = 0;
    bool is_closed = false;
    int failure = volume_range(journal->dir, &lowest, &highest);
    if (failure == FAILURE_NOT_FOUND)
        return failure_log(failure, "%s holds no ledger", journal->dir);
    if (failure == 0)
        failure = open_volume(journal, highest);
    if (failure == 0)
        failure = read_volume(journal, &is_closed);
    /* A stop between closing a volume and beginning the next. */
    if (failure == 0 && is_closed)
        failure = trim(journal);
    if (failure == 0 && is_closed)
        failure = begin_next_volume(journal);
    journal->durable = journal->edge->size;
    return failure;
}

static int open_parts(struct journal *journal, const char *dir) {
    journal->lock = -1;
    journal->dir = strdup(dir);
    journal->edge = calloc(1, sizeof *journal->edge);
    if (journal->dir == NULL || journal->edge == NULL)
        return failure_errno("journal");
    if (journal->options.volume_bytes_max < VOLUME_BYTES_MIN)
        return failure_log(FAILURE_MALFORMED, "%s: volumes of %llu bytes are too small", dir,
                           (unsigned long long)journal->options.volume_bytes_max);
    return folder_lock(&journal->lock, dir);
}

int journal_open(struct journal **opened, const char *dir, const struct journal_options *options) {
    static const struct journal_options defaults = JOURNAL_OPTIONS_DEFAULT;
    *opened = NULL;
    struct journal *journal = calloc(1, sizeof *journal);
    if (journal == NULL)
        return failure_errno("journal");
    journal->options = options != NULL ? *options : defaults;
    int failure = open_parts(journal, dir);
    if (failure == 0)
        failure = open_newest(journal);
    if (failure == 0)
        failure = find_last_checkpoint(journal);
    if (failure == 0)
        failure = space_start(&journal->space, volume_file(journal), journal->used_bytes,
                              &journal->options.space);
    if (failure == 0)
        failure = begin_epoch(journal);
    if (failure != 0) {
        journal_close(journal);
        return failure;
    }
    *opened = journal;
    return 0;
}

void journal_close(struct journal *journal) {
    if (journal == NULL)
        return;
    if (journal->txn != NULL)
        mdb_txn_abort(journal->txn);
    space_stop(journal->space);
    env_close(journal->env);
    if (journal->lock >= 0)
        close(journal->lock);
    hasher_destroy(journal->hasher);
    free(journal->edge);
    free(journal->dir);
    free(journal);
}

/* --- telling --------------------------------------------------------------------------------- */

void journal_head(const struct journal *journal, struct merkle_head *head) {
    head->size = journal->edge->size;
    edge_root(journal->edge, journal->hasher, &head->root);
}

uint8_t journal_profile(const struct journal *journal) {
    return hasher_profile(journal->hasher);
}

uint64_t journal_durable(const struct journal *journal) {
    return journal->durable;
}

uint32_t journal_volume(const struct journal *journal) {
    return journal->volume;
}

uint64_t journal_epoch(const struct journal *journal) {
    return journal->epoch;
}

uint64_t journal_last_checkpoint(const struct journal *journal) {
    return journal->last_checkpoint;
}

uint64_t journal_volume_bytes(const struct journal *journal) {
    return journal->used_bytes;
}

enum space_state journal_space(const struct journal *journal) {
    return is_stopped(journal) ? SPACE_FULL : space_state(journal->space);
}

uint64_t journal_space_ahead(const struct journal *journal) {
    return space_ahead(journal->space);
}
