/*
 * Plays every scenario file of this folder, or the files that are named, against the whole engine;
 * and holds the player itself to what it promises.
 *
 *     build/tests/scenario/test_scenario tests/scenario/answers.txt
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/command.h"
#include "engine/reason.h"
#include "proto/schema.h"
#include "proto/tpx.pb-c.h"
#include "tests/scenario/story.h"

#define SCENARIO_FILES "tests/scenario/*.txt"
#define README_INDENT  "    "

static char *read_file(const char *path) {
    char *text = NULL;
    size_t size = 0;
    FILE *in = fopen(path, "r");
    FILE *out = open_memstream(&text, &size);
    if (in == NULL || out == NULL) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(2);
    }
    for (int byte = fgetc(in); byte != EOF; byte = fgetc(in))
        fputc(byte, out);
    fclose(in);
    fclose(out);
    return text;
}

static void play_file(const char *path, struct story_result *result) {
    char *text = read_file(path);
    story_play(path, text, stderr, result);
    free(text);
}

/* What all files of this folder gave. */
static struct story_result played;

static void every_scenario_goes_as_it_is_written(void **state) {
    (void)state;
    glob_t files;
    assert_int_equal(glob(SCENARIO_FILES, 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++)
        play_file(files.gl_pathv[i], &played);
    globfree(&files);
    printf("%u scenarios, %u lines, %u go otherwise\n", played.scenarios, played.lines,
           played.faults);
    assert_true(played.scenarios > 0);
    assert_int_equal(played.faults, 0);
}

/* The lines of a README that are set as code and begin with a scenario, without their indent; other
 * lines stay, empty, so that line numbers are right. */
static char *examples_of(const char *text) {
    char *examples = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&examples, &size);
    bool is_inside = false;
    assert_non_null(out);
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        bool is_code = strncmp(text, README_INDENT, strlen(README_INDENT)) == 0;
        is_inside = is_code && (is_inside || strncmp(text + strlen(README_INDENT), "scenario ",
                                                     strlen("scenario ")) == 0);
        fprintf(out, "%.*s\n", is_inside ? (int)length : 0, text);
        text += length + (text[length] == '\n');
    }
    fclose(out);
    return examples;
}

static void what_the_readme_files_show_goes_as_it_is_written(void **state) {
    (void)state;
    static const char *const files[] = {"engine/README.md", "tests/scenario/README.md"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct story_result result = {.scenarios = 0};
        char *text = read_file(files[i]);
        char *examples = examples_of(text);
        story_play(files[i], examples, stderr, &result);
        assert_true(result.scenarios >= 1);
        assert_true(result.lines > 5);
        assert_int_equal(result.faults, 0);
        free(examples);
        free(text);
    }
}

/* From 100 on reasons are the engine's: one that is added wants a scenario. */
static void every_reason_of_the_engine_is_given_in_some_scenario(void **state) {
    (void)state;
    unsigned missing = 0;
    for (unsigned i = 0; i < tpx__reason__descriptor.n_values; i++) {
        const ProtobufCEnumValue *reason = &tpx__reason__descriptor.values[i];
        if (reason->value < REASON_UNKNOWN_INSTRUMENT)
            continue;
        assert_true(reason->value < STORY_REASONS_END);
        if (!played.has_met[reason->value]) {
            fprintf(stderr, "no scenario is answered %s\n", reason->name);
            missing++;
        }
    }
    assert_int_equal(missing, 0);
}

/* A version to activate there is none: tests/unit/test_engine_version.c makes one. */
static void every_act_is_done_in_some_scenario(void **state) {
    (void)state;
    for (unsigned deed = DEED_ADD_PARTY; deed < DEEDS_END; deed++) {
        if (schema_deed_body(deed) != NULL && !played.has_done[deed])
            fail_msg("no scenario does deed %u", deed);
    }
    for (unsigned act = ACT_ADD_PARTICIPANT; act <= ACT_SESSION_RESET; act++) {
        if (!played.has_done[act] && act != ACT_ACTIVATE)
            fail_msg("no scenario does act %u", act);
    }
}

/* Plays a text; the report is the caller's to free. */
static char *report_on(const char *text, struct story_result *result) {
    char *report = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&report, &size);
    assert_non_null(out);
    memset(result, 0, sizeof *result);
    story_play("it.txt", text, out, result);
    fclose(out);
    return report;
}

static void a_wrong_expectation_is_reported_with_line_expected_and_got(void **state) {
    (void)state;
    struct story_result result;
    char *report = report_on("instrument HX\n"
                             "ann sells 200 HX at 10.00 -> rests\n"
                             "bob buys 300 HX at 10.05 ioc -> rests\n"
                             "bob buys 300 HX at 10.05 ioc -> rests\n",
                             &result);
    assert_string_equal(report,
                        "it.txt:3: bob buys 300 HX at 10.05 ioc -> rests\n"
                        "    expected  rests\n"
                        "    got       trades 200 at 10.00 with ann; canceled 100 IOC_REST\n");
    assert_int_equal(result.faults, 1);
    free(report);
}

static void a_word_that_is_not_understood_is_named_with_its_line(void **state) {
    (void)state;
    struct story_result result;
    char *report = report_on("instrument HX\n\n# a comment\nann sells 200 HX for 10.00\n", &result);
    assert_string_equal(report, "it.txt:4: 'for' stands where 'at' should\n");
    free(report);
    report = report_on("instrument HX\nann sells lots HX at 10.00\n", &result);
    assert_string_equal(report, "it.txt:2: 'lots' stands where a whole number should\n");
    free(report);
    report = report_on("instrument HX\nann sells 5 HX at 10.00 ico\n", &result);
    assert_non_null(strstr(report, "it.txt:2: 'ico' stands where day, gtc"));
    free(report);
    report = report_on("instrument HX\nann sells 5 HX at\n", &result);
    assert_non_null(strstr(report, "it.txt:2: the line ends where an amount or price"));
    free(report);
}

static void a_refusal_that_nobody_expected_is_a_fault(void **state) {
    (void)state;
    struct story_result result;
    char *report = report_on("instrument HX tick 0.05\nann sells 5 HX at 10.02\n", &result);
    assert_non_null(strstr(report, "it.txt:2: ann sells 5 HX at 10.02"));
    assert_non_null(strstr(report, "refused TICK_SIZE price"));
    free(report);
}

static void a_fault_ends_its_scenario_and_no_other(void **state) {
    (void)state;
    struct story_result result;
    char *report = report_on("scenario one\ninstrument HX\nbook HX -> full\nbook HX -> full\n"
                             "scenario two\ninstrument HX\nbook HX -> full\n"
                             "scenario three\ninstrument HX\nbook HX -> empty\n",
                             &result);
    assert_int_equal(result.scenarios, 3);
    assert_int_equal(result.faults, 2);
    assert_int_equal(result.lines, 6);
    free(report);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scenario_goes_as_it_is_written),
        cmocka_unit_test(every_reason_of_the_engine_is_given_in_some_scenario),
        cmocka_unit_test(every_act_is_done_in_some_scenario),
        cmocka_unit_test(what_the_readme_files_show_goes_as_it_is_written),
        cmocka_unit_test(a_wrong_expectation_is_reported_with_line_expected_and_got),
        cmocka_unit_test(a_word_that_is_not_understood_is_named_with_its_line),
        cmocka_unit_test(a_refusal_that_nobody_expected_is_a_fault),
        cmocka_unit_test(a_fault_ends_its_scenario_and_no_other),
    };
    struct story_result result = {.scenarios = 0};
    for (int i = 1; i < argc; i++)
        play_file(argv[i], &result);
    if (argc > 1) {
        printf("%u scenarios, %u lines, %u go otherwise\n", result.scenarios, result.lines,
               result.faults);
        return result.faults != 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
