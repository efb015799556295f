/*
 * A tally: how often values of each size came, in a few kilobytes, for quantiles afterwards.
 *
 * Values below 8 have a bucket each; above, each power of two is cut into 8: a quantile is told as
 * the upper bound of its bucket, at most an eighth above the value. Values from TALLY_VALUE_MAX on
 * count as that.
 *
 *     tally_add(tally, 1234, 1);                    one writer, any number of readers
 *
 *     struct tally_view view;                       a reader's copy
 *     tally_read(&view, tally);
 *     tally_since(&view, &earlier);                 only what came since an earlier copy
 *     tally_quantile(&view, 990000);                p99
 *
 * Threads: tally_add() one; the others any.
 */
#ifndef GATEWAY_TALLY_H
#define GATEWAY_TALLY_H

#include <stdatomic.h>
#include <stdint.h>

#define TALLY_BITS      3u /* of a value, below its highest one, that count */
#define TALLY_VALUE_MAX ((UINT64_C(1) << 40) - 1) /* of nanoseconds: 18 minutes */
#define TALLY_BUCKETS   ((40u - TALLY_BITS + 1u) << TALLY_BITS)

struct tally {
    _Atomic uint64_t buckets[TALLY_BUCKETS];
};

struct tally_view {
    uint64_t total;
    uint64_t buckets[TALLY_BUCKETS];
};

/* Counts a value so many times. */
void tally_add(struct tally *tally, uint64_t value, uint64_t times);

/* Copies; what is added meanwhile may be in it or not. */
void tally_read(struct tally_view *view, const struct tally *tally);

/* Takes away what an earlier view of the same tally held. */
void tally_since(struct tally_view *view, const struct tally_view *earlier);

/* The upper bound of the bucket in which the value lies below which are `ppm` parts of a million; 0
 * when nothing was counted. */
uint64_t tally_quantile(const struct tally_view *view, uint32_t ppm);

#endif
