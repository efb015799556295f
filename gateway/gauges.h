/*
 * Gauges: what nobody counts as it happens, looked at once a second by the core's thread, because
 * it alone may look: how full the engine's pools are, what the market is at, who lags.
 *
 * Threads: the gateway's.
 */
#ifndef GATEWAY_GAUGES_H
#define GATEWAY_GAUGES_H

#include "gateway/trade.h"

#define GAUGES_PERIOD_NS CLOCK_SECOND_NS

/* Looks, and writes the counters. */
void gauges_look(const struct trade *trade);

#endif
