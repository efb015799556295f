/* What a record costs does not depend on how many pages are on: its events are looked up by session
 * in a table, and pages are looked through only where one begins or ends. */
#include "gateway/page_scan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/failure.h"
#include "ledger/record.h"

/* A page's place in the scan. */
struct place {
    struct reply_page page; /* job.kind 0: free */
    bool is_looked;         /* what the index has of it is in it */
    bool is_on;             /* the scan has passed the record where it takes over, page.at */
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
    struct page_index *index;
    struct place places[PAGE_SCAN_PAGES];
};

_Static_assert(PAGE_SCAN_PAGES < UINT8_MAX, "a page's number fits");

struct page_scan *page_scan_create(struct reader *reader, const struct owners *owners,
                                   struct page_index *index) {
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
    scan->index = index;
    scan->page_of = page_of;
    scan->next_change = UINT64_MAX;
    for (size_t i = 0; i < PAGE_SCAN_PAGES; i++)
        scan->places[i].page.bytes = bytes + i * PAGE_BUFFER_BYTES;
    return scan;
}

void page_scan_destroy(struct page_scan *scan) {
    if (scan == NULL)
        return;
    free(scan->places[0].page.bytes);
    free(scan->page_of);
    free(scan);
}

bool page_scan_has_room(const struct page_scan *scan) {
    return scan->count < PAGE_SCAN_PAGES;
}

bool page_scan_is_busy(const struct page_scan *scan) {
    return scan->count > 0;
}

static bool is_copy(const struct page_scan *scan, uint32_t number) {
    return number > scan->owners->sessions_max;
}

static bool is_free(const struct place *place) {
    return place->page.job.kind == 0;
}

static void remove_page(struct page_scan *scan, struct place *place) {
    if (place->is_on)
        scan->copies_on -= place->page.is_copy;
    scan->page_of[place->page.job.session] = 0;
    place->page.job.kind = 0;
    scan->count--;
}

/* A page for an earlier connection of the session is wanted no more. */
static void drop_page_of(struct page_scan *scan, uint32_t session) {
    for (size_t i = 0; i < PAGE_SCAN_PAGES; i++) {
        struct place *place = &scan->places[i];
        if (!is_free(place) && place->page.job.session == session)
            remove_page(scan, place);
    }
}

void page_scan_add(struct page_scan *scan, const struct lookup_job *job) {
    struct place *place = scan->places;
    assert(scan->count < PAGE_SCAN_PAGES && job->session <= owners_numbers_max(scan->owners));
    drop_page_of(scan, job->session);
    while (!is_free(place))
        place++;
    reply_page_begin(&place->page, job, is_copy(scan, job->session));
    place->is_on = false;
    place->is_looked = scan->index == NULL || place->page.is_copy;
    scan->count++;
}

/* --- the plan ----------------------------------------------------------------------------------
 */

/* Up to where it is filled. */
static uint64_t end_of(const struct page_scan *scan, const struct place *place) {
    uint64_t to = place->page.job.to;
    uint64_t end = place->is_on ? scan->position : place->page.at;
    return end < to ? end : to;
}

static bool is_done(const struct page_scan *scan, const struct place *place) {
    uint64_t end = end_of(scan, place);
    return place->is_looked && (place->page.is_full || end == place->page.job.to ||
                                end - place->page.at >= LOOKUP_PAGE_RECORDS);
}

/* Waits for the scan to come to where it takes over. */
static bool is_waiting(const struct place *place) {
    return !is_free(place) && place->is_looked && !place->is_on;
}

static void join(struct page_scan *scan, struct place *place) {
    place->is_on = true;
    scan->copies_on += place->page.is_copy;
    scan->page_of[place->page.job.session] = (uint8_t)(place - scan->places + 1);
}

static uint64_t lower(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* Where something changes next, seen from the position. */
static void plan(struct page_scan *scan) {
    scan->next_change = UINT64_MAX;
    for (size_t i = 0; i < PAGE_SCAN_PAGES; i++) {
        struct place *place = &scan->places[i];
        const struct reply_page *page = &place->page;
        if (is_waiting(place) && page->at == scan->position)
            join(scan, place);
        if (!is_free(place) && place->is_on)
            scan->next_change =
                lower(scan->next_change, lower(page->job.to, page->at + LOOKUP_PAGE_RECORDS));
        else if (is_waiting(place) && page->at > scan->position)
            scan->next_change = lower(scan->next_change, page->at);
    }
}

/* Nobody is on: on to where somebody takes over further on, else back to the lowest. False when
 * nobody waits. */
static bool move_to_next(struct page_scan *scan) {
    uint64_t ahead = UINT64_MAX;
    uint64_t lowest = UINT64_MAX;
    for (size_t i = 0; i < PAGE_SCAN_PAGES; i++) {
        const struct place *place = &scan->places[i];
        if (!is_waiting(place))
            continue;
        lowest = lower(lowest, place->page.at);
        if (place->page.at >= scan->position)
            ahead = lower(ahead, place->page.at);
    }
    if (lowest == UINT64_MAX)
        return false;
    scan->position = ahead != UINT64_MAX ? ahead : lowest;
    reader_seek(scan->reader, scan->position);
    return true;
}

static bool is_anybody_on(const struct page_scan *scan) {
    for (size_t i = 0; i < PAGE_SCAN_PAGES; i++)
        if (!is_free(&scan->places[i]) && scan->places[i].is_on)
            return true;
    return false;
}

/* --- pages -------------------------------------------------------------------------------------
 */

/* Finishes one page that is done, if there is one. */
static bool finish_one(struct page_scan *scan, struct lookup_result *result) {
    for (size_t i = 0; i < PAGE_SCAN_PAGES; i++) {
        struct place *place = &scan->places[i];
        if (is_free(place) || !is_done(scan, place))
            continue;
        reply_page_end(&place->page, end_of(scan, place), result);
        remove_page(scan, place);
        return true;
    }
    return false;
}

/* Takes from the index what it has of one page. Returns 0 or a failure of the ledger. */
static int look_for_one(struct page_scan *scan) {
    for (size_t i = 0; i < PAGE_SCAN_PAGES; i++) {
        struct place *place = &scan->places[i];
        if (is_free(place) || place->is_looked)
            continue;
        place->is_looked = true;
        return page_index_fill(scan->index, &place->page);
    }
    return 0;
}

/* A report goes into the page of a session or drop copy, when there is one that is on. */
static void put_report(struct page_scan *scan, uint32_t number,
                       const struct record_event_view *event) {
    uint8_t at = scan->page_of[number];
    if (at == 0)
        return;
    struct reply_page *page = &scan->places[at - 1].page;
    reply_page_put(page, event);
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

/* Walks on, until the reader's view ends or something changes. Returns as reader_next(). */
static int walk(struct page_scan *scan) {
    struct reader_record stored;
    int step = READER_RECORD;
    while (step == READER_RECORD && !scan->has_full && scan->position < scan->next_change) {
        step = reader_next(scan->reader, &stored);
        if (step != READER_RECORD)
            break;
        int failure = take_record(scan, &stored);
        if (failure != 0)
            return failure_log(failure, "record %lu cannot be read", stored.sequence);
    }
    return step;
}

int page_scan_step(struct page_scan *scan, struct lookup_result *result) {
    if (finish_one(scan, result))
        return 1;
    int failure = look_for_one(scan);
    if (failure != 0)
        return failure;
    if (finish_one(scan, result))
        return 1;
    if (!is_anybody_on(scan) && !move_to_next(scan))
        return 0;
    scan->has_full = false;
    plan(scan);
    int step = walk(scan);
    if (step < 0)
        return step;
    return finish_one(scan, result) ? 1 : 0;
}
