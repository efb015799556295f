/* Frames only: what a program makes of the events is its own affair. */
#include "bench/feed_listener.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/clock.h"
#include "gateway/reply.h"
#include "proto/feed_frame.h"

#define CHANNELS_MAX 256
#define WAIT_MS      50

static void take_frame(struct feed_listener *listener, uint32_t channel, struct span bytes) {
    struct feed_frame frame;
    struct span last = {0};
    struct report report;
    if (channel >= CHANNELS_MAX || !feed_frame_read(bytes, &frame))
        trial_die("feed: a message that is no frame");
    bool counts = atomic_load(&listener->counts);
    listener->gaps += listener->next[channel] != 0 && frame.head.prev > listener->next[channel];
    listener->next[channel] = frame.head.sequence;
    while (feed_frame_next(&frame, &last))
        listener->events += counts;
    listener->frames += counts;
    if (!counts || last.size == 0 || !report_read(last, &report))
        return;
    int64_t age_ns = clock_wall_ns() - report.time_ns;
    histogram_add(&listener->age_ns, age_ns > 0 ? (uint64_t)age_ns : 0);
}

static bool take_message(struct feed_listener *listener, zmq_msg_t *message) {
    uint32_t channel;
    if (!dial_receive(&listener->dial, message))
        return false;
    if (!feed_topic_get((struct span){zmq_msg_data(message), zmq_msg_size(message)}, &channel) ||
        !zmq_msg_more(message) || !dial_receive(&listener->dial, message))
        trial_die("feed: a message of other parts than two");
    take_frame(listener, channel, (struct span){zmq_msg_data(message), zmq_msg_size(message)});
    return true;
}

static void *listen(void *owner) {
    struct feed_listener *listener = owner;
    zmq_msg_t message;
    zmq_msg_init(&message);
    while (!atomic_load(&listener->stops))
        if (!take_message(listener, &message))
            (void)dial_wait(&listener->dial, WAIT_MS);
    zmq_msg_close(&message);
    return NULL;
}

void feed_listener_begin(struct feed_listener *listener, const struct trial *trial) {
    struct dial_options options = {.endpoint = trial->feed_endpoint,
                                   .server_z85 = trial->server.public_z85,
                                   .key = &trial->brokers[0],
                                   .is_subscriber = true};
    memset(listener, 0, sizeof *listener);
    listener->next = calloc(CHANNELS_MAX, sizeof *listener->next);
    if (listener->next == NULL || dial_open(&listener->dial, &options) != 0)
        trial_die("no listener to %s", trial->feed_endpoint);
    dial_subscribe(&listener->dial, (struct span){(const uint8_t *)"", 0});
    if (pthread_create(&listener->thread, NULL, listen, listener) != 0)
        trial_die("listener's thread");
}

void feed_listener_count(struct feed_listener *listener) {
    atomic_store(&listener->counts, true);
}

void feed_listener_end(struct feed_listener *listener) {
    atomic_store(&listener->stops, true);
    pthread_join(listener->thread, NULL);
    dial_close(&listener->dial);
    free(listener->next);
}
