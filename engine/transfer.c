/*
 * A transfer from its deed to its end. Everything is checked before the first change.
 */
#include "engine/transfer.h"

#include "engine/asset.h"
#include "engine/binding.h"
#include "engine/blocked.h"
#include "engine/confirm.h"
#include "engine/consent.h"
#include "engine/freeze.h"
#include "engine/parcel.h"
#include "engine/parties.h"
#include "engine/pledge.h"
#include "engine/restraint.h"
#include "engine/right.h"
#include "engine/transfer_part.h"

/* --- what is to be so --------------------------------------------------------------------------
 */

/* The deed as a row that is nowhere yet. */
static struct transfer as_row(const struct transfer_deed *deed) {
    struct transfer row = {.price_fen = deed->price_fen,
                           .costs_fen = deed->costs_fen,
                           .quantity = (uint64_t)deed->quantity,
                           .asset = deed->asset,
                           .seller = deed->seller,
                           .buyer = deed->buyer,
                           .seller_account = deed->seller_account,
                           .buyer_account = deed->buyer_account,
                           .costs_account = deed->costs_account,
                           .consents_count = (uint8_t)deed->consents_count,
                           .asset_kind = deed->asset_kind,
                           .state = TRANSFER_AGREED};
    for (uint32_t i = 0; i < deed->consents_count; i++)
        row.consents[i] = deed->consents[i].consent;
    return row;
}

static struct refusal check_account(const struct engine *engine, uint32_t account, uint32_t owner) {
    if (!pool_has(engine, POOL_ACCOUNTS, account))
        return refusal_of(REASON_UNKNOWN_ACCOUNT, FIELD_ACCOUNT, account);
    if (owner != 0 && account_at(engine, account)->owner != owner)
        return refusal_of(REASON_NOT_OWNER, FIELD_ACCOUNT, account);
    return refusal_none();
}

/* Sides, signatures, accounts. */
static struct refusal check_sides(const struct call *call, const struct deed *deed,
                                  const struct transfer *row) {
    const struct engine *engine = call->engine;
    struct refusal refusal = parties_check_exists(engine, row->seller, FIELD_SELLER);
    if (refusal.reason == REASON_NONE)
        refusal = parties_check_exists(engine, row->buyer, FIELD_BUYER);
    if (refusal.reason == REASON_NONE && row->seller == row->buyer)
        refusal = refusal_of(REASON_BAD_COMBINATION, FIELD_BUYER, 0);
    if (refusal.reason == REASON_NONE)
        refusal = party_check_sides(call, row->seller, row->buyer);
    if (refusal.reason == REASON_NONE)
        refusal = deed_check_signed_by(engine, deed, row->seller);
    if (refusal.reason == REASON_NONE)
        refusal = deed_check_signed_by(engine, deed, row->buyer);
    if (refusal.reason == REASON_NONE)
        refusal = check_account(engine, row->seller_account, row->seller);
    if (refusal.reason == REASON_NONE)
        refusal = check_account(engine, row->buyer_account, row->buyer);
    if (refusal.reason == REASON_NONE && row->costs_fen != 0)
        refusal = check_account(engine, row->costs_account, 0);
    return refusal;
}

/* Each co-owner of a right has consented. */
static struct refusal check_coowners(const struct engine *engine, const struct transfer *row) {
    for (uint32_t at = right_at(engine, row->asset)->stakes; at != 0;
         at = stake_at(engine, at)->next) {
        uint32_t party = stake_at(engine, at)->party;
        bool has_consented = party == row->seller || right_stake_ppm(engine, at) == 0;
        for (uint32_t i = 0; i < row->consents_count; i++) {
            const struct consent *consent = consent_at(engine, row->consents[i]);
            has_consented |= consent->right == row->asset && consent->party == party;
        }
        if (!has_consented)
            return refusal_of(REASON_COOWNER_CONSENT, FIELD_CONSENT, party);
    }
    return refusal_none();
}

static struct refusal check_right(const struct engine *engine, const struct transfer *row) {
    const struct right *right = right_at(engine, row->asset);
    if ((right->status & RIGHT_LAPSED) != 0)
        return refusal_of(REASON_RIGHT_LAPSED, FIELD_RIGHT, 0);
    if ((right->status & RIGHT_INVALIDATED) != 0)
        return refusal_of(REASON_RIGHT_INVALIDATED, FIELD_RIGHT, 0);
    uint32_t stake = right_stake(engine, row->asset, row->seller);
    uint64_t owned = stake != 0 ? right_stake_ppm(engine, stake) : 0;
    if (owned < row->quantity)
        return refusal_of(REASON_NOT_OWNER, FIELD_QUANTITY, (int64_t)owned);
    struct refusal refusal = check_coowners(engine, row);
    if (refusal.reason == REASON_NONE)
        refusal = right_check_receive(engine, row->asset, row->buyer, owned == row->quantity);
    return refusal;
}

static struct refusal check_consents(const struct engine *engine, const struct transfer *row) {
    struct consent_wanted wanted = {
        .buyer = row->buyer, .quantity = row->quantity, .price_fen = row->price_fen};
    struct refusal refusal = refusal_none();
    for (uint32_t i = 0; i < row->consents_count && refusal.reason == REASON_NONE; i++) {
        refusal = consent_check_use(engine, row->consents[i], &wanted);
        for (uint32_t before = 0; before < i; before++)
            if (row->consents[before] == row->consents[i])
                return refusal_of(REASON_ALREADY_EXISTS, FIELD_CONSENT, row->consents[i]);
    }
    return refusal;
}

/* What authorities have forbidden either side, and who objects. */
static struct refusal check_restraints(const struct engine *engine, const struct transfer *row) {
    struct asset asset = transfer_asset(row);
    struct refusal refusal =
        restraint_check_sides(engine, asset, RESTRICTION_SELL | RESTRICTION_MOVE);
    if (refusal.reason == REASON_NONE && row->asset_kind == ASSET_HOLDING)
        refusal =
            restraint_check_sides(engine, asset_holding(row->buyer, row->asset), RESTRICTION_BUY);
    if (refusal.reason == REASON_NONE)
        refusal = restraint_check_objections(engine, asset);
    return refusal;
}

static struct refusal check_room(const struct engine *engine, const struct transfer *row) {
    if (pool_is_full(engine, POOL_TRANSFERS))
        return refusal_full(POOL_TRANSFERS);
    bool needs_holding = row->asset_kind == ASSET_HOLDING &&
                         holding_find(engine, row->buyer_account, row->asset) == 0;
    if (needs_holding && pool_is_full(engine, POOL_HOLDINGS))
        return refusal_full(POOL_HOLDINGS);
    struct refusal refusal = asset_check_room(engine, transfer_asset(row));
    return refusal.reason == REASON_NONE ? binding_check_room(engine, 1) : refusal;
}

/* Everything but the price, which is asked of the buyer once. */
static struct refusal check_going(const struct engine *engine, const struct transfer *row) {
    struct refusal refusal = check_restraints(engine, row);
    if (refusal.reason == REASON_NONE && row->asset_kind == ASSET_RIGHT)
        refusal = check_right(engine, row);
    if (refusal.reason == REASON_NONE)
        refusal = transfer_check_pay(engine, row);
    return refusal;
}

static struct refusal check_price(const struct engine *engine, const struct transfer *row) {
    const struct account *buyer = account_at(engine, row->buyer_account);
    int64_t free_fen = buyer->cash_fen - buyer->reserved_fen;
    if (row->costs_fen > row->price_fen)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_COSTS, row->price_fen);
    if (row->price_fen > free_fen)
        return blocked_cash(engine, row->buyer_account, row->price_fen, free_fen);
    return refusal_none();
}

struct refusal transfer_check_make(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    struct transfer row = as_row(&deed->transfer_deed);
    struct refusal refusal = check_sides(call, deed, &row);
    if (refusal.reason == REASON_NONE)
        refusal = asset_check_exists(engine, transfer_asset(&row));
    if (refusal.reason == REASON_NONE)
        refusal = check_consents(engine, &row);
    if (refusal.reason == REASON_NONE)
        refusal = check_going(engine, &row);
    if (refusal.reason == REASON_NONE)
        refusal = transfer_check_units(engine, &row);
    if (refusal.reason == REASON_NONE)
        refusal = check_price(engine, &row);
    return refusal.reason == REASON_NONE ? check_room(engine, &row) : refusal;
}

/* --- doing it ----------------------------------------------------------------------------------
 */

/* Whether another register has to register it first. */
static bool waits_for_office(const struct engine *engine, const struct transfer *transfer) {
    return transfer->asset_kind == ASSET_RIGHT &&
           right_at(engine, transfer->asset)->office != OFFICE_TPX;
}

static void take_price(struct engine *engine, struct transfer *transfer) {
    account_at(engine, transfer->buyer_account)->cash_fen -= transfer->price_fen;
    engine->escrow_fen += transfer->price_fen;
    transfer->escrow_fen = transfer->price_fen;
}

/* Price, pledges, delivery: one record. */
static void settle(const struct call *call, uint32_t number) {
    struct engine *engine = call->engine;
    struct transfer *transfer = transfer_at(engine, number);
    struct transfer_payees payees;
    struct asset asset = transfer_asset(transfer);
    engine->escrow_fen -= transfer->escrow_fen;
    transfer->escrow_fen = 0;
    transfer_rank(engine, transfer, &payees);
    transfer_free(call, transfer, &payees);
    transfer_pay(call, transfer, &payees);
    transfer_deliver(engine, transfer);
    transfer->state = transfer->escrow_fen != 0 ? TRANSFER_HELD_BACK : TRANSFER_SETTLED;
    binding_at(engine, transfer->binding)->state = transfer->state;
    binding_end(call, transfer->binding);
    pledge_follow(call, asset);
    freeze_follow(call, asset);
    if (transfer->asset_kind == ASSET_RIGHT)
        right_tell(call, transfer->asset);
}

uint64_t transfer_make(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    uint32_t number = pool_add(engine, POOL_TRANSFERS);
    struct transfer *transfer = transfer_at(engine, number);
    *transfer = as_row(&deed->transfer_deed);
    struct asset asset = transfer_asset(transfer);
    struct binding wanted = {.kind = ENTRY_TRANSFER,
                             .quantity = transfer->quantity,
                             .subject = number,
                             .state = TRANSFER_AGREED};
    asset_admit(call, asset);
    transfer->binding = binding_make(call, asset, &wanted);
    for (uint32_t i = 0; i < transfer->consents_count; i++)
        consent_at(engine, transfer->consents[i])->left -= (int64_t)transfer->quantity;
    take_price(engine, transfer);
    transfer_tie(engine, transfer);
    if (waits_for_office(engine, transfer))
        binding_tell(call, transfer->binding);
    else
        settle(call, number);
    return number;
}

/* --- what an office says -----------------------------------------------------------------------
 */

static struct refusal check_state(const struct engine *engine, uint32_t number, uint8_t state) {
    if (!pool_has(engine, POOL_TRANSFERS, number))
        return refusal_of(REASON_UNKNOWN_TRANSFER, FIELD_TRANSFER, 0);
    if (transfer_at(engine, number)->state != state)
        return refusal_of(REASON_WRONG_STATE, FIELD_TRANSFER, transfer_at(engine, number)->state);
    return refusal_none();
}

struct refusal transfer_check_confirm(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    uint32_t number = deed->confirm_transfer.transfer;
    struct refusal refusal = check_state(engine, number, TRANSFER_AGREED);
    if (refusal.reason == REASON_NONE)
        refusal = check_going(engine, transfer_at(engine, number));
    if (refusal.reason == REASON_NONE)
        refusal = transfer_check_tied(engine, transfer_at(engine, number));
    return refusal;
}

uint64_t transfer_confirm(const struct call *call, const struct deed *deed) {
    settle(call, deed->confirm_transfer.transfer);
    return deed->confirm_transfer.transfer;
}

struct refusal transfer_check_end(const struct call *call, const struct deed *deed) {
    return check_state(call->engine, deed->end_transfer.transfer, TRANSFER_AGREED);
}

uint64_t transfer_end(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    struct transfer *transfer = transfer_at(engine, deed->end_transfer.transfer);
    account_at(engine, transfer->buyer_account)->cash_fen += transfer->escrow_fen;
    engine->escrow_fen -= transfer->escrow_fen;
    transfer->escrow_fen = 0;
    for (uint32_t i = 0; i < transfer->consents_count; i++)
        consent_at(engine, transfer->consents[i])->left += (int64_t)transfer->quantity;
    transfer->state = TRANSFER_ENDED;
    binding_at(engine, transfer->binding)->state = TRANSFER_ENDED;
    binding_end(call, transfer->binding);
    return deed->end_transfer.transfer;
}

/* --- what waits in escrow ----------------------------------------------------------------------
 */

struct refusal transfer_check_pay_out(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct pay_out *pay = &deed->pay_out;
    struct refusal refusal = check_state(engine, pay->transfer, TRANSFER_HELD_BACK);
    if (refusal.reason != REASON_NONE)
        return refusal;
    const struct transfer *transfer = transfer_at(engine, pay->transfer);
    refusal = deed_check_signed_by(engine, deed, transfer->pledgee);
    if (refusal.reason == REASON_NONE)
        refusal = deed_check_signed_by(engine, deed, transfer->seller);
    if (refusal.reason == REASON_NONE && pay->pledgee_fen != 0)
        refusal = check_account(engine, pay->pledgee_account, transfer->pledgee);
    if (refusal.reason == REASON_NONE &&
        (pay->pledgee_fen > transfer->escrow_fen ||
         pay->seller_fen != transfer->escrow_fen - pay->pledgee_fen))
        refusal = refusal_of(REASON_OUT_OF_LIMITS, FIELD_AMOUNT, transfer->escrow_fen);
    return refusal;
}

uint64_t transfer_pay_out(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    const struct pay_out *pay = &deed->pay_out;
    struct transfer *transfer = transfer_at(engine, pay->transfer);
    engine->escrow_fen -= transfer->escrow_fen;
    transfer->escrow_fen = 0;
    if (pay->pledgee_fen != 0)
        account_at(engine, pay->pledgee_account)->cash_fen += pay->pledgee_fen;
    account_at(engine, transfer->seller_account)->cash_fen += pay->seller_fen;
    transfer->state = TRANSFER_SETTLED;
    return pay->transfer;
}

/* --- looking -----------------------------------------------------------------------------------
 */

void transfer_describe(const struct engine *engine, const struct binding *binding,
                       struct extract *extract) {
    const struct transfer *transfer = transfer_at(engine, binding->subject);
    extract->force.party = transfer->seller;
    extract->force.buyer = transfer->buyer;
    extract->force.transfer = binding->subject;
}

int64_t transfer_escrow_fen(const struct engine *engine) {
    int64_t sum_fen = 0;
    for (uint32_t number = 1; number <= engine->pools[POOL_TRANSFERS].count; number++)
        sum_fen += transfer_at(engine, number)->escrow_fen;
    return sum_fen;
}

void transfer_check(const struct engine *engine) {
    for (uint32_t number = 1; number <= engine->pools[POOL_TRANSFERS].count; number++) {
        const struct transfer *transfer = transfer_at(engine, number);
        const struct binding *binding = binding_at(engine, transfer->binding);
        bool waits = transfer->state == TRANSFER_AGREED || transfer->state == TRANSFER_HELD_BACK;
        assert(binding->subject == number && binding->kind == ENTRY_TRANSFER);
        assert((binding->to_ns == 0) == (transfer->state == TRANSFER_AGREED));
        assert(waits || transfer->escrow_fen == 0);
        assert(transfer->state != TRANSFER_AGREED ||
               (transfer->escrow_fen == transfer->price_fen &&
                parcel_units(engine, transfer->binding) == transfer->quantity));
    }
    consent_check(engine);
}
