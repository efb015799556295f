/* Sessions that lack something: pages they ask for, pages for those that lag, recorded answers. */
#include <assert.h>
#include <string.h>

#include "gateway/trade.h"

/* When so few records are left to the end, live frames are held until the page that reaches it. */
#define NEAR_RECORDS 50000

/* Repeated requests of one session that the reader works on. */
#define REPEATS_MAX 1024

static bool submit_page(struct trade *trade, uint32_t number, uint64_t from, bool is_resume) {
    struct session *session = sessions_get(trade->sessions, number);
    uint64_t to = trade->release->next;
    struct lookup_job job = {
        .kind = LOOKUP_PAGE,
        .is_resume = is_resume,
        .ends_live = to - from <= NEAR_RECORDS,
        .session = number,
        .generation = session->generation,
        .from = from,
        .to = to,
    };
    if (!lookup_submit(trade->lookup, &job, (struct span){0}))
        return false;
    session->has_page_job = true;
    session->page_end = to;
    if (job.ends_live)
        outbox_hold(trade->outbox, number, to);
    return true;
}

void trade_resume(struct trade *trade, uint32_t number, const struct intake_item *item) {
    struct session *session = sessions_get(trade->sessions, number);
    uint64_t from = item->request.logon.next;
    struct codec_fault fault = {.field = "resume.next",
                                .limit = trade->release->next,
                                .text = "lies beyond what is released"};
    struct trade_refusal refusal = {.session = number, .reason = REASON_NO_CREDIT};
    if (from > trade->release->next) {
        refusal.reason = REASON_MALFORMED;
        refusal.fault = &fault;
    } else if (session->has_page_job) {
        refusal.reason = REASON_NO_CREDIT; /* one page at a time */
    } else if (session->state == SESSION_ARRIVING) {
        refusal.reason = REASON_NOT_READY;
    } else if (submit_page(trade, number, from, true)) {
        session->state = SESSION_RESUMING;
        session->sent_next = from;
        return;
    }
    trade_refuse(trade, item->from, &refusal);
}

void trade_repeat(struct trade *trade, uint32_t number, const struct intake_item *item) {
    struct session *session = sessions_get(trade->sessions, number);
    struct lookup_job job = {
        .kind = LOOKUP_REPEAT,
        .session = number,
        .generation = session->generation,
        .from = session->last_sequence,
        .number = item->request.command.stamp.number,
    };
    if (session->repeats < REPEATS_MAX && lookup_submit(trade->lookup, &job, item->bytes)) {
        session->repeats++;
        return;
    }
    struct trade_refusal refusal = {
        .session = number, .reason = REASON_NO_CREDIT, .number = job.number};
    trade_refuse(trade, item->from, &refusal);
}

/* A page has been made: it is sent, and what was held after it when it reached the end. */
static void take_page(struct trade *trade, struct lookup_result *result) {
    struct session *session = sessions_get(trade->sessions, result->session);
    bool is_end = session->is_holding && result->next == session->page_end;
    session->has_page_job = false;
    if (!is_end)
        outbox_drop_held(trade->outbox, result->session);
    if (!outbox_ordered(trade->outbox, result->session, &result->frame, result->next)) {
        /* Nothing is lost: the next page begins at the cursor again. */
        outbox_drop_held(trade->outbox, result->session);
        return;
    }
    counter_add(trade->counters, COUNTER_PAGES, 1);
    counter_set(trade->counters, COUNTER_READER, result->next);
    if (is_end)
        outbox_unhold(trade->outbox, result->session);
    else if (result->is_live)
        outbox_lag(trade->outbox, result->session); /* more came meanwhile than is held */
}

/* Recorded answers go beside the order of frames. */
static void flush_repeated(struct trade *trade) {
    struct trade_repeated *repeated = &trade->repeated;
    uint8_t *scratch = trade->outbox->scratch;
    if (repeated->size == 0)
        return;
    uint64_t sent_next = sessions_get(trade->sessions, repeated->session)->sent_next;
    struct reply_head head = {.from = sent_next, .next = sent_next};
    memcpy(scratch, repeated->bytes, repeated->size);
    size_t size = repeated->size + reply_put_head(scratch + repeated->size, &head);
    repeated->size = 0;
    outbox_beside(trade->outbox, repeated->session, size);
}

static void gather_repeated(struct trade *trade, struct lookup_result *result) {
    struct trade_repeated *repeated = &trade->repeated;
    size_t size = zmq_msg_size(&result->frame);
    assert(size + REPLY_HEAD_BYTES_MAX <= REPLY_FRAME_BYTES_MAX);
    if (repeated->session != result->session ||
        repeated->size + size + REPLY_HEAD_BYTES_MAX > REPLY_FRAME_BYTES_MAX)
        flush_repeated(trade);
    repeated->session = result->session;
    memcpy(repeated->bytes + repeated->size, zmq_msg_data(&result->frame), size);
    repeated->size += size;
    zmq_msg_close(&result->frame);
}

static void take_repeat(struct trade *trade, struct lookup_result *result) {
    struct session *session = sessions_get(trade->sessions, result->session);
    struct intake_message from = {.message = {.route = session->route, .key = session->key},
                                  .received_ns = trade->reading.wall_ns};
    struct trade_refusal refusal = {.session = result->session,
                                    .number = result->number,
                                    .reason = (enum reason)result->reason};
    if (result->has_frame)
        gather_repeated(trade, result);
    if (refusal.reason != REASON_NONE)
        trade_refuse(trade, &from, &refusal);
    if (result->is_last)
        counter_add(trade->counters, COUNTER_REPEATED, 1);
}

void trade_take_results(struct trade *trade) {
    struct lookup_result result;
    while (lookup_take(trade->lookup, &result)) {
        struct session *session = sessions_get(trade->sessions, result.session);
        if (result.kind == LOOKUP_REPEAT && result.is_last)
            session->repeats--;
        if (session->generation != result.generation) {
            if (result.has_frame)
                zmq_msg_close(&result.frame); /* its connection is gone */
        } else if (result.kind == LOOKUP_PAGE) {
            take_page(trade, &result);
        } else {
            take_repeat(trade, &result);
        }
    }
    flush_repeated(trade);
}

void trade_serve_lagging(struct trade *trade) {
    uint32_t lagging = 0;
    for (uint32_t i = 0; i < trade->sessions->active_count; i++) {
        uint32_t number = trade->sessions->active[i];
        const struct session *session = sessions_get(trade->sessions, number);
        if (session->state != SESSION_LAGGING)
            continue;
        lagging++;
        if (!session->has_page_job && trade->reading.mono_ns >= session->retry_ns &&
            !outbox_is_full(trade->outbox, number))
            submit_page(trade, number, session->sent_next, false);
    }
    trade->outbox->lagging = lagging;
}
