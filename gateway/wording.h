/*
 * Words for people in their language: headings, labels, sides, phases, statuses.
 *
 * The programs' texts are English, and name themselves: whoever shows a heading hands its English
 * word over, and gets the Chinese one where that is the user's language and there is one. So a
 * new command needs nothing but lines in wording.c; a test says which are missing. What programs
 * read (--json) never comes here, nor do names that users gave.
 *
 * The language: TPX_LANG, `zh` or `en`; without it LC_ALL, LC_MESSAGES or LANG, the first that is
 * set; English where none of them begins with zh.
 *
 * Threads: any, while the environment stays as it is.
 */
#ifndef GATEWAY_WORDING_H
#define GATEWAY_WORDING_H

#include <stdbool.h>
#include <stddef.h>

bool wording_is_chinese(void);

/* The word in the user's language; the same pointer where there is no other. */
const char *wording(const char *english);

/* Whether the table has it. */
bool wording_has(const char *english);

/* Columns that a text takes on a terminal: Chinese characters and full-width forms take two, marks
 * that combine none. */
size_t wording_width(const char *text);

/* The same of the one character at *text, which is moved past it. */
size_t wording_character(const char **text);

#endif
