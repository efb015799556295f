/*
 * The client's book against a naive one: random events, told to a book that begins somewhere in the
 * middle, with pages cut from naive books as of other moments, while the events go on.
 *
 * A history of events is made first, each with its sequence, several of a command with one. A naive
 * book as of a sequence is what its events below that make of an empty array.
 *
 * TPX_SEED and TPX_STEPS repeat or lengthen a run; a failure prints the seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/feed_book.h"
#include "tests/property/seed.h"

#define EVENTS     2000
#define ORDERS_MAX 400
#define PAGE_MAX   7
#define ROUNDS     150

/* --- the naive book ----------------------------------------------------------------------------
 */

struct naive {
    struct feed_order orders[ORDERS_MAX]; /* in the order of their positions */
    uint32_t count;
};

struct history {
    struct random random;
    struct report events[EVENTS];
    uint32_t count;
    uint64_t next;  /* sequence of what comes next */
    uint64_t added; /* of the last order that was added */
};

static bool is_before(const struct feed_order *one, const struct feed_order *other) {
    if (one->side != other->side)
        return one->side < other->side;
    if (one->price_fen != other->price_fen)
        return (one->price_fen > other->price_fen) == (one->side == SIDE_BUY);
    return one->entry < other->entry;
}

static void naive_add(struct naive *naive, const struct feed_order *order) {
    uint32_t place = naive->count++;
    assert_true(naive->count <= ORDERS_MAX);
    for (; place > 0 && is_before(order, &naive->orders[place - 1]); place--)
        naive->orders[place] = naive->orders[place - 1];
    naive->orders[place] = *order;
}

static void naive_set(struct naive *naive, uint64_t entry, uint64_t quantity) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < naive->count; i++) {
        if (naive->orders[i].entry == entry)
            naive->orders[i].quantity = quantity;
        if (naive->orders[i].quantity > 0)
            naive->orders[kept++] = naive->orders[i];
    }
    naive->count = kept;
}

static void naive_apply(struct naive *naive, const struct report *report) {
    const struct book_change *change = &report->book;
    struct feed_order order = {change->entry, change->price_fen, change->quantity, change->side};
    if (report->body == REPORT_BOOK_ADDED)
        naive_add(naive, &order);
    else if (report->body == REPORT_BOOK_REDUCED)
        naive_set(naive, change->entry, change->quantity);
    else if (report->body == REPORT_BOOK_DELETED)
        naive_set(naive, change->entry, 0);
    else if (report->body == REPORT_BOOK_TRADED)
        naive_set(naive, change->entry, change->leaves);
}

/* As of a sequence. */
static void naive_as_of(struct naive *naive, const struct history *history, uint64_t as_of) {
    naive->count = 0;
    for (uint32_t i = 0; i < history->count && history->events[i].sequence < as_of; i++)
        naive_apply(naive, &history->events[i]);
}

/* --- a history ---------------------------------------------------------------------------------
 */

static struct report *new_event(struct history *history, struct naive *now, uint8_t body) {
    struct report *report = &history->events[history->count++];
    *report = (struct report){.sequence = history->next, .body = body};
    if (body != REPORT_BOOK_ADDED)
        report->book.entry = now->orders[random_below(&history->random, now->count)].entry;
    return report;
}

static uint64_t quantity_of(const struct naive *now, uint64_t entry) {
    for (uint32_t i = 0; i < now->count; i++)
        if (now->orders[i].entry == entry)
            return now->orders[i].quantity;
    return 0;
}

/* One event of the command at hand. */
static void make_event(struct history *history, struct naive *now) {
    static const uint8_t BODIES[] = {REPORT_BOOK_REDUCED, REPORT_BOOK_DELETED, REPORT_BOOK_TRADED,
                                     REPORT_PHASE};
    struct random *random = &history->random;
    bool adds = now->count == 0 || (now->count < ORDERS_MAX / 2 && random_below(random, 5) < 3);
    bool has_added = history->added == history->next; /* a command adds one order at most */
    uint8_t body = adds && !has_added ? REPORT_BOOK_ADDED : BODIES[random_below(random, 4)];
    if (body != REPORT_BOOK_ADDED && now->count == 0)
        return;
    struct report *report = new_event(history, now, body);
    uint64_t rests = quantity_of(now, report->book.entry);
    if (body == REPORT_BOOK_ADDED)
        history->added = history->next;
    if (body == REPORT_BOOK_ADDED)
        report->book = (struct book_change){.entry = history->next,
                                            .price_fen = random_between(random, 95, 105),
                                            .quantity = random_between(random, 1, 1000),
                                            .side = (uint8_t)random_between(random, 1, 2)};
    else if (body == REPORT_BOOK_REDUCED && rests > 1)
        report->book.quantity = random_between(random, 1, (uint32_t)rests);
    else if (body == REPORT_BOOK_REDUCED)
        report->book.quantity = rests;
    else if (body == REPORT_BOOK_TRADED)
        report->book.leaves = random_below(random, (uint32_t)rests + 1);
    naive_apply(now, report);
}

static void make_history(struct history *history) {
    struct naive now = {0};
    history->count = 0;
    history->next = 1;
    history->added = 0;
    while (history->count < EVENTS - 8) {
        history->next += random_between(&history->random, 1, 4);
        for (uint32_t i = random_between(&history->random, 1, 4); i > 0; i--)
            make_event(history, &now);
    }
}

/* --- comparing ---------------------------------------------------------------------------------
 */

static uint32_t check_side(const struct feed_book *book, const struct naive *naive, uint32_t i,
                           enum side side) {
    struct feed_level levels[16];
    struct feed_order order;
    uint64_t cursor = 0;
    uint32_t count = feed_book_levels(book, side, levels, 16);
    assert_int_equal(count, feed_book_levels_count(book, side));
    for (uint32_t level = 0; level < count; level++) {
        uint64_t quantity = 0;
        for (uint32_t orders = 0; orders < levels[level].orders; orders++, i++) {
            assert_true(i < naive->count && feed_book_next(book, side, &cursor, &order));
            assert_int_equal(order.entry, naive->orders[i].entry);
            assert_int_equal(order.price_fen, naive->orders[i].price_fen);
            assert_int_equal(order.quantity, naive->orders[i].quantity);
            assert_int_equal(order.side, naive->orders[i].side);
            assert_int_equal(order.price_fen, levels[level].price_fen);
            quantity += order.quantity;
        }
        assert_int_equal(quantity, levels[level].quantity);
    }
    assert_false(feed_book_next(book, side, &cursor, &order));
    return i;
}

static void check(const struct feed_book *book, const struct naive *naive) {
    feed_book_check(book);
    assert_int_equal(feed_book_orders_count(book), naive->count);
    assert_int_equal(check_side(book, naive, check_side(book, naive, 0, SIDE_BUY), SIDE_SELL),
                     naive->count);
}

/* --- the tests ---------------------------------------------------------------------------------
 */

static struct random random_seed;

static void a_book_from_the_first_event_on_is_the_naive_one(void **state) {
    static struct history history;
    struct naive naive = {0};
    (void)state;
    history.random = random_seed;
    make_history(&history);
    struct feed_book *book = feed_book_create();
    struct feed_page empty = {.is_last = true};
    feed_book_begin(book);
    assert_true(feed_book_page(book, &empty));
    for (uint32_t i = 0; i < history.count; i++) {
        assert_true(feed_book_event(book, &history.events[i]));
        naive_apply(&naive, &history.events[i]);
        check(book, &naive);
    }
    feed_book_destroy(book);
}

/* A page as the query would cut it from the naive book as of a sequence: what comes after `last`.
 */
static struct feed_page cut_page(const struct naive *naive, const struct feed_order *last,
                                 uint32_t most) {
    uint32_t first = 0;
    while (last->side != 0 && first < naive->count && !is_before(last, &naive->orders[first]))
        first++;
    uint32_t left = naive->count - first;
    return (struct feed_page){.orders = naive->orders + first,
                              .count = left < most ? left : most,
                              .is_last = left <= most};
}

/* A join: events from `first` on are told to the book, in step with the pages, somewhere; the
 * server's pages are as of moments that only go up. Returns the event after the last one told. */
static uint32_t join(struct history *history, struct feed_book *book, uint32_t first) {
    static struct naive shadow;
    struct random *random = &history->random;
    struct feed_order last = {0};
    struct feed_page page = {0};
    uint32_t told = first;
    uint64_t as_of = history->events[first].sequence;
    feed_book_begin(book);
    while (!page.is_last) {
        for (uint32_t i = random_below(random, 30); i > 0 && told < history->count; i--)
            assert_true(feed_book_event(book, &history->events[told++]));
        as_of += random_below(random, 20);
        naive_as_of(&shadow, history, as_of);
        page = cut_page(&shadow, &last, random_between(random, 1, PAGE_MAX));
        page.as_of = as_of;
        assert_false(feed_book_is_live(book));
        if (page.count > 0)
            last = page.orders[page.count - 1];
        assert_true(feed_book_page(book, &page));
    }
    assert_true(feed_book_is_live(book));
    /* Pages may be ahead of the events: the book is whole when these have come as far. */
    while (told < history->count && history->events[told].sequence < as_of)
        assert_true(feed_book_event(book, &history->events[told++]));
    return told;
}

static void a_book_joined_in_the_middle_is_the_naive_one_from_then_on(void **state) {
    static struct history history;
    static struct naive naive;
    (void)state;
    history.random = random_seed;
    struct feed_book *book = feed_book_create();
    for (uint64_t round = seed_steps(ROUNDS); round > 0; round--) {
        make_history(&history);
        uint32_t first = random_below(&history.random, history.count / 2);
        while (first > 0 && history.events[first - 1].sequence == history.events[first].sequence)
            first--; /* a frame begins with a record */
        uint32_t told = join(&history, book, first);
        naive.count = 0;
        for (uint32_t i = 0; i < told; i++)
            naive_apply(&naive, &history.events[i]);
        check(book, &naive);
        for (; told < history.count; told++) {
            assert_true(feed_book_event(book, &history.events[told]));
            naive_apply(&naive, &history.events[told]);
            if (random_once_in(&history.random, 20))
                check(book, &naive);
        }
        check(book, &naive);
    }
    feed_book_destroy(book);
}

static void pages_out_of_order_and_doubled_orders_begin_the_book_anew(void **state) {
    (void)state;
    struct feed_book *book = feed_book_create();
    struct feed_order orders[] = {{5, 1000, 7, SIDE_BUY}, {4, 1001, 7, SIDE_BUY}};
    struct feed_page page = {.as_of = 9, .orders = orders, .count = 2};
    struct report added = {.sequence = 12, .body = REPORT_BOOK_ADDED};
    feed_book_begin(book);
    assert_false(feed_book_page(book, &page));
    assert_int_equal(feed_book_orders_count(book), 0);
    page.count = 1;
    page.is_last = true;
    assert_true(feed_book_page(book, &page));
    assert_false(feed_book_page(book, &page)); /* there was a last one */
    assert_true(feed_book_page(book, &page));
    added.book =
        (struct book_change){.entry = 5, .price_fen = 1000, .quantity = 1, .side = SIDE_BUY};
    assert_false(feed_book_event(book, &added));
    assert_false(feed_book_is_live(book));
    feed_book_check(book);
    feed_book_destroy(book);
}

static void events_are_kept_for_pages_only_so_far(void **state) {
    (void)state;
    struct feed_book *book = feed_book_create();
    struct report deleted = {.body = REPORT_BOOK_DELETED, .book.entry = 1};
    feed_book_begin(book);
    for (uint32_t i = 0; i < FEED_BOOK_KEPT_MAX; i++, deleted.sequence++)
        assert_true(feed_book_event(book, &deleted));
    assert_false(feed_book_event(book, &deleted));
    assert_true(feed_book_event(book, &deleted));
    feed_book_destroy(book);
}

static int begin(void **state) {
    (void)state;
    random_seed = seed_begin();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_book_from_the_first_event_on_is_the_naive_one),
        cmocka_unit_test(a_book_joined_in_the_middle_is_the_naive_one_from_then_on),
        cmocka_unit_test(pages_out_of_order_and_doubled_orders_begin_the_book_anew),
        cmocka_unit_test(events_are_kept_for_pages_only_so_far),
    };
    int failures = cmocka_run_group_tests(tests, begin, NULL);
    seed_tell(failures);
    return failures;
}
