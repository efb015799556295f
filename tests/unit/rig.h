/*
 * A small exchange without anything around it, for tests of the engine: commands go in one by one,
 * the events of the last one can be looked at, and every invariant is checked after each.
 *
 * A rig begins after genesis (test environment unless said otherwise) with the operator's sessions
 * 1 and 2 under keys 1 (person 11) and 2 (person 12). rig_set_up() adds two brokers, one account
 * and one session each, an instrument, cash and shares, and opens a day.
 */
#ifndef TESTS_UNIT_RIG_H
#define TESTS_UNIT_RIG_H

#include "engine/authority.h"
#include "engine/view.h"

#define RIG_EVENTS_MAX 4096
#define RIG_DATE       20261124u
#define RIG_START_NS   INT64_C(1790000000000000000)
#define RIG_SECOND_NS  INT64_C(1000000000)

/* What rig_set_up() makes. */
enum {
    RIG_OPERATOR = 1, /* participants */
    RIG_ANN = 2,
    RIG_BOB = 3,
    RIG_OPERATOR_KEY = 1, /* keys */
    RIG_OPERATOR_KEY_TOO = 2,
    RIG_ANN_KEY = 3,
    RIG_BOB_KEY = 4,
    RIG_OPERATOR_SESSION = 1, /* sessions */
    RIG_OPERATOR_SESSION_TOO = 2,
    RIG_ANN_SESSION = 3,
    RIG_BOB_SESSION = 4,
    RIG_ANN_ACCOUNT = 1, /* accounts */
    RIG_BOB_ACCOUNT = 2,
    RIG_HX = 1, /* instruments: tick 5 fen, lots of at least 100 */
};

struct rig {
    struct engine_limits limits;
    void *memory;
    size_t size;
    struct engine *engine;
    struct event_sink sink;
    struct event events[RIG_EVENTS_MAX]; /* of the last command, the first RIG_EVENTS_MAX */
    size_t count;                        /* how many there were */
    struct event window[64];
    uint64_t sequence;
    int64_t now_ns;
    uint64_t numbers[64];  /* last request of each session */
    uint32_t checks_every; /* engine_check() after every so many commands; 0: never */
    uint32_t since_check;
};

/* Limits that suit most tests. */
struct engine_limits rig_limits(void);

/* An engine after genesis. */
void rig_open(struct rig *rig, const struct engine_limits *limits, enum environment environment);
void rig_close(struct rig *rig);

/* cmocka's set-up and tear-down: *state is a struct rig with two brokers and an open day. */
int rig_set_up(void **state);
int rig_tear_down(void **state);

/* Brings the two brokers and so on into an open rig. */
void rig_populate(struct rig *rig);

/* Fires what is due, stamps and applies a command of the exchange's own, which is then continued
 * as long as a sweep is unfinished when `continues`. */
void rig_own(struct rig *rig, struct command *command);

/* The same for a request of a session under a key; its number is the session's next. Returns the
 * order id it would have. */
uint64_t rig_request(struct rig *rig, uint32_t session, uint32_t key, struct command *command);

/* CONTINUE until no sweep is left; returns how many. Events are those of the last. */
uint32_t rig_continue(struct rig *rig);

/* Time goes on; timers that come due fire. */
void rig_wait(struct rig *rig, int64_t ns);

/* An act by the operator's first key; by two keys as proposal and approval. */
void rig_act(struct rig *rig, const struct act *act);
void rig_act_by_two(struct rig *rig, const struct act *act);

/* Orders for HX by a broker's session 3 or 4 with account 1 or 2. A DAY limit order. */
struct new_order rig_limit(uint32_t session, enum side side, int64_t price_fen, uint64_t quantity);
uint64_t rig_enter(struct rig *rig, uint32_t session, const struct new_order *order);
uint64_t rig_enter_limit(struct rig *rig, uint32_t session, enum side side, int64_t price_fen,
                         uint64_t quantity);
void rig_cancel(struct rig *rig, uint32_t session, uint64_t order_id);
void rig_replace(struct rig *rig, uint32_t session, uint64_t order_id, int64_t price_fen,
                 uint64_t quantity);

/* The first event of a kind among the last command's, or after one of them; NULL when none. */
const struct event *rig_event(const struct rig *rig, enum event_kind kind,
                              const struct event *after);

/* How many there are of a kind. */
size_t rig_events(const struct rig *rig, enum event_kind kind);

/* Fails the test unless the last command was one request, refused for this reason; returns the
 * REJECTED. */
const struct event *rig_expect_refused(const struct rig *rig, enum reason reason);

/* Fails the test unless the last command's first event is DONE; returns its id. */
uint64_t rig_expect_done(const struct rig *rig);

/* Fails the test unless an order rests, or does not. */
struct order_view rig_expect_resting(const struct rig *rig, uint64_t order_id);
void rig_expect_gone(const struct rig *rig, uint64_t order_id);

struct account_view rig_account(const struct rig *rig, uint32_t account);
struct holding_view rig_holding(const struct rig *rig, uint32_t account);
struct session_view rig_session(const struct rig *rig, uint32_t session);
struct market_view rig_market(const struct rig *rig);

/* 64 bits of the state digest's input. */
uint64_t rig_digest(const struct engine *engine);

#endif
