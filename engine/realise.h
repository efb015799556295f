/*
 * What an enforcement ends with, but for auctions (auction.h): things of a pledge go to somebody
 * for a price, and the price to whom it is for.
 *
 *     appropriation 折价   the pledgee takes them, by agreement of both after the default, at no
 * less than the market says [L 436] private sale 变卖    to a third, by power of sale in the terms
 * or by a court
 *
 * The price goes down the waterfall (waterfall.h): the enforcement's costs, then every pledge on
 * those units by its rank, the surplus to the pledgor. A pledge of others on the same units must
 * have stated what it is owed, too. What is short stays owed. A pledge of which nothing is left is
 * REALISED.
 *
 * One deed delivers units that are bound alike: of several such parts each takes its own.
 *
 * Source: RULES.md, section 3 (Enforcement).
 */
#ifndef ENGINE_REALISE_H
#define ENGINE_REALISE_H

#include "engine/state.h"

struct refusal realise_check_appropriate(const struct call *call, const struct deed *deed);
struct refusal realise_check_sell(const struct call *call, const struct deed *deed);
uint64_t realise(const struct call *call, const struct deed *deed);

#endif
