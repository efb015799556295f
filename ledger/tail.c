/* Level by level: what the volume's first edge has, then what can be computed. */
#include "ledger/tail.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/block.h"
#include "ledger/failure.h"

struct tail {
    const struct env *env;
    MDB_txn *txn;
    struct hasher *hasher;
    struct edge *edge;        /* being filled */
    const struct edge *start; /* as the volume began */
    uint64_t size;
};

/* Copies those hashes of a level's partial tile that the volume began with; returns the index of
 * the first hash that is not among them. */
static uint64_t copy_start(struct tail *tail, uint32_t level) {
    uint64_t begin = tile_hashes(level, tail->size) / TILE_WIDTH * TILE_WIDTH;
    uint64_t known = tile_hashes(level, tail->start->size);
    for (uint64_t i = begin; i < known; i++)
        tail->edge->tiles[level][i % TILE_WIDTH] = tail->start->tiles[level][i % TILE_WIDTH];
    return begin > known ? begin : known;
}

/* Hashes the records of one block that are at or past *next. */
static int hash_block(struct tail *tail, uint64_t sequence, MDB_val block, uint64_t *next) {
    const uint8_t *at = block.mv_data;
    const uint8_t *end = at + block.mv_size;
    for (; at < end; sequence++) {
        size_t size = frame_get(at, end);
        if (size == 0 || sequence >= tail->size || sequence > *next)
            return failure_log(FAILURE_DAMAGED, "block at %" PRIu64 " is not of its form",
                               sequence);
        if (sequence == *next) {
            frame_leaf(tail->hasher, at, &tail->edge->tiles[0][sequence % TILE_WIDTH]);
            (*next)++;
        }
        at += FRAME_HEAD + size;
    }
    return 0;
}

static int hash_records(struct tail *tail, uint64_t next) {
    MDB_cursor *cursor = NULL;
    MDB_val block;
    uint64_t first = 0;
    int code = mdb_cursor_open(tail->txn, tail->env->tables[VOLUME_RECORDS], &cursor);
    if (code != 0)
        return env_failure(code, "records");
    int failure = next < tail->size ? volume_find_block(cursor, next, &first, &block) : 0;
    while (failure == 0 && next < tail->size) {
        failure = hash_block(tail, first, block, &next);
        if (failure == 0 && next < tail->size)
            failure = volume_next_block(cursor, &first, &block);
    }
    mdb_cursor_close(cursor);
    if (failure == FAILURE_NOT_FOUND)
        return failure_log(FAILURE_DAMAGED, "record %" PRIu64 " is missing", next);
    return failure;
}

/* Fills a level above 0 from the roots of full tiles of the level below. */
static int hash_tiles(struct tail *tail, uint32_t level, uint64_t next) {
    for (; next < tile_hashes(level, tail->size); next++) {
        const struct hash *hashes = NULL;
        int failure =
            volume_read_tile(tail->env, tail->txn, volume_tile_number(level - 1, next), &hashes);
        if (failure == FAILURE_NOT_FOUND)
            failure = failure_log(FAILURE_DAMAGED, "tile %" PRIu64 " of level %u is missing", next,
                                  level - 1);
        if (failure != 0)
            return failure;
        edge_tile_root(tail->hasher, hashes, TILE_WIDTH,
                       &tail->edge->tiles[level][next % TILE_WIDTH]);
    }
    return 0;
}

static int fill(struct tail *tail) {
    int failure = hash_records(tail, copy_start(tail, 0));
    for (uint32_t level = 1; level < TILE_LEVELS && failure == 0; level++)
        failure = hash_tiles(tail, level, copy_start(tail, level));
    if (failure == 0) {
        tail->edge->size = tail->size;
        edge_restore(tail->edge, tail->hasher);
    }
    return failure;
}

int tail_read(const struct env *env, MDB_txn *txn, struct hasher *hasher, struct edge *edge) {
    struct edge *start = calloc(1, sizeof *start);
    struct merkle_head stored;
    struct hash root;
    if (start == NULL)
        return failure_errno("edge");
    int failure = volume_read_edge(env, txn, hasher, start);
    if (failure == 0)
        failure = volume_read_tail(env, txn, &stored);
    if (failure == 0 && stored.size < start->size)
        failure = failure_log(FAILURE_DAMAGED, "the tree ends before its volume begins");
    if (failure == 0) {
        struct tail tail = {env, txn, hasher, edge, start, stored.size};
        failure = fill(&tail);
    }
    free(start);
    if (failure == FAILURE_NOT_FOUND)
        return failure_log(FAILURE_DAMAGED, "a row of the volume's head is missing");
    if (failure != 0)
        return failure;
    edge_root(edge, hasher, &root);
    if (!hash_equal(&root, &stored.root))
        return failure_log(FAILURE_DAMAGED,
                           "the last records or tiles are not those that were written (%" PRIu64
                           " records)",
                           stored.size);
    return 0;
}
