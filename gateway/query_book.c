/*
 * Questions about a book: its levels, and its orders without their owners. Bids come first, then
 * asks, each from the best price to the worst.
 */
#include <assert.h>

#include "gateway/query_page.h"

static bool check_instrument(struct page *page, uint32_t instrument, const char *field) {
    struct instrument_view view;
    if (engine_instrument(page->scene->engine, instrument, &view))
        return true;
    page_refuse(page, REASON_UNKNOWN_INSTRUMENT, field, "there is none");
    return false;
}

/* --- levels ------------------------------------------------------------------------------------
 */

/* The next level to show, or one worse. */
struct __attribute__((packed)) level_place {
    uint8_t side;      /* enum side */
    int64_t price_fen; /* 0: the best */
};

#define LEVELS_AT_ONCE 32u

/* One side from the place on, `most` levels of it; false when the page ends among them. */
static bool walk_levels(struct page *page, struct level_place *place, uint32_t most) {
    struct depth_level levels[LEVELS_AT_ONCE];
    uint32_t instrument = page->query->book_levels.instrument;
    enum side side = (enum side)place->side;
    uint32_t got;
    do {
        uint32_t wanted = most < LEVELS_AT_ONCE ? most : LEVELS_AT_ONCE;
        got = engine_depth_from(page->scene->engine, instrument, side, place->price_fen, levels,
                                wanted);
        for (uint32_t i = 0; i < got; i++) {
            struct level_row row = {place->side, levels[i]};
            place->price_fen = levels[i].price_fen;
            if (!page_has_room(page) || !page_look(page, PAGE_LOOK_FAR))
                return false;
            page_row(page, ROW_LEVEL, &row);
            /* Behind it: a price between two ticks is rounded to the worse one. */
            place->price_fen += side == SIDE_BUY ? -1 : 1;
        }
        most -= got;
    } while (got == LEVELS_AT_ONCE && most > 0 && place->price_fen > 0);
    return true;
}

void query_book_levels(struct page *page) {
    const struct book_levels_query *asked = &page->query->book_levels;
    struct level_place place;
    uint32_t most = asked->depth != 0 ? asked->depth : UINT32_MAX;
    if (!check_instrument(page, asked->instrument, "book_levels.instrument"))
        return;
    bool is_later = page_begin(page, &place, sizeof place);
    if (page->refused.reason != REASON_NONE)
        return;
    if (!is_later)
        place = (struct level_place){.side = SIDE_BUY};
    if (place.side == SIDE_BUY) {
        if (!walk_levels(page, &place, most)) {
            page_stop(page, &place, sizeof place);
            return;
        }
        place = (struct level_place){.side = SIDE_SELL};
    }
    if (place.side != SIDE_SELL)
        page_refuse(page, REASON_MALFORMED, "cursor", "is none of this question");
    else if (!walk_levels(page, &place, most))
        page_stop(page, &place, sizeof place);
}

/* --- orders ------------------------------------------------------------------------------------
 */

/* The last order that was shown: pages cover the positions behind it. It may rest no more when the
 * next page comes. `row` and `row_entry` name an order at its price, it or an earlier one, from
 * which the search for what is behind it begins, as long as it rests. */
struct __attribute__((packed)) entry_place {
    uint8_t side;      /* enum side */
    int64_t price_fen; /* 0: none yet */
    uint64_t entry;
    uint32_t row;
    uint64_t row_entry;
};

static_assert(sizeof(struct entry_place) < QUERY_CURSOR_BYTES_MAX, "it fits a cursor");

enum step { STEP_ORDER, STEP_END, STEP_ENOUGH };

/* The order that the place remembers, if it stands there still. */
static bool recall(const struct page *page, const struct entry_place *place,
                   struct order_view *order) {
    return engine_order_at(page->scene->engine, place->row, order) &&
           order->entry == place->row_entry && order->entry <= place->entry &&
           order->instrument == page->query->book_orders.instrument && order->side == place->side &&
           order->price_fen == place->price_fen;
}

static bool is_behind(const struct entry_place *place, const struct order_view *order) {
    return place->price_fen != order->price_fen || order->entry > place->entry;
}

/* The first order behind the place. */
static enum step resume(struct page *page, struct entry_place *place, struct order_view *order) {
    const struct engine *engine = page->scene->engine;
    uint32_t instrument = page->query->book_orders.instrument;
    if (!recall(page, place, order) &&
        !engine_book_from(engine, instrument, (enum side)place->side, place->price_fen, order))
        return STEP_END;
    while (!is_behind(place, order)) {
        struct order_view at = *order;
        place->row = at.row;
        place->row_entry = at.entry;
        if (!page_look(page, PAGE_LOOK_FAR))
            return STEP_ENOUGH;
        if (!engine_book_next(engine, &at, order))
            return STEP_END;
    }
    return STEP_ORDER;
}

/* The rest of one side; false when the page ends in it. */
static bool walk_entries(struct page *page, struct entry_place *place) {
    struct order_view order;
    enum step step = resume(page, place, &order);
    while (step == STEP_ORDER) {
        struct order_view at = order;
        struct entry_row row = {.entry = at.entry,
                                .side = at.side,
                                .price_fen = at.price_fen,
                                .quantity = at.leaves_qty};
        if (!page_has_room(page) || !page_look(page, PAGE_LOOK_FAR))
            return false;
        page_row(page, ROW_ENTRY, &row);
        *place = (struct entry_place){at.side, at.price_fen, at.entry, at.row, at.entry};
        step = engine_book_next(page->scene->engine, &at, &order) ? STEP_ORDER : STEP_END;
    }
    return step == STEP_END;
}

/* The next page always begins behind the last order shown, even where its side has ended: what
 * comes to rest there meanwhile belongs to that page, as everybody can tell who has seen the rows.
 */
void query_book_orders(struct page *page) {
    struct entry_place place;
    if (!check_instrument(page, page->query->book_orders.instrument, "book_orders.instrument"))
        return;
    bool is_later = page_begin(page, &place, sizeof place);
    if (page->refused.reason != REASON_NONE)
        return;
    if (!is_later)
        place.side = SIDE_BUY;
    if (place.side != SIDE_BUY && place.side != SIDE_SELL) {
        page_refuse(page, REASON_MALFORMED, "cursor", "is none of this question");
        return;
    }
    bool has_ended = walk_entries(page, &place);
    if (has_ended && place.side == SIDE_BUY) {
        struct entry_place asks = {.side = SIDE_SELL};
        has_ended = walk_entries(page, &asks);
        if (asks.price_fen != 0)
            place = asks;
    }
    if (!has_ended)
        page_stop(page, &place, sizeof place);
}
