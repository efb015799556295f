/*
 * How long requests spend in each stage, of some of them, chosen at random.
 *
 * Times are the core's own, so a clock would be read twice for each request; instead each one is
 * chosen with the same chance, whatever comes together with it: about STAGES_A_SECOND of them at
 * any load, all of them when there are fewer. A sample counts for as many requests as it was chosen
 * from, once it has passed every stage: so all stages count the same requests, about all there
 * were.
 *
 *     received -wait-> stamped -apply-> applied -durable-> durable -send-> sent
 *
 * received: its message was taken off the socket; stamped: the core begins with it; applied: its
 * records are on their way to the ledger; durable: its commit has returned, by the ledger's clock;
 * sent: its answer was handed to the socket, or left to the reader for a session that lags.
 *
 * Threads: stages_durable() the ledger's, the others the core's.
 */
#ifndef GATEWAY_STAGES_H
#define GATEWAY_STAGES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/counters.h"

#define STAGES_A_SECOND 1024

/* Samples under way; while so many are, none is begun. A power of two. */
#define STAGES_SAMPLES 4096

struct stage_sample {
    uint64_t sequence; /* of its last record */
    uint64_t weight;   /* requests that it stands for */
    int64_t received_ns;
    int64_t stamped_ns;
    int64_t applied_ns;
    int64_t durable_ns; /* the ledger's to write */
};

struct stages {
    struct counters *counters;
    uint32_t stride;   /* one of so many is taken */
    uint32_t left;     /* until the next one */
    uint32_t weight;   /* of the next one: the stride when it was chosen */
    uint64_t random;   /* xorshift state */
    uint64_t seen;     /* requests when the stride was chosen */
    int64_t chosen_ns; /* and when */
    bool is_taking;    /* the sample at `taken` is under way in the core */
    uint64_t sent;     /* samples counted */

    _Alignas(64) _Atomic uint64_t taken;   /* core to ledger, with release */
    _Alignas(64) _Atomic uint64_t durable; /* ledger to core, with release */
    struct stage_sample samples[STAGES_SAMPLES];
};

/* The struct is zeros before. */
void stages_init(struct stages *stages, struct counters *counters);

/* Once a second: follows the load. */
void stages_second(struct stages *stages, int64_t now_ns);

/* A request begins, or ends with its last record at `sequence`; what is not taken costs a
 * decrement. Times are monotonic. */
void stages_begin_sample(struct stages *stages, int64_t received_ns);
void stages_end_sample(struct stages *stages, uint64_t sequence);

static inline void stages_begin(struct stages *stages, int64_t received_ns) {
    if (--stages->left == 0)
        stages_begin_sample(stages, received_ns);
}

static inline void stages_end(struct stages *stages, uint64_t sequence) {
    if (stages->is_taking)
        stages_end_sample(stages, sequence);
}

/* Everything below `durable` is, since now_ns. */
void stages_durable(struct stages *stages, uint64_t durable, int64_t now_ns);

/* True when stages_sent() would count something. */
static inline bool stages_has_durable(const struct stages *stages) {
    return atomic_load_explicit(&stages->durable, memory_order_acquire) != stages->sent;
}

/* Everything below `released` is answered, as of now_ns. */
void stages_sent(struct stages *stages, uint64_t released, int64_t now_ns);

#endif
