/*
 * A follower: a thread that reads durable records in order and hands each to a listener.
 *
 * The feed, the index, and whatever else is made from the ledger while the exchange runs. Only the
 * durable sequence travels from the pipeline to it; records it reads from the ledger's map, like
 * anybody else. So one that dies, lags, or starts from nothing holds up nobody: its as-of and its
 * state stand in the counters, its failure makes one line in the log, and the exchange goes on.
 *
 *     listener                        on the follower's thread, in this order:
 *     begin(owner, &start)            open what belongs to this thread; where to start
 *       record(owner, &record)        each durable record, once, in order
 *       turn(owner, &turn)            records given so far are not valid any more
 *     end(owner, failure)             close it
 *
 * A turn comes when the reader's view ends (READER_VIEW_RECORDS or READER_VIEW_NS), when all that
 * is durable has been handed over (`is_end`: the time to send or to commit what was gathered), and
 * after each sleep. A listener with a socket looks at it in each turn: a ZeroMQ socket's fd tells
 * of changes only, so a turn ends with ZMQ_EVENTS read and nothing left to take. Other threads that
 * hand work to a listener publish it and signal follower_wake(); the turn at the end comes after
 * sleep was announced, so what it does not see wakes it.
 *
 * Sleeping: after records have come, the thread first lets more gather for `gather_ns` (the
 * listener's fd ends that, the wake does not): a wake-up for each commit costs the core's threads
 * more than a follower's work. When nothing has come meanwhile it sleeps until a commit wakes it
 * (pipeline_follow), the listener's fd is readable, or the turn's `timeout_ms` has passed.
 *
 * A stop: what is durable by then is still handed over, for at most FOLLOWER_FAREWELL_NS, with a
 * last turn; a follower that is far behind ends where it is, and reads on at its next start.
 *
 * Threads: one of its own for the listener; the functions here are for the thread that creates it,
 * follower_as_of(), follower_state() and follower_wake() for any.
 */
#ifndef GATEWAY_FOLLOWER_H
#define GATEWAY_FOLLOWER_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/counters.h"
#include "gateway/wake.h"
#include "ledger/reader.h"

/* A name fits in a thread's. */
#define FOLLOWER_THREAD_NAME_MAX 15
/* How long a stop waits for what is durable already. */
#define FOLLOWER_FAREWELL_NS INT64_C(200000000)

/* What its state counter shows. */
enum follower_state {
    FOLLOWER_NONE = 0,     /* never started */
    FOLLOWER_STARTING = 1, /* in begin() */
    FOLLOWER_BEHIND = 2, /* reading what was durable before it came to the end for the first time */
    FOLLOWER_LIVE = 3,   /* has been at the end */
    FOLLOWER_FAILED = 4, /* dead; its as-of stands still */
    FOLLOWER_STOPPED = 5,
};

/* What begin() says. */
struct follower_start {
    uint8_t profile; /* given: the ledger's (enum profile) */
    uint64_t from;   /* the first record wanted; 0 as given */
    int fd;          /* wakes it when readable; -1 as given: none */
};

/* A turn: what the follower says, and what the listener answers. */
struct follower_turn {
    uint64_t next;  /* every record below was handed over */
    bool is_end;    /* and nothing more was durable */
    bool is_last;   /* the follower is about to stop */
    uint64_t as_of; /* answer, `next` as given: what the counter shows; less when some is gathered
                       and not yet sent or stored */
    int timeout_ms; /* answer, -1 as given: sleep at most so long; 0: not at all */
};

/* Functions that fail return a negative failure (ledger/failure.h) after a line in the log, and
 * end the following; end() is called all the same. */
struct follower_listener {
    int (*begin)(void *owner, struct follower_start *start);
    int (*record)(void *owner, const struct reader_record *record);
    int (*turn)(void *owner, struct follower_turn *turn);
    void (*end)(void *owner, int failure); /* 0: told to stop */
    void *owner;
};

struct follower_options {
    const char *name; /* of the thread and in the log, at most FOLLOWER_THREAD_NAME_MAX */
    const char *ledger_dir;
    struct counters *counters;
    enum counter as_of; /* counters that it writes */
    enum counter state;
    int64_t gather_ns; /* below a second; 0: none */
};

struct follower;

/* Starts the thread. NULL on failure, with a line in the log. */
struct follower *follower_create(const struct follower_options *options,
                                 const struct follower_listener *listener);

/* Stops it: see above. NULL is nothing. */
void follower_destroy(struct follower *follower);

/* What wakes it: for pipeline_follow(), and for threads that hand work to the listener. */
struct wake *follower_wake(struct follower *follower);

/* As the counters show them. */
uint64_t follower_as_of(const struct follower *follower);
enum follower_state follower_state(const struct follower *follower);

#endif
