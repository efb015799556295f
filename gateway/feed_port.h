/*
 * The feed endpoint: an XPUB with CURVE. The only file that touches its socket.
 *
 * Whoever has a key may subscribe: to a channel by its topic (proto/feed_frame.h), to all of them
 * by an empty one. Subscriptions come in as messages, each with the number of the key that its
 * connection proved. A message leaves once for each subscriber whose pipe has room; it is lost for
 * others, and nothing waits.
 *
 * One connection cannot be cut: feed_port_reopen() ends all of them and listens again at the same
 * place. Clients dial again by themselves, all but those whose key has ended.
 *
 * Threads: belongs to one at a time.
 */
#ifndef GATEWAY_FEED_PORT_H
#define GATEWAY_FEED_PORT_H

#include <stdbool.h>
#include <stdint.h>
#include <zmq.h>

#include "gateway/config.h"
#include "gateway/keyfile.h"

/* Messages that wait for one subscriber; more are lost for it. Subscribers share the bytes of a
 * message, so all that wait together are at most so many frames of FEED_FRAME_BYTES_MAX. */
#define FEED_PORT_PIPE_MESSAGES 256
/* A subscription is a few bytes; ZMQ_MAXMSGSIZE also bounds the handshake. */
#define FEED_PORT_MESSAGE_BYTES_MAX 512

/* What was sent last still leaves after a close, to those who read. */
#define FEED_PORT_LINGER_MS 200

struct feed_port {
    void *context;
    const struct curve_key *key;
    void *socket;
    uint32_t opening; /* sockets that it had */
    int fd; /* readable when there may be something to receive; the same after a reopening */
    char endpoint[CONFIG_ENDPOINT_BYTES_MAX + 1]; /* as bound: the port is a number */
};

/* What a subscriber wants, or wants no more; or, with a revoked key's `key` still in it, what it
 * may not have. */
struct feed_subscription {
    bool is_on;
    uint32_t key; /* number of the sender's key; 0: not said, as when a connection ends */
    size_t size;  /* of the topic */
    uint8_t topic[FEED_PORT_MESSAGE_BYTES_MAX];
};

/* Binds. The ZAP handler must already answer in `context`; `key` must outlive the port. Returns 0
 * or a negative failure. */
int feed_port_open(struct feed_port *port, void *context, const struct curve_key *key,
                   const char *endpoint);
void feed_port_close(struct feed_port *port);

/* Ends every connection, with all that still waits in it, and listens again. */
int feed_port_reopen(struct feed_port *port);

/* Takes a subscription, or the end of one, if there is any. */
bool feed_port_receive(struct feed_port *port, struct feed_subscription *subscription);

/* Sends a frame to whoever has subscribed to the channel; it is used up. */
void feed_port_send(struct feed_port *port, uint32_t channel, zmq_msg_t *frame);

#endif
