/*
 * A level and its queue: the orders of one price on one side, in order of arrival.
 *
 * Level and orders form one ring of links, the level standing between the last and the first, so
 * an order enters and leaves without a branch and without asking whether it is first or last.
 *
 * Private to the book's own files.
 */
#ifndef ENGINE_LEVEL_H
#define ENGINE_LEVEL_H

#include "engine/book_set.h"

/* Places an order last in a level's queue. The level's counts are the caller's to change. */
static inline void level_link(struct books *books, uint32_t level, uint32_t order) {
    struct link *head = link_at(books, level);
    uint32_t last = head->prev;
    *link_at(books, order) = (struct link){.next = level, .prev = last};
    link_at(books, last)->next = order;
    head->prev = order;
}

/* Takes an order out of the queue it stands in, wherever in it. */
static inline void level_unlink(struct books *books, const struct resting *order) {
    uint32_t next = order->link.next;
    uint32_t prev = order->link.prev;
    /* Stores wait for each other, prefetches do not. */
    __builtin_prefetch(link_at(books, next), 1);
    __builtin_prefetch(link_at(books, prev), 1);
    link_at(books, prev)->next = next;
    link_at(books, next)->prev = prev;
}

/* Takes a level out of the pool, with an empty queue; levels_used is below levels_max. */
static inline uint32_t level_take(struct books *books) {
    assert(books->levels_used < books->limits.levels_max);
    uint32_t place = books->levels_free;
    if (place != 0)
        books->levels_free = link_at(books, place)->next;
    else
        place = books->levels_at + 2 * books->levels_mark++;
    books->levels_used++;
    return place;
}

/* Gives a level without orders back. */
static inline void level_give(struct books *books, uint32_t place) {
    struct level *level = level_at(books, place);
    assert(level->orders == 0 && level->quantity == 0);
    level->owner = 0;
    level->link.next = books->levels_free;
    books->levels_free = place;
    books->levels_used--;
}

#endif
