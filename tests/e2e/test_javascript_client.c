/*
 * A client in JavaScript, written from proto/README.md and tpx.proto alone (client.js), plays
 * scenes against a real exchange (client_play.js). Its packages are installed into the build's
 * folder by tests/install_javascript.sh; where they cannot be had, nothing of it can be tested, and
 * that is said.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/e2e/desk.h"
#include "tests/e2e/player.h"

static struct trial trial;
static struct player player = {.trial = &trial,
                               .program = "node",
                               .script = "tests/e2e/client_play.js",
                               .variable = "NODE_PATH"};
static bool is_installed;

static int set_up(void **state) {
    struct trial_options options = {.brokers = 2, .sessions = 20, .accounts = 2, .instruments = 1};
    char command[2 * TRIAL_PATH_MAX];
    char folder[TRIAL_PATH_MAX];
    (void)state;
    trial_program("tpxd", folder);
    *strrchr(folder, '/') = '\0';
    snprintf(player.paths, sizeof player.paths, "%s/javascript/node_modules", folder);
    snprintf(command, sizeof command, "bash tests/install_javascript.sh %s/javascript", folder);
    is_installed = system(command) == 0;
    if (is_installed)
        desk_set_up(&trial, &options);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    if (is_installed)
        desk_tear_down(&trial);
    return 0;
}

static void play(const char *scene, uint32_t scene_number) {
    if (!is_installed)
        skip();
    player_play(&player, scene, scene_number);
}

static void javascript_trades_and_reads_its_reports(void **state) {
    (void)state;
    play("trade", 0);
}

static void javascript_repeats_a_request_and_gets_the_same_bytes(void **state) {
    (void)state;
    play("repeat", 1);
}

static void javascript_finds_a_gap_and_fetches_what_was_lost(void **state) {
    (void)state;
    play("gap", 2);
}

static void javascript_comes_back_with_its_cursor_or_with_nothing(void **state) {
    (void)state;
    play("resume", 3);
}

static void javascript_understands_every_way_of_being_refused(void **state) {
    (void)state;
    play("refusals", 4);
}

static void javascript_listens_to_a_drop_copy(void **state) {
    (void)state;
    play("drop_copy", 6);
}

static void javascript_keeps_a_book_through_gaps_and_joins_late(void **state) {
    (void)state;
    play("market", 7);
}

static void javascript_asks_about_itself_and_nobody_else(void **state) {
    (void)state;
    play("questions", 8);
}

static void persist(const char *scene, uint32_t scene_number) {
    if (!is_installed)
        skip();
    player_persist(&player, &trial, scene, scene_number);
}

static void javascript_trades_through_kills_and_each_order_is_there_once(void **state) {
    (void)state;
    persist("persist", 5);
}

static void javascript_keeps_its_book_through_kills(void **state) {
    (void)state;
    persist("rebuild", 9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(javascript_trades_and_reads_its_reports),
        cmocka_unit_test(javascript_repeats_a_request_and_gets_the_same_bytes),
        cmocka_unit_test(javascript_finds_a_gap_and_fetches_what_was_lost),
        cmocka_unit_test(javascript_comes_back_with_its_cursor_or_with_nothing),
        cmocka_unit_test(javascript_understands_every_way_of_being_refused),
        cmocka_unit_test(javascript_listens_to_a_drop_copy),
        cmocka_unit_test(javascript_keeps_a_book_through_gaps_and_joins_late),
        cmocka_unit_test(javascript_asks_about_itself_and_nobody_else),
        cmocka_unit_test(javascript_trades_through_kills_and_each_order_is_there_once),
        cmocka_unit_test(javascript_keeps_its_book_through_kills),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
