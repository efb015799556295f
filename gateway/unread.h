/*
 * How much a connection has not read: bounded in bytes, where libzmq bounds only messages.
 *
 * libzmq does not say what of a pipe has left. So now and then a mark is sent behind the frames: a
 * frame that says nothing (a heartbeat), whose memory libzmq gives back when it has taken it from
 * the pipe to be encrypted. What was sent before a mark that is given back has left too.
 *
 *     if (unread_is_full(&unread, &line)) ...            treat it as a full pipe
 *     if (unread_mark(&unread, &line, &head, &frame))    before each frame
 *         send `frame`
 *     unread_sent(&line, size);                          after each frame
 *
 * Threads: the gateway's; marks are given back on libzmq's thread.
 */
#ifndef GATEWAY_UNREAD_H
#define GATEWAY_UNREAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zmq.h>

#include "proto/frame.h"

/* A mark each time that this part of the limit has been sent. */
#define UNREAD_MARKS_A_CONNECTION 8
/* Marks of all connections on their way; without one left a connection is bounded by frames alone.
 */
#define UNREAD_MARKS_MAX 65536

struct unread_mark {
    struct unread_mark *next; /* of its connection, or free */
    uint64_t bytes;           /* sent before it, since the mark before */
    _Atomic bool is_taken;    /* libzmq's thread to ours, with release */
    uint8_t frame[REPLY_HEAD_BYTES_MAX];
};

/* What one connection has been sent; zero to begin with. */
struct unread_line {
    uint64_t bytes;  /* not known to be taken */
    uint64_t behind; /* of them: since the last mark */
    struct unread_mark *first;
    struct unread_mark *last;
};

struct unread {
    uint64_t bytes_max; /* of a connection; one more frame may be on its way */
    struct unread_mark *free;
    struct unread_mark *gone; /* marks of connections that ended, not given back yet */
    struct unread_mark *marks;
};

/* False without memory. `bytes_max` is at least a few frames. */
bool unread_init(struct unread *unread, uint64_t bytes_max);
/* Only when libzmq has given everything back: after its sockets are closed. */
void unread_fini(struct unread *unread);

/* Whether nothing more should be sent to this connection now. */
bool unread_is_full(struct unread *unread, struct unread_line *line);

/* So many bytes were sent. */
void unread_sent(struct unread_line *line, size_t size);

/* Whether a mark is to be sent: then it is in *frame, made from `head`. A mark that is closed
 * instead, for the pipe is full of frames, counts as taken. */
bool unread_mark(struct unread *unread, struct unread_line *line, const struct reply_head *head,
                 zmq_msg_t *frame);

/* The connection is over: what was sent on it counts no more. */
void unread_end(struct unread *unread, struct unread_line *line);

#endif
