/*
 * Frames of the feed endpoint: a channel's public events, put together from slices of records, and
 * taken apart again.
 *
 * A message is two parts: the topic, which is the channel's number, and a FeedFrame. It covers the
 * ledger's sequences [prev, sequence) for its channel, also where nothing was to be told in them;
 * `prev` is the `sequence` of the channel's frame before. So whoever has followed a channel up to S
 * has seen all of its public events below S, and a frame whose `prev` lies above S shows a gap.
 *
 * Threads: pure functions.
 */
#ifndef PROTO_FEED_FRAME_H
#define PROTO_FEED_FRAME_H

#include <stdbool.h>

#include "proto/wire.h"

enum {
    FEED_FRAME_BYTES_MAX = 1 << 18,
    FEED_CHANNEL_INSTRUMENTS = 256, /* instrument i belongs to channel i / 256 */
    FEED_TOPIC_BYTES = 4
};

static inline uint32_t feed_channel_of(uint32_t instrument) {
    return instrument / FEED_CHANNEL_INSTRUMENTS;
}

/* A channel's number as the topic of its messages; and back, false when the bytes are none. */
void feed_topic_put(uint8_t topic[FEED_TOPIC_BYTES], uint32_t channel);
bool feed_topic_get(struct span topic, uint32_t *channel);

/* What a frame holds besides events. */
struct feed_head {
    uint64_t prev;
    uint64_t sequence;
    uint32_t heartbeat_ms; /* 0: none */
};

/* Writers append at `out` and return the bytes written, at most so many, and may touch WIRE_SLACK
 * behind. The head may stand behind the events. */
#define FEED_HEAD_BYTES_MAX 32
size_t feed_put_head(uint8_t *out, const struct feed_head *head);
/* At most the report's size and this. */
#define FEED_EVENT_OVERHEAD_MAX 4
size_t feed_put_event(uint8_t *out, struct span report);

/* Which instrument a public event is about: 0 when it concerns all. False when the bytes are no
 * Report of the feed. */
bool feed_report_instrument(struct span report, uint32_t *instrument);

/* Whether a public event is the register's: such are not told on the feed, which is the market's.
 */
bool feed_report_is_entry(struct span report);

/* A frame, and what is left of it to walk through. */
struct feed_frame {
    struct feed_head head;
    struct span rest; /* feed_frame_next()'s */
};

/* Reads a frame, wherever in it the head stands; fields that this release does not know are passed
 * over. False when the bytes are no FeedFrame. */
bool feed_frame_read(struct span bytes, struct feed_frame *frame);

/* The next event, an encoded Report; false at the end. */
bool feed_frame_next(struct feed_frame *frame, struct span *report);

#endif
