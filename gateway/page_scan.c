/* What a record costs does not depend on how many pages are on: its events are looked up by session
 * in a table, and pages are looked through only where one begins or ends. */
#include "gateway/page_scan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/failure.h"
#include "ledger/record.h"
#include "proto/frame.h"

/* A page is closed at the next record once it holds this much, as in release.c. */
#define PAGE_FULL_BYTES                                                                            \
    (REPLY_FRAME_BYTES_MAX - REPLY_RECORD_BYTES_MAX(RECORD_BYTES_MAX, RECORD_SLICES_MAX) -         \
     REPLY_HEAD_BYTES_MAX)
#define PAGE_BUFFER_BYTES (REPLY_FRAME_BYTES_MAX + 64)

struct page {
    struct lookup_job job; /* kind 0: free */
    bool is_on;            /* the scan has passed its first record */
    bool is_full;
    size_t size;
    uint8_t *bytes;
};

struct page_scan {
    struct reader *reader;
    uint64_t position;    /* the next record */
    uint64_t next_change; /* where a page begins or ends next */
    uint32_t count;       /* pages not free */
    bool has_full;
    const struct owners *owners;
    uint32_t copies_on; /* pages of drop copies that are on */
    uint8_t *page_of;   /* [session or drop copy]: its page that is on, plus 1 */
    struct page pages[PAGE_SCAN_PAGES];
};

_Static_assert(PAGE_SCAN_PAGES < UINT8_MAX, "a page's number fits");

struct page_scan *page_scan_create(struct reader *reader, const struct owners *owners) {
    struct page_scan *scan = calloc(1, sizeof *scan);
    uint8_t *page_of = calloc((size_t)owners_numbers_max(owners) + 1, 1);
    uint8_t *bytes = malloc((size_t)PAGE_SCAN_PAGES * PAGE_BUFFER_BYTES);
    if (scan == NULL || page_of == NULL || bytes == NULL) {
        free(scan);
        free(page_of);
        free(bytes);
        return NULL;
    }
    scan->reader = reader;
    scan->owners = owners;
    scan->page_of = page_of;
    scan->next_change = UINT64_MAX;
    for (size_t i = 0; i < PAGE_SCAN_PAGES; i++)
        scan->pages[i].bytes = bytes + i * PAGE_BUFFER_BYTES;
    return scan;
}

void page_scan_destroy(struct page_scan *scan) {
    if (scan == NULL)
        return;
    free(scan->pages[0].bytes);
    free(scan->page_of);
    free(scan);
}

bool page_scan_has_room(const struct page_scan *scan) {
    return scan->count < PAGE_SCAN_PAGES;
}

bool page_scan_is_busy(const struct page_scan *scan) {
    return scan->count > 0;
}

static bool is_copy(const struct page_scan *scan, const struct page *page) {
    return page->job.session > scan->owners->sessions_max;
}

static void remove_page(struct page_scan *scan, struct page *page) {
    if (page->is_on)
        scan->copies_on -= is_copy(scan, page);
    scan->page_of[page->job.session] = 0;
    page->job.kind = 0;
    scan->count--;
}

/* A page for an earlier connection of the session is wanted no more. */
static void drop_page_of(struct page_scan *scan, uint32_t session) {
    for (size_t i = 0; i < PAGE_SCAN_PAGES; i++) {
        struct page *page = &scan->pages[i];
        if (page->job.kind != 0 && page->job.session == session)
            remove_page(scan, page);
    }
}

void page_scan_add(struct page_scan *scan, const struct lookup_job *job) {
    struct page *page = scan->pages;
    assert(scan->count < PAGE_SCAN_PAGES && job->session <= owners_numbers_max(scan->owners));
    drop_page_of(scan, job->session);
    while (page->job.kind != 0)
        page++;
    page->job = *job;
    page->is_on = false;
    page->is_full = false;
    page->size = 0;
    scan->count++;
    if (job->from >= scan->position && job->from < scan->next_change)
        scan->next_change = job->from;
}

/* --- the plan ----------------------------------------------------------------------------------
 */

static bool is_done(const struct page_scan *scan, const struct page *page) {
    return page->is_on && (page->is_full || scan->position >= page->job.to ||
                           scan->position - page->job.from >= LOOKUP_PAGE_RECORDS);
}

static void join(struct page_scan *scan, struct page *page) {
    page->is_on = true;
    scan->copies_on += is_copy(scan, page);
    scan->page_of[page->job.session] = (uint8_t)(page - scan->pages + 1);
}

static uint64_t lower(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* Where something changes next, seen from the position. */
static void plan(struct page_scan *scan) {
    scan->next_change = UINT64_MAX;
    for (size_t i = 0; i < PAGE_SCAN_PAGES; i++) {
        struct page *page = &scan->pages[i];
        if (page->job.kind == 0)
            continue;
        if (!page->is_on && page->job.from == scan->position)
            join(scan, page);
        if (page->is_on)
            scan->next_change =
                lower(scan->next_change, lower(page->job.to, page->job.from + LOOKUP_PAGE_RECORDS));
        else if (page->job.from > scan->position)
            scan->next_change = lower(scan->next_change, page->job.from);
    }
}

/* Nobody is on: on to where somebody begins further on, else back to the lowest. */
static void move_to_next(struct page_scan *scan) {
    uint64_t ahead = UINT64_MAX;
    uint64_t lowest = UINT64_MAX;
    for (size_t i = 0; i < PAGE_SCAN_PAGES; i++) {
        const struct page *page = &scan->pages[i];
        if (page->job.kind == 0)
            continue;
        lowest = lower(lowest, page->job.from);
        if (page->job.from >= scan->position)
            ahead = lower(ahead, page->job.from);
    }
    scan->position = ahead != UINT64_MAX ? ahead : lowest;
    reader_seek(scan->reader, scan->position);
}

static bool is_anybody_on(const struct page_scan *scan) {
    for (size_t i = 0; i < PAGE_SCAN_PAGES; i++)
        if (scan->pages[i].job.kind != 0 && scan->pages[i].is_on)
            return true;
    return false;
}

/* --- pages -------------------------------------------------------------------------------------
 */

static void finish(struct page_scan *scan, struct page *page, struct lookup_result *result) {
    const struct lookup_job *job = &page->job;
    uint64_t next = lower(scan->position, job->to);
    struct reply_head head = {
        .from = job->from,
        .next = next,
        .is_page = job->is_resume,
        .is_live = job->ends_live && next == job->to,
    };
    page->size += reply_put_head(page->bytes + page->size, &head);
    *result = (struct lookup_result){
        .kind = LOOKUP_PAGE,
        .is_resume = job->is_resume,
        .is_last = true,
        .has_frame = true,
        .is_live = head.is_live,
        .session = job->session,
        .generation = job->generation,
        .from = job->from,
        .next = next,
    };
    int failed = zmq_msg_init_size(&result->frame, page->size);
    assert(failed == 0);
    memcpy(zmq_msg_data(&result->frame), page->bytes, page->size);
    remove_page(scan, page);
}

/* Finishes one page that is done, if there is one. */
static bool finish_one(struct page_scan *scan, struct lookup_result *result) {
    for (size_t i = 0; i < PAGE_SCAN_PAGES; i++) {
        struct page *page = &scan->pages[i];
        if (page->job.kind == 0 || !is_done(scan, page))
            continue;
        finish(scan, page, result);
        return true;
    }
    return false;
}

/* A report goes into the page of a session or drop copy, when there is one that is on. */
static void put_report(struct page_scan *scan, uint32_t number,
                       const struct record_event_view *event) {
    uint8_t place = scan->page_of[number];
    if (place == 0)
        return;
    struct page *page = &scan->pages[place - 1];
    page->size +=
        reply_put_event(page->bytes + page->size, event->report.bytes, event->report.size);
    if (is_copy(scan, page))
        page->size += reply_put_session(page->bytes + page->size,
                                        event->audience == AUDIENCE_SESSION ? event->to : 0);
    page->is_full = page->size > PAGE_FULL_BYTES;
    scan->has_full = scan->has_full || page->is_full;
}

static void take_event(struct page_scan *scan, const struct record_event_view *event) {
    const struct owners *owners = scan->owners;
    uint32_t participant = 0;
    if (event->audience == AUDIENCE_SESSION && event->to <= owners->sessions_max) {
        put_report(scan, event->to, event);
        participant = scan->copies_on > 0 ? owners_of(owners, event->to) : 0;
    } else if (event->audience == AUDIENCE_PARTICIPANT && event->to <= owners->participants_max) {
        participant = event->to;
    }
    if (participant != 0)
        put_report(scan, owners_copy(owners, participant), event);
}

static int take_record(struct page_scan *scan, const struct reader_record *stored) {
    struct record record;
    struct record_event_view event;
    if (!record_read(stored->bytes, stored->size, &record))
        return FAILURE_DAMAGED;
    while (record_event_next(&record.events, &event))
        take_event(scan, &event);
    scan->position = stored->sequence + 1;
    return 0;
}

int page_scan_step(struct page_scan *scan, struct lookup_result *result) {
    struct reader_record stored;
    int step = READER_RECORD;
    if (finish_one(scan, result))
        return 1;
    scan->has_full = false;
    if (!is_anybody_on(scan))
        move_to_next(scan);
    plan(scan);
    while (step == READER_RECORD) {
        if (scan->has_full || scan->position >= scan->next_change)
            return finish_one(scan, result) ? 1 : 0;
        step = reader_next(scan->reader, &stored);
        if (step == READER_RECORD) {
            int failure = take_record(scan, &stored);
            if (failure != 0)
                return failure_log(failure, "record %lu cannot be read", stored.sequence);
        }
    }
    return step < 0 ? step : 0;
}
