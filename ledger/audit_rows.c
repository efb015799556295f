/* A volume's small rows: where it begins and ends, and what its tables say of themselves. */
#include "ledger/audit_state.h"

#include <stdlib.h>

#include "ledger/failure.h"
#include "ledger/volume.h"

/* Rows of the unnamed table: three tables, head, edge, epoch, tail; and "closed". */
#define MAIN_ROWS 7u

/* The first volume says how all of them are hashed. */
static int take_profile(struct audit *audit, const struct volume_head *head) {
    if (audit->hasher == NULL) {
        audit->hasher = hasher_create(head->profile);
        audit->report->profile = head->profile;
        return audit->hasher != NULL ? 0 : failure_log(FAILURE_SYSTEM, "audit: no hash");
    }
    if (head->profile == hasher_profile(audit->hasher))
        return 0;
    return failure_log(FAILURE_DAMAGED, "volume %u is of another profile than the one before",
                       head->number);
}

/* Its head and edge go on from where the volume before ended; the first one read may begin
 * anywhere, when older ones have been put away. */
int audit_check_start(struct audit *audit, bool is_first) {
    struct volume_head head;
    struct hash root;
    struct edge *edge = calloc(1, sizeof *edge);
    uint64_t epoch = 0;
    if (edge == NULL)
        return failure_errno("edge");
    int failure = volume_read_head(audit->env, audit->txn, &head);
    if (failure == 0)
        failure = take_profile(audit, &head);
    if (failure == 0)
        failure = volume_read_edge(audit->env, audit->txn, audit->hasher, edge);
    if (failure == 0 && is_first)
        *audit->edge = *edge;
    if (failure == 0)
        failure = volume_read_epoch(audit->env, audit->txn, &epoch);
    bool is_same_size = failure == 0 && edge->size == audit->edge->size;
    free(edge);
    if (failure != 0)
        return audit_judge(audit, failure, "its head or edge is damaged");
    if (head.number != audit->report->volume)
        return audit_fault_volume(audit, "its head names another number");
    if (is_first && head.number == 0 && head.start.size != 0)
        return audit_fault_volume(audit, "the first volume begins past record 0");
    edge_root(audit->edge, audit->hasher, &root);
    if (!is_same_size || !hash_equal(&root, &head.start.root))
        return audit_fault_volume(audit, "it does not go on where the one before ended");
    if (epoch < audit->epoch)
        return audit_fault_volume(audit, "its epoch is below an earlier one");
    audit->epoch = epoch;
    audit->settled = audit->edge->size;
    audit->report->head = head.start;
    return 0;
}

/* Where the volume ends: a closed one where it says, the newest at its last commit. */
int audit_read_goal(struct audit *audit) {
    struct merkle_head tail;
    struct merkle_head closed;
    int failure = volume_read_tail(audit->env, audit->txn, &tail);
    if (failure != 0)
        return audit_judge(audit, failure, "the end of its tree is damaged");
    failure = volume_read_closed(audit->env, audit->txn, &closed);
    if (failure == FAILURE_NOT_FOUND && !audit->is_last)
        return audit_fault_volume(audit, "it is not closed, and there is a newer one");
    if (failure != 0 && failure != FAILURE_NOT_FOUND)
        return audit_judge(audit, failure, "its closing is damaged");
    if (failure == 0 && (closed.size != tail.size || !hash_equal(&closed.root, &tail.root)))
        return audit_fault_volume(audit, "it was closed at another tree than its last commit left");
    if (tail.size < audit->edge->size)
        return audit_fault_volume(audit, "it ends before it begins");
    audit->goal = tail;
    return 0;
}

static uint64_t rows(struct audit *audit, MDB_dbi table) {
    MDB_stat stat;
    return mdb_stat(audit->txn, table, &stat) == 0 ? stat.ms_entries : UINT64_MAX;
}

/* Walks a table: whether its rows, one after the other, are as many as it says, in order, and each
 * is found by its key. Else readers would miss some, or meet some that are none. */
static int walk_table(struct audit *audit, MDB_dbi table, uint64_t *count) {
    MDB_cursor *cursor = NULL;
    MDB_val key;
    MDB_val value;
    MDB_val found;
    int code = mdb_cursor_open(audit->txn, table, &cursor);
    bool is_found = true;
    *count = 0;
    while (code == 0 && is_found && (code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        is_found = mdb_get(audit->txn, table, &key, &found) == 0 && found.mv_data == value.mv_data;
        ++*count;
    }
    if (cursor != NULL)
        mdb_cursor_close(cursor);
    if (!is_found)
        return audit_fault_table(audit, "a row is not found by its key");
    if (code != MDB_NOTFOUND)
        return audit_judge(audit, env_failure(code, "rows"), "a table cannot be read to its end");
    return *count == rows(audit, table)
               ? 0
               : audit_fault_table(audit, "a table has more rows or fewer than it says");
}

/* Every row that a reader may meet is one that was compared. */
static int walk_tables(struct audit *audit) {
    const MDB_dbi *tables = audit->env->tables;
    uint64_t counts[VOLUME_TABLES] = {0};
    uint64_t count = 0;
    int failure = walk_table(audit, audit->env->main, &count);
    for (int i = 0; i < VOLUME_TABLES && failure == 0; i++)
        failure = walk_table(audit, tables[i], &counts[i]);
    if (failure != 0)
        return failure;
    if (counts[VOLUME_RECORDS] != audit->volume_blocks)
        return audit_fault_table(audit, "there is a block of records too many");
    if (counts[VOLUME_TILES] != audit->volume_tiles)
        return audit_fault_table(audit, "there is a tile too many");
    /* The newest volume may have got some since they were looked at. */
    bool is_whole = audit->is_last ? counts[VOLUME_CHECKPOINTS] >= audit->volume_checkpoints
                                   : counts[VOLUME_CHECKPOINTS] == audit->volume_checkpoints;
    return is_whole ? 0 : audit_fault_table(audit, "a checkpoint is missing, or one too many");
}

/* What the file says of itself, when it has not grown since the audit began. */
int audit_check_tables(struct audit *audit) {
    struct merkle_head tail;
    struct merkle_head closed;
    struct env_pages pages;
    int failure = volume_read_tail(audit->env, audit->txn, &tail);
    if (failure != 0)
        return audit_judge(audit, failure, "the end of its tree is damaged");
    if (tail.size != audit->goal.size)
        return 0;
    bool is_closed = volume_read_closed(audit->env, audit->txn, &closed) == 0;
    if (rows(audit, audit->env->main) != MAIN_ROWS + (is_closed ? 1 : 0))
        return audit_fault_table(audit, "its head has a row too many or too few");
    failure = walk_tables(audit);
    if (failure != 0)
        return failure;
    failure = env_count_pages(audit->env, audit->txn, &pages);
    if (failure != 0)
        return audit_judge(audit, failure, "its pages cannot be counted");
    if (pages.total != 0 && pages.used + pages.free != pages.total)
        return audit_fault_table(audit, "its pages in use and free are not all there are");
    return 0;
}
