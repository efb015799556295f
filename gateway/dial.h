/*
 * A client's line to the exchange: a DEALER, or a SUB for the feed, with CURVE, and what its socket
 * monitor tells of the handshake. libzmq keeps dialling by itself; a key that is not accepted, or a
 * server that is not the one expected, shows nowhere but in the monitor.
 *
 * Threads: belongs to one.
 */
#ifndef GATEWAY_DIAL_H
#define GATEWAY_DIAL_H

#include <stdbool.h>
#include <stdint.h>
#include <zmq.h>

#include "gateway/keyfile.h"
#include "proto/wire.h"

enum dial_event {
    DIAL_NOTHING,
    DIAL_UP,          /* the handshake has succeeded */
    DIAL_DOWN,        /* a connection that was up is gone; libzmq dials again */
    DIAL_KEY_REFUSED, /* the server knows our key not, or no more */
    DIAL_NO_ROOM, /* the server has as many connections as it may: libzmq gives up, dial_again() */
    DIAL_BAD_SERVER, /* somebody answers there without the server's key */
};

#define DIAL_ENDPOINT_BYTES_MAX 255

struct dial {
    void *context;
    void *socket;
    void *monitor;
    bool owns_context;
    bool is_up;
    char endpoint[DIAL_ENDPOINT_BYTES_MAX + 1];
};

struct dial_options {
    void *context;        /* of libzmq, shared by many clients; NULL: one of its own */
    const char *endpoint; /* "tcp://127.0.0.1:7001" */
    const char *server_z85;
    const struct curve_key *key; /* with its secret */
    bool is_subscriber;          /* a SUB: dial_subscribe(), and nothing is sent */
    int pipe_messages;           /* that are held here for the program; 0: DIAL_PIPE_MESSAGES */
};

/* Messages queued each way; one is up to 1,024 requests, or a commit's reports. */
#define DIAL_PIPE_MESSAGES 100000

/* Begins to dial. Returns 0, or a negative failure (ledger/failure.h) with a line that says why. */
int dial_open(struct dial *dial, const struct dial_options *options);
void dial_close(struct dial *dial);

/* The next thing that the monitor has to tell. */
enum dial_event dial_event(struct dial *dial);

/* Hangs up and dials anew: for a server that has fallen silent. */
void dial_again(struct dial *dial);

/* Hangs up and stays so; dial_again() begins anew. */
void dial_hang_up(struct dial *dial);

/* Of a SUB: asks for the messages of a topic, on this connection and all later ones. */
void dial_subscribe(struct dial *dial, struct span topic);

/* Sends a message without waiting. False when it cannot leave now. */
bool dial_send(struct dial *dial, struct span message);

/* Takes a message, which must be initialised, if there is one; or the next of its parts. */
bool dial_receive(struct dial *dial, zmq_msg_t *message);

/* Waits for a message or an event, at most so long. False when there was none. */
bool dial_wait(struct dial *dial, int timeout_ms);

#endif
