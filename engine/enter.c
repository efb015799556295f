/*
 * How an order enters. Nothing changes before match_enter().
 */
#include "engine/enter.h"

#include "engine/admit.h"
#include "engine/blocked.h"
#include "engine/date.h"
#include "engine/emit.h"
#include "engine/holding.h"
#include "engine/instrument.h"
#include "engine/match.h"
#include "engine/money.h"
#include "engine/order.h"
#include "engine/restraint.h"

/* An order on its way, and what the checks have found. */
struct entering {
    const struct call *call;
    struct engine *engine;
    const struct new_order *wanted;
    const struct instrument *instrument;
    const struct account *account;
    uint32_t holding;
    uint32_t price_ticks; /* worst price it may trade at; 0: any */
};

static bool is_immediate(const struct new_order *wanted) {
    return wanted->time_in_force == TIME_IN_FORCE_IOC || wanted->time_in_force == TIME_IN_FORCE_FOK;
}

/* The sender's own account, NULL when there is no such. */
static const struct account *own_account(const struct engine *engine, const struct stamp *stamp,
                                         uint32_t number) {
    if (!pool_has(engine, POOL_ACCOUNTS, number))
        return NULL;
    const struct account *account = account_at(engine, number);
    return account->participant == stamp->participant ? account : NULL;
}

static struct refusal check_sender(struct entering *entering) {
    const struct engine *engine = entering->engine;
    const struct stamp *stamp = &entering->call->command->stamp;
    const struct new_order *wanted = entering->wanted;
    enum reason reason = admit(engine, stamp, &authority_table[AUTHORITY_ROW_NEW_ORDER]);
    if (reason != REASON_NONE)
        return admit_refusal(reason);
    entering->account = own_account(engine, stamp, wanted->account);
    if (pool_has(engine, POOL_INSTRUMENTS, wanted->instrument))
        entering->instrument = instrument_at(engine, wanted->instrument);
    bool is_killed = admit_is_killed(engine, stamp) ||
                     (entering->account != NULL && entering->account->is_killed) ||
                     (entering->instrument != NULL && entering->instrument->is_killed);
    return refusal_of(is_killed ? REASON_KILLED : REASON_NONE, FIELD_NONE, 0);
}

static struct refusal check_date(const struct entering *entering) {
    const struct engine *engine = entering->engine;
    const struct new_order *wanted = entering->wanted;
    bool is_today = engine->is_open && wanted->trading_day == engine->date;
    if (wanted->trading_day != 0 && !is_today)
        return refusal_of(REASON_BAD_DATE, FIELD_TRADING_DATE, engine->date);
    bool is_dated = wanted->time_in_force == TIME_IN_FORCE_GTD;
    if (!is_dated && wanted->good_till == DATE_NONE)
        return refusal_none();
    if (!is_dated || !date_is_valid(wanted->good_till))
        return refusal_of(REASON_BAD_DATE, FIELD_GOOD_TILL_DATE, 0);
    if (wanted->good_till < engine->date)
        return refusal_of(REASON_BAD_DATE, FIELD_GOOD_TILL_DATE, engine->date);
    return refusal_none();
}

static struct refusal check_subject(const struct entering *entering) {
    if (entering->instrument == NULL)
        return refusal_of(REASON_UNKNOWN_INSTRUMENT, FIELD_INSTRUMENT, 0);
    if (entering->account == NULL)
        return refusal_of(REASON_UNKNOWN_ACCOUNT, FIELD_ACCOUNT, 0);
    enum reason reason = instrument_phase_reason(entering->engine, entering->instrument);
    return refusal_of(reason, reason != REASON_NONE ? FIELD_INSTRUMENT : FIELD_NONE, 0);
}

static struct refusal check_combination(const struct entering *entering) {
    const struct new_order *wanted = entering->wanted;
    bool is_market = wanted->ord_type == ORD_TYPE_MARKET;
    if (is_market && !is_immediate(wanted))
        return refusal_of(REASON_BAD_COMBINATION, FIELD_TIME_IN_FORCE, 0);
    if (wanted->is_post_only && (is_market || is_immediate(wanted) || wanted->min_qty != 0))
        return refusal_of(REASON_BAD_COMBINATION, FIELD_POST_ONLY, 0);
    return refusal_none();
}

static struct refusal check_quantity(const struct entering *entering) {
    const struct new_order *wanted = entering->wanted;
    uint64_t sellable =
        wanted->side == SIDE_SELL ? holding_sellable(entering->engine, entering->holding) : 0;
    struct refusal refusal = instrument_check_quantity(entering->instrument, wanted->order_qty,
                                                       wanted->order_qty, sellable);
    if (refusal.reason == REASON_NONE && wanted->min_qty > UINT32_MAX)
        return refusal_of(REASON_MAX_QUANTITY, FIELD_MIN_QTY, UINT32_MAX);
    return refusal;
}

/* A market order without a price of its own is protected by the band, where there is one. */
static struct refusal check_price(struct entering *entering) {
    const struct new_order *wanted = entering->wanted;
    const struct instrument *instrument = entering->instrument;
    if (wanted->ord_type == ORD_TYPE_LIMIT || wanted->price_fen != 0)
        return instrument_check_price(instrument, wanted->price_fen, &entering->price_ticks);
    if (wanted->side == SIDE_BUY && instrument->band_high_fen != 0)
        entering->price_ticks = instrument->band_high_ticks;
    if (wanted->side == SIDE_SELL && instrument->band_low_fen != 0)
        entering->price_ticks = instrument->band_low_ticks;
    return refusal_none();
}

static struct book_order book_order_of(const struct entering *entering) {
    const struct new_order *wanted = entering->wanted;
    struct book_order order = {.book = wanted->instrument,
                               .price_ticks = entering->price_ticks,
                               .quantity = (uint32_t)wanted->order_qty,
                               .quantity_min = (uint32_t)wanted->min_qty,
                               .side = (uint8_t)order_book_side(wanted->side),
                               .type = BOOK_LIMIT,
                               .is_post_only = wanted->is_post_only};
    if (wanted->time_in_force == TIME_IN_FORCE_FOK)
        order.type = BOOK_FOK;
    else if (wanted->ord_type == ORD_TYPE_MARKET)
        order.type = BOOK_MARKET;
    else if (wanted->time_in_force == TIME_IN_FORCE_IOC)
        order.type = BOOK_IOC;
    return order;
}

/* What a buy at any price costs against the book as it stands: nothing when it will not trade at
 * all. False when nobody could pay it. */
static bool cost_of(const struct entering *entering, int64_t *need_fen) {
    struct book_order order = book_order_of(entering);
    struct book_cost cost;
    book_would_cost(books_of(entering->engine), &order, COMMAND_TRADES_MAX, &cost);
    *need_fen = 0;
    if (cost.quantity < order.quantity_min ||
        (order.type == BOOK_FOK && cost.quantity < order.quantity))
        return true;
    return money_product(entering->instrument->tick_fen, cost.amount_ticks, need_fen);
}

/* What an authority has forbidden the account's owner. */
static struct refusal check_restricted(const struct entering *entering) {
    const struct new_order *wanted = entering->wanted;
    struct asset asset = asset_holding((uint32_t)entering->account->owner, wanted->instrument);
    return restraint_check_sides(entering->engine, asset,
                                 wanted->side == SIDE_BUY ? RESTRICTION_BUY : RESTRICTION_SELL);
}

static struct refusal check_funds(const struct entering *entering) {
    const struct new_order *wanted = entering->wanted;
    if (__builtin_expect(entering->account->is_restricted, 0)) {
        struct refusal refusal = check_restricted(entering);
        if (refusal.reason != REASON_NONE)
            return refusal;
    }
    if (wanted->side == SIDE_SELL) {
        uint64_t sellable = holding_sellable(entering->engine, entering->holding);
        if (wanted->order_qty > sellable)
            return blocked_units(entering->engine, entering->holding, FIELD_ORDER_QTY,
                                 wanted->order_qty, sellable);
        return refusal_none();
    }
    int64_t need_fen = INT64_MAX;
    bool can_be_paid = entering->price_ticks != 0
                           ? money_product(entering->instrument->tick_fen * entering->price_ticks,
                                           wanted->order_qty, &need_fen)
                           : cost_of(entering, &need_fen);
    int64_t free_fen = entering->account->cash_fen - entering->account->reserved_fen;
    if (!can_be_paid || need_fen > free_fen)
        return blocked_cash(entering->engine, wanted->account, can_be_paid ? need_fen : INT64_MAX,
                            free_fen);
    return refusal_none();
}

static struct refusal check_book(const struct entering *entering) {
    const struct new_order *wanted = entering->wanted;
    if (wanted->is_post_only &&
        book_would_trade(books_of(entering->engine), wanted->instrument,
                         order_book_side(wanted->side), entering->price_ticks))
        return refusal_of(REASON_WOULD_TRADE, FIELD_PRICE, 0);
    bool needs_holding = wanted->side == SIDE_BUY && entering->holding == 0;
    if (needs_holding && pool_is_full(entering->engine, POOL_HOLDINGS))
        return refusal_full(POOL_HOLDINGS);
    return refusal_none();
}

static struct refusal check(struct entering *entering) {
    struct refusal refusal = check_sender(entering);
    if (refusal.reason == REASON_NONE)
        refusal = check_date(entering);
    if (refusal.reason == REASON_NONE)
        refusal = check_subject(entering);
    if (refusal.reason == REASON_NONE)
        refusal = check_combination(entering);
    if (refusal.reason != REASON_NONE)
        return refusal;
    const struct new_order *wanted = entering->wanted;
    entering->holding = holding_find(entering->engine, wanted->account, wanted->instrument);
    refusal = check_quantity(entering);
    if (refusal.reason == REASON_NONE)
        refusal = check_price(entering);
    if (refusal.reason == REASON_NONE)
        refusal = check_funds(entering);
    if (refusal.reason == REASON_NONE)
        refusal = check_book(entering);
    return refusal;
}

static void answer_refused(const struct entering *entering, struct refusal refusal) {
    const struct stamp *stamp = &entering->call->command->stamp;
    struct event *event = emit_rejected(entering->call, refusal);
    event->order_id = order_id_of(stamp->session, stamp->number);
    event->instrument = entering->wanted->instrument;
    event->account = entering->wanted->account;
    event->side = entering->wanted->side;
}

static trading_date good_till_of(const struct entering *entering) {
    if (entering->wanted->time_in_force == TIME_IN_FORCE_GTC)
        return DATE_MAX;
    if (entering->wanted->time_in_force == TIME_IN_FORCE_GTD)
        return entering->wanted->good_till;
    return entering->engine->date;
}

void enter_order(const struct call *call) {
    struct entering entering = {
        .call = call, .engine = call->engine, .wanted = &call->command->new_order};
    struct refusal refusal = check(&entering);
    if (refusal.reason != REASON_NONE) {
        answer_refused(&entering, refusal);
        return;
    }
    const struct stamp *stamp = &call->command->stamp;
    const struct new_order *wanted = entering.wanted;
    struct match match = {.call = call, .row = order_take(call->engine)};
    *order_at(call->engine, match.row) =
        (struct order){.id = order_id_of(stamp->session, stamp->number),
                       .entry = stamp->sequence,
                       .price_fen = wanted->price_fen,
                       .account = wanted->account,
                       .instrument = wanted->instrument,
                       .holding = entering.holding,
                       .leaves = (uint32_t)wanted->order_qty,
                       .good_till = good_till_of(&entering),
                       .side = wanted->side,
                       .is_post_only = wanted->is_post_only};
    struct book_order order = book_order_of(&entering);
    order.id = match.row;
    match_enter(&match, &order);
}
