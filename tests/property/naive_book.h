/*
 * Order books written to be obviously right, to hold the fast ones against.
 *
 * Each side of each book is one array of orders, sorted: the order that trades first stands first.
 * An order is put behind all that are at least as good; a trade is with the first one. Nothing is
 * remembered that could be counted. Same commands, same events as engine/book.h.
 */
#ifndef TESTS_PROPERTY_NAIVE_BOOK_H
#define TESTS_PROPERTY_NAIVE_BOOK_H

#include "engine/book.h"

struct naive_order {
    uint32_t id;
    uint32_t price_ticks;
    uint32_t quantity;
};

struct naive_side {
    struct naive_order *orders; /* best first */
    uint32_t count;
    uint32_t room;
};

/* Events of the last command. */
struct naive_events {
    struct book_event *list;
    uint32_t count;
    uint32_t room;
};

struct naive_books {
    uint32_t orders_max;
    uint32_t books_max;
    uint32_t orders_limit;
    uint32_t levels_limit;
    uint32_t trades_max;      /* as in struct book_sink */
    struct naive_side *sides; /* of book b: 2b buys, 2b + 1 sells */
    uint32_t *side_of;        /* by id: which of those it rests on, or BOOK_NONE */
    struct naive_events events;
};

struct naive_books *naive_create(const struct book_limits *limits);
void naive_destroy(struct naive_books *naive);

/* As book_enter(), book_replace(), book_cancel(); the events replace those of the last command. */
void naive_enter(struct naive_books *naive, const struct book_order *order);
void naive_replace(struct naive_books *naive, uint32_t id, uint32_t price_ticks, uint32_t quantity);
void naive_cancel(struct naive_books *naive, uint32_t id);

/* As book_would_cost(), with the set's trades_max. */
struct book_cost naive_cost(const struct naive_books *naive, const struct book_order *order);

/* Orders at rest, and prices with orders, over all books. */
uint32_t naive_orders(const struct naive_books *naive);
uint32_t naive_levels(const struct naive_books *naive);

#endif
