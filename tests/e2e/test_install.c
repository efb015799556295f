/*
 * What is installed, and packed for Debian: all of it, in its place, and away again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/e2e/scratch.h"

/* Runs lines of bash with $build and $folder. */
static void bash(const char *lines) {
    char command[SCRATCH_COMMAND_MAX];
    snprintf(command, sizeof command, "build='%s' folder='%s' bash -euo pipefail -c '%s'",
             scratch_build, scratch_folder, lines);
    scratch_run(command);
}

static void all_is_installed_in_its_place_and_taken_away_again(void **state) {
    (void)state;
    bash("bash gateway/install.sh \"$build\" \"$folder/root\" /usr\n"
         "cd \"$folder/root/usr\"\n"
         "for file in bin/tpx bin/tpxd lib/libtpx.a lib/pkgconfig/tpx.pc share/tpx/tpx.proto"
         " include/tpx/gateway/client.h share/man/man1/tpx.1 share/man/man8/tpxd.8"
         " share/man/man5/tpxd.conf.5 share/bash-completion/completions/tpx"
         " lib/systemd/system/tpxd@.service lib/systemd/system/tpx-copy@.timer"
         " lib/sysusers.d/tpx.conf lib/tmpfiles.d/tpx.conf; do test -s $file; done\n"
         "! grep -r @PREFIX@ lib share include\n");
    bash("echo keep >\"$folder/root/usr/share/tpx/mine\"\n"
         "bash gateway/install.sh --remove \"$build\" \"$folder/root\" /usr\n"
         "test \"$(find \"$folder/root\" -type f)\" = \"$folder/root/usr/share/tpx/mine\"\n"
         "! test -e \"$folder/root/usr/include/tpx\"\n");
}

static void packages_hold_the_same_and_need_what_the_programs_need(void **state) {
    (void)state;
    bash("bash gateway/deb.sh \"$build\" \"$folder/deb\"\n"
         "cd \"$folder/deb\"\n"
         "test \"$(ls | wc -l)\" = 2\n"
         "dpkg-deb -c tpx_*.deb >list\n"
         "dpkg-deb -c libtpx-dev_*.deb >>list\n"
         "for file in bin/tpx bin/tpxd libtpx.a tpx.pc tpx.proto client.h tpx.1.gz tpxd.8.gz"
         " tpxd.conf.5.gz completions/tpx tpxd@.service tpx-copy@.service tpx-copy@.timer"
         " changelog.gz copyright; do grep -q \"/$file$\" list; done\n"
         "dpkg-deb -f tpx_*.deb Depends | grep -q \"libzmq5.*systemd\"\n"
         "test \"$(dpkg-deb -f tpx_*.deb Version)\" ="
         " \"$(\"$build/tpx\" --version | cut -d\" \" -f2)\"\n");
    bash("if command -v lintian; then lintian --fail-on error \"$folder\"/deb/*.deb; fi\n");
}

/* Where the tools are; a fresh machine has none of them. */
static void the_systems_own_tools_take_units_and_examples(void **state) {
    (void)state;
    bash(
        "sed \"s|@PREFIX@/bin/tpxd|/bin/true|; s|^Documentation=.*||\" gateway/tpxd.service"
        " >\"$folder/tpxd@.service\"\n"
        "if command -v systemd-analyze; then systemd-analyze verify \"$folder/tpxd@.service\"; fi\n"
        "if command -v logrotate; then logrotate -d gateway/tpxd.logrotate 2>&1 |"
        " grep -v \"error:.*writable\" >\"$folder/said\"; ! grep \"^error\" \"$folder/said\"; "
        "fi\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_installed_in_its_place_and_taken_away_again),
        cmocka_unit_test(packages_hold_the_same_and_need_what_the_programs_need),
        cmocka_unit_test(the_systems_own_tools_take_units_and_examples),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
