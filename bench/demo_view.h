/*
 * The demo on a terminal: prices, the depth of one book after the other, the last trades, what it
 * does a second, how long it takes, and who is behind; drawn four times a second.
 *
 * Prices, depth and trades come from the public feed, as anybody's who listens to it; orders and
 * durable latency are what the demo's brokers have seen; who is behind stands in the exchange's
 * counters.
 *
 * Threads: one, the demo's.
 */
#ifndef BENCH_DEMO_VIEW_H
#define BENCH_DEMO_VIEW_H

#include "bench/demo_world.h"

/* What the brokers have seen in one second. */
struct demo_second {
    uint32_t second;  /* from 1 */
    uint32_t seconds; /* of the whole session */
    uint64_t orders;
    uint64_t trades;
    uint64_t refused;
    uint64_t p50_us; /* from due to durable */
    uint64_t p99_us;
    uint64_t p999_us;
};

struct demo_view;

/* Takes over the terminal; NULL when standard output is none, or one that can do nothing. */
struct demo_view *demo_view_open(const struct demo_world *world);
void demo_view_close(struct demo_view *view);

/* Takes what the feed has told by now. Often. */
void demo_view_take(struct demo_view *view);

/* Draws, when it is time; `second` is the last one that is over. False when the user ends it. */
bool demo_view_show(struct demo_view *view, const struct demo_second *second);

#endif
