/*
 * What a README shows, for tests that hold it to its word: its blocks of code and rows of tables.
 *
 * Functions end the test when the README has no such thing. Tests run in the root of the project.
 */
#ifndef TESTS_UNIT_README_H
#define TESTS_UNIT_README_H

/* The text of the first block between "```language" and "```"; the caller's. */
char *readme_block(const char *path, const char *language);

/* Calls `take` with every row "| a | b | c | d |" that has four cells, cut at its bars and
 * trimmed of spaces. */
void readme_rows(const char *path, void (*take)(void *owner, char *cells[4]), void *owner);

/* Calls `take` with the target of every link "](target)" that is no address of the network. */
void readme_links(const char *path, void (*take)(const char *path, const char *target));

#endif
