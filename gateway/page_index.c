/* Sequences from the index, some at a time; the reader moves from one to the next. */
#include "gateway/page_index.h"

#include <assert.h>
#include <stdlib.h>

#include "gateway/log.h"
#include "ledger/failure.h"
#include "ledger/reader.h"

/* Sequences taken from the index at a time. */
#define FOUND_MAX 512u

struct page_index {
    struct index_reader *index; /* NULL: there is none, or it has failed */
    struct reader *ledger;
    uint64_t found[FOUND_MAX];
};

struct page_index *page_index_create(struct index_reader *index, const char *ledger_dir) {
    struct page_index *pages = calloc(1, sizeof *pages);
    if (pages == NULL || reader_open(&pages->ledger, ledger_dir, false) != 0) {
        index_reader_close(index);
        free(pages);
        return NULL;
    }
    pages->index = index;
    return pages;
}

void page_index_destroy(struct page_index *pages) {
    if (pages == NULL)
        return;
    index_reader_close(pages->index);
    reader_close(pages->ledger);
    free(pages);
}

static void give_up(struct page_index *pages, int failure) {
    log_line(LOG_LEVEL_ERROR, "index_unreadable", "failure=\"%s\"", failure_name(failure));
    index_reader_close(pages->index);
    pages->index = NULL;
}

static int put_reports(struct reply_page *page, const struct reader_record *stored) {
    struct record record;
    struct record_event_view event;
    if (!record_read(stored->bytes, stored->size, &record))
        return failure_log(FAILURE_DAMAGED, "record %lu cannot be read", stored->sequence);
    while (record_event_next(&record.events, &event))
        if (event.audience == AUDIENCE_SESSION && event.to == page->job.session)
            reply_page_put(page, &event);
    page->at = stored->sequence + 1;
    return 0;
}

/* Reads one record, whatever views of the reader end before it. */
static int take(struct page_index *pages, struct reply_page *page, uint64_t sequence) {
    struct reader_record stored;
    int step = READER_PAUSE;
    reader_move(pages->ledger, sequence);
    while (step == READER_PAUSE)
        step = reader_next(pages->ledger, &stored);
    if (step == READER_END)
        return failure_log(FAILURE_DAMAGED, "record %lu, which the index has, is missing",
                           sequence);
    return step == READER_RECORD ? put_reports(page, &stored) : step;
}

/* The records that were found, until the page is full. */
static int take_found(struct page_index *pages, struct reply_page *page,
                      const struct index_page *found) {
    int failure = 0;
    for (uint32_t i = 0; i < found->count && failure == 0 && !page->is_full; i++)
        failure = take(pages, page, found->sequences[i]);
    if (failure == 0 && !page->is_full)
        page->at = found->next;
    return failure;
}

int page_index_fill(struct page_index *pages, struct reply_page *page) {
    struct index_page found = {.kind = SUBJECT_SESSION,
                               .id = page->job.session,
                               .to = page->job.to,
                               .sequences = pages->found,
                               .max = FOUND_MAX};
    int failure = 0;
    assert(!page->is_copy);
    do {
        if (pages->index == NULL || page->is_full)
            break;
        found.from = page->at;
        int failed = index_find(pages->index, &found);
        if (failed != 0)
            give_up(pages, failed);
        else if (found.next > found.from)
            failure = take_found(pages, page, &found);
    } while (failure == 0 && page->at > found.from && page->at < page->job.to);
    reader_rest(pages->ledger);
    return failure;
}
