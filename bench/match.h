/*
 * Driving something that matches orders with a flow, and what came of it.
 *
 * The order of things in one run: open(), the preload, then either the whole rest against the clock
 * or each operation against the time-stamp counter, then close(). The first run is run_telling(),
 * untimed, from the first command to the last.
 */
#ifndef BENCH_MATCH_H
#define BENCH_MATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "bench/flow.h"
#include "bench/histogram.h"

/* How many operations ahead of its turn a command is hinted. */
#define MATCH_AHEAD 8
/* And the engine's nearer hints. */
#define MATCH_NEAR 5
#define MATCH_NEXT 2

/* What is left when a flow has been played. */
struct match_end {
    uint64_t trades;
    uint64_t resting; /* orders */
    uint64_t bytes;   /* that the books, or the engine, take up */
    uint64_t refused; /* commands */
};

/* Something that executes a flow's commands. All functions get `self`; none fails: what cannot be
 * had at open() ends the program with a message. */
struct match_subject {
    void *self;
    void (*open)(void *self);
    /* Executes commands from .. to - 1. Returns the nanoseconds that this took. */
    uint64_t (*run)(void *self, size_t from, size_t to);
    /* The same, adding each one's time-stamp ticks to `ticks`. */
    void (*run_each)(void *self, size_t from, size_t to, struct histogram *ticks);
    /* The same, writing a line for each trade where `out` is not NULL; then what is left. */
    struct match_end (*run_telling)(void *self, size_t from, size_t to, FILE *out);
    void (*close)(void *self);
};

/* The order books alone. `is_ahead` hints each command with book_ahead(). The flow must outlive
 * the subject; match_book_destroy() releases it. */
struct match_subject *match_book_create(const struct flow *flow, bool is_ahead);
void match_book_destroy(struct match_subject *subject);

/* The whole engine: accounts, checks, events. `is_ahead` hints each command with engine_ahead(),
 * `is_encode` encodes each event as its audience gets it. The flow must outlive the subject. */
struct match_subject *match_engine_create(const struct flow *flow, bool is_ahead, bool is_encode);
void match_engine_destroy(struct match_subject *subject);

#endif
