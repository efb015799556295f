/*
 * The register's follower: keeps the register (ledger/register_store.h), brings the roots that
 * Seals name, and says how far its readers may believe what they read.
 *
 * When the core wants to seal it asks for a root as of some record or later; the follower answers
 * with the root as of all that it has read by then. So a Seal never waits for the core, and the
 * core never for the map. A restarted exchange has its map at once: the follower goes on where it
 * had committed last.
 *
 * What entries were told is committed after REGISTRY_GATHER_NS at most; readers see it from then
 * on. Where nothing was told, as most of the time, records alone carry the as-of on.
 *
 * Threads: a follower's (gateway/follower.h); the functions here are the core's, but for
 * registry_readable() and registry_watch(), which are for the one thread that reads.
 */
#ifndef GATEWAY_REGISTER_H
#define GATEWAY_REGISTER_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/counters.h"
#include "gateway/wake.h"
#include "ledger/register_reader.h"

#define REGISTRY_GATHER_NS INT64_C(25000000)
/* Where nothing is told the as-of is committed so often: so much is read again at a start. */
#define REGISTRY_STEP_RECORDS 200000u
#define REGISTRY_STEP_NS      INT64_C(1000000000)

struct issue;
struct registry;

/* Opens the register in `register_dir`, and the certificates asked for in `drafts_dir`
 * (certifier.h), and follows the ledger in `ledger_dir`; `core` is woken for roots. Where it cannot
 * be opened it has failed from the start. NULL without memory or a thread, with a line in the log.
 */
struct registry *registry_create(const char *ledger_dir, const char *register_dir,
                                 const char *drafts_dir, struct wake *core,
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

/* --- reading ---------------------------------------------------------------------------------- */

/* A reader for another thread, which closes it before the registry is destroyed; NULL when it
 * cannot be opened, with a line in the log. */
struct register_reader *registry_read(const struct registry *registry);

/* Certificates that were asked for, to be fetched; NULL on failure. The caller closes it before the
 * registry. */
struct issue *registry_issue(const struct registry *registry);

/* Whoever begins to read after this call sees everything below. */
uint64_t registry_readable(const struct registry *registry);

/* For the thread that reads and waits: announce sleep on this, ask for a signal when everything
 * below `at_least` can be read, look at registry_readable() once more, and sleep (wake.h). */
struct wake *registry_readers_wake(struct registry *registry);
void registry_watch(struct registry *registry, uint64_t at_least);

#endif
