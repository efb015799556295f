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

#include "tests/e2e/desk.h"
#include "tests/e2e/player.h"
#include "tests/unit/readme.h"

#define PYTHON "/usr/bin/python3"

static struct trial trial;
static char modules[TRIAL_PATH_MAX + 32]; /* what protoc made */
static struct player player = {.trial = &trial,
                               .program = PYTHON,
                               .script = "tests/e2e/client_play.py",
                               .variable = "PYTHONPATH"};

static int set_up(void **state) {
    struct trial_options options = {.brokers = 2, .sessions = 22, .accounts = 2, .instruments = 1};
    char command[2 * TRIAL_PATH_MAX];
    (void)state;
    trial_create(&trial, &options);
    snprintf(modules, sizeof modules, "%s/python", trial.folder);
    assert_int_equal(mkdir(modules, 0700), 0);
    snprintf(command, sizeof command, "protoc --python_out=%s proto/tpx.proto", modules);
    assert_int_equal(system(command), 0);
    snprintf(player.paths, sizeof player.paths, "%s:tests/e2e", modules);
    trial_start(&trial);
    trial_furnish(&trial);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    desk_tear_down(&trial);
    return 0;
}

static void play(const char *scene, uint32_t scene_number) {
    player_play(&player, scene, scene_number);
}

static void python_trades_and_reads_its_reports(void **state) {
    (void)state;
    play("trade", 0);
}

static void the_lines_of_the_protocols_readme_trade(void **state) {
    char session[16];
    char key[TRIAL_PATH_MAX + 32];
    (void)state;
    snprintf(session, sizeof session, "%u", trial_session(&trial, 21));
    snprintf(key, sizeof key, "%s/broker1.key", trial.folder);
    setenv("EXCHANGE", trial.exchange, 1);
    setenv("KEY", key, 1);
    setenv("SESSION", session, 1);
    char *block = readme_block("proto/README.md", "sh");
    assert_int_equal(system(block), 0);
    free(block);
}

static void the_examples_of_the_protocol_are_what_protobuf_makes_of_them(void **state) {
    char command[2 * TRIAL_PATH_MAX];
    (void)state;
    snprintf(command, sizeof command,
             "PYTHONPATH=%s " PYTHON " -B tests/e2e/check_examples.py proto/EXAMPLES.md", modules);
    assert_int_equal(system(command), 0);
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

static void python_keeps_a_book_through_gaps_and_joins_late(void **state) {
    (void)state;
    play("market", 7);
}

static void python_asks_about_itself_and_nobody_else(void **state) {
    (void)state;
    play("questions", 8);
}

static void persist(const char *scene, uint32_t scene_number) {
    player_persist(&player, &trial, scene, scene_number);
}

static void python_trades_through_kills_and_each_order_is_there_once(void **state) {
    (void)state;
    persist("persist", 5);
}

static void python_keeps_its_book_through_kills(void **state) {
    (void)state;
    persist("rebuild", 9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(python_trades_and_reads_its_reports),
        cmocka_unit_test(the_lines_of_the_protocols_readme_trade),
        cmocka_unit_test(the_examples_of_the_protocol_are_what_protobuf_makes_of_them),
        cmocka_unit_test(python_repeats_a_request_and_gets_the_same_bytes),
        cmocka_unit_test(python_finds_a_gap_and_fetches_what_was_lost),
        cmocka_unit_test(python_comes_back_with_its_cursor_or_with_nothing),
        cmocka_unit_test(python_understands_every_way_of_being_refused),
        cmocka_unit_test(python_listens_to_a_drop_copy),
        cmocka_unit_test(python_keeps_a_book_through_gaps_and_joins_late),
        cmocka_unit_test(python_asks_about_itself_and_nobody_else),
        cmocka_unit_test(python_trades_through_kills_and_each_order_is_there_once),
        cmocka_unit_test(python_keeps_its_book_through_kills),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
