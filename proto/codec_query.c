/*
 * A query is read in two steps, head and body, so that a fault within the body can still be
 * answered to its id, wherever in the bytes that stands.
 */
#include "proto/codec_query.h"

#include <assert.h>

#include "proto/message.h"

#define CURSOR_FIELD 5

/* A number in the head. */
struct head_field {
    const char *name; /* NULL: there is no such field */
    uint64_t max;
    uint16_t offset;
    uint16_t size;
};

#define HEAD(member, most)                                                                         \
    { #member, (most), offsetof(struct query, member), sizeof(((struct query *)0)->member) }

static const struct head_field HEAD_FIELDS[CURSOR_FIELD] = {
    [1] = HEAD(id, UINT64_MAX),
    [2] = HEAD(at_least, INT64_MAX),
    [3] = HEAD(wait_ms, QUERY_WAIT_MS_MAX),
    [4] = HEAD(limit, QUERY_ROWS_MAX),
};

struct envelope {
    uint32_t seen; /* bits 1 << field number, of the head's */
    struct span body;
};

static bool take_number(const struct head_field *field, struct wire_input *in, struct query *query,
                        struct codec_fault *fault) {
    uint64_t value;
    if (!wire_get_varint(in, &value)) {
        return message_fault(fault, field->name, 0, "is no number");
    }
    if (value > field->max) {
        return message_fault(fault, field->name, field->max, "is too large");
    }
    memcpy((uint8_t *)query + field->offset, &value, field->size);
    return true;
}

static bool take_cursor(struct wire_input *in, struct query *query, struct codec_fault *fault) {
    struct span cursor;
    if (!wire_get_bytes(in, &cursor)) {
        return message_fault(fault, "cursor", 0, "is cut off");
    }
    if (cursor.size > QUERY_CURSOR_BYTES_MAX) {
        return message_fault(fault, "cursor", QUERY_CURSOR_BYTES_MAX, "is too long");
    }
    memcpy(query->cursor, cursor.bytes, cursor.size);
    query->cursor_bytes = (uint8_t)cursor.size;
    return true;
}

static bool take_head(uint64_t tag, struct wire_input *in, struct query *query,
                      struct codec_fault *fault) {
    if (tag == WIRE_TAG(CURSOR_FIELD, WIRE_BYTES)) {
        return take_cursor(in, query, fault);
    }
    if ((tag & 7) != WIRE_VARINT || tag >> 3 >= CURSOR_FIELD) {
        return message_fault(fault, "query", 0, "has a field of the wrong wire type");
    }
    return take_number(&HEAD_FIELDS[tag >> 3], in, query, fault);
}

static bool take_body(uint64_t tag, struct wire_input *in, struct envelope *envelope,
                      struct query *query, struct codec_fault *fault) {
    if ((tag & 7) != WIRE_BYTES || schema_query_body(tag >> 3) == NULL) {
        return message_fault(fault, "query", 0, "has an unknown field");
    }
    if (query->kind != 0) {
        return message_fault(fault, "query", 0, "has two bodies");
    }
    query->kind = (uint8_t)(tag >> 3);
    return wire_get_bytes(in, &envelope->body) || message_fault(fault, "query", 0, "is cut off");
}

static bool take_field(struct wire_input *in, struct envelope *envelope, struct query *query,
                       struct codec_fault *fault) {
    uint64_t tag;
    if (!wire_get_small(in, &tag)) {
        return message_fault(fault, "query", 0, "is cut off");
    }
    uint64_t number = tag >> 3;
    if (number == 0 || number > CURSOR_FIELD) {
        return take_body(tag, in, envelope, query, fault);
    }
    if ((envelope->seen >> number & 1) != 0) {
        return message_fault(fault, number == CURSOR_FIELD ? "cursor" : HEAD_FIELDS[number].name, 0,
                             "is there twice");
    }
    envelope->seen |= 1u << number;
    return take_head(tag, in, query, fault);
}

bool codec_query_decode(const uint8_t *bytes, size_t size, struct query *query,
                        struct codec_fault *fault) {
    struct wire_input in = wire_input_of((struct span){bytes, size});
    struct envelope envelope = {0};
    *query = (struct query){0};
    if (size > QUERY_BYTES_MAX) {
        return message_fault(fault, "query", QUERY_BYTES_MAX, "is too long");
    }
    while (in.at != in.end) {
        if (!take_field(&in, &envelope, query, fault)) {
            return false;
        }
    }
    if (query->kind == 0) {
        return message_fault(fault, "query", 0, "has no body");
    }
    const struct body_rule *body = schema_query_body(query->kind);
    return message_decode(body->message, wire_input_within(&in, envelope.body),
                          (uint8_t *)query + body->offset, fault);
}

size_t codec_query_encode(const struct query *query, uint8_t out[QUERY_BYTES_MAX]) {
    uint8_t bytes[2 * QUERY_BYTES_MAX];
    struct message_output output = {.next = bytes, .end = bytes + sizeof bytes};
    const struct body_rule *body = schema_query_body(query->kind);
    assert(body != NULL && query->cursor_bytes <= QUERY_CURSOR_BYTES_MAX);
    message_put_number(&output, 1, query->id);
    message_put_number(&output, 2, query->at_least);
    message_put_number(&output, 3, query->wait_ms);
    message_put_number(&output, 4, query->limit);
    message_put_bytes(&output, CURSOR_FIELD, (struct span){query->cursor, query->cursor_bytes});
    uint8_t *length = message_open(&output, query->kind);
    message_encode(body->message, (const uint8_t *)query + body->offset, &output);
    message_close(&output, length);
    size_t written = (size_t)(output.next - bytes);
    assert(!output.is_full && written <= QUERY_BYTES_MAX);
    memcpy(out, bytes, written);
    return written;
}
