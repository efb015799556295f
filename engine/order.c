/*
 * What happens to rows of orders less often than their coming and going.
 */
#include "engine/order.h"

#include <string.h>

static uint64_t hash_of(const struct engine *engine, uint32_t row) {
    return table_hash(order_at(engine, row)->id);
}

void order_end(struct engine *engine, uint32_t row) {
    struct order *order = order_at(engine, row);
    struct session *session = session_at(engine, order_id_session(order->id));
    struct table table = table_of(engine, &engine->order_table);
    table_remove(&table, table_hash(order->id), row, hash_of, engine);
    if (order->newer != 0)
        order_at(engine, order->newer)->older = order->older;
    else
        session->newest = order->older;
    if (order->older != 0)
        order_at(engine, order->older)->newer = order->newer;
    session->orders--;
    engine->pools[POOL_ORDERS].count--;
    order_give(engine, row);
}

void order_table_resize(struct engine *engine, uint32_t bits) {
    assert(bits >= engine->order_table.bits);
    if (bits == engine->order_table.bits)
        return;
    struct table old = table_of(engine, &engine->order_table);
    memset(old.slots, 0, table_bytes(engine->order_table.bits));
    engine->order_table.bits = bits;
    struct table table = table_of(engine, &engine->order_table);
    for (uint32_t row = 1; row <= engine->orders_mark; row++)
        if (order_at(engine, row)->id != 0)
            table_put(&table, hash_of(engine, row), row);
}

static uint32_t check_session(const struct engine *engine, uint32_t number) {
    const struct session *session = session_at(engine, number);
    uint32_t newer = 0;
    uint32_t orders = 0;
    for (uint32_t row = session->newest; row != 0; row = order_at(engine, row)->older) {
        const struct order *order = order_at(engine, row);
        assert(order_id_session(order->id) == number);
        assert(order->newer == newer);
        assert(newer == 0 || order_at(engine, newer)->id > order->id);
        assert(orders < session->orders);
        assert(order_find(engine, order->id) == row);
        newer = row;
        orders++;
    }
    assert(orders == session->orders);
    return orders;
}

void order_check(const struct engine *engine) {
    const struct pool_rows *rows = &engine->pools[POOL_ORDERS];
    assert(rows->count <= rows->limit && engine->orders_mark <= rows->limit + 1);
    uint32_t resting = 0;
    for (uint32_t row = 1; row <= engine->orders_mark; row++)
        resting += order_at(engine, row)->id != 0;
    assert(resting == rows->count);
    uint32_t free_rows = 0;
    for (uint32_t row = engine->orders_free; row != 0; row = order_at(engine, row)->older) {
        assert(order_at(engine, row)->id == 0 && row <= engine->orders_mark);
        free_rows++;
    }
    assert(free_rows + resting == engine->orders_mark);
    uint32_t listed = 0;
    for (uint32_t number = 1; number <= engine->pools[POOL_SESSIONS].count; number++)
        listed += check_session(engine, number);
    assert(listed == resting);
    uint32_t slots = 0;
    struct table table = table_of(engine, &engine->order_table);
    for (uint64_t slot = 0; slot <= table.mask; slot++)
        slots += table.slots[slot] != 0;
    assert(slots == resting);
}
