/*
 * One pass over all blocks, with the edge of the tree as it grows. A volume is read in slices, each
 * with a short transaction, so that an audit beside a writer pins no pages for long.
 *
 * Doubt: something that differs from the records without a witness to tell who is wrong. The pass
 * goes on as if the records were right, and the next commitment (a signed checkpoint, a tile above,
 * a stored end of the tree) settles it.
 */
#include "ledger/audit_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/block.h"
#include "ledger/failure.h"
#include "ledger/journal.h"
#include "ledger/volume.h"

/* Blocks of one slice: up to 4 MiB. */
#define SLICE_BLOCKS 64u

const char *audit_kind_name(enum audit_kind kind) {
    static const char *const names[] = {"sound",      "volume", "records", "tile",
                                        "checkpoint", "table",  "crash"};
    return (size_t)kind < sizeof names / sizeof names[0] ? names[kind] : "unknown";
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
        audit_tile_report(audit->report, level, index, 0);
        return FAULT_FOUND;
    }
    if (failure != 0)
        return failure;
    uint32_t place = first_difference(hashes, stored);
    if (level == 1 && audit->doubt == DOUBT_TILE) {
        /* The tile above was computed from the records when they were written. */
        if (place * (uint64_t)TILE_WIDTH + index * TILE_WIDTH * TILE_WIDTH ==
            audit->suspect_sequence / TILE_WIDTH * TILE_WIDTH)
            return audit_fault_records(audit, audit->suspect_sequence, audit->suspect_sequence,
                                       "was changed");
        *audit->report = audit->suspect;
        return FAULT_FOUND;
    }
    if (place == TILE_WIDTH)
        return 0;
    if (level > 0) {
        audit_tile_report(audit->report, level, index, place);
        return FAULT_FOUND;
    }
    if (audit->doubt == DOUBT_NONE) {
        audit->suspect = *audit->report;
        audit_tile_report(&audit->suspect, level, index, place);
        audit->suspect_sequence = audit->suspect.sequence;
        audit->doubt = DOUBT_TILE;
    }
    return 0;
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
            return audit_fault_records(audit, audit->edge->size, audit->edge->size,
                                       "is not of its form");
        frame_leaf(audit->hasher, at, &leaf);
        audit->last = (struct reader_record){audit->edge->size, at + FRAME_HEAD, (uint32_t)size};
        failure = edge_append(audit->edge, audit->hasher, &leaf, &sink);
        at += FRAME_HEAD + size;
        audit->report->records++;
        audit->report->bytes += size;
        if (failure == 0 && audit->note.size != 0 && audit->note.size <= audit->edge->size)
            failure = audit_check_checkpoints(audit);
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
        return audit_fault_table(audit, "a block of records is not found by its key");
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
            return audit_fault_records(audit, next, next, "is missing");
        failure = check_lookup(audit, first, &block);
        if (failure == 0)
            failure = audit_block(audit, block);
        audit->volume_blocks++;
        if (failure != 0 || audit->edge->size >= audit->goal.size)
            return failure;
        failure = volume_next_block(cursor, &first, &block);
    }
    if (failure == FAILURE_NOT_FOUND)
        return audit_fault_records(audit, audit->edge->size, audit->goal.size - 1, "is missing");
    return audit_judge(audit, failure, "its records cannot be read");
}

static int begin_slice(struct audit *audit) {
    int code = mdb_txn_begin(audit->env->mdb, NULL, MDB_RDONLY, &audit->txn);
    return code == 0 ? 0 : audit_judge(audit, env_failure(code, "read"), "it cannot be read");
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
                        : audit_judge(audit, env_failure(code, "read"), "it cannot be read");
    if (cursor != NULL)
        mdb_cursor_close(cursor);
    end_slice(audit);
    return failure;
}

static int begin_volume(struct audit *audit, bool is_first) {
    audit->volume_blocks = 0;
    audit->volume_tiles = 0;
    audit->volume_checkpoints = 0;
    int failure = begin_slice(audit);
    if (failure == 0)
        failure = audit_check_start(audit, is_first);
    if (failure == 0)
        failure = audit_read_goal(audit);
    if (failure == 0)
        failure = audit_next_checkpoint(audit, 0);
    if (failure == 0)
        failure = audit_check_checkpoints(audit);
    end_slice(audit);
    return failure;
}

static int end_volume(struct audit *audit) {
    int failure = begin_slice(audit);
    if (failure == 0)
        failure = audit_commitment(audit, &audit->goal.root, "was changed, or the end of the tree");
    if (failure == 0 && audit->note.size > audit->goal.size && !audit->is_last)
        failure = audit_fault_checkpoint(audit, "lies past the end of its volume");
    if (failure == 0)
        failure = audit_check_tables(audit);
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
        return audit_judge(audit, failure, "it cannot be opened");
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
        return audit_fault_volume(audit, "one is missing in the row of volumes");
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
    audit.edge = calloc(1, sizeof *audit.edge);
    audit.note.bytes = malloc(JOURNAL_CHECKPOINT_MAX);
    int failure = audit.edge != NULL && audit.note.bytes != NULL ? audit_volumes(&audit)
                                                                 : failure_errno("audit");
    free(audit.note.bytes);
    free(audit.edge);
    hasher_destroy(audit.hasher);
    tree_close(audit.tree);
    return failure == FAULT_FOUND ? 0 : failure;
}
