/*
 * Where an order stands: what rests at better prices, price by price, and at its own, order by
 * order. A page counts a part of it; what it has counted is its row.
 */
#include <assert.h>

#include "gateway/query_page.h"

#define LEVELS_AT_ONCE 32u

/* Where the count stands: the next better price to look at (0: the best), or, at the order's own
 * price, the last order that was counted (entry 0: none yet), which may rest no more when the next
 * page comes. `row` and `row_entry` name an order at that price, it or an earlier one, from which
 * the search for what is behind it begins, as long as it rests. */
struct __attribute__((packed)) queue_place {
    int64_t price_fen;
    uint64_t entry;
    uint32_t row;
    uint64_t row_entry;
};

static_assert(sizeof(struct queue_place) < QUERY_CURSOR_BYTES_MAX, "it fits a cursor");

struct count {
    struct page *page;
    struct order_view order;
    struct queue_place place;
    struct queue_row row;
};

static bool is_better(const struct count *count, int64_t price_fen) {
    int64_t own_fen = count->order.price_fen;
    return count->order.side == SIDE_BUY ? price_fen > own_fen : price_fen < own_fen;
}

/* Counts better prices; false when the page ends among them. */
static bool count_levels(struct count *count) {
    struct depth_level levels[LEVELS_AT_ONCE];
    const struct order_view *order = &count->order;
    uint32_t got = LEVELS_AT_ONCE;
    while (got == LEVELS_AT_ONCE) {
        got =
            engine_depth_from(count->page->scene->engine, order->instrument, (enum side)order->side,
                              count->place.price_fen, levels, LEVELS_AT_ONCE);
        for (uint32_t i = 0; i < got && is_better(count, levels[i].price_fen); i++) {
            count->place.price_fen = levels[i].price_fen;
            if (!page_look(count->page, PAGE_LOOK_FAR))
                return false;
            count->row.ahead_qty += levels[i].quantity;
            count->row.ahead_orders += levels[i].orders;
            count->place.price_fen += order->side == SIDE_BUY ? -1 : 1;
        }
        if (got > 0 && !is_better(count, levels[got - 1].price_fen))
            break;
    }
    count->place = (struct queue_place){.price_fen = order->price_fen};
    return true;
}

/* The order that the place remembers, if it stands there still. */
static bool recall(const struct count *count, struct order_view *at) {
    const struct order_view *order = &count->order;
    return engine_order_at(count->page->scene->engine, count->place.row, at) &&
           at->entry == count->place.row_entry && at->entry <= count->place.entry &&
           at->instrument == order->instrument && at->side == order->side &&
           at->price_fen == order->price_fen;
}

/* The first order at the price that was not counted, at the latest the one that is asked for; false
 * when the page ends before. */
static bool resume(struct count *count, struct order_view *at) {
    const struct engine *engine = count->page->scene->engine;
    const struct order_view *order = &count->order;
    bool is_there =
        recall(count, at) ||
        engine_book_from(engine, order->instrument, (enum side)order->side, order->price_fen, at);
    while (is_there && at->entry <= count->place.entry) {
        struct order_view from = *at;
        count->place.row = from.row;
        count->place.row_entry = from.entry;
        if (!page_look(count->page, PAGE_LOOK_FAR))
            return false;
        is_there = engine_book_next(engine, &from, at);
    }
    assert(is_there);
    return true;
}

/* Counts earlier orders at the price; false when the page ends among them. */
static bool count_orders(struct count *count) {
    struct order_view at;
    if (!resume(count, &at))
        return false;
    while (at.order_id != count->order.order_id) {
        struct order_view from = at;
        if (!page_look(count->page, PAGE_LOOK_FAR))
            return false;
        count->row.ahead_qty += at.leaves_qty;
        count->row.ahead_orders++;
        count->place.entry = count->place.row_entry = from.entry;
        count->place.row = from.row;
        bool is_there = engine_book_next(count->page->scene->engine, &from, &at);
        assert(is_there);
    }
    return true;
}

/* An order that was replaced between two pages may stand before what was counted: then there is no
 * more to count. */
static bool has_counted_all(const struct count *count) {
    const struct queue_place *place = &count->place;
    if (place->price_fen == 0 || is_better(count, place->price_fen))
        return false;
    return place->price_fen != count->order.price_fen || place->entry >= count->order.entry;
}

void query_queue(struct page *page) {
    const struct engine *engine = page->scene->engine;
    struct count count = {.page = page, .row = {.order_id = page->query->queue.order_id}};
    struct session_view session;
    if (!engine_order(engine, count.row.order_id, &count.order) ||
        !engine_session(engine, order_id_session(count.row.order_id), &session) ||
        !page_shows(page, session.participant)) {
        page_refuse(page, REASON_UNKNOWN_ORDER, "queue.order_id", "no such order rests");
        return;
    }
    (void)page_begin(page, &count.place, sizeof count.place);
    if (page->refused.reason != REASON_NONE)
        return;
    bool has_ended = has_counted_all(&count);
    if (!has_ended) {
        bool is_among_better = count.place.price_fen != count.order.price_fen;
        has_ended = (!is_among_better || count_levels(&count)) && count_orders(&count);
    }
    page_row(page, ROW_QUEUE, &count.row);
    if (!has_ended)
        page_stop(page, &count.place, sizeof count.place);
}
