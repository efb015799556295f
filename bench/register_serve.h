/*
 * Measuring a register of many pledges through a whole exchange: look-ups in single CURVE frames,
 * drawn uniformly, beside orders at a rate; and how soon a start seals.
 *
 * What the world does wrong ends the process with a line, as in trial.h.
 *
 * Threads: one; the look-ups have one of their own.
 */
#ifndef BENCH_REGISTER_SERVE_H
#define BENCH_REGISTER_SERVE_H

#include <stdint.h>

struct register_serve_options {
    uint32_t pledges;
    uint32_t seconds;
    uint64_t rate;    /* orders a second */
    uint64_t queries; /* look-ups a second; 0: as fast as they are answered */
};

struct register_serve {
    double ready_s; /* from the start of the server to its being ready, */
    double seal_s;  /* and to the first Seal of what it has decided since */
    double orders_per_s;
    double order_p50_ms;
    double order_p99_ms;
    uint64_t rejected; /* orders */
    double answers_per_s;
    double query_p50_us;
    double query_p99_us;
    uint64_t refused; /* look-ups */
};

void register_serve_run(const struct register_serve_options *options, struct register_serve *serve);

#endif
