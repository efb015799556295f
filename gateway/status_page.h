/*
 * The page of `tpx status`: for somebody who is called at three in the morning.
 *
 * From top to bottom: is it alive; what is wrong and where the runbook goes on; what it does a
 * second and who is behind; how long things take; what is near a limit. It fits 80 columns.
 *
 * Threads: one.
 */
#ifndef GATEWAY_STATUS_PAGE_H
#define GATEWAY_STATUS_PAGE_H

#include "gateway/health.h"
#include "gateway/page.h"

/* A rate of a trail's value, a second, over the last `seconds` that the trail has; 0 when it has
 * not two points. */
uint64_t status_rate(const struct counters *counters, enum trail_value value, uint32_t seconds);

/* `before`: a copy of the tallies as of the look before, NULL: durations since the start. */
void status_page(struct page *page, const struct health_facts *facts, const struct health *health,
                 const struct tally_view before[HISTOGRAMS_END]);

/* The same in one line, for a log. */
void status_line(struct page *page, const struct health_facts *facts, const struct health *health,
                 const struct tally_view before[HISTOGRAMS_END]);

#endif
