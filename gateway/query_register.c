/* Questions about parties, the keys that sign for them, and their mandates. Who may see a row: its
 * party's participant, of a mandate the agent too, and the roles of the table. */
#include <string.h>

#include "gateway/query_page.h"

/* What one kind is made of. */
struct walk {
    enum pool pool;
    uint32_t only;       /* the number that was asked for, 0: any */
    enum reason unknown; /* there is no such number, */
    const char *field;   /* which stands there */
    /* Makes the row of a number, and says who may see it as his own. False: there is none, or none
     * that was asked for. */
    bool (*look)(const struct page *page, uint32_t number, struct answer_row *row,
                 uint32_t owners[2]);
};

/* Whether the asker may see the row; then it is in *row. */
static bool look(const struct page *page, const struct walk *walk, uint32_t number,
                 struct answer_row *row) {
    uint32_t owners[2] = {0};
    return walk->look(page, number, row, owners) &&
           (page_shows(page, owners[0]) || page_shows(page, owners[1]));
}

static void show_all(struct page *page, const struct walk *walk) {
    uint32_t done;
    (void)page_begin(page, &done, sizeof done);
    if (page->refused.reason != REASON_NONE)
        return;
    for (; done < engine_count(page->scene->engine, walk->pool); done++) {
        struct answer_row row;
        if (!page_look(page, PAGE_LOOK_FAR) || !page_has_room(page)) {
            page_stop(page, &done, sizeof done);
            return;
        }
        if (look(page, walk, done + 1, &row))
            page_row(page, row.kind, &row.order);
    }
}

static void show(struct page *page, const struct walk *walk) {
    struct answer_row row;
    if (walk->only == 0)
        show_all(page, walk);
    else if (look(page, walk, walk->only, &row))
        page_row(page, row.kind, &row.order);
    else
        page_refuse(page, walk->unknown, walk->field, "there is none");
}

/* Who acts for a party with its own keys; 0: nobody. */
static uint32_t participant_of(const struct page *page, uint32_t party) {
    struct party_view view;
    return engine_party(page->scene->engine, party, &view) ? view.participant : 0;
}

static bool look_at_party(const struct page *page, uint32_t number, struct answer_row *row,
                          uint32_t owners[2]) {
    *row = (struct answer_row){.kind = ROW_PARTY};
    row->party.party = number;
    bool is_there = engine_party(page->scene->engine, number, &row->party.view);
    owners[0] = row->party.view.participant;
    return is_there;
}

void query_parties(struct page *page) {
    const struct parties_query *asked = &page->query->parties;
    struct walk walk = {.pool = POOL_PARTIES,
                        .only = asked->party,
                        .unknown = REASON_UNKNOWN_PARTY,
                        .field = "parties.party",
                        .look = look_at_party};
    if (asked->code_bytes != 0) {
        walk.only = engine_party_find(page->scene->engine, asked->code, asked->code_bytes);
        walk.field = "parties.code";
    }
    if (asked->code_bytes != 0 &&
        (walk.only == 0 || (asked->party != 0 && asked->party != walk.only)))
        page_refuse(page, REASON_UNKNOWN_PARTY, walk.field, "there is none");
    else
        show(page, &walk);
}

static bool look_at_party_key(const struct page *page, uint32_t number, struct answer_row *row,
                              uint32_t owners[2]) {
    uint32_t party = page->query->party_keys.party;
    *row = (struct answer_row){.kind = ROW_PARTY_KEY};
    row->party_key.party_key = number;
    if (!engine_party_key(page->scene->engine, number, &row->party_key.view))
        return false;
    owners[0] = participant_of(page, row->party_key.view.party);
    return party == 0 || party == row->party_key.view.party;
}

void query_party_keys(struct page *page) {
    struct walk walk = {.pool = POOL_PARTY_KEYS,
                        .only = page->query->party_keys.party_key,
                        .unknown = REASON_UNKNOWN_KEY,
                        .field = "party_keys.party_key",
                        .look = look_at_party_key};
    show(page, &walk);
}

static bool look_at_mandate(const struct page *page, uint32_t number, struct answer_row *row,
                            uint32_t owners[2]) {
    const struct mandates_query *asked = &page->query->mandates;
    *row = (struct answer_row){.kind = ROW_MANDATE};
    row->mandate.mandate = number;
    const struct mandate_view *view = &row->mandate.view;
    if (!engine_mandate(page->scene->engine, number, &row->mandate.view))
        return false;
    owners[0] = participant_of(page, view->principal);
    owners[1] = view->agent;
    return (asked->principal == 0 || asked->principal == view->principal) &&
           (asked->agent == 0 || asked->agent == view->agent);
}

void query_mandates(struct page *page) {
    struct walk walk = {.pool = POOL_MANDATES,
                        .only = page->query->mandates.mandate,
                        .unknown = REASON_UNKNOWN_MANDATE,
                        .field = "mandates.mandate",
                        .look = look_at_mandate};
    show(page, &walk);
}
