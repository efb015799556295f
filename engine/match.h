/*
 * An order meets its book: the book's events become the engine's, and cash, shares and rows move at
 * that moment.
 *
 * Order of events: what answers the request (NEW, REPLACED), then for each fill a TRADE to the
 * taker, one to the maker and BOOK_TRADED, then CANCELED or, where a rest stands, BOOK_ADDED.
 */
#ifndef ENGINE_MATCH_H
#define ENGINE_MATCH_H

#include "engine/state.h"

/* An order that enters its book, or enters it again by a replace. Everything but the book has
 * agreed already. */
struct match {
    const struct call *call;
    uint32_t row;
    int64_t price_fen;    /* REPLACE: the new price */
    uint32_t price_ticks; /* what the book is told; 0: any */
    uint32_t leaves;      /* REPLACE: the new open quantity */
};

/* Enters a filled-in row that is in no table yet, whose holding may be 0 for a buy: it is made when
 * the book accepts. `order` is what the book is told. Afterwards the order rests, or its row is
 * free again. */
void match_enter(struct match *match, const struct book_order *order);

/* Gives a resting order the match's price and leaves. Afterwards it rests, or its row is free. */
void match_replace(struct match *match);

/* Takes a resting order out of its book and everything else, and reports it gone. */
void match_cancel(const struct call *call, uint32_t row, enum event_kind kind, enum reason reason);

#endif
