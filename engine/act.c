/*
 * Acts: who may, whether it is possible, and doing it.
 */
#include "engine/act.h"

#include "engine/admit.h"
#include "engine/emit.h"
#include "engine/instrument.h"
#include "engine/market.h"
#include "engine/party.h"
#include "engine/proposal.h"
#include "engine/region.h"
#include "engine/session.h"
#include "engine/sweep.h"
#include "engine/version.h"

/* The participant that an act is about, where a participant may act about itself; else 0. */
static uint32_t subject_of(const struct engine *engine, const struct act *act) {
    switch (act->kind) {
    case ACT_ADD_KEY:
        return act->add_key.participant;
    case ACT_REVOKE_KEY:
        return pool_has(engine, POOL_KEYS, act->revoke_key.key)
                   ? key_at(engine, act->revoke_key.key)->participant
                   : 0;
    case ACT_ADD_SESSION:
        return act->add_session.participant;
    case ACT_ADD_ACCOUNT:
        return act->add_account.participant;
    default:
        return 0;
    }
}

static enum authority_form form_of(const struct engine *engine, const struct act *act) {
    if (act->kind == ACT_HALT && !act->halt.is_halted)
        return AUTHORITY_RESUMES;
    uint32_t subject = subject_of(engine, act);
    if (act->kind != ACT_ADD_KEY || !pool_has(engine, POOL_PARTICIPANTS, subject))
        return AUTHORITY_PLAIN;
    uint32_t roles = participant_at(engine, subject)->roles;
    return (roles & (ROLE_OPERATOR | ROLE_REGULATOR)) != 0 ? AUTHORITY_GUARDED : AUTHORITY_PLAIN;
}

/* Whether the sender may have a hand in an act; `keys` are those that stand behind it. */
static struct refusal check_authority(const struct call *call, const struct act *act,
                                      uint32_t keys) {
    const struct engine *engine = call->engine;
    const struct stamp *stamp = &call->command->stamp;
    const struct authority *row = authority_find(VERB_ACT, act->kind, form_of(engine, act));
    bool is_own = subject_of(engine, act) == stamp->participant;
    enum reason reason = admit_key(engine, stamp);
    if (reason == REASON_NONE)
        reason = admit_row(engine, stamp, row, is_own);
    if (reason == REASON_NOT_AUTHORISED)
        return refusal_of(reason, FIELD_ACT, 0);
    if (reason == REASON_NONE && keys < row->keys)
        return refusal_of(REASON_NEEDS_TWO_KEYS, FIELD_ACT, 0);
    return admit_refusal(reason);
}

static struct refusal check_raise(const struct engine *engine, const struct raise_limit *raise) {
    if (raise->pool == 0 || raise->pool >= POOLS_END)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_POOL, 0);
    const struct pool_rows *rows = &engine->pools[raise->pool];
    if (raise->limit < rows->limit)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_LIMIT, rows->limit);
    if (raise->limit > rows->ceiling)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_LIMIT, rows->ceiling);
    return refusal_none();
}

static struct refusal check_revoke(const struct engine *engine, const struct revoke_key *revoke) {
    struct refusal refusal = party_check_revoke(engine, revoke);
    if (refusal.reason == REASON_NONE && !revoke->keeps_orders)
        return sweep_check_act(engine);
    return refusal;
}

static struct refusal check_resolve(const struct call *call, const struct resolve *resolve) {
    uint64_t next = call->command->stamp.sequence;
    if (resolve->sequence >= next)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_SEQUENCE, (int64_t)next - 1);
    return refusal_none();
}

/* One step at a time, and no further than this release knows how to behave. */
static struct refusal check_activate(const struct engine *engine, uint32_t version) {
    if (version > VERSION_KNOWN)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_VERSION, VERSION_KNOWN);
    if (version != engine->version + 1)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_VERSION, (int64_t)engine->version + 1);
    return refusal_none();
}

/* Acts about the exchange as such. */
static struct refusal check_exchange(const struct call *call, const struct act *act) {
    const struct engine *engine = call->engine;
    switch (act->kind) {
    case ACT_RAISE_LIMIT:
        return check_raise(engine, &act->raise_limit);
    case ACT_ACTIVATE:
        return check_activate(engine, act->activate.version);
    case ACT_RESOLVE:
        return check_resolve(call, &act->resolve);
    case ACT_REOPEN:
        return refusal_of(engine->is_halted ? REASON_NONE : REASON_WRONG_STATE, FIELD_NONE, 0);
    case ACT_SESSION_RESET:
        if (!pool_has(engine, POOL_SESSIONS, act->session_reset.session))
            return refusal_of(REASON_UNKNOWN_SESSION, FIELD_SESSION, 0);
        return refusal_none();
    default:
        assert(act->kind == ACT_CONFIRM_TIME);
        return refusal_none();
    }
}

static struct refusal check_act(const struct call *call, const struct act *act) {
    const struct engine *engine = call->engine;
    switch (act->kind) {
    case ACT_ADD_PARTICIPANT:
        return party_check_add(engine, &act->add_participant);
    case ACT_ADD_KEY:
        return party_check_add_key(engine, &act->add_key);
    case ACT_REVOKE_KEY:
        return check_revoke(engine, &act->revoke_key);
    case ACT_CHECKPOINT_KEY:
        return party_check_checkpoint_key(engine, &act->checkpoint_key);
    case ACT_ADD_SESSION:
        return session_check_add(engine, &act->add_session);
    case ACT_ADD_ACCOUNT:
        return party_check_add_account(engine, &act->add_account);
    case ACT_DEPOSIT:
        return party_check_deposit(engine, &act->deposit);
    case ACT_ADD_INSTRUMENT:
        return instrument_check_add(engine, &act->add_instrument);
    case ACT_SET_BAND:
        return market_check_band(engine, &act->set_band);
    case ACT_DAY_OPEN:
        return market_check_open(engine, &act->day);
    case ACT_DAY_CLOSE:
        return market_check_close(engine, &act->day);
    case ACT_HALT:
        return market_check_halt(engine, &act->halt);
    case ACT_KILL:
    case ACT_UNKILL:
        return market_check_kill(engine, act);
    default:
        return check_exchange(call, act);
    }
}

/* Tells a key's participant that it is there, or gone. */
static void emit_key(const struct call *call, uint32_t number) {
    const struct key *key = key_at(call->engine, number);
    *emit_next(call->sink) =
        (struct event){.kind = EVENT_KEY,
                       .audience = AUDIENCE_PARTICIPANT,
                       .reason = key->is_revoked ? REASON_KEY_REVOKED : REASON_NONE,
                       .to = key->participant,
                       .id = number};
}

static void do_add_key(const struct call *call, const struct add_key *add) {
    uint32_t number = party_add_key(call->engine, add);
    emit_done(call, ACT_ADD_KEY, number);
    emit_key(call, number);
}

static void do_revoke_key(const struct call *call, const struct revoke_key *revoke) {
    party_revoke_key(call->engine, revoke);
    emit_done(call, ACT_REVOKE_KEY, revoke->key);
    emit_key(call, revoke->key);
    if (revoke->keeps_orders)
        return;
    struct sweep sweep = {.kind = SWEEP_KILL,
                          .participant = key_at(call->engine, revoke->key)->participant};
    sweep_start(call, &sweep);
}

static void do_add_instrument(const struct call *call, const struct add_instrument *add) {
    uint32_t number = instrument_add(call->engine, add);
    emit_done(call, ACT_ADD_INSTRUMENT, number);
    *emit_next(call->sink) =
        (struct event){.kind = EVENT_INSTRUMENT, .audience = AUDIENCE_EVERYBODY, .id = number};
}

/* Acts of which nothing is said but DONE: what the core or a reader of the ledger has to know
 * stands in the request. */
static uint64_t do_quietly(struct engine *engine, const struct act *act) {
    switch (act->kind) {
    case ACT_ADD_PARTICIPANT:
        return party_add(engine, &act->add_participant);
    case ACT_ADD_SESSION:
        return session_add(engine, &act->add_session);
    case ACT_ADD_ACCOUNT:
        return party_add_account(engine, &act->add_account);
    case ACT_DEPOSIT:
        party_deposit(engine, &act->deposit);
        return act->deposit.account;
    case ACT_CHECKPOINT_KEY:
        return party_checkpoint_key(engine, &act->checkpoint_key);
    case ACT_RAISE_LIMIT:
        region_raise(engine, (enum pool)act->raise_limit.pool, act->raise_limit.limit);
        return act->raise_limit.pool;
    case ACT_ACTIVATE:
        engine->version = act->activate.version;
        return engine->version;
    case ACT_RESOLVE:
        engine->resolved = act->resolve.sequence + 1;
        return act->resolve.sequence;
    case ACT_SESSION_RESET:
        return act->session_reset.session;
    default:
        assert(act->kind == ACT_CONFIRM_TIME);
        return 0;
    }
}

static void do_act(const struct call *call, const struct act *act) {
    switch (act->kind) {
    case ACT_ADD_KEY:
        do_add_key(call, &act->add_key);
        return;
    case ACT_REVOKE_KEY:
        do_revoke_key(call, &act->revoke_key);
        return;
    case ACT_ADD_INSTRUMENT:
        do_add_instrument(call, &act->add_instrument);
        return;
    case ACT_SET_BAND:
        market_set_band(call, &act->set_band);
        return;
    case ACT_DAY_OPEN:
        market_open(call, &act->day);
        return;
    case ACT_DAY_CLOSE:
        market_close(call, &act->day);
        return;
    case ACT_HALT:
        market_halt(call, &act->halt);
        return;
    case ACT_KILL:
    case ACT_UNKILL:
        market_kill(call, act);
        return;
    case ACT_REOPEN:
        emit_done(call, ACT_REOPEN, 0);
        market_reopen(call);
        return;
    default:
        emit_done(call, act->kind, do_quietly(call->engine, act));
    }
}

static void answer_refused(const struct call *call, uint8_t act_kind, struct refusal refusal) {
    emit_rejected(call, refusal)->act = act_kind;
}

void act_request(const struct call *call) {
    const struct act *act = &call->command->act;
    struct refusal refusal = check_authority(call, act, 1);
    if (refusal.reason == REASON_NONE)
        refusal = check_act(call, act);
    if (refusal.reason != REASON_NONE)
        answer_refused(call, act->kind, refusal);
    else
        do_act(call, act);
}

void act_propose(const struct call *call) {
    struct engine *engine = call->engine;
    const struct act *act = &call->command->act;
    struct refusal refusal = check_authority(call, act, 2);
    if (refusal.reason == REASON_NONE)
        refusal = check_act(call, act);
    if (refusal.reason == REASON_NONE && pool_is_full(engine, POOL_PROPOSALS))
        refusal = refusal_full(POOL_PROPOSALS);
    if (refusal.reason != REASON_NONE) {
        answer_refused(call, act->kind, refusal);
        return;
    }
    proposal_add(engine, call->command);
    emit_done(call, act->kind, call->command->stamp.sequence);
}

/* The approver's key, the proposal it names, and the person who proposed. */
static struct refusal check_approval(const struct call *call, const struct proposal *proposal) {
    const struct engine *engine = call->engine;
    const struct stamp *stamp = &call->command->stamp;
    enum reason reason = admit_key(engine, stamp);
    if (reason != REASON_NONE)
        return admit_refusal(reason);
    if (proposal == NULL)
        return refusal_of(REASON_UNKNOWN_PROPOSAL, FIELD_PROPOSAL, 0);
    struct refusal refusal = check_authority(call, &proposal->act, 2);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (key_at(engine, stamp->key)->person == key_at(engine, proposal->key)->person)
        return refusal_of(REASON_SAME_PERSON, FIELD_PERSON, 0);
    return check_act(call, &proposal->act);
}

void act_approve(const struct call *call) {
    const struct proposal *proposal = proposal_find(call->engine, call->command->approve.proposal);
    struct refusal refusal = check_approval(call, proposal);
    if (refusal.reason != REASON_NONE) {
        answer_refused(call, proposal != NULL ? proposal->act.kind : 0, refusal);
        return;
    }
    struct act act = proposal->act;
    proposal_end(call->engine, proposal->sequence);
    do_act(call, &act);
}
