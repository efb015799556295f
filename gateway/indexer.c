/* When to commit; the rest is the index's and the follower's. */
#include "gateway/indexer.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/clock.h"
#include "gateway/follower.h"
#include "gateway/log.h"
#include "ledger/failure.h"

/* Between looks at what has become durable: much fewer than commits. */
#define READ_GATHER_NS (20 * CLOCK_MILLISECOND_NS)

struct indexer {
    char dir[4096];
    struct index *index; /* the follower's thread's, once it runs */
    struct follower *follower;
    int64_t gathered_ns; /* monotonic: when the first record not committed came; 0: there is none */
};

static int begin(void *owner, struct follower_start *start) {
    struct indexer *indexer = owner;
    start->from = index_as_of(indexer->index);
    log_line(LOG_LEVEL_INFO, "index_ready", "as_of=%lu", start->from);
    return 0;
}

static int take_record(void *owner, const struct reader_record *record) {
    struct indexer *indexer = owner;
    return index_add(indexer->index, record);
}

/* Commits when it is time; says how long it may wait else. */
static int turn(void *owner, struct follower_turn *turn) {
    struct indexer *indexer = owner;
    int64_t now_ns = clock_mono_ns();
    uint64_t gathered = index_gathered(indexer->index);
    if (gathered > 0 && indexer->gathered_ns == 0)
        indexer->gathered_ns = now_ns;
    int64_t left_ns = indexer->gathered_ns + INDEXER_GATHER_NS - now_ns;
    if (gathered >= INDEXER_BATCH || (gathered > 0 && left_ns <= 0)) {
        int failure = index_commit(indexer->index);
        if (failure != 0)
            return failure;
        gathered = 0;
        indexer->gathered_ns = 0;
    }
    turn->as_of = index_as_of(indexer->index);
    turn->timeout_ms = gathered == 0 ? -1 : (int)(left_ns / CLOCK_MILLISECOND_NS) + 1;
    return 0;
}

/* Closing commits the rest, and syncs. */
static void end(void *owner, int failure) {
    struct indexer *indexer = owner;
    (void)failure;
    index_close(indexer->index);
    indexer->index = NULL;
}

struct indexer *indexer_create(const char *ledger_dir, const char *index_dir,
                               struct counters *counters) {
    struct indexer *indexer = calloc(1, sizeof *indexer);
    struct follower_options options = {.name = "index",
                                       .ledger_dir = ledger_dir,
                                       .counters = counters,
                                       .as_of = COUNTER_INDEX,
                                       .state = COUNTER_INDEX_STATE,
                                       .gather_ns = READ_GATHER_NS};
    struct follower_listener listener = {begin, take_record, turn, end, indexer};
    counter_set(counters, COUNTER_INDEX_STATE, FOLLOWER_FAILED);
    if (indexer == NULL)
        return NULL;
    snprintf(indexer->dir, sizeof indexer->dir, "%s", index_dir);
    int failure = index_open(&indexer->index, index_dir, ledger_dir);
    if (failure == 0)
        indexer->follower = follower_create(&options, &listener);
    if (indexer->follower != NULL)
        return indexer;
    log_line(LOG_LEVEL_ERROR, "index_unavailable", "failure=\"%s\"", failure_name(failure));
    index_close(indexer->index);
    free(indexer);
    return NULL;
}

void indexer_destroy(struct indexer *indexer) {
    if (indexer == NULL)
        return;
    follower_destroy(indexer->follower);
    free(indexer);
}

struct wake *indexer_wake(struct indexer *indexer) {
    return follower_wake(indexer->follower);
}

struct index_reader *indexer_read(const struct indexer *indexer) {
    struct index_reader *reader = NULL;
    if (indexer != NULL)
        index_reader_open(&reader, indexer->dir); /* NULL on failure */
    return reader;
}
