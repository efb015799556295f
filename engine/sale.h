/*
 * Sales: from the award of a listing to the transfer that is registered.
 *
 * Both sides sign one document, each by its own key; the buyer pays the price, of which his deposit
 * is a part, into escrow; the registrar gives the transaction certificate its number; the right's
 * office registers. Then, in one record: the price goes to whom it is for, what was sold to the
 * buyer, and the listing's entry ends. Until then the price waits (RULES.md, section 2).
 *
 * Who does not sign or pay in time has failed: a buyer loses his deposit; if a seller failed, the
 * buyer gets it back.
 */
#ifndef ENGINE_SALE_H
#define ENGINE_SALE_H

#include "engine/state.h"

/* Whose sale it is, and so who divides what it brings. */
enum sale_purpose {
    SALE_OF_OWNERS = 1,      /* to the sellers, by what each gives */
    SALE_UNDER_CONSENT = 2,  /* of pledgees: subject is the consent */
    SALE_IN_ENFORCEMENT = 3, /* subject is the pledge, or the freeze, that is enforced */
};

/* The buyer's bit in listing->signed_by; a seller's is his place. */
#define LISTING_BUYER_BIT (1u << 31)

struct refusal sale_check_sign(const struct call *call, const struct deed *deed);
uint64_t sale_sign(const struct call *call, const struct deed *deed);
struct refusal sale_check_pay(const struct call *call, const struct deed *deed);
uint64_t sale_pay(const struct call *call, const struct deed *deed);
struct refusal sale_check_certify(const struct call *call, const struct deed *deed);
uint64_t sale_certify(const struct call *call, const struct deed *deed);
struct refusal sale_check_register(const struct call *call, const struct deed *deed);
uint64_t sale_register(const struct call *call, const struct deed *deed);

/* The listing's period has ended: the highest bid has won, or nobody. */
void sale_award(const struct call *call, uint32_t listing);

/* Somebody has not signed, or not paid, in time. */
void sale_default(const struct call *call, uint32_t listing);

/* The buyer goes: his deposit is lost, the listing has failed. */
void sale_break(const struct call *call, uint32_t listing);

/* What has been paid goes back to the buyer, his deposit too. */
void sale_undo(const struct call *call, uint32_t listing);

/* Divides an amount that lies in escrow among those whom the sale is for; how it came: a price
 * (ESCROW_PRICE) or a deposit that was lost (ESCROW_FORFEIT). A module whose purpose a sale has
 * puts its own function into the table in sale_divide.c; it must take all of it out of escrow, or
 * into its own keeping there, and for a price let go what else binds the units that the listing's
 * binding ties, for they are delivered next. */
void sale_divide(const struct call *call, uint32_t listing, enum escrow_move came,
                 int64_t amount_fen);

/* Whether that module lets the price be divided now. */
struct refusal sale_check_divide(const struct call *call, uint32_t listing);

/* Whether the table knows a purpose. */
bool sale_has_purpose(enum sale_purpose purpose);

#endif
