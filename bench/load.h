/*
 * Load on an exchange: many sessions in one thread, on raw sockets with an encoder of their own, so
 * that the exchange is measured and not its client library. The frames are what any client sends.
 *
 * Each session enters limit orders that do not meet and cancels each after LOAD_RESTING more: half
 * new orders, half cancels, each with one report for its answer. Sessions take the instruments in
 * turn.
 *
 * At full speed a session sends whenever it has fewer than `window` requests without an answer. At
 * a rate the frames are spaced evenly over time and dealt out over the sessions, and a latency is
 * counted from when a frame was to be sent, however late it was.
 *
 * What the world does wrong ends the process with a line, as in trial.h.
 *
 * Threads: one. libzmq's own thread does the cryptography.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "bench/histogram.h"
#include "bench/trial.h"
#include "gateway/dial.h"

/* Orders of a session that rest, once it is under way. */
#define LOAD_RESTING 64

struct load_options {
    uint32_t first;       /* index of the first session of the trial that takes part */
    uint32_t sessions;    /* how many take part */
    uint32_t batch;       /* requests a frame, 1 .. 1024; any */
    uint32_t window;      /* requests of a session without an answer, at most its credits */
    uint32_t instruments; /* 1 .. this many */
};

struct load_session {
    struct dial dial;
    int fd; /* ZMQ_FD */
    uint32_t number;
    uint32_t account;
    uint32_t turn;   /* instrument of the next order, from 0 */
    uint64_t last;   /* number of the last request sent */
    uint64_t orders; /* made since the logon */
    uint64_t cancels;
    uint64_t sent; /* counts; `sent` minus `answered` are in flight */
    uint64_t answered;
    uint64_t first;     /* number of the first request after the logon */
    uint64_t *due_ns;   /* when a request was to be sent, by number, masked */
    bool may_have_more; /* its socket was written: a signal may have been swallowed */
    bool is_logged_on;
};

struct load {
    struct load_options options;
    struct load_session *sessions;
    void *context;
    int epoll;
    uint64_t due_mask;
    uint32_t frame_at; /* session of the next frame, at a rate */
    bool counts;       /* answers go into the histogram */
    uint64_t answers;  /* all, since the beginning */
    uint64_t rejected; /* answers that say REJECTED */
    struct histogram latency_ns;
    zmq_msg_t message;
};

/* Logs the sessions on; returns when all are live. */
void load_open(struct load *load, const struct trial *trial, const struct load_options *options);
void load_close(struct load *load);

/* Runs at full speed (rate 0) or at so many requests a second, for `seconds`. */
void load_run(struct load *load, uint64_t rate, double seconds);

/* Says on each session that the client lives: between runs, at least every heartbeat. */
void load_beat(struct load *load);

/* Waits until every request has its answer. */
void load_settle(struct load *load);

/* Counts anew: latencies from now on, or not. */
void load_count(struct load *load, bool counts);

#endif
