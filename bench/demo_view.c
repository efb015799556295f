/* A page of 80 by 24; on a higher terminal the book shows more prices. */
#include "bench/demo_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/stopwatch.h"
#include "gateway/counters.h"
#include "gateway/feed_client.h"
#include "gateway/figure.h"
#include "gateway/follower.h"
#include "gateway/health.h"
#include "gateway/page.h"
#include "gateway/phrase.h"
#include "gateway/wording.h"

#define DRAW_NS    (UINT64_C(1000000000) / 4)
#define HISTORY    13 /* prices of an instrument, half a second apart */
#define HISTORY_NS (UINT64_C(1000000000) / 2)
#define BOOK_NS    (UINT64_C(1000000000) * 3) /* how long one book is shown */
#define TAPE       32
#define LEVELS_MAX 12
/* Lines besides the book's prices, and empty ones. */
#define OTHER_LINES 17
#define BAR         8
/* Where the tape stands beside the book. */
#define TAPE_COLUMN 54

struct tape_trade {
    uint32_t instrument;
    int64_t price_fen;
    uint64_t quantity;
    bool is_up; /* above the trade before in this instrument */
};

struct instrument {
    int64_t last_fen;
    int64_t history_fen[HISTORY]; /* oldest first, 0: none yet */
};

struct demo_view {
    struct page page;
    struct screen *screen;
    struct feed_client *feed;
    const struct counters *counters;
    const char *folder;
    struct instrument instruments[DEMO_INSTRUMENTS];
    struct tape_trade tape[TAPE];
    uint64_t trades; /* so far; the last one at (trades - 1) % TAPE */
    uint64_t begun_ns;
    uint64_t draw_due_ns;
    uint64_t history_due_ns;
};

struct demo_view *demo_view_open(const struct demo_world *world) {
    struct feed_client_options options = {.context = world->context,
                                          .endpoint = world->feed_endpoint,
                                          .query_endpoint = world->query_endpoint,
                                          .server_z85 = world->server_z85,
                                          .key = &world->keys[DEMO_BROKERS - 1]};
    char folder[DEMO_PATH_MAX + 16];
    const char *terminal = getenv("TERM");
    struct demo_view *view;
    if (terminal == NULL || strcmp(terminal, "dumb") == 0 ||
        (view = calloc(1, sizeof *view)) == NULL)
        return NULL;
    snprintf(folder, sizeof folder, "%s/exchange", world->folder);
    view->screen = screen_open();
    if (view->screen == NULL) {
        free(view);
        return NULL;
    }
    view->counters = counters_look(folder);
    view->feed = feed_client_open(&options);
    if (view->feed == NULL || view->counters == NULL)
        demo_die("no feed, or no counters in %s", folder);
    for (uint32_t i = 0; i < DEMO_INSTRUMENTS; i++)
        if (!feed_client_follow(view->feed, i + 1))
            demo_die("no memory");
    view->folder = world->folder;
    view->begun_ns = stopwatch_ns();
    return view;
}

void demo_view_close(struct demo_view *view) {
    if (view == NULL)
        return;
    screen_close(view->screen);
    feed_client_close(view->feed);
    counters_close((struct counters *)(uintptr_t)view->counters);
    free(view);
}

/* --- the feed ------------------------------------------------------------------------------------
 */

static void take_trade(struct demo_view *view, const struct book_change *trade) {
    if (trade->instrument == 0 || trade->instrument > DEMO_INSTRUMENTS)
        return;
    struct instrument *instrument = &view->instruments[trade->instrument - 1];
    view->tape[view->trades++ % TAPE] =
        (struct tape_trade){.instrument = trade->instrument - 1,
                            .price_fen = trade->price_fen,
                            .quantity = trade->quantity,
                            .is_up = trade->price_fen >= instrument->last_fen};
    instrument->last_fen = trade->price_fen;
}

void demo_view_take(struct demo_view *view) {
    struct feed_item item;
    do {
        feed_client_poll(view->feed, 0, &item);
        if (item.kind == FEED_EVENT && item.report.body == REPORT_BOOK_TRADED)
            take_trade(view, &item.report.book);
    } while (item.kind != FEED_NOTHING);
}

static void keep_history(struct demo_view *view, uint64_t now_ns) {
    if (now_ns < view->history_due_ns)
        return;
    view->history_due_ns = now_ns + HISTORY_NS;
    for (uint32_t i = 0; i < DEMO_INSTRUMENTS; i++) {
        int64_t *history = view->instruments[i].history_fen;
        memmove(history, history + 1, (HISTORY - 1) * sizeof *history);
        history[HISTORY - 1] = view->instruments[i].last_fen;
    }
}

/* --- the page ------------------------------------------------------------------------------------
 */

/* As on the market's boards: red is up. */
static const char *style_of(bool is_up) {
    return is_up ? PAGE_RED : PAGE_GREEN;
}

static char *price_text(char text[FIGURE_BYTES_MAX], int64_t fen) {
    if (fen == 0)
        snprintf(text, FIGURE_BYTES_MAX, "-");
    else
        snprintf(text, FIGURE_BYTES_MAX, "%" PRId64 ".%02d", fen / 100, (int)(fen % 100));
    return text;
}

static void put_head(struct page *page, const struct demo_view *view,
                     const struct demo_second *second) {
    uint32_t done = second->seconds == 0 ? 0 : second->second * 20 / second->seconds;
    page_put(page, PAGE_BOLD "%s" PAGE_PLAIN, view->counters->origin);
    page_put(page, phrase("  second %" PRIu32 " of %" PRIu32 "  "), second->second,
             second->seconds);
    page_put(page, PAGE_CYAN);
    for (uint32_t i = 0; i < 20; i++)
        page_put(page, "%s", i < done ? "━" : i == done ? PAGE_DIM "─" : "─");
    page_put(page, PAGE_PLAIN);
    page_column(page, 66);
    page_line(page, PAGE_DIM "%s" PAGE_PLAIN, phrase("Ctrl-C ends it"));
}

/* "  trades 1,204/s" */
static void put_rate(struct page *page, const char *name, uint64_t count, const char *style) {
    char text[FIGURE_BYTES_MAX];
    page_put(page, "%s%s%s%s" PAGE_PLAIN, wording(name), style, figure_count(text, count),
             wording("/s"));
}

static void put_second(struct page *page, const struct demo_second *second) {
    char text[2][FIGURE_BYTES_MAX];
    put_rate(page, "orders ", second->orders, PAGE_BOLD);
    put_rate(page, "  trades ", second->trades, PAGE_BOLD);
    put_rate(page, "  refused ", second->refused, "");
    page_line(page, "%s p50 " PAGE_BOLD "%s" PAGE_PLAIN " p99 " PAGE_BOLD "%s" PAGE_PLAIN,
              wording("  durable"), figure_latency(text[0], second->p50_us * 1000),
              figure_latency(text[1], second->p99_us * 1000));
}

static uint64_t less(uint64_t whole, uint64_t part) {
    return whole > part ? whole - part : 0;
}

static void put_behind(struct page *page, const struct counters *counters) {
    char text[FIGURE_BYTES_MAX];
    char lag[FIGURE_BYTES_MAX];
    uint64_t durable = counter_get(counters, COUNTER_DURABLE);
    page_put(page, "%s%s" PAGE_DIM "%s" PAGE_PLAIN " %s %s", figure_count(text, durable),
             wording(" records"), wording(", behind:"), wording("signed"),
             figure_count(lag, less(durable, counter_get(counters, COUNTER_CHECKPOINT))));
    for (const struct health_follower *each = health_followers; each->name != NULL; each++)
        if (counter_get(counters, each->state) != FOLLOWER_NONE)
            page_put(page, " %s %s", wording(each->name),
                     figure_count(lag, less(durable, counter_get(counters, each->as_of))));
    page_line(page, "%s", "");
}

/* One column of a graph for each price, between the lowest and the highest. */
static void put_history(struct page *page, const int64_t history_fen[HISTORY]) {
    static const char *const STEPS[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    int64_t low = INT64_MAX;
    int64_t high = 0;
    for (uint32_t i = 0; i < HISTORY; i++) {
        if (history_fen[i] == 0)
            continue;
        low = history_fen[i] < low ? history_fen[i] : low;
        high = history_fen[i] > high ? history_fen[i] : high;
    }
    page_put(page, PAGE_CYAN);
    for (uint32_t i = 0; i < HISTORY; i++) {
        if (history_fen[i] == 0)
            page_put(page, " ");
        else
            page_put(page, "%s", STEPS[high > low ? (history_fen[i] - low) * 7 / (high - low) : 3]);
    }
    page_put(page, PAGE_PLAIN);
}

static struct feed_level best_of(const struct demo_view *view, uint32_t instrument,
                                 enum side side) {
    struct feed_level level = {0};
    if (feed_client_is_live(view->feed, instrument + 1))
        feed_book_levels(feed_client_book(view->feed, instrument + 1), side, &level, 1);
    return level;
}

static void put_price(struct page *page, const struct demo_view *view, uint32_t i, bool is_shown) {
    const struct demo_instrument *what = &DEMO_INSTRUMENT[i];
    const struct instrument *instrument = &view->instruments[i];
    struct feed_level bid = best_of(view, i, SIDE_BUY);
    struct feed_level ask = best_of(view, i, SIDE_SELL);
    char text[5][FIGURE_BYTES_MAX];
    int64_t move = instrument->last_fen - what->reference_fen;
    int64_t tenths = instrument->last_fen == 0 ? 0 : move * 1000 / what->reference_fen;
    page_put(page, "%s%s %s" PAGE_PLAIN, is_shown ? PAGE_BOLD : "", what->symbol, what->name);
    page_column(page, 16);
    page_put(page, "%8s %8s %8s %8s  %s%8s %c%" PRId64 ".%d%%" PAGE_PLAIN,
             figure_count(text[0], bid.quantity), price_text(text[1], bid.price_fen),
             price_text(text[2], ask.price_fen), figure_count(text[3], ask.quantity),
             move == 0 ? "" : style_of(move > 0), price_text(text[4], instrument->last_fen),
             move < 0 ? '-' : '+', (tenths < 0 ? -tenths : tenths) / 10,
             (int)((tenths < 0 ? -tenths : tenths) % 10));
    page_column(page, 67);
    put_history(page, instrument->history_fen);
    page_line(page, "%s", "");
}

static void put_bar(struct page *page, uint64_t quantity, uint64_t most, bool is_right) {
    uint64_t full = most == 0 ? 0 : (quantity * BAR + most - 1) / most;
    for (uint64_t i = 0; i < BAR; i++)
        page_put(page, "%s", (is_right ? BAR - 1 - i : i) < full ? "▆" : " ");
}

/* One price of each side. */
static void put_level(struct page *page, const struct feed_level *bid, const struct feed_level *ask,
                      uint64_t most) {
    char text[4][FIGURE_BYTES_MAX];
    if (bid->orders != 0) {
        page_put(page, "%3" PRIu32 " %8s " PAGE_RED, bid->orders,
                 figure_count(text[0], bid->quantity));
        put_bar(page, bid->quantity, most, true);
        page_put(page, PAGE_PLAIN " %6s", price_text(text[1], bid->price_fen));
    }
    page_column(page, 27);
    if (ask->orders != 0) {
        page_put(page, "%-6s " PAGE_GREEN, price_text(text[2], ask->price_fen));
        put_bar(page, ask->quantity, most, false);
        page_put(page, PAGE_PLAIN " %8s %-3" PRIu32, figure_count(text[3], ask->quantity),
                 ask->orders);
    }
}

static void put_tape(struct page *page, const struct demo_view *view, uint32_t back) {
    char price[FIGURE_BYTES_MAX];
    char quantity[FIGURE_BYTES_MAX];
    if (view->trades <= back || back >= TAPE)
        return;
    const struct tape_trade *trade = &view->tape[(view->trades - 1 - back) % TAPE];
    page_column(page, TAPE_COLUMN);
    page_put(page, "%s %s%7s" PAGE_PLAIN " x %-7s", DEMO_INSTRUMENT[trade->instrument].symbol,
             style_of(trade->is_up), price_text(price, trade->price_fen),
             figure_count(quantity, trade->quantity));
}

static void put_book(struct page *page, const struct demo_view *view, uint32_t shown,
                     uint32_t lines) {
    struct feed_level levels[2][LEVELS_MAX] = {0};
    uint64_t most = 0;
    page_put(page, PAGE_BOLD "%s %s" PAGE_PLAIN PAGE_DIM, DEMO_INSTRUMENT[shown].symbol,
             DEMO_INSTRUMENT[shown].name);
    page_column(page, 25);
    page_put(page, "%s", wording("bid ask"));
    page_column(page, TAPE_COLUMN);
    page_line(page, "%s" PAGE_PLAIN, wording("last trades"));
    if (feed_client_is_live(view->feed, shown + 1))
        for (uint32_t side = 0; side < 2; side++)
            feed_book_levels(feed_client_book(view->feed, shown + 1),
                             side == 0 ? SIDE_BUY : SIDE_SELL, levels[side], lines);
    for (uint32_t i = 0; i < 2 * lines; i++) {
        uint64_t quantity = levels[i / lines][i % lines].quantity;
        most = quantity > most ? quantity : most;
    }
    for (uint32_t i = 0; i < lines; i++) {
        put_level(page, &levels[0][i], &levels[1][i], most);
        put_tape(page, view, i);
        page_line(page, "%s", "");
    }
}

static void put_titles(struct page *page) {
    page_put(page, PAGE_DIM "%16s", "");
    page_right(page, wording("quantity"), 8);
    page_right(page, wording("bid"), 9);
    page_right(page, wording("ask"), 9);
    page_right(page, wording("quantity"), 9);
    page_right(page, wording("last"), 10);
    page_put(page, " ");
    page_left(page, wording("today"), 6);
    page_line(page, "   %s" PAGE_PLAIN, wording("last 6 s"));
}

static void compose(struct demo_view *view, const struct demo_second *second, uint64_t now_ns) {
    struct page *page = &view->page;
    uint32_t shown = (uint32_t)((now_ns - view->begun_ns) / BOOK_NS % DEMO_INSTRUMENTS);
    uint32_t columns;
    uint32_t rows;
    screen_size(view->screen, &columns, &rows);
    uint32_t lines = rows > OTHER_LINES + 3 ? rows - OTHER_LINES : 3;
    page_clear(page);
    put_head(page, view, second);
    put_second(page, second);
    put_behind(page, view->counters);
    page_line(page, "%s", "");
    put_titles(page);
    for (uint32_t i = 0; i < DEMO_INSTRUMENTS; i++)
        put_price(page, view, i, i == shown);
    page_line(page, "%s", "");
    put_book(page, view, shown, lines < LEVELS_MAX ? lines : LEVELS_MAX);
    page_line(page, "%s", "");
    page_put(page, PAGE_DIM);
    page_put(page, phrase("all of it: tpx status --watch %s/exchange"), view->folder);
    page_line(page, PAGE_PLAIN);
}

bool demo_view_show(struct demo_view *view, const struct demo_second *second) {
    uint64_t now_ns = stopwatch_ns();
    if (!screen_goes_on(view->screen))
        return false;
    if (now_ns < view->draw_due_ns)
        return true;
    view->draw_due_ns = now_ns + DRAW_NS;
    keep_history(view, now_ns);
    compose(view, second, now_ns);
    screen_show(view->screen, &view->page);
    return true;
}
