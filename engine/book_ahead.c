/*
 * Fetching what commands will touch before their turn.
 *
 * What a command touches hangs on a chain: its order names its level and its neighbours, a book and
 * a price a leaf, the leaf a level. Each link is a wait for memory before the next can be asked
 * for, so there is a hint for each. What a hint reads may have changed by the command's turn, or be
 * another's: then something is fetched in vain.
 */
#include "engine/book_set.h"
#include "engine/ladder.h"

/* Reads the ladder, though that may be a wait of its own: it is one that the next commands need not
 * wait for. */
static void ahead_enter(const struct books *books, const struct book_order *order) {
    uint32_t side = order->side & 1u;
    uint32_t rank = ladder_rank(books, side, order->price_ticks);
    const struct page *leaf = page_at(books, ladder_recall(books, 2 * order->book + side, rank));
    __builtin_prefetch(&leaf->child[ladder_slot(rank, 0)], 1);
}

void book_ahead(const struct books *books, const struct book_command *command) {
    const struct book_order *order = &command->order;
    if (order->id < books->limits.orders_max)
        __builtin_prefetch(resting_at(books, order_place(books, order->id)), 1);
    if (command->verb == BOOK_ENTER && order->book < books->limits.books_max)
        ahead_enter(books, order);
}

void book_ahead_place(const struct books *books, uint32_t id) {
    assert(id < books->limits.orders_max);
    const struct resting *order = resting_at(books, order_place(books, id));
    __builtin_prefetch(level_at(books, order->level), 1);
    __builtin_prefetch(link_at(books, order->link.next), 1);
    __builtin_prefetch(link_at(books, order->link.prev), 1);
}

/* Sets of so few books have their trees at hand: the way down costs less than to guess wrongly
 * whether a leaf is remembered. */
#define BOOKS_FEW 16u

/* The slot that names, or will name, the level of a price; of the leaf at place 0 where there is
 * none yet. */
static uint32_t *slot_of(const struct books *books, uint32_t book, enum book_side side,
                         uint32_t price_ticks) {
    assert(book < books->limits.books_max && side <= BOOK_SELL);
    assert(price_ticks > 0 && price_ticks < books->rank_top);
    uint32_t owner = 2 * book + (uint32_t)side;
    uint32_t rank = ladder_rank(books, (uint32_t)side, price_ticks);
    uint32_t leaf = 0;
    if (books->limits.books_max > BOOKS_FEW)
        leaf = ladder_recall(books, owner, rank);
    if (leaf == 0)
        leaf = ladder_leaf(books, owner, rank);
    return &page_at(books, leaf)->child[ladder_slot(rank, 0)];
}

void book_ahead_price(const struct books *books, uint32_t book, enum book_side side,
                      uint32_t price_ticks) {
    __builtin_prefetch(slot_of(books, book, side, price_ticks), 1);
}

void book_ahead_level(const struct books *books, uint32_t book, enum book_side side,
                      uint32_t price_ticks) {
    __builtin_prefetch(level_at(books, *slot_of(books, book, side, price_ticks)), 1);
}
