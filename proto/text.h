/*
 * What text may consist of: one alphabet for each kind of name.
 *
 * RULES want names in Unicode's normal form C. Rather than normalise, ALPHABET_NAME accepts only
 * characters that are in that form by themselves and never combine with a neighbour: printable
 * ASCII, the Latin, Cyrillic, Chinese, Japanese and Korean letters, and punctuation and symbols as
 * they are commonly written. Combining marks, single Jamo, compatibility ideographs, control,
 * format and private-use characters and the wide kinds of space are refused. So two names look the
 * same to a program exactly when their bytes are equal.
 *
 * Threads: pure functions.
 */
#ifndef PROTO_TEXT_H
#define PROTO_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum alphabet {
    ALPHABET_NAME = 1, /* UTF-8 as above */
    ALPHABET_SYMBOL,   /* A-Z 0-9 . - */
    ALPHABET_CODE,     /* A-Z 0-9 */
    ALPHABET_ORIGIN,   /* printable ASCII without space and +: also a signed note's key name */
};

/* True when each character of the text belongs to the alphabet; also when there is none. */
bool text_is_in(enum alphabet alphabet, const uint8_t *text, size_t size);

/* True when ALPHABET_NAME holds this code point. */
bool text_has_code_point(uint32_t code_point);

#endif
