/* One question at a time stands in `wanted`, one answer in `answer`; who owns the answer is said by
 * `is_answered`: the follower while it is false, the core while it is true. */
#include "gateway/register.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "gateway/certifier.h"
#include "gateway/clock.h"
#include "gateway/follower.h"
#include "gateway/log.h"
#include "ledger/failure.h"
#include "ledger/issue.h"
#include "ledger/register_store.h"

/* Seals come some times a second: so long may records gather. */
#define GATHER_NS (5 * CLOCK_MILLISECOND_NS)

struct registry {
    struct wake *core;
    char dir[4096];
    char ledger_dir[4096];
    char drafts_dir[4096];
    uint8_t profile; /* of the ledger */
    struct follower *follower;
    struct certifier *certifier;  /* likewise */
    struct register_store *store; /* the follower's thread's, once it runs; NULL: could not open */
    int64_t gathered_ns;          /* monotonic: the first record since the last commit; 0: none */
    _Atomic uint64_t wanted;      /* as of this or later; 0: nothing is */
    _Atomic bool is_answered;
    struct registry_root answer;

    /* Partners: the follower and the thread that reads. */
    _Atomic uint64_t readable;
    _Atomic uint64_t watched; /* 0: nobody waits */
    struct wake readers_wake;
};

static int begin(void *owner, struct follower_start *start) {
    struct registry *registry = owner;
    if (registry->store == NULL)
        return FAILURE_STOPPED;
    uint64_t next = register_store_next(registry->store);
    uint64_t certified = certifier_next(registry->certifier);
    start->from = certified < next ? certified : next;
    atomic_store(&registry->readable, next);
    log_line(LOG_LEVEL_INFO, "register_ready", "as_of=%lu", next);
    return 0;
}

static int take_record(void *owner, const struct reader_record *record) {
    struct registry *registry = owner;
    certifier_record(registry->certifier, record);
    bool is_known = record->sequence < register_store_next(registry->store);
    return is_known ? 0 : register_store_add(registry->store, record);
}

static void bring_root(struct registry *registry) {
    uint64_t next = register_store_next(registry->store);
    uint64_t wanted = atomic_load(&registry->wanted);
    if (wanted == 0 || next < wanted || atomic_load(&registry->is_answered))
        return;
    registry->answer.as_of = next;
    register_store_root(registry->store, &registry->answer.root);
    certifier_root(registry->certifier, registry->store, next);
    atomic_store(&registry->wanted, 0);
    atomic_store(&registry->is_answered, true);
    wake_signal(registry->core);
}

/* Commits when it is time. *left_ns is how long it may wait else; -1: without end. */
static int commit_in_time(struct registry *registry, int64_t *left_ns) {
    uint64_t next = register_store_next(registry->store);
    uint64_t records = next - register_store_as_of(registry->store);
    bool has_entries = register_store_gathered(registry->store) > 0;
    int64_t now_ns = clock_mono_ns();
    *left_ns = -1;
    if (records == 0) {
        registry->gathered_ns = 0;
        return 0;
    }
    if (registry->gathered_ns == 0)
        registry->gathered_ns = now_ns;
    int64_t due_ns = registry->gathered_ns + (has_entries ? REGISTRY_GATHER_NS : REGISTRY_STEP_NS);
    *left_ns = due_ns - now_ns;
    if (*left_ns > 0 && records < REGISTRY_STEP_RECORDS)
        return 0;
    registry->gathered_ns = 0;
    *left_ns = -1;
    return register_store_commit(registry->store);
}

/* What is committed may be read; and what was not told needs no commit. */
static void publish(struct registry *registry) {
    bool has_entries = register_store_gathered(registry->store) > 0;
    uint64_t readable =
        has_entries ? register_store_as_of(registry->store) : register_store_next(registry->store);
    atomic_store(&registry->readable, readable);
    uint64_t watched = atomic_load(&registry->watched);
    if (watched != 0 && readable >= watched) {
        atomic_store(&registry->watched, 0);
        wake_signal(&registry->readers_wake);
    }
}

static int turn(void *owner, struct follower_turn *turn) {
    struct registry *registry = owner;
    int64_t left_ns;
    bring_root(registry);
    certifier_turn(registry->certifier);
    int failure = commit_in_time(registry, &left_ns);
    if (failure != 0)
        return failure;
    publish(registry);
    /* Where the certificates' environment was made anew, records are read again that the register
     * has long had. */
    uint64_t readable = atomic_load(&registry->readable);
    turn->as_of = readable < turn->next ? readable : turn->next;
    turn->timeout_ms = left_ns < 0 ? -1 : (int)(left_ns / CLOCK_MILLISECOND_NS) + 1;
    return 0;
}

/* Closing commits the rest, and syncs. */
static void end(void *owner, int failure) {
    struct registry *registry = owner;
    (void)failure;
    certifier_close(registry->certifier);
    registry->certifier = NULL;
    register_store_close(registry->store);
    registry->store = NULL;
    wake_signal(registry->core);
}

struct registry *registry_create(const char *ledger_dir, const char *register_dir,
                                 const char *drafts_dir, struct wake *core,
                                 struct counters *counters) {
    struct registry *registry = calloc(1, sizeof *registry);
    if (registry == NULL)
        return NULL;
    registry->core = core;
    snprintf(registry->dir, sizeof registry->dir, "%s", register_dir);
    snprintf(registry->ledger_dir, sizeof registry->ledger_dir, "%s", ledger_dir);
    snprintf(registry->drafts_dir, sizeof registry->drafts_dir, "%s", drafts_dir);
    struct follower_options options = {.name = "register",
                                       .ledger_dir = ledger_dir,
                                       .counters = counters,
                                       .as_of = COUNTER_REGISTER,
                                       .state = COUNTER_REGISTER_STATE,
                                       .gather_ns = GATHER_NS};
    struct follower_listener listener = {
        .begin = begin, .record = take_record, .turn = turn, .end = end, .owner = registry};
    if (wake_init(&registry->readers_wake) != 0) {
        free(registry);
        return NULL;
    }
    int failure = register_store_open(&registry->store, register_dir, ledger_dir);
    if (failure == 0) {
        registry->profile = register_store_profile(registry->store);
        struct certifier_places places = {.ledger = ledger_dir,
                                          .registered = register_dir,
                                          .drafts = drafts_dir,
                                          .profile = registry->profile};
        registry->certifier = certifier_open(&places);
    } else {
        log_line(LOG_LEVEL_ERROR, "register_unavailable", "failure=\"%s\"", failure_name(failure));
    }
    registry->follower = follower_create(&options, &listener);
    if (registry->follower == NULL) {
        certifier_close(registry->certifier);
        register_store_close(registry->store);
        wake_fini(&registry->readers_wake);
        free(registry);
        return NULL;
    }
    return registry;
}

void registry_destroy(struct registry *registry) {
    if (registry == NULL)
        return;
    follower_destroy(registry->follower);
    wake_fini(&registry->readers_wake);
    free(registry);
}

struct wake *registry_wake(struct registry *registry) {
    return follower_wake(registry->follower);
}

void registry_ask(struct registry *registry, uint64_t at_least) {
    if (atomic_load(&registry->is_answered) || atomic_load(&registry->wanted) >= at_least)
        return;
    atomic_store(&registry->wanted, at_least);
    wake_signal(follower_wake(registry->follower));
}

bool registry_take(struct registry *registry, struct registry_root *root) {
    if (!atomic_load(&registry->is_answered))
        return false;
    *root = registry->answer;
    atomic_store(&registry->is_answered, false);
    return true;
}

bool registry_has_root(const struct registry *registry) {
    return atomic_load(&registry->is_answered);
}

bool registry_has_failed(const struct registry *registry) {
    return follower_state(registry->follower) == FOLLOWER_FAILED;
}

struct register_reader *registry_read(const struct registry *registry) {
    struct register_reader *reader = NULL;
    if (registry->profile != 0)
        register_reader_open(&reader, registry->dir, registry->profile); /* NULL on failure */
    return reader;
}

struct issue *registry_issue(const struct registry *registry) {
    struct issue_places places = {.ledger = registry->ledger_dir,
                                  .registered = registry->dir,
                                  .drafts = registry->drafts_dir};
    struct issue *issue = NULL;
    issue_open(&issue, &places); /* NULL on failure */
    return issue;
}

uint64_t registry_readable(const struct registry *registry) {
    return atomic_load(&registry->readable);
}

struct wake *registry_readers_wake(struct registry *registry) {
    return &registry->readers_wake;
}

void registry_watch(struct registry *registry, uint64_t at_least) {
    atomic_store(&registry->watched, at_least);
}
