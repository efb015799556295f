/* libzmq's socket options stand here, each with its reason (zmq_setsockopt(3)). */
#include "gateway/trade_port.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/log.h"
#include "ledger/failure.h"
#include "proto/frame.h"

/* ZMQ_MAXMSGSIZE counts what is on the wire: a frame with CURVE's nonce, flags and tag. */
#define CURVE_OVERHEAD_BYTES 64

static bool set_int(void *socket, int option, int value) {
    return zmq_setsockopt(socket, option, &value, sizeof value) == 0;
}

static bool set_options(void *socket, const struct trade_port_options *options) {
    const char *domain = auth_door_name(options->door);
    int64_t size_max = options->frame_bytes_max + CURVE_OVERHEAD_BYTES;
    return set_int(socket, ZMQ_LINGER, 0) &&
           /* Tell us of full and unknown peers instead of dropping. */
           set_int(socket, ZMQ_ROUTER_MANDATORY, 1) &&
           /* A second connection with a routing id in use is ignored: the first one keeps it. */
           set_int(socket, ZMQ_ROUTER_HANDOVER, 0) &&
           set_int(socket, ZMQ_SNDHWM, options->outbound_messages) &&
           set_int(socket, ZMQ_RCVHWM, options->inbound_messages) &&
           set_int(socket, ZMQ_BACKLOG, 1024) &&
           /* Silent and half-open peers: 5 s for the handshake, then a ping every 5 s. */
           set_int(socket, ZMQ_HANDSHAKE_IVL, 5000) && set_int(socket, ZMQ_HEARTBEAT_IVL, 5000) &&
           set_int(socket, ZMQ_HEARTBEAT_TIMEOUT, 15000) &&
           zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &size_max, sizeof size_max) == 0 &&
           set_int(socket, ZMQ_CURVE_SERVER, 1) &&
           zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, options->key->secret_z85,
                          KEYFILE_Z85_CHARS) == 0 &&
           zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, domain, strlen(domain)) == 0;
}

int trade_port_open(struct trade_port *port, const struct trade_port_options *options) {
    size_t size = sizeof port->endpoint;
    *port = (struct trade_port){.socket = zmq_socket(options->context, ZMQ_ROUTER)};
    if (port->socket == NULL)
        return failure_log(FAILURE_SYSTEM, "%s socket: %s", auth_door_name(options->door),
                           zmq_strerror(errno));
    if (set_options(port->socket, options) && auth_watch(port->socket, options->door, 0) &&
        zmq_bind(port->socket, options->endpoint) == 0 &&
        zmq_getsockopt(port->socket, ZMQ_LAST_ENDPOINT, port->endpoint, &size) == 0)
        return 0;
    failure_log(FAILURE_SYSTEM, "%s endpoint %s: %s", auth_door_name(options->door),
                options->endpoint, zmq_strerror(errno));
    trade_port_close(port);
    return FAILURE_SYSTEM;
}

void trade_port_close(struct trade_port *port) {
    if (port->socket != NULL) {
        auth_unwatch(port->socket);
        zmq_close(port->socket);
    }
    port->socket = NULL;
}

void trade_message_init(struct trade_message *message) {
    *message = (struct trade_message){0};
    zmq_msg_init(&message->payload);
}

void trade_message_fini(struct trade_message *message) {
    zmq_msg_close(&message->payload);
}

static uint32_t key_of(zmq_msg_t *message) {
    const char *user = zmq_msg_gets(message, "User-Id");
    if (user == NULL)
        return 0;
    unsigned long number = strtoul(user, NULL, 10);
    return number <= UINT32_MAX ? (uint32_t)number : 0;
}

/* Takes the parts after the routing id. The message counts when there is exactly one. */
static bool receive_parts(void *socket, struct trade_message *message) {
    bool is_single = true;
    if (zmq_msg_recv(&message->payload, socket, ZMQ_DONTWAIT) < 0)
        return false;
    while (zmq_msg_more(&message->payload)) {
        is_single = false;
        if (zmq_msg_recv(&message->payload, socket, ZMQ_DONTWAIT) < 0)
            return false;
    }
    return is_single;
}

bool trade_port_receive(struct trade_port *port, struct trade_message *message) {
    zmq_msg_t id;
    zmq_msg_init(&id);
    int size;
    do {
        size = zmq_msg_recv(&id, port->socket, ZMQ_DONTWAIT);
    } while (size < 0 && errno == EINTR);
    if (size < 0) {
        assert(errno == EAGAIN);
        return false;
    }
    /* All parts of a message arrive together: after the first there is no waiting. */
    bool has_payload = zmq_msg_more(&id);
    bool is_single = has_payload && receive_parts(port->socket, message);
    message->is_framed = is_single && size > 0 && size <= ROUTING_BYTES_MAX;
    message->key = has_payload ? key_of(&message->payload) : 0;
    message->route.size = (uint8_t)(size <= ROUTING_BYTES_MAX ? size : 0);
    memcpy(message->route.bytes, zmq_msg_data(&id), message->route.size);
    zmq_msg_close(&id);
    return true;
}

int trade_port_send(struct trade_port *port, const struct route *route, zmq_msg_t *frame) {
    zmq_msg_t id;
    int failed = zmq_msg_init_size(&id, route->size);
    assert(failed == 0);
    memcpy(zmq_msg_data(&id), route->bytes, route->size);
    do {
        failed = zmq_msg_send(&id, port->socket, ZMQ_SNDMORE | ZMQ_DONTWAIT);
    } while (failed < 0 && errno == EINTR);
    if (failed >= 0) {
        do {
            failed = zmq_msg_send(frame, port->socket, ZMQ_DONTWAIT);
        } while (failed < 0 && errno == EINTR);
    }
    if (failed >= 0)
        return 0;
    int error = errno;
    zmq_msg_close(&id);
    zmq_msg_close(frame);
    assert(error == EAGAIN || error == EHOSTUNREACH);
    return error;
}
