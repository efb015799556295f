/*
 * The note beside the index: whether what lies there can be believed (ledger/index.h).
 *
 * A file `note` of one line: "closed", or "open" with the boot of the machine, the data file's
 * device and inode, and how often in a row it was opened without having proved itself.
 *
 * Threads: the owner of the index.
 */
#ifndef LEDGER_INDEX_NOTE_H
#define LEDGER_INDEX_NOTE_H

#include <stdbool.h>
#include <stdint.h>

/* Opened so often in a row without having proved itself, it is not believed any more. */
#define INDEX_NOTE_OPENS_MAX 2u

/* NULL when the environment in `dir` is to be believed, else why not. *opens is how often it was
 * opened in a row. */
const char *index_note_read(const char *dir, uint32_t *opens);

/* The environment, which exists, is open from now on. Returns 0 or SYSTEM. */
int index_note_open(const char *dir, uint32_t opens);

/* It is closed, and on the disk. */
int index_note_closed(const char *dir);

#endif
