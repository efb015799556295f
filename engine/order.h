/*
 * Orders at rest: their rows, the table that finds them by id, and the list of each session.
 *
 * The books hold where an order stands; this holds whose it is. A row is taken before an order
 * enters the books and given back when it does not rest, so at most one row more than the limit is
 * in use while a command lasts.
 */
#ifndef ENGINE_ORDER_H
#define ENGINE_ORDER_H

#include "engine/state.h"
#include "engine/table.h"

static inline enum book_side order_book_side(uint8_t side) {
    return side == SIDE_BUY ? BOOK_BUY : BOOK_SELL;
}

/* What a resting order reserves: cash for a buy (a sell reserves its leaves). Fits: the account had
 * that much. */
static inline int64_t order_reserve_fen(const struct order *order) {
    return order->price_fen * (int64_t)order->leaves;
}

/* Takes a free row; there always is one. */
static inline uint32_t order_take(struct engine *engine) {
    uint32_t row = engine->orders_free;
    if (row != 0) {
        engine->orders_free = order_at(engine, row)->older;
        return row;
    }
    assert(engine->orders_mark <= engine->pools[POOL_ORDERS].limit);
    return ++engine->orders_mark;
}

/* Gives a row back. */
static inline void order_give(struct engine *engine, uint32_t row) {
    struct order *order = order_at(engine, row);
    order->id = 0;
    order->older = engine->orders_free;
    engine->orders_free = row;
}

/* The row of a resting order, 0 when no order of that id rests. */
static inline uint32_t order_find(const struct engine *engine, uint64_t id) {
    struct table table = table_of(engine, &engine->order_table);
    uint32_t home = table_home(&table, table_hash(id));
    for (uint32_t distance = 0;; distance++) {
        uint32_t row = table_next(&table, home, &distance);
        if (row == 0 || order_at(engine, row)->id == id)
            return row;
    }
}

/* An order that was taken and filled in rests from now on: the table finds it, its session's list
 * begins with it. */
static inline void order_rest(struct engine *engine, uint32_t row) {
    struct order *order = order_at(engine, row);
    struct session *session = session_at(engine, order_id_session(order->id));
    struct table table = table_of(engine, &engine->order_table);
    table_put(&table, table_hash(order->id), row);
    order->newer = 0;
    order->older = session->newest;
    if (session->newest != 0)
        order_at(engine, session->newest)->newer = row;
    session->newest = row;
    session->orders++;
    engine->pools[POOL_ORDERS].count++;
}

/* An order rests no more: out of table and list, its row free. The books and the reserves are the
 * caller's. */
void order_end(struct engine *engine, uint32_t row);

/* Moves the table to another size, at least as large. */
void order_table_resize(struct engine *engine, uint32_t bits);

/* Asserts that rows, free list, table and sessions' lists agree. */
void order_check(const struct engine *engine);

#endif
