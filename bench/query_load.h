/*
 * Questions put to an exchange while it trades: several connections in one thread of their own, on
 * raw sockets, so that the exchange is measured and not its client library.
 *
 * Two of five questions are about an order that rests, the others in turn about the broker's
 * accounts, the best five levels of a book, and sixteen open orders of a session. At a rate the
 * frames are spaced evenly, sent once a millisecond, and a latency counts from when a frame was to
 * be sent; without, each connection keeps QUERY_LOAD_WINDOW frames without an answer.
 *
 * What the world does wrong ends the process with a line, as in trial.h.
 *
 * Threads: begun and ended by another's; its figures are to be read after the end.
 */
#ifndef BENCH_QUERY_LOAD_H
#define BENCH_QUERY_LOAD_H

#include <pthread.h>
#include <stdatomic.h>

#include "bench/histogram.h"
#include "bench/random.h"
#include "bench/trial.h"
#include "gateway/dial.h"

#define QUERY_LOAD_WINDOW          32u
#define QUERY_LOAD_CONNECTIONS_MAX 64u

struct query_load_options {
    uint64_t rate;        /* questions a second; 0: as fast as they are answered */
    uint32_t batch;       /* a frame, 1 .. FRAME_QUERIES_MAX */
    uint32_t connections; /* broker i's key on the i-th, and its session i */
    uint32_t instruments; /* 1 .. this many */
    uint32_t pledges;     /* 0; else all questions are for the status of one of so many rights
                             (bench/register_bulk.h), drawn uniformly */
};

struct query_load_line {
    struct dial dial;
    uint32_t session;
    uint32_t in_flight; /* questions */
    uint32_t turn;
    uint64_t order_id; /* that rested lately */
};

struct query_load {
    struct query_load_options options;
    const struct trial *trial;
    void *context;
    pthread_t thread;
    _Atomic bool stops;
    _Atomic bool counts; /* answers are counted from now on */
    uint64_t last_id;
    struct random random;
    uint64_t *due_ns; /* when a question was to be asked, by id, masked */
    struct query_load_line lines[QUERY_LOAD_CONNECTIONS_MAX];

    uint64_t answers; /* while it counted */
    uint64_t gone;    /* of them, refused: about an order that does not rest any more */
    uint64_t rows;
    double seconds;
    uint64_t late;      /* frames that could not be sent when they were due */
    uint64_t as_of_max; /* the newest as-of seen */
    struct histogram latency_ns;
};

/* Connects and begins to ask. */
void query_load_begin(struct query_load *load, const struct trial *trial,
                      const struct query_load_options *options);

/* Counts answers from now on, anew. */
void query_load_count(struct query_load *load);

/* Ends: what is without an answer is dropped. */
void query_load_end(struct query_load *load);

#endif
