/*
 * `tpx book`, `tpx trades`, `tpx why` and `tpx order watch` against a real exchange: once, and
 * following it. Nobody here can read the ledger.
 */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "gateway/cli.h"
#include "tests/e2e/desk.h"

#define WORDS_MAX 16

static struct trial trial;
static char profile[TRIAL_PATH_MAX + 32];     /* Ann's */
static char bob_profile[TRIAL_PATH_MAX + 32]; /* another broker's */

static void write_profile(char *path, const char *name, uint32_t broker) {
    snprintf(path, sizeof profile, "%s/%s.profile", trial.folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fprintf(file, "endpoint exchange/endpoints\nkey broker%u.key\n", broker);
    fprintf(file, "session %u\n", trial_session(&trial, broker));
    fclose(file);
}

static int set_up(void **state) {
    struct trial_options options = {.brokers = 2, .sessions = 2, .accounts = 2, .instruments = 2};
    (void)state;
    desk_set_up(&trial, &options);
    write_profile(profile, "ann", 1);
    write_profile(bob_profile, "bob", 2);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    desk_tear_down(&trial);
    return 0;
}

static char *tpx(int code, const char *const words[]) {
    const char *all[WORDS_MAX] = {"--profile", profile};
    size_t count = 2;
    int actual;
    for (; *words != NULL; words++)
        all[count++] = *words;
    char *output = trial_tpx(&trial, &actual, all);
    if (actual != code)
        fail_msg("exit code %d instead of %d: %s", actual, code, output);
    return output;
}

#define TPX(code, ...) tpx(code, (const char *const[]){__VA_ARGS__, NULL})

/* --- a command that goes on ----------------------------------------------------------------------
 */

struct follower {
    pid_t pid;
    FILE *output;
};

static void follow(struct follower *follower, const char *const words[]) {
    const char *all[WORDS_MAX] = {"tpx", "--profile", profile};
    char program[TRIAL_PATH_MAX];
    int ends[2];
    size_t count = 3;
    for (; *words != NULL; words++)
        all[count++] = *words;
    trial_program("tpx", program);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    follower->pid = fork();
    assert_true(follower->pid >= 0);
    if (follower->pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        execv(program, (char *const *)(uintptr_t)all);
        _exit(127);
    }
    close(ends[1]);
    follower->output = fdopen(ends[0], "r");
    assert_non_null(follower->output);
}

/* Its next line as an object; the caller's. */
static json_t *next_object(struct follower *follower) {
    char line[8192];
    assert_non_null(fgets(line, sizeof line, follower->output));
    json_t *object = json_loads(line, 0, NULL);
    if (object == NULL)
        fail_msg("no object: %s", line);
    return object;
}

/* It listens from some moment on: what it is to hear of goes on until it has. */
static bool has_said(const struct follower *follower) {
    struct pollfd news = {.fd = fileno(follower->output), .events = POLLIN};
    return poll(&news, 1, 50) > 0;
}

/* Ctrl-C ends it, and that is no failure. */
static void end(struct follower *follower) {
    int status;
    kill(follower->pid, SIGINT);
    assert_int_equal(waitpid(follower->pid, &status, 0), follower->pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == CLI_FINE);
    fclose(follower->output);
}

static json_t *object_of(char *text) {
    json_t *object = json_loads(text, 0, NULL);
    if (object == NULL)
        fail_msg("no object: %s", text);
    free(text);
    return object;
}

/* A number that is written as text, of an element of a list. */
static long number_in(const json_t *object, const char *list, size_t index, const char *key) {
    const json_t *element = json_array_get(json_object_get(object, list), index);
    const char *text = json_string_value(json_object_get(element, key));
    if (text == NULL)
        fail_msg("no \"%s\" in %s[%zu]", key, list, index);
    return strtol(text, NULL, 10);
}

/* --- the tests -----------------------------------------------------------------------------------
 */

static void a_book_is_shown_by_prices_or_order_by_order(void **state) {
    struct client *ann = trial_client(&trial, 1);
    (void)state;
    struct command orders[] = {desk_buy(1, 990, 100), desk_buy(1, 990, 50), desk_buy(1, 980, 7)};
    for (size_t i = 0; i < 3; i++)
        desk_rest(ann, &orders[i]);
    struct command sell = desk_sell(1, 1010, 30);
    desk_rest(ann, &sell);
    client_close(ann);

    char *page = TPX(CLI_FINE, "book", "T1");
    assert_non_null(strstr(page, "T1"));
    assert_non_null(strstr(page, "9.90"));
    assert_non_null(strstr(page, "10.10"));
    assert_null(strchr(page, '\033')); /* no colours where there is no terminal */
    free(page);

    json_t *object = object_of(TPX(CLI_FINE, "book", "T1", "--json", "--depth", "1"));
    assert_int_equal(json_array_size(json_object_get(object, "bids")), 1);
    assert_int_equal(number_in(object, "bids", 0, "price"), 990);
    assert_int_equal(number_in(object, "bids", 0, "quantity"), 150);
    assert_int_equal(number_in(object, "asks", 0, "price"), 1010);
    json_decref(object);

    object = object_of(TPX(CLI_FINE, "book", "1", "--orders", "--json"));
    assert_int_equal(json_array_size(json_object_get(object, "bids")), 3);
    assert_int_equal(number_in(object, "bids", 0, "quantity"), 100);
    assert_int_equal(number_in(object, "bids", 2, "quantity"), 7);
    json_decref(object);
    free(TPX(CLI_FINE, "book", "T1", "--orders"));
    free(TPX(CLI_REFUSED, "book", "NONE"));
    free(TPX(CLI_REFUSED, "book", "77"));
    free(TPX(CLI_USAGE, "book", "T1", "--depth", "0"));
}

static void a_book_that_is_watched_is_shown_again_when_it_changes(void **state) {
    struct follower follower;
    (void)state;
    follow(&follower, (const char *const[]){"book", "T2", "--watch", "--json", NULL});
    json_t *object = next_object(&follower);
    assert_int_equal(json_array_size(json_object_get(object, "bids")), 0);
    json_decref(object);
    struct client *ann = trial_client(&trial, 1);
    struct command buy = desk_order(1, 2, SIDE_BUY, 500, 20);
    desk_rest(ann, &buy);
    client_close(ann);
    object = next_object(&follower);
    assert_int_equal(number_in(object, "bids", 0, "price"), 500);
    json_decref(object);
    end(&follower);
}

static void trade(int64_t price_fen) {
    struct client *ann = trial_client(&trial, 1);
    struct client *bob = trial_client(&trial, 2);
    struct command buy = desk_buy(1, price_fen, 3);
    struct command sell = desk_sell(2, price_fen, 3);
    struct report report;
    desk_rest(ann, &buy);
    desk_send(bob, &sell, &report);
    client_close(ann);
    client_close(bob);
}

static void trades_are_shown_by_asking_or_as_they_happen(void **state) {
    struct follower follower;
    (void)state;
    follow(&follower, (const char *const[]){"trades", "T1", "--follow", "--json", NULL});
    do
        trade(1000);
    while (!has_said(&follower));
    json_t *object = next_object(&follower);
    assert_string_equal(json_string_value(json_object_get(object, "price")), "1000");
    assert_string_equal(json_string_value(json_object_get(object, "quantity")), "3");
    assert_string_equal(json_string_value(json_object_get(object, "aggressor")), "SELL");
    json_decref(object);
    end(&follower);

    trade(1001);
    object = object_of(TPX(CLI_FINE, "trades", "--count", "1", "--json"));
    assert_int_equal(json_array_size(json_object_get(object, "trades")), 1);
    assert_int_equal(number_in(object, "trades", 0, "price"), 1001);
    json_decref(object);
    char *page = TPX(CLI_FINE, "trades");
    char *older = strstr(page, "10.00");
    char *newer = strstr(page, "10.01");
    assert_true(older != NULL && newer != NULL && older < newer);
    assert_non_null(strstr(page, "T1"));
    free(page);

    object = object_of(TPX(CLI_FINE, "trades", "T1", "--from", "0", "--count", "1", "--json"));
    assert_int_equal(number_in(object, "trades", 0, "price"), 1000);
    json_decref(object);
    object = object_of(TPX(CLI_FINE, "trades", "T2", "--json"));
    assert_int_equal(json_array_size(json_object_get(object, "trades")), 0);
    json_decref(object);
    char ledger[TRIAL_PATH_MAX + 16];
    snprintf(ledger, sizeof ledger, "%s/ledger", trial.exchange);
    object = object_of(TPX(CLI_FINE, "trades", "1", "--ledger", ledger, "--json"));
    assert_true(json_array_size(json_object_get(object, "trades")) > 0);
    json_decref(object);
    free(TPX(CLI_REFUSED, "trades", "77"));
    free(TPX(CLI_USAGE, "trades", "--from", "0", "--follow"));
    free(TPX(CLI_USAGE, "trades", "--from", "0", "--ledger", ledger));
}

static const char *word_in(const json_t *object, const char *list, size_t index, const char *key) {
    const json_t *element = json_array_get(json_object_get(object, list), index);
    const char *text = json_string_value(json_object_get(element, key));
    if (text == NULL)
        fail_msg("no \"%s\" in %s[%zu]", key, list, index);
    return text;
}

/* Its reports, where it stands, and where it stood as far as its owner can know: right after it has
 * traded nothing is ahead of it. */
static void the_owner_is_told_an_order_s_life_and_where_it_stands(void **state) {
    struct client *ann = trial_client(&trial, 1);
    struct client *bob = trial_client(&trial, 2);
    struct report report;
    char order[64];
    (void)state;
    struct command before = desk_order(2, 2, SIDE_BUY, 600, 70);
    struct command buy = desk_order(1, 2, SIDE_BUY, 600, 50);
    struct command sell = desk_order(2, 2, SIDE_SELL, 600, 80);
    desk_rest(bob, &before);
    uint64_t number = desk_rest(ann, &buy);
    snprintf(order, sizeof order, "%u-%lu", trial_session(&trial, 1), number);

    json_t *object = object_of(TPX(CLI_FINE, "why", order, "--json"));
    assert_int_equal(json_array_size(json_object_get(object, "reports")), 1);
    assert_string_equal(word_in(object, "reports", 0, "ahead_qty"), "");
    assert_string_equal(json_string_value(json_object_get(object, "state")), "rests");
    assert_string_equal(json_string_value(json_object_get(object, "ahead_qty")), "70");
    assert_string_equal(json_string_value(json_object_get(object, "ahead_orders")), "1");
    json_decref(object);

    desk_send(bob, &sell, &report); /* all of what is ahead, and 10 of it */
    desk_rest(bob, &before);
    struct command better = desk_order(2, 2, SIDE_BUY, 605, 30);
    desk_rest(bob, &better);
    object = object_of(TPX(CLI_FINE, "why", order, "--json"));
    assert_int_equal(json_array_size(json_object_get(object, "reports")), 2);
    assert_string_equal(word_in(object, "reports", 1, "exec_type"), "TRADE");
    assert_int_equal(number_in(object, "reports", 1, "leaves_qty"), 40);
    assert_int_equal(number_in(object, "reports", 1, "ahead_qty"), 0);
    assert_true(number_in(object, "reports", 1, "trd_match_id") > 0);
    assert_non_null(strstr(word_in(object, "reports", 1, "rule"), "first in its queue"));
    assert_string_equal(json_string_value(json_object_get(object, "ahead_qty")), "30");
    json_decref(object);

    struct command cancel = desk_cancel(order_id_of(trial_session(&trial, 1), number));
    number = desk_send(ann, &cancel, &report);
    char *page = TPX(CLI_FINE, "why", order);
    assert_non_null(strstr(page, "gone"));
    assert_non_null(strstr(page, "as asked"));
    free(page);
    object = object_of(TPX(CLI_FINE, "why", order, "--json"));
    assert_int_equal(number_in(object, "reports", 2, "cl_ord_id"), number);
    assert_null(json_object_get(object, "ahead_qty"));
    json_decref(object);
    client_close(ann);
    client_close(bob);
    free(TPX(CLI_REFUSED, "why", order, "--profile", bob_profile));
    free(TPX(CLI_REFUSED, "why", "77-1"));
}

static void a_session_s_reports_are_watched_while_it_trades(void **state) {
    struct follower follower;
    (void)state;
    struct client *ann = trial_client(&trial, 1);
    follow(&follower, (const char *const[]){"order", "watch", "--json", NULL});
    struct command buy = desk_buy(1, 970, 9);
    json_t *object = NULL;
    do
        desk_rest(ann, &buy);
    while (!has_said(&follower));
    object = next_object(&follower);
    assert_int_equal(json_integer_value(json_object_get(object, "session")),
                     trial_session(&trial, 1));
    assert_non_null(json_object_get(json_object_get(object, "report"), "execution"));
    json_decref(object);
    end(&follower);
    desk_rest(ann, &buy); /* undisturbed */
    client_close(ann);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_book_is_shown_by_prices_or_order_by_order),
        cmocka_unit_test(a_book_that_is_watched_is_shown_again_when_it_changes),
        cmocka_unit_test(trades_are_shown_by_asking_or_as_they_happen),
        cmocka_unit_test(the_owner_is_told_an_order_s_life_and_where_it_stands),
        cmocka_unit_test(a_session_s_reports_are_watched_while_it_trades),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
