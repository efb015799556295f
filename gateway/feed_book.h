/*
 * libtpx: the book of one instrument, order by order and by levels, as the public feed tells it.
 *
 * The feed tells what changes; where a book stands only the query for it says, in pages, each of
 * which is as of a moment of its own. Both together give the book at any later moment:
 *
 *     feed_book_begin(book);              // from now on events are kept
 *     feed_book_event(book, &report);     // each event of the instrument, in order, none missing
 *     feed_book_page(book, &page);        // each page, in order; the last one makes the book live
 *     feed_book_event(book, &report);     // and so on: the book follows
 *
 * feed_client.h does all of this. Why it is right: pages walk through the book in the order of its
 * positions (buys from the best price down, then sells from the best price up, in a price by entry)
 * and an order's position never changes, for an order that loses its place is deleted and added
 * under another entry. So each position belongs to one page, and an event with sequence q has to be
 * carried out exactly when q is at or above the as-of of the page that its order's position belongs
 * to; the page holds what came of earlier ones. All of that needs the first event that is kept to
 * be no later than the earliest page: a page's as-of is at or above what has been told already.
 *
 * Threads: a book belongs to one. Pure: no I/O, no clock.
 */
#ifndef GATEWAY_FEED_BOOK_H
#define GATEWAY_FEED_BOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/types.h"
#include "gateway/reply.h"

/* Events that are kept while pages are on their way. */
#define FEED_BOOK_KEPT_MAX (UINT32_C(1) << 20)

struct feed_book;

/* An order at rest. */
struct feed_order {
    uint64_t entry; /* its public name, also its age: the ledger's sequence at which it came here */
    int64_t price_fen;
    uint64_t quantity;
    uint8_t side; /* enum side */
};

struct feed_level {
    int64_t price_fen;
    uint64_t quantity;
    uint32_t orders;
};

/* A page of the query for the book: what rests from after the last order of the page before up to
 * its own last order, or to the end of the book when it is the last;
 * without orders, and not the last, nothing. */
struct feed_page {
    uint64_t as_of; /* everything below this sequence is in it */
    const struct feed_order *orders;
    uint32_t count;
    bool is_last;
};

/* An empty book that is not live. NULL when there is no memory. */
struct feed_book *feed_book_create(void);
void feed_book_destroy(struct feed_book *book);

/* Forgets everything; events are kept from now on, until the last page has come. */
void feed_book_begin(struct feed_book *book);

/* An event BOOK_ADDED, BOOK_REDUCED, BOOK_DELETED or BOOK_TRADED of the instrument, others are
 * nothing. False when it could not be taken: no memory, more than FEED_BOOK_KEPT_MAX, an order that
 * there is already. Then the book is as after feed_book_begin(). */
bool feed_book_event(struct feed_book *book, const struct report *report);

/* The next page. False likewise, and when its orders do not follow those of the page before. */
bool feed_book_page(struct feed_book *book, const struct feed_page *page);

/* All pages have come: what follows is the book. */
bool feed_book_is_live(const struct feed_book *book);

/* Everything below this sequence is in the book, as far as events and pages have told. */
uint64_t feed_book_as_of(const struct feed_book *book);

/* The best `most` prices of a side, best first. Returns how many. */
uint32_t feed_book_levels(const struct feed_book *book, enum side side, struct feed_level *levels,
                          uint32_t most);

/* Levels and orders of a side. */
uint32_t feed_book_levels_count(const struct feed_book *book, enum side side);
uint32_t feed_book_orders_count(const struct feed_book *book);

/* Walks through a side's orders in the order in which they would trade: *cursor is 0 at the
 * beginning, and the book's own between calls, which no event may come between. False at the
 * end. */
bool feed_book_next(const struct feed_book *book, enum side side, uint64_t *cursor,
                    struct feed_order *order);

/* An order by its entry. */
bool feed_book_find(const struct feed_book *book, uint64_t entry, struct feed_order *order);

/* Asserts that levels, queues and table agree. For tests. */
void feed_book_check(const struct feed_book *book);

#endif
