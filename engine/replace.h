/*
 * REPLACE: another price and total quantity for a resting order of the sender's session.
 *
 * A total at or below what has traded takes the order out (REPLACED_TO_ZERO) and is checked for
 * nothing else than that orders may enter at all. A refused replace leaves the order as it was.
 */
#ifndef ENGINE_REPLACE_H
#define ENGINE_REPLACE_H

#include "engine/state.h"

void replace_order(const struct call *call);

#endif
