/*
 * ledger/journal.h and ledger/reader.h, sentence by sentence.
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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "bench/random.h"
#include "ledger/edge.h"
#include "ledger/failure.h"
#include "ledger/journal.h"
#include "ledger/reader.h"
#include "ledger/volume.h"
#include "tests/unit/ledger_folder.h"

struct desk {
    char dir[LEDGER_FOLDER_PATH];
    struct journal *journal;
    struct reader *reader;
};

static int open_desk(void **state) {
    struct desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    ledger_folder_make(desk->dir);
    assert_int_equal(journal_create(desk->dir, algorithms_profile()), 0);
    assert_int_equal(journal_open(&desk->journal, desk->dir, &ledger_folder_options), 0);
    assert_int_equal(reader_open(&desk->reader, desk->dir, false), 0);
    *state = desk;
    return 0;
}

static int close_desk(void **state) {
    struct desk *desk = *state;
    reader_close(desk->reader);
    journal_close(desk->journal);
    ledger_folder_remove(desk->dir);
    free(desk);
    return 0;
}

static void reopen(struct desk *desk) {
    journal_close(desk->journal);
    desk->journal = NULL;
    assert_int_equal(journal_open(&desk->journal, desk->dir, &ledger_folder_options), 0);
}

static void assert_head(struct desk *desk, uint64_t size) {
    struct merkle_head head;
    struct merkle_head stored;
    struct hash root;
    journal_head(desk->journal, &head);
    ledger_folder_root(size, &root);
    assert_int_equal(head.size, size);
    assert_true(hash_equal(&head.root, &root));
    assert_int_equal(journal_durable(desk->journal), size);
    assert_int_equal(reader_head(desk->reader, &stored), 0);
    assert_int_equal(stored.size, size);
    assert_true(hash_equal(&stored.root, &root));
}

static void assert_record(const struct reader_record *record, uint64_t sequence) {
    static uint8_t expected[BLOCK_RECORD_MAX];
    size_t size = ledger_record(sequence, expected);
    assert_int_equal(record->sequence, sequence);
    assert_int_equal(record->size, size);
    assert_memory_equal(record->bytes, expected, size);
}

/* Walks to the end; returns how many records came. */
static uint64_t walk(struct reader *reader) {
    struct reader_record record;
    uint64_t first = reader_position(reader);
    for (int step; (step = reader_next(reader, &record)) != READER_END;) {
        assert_true(step > 0);
        if (step == READER_RECORD)
            assert_record(&record, reader_position(reader) - 1);
    }
    return reader_position(reader) - first;
}

static void new_ledger_is_the_empty_tree_in_its_first_epoch(void **state) {
    struct desk *desk = *state;
    struct reader_record record;
    assert_head(desk, 0);
    assert_int_equal(journal_epoch(desk->journal), 1);
    assert_int_equal(journal_volume(desk->journal), 0);
    assert_int_equal(reader_next(desk->reader, &record), READER_END);
    assert_int_equal(reader_get(desk->reader, 0, &record), FAILURE_NOT_FOUND);
    assert_int_equal(journal_commit(desk->journal), 0);
}

static void every_opening_is_a_new_epoch(void **state) {
    struct desk *desk = *state;
    reopen(desk);
    assert_int_equal(journal_epoch(desk->journal), 2);
    reopen(desk);
    assert_int_equal(journal_epoch(desk->journal), 3);
}

static void folder_with_a_ledger_is_not_created_again(void **state) {
    struct desk *desk = *state;
    assert_int_equal(journal_create(desk->dir, algorithms_profile()), FAILURE_EXISTS);
}

static void folder_without_a_ledger_is_not_opened(void **state) {
    (void)state;
    char dir[LEDGER_FOLDER_PATH];
    struct journal *journal = NULL;
    struct reader *reader = NULL;
    ledger_folder_make(dir);
    assert_int_equal(journal_open(&journal, dir, &ledger_folder_options), FAILURE_NOT_FOUND);
    assert_int_equal(reader_open(&reader, dir, false), FAILURE_NOT_FOUND);
    assert_null(journal);
    assert_null(reader);
    ledger_folder_remove(dir);
}

static void ledger_has_one_writer(void **state) {
    struct desk *desk = *state;
    struct journal *second = NULL;
    assert_int_equal(journal_open(&second, desk->dir, &ledger_folder_options), FAILURE_BUSY);
    pid_t child = fork();
    if (child == 0) {
        int failure = journal_open(&second, desk->dir, &ledger_folder_options);
        _exit(failure == FAILURE_BUSY ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    ledger_folder_append(desk->journal, 3);
}

static void appended_records_are_visible_when_they_are_committed(void **state) {
    struct desk *desk = *state;
    uint8_t record[BLOCK_RECORD_MAX];
    struct merkle_head head;
    struct hash root;
    for (uint64_t i = 0; i < 300; i++)
        assert_int_equal(journal_append(desk->journal, record, ledger_record(i, record)), 0);
    journal_head(desk->journal, &head);
    ledger_folder_root(300, &root);
    assert_int_equal(head.size, 300);
    assert_true(hash_equal(&head.root, &root));
    assert_int_equal(journal_durable(desk->journal), 0);
    assert_int_equal(walk(desk->reader), 0);
    assert_int_equal(journal_commit(desk->journal), 0);
    assert_head(desk, 300);
    assert_int_equal(walk(desk->reader), 300);
}

static void tree_goes_on_after_reopening_at_any_size(void **state) {
    struct desk *desk = *state;
    static const uint64_t sizes[] = {1,    2,    255,   256,   257,   600,
                                     4096, 5000, 65535, 65536, 65793, 66000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        ledger_folder_append(desk->journal, sizes[i] - journal_durable(desk->journal));
        reopen(desk);
        assert_head(desk, sizes[i]);
    }
}

static void records_not_committed_are_gone_after_closing(void **state) {
    struct desk *desk = *state;
    uint8_t record[BLOCK_RECORD_MAX];
    ledger_folder_append(desk->journal, 10);
    assert_int_equal(journal_append(desk->journal, record, ledger_record(10, record)), 0);
    reopen(desk);
    assert_head(desk, 10);
}

static void smallest_and_largest_records_come_back(void **state) {
    struct desk *desk = *state;
    static uint8_t large[BLOCK_RECORD_MAX];
    struct reader_record record;
    memset(large, 0xEE, sizeof large);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(journal_append(desk->journal, "s", 1), 0);
        assert_int_equal(journal_append(desk->journal, large, sizeof large), 0);
    }
    assert_int_equal(journal_commit(desk->journal), 0);
    for (uint64_t i = 0; i < 6; i++) {
        assert_int_equal(reader_get(desk->reader, i, &record), 0);
        assert_int_equal(record.size, i % 2 == 0 ? 1 : BLOCK_RECORD_MAX);
        assert_memory_equal(record.bytes, i % 2 == 0 ? (const uint8_t *)"s" : large, record.size);
    }
}

static void any_record_is_found_by_its_sequence(void **state) {
    struct desk *desk = *state;
    struct reader_record record;
    for (uint64_t batch = 1; batch < 60; batch++)
        ledger_folder_append(desk->journal, batch);
    for (uint64_t i = 0; i < journal_durable(desk->journal); i++) {
        assert_int_equal(reader_get(desk->reader, i, &record), 0);
        assert_record(&record, i);
    }
    assert_int_equal(reader_get(desk->reader, journal_durable(desk->journal), &record),
                     FAILURE_NOT_FOUND);
    assert_int_equal(reader_get(desk->reader, UINT64_MAX / 2, &record), FAILURE_NOT_FOUND);
}

static void walk_begins_at_any_sequence_and_goes_on_as_records_come(void **state) {
    struct desk *desk = *state;
    ledger_folder_append(desk->journal, 700);
    reader_seek(desk->reader, 333);
    assert_int_equal(walk(desk->reader), 367);
    for (uint64_t i = 0; i < 20; i++) {
        ledger_folder_append(desk->journal, 1 + i * 7);
        assert_int_equal(walk(desk->reader), 1 + i * 7);
    }
    reader_seek(desk->reader, journal_durable(desk->journal) + 5);
    assert_int_equal(walk(desk->reader), 0);
    ledger_folder_append(desk->journal, 7);
    assert_int_equal(walk(desk->reader), 2);
}

static void view_pauses_after_a_thousand_records(void **state) {
    struct desk *desk = *state;
    struct reader_record record;
    uint64_t given = 0;
    int step = 0;
    ledger_folder_append(desk->journal, 2500);
    while ((step = reader_next(desk->reader, &record)) == READER_RECORD)
        given++;
    assert_int_equal(step, READER_PAUSE);
    assert_in_range(given, 1, READER_VIEW_RECORDS);
    assert_int_equal(walk(desk->reader), 2500 - given);
}

static void lookups_do_not_disturb_the_walk(void **state) {
    struct desk *desk = *state;
    struct reader_record record;
    struct reader_record other;
    ledger_folder_append(desk->journal, 50);
    assert_int_equal(reader_next(desk->reader, &record), READER_RECORD);
    assert_int_equal(reader_get(desk->reader, 40, &other), 0);
    assert_record(&record, 0);
    assert_record(&other, 40);
    assert_int_equal(reader_next(desk->reader, &record), READER_RECORD);
    assert_record(&record, 1);
    assert_record(&other, 40);
}

static void records_and_tree_run_on_across_volumes(void **state) {
    struct desk *desk = *state;
    struct reader_record record;
    uint32_t number = 99;
    static const uint64_t ends[] = {1, 300, 301, 1024, 1500};
    for (uint32_t i = 0; i < 5; i++) {
        ledger_folder_append(desk->journal, ends[i] - journal_durable(desk->journal));
        assert_int_equal(walk(desk->reader), ends[i] - (i > 0 ? ends[i - 1] : 0));
        assert_int_equal(journal_roll(desk->journal), 0);
        assert_int_equal(journal_volume(desk->journal), i + 1);
        assert_head(desk, ends[i]);
        if (i % 2 == 0)
            reopen(desk);
        assert_head(desk, ends[i]);
    }
    ledger_folder_append(desk->journal, 500);
    assert_int_equal(walk(desk->reader), 500);
    assert_head(desk, 2000);
    for (uint64_t i = 0; i < 2000; i += 13) {
        uint32_t expected = 0;
        while (expected < 5 && i >= ends[expected])
            expected++;
        assert_int_equal(reader_volume(desk->reader, i, &number), 0);
        assert_int_equal(number, expected);
        assert_int_equal(reader_get(desk->reader, i, &record), 0);
        assert_record(&record, i);
    }
    reader_seek(desk->reader, 0);
    assert_int_equal(walk(desk->reader), 2000);
}

static void reader_moves_to_any_record_near_and_far(void **state) {
    struct desk *desk = *state;
    struct random random = {.state = 5};
    struct reader_record record;
    uint64_t at = 0;
    for (int i = 0; i < 6; i++) {
        ledger_folder_append(desk->journal, 900);
        if (i % 2 == 0)
            assert_int_equal(journal_roll(desk->journal), 0);
    }
    for (int i = 0; i < 20000; i++) {
        uint64_t ahead = random_below(&random, random_once_in(&random, 10) ? 3000 : 20);
        at = random_once_in(&random, 50) ? random_below(&random, 5400) : (at + ahead) % 5400;
        reader_move(desk->reader, at);
        assert_int_equal(reader_position(desk->reader), at);
        int step = READER_PAUSE;
        while (step == READER_PAUSE)
            step = reader_next(desk->reader, &record);
        assert_int_equal(step, READER_RECORD);
        assert_record(&record, at++);
    }
    reader_move(desk->reader, 6000);
    assert_int_equal(reader_next(desk->reader, &record), READER_END);
    ledger_folder_append(desk->journal, 700);
    assert_int_equal(walk(desk->reader), 100);
}

static void empty_volume_is_not_rolled(void **state) {
    struct desk *desk = *state;
    assert_int_equal(journal_roll(desk->journal), 0);
    assert_int_equal(journal_volume(desk->journal), 0);
    ledger_folder_append(desk->journal, 1);
    assert_int_equal(journal_roll(desk->journal), 0);
    assert_int_equal(journal_roll(desk->journal), 0);
    assert_int_equal(journal_volume(desk->journal), 1);
}

static void file_status(const struct desk *desk, uint32_t volume, struct stat *status) {
    char path[LEDGER_FOLDER_PATH + 64];
    snprintf(path, sizeof path, "%s/volume-%06u/data.mdb", desk->dir, volume);
    assert_int_equal(stat(path, status), 0);
}

static void closed_volume_gives_its_reserve_back_and_is_not_written_again(void **state) {
    struct desk *desk = *state;
    struct stat closed;
    struct stat later;
    ledger_folder_append(desk->journal, 100);
    uint64_t used = journal_volume_bytes(desk->journal);
    file_status(desk, 0, &closed);
    assert_true((uint64_t)closed.st_size > used + (8u << 20) - 1);
    assert_int_equal(journal_roll(desk->journal), 0);
    file_status(desk, 0, &closed);
    assert_in_range(closed.st_size, used, used + 65536);
    ledger_folder_append(desk->journal, 100);
    reopen(desk);
    assert_int_equal(walk(desk->reader), 200);
    file_status(desk, 0, &later);
    assert_int_equal(later.st_size, closed.st_size);
    assert_int_equal(later.st_mtim.tv_nsec, closed.st_mtim.tv_nsec);
    assert_int_equal(later.st_mtim.tv_sec, closed.st_mtim.tv_sec);
}

static void volume_past_its_limit_is_rolled_by_the_next_batch(void **state) {
    struct desk *desk = *state;
    struct journal_options options = ledger_folder_options;
    options.volume_bytes_max = 1u << 20;
    journal_close(desk->journal);
    desk->journal = NULL;
    assert_int_equal(journal_open(&desk->journal, desk->dir, &options), 0);
    for (int i = 0; i < 20; i++)
        ledger_folder_append(desk->journal, 500);
    assert_in_range(journal_volume(desk->journal), 2, 8);
    assert_head(desk, 10000);
    assert_int_equal(walk(desk->reader), 10000);
}

static void closed_newest_volume_gets_its_successor_at_the_next_opening(void **state) {
    struct desk *desk = *state;
    char from[LEDGER_FOLDER_PATH + 64];
    char to[LEDGER_FOLDER_PATH + 64];
    ledger_folder_append(desk->journal, 777);
    assert_int_equal(journal_roll(desk->journal), 0);
    journal_close(desk->journal);
    desk->journal = NULL;
    reader_close(desk->reader);
    /* As if the stop had come just before volume 1 got its name. */
    snprintf(from, sizeof from, "%s/volume-000001", desk->dir);
    snprintf(to, sizeof to, "%s/volume-000001.new", desk->dir);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(reader_open(&desk->reader, desk->dir, true), 0);
    assert_int_equal(walk(desk->reader), 777);
    reader_close(desk->reader);
    reopen(desk);
    assert_int_equal(journal_volume(desk->journal), 1);
    assert_int_equal(access(to, F_OK), -1);
    assert_int_equal(reader_open(&desk->reader, desk->dir, false), 0);
    ledger_folder_append(desk->journal, 3);
    assert_int_equal(walk(desk->reader), 780);
    assert_head(desk, 780);
}

static void missing_volume_is_noticed(void **state) {
    struct desk *desk = *state;
    struct reader *reader = NULL;
    char from[LEDGER_FOLDER_PATH + 64];
    char to[LEDGER_FOLDER_PATH + 64];
    for (int i = 0; i < 2; i++) {
        ledger_folder_append(desk->journal, 10);
        assert_int_equal(journal_roll(desk->journal), 0);
    }
    snprintf(from, sizeof from, "%s/volume-000001", desk->dir);
    snprintf(to, sizeof to, "%s/elsewhere", desk->dir);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(reader_open(&reader, desk->dir, true), FAILURE_DAMAGED);
}

static void what_lies_in_older_volumes_that_were_put_away_is_not_read_as_an_end(void **state) {
    struct desk *desk = *state;
    struct reader *reader = NULL;
    struct reader_record record;
    char from[LEDGER_FOLDER_PATH + 64];
    char to[LEDGER_FOLDER_PATH + 64];
    ledger_folder_append(desk->journal, 10);
    assert_int_equal(journal_roll(desk->journal), 0);
    ledger_folder_append(desk->journal, 10);
    snprintf(from, sizeof from, "%s/volume-000000", desk->dir);
    snprintf(to, sizeof to, "%s/elsewhere", desk->dir);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(reader_open(&reader, desk->dir, false), 0);
    assert_int_equal(reader_next(reader, &record), FAILURE_DAMAGED);
    assert_int_equal(reader_get(reader, 9, &record), FAILURE_NOT_FOUND);
    reader_seek(reader, 10);
    assert_int_equal(reader_next(reader, &record), READER_RECORD);
    assert_int_equal(record.sequence, 10);
    reader_close(reader);
}

static void tiles_are_stored_when_full_and_in_the_volume_of_their_last_record(void **state) {
    struct desk *desk = *state;
    struct hash hashes[TILE_WIDTH];
    struct hash root;
    struct hasher *hasher = hasher_create(algorithms_profile());
    uint8_t record[BLOCK_RECORD_MAX];
    struct hash leaf;
    ledger_folder_append(desk->journal, 200);
    assert_int_equal(journal_roll(desk->journal), 0);
    ledger_folder_append(desk->journal, 55);
    assert_int_equal(reader_tile(desk->reader, 0, 0, hashes), FAILURE_NOT_FOUND);
    ledger_folder_append(desk->journal, 1);
    assert_int_equal(reader_tile(desk->reader, 0, 0, hashes), 0);
    assert_int_equal(reader_tile(desk->reader, 0, 1, hashes), FAILURE_NOT_FOUND);
    assert_int_equal(reader_tile(desk->reader, 1, 0, hashes + 0), FAILURE_NOT_FOUND);
    for (uint64_t i = 0; i < TILE_WIDTH; i++) {
        hasher_leaf(hasher, record, ledger_record(i, record), &leaf);
        assert_true(hash_equal(&leaf, &hashes[i]));
    }
    edge_tile_root(hasher, hashes, TILE_WIDTH, &leaf);
    ledger_folder_root(TILE_WIDTH, &root);
    assert_true(hash_equal(&leaf, &root));
    hasher_destroy(hasher);
}

static void checkpoints_are_found_by_size_across_volumes(void **state) {
    struct desk *desk = *state;
    char bytes[64];
    struct reader_note note = {.bytes = bytes, .bytes_max = sizeof bytes};
    assert_int_equal(reader_last_checkpoint(desk->reader, &note), FAILURE_NOT_FOUND);
    ledger_folder_append(desk->journal, 10);
    assert_int_equal(journal_put_checkpoint(desk->journal, 7, "seven", 5), 0);
    assert_int_equal(reader_last_checkpoint(desk->reader, &note), FAILURE_NOT_FOUND);
    assert_int_equal(journal_commit(desk->journal), 0);
    assert_int_equal(journal_roll(desk->journal), 0);
    /* Signed late: its volume is closed already. */
    assert_int_equal(journal_put_checkpoint(desk->journal, 10, "ten", 3), 0);
    ledger_folder_append(desk->journal, 10);
    assert_int_equal(journal_roll(desk->journal), 0);
    ledger_folder_append(desk->journal, 1);

    static const struct {
        uint64_t at_least, size;
        const char *text;
    } cases[] = {
        {0, 7, "seven"}, {1, 7, "seven"}, {7, 7, "seven"}, {8, 10, "ten"}, {10, 10, "ten"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(reader_checkpoint(desk->reader, cases[i].at_least, &note), 0);
        assert_int_equal(note.size, cases[i].size);
        assert_int_equal(note.bytes_size, strlen(cases[i].text));
        assert_memory_equal(note.bytes, cases[i].text, note.bytes_size);
    }
    assert_int_equal(reader_checkpoint(desk->reader, 11, &note), FAILURE_NOT_FOUND);
    assert_int_equal(reader_last_checkpoint(desk->reader, &note), 0);
    assert_int_equal(note.size, 10);
    note.bytes_max = 2;
    assert_int_equal(reader_last_checkpoint(desk->reader, &note), FAILURE_MALFORMED);
    reopen(desk);
    assert_int_equal(journal_last_checkpoint(desk->journal), 10);
}

static void checkpoint_sizes_ascend(void **state) {
    struct desk *desk = *state;
    ledger_folder_append(desk->journal, 10);
    assert_int_equal(journal_put_checkpoint(desk->journal, 5, "x", 1), 0);
    assert_int_equal(journal_put_checkpoint(desk->journal, 5, "y", 1), FAILURE_EXISTS);
    assert_int_equal(journal_put_checkpoint(desk->journal, 4, "y", 1), FAILURE_EXISTS);
    assert_int_equal(journal_commit(desk->journal), 0);
    reopen(desk);
    assert_int_equal(journal_put_checkpoint(desk->journal, 5, "y", 1), FAILURE_EXISTS);
    assert_int_equal(journal_put_checkpoint(desk->journal, 6, "y", 1), 0);
}

static void other_process_reads_beside_the_writer(void **state) {
    struct desk *desk = *state;
    ledger_folder_append(desk->journal, 1500);
    pid_t child = fork();
    if (child == 0) {
        struct reader *reader = NULL;
        struct reader_record record;
        uint64_t count = 0;
        int step = reader_open(&reader, desk->dir, false) == 0 ? READER_PAUSE : -1;
        for (; step > 0; count += step == READER_RECORD)
            step = reader_next(reader, &record);
        reader_close(reader);
        _exit(step == READER_END && count == 1500 ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    ledger_folder_append(desk->journal, 10);
    assert_head(desk, 1510);
}

static void copy_is_read_without_a_lock_file_and_without_rights(void **state) {
    struct desk *desk = *state;
    char path[LEDGER_FOLDER_PATH + 64];
    ledger_folder_append(desk->journal, 900);
    assert_int_equal(journal_roll(desk->journal), 0);
    ledger_folder_append(desk->journal, 100);
    reader_close(desk->reader);
    journal_close(desk->journal);
    desk->journal = NULL;
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/volume-%06d/lock.mdb", desk->dir, i);
        unlink(path);
        snprintf(path, sizeof path, "%s/volume-%06d/data.mdb", desk->dir, i);
        assert_int_equal(chmod(path, 0400), 0);
        snprintf(path, sizeof path, "%s/volume-%06d", desk->dir, i);
        assert_int_equal(chmod(path, 0500), 0);
    }
    assert_int_equal(reader_open(&desk->reader, desk->dir, true), 0);
    assert_int_equal(walk(desk->reader), 1000);
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/volume-%06d/lock.mdb", desk->dir, i);
        assert_int_equal(access(path, F_OK), -1);
        snprintf(path, sizeof path, "%s/volume-%06d", desk->dir, i);
        assert_int_equal(chmod(path, 0700), 0);
    }
}

static void wrong_options_are_refused(void **state) {
    struct desk *desk = *state;
    struct journal_options options = ledger_folder_options;
    journal_close(desk->journal);
    desk->journal = NULL;
    options.volume_bytes_max = 1000;
    assert_int_equal(journal_open(&desk->journal, desk->dir, &options), FAILURE_MALFORMED);
    options = ledger_folder_options;
    options.space.critical_bytes = options.space.low_bytes;
    assert_int_equal(journal_open(&desk->journal, desk->dir, &options), FAILURE_MALFORMED);
    reopen(desk);
}

static void disk_space_is_in_order_on_a_disk_with_room(void **state) {
    struct desk *desk = *state;
    assert_int_equal(journal_space(desk->journal), SPACE_OK);
    for (int i = 0; i < 30; i++) {
        ledger_folder_append(desk->journal, 1000);
        assert_int_equal(journal_space(desk->journal), SPACE_OK);
    }
    assert_int_equal(journal_roll(desk->journal), 0);
    assert_int_equal(journal_space(desk->journal), SPACE_OK);
}

/* A reader in the writer's process, on a thread of its own, that never rests. */
struct chaser {
    struct reader *reader;
    _Atomic bool stops;
    int failure;
};

static void *chase(void *owner) {
    struct chaser *chaser = owner;
    struct reader_record record;
    while (!atomic_load(&chaser->stops) && chaser->failure == 0) {
        int step = reader_next(chaser->reader, &record);
        chaser->failure = step < 0 ? step : 0;
    }
    return NULL;
}

static void follower_at_the_writers_heels_does_not_hinder_a_new_volume(void **state) {
    enum { VOLUMES = 40 };
    struct desk *desk = *state;
    struct chaser chaser = {.reader = desk->reader};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, chase, &chaser), 0);
    int failure = 0;
    for (int i = 0; i < VOLUMES && failure == 0; i++) {
        ledger_folder_append(desk->journal, 1);
        failure = journal_roll(desk->journal);
    }
    atomic_store(&chaser.stops, true);
    pthread_join(thread, NULL);
    assert_int_equal(failure, 0);
    assert_int_equal(chaser.failure, 0);
    walk(desk->reader);
    assert_int_equal(reader_position(desk->reader), VOLUMES);
}

/* --- heads --------------------------------------------------------------------------------------
 */

/* Writes the head of volume 0 anew, cut or changed. */
static void write_head(struct desk *desk, size_t size, uint8_t format, uint8_t profile) {
    struct env *env = NULL;
    MDB_txn *txn = NULL;
    uint8_t bytes[52];
    MDB_val key = {4, "head"};
    MDB_val value;
    assert_int_equal(volume_open(&env, desk->dir, 0, ENV_WRITE, 1 << 20), 0);
    assert_int_equal(mdb_txn_begin(env->mdb, NULL, 0, &txn), 0);
    assert_int_equal(mdb_get(txn, env->main, &key, &value), 0);
    assert_int_equal(value.mv_size, sizeof bytes);
    memcpy(bytes, value.mv_data, sizeof bytes);
    bytes[0] = format;
    bytes[48] = profile;
    value = (MDB_val){size, bytes};
    assert_int_equal(mdb_put(txn, env->main, &key, &value, 0), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    env_close(env);
}

static void close_all(struct desk *desk) {
    reader_close(desk->reader);
    desk->reader = NULL;
    journal_close(desk->journal);
    desk->journal = NULL;
}

/* As releases before there was a choice wrote it. */
static void a_head_without_a_profile_is_of_the_first(void **state) {
    struct desk *desk = *state;
    close_all(desk);
    ledger_folder_remove(desk->dir);
    assert_int_equal(journal_create(desk->dir, PROFILE_INTERNATIONAL), 0);
    write_head(desk, 48, 1, 0);
    assert_int_equal(journal_open(&desk->journal, desk->dir, &ledger_folder_options), 0);
    assert_int_equal(journal_profile(desk->journal), PROFILE_INTERNATIONAL);
    assert_int_equal(reader_open(&desk->reader, desk->dir, false), 0);
    assert_int_equal(reader_profile(desk->reader), PROFILE_INTERNATIONAL);
    assert_int_equal(journal_append(desk->journal, "a", 1), 0);
    assert_int_equal(journal_roll(desk->journal), 0);
    assert_int_equal(journal_profile(desk->journal), PROFILE_INTERNATIONAL);
}

static void a_head_that_is_cut_or_unknown_is_refused(void **state) {
    struct desk *desk = *state;
    close_all(desk);
    write_head(desk, 52, 2, PROFILES_END);
    assert_int_equal(reader_open(&desk->reader, desk->dir, false), FAILURE_DAMAGED);
    write_head(desk, 52, 2, 0);
    assert_int_equal(reader_open(&desk->reader, desk->dir, false), FAILURE_DAMAGED);
    write_head(desk, 52, 3, algorithms_profile());
    assert_int_equal(reader_open(&desk->reader, desk->dir, false), FAILURE_VERSION);
    write_head(desk, 52, 0, algorithms_profile());
    assert_int_equal(reader_open(&desk->reader, desk->dir, false), FAILURE_DAMAGED);
    write_head(desk, 51, 2, algorithms_profile());
    assert_int_equal(reader_open(&desk->reader, desk->dir, false), FAILURE_DAMAGED);
    assert_null(desk->reader);
}

int main(void) {
#define WITH_LEDGER(test) cmocka_unit_test_setup_teardown(test, open_desk, close_desk)
    const struct CMUnitTest tests[] = {
        WITH_LEDGER(new_ledger_is_the_empty_tree_in_its_first_epoch),
        WITH_LEDGER(every_opening_is_a_new_epoch),
        WITH_LEDGER(folder_with_a_ledger_is_not_created_again),
        cmocka_unit_test(folder_without_a_ledger_is_not_opened),
        WITH_LEDGER(ledger_has_one_writer),
        WITH_LEDGER(appended_records_are_visible_when_they_are_committed),
        WITH_LEDGER(tree_goes_on_after_reopening_at_any_size),
        WITH_LEDGER(records_not_committed_are_gone_after_closing),
        WITH_LEDGER(smallest_and_largest_records_come_back),
        WITH_LEDGER(any_record_is_found_by_its_sequence),
        WITH_LEDGER(walk_begins_at_any_sequence_and_goes_on_as_records_come),
        WITH_LEDGER(view_pauses_after_a_thousand_records),
        WITH_LEDGER(lookups_do_not_disturb_the_walk),
        WITH_LEDGER(records_and_tree_run_on_across_volumes),
        WITH_LEDGER(reader_moves_to_any_record_near_and_far),
        WITH_LEDGER(empty_volume_is_not_rolled),
        WITH_LEDGER(closed_volume_gives_its_reserve_back_and_is_not_written_again),
        WITH_LEDGER(volume_past_its_limit_is_rolled_by_the_next_batch),
        WITH_LEDGER(follower_at_the_writers_heels_does_not_hinder_a_new_volume),
        WITH_LEDGER(closed_newest_volume_gets_its_successor_at_the_next_opening),
        WITH_LEDGER(missing_volume_is_noticed),
        WITH_LEDGER(what_lies_in_older_volumes_that_were_put_away_is_not_read_as_an_end),
        WITH_LEDGER(tiles_are_stored_when_full_and_in_the_volume_of_their_last_record),
        WITH_LEDGER(checkpoints_are_found_by_size_across_volumes),
        WITH_LEDGER(checkpoint_sizes_ascend),
        WITH_LEDGER(other_process_reads_beside_the_writer),
        WITH_LEDGER(copy_is_read_without_a_lock_file_and_without_rights),
        WITH_LEDGER(wrong_options_are_refused),
        WITH_LEDGER(disk_space_is_in_order_on_a_disk_with_room),
        WITH_LEDGER(a_head_without_a_profile_is_of_the_first),
        WITH_LEDGER(a_head_that_is_cut_or_unknown_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
