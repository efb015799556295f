/*
 * Certificates: written from an exchange's ledger, checked without it, by our program and by one of
 * others; each altered byte is found; and who has the exchange's first key alone follows its keys.
 */
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
#include "ledger/certificate.h"
#include "tests/e2e/clerk.h"

#define PATH_MAX_BYTES (TRIAL_PATH_MAX + 64)

static struct trial trial;
static struct clerk registrar;
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
        cmocka_unit_test(who_has_the_first_key_alone_follows_the_exchange_s_keys),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
