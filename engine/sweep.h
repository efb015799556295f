/*
 * Sweeps: taking out many orders, over as many commands as that needs. One mechanism for mass
 * cancels, kills and revocations, expiry, a new band, and disconnects.
 *
 * A sweep begins at once, in the command that asked for it, and looks there at no more than
 * SWEEP_ORDERS_MAX orders. When that is not all, it goes on in Continue commands, each looking at
 * as many, the oldest sweep first (sweep_list.h). Other commands come in between.
 *
 * What a sweep takes out is settled when it is asked for: orders that were there before its own
 * command. So that none of them trades or changes its place before its turn, what is left lies in
 * closed instruments (HALTED) until the sweep has ended: the one instrument that it names; or those
 * in which the session, participant or account that it names has such orders; or every one where it
 * names none of these, or where SWEEP_AHEAD_MAX orders were looked through and there are more.
 * Single cancels are taken meanwhile. What is entered meanwhile elsewhere is not touched.
 *
 * Closing and opening again are told to everybody as phases; the asker's MASS_CANCELED comes with
 * the end. A session that is disconnected again, or a further grace, while its sweep is unfinished
 * widens that one, which then begins anew.
 *
 * The order in which orders go is the market's, not the memory's: by session, newest first, where a
 * session, a participant or an account is named; else by instrument, buys before sells, each in the
 * order in which it would have traded.
 */
#ifndef ENGINE_SWEEP_H
#define ENGINE_SWEEP_H

#include "engine/sweep_list.h"

/* Starts a sweep, whose kind and filters are set. For a mass cancel and for acts the caller has
 * asked sweep_check_mass() or sweep_check_act(). */
void sweep_start(const struct call *call, const struct sweep *sweep);

/* Goes on with the oldest sweep; there is one. */
void sweep_continue(const struct call *call);

#endif
