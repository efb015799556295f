/* The demo as `make run` runs it: gateway/demo.sh with the release programs, in a folder of the
 * test's own. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/trial.h"

#define OUTPUT_MAX (1 << 20) /* a page on a terminal is some kilobytes, four times a second */

static char folder[64]; /* holds demo, demo.old, demo.lock */

/* A demo under way: its process leads a group, as in a terminal of its own. */
struct demo {
    pid_t pid;
    int output; /* the reading end of both streams; or the terminal */
    char text[OUTPUT_MAX];
    size_t used;
};

/* Demos without an end so far. */
#define RUNNING_MAX 2
static pid_t running[RUNNING_MAX];

static void note_running(pid_t before, pid_t now) {
    for (size_t i = 0; i < RUNNING_MAX; i++) {
        if (running[i] == before) {
            running[i] = now;
            return;
        }
    }
}

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
    note_running(0, demo->pid);
    close(ends[1]);
    demo->output = ends[0];
}

/* The same on a terminal of this size, as its leader: what is written to `output` is typed. */
static void demo_start_on_terminal(struct demo *demo, const char *const options[],
                                   unsigned short columns, unsigned short rows) {
    const char *arguments[8] = {"bash", "gateway/demo.sh"};
    const struct winsize size = {.ws_col = columns, .ws_row = rows};
    for (int i = 0; options[i] != NULL; i++)
        arguments[2 + i] = options[i];
    demo->used = 0;
    demo->text[0] = '\0';
    demo->output = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(demo->output >= 0);
    assert_int_equal(grantpt(demo->output), 0);
    assert_int_equal(unlockpt(demo->output), 0);
    assert_int_equal(ioctl(demo->output, TIOCSWINSZ, &size), 0);
    fflush(NULL);
    demo->pid = fork();
    assert_true(demo->pid >= 0);
    if (demo->pid == 0) {
        setsid();
        int terminal = open(ptsname(demo->output), O_RDWR); /* becomes the controlling one */
        setenv("TERM", "xterm", 1);
        for (int i = 0; i < 3; i++)
            dup2(terminal, i);
        close(terminal);
        execvp("bash", (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    note_running(0, demo->pid);
}

/* Reads what it says until `words` have come, or, without any, until it ends. */
static void demo_read(struct demo *demo, const char *words) {
    while (words == NULL || strstr(demo->text, words) == NULL) {
        assert_true(demo->used < OUTPUT_MAX - 1);
        ssize_t got = read(demo->output, demo->text + demo->used, OUTPUT_MAX - 1 - demo->used);
        if (got < 0 && errno == EIO)
            got = 0; /* a terminal that nobody has open any more */
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
    note_running(demo->pid, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void check_ended_well(struct demo *demo) {
    int code = demo_end(demo);
    if (code != 0)
        fail_msg("exit code %d:\n%s", code, demo->text);
    /* What it had started is gone with it: nobody is left in its group. */
    assert_int_equal(kill(-demo->pid, 0), -1);
}

/* After a test that failed: the next one needs the folder. */
static int end_demos(void **state) {
    (void)state;
    for (size_t i = 0; i < RUNNING_MAX; i++) {
        if (running[i] == 0)
            continue;
        kill(running[i], SIGTERM);
        waitpid(running[i], NULL, 0);
        running[i] = 0;
    }
    return 0;
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
        const char *const options[] = {"--once", "--seconds", "1", i > 0 ? "--no-story" : NULL,
                                       NULL};
        demo_start(&demo, options);
        check_ended_well(&demo);
        assert_true((strstr(demo.text, "475000 yuan") != NULL) == (i == 0));
        for (size_t j = 0; j < sizeof WORDS / sizeof WORDS[0]; j++)
            if (strstr(demo.text, WORDS[j]) == NULL)
                fail_msg("no \"%s\" in\n%s", WORDS[j], demo.text);
    }
    assert_true(has_file("demo/exchange/ledger"));
    assert_true(has_file("demo.old/exchange/ledger"));
}

#define TIMED_OUT 124 /* timeout(1) had to end it */

/* Runs every command that the demo has printed; returns how many. */
static int run_commands(const struct demo *demo) {
    int count = 0;
    for (const char *line = demo->text; line != NULL; line = strchr(line, '\n')) {
        char command[1024];
        line += *line == '\n';
        if (strncmp(line, "  ", 2) != 0 || strstr(line, "tpx ") == NULL ||
            strstr(line, "tpx ") > line + strcspn(line, "\n"))
            continue;
        int size = (int)strcspn(line, "#\n");
        bool is_endless = line[size] == '#'; /* "# Ctrl-C ends it" */
        snprintf(command, sizeof command, "%s%.*s >>%s/commands.log 2>&1",
                 is_endless ? "timeout -s INT 1" : "", size, line, folder);
        int status = system(command);
        bool is_ended = is_endless && WIFEXITED(status) && WEXITSTATUS(status) == TIMED_OUT;
        if (status != 0 && !is_ended)
            fail_msg("status %d of %s", status, command);
        count++;
    }
    return count;
}

/* What no demo can show: it needs an outage, a divergence, a newer release, a new key of the
 * ledger, the number of a proposal that is not there yet, or the signatures of several firms. */
static const char *const UNSHOWN[] = {"tpx right reserve",        "tpx admin reopen",
                                      "tpx admin resolve",        "tpx admin activate",
                                      "tpx admin checkpoint-key", "tpx admin --approve"};

static bool is_unshown(const char *command) {
    for (size_t i = 0; i < sizeof UNSHOWN / sizeof UNSHOWN[0]; i++)
        if (strcmp(UNSHOWN[i], command) == 0)
            return true;
    return false;
}

/* Whether a line tells to call `tpx a b`, with a profile or without, or shows that it was called.
 */
static bool is_shown(const struct demo *demo, const char *command) {
    const char *words = command + strlen("tpx ");
    for (const char *line = demo->text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *call = strstr(line, "tpx ");
        const char *end = line + strcspn(line, "\n");
        bool is_call = strncmp(line, "  ", 2) == 0 || strncmp(line, "$ ", 2) == 0;
        if (!is_call || call == NULL || call > end)
            continue;
        call += strlen("tpx ");
        if (strncmp(call, "-p ", 3) == 0)
            call = strchr(call + 3, ' ') + 1;
        size_t size = strlen(words);
        if (strncmp(call, words, size) == 0 && (call[size] == ' ' || call[size] == '\n'))
            return true;
    }
    return false;
}

/* Every command of a list ("" is that of `tpx help`), and of the lists that these have. Returns how
 * many. */
static uint32_t compare_with_help(const struct demo *demo, const char *group) {
    const char *const arguments[] = {"help", group[0] != '\0' ? group : NULL, NULL};
    char prefix[64];
    uint32_t count = 0;
    int code;
    char *help = trial_tpx(NULL, &code, arguments);
    snprintf(prefix, sizeof prefix, "  tpx %s%s", group, group[0] != '\0' ? " " : "");
    for (char *line = strstr(help, prefix); line != NULL; line = strstr(line + 1, prefix)) {
        char command[64];
        const char *word = line + strlen(prefix);
        if (line[-1] != '\n')
            continue;
        int size = (int)strcspn(word, " ");
        snprintf(command, sizeof command, "%s%.*s", prefix + 2, size, word);
        count++;
        uint32_t within = 0;
        if (group[0] == '\0') {
            char name[32];
            snprintf(name, sizeof name, "%.*s", size, word);
            within = compare_with_help(demo, name);
        }
        count += within;
        if (within == 0 && !is_shown(demo, command) && !is_unshown(command))
            fail_msg("the demo does not show `%s`", command);
    }
    free(help);
    return count;
}

static void it_stays_up_and_what_it_prints_to_try_works(void **state) {
    struct demo demo;
    struct demo second;
    (void)state;
    demo_start(&demo, (const char *const[]){"--seconds", "1", NULL});
    demo_read(&demo, "Ctrl-C here ends the demo.");
    assert_true(compare_with_help(&demo, "") > 30);
    assert_true(run_commands(&demo) > 30);
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

/* Where the last of these stands in what it has said. */
static const char *last_of(const struct demo *demo, const char *words) {
    const char *last = NULL;
    for (const char *at = strstr(demo->text, words); at != NULL; at = strstr(at + 1, words))
        last = at;
    if (last == NULL)
        fail_msg("never: %s", words);
    return last;
}

static const char *first_of(const struct demo *demo, const char *words) {
    const char *first = strstr(demo->text, words);
    if (first == NULL)
        fail_msg("never: %s", words);
    return first;
}

#define ENTERS "\033[?1049h"
#define LEAVES "\033[?1049l"

/* Typing ends it; the terminal is as it was before: its first screen, and keys that echo. */
static void end_by_key(struct demo *demo, const char *key) {
    struct termios keys;
    assert_int_equal(write(demo->output, key, 1), 1);
    demo_read(demo, "demo: stopped");
    assert_int_equal(tcgetattr(demo->output, &keys), 0);
    assert_true((keys.c_lflag & ICANON) != 0 && (keys.c_lflag & ECHO) != 0);
    check_ended_well(demo);
    assert_true(last_of(demo, LEAVES) > last_of(demo, ENTERS));
    assert_true(last_of(demo, "demo: stopped") > last_of(demo, LEAVES));
}

static void on_a_terminal_it_shows_a_page_and_then_the_commands(void **state) {
    static struct demo demo;
    (void)state;
    demo_start_on_terminal(&demo, (const char *const[]){"--seconds", "2", "--no-story", NULL}, 80,
                           24);
    demo_read(&demo, "Ctrl-C here ends the demo.");
    static const char *const WORDS[] = {ENTERS,    "430901", "last trades",
                                        "behind:", "shadow", "durable p50"};
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
        assert_true(first_of(&demo, WORDS[i]) < last_of(&demo, LEAVES));
    assert_true(last_of(&demo, "Try these") > last_of(&demo, LEAVES));
    end_by_key(&demo, "\003"); /* Ctrl-C */
}

static void on_a_terminal_keys_end_it_at_once_in_either_language(void **state) {
    static const char *const KEYS[] = {"\003", "q"};
    static struct demo demo;
    (void)state;
    for (size_t i = 0; i < sizeof KEYS / sizeof KEYS[0]; i++) {
        demo_start_on_terminal(&demo, (const char *const[]){"--seconds", "60", NULL}, 40, 10);
        demo_read(&demo, "430902");
        end_by_key(&demo, KEYS[i]);
    }
    assert_int_equal(setenv("TPX_LANG", "zh", 1), 0);
    demo_start_on_terminal(&demo, (const char *const[]){"--seconds", "60", NULL}, 80, 24);
    demo_read(&demo, "影子引擎");
    demo_read(&demo, "最新成交");
    end_by_key(&demo, "q");
    assert_int_equal(unsetenv("TPX_LANG"), 0);
}

static void killed_it_leaves_nobody_behind(void **state) {
    struct demo demo;
    (void)state;
    demo_start(&demo, (const char *const[]){"--seconds", "1", "--no-story", NULL});
    demo_read(&demo, "Ctrl-C here ends the demo.");
    kill(demo.pid, SIGKILL);
    assert_int_equal(demo_end(&demo), 128 + SIGKILL); /* all that it started held the pipe */
    demo_start(&demo, (const char *const[]){"--once", "--seconds", "1", "--no-story", NULL});
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
        cmocka_unit_test_teardown(a_session_ends_with_a_summary_and_keeps_the_demo_before,
                                  end_demos),
        cmocka_unit_test_teardown(it_stays_up_and_what_it_prints_to_try_works, end_demos),
        cmocka_unit_test_teardown(ctrl_c_ends_it_cleanly_at_any_moment, end_demos),
        cmocka_unit_test_teardown(on_a_terminal_it_shows_a_page_and_then_the_commands, end_demos),
        cmocka_unit_test_teardown(on_a_terminal_keys_end_it_at_once_in_either_language, end_demos),
        cmocka_unit_test_teardown(killed_it_leaves_nobody_behind, end_demos),
        cmocka_unit_test_teardown(an_option_that_does_not_exist_is_said, end_demos),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
