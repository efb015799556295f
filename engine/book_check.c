/*
 * The invariants of a set of books, each asserted.
 */
#include "engine/book_set.h"
#include "engine/ladder.h"

/* A walk over one side of one book, and what walks have met so far, to be held against the set's
 * own counts. */
struct census {
    const struct books *books;
    uint32_t owner;
    uint64_t orders;
    uint64_t levels;
    uint64_t pages;
};

static void check_level(struct census *census, uint32_t place, uint32_t leaf, uint32_t rank) {
    const struct books *books = census->books;
    const struct level *level = level_at(books, place);
    assert(level->owner == census->owner && level->leaf == leaf);
    assert(ladder_rank(books, census->owner & 1, level->price_ticks) == rank);
    uint64_t quantity = 0;
    uint32_t orders = 0;
    uint32_t prev = place;
    for (uint32_t at = level->link.next; at != place; at = link_at(books, at)->next) {
        assert(is_order(books, at) && order_id(books, at) < books->orders_mark);
        const struct resting *order = resting_at(books, at);
        assert(order->level == place && order->link.prev == prev && order->quantity > 0);
        assert(orders < level->orders);
        quantity += order->quantity;
        orders++;
        prev = at;
    }
    assert(level->link.prev == prev);
    assert(orders > 0 && orders == level->orders && quantity == level->quantity);
    census->orders += orders;
    census->levels++;
}

/* A page whose slots are `shift` bits of rank wide, `rank` being its lowest, and all below it. */
static void check_page(struct census *census, uint32_t place, uint32_t shift, uint32_t rank) {
    const struct page *page = page_at(census->books, place);
    assert(page->bits != 0);
    census->pages++;
    for (uint32_t slot = 0; slot < PAGE_SLOTS; slot++) {
        uint32_t child = page->child[slot];
        uint32_t child_rank = rank + (slot << shift);
        assert((child != 0) == (page->bits >> slot & 1));
        if (child == 0)
            continue;
        if (shift == 0) {
            check_level(census, child, place, child_rank);
            continue;
        }
        assert(page_at(census->books, child)->parent == place);
        assert(page_at(census->books, child)->slot == slot);
        check_page(census, child, shift - PAGE_BITS, child_rank);
    }
}

static void check_side(struct census *census) {
    const struct books *books = census->books;
    const struct ladder *ladder = ladder_of(books, census->owner);
    const uint32_t *root = root_of(books, census->owner);
    uint64_t levels = census->levels;
    for (uint32_t slot = 0; slot < books->root_slots; slot++) {
        assert((root[slot] != 0) == (ladder->bits >> slot & 1));
        if (root[slot] == 0)
            continue;
        assert(page_at(books, root[slot])->parent == 0);
        assert(page_at(books, root[slot])->slot == slot);
        check_page(census, root[slot], books->root_shift - PAGE_BITS, slot << books->root_shift);
    }
    for (uint32_t i = 0; i < LADDER_SIGHTS; i++) {
        uint32_t number = ladder->seen[i].number;
        assert(number == 0 || ladder->seen[i].leaf ==
                                  ladder_leaf(books, census->owner, (number - 1) << PAGE_BITS));
    }
    assert((ladder->best != 0) == (ladder->bits != 0));
    assert((ladder->best != 0) == (ladder->best_rank != 0));
    assert(ladder->best == 0 ||
           ladder_find(books, census->owner, ladder->best_rank) == ladder->best);
    /* The walk from the best meets every level, so none is better than the best. */
    uint32_t rank = ladder->best_rank + 1;
    for (uint32_t place = ladder->best; place != 0; place = ladder_next(books, place)) {
        uint32_t next = ladder_rank(books, census->owner & 1, level_at(books, place)->price_ticks);
        assert(next < rank);
        rank = next;
        levels++;
    }
    assert(levels == census->levels);
}

static void check_uncrossed(const struct books *books, uint32_t book) {
    uint32_t bid = ladder_of(books, 2 * book + BOOK_BUY)->best_rank;
    uint32_t ask = ladder_of(books, 2 * book + BOOK_SELL)->best_rank;
    assert(bid == 0 || ask == 0 || bid < ladder_rank(books, BOOK_SELL, ask));
}

static void check_free(const struct books *books) {
    uint32_t free = 0;
    for (uint32_t place = books->levels_free; place != 0; place = link_at(books, place)->next) {
        assert(level_at(books, place)->orders == 0 && level_at(books, place)->owner == 0);
        free++;
    }
    assert(free + books->levels_used == books->levels_mark);
    free = 0;
    for (uint32_t place = books->pages_free; place != 0; place = page_at(books, place)->parent) {
        for (uint32_t slot = 0; slot < PAGE_SLOTS; slot++)
            assert(page_at(books, place)->child[slot] == 0);
        assert(page_at(books, place)->bits == 0);
        free++;
    }
    assert(free + books->pages_used == books->pages_mark);
}

static void check_counts(const struct books *books, const struct census *census) {
    uint64_t resting = 0;
    for (uint32_t id = 0; id < books->orders_mark; id++)
        resting += resting_at(books, order_place(books, id))->level != 0;
    assert(resting == census->orders);
    assert(census->orders == books->orders_resting);
    assert(census->levels == books->levels_used);
    assert(census->pages == books->pages_used);
    assert(books->orders_resting <= books->orders_limit);
    assert(books->levels_used <= books->levels_limit);
}

/* Both sides of a book, and that they do not cross. */
static void check_book(struct census *census, uint32_t book) {
    const struct books *books = census->books;
    for (uint32_t side = BOOK_BUY; side <= BOOK_SELL; side++) {
        census->owner = 2 * book + side;
        assert(book < books->books_mark || ladder_of(books, census->owner)->bits == 0);
        check_side(census);
    }
    check_uncrossed(books, book);
}

void books_check(const struct books *books) {
    for (uint32_t i = 0; i < NONE_BYTES; i++)
        assert(books->none[i] == 0);
    assert(books->orders_limit <= books->limits.orders_max);
    assert(books->levels_limit <= books->limits.levels_max);
    assert(books->orders_mark <= books->limits.orders_max);
    assert(books->levels_mark <= books->limits.levels_max);
    assert(books->pages_mark <= books->pages_max);
    struct census census = {.books = books};
    for (uint32_t book = 0; book < books->limits.books_max; book++)
        check_book(&census, book);
    check_free(books);
    check_counts(books, &census);
}
