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

#include "bench/trial.h"

#define COMMAND_MAX (8 * TRIAL_PATH_MAX)

static char build[TRIAL_PATH_MAX]; /* the folder of the programs */
static char folder[64];

/* Runs lines of bash with $build and $folder; what they say is shown when they fail. */
static void bash(const char *lines) {
    char command[COMMAND_MAX];
    snprintf(command, sizeof command,
             "build='%s' folder='%s' bash -euo pipefail -c '%s' >%s/output 2>&1", build, folder,
             lines, folder);
    if (system(command) == 0)
        return;
    snprintf(command, sizeof command, "cat %s/output >&2", folder);
    (void)!system(command);
    fail_msg("of: %s", lines);
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

static int make_folder(void **state) {
    (void)state;
    trial_program("tpxd", build);
    *strrchr(build, '/') = '\0';
    snprintf(folder, sizeof folder, "/tmp/tpx-install-XXXXXX");
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
        cmocka_unit_test(all_is_installed_in_its_place_and_taken_away_again),
        cmocka_unit_test(packages_hold_the_same_and_need_what_the_programs_need),
        cmocka_unit_test(the_systems_own_tools_take_units_and_examples),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
