/*
 * Who may connect: libzmq asks at each handshake (ZAP, RFC 27), a thread of its own answers from a
 * table of keys.
 *
 * The table mirrors the engine's keys: the core publishes each key when it is added, and again when
 * it is revoked. A key that is not there, or is revoked, is refused with status 400. A connection
 * outlives the revocation of its key (a ROUTER cannot close one peer), so the gateway checks again
 * with each request, and the engine once more.
 *
 * Connections are counted too, at each endpoint: libzmq tells of each that comes and goes. When
 * there are as many as may be, a handshake is refused with status 500: that connection is closed,
 * and its client may dial again later. (Of status 300, meant for this, libzmq 4.3.4 makes a
 * connection that hangs.)
 *
 * Threads: auth_publish() and auth_revoke() belong to the core's thread; the handler has its own;
 * auth_is_in_force() is for any; auth_watch() and auth_unwatch() are for the socket's.
 */
#ifndef GATEWAY_AUTH_H
#define GATEWAY_AUTH_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <zmq.h>

#include "engine/types.h"
#include "engine/view.h"
#include "gateway/counters.h"

/* The endpoints. */
enum auth_door { AUTH_TRADE, AUTH_QUERY, AUTH_FEED, AUTH_DOORS };

/* "trade", "query", "feed": an endpoint's name, and its ZAP domain. */
const char *auth_door_name(enum auth_door door);

struct auth_key {
    uint8_t key[KEY_BYTES];
    _Atomic uint32_t is_revoked;
    _Atomic uint32_t is_barred; /* from the feed */
};

/* One endpoint's connections: the handler's. */
struct auth_watched {
    void *told;       /* where its socket tells of them */
    uint32_t opening; /* how often it was opened anew */
    uint32_t count;
    uint32_t max;
};

struct auth {
    void *context;
    void *socket;
    void *stop; /* end of a pair: a message on it ends the thread */
    void *stopped;
    struct auth_watched watched[AUTH_DOORS];
    struct counters *counters;
    pthread_t thread;
    uint32_t keys_max;
    struct auth_key *keys;  /* [number - 1] */
    _Atomic uint32_t count; /* keys published; the handler reads it with acquire */
};

struct auth_options {
    void *context;     /* of libzmq */
    uint32_t keys_max; /* room for keys 1 .. keys_max */
    uint32_t connections_max[AUTH_DOORS];
    struct counters *counters;
};

/* Starts the handler. Returns 0 or a negative failure. */
int auth_open(struct auth *auth, const struct auth_options *options);
void auth_close(struct auth *auth);

/* Lets a socket tell the handler of its connections, of which there are none yet: before it is
 * bound. `opening` counts the sockets that the endpoint had before. False with libzmq's errno. */
bool auth_watch(void *socket, enum auth_door door, uint32_t opening);

/* No more: before the socket is closed, and before the endpoint's next one is watched. */
void auth_unwatch(void *socket);

/* Takes over every key that the engine has and the table has not. */
void auth_publish(struct auth *auth, const struct engine *engine);

/* A key that was published is no longer accepted. */
void auth_revoke(struct auth *auth, uint32_t number);

/* The key is not accepted at the feed any more, until the exchange starts again. Any thread. */
void auth_bar_from_feed(struct auth *auth, uint32_t number);

/* True for a key that was published and not revoked. Any thread. */
bool auth_is_in_force(const struct auth *auth, uint32_t number);

#endif
