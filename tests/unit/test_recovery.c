/*
 * gateway/recovery.h: which snapshot a recovery begins with.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "gateway/recovery.h"
#include "ledger/failure.h"
#include "ledger/genesis.h"
#include "ledger/snapshot.h"
#include "tests/unit/ledger_desk.h"

static char snapshots[LEDGER_FOLDER_PATH + 16];

static int open_desk(void **state) {
    int failed = ledger_desk_open(state);
    const struct ledger_desk *desk = *state;
    snprintf(snapshots, sizeof snapshots, "%s-snapshots", desk->dir);
    return failed;
}

static int close_desk(void **state) {
    ledger_folder_remove(snapshots);
    return ledger_desk_close(state);
}

/* Of the state after all records so far. */
static void write_snapshot(struct ledger_desk *desk) {
    struct finding finding;
    struct reader *reader;
    struct genesis genesis;
    size_t size;
    struct replay *replay = replay_create(NULL);
    ledger_desk_store(desk);
    assert_int_equal(reader_open(&reader, desk->dir, true), 0);
    assert_int_equal(genesis_read(reader, &genesis), 0);
    reader_close(reader);
    assert_true(record_list_replay(&desk->list, 0, replay, &finding));
    struct snapshot_facts facts = {
        .next = desk->list.count, .limits = genesis.limits, .notes_size = REPLAY_NOTES_SIZE};
    struct snapshot_image image = {0};
    replay_notes(replay, facts.notes);
    assert_int_equal(snapshot_image_take(&image, replay_engine(replay, &size), &facts), 0);
    assert_int_equal(snapshot_write(snapshots, &image), 0);
    snapshot_image_free(&image);
    replay_destroy(replay);
}

/* Recovers the desk's ledger; it must give every record, from a snapshot with this `next`. */
static void assert_recovers_from(const struct ledger_desk *desk, uint64_t base) {
    struct recovery recovery;
    struct recovery_options options = {.ledger_dir = desk->dir, .snapshots_dir = snapshots};
    assert_int_equal(recover(&recovery, &options), 0);
    assert_false(recovery.has_diverged);
    assert_int_equal(recovery.base, base);
    assert_int_equal(replay_next(recovery.replay), desk->list.count);
    assert_int_equal(recovery.records, desk->list.count - base);
    recovery_end(&recovery);
}

static void recovery_begins_with_the_newest_snapshot(void **state) {
    struct ledger_desk *desk = *state;
    ledger_desk_trade(desk, 20);
    write_snapshot(desk);
    ledger_desk_trade(desk, 20);
    write_snapshot(desk);
    uint64_t newest = desk->list.count;
    ledger_desk_trade(desk, 20);
    ledger_desk_store(desk);
    assert_recovers_from(desk, newest);
}

/* As when the ledger's folder came back from an older copy and the snapshots did not: what is
 * missing was answered. */
static void ledger_that_ends_before_its_snapshot_is_refused(void **state) {
    struct ledger_desk *desk = *state;
    struct recovery recovery;
    struct recovery_options options = {.ledger_dir = desk->dir, .snapshots_dir = snapshots};
    ledger_desk_trade(desk, 20);
    uint64_t end = desk->list.count;
    ledger_desk_trade(desk, 20);
    write_snapshot(desk);
    uint64_t all = desk->list.count;
    desk->list.count = end;
    ledger_desk_store(desk);
    assert_int_equal(recover(&recovery, &options), FAILURE_DAMAGED);
    desk->list.count = all;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(recovery_begins_with_the_newest_snapshot, open_desk,
                                        close_desk),
        cmocka_unit_test_setup_teardown(ledger_that_ends_before_its_snapshot_is_refused, open_desk,
                                        close_desk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
