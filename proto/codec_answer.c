/*
 * Answers by the same table as everything else: see schema_query.c.
 */
#include "proto/codec_answer.h"

#include <assert.h>

#define ANSWER_FIELD 1 /* of an AnswerFrame */

enum { ANSWER_ID = 1, ANSWER_AS_OF = 2, ANSWER_REFUSED = 3, ANSWER_CURSOR = 63 };

uint8_t *codec_answer_open(struct message_output *out, uint64_t id, uint64_t as_of) {
    uint8_t *length = message_open(out, ANSWER_FIELD);
    message_put_number(out, ANSWER_ID, id);
    message_put_number(out, ANSWER_AS_OF, as_of);
    return length;
}

void codec_answer_close(struct message_output *out, uint8_t *length, const uint8_t *cursor,
                        size_t bytes) {
    message_put_bytes(out, ANSWER_CURSOR, (struct span){cursor, bytes});
    message_close(out, length);
}

void codec_answer_refuse(struct message_output *out, const struct reply_refused *refused) {
    uint8_t bytes[REPLY_REFUSED_BYTES_MAX + WIRE_SLACK];
    struct wire_input in = wire_input_of((struct span){bytes, reply_put_refused(bytes, refused)});
    struct span body;
    uint64_t tag;
    bool is_one = wire_get_varint(&in, &tag) && wire_get_bytes(&in, &body);
    assert(is_one && in.at == in.end);
    message_put_bytes(out, ANSWER_REFUSED, body);
}

void codec_answer_row(struct message_output *out, enum row_kind kind, const void *row) {
    const struct message_rule *rule = schema_row(kind);
    assert(rule != NULL);
    uint8_t *length = message_open(out, kind);
    message_encode(rule, row, out);
    message_close(out, length);
}

/* --- reading ------------------------------------------------------------------------------------
 */

static bool read_head(struct span bytes, struct answer *answer) {
    struct wire_input in = wire_input_of(bytes);
    struct wire_field field;
    *answer = (struct answer){.rest = bytes};
    while (in.at != in.end) {
        if (!wire_get_field(&in, &field)) {
            return false;
        }
        if (field.number == ANSWER_ID && field.wire == WIRE_VARINT) {
            answer->id = field.value;
        } else if (field.number == ANSWER_AS_OF && field.wire == WIRE_VARINT) {
            answer->as_of = field.value;
        } else if (field.number == ANSWER_REFUSED && field.wire == WIRE_BYTES) {
            answer->refused = field.bytes;
        } else if (field.number == ANSWER_CURSOR && field.wire == WIRE_BYTES) {
            answer->cursor = field.bytes;
        }
    }
    return answer->cursor.size <= QUERY_CURSOR_BYTES_MAX;
}

bool codec_answer_read(struct span *frame, struct answer *answer) {
    struct wire_input in = wire_input_of(*frame);
    struct wire_field field;
    while (in.at != in.end && wire_get_field(&in, &field)) {
        if (field.number != ANSWER_FIELD || field.wire != WIRE_BYTES) {
            continue;
        }
        *frame = (struct span){in.at, wire_left(&in)};
        return read_head(field.bytes, answer);
    }
    return false;
}

bool codec_answer_next(struct answer *answer, struct answer_row *row) {
    struct wire_input in = wire_input_of(answer->rest);
    struct wire_field field;
    while (in.at != in.end && wire_get_field(&in, &field)) {
        const struct message_rule *rule = schema_row(field.number);
        if (rule == NULL || field.wire != WIRE_BYTES) {
            continue;
        }
        *row = (struct answer_row){.kind = (enum row_kind)field.number};
        answer->rest = (struct span){in.at, wire_left(&in)};
        return message_read(rule, field.bytes, &row->order);
    }
    answer->rest.size = 0;
    return false;
}
