/* A DEALER with CURVE that libzmq does not dial again, and a walk over the parts of its frames. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/clock.h"
#include "tests/e2e/line.h"

#define MONITOR_EVENTS                                                                             \
    (ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |                      \
     ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_DISCONNECTED)
#define PIPE_MESSAGES 100000

static void set_int(void *socket, int option, int value) {
    assert_int_equal(zmq_setsockopt(socket, option, &value, sizeof value), 0);
}

static void make(struct line *line, const struct trial *trial, const struct curve_key *key,
                 const char *id) {
    *line = (struct line){.socket = zmq_socket(trial->context, ZMQ_DEALER)};
    assert_non_null(line->socket);
    zmq_msg_init(&line->message);
    set_int(line->socket, ZMQ_LINGER, 0);
    set_int(line->socket, ZMQ_RECONNECT_IVL, -1); /* a line that is cut stays so */
    set_int(line->socket, ZMQ_SNDTIMEO, LINE_PATIENCE_MS);
    set_int(line->socket, ZMQ_SNDHWM, PIPE_MESSAGES);
    set_int(line->socket, ZMQ_RCVHWM, PIPE_MESSAGES);
    if (id != NULL)
        assert_int_equal(zmq_setsockopt(line->socket, ZMQ_ROUTING_ID, id, strlen(id)), 0);
    zmq_setsockopt(line->socket, ZMQ_CURVE_SERVERKEY, trial->server.public_z85, KEYFILE_Z85_CHARS);
    zmq_setsockopt(line->socket, ZMQ_CURVE_PUBLICKEY, key->public_z85, KEYFILE_Z85_CHARS);
    zmq_setsockopt(line->socket, ZMQ_CURVE_SECRETKEY, key->secret_z85, KEYFILE_Z85_CHARS);
}

static void dial(struct line *line, const struct trial *trial) {
    char name[64];
    snprintf(name, sizeof name, "inproc://line-%p", line->socket);
    assert_int_equal(zmq_socket_monitor(line->socket, name, MONITOR_EVENTS), 0);
    line->monitor = zmq_socket(trial->context, ZMQ_PAIR);
    set_int(line->monitor, ZMQ_LINGER, 0);
    assert_int_equal(zmq_connect(line->monitor, name), 0);
    assert_int_equal(zmq_connect(line->socket, trial->endpoint), 0);
}

void line_open(struct line *line, const struct trial *trial, const struct curve_key *key,
               const char *id) {
    make(line, trial, key, id);
    dial(line, trial);
}

void line_open_narrow(struct line *line, const struct trial *trial, const struct curve_key *key) {
    make(line, trial, key, NULL);
    set_int(line->socket, ZMQ_RCVHWM, 1);
    set_int(line->socket, ZMQ_RCVBUF, 4096);
    dial(line, trial);
}

void line_close(struct line *line) {
    if (line->socket == NULL)
        return;
    zmq_socket_monitor(line->socket, NULL, 0);
    zmq_msg_close(&line->message);
    zmq_close(line->socket);
    zmq_close(line->monitor);
    *line = (struct line){0};
}

/* --- sending -------------------------------------------------------------------------------------
 */

void line_send(struct line *line, const void *bytes, size_t size) {
    assert_int_equal(zmq_send(line->socket, bytes, size, 0), (int)size);
}

size_t line_put(uint8_t *frame, size_t size, struct span request) {
    frame[size] = WIRE_TAG(1, WIRE_BYTES);
    return (size_t)(wire_put_bytes(frame + size + 1, request.bytes, request.size) - frame);
}

void line_send_requests(struct line *line, const struct span *requests, size_t count) {
    static uint8_t frame[2 * FRAME_BYTES_MAX];
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size = line_put(frame, size, requests[i]);
    line_send(line, frame, size);
}

void line_ask_for_nothing(struct line *line, uint64_t *number) {
    enum { COUNT = 100 };
    uint8_t bytes[COUNT][64];
    struct span requests[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        struct request request = {.command = {.verb = VERB_CANCEL, .cancel = {1}}};
        request.command.stamp.number = ++*number;
        requests[i] = (struct span){
            bytes[i], codec_request_encode(&request, NULL, bytes[i], sizeof bytes[i])};
    }
    line_send_requests(line, requests, COUNT);
}

void line_ask(struct line *line, const struct request *request) {
    uint8_t bytes[2048];
    size_t size = codec_request_encode(request, NULL, bytes, sizeof bytes);
    assert_int_not_equal(size, 0);
    line_send_requests(line, &(struct span){bytes, size}, 1);
}

void line_ask_command(struct line *line, uint64_t number, const struct command *command) {
    struct request request = {.command = *command};
    request.command.stamp.number = number;
    line_ask(line, &request);
}

static void ask_own(struct line *line, uint8_t verb, const struct logon *logon) {
    struct request request = {.command = {.verb = verb}, .logon = *logon};
    line_ask(line, &request);
}

void line_resume(struct line *line, uint64_t next) {
    ask_own(line, VERB_RESUME, &(struct logon){.next = next});
}

void line_heartbeat(struct line *line) {
    ask_own(line, VERB_HEARTBEAT, &(struct logon){0});
}

void line_logoff(struct line *line) {
    ask_own(line, VERB_LOGOFF, &(struct logon){0});
}

/* --- receiving -----------------------------------------------------------------------------------
 */

static void read_part(const struct reply_part *part, struct line_item *item) {
    bool is_read = false;
    item->kind = part->kind;
    item->bytes = part->bytes;
    item->session = part->session;
    switch (part->kind) {
    case REPLY_PART_EVENT:
        is_read = report_read(part->bytes, &item->report);
        break;
    case REPLY_PART_REFUSED:
        is_read = reply_refused_read(part->bytes, &item->refused);
        break;
    case REPLY_PART_LOGGED_ON:
        is_read = reply_logged_on_read(part->bytes, &item->logged_on);
        break;
    case REPLY_PART_LOGGED_OFF:
        is_read = reply_logged_off_read(part->bytes, &item->logged_off);
        break;
    }
    assert_true(is_read);
}

/* Takes a frame that comes before the deadline; false when there is none. */
static bool take_frame(struct line *line, int64_t deadline_ns) {
    zmq_pollitem_t item = {.socket = line->socket, .events = ZMQ_POLLIN};
    int64_t left_ms = (deadline_ns - clock_mono_ns()) / CLOCK_MILLISECOND_NS;
    if (zmq_poll(&item, 1, left_ms > 0 ? (long)left_ms : 0) <= 0)
        return false;
    assert_true(zmq_msg_recv(&line->message, line->socket, ZMQ_DONTWAIT) >= 0);
    assert_true(zmq_msg_size(&line->message) <= REPLY_FRAME_BYTES_MAX);
    assert_true(
        reply_read(zmq_msg_data(&line->message), zmq_msg_size(&line->message), &line->reply));
    assert_true(line->reply.from <= line->reply.next);
    line->has_frame = true;
    return true;
}

bool line_take(struct line *line, int timeout_ms, bool heads, struct line_item *item) {
    int64_t deadline_ns = clock_mono_ns() + timeout_ms * CLOCK_MILLISECOND_NS;
    struct reply_part part;
    for (;;) {
        *item = (struct line_item){.from = line->reply.from,
                                   .next = line->reply.next,
                                   .is_page = line->reply.is_page,
                                   .is_live = line->reply.is_live};
        if (line->has_frame && reply_next(&line->reply, &part)) {
            read_part(&part, item);
            return true;
        }
        if (line->has_frame && heads) {
            line->has_frame = false;
            return true;
        }
        line->has_frame = false;
        if (!take_frame(line, deadline_ns))
            return false;
    }
}

void line_until(struct line *line, enum reply_part_kind kind, struct line_item *item) {
    do
        if (!line_take(line, LINE_PATIENCE_MS, false, item))
            fail_msg("nothing of kind %d came", kind);
    while (item->kind != kind);
}

static void log_on(struct line *line, const struct logon *logon, struct line_item *item) {
    ask_own(line, VERB_LOGON, logon);
    do
        if (!line_take(line, LINE_PATIENCE_MS, false, item))
            fail_msg("no answer to the Logon of session %u", logon->session);
    while (item->kind != REPLY_PART_LOGGED_ON && item->kind != REPLY_PART_LOGGED_OFF);
}

void line_logon(struct line *line, uint32_t session, uint64_t next, struct line_item *item) {
    log_on(line, &(struct logon){.session = session, .protocol = 1, .next = next}, item);
}

void line_logon_copy(struct line *line, uint64_t next, struct line_item *item) {
    log_on(line, &(struct logon){.protocol = 1, .next = next, .is_drop_copy = true}, item);
}

void line_logon_live(struct line *line, uint32_t session) {
    struct line_item item;
    line_logon(line, session, 0, &item);
    assert_int_equal(item.kind, REPLY_PART_LOGGED_ON);
    uint64_t next = item.logged_on.next;
    bool is_live = item.logged_on.is_live;
    while (!is_live) {
        line_resume(line, next);
        do
            assert_true(line_take(line, LINE_PATIENCE_MS, true, &item));
        while (item.kind != 0 || !item.is_page);
        next = item.next;
        is_live = item.is_live;
    }
}

void line_until_refused(struct line *line, uint64_t number, struct refused *refused) {
    struct line_item item;
    do
        line_until(line, REPLY_PART_REFUSED, &item);
    while (item.refused.number != number);
    *refused = item.refused;
}

void line_until_report(struct line *line, uint64_t number, struct line_item *item) {
    do
        line_until(line, REPLY_PART_EVENT, item);
    while (report_answers(&item->report) != number);
}

/* The next event of the monitor, 0 when none comes. */
static uint16_t next_event(struct line *line) {
    zmq_pollitem_t item = {.socket = line->monitor, .events = ZMQ_POLLIN};
    uint8_t number[6];
    char endpoint[256];
    uint16_t event;
    if (zmq_poll(&item, 1, LINE_PATIENCE_MS) <= 0)
        return 0;
    assert_int_equal(zmq_recv(line->monitor, number, sizeof number, 0), sizeof number);
    zmq_recv(line->monitor, endpoint, sizeof endpoint, 0);
    memcpy(&event, number, sizeof event);
    return event;
}

bool line_is_key_refused(struct line *line) {
    return next_event(line) == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
}

bool line_is_cut(struct line *line) {
    return next_event(line) == ZMQ_EVENT_DISCONNECTED;
}
