/*
 * How an order is replaced. Nothing changes before match_replace() or match_cancel().
 */
#include "engine/replace.h"

#include "engine/admit.h"
#include "engine/blocked.h"
#include "engine/cancel.h"
#include "engine/emit.h"
#include "engine/holding.h"
#include "engine/instrument.h"
#include "engine/match.h"
#include "engine/money.h"
#include "engine/order.h"

struct replacing {
    const struct call *call;
    struct engine *engine;
    const struct replace *wanted;
    uint32_t row; /* 0: no such order of this session */
    const struct order *order;
    const struct instrument *instrument;
    uint32_t price_ticks;
};

static bool is_killed(const struct replacing *replacing) {
    const struct engine *engine = replacing->engine;
    if (admit_is_killed(engine, &replacing->call->command->stamp))
        return true;
    return replacing->row != 0 && (account_at(engine, replacing->order->account)->is_killed ||
                                   replacing->instrument->is_killed);
}

static struct refusal check_sender(const struct replacing *replacing) {
    const struct engine *engine = replacing->engine;
    const struct stamp *stamp = &replacing->call->command->stamp;
    enum reason reason = admit(engine, stamp, &authority_table[AUTHORITY_ROW_REPLACE]);
    if (reason != REASON_NONE)
        return admit_refusal(reason);
    if (is_killed(replacing))
        return refusal_of(REASON_KILLED, FIELD_NONE, 0);
    if (replacing->row == 0)
        return refusal_of(REASON_UNKNOWN_ORDER, FIELD_ORDER_ID, 0);
    reason = instrument_phase_reason(engine, replacing->instrument);
    return refusal_of(reason, reason != REASON_NONE ? FIELD_INSTRUMENT : FIELD_NONE, 0);
}

static bool is_to_zero(const struct replacing *replacing) {
    return replacing->wanted->order_qty <= replacing->order->cum;
}

/* Units the order may have open: what it has and what is sellable besides. */
static uint64_t sellable_of(const struct replacing *replacing) {
    return replacing->order->leaves +
           holding_sellable(replacing->engine, replacing->order->holding);
}

static struct refusal check_quantity(const struct replacing *replacing) {
    const struct order *order = replacing->order;
    uint64_t total = replacing->wanted->order_qty;
    uint64_t sellable = order->side == SIDE_SELL ? sellable_of(replacing) : 0;
    return instrument_check_quantity(replacing->instrument, total, total - order->cum, sellable);
}

static struct refusal check_funds(const struct replacing *replacing) {
    const struct order *order = replacing->order;
    uint64_t leaves = replacing->wanted->order_qty - order->cum;
    if (order->side == SIDE_SELL) {
        uint64_t sellable = sellable_of(replacing);
        if (leaves > sellable)
            return blocked_units(replacing->engine, order->holding, FIELD_ORDER_QTY, leaves,
                                 sellable);
        return refusal_none();
    }
    const struct account *account = account_at(replacing->engine, order->account);
    int64_t free_fen = account->cash_fen - account->reserved_fen + order_reserve_fen(order);
    int64_t need_fen;
    if (!money_product(replacing->wanted->price_fen, leaves, &need_fen))
        need_fen = INT64_MAX;
    if (need_fen > free_fen)
        return blocked_cash(replacing->engine, order->account, need_fen, free_fen);
    return refusal_none();
}

static struct refusal check_terms(struct replacing *replacing) {
    const struct order *order = replacing->order;
    struct refusal refusal = check_quantity(replacing);
    if (refusal.reason == REASON_NONE)
        refusal = instrument_check_price(replacing->instrument, replacing->wanted->price_fen,
                                         &replacing->price_ticks);
    if (refusal.reason == REASON_NONE)
        refusal = check_funds(replacing);
    if (refusal.reason != REASON_NONE || !order->is_post_only)
        return refusal;
    if (book_would_trade(books_of(replacing->engine), order->instrument,
                         order_book_side(order->side), replacing->price_ticks))
        return refusal_of(REASON_WOULD_TRADE, FIELD_PRICE, 0);
    return refusal;
}

static void answer_refused(const struct replacing *replacing, struct refusal refusal) {
    struct event *event = emit_rejected(replacing->call, refusal);
    event->order_id = replacing->wanted->order_id;
    if (replacing->row == 0)
        return;
    event->instrument = replacing->order->instrument;
    event->account = replacing->order->account;
    event->side = replacing->order->side;
}

void replace_order(const struct call *call) {
    struct replacing replacing = {
        .call = call, .engine = call->engine, .wanted = &call->command->replace};
    replacing.row = cancel_find_own(call, replacing.wanted->order_id);
    replacing.order = order_at(call->engine, replacing.row);
    if (replacing.row != 0)
        replacing.instrument = instrument_at(call->engine, replacing.order->instrument);
    struct refusal refusal = check_sender(&replacing);
    if (refusal.reason == REASON_NONE && is_to_zero(&replacing)) {
        match_cancel(call, replacing.row, EVENT_CANCELED, REASON_REPLACED_TO_ZERO);
        return;
    }
    if (refusal.reason == REASON_NONE)
        refusal = check_terms(&replacing);
    if (refusal.reason != REASON_NONE) {
        answer_refused(&replacing, refusal);
        return;
    }
    struct match match = {.call = call,
                          .row = replacing.row,
                          .price_fen = replacing.wanted->price_fen,
                          .price_ticks = replacing.price_ticks,
                          .leaves = (uint32_t)(replacing.wanted->order_qty - replacing.order->cum)};
    match_replace(&match);
}
