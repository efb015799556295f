/*
 * A closed volume, copied to another folder.
 *
 * The copy is made under another name, synced, read back from the disk and compared, and only then
 * gets its own name, in one step also where an older folder of that name stands: after a crash
 * there is the whole new one, or what was there before. What a crash leaves under the other name
 * the next call removes.
 *
 * Threads: any; nobody of this process has the volume open, in either folder, and whoever changes
 * `to_dir` holds its lock (ledger/folder_lock.h).
 */
#ifndef LEDGER_VOLUME_COPY_H
#define LEDGER_VOLUME_COPY_H

#include <stdint.h>

struct volume_copy {
    const char *from_dir;
    const char *to_dir;
    /* Called for each piece, where not NULL: bytes done, of how many. */
    void (*progress)(void *owner, uint64_t done, uint64_t total);
    void *owner;
};

/* Copies a volume. Failures: NOT_FOUND; DAMAGED (the source is no sound file, or what was read back
 * differs); SYSTEM, also for a full disk, whose room is given back. */
int volume_copy(const struct volume_copy *copy, uint32_t number);

/* Bytes of a volume's file; 0 where there is none. */
uint64_t volume_copy_bytes(const char *dir, uint32_t number);

#endif
