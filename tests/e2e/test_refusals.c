/*
 * What the gateway itself refuses: each of its reasons, and bytes that are no requests. None of it
 * is sequenced, none of it harms the session that sends it, or any other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/tpx.pb-c.h"
#include "tests/e2e/desk.h"
#include "tests/e2e/line.h"

#define CREDITS             50
#define REQUESTS_PER_SECOND 3000
#define RANDOM_FRAMES       300

static struct trial trial;

static int set_up(void **state) {
    struct trial_options options = {.config = "credits = 50\nrequests_per_second = 3000\n"
                                              "heartbeat_ms = 60000",
                                    .brokers = 2,
                                    .sessions = 16,
                                    .accounts = 2,
                                    .instruments = 1};
    (void)state;
    desk_set_up(&trial, &options);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    desk_tear_down(&trial);
    return 0;
}

static void log_on(struct line *line, uint32_t index) {
    line_open(line, &trial, &trial.brokers[trial_owner(&trial, index) - 1], NULL);
    line_logon_live(line, trial_session(&trial, index));
}

static struct command small_buy(uint32_t index) {
    return desk_buy(trial_account(&trial, trial_owner(&trial, index)), 1, 1);
}

/* Orders numbered from `first` on, in one frame. */
static void send_orders(struct line *line, uint32_t index, uint64_t first, size_t count) {
    static uint8_t bytes[FRAME_REQUESTS_MAX][64];
    static struct span requests[FRAME_REQUESTS_MAX];
    assert_true(count <= FRAME_REQUESTS_MAX);
    for (size_t i = 0; i < count; i++) {
        struct request request = {.command = small_buy(index)};
        request.command.stamp.number = first + i;
        requests[i] = (struct span){
            bytes[i], codec_request_encode(&request, NULL, bytes[i], sizeof bytes[i])};
    }
    line_send_requests(line, requests, count);
}

static void expect_refusal(struct line *line, uint64_t number, uint32_t reason) {
    struct refused refused;
    line_until_refused(line, number, &refused);
    assert_int_equal(refused.reason, reason);
}

/* The session still trades: nothing that came before has harmed it. */
static void expect_answer(struct line *line, uint32_t index, uint64_t number) {
    struct line_item item;
    struct command buy = small_buy(index);
    line_ask_command(line, number, &buy);
    line_until_report(line, number, &item);
    assert_int_equal(item.report.execution.exec_type, EXEC_TYPE_NEW);
}

/* --- every reason --------------------------------------------------------------------------------
 */

static void provoke_malformed(void) {
    static const uint8_t no_frame[] = {0xff, 0xff};
    struct line line;
    log_on(&line, 1);
    line_send(&line, no_frame, sizeof no_frame);
    expect_refusal(&line, 0, REASON_MALFORMED);
    expect_answer(&line, 1, 1);
    line_close(&line);
}

/* A frame is taken whole before anything of it is durable: what lies above the credits is refused,
 * and may come again. */
static void provoke_no_credit(void) {
    struct line line;
    struct line_item item;
    log_on(&line, 2);
    send_orders(&line, 2, 1, CREDITS + 10);
    for (uint64_t number = CREDITS + 1; number <= CREDITS + 10; number++)
        expect_refusal(&line, number, REASON_NO_CREDIT);
    send_orders(&line, 2, 1, CREDITS); /* answered from the ledger */
    line_until_report(&line, CREDITS, &item);
    expect_answer(&line, 2, CREDITS + 1);
    line_close(&line);
}

/* Two seconds' worth at once; heartbeats are free. */
static void provoke_rate_limit(void) {
    static const uint8_t unknown_field[] = {0xff, 0x7f};
    struct line line;
    struct refused refused = {0};
    log_on(&line, 3);
    for (size_t sent = 0; sent < 2 * REQUESTS_PER_SECOND; sent += FRAME_REQUESTS_MAX)
        send_orders(&line, 3, sent + 1, FRAME_REQUESTS_MAX);
    line_send_requests(&line, &(struct span){unknown_field, sizeof unknown_field}, 1);
    bool is_limited = false;
    do { /* all of it is answered; the form of a request is looked at before the rate */
        struct line_item item;
        line_until(&line, REPLY_PART_REFUSED, &item);
        refused = item.refused;
        is_limited = is_limited || refused.reason == REASON_RATE_LIMIT;
    } while (refused.reason != REASON_MALFORMED);
    assert_true(is_limited);
    line_close(&line);
}

static void provoke_duplicate(void) {
    struct line line;
    struct command other = small_buy(4);
    log_on(&line, 4);
    expect_answer(&line, 4, 1);
    other.new_order.order_qty = 2;
    line_ask_command(&line, 1, &other);
    expect_refusal(&line, 1, REASON_DUPLICATE_CLIENT_ORDER_ID);
    line_close(&line);
}

static void provoke_not_sequenced(void) {
    struct line line;
    struct command buy = small_buy(5);
    log_on(&line, 5);
    expect_answer(&line, 5, 10);
    line_ask_command(&line, 9, &buy);
    expect_refusal(&line, 9, REASON_NOT_SEQUENCED);
    line_close(&line);
}

/* Nobody trades before the Logon. */
static void provoke_not_ready(void) {
    struct line line;
    struct command buy = small_buy(6);
    line_open(&line, &trial, &trial.brokers[trial_owner(&trial, 6) - 1], NULL);
    line_ask_command(&line, 1, &buy);
    expect_refusal(&line, 1, REASON_NOT_READY);
    line_logon_live(&line, trial_session(&trial, 6));
    expect_answer(&line, 6, 1);
    line_close(&line);
}

static const struct {
    int reason;
    void (*provoke)(void);
} OWN_REASONS[] = {
    {REASON_MALFORMED, provoke_malformed},
    {REASON_NO_CREDIT, provoke_no_credit},
    {REASON_RATE_LIMIT, provoke_rate_limit},
    {REASON_DUPLICATE_CLIENT_ORDER_ID, provoke_duplicate},
    {REASON_NOT_SEQUENCED, provoke_not_sequenced},
    {REASON_NOT_READY, provoke_not_ready},
};
#define OWN_REASONS_COUNT (sizeof OWN_REASONS / sizeof OWN_REASONS[0])

static void every_reason_below_100_of_the_protocol_can_be_provoked(void **state) {
    const ProtobufCEnumDescriptor *reasons = &tpx__reason__descriptor;
    (void)state;
    for (unsigned i = 0; i < reasons->n_values; i++) {
        int reason = reasons->values[i].value;
        size_t row = 0;
        if (reason == 0 || reason >= 100)
            continue;
        while (row < OWN_REASONS_COUNT && OWN_REASONS[row].reason != reason)
            row++;
        if (row == OWN_REASONS_COUNT)
            fail_msg("nothing here provokes %s", reasons->values[i].name);
        OWN_REASONS[row].provoke();
    }
}

/* --- bytes that are no requests ------------------------------------------------------------------
 */

#define BYTES(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

/* Frames as they come. */
static const struct {
    const uint8_t *bytes;
    size_t size;
    uint64_t number;
    const char *field;
} BAD_FRAMES[] = {
    {(const uint8_t *)"", 0, 0, "frame.request"},
    {BYTES(0x0a), 0, "frame.request"},                                    /* no length */
    {BYTES(0x0a, 0x05, 0x08, 0x01), 0, "frame.request"},                  /* cut off */
    {BYTES(0x12, 0x00), 0, "frame"},                                      /* an unknown field */
    {BYTES(0x08, 0x01), 0, "frame"},                                      /* a varint */
    {BYTES(0x0a, 0x02, 0x08, 0x07), 7, "request"},                        /* no body */
    {BYTES(0x0a, 0x04, 0x08, 0x07, 0x12, 0x05), 7, "request"},            /* a body cut off */
    {BYTES(0x0a, 0x06, 0x08, 0x07, 0x22, 0x02, 0x10, 0x01), 7, "cancel"}, /* an unknown field */
    {BYTES(0x0a, 0x08, 0x08, 0x07, 0x22, 0x04, 0x08, 0x01, 0x08, 0x02), 7, "cancel.order_id"},
    {BYTES(0x0a, 0x09, 0x08, 0x07, 0x22, 0x05, 0x0d, 0, 0, 0, 0), 7, "cancel.order_id"},
    {BYTES(0x0a, 0x05, 0x08, 0x87, 0x00, 0x22, 0x00), 0, "number"}, /* longer than needed */
    {BYTES(0x0a, 0x04, 0x08, 0x00, 0x22, 0x00), 0, "number"},
    {BYTES(0x0a, 0x09, 0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0x22, 0x00), 0, "number"},
    {BYTES(0x0a, 0x0a, 0x08, 0x07, 0x22, 0x02, 0x08, 0x01, 0x22, 0x02, 0x08, 0x01), 7,
     "request"}, /* two bodies */
    {BYTES(0x0a, 0x06, 0x08, 0x07, 0x2a, 0x02, 0x28, 0x09), 7, "mass_cancel.side"},
};

static bool begins_with(const char *text, const char *start) {
    return strncmp(text, start, strlen(start)) == 0;
}

static void bytes_that_are_no_request_are_refused_with_the_field_named(void **state) {
    struct line line;
    struct refused refused;
    (void)state;
    log_on(&line, 7);
    uint64_t next = desk_ledger_next(&trial);
    for (size_t i = 0; i < sizeof BAD_FRAMES / sizeof BAD_FRAMES[0]; i++) {
        line_send(&line, BAD_FRAMES[i].bytes, BAD_FRAMES[i].size);
        line_until_refused(&line, BAD_FRAMES[i].number, &refused);
        assert_int_equal(refused.reason, REASON_MALFORMED);
        if (!begins_with(refused.field, BAD_FRAMES[i].field))
            fail_msg("frame %zu: field %s, not %s", i, refused.field, BAD_FRAMES[i].field);
        assert_true(strlen(refused.text) > 0);
    }
    expect_answer(&line, 7, 7);
    assert_int_equal(desk_count(&trial, next, VERB_CANCEL, NULL), 0);
    line_close(&line);
}

static void a_frame_of_1025_requests_is_refused_whole(void **state) {
    static uint8_t frame[FRAME_BYTES_MAX];
    uint8_t bytes[64];
    struct line line;
    struct refused refused;
    size_t size = 0;
    (void)state;
    log_on(&line, 8);
    uint64_t next = desk_ledger_next(&trial);
    for (uint64_t number = 1; number <= FRAME_REQUESTS_MAX + 1; number++) {
        struct request request = {.command = small_buy(8)};
        request.command.stamp.number = number;
        struct span span = {bytes, codec_request_encode(&request, NULL, bytes, sizeof bytes)};
        size = line_put(frame, size, span);
    }
    line_send(&line, frame, size);
    line_until_refused(&line, 0, &refused);
    assert_int_equal(refused.reason, REASON_MALFORMED);
    assert_string_equal(refused.field, "frame.request");
    assert_int_equal(refused.limit, FRAME_REQUESTS_MAX);
    expect_answer(&line, 8, 1);
    assert_int_equal(desk_count(&trial, next, VERB_NEW_ORDER, NULL), 1);
    line_close(&line);
}

static void a_request_above_32_kib_is_refused_with_its_limit(void **state) {
    static uint8_t bytes[REQUEST_BYTES_MAX + 1];
    struct line line;
    struct refused refused;
    (void)state;
    log_on(&line, 9);
    line_send_requests(&line, &(struct span){bytes, sizeof bytes}, 1);
    line_until_refused(&line, 0, &refused);
    assert_int_equal(refused.reason, REASON_MALFORMED);
    assert_string_equal(refused.field, "frame.request");
    assert_int_equal(refused.limit, REQUEST_BYTES_MAX);
    line_send_requests(&line, &(struct span){bytes, REQUEST_BYTES_MAX}, 1); /* only nonsense */
    line_until_refused(&line, 0, &refused);
    assert_int_equal(refused.reason, REASON_MALFORMED);
    expect_answer(&line, 9, 1);
    line_close(&line);
}

static void a_message_of_two_parts_is_refused(void **state) {
    struct line line;
    struct refused refused;
    (void)state;
    log_on(&line, 10);
    assert_int_equal(zmq_send(line.socket, "one", 3, ZMQ_SNDMORE), 3);
    line_send(&line, "two", 3);
    line_until_refused(&line, 0, &refused);
    assert_int_equal(refused.reason, REASON_MALFORMED);
    assert_string_equal(refused.field, "frame");
    expect_answer(&line, 10, 1);
    line_close(&line);
}

static void random_frames_are_refused_and_do_no_harm(void **state) {
    uint8_t bytes[512];
    struct line line;
    struct line_item item;
    uint64_t random = 42;
    (void)state;
    log_on(&line, 11);
    for (int i = 0; i < RANDOM_FRAMES; i++) {
        size_t size = (size_t)(random >> 40) % sizeof bytes;
        for (size_t at = 0; at < size; at++) {
            random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            bytes[at] = (uint8_t)(random >> 56);
        }
        line_send(&line, bytes, size);
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    }
    for (int i = 0; i < RANDOM_FRAMES; i++) {
        line_until(&line, REPLY_PART_REFUSED, &item);
        assert_int_equal(item.refused.reason, REASON_MALFORMED);
    }
    expect_answer(&line, 11, 1);
    line_close(&line);
}

static void a_message_above_the_frame_s_limit_ends_its_connection_and_no_other(void **state) {
    static uint8_t bytes[FRAME_BYTES_MAX + 1024];
    struct line line;
    struct line other;
    (void)state;
    log_on(&line, 12);
    log_on(&other, 13);
    line_send(&line, bytes, sizeof bytes);
    assert_true(line_is_cut(&line));
    expect_answer(&other, 13, 1);
    line_close(&line);
    line_close(&other);
    log_on(&line, 12);
    expect_answer(&line, 12, 1);
    line_close(&line);
}

static void the_exchange_s_own_commands_are_not_for_clients(void **state) {
    static const uint8_t own[] = {VERB_TICK,  VERB_CONTINUE, VERB_MARK,
                                  VERB_START, VERB_STOP,     VERB_REOPEN};
    struct line line;
    (void)state;
    log_on(&line, 14);
    uint64_t next = desk_ledger_next(&trial);
    for (size_t i = 0; i < sizeof own; i++) {
        struct command command = {.verb = own[i]};
        line_ask_command(&line, 0, &command);
        expect_refusal(&line, 0, REASON_NOT_AUTHORISED);
        assert_int_equal(desk_count(&trial, next, own[i], NULL), 0);
    }
    expect_answer(&line, 14, 1);
    line_close(&line);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reason_below_100_of_the_protocol_can_be_provoked),
        cmocka_unit_test(bytes_that_are_no_request_are_refused_with_the_field_named),
        cmocka_unit_test(a_frame_of_1025_requests_is_refused_whole),
        cmocka_unit_test(a_request_above_32_kib_is_refused_with_its_limit),
        cmocka_unit_test(a_message_of_two_parts_is_refused),
        cmocka_unit_test(random_frames_are_refused_and_do_no_harm),
        cmocka_unit_test(a_message_above_the_frame_s_limit_ends_its_connection_and_no_other),
        cmocka_unit_test(the_exchange_s_own_commands_are_not_for_clients),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
