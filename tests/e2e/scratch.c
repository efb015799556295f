#include "tests/e2e/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

char scratch_build[TRIAL_PATH_MAX];
char scratch_folder[64];

int scratch_make(void **state) {
    (void)state;
    trial_program("tpxd", scratch_build);
    *strrchr(scratch_build, '/') = '\0';
    snprintf(scratch_folder, sizeof scratch_folder, "/tmp/tpx-scratch-XXXXXX");
    return mkdtemp(scratch_folder) == NULL ? -1 : 0;
}

int scratch_remove(void **state) {
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", scratch_folder);
    return system(command);
}

void scratch_write(const char *name, const char *text) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", scratch_folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

void scratch_run(const char *command) {
    char line[SCRATCH_COMMAND_MAX + 128];
    snprintf(line, sizeof line, "( %s ) >%s/output 2>&1", command, scratch_folder);
    int status = system(line);
    if (status == 0)
        return;
    snprintf(line, sizeof line, "cat %s/output >&2", scratch_folder);
    if (system(line) != 0)
        print_error("and no output\n");
    fail_msg("status %d of %s", status, command);
}

void scratch_said(const char *pattern) {
    char command[256];
    snprintf(command, sizeof command, "grep -q '%s' %s/output", pattern, scratch_folder);
    if (system(command) != 0)
        fail_msg("it did not say \"%s\"", pattern);
}
