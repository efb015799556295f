/*
 * Queries and answers: the same bytes as protobuf-c's, whatever the question or row, and what the
 * decoder refuses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/codec_answer.h"
#include "proto/codec_event.h"
#include "proto/codec_query.h"
#include "proto/tpx.pb-c.h"

#define BYTES(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

static struct query query;
static struct codec_fault fault;

/* Decodes bytes that lie alone, so that a byte too far is seen. */
static bool decode(const uint8_t *bytes, size_t size) {
    uint8_t *alone = malloc(size + 1);
    assert_non_null(alone);
    if (size > 0) {
        memcpy(alone + 1, bytes, size);
    }
    bool is_query = codec_query_decode(alone + 1, size, &query, &fault);
    free(alone);
    return is_query;
}

static void refused(const uint8_t *bytes, size_t size, const char *field, const char *text) {
    assert_false(decode(bytes, size));
    assert_string_equal(fault.field, field);
    assert_string_equal(fault.text, text);
}

/* Sets every field of a message of protobuf-c's to something that is allowed. */
static void fill(ProtobufCMessage *message, unsigned seed) {
    static char text[] = "HX1";
    static uint8_t key[KEY_BYTES] = {1, 2, 3};
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        void *member = (uint8_t *)message + field->offset;
        uint32_t small = 1 + (seed + i) % 100;
        switch ((int)field->type) {
        case PROTOBUF_C_TYPE_UINT32:
            memcpy(member, &small, sizeof small);
            break;
        case PROTOBUF_C_TYPE_UINT64:
            memcpy(member, &(uint64_t){UINT64_C(4000000000) + seed + i}, 8);
            break;
        case PROTOBUF_C_TYPE_SFIXED64:
            memcpy(member, &(int64_t){INT64_C(1795000000000000000) + seed}, 8);
            break;
        case PROTOBUF_C_TYPE_BOOL:
            memcpy(member, &(protobuf_c_boolean){1}, sizeof(protobuf_c_boolean));
            break;
        case PROTOBUF_C_TYPE_ENUM:
            memcpy(member, &(int){2}, sizeof(int));
            break;
        case PROTOBUF_C_TYPE_STRING:
            memcpy(member, &(char *){text}, sizeof(char *));
            break;
        default:
            assert_int_equal(field->type, PROTOBUF_C_TYPE_BYTES);
            memcpy(member, &(ProtobufCBinaryData){sizeof key, key}, sizeof(ProtobufCBinaryData));
        }
    }
}

/* A message as the field `number` of another, packed. */
static size_t pack(const ProtobufCMessageDescriptor *outer, unsigned number, uint8_t *out) {
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(outer, number);
    assert_true(field != NULL && field->type == PROTOBUF_C_TYPE_MESSAGE);
    const ProtobufCMessageDescriptor *inner = field->descriptor;
    ProtobufCMessage *message = calloc(1, inner->sizeof_message);
    assert_non_null(message);
    protobuf_c_message_init(inner, message);
    fill(message, number);
    /* By hand, so that one way serves a oneof and a repeated field. */
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *at = wire_put_varint(out, (uint64_t)number << 3 | WIRE_BYTES);
    at = wire_put_varint(at, size);
    protobuf_c_message_pack(message, at);
    free(message);
    return (size_t)(at - out) + size;
}

static void every_question_has_the_bytes_of_protobuf_c(void **state) {
    (void)state;
    for (unsigned kind = 0; kind < 64; kind++) {
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(&tpx__query__descriptor, kind);
        if (field == NULL || field->type != PROTOBUF_C_TYPE_MESSAGE) {
            continue;
        }
        static const uint8_t head[] = {0x08, 7,  0x10, 0x80, 0x01, 0x18, 100,
                                       0x20, 50, 0x2a, 2,    'a',  'b'};
        uint8_t bytes[2 * QUERY_BYTES_MAX];
        uint8_t again[QUERY_BYTES_MAX];
        memcpy(bytes, head, sizeof head);
        size_t size = sizeof head + pack(&tpx__query__descriptor, kind, bytes + sizeof head);
        /* Order ids are larger than any date, levels fewer than any number here. */
        assert_true(decode(bytes, size));
        assert_int_equal(query.id, 7);
        assert_int_equal(query.at_least, 128);
        assert_int_equal(query.wait_ms, 100);
        assert_int_equal(query.limit, 50);
        assert_int_equal(query.cursor_bytes, 2);
        assert_int_equal(query.kind, kind);
        assert_int_equal(codec_query_encode(&query, again), size);
        assert_memory_equal(again, bytes, size);
        Tpx__Query *theirs = tpx__query__unpack(NULL, size, bytes);
        assert_non_null(theirs);
        assert_int_equal(theirs->body_case, kind);
        assert_int_equal(tpx__query__get_packed_size(theirs), size);
        tpx__query__free_unpacked(theirs, NULL);
    }
}

static void a_query_has_one_body(void **state) {
    (void)state;
    refused(NULL, 0, "query", "has no body");
    refused(BYTES(0x08, 1), "query", "has no body");
    refused(BYTES(0x7a, 0, 0x7a, 0), "query", "has two bodies");
    refused(BYTES(0x7a, 0, 0xa2, 0x01, 0), "query", "has two bodies");
    assert_true(decode(BYTES(0x7a, 0)));
    assert_int_equal(query.kind, QUERY_PARAMETERS);
}

static void what_is_not_known_is_refused(void **state) {
    (void)state;
    refused(BYTES(0x00, 0, 0x7a, 0), "query", "has an unknown field");
    refused(BYTES(0x30, 1, 0x7a, 0), "query", "has an unknown field");
    refused(BYTES(0xfa, 0x01, 0), "query", "has an unknown field");
    refused(BYTES(0x7a, 2, 0x08, 1), "query", "has an unknown field");
    refused(BYTES(0x42, 2, 0x10, 1), "order_query", "has an unknown field");
    refused(BYTES(0x0a, 0, 0x7a, 0), "query", "has a field of the wrong wire type");
    refused(BYTES(0x28, 1, 0x7a, 0), "query", "has a field of the wrong wire type");
    refused(BYTES(0x40, 1), "query", "has an unknown field");
}

static void limits_of_the_head_are_held(void **state) {
    (void)state;
    refused(BYTES(0x08, 1, 0x08, 1, 0x7a, 0), "id", "is there twice");
    refused(BYTES(0x2a, 0, 0x2a, 0, 0x7a, 0), "cursor", "is there twice");
    refused(BYTES(0x18, 0x91, 0x4e, 0x7a, 0), "wait_ms", "is too large");
    assert_int_equal(fault.limit, QUERY_WAIT_MS_MAX);
    assert_true(decode(BYTES(0x18, 0x90, 0x4e, 0x7a, 0)));
    refused(BYTES(0x20, 0xe9, 0x07, 0x7a, 0), "limit", "is too large");
    assert_int_equal(fault.limit, QUERY_ROWS_MAX);
    assert_true(decode(BYTES(0x20, 0xe8, 0x07, 0x7a, 0)));
    refused(BYTES(0x10, 0x80), "at_least", "is no number");
    refused(BYTES(0x2a, 5, 'a'), "cursor", "is cut off");
    refused(BYTES(0x7a, 9), "query", "is cut off");
    uint8_t long_cursor[40] = {0x2a, QUERY_CURSOR_BYTES_MAX + 1};
    refused(long_cursor, 2 + QUERY_CURSOR_BYTES_MAX + 1, "cursor", "is too long");
    uint8_t too_long[QUERY_BYTES_MAX + 1] = {0x7a};
    refused(too_long, sizeof too_long, "query", "is too long");
}

static void a_fault_in_a_body_names_field_and_id(void **state) {
    (void)state;
    refused(BYTES(0x4a, 2, 0x28, 3, 0x08, 9), "open_orders.side", "is too large");
    assert_int_equal(query.id, 9);
    assert_int_equal(fault.limit, SIDE_SELL);
    refused(BYTES(0x62, 3, 0x10, 0xf5, 0x03), "book_levels.depth", "is too large");
    assert_int_equal(fault.limit, QUERY_DEPTH_MAX);
    refused(BYTES(0x72, 3, 0x12, 1, 'a'), "instruments.symbol",
            "has a character that is not allowed");
    refused(BYTES(0x42, 4, 0x08, 1, 0x08, 1), "order.order_id", "is there twice");
}

static void random_bytes_are_refused_or_read_alike_again(void **state) {
    (void)state;
    uint64_t random = 20261124;
    for (int i = 0; i < 200000; i++) {
        uint8_t bytes[24];
        uint8_t again[QUERY_BYTES_MAX];
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
        size_t size = random >> 60;
        for (size_t at = 0; at < size; at++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
            /* Mostly tags and small numbers. */
            bytes[at] = (uint8_t)(random >> 33) & ((random >> 62) != 0 ? 0x7b : 0xff);
        }
        if (!decode(bytes, size)) {
            continue;
        }
        struct query first = query;
        size_t written = codec_query_encode(&first, again);
        assert_true(decode(again, written));
        assert_memory_equal(&query, &first, sizeof query);
    }
}

/* Answers. */

static uint8_t frame[ANSWER_FRAME_BYTES_MAX];

static void every_row_has_the_bytes_of_protobuf_c(void **state) {
    (void)state;
    for (unsigned kind = 0; kind < 64; kind++) {
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(&tpx__answer__descriptor, kind);
        bool is_row = field != NULL && field->label == PROTOBUF_C_LABEL_REPEATED;
        assert_int_equal(is_row, schema_row(kind) != NULL);
        if (!is_row) {
            continue;
        }
        uint8_t bytes[1024];
        uint8_t theirs[1024];
        size_t size = pack(&tpx__answer__descriptor, kind, bytes);
        assert_true(size <= ANSWER_ROW_BYTES_MAX);
        struct answer answer = {.rest = {bytes, size}};
        struct answer_row row;
        assert_true(codec_answer_next(&answer, &row));
        assert_int_equal(row.kind, kind);
        struct message_output out = {.next = frame, .end = frame + sizeof frame};
        codec_answer_row(&out, row.kind, &row.order);
        assert_int_equal(out.next - frame, size);
        assert_memory_equal(frame, bytes, size);
        assert_false(codec_answer_next(&answer, &row));
        Tpx__Answer *unpacked = tpx__answer__unpack(NULL, size, bytes);
        assert_non_null(unpacked);
        assert_int_equal(tpx__answer__pack(unpacked, theirs), size);
        assert_memory_equal(theirs, bytes, size);
        tpx__answer__free_unpacked(unpacked, NULL);
    }
}

/* The largest rows, but for the ledger's, are within their bound. */
static void a_row_is_never_longer_than_said(void **state) {
    (void)state;
    for (unsigned kind = 0; kind < ROWS_END; kind++) {
        const struct message_rule *rule = schema_row(kind);
        struct answer_row row;
        if (rule == NULL || kind == ROW_LEDGER || kind == ROW_REPORT || kind == ROW_REGISTERED) {
            continue;
        }
        memset(&row, 0xff, sizeof row);
        for (uint32_t number = 1; number < rule->fields_end; number++) {
            const struct field_rule *field = &rule->fields[number];
            if (field->kind == RULE_TEXT) {
                uint8_t most = (uint8_t)field->max;
                memcpy((uint8_t *)&row.order + field->count_offset, &most, 1);
            }
        }
        struct message_output out = {.next = frame, .end = frame + sizeof frame};
        codec_answer_row(&out, (enum row_kind)kind, &row.order);
        assert_true(out.next - frame <= ANSWER_ROW_BYTES_MAX);
    }
}

/* The longest report of all. */
static void a_history_s_row_is_never_longer_than_said(void **state) {
    static const uint8_t report[CODEC_REPORT_BYTES_MAX];
    struct report_row row = {UINT32_MAX, report, sizeof report};
    struct message_output out = {.next = frame, .end = frame + sizeof frame};
    (void)state;
    codec_answer_row(&out, ROW_REPORT, &row);
    assert_true(out.next - frame <= ANSWER_ROW_BYTES_MAX);
    struct registered_row registered = {ENTRY_ROLE_SELLER, report, sizeof report};
    out.next = frame;
    codec_answer_row(&out, ROW_REGISTERED, &registered);
    assert_true(out.next - frame <= ANSWER_ROW_BYTES_MAX);
}

static void answers_follow_each_other_in_a_frame(void **state) {
    (void)state;
    struct message_output out = {.next = frame, .end = frame + sizeof frame};
    uint8_t *length = codec_answer_open(&out, 7, 1000);
    for (uint32_t i = 1; i <= 100; i++) {
        struct level_row level = {SIDE_BUY, {.price_fen = i, .quantity = 5, .orders = 1}};
        codec_answer_row(&out, ROW_LEVEL, &level);
    }
    codec_answer_close(&out, length, (const uint8_t *)"abc", 3);
    struct reply_refused no = {
        .reason = REASON_UNKNOWN_ORDER, .field = "order.order_id", .text = "no such order rests"};
    length = codec_answer_open(&out, 8, 1001);
    codec_answer_refuse(&out, &no);
    codec_answer_close(&out, length, NULL, 0);

    struct span rest = {frame, (size_t)(out.next - frame)};
    struct answer answer;
    struct answer_row row;
    assert_true(codec_answer_read(&rest, &answer));
    assert_int_equal(answer.id, 7);
    assert_int_equal(answer.as_of, 1000);
    assert_int_equal(answer.cursor.size, 3);
    assert_null(answer.refused.bytes);
    for (int64_t i = 1; i <= 100; i++) {
        assert_true(codec_answer_next(&answer, &row));
        assert_int_equal(row.level.level.price_fen, i);
    }
    assert_false(codec_answer_next(&answer, &row));
    assert_true(codec_answer_read(&rest, &answer));
    assert_int_equal(answer.id, 8);
    assert_non_null(answer.refused.bytes);
    Tpx__Refused *theirs = tpx__refused__unpack(NULL, answer.refused.size, answer.refused.bytes);
    assert_non_null(theirs);
    assert_int_equal(theirs->reason, REASON_UNKNOWN_ORDER);
    assert_string_equal(theirs->field, "order.order_id");
    tpx__refused__free_unpacked(theirs, NULL);
    assert_false(codec_answer_read(&rest, &answer));
}

static void a_reader_passes_over_what_it_does_not_know(void **state) {
    (void)state;
    static const uint8_t bytes[] = {0x0a, 15, 0x08, 3,    0x90, 0x02, 1,    0x3a, 6,
                                    0x08, 2,  0x48, 0x01, 0x10, 9,    0x10, 4};
    struct span rest = {bytes, sizeof bytes};
    struct answer answer;
    struct answer_row row;
    assert_true(codec_answer_read(&rest, &answer));
    assert_int_equal(answer.id, 3);
    assert_true(codec_answer_next(&answer, &row));
    assert_int_equal(row.kind, ROW_LEVEL);
    assert_int_equal(row.level.side, SIDE_SELL);
    assert_int_equal(row.level.level.price_fen, 9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_question_has_the_bytes_of_protobuf_c),
        cmocka_unit_test(a_query_has_one_body),
        cmocka_unit_test(what_is_not_known_is_refused),
        cmocka_unit_test(limits_of_the_head_are_held),
        cmocka_unit_test(a_fault_in_a_body_names_field_and_id),
        cmocka_unit_test(random_bytes_are_refused_or_read_alike_again),
        cmocka_unit_test(every_row_has_the_bytes_of_protobuf_c),
        cmocka_unit_test(a_row_is_never_longer_than_said),
        cmocka_unit_test(a_history_s_row_is_never_longer_than_said),
        cmocka_unit_test(answers_follow_each_other_in_a_frame),
        cmocka_unit_test(a_reader_passes_over_what_it_does_not_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
