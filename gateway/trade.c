/* One request: the checks in order, each ending the matter; then the core. */
#include "gateway/trade.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/authority.h"
#include "engine/version.h"
#include "gateway/rate.h"
#include "gateway/signing.h"
#include "ledger/failure.h"
#include "ledger/region.h"

int trade_init(struct trade *trade) {
    trade->rate_step_ns = rate_step_ns(trade->config->requests_per_second);
    trade->logon_step_ns = rate_step_ns(trade->config->logons_per_second);
    trade->keys_max = trade->genesis->limits.ceiling[POOL_KEYS];
    trade->logon_allowances_ns =
        calloc((size_t)trade->keys_max + 1, sizeof *trade->logon_allowances_ns);
    if (trade->logon_allowances_ns == NULL)
        return failure_log(FAILURE_SYSTEM, "no memory for %u keys", trade->keys_max);
    return 0;
}

void trade_fini(struct trade *trade) {
    free(trade->logon_allowances_ns);
}

/* --- refusals ----------------------------------------------------------------------------------
 */

void trade_flush_refused(struct trade *trade) {
    struct trade_refused *refused = &trade->refused;
    uint8_t *scratch = trade->outbox->scratch;
    struct reply_head head = {0};
    if (refused->size == 0)
        return;
    memcpy(scratch, refused->bytes, refused->size);
    if (refused->session != 0) {
        head.from = sessions_get(trade->sessions, refused->session)->sent_next;
        head.next = head.from;
    }
    size_t size = refused->size + reply_put_head(scratch + refused->size, &head);
    refused->size = 0;
    if (refused->session != 0)
        outbox_beside(trade->outbox, refused->session, size);
    else
        outbox_to_route(trade->outbox, &refused->route, size);
}

/* Makes what is gathered belong to this connection. */
static struct trade_refused *refused_of(struct trade *trade, const struct route *route,
                                        uint32_t session) {
    struct trade_refused *refused = &trade->refused;
    bool is_same = refused->session == session && refused->route.size == route->size &&
                   memcmp(refused->route.bytes, route->bytes, route->size) == 0;
    size_t most = session != 0 ? TRADE_REFUSED_BYTES_MAX : TRADE_STRANGER_BYTES_MAX;
    if (!is_same || refused->size >= most)
        trade_flush_refused(trade);
    refused->route = *route;
    refused->session = session;
    return refused;
}

void trade_refuse(struct trade *trade, const struct intake_message *from,
                  const struct trade_refusal *refusal) {
    struct trade_refused *refused = refused_of(trade, &from->message.route, refusal->session);
    struct reply_refused answer = {.number = refusal->number, .reason = refusal->reason};
    uint64_t held;
    if (refusal->fault != NULL) {
        answer.field = refusal->fault->field;
        answer.limit = refusal->fault->limit;
        answer.text = refusal->fault->text;
    }
    refused->size += reply_put_refused(refused->bytes + refused->size, &answer);
    refusals_count(&trade->refusals, from->message.key, refusal->reason, from->received_ns,
                   trade->reading.mono_ns);
    counter_add(trade->counters, COUNTER_REFUSED, 1);
    if (log_limit_take(&trade->limit, &held))
        log_line(LOG_LEVEL_INFO, "refused",
                 "key=%u session=%u number=%lu reason=%d field=%s held=%lu", from->message.key,
                 sessions_market(trade->sessions, refusal->session), refusal->number,
                 refusal->reason, answer.field != NULL ? answer.field : "-", held);
}

/* --- time --------------------------------------------------------------------------------------
 */

static void hold_time(struct trade *trade) {
    trade->state = EXCHANGE_TIME_HELD;
    counter_set(trade->counters, COUNTER_STATE, trade->state);
    counter_set(trade->counters, COUNTER_TIME_LEAP_NS, (uint64_t)trade->clock.leap_ns);
    log_line(LOG_LEVEL_ERROR, "time_leapt", "by_ns=%ld now_ns=%ld", trade->clock.leap_ns,
             trade->clock.now_ns);
}

void trade_time(struct trade *trade, struct clock_reading reading) {
    trade->reading = reading;
    if (clock_advance(&trade->clock, reading))
        core_time(trade->core, trade->clock.now_ns);
    else if (trade->state == EXCHANGE_READY)
        hold_time(trade);
}

static void keep_proposal(struct trade *trade, const struct command *command, uint64_t sequence) {
    uint8_t act = command->act.kind;
    if (command->verb != VERB_PROPOSE || (act != ACT_CONFIRM_TIME && act != ACT_RESOLVE))
        return;
    struct trade_proposal *kept = &trade->proposals[trade->proposals_at++ % TRADE_PROPOSALS_MAX];
    *kept = (struct trade_proposal){.sequence = sequence, .act = act};
    if (act == ACT_CONFIRM_TIME)
        kept->time_ns = command->act.confirm_time.time_ns;
}

static const struct trade_proposal *find_proposal(const struct trade *trade, uint8_t act,
                                                  uint64_t sequence) {
    for (size_t i = 0; i < TRADE_PROPOSALS_MAX; i++)
        if (trade->proposals[i].act == act && trade->proposals[i].sequence == sequence)
            return &trade->proposals[i];
    return NULL;
}

/* Two operators have confirmed a time. */
static void confirm_time(struct trade *trade, uint64_t proposal) {
    const struct trade_proposal *kept = find_proposal(trade, ACT_CONFIRM_TIME, proposal);
    if (kept == NULL)
        return;
    bool is_believed = clock_confirm(&trade->clock, clock_read(), kept->time_ns);
    log_line(is_believed ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "time_confirmed",
             "confirmed_ns=%ld wall_ns=%ld believed=%d", kept->time_ns, clock_wall_ns(),
             is_believed);
    if (trade->state == EXCHANGE_TIME_HELD && is_believed) {
        trade->has_leapt = true;
        trade->state = trade->is_diverged ? EXCHANGE_DIVERGED : EXCHANGE_READY;
        counter_set(trade->counters, COUNTER_STATE, trade->state);
        counter_set(trade->counters, COUNTER_TIME_LEAP_NS, 0);
    }
}

/* A clock that leapt is an outage (RULES.md, Outage): before any timer of the time that is missing
 * all is halted, as after an unclean stop. Who is connected stays so. */
static void begin_after_leap(struct trade *trade) {
    struct core *core = trade->core;
    struct command outage = {
        .verb = VERB_OUTAGE,
        .outage = {core->now_ns, trade->clock.now_ns, core->epoch, trade->config->grace_ms}};
    core_time(core, trade->clock.now_ns);
    core_begin(core, &outage);
    trade_up_again(trade);
    if (trade->genesis->environment == ENVIRONMENT_TEST && !trade->is_diverged)
        core_verb(core, VERB_REOPEN);
}

/* --- events and what they ask for --------------------------------------------------------------
 */

static void done_event(struct trade *trade, const struct event *event) {
    const struct command *command = trade->at_hand;
    if (command == NULL || command->verb == VERB_PROPOSE)
        return;
    if (event->act == ACT_CONFIRM_TIME && command->verb == VERB_APPROVE)
        confirm_time(trade, command->approve.proposal);
    if (event->act == ACT_CHECKPOINT_KEY)
        trade->has_checkpoint_key = true;
    if (event->act == ACT_RESOLVE)
        trade->is_resolved = true;
    if (event->act == ACT_SESSION_RESET)
        trade->reset_session = (uint32_t)event->id;
    if (event->act == ACT_ADD_SESSION)
        trade->has_new_session = true;
}

/* A day ends when it is told that it is closed, or that another is open. */
static void hear_day(struct trade *trade, const struct event *event) {
    trading_date date = (trading_date)event->value;
    bool is_closed = event->phase == PHASE_CLOSED;
    if (trade->has_open_day && (is_closed || date != trade->date))
        trade->has_closed_day = true;
    trade->has_open_day = !is_closed;
    trade->date = date;
}

void trade_event(struct trade *trade, const struct event *event) {
    if (event->kind == EVENT_DONE) {
        done_event(trade, event);
    } else if (event->kind == EVENT_KEY && event->reason == REASON_KEY_REVOKED) {
        trade->has_revoked_key = true;
        auth_revoke(trade->auth, (uint32_t)event->id);
    } else if (event->kind == EVENT_KEY) {
        trade->has_new_key = true;
    } else if (event->kind == EVENT_DAY) {
        hear_day(trade, event);
    }
}

static void close_day(struct trade *trade) {
    trade->has_closed_day = false;
    core_verb(trade->core, VERB_MARK);
    trade->seals_now = true;
    trade->rolls_volume = true;
}

void trade_consequences(struct trade *trade) {
    if (trade->has_new_key)
        auth_publish(trade->auth, trade->core->engine);
    trade->has_new_key = false;
    if (trade->has_new_session)
        owners_publish(trade->owners, trade->core->engine);
    trade->has_new_session = false;
    if (trade->has_checkpoint_key)
        signing_look(trade->signing, trade->core->engine);
    trade->has_checkpoint_key = false;
    if (trade->has_closed_day)
        close_day(trade);
    if (trade->reset_session != 0)
        trade_drop(trade, trade->reset_session, REASON_NOT_READY, "reset by the operator");
    trade->reset_session = 0;
    if (trade->has_leapt)
        begin_after_leap(trade);
    trade->has_leapt = false;
    if (trade->is_resolved && trade->state == EXCHANGE_DIVERGED) {
        trade->is_diverged = false;
        trade->state = EXCHANGE_READY;
        counter_set(trade->counters, COUNTER_STATE, trade->state);
        log_line(LOG_LEVEL_INFO, "resolved", "next=%lu", trade->core->next);
    }
    trade->is_resolved = false;
}

/* --- one request -------------------------------------------------------------------------------
 */

static bool is_on_time(const struct trade *trade, struct session *session) {
    return rate_take(&session->allowance_ns, trade->rate_step_ns, trade->reading.mono_ns);
}

/* A Resolve of anything else settles nothing: a replay would go on to disagree. */
static bool names_divergence(const struct trade *trade, const struct resolve *resolve) {
    const struct divergence *divergence = trade->divergence;
    bool is_named = divergence != NULL && resolve->sequence == divergence->sequence &&
                    memcmp(resolve->digest_recorded, divergence->recorded.bytes, HASH_BYTES) == 0 &&
                    memcmp(resolve->digest_replayed, divergence->replayed.bytes, HASH_BYTES) == 0;
    if (!is_named)
        log_line(LOG_LEVEL_WARNING, "resolve_differs", "sequence=%lu", resolve->sequence);
    return is_named;
}

/* What is still taken when the exchange is not ready: one kind of proposal, and its approval. */
static bool is_ready_for(const struct trade *trade, const struct command *command) {
    uint8_t act = trade->state == EXCHANGE_TIME_HELD ? ACT_CONFIRM_TIME : ACT_RESOLVE;
    if (trade->state == EXCHANGE_READY)
        return true;
    if (trade->state != EXCHANGE_TIME_HELD && trade->state != EXCHANGE_DIVERGED)
        return false;
    if (command->verb == VERB_PROPOSE)
        return command->act.kind == act &&
               (act != ACT_RESOLVE || names_divergence(trade, &command->act.resolve));
    return command->verb == VERB_APPROVE &&
           find_proposal(trade, act, command->approve.proposal) != NULL;
}

bool trade_may_send(uint32_t roles, const struct command *command) {
    if (command->verb <= VERB_MASS_CANCEL)
        return authority_allows(&authority_table[command->verb - VERB_NEW_ORDER], roles, true);
    if (command->verb == VERB_APPROVE)
        return true; /* its act stands in the proposal */
    bool is_deed = command->verb == VERB_DEED;
    uint8_t verb = is_deed ? VERB_DEED : VERB_ACT;
    uint8_t kind = is_deed ? command->deed.kind : command->act.kind;
    for (size_t i = AUTHORITY_ROW_REST; i < authority_rows; i++)
        if (authority_table[i].verb == verb && authority_table[i].act == kind &&
            authority_allows(&authority_table[i], roles, true))
            return true;
    return false;
}

/* An Activate of a version that this release does not know is not sequenced: a later release, which
 * does know it, would decide the record differently. */
static bool is_known_version(const struct command *command) {
    bool has_act = command->verb == VERB_ACT || command->verb == VERB_PROPOSE;
    return !has_act || command->act.kind != ACT_ACTIVATE ||
           command->act.activate.version <= VERSION_KNOWN;
}

static const struct codec_fault UNKNOWN_VERSION = {"activate.version", VERSION_KNOWN,
                                                   "is not known to this release"};

static enum reason judge(const struct trade *trade, const struct session *session,
                         const struct intake_item *item) {
    const struct command *command = &item->request.command;
    if (command->verb >= VERB_GENESIS)
        return REASON_NOT_AUTHORISED; /* the exchange's own */
    if (!is_ready_for(trade, command))
        return REASON_NOT_READY;
    if (session->in_flight + session->waiting >= trade->config->credits)
        return REASON_NO_CREDIT;
    if (!auth_is_in_force(trade->auth, session->key))
        return REASON_KEY_REVOKED;
    if (!trade_may_send(session->roles, command))
        return REASON_NOT_AUTHORISED;
    if (!is_known_version(command))
        return REASON_OUT_OF_LIMITS;
    return REASON_NONE;
}

struct trade_refusal trade_judge(const struct trade *trade, uint32_t number,
                                 const struct intake_item *item) {
    enum reason reason = judge(trade, sessions_get(trade->sessions, number), item);
    return (struct trade_refusal){.session = number,
                                  .reason = reason,
                                  .number = item->request.command.stamp.number,
                                  .fault =
                                      reason == REASON_OUT_OF_LIMITS ? &UNKNOWN_VERSION : NULL};
}

/* A raise must not fail for lack of memory: what it adds is touched before it is sequenced. Once
 * more when it is approved, for its proposal may stand since before this start. */
static void touch_raise(const struct trade *trade, const struct command *command) {
    if (command->verb <= VERB_MASS_CANCEL)
        return;
    struct extent extents[ENGINE_EXTENTS_MAX];
    struct act act = {0};
    if (command->verb == VERB_ACT || command->verb == VERB_PROPOSE)
        act = command->act;
    else if (command->verb == VERB_APPROVE)
        engine_proposal(trade->core->engine, command->approve.proposal, &act);
    if (act.kind != ACT_RAISE_LIMIT)
        return;
    const struct raise_limit *raise = &act.raise_limit;
    if (raise->pool >= POOLS_END || raise->limit > trade->genesis->limits.ceiling[raise->pool])
        return; /* the engine refuses it */
    size_t count = engine_reach(trade->core->engine, raise->pool, raise->limit, extents);
    region_touch(trade->core->engine, extents, count);
}

static void sequence(struct trade *trade, uint32_t number, struct intake_item *item) {
    struct session *session = sessions_get(trade->sessions, number);
    struct command *command = &item->request.command;
    struct core_origin origin = {
        .session = number,
        .participant = session->participant,
        .key = session->key,
        .previous = session->last_sequence + 1, /* none is UINT64_MAX, so this is 0 */
        .received_ns = item->from->received_ns,
        .received_mono_ns = item->from->received_mono_ns,
    };
    uint64_t request_number = command->stamp.number;
    touch_raise(trade, command);
    session->in_flight++;
    trade->at_hand = command;
    if (quarantine_holds(trade->quarantine, number, item->bytes))
        session->last_sequence =
            core_quarantined(trade->core, request_number, item->bytes, &origin);
    else
        session->last_sequence = core_request(trade->core, command, item->bytes, &origin);
    trade->at_hand = NULL;
    session->last_number = request_number;
    keep_proposal(trade, command, session->last_sequence);
    trade_consequences(trade);
}

static const struct codec_fault COPY_SENDS_NOTHING = {"logon.drop_copy", 0,
                                                      "a drop copy only listens"};

void trade_decide(struct trade *trade, uint32_t number, struct intake_item *item, bool is_checked) {
    const struct session *session = sessions_get(trade->sessions, number);
    const struct command *command = &item->request.command;
    struct trade_refusal refusal = {.session = number, .number = command->stamp.number};
    if (command->verb == VERB_LOGOFF) {
        trade_logoff(trade, number);
        return;
    }
    if (sessions_is_copy(trade->sessions, number)) {
        refusal.reason = REASON_NOT_AUTHORISED;
        refusal.fault = &COPY_SENDS_NOTHING;
    } else if (command->verb < VERB_LOGON && refusal.number <= session->last_number) {
        trade_repeat(trade, number, item);
        return;
    } else {
        refusal = trade_judge(trade, number, item);
    }
    if (refusal.reason != REASON_NONE) {
        trade_refuse(trade, item->from, &refusal);
        return;
    }
    /* One in quarantine is not read. */
    assert(is_checked || !trade_is_signed(command) ||
           quarantine_holds(trade->quarantine, number, item->bytes));
    sequence(trade, number, item);
}

/* A request from a session, or a drop copy. */
static void session_item(struct trade *trade, uint32_t number, struct intake_item *item) {
    struct session *session = sessions_get(trade->sessions, number);
    uint8_t verb = item->request.command.verb;
    struct trade_refusal refusal = {.session = number,
                                    .number = item->request.command.stamp.number};
    session->received_ns = trade->reading.mono_ns;
    if (item->fault.text != NULL) {
        refusal.reason = REASON_MALFORMED;
        refusal.fault = &item->fault;
    } else if (verb == VERB_HEARTBEAT) {
        return;
    } else if (!is_on_time(trade, session)) {
        refusal.reason = REASON_RATE_LIMIT;
    } else {
        if (verb == VERB_RESUME)
            trade_resume(trade, number, item);
        else if (!trade_waits(trade, number, item))
            trade_decide(trade, number, item, false);
        return;
    }
    trade_refuse(trade, item->from, &refusal);
}

void trade_item(struct trade *trade, struct intake_item *item) {
    const struct trade_message *message = &item->from->message;
    bool is_logon = item->fault.text == NULL && item->request.command.verb == VERB_LOGON;
    if (message->key == 0)
        return; /* libzmq lets nobody in without a key: there is nobody to answer */
    if (is_logon) {
        trade_flush_refused(trade);
        trade_logon(trade, item);
        return;
    }
    uint32_t session = sessions_find(trade->sessions, &message->route, message->key);
    if (session != 0) {
        session_item(trade, session, item);
        return;
    }
    bool is_malformed = item->fault.text != NULL;
    struct trade_refusal refusal = {
        .reason = is_malformed ? REASON_MALFORMED : REASON_NOT_READY,
        .number = item->request.command.stamp.number,
        .fault = is_malformed ? &item->fault : NULL,
    };
    trade_refuse(trade, item->from, &refusal);
}
