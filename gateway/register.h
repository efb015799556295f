/*
 * The register's follower: keeps the register's map, and brings the roots that Seals name.
 *
 * It reads every durable record from the first on and gathers what they tell of entries. When the
 * core wants to seal it asks for a root as of some record or later; the follower answers with the
 * root as of all that it has read by then. So a Seal never waits for the core, and the core never
 * for the map.
 *
 * Threads: a follower's (gateway/follower.h); the functions here are the core's.
 */
#ifndef GATEWAY_REGISTER_H
#define GATEWAY_REGISTER_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/counters.h"
#include "gateway/wake.h"
#include "ledger/crypto.h"

struct registry;

/* Starts it over the ledger in `ledger_dir`; `core` is woken for roots. NULL on failure, with a
 * line in the log. */
struct registry *registry_create(const char *ledger_dir, struct wake *core,
                                 struct counters *counters);
void registry_destroy(struct registry *registry);

/* What wakes it when more is durable: for pipeline_follow(). */
struct wake *registry_wake(struct registry *registry);

/* A root, as of a sequence. */
struct registry_root {
    uint64_t as_of;
    struct hash root;
};

/* Asks for the root as of `at_least` or later; one is asked for at a time, and asking again for the
 * same or an earlier one costs nothing. */
void registry_ask(struct registry *registry, uint64_t at_least);

/* The root that was asked for, when it is there: each is handed out once. */
bool registry_take(struct registry *registry, struct registry_root *root);

/* True when registry_take() has one. */
bool registry_has_root(const struct registry *registry);

/* True when it has failed: there will be no more roots. */
bool registry_has_failed(const struct registry *registry);

#endif
