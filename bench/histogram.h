/*
 * Counts of values by size, for percentiles of latencies: exact below 256, within 1/128 above.
 * Units are the caller's. Adding takes a few nanoseconds and no memory beyond the struct.
 */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

/* Below 2^8 each value has a bucket; from there each doubling has 2^7. */
#define HISTOGRAM_DIGITS  7u
#define HISTOGRAM_BUCKETS ((64u - HISTOGRAM_DIGITS + 1u) << HISTOGRAM_DIGITS)

struct histogram {
    uint64_t counts[HISTOGRAM_BUCKETS];
    uint64_t total;
    uint64_t max;
};

/* Empties it. */
void histogram_init(struct histogram *histogram);

void histogram_add(struct histogram *histogram, uint64_t value);

/* Adds what another has counted. */
void histogram_merge(struct histogram *histogram, const struct histogram *other);

/* The smallest value that at least `ppm` of a million values do not exceed (its bucket's lowest
 * value); 0 when it is empty. ppm is 0 .. 1,000,000; the maximum itself is in `max`. */
uint64_t histogram_quantile(const struct histogram *histogram, uint32_t ppm);

#endif
