/*
 * A bare listener to the feed: takes frames as they come, holds them against each other, and keeps
 * the events of each channel.
 *
 * What does not come in DESK_PATIENCE_MS fails the test.
 *
 * Threads: the test's.
 */
#ifndef TESTS_E2E_TAP_H
#define TESTS_E2E_TAP_H

#include "gateway/dial.h"
#include "proto/feed_frame.h"
#include "tests/e2e/desk.h"

#define TAP_CHANNELS_MAX 4

struct tap_channel {
    bool is_known;
    uint64_t from; /* complete from here */
    uint64_t next; /* up to here */
    uint64_t gaps; /* frames that began above `next` */
    uint64_t frames;
    uint64_t heartbeats;      /* of them without an event */
    struct desk_bytes events; /* since the last gap */
};

struct tap {
    struct dial dial;
    struct tap_channel channels[TAP_CHANNELS_MAX];
    zmq_msg_t message;
};

/* Dials; a topic of size 0 is all channels. `pipe_messages` as for dial_options. */
void tap_open(struct tap *tap, const struct trial *trial, const struct curve_key *key,
              const char *endpoint);
void tap_close(struct tap *tap);

/* Subscribes to a channel, or to all. */
void tap_channel(struct tap *tap, uint32_t channel);
void tap_all(struct tap *tap);

/* Takes a frame if one comes within the time; the number of its channel, or -1. */
int tap_take(struct tap *tap, int timeout_ms);

/* Takes frames until a channel has told everything below a sequence. */
void tap_until(struct tap *tap, uint32_t channel, uint64_t sequence);

/* Waits for a handshake's end, or for a connection's. */
void tap_until_event(struct tap *tap, enum dial_event event);

#endif
