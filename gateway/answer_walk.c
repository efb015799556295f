/* Two parts: find the number on the chain, then hand out the events of its command. */
#include "gateway/answer_walk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/reply.h"
#include "ledger/failure.h"
#include "ledger/record.h"
#include "proto/frame.h"

#define FRAME_FULL_BYTES                                                                           \
    (REPLY_FRAME_BYTES_MAX - RECORD_BYTES_MAX - RECORD_SLICES_MAX * REPLY_EVENT_OVERHEAD_MAX -     \
     REPLY_HEAD_BYTES_MAX)

/* A request on the chain. */
struct chain_link {
    uint64_t number;
    uint64_t sequence;
    uint64_t previous; /* sequence + 1 of the one before, 0: none */
};

enum walk_state { WALK_IDLE, WALK_FRONT, WALK_BACK, WALK_ANSWER };

struct answer_walk {
    struct reader *reader;
    enum walk_state state;
    struct lookup_job job;
    uint64_t at;      /* FRONT, BACK: next link, sequence + 1; ANSWER: next record */
    uint64_t command; /* ANSWER: first record of the command */
    size_t size;      /* ANSWER: bytes of the frame so far */
    bool wants_end;   /* ANSWER: of a mass cancel, whose end may stand in a later Continue */
    bool is_taking;   /* ANSWER: this command's events belong to the answer */
    size_t request_size;

    uint32_t trail_session;
    uint32_t trail_count;
    uint32_t front_count; /* FRONT: links newer than the trail's, found so far */
    struct chain_link trail[ANSWER_WALK_TRAIL];
    struct chain_link front[ANSWER_WALK_TRAIL];
    uint8_t request[REQUEST_BYTES_MAX];
    uint8_t frame[REPLY_FRAME_BYTES_MAX + 64];
};

struct answer_walk *answer_walk_create(struct reader *reader) {
    struct answer_walk *walk = calloc(1, sizeof *walk);
    if (walk != NULL)
        walk->reader = reader;
    return walk;
}

void answer_walk_destroy(struct answer_walk *walk) {
    free(walk);
}

bool answer_walk_is_busy(const struct answer_walk *walk) {
    return walk->state != WALK_IDLE;
}

void answer_walk_begin(struct answer_walk *walk, const struct lookup_job *job,
                       struct span request) {
    assert(walk->state == WALK_IDLE && request.size <= REQUEST_BYTES_MAX);
    walk->job = *job;
    walk->request_size = request.size;
    memcpy(walk->request, request.bytes, request.size);
    if (walk->trail_session != job->session)
        walk->trail_count = 0;
    walk->trail_session = job->session;
    walk->front_count = 0;
    walk->at = job->from + 1; /* no request yet: UINT64_MAX + 1 is 0, the end of the chain */
    walk->state = WALK_FRONT;
}

/* --- results -----------------------------------------------------------------------------------
 */

static void fill_result(const struct answer_walk *walk, struct lookup_result *result,
                        enum reason reason) {
    *result = (struct lookup_result){
        .kind = LOOKUP_REPEAT,
        .is_last = true,
        .reason = (uint16_t)reason,
        .session = walk->job.session,
        .generation = walk->job.generation,
        .number = walk->job.number,
    };
}

static int refuse(struct answer_walk *walk, struct lookup_result *result, enum reason reason) {
    fill_result(walk, result, reason);
    walk->state = WALK_IDLE;
    return ANSWER_RESULT;
}

static int hand_out(struct answer_walk *walk, struct lookup_result *result, bool is_last) {
    fill_result(walk, result, REASON_NONE);
    result->is_last = is_last;
    result->has_frame = walk->size > 0;
    if (result->has_frame) {
        int failed = zmq_msg_init_size(&result->frame, walk->size);
        assert(failed == 0);
        memcpy(zmq_msg_data(&result->frame), walk->frame, walk->size);
    }
    walk->size = 0;
    if (is_last)
        walk->state = WALK_IDLE;
    return ANSWER_RESULT;
}

/* --- the chain ---------------------------------------------------------------------------------
 */

/* Reads the link whose sequence + 1 is `at`. Returns 0, NOT_FOUND while it is not durable. */
static int read_link(struct answer_walk *walk, uint64_t at, struct chain_link *link) {
    struct reader_record stored;
    struct record record;
    int failure = reader_get(walk->reader, at - 1, &stored);
    if (failure != 0)
        return failure;
    if (!record_read(stored.bytes, stored.size, &record) ||
        record.header.session != walk->job.session || record.header.previous >= at)
        return failure_log(FAILURE_DAMAGED, "record %lu breaks the chain of session %u", at - 1,
                           walk->job.session);
    link->number = record.header.number;
    link->sequence = record.header.sequence;
    link->previous = record.header.previous;
    return 0;
}

/* The trail continues what was found in front of it. */
static void join_trail(struct answer_walk *walk) {
    uint32_t kept = walk->trail_count;
    if (kept > ANSWER_WALK_TRAIL - walk->front_count)
        kept = ANSWER_WALK_TRAIL - walk->front_count;
    memmove(walk->trail + walk->front_count, walk->trail, kept * sizeof walk->trail[0]);
    memcpy(walk->trail, walk->front, walk->front_count * sizeof walk->front[0]);
    walk->trail_count = walk->front_count + kept;
    walk->front_count = 0;
}

/* Looks for the number on the trail. Returns true when the trail decides; *sequence is then that of
 * the number, or UINT64_MAX when it was never sequenced. */
static bool search_trail(const struct answer_walk *walk, uint64_t *sequence) {
    uint32_t low = 0;
    uint32_t high = walk->trail_count;
    *sequence = UINT64_MAX;
    while (low < high) { /* numbers fall: the first at or below the one wanted */
        uint32_t middle = low + (high - low) / 2;
        if (walk->trail[middle].number > walk->job.number)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == walk->trail_count)
        return false;
    if (walk->trail[low].number == walk->job.number)
        *sequence = walk->trail[low].sequence;
    return true;
}

static void begin_back(struct answer_walk *walk) {
    join_trail(walk);
    walk->state = WALK_BACK;
    walk->at =
        walk->trail_count > 0 ? walk->trail[walk->trail_count - 1].previous : walk->job.from + 1;
}

/* From the newest request to the front of the trail. Without a trail there is nothing to reach, and
 * the walk back begins at the newest. */
static int step_front(struct answer_walk *walk) {
    for (uint32_t i = 0; i < ANSWER_WALK_RECORDS; i++) {
        bool is_reached = walk->trail_count == 0 || walk->at == walk->trail[0].sequence + 1;
        if (is_reached) {
            begin_back(walk);
            return ANSWER_MORE;
        }
        if (walk->front_count == ANSWER_WALK_TRAIL) { /* too far ahead: the old trail is dropped */
            walk->trail_count = 0;
            continue;
        }
        int failure = read_link(walk, walk->at, &walk->front[walk->front_count]);
        if (failure != 0)
            return failure == FAILURE_NOT_FOUND ? ANSWER_BLOCKED : failure;
        walk->at = walk->front[walk->front_count++].previous;
    }
    return ANSWER_MORE;
}

static void begin_answer(struct answer_walk *walk, uint64_t sequence) {
    walk->state = WALK_ANSWER;
    walk->command = sequence;
    walk->at = sequence;
    walk->size = 0;
    walk->wants_end = false;
}

/* From the end of the trail backwards, until the number is found or passed. */
static int step_back(struct answer_walk *walk, struct lookup_result *result) {
    uint64_t sequence;
    if (search_trail(walk, &sequence)) {
        if (sequence == UINT64_MAX)
            return refuse(walk, result, REASON_NOT_SEQUENCED);
        begin_answer(walk, sequence);
        return ANSWER_MORE;
    }
    for (uint32_t i = 0; i < ANSWER_WALK_RECORDS; i++) {
        struct chain_link link;
        if (walk->at == 0)
            return refuse(walk, result, REASON_NOT_SEQUENCED);
        int failure = read_link(walk, walk->at, &link);
        if (failure != 0)
            return failure == FAILURE_NOT_FOUND ? ANSWER_BLOCKED : failure;
        walk->at = link.previous;
        if (walk->trail_count < ANSWER_WALK_TRAIL)
            walk->trail[walk->trail_count++] = link;
        if (link.number < walk->job.number)
            return refuse(walk, result, REASON_NOT_SEQUENCED);
        if (link.number == walk->job.number) {
            begin_answer(walk, link.sequence);
            return ANSWER_MORE;
        }
    }
    return ANSWER_MORE;
}

/* --- the answer --------------------------------------------------------------------------------
 */

/* The same bytes, also when they were sequenced unread, wrapped into Quarantined. */
static bool is_same_request(const struct answer_walk *walk, struct span recorded) {
    struct request request;
    struct codec_fault fault;
    if (recorded.size == walk->request_size &&
        memcmp(recorded.bytes, walk->request, recorded.size) == 0)
        return true;
    if (recorded.size <= walk->request_size ||
        !codec_request_decode(recorded.bytes, recorded.size, &request, &fault) ||
        request.command.verb != VERB_QUARANTINED)
        return false;
    return request.command.quarantined.size == walk->request_size &&
           memcmp(request.command.quarantined.bytes, walk->request, walk->request_size) == 0;
}

/* A mass cancel ends with its count, or is rejected. */
static bool ends_mass_cancel(const struct answer_walk *walk, struct span bytes) {
    struct report report;
    return report_read(bytes, &report) && report_answers(&report) == walk->job.number &&
           (report.body == REPORT_MASS_CANCELED ||
            report.execution.exec_type == EXEC_TYPE_REJECTED);
}

static void put_events(struct answer_walk *walk, struct span events) {
    struct record_event_view event;
    while (record_event_next(&events, &event)) {
        if (event.audience != AUDIENCE_SESSION || event.to != walk->job.session)
            continue;
        walk->size +=
            reply_put_event(walk->frame + walk->size, event.report.bytes, event.report.size);
        if (walk->wants_end && ends_mass_cancel(walk, event.report))
            walk->wants_end = false;
    }
}

static bool is_mass_cancel(struct span bytes) {
    struct request request;
    struct codec_fault fault;
    return codec_request_decode(bytes.bytes, bytes.size, &request, &fault) &&
           request.command.verb == VERB_MASS_CANCEL;
}

/* Whether a record begins a Continue of the sweep that the command asked for. */
static bool continues(const struct answer_walk *walk, const struct record *record) {
    struct request request;
    struct codec_fault fault;
    return record->header.session == 0 &&
           codec_request_decode(record->request.bytes, record->request.size, &request, &fault) &&
           request.command.verb == VERB_CONTINUE &&
           request.command.continuation.sweep == walk->command;
}

/* A command begins here: whether the answer goes on. Between a long mass cancel and its Continues
 * there is whatever else was sequenced meanwhile. */
static bool goes_on(struct answer_walk *walk, const struct record *record) {
    if (walk->at == walk->command) {
        walk->wants_end = is_mass_cancel(record->request);
        walk->is_taking = true;
        return true;
    }
    walk->is_taking = walk->wants_end && continues(walk, record);
    return walk->wants_end;
}

static int step_answer(struct answer_walk *walk, struct lookup_result *result) {
    for (uint32_t i = 0; i < ANSWER_WALK_RECORDS; i++) {
        struct reader_record stored;
        struct record record;
        int failure = reader_get(walk->reader, walk->at, &stored);
        if (failure == FAILURE_NOT_FOUND && walk->wants_end)
            return ANSWER_BLOCKED;
        if (failure == FAILURE_NOT_FOUND) /* commands commit whole: this was its last record */
            return hand_out(walk, result, true);
        if (failure != 0)
            return failure;
        if (!record_read(stored.bytes, stored.size, &record))
            return failure_log(FAILURE_DAMAGED, "record %lu cannot be read", walk->at);
        if (walk->at == walk->command && !is_same_request(walk, record.request))
            return refuse(walk, result, REASON_DUPLICATE_CLIENT_ORDER_ID);
        if (record.header.part == 0 && !goes_on(walk, &record))
            return hand_out(walk, result, true);
        if (walk->is_taking)
            put_events(walk, record.events);
        walk->at++;
        if (walk->size > FRAME_FULL_BYTES)
            return hand_out(walk, result, false);
    }
    return ANSWER_MORE;
}

int answer_walk_step(struct answer_walk *walk, struct lookup_result *result) {
    assert(walk->state != WALK_IDLE);
    int step;
    if (walk->state == WALK_FRONT)
        step = step_front(walk);
    else if (walk->state == WALK_BACK)
        step = step_back(walk, result);
    else
        step = step_answer(walk, result);
    if (step < 0)
        walk->state = WALK_IDLE;
    return step;
}
