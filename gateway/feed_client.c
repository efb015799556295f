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
#include "gateway/query_client.h"
#include "ledger/failure.h"
#include "proto/feed_frame.h"

/* Pages that are asked for at a time. */
#define ASKED_MAX 32
/* How long the exchange may let a page wait for its as-of; when it is asked for again without an
 * answer; and after a refusal. */
#define PAGE_WAIT_MS     5000
#define PAGE_PATIENCE_NS (10 * CLOCK_SECOND_NS)
#define PAGE_RETRY_NS    (100 * CLOCK_MILLISECOND_NS)
/* Heartbeats missed after which the exchange counts as gone. */
#define HEARTBEATS_PATIENCE 3
/* After the exchange had no room for a connection. */
#define NO_ROOM_NS CLOCK_SECOND_NS

enum followed_state {
    FOLLOWED_WAITS, /* for the channel's first frame */
    FOLLOWED_DUE,   /* its next page is to be asked for, not before `due_ns` */
    FOLLOWED_ASKED, /* and again at `due_ns` */
    FOLLOWED_PAGED, /* all pages are there, the feed is not yet so far */
    FOLLOWED_LIVE,
    FOLLOWED_REFUSED, /* there is no such book */
};

struct channel;

struct followed {
    uint32_t instrument;
    uint8_t state; /* enum followed_state */
    const struct channel *channel;
    struct feed_book *book;
    uint64_t pages_as_of;  /* the highest of its pages */
    uint64_t id;           /* of the query that is out; ASKED */
    int64_t due_ns;        /* monotonic */
    struct query query;    /* for the next page */
    struct followed *next; /* in the list of all */
};

struct channel {
    bool is_known;
    uint64_t next; /* everything below was told */
    struct followed *followed[FEED_CHANNEL_INSTRUMENTS];
};

struct feed_client {
    struct dial dial;
    struct query_client *queries; /* NULL: no books */
    struct channel **channels;    /* [number]; NULL: nothing of it was heard or wanted */
    uint32_t channels_count;
    struct followed *followed; /* the list of all */
    struct followed *asked[ASKED_MAX];
    uint32_t asked_count;
    uint32_t paged_count; /* followed that are PAGED */
    int64_t look_ns;      /* monotonic: when to look through the list for pages that are due */
    bool looks_for_live;  /* pages or events have come that may have met */
    uint32_t heartbeat_ms;
    int64_t heard_ns;
    int64_t again_ns; /* monotonic: dial again then; 0: libzmq does */
    int64_t now_ns;
    struct feed_client_counts counts;

    zmq_msg_t message; /* the frame at hand */
    bool has_frame;
    uint32_t frame_channel;
    struct feed_frame frame;
    struct feed_order orders[QUERY_ROWS_MAX];
    char endpoint[FEED_CLIENT_ENDPOINT_MAX + 1];
};

static bool open_queries(struct feed_client *client, const struct feed_client_options *options) {
    struct query_client_options queries = {.context = client->dial.context,
                                           .endpoint = options->query_endpoint,
                                           .server_z85 = options->server_z85,
                                           .key = options->key};
    if (options->query_endpoint != NULL)
        client->queries = query_client_open(&queries);
    return options->query_endpoint == NULL || client->queries != NULL;
}

struct feed_client *feed_client_open(const struct feed_client_options *options) {
    struct feed_client *client = calloc(1, sizeof *client);
    assert(strlen(options->endpoint) <= FEED_CLIENT_ENDPOINT_MAX);
    if (client == NULL)
        return NULL;
    strcpy(client->endpoint, options->endpoint);
    zmq_msg_init(&client->message);
    struct dial_options dial = {.context = options->context,
                                .endpoint = client->endpoint,
                                .server_z85 = options->server_z85,
                                .key = options->key,
                                .is_subscriber = true,
                                .pipe_messages = options->frames_max};
    if (dial_open(&client->dial, &dial) == 0 && open_queries(client, options))
        return client;
    feed_client_close(client);
    return NULL;
}

void feed_client_close(struct feed_client *client) {
    if (client == NULL)
        return;
    zmq_msg_close(&client->message);
    query_client_close(client->queries);
    dial_close(&client->dial);
    while (client->followed != NULL) {
        struct followed *followed = client->followed;
        client->followed = followed->next;
        feed_book_destroy(followed->book);
        free(followed);
    }
    for (uint32_t i = 0; i < client->channels_count; i++)
        free(client->channels[i]);
    free(client->channels);
    free(client);
}

/* --- channels and books --------------------------------------------------------------------------
 */

/* The record of a channel; NULL when there is no memory for it. */
static struct channel *channel_at(struct feed_client *client, uint32_t number) {
    if (number >= client->channels_count) {
        uint32_t count = number + 1;
        struct channel **channels = realloc(client->channels, count * sizeof(void *));
        if (channels == NULL)
            return NULL;
        memset(channels + client->channels_count, 0,
               (count - client->channels_count) * sizeof(void *));
        client->channels = channels;
        client->channels_count = count;
    }
    if (client->channels[number] == NULL)
        client->channels[number] = calloc(1, sizeof **client->channels);
    return client->channels[number];
}

static struct channel *channel_find(const struct feed_client *client, uint32_t instrument) {
    uint32_t number = feed_channel_of(instrument);
    return number < client->channels_count ? client->channels[number] : NULL;
}

static struct followed *followed_find(const struct feed_client *client, uint32_t instrument) {
    const struct channel *channel = channel_find(client, instrument);
    return channel != NULL ? channel->followed[instrument % FEED_CHANNEL_INSTRUMENTS] : NULL;
}

static void forget_asked(struct feed_client *client, uint32_t place) {
    client->asked[place] = client->asked[--client->asked_count];
    client->look_ns = 0; /* there is room to ask for another */
}

/* Whatever answer may come is not waited for any more. */
static void give_up(struct feed_client *client, struct followed *followed) {
    for (uint32_t i = 0; i < client->asked_count; i++)
        if (client->asked[i] == followed) {
            forget_asked(client, i);
            return;
        }
}

static void set_state(struct feed_client *client, struct followed *followed,
                      enum followed_state state) {
    client->paged_count -= followed->state == FOLLOWED_PAGED;
    client->paged_count += state == FOLLOWED_PAGED;
    followed->state = (uint8_t)state;
}

/* The book begins anew: the feed has told everything below `since`, and pages must not be older. */
static void begin(struct feed_client *client, struct followed *followed, uint64_t since) {
    feed_book_begin(followed->book);
    followed->query = (struct query){.kind = QUERY_BOOK_ORDERS,
                                     .at_least = since,
                                     .wait_ms = PAGE_WAIT_MS,
                                     .book_orders.instrument = followed->instrument};
    give_up(client, followed);
    followed->pages_as_of = 0;
    set_state(client, followed, FOLLOWED_DUE);
    followed->due_ns = 0;
    client->look_ns = 0;
}

static void begin_channel(struct feed_client *client, struct channel *channel, uint64_t since) {
    for (uint32_t i = 0; i < FEED_CHANNEL_INSTRUMENTS; i++)
        if (channel->followed[i] != NULL)
            begin(client, channel->followed[i], since);
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
    struct channel *channel = channel_at(client, number);
    assert(client->queries != NULL);
    if (followed_find(client, instrument) != NULL)
        return true;
    struct followed *followed = channel != NULL ? calloc(1, sizeof *followed) : NULL;
    if (followed == NULL)
        return false;
    followed->instrument = instrument;
    followed->channel = channel;
    followed->book = feed_book_create();
    if (followed->book == NULL) {
        free(followed);
        return false;
    }
    followed->next = client->followed;
    client->followed = followed;
    channel->followed[instrument % FEED_CHANNEL_INSTRUMENTS] = followed;
    if (channel->is_known) { /* what was handed out of the frame at hand the pages must hold */
        bool is_at_hand = client->has_frame && client->frame_channel == number;
        begin(client, followed, is_at_hand ? client->frame.head.sequence : channel->next);
    }
    subscribe(client, number);
    return true;
}

/* --- pages ---------------------------------------------------------------------------------------
 */

static void ask_page(struct feed_client *client, struct followed *followed) {
    followed->id = query_client_add(client->queries, &followed->query);
    followed->due_ns = client->now_ns + (followed->id != 0 ? PAGE_PATIENCE_NS : PAGE_RETRY_NS);
    if (followed->id == 0)
        return;
    set_state(client, followed, FOLLOWED_ASKED);
    client->asked[client->asked_count++] = followed;
}

/* Asks for what is due, and finds out when something will be. */
static void ask_pages(struct feed_client *client) {
    if (client->now_ns < client->look_ns)
        return;
    client->look_ns = INT64_MAX;
    for (struct followed *each = client->followed; each != NULL; each = each->next) {
        bool is_due = client->now_ns >= each->due_ns;
        if (each->state == FOLLOWED_ASKED && is_due) { /* the query, or its answer, was lost */
            give_up(client, each);
            set_state(client, each, FOLLOWED_DUE);
        }
        if (each->state == FOLLOWED_DUE && is_due && client->asked_count < ASKED_MAX)
            ask_page(client, each);
        bool is_timed = each->state == FOLLOWED_ASKED || each->state == FOLLOWED_DUE;
        if (is_timed && each->due_ns > client->now_ns && each->due_ns < client->look_ns)
            client->look_ns = each->due_ns;
    }
}

/* Queries that are out are lost with their connection. */
static void ask_again(struct feed_client *client) {
    for (uint32_t i = 0; i < client->asked_count; i++) {
        client->asked[i]->due_ns = 0;
        set_state(client, client->asked[i], FOLLOWED_DUE);
    }
    client->asked_count = 0;
    client->look_ns = 0;
}

static bool take_refusal(struct feed_client *client, struct followed *followed,
                         const struct refused *refused, struct feed_item *item) {
    if (refused->reason != REASON_UNKNOWN_INSTRUMENT && refused->reason != REASON_MALFORMED) {
        set_state(client, followed, FOLLOWED_DUE);
        followed->due_ns = client->now_ns + PAGE_RETRY_NS;
        return false;
    }
    set_state(client, followed, FOLLOWED_REFUSED);
    item->kind = FEED_NO_BOOK;
    item->instrument = followed->instrument;
    item->reason = refused->reason;
    return true;
}

static void take_page(struct feed_client *client, struct followed *followed,
                      struct answer *answer) {
    struct feed_page page = {.as_of = answer->as_of, .orders = client->orders};
    struct answer_row row;
    client->counts.pages++;
    while (page.count < QUERY_ROWS_MAX && query_client_row(answer, &row))
        if (row.kind == ROW_ENTRY)
            client->orders[page.count++] = (struct feed_order){.entry = row.entry.entry,
                                                               .price_fen = row.entry.price_fen,
                                                               .quantity = row.entry.quantity,
                                                               .side = row.entry.side};
    page.is_last = !query_client_next_page(&followed->query, answer);
    if (page.as_of > followed->pages_as_of)
        followed->pages_as_of = page.as_of;
    set_state(client, followed, FOLLOWED_DUE);
    followed->due_ns = 0;
    if (!feed_book_page(followed->book, &page)) {
        /* No memory, or an answer that is none: what is kept from now on is enough, for pages that
         * hold all that was told. */
        begin(client, followed, followed->channel->next);
        followed->due_ns = client->now_ns + PAGE_RETRY_NS;
    } else if (page.is_last) {
        set_state(client, followed, FOLLOWED_PAGED);
        client->looks_for_live = true;
    }
}

static bool take_answer(struct feed_client *client, struct answer *answer, struct feed_item *item) {
    struct refused refused;
    uint32_t place = 0;
    while (place < client->asked_count && client->asked[place]->id != answer->id)
        place++;
    if (place == client->asked_count)
        return false; /* of a query that was given up */
    struct followed *followed = client->asked[place];
    forget_asked(client, place);
    if (query_client_refused(answer, &refused))
        return take_refusal(client, followed, &refused, item);
    take_page(client, followed, answer);
    return false;
}

/* True when there is something to tell. */
static bool look_at_queries(struct feed_client *client, struct feed_item *item) {
    struct answer answer;
    if (client->queries == NULL)
        return false;
    ask_pages(client);
    (void)query_client_flush(client->queries);
    for (;;) {
        switch (query_client_poll(client->queries, 0, &answer)) {
        case QUERY_CLIENT_NOTHING:
            return false;
        case QUERY_CLIENT_ANSWER:
            if (take_answer(client, &answer, item))
                return true;
            break;
        case QUERY_CLIENT_UP:
            ask_again(client);
            break;
        case QUERY_CLIENT_LOST:
            break;
        case QUERY_CLIENT_KEY_REFUSED:
            item->kind = FEED_KEY_REFUSED;
            return true;
        case QUERY_CLIENT_BAD_SERVER:
            item->kind = FEED_BAD_SERVER;
            return true;
        case QUERY_CLIENT_NO_ROOM:
            item->kind = FEED_NO_ROOM;
            return true;
        }
    }
}

/* --- frames --------------------------------------------------------------------------------------
 */

/* True for a frame that shows a gap: then there is something to tell before its events. */
static bool begin_frame(struct feed_client *client, struct feed_item *item) {
    struct channel *channel = client->channels[client->frame_channel];
    const struct feed_head *head = &client->frame.head;
    bool is_gap = channel->is_known && head->prev > channel->next;
    if (channel->is_known && !is_gap)
        return false;
    channel->is_known = true;
    channel->next = head->prev;
    begin_channel(client, channel, head->prev);
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
    if (!is_frame || !feed_frame_read(bytes, &client->frame) || channel_at(client, number) == NULL)
        return true;
    client->has_frame = true;
    client->frame_channel = number;
    client->counts.frames++;
    if (client->frame.head.heartbeat_ms != 0)
        client->heartbeat_ms = client->frame.head.heartbeat_ms;
    return true;
}

/* The event as its book takes it. */
static void apply(struct feed_client *client, struct channel *channel,
                  const struct report *report) {
    bool is_book = report->body >= REPORT_BOOK_ADDED && report->body <= REPORT_BOOK_TRADED;
    if (!is_book && report->body != REPORT_INSTRUMENT)
        return;
    uint32_t instrument = is_book ? report->book.instrument : report->notice.instrument;
    struct followed *followed = channel->followed[instrument % FEED_CHANNEL_INSTRUMENTS];
    if (followed == NULL || followed->instrument != instrument)
        return;
    bool is_new = !is_book && followed->state == FOLLOWED_REFUSED;
    if (is_new || (is_book && !feed_book_event(followed->book, report)))
        begin(client, followed, report->sequence + 1);
}

static bool take_event(struct feed_client *client, struct span bytes, struct feed_item *item) {
    struct channel *channel = client->channels[client->frame_channel];
    if (!report_read(bytes, &item->report) || item->report.sequence < channel->next)
        return false;
    apply(client, channel, &item->report);
    client->counts.events++;
    item->kind = FEED_EVENT;
    item->channel = client->frame_channel;
    item->bytes = bytes;
    return true;
}

/* A book whose pages and events have met. */
static bool hand_out_live(struct feed_client *client, struct feed_item *item) {
    struct followed *each = client->paged_count > 0 ? client->followed : NULL;
    for (; each != NULL; each = each->next) {
        if (each->state != FOLLOWED_PAGED || each->channel->next < each->pages_as_of)
            continue;
        set_state(client, each, FOLLOWED_LIVE);
        item->kind = FEED_LIVE;
        item->instrument = each->instrument;
        return true;
    }
    client->looks_for_live = false;
    return false;
}

/* Hands out the next item of the frame at hand, and what becomes live with its end. */
static bool hand_out(struct feed_client *client, struct feed_item *item) {
    struct span bytes;
    if (client->has_frame) {
        while (feed_frame_next(&client->frame, &bytes))
            if (take_event(client, bytes, item))
                return true;
        struct channel *channel = client->channels[client->frame_channel];
        if (channel->next < client->frame.head.sequence)
            channel->next = client->frame.head.sequence;
        client->has_frame = false;
        client->looks_for_live = true;
    }
    return client->looks_for_live && hand_out_live(client, item);
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
    if (look_at_dial(client, item) || look_at_queries(client, item))
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
    if (client->queries == NULL)
        return 2;
    query_client_watch(client->queries, items + 2);
    return 4;
}

static void wait(const struct feed_client *client, int64_t deadline_ns) {
    zmq_pollitem_t items[FEED_CLIENT_WATCH_MAX];
    int64_t wait_ns = CLOCK_SECOND_NS;
    if (client->look_ns - client->now_ns < wait_ns)
        wait_ns = client->look_ns - client->now_ns;
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
    const struct followed *followed = followed_find(client, instrument);
    return followed != NULL ? followed->book : NULL;
}

bool feed_client_is_live(const struct feed_client *client, uint32_t instrument) {
    const struct followed *followed = followed_find(client, instrument);
    return followed != NULL && followed->state == FOLLOWED_LIVE;
}

uint64_t feed_client_told(const struct feed_client *client, uint32_t instrument) {
    const struct channel *channel = channel_find(client, instrument);
    return channel != NULL && channel->is_known ? channel->next : 0;
}

struct feed_client_counts feed_client_counts(const struct feed_client *client) {
    return client->counts;
}
