/*
 * libtpx's feed client against the exchange's own books, under load: through cut connections,
 * frames that are lost, late joins and restarts.
 *
 * A trace notes after each event what the book is; answers of the query, each as of a sequence, are
 * held against it afterwards.
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

#include "bench/random.h"
#include "gateway/clock.h"
#include "gateway/counters.h"
#include "gateway/feed_client.h"
#include "gateway/query_client.h"
#include "proto/feed_frame.h"
#include "tests/e2e/desk.h"
#include "tests/e2e/relay.h"
#include "tests/e2e/tap.h"

#define INSTRUMENTS 258 /* two channels */
/* What memory may grow by while nobody reads; TSan has shadows of all of it. */
#ifdef __SANITIZE_THREAD__
#define GROWTH_KIB_MAX (8192u * 16u)
#else
#define GROWTH_KIB_MAX 8192u
#endif

static struct trial trial;
static struct trial_options options = {.config = "heartbeat_ms = 100\n",
                                       .brokers = 2,
                                       .sessions = 3,
                                       .accounts = 3,
                                       .instruments = INSTRUMENTS};

/* What is followed: of both channels. */
static const uint32_t FOLLOWED[] = {1, 2, 256};
#define FOLLOWED_COUNT 3

static int set_up(void **state) {
    (void)state;
    desk_set_up(&trial, &options);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    desk_tear_down(&trial);
    return 0;
}

/* --- load ----------------------------------------------------------------------------------------
 */

struct load {
    pthread_t thread;
    uint32_t session;
    _Atomic bool stops;
    _Atomic uint64_t sent;
};

/* Orders near 10.00 that meet now and then, replaced and cancelled later; sometimes all at once. */
static struct command next_command(struct random *random, uint32_t session, uint64_t number) {
    uint32_t instrument = FOLLOWED[random_below(random, FOLLOWED_COUNT)];
    enum side side = (enum side)random_between(random, SIDE_BUY, SIDE_SELL);
    int64_t price_fen = (side == SIDE_BUY ? 980 : 1000) + random_below(random, 22);
    uint64_t old = number > 40 ? number - random_below(random, 40) : 1;
    struct command command =
        desk_order(session, instrument, side, price_fen, random_between(random, 1, 50));
    if (random_below(random, 10) < 4)
        command = desk_cancel(order_id_of(trial_session(&trial, session), old));
    if (random_below(random, 10) < 2)
        command = (struct command){
            .verb = VERB_REPLACE,
            .replace = {.order_id = order_id_of(trial_session(&trial, session), old),
                        .price_fen = price_fen,
                        .order_qty = random_between(random, 1, 60)}};
    if (random_once_in(random, 400))
        command = (struct command){.verb = VERB_MASS_CANCEL,
                                   .mass_cancel.session = trial_session(&trial, session)};
    return command;
}

static void *run_load(void *owner) {
    struct load *load = owner;
    struct random random = {load->session};
    struct client *client = trial_client(&trial, load->session);
    struct client_item item;
    uint64_t number = client_logged_on(client)->last_number;
    while (!atomic_load(&load->stops)) {
        for (uint32_t i = 0; i < 16; i++) {
            struct command command = next_command(&random, load->session, number);
            number = client_add(client, &command, NULL);
        }
        client_flush(client);
        while (client_unanswered(client) > 64)
            client_poll(client, 1000, &item);
        atomic_fetch_add(&load->sent, 16);
    }
    while (client_unanswered(client) > 0)
        client_poll(client, 1000, &item);
    client_close(client);
    return NULL;
}

static void load_begin(struct load *load, uint32_t session) {
    *load = (struct load){.session = session};
    assert_int_equal(pthread_create(&load->thread, NULL, run_load, load), 0);
}

static void load_end(struct load *load) {
    atomic_store(&load->stops, true);
    pthread_join(load->thread, NULL);
}

/* --- books ---------------------------------------------------------------------------------------
 */

static uint64_t mix(uint64_t hash, const struct feed_order *order) {
    struct random random = {hash ^ order->entry * 31 ^ (uint64_t)order->price_fen * 1009 ^
                            order->quantity * 65537 ^ (uint64_t)order->side << 50};
    return random_next(&random);
}

static uint64_t hash_of_book(const struct feed_book *book) {
    uint64_t hash = 1;
    struct feed_order order;
    for (uint8_t side = SIDE_BUY; side <= SIDE_SELL; side++) {
        uint64_t cursor = 0;
        while (feed_book_next(book, (enum side)side, &cursor, &order))
            hash = mix(hash, &order);
    }
    return hash;
}

/* The exchange's own, and as of when its last page is; 0 when it has more pages than one and was
 * not to stand still. */
static uint64_t hash_of_query(struct query_client *asker, uint32_t instrument, uint64_t at_least,
                              uint64_t *as_of) {
    bool stands_still = at_least > 0;
    struct query query = {.kind = QUERY_BOOK_ORDERS,
                          .at_least = at_least,
                          .wait_ms = 5000,
                          .book_orders.instrument = instrument};
    struct answer answer;
    struct answer_row row;
    uint64_t hash = 1;
    do {
        assert_int_equal(query_client_ask(asker, &query, DESK_PATIENCE_MS, &answer),
                         QUERY_CLIENT_ANSWER);
        assert_null(answer.refused.bytes);
        *as_of = answer.as_of;
        while (query_client_row(&answer, &row)) {
            struct feed_order order = {row.entry.entry, row.entry.price_fen, row.entry.quantity,
                                       row.entry.side};
            hash = mix(hash, &order);
        }
    } while (stands_still && query_client_next_page(&query, &answer));
    return stands_still || answer.cursor.size == 0 ? hash : 0;
}

static struct feed_client *open_feed(const char *endpoint, int frames_max) {
    struct feed_client_options wanted = {.context = trial.context,
                                         .endpoint = endpoint,
                                         .query_endpoint = trial.query_endpoint,
                                         .server_z85 = trial.server.public_z85,
                                         .key = &trial.brokers[0],
                                         .frames_max = frames_max};
    struct feed_client *client = feed_client_open(&wanted);
    assert_non_null(client);
    for (size_t i = 0; i < FOLLOWED_COUNT; i++)
        assert_true(feed_client_follow(client, FOLLOWED[i]));
    return client;
}

/* Until all books are live and everything below a sequence was told. */
static void catch_up(struct feed_client *client, uint64_t sequence) {
    int64_t deadline_ns = clock_mono_ns() + DESK_PATIENCE_MS * CLOCK_MILLISECOND_NS;
    struct feed_item item;
    for (size_t i = 0; i < FOLLOWED_COUNT; i++)
        while (!feed_client_is_live(client, FOLLOWED[i]) ||
               feed_client_told(client, FOLLOWED[i]) < sequence) {
            feed_client_poll(client, 100, &item);
            assert_true(clock_mono_ns() < deadline_ns);
        }
}

/* Nothing moves any more: both sides' books are the same. */
static void check_books(const struct feed_client *client, struct query_client *asker) {
    uint64_t as_of;
    for (size_t i = 0; i < FOLLOWED_COUNT; i++) {
        const struct feed_book *book = feed_client_book(client, FOLLOWED[i]);
        uint64_t hash = hash_of_query(asker, FOLLOWED[i], feed_book_as_of(book), &as_of);
        feed_book_check(book);
        assert_int_not_equal(hash, 0);
        assert_int_equal(hash_of_book(book), hash);
    }
}

static void settle_and_check(struct feed_client *client, struct query_client *asker) {
    catch_up(client, desk_ledger_next(&trial));
    check_books(client, asker);
}

/* --- the trace -----------------------------------------------------------------------------------
 */

#define TRACE_MAX   400000
#define ANSWERS_MAX 4000

struct trace {
    struct {
        uint64_t sequence; /* of the event; of LIVE: as-of - 1 */
        uint64_t hash;
    } note[TRACE_MAX];
    uint32_t count;
    struct {
        uint64_t as_of;
        uint64_t hash;
        uint32_t place; /* of the trace when it came */
    } answer[ANSWERS_MAX];
    uint32_t answers;
    uint32_t broken[TRACE_MAX / 100]; /* places at which a gap was seen */
    uint32_t breaks;
};

/* Follows the first instrument. */
static void trace_item(struct trace *trace, const struct feed_client *client,
                       const struct feed_item *item) {
    const struct feed_book *book = feed_client_book(client, FOLLOWED[0]);
    bool is_live = item->kind == FEED_LIVE && item->instrument == FOLLOWED[0];
    bool is_event = item->kind == FEED_EVENT && item->report.body >= REPORT_BOOK_ADDED &&
                    item->report.body <= REPORT_BOOK_TRADED &&
                    item->report.book.instrument == FOLLOWED[0];
    if (item->kind == FEED_GAP && item->channel == feed_channel_of(FOLLOWED[0]))
        trace->broken[trace->breaks++] = trace->count;
    if (!feed_client_is_live(client, FOLLOWED[0]) || !(is_live || is_event))
        return;
    assert_true(trace->count < TRACE_MAX);
    trace->note[trace->count].sequence =
        is_event ? item->report.sequence : feed_client_told(client, FOLLOWED[0]) - 1;
    trace->note[trace->count++].hash = hash_of_book(book);
}

static bool is_broken(const struct trace *trace, uint32_t place) {
    for (uint32_t i = 0; i < trace->breaks; i++)
        if (trace->broken[i] == place)
            return true;
    return false;
}

/* Every answer between two notes of the trace is what the trace says. Returns how many there were.
 */
static uint32_t trace_check(const struct trace *trace) {
    uint32_t checked = 0;
    for (uint32_t i = 0; i < trace->answers; i++) {
        uint64_t as_of = trace->answer[i].as_of;
        for (uint32_t place = 1; place < trace->count; place++) {
            bool is_it = trace->note[place - 1].sequence < as_of &&
                         trace->note[place].sequence >= as_of && !is_broken(trace, place);
            if (!is_it)
                continue;
            assert_int_equal(trace->note[place - 1].hash, trace->answer[i].hash);
            checked++;
            break;
        }
    }
    return checked;
}

static void trace_ask(struct trace *trace, struct query_client *asker) {
    uint64_t as_of;
    uint64_t hash = hash_of_query(asker, FOLLOWED[0], 0, &as_of);
    if (hash == 0 || trace->answers == ANSWERS_MAX)
        return;
    trace->answer[trace->answers].as_of = as_of;
    trace->answer[trace->answers++].hash = hash;
}

static void follow_nothing(void) {
    struct timespec moment = {.tv_nsec = CLOCK_MILLISECOND_NS};
    nanosleep(&moment, NULL);
}

static uint64_t counter_of(enum counter counter) {
    const struct counters *counters = counters_look(trial.exchange);
    assert_non_null(counters);
    uint64_t value = counter_get(counters, counter);
    counters_close((struct counters *)(uintptr_t)counters);
    return value;
}

/* --- the tests -----------------------------------------------------------------------------------
 */

static void disturb(struct relay *relay, uint32_t round) {
    if (round % 3 == 0)
        relay_cut(relay);
    else
        relay_hold_answers(relay, round % 3 == 1);
}

/* Polls for a while, asking the query now and then. */
static void follow_for(struct feed_client *client, struct query_client *asker, struct trace *trace,
                       int64_t time_ns) {
    int64_t end_ns = clock_mono_ns() + time_ns;
    int64_t ask_ns = 0;
    struct feed_item item;
    while (clock_mono_ns() < end_ns) {
        feed_client_poll(client, 5, &item);
        trace_item(trace, client, &item);
        if (clock_mono_ns() >= ask_ns) {
            trace_ask(trace, asker);
            ask_ns = clock_mono_ns() + 5 * CLOCK_MILLISECOND_NS;
        }
    }
}

static void books_are_the_exchange_s_under_load_through_drops_and_joins(void **state) {
    struct trace *trace = calloc(1, sizeof *trace);
    struct query_client *asker = trial_asker(&trial, &trial.brokers[1]);
    struct relay *relay = relay_open();
    struct load loads[3];
    (void)state;
    assert_non_null(trace);
    relay_target(relay, trial.feed_endpoint);
    for (uint32_t i = 0; i < 3; i++)
        load_begin(&loads[i], i + 1);
    struct feed_client *client = open_feed(relay_endpoint(relay), 0);
    for (uint32_t round = 0; round < 9; round++) {
        struct feed_client *joiner = open_feed(trial.feed_endpoint, 0);
        follow_for(client, asker, trace, 300 * CLOCK_MILLISECOND_NS);
        catch_up(joiner, 0);
        disturb(relay, round);
        if (round == 8)
            for (uint32_t i = 0; i < 3; i++)
                load_end(&loads[i]);
        if (round == 8)
            settle_and_check(joiner, asker);
        feed_client_close(joiner);
    }
    relay_hold_answers(relay, false);
    settle_and_check(client, asker);
    assert_true(feed_client_counts(client).lost >= 2 && feed_client_counts(client).gaps >= 2);
    assert_true(trace_check(trace) > 50);
    feed_client_close(client);
    query_client_close(asker);
    relay_close(relay);
    free(trace);
}

static void a_client_that_loses_frames_sees_it_and_makes_its_books_whole(void **state) {
    struct query_client *asker = trial_asker(&trial, &trial.brokers[1]);
    struct relay *relay = relay_open();
    struct load load;
    (void)state;
    relay_target(relay, trial.feed_endpoint);
    relay_narrow(relay);
    struct feed_client *client = open_feed(relay_endpoint(relay), 4);
    catch_up(client, 1);
    load_begin(&load, 1);
    relay_hold_answers(relay, true);
    uint64_t goal = counter_of(COUNTER_FEED_FRAMES) + 1000;
    while (counter_of(COUNTER_FEED_FRAMES) < goal) /* it reads no frame, and dials no other line */
        follow_nothing();
    relay_hold_answers(relay, false);
    load_end(&load);
    settle_and_check(client, asker);
    assert_true(feed_client_counts(client).gaps > 0);
    feed_client_close(client);
    query_client_close(asker);
    relay_close(relay);
}

static void a_server_that_starts_again_is_followed_further(void **state) {
    struct relay *relay = relay_open();
    struct load load;
    (void)state;
    relay_target(relay, trial.feed_endpoint);
    struct feed_client_options wanted = {.context = trial.context,
                                         .endpoint = relay_endpoint(relay),
                                         .server_z85 = trial.server.public_z85,
                                         .key = &trial.brokers[0]};
    struct relay *queries = relay_open();
    relay_target(queries, trial.query_endpoint);
    wanted.query_endpoint = relay_endpoint(queries);
    struct feed_client *client = feed_client_open(&wanted);
    assert_non_null(client);
    for (size_t i = 0; i < FOLLOWED_COUNT; i++)
        assert_true(feed_client_follow(client, FOLLOWED[i]));
    catch_up(client, 1);
    load_begin(&load, 1);
    while (atomic_load(&load.sent) < 500) {
        struct feed_item item;
        feed_client_poll(client, 1, &item);
    }
    load_end(&load);
    trial_kill(&trial);
    trial_start(&trial);
    relay_target(relay, trial.feed_endpoint);
    relay_target(queries, trial.query_endpoint);
    load_begin(&load, 2);
    while (atomic_load(&load.sent) < 500) {
    }
    load_end(&load);
    struct query_client *asker = trial_asker(&trial, &trial.brokers[1]);
    settle_and_check(client, asker);
    assert_true(feed_client_counts(client).lost >= 1);
    query_client_close(asker);
    feed_client_close(client);
    relay_close(queries);
    relay_close(relay);
}

static void an_instrument_that_does_not_exist_has_no_book_until_it_does(void **state) {
    struct act add = {.kind = ACT_ADD_INSTRUMENT,
                      .add_instrument = {.tick_fen = 1, .lot_min = 1, .lot_step = 1}};
    struct feed_item item;
    (void)state;
    struct feed_client *client = open_feed(trial.feed_endpoint, 0);
    assert_true(feed_client_follow(client, INSTRUMENTS + 1));
    assert_false(feed_client_wait_live(client, INSTRUMENTS + 1, DESK_PATIENCE_MS, &item));
    assert_int_equal(item.kind, FEED_NO_BOOK);
    assert_int_equal(item.reason, REASON_UNKNOWN_INSTRUMENT);
    memcpy(add.add_instrument.symbol, "NEW", 3);
    add.add_instrument.symbol_bytes = 3;
    assert_int_equal(trial_act(&trial, &add, NULL), INSTRUMENTS + 1);
    assert_true(feed_client_wait_live(client, INSTRUMENTS + 1, DESK_PATIENCE_MS, &item));
    feed_client_close(client);
}

static void a_key_that_is_not_accepted_is_told(void **state) {
    struct curve_key stranger;
    struct feed_item item;
    (void)state;
    assert_int_equal(keyfile_curve_generate(&stranger), 0);
    struct feed_client_options wanted = {.context = trial.context,
                                         .endpoint = trial.feed_endpoint,
                                         .server_z85 = trial.server.public_z85,
                                         .key = &stranger};
    struct feed_client *client = feed_client_open(&wanted);
    feed_client_listen(client, FEED_CHANNEL_ALL);
    do
        feed_client_poll(client, DESK_PATIENCE_MS, &item);
    while (item.kind == FEED_LOST);
    assert_int_equal(item.kind, FEED_KEY_REFUSED);
    feed_client_close(client);
}

/* --- memory --------------------------------------------------------------------------------------
 */

static uint64_t anonymous_kib(void) {
    char path[64];
    char line[256];
    unsigned long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", trial.pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        (void)sscanf(line, "RssAnon: %lu kB", &kib);
    fclose(file);
    assert_int_not_equal(kib, 0);
    return kib;
}

/* Sends until the feed has told so many frames more. */
static void load_frames(uint64_t frames) {
    const struct counters *counters = counters_look(trial.exchange);
    struct load loads[2];
    assert_non_null(counters);
    uint64_t goal = counter_get(counters, COUNTER_FEED_FRAMES) + frames;
    for (uint32_t i = 0; i < 2; i++)
        load_begin(&loads[i], i + 1);
    while (counter_get(counters, COUNTER_FEED_FRAMES) < goal)
        follow_nothing();
    for (uint32_t i = 0; i < 2; i++)
        load_end(&loads[i]);
    counters_close((struct counters *)(uintptr_t)counters);
}

static void subscribers_that_never_read_cost_no_more_memory_with_time(void **state) {
    struct relay *relay = relay_open();
    struct tap taps[8];
    (void)state;
    relay_target(relay, trial.feed_endpoint);
    relay_narrow(relay);
    for (size_t i = 0; i < 8; i++) {
        tap_open(&taps[i], &trial, &trial.brokers[0], relay_endpoint(relay));
        tap_all(&taps[i]);
        tap_until(&taps[i], 0, 1);
    }
    relay_hold_answers(relay, true);
    load_frames(1000);
    uint64_t before = anonymous_kib();
    load_frames(2000);
    uint64_t after = anonymous_kib();
    print_message("%lu KiB, then %lu\n", before, after);
    assert_true(after < before + GROWTH_KIB_MAX);
    for (size_t i = 0; i < 8; i++)
        tap_close(&taps[i]);
    relay_close(relay);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(books_are_the_exchange_s_under_load_through_drops_and_joins),
        cmocka_unit_test(a_client_that_loses_frames_sees_it_and_makes_its_books_whole),
        cmocka_unit_test(subscribers_that_never_read_cost_no_more_memory_with_time),
        cmocka_unit_test(an_instrument_that_does_not_exist_has_no_book_until_it_does),
        cmocka_unit_test(a_key_that_is_not_accepted_is_told),
        cmocka_unit_test(a_server_that_starts_again_is_followed_further),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
