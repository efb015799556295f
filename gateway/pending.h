/*
 * Requests that have no answer yet, kept by a client in the bytes in which they are sent.
 *
 * They stand in order of their numbers and are sent in that order. When the connection was lost
 * they are sent again under the same numbers: the exchange answers each exactly once, whether it
 * had arrived or not. Neighbours lie together as the fields of a ClientFrame, so a run of them is a
 * frame without copying.
 *
 * Threads: belongs to one. Nothing is allocated after pending_init().
 */
#ifndef GATEWAY_PENDING_H
#define GATEWAY_PENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/wire.h"

/* Requests kept at most, and their bytes with the framing. */
#define PENDING_REQUESTS_MAX 16384u
#define PENDING_BYTES_MAX    (4u << 20)

struct pending_request {
    uint64_t number;
    uint32_t offset; /* in bytes[] */
    uint32_t size;
    bool is_answered;
};

struct pending {
    struct pending_request *requests; /* [position % PENDING_REQUESTS_MAX] */
    uint8_t *bytes;
    uint64_t first;      /* position of the oldest request */
    uint64_t unsent;     /* position of the first that is to be sent */
    uint64_t end;        /* one past the newest */
    uint32_t unanswered; /* between first and end */
    uint32_t in_flight;  /* sent and unanswered */
};

/* False without memory. */
bool pending_init(struct pending *pending);
void pending_fini(struct pending *pending);

/* Keeps a copy of an encoded request, to be sent. Its number is above those of all that are kept.
 * False when there is no room: wait for answers. */
bool pending_add(struct pending *pending, uint64_t number, struct span request);

/* The next requests to be sent, as a frame of at most `count_max` requests; returns how many. */
uint32_t pending_next(struct pending *pending, uint32_t count_max, struct span *frame);

/* That many of them were sent. */
void pending_sent(struct pending *pending, uint32_t count);

/* The request of this number is answered. False when it is not kept (any more). */
bool pending_answered(struct pending *pending, uint64_t number);

/* All that are unanswered are to be sent again. */
void pending_rewind(struct pending *pending);

#endif
