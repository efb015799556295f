/*
 * Views: copies of rows.
 */
#include "engine/view.h"

#include <string.h>

#include "engine/holding.h"
#include "engine/instrument.h"
#include "engine/order.h"
#include "engine/party.h"
#include "engine/proposal.h"

/* Prices with an order on one side of a book. Walks its orders. */
static uint32_t count_side(const struct engine *engine, uint32_t book, enum book_side side) {
    const struct books *books = books_of(engine);
    uint32_t levels = 0;
    int64_t last_fen = 0;
    for (uint32_t row = book_first(books, book, side); row != BOOK_NONE;
         row = book_next(books, row)) {
        levels += order_at(engine, row)->price_fen != last_fen;
        last_fen = order_at(engine, row)->price_fen;
    }
    return levels;
}

/* The same over all books. */
static uint32_t count_levels(const struct engine *engine) {
    uint32_t levels = 0;
    for (uint32_t book = 1; book <= engine->pools[POOL_INSTRUMENTS].count; book++)
        levels += count_side(engine, book, BOOK_BUY) + count_side(engine, book, BOOK_SELL);
    return levels;
}

uint32_t engine_count(const struct engine *engine, enum pool pool) {
    assert(pool >= POOL_ORDERS && pool < POOLS_END);
    return pool == POOL_LEVELS ? count_levels(engine) : engine->pools[pool].count;
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

bool engine_checkpoint_key_is_revoked(const struct engine *engine, const uint8_t key[KEY_BYTES]) {
    for (uint32_t each = 0; each < engine->checkpoint_keys_count; each++)
        if (memcmp(engine->checkpoint_keys[each].key, key, KEY_BYTES) == 0)
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

bool engine_checkpoint_key_is_in_force(const struct engine *engine, const uint8_t key[KEY_BYTES]) {
    for (uint32_t each = 0; each < engine->checkpoint_keys_count; each++)
        if (memcmp(engine->checkpoint_keys[each].key, key, KEY_BYTES) == 0)
            return !engine->checkpoint_keys[each].is_revoked;
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
                                  .quantity = row->parcel.quantity,
                                  .reserved = row->reserved};
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
                                .side = order->side};
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

uint32_t engine_depth(const struct engine *engine, uint32_t instrument, enum side side,
                      struct depth_level *levels, uint32_t most) {
    if (!pool_has(engine, POOL_INSTRUMENTS, instrument))
        return 0;
    const struct books *books = books_of(engine);
    uint32_t count = 0;
    uint32_t row = book_first(books, instrument, order_book_side((uint8_t)side));
    for (; row != BOOK_NONE; row = book_next(books, row)) {
        const struct order *order = order_at(engine, row);
        if (count == 0 || levels[count - 1].price_fen != order->price_fen) {
            if (count == most)
                break;
            levels[count++] = (struct depth_level){.price_fen = order->price_fen};
        }
        levels[count - 1].quantity += order->leaves;
        levels[count - 1].orders++;
    }
    return count;
}
