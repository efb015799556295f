/*
 * The trade endpoint: a ROUTER with CURVE. The only file that touches its socket. The query
 * endpoint (query_port.h) is another of the same make.
 *
 * Who sent a message is the key that its connection proved in the handshake: the ZAP handler
 * (auth.h) answers with the key's number, and libzmq hands that number out with every message.
 *
 * Sending never waits. A peer that does not read has a full pipe: EAGAIN; one that is gone is not
 * found: EHOSTUNREACH. Both are events in the life of a session.
 *
 * Threads: a port belongs to one: the gateway's; the query endpoint's to the shadow's.
 */
#ifndef GATEWAY_TRADE_PORT_H
#define GATEWAY_TRADE_PORT_H

#include <stdbool.h>
#include <stdint.h>
#include <zmq.h>

#include "gateway/auth.h"
#include "gateway/config.h"
#include "gateway/keyfile.h"
#include "gateway/session.h"

/* Messages that a peer's pipe holds on their way out; one is a commit's reports for one session.
 * What they may come to in bytes, the outbox bounds. On their way in the configuration says it
 * (inbound_frames); a full pipe stops reading that peer's connection. */
#define TRADE_PORT_PIPE_MESSAGES 1000

struct trade_port_options {
    void *context;               /* of libzmq; the ZAP handler must already answer in it */
    const struct curve_key *key; /* the server's */
    enum auth_door door;
    const char *endpoint;
    int outbound_messages; /* that a peer's pipe holds */
    int inbound_messages;
    int64_t frame_bytes_max;
};

struct trade_port {
    void *socket;
    char endpoint[CONFIG_ENDPOINT_BYTES_MAX + 1]; /* as bound: the port is a number */
};

/* One message as it came. Initialised by trade_message_init(); receiving into it again releases
 * what it held. */
struct trade_message {
    zmq_msg_t payload;
    struct route route;
    uint32_t key;   /* number of the sender's key; 0: not said, serve nothing */
    bool is_framed; /* it had exactly one part, and a routing id of at most ROUTING_BYTES_MAX */
};

/* Binds. Returns 0 or a negative failure. */
int trade_port_open(struct trade_port *port, const struct trade_port_options *options);
void trade_port_close(struct trade_port *port);

void trade_message_init(struct trade_message *message);
void trade_message_fini(struct trade_message *message);

/* Takes a message if there is one. */
bool trade_port_receive(struct trade_port *port, struct trade_message *message);

/* Sends a frame to a connection; the frame is used up, whatever comes of it. Returns 0, EAGAIN or
 * EHOSTUNREACH. */
int trade_port_send(struct trade_port *port, const struct route *route, zmq_msg_t *frame);

#endif
