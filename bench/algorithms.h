/*
 * Which algorithms test rigs and benchmarks make their ledgers of: the profile that the variable
 * TPX_TEST_ALGORITHMS names, or the first. So one test runs under either, and never asks which.
 *
 * Threads: any.
 */
#ifndef BENCH_ALGORITHMS_H
#define BENCH_ALGORITHMS_H

#include "engine/types.h"

#define ALGORITHMS_VARIABLE "TPX_TEST_ALGORITHMS"

/* An enum profile; ends the program when the variable names none. */
uint8_t algorithms_profile(void);

/* A key of that profile's size that signs nothing: every byte is `byte`, but for the first of the
 * national one. */
struct signing_key algorithms_key(uint8_t byte);

#endif
