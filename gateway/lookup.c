/* The thread: takes jobs, walks on with pages and repeats in turn, hands results over, sleeps. */
#include "gateway/lookup.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/answer_walk.h"
#include "gateway/byte_ring.h"
#include "gateway/log.h"
#include "gateway/page_scan.h"
#include "ledger/failure.h"

#define PAGES_RING_BYTES   ((size_t)1 << 20)
#define REPEATS_RING_BYTES ((size_t)4 << 20)
#define RESULTS_RING_BYTES ((size_t)1 << 20)

struct lookup {
    struct reader *reader;
    struct page_index *index;
    struct page_scan *scan;
    struct answer_walk *walk;
    struct wake *core;
    struct wake wake;
    pthread_t thread;
    bool is_running;
    _Atomic bool stops;
    _Atomic int failure;
    struct byte_ring pages;   /* jobs, core to this thread */
    struct byte_ring repeats; /* likewise: a job and its request's bytes */
    struct byte_ring results; /* this thread to core */
    uint64_t pages_position;
    uint64_t repeats_position;
    uint64_t results_position; /* the core's */
    uint32_t jobs;             /* the core's: see lookup_jobs() */
};

/* --- the thread --------------------------------------------------------------------------------
 */

/* Waits for the core when it does not take results: it holds thousands of them. */
static uint8_t *result_room(struct lookup *lookup) {
    struct timespec millisecond = {.tv_nsec = 1000000};
    uint8_t *room = byte_ring_reserve(&lookup->results, sizeof(struct lookup_result));
    while (room == NULL && !atomic_load(&lookup->stops)) {
        wake_signal(lookup->core);
        nanosleep(&millisecond, NULL);
        room = byte_ring_reserve(&lookup->results, sizeof(struct lookup_result));
    }
    return room;
}

static void hand_over(struct lookup *lookup, struct lookup_result *result) {
    uint8_t *room = result_room(lookup);
    if (room == NULL) {
        if (result->has_frame)
            zmq_msg_close(&result->frame);
        return;
    }
    struct lookup_result *out = (struct lookup_result *)(void *)room;
    *out = *result;
    if (result->has_frame) {
        zmq_msg_init(&out->frame);
        zmq_msg_move(&out->frame, &result->frame);
        zmq_msg_close(&result->frame);
    }
    byte_ring_append(&lookup->results, sizeof *out);
    byte_ring_publish(&lookup->results);
    wake_signal(lookup->core);
}

static void take_pages(struct lookup *lookup) {
    const uint8_t *bytes;
    size_t size;
    while (page_scan_has_room(lookup->scan) &&
           (bytes = byte_ring_next(&lookup->pages, &lookup->pages_position, &size)) != NULL) {
        struct lookup_job job;
        memcpy(&job, bytes, sizeof job);
        page_scan_add(lookup->scan, &job);
    }
    byte_ring_free(&lookup->pages, lookup->pages_position);
}

static void take_repeat(struct lookup *lookup) {
    size_t size;
    const uint8_t *bytes;
    if (answer_walk_is_busy(lookup->walk))
        return;
    bytes = byte_ring_next(&lookup->repeats, &lookup->repeats_position, &size);
    if (bytes == NULL)
        return;
    struct lookup_job job;
    memcpy(&job, bytes, sizeof job);
    answer_walk_begin(lookup->walk, &job, (struct span){bytes + sizeof job, size - sizeof job});
    byte_ring_free(&lookup->repeats, lookup->repeats_position);
}

/* The ledger cannot be read: the core is told, and stops the exchange. */
static void fail(struct lookup *lookup, int failure) {
    atomic_store(&lookup->failure, failure);
    wake_signal(lookup->core);
}

/* One turn of each. Returns true when there is more to do at once. */
static bool work(struct lookup *lookup) {
    struct lookup_result result;
    bool is_busy = false;
    take_pages(lookup);
    if (page_scan_is_busy(lookup->scan)) {
        int step = page_scan_step(lookup->scan, &result);
        if (step == 1)
            hand_over(lookup, &result);
        is_busy = true;
        if (step < 0)
            fail(lookup, step);
    }
    take_repeat(lookup);
    if (answer_walk_is_busy(lookup->walk)) {
        int step = answer_walk_step(lookup->walk, &result);
        if (step == ANSWER_RESULT)
            hand_over(lookup, &result);
        if (step < 0)
            fail(lookup, step);
        is_busy = is_busy || step == ANSWER_RESULT || step == ANSWER_MORE;
    }
    return is_busy;
}

static bool has_jobs(const struct lookup *lookup) {
    return (page_scan_has_room(lookup->scan) &&
            !byte_ring_is_empty(&lookup->pages, lookup->pages_position)) ||
           (!answer_walk_is_busy(lookup->walk) &&
            !byte_ring_is_empty(&lookup->repeats, lookup->repeats_position));
}

static void *run(void *owner) {
    struct lookup *lookup = owner;
    pthread_setname_np(pthread_self(), "lookup");
    while (!atomic_load(&lookup->stops) && atomic_load(&lookup->failure) == 0) {
        if (work(lookup))
            continue;
        reader_rest(lookup->reader);
        wake_announce(&lookup->wake);
        /* A repeat that waits for its request to be durable looks again soon: a wake-up at each
         * commit, for so rare a thing, would cost more. */
        if (has_jobs(lookup) || atomic_load(&lookup->stops))
            wake_retract(&lookup->wake);
        else
            wake_wait(&lookup->wake, answer_walk_is_busy(lookup->walk) ? 1 : -1);
    }
    return NULL;
}

/* --- starting ----------------------------------------------------------------------------------
 */

/* The index reader, if any, is the lookup's from here on. */
static int start(struct lookup *lookup, const char *ledger_dir, const struct owners *owners,
                 struct index_reader *index) {
    lookup->index = page_index_create(index, ledger_dir);
    int failure = byte_ring_init(&lookup->pages, PAGES_RING_BYTES, 0);
    if (failure == 0)
        failure = byte_ring_init(&lookup->repeats, REPEATS_RING_BYTES, 0);
    if (failure == 0)
        failure = byte_ring_init(&lookup->results, RESULTS_RING_BYTES, 0);
    if (failure == 0)
        failure = wake_init(&lookup->wake);
    if (failure == 0)
        failure = reader_open(&lookup->reader, ledger_dir, false);
    if (failure != 0)
        return failure;
    lookup->scan = page_scan_create(lookup->reader, owners, lookup->index);
    lookup->walk = answer_walk_create(lookup->reader);
    if (lookup->index == NULL || lookup->scan == NULL || lookup->walk == NULL)
        return failure_log(FAILURE_SYSTEM, "no memory for lookups");
    int error = pthread_create(&lookup->thread, NULL, run, lookup);
    if (error != 0)
        return failure_log(FAILURE_SYSTEM, "lookup thread: %s", strerror(error));
    lookup->is_running = true;
    return 0;
}

struct lookup *lookup_create(const char *ledger_dir, const struct owners *owners,
                             struct index_reader *index, struct wake *core) {
    struct lookup *lookup = calloc(1, sizeof *lookup);
    if (lookup == NULL) {
        index_reader_close(index);
        return NULL;
    }
    lookup->wake.fd = -1;
    lookup->core = core;
    if (start(lookup, ledger_dir, owners, index) == 0)
        return lookup;
    lookup_destroy(lookup);
    return NULL;
}

void lookup_destroy(struct lookup *lookup) {
    struct lookup_result result;
    if (lookup == NULL)
        return;
    if (lookup->is_running) {
        atomic_store(&lookup->stops, true);
        wake_signal(&lookup->wake);
        pthread_join(lookup->thread, NULL);
    }
    while (lookup->results.memory != NULL && lookup_take(lookup, &result))
        if (result.has_frame)
            zmq_msg_close(&result.frame);
    page_scan_destroy(lookup->scan);
    page_index_destroy(lookup->index);
    answer_walk_destroy(lookup->walk);
    if (lookup->reader != NULL)
        reader_close(lookup->reader);
    wake_fini(&lookup->wake);
    byte_ring_fini(&lookup->results);
    byte_ring_fini(&lookup->repeats);
    byte_ring_fini(&lookup->pages);
    free(lookup);
}

/* --- the core's side ---------------------------------------------------------------------------
 */

bool lookup_submit(struct lookup *lookup, const struct lookup_job *job, struct span request) {
    struct byte_ring *ring = job->kind == LOOKUP_PAGE ? &lookup->pages : &lookup->repeats;
    uint8_t *room = byte_ring_reserve(ring, sizeof *job + request.size);
    if (room == NULL)
        return false;
    memcpy(room, job, sizeof *job);
    if (request.size > 0)
        memcpy(room + sizeof *job, request.bytes, request.size);
    byte_ring_append(ring, sizeof *job + request.size);
    byte_ring_publish(ring);
    wake_signal(&lookup->wake);
    lookup->jobs++;
    return true;
}

bool lookup_take(struct lookup *lookup, struct lookup_result *result) {
    size_t size;
    const uint8_t *bytes = byte_ring_next(&lookup->results, &lookup->results_position, &size);
    if (bytes == NULL)
        return false;
    struct lookup_result *stored = (struct lookup_result *)(uintptr_t)bytes;
    *result = *stored;
    if (stored->has_frame) {
        zmq_msg_init(&result->frame);
        zmq_msg_move(&result->frame, &stored->frame);
        zmq_msg_close(&stored->frame);
    }
    byte_ring_free(&lookup->results, lookup->results_position);
    if (result->is_last)
        lookup->jobs--;
    return true;
}

uint32_t lookup_jobs(const struct lookup *lookup) {
    return lookup->jobs;
}

bool lookup_has_results(const struct lookup *lookup) {
    return !byte_ring_is_empty(&lookup->results, lookup->results_position) ||
           atomic_load(&lookup->failure) != 0;
}

int lookup_failure(const struct lookup *lookup) {
    return atomic_load(&lookup->failure);
}
