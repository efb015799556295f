/*
 * ledger/copy.h: a copy is the ledger, or its beginning, at any moment.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/random.h"
#include "ledger/copy.h"
#include "ledger/failure.h"
#include "ledger/reader.h"
#include "ledger/verify.h"
#include "ledger/volume.h"
#include "tests/unit/ledger_desk.h"

#define KILLS 12

static char copy[LEDGER_FOLDER_PATH];

static int open_desk(void **state) {
    int failed = ledger_desk_open(state);
    struct ledger_desk *desk = *state;
    ledger_folder_make(copy);
    ledger_desk_trade(desk, 400);
    ledger_desk_trade(desk, 500);
    ledger_desk_order(desk, SIDE_SELL, 1000, 100);
    desk->rolls[0] = 300;
    desk->rolls[1] = 600;
    ledger_desk_store(desk);
    return failed;
}

static int close_desk(void **state) {
    ledger_folder_remove(copy);
    return ledger_desk_close(state);
}

static int run(const struct ledger_desk *desk, struct copy_report *report) {
    struct copy_options options = {.from = desk->dir, .to = copy};
    return copy_run(&options, report);
}

/* Whether the copy has a checkpoint yet: records come before those that cover them. */
static bool has_checkpoint(void) {
    static char bytes[JOURNAL_CHECKPOINT_MAX];
    struct reader_note note = {.bytes = bytes, .bytes_max = sizeof bytes};
    struct reader *reader;
    assert_int_equal(reader_open(&reader, copy, false), 0);
    int failure = reader_last_checkpoint(reader, &note);
    reader_close(reader);
    assert_true(failure == 0 || failure == FAILURE_NOT_FOUND);
    return failure == 0;
}

/* The copy holds this many records, and verify finds nothing in it. */
static void assert_sound(const struct ledger_desk *desk, uint64_t size) {
    static struct verify_report report;
    struct verify_options options = {.dir = copy,
                                     .key = has_checkpoint() ? &desk->verifiers[0] : NULL};
    assert_int_equal(verify_run(&options, &report), 0);
    assert_string_equal(report.fault.text, "");
    assert_int_equal(report.fault.kind, FINDING_NONE);
    assert_int_equal(report.audit.head.size, size);
}

static void volume_file(uint32_t number, char path[VOLUME_PATH_SIZE + 16]) {
    char folder[VOLUME_PATH_SIZE];
    assert_int_equal(volume_path(copy, number, folder), 0);
    snprintf(path, VOLUME_PATH_SIZE + 16, "%s/data.mdb", folder);
}

static ino_t inode(uint32_t number) {
    struct stat status;
    char path[VOLUME_PATH_SIZE + 16];
    volume_file(number, path);
    assert_int_equal(stat(path, &status), 0);
    return status.st_ino;
}

/* --- what is copied --------------------------------------------------------------------------- */

static void copy_of_a_ledger_is_verified_like_it(void **state) {
    struct ledger_desk *desk = *state;
    struct copy_report report;
    uint64_t records = desk->list.count;
    assert_int_equal(run(desk, &report), 0);
    assert_int_equal(report.volumes, 3);
    assert_int_equal(report.copied, 2);
    assert_int_equal(report.appended, records - 600);
    assert_int_equal(report.head.size, records);
    assert_int_equal(report.checkpoint, records - 1);
    assert_sound(desk, records);
}

static void second_copy_takes_only_what_is_new(void **state) {
    struct ledger_desk *desk = *state;
    struct copy_report report;
    uint64_t before = desk->list.count;
    assert_int_equal(run(desk, &report), 0);
    ino_t first = inode(0);
    ledger_desk_trade(desk, 300);
    ledger_desk_store(desk);
    assert_int_equal(run(desk, &report), 0);
    assert_int_equal(report.copied, 0);
    assert_int_equal(report.appended, desk->list.count - before);
    assert_int_equal(report.checkpoint, desk->list.count);
    assert_int_equal(inode(0), first);
    assert_sound(desk, desk->list.count);
    assert_int_equal(run(desk, &report), 0);
    assert_int_equal(report.appended, 0);
}

static void volume_that_was_closed_since_is_copied_whole(void **state) {
    struct ledger_desk *desk = *state;
    struct copy_report report;
    assert_int_equal(run(desk, &report), 0);
    desk->rolls[2] = desk->list.count;
    ledger_desk_trade(desk, 300);
    ledger_desk_store(desk);
    assert_int_equal(run(desk, &report), 0);
    assert_int_equal(report.copied, 1);
    assert_int_equal(report.appended, desk->list.count - desk->rolls[2]);
    assert_sound(desk, desk->list.count);
}

static void missing_and_broken_volumes_are_copied_again(void **state) {
    struct ledger_desk *desk = *state;
    struct copy_report report;
    char path[VOLUME_PATH_SIZE + 16];
    char folder[VOLUME_PATH_SIZE];
    assert_int_equal(run(desk, &report), 0);
    volume_file(1, path);
    assert_int_equal(truncate(path, 9000), 0);
    assert_int_equal(run(desk, &report), 0);
    assert_int_equal(report.copied, 1);
    assert_sound(desk, desk->list.count);
    for (uint32_t number = 0; number < 2; number++) {
        assert_int_equal(volume_path(copy, number, folder), 0);
        ledger_folder_remove(folder);
        assert_int_equal(run(desk, &report), 0);
        assert_int_equal(report.copied, 1);
        assert_sound(desk, desk->list.count);
    }
}

static void what_a_crash_left_under_another_name_is_removed(void **state) {
    struct ledger_desk *desk = *state;
    struct copy_report report;
    char path[VOLUME_PATH_SIZE];
    char left[VOLUME_PATH_SIZE + 16];
    assert_int_equal(volume_path(copy, 0, path), 0);
    snprintf(left, sizeof left, "%s.copy", path);
    assert_int_equal(mkdir(left, 0700), 0);
    assert_int_equal(run(desk, &report), 0);
    assert_int_equal(access(left, F_OK), -1);
    assert_sound(desk, desk->list.count);
}

static void epochs_of_a_copy_are_not_below_the_ledgers(void **state) {
    struct ledger_desk *desk = *state;
    struct copy_report report;
    struct journal *journal = NULL;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(journal_open(&journal, desk->dir, &ledger_folder_options), 0);
        journal_close(journal);
    }
    assert_int_equal(run(desk, &report), 0);
    assert_int_equal(journal_open(&journal, copy, &ledger_folder_options), 0);
    assert_true(journal_epoch(journal) > 6);
    journal_close(journal);
}

static void ledger_that_is_written_meanwhile_is_copied(void **state) {
    struct ledger_desk *desk = *state;
    struct copy_report report;
    struct journal *journal = NULL;
    assert_int_equal(journal_open(&journal, desk->dir, &ledger_folder_options), 0);
    const struct listed_record *last = &desk->list.records[desk->list.count - 1];
    assert_int_equal(journal_append(journal, last->bytes, last->size), 0);
    assert_int_equal(run(desk, &report), 0);
    assert_int_equal(report.head.size, desk->list.count);
    assert_int_equal(journal_commit(journal), 0);
    assert_int_equal(run(desk, &report), 0);
    assert_int_equal(report.appended, 1);
    journal_close(journal);
}

/* --- what is not ------------------------------------------------------------------------------ */

static void copy_of_another_ledger_is_left_alone(void **state) {
    struct ledger_desk *desk = *state;
    struct copy_report report;
    uint64_t records = desk->list.count;
    struct listed_record *changed = &desk->list.records[200];
    assert_int_equal(run(desk, &report), 0);
    changed->bytes[changed->size - 1] ^= 1;
    ledger_desk_store(desk);
    assert_int_equal(run(desk, &report), FAILURE_EXISTS);
    assert_sound(desk, records);
}

static void copy_that_goes_on_after_the_ledger_is_left_alone(void **state) {
    struct ledger_desk *desk = *state;
    struct copy_report report;
    uint64_t records = desk->list.count;
    assert_int_equal(run(desk, &report), 0);
    desk->list.count -= 5;
    ledger_desk_store(desk);
    desk->list.count = records;
    assert_int_equal(run(desk, &report), FAILURE_EXISTS);
    assert_sound(desk, records);
}

static void changed_record_does_not_get_into_the_copy(void **state) {
    struct ledger_desk *desk = *state;
    struct copy_report report;
    uint64_t before = desk->list.count;
    assert_int_equal(run(desk, &report), 0);
    ledger_desk_trade(desk, 300);
    ledger_desk_store(desk);
    ledger_desk_flip(desk, before + 20, 70);
    assert_int_equal(run(desk, &report), FAILURE_DAMAGED);
    assert_sound(desk, before);
}

static void ledger_is_not_copied_onto_itself_nor_nothing_at_all(void **state) {
    struct ledger_desk *desk = *state;
    struct copy_report report;
    struct copy_options itself = {.from = desk->dir, .to = desk->dir};
    struct copy_options nothing = {.from = copy, .to = desk->dir};
    assert_int_equal(copy_run(&itself, &report), FAILURE_MALFORMED);
    assert_int_equal(copy_run(&nothing, &report), FAILURE_NOT_FOUND);
}

static void copy_has_one_writer(void **state) {
    struct ledger_desk *desk = *state;
    struct copy_report report;
    struct journal *journal = NULL;
    assert_int_equal(run(desk, &report), 0);
    assert_int_equal(journal_open(&journal, copy, &ledger_folder_options), 0);
    assert_int_equal(run(desk, &report), FAILURE_BUSY);
    journal_close(journal);
}

/* --- kills ------------------------------------------------------------------------------------ */

/* Whatever is there is a ledger, or nothing. */
static void assert_sound_or_nothing(const struct ledger_desk *desk) {
    struct merkle_head head;
    struct reader *reader = NULL;
    uint32_t lowest = 0;
    uint32_t highest = 0;
    if (volume_range(copy, &lowest, &highest) == FAILURE_NOT_FOUND)
        return;
    assert_int_equal(reader_open(&reader, copy, false), 0);
    assert_int_equal(reader_head(reader, &head), 0);
    reader_close(reader);
    assert_sound(desk, head.size);
}

static void copy_killed_at_any_moment_is_whole_and_goes_on(void **state) {
    struct ledger_desk *desk = *state;
    struct random random = {.state = 11};
    struct copy_report report;
    uint32_t killed = 0;
    for (int i = 0; i < KILLS; i++) {
        fflush(NULL);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            _exit(run(desk, &report) == 0 ? 0 : 1);
        usleep((useconds_t)random_between(&random, 100, 40000));
        kill(child, SIGKILL);
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
        killed += WIFSIGNALED(status);
        assert_sound_or_nothing(desk);
        if (i % 3 == 2) {
            ledger_folder_remove(copy);
            assert_int_equal(mkdir(copy, 0700), 0);
        }
    }
    assert_true(killed > 0);
    assert_int_equal(run(desk, &report), 0);
    assert_sound(desk, desk->list.count);
}

int main(void) {
#define ON_DESK(test) cmocka_unit_test_setup_teardown(test, open_desk, close_desk)
    const struct CMUnitTest tests[] = {
        ON_DESK(copy_of_a_ledger_is_verified_like_it),
        ON_DESK(second_copy_takes_only_what_is_new),
        ON_DESK(volume_that_was_closed_since_is_copied_whole),
        ON_DESK(missing_and_broken_volumes_are_copied_again),
        ON_DESK(what_a_crash_left_under_another_name_is_removed),
        ON_DESK(epochs_of_a_copy_are_not_below_the_ledgers),
        ON_DESK(ledger_that_is_written_meanwhile_is_copied),
        ON_DESK(copy_of_another_ledger_is_left_alone),
        ON_DESK(copy_that_goes_on_after_the_ledger_is_left_alone),
        ON_DESK(changed_record_does_not_get_into_the_copy),
        ON_DESK(ledger_is_not_copied_onto_itself_nor_nothing_at_all),
        ON_DESK(copy_has_one_writer),
        ON_DESK(copy_killed_at_any_moment_is_whole_and_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
