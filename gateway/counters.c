/* A file of fixed size, mapped shared: the kernel keeps it when the process is killed. */
#include "gateway/counters.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/log.h"
#include "ledger/failure.h"

static const char *const VALUE_NAMES[COUNTERS_END] = {
    [COUNTER_PID] = "pid",
    [COUNTER_STATE] = "state",
    [COUNTER_EPOCH] = "epoch",
    [COUNTER_STARTED_NS] = "started_ns",
    [COUNTER_NEXT] = "next",
    [COUNTER_DURABLE] = "durable",
    [COUNTER_RELEASED] = "released",
    [COUNTER_SHADOW] = "shadow",
    [COUNTER_INDEX] = "index",
    [COUNTER_INDEX_STATE] = "index_state",
    [COUNTER_FEED] = "feed",
    [COUNTER_FEED_STATE] = "feed_state",
    [COUNTER_FEED_FRAMES] = "feed_frames",
    [COUNTER_FEED_EVENTS] = "feed_events",
    [COUNTER_FEED_SUBSCRIPTIONS] = "feed_subscriptions",
    [COUNTER_READER] = "reader",
    [COUNTER_SEALED] = "sealed",
    [COUNTER_CHECKPOINT] = "checkpoint",
    [COUNTER_MARK] = "mark",
    [COUNTER_SNAPSHOT] = "snapshot",
    [COUNTER_FRAMES] = "frames",
    [COUNTER_REQUESTS] = "requests",
    [COUNTER_REFUSED] = "refused",
    [COUNTER_REPEATED] = "repeated",
    [COUNTER_REPLIES] = "replies",
    [COUNTER_REPORTS] = "reports",
    [COUNTER_PAGES] = "pages",
    [COUNTER_SESSIONS_UP] = "sessions_up",
    [COUNTER_DROP_COPIES] = "drop_copies",
    [COUNTER_SESSIONS_LAGGED] = "sessions_lagged",
    [COUNTER_COMMITS] = "commits",
    [COUNTER_COMMITTED_BYTES] = "committed_bytes",
    [COUNTER_RING_BYTES] = "ring_bytes",
    [COUNTER_RING_WAITS] = "ring_waits",
    [COUNTER_VOLUME] = "volume",
    [COUNTER_DISK_FREE] = "disk_free",
    [COUNTER_DISK_STEP] = "disk_step",
    [COUNTER_TIME_LEAP_NS] = "time_leap_ns",
    [COUNTER_DIVERGED] = "diverged",
    [COUNTER_QUERIES] = "queries",
    [COUNTER_QUERIES_REFUSED] = "queries_refused",
    [COUNTER_QUERIES_WAITING] = "queries_waiting",
    [COUNTER_ANSWERS_DROPPED] = "answers_dropped",
};

static const char *const HISTOGRAM_NAMES[HISTOGRAMS_END] = {
    [HISTOGRAM_ANSWER] = "answer_ns",
    [HISTOGRAM_COMMIT] = "commit_ns",
    [HISTOGRAM_BATCH] = "batch_records",
};

static bool is_ours(const struct counters *counters) {
    return counters->magic == COUNTERS_MAGIC && counters->version == COUNTERS_VERSION &&
           counters->values_count == COUNTERS_END && counters->histograms_count == HISTOGRAMS_END;
}

static void describe(struct counters *counters) {
    if (!is_ours(counters))
        memset(counters, 0, sizeof *counters);
    memset(counters->values, 0, sizeof counters->values);
    memset(counters->histograms, 0, sizeof counters->histograms);
    for (size_t i = 0; i < COUNTERS_END; i++)
        snprintf(counters->values[i].name, COUNTER_NAME_BYTES, "%s", VALUE_NAMES[i]);
    for (size_t i = 0; i < HISTOGRAMS_END; i++)
        snprintf(counters->histograms[i].name, COUNTER_NAME_BYTES, "%s", HISTOGRAM_NAMES[i]);
    counters->version = COUNTERS_VERSION;
    counters->values_count = COUNTERS_END;
    counters->histograms_count = HISTOGRAMS_END;
    counters->magic = COUNTERS_MAGIC;
}

struct counters *counters_open(const char *folder) {
    char path[4096];
    snprintf(path, sizeof path, "%s/" COUNTERS_FILE, folder);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    /* Its blocks are taken now: a page that found no room later would be a SIGBUS. */
    int error = fd < 0 ? errno : posix_fallocate(fd, 0, sizeof(struct counters));
    if (error != 0) {
        errno = error;
        failure_errno("%s", path);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    void *memory = mmap(NULL, sizeof(struct counters), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (memory == MAP_FAILED) {
        failure_errno("%s", path);
        return NULL;
    }
    struct counters *counters = memory;
    describe(counters);
    return counters;
}

void counters_close(struct counters *counters) {
    if (counters != NULL)
        munmap(counters, sizeof *counters);
}

const struct counters *counters_look(const char *folder) {
    char path[4096];
    struct stat status;
    snprintf(path, sizeof path, "%s/" COUNTERS_FILE, folder);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    void *memory = MAP_FAILED;
    if (fstat(fd, &status) == 0 && status.st_size == (off_t)sizeof(struct counters))
        memory = mmap(NULL, sizeof(struct counters), PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (memory == MAP_FAILED)
        return NULL;
    if (is_ours(memory))
        return memory;
    munmap(memory, sizeof(struct counters));
    return NULL;
}

static uint32_t bucket_of(uint64_t value) {
    uint32_t bucket = value == 0 ? 0 : 64 - (uint32_t)__builtin_clzll(value);
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

void counter_histogram_add(struct counters *counters, enum histogram histogram, uint64_t value,
                           uint64_t times) {
    _Atomic uint64_t *bucket = &counters->histograms[histogram].buckets[bucket_of(value)];
    uint64_t before = atomic_load_explicit(bucket, memory_order_relaxed);
    atomic_store_explicit(bucket, before + times, memory_order_relaxed);
}

uint64_t counter_histogram_quantile(const struct counters *counters, enum histogram histogram,
                                    uint32_t ppm) {
    const _Atomic uint64_t *buckets = counters->histograms[histogram].buckets;
    uint64_t total = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        total += atomic_load_explicit(&buckets[i], memory_order_relaxed);
    if (total == 0)
        return 0;
    uint64_t wanted = (uint64_t)((double)total * ppm / 1e6);
    uint64_t seen = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += atomic_load_explicit(&buckets[i], memory_order_relaxed);
        if (seen > wanted)
            return UINT64_C(1) << i;
    }
    return UINT64_C(1) << (HISTOGRAM_BUCKETS - 1);
}
