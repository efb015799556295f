/*
 * What the ways of enforcement share: realise.c (appropriation, private sale), auction.c. Private
 * to them.
 */
#ifndef ENGINE_REALISE_PART_H
#define ENGINE_REALISE_PART_H

#include "engine/parcel.h"
#include "engine/pledge_part.h"

/* Who is paid out of the units of an item. */
struct settlement {
    struct waterfall waterfall;
    struct rank ranks[WATERFALL_RANKS_MAX];
    uint32_t items[WATERFALL_CLAIMS_MAX]; /* of the claims: what each has of the asset */
};

/* The item that a deed names. */
struct pledge_item *realise_item(const struct engine *engine, const struct pledge_realise *wanted);

/* The pledge's state, the pledgee's signature; the item, its units and that it has effect. */
struct refusal realise_check_pledge(const struct engine *engine, const struct deed *deed,
                                    const struct pledge_realise *wanted);
/* By power of sale in the terms, or by a court. */
struct refusal realise_check_power(const struct engine *engine,
                                   const struct pledge_realise *wanted);
/* What may bind the units: pledges whose claims are known. */
struct refusal realise_check_tie(const struct engine *engine, uint32_t binding);
/* An account that exists and is the party's. */
struct refusal realise_check_account(const struct engine *engine, uint32_t account, uint32_t party);

/* An account of a party; 0: none. */
uint32_t realise_account_of(const struct engine *engine, uint32_t party);

/* Takes what an item's pledge is owed into the settlement; there is room. */
void realise_put_claim(const struct engine *engine, struct settlement *settlement, uint32_t item);

/* A claim was paid what the waterfall says: so much less is owed, and secured. */
void realise_note_paid(struct engine *engine, const struct settlement *settlement, uint32_t claim);

/* A pledge has so many units less; without any it is realised. */
void realise_lessen(const struct call *call, uint32_t item, uint64_t units);

#endif
