/*
 * Contract, price, certificate, transfer.
 */
#include "engine/sale.h"

#include <string.h>

#include "engine/admit.h"
#include "engine/bid.h"
#include "engine/confirm.h"
#include "engine/escrow.h"
#include "engine/listing.h"
#include "engine/parties.h"
#include "engine/sale_deliver.h"

static uint32_t buyer_of(const struct engine *engine, const struct listing *listing) {
    return bidder_at(engine, listing->high)->party;
}

/* The listing, standing at a stage. */
static struct refusal check_at(const struct engine *engine, uint32_t number,
                               enum listing_state state) {
    struct refusal refusal = listing_check_exists(engine, number);
    if (refusal.reason != REASON_NONE)
        return refusal;
    const struct listing *listing = listing_at(engine, number);
    if (listing->state == LISTING_SUSPENDED)
        return refusal_of(REASON_SUSPENDED, FIELD_LISTING, 0);
    if (listing->state != state)
        return refusal_of(REASON_WRONG_STATE, FIELD_LISTING, listing->state);
    return refusal_none();
}

/* --- the award --------------------------------------------------------------------------------
 */

static void tell_winner(const struct call *call, uint32_t number, uint32_t participant) {
    const struct listing *listing = listing_at(call->engine, number);
    if (participant == 0)
        return;
    *emit_next(call->sink) = (struct event){.kind = EVENT_LISTING,
                                            .audience = AUDIENCE_PARTICIPANT,
                                            .to = participant,
                                            .id = number,
                                            .value = (uint64_t)listing->deadline_ns,
                                            .price_fen = listing->high_fen,
                                            .quantity = listing->bids,
                                            .party = buyer_of(call->engine, listing),
                                            .phase = listing->state,
                                            .stage = listing->state};
}

/* Who has won is for the two sides. */
static void tell_sides(const struct call *call, uint32_t number) {
    const struct engine *engine = call->engine;
    const struct listing *listing = listing_at(engine, number);
    tell_winner(call, number,
                account_at(engine, bidder_at(engine, listing->high)->account)->participant);
    if (listing->signatory != 0)
        tell_winner(call, number, party_at(engine, listing->signatory)->participant);
    for (uint32_t i = 0; i < listing->sellers_count; i++)
        tell_winner(call, number, party_at(engine, listing->sellers[i].party)->participant);
}

void sale_award(const struct call *call, uint32_t number) {
    const struct listing *listing = listing_at(call->engine, number);
    if (listing->high == 0 || listing->high_fen < listing->reserve_fen) {
        listing_finish(call, number, LISTING_FAILED,
                       listing->high == 0 ? REASON_NO_BID : REASON_BELOW_RESERVE);
        return;
    }
    bid_release_all(call, number, listing->high);
    listing_begin(call, number, LISTING_AWARDED);
    tell_sides(call, number);
}

/* --- defaults ---------------------------------------------------------------------------------
 */

void sale_break(const struct call *call, uint32_t number) {
    bid_forfeit(call, listing_at(call->engine, number)->high);
    listing_finish(call, number, LISTING_FAILED, REASON_BUYER_DEFAULT);
}

void sale_default(const struct call *call, uint32_t number) {
    const struct listing *listing = listing_at(call->engine, number);
    bool has_buyer_signed = (listing->signed_by & LISTING_BUYER_BIT) != 0;
    if (listing->state == LISTING_AWARDED && has_buyer_signed)
        listing_finish(call, number, LISTING_FAILED, REASON_SELLER_DEFAULT);
    else
        sale_break(call, number);
}

void sale_undo(const struct call *call, uint32_t number) {
    struct listing *listing = listing_at(call->engine, number);
    if (listing->paid_fen == 0)
        return;
    struct escrow_entry entry = {.move = ESCROW_RETURN,
                                 .listing = number,
                                 .party = buyer_of(call->engine, listing),
                                 .account = listing->payer,
                                 .amount_fen = listing->paid_fen};
    listing->paid_fen = 0;
    escrow_pay(call, &entry);
}

/* --- the contract -----------------------------------------------------------------------------
 */

/* The bits of listing->signed_by that a party's signature sets. */
static uint32_t bits_of(const struct engine *engine, const struct listing *listing,
                        uint32_t party) {
    if (party == buyer_of(engine, listing))
        return LISTING_BUYER_BIT;
    if (listing->signatory != 0)
        return party == listing->signatory ? 1 : 0;
    for (uint32_t i = 0; i < listing->sellers_count; i++)
        if (listing->sellers[i].party == party)
            return 1u << i;
    return 0;
}

static uint32_t bits_all(const struct listing *listing) {
    uint32_t sellers = listing->signatory != 0 ? 1 : listing->sellers_count;
    return LISTING_BUYER_BIT | ((1u << sellers) - 1);
}

struct refusal sale_check_sign(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct sign_sale *sign = &deed->sign_sale;
    struct refusal refusal = check_at(engine, sign->listing, LISTING_AWARDED);
    if (refusal.reason == REASON_NONE)
        refusal = parties_check_exists(engine, sign->party, FIELD_PARTY);
    if (refusal.reason != REASON_NONE)
        return refusal;
    const struct listing *listing = listing_at(engine, sign->listing);
    uint32_t bits = bits_of(engine, listing, sign->party);
    if (bits == 0)
        return refusal_of(REASON_NOT_AUTHORISED, FIELD_PARTY, 0);
    if ((listing->signed_by & bits) != 0)
        return refusal_of(REASON_WRONG_STATE, FIELD_PARTY, 0);
    if (listing->signed_by != 0 && memcmp(listing->contract, sign->document, HASH_BYTES) != 0)
        return refusal_of(REASON_TERMS_DIFFER, FIELD_DOCUMENT, 0);
    return deed_check_signed_by(engine, deed, sign->party);
}

uint64_t sale_sign(const struct call *call, const struct deed *deed) {
    const struct sign_sale *sign = &deed->sign_sale;
    struct listing *listing = listing_at(call->engine, sign->listing);
    memcpy(listing->contract, sign->document, HASH_BYTES);
    listing->signed_by |= bits_of(call->engine, listing, sign->party);
    if (listing->signed_by == bits_all(listing))
        listing_begin(call, sign->listing, LISTING_CONTRACTED);
    return sign->listing;
}

/* --- the price --------------------------------------------------------------------------------
 */

static int64_t rest_fen(const struct engine *engine, const struct listing *listing) {
    return listing->high_fen - bidder_at(engine, listing->high)->deposit_fen;
}

struct refusal sale_check_pay(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct pay_sale *pay = &deed->pay_sale;
    struct refusal refusal = check_at(engine, pay->listing, LISTING_CONTRACTED);
    if (refusal.reason != REASON_NONE)
        return refusal;
    const struct listing *listing = listing_at(engine, pay->listing);
    refusal = party_check_acts(call, buyer_of(engine, listing), rest_fen(engine, listing));
    if (refusal.reason == REASON_NONE)
        refusal = bid_check_account(call, pay->account, buyer_of(engine, listing));
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (escrow_free_fen(engine, pay->account) < rest_fen(engine, listing))
        return refusal_of(REASON_INSUFFICIENT_CASH, FIELD_AMOUNT, rest_fen(engine, listing));
    return refusal_none();
}

uint64_t sale_pay(const struct call *call, const struct deed *deed) {
    const struct pay_sale *pay = &deed->pay_sale;
    struct listing *listing = listing_at(call->engine, pay->listing);
    struct escrow_entry entry = {.move = ESCROW_PRICE,
                                 .listing = pay->listing,
                                 .party = buyer_of(call->engine, listing),
                                 .account = pay->account,
                                 .amount_fen = rest_fen(call->engine, listing)};
    listing->paid_fen = entry.amount_fen;
    listing->payer = pay->account;
    escrow_take(call, &entry);
    listing_begin(call, pay->listing, LISTING_PAID);
    return pay->listing;
}

/* --- the end ----------------------------------------------------------------------------------
 */

struct refusal sale_check_certify(const struct call *call, const struct deed *deed) {
    return check_at(call->engine, deed->certify_sale.listing, LISTING_PAID);
}

uint64_t sale_certify(const struct call *call, const struct deed *deed) {
    uint32_t number = deed->certify_sale.listing;
    listing_at(call->engine, number)->certificate = ++call->engine->sale_certificates;
    listing_begin(call, number, LISTING_CERTIFIED);
    return call->engine->sale_certificates;
}

struct refusal sale_check_register(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct register_sale *entry = &deed->register_sale;
    struct refusal refusal = check_at(engine, entry->listing, LISTING_CERTIFIED);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (entry->effective_ns == 0 || entry->effective_ns > engine->time_ns)
        return refusal_of(REASON_BAD_DATE, FIELD_EFFECTIVE, engine->time_ns);
    return sale_check_deliver(call, entry);
}

/* Delivery and payment, in one record. */
uint64_t sale_register(const struct call *call, const struct deed *deed) {
    const struct register_sale *entry = &deed->register_sale;
    struct engine *engine = call->engine;
    struct listing *listing = listing_at(engine, entry->listing);
    struct bidder *buyer = bidder_at(engine, listing->high);
    listing->number_bytes = entry->number_bytes;
    memcpy(listing->number, entry->number, entry->number_bytes);
    listing->effective_ns = entry->effective_ns;
    assert(listing->paid_fen + buyer->deposit_fen == listing->high_fen);
    listing->paid_fen = 0;
    buyer->deposit_fen = 0;
    buyer->bid_fen = 0;
    buyer->is_in = false;
    sale_divide(call, entry->listing, ESCROW_PRICE, listing->high_fen);
    sale_deliver(call, entry);
    listing_finish(call, entry->listing, LISTING_TRANSFER_REGISTERED, REASON_NONE);
    return entry->listing;
}
