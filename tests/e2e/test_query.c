/*
 * The query endpoint on real sockets: waiting for an as-of, refusals, frames that are none, clients
 * that do not read, keys that end, restarts; and answers under load against a replay of the ledger
 * up to the very as-of that each of them names.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/view.h"
#include "gateway/counters.h"
#include "gateway/dial.h"
#include "gateway/query_port.h"
#include "ledger/reader.h"
#include "ledger/replay.h"
#include "proto/schema.h"
#include "tests/e2e/desk.h"

#define PATIENCE_MS DESK_PATIENCE_MS

static struct trial trial;

static int set_up(void **state) {
    struct trial_options options = {.brokers = 2, .sessions = 3, .accounts = 4, .instruments = 3};
    (void)state;
    desk_set_up(&trial, &options);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    desk_tear_down(&trial);
    return 0;
}

/* The answer to a question, which may be a refusal. */
static void ask(struct query_client *client, struct query *query, struct answer *answer) {
    assert_int_equal(query_client_ask(client, query, PATIENCE_MS, answer), QUERY_CLIENT_ANSWER);
}

static void expect_refused(struct query_client *client, struct query *query, enum reason reason) {
    struct answer answer;
    struct refused refused;
    ask(client, query, &answer);
    assert_true(query_client_refused(&answer, &refused));
    assert_int_equal(refused.reason, reason);
}

/* That the endpoint still answers. */
static void expect_alive(struct query_client *client) {
    struct query query = {.kind = QUERY_PARAMETERS};
    struct answer answer;
    ask(client, &query, &answer);
    assert_null(answer.refused.bytes);
}

static void every_question_is_answered(void **state) {
    (void)state;
    struct query_client *client = trial_asker(&trial, &trial.operators[0]);
    struct client *ann = trial_client(&trial, 1);
    struct command sell = desk_sell(trial_account(&trial, 1), 20000, 5);
    struct report rests;
    uint64_t number = desk_send(ann, &sell, &rests);
    for (uint8_t kind = QUERY_ORDER; kind < QUERY_ENTRIES; kind++) {
        if (schema_query_body(kind) == NULL)
            continue;
        struct query query = {
            .kind = kind, .at_least = rests.sequence + 1, .wait_ms = QUERY_WAIT_MS_MAX};
        struct answer answer;
        struct answer_row row;
        if (kind == QUERY_ORDER || kind == QUERY_ORDER_HISTORY || kind == QUERY_QUEUE)
            query.order.order_id = order_id_of(trial_session(&trial, 1), number);
        if (kind == QUERY_ACCOUNT_HISTORY)
            query.account_history.account = trial_account(&trial, 1);
        if (kind == QUERY_SESSION_HISTORY)
            query.session_history.session = trial_session(&trial, 1);
        if (kind == QUERY_BOOK_LEVELS || kind == QUERY_BOOK_ORDERS)
            query.book_orders.instrument = 1;
        ask(client, &query, &answer);
        assert_null(answer.refused.bytes);
        assert_int_equal(query_client_row(&answer, &row),
                         kind != QUERY_TRADES); /* there were none */
    }
    struct command cancel = desk_cancel(order_id_of(trial_session(&trial, 1), number));
    struct report report;
    desk_send(ann, &cancel, &report);
    client_close(ann);
    query_client_close(client);
}

static void the_ledger_shows_its_newest_checkpoint(void **state) {
    (void)state;
    struct query_client *client = trial_asker(&trial, &trial.brokers[0]);
    struct query query = {.kind = QUERY_LEDGER};
    struct answer answer;
    struct answer_row row;
    char size[32];
    desk_until_counter(&trial, COUNTER_CHECKPOINT, 1);
    ask(client, &query, &answer);
    assert_true(query_client_row(&answer, &row));
    assert_true(row.ledger.durable > 0 && row.ledger.next >= row.ledger.durable);
    assert_true(row.ledger.checkpoint_bytes > 0);
    snprintf(size, sizeof size, "\n%lu\n", row.ledger.checkpoint_size);
    assert_non_null(memmem(row.ledger.checkpoint, row.ledger.checkpoint_bytes, size, strlen(size)));
    query_client_close(client);
}

/* --- as-of -------------------------------------------------------------------------------------
 */

static void what_a_report_told_is_in_an_answer_that_waits_for_it(void **state) {
    (void)state;
    struct query_client *client = trial_asker(&trial, &trial.brokers[0]);
    struct client *ann = trial_client(&trial, 1);
    for (int i = 0; i < 50; i++) {
        struct command sell = desk_sell(trial_account(&trial, 1), 20000, 5);
        struct answer answer;
        struct answer_row row;
        struct report report;
        uint64_t number = desk_send(ann, &sell, &report);
        uint64_t order_id = order_id_of(trial_session(&trial, 1), number);
        struct query query = {.kind = QUERY_ORDER,
                              .at_least = report.sequence + 1,
                              .wait_ms = QUERY_WAIT_MS_MAX,
                              .order = {order_id}};
        ask(client, &query, &answer);
        assert_null(answer.refused.bytes);
        assert_true(answer.as_of > report.sequence);
        assert_true(query_client_row(&answer, &row));
        assert_int_equal(row.order.order_id, order_id);
        struct command cancel = desk_cancel(order_id);
        desk_send(ann, &cancel, &report);
        query.at_least = report.sequence + 1;
        expect_refused(client, &query, REASON_UNKNOWN_ORDER);
    }
    client_close(ann);
    query_client_close(client);
}

static void a_wait_ends_with_its_time_and_says_how_far_it_came(void **state) {
    (void)state;
    struct query_client *client = trial_asker(&trial, &trial.brokers[0]);
    static const uint32_t WAITS[] = {0, 1, 50};
    for (size_t i = 0; i < sizeof WAITS / sizeof WAITS[0]; i++) {
        struct query query = {.kind = QUERY_PARAMETERS, .at_least = INT64_MAX, .wait_ms = WAITS[i]};
        struct answer answer;
        struct refused refused;
        ask(client, &query, &answer);
        assert_true(query_client_refused(&answer, &refused));
        assert_int_equal(refused.reason, REASON_NOT_READY);
        assert_string_equal(refused.field, "at_least");
        assert_int_equal(refused.limit, answer.as_of);
        assert_true(answer.as_of > 0);
    }
    query_client_close(client);
}

static void only_so_many_of_a_key_may_wait(void **state) {
    (void)state;
    struct query_client *client = trial_asker(&trial, &trial.brokers[0]);
    struct query_client *other = trial_asker(&trial, &trial.brokers[1]);
    struct query query = {.kind = QUERY_PARAMETERS, .at_least = INT64_MAX, .wait_ms = 300};
    uint32_t refusals[200] = {0};
    expect_alive(client);
    for (uint32_t i = 0; i < QUERY_WAITING_KEY_MAX + 1; i++)
        assert_true(query_client_add(client, &query) != 0);
    assert_true(query_client_flush(client));
    expect_alive(other);
    for (uint32_t i = 0; i < QUERY_WAITING_KEY_MAX + 1; i++) {
        struct answer answer;
        struct refused refused;
        assert_int_equal(query_client_poll(client, PATIENCE_MS, &answer), QUERY_CLIENT_ANSWER);
        assert_true(query_client_refused(&answer, &refused));
        assert_true(refused.reason < 200);
        refusals[refused.reason]++;
    }
    assert_int_equal(refusals[REASON_NO_CREDIT], 1);
    assert_int_equal(refusals[REASON_NOT_READY], QUERY_WAITING_KEY_MAX);
    query_client_close(client);
    query_client_close(other);
}

/* --- strangers and wild frames -----------------------------------------------------------------
 */

static void what_is_not_ones_own_is_not_there(void **state) {
    (void)state;
    struct query_client *bob = trial_asker(&trial, &trial.brokers[1]);
    struct client *ann = trial_client(&trial, 1);
    struct command sell = desk_sell(trial_account(&trial, 1), 20000, 5);
    uint64_t order_id = order_id_of(trial_session(&trial, 1), desk_rest(ann, &sell));
    struct query query = {.kind = QUERY_ORDER,
                          .at_least = client_next(ann),
                          .wait_ms = QUERY_WAIT_MS_MAX,
                          .order = {order_id}};
    expect_refused(bob, &query, REASON_UNKNOWN_ORDER);
    query =
        (struct query){.kind = QUERY_ACCOUNTS, .accounts = {.account = trial_account(&trial, 1)}};
    expect_refused(bob, &query, REASON_UNKNOWN_ACCOUNT);
    query = (struct query){.kind = QUERY_LIMITS};
    expect_refused(bob, &query, REASON_NOT_AUTHORISED);
    struct command cancel = desk_cancel(order_id);
    struct report report;
    desk_send(ann, &cancel, &report);
    client_close(ann);
    query_client_close(bob);
}

/* A line of raw bytes. */
static void open_raw(struct dial *dial, const struct curve_key *key) {
    struct dial_options options = {.context = trial.context,
                                   .endpoint = trial.query_endpoint,
                                   .server_z85 = trial.server.public_z85,
                                   .key = key};
    assert_int_equal(dial_open(dial, &options), 0);
    while (!dial->is_up) {
        (void)dial_wait(dial, PATIENCE_MS);
        (void)dial_event(dial);
    }
}

/* The refusal that answers a frame. */
static void expect_raw_refusal(struct dial *dial, struct span frame, uint64_t id,
                               const char *field) {
    zmq_msg_t message;
    struct answer answer;
    struct refused refused;
    zmq_msg_init(&message);
    assert_true(dial_send(dial, frame));
    while (!dial_receive(dial, &message))
        assert_true(dial_wait(dial, PATIENCE_MS));
    struct span rest = {zmq_msg_data(&message), zmq_msg_size(&message)};
    assert_true(codec_answer_read(&rest, &answer));
    assert_true(query_client_refused(&answer, &refused));
    assert_int_equal(answer.id, id);
    assert_int_equal(refused.reason, REASON_MALFORMED);
    assert_string_equal(refused.field, field);
    assert_true(answer.as_of > 0);
    zmq_msg_close(&message);
}

#define SPAN(...)                                                                                  \
    (struct span) {                                                                                \
        (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})                     \
    }

static void bytes_that_are_no_query_are_refused_by_field(void **state) {
    (void)state;
    static uint8_t many[2 * (FRAME_QUERIES_MAX + 1)];
    static uint8_t large[QUERY_FRAME_BYTES_MAX + 1];
    struct dial dial;
    open_raw(&dial, &trial.brokers[0]);
    expect_raw_refusal(&dial, (struct span){(const uint8_t *)"", 0}, 0, "frame.query");
    expect_raw_refusal(&dial, SPAN(0x12, 0), 0, "frame");
    expect_raw_refusal(&dial, SPAN(0x0a, 9, 1), 0, "frame.query");
    expect_raw_refusal(&dial, SPAN(0x0a, 0), 0, "query");
    expect_raw_refusal(&dial, SPAN(0x0a, 4, 0x08, 7, 0x30, 1), 7, "query");
    expect_raw_refusal(&dial, SPAN(0x0a, 7, 0x08, 7, 0x18, 0x91, 0x4e, 0x7a, 0), 7, "wait_ms");
    expect_raw_refusal(&dial, SPAN(0x0a, 6, 0x7a, 2, 0x08, 1, 0x08, 8), 8, "query");
    for (size_t i = 0; i < sizeof many; i += 2)
        many[i] = 0x0a;
    expect_raw_refusal(&dial, (struct span){many, sizeof many}, 0, "frame.query");
    large[0] = 0x0a;
    expect_raw_refusal(&dial, (struct span){large, sizeof large}, 0, "frame");
    dial_close(&dial);
}

static void random_frames_harm_nobody(void **state) {
    (void)state;
    struct query_client *other = trial_asker(&trial, &trial.brokers[1]);
    struct dial dial;
    uint64_t random = 20261124;
    uint8_t frame[600];
    open_raw(&dial, &trial.brokers[0]);
    for (int i = 0; i < 3000; i++) {
        for (size_t at = 0; at < sizeof frame; at++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
            frame[at] = (uint8_t)(random >> 56) & (random >> 40 & 1 ? 0xff : 0x7b);
        }
        frame[0] = 0x0a;
        frame[1] = (uint8_t)(random >> 50 & 0x3f);
        (void)dial_send(&dial, (struct span){frame, (size_t)(random >> 48) % sizeof frame});
    }
    expect_alive(other);
    dial_close(&dial);
    query_client_close(other);
}

static void too_large_a_message_ends_its_connection_alone(void **state) {
    (void)state;
    static uint8_t large[4 * QUERY_FRAME_BYTES_MAX];
    struct query_client *other = trial_asker(&trial, &trial.brokers[1]);
    struct dial dial;
    expect_alive(other);
    open_raw(&dial, &trial.brokers[0]);
    assert_true(dial_send(&dial, (struct span){large, sizeof large}));
    while (dial.is_up) {
        assert_true(dial_wait(&dial, PATIENCE_MS));
        (void)dial_event(&dial);
    }
    dial_close(&dial);
    expect_alive(other);
    query_client_close(other);
}

/* Resident memory of the server, in KiB. */
static uint64_t server_memory(void) {
    char path[64];
    unsigned long pages = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)trial.pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%*u %lu", &pages), 1);
    fclose(file);
    return pages * 4;
}

/* Answers pile up to the bound of one connection, and are dropped from there on. */
static void a_client_that_does_not_read_is_bounded(void **state) {
    (void)state;
    struct query_client *other = trial_asker(&trial, &trial.brokers[1]);
    void *socket = zmq_socket(trial.context, ZMQ_DEALER);
    const struct counters *counters = counters_look(trial.exchange);
    struct query query = {.id = 1, .kind = QUERY_LEDGER};
    uint8_t frame[FRAME_QUERIES_MAX * 16];
    uint8_t bytes[QUERY_BYTES_MAX];
    uint8_t *at = frame;
    int one = 1;
    int none = 0;
    assert_true(socket != NULL && counters != NULL);
    zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt(socket, ZMQ_RCVHWM, &one, sizeof one);
    zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, trial.server.public_z85, KEYFILE_Z85_CHARS);
    zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, trial.brokers[0].public_z85, KEYFILE_Z85_CHARS);
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, trial.brokers[0].secret_z85, KEYFILE_Z85_CHARS);
    assert_int_equal(zmq_connect(socket, trial.query_endpoint), 0);
    size_t size = codec_query_encode(&query, bytes);
    for (int i = 0; i < FRAME_QUERIES_MAX; i++) {
        *at = WIRE_TAG(1, WIRE_BYTES);
        at = wire_put_bytes(at + 1, bytes, size);
    }
    expect_alive(other);
    uint64_t before = server_memory();
    uint64_t dropped = counter_get(counters, COUNTER_ANSWERS_DROPPED);
    while (counter_get(counters, COUNTER_ANSWERS_DROPPED) < dropped + 100)
        assert_true(zmq_send(socket, frame, (size_t)(at - frame), 0) > 0);
    expect_alive(other);
    assert_true(server_memory() < before + QUERY_PIPE_MESSAGES * ANSWER_FRAME_BYTES_MAX / 1024);
    zmq_close(socket);
    query_client_close(other);
}

static void a_key_that_is_unknown_is_not_let_in(void **state) {
    (void)state;
    struct curve_key key;
    struct query query = {.kind = QUERY_PARAMETERS};
    struct answer answer;
    assert_int_equal(keyfile_curve_generate(&key), 0);
    struct query_client *client = trial_asker(&trial, &key);
    assert_int_equal(query_client_ask(client, &query, PATIENCE_MS, &answer),
                     QUERY_CLIENT_KEY_REFUSED);
    query_client_close(client);
}

static void a_key_that_is_revoked_hears_nothing_more(void **state) {
    (void)state;
    struct curve_key key;
    struct query query = {.kind = QUERY_PARAMETERS};
    struct act add = {.kind = ACT_ADD_KEY,
                      .add_key = {.participant = trial_broker(&trial, 1), .person = 4711}};
    assert_int_equal(keyfile_curve_generate(&key), 0);
    memcpy(add.add_key.key, key.public_key, KEY_BYTES);
    uint32_t number = (uint32_t)trial_act(&trial, &add, NULL);
    struct query_client *client = trial_asker(&trial, &key);
    struct answer answer;
    struct refused refused;
    do /* the key may be younger than what the shadow has seen */
        ask(client, &query, &answer);
    while (query_client_refused(&answer, &refused) && refused.reason == REASON_NOT_READY);
    assert_null(answer.refused.bytes);
    struct act revoke = {.kind = ACT_REVOKE_KEY,
                         .revoke_key = {.key = number, .keeps_orders = true}};
    trial_act(&trial, &revoke, NULL);
    expect_refused(client, &query, REASON_KEY_REVOKED);
    query_client_close(client);
}

/* --- truth under load --------------------------------------------------------------------------
 */

#define SAMPLES 12u

struct sample {
    uint64_t as_of;
    uint8_t kind;
    uint32_t count;
    struct answer_row rows[QUERY_ROWS_MAX];
};

static struct sample samples[SAMPLES];
static _Atomic bool is_load_over;

#define LOAD_RESTING 100u
#define LOAD_WINDOW  200u

static uint64_t load_send(struct client *client, const struct command *command) {
    struct client_item item;
    uint64_t number = client_add(client, command, NULL);
    client_flush(client);
    while (client_unanswered(client) > LOAD_WINDOW)
        client_poll(client, PATIENCE_MS, &item);
    return number;
}

/* Orders that come, trade now and then, and go, for two instruments. */
static void *run_load(void *owner) {
    static uint64_t numbers[LOAD_RESTING];
    struct client *client = trial_client(&trial, 3);
    uint32_t account = trial_account(&trial, 1);
    uint32_t session = trial_session(&trial, 3);
    (void)owner;
    for (uint64_t i = 0; !atomic_load(&is_load_over); i++) {
        enum side side = i % 3 != 0 ? SIDE_BUY : SIDE_SELL;
        int64_t price = side == SIDE_BUY ? 9000 - (int64_t)(i % 50) : 8990 + (int64_t)(i % 70);
        struct command enter = desk_order(account, (uint32_t)(1 + i % 2), side, price, 1 + i % 9);
        struct command cancel = desk_cancel(order_id_of(session, numbers[i % LOAD_RESTING]));
        if (i >= LOAD_RESTING)
            load_send(client, &cancel);
        numbers[i % LOAD_RESTING] = load_send(client, &enter);
    }
    desk_all_answered(client);
    client_close(client);
    return NULL;
}

static void take_sample(struct query_client *client, struct sample *sample, uint8_t kind) {
    struct query query = {.kind = kind};
    struct answer answer;
    if (kind == QUERY_BOOK_ORDERS)
        query.book_orders.instrument = 1;
    if (kind == QUERY_BOOK_LEVELS)
        query.book_levels.instrument = 2;
    ask(client, &query, &answer);
    assert_null(answer.refused.bytes);
    assert_int_equal(answer.cursor.size, 0);
    *sample = (struct sample){.as_of = answer.as_of, .kind = kind};
    while (query_client_row(&answer, &sample->rows[sample->count]))
        sample->count++;
}

static void compare_entries(const struct engine *engine, const struct sample *sample) {
    struct order_view order;
    uint32_t at = 0;
    for (enum side side = SIDE_BUY; side <= SIDE_SELL; side++) {
        bool is_there = engine_book_from(engine, 1, side, 0, &order);
        while (is_there) {
            struct order_view from = order;
            assert_true(at < sample->count);
            assert_int_equal(sample->rows[at].entry.entry, order.entry);
            assert_int_equal(sample->rows[at].entry.price_fen, order.price_fen);
            assert_int_equal(sample->rows[at].entry.quantity, order.leaves_qty);
            at++;
            is_there = engine_book_next(engine, &from, &order);
        }
    }
    assert_int_equal(at, sample->count);
}

static void compare_levels(const struct engine *engine, const struct sample *sample) {
    static struct depth_level levels[QUERY_ROWS_MAX];
    uint32_t at = 0;
    for (enum side side = SIDE_BUY; side <= SIDE_SELL; side++) {
        uint32_t count = engine_depth(engine, 2, side, levels, QUERY_ROWS_MAX);
        for (uint32_t i = 0; i < count; i++) {
            assert_true(at < sample->count);
            assert_int_equal(sample->rows[at].level.side, side);
            assert_int_equal(sample->rows[at].level.level.price_fen, levels[i].price_fen);
            assert_int_equal(sample->rows[at].level.level.quantity, levels[i].quantity);
            assert_int_equal(sample->rows[at++].level.level.orders, levels[i].orders);
        }
    }
    assert_int_equal(at, sample->count);
}

static void compare_accounts(const struct engine *engine, const struct sample *sample) {
    assert_int_equal(sample->count, engine_count(engine, POOL_ACCOUNTS));
    for (uint32_t i = 0; i < sample->count; i++) {
        struct account_view view;
        assert_true(engine_account(engine, i + 1, &view));
        assert_int_equal(sample->rows[i].account.account, i + 1);
        assert_int_equal(sample->rows[i].account.view.cash_fen, view.cash_fen);
        assert_int_equal(sample->rows[i].account.view.reserved_fen, view.reserved_fen);
    }
}

static void compare_samples(struct replay *replay) {
    const struct engine *engine = replay_engine(replay, NULL);
    for (uint32_t i = 0; i < SAMPLES; i++) {
        if (samples[i].as_of != replay_next(replay))
            continue;
        assert_false(replay_is_within(replay));
        if (samples[i].kind == QUERY_BOOK_ORDERS)
            compare_entries(engine, &samples[i]);
        else if (samples[i].kind == QUERY_BOOK_LEVELS)
            compare_levels(engine, &samples[i]);
        else
            compare_accounts(engine, &samples[i]);
        samples[i].as_of = 0; /* done */
    }
}

static void answers_under_load_are_the_ledgers_truth_as_of_their_as_of(void **state) {
    (void)state;
    static const uint8_t KINDS[] = {QUERY_BOOK_ORDERS, QUERY_BOOK_LEVELS, QUERY_ACCOUNTS};
    struct query_client *client = trial_asker(&trial, &trial.operators[0]);
    char ledger[TRIAL_PATH_MAX + 16];
    struct reader *reader;
    struct reader_record record;
    struct finding finding;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, run_load, NULL), 0);
    uint64_t seen = desk_ledger_next(&trial);
    for (uint32_t i = 0; i < SAMPLES; i++) {
        /* Some thousand records lie between two samples. */
        struct query query = {
            .kind = QUERY_PARAMETERS, .at_least = seen + 2000, .wait_ms = QUERY_WAIT_MS_MAX};
        struct answer answer;
        ask(client, &query, &answer);
        assert_null(answer.refused.bytes);
        take_sample(client, &samples[i], KINDS[i % 3]);
        assert_true(samples[i].as_of >= seen + 2000);
        seen = samples[i].as_of;
    }
    atomic_store(&is_load_over, true);
    pthread_join(thread, NULL);
    query_client_close(client);

    snprintf(ledger, sizeof ledger, "%s/ledger", trial.exchange);
    assert_int_equal(reader_open(&reader, ledger, false), 0);
    struct replay *replay = replay_create(NULL);
    assert_non_null(replay);
    for (int step = READER_PAUSE; step > 0 && replay_next(replay) < seen;) {
        step = reader_next(reader, &record);
        if (step != READER_RECORD)
            continue;
        assert_true(replay_record(replay, record.bytes, record.size, &finding));
        compare_samples(replay);
    }
    for (uint32_t i = 0; i < SAMPLES; i++)
        assert_int_equal(samples[i].as_of, 0);
    replay_destroy(replay);
    reader_close(reader);
}

static void after_a_restart_the_same_is_answered(void **state) {
    (void)state;
    struct client *ann = trial_client(&trial, 1);
    struct command sell = desk_sell(trial_account(&trial, 1), 20000, 5);
    uint64_t order_id = order_id_of(trial_session(&trial, 1), desk_rest(ann, &sell));
    uint64_t next = client_next(ann);
    client_close(ann);
    trial_kill(&trial);
    trial_start(&trial);
    struct query_client *client = trial_asker(&trial, &trial.brokers[0]);
    struct query query = {
        .kind = QUERY_ORDER, .at_least = next, .wait_ms = QUERY_WAIT_MS_MAX, .order = {order_id}};
    struct answer answer;
    struct answer_row row;
    ask(client, &query, &answer);
    assert_null(answer.refused.bytes);
    assert_true(query_client_row(&answer, &row));
    assert_int_equal(row.order.order_id, order_id);
    query_client_close(client);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_question_is_answered),
        cmocka_unit_test(the_ledger_shows_its_newest_checkpoint),
        cmocka_unit_test(what_a_report_told_is_in_an_answer_that_waits_for_it),
        cmocka_unit_test(a_wait_ends_with_its_time_and_says_how_far_it_came),
        cmocka_unit_test(only_so_many_of_a_key_may_wait),
        cmocka_unit_test(what_is_not_ones_own_is_not_there),
        cmocka_unit_test(bytes_that_are_no_query_are_refused_by_field),
        cmocka_unit_test(random_frames_harm_nobody),
        cmocka_unit_test(too_large_a_message_ends_its_connection_alone),
        cmocka_unit_test(a_client_that_does_not_read_is_bounded),
        cmocka_unit_test(a_key_that_is_unknown_is_not_let_in),
        cmocka_unit_test(a_key_that_is_revoked_hears_nothing_more),
        cmocka_unit_test(answers_under_load_are_the_ledgers_truth_as_of_their_as_of),
        cmocka_unit_test(after_a_restart_the_same_is_answered),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
