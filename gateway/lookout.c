/* One look a second; everything it needs is in the counters, the process's own pages in /proc, and
 * LMDB's table of readers. */
#include "gateway/lookout.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/clock.h"
#include "gateway/health.h"
#include "gateway/log.h"
#include "gateway/wake.h"
#include "ledger/failure.h"
#include "ledger/volume.h"

struct lookout {
    struct counters *counters;
    char ledger_dir[4096];
    struct wake wake;
    pthread_t thread;
    bool is_running;
    _Atomic bool stops;

    uint64_t looks;
    bool core_hangs; /* as the log was told */
    bool ledger_hangs;

    /* As of the last line in the log. */
    int64_t minute_ns;
    uint64_t before[COUNTERS_END];
    struct tally_view answers;
    struct tally_view commits;
};

/* --- into the counters -------------------------------------------------------------------------
 */

static void look_at_memory(struct lookout *lookout) {
    char text[128];
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t size = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    if (fd >= 0)
        close(fd);
    text[size > 0 ? size : 0] = '\0';
    char *at = strchr(text, ' '); /* behind the address space: pages resident */
    if (at != NULL)
        counter_set(lookout->counters, COUNTER_MEMORY_BYTES,
                    strtoull(at, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE));
}

/* The newest volume; a roll meanwhile is no matter, its number changes with it. */
static void look_at_volume(struct lookout *lookout) {
    struct counters *counters = lookout->counters;
    struct env_readers readers;
    struct env *env;
    uint32_t removed = 0;
    if (volume_open(&env, lookout->ledger_dir, (uint32_t)counter_get(counters, COUNTER_VOLUME),
                    ENV_READ, 0) != 0)
        return;
    if (lookout->looks % LOOKOUT_MINUTE == 0 && env_forget_dead_readers(env, &removed) == 0)
        counter_add(counters, COUNTER_READERS_DEAD, removed);
    if (env_look_at_readers(env, &readers) == 0) {
        counter_set(counters, COUNTER_READERS, readers.count);
        counter_set(counters, COUNTER_READER_COMMITS, readers.commits);
        counter_set(counters, COUNTER_READER_PID, (uint64_t)readers.pid);
    }
    counter_set(counters, COUNTER_VOLUME_BYTES, env_used_bytes(env));
    env_close(env);
    if (removed > 0)
        log_line(LOG_LEVEL_INFO, "dead_readers", "removed=%u", removed);
}

/* --- into the log ------------------------------------------------------------------------------
 */

static void tell_hang(const char *thread, bool hangs, bool *told, enum doing doing) {
    if (hangs == *told)
        return;
    *told = hangs;
    log_line(hangs ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, hangs ? "hangs" : "goes_on",
             "thread=%s doing=\"%s\"", thread, health_doing(doing));
}

static void look_for_hangs(struct lookout *lookout, int64_t now_ns) {
    const struct counters *counters = lookout->counters;
    tell_hang("core", health_core_hangs(counters, now_ns), &lookout->core_hangs,
              (enum doing)counter_get(counters, COUNTER_DOING));
    tell_hang("ledger", health_ledger_hangs(counters, now_ns), &lookout->ledger_hangs,
              (enum doing)counter_get(counters, COUNTER_LEDGER_DOING));
}

static uint64_t rate_of(const struct lookout *lookout, enum counter counter, int64_t past_ns) {
    uint64_t more = counter_get(lookout->counters, counter) - lookout->before[counter];
    return more * 1000 / (uint64_t)(past_ns / CLOCK_MILLISECOND_NS + 1);
}

static uint64_t quantile_us(const struct lookout *lookout, enum histogram histogram,
                            struct tally_view *before, uint32_t ppm) {
    struct tally_view now;
    tally_read(&now, &lookout->counters->histograms[histogram].tally);
    tally_since(&now, before);
    return tally_quantile(&now, ppm) / CLOCK_MICROSECOND_NS;
}

static void remember(struct lookout *lookout, int64_t now_ns) {
    lookout->minute_ns = now_ns;
    for (int i = 0; i < COUNTERS_END; i++)
        lookout->before[i] = counter_get(lookout->counters, (enum counter)i);
    tally_read(&lookout->answers, &lookout->counters->histograms[HISTOGRAM_ANSWER_REQUEST].tally);
    tally_read(&lookout->commits, &lookout->counters->histograms[HISTOGRAM_DISK_COMMIT].tally);
}

/* "shadow_behind=12 shadow_lag_s=0 ..." of each follower there is. */
static void put_followers(const struct counters *counters, int64_t now_ns, char *text,
                          size_t room) {
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; health_followers[i].name != NULL && used < room; i++) {
        const struct health_follower *follower = &health_followers[i];
        bool is_more;
        uint64_t as_of = counter_get(counters, follower->as_of);
        uint64_t durable = counter_get(counters, COUNTER_DURABLE);
        if (counter_get(counters, follower->state) == 0)
            continue;
        int64_t lag_ns = counters_lag_ns(counters, TRAIL_DURABLE, as_of, now_ns, &is_more);
        used += (size_t)snprintf(text + used, room - used, " %s_behind=%lu %s_lag_s=%ld",
                                 follower->name, durable > as_of ? durable - as_of : 0,
                                 follower->name, lag_ns / CLOCK_SECOND_NS);
    }
}

static void tell_minute(struct lookout *lookout, int64_t now_ns) {
    struct counters *counters = lookout->counters;
    int64_t past_ns = now_ns - lookout->minute_ns;
    char followers[384];
    put_followers(counters, now_ns, followers, sizeof followers);
    log_line(LOG_LEVEL_INFO, "minute",
             "requests=%lu requests_s=%lu refused_s=%lu records_s=%lu commits_s=%lu bytes_s=%lu "
             "answer_p50_us=%lu answer_p99_us=%lu commit_p50_us=%lu commit_p99_us=%lu "
             "sessions=%lu lagging=%lu ring_bytes=%lu lookup_jobs=%lu orders=%lu memory_mib=%lu "
             "disk_free_mib=%lu reader_commits=%lu next=%lu durable=%lu checkpoint=%lu%s",
             counter_get(counters, COUNTER_REQUESTS), rate_of(lookout, COUNTER_REQUESTS, past_ns),
             rate_of(lookout, COUNTER_REFUSED, past_ns), rate_of(lookout, COUNTER_DURABLE, past_ns),
             rate_of(lookout, COUNTER_COMMITS, past_ns),
             rate_of(lookout, COUNTER_COMMITTED_BYTES, past_ns),
             quantile_us(lookout, HISTOGRAM_ANSWER_REQUEST, &lookout->answers, 500000),
             quantile_us(lookout, HISTOGRAM_ANSWER_REQUEST, &lookout->answers, 990000),
             quantile_us(lookout, HISTOGRAM_DISK_COMMIT, &lookout->commits, 500000),
             quantile_us(lookout, HISTOGRAM_DISK_COMMIT, &lookout->commits, 990000),
             counter_get(counters, COUNTER_SESSIONS_UP),
             counter_get(counters, COUNTER_SESSIONS_LAGGING),
             counter_get(counters, COUNTER_RING_BYTES), counter_get(counters, COUNTER_LOOKUP_JOBS),
             counter_get(counters, counter_pool_used(POOL_ORDERS)),
             counter_get(counters, COUNTER_MEMORY_BYTES) >> 20,
             counter_get(counters, COUNTER_DISK_FREE) >> 20,
             counter_get(counters, COUNTER_READER_COMMITS), counter_get(counters, COUNTER_NEXT),
             counter_get(counters, COUNTER_DURABLE), counter_get(counters, COUNTER_CHECKPOINT),
             followers);
    remember(lookout, now_ns);
}

/* --- the thread --------------------------------------------------------------------------------
 */

static void look(struct lookout *lookout) {
    int64_t now_ns = clock_mono_ns();
    look_at_memory(lookout);
    look_at_volume(lookout);
    counters_trail(lookout->counters, now_ns);
    look_for_hangs(lookout, now_ns);
    lookout->looks++;
    if (lookout->looks % LOOKOUT_MINUTE == 0)
        tell_minute(lookout, now_ns);
}

static void *run(void *owner) {
    struct lookout *lookout = owner;
    pthread_setname_np(pthread_self(), "lookout");
    remember(lookout, clock_mono_ns());
    while (!atomic_load(&lookout->stops)) {
        look(lookout);
        wake_announce(&lookout->wake);
        if (atomic_load(&lookout->stops))
            wake_retract(&lookout->wake);
        else
            wake_wait(&lookout->wake, LOOKOUT_PERIOD_MS);
    }
    return NULL;
}

struct lookout *lookout_create(struct counters *counters, const char *ledger_dir) {
    struct lookout *lookout = calloc(1, sizeof *lookout);
    if (lookout == NULL)
        return NULL;
    lookout->counters = counters;
    lookout->wake.fd = -1;
    snprintf(lookout->ledger_dir, sizeof lookout->ledger_dir, "%s", ledger_dir);
    int error = wake_init(&lookout->wake) != 0
                    ? EAGAIN
                    : pthread_create(&lookout->thread, NULL, run, lookout);
    lookout->is_running = error == 0;
    if (lookout->is_running)
        return lookout;
    failure_log(FAILURE_SYSTEM, "lookout thread: %s", strerror(error));
    lookout_destroy(lookout);
    return NULL;
}

void lookout_destroy(struct lookout *lookout) {
    if (lookout == NULL)
        return;
    atomic_store(&lookout->stops, true);
    wake_signal(&lookout->wake);
    if (lookout->is_running)
        pthread_join(lookout->thread, NULL);
    wake_fini(&lookout->wake);
    free(lookout);
}
