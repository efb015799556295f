/*
 * Snapshots: an engine's used memory in a file, so that a start need not replay from the beginning.
 *
 * A snapshot is a cache, never the truth: a damaged one, or one of another layout, is skipped for
 * an older one, and without any the ledger is replayed from its start. Writing is two steps: an
 * image is a copy of the memory, quick, by the thread that owns the engine; the file is written
 * from the image later, by any thread, to a temporary name, synced and renamed.
 *
 * File NNNNNNNNNNNNNNNNNNNN.snap, N the sequence that the engine expects next: a header of 8 KiB
 * (little-endian, ledger/README.md), the used ranges of the region one after the other, and a hash
 * for each chunk of SNAPSHOT_CHUNK bytes, which the header's own hash covers.
 *
 *     struct snapshot_image image = {0};
 *     snapshot_image_take(&image, engine, &facts);     the engine may go on from here
 *     snapshot_write(folder, &image);
 *     snapshot_load(folder, UINT64_MAX, &loaded);      the newest good one
 *
 * Threads: an image belongs to one thread at a time; loading uses two threads of its own.
 */
#ifndef LEDGER_SNAPSHOT_H
#define LEDGER_SNAPSHOT_H

#include "engine/engine.h"

#define SNAPSHOT_CHUNK     ((size_t)1 << 20)
#define SNAPSHOT_NOTES_MAX 1024
#define SNAPSHOT_KEPT      2 /* older files are removed once a newer one is safe */

/* What a snapshot says about its engine. */
struct snapshot_facts {
    uint64_t next;               /* every record below it is in the state */
    struct engine_limits limits; /* as the region was laid out: ceilings, price_ticks_max */
    uint32_t notes_size;         /* what its follower must remember besides the engine */
    uint8_t notes[SNAPSHOT_NOTES_MAX];
};

/* A copy of an engine. Starts as zeros; keeps its memory from one take to the next. */
struct snapshot_image {
    struct snapshot_facts facts;
    struct engine *engine; /* the copy: may be looked into and digested, not applied to */
    size_t size;           /* bytes of its region */
};

/* Copies the used ranges of `engine`. Returns 0, or FAILURE_SYSTEM without memory. A later take
 * must be of the same engine: its ranges only grow. */
int snapshot_image_take(struct snapshot_image *image, const struct engine *engine,
                        const struct snapshot_facts *facts);
void snapshot_image_free(struct snapshot_image *image);

/* Writes the image into `folder` (made when missing), syncs and renames it, and removes all but the
 * newest SNAPSHOT_KEPT. Returns 0 or FAILURE_SYSTEM; on failure nothing is left behind. */
int snapshot_write(const char *folder, const struct snapshot_image *image);

/* A loaded engine in a region of its own: region_unmap(engine, size) frees it. */
struct snapshot_loaded {
    struct snapshot_facts facts;
    struct engine *engine;
    size_t size;
    uint32_t skipped; /* newer files that were damaged or foreign, a line in the log for each */
};

/* Loads the newest good snapshot whose `next` is at most `next_most`. Returns 0, FAILURE_NOT_FOUND
 * when there is none, or FAILURE_SYSTEM. */
int snapshot_load(const char *folder, uint64_t next_most, struct snapshot_loaded *loaded);

#endif
