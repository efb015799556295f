/*
 * Trades, the newest first: from the as-of of the answer down, through the records that the index
 * does not know yet, a block at a time, and then by the index.
 */
#include <assert.h>

#include "gateway/query_history.h"
#include "gateway/query_page.h"

/* Sequences taken from the index, or records looked through, at a time. */
#define FOUND_MAX 64u

/* Where a page begins: `end` and everything above has been shown, and of the record before `end`
 * the last `given` trades. */
struct __attribute__((packed)) trades_place {
    uint64_t end;
    uint32_t given;
};

static_assert(sizeof(struct trades_place) < QUERY_CURSOR_BYTES_MAX, "it fits a cursor");

struct walk {
    struct page *page;
    struct query_history *history;
    struct trades_place place;
    bool is_it; /* of the event that is looked at */
    uint64_t found[FOUND_MAX];
};

enum outcome { OUTCOME_ON, OUTCOME_FULL, OUTCOME_FAILED };

static void compare(void *owner, enum subject_kind kind, uint64_t id) {
    struct walk *walk = owner;
    walk->is_it =
        walk->is_it || (kind == SUBJECT_TRADES && id == walk->page->query->trades.instrument);
}

static bool is_wanted(struct walk *walk, const struct record_event_view *event) {
    walk->is_it = false;
    return event->audience == AUDIENCE_EVERYBODY && subject_walk_event(event, compare, walk) &&
           walk->is_it;
}

/* --- a record ----------------------------------------------------------------------------------
 */

/* Where in a record's events its trades begin; returns how many. */
static uint32_t find_trades(struct walk *walk, struct span events,
                            uint16_t offsets[RECORD_SLICES_MAX]) {
    const uint8_t *begin = events.bytes;
    const uint8_t *at = begin;
    struct record_event_view event;
    uint32_t count = 0;
    for (; record_event_next(&events, &event); at = events.bytes)
        if (is_wanted(walk, &event) && count < RECORD_SLICES_MAX)
            offsets[count++] = (uint16_t)(at - begin);
    return count;
}

static void put_trade(struct page *page, const struct record *record, uint16_t offset) {
    struct span rest = {record->events.bytes + offset, record->events.size - offset};
    struct record_event_view event;
    bool is_there = record_event_next(&rest, &event);
    assert(is_there);
    struct report_row row = {.report = event.report.bytes,
                             .report_bytes = (uint32_t)event.report.size};
    page_row(page, ROW_REPORT, &row);
}

static enum outcome put_record(struct walk *walk, uint64_t sequence) {
    uint16_t offsets[RECORD_SLICES_MAX];
    struct record record;
    if (walk->place.end != sequence + 1)
        walk->place = (struct trades_place){.end = sequence + 1};
    if (!page_look(walk->page, PAGE_LOOK_RECORD))
        return OUTCOME_FULL;
    if (!query_history_record(walk->history, sequence, &record))
        return OUTCOME_FAILED;
    uint32_t count = find_trades(walk, record.events, offsets);
    while (walk->place.given < count) {
        if (!page_has_room(walk->page) || !page_look(walk->page, 1))
            return OUTCOME_FULL;
        walk->place.given++;
        put_trade(walk->page, &record, offsets[count - walk->place.given]);
    }
    walk->place = (struct trades_place){.end = sequence};
    return OUTCOME_ON;
}

/* The first `count` of walk->found, from the back when they ascend. */
static enum outcome put_found(struct walk *walk, uint32_t count, bool is_ascending) {
    enum outcome outcome = OUTCOME_ON;
    for (uint32_t i = 0; i < count && outcome == OUTCOME_ON; i++)
        outcome = put_record(walk, walk->found[is_ascending ? count - 1 - i : i]);
    return outcome;
}

/* --- behind the index, and by it ---------------------------------------------------------------
 */

static bool has_trade(struct walk *walk, const struct record *record) {
    struct span events = record->events;
    struct record_event_view event;
    while (record_event_next(&events, &event))
        if (is_wanted(walk, &event))
            return true;
    return false;
}

/* Looks through the records from `begin` up to the place. */
static enum outcome walk_block(struct walk *walk, uint64_t begin) {
    struct record record;
    uint32_t count = 0;
    assert(walk->place.end - begin <= FOUND_MAX);
    for (uint64_t sequence = begin; sequence < walk->place.end; sequence++) {
        if (!query_history_record(walk->history, sequence, &record))
            return OUTCOME_FAILED;
        if (has_trade(walk, &record))
            walk->found[count++] = sequence;
    }
    enum outcome outcome = put_found(walk, count, true);
    if (outcome == OUTCOME_ON)
        walk->place = (struct trades_place){.end = begin};
    return outcome;
}

/* Down to a sequence. */
static enum outcome walk_records(struct walk *walk, uint64_t begin) {
    enum outcome outcome = OUTCOME_ON;
    while (outcome == OUTCOME_ON && walk->place.end > begin) {
        uint64_t count = walk->place.end - begin;
        if (count > FOUND_MAX)
            count = FOUND_MAX;
        if (!page_look(walk->page, PAGE_LOOK_NEXT * (uint32_t)count))
            return OUTCOME_FULL;
        outcome = walk_block(walk, walk->place.end - count);
    }
    return outcome;
}

static enum outcome walk_down(struct walk *walk) {
    const struct trades_query *asked = &walk->page->query->trades;
    enum outcome outcome = OUTCOME_ON;
    while (outcome == OUTCOME_ON && walk->place.end > asked->from) {
        struct index_page found = {.kind = SUBJECT_TRADES,
                                   .id = asked->instrument,
                                   .from = asked->from,
                                   .to = walk->place.end,
                                   .sequences = walk->found,
                                   .max = FOUND_MAX};
        if (!page_look(walk->page, PAGE_LOOK_INDEX))
            return OUTCOME_FULL;
        query_history_find(walk->history, &found, true);
        if (found.as_of < walk->place.end) {
            outcome = walk_records(walk, found.as_of > asked->from ? found.as_of : asked->from);
            continue;
        }
        outcome = put_found(walk, found.count, false);
        if (outcome == OUTCOME_ON && found.next < walk->place.end)
            walk->place = (struct trades_place){.end = found.next};
    }
    return outcome;
}

void query_newest_trades(struct page *page) {
    struct walk walk = {.page = page, .history = page->scene->history};
    uint64_t as_of = page->scene->as_of;
    bool is_later = page_begin(page, &walk.place, sizeof walk.place);
    if (page->refused.reason != REASON_NONE)
        return;
    if (!is_later || walk.place.end > as_of)
        walk.place = (struct trades_place){.end = as_of};
    if (walk.history == NULL) {
        page_refuse(page, REASON_NOT_READY, NULL, "there is no history here");
        return;
    }
    enum outcome outcome = walk_down(&walk);
    query_history_rest(walk.history);
    if (outcome == OUTCOME_FAILED && page->rows == 0)
        page_refuse(page, REASON_NOT_READY, NULL, "a record cannot be read");
    else if (outcome != OUTCOME_ON)
        page_stop(page, &walk.place, sizeof walk.place);
}
