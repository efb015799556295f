/*
 * Disks that fill up and fail: a clean refusal, or a clean stop, and never an answer that is not
 * kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/exchange.h"
#include "ledger/reader.h"
#include "tests/fault/crowd.h"
#include "tests/fault/faulty_disk.h"
#include "tests/fault/witness.h"

/* Steps of the reserve far enough apart that a slow disk meets each. */
static const char STEPS[] =
    "heartbeat_ms = 20000\ndisk_low_mib = 8\ndisk_critical_mib = 5\ndisk_halt_mib = 3\n"
    "disk_zero_mib = 0\nlimits {\n orders = 200000\n levels = 10000\n "
    "instruments = 100\n accounts = 100\n holdings = 1000\n}\n";
#define SLOW_SYNC_US 20000
/* Requests at a time, some 100 KiB in the ledger, and how many times at most: far more than the
 * reserve holds. */
#define CHUNK      300
#define CHUNKS_MAX 1000

struct scene {
    char library[TRIAL_PATH_MAX];
    struct trial trial;
    struct faulty_disk disk;
};

static void scene_open(struct scene *scene, const char *config, const char *path_part,
                       bool keeps_undo) {
    *scene = (struct scene){0};
    trial_program("preload_disk.so", scene->library);
    struct trial_options options = {.config = config,
                                    .preload = scene->library,
                                    .brokers = 2,
                                    .sessions = 4,
                                    .accounts = 2,
                                    .instruments = 4};
    trial_create(&scene->trial, &options);
    faulty_disk_open(&scene->disk, scene->trial.folder, path_part, keeps_undo);
    trial_start(&scene->trial);
    trial_furnish(&scene->trial);
}

static void scene_close(struct scene *scene) {
    faulty_disk_close(&scene->disk);
    trial_remove(&scene->trial);
}

static uint32_t ask(struct client *client, const struct command *command) {
    struct report report;
    assert_true(trial_ask(client, command, NULL, &report, NULL));
    return witness_reason(&report);
}

static uint64_t order_id(const struct trial *trial, uint32_t session, uint64_t number) {
    return (uint64_t)trial_session(trial, session) << ORDER_NUMBER_BITS | number;
}

/* --- a full disk -------------------------------------------------------------------------------
 */

/* Sends a chunk of orders and waits for their answers; false when the connection ends before. */
static bool send_chunk(const struct trial *trial, struct client *client) {
    struct command order = witness_order(trial, 1, SIDE_BUY, 10, 1);
    struct client_item item;
    for (int i = 0; i < CHUNK; i++)
        assert_int_not_equal(client_add(client, &order, NULL), 0);
    client_flush(client);
    while (client_unanswered(client) > 0) {
        client_poll(client, TRIAL_PATIENCE_MS, &item);
        assert_int_not_equal(item.kind, CLIENT_NOTHING);
        if (item.kind == CLIENT_LOST || item.kind == CLIENT_LOGGED_OFF)
            return false;
    }
    return true;
}

static void fill_to_step(const struct trial *trial, struct client *client, uint64_t step) {
    for (int i = 0; i < CHUNKS_MAX && witness_counter(trial, "disk_step") < step; i++)
        assert_true(send_chunk(trial, client));
    assert_int_equal(witness_counter(trial, "disk_step"), step);
}

static struct command replace_of(uint64_t order) {
    return (struct command){.verb = VERB_REPLACE,
                            .replace = {.order_id = order, .price_fen = 11, .order_qty = 1}};
}

/* From an exchange whose disk has no more room than what is reserved, to its stop. */
static void live_through_the_steps(struct trial *trial) {
    struct client *client = trial_client(trial, 1);
    struct command order = witness_order(trial, 1, SIDE_BUY, 10, 1);
    assert_int_equal(ask(client, &order), REASON_NONE);
    assert_int_equal(ask(client, &order), REASON_NONE);
    struct command replace = replace_of(order_id(trial, 1, 2));
    struct command cancel = witness_cancel(order_id(trial, 1, 1));
    fill_to_step(trial, client, DISK_LOW);
    assert_int_equal(ask(client, &order), REASON_DISK_RESERVE);
    assert_int_equal(ask(client, &cancel), REASON_NONE);
    fill_to_step(trial, client, DISK_CRITICAL);
    assert_int_equal(ask(client, &order), REASON_DISK_RESERVE);
    assert_int_equal(ask(client, &replace), REASON_DISK_RESERVE);
    cancel = witness_cancel(order_id(trial, 1, 2));
    assert_int_equal(ask(client, &cancel), REASON_NONE);
    for (int i = 0; i < CHUNKS_MAX && send_chunk(trial, client); i++)
        ;
    assert_int_equal(trial_wait(trial), EXIT_CODE_FULL);
    client_close(client);
    (void)witness_verify(trial);
}

/* The ledger's newest file as it is reserved now. */
static uint64_t reserved_bytes(const struct trial *trial) {
    char path[TRIAL_PATH_MAX + 64];
    struct stat status;
    snprintf(path, sizeof path, "%s/ledger/volume-000000/data.mdb", trial->exchange);
    assert_int_equal(stat(path, &status), 0);
    return (uint64_t)status.st_size;
}

static void a_full_disk_refuses_orders_then_all_but_ends_then_stops_cleanly(void **state) {
    struct scene scene;
    (void)state;
    scene_open(&scene, STEPS, "/ledger/", false);
    atomic_store(&scene.disk.fault->sync_delay_us, SLOW_SYNC_US);
    atomic_store(&scene.disk.fault->room_bytes, reserved_bytes(&scene.trial));
    live_through_the_steps(&scene.trial);

    int code = 0; /* while it is full, a start ends like that again */
    if (trial_start_or(&scene.trial, &code))
        code = trial_wait(&scene.trial);
    assert_int_equal(code, EXIT_CODE_FULL);

    faulty_disk_heal(&scene.disk);
    trial_start(&scene.trial);
    struct client *client = trial_client(&scene.trial, 1);
    struct command order = witness_order(&scene.trial, 1, SIDE_BUY, 10, 1);
    for (int i = 0; i < CHUNKS_MAX && ask(client, &order) == REASON_DISK_RESERVE; i++)
        ; /* until it has looked */
    assert_int_equal(ask(client, &order), REASON_NONE);
    client_close(client);
    assert_int_equal(trial_stop(&scene.trial), 0);
    (void)witness_verify(&scene.trial);
    scene_close(&scene);
}

/* A small file system of our own; false where that may not be. */
static bool mount_small(const char *folder) {
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("none", folder, "tmpfs", 0, "size=64m") == 0;
}

static void fill_up(const char *path) {
    static const char block[1 << 16];
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    for (size_t size = sizeof block; size > 0;)
        if (write(file, block, size) <= 0)
            size /= 2;
    close(file);
}

static void a_disk_filled_by_others_is_lived_through_on_what_is_reserved(void **state) {
    char folder[] = "/tmp/tpx-small-XXXXXX";
    char filling[sizeof folder + 16];
    struct scene scene;
    (void)state;
    assert_non_null(mkdtemp(folder));
    if (!mount_small(folder)) {
        rmdir(folder);
        print_message("no right to mount a file system: not tried\n");
        return;
    }
    assert_int_equal(setenv("TMPDIR", folder, 1), 0);
    scene_open(&scene, STEPS, "/ledger/", false);
    atomic_store(&scene.disk.fault->sync_delay_us, SLOW_SYNC_US);
    snprintf(filling, sizeof filling, "%s/filling", folder);
    fill_up(filling);
    live_through_the_steps(&scene.trial);
    assert_int_equal(unlink(filling), 0);
    trial_start(&scene.trial);
    assert_int_equal(trial_stop(&scene.trial), 0);
    (void)witness_verify(&scene.trial);
    scene_close(&scene);
    unsetenv("TMPDIR");
    assert_int_equal(umount(folder), 0);
    rmdir(folder);
}

/* --- failures ----------------------------------------------------------------------------------
 */

static uint64_t durable(const struct trial *trial) {
    char path[TRIAL_PATH_MAX + 16];
    struct reader *reader = NULL;
    struct merkle_head head;
    snprintf(path, sizeof path, "%s/ledger", trial->exchange);
    assert_int_equal(reader_open(&reader, path, true), 0);
    assert_int_equal(reader_head(reader, &head), 0);
    reader_close(reader);
    return head.size;
}

/* Meets the fault under load: the exchange stops, and everything that it has answered is there,
 * also when the power goes too. */
static void stops_and_keeps_its_word(const struct faulty_disk_plan *plan) {
    struct scene scene;
    struct random random = {.state = plan->nth};
    scene_open(&scene, WITNESS_SMALL, "/ledger/", true);
    struct crowd *crowd = crowd_create(&scene.trial, plan->nth);
    assert_true(crowd_connect(crowd));
    assert_true(crowd_trade(crowd, 500));
    faulty_disk_plan(&scene.disk, plan);
    assert_false(crowd_trade(crowd, UINT32_MAX));
    assert_int_equal(trial_wait(&scene.trial), EXIT_CODE_DISK);
    crowd_hang_up(crowd);
    uint64_t syncs = atomic_load(&scene.disk.fault->plans[DISK_CALL_SYNC].calls);
    if (plan->call == DISK_CALL_SYNC) /* a failed sync is never tried again */
        assert_true(syncs == atomic_load(&scene.disk.fault->plans[DISK_CALL_SYNC].at));
    faulty_disk_heal(&scene.disk);
    (void)faulty_disk_cut_power(&scene.disk, &random);
    const char *fault = crowd_check(crowd);
    if (fault != NULL)
        fail_msg("%s", fault);
    uint64_t kept = durable(&scene.trial);
    trial_start(&scene.trial);
    assert_true(crowd_connect(crowd));
    assert_true(crowd_trade(crowd, 500));
    assert_true(crowd_settle(crowd));
    assert_int_equal(trial_stop(&scene.trial), 0);
    crowd_hang_up(crowd);
    crowd_forget_checks(crowd);
    assert_null(crowd_check(crowd));
    assert_true(witness_verify(&scene.trial)->replayed > kept);
    crowd_destroy(crowd);
    scene_close(&scene);
}

static void a_failed_write_stops_the_exchange_which_keeps_its_word(void **state) {
    (void)state;
    struct faulty_disk_plan plan = {
        .call = DISK_CALL_WRITE, .effect = DISK_EFFECT_FAIL, .error = EIO, .nth = 7};
    stops_and_keeps_its_word(&plan);
}

static void a_disk_that_is_full_in_the_middle_of_a_commit_is_a_failed_write(void **state) {
    (void)state;
    struct faulty_disk_plan plan = {
        .call = DISK_CALL_WRITE, .effect = DISK_EFFECT_FAIL, .error = ENOSPC, .nth = 10};
    stops_and_keeps_its_word(&plan);
}

static void a_failed_sync_is_never_tried_again_nor_answered_after(void **state) {
    (void)state;
    for (uint64_t nth = 1; nth <= 2; nth++) {
        struct faulty_disk_plan plan = {.call = DISK_CALL_SYNC,
                                        .effect = DISK_EFFECT_FAIL,
                                        .error = EIO,
                                        .nth = nth,
                                        .is_once = true};
        stops_and_keeps_its_word(&plan);
    }
}

static void a_short_write_stops_the_exchange_which_keeps_its_word(void **state) {
    (void)state;
    struct faulty_disk_plan plan = {
        .call = DISK_CALL_WRITE, .effect = DISK_EFFECT_SHORT, .nth = 5, .is_once = true};
    stops_and_keeps_its_word(&plan);
}

static void a_disk_that_fails_at_the_start_is_named_and_may_be_tried_again(void **state) {
    struct scene scene;
    int code = 0;
    (void)state;
    scene_open(&scene, WITNESS_SMALL, "/ledger/", true);
    assert_int_equal(trial_stop(&scene.trial), 0);
    struct faulty_disk_plan plan = {
        .call = DISK_CALL_SYNC, .effect = DISK_EFFECT_FAIL, .error = EIO, .nth = 1};
    faulty_disk_plan(&scene.disk, &plan);
    assert_false(trial_start_or(&scene.trial, &code));
    assert_int_equal(code, EXIT_CODE_FAILED);
    faulty_disk_heal(&scene.disk);
    trial_start(&scene.trial);
    assert_int_equal(trial_stop(&scene.trial), 0);
    (void)witness_verify(&scene.trial);
    scene_close(&scene);
}

static void a_snapshot_that_cannot_be_written_harms_nobody(void **state) {
    struct scene scene;
    (void)state;
    scene_open(&scene, WITNESS_SMALL, "/snapshots/", false);
    struct faulty_disk_plan plan = {
        .call = DISK_CALL_WRITE, .effect = DISK_EFFECT_FAIL, .error = ENOSPC, .nth = 1};
    faulty_disk_plan(&scene.disk, &plan);
    assert_int_equal(trial_stop(&scene.trial), 0);
    assert_true(witness_logged(&scene.trial, "snapshot", "level=error"));
    trial_start(&scene.trial);
    assert_int_equal(witness_number(&scene.trial, "recovered", "base="), 0);
    faulty_disk_heal(&scene.disk);
    assert_int_equal(trial_stop(&scene.trial), 0);
    (void)witness_verify(&scene.trial);
    scene_close(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_write_stops_the_exchange_which_keeps_its_word),
        cmocka_unit_test(a_disk_that_is_full_in_the_middle_of_a_commit_is_a_failed_write),
        cmocka_unit_test(a_failed_sync_is_never_tried_again_nor_answered_after),
        cmocka_unit_test(a_short_write_stops_the_exchange_which_keeps_its_word),
        cmocka_unit_test(a_disk_that_fails_at_the_start_is_named_and_may_be_tried_again),
        cmocka_unit_test(a_snapshot_that_cannot_be_written_harms_nobody),
        cmocka_unit_test(a_full_disk_refuses_orders_then_all_but_ends_then_stops_cleanly),
        cmocka_unit_test(a_disk_filled_by_others_is_lived_through_on_what_is_reserved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
