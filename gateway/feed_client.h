/*
 * libtpx: listening to TPX's public feed from C, and keeping books.
 *
 * A feed client dials the endpoint `feed`, proves its key, and hands out public events in the order
 * of the ledger, channel by channel (256 instruments each): orders that come to rest, change and
 * go, without their owners; trades; phases, days, kills. For instruments that it follows it keeps
 * the book: it asks the endpoint `query` where the book stands and carries out what the feed
 * tells.
 *
 *     struct feed_client_options options = {
 *         .endpoint = "tcp://127.0.0.1:7003",
 *         .query_endpoint = "tcp://127.0.0.1:7002",
 *         .server_z85 = server.public_z85,  // keyfile_curve_load(&server, "server.pub", false)
 *         .key = &key};                     // keyfile_curve_load(&key, "ann.key", true)
 *     struct feed_client *client = feed_client_open(&options);
 *     struct feed_item item;
 *     feed_client_follow(client, 1);
 *     for (;;) {
 *         feed_client_poll(client, -1, &item);
 *         if (item.kind == FEED_EVENT && item.report.body == REPORT_BOOK_TRADED)
 *             printf("%" PRIu64 " at %" PRId64 "\n", item.report.book.quantity,
 *                    item.report.book.price_fen);
 *         if (feed_client_is_live(client, 1))
 *             show(feed_client_book(client, 1)); // as of this event
 *     }
 *
 * Connections that break, frames that are lost because the program was too slow, an exchange that
 * starts again: each is seen and told (FEED_GAP), and books are made whole again by themselves
 * (FEED_LIVE). What was traded in a gap the feed does not tell again.
 *
 * Threads: a client belongs to one and starts none but libzmq's.
 */
#ifndef GATEWAY_FEED_CLIENT_H
#define GATEWAY_FEED_CLIENT_H

#include <zmq.h>

#include "gateway/feed_book.h"
#include "gateway/keyfile.h"
#include "gateway/reply.h"

struct feed_client;

struct feed_client_options {
    void *context;              /* of libzmq, shared by many clients; NULL: one of its own */
    const char *endpoint;       /* at most FEED_CLIENT_ENDPOINT_MAX characters */
    const char *query_endpoint; /* likewise; NULL: no book can be followed */
    const char *server_z85;
    const struct curve_key *key; /* with its secret */
    int frames_max;              /* that wait for the program, more are lost; 0: 100,000 */
};

#define FEED_CLIENT_ENDPOINT_MAX 255

enum feed_item_kind {
    FEED_NOTHING,     /* the time is up */
    FEED_EVENT,       /* report, bytes: a public event; books are as of after it */
    FEED_LIVE,        /* instrument: its book is whole from now on */
    FEED_GAP,         /* channel: something of it was lost; its books are asked for anew */
    FEED_NO_BOOK,     /* instrument, reason: the exchange knows none */
    FEED_UP,          /* connected */
    FEED_LOST,        /* the connection is gone; it comes back by itself, then FEED_UP */
    FEED_KEY_REFUSED, /* the exchange does not accept the key; it goes on trying */
    FEED_BAD_SERVER,  /* who answers there does not have the server's key; likewise */
    FEED_NO_ROOM,     /* the exchange has as many connections as it may; likewise */
};

struct feed_item {
    enum feed_item_kind kind;
    uint32_t channel;    /* EVENT, GAP */
    uint32_t instrument; /* LIVE, NO_BOOK */
    uint32_t reason;     /* NO_BOOK: enum reason */
    struct span bytes;   /* EVENT: the Report as the ledger holds it; valid until the next poll */
    struct report report;
};

/* A client that dials while it is polled. NULL on failure, after a line that says why. */
struct feed_client *feed_client_open(const struct feed_client_options *options);
void feed_client_close(struct feed_client *client);

/* Listens to a channel, FEED_CHANNEL_ALL: to every one. Events are handed out from the moment on at
 * which the exchange has taken the subscription. */
#define FEED_CHANNEL_ALL UINT32_MAX
void feed_client_listen(struct feed_client *client, uint32_t channel);

/* Listens to an instrument's channel and keeps its book; FEED_LIVE follows. False when there is no
 * memory. */
bool feed_client_follow(struct feed_client *client, uint32_t instrument);

/* The next thing that happened; waits for it at most `timeout_ms`, -1 without end. */
void feed_client_poll(struct feed_client *client, int timeout_ms, struct feed_item *item);

/* Polls until an instrument's book is whole, dropping events. False, with what stands in the way,
 * or FEED_NOTHING when the time is up. */
bool feed_client_wait_live(struct feed_client *client, uint32_t instrument, int timeout_ms,
                           struct feed_item *item);

/* The book of an instrument that is followed, else NULL; it says nothing while it is not live. */
const struct feed_book *feed_client_book(const struct feed_client *client, uint32_t instrument);
bool feed_client_is_live(const struct feed_client *client, uint32_t instrument);

/* Up to which sequence of the ledger an instrument's channel has been told; 0: not at all yet. */
uint64_t feed_client_told(const struct feed_client *client, uint32_t instrument);

struct feed_client_counts {
    uint64_t frames;
    uint64_t events; /* handed out */
    uint64_t gaps;
    uint64_t lost;  /* connections */
    uint64_t pages; /* of books */
};
struct feed_client_counts feed_client_counts(const struct feed_client *client);

/* What to give zmq_poll() to wait for several things at once; returns how many. */
#define FEED_CLIENT_WATCH_MAX 4
int feed_client_watch(const struct feed_client *client,
                      zmq_pollitem_t items[FEED_CLIENT_WATCH_MAX]);

#endif
