/* The ledger thread takes whatever has queued, so a commit is as large as the one before it took
 * time: little work makes small commits and short waits, much work large ones. */
#include "gateway/pipeline.h"

#include <assert.h>
#include <string.h>

#include "gateway/allocation.h"
#include "gateway/clock.h"
#include "gateway/entry.h"
#include "gateway/log.h"
#include "gateway/signing.h"
#include "ledger/failure.h"

/* --- agreement, on the core's thread -----------------------------------------------------------
 */

static struct pipeline *of(struct agree *agree) {
    return (struct pipeline *)(void *)((char *)agree - offsetof(struct pipeline, agree));
}

static uint8_t *agree_room(struct agree *agree, size_t size) {
    return byte_ring_reserve(&of(agree)->ring, size);
}

static void agree_submit(struct agree *agree, uint64_t epoch, uint64_t sequence, size_t size) {
    assert(epoch == of(agree)->epoch);
    (void)sequence; /* the ring keeps the order */
    byte_ring_append(&of(agree)->ring, size);
}

static void agree_whole(struct agree *agree) {
    struct pipeline *pipeline = of(agree);
    pipeline->whole = pipeline->ring.write;
}

static void agree_flush(struct agree *agree) {
    struct pipeline *pipeline = of(agree);
    if (byte_ring_is_empty(&pipeline->ring, pipeline->whole))
        return; /* nothing new */
    byte_ring_publish_to(&pipeline->ring, pipeline->whole);
    wake_signal(&pipeline->wake);
}

static void agree_poll(struct agree *agree) {
    struct pipeline *pipeline = of(agree);
    uint64_t durable = pipeline_durable(pipeline);
    if (durable > pipeline->committed) {
        pipeline->committed = durable;
        pipeline->listener.committed(pipeline->listener.owner, durable);
    }
    if (!pipeline->is_told && atomic_load(&pipeline->failure) != 0) {
        pipeline->is_told = true;
        pipeline->listener.unknown(pipeline->listener.owner, pipeline_durable(pipeline));
    }
}

bool pipeline_has_news(const struct pipeline *pipeline) {
    return pipeline_durable(pipeline) > pipeline->committed ||
           (!pipeline->is_told && atomic_load(&pipeline->failure) != 0);
}

/* --- the ledger thread -------------------------------------------------------------------------
 */

/* What one commit is made of. */
struct batch {
    uint64_t records;
    uint64_t bytes;
    uint64_t position; /* in the ring */
    bool has_seal;
    struct merkle_head sealed; /* the tree whose last leaf is the last Seal of the batch */
};

static bool is_full(const struct batch *batch) {
    return batch->records >= PIPELINE_BATCH_RECORDS || batch->bytes >= PIPELINE_BATCH_BYTES;
}

static int append_entry(struct pipeline *pipeline, const struct entry *entry, struct batch *batch) {
    int failure = journal_append(pipeline->journal, entry_record(entry), entry->record_bytes);
    batch->records++;
    batch->bytes += entry->record_bytes;
    if (failure == 0 && entry->verb == VERB_SEAL) {
        journal_head(pipeline->journal, &batch->sealed);
        batch->has_seal = true;
    }
    return failure;
}

/* Appends what has queued, whole commands. */
static int take_batch(struct pipeline *pipeline, struct batch *batch) {
    bool is_between = true; /* between two commands */
    size_t size;
    int failure = 0;
    while (failure == 0 && !(is_between && is_full(batch))) {
        const struct entry *entry = (const struct entry *)(const void *)byte_ring_next(
            &pipeline->ring, &batch->position, &size);
        if (entry == NULL)
            break;
        is_between = entry->is_last;
        failure = append_entry(pipeline, entry, batch);
    }
    assert(failure != 0 || is_between); /* commands are flushed whole */
    return failure;
}

/* Puts what the signer has made into the commit; *put says whether there was anything. */
static int take_checkpoints(struct pipeline *pipeline, bool *put) {
    uint64_t tree_size;
    size_t note_size;
    const char *note;
    *put = false;
    while (pipeline->signing != NULL &&
           (note = signing_take(pipeline->signing, &tree_size, &note_size)) != NULL) {
        int failure = journal_put_checkpoint(pipeline->journal, tree_size, note, note_size);
        if (failure != 0 && failure != FAILURE_EXISTS)
            return failure;
        *put = true;
        counter_set(pipeline->counters, COUNTER_CHECKPOINT, tree_size);
    }
    return 0;
}

static void publish(struct pipeline *pipeline, const struct batch *batch, int64_t now_ns) {
    uint64_t durable = journal_durable(pipeline->journal);
    if (pipeline->stages != NULL)
        stages_durable(pipeline->stages, durable, now_ns);
    /* Partner: the acquire in pipeline_durable(). */
    atomic_store_explicit(&pipeline->durable, durable, memory_order_release);
    counter_set(pipeline->counters, COUNTER_DURABLE, durable); /* followers look here */
    wake_signal(pipeline->core);
    for (uint32_t i = 0; i < pipeline->followers_count; i++)
        wake_signal(pipeline->followers[i]);
    counter_add(pipeline->counters, COUNTER_COMMITS, 1);
    counter_add(pipeline->counters, COUNTER_COMMITTED_BYTES, batch->bytes);
    counter_histogram_add(pipeline->counters, HISTOGRAM_RECORDS_COMMIT, batch->records, 1);
    if (batch->has_seal) {
        counter_set(pipeline->counters, COUNTER_SEALED, batch->sealed.size);
        if (pipeline->signing != NULL)
            signing_push(pipeline->signing, &batch->sealed);
    }
}

/* Tells whoever looks at the counters what the thread is at, and since when. Returns now. */
static int64_t doing(struct pipeline *pipeline, enum doing what) {
    int64_t now_ns = clock_mono_ns();
    counter_set(pipeline->counters, COUNTER_LEDGER_SINCE_NS, (uint64_t)now_ns);
    counter_set(pipeline->counters, COUNTER_LEDGER_DOING, what);
    return now_ns;
}

static bool is_roll_due(const struct pipeline *pipeline) {
    uint64_t from = atomic_load_explicit(&pipeline->roll_from, memory_order_acquire);
    return journal_is_large(pipeline->journal) ||
           (from != 0 && journal_durable(pipeline->journal) >= from);
}

static int roll_if_due(struct pipeline *pipeline) {
    if (!is_roll_due(pipeline))
        return 0;
    uint64_t from = atomic_load_explicit(&pipeline->roll_from, memory_order_acquire);
    if (from != 0 && journal_durable(pipeline->journal) >= from)
        atomic_store_explicit(&pipeline->roll_from, 0, memory_order_relaxed);
    doing(pipeline, DOING_VOLUME);
    int failure = journal_roll(pipeline->journal);
    counter_set(pipeline->counters, COUNTER_VOLUME, journal_volume(pipeline->journal));
    if (failure == 0)
        log_line(LOG_LEVEL_INFO, "volume_begun", "number=%u first=%lu",
                 journal_volume(pipeline->journal), journal_durable(pipeline->journal));
    return failure;
}

/* Appends and commits what has queued; *is_idle when there was nothing to do. */
static int commit_queued(struct pipeline *pipeline, uint64_t *position, bool *is_idle) {
    struct batch batch = {.position = *position};
    bool has_notes = false;
    doing(pipeline, DOING_APPEND);
    int failure = take_batch(pipeline, &batch);
    if (failure == 0)
        failure = take_checkpoints(pipeline, &has_notes);
    *is_idle = batch.records == 0 && !has_notes;
    if (failure != 0 || *is_idle)
        return failure;
    int64_t begun_ns = doing(pipeline, DOING_COMMIT);
    failure = journal_commit(pipeline->journal);
    if (failure != 0)
        return failure;
    int64_t now_ns = clock_mono_ns();
    *position = batch.position;
    if (batch.records > 0)
        publish(pipeline, &batch, now_ns);
    counter_histogram_add(pipeline->counters, HISTOGRAM_DISK_COMMIT, (uint64_t)(now_ns - begun_ns),
                          1);
    return 0;
}

static int commit_once(struct pipeline *pipeline, uint64_t *position, bool *is_idle) {
    allocation_forbid();
    int failure = commit_queued(pipeline, position, is_idle);
    allocation_allow();
    return failure == 0 ? roll_if_due(pipeline) : failure;
}

static void sleep_long(struct pipeline *pipeline) {
    counter_set(pipeline->counters, COUNTER_LEDGER_DOING, DOING_SLEEP);
    wake_wait(&pipeline->wake, -1);
}

static void sleep_until_work(struct pipeline *pipeline, uint64_t position) {
    wake_announce(&pipeline->wake);
    bool has_work = !byte_ring_is_empty(&pipeline->ring, position) ||
                    atomic_load(&pipeline->stops) || is_roll_due(pipeline) ||
                    (pipeline->signing != NULL && signing_is_ready(pipeline->signing));
    if (has_work)
        wake_retract(&pipeline->wake);
    else
        sleep_long(pipeline);
}

static void *run(void *owner) {
    struct pipeline *pipeline = owner;
    uint64_t position = 0;
    pthread_setname_np(pthread_self(), "ledger");
    for (;;) {
        bool is_idle;
        bool stops = atomic_load(&pipeline->stops); /* before the last look at what is to be done */
        int failure = commit_once(pipeline, &position, &is_idle);
        if (failure != 0) {
            log_line(LOG_LEVEL_ERROR, "ledger_stopped", "failure=\"%s\" durable=%lu",
                     failure_name(failure), journal_durable(pipeline->journal));
            atomic_store(&pipeline->failure, failure);
            wake_signal(pipeline->core);
            return NULL;
        }
        if (!is_idle)
            continue;
        if (stops && byte_ring_is_empty(&pipeline->ring, position)) {
            counter_set(pipeline->counters, COUNTER_LEDGER_DOING, DOING_SLEEP);
            return NULL;
        }
        sleep_until_work(pipeline, position);
    }
}

/* --- public ------------------------------------------------------------------------------------
 */

int pipeline_init(struct pipeline *pipeline, const struct pipeline_parts *parts) {
    *pipeline = (struct pipeline){
        .agree = {agree_room, agree_submit, agree_whole, agree_flush, agree_poll},
        .journal = parts->journal,
        .counters = parts->counters,
        .stages = parts->stages,
        .signing = parts->signing,
        .core = parts->core,
        .wake = {.fd = -1},
    };
    pipeline->committed = journal_durable(parts->journal);
    atomic_init(&pipeline->durable, pipeline->committed);
    assert(parts->ring_bytes >= PIPELINE_RING_BYTES_MIN);
    assert(parts->ring_bytes <= PIPELINE_RING_BYTES_MAX);
    int failure = byte_ring_init(&pipeline->ring, parts->ring_bytes, PIPELINE_RING_EARLY);
    return failure != 0 ? failure : wake_init(&pipeline->wake);
}

void pipeline_follow(struct pipeline *pipeline, struct wake *follower) {
    assert(!pipeline->is_running && pipeline->followers_count < PIPELINE_FOLLOWERS_MAX);
    pipeline->followers[pipeline->followers_count++] = follower;
}

int pipeline_start(struct pipeline *pipeline, const struct agree_listener *listener,
                   uint64_t epoch) {
    pipeline->listener = *listener;
    pipeline->epoch = epoch;
    counter_set(pipeline->counters, COUNTER_DURABLE, pipeline->committed);
    counter_set(pipeline->counters, COUNTER_VOLUME, journal_volume(pipeline->journal));
    int error = pthread_create(&pipeline->thread, NULL, run, pipeline);
    if (error != 0)
        return failure_log(FAILURE_SYSTEM, "ledger thread: %s", strerror(error));
    pipeline->is_running = true;
    listener->role(listener->owner, AGREE_LEADER, epoch);
    return 0;
}

void pipeline_stop(struct pipeline *pipeline) {
    if (!pipeline->is_running)
        return;
    atomic_store(&pipeline->stops, true);
    wake_signal(&pipeline->wake);
    pthread_join(pipeline->thread, NULL);
    pipeline->is_running = false;
    bool has_notes = false;
    if (pipeline->signing == NULL || atomic_load(&pipeline->failure) != 0)
        return;
    /* The last Seal's checkpoint is still on its way. */
    signing_drain(pipeline->signing);
    if (take_checkpoints(pipeline, &has_notes) == 0 && has_notes)
        journal_commit(pipeline->journal);
}

void pipeline_fini(struct pipeline *pipeline) {
    wake_fini(&pipeline->wake);
    byte_ring_fini(&pipeline->ring);
}

void pipeline_roll(struct pipeline *pipeline, uint64_t sequence) {
    atomic_store_explicit(&pipeline->roll_from, sequence, memory_order_release);
    wake_signal(&pipeline->wake);
}
