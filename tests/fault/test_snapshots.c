/*
 * Snapshots are a cache: damaged, foreign, half written or missing ones cost time and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fault/faulty_disk.h"
#include "tests/fault/witness.h"

#define PATH_ROOM (TRIAL_PATH_MAX + 320)

static void open_trial(struct trial *trial, const char *preload) {
    struct trial_options options = {.config = WITNESS_SMALL,
                                    .preload = preload,
                                    .brokers = 2,
                                    .sessions = 2,
                                    .accounts = 2,
                                    .instruments = 1};
    trial_create(trial, &options);
}

static void trade_once(const struct trial *trial) {
    struct report report;
    struct client *ann = trial_client(trial, 1);
    struct command sell = witness_order(trial, 1, SIDE_SELL, 1000, 100);
    assert_true(trial_ask(ann, &sell, NULL, &report, NULL));
    assert_int_equal(report.execution.exec_type, EXEC_TYPE_NEW);
    client_close(ann);
    struct client *bob = trial_client(trial, 2);
    struct command buy = witness_order(trial, 2, SIDE_BUY, 1000, 100);
    assert_true(trial_ask(bob, &buy, NULL, &report, NULL));
    assert_int_equal(report.execution.ord_status, ORD_STATUS_FILLED);
    client_close(bob);
    witness_await_shadow(trial, report.sequence + 1);
}

/* Starts, furnishes and stops twice: two snapshots. */
static void make_two_snapshots(struct trial *trial) {
    trial_start(trial);
    trial_furnish(trial);
    trade_once(trial);
    assert_int_equal(trial_stop(trial), 0);
    trial_start(trial);
    trade_once(trial);
    assert_int_equal(trial_stop(trial), 0);
}

/* The highest `next` of the snapshots below `most`, 0 when there is none; their number. */
static uint64_t newest_below(const struct trial *trial, uint64_t most, uint32_t *count) {
    char folder[PATH_ROOM];
    uint64_t newest = 0;
    *count = 0;
    snprintf(folder, sizeof folder, "%s/snapshots", trial->exchange);
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char *end;
        uint64_t next = strtoull(entry->d_name, &end, 10);
        if (strcmp(end, ".snap") != 0)
            continue;
        ++*count;
        if (next < most && next > newest)
            newest = next;
    }
    closedir(dir);
    return newest;
}

static void snapshot_path(const struct trial *trial, uint64_t next, char path[PATH_ROOM]) {
    snprintf(path, PATH_ROOM, "%s/snapshots/%020lu.snap", trial->exchange, next);
}

static void damage(const struct trial *trial, uint64_t next) {
    char path[PATH_ROOM];
    snapshot_path(trial, next, path);
    FILE *file = fopen(path, "r+e");
    assert_non_null(file);
    assert_int_equal(fseek(file, 20000, SEEK_SET), 0);
    int byte = fgetc(file);
    assert_int_equal(fseek(file, 20000, SEEK_SET), 0);
    assert_int_equal(fputc(byte ^ 4, file), byte ^ 4);
    assert_int_equal(fclose(file), 0);
}

/* Starts from `base`, trades, dies; verify is content. */
static void start_is_from(struct trial *trial, uint64_t base) {
    trial_start(trial);
    assert_int_equal(witness_number(trial, "recovered", "base="), base);
    trade_once(trial);
    trial_kill(trial);
    (void)witness_verify(trial);
}

static void a_damaged_snapshot_is_skipped_for_an_older_one_or_the_beginning(void **state) {
    struct trial trial;
    uint32_t count;
    (void)state;
    open_trial(&trial, NULL);
    make_two_snapshots(&trial);
    uint64_t newest = newest_below(&trial, UINT64_MAX, &count);
    uint64_t older = newest_below(&trial, newest, &count);
    assert_int_equal(count, 2);
    assert_int_not_equal(older, 0);
    start_is_from(&trial, newest);
    damage(&trial, newest);
    start_is_from(&trial, older);
    damage(&trial, older);
    start_is_from(&trial, 0);
    assert_true(witness_verify(&trial)->counts.digests >= 2);
    trial_remove(&trial);
}

static void a_snapshot_of_another_exchange_is_skipped(void **state) {
    struct trial ours;
    struct trial theirs;
    char from[PATH_ROOM];
    char to[PATH_ROOM];
    uint32_t count;
    (void)state;
    open_trial(&ours, NULL);
    open_trial(&theirs, NULL);
    make_two_snapshots(&theirs);
    uint64_t foreign = newest_below(&theirs, UINT64_MAX, &count);
    make_two_snapshots(&ours);
    start_is_from(&ours, newest_below(&ours, UINT64_MAX, &count));
    snapshot_path(&theirs, foreign, from);
    snapshot_path(&ours, newest_below(&ours, UINT64_MAX, &count), to);
    assert_int_equal(rename(from, to), 0);
    snapshot_path(&ours, foreign, from);
    assert_true(strcmp(from, to) == 0 || rename(to, from) == 0);
    trial_start(&ours);
    assert_true(witness_logged(&ours, "snapshot_foreign", NULL));
    assert_int_not_equal(witness_number(&ours, "recovered", "base="), foreign);
    trade_once(&ours);
    assert_int_equal(trial_stop(&ours), 0);
    (void)witness_verify(&ours);
    trial_remove(&theirs);
    trial_remove(&ours);
}

static void a_kill_while_a_snapshot_is_written_leaves_the_one_before(void **state) {
    char library[TRIAL_PATH_MAX];
    struct trial trial;
    struct faulty_disk disk;
    uint32_t count;
    (void)state;
    trial_program("preload_disk.so", library);
    open_trial(&trial, library);
    faulty_disk_open(&disk, trial.folder, "/snapshots/", false);
    make_two_snapshots(&trial);
    uint64_t newest = newest_below(&trial, UINT64_MAX, &count);
    for (uint64_t nth = 1; nth <= 3; nth++) {
        struct faulty_disk_plan plan = {
            .call = DISK_CALL_WRITE, .effect = DISK_EFFECT_DIE, .nth = nth};
        trial_start(&trial);
        trade_once(&trial);
        faulty_disk_plan(&disk, &plan);
        assert_int_equal(trial_stop(&trial), 128 + 9);
        faulty_disk_heal(&disk);
        assert_int_equal(newest_below(&trial, UINT64_MAX, &count), newest);
    }
    start_is_from(&trial, newest);
    trial_start(&trial);
    trade_once(&trial);
    assert_int_equal(trial_stop(&trial), 0);
    assert_true(newest_below(&trial, UINT64_MAX, &count) > newest);
    assert_int_equal(count, 2);
    (void)witness_verify(&trial);
    faulty_disk_close(&disk);
    trial_remove(&trial);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_damaged_snapshot_is_skipped_for_an_older_one_or_the_beginning),
        cmocka_unit_test(a_snapshot_of_another_exchange_is_skipped),
        cmocka_unit_test(a_kill_while_a_snapshot_is_written_leaves_the_one_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
