/* Buckets as in HdrHistogram: a value's highest bit chooses the octave, the next bits its part. */
#include "gateway/tally.h"

#include <string.h>

#include "engine/money.h"

#define PARTS (1u << TALLY_BITS)

static uint32_t bucket_of(uint64_t value) {
    if (value > TALLY_VALUE_MAX)
        value = TALLY_VALUE_MAX;
    if (value < PARTS)
        return (uint32_t)value;
    uint32_t shift = 63u - TALLY_BITS - (uint32_t)__builtin_clzll(value);
    return (shift << TALLY_BITS) + (uint32_t)(value >> shift);
}

/* The largest value that falls into a bucket. */
static uint64_t bound_of(uint32_t bucket) {
    if (bucket < 2 * PARTS)
        return bucket;
    uint32_t shift = (bucket >> TALLY_BITS) - 1;
    return ((uint64_t)(bucket - (shift << TALLY_BITS) + 1) << shift) - 1;
}

void tally_add(struct tally *tally, uint64_t value, uint64_t times) {
    _Atomic uint64_t *bucket = &tally->buckets[bucket_of(value)];
    /* One writer: no locked instruction is needed. */
    uint64_t before = atomic_load_explicit(bucket, memory_order_relaxed);
    atomic_store_explicit(bucket, before + times, memory_order_relaxed);
}

void tally_read(struct tally_view *view, const struct tally *tally) {
    view->total = 0;
    for (uint32_t i = 0; i < TALLY_BUCKETS; i++) {
        view->buckets[i] = atomic_load_explicit(&tally->buckets[i], memory_order_relaxed);
        view->total += view->buckets[i];
    }
}

void tally_since(struct tally_view *view, const struct tally_view *earlier) {
    view->total = 0;
    for (uint32_t i = 0; i < TALLY_BUCKETS; i++) {
        uint64_t before = earlier->buckets[i];
        view->buckets[i] -= before < view->buckets[i] ? before : view->buckets[i];
        view->total += view->buckets[i];
    }
}

uint64_t tally_quantile(const struct tally_view *view, uint32_t ppm) {
    uint64_t seen = 0;
    uint32_t last = 0;
    if (view->total == 0)
        return 0;
    uint64_t wanted = (uint64_t)((i128)view->total * ppm / 1000000);
    for (uint32_t i = 0; i < TALLY_BUCKETS; i++) {
        seen += view->buckets[i];
        if (view->buckets[i] != 0)
            last = i;
        if (seen > wanted)
            return bound_of(i);
    }
    return bound_of(last);
}
