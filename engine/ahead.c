/*
 * Fetching what requests will touch before their turn.
 *
 * An order's id names a slot of a table, the slot a row, the row its neighbours in its session's
 * list, its holding and its place in a book: see also book_ahead.c. Each link is a wait for memory
 * before the next can be asked for, so the hints come in steps. What is read may have changed by
 * the request's turn; then something is fetched in vain.
 */
#include "engine/engine.h"

#include "engine/holding.h"
#include "engine/order.h"

static void fetch_slot(const struct engine *engine, const struct table_place *place,
                       uint64_t hash) {
    struct table table = table_of(engine, place);
    __builtin_prefetch(&table.slots[table_home(&table, hash)], 1);
}

/* The first row that a hash leads to: not the wanted one if another has the same home; 0: none. */
static uint32_t likely_row(const struct engine *engine, const struct table_place *place,
                           uint64_t hash) {
    struct table table = table_of(engine, place);
    uint32_t distance = 0;
    return table_next(&table, table_home(&table, hash), &distance);
}

static uint32_t likely_order(const struct engine *engine, uint64_t id) {
    return likely_row(engine, &engine->order_table, table_hash(id));
}

/* The price in ticks of a request for an instrument; 0 where it is none that can rest there. */
static uint32_t ticks_of(const struct engine *engine, uint32_t instrument, int64_t price_fen) {
    if (!pool_has(engine, POOL_INSTRUMENTS, instrument) || price_fen <= 0 || price_fen > UINT32_MAX)
        return 0;
    uint64_t tick_fen = (uint64_t)instrument_at(engine, instrument)->tick_fen;
    uint32_t ticks = tick_fen <= UINT32_MAX ? (uint32_t)price_fen / (uint32_t)tick_fen : 0;
    return ticks <= engine->price_ticks_max ? ticks : 0;
}

/* --- new orders ---------------------------------------------------------------------------------
 */

static void new_order_far(const struct engine *engine, const struct command *command) {
    const struct new_order *wanted = &command->new_order;
    uint64_t id = order_id_of(command->stamp.session, command->stamp.number);
    fetch_slot(engine, &engine->order_table, table_hash(id));
    fetch_slot(engine, &engine->holding_table, holding_hash(wanted->account, wanted->instrument));
    if (pool_has(engine, POOL_ACCOUNTS, wanted->account))
        __builtin_prefetch(account_at(engine, wanted->account), 1);
    if (!pool_has(engine, POOL_INSTRUMENTS, wanted->instrument))
        return;
    __builtin_prefetch(instrument_at(engine, wanted->instrument), 1);
    struct book_command soon = {.verb = BOOK_ENTER,
                                .order = {.id = engine->orders_free, .book = wanted->instrument}};
    book_ahead(books_of(engine), &soon);
}

/* Where it may come to rest; 0: nowhere. */
static uint32_t rest_ticks_of(const struct engine *engine, const struct new_order *wanted) {
    bool may_rest = wanted->time_in_force < TIME_IN_FORCE_IOC;
    return may_rest ? ticks_of(engine, wanted->instrument, wanted->price_fen) : 0;
}

static void new_order_near(const struct engine *engine, const struct new_order *wanted) {
    uint64_t hash = holding_hash(wanted->account, wanted->instrument);
    __builtin_prefetch(holding_at(engine, likely_row(engine, &engine->holding_table, hash)), 1);
    uint32_t ticks = rest_ticks_of(engine, wanted);
    if (ticks != 0)
        book_ahead_price(books_of(engine), wanted->instrument, order_book_side(wanted->side),
                         ticks);
}

static void new_order_next(const struct engine *engine, const struct new_order *wanted) {
    uint32_t ticks = rest_ticks_of(engine, wanted);
    if (ticks != 0)
        book_ahead_level(books_of(engine), wanted->instrument, order_book_side(wanted->side),
                         ticks);
}

/* --- orders at rest -----------------------------------------------------------------------------
 */

static void order_near(const struct engine *engine, uint64_t order_id) {
    uint32_t row = likely_order(engine, order_id);
    struct book_command soon = {.verb = BOOK_CANCEL, .order = {.id = row}};
    __builtin_prefetch(order_at(engine, row), 1);
    book_ahead(books_of(engine), &soon);
}

static void order_next(const struct engine *engine, const struct order *order, uint32_t row) {
    __builtin_prefetch(account_at(engine, order->account), 1);
    __builtin_prefetch(holding_at(engine, order->holding), 1);
    book_ahead_place(books_of(engine), row);
}

static void cancel_next(const struct engine *engine, const struct cancel *wanted) {
    uint32_t row = likely_order(engine, wanted->order_id);
    const struct order *order = order_at(engine, row);
    order_next(engine, order, row);
    __builtin_prefetch(order_at(engine, order->newer), 1);
    __builtin_prefetch(order_at(engine, order->older), 1);
}

/* A replaced order keeps its place in its session's list. */
static void replace_next(const struct engine *engine, const struct replace *wanted) {
    uint32_t row = likely_order(engine, wanted->order_id);
    const struct order *order = order_at(engine, row);
    order_next(engine, order, row);
    uint32_t ticks = ticks_of(engine, order->instrument, wanted->price_fen);
    if (ticks != 0)
        book_ahead_price(books_of(engine), order->instrument, order_book_side(order->side), ticks);
}

/* --- by verb ------------------------------------------------------------------------------------
 */

void engine_ahead(const struct engine *engine, const struct command *command) {
    switch (command->verb) {
    case VERB_NEW_ORDER:
        new_order_far(engine, command);
        return;
    case VERB_REPLACE:
        fetch_slot(engine, &engine->order_table, table_hash(command->replace.order_id));
        return;
    case VERB_CANCEL:
        fetch_slot(engine, &engine->order_table, table_hash(command->cancel.order_id));
        return;
    default:
        return;
    }
}

static void near(const struct engine *engine, const struct command *command) {
    switch (command->verb) {
    case VERB_NEW_ORDER:
        new_order_near(engine, &command->new_order);
        return;
    case VERB_REPLACE:
        order_near(engine, command->replace.order_id);
        return;
    case VERB_CANCEL:
        order_near(engine, command->cancel.order_id);
        return;
    default:
        return;
    }
}

static void next(const struct engine *engine, const struct command *command) {
    switch (command->verb) {
    case VERB_NEW_ORDER:
        new_order_next(engine, &command->new_order);
        return;
    case VERB_REPLACE:
        replace_next(engine, &command->replace);
        return;
    case VERB_CANCEL:
        cancel_next(engine, &command->cancel);
        return;
    default:
        return;
    }
}

void engine_nearer(const struct engine *engine, const struct command *command, uint32_t step) {
    assert(step >= 1 && step <= ENGINE_AHEAD_STEPS);
    if (step == 1)
        near(engine, command);
    else
        next(engine, command);
}
