/*
 * A reader has two views, one for the walk and one for lookups. A view is one volume's environment
 * with a read transaction that is reset and renewed, not begun anew.
 *
 * First sequences of volumes never change, so they are kept once read.
 */
#include "ledger/reader.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ledger/block.h"
#include "ledger/failure.h"
#include "ledger/volume.h"

#define FIRST_UNKNOWN UINT64_MAX

/* The clock is read once in so many records. */
#define CLOCK_EVERY 16u
/* So many frames are hopped over; a record further on is found by its sequence. */
#define HOPS_MAX 256u

struct view {
    struct env *env; /* NULL: no volume is open */
    uint32_t volume;
    MDB_txn *txn; /* NULL, reset, or active */
    bool is_active;
    MDB_cursor *records;
};

struct reader {
    char *dir;
    bool is_copy;
    uint8_t profile; /* enum profile; all volumes' */
    uint32_t lowest; /* volumes that are known */
    uint32_t highest;
    uint64_t *firsts; /* of volume lowest + i */
    struct view walk;
    struct view lookup;

    uint64_t next;      /* sequence that the walk gives next */
    bool is_elsewhere;  /* it lies in none of the frames from `at` on: to be found */
    const uint8_t *at;  /* its frame, while the walk is active */
    const uint8_t *end; /* of the block */
    uint64_t block;     /* first sequence of that block */
    uint32_t given;     /* records since the transaction began */
    uint64_t begun_ns;
};

/* --- views ----------------------------------------------------------------------------------- */

static void view_rest(struct view *view) {
    if (view->is_active)
        mdb_txn_reset(view->txn);
    view->is_active = false;
}

static void view_close(struct view *view) {
    if (view->records != NULL)
        mdb_cursor_close(view->records);
    if (view->txn != NULL)
        mdb_txn_abort(view->txn);
    env_close(view->env);
    *view = (struct view){0};
}

/* Begins a transaction on what is newest in the view's volume. */
static int view_begin(struct view *view) {
    int code = 0;
    view_rest(view);
    if (view->txn == NULL)
        code = mdb_txn_begin(view->env->mdb, NULL, MDB_RDONLY, &view->txn);
    else
        code = mdb_txn_renew(view->txn);
    if (code != 0)
        return env_failure(code, "begin to read");
    view->is_active = true;
    if (view->records == NULL)
        code = mdb_cursor_open(view->txn, view->env->tables[VOLUME_RECORDS], &view->records);
    else
        code = mdb_cursor_renew(view->txn, view->records);
    return code == 0 ? 0 : env_failure(code, "begin to read");
}

/* Turns the view to a volume, with a transaction. A volume that is not the newest is closed: it
 * needs no lock. */
static int view_turn(struct reader *reader, struct view *view, uint32_t number) {
    if (view->env == NULL || view->volume != number) {
        bool is_closed = reader->is_copy || number < reader->highest;
        view_close(view);
        int failure =
            volume_open(&view->env, reader->dir, number, is_closed ? ENV_COPY : ENV_READ, 0);
        if (failure != 0)
            return failure;
        view->volume = number;
    }
    return view_begin(view);
}

/* --- volumes --------------------------------------------------------------------------------- */

/* Reads which volumes there are. */
static int refresh(struct reader *reader) {
    uint32_t lowest = 0;
    uint32_t highest = 0;
    int failure = volume_range(reader->dir, &lowest, &highest);
    if (failure != 0)
        return failure;
    if (reader->firsts != NULL && lowest == reader->lowest && highest == reader->highest)
        return 0;
    uint64_t *firsts = malloc((highest - lowest + 1) * sizeof *firsts);
    if (firsts == NULL)
        return failure_errno("volumes");
    for (uint32_t i = lowest; i <= highest; i++) {
        bool is_known = reader->firsts != NULL && i >= reader->lowest && i <= reader->highest;
        firsts[i - lowest] = is_known ? reader->firsts[i - reader->lowest] : FIRST_UNKNOWN;
    }
    free(reader->firsts);
    reader->firsts = firsts;
    reader->lowest = lowest;
    reader->highest = highest;
    return 0;
}

/* The first sequence of a volume; turns the lookup view when it is not known yet. */
static int first_of(struct reader *reader, uint32_t number, uint64_t *first) {
    uint64_t *known = &reader->firsts[number - reader->lowest];
    struct volume_head head;
    if (*known == FIRST_UNKNOWN) {
        int failure = view_turn(reader, &reader->lookup, number);
        if (failure == 0)
            failure = volume_read_head(reader->lookup.env, reader->lookup.txn, &head);
        if (failure != 0)
            return failure;
        if (head.number != number)
            return failure_log(FAILURE_DAMAGED, "volume %u says that it is %u", number,
                               head.number);
        *known = head.start.size;
        reader->profile = head.profile;
    }
    *first = *known;
    return 0;
}

/* Looks whether a view's volume is closed and has a successor; then refreshes, and returns 0. */
static int find_successor(struct reader *reader, const struct view *view) {
    struct merkle_head end;
    int failure = volume_read_closed(view->env, view->txn, &end);
    if (failure == 0 && view->volume == reader->highest)
        failure = refresh(reader);
    if (failure == 0 && view->volume >= reader->highest)
        failure = FAILURE_NOT_FOUND;
    return failure;
}

/* Turns the lookup view to the newest volume. */
static int turn_to_newest(struct reader *reader) {
    int failure = 0;
    do {
        failure = view_turn(reader, &reader->lookup, reader->highest);
        if (failure == 0)
            failure = find_successor(reader, &reader->lookup);
    } while (failure == 0);
    return failure == FAILURE_NOT_FOUND ? 0 : failure;
}

int reader_volume(struct reader *reader, uint64_t sequence, uint32_t *number) {
    uint64_t first = 0;
    int failure = first_of(reader, reader->highest, &first);
    if (failure == 0 && sequence >= first)
        failure = turn_to_newest(reader);
    uint32_t low = reader->lowest;
    uint32_t high = reader->highest;
    while (failure == 0 && low < high) {
        uint32_t middle = low + (high - low + 1) / 2;
        failure = first_of(reader, middle, &first);
        if (first <= sequence)
            low = middle;
        else
            high = middle - 1;
    }
    *number = low;
    return failure;
}

/* Turns a view to the volume of a sequence. */
static int turn_to_sequence(struct reader *reader, struct view *view, uint64_t sequence) {
    uint32_t number = 0;
    int failure = reader_volume(reader, sequence, &number);
    return failure == 0 ? view_turn(reader, view, number) : failure;
}

/* --- the walk -------------------------------------------------------------------------------- */

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int missing(uint64_t sequence) {
    return failure_log(FAILURE_DAMAGED, "record %" PRIu64 " is missing or not of its form",
                       sequence);
}

/* Finds the frame of `sequence` in a view: sets the block and where the frame begins in it.
 * NOT_FOUND when the volume's records end before. */
static int find_frame(const struct view *view, uint64_t sequence, uint64_t *first, MDB_val *block,
                      const uint8_t **frame) {
    int failure = volume_find_block(view->records, sequence, first, block);
    if (failure != 0)
        return failure;
    const uint8_t *at = block->mv_data;
    const uint8_t *end = at + block->mv_size;
    uint64_t here = *first;
    for (; at < end && here < sequence; here++) {
        size_t size = frame_get(at, end);
        if (size == 0)
            return missing(here);
        at += FRAME_HEAD + size;
    }
    if (at < end) {
        *frame = at;
        return 0;
    }
    /* The block that might hold it ends before it: nothing may follow. */
    failure = volume_next_block(view->records, first, block);
    return failure == 0 ? missing(here) : failure;
}

/* Finds `next` in the walk's volume. */
static int walk_find(struct reader *reader) {
    MDB_val block;
    reader->is_elsewhere = false;
    int failure = find_frame(&reader->walk, reader->next, &reader->block, &block, &reader->at);
    if (failure == 0)
        reader->end = (const uint8_t *)block.mv_data + block.mv_size;
    return failure;
}

/* Begins to read at `next`, in the walk's volume while that is the right one. */
static int walk_begin(struct reader *reader) {
    uint64_t oldest = 0;
    int failure = 0;
    if (reader->walk.env == NULL) {
        failure = first_of(reader, reader->lowest, &oldest);
        if (failure == 0 && reader->next < oldest)
            return failure_log(FAILURE_DAMAGED,
                               "record %" PRIu64 " lies before the oldest volume there is",
                               reader->next);
        if (failure == 0)
            failure = turn_to_sequence(reader, &reader->walk, reader->next);
    } else {
        failure = view_begin(&reader->walk);
    }
    reader->given = 0;
    reader->begun_ns = now_ns();
    return failure == 0 ? walk_find(reader) : failure;
}

/* Goes on to the block after; it begins with the record that comes next. */
static int walk_on(struct reader *reader) {
    MDB_val block;
    int failure = volume_next_block(reader->walk.records, &reader->block, &block);
    if (failure != 0)
        return failure;
    if (reader->block != reader->next)
        return missing(reader->next);
    reader->at = block.mv_data;
    reader->end = reader->at + block.mv_size;
    return 0;
}

/* The volume holds nothing more: ends the view, and leaves the volume when it has a successor. */
static int walk_end(struct reader *reader) {
    int failure = find_successor(reader, &reader->walk);
    view_rest(&reader->walk);
    if (failure == FAILURE_NOT_FOUND)
        return READER_END;
    if (failure != 0)
        return failure;
    uint32_t number = reader->walk.volume + 1;
    view_close(&reader->walk);
    failure = view_turn(reader, &reader->walk, number);
    view_rest(&reader->walk);
    return failure == 0 ? READER_PAUSE : failure;
}

static bool is_view_over(const struct reader *reader) {
    return reader->given >= READER_VIEW_RECORDS ||
           (reader->given % CLOCK_EVERY == CLOCK_EVERY - 1 &&
            now_ns() - reader->begun_ns > READER_VIEW_NS);
}

int reader_next(struct reader *reader, struct reader_record *record) {
    int failure = 0;
    if (!reader->walk.is_active) {
        failure = walk_begin(reader);
    } else if (is_view_over(reader)) {
        view_rest(&reader->walk);
        return READER_PAUSE;
    } else if (reader->is_elsewhere) {
        failure = walk_find(reader);
    } else if (reader->at == reader->end) {
        failure = walk_on(reader);
    }
    if (failure == FAILURE_NOT_FOUND)
        return walk_end(reader);
    size_t size = failure == 0 ? frame_get(reader->at, reader->end) : 0;
    if (failure == 0 && size == 0)
        failure = missing(reader->next);
    if (failure != 0) {
        view_rest(&reader->walk);
        return failure;
    }
    record->sequence = reader->next++;
    record->bytes = reader->at + FRAME_HEAD;
    record->size = (uint32_t)size;
    reader->at += FRAME_HEAD + size;
    reader->given++;
    return READER_RECORD;
}

void reader_seek(struct reader *reader, uint64_t sequence) {
    view_close(&reader->walk);
    reader->next = sequence;
}

/* False when another volume than the walk's is known to hold the sequence. */
static bool lies_in_walk(const struct reader *reader, uint64_t sequence) {
    uint32_t place = reader->walk.volume - reader->lowest;
    uint64_t first = reader->firsts[place];
    if (first == FIRST_UNKNOWN || sequence < first)
        return false;
    if (reader->walk.volume == reader->highest)
        return true;
    uint64_t end = reader->firsts[place + 1];
    return end == FIRST_UNKNOWN || sequence < end;
}

void reader_move(struct reader *reader, uint64_t sequence) {
    bool is_ahead = sequence >= reader->next;
    uint64_t hops = is_ahead ? sequence - reader->next : UINT64_MAX;
    reader->next = sequence;
    if (reader->walk.env == NULL || !lies_in_walk(reader, sequence)) {
        view_close(&reader->walk);
        return;
    }
    if (!reader->walk.is_active || reader->is_elsewhere)
        return; /* it will be looked for anyway */
    for (; hops > 0 && hops <= HOPS_MAX && reader->at < reader->end; hops--) {
        size_t size = frame_get(reader->at, reader->end);
        if (size == 0)
            break; /* damaged: found out when it is looked for */
        reader->at += FRAME_HEAD + size;
    }
    reader->is_elsewhere = hops > 0;
}

uint64_t reader_position(const struct reader *reader) {
    return reader->next;
}

/* --- lookups --------------------------------------------------------------------------------- */

int reader_get(struct reader *reader, uint64_t sequence, struct reader_record *record) {
    const uint8_t *frame = NULL;
    uint64_t first = 0;
    MDB_val block;
    int failure = turn_to_sequence(reader, &reader->lookup, sequence);
    if (failure == 0)
        failure = find_frame(&reader->lookup, sequence, &first, &block, &frame);
    size_t size = 0;
    if (failure == 0)
        size = frame_get(frame, (const uint8_t *)block.mv_data + block.mv_size);
    if (failure == 0 && size == 0)
        failure = missing(sequence);
    if (failure != 0) {
        view_rest(&reader->lookup);
        return failure;
    }
    *record = (struct reader_record){sequence, frame + FRAME_HEAD, (uint32_t)size};
    return 0;
}

int reader_head(struct reader *reader, struct merkle_head *head) {
    int failure = turn_to_newest(reader);
    if (failure == 0)
        failure = volume_read_tail(reader->lookup.env, reader->lookup.txn, head);
    view_rest(&reader->lookup);
    return failure;
}

int reader_tile(struct reader *reader, uint32_t level, uint64_t index,
                struct hash hashes[TILE_WIDTH]) {
    const struct hash *stored = NULL;
    int failure = turn_to_sequence(reader, &reader->lookup, tile_last_leaf(level, index));
    if (failure == 0)
        failure = volume_read_tile(reader->lookup.env, reader->lookup.txn,
                                   volume_tile_number(level, index), &stored);
    if (failure == 0)
        memcpy(hashes, stored, TILE_WIDTH * sizeof *hashes);
    view_rest(&reader->lookup);
    return failure;
}

/* Reads the checkpoint that `op` leads to, from `size` on. */
static int read_checkpoint(const struct view *view, MDB_cursor_op op, uint64_t size,
                           struct reader_note *note) {
    uint8_t bytes[VOLUME_KEY_SIZE];
    MDB_val key = {sizeof bytes, bytes};
    MDB_val value;
    MDB_cursor *cursor = NULL;
    volume_key(size, bytes);
    int code = mdb_cursor_open(view->txn, view->env->tables[VOLUME_CHECKPOINTS], &cursor);
    if (code == 0)
        code = mdb_cursor_get(cursor, &key, &value, op);
    mdb_cursor_close(cursor);
    if (code == MDB_NOTFOUND)
        return FAILURE_NOT_FOUND;
    if (code != 0)
        return env_failure(code, "checkpoints");
    if (key.mv_size != VOLUME_KEY_SIZE)
        return failure_log(FAILURE_DAMAGED, "checkpoint with a key of %zu bytes", key.mv_size);
    if (value.mv_size > note->bytes_max)
        return FAILURE_MALFORMED;
    note->size = volume_key_number(key.mv_data);
    note->bytes_size = value.mv_size;
    memcpy(note->bytes, value.mv_data, value.mv_size);
    return 0;
}

int reader_checkpoint(struct reader *reader, uint64_t size, struct reader_note *note) {
    uint32_t number = 0;
    int failure = reader_volume(reader, size > 0 ? size - 1 : 0, &number);
    if (failure != 0)
        return failure;
    /* A checkpoint may have been signed after its volume was closed. */
    do {
        failure = view_turn(reader, &reader->lookup, number);
        if (failure == 0)
            failure = read_checkpoint(&reader->lookup, MDB_SET_RANGE, size, note);
    } while (failure == FAILURE_NOT_FOUND && number++ < reader->highest);
    view_rest(&reader->lookup);
    return failure;
}

int reader_last_checkpoint(struct reader *reader, struct reader_note *note) {
    int failure = turn_to_newest(reader);
    if (failure == 0)
        failure = read_checkpoint(&reader->lookup, MDB_LAST, 0, note);
    for (uint32_t number = reader->highest;
         failure == FAILURE_NOT_FOUND && number-- > reader->lowest;) {
        failure = view_turn(reader, &reader->lookup, number);
        if (failure == 0)
            failure = read_checkpoint(&reader->lookup, MDB_LAST, 0, note);
    }
    view_rest(&reader->lookup);
    return failure;
}

/* --- life ------------------------------------------------------------------------------------ */

int reader_open(struct reader **opened, const char *dir, bool is_copy) {
    *opened = NULL;
    struct reader *reader = calloc(1, sizeof *reader);
    char *name = strdup(dir);
    if (reader == NULL || name == NULL) {
        free(name);
        free(reader);
        return failure_errno("reader");
    }
    reader->dir = name;
    reader->is_copy = is_copy;
    int failure = refresh(reader);
    if (failure == FAILURE_NOT_FOUND)
        failure_log(failure, "%s holds no ledger", dir);
    /* Also refuses a format that this release does not know. */
    uint64_t first = 0;
    if (failure == 0)
        failure = first_of(reader, reader->highest, &first);
    if (failure != 0) {
        reader_close(reader);
        return failure;
    }
    reader_rest(reader);
    *opened = reader;
    return 0;
}

void reader_close(struct reader *reader) {
    if (reader == NULL)
        return;
    view_close(&reader->walk);
    view_close(&reader->lookup);
    free(reader->firsts);
    free(reader->dir);
    free(reader);
}

uint8_t reader_profile(const struct reader *reader) {
    return reader->profile;
}

void reader_rest(struct reader *reader) {
    view_rest(&reader->walk);
    view_rest(&reader->lookup);
}
