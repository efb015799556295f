/*
 * The client library against an exchange that is played by the test, on the same thread: each turn
 * lets both sides do what they can, until what is waited for has happened.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/event.h"
#include "gateway/client.h"
#include "gateway/clock.h"
#include "proto/codec_event.h"
#include "proto/frame.h"

#define SESSION      7
#define PATIENCE_NS  (20 * CLOCK_SECOND_NS)
#define REQUESTS_MAX 4096

/* One request as the exchange received it. */
struct received {
    uint8_t verb;
    uint64_t number;
    uint64_t next; /* LOGON, RESUME */
    bool is_drop_copy;
};

struct exchange {
    void *context;
    void *router;
    void *zap;
    struct curve_key key;
    struct curve_key client_key;
    char endpoint[256];
    bool accepts;          /* the ZAP handler's answer */
    uint32_t heartbeat_ms; /* what the exchange asks for */
    uint8_t route[256];    /* of the last message */
    size_t route_size;
    uint32_t frames;
    uint32_t count;
    struct received requests[REQUESTS_MAX];
};

/* Binds, as soon as the port is free. */
static void open_router(struct exchange *exchange, const char *endpoint) {
    int on = 1;
    int off = 0;
    size_t size = sizeof exchange->endpoint;
    int64_t deadline_ns = clock_mono_ns() + PATIENCE_NS;
    exchange->router = zmq_socket(exchange->context, ZMQ_ROUTER);
    zmq_setsockopt(exchange->router, ZMQ_LINGER, &off, sizeof off);
    zmq_setsockopt(exchange->router, ZMQ_CURVE_SERVER, &on, sizeof on);
    zmq_setsockopt(exchange->router, ZMQ_CURVE_SECRETKEY, exchange->key.secret_z85, 40);
    zmq_setsockopt(exchange->router, ZMQ_ZAP_DOMAIN, "trade", 5);
    while (zmq_bind(exchange->router, endpoint) != 0)
        assert_true(clock_mono_ns() < deadline_ns);
    zmq_getsockopt(exchange->router, ZMQ_LAST_ENDPOINT, exchange->endpoint, &size);
}

static int set_up(void **state) {
    struct exchange *exchange = calloc(1, sizeof *exchange);
    exchange->context = zmq_ctx_new();
    exchange->accepts = true;
    exchange->heartbeat_ms = 60000;
    assert_int_equal(keyfile_curve_generate(&exchange->key), 0);
    assert_int_equal(keyfile_curve_generate(&exchange->client_key), 0);
    exchange->zap = zmq_socket(exchange->context, ZMQ_REP);
    assert_int_equal(zmq_bind(exchange->zap, "inproc://zeromq.zap.01"), 0);
    open_router(exchange, "tcp://127.0.0.1:*");
    *state = exchange;
    return 0;
}

static int tear_down(void **state) {
    struct exchange *exchange = *state;
    zmq_close(exchange->router);
    zmq_close(exchange->zap);
    zmq_ctx_term(exchange->context);
    free(exchange);
    return 0;
}

static void answer_zap(struct exchange *exchange) {
    char parts[8][256] = {{0}};
    int count = 0;
    int more = 1;
    size_t size = sizeof more;
    while (more && count < 8 &&
           zmq_recv(exchange->zap, parts[count], 255, count == 0 ? ZMQ_DONTWAIT : 0) >= 0) {
        zmq_getsockopt(exchange->zap, ZMQ_RCVMORE, &more, &size);
        count++;
    }
    if (count == 0)
        return;
    const char *status = exchange->accepts ? "200" : "400";
    zmq_send(exchange->zap, "1.0", 3, ZMQ_SNDMORE);
    zmq_send(exchange->zap, parts[1], strlen(parts[1]), ZMQ_SNDMORE);
    zmq_send(exchange->zap, status, 3, ZMQ_SNDMORE);
    zmq_send(exchange->zap, "", 0, ZMQ_SNDMORE);
    zmq_send(exchange->zap, "1", 1, ZMQ_SNDMORE);
    zmq_send(exchange->zap, "", 0, 0);
}

static void receive_frames(struct exchange *exchange) {
    static uint8_t frame[FRAME_BYTES_MAX];
    static struct span requests[FRAME_REQUESTS_MAX];
    struct codec_fault fault;
    int size = zmq_recv(exchange->router, exchange->route, sizeof exchange->route, ZMQ_DONTWAIT);
    for (; size > 0;
         size = zmq_recv(exchange->router, exchange->route, sizeof exchange->route, ZMQ_DONTWAIT)) {
        exchange->route_size = (size_t)size;
        size = zmq_recv(exchange->router, frame, sizeof frame, 0);
        int count = frame_requests(frame, (size_t)size, requests, &fault);
        assert_true(count > 0);
        exchange->frames++;
        for (int i = 0; i < count; i++) {
            struct request request;
            assert_true(
                codec_request_decode(requests[i].bytes, requests[i].size, &request, &fault));
            assert_true(exchange->count < REQUESTS_MAX);
            exchange->requests[exchange->count++] =
                (struct received){request.command.verb, request.command.stamp.number,
                                  request.logon.next, request.logon.is_drop_copy};
        }
    }
}

static void turn(struct exchange *exchange) {
    answer_zap(exchange);
    receive_frames(exchange);
}

/* How many requests of a verb have come. */
static uint32_t came(const struct exchange *exchange, uint8_t verb) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < exchange->count; i++)
        count += exchange->requests[i].verb == verb;
    return count;
}

static struct received last_of(const struct exchange *exchange, uint8_t verb) {
    for (uint32_t i = exchange->count; i > 0; i--)
        if (exchange->requests[i - 1].verb == verb)
            return exchange->requests[i - 1];
    return (struct received){0};
}

/* Turns until the client says something. */
static struct client_item next_item(struct exchange *exchange, struct client *client) {
    struct client_item item;
    int64_t deadline_ns = clock_mono_ns() + PATIENCE_NS;
    do {
        turn(exchange);
        client_poll(client, 1, &item);
        assert_true(clock_mono_ns() < deadline_ns);
    } while (item.kind == CLIENT_NOTHING);
    return item;
}

/* Turns until so many requests of a verb have come; the client must have nothing to say. */
static void await_requests(struct exchange *exchange, struct client *client, uint8_t verb,
                           uint32_t count) {
    struct client_item item;
    int64_t deadline_ns = clock_mono_ns() + PATIENCE_NS;
    while (came(exchange, verb) < count) {
        turn(exchange);
        client_poll(client, 1, &item);
        assert_int_equal(item.kind, CLIENT_NOTHING);
        assert_true(clock_mono_ns() < deadline_ns);
    }
}

/* --- what the exchange says ----------------------------------------------------------------------
 */

struct answer {
    uint8_t bytes[4096];
    size_t size;
};

static void answer_event(struct answer *answer, uint64_t sequence, uint64_t cl_ord_id) {
    struct command command = {.stamp = {.session = SESSION, .number = cl_ord_id, .time_ns = 5},
                              .verb = VERB_NEW_ORDER};
    struct event event = {.kind = EVENT_NEW,
                          .audience = AUDIENCE_SESSION,
                          .to = SESSION,
                          .order_id = order_id_of(SESSION, cl_ord_id),
                          .price_fen = 1000,
                          .quantity = 100,
                          .leaves = 100,
                          .instrument = 1,
                          .account = 2,
                          .side = SIDE_BUY,
                          .ord_status = ORD_STATUS_NEW};
    uint8_t report[CODEC_REPORT_BYTES_MAX];
    size_t size = codec_event_encode(&event, &command, sequence, 0, report);
    answer->size += reply_put_event(answer->bytes + answer->size, report, size);
}

static void answer_refused(struct answer *answer, uint64_t number, enum reason reason) {
    struct reply_refused refused = {.number = number, .reason = reason, .field = "new_order.price"};
    answer->size += reply_put_refused(answer->bytes + answer->size, &refused);
}

static void send_answer(struct exchange *exchange, struct answer *answer, struct reply_head head) {
    answer->size += reply_put_head(answer->bytes + answer->size, &head);
    zmq_send(exchange->router, exchange->route, exchange->route_size, ZMQ_SNDMORE);
    zmq_send(exchange->router, answer->bytes, answer->size, 0);
    answer->size = 0;
}

static void say_logged_on(struct exchange *exchange, uint64_t next, uint64_t last_number,
                          bool is_live) {
    struct answer answer = {.size = 0};
    struct reply_logged_on logged_on = {.session = SESSION,
                                        .participant = 3,
                                        .last_number = last_number,
                                        .next = next,
                                        .trading_date = 20261124,
                                        .environment = ENVIRONMENT_TEST,
                                        .origin = "tpx.example/test",
                                        .credits = 10,
                                        .heartbeat_ms = exchange->heartbeat_ms,
                                        .is_live = is_live};
    uint64_t from = last_of(exchange, VERB_LOGON).next;
    answer.size = reply_put_logged_on(answer.bytes, &logged_on);
    send_answer(exchange, &answer,
                (struct reply_head){.from = from, .next = is_live ? next : from});
}

/* --- the client's side ---------------------------------------------------------------------------
 */

static struct client *open_client(struct exchange *exchange, uint64_t next) {
    struct client_options options = {.endpoint = exchange->endpoint,
                                     .server_z85 = exchange->key.public_z85,
                                     .key = &exchange->client_key,
                                     .session = SESSION,
                                     .next = next};
    struct client *client = client_open(&options);
    assert_non_null(client);
    return client;
}

/* A client that is live at `next`, having used numbers up to `last_number`. */
static struct client *live_client(struct exchange *exchange, uint64_t next, uint64_t last_number) {
    struct client *client = open_client(exchange, next);
    await_requests(exchange, client, VERB_LOGON, 1);
    say_logged_on(exchange, next, last_number, true);
    assert_int_equal(next_item(exchange, client).kind, CLIENT_LIVE);
    return client;
}

static uint64_t add_order(struct client *client) {
    struct command command = {.verb = VERB_NEW_ORDER,
                              .new_order = {.account = 2,
                                            .instrument = 1,
                                            .price_fen = 1000,
                                            .order_qty = 100,
                                            .side = SIDE_BUY,
                                            .ord_type = ORD_TYPE_LIMIT,
                                            .time_in_force = TIME_IN_FORCE_DAY}};
    return client_add(client, &command, NULL);
}

/* The connection breaks: the exchange comes back at the same endpoint. */
static void restart(struct exchange *exchange) {
    char endpoint[sizeof exchange->endpoint];
    strcpy(endpoint, exchange->endpoint);
    zmq_close(exchange->router);
    exchange->count = 0;
    open_router(exchange, endpoint);
}

/* --- tests ---------------------------------------------------------------------------------------
 */

static void numbers_go_on_from_the_last_one_that_was_sequenced(void **state) {
    struct exchange *exchange = *state;
    struct client *client = live_client(exchange, 0, 41);
    assert_int_equal(client_logged_on(client)->trading_date, 20261124);
    assert_string_equal(client_logged_on(client)->origin, "tpx.example/test");
    assert_int_equal(add_order(client), 42);
    assert_int_equal(add_order(client), 43);
    client_flush(client);
    await_requests(exchange, client, VERB_NEW_ORDER, 2);
    assert_int_equal(last_of(exchange, VERB_NEW_ORDER).number, 43);
    assert_int_equal(exchange->frames, 2); /* the Logon, and one frame with both orders */
    client_close(client);
}

static void nothing_is_taken_before_the_first_logon(void **state) {
    struct exchange *exchange = *state;
    struct client *client = open_client(exchange, 0);
    assert_int_equal(add_order(client), 0);
    client_close(client);
}

static void report_arrives_as_struct_and_as_the_ledgers_bytes(void **state) {
    struct exchange *exchange = *state;
    struct client *client = live_client(exchange, 10, 0);
    struct answer answer = {.size = 0};
    struct report again;
    uint64_t number = add_order(client);
    client_flush(client);
    await_requests(exchange, client, VERB_NEW_ORDER, 1);
    assert_int_equal(client_unanswered(client), 1);
    answer_event(&answer, 12, number);
    send_answer(exchange, &answer, (struct reply_head){.from = 10, .next = 13});
    struct client_item item = next_item(exchange, client);
    assert_int_equal(item.kind, CLIENT_REPORT);
    assert_false(item.is_repeat);
    assert_int_equal(item.report.body, REPORT_EXECUTION);
    assert_int_equal(item.report.sequence, 12);
    assert_int_equal(item.report.time_ns, 5);
    assert_int_equal(item.report.execution.cl_ord_id, number);
    assert_int_equal(item.report.execution.order_id, order_id_of(SESSION, number));
    assert_int_equal(item.report.execution.price_fen, 1000);
    assert_int_equal(item.report.execution.exec_type, EXEC_TYPE_NEW);
    assert_true(report_read(item.bytes, &again));
    assert_memory_equal(&again, &item.report, sizeof again);
    assert_int_equal(client_unanswered(client), 0);
    client_close(client);
}

static void what_has_no_answer_is_asked_again_after_lagging(void **state) {
    struct exchange *exchange = *state;
    struct client *client = live_client(exchange, 10, 0);
    struct answer answer = {.size = 0};
    uint64_t number = add_order(client);
    (void)add_order(client);
    client_flush(client);
    await_requests(exchange, client, VERB_NEW_ORDER, 2);
    answer_event(&answer, 12, number);
    send_answer(exchange, &answer, (struct reply_head){.from = 10, .next = 20, .is_live = true});
    assert_int_equal(next_item(exchange, client).kind, CLIENT_REPORT);
    await_requests(exchange, client, VERB_NEW_ORDER, 3);
    assert_int_equal(last_of(exchange, VERB_NEW_ORDER).number, number + 1);
    client_close(client);
}

/* Its pipe was full when the page was to be sent: it is served as one that lags. */
static void a_client_that_lags_while_it_resumes_becomes_live_all_the_same(void **state) {
    struct exchange *exchange = *state;
    struct client *client = open_client(exchange, 5);
    struct answer answer = {.size = 0};
    await_requests(exchange, client, VERB_LOGON, 1);
    say_logged_on(exchange, 30, 0, false);
    await_requests(exchange, client, VERB_RESUME, 1);
    answer_event(&answer, 7, 0);
    send_answer(exchange, &answer, (struct reply_head){.from = 5, .next = 20});
    assert_int_equal(next_item(exchange, client).kind, CLIENT_REPORT);
    send_answer(exchange, &answer, (struct reply_head){.from = 20, .next = 30, .is_live = true});
    assert_int_equal(next_item(exchange, client).kind, CLIENT_LIVE);
    assert_int_equal(client_next(client), 30);
    client_close(client);
}

static void what_was_missed_comes_by_pages_before_live(void **state) {
    struct exchange *exchange = *state;
    struct client *client = open_client(exchange, 5);
    struct answer answer = {.size = 0};
    await_requests(exchange, client, VERB_LOGON, 1);
    assert_int_equal(last_of(exchange, VERB_LOGON).next, 5);
    say_logged_on(exchange, 100, 9, false);
    await_requests(exchange, client, VERB_RESUME, 1);
    assert_int_equal(last_of(exchange, VERB_RESUME).next, 5);
    answer_event(&answer, 6, 1);
    send_answer(exchange, &answer, (struct reply_head){.from = 5, .next = 50, .is_page = true});
    assert_int_equal(next_item(exchange, client).report.sequence, 6);
    await_requests(exchange, client, VERB_RESUME, 2);
    assert_int_equal(last_of(exchange, VERB_RESUME).next, 50);
    answer_event(&answer, 70, 2);
    send_answer(exchange, &answer,
                (struct reply_head){.from = 50, .next = 100, .is_page = true, .is_live = true});
    assert_int_equal(next_item(exchange, client).report.sequence, 70);
    assert_int_equal(next_item(exchange, client).kind, CLIENT_LIVE);
    assert_int_equal(client_next(client), 100);
    client_close(client);
}

static void gap_between_frames_is_found_and_fetched(void **state) {
    struct exchange *exchange = *state;
    struct client *client = live_client(exchange, 10, 0);
    struct answer answer = {.size = 0};
    answer_event(&answer, 31, 4);
    send_answer(exchange, &answer, (struct reply_head){.from = 30, .next = 32});
    await_requests(exchange, client, VERB_RESUME, 1);
    assert_int_equal(last_of(exchange, VERB_RESUME).next, 10);
    assert_int_equal(client_counts(client).gaps, 1);
    answer_event(&answer, 20, 3);
    answer_event(&answer, 31, 4);
    send_answer(exchange, &answer,
                (struct reply_head){.from = 10, .next = 32, .is_page = true, .is_live = true});
    assert_int_equal(next_item(exchange, client).report.sequence, 20);
    assert_int_equal(next_item(exchange, client).report.sequence, 31);
    assert_int_equal(next_item(exchange, client).kind, CLIENT_LIVE);
    client_close(client);
}

static void report_below_the_cursor_is_not_handed_out_again(void **state) {
    struct exchange *exchange = *state;
    struct client *client = live_client(exchange, 10, 0);
    struct answer answer = {.size = 0};
    answer_event(&answer, 8, 1);
    answer_event(&answer, 11, 2);
    send_answer(exchange, &answer, (struct reply_head){.from = 8, .next = 12});
    assert_int_equal(next_item(exchange, client).report.sequence, 11);
    client_close(client);
}

static void recorded_answer_is_marked_as_a_repeat(void **state) {
    struct exchange *exchange = *state;
    struct client *client = live_client(exchange, 10, 7);
    struct answer answer = {.size = 0};
    answer_event(&answer, 3, 7);
    send_answer(exchange, &answer, (struct reply_head){.from = 10, .next = 10});
    struct client_item item = next_item(exchange, client);
    assert_int_equal(item.report.sequence, 3);
    assert_true(item.is_repeat);
    client_close(client);
}

static void unanswered_requests_are_sent_again_under_their_numbers(void **state) {
    struct exchange *exchange = *state;
    struct client *client = live_client(exchange, 10, 0);
    struct answer answer = {.size = 0};
    add_order(client);
    add_order(client);
    client_flush(client);
    await_requests(exchange, client, VERB_NEW_ORDER, 2);
    answer_event(&answer, 10, 1);
    send_answer(exchange, &answer, (struct reply_head){.from = 10, .next = 11});
    assert_int_equal(next_item(exchange, client).kind, CLIENT_REPORT);
    restart(exchange);
    assert_int_equal(next_item(exchange, client).kind, CLIENT_LOST);
    add_order(client);
    await_requests(exchange, client, VERB_LOGON, 1);
    assert_int_equal(last_of(exchange, VERB_LOGON).next, 11);
    say_logged_on(exchange, 12, 1, true);
    assert_int_equal(next_item(exchange, client).kind, CLIENT_LIVE);
    await_requests(exchange, client, VERB_NEW_ORDER, 2);
    assert_int_equal(exchange->requests[1].number, 2);
    assert_int_equal(exchange->requests[2].number, 3);
    assert_int_equal(client_counts(client).lost, 1);
    client_close(client);
}

static void key_that_is_not_accepted_is_told(void **state) {
    struct exchange *exchange = *state;
    exchange->accepts = false;
    struct client *client = open_client(exchange, 0);
    assert_int_equal(next_item(exchange, client).kind, CLIENT_KEY_REFUSED);
    exchange->accepts = true;
    client_logon(client);
    await_requests(exchange, client, VERB_LOGON, 1);
    client_close(client);
}

static void another_server_than_expected_is_told(void **state) {
    struct exchange *exchange = *state;
    struct curve_key other;
    assert_int_equal(keyfile_curve_generate(&other), 0);
    struct client_options options = {.endpoint = exchange->endpoint,
                                     .server_z85 = other.public_z85,
                                     .key = &exchange->client_key,
                                     .session = SESSION};
    struct client *client = client_open(&options);
    assert_int_equal(next_item(exchange, client).kind, CLIENT_BAD_SERVER);
    client_close(client);
}

static void heartbeats_are_sent_while_nothing_else_is(void **state) {
    struct exchange *exchange = *state;
    exchange->heartbeat_ms = 100;
    struct client *client = live_client(exchange, 0, 0);
    await_requests(exchange, client, VERB_HEARTBEAT, 2);
    client_close(client);
}

static void silent_server_is_dialled_anew(void **state) {
    struct exchange *exchange = *state;
    exchange->heartbeat_ms = 100;
    struct client *client = live_client(exchange, 0, 0);
    assert_int_equal(next_item(exchange, client).kind, CLIENT_LOST);
    await_requests(exchange, client, VERB_LOGON, 2);
    client_close(client);
}

static void no_more_are_in_flight_than_there_are_credits(void **state) {
    struct exchange *exchange = *state;
    struct client *client = live_client(exchange, 0, 0);
    struct answer answer = {.size = 0};
    struct client_item item;
    for (int i = 0; i < 15; i++)
        add_order(client);
    await_requests(exchange, client, VERB_NEW_ORDER, 10);
    for (int i = 0; i < 20; i++) {
        turn(exchange);
        client_poll(client, 1, &item);
    }
    assert_int_equal(came(exchange, VERB_NEW_ORDER), 10);
    answer_event(&answer, 0, 1);
    answer_refused(&answer, 2, REASON_RATE_LIMIT);
    send_answer(exchange, &answer, (struct reply_head){.from = 0, .next = 1});
    assert_int_equal(next_item(exchange, client).kind, CLIENT_REPORT);
    item = next_item(exchange, client);
    assert_int_equal(item.kind, CLIENT_REFUSED);
    assert_int_equal(item.refused.number, 2);
    assert_int_equal(item.refused.reason, REASON_RATE_LIMIT);
    assert_string_equal(item.refused.field, "new_order.price");
    await_requests(exchange, client, VERB_NEW_ORDER, 12);
    client_close(client);
}

static void say_off(struct exchange *exchange, enum reason reason, const char *text) {
    struct answer answer = {.size = 0};
    answer.size = reply_put_logged_off(answer.bytes, reason, text);
    send_answer(exchange, &answer, (struct reply_head){0});
}

static void session_taken_over_stays_off_until_told_otherwise(void **state) {
    struct exchange *exchange = *state;
    struct client *client = live_client(exchange, 0, 0);
    struct client_item item;
    say_off(exchange, REASON_NONE, "a newer connection has the session");
    item = next_item(exchange, client);
    assert_int_equal(item.kind, CLIENT_LOGGED_OFF);
    assert_string_equal(item.logged_off.text, "a newer connection has the session");
    for (int i = 0; i < 50; i++) {
        turn(exchange);
        client_poll(client, 1, &item);
        assert_int_equal(item.kind, CLIENT_NOTHING);
    }
    assert_int_equal(came(exchange, VERB_LOGON), 1);
    client_logon(client);
    await_requests(exchange, client, VERB_LOGON, 2);
    client_close(client);
}

static void exchange_that_stops_is_logged_on_to_again(void **state) {
    struct exchange *exchange = *state;
    struct client *client = live_client(exchange, 0, 0);
    say_off(exchange, REASON_NOT_READY, "the exchange stops");
    assert_int_equal(next_item(exchange, client).kind, CLIENT_LOST);
    await_requests(exchange, client, VERB_LOGON, 2);
    client_close(client);
}

static void client_may_begin_where_the_ledger_stands(void **state) {
    struct exchange *exchange = *state;
    struct client_options options = {.endpoint = exchange->endpoint,
                                     .server_z85 = exchange->key.public_z85,
                                     .key = &exchange->client_key,
                                     .session = SESSION,
                                     .skips_past = true};
    struct client *client = client_open(&options);
    await_requests(exchange, client, VERB_LOGON, 1);
    say_logged_on(exchange, 1000, 9, false);
    await_requests(exchange, client, VERB_RESUME, 1);
    assert_int_equal(last_of(exchange, VERB_RESUME).next, 1000);
    client_close(client);
}

static void reasons_and_fields_have_names(void **state) {
    char name[32];
    (void)state;
    assert_string_equal(client_reason_name(REASON_LOT_SIZE), "LOT_SIZE");
    assert_string_equal(client_reason_name(99), "unknown");
    client_field_name(FIELD_ORDER_QTY, name);
    assert_string_equal(name, "order_qty");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void a_drop_copy_hands_out_whose_report_each_is_and_sends_nothing(void **state) {
    struct exchange *exchange = *state;
    struct client_options options = {.endpoint = exchange->endpoint,
                                     .server_z85 = exchange->key.public_z85,
                                     .key = &exchange->client_key,
                                     .is_drop_copy = true,
                                     .next = 5};
    struct answer answer = {.size = 0};
    struct client *client = client_open(&options);
    assert_non_null(client);
    await_requests(exchange, client, VERB_LOGON, 1);
    assert_true(last_of(exchange, VERB_LOGON).is_drop_copy);
    say_logged_on(exchange, 9, 0, false);
    await_requests(exchange, client, VERB_RESUME, 1);
    answer_event(&answer, 6, 41);
    answer.size += reply_put_session(answer.bytes + answer.size, 12);
    answer_event(&answer, 7, 0);
    answer.size += reply_put_session(answer.bytes + answer.size, 0);
    send_answer(exchange, &answer,
                (struct reply_head){.from = 5, .next = 9, .is_page = true, .is_live = true});
    struct client_item item = next_item(exchange, client);
    assert_int_equal(item.kind, CLIENT_REPORT);
    assert_int_equal(item.report.sequence, 6);
    assert_int_equal(item.session, 12);
    item = next_item(exchange, client);
    assert_int_equal(item.report.sequence, 7);
    assert_int_equal(item.session, 0);
    assert_int_equal(next_item(exchange, client).kind, CLIENT_LIVE);
    assert_int_equal(client_next(client), 9);
    assert_int_equal(add_order(client), 0);
    client_close(client);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(numbers_go_on_from_the_last_one_that_was_sequenced),
        TEST(nothing_is_taken_before_the_first_logon),
        TEST(report_arrives_as_struct_and_as_the_ledgers_bytes),
        TEST(what_has_no_answer_is_asked_again_after_lagging),
        TEST(a_client_that_lags_while_it_resumes_becomes_live_all_the_same),
        TEST(what_was_missed_comes_by_pages_before_live),
        TEST(gap_between_frames_is_found_and_fetched),
        TEST(report_below_the_cursor_is_not_handed_out_again),
        TEST(recorded_answer_is_marked_as_a_repeat),
        TEST(unanswered_requests_are_sent_again_under_their_numbers),
        TEST(key_that_is_not_accepted_is_told),
        TEST(another_server_than_expected_is_told),
        TEST(heartbeats_are_sent_while_nothing_else_is),
        TEST(silent_server_is_dialled_anew),
        TEST(no_more_are_in_flight_than_there_are_credits),
        TEST(session_taken_over_stays_off_until_told_otherwise),
        TEST(exchange_that_stops_is_logged_on_to_again),
        TEST(client_may_begin_where_the_ledger_stands),
        cmocka_unit_test(reasons_and_fields_have_names),
        TEST(a_drop_copy_hands_out_whose_report_each_is_and_sends_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
