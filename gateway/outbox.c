/* Sending, and the small stock of frames held back. */
#include "gateway/outbox.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/log.h"

struct outbox *outbox_create(struct trade_port *port, struct sessions *sessions,
                             struct counters *counters, uint64_t unread_max) {
    struct outbox *outbox = calloc(1, sizeof *outbox);
    if (outbox == NULL || !unread_init(&outbox->unread, unread_max)) {
        free(outbox);
        return NULL;
    }
    outbox->port = port;
    outbox->sessions = sessions;
    outbox->counters = counters;
    for (size_t i = 0; i < OUTBOX_HELD_MAX; i++) {
        outbox->held[i].next = outbox->free;
        outbox->free = &outbox->held[i];
    }
    return outbox;
}

void outbox_destroy(struct outbox *outbox) {
    if (outbox == NULL)
        return;
    for (uint32_t i = 0; i < outbox->sessions->active_count; i++)
        outbox_drop_held(outbox, outbox->sessions->active[i]);
    unread_fini(&outbox->unread);
    free(outbox);
}

static void fill(zmq_msg_t *frame, const uint8_t *bytes, size_t size) {
    int failed = zmq_msg_init_size(frame, size);
    assert(failed == 0); /* no memory for an answer: better to stop than to go on without */
    memcpy(zmq_msg_data(frame), bytes, size);
}

void outbox_to_route(struct outbox *outbox, const struct route *route, size_t size) {
    zmq_msg_t frame;
    assert(size <= REPLY_FRAME_BYTES_MAX);
    fill(&frame, outbox->scratch, size);
    if (trade_port_send(outbox->port, route, &frame) == 0)
        counter_add(outbox->counters, COUNTER_REPLIES, 1);
}

/* A full pipe makes a session lag, a missing one loses it. */
static void note_failure(struct outbox *outbox, uint32_t number, int error) {
    struct session *session = sessions_get(outbox->sessions, number);
    if (error == EHOSTUNREACH) {
        session->is_lost = true;
        outbox->lost++;
        return;
    }
    session->retry_ns = outbox->now_ns + OUTBOX_RETRY_NS;
    outbox_lag(outbox, number);
}

void outbox_lag(struct outbox *outbox, uint32_t number) {
    struct session *session = sessions_get(outbox->sessions, number);
    if (session->state != SESSION_LIVE && session->state != SESSION_RESUMING)
        return;
    session->state = SESSION_LAGGING;
    outbox->lagging++;
    counter_add(outbox->counters, COUNTER_SESSIONS_LAGGED, 1);
    log_line(LOG_LEVEL_INFO, "session_lags", "session=%u participant=%u next=%lu",
             sessions_market(outbox->sessions, number), session->participant, session->sent_next);
}

static void send_mark(struct outbox *outbox, struct session *session) {
    zmq_msg_t mark;
    struct reply_head head = {
        .from = session->sent_next, .next = session->sent_next, .is_heartbeat = true};
    if (unread_mark(&outbox->unread, &session->unread, &head, &mark))
        (void)trade_port_send(outbox->port, &session->route, &mark);
}

/* As trade_port_send(), and EAGAIN when too much is unread. */
static int try_send(struct outbox *outbox, struct session *session, zmq_msg_t *frame) {
    size_t size = zmq_msg_size(frame);
    if (unread_is_full(&outbox->unread, &session->unread)) {
        zmq_msg_close(frame);
        return EAGAIN;
    }
    send_mark(outbox, session);
    int error = trade_port_send(outbox->port, &session->route, frame);
    if (error == 0)
        unread_sent(&session->unread, size);
    return error;
}

static bool send_frame(struct outbox *outbox, uint32_t number, zmq_msg_t *frame) {
    struct session *session = sessions_get(outbox->sessions, number);
    int error = try_send(outbox, session, frame);
    if (error != 0) {
        note_failure(outbox, number, error);
        return false;
    }
    session->sent_ns = outbox->now_ns;
    counter_add(outbox->counters, COUNTER_REPLIES, 1);
    return true;
}

bool outbox_beside(struct outbox *outbox, uint32_t session, size_t size) {
    zmq_msg_t frame;
    assert(size <= REPLY_FRAME_BYTES_MAX);
    fill(&frame, outbox->scratch, size);
    return send_frame(outbox, session, &frame);
}

bool outbox_ordered(struct outbox *outbox, uint32_t number, zmq_msg_t *frame, uint64_t next) {
    struct session *session = sessions_get(outbox->sessions, number);
    assert(next >= session->sent_next);
    if (!send_frame(outbox, number, frame))
        return false;
    session->sent_next = next;
    return true;
}

uint64_t outbox_live_from(const struct session *session) {
    return session->is_holding ? session->hold_next : session->sent_next;
}

static void hold_frame(struct outbox *outbox, uint32_t number, zmq_msg_t *frame, uint64_t next) {
    struct session *session = sessions_get(outbox->sessions, number);
    struct held_frame *held = outbox->free;
    if (held == NULL || session->held_count == OUTBOX_HELD_PER_SESSION) {
        zmq_msg_close(frame);
        outbox_drop_held(outbox, number);
        return;
    }
    outbox->free = held->next;
    held->next = NULL;
    held->end = next;
    zmq_msg_init(&held->frame);
    zmq_msg_move(&held->frame, frame);
    if (session->held_last != NULL)
        session->held_last->next = held;
    else
        session->held_first = held;
    session->held_last = held;
    session->held_count++;
    session->hold_next = next;
}

void outbox_live(struct outbox *outbox, uint32_t number, size_t size, uint64_t next) {
    struct session *session = sessions_get(outbox->sessions, number);
    zmq_msg_t frame;
    assert(size <= REPLY_FRAME_BYTES_MAX);
    fill(&frame, outbox->scratch, size);
    if (session->is_holding)
        hold_frame(outbox, number, &frame, next);
    else
        outbox_ordered(outbox, number, &frame, next);
}

void outbox_hold(struct outbox *outbox, uint32_t number, uint64_t from) {
    struct session *session = sessions_get(outbox->sessions, number);
    outbox_drop_held(outbox, number);
    session->is_holding = true;
    session->hold_next = from;
}

/* Takes the oldest held frame off the session; *end is its `next`. False when there is none. */
static bool take_held(struct outbox *outbox, struct session *session, zmq_msg_t *frame,
                      uint64_t *end) {
    struct held_frame *held = session->held_first;
    if (held == NULL)
        return false;
    *end = held->end;
    session->held_first = held->next;
    if (session->held_first == NULL)
        session->held_last = NULL;
    session->held_count--;
    zmq_msg_init(frame);
    zmq_msg_move(frame, &held->frame);
    zmq_msg_close(&held->frame);
    held->next = outbox->free;
    outbox->free = held;
    return true;
}

void outbox_unhold(struct outbox *outbox, uint32_t number) {
    struct session *session = sessions_get(outbox->sessions, number);
    uint64_t next = session->hold_next;
    uint64_t end;
    zmq_msg_t frame;
    assert(session->is_holding);
    session->is_holding = false;
    session->state = SESSION_LIVE;
    while (take_held(outbox, session, &frame, &end)) {
        if (!send_frame(outbox, number, &frame)) {
            outbox_drop_held(outbox, number);
            return; /* pages follow from the cursor */
        }
        session->sent_next = end;
    }
    session->sent_next = next;
}

void outbox_drop_held(struct outbox *outbox, uint32_t number) {
    struct session *session = sessions_get(outbox->sessions, number);
    uint64_t end;
    zmq_msg_t frame;
    session->is_holding = false;
    while (take_held(outbox, session, &frame, &end))
        zmq_msg_close(&frame);
}

bool outbox_is_full(struct outbox *outbox, uint32_t number) {
    return unread_is_full(&outbox->unread, &sessions_get(outbox->sessions, number)->unread);
}

void outbox_part(struct outbox *outbox, uint32_t number) {
    outbox_drop_held(outbox, number);
    unread_end(&outbox->unread, &sessions_get(outbox->sessions, number)->unread);
}
