/* Questions about what is on sale: everybody may know how a listing stands, but not whose a bid is,
 * nor a hidden reserve. */
#include "gateway/query_page.h"

static void put_listing(struct page *page, uint32_t number) {
    struct listing_row row = {.listing = number};
    if (!engine_listing(page->scene->engine, number, &row.view))
        return;
    row.view.high = 0;
    if (row.view.is_reserve_hidden)
        row.view.reserve_fen = 0;
    page_row(page, ROW_LISTING, &row);
}

static bool is_of(const struct page *page, uint32_t number, uint32_t right) {
    struct listing_view view;
    return right == 0 || (engine_listing(page->scene->engine, number, &view) &&
                          view.asset_kind == ASSET_RIGHT && view.asset == right);
}

void query_listings(struct page *page) {
    const struct listings_query *asked = &page->query->listings;
    uint32_t count = engine_count(page->scene->engine, POOL_LISTINGS);
    uint32_t done;
    if (asked->listing != 0) {
        if (asked->listing <= count && is_of(page, asked->listing, asked->right))
            put_listing(page, asked->listing);
        else
            page_refuse(page, REASON_UNKNOWN_LISTING, "listings.listing", "there is none");
        return;
    }
    (void)page_begin(page, &done, sizeof done);
    if (page->refused.reason != REASON_NONE)
        return;
    for (uint32_t number = done; number < count; number++) {
        if (!page_has_room(page) || !page_look(page, PAGE_LOOK_FAR)) {
            page_stop(page, &number, sizeof number);
            return;
        }
        if (is_of(page, number + 1, asked->right))
            put_listing(page, number + 1);
    }
}

/* The participant that a bidder's account is with. */
static uint32_t owner_of(const struct page *page, const struct bidder_view *bidder) {
    struct account_view account;
    return engine_account(page->scene->engine, bidder->account, &account) ? account.participant : 0;
}

/* Bidders whom the asker may not see are passed over; a listing without one that he may is
 * answered like one that there is not. */
void query_bidders(struct page *page) {
    const struct bidders_query *asked = &page->query->bidders;
    const struct engine *engine = page->scene->engine;
    uint32_t at;
    (void)page_begin(page, &at, sizeof at);
    if (page->refused.reason != REASON_NONE)
        return;
    struct bidder_view view = {.listing = asked->listing};
    if (at != 0 && (!engine_bidder(engine, at, &view) || view.listing != asked->listing))
        at = 0; /* a cursor of somebody's own making */
    for (uint32_t next; (next = engine_bidder_next(engine, asked->listing, at)) != 0; at = next) {
        if (!page_has_room(page) || !page_look(page, PAGE_LOOK_FAR)) {
            page_stop(page, &at, sizeof at);
            return;
        }
        bool is_there = engine_bidder(engine, next, &view);
        if (is_there && page_shows(page, owner_of(page, &view)) &&
            (asked->party == 0 || asked->party == view.party))
            page_row(page, ROW_BIDDER, &view);
    }
}
