/*
 * Pages for many sessions from one walk over the ledger.
 *
 * A page wants the reports of one session, or of one participant's drop copy, in a range of
 * records. A report of a session may so go into two pages. The scan goes through records in order;
 * a page joins when the scan passes the record it begins with, and leaves when it is full or at its
 * end. When nobody is on, the scan goes back to the lowest record that anybody waits for. So a
 * hundred sessions that come back after a crash cost hardly more than one.
 *
 * Threads: belongs to one, with its reader.
 */
#ifndef GATEWAY_PAGE_SCAN_H
#define GATEWAY_PAGE_SCAN_H

#include "gateway/page_index.h"
#include "ledger/reader.h"

/* Pages under way at a time; each has a buffer of a frame. */
#define PAGE_SCAN_PAGES 64

struct page_scan;

/* NULL without memory. What `index` (NULL: there is none) has of a session's page is taken from
 * there. The reader's walk belongs to the scan, its lookups do not. `owners` says
 * whose drop copy is told of a session's reports. */
struct page_scan *page_scan_create(struct reader *reader, const struct owners *owners,
                                   struct page_index *index);
void page_scan_destroy(struct page_scan *scan);

/* True when another page can be taken. */
bool page_scan_has_room(const struct page_scan *scan);

/* Takes a page; there is room. Another page of the same session, which an earlier connection asked
 * for, is dropped: nobody waits for it. */
void page_scan_add(struct page_scan *scan, const struct lookup_job *job);

/* True when a page waits or is under way. */
bool page_scan_is_busy(const struct page_scan *scan);

/* Walks on, until the reader's view ends or a page is done. Returns 1 with a result, 0 without, or
 * a failure of the reader. */
int page_scan_step(struct page_scan *scan, struct lookup_result *result);

#endif
