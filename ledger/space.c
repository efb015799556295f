/*
 * One thread keeps two marks ahead of the writer. Marks and the piece of zeros under way are
 * guarded by a mutex that is never held during a system call, so the writer waits for nobody but
 * for zeros that it would collide with.
 *
 * Zeros are pushed to the disk piece by piece: otherwise the writer's next fdatasync, which takes
 * all dirty pages of the file, would wait for all of them. Each piece also changes the file's
 * extents, which that fdatasync commits to the file system's journal. So pieces come in bursts with
 * long pauses: commits of 10 records took 0.27 ms at the median, with zeros trickling along 0.42,
 * without any 0.38.
 */
#include "ledger/space.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "ledger/failure.h"

#define PAGE           4096u
#define PIECE_BYTES    (1u << 20) /* of zeros in one write */
#define STEP_BYTES_MAX (UINT64_C(256) << 20)
#define RETRY_SECONDS  1 /* after the disk was full */

struct space {
    struct space_limits limits;
    int file;
    uint64_t step; /* promised at a time */
    pthread_t thread;

    pthread_mutex_t mutex; /* of all below */
    pthread_cond_t work;   /* to the thread: the marks have come near, or stop */
    pthread_cond_t done;   /* to the writer: what was under way is over */
    bool is_stopping;
    bool is_full;             /* the disk gave no room; try again later */
    bool was_full;            /* and the log has said so; until the reserve is whole again */
    struct timespec retry_at; /* when it is full */
    bool can_promise;         /* fallocate works here; else only zeros make room */
    bool is_zeroing;          /* a piece from `zeroed` on is under way */
    bool is_in_burst;         /* of zeros */
    bool is_asking;           /* a promise is under way */
    bool is_moving;           /* to another file: the thread does nothing meanwhile */
    uint64_t zeroed;          /* zeros are written up to here */
    uint64_t claimed;         /* the writer may write up to here */

    uint64_t promised; /* the disk has given room up to here */
    uint64_t used;

    /* Written with the mutex held, read by space_state() and space_failure() without. */
    _Atomic uint64_t ahead; /* promised - used, when neither is about to change */
    _Atomic int failure;
};

/* Never written; not const, so that it takes no room in the program. */
static uint8_t zeros[PIECE_BYTES] __attribute__((aligned(PAGE)));

static bool has_failed(const struct space *space) {
    return atomic_load(&space->failure) != 0;
}

static uint64_t count_ahead(const struct space *space) {
    return space->promised > space->used ? space->promised - space->used : 0;
}

static void publish(struct space *space) {
    atomic_store_explicit(&space->ahead, count_ahead(space), memory_order_relaxed);
}

/* The mark that zeros are to reach; without promises they make all of the reserve. */
static uint64_t zeros_wanted(const struct space *space) {
    if (!space->can_promise)
        return space->used + space->limits.low_bytes + space->step;
    uint64_t wanted = space->used + space->limits.zero_bytes;
    return wanted < space->promised ? wanted : space->promised;
}

static bool needs_promise(const struct space *space) {
    return space->can_promise && !space->is_full &&
           space->promised < space->used + space->limits.low_bytes + space->step;
}

/* Zeros come in bursts: once half of them are used up, until all are there again. Had the writer
 * them behind it all the time, each of its commits would sync their extents too. */
static bool needs_zeros(const struct space *space) {
    bool has_room = space->can_promise || !space->is_full;
    uint64_t wanted = zeros_wanted(space);
    uint64_t slack = space->is_in_burst || wanted < space->used ? 0 : (wanted - space->used) / 2;
    return has_room && space->zeroed + slack < wanted;
}

/* --- the disk, called without the mutex ------------------------------------------------------ */

/* Asks for room up to `end`. Returns 0 or errno. */
static int promise(const struct space *space, uint64_t begin, uint64_t end) {
    int code = 0;
    do {
        code = fallocate(space->file, 0, (off_t)begin, (off_t)(end - begin)) == 0 ? 0 : errno;
    } while (code == EINTR);
    return code;
}

/* Writes zeros and waits until the disk has them. Returns 0 or errno. */
static int write_zeros(const struct space *space, uint64_t begin, uint64_t size) {
    for (uint64_t written = 0; written < size;) {
        ssize_t count = pwrite(space->file, zeros, size - written, (off_t)(begin + written));
        if (count < 0 && errno != EINTR)
            return errno;
        written += count > 0 ? (uint64_t)count : 0;
    }
    unsigned flags =
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    return sync_file_range(space->file, (off_t)begin, (off_t)size, flags) == 0 ? 0 : errno;
}

/* --- the marks, with the mutex --------------------------------------------------------------- */

static void note_error(struct space *space, int code, const char *what) {
    if (code == ENOSPC || code == EDQUOT || code == EFBIG) {
        if (!space->was_full)
            failure_log(FAILURE_SYSTEM, "disk full: %llu bytes left of the reserve",
                        (unsigned long long)count_ahead(space));
        space->is_full = true;
        space->was_full = true;
        clock_gettime(CLOCK_MONOTONIC, &space->retry_at);
        space->retry_at.tv_sec += RETRY_SECONDS;
        return;
    }
    errno = code;
    atomic_store(&space->failure, failure_errno("%s", what));
}

/* A disk that has not room for all may have it for a part: half as much is asked for, and so on. */
static void move_promise(struct space *space) {
    uint64_t begin = space->promised;
    uint64_t size = space->used + space->limits.low_bytes + 2 * space->step - begin;
    int code = 0;
    bool is_part = false;
    space->is_asking = true;
    pthread_mutex_unlock(&space->mutex);
    while ((code = promise(space, begin, begin + size)) == ENOSPC && size >= (uint64_t)2 * PAGE) {
        size = size / 2 / PAGE * PAGE;
        is_part = true;
    }
    pthread_mutex_lock(&space->mutex);
    space->is_asking = false;
    pthread_cond_signal(&space->done);
    if (code == 0)
        space->promised = begin + size;
    if (code == 0 && !is_part)
        space->was_full = false;
    if (code == EOPNOTSUPP || code == ENOSYS)
        space->can_promise = false;
    else if (code != 0 || is_part)
        note_error(space, code != 0 ? code : ENOSPC, "reserve disk space");
}

static void move_zeros(struct space *space) {
    uint64_t begin = space->zeroed > space->claimed ? space->zeroed : space->claimed;
    begin = (begin + PAGE - 1) / PAGE * PAGE;
    space->zeroed = begin;
    space->is_in_burst = begin < zeros_wanted(space);
    if (!space->is_in_burst)
        return;
    uint64_t left = zeros_wanted(space) - begin;
    uint64_t size = left < PIECE_BYTES ? left : PIECE_BYTES;
    space->is_zeroing = true;
    pthread_mutex_unlock(&space->mutex);
    int code = write_zeros(space, begin, size);
    pthread_mutex_lock(&space->mutex);
    space->is_zeroing = false;
    pthread_cond_signal(&space->done);
    if (code != 0) {
        note_error(space, code, "write zeros ahead");
        return;
    }
    space->zeroed = begin + size;
    space->is_in_burst = space->zeroed < zeros_wanted(space);
    if (space->zeroed > space->promised)
        space->promised = space->zeroed;
}

/* After a full disk the thread looks again by itself: room may have come. */
static void wait_for_work(struct space *space) {
    if (!space->is_full)
        pthread_cond_wait(&space->work, &space->mutex);
    else if (pthread_cond_timedwait(&space->work, &space->mutex, &space->retry_at) == ETIMEDOUT)
        space->is_full = false;
}

static void *keep_ahead(void *owner) {
    struct space *space = owner;
    pthread_setname_np(pthread_self(), "space");
    pthread_mutex_lock(&space->mutex);
    while (!space->is_stopping) {
        bool can_work = !has_failed(space) && !space->is_moving;
        if (can_work && needs_promise(space))
            move_promise(space);
        else if (can_work && needs_zeros(space))
            move_zeros(space);
        else
            wait_for_work(space);
        if (!space->is_moving)
            publish(space);
    }
    pthread_mutex_unlock(&space->mutex);
    return NULL;
}

/* --- the interface --------------------------------------------------------------------------- */

static bool are_in_order(const struct space_limits *limits) {
    return limits->halt_bytes > 0 && limits->critical_bytes > limits->halt_bytes &&
           limits->low_bytes > limits->critical_bytes && limits->zero_bytes <= limits->low_bytes &&
           limits->low_bytes < INT64_MAX / 4;
}

/* How far the file holds written blocks from `used` on: what an earlier run wrote ahead need not be
 * written again. Blocks that are promised but not written read as a hole. */
static uint64_t find_zeroed(int file, uint64_t used) {
    off_t hole = lseek(file, (off_t)used, SEEK_HOLE);
    return hole > (off_t)used ? (uint64_t)hole / PAGE * PAGE : used;
}

static int init_locks(struct space *space) {
    pthread_condattr_t attributes;
    int code = pthread_mutex_init(&space->mutex, NULL);
    code |= pthread_condattr_init(&attributes);
    code |= pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    code |= pthread_cond_init(&space->work, &attributes);
    code |= pthread_cond_init(&space->done, &attributes);
    pthread_condattr_destroy(&attributes);
    return code;
}

/* Sets the marks for a file and moves them for the first time; with the mutex held. */
static void begin_file(struct space *space, int file, uint64_t used_bytes) {
    space->file = file;
    space->is_full = false;
    space->can_promise = true;
    space->used = used_bytes;
    space->promised = used_bytes;
    space->claimed = used_bytes;
    space->zeroed = find_zeroed(file, used_bytes);
    move_promise(space);
    while (!space->can_promise && !has_failed(space) && needs_zeros(space))
        move_zeros(space);
    space->is_moving = false;
    publish(space);
}

int space_start(struct space **started, int file, uint64_t used_bytes,
                const struct space_limits *limits) {
    *started = NULL;
    if (!are_in_order(limits))
        return failure_log(FAILURE_MALFORMED, "disk reserve: limits are not in order");
    struct space *space = calloc(1, sizeof *space);
    if (space == NULL || init_locks(space) != 0) {
        free(space);
        return failure_errno("disk reserve");
    }
    space->limits = *limits;
    space->step = limits->low_bytes / 4 < STEP_BYTES_MAX ? limits->low_bytes / 4 : STEP_BYTES_MAX;
    space->step = (space->step + PAGE - 1) / PAGE * PAGE;
    pthread_mutex_lock(&space->mutex);
    begin_file(space, file, used_bytes);
    int failure = atomic_load(&space->failure);
    pthread_mutex_unlock(&space->mutex);
    if (failure == 0 && (errno = pthread_create(&space->thread, NULL, keep_ahead, space)) != 0)
        failure = failure_errno("disk reserve: thread");
    if (failure != 0) {
        free(space);
        return failure;
    }
    *started = space;
    return 0;
}

void space_rest(struct space *space) {
    pthread_mutex_lock(&space->mutex);
    space->is_moving = true;
    while (space->is_zeroing || space->is_asking)
        pthread_cond_wait(&space->done, &space->mutex);
    pthread_mutex_unlock(&space->mutex);
}

void space_move(struct space *space, int file, uint64_t used_bytes) {
    pthread_mutex_lock(&space->mutex);
    assert(space->is_moving);
    begin_file(space, file, used_bytes);
    pthread_cond_signal(&space->work);
    pthread_mutex_unlock(&space->mutex);
}

void space_stop(struct space *space) {
    if (space == NULL)
        return;
    pthread_mutex_lock(&space->mutex);
    space->is_stopping = true;
    pthread_cond_signal(&space->work);
    pthread_mutex_unlock(&space->mutex);
    pthread_join(space->thread, NULL);
    pthread_cond_destroy(&space->work);
    pthread_cond_destroy(&space->done);
    pthread_mutex_destroy(&space->mutex);
    free(space);
}

void space_claim(struct space *space, uint64_t end) {
    pthread_mutex_lock(&space->mutex);
    while (space->is_zeroing && space->zeroed < end)
        pthread_cond_wait(&space->done, &space->mutex);
    if (end > space->claimed)
        space->claimed = end;
    pthread_mutex_unlock(&space->mutex);
}

void space_use(struct space *space, uint64_t used_bytes) {
    pthread_mutex_lock(&space->mutex);
    space->used = used_bytes;
    publish(space);
    if (needs_promise(space) || needs_zeros(space))
        pthread_cond_signal(&space->work);
    pthread_mutex_unlock(&space->mutex);
}

uint64_t space_ahead(const struct space *space) {
    return atomic_load_explicit(&space->ahead, memory_order_relaxed);
}

enum space_state space_state(const struct space *space) {
    uint64_t ahead = space_ahead(space);
    if (ahead >= space->limits.low_bytes)
        return SPACE_OK;
    if (ahead >= space->limits.critical_bytes)
        return SPACE_LOW;
    return ahead >= space->limits.halt_bytes ? SPACE_CRITICAL : SPACE_FULL;
}

int space_failure(const struct space *space) {
    return atomic_load(&space->failure);
}
