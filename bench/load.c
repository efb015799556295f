/*
 * Replies are read by the fields that matter: a frame's events, in each the execution report, in it
 * exec_type and cl_ord_id. Requests are put together by proto/wire.h.
 */
#include "bench/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "bench/stopwatch.h"
#include "proto/codec_request.h"
#include "proto/frame.h"

#define REQUEST_ROOM   96 /* of an encoded order or cancel, its tag and its slack */
#define READY_MAX      1024
#define PATIENCE_NS    (UINT64_C(1000000) * TRIAL_PATIENCE_MS)
#define SECOND_NS      UINT64_C(1000000000)
#define MILLISECOND_NS UINT64_C(1000000)
#define PRICE_FEN      10000 /* bids below, asks above */
#define PRICE_SPREAD   100
#define ORDER_QTY      100
/* At a rate the client wakes so often to send what has become due meanwhile: fewer wake-ups leave
 * the processors to the exchange. What waits for it counts as latency. */
#define WAKE_NS 200000

/* --- requests ----------------------------------------------------------------------------------
 */

static uint8_t *put_message(uint8_t *out, unsigned field, const uint8_t *bytes, size_t size) {
    *out = WIRE_TAG(field, WIRE_BYTES);
    return wire_put_bytes(out + 1, bytes, size);
}

static uint8_t *put_order(const struct load *load, struct load_session *session, uint8_t *out) {
    uint64_t order = session->orders++;
    bool is_buy = order % 2 == 0;
    uint32_t away = (uint32_t)(order / 2 % PRICE_SPREAD);
    out = wire_put_number(out, 1, session->account);
    out = wire_put_number(out, 2, session->turn + 1);
    out = wire_put_number(out, 3, is_buy ? SIDE_BUY : SIDE_SELL);
    out = wire_put_number(out, 4, ORD_TYPE_LIMIT);
    out = wire_put_number(out, 5, TIME_IN_FORCE_DAY);
    out = wire_put_number(out, 6, is_buy ? PRICE_FEN - 1 - away : PRICE_FEN + away);
    session->turn = (session->turn + 1) % load->options.instruments;
    return wire_put_number(out, 7, ORDER_QTY);
}

/* Cancels the order that rests longest. */
static uint8_t *put_cancel(struct load_session *session, uint8_t *out) {
    uint64_t order = session->cancels++;
    uint64_t later = order < LOAD_RESTING ? order : 2 * order - LOAD_RESTING + 1;
    return wire_put_number(out, 1, order_id_of(session->number, session->first + later));
}

/* First LOAD_RESTING orders, then a cancel and an order in turn. */
static uint8_t *put_request(const struct load *load, struct load_session *session, uint8_t *out) {
    uint8_t body[REQUEST_ROOM];
    uint8_t request[REQUEST_ROOM];
    bool is_cancel = session->orders == session->cancels + LOAD_RESTING;
    uint8_t *end = is_cancel ? put_cancel(session, body) : put_order(load, session, body);
    uint8_t *at = wire_put_number(request, 1, ++session->last);
    at = put_message(at, is_cancel ? VERB_CANCEL : VERB_NEW_ORDER, body, (size_t)(end - body));
    return put_message(out, 1, request, (size_t)(at - request));
}

/* Sends a frame that was due at a time. */
static void send_frame(struct load *load, struct load_session *session, uint64_t due_ns) {
    uint8_t frame[FRAME_REQUESTS_MAX * REQUEST_ROOM];
    uint8_t *end = frame;
    for (uint32_t i = 0; i < load->options.batch; i++) {
        end = put_request(load, session, end);
        session->due_ns[session->last & load->due_mask] = due_ns;
    }
    session->sent += load->options.batch;
    session->may_have_more = true;
    if (!dial_send(&session->dial, (struct span){frame, (size_t)(end - frame)}))
        trial_die("session %u: its pipe is full or gone", session->number);
}

static bool has_room(const struct load *load, const struct load_session *session) {
    return session->sent - session->answered + load->options.batch <= load->options.window;
}

/* --- replies -----------------------------------------------------------------------------------
 */

/* The next field of a message; false at its end. */
static bool next_field(struct wire_input *in, uint64_t *field, uint64_t *value,
                       struct span *bytes) {
    uint64_t tag;
    if (in->at == in->end || !wire_get_small(in, &tag))
        return false;
    *field = tag >> 3;
    if ((tag & 7) == WIRE_BYTES)
        return wire_get_bytes(in, bytes);
    return (tag & 7) == WIRE_FIXED64 ? wire_get_fixed64(in, value) : wire_get_small(in, value);
}

static void take_answer(struct load *load, struct load_session *session, uint64_t number,
                        uint64_t now_ns) {
    session->answered++;
    load->answers++;
    if (load->counts)
        histogram_add(&load->latency_ns, now_ns - session->due_ns[number & load->due_mask]);
}

static void take_execution(struct load *load, struct load_session *session, struct wire_input in,
                           uint64_t now_ns) {
    uint64_t field;
    uint64_t value;
    struct span bytes;
    while (next_field(&in, &field, &value, &bytes)) {
        if (field == 1)
            load->rejected += value == EXEC_TYPE_REJECTED;
        if (field < 3)
            continue;
        if (field == 3)
            take_answer(load, session, value, now_ns);
        return; /* the first field past it: nobody asked */
    }
}

static void take_report(struct load *load, struct load_session *session, struct wire_input in,
                        uint64_t now_ns) {
    uint64_t field;
    uint64_t value;
    struct span bytes;
    while (next_field(&in, &field, &value, &bytes))
        if (field == REPORT_EXECUTION)
            take_execution(load, session, wire_input_within(&in, bytes), now_ns);
}

/* What only happens at the beginning, or when something is wrong. */
static void take_rare(struct load_session *session, uint64_t part, struct span bytes) {
    struct refused refused;
    struct logged_on logged_on;
    struct logged_off logged_off;
    if (part == REPLY_PART_LOGGED_ON && reply_logged_on_read(bytes, &logged_on)) {
        session->is_logged_on = true;
        session->last = logged_on.last_number;
        session->first = session->last + 1;
    } else if (part == REPLY_PART_REFUSED && reply_refused_read(bytes, &refused)) {
        trial_die("session %u: request %lu is refused: %s %s", session->number, refused.number,
                  client_reason_name(refused.reason), refused.text);
    } else if (part == REPLY_PART_LOGGED_OFF && reply_logged_off_read(bytes, &logged_off)) {
        trial_die("session %u: logged off: %s", session->number, logged_off.text);
    }
}

static void take_frame(struct load *load, struct load_session *session) {
    struct wire_input in =
        wire_input_of((struct span){zmq_msg_data(&load->message), zmq_msg_size(&load->message)});
    uint64_t now_ns = stopwatch_ns();
    uint64_t field;
    uint64_t value;
    struct span bytes;
    while (next_field(&in, &field, &value, &bytes)) {
        if (field == REPLY_PART_EVENT)
            take_report(load, session, wire_input_within(&in, bytes), now_ns);
        else
            take_rare(session, field, bytes);
    }
}

static void drain(struct load *load, struct load_session *session) {
    session->may_have_more = false;
    while (dial_receive(&session->dial, &load->message))
        take_frame(load, session);
}

/* --- waiting -----------------------------------------------------------------------------------
 */

/* Reads what has come, waiting for it at most so long; false when nothing has. */
static bool receive(struct load *load, uint64_t wait_ns) {
    struct epoll_event ready[READY_MAX];
    struct timespec wait = {.tv_sec = (time_t)(wait_ns / SECOND_NS),
                            .tv_nsec = (long)(wait_ns % SECOND_NS)};
    uint64_t before = load->answers;
    for (uint32_t i = 0; i < load->options.sessions; i++)
        if (load->sessions[i].may_have_more)
            drain(load, &load->sessions[i]);
    if (load->answers != before)
        wait = (struct timespec){0};
    int count = epoll_pwait2(load->epoll, ready, READY_MAX, &wait, NULL);
    if (count < 0 && errno != EINTR)
        trial_die("epoll: %s", strerror(errno));
    for (int i = 0; i < count; i++)
        drain(load, &load->sessions[ready[i].data.u32]);
    return count > 0 || load->answers != before;
}

void load_settle(struct load *load) {
    uint64_t deadline_ns = stopwatch_ns() + PATIENCE_NS;
    for (uint32_t i = 0; i < load->options.sessions; i++)
        while (load->sessions[i].answered < load->sessions[i].sent) {
            if (stopwatch_ns() > deadline_ns)
                trial_die("session %u: %lu requests have no answer", load->sessions[i].number,
                          load->sessions[i].sent - load->sessions[i].answered);
            (void)receive(load, 100 * MILLISECOND_NS);
        }
}

/* --- running -----------------------------------------------------------------------------------
 */

/* Sends what the window has room for; false when it has none. */
static bool fill_window(struct load *load, struct load_session *session, uint64_t now_ns) {
    bool has_sent = false;
    for (; has_room(load, session); has_sent = true)
        send_frame(load, session, now_ns);
    return has_sent;
}

static void run_full(struct load *load, uint64_t end_ns) {
    for (uint64_t now_ns = stopwatch_ns(); now_ns < end_ns; now_ns = stopwatch_ns()) {
        bool has_sent = false;
        for (uint32_t i = 0; i < load->options.sessions; i++)
            has_sent = fill_window(load, &load->sessions[i], now_ns) || has_sent;
        (void)receive(load, has_sent ? 0 : end_ns - now_ns);
    }
}

static void run_rate(struct load *load, uint64_t rate, uint64_t end_ns) {
    double gap_ns = (double)SECOND_NS * load->options.batch / (double)rate;
    prctl(PR_SET_TIMERSLACK, 1000); /* 50 us else */
    uint64_t base_ns = stopwatch_ns();
    uint64_t sent = 0;
    for (;;) {
        uint64_t frames = sent;
        uint64_t due_ns = base_ns + (uint64_t)(gap_ns * (double)sent);
        uint64_t now_ns = stopwatch_ns();
        if (due_ns >= end_ns || now_ns >= end_ns + SECOND_NS)
            return;
        while (due_ns <= now_ns && has_room(load, &load->sessions[load->frame_at])) {
            send_frame(load, &load->sessions[load->frame_at], due_ns);
            load->frame_at = (load->frame_at + 1) % load->options.sessions;
            due_ns = base_ns + (uint64_t)(gap_ns * (double)++frames);
        }
        sent = frames;
        now_ns = stopwatch_ns();
        uint64_t wake_ns = due_ns > now_ns + WAKE_NS ? due_ns : now_ns + WAKE_NS;
        (void)receive(load, due_ns > now_ns ? wake_ns - now_ns : 0);
    }
}

void load_run(struct load *load, uint64_t rate, double seconds) {
    uint64_t end_ns = stopwatch_ns() + (uint64_t)(seconds * (double)SECOND_NS);
    if (rate == 0)
        run_full(load, end_ns);
    else
        run_rate(load, rate, end_ns);
}

void load_count(struct load *load, bool counts) {
    load->counts = counts;
    histogram_init(&load->latency_ns);
}

/* --- opening -----------------------------------------------------------------------------------
 */

static void open_session(struct load *load, const struct trial *trial, uint32_t place) {
    struct load_session *session = &load->sessions[place];
    uint32_t index = load->options.first + place;
    uint32_t owner = trial_owner(trial, index);
    size_t size = sizeof session->fd;
    struct dial_options options = {.context = load->context,
                                   .endpoint = trial->endpoint,
                                   .server_z85 = trial->server.public_z85,
                                   .key = &trial->brokers[owner - 1]};
    session->number = trial_session(trial, index);
    session->account = trial_account(trial, owner); /* dealt out likewise: it is the owner's */
    session->turn = place * 7 % load->options.instruments;
    session->due_ns = calloc(load->due_mask + 1, sizeof *session->due_ns);
    if (session->due_ns == NULL || dial_open(&session->dial, &options) != 0 ||
        zmq_getsockopt(session->dial.socket, ZMQ_FD, &session->fd, &size) != 0)
        trial_die("session %u: no socket", session->number);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = place};
    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, session->fd, &event) != 0)
        trial_die("epoll: %s", strerror(errno));
}

static void wait_for_line(struct load_session *session) {
    while (!session->dial.is_up)
        if (dial_event(&session->dial) == DIAL_NOTHING &&
            !dial_wait(&session->dial, TRIAL_PATIENCE_MS))
            trial_die("session %u: no connection", session->number);
}

/* A request of the connection itself. */
static void send_own(struct load_session *session, const struct request *request) {
    uint8_t bytes[64];
    uint8_t frame[80];
    size_t size = codec_request_encode(request, NULL, bytes, sizeof bytes);
    uint8_t *end = put_message(frame, 1, bytes, size);
    if (!dial_send(&session->dial, (struct span){frame, (size_t)(end - frame)}))
        trial_die("session %u: its pipe is full or gone", session->number);
    session->may_have_more = true;
}

static void log_on(struct load_session *session) {
    struct request request = {.command.verb = VERB_LOGON,
                              .logon = {.session = session->number, .protocol = 1, .next = 0}};
    send_own(session, &request);
}

void load_beat(struct load *load) {
    struct request request = {.command.verb = VERB_HEARTBEAT};
    for (uint32_t i = 0; i < load->options.sessions; i++)
        send_own(&load->sessions[i], &request);
    (void)receive(load, 0);
}

void load_open(struct load *load, const struct trial *trial, const struct load_options *options) {
    *load =
        (struct load){.options = *options, .due_mask = 1, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    uint64_t deadline_ns = stopwatch_ns() + PATIENCE_NS;
    while (load->due_mask < options->window)
        load->due_mask = load->due_mask * 2 + 1;
    load->sessions = calloc(options->sessions, sizeof *load->sessions);
    load->context = zmq_ctx_new();
    if (load->sessions == NULL || load->context == NULL || load->epoll < 0 ||
        zmq_ctx_set(load->context, ZMQ_MAX_SOCKETS, 16384) != 0)
        trial_die("no load: %s", strerror(errno));
    zmq_msg_init(&load->message);
    for (uint32_t i = 0; i < options->sessions; i++)
        open_session(load, trial, i);
    for (uint32_t i = 0; i < options->sessions; i++) {
        wait_for_line(&load->sessions[i]);
        log_on(&load->sessions[i]);
    }
    for (uint32_t i = 0; i < options->sessions; i++)
        while (!load->sessions[i].is_logged_on) {
            (void)receive(load, 100 * MILLISECOND_NS);
            if (stopwatch_ns() > deadline_ns)
                trial_die("session %u: no logon", load->sessions[i].number);
        }
    load_count(load, false);
}

void load_close(struct load *load) {
    for (uint32_t i = 0; i < load->options.sessions; i++) {
        dial_close(&load->sessions[i].dial);
        free(load->sessions[i].due_ns);
    }
    zmq_msg_close(&load->message);
    zmq_ctx_term(load->context);
    close(load->epoll);
    free(load->sessions);
}
