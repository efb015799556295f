/*
 * Every invariant, reckoned anew from the rows alone.
 *
 * Sums per account, holding and instrument are compared without memory of their own: each side of
 * an equation adds up amount times a hash of whose it is, modulo 2^64. Two such sums are equal when
 * every single one is, and else by a chance of one in 2^64.
 */
#include <string.h>

#include "engine/binding.h"
#include "engine/calendar.h"
#include "engine/confirm.h"
#include "engine/freeze.h"
#include "engine/holding.h"
#include "engine/instrument.h"
#include "engine/listing.h"
#include "engine/mandate.h"
#include "engine/money.h"
#include "engine/order.h"
#include "engine/parcel.h"
#include "engine/pledge.h"
#include "engine/restraint.h"
#include "engine/right.h"
#include "engine/state.h"
#include "engine/sweep_list.h"
#include "engine/timer.h"
#include "engine/transfer.h"

/* A well mixed odd number for a row's number (the finaliser of splitmix64). */
static uint64_t weight_of(uint32_t number) {
    uint64_t mixed = (number + UINT64_C(1)) * UINT64_C(0x9E3779B97F4A7C15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94D049BB133111EB);
    return (mixed ^ mixed >> 31) | 1;
}

/* What resting orders add up to. */
struct sums {
    const struct engine *engine;
    uint64_t orders;
    uint64_t cash;   /* reserves by account */
    uint64_t shares; /* reserves by holding */
};

/* What a sweep has still to take out can neither trade nor lose its place. */
static void check_protected(const struct engine *engine, const struct order *order) {
    const struct instrument *instrument = instrument_at(engine, order->instrument);
    for (uint32_t number = 0; number < engine->sweeps_count; number++)
        assert(!sweep_covers(engine, sweep_at(engine, number), order) ||
               instrument_is_swept(engine, instrument));
}

static void check_dates(const struct engine *engine, const struct order *order) {
    if (engine->sweeps_count != 0)
        return;
    assert(order->good_till > engine->date ||
           (engine->is_open && order->good_till == engine->date));
    assert(!engine->is_killed && !account_at(engine, order->account)->is_killed);
    assert(!instrument_at(engine, order->instrument)->is_killed);
    const struct session *session = session_at(engine, order_id_session(order->id));
    assert(!session->is_killed && !participant_at(engine, session->participant)->is_killed);
}

static void check_order(struct sums *sums, uint32_t row, uint32_t instrument, uint8_t side) {
    const struct engine *engine = sums->engine;
    const struct order *order = order_at(engine, row);
    struct book_view view;
    assert(book_order_get(books_of(engine), row, &view));
    assert(order->id != 0 && order->leaves > 0 && order->leaves == view.quantity);
    assert(order->instrument == instrument && order->side == side);
    assert(order->price_fen == instrument_at(engine, instrument)->tick_fen * view.price_ticks);
    assert(order->entry < engine->sequence_next);
    assert(order->leaves <= UINT32_MAX - order->cum);
    const struct account *account = account_at(engine, order->account);
    const struct session *session = session_at(engine, order_id_session(order->id));
    assert(account->participant == session->participant);
    const struct holding *holding = holding_at(engine, order->holding);
    assert(holding->account == order->account && holding->instrument == instrument);
    check_dates(engine, order);
    check_protected(engine, order);
    sums->orders++;
    if (side == SIDE_BUY)
        sums->cash += weight_of(order->account) * (uint64_t)order_reserve_fen(order);
    else
        sums->shares += weight_of(order->holding) * order->leaves;
}

static void check_side(struct sums *sums, uint32_t instrument, uint8_t side) {
    const struct engine *engine = sums->engine;
    uint32_t row = book_first(books_of(engine), instrument, order_book_side(side));
    int64_t price_fen = 0;
    uint64_t entry = 0;
    for (; row != BOOK_NONE; row = book_next(books_of(engine), row)) {
        const struct order *order = order_at(engine, row);
        check_order(sums, row, instrument, side);
        assert(order->price_fen != price_fen || order->entry > entry);
        price_fen = order->price_fen;
        entry = order->entry;
    }
}

static void check_orders(const struct engine *engine) {
    struct sums sums = {.engine = engine};
    for (uint32_t number = 1; number <= engine->pools[POOL_INSTRUMENTS].count; number++) {
        check_side(&sums, number, SIDE_BUY);
        check_side(&sums, number, SIDE_SELL);
    }
    assert(sums.orders == engine->pools[POOL_ORDERS].count);
    uint64_t cash = 0;
    for (uint32_t number = 1; number <= engine->pools[POOL_ACCOUNTS].count; number++)
        cash += weight_of(number) * (uint64_t)account_at(engine, number)->reserved_fen;
    for (uint32_t number = 1; number <= engine->pools[POOL_FREEZES].count; number++)
        if (freeze_at(engine, number)->binding == 0)
            sums.cash +=
                weight_of(freeze_at(engine, number)->account) * freeze_at(engine, number)->frozen;
    assert(cash == sums.cash);
    uint64_t shares = 0;
    for (uint32_t number = 1; number <= engine->pools[POOL_HOLDINGS].count; number++)
        shares += weight_of(number) * holding_at(engine, number)->reserved;
    assert(shares == sums.shares);
}

/* Cash is conserved: all accounts, and what is in escrow, make up what came in. */
static void check_cash(const struct engine *engine) {
    i128 sum = 0;
    for (uint32_t number = 1; number <= engine->pools[POOL_ACCOUNTS].count; number++) {
        const struct account *account = account_at(engine, number);
        assert(account->reserved_fen >= 0 && account->reserved_fen <= account->cash_fen);
        assert(pool_has(engine, POOL_PARTICIPANTS, account->participant) && account->owner != 0);
        sum += account->cash_fen;
    }
    assert(engine->escrow_fen == listing_escrow_fen(engine) + transfer_escrow_fen(engine));
    assert(sum + engine->escrow_fen == engine->deposited_fen);
}

/* Shares are conserved, instrument by instrument. */
static void check_shares(const struct engine *engine) {
    uint64_t held = 0;
    for (uint32_t number = 1; number <= engine->pools[POOL_HOLDINGS].count; number++) {
        const struct holding *holding = holding_at(engine, number);
        assert(holding_find(engine, holding->account, holding->instrument) == number);
        assert(pool_has(engine, POOL_ACCOUNTS, holding->account));
        assert(pool_has(engine, POOL_INSTRUMENTS, holding->instrument));
        uint64_t total = place_total(engine, place_holding(number));
        assert(holding->reserved <= holding->unbound);
        assert(total <= instrument_at(engine, holding->instrument)->deposited);
        held += weight_of(holding->instrument) * total;
    }
    uint64_t deposited = 0;
    for (uint32_t number = 1; number <= engine->pools[POOL_INSTRUMENTS].count; number++)
        deposited += weight_of(number) * instrument_at(engine, number)->deposited;
    assert(held == deposited);
}

/* Sweeps wait in the order in which they were asked for, and what is closed waits for one of them.
 */
static void check_sweeps(const struct engine *engine) {
    uint64_t last = 0;
    for (uint32_t number = 0; number < engine->sweeps_count; number++) {
        const struct sweep *sweep = sweep_at(engine, number);
        assert(sweep->sequence >= engine->swept && (number == 0 || sweep->sequence > last));
        assert(sweep->below >= sweep->sequence && sweep->below < engine->sequence_next);
        assert(sweep->cursor == 0 || order_at(engine, sweep->cursor)->id != 0);
        last = sweep->sequence;
    }
    uint64_t end = engine->sweeps_count != 0 ? last + 1 : engine->swept;
    assert(engine->swept_until <= end);
    for (uint32_t number = 1; number <= engine->pools[POOL_INSTRUMENTS].count; number++)
        assert(instrument_at(engine, number)->swept_until <= end);
}

static void check_parties(const struct engine *engine) {
    uint32_t promised = 1 + engine->timers_own;
    for (uint32_t number = 1; number <= engine->pools[POOL_SESSIONS].count; number++) {
        const struct session *session = session_at(engine, number);
        assert(pool_has(engine, POOL_PARTICIPANTS, session->participant));
        assert(session->timer == 0 || (session->cancels_on_disconnect && !session->is_up));
        assert(session->dropped == 0 || !session->is_up);
        assert(session->last_sequence <= engine->sequence_next);
        promised += session->cancels_on_disconnect;
    }
    assert(engine->environment == 0 || promised == engine->timers_promised);
    for (uint32_t number = 1; number <= engine->pools[POOL_KEYS].count; number++) {
        const struct key *key = key_at(engine, number);
        assert(pool_has(engine, POOL_PARTICIPANTS, key->participant) && key->person != 0);
    }
    for (uint32_t row = 1; row < engine->pools[POOL_PROPOSALS].count; row++)
        assert(proposal_at(engine, row - 1)->sequence < proposal_at(engine, row)->sequence);
}

void engine_check(const struct engine *engine) {
    assert(engine->layout == ENGINE_LAYOUT);
    for (uint32_t pool = POOL_ORDERS; pool < POOLS_END; pool++) {
        assert(engine->pools[pool].count <= engine->pools[pool].limit);
        assert(engine->pools[pool].limit <= engine->pools[pool].ceiling);
    }
    books_check(books_of(engine));
    order_check(engine);
    check_orders(engine);
    check_cash(engine);
    check_shares(engine);
    check_sweeps(engine);
    check_parties(engine);
    confirm_check_state(engine);
    mandate_check(engine);
    right_check(engine);
    binding_check(engine);
    parcel_check(engine);
    freeze_check(engine);
    restraint_check(engine);
    transfer_check(engine);
    calendar_check(engine);
    pledge_check(engine);
    listing_check(engine);
    timer_check(engine);
}
