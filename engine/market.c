/*
 * The market's own state.
 */
#include "engine/market.h"

#include <string.h>

#include "engine/date.h"
#include "engine/emit.h"
#include "engine/instrument.h"
#include "engine/listing.h"
#include "engine/party.h"
#include "engine/proposal.h"
#include "engine/region.h"
#include "engine/session.h"
#include "engine/sweep.h"
#include "engine/version.h"

static void assert_limits(const struct engine *engine, const struct engine_limits *named) {
    struct engine_limits whole = *named;
    const struct engine_limits *limits = &whole;
    region_complete(&whole);
    for (uint32_t pool = POOL_ORDERS; pool < POOLS_END; pool++) {
        assert(limits->limit[pool] == engine->pools[pool].limit);
        assert(limits->ceiling[pool] == engine->pools[pool].ceiling);
    }
    assert(limits->price_ticks_max == engine->price_ticks_max);
}

void market_begin(const struct call *call) {
    struct engine *engine = call->engine;
    const struct genesis *genesis = &call->command->genesis;
    assert_limits(engine, &genesis->limits);
    assert(genesis->environment == ENVIRONMENT_PRODUCTION ||
           genesis->environment == ENVIRONMENT_TEST);
    assert(genesis->checkpoint_key.size == signing_key_bytes(genesis->profile));
    engine->environment = genesis->environment;
    engine->profile = genesis->profile;
    engine->disk_step = DISK_ENOUGH;
    engine->version = genesis->version != 0 ? genesis->version : VERSION_FIRST;
    assert(engine->version <= VERSION_KNOWN);
    engine->was_stopped = true;
    engine->timers_promised = 1; /* the common grace */
    struct checkpoint_key first = {.key = genesis->checkpoint_key};
    party_checkpoint_key(engine, &first);
    struct add_participant operator= {.roles = ROLE_OPERATOR};
    struct add_session session = {.participant = party_add(engine, &operator)};
    for (uint32_t each = 0; each < 2; each++) {
        struct add_key key = {.participant = session.participant,
                              .person = genesis->operators[each].person};
        memcpy(key.key, genesis->operators[each].key, KEY_BYTES);
        party_add_key(engine, &key);
        session_add(engine, &session);
    }
    assert(genesis->operators[0].person != genesis->operators[1].person);
}

/* Takes out what is good till this date or an earlier one; at its end the sweep tells everybody
 * that the day is open, or closed. */
static void expire(const struct call *call, trading_date date) {
    struct sweep sweep = {.kind = SWEEP_EXPIRY, .date = date};
    sweep_start(call, &sweep);
}

/* One day ends after the other: the last one's expiry may have to be waited for. */
static struct refusal check_expiry(const struct engine *engine) {
    if (sweep_list_find(engine, SWEEP_EXPIRY, 0, 0) != NULL)
        return refusal_of(REASON_WRONG_STATE, FIELD_TRADING_DATE, engine->date);
    return sweep_check_act(engine);
}

struct refusal market_check_open(const struct engine *engine, const struct day *day) {
    if (engine->is_open && day->date == engine->date)
        return refusal_of(REASON_WRONG_STATE, FIELD_TRADING_DATE, engine->date);
    if (!date_is_valid(day->date) || day->date <= engine->date)
        return refusal_of(REASON_BAD_DATE, FIELD_TRADING_DATE, engine->date);
    return check_expiry(engine);
}

void market_open(const struct call *call, const struct day *day) {
    struct engine *engine = call->engine;
    if (engine->is_open)
        proposal_end_all(engine);
    engine->date = day->date;
    engine->is_open = true;
    emit_done(call, ACT_DAY_OPEN, day->date);
    expire(call, day->date - 1);
}

struct refusal market_check_close(const struct engine *engine, const struct day *day) {
    if (!engine->is_open)
        return refusal_of(REASON_WRONG_STATE, FIELD_TRADING_DATE, 0);
    if (day->date != engine->date)
        return refusal_of(REASON_BAD_DATE, FIELD_TRADING_DATE, engine->date);
    return check_expiry(engine);
}

void market_close(const struct call *call, const struct day *day) {
    struct engine *engine = call->engine;
    engine->is_open = false;
    proposal_end_all(engine);
    emit_done(call, ACT_DAY_CLOSE, day->date);
    expire(call, day->date);
}

struct refusal market_check_halt(const struct engine *engine, const struct halt *halt) {
    if (halt->instrument == 0)
        return refusal_none();
    if (!pool_has(engine, POOL_INSTRUMENTS, halt->instrument))
        return refusal_of(REASON_UNKNOWN_INSTRUMENT, FIELD_INSTRUMENT, 0);
    if (instrument_at(engine, halt->instrument)->is_halted == halt->is_halted)
        return refusal_of(REASON_WRONG_STATE, FIELD_INSTRUMENT, 0);
    return refusal_none();
}

/* Every instrument was halted, or let go; a sweep may keep one. */
static void tell_all_phases(const struct call *call, bool is_halted) {
    const struct engine *engine = call->engine;
    emit_phase(call, 0, is_halted ? PHASE_HALTED : PHASE_CONTINUOUS);
    for (uint32_t number = 1; !is_halted && number <= engine->pools[POOL_INSTRUMENTS].count;
         number++)
        if (instrument_own_phase(engine, instrument_at(engine, number)) == PHASE_HALTED)
            emit_phase(call, number, PHASE_HALTED);
}

void market_halt(const struct call *call, const struct halt *halt) {
    struct engine *engine = call->engine;
    uint32_t first = halt->instrument != 0 ? halt->instrument : 1;
    uint32_t last =
        halt->instrument != 0 ? halt->instrument : engine->pools[POOL_INSTRUMENTS].count;
    for (uint32_t number = first; number <= last; number++)
        instrument_at(engine, number)->is_halted = halt->is_halted;
    emit_done(call, ACT_HALT, halt->instrument);
    if (halt->instrument != 0)
        emit_phase(call, first, instrument_own_phase(engine, instrument_at(engine, first)));
    else
        tell_all_phases(call, halt->is_halted);
}

/* What a kill names: at most one scope. */
static struct refusal find_scope(const struct engine *engine, const struct kill *kill) {
    int scopes = (kill->participant != 0) + (kill->session != 0) + (kill->account != 0) +
                 (kill->instrument != 0);
    if (scopes > 1)
        return refusal_of(REASON_BAD_COMBINATION, FIELD_ACT, 0);
    if (kill->participant != 0 && !pool_has(engine, POOL_PARTICIPANTS, kill->participant))
        return refusal_of(REASON_UNKNOWN_PARTICIPANT, FIELD_PARTICIPANT, 0);
    if (kill->session != 0 && !pool_has(engine, POOL_SESSIONS, kill->session))
        return refusal_of(REASON_UNKNOWN_SESSION, FIELD_SESSION, 0);
    if (kill->account != 0 && !pool_has(engine, POOL_ACCOUNTS, kill->account))
        return refusal_of(REASON_UNKNOWN_ACCOUNT, FIELD_ACCOUNT, 0);
    if (kill->instrument != 0 && !pool_has(engine, POOL_INSTRUMENTS, kill->instrument))
        return refusal_of(REASON_UNKNOWN_INSTRUMENT, FIELD_INSTRUMENT, 0);
    return refusal_none();
}

/* The mark that a kill sets and an unkill takes away; the scope exists. */
static bool *mark_of(struct engine *engine, const struct kill *kill) {
    if (kill->participant != 0)
        return &participant_at(engine, kill->participant)->is_killed;
    if (kill->session != 0)
        return &session_at(engine, kill->session)->is_killed;
    if (kill->account != 0)
        return &account_at(engine, kill->account)->is_killed;
    if (kill->instrument != 0)
        return &instrument_at(engine, kill->instrument)->is_killed;
    return &engine->is_killed;
}

static bool has_mark(const struct engine *engine, const struct kill *kill) {
    if (kill->participant != 0)
        return participant_at(engine, kill->participant)->is_killed;
    if (kill->session != 0)
        return session_at(engine, kill->session)->is_killed;
    if (kill->account != 0)
        return account_at(engine, kill->account)->is_killed;
    if (kill->instrument != 0)
        return instrument_at(engine, kill->instrument)->is_killed;
    return engine->is_killed;
}

struct refusal market_check_kill(const struct engine *engine, const struct act *act) {
    struct refusal refusal = find_scope(engine, &act->kill);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (act->kind == ACT_KILL)
        return sweep_check_act(engine);
    if (!has_mark(engine, &act->kill))
        return refusal_of(REASON_WRONG_STATE, FIELD_ACT, 0);
    return refusal_none();
}

/* Tells whom a kill concerns: a participant of his own, everybody of an instrument or of all. */
static void emit_killed(const struct call *call, const struct act *act) {
    const struct engine *engine = call->engine;
    const struct kill *kill = &act->kill;
    uint32_t participant = kill->participant;
    if (kill->session != 0)
        participant = session_at(engine, kill->session)->participant;
    if (kill->account != 0)
        participant = account_at(engine, kill->account)->participant;
    *emit_next(call->sink) =
        (struct event){.kind = EVENT_KILLED,
                       .audience = participant != 0 ? AUDIENCE_PARTICIPANT : AUDIENCE_EVERYBODY,
                       .to = participant,
                       .id = kill->session,
                       .account = kill->account,
                       .instrument = kill->instrument,
                       .act = act->kind};
}

void market_kill(const struct call *call, const struct act *act) {
    const struct kill *kill = &act->kill;
    bool is_kill = act->kind == ACT_KILL;
    *mark_of(call->engine, kill) = is_kill;
    emit_done(call, act->kind,
              kill->participant | kill->session | kill->account | kill->instrument);
    emit_killed(call, act);
    if (!is_kill)
        return;
    struct sweep sweep = {.kind = SWEEP_KILL,
                          .session = kill->session,
                          .participant = kill->participant,
                          .account = kill->account,
                          .instrument = kill->instrument};
    sweep_start(call, &sweep);
}

struct refusal market_check_band(const struct engine *engine, const struct set_band *set) {
    struct refusal refusal = instrument_check_band(engine, set);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (sweep_list_find(engine, SWEEP_BAND, 0, set->instrument) != NULL)
        return refusal_of(REASON_WRONG_STATE, FIELD_INSTRUMENT, 0);
    return sweep_check_act(engine);
}

void market_set_band(const struct call *call, const struct set_band *set) {
    instrument_set_band(call->engine, set);
    emit_done(call, ACT_SET_BAND, set->instrument);
    *emit_next(call->sink) = (struct event){
        .kind = EVENT_INSTRUMENT, .audience = AUDIENCE_EVERYBODY, .id = set->instrument};
    struct sweep sweep = {.kind = SWEEP_BAND, .instrument = set->instrument};
    sweep_start(call, &sweep);
}

void market_outage(const struct call *call) {
    struct engine *engine = call->engine;
    assert(call->command->outage.to_ns >= call->command->outage.from_ns);
    engine->epoch = call->command->outage.epoch;
    engine->grace_ms = call->command->outage.grace_ms;
    engine->is_halted = true;
    emit_day(call);
    listing_outage(call);
    session_drop_all(call);
}

void market_start(const struct call *call) {
    call->engine->epoch = call->command->start.epoch;
    call->engine->grace_ms = call->command->start.grace_ms;
    listing_start(call);
    session_drop_all(call);
    session_begin_grace(call);
}

void market_reopen(const struct call *call) {
    struct engine *engine = call->engine;
    assert(engine->is_halted);
    engine->is_halted = false;
    emit_day(call);
    listing_reopen(call);
    session_begin_grace(call);
}
