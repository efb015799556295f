/* The follower thread replays; the writer thread digests and writes. An image passes between them
 * by one word: who owns it. */
#include "gateway/shadow.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "gateway/clock.h"
#include "gateway/follower.h"
#include "gateway/log.h"
#include "gateway/recovery.h"
#include "ledger/failure.h"
#include "ledger/snapshot.h"
#include "ledger/state_digest.h"

/* After it has caught up it lets records gather for so long, unless a query waits for them: a
 * wake-up for each commit would cost the core's threads more than the shadow's whole work. */
#define GATHER_NS (5 * CLOCK_MILLISECOND_NS)
/* The writer gives way to everybody. */
#define WRITER_NICE 15

enum image_owner { IMAGE_FREE, IMAGE_FULL }; /* FREE: the follower's; FULL: the writer's */

struct shadow {
    char ledger_dir[4096];
    char snapshots_dir[4096];
    struct wake *core;
    struct counters *counters;
    uint64_t diverged; /* known at the start */
    struct wake wake;
    struct wake writer_wake;
    pthread_t follower;
    pthread_t writer;
    uint32_t threads;
    _Atomic bool stops;
    _Atomic uint64_t next;      /* followed up to here */
    _Atomic uint64_t disagrees; /* sequence + 1 */
    /* Partners: shadow_serve() and the follower, who owns it from then on. */
    struct query_port *_Atomic port;

    struct recovery recovery;
    struct recovery_options options;
    struct replay_options replay_options;

    _Atomic uint32_t image_owner; /* enum image_owner */
    struct snapshot_image image;
    uint64_t image_mark;
    /* The digest of image_mark goes from the writer to the follower, and only then to the core: by
     * the time that the core has sequenced it the replay knows what to compare it with. */
    struct hash digest;
    _Atomic bool has_digest_for_replay;
    _Atomic bool has_digest_for_core;
};

/* --- the writer --------------------------------------------------------------------------------
 */

static void write_image(struct shadow *shadow) {
    int64_t begun_ns = clock_mono_ns();
    struct hasher *hasher = hasher_create(engine_profile(shadow->image.engine));
    assert(hasher != NULL);
    state_digest(hasher, shadow->image.engine, &shadow->digest);
    hasher_destroy(hasher);
    atomic_store(&shadow->has_digest_for_replay, true);
    wake_signal(&shadow->wake);
    int failure = snapshot_write(shadow->snapshots_dir, &shadow->image);
    log_line(failure == 0 ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "snapshot",
             "mark=%lu failure=\"%s\" ms=%ld", shadow->image_mark, failure_name(failure),
             (clock_mono_ns() - begun_ns) / CLOCK_MILLISECOND_NS);
    if (failure == 0)
        counter_set(shadow->counters, COUNTER_SNAPSHOT, shadow->image_mark);
}

/* The image is free again only when both have taken its digest. */
static bool is_digest_taken(const struct shadow *shadow) {
    return !atomic_load(&shadow->has_digest_for_core) &&
           !atomic_load(&shadow->has_digest_for_replay);
}

static void *run_writer(void *owner) {
    struct shadow *shadow = owner;
    pthread_setname_np(pthread_self(), "snapshots");
    setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), WRITER_NICE);
    while (!atomic_load(&shadow->stops)) {
        wake_announce(&shadow->writer_wake);
        if (atomic_load(&shadow->image_owner) == IMAGE_FREE && !atomic_load(&shadow->stops)) {
            wake_wait(&shadow->writer_wake, -1);
            continue;
        }
        wake_retract(&shadow->writer_wake);
        if (atomic_load(&shadow->stops))
            break;
        write_image(shadow);
        atomic_store(&shadow->image_owner, IMAGE_FREE);
    }
    return NULL;
}

/* --- the follower ------------------------------------------------------------------------------
 */

/* Copies the engine at a Mark, when the writer is free. */
static void take_image(void *owner, uint64_t sequence) {
    struct shadow *shadow = owner;
    struct snapshot_facts facts = {.next = sequence + 1,
                                   .limits = shadow->recovery.genesis.limits,
                                   .notes_size = REPLAY_NOTES_SIZE};
    size_t size;
    /* A replay that only recovers makes no snapshots of what it has just read. */
    if (atomic_load(&shadow->next) == 0 || shadow->recovery.replay == NULL)
        return;
    if (atomic_load(&shadow->image_owner) != IMAGE_FREE || !is_digest_taken(shadow)) {
        log_line(LOG_LEVEL_WARNING, "mark_passed", "mark=%lu", sequence);
        return;
    }
    const struct engine *engine = replay_engine(shadow->recovery.replay, &size);
    replay_notes(shadow->recovery.replay, facts.notes);
    if (snapshot_image_take(&shadow->image, engine, &facts) != 0)
        return;
    shadow->image_mark = sequence;
    atomic_store(&shadow->image_owner, IMAGE_FULL);
    wake_signal(&shadow->writer_wake);
}

static void expect_digest(struct shadow *shadow) {
    if (!atomic_load(&shadow->has_digest_for_replay))
        return;
    replay_expect(shadow->recovery.replay, shadow->image_mark, &shadow->digest);
    atomic_store(&shadow->has_digest_for_core, true);
    atomic_store(&shadow->has_digest_for_replay, false);
    wake_signal(shadow->core);
}

static void disagree(struct shadow *shadow, uint64_t sequence) {
    atomic_store(&shadow->disagrees, sequence + 1);
    counter_set(shadow->counters, COUNTER_DIVERGED, sequence + 1);
    wake_signal(shadow->core);
}

/* Follows what is durable, a part of it; looks whether all is well after each. Returns as
 * recovery_follow(); a failure ends following. */
static int follow(struct shadow *shadow, uint64_t *records) {
    struct divergence divergence;
    expect_digest(shadow);
    int step = recovery_follow(&shadow->recovery, &shadow->options, records);
    uint64_t next = replay_next(shadow->recovery.replay);
    if (step >= 0 && replay_divergence(shadow->recovery.replay, &divergence) &&
        divergence.sequence + 1 != shadow->diverged) {
        log_line(LOG_LEVEL_ERROR, "shadow_disagrees", "sequence=%lu", divergence.sequence);
        disagree(shadow, divergence.sequence);
        return FAILURE_DAMAGED;
    }
    if (step < 0 && step != FAILURE_STOPPED)
        disagree(shadow, next);
    atomic_store(&shadow->next, next);
    counter_set(shadow->counters, COUNTER_SHADOW, next);
    if (step == READER_END)
        counter_set(shadow->counters, COUNTER_SHADOW_STATE, FOLLOWER_LIVE);
    if (step < 0 && step != FAILURE_STOPPED)
        counter_set(shadow->counters, COUNTER_SHADOW_STATE, FOLLOWER_FAILED);
    return step;
}

static bool is_behind(const struct shadow *shadow) {
    return counter_get(shadow->counters, COUNTER_DURABLE) > atomic_load(&shadow->next);
}

/* Lets records gather until then, serving queries meanwhile. */
static void gather(struct query_port *port, int64_t until_ns) {
    int64_t left_ns = until_ns - clock_mono_ns();
    struct timespec left = {.tv_nsec = left_ns};
    if (left_ns <= 0)
        return;
    if (port != NULL)
        query_port_sleep(port, -1, left_ns);
    else
        nanosleep(&left, NULL);
}

static void sleep_until_more(struct shadow *shadow, struct query_port *port) {
    wake_announce(&shadow->wake);
    bool has_more = atomic_load(&shadow->stops) || atomic_load(&shadow->has_digest_for_replay) ||
                    is_behind(shadow) || atomic_load(&shadow->port) != port;
    if (has_more) {
        wake_retract(&shadow->wake);
    } else if (port != NULL) {
        query_port_sleep(port, shadow->wake.fd, -1);
        wake_retract(&shadow->wake);
    } else {
        wake_wait(&shadow->wake, -1);
    }
}

/* Follows, and answers queries between two commands, in turns. */
static void follow_and_serve(struct shadow *shadow) {
    int step = READER_PAUSE;
    uint64_t records = 0; /* since it had caught up */
    int64_t gathered_ns = 0;
    while (step >= 0 && !atomic_load(&shadow->stops)) {
        struct query_port *port = atomic_load(&shadow->port);
        bool is_hasty =
            atomic_load(&shadow->has_digest_for_replay) || (port != NULL && query_port_waits(port));
        bool gathers = step == READER_END && !is_hasty && clock_mono_ns() < gathered_ns;
        if (!gathers && (step == READER_PAUSE || is_hasty || is_behind(shadow)))
            step = follow(shadow, &records);
        if (step < 0 || replay_is_within(shadow->recovery.replay))
            continue;
        bool is_busy =
            port != NULL && query_port_serve(port, replay_engine(shadow->recovery.replay, NULL),
                                             atomic_load(&shadow->next));
        if (step == READER_PAUSE)
            continue;
        reader_rest(shadow->recovery.reader);
        if (records > 0)
            gathered_ns = clock_mono_ns() + GATHER_NS;
        records = 0;
        if (is_busy)
            continue;
        if (gathers || clock_mono_ns() < gathered_ns)
            gather(port, gathered_ns);
        else
            sleep_until_more(shadow, port);
    }
}

/* For tests that turn a bit in it. */
static void tell_region(const struct shadow *shadow) {
    size_t bytes;
    const struct engine *engine = replay_engine(shadow->recovery.replay, &bytes);
    if (shadow->recovery.genesis.environment == ENVIRONMENT_TEST)
        log_line(LOG_LEVEL_INFO, "region", "of=shadow at=%p bytes=%zu", (const void *)engine,
                 bytes);
}

static void *run_follower(void *owner) {
    struct shadow *shadow = owner;
    int64_t begun_ns = clock_mono_ns();
    pthread_setname_np(pthread_self(), "shadow");
    counter_set(shadow->counters, COUNTER_SHADOW_STATE, FOLLOWER_STARTING);
    int failure = recover(&shadow->recovery, &shadow->options);
    if (failure != 0) {
        counter_set(shadow->counters, COUNTER_SHADOW_STATE, FOLLOWER_FAILED);
        if (failure != FAILURE_STOPPED)
            disagree(shadow, 0);
        return NULL;
    }
    atomic_store(&shadow->next, replay_next(shadow->recovery.replay));
    log_line(LOG_LEVEL_INFO, "shadow_ready", "base=%lu records=%lu ms=%ld", shadow->recovery.base,
             shadow->recovery.records, (clock_mono_ns() - begun_ns) / CLOCK_MILLISECOND_NS);
    tell_region(shadow);
    counter_set(shadow->counters, COUNTER_SHADOW_STATE, FOLLOWER_BEHIND);
    follow_and_serve(shadow);
    if (counter_get(shadow->counters, COUNTER_SHADOW_STATE) != FOLLOWER_FAILED)
        counter_set(shadow->counters, COUNTER_SHADOW_STATE, FOLLOWER_STOPPED);
    return NULL;
}

/* --- the core's side ---------------------------------------------------------------------------
 */

static int start(struct shadow *shadow) {
    int failure = wake_init(&shadow->wake);
    if (failure == 0)
        failure = wake_init(&shadow->writer_wake);
    if (failure != 0)
        return failure;
    if (pthread_create(&shadow->follower, NULL, run_follower, shadow) == 0)
        shadow->threads++;
    if (shadow->threads == 1 && pthread_create(&shadow->writer, NULL, run_writer, shadow) == 0)
        shadow->threads++;
    return shadow->threads == 2 ? 0 : failure_log(FAILURE_SYSTEM, "shadow threads");
}

struct shadow *shadow_create(const char *ledger_dir, const char *snapshots_dir, struct wake *core,
                             struct counters *counters, uint64_t diverged) {
    struct shadow *shadow = calloc(1, sizeof *shadow);
    if (shadow == NULL)
        return NULL;
    shadow->wake.fd = -1;
    shadow->writer_wake.fd = -1;
    snprintf(shadow->ledger_dir, sizeof shadow->ledger_dir, "%s", ledger_dir);
    snprintf(shadow->snapshots_dir, sizeof shadow->snapshots_dir, "%s", snapshots_dir);
    shadow->core = core;
    shadow->counters = counters;
    shadow->diverged = diverged;
    shadow->replay_options = (struct replay_options){.mark = take_image, .owner = shadow};
    shadow->options = (struct recovery_options){
        .ledger_dir = shadow->ledger_dir,
        .snapshots_dir = shadow->snapshots_dir,
        .replay = &shadow->replay_options,
        .stops = &shadow->stops,
    };
    if (start(shadow) == 0)
        return shadow;
    shadow_destroy(shadow);
    return NULL;
}

void shadow_destroy(struct shadow *shadow) {
    if (shadow == NULL)
        return;
    atomic_store(&shadow->stops, true);
    wake_signal(&shadow->wake);
    wake_signal(&shadow->writer_wake);
    if (shadow->threads > 0)
        pthread_join(shadow->follower, NULL);
    if (shadow->threads > 1)
        pthread_join(shadow->writer, NULL);
    recovery_end(&shadow->recovery);
    snapshot_image_free(&shadow->image);
    wake_fini(&shadow->wake);
    wake_fini(&shadow->writer_wake);
    free(shadow);
}

struct wake *shadow_wake(struct shadow *shadow) {
    return &shadow->wake;
}

void shadow_serve(struct shadow *shadow, struct query_port *port) {
    assert(atomic_load(&shadow->port) == NULL);
    atomic_store(&shadow->port, port);
    wake_signal(&shadow->wake);
}

bool shadow_take_digest(struct shadow *shadow, struct digest *digest) {
    if (!atomic_load(&shadow->has_digest_for_core))
        return false;
    digest->mark = shadow->image_mark;
    memcpy(digest->digest, shadow->digest.bytes, HASH_BYTES);
    atomic_store(&shadow->has_digest_for_core, false);
    return true;
}

bool shadow_has_news(const struct shadow *shadow) {
    return atomic_load(&shadow->has_digest_for_core) || atomic_load(&shadow->disagrees) != 0;
}

uint64_t shadow_disagrees(const struct shadow *shadow) {
    return atomic_load(&shadow->disagrees);
}

bool shadow_is_done(const struct shadow *shadow, uint64_t next) {
    return atomic_load(&shadow->next) >= next && atomic_load(&shadow->image_owner) == IMAGE_FREE &&
           !atomic_load(&shadow->has_digest_for_replay);
}
