/*
 * How a property test begins: its seed and length, from the environment where that says so, and a
 * line that tells how to repeat the run when it fails.
 *
 *     TPX_SEED=7 TPX_STEPS=1000000 build/tests/property/test_codec
 */
#ifndef TESTS_PROPERTY_SEED_H
#define TESTS_PROPERTY_SEED_H

#include <stdint.h>

#include "bench/random.h"

/* TPX_SEED, or 1. */
struct random seed_begin(void);

/* TPX_STEPS, or `otherwise`. */
uint64_t seed_steps(uint64_t otherwise);

/* Writes the line with the seed. For a group's teardown: `failures` as cmocka counts them. */
void seed_tell(int failures);

#endif
