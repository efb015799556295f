/*
 * What an exchange under load costs, and whether its followers keep up: CPU time of the server from
 * /proc, progress from its counters file.
 *
 * Threads: one of its own while it watches, which sleeps nearly always.
 */
#ifndef BENCH_GATEWAY_WATCH_H
#define BENCH_GATEWAY_WATCH_H

#include <pthread.h>
#include <stdatomic.h>

#include "bench/trial.h"

/* How often the durable sequence is noted, and how many notes are kept. */
#define WATCH_PERIOD_MS 10
#define WATCH_NOTES     4096

/* Whose as-of is looked at. */
#define WATCH_FOLLOWERS 3
extern const char *const gateway_watch_followers[WATCH_FOLLOWERS];

struct gateway_watch {
    const struct trial *trial;
    const struct counters *counters;
    pthread_t thread;
    _Atomic bool stops;
    uint64_t notes;
    struct {
        uint64_t at_ns;
        uint64_t durable;
    } note[WATCH_NOTES];

    /* Since the last gateway_watch_begin(), after gateway_watch_end(). */
    double server_cpu_s;
    double client_cpu_s;
    double seconds;
    bool is_furnished; /* at its beginning a snapshot had been written */
    /* At the last note: since when a follower's next record is durable. */
    double lag_s[WATCH_FOLLOWERS];
    double lag_max_s[WATCH_FOLLOWERS];
    uint64_t commits;
    uint64_t records;
    uint64_t lagged; /* sessions that did not keep up */
};

/* Begins to watch a server that runs; measures from here. */
void gateway_watch_begin(struct gateway_watch *watch, const struct trial *trial);
void gateway_watch_end(struct gateway_watch *watch);

/* Waits until what a running server has decided by now lies under a Seal. */
void gateway_watch_await_seal(const struct trial *trial);

#endif
