/*
 * How an engine's memory is laid out, for which limits, and what of it is in use.
 */
#ifndef ENGINE_REGION_H
#define ENGINE_REGION_H

#include "engine/state.h"

/* Fewest rows that genesis needs of a pool. */
enum { REGION_KEYS_MIN = 2, REGION_SESSIONS_MIN = 2 };

/* Sweeps that may be unfinished beside a disconnect's for each session: of mass cancels, of acts,
 * and of the grace. */
#define REGION_SWEEPS_BESIDE (SWEEPS_MASS_MAX + SWEEPS_ACTS_MAX + 1)

/* Gives limits to the pools that an older genesis does not name. */
void region_complete(struct engine_limits *limits);

/* Places of the ring of sweeps. */
static inline uint32_t region_sweeps_max(const struct engine *engine) {
    return engine->pools[POOL_SESSIONS].ceiling + REGION_SWEEPS_BESIDE;
}

/* Puts a raised limit in force: not below today's, at most the ceiling. */
void region_raise(struct engine *engine, enum pool pool, uint32_t limit);

#endif
