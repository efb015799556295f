/*
 * How a set of books lies in its block of memory. Private to the book's own files.
 *
 * The block is cut into cells of 16 bytes, and whatever refers to something else in it does so by
 * the number of a cell, counted from the start of the block (a "place"). Place 0 means "none";
 * zeros lie there, so that whatever is read through it is empty. In order of address:
 *
 *     struct books | books: two ladders and their root slots each | levels | orders | pages
 *
 * Levels and pages are handed out from a mark upwards, and from a free list once they have come
 * back; an order lies where its id says. Beyond the marks nothing was ever written, so what is
 * below them is the whole state.
 */
#ifndef ENGINE_BOOK_SET_H
#define ENGINE_BOOK_SET_H

#include <assert.h>

#include "engine/book.h"

#define CELL_BYTES 16u

/* A page of a ladder has a bit for each of its 64 slots in one word. */
#define PAGE_BITS  6u
#define PAGE_SLOTS (1u << PAGE_BITS)

/* As many bytes as the largest thing in the block, in whole cache lines. */
#define NONE_BYTES 320u

struct books {
    uint8_t none[NONE_BYTES]; /* zeros */

    uint32_t levels_at; /* places of the first level (never used: place 0 of the levels), ... */
    uint32_t orders_at;
    uint32_t pages_at;
    uint32_t book_bytes; /* from one book to the next */
    uint32_t rank_top;   /* price_ticks_max + 1: see ladder.h */
    uint32_t root_shift; /* a rank shifted right by this is its slot in the root */
    uint32_t root_slots;

    uint32_t orders_resting;
    uint32_t orders_limit;
    uint32_t orders_mark; /* ids from here on have never rested */
    uint32_t levels_used;
    uint32_t levels_limit;
    uint32_t levels_mark; /* levels handed out so far */
    uint32_t levels_free; /* place of the first level that came back, linked by `next` */
    uint32_t pages_used;
    uint32_t pages_mark;
    uint32_t pages_free; /* likewise, linked by `parent` */
    uint32_t pages_max;
    uint32_t books_mark; /* books from here on have never had a level */
    uint32_t unused;
    struct book_limits limits;
    uint8_t padding[32];
};

static_assert(sizeof(struct books) == NONE_BYTES + 128, "the books start on a cache line");

/* Neighbours in a ring: a level and the orders that rest there, oldest first. */
struct link {
    uint32_t next; /* places */
    uint32_t prev;
};

/* A resting order, or, with level 0, none. */
struct resting {
    struct link link;
    uint32_t quantity; /* open, in units */
    uint32_t level;    /* place */
};

/* One price of one side of a book, in use exactly while an order rests there. */
struct level {
    struct link link; /* next: first come; prev: last come */
    uint32_t leaf;    /* place of the page that names it */
    uint32_t owner;   /* twice its book, plus its side */
    uint32_t price_ticks;
    uint32_t orders;
    uint64_t quantity; /* units: the sum of its orders */
};

/* 64 neighbouring ranks (a leaf), or 64 pages of those, and so on up to the root. */
struct page {
    uint64_t bits;              /* which slots are not 0 */
    uint32_t parent;            /* place of the page that names it, 0 for the root */
    uint32_t slot;              /* there */
    uint32_t child[PAGE_SLOTS]; /* places: of levels in a leaf, else of pages; 0 for none */
};

/* A leaf that a ladder met lately. */
struct sight {
    uint32_t number; /* that of its ranks without their lowest PAGE_BITS, plus 1; 0 for none */
    uint32_t leaf;   /* place */
};

#define LADDER_SIGHTS 2u

/* One side of one book. Its root slots follow the book's two ladders. */
struct ladder {
    uint32_t best_rank;               /* 0 when there is no order */
    uint32_t best;                    /* place of the level there */
    uint64_t bits;                    /* which root slots are not 0 */
    struct sight seen[LADDER_SIGHTS]; /* each where its number says, modulo their count */
};

static_assert(sizeof(struct resting) == CELL_BYTES, "an order is one cell");
static_assert(sizeof(struct level) == 2 * CELL_BYTES, "a level is two cells");
static_assert(sizeof(struct page) % CELL_BYTES == 0, "pages lie on cells");
static_assert(sizeof(struct page) <= NONE_BYTES, "a page at place 0 is empty");
static_assert(sizeof(struct ladder) == 2 * CELL_BYTES, "so that the two of a book share a line");

/* A place's address. The block is one object: whoever may change it casts nothing further. */
static inline void *cell_at(const struct books *books, uint32_t place) {
    return (char *)books + (size_t)place * CELL_BYTES;
}

static inline struct link *link_at(const struct books *books, uint32_t place) {
    return cell_at(books, place);
}

static inline struct level *level_at(const struct books *books, uint32_t place) {
    return cell_at(books, place);
}

static inline struct page *page_at(const struct books *books, uint32_t place) {
    return cell_at(books, place);
}

static inline struct resting *resting_at(const struct books *books, uint32_t place) {
    return cell_at(books, place);
}

/* Orders lie in a row by id. */
static inline uint32_t order_place(const struct books *books, uint32_t id) {
    return books->orders_at + id;
}

static inline uint32_t order_id(const struct books *books, uint32_t place) {
    return place - books->orders_at;
}

/* Whether a place met in a level's ring is an order, not the level itself. */
static inline bool is_order(const struct books *books, uint32_t place) {
    return place >= books->orders_at;
}

/* The ladder of twice a book plus a side. */
static inline struct ladder *ladder_of(const struct books *books, uint32_t owner) {
    char *book = (char *)books + sizeof *books + (size_t)(owner >> 1) * books->book_bytes;
    return (struct ladder *)(void *)book + (owner & 1);
}

/* The root slots of the same. */
static inline uint32_t *root_of(const struct books *books, uint32_t owner) {
    char *book = (char *)books + sizeof *books + (size_t)(owner >> 1) * books->book_bytes;
    uint32_t *slots = (uint32_t *)(void *)(book + 2 * sizeof(struct ladder));
    return slots + (owner & 1) * books->root_slots;
}

#endif
