/*
 * See naive_book.h. Nothing here is fast, on purpose.
 */
#include "tests/property/naive_book.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct naive_books *naive_create(const struct book_limits *limits) {
    struct naive_books *naive = calloc(1, sizeof *naive);
    assert(naive != NULL);
    naive->orders_max = limits->orders_max;
    naive->books_max = limits->books_max;
    naive->orders_limit = limits->orders_max;
    naive->levels_limit = limits->levels_max;
    naive->sides = calloc(2 * (size_t)limits->books_max, sizeof *naive->sides);
    naive->side_of = malloc(limits->orders_max * sizeof *naive->side_of);
    assert(naive->sides != NULL && naive->side_of != NULL);
    for (uint32_t id = 0; id < limits->orders_max; id++)
        naive->side_of[id] = BOOK_NONE;
    return naive;
}

void naive_destroy(struct naive_books *naive) {
    for (uint32_t i = 0; i < 2 * naive->books_max; i++)
        free(naive->sides[i].orders);
    free(naive->sides);
    free(naive->side_of);
    free(naive->events.list);
    free(naive);
}

static void add_event(struct naive_books *naive, struct book_event event) {
    struct naive_events *events = &naive->events;
    if (events->count == events->room) {
        events->room = events->room ? 2 * events->room : 16;
        events->list = realloc(events->list, events->room * sizeof *events->list);
        assert(events->list != NULL);
    }
    events->list[events->count++] = event;
}

/* Whether a taker of a side would trade at `resting_ticks`; its own price 0 is any. */
static bool is_acceptable(uint32_t side, uint32_t price_ticks, uint32_t resting_ticks) {
    if (price_ticks == 0)
        return true;
    return side == BOOK_BUY ? resting_ticks <= price_ticks : resting_ticks >= price_ticks;
}

static bool is_at_least_as_good(uint32_t side, uint32_t a_ticks, uint32_t b_ticks) {
    return side == BOOK_BUY ? a_ticks >= b_ticks : a_ticks <= b_ticks;
}

static void put(struct naive_books *naive, uint32_t side_index, struct naive_order order) {
    struct naive_side *side = &naive->sides[side_index];
    if (side->count == side->room) {
        side->room = side->room ? 2 * side->room : 16;
        side->orders = realloc(side->orders, side->room * sizeof *side->orders);
        assert(side->orders != NULL);
    }
    uint32_t at = side->count;
    while (at > 0 && !is_at_least_as_good(side_index & 1, side->orders[at - 1].price_ticks,
                                          order.price_ticks))
        at--;
    memmove(&side->orders[at + 1], &side->orders[at], (side->count - at) * sizeof order);
    side->orders[at] = order;
    side->count++;
    naive->side_of[order.id] = side_index;
}

static void pull(struct naive_books *naive, uint32_t side_index, uint32_t at) {
    struct naive_side *side = &naive->sides[side_index];
    naive->side_of[side->orders[at].id] = BOOK_NONE;
    side->count--;
    memmove(&side->orders[at], &side->orders[at + 1], (side->count - at) * sizeof *side->orders);
}

static uint32_t find(const struct naive_side *side, uint32_t id) {
    uint32_t at = 0;
    while (side->orders[at].id != id)
        at++;
    assert(at < side->count);
    return at;
}

static uint32_t orders_at(const struct naive_side *side, uint32_t price_ticks) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < side->count; i++)
        count += side->orders[i].price_ticks == price_ticks;
    return count;
}

uint32_t naive_orders(const struct naive_books *naive) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < 2 * naive->books_max; i++)
        count += naive->sides[i].count;
    return count;
}

uint32_t naive_levels(const struct naive_books *naive) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < 2 * naive->books_max; i++) {
        const struct naive_side *side = &naive->sides[i];
        for (uint32_t k = 0; k < side->count; k++)
            count += k == 0 || side->orders[k].price_ticks != side->orders[k - 1].price_ticks;
    }
    return count;
}

static bool has_free_level(const struct naive_books *naive) {
    /* With more levels than orders there is no need to count. */
    return naive->levels_limit >= naive->orders_max || naive_levels(naive) < naive->levels_limit;
}

struct book_cost naive_cost(const struct naive_books *naive, const struct book_order *order) {
    struct book_cost cost = {0};
    const struct naive_side *against = &naive->sides[2 * order->book + (order->side ^ 1u)];
    for (uint32_t i = 0; i < against->count && cost.quantity < order->quantity; i++) {
        const struct naive_order *maker = &against->orders[i];
        if (naive->trades_max != 0 && cost.trades == naive->trades_max)
            break;
        if (!is_acceptable(order->side, order->price_ticks, maker->price_ticks))
            break;
        uint32_t wanted = order->quantity - cost.quantity;
        uint32_t traded = wanted < maker->quantity ? wanted : maker->quantity;
        cost.quantity += traded;
        cost.amount_ticks += (uint64_t)maker->price_ticks * traded;
        cost.trades++;
    }
    return cost;
}

/* Trades, then cancels the rest for `reason`, or lets it rest when there is none. */
static void trade_and_rest(struct naive_books *naive, struct book_order order, enum reason reason) {
    uint32_t against_index = 2 * order.book + (order.side ^ 1u);
    struct naive_side *against = &naive->sides[against_index];
    uint32_t trades = 0;
    while (order.quantity > 0 && against->count > 0 &&
           is_acceptable(order.side, order.price_ticks, against->orders[0].price_ticks)) {
        struct naive_order *maker = &against->orders[0];
        if (naive->trades_max != 0 && trades == naive->trades_max) {
            reason = REASON_SWEEP_LIMIT;
            break;
        }
        uint32_t traded = order.quantity < maker->quantity ? order.quantity : maker->quantity;
        order.quantity -= traded;
        maker->quantity -= traded;
        trades++;
        add_event(naive, (struct book_event){.kind = BOOK_TRADED,
                                             .id = order.id,
                                             .maker_id = maker->id,
                                             .price_ticks = maker->price_ticks,
                                             .quantity = traded,
                                             .leaves = order.quantity,
                                             .maker_leaves = maker->quantity});
        if (maker->quantity == 0)
            pull(naive, against_index, 0);
    }
    if (order.quantity == 0)
        return;
    if (reason == REASON_NONE)
        put(naive, against_index ^ 1,
            (struct naive_order){order.id, order.price_ticks, order.quantity});
    else
        add_event(naive, (struct book_event){.kind = BOOK_CANCELED,
                                             .id = order.id,
                                             .quantity = order.quantity,
                                             .reason = (uint16_t)reason});
}

static enum reason refusal(const struct naive_books *naive, const struct book_order *order) {
    bool would_trade = naive_cost(naive, order).quantity > 0;
    if ((order->type == BOOK_LIMIT || order->type == BOOK_IOC) && order->price_ticks == 0)
        return REASON_BAD_COMBINATION;
    if (order->is_post_only && (order->type != BOOK_LIMIT || order->quantity_min > 0))
        return REASON_BAD_COMBINATION;
    if (order->is_post_only && would_trade)
        return REASON_WOULD_TRADE;
    bool rests_at_once = order->type == BOOK_LIMIT && !would_trade && order->quantity_min == 0;
    if (rests_at_once && naive->orders_limit < naive->orders_max &&
        naive_orders(naive) >= naive->orders_limit)
        return REASON_BOOK_FULL;
    if (rests_at_once && !has_free_level(naive) &&
        orders_at(&naive->sides[2 * order->book + order->side], order->price_ticks) == 0)
        return REASON_BOOK_FULL;
    return REASON_NONE;
}

void naive_enter(struct naive_books *naive, const struct book_order *order) {
    static const enum reason rest_reasons[] = {[BOOK_LIMIT] = REASON_NONE,
                                               [BOOK_MARKET] = REASON_MARKET_REST,
                                               [BOOK_IOC] = REASON_IOC_REST,
                                               [BOOK_FOK] = REASON_FOK_SHORT};
    naive->events.count = 0;
    enum reason reason = refusal(naive, order);
    if (reason != REASON_NONE) {
        add_event(naive, (struct book_event){
                             .kind = BOOK_REFUSED, .id = order->id, .reason = (uint16_t)reason});
        return;
    }
    add_event(naive, (struct book_event){.kind = BOOK_ACCEPTED, .id = order->id});
    uint32_t tradable = naive_cost(naive, order).quantity;
    if (order->type == BOOK_FOK && tradable < order->quantity)
        reason = REASON_FOK_SHORT;
    else if (tradable < order->quantity_min)
        reason = REASON_MIN_QUANTITY;
    if (reason == REASON_NONE)
        trade_and_rest(naive, *order, rest_reasons[order->type]);
    else
        add_event(naive, (struct book_event){.kind = BOOK_CANCELED,
                                             .id = order->id,
                                             .quantity = order->quantity,
                                             .reason = (uint16_t)reason});
}

static bool refuse_unknown(struct naive_books *naive, uint32_t id) {
    naive->events.count = 0;
    if (naive->side_of[id] != BOOK_NONE)
        return false;
    add_event(naive,
              (struct book_event){.kind = BOOK_REFUSED, .id = id, .reason = REASON_UNKNOWN_ORDER});
    return true;
}

void naive_replace(struct naive_books *naive, uint32_t id, uint32_t price_ticks,
                   uint32_t quantity) {
    if (refuse_unknown(naive, id))
        return;
    uint32_t index = naive->side_of[id];
    struct naive_side *side = &naive->sides[index];
    struct naive_order *old = &side->orders[find(side, id)];
    struct book_order again = {.id = id,
                               .book = index / 2,
                               .side = (uint8_t)(index & 1),
                               .type = BOOK_LIMIT,
                               .price_ticks = price_ticks,
                               .quantity = quantity};
    bool keeps_place = price_ticks == old->price_ticks && quantity <= old->quantity;
    if (!keeps_place && naive_cost(naive, &again).quantity == 0 && !has_free_level(naive) &&
        orders_at(side, price_ticks) == 0 && orders_at(side, old->price_ticks) > 1) {
        add_event(naive,
                  (struct book_event){.kind = BOOK_REFUSED, .id = id, .reason = REASON_BOOK_FULL});
        return;
    }
    add_event(naive, (struct book_event){.kind = BOOK_REPLACED,
                                         .kept_place = keeps_place,
                                         .id = id,
                                         .price_ticks = price_ticks,
                                         .quantity = quantity});
    if (keeps_place) {
        old->quantity = quantity;
        return;
    }
    pull(naive, index, find(side, id));
    trade_and_rest(naive, again, REASON_NONE);
}

void naive_cancel(struct naive_books *naive, uint32_t id) {
    if (refuse_unknown(naive, id))
        return;
    uint32_t index = naive->side_of[id];
    struct naive_side *side = &naive->sides[index];
    uint32_t at = find(side, id);
    add_event(naive, (struct book_event){
                         .kind = BOOK_CANCELED, .id = id, .quantity = side->orders[at].quantity});
    pull(naive, index, at);
}
