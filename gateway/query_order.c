/*
 * Questions about resting orders. They are walked as the engine links them: session by session,
 * each from its newest order to its oldest, which is from higher numbers to lower.
 */
#include <assert.h>

#include "gateway/query_page.h"

static uint32_t owner_of(const struct engine *engine, const struct order_view *order) {
    struct session_view session;
    return engine_session(engine, order_id_session(order->order_id), &session) ? session.participant
                                                                               : 0;
}

void query_order(struct page *page) {
    const struct engine *engine = page->scene->engine;
    struct order_view order;
    if (engine_order(engine, page->query->order.order_id, &order) &&
        page_shows(page, owner_of(engine, &order)))
        page_row(page, ROW_ORDER, &order);
    else
        page_refuse(page, REASON_UNKNOWN_ORDER, "order.order_id", "no such order rests");
}

/* --- open orders -------------------------------------------------------------------------------
 */

/* Where a walk stands: everything before `session`, and of it the orders from `done` upwards, has
 * been looked at. `done` may rest no more when the next page comes; then `hint`, an order that was
 * seen newer than it or the newest order is where the search begins for those that are older. */
struct __attribute__((packed)) order_place {
    uint32_t session;
    uint64_t done; /* an order's id; 0: none */
    uint64_t hint; /* likewise */
};

static_assert(sizeof(struct order_place) < QUERY_CURSOR_BYTES_MAX, "it fits a cursor");

/* What a walk is for. */
struct order_filter {
    uint32_t session; /* 0: every one; and so on */
    uint32_t participant;
    uint32_t account;
    uint32_t instrument;
    uint8_t side;
};

static bool refuse_unknown(struct page *page, enum reason reason, const char *field) {
    page_refuse(page, reason, field, "there is none");
    return false;
}

/* Takes over what was asked; false, with the page refused, for what the asker may not know of. */
static bool take_filter(struct page *page, struct order_filter *filter) {
    const struct open_orders_query *asked = &page->query->open_orders;
    const struct engine *engine = page->scene->engine;
    struct session_view session;
    struct participant_view participant;
    struct account_view account;
    struct instrument_view instrument;
    *filter = (struct order_filter){asked->session, asked->participant, asked->account,
                                    asked->instrument, asked->side};
    if (asked->participant != 0 && (!engine_participant(engine, asked->participant, &participant) ||
                                    !page_shows(page, asked->participant)))
        return refuse_unknown(page, REASON_UNKNOWN_PARTICIPANT, "open_orders.participant");
    if (asked->session != 0 && (!engine_session(engine, asked->session, &session) ||
                                !page_shows(page, session.participant)))
        return refuse_unknown(page, REASON_UNKNOWN_SESSION, "open_orders.session");
    if (asked->account != 0 && (!engine_account(engine, asked->account, &account) ||
                                !page_shows(page, account.participant)))
        return refuse_unknown(page, REASON_UNKNOWN_ACCOUNT, "open_orders.account");
    if (asked->instrument != 0 && !engine_instrument(engine, asked->instrument, &instrument))
        return refuse_unknown(page, REASON_UNKNOWN_INSTRUMENT, "open_orders.instrument");
    /* An account's orders come from its participant's sessions alone. */
    if (asked->account != 0 && asked->participant == 0)
        filter->participant = account.participant;
    return true;
}

static bool filter_passes(const struct order_filter *filter, const struct order_view *order) {
    return (filter->account == 0 || filter->account == order->account) &&
           (filter->instrument == 0 || filter->instrument == order->instrument) &&
           (filter->side == 0 || filter->side == order->side);
}

enum step { STEP_ORDER, STEP_END, STEP_ENOUGH };

/* The first order of the place's session that has not been looked at. */
static enum step resume(struct page *page, struct order_place *place, struct order_view *order) {
    const struct engine *engine = page->scene->engine;
    struct order_view at;
    if (place->done == 0)
        return engine_order_newest(engine, place->session, order) ? STEP_ORDER : STEP_END;
    if (engine_order(engine, place->done, &at))
        return engine_order_older(engine, &at, order) ? STEP_ORDER : STEP_END;
    bool has_hint = place->hint > place->done && order_id_session(place->hint) == place->session &&
                    engine_order(engine, place->hint, order);
    if (!has_hint && !engine_order_newest(engine, place->session, order))
        return STEP_END;
    while (order->order_id >= place->done) {
        at = *order;
        place->hint = at.order_id;
        if (!page_look(page, PAGE_LOOK_FAR))
            return STEP_ENOUGH;
        if (!engine_order_older(engine, &at, order))
            return STEP_END;
    }
    return STEP_ORDER;
}

/* The rest of one session's orders; false when the page ends among them. */
static bool walk_session(struct page *page, const struct order_filter *filter,
                         struct order_place *place) {
    const struct engine *engine = page->scene->engine;
    struct order_view order;
    enum step step = resume(page, place, &order);
    while (step == STEP_ORDER) {
        struct order_view at = order;
        if (!page_look(page, PAGE_LOOK_FAR))
            return false;
        if (filter_passes(filter, &at)) {
            if (!page_has_room(page))
                return false;
            page_row(page, ROW_ORDER, &at);
        }
        place->done = at.order_id;
        step = engine_order_older(engine, &at, &order) ? STEP_ORDER : STEP_END;
    }
    return step == STEP_END;
}

/* Whether a session's orders may be among those asked for. */
static bool is_wanted(const struct page *page, const struct order_filter *filter, uint32_t number) {
    struct session_view session;
    return engine_session(page->scene->engine, number, &session) && session.orders != 0 &&
           page_shows(page, session.participant) &&
           (filter->session == 0 || filter->session == number) &&
           (filter->participant == 0 || filter->participant == session.participant);
}

void query_open_orders(struct page *page) {
    struct order_filter filter;
    struct order_place place;
    if (!take_filter(page, &filter))
        return;
    (void)page_begin(page, &place, sizeof place);
    if (page->refused.reason != REASON_NONE)
        return;
    uint32_t last = engine_count(page->scene->engine, POOL_SESSIONS);
    if (filter.session != 0)
        last = filter.session;
    if (place.session < filter.session)
        place = (struct order_place){.session = filter.session};
    for (; place.session <= last; place = (struct order_place){.session = place.session + 1}) {
        bool has_ended = !page_look(page, 1) || (is_wanted(page, &filter, place.session) &&
                                                 !walk_session(page, &filter, &place));
        if (has_ended) {
            page_stop(page, &place, sizeof place);
            return;
        }
    }
}
