/*
 * Answers on their way: those to one connection that came of one round travel together, in one
 * frame, for a frame costs the same to seal and to send whatever is in it.
 *
 * One that its receiver has no room for is dropped and counted.
 *
 * Threads: the query port's.
 */
#ifndef GATEWAY_QUERY_OUTBOX_H
#define GATEWAY_QUERY_OUTBOX_H

#include "gateway/counters.h"
#include "gateway/log.h"
#include "gateway/trade_port.h"
#include "proto/codec_answer.h"

/* Connections that are gathered for at a time; for one more, all that is there leaves first. */
#define QUERY_OUTPUTS 32u
/* A frame leaves when a whole answer may not fit any more. */
#define QUERY_OUTPUT_BYTES ((size_t)2 * ANSWER_BYTES_MAX)

struct query_output {
    struct route route;
    struct message_output out;
    uint8_t frame[QUERY_OUTPUT_BYTES];
};

struct query_outbox {
    struct trade_port *port;
    struct counters *counters;
    struct log_limit dropped_limit;
    uint32_t used;
    struct query_output output[QUERY_OUTPUTS];
};

/* Begins in a struct of zeros. */
void query_outbox_init(struct query_outbox *outbox, struct trade_port *port,
                       struct counters *counters);

/* Where the next answer to a connection is to be written, with room for ANSWER_BYTES_MAX. */
struct message_output *query_outbox_to(struct query_outbox *outbox, const struct route *route);

/* All that was written leaves. */
void query_outbox_flush(struct query_outbox *outbox);

#endif
