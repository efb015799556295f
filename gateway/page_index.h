/*
 * What the index has of a page: a session's records are found by it and read one by one, whatever
 * lies between them. What became durable after the index's as-of is left to a scan.
 *
 * An index that cannot be read is looked at no more, with one line in the log: then all is scanned.
 *
 * Threads: belongs to one.
 */
#ifndef GATEWAY_PAGE_INDEX_H
#define GATEWAY_PAGE_INDEX_H

#include "gateway/reply_page.h"
#include "ledger/index.h"

struct page_index;

/* Takes the reader of the index, which may be NULL: then it has nothing. Returns NULL, with a line
 * in the log, without memory or ledger. */
struct page_index *page_index_create(struct index_reader *index, const char *ledger_dir);
void page_index_destroy(struct page_index *pages);

/* Fills a session's page from page->at on, which moves to where the index ends, or the page does.
 * Returns 0 or a failure of the ledger. */
int page_index_fill(struct page_index *pages, struct reply_page *page);

#endif
