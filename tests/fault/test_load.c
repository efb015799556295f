/*
 * Load that is meant to hurt: who never reads, who sends rubbish, and commands that touch a hundred
 * thousand orders or a million; everybody else trades on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "gateway/clock.h"
#include "tests/e2e/line.h"
#include "tests/fault/crowd.h"
#include "tests/fault/faulty_disk.h"
#include "tests/fault/witness.h"

/* Room for a million orders at rest. */
static const char LARGE[] =
    "heartbeat_ms = 20000\ndisk_low_mib = 64\ndisk_critical_mib = 32\ndisk_halt_mib = 16\n"
    "disk_zero_mib = 8\nlimits {\n orders = 1100000\n levels = 10000\n "
    "instruments = 100\n accounts = 100\n holdings = 1000\n}\n";
/* Frames that nobody reads the answers to, until buffers of libzmq and the kernel are full. */
#define FRAMES_MAX     20000
#define FRAME_REQUESTS 50u
#define SWEPT          100000u
#define CANCELED       1000000u
/* Reports of a long answer that are read before others ask again. */
#define READ_AT_ONCE 20000u
/* Far above what is aimed at (200 ms for the sweep on a quiet machine), for a machine
 * that does other things too; a test of function, not of speed. */
#define DELAY_MAX_MS 20000

static void make_trial(struct trial *trial, const char *config, const char *preload,
                       uint32_t sessions) {
    struct trial_options options = {.config = config,
                                    .preload = preload,
                                    .brokers = 2,
                                    .sessions = sessions,
                                    .accounts = 2,
                                    .instruments = 4};
    trial_create(trial, &options);
}

static void open_trial(struct trial *trial, const char *config, uint32_t sessions) {
    make_trial(trial, config, NULL, sessions);
    trial_start(trial);
    trial_furnish(trial);
}

static void close_trial(struct trial *trial) {
    assert_int_equal(trial_stop(trial), 0);
    (void)witness_verify(trial);
    trial_remove(trial);
}

static void must_be_well(const char *fault) {
    if (fault != NULL)
        fail_msg("%s", fault);
}

static void crowd_ends_well(struct crowd *crowd, struct trial *trial) {
    assert_true(crowd_settle(crowd));
    assert_int_equal(trial_stop(trial), 0);
    crowd_hang_up(crowd);
    must_be_well(crowd_check(crowd));
    (void)witness_verify(trial);
    crowd_destroy(crowd);
    trial_remove(trial);
}

/* --- who never reads ---------------------------------------------------------------------------
 */

/* How many reports a session gets that has seen none. */
static uint64_t answers_from_the_start(const struct trial *trial, uint32_t session) {
    struct client_options options = {.context = trial->context,
                                     .endpoint = trial->endpoint,
                                     .server_z85 = trial->server.public_z85,
                                     .key = &trial->brokers[trial_owner(trial, session) - 1],
                                     .session = trial_session(trial, session)};
    struct client *client = client_open(&options);
    struct client_item item;
    uint64_t answers = 0;
    do {
        client_poll(client, TRIAL_PATIENCE_MS, &item);
        assert_int_not_equal(item.kind, CLIENT_NOTHING);
        answers += item.kind == CLIENT_REPORT && report_answers(&item.report) != 0;
    } while (item.kind != CLIENT_LIVE);
    client_close(client);
    return answers;
}

/* So many requests in one frame, numbered from `number` on, all to be rejected: nothing rests. */
static void send_frame(struct line *line, uint64_t number) {
    static uint8_t bytes[FRAME_REQUESTS][128];
    struct span requests[FRAME_REQUESTS];
    struct request request = {.command = witness_cancel(1)};
    for (uint32_t i = 0; i < FRAME_REQUESTS; i++) {
        request.command.stamp.number = number + i;
        size_t size = codec_request_encode(&request, NULL, bytes[i], sizeof bytes[i]);
        assert_int_not_equal(size, 0);
        requests[i] = (struct span){bytes[i], size};
    }
    line_send_requests(line, requests, FRAME_REQUESTS);
}

/* The last of these sessions is kept out of the crowd: it speaks, and hears nothing. */
static void a_client_that_never_reads_holds_nobody_up(void **state) {
    struct trial trial;
    struct line deaf;
    (void)state;
    open_trial(&trial, WITNESS_SMALL, 9);
    struct trial others = trial;
    others.options.sessions = 8;
    struct crowd *crowd = crowd_create(&others, 1);
    assert_true(crowd_connect(crowd));
    line_open_narrow(&deaf, &trial, &trial.brokers[trial_owner(&trial, 9) - 1]);
    line_logon_live(&deaf, trial_session(&trial, 9));
    uint64_t before_kib = witness_memory_kib(&trial);
    uint64_t unread = 0;
    for (int i = 0; i < FRAMES_MAX && witness_counter(&trial, "sessions_lagged") == 0; i++) {
        send_frame(&deaf, unread + 1);
        unread += FRAME_REQUESTS;
        assert_true(crowd_trade(crowd, 20));
    }
    uint64_t grown_kib = witness_memory_kib(&trial) - before_kib;
    print_message("%lu unread answers: %lu MiB more in the server, %lu times lagging\n", unread,
                  grown_kib / 1024, witness_counter(&trial, "sessions_lagged"));
    assert_true(grown_kib < 128 * 1024);
    line_close(&deaf);

    assert_true(witness_counter(&trial, "sessions_lagged") > 0);
    assert_int_equal(answers_from_the_start(&trial, 9), unread);
    crowd_ends_well(crowd, &trial);
}

/* --- rubbish -----------------------------------------------------------------------------------
 */

static struct span encode_order(const struct trial *trial, uint8_t bytes[REQUEST_BYTES_MAX]) {
    struct request request = {.command = witness_order(trial, 1, SIDE_BUY, 10, 1)};
    request.command.stamp.number = 1;
    size_t size = codec_request_encode(&request, NULL, bytes, REQUEST_BYTES_MAX);
    assert_int_not_equal(size, 0);
    return (struct span){bytes, size};
}

/* One frame of each kind: random; a good one cut, with a byte changed, with an unknown field; a
 * good one that belongs to another session. */
static size_t make_rubbish(struct random *random, struct span good, uint8_t *frame) {
    size_t size = line_put(frame, 0, good);
    switch (random_below(random, 5)) {
    case 0:
        size = random_between(random, 1, 300);
        for (size_t i = 0; i < size; i++)
            frame[i] = (uint8_t)random_next(random);
        return size;
    case 1:
        return random_between(random, 1, (uint32_t)size - 1);
    case 2:
        frame[random_below(random, (uint32_t)size)] ^= (uint8_t)(1u << random_below(random, 8));
        return size;
    case 3:
        frame[size] = 0xfa; /* field 127 */
        frame[size + 1] = 0x07;
        frame[size + 2] = 0x00;
        return size + 3;
    default:
        return size;
    }
}

static void rubbish_under_load_is_refused_and_changes_nothing(void **state) {
    static uint8_t large[(1u << 20) + 4096];
    uint8_t bytes[REQUEST_BYTES_MAX];
    uint8_t frame[REQUEST_BYTES_MAX + 64];
    struct random random = {.state = 5};
    struct trial trial;
    struct line stranger;
    struct line liar;
    (void)state;
    open_trial(&trial, WITNESS_SMALL, 8);
    struct crowd *crowd = crowd_create(&trial, 2);
    assert_true(crowd_connect(crowd));
    struct span good = encode_order(&trial, bytes);
    line_open(&stranger, &trial, &trial.brokers[0], NULL); /* never logs on */
    for (int i = 0; i < 4000; i++) {
        line_send(&stranger, frame, make_rubbish(&random, good, frame));
        if (i % 100 == 0)
            assert_true(crowd_trade(crowd, 100));
    }
    line_open(&liar, &trial, &trial.brokers[1], NULL); /* too long: it is hung up */
    line_send(&liar, large, sizeof large);
    assert_true(line_is_cut(&liar));
    assert_true(crowd_trade(crowd, 1000));
    assert_true(witness_counter(&trial, "refused") > 1000);
    line_close(&stranger);
    line_close(&liar);
    crowd_ends_well(crowd, &trial);
}

/* --- long commands -----------------------------------------------------------------------------
 */

/* Orders of session 1, at 100 prices of instrument 1. */
static void fill_book(const struct trial *trial, uint32_t orders) {
    struct client *client = trial_client(trial, 1);
    for (uint32_t i = 0; i < orders; i++) {
        struct command order = witness_order(trial, 1, SIDE_SELL, 1000 + i % 100, 1);
        trial_pour(client, &order, NULL);
    }
    trial_drain(client);
    client_close(client);
}

/* Whether this report ends the answer to a long command: of a sweep the last fill. */
static bool is_end(const struct report *report, bool is_sweep) {
    if (!is_sweep)
        return report->body == REPORT_MASS_CANCELED;
    return report->body == REPORT_EXECUTION && report->execution.cum_qty == SWEPT;
}

/* What has come on the long command's session; true when its answer is complete. */
static bool hear_end(struct client *client, uint64_t number, bool is_sweep, uint64_t *reports) {
    struct client_item item;
    for (uint32_t read = 0; read < READ_AT_ONCE; read++) {
        client_poll(client, 0, &item);
        if (item.kind != CLIENT_REPORT) {
            assert_int_equal(item.kind, CLIENT_NOTHING);
            return false;
        }
        ++*reports;
        if (report_answers(&item.report) == number && is_end(&item.report, is_sweep))
            return true;
    }
    return false;
}

/* What others had to wait while a long command was answered. */
struct delay {
    int64_t slowest_ns;
    int64_t whole_ns;
    uint32_t asked;
};

/* Sends the long command and asks one small thing after another until it is answered: in another
 * instrument, on another session. Prints how long the slowest took. */
static struct delay others_go_on(const struct trial *trial, const struct command *command,
                                 const char *name) {
    struct client *sender = trial_client(trial, 1);
    struct client *other = trial_client(trial, 2);
    struct command small = witness_order(trial, 2, SIDE_BUY, 10, 1);
    struct report report;
    bool is_sweep = command->verb == VERB_NEW_ORDER;
    int64_t slowest_ns = 0;
    uint64_t reports = 0;
    uint32_t asked = 0;
    small.new_order.instrument = 2;
    int64_t begun_ns = clock_mono_ns();
    uint64_t number = client_add(sender, command, NULL);
    client_flush(sender);
    while (!hear_end(sender, number, is_sweep, &reports)) {
        int64_t asked_ns = clock_mono_ns();
        assert_true(trial_ask(other, &small, NULL, &report, NULL));
        assert_int_equal(report.execution.reason, REASON_NONE);
        int64_t took_ns = clock_mono_ns() - asked_ns;
        slowest_ns = took_ns > slowest_ns ? took_ns : slowest_ns;
        asked++;
    }
    int64_t whole_ns = clock_mono_ns() - begun_ns;
    print_message("%s: %lu reports in %ld ms; %u others meanwhile, the slowest %ld ms\n", name,
                  reports, whole_ns / CLOCK_MILLISECOND_NS, asked,
                  slowest_ns / CLOCK_MILLISECOND_NS);
    assert_true(slowest_ns < DELAY_MAX_MS * CLOCK_MILLISECOND_NS);
    client_close(sender);
    client_close(other);
    return (struct delay){.slowest_ns = slowest_ns, .whole_ns = whole_ns, .asked = asked};
}

static void a_market_order_that_sweeps_100000_orders_lets_others_trade_on(void **state) {
    struct trial trial;
    (void)state;
    open_trial(&trial, LARGE, 4); /* a disk reserve for all that it writes */
    fill_book(&trial, SWEPT);
    struct command sweep = witness_order(&trial, 1, SIDE_BUY, 0, SWEPT);
    sweep.new_order.ord_type = ORD_TYPE_MARKET;
    sweep.new_order.time_in_force = TIME_IN_FORCE_IOC;
    (void)others_go_on(&trial, &sweep, "a sweep of 100,000 orders");
    close_trial(&trial);
}

static void a_mass_cancel_of_a_million_orders_lets_others_trade_on(void **state) {
    struct trial trial;
    (void)state;
    open_trial(&trial, LARGE, 4);
    fill_book(&trial, CANCELED);
    struct command cancel = {.verb = VERB_MASS_CANCEL,
                             .mass_cancel = {.session = trial_session(&trial, 1)}};
    struct delay delay = others_go_on(&trial, &cancel, "a mass cancel of 1,000,000 orders");
    assert_true(delay.asked >= 10); /* they came between its commands */
    assert_true(delay.slowest_ns < delay.whole_ns / 3);
    close_trial(&trial);
}

/* What queues for the ledger grows; all of it is answered in time. */
static void a_disk_that_crawls_makes_everybody_wait_and_loses_nothing(void **state) {
    char library[TRIAL_PATH_MAX];
    struct trial trial;
    struct faulty_disk disk;
    (void)state;
    trial_program("preload_disk.so", library);
    make_trial(&trial, LARGE, library, 8);
    faulty_disk_open(&disk, trial.folder, "/ledger/", false);
    trial_start(&trial);
    trial_furnish(&trial);
    fill_book(&trial, SWEPT);
    atomic_store(&disk.fault->sync_delay_us, 300000);
    struct command cancel = {.verb = VERB_MASS_CANCEL,
                             .mass_cancel = {.session = trial_session(&trial, 1)}};
    (void)others_go_on(&trial, &cancel, "a mass cancel of 100,000 orders, each sync 300 ms");
    faulty_disk_heal(&disk);
    faulty_disk_close(&disk);
    close_trial(&trial);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_that_never_reads_holds_nobody_up),
        cmocka_unit_test(rubbish_under_load_is_refused_and_changes_nothing),
        cmocka_unit_test(a_market_order_that_sweeps_100000_orders_lets_others_trade_on),
        cmocka_unit_test(a_mass_cancel_of_a_million_orders_lets_others_trade_on),
        cmocka_unit_test(a_disk_that_crawls_makes_everybody_wait_and_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
