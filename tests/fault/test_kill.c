/*
 * kill -9 at random moments under load, and the power cut with it: whatever an exchange has
 * answered is there afterwards, once, and what it has not answered is settled by asking again.
 *
 * KILLS says how often (20), TPX_SEED how (1). Moments: right when an answer has come, while syncs
 * are made slow; in the middle of a commit, at a write or a sync; in the middle of a start. After
 * each kill what was never synced is taken back (faulty_disk.h), for a kill alone loses no write.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/trial.h"
#include "gateway/recovery.h"
#include "tests/fault/crowd.h"
#include "tests/fault/faulty_disk.h"
#include "tests/fault/witness.h"
#include "tests/property/seed.h"

#define KILLS_USUAL 20
/* The digest of what a restart recovers is compared with a replay's every so many kills. */
#define KILLS_A_DIGEST 5
/* Commits are made to last so long, so that an answer that does not wait for its commit is far
 * ahead of it. */
#define SLOW_SYNC_US 15000

static const char CONFIG[] = WITNESS_SMALL "mark_records = 2000\nvolume_mib = 2\n";

struct scene {
    struct random random;
    char library[TRIAL_PATH_MAX];
    struct trial trial;
    struct faulty_disk disk;
    struct crowd *crowd;
};

static uint32_t kills_wanted(void) {
    const char *text = getenv("KILLS");
    long kills = text != NULL ? strtol(text, NULL, 10) : 0;
    return kills > 0 ? (uint32_t)kills : KILLS_USUAL;
}

static void scene_open(struct scene *scene) {
    *scene = (struct scene){.random = seed_begin()};
    trial_program("preload_disk.so", scene->library);
    struct trial_options options = {.config = CONFIG,
                                    .preload = scene->library,
                                    .brokers = 4,
                                    .sessions = 8,
                                    .accounts = 4,
                                    .instruments = 4};
    trial_create(&scene->trial, &options);
    faulty_disk_open(&scene->disk, scene->trial.folder, "/ledger/", true);
    trial_start(&scene->trial);
    trial_furnish(&scene->trial);
    scene->crowd = crowd_create(&scene->trial, random_next(&scene->random));
}

static void scene_close(struct scene *scene) {
    crowd_destroy(scene->crowd);
    faulty_disk_close(&scene->disk);
    trial_remove(&scene->trial);
}

/* --- kills -------------------------------------------------------------------------------------
 */

/* Dies by itself at one of the next calls of the ledger. */
static void plan_death(struct scene *scene, uint32_t calls_most) {
    enum disk_call call = random_once_in(&scene->random, 2) ? DISK_CALL_WRITE : DISK_CALL_SYNC;
    struct faulty_disk_plan plan = {.call = call,
                                    .effect = DISK_EFFECT_DIE,
                                    .nth = random_between(&scene->random, 1, calls_most)};
    faulty_disk_plan(&scene->disk, &plan);
}

static void bury(struct scene *scene) {
    crowd_hang_up(scene->crowd);
    faulty_disk_heal(&scene->disk);
    (void)faulty_disk_cut_power(&scene->disk, &scene->random);
}

/* A start that dies on its way, perhaps; then one that does not. */
static void start_again(struct scene *scene) {
    int code = 0;
    if (random_once_in(&scene->random, 4)) {
        plan_death(scene, 4);
        if (trial_start_or(&scene->trial, &code))
            trial_kill(&scene->trial);
        else
            assert_int_equal(code, 128 + 9);
        bury(scene);
    }
    trial_start(&scene->trial);
}

/* Trades and dies. */
static void kill_once(struct scene *scene) {
    uint32_t answers = random_between(&scene->random, 1, 4000);
    bool is_slow = random_once_in(&scene->random, 2);
    bool is_from_within = random_once_in(&scene->random, 4);
    if (is_slow)
        answers /= 8;
    atomic_store(&scene->disk.fault->sync_delay_us, is_slow ? SLOW_SYNC_US : 0);
    if (is_from_within)
        plan_death(scene, is_slow ? 20 : 200);
    bool is_alive = crowd_trade(scene->crowd, is_from_within ? UINT32_MAX : answers + 1);
    assert_true(is_alive || is_from_within);
    trial_kill(&scene->trial); /* and where it is dead, waits for its end */
    bury(scene);
}

/* --- digests -----------------------------------------------------------------------------------
 */

static struct hash recovered_digest(const struct scene *scene, bool has_snapshots) {
    char ledger[TRIAL_PATH_MAX + 16];
    char snapshots[TRIAL_PATH_MAX + 16];
    struct recovery recovery;
    struct hash digest;
    struct recovery_options options = {.ledger_dir = ledger, .snapshots_dir = snapshots};
    snprintf(ledger, sizeof ledger, "%s/ledger", scene->trial.exchange);
    snprintf(snapshots, sizeof snapshots, "%s/%s", scene->trial.exchange,
             has_snapshots ? "snapshots" : "none");
    assert_int_equal(recover(&recovery, &options), 0);
    assert_false(recovery.has_diverged);
    replay_digest(recovery.replay, &digest);
    recovery_end(&recovery);
    return digest;
}

static void recovered_is_replayed(const struct scene *scene) {
    struct hash recovered = recovered_digest(scene, true);
    struct hash replayed = recovered_digest(scene, false);
    assert_memory_equal(recovered.bytes, replayed.bytes, HASH_BYTES);
}

/* --- tests -------------------------------------------------------------------------------------
 */

static void must_be_well(const char *fault, uint32_t kill) {
    if (fault != NULL)
        fail_msg("after kill %u: %s", kill, fault);
}

static void what_was_answered_survives_kills_and_power_cuts(void **state) {
    struct scene scene;
    (void)state;
    scene_open(&scene);
    assert_true(crowd_connect(scene.crowd));
    for (uint32_t kill = 1; kill <= kills_wanted(); kill++) {
        kill_once(&scene);
        must_be_well(crowd_check(scene.crowd), kill);
        if (kill % KILLS_A_DIGEST == 0)
            recovered_is_replayed(&scene);
        start_again(&scene);
        if (!crowd_connect(scene.crowd))
            fail_msg("after kill %u: the server died", kill);
    }
    assert_true(crowd_trade(scene.crowd, 1000));
    assert_true(crowd_settle(scene.crowd));
    witness_await_shadow(&scene.trial, 1); /* so that the stop ends with a Digest */
    assert_int_equal(trial_stop(&scene.trial), 0);
    crowd_hang_up(scene.crowd);
    crowd_forget_checks(scene.crowd);
    must_be_well(crowd_check(scene.crowd), kills_wanted());
    recovered_is_replayed(&scene);
    assert_true(witness_verify(&scene.trial)->counts.digests > 0);
    print_message("%u kills: %lu requests answered, %lu reports, none lost, none doubled\n",
                  kills_wanted(), crowd_answered(scene.crowd), crowd_reports(scene.crowd));
    scene_close(&scene);
}

/* A disk that is one sync late makes of every exchange one that answers before it is durable. */
static void an_answer_before_the_commit_is_found_within_20_kills(void **state) {
    struct scene scene;
    const char *fault = NULL;
    uint32_t kills = 0;
    (void)state;
    scene_open(&scene);
    assert_true(crowd_connect(scene.crowd));
    atomic_store(&scene.disk.fault->is_late, 1);
    while (fault == NULL && kills < KILLS_USUAL) {
        kill_once(&scene);
        kills++;
        fault = crowd_check(scene.crowd);
        if (fault != NULL)
            break;
        start_again(&scene);
        if (!crowd_connect(scene.crowd))
            fault = "it does not come back";
    }
    assert_non_null(fault);
    print_message("found at kill %u: %s\n", kills, fault);
    scene_close(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_answered_survives_kills_and_power_cuts),
        cmocka_unit_test(an_answer_before_the_commit_is_found_within_20_kills),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    seed_tell(failures);
    return failures;
}
