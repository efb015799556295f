/*
 * Starts that cannot be: what is in the way is named, the exit code says who can mend it, and
 * nothing is changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/algorithms.h"
#include "gateway/exchange.h"
#include "gateway/keyfile.h"
#include "ledger/crypto.h"
#include "ledger/volume.h"
#include "tests/e2e/desk.h"
#include "tests/fault/witness.h"

#define PATH_ROOM (TRIAL_PATH_MAX + 64)

static void open_trial(struct trial *trial) {
    struct trial_options options = {.config = WITNESS_SMALL "volume_mib = 1\n",
                                    .brokers = 1,
                                    .sessions = 1,
                                    .accounts = 1,
                                    .instruments = 1};
    trial_create(trial, &options);
}

static void path_of(const struct trial *trial, const char *name, char path[PATH_ROOM]) {
    snprintf(path, PATH_ROOM, "%s/%s", trial->exchange, name);
}

/* The start ends with this code, and the log says this. */
static void start_is_refused(struct trial *trial, int wanted, const char *event,
                             const char *pairs) {
    int code = 0;
    assert_false(trial_start_or(trial, &code));
    assert_int_equal(code, wanted);
    if (!witness_logged(trial, event, pairs))
        fail_msg("the log does not say %s %s", event, pairs);
}

/* The shadow follows before the stop, so that the stop leaves a snapshot. */
static void start_is_well(struct trial *trial) {
    trial_start(trial);
    desk_until_counter(trial, COUNTER_SHADOW, 1);
    assert_int_equal(trial_stop(trial), 0);
}

static void a_second_server_finds_the_ledger_in_use(void **state) {
    struct trial trial;
    (void)state;
    open_trial(&trial);
    trial_start(&trial);
    struct trial second = trial;
    second.pid = 0;
    start_is_refused(&second, EXIT_CODE_LEDGER, "failure", "another process writes this ledger");
    struct client *client = trial_operator(&trial, 0); /* the first is not disturbed */
    client_close(client);
    assert_int_equal(trial_stop(&trial), 0);
    start_is_well(&trial);
    trial_remove(&trial);
}

static void keys_that_others_can_read_are_refused(void **state) {
    static const char *const NAMES[] = {"server.key", "checkpoint.key"};
    struct trial trial;
    char path[PATH_ROOM];
    (void)state;
    open_trial(&trial);
    for (size_t i = 0; i < 2; i++) {
        path_of(&trial, NAMES[i], path);
        assert_int_equal(chmod(path, 0640), 0);
        start_is_refused(&trial, EXIT_CODE_CONFIG, "failure", NAMES[i]);
        assert_int_equal(chmod(path, 0600), 0);
    }
    start_is_well(&trial);
    trial_remove(&trial);
}

static void add_line(const char *path, const char *line) {
    FILE *file = fopen(path, "ae");
    assert_non_null(file);
    assert_true(fputs(line, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static uint32_t count_lines(const char *path) {
    char line[512];
    uint32_t lines = 0;
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        lines++;
    fclose(file);
    return lines;
}

static void a_wrong_word_in_the_configuration_is_named_with_its_line(void **state) {
    struct trial trial;
    char path[PATH_ROOM];
    char wanted[32];
    struct stat status;
    (void)state;
    open_trial(&trial);
    path_of(&trial, "tpxd.conf", path);
    assert_int_equal(stat(path, &status), 0);
    add_line(path, "\nhart_beat = 5\n");
    snprintf(wanted, sizeof wanted, "line=%u ", count_lines(path));
    start_is_refused(&trial, EXIT_CODE_CONFIG, "configuration", wanted);
    assert_true(witness_logged(&trial, "configuration", "hart_beat"));
    assert_int_equal(truncate(path, status.st_size), 0);

    add_line(path, "\n\nheartbeat_ms = 5\n");
    snprintf(wanted, sizeof wanted, "line=%u ", count_lines(path));
    start_is_refused(&trial, EXIT_CODE_CONFIG, "configuration", wanted);
    assert_true(witness_logged(&trial, "configuration", "heartbeat_ms must be 10 to 60000"));
    assert_int_equal(truncate(path, status.st_size), 0);
    start_is_well(&trial);
    trial_remove(&trial);
}

/* Moves a file or folder of the exchange away, and the start is refused; then back. */
static void is_missed(struct trial *trial, const char *name, int code, const char *text) {
    char path[PATH_ROOM];
    char away[PATH_ROOM];
    path_of(trial, name, path);
    path_of(trial, "away", away);
    assert_int_equal(rename(path, away), 0);
    start_is_refused(trial, code, "failure", text);
    path_of(trial, name, path); /* an empty folder may stand there now */
    (void)rmdir(path);
    assert_int_equal(rename(away, path), 0);
}

static void what_is_missing_is_named(void **state) {
    struct trial trial;
    (void)state;
    open_trial(&trial);
    is_missed(&trial, "server.key", EXIT_CODE_CONFIG, "server.key");
    is_missed(&trial, "checkpoint.key", EXIT_CODE_CONFIG, "checkpoint");
    is_missed(&trial, "tpxd.conf", EXIT_CODE_CONFIG, "tpxd.conf");
    is_missed(&trial, "ledger", EXIT_CODE_LEDGER, "ledger");
    start_is_well(&trial);
    trial_remove(&trial);
}

/* What another key signs, verify would not believe. */
static void a_checkpoint_key_that_is_not_in_force_is_refused(void **state) {
    struct trial trial;
    char path[PATH_ROOM];
    char away[PATH_ROOM];
    char program[TRIAL_PATH_MAX];
    char command[3 * PATH_ROOM];
    (void)state;
    open_trial(&trial);
    path_of(&trial, "checkpoint.key", path);
    path_of(&trial, "away", away);
    assert_int_equal(rename(path, away), 0);
    trial_program("tpx", program);
    snprintf(command, sizeof command,
             "%s keygen --note trial.example/tpx --algorithms %s %s >/dev/null", program,
             crypto_profile(algorithms_profile())->name, path);
    assert_int_equal(system(command), 0);
    start_is_refused(&trial, EXIT_CODE_CONFIG, "failure", "is in force");
    assert_int_equal(rename(away, path), 0);
    start_is_well(&trial);
    witness_verify(&trial);
    trial_remove(&trial);
}

static void a_checkpoint_key_of_the_other_profile_is_refused(void **state) {
    struct trial trial;
    struct note_signer signer;
    char path[PATH_ROOM];
    char away[PATH_ROOM];
    uint8_t other =
        algorithms_profile() == PROFILE_NATIONAL ? PROFILE_INTERNATIONAL : PROFILE_NATIONAL;
    (void)state;
    open_trial(&trial);
    path_of(&trial, "checkpoint.key", path);
    path_of(&trial, "away", away);
    assert_int_equal(rename(path, away), 0);
    assert_int_equal(note_signer_generate(&signer, other, "trial.example/tpx"), 0);
    assert_int_equal(keyfile_note_save(&signer, path), 0);
    note_signer_fini(&signer);
    start_is_refused(&trial, EXIT_CODE_CONFIG, "failure", "profile, this exchange is of the");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rename(away, path), 0);
    start_is_well(&trial);
    trial_remove(&trial);
}

/* Enough orders for some volumes of a mebibyte. */
static void fill_volumes(struct trial *trial) {
    struct client *client = trial_client(trial, 1);
    struct command order = witness_order(trial, 1, SIDE_BUY, 10, 1);
    for (int i = 0; i < 20000; i++)
        trial_pour(client, &order, NULL);
    trial_drain(client);
    client_close(client);
}

static void a_volume_that_is_missing_is_damage(void **state) {
    struct trial trial;
    (void)state;
    open_trial(&trial);
    trial_start(&trial);
    trial_furnish(&trial);
    fill_volumes(&trial);
    assert_int_equal(trial_stop(&trial), 0);
    is_missed(&trial, "ledger/volume-000001", EXIT_CODE_LEDGER, "volume");
    is_missed(&trial, "ledger/volume-000000", EXIT_CODE_LEDGER, "volume");
    start_is_well(&trial);
    (void)witness_verify(&trial);
    trial_remove(&trial);
}

/* What is left is sound, but not all that was answered. */
static void a_ledger_without_its_end_is_found_out_by_the_snapshots(void **state) {
    struct trial trial;
    char path[PATH_ROOM];
    char kept[PATH_ROOM];
    char command[4 * PATH_ROOM];
    (void)state;
    open_trial(&trial);
    path_of(&trial, "ledger", path);
    path_of(&trial, "kept", kept);
    start_is_well(&trial);
    snprintf(command, sizeof command, "cp -a %s %s", path, kept);
    assert_int_equal(system(command), 0);
    start_is_well(&trial);
    snprintf(command, sizeof command, "rm -r %s && mv %s %s", path, kept, path);
    assert_int_equal(system(command), 0);
    start_is_refused(&trial, EXIT_CODE_LEDGER, "failure", "the rest is missing");
    trial_remove(&trial);
}

static void a_ledger_that_was_cut_short_is_damage(void **state) {
    struct trial trial;
    char path[PATH_ROOM];
    (void)state;
    open_trial(&trial);
    start_is_well(&trial);
    path_of(&trial, "ledger/volume-000000/data.mdb", path);
    assert_int_equal(truncate(path, 3 * 4096), 0);
    start_is_refused(&trial, EXIT_CODE_LEDGER, "failure", "shorter than its pages");
    trial_remove(&trial);
}

/* The store keeps a row's value right behind its name; the head begins with the format. */
static void make_foreign(const char *path) {
    static const char HEAD[] = {'h', 'e', 'a', 'd', VOLUME_FORMAT, 0, 0, 0};
    static char bytes[1 << 20];
    uint32_t places = 0;
    FILE *file = fopen(path, "r+e");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    for (size_t i = 0; i + sizeof HEAD < size; i++) {
        if (memcmp(bytes + i, HEAD, sizeof HEAD) != 0)
            continue;
        bytes[i + 4]++;
        places++;
    }
    assert_true(places > 0);
    rewind(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void a_ledger_of_another_version_is_refused(void **state) {
    struct trial trial;
    char path[PATH_ROOM];
    (void)state;
    open_trial(&trial);
    path_of(&trial, "ledger/volume-000000/data.mdb", path);
    make_foreign(path);
    start_is_refused(&trial, EXIT_CODE_LEDGER, "failure", "format");
    trial_remove(&trial);
}

static void an_exchange_is_never_made_over_another(void **state) {
    struct trial trial;
    char config[PATH_ROOM];
    char program[TRIAL_PATH_MAX];
    char command[4 * PATH_ROOM];
    (void)state;
    open_trial(&trial);
    snprintf(config, sizeof config, "%s/tpxd.conf", trial.folder);
    trial_program("tpxd", program);
    snprintf(command, sizeof command, "%s --create %s --config %s 2>>%s/tpxd.log", program,
             trial.exchange, config, trial.folder);
    int status = system(command);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EXIT_CODE_CONFIG);
    start_is_well(&trial);
    trial_remove(&trial);
}

static void what_a_failed_creation_left_is_said(void **state) {
    struct trial trial;
    char program[TRIAL_PATH_MAX];
    char command[4 * PATH_ROOM];
    (void)state;
    open_trial(&trial);
    trial_program("tpxd", program);
    snprintf(command, sizeof command,
             "cd %s && mkdir other.new && ! %s --create other/ --config tpxd.conf 2>>tpxd.log && "
             "rmdir other.new && %s --create other/ --config tpxd.conf 2>>tpxd.log && "
             "test -e other/server.pub",
             trial.folder, program, program);
    assert_int_equal(system(command), 0);
    assert_true(witness_logged(&trial, "failure", "other.new is left of a creation that failed"));
    trial_remove(&trial);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_server_finds_the_ledger_in_use),
        cmocka_unit_test(keys_that_others_can_read_are_refused),
        cmocka_unit_test(a_wrong_word_in_the_configuration_is_named_with_its_line),
        cmocka_unit_test(what_is_missing_is_named),
        cmocka_unit_test(a_checkpoint_key_that_is_not_in_force_is_refused),
        cmocka_unit_test(a_checkpoint_key_of_the_other_profile_is_refused),
        cmocka_unit_test(a_volume_that_is_missing_is_damage),
        cmocka_unit_test(a_ledger_without_its_end_is_found_out_by_the_snapshots),
        cmocka_unit_test(a_ledger_that_was_cut_short_is_damage),
        cmocka_unit_test(a_ledger_of_another_version_is_refused),
        cmocka_unit_test(an_exchange_is_never_made_over_another),
        cmocka_unit_test(what_a_failed_creation_left_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
