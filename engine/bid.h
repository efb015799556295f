/*
 * Bidders and bids.
 *
 * A party becomes a bidder by its deposit, taken from an account of its own into escrow before the
 * disclosure ends; where the listing says so, the registrar admits each. A bid is for the whole lot
 * and binds its bidder until a higher one is made. The first is the floor, or whole increments
 * above it; each further one whole increments above the highest. A bid stamped at the deadline is
 * in time, and each begins the timed period anew, up to the hard stop where there is one.
 *
 * Whoever leaves while the disclosure lasts gets his deposit back. After that he loses it, but for
 * a suspension that has lasted (RULES.md, section 3, Freeze); what he bid falls away, and the
 * highest bid of the others stands.
 *
 * Source: RULES.md, section 2.
 */
#ifndef ENGINE_BID_H
#define ENGINE_BID_H

#include "engine/state.h"

struct refusal bid_check_join(const struct call *call, const struct deed *deed);
uint64_t bid_join(const struct call *call, const struct deed *deed);
struct refusal bid_check_qualify(const struct call *call, const struct deed *deed);
uint64_t bid_qualify(const struct call *call, const struct deed *deed);
struct refusal bid_check(const struct call *call, const struct deed *deed);
uint64_t bid_place(const struct call *call, const struct deed *deed);
struct refusal bid_check_leave(const struct call *call, const struct deed *deed);
uint64_t bid_leave(const struct call *call, const struct deed *deed);

/* Whether the sender may take money from an account, which must be the party's: UNKNOWN_ACCOUNT,
 * KILLED. */
struct refusal bid_check_account(const struct call *call, uint32_t account, uint32_t party);

/* The row of a party's that has been a bidder of a listing; 0: never was. */
uint32_t bid_find(const struct engine *engine, uint32_t listing, uint32_t party);

/* How many may bid. */
uint32_t bid_count_qualified(const struct engine *engine, uint32_t listing);

/* The least that a bid may be now. INT64_MAX: there can be no further one. */
int64_t bid_least_fen(const struct listing *listing);

/* Gives a bidder's deposit back; he is one no more. */
void bid_release(const struct call *call, uint32_t bidder);

/* The same for each bidder of a listing but one (0: for all). */
void bid_release_all(const struct call *call, uint32_t listing, uint32_t but);

/* A bidder's deposit goes to whom the sale is for. */
void bid_forfeit(const struct call *call, uint32_t bidder);

#endif
