/*
 * One loop: hand out what the frame at hand holds; else see to connections and books; else take the
 * next frame; else wait.
 *
 * A channel knows up to where it was told. A frame that begins above that shows a gap: the books of
 * the channel begin anew, with the frame's first event, and ask for pages that are not older.
 */
#include "gateway/feed_client.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/clock.h"
#include "gateway/dial.h"
#include "gateway/feed_follow.h"

/* Heartbeats missed after which the exchange counts as gone. */
#define HEARTBEATS_PATIENCE 3
/* After the exchange had no room for a connection. */
#define NO_ROOM_NS CLOCK_SECOND_NS

static_assert(FEED_CLIENT_ENDPOINT_MAX == DIAL_ENDPOINT_BYTES_MAX, "a dial holds it");

struct feed_client {
    struct dial dial;
    struct feed_follow follow; /* the books, and the channels */
    uint32_t heartbeat_ms;
    int64_t heard_ns;
    int64_t again_ns; /* monotonic: dial again then; 0: libzmq does */
    int64_t now_ns;
    struct feed_client_counts counts;

    zmq_msg_t message; /* the frame at hand */
    bool has_frame;
    uint32_t frame_channel;
    struct feed_frame frame;
};

static bool open_books(struct feed_client *client, const struct feed_client_options *options) {
    struct query_client_options queries = {.context = client->dial.context,
                                           .endpoint = options->query_endpoint,
                                           .server_z85 = options->server_z85,
                                           .key = options->key};
    return feed_follow_open(&client->follow, options->query_endpoint != NULL ? &queries : NULL);
}

struct feed_client *feed_client_open(const struct feed_client_options *options) {
    struct feed_client *client = calloc(1, sizeof *client);
    if (client == NULL)
        return NULL;
    zmq_msg_init(&client->message);
    struct dial_options dial = {.context = options->context,
                                .endpoint = options->endpoint,
                                .server_z85 = options->server_z85,
                                .key = options->key,
                                .is_subscriber = true,
                                .pipe_messages = options->frames_max};
    if (dial_open(&client->dial, &dial) == 0 && open_books(client, options))
        return client;
    feed_client_close(client);
    return NULL;
}

void feed_client_close(struct feed_client *client) {
    if (client == NULL)
        return;
    zmq_msg_close(&client->message);
    feed_follow_close(&client->follow);
    dial_close(&client->dial);
    free(client);
}

static void subscribe(struct feed_client *client, uint32_t channel) {
    uint8_t topic[FEED_TOPIC_BYTES];
    feed_topic_put(topic, channel);
    dial_subscribe(&client->dial, (struct span){topic, sizeof topic});
}

void feed_client_listen(struct feed_client *client, uint32_t channel) {
    if (channel == FEED_CHANNEL_ALL)
        dial_subscribe(&client->dial, (struct span){(const uint8_t *)"", 0});
    else
        subscribe(client, channel);
}

bool feed_client_follow(struct feed_client *client, uint32_t instrument) {
    uint32_t number = feed_channel_of(instrument);
    const struct feed_channel *channel = feed_follow_channel_of(&client->follow, instrument);
    bool is_followed = feed_client_book(client, instrument) != NULL;
    /* What was handed out of the frame at hand the pages must hold. */
    bool is_at_hand = client->has_frame && client->frame_channel == number;
    uint64_t since = channel != NULL ? channel->next : 0;
    if (is_at_hand)
        since = client->frame.head.sequence;
    if (!feed_follow_add(&client->follow, instrument, since))
        return false;
    if (!is_followed)
        subscribe(client, number);
    return true;
}

/* --- frames --------------------------------------------------------------------------------------
 */

/* True for a frame that shows a gap: then there is something to tell before its events. */
static bool begin_frame(struct feed_client *client, struct feed_item *item) {
    struct feed_channel *channel = client->follow.channels[client->frame_channel];
    const struct feed_head *head = &client->frame.head;
    bool is_gap = channel->is_known && head->prev > channel->next;
    if (channel->is_known && !is_gap)
        return false;
    channel->is_known = true;
    channel->next = head->prev;
    feed_follow_begin(&client->follow, channel, head->prev);
    client->counts.gaps += is_gap;
    item->kind = FEED_GAP;
    item->channel = client->frame_channel;
    return is_gap;
}

/* Takes the next message; false when there is none. What is no frame of a channel is passed over.
 */
static bool take_message(struct feed_client *client) {
    uint32_t number;
    if (!dial_receive(&client->dial, &client->message))
        return false;
    struct span topic = {zmq_msg_data(&client->message), zmq_msg_size(&client->message)};
    bool is_topic = feed_topic_get(topic, &number) && zmq_msg_more(&client->message);
    bool is_frame = is_topic;
    while (zmq_msg_more(&client->message) && dial_receive(&client->dial, &client->message))
        is_frame = is_topic && !zmq_msg_more(&client->message);
    struct span bytes = {zmq_msg_data(&client->message), zmq_msg_size(&client->message)};
    client->heard_ns = client->now_ns;
    if (!is_frame || !feed_frame_read(bytes, &client->frame) ||
        feed_follow_channel(&client->follow, number) == NULL)
        return true;
    client->has_frame = true;
    client->frame_channel = number;
    client->counts.frames++;
    if (client->frame.head.heartbeat_ms != 0)
        client->heartbeat_ms = client->frame.head.heartbeat_ms;
    return true;
}

static bool take_event(struct feed_client *client, struct span bytes, struct feed_item *item) {
    struct feed_channel *channel = client->follow.channels[client->frame_channel];
    if (!report_read(bytes, &item->report) || item->report.sequence < channel->next)
        return false;
    feed_follow_apply(&client->follow, channel, &item->report);
    client->counts.events++;
    item->kind = FEED_EVENT;
    item->channel = client->frame_channel;
    item->bytes = bytes;
    return true;
}

/* Hands out the next item of the frame at hand, and what becomes live with its end. */
static bool hand_out(struct feed_client *client, struct feed_item *item) {
    struct span bytes;
    if (client->has_frame) {
        while (feed_frame_next(&client->frame, &bytes))
            if (take_event(client, bytes, item))
                return true;
        struct feed_channel *channel = client->follow.channels[client->frame_channel];
        if (channel->next < client->frame.head.sequence)
            channel->next = client->frame.head.sequence;
        client->has_frame = false;
        client->follow.looks_for_live = true;
    }
    return feed_follow_live(&client->follow, item);
}

/* --- the connection ------------------------------------------------------------------------------
 */

/* What the monitor has to tell; true when the caller is to be told. */
static bool look_at_dial(struct feed_client *client, struct feed_item *item) {
    switch (dial_event(&client->dial)) {
    case DIAL_NOTHING:
        return false;
    case DIAL_UP:
        client->heard_ns = client->now_ns;
        item->kind = FEED_UP;
        return true;
    case DIAL_DOWN:
        client->counts.lost++;
        item->kind = FEED_LOST;
        return true;
    case DIAL_KEY_REFUSED:
        item->kind = FEED_KEY_REFUSED;
        return true;
    case DIAL_BAD_SERVER:
        item->kind = FEED_BAD_SERVER;
        return true;
    case DIAL_NO_ROOM:
        client->again_ns = client->now_ns + NO_ROOM_NS;
        item->kind = FEED_NO_ROOM;
        return true;
    }
    return false;
}

static void hang_up(struct feed_client *client) {
    client->counts.lost += client->dial.is_up;
    client->heard_ns = client->now_ns;
    client->again_ns = 0;
    dial_again(&client->dial);
}

/* Sees to everything but frames; true when the caller is to be told. */
static bool tend(struct feed_client *client, struct feed_item *item) {
    int64_t patience_ns =
        (int64_t)client->heartbeat_ms * HEARTBEATS_PATIENCE * CLOCK_MILLISECOND_NS;
    client->now_ns = clock_mono_ns();
    if (look_at_dial(client, item) || feed_follow_look(&client->follow, client->now_ns, item))
        return true;
    if (client->again_ns != 0 && client->now_ns >= client->again_ns)
        hang_up(client);
    bool is_silent = client->dial.is_up && client->heartbeat_ms != 0 &&
                     client->now_ns - client->heard_ns > patience_ns;
    if (is_silent)
        hang_up(client);
    item->kind = is_silent ? FEED_LOST : FEED_NOTHING;
    return is_silent;
}

int feed_client_watch(const struct feed_client *client,
                      zmq_pollitem_t items[FEED_CLIENT_WATCH_MAX]) {
    items[0] = (zmq_pollitem_t){.socket = client->dial.socket, .events = ZMQ_POLLIN};
    items[1] = (zmq_pollitem_t){.socket = client->dial.monitor, .events = ZMQ_POLLIN};
    if (client->follow.queries == NULL)
        return 2;
    query_client_watch(client->follow.queries, items + 2);
    return 4;
}

static void wait(const struct feed_client *client, int64_t deadline_ns) {
    zmq_pollitem_t items[FEED_CLIENT_WATCH_MAX];
    int64_t wait_ns = CLOCK_SECOND_NS;
    if (client->follow.look_ns - client->now_ns < wait_ns)
        wait_ns = client->follow.look_ns - client->now_ns;
    if (deadline_ns - client->now_ns < wait_ns)
        wait_ns = deadline_ns - client->now_ns;
    int count = feed_client_watch(client, items);
    if (wait_ns > 0)
        zmq_poll(items, count, (long)((wait_ns + CLOCK_MILLISECOND_NS - 1) / CLOCK_MILLISECOND_NS));
}

void feed_client_poll(struct feed_client *client, int timeout_ms, struct feed_item *item) {
    int64_t deadline_ns = INT64_MAX;
    item->kind = FEED_NOTHING;
    if (hand_out(client, item))
        return;
    client->now_ns = clock_mono_ns();
    if (timeout_ms >= 0)
        deadline_ns = client->now_ns + timeout_ms * CLOCK_MILLISECOND_NS;
    for (;;) {
        if (tend(client, item) || hand_out(client, item))
            return;
        if (take_message(client)) {
            if ((client->has_frame && begin_frame(client, item)) || hand_out(client, item))
                return;
        } else if (client->now_ns >= deadline_ns) {
            return;
        } else {
            wait(client, deadline_ns);
        }
    }
}

bool feed_client_wait_live(struct feed_client *client, uint32_t instrument, int timeout_ms,
                           struct feed_item *item) {
    int64_t deadline_ns = clock_mono_ns() + timeout_ms * CLOCK_MILLISECOND_NS;
    while (!feed_client_is_live(client, instrument)) {
        int64_t left_ns = deadline_ns - clock_mono_ns();
        feed_client_poll(client, left_ns > 0 ? (int)(left_ns / CLOCK_MILLISECOND_NS) : 0, item);
        bool is_in_the_way = item->kind == FEED_NOTHING || item->kind == FEED_KEY_REFUSED ||
                             item->kind == FEED_BAD_SERVER || item->kind == FEED_NO_ROOM ||
                             (item->kind == FEED_NO_BOOK && item->instrument == instrument);
        if (is_in_the_way)
            return false;
    }
    return true;
}

/* --- what is known -------------------------------------------------------------------------------
 */

const struct feed_book *feed_client_book(const struct feed_client *client, uint32_t instrument) {
    bool is_live;
    return feed_follow_book(&client->follow, instrument, &is_live);
}

bool feed_client_is_live(const struct feed_client *client, uint32_t instrument) {
    bool is_live;
    (void)feed_follow_book(&client->follow, instrument, &is_live);
    return is_live;
}

uint64_t feed_client_told(const struct feed_client *client, uint32_t instrument) {
    const struct feed_channel *channel = feed_follow_channel_of(&client->follow, instrument);
    return channel != NULL && channel->is_known ? channel->next : 0;
}

struct feed_client_counts feed_client_counts(const struct feed_client *client) {
    struct feed_client_counts counts = client->counts;
    counts.pages = client->follow.pages;
    return counts;
}
