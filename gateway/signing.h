/*
 * Signing: checkpoints of sealed trees, on a thread of its own.
 *
 * The ledger thread hands over the head of the tree whose last leaf is a Seal, when that record is
 * durable; the signed note comes back to it over a second ring, for only the ledger thread writes.
 * A head that was overtaken by a newer one while it waited is not signed.
 *
 * Every key file "checkpoint*.key" in the exchange's folder signs: one, or two while a new key
 * takes over from the old, until the ledger says that one is revoked.
 *
 * Threads: signing_push() and signing_take() the ledger thread's.
 */
#ifndef GATEWAY_SIGNING_H
#define GATEWAY_SIGNING_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/command.h"
#include "gateway/wake.h"
#include "ledger/checkpoint.h"

struct engine;
struct signing;

/* Loads the keys of `folder`, which must be of the genesis' profile, and starts the thread, which
 * wakes `ledger` when a note is ready. NULL on failure, with a line in the log. */
struct signing *signing_create(const char *folder, const struct genesis *genesis,
                               struct wake *ledger);
void signing_destroy(struct signing *signing);

/* Looks which keys the engine has revoked: they sign no more. The core's thread. */
void signing_look(struct signing *signing, const struct engine *engine);

/* True when one of its keys is in force, as the engine has them. Where none is, verify would find
 * fault with every checkpoint. */
bool signing_is_in_force(const struct signing *signing, const struct engine *engine);

/* A sealed head is durable. False when too many wait: it is not signed then, a later one will be.
 */
bool signing_push(struct signing *signing, const struct merkle_head *head);

/* The next note, at most CHECKPOINT_SIZE_MAX bytes, valid until the next call; NULL when there is
 * none. */
const char *signing_take(struct signing *signing, uint64_t *tree_size, size_t *note_size);

/* True when signing_take() has one. */
bool signing_is_ready(const struct signing *signing);

/* Waits until everything pushed is signed. */
void signing_drain(struct signing *signing);

#endif
