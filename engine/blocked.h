/*
 * What stands in the way of units or cash that somebody has and may not use: the reason of a
 * refusal that would otherwise say that there is too little. Asked only when there is.
 */
#ifndef ENGINE_BLOCKED_H
#define ENGINE_BLOCKED_H

#include "engine/state.h"

/* Of `wanted` units of a holding (0: none) only `free` may be had: LOCKED or FROZEN
 * when bound units would make up for it (of several the first in the order of RULES.md, section 1),
 * else INSUFFICIENT_POSITION. */
struct refusal blocked_units(const struct engine *engine, uint32_t holding, enum field field,
                             uint64_t wanted, uint64_t free);

/* Of `need_fen` only `free_fen` may be had: FROZEN when frozen cash would make up for it, else
 * INSUFFICIENT_CASH. */
struct refusal blocked_cash(const struct engine *engine, uint32_t account, int64_t need_fen,
                            int64_t free_fen);

#endif
