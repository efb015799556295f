/*
 * The index: in which records an order, an account or a session occurs, or an instrument trades.
 *
 * It is a cache (ledger/cache.h): projected from durable records into an environment of its own, in
 * few large transactions, whose commits name their as-of; deleted or damaged it is built again.
 *
 *     struct index *index;
 *     index_open(&index, "index", "ledger");
 *     reader_seek(reader, index_as_of(index));
 *     ... index_add(index, &record) for each record in order; index_commit(index) now and then
 *     index_close(index);
 *
 *     table     key                    value
 *     orders    ledger/index_chunk.h   a chunk
 *     accounts  likewise
 *     sessions  likewise
 *     trades    likewise
 *
 * Threads: an index belongs to one thread, an index_reader to one; readers as many as
 * ENV_READERS_MAX allows.
 */
#ifndef LEDGER_INDEX_H
#define LEDGER_INDEX_H

#include "ledger/cache.h"
#include "ledger/subject.h"

#define INDEX_LAYOUT 2u

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

/* Finds the last ones below page->to instead, the newest first, down to page->from. page->next:
 * from there on up to `to`, or to `as_of`, nothing is missing. */
int index_find_last(struct index_reader *reader, struct index_page *page);

#endif
