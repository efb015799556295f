/*
 * The note beside a cache: whether what lies there can be believed (ledger/cache.h).
 *
 * A file `note` of one line: "closed", or "open" with the boot of the machine, the data file's
 * device and inode, and how often in a row it was opened without having proved itself.
 *
 * Threads: the owner of the cache.
 */
#ifndef LEDGER_CACHE_NOTE_H
#define LEDGER_CACHE_NOTE_H

#include <stdbool.h>
#include <stdint.h>

/* Opened so often in a row without having proved itself, it is not believed any more. */
#define CACHE_NOTE_OPENS_MAX 2u

/* NULL when the environment in `dir` is to be believed, else why not. *opens is how often it was
 * opened in a row. */
const char *cache_note_read(const char *dir, uint32_t *opens);

/* The environment, which exists, is open from now on. Returns 0 or SYSTEM. */
int cache_note_open(const char *dir, uint32_t opens);

/* It is closed, and on the disk. */
int cache_note_closed(const char *dir);

#endif
