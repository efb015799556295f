/* libzmq's socket options stand here, each with its reason (zmq_setsockopt(3)). */
#include "gateway/feed_port.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "gateway/auth.h"
#include "gateway/clock.h"
#include "ledger/failure.h"
#include "proto/feed_frame.h"

/* The I/O thread closes a listening socket in its own time: binding is tried again for so long. */
#define REBIND_TIMES 5000
#define REBIND_NS    CLOCK_MILLISECOND_NS

static bool set_int(void *socket, int option, int value) {
    return zmq_setsockopt(socket, option, &value, sizeof value) == 0;
}

static bool set_options(void *socket, const struct curve_key *key) {
    int64_t size_max = FEED_PORT_MESSAGE_BYTES_MAX;
    return set_int(socket, ZMQ_LINGER, FEED_PORT_LINGER_MS) &&
           /* Tell us of each subscription, and of each one's end, not only of a topic's first and
            * last: who is new is told at once where the channel stands. */
           set_int(socket, ZMQ_XPUB_VERBOSER, 1) &&
           set_int(socket, ZMQ_SNDHWM, FEED_PORT_PIPE_MESSAGES) &&
           set_int(socket, ZMQ_RCVHWM, FEED_PORT_PIPE_MESSAGES) &&
           set_int(socket, ZMQ_BACKLOG, 1024) &&
           /* Silent and half-open peers, as at the trade endpoint. */
           set_int(socket, ZMQ_HANDSHAKE_IVL, 5000) && set_int(socket, ZMQ_HEARTBEAT_IVL, 5000) &&
           set_int(socket, ZMQ_HEARTBEAT_TIMEOUT, 15000) &&
           zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &size_max, sizeof size_max) == 0 &&
           set_int(socket, ZMQ_CURVE_SERVER, 1) &&
           zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, key->secret_z85, KEYFILE_Z85_CHARS) == 0 &&
           zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, auth_door_name(AUTH_FEED),
                          strlen(auth_door_name(AUTH_FEED))) == 0;
}

static bool bind_patiently(void *socket, const char *endpoint, int times) {
    struct timespec pause = {.tv_nsec = REBIND_NS};
    while (zmq_bind(socket, endpoint) != 0) {
        if (errno != EADDRINUSE || --times <= 0)
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

/* Puts what tells of the socket into the one descriptor that the port shows. */
static bool watch(struct feed_port *port) {
    struct epoll_event event = {.events = EPOLLIN};
    int fd;
    size_t size = sizeof fd;
    return zmq_getsockopt(port->socket, ZMQ_FD, &fd, &size) == 0 &&
           epoll_ctl(port->fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static int listen_at(struct feed_port *port, const char *endpoint, int times) {
    size_t size = sizeof port->endpoint;
    port->socket = zmq_socket(port->context, ZMQ_XPUB);
    if (port->socket != NULL && set_options(port->socket, port->key) &&
        auth_watch(port->socket, AUTH_FEED, port->opening++) &&
        bind_patiently(port->socket, endpoint, times) &&
        zmq_getsockopt(port->socket, ZMQ_LAST_ENDPOINT, port->endpoint, &size) == 0 && watch(port))
        return 0;
    return failure_log(FAILURE_SYSTEM, "feed endpoint %s: %s", endpoint, zmq_strerror(errno));
}

int feed_port_open(struct feed_port *port, void *context, const struct curve_key *key,
                   const char *endpoint) {
    *port = (struct feed_port){.context = context, .key = key, .fd = epoll_create1(EPOLL_CLOEXEC)};
    if (port->fd < 0)
        return failure_errno("feed endpoint");
    int failure = listen_at(port, endpoint, 1);
    if (failure != 0)
        feed_port_close(port);
    return failure;
}

static void close_socket(struct feed_port *port) {
    if (port->socket != NULL) {
        auth_unwatch(port->socket);
        zmq_close(port->socket); /* and with it what the descriptor watches */
    }
    port->socket = NULL;
}

void feed_port_close(struct feed_port *port) {
    close_socket(port);
    if (port->fd >= 0)
        close(port->fd);
    port->fd = -1;
}

int feed_port_reopen(struct feed_port *port) {
    char endpoint[sizeof port->endpoint];
    int fd;
    size_t size = sizeof fd;
    memcpy(endpoint, port->endpoint, sizeof endpoint);
    if (zmq_getsockopt(port->socket, ZMQ_FD, &fd, &size) == 0)
        (void)epoll_ctl(port->fd, EPOLL_CTL_DEL, fd, NULL);
    (void)set_int(port->socket, ZMQ_LINGER, 0);
    (void)zmq_unbind(port->socket, endpoint);
    close_socket(port);
    return listen_at(port, endpoint, REBIND_TIMES);
}

static uint32_t key_of(zmq_msg_t *message) {
    const char *user = zmq_msg_gets(message, "User-Id");
    unsigned long number = user != NULL ? strtoul(user, NULL, 10) : 0;
    return number <= UINT32_MAX ? (uint32_t)number : 0;
}

/* A subscription begins with 1, its end with 0; what a peer sends besides is nothing. */
static bool take(zmq_msg_t *message, struct feed_subscription *subscription) {
    size_t size = zmq_msg_size(message);
    const uint8_t *bytes = zmq_msg_data(message);
    if (size == 0 || size > FEED_PORT_MESSAGE_BYTES_MAX || bytes[0] > 1)
        return false;
    subscription->is_on = bytes[0] == 1;
    subscription->key = key_of(message);
    subscription->size = size - 1;
    memcpy(subscription->topic, bytes + 1, size - 1);
    return true;
}

bool feed_port_receive(struct feed_port *port, struct feed_subscription *subscription) {
    bool is_taken = false;
    zmq_msg_t message;
    zmq_msg_init(&message);
    while (!is_taken) {
        if (zmq_msg_recv(&message, port->socket, ZMQ_DONTWAIT) >= 0)
            is_taken = take(&message, subscription);
        else if (errno != EINTR)
            break;
    }
    zmq_msg_close(&message);
    return is_taken;
}

/* Neither part can wait: an XPUB drops for who has no room. */
static void send_part(void *socket, zmq_msg_t *part, int flags) {
    int sent;
    do {
        sent = zmq_msg_send(part, socket, flags | ZMQ_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    assert(sent >= 0);
}

void feed_port_send(struct feed_port *port, uint32_t channel, zmq_msg_t *frame) {
    zmq_msg_t topic;
    int failed = zmq_msg_init_size(&topic, FEED_TOPIC_BYTES);
    assert(failed == 0);
    feed_topic_put(zmq_msg_data(&topic), channel);
    send_part(port->socket, &topic, ZMQ_SNDMORE);
    send_part(port->socket, frame, 0);
}
