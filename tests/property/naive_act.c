/*
 * The model's administration: what acts do, alone or by two keys.
 */
#include <string.h>

#include "tests/property/naive_market.h"

static struct naive_no no_of(enum reason reason, enum field field, int64_t limit) {
    return (struct naive_no){reason, field, limit};
}

static void tell_key(struct naive_market *market, uint32_t number) {
    const struct naive_key *key = &market->keys[number - 1];
    struct event *event = naive_event(market, EVENT_KEY, AUDIENCE_PARTICIPANT, key->of.participant);
    event->id = number;
    event->reason = key->is_revoked ? REASON_KEY_REVOKED : REASON_NONE;
}

/* Ends the proposal of a sequence, those of a key, or with neither all. */
static void end_proposals(struct naive_market *market, uint64_t sequence, uint32_t key) {
    uint32_t kept = 0;
    for (uint32_t row = 0; row < market->counts[POOL_PROPOSALS]; row++) {
        const struct naive_proposal *each = &market->proposals[row];
        bool ends = (sequence == 0 && key == 0) || each->sequence == sequence ||
                    (key != 0 && each->key == key);
        if (!ends)
            market->proposals[kept++] = *each;
    }
    market->counts[POOL_PROPOSALS] = kept;
}

static void do_revoke_key(struct naive_market *market, const struct revoke_key *revoke) {
    struct naive_key *key = &market->keys[revoke->key - 1];
    key->is_revoked = true;
    end_proposals(market, 0, revoke->key);
    naive_done(market, revoke->key, ACT_REVOKE_KEY);
    tell_key(market, revoke->key);
    struct naive_sweep sweep = {
        .says = EVENT_CANCELED, .reason = REASON_KILLED, .participant = key->of.participant};
    if (!revoke->keeps_orders)
        naive_sweep(market, &sweep);
}

static void do_deposit(struct naive_market *market, const struct deposit *deposit) {
    if (deposit->instrument == 0) {
        market->accounts[deposit->account - 1].cash_fen += deposit->amount;
        market->deposited_fen += deposit->amount;
    } else {
        naive_holding_get(market, deposit->account, deposit->instrument)->quantity +=
            deposit->amount;
        market->instruments[deposit->instrument - 1].deposited += deposit->amount;
    }
    naive_done(market, deposit->account, ACT_DEPOSIT);
}

static void put_band(struct naive_market *market, uint32_t number, int64_t low_fen,
                     int64_t high_fen) {
    struct naive_instrument *instrument = &market->instruments[number - 1];
    instrument->of.band_low_fen = low_fen;
    instrument->of.band_high_fen = high_fen;
    instrument->low_fen = naive_low_of(low_fen, instrument->of.tick_fen);
    instrument->high_fen = naive_high_of(market, high_fen, instrument->of.tick_fen);
}

static void tell_instrument(struct naive_market *market, uint32_t number) {
    naive_event(market, EVENT_INSTRUMENT, AUDIENCE_EVERYBODY, 0)->id = number;
}

static void do_add_instrument(struct naive_market *market, const struct add_instrument *add) {
    uint32_t number = ++market->counts[POOL_INSTRUMENTS];
    market->instruments[number - 1] = (struct naive_instrument){.of = *add};
    put_band(market, number, add->band_low_fen, add->band_high_fen);
    naive_done(market, number, ACT_ADD_INSTRUMENT);
    tell_instrument(market, number);
}

static void do_set_band(struct naive_market *market, const struct set_band *set) {
    put_band(market, set->instrument, set->band_low_fen, set->band_high_fen);
    naive_done(market, set->instrument, ACT_SET_BAND);
    tell_instrument(market, set->instrument);
    struct naive_sweep sweep = {.says = EVENT_CANCELED,
                                .reason = REASON_OUT_OF_BAND,
                                .instrument = set->instrument,
                                .outside_band = true};
    naive_sweep(market, &sweep);
}

static void do_day(struct naive_market *market, const struct act *act) {
    bool opens = act->kind == ACT_DAY_OPEN;
    if (market->is_open)
        end_proposals(market, 0, 0);
    market->date = act->day.date;
    market->is_open = opens;
    naive_done(market, act->day.date, act->kind);
    struct naive_sweep sweep = {.says = EVENT_EXPIRED,
                                .till = opens ? act->day.date - 1 : act->day.date};
    naive_sweep(market, &sweep);
}

static void do_halt(struct naive_market *market, const struct halt *halt) {
    for (uint32_t number = 1; number <= market->counts[POOL_INSTRUMENTS]; number++)
        if (halt->instrument == 0 || halt->instrument == number)
            market->instruments[number - 1].is_halted = halt->is_halted;
    naive_done(market, halt->instrument, ACT_HALT);
    if (halt->instrument != 0) {
        naive_phase(market, halt->instrument, naive_own_phase_of(market, halt->instrument));
        return;
    }
    naive_phase(market, 0, halt->is_halted ? PHASE_HALTED : PHASE_CONTINUOUS);
    for (uint32_t number = 1; number <= market->counts[POOL_INSTRUMENTS]; number++)
        if (!halt->is_halted && naive_own_phase_of(market, number) == PHASE_HALTED)
            naive_phase(market, number, PHASE_HALTED);
}

static void do_kill(struct naive_market *market, const struct act *act) {
    const struct kill *kill = &act->kill;
    uint32_t concerned = kill->participant;
    if (kill->session != 0)
        concerned = market->sessions[kill->session - 1].of.participant;
    if (kill->account != 0)
        concerned = market->accounts[kill->account - 1].of.participant;
    *naive_kill_mark(market, kill) = act->kind == ACT_KILL;
    naive_done(market, kill->participant + kill->session + kill->account + kill->instrument,
               act->kind);
    struct event *event =
        naive_event(market, EVENT_KILLED,
                    concerned != 0 ? AUDIENCE_PARTICIPANT : AUDIENCE_EVERYBODY, concerned);
    event->id = kill->session;
    event->account = kill->account;
    event->instrument = kill->instrument;
    event->act = act->kind;
    struct naive_sweep sweep = {.says = EVENT_CANCELED,
                                .reason = REASON_KILLED,
                                .session = kill->session,
                                .participant = kill->participant,
                                .account = kill->account,
                                .instrument = kill->instrument};
    if (act->kind == ACT_KILL)
        naive_sweep(market, &sweep);
}

static uint32_t do_checkpoint_key(struct naive_market *market, const struct checkpoint_key *key) {
    uint32_t in_force;
    struct naive_checkpoint_key *found = naive_checkpoint_key_find(market, &key->key, &in_force);
    if (found == NULL) {
        found = &market->checkpoint_keys[market->checkpoint_keys_count++];
        found->key = key->key;
    }
    found->is_revoked = key->is_revoked;
    return (uint32_t)(found - market->checkpoint_keys) + 1;
}

/* Acts that make a row, or nothing that others are told; returns what DONE names. */
static uint64_t do_quietly(struct naive_market *market, const struct act *act) {
    uint32_t *counts = market->counts;
    switch (act->kind) {
    case ACT_ADD_PARTICIPANT:
        market->participants[counts[POOL_PARTICIPANTS]].of = act->add_participant;
        return ++counts[POOL_PARTICIPANTS];
    case ACT_ADD_SESSION:
        market->sessions[counts[POOL_SESSIONS]].of = act->add_session;
        return ++counts[POOL_SESSIONS];
    case ACT_ADD_ACCOUNT:
        market->accounts[counts[POOL_ACCOUNTS]].of = act->add_account;
        return ++counts[POOL_ACCOUNTS];
    case ACT_CHECKPOINT_KEY:
        return do_checkpoint_key(market, &act->checkpoint_key);
    case ACT_RAISE_LIMIT:
        market->limits.limit[act->raise_limit.pool] = act->raise_limit.limit;
        return act->raise_limit.pool;
    case ACT_RESOLVE:
        return act->resolve.sequence;
    case ACT_SESSION_RESET:
        return act->session_reset.session;
    default: /* CONFIRM_TIME */
        return 0;
    }
}

static void carry_out(struct naive_market *market, const struct act *act) {
    switch (act->kind) {
    case ACT_ADD_KEY:
        market->keys[market->counts[POOL_KEYS]++].of = act->add_key;
        naive_done(market, market->counts[POOL_KEYS], ACT_ADD_KEY);
        tell_key(market, market->counts[POOL_KEYS]);
        return;
    case ACT_REVOKE_KEY:
        do_revoke_key(market, &act->revoke_key);
        return;
    case ACT_DEPOSIT:
        do_deposit(market, &act->deposit);
        return;
    case ACT_ADD_INSTRUMENT:
        do_add_instrument(market, &act->add_instrument);
        return;
    case ACT_SET_BAND:
        do_set_band(market, &act->set_band);
        return;
    case ACT_DAY_OPEN:
    case ACT_DAY_CLOSE:
        do_day(market, act);
        return;
    case ACT_HALT:
        do_halt(market, &act->halt);
        return;
    case ACT_KILL:
    case ACT_UNKILL:
        do_kill(market, act);
        return;
    case ACT_REOPEN:
        naive_done(market, 0, ACT_REOPEN);
        naive_reopen(market);
        return;
    default:
        naive_done(market, do_quietly(market, act), act->kind);
        return;
    }
}

void naive_act(struct naive_market *market) {
    const struct act *act = &market->command->act;
    struct naive_no no = naive_check_authority(market, act, 1);
    if (no.reason == REASON_NONE)
        no = naive_check_act(market, act);
    if (no.reason != REASON_NONE)
        naive_reject(market, no)->act = act->kind;
    else
        carry_out(market, act);
}

void naive_propose(struct naive_market *market) {
    const struct act *act = &market->command->act;
    const struct stamp *stamp = &market->command->stamp;
    struct naive_no no = naive_check_authority(market, act, 2);
    if (no.reason == REASON_NONE)
        no = naive_check_act(market, act);
    if (no.reason == REASON_NONE && naive_is_full(market, POOL_PROPOSALS))
        no = no_of(REASON_LIMIT_REACHED, FIELD_POOL, POOL_PROPOSALS);
    if (no.reason != REASON_NONE) {
        naive_reject(market, no)->act = act->kind;
        return;
    }
    market->proposals[market->counts[POOL_PROPOSALS]++] =
        (struct naive_proposal){stamp->sequence, stamp->key, *act};
    naive_done(market, stamp->sequence, act->kind);
}

static struct naive_no check_approval(struct naive_market *market,
                                      const struct naive_proposal *proposal) {
    const struct stamp *stamp = &market->command->stamp;
    enum reason reason = naive_key_reason(market);
    if (reason != REASON_NONE)
        return no_of(reason, reason == REASON_KEY_REVOKED ? FIELD_KEY : FIELD_NONE, 0);
    if (proposal == NULL)
        return no_of(REASON_UNKNOWN_PROPOSAL, FIELD_PROPOSAL, 0);
    struct naive_no no = naive_check_authority(market, &proposal->act, 2);
    if (no.reason != REASON_NONE)
        return no;
    if (market->keys[stamp->key - 1].of.person == market->keys[proposal->key - 1].of.person)
        return no_of(REASON_SAME_PERSON, FIELD_PERSON, 0);
    return naive_check_act(market, &proposal->act);
}

void naive_approve(struct naive_market *market) {
    uint64_t sequence = market->command->approve.proposal;
    const struct naive_proposal *proposal = NULL;
    for (uint32_t row = 0; row < market->counts[POOL_PROPOSALS]; row++)
        if (market->proposals[row].sequence == sequence)
            proposal = &market->proposals[row];
    struct naive_no no = check_approval(market, proposal);
    if (no.reason != REASON_NONE) {
        naive_reject(market, no)->act = proposal != NULL ? proposal->act.kind : 0;
        return;
    }
    struct act act = proposal->act;
    end_proposals(market, sequence, 0);
    carry_out(market, &act);
}
