/*
 * A client in another language, written from proto/README.md and tpx.proto alone (client.py), plays
 * scenes against a real exchange (client_play.py).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/e2e/desk.h"
#include "tests/e2e/relay.h"
#include "tests/unit/readme.h"

#define PYTHON "/usr/bin/python3"
#define KILLS  3

static struct trial trial;
static char modules[TRIAL_PATH_MAX + 32]; /* what protoc made */

static int set_up(void **state) {
    struct trial_options options = {.brokers = 2, .sessions = 16, .accounts = 2, .instruments = 1};
    char command[2 * TRIAL_PATH_MAX];
    (void)state;
    trial_create(&trial, &options);
    snprintf(modules, sizeof modules, "%s/python", trial.folder);
    assert_int_equal(mkdir(modules, 0700), 0);
    snprintf(command, sizeof command, "protoc --python_out=%s proto/tpx.proto", modules);
    assert_int_equal(system(command), 0);
    trial_start(&trial);
    trial_furnish(&trial);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    desk_tear_down(&trial);
    return 0;
}

/* Becomes the player of a scene: Ann's session and Bob's are this scene's own. */
static void become_player(const char *scene, const char *endpoint, uint32_t scene_number) {
    char paths[2 * TRIAL_PATH_MAX];
    char text[2][2][16];
    char key[2][TRIAL_PATH_MAX + 32];
    for (uint32_t i = 0; i < 2; i++) {
        snprintf(text[i][0], sizeof text[i][0], "%u",
                 trial_session(&trial, 2 * scene_number + 1 + i));
        snprintf(text[i][1], sizeof text[i][1], "%u", trial_account(&trial, 1 + i));
        snprintf(key[i], sizeof key[i], "%s/broker%u.key", trial.folder, 1 + i);
    }
    snprintf(paths, sizeof paths, "%s:tests/e2e", modules);
    setenv("PYTHONPATH", paths, 1);
    setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
    execl(PYTHON, PYTHON, "tests/e2e/client_play.py", scene, endpoint, trial.server.public_z85,
          text[0][0], text[0][1], key[0], text[1][0], text[1][1], key[1], (char *)NULL);
    _exit(127);
}

/* Starts a player. Its output can be read from *output when that is not NULL. */
static pid_t start_player(const char *scene, const char *endpoint, uint32_t scene_number,
                          FILE **output) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (output != NULL)
            dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        become_player(scene, endpoint, scene_number);
    }
    close(ends[1]);
    if (output != NULL)
        *output = fdopen(ends[0], "r");
    else
        close(ends[0]);
    return pid;
}

static void expect_success(pid_t pid) {
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void play(const char *scene, uint32_t scene_number) {
    expect_success(start_player(scene, trial.endpoint, scene_number, NULL));
}

static void python_trades_and_reads_its_reports(void **state) {
    (void)state;
    play("trade", 0);
}

static void the_lines_of_the_protocols_readme_trade(void **state) {
    char session[16];
    char key[TRIAL_PATH_MAX + 32];
    (void)state;
    snprintf(session, sizeof session, "%u", trial_session(&trial, 15));
    snprintf(key, sizeof key, "%s/broker1.key", trial.folder);
    setenv("EXCHANGE", trial.exchange, 1);
    setenv("KEY", key, 1);
    setenv("SESSION", session, 1);
    char *block = readme_block("proto/README.md", "sh");
    assert_int_equal(system(block), 0);
    free(block);
}

static void python_repeats_a_request_and_gets_the_same_bytes(void **state) {
    (void)state;
    play("repeat", 1);
}

static void python_finds_a_gap_and_fetches_what_was_lost(void **state) {
    (void)state;
    play("gap", 2);
}

static void python_comes_back_with_its_cursor_or_with_nothing(void **state) {
    (void)state;
    play("resume", 3);
}

static void python_understands_every_way_of_being_refused(void **state) {
    (void)state;
    play("refusals", 4);
}

static void python_listens_to_a_drop_copy(void **state) {
    (void)state;
    play("drop_copy", 6);
}

static void python_trades_through_kills_and_each_order_is_there_once(void **state) {
    struct relay *relay = relay_open();
    FILE *output = NULL;
    char line[64];
    (void)state;
    relay_target(relay, trial.endpoint);
    pid_t pid = start_player("persist", relay_endpoint(relay), 5, &output);
    for (int kills = 0; kills < KILLS; kills++) {
        assert_non_null(fgets(line, sizeof line, output)); /* it is live */
        uint64_t next = desk_ledger_next(&trial);
        desk_until_record(&trial, next, VERB_NEW_ORDER, NULL);
        trial_kill(&trial);
        trial_start(&trial);
        relay_target(relay, trial.endpoint);
        relay_cut(relay);
    }
    expect_success(pid);
    fclose(output);
    relay_close(relay);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(python_trades_and_reads_its_reports),
        cmocka_unit_test(the_lines_of_the_protocols_readme_trade),
        cmocka_unit_test(python_repeats_a_request_and_gets_the_same_bytes),
        cmocka_unit_test(python_finds_a_gap_and_fetches_what_was_lost),
        cmocka_unit_test(python_comes_back_with_its_cursor_or_with_nothing),
        cmocka_unit_test(python_understands_every_way_of_being_refused),
        cmocka_unit_test(python_listens_to_a_drop_copy),
        cmocka_unit_test(python_trades_through_kills_and_each_order_is_there_once),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
