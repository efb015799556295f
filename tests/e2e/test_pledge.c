/*
 * Pledges on the command line, from both sides' application to the release, with signatures that
 * the exchange checks; and what a ledger says of them. Each test goes on where the one before has
 * left the exchange.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "gateway/cli.h"
#include "ledger/crypto.h"
#include "tests/e2e/desk.h"

static struct trial trial;
static char origin[ORIGIN_BYTES_MAX + 1];

/* Runs a line of tpx, "~" standing for the trial's folder; it must end with this code and say
 * `words`. */
static void check(int expected, const char *line, const char *words) {
    static char text[4096];
    const char *arguments[64];
    uint32_t count = 0;
    int code;
    size_t used = 0;
    for (const char *at = line; *at != '\0'; at++)
        if (*at == '~')
            used += (size_t)snprintf(text + used, sizeof text - used, "%s", trial.folder);
        else
            text[used++] = *at;
    text[used] = '\0';
    for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " "))
        arguments[count++] = word;
    arguments[count] = NULL;
    char *said = trial_tpx(&trial, &code, arguments);
    if (code != expected || strstr(said, words) == NULL)
        fail_msg("%s\nended with %d, not %d:\n%s\nwithout \"%s\"", line, code, expected, said,
                 words);
    free(said);
}

static void write_file(const char *name, const char *text) {
    char path[TRIAL_PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%s", trial.folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void write_profile(const char *name, const char *key, uint32_t session) {
    char text[256];
    snprintf(text, sizeof text, "endpoint exchange/endpoints\nkey %s.key\nsession %u\n", key,
             session);
    write_file(name, text);
}

static uint32_t act(struct act act, const char *name) {
    return (uint32_t)trial_act(&trial, &act, name);
}

static void add_registrar(void) {
    char path[TRIAL_PATH_MAX + 64];
    struct curve_key key;
    struct act add = {
        .kind = ACT_ADD_PARTICIPANT,
        .add_participant = {
            .roles = ROLE_REGISTRAR, .code_bytes = 9, .code = "REGISTRAR", .name_bytes = 9}};
    uint32_t participant = act(add, "Registrar");
    assert_int_equal(keyfile_curve_generate(&key), 0);
    snprintf(path, sizeof path, "%s/rita.key", trial.folder);
    assert_int_equal(keyfile_curve_save(&key, path, false), 0);
    add = (struct act){.kind = ACT_ADD_KEY, .add_key = {.participant = participant, .person = 77}};
    memcpy(add.add_key.key, key.public_key, KEY_BYTES);
    act(add, NULL);
    add = (struct act){.kind = ACT_ADD_SESSION, .add_session = {.participant = participant}};
    write_profile("rita", "rita", act(add, NULL));
}

static int set_up(void **state) {
    struct trial_options options = {.brokers = 1, .sessions = 1, .accounts = 1, .instruments = 1};
    (void)state;
    desk_set_up(&trial, &options);
    struct client *client = trial_client(&trial, 1);
    snprintf(origin, sizeof origin, "%s", client_logged_on(client)->origin);
    client_close(client);
    write_profile("ann", "broker1", trial_session(&trial, 1));
    write_file("contract.pdf", "a loan");
    write_file("terms.txt", "salt 7f3a: all of the terms");
    add_registrar();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    desk_tear_down(&trial);
    return 0;
}

/* --- tests -------------------------------------------------------------------------------------
 */

#define TERMS                                                                                      \
    " --since 20260101 --until 20991231 --contract ~/contract.pdf --terms ~/terms.txt --sign "

static void parties_and_rights_are_admitted(void **state) {
    char line[512];
    const char *algorithms = crypto_profile(algorithms_profile())->name;
    (void)state;
    snprintf(line, sizeof line, "keygen --party %s --algorithms %s ~/zhang.key", origin,
             algorithms);
    check(CLI_FINE, line, origin);
    snprintf(line, sizeof line, "keygen --party %s --algorithms %s ~/bank.key", origin, algorithms);
    check(CLI_FINE, line, origin);
    check(CLI_FINE, "-p ~/rita party add 91310000MA1FL0009Z Zhang", "ADD_PARTY");
    check(CLI_FINE, "-p ~/rita party add 91310000MA1FL0010B Bank", "ADD_PARTY");
    check(CLI_FINE, "-p ~/rita party key 1 7 ~/zhang.key", "ADD_PARTY_KEY");
    check(CLI_FINE, "-p ~/rita party key 2 8 ~/bank.key", "ADD_PARTY_KEY");
    check(CLI_FINE, "-p ~/rita right admit trademark TM1 Valve 1 --office tpx", "ADMIT_RIGHT");
    check(CLI_FINE, "-p ~/rita right admit trademark TM2 Valves 1", "ADMIT_RIGHT");
}

static void the_pledgee_joins_with_the_same_terms(void **state) {
    (void)state;
    check(CLI_REFUSED,
          "-p ~/ann pledge apply 1 2 1000.00 right:1 right:2:600000@800.00" TERMS "~/bank.key:2",
          "BAD_SIGNATURE");
    check(CLI_FINE,
          "-p ~/ann pledge apply 1 2 1000.00 right:1 right:2:600000@800.00" TERMS "~/zhang.key:1",
          "PLEDGE_APPLY");
    check(CLI_REFUSED,
          "-p ~/ann pledge join 1 1 2 999.00 right:1 right:2:600000@800.00" TERMS "~/bank.key:2",
          "TERMS_DIFFER");
    check(CLI_FINE,
          "-p ~/ann pledge join 1 1 2 1000.00 right:1 right:2:600000@800.00" TERMS "~/bank.key:2",
          "PLEDGE_JOIN");
    check(CLI_USAGE, "-p ~/ann pledge apply 1 2 1000.00 left:1" TERMS "~/zhang.key:1", "item");
    check(CLI_USAGE, "-p ~/ann pledge apply 1 2 1000.00 right:1", "--since is needed");
}

static void the_registrar_asks_and_registers(void **state) {
    (void)state;
    check(CLI_FINE, "-p ~/rita pledge review 1 ~/contract.pdf", "PLEDGE_REVIEW");
    check(CLI_REFUSED, "-p ~/rita pledge register 1", "WRONG_STATE");
    check(CLI_FINE, "-p ~/rita pledge review 1 ~/contract.pdf --in-order", "PLEDGE_REVIEW");
    check(CLI_FINE, "-p ~/rita pledge register 1", "PLEDGE_REGISTER");
    check(CLI_USAGE, "-p ~/rita pledge refuse 1 because ~/contract.pdf", "because");
    check(CLI_FINE, "pledge show 1 --ledger ~/exchange/ledger", "REGISTERED");
    check(CLI_FINE, "pledge show 1 --ledger ~/exchange/ledger", "600000");
    check(CLI_FINE, "pledge list 2 --ledger ~/exchange/ledger --json", "\"state\": \"REGISTERED\"");
    check(CLI_REFUSED, "pledge show 9 --ledger ~/exchange/ledger", "9");
}

static void an_office_s_extract_is_compared(void **state) {
    (void)state;
    check(CLI_FINE,
          "-p ~/rita pledge confirm 1 cnipa Y2026 ~/contract.pdf --effective "
          "2026-01-05T02:00:00Z",
          "PLEDGE_CONFIRM");
    write_file("extract", "# of a day\nY2026 trademark TM2 91310000MA1FL0010B 2026-01-05\n");
    check(CLI_FINE, "pledge reconcile cnipa ~/extract --ledger ~/exchange/ledger", "");
    write_file("extract", "Y2026 trademark TM2 91310000MA1FL0009Z 2026-01-06\n"
                          "Y2027 trademark TM3 91310000MA1FL0010B 2026-01-07\n");
    check(CLI_REFUSED, "pledge reconcile cnipa ~/extract --ledger ~/exchange/ledger", "only there");
    check(CLI_REFUSED, "pledge reconcile cnipa ~/extract --ledger ~/exchange/ledger", "pledgee");
    check(CLI_FINE, "-p ~/rita pledge compare 1 cnipa conflict ~/extract", "PLEDGE_COMPARE");
    check(CLI_FINE,
          "-p ~/rita pledge confirm 1 cnipa Y2026 ~/contract.pdf --effective "
          "2026-01-05T02:00:00Z",
          "PLEDGE_CONFIRM");
}

static void it_is_amended_defaults_and_is_released(void **state) {
    (void)state;
    check(CLI_FINE,
          "-p ~/ann pledge amend 1 900.00 --until 20991231 --contract ~/contract.pdf --terms "
          "~/terms.txt --conditions power_of_sale --sign ~/zhang.key:1 --sign ~/bank.key:2",
          "PLEDGE_AMEND");
    check(CLI_FINE, "-p ~/ann pledge default 1 0 1.00 2.00 ~/contract.pdf --sign ~/bank.key:2",
          "PLEDGE_DEFAULT");
    check(CLI_FINE, "pledge show 1 --ledger ~/exchange/ledger --json", "owed_principal");
    check(CLI_FINE, "-p ~/ann pledge cure 1 ~/contract.pdf --sign ~/bank.key:2", "PLEDGE_CURE");
    check(CLI_FINE, "-p ~/ann pledge release 1 2:100000 --sign ~/bank.key:2", "PLEDGE_RELEASE");
    check(CLI_FINE, "-p ~/ann pledge release 1 --sign ~/bank.key:2", "PLEDGE_RELEASE");
    check(CLI_FINE, "pledge list --ledger ~/exchange/ledger", "RELEASED");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parties_and_rights_are_admitted),
        cmocka_unit_test(the_pledgee_joins_with_the_same_terms),
        cmocka_unit_test(the_registrar_asks_and_registers),
        cmocka_unit_test(an_office_s_extract_is_compared),
        cmocka_unit_test(it_is_amended_defaults_and_is_released),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
