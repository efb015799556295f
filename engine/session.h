/*
 * Sessions: who sends requests and owns orders. They outlive connections, keys and days.
 *
 * A session that cancels on disconnect has its orders taken out when it has been down for its
 * grace. After an outage or a start every session is down, and that is no disconnect: each has one
 * common grace, from the reopening or the start, to come back.
 */
#ifndef ENGINE_SESSION_H
#define ENGINE_SESSION_H

#include "engine/state.h"

/* Longest grace of a session, in ms. */
#define SESSION_GRACE_MS_MAX 3600000u

/* The act ADD_SESSION; _add returns the session's number. */
struct refusal session_check_add(const struct engine *engine, const struct add_session *add);
uint32_t session_add(struct engine *engine, const struct add_session *add);

/* SESSION_UP and SESSION_DOWN; the session exists. A second connection finds it up already. */
void session_up(const struct call *call);
void session_down(const struct call *call);

/* All sessions are down, waiting for the common grace. */
void session_drop_all(const struct call *call);

/* The common grace begins, anew if it runs already. */
void session_begin_grace(const struct call *call);

/* A session's timer has fired, or with 0 that of the grace. */
void session_timer_fires(const struct call *call, uint32_t number);

/* A request came: its number is used up, whatever becomes of it. */
static inline void session_note(struct engine *engine, const struct stamp *stamp) {
    assert(pool_has(engine, POOL_SESSIONS, stamp->session));
    struct session *session = session_at(engine, stamp->session);
    assert(session->participant == stamp->participant);
    assert(stamp->number > session->last_number && stamp->number <= ORDER_NUMBER_MAX);
    session->last_number = stamp->number;
    session->last_sequence = stamp->sequence + 1;
}

#endif
