/*
 * Growing, shrinking and walking the tree of pages.
 *
 * A page that comes back is all zeros but for its header, since every slot was cleared when what
 * it named went; so taking a page again writes its header only.
 */
#include "engine/ladder.h"

uint64_t ladder_pages_max(const struct book_limits *limits, uint32_t root_shift) {
    uint64_t pages = 0;
    for (uint32_t shift = PAGE_BITS; shift <= root_shift; shift += PAGE_BITS) {
        uint64_t spread = ((uint64_t)limits->price_ticks_max >> shift) + 1;
        uint64_t most = spread * 2 * limits->books_max;
        pages += most < limits->levels_max ? most : limits->levels_max;
    }
    return pages;
}

static uint32_t page_take(struct books *books, uint32_t parent, uint32_t slot) {
    assert(books->pages_used < books->pages_max);
    uint32_t place = books->pages_free;
    if (place != 0)
        books->pages_free = page_at(books, place)->parent;
    else
        place =
            books->pages_at + books->pages_mark++ * (uint32_t)(sizeof(struct page) / CELL_BYTES);
    books->pages_used++;
    struct page *page = page_at(books, place);
    assert(page->bits == 0);
    page->parent = parent;
    page->slot = slot;
    return place;
}

static void page_give(struct books *books, uint32_t place) {
    page_at(books, place)->parent = books->pages_free;
    books->pages_free = place;
    books->pages_used--;
}

/* Makes the leaf that a rank belongs to, where there is none. */
static uint32_t grow(struct books *books, uint32_t owner, uint32_t rank) {
    struct ladder *ladder = ladder_of(books, owner);
    if (owner >> 1 >= books->books_mark)
        books->books_mark = (owner >> 1) + 1;
    uint32_t shift = books->root_shift;
    uint32_t slot = rank >> shift;
    uint32_t *child = &root_of(books, owner)[slot];
    uint64_t *bits = &ladder->bits;
    uint32_t parent = 0;
    for (;;) {
        if (*child == 0) {
            *child = page_take(books, parent, slot);
            *bits |= UINT64_C(1) << slot;
        }
        if (shift == PAGE_BITS)
            return *child;
        parent = *child;
        struct page *page = page_at(books, parent);
        shift -= PAGE_BITS;
        slot = ladder_slot(rank, shift);
        child = &page->child[slot];
        bits = &page->bits;
    }
}

uint32_t ladder_reach(struct books *books, uint32_t owner, uint32_t rank) {
    uint32_t leaf = ladder_leaf(books, owner, rank);
    if (leaf == 0)
        leaf = grow(books, owner, rank);
    *ladder_sight(books, owner, rank) =
        (struct sight){.number = (rank >> PAGE_BITS) + 1, .leaf = leaf};
    return leaf;
}

/* A leaf that goes may next be another ladder's, so no ladder may name it. */
static void forget(struct books *books, uint32_t owner, uint32_t rank) {
    if (ladder_recall(books, owner, rank) != 0)
        ladder_sight(books, owner, rank)->number = 0;
}

void ladder_insert(struct books *books, uint32_t place, uint32_t leaf) {
    struct level *level = level_at(books, place);
    struct ladder *ladder = ladder_of(books, level->owner);
    struct page *page = page_at(books, leaf);
    uint32_t rank = ladder_rank(books, level->owner & 1, level->price_ticks);
    uint32_t slot = ladder_slot(rank, 0);
    assert(page->child[slot] == 0);
    page->child[slot] = place;
    page->bits |= UINT64_C(1) << slot;
    level->leaf = leaf;
    if (rank > ladder->best_rank) {
        ladder->best_rank = rank;
        ladder->best = place;
    }
}

static uint32_t highest(uint64_t bits) {
    return 63u - (uint32_t)__builtin_clzll(bits);
}

/* From a page whose slots are `shift` bits of rank wide down to its best level. */
static uint32_t descend(const struct books *books, uint32_t place, uint32_t shift) {
    for (;;) {
        const struct page *page = page_at(books, place);
        place = page->child[highest(page->bits)];
        if (shift == 0)
            return place;
        shift -= PAGE_BITS;
    }
}

/* The best level below some of a root's slots. */
static uint32_t descend_root(const struct books *books, uint32_t owner, uint64_t bits) {
    if (bits == 0)
        return 0;
    uint32_t place = root_of(books, owner)[highest(bits)];
    return descend(books, place, books->root_shift - PAGE_BITS);
}

/* Clears a level's slot and gives back the pages that this empties. Returns the lowest page that
 * is left on the way, with its shift, or 0 for the root. */
static uint32_t clear(struct books *books, const struct level *level, uint32_t *shift) {
    uint32_t place = level->leaf;
    uint32_t rank = ladder_rank(books, level->owner & 1, level->price_ticks);
    uint32_t slot = ladder_slot(rank, 0);
    for (*shift = 0; place != 0; *shift += PAGE_BITS) {
        struct page *page = page_at(books, place);
        assert(page->child[slot] != 0);
        page->child[slot] = 0;
        page->bits &= ~(UINT64_C(1) << slot);
        if (page->bits != 0)
            return place;
        if (*shift == 0)
            forget(books, level->owner, rank);
        uint32_t empty = place;
        place = page->parent;
        slot = page->slot;
        page_give(books, empty);
    }
    root_of(books, level->owner)[slot] = 0;
    ladder_of(books, level->owner)->bits &= ~(UINT64_C(1) << slot);
    return 0;
}

void ladder_remove(struct books *books, uint32_t place) {
    const struct level *level = level_at(books, place);
    struct ladder *ladder = ladder_of(books, level->owner);
    uint32_t side = level->owner & 1;
    uint32_t shift;
    uint32_t left = clear(books, level, &shift);
    if (place != ladder->best)
        return;
    /* Nothing better was there, so the highest of what is left is the next best. */
    ladder->best =
        left != 0 ? descend(books, left, shift) : descend_root(books, level->owner, ladder->bits);
    ladder->best_rank = ladder->best != 0
                            ? ladder_rank(books, side, level_at(books, ladder->best)->price_ticks)
                            : 0;
}

uint32_t ladder_next(const struct books *books, uint32_t place) {
    const struct level *level = level_at(books, place);
    uint32_t rank = ladder_rank(books, level->owner & 1, level->price_ticks);
    uint32_t slot = ladder_slot(rank, 0);
    uint32_t page_place = level->leaf;
    for (uint32_t shift = 0; page_place != 0; shift += PAGE_BITS) {
        const struct page *page = page_at(books, page_place);
        uint64_t worse = page->bits & ((UINT64_C(1) << slot) - 1);
        if (worse != 0) {
            place = page->child[highest(worse)];
            return shift == 0 ? place : descend(books, place, shift - PAGE_BITS);
        }
        slot = page->slot;
        page_place = page->parent;
    }
    const struct ladder *ladder = ladder_of(books, level->owner);
    return descend_root(books, level->owner, ladder->bits & ((UINT64_C(1) << slot) - 1));
}

uint32_t ladder_from(const struct books *books, uint32_t owner, uint32_t rank) {
    uint32_t shift = books->root_shift;
    uint32_t slot = rank >> shift;
    uint32_t place = root_of(books, owner)[slot];
    /* The deepest branch on the way that has something worse: its best is the next. */
    uint32_t branch = 0;
    uint32_t branch_shift = 0;
    while (place != 0 && shift > 0) {
        const struct page *page = page_at(books, place);
        shift -= PAGE_BITS;
        uint32_t within = ladder_slot(rank, shift);
        uint64_t worse = page->bits & ((UINT64_C(1) << within) - 1);
        if (worse != 0) {
            branch = page->child[highest(worse)];
            branch_shift = shift;
        }
        place = page->child[within];
    }
    if (place != 0)
        return place;
    if (branch != 0)
        return branch_shift == 0 ? branch : descend(books, branch, branch_shift - PAGE_BITS);
    return descend_root(books, owner, ladder_of(books, owner)->bits & ((UINT64_C(1) << slot) - 1));
}
