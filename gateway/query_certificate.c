/* Certificates that were asked for: each in pieces, whoever asked for it may have it. */
#include <assert.h>
#include <stdlib.h>

#include "gateway/log.h"
#include "gateway/query_page.h"
#include "ledger/failure.h"
#include "ledger/issue.h"

/* Bytes of one piece. */
#define PIECE_BYTES 480u
/* What making one is counted for. */
#define LOOK_MAKE 4096u

static_assert(PIECE_BYTES + 32 < ANSWER_ROW_BYTES_MAX, "a piece is a row");

static void put_pieces(struct page *page, const char *text, size_t size) {
    uint64_t offset;
    (void)page_begin(page, &offset, sizeof offset);
    if (page->refused.reason != REASON_NONE)
        return;
    while (offset < size) {
        size_t left = size - offset;
        struct certificate_row row = {.size = size,
                                      .offset = offset,
                                      .text = (const uint8_t *)text + offset,
                                      .text_bytes =
                                          left < PIECE_BYTES ? (uint32_t)left : PIECE_BYTES};
        if (!page_has_room(page)) {
            page_stop(page, &offset, sizeof offset);
            return;
        }
        page_row(page, ROW_CERTIFICATE, &row);
        offset += row.text_bytes;
    }
}

/* Whoever did not ask for it learns what a stranger learns of one that is not made yet. */
static void refuse(struct page *page, int failure) {
    uint64_t number = page->query->certificate.number;
    if (failure != FAILURE_NOT_FOUND)
        log_line(LOG_LEVEL_ERROR, "certificate_unreadable", "number=%lu failure=\"%s\"", number,
                 failure_name(failure));
    if (number == 0 || number > engine_certificates(page->scene->engine))
        page_refuse(page, REASON_UNKNOWN_RIGHT, "certificate.number", "there is none");
    else
        page_refuse(page, REASON_NOT_READY, "certificate.number", "is not made yet");
}

void query_certificate(struct page *page) {
    struct issue *issue = page->scene->issue;
    uint64_t number = page->query->certificate.number;
    struct issued issued;
    char *text = NULL;
    size_t size = 0;
    if (issue == NULL) {
        page_refuse(page, REASON_NOT_READY, NULL, "there are no certificates here");
        return;
    }
    page_look(page, LOOK_MAKE);
    int failure = issue_find(issue, number, &issued);
    if (failure == 0 && !page_shows(page, issued.participant))
        failure = FAILURE_NOT_FOUND;
    if (failure == 0)
        failure = issue_make(issue, &issued, &text, &size);
    if (failure == 0)
        put_pieces(page, text, size);
    else
        refuse(page, failure);
    free(text);
}
