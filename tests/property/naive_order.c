/*
 * The model's orders: how they enter, trade, are replaced and go.
 */
#include <assert.h>
#include <string.h>

#include "engine/date.h"
#include "tests/property/naive_market.h"

__extension__ typedef __int128 i128;

static struct naive_no no_of(enum reason reason, enum field field, int64_t limit) {
    return (struct naive_no){reason, field, limit};
}

bool naive_is_before(const struct naive_market_order *a, const struct naive_market_order *b) {
    if (a->price_fen != b->price_fen)
        return a->side == SIDE_BUY ? a->price_fen > b->price_fen : a->price_fen < b->price_fen;
    return a->entry < b->entry;
}

/* Whether a resting order may trade with a taker of `side` at `price_fen`, 0 for any. */
static bool crosses(const struct naive_market_order *resting, uint32_t instrument, uint8_t side,
                    int64_t price_fen) {
    if (resting->instrument != instrument || resting->side == side)
        return false;
    if (price_fen == 0)
        return true;
    return side == SIDE_BUY ? resting->price_fen <= price_fen : resting->price_fen >= price_fen;
}

/* The order that such a taker meets first; NULL when there is none. */
static struct naive_market_order *first_against(struct naive_market *market, uint32_t instrument,
                                                uint8_t side, int64_t price_fen) {
    struct naive_market_order *first = NULL;
    for (uint32_t row = 0; row < market->counts[POOL_ORDERS]; row++) {
        struct naive_market_order *each = &market->orders[row];
        if (crosses(each, instrument, side, price_fen) &&
            (first == NULL || naive_is_before(each, first)))
            first = each;
    }
    return first;
}

static struct naive_market_order *find(struct naive_market *market, uint64_t id) {
    for (uint32_t row = 0; row < market->counts[POOL_ORDERS]; row++)
        if (market->orders[row].id == id)
            return &market->orders[row];
    return NULL;
}

static void take_out(struct naive_market *market, uint64_t id) {
    struct naive_market_order *order = find(market, id);
    assert(order != NULL);
    size_t row = (size_t)(order - market->orders);
    memmove(order, order + 1, (--market->counts[POOL_ORDERS] - row) * sizeof *order);
}

static void put_in(struct naive_market *market, const struct naive_market_order *order) {
    assert(market->counts[POOL_ORDERS] < NAIVE_ROWS_MAX);
    market->orders[market->counts[POOL_ORDERS]++] = *order;
}

static struct event *report(struct naive_market *market, enum event_kind kind,
                            const struct naive_market_order *order, uint32_t quantity) {
    struct event *event = naive_event(market, kind, AUDIENCE_SESSION, order_id_session(order->id));
    event->order_id = order->id;
    event->price_fen = order->price_fen;
    event->quantity = quantity;
    event->leaves = order->leaves;
    event->cum = order->cum;
    event->instrument = order->instrument;
    event->account = order->account;
    event->side = order->side;
    event->ord_status = order->cum == 0 ? ORD_STATUS_NEW : ORD_STATUS_PARTIALLY_FILLED;
    return event;
}

static void report_gone(struct naive_market *market, enum event_kind kind,
                        const struct naive_market_order *order, enum reason reason) {
    struct event *event = report(market, kind, order, order->leaves);
    event->leaves = 0;
    event->reason = (uint16_t)reason;
    event->ord_status = kind == EVENT_EXPIRED ? ORD_STATUS_EXPIRED : ORD_STATUS_CANCELED;
}

static struct event *publish(struct naive_market *market, enum event_kind kind,
                             const struct naive_market_order *order, uint32_t quantity) {
    struct event *event = naive_event(market, kind, AUDIENCE_EVERYBODY, 0);
    event->entry = order->entry;
    event->price_fen = order->price_fen;
    event->quantity = quantity;
    event->instrument = order->instrument;
    event->side = order->side;
    return event;
}

void naive_take_out(struct naive_market *market, const struct naive_market_order *gone,
                    enum event_kind kind, enum reason reason) {
    struct naive_market_order order = *gone;
    take_out(market, order.id);
    report_gone(market, kind, &order, reason);
    publish(market, EVENT_BOOK_DELETED, &order, 0);
}

static void report_fill(struct naive_market *market, const struct naive_market_order *order,
                        int64_t price_fen, uint32_t quantity, bool is_maker) {
    struct event *event = report(market, EVENT_TRADE, order, quantity);
    event->price_fen = price_fen;
    event->match_id = market->trades;
    event->is_maker = is_maker;
    event->ord_status = order->leaves == 0 ? ORD_STATUS_FILLED : ORD_STATUS_PARTIALLY_FILLED;
}

static void move_goods(struct naive_market *market, const struct naive_market_order *buy,
                       const struct naive_market_order *sell, int64_t price_fen,
                       uint32_t quantity) {
    int64_t amount_fen = price_fen * (int64_t)quantity;
    market->accounts[buy->account - 1].cash_fen -= amount_fen;
    market->accounts[sell->account - 1].cash_fen += amount_fen;
    naive_holding_get(market, sell->account, sell->instrument)->quantity -= quantity;
    naive_holding_get(market, buy->account, buy->instrument)->quantity += quantity;
}

/* Trades a taker, which is in no array, with whatever it meets at `price_fen` or better. */
static void trade(struct naive_market *market, struct naive_market_order *taker,
                  int64_t price_fen) {
    for (uint32_t trades = 0; taker->leaves > 0 && trades < market->trades_max; trades++) {
        struct naive_market_order *maker =
            first_against(market, taker->instrument, taker->side, price_fen);
        if (maker == NULL)
            return;
        uint32_t quantity = maker->leaves < taker->leaves ? maker->leaves : taker->leaves;
        maker->leaves -= quantity;
        maker->cum += quantity;
        taker->leaves -= quantity;
        taker->cum += quantity;
        market->trades++;
        market->instruments[taker->instrument - 1].last_fen = maker->price_fen;
        const struct naive_market_order *buy = taker->side == SIDE_BUY ? taker : maker;
        const struct naive_market_order *sell = taker->side == SIDE_BUY ? maker : taker;
        move_goods(market, buy, sell, maker->price_fen, quantity);
        report_fill(market, taker, maker->price_fen, quantity, false);
        report_fill(market, maker, maker->price_fen, quantity, true);
        struct event *event = publish(market, EVENT_BOOK_TRADED, maker, quantity);
        event->match_id = market->trades;
        event->leaves = maker->leaves;
        event->side = taker->side;
        if (maker->leaves == 0)
            take_out(market, maker->id);
    }
}

/* What a taker would trade now, and what that would cost. */
static uint64_t tradable(struct naive_market *market, const struct naive_market_order *taker,
                         int64_t price_fen, i128 *cost_fen) {
    uint64_t sum = 0;
    uint64_t wanted = taker->leaves;
    const struct naive_market_order *last = NULL;
    *cost_fen = 0;
    for (uint32_t trades = 0; sum < wanted && trades < market->trades_max; trades++) {
        const struct naive_market_order *next = NULL;
        for (uint32_t row = 0; row < market->counts[POOL_ORDERS]; row++) {
            const struct naive_market_order *each = &market->orders[row];
            if (crosses(each, taker->instrument, taker->side, price_fen) &&
                (last == NULL || naive_is_before(last, each)) &&
                (next == NULL || naive_is_before(each, next)))
                next = each;
        }
        if (next == NULL)
            break;
        uint64_t quantity = next->leaves < wanted - sum ? next->leaves : wanted - sum;
        sum += quantity;
        *cost_fen += (i128)next->price_fen * (i128)quantity;
        last = next;
    }
    return sum;
}

/* Other orders than `but` at one price of one side. */
static uint32_t count_at(const struct naive_market *market, uint32_t instrument, uint8_t side,
                         int64_t price_fen, uint64_t but) {
    uint32_t count = 0;
    for (uint32_t row = 0; row < market->counts[POOL_ORDERS]; row++) {
        const struct naive_market_order *each = &market->orders[row];
        count += each->instrument == instrument && each->side == side &&
                 each->price_fen == price_fen && each->id != but;
    }
    return count;
}

/* Prices with an order, each counted at the first of its orders. */
static uint32_t count_levels(const struct naive_market *market) {
    uint32_t levels = 0;
    for (uint32_t row = 0; row < market->counts[POOL_ORDERS]; row++) {
        const struct naive_market_order *a = &market->orders[row];
        bool is_first = true;
        for (uint32_t before = 0; before < row; before++) {
            const struct naive_market_order *b = &market->orders[before];
            if (a->instrument == b->instrument && a->side == b->side &&
                a->price_fen == b->price_fen)
                is_first = false;
        }
        levels += is_first;
    }
    return levels;
}

enum reason naive_admit(const struct naive_market *market, uint32_t roles, uint8_t disk_worst) {
    enum reason reason = naive_key_reason(market);
    if (reason != REASON_NONE)
        return reason;
    if ((naive_roles(market) & roles) == 0)
        return REASON_NOT_AUTHORISED;
    return market->disk_step > disk_worst ? REASON_DISK_RESERVE : REASON_NONE;
}

struct naive_no naive_admit_no(enum reason reason) {
    return no_of(reason, reason == REASON_KEY_REVOKED ? FIELD_KEY : FIELD_NONE, 0);
}

static bool sender_is_killed(const struct naive_market *market) {
    const struct stamp *stamp = &market->command->stamp;
    return market->is_killed || market->participants[stamp->participant - 1].is_killed ||
           market->sessions[stamp->session - 1].is_killed;
}

static struct naive_no phase_no(const struct naive_market *market, uint32_t instrument) {
    enum phase phase = naive_phase_of(market, instrument);
    if (phase == PHASE_CLOSED)
        return no_of(REASON_NOT_IN_SESSION, FIELD_INSTRUMENT, 0);
    if (phase == PHASE_HALTED)
        return no_of(REASON_HALTED, FIELD_INSTRUMENT, 0);
    return NAIVE_YES;
}

static bool has_own_account(const struct naive_market *market, uint32_t number) {
    return naive_has(market, POOL_ACCOUNTS, number) &&
           market->accounts[number - 1].of.participant == market->command->stamp.participant;
}

static struct naive_no check_date(const struct naive_market *market) {
    const struct new_order *wanted = &market->command->new_order;
    if (wanted->trading_day != 0 && !(market->is_open && wanted->trading_day == market->date))
        return no_of(REASON_BAD_DATE, FIELD_TRADING_DATE, market->date);
    if (wanted->time_in_force != TIME_IN_FORCE_GTD)
        return wanted->good_till == 0 ? NAIVE_YES : no_of(REASON_BAD_DATE, FIELD_GOOD_TILL_DATE, 0);
    if (!date_is_valid(wanted->good_till))
        return no_of(REASON_BAD_DATE, FIELD_GOOD_TILL_DATE, 0);
    if (wanted->good_till < market->date)
        return no_of(REASON_BAD_DATE, FIELD_GOOD_TILL_DATE, market->date);
    return NAIVE_YES;
}

static bool is_immediate(const struct new_order *wanted) {
    return wanted->time_in_force == TIME_IN_FORCE_IOC || wanted->time_in_force == TIME_IN_FORCE_FOK;
}

static struct naive_no check_combination(const struct new_order *wanted) {
    bool is_market = wanted->ord_type == ORD_TYPE_MARKET;
    if (is_market && !is_immediate(wanted))
        return no_of(REASON_BAD_COMBINATION, FIELD_TIME_IN_FORCE, 0);
    if (wanted->is_post_only && (is_market || is_immediate(wanted) || wanted->min_qty != 0))
        return no_of(REASON_BAD_COMBINATION, FIELD_POST_ONLY, 0);
    return NAIVE_YES;
}

static bool is_lots(const struct add_instrument *of, uint64_t quantity) {
    return quantity >= of->lot_min && quantity % of->lot_step == 0;
}

/* What of a holding no order of lots can sell, found by trying. */
static uint64_t remainder_of(const struct add_instrument *of, uint64_t sellable) {
    for (uint64_t quantity = sellable; quantity > 0; quantity--)
        if (is_lots(of, quantity))
            return sellable - quantity;
    return sellable;
}

/* `open` of the quantity are to trade yet; of a sell, `sellable` may be. */
static struct naive_no check_quantity(const struct naive_instrument *instrument, uint64_t quantity,
                                      uint64_t open, uint64_t sellable) {
    const struct add_instrument *of = &instrument->of;
    uint64_t most = of->qty_max != 0 ? of->qty_max : UINT32_MAX;
    uint64_t remainder = remainder_of(of, sellable);
    bool sells_it = remainder > 0 && open >= remainder && open <= sellable &&
                    (open == remainder || is_lots(of, open - remainder));
    if (!sells_it && quantity < of->lot_min)
        return no_of(REASON_LOT_SIZE, FIELD_ORDER_QTY, (int64_t)of->lot_min);
    if (!sells_it && quantity % of->lot_step != 0)
        return no_of(REASON_LOT_SIZE, FIELD_ORDER_QTY, (int64_t)of->lot_step);
    if (quantity > most)
        return no_of(REASON_MAX_QUANTITY, FIELD_ORDER_QTY, (int64_t)most);
    return NAIVE_YES;
}

static struct naive_no check_price(const struct naive_instrument *instrument, int64_t price_fen) {
    if (price_fen > 0 && price_fen % instrument->of.tick_fen != 0)
        return no_of(REASON_TICK_SIZE, FIELD_PRICE, instrument->of.tick_fen);
    if (price_fen < instrument->low_fen)
        return no_of(REASON_OUT_OF_BAND, FIELD_PRICE, instrument->low_fen);
    if (price_fen > instrument->high_fen)
        return no_of(REASON_OUT_OF_BAND, FIELD_PRICE, instrument->high_fen);
    return NAIVE_YES;
}

/* The worst price at which an order may trade, 0 for any. */
static int64_t price_limit(const struct naive_market *market) {
    const struct new_order *wanted = &market->command->new_order;
    const struct naive_instrument *instrument = &market->instruments[wanted->instrument - 1];
    if (wanted->ord_type == ORD_TYPE_LIMIT || wanted->price_fen != 0)
        return wanted->price_fen;
    if (wanted->side == SIDE_BUY)
        return instrument->of.band_high_fen != 0 ? instrument->high_fen : 0;
    return instrument->of.band_low_fen != 0 ? instrument->low_fen : 0;
}

static struct naive_market_order order_of(const struct naive_market *market) {
    const struct new_order *wanted = &market->command->new_order;
    const struct stamp *stamp = &market->command->stamp;
    struct naive_market_order order = {.id = order_id_of(stamp->session, stamp->number),
                                       .entry = stamp->sequence,
                                       .price_fen = wanted->price_fen,
                                       .account = wanted->account,
                                       .instrument = wanted->instrument,
                                       .leaves = (uint32_t)wanted->order_qty,
                                       .good_till = market->date,
                                       .side = wanted->side,
                                       .is_post_only = wanted->is_post_only};
    if (wanted->time_in_force == TIME_IN_FORCE_GTC)
        order.good_till = DATE_MAX;
    if (wanted->time_in_force == TIME_IN_FORCE_GTD)
        order.good_till = wanted->good_till;
    return order;
}

/* Why an order that is taken ends at once: FOK_SHORT, MIN_QUANTITY, or NONE. */
static enum reason early_end(const struct new_order *wanted, uint64_t could_trade) {
    if (wanted->time_in_force == TIME_IN_FORCE_FOK && could_trade < wanted->order_qty)
        return REASON_FOK_SHORT;
    return could_trade < wanted->min_qty ? REASON_MIN_QUANTITY : REASON_NONE;
}

static struct naive_no check_funds(struct naive_market *market) {
    const struct new_order *wanted = &market->command->new_order;
    if (wanted->side == SIDE_SELL) {
        int64_t sellable = naive_sellable(market, wanted->account, wanted->instrument);
        return wanted->order_qty <= (uint64_t)sellable
                   ? NAIVE_YES
                   : no_of(REASON_INSUFFICIENT_POSITION, FIELD_ORDER_QTY, sellable);
    }
    struct naive_market_order order = order_of(market);
    int64_t limit_fen = price_limit(market);
    i128 need_fen = (i128)limit_fen * (i128)wanted->order_qty;
    if (limit_fen == 0 && early_end(wanted, tradable(market, &order, 0, &need_fen)) != REASON_NONE)
        need_fen = 0;
    int64_t free_fen = market->accounts[wanted->account - 1].cash_fen -
                       naive_market_reserved_fen(market, wanted->account);
    return need_fen <= free_fen ? NAIVE_YES
                                : no_of(REASON_INSUFFICIENT_CASH, FIELD_AMOUNT, free_fen);
}

/* WOULD_TRADE, and room. */
static struct naive_no check_room(struct naive_market *market) {
    const struct new_order *wanted = &market->command->new_order;
    bool meets = first_against(market, wanted->instrument, wanted->side, price_limit(market));
    if (wanted->is_post_only && meets)
        return no_of(REASON_WOULD_TRADE, FIELD_PRICE, 0);
    if (wanted->side == SIDE_BUY &&
        naive_holding_find(market, wanted->account, wanted->instrument) == NULL &&
        naive_is_full(market, POOL_HOLDINGS))
        return no_of(REASON_LIMIT_REACHED, FIELD_POOL, POOL_HOLDINGS);
    bool rests = wanted->ord_type == ORD_TYPE_LIMIT && !is_immediate(wanted);
    if (!rests || meets || wanted->min_qty != 0)
        return NAIVE_YES;
    bool has_level = count_at(market, wanted->instrument, wanted->side, wanted->price_fen, 0) != 0;
    if (naive_is_full(market, POOL_ORDERS) ||
        (!has_level && count_levels(market) >= market->limits.limit[POOL_LEVELS]))
        return no_of(REASON_BOOK_FULL, FIELD_NONE, 0);
    return NAIVE_YES;
}

static struct naive_no check_subject(const struct naive_market *market) {
    const struct new_order *wanted = &market->command->new_order;
    if (!naive_has(market, POOL_INSTRUMENTS, wanted->instrument))
        return no_of(REASON_UNKNOWN_INSTRUMENT, FIELD_INSTRUMENT, 0);
    if (!has_own_account(market, wanted->account))
        return no_of(REASON_UNKNOWN_ACCOUNT, FIELD_ACCOUNT, 0);
    return phase_no(market, wanted->instrument);
}

static struct naive_no check_terms(struct naive_market *market) {
    const struct new_order *wanted = &market->command->new_order;
    const struct naive_instrument *instrument = &market->instruments[wanted->instrument - 1];
    struct naive_no no = check_combination(wanted);
    uint64_t sellable = 0;
    if (wanted->side == SIDE_SELL)
        sellable = (uint64_t)naive_sellable(market, wanted->account, wanted->instrument);
    if (no.reason == REASON_NONE)
        no = check_quantity(instrument, wanted->order_qty, wanted->order_qty, sellable);
    if (no.reason == REASON_NONE && wanted->min_qty > UINT32_MAX)
        no = no_of(REASON_MAX_QUANTITY, FIELD_MIN_QTY, UINT32_MAX);
    if (no.reason == REASON_NONE && price_limit(market) == wanted->price_fen &&
        (wanted->ord_type == ORD_TYPE_LIMIT || wanted->price_fen != 0))
        no = check_price(instrument, wanted->price_fen);
    if (no.reason == REASON_NONE)
        no = check_funds(market);
    return no.reason == REASON_NONE ? check_room(market) : no;
}

static struct naive_no check_new(struct naive_market *market) {
    const struct new_order *wanted = &market->command->new_order;
    enum reason reason = naive_admit(market, ROLE_BROKER, DISK_ENOUGH);
    if (reason != REASON_NONE)
        return naive_admit_no(reason);
    bool is_killed = sender_is_killed(market);
    if (has_own_account(market, wanted->account))
        is_killed = is_killed || market->accounts[wanted->account - 1].is_killed;
    if (naive_has(market, POOL_INSTRUMENTS, wanted->instrument))
        is_killed = is_killed || market->instruments[wanted->instrument - 1].is_killed;
    if (is_killed)
        return no_of(REASON_KILLED, FIELD_NONE, 0);
    struct naive_no no = check_date(market);
    if (no.reason == REASON_NONE)
        no = check_subject(market);
    return no.reason == REASON_NONE ? check_terms(market) : no;
}

void naive_new_order(struct naive_market *market) {
    const struct new_order *wanted = &market->command->new_order;
    struct naive_no no = check_new(market);
    if (no.reason != REASON_NONE) {
        struct event *event = naive_reject(market, no);
        event->order_id =
            order_id_of(market->command->stamp.session, market->command->stamp.number);
        event->instrument = wanted->instrument;
        event->account = wanted->account;
        event->side = wanted->side;
        return;
    }
    struct naive_market_order order = order_of(market);
    i128 cost_fen;
    uint64_t could_trade = tradable(market, &order, price_limit(market), &cost_fen);
    enum reason end = early_end(wanted, could_trade);
    naive_holding_get(market, order.account, order.instrument);
    report(market, EVENT_NEW, &order, order.leaves);
    if (end != REASON_NONE) {
        report_gone(market, EVENT_CANCELED, &order, end);
        return;
    }
    trade(market, &order, price_limit(market));
    if (order.leaves == 0)
        return;
    if (first_against(market, order.instrument, order.side, price_limit(market)) != NULL) {
        report_gone(market, EVENT_CANCELED, &order, REASON_SWEEP_LIMIT);
        return;
    }
    if (wanted->ord_type == ORD_TYPE_MARKET || is_immediate(wanted)) {
        report_gone(market, EVENT_CANCELED, &order,
                    wanted->ord_type == ORD_TYPE_MARKET ? REASON_MARKET_REST : REASON_IOC_REST);
        return;
    }
    put_in(market, &order);
    publish(market, EVENT_BOOK_ADDED, &order, order.leaves);
}

/* An order of the sender's own session. */
static struct naive_market_order *find_own(struct naive_market *market, uint64_t id) {
    return order_id_session(id) == market->command->stamp.session ? find(market, id) : NULL;
}

static struct naive_no check_replace_funds(struct naive_market *market,
                                           const struct naive_market_order *order,
                                           uint64_t leaves) {
    const struct replace *wanted = &market->command->replace;
    if (order->side == SIDE_SELL) {
        int64_t sellable =
            naive_sellable(market, order->account, order->instrument) + order->leaves;
        return leaves <= (uint64_t)sellable
                   ? NAIVE_YES
                   : no_of(REASON_INSUFFICIENT_POSITION, FIELD_ORDER_QTY, sellable);
    }
    int64_t free_fen = market->accounts[order->account - 1].cash_fen -
                       naive_market_reserved_fen(market, order->account) +
                       order->price_fen * (int64_t)order->leaves;
    return (i128)wanted->price_fen * (i128)leaves <= free_fen
               ? NAIVE_YES
               : no_of(REASON_INSUFFICIENT_CASH, FIELD_AMOUNT, free_fen);
}

/* WOULD_TRADE and BOOK_FULL. */
static struct naive_no check_replace_room(struct naive_market *market,
                                          const struct naive_market_order *order) {
    const struct replace *wanted = &market->command->replace;
    bool meets = first_against(market, order->instrument, order->side, wanted->price_fen);
    if (order->is_post_only && meets)
        return no_of(REASON_WOULD_TRADE, FIELD_PRICE, 0);
    bool has_level = count_at(market, order->instrument, order->side, wanted->price_fen, 0) != 0;
    bool frees_level =
        count_at(market, order->instrument, order->side, order->price_fen, order->id) == 0;
    if (!meets && !has_level && !frees_level &&
        count_levels(market) >= market->limits.limit[POOL_LEVELS])
        return no_of(REASON_BOOK_FULL, FIELD_NONE, 0);
    return NAIVE_YES;
}

static struct naive_no check_replace_terms(struct naive_market *market,
                                           const struct naive_market_order *order) {
    const struct replace *wanted = &market->command->replace;
    const struct naive_instrument *instrument = &market->instruments[order->instrument - 1];
    uint64_t leaves = wanted->order_qty - order->cum;
    uint64_t sellable = 0;
    if (order->side == SIDE_SELL)
        sellable =
            (uint64_t)naive_sellable(market, order->account, order->instrument) + order->leaves;
    struct naive_no no = check_quantity(instrument, wanted->order_qty, leaves, sellable);
    if (no.reason == REASON_NONE)
        no = check_price(instrument, wanted->price_fen);
    if (no.reason == REASON_NONE)
        no = check_replace_funds(market, order, leaves);
    return no.reason == REASON_NONE ? check_replace_room(market, order) : no;
}

static struct naive_no check_replace(struct naive_market *market,
                                     const struct naive_market_order *order) {
    enum reason reason = naive_admit(market, ROLE_BROKER, DISK_ENOUGH);
    if (reason != REASON_NONE)
        return naive_admit_no(reason);
    bool is_killed = sender_is_killed(market);
    if (order != NULL)
        is_killed = is_killed || market->accounts[order->account - 1].is_killed ||
                    market->instruments[order->instrument - 1].is_killed;
    if (is_killed)
        return no_of(REASON_KILLED, FIELD_NONE, 0);
    if (order == NULL)
        return no_of(REASON_UNKNOWN_ORDER, FIELD_ORDER_ID, 0);
    struct naive_no no = phase_no(market, order->instrument);
    if (no.reason != REASON_NONE || market->command->replace.order_qty <= order->cum)
        return no;
    return check_replace_terms(market, order);
}

static void replace_in_place(struct naive_market *market, struct naive_market_order *order,
                             uint32_t leaves) {
    bool is_smaller = leaves < order->leaves;
    order->leaves = leaves;
    report(market, EVENT_REPLACED, order, leaves + order->cum)->kept_place = 1;
    if (is_smaller)
        publish(market, EVENT_BOOK_REDUCED, order, leaves);
}

static void replace_anew(struct naive_market *market, const struct naive_market_order *before,
                         uint32_t leaves) {
    struct naive_market_order old = *before;
    struct naive_market_order order = old;
    take_out(market, old.id);
    order.price_fen = market->command->replace.price_fen;
    order.leaves = leaves;
    order.entry = market->command->stamp.sequence;
    report(market, EVENT_REPLACED, &order, leaves + order.cum);
    publish(market, EVENT_BOOK_DELETED, &old, 0);
    trade(market, &order, order.price_fen);
    if (order.leaves == 0)
        return;
    if (first_against(market, order.instrument, order.side, order.price_fen) != NULL) {
        report_gone(market, EVENT_CANCELED, &order, REASON_SWEEP_LIMIT);
        return;
    }
    put_in(market, &order);
    publish(market, EVENT_BOOK_ADDED, &order, order.leaves);
}

void naive_replace_order(struct naive_market *market) {
    const struct replace *wanted = &market->command->replace;
    struct naive_market_order *order = find_own(market, wanted->order_id);
    struct naive_no no = check_replace(market, order);
    if (no.reason != REASON_NONE) {
        struct event *event = naive_reject(market, no);
        event->order_id = wanted->order_id;
        if (order != NULL) {
            event->instrument = order->instrument;
            event->account = order->account;
            event->side = order->side;
        }
        return;
    }
    if (wanted->order_qty <= order->cum) {
        naive_take_out(market, order, EVENT_CANCELED, REASON_REPLACED_TO_ZERO);
        return;
    }
    uint32_t leaves = (uint32_t)wanted->order_qty - order->cum;
    if (wanted->price_fen == order->price_fen && leaves <= order->leaves)
        replace_in_place(market, order, leaves);
    else
        replace_anew(market, order, leaves);
}

void naive_cancel_order(struct naive_market *market) {
    uint64_t id = market->command->cancel.order_id;
    const struct naive_market_order *order = find_own(market, id);
    enum reason reason = naive_admit(market, ROLE_BROKER, DISK_CRITICAL);
    struct naive_no no = naive_admit_no(reason);
    if (reason == REASON_NONE && order == NULL)
        no = no_of(REASON_UNKNOWN_ORDER, FIELD_ORDER_ID, 0);
    if (no.reason != REASON_NONE)
        naive_reject(market, no)->order_id = id;
    else
        naive_take_out(market, order, EVENT_CANCELED, REASON_NONE);
}
