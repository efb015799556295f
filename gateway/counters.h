/*
 * Counters in a file mapped into memory: what the exchange does, readable while it runs, hangs, or
 * is dead.
 *
 * The file describes itself: a head, then named values, then named histograms of durations, then
 * the note of the request being applied (quarantine.h). `tpx status` maps it and reads; nothing is
 * ever sent. Each value has one thread that writes it; readers see each value whole, but not all at
 * one moment.
 *
 * Threads: any, one writer a counter.
 */
#ifndef GATEWAY_COUNTERS_H
#define GATEWAY_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>

#include "engine/types.h"

/* Name of the file in the exchange's folder. */
#define COUNTERS_FILE    "counters"
#define COUNTERS_MAGIC   UINT64_C(0x315354434e585054) /* "TPXNCTS1" */
#define COUNTERS_VERSION 1

enum counter {
    COUNTER_PID,
    COUNTER_STATE, /* enum exchange_state (exchange.h) */
    COUNTER_EPOCH,
    COUNTER_STARTED_NS,         /* wall time */
    COUNTER_NEXT,               /* sequence of the next record */
    COUNTER_DURABLE,            /* everything below is durable */
    COUNTER_RELEASED,           /* everything below is answered */
    COUNTER_SHADOW,             /* as-of of the shadow */
    COUNTER_INDEX,              /* as-of of the index, as it is stored */
    COUNTER_INDEX_STATE,        /* enum follower_state (follower.h) */
    COUNTER_FEED,               /* as-of of the feed: everything below was told */
    COUNTER_FEED_STATE,         /* enum follower_state (follower.h) */
    COUNTER_FEED_FRAMES,        /* frames sent, each once for all who listen */
    COUNTER_FEED_EVENTS,        /* events in them */
    COUNTER_FEED_SUBSCRIPTIONS, /* to a channel or to all, that are on now */
    COUNTER_READER,             /* as-of of the last page read for a session */
    COUNTER_SEALED,             /* size of the tree at the last Seal that is durable */
    COUNTER_CHECKPOINT,         /* size of the last checkpoint stored */
    COUNTER_MARK,               /* sequence of the last Mark */
    COUNTER_SNAPSHOT,           /* Mark of the last snapshot written */
    COUNTER_FRAMES,             /* frames taken from clients */
    COUNTER_REQUESTS,           /* requests sequenced */
    COUNTER_REFUSED,            /* requests refused by the gateway */
    COUNTER_REPEATED,           /* requests answered from the ledger */
    COUNTER_REPLIES,            /* frames sent */
    COUNTER_REPORTS,            /* reports sent in them */
    COUNTER_PAGES,              /* pages sent to sessions that resume or lag */
    COUNTER_SESSIONS_UP,
    COUNTER_DROP_COPIES,     /* participants whose drop copy listens */
    COUNTER_SESSIONS_LAGGED, /* times that a session or drop copy did not keep up */
    COUNTER_COMMITS,
    COUNTER_COMMITTED_BYTES,
    COUNTER_RING_BYTES, /* between core and ledger, not free yet */
    COUNTER_RING_WAITS, /* times that the core waited for room there, in the middle of a command */
    COUNTER_VOLUME,
    COUNTER_DISK_FREE,    /* bytes that the disk has promised beyond what is used */
    COUNTER_DISK_STEP,    /* enum disk_step */
    COUNTER_TIME_LEAP_NS, /* how far the clock leapt while time is held, else 0 */
    COUNTER_DIVERGED,     /* sequence + 1 at which replay and record disagreed, 0: nowhere */
    COUNTER_QUERIES,      /* queries answered */
    COUNTER_QUERIES_REFUSED,
    COUNTER_QUERIES_WAITING, /* for a later as-of */
    COUNTER_ANSWERS_DROPPED, /* frames of answers that their receivers had no room for */
    COUNTERS_END,
};

enum histogram {
    HISTOGRAM_ANSWER, /* from taking a request off the socket to its answer being sent, ns */
    HISTOGRAM_COMMIT, /* one commit, ns */
    HISTOGRAM_BATCH,  /* records of one commit */
    HISTOGRAMS_END,
};

#define COUNTER_NAME_BYTES 32
/* Bucket b counts values v with 2^(b-1) <= v < 2^b; bucket 0 counts zeros. */
#define HISTOGRAM_BUCKETS 48

struct counter_value {
    char name[COUNTER_NAME_BYTES];
    _Atomic uint64_t value;
};

struct counter_histogram {
    char name[COUNTER_NAME_BYTES];
    _Atomic uint64_t buckets[HISTOGRAM_BUCKETS];
};

/* The request that the core applies right now. Written before, cleared after; what is found here
 * at a start stopped the exchange, or was struck from outside. */
struct request_note {
    _Atomic uint32_t size; /* of bytes; 0: none is being applied */
    uint32_t is_marked;    /* set by the handler of a fatal signal on the core's thread */
    uint32_t session;
    uint8_t bytes[REQUEST_BYTES_MAX];
};

struct counters {
    uint64_t magic;
    uint32_t version;
    uint32_t values_count;
    uint32_t histograms_count;
    uint32_t unused;
    struct counter_value values[COUNTERS_END];
    struct counter_histogram histograms[HISTOGRAMS_END];
    struct request_note note;
};

/* Maps the file in `folder`, made anew where there is none or it is another version's; all values
 * become 0, the note stays as it was found. NULL on failure, with a line in the log. */
struct counters *counters_open(const char *folder);
void counters_close(struct counters *counters);

/* Maps somebody else's file for reading; NULL when there is none, or none of this version. */
const struct counters *counters_look(const char *folder);

static inline void counter_set(struct counters *counters, enum counter counter, uint64_t value) {
    atomic_store_explicit(&counters->values[counter].value, value, memory_order_relaxed);
}

static inline uint64_t counter_get(const struct counters *counters, enum counter counter) {
    return atomic_load_explicit(&counters->values[counter].value, memory_order_relaxed);
}

/* By the counter's one writer: no locked instruction is needed. */
static inline void counter_add(struct counters *counters, enum counter counter, uint64_t more) {
    counter_set(counters, counter, counter_get(counters, counter) + more);
}

/* Counts `times` values of about `value`, likewise. */
void counter_histogram_add(struct counters *counters, enum histogram histogram, uint64_t value,
                           uint64_t times);

/* The upper bound of the bucket below which `ppm` parts of a million lie; 0 when it is empty. */
uint64_t counter_histogram_quantile(const struct counters *counters, enum histogram histogram,
                                    uint32_t ppm);

#endif
