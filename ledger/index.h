/*
 * The index: in which records an order, an account or a session occurs.
 *
 * It is projected from durable records into an environment of its own, in few large transactions,
 * and each commit names its as-of: every record below that sequence is in it. Whoever needs more
 * reads the index up to its as-of and scans the records after it. It is a cache: deleted, damaged,
 * of another ledger or of another layout, it is built again from the records.
 *
 *     struct index *index;
 *     index_open(&index, "index", "ledger");
 *     reader_seek(reader, index_as_of(index));
 *     ... index_add(index, &record) for each record in order; index_commit(index) now and then
 *     index_close(index);
 *
 * Commits are not synced, so that they never make the ledger's own wait for the disk. What a killed
 * process has committed is in the page cache and whole; only a machine that goes down may leave it
 * broken. So a note beside the environment says whether it was closed and synced, and else in which
 * boot of which machine it was open; what another boot has left open is not believed. One that
 * twice in a row was left open before it had come through INDEX_TRUSTED_COMMITS is not believed
 * either: it may be what stopped the exchange.
 *
 *     table     key                    value
 *     orders    ledger/index_chunk.h   a chunk
 *     accounts  likewise
 *     sessions  likewise
 *     (unnamed) "head"   layout u32, hash of the ledger's record 0
 *               "as-of"  u64, hash of the record before it
 *
 * Numbers in values are little-endian.
 *
 * Threads: an index belongs to one thread, an index_reader to one; readers as many as
 * ENV_READERS_MAX allows.
 */
#ifndef LEDGER_INDEX_H
#define LEDGER_INDEX_H

#include "ledger/reader.h"
#include "ledger/subject.h"

#define INDEX_LAYOUT 1u
/* Address space, of which TSan leaves little; the file is as large as what is in it. */
#ifdef __SANITIZE_THREAD__
#define INDEX_MAP_BYTES (UINT64_C(1) << 32)
#else
#define INDEX_MAP_BYTES (UINT64_C(1) << 40)
#endif
#define INDEX_TRUSTED_COMMITS 100u
/* Where one goes that is not believed, beside the folder; the one that was there before is lost. */
#define INDEX_ASIDE_SUFFIX ".aside"

struct index;

/* Opens the index in folder `dir` of the ledger in `ledger_dir` to write it; makes one where there
 * is none, and where the one that is there cannot be believed: that is set aside, with a line in
 * the log. Failures: NOT_FOUND and DAMAGED of the ledger, BUSY, SYSTEM. */
int index_open(struct index **index, const char *dir, const char *ledger_dir);

/* Every record below it is committed. */
uint64_t index_as_of(const struct index *index);

/* Records added since the last commit. */
uint64_t index_gathered(const struct index *index);

/* Adds the record that comes next; commits by itself when memory is full. Returns 0; DAMAGED for a
 * record that cannot be read; else as index_commit(). */
int index_add(struct index *index, const struct reader_record *record);

/* Commits what was added. Returns 0 or SYSTEM; then the index is what it was before and takes no
 * more. */
int index_commit(struct index *index);

/* Commits, syncs and notes that all is well, unless something has failed before. */
void index_close(struct index *index);

/* --- reading ---------------------------------------------------------------------------------- */

struct index_reader;

/* Opens the index in `dir` beside its writer, or one that nobody writes. NOT_FOUND, DAMAGED,
 * VERSION, SYSTEM. Whether it is of a certain ledger is not looked at. */
int index_reader_open(struct index_reader **reader, const char *dir);
void index_reader_close(struct index_reader *reader);

/* What is wanted and what was found. */
struct index_page {
    enum subject_kind kind;
    uint64_t id;
    uint64_t from; /* first record wanted */
    uint64_t to;   /* one past the last; UINT64_MAX: all there are */

    uint64_t *sequences; /* the caller's, room for `max` */
    uint32_t max;
    uint32_t count; /* found: in order, each once */

    uint64_t next;  /* nothing is missing below: at `to` or at `as_of` that was all */
    uint64_t as_of; /* of the index */
};

/* So many entries are looked at in one call, most of them of others in the same group. */
#define INDEX_LOOK_MAX 65536u

/* Finds the records from page->from on that are about a subject, as many as there is room for and
 * as INDEX_LOOK_MAX allows. Returns 0, DAMAGED or SYSTEM. */
int index_find(struct index_reader *reader, struct index_page *page);

#endif
