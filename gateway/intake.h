/*
 * Intake: messages off the socket, cut into requests, decoded, and handed on in order.
 *
 * A few requests are decoded ahead of the one that is handed on, and the engine is told of them, so
 * that the memory they need is on its way before they are applied: worth a factor of two when the
 * book is large.
 *
 * Threads: the gateway's.
 */
#ifndef GATEWAY_INTAKE_H
#define GATEWAY_INTAKE_H

#include "engine/engine.h"
#include "gateway/clock.h"
#include "gateway/trade_port.h"
#include "proto/frame.h"

/* Requests decoded ahead. */
#define INTAKE_AHEAD 8

/* How many requests after the first hint come the nearer ones. */
#define INTAKE_NEAR 3
#define INTAKE_NEXT 6

/* A round ends after so many messages, or at the message with which it has so many requests: enough
 * to fill a commit, few enough that nobody waits long for what was taken before. */
#define INTAKE_ROUND_MESSAGES 256
#define INTAKE_ROUND_REQUESTS 16384

/* One message, while requests of it are under way. */
struct intake_message {
    struct trade_message message;
    int64_t received_ns; /* wall time */
    int64_t received_mono_ns;
};

/* One request, or what is wrong with it. */
struct intake_item {
    const struct intake_message *from;
    struct span bytes;
    struct request request;
    struct codec_fault fault; /* text NULL: none, the request is decoded */
};

/* Who takes the requests. */
struct intake_listener {
    /* A message has come: the clock has moved on to this. */
    void (*time)(void *owner, struct clock_reading reading);
    /* The session that a message comes from, 0: none. What is asked of the engine ahead needs it.
     */
    uint32_t (*session)(void *owner, const struct trade_message *message);
    /* The next request in order. What it points to is gone after the call. */
    void (*item)(void *owner, struct intake_item *item);
    void *owner;
};

struct intake {
    struct trade_port *port;
    const struct engine *engine;
    struct intake_listener listener;
    uint32_t requests;    /* of this round */
    bool is_drained;      /* the last round ended because nothing more had come */
    uint32_t session;     /* of the message that is cut */
    uint32_t messages_at; /* next message's place */
    uint32_t first;       /* oldest waiting item */
    uint32_t count;       /* waiting items */
    struct intake_message messages[INTAKE_AHEAD + 1]; /* as many as can have waiting items, and
                                                         the one that is cut */
    struct intake_item items[INTAKE_AHEAD];
    struct span cut[FRAME_REQUESTS_MAX];
};

/* NULL without memory. */
struct intake *intake_create(struct trade_port *port, const struct engine *engine,
                             const struct intake_listener *listener);
void intake_destroy(struct intake *intake);

/* Takes messages, without waiting, and hands on all their requests, until there are no more or a
 * round is full. Returns how many messages there were. */
uint32_t intake_drain(struct intake *intake);

/* Whether the last round ended because nothing more had come. */
static inline bool intake_is_drained(const struct intake *intake) {
    return intake->is_drained;
}

#endif
