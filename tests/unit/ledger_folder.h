/*
 * A ledger in a folder of its own for a test, with records that anyone can make again from their
 * sequence.
 */
#ifndef TESTS_UNIT_LEDGER_FOLDER_H
#define TESTS_UNIT_LEDGER_FOLDER_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/block.h"
#include "ledger/journal.h"

#define LEDGER_FOLDER_PATH 256

/* Small reserves, so that many tests fit on a disk: 8, 4 and 2 MiB, of which 1 MiB zeros. */
extern const struct journal_options ledger_folder_options;

/* Makes an empty folder below TMPDIR or /tmp; asserts. */
void ledger_folder_make(char dir[LEDGER_FOLDER_PATH]);

/* Removes it with everything in it. */
void ledger_folder_remove(const char *dir);

/* The record that stands at a sequence: its number, then bytes derived from it; its size lies
 * between 9 and 600 bytes, now and then much larger. Returns the size. */
size_t ledger_record(uint64_t sequence, uint8_t record[BLOCK_RECORD_MAX]);

/* Appends the records that come next and commits them; asserts success. */
void ledger_folder_append(struct journal *journal, uint64_t count);

/* The root of the tree of the first `size` of those records. */
void ledger_folder_root(uint64_t size, struct hash *root);

#endif
