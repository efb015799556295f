/*
 * Counters in a file mapped into memory: what the exchange does, readable while it runs, hangs, or
 * is dead.
 *
 * The file describes itself: a head, the note of the request being applied (quarantine.h), then
 * named values, named tallies (tally.h), and a trail: once a second a point with some of the
 * values, for rates and lags in seconds. `tpx status` maps it and reads; nothing is ever sent.
 * Each value has one thread that writes it; readers see each value whole, but not all at one
 * moment.
 *
 * Whether the writer lives does not rest on a process number, which may be another's by now: the
 * server holds a lock on the file (counters_hold()), which the kernel takes back from the dead.
 *
 * Threads: any, one writer a counter.
 */
#ifndef GATEWAY_COUNTERS_H
#define GATEWAY_COUNTERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/types.h"
#include "gateway/tally.h"

/* Name of the file in the exchange's folder. */
#define COUNTERS_FILE    "counters"
#define COUNTERS_MAGIC   UINT64_C(0x315354434e585054) /* "TPXNCTS1" */
#define COUNTERS_VERSION 2

/* A thread that has not moved for so long hangs: the core's wakes each second. */
#define COUNTERS_HANGS_NS INT64_C(3000000000)

/* Of the whole exchange, in the order in which people are shown them. */
enum counter {
    COUNTER_PID,
    COUNTER_STATE, /* enum exchange_state (trade.h) */
    COUNTER_EPOCH,
    COUNTER_STARTED_NS,        /* wall time */
    COUNTER_HEARTBEAT_NS,      /* monotonic: the core's thread went on last */
    COUNTER_ALIVE_NS,          /* wall time at the same moment */
    COUNTER_DOING,             /* enum doing: of the core's thread */
    COUNTER_LEDGER_DOING,      /* enum doing: of the ledger's thread */
    COUNTER_LEDGER_SINCE_NS,   /* monotonic: since when, unless it sleeps */
    COUNTER_ENDED,             /* 1 + exit code once the server has ended by itself, else 0 */
    COUNTER_BEFORE_ENDED,      /* the same of the run before; 0: killed, or there was none */
    COUNTER_BEFORE_STARTED_NS, /* wall time, 0: there was none */
    COUNTER_MARKET,            /* set of enum market_fact */
    COUNTER_NEXT,              /* sequence of the next record */
    COUNTER_DURABLE,           /* everything below is durable */
    COUNTER_RELEASED,          /* everything below is answered */
    COUNTER_SHADOW,            /* as-of of the shadow */
    COUNTER_SHADOW_STATE,      /* enum follower_state (follower.h), as of the followers below */
    COUNTER_REGISTER,          /* as-of of the register's map */
    COUNTER_REGISTER_STATE,
    COUNTER_INDEX, /* as-of of the index, as it is stored */
    COUNTER_INDEX_STATE,
    COUNTER_FEED, /* as-of of the feed: everything below was told */
    COUNTER_FEED_STATE,
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
    COUNTER_SIGNATURES,         /* of parties, checked before their deeds are sequenced */
    COUNTER_SIGNATURES_FALSE,   /* among them */
    COUNTER_SIGNED_WAITING,     /* requests that wait for that: signed deeds, and what is behind */
    COUNTER_TRADES,             /* of the whole ledger; looked at once a second */
    COUNTER_REPLIES,            /* frames sent */
    COUNTER_REPORTS,            /* reports sent in them */
    COUNTER_PAGES,              /* pages sent to sessions that resume or lag */
    COUNTER_SESSIONS_UP,
    COUNTER_DROP_COPIES,      /* participants whose drop copy listens */
    COUNTER_SESSIONS_LAGGING, /* now */
    COUNTER_SESSIONS_LAGGED,  /* times that a session or drop copy did not keep up */
    COUNTER_ROUND_REQUESTS,   /* requests of the last round of the core's thread that had any */
    COUNTER_ROUNDS_FULL,      /* rounds that left messages waiting in the sockets */
    COUNTER_RING_BYTES,       /* between core and ledger, not free yet */
    COUNTER_RING_BYTES_BUSY,  /* from here on nothing more is taken from clients */
    COUNTER_RING_WAITS,  /* times that the core waited for room there, in the middle of a command */
    COUNTER_LOOKUP_JOBS, /* pages and repeats that wait for the lookup or its answer */
    COUNTER_COMMITS,
    COUNTER_COMMITTED_BYTES, /* of records */
    COUNTER_VOLUME,
    COUNTER_VOLUME_BYTES,     /* in use in it */
    COUNTER_VOLUME_BYTES_MAX, /* it ends here */
    COUNTER_READERS,          /* read transactions on the volume, of all processes */
    COUNTER_READER_COMMITS,   /* commits since the oldest of them began */
    COUNTER_READER_PID,       /* its process, 0: nobody reads */
    COUNTER_READERS_DEAD,     /* marks of dead readers that were removed */
    COUNTER_DISK_FREE,        /* bytes that the disk has promised beyond what is used */
    COUNTER_DISK_LOW,         /* steps of the reserve, in bytes */
    COUNTER_DISK_CRITICAL,
    COUNTER_DISK_HALT,
    COUNTER_DISK_STEP,    /* enum disk_step */
    COUNTER_MEMORY_BYTES, /* resident */
    COUNTER_TIME_LEAP_NS, /* how far the clock leapt while time is held, else 0 */
    COUNTER_DIVERGED,     /* sequence + 1 at which replay and record disagreed, 0: nowhere */
    COUNTER_QUERIES,      /* queries answered */
    COUNTER_QUERIES_REFUSED,
    COUNTER_QUERIES_LIMITED, /* of those that were refused: for their key's rate */
    COUNTER_QUERIES_WAITING, /* for a later as-of */
    COUNTER_ANSWERS_DROPPED, /* frames of answers that their receivers had no room for */
    COUNTER_FEED_BARRED,     /* keys cut off the feed, for too many subscriptions */
    COUNTER_CONNECTIONS,     /* of the trade endpoint, now; of the others */
    COUNTER_QUERY_CONNECTIONS,
    COUNTER_FEED_CONNECTIONS,
    COUNTER_CONNECTIONS_REFUSED, /* for there were too many, at any endpoint */
    COUNTER_POOLS, /* used and limit of each pool of the engine, twice (POOLS_END - 1) */
    COUNTERS_END = COUNTER_POOLS + 2 * (POOLS_END - 1),
};

/* Where a pool's two values stand. */
static inline enum counter counter_pool_used(enum pool pool) {
    return (enum counter)(COUNTER_POOLS + 2 * (pool - 1));
}
static inline enum counter counter_pool_limit(enum pool pool) {
    return (enum counter)(COUNTER_POOLS + 2 * (pool - 1) + 1);
}

/* What a thread is at. */
enum doing {
    DOING_SLEEP,   /* waits for work */
    DOING_START,   /* snapshot, replay, first commands */
    DOING_TAKE,    /* takes requests, and applies them */
    DOING_TIMERS,  /* timers, Seals, Marks, the disk */
    DOING_ANSWER,  /* hands records on, sends what is durable */
    DOING_LEDGER,  /* waits until records are durable, at a start, a stop or with a full ring */
    DOING_THREADS, /* looks at what other threads have made */
    DOING_STOP,    /* a clean stop */
    DOING_APPEND,  /* ledger: hashes and writes records */
    DOING_COMMIT,  /* ledger: waits for the disk */
    DOING_VOLUME,  /* ledger: closes a volume and begins the next */
    DOINGS_END,
};

enum market_fact {
    MARKET_OPEN = 1,   /* a day is open */
    MARKET_HALTED = 2, /* after an outage: two operators reopen */
    MARKET_KILLED = 4, /* the whole exchange */
};

/* What has _REQUEST in its name counts each request; _SAMPLED: some, chosen at random so that each
 * is as likely (stages.h); _COMMIT: each commit. Nanoseconds, but for the last two. */
enum histogram {
    HISTOGRAM_ANSWER_REQUEST,  /* from taking a request off the socket to sending its answer */
    HISTOGRAM_WAIT_SAMPLED,    /* from there to its stamp */
    HISTOGRAM_APPLY_SAMPLED,   /* from its stamp until it is applied and on its way to the ledger */
    HISTOGRAM_DURABLE_SAMPLED, /* from there until it is durable */
    HISTOGRAM_SEND_SAMPLED,    /* from there until its answer is handed to the socket */
    HISTOGRAM_DISK_COMMIT,     /* one transaction and its sync */
    HISTOGRAM_RECORDS_COMMIT,  /* records in it */
    HISTOGRAM_ROUND_REQUESTS,  /* requests of one round of the core's thread that had any */
    HISTOGRAMS_END,
};

#define COUNTER_NAME_BYTES 32

struct counter_value {
    char name[COUNTER_NAME_BYTES];
    _Atomic uint64_t value;
};

struct counter_histogram {
    char name[COUNTER_NAME_BYTES];
    struct tally tally;
};

/* One second of the trail. */
enum trail_value {
    TRAIL_REQUESTS,
    TRAIL_REFUSED,
    TRAIL_TRADES,
    TRAIL_DURABLE,
    TRAIL_COMMITS,
    TRAIL_COMMITTED_BYTES,
    TRAIL_VALUES,
};
#define TRAIL_POINTS 128
struct trail_point {
    _Atomic int64_t mono_ns;
    _Atomic uint64_t values[TRAIL_VALUES];
};

/* The request that the core applies right now. Written before, cleared after; what is found here
 * at a start stopped the exchange, or was struck from outside. */
struct request_note {
    _Atomic uint32_t size; /* of bytes; 0: none is being applied */
    uint32_t is_marked;    /* set by the handler of a fatal signal on the core's thread */
    uint32_t session;
    uint8_t bytes[REQUEST_BYTES_MAX];
};

/* Up to the note the layout is the same in every version, so that a release finds the request that
 * stopped the one before it. */
struct counters {
    uint64_t magic;
    uint32_t version;
    uint32_t values_count;
    uint32_t histograms_count;
    uint32_t trail_count;           /* points there are */
    char build[COUNTER_NAME_BYTES]; /* of the server */
    char origin[ORIGIN_BYTES_MAX + 1];
    struct request_note note;
    struct counter_value values[COUNTERS_END];
    struct counter_histogram histograms[HISTOGRAMS_END];
    _Atomic uint64_t trail_next; /* points written so far; the last lies at (next - 1) % count */
    struct trail_point trail[TRAIL_POINTS];
};

/* Maps the file in `folder`, made anew where there is none; all values become 0 but those of the
 * run before, the note stays as it was found. NULL on failure, with a line in the log. */
struct counters *counters_open(const char *folder);
void counters_close(struct counters *counters);

/* Marks the file as written by a living process for as long as the descriptor that is returned
 * stays open; -1 on failure, with a line in the log. */
int counters_hold(const char *folder);

/* True while a process holds the file. */
bool counters_are_held(const char *folder);

/* What is found where somebody else's file is looked for. */
enum counters_found {
    COUNTERS_FOUND,
    COUNTERS_NONE,    /* no file, or not ours to read */
    COUNTERS_FOREIGN, /* not a file of counters */
    COUNTERS_OTHER,   /* of a release that counts other things */
};

/* Maps it for reading; *counters is NULL unless FOUND. `*version` is that of the file (OTHER). */
enum counters_found counters_find(const char *folder, const struct counters **counters,
                                  uint32_t *version);

/* The same for those who only want it when it is there. */
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

/* Counts `times` values, likewise. */
static inline void counter_histogram_add(struct counters *counters, enum histogram histogram,
                                         uint64_t value, uint64_t times) {
    tally_add(&counters->histograms[histogram].tally, value, times);
}

/* Adds a point to the trail, with the values as they stand; by one thread, once a second. */
void counters_trail(struct counters *counters, int64_t mono_ns);

/* The newest point at or before `mono_ns`, NULL when the trail does not reach so far back. */
const struct trail_point *counters_trail_at(const struct counters *counters, int64_t mono_ns);

/* The newest point of all, or NULL. */
const struct trail_point *counters_trail_last(const struct counters *counters);

/* How long somebody who has come as far as `as_of` of a value has been behind it, as of `mono_ns`:
 * to the second, as the trail is. *is_more says that it is longer, for the trail ends there. */
int64_t counters_lag_ns(const struct counters *counters, enum trail_value value, uint64_t as_of,
                        int64_t mono_ns, bool *is_more);

#endif
