/*
 * Random commands on small sets of books, held event by event against books written to be
 * obviously right.
 *
 *     TPX_SEED=7 TPX_STEPS=100000000 build/tests/property/test_book
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/random.h"
#include "engine/book.h"
#include "tests/property/naive_book.h"

/* Steps in one set of books before the next one, with other limits, begins. */
#define ROUND_STEPS   2000
#define STEPS_DEFAULT 4000000
#define WINDOW_MAX    7
#define DEPTH_MAX     64

/* Both books side by side, and what the fast ones have said. */
struct rig {
    struct random random;
    uint64_t seed;
    struct book_limits limits;
    void *memory;
    size_t size;
    struct books *books;
    struct naive_books *naive;
    struct book_sink sink;
    struct book_event window[WINDOW_MAX]; /* what the sink points into */
    struct book_event *events;            /* of the last command */
    size_t events_count;
    size_t events_max;
    uint32_t price_low;
    uint32_t price_high;
    uint32_t quantity_max;
};

static uint64_t run_seed;

static void tell_seed(void) {
    char text[64];
    int length =
        snprintf(text, sizeof text, "repeat with TPX_SEED=%llu\n", (unsigned long long)run_seed);
    ssize_t written = write(STDERR_FILENO, text, (size_t)length);
    (void)written; /* nothing more can be done */
}

static void on_abort(int number) {
    (void)number;
    tell_seed();
}

static uint64_t number_from(const char *name, uint64_t otherwise) {
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static void keep_events(struct rig *rig, const struct book_event *from,
                        const struct book_event *to) {
    size_t count = (size_t)(to - from);
    assert_true(rig->events_count + count <= rig->events_max);
    memcpy(&rig->events[rig->events_count], from, count * sizeof *from);
    rig->events_count += count;
}

static void on_flush(struct book_sink *sink) {
    struct rig *rig = sink->owner;
    assert_ptr_equal(sink->next, sink->end);
    keep_events(rig, rig->window, sink->next);
    sink->next = rig->window;
}

/* A block of zeros at an address that a book's alignment allows and little else does. */
static void *block_of(size_t size) {
    char *memory = aligned_alloc(4096, (size + 2 * 4096) / 4096 * 4096);
    assert_non_null(memory);
    memset(memory, 0, BOOK_ALIGNMENT + size);
    return memory + BOOK_ALIGNMENT;
}

static void free_block(void *memory) {
    free((char *)memory - BOOK_ALIGNMENT);
}

/* Ends of pages, of page counts and of the range are where ladders would go wrong. */
static uint32_t any_price_max(struct random *random) {
    static const uint32_t choices[] = {1,    2,    63,    64,     65,     300,    4095,
                                       4096, 4097, 65535, 200000, 262143, 262144, 4000000};
    uint32_t count = sizeof choices / sizeof *choices;
    uint32_t at = random_below(random, count + 1);
    return at == count ? BOOK_PRICE_TICKS_MAX : choices[at];
}

/* A range of prices for a round: at the bottom, at the top, or somewhere, narrow or wide. */
static void choose_prices(struct rig *rig) {
    uint32_t top = rig->limits.price_ticks_max;
    static const uint32_t widths[] = {1, 3, 12, 80, 9000, BOOK_PRICE_TICKS_MAX};
    uint32_t width = widths[random_below(&rig->random, 6)];
    if (width > top)
        width = top;
    uint32_t low = random_between(&rig->random, 1, top - width + 1);
    switch (random_below(&rig->random, 3)) {
    case 0:
        low = 1;
        break;
    case 1:
        low = top - width + 1;
        break;
    default:
        break;
    }
    rig->price_low = low;
    rig->price_high = low + width - 1;
}

static void rig_open(struct rig *rig, uint64_t seed) {
    *rig = (struct rig){.random = {seed}, .seed = seed};
    static const uint32_t orders[] = {1, 3, 12, 60, 250, 1500};
    rig->limits.orders_max = orders[random_below(&rig->random, 6)];
    rig->limits.books_max = random_between(&rig->random, 1, 4);
    rig->limits.levels_max = random_between(&rig->random, 1, rig->limits.orders_max);
    rig->limits.price_ticks_max = any_price_max(&rig->random);
    rig->quantity_max = random_once_in(&rig->random, 4) ? UINT32_MAX : 20;
    choose_prices(rig);
    rig->size = books_size(&rig->limits);
    rig->memory = block_of(rig->size);
    rig->books = books_init(rig->memory, rig->size, &rig->limits);
    assert_non_null(rig->books);
    rig->naive = naive_create(&rig->limits);
    rig->events_max = rig->limits.orders_max + 3;
    rig->events = calloc(rig->events_max, sizeof *rig->events);
    assert_non_null(rig->events);
    rig->sink = (struct book_sink){.flush = on_flush, .owner = rig};
}

static void rig_close(struct rig *rig) {
    free_block(rig->memory);
    naive_destroy(rig->naive);
    free(rig->events);
}

static struct book_order any_order(struct rig *rig) {
    struct random *random = &rig->random;
    struct book_order order = {
        .id = random_below(random, rig->limits.orders_max),
        .book = random_below(random, rig->limits.books_max),
        .price_ticks = random_between(random, rig->price_low, rig->price_high),
        .quantity = 1 + random_below(random, rig->quantity_max),
        .side = (uint8_t)random_below(random, 2),
        .type = random_once_in(random, 3) ? (uint8_t)random_below(random, 4) : (uint8_t)BOOK_LIMIT,
        .is_post_only = random_once_in(random, 8)};
    if (random_once_in(random, 12))
        order.price_ticks = 0;
    if (random_once_in(random, 6))
        order.quantity_min = 1 + random_below(random, order.quantity);
    if (random_once_in(random, 40))
        order.quantity_min = UINT32_MAX;
    return order;
}

static void expect_same_events(struct rig *rig, const struct book_command *command) {
    const struct naive_events *naive = &rig->naive->events;
    bool is_same = rig->events_count == naive->count &&
                   memcmp(rig->events, naive->list, naive->count * sizeof *naive->list) == 0;
    if (is_same)
        return;
    fail_msg("verb %d id %u book %u side %u type %u price %u quantity %u: "
             "%zu events differ from the naive %u",
             (int)command->verb, command->order.id, command->order.book, command->order.side,
             command->order.type, command->order.price_ticks, command->order.quantity,
             rig->events_count, naive->count);
}

/* One command to both. The window is as small as can be now and then, and never empty at first:
 * what lay in it before must stay. */
static void command_both(struct rig *rig, const struct book_command *command) {
    uint32_t window = random_between(&rig->random, 1, WINDOW_MAX);
    uint32_t trades_max = random_once_in(&rig->random, 4) ? 1 + random_below(&rig->random, 4) : 0;
    const struct book_order *order = &command->order;
    rig->events_count = 0;
    rig->sink.next = rig->window;
    rig->sink.end = rig->window + window;
    rig->sink.trades_max = trades_max;
    rig->naive->trades_max = trades_max;
    if (random_once_in(&rig->random, 2))
        book_ahead(rig->books, command);
    switch (command->verb) {
    case BOOK_ENTER:
        book_enter(rig->books, order, &rig->sink);
        naive_enter(rig->naive, order);
        break;
    case BOOK_REPLACE:
        book_replace(rig->books, order->id, order->price_ticks, order->quantity, &rig->sink);
        naive_replace(rig->naive, order->id, order->price_ticks, order->quantity);
        break;
    case BOOK_CANCEL:
        book_cancel(rig->books, order->id, &rig->sink);
        naive_cancel(rig->naive, order->id);
        break;
    }
    assert_true(rig->sink.next > rig->window);
    keep_events(rig, rig->window, rig->sink.next);
    expect_same_events(rig, command);
}

static void any_command(struct rig *rig) {
    struct book_command command = {.order = any_order(rig)};
    bool rests = rig->naive->side_of[command.order.id] != BOOK_NONE;
    bool enters = !rests && !random_once_in(&rig->random, 20);
    bool cancels = !enters && random_once_in(&rig->random, 3);
    command.verb = enters ? BOOK_ENTER : cancels ? BOOK_CANCEL : BOOK_REPLACE;
    if (command.verb == BOOK_REPLACE && command.order.price_ticks == 0)
        command.order.price_ticks = rig->price_high;
    command_both(rig, &command);
}

static void compare_side(struct rig *rig, uint32_t index) {
    const struct naive_side *side = &rig->naive->sides[index];
    uint32_t id = book_first(rig->books, index / 2, (enum book_side)(index & 1));
    for (uint32_t i = 0; i < side->count; i++) {
        struct book_view view;
        assert_int_equal(id, side->orders[i].id);
        assert_true(book_order_get(rig->books, id, &view));
        assert_int_equal(view.book, index / 2);
        assert_int_equal(view.side, index & 1);
        assert_int_equal(view.price_ticks, side->orders[i].price_ticks);
        assert_int_equal(view.quantity, side->orders[i].quantity);
        id = book_next(rig->books, id);
    }
    assert_int_equal(id, BOOK_NONE);
}

/* Adds up the naive side's levels, best first; returns how many, up to levels_max. */
static uint32_t naive_depth(const struct naive_side *side, struct book_level *levels,
                            uint32_t levels_max) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < side->count; i++) {
        const struct naive_order *order = &side->orders[i];
        if (count == 0 || levels[count - 1].price_ticks != order->price_ticks) {
            if (count == levels_max)
                break;
            levels[count++] = (struct book_level){.price_ticks = order->price_ticks};
        }
        levels[count - 1].orders++;
        levels[count - 1].quantity += order->quantity;
    }
    return count;
}

static void compare_depth(struct rig *rig, uint32_t index) {
    struct book_level expected[DEPTH_MAX];
    struct book_level got[DEPTH_MAX];
    uint32_t wanted = random_between(&rig->random, 1, DEPTH_MAX);
    enum book_side side = (enum book_side)(index & 1);
    uint32_t count = naive_depth(&rig->naive->sides[index], expected, wanted);
    assert_int_equal(book_depth(rig->books, index / 2, side, got, wanted), count);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(got[i].price_ticks, expected[i].price_ticks);
        assert_int_equal(got[i].orders, expected[i].orders);
        assert_int_equal(got[i].quantity, expected[i].quantity);
    }
    struct book_level best;
    assert_int_equal(book_best(rig->books, index / 2, side, &best), count > 0);
    if (count > 0)
        assert_int_equal(best.price_ticks, expected[0].price_ticks);
}

static void compare_cost(struct rig *rig) {
    struct book_order order = any_order(rig);
    rig->naive->trades_max = random_once_in(&rig->random, 2) ? random_below(&rig->random, 5) : 0;
    struct book_cost expected = naive_cost(rig->naive, &order);
    struct book_cost got;
    book_would_cost(rig->books, &order, rig->naive->trades_max, &got);
    assert_int_equal(got.quantity, expected.quantity);
    assert_int_equal(got.amount_ticks, expected.amount_ticks);
    assert_int_equal(got.trades, expected.trades);
    bool would_trade =
        book_would_trade(rig->books, order.book, (enum book_side)order.side, order.price_ticks);
    assert_int_equal(would_trade, expected.trades > 0);
}

static void compare_all(struct rig *rig) {
    books_check(rig->books);
    for (uint32_t index = 0; index < 2 * rig->limits.books_max; index++) {
        compare_side(rig, index);
        compare_depth(rig, index);
    }
}

static void change_limits(struct rig *rig) {
    rig->naive->orders_limit =
        random_between(&rig->random, naive_orders(rig->naive), rig->limits.orders_max);
    rig->naive->levels_limit =
        random_between(&rig->random, naive_levels(rig->naive), rig->limits.levels_max);
    books_limit(rig->books, rig->naive->orders_limit, rig->naive->levels_limit);
}

/* Copies the ranges in use to a new block, and spoils the old one. */
static void restore_elsewhere(struct rig *rig) {
    struct book_extent extents[BOOK_EXTENTS];
    books_extents(rig->books, extents);
    char *memory = block_of(rig->size);
    size_t end = 0;
    assert_int_equal(extents[0].offset, 0);
    for (int i = 0; i < BOOK_EXTENTS; i++) {
        assert_true(extents[i].offset >= end);
        end = extents[i].offset + extents[i].length;
        assert_true(end <= rig->size);
        memcpy(memory + extents[i].offset, (char *)rig->memory + extents[i].offset,
               extents[i].length);
    }
    memset(rig->memory, 0xa5, rig->size);
    free_block(rig->memory);
    rig->memory = memory;
    rig->books = (struct books *)(void *)memory;
}

static void run_round(struct rig *rig, uint64_t steps) {
    for (uint64_t step = 0; step < steps; step++) {
        any_command(rig);
        if (random_once_in(&rig->random, 8))
            compare_cost(rig);
        if (random_once_in(&rig->random, 32))
            compare_all(rig);
        if (random_once_in(&rig->random, 100))
            change_limits(rig);
        if (random_once_in(&rig->random, 400))
            restore_elsewhere(rig);
    }
    compare_all(rig);
}

static void random_commands_make_the_events_of_the_naive_books(void **state) {
    (void)state;
    uint64_t steps = number_from("TPX_STEPS", STEPS_DEFAULT);
    uint64_t first = number_from("TPX_SEED", 1);
    for (uint64_t done = 0; done < steps; done += ROUND_STEPS) {
        struct rig rig;
        run_seed = first + done / ROUND_STEPS;
        rig_open(&rig, run_seed);
        run_round(&rig, ROUND_STEPS);
        rig_close(&rig);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_commands_make_the_events_of_the_naive_books),
    };
    signal(SIGABRT, on_abort);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (failed != 0)
        tell_seed();
    return failed;
}
