/*
 * Scenes: what else goes on in an exchange while orders keep coming at a rate, and what it does to
 * their latency.
 *
 * Resume: a session that was away for a million of its own records comes back and reads them; and
 * one that entered ten orders before all of that.
 * Sweep: one market order trades with 100,000 resting orders; one mass cancel takes out 100,000.
 *
 * Threads: one; the scene's actor has a thread of its own.
 */
#ifndef BENCH_GATEWAY_SCENE_H
#define BENCH_GATEWAY_SCENE_H

#include "bench/load.h"

/* Sessions and instruments of the trial that scenes take besides those of the load. */
#define SCENE_SESSIONS    2
#define SCENE_INSTRUMENTS 1

struct scene_result {
    const char *name;
    double seconds;   /* of the act, from its request to its last report; 0: there was none */
    uint64_t reports; /* that the actor received */
    double p50_ms;    /* of the load meanwhile, from the intended send time */
    double p99_ms;
    double max_ms;
};

#define SCENE_RESULTS_MAX 3

struct scene {
    const struct trial *trial;
    struct load *load; /* open; its sessions are the trial's first */
    uint64_t rate;
    uint64_t size; /* records to resume, orders to sweep */
};

/* Each returns how many results it has filled; the first is the load alone. */
uint32_t scene_resume(const struct scene *scene, struct scene_result results[SCENE_RESULTS_MAX]);
uint32_t scene_sweep(const struct scene *scene, struct scene_result results[SCENE_RESULTS_MAX]);

#endif
