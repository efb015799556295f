/*
 * One pass over all blocks, with the edge of the tree as it grows. A volume is read in slices, each
 * with a short transaction, so that an audit beside a writer pins no pages for long.
 *
 * Doubt: something that differs from the records without a witness to tell who is wrong. The pass
 * goes on as if the records were right, and the next commitment (a signed checkpoint, a tile above,
 * a stored end of the tree) settles it.
 */
#include "ledger/audit.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/block.h"
#include "ledger/edge.h"
#include "ledger/failure.h"
#include "ledger/journal.h"
#include "ledger/tree.h"
#include "ledger/volume.h"

/* Blocks of one slice: up to 4 MiB. */
#define SLICE_BLOCKS 64u

/* Rows of the unnamed table: three tables, head, edge, epoch, tail; and "closed". */
#define MAIN_ROWS 7u

/* What ends the pass when there is a fault; never leaves this file. */
#define FAULT_FOUND 1

enum doubt { DOUBT_NONE, DOUBT_TILE, DOUBT_CHECKPOINT };

struct audit {
    const struct audit_options *options;
    struct audit_report *report;
    struct hasher *hasher;
    struct edge *edge; /* of the records read so far */
    struct tree *tree; /* for checkpoints that were stored late; NULL until one is met */
    char origin[CHECKPOINT_ORIGIN_MAX + 1];
    uint64_t epoch;
    struct merkle_head goal; /* the tree at the audit's start, or the end of a closed volume */
    bool is_last;            /* the volume read is the newest */

    enum doubt doubt;
    struct audit_report suspect; /* the fault if the doubt turns out against it */
    uint64_t suspect_sequence;   /* the record in doubt together with a tile */
    uint64_t settled;            /* size of the last tree whose root somebody committed to */

    struct env *env; /* the volume read */
    MDB_txn *txn;    /* of this slice */
    uint64_t volume_blocks;
    uint64_t volume_tiles;
    uint64_t volume_checkpoints;

    struct reader_note note;   /* the checkpoint that comes next; size 0: none */
    bool has_keys;             /* its signatures were checked */
    struct reader_record last; /* the one read last, in this slice; bytes NULL: none */
};

const char *audit_kind_name(enum audit_kind kind) {
    static const char *const names[] = {"sound",      "volume", "records", "tile",
                                        "checkpoint", "table",  "crash"};
    return (size_t)kind < sizeof names / sizeof names[0] ? names[kind] : "unknown";
}

/* --- faults ---------------------------------------------------------------------------------- */

static void describe(struct audit_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void describe(struct audit_report *report, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(report->text, sizeof report->text, format, arguments);
    va_end(arguments);
}

static int fault_volume(struct audit *audit, const char *what) {
    audit->report->kind = AUDIT_VOLUME;
    audit->report->sequence = audit->edge->size;
    describe(audit->report, "volume %u: %s", audit->report->volume, what);
    return FAULT_FOUND;
}

static int fault_table(struct audit *audit, const char *what) {
    audit->report->kind = AUDIT_TABLE;
    audit->report->sequence = audit->edge->size;
    describe(audit->report, "volume %u: %s", audit->report->volume, what);
    return FAULT_FOUND;
}

static int fault_records(struct audit *audit, uint64_t first, uint64_t last, const char *what) {
    struct audit_report *report = audit->report;
    report->kind = AUDIT_RECORDS;
    report->sequence = first;
    report->sequence_last = last;
    if (first == last)
        describe(report, "volume %u: record %" PRIu64 " %s", report->volume, first, what);
    else
        describe(report, "volume %u: of records %" PRIu64 " to %" PRIu64 " at least one %s",
                 report->volume, first, last, what);
    return FAULT_FOUND;
}

static void tile_report(struct audit_report *report, uint32_t level, uint64_t index,
                        uint32_t place) {
    report->kind = AUDIT_TILE;
    report->level = level;
    report->index = index;
    report->sequence = (index * TILE_WIDTH + place) << (TILE_HEIGHT * level);
    describe(report, "volume %u: tile %" PRIu64 " of level %u differs at record %" PRIu64,
             report->volume, index, level, report->sequence);
}

static int fault_checkpoint(struct audit *audit, const char *what) {
    struct audit_report *report = audit->report;
    report->kind = AUDIT_CHECKPOINT;
    report->sequence = audit->note.size;
    describe(report, "volume %u: checkpoint of size %" PRIu64 ": %s", report->volume,
             audit->note.size, what);
    return FAULT_FOUND;
}

/* A failure on the way: what the volume holds is a fault, anything else ends the audit without a
 * verdict. */
static int judge(struct audit *audit, int failure, const char *what) {
    bool is_fault =
        failure == FAILURE_DAMAGED || failure == FAILURE_NOT_FOUND || failure == FAILURE_VERSION;
    return is_fault ? fault_volume(audit, what) : failure;
}

/* --- commitments ----------------------------------------------------------------------------- */

/* The place of the one hash among the edge's last, partial tile that is another than the stored
 * tile's, when the stored ones give `root`: then the record there was changed. TILE_WIDTH when the
 * tile is not full yet, or says nothing. */
static uint32_t place_of_change(struct audit *audit, const struct hash *root) {
    uint64_t size = audit->edge->size;
    uint32_t width = (uint32_t)(size % TILE_WIDTH);
    const struct hash *stored = NULL;
    struct hash computed;
    if (width == 0 || volume_read_tile(audit->env, audit->txn,
                                       volume_tile_number(0, size / TILE_WIDTH), &stored) != 0)
        return TILE_WIDTH;
    struct edge *edge = malloc(sizeof *edge);
    if (edge == NULL)
        return TILE_WIDTH;
    *edge = *audit->edge;
    memcpy(edge->tiles[0], stored, width * sizeof *stored);
    edge_restore(edge, audit->hasher);
    edge_root(edge, audit->hasher, &computed);
    uint32_t place = 0;
    while (place < width && hash_equal(&stored[place], &audit->edge->tiles[0][place]))
        place++;
    free(edge);
    return hash_equal(&computed, root) && place < width ? place : TILE_WIDTH;
}

/* The records that a root vouches for and nothing before it did: full tiles have been compared. */
static int fault_since_settled(struct audit *audit, const struct hash *root, const char *what) {
    uint64_t size = audit->edge->size;
    uint64_t tiled = size / TILE_WIDTH * TILE_WIDTH;
    uint64_t first = audit->settled > tiled ? audit->settled : tiled;
    uint32_t place = place_of_change(audit, root);
    if (place < TILE_WIDTH)
        return fault_records(audit, tiled + place, tiled + place, "was changed");
    return first < size ? fault_records(audit, first, size - 1, what)
                        : fault_volume(audit, "a root stored in it is not that of its tree");
}

/* A root that somebody committed to at the size that the edge has; `what` is said of the records if
 * it is another than theirs. Settles a doubt. */
static int commitment(struct audit *audit, const struct hash *root, const char *what) {
    struct hash computed;
    edge_root(audit->edge, audit->hasher, &computed);
    bool is_right = hash_equal(&computed, root);
    if (is_right && audit->doubt != DOUBT_NONE) {
        *audit->report = audit->suspect;
        return FAULT_FOUND;
    }
    if (!is_right && audit->doubt == DOUBT_TILE)
        return fault_records(audit, audit->suspect_sequence, audit->suspect_sequence,
                             "was changed");
    if (!is_right)
        return fault_since_settled(audit, root, what);
    audit->settled = audit->edge->size;
    audit->report->head = (struct merkle_head){audit->edge->size, computed};
    return 0;
}

/* --- tiles ----------------------------------------------------------------------------------- */

static uint32_t first_difference(const struct hash *a, const struct hash *b) {
    uint32_t i = 0;
    while (i < TILE_WIDTH && hash_equal(&a[i], &b[i]))
        i++;
    return i;
}

/* Compares a tile that has just become full with the stored one. */
static int compare_tile(void *owner, uint32_t level, uint64_t index,
                        const struct hash hashes[TILE_WIDTH]) {
    struct audit *audit = owner;
    const struct hash *stored = NULL;
    int failure =
        volume_read_tile(audit->env, audit->txn, volume_tile_number(level, index), &stored);
    audit->volume_tiles++;
    audit->report->tiles++;
    if (failure == FAILURE_NOT_FOUND || failure == FAILURE_DAMAGED) {
        tile_report(audit->report, level, index, 0);
        return FAULT_FOUND;
    }
    if (failure != 0)
        return failure;
    uint32_t place = first_difference(hashes, stored);
    if (level == 1 && audit->doubt == DOUBT_TILE) {
        /* The tile above was computed from the records when they were written. */
        if (place * (uint64_t)TILE_WIDTH + index * TILE_WIDTH * TILE_WIDTH ==
            audit->suspect_sequence / TILE_WIDTH * TILE_WIDTH)
            return fault_records(audit, audit->suspect_sequence, audit->suspect_sequence,
                                 "was changed");
        *audit->report = audit->suspect;
        return FAULT_FOUND;
    }
    if (place == TILE_WIDTH)
        return 0;
    if (level > 0) {
        tile_report(audit->report, level, index, place);
        return FAULT_FOUND;
    }
    if (audit->doubt == DOUBT_NONE) {
        audit->suspect = *audit->report;
        tile_report(&audit->suspect, level, index, place);
        audit->suspect_sequence = audit->suspect.sequence;
        audit->doubt = DOUBT_TILE;
    }
    return 0;
}

/* --- checkpoints ----------------------------------------------------------------------------- */

/* Reads the checkpoint that comes after `size` in this volume. */
static int next_checkpoint(struct audit *audit, uint64_t size) {
    uint8_t bytes[VOLUME_KEY_SIZE];
    MDB_val key = {sizeof bytes, bytes};
    MDB_val value;
    MDB_cursor *cursor = NULL;
    audit->note.size = 0;
    volume_key(size + 1, bytes);
    int code = mdb_cursor_open(audit->txn, audit->env->tables[VOLUME_CHECKPOINTS], &cursor);
    if (code == 0)
        code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    mdb_cursor_close(cursor);
    if (code == MDB_NOTFOUND)
        return 0;
    if (code != 0)
        return judge(audit, env_failure(code, "checkpoints"), "its checkpoints cannot be read");
    if (key.mv_size != VOLUME_KEY_SIZE || value.mv_size > JOURNAL_CHECKPOINT_MAX ||
        volume_key_number(key.mv_data) <= size)
        return fault_table(audit, "a row of the checkpoints is not of its form");
    audit->note.size = volume_key_number(key.mv_data);
    audit->note.bytes_size = value.mv_size;
    memcpy(audit->note.bytes, value.mv_data, value.mv_size);
    return 0;
}

/* Opens the note; what it says may still be wrong. *signed_by tells which keys have signed. */
static int open_checkpoint(struct audit *audit, struct checkpoint *checkpoint,
                           uint64_t *signed_by) {
    const struct audit_witness *witness = audit->options->witness;
    const struct note_keyring *keys =
        witness != NULL ? witness->keys(witness->owner, audit->note.size) : audit->options->keys;
    struct note note = {0};
    audit->has_keys = keys != NULL;
    int failure = keys != NULL ? checkpoint_open(audit->note.bytes, audit->note.bytes_size, keys,
                                                 checkpoint, &note)
                               : note_parse(audit->note.bytes, audit->note.bytes_size, &note);
    if (failure == 0 && keys == NULL)
        failure = checkpoint_parse(note.text, note.text_size, checkpoint);
    *signed_by = note.verified;
    if (failure == FAILURE_SIGNATURE)
        return fault_checkpoint(audit, "not signed by a known key, or changed since");
    if (failure != 0)
        return fault_checkpoint(audit, "not of its form");
    if (checkpoint->head.size != audit->note.size)
        return fault_checkpoint(audit, "names another size");
    if (audit->origin[0] == '\0')
        memcpy(audit->origin, checkpoint->origin, sizeof audit->origin);
    if (strcmp(audit->origin, checkpoint->origin) != 0)
        return fault_checkpoint(audit, "names another origin");
    return 0;
}

/* The stored tree and its records, for what lies before this slice. */
static int open_tree(struct audit *audit) {
    return audit->tree != NULL
               ? 0
               : tree_open(&audit->tree, audit->options->dir, audit->options->is_copy);
}

/* A checkpoint stored after its volume was closed: its root is computed from the stored tree, which
 * has been compared up to here. */
static int check_late(struct audit *audit, const struct checkpoint *checkpoint) {
    struct hash root;
    int failure = open_tree(audit);
    if (failure == 0)
        failure = tree_root(audit->tree, checkpoint->head.size, &root);
    if (failure != 0)
        return judge(audit, failure, "the tree before it cannot be read");
    return hash_equal(&root, &checkpoint->head.root)
               ? 0
               : fault_checkpoint(audit, "names another root");
}

/* Without a key nobody vouches for a checkpoint: it may be what was changed. */
static void doubt_checkpoint(struct audit *audit) {
    struct audit_report report = *audit->report;
    fault_checkpoint(audit, "names another root");
    audit->suspect = *audit->report;
    *audit->report = report;
    audit->doubt = DOUBT_CHECKPOINT;
}

static int check_root(struct audit *audit, const struct checkpoint *checkpoint) {
    struct hash computed;
    if (checkpoint->head.size < audit->edge->size)
        return check_late(audit, checkpoint);
    edge_root(audit->edge, audit->hasher, &computed);
    if (audit->has_keys || hash_equal(&computed, &checkpoint->head.root))
        return commitment(audit, &checkpoint->head.root, "was changed");
    if (audit->doubt == DOUBT_NONE)
        doubt_checkpoint(audit);
    return 0;
}

/* Asks the witness about a checkpoint whose root is right. */
static int ask_witness(struct audit *audit, uint64_t signed_by) {
    const struct audit_witness *witness = audit->options->witness;
    struct reader_record last = audit->last;
    uint64_t size = audit->note.size;
    int failure = 0;
    if (witness == NULL)
        return 0;
    if (last.bytes == NULL || last.sequence != size - 1) {
        failure = open_tree(audit);
        if (failure == 0)
            failure = reader_get(tree_reader(audit->tree), size - 1, &last);
    }
    if (failure != 0)
        return judge(audit, failure, "the last record of a checkpoint cannot be read");
    const char *what = witness->accept(witness->owner, size, signed_by, &last);
    return what == NULL ? 0 : fault_checkpoint(audit, what);
}

/* Checks the next checkpoint, whose size the edge has reached or passed, and reads the one after.
 */
static int check_checkpoint(struct audit *audit) {
    struct checkpoint checkpoint;
    uint64_t signed_by = 0;
    int failure = open_checkpoint(audit, &checkpoint, &signed_by);
    if (failure != 0)
        return failure;
    audit->report->checkpoints++;
    audit->volume_checkpoints++;
    failure = check_root(audit, &checkpoint);
    if (failure == 0)
        failure = ask_witness(audit, signed_by);
    return failure == 0 ? next_checkpoint(audit, audit->note.size) : failure;
}

static int check_checkpoints(struct audit *audit) {
    int failure = 0;
    while (failure == 0 && audit->note.size != 0 && audit->note.size <= audit->edge->size)
        failure = check_checkpoint(audit);
    return failure;
}

/* --- records --------------------------------------------------------------------------------- */

static int audit_block(struct audit *audit, MDB_val block) {
    struct edge_sink sink = {compare_tile, audit};
    const uint8_t *at = block.mv_data;
    const uint8_t *end = at + block.mv_size;
    int failure = 0;
    while (at < end && failure == 0) {
        struct hash leaf;
        size_t size = frame_get(at, end);
        if (size == 0 || audit->edge->size >= audit->goal.size)
            return fault_records(audit, audit->edge->size, audit->edge->size, "is not of its form");
        frame_leaf(audit->hasher, at, &leaf);
        audit->last = (struct reader_record){audit->edge->size, at + FRAME_HEAD, (uint32_t)size};
        failure = edge_append(audit->edge, audit->hasher, &leaf, &sink);
        at += FRAME_HEAD + size;
        audit->report->records++;
        audit->report->bytes += size;
        if (failure == 0 && audit->note.size != 0 && audit->note.size <= audit->edge->size)
            failure = check_checkpoints(audit);
    }
    return failure;
}

/* The block that the cursor stands on must also be found by its key. */
static int check_lookup(struct audit *audit, uint64_t first, const MDB_val *block) {
    uint8_t bytes[VOLUME_KEY_SIZE];
    MDB_val key = {sizeof bytes, bytes};
    MDB_val found;
    volume_key(first, bytes);
    int code = mdb_get(audit->txn, audit->env->tables[VOLUME_RECORDS], &key, &found);
    if (code != 0 || found.mv_data != block->mv_data || found.mv_size != block->mv_size)
        return fault_table(audit, "a block of records is not found by its key");
    return 0;
}

/* Audits up to SLICE_BLOCKS blocks, from the record that comes next. */
static int audit_blocks(struct audit *audit, MDB_cursor *cursor) {
    uint64_t next = audit->edge->size;
    uint64_t first = 0;
    MDB_val block;
    int failure = volume_find_block(cursor, next, &first, &block);
    for (uint32_t i = 0; failure == 0 && i < SLICE_BLOCKS; i++) {
        next = audit->edge->size;
        if (first != next || block.mv_size == 0)
            return fault_records(audit, next, next, "is missing");
        failure = check_lookup(audit, first, &block);
        if (failure == 0)
            failure = audit_block(audit, block);
        audit->volume_blocks++;
        if (failure != 0 || audit->edge->size >= audit->goal.size)
            return failure;
        failure = volume_next_block(cursor, &first, &block);
    }
    if (failure == FAILURE_NOT_FOUND)
        return fault_records(audit, audit->edge->size, audit->goal.size - 1, "is missing");
    return judge(audit, failure, "its records cannot be read");
}

static int begin_slice(struct audit *audit) {
    int code = mdb_txn_begin(audit->env->mdb, NULL, MDB_RDONLY, &audit->txn);
    return code == 0 ? 0 : judge(audit, env_failure(code, "read"), "it cannot be read");
}

static void end_slice(struct audit *audit) {
    if (audit->txn != NULL)
        mdb_txn_abort(audit->txn);
    audit->txn = NULL;
    audit->last.bytes = NULL;
}

static int audit_slice(struct audit *audit) {
    MDB_cursor *cursor = NULL;
    int failure = begin_slice(audit);
    if (failure != 0)
        return failure;
    int code = mdb_cursor_open(audit->txn, audit->env->tables[VOLUME_RECORDS], &cursor);
    failure = code == 0 ? audit_blocks(audit, cursor)
                        : judge(audit, env_failure(code, "read"), "it cannot be read");
    if (cursor != NULL)
        mdb_cursor_close(cursor);
    end_slice(audit);
    return failure;
}

/* --- a volume's rows ------------------------------------------------------------------------- */

/* Its head and edge go on from where the volume before ended; the first one read may begin
 * anywhere, when older ones have been put away. */
static int check_start(struct audit *audit, bool is_first) {
    struct volume_head head;
    struct hash root;
    struct edge *edge = calloc(1, sizeof *edge);
    uint64_t epoch = 0;
    if (edge == NULL)
        return failure_errno("edge");
    int failure = volume_read_head(audit->env, audit->txn, &head);
    if (failure == 0)
        failure = volume_read_edge(audit->env, audit->txn, audit->hasher, edge);
    if (failure == 0 && is_first)
        *audit->edge = *edge;
    if (failure == 0)
        failure = volume_read_epoch(audit->env, audit->txn, &epoch);
    bool is_same_size = failure == 0 && edge->size == audit->edge->size;
    free(edge);
    if (failure != 0)
        return judge(audit, failure, "its head or edge is damaged");
    if (head.number != audit->report->volume)
        return fault_volume(audit, "its head names another number");
    if (is_first && head.number == 0 && head.start.size != 0)
        return fault_volume(audit, "the first volume begins past record 0");
    edge_root(audit->edge, audit->hasher, &root);
    if (!is_same_size || !hash_equal(&root, &head.start.root))
        return fault_volume(audit, "it does not go on where the one before ended");
    if (epoch < audit->epoch)
        return fault_volume(audit, "its epoch is below an earlier one");
    audit->epoch = epoch;
    audit->settled = audit->edge->size;
    audit->report->head = head.start;
    return 0;
}

/* Where the volume ends: a closed one where it says, the newest at its last commit. */
static int read_goal(struct audit *audit) {
    struct merkle_head tail;
    struct merkle_head closed;
    int failure = volume_read_tail(audit->env, audit->txn, &tail);
    if (failure != 0)
        return judge(audit, failure, "the end of its tree is damaged");
    failure = volume_read_closed(audit->env, audit->txn, &closed);
    if (failure == FAILURE_NOT_FOUND && !audit->is_last)
        return fault_volume(audit, "it is not closed, and there is a newer one");
    if (failure != 0 && failure != FAILURE_NOT_FOUND)
        return judge(audit, failure, "its closing is damaged");
    if (failure == 0 && (closed.size != tail.size || !hash_equal(&closed.root, &tail.root)))
        return fault_volume(audit, "it was closed at another tree than its last commit left");
    if (tail.size < audit->edge->size)
        return fault_volume(audit, "it ends before it begins");
    audit->goal = tail;
    return 0;
}

static uint64_t rows(struct audit *audit, MDB_dbi table) {
    MDB_stat stat;
    return mdb_stat(audit->txn, table, &stat) == 0 ? stat.ms_entries : UINT64_MAX;
}

/* What the file says of itself, when it has not grown since the audit began. */
static int check_tables(struct audit *audit) {
    struct merkle_head tail;
    struct merkle_head closed;
    struct env_pages pages;
    int failure = volume_read_tail(audit->env, audit->txn, &tail);
    if (failure != 0)
        return judge(audit, failure, "the end of its tree is damaged");
    if (tail.size != audit->goal.size)
        return 0;
    bool is_closed = volume_read_closed(audit->env, audit->txn, &closed) == 0;
    if (rows(audit, audit->env->main) != MAIN_ROWS + (is_closed ? 1 : 0))
        return fault_table(audit, "its head has a row too many or too few");
    if (rows(audit, audit->env->tables[VOLUME_RECORDS]) != audit->volume_blocks)
        return fault_table(audit, "the number of blocks is not what the table says");
    if (rows(audit, audit->env->tables[VOLUME_TILES]) != audit->volume_tiles)
        return fault_table(audit, "the number of tiles is not what the table says");
    if (!audit->is_last &&
        rows(audit, audit->env->tables[VOLUME_CHECKPOINTS]) != audit->volume_checkpoints)
        return fault_table(audit, "the number of checkpoints is not what the table says");
    failure = env_count_pages(audit->env, audit->txn, &pages);
    if (failure != 0)
        return judge(audit, failure, "its pages cannot be counted");
    if (pages.total != 0 && pages.used + pages.free != pages.total)
        return fault_table(audit, "its pages in use and free are not all there are");
    return 0;
}

static int begin_volume(struct audit *audit, bool is_first) {
    audit->volume_blocks = 0;
    audit->volume_tiles = 0;
    audit->volume_checkpoints = 0;
    int failure = begin_slice(audit);
    if (failure == 0)
        failure = check_start(audit, is_first);
    if (failure == 0)
        failure = read_goal(audit);
    if (failure == 0)
        failure = next_checkpoint(audit, 0);
    if (failure == 0)
        failure = check_checkpoints(audit);
    end_slice(audit);
    return failure;
}

static int end_volume(struct audit *audit) {
    int failure = begin_slice(audit);
    if (failure == 0)
        failure = commitment(audit, &audit->goal.root, "was changed, or the end of the tree");
    if (failure == 0 && audit->note.size > audit->goal.size && !audit->is_last)
        failure = fault_checkpoint(audit, "lies past the end of its volume");
    if (failure == 0)
        failure = check_tables(audit);
    end_slice(audit);
    return failure;
}

static void tell_progress(struct audit *audit) {
    if (audit->options->progress != NULL)
        audit->options->progress(audit->options->owner, audit->edge->size, audit->goal.size);
}

static int audit_volume(struct audit *audit, uint32_t number, bool is_first) {
    enum env_mode mode = audit->options->is_copy || !audit->is_last ? ENV_COPY : ENV_READ;
    audit->report->volume = number;
    tell_progress(audit);
    int failure = volume_open(&audit->env, audit->options->dir, number, mode, 0);
    if (failure != 0)
        return judge(audit, failure, "it cannot be opened");
    failure = begin_volume(audit, is_first);
    while (failure == 0 && audit->edge->size < audit->goal.size) {
        tell_progress(audit);
        failure = audit_slice(audit);
    }
    if (failure == 0)
        failure = end_volume(audit);
    end_slice(audit);
    env_close(audit->env);
    audit->env = NULL;
    audit->report->volumes += failure == 0;
    return failure;
}

/* --- the whole ------------------------------------------------------------------------------- */

static int audit_volumes(struct audit *audit) {
    uint32_t lowest = 0;
    uint32_t highest = 0;
    int failure = volume_range(audit->options->dir, &lowest, &highest);
    if (failure == FAILURE_DAMAGED)
        return fault_volume(audit, "one is missing in the row of volumes");
    for (uint32_t number = lowest; number <= highest && failure == 0; number++) {
        audit->is_last = number == highest;
        failure = audit_volume(audit, number, number == lowest);
    }
    return failure;
}

int audit_run(const struct audit_options *options, struct audit_report *report) {
    struct audit audit = {.options = options, .report = report};
    memset(report, 0, sizeof *report);
    if (options->origin != NULL)
        snprintf(audit.origin, sizeof audit.origin, "%s", options->origin);
    audit.hasher = hasher_create();
    audit.edge = calloc(1, sizeof *audit.edge);
    audit.note.bytes = malloc(JOURNAL_CHECKPOINT_MAX);
    int failure = audit.hasher != NULL && audit.edge != NULL && audit.note.bytes != NULL
                      ? audit_volumes(&audit)
                      : failure_errno("audit");
    free(audit.note.bytes);
    free(audit.edge);
    hasher_destroy(audit.hasher);
    tree_close(audit.tree);
    return failure == FAULT_FOUND ? 0 : failure;
}
