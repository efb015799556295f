/*
 * engine/book.h, sentence by sentence.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/book.h"

#define EVENTS_MAX 256

/* One small set of books and the events of the last command. */
struct market {
    struct book_limits limits;
    void *memory;
    struct books *books;
    struct book_sink sink;
    struct book_event window[EVENTS_MAX];
    struct book_event flushed[EVENTS_MAX]; /* in the tests with a small window */
    size_t flushed_count;
    size_t flushes;
    size_t window_size;
};

static void refuse_to_flush(struct book_sink *sink) {
    (void)sink;
    fail_msg("flush() with room in the sink");
}

static void open_market_of(struct market *market, struct book_limits limits) {
    memset(market, 0, sizeof *market);
    market->limits = limits;
    size_t size = books_size(&limits);
    assert_true(size > 0);
    size = (size + BOOK_ALIGNMENT - 1) / BOOK_ALIGNMENT * BOOK_ALIGNMENT;
    market->memory = aligned_alloc(BOOK_ALIGNMENT, size);
    assert_non_null(market->memory);
    memset(market->memory, 0, size);
    market->books = books_init(market->memory, size, &limits);
    assert_non_null(market->books);
    market->sink.flush = refuse_to_flush;
    market->window_size = EVENTS_MAX;
}

static int set_up(void **state) {
    struct market *market = malloc(sizeof *market);
    assert_non_null(market);
    open_market_of(market, (struct book_limits){.orders_max = 100,
                                                .books_max = 3,
                                                .levels_max = 50,
                                                .price_ticks_max = 200000});
    *state = market;
    return 0;
}

static int tear_down(void **state) {
    struct market *market = *state;
    books_check(market->books);
    free(market->memory);
    free(market);
    return 0;
}

/* Another set in place of the usual one. */
static void reopen(struct market *market, struct book_limits limits) {
    free(market->memory);
    open_market_of(market, limits);
}

static void begin(struct market *market) {
    market->flushed_count = 0;
    market->flushes = 0;
    market->sink.next = market->window;
    market->sink.end = market->window + market->window_size;
}

static void enter(struct market *market, struct book_order order) {
    begin(market);
    book_enter(market->books, &order, &market->sink);
}

static void replace(struct market *market, uint32_t id, uint32_t price_ticks, uint32_t quantity) {
    begin(market);
    book_replace(market->books, id, price_ticks, quantity, &market->sink);
}

static void cancel(struct market *market, uint32_t id) {
    begin(market);
    book_cancel(market->books, id, &market->sink);
}

static struct book_order limit(uint32_t id, enum book_side side, uint32_t price_ticks,
                               uint32_t quantity) {
    return (struct book_order){
        .id = id, .side = (uint8_t)side, .price_ticks = price_ticks, .quantity = quantity};
}

static struct book_order of_type(enum book_type type, struct book_order order) {
    order.type = (uint8_t)type;
    return order;
}

static struct book_order with_minimum(uint32_t quantity_min, struct book_order order) {
    order.quantity_min = quantity_min;
    return order;
}

static struct book_order post_only(struct book_order order) {
    order.is_post_only = true;
    return order;
}

static struct book_event accepted(uint32_t id) {
    return (struct book_event){.kind = BOOK_ACCEPTED, .id = id};
}

static struct book_event refused(uint32_t id, enum reason reason) {
    return (struct book_event){.kind = BOOK_REFUSED, .id = id, .reason = (uint16_t)reason};
}

static struct book_event canceled(uint32_t id, uint32_t quantity, enum reason reason) {
    return (struct book_event){
        .kind = BOOK_CANCELED, .id = id, .quantity = quantity, .reason = (uint16_t)reason};
}

static struct book_event replaced(uint32_t id, uint32_t price_ticks, uint32_t quantity, bool kept) {
    return (struct book_event){.kind = BOOK_REPLACED,
                               .kept_place = kept,
                               .id = id,
                               .price_ticks = price_ticks,
                               .quantity = quantity};
}

/* `quantity` of it at `price_ticks`; open quantities after it stand in `leaves`. */
static struct book_event traded(uint32_t taker, uint32_t maker, uint32_t price_ticks,
                                uint32_t quantity, const uint32_t leaves[2]) {
    return (struct book_event){.kind = BOOK_TRADED,
                               .id = taker,
                               .maker_id = maker,
                               .price_ticks = price_ticks,
                               .quantity = quantity,
                               .leaves = leaves[0],
                               .maker_leaves = leaves[1]};
}

#define LEAVES(taker, maker) ((const uint32_t[2]){(taker), (maker)})

static void expect_list(const struct market *market, const struct book_event *events,
                        size_t count) {
    assert_int_equal(market->sink.next - market->window, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(market->window[i].kind, events[i].kind);
        assert_int_equal(market->window[i].reason, events[i].reason);
        assert_memory_equal(&market->window[i], &events[i], sizeof events[i]);
    }
}

#define EXPECT(market, ...)                                                                        \
    expect_list(market, (const struct book_event[]){__VA_ARGS__},                                  \
                sizeof((const struct book_event[]){__VA_ARGS__}) / sizeof(struct book_event))

static void expect_best(const struct market *market, enum book_side side, uint32_t price_ticks,
                        uint32_t orders, uint64_t quantity) {
    struct book_level best;
    assert_true(book_best(market->books, 0, side, &best));
    assert_int_equal(best.price_ticks, price_ticks);
    assert_int_equal(best.orders, orders);
    assert_int_equal(best.quantity, quantity);
}

static void expect_empty(const struct market *market, enum book_side side) {
    struct book_level best;
    assert_false(book_best(market->books, 0, side, &best));
    assert_int_equal(book_first(market->books, 0, side), BOOK_NONE);
}

static bool rests(const struct market *market, uint32_t id) {
    struct book_view view;
    return book_order_get(market->books, id, &view);
}

/* Two sells of 50 at 1005, two at 1006, ids 1 to 4, and a buy of 50 at 1000, id 5. */
static void fill(struct market *market) {
    enter(market, limit(1, BOOK_SELL, 1005, 50));
    enter(market, limit(2, BOOK_SELL, 1005, 50));
    enter(market, limit(3, BOOK_SELL, 1006, 50));
    enter(market, limit(4, BOOK_SELL, 1006, 50));
    enter(market, limit(5, BOOK_BUY, 1000, 50));
}

static void size_is_0_and_init_fails_when_a_limit_is_out_of_range(void **state) {
    (void)state;
    const struct book_limits good = {1, 1, 1, 1};
    assert_true(books_size(&good) > 0);
    struct book_limits bad[] = {good, good, good, good, good, good};
    bad[0].orders_max = 0;
    bad[1].books_max = 0;
    bad[2].levels_max = 0;
    bad[3].price_ticks_max = 0;
    bad[4].price_ticks_max = BOOK_PRICE_TICKS_MAX + 1;
    bad[5].books_max = UINT32_MAX; /* more than 64 GiB */
    _Alignas(BOOK_ALIGNMENT) static char memory[8192];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(books_size(&bad[i]), 0);
        assert_null(books_init(memory, sizeof memory, &bad[i]));
    }
}

static void init_fails_when_the_memory_is_too_small(void **state) {
    (void)state;
    const struct book_limits limits = {1, 1, 1, 1};
    _Alignas(BOOK_ALIGNMENT) static char memory[8192];
    assert_true(books_size(&limits) <= sizeof memory);
    assert_null(books_init(memory, books_size(&limits) - 1, &limits));
    assert_non_null(books_init(memory, books_size(&limits), &limits));
}

static void the_example_of_the_header_does_what_it_says(void **state) {
    struct market *market = *state;
    enter(market, limit(1, BOOK_SELL, 1005, 200));
    EXPECT(market, accepted(1));
    enter(market, of_type(BOOK_IOC, limit(2, BOOK_BUY, 1010, 300)));
    EXPECT(market, accepted(2), traded(2, 1, 1005, 200, LEAVES(100, 0)),
           canceled(2, 100, REASON_IOC_REST));
    expect_empty(market, BOOK_SELL);
}

static void the_best_price_trades_first_then_the_first_come_at_the_makers_price(void **state) {
    struct market *market = *state;
    enter(market, limit(1, BOOK_SELL, 1006, 10));
    enter(market, limit(2, BOOK_SELL, 1005, 10));
    enter(market, limit(3, BOOK_SELL, 1005, 10));
    enter(market, limit(4, BOOK_BUY, 1010, 25));
    EXPECT(market, accepted(4), traded(4, 2, 1005, 10, LEAVES(15, 0)),
           traded(4, 3, 1005, 10, LEAVES(5, 0)), traded(4, 1, 1006, 5, LEAVES(0, 5)));
    expect_empty(market, BOOK_BUY);
    expect_best(market, BOOK_SELL, 1006, 1, 5);
}

static void a_sell_takes_the_highest_bid_first(void **state) {
    struct market *market = *state;
    enter(market, limit(1, BOOK_BUY, 1000, 10));
    enter(market, limit(2, BOOK_BUY, 1001, 10));
    enter(market, limit(3, BOOK_SELL, 1000, 30));
    EXPECT(market, accepted(3), traded(3, 2, 1001, 10, LEAVES(20, 0)),
           traded(3, 1, 1000, 10, LEAVES(10, 0)));
    expect_best(market, BOOK_SELL, 1000, 1, 10);
}

static void the_rest_of_a_limit_order_stands_at_its_own_price(void **state) {
    struct market *market = *state;
    fill(market);
    enter(market, limit(6, BOOK_BUY, 1005, 130));
    EXPECT(market, accepted(6), traded(6, 1, 1005, 50, LEAVES(80, 0)),
           traded(6, 2, 1005, 50, LEAVES(30, 0)));
    expect_best(market, BOOK_BUY, 1005, 1, 30);
    expect_best(market, BOOK_SELL, 1006, 2, 100);
}

static void limit_and_ioc_at_price_0_are_a_bad_combination(void **state) {
    struct market *market = *state;
    enter(market, limit(1, BOOK_BUY, 0, 10));
    EXPECT(market, refused(1, REASON_BAD_COMBINATION));
    enter(market, of_type(BOOK_IOC, limit(1, BOOK_SELL, 0, 10)));
    EXPECT(market, refused(1, REASON_BAD_COMBINATION));
}

static void post_only_with_another_type_or_a_minimum_is_a_bad_combination(void **state) {
    struct market *market = *state;
    static const enum book_type others[] = {BOOK_MARKET, BOOK_IOC, BOOK_FOK};
    for (size_t i = 0; i < 3; i++) {
        enter(market, post_only(of_type(others[i], limit(1, BOOK_BUY, 1000, 10))));
        EXPECT(market, refused(1, REASON_BAD_COMBINATION));
    }
    enter(market, post_only(with_minimum(1, limit(1, BOOK_BUY, 1000, 10))));
    EXPECT(market, refused(1, REASON_BAD_COMBINATION));
}

static void
a_bad_combination_is_refused_before_would_trade_and_that_before_book_full(void **state) {
    struct market *market = *state;
    reopen(market, (struct book_limits){10, 1, 1, 2000});
    enter(market, limit(1, BOOK_SELL, 1005, 50));
    enter(market, post_only(with_minimum(1, limit(2, BOOK_BUY, 1005, 10))));
    EXPECT(market, refused(2, REASON_BAD_COMBINATION));
    enter(market, post_only(limit(2, BOOK_BUY, 1005, 10)));
    EXPECT(market, refused(2, REASON_WOULD_TRADE));
    enter(market, post_only(limit(2, BOOK_BUY, 1004, 10)));
    EXPECT(market, refused(2, REASON_BOOK_FULL));
}

static void post_only_is_refused_rather_than_trade_and_rests_otherwise(void **state) {
    struct market *market = *state;
    fill(market);
    enter(market, post_only(limit(6, BOOK_BUY, 1005, 10)));
    EXPECT(market, refused(6, REASON_WOULD_TRADE));
    enter(market, post_only(limit(6, BOOK_BUY, 1004, 10)));
    EXPECT(market, accepted(6));
    enter(market, post_only(limit(7, BOOK_SELL, 1004, 10)));
    EXPECT(market, refused(7, REASON_WOULD_TRADE));
    expect_best(market, BOOK_BUY, 1004, 1, 10);
}

static void market_trades_at_any_price_and_never_rests(void **state) {
    struct market *market = *state;
    fill(market);
    enter(market, limit(6, BOOK_SELL, 200000, 1));
    enter(market, of_type(BOOK_MARKET, limit(7, BOOK_BUY, 0, 250)));
    EXPECT(market, accepted(7), traded(7, 1, 1005, 50, LEAVES(200, 0)),
           traded(7, 2, 1005, 50, LEAVES(150, 0)), traded(7, 3, 1006, 50, LEAVES(100, 0)),
           traded(7, 4, 1006, 50, LEAVES(50, 0)), traded(7, 6, 200000, 1, LEAVES(49, 0)),
           canceled(7, 49, REASON_MARKET_REST));
    enter(market, of_type(BOOK_MARKET, limit(7, BOOK_BUY, 0, 5)));
    EXPECT(market, accepted(7), canceled(7, 5, REASON_MARKET_REST));
}

static void market_sell_at_price_0_reaches_a_bid_of_1(void **state) {
    struct market *market = *state;
    enter(market, limit(1, BOOK_BUY, 1, 10));
    enter(market, of_type(BOOK_MARKET, limit(2, BOOK_SELL, 0, 10)));
    EXPECT(market, accepted(2), traded(2, 1, 1, 10, LEAVES(0, 0)));
}

static void market_with_a_price_stops_there(void **state) {
    struct market *market = *state;
    fill(market);
    enter(market, of_type(BOOK_MARKET, limit(6, BOOK_BUY, 1005, 120)));
    EXPECT(market, accepted(6), traded(6, 1, 1005, 50, LEAVES(70, 0)),
           traded(6, 2, 1005, 50, LEAVES(20, 0)), canceled(6, 20, REASON_MARKET_REST));
}

static void ioc_that_meets_nothing_is_accepted_and_canceled(void **state) {
    struct market *market = *state;
    enter(market, of_type(BOOK_IOC, limit(1, BOOK_BUY, 1000, 10)));
    EXPECT(market, accepted(1), canceled(1, 10, REASON_IOC_REST));
    assert_false(rests(market, 1));
}

static void fok_trades_whole_at_its_price_or_better_or_not_at_all(void **state) {
    struct market *market = *state;
    fill(market);
    enter(market, of_type(BOOK_FOK, limit(6, BOOK_BUY, 1005, 101)));
    EXPECT(market, accepted(6), canceled(6, 101, REASON_FOK_SHORT));
    enter(market, of_type(BOOK_FOK, limit(6, BOOK_BUY, 1006, 101)));
    EXPECT(market, accepted(6), traded(6, 1, 1005, 50, LEAVES(51, 0)),
           traded(6, 2, 1005, 50, LEAVES(1, 0)), traded(6, 3, 1006, 1, LEAVES(0, 49)));
}

static void fok_at_price_0_takes_any_price(void **state) {
    struct market *market = *state;
    fill(market);
    enter(market, of_type(BOOK_FOK, limit(6, BOOK_SELL, 0, 51)));
    EXPECT(market, accepted(6), canceled(6, 51, REASON_FOK_SHORT));
    enter(market, of_type(BOOK_FOK, limit(6, BOOK_SELL, 0, 50)));
    EXPECT(market, accepted(6), traded(6, 5, 1000, 50, LEAVES(0, 0)));
}

static void fok_that_cannot_fill_is_short_whatever_its_minimum(void **state) {
    struct market *market = *state;
    fill(market);
    enter(market, with_minimum(200, of_type(BOOK_FOK, limit(6, BOOK_BUY, 1006, 201))));
    EXPECT(market, accepted(6), canceled(6, 201, REASON_FOK_SHORT));
    enter(market, with_minimum(300, of_type(BOOK_FOK, limit(6, BOOK_BUY, 1006, 201))));
    EXPECT(market, accepted(6), canceled(6, 201, REASON_FOK_SHORT));
    enter(market, with_minimum(300, of_type(BOOK_FOK, limit(6, BOOK_BUY, 1006, 200))));
    EXPECT(market, accepted(6), canceled(6, 200, REASON_MIN_QUANTITY));
}

static void a_minimum_that_cannot_be_met_cancels_all(void **state) {
    struct market *market = *state;
    fill(market);
    enter(market, with_minimum(101, limit(6, BOOK_BUY, 1005, 150)));
    EXPECT(market, accepted(6), canceled(6, 150, REASON_MIN_QUANTITY));
    enter(market, with_minimum(1, limit(6, BOOK_BUY, 1004, 150)));
    EXPECT(market, accepted(6), canceled(6, 150, REASON_MIN_QUANTITY));
    assert_false(rests(market, 6));
}

static void a_minimum_that_is_met_binds_no_longer(void **state) {
    struct market *market = *state;
    fill(market);
    enter(market, with_minimum(100, limit(6, BOOK_BUY, 1005, 150)));
    EXPECT(market, accepted(6), traded(6, 1, 1005, 50, LEAVES(100, 0)),
           traded(6, 2, 1005, 50, LEAVES(50, 0)));
    expect_best(market, BOOK_BUY, 1005, 1, 50);
    replace(market, 6, 1004, 60);
    EXPECT(market, replaced(6, 1004, 60, false));
}

static void a_sweep_stops_at_trades_max_and_its_rest_is_canceled(void **state) {
    struct market *market = *state;
    fill(market);
    market->sink.trades_max = 2;
    enter(market, limit(6, BOOK_BUY, 1006, 120));
    EXPECT(market, accepted(6), traded(6, 1, 1005, 50, LEAVES(70, 0)),
           traded(6, 2, 1005, 50, LEAVES(20, 0)), canceled(6, 20, REASON_SWEEP_LIMIT));
    assert_false(rests(market, 6));
    expect_best(market, BOOK_SELL, 1006, 2, 100);
}

static void a_sweep_that_needs_just_trades_max_ends_as_its_type_says(void **state) {
    struct market *market = *state;
    fill(market);
    market->sink.trades_max = 2;
    enter(market, limit(6, BOOK_BUY, 1005, 120));
    EXPECT(market, accepted(6), traded(6, 1, 1005, 50, LEAVES(70, 0)),
           traded(6, 2, 1005, 50, LEAVES(20, 0)));
    expect_best(market, BOOK_BUY, 1005, 1, 20);
    enter(market, of_type(BOOK_IOC, limit(7, BOOK_SELL, 1000, 100)));
    EXPECT(market, accepted(7), traded(7, 6, 1005, 20, LEAVES(80, 0)),
           traded(7, 5, 1000, 50, LEAVES(30, 0)), canceled(7, 30, REASON_IOC_REST));
}

static void fok_and_minimum_that_need_more_than_trades_max_trade_nothing(void **state) {
    struct market *market = *state;
    fill(market);
    market->sink.trades_max = 2;
    enter(market, of_type(BOOK_FOK, limit(6, BOOK_BUY, 1006, 101)));
    EXPECT(market, accepted(6), canceled(6, 101, REASON_FOK_SHORT));
    enter(market, with_minimum(101, limit(6, BOOK_BUY, 1006, 120)));
    EXPECT(market, accepted(6), canceled(6, 120, REASON_MIN_QUANTITY));
    expect_best(market, BOOK_SELL, 1005, 2, 100);
    enter(market, of_type(BOOK_FOK, limit(6, BOOK_BUY, 1006, 100)));
    EXPECT(market, accepted(6), traded(6, 1, 1005, 50, LEAVES(50, 0)),
           traded(6, 2, 1005, 50, LEAVES(0, 0)));
}

static void a_replace_that_sweeps_stops_at_trades_max_too(void **state) {
    struct market *market = *state;
    fill(market);
    market->sink.trades_max = 1;
    replace(market, 5, 1005, 60);
    EXPECT(market, replaced(5, 1005, 60, false), traded(5, 1, 1005, 50, LEAVES(10, 0)),
           canceled(5, 10, REASON_SWEEP_LIMIT));
    expect_empty(market, BOOK_BUY);
}

static void replace_to_smaller_quantity_keeps_priority(void **state) {
    struct market *market = *state;
    fill(market);
    replace(market, 1, 1005, 20);
    EXPECT(market, replaced(1, 1005, 20, true));
    replace(market, 1, 1005, 20);
    EXPECT(market, replaced(1, 1005, 20, true));
    expect_best(market, BOOK_SELL, 1005, 2, 70);
    enter(market, limit(6, BOOK_BUY, 1005, 30));
    EXPECT(market, accepted(6), traded(6, 1, 1005, 20, LEAVES(10, 0)),
           traded(6, 2, 1005, 10, LEAVES(0, 40)));
}

static void replace_to_larger_quantity_goes_last(void **state) {
    struct market *market = *state;
    fill(market);
    replace(market, 1, 1005, 51);
    EXPECT(market, replaced(1, 1005, 51, false));
    enter(market, limit(6, BOOK_BUY, 1005, 51));
    EXPECT(market, accepted(6), traded(6, 2, 1005, 50, LEAVES(1, 0)),
           traded(6, 1, 1005, 1, LEAVES(0, 50)));
}

static void replace_to_another_price_goes_last_there(void **state) {
    struct market *market = *state;
    fill(market);
    replace(market, 1, 1006, 10);
    EXPECT(market, replaced(1, 1006, 10, false));
    assert_int_equal(book_first(market->books, 0, BOOK_SELL), 2);
    assert_int_equal(book_next(market->books, 2), 3);
    assert_int_equal(book_next(market->books, 3), 4);
    assert_int_equal(book_next(market->books, 4), 1);
    assert_int_equal(book_next(market->books, 1), BOOK_NONE);
}

static void replace_that_crosses_trades_with_the_new_quantity(void **state) {
    struct market *market = *state;
    fill(market);
    replace(market, 5, 1005, 120);
    EXPECT(market, replaced(5, 1005, 120, false), traded(5, 1, 1005, 50, LEAVES(70, 0)),
           traded(5, 2, 1005, 50, LEAVES(20, 0)));
    expect_best(market, BOOK_BUY, 1005, 1, 20);
}

static void replace_and_cancel_refuse_an_order_that_does_not_rest(void **state) {
    struct market *market = *state;
    replace(market, 7, 1000, 10);
    EXPECT(market, refused(7, REASON_UNKNOWN_ORDER));
    cancel(market, 7);
    EXPECT(market, refused(7, REASON_UNKNOWN_ORDER));
    fill(market);
    cancel(market, 1);
    EXPECT(market, canceled(1, 50, REASON_NONE));
    cancel(market, 1);
    EXPECT(market, refused(1, REASON_UNKNOWN_ORDER));
}

static void cancel_tells_what_was_left(void **state) {
    struct market *market = *state;
    fill(market);
    enter(market, limit(6, BOOK_BUY, 1005, 20));
    cancel(market, 1);
    EXPECT(market, canceled(1, 30, REASON_NONE));
    expect_best(market, BOOK_SELL, 1005, 1, 50);
}

static void a_limit_at_a_new_price_is_refused_when_no_level_is_free(void **state) {
    struct market *market = *state;
    reopen(market, (struct book_limits){10, 2, 2, 2000});
    enter(market, limit(1, BOOK_SELL, 1005, 50));
    enter(market, limit(2, BOOK_BUY, 1000, 50));
    enter(market, limit(3, BOOK_BUY, 999, 50));
    EXPECT(market, refused(3, REASON_BOOK_FULL));
    struct book_order elsewhere = limit(3, BOOK_BUY, 1000, 50);
    elsewhere.book = 1;
    enter(market, elsewhere);
    EXPECT(market, refused(3, REASON_BOOK_FULL));
    enter(market, limit(3, BOOK_BUY, 1000, 50));
    EXPECT(market, accepted(3));
    enter(market, with_minimum(1, limit(4, BOOK_BUY, 999, 50)));
    EXPECT(market, accepted(4), canceled(4, 50, REASON_MIN_QUANTITY));
    enter(market, of_type(BOOK_IOC, limit(4, BOOK_BUY, 999, 50)));
    EXPECT(market, accepted(4), canceled(4, 50, REASON_IOC_REST));
}

static void a_limit_that_empties_a_level_rests_though_none_was_free(void **state) {
    struct market *market = *state;
    reopen(market, (struct book_limits){10, 1, 2, 2000});
    enter(market, limit(1, BOOK_SELL, 1005, 50));
    enter(market, limit(2, BOOK_BUY, 1000, 50));
    enter(market, limit(3, BOOK_BUY, 1005, 60));
    EXPECT(market, accepted(3), traded(3, 1, 1005, 50, LEAVES(10, 0)));
    expect_best(market, BOOK_BUY, 1005, 1, 10);
}

static void replace_to_a_new_price_needs_a_level_unless_it_was_alone_on_its_own(void **state) {
    struct market *market = *state;
    reopen(market, (struct book_limits){10, 1, 2, 2000});
    enter(market, limit(1, BOOK_SELL, 1005, 50));
    enter(market, limit(2, BOOK_SELL, 1005, 50));
    enter(market, limit(3, BOOK_BUY, 1000, 50));
    replace(market, 1, 1006, 50);
    EXPECT(market, refused(1, REASON_BOOK_FULL));
    expect_best(market, BOOK_SELL, 1005, 2, 100);
    replace(market, 3, 999, 70);
    EXPECT(market, replaced(3, 999, 70, false));
    replace(market, 1, 999, 80);
    EXPECT(market, replaced(1, 999, 80, false), traded(1, 3, 999, 70, LEAVES(10, 0)));
    expect_best(market, BOOK_SELL, 999, 1, 10);
}

static void limits_below_the_sizes_hold_until_they_are_raised(void **state) {
    struct market *market = *state;
    books_limit(market->books, 2, 1);
    enter(market, limit(1, BOOK_SELL, 1005, 50));
    enter(market, limit(2, BOOK_SELL, 1006, 50));
    EXPECT(market, refused(2, REASON_BOOK_FULL));
    enter(market, limit(2, BOOK_SELL, 1005, 50));
    EXPECT(market, accepted(2));
    enter(market, limit(99, BOOK_SELL, 1005, 50));
    EXPECT(market, refused(99, REASON_BOOK_FULL));
    enter(market, limit(99, BOOK_BUY, 1005, 110));
    EXPECT(market, accepted(99), traded(99, 1, 1005, 50, LEAVES(60, 0)),
           traded(99, 2, 1005, 50, LEAVES(10, 0)));
    books_limit(market->books, 100, 50);
    enter(market, limit(3, BOOK_SELL, 1006, 50));
    EXPECT(market, accepted(3));
    enter(market, limit(4, BOOK_SELL, 1007, 50));
    EXPECT(market, accepted(4));
}

static void the_id_of_an_order_that_is_gone_is_free(void **state) {
    struct market *market = *state;
    fill(market);
    enter(market, limit(6, BOOK_BUY, 1005, 50));
    assert_false(rests(market, 1));
    enter(market, limit(1, BOOK_SELL, 1007, 5));
    EXPECT(market, accepted(1));
    enter(market, limit(6, BOOK_SELL, 1007, 5));
    EXPECT(market, accepted(6));
    assert_int_equal(book_next(market->books, 1), 6);
}

static void books_of_a_set_do_not_trade_with_each_other(void **state) {
    struct market *market = *state;
    enter(market, limit(1, BOOK_SELL, 1005, 50));
    struct book_order other = limit(2, BOOK_BUY, 1010, 50);
    other.book = 2;
    enter(market, other);
    EXPECT(market, accepted(2));
    expect_best(market, BOOK_SELL, 1005, 1, 50);
    struct book_level best;
    assert_true(book_best(market->books, 2, BOOK_BUY, &best));
    assert_int_equal(best.price_ticks, 1010);
}

static void collect(struct book_sink *sink) {
    struct market *market = sink->owner;
    assert_ptr_equal(sink->next, sink->end);
    size_t count = (size_t)(sink->next - market->window);
    memcpy(&market->flushed[market->flushed_count], market->window,
           count * sizeof market->window[0]);
    market->flushed_count += count;
    market->flushes++;
    sink->next = market->window;
}

static void a_full_sink_is_flushed_only_when_one_more_event_comes(void **state) {
    struct market *market = *state;
    fill(market);
    market->sink.flush = collect;
    market->sink.owner = market;
    market->window_size = 2;
    enter(market, limit(6, BOOK_BUY, 1005, 50));
    assert_int_equal(market->flushes, 0);
    assert_int_equal(market->sink.next - market->window, 2);
    enter(market, limit(6, BOOK_BUY, 1006, 150));
    assert_int_equal(market->flushes, 1);
    assert_int_equal(market->flushed_count, 2);
    assert_int_equal(market->flushed[0].kind, BOOK_ACCEPTED);
    assert_int_equal(market->flushed[1].maker_id, 2);
    assert_int_equal(market->sink.next - market->window, 2);
    assert_int_equal(market->window[0].maker_id, 3);
    assert_int_equal(market->window[1].maker_id, 4);
}

static void depth_gives_the_best_levels_best_first(void **state) {
    struct market *market = *state;
    fill(market);
    struct book_level levels[4];
    assert_int_equal(book_depth(market->books, 0, BOOK_SELL, levels, 4), 2);
    assert_int_equal(levels[0].price_ticks, 1005);
    assert_int_equal(levels[0].orders, 2);
    assert_int_equal(levels[0].quantity, 100);
    assert_int_equal(levels[1].price_ticks, 1006);
    assert_int_equal(book_depth(market->books, 0, BOOK_SELL, levels, 1), 1);
    assert_int_equal(book_depth(market->books, 0, BOOK_SELL, levels, 0), 0);
    assert_int_equal(book_depth(market->books, 1, BOOK_SELL, levels, 4), 0);
}

static void a_levels_quantity_exceeds_32_bits(void **state) {
    struct market *market = *state;
    enter(market, limit(1, BOOK_SELL, 200000, UINT32_MAX));
    enter(market, limit(2, BOOK_SELL, 200000, UINT32_MAX));
    expect_best(market, BOOK_SELL, 200000, 2, 2 * (uint64_t)UINT32_MAX);
    enter(market, of_type(BOOK_FOK, limit(3, BOOK_BUY, 0, UINT32_MAX)));
    EXPECT(market, accepted(3), traded(3, 1, 200000, UINT32_MAX, LEAVES(0, 0)));
    struct book_order order = limit(4, BOOK_BUY, 0, UINT32_MAX);
    struct book_cost cost;
    book_would_cost(market->books, &order, 0, &cost);
    assert_int_equal(cost.amount_ticks, 200000 * (uint64_t)UINT32_MAX);
}

static void order_get_tells_an_order_at_rest(void **state) {
    struct market *market = *state;
    struct book_view view;
    assert_false(book_order_get(market->books, 1, &view));
    struct book_order order = limit(1, BOOK_SELL, 77, 5);
    order.book = 2;
    enter(market, order);
    assert_true(book_order_get(market->books, 1, &view));
    assert_int_equal(view.book, 2);
    assert_int_equal(view.side, BOOK_SELL);
    assert_int_equal(view.price_ticks, 77);
    assert_int_equal(view.quantity, 5);
}

static void would_cost_reckons_what_would_trade_and_changes_nothing(void **state) {
    struct market *market = *state;
    fill(market);
    struct book_order order = limit(6, BOOK_BUY, 0, 160);
    struct book_cost cost;
    book_would_cost(market->books, &order, 0, &cost);
    assert_int_equal(cost.quantity, 160);
    assert_int_equal(cost.amount_ticks, 100 * 1005 + 60 * 1006);
    assert_int_equal(cost.trades, 4);
    book_would_cost(market->books, &order, 3, &cost);
    assert_int_equal(cost.quantity, 150);
    assert_int_equal(cost.trades, 3);
    order.price_ticks = 1005;
    book_would_cost(market->books, &order, 0, &cost);
    assert_int_equal(cost.quantity, 100);
    order.price_ticks = 1004;
    book_would_cost(market->books, &order, 0, &cost);
    assert_int_equal(cost.quantity, 0);
    assert_int_equal(cost.amount_ticks, 0);
    expect_best(market, BOOK_SELL, 1005, 2, 100);
}

static void would_trade_looks_at_the_best_price_only(void **state) {
    struct market *market = *state;
    assert_false(book_would_trade(market->books, 0, BOOK_BUY, 0));
    fill(market);
    assert_true(book_would_trade(market->books, 0, BOOK_BUY, 0));
    assert_true(book_would_trade(market->books, 0, BOOK_BUY, 1005));
    assert_false(book_would_trade(market->books, 0, BOOK_BUY, 1004));
    assert_true(book_would_trade(market->books, 0, BOOK_SELL, 1000));
    assert_false(book_would_trade(market->books, 0, BOOK_SELL, 1001));
}

static void ahead_changes_nothing_whatever_the_command(void **state) {
    struct market *market = *state;
    fill(market);
    size_t size = books_size(&market->limits);
    char *before = malloc(size);
    assert_non_null(before);
    memcpy(before, market->memory, size);
    const struct book_command commands[] = {
        {.verb = BOOK_ENTER, .order = limit(6, BOOK_BUY, 1005, 1)},
        {.verb = BOOK_ENTER, .order = limit(6, BOOK_SELL, 200000, 1)},
        {.verb = BOOK_ENTER, .order = limit(6, BOOK_BUY, 0, 1)},
        {.verb = BOOK_ENTER, .order = limit(UINT32_MAX, BOOK_BUY, UINT32_MAX, 1)},
        {.verb = BOOK_ENTER, .order = {.id = 6, .book = UINT32_MAX, .side = 255}},
        {.verb = BOOK_REPLACE, .order = {.id = 1, .price_ticks = 1005}},
        {.verb = BOOK_REPLACE, .order = {.id = 99, .price_ticks = UINT32_MAX}},
        {.verb = BOOK_CANCEL, .order = {.id = 3}},
        {.verb = BOOK_CANCEL, .order = {.id = UINT32_MAX}},
    };
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        book_ahead(market->books, &commands[i]);
    assert_memory_equal(before, market->memory, size);
    free(before);
}

static void a_block_that_was_moved_goes_on(void **state) {
    struct market *market = *state;
    fill(market);
    size_t size = books_size(&market->limits);
    size_t room = (size + BOOK_ALIGNMENT - 1) / BOOK_ALIGNMENT * BOOK_ALIGNMENT;
    char *elsewhere = aligned_alloc(BOOK_ALIGNMENT, room);
    assert_non_null(elsewhere);
    memcpy(elsewhere, market->memory, size);
    memset(market->memory, 0xff, size);
    free(market->memory);
    market->memory = elsewhere;
    market->books = (struct books *)(void *)elsewhere;
    books_check(market->books);
    enter(market, limit(6, BOOK_BUY, 1005, 70));
    EXPECT(market, accepted(6), traded(6, 1, 1005, 50, LEAVES(20, 0)),
           traded(6, 2, 1005, 20, LEAVES(0, 30)));
}

static void an_empty_book_takes_less_than_8_kib_at_the_highest_price(void **state) {
    (void)state;
    struct book_limits one = {1000, 1, 1000, BOOK_PRICE_TICKS_MAX};
    struct book_limits many = {1000, 6001, 1000, BOOK_PRICE_TICKS_MAX};
    assert_true((books_size(&many) - books_size(&one)) / 6000 < 8192);
}

static void prices_that_another_book_had_before_are_not_mistaken_for_ones_own(void **state) {
    struct market *market = *state;
    struct book_order order = limit(1, BOOK_BUY, 1000, 10);
    enter(market, order);
    cancel(market, 1);
    order.book = 1;
    order.id = 2;
    enter(market, order);
    order.book = 0;
    order.id = 3;
    order.price_ticks = 1001;
    enter(market, order);
    books_check(market->books);
    expect_best(market, BOOK_BUY, 1001, 1, 10);
    struct book_level levels[2];
    assert_int_equal(book_depth(market->books, 0, BOOK_BUY, levels, 2), 1);
    assert_int_equal(book_depth(market->books, 1, BOOK_BUY, levels, 2), 1);
    assert_int_equal(levels[0].price_ticks, 1000);
}

static void memory_in_use_returns_to_that_of_empty_books(void **state) {
    struct market *market = *state;
    size_t empty = books_memory(market->books);
    fill(market);
    assert_true(books_memory(market->books) > empty);
    for (uint32_t id = 1; id <= 5; id++)
        cancel(market, id);
    assert_int_equal(books_memory(market->books), empty);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(size_is_0_and_init_fails_when_a_limit_is_out_of_range),
        cmocka_unit_test(init_fails_when_the_memory_is_too_small),
        cmocka_unit_test(an_empty_book_takes_less_than_8_kib_at_the_highest_price),
        TEST(the_example_of_the_header_does_what_it_says),
        TEST(the_best_price_trades_first_then_the_first_come_at_the_makers_price),
        TEST(a_sell_takes_the_highest_bid_first),
        TEST(the_rest_of_a_limit_order_stands_at_its_own_price),
        TEST(limit_and_ioc_at_price_0_are_a_bad_combination),
        TEST(post_only_with_another_type_or_a_minimum_is_a_bad_combination),
        TEST(a_bad_combination_is_refused_before_would_trade_and_that_before_book_full),
        TEST(post_only_is_refused_rather_than_trade_and_rests_otherwise),
        TEST(market_trades_at_any_price_and_never_rests),
        TEST(market_sell_at_price_0_reaches_a_bid_of_1),
        TEST(market_with_a_price_stops_there),
        TEST(ioc_that_meets_nothing_is_accepted_and_canceled),
        TEST(fok_trades_whole_at_its_price_or_better_or_not_at_all),
        TEST(fok_at_price_0_takes_any_price),
        TEST(fok_that_cannot_fill_is_short_whatever_its_minimum),
        TEST(a_minimum_that_cannot_be_met_cancels_all),
        TEST(a_minimum_that_is_met_binds_no_longer),
        TEST(a_sweep_stops_at_trades_max_and_its_rest_is_canceled),
        TEST(a_sweep_that_needs_just_trades_max_ends_as_its_type_says),
        TEST(fok_and_minimum_that_need_more_than_trades_max_trade_nothing),
        TEST(a_replace_that_sweeps_stops_at_trades_max_too),
        TEST(replace_to_smaller_quantity_keeps_priority),
        TEST(replace_to_larger_quantity_goes_last),
        TEST(replace_to_another_price_goes_last_there),
        TEST(replace_that_crosses_trades_with_the_new_quantity),
        TEST(replace_and_cancel_refuse_an_order_that_does_not_rest),
        TEST(cancel_tells_what_was_left),
        TEST(a_limit_at_a_new_price_is_refused_when_no_level_is_free),
        TEST(a_limit_that_empties_a_level_rests_though_none_was_free),
        TEST(replace_to_a_new_price_needs_a_level_unless_it_was_alone_on_its_own),
        TEST(limits_below_the_sizes_hold_until_they_are_raised),
        TEST(the_id_of_an_order_that_is_gone_is_free),
        TEST(books_of_a_set_do_not_trade_with_each_other),
        TEST(a_full_sink_is_flushed_only_when_one_more_event_comes),
        TEST(depth_gives_the_best_levels_best_first),
        TEST(a_levels_quantity_exceeds_32_bits),
        TEST(order_get_tells_an_order_at_rest),
        TEST(would_cost_reckons_what_would_trade_and_changes_nothing),
        TEST(would_trade_looks_at_the_best_price_only),
        TEST(ahead_changes_nothing_whatever_the_command),
        TEST(a_block_that_was_moved_goes_on),
        TEST(prices_that_another_book_had_before_are_not_mistaken_for_ones_own),
        TEST(memory_in_use_returns_to_that_of_empty_books),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
