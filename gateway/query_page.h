/*
 * A page of an answer while it is being written. Private to the query_ files.
 *
 * A kind of question is a function that puts rows into the page until page_has_room() says no, and
 * then notes by page_stop() where the next page begins. All are served on the shadow's thread, so a
 * look-up must be short and bounded; histories look into index and ledger there
 * (query_history.h).
 *
 * A cursor is the kind and a struct of the kind's own, byte for byte. It comes back from outside:
 * it is checked like everything else, and the worst that a forged one does is a page that begins
 * elsewhere.
 */
#ifndef GATEWAY_QUERY_PAGE_H
#define GATEWAY_QUERY_PAGE_H

#include "gateway/query_answer.h"

/* What one answer may look at: a row in a sequence costs one, a row somewhere else in memory
 * PAGE_LOOK_FAR. About half a millisecond at most. */
#define PAGE_LOOKS_MAX 32768u
#define PAGE_LOOK_FAR  8u
/* What is counted for a call of the index, a record somewhere, the record after the one before. */
#define PAGE_LOOK_INDEX  128u
#define PAGE_LOOK_RECORD 128u
#define PAGE_LOOK_NEXT   16u

struct page {
    const struct query_scene *scene;
    const struct query_asker *asker;
    const struct query *query;
    struct message_output *out;
    const uint8_t *begun; /* where the answer begins */
    uint32_t rows;
    uint32_t rows_max;
    uint32_t looks;
    size_t cursor_bytes; /* of the next page */
    uint8_t cursor[QUERY_CURSOR_BYTES_MAX];
    struct reply_refused refused; /* reason NONE: it is not */
};

/* True while another row fits. */
bool page_has_room(const struct page *page);

/* Counts what is looked at; false when it has been enough for one page. */
bool page_look(struct page *page, uint32_t cost);

void page_row(struct page *page, enum row_kind kind, const void *row);

/* The answer is a refusal. `field` and `text` are constants. */
void page_refuse(struct page *page, enum reason reason, const char *field, const char *text);

/* True when the asker may see what belongs to this participant. */
bool page_shows(const struct page *page, uint32_t participant);

/* Where the next page begins, a struct of the kind's own, of at most QUERY_CURSOR_BYTES_MAX - 1
 * bytes. */
void page_stop(struct page *page, const void *place, size_t size);

/* The place that this page begins at; false with zeros for the first page, and, with the page
 * refused, for a cursor that is none of this kind. */
bool page_begin(struct page *page, void *place, size_t size);

/* The kinds: query_market.c, query_book.c, query_order.c, query_party.c, query_history.c,
 * query_trades.c, query_queue.c, query_register.c, query_entries.c, query_listing.c. */
void query_order(struct page *page);
void query_open_orders(struct page *page);
void query_accounts(struct page *page);
void query_positions(struct page *page);
void query_book_levels(struct page *page);
void query_book_orders(struct page *page);
void query_instruments(struct page *page);
void query_parameters(struct page *page);
void query_participants(struct page *page);
void query_sessions(struct page *page);
void query_keys(struct page *page);
void query_limits(struct page *page);
void query_ledger(struct page *page);
void query_order_history(struct page *page);
void query_account_history(struct page *page);
void query_session_history(struct page *page);
void query_trades(struct page *page);
void query_newest_trades(struct page *page); /* the same, the newest first */
void query_queue(struct page *page);
void query_entries(struct page *page);
void query_entry_versions(struct page *page);
void query_party_entries(struct page *page);
void query_number_entries(struct page *page);
void query_register_changes(struct page *page);
void query_bound_totals(struct page *page);
void query_parties(struct page *page);
void query_party_keys(struct page *page);
void query_mandates(struct page *page);
void query_certificate(struct page *page);
void query_listings(struct page *page);
void query_bidders(struct page *page);

#endif
