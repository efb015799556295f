/*
 * The books that a feed client follows: their pages, asked for at the query endpoint, and the
 * events of their channels. Inside libtpx: feed_client.c owns the connection to the feed and its
 * frames.
 *
 * A book begins with its channel, or anew after a gap: it keeps events, asks for its pages one
 * after the other, and is live when all of them are there and the channel has told everything below
 * the highest of their as-ofs.
 *
 * Threads: those of the feed client.
 */
#ifndef GATEWAY_FEED_FOLLOW_H
#define GATEWAY_FEED_FOLLOW_H

#include "gateway/feed_client.h"
#include "gateway/query_client.h"
#include "proto/feed_frame.h"

/* Pages that are asked for at a time. */
#define FEED_FOLLOW_ASKED_MAX 32

struct feed_followed; /* a book */

struct feed_channel {
    bool is_known;
    uint64_t next; /* everything below was told */
    struct feed_followed *followed[FEED_CHANNEL_INSTRUMENTS];
};

struct feed_follow {
    struct query_client *queries;   /* NULL: no books */
    struct feed_channel **channels; /* [number]; NULL: nothing of it was heard or wanted */
    uint32_t channels_count;
    struct feed_followed *followed; /* the list of all */
    struct feed_followed *asked[FEED_FOLLOW_ASKED_MAX];
    uint32_t asked_count;
    uint32_t paged_count; /* followed that have all pages and are not live yet */
    int64_t look_ns;      /* monotonic: when to look through the list for pages that are due */
    bool looks_for_live;  /* pages or events have come that may have met */
    int64_t now_ns;
    uint64_t pages; /* that came */
    struct feed_order orders[QUERY_ROWS_MAX];
};

/* `follow` is all zeros; `options` NULL: there will be no books. False without memory. */
bool feed_follow_open(struct feed_follow *follow, const struct query_client_options *options);
void feed_follow_close(struct feed_follow *follow);

/* The record of a channel by its number; NULL when there is no memory for it. That of an
 * instrument's channel; NULL when nothing is known of it. */
struct feed_channel *feed_follow_channel(struct feed_follow *follow, uint32_t number);
const struct feed_channel *feed_follow_channel_of(const struct feed_follow *follow,
                                                  uint32_t instrument);

/* Follows an instrument's book, whose channel has been told below `since`, if it is known. False
 * without memory. Nothing when it is followed already. */
bool feed_follow_add(struct feed_follow *follow, uint32_t instrument, uint64_t since);

/* The book, NULL when it is not followed; whether it is live. */
const struct feed_book *feed_follow_book(const struct feed_follow *follow, uint32_t instrument,
                                         bool *is_live);

/* The books of a channel begin anew: it has told everything below `since`. */
void feed_follow_begin(struct feed_follow *follow, struct feed_channel *channel, uint64_t since);

/* An event of the channel, for its book. */
void feed_follow_apply(struct feed_follow *follow, struct feed_channel *channel,
                       const struct report *report);

/* Asks for what is due and takes answers; true when there is something to tell. */
bool feed_follow_look(struct feed_follow *follow, int64_t now_ns, struct feed_item *item);

/* A book that has become live; false when there is none. */
bool feed_follow_live(struct feed_follow *follow, struct feed_item *item);

#endif
