/* Reads until the view ends, gives the listener its turn, sleeps at the end. */
#include "gateway/follower.h"

#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/clock.h"
#include "gateway/log.h"
#include "ledger/failure.h"

struct follower {
    struct follower_options options;
    struct follower_listener listener;
    char name[FOLLOWER_THREAD_NAME_MAX + 1];
    char ledger_dir[4096];
    struct wake wake;
    pthread_t thread;
    bool is_running;
    _Atomic bool stops; /* to the thread; the wake's signal after it */

    /* The thread's. */
    struct reader *reader;
    int fd;              /* the listener's, -1: none */
    uint64_t records;    /* since it slept */
    int timeout_ms;      /* of the last turn */
    int64_t farewell_ns; /* monotonic: when it stops at the latest; 0: not told to stop */
};

static void set_state(struct follower *follower, enum follower_state state) {
    counter_set(follower->options.counters, follower->options.state, state);
}

uint64_t follower_as_of(const struct follower *follower) {
    return counter_get(follower->options.counters, follower->options.as_of);
}

enum follower_state follower_state(const struct follower *follower) {
    return (enum follower_state)counter_get(follower->options.counters, follower->options.state);
}

struct wake *follower_wake(struct follower *follower) {
    return &follower->wake;
}

/* --- the thread --------------------------------------------------------------------------------
 */

static int take_turn(struct follower *follower, bool is_end, bool is_last) {
    uint64_t next = reader_position(follower->reader);
    struct follower_turn turn = {
        .next = next, .is_end = is_end, .is_last = is_last, .as_of = next, .timeout_ms = -1};
    int failure = follower->listener.turn(follower->listener.owner, &turn);
    if (failure != 0)
        return failure;
    assert(turn.as_of <= next);
    follower->timeout_ms = turn.timeout_ms;
    counter_set(follower->options.counters, follower->options.as_of, turn.as_of);
    return 0;
}

/* Hands over the records of one view. Returns READER_END, READER_PAUSE or a failure. */
static int read_view(struct follower *follower) {
    struct reader_record record;
    int step;
    while ((step = reader_next(follower->reader, &record)) == READER_RECORD) {
        int failure = follower->listener.record(follower->listener.owner, &record);
        if (failure != 0)
            return failure;
        follower->records++;
    }
    return step;
}

/* Lets records gather; the listener's fd ends it. */
static void gather(const struct follower *follower) {
    struct timespec time = {.tv_nsec = follower->options.gather_ns};
    struct pollfd ready = {.fd = follower->fd, .events = POLLIN}; /* -1 is passed over */
    if (follower->timeout_ms >= 0 &&
        follower->timeout_ms * CLOCK_MILLISECOND_NS < follower->options.gather_ns)
        time.tv_nsec = follower->timeout_ms * CLOCK_MILLISECOND_NS;
    ppoll(&ready, 1, &time, NULL);
}

/* After wake_announce() and the turn after it. */
static void sleep_until_more(struct follower *follower) {
    struct pollfd ready[] = {{.fd = follower->wake.fd, .events = POLLIN},
                             {.fd = follower->fd, .events = POLLIN}};
    uint64_t durable = counter_get(follower->options.counters, COUNTER_DURABLE);
    if (durable <= reader_position(follower->reader) && !atomic_load(&follower->stops))
        poll(ready, 2, follower->timeout_ms);
    wake_retract(&follower->wake);
}

/* Nothing more is durable: the listener's turn, and a sleep. */
static int rest(struct follower *follower) {
    bool has_records = follower->records > 0;
    reader_rest(follower->reader);
    follower->records = 0;
    if (!has_records)
        wake_announce(&follower->wake);
    int failure = take_turn(follower, true, false);
    if (has_records && failure == 0)
        gather(follower);
    else if (failure == 0)
        sleep_until_more(follower);
    else
        wake_retract(&follower->wake);
    return failure;
}

/* True when the thread is to end now: all is handed over, or the farewell has taken too long. */
static bool is_over(struct follower *follower, int step) {
    if (!atomic_load(&follower->stops))
        return false;
    /* The stop may have come after this view's last record: one more look at what is durable. */
    bool is_first = follower->farewell_ns == 0;
    if (is_first)
        follower->farewell_ns = clock_mono_ns() + FOLLOWER_FAREWELL_NS;
    return (step == READER_END && !is_first) || clock_mono_ns() >= follower->farewell_ns;
}

/* Follows until it is told to stop (0) or fails. */
static int follow(struct follower *follower) {
    int failure = 0;
    set_state(follower, FOLLOWER_BEHIND);
    while (failure == 0) {
        int step = read_view(follower);
        if (step < 0)
            return step;
        if (is_over(follower, step))
            return take_turn(follower, step == READER_END, true);
        if (step == READER_END && follower_state(follower) == FOLLOWER_BEHIND)
            set_state(follower, FOLLOWER_LIVE);
        failure = step == READER_END ? rest(follower) : take_turn(follower, false, false);
    }
    return failure;
}

static int start_and_follow(struct follower *follower) {
    struct follower_start start = {.fd = -1};
    int failure = reader_open(&follower->reader, follower->ledger_dir, false);
    if (failure != 0)
        return failure;
    start.profile = reader_profile(follower->reader);
    failure = follower->listener.begin(follower->listener.owner, &start);
    if (failure != 0)
        return failure;
    follower->fd = start.fd;
    counter_set(follower->options.counters, follower->options.as_of, start.from);
    reader_seek(follower->reader, start.from);
    return follow(follower);
}

static void *run(void *owner) {
    struct follower *follower = owner;
    pthread_setname_np(pthread_self(), follower->name);
    int failure = start_and_follow(follower);
    if (failure != 0)
        log_line(LOG_LEVEL_ERROR, "follower_failed", "name=%s failure=\"%s\" as_of=%lu",
                 follower->name, failure_name(failure), follower_as_of(follower));
    if (follower->reader != NULL)
        reader_close(follower->reader);
    follower->listener.end(follower->listener.owner, failure);
    set_state(follower, failure == 0 ? FOLLOWER_STOPPED : FOLLOWER_FAILED);
    return NULL;
}

/* --- life --------------------------------------------------------------------------------------
 */

struct follower *follower_create(const struct follower_options *options,
                                 const struct follower_listener *listener) {
    struct follower *follower = calloc(1, sizeof *follower);
    if (follower == NULL) {
        failure_errno("follower %s", options->name);
        return NULL;
    }
    assert(strlen(options->name) <= FOLLOWER_THREAD_NAME_MAX &&
           options->gather_ns < CLOCK_SECOND_NS);
    follower->options = *options;
    follower->listener = *listener;
    follower->fd = -1;
    follower->timeout_ms = -1;
    snprintf(follower->name, sizeof follower->name, "%s", options->name);
    snprintf(follower->ledger_dir, sizeof follower->ledger_dir, "%s", options->ledger_dir);
    set_state(follower, FOLLOWER_STARTING);
    if (wake_init(&follower->wake) == 0) {
        int error = pthread_create(&follower->thread, NULL, run, follower);
        follower->is_running = error == 0;
        if (error != 0)
            failure_log(FAILURE_SYSTEM, "follower %s: %s", options->name, strerror(error));
    }
    if (follower->is_running)
        return follower;
    set_state(follower, FOLLOWER_FAILED);
    follower_destroy(follower);
    return NULL;
}

void follower_destroy(struct follower *follower) {
    if (follower == NULL)
        return;
    if (follower->is_running) {
        atomic_store(&follower->stops, true);
        wake_signal(&follower->wake);
        pthread_join(follower->thread, NULL);
    }
    wake_fini(&follower->wake);
    free(follower);
}
