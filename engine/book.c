/*
 * What happens to an order: it enters, trades, rests, is replaced, leaves.
 *
 * Each command first looks whether it can be done and only then changes anything. An order against
 * which nothing stands takes the short way: one look at the other side's best price, one at its own
 * level. See level.h for the queues and ladder.h for the prices.
 */
#include "engine/book.h"

#include "engine/book_event.h"
#include "engine/book_set.h"
#include "engine/ladder.h"
#include "engine/level.h"

/* What enters a book, or enters it again by a replace. */
struct entry {
    uint32_t id;
    uint32_t owner; /* twice the book, plus the side */
    uint32_t price_ticks;
    uint32_t quantity; /* what is left of it */
};

/* The lowest rank of the other side that a price trades with. */
static uint32_t reach_of(const struct books *books, uint32_t side, uint32_t price_ticks) {
    return price_ticks == 0 ? 1 : ladder_rank(books, side ^ 1, price_ticks);
}

/* Whether no order rests at a price. */
static bool is_bare(const struct books *books, uint32_t owner, uint32_t price_ticks) {
    return ladder_find(books, owner, ladder_rank(books, owner & 1, price_ticks)) == 0;
}

static uint32_t open_level(struct books *books, const struct entry *entry, uint32_t leaf) {
    uint32_t place = level_take(books);
    *level_at(books, place) = (struct level){
        .link = {place, place}, .owner = entry->owner, .price_ticks = entry->price_ticks};
    ladder_insert(books, place, leaf);
    return place;
}

static void close_level(struct books *books, uint32_t place) {
    ladder_remove(books, place);
    level_give(books, place);
}

/* Lets what is left of an order stand, last at its price. */
static void rest(struct books *books, const struct entry *entry) {
    uint32_t rank = ladder_rank(books, entry->owner & 1, entry->price_ticks);
    uint32_t leaf = ladder_recall(books, entry->owner, rank);
    if (leaf == 0)
        leaf = ladder_reach(books, entry->owner, rank);
    uint32_t place = page_at(books, leaf)->child[ladder_slot(rank, 0)];
    if (place == 0)
        place = open_level(books, entry, leaf);
    struct level *level = level_at(books, place);
    uint32_t order = order_place(books, entry->id);
    resting_at(books, order)->quantity = entry->quantity;
    resting_at(books, order)->level = place;
    level_link(books, place, order);
    level->orders++;
    level->quantity += entry->quantity;
    books->orders_resting++;
    if (entry->id >= books->orders_mark)
        books->orders_mark = entry->id + 1;
}

/* Takes an order out of its level, and the level away when it was the last. */
static void leave(struct books *books, struct resting *order) {
    uint32_t place = order->level;
    struct level *level = level_at(books, place);
    /* Only the level itself stands before and behind the last one; to ask the order saves a wait
     * for the level. */
    bool is_last = order->link.next == order->link.prev;
    level_unlink(books, order);
    order->level = 0;
    level->quantity -= order->quantity;
    level->orders--;
    books->orders_resting--;
    if (is_last)
        close_level(books, place);
}

/* Trades with one level, oldest order first; returns how many trades of `trades_left` remain. */
static uint32_t take_level(struct books *books, uint32_t place, struct entry *taker,
                           uint32_t trades_left, struct book_sink *sink) {
    struct level *level = level_at(books, place);
    uint32_t first = level->link.next;
    while (taker->quantity != 0 && first != place && trades_left != 0) {
        struct resting *maker = resting_at(books, first);
        uint32_t traded = taker->quantity < maker->quantity ? taker->quantity : maker->quantity;
        taker->quantity -= traded;
        maker->quantity -= traded;
        level->quantity -= traded;
        trades_left--;
        event_write(sink, (struct book_event){.kind = BOOK_TRADED,
                                              .id = taker->id,
                                              .maker_id = order_id(books, first),
                                              .price_ticks = level->price_ticks,
                                              .quantity = traded,
                                              .leaves = taker->quantity,
                                              .maker_leaves = maker->quantity});
        if (maker->quantity != 0)
            break;
        first = maker->link.next;
        maker->level = 0;
        level->orders--;
        books->orders_resting--;
    }
    level->link.next = first;
    link_at(books, first)->prev = place;
    return trades_left;
}

/* Trades with the other side down to a rank; what is left stands in `taker`. */
static void take(struct books *books, struct entry *taker, uint32_t reach, struct book_sink *sink) {
    const struct ladder *against = ladder_of(books, taker->owner ^ 1);
    uint32_t trades_left = sink->trades_max != 0 ? sink->trades_max : UINT32_MAX;
    while (taker->quantity != 0 && against->best_rank >= reach && trades_left != 0) {
        uint32_t place = against->best;
        trades_left = take_level(books, place, taker, trades_left, sink);
        if (level_at(books, place)->orders == 0)
            close_level(books, place);
    }
}

/* Trades, and lets the rest stand unless there is a reason why it may not. */
static void take_and_rest(struct books *books, struct entry *entry, uint32_t reach,
                          enum reason rest_reason, struct book_sink *sink) {
    const struct ladder *against = ladder_of(books, entry->owner ^ 1);
    if (against->best_rank >= reach) {
        take(books, entry, reach, sink);
        if (entry->quantity == 0)
            return;
        if (against->best_rank >= reach)
            rest_reason = REASON_SWEEP_LIMIT;
    }
    if (rest_reason != REASON_NONE)
        event_canceled(sink, entry->id, entry->quantity, rest_reason);
    else
        rest(books, entry);
}

/* Why the rest of an order may not stand. */
static enum reason rest_reason_of(const struct book_order *order) {
    switch ((enum book_type)order->type) {
    case BOOK_LIMIT:
        return REASON_NONE;
    case BOOK_MARKET:
        return REASON_MARKET_REST;
    case BOOK_IOC:
        return REASON_IOC_REST;
    case BOOK_FOK:
        return REASON_FOK_SHORT;
    }
    assert(false);
    return REASON_NONE;
}

/* Why an order against which nothing stands may not come to rest. */
static enum reason rest_refusal_of(const struct books *books, const struct book_order *order) {
    if (books->orders_resting >= books->orders_limit)
        return REASON_BOOK_FULL;
    if (books->levels_used >= books->levels_limit &&
        is_bare(books, 2 * order->book + order->side, order->price_ticks))
        return REASON_BOOK_FULL;
    return REASON_NONE;
}

/* Why an order may not enter at all. */
static enum reason refusal_of(const struct books *books, const struct book_order *order,
                              bool would_trade) {
    bool is_limit = order->type == BOOK_LIMIT;
    if (order->price_ticks == 0 && (is_limit || order->type == BOOK_IOC))
        return REASON_BAD_COMBINATION;
    if (order->is_post_only && (!is_limit || order->quantity_min != 0))
        return REASON_BAD_COMBINATION;
    if (order->is_post_only && would_trade)
        return REASON_WOULD_TRADE;
    if (!is_limit || would_trade || order->quantity_min != 0)
        return REASON_NONE;
    return rest_refusal_of(books, order);
}

/* Why an order that has entered goes before anything trades. */
static enum reason early_end_of(const struct books *books, const struct book_order *order,
                                uint32_t trades_max) {
    struct book_cost cost;
    if (order->type == BOOK_FOK) {
        book_would_cost(books, order, trades_max, &cost);
        if (cost.quantity < order->quantity)
            return REASON_FOK_SHORT;
    }
    if (order->quantity_min > order->quantity)
        return REASON_MIN_QUANTITY;
    if (order->quantity_min != 0) {
        struct book_order least = *order;
        least.quantity = order->quantity_min;
        book_would_cost(books, &least, trades_max, &cost);
        if (cost.quantity < order->quantity_min)
            return REASON_MIN_QUANTITY;
    }
    return REASON_NONE;
}

static void assert_order(const struct books *books, const struct book_order *order) {
    assert(order->id < books->limits.orders_max);
    assert(resting_at(books, order_place(books, order->id))->level == 0);
    assert(order->book < books->limits.books_max);
    assert(order->price_ticks < books->rank_top);
    assert(order->quantity > 0);
    assert(order->side <= BOOK_SELL && order->type <= BOOK_FOK);
}

static_assert(BOOK_LIMIT == 0, "is_plain() asks for zeros");

/* A limit order at a price, without conditions. */
static bool is_plain(const struct book_order *order) {
    return (order->type | order->is_post_only | order->quantity_min) == BOOK_LIMIT &&
           order->price_ticks != 0;
}

/* The short way of most orders: nothing stands against them. */
static void enter_quietly(struct books *books, const struct book_order *order,
                          const struct entry *entry, struct book_sink *sink) {
    enum reason reason = rest_refusal_of(books, order);
    if (reason != REASON_NONE) {
        event_refused(sink, order->id, reason);
        return;
    }
    event_accepted(sink, order->id);
    rest(books, entry);
}

void book_enter(struct books *books, const struct book_order *order, struct book_sink *sink) {
    assert_order(books, order);
    struct entry entry = {.id = order->id,
                          .owner = 2 * order->book + order->side,
                          .price_ticks = order->price_ticks,
                          .quantity = order->quantity};
    uint32_t reach = reach_of(books, order->side, order->price_ticks);
    bool would_trade = ladder_of(books, entry.owner ^ 1)->best_rank >= reach;
    if (is_plain(order) && !would_trade) {
        enter_quietly(books, order, &entry, sink);
        return;
    }
    enum reason reason = refusal_of(books, order, would_trade);
    if (reason != REASON_NONE) {
        event_refused(sink, order->id, reason);
        return;
    }
    event_accepted(sink, order->id);
    if (order->type == BOOK_FOK || order->quantity_min != 0) {
        reason = early_end_of(books, order, sink->trades_max);
        if (reason != REASON_NONE) {
            event_canceled(sink, order->id, order->quantity, reason);
            return;
        }
    }
    take_and_rest(books, &entry, reach, rest_reason_of(order), sink);
}

/* The order of an id, or NULL, with its refusal written, when it does not rest. */
static struct resting *resting_or_refuse(struct books *books, uint32_t id, struct book_sink *sink) {
    assert(id < books->limits.orders_max);
    struct resting *order = resting_at(books, order_place(books, id));
    if (order->level != 0)
        return order;
    event_refused(sink, id, REASON_UNKNOWN_ORDER);
    return NULL;
}

void book_replace(struct books *books, uint32_t id, uint32_t price_ticks, uint32_t quantity,
                  struct book_sink *sink) {
    assert(price_ticks > 0 && price_ticks < books->rank_top);
    assert(quantity > 0);
    struct resting *order = resting_or_refuse(books, id, sink);
    if (order == NULL)
        return;
    struct level *level = level_at(books, order->level);
    struct book_event event = {
        .kind = BOOK_REPLACED, .id = id, .price_ticks = price_ticks, .quantity = quantity};
    if (price_ticks == level->price_ticks && quantity <= order->quantity) {
        level->quantity -= order->quantity - quantity;
        order->quantity = quantity;
        event.kept_place = true;
        event_write(sink, event);
        return;
    }
    struct entry entry = {
        .id = id, .owner = level->owner, .price_ticks = price_ticks, .quantity = quantity};
    uint32_t reach = reach_of(books, level->owner & 1, price_ticks);
    if (books->levels_used >= books->levels_limit && level->orders > 1 &&
        ladder_of(books, level->owner ^ 1)->best_rank < reach &&
        is_bare(books, level->owner, price_ticks)) {
        event_refused(sink, id, REASON_BOOK_FULL);
        return;
    }
    event_write(sink, event);
    leave(books, order);
    take_and_rest(books, &entry, reach, REASON_NONE, sink);
}

void book_cancel(struct books *books, uint32_t id, struct book_sink *sink) {
    struct resting *order = resting_or_refuse(books, id, sink);
    if (order == NULL)
        return;
    uint32_t quantity = order->quantity;
    leave(books, order);
    event_canceled(sink, id, quantity, REASON_NONE);
}
