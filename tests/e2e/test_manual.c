/*
 * Manual pages and completion: what they say is what --help says, for they are made of the same
 * tables; man and bash take them as they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/trial.h"
#include "gateway/config.h"

#define WORDS_MAX  8
#define WORD_BYTES 64
#define OUTPUT_MAX (1 << 18)

/* What a program says; the caller's. */
static char *tpx(const char *const arguments[]) {
    int code = 0;
    char *output = trial_tpx(NULL, &code, arguments);
    assert_int_equal(code, 0);
    return output;
}

/* A page with roff's escapes taken away. */
static char *page(const char *name) {
    char *text = tpx((const char *const[]){"manual", name, NULL});
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        if (strncmp(from, "\\fB", 3) == 0 || strncmp(from, "\\fI", 3) == 0 ||
            strncmp(from, "\\fR", 3) == 0)
            from += 2;
        else if (*from != '\\' || from[1] != '-')
            *to++ = *from;
    }
    *to = '\0';
    return text;
}

static void assert_holds(const char *text, const char *what, const char *of) {
    if (strstr(text, what) == NULL)
        fail_msg("\"%s\" of %s is not there", what, of);
}

/* Every "--option" of a command's help stands in the page. */
static void check_command(const char *manual, const char *const words[], const char *called) {
    const char *arguments[WORDS_MAX + 2] = {NULL};
    size_t count = 0;
    for (; words[count] != NULL; count++)
        arguments[count] = words[count];
    arguments[count] = "--help";
    char *help = tpx(arguments);
    assert_holds(manual, called, "the list of commands");
    for (char *at = strstr(help, "--"); at != NULL; at = strstr(at + 1, "\n")) {
        char *option = strstr(at, "--");
        if (option == NULL)
            break;
        char word[WORD_BYTES];
        size_t size = 2 + strspn(option + 2, "abcdefghijklmnopqrstuvwxyz-");
        snprintf(word, sizeof word, "%.*s", (int)size, option);
        if (size > 2 && strcmp(word, "--help") != 0 && strcmp(word, "--usage") != 0)
            assert_holds(manual, word, called);
    }
    free(help);
}

/* Walks down what completion offers, so that is held to what there is, too. */
static uint32_t check_below(const char *manual, const char *words[WORDS_MAX + 1], size_t count,
                            const char *called) {
    const char *arguments[WORDS_MAX + 4] = {"completion", "words"};
    uint32_t commands = 0;
    for (size_t i = 0; i < count; i++)
        arguments[2 + i] = words[i];
    arguments[2 + count] = "";
    char *offered = tpx(arguments);
    if (strstr(offered, "help\n") == NULL) { /* no list */
        check_command(manual, words, called);
        free(offered);
        return 1;
    }
    char *rest = NULL;
    for (char *word = strtok_r(offered, "\n", &rest); word != NULL;
         word = strtok_r(NULL, "\n", &rest)) {
        char deeper[4 * WORD_BYTES];
        if (strcmp(word, "help") == 0)
            continue;
        assert_true(count < WORDS_MAX);
        snprintf(deeper, sizeof deeper, "%s %s", called, word);
        words[count] = word;
        words[count + 1] = NULL;
        commands += check_below(manual, words, count + 1, deeper);
    }
    words[count] = NULL;
    free(offered);
    return commands;
}

static void page_of_tpx_has_every_command_and_option(void **state) {
    const char *words[WORDS_MAX + 1] = {NULL};
    (void)state;
    char *manual = page("tpx");
    assert_true(check_below(manual, words, 0, "tpx") > 40);
    free(manual);
}

static void page_of_tpxd_has_what_its_help_has(void **state) {
    static const char *const words[] = {"--create", "--config=FILE", "-c", "-f", "6 the disk"};
    (void)state;
    char *manual = page("tpxd");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        assert_holds(manual, words[i], "tpxd --help");
    free(manual);
}

static void check_name(void *owner, const struct config_name *name) {
    const char *manual = owner;
    char head[256];
    assert_non_null(name->what);
    snprintf(head, sizeof head, "%s (%s", name->name, name->range);
    assert_holds(manual, head, "the configuration");
    assert_holds(manual, name->what, name->name);
}

static void page_of_the_configuration_has_every_name_with_its_range(void **state) {
    (void)state;
    char *manual = page("tpxd.conf");
    const struct config_teller teller = {check_name, manual};
    for (char *at = manual; (at = strstr(at, "\\(aq")) != NULL;)
        memmove(at + 1, at + 4, strlen(at + 4) + 1), *at = '\'';
    config_describe(&teller);
    free(manual);
}

/* Runs a line of bash with $tpx; its output is the caller's. */
static char *bash(const char *line) {
    char program[TRIAL_PATH_MAX];
    char command[4096];
    trial_program("tpx", program);
    snprintf(command, sizeof command, "tpx='%s' bash -c '%s' 2>&1", program, line);
    FILE *pipe = popen(command, "r"); /* NOLINT(cert-env33-c): constant but for a folder */
    char *output = calloc(1, OUTPUT_MAX);
    assert_non_null(pipe);
    assert_non_null(output);
    assert_true(fread(output, 1, OUTPUT_MAX - 1, pipe) < OUTPUT_MAX - 1);
    assert_int_equal(pclose(pipe), 0);
    return output;
}

static void man_renders_the_pages_without_a_warning(void **state) {
    (void)state;
    char *output = bash("command -v man groff >/dev/null || { echo no man; exit 0; }\n"
                        "for page in tpx tpxd tpxd.conf; do \"$tpx\" manual $page |"
                        " man --warnings -E UTF-8 -l -Tutf8 -Z - 2>&1 >/dev/null; done");
    if (strcmp(output, "no man\n") == 0)
        print_message("there is no man here: not tried\n");
    else
        assert_string_equal(output, "");
    free(output);
}

/* What bash would offer after these words; the last is being typed. */
static void assert_completes(const char *words, const char *offered) {
    char line[1024];
    snprintf(line, sizeof line,
             "source <(\"$tpx\" completion bash)\nCOMP_WORDS=(\"$tpx\" %s)\n"
             "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_tpx\necho \"${COMPREPLY[*]}\"",
             words);
    char *output = bash(line);
    output[strcspn(output, "\n")] = '\0';
    assert_string_equal(output, offered);
    free(output);
}

static void bash_completes_commands_options_values_and_symbols(void **state) {
    char profile[] = "/tmp/tpx-profile-XXXXXX";
    char words[256];
    (void)state;
    int file = mkstemp(profile);
    assert_true(file >= 0);
    FILE *lines = fdopen(file, "w");
    fputs("instrument 1 HX\ninstrument 2 HB\ninstrument 3 LC\n", lines);
    assert_int_equal(fclose(lines), 0);
    assert_completes("or", "order");
    assert_completes("order re", "replace");
    assert_completes("order buy 100 HX 10 --po", "--post-only");
    assert_completes("order buy 100 HX 10 --tif g", "gtc gtd");
    assert_completes("admin halt al", "all");
    assert_completes("admin nothing ", "");
    snprintf(words, sizeof words, "--profile %s order buy 100 H", profile);
    assert_completes(words, "HX HB");
    snprintf(words, sizeof words, "order cancel --profile %s --instrument L", profile);
    assert_completes(words, "LC");
    unlink(profile);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_of_tpx_has_every_command_and_option),
        cmocka_unit_test(page_of_tpxd_has_what_its_help_has),
        cmocka_unit_test(page_of_the_configuration_has_every_name_with_its_range),
        cmocka_unit_test(man_renders_the_pages_without_a_warning),
        cmocka_unit_test(bash_completes_commands_options_values_and_symbols),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
