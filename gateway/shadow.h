/*
 * The shadow: a second engine that follows the ledger, compares, and keeps the snapshots.
 *
 * It is given each durable record's command and compares the events that come of it with those that
 * are recorded, so a flipped bit in either memory, or a line that is not deterministic, is found
 * while trading. At a Mark it copies its used memory, and a second thread of low priority takes the
 * state's digest from the copy and writes the snapshot; the core sequences the digest. When the
 * copy before is still being written, a Mark passes without one.
 *
 * Queries about the state are answered on its thread, from this engine, between two commands
 * (query_port.h).
 *
 * Threads: two of its own; the functions here are the core's.
 */
#ifndef GATEWAY_SHADOW_H
#define GATEWAY_SHADOW_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/command.h"
#include "gateway/counters.h"
#include "gateway/query_port.h"
#include "gateway/wake.h"

struct shadow;

/* Starts: the shadow recovers by itself, in its own time. `core` is woken for digests and bad news.
 * `diverged`: sequence + 1 of a divergence that the start knows of already, 0: none. NULL on
 * failure, with a line in the log. */
struct shadow *shadow_create(const char *ledger_dir, const char *snapshots_dir, struct wake *core,
                             struct counters *counters, uint64_t diverged);
void shadow_destroy(struct shadow *shadow);

/* Hands an endpoint over, to be served from now on; it must outlive the shadow. Once. */
void shadow_serve(struct shadow *shadow, struct query_port *port);

/* What wakes it when more is durable: for pipeline_follow(). */
struct wake *shadow_wake(struct shadow *shadow);

/* The digest of a Mark, when one is ready. */
bool shadow_take_digest(struct shadow *shadow, struct digest *digest);

/* True when there is a digest to take, or bad news. */
bool shadow_has_news(const struct shadow *shadow);

/* Sequence + 1 of the first record that the shadow disagrees with, or that it could not read; 0 as
 * long as all is well. */
uint64_t shadow_disagrees(const struct shadow *shadow);

/* True when it has followed up to `next` and no snapshot is being written: for a clean stop. */
bool shadow_is_done(const struct shadow *shadow, uint64_t next);

#endif
