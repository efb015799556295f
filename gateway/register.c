/* One question at a time stands in `wanted`, one answer in `answer`; who owns the answer is said by
 * `is_answered`: the follower while it is false, the core while it is true. */
#include "gateway/register.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "gateway/clock.h"
#include "gateway/follower.h"
#include "ledger/failure.h"
#include "ledger/register_map.h"

/* Seals come some times a second: so long may records gather. */
#define GATHER_NS (5 * CLOCK_MILLISECOND_NS)

struct registry {
    struct wake *core;
    struct follower *follower;
    struct register_map *map;
    _Atomic uint64_t wanted; /* as of this or later; 0: nothing is */
    _Atomic bool is_answered;
    struct registry_root answer;
};

static int begin(void *owner, struct follower_start *start) {
    struct registry *registry = owner;
    registry->map = register_map_create(start->profile); /* from the first record on */
    return registry->map != NULL ? 0 : failure_errno("register: no memory for its map");
}

static int take_record(void *owner, const struct reader_record *bytes) {
    struct registry *registry = owner;
    struct record record;
    if (!record_read(bytes->bytes, bytes->size, &record))
        return failure_log(FAILURE_DAMAGED, "register: record %lu is none", bytes->sequence);
    return register_map_record(registry->map, &record);
}

static int turn(void *owner, struct follower_turn *turn) {
    struct registry *registry = owner;
    uint64_t wanted = atomic_load(&registry->wanted);
    if (wanted == 0 || turn->next < wanted || atomic_load(&registry->is_answered))
        return 0;
    registry->answer.as_of = turn->next;
    register_map_root(registry->map, turn->next, &registry->answer.root);
    atomic_store(&registry->wanted, 0);
    atomic_store(&registry->is_answered, true);
    wake_signal(registry->core);
    return 0;
}

static void end(void *owner, int failure) {
    struct registry *registry = owner;
    (void)failure;
    register_map_destroy(registry->map);
    registry->map = NULL;
    wake_signal(registry->core);
}

struct registry *registry_create(const char *ledger_dir, struct wake *core,
                                 struct counters *counters) {
    struct registry *registry = calloc(1, sizeof *registry);
    if (registry == NULL)
        return NULL;
    registry->core = core;
    struct follower_options options = {.name = "register",
                                       .ledger_dir = ledger_dir,
                                       .counters = counters,
                                       .as_of = COUNTER_REGISTER,
                                       .state = COUNTER_REGISTER_STATE,
                                       .gather_ns = GATHER_NS};
    struct follower_listener listener = {
        .begin = begin, .record = take_record, .turn = turn, .end = end, .owner = registry};
    registry->follower = follower_create(&options, &listener);
    if (registry->follower == NULL) {
        free(registry);
        return NULL;
    }
    return registry;
}

void registry_destroy(struct registry *registry) {
    if (registry == NULL)
        return;
    follower_destroy(registry->follower);
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
