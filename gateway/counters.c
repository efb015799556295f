/* A file of fixed size, mapped shared: the kernel keeps it when the process is killed. */
#include "gateway/counters.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/log.h"
#include "gateway/program_version.h"
#include "ledger/failure.h"

#define PATH_BYTES 4096

static const char *const VALUE_NAMES[COUNTER_POOLS] = {
    [COUNTER_PID] = "pid",
    [COUNTER_STATE] = "state",
    [COUNTER_EPOCH] = "epoch",
    [COUNTER_STARTED_NS] = "started_ns",
    [COUNTER_HEARTBEAT_NS] = "heartbeat_ns",
    [COUNTER_ALIVE_NS] = "alive_ns",
    [COUNTER_DOING] = "doing",
    [COUNTER_LEDGER_DOING] = "ledger_doing",
    [COUNTER_LEDGER_SINCE_NS] = "ledger_since_ns",
    [COUNTER_ENDED] = "ended",
    [COUNTER_BEFORE_ENDED] = "before_ended",
    [COUNTER_BEFORE_STARTED_NS] = "before_started_ns",
    [COUNTER_MARKET] = "market",
    [COUNTER_NEXT] = "next",
    [COUNTER_DURABLE] = "durable",
    [COUNTER_RELEASED] = "released",
    [COUNTER_SHADOW] = "shadow",
    [COUNTER_SHADOW_STATE] = "shadow_state",
    [COUNTER_REGISTER] = "register",
    [COUNTER_REGISTER_STATE] = "register_state",
    [COUNTER_INDEX] = "index",
    [COUNTER_INDEX_STATE] = "index_state",
    [COUNTER_FEED] = "feed",
    [COUNTER_FEED_STATE] = "feed_state",
    [COUNTER_FEED_FRAMES] = "feed_frames",
    [COUNTER_FEED_EVENTS] = "feed_events",
    [COUNTER_FEED_SUBSCRIPTIONS] = "feed_subscriptions",
    [COUNTER_READER] = "reader",
    [COUNTER_SEALED] = "sealed",
    [COUNTER_CHECKPOINT] = "checkpoint",
    [COUNTER_MARK] = "mark",
    [COUNTER_SNAPSHOT] = "snapshot",
    [COUNTER_FRAMES] = "frames",
    [COUNTER_REQUESTS] = "requests",
    [COUNTER_REFUSED] = "refused",
    [COUNTER_REPEATED] = "repeated",
    [COUNTER_SIGNATURES] = "signatures",
    [COUNTER_SIGNATURES_FALSE] = "signatures_false",
    [COUNTER_SIGNED_WAITING] = "signed_waiting",
    [COUNTER_TRADES] = "trades",
    [COUNTER_REPLIES] = "replies",
    [COUNTER_REPORTS] = "reports",
    [COUNTER_PAGES] = "pages",
    [COUNTER_SESSIONS_UP] = "sessions_up",
    [COUNTER_DROP_COPIES] = "drop_copies",
    [COUNTER_SESSIONS_LAGGING] = "sessions_lagging",
    [COUNTER_SESSIONS_LAGGED] = "sessions_lagged",
    [COUNTER_ROUND_REQUESTS] = "round_requests",
    [COUNTER_ROUNDS_FULL] = "rounds_full",
    [COUNTER_RING_BYTES] = "ring_bytes",
    [COUNTER_RING_BYTES_BUSY] = "ring_bytes_busy",
    [COUNTER_RING_WAITS] = "ring_waits",
    [COUNTER_LOOKUP_JOBS] = "lookup_jobs",
    [COUNTER_COMMITS] = "commits",
    [COUNTER_COMMITTED_BYTES] = "committed_bytes",
    [COUNTER_VOLUME] = "volume",
    [COUNTER_VOLUME_BYTES] = "volume_bytes",
    [COUNTER_VOLUME_BYTES_MAX] = "volume_bytes_max",
    [COUNTER_READERS] = "readers",
    [COUNTER_READER_COMMITS] = "reader_commits",
    [COUNTER_READER_PID] = "reader_pid",
    [COUNTER_READERS_DEAD] = "readers_dead",
    [COUNTER_DISK_FREE] = "disk_free",
    [COUNTER_DISK_LOW] = "disk_low",
    [COUNTER_DISK_CRITICAL] = "disk_critical",
    [COUNTER_DISK_HALT] = "disk_halt",
    [COUNTER_DISK_STEP] = "disk_step",
    [COUNTER_MEMORY_BYTES] = "memory_bytes",
    [COUNTER_TIME_LEAP_NS] = "time_leap_ns",
    [COUNTER_DIVERGED] = "diverged",
    [COUNTER_QUERIES] = "queries",
    [COUNTER_QUERIES_REFUSED] = "queries_refused",
    [COUNTER_QUERIES_LIMITED] = "queries_limited",
    [COUNTER_QUERIES_WAITING] = "queries_waiting",
    [COUNTER_ANSWERS_DROPPED] = "answers_dropped",
    [COUNTER_FEED_BARRED] = "feed_barred",
    [COUNTER_CONNECTIONS] = "connections",
    [COUNTER_QUERY_CONNECTIONS] = "query_connections",
    [COUNTER_FEED_CONNECTIONS] = "feed_connections",
    [COUNTER_CONNECTIONS_REFUSED] = "connections_refused",
};

static const char *const POOL_NAMES[POOLS_END] = {
    [POOL_ORDERS] = "orders",
    [POOL_LEVELS] = "levels",
    [POOL_INSTRUMENTS] = "instruments",
    [POOL_ACCOUNTS] = "accounts",
    [POOL_HOLDINGS] = "holdings",
    [POOL_SESSIONS] = "sessions",
    [POOL_PARTICIPANTS] = "participants",
    [POOL_KEYS] = "keys",
    [POOL_PROPOSALS] = "proposals",
    [POOL_TIMERS] = "timers",
    [POOL_PARTIES] = "parties",
    [POOL_PARTY_KEYS] = "party_keys",
    [POOL_RIGHTS] = "rights",
    [POOL_STAKES] = "stakes",
    [POOL_ESTATES] = "estates",
    [POOL_BINDINGS] = "bindings",
    [POOL_PARCELS] = "parcels",
    [POOL_TIES] = "ties",
    [POOL_CALENDAR] = "calendar",
    [POOL_MANDATES] = "mandates",
    [POOL_LISTINGS] = "listings",
    [POOL_BIDDERS] = "bidders",
};

static const char *const HISTOGRAM_NAMES[HISTOGRAMS_END] = {
    [HISTOGRAM_ANSWER_REQUEST] = "answer_request_ns",
    [HISTOGRAM_WAIT_SAMPLED] = "wait_sampled_ns",
    [HISTOGRAM_APPLY_SAMPLED] = "apply_sampled_ns",
    [HISTOGRAM_DURABLE_SAMPLED] = "durable_sampled_ns",
    [HISTOGRAM_SEND_SAMPLED] = "send_sampled_ns",
    [HISTOGRAM_DISK_COMMIT] = "disk_commit_ns",
    [HISTOGRAM_RECORDS_COMMIT] = "records_commit",
    [HISTOGRAM_ROUND_REQUESTS] = "round_requests",
};

static void name_value(char name[COUNTER_NAME_BYTES], size_t place) {
    if (place < COUNTER_POOLS)
        snprintf(name, COUNTER_NAME_BYTES, "%s", VALUE_NAMES[place]);
    else
        snprintf(name, COUNTER_NAME_BYTES, "%s_%s", POOL_NAMES[1 + (place - COUNTER_POOLS) / 2],
                 (place - COUNTER_POOLS) % 2 == 0 ? "used" : "limit");
}

/* Whether the file counts what this release counts, and in the same places. */
static bool is_ours(const struct counters *counters) {
    char name[COUNTER_NAME_BYTES];
    if (counters->magic != COUNTERS_MAGIC || counters->version != COUNTERS_VERSION ||
        counters->values_count != COUNTERS_END || counters->histograms_count != HISTOGRAMS_END ||
        counters->trail_count != TRAIL_POINTS)
        return false;
    for (size_t i = 0; i < COUNTERS_END; i++) {
        name_value(name, i);
        if (strncmp(counters->values[i].name, name, sizeof name) != 0)
            return false;
    }
    for (size_t i = 0; i < HISTOGRAMS_END; i++)
        if (strncmp(counters->histograms[i].name, HISTOGRAM_NAMES[i], COUNTER_NAME_BYTES) != 0)
            return false;
    return true;
}

static void describe(struct counters *counters) {
    bool is_same = is_ours(counters);
    /* Version 1 had its note elsewhere. */
    bool has_note = counters->magic == COUNTERS_MAGIC && counters->version >= 2;
    uint64_t ended = is_same ? counter_get(counters, COUNTER_ENDED) : 0;
    uint64_t started_ns = is_same ? counter_get(counters, COUNTER_STARTED_NS) : 0;
    counters->magic = 0; /* nobody reads what is half written */
    if (!has_note)
        memset(&counters->note, 0, sizeof counters->note);
    memset(counters->values, 0, sizeof *counters - offsetof(struct counters, values));
    memset(counters->origin, 0, sizeof counters->origin);
    for (size_t i = 0; i < COUNTERS_END; i++)
        name_value(counters->values[i].name, i);
    for (size_t i = 0; i < HISTOGRAMS_END; i++)
        snprintf(counters->histograms[i].name, COUNTER_NAME_BYTES, "%s", HISTOGRAM_NAMES[i]);
    counter_set(counters, COUNTER_BEFORE_ENDED, ended);
    counter_set(counters, COUNTER_BEFORE_STARTED_NS, started_ns);
    snprintf(counters->build, sizeof counters->build, "%s", PROGRAM_VERSION);
    counters->version = COUNTERS_VERSION;
    counters->values_count = COUNTERS_END;
    counters->histograms_count = HISTOGRAMS_END;
    counters->trail_count = TRAIL_POINTS;
    counters->magic = COUNTERS_MAGIC;
}

static void path_in(const char *folder, char path[PATH_BYTES]) {
    int size = snprintf(path, PATH_BYTES, "%s/" COUNTERS_FILE, folder);
    if (size >= PATH_BYTES)
        path[0] = '\0'; /* opens nothing */
}

struct counters *counters_open(const char *folder) {
    char path[PATH_BYTES];
    path_in(folder, path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    /* Its blocks are taken now: a page that found no room later would be a SIGBUS. */
    int error = fd < 0 ? errno : posix_fallocate(fd, 0, sizeof(struct counters));
    if (error == 0 && ftruncate(fd, sizeof(struct counters)) != 0)
        error = errno;
    if (error != 0) {
        errno = error;
        failure_errno("%s", path);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    void *memory = mmap(NULL, sizeof(struct counters), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (memory == MAP_FAILED) {
        failure_errno("%s", path);
        return NULL;
    }
    struct counters *counters = memory;
    describe(counters);
    return counters;
}

void counters_close(struct counters *counters) {
    if (counters != NULL)
        munmap(counters, sizeof *counters);
}

/* --- who lives ---------------------------------------------------------------------------------
 */

/* A lock of the open file, not of the process: another descriptor's close does not end it. */
int counters_hold(const char *folder) {
    char path[PATH_BYTES];
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    path_in(folder, path);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd >= 0 && fcntl(fd, F_OFD_SETLK, &lock) == 0)
        return fd;
    failure_errno("hold %s", path);
    if (fd >= 0)
        close(fd);
    return -1;
}

bool counters_are_held(const char *folder) {
    char path[PATH_BYTES];
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    path_in(folder, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool is_held = fd >= 0 && fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    if (fd >= 0)
        close(fd);
    return is_held;
}

/* --- looking -----------------------------------------------------------------------------------
 */

/* What the head of a file says that is not of this release, or is cut short. */
static enum counters_found judge_head(int fd, uint32_t *version) {
    struct {
        uint64_t magic;
        uint32_t version;
    } head;
    if (pread(fd, &head, sizeof head, 0) != (ssize_t)sizeof head || head.magic != COUNTERS_MAGIC)
        return COUNTERS_FOREIGN;
    *version = head.version;
    return COUNTERS_OTHER;
}

enum counters_found counters_find(const char *folder, const struct counters **counters,
                                  uint32_t *version) {
    char path[PATH_BYTES];
    struct stat status;
    path_in(folder, path);
    *counters = NULL;
    *version = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return COUNTERS_NONE;
    enum counters_found found = judge_head(fd, version);
    void *memory = MAP_FAILED;
    if (found == COUNTERS_OTHER && fstat(fd, &status) == 0 &&
        status.st_size == (off_t)sizeof(struct counters))
        memory = mmap(NULL, sizeof(struct counters), PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (memory == MAP_FAILED)
        return found;
    if (!is_ours(memory)) {
        munmap(memory, sizeof(struct counters));
        return found;
    }
    *counters = memory;
    return COUNTERS_FOUND;
}

const struct counters *counters_look(const char *folder) {
    const struct counters *counters;
    uint32_t version;
    counters_find(folder, &counters, &version);
    return counters;
}

/* --- the trail ---------------------------------------------------------------------------------
 */

static const enum counter SOURCES[TRAIL_VALUES] = {
    [TRAIL_REQUESTS] = COUNTER_REQUESTS, [TRAIL_REFUSED] = COUNTER_REFUSED,
    [TRAIL_TRADES] = COUNTER_TRADES,     [TRAIL_DURABLE] = COUNTER_DURABLE,
    [TRAIL_COMMITS] = COUNTER_COMMITS,   [TRAIL_COMMITTED_BYTES] = COUNTER_COMMITTED_BYTES,
};

void counters_trail(struct counters *counters, int64_t mono_ns) {
    uint64_t next = atomic_load_explicit(&counters->trail_next, memory_order_relaxed);
    struct trail_point *point = &counters->trail[next % TRAIL_POINTS];
    for (size_t i = 0; i < TRAIL_VALUES; i++)
        atomic_store_explicit(&point->values[i], counter_get(counters, SOURCES[i]),
                              memory_order_relaxed);
    atomic_store_explicit(&point->mono_ns, mono_ns, memory_order_relaxed);
    /* Partner: the acquire in points_of(). */
    atomic_store_explicit(&counters->trail_next, next + 1, memory_order_release);
}

/* How many points there are to read, *next being one past the newest: the oldest one, which is the
 * next to be written over, is left out. */
static uint64_t points_of(const struct counters *counters, uint64_t *next) {
    *next = atomic_load_explicit(&counters->trail_next, memory_order_acquire);
    return *next < TRAIL_POINTS ? *next : TRAIL_POINTS - 1;
}

static const struct trail_point *point_at(const struct counters *counters, uint64_t place) {
    return &counters->trail[place % TRAIL_POINTS];
}

const struct trail_point *counters_trail_at(const struct counters *counters, int64_t mono_ns) {
    uint64_t next;
    uint64_t points = points_of(counters, &next);
    for (uint64_t i = 1; i <= points; i++)
        if (point_at(counters, next - i)->mono_ns <= mono_ns)
            return point_at(counters, next - i);
    return NULL;
}

const struct trail_point *counters_trail_last(const struct counters *counters) {
    uint64_t next;
    return points_of(counters, &next) == 0 ? NULL : point_at(counters, next - 1);
}

int64_t counters_lag_ns(const struct counters *counters, enum trail_value value, uint64_t as_of,
                        int64_t mono_ns, bool *is_more) {
    uint64_t next;
    uint64_t points = points_of(counters, &next);
    int64_t since_ns = mono_ns;
    *is_more = false;
    if (as_of >= counter_get(counters, SOURCES[value]))
        return 0;
    for (uint64_t i = 1; i <= points; i++) {
        const struct trail_point *point = point_at(counters, next - i);
        if (point->values[value] <= as_of)
            return mono_ns - since_ns;
        since_ns = point->mono_ns;
    }
    *is_more = points > 0;
    return mono_ns - since_ns;
}
