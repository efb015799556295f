/*
 * Certificates: written from an exchange's ledger, checked without it, by our program and by one of
 * others; each altered byte is found; and who has the exchange's first key alone follows its keys.
 */
#include <sched.h>
#include <setjmp.h>
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

#include "bench/algorithms.h"
#include "gateway/cli.h"
#include "gateway/clock.h"
#include "gateway/query_client.h"
#include "ledger/certificate.h"
#include "tests/e2e/clerk.h"

#define PATH_MAX_BYTES (TRIAL_PATH_MAX + 64)

static struct trial trial;
static struct clerk registrar;
static struct clerk bank;
static struct clerk stranger;
static struct note_verifier first_key;
static char certificate_path[PATH_MAX_BYTES];
static char key_path[PATH_MAX_BYTES];
static char modules[PATH_MAX_BYTES];

/* --- programs and files ------------------------------------------------------------------------
 */

static char *run(int expected, const char *const arguments[]) {
    int code;
    char *said = trial_tpx(&trial, &code, arguments);
    if (code != expected)
        fail_msg("exit code %d, not %d: %s", code, expected, said);
    return said;
}

static char *in_folder(char *path, const char *name) {
    snprintf(path, PATH_MAX_BYTES, "%s/%s", trial.folder, name);
    return path;
}

static void write_whole(const char *path, const char *text, size_t size) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static char *read_whole(const char *path, size_t *size) {
    FILE *file = fopen(path, "r");
    char *bytes = calloc(1, 1 << 20);
    assert_true(file != NULL && bytes != NULL);
    *size = fread(bytes, 1, (1 << 20) - 1, file);
    fclose(file);
    return bytes;
}

static void keep_first_key(void) {
    size_t size;
    char *said = run(CLI_FINE, (const char *const[]){"ledger", "key", trial.exchange, NULL});
    write_whole(in_folder(key_path, "exchange.pub"), said, strlen(said));
    free(said);
    said = read_whole(key_path, &size);
    said[strcspn(said, "\n")] = '\0';
    assert_int_equal(note_verifier_parse(&first_key, said), 0);
    free(said);
}

static void certify(const char *number) {
    free(run(CLI_FINE, (const char *const[]){"right", "certify", "invention", number,
                                             trial.exchange, "--out", certificate_path, NULL}));
}

static int set_up(void **state) {
    struct trial_options options = {.brokers = 1, .sessions = 1, .accounts = 1, .instruments = 1};
    char command[3 * PATH_MAX_BYTES];
    (void)state;
    desk_set_up(&trial, &options);
    assert_int_equal(mkdir(in_folder(modules, "python"), 0700), 0);
    snprintf(command, sizeof command, "protoc --python_out=%s proto/tpx.proto", modules);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): the test's own words */
    clerk_open(&registrar, &trial, ROLE_REGISTRAR, "REGISTRAR");
    clerk_open(&bank, &trial, ROLE_BANK, "BANK");
    clerk_open(&stranger, &trial, ROLE_BANK, "STRANGER");
    struct client *client = clerk_client(&registrar);
    uint32_t owner = clerk_party(client, "91440000000000001A", 0);
    clerk_right(client, "ZL202310000001.X", owner);
    clerk_right(client, "ZL202310000003.X", owner);
    client_close(client);
    clerk_until_signed(&trial);
    in_folder(certificate_path, "right.certificate");
    keep_first_key();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    note_verifier_fini(&first_key);
    desk_tear_down(&trial);
    return 0;
}

/* --- what is checked ---------------------------------------------------------------------------
 */

static bool text_holds(const char *text, size_t size) {
    struct checkpoint checkpoint;
    struct certificate *certificate = certificate_parse(text, size);
    struct hasher *hasher = hasher_create(algorithms_profile());
    assert_non_null(hasher);
    bool holds = certificate != NULL && certificate_check(certificate, hasher, &first_key,
                                                          &checkpoint) == CERTIFICATE_HOLDS;
    hasher_destroy(hasher);
    certificate_free(certificate);
    return holds;
}

/* Every byte of the file, changed in one bit, and every shorter file. */
static void assert_each_byte_counts(void) {
    size_t size;
    char *text = read_whole(certificate_path, &size);
    assert_true(text_holds(text, size));
    for (size_t i = 0; i < size; i++) {
        text[i] ^= 1;
        if (text_holds(text, size))
            fail_msg("byte %zu of %zu may be changed", i, size);
        text[i] ^= 1;
        assert_false(text_holds(text, i));
    }
    free(text);
}

/* Every line left out, and every line twice. */
static void assert_each_line_counts(void) {
    size_t size;
    char *text = read_whole(certificate_path, &size);
    char *other = malloc(2 * size);
    assert_non_null(other);
    for (size_t at = 0; at < size;) {
        size_t line = strcspn(text + at, "\n") + 1;
        memcpy(other, text, at);
        memcpy(other + at, text + at + line, size - at - line);
        assert_false(text_holds(other, size - line));
        memcpy(other + at, text + at, line);
        memcpy(other + at + line, text + at, size - at);
        assert_false(text_holds(other, size + line));
        at += line;
    }
    free(other);
    free(text);
}

/* A program that shares no code with the exchange. */
static int judge(const char *path) {
    char line[8 * PATH_MAX_BYTES];
    snprintf(line, sizeof line,
             "PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=%s /usr/bin/python3 "
             "tests/e2e/check_certificate.py %s %s >%s/said 2>&1",
             modules, path, key_path, trial.folder);
    int status = system(line); /* NOLINT(cert-env33-c): the test's own words */
    return WEXITSTATUS(status);
}

static void assert_others_say_the_same(void) {
    char path[PATH_MAX_BYTES];
    size_t size;
    if (judge(certificate_path) != 0) {
        char *said = read_whole(in_folder(path, "said"), &size);
        fail_msg("%s", said);
    }
    char *text = read_whole(certificate_path, &size);
    in_folder(path, "altered.certificate");
    for (size_t i = 20; i < size; i += size / 12) {
        text[i] ^= 1;
        write_whole(path, text, size);
        assert_int_equal(judge(path), 1);
        text[i] ^= 1;
    }
    free(text);
}

/* --- the tests ---------------------------------------------------------------------------------
 */

static void a_certificate_is_written_and_holds_without_the_exchange(void **state) {
    (void)state;
    certify("ZL202310000001.X");
    char *said = run(CLI_FINE, (const char *const[]){"right", "check", certificate_path,
                                                     "--checkpoint-key", key_path, NULL});
    assert_non_null(strstr(said, "holds"));
    assert_non_null(strstr(said, "ZL202310000001.X"));
    assert_non_null(strstr(said, "test"));
    free(said);
}

static void nobody_is_certified_what_nobody_admitted(void **state) {
    (void)state;
    char path[PATH_MAX_BYTES];
    char *said = run(CLI_REFUSED,
                     (const char *const[]){"right", "certify", "design", "ZL202310000001.X",
                                           trial.exchange, "--out", in_folder(path, "none"), NULL});
    assert_non_null(strstr(said, "UNKNOWN_RIGHT"));
    free(said);
}

static void another_exchange_s_key_does_not_open_a_certificate(void **state) {
    char path[PATH_MAX_BYTES];
    (void)state;
    char *key = run(CLI_FINE, (const char *const[]){"keygen", "--note", "other.example",
                                                    in_folder(path, "foreign.key"), NULL});
    char *word = strstr(key, "other.example+");
    assert_non_null(word);
    word[strcspn(word, "\n \t")] = '\0';
    char *said = run(CLI_UNVERIFIED, (const char *const[]){"right", "check", certificate_path,
                                                           "--checkpoint-key", word, NULL});
    assert_non_null(strstr(said, "not signed by the key"));
    free(said);
    free(key);
}

static void each_altered_byte_of_a_certificate_is_found(void **state) {
    (void)state;
    assert_each_byte_counts();
    assert_each_line_counts();
}

static void a_program_of_others_says_the_same(void **state) {
    (void)state;
    assert_others_say_the_same();
}

/* --- asked for over the wire -------------------------------------------------------------------
 */

static struct query_client *asker_of(const struct clerk *clerk) {
    struct query_client_options options = {.context = trial.context,
                                           .endpoint = trial.query_endpoint,
                                           .server_z85 = trial.server.public_z85,
                                           .key = &clerk->key};
    struct query_client *client = query_client_open(&options);
    assert_non_null(client);
    return client;
}

/* What was asked for last is below. */
static uint64_t asked_below;

/* The reason for which a certificate is not there; NONE with its text, put together. */
static enum reason fetch(const struct clerk *clerk, uint64_t number, char **text, size_t *size) {
    struct query query = {.kind = QUERY_CERTIFICATE,
                          .at_least = asked_below,
                          .wait_ms = QUERY_WAIT_MS_MAX,
                          .certificate = {.number = number}};
    struct query_client *client = asker_of(clerk);
    struct answer answer;
    struct refused refused = {0};
    size_t filled = 0;
    *text = NULL;
    do {
        struct answer_row row;
        assert_int_equal(query_client_ask(client, &query, DESK_PATIENCE_MS, &answer),
                         QUERY_CLIENT_ANSWER);
        if (query_client_refused(&answer, &refused))
            break;
        while (query_client_row(&answer, &row)) {
            *size = row.certificate.size;
            *text = *text != NULL ? *text : malloc(*size + 1);
            assert_non_null(*text);
            assert_int_equal(row.certificate.offset, filled);
            memcpy(*text + filled, row.certificate.text, row.certificate.text_bytes);
            filled += row.certificate.text_bytes;
        }
    } while (query_client_next_page(&query, &answer));
    query_client_close(client);
    return (enum reason)refused.reason;
}

static void fetch_when_made(const struct clerk *clerk, uint64_t number) {
    char *text;
    size_t size = 0;
    enum reason reason;
    while ((reason = fetch(clerk, number, &text, &size)) == REASON_NOT_READY)
        sched_yield();
    assert_int_equal(reason, REASON_NONE);
    write_whole(certificate_path, text, size);
    free(text);
}

static uint64_t ask_for(const struct clerk *clerk, struct certify certify) {
    struct command command = {.verb = VERB_DEED,
                              .deed = {.kind = DEED_CERTIFY, .certify = certify}};
    struct client *client = clerk_client(clerk);
    uint64_t number = clerk_deed(client, &command, NULL).id;
    client_close(client);
    asked_below = desk_ledger_next(&trial);
    return number;
}

static const struct certify THE_RIGHT = {.asset_kind = ASSET_RIGHT, .asset = 1};

static void a_bank_asks_and_has_it_within_the_next_seal(void **state) {
    (void)state;
    uint64_t number = ask_for(&bank, THE_RIGHT);
    int64_t from_ns = clock_mono_ns();
    fetch_when_made(&bank, number);
    printf("in hand after %ld ms\n", (clock_mono_ns() - from_ns) / CLOCK_MILLISECOND_NS);
    char *said = run(CLI_FINE, (const char *const[]){"right", "check", certificate_path,
                                                     "--checkpoint-key", key_path, NULL});
    assert_non_null(strstr(said, "ZL202310000001.X"));
    free(said);
    assert_each_byte_counts();
    assert_each_line_counts();
    assert_others_say_the_same();
}

static void certificates_are_numbered_as_they_are_asked_for(void **state) {
    (void)state;
    uint64_t first = ask_for(&bank, THE_RIGHT);
    uint64_t second = ask_for(&registrar, THE_RIGHT);
    assert_int_equal(second, first + 1);
    fetch_when_made(&registrar, second);
    fetch_when_made(&bank, first);
}

static void a_stranger_gets_no_certificate_of_others(void **state) {
    (void)state;
    char *text;
    size_t size;
    uint64_t number = ask_for(&bank, THE_RIGHT);
    fetch_when_made(&bank, number);
    assert_int_equal(fetch(&stranger, number, &text, &size), REASON_NOT_READY);
    assert_int_equal(fetch(&bank, number + 1000, &text, &size), REASON_UNKNOWN_RIGHT);
    assert_int_equal(fetch(&bank, 0, &text, &size), REASON_UNKNOWN_RIGHT);
}

static void what_was_asked_for_is_made_after_a_kill(void **state) {
    (void)state;
    uint64_t numbers[20];
    for (int i = 0; i < 20; i++)
        numbers[i] = ask_for(&bank, THE_RIGHT);
    trial_kill(&trial);
    trial_start(&trial);
    for (int i = 0; i < 20; i++)
        fetch_when_made(&bank, numbers[i]);
    free(run(CLI_FINE, (const char *const[]){"right", "check", certificate_path, "--checkpoint-key",
                                             key_path, NULL}));
}

static void a_holding_is_certified_to_whom_it_concerns(void **state) {
    (void)state;
    struct client *client = clerk_client(&registrar);
    uint32_t party = clerk_party(client, "91440000000000009Z", bank.participant);
    struct command admit = {
        .verb = VERB_DEED,
        .deed = {.kind = DEED_ADMIT_HOLDING, .admit_holding = {.party = party, .instrument = 1}}};
    clerk_deed(client, &admit, NULL);
    client_close(client);
    struct certify certify = {.asset_kind = ASSET_HOLDING, .asset = 1, .holder = party};
    fetch_when_made(&bank, ask_for(&bank, certify));
    char *said = run(CLI_FINE, (const char *const[]){"right", "check", certificate_path,
                                                     "--checkpoint-key", key_path, NULL});
    assert_non_null(strstr(said, ":91440000000000009Z"));
    free(said);
    assert_each_byte_counts();
    assert_others_say_the_same();
    client = clerk_client(&stranger);
    struct command command = {.verb = VERB_DEED,
                              .deed = {.kind = DEED_CERTIFY, .certify = certify}};
    assert_int_equal(clerk_refusal(client, &command, NULL), REASON_UNKNOWN_RIGHT);
    client_close(client);
}

/* Runs a command of the bank's that asks the exchange: words, then NULL. */
static char *as_bank(int expected, const char *const words[]) {
    char path[PATH_MAX_BYTES];
    char session[16];
    const char *arguments[24];
    int count = 0;
    snprintf(session, sizeof session, "%u", bank.session);
    in_folder(path, "bank.key");
    if (access(path, F_OK) != 0)
        assert_int_equal(keyfile_curve_save(&bank.key, path, false), 0);
    while (words[count] != NULL) {
        arguments[count] = words[count];
        count++;
    }
    bool has_session = strcmp(words[1], "certify") == 0;
    const char *const settings[] = {"--endpoint",
                                    trial.endpoint,
                                    "--query",
                                    trial.query_endpoint,
                                    "--server-key",
                                    trial.server.public_z85,
                                    "--key",
                                    path,
                                    "--session",
                                    session,
                                    NULL};
    memcpy(&arguments[count], settings, sizeof settings);
    if (!has_session)
        arguments[count + 8] = NULL;
    return run(expected, arguments);
}

static void the_command_line_asks_and_waits(void **state) {
    (void)state;
    free(
        as_bank(CLI_FINE, (const char *const[]){"right", "certify", "invention", "ZL202310000001.X",
                                                "--out", certificate_path, NULL}));
    char *said = run(CLI_FINE, (const char *const[]){"right", "check", certificate_path,
                                                     "--checkpoint-key", key_path, NULL});
    assert_non_null(strstr(said, "certificate"));
    free(said);
    said = as_bank(CLI_REFUSED,
                   (const char *const[]){"right", "certify", "design", "ZL202310000001.X", NULL});
    assert_non_null(strstr(said, "UNKNOWN_RIGHT"));
    free(said);
}

static void it_says_whether_it_still_holds_and_what_has_changed(void **state) {
    static const char *const STILL[] = {"right",  "still", certificate_path, "--checkpoint-key",
                                        key_path, NULL};
    (void)state;
    char *said = as_bank(CLI_FINE, STILL);
    assert_non_null(strstr(said, "still holds"));
    free(said);
    struct client *client = clerk_client(&registrar);
    struct command command = {.verb = VERB_DEED,
                              .deed = {.kind = DEED_SET_RIGHT_STATUS,
                                       .set_right_status = {.right = 1, .set = RIGHT_FEE_UNPAID}}};
    clerk_deed(client, &command, NULL);
    client_close(client);
    said =
        as_bank(CLI_REFUSED, (const char *const[]){"right", "still", certificate_path,
                                                   "--checkpoint-key", key_path, "--watch", NULL});
    assert_non_null(strstr(said, "has changed"));
    assert_non_null(strstr(said, "ASSET"));
    free(said);
}

/* The exchange gets another key, and the first goes. */
static void change_keys(const char *file_name) {
    char path[PATH_MAX_BYTES];
    struct note_verifier next;
    snprintf(path, sizeof path, "%s/%s", trial.exchange, file_name);
    char *said =
        run(CLI_FINE, (const char *const[]){"keygen", "--note", first_key.name, "--algorithms",
                                            crypto_profile(first_key.profile)->name, path, NULL});
    char *word = strstr(said, "trial.example/tpx+");
    assert_non_null(word);
    word[strcspn(word, "\n \t")] = '\0';
    assert_int_equal(note_verifier_parse(&next, word), 0);
    free(said);
    trial_stop(&trial);
    trial_start(&trial);
    struct act act = {.kind = ACT_CHECKPOINT_KEY};
    verifier_public(next.key, &act.checkpoint_key.key);
    trial_act_of_two(&trial, &act);
    clerk_until_signed(&trial);
    act.checkpoint_key.is_revoked = true;
    verifier_public(first_key.key, &act.checkpoint_key.key);
    trial_act_of_two(&trial, &act);
    clerk_until_signed(&trial);
    note_verifier_fini(&next);
}

static void a_certificate_on_paper_says_what_it_is_and_what_it_is_not(void **state) {
    static const char *const WORDS[] = {"登记证明",
                                        "TEST ENVIRONMENT",
                                        "trial.example/tpx",
                                        "ZL202310000001.X",
                                        "发明专利",
                                        "没有有效的质押、冻结、保全或挂牌",
                                        "no pledge, freeze, hold or listing in force",
                                        "It is no evidence of interests that need no registration",
                                        "国家知识产权局",
                                        "<svg"};
    char path[PATH_MAX_BYTES];
    size_t size;
    (void)state;
    free(run(CLI_FINE,
             (const char *const[]){"right", "print", certificate_path, "--checkpoint-key", key_path,
                                   "--out", in_folder(path, "page.html"), NULL}));
    char *page = read_whole(path, &size);
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
        if (strstr(page, WORDS[i]) == NULL)
            fail_msg("the page does not say %s", WORDS[i]);
    assert_null(strstr(page, "<script"));
    assert_null(strstr(page, "http"));
    free(page);
}

static void what_does_not_hold_is_not_printed(void **state) {
    char path[PATH_MAX_BYTES];
    char out[PATH_MAX_BYTES];
    size_t size;
    (void)state;
    char *text = read_whole(certificate_path, &size);
    text[size / 2] ^= 1;
    write_whole(in_folder(path, "altered.certificate"), text, size);
    free(run(CLI_UNVERIFIED,
             (const char *const[]){"right", "print", path, "--checkpoint-key", key_path, "--out",
                                   in_folder(out, "none.html"), NULL}));
    assert_int_equal(access(out, F_OK), -1);
    free(text);
}

static void who_has_the_first_key_alone_follows_the_exchange_s_keys(void **state) {
    (void)state;
    size_t size;
    change_keys("checkpoint-2.key");
    struct client *client = clerk_client(&registrar);
    clerk_right(client, "ZL202310000007.X", 1);
    client_close(client);
    clerk_until_signed(&trial);
    certify("ZL202310000007.X");
    free(run(CLI_FINE, (const char *const[]){"right", "check", certificate_path, "--checkpoint-key",
                                             key_path, NULL}));
    char *text = read_whole(certificate_path, &size);
    assert_non_null(strstr(text, "\nkey-note "));
    free(text);
    assert_each_byte_counts();
    assert_each_line_counts();
    assert_others_say_the_same();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_is_written_and_holds_without_the_exchange),
        cmocka_unit_test(nobody_is_certified_what_nobody_admitted),
        cmocka_unit_test(another_exchange_s_key_does_not_open_a_certificate),
        cmocka_unit_test(each_altered_byte_of_a_certificate_is_found),
        cmocka_unit_test(a_program_of_others_says_the_same),
        cmocka_unit_test(a_certificate_on_paper_says_what_it_is_and_what_it_is_not),
        cmocka_unit_test(what_does_not_hold_is_not_printed),
        cmocka_unit_test(a_bank_asks_and_has_it_within_the_next_seal),
        cmocka_unit_test(certificates_are_numbered_as_they_are_asked_for),
        cmocka_unit_test(a_stranger_gets_no_certificate_of_others),
        cmocka_unit_test(what_was_asked_for_is_made_after_a_kill),
        cmocka_unit_test(a_holding_is_certified_to_whom_it_concerns),
        cmocka_unit_test(the_command_line_asks_and_waits),
        cmocka_unit_test(it_says_whether_it_still_holds_and_what_has_changed),
        cmocka_unit_test(who_has_the_first_key_alone_follows_the_exchange_s_keys),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
