/*
 * Walking a side of a book from any price on, against a walk from the best.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/book.h"

#define ORDERS 600u
#define TICKS  200000u
#define LEVELS 1000u

static struct books *books;
static void *memory;

static void drop(struct book_sink *sink) {
    static struct book_event events[64];
    sink->next = events;
    sink->end = events + 64;
}

static uint32_t pick(uint32_t below) {
    static uint64_t random = 20261124;
    random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)((random >> 33) % below);
}

/* Two orders in three cluster; buys lie below the middle, sells above it. */
static uint32_t pick_price(enum book_side side) {
    uint32_t away = pick(3) != 0 ? pick(100) : pick(TICKS / 2 - 1);
    return side == BOOK_BUY ? TICKS / 2 - away : TICKS / 2 + 1 + away;
}

static int fill_book(void **state) {
    (void)state;
    static const struct book_limits LIMITS = {ORDERS, 3, ORDERS, TICKS};
    struct book_sink sink = {0};
    size_t size = books_size(&LIMITS);
    drop(&sink);
    sink.flush = drop;
    memory =
        aligned_alloc(BOOK_ALIGNMENT, (size + BOOK_ALIGNMENT - 1) & ~(size_t)(BOOK_ALIGNMENT - 1));
    if (memory == NULL)
        return -1;
    for (size_t i = 0; i < size; i++)
        ((char *)memory)[i] = 0;
    books = books_init(memory, size, &LIMITS);
    for (uint32_t id = 0; id < ORDERS; id++) {
        enum book_side side = pick(2) != 0 ? BOOK_BUY : BOOK_SELL;
        struct book_order order = {.id = id,
                                   .book = 1,
                                   .price_ticks = pick_price(side),
                                   .quantity = 1 + pick(50),
                                   .side = (uint8_t)side,
                                   .type = BOOK_LIMIT};
        book_enter(books, &order, &sink);
    }
    return books != NULL ? 0 : -1;
}

static int free_book(void **state) {
    (void)state;
    free(memory);
    return 0;
}

static bool is_at_or_worse(enum book_side side, uint32_t price, uint32_t from) {
    return side == BOOK_BUY ? price <= from : price >= from;
}

static void compare_from(enum book_side side, uint32_t from) {
    struct book_level all[LEVELS];
    struct book_level some[LEVELS];
    struct book_view view;
    uint32_t count = book_depth(books, 1, side, all, LEVELS);
    uint32_t first = 0;
    uint32_t id = book_first(books, 1, side);
    while (first < count && !is_at_or_worse(side, all[first].price_ticks, from))
        first++;
    while (id != BOOK_NONE && book_order_get(books, id, &view) &&
           !is_at_or_worse(side, view.price_ticks, from))
        id = book_next(books, id);
    assert_int_equal(book_from(books, 1, side, from), id);
    assert_int_equal(book_depth_from(books, 1, side, from, some, LEVELS), count - first);
    for (uint32_t i = 0; first + i < count; i++) {
        assert_int_equal(some[i].price_ticks, all[first + i].price_ticks);
        assert_int_equal(some[i].quantity, all[first + i].quantity);
        assert_int_equal(some[i].orders, all[first + i].orders);
    }
}

static void a_side_is_walked_from_any_price_on(void **state) {
    (void)state;
    for (uint32_t i = 0; i < 3000; i++) {
        enum book_side side = pick(2) != 0 ? BOOK_BUY : BOOK_SELL;
        compare_from(side, i % 2 != 0 ? pick_price(side) : 1 + pick(TICKS));
    }
    compare_from(BOOK_BUY, 1);
    compare_from(BOOK_BUY, TICKS);
    compare_from(BOOK_SELL, 1);
    compare_from(BOOK_SELL, TICKS);
}

static void an_empty_side_has_nothing_from_anywhere(void **state) {
    (void)state;
    struct book_level level;
    assert_int_equal(book_from(books, 2, BOOK_BUY, 1), BOOK_NONE);
    assert_int_equal(book_from(books, 2, BOOK_SELL, TICKS), BOOK_NONE);
    assert_int_equal(book_depth_from(books, 2, BOOK_BUY, 77, &level, 1), 0);
}

static void levels_are_counted_over_all_books(void **state) {
    (void)state;
    struct book_level all[LEVELS];
    uint32_t bids = book_depth(books, 1, BOOK_BUY, all, LEVELS);
    uint32_t asks = book_depth(books, 1, BOOK_SELL, all, LEVELS);
    assert_true(bids > 50 && asks > 50);
    assert_int_equal(books_levels(books), bids + asks);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_side_is_walked_from_any_price_on),
        cmocka_unit_test(an_empty_side_has_nothing_from_anywhere),
        cmocka_unit_test(levels_are_counted_over_all_books),
    };
    return cmocka_run_group_tests(tests, fill_book, free_book);
}
