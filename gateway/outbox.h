/*
 * What leaves for clients: frames, sent without waiting, with the cursor of each session.
 *
 * A session's frames cover the ledger without gaps: each begins (`from`) where the one before ended
 * (`next`). A frame beside that order, such as a refusal, has from = next = the cursor.
 *
 * A session whose pipe is full lags: it is sent nothing more until the reader has caught up for it.
 * Full is also a pipe that holds too many bytes (unread.h).
 * While the last page before the live end is being made, live frames are held back, some of them,
 * so that nothing is lost between page and live.
 *
 * Threads: the gateway's.
 */
#ifndef GATEWAY_OUTBOX_H
#define GATEWAY_OUTBOX_H

#include <stddef.h>
#include <zmq.h>

#include "gateway/clock.h"
#include "gateway/counters.h"
#include "gateway/session.h"
#include "gateway/trade_port.h"
#include "gateway/unread.h"
#include "proto/frame.h"

/* Frames held for one session, and for all together. */
#define OUTBOX_HELD_PER_SESSION 64
#define OUTBOX_HELD_MAX         4096

/* How long a session that lags is left alone before it is tried again. */
#define OUTBOX_RETRY_NS (100 * CLOCK_MILLISECOND_NS)

/* A frame is made here: the largest, and what writers may touch behind it. */
#define OUTBOX_SCRATCH_BYTES (REPLY_FRAME_BYTES_MAX + REPLY_REFUSED_BYTES_MAX + 64)

struct held_frame {
    zmq_msg_t frame;
    uint64_t end; /* the `next` in it */
    struct held_frame *next;
};

struct outbox {
    struct trade_port *port;
    struct sessions *sessions;
    struct counters *counters;
    int64_t now_ns;   /* monotonic, moved by the gateway: when what is sent now is sent */
    uint32_t lost;    /* sessions marked is_lost since the gateway looked */
    uint32_t lagging; /* sessions that began to lag since the gateway looked */
    struct unread unread;
    struct held_frame *free;
    struct held_frame held[OUTBOX_HELD_MAX];
    uint8_t scratch[OUTBOX_SCRATCH_BYTES];
};

/* `unread_max`: bytes that a session may leave unread. NULL without memory. */
struct outbox *outbox_create(struct trade_port *port, struct sessions *sessions,
                             struct counters *counters, uint64_t unread_max);
/* After the context of libzmq has ended: until then it may still hold marks. */
void outbox_destroy(struct outbox *outbox);

/* Sends `size` bytes of the scratch to a connection that may have no session; what cannot be sent
 * is lost. */
void outbox_to_route(struct outbox *outbox, const struct route *route, size_t size);

/* Sends `size` bytes of the scratch to a session: beside the order. What cannot be sent is lost,
 * and the session lags or is lost. Returns true when it was sent. */
bool outbox_beside(struct outbox *outbox, uint32_t session, size_t size);

/* Sends a frame that begins at the session's cursor and ends at `next`, and moves the cursor.
 * `frame` is used up. Returns true when it was sent. */
bool outbox_ordered(struct outbox *outbox, uint32_t session, zmq_msg_t *frame, uint64_t next);

/* Sends, or holds back, a live frame in the scratch: `from` is what outbox_live_from() says. */
void outbox_live(struct outbox *outbox, uint32_t session, size_t size, uint64_t next);
uint64_t outbox_live_from(const struct session *session);

/* From here on live frames are held: they begin at `from`. */
void outbox_hold(struct outbox *outbox, uint32_t session, uint64_t from);

/* The page that ends where the held frames begin was sent: they follow, and the session is live. */
void outbox_unhold(struct outbox *outbox, uint32_t session);

/* The session was told that it is live, and is not: it is served as one that lags. */
void outbox_lag(struct outbox *outbox, uint32_t session);

/* Whether the session has so much unread that another page is of no use now. */
bool outbox_is_full(struct outbox *outbox, uint32_t session);

/* Its connection ends, or another begins: what was sent and held for it is forgotten. */
void outbox_part(struct outbox *outbox, uint32_t session);

/* Held frames are dropped: the session is to be served by pages further on. */
void outbox_drop_held(struct outbox *outbox, uint32_t session);

#endif
