/*
 * The third way of enforcement: units of a pledge are auctioned (拍卖), by power of sale in the
 * terms or by a court.
 *
 * The deed opens a listing of what the pledge binds (listing.h): bidders, periods, contract and
 * escrow are those of any other, the pledgee signs for the owner. When the transfer is registered,
 * its price goes down the waterfall (waterfall.h): the enforcement's costs, then every pledge on
 * the units by its rank, what is left to the pledgor; and the units are the buyer's, free of all
 * of them. A pledge of which nothing is left is REALISED.
 *
 * A freeze does not stop it: a pledge never lies over a freeze, so every freeze on the units came
 * later. What is left over is frozen in the pledgor's account for the same cases, by the units that
 * each has frozen. A deposit that a bidder has lost pays the costs, then it is the pledgor's.
 *
 * While its units are listed, a pledge is not released, revoked, assigned or cured: the registrar
 * ends the listing first. A listing that fails leaves everything as it was.
 *
 * Source: RULES.md, section 3 (Enforcement; Freeze).
 */
#ifndef ENGINE_AUCTION_H
#define ENGINE_AUCTION_H

#include "engine/state.h"

/* The deed: its check, and what does it, which returns the number of the listing. */
struct refusal auction_check_open(const struct call *call, const struct deed *deed);
uint64_t auction_open(const struct call *call, const struct deed *deed);

/* LISTED, with the entry that sells units of the pledge; of a pledge that exists. */
struct refusal auction_check_none(const struct engine *engine, uint32_t pledge);

/* For sale_divide.c: SALE_IN_ENFORCEMENT, whose subject is the pledge's item. */
struct refusal auction_check_divide(const struct call *call, uint32_t listing);
void auction_divide(const struct call *call, uint32_t listing, enum escrow_move came,
                    int64_t amount_fen);

/* Asserts what must hold of an item's auction. */
void auction_check(const struct engine *engine, uint32_t item);

#endif
