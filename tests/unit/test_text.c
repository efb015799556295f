/*
 * Alphabets of text. What Unicode says is asked of Python, which has its tables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/text.h"

static bool is_name(const char *text) {
    return text_is_in(ALPHABET_NAME, (const uint8_t *)text, strlen(text));
}

static bool is_in(enum alphabet alphabet, const char *text) {
    return text_is_in(alphabet, (const uint8_t *)text, strlen(text));
}

static void names_are_written_in_many_scripts(void **state) {
    (void)state;
    assert_true(is_name(""));
    assert_true(is_name("Shenzhen Tech & Co. (2)"));
    assert_true(is_name("深圳市某某科技有限公司（集团）"));
    assert_true(is_name("Müller Straße, Ōsaka, Ñandú"));
    assert_true(is_name("Жуковский 기술 カタカナ 𠮷野家 “x” – €5 №7·〇"));
}

static void what_normalisation_would_change_is_refused(void **state) {
    (void)state;
    assert_false(is_name("u\xcc\x88"));                /* u and a combining diaeresis */
    assert_false(is_name("\xe1\x84\x80"));             /* a leading Jamo */
    assert_false(is_name("\xe2\x84\xab"));             /* the Angstrom sign */
    assert_false(is_name("\xef\xa4\x80"));             /* a compatibility ideograph */
    assert_false(is_name("\xe3\x81\x8b\xe3\x82\x99")); /* ka and a combining voiced mark */
}

static void what_cannot_be_seen_is_refused(void **state) {
    (void)state;
    assert_false(text_is_in(ALPHABET_NAME, (const uint8_t *)"a\0b", 3));
    assert_false(is_name("a\nb"));
    assert_false(is_name("a\x7f"));
    assert_false(is_name("a\xc2\x85"));     /* next line */
    assert_false(is_name("a\xc2\xa0"));     /* no-break space */
    assert_false(is_name("a\xc2\xad"));     /* soft hyphen */
    assert_false(is_name("a\xe2\x80\x8b")); /* zero width space */
    assert_false(is_name("a\xe2\x80\xae")); /* right-to-left override */
    assert_false(is_name("\xef\xbb\xbf"
                         "a")); /* byte order mark */
}

static void what_is_no_utf_8_is_refused(void **state) {
    (void)state;
    assert_false(is_name("\x80"));
    assert_false(is_name("\xc1\x81"));         /* overlong A */
    assert_false(is_name("\xe0\x81\x81"));     /* overlong A */
    assert_false(is_name("\xf0\x80\x81\x81")); /* overlong A */
    assert_false(is_name("\xed\xa0\x80"));     /* a surrogate */
    assert_false(is_name("\xf4\x90\x80\x80")); /* above U+10FFFF */
    assert_false(is_name("\xe6\x8a"));         /* cut */
    assert_false(is_name("\xe6\x8a"
                         "a"));
    assert_false(is_name("\xff"));
}

static void codes_symbols_and_origins_are_narrow(void **state) {
    (void)state;
    assert_true(is_in(ALPHABET_CODE, "91440300MA5EXXXX0A"));
    assert_false(is_in(ALPHABET_CODE, "9144-0300"));
    assert_false(is_in(ALPHABET_CODE, "a"));
    assert_true(is_in(ALPHABET_SYMBOL, "HX.A-1"));
    assert_false(is_in(ALPHABET_SYMBOL, "HX A"));
    assert_false(is_in(ALPHABET_SYMBOL, "H\xc3\x84"));
    assert_true(is_in(ALPHABET_ORIGIN, "tpx.example/main"));
    assert_false(is_in(ALPHABET_ORIGIN, "tpx example"));
    assert_false(is_in(ALPHABET_ORIGIN, "tpx+example"));
    assert_false(is_in(ALPHABET_ORIGIN, "tpx\n"));
}

/* Reads the code points of names, one a line, and fails when one is not normal by itself, combines,
 * is unseen, or is not assigned. */
static const char script[] = "import sys, unicodedata as u\n"
                             "second = set(range(0x1161, 0x1176)) | set(range(0x11a8, 0x11c3))\n"
                             "for c in map(chr, range(0x110000)):\n"
                             "    d = u.decomposition(c)\n"
                             "    if d and d[0] != '<' and ' ' in d:\n"
                             "        second.add(int(d.split()[1], 16))\n"
                             "count = 0\n"
                             "for line in sys.stdin:\n"
                             "    n = int(line); c = chr(n); count += 1\n"
                             "    assert u.normalize('NFC', c) == c, hex(n)\n"
                             "    assert u.combining(c) == 0 and n not in second, hex(n)\n"
                             "    assert u.category(c)[0] not in 'CM', hex(n)\n"
                             "assert count > 100000, count\n";

static void every_letter_of_names_is_normal_by_itself(void **state) {
    (void)state;
    char command[sizeof script + 64];
    (void)snprintf(command, sizeof command, "/usr/bin/python3 -c \"%s\"", script);
    FILE *python = popen(command, "w"); /* NOLINT(cert-env33-c): a constant command */
    assert_non_null(python);
    for (uint32_t code_point = 0; code_point <= 0x120000; code_point++) {
        if (text_has_code_point(code_point)) {
            assert_true(fprintf(python, "%u\n", code_point) > 0);
        }
    }
    assert_int_equal(pclose(python), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_written_in_many_scripts),
        cmocka_unit_test(what_normalisation_would_change_is_refused),
        cmocka_unit_test(what_cannot_be_seen_is_refused),
        cmocka_unit_test(what_is_no_utf_8_is_refused),
        cmocka_unit_test(codes_symbols_and_origins_are_narrow),
        cmocka_unit_test(every_letter_of_names_is_normal_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
