/*
 * Transfers by agreement, off the book: of a right, a share of a right, or shares.
 *
 * Both sides sign one deed: what, for how much, from which account to which, and which consents it
 * rests on. It may take what is free; or, when it names pledgees' consents, what their pledges
 * reach; and what is frozen by an order that lets it be sold. Settlement is one record: the price
 * to the costs, then to the pledgees by rank, up to what each asked for; the rest to who has frozen
 * or marked it, as cash frozen for the same case, else to the seller; the pledges end on what is
 * delivered; it is delivered. Where a pledgee has not said what is to be paid to him, all that is
 * left after the costs waits in escrow until he and the seller agree (PAY_OUT).
 *
 * A right whose office is another register is settled only when that has registered it: until then
 * the price waits in escrow and the transfer binds the units (AGREED).
 *
 * A transfer is an entry of its asset, which stays: the history of its ownership.
 *
 * Source: RULES.md, sections 2 and 3.
 */
#ifndef ENGINE_TRANSFER_H
#define ENGINE_TRANSFER_H

#include "engine/state.h"

enum transfer_state {
    TRANSFER_AGREED = 1, /* the office has not registered it yet */
    TRANSFER_SETTLED = 2,
    TRANSFER_HELD_BACK = 3, /* delivered, but the price waits in escrow */
    TRANSFER_ENDED = 4,     /* it was not registered: everything as before */
};

struct refusal transfer_check_make(const struct call *call, const struct deed *deed);
uint64_t transfer_make(const struct call *call, const struct deed *deed);
struct refusal transfer_check_confirm(const struct call *call, const struct deed *deed);
uint64_t transfer_confirm(const struct call *call, const struct deed *deed);
struct refusal transfer_check_end(const struct call *call, const struct deed *deed);
uint64_t transfer_end(const struct call *call, const struct deed *deed);
struct refusal transfer_check_pay_out(const struct call *call, const struct deed *deed);
uint64_t transfer_pay_out(const struct call *call, const struct deed *deed);

/* What a transfer adds to its extract. */
void transfer_describe(const struct engine *engine, const struct binding *binding,
                       struct extract *extract);

/* What transfers have in escrow. */
int64_t transfer_escrow_fen(const struct engine *engine);

/* Asserts the module's invariants. */
void transfer_check(const struct engine *engine);

#endif
