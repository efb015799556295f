/* Connections: they come with a Logon, go with a Logoff, in silence, or when libzmq does not know
 * them any more. What the market must know of it is sequenced: a session's, not a drop copy's. */
#include <assert.h>
#include <string.h>

#include "engine/view.h"
#include "gateway/rate.h"
#include "gateway/trade.h"

#define PROTOCOL 1

/* Tells a connection that it has no session (any more). */
static void say_off(struct trade *trade, const struct route *route, enum reason reason,
                    const char *text) {
    size_t size = reply_put_logged_off(trade->outbox->scratch, reason, text);
    outbox_to_route(trade->outbox, route, size);
}

static void refuse_logon(struct trade *trade, const struct intake_item *item, enum reason reason,
                         const char *text) {
    uint64_t held;
    say_off(trade, &item->from->message.route, reason, text);
    refusals_count(&trade->refusals, item->from->message.key, reason, item->from->received_ns,
                   trade->reading.mono_ns);
    counter_add(trade->counters, COUNTER_REFUSED, 1);
    if (log_limit_take(&trade->limit, &held))
        log_line(LOG_LEVEL_WARNING, "logon_refused", "key=%u session=%u reason=%d held=%lu",
                 item->from->message.key, item->request.logon.session, reason, held);
}

/* Why a Logon is refused, or NULL; fills the session's view, of a drop copy only `participant`. */
static const char *judge_logon(const struct trade *trade, const struct intake_item *item,
                               struct session_view *view, enum reason *reason) {
    const struct engine *engine = trade->core->engine;
    const struct logon *logon = &item->request.logon;
    struct key_view key;
    *reason = REASON_MALFORMED;
    if (logon->protocol != PROTOCOL)
        return "protocol must be 1";
    if (logon->is_drop_copy && logon->session != 0)
        return "logon.session must be 0 with logon.drop_copy";
    *reason = REASON_NOT_READY;
    if (trade->state == EXCHANGE_STARTING || trade->state == EXCHANGE_STOPPING)
        return "the exchange starts or stops";
    *reason = REASON_KEY_REVOKED;
    if (!engine_key(engine, item->from->message.key, &key) || key.is_revoked)
        return "the key is revoked";
    *view = (struct session_view){.participant = key.participant};
    if (logon->is_drop_copy)
        return NULL;
    /* One answer for both: whose sessions there are is nobody else's business. */
    *reason = REASON_NOT_AUTHORISED;
    if (!engine_session(engine, logon->session, view) || view->participant != key.participant)
        return "the participant has no such session";
    return NULL;
}

/* Tells the market that a session is connected. */
static void sequence_up(struct trade *trade, uint32_t number) {
    struct session *session = sessions_get(trade->sessions, number);
    struct command command = {.verb = VERB_SESSION_UP,
                              .session_up = {.session = number, .key = session->key}};
    session->up_sequence = core_own(trade->core, &command);
}

void trade_up_again(struct trade *trade) {
    for (uint32_t i = 0; i < trade->sessions->active_count; i++)
        if (!sessions_is_copy(trade->sessions, trade->sessions->active[i]))
            sequence_up(trade, trade->sessions->active[i]);
}

static void count_connections(struct trade *trade) {
    const struct sessions *sessions = trade->sessions;
    counter_set(trade->counters, COUNTER_SESSIONS_UP, sessions->active_count - sessions->copies_up);
    counter_set(trade->counters, COUNTER_DROP_COPIES, sessions->copies_up);
}

/* Frees the connection and the session of whoever had them before. False when this connection
 * already has another session. */
static bool take_over(struct trade *trade, uint32_t number, const struct trade_message *message) {
    uint32_t holder = sessions_holder(trade->sessions, &message->route);
    struct session *session = sessions_get(trade->sessions, number);
    if (holder != 0 && holder != number) {
        if (sessions_get(trade->sessions, holder)->key == message->key)
            return false;
        trade_drop(trade, holder, REASON_NONE, NULL); /* its client is gone: ids are not shared */
    }
    if (session->active_place != 0 && holder != number)
        say_off(trade, &session->route, REASON_NONE, "a newer connection has the session");
    return true;
}

/* Roles never change, so they are looked up once a connection. */
static uint32_t roles_of(const struct trade *trade, uint32_t number) {
    struct participant_view participant;
    return engine_participant(trade->core->engine, number, &participant) ? participant.roles : 0;
}

/* Where the reports end that this one may lack, as far as is known: a session that never asked for
 * anything has none; of others nothing is known from before this start, nor of a drop copy from
 * before it came. */
static uint64_t reports_end(const struct trade *trade, uint32_t number) {
    const struct session *session = sessions_get(trade->sessions, number);
    if (sessions_is_copy(trade->sessions, number))
        return trade->release->next;
    if (session->is_seen)
        return session->event_next;
    return session->last_number == 0 ? 0 : trade->started;
}

/* Answers a Logon: the ledger stands at `next`. */
static void welcome(struct trade *trade, uint32_t number, uint64_t next) {
    struct session *session = sessions_get(trade->sessions, number);
    bool is_copy = sessions_is_copy(trade->sessions, number);
    if (session->logon_next > next) {
        log_line(LOG_LEVEL_ERROR, "client_is_ahead", "session=%u next=%lu ledger=%lu",
                 sessions_market(trade->sessions, number), session->logon_next, next);
        session->is_lost = true;
        trade->outbox->lost++;
        say_off(trade, &session->route, REASON_MALFORMED, "next lies beyond this ledger");
        return;
    }
    bool is_live = session->logon_next >= reports_end(trade, number);
    struct reply_logged_on logged_on = {
        .session = sessions_market(trade->sessions, number),
        .participant = session->participant,
        .last_number = session->last_number,
        .next = next,
        .trading_date = trade->date,
        .environment = trade->genesis->environment,
        .origin = trade->origin,
        .credits = is_copy ? 0 : trade->config->credits,
        .requests_per_second = trade->config->requests_per_second,
        .heartbeat_ms = trade->config->heartbeat_ms,
        .is_live = is_live,
    };
    struct reply_head head = {.from = session->logon_next,
                              .next = is_live ? next : session->logon_next};
    size_t size = reply_put_logged_on(trade->outbox->scratch, &logged_on);
    size += reply_put_head(trade->outbox->scratch + size, &head);
    session->state = is_live ? SESSION_LIVE : SESSION_RESUMING;
    if (outbox_beside(trade->outbox, number, size))
        session->sent_next = head.next;
}

/* A connection begins: as the session, or drop copy, of this number. */
static void begin_connection(struct trade *trade, uint32_t number, const struct intake_item *item,
                             const struct session_view *view) {
    const struct trade_message *message = &item->from->message;
    struct session *session = sessions_get(trade->sessions, number);
    outbox_part(trade->outbox, number);
    sessions_connect(trade->sessions, number, &message->route, message->key);
    session->state = SESSION_ARRIVING;
    session->is_lost = false;
    session->has_page_job = false;
    session->participant = view->participant;
    session->roles = roles_of(trade, view->participant);
    session->last_number = view->last_number;
    session->last_sequence = view->last_sequence;
    session->logon_next = item->request.logon.next;
    session->sent_next = session->logon_next;
    session->received_ns = trade->reading.mono_ns;
    count_connections(trade);
}

static bool is_logon_on_time(struct trade *trade, uint32_t key) {
    if (key > trade->keys_max)
        return true; /* refused as unknown */
    return rate_take(&trade->logon_allowances_ns[key], trade->logon_step_ns,
                     trade->reading.mono_ns);
}

void trade_logon(struct trade *trade, const struct intake_item *item) {
    const struct logon *logon = &item->request.logon;
    struct session_view view;
    enum reason reason;
    if (!is_logon_on_time(trade, item->from->message.key)) {
        refuse_logon(trade, item, REASON_RATE_LIMIT, "too many logons a second under this key");
        return;
    }
    const char *text = judge_logon(trade, item, &view, &reason);
    if (text != NULL) {
        refuse_logon(trade, item, reason, text);
        return;
    }
    uint32_t number = logon->is_drop_copy ? owners_copy(trade->sessions->owners, view.participant)
                                          : logon->session;
    if (!take_over(trade, number, &item->from->message)) {
        refuse_logon(trade, item, REASON_MALFORMED, "this connection has another session");
        return;
    }
    begin_connection(trade, number, item, &view);
    if (logon->is_drop_copy)
        welcome(trade, number, trade->release->next); /* the market does not care: it is here */
    else
        sequence_up(trade, number);
}

void trade_arrived(struct trade *trade, uint32_t number, uint64_t sequence) {
    const struct session *session = sessions_get(trade->sessions, number);
    if (session->state != SESSION_ARRIVING || session->up_sequence != sequence)
        return; /* a newer connection is on its way, or this one is gone */
    welcome(trade, number, sequence + 1);
}

void trade_drop(struct trade *trade, uint32_t number, enum reason reason, const char *text) {
    struct session *session = sessions_get(trade->sessions, number);
    if (session->active_place == 0)
        return;
    if (text != NULL)
        say_off(trade, &session->route, reason, text);
    log_line(LOG_LEVEL_INFO, "session_down", "session=%u participant=%u reason=%d text=\"%s\"",
             sessions_market(trade->sessions, number), session->participant, reason,
             text != NULL ? text : "gone");
    outbox_part(trade->outbox, number);
    sessions_disconnect(trade->sessions, number);
    count_connections(trade);
    if (sessions_is_copy(trade->sessions, number))
        return;
    struct session_view view;
    struct command command = {.verb = VERB_SESSION_DOWN, .session_down = {.session = number}};
    if (engine_session(trade->core->engine, number, &view) && view.is_up)
        core_own(trade->core, &command);
}

void trade_logoff(struct trade *trade, uint32_t number) {
    trade_flush_refused(trade);
    trade_drop(trade, number, REASON_NONE, "logged off");
}

/* --- looking after sessions --------------------------------------------------------------------
 */

static bool is_revoked(const struct trade *trade, const struct session *session) {
    return !auth_is_in_force(trade->auth, session->key);
}

/* Drops a session that has to go; false when it stays. */
static bool drop_if_due(struct trade *trade, uint32_t number, bool is_drained) {
    const struct session *session = sessions_get(trade->sessions, number);
    int64_t silent_ns = trade->reading.mono_ns - session->received_ns;
    int64_t patience_ns =
        (int64_t)trade->config->heartbeat_ms * HEARTBEATS_MISSED * CLOCK_MILLISECOND_NS;
    if (session->is_lost)
        trade_drop(trade, number, REASON_NONE, NULL);
    else if (trade->has_revoked_key && is_revoked(trade, session))
        trade_drop(trade, number, REASON_KEY_REVOKED, "the key is revoked");
    else if (is_drained && silent_ns > patience_ns)
        trade_drop(trade, number, REASON_NONE, "nothing was heard");
    else
        return false;
    return true;
}

/* A heartbeat moves a live session's cursor, so that a later resume need not go back far. */
static void send_heartbeat(struct trade *trade, uint32_t number) {
    struct session *session = sessions_get(trade->sessions, number);
    bool is_ordered = session->state == SESSION_LIVE;
    struct reply_head head = {.from = session->sent_next,
                              .next = is_ordered ? trade->release->next : session->sent_next,
                              .is_heartbeat = true};
    size_t size = reply_put_head(trade->outbox->scratch, &head);
    if (outbox_beside(trade->outbox, number, size))
        session->sent_next = head.next;
}

void trade_look_after(struct trade *trade, bool is_drained) {
    int64_t heartbeat_ns = (int64_t)trade->config->heartbeat_ms * CLOCK_MILLISECOND_NS;
    trade->looked_ns = trade->reading.mono_ns;
    /* From the end: a session that goes is replaced by the last one, which was looked at. */
    for (uint32_t i = trade->sessions->active_count; i > 0; i--) {
        uint32_t number = trade->sessions->active[i - 1];
        const struct session *session = sessions_get(trade->sessions, number);
        if (drop_if_due(trade, number, is_drained) || session->state == SESSION_ARRIVING)
            continue;
        if (session->state != SESSION_LAGGING &&
            trade->reading.mono_ns - session->sent_ns >= heartbeat_ns)
            send_heartbeat(trade, number);
    }
    trade->has_revoked_key = false;
    trade->outbox->lost = 0;
}

void trade_farewell(struct trade *trade) {
    trade_flush_refused(trade);
    for (uint32_t i = trade->sessions->active_count; i > 0; i--) {
        uint32_t number = trade->sessions->active[i - 1];
        say_off(trade, &sessions_get(trade->sessions, number)->route, REASON_NOT_READY,
                "the exchange stops");
        outbox_part(trade->outbox, number);
        sessions_disconnect(trade->sessions, number);
    }
    count_connections(trade);
}
