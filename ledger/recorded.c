#include "ledger/recorded.h"

/* Fields of a Report and of its Done in tpx.proto; the schema's test holds their numbers. */
enum {
    REPORT_DONE = 6,
    DONE_ACT = 2,
    DONE_ID = 3,
    DONE_IS_PROPOSAL = 4,
    DONE_DEED = 5,
    DONE_FIELDS = 6,
};

bool recorded_read(struct span bytes, struct record *record, struct request *request) {
    struct codec_fault fault;
    return record_read(bytes.bytes, bytes.size, record) && record->header.part == 0 &&
           codec_request_decode(record->request.bytes, record->request.size, request, &fault);
}

bool recorded_seal(struct span bytes, struct seal *seal) {
    struct record record;
    struct request request;
    if (!recorded_read(bytes, &record, &request) || request.command.verb != VERB_SEAL)
        return false;
    *seal = request.command.seal;
    return true;
}

/* The verb is the number of the request's body, which is its last field. */
uint64_t recorded_verb(struct span request) {
    struct wire_input in = wire_input_of(request);
    struct wire_field field = {0};
    while (in.at != in.end)
        if (!wire_get_field(&in, &field))
            return 0;
    return field.number;
}

static bool is_done(struct span report, uint8_t kind, uint64_t *id) {
    struct wire_input in = wire_input_of(report);
    struct wire_field field = {0};
    uint64_t values[DONE_FIELDS] = {0};
    while (in.at != in.end && field.number != REPORT_DONE)
        if (!wire_get_field(&in, &field))
            return false;
    if (field.number != REPORT_DONE || field.wire != WIRE_BYTES)
        return false;
    in = wire_input_of(field.bytes);
    while (in.at != in.end) {
        if (!wire_get_field(&in, &field) || field.number >= DONE_FIELDS)
            return false;
        values[field.number] = field.value;
    }
    *id = values[DONE_ID];
    return values[DONE_IS_PROPOSAL] == 0 && (values[DONE_ACT] == kind || values[DONE_DEED] == kind);
}

bool recorded_done(const struct record *record, uint8_t kind, uint64_t *id) {
    struct span rest = record->events;
    struct record_event_view view;
    while (record_event_next(&rest, &view))
        if (is_done(view.report, kind, id))
            return true;
    return false;
}
