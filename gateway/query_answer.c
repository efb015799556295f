/* The frame around every kind of answer. */
#include "gateway/query_answer.h"

#include <assert.h>
#include <string.h>

#include "gateway/query_page.h"

/* What an answer's end needs: its cursor, and lengths that turn out longer than a byte. */
#define ANSWER_TAIL_BYTES 128

static void (*const KINDS[QUERIES_END])(struct page *page) = {
    [QUERY_ORDER] = query_order,
    [QUERY_OPEN_ORDERS] = query_open_orders,
    [QUERY_ACCOUNTS] = query_accounts,
    [QUERY_POSITIONS] = query_positions,
    [QUERY_BOOK_LEVELS] = query_book_levels,
    [QUERY_BOOK_ORDERS] = query_book_orders,
    [QUERY_INSTRUMENTS] = query_instruments,
    [QUERY_PARAMETERS] = query_parameters,
    [QUERY_PARTICIPANTS] = query_participants,
    [QUERY_SESSIONS] = query_sessions,
    [QUERY_KEYS] = query_keys,
    [QUERY_LIMITS] = query_limits,
    [QUERY_LEDGER] = query_ledger,
    [QUERY_ORDER_HISTORY] = query_order_history,
    [QUERY_ACCOUNT_HISTORY] = query_account_history,
    [QUERY_SESSION_HISTORY] = query_session_history,
    [QUERY_TRADES] = query_trades,
    [QUERY_QUEUE] = query_queue,
    [QUERY_ENTRIES] = query_entries,
    [QUERY_ENTRY_VERSIONS] = query_entry_versions,
    [QUERY_PARTY_ENTRIES] = query_party_entries,
    [QUERY_NUMBER_ENTRIES] = query_number_entries,
    [QUERY_REGISTER_CHANGES] = query_register_changes,
    [QUERY_BOUND_TOTALS] = query_bound_totals,
    [QUERY_PARTIES] = query_parties,
    [QUERY_PARTY_KEYS] = query_party_keys,
    [QUERY_MANDATES] = query_mandates,
    [QUERY_CERTIFICATE] = query_certificate,
    [QUERY_LISTINGS] = query_listings,
    [QUERY_BIDDERS] = query_bidders,
};

bool page_has_room(const struct page *page) {
    size_t used = (size_t)(page->out->next - page->begun);
    return page->rows < page->rows_max &&
           used + ANSWER_ROW_BYTES_MAX + ANSWER_TAIL_BYTES <= ANSWER_BYTES_MAX;
}

bool page_look(struct page *page, uint32_t cost) {
    if (page->looks + cost > PAGE_LOOKS_MAX)
        return false;
    page->looks += cost;
    return true;
}

void page_row(struct page *page, enum row_kind kind, const void *row) {
    codec_answer_row(page->out, kind, row);
    assert(!page->out->is_full);
    page->rows++;
}

void page_refuse(struct page *page, enum reason reason, const char *field, const char *text) {
    assert(page->rows == 0);
    page->refused = (struct reply_refused){.reason = reason, .field = field, .text = text};
}

bool page_shows(const struct page *page, uint32_t participant) {
    return authority_shows((enum query_kind)page->query->kind, page->asker->roles,
                           participant == page->asker->participant);
}

void page_stop(struct page *page, const void *place, size_t size) {
    assert(size < QUERY_CURSOR_BYTES_MAX);
    page->cursor[0] = page->query->kind;
    memcpy(page->cursor + 1, place, size);
    page->cursor_bytes = size + 1;
}

bool page_begin(struct page *page, void *place, size_t size) {
    const struct query *query = page->query;
    memset(place, 0, size);
    if (query->cursor_bytes == 0)
        return false;
    if (query->cursor_bytes != size + 1 || query->cursor[0] != query->kind) {
        page_refuse(page, REASON_MALFORMED, "cursor", "is none of this question");
        return false;
    }
    memcpy(place, query->cursor + 1, size);
    return true;
}

void query_answer(const struct query_scene *scene, const struct query_asker *asker,
                  const struct query *query, struct message_output *out) {
    struct page page = {.scene = scene,
                        .asker = asker,
                        .query = query,
                        .out = out,
                        .begun = out->next,
                        .rows_max = query->limit != 0 ? query->limit : QUERY_ROWS_MAX};
    assert(query->kind < QUERIES_END && KINDS[query->kind] != NULL);
    uint8_t *length = codec_answer_open(out, query->id, scene->as_of);
    /* Whoever may see nothing of the kind, not even what would be his own. */
    if (!page_shows(&page, asker->participant))
        page_refuse(&page, REASON_NOT_AUTHORISED, NULL, "not for this role");
    else
        KINDS[query->kind](&page);
    if (page.refused.reason != REASON_NONE)
        codec_answer_refuse(out, &page.refused);
    codec_answer_close(out, length, page.cursor, page.cursor_bytes);
    assert(!out->is_full);
}

void query_refuse(struct message_output *out, uint64_t id, uint64_t as_of,
                  const struct reply_refused *refused) {
    uint8_t *length = codec_answer_open(out, id, as_of);
    codec_answer_refuse(out, refused);
    codec_answer_close(out, length, NULL, 0);
    assert(!out->is_full);
}
