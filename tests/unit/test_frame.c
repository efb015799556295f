/*
 * Frames: cut into requests, and put together so that protobuf-c reads them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/frame.h"
#include "proto/tpx.pb-c.h"

static struct span requests[FRAME_REQUESTS_MAX];
static struct codec_fault fault;

static int cut(const uint8_t *bytes, size_t size) {
    uint8_t *alone = malloc(size + 1);
    assert_non_null(alone);
    for (size_t i = 0; i < size; i++) {
        alone[i + 1] = bytes[i];
    }
    int count = frame_requests(alone + 1, size, requests, &fault);
    free(alone);
    return count;
}

/* A frame of `count` requests of `size` bytes each, by protobuf-c. */
static uint8_t *frame_of(size_t count, size_t size, size_t *frame_size) {
    Tpx__ClientFrame frame = TPX__CLIENT_FRAME__INIT;
    uint8_t *bytes = calloc(1, size + 1);
    frame.n_request = count;
    frame.request = calloc(count, sizeof *frame.request);
    assert_true(bytes != NULL && frame.request != NULL);
    for (size_t i = 0; i < count; i++) {
        frame.request[i] = (ProtobufCBinaryData){size, bytes};
    }
    *frame_size = tpx__client_frame__get_packed_size(&frame);
    uint8_t *packed = malloc(*frame_size + 1);
    assert_non_null(packed);
    tpx__client_frame__pack(&frame, packed);
    free(frame.request);
    free(bytes);
    return packed;
}

static int cut_frame_of(size_t count, size_t size) {
    size_t frame_size;
    uint8_t *frame = frame_of(count, size, &frame_size);
    int cut_into = cut(frame, frame_size);
    free(frame);
    return cut_into;
}

static void a_frame_is_cut_into_its_requests(void **state) {
    (void)state;
    static const uint8_t frame[] = {0x0a, 2, 'a', 'b', 0x0a, 0, 0x0a, 1, 'c'};
    assert_int_equal(frame_requests(frame, sizeof frame, requests, &fault), 3);
    assert_ptr_equal(requests[0].bytes, frame + 2);
    assert_int_equal(requests[0].size, 2);
    assert_int_equal(requests[1].size, 0);
    assert_ptr_equal(requests[2].bytes, frame + 8);
    assert_int_equal(cut_frame_of(7, 200), 7);
    assert_int_equal(requests[6].size, 200);
}

static void a_frame_has_1024_requests_and_no_more(void **state) {
    (void)state;
    assert_int_equal(cut_frame_of(FRAME_REQUESTS_MAX, 3), FRAME_REQUESTS_MAX);
    assert_int_equal(cut_frame_of(FRAME_REQUESTS_MAX + 1, 3), -1);
    assert_string_equal(fault.field, "frame.request");
    assert_int_equal(fault.limit, FRAME_REQUESTS_MAX);
}

static void a_request_in_a_frame_has_32_kib_and_no_more(void **state) {
    (void)state;
    assert_int_equal(cut_frame_of(1, REQUEST_BYTES_MAX), 1);
    assert_int_equal(cut_frame_of(1, REQUEST_BYTES_MAX + 1), -1);
    assert_int_equal(fault.limit, REQUEST_BYTES_MAX);
}

static void a_frame_has_one_mib_and_no_more(void **state) {
    (void)state;
    /* 32 requests of 32 KiB with 4 bytes before each are a little more than 1 MiB. */
    assert_int_equal(cut_frame_of(32, REQUEST_BYTES_MAX - 4), 32);
    assert_int_equal(cut_frame_of(32, REQUEST_BYTES_MAX), -1);
    assert_string_equal(fault.field, "frame");
    assert_int_equal(fault.limit, FRAME_BYTES_MAX);
}

static void what_is_no_frame_is_refused(void **state) {
    (void)state;
    assert_int_equal(cut(NULL, 0), -1);
    assert_string_equal(fault.text, "is missing");
    assert_int_equal(cut((const uint8_t[]){0x0a}, 1), -1);
    assert_string_equal(fault.text, "is cut off");
    assert_int_equal(cut((const uint8_t[]){0x0a, 2, 'a'}, 3), -1);
    assert_string_equal(fault.text, "is cut off");
    assert_int_equal(cut((const uint8_t[]){0x0a, 0x81, 0x00, 'a'}, 4), -1);
    assert_int_equal(cut((const uint8_t[]){0x12, 1, 'a'}, 3), -1);
    assert_string_equal(fault.text, "has an unknown field");
    assert_int_equal(cut((const uint8_t[]){0x0a, 1, 'a', 0x08, 1}, 5), -1);
    assert_string_equal(fault.text, "has an unknown field");
}

static Tpx__ReplyFrame *reply_of(const uint8_t *bytes, size_t size) {
    Tpx__ReplyFrame *reply = tpx__reply_frame__unpack(NULL, size, bytes);
    assert_non_null(reply);
    assert_int_equal(reply->base.n_unknown_fields, 0);
    return reply;
}

static void a_head_and_events_make_a_reply(void **state) {
    (void)state;
    static uint8_t frame[4096];
    static uint8_t report[1000];
    const struct reply_head head = {.from = UINT64_MAX,
                                    .next = UINT64_MAX,
                                    .is_page = true,
                                    .is_live = true,
                                    .is_heartbeat = true};
    size_t size = reply_put_head(frame, &head);
    assert_true(size <= REPLY_HEAD_BYTES_MAX);
    for (size_t i = 0; i < 3; i++) {
        static const size_t sizes[] = {1, 127, 1000};
        size_t written = reply_put_event(frame + size, report, sizes[i]);
        assert_true(written <= sizes[i] + REPLY_EVENT_OVERHEAD_MAX);
        size += written;
    }
    Tpx__ReplyFrame *reply = reply_of(frame, size);
    assert_true(reply->from == UINT64_MAX && reply->next == UINT64_MAX);
    assert_true(reply->is_page && reply->is_live && reply->heartbeat != NULL);
    assert_int_equal(reply->n_event, 3);
    assert_int_equal(reply->event[2].len, 1000);
    tpx__reply_frame__free_unpacked(reply, NULL);
}

static void a_drop_copys_events_say_whose_they_are(void **state) {
    (void)state;
    static uint8_t frame[1024];
    static const uint32_t sessions[] = {3, 0, UINT32_MAX};
    size_t size = 0;
    for (size_t i = 0; i < 3; i++) {
        size += reply_put_event(frame + size, (const uint8_t *)"report", 6);
        size_t written = reply_put_session(frame + size, sessions[i]);
        assert_true(written <= REPLY_SESSION_BYTES_MAX);
        size += written;
    }
    Tpx__ReplyFrame *reply = reply_of(frame, size);
    assert_int_equal(reply->n_event, 3);
    assert_int_equal(reply->n_session, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(reply->session[i] == sessions[i]);
    tpx__reply_frame__free_unpacked(reply, NULL);
}

static void a_refusal_in_a_reply_says_why(void **state) {
    (void)state;
    uint8_t frame[REPLY_REFUSED_BYTES_MAX];
    char text[201];
    memset(text, 'x', 200);
    text[200] = '\0';
    const struct reply_refused refused = {.number = UINT64_MAX,
                                          .reason = REASON_WRONG_STATE,
                                          .field = text,
                                          .limit = UINT64_MAX,
                                          .text = text};
    size_t size = reply_put_refused(frame, &refused);
    assert_true(size <= sizeof frame - WIRE_SLACK);
    Tpx__ReplyFrame *reply = reply_of(frame, size);
    assert_int_equal(reply->n_refused, 1);
    assert_true(reply->refused[0]->number == UINT64_MAX);
    assert_int_equal(reply->refused[0]->reason, TPX__REASON__REASON_WRONG_STATE);
    assert_string_equal(reply->refused[0]->field, text);
    assert_string_equal(reply->refused[0]->text, text);
    assert_true(reply->refused[0]->limit == UINT64_MAX);
    tpx__reply_frame__free_unpacked(reply, NULL);
}

static void an_empty_refusal_is_still_there(void **state) {
    (void)state;
    uint8_t frame[REPLY_REFUSED_BYTES_MAX];
    const struct reply_refused refused = {.reason = REASON_NOT_READY};
    Tpx__ReplyFrame *reply = reply_of(frame, reply_put_refused(frame, &refused));
    assert_int_equal(reply->n_refused, 1);
    assert_string_equal(reply->refused[0]->field, "");
    tpx__reply_frame__free_unpacked(reply, NULL);
}

static void a_log_on_is_answered_with_everything(void **state) {
    (void)state;
    uint8_t frame[REPLY_LOGGED_ON_BYTES_MAX];
    char origin[ORIGIN_BYTES_MAX + 1];
    memset(origin, 'o', ORIGIN_BYTES_MAX);
    origin[ORIGIN_BYTES_MAX] = '\0';
    const struct reply_logged_on logged_on = {.session = UINT32_MAX,
                                              .participant = UINT32_MAX - 1,
                                              .last_number = ORDER_NUMBER_MAX,
                                              .next = UINT64_MAX,
                                              .trading_date = 20261124,
                                              .environment = ENVIRONMENT_TEST,
                                              .origin = origin,
                                              .credits = 10000,
                                              .requests_per_second = UINT32_MAX,
                                              .heartbeat_ms = 1000,
                                              .is_live = true};
    size_t size = reply_put_logged_on(frame, &logged_on);
    assert_true(size <= sizeof frame - WIRE_SLACK);
    Tpx__ReplyFrame *reply = reply_of(frame, size);
    const Tpx__LoggedOn *read = reply->logged_on;
    assert_true(read->session == UINT32_MAX && read->participant == UINT32_MAX - 1);
    assert_true(read->last_number == ORDER_NUMBER_MAX && read->next == UINT64_MAX);
    assert_int_equal(read->trading_date, 20261124);
    assert_int_equal(read->environment, TPX__ENVIRONMENT__ENVIRONMENT_TEST);
    assert_string_equal(read->origin, origin);
    assert_int_equal(read->credits, 10000);
    assert_true(read->requests_per_second == UINT32_MAX && read->is_live);
    assert_int_equal(read->heartbeat_ms, 1000);
    tpx__reply_frame__free_unpacked(reply, NULL);
}

static void a_log_off_says_why(void **state) {
    (void)state;
    uint8_t frame[REPLY_LOGGED_OFF_BYTES_MAX];
    size_t size = reply_put_logged_off(frame, REASON_NOT_READY, "another connection took over");
    Tpx__ReplyFrame *reply = reply_of(frame, size);
    assert_int_equal(reply->logged_off->reason, TPX__REASON__REASON_NOT_READY);
    assert_string_equal(reply->logged_off->text, "another connection took over");
    tpx__reply_frame__free_unpacked(reply, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_is_cut_into_its_requests),
        cmocka_unit_test(a_frame_has_1024_requests_and_no_more),
        cmocka_unit_test(a_request_in_a_frame_has_32_kib_and_no_more),
        cmocka_unit_test(a_frame_has_one_mib_and_no_more),
        cmocka_unit_test(what_is_no_frame_is_refused),
        cmocka_unit_test(a_head_and_events_make_a_reply),
        cmocka_unit_test(a_drop_copys_events_say_whose_they_are),
        cmocka_unit_test(a_refusal_in_a_reply_says_why),
        cmocka_unit_test(an_empty_refusal_is_still_there),
        cmocka_unit_test(a_log_on_is_answered_with_everything),
        cmocka_unit_test(a_log_off_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
