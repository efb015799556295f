/*
 * The ring between core and ledger, filled by a real server because its disk hangs: what is not
 * stored yet is bounded, everybody waits, and all is answered when the disk is back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>

#include "bench/load.h"
#include "gateway/clock.h"
#include "tests/e2e/line.h"
#include "tests/fault/faulty_disk.h"
#include "tests/fault/witness.h"

/* The smallest ring there may be, and credits enough to fill it. */
static const char SMALL_RING[] =
    "heartbeat_ms = 60000\nring_mib = 256\ncredits = 1000000\ninbound_frames = 8\n"
    "disk_low_mib = 64\ndisk_critical_mib = 32\ndisk_halt_mib = 16\ndisk_zero_mib = 8\n"
    "limits {\n orders = 1300000\n levels = 10000\n instruments = 100\n accounts = 100\n"
    " holdings = 1000\n}\n";
#define RING_BYTES     ((uint64_t)256 << 20)
#define INBOUND_FRAMES 8
#define HOUR_US        (UINT32_C(3600) * 1000000)

/* A load of which the ring would be full before all of it is taken. */
#define LOAD_SESSIONS 4
#define LOAD_WINDOW   131072

/* A sweep of so many orders makes three events each, near the most that one command may; so many of
 * them in one frame are, with what is taken before, more than the ring holds. */
#define SWEPT          160000u
#define SWEEPS         6u
#define FRAME_REQUESTS 1000u
_Static_assert(3 * SWEPT < COMMAND_EVENTS_MAX, "one command each");

struct scene {
    char library[TRIAL_PATH_MAX];
    struct trial trial;
    struct faulty_disk disk;
};

static void scene_open(struct scene *scene, uint32_t sessions) {
    *scene = (struct scene){0};
    trial_program("preload_disk.so", scene->library);
    struct trial_options options = {.config = SMALL_RING,
                                    .preload = scene->library,
                                    .brokers = 2,
                                    .sessions = sessions,
                                    .accounts = 2,
                                    .instruments = 2};
    trial_create(&scene->trial, &options);
    faulty_disk_open(&scene->disk, scene->trial.folder, "/ledger/", false);
    trial_start(&scene->trial);
    trial_furnish(&scene->trial);
}

static void scene_close(struct scene *scene) {
    assert_int_equal(trial_stop(&scene->trial), 0);
    (void)witness_verify(&scene->trial);
    faulty_disk_close(&scene->disk);
    trial_remove(&scene->trial);
}

static void hang(struct scene *scene) {
    atomic_store(&scene->disk.fault->sync_delay_us, HOUR_US);
}

static void await_counter(const struct trial *trial, const char *name, uint64_t least) {
    int64_t deadline_ns = clock_mono_ns() + TRIAL_PATIENCE_MS * CLOCK_MILLISECOND_NS;
    while (witness_counter(trial, name) < least) {
        if (clock_mono_ns() > deadline_ns)
            fail_msg("%s stays at %lu, below %lu", name, witness_counter(trial, name), least);
        (void)poll(NULL, 0, 2);
    }
}

static void while_the_disk_hangs_no_more_is_taken_than_a_part_of_the_ring(void **state) {
    static struct load load;
    struct scene scene;
    struct load_options options = {.first = 1,
                                   .sessions = LOAD_SESSIONS,
                                   .batch = 1024,
                                   .window = LOAD_WINDOW,
                                   .instruments = 2};
    (void)state;
    scene_open(&scene, LOAD_SESSIONS + 1);
    load_open(&load, &scene.trial, &options);
    load_run(&load, 0, 0.2);
    load_settle(&load);
    hang(&scene);
    load_run(&load, 0, 0.5);
    await_counter(&scene.trial, "ring_bytes", RING_BYTES / 4);
    uint64_t taken = witness_counter(&scene.trial, "requests");
    uint64_t memory_kib = witness_memory_kib(&scene.trial);
    load_run(&load, 0, 0.5);
    print_message("%lu MiB in the ring\n", witness_counter(&scene.trial, "ring_bytes") >> 20);
    assert_int_equal(witness_counter(&scene.trial, "requests"), taken);
    assert_int_equal(witness_counter(&scene.trial, "ring_waits"), 0);
    assert_true(witness_counter(&scene.trial, "ring_bytes") < RING_BYTES / 2);
    assert_true(witness_memory_kib(&scene.trial) < memory_kib + 16 * 1024);
    faulty_disk_heal(&scene.disk);
    load_settle(&load);
    assert_int_equal(load.rejected, 0);
    load_close(&load);
    scene_close(&scene);
}

/* A connection sends far more than it may have waiting, while nothing is taken. */
static void what_a_connection_sends_ahead_is_bounded(void **state) {
    static uint8_t frame[FRAME_BYTES_MAX];
    static struct load load;
    struct scene scene;
    struct line line;
    struct load_options options = {.first = 1,
                                   .sessions = LOAD_SESSIONS,
                                   .batch = 1024,
                                   .window = LOAD_WINDOW,
                                   .instruments = 2};
    (void)state;
    scene_open(&scene, LOAD_SESSIONS + 1);
    load_open(&load, &scene.trial, &options);
    line_open(&line, &scene.trial, &scene.trial.brokers[0], NULL);
    line_logon_live(&line, trial_session(&scene.trial, LOAD_SESSIONS + 1));
    hang(&scene);
    load_run(&load, 0, 0.5);
    await_counter(&scene.trial, "ring_bytes", RING_BYTES / 4);
    uint64_t memory_kib = witness_memory_kib(&scene.trial);
    for (int i = 0; i < 8 * INBOUND_FRAMES; i++)
        line_send(&line, frame, sizeof frame);
    load_run(&load, 0, 1.0);
    uint64_t grown_kib = witness_memory_kib(&scene.trial) - memory_kib;
    print_message("%d MiB sent ahead: %lu MiB in the server\n", 8 * INBOUND_FRAMES,
                  grown_kib / 1024);
    assert_in_range(grown_kib, 1024, (INBOUND_FRAMES + 4) * 1024);
    faulty_disk_heal(&scene.disk);
    load_settle(&load);
    line_close(&line);
    load_close(&load);
    scene_close(&scene);
}

/* Orders of one session, all at one price. */
static void fill_book(const struct trial *trial) {
    struct client *client = trial_client(trial, 1);
    struct command order = witness_order(trial, 1, SIDE_SELL, 1000, 1);
    for (uint32_t i = 0; i < SWEEPS * SWEPT; i++)
        trial_pour(client, &order, NULL);
    trial_drain(client);
    client_close(client);
}

/* Orders that nobody meets, a frame at a time, until just less is in the ring than makes the server
 * take no more. Returns how many. */
static uint64_t fill_ring(const struct trial *trial, struct line *line) {
    static uint8_t bytes[FRAME_REQUESTS][128];
    struct span requests[FRAME_REQUESTS];
    struct request request = {.command = witness_order(trial, 3, SIDE_BUY, 10, 1)};
    uint64_t before = witness_counter(trial, "requests");
    uint64_t number = 0;
    while (witness_counter(trial, "ring_bytes") < RING_BYTES / 4 - ((uint64_t)4 << 20)) {
        for (uint32_t i = 0; i < FRAME_REQUESTS; i++) {
            request.command.stamp.number = ++number;
            requests[i].bytes = bytes[i];
            requests[i].size = codec_request_encode(&request, NULL, bytes[i], sizeof bytes[i]);
        }
        line_send_requests(line, requests, FRAME_REQUESTS);
        await_counter(trial, "requests", before + number);
    }
    return number;
}

static void add_sweeps(const struct trial *trial, struct client *client) {
    struct command sweep = witness_order(trial, 2, SIDE_BUY, 1000, SWEPT);
    sweep.new_order.time_in_force = TIME_IN_FORCE_IOC;
    for (uint32_t i = 0; i < SWEEPS; i++)
        assert_int_not_equal(client_add(client, &sweep, NULL), 0);
    client_flush(client);
}

static void hear_trades(struct client *client, uint32_t trades) {
    struct client_item item;
    while (trades > 0) {
        client_poll(client, TRIAL_PATIENCE_MS, &item);
        assert_int_equal(item.kind, CLIENT_REPORT);
        trades -= item.report.body == REPORT_EXECUTION &&
                  item.report.execution.exec_type == EXEC_TYPE_TRADE;
    }
}

static void commands_that_outgrow_the_ring_wait_in_the_middle_for_the_disk(void **state) {
    struct scene scene;
    (void)state;
    scene_open(&scene, 3);
    fill_book(&scene.trial);
    struct client *owner = trial_client(&scene.trial, 1);
    struct client *sweeper = trial_client(&scene.trial, 2);
    struct line other;
    struct line_item item;
    line_open(&other, &scene.trial, &scene.trial.brokers[trial_owner(&scene.trial, 3) - 1], NULL);
    line_logon_live(&other, trial_session(&scene.trial, 3));
    hang(&scene);
    uint64_t number = fill_ring(&scene.trial, &other);
    add_sweeps(&scene.trial, sweeper);
    await_counter(&scene.trial, "ring_waits", 1);
    uint64_t ring_bytes = witness_counter(&scene.trial, "ring_bytes");
    uint64_t memory_kib = witness_memory_kib(&scene.trial);
    print_message("%lu MiB in the ring, in the middle of a sweep\n", ring_bytes >> 20);
    assert_in_range(ring_bytes, RING_BYTES - ((size_t)1 << 20), RING_BYTES);
    struct command order = witness_order(&scene.trial, 3, SIDE_BUY, 10, 1);
    for (int i = 0; i < 1000; i++)
        line_ask_command(&other, ++number, &order);
    assert_true(witness_memory_kib(&scene.trial) < memory_kib + 16 * 1024);

    faulty_disk_heal(&scene.disk);
    hear_trades(sweeper, SWEEPS * SWEPT);
    hear_trades(owner, SWEEPS * SWEPT);
    line_until_report(&other, number, &item);
    assert_int_equal(item.report.execution.exec_type, EXEC_TYPE_NEW);
    client_close(owner);
    client_close(sweeper);
    line_close(&other);
    scene_close(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(while_the_disk_hangs_no_more_is_taken_than_a_part_of_the_ring),
        cmocka_unit_test(what_a_connection_sends_ahead_is_bounded),
        cmocka_unit_test(commands_that_outgrow_the_ring_wait_in_the_middle_for_the_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
