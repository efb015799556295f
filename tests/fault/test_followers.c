/*
 * Followers whose data is gone, whose disk fails, whose readers are dead: nobody who trades is held
 * up, and what was lost is made again from the records.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "gateway/clock.h"
#include "gateway/dial.h"
#include "gateway/exchange.h"
#include "gateway/follower.h"
#include "tests/fault/crowd.h"
#include "tests/fault/faulty_disk.h"
#include "tests/fault/witness.h"

/* What a feed that nobody reads may pin in the server. */
#define PINNED_KIB_MAX (64 * 1024)

static void open_trial(struct trial *trial, const char *preload) {
    struct trial_options options = {.config = WITNESS_SMALL,
                                    .preload = preload,
                                    .brokers = 2,
                                    .sessions = 8,
                                    .accounts = 2,
                                    .instruments = 4};
    trial_create(trial, &options);
}

static struct crowd *open_crowd(struct trial *trial) {
    trial_start(trial);
    trial_furnish(trial);
    struct crowd *crowd = crowd_create(trial, 11);
    assert_true(crowd_connect(crowd));
    assert_true(crowd_trade(crowd, 1000));
    return crowd;
}

/* Stops cleanly; everything that was told stands in the ledger, which verify finds sound. */
static void stop(struct crowd *crowd, struct trial *trial) {
    assert_true(crowd_settle(crowd));
    assert_int_equal(trial_stop(trial), 0);
    crowd_hang_up(crowd);
    const char *fault = crowd_check(crowd);
    if (fault != NULL)
        fail_msg("%s", fault);
    (void)witness_verify(trial);
}

static void await(const struct trial *trial, const char *counter, uint64_t least) {
    int64_t deadline_ns = clock_mono_ns() + TRIAL_PATIENCE_MS * CLOCK_MILLISECOND_NS;
    while (witness_counter(trial, counter) < least) {
        if (clock_mono_ns() > deadline_ns)
            fail_msg("%s stays at %lu, below %lu", counter, witness_counter(trial, counter), least);
        (void)poll(NULL, 0, 5);
    }
}

static void remove_folder(const struct trial *trial, const char *name) {
    char command[TRIAL_PATH_MAX + 32];
    snprintf(command, sizeof command, "rm -r %s/%s", trial->exchange, name);
    assert_int_equal(system(command), 0);
}

/* --- the index ----------------------------------------------------------------------------------
 */

static void an_index_deleted_while_stopped_is_made_again_and_holds_nobody_up(void **state) {
    struct trial trial;
    (void)state;
    open_trial(&trial, NULL);
    struct crowd *crowd = open_crowd(&trial);
    stop(crowd, &trial);
    remove_folder(&trial, "index");
    trial_start(&trial);
    assert_true(crowd_connect(crowd)); /* they resume, with or without it */
    assert_true(crowd_trade(crowd, 1000));
    assert_true(crowd_settle(crowd));
    await(&trial, "index", witness_counter(&trial, "durable"));
    assert_int_equal(witness_counter(&trial, "index_state"), FOLLOWER_LIVE);
    stop(crowd, &trial);
    crowd_destroy(crowd);
    trial_remove(&trial);
}

static void an_index_deleted_while_it_is_written_holds_nobody_up(void **state) {
    struct trial trial;
    (void)state;
    open_trial(&trial, NULL);
    struct crowd *crowd = open_crowd(&trial);
    remove_folder(&trial, "index");
    assert_true(crowd_trade(crowd, 1000));
    stop(crowd, &trial);
    trial_start(&trial);
    assert_true(crowd_connect(crowd));
    assert_true(crowd_trade(crowd, 500));
    assert_true(crowd_settle(crowd));
    await(&trial, "index", witness_counter(&trial, "durable"));
    stop(crowd, &trial);
    crowd_destroy(crowd);
    trial_remove(&trial);
}

static void an_index_whose_disk_fails_stands_still_and_the_exchange_goes_on(void **state) {
    char library[TRIAL_PATH_MAX];
    struct trial trial;
    struct faulty_disk disk;
    (void)state;
    trial_program("preload_disk.so", library);
    open_trial(&trial, library);
    faulty_disk_open(&disk, trial.folder, "/index/", false);
    struct crowd *crowd = open_crowd(&trial);
    struct faulty_disk_plan plan = {
        .call = DISK_CALL_WRITE, .effect = DISK_EFFECT_FAIL, .error = ENOSPC, .nth = 1};
    faulty_disk_plan(&disk, &plan);
    while (witness_counter(&trial, "index_state") != FOLLOWER_FAILED)
        assert_true(crowd_trade(crowd, 100));
    uint64_t as_of = witness_counter(&trial, "index");
    assert_true(crowd_trade(crowd, 1000));
    assert_int_equal(witness_counter(&trial, "index"), as_of);
    assert_true(witness_logged(&trial, "follower_failed", "name=index"));
    trial_kill(&trial);
    crowd_hang_up(crowd);
    trial_start(&trial); /* the disk still fails: who comes back is served from the records */
    assert_true(crowd_connect(crowd));
    assert_true(crowd_trade(crowd, 500));
    stop(crowd, &trial);
    faulty_disk_heal(&disk);
    trial_start(&trial);
    assert_true(crowd_connect(crowd));
    assert_true(crowd_trade(crowd, 500));
    assert_true(crowd_settle(crowd));
    await(&trial, "index", witness_counter(&trial, "durable"));
    stop(crowd, &trial);
    crowd_destroy(crowd);
    faulty_disk_close(&disk);
    trial_remove(&trial);
}

/* --- the feed -----------------------------------------------------------------------------------
 */

static void subscribe(struct dial *dial, const struct trial *trial) {
    struct dial_options options = {.context = trial->context,
                                   .endpoint = trial->feed_endpoint,
                                   .server_z85 = trial->server.public_z85,
                                   .key = &trial->brokers[0],
                                   .is_subscriber = true,
                                   .pipe_messages = 1};
    assert_int_equal(dial_open(dial, &options), 0);
    dial_subscribe(dial, (struct span){(const uint8_t *)"", 0});
    for (int i = 0; i < 1000 && !dial->is_up; i++) {
        (void)dial_wait(dial, 20);
        (void)dial_event(dial);
    }
    assert_true(dial->is_up);
    (void)dial_wait(dial, 20); /* libzmq sends the subscription in a call of ours: the last one */
}

static void readers_of_the_feed_that_do_not_read_or_die_hold_nobody_up(void **state) {
    struct dial readers[8];
    struct trial trial;
    (void)state;
    open_trial(&trial, NULL);
    struct crowd *crowd = open_crowd(&trial);
    uint64_t before_kib = witness_memory_kib(&trial);
    for (size_t i = 0; i < 8; i++)
        subscribe(&readers[i], &trial);
    await(&trial, "feed_subscriptions", 8);
    assert_true(crowd_trade(crowd, 5000));
    for (size_t i = 0; i < 4; i++)
        dial_close(&readers[i]);
    assert_true(crowd_trade(crowd, 5000));
    assert_true(crowd_settle(crowd));
    await(&trial, "feed", witness_counter(&trial, "durable"));
    assert_true(witness_memory_kib(&trial) < before_kib + PINNED_KIB_MAX);
    for (size_t i = 4; i < 8; i++)
        dial_close(&readers[i]);
    stop(crowd, &trial);
    crowd_destroy(crowd);
    trial_remove(&trial);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_index_deleted_while_stopped_is_made_again_and_holds_nobody_up),
        cmocka_unit_test(an_index_deleted_while_it_is_written_holds_nobody_up),
        cmocka_unit_test(an_index_whose_disk_fails_stands_still_and_the_exchange_goes_on),
        cmocka_unit_test(readers_of_the_feed_that_do_not_read_or_die_hold_nobody_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
