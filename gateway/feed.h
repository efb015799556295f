/*
 * The feed: every durable public event, order by order, to whoever has subscribed.
 *
 * A follower (follower.h) that owns the feed endpoint (feed_port.h). Instruments are told in
 * channels of 256; what concerns all of them goes to every channel. In each turn a channel that has
 * something to tell gets one frame, or several, split between records; a channel that is silent
 * gets an empty one each heartbeat, so that a lost last frame is noticed, and one at once when
 * somebody new subscribes, which says where the channel stands (proto/feed_frame.h).
 *
 * It begins where the ledger stands when the exchange starts: the first frame's `prev` says so, and
 * a client that stands elsewhere recovers by the query for the book.
 *
 * A revoked key is cut: when anybody has subscribed under it the port is reopened, and its owner
 * does not get in again. Likewise whoever's subscription brings all of them over
 * FEED_TOPIC_BYTES_TOTAL_MAX, or who subscribes more often than a key may; its key is barred until
 * the next start.
 *
 * Threads: one of its own; the functions here are for the thread that creates it.
 */
#ifndef GATEWAY_FEED_H
#define GATEWAY_FEED_H

#include "gateway/auth.h"
#include "gateway/counters.h"
#include "gateway/keyfile.h"
#include "gateway/wake.h"

/* Topics of all subscriptions together: 262,144 subscriptions to a channel. */
#define FEED_TOPIC_BYTES_TOTAL_MAX ((size_t)1 << 20)

struct feed;

struct feed_options {
    void *context;               /* of libzmq; the ZAP handler answers in it */
    const struct curve_key *key; /* the server's; must outlive the feed */
    struct auth *auth;           /* likewise */
    const char *endpoint;
    const char *ledger_dir;
    struct counters *counters;
    uint64_t from;        /* the first record told of */
    uint32_t instruments; /* how many there are below it */
    uint32_t instruments_max;
    uint32_t keys_max;
    uint32_t subscriptions_per_second; /* of one key; 0: no limit */
    uint32_t heartbeat_ms;
};

/* Binds and starts. NULL on failure, with a line in the log. */
struct feed *feed_create(const struct feed_options *options);
void feed_destroy(struct feed *feed);

/* What wakes it: for pipeline_follow(). */
struct wake *feed_wake(struct feed *feed);

/* Where it listens; the port is a number. */
const char *feed_endpoint(const struct feed *feed);

#endif
