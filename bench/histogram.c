#include "bench/histogram.h"

#include <assert.h>
#include <string.h>

#include "engine/money.h"

#define MILLION 1000000u

static uint32_t bucket_of(uint64_t value) {
    if (value < UINT64_C(2) << HISTOGRAM_DIGITS)
        return (uint32_t)value;
    uint32_t shift = 63u - HISTOGRAM_DIGITS - (uint32_t)__builtin_clzll(value);
    return (shift << HISTOGRAM_DIGITS) + (uint32_t)(value >> shift);
}

/* The lowest value of a bucket. */
static uint64_t value_of(uint32_t bucket) {
    if (bucket < 2u << HISTOGRAM_DIGITS)
        return bucket;
    uint32_t shift = (bucket >> HISTOGRAM_DIGITS) - 1;
    return (uint64_t)(bucket - (shift << HISTOGRAM_DIGITS)) << shift;
}

void histogram_init(struct histogram *histogram) {
    memset(histogram, 0, sizeof *histogram);
}

void histogram_add(struct histogram *histogram, uint64_t value) {
    histogram->counts[bucket_of(value)]++;
    histogram->total++;
    if (value > histogram->max)
        histogram->max = value;
}

void histogram_merge(struct histogram *histogram, const struct histogram *other) {
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        histogram->counts[i] += other->counts[i];
    histogram->total += other->total;
    if (other->max > histogram->max)
        histogram->max = other->max;
}

uint64_t histogram_quantile(const struct histogram *histogram, uint32_t ppm) {
    assert(ppm <= MILLION);
    if (histogram->total == 0)
        return 0;
    i128 product = (i128)histogram->total * ppm;
    uint64_t wanted = (uint64_t)((product + MILLION - 1) / MILLION);
    uint64_t seen = 0;
    uint32_t bucket = 0;
    for (; bucket < HISTOGRAM_BUCKETS; bucket++) {
        seen += histogram->counts[bucket];
        if (seen >= wanted && seen > 0)
            break;
    }
    assert(bucket < HISTOGRAM_BUCKETS);
    return value_of(bucket);
}
