/* Socket options of a client, each with its reason (zmq_setsockopt(3)), and the monitor's events.
 */
#include "gateway/dial.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ledger/failure.h"
#include "proto/frame.h"

/* The exchange has as many connections as it may (auth.h). */
#define STATUS_TOO_MANY 500
#define DIAL_EVENTS                                                                                \
    (ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |                        \
     ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |                       \
     ZMQ_EVENT_DISCONNECTED)

static bool set_int(void *socket, int option, int value) {
    return zmq_setsockopt(socket, option, &value, sizeof value) == 0;
}

static bool set_options(void *socket, const struct dial_options *options) {
    const struct curve_key *key = options->key;
    int64_t size_max = FRAME_BYTES_MAX;
    int pipe = options->pipe_messages > 0 ? options->pipe_messages : DIAL_PIPE_MESSAGES;
    return set_int(socket, ZMQ_LINGER, 0) &&
           /* No queue for a server that is not there: requests wait in pending.h instead, and none
            * leaves before the Logon of its connection. Not so for a SUB, which sends nothing: when
            * the connection breaks between two parts of a message that are read, libzmq 4.3.4
            * would drop the second (socket_base_t::hiccuped) and abort. */
           set_int(socket, ZMQ_IMMEDIATE, !options->is_subscriber) &&
           set_int(socket, ZMQ_SNDHWM, pipe) && set_int(socket, ZMQ_RCVHWM, pipe) &&
           set_int(socket, ZMQ_RECONNECT_IVL, 50) && set_int(socket, ZMQ_RECONNECT_IVL_MAX, 1000) &&
           set_int(socket, ZMQ_HANDSHAKE_IVL, 5000) &&
           zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &size_max, sizeof size_max) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, options->server_z85, KEYFILE_Z85_CHARS) ==
               0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, key->public_z85, KEYFILE_Z85_CHARS) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, key->secret_z85, KEYFILE_Z85_CHARS) == 0;
}

static bool watch(struct dial *dial) {
    char name[64];
    snprintf(name, sizeof name, "inproc://tpx-dial-%p", dial->socket);
    dial->monitor = zmq_socket(dial->context, ZMQ_PAIR);
    return dial->monitor != NULL && set_int(dial->monitor, ZMQ_LINGER, 0) &&
           zmq_socket_monitor(dial->socket, name, DIAL_EVENTS) == 0 &&
           zmq_connect(dial->monitor, name) == 0;
}

int dial_open(struct dial *dial, const struct dial_options *options) {
    *dial = (struct dial){
        .context = options->context != NULL ? options->context : zmq_ctx_new(),
        .owns_context = options->context == NULL,
    };
    assert(strlen(options->endpoint) <= DIAL_ENDPOINT_BYTES_MAX);
    strcpy(dial->endpoint, options->endpoint);
    int type = options->is_subscriber ? ZMQ_SUB : ZMQ_DEALER;
    dial->socket = dial->context != NULL ? zmq_socket(dial->context, type) : NULL;
    if (dial->socket != NULL && set_options(dial->socket, options) && watch(dial) &&
        zmq_connect(dial->socket, dial->endpoint) == 0)
        return 0;
    failure_log(FAILURE_SYSTEM, "endpoint %s: %s", dial->endpoint, zmq_strerror(errno));
    dial_close(dial);
    return FAILURE_SYSTEM;
}

void dial_close(struct dial *dial) {
    if (dial->socket != NULL) {
        zmq_socket_monitor(dial->socket, NULL, 0);
        zmq_close(dial->socket);
    }
    if (dial->monitor != NULL)
        zmq_close(dial->monitor);
    if (dial->owns_context && dial->context != NULL)
        zmq_ctx_term(dial->context);
    *dial = (struct dial){0};
}

/* An event is two parts: its number (16 bits) and value (32), then the endpoint. */
static bool take_event(struct dial *dial, uint16_t *event, uint32_t *value) {
    uint8_t number[6] = {0};
    char endpoint[256];
    if (zmq_recv(dial->monitor, number, sizeof number, ZMQ_DONTWAIT) < (int)sizeof *event)
        return false;
    memcpy(event, number, sizeof *event);
    memcpy(value, number + sizeof *event, sizeof *value);
    (void)zmq_recv(dial->monitor, endpoint, sizeof endpoint, ZMQ_DONTWAIT);
    return true;
}

enum dial_event dial_event(struct dial *dial) {
    uint16_t event;
    uint32_t value;
    while (take_event(dial, &event, &value)) {
        bool was_up = dial->is_up;
        dial->is_up = event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
        if (dial->is_up)
            return DIAL_UP;
        if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH && value == STATUS_TOO_MANY)
            return DIAL_NO_ROOM;
        if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
            return DIAL_KEY_REFUSED;
        if (was_up)
            return DIAL_DOWN;
        if (event != ZMQ_EVENT_DISCONNECTED)
            return DIAL_BAD_SERVER;
    }
    return DIAL_NOTHING;
}

void dial_hang_up(struct dial *dial) {
    (void)zmq_disconnect(dial->socket, dial->endpoint);
    dial->is_up = false;
}

void dial_again(struct dial *dial) {
    dial_hang_up(dial);
    int failed = zmq_connect(dial->socket, dial->endpoint);
    assert(failed == 0); /* it was fine at dial_open() */
}

void dial_subscribe(struct dial *dial, struct span topic) {
    int failed = zmq_setsockopt(dial->socket, ZMQ_SUBSCRIBE, topic.bytes, topic.size);
    assert(failed == 0);
}

bool dial_send(struct dial *dial, struct span message) {
    int sent;
    do {
        sent = zmq_send(dial->socket, message.bytes, message.size, ZMQ_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    assert(sent >= 0 || errno == EAGAIN);
    return sent >= 0;
}

bool dial_receive(struct dial *dial, zmq_msg_t *message) {
    int received;
    do {
        received = zmq_msg_recv(message, dial->socket, ZMQ_DONTWAIT);
    } while (received < 0 && errno == EINTR);
    assert(received >= 0 || errno == EAGAIN);
    return received >= 0;
}

bool dial_wait(struct dial *dial, int timeout_ms) {
    zmq_pollitem_t items[] = {{.socket = dial->socket, .events = ZMQ_POLLIN},
                              {.socket = dial->monitor, .events = ZMQ_POLLIN}};
    return zmq_poll(items, 2, timeout_ms) > 0;
}
