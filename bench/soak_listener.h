/*
 * Who else there is in a soak: one who listens to the whole feed and notices what is missing, and
 * one who asks for a book once a second.
 *
 * Threads: one of its own.
 */
#ifndef BENCH_SOAK_LISTENER_H
#define BENCH_SOAK_LISTENER_H

#include <pthread.h>
#include <stdatomic.h>

#include "bench/trial.h"
#include "gateway/dial.h"

struct soak_listener {
    const struct trial *trial;
    struct dial dial; /* to the feed */
    struct query_client *asker;
    zmq_msg_t message;
    uint64_t next; /* the feed's one channel is complete below it, 0: nothing has come */
    uint64_t asked_ns;
    pthread_t thread;
    _Atomic bool stops;
    _Atomic uint64_t frames;
    _Atomic uint64_t gaps;
    _Atomic uint64_t answers;
};

/* Fewer than 256 instruments: there is one channel. */
void soak_listener_begin(struct soak_listener *listener, const struct trial *trial);
void soak_listener_end(struct soak_listener *listener);

#endif
