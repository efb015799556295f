/* Books that have something due are looked for in the list of all, and only when some may. */
#include "gateway/feed_follow.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/clock.h"

/* How long the exchange may let a page wait for its as-of; when it is asked for again without an
 * answer; and after a refusal. */
#define PAGE_WAIT_MS     5000
#define PAGE_PATIENCE_NS (10 * CLOCK_SECOND_NS)
#define PAGE_RETRY_NS    (100 * CLOCK_MILLISECOND_NS)

enum followed_state {
    FOLLOWED_WAITS, /* for the channel's first frame */
    FOLLOWED_DUE,   /* its next page is to be asked for, not before `due_ns` */
    FOLLOWED_ASKED, /* and again at `due_ns` */
    FOLLOWED_PAGED, /* all pages are there, the feed is not yet so far */
    FOLLOWED_LIVE,
    FOLLOWED_REFUSED, /* there is no such book */
};

struct feed_followed {
    uint32_t instrument;
    uint8_t state; /* enum followed_state */
    const struct feed_channel *channel;
    struct feed_book *book;
    uint64_t pages_as_of;       /* the highest of its pages */
    uint64_t id;                /* of the query that is out; ASKED */
    int64_t due_ns;             /* monotonic */
    struct query query;         /* for the next page */
    struct feed_followed *next; /* in the list of all */
};

bool feed_follow_open(struct feed_follow *follow, const struct query_client_options *options) {
    if (options != NULL)
        follow->queries = query_client_open(options);
    return options == NULL || follow->queries != NULL;
}

void feed_follow_close(struct feed_follow *follow) {
    query_client_close(follow->queries);
    while (follow->followed != NULL) {
        struct feed_followed *followed = follow->followed;
        follow->followed = followed->next;
        feed_book_destroy(followed->book);
        free(followed);
    }
    for (uint32_t i = 0; i < follow->channels_count; i++)
        free(follow->channels[i]);
    free(follow->channels);
}

/* --- channels and books --------------------------------------------------------------------------
 */

/* The record of a channel; NULL when there is no memory for it. */
struct feed_channel *feed_follow_channel(struct feed_follow *follow, uint32_t number) {
    if (number >= follow->channels_count) {
        uint32_t count = number + 1;
        struct feed_channel **channels = realloc(follow->channels, count * sizeof(void *));
        if (channels == NULL)
            return NULL;
        memset(channels + follow->channels_count, 0,
               (count - follow->channels_count) * sizeof(void *));
        follow->channels = channels;
        follow->channels_count = count;
    }
    if (follow->channels[number] == NULL)
        follow->channels[number] = calloc(1, sizeof **follow->channels);
    return follow->channels[number];
}

const struct feed_channel *feed_follow_channel_of(const struct feed_follow *follow,
                                                  uint32_t instrument) {
    uint32_t number = feed_channel_of(instrument);
    return number < follow->channels_count ? follow->channels[number] : NULL;
}

static struct feed_followed *find(const struct feed_follow *follow, uint32_t instrument) {
    const struct feed_channel *channel = feed_follow_channel_of(follow, instrument);
    return channel != NULL ? channel->followed[instrument % FEED_CHANNEL_INSTRUMENTS] : NULL;
}

static void forget_asked(struct feed_follow *follow, uint32_t place) {
    follow->asked[place] = follow->asked[--follow->asked_count];
    follow->look_ns = 0; /* there is room to ask for another */
}

/* Whatever answer may come is not waited for any more. */
static void give_up(struct feed_follow *follow, struct feed_followed *followed) {
    for (uint32_t i = 0; i < follow->asked_count; i++)
        if (follow->asked[i] == followed) {
            forget_asked(follow, i);
            return;
        }
}

static void set_state(struct feed_follow *follow, struct feed_followed *followed,
                      enum followed_state state) {
    follow->paged_count -= followed->state == FOLLOWED_PAGED;
    follow->paged_count += state == FOLLOWED_PAGED;
    followed->state = (uint8_t)state;
}

/* The book begins anew: the feed has told everything below `since`, and pages must not be older. */
static void begin(struct feed_follow *follow, struct feed_followed *followed, uint64_t since) {
    feed_book_begin(followed->book);
    followed->query = (struct query){.kind = QUERY_BOOK_ORDERS,
                                     .at_least = since,
                                     .wait_ms = PAGE_WAIT_MS,
                                     .book_orders.instrument = followed->instrument};
    give_up(follow, followed);
    followed->pages_as_of = 0;
    set_state(follow, followed, FOLLOWED_DUE);
    followed->due_ns = 0;
    follow->look_ns = 0;
}

void feed_follow_begin(struct feed_follow *follow, struct feed_channel *channel, uint64_t since) {
    for (uint32_t i = 0; i < FEED_CHANNEL_INSTRUMENTS; i++)
        if (channel->followed[i] != NULL)
            begin(follow, channel->followed[i], since);
}

bool feed_follow_add(struct feed_follow *follow, uint32_t instrument, uint64_t since) {
    struct feed_channel *channel = feed_follow_channel(follow, feed_channel_of(instrument));
    assert(follow->queries != NULL);
    if (find(follow, instrument) != NULL)
        return true;
    struct feed_followed *followed = channel != NULL ? calloc(1, sizeof *followed) : NULL;
    if (followed == NULL)
        return false;
    followed->instrument = instrument;
    followed->channel = channel;
    followed->book = feed_book_create();
    if (followed->book == NULL) {
        free(followed);
        return false;
    }
    followed->next = follow->followed;
    follow->followed = followed;
    channel->followed[instrument % FEED_CHANNEL_INSTRUMENTS] = followed;
    if (channel->is_known)
        begin(follow, followed, since);
    return true;
}

const struct feed_book *feed_follow_book(const struct feed_follow *follow, uint32_t instrument,
                                         bool *is_live) {
    const struct feed_followed *followed = find(follow, instrument);
    *is_live = followed != NULL && followed->state == FOLLOWED_LIVE;
    return followed != NULL ? followed->book : NULL;
}

/* --- pages ---------------------------------------------------------------------------------------
 */

static void ask_page(struct feed_follow *follow, struct feed_followed *followed) {
    followed->id = query_client_add(follow->queries, &followed->query);
    followed->due_ns = follow->now_ns + (followed->id != 0 ? PAGE_PATIENCE_NS : PAGE_RETRY_NS);
    if (followed->id == 0)
        return;
    set_state(follow, followed, FOLLOWED_ASKED);
    follow->asked[follow->asked_count++] = followed;
}

/* Asks for what is due, and finds out when something will be. */
static void ask_pages(struct feed_follow *follow) {
    if (follow->now_ns < follow->look_ns)
        return;
    follow->look_ns = INT64_MAX;
    for (struct feed_followed *each = follow->followed; each != NULL; each = each->next) {
        bool is_due = follow->now_ns >= each->due_ns;
        if (each->state == FOLLOWED_ASKED && is_due) { /* the query, or its answer, was lost */
            give_up(follow, each);
            set_state(follow, each, FOLLOWED_DUE);
        }
        if (each->state == FOLLOWED_DUE && is_due && follow->asked_count < FEED_FOLLOW_ASKED_MAX)
            ask_page(follow, each);
        bool is_timed = each->state == FOLLOWED_ASKED || each->state == FOLLOWED_DUE;
        if (is_timed && each->due_ns > follow->now_ns && each->due_ns < follow->look_ns)
            follow->look_ns = each->due_ns;
    }
}

/* Queries that are out are lost with their connection. */
static void ask_again(struct feed_follow *follow) {
    for (uint32_t i = 0; i < follow->asked_count; i++) {
        follow->asked[i]->due_ns = 0;
        set_state(follow, follow->asked[i], FOLLOWED_DUE);
    }
    follow->asked_count = 0;
    follow->look_ns = 0;
}

static bool take_refusal(struct feed_follow *follow, struct feed_followed *followed,
                         const struct refused *refused, struct feed_item *item) {
    if (refused->reason != REASON_UNKNOWN_INSTRUMENT && refused->reason != REASON_MALFORMED) {
        set_state(follow, followed, FOLLOWED_DUE);
        followed->due_ns = follow->now_ns + PAGE_RETRY_NS;
        return false;
    }
    set_state(follow, followed, FOLLOWED_REFUSED);
    item->kind = FEED_NO_BOOK;
    item->instrument = followed->instrument;
    item->reason = refused->reason;
    return true;
}

static void take_page(struct feed_follow *follow, struct feed_followed *followed,
                      struct answer *answer) {
    struct feed_page page = {.as_of = answer->as_of, .orders = follow->orders};
    struct answer_row row;
    follow->pages++;
    while (page.count < QUERY_ROWS_MAX && query_client_row(answer, &row))
        if (row.kind == ROW_ENTRY)
            follow->orders[page.count++] = (struct feed_order){.entry = row.entry.entry,
                                                               .price_fen = row.entry.price_fen,
                                                               .quantity = row.entry.quantity,
                                                               .side = row.entry.side};
    page.is_last = !query_client_next_page(&followed->query, answer);
    if (page.as_of > followed->pages_as_of)
        followed->pages_as_of = page.as_of;
    set_state(follow, followed, FOLLOWED_DUE);
    followed->due_ns = 0;
    if (!feed_book_page(followed->book, &page)) {
        /* No memory, or an answer that is none: what is kept from now on is enough, for pages that
         * hold all that was told. */
        begin(follow, followed, followed->channel->next);
        followed->due_ns = follow->now_ns + PAGE_RETRY_NS;
    } else if (page.is_last) {
        set_state(follow, followed, FOLLOWED_PAGED);
        follow->looks_for_live = true;
    }
}

static bool take_answer(struct feed_follow *follow, struct answer *answer, struct feed_item *item) {
    struct refused refused;
    uint32_t place = 0;
    while (place < follow->asked_count && follow->asked[place]->id != answer->id)
        place++;
    if (place == follow->asked_count)
        return false; /* of a query that was given up */
    struct feed_followed *followed = follow->asked[place];
    forget_asked(follow, place);
    if (query_client_refused(answer, &refused))
        return take_refusal(follow, followed, &refused, item);
    take_page(follow, followed, answer);
    return false;
}

/* True when there is something to tell. */
bool feed_follow_look(struct feed_follow *follow, int64_t now_ns, struct feed_item *item) {
    struct answer answer;
    follow->now_ns = now_ns;
    if (follow->queries == NULL)
        return false;
    ask_pages(follow);
    (void)query_client_flush(follow->queries);
    for (;;) {
        switch (query_client_poll(follow->queries, 0, &answer)) {
        case QUERY_CLIENT_NOTHING:
            return false;
        case QUERY_CLIENT_ANSWER:
            if (take_answer(follow, &answer, item))
                return true;
            break;
        case QUERY_CLIENT_UP:
            ask_again(follow);
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

/* --- events --------------------------------------------------------------------------------------
 */

/* The event as its book takes it. */
void feed_follow_apply(struct feed_follow *follow, struct feed_channel *channel,
                       const struct report *report) {
    bool is_book = report->body >= REPORT_BOOK_ADDED && report->body <= REPORT_BOOK_TRADED;
    if (!is_book && report->body != REPORT_INSTRUMENT)
        return;
    uint32_t instrument = is_book ? report->book.instrument : report->notice.instrument;
    struct feed_followed *followed = channel->followed[instrument % FEED_CHANNEL_INSTRUMENTS];
    if (followed == NULL || followed->instrument != instrument)
        return;
    bool is_new = !is_book && followed->state == FOLLOWED_REFUSED;
    if (is_new || (is_book && !feed_book_event(followed->book, report)))
        begin(follow, followed, report->sequence + 1);
}

/* A book whose pages and events have met. */
bool feed_follow_live(struct feed_follow *follow, struct feed_item *item) {
    if (!follow->looks_for_live)
        return false;
    struct feed_followed *each = follow->paged_count > 0 ? follow->followed : NULL;
    for (; each != NULL; each = each->next) {
        if (each->state != FOLLOWED_PAGED || each->channel->next < each->pages_as_of)
            continue;
        set_state(follow, each, FOLLOWED_LIVE);
        item->kind = FEED_LIVE;
        item->instrument = each->instrument;
        return true;
    }
    follow->looks_for_live = false;
    return false;
}
