/*
 * Deeds signed on the command line: where they are sent, or on paper, one side after the other; who
 * acts under a mandate; and who sees it. Each test goes on where the one before has left the
 * exchange.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "gateway/cli.h"
#include "ledger/crypto.h"
#include "tests/e2e/desk.h"

static struct trial trial;
static char origin[ORIGIN_BYTES_MAX + 1];

/* Runs a line of tpx, "@" standing for the trial's folder; it must end with this code and say
 * `words`. */
static void check(int expected, const char *line, const char *words) {
    static char text[4096];
    const char *arguments[64];
    uint32_t count = 0;
    int code;
    size_t used = 0;
    for (const char *at = line; *at != '\0'; at++)
        if (*at == '@')
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
    struct trial_options options = {.brokers = 3, .sessions = 3, .accounts = 3, .instruments = 1};
    (void)state;
    desk_set_up(&trial, &options);
    struct client *client = trial_client(&trial, 1);
    snprintf(origin, sizeof origin, "%s", client_logged_on(client)->origin);
    client_close(client);
    write_profile("ann", "broker1", trial_session(&trial, 1));
    write_profile("bob", "broker2", trial_session(&trial, 2));
    write_profile("eve", "broker3", trial_session(&trial, 3));
    write_file("poa.pdf", "a power of attorney");
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

static void a_key_of_a_party_is_made_for_one_exchange(void **state) {
    char line[512];
    (void)state;
    snprintf(line, sizeof line, "keygen --party %s --algorithms %s @/zhang.key", origin,
             crypto_profile(algorithms_profile())->name);
    check(CLI_FINE, line, origin);
    check(CLI_FINE, "keygen --party another.exchange @/other.key", "another.exchange");
    check(CLI_USAGE, "keygen --party a --note b @/both.key", "not both");
    check(CLI_FINE, "-p @/rita party add 91310000MA1FL0009Z Zhang", "ADD_PARTY");
    check(CLI_FINE, "-p @/rita party key 1 7 @/zhang.key", "ADD_PARTY_KEY");
    check(CLI_FINE, "-p @/rita party keys", "serial");
    check(CLI_FINE, "-p @/rita party list", "91310000MA1FL0009Z");
}

static void a_deed_is_signed_where_it_is_sent(void **state) {
    (void)state;
    check(CLI_REFUSED, "-p @/ann mandate grant 1 2 pledge,listing 1000.00 20991231 @/poa.pdf",
          "BAD_SIGNATURE");
    check(CLI_FINE,
          "-p @/ann mandate grant 1 2 pledge,listing 1000.00 20991231 @/poa.pdf --sign "
          "@/zhang.key:1",
          "GRANT_MANDATE");
    check(CLI_USAGE,
          "-p @/ann mandate grant 1 2 pledge 1000.00 20991231 @/poa.pdf --sign @/other.key:1",
          "signs for the exchange another.exchange");
    check(CLI_USAGE,
          "-p @/ann mandate grant 1 2 pledge 1000.00 20991231 @/poa.pdf --sign @/zhang.key",
          "KEYFILE:NUMBER");
    check(CLI_USAGE, "-p @/ann mandate grant 1 2 fishing 1000.00 20991231 @/poa.pdf", "fishing");
    check(CLI_REFUSED,
          "-p @/ann mandate grant 1 2 pledge 1000.00 20991231 @/poa.pdf --sign @/zhang.key:1 "
          "--expires 2026-01-01T00:00:00Z",
          "BAD_SIGNATURE");
}

static void whoever_is_concerned_sees_the_mandate(void **state) {
    (void)state;
    check(CLI_FINE, "-p @/ann mandate list", "pledge,listing");
    check(CLI_FINE, "-p @/rita mandate list --json", "\"limit_amount\": \"100000\"");
    check(CLI_FINE, "-p @/eve mandate list", "as of");
    int code;
    char profile[TRIAL_PATH_MAX + 16];
    snprintf(profile, sizeof profile, "%s/eve", trial.folder);
    char *said =
        trial_tpx(&trial, &code, (const char *const[]){"-p", profile, "mandate", "list", NULL});
    assert_null(strstr(said, "pledge,listing"));
    free(said);
}

static void a_paper_is_written_signed_elsewhere_and_sent_by_another(void **state) {
    (void)state;
    check(CLI_FINE, "-p @/rita mandate grant 1 3 transfer 5.00 20991231 @/poa.pdf --out @/paper",
          "");
    check(CLI_FINE, "party show @/paper", "grant_mandate");
    check(CLI_REFUSED, "-p @/rita party send @/paper", "BAD_SIGNATURE");
    check(CLI_FINE, "party sign @/paper --sign @/zhang.key:1", "limit_amount 5.00");
    check(CLI_FINE, "-p @/bob party send @/paper", "GRANT_MANDATE");
    check(CLI_REFUSED, "-p @/bob party send @/paper", "SERIAL_USED");
    check(CLI_FINE, "-p @/bob mandate list", "transfer");
}

static void a_paper_that_was_altered_is_worth_nothing(void **state) {
    char path[TRIAL_PATH_MAX + 16];
    struct stat status;
    (void)state;
    check(CLI_FINE,
          "-p @/rita mandate grant 1 3 transfer 7.00 20991231 @/poa.pdf --out @/paper --sign "
          "@/zhang.key:1",
          "");
    snprintf(path, sizeof path, "%s/paper", trial.folder);
    assert_int_equal(stat(path, &status), 0);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    assert_int_equal(fseek(file, status.st_size - 5, SEEK_SET), 0); /* in the document's digest */
    int byte = fgetc(file);
    assert_int_equal(fseek(file, status.st_size - 5, SEEK_SET), 0);
    assert_int_equal(fputc(byte ^ 1, file), byte ^ 1);
    assert_int_equal(fclose(file), 0);
    check(CLI_REFUSED, "-p @/bob party send @/paper", "BAD_SIGNATURE");
    write_file("paper", "nonsense");
    check(CLI_USAGE, "-p @/bob party send @/paper", "no deed");
    check(CLI_USAGE, "party sign @/paper", "--sign KEYFILE:NUMBER");
}

/* Whoever owns it may sign, too: then it is among what the key has done. */
static void a_right_is_admitted_with_its_owner_s_signature(void **state) {
    (void)state;
    check(CLI_FINE, "-p @/rita right admit invention ZL202310000001.X Valve 1 --sign @/zhang.key:1",
          "ADMIT_RIGHT");
}

static void a_mandate_is_ended_by_who_may(void **state) {
    (void)state;
    check(CLI_REFUSED, "-p @/eve mandate revoke 1", "NOT_AUTHORISED");
    check(CLI_FINE, "-p @/ann mandate revoke 1", "REVOKE_MANDATE");
    check(CLI_FINE, "-p @/eve mandate revoke 2 --sign @/zhang.key:1", "REVOKE_MANDATE");
    check(CLI_FINE, "-p @/rita mandate list", "ended");
    check(CLI_FINE, "-p @/rita party revoke 1 --compromised-since 2026-01-01T00:00:00Z",
          "REVOKE_PARTY_KEY");
    check(CLI_REFUSED,
          "-p @/ann mandate grant 1 2 pledge 1.00 20991231 @/poa.pdf --sign @/zhang.key:1",
          "KEY_REVOKED");
}

static void every_deed_under_a_key_is_listed(void **state) {
    int code;
    (void)state;
    char *said = trial_tpx(&trial, &code,
                           (const char *const[]){"party", "signed", "1", trial.exchange, NULL});
    uint32_t granted = 0;
    for (const char *at = said; (at = strstr(at, "GRANT_MANDATE")) != NULL; at++)
        granted++;
    assert_int_equal(code, CLI_FINE);
    assert_non_null(strstr(said, "REVOKE_MANDATE"));
    assert_non_null(strstr(said, "BAD_SIGNATURE")); /* one that had expired */
    assert_non_null(strstr(said, "SERIAL_USED"));
    assert_int_equal(granted, 4);
    free(said);
    check(CLI_FINE, "party signed 1 @/exchange --since 2099-01-01T00:00:00Z", "");
    check(CLI_FINE, "admin key used 1 @/exchange", "ADD_PARTICIPANT");
}

static void what_it_has_changed_in_the_register_is_disputed(void **state) {
    (void)state;
    check(CLI_FINE, "party signed 1 @/exchange", "right 1 entry 0 version 1");
    check(CLI_FINE,
          "-p @/rita party dispute 1 1 20991231 @/poa.pdf @/exchange --since 2099-01-01T00:00:00Z",
          "");
    check(CLI_FINE, "-p @/rita party dispute 1 1 20991231 @/poa.pdf @/exchange", "objection");
    check(CLI_REFUSED, "-p @/ann party dispute 1 1 20991231 @/poa.pdf @/exchange",
          "NOT_AUTHORISED");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_of_a_party_is_made_for_one_exchange),
        cmocka_unit_test(a_deed_is_signed_where_it_is_sent),
        cmocka_unit_test(whoever_is_concerned_sees_the_mandate),
        cmocka_unit_test(a_paper_is_written_signed_elsewhere_and_sent_by_another),
        cmocka_unit_test(a_paper_that_was_altered_is_worth_nothing),
        cmocka_unit_test(a_right_is_admitted_with_its_owner_s_signature),
        cmocka_unit_test(a_mandate_is_ended_by_who_may),
        cmocka_unit_test(every_deed_under_a_key_is_listed),
        cmocka_unit_test(what_it_has_changed_in_the_register_is_disputed),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
