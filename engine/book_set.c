/*
 * A set's memory: how much it needs, how it is laid out, what of it is in use.
 */
#include "engine/book_set.h"
#include "engine/ladder.h"

/* Regions start on cache lines. */
#define LINE_BYTES 64u

/* A place is a 32-bit count of cells. */
#define SET_BYTES_MAX ((uint64_t)UINT32_MAX * CELL_BYTES)

/* More root slots than bits in the word that says which are taken cannot be. */
#define ROOT_SLOTS_MAX 64u

/* Where the regions of a set start, in bytes. */
struct plan {
    uint32_t root_shift;
    uint32_t root_slots;
    uint64_t book_bytes;
    uint64_t levels_at;
    uint64_t orders_at;
    uint64_t pages_at;
    uint64_t pages_max;
    uint64_t size;
};

static uint64_t round_to_line(uint64_t bytes) {
    return (bytes + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES;
}

static bool is_in_range(const struct book_limits *limits) {
    return limits->orders_max > 0 && limits->books_max > 0 && limits->levels_max > 0 &&
           limits->price_ticks_max > 0 && limits->price_ticks_max <= BOOK_PRICE_TICKS_MAX;
}

static struct plan plan_of(const struct book_limits *limits) {
    struct plan plan = {.root_shift = PAGE_BITS};
    while (limits->price_ticks_max >> plan.root_shift >= ROOT_SLOTS_MAX)
        plan.root_shift += PAGE_BITS;
    plan.root_slots = (limits->price_ticks_max >> plan.root_shift) + 1;
    plan.book_bytes =
        round_to_line(2 * (sizeof(struct ladder) + plan.root_slots * sizeof(uint32_t)));
    plan.pages_max = ladder_pages_max(limits, plan.root_shift);
    plan.levels_at = sizeof(struct books) + plan.book_bytes * limits->books_max;
    plan.orders_at =
        round_to_line(plan.levels_at + (uint64_t)limits->levels_max * sizeof(struct level));
    plan.pages_at =
        round_to_line(plan.orders_at + (uint64_t)limits->orders_max * sizeof(struct resting));
    plan.size = round_to_line(plan.pages_at + plan.pages_max * sizeof(struct page));
    return plan;
}

size_t books_size(const struct book_limits *limits) {
    if (!is_in_range(limits))
        return 0;
    uint64_t size = plan_of(limits).size;
    return size <= SET_BYTES_MAX ? size : 0;
}

struct books *books_init(void *memory, size_t size, const struct book_limits *limits) {
    size_t needed = books_size(limits);
    if (needed == 0 || size < needed)
        return NULL;
    assert(memory != NULL && (uintptr_t)memory % BOOK_ALIGNMENT == 0);
    struct plan plan = plan_of(limits);
    struct books *books = memory;
    *books = (struct books){
        .levels_at = (uint32_t)(plan.levels_at / CELL_BYTES),
        .orders_at = (uint32_t)(plan.orders_at / CELL_BYTES),
        .pages_at = (uint32_t)(plan.pages_at / CELL_BYTES),
        .book_bytes = (uint32_t)plan.book_bytes,
        .rank_top = limits->price_ticks_max + 1,
        .root_shift = plan.root_shift,
        .root_slots = plan.root_slots,
        .orders_limit = limits->orders_max,
        .levels_limit = limits->levels_max,
        .pages_max = (uint32_t)plan.pages_max,
        .limits = *limits,
    };
    return books;
}

void books_limit(struct books *books, uint32_t orders, uint32_t levels) {
    assert(orders >= books->orders_resting && orders <= books->limits.orders_max);
    assert(levels >= books->levels_used && levels <= books->limits.levels_max);
    books->orders_limit = orders;
    books->levels_limit = levels;
}

static struct book_extent extent(uint64_t start, uint64_t count, uint64_t item_bytes) {
    return (struct book_extent){.offset = start, .length = count * item_bytes};
}

void books_extents(const struct books *books, struct book_extent extents[BOOK_EXTENTS]) {
    uint64_t cell = CELL_BYTES;
    extents[0] = extent(0, sizeof *books + (uint64_t)books->books_mark * books->book_bytes, 1);
    extents[1] = extent(books->levels_at * cell, books->levels_mark, sizeof(struct level));
    extents[2] = extent(books->orders_at * cell, books->orders_mark, sizeof(struct resting));
    extents[3] = extent(books->pages_at * cell, books->pages_mark, sizeof(struct page));
}

size_t books_memory(const struct books *books) {
    return sizeof *books + (size_t)books->limits.books_max * books->book_bytes +
           (size_t)books->levels_used * sizeof(struct level) +
           (size_t)books->orders_resting * sizeof(struct resting) +
           (size_t)books->pages_used * sizeof(struct page);
}
