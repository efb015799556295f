/*
 * A whole market written to be obviously right, to hold the engine against.
 *
 * Everything is an array, found by looking at each; what is reserved is summed up anew whenever it
 * is asked for; a sweep looks at all orders for the next one until there is none. Rules are taken
 * from RULES.md and the engine's headers, not from its sources. Same commands, same events as
 * engine/engine.h. How much of a sweep one command does is not the model's to know and is told to
 * it; which orders the sweep takes out is fixed here, by a list, when it begins.
 */
#ifndef TESTS_PROPERTY_NAIVE_MARKET_H
#define TESTS_PROPERTY_NAIVE_MARKET_H

#include "engine/command.h"
#include "engine/event.h"

/* Rows of every array: limits of tests are below it. */
#define NAIVE_ROWS_MAX   256
#define NAIVE_EVENTS_MAX 4096
#define NAIVE_SWEEPS_MAX 64

struct naive_market_order {
    uint64_t id;
    uint64_t entry;
    int64_t price_fen;
    uint32_t account;
    uint32_t instrument;
    uint32_t leaves;
    uint32_t cum;
    trading_date good_till;
    uint8_t side;
    bool is_post_only;
};

struct naive_participant {
    struct add_participant of;
    bool is_killed;
};

struct naive_key {
    struct add_key of;
    bool is_revoked;
};

struct naive_session {
    struct add_session of;
    uint64_t last_number;
    int64_t due_ns; /* of its timer, 0: none */
    uint64_t created;
    bool is_up;
    bool is_killed;
    bool is_dropped; /* by an outage or start, and not up since */
};

struct naive_account {
    struct add_account of;
    int64_t cash_fen;
    bool is_killed;
};

struct naive_holding {
    uint32_t account;
    uint32_t instrument;
    int64_t quantity;
};

struct naive_instrument {
    struct add_instrument of;
    int64_t low_fen;  /* lowest price that may be, whatever says so */
    int64_t high_fen; /* highest */
    int64_t deposited;
    int64_t last_fen; /* of the last trade */
    bool is_killed;
    bool is_halted;
};

struct naive_proposal {
    uint64_t sequence;
    uint32_t key;
    struct act act;
};

struct naive_checkpoint_key {
    struct signing_key key;
    bool is_revoked;
};

/* What a sweep takes out: orders for which all that is given holds. */
struct naive_sweep {
    enum event_kind says;
    enum reason reason;
    uint32_t session;
    uint32_t participant;
    uint32_t account;
    uint32_t instrument;
    uint8_t side;
    trading_date till; /* good till it or earlier */
    bool outside_band;
    bool dropped; /* of sessions that cancel on disconnect and have not come back */
};

/* A sweep that has begun. */
struct naive_waiting {
    struct naive_sweep of;
    uint64_t sequence; /* of the command that asked */
    uint64_t asker;    /* a mass cancel's number, as an order's id */
    uint64_t gone;     /* orders taken out so far */
    uint64_t ids[NAIVE_ROWS_MAX];
    uint32_t count; /* of ids: orders that go, if they are still there */
    bool closes_all;
    bool closes[NAIVE_ROWS_MAX]; /* by instrument */
};

/* Numbers count from 1, so row n - 1 is number n. */
struct naive_market {
    struct naive_market_order orders[NAIVE_ROWS_MAX]; /* in order of entry */
    struct naive_participant participants[NAIVE_ROWS_MAX];
    struct naive_key keys[NAIVE_ROWS_MAX];
    struct naive_session sessions[NAIVE_ROWS_MAX];
    struct naive_account accounts[NAIVE_ROWS_MAX];
    struct naive_holding holdings[NAIVE_ROWS_MAX];
    struct naive_instrument instruments[NAIVE_ROWS_MAX];
    struct naive_proposal proposals[NAIVE_ROWS_MAX];
    struct naive_checkpoint_key checkpoint_keys[NAIVE_ROWS_MAX];
    uint32_t counts[POOLS_END]; /* LEVELS and TIMERS are counted when asked for */
    uint32_t checkpoint_keys_count;
    struct engine_limits limits;
    uint8_t environment;
    uint8_t disk_step;
    bool is_open;
    bool is_killed;
    bool is_halted;
    trading_date date;
    uint32_t grace_ms;
    int64_t grace_due_ns; /* 0: none */
    uint64_t grace_created;
    uint64_t timers_created;
    uint64_t trades;
    uint32_t trades_max; /* of one command */
    int64_t deposited_fen;

    struct naive_waiting waiting[NAIVE_SWEEPS_MAX]; /* the oldest first */
    uint32_t waiting_count;
    uint32_t
        sweep_takes; /* how many orders the command takes out that begins or goes on with one */
    bool sweep_ends; /* or whether it takes out all */

    const struct command *command; /* that is being carried out */
    struct event events[NAIVE_EVENTS_MAX];
    uint32_t count;
};

/* Empties a market whose commands make at most `trades_max` trades; the first command is GENESIS.
 */
void naive_market_init(struct naive_market *market, uint32_t trades_max);

/* Carries out a command; its events replace those of the last. sweep_takes and sweep_ends are set.
 */
void naive_market_apply(struct naive_market *market, const struct command *command);

/* When the next timer fires, INT64_MAX when there is none. */
int64_t naive_market_timer_due(const struct naive_market *market);

/* What resting orders reserve. */
int64_t naive_market_reserved_fen(const struct naive_market *market, uint32_t account);
int64_t naive_market_reserved_units(const struct naive_market *market, uint32_t account,
                                    uint32_t instrument);

/* Shared by the model's files. */

/* The market's no. Reason NONE: yes. */
struct naive_no {
    enum reason reason;
    enum field field;
    int64_t limit;
};
#define NAIVE_YES ((struct naive_no){REASON_NONE, FIELD_NONE, 0})

/* A new event of the command. */
struct event *naive_event(struct naive_market *market, enum event_kind kind, enum audience audience,
                          uint32_t to);
struct event *naive_reject(struct naive_market *market, struct naive_no no);
void naive_done(struct naive_market *market, uint64_t id, uint8_t act);
void naive_day(struct naive_market *market);
void naive_phase(struct naive_market *market, uint32_t instrument, enum phase phase);

bool naive_has(const struct naive_market *market, enum pool pool, uint32_t number);
bool naive_is_full(const struct naive_market *market, enum pool pool);

/* KEY_REVOKED or NOT_AUTHORISED by the key; NONE. */
enum reason naive_key_reason(const struct naive_market *market);
uint32_t naive_roles(const struct naive_market *market);

struct naive_holding *naive_holding_find(struct naive_market *market, uint32_t account,
                                         uint32_t instrument);
struct naive_holding *naive_holding_get(struct naive_market *market, uint32_t account,
                                        uint32_t instrument);
int64_t naive_sellable(struct naive_market *market, uint32_t account, uint32_t instrument);

/* The phase of an instrument as it acts, or with 0 of the market; and an instrument's own. */
enum phase naive_phase_of(const struct naive_market *market, uint32_t instrument);
enum phase naive_own_phase_of(const struct naive_market *market, uint32_t instrument);

/* The first checks of a request: by key, role and disk; and their answer. */
enum reason naive_admit(const struct naive_market *market, uint32_t roles, uint8_t disk_worst);
struct naive_no naive_admit_no(enum reason reason);

/* Whether a trades before b; both are of one side of one instrument. */
bool naive_is_before(const struct naive_market_order *a, const struct naive_market_order *b);

/* Takes a resting order out and tells of it. */
void naive_take_out(struct naive_market *market, const struct naive_market_order *gone,
                    enum event_kind kind, enum reason reason);

/* Begins to take them out; goes on with the oldest. */
void naive_sweep(struct naive_market *market, const struct naive_sweep *sweep);
void naive_continue(struct naive_market *market);

/* Whether such a sweep waits; whether an act may begin one. */
bool naive_is_waiting(const struct naive_market *market, enum reason reason, uint32_t instrument);
struct naive_no naive_check_sweep(const struct naive_market *market);

void naive_new_order(struct naive_market *market);
void naive_replace_order(struct naive_market *market);
void naive_cancel_order(struct naive_market *market);
void naive_mass_cancel(struct naive_market *market);

/* An act: who may send it with `keys` behind it, and whether it is possible. */
struct naive_no naive_check_authority(const struct naive_market *market, const struct act *act,
                                      uint32_t keys);
struct naive_no naive_check_act(struct naive_market *market, const struct act *act);

/* A band's ends: what stands there, or with 0 the books' own. */
int64_t naive_low_of(int64_t band_low_fen, int64_t tick_fen);
int64_t naive_high_of(const struct naive_market *market, int64_t band_high_fen, int64_t tick_fen);

/* The mark of what a kill names, which exists. */
bool *naive_kill_mark(struct naive_market *market, const struct kill *kill);

/* A checkpoint key, NULL when unknown, and how many are in force. */
struct naive_checkpoint_key *naive_checkpoint_key_find(struct naive_market *market,
                                                       const struct signing_key *key,
                                                       uint32_t *in_force);

void naive_act(struct naive_market *market);
void naive_propose(struct naive_market *market);
void naive_approve(struct naive_market *market);
void naive_reopen(struct naive_market *market);
void naive_begin_grace(struct naive_market *market);

#endif
