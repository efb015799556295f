/* A word comes twice in the time that the manager waits for it. */
#include "gateway/watchdog.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "gateway/clock.h"
#include "gateway/log.h"
#include "gateway/notify.h"
#include "gateway/trade.h"

#define STATUS_PERIOD_NS (5 * CLOCK_SECOND_NS)
#define WATCHDOG_US_MAX  UINT64_C(86400000000)
#define DECIMAL          10
#define STATE_BYTES_MAX  192

/* The number in a variable, 0 for none. */
static uint64_t variable(const char *name) {
    const char *text = getenv(name);
    char *end = NULL;
    uint64_t number = text != NULL ? strtoull(text, &end, DECIMAL) : 0;
    return text != NULL && *end == '\0' ? number : 0;
}

void watchdog_init(struct watchdog *watchdog) {
    const char *socket = getenv("NOTIFY_SOCKET");
    uint64_t period_us = variable("WATCHDOG_USEC");
    uint64_t pid = variable("WATCHDOG_PID");
    *watchdog = (struct watchdog){0};
    if (socket == NULL || socket[0] == '\0')
        return;
    watchdog->is_watched =
        period_us > 1 && period_us <= WATCHDOG_US_MAX && (pid == 0 || pid == (uint64_t)getpid());
    watchdog->period_ns = STATUS_PERIOD_NS;
    if (watchdog->is_watched && (int64_t)period_us * 500 < watchdog->period_ns)
        watchdog->period_ns = (int64_t)period_us * 500;
}

int watchdog_timeout_ms(const struct watchdog *watchdog, int64_t now_ns) {
    if (watchdog->period_ns == 0)
        return INT_MAX;
    if (watchdog->due_ns <= now_ns)
        return 0;
    return (int)((watchdog->due_ns - now_ns) / CLOCK_MILLISECOND_NS + 1);
}

static const char *const STATES[] = {[EXCHANGE_STARTING] = "starting",
                                     [EXCHANGE_READY] = "ready",
                                     [EXCHANGE_TIME_HELD] =
                                         "time is held until two keys confirm it",
                                     [EXCHANGE_DIVERGED] = "diverged: takes only a Resolve",
                                     [EXCHANGE_STOPPING] = "stopping"};

static void tell(const struct watchdog *watchdog, const struct counters *counters) {
    char state[STATE_BYTES_MAX];
    uint64_t number = counter_get(counters, COUNTER_STATE);
    const char *word = number <= EXCHANGE_STOPPING ? STATES[number] : NULL;
    uint64_t step = counter_get(counters, COUNTER_DISK_STEP);
    snprintf(state, sizeof state,
             "STATUS=%s; %" PRIu64 " records durable, %" PRIu64 " sessions%s%s%s",
             word != NULL ? word : "unknown", counter_get(counters, COUNTER_DURABLE),
             counter_get(counters, COUNTER_SESSIONS_UP),
             step == DISK_LOW        ? "; the disk is nearly full"
             : step == DISK_CRITICAL ? "; the disk is critically full"
                                     : "",
             watchdog->is_stuck ? "; THE DISK DOES NOT ANSWER" : "",
             watchdog->is_watched && !watchdog->is_stuck ? "\nWATCHDOG=1" : "");
    notify_manager(state);
}

void watchdog_look(struct watchdog *watchdog, const struct counters *counters, int64_t now_ns) {
    if (watchdog->period_ns == 0 || now_ns < watchdog->due_ns)
        return;
    uint64_t durable = counter_get(counters, COUNTER_DURABLE);
    bool is_stuck = watchdog->was_behind && durable == watchdog->durable;
    if (is_stuck && !watchdog->is_stuck)
        log_line(LOG_LEVEL_ERROR, "ledger_is_stuck", "durable=%" PRIu64 " next=%" PRIu64, durable,
                 counter_get(counters, COUNTER_NEXT));
    watchdog->is_stuck = is_stuck;
    watchdog->durable = durable;
    watchdog->was_behind = counter_get(counters, COUNTER_NEXT) > durable;
    watchdog->due_ns = now_ns + watchdog->period_ns;
    tell(watchdog, counters);
}
