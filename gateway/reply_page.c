/* Reports one after the other, and the head behind them. */
#include "gateway/reply_page.h"

#include <assert.h>
#include <string.h>

void reply_page_begin(struct reply_page *page, const struct lookup_job *job, bool is_copy) {
    page->job = *job;
    page->at = job->from;
    page->is_copy = is_copy;
    page->is_full = false;
    page->size = 0;
}

void reply_page_put(struct reply_page *page, const struct record_event_view *event) {
    page->size +=
        reply_put_event(page->bytes + page->size, event->report.bytes, event->report.size);
    if (page->is_copy)
        page->size += reply_put_session(page->bytes + page->size,
                                        event->audience == AUDIENCE_SESSION ? event->to : 0);
    page->is_full = page->size > PAGE_FULL_BYTES;
}

void reply_page_end(struct reply_page *page, uint64_t next, struct lookup_result *result) {
    const struct lookup_job *job = &page->job;
    struct reply_head head = {
        .from = job->from,
        .next = next,
        .is_page = job->is_resume,
        .is_live = job->ends_live && next == job->to,
    };
    assert(next <= job->to);
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
}
