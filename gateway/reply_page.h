/*
 * A page: the reports of one session, or of one participant's drop copy, in a range of records, as
 * the ReplyFrame that it becomes. Filled from the index (page_index.h), by a scan (page_scan.h), or
 * first by one and then by the other.
 *
 * Threads: belongs to the lookup's.
 */
#ifndef GATEWAY_REPLY_PAGE_H
#define GATEWAY_REPLY_PAGE_H

#include "gateway/lookup.h"
#include "ledger/record.h"
#include "proto/frame.h"

/* A page is closed at the next record once it holds this much, as in release.c. */
#define PAGE_FULL_BYTES                                                                            \
    (REPLY_FRAME_BYTES_MAX - REPLY_RECORD_BYTES_MAX(RECORD_BYTES_MAX, RECORD_SLICES_MAX) -         \
     REPLY_HEAD_BYTES_MAX)
#define PAGE_BUFFER_BYTES (REPLY_FRAME_BYTES_MAX + 64)

struct reply_page {
    struct lookup_job job;
    uint64_t at;  /* all of the page's reports below this record are in it */
    bool is_copy; /* of a drop copy: a report says whose it is */
    bool is_full;
    size_t size;
    uint8_t *bytes; /* PAGE_BUFFER_BYTES */
};

/* Begins an empty page in the buffer that it has. */
void reply_page_begin(struct reply_page *page, const struct lookup_job *job, bool is_copy);

/* Appends a report; there is room for all of a record's as long as the page is not full. */
void reply_page_put(struct reply_page *page, const struct record_event_view *event);

/* Makes the result of it: a frame that covers the records from job.from to `next`, at most job.to.
 */
void reply_page_end(struct reply_page *page, uint64_t next, struct lookup_result *result);

#endif
