/* The demo as `make run` runs it: gateway/demo.sh with the release programs, in a folder of the
 * test's own. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/trial.h"

#define OUTPUT_MAX 65536

static char folder[64]; /* holds demo, demo.old, demo.lock */

/* A demo under way: its process leads a group, as in a terminal of its own. */
struct demo {
    pid_t pid;
    int output; /* the reading end: both streams */
    char text[OUTPUT_MAX];
    size_t used;
};

static void demo_start(struct demo *demo, const char *const options[]) {
    const char *arguments[8] = {"bash", "gateway/demo.sh"};
    int ends[2];
    for (int i = 0; options[i] != NULL; i++)
        arguments[2 + i] = options[i];
    *demo = (struct demo){0};
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    demo->pid = fork();
    assert_true(demo->pid >= 0);
    if (demo->pid == 0) {
        setpgid(0, 0);
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        execvp("bash", (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    setpgid(demo->pid, demo->pid);
    close(ends[1]);
    demo->output = ends[0];
}

/* Reads what it says until `words` have come, or, without any, until it ends. */
static void demo_read(struct demo *demo, const char *words) {
    while (words == NULL || strstr(demo->text, words) == NULL) {
        assert_true(demo->used < OUTPUT_MAX - 1);
        ssize_t got = read(demo->output, demo->text + demo->used, OUTPUT_MAX - 1 - demo->used);
        assert_true(got >= 0);
        if (got == 0 && words != NULL)
            fail_msg("it never said \"%s\":\n%s", words, demo->text);
        if (got == 0)
            return;
        demo->used += (size_t)got;
        demo->text[demo->used] = '\0';
    }
}

/* Waits for its end: the exit code. */
static int demo_end(struct demo *demo) {
    int status;
    demo_read(demo, NULL);
    close(demo->output);
    assert_int_equal(waitpid(demo->pid, &status, 0), demo->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void check_ended_well(struct demo *demo) {
    int code = demo_end(demo);
    if (code != 0)
        fail_msg("exit code %d:\n%s", code, demo->text);
    /* What it had started is gone with it: nobody is left in its group. */
    assert_int_equal(kill(-demo->pid, 0), -1);
}

static bool has_file(const char *name) {
    char path[256];
    struct stat status;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return stat(path, &status) == 0;
}

static void a_session_ends_with_a_summary_and_keeps_the_demo_before(void **state) {
    struct demo demo;
    (void)state;
    static const char *const WORDS[] = {"orders ", "trades ",  "refused ",  "latency ",
                                        "ledger ", "verified", "LOT_SIZE ", "OUT_OF_BAND "};
    for (int i = 0; i < 2; i++) {
        demo_start(&demo, (const char *const[]){"--once", "--seconds", "1", NULL});
        check_ended_well(&demo);
        for (size_t j = 0; j < sizeof WORDS / sizeof WORDS[0]; j++)
            if (strstr(demo.text, WORDS[j]) == NULL)
                fail_msg("no \"%s\" in\n%s", WORDS[j], demo.text);
    }
    assert_true(has_file("demo/exchange/ledger"));
    assert_true(has_file("demo.old/exchange/ledger"));
}

/* Runs every command that the demo has printed; returns how many. */
static int run_commands(const struct demo *demo) {
    int count = 0;
    for (const char *line = demo->text; line != NULL; line = strchr(line, '\n')) {
        char command[1024];
        line += *line == '\n';
        if (strncmp(line, "  ", 2) != 0 || strstr(line, "tpx ") == NULL ||
            strstr(line, "tpx ") > line + strcspn(line, "\n"))
            continue;
        snprintf(command, sizeof command, "%.*s >>%s/commands.log 2>&1", (int)strcspn(line, "\n"),
                 line, folder);
        int status = system(command);
        if (status != 0)
            fail_msg("status %d of %s", status, command);
        count++;
    }
    return count;
}

static void it_stays_up_and_what_it_prints_to_try_works(void **state) {
    struct demo demo;
    struct demo second;
    (void)state;
    demo_start(&demo, (const char *const[]){"--seconds", "1", NULL});
    demo_read(&demo, "Ctrl-C here ends the demo.");
    assert_true(run_commands(&demo) >= 8);
    demo_start(&second, (const char *const[]){"--once", NULL});
    assert_int_equal(demo_end(&second), 1);
    assert_non_null(strstr(second.text, "another demo runs"));
    kill(-demo.pid, SIGINT);
    check_ended_well(&demo);
    assert_non_null(strstr(demo.text, "demo: stopped"));
}

static void ctrl_c_ends_it_cleanly_at_any_moment(void **state) {
    static const char *const MOMENTS[] = {"exchange ", "brokers", " p50 ms"};
    struct demo demo;
    (void)state;
    for (size_t i = 0; i < sizeof MOMENTS / sizeof MOMENTS[0]; i++) {
        demo_start(&demo, (const char *const[]){"--seconds", "60", NULL});
        demo_read(&demo, MOMENTS[i]);
        kill(-demo.pid, SIGINT);
        check_ended_well(&demo);
        assert_null(strstr(demo.text, "lost its session"));
    }
}

static void killed_it_leaves_nobody_behind(void **state) {
    struct demo demo;
    (void)state;
    demo_start(&demo, (const char *const[]){"--seconds", "1", NULL});
    demo_read(&demo, "Ctrl-C here ends the demo.");
    kill(demo.pid, SIGKILL);
    assert_int_equal(demo_end(&demo), 128 + SIGKILL); /* all that it started held the pipe */
    demo_start(&demo, (const char *const[]){"--once", "--seconds", "1", NULL});
    check_ended_well(&demo);
}

static void an_option_that_does_not_exist_is_said(void **state) {
    struct demo demo;
    (void)state;
    demo_start(&demo, (const char *const[]){"--twice", NULL});
    assert_int_equal(demo_end(&demo), 2);
    assert_non_null(strstr(demo.text, "there is no option --twice"));
}

static int make_folder(void **state) {
    char path[128];
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/tpx-demo-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/demo", folder);
    return setenv("DEMO", path, 1);
}

static int remove_folder(void **state) {
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int main(void) {
    char build[TRIAL_PATH_MAX];
    trial_program("tpxd", build);
    *strrchr(build, '/') = '\0';
    setenv("BUILD", build, 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_ends_with_a_summary_and_keeps_the_demo_before),
        cmocka_unit_test(it_stays_up_and_what_it_prints_to_try_works),
        cmocka_unit_test(ctrl_c_ends_it_cleanly_at_any_moment),
        cmocka_unit_test(killed_it_leaves_nobody_behind),
        cmocka_unit_test(an_option_that_does_not_exist_is_said),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
