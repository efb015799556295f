/*
 * Looking at books without changing them.
 */
#include "engine/book_set.h"
#include "engine/ladder.h"

static uint32_t owner_of(const struct books *books, uint32_t book, enum book_side side) {
    assert(book < books->limits.books_max);
    assert(side <= BOOK_SELL);
    return 2 * book + (uint32_t)side;
}

static struct book_level summary_of(const struct level *level) {
    return (struct book_level){
        .price_ticks = level->price_ticks, .orders = level->orders, .quantity = level->quantity};
}

bool book_best(const struct books *books, uint32_t book, enum book_side side,
               struct book_level *best) {
    return book_depth(books, book, side, best, 1) == 1;
}

/* From a level on, from better to worse. */
static uint32_t summaries(const struct books *books, uint32_t place, struct book_level *levels,
                          uint32_t levels_max) {
    uint32_t count = 0;
    while (place != 0 && count < levels_max) {
        levels[count++] = summary_of(level_at(books, place));
        if (count < levels_max)
            place = ladder_next(books, place);
    }
    return count;
}

uint32_t book_depth(const struct books *books, uint32_t book, enum book_side side,
                    struct book_level *levels, uint32_t levels_max) {
    uint32_t best = ladder_of(books, owner_of(books, book, side))->best;
    return summaries(books, best, levels, levels_max);
}

/* Place of the level at a price, or of the next worse. */
static uint32_t level_from(const struct books *books, uint32_t book, enum book_side side,
                           uint32_t price_ticks) {
    assert(price_ticks > 0 && price_ticks < books->rank_top);
    return ladder_from(books, owner_of(books, book, side),
                       ladder_rank(books, (uint32_t)side, price_ticks));
}

/* NOLINTNEXTLINE(readability-function-size): as book_depth(), and where it begins */
uint32_t book_depth_from(const struct books *books, uint32_t book, enum book_side side,
                         uint32_t price_ticks, struct book_level *levels, uint32_t levels_max) {
    return summaries(books, level_from(books, book, side, price_ticks), levels, levels_max);
}

bool book_order_get(const struct books *books, uint32_t id, struct book_view *view) {
    assert(id < books->limits.orders_max);
    const struct resting *order = resting_at(books, order_place(books, id));
    if (order->level == 0)
        return false;
    const struct level *level = level_at(books, order->level);
    *view = (struct book_view){.book = level->owner >> 1,
                               .price_ticks = level->price_ticks,
                               .quantity = order->quantity,
                               .side = (uint8_t)(level->owner & 1)};
    return true;
}

uint32_t book_first(const struct books *books, uint32_t book, enum book_side side) {
    uint32_t place = ladder_of(books, owner_of(books, book, side))->best;
    return place != 0 ? order_id(books, level_at(books, place)->link.next) : BOOK_NONE;
}

uint32_t book_next(const struct books *books, uint32_t id) {
    assert(id < books->limits.orders_max);
    const struct resting *order = resting_at(books, order_place(books, id));
    assert(order->level != 0);
    uint32_t next = order->link.next;
    if (next != order->level)
        return order_id(books, next);
    uint32_t place = ladder_next(books, order->level);
    return place != 0 ? order_id(books, level_at(books, place)->link.next) : BOOK_NONE;
}

uint32_t book_from(const struct books *books, uint32_t book, enum book_side side,
                   uint32_t price_ticks) {
    uint32_t place = level_from(books, book, side, price_ticks);
    return place != 0 ? order_id(books, level_at(books, place)->link.next) : BOOK_NONE;
}

uint32_t books_levels(const struct books *books) {
    return books->levels_used;
}

bool book_would_trade(const struct books *books, uint32_t book, enum book_side side,
                      uint32_t price_ticks) {
    assert(price_ticks < books->rank_top);
    uint32_t against = owner_of(books, book, side) ^ 1;
    uint32_t reach = price_ticks == 0 ? 1 : ladder_rank(books, against & 1, price_ticks);
    return ladder_of(books, against)->best_rank >= reach;
}

static void add_trades(struct book_cost *cost, const struct level *level, uint32_t quantity,
                       uint32_t trades) {
    cost->quantity += quantity;
    cost->amount_ticks += (uint64_t)level->price_ticks * quantity;
    cost->trades += trades;
}

/* Adds a level that is not traded whole, order by order. */
static void add_part(const struct books *books, const struct level *level, uint32_t quantity,
                     uint32_t trades_max, struct book_cost *cost) {
    uint32_t at = level->link.next;
    while (quantity != 0 && cost->trades < trades_max) {
        const struct resting *maker = resting_at(books, at);
        uint32_t traded = quantity < maker->quantity ? quantity : maker->quantity;
        add_trades(cost, level, traded, 1);
        quantity -= traded;
        at = maker->link.next;
    }
}

void book_would_cost(const struct books *books, const struct book_order *order, uint32_t trades_max,
                     struct book_cost *cost) {
    assert(order->price_ticks < books->rank_top);
    assert(order->quantity > 0);
    uint32_t against = owner_of(books, order->book, (enum book_side)order->side) ^ 1;
    uint32_t reach =
        order->price_ticks == 0 ? 1 : ladder_rank(books, against & 1, order->price_ticks);
    *cost = (struct book_cost){0};
    if (trades_max == 0)
        trades_max = UINT32_MAX;
    uint32_t place = ladder_of(books, against)->best;
    while (place != 0 && cost->quantity < order->quantity && cost->trades < trades_max) {
        const struct level *level = level_at(books, place);
        if (ladder_rank(books, against & 1, level->price_ticks) < reach)
            return;
        uint32_t wanted = order->quantity - cost->quantity;
        if (level->quantity > wanted || level->orders > trades_max - cost->trades)
            add_part(books, level, wanted, trades_max, cost);
        else
            add_trades(cost, level, (uint32_t)level->quantity, level->orders);
        place = ladder_next(books, place);
    }
}
