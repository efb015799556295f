/*
 * gateway/wording.h: whatever a command shows has a Chinese word, and tables are as wide as they
 * look.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <glob.h>

#include "gateway/wording.h"
#include "proto/tpx.pb-c.h"

#define SOURCE_MAX (1 << 20)
#define WORD_BYTES 128

/* --- every heading ---------------------------------------------------------------------------- */

static void check_word(const char *word, const char *where) {
    if (!wording_has(word))
        fail_msg("%s: \"%s\" has no line in gateway/wording.c", where, word);
}

/* The label of a key, as output makes it. */
static void check_key(const char *text, size_t size, const char *where) {
    char word[WORD_BYTES];
    snprintf(word, sizeof word, "%.*s", (int)size, text);
    for (char *at = word; *at != '\0'; at++)
        if (*at == '_')
            *at = ' ';
    check_word(word, where);
}

/* Keys handed to a function of output: call(output, "key", ... */
static uint32_t check_calls(const char *source, const char *call, const char *where) {
    uint32_t count = 0;
    for (const char *at = source; (at = strstr(at, call)) != NULL;) {
        at += strlen(call);
        const char *text = at + strcspn(at, "\"?);");
        if (*text != '"')
            continue;
        check_key(text + 1, strcspn(text + 1, "\""), where);
        count++;
    }
    return count;
}

/* Titles of columns: {"key", "title"} in an array of struct cli_column. */
static uint32_t check_columns(const char *source, const char *where) {
    uint32_t count = 0;
    for (const char *at = source; (at = strstr(at, "struct cli_column ")) != NULL;) {
        at += strlen("struct cli_column ");
        const char *end = strstr(at, "};");
        const char *begin = strstr(at, "= {");
        if (begin == NULL || end == NULL || begin > end)
            continue;
        for (const char *row = begin + 3; (row = strstr(row, "\", ")) != NULL && row < end;) {
            row += strlen("\", ");
            row += strspn(row, " ");
            if (*row != '"')
                continue;
            check_key(row + 1, strcspn(row + 1, "\""), where);
            row += 1 + strcspn(row + 1, "\"");
            count++;
        }
    }
    return count;
}

static char *read_source(const char *path) {
    FILE *file = fopen(path, "r");
    char *text = calloc(1, SOURCE_MAX);
    assert_non_null(file);
    assert_non_null(text);
    assert_true(fread(text, 1, SOURCE_MAX - 1, file) > 0);
    assert_int_equal(fclose(file), 0);
    return text;
}

static void every_heading_and_label_of_a_command_is_in_the_table(void **state) {
    static const char *const calls[] = {"cli_text_field(", "cli_number_field(", "cli_money_field(",
                                        "cli_table_begin("};
    glob_t found;
    uint32_t count = 0;
    (void)state;
    assert_int_equal(glob("gateway/cli_*.c", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        if (strcmp(found.gl_pathv[i], "gateway/cli_output.c") == 0)
            continue;
        char *source = read_source(found.gl_pathv[i]);
        count += check_columns(source, found.gl_pathv[i]);
        for (size_t j = 0; j < sizeof calls / sizeof calls[0]; j++)
            count += check_calls(source, calls[j], found.gl_pathv[i]);
        free(source);
    }
    globfree(&found);
    assert_true(count > 100);
}

/* --- every word ------------------------------------------------------------------------------- */

static void check_enum(const ProtobufCEnumDescriptor *descriptor, const char *prefix) {
    for (unsigned i = 0; i < descriptor->n_values; i++)
        if (descriptor->values[i].value != 0)
            check_word(descriptor->values[i].name + strlen(prefix), descriptor->name);
}

static void sides_phases_statuses_and_acts_are_in_the_table(void **state) {
    static const char *const words[] = {
        "buy",      "sell",      "market", "cash",     "closed",   "continuous", "halted",
        "killed",   "up",        "down",   "ready",    "starting", "dead",       "stopping",
        "stopped",  "time held", "free",   "limit",    "yes",      "no",         "fault",
        "verified", "audited",   "proven", "diverged", "revoked",  "PROPOSED"};
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        check_word(words[i], "words");
    check_enum(&tpx__exec_type__descriptor, "EXEC_TYPE_");
    check_enum(&tpx__act_kind__descriptor, "ACT_");
}

/* --- the language ----------------------------------------------------------------------------- */

static void say(const char *ours, const char *all, const char *lang) {
    unsetenv("LC_MESSAGES");
    assert_int_equal(ours != NULL ? setenv("TPX_LANG", ours, 1) : unsetenv("TPX_LANG"), 0);
    assert_int_equal(all != NULL ? setenv("LC_ALL", all, 1) : unsetenv("LC_ALL"), 0);
    assert_int_equal(lang != NULL ? setenv("LANG", lang, 1) : unsetenv("LANG"), 0);
}

static void tpx_lang_decides_then_the_locale_then_english(void **state) {
    (void)state;
    say(NULL, NULL, NULL);
    assert_string_equal(wording("buy"), "buy");
    say(NULL, NULL, "zh_CN.UTF-8");
    assert_string_equal(wording("buy"), "买");
    say("en", NULL, "zh_CN.UTF-8");
    assert_string_equal(wording("buy"), "buy");
    say("zh", "C", "C");
    assert_string_equal(wording("buy"), "买");
    assert_string_equal(wording("never a word of ours"), "never a word of ours");
    say(NULL, "en_US.UTF-8", "zh_CN.UTF-8");
    assert_string_equal(wording("buy"), "buy");
    say(NULL, NULL, NULL);
}

/* --- width ------------------------------------------------------------------------------------ */

static void width_is_that_on_a_terminal(void **state) {
    (void)state;
    assert_int_equal(wording_width(""), 0);
    assert_int_equal(wording_width("abc"), 3);
    assert_int_equal(wording_width("证券"), 4);
    assert_int_equal(wording_width("安岚 HX（科技）"), 15);
    assert_int_equal(wording_width("é"), 1);
    assert_int_equal(wording_width("e\xcc\x81"), 1); /* with a combining accent */
    assert_int_equal(wording_width("𠮷"), 2);
    assert_int_equal(wording_width("\xff\xe8"), 2); /* no UTF-8: byte by byte */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_heading_and_label_of_a_command_is_in_the_table),
        cmocka_unit_test(sides_phases_statuses_and_acts_are_in_the_table),
        cmocka_unit_test(tpx_lang_decides_then_the_locale_then_english),
        cmocka_unit_test(width_is_that_on_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
