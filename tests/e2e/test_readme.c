/* What the READMEs show to type and to compile, done as it stands there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/e2e/scratch.h"
#include "tests/unit/readme.h"

static void the_first_exchange_of_the_gateways_readme_works(void **state) {
    char command[SCRATCH_COMMAND_MAX];
    (void)state;
    char *block = readme_block("gateway/README.md", "sh");
    scratch_write("first.sh", block);
    free(block);
    snprintf(command, sizeof command,
             "cd %s && mkdir first && cd first && PATH=%s:$PATH bash -e ../first.sh",
             scratch_folder, scratch_build);
    scratch_run(command);
    scratch_said("TRADE   3-1");
    scratch_said("verified");
}

static void its_program_in_c_builds_against_what_is_installed_and_trades(void **state) {
    const struct trial_options options = {
        .brokers = 1, .sessions = 1, .accounts = 1, .instruments = 1};
    struct trial trial;
    char command[SCRATCH_COMMAND_MAX];
    (void)state;
    char *block = readme_block("gateway/README.md", "c");
    scratch_write("buy.c", block);
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
        scratch_build, scratch_folder, scratch_folder);
    scratch_run(command);
    trial_create(&trial, &options);
    trial_start(&trial);
    trial_furnish(&trial);
    snprintf(command, sizeof command, "%s/buy %s %s/server.pub %s/broker1.key", scratch_folder,
             trial.endpoint, trial.exchange, trial.folder);
    scratch_run(command);
    scratch_said("durable at sequence [0-9]*, 200 open");
    assert_int_equal(trial_stop(&trial), 0);
    trial_remove(&trial);
}

static void the_engines_program_trades_in_a_book_alone(void **state) {
    char command[SCRATCH_COMMAND_MAX];
    (void)state;
    char *block = readme_block("engine/README.md", "c");
    scratch_write("alone.c", block);
    free(block);
    snprintf(command, sizeof command,
             "flags=$(nm -u %s/libtpx-engine.a | grep -q __tsan && echo -fsanitize=thread || :) && "
             "cc -Wall -Werror $flags -I. %s/alone.c %s/libtpx-engine.a -o %s/alone && %s/alone",
             scratch_build, scratch_folder, scratch_build, scratch_folder, scratch_folder);
    scratch_run(command);
    scratch_said("kind 1 order 2 quantity 200 price 1005");
    scratch_said("kind 3 order 2 quantity 100 price 0");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_exchange_of_the_gateways_readme_works),
        cmocka_unit_test(its_program_in_c_builds_against_what_is_installed_and_trades),
        cmocka_unit_test(the_engines_program_trades_in_a_book_alone),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
