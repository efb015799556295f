/* Most records hold an order, a replace or a cancel, and those are read by their events alone, as
 * little of each as needed; a request that administers is decoded whole. */
#include "ledger/subject.h"

#include <string.h>

#include "proto/codec_request.h"

/* Fields of the messages in tpx.proto; the schema's test holds their numbers. */
enum {
    REPORT_EXECUTION = 4,
    REPORT_DONE = 6,
    REPORT_BOOK_TRADED = 19,
    REPORT_SESSION = 24,
    REPORT_KILLED = 25,
    EXECUTION_ORDER_ID = 4,
    EXECUTION_ACCOUNT = 5,
    DONE_ACT = 2,
    DONE_ID = 3,
    SESSION_SESSION = 1,
    KILLED_SESSION = 3,
    KILLED_ACCOUNT = 4,
    BOOK_TRADED_INSTRUMENT = 2,
};

const char *subject_name(enum subject_kind kind) {
    static const char *const NAMES[SUBJECT_KINDS] = {"order", "account", "session", "trades"};
    return NAMES[kind];
}

/* --- events ------------------------------------------------------------------------------------
 */

/* The next field: its number, and its value, or its bytes. */
struct report_field {
    uint32_t number;
    uint64_t value;
    struct span bytes;
};

static bool next_field(struct wire_input *in, struct report_field *field) {
    uint64_t tag;
    if (!wire_get_small(in, &tag))
        return false;
    field->number = (uint32_t)(tag >> 3);
    switch (tag & 7) {
    case WIRE_VARINT:
        return wire_get_small(in, &field->value);
    case WIRE_FIXED64:
        return wire_get_fixed64(in, &field->value);
    case WIRE_BYTES:
        return wire_get_bytes(in, &field->bytes);
    default:
        return false;
    }
}

/* The body of a Report, which is its last field. */
static bool find_body(struct span report, struct report_field *body) {
    struct wire_input in = wire_input_of(report);
    do {
        if (!next_field(&in, body))
            return false;
    } while (body->number < REPORT_EXECUTION);
    return true;
}

/* The numbers of a message up to field `most`, those that are not there 0. */
static bool read_numbers(struct span message, uint32_t most, uint64_t *values) {
    struct wire_input in = wire_input_of(message);
    struct report_field field = {0};
    while (in.at != in.end) {
        if (!next_field(&in, &field))
            return false;
        if (field.number > most)
            return true; /* fields come in the order of their numbers */
        values[field.number] = field.value;
    }
    return true;
}

static bool walk_execution(const struct record_event_view *event, struct span message,
                           subject_taker *take, void *owner) {
    uint64_t values[EXECUTION_ACCOUNT + 1] = {0};
    if (!read_numbers(message, EXECUTION_ACCOUNT, values))
        return false;
    uint64_t order = values[EXECUTION_ORDER_ID];
    if (order != 0 && order_id_session(order) == event->to)
        take(owner, SUBJECT_ORDER, order);
    if (values[EXECUTION_ACCOUNT] != 0)
        take(owner, SUBJECT_ACCOUNT, values[EXECUTION_ACCOUNT]);
    return true;
}

static bool walk_done(struct span message, subject_taker *take, void *owner) {
    uint64_t values[DONE_ID + 1] = {0};
    if (!read_numbers(message, DONE_ID, values))
        return false;
    if (values[DONE_ACT] == ACT_ADD_ACCOUNT)
        take(owner, SUBJECT_ACCOUNT, values[DONE_ID]);
    if (values[DONE_ACT] == ACT_ADD_SESSION)
        take(owner, SUBJECT_SESSION, values[DONE_ID]);
    return true;
}

static bool walk_state(const struct report_field *body, subject_taker *take, void *owner) {
    uint64_t values[KILLED_ACCOUNT + 1] = {0};
    bool is_killed = body->number == REPORT_KILLED;
    if (!read_numbers(body->bytes, KILLED_ACCOUNT, values))
        return false;
    uint64_t session = values[is_killed ? KILLED_SESSION : SESSION_SESSION];
    if (session != 0)
        take(owner, SUBJECT_SESSION, session);
    if (is_killed && values[KILLED_ACCOUNT] != 0)
        take(owner, SUBJECT_ACCOUNT, values[KILLED_ACCOUNT]);
    return true;
}

#define TRADED_TAG WIRE_TAG(REPORT_BOOK_TRADED, WIRE_BYTES)
_Static_assert(TRADED_TAG >= 0x80 && TRADED_TAG < 1 << 14, "it takes two bytes");

static const uint8_t *skip_varint(const uint8_t *at, const uint8_t *end) {
    while (at != end && (*at++ & 0x80) != 0) {
    }
    return at;
}

/* Whether a Report's body is a trade. Most public events are none: so much is seen without taking
 * them apart. Fields before the body: two varints and a fixed64. */
static bool is_trade(struct span report) {
    const uint8_t *at = report.bytes;
    const uint8_t *end = at + report.size;
    while (end - at >= 2) {
        if (*at == WIRE_TAG(1, WIRE_VARINT) || *at == WIRE_TAG(2, WIRE_VARINT)) {
            at = skip_varint(at + 1, end);
        } else if (*at == WIRE_TAG(3, WIRE_FIXED64)) {
            at += end - at < 9 ? end - at : 9;
        } else {
            return at[0] == (0x80 | (TRADED_TAG & 0x7f)) && at[1] == TRADED_TAG >> 7;
        }
    }
    return false;
}

/* What everybody is told names nobody. */
static bool walk_public(const struct record_event_view *event, subject_taker *take, void *owner) {
    struct report_field body = {0};
    uint64_t values[BOOK_TRADED_INSTRUMENT + 1] = {0};
    if (!is_trade(event->report))
        return true;
    if (!find_body(event->report, &body))
        return false;
    if (!read_numbers(body.bytes, BOOK_TRADED_INSTRUMENT, values))
        return false;
    take(owner, SUBJECT_TRADES, values[BOOK_TRADED_INSTRUMENT]);
    take(owner, SUBJECT_TRADES, 0);
    return true;
}

bool subject_walk_event(const struct record_event_view *event, subject_taker *take, void *owner) {
    if (event->audience == AUDIENCE_EVERYBODY)
        return walk_public(event, take, owner);
    struct report_field body = {0};
    if (event->audience == AUDIENCE_SESSION)
        take(owner, SUBJECT_SESSION, event->to);
    if (!find_body(event->report, &body))
        return false;
    switch (body.number) {
    case REPORT_EXECUTION:
        return walk_execution(event, body.bytes, take, owner);
    case REPORT_DONE:
        return walk_done(body.bytes, take, owner);
    case REPORT_SESSION:
    case REPORT_KILLED:
        return walk_state(&body, take, owner);
    default:
        return true;
    }
}

/* --- requests ----------------------------------------------------------------------------------
 */

/* The verb of a request, which is the number of its second field; 0 when it has none. */
static uint32_t verb_of(struct span request) {
    struct wire_input in = wire_input_of(request);
    struct report_field field = {0};
    do {
        if (!next_field(&in, &field))
            return 0;
    } while (field.number < VERB_NEW_ORDER);
    return field.number;
}

static uint32_t account_of(const struct command *command) {
    const struct act *act = &command->act;
    if (command->verb == VERB_MASS_CANCEL)
        return command->mass_cancel.account;
    if (act->kind == ACT_DEPOSIT)
        return act->deposit.account;
    return act->kind == ACT_KILL || act->kind == ACT_UNKILL ? act->kill.account : 0;
}

static bool walk_request(struct span bytes, subject_taker *take, void *owner, uint64_t *proposal) {
    struct request request;
    struct codec_fault fault;
    if (!codec_request_decode(bytes.bytes, bytes.size, &request, &fault))
        return false;
    if (request.command.verb == VERB_APPROVE) {
        *proposal = request.command.approve.proposal;
        return true;
    }
    uint32_t account = account_of(&request.command);
    if (account != 0)
        take(owner, SUBJECT_ACCOUNT, account);
    return true;
}

/* Of the other requests, orders tell all in their events, and the exchange's own name nobody. */
static bool is_told_by_request(uint32_t verb) {
    return verb >= VERB_MASS_CANCEL && verb <= VERB_APPROVE;
}

bool subject_walk(const struct record *record, subject_taker *take, void *owner,
                  uint64_t *proposal) {
    struct span events = record->events;
    struct record_event_view event;
    *proposal = 0;
    while (record_event_next(&events, &event))
        if (!subject_walk_event(&event, take, owner))
            return false;
    if (events.size != 0)
        return false;
    return record->request.size == 0 || !is_told_by_request(verb_of(record->request)) ||
           walk_request(record->request, take, owner, proposal);
}

bool subject_walk_proposal(const struct record *proposal, subject_taker *take, void *owner) {
    uint64_t unused;
    return verb_of(proposal->request) != VERB_PROPOSE ||
           walk_request(proposal->request, take, owner, &unused);
}
