/*
 * tpx ledger, as a regulator uses it: on a small ledger, whole or changed, with the folder that
 * `export` writes and the files of `prove` checked by a program in another language that shares
 * nothing with us (check_tlog.py).
 */
#include <fcntl.h>
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
#include <jansson.h>

#include "bench/algorithms.h"
#include "gateway/cli.h"
#include "gateway/wording.h"
#include "ledger/state_digest.h"
#include "tests/unit/ledger_desk.h"
#include "tests/unit/readme.h"

#define OUTPUT_MAX    (256u << 10)
#define ARGUMENTS_MAX 12
#define PATH_BYTES    1024
#define NOBODY        65534
#define WRONG         1 /* what check_tlog.py ends with */

static char tpx[PATH_BYTES];

struct answer {
    int code;
    char text[OUTPUT_MAX]; /* standard output */
};

/* The child: as somebody who may not write, when `is_stranger`. The program is opened before, for
 * it may lie where only its owner may look. */
static void be_program(const char *const *arguments, int output, bool is_stranger) {
    char *argv[ARGUMENTS_MAX + 1] = {NULL};
    for (int i = 0; i < ARGUMENTS_MAX && arguments[i] != NULL; i++)
        argv[i] = strdup(arguments[i]);
    dup2(output, STDOUT_FILENO);
    unsetenv("TPX_LEDGER");
    unsetenv("TPX_PROFILE");
    int program = open(argv[0], O_RDONLY | O_CLOEXEC);
    if (is_stranger && getuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
        _exit(100);
    fexecve(program, argv, environ);
    _exit(101);
}

static void run_as(struct answer *answer, bool is_stranger, const char *const *arguments) {
    int ends[2];
    int status = 0;
    size_t used = 0;
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        be_program(arguments, ends[1], is_stranger);
    close(ends[1]);
    for (ssize_t got = 1; got > 0; used += (size_t)got) {
        got = read(ends[0], answer->text + used, OUTPUT_MAX - 1 - used);
        assert_true(got >= 0);
    }
    close(ends[0]);
    answer->text[used] = '\0';
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    answer->code = WEXITSTATUS(status);
}

#define RUN(answer, ...)    run_as(answer, false, (const char *const[]){__VA_ARGS__, NULL})
#define LEDGER(answer, ...) RUN(answer, tpx, "ledger", __VA_ARGS__)
#define CHECK(answer, ...)  RUN(answer, "/usr/bin/python3", "tests/e2e/check_tlog.py", __VA_ARGS__)

static struct answer answer; /* large */

struct room {
    struct ledger_desk *desk;
    char files[LEDGER_FOLDER_PATH]; /* for what the commands write */
    char key[NOTE_KEY_TEXT_SIZE];
};

/* 1,000 records in two volumes, and some that no checkpoint covers yet. */
static int open_room(void **state) {
    struct room *room = calloc(1, sizeof *room);
    assert_non_null(room);
    assert_int_equal(ledger_desk_open((void **)&room->desk), 0);
    ledger_folder_make(room->files);
    ledger_desk_trade(room->desk, 400);
    ledger_desk_trade(room->desk, 500);
    ledger_desk_order(room->desk, SIDE_SELL, 1000, 100);
    room->desk->rolls[0] = 300;
    ledger_desk_store(room->desk);
    note_verifier_format(&room->desk->verifiers[0], room->key);
    *state = room;
    return 0;
}

static int close_room(void **state) {
    struct room *room = *state;
    ledger_folder_remove(room->files);
    ledger_desk_close((void **)&room->desk);
    free(room);
    return 0;
}

static void path_of(const struct room *room, const char *name, char path[PATH_BYTES]) {
    assert_in_range(snprintf(path, PATH_BYTES, "%s/%s", room->files, name), 1, PATH_BYTES - 1);
}

/* The number of the request in a record. */
static uint64_t number_of(const struct ledger_desk *desk, uint64_t sequence) {
    struct record record;
    assert_true(record_read(desk->list.records[sequence].bytes, desk->list.records[sequence].size,
                            &record));
    return record.header.number;
}

/* Flips a bit in the middle of a file. */
static void flip_in(const char *path) {
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long middle = ftell(file) / 2;
    assert_int_equal(fseek(file, middle, SEEK_SET), 0);
    int byte = fgetc(file);
    assert_int_equal(fseek(file, middle, SEEK_SET), 0);
    assert_int_not_equal(fputc(byte ^ 1, file), EOF);
    assert_int_equal(fclose(file), 0);
}

static json_t *parse(const struct answer *from) {
    json_t *object = json_loads(from->text, 0, NULL);
    assert_non_null(object);
    return object;
}

static void assert_says(json_t *object, const char *field, const char *value) {
    const char *text = json_string_value(json_object_get(object, field));
    assert_non_null(text);
    assert_string_equal(text, value);
}

static void assert_number(json_t *object, const char *field, uint64_t number) {
    char text[32];
    snprintf(text, sizeof text, "%lu", number);
    assert_says(object, field, text);
}

/* --- verify and replay ------------------------------------------------------------------------ */

static void a_sound_ledger_is_verified(void **state) {
    struct room *room = *state;
    uint64_t records = room->desk->list.count;
    LEDGER(&answer, "verify", room->desk->dir, "--checkpoint-key", room->key, "--json");
    assert_int_equal(answer.code, CLI_FINE);
    json_t *object = parse(&answer);
    assert_says(object, "verdict", "verified");
    assert_says(object, "origin", LEDGER_DESK_ORIGIN);
    assert_number(object, "records", records);
    assert_number(object, "executed", records);
    assert_number(object, "volumes", 2);
    assert_number(object, "vouched_for", records - 1);
    json_decref(object);
    LEDGER(&answer, "verify", room->desk->dir);
    assert_int_equal(answer.code, CLI_FINE);
    assert_non_null(strstr(answer.text, "verified"));
}

/* The name of the profile that the ledger is not of. */
static uint8_t other_profile(void) {
    return algorithms_profile() == PROFILE_NATIONAL ? PROFILE_INTERNATIONAL : PROFILE_NATIONAL;
}

static void a_key_of_the_other_profile_is_said_to_be_one(void **state) {
    struct room *room = *state;
    struct note_signer signer;
    struct note_verifier verifier;
    char key[NOTE_KEY_TEXT_SIZE];
    char wanted[128];
    assert_int_equal(note_signer_generate(&signer, other_profile(), LEDGER_DESK_ORIGIN), 0);
    assert_int_equal(note_signer_verifier(&signer, &verifier), 0);
    note_verifier_format(&verifier, key);
    note_verifier_fini(&verifier);
    note_signer_fini(&signer);
    snprintf(wanted, sizeof wanted, "the key given is of the %s profile, this ledger is of the %s",
             crypto_profile(other_profile())->name, crypto_profile(algorithms_profile())->name);
    LEDGER(&answer, "verify", room->desk->dir, "--checkpoint-key", key, "--json");
    assert_int_equal(answer.code, CLI_UNVERIFIED);
    json_t *object = parse(&answer);
    assert_says(object, "fault", "checkpoint");
    assert_non_null(strstr(answer.text, wanted));
    json_decref(object);
}

static void a_changed_record_is_named_and_ends_with_4(void **state) {
    struct room *room = *state;
    ledger_desk_flip(room->desk, 400, 70);
    LEDGER(&answer, "verify", room->desk->dir, "--checkpoint-key", room->key, "--json");
    assert_int_equal(answer.code, CLI_UNVERIFIED);
    json_t *object = parse(&answer);
    assert_says(object, "verdict", "fault");
    assert_says(object, "fault", "tree");
    assert_number(object, "fault_sequence", 400);
    assert_number(object, "fault_volume", 1);
    json_decref(object);
}

static void another_key_has_signed_nothing(void **state) {
    struct room *room = *state;
    char key[NOTE_KEY_TEXT_SIZE];
    note_verifier_format(&room->desk->verifiers[1], key);
    LEDGER(&answer, "verify", room->desk->dir, "--checkpoint-key", key);
    assert_int_equal(answer.code, CLI_UNVERIFIED);
    LEDGER(&answer, "verify", room->desk->dir, "--checkpoint-key", "a+b+c");
    assert_int_equal(answer.code, CLI_USAGE);
}

/* Somebody else wrote it, and the reader may only read: no lock file is touched. */
static void a_folder_that_may_only_be_read_is_verified(void **state) {
    struct room *room = *state;
    char command[PATH_BYTES];
    snprintf(command, sizeof command, "chmod -R a+rX-w %s", room->desk->dir);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): constant but for a folder */
    run_as(&answer, true,
           (const char *const[]){tpx, "ledger", "verify", room->desk->dir, "--checkpoint-key",
                                 room->key, NULL});
    assert_int_equal(answer.code, CLI_FINE);
    snprintf(command, sizeof command, "chmod -R u+w %s", room->desk->dir);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
}

static void a_ledger_that_is_written_meanwhile_is_verified(void **state) {
    struct room *room = *state;
    struct journal *journal = NULL;
    const struct listed_record *last = &room->desk->list.records[room->desk->list.count - 1];
    assert_int_equal(journal_open(&journal, room->desk->dir, &ledger_folder_options), 0);
    assert_int_equal(journal_append(journal, last->bytes, last->size), 0);
    LEDGER(&answer, "verify", room->desk->dir, "--checkpoint-key", room->key);
    assert_int_equal(answer.code, CLI_FINE);
    journal_close(journal);
}

static void replay_tells_the_digest_of_the_state(void **state) {
    struct room *room = *state;
    struct hash digest;
    char hex[2 * HASH_SIZE + 1];
    state_digest(room->desk->maker.hasher, room->desk->maker.engine, &digest);
    for (int i = 0; i < HASH_SIZE; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest.bytes[i]);
    LEDGER(&answer, "replay", room->desk->dir, "--json");
    assert_int_equal(answer.code, CLI_FINE);
    json_t *object = parse(&answer);
    assert_says(object, "state_digest", hex);
    assert_number(object, "as_of", room->desk->list.count);
    json_decref(object);
    LEDGER(&answer, "replay", room->desk->dir, "--to", "200", "--json");
    object = parse(&answer);
    assert_number(object, "as_of", 200);
    json_decref(object);
    LEDGER(&answer, "replay", room->desk->dir, "--to", "100000");
    assert_int_equal(answer.code, CLI_USAGE);
}

/* --- copy ------------------------------------------------------------------------------------- */

static void a_copy_is_made_where_it_is_asked_for_and_nowhere_else(void **state) {
    struct room *room = *state;
    char copy[PATH_BYTES];
    char file[PATH_BYTES];
    path_of(room, "copy", copy);
    path_of(room, "file", file);
    LEDGER(&answer, "copy", room->desk->dir, copy, "--json");
    assert_int_equal(answer.code, CLI_FINE);
    json_t *object = parse(&answer);
    assert_number(object, "copied_volumes", 1);
    assert_number(object, "appended_records", room->desk->list.count - 300);
    assert_number(object, "copy_size", room->desk->list.count);
    assert_number(object, "copy_checkpoint", room->desk->list.count - 1);
    json_decref(object);
    LEDGER(&answer, "copy", room->desk->dir, copy, "--verify", "--checkpoint-key", room->key);
    assert_int_equal(answer.code, CLI_FINE);
    assert_non_null(strstr(answer.text, "verified"));
    LEDGER(&answer, "copy", copy);
    assert_int_equal(answer.code, CLI_USAGE);
    LEDGER(&answer, "copy", copy, copy);
    assert_int_equal(answer.code, CLI_USAGE);
    FILE *made = fopen(file, "w");
    assert_non_null(made);
    assert_int_equal(fclose(made), 0);
    LEDGER(&answer, "copy", copy, file);
    assert_int_equal(answer.code, CLI_USAGE);
    LEDGER(&answer, "verify", file);
    assert_int_equal(answer.code, CLI_USAGE);
}

/* --- languages -------------------------------------------------------------------------------- */

/* The columns of a line up to where a text begins. */
static size_t columns_before(const char *line, const char *text) {
    char before[PATH_BYTES];
    const char *at = strstr(line, text);
    assert_non_null(at);
    snprintf(before, sizeof before, "%.*s", (int)(at - line), line);
    return wording_width(before);
}

static void people_are_told_in_their_language_and_programs_are_not(void **state) {
    struct room *room = *state;
    static struct answer english;
    LEDGER(&english, "verify", room->desk->dir, "--checkpoint-key", room->key, "--json");
    assert_int_equal(setenv("TPX_LANG", "zh", 1), 0);
    LEDGER(&answer, "verify", room->desk->dir, "--checkpoint-key", room->key, "--json");
    assert_string_equal(answer.text, english.text);
    LEDGER(&answer, "verify", room->desk->dir, "--checkpoint-key", room->key);
    assert_int_equal(unsetenv("TPX_LANG"), 0);
    assert_int_equal(answer.code, CLI_FINE);
    char *next = strchr(answer.text, '\n') + 1;
    assert_int_equal(strncmp(answer.text, "结论 ", strlen("结论 ")), 0);
    assert_int_equal(columns_before(answer.text, "验证通过"),
                     columns_before(next, LEDGER_DESK_ORIGIN));
    assert_non_null(strstr(answer.text, "检查点密钥"));
    assert_null(strstr(answer.text, "verdict"));
    LEDGER(&answer, "verify", room->desk->dir, "--checkpoint-key", room->key);
    assert_non_null(strstr(answer.text, "verdict"));
}

/* --- show, key, checkpoint -------------------------------------------------------------------- */

static void a_record_is_shown_in_words(void **state) {
    struct room *room = *state;
    char sequence[24];
    snprintf(sequence, sizeof sequence, "%zu", room->desk->list.count - 1);
    LEDGER(&answer, "show", sequence, room->desk->dir);
    assert_int_equal(answer.code, CLI_FINE);
    assert_non_null(strstr(answer.text, "new_order: account 1, instrument 1, side SELL"));
    assert_non_null(strstr(answer.text, "price 10.00"));
    assert_non_null(strstr(answer.text, "everybody"));
    LEDGER(&answer, "show", sequence, room->desk->dir, "--json");
    json_t *object = parse(&answer);
    json_t *request = json_object_get(object, "request");
    assert_says(json_object_get(request, "new_order"), "price", "1000");
    json_decref(object);
    LEDGER(&answer, "show", "5000", room->desk->dir);
    assert_int_equal(answer.code, CLI_REFUSED);
    LEDGER(&answer, "show", "0", room->files);
    assert_int_equal(answer.code, CLI_USAGE);
}

static void key_and_checkpoint_are_printed_as_they_are(void **state) {
    struct room *room = *state;
    LEDGER(&answer, "key", room->desk->dir);
    assert_int_equal(answer.code, CLI_FINE);
    answer.text[strcspn(answer.text, "\n")] = '\0';
    assert_string_equal(answer.text, room->key);
    LEDGER(&answer, "checkpoint", room->desk->dir);
    assert_int_equal(answer.code, CLI_FINE);
    assert_int_equal(strncmp(answer.text, LEDGER_DESK_ORIGIN "\n", sizeof LEDGER_DESK_ORIGIN), 0);
    assert_non_null(strstr(answer.text, "\n\n\xE2\x80\x94 " LEDGER_DESK_ORIGIN " "));
}

/* --- proofs ----------------------------------------------------------------------------------- */

static void a_proof_is_checked_by_us_and_by_others(void **state) {
    struct room *room = *state;
    static const char *const sequences[] = {"0", "255", "256", "299", "300", "777"};
    char record[PATH_BYTES];
    char proof[PATH_BYTES];
    path_of(room, "record", record);
    path_of(room, "record.tlog-proof", proof);
    for (size_t i = 0; i < sizeof sequences / sizeof sequences[0]; i++) {
        LEDGER(&answer, "prove", sequences[i], room->desk->dir, "--out", record);
        assert_int_equal(answer.code, CLI_FINE);
        LEDGER(&answer, "check", record, "--checkpoint-key", room->key);
        assert_int_equal(answer.code, CLI_FINE);
        CHECK(&answer, "proof", record, proof, room->key);
        assert_int_equal(answer.code, 0);
    }
    flip_in(record);
    LEDGER(&answer, "check", record, "--checkpoint-key", room->key);
    assert_int_equal(answer.code, CLI_UNVERIFIED);
    CHECK(&answer, "proof", record, proof, room->key);
    assert_int_equal(answer.code, WRONG);
}

static void a_proof_under_another_key_is_none(void **state) {
    struct room *room = *state;
    char key[NOTE_KEY_TEXT_SIZE];
    char record[PATH_BYTES];
    char proof[PATH_BYTES];
    path_of(room, "record", record);
    path_of(room, "record.tlog-proof", proof);
    note_verifier_format(&room->desk->verifiers[1], key);
    LEDGER(&answer, "prove", "5", room->desk->dir, "--out", record);
    LEDGER(&answer, "check", record, "--checkpoint-key", key);
    assert_int_equal(answer.code, CLI_UNVERIFIED);
    LEDGER(&answer, "check", record);
    assert_int_equal(answer.code, CLI_USAGE);
    CHECK(&answer, "proof", record, proof, key);
    assert_int_equal(answer.code, WRONG);
}

static void what_no_checkpoint_covers_cannot_be_proven_yet(void **state) {
    struct room *room = *state;
    char sequence[24];
    snprintf(sequence, sizeof sequence, "%zu", room->desk->list.count - 1);
    LEDGER(&answer, "prove", sequence, room->desk->dir);
    assert_int_equal(answer.code, CLI_REFUSED);
}

/* --- the exported log ------------------------------------------------------------------------- */

static void an_exported_log_is_checked_by_others(void **state) {
    struct room *room = *state;
    char folder[PATH_BYTES];
    path_of(room, "log", folder);
    LEDGER(&answer, "export", room->desk->dir, "--tlog", folder);
    assert_int_equal(answer.code, CLI_FINE);
    CHECK(&answer, "log", folder, room->key);
    assert_int_equal(answer.code, 0);
    assert_null(strstr(answer.text, "bytes"));
    LEDGER(&answer, "export", room->desk->dir, "--tlog", folder, "--entries");
    CHECK(&answer, "log", folder, room->key);
    assert_int_equal(answer.code, 0);
    assert_non_null(strstr(answer.text, "each one's bytes"));
}

static void a_later_export_is_consistent_with_an_older_checkpoint(void **state) {
    struct room *room = *state;
    char folder[PATH_BYTES];
    char old_folder[PATH_BYTES];
    char checkpoint[PATH_BYTES];
    path_of(room, "old", old_folder);
    path_of(room, "new", folder);
    path_of(room, "old/checkpoint", checkpoint);
    LEDGER(&answer, "export", room->desk->dir, "--tlog", old_folder);
    ledger_desk_trade(room->desk, 700);
    ledger_desk_store(room->desk);
    LEDGER(&answer, "export", room->desk->dir, "--tlog", folder);
    CHECK(&answer, "log", folder, room->key, checkpoint);
    assert_int_equal(answer.code, 0);
    path_of(room, "new/checkpoint", checkpoint);
    CHECK(&answer, "log", old_folder, room->key, checkpoint);
    assert_int_equal(answer.code, WRONG);
}

/* So the check is worth something. */
static void a_changed_export_is_noticed(void **state) {
    struct room *room = *state;
    static const char *const files[] = {"log/checkpoint", "log/tile/0/001", "log/tile/1/000.p/3",
                                        "log/tile/entries/002"};
    char folder[PATH_BYTES];
    path_of(room, "log", folder);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[PATH_BYTES];
        path_of(room, files[i], path);
        LEDGER(&answer, "export", room->desk->dir, "--tlog", folder, "--entries");
        flip_in(path);
        CHECK(&answer, "log", folder, room->key);
        assert_int_equal(answer.code, WRONG);
    }
}

/* --- the README ------------------------------------------------------------------------------- */

static void the_lines_for_a_regulator_work_as_they_stand(void **state) {
    struct room *room = *state;
    char script[PATH_BYTES];
    char *block = readme_block("ledger/README.md", "sh");
    path_of(room, "script", script);
    FILE *file = fopen(script, "w");
    assert_non_null(file);
    assert_true(fprintf(file, "set -e\ncd '%s'\nPATH='%.*s':$PATH\nLEDGER='%s'\nKEY='%s'\n%s",
                        room->files, (int)(strrchr(tpx, '/') - tpx), tpx, room->desk->dir,
                        room->key, block) > 0);
    assert_int_equal(fclose(file), 0);
    free(block);
    RUN(&answer, "/bin/sh", script);
    assert_int_equal(answer.code, 0);
    assert_non_null(strstr(answer.text, "verified"));
    assert_non_null(strstr(answer.text, "proven"));
}

/* The programs lie beside the tests: build/tests/e2e/test_x, build/tpx. */
static void find_tpx(void) {
    ssize_t size = readlink("/proc/self/exe", tpx, sizeof tpx - 32);
    assert_true(size > 0);
    tpx[size] = '\0';
    for (int i = 0; i < 3; i++)
        *strrchr(tpx, '/') = '\0';
    strcat(tpx, "/tpx");
}

/* The second of two orders at one price stands behind the first, and moves up when that trades. */
static void why_tells_an_orders_life_and_place_in_the_queue(void **state) {
    struct room *room = *state;
    struct ledger_desk *desk = room->desk;
    uint64_t first = ledger_desk_order(desk, SIDE_BUY, 900, 300);
    uint64_t second = ledger_desk_order(desk, SIDE_BUY, 900, 200);
    char order[32];
    ledger_desk_store(desk);
    snprintf(order, sizeof order, "%u-%lu", desk->maker.first_session,
             (unsigned long)number_of(desk, second));
    assert_true(first < second);
    RUN(&answer, tpx, "why", order, desk->dir, "--json");
    assert_int_equal(answer.code, 0);
    json_t *object = parse(&answer);
    json_t *reports = json_object_get(object, "reports");
    assert_int_equal(json_array_size(reports), 1);
    json_t *report = json_array_get(reports, 0);
    assert_says(report, "exec_type", "NEW");
    assert_says(report, "ahead_qty", "300");
    assert_non_null(strstr(json_string_value(json_object_get(report, "rule")), "rests behind"));
    json_decref(object);
    RUN(&answer, tpx, "why", "9-99", desk->dir);
    assert_int_equal(answer.code, 1);
}

/* The number that a cell holds, or -1 when it holds none. */
static long cell(const json_t *rows, size_t row, const char *key) {
    const char *text = json_string_value(json_object_get(json_array_get(rows, row), key));
    assert_non_null(text);
    return text[0] == '\0' ? -1 : strtol(text, NULL, 10);
}

/* What others do ahead of it between two reports shows in the next one, and at the end. */
static void why_follows_the_queue_through_later_events(void **state) {
    static const struct {
        const char *exec_type;
        long leaves;
        long ahead; /* -1: it does not rest */
    } LIFE[] = {{"NEW", 200, 600},
                {"REPLACED", 150, 200},
                {"TRADE", 100, 0},
                {"REPLACED", 250, 300},
                {"REPLACED", 200, 250}};
    struct room *room = *state;
    struct ledger_desk *desk = room->desk;
    char order[32];
    ledger_desk_order(desk, SIDE_BUY, 920, 100);
    uint64_t first = ledger_desk_order(desk, SIDE_BUY, 900, 300);
    ledger_desk_order(desk, SIDE_BUY, 900, 200);
    uint64_t own = ledger_desk_order(desk, SIDE_BUY, 900, 200);
    ledger_desk_cancel(desk, first);
    ledger_desk_order(desk, SIDE_SELL, 920, 100);
    ledger_desk_replace(desk, own, 900, 150);     /* less */
    ledger_desk_order(desk, SIDE_BUY, 900, 300);  /* behind it */
    ledger_desk_order(desk, SIDE_SELL, 900, 250); /* all that is ahead, and 50 of its own */
    ledger_desk_replace(desk, own, 900, 300);     /* more: behind the 300 */
    ledger_desk_order(desk, SIDE_SELL, 900, 50);
    ledger_desk_replace(desk, own, 900, 250); /* less again */
    ledger_desk_order(desk, SIDE_SELL, 900, 100);
    ledger_desk_store(desk);
    snprintf(order, sizeof order, "%u-%lu", desk->maker.first_session,
             (unsigned long)number_of(desk, own));
    RUN(&answer, tpx, "why", order, desk->dir, "--json");
    assert_int_equal(answer.code, 0);
    json_t *object = parse(&answer);
    const json_t *rows = json_object_get(object, "reports");
    assert_int_equal(json_array_size(rows), sizeof LIFE / sizeof LIFE[0]);
    for (size_t i = 0; i < sizeof LIFE / sizeof LIFE[0]; i++) {
        assert_says(json_array_get(rows, i), "exec_type", LIFE[i].exec_type);
        assert_int_equal(cell(rows, i, "leaves_qty"), LIFE[i].leaves);
        assert_int_equal(cell(rows, i, "ahead_qty"), LIFE[i].ahead);
    }
    assert_says(object, "state", "rests");
    assert_says(object, "ahead_qty", "150"); /* since the last report another has traded */
    assert_says(object, "ahead_orders", "1");
    json_decref(object);
}

int main(void) {
#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, open_room, close_room)
    const struct CMUnitTest tests[] = {
        IN_ROOM(why_tells_an_orders_life_and_place_in_the_queue),
        IN_ROOM(why_follows_the_queue_through_later_events),
        IN_ROOM(a_sound_ledger_is_verified),
        IN_ROOM(a_key_of_the_other_profile_is_said_to_be_one),
        IN_ROOM(a_changed_record_is_named_and_ends_with_4),
        IN_ROOM(another_key_has_signed_nothing),
        IN_ROOM(a_folder_that_may_only_be_read_is_verified),
        IN_ROOM(a_ledger_that_is_written_meanwhile_is_verified),
        IN_ROOM(replay_tells_the_digest_of_the_state),
        IN_ROOM(a_copy_is_made_where_it_is_asked_for_and_nowhere_else),
        IN_ROOM(people_are_told_in_their_language_and_programs_are_not),
        IN_ROOM(a_record_is_shown_in_words),
        IN_ROOM(key_and_checkpoint_are_printed_as_they_are),
        IN_ROOM(a_proof_is_checked_by_us_and_by_others),
        IN_ROOM(a_proof_under_another_key_is_none),
        IN_ROOM(what_no_checkpoint_covers_cannot_be_proven_yet),
        IN_ROOM(an_exported_log_is_checked_by_others),
        IN_ROOM(a_later_export_is_consistent_with_an_older_checkpoint),
        IN_ROOM(a_changed_export_is_noticed),
        IN_ROOM(the_lines_for_a_regulator_work_as_they_stand),
    };
    find_tpx();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
