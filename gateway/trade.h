/*
 * The trade gateway: who may say what, and what becomes of it.
 *
 * Every request of a client ends in exactly one of these: refused here, with an answer at once and
 * its number not used up; sequenced by the core; or answered again from the ledger, when its number
 * is used already. The order of checks: form, session, exchange ready, rate, number, credit, key,
 * authority; what passes is decided by the engine, once more and for good.
 *
 * A connection may be a participant's drop copy instead of a session's (session.h): it asks for
 * pages and keeps alive, and everything else from it is refused.
 *
 * A deed that parties have signed waits beside until its signatures are checked (notary.h), and
 * what its session sends behind it waits with it.
 *
 * The sources: trade.c (one request), confirm.c (those that wait), logon.c (connections come, fall
 * silent and go), catch_up.c (what the reader does for sessions), upkeep.c (what is due by time).
 *
 * Threads: the gateway's, which is the core's.
 */
#ifndef GATEWAY_TRADE_H
#define GATEWAY_TRADE_H

#include "gateway/auth.h"
#include "gateway/clock.h"
#include "gateway/config.h"
#include "gateway/core.h"
#include "gateway/intake.h"
#include "gateway/log.h"
#include "gateway/lookup.h"
#include "gateway/outbox.h"
#include "gateway/quarantine.h"
#include "gateway/refusals.h"
#include "gateway/release.h"
#include "ledger/replay.h"

/* What the exchange does; COUNTER_STATE shows it. */
enum exchange_state {
    EXCHANGE_STARTING = 1,
    EXCHANGE_READY = 2,
    EXCHANGE_TIME_HELD = 3, /* the clock leapt: only its confirmation is sequenced */
    EXCHANGE_DIVERGED = 4,  /* replay and record disagree: only Resolve is sequenced */
    EXCHANGE_STOPPING = 5,
};

/* Refused answers of one connection, gathered until something else is to be sent. */
#define TRADE_REFUSED_BYTES_MAX ((size_t)64 * 1024)
/* Less for one without a session: its pipe is bounded by frames alone. */
#define TRADE_STRANGER_BYTES_MAX ((size_t)4 * 1024)
struct trade_refused {
    struct route route;
    uint32_t session; /* 0: the connection has none */
    size_t size;      /* 0: nothing is gathered */
    uint8_t bytes[TRADE_REFUSED_BYTES_MAX + REPLY_REFUSED_BYTES_MAX];
};

/* Recorded answers of one session, gathered into one frame until all that the reader has made is
 * taken: a thousand repeats are not a thousand frames. */
struct trade_repeated {
    uint32_t session;
    size_t size; /* 0: nothing is gathered */
    uint8_t bytes[REPLY_FRAME_BYTES_MAX];
};

/* Proposals that may be approved although the exchange is not ready, as sequenced lately. */
#define TRADE_PROPOSALS_MAX 16
struct trade_proposal {
    uint64_t sequence;
    uint8_t act;     /* ACT_CONFIRM_TIME or ACT_RESOLVE; 0: none */
    int64_t time_ns; /* CONFIRM_TIME */
};

struct notary;
struct signing;

struct trade {
    const struct config *config;
    const struct genesis *genesis; /* of the ledger */
    char origin[ORIGIN_BYTES_MAX + 1];
    struct core *core;
    struct auth *auth;
    struct outbox *outbox;
    struct sessions *sessions;
    struct owners *owners;
    struct release *release;
    struct lookup *lookup;
    struct quarantine *quarantine;
    struct signing *signing;
    struct notary *notary;
    struct counters *counters;
    const struct divergence *divergence; /* found at the start, NULL: none */

    struct clock clock;
    struct clock_reading reading; /* the last one */
    uint8_t state;                /* enum exchange_state */
    bool is_diverged;             /* and not resolved, also while time is held */
    trading_date date;            /* of the open day, or the last; kept because releases must not
                                     ask the engine */
    bool has_open_day;            /* one whose close was not told yet */
    uint64_t started;             /* first record of this start */
    int64_t rate_step_ns;         /* one request of rate limit, 0: none */
    int64_t logon_step_ns;        /* one Logon of a key's, likewise */
    int64_t *logon_allowances_ns; /* [key number]: rate.h */
    uint32_t keys_max;
    int64_t looked_ns; /* monotonic: when sessions were last looked through */

    /* What events of the command at hand asked for, done after it. */
    bool has_new_key;
    bool has_revoked_key;
    bool has_new_session;
    bool has_closed_day;
    uint32_t reset_session;  /* its connection is to be closed, 0: none */
    bool has_checkpoint_key; /* one was added or revoked */
    bool is_resolved;
    bool has_leapt;    /* a leap of the clock was confirmed */
    bool seals_now;    /* the day has closed: a Seal is due */
    bool rolls_volume; /* a day has closed: taken back by whoever has told the ledger */
    const struct command *at_hand;

    uint32_t proposals_at;
    struct trade_proposal proposals[TRADE_PROPOSALS_MAX];
    struct refusal_table refusals;
    struct trade_refused refused;
    struct trade_repeated repeated;
    struct log_limit limit;
};

/* --- trade.c -----------------------------------------------------------------------------------
 */

/* After the fields above `clock` are set: what is allocated once. Returns 0 or a negative
 * failure. */
int trade_init(struct trade *trade);
void trade_fini(struct trade *trade);

/* Decides one request. */
void trade_item(struct trade *trade, struct intake_item *item);

/* A message came at this time. */
void trade_time(struct trade *trade, struct clock_reading reading);

/* An event of the command being applied (core_listener). */
void trade_event(struct trade *trade, const struct event *event);

/* Whether a participant of these roles may send this at all, about anybody: the early filter. The
 * engine asks the same table again, and about whom. */
bool trade_may_send(uint32_t roles, const struct command *command);

/* Does what the events of the last commands asked for. */
void trade_consequences(struct trade *trade);

/* Sends what is gathered of refusals. */
void trade_flush_refused(struct trade *trade);

/* Refuses: answers, counts, logs. `fault` may be NULL. `session` 0: the connection has none. */
struct trade_refusal {
    uint32_t session;
    enum reason reason;
    uint64_t number;
    const struct codec_fault *fault;
};
void trade_refuse(struct trade *trade, const struct intake_message *from,
                  const struct trade_refusal *refusal);

/* Decides a request of a session, or drop copy, in its turn. `is_checked`: its signatures, if it
 * has any, are right. */
void trade_decide(struct trade *trade, uint32_t number, struct intake_item *item, bool is_checked);

/* Why a request in form is refused here, whatever its number is; reason NONE: it is not. */
struct trade_refusal trade_judge(const struct trade *trade, uint32_t number,
                                 const struct intake_item *item);

/* --- confirm.c ---------------------------------------------------------------------------------
 */

/* Whether a command carries signatures of parties. */
bool trade_is_signed(const struct command *command);

/* Puts a request aside until it is its turn, if it must wait. True when that is done, or it is
 * refused: then it is dealt with. */
bool trade_waits(struct trade *trade, uint32_t number, const struct intake_item *item);

/* Hands what has been put aside to the notary, and decides what that has checked. */
void trade_take_checked(struct trade *trade);

/* --- logon.c -----------------------------------------------------------------------------------
 */

void trade_logon(struct trade *trade, const struct intake_item *item);
void trade_logoff(struct trade *trade, uint32_t session);

/* After an Outage while running the market takes nobody for connected: it is told who is. */
void trade_up_again(struct trade *trade);

/* Its SESSION_UP is durable (release_listener). */
void trade_arrived(struct trade *trade, uint32_t session, uint64_t sequence);

/* Cuts a session's connection, telling it why when it may still listen (text NULL: it does not),
 * and sequences its SESSION_DOWN. */
void trade_drop(struct trade *trade, uint32_t session, enum reason reason, const char *text);

/* Drops the sessions that are lost, silent or under a revoked key; sends heartbeats. Called between
 * messages only when all that came has been taken (`is_drained`), for who seems silent may only not
 * have been heard. */
void trade_look_after(struct trade *trade, bool is_drained);

/* Tells every session that the exchange stops, and cuts them without a SESSION_DOWN each: after a
 * stop nobody is up. */
void trade_farewell(struct trade *trade);

/* --- catch_up.c --------------------------------------------------------------------------------
 */

void trade_resume(struct trade *trade, uint32_t session, const struct intake_item *item);
void trade_repeat(struct trade *trade, uint32_t session, const struct intake_item *item);

/* Sends what the reader has made. */
void trade_take_results(struct trade *trade);

/* Asks the reader for the next page of each session that lags. */
void trade_serve_lagging(struct trade *trade);

#endif
