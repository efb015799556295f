/*
 * Reading a ledger: records in order from any sequence, single records, tiles, checkpoints; across
 * volumes; beside the writer in its own or in another process, or from a folder that nobody writes.
 *
 *     struct reader *reader;
 *     struct reader_record record;
 *     reader_open(&reader, "ledger", false);
 *     reader_seek(reader, 0);
 *     while ((step = reader_next(reader, &record)) > 0)
 *         if (step == READER_RECORD)
 *             use(record.bytes, record.size);      // until a call gives anything else
 *
 * Records are slices of the map: nothing is copied. The read transaction behind them pins pages
 * that the writer could use again, so it ends after READER_VIEW_RECORDS records or READER_VIEW_NS:
 * that is a READER_PAUSE. Whoever waits for new records holds no transaction.
 *
 * What is read is durable: a commit is visible when it is on disk. Frames and keys are checked as
 * they are read; whether the bytes are those that were written, only the tree can tell.
 *
 * Threads: a reader belongs to one; as many readers as wanted, up to ENV_READERS_MAX in all
 * processes.
 */
#ifndef LEDGER_READER_H
#define LEDGER_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/merkle.h"
#include "ledger/tile.h"

#define READER_VIEW_RECORDS 1000u
#define READER_VIEW_NS      10000000

enum reader_step {
    READER_END = 0,    /* nothing more was durable; ask again later */
    READER_RECORD = 1, /* a record */
    READER_PAUSE = 2,  /* records so far are not valid any more; ask again at once */
};

struct reader_record {
    uint64_t sequence;
    const uint8_t *bytes;
    uint32_t size;
};

struct reader;

/* `is_copy`: nobody writes the folder, so no lock file is needed and no right but to read; a folder
 * that is written all the same may be read wrongly. Failures: NOT_FOUND, DAMAGED, VERSION, SYSTEM.
 */
int reader_open(struct reader **reader, const char *dir, bool is_copy);
void reader_close(struct reader *reader);

/* The next record that reader_next() gives; the start is 0. */
void reader_seek(struct reader *reader, uint64_t sequence);

/* Gives the next record in order. Returns an enum reader_step, or a failure: DAMAGED (also for a
 * record before the oldest volume, when older ones were put away), SYSTEM. A
 * record is valid until the first call that returns anything but READER_RECORD, until reader_seek()
 * or reader_rest(). */
int reader_next(struct reader *reader, struct reader_record *record);

/* The same for a reader that goes from one record to another: the view stays, what lies between is
 * passed over without being read, and a record that is near is not looked for. Records given before
 * stay valid. */
void reader_move(struct reader *reader, uint64_t sequence);

/* The sequence that reader_next() will give. */
uint64_t reader_position(const struct reader *reader);

/* Lookups, beside the walk and without moving it. */

/* One record; 0, NOT_FOUND without a line when it is not durable, DAMAGED, SYSTEM. Valid until the
 * next lookup or reader_rest(), which is not to be long. */
int reader_get(struct reader *reader, uint64_t sequence, struct reader_record *record);

/* The tree as of the newest commit. */
int reader_head(struct reader *reader, struct merkle_head *head);

/* Copies a full tile; NOT_FOUND, without a line, while it is not full. */
int reader_tile(struct reader *reader, uint32_t level, uint64_t index,
                struct hash hashes[TILE_WIDTH]);

/* A stored checkpoint, copied to the caller. */
struct reader_note {
    uint64_t size;    /* of its tree */
    char *bytes;      /* the caller's */
    size_t bytes_max; /* room there */
    size_t bytes_size;
};

/* The smallest checkpoint over a tree of at least `size` records; the newest. 0; NOT_FOUND without
 * a line; MALFORMED when the room is too small; DAMAGED, SYSTEM. */
int reader_checkpoint(struct reader *reader, uint64_t size, struct reader_note *note);
int reader_last_checkpoint(struct reader *reader, struct reader_note *note);

/* The ledger's algorithms (enum profile), as its newest volume names them. */
uint8_t reader_profile(const struct reader *reader);

/* The volume in which a record lies, or would lie when it comes. */
int reader_volume(struct reader *reader, uint64_t sequence, uint32_t *number);

/* Ends all transactions; records given before are not valid any more. */
void reader_rest(struct reader *reader);

#endif
