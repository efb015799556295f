/* Counters are read while the server writes them: each is whole, all are nearly of one moment. */
#include "bench/gateway_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "bench/stopwatch.h"
#include "gateway/counters.h"

/* Fields of /proc/PID/stat after the program's name: utime and stime are the 12th and 13th. */
#define STAT_UTIME       12
#define SEAL_PATIENCE_NS UINT64_C(60000000000)

const char *const gateway_watch_followers[WATCH_FOLLOWERS] = {"shadow", "index", "feed"};
static const enum counter AS_OF[WATCH_FOLLOWERS] = {COUNTER_SHADOW, COUNTER_INDEX, COUNTER_FEED};

static double server_cpu_s(const struct trial *trial) {
    char path[64];
    char text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", trial->pid);
    FILE *file = fopen(path, "re");
    size_t size = file != NULL ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file != NULL)
        fclose(file);
    text[size] = '\0';
    char *at = strrchr(text, ')');
    for (int i = 0; at != NULL && i < STAT_UTIME; i++)
        at = strchr(at + 1, ' ');
    if (at == NULL)
        trial_die("%s: not as expected", path);
    uint64_t user = strtoull(at, &at, 10);
    uint64_t kernel = strtoull(at, &at, 10);
    return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

static double client_cpu_s(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Since when there has been something durable that a follower has not seen. */
static double lag_s(const struct gateway_watch *watch, enum counter follower) {
    uint64_t now_ns = stopwatch_ns();
    uint64_t as_of = counter_get(watch->counters, follower);
    uint64_t since_ns = now_ns;
    uint64_t kept = watch->notes < WATCH_NOTES ? watch->notes : WATCH_NOTES;
    for (uint64_t i = watch->notes; i > watch->notes - kept; i--) {
        uint64_t place = (i - 1) % WATCH_NOTES;
        if (watch->note[place].durable <= as_of)
            break;
        since_ns = watch->note[place].at_ns;
    }
    return (double)(now_ns - since_ns) / 1e9;
}

static void take_note(struct gateway_watch *watch) {
    uint64_t place = watch->notes++ % WATCH_NOTES;
    watch->note[place].at_ns = stopwatch_ns();
    watch->note[place].durable = counter_get(watch->counters, COUNTER_DURABLE);
}

static void look_at_followers(struct gateway_watch *watch) {
    for (size_t i = 0; i < WATCH_FOLLOWERS; i++) {
        watch->lag_s[i] = lag_s(watch, AS_OF[i]);
        if (watch->lag_s[i] > watch->lag_max_s[i])
            watch->lag_max_s[i] = watch->lag_s[i];
    }
}

static void *run(void *owner) {
    struct gateway_watch *watch = owner;
    struct timespec period = {.tv_nsec = WATCH_PERIOD_MS * 1000000L};
    while (!atomic_load(&watch->stops)) {
        look_at_followers(watch);
        take_note(watch);
        nanosleep(&period, NULL);
    }
    return NULL;
}

void gateway_watch_begin(struct gateway_watch *watch, const struct trial *trial) {
    memset(watch, 0, sizeof *watch);
    watch->trial = trial;
    watch->counters = counters_look(trial->exchange);
    if (watch->counters == NULL)
        trial_die("%s: no counters", trial->exchange);
    watch->commits = counter_get(watch->counters, COUNTER_COMMITS);
    watch->records = counter_get(watch->counters, COUNTER_DURABLE);
    watch->is_furnished = counter_get(watch->counters, COUNTER_SNAPSHOT) != 0;
    watch->lagged = counter_get(watch->counters, COUNTER_SESSIONS_LAGGED);
    watch->server_cpu_s = server_cpu_s(trial);
    watch->client_cpu_s = client_cpu_s();
    watch->seconds = (double)stopwatch_ns() / 1e9;
    if (pthread_create(&watch->thread, NULL, run, watch) != 0)
        trial_die("no thread to watch");
}

void gateway_watch_end(struct gateway_watch *watch) {
    atomic_store(&watch->stops, true);
    pthread_join(watch->thread, NULL);
    watch->seconds = (double)stopwatch_ns() / 1e9 - watch->seconds;
    watch->server_cpu_s = server_cpu_s(watch->trial) - watch->server_cpu_s;
    watch->client_cpu_s = client_cpu_s() - watch->client_cpu_s;
    watch->commits = counter_get(watch->counters, COUNTER_COMMITS) - watch->commits;
    watch->records = counter_get(watch->counters, COUNTER_DURABLE) - watch->records;
    watch->lagged = counter_get(watch->counters, COUNTER_SESSIONS_LAGGED) - watch->lagged;
}

void gateway_watch_await_seal(const struct trial *trial) {
    const struct counters *counters = counters_look(trial->exchange);
    struct timespec moment = {.tv_nsec = 1000000};
    uint64_t begun_ns = stopwatch_ns();
    if (counters == NULL)
        trial_die("the server's counters cannot be read");
    uint64_t last = counter_get(counters, COUNTER_NEXT) - 1;
    while (counter_get(counters, COUNTER_SEALED) < last) {
        if (stopwatch_ns() - begun_ns > SEAL_PATIENCE_NS)
            trial_die("nothing is sealed");
        nanosleep(&moment, NULL);
    }
}
