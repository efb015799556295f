/*
 * A rate limit: so many a second, and a second's worth at once.
 *
 * Threads: a rate belongs to its owner's.
 */
#ifndef GATEWAY_RATE_H
#define GATEWAY_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/clock.h"

#define RATE_BURST_NS CLOCK_SECOND_NS

/* What one takes of time at so many a second; 0 for no limit. */
static inline int64_t rate_step_ns(uint32_t per_second) {
    return per_second == 0 ? 0 : CLOCK_SECOND_NS / per_second;
}

/* Takes one at now_ns; false when it is too many. *allowance_ns, 0 at first, is when the next one
 * would be on time. */
static inline bool rate_take(int64_t *allowance_ns, int64_t step_ns, int64_t now_ns) {
    if (step_ns == 0)
        return true;
    if (*allowance_ns > now_ns + RATE_BURST_NS)
        return false;
    if (*allowance_ns < now_ns)
        *allowance_ns = now_ns;
    *allowance_ns += step_ns;
    return true;
}

#endif
