/*
 * The runbook in gateway/README.md: the lines of the log that it says to look for are ones that the
 * server writes, with the pairs it shows.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXT_MAX  (1 << 22)
#define WORD_MAX  64
#define LOWERCASE "abcdefghijklmnopqrstuvwxyz_"

/* All of these files, one after the other; the caller's. */
static char *read_all(const char *pattern) {
    glob_t found;
    size_t used = 0;
    char *text = calloc(1, TEXT_MAX);
    assert_non_null(text);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        FILE *file = fopen(found.gl_pathv[i], "r");
        assert_non_null(file);
        used += fread(text + used, 1, TEXT_MAX - 1 - used, file);
        assert_int_equal(fclose(file), 0);
    }
    globfree(&found);
    return text;
}

/* The word at `text`, with what stands before and behind it. */
static void quote(char word[WORD_MAX], const char *before, const char *text, const char *behind) {
    snprintf(word, WORD_MAX, "%s%.*s%s", before, (int)strspn(text, LOWERCASE), text, behind);
}

/* Pairs behind an event, up to the end of what is quoted. */
static void check_pairs(const char *sources, const char *line) {
    char word[WORD_MAX];
    size_t size = strcspn(line, "`\n");
    for (const char *at = line; (at = memchr(at, ' ', size - (size_t)(at - line))) != NULL;) {
        at++;
        size_t name = strspn(at, LOWERCASE);
        quote(word, "", at, "=");
        if (name > 0 && at[name] == '=' && strstr(sources, word) == NULL)
            fail_msg("no line of the log has \"%s\"", word);
    }
}

static void every_line_of_the_log_that_is_named_is_one_that_is_written(void **state) {
    char *readme = read_all("gateway/README.md");
    char *sources = read_all("gateway/*.c");
    uint32_t count = 0;
    (void)state;
    for (const char *at = readme; (at = strstr(at, "`event=")) != NULL; count++) {
        char word[WORD_MAX];
        at += strlen("`event=");
        quote(word, "\"", at, "\"");
        if (strstr(sources, word) == NULL)
            fail_msg("the server never logs %s", word);
        check_pairs(sources, at);
    }
    assert_true(count > 15);
    free(sources);
    free(readme);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_of_the_log_that_is_named_is_one_that_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
