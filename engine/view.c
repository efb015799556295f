/*
 * Views: copies of rows.
 */
#include "engine/view.h"

#include <string.h>

#include "engine/holding.h"
#include "engine/instrument.h"
#include "engine/order.h"
#include "engine/parcel.h"
#include "engine/party.h"
#include "engine/proposal.h"
#include "engine/sweep_list.h"

uint32_t engine_count(const struct engine *engine, enum pool pool) {
    assert(pool >= POOL_ORDERS && pool < POOLS_END);
    return pool == POOL_LEVELS ? books_levels(books_of(engine)) : engine->pools[pool].count;
}

uint32_t engine_limit(const struct engine *engine, enum pool pool) {
    assert(pool >= POOL_ORDERS && pool < POOLS_END);
    return engine->pools[pool].limit;
}

uint32_t engine_ceiling(const struct engine *engine, enum pool pool) {
    assert(pool >= POOL_ORDERS && pool < POOLS_END);
    return engine->pools[pool].ceiling;
}

void engine_market(const struct engine *engine, struct market_view *view) {
    *view = (struct market_view){.date = engine->date,
                                 .is_open = engine->is_open,
                                 .is_killed = engine->is_killed,
                                 .is_halted = engine->is_halted,
                                 .is_expiring = sweep_list_find(engine, SWEEP_EXPIRY, 0, 0) != NULL,
                                 .was_stopped = engine->was_stopped,
                                 .environment = engine->environment,
                                 .disk_step = engine->disk_step,
                                 .version = engine->version,
                                 .epoch = engine->epoch,
                                 .trades = engine->trades,
                                 .time_ns = engine->time_ns};
}

bool engine_participant(const struct engine *engine, uint32_t participant,
                        struct participant_view *view) {
    if (!pool_has(engine, POOL_PARTICIPANTS, participant))
        return false;
    const struct participant *row = participant_at(engine, participant);
    *view = (struct participant_view){
        .roles = row->roles, .is_killed = row->is_killed, .code_bytes = row->code_bytes};
    memcpy(view->code, row->code, row->code_bytes);
    return true;
}

bool engine_key(const struct engine *engine, uint32_t key, struct key_view *view) {
    if (!pool_has(engine, POOL_KEYS, key))
        return false;
    const struct key *row = key_at(engine, key);
    *view = (struct key_view){
        .participant = row->participant, .person = row->person, .is_revoked = row->is_revoked};
    memcpy(view->key, row->key, KEY_BYTES);
    return true;
}

uint32_t engine_key_find(const struct engine *engine, const uint8_t key[KEY_BYTES]) {
    return party_find_key(engine, key);
}

bool engine_proposal(const struct engine *engine, uint64_t sequence, struct act *act) {
    const struct proposal *proposal = proposal_find(engine, sequence);
    if (proposal != NULL)
        *act = proposal->act;
    return proposal != NULL;
}

uint8_t engine_profile(const struct engine *engine) {
    return engine->profile;
}

bool engine_checkpoint_key_is_revoked(const struct engine *engine, const struct signing_key *key) {
    for (uint32_t each = 0; each < engine->checkpoint_keys_count; each++)
        if (signing_key_equal(&engine->checkpoint_keys[each].key, key))
            return engine->checkpoint_keys[each].is_revoked;
    return false;
}

bool engine_session(const struct engine *engine, uint32_t session, struct session_view *view) {
    if (!pool_has(engine, POOL_SESSIONS, session))
        return false;
    const struct session *row = session_at(engine, session);
    *view = (struct session_view){.participant = row->participant,
                                  .is_up = row->is_up,
                                  .is_killed = row->is_killed,
                                  .cancels_on_disconnect = row->cancels_on_disconnect,
                                  .grace_ms = row->grace_ms,
                                  .last_number = row->last_number,
                                  .last_sequence = row->last_sequence - 1,
                                  .orders = row->orders};
    return true;
}

bool engine_checkpoint_key_is_in_force(const struct engine *engine, const struct signing_key *key) {
    for (uint32_t each = 0; each < engine->checkpoint_keys_count; each++)
        if (signing_key_equal(&engine->checkpoint_keys[each].key, key))
            return !engine->checkpoint_keys[each].is_revoked;
    return false;
}

bool engine_is_sweeping(const struct engine *engine, uint64_t sequence) {
    for (uint32_t number = engine->sweeps_count; number > 0; number--)
        if (sweep_at(engine, number - 1)->sequence <= sequence)
            return sweep_at(engine, number - 1)->sequence == sequence;
    return false;
}

bool engine_instrument(const struct engine *engine, uint32_t instrument,
                       struct instrument_view *view) {
    if (!pool_has(engine, POOL_INSTRUMENTS, instrument))
        return false;
    const struct instrument *row = instrument_at(engine, instrument);
    *view = (struct instrument_view){.symbol_bytes = row->symbol_bytes,
                                     .phase = (uint8_t)instrument_phase(engine, row),
                                     .is_killed = row->is_killed,
                                     .is_halted = row->is_halted,
                                     .tick_fen = row->tick_fen,
                                     .lot_min = row->lot_min,
                                     .lot_step = row->lot_step,
                                     .qty_max = row->qty_max,
                                     .band_low_fen = row->band_low_fen,
                                     .band_high_fen = row->band_high_fen,
                                     .reference_fen = row->reference_fen,
                                     .last_fen = row->last_fen};
    memcpy(view->symbol, row->symbol, row->symbol_bytes);
    return true;
}

uint32_t engine_instrument_find(const struct engine *engine, const char *symbol, size_t bytes) {
    return instrument_find(engine, symbol, bytes);
}

bool engine_account(const struct engine *engine, uint32_t account, struct account_view *view) {
    if (!pool_has(engine, POOL_ACCOUNTS, account))
        return false;
    const struct account *row = account_at(engine, account);
    *view = (struct account_view){.participant = row->participant,
                                  .owner = row->owner,
                                  .is_killed = row->is_killed,
                                  .cash_fen = row->cash_fen,
                                  .reserved_fen = row->reserved_fen};
    return true;
}

bool engine_holding(const struct engine *engine, uint32_t index, struct holding_view *view) {
    if (!pool_has(engine, POOL_HOLDINGS, index))
        return false;
    const struct holding *row = holding_at(engine, index);
    *view = (struct holding_view){.account = row->account,
                                  .instrument = row->instrument,
                                  .quantity = place_total(engine, place_holding(index)),
                                  .reserved = row->reserved};
    view->bound = view->quantity - row->unbound;
    return true;
}

bool engine_holding_find(const struct engine *engine, uint32_t account, uint32_t instrument,
                         struct holding_view *view) {
    return engine_holding(engine, holding_find(engine, account, instrument), view);
}

static bool view_order(const struct engine *engine, uint32_t row, struct order_view *view) {
    if (row == 0)
        return false;
    const struct order *order = order_at(engine, row);
    *view = (struct order_view){.order_id = order->id,
                                .entry = order->entry,
                                .account = order->account,
                                .instrument = order->instrument,
                                .price_fen = order->price_fen,
                                .order_qty = order->leaves + order->cum,
                                .cum_qty = order->cum,
                                .leaves_qty = order->leaves,
                                .good_till = order->good_till,
                                .side = order->side,
                                .row = row};
    return true;
}

bool engine_order(const struct engine *engine, uint64_t order_id, struct order_view *view) {
    return view_order(engine, order_find(engine, order_id), view);
}

bool engine_order_next(const struct engine *engine, uint32_t session, uint64_t after,
                       struct order_view *view) {
    if (!pool_has(engine, POOL_SESSIONS, session))
        return false;
    uint32_t row = session_at(engine, session)->newest;
    uint32_t known = after != 0 ? order_find(engine, after) : 0;
    if (known != 0)
        row = order_at(engine, known)->older;
    /* What `after` named is gone: it was older than every order of a higher number. */
    while (known == 0 && after != 0 && row != 0 && order_at(engine, row)->id >= after)
        row = order_at(engine, row)->older;
    return view_order(engine, row, view);
}

bool engine_order_newest(const struct engine *engine, uint32_t session, struct order_view *view) {
    return pool_has(engine, POOL_SESSIONS, session) &&
           view_order(engine, session_at(engine, session)->newest, view);
}

/* The order that a view was made of, which rests still. */
static const struct order *order_of(const struct engine *engine, const struct order_view *view) {
    assert(view->row != 0 && view->row <= engine->orders_mark);
    const struct order *order = order_at(engine, view->row);
    assert(order->id == view->order_id && order->entry == view->entry);
    return order;
}

bool engine_order_older(const struct engine *engine, const struct order_view *from,
                        struct order_view *view) {
    return view_order(engine, order_of(engine, from)->older, view);
}

bool engine_order_at(const struct engine *engine, uint32_t row, struct order_view *view) {
    bool rests = row != 0 && row <= engine->orders_mark && order_at(engine, row)->id != 0;
    return rests && view_order(engine, row, view);
}

/* --- books -------------------------------------------------------------------------------------
 */

/* The price in ticks from which a side is walked: the nearest on the tick that is not better than
 * `from_fen`; false when no order can be there. */
static bool ticks_from(const struct engine *engine, uint32_t instrument, enum side side,
                       int64_t from_fen, uint32_t *ticks) {
    int64_t tick = instrument_at(engine, instrument)->tick_fen;
    int64_t most = engine->price_ticks_max;
    assert(tick > 0);
    if (from_fen <= 0)
        return false;
    int64_t exact = from_fen / tick + (side == SIDE_SELL && from_fen % tick != 0);
    if (side == SIDE_BUY && exact > most)
        exact = most;
    *ticks = (uint32_t)exact;
    return exact >= 1 && exact <= most;
}

/* A row of the books as a view; their ids are the orders' rows. */
static bool view_resting(const struct engine *engine, uint32_t id, struct order_view *view) {
    return id != BOOK_NONE && view_order(engine, id, view);
}

bool engine_book_from(const struct engine *engine, uint32_t instrument, enum side side,
                      int64_t from_fen, struct order_view *view) {
    const struct books *books = books_of(engine);
    enum book_side book_side = order_book_side((uint8_t)side);
    uint32_t ticks;
    if (!pool_has(engine, POOL_INSTRUMENTS, instrument))
        return false;
    if (from_fen == 0)
        return view_resting(engine, book_first(books, instrument, book_side), view);
    return ticks_from(engine, instrument, side, from_fen, &ticks) &&
           view_resting(engine, book_from(books, instrument, book_side, ticks), view);
}

bool engine_book_next(const struct engine *engine, const struct order_view *from,
                      struct order_view *view) {
    (void)order_of(engine, from);
    return view_resting(engine, book_next(books_of(engine), from->row), view);
}

/* Levels are copied through a small array: the books count in ticks. */
#define LEVELS_AT_ONCE 16u

static uint32_t levels_from(const struct engine *engine, uint32_t instrument, enum side side,
                            uint32_t ticks, struct book_level levels[LEVELS_AT_ONCE]) {
    const struct books *books = books_of(engine);
    enum book_side book_side = order_book_side((uint8_t)side);
    return ticks == 0
               ? book_depth(books, instrument, book_side, levels, LEVELS_AT_ONCE)
               : book_depth_from(books, instrument, book_side, ticks, levels, LEVELS_AT_ONCE);
}

uint32_t engine_depth(const struct engine *engine, uint32_t instrument, enum side side,
                      struct depth_level *levels, uint32_t most) {
    return engine_depth_from(engine, instrument, side, 0, levels, most);
}

/* NOLINTNEXTLINE(readability-function-size): as engine_depth(), and where it begins */
uint32_t engine_depth_from(const struct engine *engine, uint32_t instrument, enum side side,
                           int64_t from_fen, struct depth_level *levels, uint32_t most) {
    struct book_level found[LEVELS_AT_ONCE];
    uint32_t count = 0;
    uint32_t ticks = 0;
    uint32_t got = LEVELS_AT_ONCE;
    if (!pool_has(engine, POOL_INSTRUMENTS, instrument) ||
        (from_fen != 0 && !ticks_from(engine, instrument, side, from_fen, &ticks)))
        return 0;
    int64_t tick = instrument_at(engine, instrument)->tick_fen;
    uint32_t worst = side == SIDE_BUY ? 1 : engine->price_ticks_max;
    while (count < most && got == LEVELS_AT_ONCE) {
        got = levels_from(engine, instrument, side, ticks, found);
        for (uint32_t i = 0; i < got && count < most; i++)
            levels[count++] = (struct depth_level){.price_fen = found[i].price_ticks * tick,
                                                   .quantity = found[i].quantity,
                                                   .orders = found[i].orders};
        if (got == 0 || found[got - 1].price_ticks == worst)
            break;
        ticks = side == SIDE_BUY ? found[got - 1].price_ticks - 1 : found[got - 1].price_ticks + 1;
    }
    return count;
}
