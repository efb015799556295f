/*
 * What the files of transfers share: transfer.c (deeds), transfer_units.c (which units go, and
 * their way), transfer_pay.c (who is paid). Nobody else includes it.
 */
#ifndef ENGINE_TRANSFER_PART_H
#define ENGINE_TRANSFER_PART_H

#include "engine/asset.h"
#include "engine/freeze.h"
#include "engine/place.h"
#include "engine/transfer.h"

/* Entries of pledges that one settlement may tell; those of freezes and its own come besides. */
#define TRANSFER_TELLS_MAX 96u

/* Who comes after the costs: consents by rank, then freezes, the earliest first. */
struct transfer_payees {
    uint32_t consents_count;
    uint32_t consents[TRANSFER_CONSENTS_MAX];
    uint32_t freezes_count;
    uint32_t freezes[FREEZES_EACH_MAX];
    uint64_t frozen_units; /* of what is sold */
};

struct asset transfer_asset(const struct transfer *transfer);
/* Where the units lie that the seller gives; row 0: nowhere. */
struct place transfer_from(const struct engine *engine, const struct transfer *transfer);

/* --- transfer_units.c --------------------------------------------------------------------------
 */

/* Whether there are as many units that may go, and room to tie them. */
struct refusal transfer_check_units(const struct engine *engine, const struct transfer *transfer);
/* Whether what the transfer has tied already may still go. */
struct refusal transfer_check_tied(const struct engine *engine, const struct transfer *transfer);

/* Ties what is to go to the transfer's binding. */
void transfer_tie(struct engine *engine, const struct transfer *transfer);

/* Lets go of everything else that binds what is tied, and notes the freezes among it. */
void transfer_free(const struct call *call, const struct transfer *transfer,
                   struct transfer_payees *payees);

/* Moves what is tied, and nothing else binds, to the buyer's place. */
void transfer_deliver(struct engine *engine, const struct transfer *transfer);

/* --- transfer_pay.c ----------------------------------------------------------------------------
 */

struct refusal transfer_check_pay(const struct engine *engine, const struct transfer *transfer);
/* Puts the pledgees' consents that a transfer names in the order of their pledges' ranks. */
void transfer_rank(const struct engine *engine, const struct transfer *transfer,
                   struct transfer_payees *payees);
/* Pays out the price, which has been taken from the buyer; what waits is in escrow then. */
void transfer_pay(const struct call *call, struct transfer *transfer,
                  const struct transfer_payees *payees);

#endif
