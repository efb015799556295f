/*
 * Writing and reading records by hand.
 *
 * An event's own length stands before it, so its two prefixes (of the Event, of the message in it)
 * are guessed to be short, the report is written behind them, and only a long one is moved.
 *
 * Where a record ends is part of the ledger's format, for replay must cut at the same place: before
 * the first event that might not fit, being as long as an event can be.
 */
#include "ledger/record.h"

#include <assert.h>
#include <string.h>

#include "proto/codec_event.h"
#include "proto/codec_request.h"
#include "proto/wire.h"

/* Fields of a Record, of an Event in it, of its Header. */
enum {
    HEADER_FIELD = 1,
    REQUEST_FIELD = 2,
    EVENT_FIELD = 3,
    AUDIENCE_FIELD = 1,
    TO_FIELD = 2,
    MESSAGE_FIELD = 3,
    SEQUENCE_FIELD = 1,
    TIME_FIELD = 2,
    RECEIVED_FIELD = 3,
    SALT_FIELD = 4,
    PARTICIPANT_FIELD = 5,
    SESSION_FIELD = 6,
    NUMBER_FIELD = 7,
    PREVIOUS_FIELD = 8,
    KEY_FIELD = 9,
    VERSION_FIELD = 10,
    PART_FIELD = 11,
};

/* A record is closed when fewer bytes are left than the longest report, 14 bytes around it, and
 * what a writer may touch behind; or when its slices are used up, which needs events of under 16
 * bytes. Never to be changed: it decides where the ledger's records end. */
#define EVENT_ROOM       224
#define EVENT_ROOM_ENTRY 544 /* for what an entry of the register says */

static_assert(CODEC_REPORT_BYTES_SMALL + 14 + WIRE_SLACK <= EVENT_ROOM, "any event fits");
static_assert(CODEC_REPORT_BYTES_MAX + 14 + WIRE_SLACK <= EVENT_ROOM_ENTRY, "any event fits");
static_assert(REQUEST_BYTES_MAX + 256 + EVENT_ROOM_ENTRY <= RECORD_BYTES_MAX,
              "a header, a request and an event fit into one record");

static uint8_t *put_header(uint8_t *at, const struct record_header *header) {
    uint8_t *length = at + 1;
    *at = WIRE_TAG(HEADER_FIELD, WIRE_BYTES);
    at = wire_put_number(length + 1, SEQUENCE_FIELD, header->sequence);
    at = wire_put_time(at, TIME_FIELD, header->time_ns);
    at = wire_put_time(at, RECEIVED_FIELD, header->received_ns);
    *at++ = WIRE_TAG(SALT_FIELD, WIRE_BYTES);
    *at++ = SALT_BYTES;
    memcpy(at, header->salt, SALT_BYTES);
    at = wire_put_number(at + SALT_BYTES, PARTICIPANT_FIELD, header->participant);
    at = wire_put_number(at, SESSION_FIELD, header->session);
    at = wire_put_number(at, NUMBER_FIELD, header->number);
    at = wire_put_number(at, PREVIOUS_FIELD, header->previous);
    at = wire_put_number(at, KEY_FIELD, header->key);
    at = wire_put_number(at, VERSION_FIELD, header->version);
    at = wire_put_number(at, PART_FIELD, header->part);
    return wire_close(length, at);
}

static void begin_record(struct record_writer *writer, struct span request) {
    writer->bytes = writer->output->room(writer->output);
    uint8_t *at = put_header(writer->bytes, &writer->header);
    if (request.size != 0) {
        *at = WIRE_TAG(REQUEST_FIELD, WIRE_BYTES);
        at = wire_put_bytes(at + 1, request.bytes, request.size);
    }
    writer->size = (size_t)(at - writer->bytes);
    writer->place = 0;
}

static void end_record(struct record_writer *writer) {
    assert(writer->size <= RECORD_BYTES_MAX);
    writer->output->done(writer->output, writer->size, writer->slices, writer->place);
}

void record_begin(struct record_writer *writer, struct record_output *output,
                  const struct record_header *header, const struct command *command,
                  struct span request) {
    assert(header->part == 0 && request.size <= REQUEST_BYTES_MAX);
    assert(header->sequence == command->stamp.sequence);
    writer->output = output;
    writer->command = command;
    writer->header = *header;
    memcpy(writer->salt, header->salt, SALT_BYTES);
    begin_record(writer, request);
}

/* A later part's header is the first one's, but for sequence, part and salt. */
static void begin_part(struct record_writer *writer) {
    end_record(writer);
    writer->header.sequence++;
    writer->header.part++;
    writer->output->salt(writer->output, writer->salt, writer->header.part, writer->header.salt);
    begin_record(writer, (struct span){NULL, 0});
}

void record_event(struct record_writer *writer, const struct event *event) {
    size_t room =
        event->kind == EVENT_ENTRY || event->kind == EVENT_NOTICE ? EVENT_ROOM_ENTRY : EVENT_ROOM;
    if (writer->size > RECORD_BYTES_MAX - room || writer->place == RECORD_SLICES_MAX) {
        begin_part(writer);
    }
    uint8_t *begin = writer->bytes + writer->size;
    uint8_t *length = begin + 1;
    *begin = WIRE_TAG(EVENT_FIELD, WIRE_BYTES);
    uint8_t *at = wire_put_number(length + 1, AUDIENCE_FIELD, event->audience);
    at = wire_put_number(at, TO_FIELD, event->to);
    *at = WIRE_TAG(MESSAGE_FIELD, WIRE_BYTES);
    uint8_t *report_length = at + 1;
    size_t size = codec_event_encode(event, writer->command, writer->header.sequence, writer->place,
                                     report_length + 1);
    uint8_t *end = wire_close(report_length, report_length + 1 + size);
    end = wire_close(length, end);
    writer->slices[writer->place++] =
        (struct record_slice){.to = event->to,
                              .offset = (uint32_t)((size_t)(end - writer->bytes) - size),
                              .size = (uint16_t)size,
                              .audience = event->audience};
    writer->size = (size_t)(end - writer->bytes);
}

uint32_t record_end(struct record_writer *writer) {
    end_record(writer);
    return writer->header.part + 1;
}

/* Reading. Fields come in the order in which they are written, each once: what is read strictly can
 * be compared byte for byte with what would be written. */

static bool take_tag(struct wire_input *in, unsigned field, enum wire_type type) {
    if (in->at == in->end || *in->at != WIRE_TAG(field, type)) {
        return false;
    }
    in->at++;
    return true;
}

/* A number that is left out when it is 0, and never above `most`. */
static bool take_number(struct wire_input *in, unsigned field, uint64_t most, uint64_t *value) {
    *value = 0;
    return !take_tag(in, field, WIRE_VARINT) ||
           (wire_get_varint(in, value) && *value != 0 && *value <= most);
}

static bool take_number32(struct wire_input *in, unsigned field, uint32_t *value) {
    uint64_t wide;
    bool is_good = take_number(in, field, UINT32_MAX, &wide);
    *value = (uint32_t)wide;
    return is_good;
}

static bool take_time(struct wire_input *in, unsigned field, int64_t *value) {
    uint64_t bits = 0;
    *value = 0;
    if (!take_tag(in, field, WIRE_FIXED64)) {
        return true;
    }
    bool is_good = wire_get_fixed64(in, &bits) && bits != 0;
    *value = (int64_t)bits;
    return is_good;
}

static bool take_salt(struct wire_input *in, uint8_t salt[SALT_BYTES]) {
    struct span bytes;
    if (!take_tag(in, SALT_FIELD, WIRE_BYTES) || !wire_get_bytes(in, &bytes) ||
        bytes.size != SALT_BYTES) {
        return false;
    }
    memcpy(salt, bytes.bytes, SALT_BYTES);
    return true;
}

static bool read_header(struct wire_input in, struct record_header *header) {
    return take_number(&in, SEQUENCE_FIELD, UINT64_MAX, &header->sequence) &&
           take_time(&in, TIME_FIELD, &header->time_ns) &&
           take_time(&in, RECEIVED_FIELD, &header->received_ns) && take_salt(&in, header->salt) &&
           take_number32(&in, PARTICIPANT_FIELD, &header->participant) &&
           take_number32(&in, SESSION_FIELD, &header->session) &&
           take_number(&in, NUMBER_FIELD, UINT64_MAX, &header->number) &&
           take_number(&in, PREVIOUS_FIELD, UINT64_MAX, &header->previous) &&
           take_number32(&in, KEY_FIELD, &header->key) &&
           take_number32(&in, VERSION_FIELD, &header->version) &&
           take_number32(&in, PART_FIELD, &header->part) && in.at == in.end;
}

bool record_read(const uint8_t *bytes, size_t size, struct record *record) {
    struct wire_input in = wire_input_of((struct span){bytes, size});
    struct span header;
    *record = (struct record){0};
    if (size > RECORD_BYTES_MAX || !take_tag(&in, HEADER_FIELD, WIRE_BYTES) ||
        !wire_get_bytes(&in, &header) ||
        !read_header(wire_input_within(&in, header), &record->header)) {
        return false;
    }
    if (take_tag(&in, REQUEST_FIELD, WIRE_BYTES) &&
        (!wire_get_bytes(&in, &record->request) || record->request.size == 0 ||
         record->request.size > REQUEST_BYTES_MAX)) {
        return false;
    }
    record->events = (struct span){in.at, wire_left(&in)};
    return (record->header.part == 0) == (record->request.size != 0);
}

static bool read_event(struct wire_input in, struct record_event_view *view) {
    uint64_t audience;
    if (!take_number(&in, AUDIENCE_FIELD, AUDIENCE_PARTICIPANT, &audience) ||
        !take_number32(&in, TO_FIELD, &view->to) || !take_tag(&in, MESSAGE_FIELD, WIRE_BYTES) ||
        !wire_get_bytes(&in, &view->report)) {
        return false;
    }
    view->audience = (uint8_t)audience;
    return view->report.size != 0 && view->report.size <= CODEC_REPORT_BYTES_MAX && in.at == in.end;
}

bool record_event_next(struct span *rest, struct record_event_view *view) {
    struct wire_input in = wire_input_of(*rest);
    struct span event;
    if (!take_tag(&in, EVENT_FIELD, WIRE_BYTES) || !wire_get_bytes(&in, &event) ||
        !read_event(wire_input_within(&in, event), view)) {
        return false;
    }
    *rest = (struct span){in.at, wire_left(&in)};
    return true;
}
