/*
 * A listener to an exchange's feed, as a benchmark has it: takes every frame of every channel,
 * counts events and gaps, and measures how old each frame's last event is when it arrives, from its
 * stamp on.
 *
 * Threads: one of its own from begin to end.
 */
#ifndef BENCH_FEED_LISTENER_H
#define BENCH_FEED_LISTENER_H

#include <pthread.h>
#include <stdatomic.h>

#include "bench/histogram.h"
#include "bench/trial.h"
#include "gateway/dial.h"

struct feed_listener {
    struct dial dial;
    pthread_t thread;
    _Atomic bool stops;
    _Atomic bool counts; /* to the thread: measure from now on */
    uint64_t *next;      /* [channel]: up to where it was told; 0: not yet */

    /* After feed_listener_end(), of the time that counted. */
    uint64_t frames;
    uint64_t events;
    uint64_t gaps;
    struct histogram age_ns;
};

/* Subscribes to all channels of a server that runs, under a broker's key. */
void feed_listener_begin(struct feed_listener *listener, const struct trial *trial);

/* What comes from now on counts. */
void feed_listener_count(struct feed_listener *listener);
void feed_listener_end(struct feed_listener *listener);

#endif
