/* What the READMEs show to type and to compile, done as it stands there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/trial.h"
#include "tests/unit/readme.h"

#define COMMAND_MAX (8 * TRIAL_PATH_MAX)

static char build[TRIAL_PATH_MAX]; /* the folder of the programs */
static char folder[64];

static void write_file(const char *name, const char *text) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* Runs a shell's command; its output goes to a file that is shown when it fails. */
static void run(const char *command) {
    char line[COMMAND_MAX];
    snprintf(line, sizeof line, "( %s ) >%s/output 2>&1", command, folder);
    int status = system(line);
    if (status == 0)
        return;
    snprintf(line, sizeof line, "cat %s/output >&2", folder);
    if (system(line) != 0)
        print_error("and no output\n");
    fail_msg("status %d of %s", status, command);
}

static void check_output(const char *says) {
    char command[256];
    snprintf(command, sizeof command, "grep -q '%s' %s/output", says, folder);
    if (system(command) != 0)
        fail_msg("it did not say \"%s\"", says);
}

static void the_first_exchange_of_the_gateways_readme_works(void **state) {
    char command[COMMAND_MAX];
    (void)state;
    char *block = readme_block("gateway/README.md", "sh");
    write_file("first.sh", block);
    free(block);
    snprintf(command, sizeof command,
             "cd %s && mkdir first && cd first && PATH=%s:$PATH bash -e ../first.sh", folder,
             build);
    run(command);
    check_output("TRADE   3-1");
    check_output("verified");
}

static void its_program_in_c_builds_against_what_is_installed_and_trades(void **state) {
    const struct trial_options options = {
        .brokers = 1, .sessions = 1, .accounts = 1, .instruments = 1};
    struct trial trial;
    char command[COMMAND_MAX];
    (void)state;
    char *block = readme_block("gateway/README.md", "c");
    write_file("buy.c", block);
    free(block);
    snprintf(
        command, sizeof command,
        "bash gateway/install.sh %s %s/root /usr && cd %s && "
        "export PKG_CONFIG_PATH=$PWD/root/usr/lib/pkgconfig && "
        "flags=$(nm -u root/usr/lib/libtpx.a | grep -q __tsan && echo -fsanitize=thread || :) && "
        "cc -Wall -Werror $flags buy.c $(pkg-config --define-variable=prefix=$PWD/root/usr "
        "--cflags --libs tpx) -o buy && root/usr/bin/tpx --version && "
        "root/usr/bin/tpxd --version && test -s root/usr/share/tpx/tpx.proto && "
        "grep -q /usr/bin/tpxd root/usr/lib/systemd/system/tpxd@.service",
        build, folder, folder);
    run(command);
    trial_create(&trial, &options);
    trial_start(&trial);
    trial_furnish(&trial);
    snprintf(command, sizeof command, "%s/buy %s %s/server.pub %s/broker1.key", folder,
             trial.endpoint, trial.exchange, trial.folder);
    run(command);
    check_output("durable at sequence [0-9]*, 200 open");
    assert_int_equal(trial_stop(&trial), 0);
    trial_remove(&trial);
}

static void the_engines_program_trades_in_a_book_alone(void **state) {
    char command[COMMAND_MAX];
    (void)state;
    char *block = readme_block("engine/README.md", "c");
    write_file("alone.c", block);
    free(block);
    snprintf(command, sizeof command,
             "flags=$(nm -u %s/libtpx-engine.a | grep -q __tsan && echo -fsanitize=thread || :) && "
             "cc -Wall -Werror $flags -I. %s/alone.c %s/libtpx-engine.a -o %s/alone && %s/alone",
             build, folder, build, folder, folder);
    run(command);
    check_output("kind 1 order 2 quantity 200 price 1005");
    check_output("kind 3 order 2 quantity 100 price 0");
}

static int make_folder(void **state) {
    (void)state;
    trial_program("tpxd", build);
    *strrchr(build, '/') = '\0';
    snprintf(folder, sizeof folder, "/tmp/tpx-readme-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state) {
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_exchange_of_the_gateways_readme_works),
        cmocka_unit_test(its_program_in_c_builds_against_what_is_installed_and_trades),
        cmocka_unit_test(the_engines_program_trades_in_a_book_alone),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
