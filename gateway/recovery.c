/* One attempt is a base and a walk; the loop over bases is in recover(). */
#include "gateway/recovery.h"

#include <string.h>

#include "engine/view.h"
#include "gateway/log.h"
#include "ledger/failure.h"
#include "ledger/genesis.h"
#include "ledger/region.h"
#include "ledger/snapshot.h"

static bool is_stopped(const struct recovery_options *options) {
    return options->stops != NULL && atomic_load(options->stops);
}

int recovery_follow(struct recovery *recovery, const struct recovery_options *options,
                    uint64_t *records) {
    struct reader_record record;
    struct finding finding;
    int step;
    while ((step = reader_next(recovery->reader, &record)) == READER_RECORD) {
        ++*records;
        if (replay_record(recovery->replay, record.bytes, record.size, &finding))
            continue;
        if (finding.kind != FINDING_EVENTS) {
            log_line(LOG_LEVEL_ERROR, "replay_stopped", "sequence=%lu kind=%s text=\"%s\"",
                     finding.sequence, finding_name(finding.kind), finding.text);
            return FAILURE_DAMAGED;
        }
    }
    return step == READER_PAUSE && is_stopped(options) ? FAILURE_STOPPED : step;
}

/* What the exchange was made with stands in record 0. */
static int read_genesis(struct recovery *recovery) {
    int failure = genesis_read(recovery->reader, &recovery->genesis);
    if (failure == FAILURE_DAMAGED)
        return failure_log(failure, "record 0 is no genesis");
    if (failure != 0)
        return failure_log(failure, "record 0, the genesis, cannot be read");
    return 0;
}

/* A snapshot is written of what is durable. One that lies past the end of the ledger says that
 * records, and answers, are lost: nothing goes on before somebody has looked, and has put it away
 * if it is of another ledger. */
static int check_end(struct recovery *recovery, uint64_t next) {
    struct merkle_head head;
    int failure = reader_head(recovery->reader, &head);
    if (failure != 0 || next <= head.size)
        return failure;
    recovery->is_cut = true;
    return failure_log(FAILURE_DAMAGED,
                       "a snapshot holds %lu records and the ledger ends after %lu: the rest is "
                       "missing",
                       next, head.size);
}

/* Whether a snapshot is of this exchange: its operators' keys are nobody else's. */
static bool is_ours(const struct recovery *recovery, const struct engine *engine) {
    struct key_view key;
    for (uint32_t i = 0; i < 2; i++)
        if (!engine_key(engine, i + 1, &key) ||
            memcmp(key.key, recovery->genesis.operators[i].key, KEY_BYTES) != 0)
            return false;
    return true;
}

/* Whether a snapshot may be begun with; if not it is given back. */
static int judge_snapshot(struct recovery *recovery, struct snapshot_loaded *loaded) {
    int failure = FAILURE_DAMAGED;
    if (is_ours(recovery, loaded->engine))
        failure = check_end(recovery, loaded->facts.next);
    else
        log_line(LOG_LEVEL_WARNING, "snapshot_foreign", "next=%lu", loaded->facts.next);
    if (failure != 0)
        region_unmap(loaded->engine, loaded->size);
    return failure;
}

/* A replay that begins at the newest snapshot with next <= *next_most, which is lowered to what was
 * taken; without one at the beginning, *next_most 0. */
static int make_replay(struct recovery *recovery, const struct recovery_options *options,
                       uint64_t *next_most) {
    struct snapshot_loaded loaded;
    int failure = FAILURE_NOT_FOUND;
    if (*next_most > 0)
        failure = snapshot_load(options->snapshots_dir, *next_most, &loaded);
    *next_most = 0;
    if (failure == FAILURE_NOT_FOUND) {
        recovery->replay = replay_create(options->replay);
        return recovery->replay == NULL ? FAILURE_SYSTEM : 0;
    }
    if (failure != 0)
        return failure;
    *next_most = loaded.facts.next;
    failure = judge_snapshot(recovery, &loaded);
    if (failure != 0)
        return failure;
    struct replay_base base = {.engine = loaded.engine,
                               .engine_size = loaded.size,
                               .next = loaded.facts.next,
                               .notes = loaded.facts.notes,
                               .notes_size = loaded.facts.notes_size};
    recovery->replay = replay_resume(options->replay, &base);
    return recovery->replay == NULL ? FAILURE_DAMAGED : 0;
}

static int attempt(struct recovery *recovery, const struct recovery_options *options,
                   uint64_t *next_most) {
    int failure = make_replay(recovery, options, next_most);
    if (failure == 0) {
        recovery->base = *next_most;
        reader_seek(recovery->reader, *next_most);
        recovery->records = 0;
        do {
            failure = recovery_follow(recovery, options, &recovery->records);
        } while (failure == READER_PAUSE);
        reader_rest(recovery->reader);
    }
    if (failure == 0)
        recovery->has_diverged = replay_divergence(recovery->replay, &recovery->divergence);
    return failure;
}

static void drop_replay(struct recovery *recovery) {
    if (recovery->replay != NULL)
        replay_destroy(recovery->replay);
    recovery->replay = NULL;
}

int recover(struct recovery *recovery, const struct recovery_options *options) {
    uint64_t next_most = UINT64_MAX;
    *recovery = (struct recovery){0};
    int failure = reader_open(&recovery->reader, options->ledger_dir, false);
    if (failure != 0)
        return failure;
    failure = read_genesis(recovery);
    while (failure == 0) {
        failure = attempt(recovery, options, &next_most);
        bool is_good = failure == 0 && !recovery->has_diverged;
        bool is_last = next_most == 0 || recovery->is_cut || failure == FAILURE_STOPPED ||
                       failure == FAILURE_SYSTEM;
        if (is_good || is_last)
            break;
        log_line(LOG_LEVEL_WARNING, "snapshot_disagrees", "next=%lu", next_most);
        drop_replay(recovery);
        next_most--; /* an older one, or the beginning */
        failure = 0;
    }
    if (failure != 0)
        recovery_end(recovery);
    return failure;
}

void recovery_end(struct recovery *recovery) {
    drop_replay(recovery);
    if (recovery->reader != NULL)
        reader_close(recovery->reader);
    recovery->reader = NULL;
}
