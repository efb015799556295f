/*
 * Too many of something: connections of each endpoint, logons, queries, subscriptions, frames sent
 * ahead, answers left unread. Each has a limit, a clear answer at it, and harms nobody else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/clock.h"
#include "gateway/counters.h"
#include "gateway/dial.h"
#include "tests/e2e/desk.h"
#include "tests/e2e/line.h"
#include "tests/e2e/tap.h"

/* TSan has shadows of all memory. */
#ifdef __SANITIZE_THREAD__
#define MEMORY_TIMES 16u
#else
#define MEMORY_TIMES 1u
#endif
#define LOGONS_PER_SECOND        40u
#define CONNECTIONS              12u
#define QUERIES_PER_SECOND       40u
#define SUBSCRIPTIONS_PER_SECOND 40u
/* Connections that never log on; the environment may ask for more. */
#define STRANGERS_USUAL 1000u
/* From one address of the loopback network; libzmq dials an address once a socket. */
#define STRANGERS_A_SOCKET 50u

static struct trial trial;

static void open_trial(const char *config) {
    struct trial_options options = {
        .config = config, .brokers = 2, .sessions = 4, .accounts = 2, .instruments = 1};
    desk_set_up(&trial, &options);
}

static int tear_down(void **state) {
    (void)state;
    desk_tear_down(&trial);
    return 0;
}

static uint64_t memory_kib(void) {
    char path[64];
    char line[256];
    unsigned long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", trial.pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "RssAnon:", 8) == 0)
            kib = strtoul(line + 8, NULL, 10);
    fclose(file);
    return kib;
}

/* Somebody else trades as if nothing were. */
static void others_trade(uint32_t session) {
    struct client *client = trial_client(&trial, session);
    struct command buy = desk_buy(trial_account(&trial, trial_owner(&trial, session)), 1, 1);
    for (int i = 0; i < 10; i++)
        (void)desk_rest(client, &buy);
    client_close(client);
}

/* --- logons --------------------------------------------------------------------------------------
 */

static void send_logon(struct line *line, uint32_t session) {
    struct request request = {
        .command.verb = VERB_LOGON,
        .logon = {.session = trial_session(&trial, session), .protocol = 1, .next = 0}};
    line_ask(line, &request);
}

/* So many, one after the other; counts those refused for their rate. */
static uint32_t log_on_often(struct line *line, uint32_t logons) {
    uint32_t refused = 0;
    for (uint32_t i = 0; i < logons; i++) {
        struct line_item item;
        send_logon(line, 1);
        do
            assert_true(line_take(line, LINE_PATIENCE_MS, false, &item));
        while (item.kind != REPLY_PART_LOGGED_ON && item.kind != REPLY_PART_LOGGED_OFF);
        if (item.kind == REPLY_PART_LOGGED_OFF)
            assert_int_equal(item.logged_off.reason, REASON_RATE_LIMIT);
        refused += item.kind == REPLY_PART_LOGGED_OFF;
    }
    return refused;
}

static void a_key_that_logs_on_too_often_is_refused_and_others_are_not(void **state) {
    struct line line;
    (void)state;
    open_trial("logons_per_second = 40\nheartbeat_ms = 60000");
    line_open(&line, &trial, desk_key(&trial, 1), NULL);
    int64_t begun_ns = clock_mono_ns();
    uint32_t refused = log_on_often(&line, 4 * LOGONS_PER_SECOND);
    uint32_t taken = 4 * LOGONS_PER_SECOND - refused;
    int64_t took_ns = clock_mono_ns() - begun_ns;
    assert_true(refused > 0);
    assert_true(taken > LOGONS_PER_SECOND); /* at its edge: a second's worth at once, and one */
    assert_true(taken <= LOGONS_PER_SECOND + 2 + took_ns * LOGONS_PER_SECOND / CLOCK_SECOND_NS);
    others_trade(2);
    struct client *again = trial_client(&trial, 1); /* libtpx comes back until it is let in */
    client_close(again);
    line_close(&line);
}

/* --- connections ---------------------------------------------------------------------------------
 */

static void dial_at(struct dial *dial, const char *endpoint, uint32_t session) {
    struct dial_options options = {.context = trial.context,
                                   .endpoint = endpoint,
                                   .server_z85 = trial.server.public_z85,
                                   .key = desk_key(&trial, session),
                                   .is_subscriber = endpoint == trial.feed_endpoint};
    assert_int_equal(dial_open(dial, &options), 0);
}

static void dial(struct dial *dial, uint32_t session) {
    dial_at(dial, trial.endpoint, session);
}

static uint64_t counter_of(enum counter counter) {
    const struct counters *counters = counters_look(trial.exchange);
    assert_non_null(counters);
    uint64_t value = counter_get(counters, counter);
    counters_close((struct counters *)(uintptr_t)counters);
    return value;
}

/* Whether a handshake succeeds within so long. Never is the key said to be wrong. */
static bool comes_up(struct dial *dial, int timeout_ms) {
    int64_t deadline_ns = clock_mono_ns() + timeout_ms * CLOCK_MILLISECOND_NS;
    while (!dial->is_up && clock_mono_ns() < deadline_ns) {
        enum dial_event event = dial_wait(dial, 10) ? dial_event(dial) : DIAL_NOTHING;
        assert_true(event == DIAL_NOTHING || event == DIAL_UP || event == DIAL_NO_ROOM);
        if (event == DIAL_NO_ROOM)
            dial_again(dial);
    }
    return dial->is_up;
}

static void connections_above_the_limit_are_let_in_when_others_go(void **state) {
    struct dial dials[CONNECTIONS + 1];
    (void)state;
    open_trial("connections = 12\nheartbeat_ms = 60000");
    for (int turn = 0; turn < 3; turn++) {
        for (uint32_t i = 0; i < CONNECTIONS; i++) {
            dial(&dials[i], 1);
            assert_true(comes_up(&dials[i], LINE_PATIENCE_MS));
        }
        dial(&dials[CONNECTIONS], 2);
        assert_false(comes_up(&dials[CONNECTIONS], 300));
        dial_close(&dials[0]);
        others_trade(2); /* libtpx dials until it is let in */
        assert_true(comes_up(&dials[CONNECTIONS], LINE_PATIENCE_MS));
        for (uint32_t i = 1; i <= CONNECTIONS; i++)
            dial_close(&dials[i]);
    }
    others_trade(1);
}

/* Each of the other endpoints has a number of its own. */
static void fill(const char *endpoint, enum counter counter) {
    struct dial dials[CONNECTIONS + 1];
    uint64_t refused = counter_of(COUNTER_CONNECTIONS_REFUSED);
    for (uint32_t i = 0; i < CONNECTIONS; i++) {
        dial_at(&dials[i], endpoint, 1);
        assert_true(comes_up(&dials[i], LINE_PATIENCE_MS));
    }
    dial_at(&dials[CONNECTIONS], endpoint, 2);
    assert_false(comes_up(&dials[CONNECTIONS], 300));
    assert_true(counter_of(COUNTER_CONNECTIONS_REFUSED) > refused);
    assert_true(counter_of(counter) >= CONNECTIONS);
    others_trade(2);
    dial_close(&dials[0]);
    assert_true(comes_up(&dials[CONNECTIONS], LINE_PATIENCE_MS));
    for (uint32_t i = 1; i <= CONNECTIONS; i++)
        dial_close(&dials[i]);
}

static void each_endpoint_has_a_limit_of_its_own(void **state) {
    (void)state;
    open_trial("query_connections = 12\nfeed_connections = 12\nheartbeat_ms = 60000");
    fill(trial.query_endpoint, COUNTER_QUERY_CONNECTIONS);
    fill(trial.feed_endpoint, COUNTER_FEED_CONNECTIONS);
    fill(trial.query_endpoint, COUNTER_QUERY_CONNECTIONS);
}

/* The feed cuts a revoked key by opening its port anew: it counts anew, too. */
static void a_feed_that_was_opened_anew_counts_anew(void **state) {
    struct curve_key key;
    struct tap tap;
    (void)state;
    open_trial("feed_connections = 12\nheartbeat_ms = 60000");
    for (int turn = 0; turn < 3; turn++) {
        assert_int_equal(keyfile_curve_generate(&key), 0);
        struct act add = {.kind = ACT_ADD_KEY,
                          .add_key = {.participant = trial_broker(&trial, 1), .person = 77}};
        memcpy(add.add_key.key, key.public_key, KEY_BYTES);
        struct act revoke = {.kind = ACT_REVOKE_KEY};
        revoke.revoke_key.key = (uint32_t)trial_act(&trial, &add, NULL);
        tap_open(&tap, &trial, &key, trial.feed_endpoint);
        tap_channel(&tap, 0);
        tap_until(&tap, 0, 1);
        trial_act(&trial, &revoke, NULL);
        tap_until_event(&tap, DIAL_KEY_REFUSED);
        tap_close(&tap);
        fill(trial.feed_endpoint, COUNTER_FEED_CONNECTIONS);
    }
}

/* --- queries -------------------------------------------------------------------------------------
 */

/* So many, one after the other; counts those refused for their rate. */
static uint32_t ask_often(struct query_client *client, uint32_t queries) {
    uint32_t refused_times = 0;
    for (uint32_t i = 0; i < queries; i++) {
        struct query query = {.kind = QUERY_PARAMETERS};
        struct answer answer;
        struct answer_row row;
        struct refused refused;
        assert_int_equal(query_client_ask(client, &query, DESK_PATIENCE_MS, &answer),
                         QUERY_CLIENT_ANSWER);
        if (query_client_refused(&answer, &refused)) {
            assert_int_equal(refused.reason, REASON_RATE_LIMIT);
            assert_int_equal(refused.limit, QUERIES_PER_SECOND);
            refused_times++;
        } else {
            assert_true(query_client_row(&answer, &row));
            assert_int_equal(row.parameters.queries_per_second, QUERIES_PER_SECOND);
        }
    }
    return refused_times;
}

static void a_key_that_asks_too_often_is_refused_and_others_are_not(void **state) {
    struct query_client *ann;
    struct query_client *bob;
    (void)state;
    open_trial("queries_per_second = 40\nheartbeat_ms = 60000");
    desk_until_counter(&trial, COUNTER_SHADOW, desk_ledger_next(&trial)); /* it knows the askers */
    ann = trial_asker(&trial, &trial.brokers[0]);
    bob = trial_asker(&trial, &trial.brokers[1]);
    int64_t begun_ns = clock_mono_ns();
    uint32_t refused = ask_often(ann, 4 * QUERIES_PER_SECOND);
    uint32_t taken = 4 * QUERIES_PER_SECOND - refused;
    int64_t took_ns = clock_mono_ns() - begun_ns;
    assert_true(refused > 0);
    assert_int_equal(counter_of(COUNTER_QUERIES_LIMITED), refused);
    assert_true(taken > QUERIES_PER_SECOND); /* at its edge: a second's worth at once, and one */
    assert_true(taken <= QUERIES_PER_SECOND + 2 + took_ns * QUERIES_PER_SECOND / CLOCK_SECOND_NS);
    assert_int_equal(ask_often(bob, QUERIES_PER_SECOND), 0);
    query_client_close(ann);
    ann = trial_asker(&trial, &trial.brokers[0]); /* another connection, the same key */
    assert_true(ask_often(ann, 4 * QUERIES_PER_SECOND) > 0);
    query_client_close(ann);
    query_client_close(bob);
}

/* --- subscriptions -------------------------------------------------------------------------------
 */

static void subscribe_often(struct tap *tap, uint32_t times) {
    for (uint32_t i = 0; i < times; i++) {
        uint8_t topic[FEED_TOPIC_BYTES];
        feed_topic_put(topic, 1000 + i); /* nobody's */
        dial_subscribe(&tap->dial, (struct span){topic, sizeof topic});
    }
}

static void a_key_that_subscribes_too_often_is_cut_and_others_listen(void **state) {
    struct tap ann;
    struct tap bob;
    (void)state;
    open_trial("subscriptions_per_second = 40\nheartbeat_ms = 60000");
    tap_open(&bob, &trial, &trial.brokers[1], trial.feed_endpoint);
    subscribe_often(&bob, SUBSCRIPTIONS_PER_SECOND - 1); /* with the next a second's worth */
    tap_channel(&bob, 0);
    tap_until(&bob, 0, desk_ledger_next(&trial));
    tap_open(&ann, &trial, &trial.brokers[0], trial.feed_endpoint);
    tap_until_event(&ann, DIAL_UP);
    assert_int_equal(counter_of(COUNTER_FEED_BARRED), 0);
    subscribe_often(&ann, 3 * SUBSCRIPTIONS_PER_SECOND);
    tap_until_event(&ann, DIAL_KEY_REFUSED);
    assert_int_equal(counter_of(COUNTER_FEED_BARRED), 1);
    tap_close(&ann);
    others_trade(1); /* its key is good for all else */
    tap_close(&bob);
}

/* Those without a key count only while they try. */
static void connections_that_fail_their_handshake_are_not_counted_on(void **state) {
    struct curve_key key;
    struct line line;
    (void)state;
    open_trial("connections = 12\nheartbeat_ms = 60000");
    assert_int_equal(keyfile_curve_generate(&key), 0);
    for (uint32_t i = 0; i < 3 * CONNECTIONS; i++) {
        line_open(&line, &trial, &key, NULL);
        assert_true(line_is_key_refused(&line));
        line_close(&line);
    }
    others_trade(1);
}

static uint32_t strangers_wanted(void) {
    const char *text = getenv("CONNECTIONS");
    return text != NULL ? (uint32_t)strtoul(text, NULL, 10) : STRANGERS_USUAL;
}

/* One socket that dials the exchange many times over, each time from another address. */
static void *dial_often(uint32_t place) {
    const struct curve_key *key = desk_key(&trial, 1);
    void *socket = zmq_socket(trial.context, ZMQ_DEALER);
    int linger = 0;
    assert_non_null(socket);
    zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
    zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, trial.server.public_z85, KEYFILE_Z85_CHARS);
    zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, key->public_z85, KEYFILE_Z85_CHARS);
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, key->secret_z85, KEYFILE_Z85_CHARS);
    for (uint32_t i = 0; i < STRANGERS_A_SOCKET; i++) {
        char endpoint[CLIENT_ENDPOINT_BYTES_MAX + 64];
        snprintf(endpoint, sizeof endpoint, "tcp://127.0.%u.%u:0;%.200s", 1 + place, 1 + i,
                 strstr(trial.endpoint, "127."));
        assert_int_equal(zmq_connect(socket, endpoint), 0);
    }
    return socket;
}

/* Heartbeats go to its connections in turn; without a session each is refused, so as many answers
 * say that as many connections are up. */
static void hear_from_all(void *socket) {
    uint8_t bytes[64];
    uint8_t frame[80];
    struct request request = {.command.verb = VERB_HEARTBEAT};
    size_t size = codec_request_encode(&request, NULL, bytes, sizeof bytes);
    size = line_put(frame, 0, (struct span){bytes, size});
    for (uint32_t i = 0; i < STRANGERS_A_SOCKET; i++)
        assert_int_equal(zmq_send(socket, frame, size, 0), (int)size);
    for (uint32_t i = 0; i < STRANGERS_A_SOCKET; i++) {
        zmq_pollitem_t item = {.socket = socket, .events = ZMQ_POLLIN};
        assert_int_equal(zmq_poll(&item, 1, LINE_PATIENCE_MS), 1);
        assert_true(zmq_recv(socket, frame, sizeof frame, 0) > 0);
    }
}

static void many_connections_that_never_log_on_cost_little_and_hold_nobody_up(void **state) {
    uint32_t sockets_count = strangers_wanted() / STRANGERS_A_SOCKET;
    void *sockets[250];
    (void)state;
    assert_true(sockets_count > 0 && sockets_count <= 250);
    open_trial("connections = 20000\nheartbeat_ms = 60000");
    uint64_t before_kib = memory_kib();
    for (uint32_t i = 0; i < sockets_count; i++) {
        sockets[i] = dial_often(i);
        hear_from_all(sockets[i]);
    }
    uint64_t grown_kib = memory_kib() - before_kib;
    uint32_t strangers = sockets_count * STRANGERS_A_SOCKET;
    print_message("%u connections: %lu KiB of the server's memory each\n", strangers,
                  grown_kib / strangers);
    assert_true(grown_kib < strangers * UINT64_C(128) * MEMORY_TIMES);
    others_trade(2);
    for (uint32_t i = 0; i < sockets_count; i++)
        zmq_close(sockets[i]);
    others_trade(1);
}

/* --- what is left unread -------------------------------------------------------------------------
 */

#define FRAME_REQUESTS 500u
#define UNREAD_BYTES   ((uint64_t)1 << 20)
/* A rejected cancel's report, about. */
#define ANSWER_BYTES_MIN 40u
/* libzmq's and the kernel's buffers on both ends. */
#define BUFFERS_BYTES ((uint64_t)8 << 20)

static void send_cancels(struct line *line, uint64_t number) {
    static uint8_t bytes[FRAME_REQUESTS][64];
    struct span requests[FRAME_REQUESTS];
    struct request request = {.command = desk_cancel(1)};
    for (uint32_t i = 0; i < FRAME_REQUESTS; i++) {
        request.command.stamp.number = number + i;
        requests[i].bytes = bytes[i];
        requests[i].size = codec_request_encode(&request, NULL, bytes[i], sizeof bytes[i]);
    }
    line_send_requests(line, requests, FRAME_REQUESTS);
}

static void what_a_session_leaves_unread_is_bounded_in_bytes(void **state) {
    struct line deaf;
    struct line_item item;
    uint64_t sent = 0;
    (void)state;
    open_trial("unread_mib = 1\ncredits = 1000000\nheartbeat_ms = 60000");
    line_open_narrow(&deaf, &trial, desk_key(&trial, 1));
    line_logon_live(&deaf, trial_session(&trial, 1));
    const struct counters *counters = counters_look(trial.exchange);
    assert_non_null(counters);
    while (counter_get(counters, COUNTER_SESSIONS_LAGGED) == 0) {
        send_cancels(&deaf, sent + 1);
        sent += FRAME_REQUESTS;
        desk_until_counter(&trial, COUNTER_RELEASED, sent);
        assert_true(sent * ANSWER_BYTES_MIN < UNREAD_BYTES + BUFFERS_BYTES);
    }
    assert_true(sent > UNREAD_BYTES / 512); /* far fewer would not be a MiB */
    uint64_t before_kib = memory_kib();
    for (uint64_t end = 2 * sent + 100000; sent < end;) {
        send_cancels(&deaf, sent + 1);
        sent += FRAME_REQUESTS;
        desk_until_counter(&trial, COUNTER_RELEASED, sent); /* so the ring need not grow */
    }
    print_message("%lu answers unread, %ld KiB more\n", sent, (long)(memory_kib() - before_kib));
    others_trade(2);
    assert_true(memory_kib() < before_kib + 16 * 1024 * MEMORY_TIMES);
    for (uint64_t number = 0; number < sent;) { /* and all of it comes, in order */
        line_until(&deaf, REPLY_PART_EVENT, &item);
        if (report_answers(&item.report) != 0)
            assert_int_equal(report_answers(&item.report), ++number);
    }
    line_close(&deaf);
    counters_close((struct counters *)(uintptr_t)counters);
}

#define IN_TRIAL(test) cmocka_unit_test_teardown(test, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_TRIAL(a_key_that_logs_on_too_often_is_refused_and_others_are_not),
        IN_TRIAL(connections_above_the_limit_are_let_in_when_others_go),
        IN_TRIAL(each_endpoint_has_a_limit_of_its_own),
        IN_TRIAL(a_feed_that_was_opened_anew_counts_anew),
        IN_TRIAL(a_key_that_asks_too_often_is_refused_and_others_are_not),
        IN_TRIAL(a_key_that_subscribes_too_often_is_cut_and_others_listen),
        IN_TRIAL(connections_that_fail_their_handshake_are_not_counted_on),
        IN_TRIAL(many_connections_that_never_log_on_cost_little_and_hold_nobody_up),
        IN_TRIAL(what_a_session_leaves_unread_is_bounded_in_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
