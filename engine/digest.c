/*
 * The state digest's input: each part's live fields, in a fixed order, little-endian.
 *
 * What is fed has nothing to do with memory: rows are fed by their number, orders by their place in
 * the market, timers beside their sessions. Left out is what follows from the rest (reserves,
 * lists, tables) and what only sizes pools. A change here is a change of ENGINE_DIGEST_VERSION.
 */
#include "engine/digest_feed.h"
#include "engine/listing.h"
#include "engine/order.h"
#include "engine/parcel.h"
#include "engine/sweep_list.h"
#include "engine/version.h"

static void put_market(struct feeder *feeder) {
    const struct engine *engine = feeder->engine;
    put8(feeder, engine->environment);
    put8(feeder, engine->disk_step);
    put8(feeder, engine->is_open);
    put8(feeder, engine->is_killed);
    put8(feeder, engine->is_halted);
    put8(feeder, engine->was_stopped);
    put32(feeder, engine->date);
    put32(feeder, engine->version);
    put64(feeder, engine->epoch);
    put64(feeder, (uint64_t)engine->time_ns);
    put64(feeder, engine->sequence_next);
    put64(feeder, engine->trades);
    put64(feeder, (uint64_t)engine->deposited_fen);
    put64(feeder, engine->resolved);
    put32(feeder, engine->price_ticks_max);
    put32(feeder, engine->grace_ms);
    put64(feeder, engine->timers_created);
    put32(feeder, engine->checkpoint_keys_count);
    for (uint32_t each = 0; each < engine->checkpoint_keys_count; each++) {
        put_signing_key(feeder, &engine->checkpoint_keys[each].key);
        put8(feeder, engine->checkpoint_keys[each].is_revoked);
    }
}

static void put_participants(struct feeder *feeder) {
    const struct engine *engine = feeder->engine;
    uint32_t count = engine->pools[POOL_PARTICIPANTS].count;
    put32(feeder, count);
    for (uint32_t number = 1; number <= count; number++) {
        const struct participant *each = participant_at(engine, number);
        put32(feeder, each->roles);
        put8(feeder, each->is_killed);
        put8(feeder, each->code_bytes);
        put_bytes(feeder, each->code, each->code_bytes);
    }
}

static void put_keys(struct feeder *feeder) {
    const struct engine *engine = feeder->engine;
    uint32_t count = engine->pools[POOL_KEYS].count;
    put32(feeder, count);
    for (uint32_t number = 1; number <= count; number++) {
        const struct key *each = key_at(engine, number);
        put32(feeder, each->participant);
        put32(feeder, each->person);
        put8(feeder, each->is_revoked);
        put_bytes(feeder, each->key, KEY_BYTES);
    }
}

static void put_sessions(struct feeder *feeder) {
    const struct engine *engine = feeder->engine;
    uint32_t count = engine->pools[POOL_SESSIONS].count;
    put32(feeder, count);
    put_timer(feeder, engine->grace_timer);
    for (uint32_t number = 1; number <= count; number++) {
        const struct session *each = session_at(engine, number);
        put64(feeder, each->last_number);
        put64(feeder, each->last_sequence);
        put64(feeder, each->dropped);
        put64(feeder, each->graced);
        put32(feeder, each->participant);
        put32(feeder, each->grace_ms);
        put8(feeder, each->is_up);
        put8(feeder, each->is_killed);
        put8(feeder, each->cancels_on_disconnect);
        put_timer(feeder, each->timer);
    }
}

static void put_accounts(struct feeder *feeder) {
    const struct engine *engine = feeder->engine;
    uint32_t count = engine->pools[POOL_ACCOUNTS].count;
    put32(feeder, count);
    for (uint32_t number = 1; number <= count; number++) {
        const struct account *each = account_at(engine, number);
        put64(feeder, (uint64_t)each->cash_fen);
        put64(feeder, each->owner);
        put32(feeder, each->participant);
        put8(feeder, each->is_killed);
    }
}

static uint32_t count_parcels(const struct engine *engine, uint32_t first) {
    uint32_t count = 0;
    for (uint32_t at = first; at != 0; at = parcel_at(engine, at)->next)
        count++;
    return count;
}

/* Parcels, each with the bindings that reach it. */
static void put_parcels(struct feeder *feeder, uint32_t first) {
    const struct engine *engine = feeder->engine;
    for (uint32_t at = first; at != 0; at = parcel_at(engine, at)->next) {
        put64(feeder, parcel_at(engine, at)->quantity);
        put32(feeder, parcel_ties(engine, at));
        for (uint32_t tie = parcel_at(engine, at)->ties; tie != 0; tie = tie_at(engine, tie)->next)
            put32(feeder, tie_at(engine, tie)->binding);
    }
}

static void put_holdings(struct feeder *feeder) {
    const struct engine *engine = feeder->engine;
    uint32_t count = engine->pools[POOL_HOLDINGS].count;
    put32(feeder, count);
    for (uint32_t number = 1; number <= count; number++) {
        const struct holding *each = holding_at(engine, number);
        put32(feeder, each->account);
        put32(feeder, each->instrument);
        put32(feeder, 1 + count_parcels(feeder->engine, each->parcels));
        put64(feeder, each->unbound);
        put32(feeder, 0); /* what binds them: nothing */
        put_parcels(feeder, each->parcels);
    }
}

static void put_order(struct feeder *feeder, const struct order *order) {
    put64(feeder, order->id);
    put64(feeder, order->entry);
    put64(feeder, (uint64_t)order->price_fen);
    put32(feeder, order->account);
    put32(feeder, order->leaves);
    put32(feeder, order->cum);
    put32(feeder, order->good_till);
    put8(feeder, order->is_post_only);
}

/* The orders of a side as they would trade, and a 0 in place of a further id. */
static void put_side(struct feeder *feeder, uint32_t instrument, enum book_side side) {
    const struct books *books = books_of(feeder->engine);
    uint32_t row = book_first(books, instrument, side);
    for (; row != BOOK_NONE; row = book_next(books, row))
        put_order(feeder, order_at(feeder->engine, row));
    put64(feeder, 0);
}

/* By which sweep something is closed; of what is open again nothing is told. */
static void put_swept(struct feeder *feeder, uint64_t until) {
    put64(feeder, until > feeder->engine->swept ? until : 0);
}

static void put_instruments(struct feeder *feeder) {
    const struct engine *engine = feeder->engine;
    uint32_t count = engine->pools[POOL_INSTRUMENTS].count;
    put32(feeder, count);
    for (uint32_t number = 1; number <= count; number++) {
        const struct instrument *each = instrument_at(engine, number);
        put8(feeder, each->symbol_bytes);
        put_bytes(feeder, each->symbol, each->symbol_bytes);
        put64(feeder, (uint64_t)each->tick_fen);
        put64(feeder, (uint64_t)each->band_low_fen);
        put64(feeder, (uint64_t)each->band_high_fen);
        put64(feeder, (uint64_t)each->reference_fen);
        put64(feeder, (uint64_t)each->last_fen);
        put64(feeder, each->deposited);
        put32(feeder, each->lot_min);
        put32(feeder, each->lot_step);
        put32(feeder, each->qty_max);
        put8(feeder, each->is_killed);
        put8(feeder, each->is_halted);
        put_swept(feeder, each->swept_until);
        put_side(feeder, number, BOOK_BUY);
        put_side(feeder, number, BOOK_SELL);
    }
}

/* The fields that an act of a kind has. */
static void put_party_act(struct feeder *feeder, const struct act *act) {
    switch (act->kind) {
    case ACT_ADD_PARTICIPANT:
        put32(feeder, act->add_participant.roles);
        put8(feeder, act->add_participant.code_bytes);
        put_bytes(feeder, act->add_participant.code, act->add_participant.code_bytes);
        return;
    case ACT_ADD_KEY:
        put32(feeder, act->add_key.participant);
        put32(feeder, act->add_key.person);
        put_bytes(feeder, act->add_key.key, KEY_BYTES);
        return;
    case ACT_REVOKE_KEY:
        put32(feeder, act->revoke_key.key);
        put8(feeder, act->revoke_key.keeps_orders);
        put64(feeder, (uint64_t)act->revoke_key.compromised_since_ns);
        return;
    case ACT_ADD_SESSION:
        put32(feeder, act->add_session.participant);
        put8(feeder, act->add_session.cancels_on_disconnect);
        put32(feeder, act->add_session.grace_ms);
        return;
    case ACT_ADD_ACCOUNT:
        put32(feeder, act->add_account.participant);
        put64(feeder, act->add_account.owner);
        return;
    case ACT_DEPOSIT:
        put32(feeder, act->deposit.account);
        put32(feeder, act->deposit.instrument);
        put64(feeder, (uint64_t)act->deposit.amount);
        return;
    default:
        assert(act->kind == ACT_CHECKPOINT_KEY);
        put_signing_key(feeder, &act->checkpoint_key.key);
        put8(feeder, act->checkpoint_key.is_revoked);
    }
}

static void put_add_instrument(struct feeder *feeder, const struct add_instrument *add) {
    put8(feeder, add->symbol_bytes);
    put_bytes(feeder, add->symbol, add->symbol_bytes);
    put64(feeder, (uint64_t)add->tick_fen);
    put64(feeder, add->lot_min);
    put64(feeder, add->lot_step);
    put64(feeder, add->qty_max);
    put64(feeder, (uint64_t)add->band_low_fen);
    put64(feeder, (uint64_t)add->band_high_fen);
    put64(feeder, (uint64_t)add->reference_fen);
}

static void put_market_act(struct feeder *feeder, const struct act *act) {
    switch (act->kind) {
    case ACT_ADD_INSTRUMENT:
        put_add_instrument(feeder, &act->add_instrument);
        return;
    case ACT_SET_BAND:
        put32(feeder, act->set_band.instrument);
        put64(feeder, (uint64_t)act->set_band.band_low_fen);
        put64(feeder, (uint64_t)act->set_band.band_high_fen);
        return;
    case ACT_DAY_OPEN:
    case ACT_DAY_CLOSE:
        put32(feeder, act->day.date);
        return;
    case ACT_HALT:
        put32(feeder, act->halt.instrument);
        put8(feeder, act->halt.is_halted);
        return;
    default:
        assert(act->kind == ACT_KILL || act->kind == ACT_UNKILL);
        put32(feeder, act->kill.participant);
        put32(feeder, act->kill.session);
        put32(feeder, act->kill.account);
        put32(feeder, act->kill.instrument);
    }
}

static void put_act(struct feeder *feeder, const struct act *act) {
    put8(feeder, act->kind);
    switch (act->kind) {
    case ACT_RAISE_LIMIT:
        put32(feeder, act->raise_limit.pool);
        put32(feeder, act->raise_limit.limit);
        return;
    case ACT_ACTIVATE:
        put32(feeder, act->activate.version);
        return;
    case ACT_RESOLVE:
        put64(feeder, act->resolve.sequence);
        put_bytes(feeder, act->resolve.digest_recorded, HASH_BYTES);
        put_bytes(feeder, act->resolve.digest_replayed, HASH_BYTES);
        return;
    case ACT_CONFIRM_TIME:
        put64(feeder, (uint64_t)act->confirm_time.time_ns);
        return;
    case ACT_SESSION_RESET:
        put32(feeder, act->session_reset.session);
        return;
    case ACT_REOPEN:
        return;
    case ACT_ADD_INSTRUMENT:
    case ACT_SET_BAND:
    case ACT_DAY_OPEN:
    case ACT_DAY_CLOSE:
    case ACT_HALT:
    case ACT_KILL:
    case ACT_UNKILL:
        put_market_act(feeder, act);
        return;
    default:
        put_party_act(feeder, act);
    }
}

static void put_proposals(struct feeder *feeder) {
    uint32_t count = feeder->engine->pools[POOL_PROPOSALS].count;
    put32(feeder, count);
    for (uint32_t row = 0; row < count; row++) {
        const struct proposal *each = proposal_at(feeder->engine, row);
        put64(feeder, each->sequence);
        put32(feeder, each->key);
        put_act(feeder, &each->act);
    }
}

/* An unfinished sweep; where it stands is named by its next order's id. */
static void put_sweeps(struct feeder *feeder) {
    const struct engine *engine = feeder->engine;
    put_swept(feeder, engine->swept_until);
    put32(feeder, engine->sweeps_count);
    for (uint32_t number = 0; number < engine->sweeps_count; number++) {
        const struct sweep *each = sweep_at(engine, number);
        put64(feeder, each->sequence);
        put64(feeder, each->below);
        put64(feeder, each->asker);
        put64(feeder, each->count);
        put32(feeder, each->session);
        put32(feeder, each->participant);
        put32(feeder, each->account);
        put32(feeder, each->instrument);
        put32(feeder, each->date);
        put32(feeder, each->at);
        put64(feeder, each->cursor != 0 ? order_at(engine, each->cursor)->id : 0);
        put8(feeder, each->kind);
        put8(feeder, each->side);
        put8(feeder, each->at_side);
    }
}

/* --- the register ------------------------------------------------------------------------------
 */

static void put_parties(struct feeder *feeder) {
    const struct engine *engine = feeder->engine;
    put32(feeder, engine->pools[POOL_PARTIES].count);
    for (uint32_t number = 1; number <= engine->pools[POOL_PARTIES].count; number++) {
        const struct party *each = party_at(engine, number);
        put32(feeder, each->participant);
        put32(feeder, each->successor);
        put8(feeder, each->code_bytes);
        put_bytes(feeder, each->code, each->code_bytes);
        put_bytes(feeder, each->identity, HASH_BYTES);
    }
    put32(feeder, engine->pools[POOL_PARTY_KEYS].count);
    for (uint32_t number = 1; number <= engine->pools[POOL_PARTY_KEYS].count; number++) {
        const struct party_key *each = party_key_at(engine, number);
        put32(feeder, each->party);
        put32(feeder, each->person);
        put8(feeder, each->is_revoked);
        put_signing_key(feeder, &each->key);
        put32(feeder, each->serials_count);
        for (uint32_t i = 0; i < each->serials_count; i++)
            put64(feeder, each->serials[i]);
    }
}

static void put_mandates(struct feeder *feeder) {
    const struct engine *engine = feeder->engine;
    put32(feeder, engine->pools[POOL_MANDATES].count);
    for (uint32_t number = 1; number <= engine->pools[POOL_MANDATES].count; number++) {
        const struct mandate *each = mandate_at(engine, number);
        put64(feeder, (uint64_t)each->limit_fen);
        put64(feeder, (uint64_t)each->from_ns);
        put64(feeder, (uint64_t)each->to_ns);
        put32(feeder, each->principal);
        put32(feeder, each->agent);
        put32(feeder, each->scope);
        put32(feeder, each->until);
        put_timer(feeder, each->timer);
        put_bytes(feeder, each->document, HASH_BYTES);
    }
}

static void put_stakes(struct feeder *feeder, uint32_t first) {
    for (uint32_t at = first; at != 0; at = stake_at(feeder->engine, at)->next) {
        const struct stake *each = stake_at(feeder->engine, at);
        put32(feeder, each->party);
        put32(feeder, each->unbound);
        put32(feeder, count_parcels(feeder->engine, each->parcels));
        put_parcels(feeder, each->parcels);
    }
    put32(feeder, 0); /* in place of a further party */
}

static void put_rights(struct feeder *feeder) {
    const struct engine *engine = feeder->engine;
    put32(feeder, engine->pools[POOL_RIGHTS].count);
    for (uint32_t number = 1; number <= engine->pools[POOL_RIGHTS].count; number++) {
        const struct right *each = right_at(engine, number);
        put8(feeder, each->kind);
        put8(feeder, each->office);
        put8(feeder, each->number_bytes);
        put_bytes(feeder, each->number, each->number_bytes);
        put64(feeder, (uint64_t)each->admitted_ns);
        put64(feeder, (uint64_t)each->value_fen);
        put32(feeder, each->licence_of);
        put32(feeder, each->status);
        put32(feeder, each->version);
        put32(feeder, each->filed);
        put32(feeder, each->term_end);
        put32(feeder, each->appraised);
        put32(feeder, each->appraisal_expires);
        put32(feeder, each->appraisals);
        put_timer(feeder, each->timer);
        put_stakes(feeder, each->stakes);
    }
}

static void put_estates(struct feeder *feeder) {
    const struct engine *engine = feeder->engine;
    put32(feeder, engine->pools[POOL_ESTATES].count);
    for (uint32_t number = 1; number <= engine->pools[POOL_ESTATES].count; number++) {
        const struct estate *each = estate_at(engine, number);
        put64(feeder, (uint64_t)each->admitted_ns);
        put32(feeder, each->party);
        put32(feeder, each->instrument);
        put32(feeder, each->version);
    }
}

/* Dockets follow from the bindings' order. */
static void put_bindings(struct feeder *feeder) {
    const struct engine *engine = feeder->engine;
    put32(feeder, engine->pools[POOL_BINDINGS].count);
    for (uint32_t number = 1; number <= engine->pools[POOL_BINDINGS].count; number++) {
        const struct binding *each = binding_at(engine, number);
        put64(feeder, (uint64_t)each->from_ns);
        put64(feeder, (uint64_t)each->to_ns);
        put64(feeder, each->quantity);
        put32(feeder, each->asset);
        put32(feeder, each->holder);
        put32(feeder, each->version);
        put32(feeder, each->subject);
        put8(feeder, each->kind);
        put8(feeder, each->asset_kind);
        put8(feeder, each->state);
    }
}

static void put_calendar(struct feeder *feeder) {
    const struct engine *engine = feeder->engine;
    put32(feeder, engine->pools[POOL_CALENDAR].count);
    for (uint32_t row = 0; row < engine->pools[POOL_CALENDAR].count; row++) {
        const struct calendar_day *each = calendar_day_at(engine, row);
        put32(feeder, each->date);
        put8(feeder, each->is_working);
        put8(feeder, each->is_trading);
    }
}

static void put_freezes(struct feeder *feeder) {
    const struct engine *engine = feeder->engine;
    put32(feeder, engine->pools[POOL_FREEZES].count);
    for (uint32_t number = 1; number <= engine->pools[POOL_FREEZES].count; number++) {
        const struct freeze *each = freeze_at(engine, number);
        put64(feeder, (uint64_t)each->from_ns);
        put64(feeder, (uint64_t)each->to_ns);
        put64(feeder, (uint64_t)each->served_ns);
        put64(feeder, each->frozen);
        put64(feeder, each->marked);
        put64(feeder, each->queued);
        put64(feeder, each->missed);
        put32(feeder, each->binding);
        put32(feeder, each->account);
        put32(feeder, each->holder);
        put32(feeder, each->version);
        put32(feeder, each->until);
        put8(feeder, each->authority);
        put8(feeder, each->state);
        put8(feeder, each->may_be_sold);
        put8(feeder, each->has_fruits);
        put8(feeder, each->case_number_bytes);
        put_bytes(feeder, each->case_number, each->case_number_bytes);
        put_bytes(feeder, each->document, HASH_BYTES);
        put_timer(feeder, each->timer);
    }
}

static void put_restraints(struct feeder *feeder) {
    const struct engine *engine = feeder->engine;
    put32(feeder, engine->pools[POOL_RESTRAINTS].count);
    for (uint32_t number = 1; number <= engine->pools[POOL_RESTRAINTS].count; number++) {
        const struct restraint *each = restraint_at(engine, number);
        put32(feeder, each->binding);
        put32(feeder, each->until);
        put32(feeder, each->party);
        put32(feeder, each->about);
        put8(feeder, each->sides);
        put8(feeder, each->authority);
        put8(feeder, each->case_number_bytes);
        put_bytes(feeder, each->case_number, each->case_number_bytes);
        put_bytes(feeder, each->document, HASH_BYTES);
        put_timer(feeder, each->timer);
    }
}

static void put_consents(struct feeder *feeder) {
    const struct engine *engine = feeder->engine;
    put32(feeder, engine->pools[POOL_CONSENTS].count);
    for (uint32_t number = 1; number <= engine->pools[POOL_CONSENTS].count; number++) {
        const struct consent *each = consent_at(engine, number);
        put64(feeder, (uint64_t)each->quantity);
        put64(feeder, (uint64_t)each->left);
        put64(feeder, (uint64_t)each->floor_fen);
        put64(feeder, (uint64_t)each->payoff_fen);
        put32(feeder, each->pledge);
        put32(feeder, each->right);
        put32(feeder, each->party);
        put32(feeder, each->buyer);
        put32(feeder, each->account);
        put32(feeder, each->until);
        put8(feeder, each->purpose);
        put8(feeder, each->states_payoff);
        put8(feeder, each->is_revoked);
    }
}

static void put_transfers(struct feeder *feeder) {
    const struct engine *engine = feeder->engine;
    put32(feeder, engine->pools[POOL_TRANSFERS].count);
    for (uint32_t number = 1; number <= engine->pools[POOL_TRANSFERS].count; number++) {
        const struct transfer *each = transfer_at(engine, number);
        put64(feeder, (uint64_t)each->price_fen);
        put64(feeder, (uint64_t)each->costs_fen);
        put64(feeder, (uint64_t)each->escrow_fen);
        put64(feeder, each->quantity);
        put32(feeder, each->asset);
        put32(feeder, each->seller);
        put32(feeder, each->buyer);
        put32(feeder, each->seller_account);
        put32(feeder, each->buyer_account);
        put32(feeder, each->costs_account);
        put32(feeder, each->pledgee);
        put32(feeder, each->binding);
        put8(feeder, each->asset_kind);
        put8(feeder, each->state);
        put8(feeder, each->consents_count);
        for (uint32_t i = 0; i < each->consents_count; i++)
            put32(feeder, each->consents[i]);
    }
}

void engine_digest(const struct engine *engine, void (*feed)(void *owner, const void *, size_t),
                   void *owner) {
    struct feeder feeder;
    feeder.engine = engine;
    feeder.feed = feed;
    feeder.owner = owner;
    feeder.used = 0;
    put32(&feeder, ENGINE_DIGEST_VERSION);
    put_market(&feeder);
    put_participants(&feeder);
    put_keys(&feeder);
    put_sessions(&feeder);
    put_accounts(&feeder);
    put_holdings(&feeder);
    put_instruments(&feeder);
    put_proposals(&feeder);
    put_sweeps(&feeder);
    if (engine->version >= VERSION_REGISTER) {
        put8(&feeder, engine->profile);
        put_parties(&feeder);
        put_mandates(&feeder);
        put_rights(&feeder);
        put_estates(&feeder);
        put_bindings(&feeder);
        put_calendar(&feeder);
        put_freezes(&feeder);
        put_restraints(&feeder);
        put_consents(&feeder);
        put_transfers(&feeder);
        digest_pledges(&feeder);
        put64(&feeder, (uint64_t)engine->escrow_fen);
        put64(&feeder, engine->certificates);
        listing_digest(&feeder);
    }
    feed_flush(&feeder);
}
