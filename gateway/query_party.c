/* Questions about participants and what is theirs: sessions, keys, accounts, positions. Each is a
 * walk over the numbers of a pool; what the asker may not see, or did not ask for, is passed over.
 */
#include "gateway/query_page.h"

/* How one kind is listed. */
struct listing {
    enum pool pool;
    uint32_t only;        /* the number that was asked for, 0: any */
    uint32_t participant; /* likewise */
    uint32_t cost;        /* of a look at one */
    enum reason unknown;  /* there is no such number, */
    const char *field;    /* which stands there; */
    const char *participant_field;
    /* Makes the row and returns whose it is; 0: there is none, or nothing worth showing. */
    uint32_t (*look)(const struct page *page, uint32_t number, struct answer_row *row);
};

static void show_one(struct page *page, const struct listing *listing) {
    struct answer_row row;
    uint32_t owner = listing->look(page, listing->only, &row);
    bool is_asked = listing->participant == 0 || owner == listing->participant;
    if (owner != 0 && page_shows(page, owner) && is_asked)
        page_row(page, row.kind, &row.order);
    else
        page_refuse(page, listing->unknown, listing->field, "there is none");
}

/* False, with the page refused, when it is none that the asker may know of. */
static bool check_participant(struct page *page, uint32_t participant, const char *field) {
    struct participant_view view;
    if (participant == 0 || (engine_participant(page->scene->engine, participant, &view) &&
                             page_shows(page, participant)))
        return true;
    page_refuse(page, REASON_UNKNOWN_PARTICIPANT, field, "there is none");
    return false;
}

static void list(struct page *page, const struct listing *listing) {
    uint32_t done;
    if (!check_participant(page, listing->participant, listing->participant_field))
        return;
    if (listing->only != 0) {
        show_one(page, listing);
        return;
    }
    (void)page_begin(page, &done, sizeof done);
    if (page->refused.reason != REASON_NONE)
        return;
    uint32_t count = engine_count(page->scene->engine, listing->pool);
    for (; done < count; done++) {
        struct answer_row row;
        if (!page_look(page, listing->cost)) {
            page_stop(page, &done, sizeof done);
            return;
        }
        uint32_t owner = listing->look(page, done + 1, &row);
        if (owner == 0 || !page_shows(page, owner) ||
            (listing->participant != 0 && owner != listing->participant))
            continue;
        if (!page_has_room(page)) {
            page_stop(page, &done, sizeof done);
            return;
        }
        page_row(page, row.kind, &row.order);
    }
}

static uint32_t look_at_participant(const struct page *page, uint32_t number,
                                    struct answer_row *row) {
    *row = (struct answer_row){.kind = ROW_PARTICIPANT};
    row->participant.participant = number;
    bool is_there = engine_participant(page->scene->engine, number, &row->participant.view);
    return is_there ? number : 0;
}

void query_participants(struct page *page) {
    struct listing listing = {.pool = POOL_PARTICIPANTS,
                              .only = page->query->participants.participant,
                              .cost = 1,
                              .unknown = REASON_UNKNOWN_PARTICIPANT,
                              .field = "participants.participant",
                              .look = look_at_participant};
    list(page, &listing);
}

static uint32_t look_at_session(const struct page *page, uint32_t number, struct answer_row *row) {
    *row = (struct answer_row){.kind = ROW_SESSION};
    row->session.session = number;
    bool is_there = engine_session(page->scene->engine, number, &row->session.view);
    return is_there ? row->session.view.participant : 0;
}

void query_sessions(struct page *page) {
    struct listing listing = {.pool = POOL_SESSIONS,
                              .only = page->query->sessions.session,
                              .participant = page->query->sessions.participant,
                              .cost = 1,
                              .unknown = REASON_UNKNOWN_SESSION,
                              .field = "sessions.session",
                              .participant_field = "sessions.participant",
                              .look = look_at_session};
    list(page, &listing);
}

static uint32_t look_at_key(const struct page *page, uint32_t number, struct answer_row *row) {
    *row = (struct answer_row){.kind = ROW_KEY};
    row->key.key = number;
    bool is_there = engine_key(page->scene->engine, number, &row->key.view);
    return is_there ? row->key.view.participant : 0;
}

void query_keys(struct page *page) {
    struct listing listing = {.pool = POOL_KEYS,
                              .only = page->query->keys.key,
                              .participant = page->query->keys.participant,
                              .cost = 1,
                              .unknown = REASON_UNKNOWN_KEY,
                              .field = "keys.key",
                              .participant_field = "keys.participant",
                              .look = look_at_key};
    list(page, &listing);
}

static uint32_t look_at_account(const struct page *page, uint32_t number, struct answer_row *row) {
    *row = (struct answer_row){.kind = ROW_ACCOUNT};
    row->account.account = number;
    bool is_there = engine_account(page->scene->engine, number, &row->account.view);
    return is_there ? row->account.view.participant : 0;
}

void query_accounts(struct page *page) {
    struct listing listing = {.pool = POOL_ACCOUNTS,
                              .only = page->query->accounts.account,
                              .participant = page->query->accounts.participant,
                              .cost = 1,
                              .unknown = REASON_UNKNOWN_ACCOUNT,
                              .field = "accounts.account",
                              .participant_field = "accounts.participant",
                              .look = look_at_account};
    list(page, &listing);
}

/* --- positions ---------------------------------------------------------------------------------
 */

/* An account's holding in the instrument of this number. */
static uint32_t look_at_account_holding(const struct page *page, uint32_t number,
                                        struct answer_row *row) {
    const struct positions_query *asked = &page->query->positions;
    const struct engine *engine = page->scene->engine;
    struct account_view account;
    *row = (struct answer_row){.kind = ROW_POSITION};
    if (!engine_holding_find(engine, asked->account, number, &row->position) ||
        row->position.quantity == 0 || !engine_account(engine, asked->account, &account))
        return 0;
    return account.participant;
}

/* The holding at this place of all. */
static uint32_t look_at_holding(const struct page *page, uint32_t number, struct answer_row *row) {
    const struct positions_query *asked = &page->query->positions;
    const struct engine *engine = page->scene->engine;
    struct account_view account;
    *row = (struct answer_row){.kind = ROW_POSITION};
    if (!engine_holding(engine, number, &row->position) || row->position.quantity == 0 ||
        (asked->instrument != 0 && asked->instrument != row->position.instrument) ||
        !engine_account(engine, row->position.account, &account))
        return 0;
    return account.participant;
}

/* An account's in one instrument: one row, or none. */
static void show_position(struct page *page, const struct listing *listing) {
    struct answer_row row;
    if (!check_participant(page, listing->participant, listing->participant_field))
        return;
    uint32_t owner = look_at_account_holding(page, page->query->positions.instrument, &row);
    if (owner != 0 && (listing->participant == 0 || owner == listing->participant))
        page_row(page, ROW_POSITION, &row.position);
}

void query_positions(struct page *page) {
    const struct positions_query *asked = &page->query->positions;
    struct account_view account;
    struct instrument_view instrument;
    struct listing listing = {.pool = POOL_HOLDINGS,
                              .participant = asked->participant,
                              .cost = PAGE_LOOK_FAR,
                              .participant_field = "positions.participant",
                              .look = look_at_holding};
    if (asked->instrument != 0 &&
        !engine_instrument(page->scene->engine, asked->instrument, &instrument)) {
        page_refuse(page, REASON_UNKNOWN_INSTRUMENT, "positions.instrument", "there is none");
        return;
    }
    if (asked->account != 0) {
        listing.pool = POOL_INSTRUMENTS;
        listing.look = look_at_account_holding;
        if (!engine_account(page->scene->engine, asked->account, &account) ||
            !page_shows(page, account.participant)) {
            page_refuse(page, REASON_UNKNOWN_ACCOUNT, "positions.account", "there is none");
            return;
        }
    }
    if (asked->account != 0 && asked->instrument != 0)
        show_position(page, &listing);
    else
        list(page, &listing);
}
