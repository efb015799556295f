/*
 * A history's rows are reports as the ledger holds them, of the subject and for eyes that may see
 * them. A page ends anywhere, also among the events of a record.
 */
#include "gateway/query_history.h"

#include <assert.h>
#include <stdlib.h>

#include "gateway/log.h"
#include "gateway/query_page.h"
#include "ledger/failure.h"

/* Sequences taken from the index at a time. */
#define FOUND_MAX 64u

struct query_history {
    struct index_reader *index; /* NULL: there is none, or it has failed */
    struct reader *ledger;
    uint64_t found[FOUND_MAX];
};

struct query_history *query_history_create(const char *ledger_dir, struct index_reader *index) {
    struct query_history *history = calloc(1, sizeof *history);
    if (history == NULL || reader_open(&history->ledger, ledger_dir, false) != 0) {
        index_reader_close(index);
        free(history);
        return NULL;
    }
    history->index = index;
    return history;
}

void query_history_destroy(struct query_history *history) {
    if (history == NULL)
        return;
    index_reader_close(history->index);
    reader_close(history->ledger);
    free(history);
}

void query_history_find(struct query_history *history, struct index_page *page, bool is_last) {
    int failure = 0;
    page->count = 0;
    page->next = page->from;
    page->as_of = 0;
    if (history->index != NULL)
        failure =
            is_last ? index_find_last(history->index, page) : index_find(history->index, page);
    if (failure == 0)
        return;
    log_line(LOG_LEVEL_ERROR, "index_unreadable", "failure=\"%s\"", failure_name(failure));
    index_reader_close(history->index);
    history->index = NULL;
    page->count = 0;
    page->next = page->from;
    page->as_of = 0;
}

bool query_history_record(struct query_history *history, uint64_t sequence, struct record *record) {
    struct reader_record stored;
    int step = READER_PAUSE;
    reader_move(history->ledger, sequence);
    while (step == READER_PAUSE)
        step = reader_next(history->ledger, &stored);
    return step == READER_RECORD && record_read(stored.bytes, stored.size, record);
}

void query_history_rest(struct query_history *history) {
    reader_rest(history->ledger);
}

/* --- a walk ------------------------------------------------------------------------------------
 */

/* Where a page begins: `done` events of record `next` were looked at. */
struct __attribute__((packed)) history_place {
    uint64_t next;
    uint32_t done;
};

static_assert(sizeof(struct history_place) < QUERY_CURSOR_BYTES_MAX, "it fits a cursor");

struct walk {
    struct page *page;
    struct query_history *history;
    enum subject_kind kind;
    uint64_t id;
    uint64_t to; /* as-of of the answer */
    struct history_place place;
    bool is_it; /* of the event or record that is looked at */
};

enum outcome { OUTCOME_ON, OUTCOME_FULL, OUTCOME_FAILED };

static void compare(void *owner, enum subject_kind kind, uint64_t id) {
    struct walk *walk = owner;
    walk->is_it = walk->is_it || (kind == walk->kind && id == walk->id);
}

/* Whose an event is; 0: nobody's who asks. */
static uint32_t participant_of(const struct walk *walk, const struct record_event_view *event) {
    struct session_view session;
    if (event->audience == AUDIENCE_PARTICIPANT)
        return event->to;
    bool is_known = event->audience == AUDIENCE_SESSION &&
                    engine_session(walk->page->scene->engine, event->to, &session);
    return is_known ? session.participant : 0;
}

/* Whether any event by itself is about the subject. Else its request is: then what its sender was
 * told is shown. */
static bool is_told_by_events(struct walk *walk, struct span events) {
    struct record_event_view event;
    walk->is_it = false;
    while (!walk->is_it && record_event_next(&events, &event))
        if (!subject_walk_event(&event, compare, walk))
            return false;
    return walk->is_it;
}

static bool is_wanted(struct walk *walk, const struct record_event_view *event, bool is_by_event) {
    uint32_t participant = participant_of(walk, event);
    walk->is_it = false;
    if (walk->kind == SUBJECT_TRADES) /* everybody's */
        return subject_walk_event(event, compare, walk) && walk->is_it;
    if (participant == 0 || !page_shows(walk->page, participant))
        return false;
    walk->is_it = !is_by_event && event->audience == AUDIENCE_SESSION;
    return subject_walk_event(event, compare, walk) && walk->is_it;
}

/* Puts the reports of a record into the page, but for those that were looked at before. */
static enum outcome put_record(struct walk *walk, const struct record *record) {
    struct span events = record->events;
    struct record_event_view event;
    bool is_by_event = is_told_by_events(walk, events);
    for (uint32_t i = 0; record_event_next(&events, &event); i++) {
        if (i < walk->place.done)
            continue;
        if (!page_has_room(walk->page) || !page_look(walk->page, 1))
            return OUTCOME_FULL;
        walk->place.done = i + 1;
        if (!is_wanted(walk, &event, is_by_event))
            continue;
        struct report_row row = {.session = event.audience == AUDIENCE_SESSION ? event.to : 0,
                                 .report = event.report.bytes,
                                 .report_bytes = (uint32_t)event.report.size};
        page_row(walk->page, ROW_REPORT, &row);
    }
    walk->place = (struct history_place){.next = record->header.sequence + 1};
    return OUTCOME_ON;
}

/* Whether a record that the index does not know yet is about the subject. */
static bool is_about(struct walk *walk, const struct record *record) {
    struct reader_record stored;
    struct record proposal;
    uint64_t sequence = 0;
    walk->is_it = false;
    if (!subject_walk(record, compare, walk, &sequence))
        return false;
    if (sequence != 0 && sequence < record->header.sequence &&
        reader_get(walk->history->ledger, sequence, &stored) == 0 &&
        record_read(stored.bytes, stored.size, &proposal))
        subject_walk_proposal(&proposal, compare, walk);
    return walk->is_it;
}

/* --- by the index, and behind it ---------------------------------------------------------------
 */

static enum outcome take_found(struct walk *walk, const struct index_page *found) {
    struct record record;
    for (uint32_t i = 0; i < found->count; i++) {
        if (walk->place.next < found->sequences[i])
            walk->place = (struct history_place){.next = found->sequences[i]};
        if (!page_look(walk->page, PAGE_LOOK_RECORD))
            return OUTCOME_FULL;
        if (!query_history_record(walk->history, walk->place.next, &record))
            return OUTCOME_FAILED;
        if (put_record(walk, &record) != OUTCOME_ON)
            return OUTCOME_FULL;
    }
    if (walk->place.next < found->next)
        walk->place = (struct history_place){.next = found->next};
    return OUTCOME_ON;
}

/* What the index has. It is over when nothing more is found. */
static enum outcome walk_index(struct walk *walk) {
    struct query_history *history = walk->history;
    struct index_page found = {.kind = walk->kind,
                               .id = walk->id,
                               .to = walk->to,
                               .sequences = history->found,
                               .max = FOUND_MAX};
    enum outcome outcome = OUTCOME_ON;
    while (outcome == OUTCOME_ON && history->index != NULL && walk->place.next < walk->to) {
        if (!page_look(walk->page, PAGE_LOOK_INDEX))
            return OUTCOME_FULL;
        found.from = walk->place.next;
        query_history_find(history, &found, false);
        if (found.next == found.from)
            break;
        outcome = take_found(walk, &found);
    }
    return outcome;
}

static enum outcome walk_records(struct walk *walk) {
    struct record record;
    while (walk->place.next < walk->to) {
        if (!page_look(walk->page, PAGE_LOOK_NEXT))
            return OUTCOME_FULL;
        if (!query_history_record(walk->history, walk->place.next, &record))
            return OUTCOME_FAILED;
        if (!is_about(walk, &record))
            walk->place = (struct history_place){.next = walk->place.next + 1};
        else if (put_record(walk, &record) != OUTCOME_ON)
            return OUTCOME_FULL;
    }
    return OUTCOME_ON;
}

static void answer_history(struct page *page, enum subject_kind kind, uint64_t id, uint64_t from) {
    struct walk walk = {.page = page,
                        .history = page->scene->history,
                        .kind = kind,
                        .id = id,
                        .to = page->scene->as_of};
    bool is_later = page_begin(page, &walk.place, sizeof walk.place);
    if (page->refused.reason != REASON_NONE)
        return;
    if (!is_later)
        walk.place.next = from;
    if (walk.history == NULL) {
        page_refuse(page, REASON_NOT_READY, NULL, "there is no history here");
        return;
    }
    enum outcome outcome = walk_index(&walk);
    if (outcome == OUTCOME_ON)
        outcome = walk_records(&walk);
    query_history_rest(walk.history);
    if (outcome == OUTCOME_FAILED && page->rows == 0)
        page_refuse(page, REASON_NOT_READY, NULL, "a record cannot be read");
    else if (outcome != OUTCOME_ON)
        page_stop(page, &walk.place, sizeof walk.place);
}

/* --- the kinds ---------------------------------------------------------------------------------
 */

void query_order_history(struct page *page) {
    const struct order_history_query *asked = &page->query->order_history;
    struct session_view session;
    if (engine_session(page->scene->engine, order_id_session(asked->order_id), &session) &&
        page_shows(page, session.participant))
        answer_history(page, SUBJECT_ORDER, asked->order_id, asked->from);
    else
        page_refuse(page, REASON_UNKNOWN_ORDER, "order_history.order_id", "there is none");
}

void query_account_history(struct page *page) {
    const struct account_history_query *asked = &page->query->account_history;
    struct account_view account;
    if (engine_account(page->scene->engine, asked->account, &account) &&
        page_shows(page, account.participant))
        answer_history(page, SUBJECT_ACCOUNT, asked->account, asked->from);
    else
        page_refuse(page, REASON_UNKNOWN_ACCOUNT, "account_history.account", "there is none");
}

/* Oldest first a walk through a history like the others. */
void query_trades(struct page *page) {
    const struct trades_query *asked = &page->query->trades;
    struct instrument_view instrument;
    if (asked->instrument != 0 &&
        !engine_instrument(page->scene->engine, asked->instrument, &instrument))
        page_refuse(page, REASON_UNKNOWN_INSTRUMENT, "trades.instrument", "there is none");
    else if (asked->newest_first)
        query_newest_trades(page);
    else
        answer_history(page, SUBJECT_TRADES, asked->instrument, asked->from);
}

void query_session_history(struct page *page) {
    const struct session_history_query *asked = &page->query->session_history;
    struct session_view session;
    if (engine_session(page->scene->engine, asked->session, &session) &&
        page_shows(page, session.participant))
        answer_history(page, SUBJECT_SESSION, asked->session, asked->from);
    else
        page_refuse(page, REASON_UNKNOWN_SESSION, "session_history.session", "there is none");
}
