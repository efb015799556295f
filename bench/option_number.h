/*
 * Numbers among the options of a benchmark.
 *
 * Threads: the one that parses.
 */
#ifndef BENCH_OPTION_NUMBER_H
#define BENCH_OPTION_NUMBER_H

#include <argp.h>
#include <stdint.h>

/* A whole decimal number from `min` to `max`; anything else is a usage error, said by argp. */
uint64_t option_number(struct argp_state *state, const char *text, uint64_t min, uint64_t max);

#endif
