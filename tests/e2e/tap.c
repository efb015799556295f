/* Frames are checked as they come: they cover something, and begin where the one before ended. */
#include "tests/e2e/tap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/clock.h"

void tap_open(struct tap *tap, const struct trial *trial, const struct curve_key *key,
              const char *endpoint) {
    struct dial_options options = {.context = trial->context,
                                   .endpoint = endpoint,
                                   .server_z85 = trial->server.public_z85,
                                   .key = key,
                                   .is_subscriber = true};
    memset(tap, 0, sizeof *tap);
    zmq_msg_init(&tap->message);
    assert_int_equal(dial_open(&tap->dial, &options), 0);
}

void tap_close(struct tap *tap) {
    dial_close(&tap->dial);
    zmq_msg_close(&tap->message);
    for (size_t i = 0; i < TAP_CHANNELS_MAX; i++)
        desk_bytes_free(&tap->channels[i].events);
}

void tap_channel(struct tap *tap, uint32_t channel) {
    uint8_t topic[FEED_TOPIC_BYTES];
    feed_topic_put(topic, channel);
    dial_subscribe(&tap->dial, (struct span){topic, sizeof topic});
}

void tap_all(struct tap *tap) {
    dial_subscribe(&tap->dial, (struct span){(const uint8_t *)"", 0});
}

static void take_frame(struct tap_channel *channel, struct span bytes) {
    struct feed_frame frame;
    struct span report;
    assert_true(feed_frame_read(bytes, &frame));
    assert_in_range(bytes.size, 1, FEED_FRAME_BYTES_MAX);
    bool is_first = !channel->is_known;
    bool is_gap = !is_first && frame.head.prev > channel->next;
    if (is_first || is_gap) {
        desk_bytes_free(&channel->events);
        channel->from = frame.head.prev;
        channel->is_known = true;
    } else {
        assert_int_equal(frame.head.prev, channel->next);
    }
    channel->gaps += is_gap;
    channel->next = frame.head.sequence;
    channel->frames++;
    uint64_t before = channel->events.count;
    while (feed_frame_next(&frame, &report))
        desk_bytes_add(&channel->events, report);
    channel->heartbeats += channel->events.count == before;
    assert_int_equal(frame.head.heartbeat_ms != 0, channel->events.count == before);
}

int tap_take(struct tap *tap, int timeout_ms) {
    uint32_t channel;
    int64_t deadline_ns = clock_mono_ns() + timeout_ms * CLOCK_MILLISECOND_NS;
    while (!dial_receive(&tap->dial, &tap->message)) {
        int64_t left_ns = deadline_ns - clock_mono_ns();
        zmq_pollitem_t item = {.socket = tap->dial.socket, .events = ZMQ_POLLIN};
        if (left_ns <= 0)
            return -1;
        zmq_poll(&item, 1, (long)(left_ns / CLOCK_MILLISECOND_NS) + 1);
    }
    struct span topic = {zmq_msg_data(&tap->message), zmq_msg_size(&tap->message)};
    assert_true(feed_topic_get(topic, &channel));
    assert_true(channel < TAP_CHANNELS_MAX && zmq_msg_more(&tap->message));
    assert_true(dial_receive(&tap->dial, &tap->message));
    assert_false(zmq_msg_more(&tap->message));
    take_frame(&tap->channels[channel],
               (struct span){zmq_msg_data(&tap->message), zmq_msg_size(&tap->message)});
    return (int)channel;
}

void tap_until(struct tap *tap, uint32_t channel, uint64_t sequence) {
    int64_t deadline_ns = clock_mono_ns() + DESK_PATIENCE_MS * CLOCK_MILLISECOND_NS;
    while (!tap->channels[channel].is_known || tap->channels[channel].next < sequence) {
        assert_true(clock_mono_ns() < deadline_ns);
        (void)tap_take(tap, 1000);
    }
}

void tap_until_event(struct tap *tap, enum dial_event event) {
    int64_t deadline_ns = clock_mono_ns() + DESK_PATIENCE_MS * CLOCK_MILLISECOND_NS;
    while (dial_event(&tap->dial) != event) {
        zmq_pollitem_t item = {.socket = tap->dial.monitor, .events = ZMQ_POLLIN};
        assert_true(clock_mono_ns() < deadline_ns);
        zmq_poll(&item, 1, 100);
        (void)tap_take(tap, 0); /* the socket sees its connections only when it is asked */
    }
}
