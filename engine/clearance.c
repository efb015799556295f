/*
 * The newest orders are gathered some at a time in a heap whose root is the oldest of them, so a
 * long book is walked once for many.
 */
#include "engine/clearance.h"

#include "engine/match.h"
#include "engine/order.h"
#include "engine/sweep_list.h"

/* Orders gathered in one walk. */
#define GATHERED_MAX 512u

struct gathered {
    uint32_t count;
    uint32_t rows[GATHERED_MAX];
};

static struct sweep walk_of(const struct clearance *clearance) {
    return (struct sweep){.kind = SWEEP_MASS_CANCEL,
                          .below = UINT64_MAX,
                          .account = clearance->account,
                          .instrument = clearance->instrument,
                          .side = clearance->side};
}

/* The next order of the clearance on a walk; 0 at the end. */
static uint32_t next(const struct engine *engine, const struct clearance *clearance,
                     struct sweep *walk) {
    uint32_t row;
    while (sweep_look(engine, walk, &row)) {
        if (row == 0)
            continue;
        uint32_t account = order_at(engine, row)->account;
        if (clearance->account != 0 || account_at(engine, account)->owner == clearance->owner)
            return row;
    }
    return 0;
}

struct refusal clearance_check(const struct engine *engine, const struct clearance *clearance) {
    struct sweep walk = walk_of(clearance);
    uint32_t count = 0;
    while (count <= SWEEP_ORDERS_MAX && next(engine, clearance, &walk) != 0)
        count++;
    return count > SWEEP_ORDERS_MAX ? refusal_full(POOL_ORDERS) : refusal_none();
}

/* Of two orders of one command (there are none: a command enters one) the row would decide. */
static bool is_older(const struct engine *engine, uint32_t a, uint32_t b) {
    return order_at(engine, a)->entry < order_at(engine, b)->entry;
}

static void sink(const struct engine *engine, struct gathered *gathered, uint32_t place,
                 uint32_t row) {
    for (;;) {
        uint32_t child = 2 * place + 1;
        if (child >= gathered->count)
            break;
        if (child + 1 < gathered->count &&
            is_older(engine, gathered->rows[child + 1], gathered->rows[child]))
            child++;
        if (!is_older(engine, gathered->rows[child], row))
            break;
        gathered->rows[place] = gathered->rows[child];
        place = child;
    }
    gathered->rows[place] = row;
}

static void rise(const struct engine *engine, struct gathered *gathered, uint32_t row) {
    uint32_t place = gathered->count++;
    while (place > 0) {
        uint32_t parent = (place - 1) / 2;
        if (!is_older(engine, row, gathered->rows[parent]))
            break;
        gathered->rows[place] = gathered->rows[parent];
        place = parent;
    }
    gathered->rows[place] = row;
}

/* The newest orders, at most GATHERED_MAX, from the newest on. */
static void gather(const struct engine *engine, const struct clearance *clearance,
                   struct gathered *gathered) {
    struct sweep walk = walk_of(clearance);
    gathered->count = 0;
    for (uint32_t row; (row = next(engine, clearance, &walk)) != 0;) {
        if (gathered->count < GATHERED_MAX)
            rise(engine, gathered, row);
        else if (is_older(engine, gathered->rows[0], row))
            sink(engine, gathered, 0, row);
    }
    uint32_t count = gathered->count;
    while (gathered->count > 1) { /* the oldest goes behind the others */
        uint32_t oldest = gathered->rows[0];
        uint32_t last = gathered->rows[--gathered->count];
        sink(engine, gathered, 0, last);
        gathered->rows[gathered->count] = oldest;
    }
    gathered->count = count;
}

static uint64_t reserve_of(const struct order *order) {
    return order->side == SIDE_SELL ? order->leaves : (uint64_t)order_reserve_fen(order);
}

uint64_t clearance_cancel(const struct call *call, const struct clearance *clearance, uint64_t need,
                          enum reason reason) {
    uint64_t released = 0;
    struct gathered gathered = {.count = GATHERED_MAX};
    while (released < need && gathered.count == GATHERED_MAX) {
        gather(call->engine, clearance, &gathered);
        for (uint32_t i = 0; i < gathered.count && released < need; i++) {
            released += reserve_of(order_at(call->engine, gathered.rows[i]));
            match_cancel(call, gathered.rows[i], EVENT_CANCELED, reason);
        }
    }
    return released;
}
