/*
 * Between book and engine.
 *
 * A taker reserves nothing while it trades: it was seen to have enough, and nobody else acts within
 * a command. What rests of it is reserved when it comes to rest. Makers release as they trade.
 */
#include "engine/match.h"

#include "engine/emit.h"
#include "engine/holding.h"
#include "engine/order.h"
#include "engine/settle.h"
#include "engine/sweep_list.h"

/* Book events gathered before they are turned into ours. */
#define BOOK_EVENTS 64

/* A match while the book works. */
struct meeting {
    struct match *match;
    struct engine *engine;
    struct event_sink *sink;
    struct order *order;
    struct instrument *instrument;
    struct book_event events[BOOK_EVENTS];
    bool is_refused;
    bool has_ended; /* nothing of it rests */
    bool kept_place;
};

static void on_accepted(struct meeting *meeting) {
    struct order *order = meeting->order;
    if (order->holding == 0)
        order->holding = holding_make(meeting->engine, order->account, order->instrument);
    emit_report(meeting->sink, EVENT_NEW, order, order->leaves);
}

static void on_refused(struct meeting *meeting, const struct book_event *seen) {
    meeting->is_refused = true;
    meeting->has_ended = true;
    struct refusal refusal = refusal_of((enum reason)seen->reason, FIELD_NONE, 0);
    struct event *event = emit_rejected(meeting->match->call, refusal);
    event->order_id = meeting->order->id;
    event->instrument = meeting->order->instrument;
    event->account = meeting->order->account;
    event->side = meeting->order->side;
}

static void report_trade(struct meeting *meeting, const struct order *order,
                         const struct order *maker, uint32_t quantity) {
    struct event *event = emit_report(meeting->sink, EVENT_TRADE, order, quantity);
    event->price_fen = maker->price_fen;
    event->match_id = meeting->engine->trades;
    event->is_maker = order == maker;
    event->ord_status = order->leaves == 0 ? ORD_STATUS_FILLED : ORD_STATUS_PARTIALLY_FILLED;
}

static void settle(struct meeting *meeting, const struct order *maker, uint32_t quantity) {
    struct engine *engine = meeting->engine;
    bool maker_buys = maker->side == SIDE_BUY;
    const struct order *buy = maker_buys ? maker : meeting->order;
    const struct order *sell = maker_buys ? meeting->order : maker;
    struct obligation owed = {.buyer = account_at(engine, buy->account),
                              .seller = account_at(engine, sell->account),
                              .receives = holding_at(engine, buy->holding),
                              .delivers = holding_at(engine, sell->holding),
                              .amount_fen = maker->price_fen * (int64_t)quantity,
                              .quantity = quantity,
                              .maker_side = maker->side};
    settle_at_once(&owed);
}

/* A resting order has traded away. */
static void end(struct engine *engine, uint32_t row) {
    sweep_step_over(engine, row);
    order_end(engine, row);
}

static void on_traded(struct meeting *meeting, const struct book_event *seen) {
    struct engine *engine = meeting->engine;
    struct order *taker = meeting->order;
    struct order *maker = order_at(engine, seen->maker_id);
    uint32_t quantity = seen->quantity;
    settle(meeting, maker, quantity);
    taker->leaves -= quantity;
    taker->cum += quantity;
    maker->leaves -= quantity;
    maker->cum += quantity;
    assert(taker->leaves == seen->leaves && maker->leaves == seen->maker_leaves);
    engine->trades++;
    meeting->instrument->last_fen = maker->price_fen;
    report_trade(meeting, taker, maker, quantity);
    report_trade(meeting, maker, maker, quantity);
    struct event *event = emit_next(meeting->sink);
    *event = (struct event){.kind = EVENT_BOOK_TRADED,
                            .audience = AUDIENCE_EVERYBODY,
                            .entry = maker->entry,
                            .match_id = engine->trades,
                            .price_fen = maker->price_fen,
                            .quantity = quantity,
                            .leaves = maker->leaves,
                            .instrument = maker->instrument,
                            .side = taker->side};
    if (maker->leaves == 0)
        end(engine, seen->maker_id);
}

static void on_canceled(struct meeting *meeting, const struct book_event *seen) {
    meeting->has_ended = true;
    assert(seen->quantity == meeting->order->leaves);
    emit_gone(meeting->sink, EVENT_CANCELED, meeting->order, seen->quantity,
              (enum reason)seen->reason);
}

static void on_replaced(struct meeting *meeting, const struct book_event *seen) {
    const struct match *match = meeting->match;
    struct order *order = meeting->order;
    meeting->kept_place = seen->kept_place;
    settle_release(meeting->engine, order);
    bool is_smaller = match->leaves < order->leaves;
    struct order before = *order;
    order->price_fen = match->price_fen;
    order->leaves = match->leaves;
    struct event *event =
        emit_report(meeting->sink, EVENT_REPLACED, order, order->leaves + order->cum);
    event->kept_place = seen->kept_place;
    if (!seen->kept_place) {
        order->entry = match->call->command->stamp.sequence;
        emit_book(meeting->sink, EVENT_BOOK_DELETED, &before, 0);
        return;
    }
    settle_reserve(meeting->engine, order);
    if (is_smaller)
        emit_book(meeting->sink, EVENT_BOOK_REDUCED, order, order->leaves);
}

static void translate(struct meeting *meeting, const struct book_event *seen) {
    switch ((enum book_event_kind)seen->kind) {
    case BOOK_ACCEPTED:
        on_accepted(meeting);
        return;
    case BOOK_TRADED:
        on_traded(meeting, seen);
        return;
    case BOOK_REPLACED:
        on_replaced(meeting, seen);
        return;
    case BOOK_CANCELED:
        on_canceled(meeting, seen);
        return;
    case BOOK_REFUSED:
        on_refused(meeting, seen);
        return;
    }
    assert(false);
}

static void flush(struct book_sink *sink) {
    struct meeting *meeting = sink->owner;
    for (const struct book_event *seen = meeting->events; seen < sink->next; seen++)
        translate(meeting, seen);
    sink->next = meeting->events;
}

/* Fills in a meeting field by field: its array of events is large and needs no zeros. */
static struct book_sink begin(struct meeting *meeting, struct match *match) {
    struct engine *engine = match->call->engine;
    meeting->match = match;
    meeting->engine = engine;
    meeting->sink = match->call->sink;
    meeting->order = order_at(engine, match->row);
    meeting->instrument = instrument_at(engine, meeting->order->instrument);
    meeting->is_refused = false;
    meeting->has_ended = false;
    meeting->kept_place = false;
    return (struct book_sink){.next = meeting->events,
                              .end = meeting->events + BOOK_EVENTS,
                              .flush = flush,
                              .owner = meeting,
                              .trades_max = COMMAND_TRADES_MAX};
}

/* Whether something of the order came to rest anew; then it is reserved and shown. */
static bool comes_to_rest(struct meeting *meeting) {
    struct order *order = meeting->order;
    if (meeting->has_ended || order->leaves == 0)
        return false;
    settle_reserve(meeting->engine, order);
    emit_book(meeting->sink, EVENT_BOOK_ADDED, order, order->leaves);
    return true;
}

void match_enter(struct match *match, const struct book_order *order) {
    struct meeting meeting;
    struct book_sink sink = begin(&meeting, match);
    book_enter(books_of(meeting.engine), order, &sink);
    flush(&sink);
    if (comes_to_rest(&meeting))
        order_rest(meeting.engine, match->row);
    else
        order_give(meeting.engine, match->row);
}

void match_replace(struct match *match) {
    struct meeting meeting;
    struct book_sink sink = begin(&meeting, match);
    book_replace(books_of(meeting.engine), match->row, match->price_ticks, match->leaves, &sink);
    flush(&sink);
    if (meeting.is_refused || meeting.kept_place)
        return;
    if (!comes_to_rest(&meeting))
        end(meeting.engine, match->row);
}

static void ignore(struct book_sink *sink) {
    (void)sink;
    assert(false);
}

void match_cancel(const struct call *call, uint32_t row, enum event_kind kind, enum reason reason) {
    struct engine *engine = call->engine;
    struct order *order = order_at(engine, row);
    struct book_event seen = {0};
    struct book_sink sink = {.next = &seen, .end = &seen + 1, .flush = ignore};
    sweep_step_over(engine, row);
    book_cancel(books_of(engine), row, &sink);
    assert(seen.kind == BOOK_CANCELED && seen.quantity == order->leaves);
    settle_release(engine, order);
    emit_gone(call->sink, kind, order, order->leaves, reason);
    emit_book(call->sink, EVENT_BOOK_DELETED, order, 0);
    order_end(engine, row);
}
