/* The ledger is walked once for requests; each report is looked up where it claims to stand. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ledger/failure.h"
#include "ledger/reader.h"
#include "ledger/record.h"
#include "tests/fault/crowd_member.h"

__attribute__((format(printf, 2, 3))) static bool say(struct crowd *crowd, const char *format,
                                                      ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(crowd->fault, sizeof crowd->fault, format, arguments);
    va_end(arguments);
    return false;
}

static struct member *member_of(struct crowd *crowd, uint32_t session) {
    for (uint32_t i = 0; i < crowd->count; i++)
        if (crowd->members[i].session == session)
            return &crowd->members[i];
    return NULL;
}

static bool count_request(struct crowd *crowd, const struct record *record) {
    const struct record_header *header = &record->header;
    struct member *member = member_of(crowd, header->session);
    if (member == NULL || header->number == 0 || header->part != 0)
        return true;
    if (header->number > member->sent_count)
        return say(crowd, "session %u: request %lu was never sent, and stands at %lu",
                   header->session, header->number, header->sequence);
    struct sent_request *sent = &member->sent[header->number - 1];
    if (++sent->recorded > 1)
        return say(crowd, "session %u: request %lu is doubled at %lu", header->session,
                   header->number, header->sequence);
    if (crowd_hash(record->request) != sent->hash)
        return say(crowd, "session %u: request %lu stands with other bytes at %lu", header->session,
                   header->number, header->sequence);
    return true;
}

/* Counts the requests of the records that were not there at the last check. */
static bool scan_requests(struct crowd *crowd, struct reader *reader) {
    struct reader_record stored;
    struct record record;
    int step;
    reader_seek(reader, crowd->scanned);
    while ((step = reader_next(reader, &stored)) > 0) {
        if (step == READER_PAUSE)
            continue;
        if (!record_read(stored.bytes, stored.size, &record))
            return say(crowd, "no record at %lu", stored.sequence);
        if (!count_request(crowd, &record))
            return false;
        crowd->scanned = stored.sequence + 1;
    }
    return step == 0 ? true : say(crowd, "the ledger cannot be read: %s", failure_name(step));
}

static bool is_told_by(const struct record *record, uint32_t session,
                       const struct told_report *told) {
    struct span rest = record->events;
    struct record_event_view view;
    struct report report;
    while (record_event_next(&rest, &view))
        if (view.audience == AUDIENCE_SESSION && view.to == session &&
            crowd_hash(view.report) == told->hash && report_read(view.report, &report) &&
            report.place == told->place)
            return true;
    return false;
}

static bool check_told(struct crowd *crowd, struct reader *reader, uint32_t session,
                       const struct told_report *told) {
    struct reader_record stored;
    struct record record;
    int failure = reader_get(reader, told->sequence, &stored);
    if (failure != 0)
        return say(crowd, "session %u was told a report at %lu, which is lost: %s", session,
                   told->sequence, failure_name(failure));
    if (!record_read(stored.bytes, stored.size, &record) || !is_told_by(&record, session, told))
        return say(crowd, "session %u was told otherwise than stands at %lu", session,
                   told->sequence);
    return true;
}

static bool check_member(struct crowd *crowd, struct reader *reader, struct member *member) {
    for (; member->told_checked < member->told_count; member->told_checked++)
        if (!check_told(crowd, reader, member->session, &member->told[member->told_checked]))
            return false;
    bool is_whole = true; /* everything before is answered */
    for (uint64_t i = member->sent_checked; i < member->sent_count; i++) {
        const struct sent_request *sent = &member->sent[i];
        if (sent->is_answered && sent->recorded != 1)
            return say(crowd, "session %u: request %lu was answered at %lu and is lost",
                       member->session, i + 1, sent->answer.sequence);
        is_whole = is_whole && sent->is_answered;
        if (is_whole)
            member->sent_checked = i + 1;
    }
    return true;
}

const char *crowd_check(struct crowd *crowd) {
    char path[TRIAL_PATH_MAX];
    struct reader *reader = NULL;
    if (crowd->fault[0] != '\0')
        return crowd->fault;
    if (snprintf(path, sizeof path, "%s/ledger", crowd->trial->exchange) >= TRIAL_PATH_MAX)
        trial_die("the path is too long");
    int failure = reader_open(&reader, path, true);
    bool is_good = failure == 0;
    if (failure != 0)
        say(crowd, "the ledger cannot be opened: %s", failure_name(failure));
    is_good = is_good && scan_requests(crowd, reader);
    for (uint32_t i = 0; is_good && i < crowd->count; i++)
        is_good = check_member(crowd, reader, &crowd->members[i]);
    if (reader != NULL)
        reader_close(reader);
    return is_good ? NULL : crowd->fault;
}

void crowd_forget_checks(struct crowd *crowd) {
    crowd->scanned = 0;
    for (uint32_t i = 0; i < crowd->count; i++) {
        struct member *member = &crowd->members[i];
        member->told_checked = 0;
        member->sent_checked = 0;
        for (uint64_t j = 0; j < member->sent_count; j++)
            member->sent[j].recorded = 0;
    }
}
