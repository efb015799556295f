/*
 * Tells the service manager now and then that the exchange makes progress, and how it is doing
 * (STATUS= of sd_notify(3), one line of `systemctl status`).
 *
 * Progress is a round of the core, which calls this, and of the ledger: when records waited to
 * become durable at one look and none of them has become so by the next, nothing is told. A manager
 * that was promised to hear of us (WatchdogSec=) then ends the process with SIGABRT. What the core
 * was stuck in is in quarantine from then on (gateway/quarantine.h).
 *
 * Threads: the core's.
 */
#ifndef GATEWAY_WATCHDOG_H
#define GATEWAY_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/counters.h"

struct watchdog {
    int64_t period_ns; /* from one word to the next; 0: there is nobody to tell */
    int64_t due_ns;    /* monotonic */
    uint64_t durable;  /* at the last look */
    bool was_behind;   /* records waited then */
    bool is_watched;   /* somebody acts on silence */
    bool is_stuck;
};

/* Reads NOTIFY_SOCKET, and WATCHDOG_USEC and WATCHDOG_PID as sd_watchdog_enabled(3) does. */
void watchdog_init(struct watchdog *watchdog);

/* How long until the next word is due; INT_MAX: for ever. */
int watchdog_timeout_ms(const struct watchdog *watchdog, int64_t now_ns);

/* Tells, when it is due. Logs when the ledger has made no progress. */
void watchdog_look(struct watchdog *watchdog, const struct counters *counters, int64_t now_ns);

#endif
