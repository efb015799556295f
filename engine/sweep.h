/*
 * Sweeps: taking out many orders, over as many commands as that needs. One mechanism for mass
 * cancels, kills and revocations, expiry, a new band, and disconnects.
 *
 * A sweep is pushed to the end of a ring. Is it alone there, it begins at once, in the command that
 * asked for it; what is left goes on in Continue commands, the oldest sweep first, each looking at
 * no more than SWEEP_ORDERS_MAX orders. Until it has ended, its instrument, or without one every
 * instrument, is closed: nothing enters that it would have to take out. It touches only orders that
 * were there before its own command.
 *
 * The order in which orders go is the market's, not the memory's: by session, newest first, where a
 * session, a participant or an account is named; else by instrument, buys before sells, each in the
 * order in which it would have traded.
 */
#ifndef ENGINE_SWEEP_H
#define ENGINE_SWEEP_H

#include "engine/state.h"

/* Starts a sweep, whose kind and filters are set. For kinds other than DISCONNECT and GRACE the
 * caller has asked sweep_has_room(). */
void sweep_start(const struct call *call, const struct sweep *sweep);

/* Goes on with the oldest sweep; there is one. */
void sweep_continue(const struct call *call);

/* Whether a request may start one more sweep. There is always room where each Continue precedes the
 * next request. */
static inline bool sweep_has_room(const struct engine *engine) {
    return engine->sweeps_asked < SWEEPS_ASKED_MAX - 1;
}

/* The oldest sweep is number 0. */
struct sweep *sweep_at(const struct engine *engine, uint32_t number);

/* An order is about to be taken out by someone else: a sweep that would look at it next will not.
 */
void sweep_step_over(struct engine *engine, uint32_t row);

#endif
