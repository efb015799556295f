/*
 * The journal: the one writer of a ledger. It takes records in order, hashes them into the tree,
 * and makes them durable together.
 *
 *     struct journal *journal;
 *     journal_create("ledger", PROFILE_INTERNATIONAL);
 *     journal_open(&journal, "ledger", NULL);
 *     journal_append(journal, record, size);      // any number
 *     journal_head(journal, &head);               // size and root with what is appended
 *     journal_commit(journal);                    // one transaction, one sync: durable
 *     journal_put_checkpoint(journal, size, note, note_size);  // durable with the next commit
 *     journal_close(journal);
 *
 * A record's sequence is its index in the tree. A reader sees all records of a commit or none.
 *
 * Any failure but those named harmless below stops the journal for good: what was appended and not
 * committed is gone, nothing is tried again (the page cache may have dropped what a failed sync was
 * to write), every later call returns FAILURE_STOPPED. What is on disk is then what the last
 * successful commit left; opening anew finds out.
 *
 * Volumes (ledger/volume.h): journal_roll() closes the newest and begins the next; a volume that
 * has grown past its limit is rolled by the first append of a batch.
 *
 * Opening computes the right edge of the tree from records and lower tiles and compares its root
 * with the one that the last commit left: a tail that was changed since is found.
 *
 * Threads: belongs to one, but for journal_space() and journal_space_ahead(). Readers
 * (ledger/reader.h) never hold it up. It has a thread of its own for disk space (ledger/space.h).
 * No allocation of its own after opening; LMDB allocates the pages of a transaction.
 */
#ifndef LEDGER_JOURNAL_H
#define LEDGER_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/block.h"
#include "ledger/checkpoint.h"
#include "ledger/merkle.h"
#include "ledger/space.h"

/* Bytes of records in one commit: asserted. A command of 2^19 events takes 64 MiB and more. */
#define JOURNAL_BATCH_MAX (UINT64_C(512) << 20)

/* Bytes of a checkpoint: ours, with room for cosignatures of witnesses. */
#define JOURNAL_CHECKPOINT_MAX (64u << 10)

struct journal_options {
    uint64_t volume_bytes_max; /* a volume that has reached it is rolled; sets the map's size */
    struct space_limits space;
    uint64_t epoch_min; /* the new epoch is at least this: of a copy, its original's; 0: one more
                           than the last */
};

/* 256 GiB a volume: only address space, and a day at 50,000 records of 200 bytes a second. */
#define JOURNAL_OPTIONS_DEFAULT                                                                    \
    { .volume_bytes_max = UINT64_C(256) << 30, .space = SPACE_LIMITS_DEFAULT }

struct journal;

/* Makes the folder where there is none, and volume 0 in it, of the profile that Genesis will name.
 * FAILURE_EXISTS when it holds a ledger. */
int journal_create(const char *dir, uint8_t profile);

/* Opens a ledger for writing and starts a new epoch. `options` NULL for the defaults. Failures:
 * NOT_FOUND, BUSY (another process writes it), VERSION, DAMAGED, SYSTEM. */
int journal_open(struct journal **journal, const char *dir, const struct journal_options *options);

/* What was appended and not committed is dropped. */
void journal_close(struct journal *journal);

/* Appends a record of 1 to BLOCK_RECORD_MAX bytes, which are copied. Its sequence is the size that
 * journal_head() told before. */
int journal_append(struct journal *journal, const void *record, size_t size);

/* Makes everything appended, and every checkpoint put, durable; does nothing when there is nothing.
 * After 0 it is on disk. */
int journal_commit(struct journal *journal);

/* The tree with everything appended, committed or not: the head to sign once it is durable. */
void journal_head(const struct journal *journal, struct merkle_head *head);

/* The tree's size as of the last commit: the durable sequence. */
uint64_t journal_durable(const struct journal *journal);

/* Stores a checkpoint of a durable size. Sizes ascend: FAILURE_EXISTS, harmless, for one that is
 * not above the last stored. */
int journal_put_checkpoint(struct journal *journal, uint64_t size, const char *note,
                           size_t note_size);

/* Commits, closes the newest volume for ever, gives its reserve back, and begins the next. Does
 * nothing in a volume without records. */
int journal_roll(struct journal *journal);

/* Whether the next record would begin a new volume by itself. Who must not allocate while he
 * appends calls journal_roll() before. */
bool journal_is_large(const struct journal *journal);

/* Its algorithms (enum profile). */
uint8_t journal_profile(const struct journal *journal);

/* The number of the volume that is written, how often the ledger was opened for writing, and the
 * size of the last checkpoint stored, 0 for none. */
uint32_t journal_volume(const struct journal *journal);
uint64_t journal_epoch(const struct journal *journal);
uint64_t journal_last_checkpoint(const struct journal *journal);

/* Bytes in use in the newest volume, without the reserve. */
uint64_t journal_volume_bytes(const struct journal *journal);

/* How full the disk is; any thread. SPACE_FULL once the journal is stopped. */
enum space_state journal_space(const struct journal *journal);

/* Bytes that the disk has promised beyond what is in use; any thread. */
uint64_t journal_space_ahead(const struct journal *journal);

#endif
