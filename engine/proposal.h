/*
 * Acts that wait for a second key. A proposal is named by the sequence of its command; it ends when
 * it is approved and carried out, when its key is revoked, and with the day that closes.
 */
#ifndef ENGINE_PROPOSAL_H
#define ENGINE_PROPOSAL_H

#include "engine/state.h"

/* Remembers a command's act; the pool has room. */
void proposal_add(struct engine *engine, const struct command *command);

/* NULL when there is none of that name. */
const struct proposal *proposal_find(const struct engine *engine, uint64_t sequence);

/* Ends one; it exists. */
void proposal_end(struct engine *engine, uint64_t sequence);

void proposal_end_of_key(struct engine *engine, uint32_t key);
void proposal_end_all(struct engine *engine);

#endif
