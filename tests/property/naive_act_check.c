/*
 * The model's administration: who may, and what is refused.
 */
#include <assert.h>
#include <string.h>

#include "engine/date.h"
#include "engine/version.h"
#include "tests/property/naive_market.h"

#define SESSION_GRACE_MS_MAX_HERE 3600000
#define CHECKPOINT_KEYS_MAX_HERE  16

__extension__ typedef __int128 i128;

static struct naive_no no_of(enum reason reason, enum field field, int64_t limit) {
    return (struct naive_no){reason, field, limit};
}

static struct naive_no full(enum pool pool) {
    return no_of(REASON_LIMIT_REACHED, FIELD_POOL, (int64_t)pool);
}

/* An act's row of the authority table, written out. */
struct row {
    uint32_t anybody; /* roles that may, about anybody */
    uint32_t own;     /* roles that may about themselves */
    uint32_t keys;
    uint8_t disk_worst;
};

static struct row row_of(const struct naive_market *market, const struct act *act) {
    struct row row = {ROLE_OPERATOR, 0, 1, DISK_LOW};
    switch (act->kind) {
    case ACT_ADD_KEY:
        if (naive_has(market, POOL_PARTICIPANTS, act->add_key.participant) &&
            (market->participants[act->add_key.participant - 1].of.roles &
             (ROLE_OPERATOR | ROLE_REGULATOR)) != 0)
            row.keys = 2;
        return row;
    case ACT_REVOKE_KEY:
        row.own = ROLES_ALL;
        row.disk_worst = DISK_CRITICAL;
        return row;
    case ACT_ADD_SESSION:
    case ACT_ADD_ACCOUNT:
        row.own = ROLE_BROKER;
        return row;
    case ACT_DEPOSIT:
        row.anybody |= ROLE_SETTLEMENT_BANK;
        return row;
    case ACT_DAY_CLOSE:
    case ACT_KILL:
        row.disk_worst = DISK_CRITICAL;
        return row;
    case ACT_HALT:
        row.keys = act->halt.is_halted ? 1 : 2;
        return row;
    case ACT_SET_BAND:
    case ACT_UNKILL:
    case ACT_RAISE_LIMIT:
    case ACT_ACTIVATE:
    case ACT_RESOLVE:
    case ACT_REOPEN:
    case ACT_CHECKPOINT_KEY:
    case ACT_CONFIRM_TIME:
        row.keys = 2;
        return row;
    default: /* ADD_PARTICIPANT, ADD_INSTRUMENT, DAY_OPEN, SESSION_RESET */
        return row;
    }
}

/* Whether an act is about the sender itself. */
static bool is_own(const struct naive_market *market, const struct act *act) {
    uint32_t sender = market->command->stamp.participant;
    switch (act->kind) {
    case ACT_REVOKE_KEY:
        return naive_has(market, POOL_KEYS, act->revoke_key.key) &&
               market->keys[act->revoke_key.key - 1].of.participant == sender;
    case ACT_ADD_SESSION:
        return act->add_session.participant == sender;
    case ACT_ADD_ACCOUNT:
        return act->add_account.participant == sender;
    default:
        return false;
    }
}

struct naive_no naive_check_authority(const struct naive_market *market, const struct act *act,
                                      uint32_t keys) {
    struct row row = row_of(market, act);
    enum reason reason = naive_key_reason(market);
    if (reason == REASON_KEY_REVOKED)
        return no_of(reason, FIELD_KEY, 0);
    uint32_t may = row.anybody | (is_own(market, act) ? row.own : 0);
    if (reason == REASON_NOT_AUTHORISED || (naive_roles(market) & may) == 0)
        return no_of(REASON_NOT_AUTHORISED, FIELD_ACT, 0);
    if (market->disk_step > row.disk_worst)
        return no_of(REASON_DISK_RESERVE, FIELD_NONE, 0);
    return keys < row.keys ? no_of(REASON_NEEDS_TWO_KEYS, FIELD_ACT, 0) : NAIVE_YES;
}

static struct naive_no check_participant(const struct naive_market *market, uint32_t number) {
    return naive_has(market, POOL_PARTICIPANTS, number)
               ? NAIVE_YES
               : no_of(REASON_UNKNOWN_PARTICIPANT, FIELD_PARTICIPANT, 0);
}

static struct naive_no check_add_participant(const struct naive_market *market,
                                             const struct add_participant *add) {
    if (add->roles == 0 || add->roles > ROLES_ALL)
        return no_of(REASON_OUT_OF_LIMITS, FIELD_ROLES, 0);
    if (add->code_bytes == 0)
        return no_of(REASON_OUT_OF_LIMITS, FIELD_CODE, 0);
    for (uint32_t row = 0; row < market->counts[POOL_PARTICIPANTS]; row++) {
        const struct add_participant *of = &market->participants[row].of;
        if (of->code_bytes == add->code_bytes && memcmp(of->code, add->code, of->code_bytes) == 0)
            return no_of(REASON_ALREADY_EXISTS, FIELD_CODE, 0);
    }
    return naive_is_full(market, POOL_PARTICIPANTS) ? full(POOL_PARTICIPANTS) : NAIVE_YES;
}

static struct naive_no check_add_key(const struct naive_market *market, const struct add_key *add) {
    struct naive_no no = check_participant(market, add->participant);
    if (no.reason != REASON_NONE)
        return no;
    if (add->person == 0)
        return no_of(REASON_OUT_OF_LIMITS, FIELD_PERSON, 1);
    for (uint32_t row = 0; row < market->counts[POOL_KEYS]; row++)
        if (memcmp(market->keys[row].of.key, add->key, KEY_BYTES) == 0)
            return no_of(REASON_ALREADY_EXISTS, FIELD_KEY, 0);
    return naive_is_full(market, POOL_KEYS) ? full(POOL_KEYS) : NAIVE_YES;
}

static struct naive_no check_revoke_key(const struct naive_market *market,
                                        const struct revoke_key *revoke) {
    if (!naive_has(market, POOL_KEYS, revoke->key))
        return no_of(REASON_UNKNOWN_KEY, FIELD_KEY, 0);
    if (market->keys[revoke->key - 1].is_revoked)
        return no_of(REASON_WRONG_STATE, FIELD_KEY, 0);
    return revoke->keeps_orders ? NAIVE_YES : naive_check_sweep(market);
}

/* Timers that may be needed at any moment: the grace's, and one a session that cancels. */
static uint32_t timers_promised(const struct naive_market *market) {
    uint32_t promised = 1;
    for (uint32_t row = 0; row < market->counts[POOL_SESSIONS]; row++)
        promised += market->sessions[row].of.cancels_on_disconnect;
    return promised;
}

static struct naive_no check_add_session(const struct naive_market *market,
                                         const struct add_session *add) {
    struct naive_no no = check_participant(market, add->participant);
    if (no.reason != REASON_NONE)
        return no;
    if (add->grace_ms > SESSION_GRACE_MS_MAX_HERE)
        return no_of(REASON_OUT_OF_LIMITS, FIELD_GRACE, SESSION_GRACE_MS_MAX_HERE);
    if (naive_is_full(market, POOL_SESSIONS))
        return full(POOL_SESSIONS);
    if (add->cancels_on_disconnect && timers_promised(market) >= market->limits.limit[POOL_TIMERS])
        return full(POOL_TIMERS);
    return NAIVE_YES;
}

static struct naive_no check_add_account(const struct naive_market *market,
                                         const struct add_account *add) {
    struct naive_no no = check_participant(market, add->participant);
    if (no.reason == REASON_NONE && add->owner == 0)
        no = no_of(REASON_OUT_OF_LIMITS, FIELD_OWNER, 1);
    if (no.reason == REASON_NONE && naive_is_full(market, POOL_ACCOUNTS))
        no = full(POOL_ACCOUNTS);
    return no;
}

static struct naive_no check_amount(int64_t amount, int64_t available, int64_t total,
                                    enum reason too_little) {
    if (amount == 0)
        return no_of(REASON_OUT_OF_LIMITS, FIELD_AMOUNT, 0);
    if ((i128)total + amount > INT64_MAX)
        return no_of(REASON_OUT_OF_LIMITS, FIELD_AMOUNT, INT64_MAX - total);
    if ((i128)available + amount < 0)
        return no_of(too_little, FIELD_AMOUNT, available);
    return NAIVE_YES;
}

static struct naive_no check_deposit(struct naive_market *market, const struct deposit *deposit) {
    uint32_t instrument = deposit->instrument;
    if (instrument != 0 && !naive_has(market, POOL_INSTRUMENTS, instrument))
        return no_of(REASON_UNKNOWN_INSTRUMENT, FIELD_INSTRUMENT, 0);
    if (!naive_has(market, POOL_ACCOUNTS, deposit->account))
        return no_of(REASON_UNKNOWN_ACCOUNT, FIELD_ACCOUNT, 0);
    if (instrument == 0)
        return check_amount(deposit->amount,
                            market->accounts[deposit->account - 1].cash_fen -
                                naive_market_reserved_fen(market, deposit->account),
                            market->deposited_fen, REASON_INSUFFICIENT_CASH);
    struct naive_no no =
        check_amount(deposit->amount, naive_sellable(market, deposit->account, instrument),
                     market->instruments[instrument - 1].deposited, REASON_INSUFFICIENT_POSITION);
    if (no.reason == REASON_NONE && naive_is_full(market, POOL_HOLDINGS) &&
        naive_holding_find(market, deposit->account, instrument) == NULL)
        return full(POOL_HOLDINGS);
    return no;
}

int64_t naive_low_of(int64_t band_low_fen, int64_t tick_fen) {
    return band_low_fen != 0 ? band_low_fen : tick_fen;
}

int64_t naive_high_of(const struct naive_market *market, int64_t band_high_fen, int64_t tick_fen) {
    int64_t top_fen = tick_fen * market->limits.price_ticks_max;
    return band_high_fen != 0 && band_high_fen < top_fen ? band_high_fen : top_fen;
}

static struct naive_no check_ends(const struct naive_market *market, int64_t tick_fen,
                                  int64_t low_fen, int64_t high_fen) {
    int64_t top_fen = tick_fen * market->limits.price_ticks_max;
    if (low_fen < 0)
        return no_of(REASON_OUT_OF_LIMITS, FIELD_BAND_LOW, 0);
    if (high_fen < 0)
        return no_of(REASON_OUT_OF_LIMITS, FIELD_BAND_HIGH, 0);
    if (low_fen % tick_fen != 0)
        return no_of(REASON_TICK_SIZE, FIELD_BAND_LOW, tick_fen);
    if (high_fen % tick_fen != 0)
        return no_of(REASON_TICK_SIZE, FIELD_BAND_HIGH, tick_fen);
    if (naive_low_of(low_fen, tick_fen) > top_fen)
        return no_of(REASON_OUT_OF_LIMITS, FIELD_BAND_LOW, top_fen);
    if (naive_high_of(market, high_fen, tick_fen) < naive_low_of(low_fen, tick_fen))
        return no_of(REASON_OUT_OF_LIMITS, FIELD_BAND_HIGH, naive_low_of(low_fen, tick_fen));
    return NAIVE_YES;
}

static struct naive_no check_range(int64_t value, int64_t most, enum field field) {
    if (value < 1)
        return no_of(REASON_OUT_OF_LIMITS, field, 1);
    return value > most ? no_of(REASON_OUT_OF_LIMITS, field, most) : NAIVE_YES;
}

static struct naive_no check_numbers(const struct naive_market *market,
                                     const struct add_instrument *add) {
    struct naive_no no =
        check_range(add->tick_fen, INT64_MAX / market->limits.price_ticks_max, FIELD_TICK_FEN);
    if (no.reason != REASON_NONE)
        return no;
    if (add->qty_max > UINT32_MAX)
        return no_of(REASON_OUT_OF_LIMITS, FIELD_QTY_MAX, UINT32_MAX);
    int64_t most = add->qty_max != 0 ? (int64_t)add->qty_max : UINT32_MAX;
    no = check_range((int64_t)add->lot_min, most, FIELD_LOT_MIN);
    if (no.reason == REASON_NONE)
        no = check_range((int64_t)add->lot_step, most, FIELD_LOT_STEP);
    if (no.reason == REASON_NONE && add->reference_fen < 0)
        no = no_of(REASON_OUT_OF_LIMITS, FIELD_REFERENCE, 0);
    return no;
}

static struct naive_no check_add_instrument(const struct naive_market *market,
                                            const struct add_instrument *add) {
    struct naive_no no = NAIVE_YES;
    for (uint32_t i = 0; i < add->symbol_bytes; i++)
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-", add->symbol[i]) == NULL)
            no = no_of(REASON_OUT_OF_LIMITS, FIELD_SYMBOL, 0);
    if (add->symbol_bytes == 0)
        no = no_of(REASON_OUT_OF_LIMITS, FIELD_SYMBOL, 0);
    if (no.reason == REASON_NONE)
        no = check_numbers(market, add);
    if (no.reason == REASON_NONE)
        no = check_ends(market, add->tick_fen, add->band_low_fen, add->band_high_fen);
    if (no.reason != REASON_NONE)
        return no;
    for (uint32_t row = 0; row < market->counts[POOL_INSTRUMENTS]; row++) {
        const struct add_instrument *of = &market->instruments[row].of;
        if (of->symbol_bytes == add->symbol_bytes &&
            memcmp(of->symbol, add->symbol, of->symbol_bytes) == 0)
            return no_of(REASON_ALREADY_EXISTS, FIELD_SYMBOL, 0);
    }
    return naive_is_full(market, POOL_INSTRUMENTS) ? full(POOL_INSTRUMENTS) : NAIVE_YES;
}

static struct naive_no check_instrument(const struct naive_market *market, uint32_t number) {
    return naive_has(market, POOL_INSTRUMENTS, number)
               ? NAIVE_YES
               : no_of(REASON_UNKNOWN_INSTRUMENT, FIELD_INSTRUMENT, 0);
}

static struct naive_no check_set_band(const struct naive_market *market,
                                      const struct set_band *set) {
    struct naive_no no = check_instrument(market, set->instrument);
    if (no.reason == REASON_NONE)
        no = check_ends(market, market->instruments[set->instrument - 1].of.tick_fen,
                        set->band_low_fen, set->band_high_fen);
    if (no.reason != REASON_NONE)
        return no;
    if (market->is_open && !market->is_halted &&
        !market->instruments[set->instrument - 1].is_halted)
        return no_of(REASON_WRONG_STATE, FIELD_INSTRUMENT, 0);
    if (naive_is_waiting(market, REASON_OUT_OF_BAND, set->instrument))
        return no_of(REASON_WRONG_STATE, FIELD_INSTRUMENT, 0);
    return naive_check_sweep(market);
}

/* The days before must have ended. */
static struct naive_no check_expiry(const struct naive_market *market) {
    if (naive_is_waiting(market, REASON_NONE, 0)) /* nothing else needs no reason */
        return no_of(REASON_WRONG_STATE, FIELD_TRADING_DATE, market->date);
    return naive_check_sweep(market);
}

static struct naive_no check_day_open(const struct naive_market *market, trading_date date) {
    if (market->is_open && date == market->date)
        return no_of(REASON_WRONG_STATE, FIELD_TRADING_DATE, market->date);
    if (!date_is_valid(date) || date <= market->date)
        return no_of(REASON_BAD_DATE, FIELD_TRADING_DATE, market->date);
    return check_expiry(market);
}

static struct naive_no check_day_close(const struct naive_market *market, trading_date date) {
    if (!market->is_open)
        return no_of(REASON_WRONG_STATE, FIELD_TRADING_DATE, 0);
    return date == market->date ? check_expiry(market)
                                : no_of(REASON_BAD_DATE, FIELD_TRADING_DATE, market->date);
}

static struct naive_no check_halt(const struct naive_market *market, const struct halt *halt) {
    if (halt->instrument == 0)
        return NAIVE_YES;
    struct naive_no no = check_instrument(market, halt->instrument);
    if (no.reason == REASON_NONE &&
        market->instruments[halt->instrument - 1].is_halted == halt->is_halted)
        no = no_of(REASON_WRONG_STATE, FIELD_INSTRUMENT, 0);
    return no;
}

bool *naive_kill_mark(struct naive_market *market, const struct kill *kill) {
    if (kill->participant != 0)
        return &market->participants[kill->participant - 1].is_killed;
    if (kill->session != 0)
        return &market->sessions[kill->session - 1].is_killed;
    if (kill->account != 0)
        return &market->accounts[kill->account - 1].is_killed;
    if (kill->instrument != 0)
        return &market->instruments[kill->instrument - 1].is_killed;
    return &market->is_killed;
}

static struct naive_no check_kill(struct naive_market *market, const struct act *act) {
    const struct kill *kill = &act->kill;
    if ((kill->participant != 0) + (kill->session != 0) + (kill->account != 0) +
            (kill->instrument != 0) >
        1)
        return no_of(REASON_BAD_COMBINATION, FIELD_ACT, 0);
    if (kill->participant != 0 && !naive_has(market, POOL_PARTICIPANTS, kill->participant))
        return no_of(REASON_UNKNOWN_PARTICIPANT, FIELD_PARTICIPANT, 0);
    if (kill->session != 0 && !naive_has(market, POOL_SESSIONS, kill->session))
        return no_of(REASON_UNKNOWN_SESSION, FIELD_SESSION, 0);
    if (kill->account != 0 && !naive_has(market, POOL_ACCOUNTS, kill->account))
        return no_of(REASON_UNKNOWN_ACCOUNT, FIELD_ACCOUNT, 0);
    if (kill->instrument != 0 && !naive_has(market, POOL_INSTRUMENTS, kill->instrument))
        return no_of(REASON_UNKNOWN_INSTRUMENT, FIELD_INSTRUMENT, 0);
    if (act->kind == ACT_UNKILL && !*naive_kill_mark(market, kill))
        return no_of(REASON_WRONG_STATE, FIELD_ACT, 0);
    return act->kind == ACT_KILL ? naive_check_sweep(market) : NAIVE_YES;
}

static struct naive_no check_raise(const struct naive_market *market,
                                   const struct raise_limit *raise) {
    if (raise->pool < POOL_ORDERS || raise->pool >= POOLS_END)
        return no_of(REASON_OUT_OF_LIMITS, FIELD_POOL, 0);
    if (raise->limit < market->limits.limit[raise->pool])
        return no_of(REASON_OUT_OF_LIMITS, FIELD_LIMIT, market->limits.limit[raise->pool]);
    if (raise->limit > market->limits.ceiling[raise->pool])
        return no_of(REASON_OUT_OF_LIMITS, FIELD_LIMIT, market->limits.ceiling[raise->pool]);
    return NAIVE_YES;
}

struct naive_checkpoint_key *naive_checkpoint_key_find(struct naive_market *market,
                                                       const struct signing_key *key,
                                                       uint32_t *in_force) {
    struct naive_checkpoint_key *found = NULL;
    *in_force = 0;
    for (uint32_t row = 0; row < market->checkpoint_keys_count; row++) {
        *in_force += !market->checkpoint_keys[row].is_revoked;
        if (signing_key_equal(&market->checkpoint_keys[row].key, key))
            found = &market->checkpoint_keys[row];
    }
    return found;
}

static struct naive_no check_checkpoint_key(struct naive_market *market,
                                            const struct checkpoint_key *wanted) {
    uint32_t in_force;
    const struct naive_checkpoint_key *key =
        naive_checkpoint_key_find(market, &wanted->key, &in_force);
    uint32_t size = market->checkpoint_keys[0].key.size; /* Genesis's: of the profile */
    if (wanted->key.size != size)
        return no_of(REASON_OUT_OF_LIMITS, FIELD_KEY, size);
    if (!wanted->is_revoked && key != NULL)
        return no_of(REASON_ALREADY_EXISTS, FIELD_KEY, 0);
    if (!wanted->is_revoked)
        return market->checkpoint_keys_count < CHECKPOINT_KEYS_MAX_HERE
                   ? NAIVE_YES
                   : no_of(REASON_OUT_OF_LIMITS, FIELD_KEY, CHECKPOINT_KEYS_MAX_HERE);
    if (key == NULL)
        return no_of(REASON_UNKNOWN_KEY, FIELD_KEY, 0);
    return key->is_revoked || in_force == 1 ? no_of(REASON_WRONG_STATE, FIELD_KEY, 0) : NAIVE_YES;
}

static struct naive_no check_rest(struct naive_market *market, const struct act *act) {
    uint64_t next = market->command->stamp.sequence;
    switch (act->kind) {
    case ACT_RAISE_LIMIT:
        return check_raise(market, &act->raise_limit);
    case ACT_ACTIVATE: /* the newest version is in force */
        return no_of(REASON_OUT_OF_LIMITS, FIELD_VERSION,
                     act->activate.version > VERSION_KNOWN ? VERSION_KNOWN : VERSION_KNOWN + 1);
    case ACT_RESOLVE:
        return act->resolve.sequence < next
                   ? NAIVE_YES
                   : no_of(REASON_OUT_OF_LIMITS, FIELD_SEQUENCE, (int64_t)next - 1);
    case ACT_REOPEN:
        return market->is_halted ? NAIVE_YES : no_of(REASON_WRONG_STATE, FIELD_NONE, 0);
    case ACT_CHECKPOINT_KEY:
        return check_checkpoint_key(market, &act->checkpoint_key);
    case ACT_SESSION_RESET:
        return naive_has(market, POOL_SESSIONS, act->session_reset.session)
                   ? NAIVE_YES
                   : no_of(REASON_UNKNOWN_SESSION, FIELD_SESSION, 0);
    default: /* CONFIRM_TIME */
        return NAIVE_YES;
    }
}

struct naive_no naive_check_act(struct naive_market *market, const struct act *act) {
    switch (act->kind) {
    case ACT_ADD_PARTICIPANT:
        return check_add_participant(market, &act->add_participant);
    case ACT_ADD_KEY:
        return check_add_key(market, &act->add_key);
    case ACT_REVOKE_KEY:
        return check_revoke_key(market, &act->revoke_key);
    case ACT_ADD_SESSION:
        return check_add_session(market, &act->add_session);
    case ACT_ADD_ACCOUNT:
        return check_add_account(market, &act->add_account);
    case ACT_DEPOSIT:
        return check_deposit(market, &act->deposit);
    case ACT_ADD_INSTRUMENT:
        return check_add_instrument(market, &act->add_instrument);
    case ACT_SET_BAND:
        return check_set_band(market, &act->set_band);
    case ACT_DAY_OPEN:
        return check_day_open(market, act->day.date);
    case ACT_DAY_CLOSE:
        return check_day_close(market, act->day.date);
    case ACT_HALT:
        return check_halt(market, &act->halt);
    case ACT_KILL:
    case ACT_UNKILL:
        return check_kill(market, act);
    default:
        return check_rest(market, act);
    }
}
