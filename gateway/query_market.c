/* Questions about the market as a whole: parameters, pools, instruments, the ledger. */
#include <assert.h>

#include "gateway/query_page.h"

void query_parameters(struct page *page) {
    struct parameters_row row = *page->scene->parameters;
    engine_market(page->scene->engine, &row.market);
    page_row(page, ROW_PARAMETERS, &row);
}

void query_limits(struct page *page) {
    const struct engine *engine = page->scene->engine;
    for (enum pool pool = POOL_ORDERS; pool < POOLS_END; pool++) {
        struct pool_row row = {.pool = (uint8_t)pool,
                               .used = engine_count(engine, pool),
                               .limit = engine_limit(engine, pool),
                               .ceiling = engine_ceiling(engine, pool)};
        page_row(page, ROW_POOL, &row);
    }
}

void query_ledger(struct page *page) {
    struct ledger_row ledger;
    struct follower_row follower;
    query_status_ledger(page->scene->status, &ledger);
    page_row(page, ROW_LEDGER, &ledger);
    for (uint32_t i = 0; query_status_follower(page->scene->status, i, &follower); i++)
        page_row(page, ROW_FOLLOWER, &follower);
}

/* --- instruments -------------------------------------------------------------------------------
 */

static int64_t best_fen(const struct engine *engine, uint32_t instrument, enum side side) {
    struct depth_level best;
    return engine_depth(engine, instrument, side, &best, 1) == 1 ? best.price_fen : 0;
}

static void put_instrument(struct page *page, uint32_t number) {
    const struct engine *engine = page->scene->engine;
    struct instrument_row row = {.instrument = number};
    bool is_there = engine_instrument(engine, number, &row.view);
    assert(is_there);
    row.best_bid_fen = best_fen(engine, number, SIDE_BUY);
    row.best_ask_fen = best_fen(engine, number, SIDE_SELL);
    page_row(page, ROW_INSTRUMENT, &row);
}

static void one_instrument(struct page *page) {
    const struct instruments_query *asked = &page->query->instruments;
    const struct engine *engine = page->scene->engine;
    struct instrument_view view;
    uint32_t number = asked->instrument;
    if (asked->symbol_bytes != 0) {
        uint32_t found = engine_instrument_find(engine, asked->symbol, asked->symbol_bytes);
        number = number == 0 || number == found ? found : 0;
    }
    if (engine_instrument(engine, number, &view))
        put_instrument(page, number);
    else
        page_refuse(page, REASON_UNKNOWN_INSTRUMENT,
                    asked->symbol_bytes != 0 ? "instruments.symbol" : "instruments.instrument",
                    "there is none");
}

void query_instruments(struct page *page) {
    const struct instruments_query *asked = &page->query->instruments;
    uint32_t done;
    if (asked->instrument != 0 || asked->symbol_bytes != 0) {
        one_instrument(page);
        return;
    }
    (void)page_begin(page, &done, sizeof done);
    if (page->refused.reason != REASON_NONE)
        return;
    uint32_t count = engine_count(page->scene->engine, POOL_INSTRUMENTS);
    for (uint32_t number = done; number < count; number++) {
        if (!page_has_room(page) || !page_look(page, PAGE_LOOK_FAR)) {
            page_stop(page, &number, sizeof number);
            return;
        }
        put_instrument(page, number + 1);
    }
}
