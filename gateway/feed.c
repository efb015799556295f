/* Events gather in their channels' buffers as records come; a turn sends what has gathered. */
#include "gateway/feed.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/clock.h"
#include "gateway/feed_port.h"
#include "gateway/follower.h"
#include "gateway/log.h"
#include "gateway/rate.h"
#include "gateway/reply.h"
#include "ledger/failure.h"
#include "ledger/record.h"
#include "proto/feed_frame.h"

/* Records gather for so long after some have come: half of what a commit takes. */
#define GATHER_NS CLOCK_MILLISECOND_NS
/* Subscriptions, and ends of them, taken in a turn: so that records are told of meanwhile. */
#define TURN_SUBSCRIPTIONS_MAX 1000
/* Newcomers to a channel are told where it stands at most so often. */
#define GREETING_NS (10 * CLOCK_MILLISECOND_NS)
/* A frame is closed at the next record once it holds this much: in a record an event takes more
 * than in a frame. */
#define FRAME_FULL_BYTES (FEED_FRAME_BYTES_MAX - RECORD_BYTES_MAX - FEED_HEAD_BYTES_MAX)
_Static_assert(FRAME_FULL_BYTES > 0, "a frame holds the events of a whole record");

struct channel {
    uint64_t last;   /* `sequence` of the frame before */
    uint8_t *bytes;  /* encoded events that gather; NULL before the first */
    size_t size;     /* of them */
    int64_t sent_ns; /* monotonic */
    bool is_touched; /* it is on the list of those that have gathered something */
    bool has_newcomer;
};

struct feed {
    struct feed_options options;
    struct feed_port port;
    char endpoint[CONFIG_ENDPOINT_BYTES_MAX + 1]; /* the port's, for other threads */
    struct follower *follower;
    struct log_limit limit;

    struct channel *channels;
    uint32_t channels_count;
    uint32_t *touched; /* numbers of channels */
    uint32_t touched_count;
    uint64_t record; /* sequence of the one at hand */
    uint64_t events; /* put into frames, since counted */

    uint64_t *keys;         /* bit number: somebody has subscribed under it */
    int64_t *allowances_ns; /* [key]: rate.h */
    size_t topic_bytes;     /* of all subscriptions */
    uint64_t subscriptions;
    bool is_to_reopen;
    int64_t due_ns; /* monotonic: the next frame of a silent channel */
    int64_t now_ns;
};

/* --- channels ----------------------------------------------------------------------------------
 */

static uint32_t channels_of(uint32_t instruments) {
    return feed_channel_of(instruments) + 1;
}

/* Channels come to be with their first instrument. */
static void grow(struct feed *feed, uint32_t instrument) {
    assert(instrument <= feed->options.instruments_max);
    while (feed->channels_count < channels_of(instrument)) {
        feed->channels[feed->channels_count++] =
            (struct channel){.last = feed->record, .sent_ns = feed->now_ns};
        feed->due_ns = 0;
    }
}

/* Sends what has gathered, also when that is nothing: everything below `sequence` is told. */
static int send_frame(struct feed *feed, uint32_t number, uint64_t sequence) {
    struct channel *channel = &feed->channels[number];
    struct feed_head head = {.prev = channel->last, .sequence = sequence};
    uint8_t bytes[FEED_HEAD_BYTES_MAX + WIRE_SLACK];
    zmq_msg_t message;
    assert(sequence >= channel->last);
    if (channel->size == 0)
        head.heartbeat_ms = feed->options.heartbeat_ms;
    size_t size = feed_put_head(bytes, &head);
    if (zmq_msg_init_size(&message, size + channel->size) != 0)
        return failure_log(FAILURE_SYSTEM, "feed frame: %s", zmq_strerror(errno));
    uint8_t *data = zmq_msg_data(&message);
    memcpy(data, bytes, size);
    if (channel->size > 0)
        memcpy(data + size, channel->bytes, channel->size);
    feed_port_send(&feed->port, number, &message);
    channel->last = sequence;
    channel->size = 0;
    channel->has_newcomer = false;
    channel->sent_ns = feed->now_ns;
    counter_add(feed->options.counters, COUNTER_FEED_FRAMES, 1);
    return 0;
}

static int put_event(struct feed *feed, uint32_t number, struct span report) {
    struct channel *channel = &feed->channels[number];
    int failure = 0;
    if (channel->bytes == NULL)
        channel->bytes = malloc(FEED_FRAME_BYTES_MAX + WIRE_SLACK);
    if (channel->bytes == NULL)
        return failure_errno("feed channel");
    if (!channel->is_touched)
        feed->touched[feed->touched_count++] = number;
    channel->is_touched = true;
    channel->size += feed_put_event(channel->bytes + channel->size, report);
    assert(channel->size <= FEED_FRAME_BYTES_MAX - FEED_HEAD_BYTES_MAX);
    feed->events++;
    return failure;
}

static int put_public(struct feed *feed, struct span report) {
    uint32_t instrument;
    if (!feed_report_instrument(report, &instrument))
        return failure_log(FAILURE_DAMAGED, "feed: record %lu holds no public event", feed->record);
    if (instrument > feed->options.instruments_max)
        return failure_log(FAILURE_DAMAGED, "feed: record %lu: instrument %u", feed->record,
                           instrument);
    if (instrument != 0) {
        grow(feed, instrument);
        return put_event(feed, feed_channel_of(instrument), report);
    }
    int failure = 0;
    for (uint32_t i = 0; i < feed->channels_count && failure == 0; i++)
        failure = put_event(feed, i, report);
    return failure;
}

/* Frames that are full end before the record at hand. */
static int close_full(struct feed *feed) {
    int failure = 0;
    for (uint32_t i = 0; i < feed->touched_count && failure == 0; i++)
        if (feed->channels[feed->touched[i]].size > FRAME_FULL_BYTES)
            failure = send_frame(feed, feed->touched[i], feed->record);
    return failure;
}

static int send_gathered(struct feed *feed, uint64_t next) {
    int failure = 0;
    for (uint32_t i = 0; i < feed->touched_count && failure == 0; i++) {
        failure = send_frame(feed, feed->touched[i], next);
        feed->channels[feed->touched[i]].is_touched = false;
    }
    feed->touched_count = 0;
    counter_add(feed->options.counters, COUNTER_FEED_EVENTS, feed->events);
    feed->events = 0;
    return failure;
}

/* Greetings and heartbeats that are due, and when the next one is. */
static int send_due(struct feed *feed, uint64_t next, bool is_last) {
    int64_t heartbeat_ns = feed->options.heartbeat_ms * CLOCK_MILLISECOND_NS;
    int failure = 0;
    if (feed->now_ns < feed->due_ns && !is_last)
        return 0;
    feed->due_ns = feed->now_ns + heartbeat_ns;
    for (uint32_t i = 0; i < feed->channels_count && failure == 0; i++) {
        struct channel *channel = &feed->channels[i];
        int64_t due_ns = channel->sent_ns + (channel->has_newcomer ? GREETING_NS : heartbeat_ns);
        if (due_ns <= feed->now_ns || is_last) {
            failure = send_frame(feed, i, next);
            due_ns = feed->now_ns + heartbeat_ns;
        }
        if (due_ns < feed->due_ns)
            feed->due_ns = due_ns;
    }
    return failure;
}

/* --- subscribers -------------------------------------------------------------------------------
 */

static uint64_t *word_of(struct feed *feed, uint32_t key) {
    return &feed->keys[key / 64];
}

static uint64_t bit_of(uint32_t key) {
    return UINT64_C(1) << key % 64;
}

/* Whoever wants one channel, or all of them, is told where they stand. */
static void greet(struct feed *feed, const struct feed_subscription *subscription) {
    uint32_t number;
    bool is_one = feed_topic_get((struct span){subscription->topic, subscription->size}, &number);
    for (uint32_t i = 0; i < feed->channels_count; i++)
        if (!is_one || i == number)
            feed->channels[i].has_newcomer = true;
    feed->due_ns = 0;
}

/* Ends every connection at the end of the turn, for whose sake says the line. */
static void cut(struct feed *feed, const struct feed_subscription *subscription) {
    uint64_t held;
    feed->is_to_reopen = true;
    if (log_limit_take(&feed->limit, &held))
        log_line(LOG_LEVEL_WARNING, "feed_cut", "key=%u topic_bytes=%zu held=%lu",
                 subscription->key, feed->topic_bytes, held);
}

/* Whoever wants too much: its key does not get in again. */
static void bar(struct feed *feed, const struct feed_subscription *subscription) {
    auth_bar_from_feed(feed->options.auth, subscription->key);
    counter_add(feed->options.counters, COUNTER_FEED_BARRED, 1);
    cut(feed, subscription);
}

static bool is_on_time(struct feed *feed, uint32_t key) {
    return rate_take(&feed->allowances_ns[key],
                     rate_step_ns(feed->options.subscriptions_per_second), feed->now_ns);
}

static void subscribe(struct feed *feed, const struct feed_subscription *subscription) {
    if (feed->is_to_reopen)
        return; /* what is on now ends with it */
    feed->subscriptions++;
    feed->topic_bytes += subscription->size;
    if (!auth_is_in_force(feed->options.auth, subscription->key)) {
        cut(feed, subscription);
    } else if (feed->topic_bytes > FEED_TOPIC_BYTES_TOTAL_MAX ||
               !is_on_time(feed, subscription->key)) {
        bar(feed, subscription);
    } else {
        *word_of(feed, subscription->key) |= bit_of(subscription->key);
        greet(feed, subscription);
    }
}

static void unsubscribe(struct feed *feed, const struct feed_subscription *subscription) {
    if (feed->subscriptions > 0)
        feed->subscriptions--;
    feed->topic_bytes -=
        subscription->size < feed->topic_bytes ? subscription->size : feed->topic_bytes;
}

/* True when there may be more. */
static bool take_subscriptions(struct feed *feed) {
    struct feed_subscription subscription;
    uint32_t taken = 0;
    for (; taken < TURN_SUBSCRIPTIONS_MAX && feed_port_receive(&feed->port, &subscription);
         taken++) {
        if (subscription.is_on)
            subscribe(feed, &subscription);
        else
            unsubscribe(feed, &subscription);
    }
    counter_set(feed->options.counters, COUNTER_FEED_SUBSCRIPTIONS, feed->subscriptions);
    return taken == TURN_SUBSCRIPTIONS_MAX;
}

static int reopen(struct feed *feed) {
    feed->is_to_reopen = false;
    feed->subscriptions = 0;
    feed->topic_bytes = 0;
    memset(feed->keys, 0, ((size_t)feed->options.keys_max / 64 + 1) * sizeof *feed->keys);
    /* Everybody subscribes again, which is nobody's fault. */
    memset(feed->allowances_ns, 0,
           ((size_t)feed->options.keys_max + 1) * sizeof *feed->allowances_ns);
    log_line(LOG_LEVEL_INFO, "feed_reopened", "sequence=%lu", feed->record);
    return feed_port_reopen(&feed->port);
}

/* --- the follower's calls ----------------------------------------------------------------------
 */

static int begin(void *owner, struct follower_start *start) {
    struct feed *feed = owner;
    start->from = feed->options.from;
    start->fd = feed->port.fd;
    return 0;
}

/* A key that was revoked, told to its participant: whoever listens under it is cut. */
static void look_at_private(struct feed *feed, struct span bytes) {
    struct report report;
    if (!report_read(bytes, &report) || report.body != REPORT_KEY || !report.notice.is_revoked)
        return;
    uint32_t key = report.notice.key;
    if (key <= feed->options.keys_max && (*word_of(feed, key) & bit_of(key)) != 0)
        feed->is_to_reopen = true;
}

static int take_record(void *owner, const struct reader_record *bytes) {
    struct feed *feed = owner;
    struct record record;
    struct record_event_view event;
    if (!record_read(bytes->bytes, bytes->size, &record))
        return failure_log(FAILURE_DAMAGED, "feed: record %lu", bytes->sequence);
    feed->record = bytes->sequence;
    int failure = close_full(feed);
    struct span rest = record.events;
    while (failure == 0 && record_event_next(&rest, &event)) {
        if (event.audience == AUDIENCE_EVERYBODY && !feed_report_is_entry(event.report))
            failure = put_public(feed, event.report);
        else if (event.audience == AUDIENCE_PARTICIPANT)
            look_at_private(feed, event.report);
    }
    return failure;
}

static int take_turn(void *owner, struct follower_turn *turn) {
    struct feed *feed = owner;
    feed->now_ns = clock_mono_ns();
    (void)take_subscriptions(feed);
    int failure = feed->is_to_reopen ? reopen(feed) : 0;
    if (failure == 0)
        failure = send_gathered(feed, turn->next);
    if (failure == 0)
        failure = send_due(feed, turn->next, turn->is_last);
    int64_t left_ns = feed->due_ns - feed->now_ns;
    turn->timeout_ms = (int)((left_ns + CLOCK_MILLISECOND_NS - 1) / CLOCK_MILLISECOND_NS);
    /* What was sent may have swallowed the signal of what has come meanwhile. */
    bool has_more = take_subscriptions(feed);
    if (feed->is_to_reopen || feed->due_ns == 0 || has_more)
        turn->timeout_ms = 0;
    return failure;
}

/* Nobody listens at a feed that has died: clients dial in vain, and know. */
static void end(void *owner, int failure) {
    struct feed *feed = owner;
    (void)failure;
    feed_port_close(&feed->port);
}

/* --- life --------------------------------------------------------------------------------------
 */

static bool allocate(struct feed *feed) {
    uint32_t channels_max = channels_of(feed->options.instruments_max);
    feed->channels = calloc(channels_max, sizeof *feed->channels);
    feed->touched = calloc(channels_max, sizeof *feed->touched);
    feed->keys = calloc((size_t)feed->options.keys_max / 64 + 1, sizeof *feed->keys);
    feed->allowances_ns = calloc((size_t)feed->options.keys_max + 1, sizeof *feed->allowances_ns);
    return feed->channels != NULL && feed->touched != NULL && feed->keys != NULL &&
           feed->allowances_ns != NULL;
}

static int start(struct feed *feed) {
    const struct feed_options *options = &feed->options;
    struct follower_options follower = {.name = "feed",
                                        .ledger_dir = options->ledger_dir,
                                        .counters = options->counters,
                                        .as_of = COUNTER_FEED,
                                        .state = COUNTER_FEED_STATE,
                                        .gather_ns = GATHER_NS};
    struct follower_listener listener = {begin, take_record, take_turn, end, feed};
    if (!allocate(feed))
        return failure_errno("feed");
    feed->now_ns = clock_mono_ns();
    feed->record = options->from;
    grow(feed, options->instruments);
    int failure = feed_port_open(&feed->port, options->context, options->key, options->endpoint);
    if (failure != 0)
        return failure;
    memcpy(feed->endpoint, feed->port.endpoint, sizeof feed->endpoint);
    feed->follower = follower_create(&follower, &listener);
    return feed->follower != NULL ? 0 : FAILURE_SYSTEM;
}

struct feed *feed_create(const struct feed_options *options) {
    struct feed *feed = calloc(1, sizeof *feed);
    if (feed == NULL)
        return NULL;
    feed->options = *options;
    feed->port.fd = -1;
    if (start(feed) == 0)
        return feed;
    feed_destroy(feed);
    return NULL;
}

void feed_destroy(struct feed *feed) {
    if (feed == NULL)
        return;
    follower_destroy(feed->follower);
    feed_port_close(&feed->port);
    for (uint32_t i = 0; i < feed->channels_count; i++)
        free(feed->channels[i].bytes);
    free(feed->channels);
    free(feed->touched);
    free(feed->keys);
    free(feed->allowances_ns);
    free(feed);
}

struct wake *feed_wake(struct feed *feed) {
    return follower_wake(feed->follower);
}

const char *feed_endpoint(const struct feed *feed) {
    return feed->endpoint;
}
