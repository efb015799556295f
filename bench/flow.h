/*
 * Order flows: what a market sends, as a file that any engine can be driven with.
 *
 * A flow is text. Lines that start with '#' are comments; one of them, "# preload K", says that the
 * first K operations fill the books and are not timed. Each other line is an operation:
 *
 *     N,<order_id>,<symbol>,<B|S>,<L|M|I|F>,<price_ticks>,<qty>   new: limit, market (price 0),
 *                                                                 immediate-or-cancel, fill-or-kill
 *     C,<order_id>                                                cancel
 *     R,<order_id>,<new_price>,<new_qty>                          replace; qty is the new open one
 *
 * Order ids and symbols are dense and small. Some cancels and replaces name orders that are gone,
 * or that never were, and must be refused without harm.
 *
 *     struct flow flow;
 *     struct flow_error error;
 *     if (flow_read(&flow, "itch.csv", &error) != 0)
 *         die(error.text);
 *     ... flow.commands[0 .. flow.count - 1], the first flow.preload untimed ...
 *     flow_fini(&flow);
 */
#ifndef BENCH_FLOW_H
#define BENCH_FLOW_H

#include <stdint.h>
#include <stdio.h>

#include "engine/book.h"

/* Highest order id and symbol that a flow may name. */
#define FLOW_ID_MAX     999999999u
#define FLOW_SYMBOL_MAX 999999u

struct flow {
    struct book_command *commands; /* ids, books and prices as in the file */
    size_t count;
    size_t room;
    size_t preload;           /* at most count */
    uint32_t orders_max;      /* above every order id */
    uint32_t books_max;       /* above every symbol */
    uint32_t price_ticks_max; /* the highest price */
};

/* Where a flow is wrong and how, in one line: "itch.csv:17: price: 70000000 is above 4194303". */
struct flow_error {
    char text[256];
};

/* Reads a file. Returns 0; or -1, with `error` set and nothing to release. */
int flow_read(struct flow *flow, const char *path, struct flow_error *error);

/* Adds an operation at the end and keeps the flow's bounds. Asserts that there is memory. */
void flow_add(struct flow *flow, const struct book_command *command);

/* Writes a flow, with a comment line of `title` first. Returns 0, or -1 when writing fails. */
int flow_write(const struct flow *flow, const char *title, FILE *out);

/* Releases what a flow that was read or added to holds. */
void flow_fini(struct flow *flow);

/* The sizes of a set of books that this flow can never fill, with its ids as the books' ids. */
struct book_limits flow_limits(const struct flow *flow);

#endif
