/*
 * A folder that comes and goes with a test program, and commands of a shell that work in it on what
 * was built: for what is installed, compiled or typed.
 *
 * Threads: the test's.
 */
#ifndef TESTS_E2E_SCRATCH_H
#define TESTS_E2E_SCRATCH_H

#include "bench/trial.h"

#define SCRATCH_COMMAND_MAX (8 * TRIAL_PATH_MAX)

extern char scratch_build[TRIAL_PATH_MAX]; /* the folder of the programs */
extern char scratch_folder[64];            /* absolute */

/* cmocka's set-up and tear-down of a group. */
int scratch_make(void **state);
int scratch_remove(void **state);

void scratch_write(const char *name, const char *text);

/* Runs a command of sh; its output goes to the file `output` in the folder, and is shown when it
 * fails, as the test does then. */
void scratch_run(const char *command);

/* Fails the test unless a line of the output of the last command matches. */
void scratch_said(const char *pattern);

#endif
