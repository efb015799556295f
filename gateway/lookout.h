/*
 * The lookout: a thread that looks once a second at what the others do, and writes it down.
 *
 * Into the counters: the trail, memory, readers of the ledger, the size of its volume. Into the
 * log: a line a minute (`event=minute`) with rates, latencies and lags, and a line when the core's
 * or the ledger's thread has not moved for COUNTERS_HANGS_NS (`event=hangs`) and when it goes on
 * again. It also forgets the readers whose processes died, so that no dead one makes the ledger
 * grow. It waits for nobody, so it tells of a hang when all else hangs.
 *
 * Threads: one of its own.
 */
#ifndef GATEWAY_LOOKOUT_H
#define GATEWAY_LOOKOUT_H

#include "gateway/counters.h"

#define LOOKOUT_PERIOD_MS 1000
#define LOOKOUT_MINUTE    60 /* looks from one line in the log to the next */

struct lookout;

/* Starts the thread. NULL on failure, with a line in the log. */
struct lookout *lookout_create(struct counters *counters, const char *ledger_dir);
void lookout_destroy(struct lookout *lookout);

#endif
