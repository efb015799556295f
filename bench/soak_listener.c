/* Waits for the feed, a second at the longest, and asks in between. */
#include "bench/soak_listener.h"

#include <string.h>

#include "bench/stopwatch.h"
#include "proto/feed_frame.h"

#define ASK_EVERY_NS UINT64_C(1000000000)
#define WAIT_MS      100

static void take_frame(struct soak_listener *listener) {
    struct feed_frame frame;
    struct span bytes = {zmq_msg_data(&listener->message), zmq_msg_size(&listener->message)};
    if (!feed_frame_read(bytes, &frame))
        trial_die("the feed sends what is no frame");
    if (listener->next != 0 && frame.head.prev != listener->next)
        atomic_fetch_add(&listener->gaps, 1);
    listener->next = frame.head.sequence;
    atomic_fetch_add(&listener->frames, 1);
}

static void listen(struct soak_listener *listener) {
    while (dial_receive(&listener->dial, &listener->message)) {
        if (!dial_receive(&listener->dial, &listener->message))
            trial_die("the feed sends half a message");
        take_frame(listener);
    }
    (void)dial_wait(&listener->dial, WAIT_MS);
    (void)dial_event(&listener->dial);
}

static void ask(struct soak_listener *listener) {
    struct query query = {.kind = QUERY_BOOK_LEVELS, .book_levels = {.instrument = 1}};
    struct answer answer;
    listener->asked_ns = stopwatch_ns();
    if (query_client_ask(listener->asker, &query, TRIAL_PATIENCE_MS, &answer) !=
        QUERY_CLIENT_ANSWER)
        trial_die("a query has no answer");
    atomic_fetch_add(&listener->answers, 1);
}

static void *run(void *owner) {
    struct soak_listener *listener = owner;
    while (!atomic_load(&listener->stops)) {
        listen(listener);
        if (stopwatch_ns() - listener->asked_ns >= ASK_EVERY_NS)
            ask(listener);
    }
    return NULL;
}

void soak_listener_begin(struct soak_listener *listener, const struct trial *trial) {
    struct dial_options options = {.context = trial->context,
                                   .endpoint = trial->feed_endpoint,
                                   .server_z85 = trial->server.public_z85,
                                   .key = &trial->brokers[0],
                                   .is_subscriber = true};
    memset(listener, 0, sizeof *listener);
    listener->trial = trial;
    zmq_msg_init(&listener->message);
    listener->asker = trial_asker(trial, &trial->brokers[0]);
    if (dial_open(&listener->dial, &options) != 0)
        trial_die("no socket for the feed");
    dial_subscribe(&listener->dial, (struct span){(const uint8_t *)"", 0});
    if (pthread_create(&listener->thread, NULL, run, listener) != 0)
        trial_die("no thread to listen");
}

void soak_listener_end(struct soak_listener *listener) {
    atomic_store(&listener->stops, true);
    pthread_join(listener->thread, NULL);
    dial_close(&listener->dial);
    query_client_close(listener->asker);
    zmq_msg_close(&listener->message);
}
