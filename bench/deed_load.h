/*
 * Signed deeds sent to an exchange while it trades: a registrar's session in a thread of its own
 * grants mandates and revokes them, each deed signed by two parties' keys beforehand.
 *
 * Deeds are spaced evenly; those that are due travel in one frame, once a millisecond. A latency
 * counts from when a deed was to be sent until its durable answer is here.
 *
 * What the world does wrong ends the process with a line, as in trial.h.
 *
 * Threads: begun and ended by another's; its figures are to be read after the end.
 */
#ifndef BENCH_DEED_LOAD_H
#define BENCH_DEED_LOAD_H

#include <pthread.h>
#include <stdatomic.h>

#include "bench/histogram.h"
#include "bench/trial.h"
#include "engine/deed.h"
#include "ledger/crypto.h"

/* Parties, each with a key; a deed is signed by two neighbours. */
#define DEED_LOAD_PARTIES 64u

struct deed_load {
    const struct trial *trial;
    uint64_t rate;                     /* deeds a second */
    uint64_t count;                    /* as many are signed */
    struct signature (*signatures)[2]; /* of each deed */
    uint64_t *due_ns;
    struct curve_key key;
    uint32_t session;
    struct client *client;
    struct signer *signers[DEED_LOAD_PARTIES];
    pthread_t thread;
    _Atomic bool stops;
    _Atomic bool counts; /* answers are counted from now on */

    uint64_t answers; /* while it counted */
    uint64_t refused; /* of them, by gateway or market */
    double seconds;
    struct histogram latency_ns;
};

/* Furnishes parties and keys, and signs deeds for so many seconds: takes some seconds itself. */
void deed_load_open(struct deed_load *load, const struct trial *trial, uint64_t rate,
                    uint32_t seconds);

/* Begins to send them. */
void deed_load_begin(struct deed_load *load);

/* Counts answers from now on. */
void deed_load_count(struct deed_load *load);

/* Ends: what is without an answer is dropped. */
void deed_load_end(struct deed_load *load);

#endif
