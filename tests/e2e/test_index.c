/*
 * The index of a running exchange: it says what the ledger says, whatever became of its folder, and
 * without it the exchange goes on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <unistd.h>

#include "gateway/counters.h"
#include "gateway/follower.h"
#include "ledger/index.h"
#include "tests/e2e/desk.h"

#define ORDERS   2000
#define SESSIONS 3

static struct trial trial;
static char index_dir[TRIAL_PATH_MAX + 16];

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk) {
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static void remove_index(void) {
    nftw(index_dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Two sessions trade with each other; the third does nothing of the kind. */
static void trade(void) {
    struct client *buyer = trial_client(&trial, 1);
    struct client *seller = trial_client(&trial, 2);
    struct command buy = desk_buy(trial_account(&trial, 1), 100, 3);
    struct command sell = desk_sell(trial_account(&trial, 2), 100, 2);
    for (int i = 0; i < ORDERS / 2; i++) {
        trial_pour(buyer, &buy, NULL);
        trial_pour(seller, &sell, NULL);
    }
    trial_drain(buyer);
    trial_drain(seller);
    client_close(buyer);
    client_close(seller);
}

static int set_up(void **state) {
    struct trial_options options = {
        .brokers = 2, .sessions = SESSIONS, .accounts = 2, .instruments = 1};
    (void)state;
    desk_set_up(&trial, &options);
    snprintf(index_dir, sizeof index_dir, "%s/index", trial.exchange);
    trade();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    desk_tear_down(&trial);
    return 0;
}

/* --- what the index says ----------------------------------------------------------------------
 */

/* Which of the records are about a subject, told by the records. */
struct about {
    enum subject_kind kind;
    uint64_t id;
    bool is_it;
    uint64_t sequences[4 * ORDERS];
    uint32_t count;
};

static void is_about(void *owner, enum subject_kind kind, uint64_t id) {
    struct about *about = owner;
    about->is_it = about->is_it || (kind == about->kind && id == about->id);
}

static bool visit(void *owner, const struct record *record, struct span bytes) {
    struct about *about = owner;
    uint64_t proposal;
    (void)bytes;
    about->is_it = false;
    assert_true(subject_walk(record, is_about, about, &proposal));
    if (about->is_it) {
        assert_true(about->count < sizeof about->sequences / sizeof about->sequences[0]);
        about->sequences[about->count++] = record->header.sequence;
    }
    return true;
}

static void assert_indexed(enum subject_kind kind, uint64_t id) {
    static struct about about;
    static uint64_t sequences[sizeof about.sequences / sizeof about.sequences[0]];
    struct index_reader *reader = NULL;
    struct index_page page = {.kind = kind,
                              .id = id,
                              .to = UINT64_MAX,
                              .sequences = sequences,
                              .max = sizeof sequences / sizeof sequences[0]};
    about = (struct about){.kind = kind, .id = id};
    uint64_t next = desk_records(&trial, 0, visit, &about);
    assert_int_equal(index_reader_open(&reader, index_dir), 0);
    assert_int_equal(index_find(reader, &page), 0);
    assert_int_equal(page.as_of, next);
    assert_int_equal(page.count, about.count);
    assert_memory_equal(sequences, about.sequences, about.count * sizeof *sequences);
    assert_true(about.count > 0);
    index_reader_close(reader);
}

static void assert_all_indexed(void) {
    for (uint32_t i = 1; i <= SESSIONS; i++)
        assert_indexed(SUBJECT_SESSION, trial_session(&trial, i));
    assert_indexed(SUBJECT_ACCOUNT, trial_account(&trial, 1));
    assert_indexed(SUBJECT_ACCOUNT, trial_account(&trial, 2));
    for (uint64_t number = 1; number <= ORDERS / 2; number += 97) {
        assert_indexed(SUBJECT_ORDER, order_id_of(trial_session(&trial, 1), number));
        assert_indexed(SUBJECT_ORDER, order_id_of(trial_session(&trial, 2), number));
    }
}

/* Waits until it has all that is durable, in an exchange where nothing happens. */
static void until_caught_up(void) {
    desk_until_counter(&trial, COUNTER_INDEX, desk_ledger_next(&trial));
}

/* A session comes back and knows nothing: it gets all that the ledger has for it. */
static void assert_resumes(uint32_t index) {
    struct desk_bytes reports = {0};
    struct client_item item = {.kind = CLIENT_NOTHING};
    struct client_options options = {.endpoint = trial.endpoint,
                                     .server_z85 = trial.server.public_z85,
                                     .key = &trial.brokers[trial_owner(&trial, index) - 1],
                                     .session = trial_session(&trial, index)};
    struct client *client = client_open(&options);
    uint64_t count = 0;
    assert_non_null(client);
    while (item.kind != CLIENT_LIVE) {
        desk_next(client, false, &item);
        count += item.kind == CLIENT_REPORT;
    }
    client_close(client);
    desk_reports(&trial, trial_session(&trial, index), UINT64_MAX, &reports);
    assert_int_equal(count, reports.count);
    desk_bytes_free(&reports);
}

static uint64_t index_state(void) {
    const struct counters *counters = counters_look(trial.exchange);
    assert_non_null(counters);
    uint64_t state = counter_get(counters, COUNTER_INDEX_STATE);
    counters_close((struct counters *)(uintptr_t)counters);
    return state;
}

/* --- tests -------------------------------------------------------------------------------------
 */

static void it_follows_the_ledger_and_is_whole_after_a_stop(void **state) {
    (void)state;
    until_caught_up();
    assert_int_equal(index_state(), FOLLOWER_LIVE);
    assert_resumes(1);
    assert_resumes(2);
    assert_int_equal(trial_stop(&trial), 0);
    assert_all_indexed();
    trial_start(&trial);
}

static void killed_it_goes_on_where_it_was(void **state) {
    (void)state;
    until_caught_up();
    trial_kill(&trial);
    trial_start(&trial);
    assert_resumes(1);
    until_caught_up();
    assert_int_equal(trial_stop(&trial), 0);
    assert_all_indexed();
    trial_start(&trial);
}

static void deleted_it_is_built_again_while_the_exchange_runs(void **state) {
    (void)state;
    assert_int_equal(trial_stop(&trial), 0);
    remove_index();
    trial_start(&trial);
    assert_resumes(1);
    until_caught_up();
    assert_int_equal(trial_stop(&trial), 0);
    assert_all_indexed();
    trial_start(&trial);
}

static void damaged_it_is_set_aside_and_built_again(void **state) {
    char path[TRIAL_PATH_MAX + 64];
    (void)state;
    assert_int_equal(trial_stop(&trial), 0);
    snprintf(path, sizeof path, "%s/data.mdb", index_dir);
    assert_int_equal(truncate(path, 5000), 0);
    trial_start(&trial);
    assert_resumes(2);
    until_caught_up();
    snprintf(path, sizeof path, "%s" CACHE_ASIDE_SUFFIX, index_dir);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(trial_stop(&trial), 0);
    assert_all_indexed();
    trial_start(&trial);
}

static void where_it_cannot_be_the_exchange_goes_on_without(void **state) {
    (void)state;
    assert_int_equal(trial_stop(&trial), 0);
    remove_index();
    int file = open(index_dir, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    close(file);
    trial_start(&trial);
    assert_int_equal(index_state(), FOLLOWER_FAILED);
    assert_resumes(1);
    trade();
    assert_resumes(2);
    assert_int_equal(trial_stop(&trial), 0);
    assert_int_equal(unlink(index_dir), 0);
    trial_start(&trial);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_follows_the_ledger_and_is_whole_after_a_stop),
        cmocka_unit_test(killed_it_goes_on_where_it_was),
        cmocka_unit_test(deleted_it_is_built_again_while_the_exchange_runs),
        cmocka_unit_test(damaged_it_is_set_aside_and_built_again),
        cmocka_unit_test(where_it_cannot_be_the_exchange_goes_on_without),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
