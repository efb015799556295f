/* tpx book: an instrument's book, once or as it changes. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_feed.h"
#include "gateway/cli_output.h"
#include "gateway/cli_value.h"
#include "gateway/clock.h"
#include "gateway/page.h"
#include "gateway/wording.h"

#define DEPTH_DEFAULT 5
#define DEPTH_MAX     500
/* A page is drawn, and a line printed, at most so often. */
#define SHOW_NS (200 * CLOCK_MILLISECOND_NS)

struct view {
    const struct cli_arguments *arguments;
    struct cli_instrument_facts instrument;
    struct feed_client *client;
    uint32_t depth;
    bool shows_orders;
    struct book_change last; /* trade; quantity 0: none yet */
};

/* --- for programs --------------------------------------------------------------------------------
 */

static json_t *levels_json(const struct view *view, enum side side) {
    static struct feed_level levels[DEPTH_MAX];
    const struct feed_book *book = feed_client_book(view->client, view->instrument.number);
    json_t *list = json_array();
    uint32_t count = feed_book_levels(book, side, levels, view->depth);
    for (uint32_t i = 0; i < count; i++)
        json_array_append_new(list, json_pack("{s:o, s:o, s:i}", "price",
                                              cli_json_signed(levels[i].price_fen), "quantity",
                                              cli_json_number(levels[i].quantity), "orders",
                                              (int)levels[i].orders));
    return list;
}

static json_t *orders_json(const struct view *view, enum side side) {
    const struct feed_book *book = feed_client_book(view->client, view->instrument.number);
    struct feed_order order;
    json_t *list = json_array();
    uint64_t cursor = 0;
    for (uint32_t i = 0; i < view->depth && feed_book_next(book, side, &cursor, &order); i++)
        json_array_append_new(list,
                              json_pack("{s:o, s:o, s:o}", "entry", cli_json_number(order.entry),
                                        "price", cli_json_signed(order.price_fen), "quantity",
                                        cli_json_number(order.quantity)));
    return list;
}

static bool print_json(const struct view *view) {
    const struct feed_book *book = feed_client_book(view->client, view->instrument.number);
    json_t *object = json_pack(
        "{s:s, s:i, s:o, s:o, s:o}", "symbol", view->instrument.symbol, "instrument",
        (int)view->instrument.number, "as_of", cli_json_number(feed_book_as_of(book)), "bids",
        view->shows_orders ? orders_json(view, SIDE_BUY) : levels_json(view, SIDE_BUY), "asks",
        view->shows_orders ? orders_json(view, SIDE_SELL) : levels_json(view, SIDE_SELL));
    return cli_follow_json(object);
}

/* --- for people ----------------------------------------------------------------------------------
 */

enum { COLUMN_BID = 22, COLUMN_ASK = 36, COLUMN_END = 58, WIDTH = 20 };

static void put_levels(struct page *page, const struct view *view) {
    static struct feed_level bids[DEPTH_MAX];
    static struct feed_level asks[DEPTH_MAX];
    const struct feed_book *book = feed_client_book(view->client, view->instrument.number);
    uint32_t bids_count = feed_book_levels(book, SIDE_BUY, bids, view->depth);
    uint32_t asks_count = feed_book_levels(book, SIDE_SELL, asks, view->depth);
    char price[CLI_VALUE_BYTES_MAX];
    page_line(page, PAGE_DIM "%8s %12s %12s | %-12s %-12s %s" PAGE_PLAIN, wording("orders"),
              wording("quantity"), wording("buy"), wording("sell"), wording("quantity"),
              wording("orders"));
    for (uint32_t i = 0; i < bids_count || i < asks_count; i++) {
        if (i < bids_count)
            page_put(page, "%8" PRIu32 " %12" PRIu64 " " PAGE_GREEN "%12s" PAGE_PLAIN,
                     bids[i].orders, bids[i].quantity, cli_money_text(price, bids[i].price_fen));
        else
            page_put(page, "%34s", "");
        if (i < asks_count)
            page_line(page, " | " PAGE_RED "%-12s" PAGE_PLAIN " %-12" PRIu64 " %" PRIu32,
                      cli_money_text(price, asks[i].price_fen), asks[i].quantity, asks[i].orders);
        else
            page_line(page, " |");
    }
}

static void put_orders(struct page *page, const struct view *view) {
    const struct feed_book *book = feed_client_book(view->client, view->instrument.number);
    char price[CLI_VALUE_BYTES_MAX];
    struct feed_order order;
    page_line(page, PAGE_DIM "%-5s %12s %12s  %s" PAGE_PLAIN, wording("side"), wording("price"),
              wording("quantity"), wording("order"));
    for (int side = SIDE_BUY; side <= SIDE_SELL; side++) {
        uint64_t cursor = 0;
        for (uint32_t i = 0;
             i < view->depth && feed_book_next(book, (enum side)side, &cursor, &order); i++)
            page_line(page, "%s%-5s %12s" PAGE_PLAIN " %12" PRIu64 "  %" PRIu64,
                      side == SIDE_BUY ? PAGE_GREEN : PAGE_RED,
                      wording(side == SIDE_BUY ? "buy" : "sell"),
                      cli_money_text(price, order.price_fen), order.quantity, order.entry);
    }
}

static void fill_page(struct page *page, const struct view *view) {
    const struct feed_book *book = feed_client_book(view->client, view->instrument.number);
    char price[CLI_VALUE_BYTES_MAX];
    page_clear(page);
    page_put(page, PAGE_BOLD "%s" PAGE_PLAIN "  %s %" PRIu64, view->instrument.symbol,
             wording("as of"), feed_book_as_of(book));
    if (view->last.quantity != 0)
        page_put(page, "  %s %" PRIu64 " x %s", wording("last"), view->last.quantity,
                 cli_money_text(price, view->last.price_fen));
    page_line(page, "%s", "");
    if (view->shows_orders)
        put_orders(page, view);
    else
        put_levels(page, view);
}

static bool show(struct view *view, struct screen *screen) {
    static struct page page;
    if (view->arguments->is_json)
        return print_json(view);
    fill_page(&page, view);
    if (screen != NULL)
        screen_show(screen, &page);
    else
        page_print(&page, stdout);
    return fflush(stdout) == 0;
}

/* --- following -----------------------------------------------------------------------------------
 */

/* Takes what comes until the time is up; true when the book has changed. */
static bool take_items(struct view *view, int64_t until_ns) {
    bool has_changed = false;
    struct feed_item item;
    for (int64_t now_ns = clock_mono_ns(); now_ns < until_ns && !cli_follow_is_over();
         now_ns = clock_mono_ns()) {
        cli_feed_poll(view->client, view->arguments,
                      (int)((until_ns - now_ns) / CLOCK_MILLISECOND_NS) + 1, &item);
        bool is_ours = item.kind == FEED_EVENT && item.report.body >= REPORT_BOOK_ADDED &&
                       item.report.body <= REPORT_BOOK_TRADED &&
                       item.report.book.instrument == view->instrument.number;
        if (is_ours && item.report.body == REPORT_BOOK_TRADED)
            view->last = item.report.book;
        has_changed = has_changed || is_ours || item.kind == FEED_LIVE;
    }
    return has_changed;
}

static void watch(struct view *view) {
    struct screen *screen = view->arguments->is_json ? NULL : screen_open();
    bool goes_on = show(view, screen);
    while (goes_on && !cli_follow_is_over()) {
        bool has_changed = take_items(view, clock_mono_ns() + SHOW_NS);
        if (has_changed && feed_client_is_live(view->client, view->instrument.number))
            goes_on = show(view, screen);
        if (screen != NULL && !screen_wait(screen, 0))
            goes_on = false;
    }
    screen_close(screen);
}

static void wait_live(struct view *view) {
    int64_t deadline_ns = clock_mono_ns() + view->arguments->timeout_ms * CLOCK_MILLISECOND_NS;
    struct feed_item item;
    while (!feed_client_is_live(view->client, view->instrument.number)) {
        if (clock_mono_ns() >= deadline_ns)
            cli_die(CLI_CONNECTION, "%s: nobody answers within %u s",
                    cli_setting(view->arguments, CLI_FEED), view->arguments->timeout_ms / 1000);
        cli_feed_poll(view->client, view->arguments, 100, &item);
    }
}

int cli_book(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"watch", CLI_OPTION_WATCH, NULL, 0,
         "Show it again as it changes: a page on a terminal (q or Ctrl-C ends it); with --json an "
         "object on a line each time",
         0},
        {"depth", CLI_OPTION_DEPTH, "N", 0, "Best N prices of each side, or orders (5)", 0},
        {"orders", CLI_OPTION_ORDERS, NULL, 0, "Order by order instead of price by price", 0},
        {0}};
    static const struct cli_spec SPEC = {
        .arguments = "INSTRUMENT",
        .about = "Shows an instrument's book.\vINSTRUMENT is a symbol or a number. Orders are "
                 "named by the ledger's sequence at which they came to their place; whose they "
                 "are is not told.",
        .options = OPTIONS,
        .count_min = 1,
        .count_max = 1};
    struct cli_arguments arguments;
    struct view view = {.arguments = &arguments, .depth = DEPTH_DEFAULT};
    cli_parse(&arguments, &SPEC, argc, argv);
    const char *depth = cli_value(&arguments, CLI_OPTION_DEPTH);
    if (depth != NULL)
        view.depth = (uint32_t)cli_number("depth", depth, 1, DEPTH_MAX);
    view.shows_orders = cli_value(&arguments, CLI_OPTION_ORDERS) != NULL;
    cli_feed_instrument(&arguments, arguments.positional[0], &view.instrument);
    cli_follow_begin();
    view.client = cli_feed_open(&arguments);
    if (!feed_client_follow(view.client, view.instrument.number))
        cli_die(CLI_FAILED, "no memory");
    wait_live(&view);
    if (cli_value(&arguments, CLI_OPTION_WATCH) != NULL)
        watch(&view);
    else
        (void)show(&view, NULL);
    feed_client_close(view.client);
    return CLI_FINE;
}
