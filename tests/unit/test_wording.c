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
#include <inttypes.h>

#include "gateway/counters.h"
#include "gateway/health.h"
#include "gateway/phrase.h"
#include "gateway/wording.h"
#include "proto/tpx.pb-c.h"

#define SOURCE_MAX   (1 << 20)
#define WORD_BYTES   128
#define FORMAT_BYTES 1024

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

/* Words that stand in a call of wording(). */
static void every_word_that_is_handed_over_is_in_the_table(void **state) {
    static const char *const patterns[] = {"gateway/*.c", "bench/demo_*.c"};
    glob_t found;
    uint32_t count = 0;
    (void)state;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(glob(patterns[i], i == 0 ? 0 : GLOB_APPEND, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char *source = read_source(found.gl_pathv[i]);
        for (const char *at = source; (at = strstr(at, "wording(\"")) != NULL; count++) {
            char word[WORD_BYTES];
            at += strlen("wording(\"");
            snprintf(word, sizeof word, "%.*s", (int)strcspn(at, "\""), at);
            check_word(word, found.gl_pathv[i]);
        }
        free(source);
    }
    globfree(&found);
    assert_true(count > 30);
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

/* The second would never be found. */
static void no_word_stands_twice(void **state) {
    (void)state;
    char *source = read_source("gateway/wording.c");
    for (char *row = strstr(source, "\n    {\""); row != NULL; row = strstr(row + 1, "\n    {\"")) {
        char key[WORD_BYTES];
        snprintf(key, sizeof key, "%.*s\"", (int)strcspn(row + 7, "\"") + 7, row);
        if (strstr(row + 1, key) != NULL)
            fail_msg("twice:%s", key);
    }
    free(source);
}

/* --- every sentence --------------------------------------------------------------------------- */

/* What stands between two literals of a format. */
static const struct {
    const char *name;
    const char *text;
} MACROS[] = {
    {"PRIu64", PRIu64}, {"PRId64", PRId64}, {"PRIu32", PRIu32}, {"COUNTERS_FILE", COUNTERS_FILE}};

/* Reads a literal as the compiler does, onto the end of `text`; what is behind it. */
static const char *read_literal(const char *at, char *text) {
    char *end = text + strlen(text);
    for (at++; *at != '"'; at++) {
        if (*at == '\\')
            at++;
        *end++ = *at == 'n' && at[-1] == '\\' ? '\n' : *at;
    }
    *end = '\0';
    return at + 1;
}

/* The format that begins at `at`: literals, and macros between them. False when there is none. */
static bool read_format(const char *at, char text[FORMAT_BYTES]) {
    text[0] = '\0';
    for (;;) {
        at += strspn(at, " \n");
        size_t i = 0;
        while (i < sizeof MACROS / sizeof MACROS[0] &&
               strncmp(at, MACROS[i].name, strlen(MACROS[i].name)) != 0)
            i++;
        if (*at == '"') {
            at = read_literal(at, text);
        } else if (i < sizeof MACROS / sizeof MACROS[0]) {
            strcat(text, MACROS[i].text);
            at += strlen(MACROS[i].name);
        } else {
            return text[0] != '\0';
        }
    }
}

static bool is_phrase(const char *format) {
    const char *english;
    for (size_t i = 0; phrase_at(i, &english) != NULL; i++)
        if (strcmp(english, format) == 0)
            return true;
    return false;
}

/* Formats of a call, which are its argument `place` from 0. */
static uint32_t check_formats(const char *source, const char *call, uint32_t place,
                              const char *where) {
    char format[FORMAT_BYTES];
    uint32_t count = 0;
    for (const char *at = source; (at = strstr(at, call)) != NULL;) {
        at += strlen(call);
        const char *argument = at;
        for (uint32_t i = 0; i < place && argument != NULL; i++)
            argument = strchr(argument, ',') != NULL ? strchr(argument, ',') + 1 : NULL;
        if (argument == NULL || !read_format(argument, format))
            continue;
        if (!is_phrase(format))
            fail_msg("%s: \"%s\" has no line in gateway/phrase.c", where, format);
        count++;
    }
    return count;
}

static void every_error_finding_and_line_of_a_page_is_in_the_table(void **state) {
    static const char *const patterns[] = {"gateway/*.c", "bench/demo_*.c"};
    glob_t found;
    uint32_t errors = 0;
    uint32_t findings = 0;
    uint32_t lines = 0;
    (void)state;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(glob(patterns[i], i == 0 ? 0 : GLOB_APPEND, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *where = found.gl_pathv[i];
        if (strcmp(where, "gateway/phrase.c") == 0 || strcmp(where, "gateway/cli.c") == 0)
            continue;
        char *source = read_source(where);
        if (strncmp(where, "gateway/cli_", 12) == 0) {
            errors += check_formats(source, "cli_die(", 1, where);
            errors += check_formats(source, "cli_say(", 0, where);
        }
        if (strcmp(where, "gateway/health.c") == 0)
            findings += check_formats(source, " find(health, ", 2, where);
        lines += check_formats(source, "phrase(", 0, where);
        free(source);
    }
    globfree(&found);
    assert_true(errors > 140);
    assert_true(findings > 15);
    assert_true(lines > 20);
}

struct conversion {
    const char *text; /* behind the % and the number of its argument */
    size_t size;
};

/* The conversions of a format, by their arguments; returns how many. */
static uint32_t conversions_of(const char *format, struct conversion found[16]) {
    uint32_t count = 0;
    for (const char *at = format; (at = strchr(at, '%')) != NULL;) {
        at++;
        if (*at == '%') {
            at++;
            continue;
        }
        size_t digits = strspn(at, "0123456789");
        uint32_t argument = count;
        if (digits > 0 && at[digits] == '$') {
            argument = (uint32_t)strtoul(at, NULL, 10) - 1;
            at += digits + 1;
        }
        assert_true(argument < 16);
        size_t size = strcspn(at, "diuoxXcsfgezp") + 1;
        if (at[size - 1] == 'z')
            size++;
        found[argument] = (struct conversion){at, size};
        count++;
        at += size;
    }
    return count;
}

static void a_sentence_takes_the_same_arguments_in_either_language(void **state) {
    const char *english;
    const char *chinese;
    (void)state;
    for (size_t i = 0; (chinese = phrase_at(i, &english)) != NULL; i++) {
        struct conversion ours[16] = {0};
        struct conversion theirs[16] = {0};
        uint32_t count = conversions_of(english, ours);
        if (conversions_of(chinese, theirs) != count)
            fail_msg("other conversions: %s", chinese);
        for (uint32_t j = 0; j < count; j++)
            if (theirs[j].text == NULL || ours[j].size != theirs[j].size ||
                memcmp(ours[j].text, theirs[j].text, ours[j].size) != 0)
                fail_msg("another conversion %u: %s", j, chinese);
    }
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
    for (int doing = 0; doing <= DOINGS_END; doing++)
        check_word(health_doing((enum doing)doing), "health_doing");
    for (enum pool pool = POOL_ORDERS; pool < POOLS_END; pool++)
        check_word(health_pool(pool), "health_pool");
    for (const struct health_follower *each = health_followers; each->name != NULL; each++)
        check_word(each->name, "health_followers");
    for (int verdict = HEALTH_FINE; verdict <= HEALTH_DEAD; verdict++)
        check_word(health_name((enum health_verdict)verdict), "health_name");
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
        cmocka_unit_test(every_word_that_is_handed_over_is_in_the_table),
        cmocka_unit_test(every_heading_and_label_of_a_command_is_in_the_table),
        cmocka_unit_test(no_word_stands_twice),
        cmocka_unit_test(every_error_finding_and_line_of_a_page_is_in_the_table),
        cmocka_unit_test(a_sentence_takes_the_same_arguments_in_either_language),
        cmocka_unit_test(sides_phases_statuses_and_acts_are_in_the_table),
        cmocka_unit_test(tpx_lang_decides_then_the_locale_then_english),
        cmocka_unit_test(width_is_that_on_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
