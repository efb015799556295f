/*
 * Time for benchmarks: the monotonic clock for spans, the processor's time-stamp counter for single
 * calls of some nanoseconds.
 */
#ifndef BENCH_STOPWATCH_H
#define BENCH_STOPWATCH_H

#include <stdint.h>
#include <time.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

static inline uint64_t stopwatch_ns(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail: the clock exists everywhere */
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* The counter now, read after all that stands before it has finished and before anything behind it
 * begins. Where there is none, nanoseconds. */
static inline uint64_t stopwatch_ticks(void) {
#if defined(__x86_64__)
    _mm_lfence();
    uint64_t ticks = __rdtsc();
    _mm_lfence();
    return ticks;
#else
    return stopwatch_ns();
#endif
}

#endif
