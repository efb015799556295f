/* The index of a real market's ledger: what it says, and when it is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <endian.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/env.h"
#include "ledger/failure.h"
#include "ledger/index.h"
#include "tests/unit/ledger_desk.h"

#define ORDERS 300

struct setting {
    struct ledger_desk *desk;
    char index_dir[LEDGER_FOLDER_PATH + 16];
    char aside_dir[LEDGER_FOLDER_PATH + 32];
};

static char told[FAILURE_LINE_SIZE]; /* the last line in the log */

static void keep_line(int failure, const char *line) {
    (void)failure;
    snprintf(told, sizeof told, "%s", line);
}

static int set_up(void **state) {
    struct setting *setting = calloc(1, sizeof *setting);
    void *desk = NULL;
    assert_int_equal(ledger_desk_open(&desk), 0);
    setting->desk = desk;
    ledger_desk_trade(setting->desk, ORDERS);
    ledger_desk_store(setting->desk);
    snprintf(setting->index_dir, sizeof setting->index_dir, "%s.index", setting->desk->dir);
    snprintf(setting->aside_dir, sizeof setting->aside_dir, "%s" CACHE_ASIDE_SUFFIX,
             setting->index_dir);
    told[0] = '\0';
    failure_set_sink(keep_line);
    *state = setting;
    return 0;
}

static int tear_down(void **state) {
    struct setting *setting = *state;
    void *desk = setting->desk;
    if (access(setting->index_dir, F_OK) == 0)
        ledger_folder_remove(setting->index_dir);
    if (access(setting->aside_dir, F_OK) == 0)
        ledger_folder_remove(setting->aside_dir);
    ledger_desk_close(&desk);
    free(setting);
    return 0;
}

/* Opens it and says from where it goes on. */
static uint64_t open_index(const struct setting *setting, struct index **index) {
    assert_int_equal(index_open(index, setting->index_dir, setting->desk->dir), 0);
    return index_as_of(*index);
}

/* Adds records up to `end`. */
static void add_to(const struct setting *setting, struct index *index, uint64_t end) {
    struct reader *reader = NULL;
    struct reader_record record;
    int step = READER_PAUSE;
    assert_int_equal(reader_open(&reader, setting->desk->dir, false), 0);
    reader_seek(reader, index_as_of(index));
    while (step > 0 && reader_position(reader) < end) {
        step = reader_next(reader, &record);
        if (step == READER_RECORD)
            assert_int_equal(index_add(index, &record), 0);
    }
    assert_true(step > 0);
    reader_close(reader);
}

static uint64_t end_of(const struct setting *setting) {
    return setting->desk->list.count;
}

static void build(const struct setting *setting) {
    struct index *index = NULL;
    assert_int_equal(open_index(setting, &index), 0);
    add_to(setting, index, end_of(setting));
    index_close(index);
}

static void keep_if_found(void *owner, enum subject_kind kind, uint64_t id) {
    const struct index_page *wanted = ((struct index_page **)owner)[0];
    bool *is_found = ((bool **)owner)[1];
    *is_found = *is_found || (kind == wanted->kind && id == wanted->id);
}

/* What the records themselves say. */
static uint32_t scan(const struct setting *setting, struct index_page *wanted,
                     uint64_t *sequences) {
    uint32_t count = 0;
    for (size_t i = 0; i < setting->desk->list.count; i++) {
        const struct listed_record *stored = &setting->desk->list.records[i];
        struct record record;
        uint64_t proposal;
        bool is_found = false;
        void *owner[] = {wanted, &is_found};
        assert_true(record_read(stored->bytes, stored->size, &record));
        assert_true(subject_walk(&record, keep_if_found, owner, &proposal));
        if (is_found)
            sequences[count++] = i;
    }
    return count;
}

static void assert_equals_scan(const struct setting *setting, enum subject_kind kind, uint64_t id) {
    struct index_reader *reader = NULL;
    uint64_t expected[4096];
    uint64_t sequences[4096];
    struct index_page page = {
        .kind = kind, .id = id, .to = UINT64_MAX, .sequences = sequences, .max = 4096};
    assert_int_equal(index_reader_open(&reader, setting->index_dir), 0);
    assert_int_equal(index_find(reader, &page), 0);
    assert_int_equal(page.as_of, end_of(setting));
    assert_int_equal(page.next, end_of(setting));
    assert_int_equal(page.count, scan(setting, &page, expected));
    assert_memory_equal(sequences, expected, page.count * sizeof *sequences);
    assert_true(page.count > 0);
    index_reader_close(reader);
}

static void assert_whole(const struct setting *setting) {
    uint32_t session = setting->desk->maker.first_session;
    for (uint32_t i = 0; i < record_list_market.participants; i++)
        assert_equals_scan(setting, SUBJECT_SESSION, session + i);
    for (uint32_t i = 1; i <= record_list_market.accounts; i++)
        assert_equals_scan(setting, SUBJECT_ACCOUNT, i);
    assert_equals_scan(setting, SUBJECT_ORDER, order_id_of(session, 1));
    assert_equals_scan(setting, SUBJECT_ORDER, order_id_of(session, ORDERS / 2));
    assert_equals_scan(setting, SUBJECT_TRADES, 1);
    assert_equals_scan(setting, SUBJECT_TRADES, 0);
}

static bool is_set_aside(const struct setting *setting) {
    return access(setting->aside_dir, F_OK) == 0;
}

/* Opened again it begins at nothing, and says why; and it can be built again. */
static void assert_not_believed(const struct setting *setting, const char *why) {
    struct index *index = NULL;
    assert_int_equal(open_index(setting, &index), 0);
    assert_true(is_set_aside(setting));
    assert_non_null(strstr(told, why));
    add_to(setting, index, end_of(setting));
    assert_int_equal(index_commit(index), 0);
    assert_whole(setting);
    index_close(index);
}

/* A process that builds up to `end` and dies there. */
static void build_and_die(const struct setting *setting, uint64_t end) {
    pid_t child = fork();
    if (child == 0) {
        struct index *index = NULL;
        open_index(setting, &index);
        add_to(setting, index, end);
        if (index_commit(index) != 0)
            _exit(1);
        add_to(setting, index, end + 10); /* these are lost */
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void write_file(const char *dir, const char *name, off_t at, const char *bytes) {
    char path[LEDGER_FOLDER_PATH + 64];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int file = open(path, O_RDWR | O_CLOEXEC);
    assert_true(file >= 0);
    assert_int_equal(pwrite(file, bytes, strlen(bytes), at), (ssize_t)strlen(bytes));
    close(file);
}

/* --- tests -------------------------------------------------------------------------------------
 */

static void it_finds_what_a_scan_finds(void **state) {
    struct setting *setting = *state;
    build(setting);
    assert_whole(setting);
}

static void it_goes_on_where_it_was_closed(void **state) {
    struct setting *setting = *state;
    struct index *index = NULL;
    open_index(setting, &index);
    add_to(setting, index, 100);
    assert_int_equal(index_gathered(index), 100);
    index_close(index);
    assert_int_equal(open_index(setting, &index), 100);
    add_to(setting, index, end_of(setting));
    index_close(index);
    assert_false(is_set_aside(setting));
    assert_whole(setting);
}

static void it_goes_on_where_a_killed_process_committed(void **state) {
    struct setting *setting = *state;
    struct index *index = NULL;
    build_and_die(setting, 150);
    assert_int_equal(open_index(setting, &index), 150);
    add_to(setting, index, end_of(setting));
    index_close(index);
    assert_false(is_set_aside(setting));
    assert_whole(setting);
}

static void left_open_twice_it_may_be_the_culprit(void **state) {
    struct setting *setting = *state;
    build_and_die(setting, 150);
    build_and_die(setting, 200);
    assert_not_believed(setting, "again and again");
}

static void one_that_has_proved_itself_may_be_left_open(void **state) {
    struct setting *setting = *state;
    struct index *index = NULL;
    for (int round = 0; round < 3; round++) {
        pid_t child = fork();
        if (child == 0) {
            open_index(setting, &index);
            for (uint32_t i = 0; i < CACHE_TRUSTED_COMMITS; i++) {
                add_to(setting, index, index_as_of(index) + 1);
                if (index_commit(index) != 0)
                    _exit(1);
            }
            _exit(0);
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
    assert_int_equal(open_index(setting, &index), 3 * CACHE_TRUSTED_COMMITS);
    add_to(setting, index, end_of(setting));
    index_close(index);
    assert_whole(setting);
}

static void left_open_in_another_boot_it_is_not_believed(void **state) {
    struct setting *setting = *state;
    build_and_die(setting, 150);
    write_file(setting->index_dir, "note", 5, "00000000");
    assert_not_believed(setting, "another boot");
}

static void copied_while_open_it_is_not_believed(void **state) {
    struct setting *setting = *state;
    char command[8 * LEDGER_FOLDER_PATH];
    build_and_die(setting, 150);
    snprintf(command, sizeof command, "cp -r %s %s.copy && rm -r %s && mv %s.copy %s",
             setting->index_dir, setting->index_dir, setting->index_dir, setting->index_dir,
             setting->index_dir);
    assert_int_equal(system(command), 0);
    assert_not_believed(setting, "copied while it was open");
}

static void deleted_it_is_built_again(void **state) {
    struct setting *setting = *state;
    build(setting);
    ledger_folder_remove(setting->index_dir);
    build(setting);
    assert_false(is_set_aside(setting));
    assert_whole(setting);
}

static void an_empty_folder_is_as_none(void **state) {
    struct setting *setting = *state;
    assert_int_equal(mkdir(setting->index_dir, 0700), 0);
    build(setting);
    assert_whole(setting);
}

static void cut_short_it_is_set_aside(void **state) {
    struct setting *setting = *state;
    char path[LEDGER_FOLDER_PATH + 64];
    build(setting);
    snprintf(path, sizeof path, "%s/data.mdb", setting->index_dir);
    assert_int_equal(truncate(path, 3 * 4096), 0);
    assert_not_believed(setting, "its file is damaged");
}

static void with_a_broken_head_it_is_set_aside(void **state) {
    struct setting *setting = *state;
    build(setting);
    write_file(setting->index_dir, "data.mdb", 16, "nonsense");
    assert_not_believed(setting, "its file is damaged");
}

static void without_its_note_it_is_set_aside(void **state) {
    struct setting *setting = *state;
    char path[LEDGER_FOLDER_PATH + 64];
    build(setting);
    snprintf(path, sizeof path, "%s/note", setting->index_dir);
    assert_int_equal(unlink(path), 0);
    assert_not_believed(setting, "no note");
}

static void put_row(const struct setting *setting, const char *name, uint32_t word, size_t at) {
    struct env *env = NULL;
    MDB_txn *txn = NULL;
    uint8_t bytes[64];
    struct env_options options = {.mode = ENV_WRITE, .map_bytes = CACHE_MAP_BYTES};
    MDB_val key = {strlen(name), (void *)(uintptr_t)name};
    MDB_val value;
    assert_int_equal(env_open(&env, setting->index_dir, &options), 0);
    assert_int_equal(mdb_txn_begin(env->mdb, NULL, 0, &txn), 0);
    assert_int_equal(mdb_get(txn, env->main, &key, &value), 0);
    assert_true(value.mv_size <= sizeof bytes);
    memcpy(bytes, value.mv_data, value.mv_size);
    memcpy(bytes + at, &word, sizeof word);
    value.mv_data = bytes;
    assert_int_equal(mdb_put(txn, env->main, &key, &value, 0), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    env_close(env);
}

static void of_another_layout_it_is_set_aside(void **state) {
    struct setting *setting = *state;
    build(setting);
    put_row(setting, "head", htole32(INDEX_LAYOUT + 1), 0);
    assert_not_believed(setting, "another layout");
}

static void of_another_ledger_it_is_set_aside(void **state) {
    struct setting *setting = *state;
    build(setting);
    put_row(setting, "head", 0xdead, 8);
    assert_not_believed(setting, "another ledger");
}

static void with_records_that_the_ledger_has_not_it_is_set_aside(void **state) {
    struct setting *setting = *state;
    build(setting);
    put_row(setting, "as-of", htole32((uint32_t)end_of(setting) + 7), 0);
    assert_not_believed(setting, "has not, or not the same, records");
}

static void a_damaged_chunk_is_told(void **state) {
    struct setting *setting = *state;
    struct env *env = NULL;
    MDB_txn *txn = NULL;
    static const char *const TABLES[] = {"sessions"};
    struct env_options options = {
        .mode = ENV_WRITE, .map_bytes = CACHE_MAP_BYTES, .tables = TABLES, .tables_count = 1};
    uint32_t session = setting->desk->maker.first_session;
    uint64_t words[2] = {htobe64(session), htobe64(end_of(setting) - 1)};
    MDB_val key = {sizeof words, words};
    MDB_val value = {2, "\x01\x80"};
    build(setting);
    assert_int_equal(env_open(&env, setting->index_dir, &options), 0);
    assert_int_equal(mdb_txn_begin(env->mdb, NULL, 0, &txn), 0);
    assert_int_equal(mdb_put(txn, env->tables[0], &key, &value, 0), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    env_close(env);
    struct index_reader *reader = NULL;
    uint64_t sequences[4096];
    struct index_page page = {.kind = SUBJECT_SESSION,
                              .id = session,
                              .to = UINT64_MAX,
                              .sequences = sequences,
                              .max = 4096};
    assert_int_equal(index_reader_open(&reader, setting->index_dir), 0);
    assert_int_equal(index_find(reader, &page), FAILURE_DAMAGED);
    assert_non_null(strstr(told, "session"));
    index_reader_close(reader);
}

static void a_reader_sees_each_commit_and_nothing_between(void **state) {
    struct setting *setting = *state;
    struct index *index = NULL;
    struct index_reader *reader = NULL;
    uint64_t sequence;
    struct index_page page = {.kind = SUBJECT_SESSION,
                              .id = setting->desk->maker.first_session,
                              .to = UINT64_MAX,
                              .sequences = &sequence,
                              .max = 1};
    open_index(setting, &index);
    assert_int_equal(index_reader_open(&reader, setting->index_dir), 0);
    assert_int_equal(index_find(reader, &page), 0);
    assert_int_equal(page.as_of, 0);
    assert_int_equal(page.next, 0);
    add_to(setting, index, 50);
    assert_int_equal(index_find(reader, &page), 0);
    assert_int_equal(page.as_of, 0);
    assert_int_equal(index_commit(index), 0);
    assert_int_equal(index_find(reader, &page), 0);
    assert_int_equal(page.as_of, 50);
    index_reader_close(reader);
    index_close(index);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(it_finds_what_a_scan_finds),
        TEST(it_goes_on_where_it_was_closed),
        TEST(it_goes_on_where_a_killed_process_committed),
        TEST(left_open_twice_it_may_be_the_culprit),
        TEST(one_that_has_proved_itself_may_be_left_open),
        TEST(left_open_in_another_boot_it_is_not_believed),
        TEST(copied_while_open_it_is_not_believed),
        TEST(deleted_it_is_built_again),
        TEST(an_empty_folder_is_as_none),
        TEST(cut_short_it_is_set_aside),
        TEST(with_a_broken_head_it_is_set_aside),
        TEST(without_its_note_it_is_set_aside),
        TEST(of_another_layout_it_is_set_aside),
        TEST(of_another_ledger_it_is_set_aside),
        TEST(with_records_that_the_ledger_has_not_it_is_set_aside),
        TEST(a_damaged_chunk_is_told),
        TEST(a_reader_sees_each_commit_and_nothing_between),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
