/*
 * What a service manager hears of the exchange: that it makes progress, how it is doing, and
 * nothing when the disk does not answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/e2e/desk.h"
#include "tests/fault/faulty_disk.h"
#include "tests/fault/witness.h"

#define WATCHDOG_US   "400000"
#define SYNC_DELAY_US 2000000
#define WORD_BYTES    512

static struct trial trial;
static struct faulty_disk disk;

static int set_up(void **state) {
    static char library[TRIAL_PATH_MAX];
    (void)state;
    trial_program("preload_disk.so", library);
    const struct trial_options options = {.config = WITNESS_SMALL,
                                          .preload = library,
                                          .keeps_notify = true,
                                          .brokers = 1,
                                          .sessions = 1,
                                          .accounts = 1,
                                          .instruments = 1};
    assert_int_equal(setenv("WATCHDOG_USEC", WATCHDOG_US, 1), 0);
    trial_create(&trial, &options);
    faulty_disk_open(&disk, trial.folder, "/ledger/", false);
    trial_start(&trial);
    trial_furnish(&trial);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    desk_tear_down(&trial);
    faulty_disk_close(&disk);
    return unsetenv("WATCHDOG_USEC");
}

/* The next word that has come, into `word`; fails when none does. */
static void hear(char word[WORD_BYTES]) {
    struct pollfd item = {.fd = trial.notify, .events = POLLIN};
    assert_int_equal(poll(&item, 1, DESK_PATIENCE_MS), 1);
    ssize_t size = recv(trial.notify, word, WORD_BYTES - 1, 0);
    assert_true(size > 0);
    word[size] = '\0';
}

/* Hears until a word holds a text and, where not NULL, lacks another. */
static void hear_until(const char *text, const char *lacks) {
    char word[WORD_BYTES];
    do
        hear(word);
    while (strstr(word, text) == NULL || (lacks != NULL && strstr(word, lacks) != NULL));
}

static void manager_hears_of_progress_also_when_there_is_nothing_to_do(void **state) {
    (void)state;
    hear_until("STATUS=ready; ", NULL);
    for (int i = 0; i < 3; i++)
        hear_until("WATCHDOG=1", NULL);
    assert_int_equal(trial_stop(&trial), 0);
}

static void silence_while_the_disk_does_not_answer(void **state) {
    struct client *client = trial_client(&trial, 1);
    struct command buy = desk_buy(trial_account(&trial, 1), 100, 1);
    (void)state;
    atomic_store(&disk.fault->sync_delay_us, SYNC_DELAY_US);
    assert_int_not_equal(client_add(client, &buy, NULL), 0);
    client_flush(client);
    hear_until("THE DISK DOES NOT ANSWER", "WATCHDOG=1");
    faulty_disk_heal(&disk);
    hear_until("WATCHDOG=1", "DOES NOT ANSWER");
    assert_true(witness_logged(&trial, "ledger_is_stuck", "durable="));
    client_close(client);
}

/* What systemd does when it hears nothing. */
static void exchange_ended_by_its_manager_comes_back_and_has_nothing_in_quarantine(void **state) {
    struct command buy = desk_buy(trial_account(&trial, 1), 100, 1);
    (void)state;
    struct client *client = trial_client(&trial, 1);
    (void)desk_rest(client, &buy);
    client_close(client);
    assert_int_equal(kill(trial.pid, SIGABRT), 0);
    assert_int_equal(trial_wait(&trial), 128 + SIGABRT);
    trial_start(&trial);
    client = trial_client(&trial, 1);
    (void)desk_rest(client, &buy);
    client_close(client);
    assert_false(witness_logged(&trial, "request_noted", NULL));
    assert_int_equal(trial_stop(&trial), 0);
    (void)witness_verify(&trial);
}

int main(void) {
#define ON_TRIAL(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        ON_TRIAL(manager_hears_of_progress_also_when_there_is_nothing_to_do),
        ON_TRIAL(silence_while_the_disk_does_not_answer),
        ON_TRIAL(exchange_ended_by_its_manager_comes_back_and_has_nothing_in_quarantine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
