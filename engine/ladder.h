/*
 * The prices of one side of a book that have orders, best first.
 *
 * Prices are turned into ranks so that both sides read alike: a higher rank is a better price. A
 * buy's rank is its price, a sell's is price_ticks_max + 1 less its price; 0 is no rank. The ranks
 * of a side are a tree of pages with 64 slots, each page with one word that says which of its slots
 * are taken. So a level is found by following its rank's digits, two or three pages deep, and the
 * next best price, however far it is, by taking the highest bit on the way up and down again. The
 * root's slots lie in the book itself; a page lives only while it holds something.
 *
 * In a market of many books each step down a tree is a wait for memory. Most orders come near the
 * best price, so a ladder remembers the leaves that it met last.
 *
 * Private to the book's own files.
 */
#ifndef ENGINE_LADDER_H
#define ENGINE_LADDER_H

#include "engine/book_set.h"

/* The rank of a price, and the price of a rank: the same sum. Sides come at random, so there is no
 * branch: for a sell, top - price is ~price + top + 1. */
static inline uint32_t ladder_rank(const struct books *books, uint32_t side, uint32_t price_ticks) {
    uint32_t is_sell = 0u - side;
    return (price_ticks ^ is_sell) + ((books->rank_top + 1) & is_sell);
}

/* The slot of a rank in a page whose slots are `shift` bits of rank wide. */
static inline uint32_t ladder_slot(uint32_t rank, uint32_t shift) {
    return (rank >> shift) & (PAGE_SLOTS - 1);
}

/* Where a ladder remembers the leaf of a rank. */
static inline struct sight *ladder_sight(const struct books *books, uint32_t owner, uint32_t rank) {
    return &ladder_of(books, owner)->seen[(rank >> PAGE_BITS) % LADDER_SIGHTS];
}

/* Place of the leaf of a rank where it is remembered, else 0. */
static inline uint32_t ladder_recall(const struct books *books, uint32_t owner, uint32_t rank) {
    const struct sight *sight = ladder_sight(books, owner, rank);
    return sight->number == (rank >> PAGE_BITS) + 1 ? sight->leaf : 0;
}

/* Place of the leaf that a rank belongs to, 0 when there is none. */
static inline uint32_t ladder_leaf(const struct books *books, uint32_t owner, uint32_t rank) {
    uint32_t shift = books->root_shift;
    uint32_t place = root_of(books, owner)[rank >> shift];
    while (shift > PAGE_BITS) {
        shift -= PAGE_BITS;
        place = page_at(books, place)->child[ladder_slot(rank, shift)];
    }
    return place;
}

/* Place of the level at a rank, 0 when there is none. */
static inline uint32_t ladder_find(const struct books *books, uint32_t owner, uint32_t rank) {
    uint32_t leaf = ladder_leaf(books, owner, rank);
    return leaf != 0 ? page_at(books, leaf)->child[ladder_slot(rank, 0)] : 0;
}

/* Pages that a set of these sizes may need at once, over all its ladders. */
uint64_t ladder_pages_max(const struct book_limits *limits, uint32_t root_shift);

/* Place of the leaf that a rank belongs to, made where there is none, remembered from now on. */
uint32_t ladder_reach(struct books *books, uint32_t owner, uint32_t rank);

/* Puts a level where none was, and keeps the best. */
void ladder_insert(struct books *books, uint32_t place, uint32_t leaf);

/* Takes a level out, and keeps the best. */
void ladder_remove(struct books *books, uint32_t place);

/* Place of the next level after this one, from better to worse; 0 after the last. */
uint32_t ladder_next(const struct books *books, uint32_t place);

/* Place of the level at a rank, or of the next worse one; 0 when there is neither. */
uint32_t ladder_from(const struct books *books, uint32_t owner, uint32_t rank);

#endif
