/* Faults, and the doubt about who was changed that a commitment settles. */
#include "ledger/audit_state.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/failure.h"
#include "ledger/volume.h"

/* --- faults ---------------------------------------------------------------------------------- */

static void describe(struct audit_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void describe(struct audit_report *report, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(report->text, sizeof report->text, format, arguments);
    va_end(arguments);
}

int audit_fault_volume(struct audit *audit, const char *what) {
    audit->report->kind = AUDIT_VOLUME;
    audit->report->sequence = audit->edge->size;
    describe(audit->report, "volume %u: %s", audit->report->volume, what);
    return FAULT_FOUND;
}

int audit_fault_table(struct audit *audit, const char *what) {
    audit->report->kind = AUDIT_TABLE;
    audit->report->sequence = audit->edge->size;
    describe(audit->report, "volume %u: %s", audit->report->volume, what);
    return FAULT_FOUND;
}

int audit_fault_records(struct audit *audit, uint64_t first, uint64_t last, const char *what) {
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

void audit_tile_report(struct audit_report *report, uint32_t level, uint64_t index,
                       uint32_t place) {
    report->kind = AUDIT_TILE;
    report->level = level;
    report->index = index;
    report->sequence = (index * TILE_WIDTH + place) << (TILE_HEIGHT * level);
    describe(report, "volume %u: tile %" PRIu64 " of level %u differs at record %" PRIu64,
             report->volume, index, level, report->sequence);
}

int audit_fault_checkpoint(struct audit *audit, const char *what) {
    struct audit_report *report = audit->report;
    report->kind = AUDIT_CHECKPOINT;
    report->sequence = audit->note.size;
    describe(report, "volume %u: checkpoint of size %" PRIu64 ": %s", report->volume,
             audit->note.size, what);
    return FAULT_FOUND;
}

/* A failure on the way: what the volume holds is a fault, anything else ends the audit without a
 * verdict. */
int audit_judge(struct audit *audit, int failure, const char *what) {
    bool is_fault =
        failure == FAILURE_DAMAGED || failure == FAILURE_NOT_FOUND || failure == FAILURE_VERSION;
    return is_fault ? audit_fault_volume(audit, what) : failure;
}

/* --- commitments ----------------------------------------------------------------------------- */

/* The leaves' hashes of the last, partial tile, as they were stored elsewhere: in the tile when it
 * is full by now, or in the edge that the next volume begins with. Sets as many as there are; false
 * when there is neither. */
static bool stored_leaves(struct audit *audit, struct hash hashes[TILE_WIDTH]) {
    const struct hash *stored = NULL;
    uint64_t size = audit->edge->size;
    uint32_t width = (uint32_t)(size % TILE_WIDTH);
    uint64_t tile = volume_tile_number(0, size / TILE_WIDTH);
    if (volume_read_tile(audit->env, audit->txn, tile, &stored) == 0) {
        memcpy(hashes, stored, width * sizeof *hashes);
        return true;
    }
    if (audit->is_last || size != audit->goal.size)
        return false;
    struct env *env = NULL;
    MDB_txn *txn = NULL;
    struct edge *edge = calloc(1, sizeof *edge);
    bool is_found = edge != NULL && volume_open(&env, audit->options->dir,
                                                audit->report->volume + 1, ENV_COPY, 0) == 0;
    is_found = is_found && mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, &txn) == 0 &&
               volume_read_edge(env, txn, audit->hasher, edge) == 0 && edge->size == size;
    if (is_found)
        memcpy(hashes, edge->tiles[0], width * sizeof *hashes);
    if (txn != NULL)
        mdb_txn_abort(txn);
    env_close(env);
    free(edge);
    return is_found;
}

/* The place of the first hash among the last, partial tile's that is another than the stored one,
 * when the stored ones give `root`: then the record there was changed. TILE_WIDTH when nothing that
 * is stored says so. */
static uint32_t place_of_change(struct audit *audit, const struct hash *root) {
    struct hash hashes[TILE_WIDTH];
    struct hash computed;
    uint32_t width = (uint32_t)(audit->edge->size % TILE_WIDTH);
    uint32_t place = 0;
    if (width == 0 || !stored_leaves(audit, hashes))
        return TILE_WIDTH;
    struct edge *edge = malloc(sizeof *edge);
    if (edge == NULL)
        return TILE_WIDTH;
    *edge = *audit->edge;
    memcpy(edge->tiles[0], hashes, width * sizeof *hashes);
    edge_restore(edge, audit->hasher);
    edge_root(edge, audit->hasher, &computed);
    free(edge);
    while (place < width && hash_equal(&hashes[place], &audit->edge->tiles[0][place]))
        place++;
    return hash_equal(&computed, root) && place < width ? place : TILE_WIDTH;
}

/* The records that a root vouches for and nothing before it did: full tiles have been compared. */
static int fault_since_settled(struct audit *audit, const struct hash *root, const char *what) {
    uint64_t size = audit->edge->size;
    uint64_t tiled = size / TILE_WIDTH * TILE_WIDTH;
    uint64_t first = audit->settled > tiled ? audit->settled : tiled;
    uint32_t place = place_of_change(audit, root);
    if (place < TILE_WIDTH)
        return audit_fault_records(audit, tiled + place, tiled + place, "was changed");
    return first < size ? audit_fault_records(audit, first, size - 1, what)
                        : audit_fault_volume(audit, "a root stored in it is not that of its tree");
}

/* A root that somebody committed to at the size that the edge has; `what` is said of the records if
 * it is another than theirs. Settles a doubt. */
int audit_commitment(struct audit *audit, const struct hash *root, const char *what) {
    struct hash computed;
    edge_root(audit->edge, audit->hasher, &computed);
    bool is_right = hash_equal(&computed, root);
    if (is_right && audit->doubt != DOUBT_NONE) {
        *audit->report = audit->suspect;
        return FAULT_FOUND;
    }
    if (!is_right && audit->doubt == DOUBT_TILE)
        return audit_fault_records(audit, audit->suspect_sequence, audit->suspect_sequence,
                                   "was changed");
    if (!is_right)
        return fault_since_settled(audit, root, what);
    audit->settled = audit->edge->size;
    audit->report->head = (struct merkle_head){audit->edge->size, computed};
    return 0;
}
