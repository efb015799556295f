/*
 * A cache: an environment of its own beside the ledger, projected from its records.
 *
 * What all of them have in common: each commit names its as-of, every record below that sequence is
 * in it. Whoever needs more reads the cache up to its as-of and scans the records after it.
 * Deleted, damaged, of another ledger or of another layout, it is built again from the records.
 *
 *     struct cache *cache;
 *     cache_open(&cache, &KIND, "index", "ledger");
 *     reader_seek(reader, cache_next(cache));
 *     ... cache_take(cache, &record) for each record in order;
 *     ... now and then: mdb_txn_begin(cache_env(cache)->mdb), write, cache_commit(cache, txn)
 *     cache_close(cache, true);
 *
 * Commits are not synced, so that they never make the ledger's own wait for the disk. What a killed
 * process has committed is in the page cache and whole; only a machine that goes down may leave it
 * broken. So a note beside the environment says whether it was closed and synced, and else in which
 * boot of which machine it was open; what another boot has left open is not believed. One that
 * twice in a row was left open before it had come through CACHE_TRUSTED_COMMITS is not believed
 * either: it may be what stopped the exchange.
 *
 *     table      key      value
 *     (unnamed)  "head"   layout u32, hash of the ledger's record 0
 *                "as-of"  u64, hash of the record before it
 *
 * Numbers in values are little-endian.
 *
 * Threads: a cache belongs to one; readers open its environment for themselves.
 */
#ifndef LEDGER_CACHE_H
#define LEDGER_CACHE_H

#include "ledger/crypto.h"
#include "ledger/env.h"
#include "ledger/reader.h"

/* Address space, of which TSan leaves little; a file is as large as what is in it. */
#ifdef __SANITIZE_THREAD__
#define CACHE_MAP_BYTES (UINT64_C(1) << 32)
#else
#define CACHE_MAP_BYTES (UINT64_C(1) << 40)
#endif
#define CACHE_TRUSTED_COMMITS 100u
/* Where one goes that is not believed, beside the folder; the one that was there before is lost. */
#define CACHE_ASIDE_SUFFIX ".aside"

/* What every cache of a kind has in common; constants. */
struct cache_kind {
    const char *name;          /* in the log */
    uint32_t layout;           /* of its tables */
    uint32_t tables_count;     /* at most ENV_TABLES_MAX */
    const char *const *tables; /* names */
};

/* --- writing ---------------------------------------------------------------------------------- */

struct cache;

/* Opens the cache in folder `dir` of the ledger in `ledger_dir` to write it; makes one where there
 * is none, and where the one that is there cannot be believed: that is set aside, with a line in
 * the log. Failures: NOT_FOUND and DAMAGED of the ledger, BUSY, SYSTEM. */
int cache_open(struct cache **cache, const struct cache_kind *kind, const char *dir,
               const char *ledger_dir);

/* Closes it. `is_well`: syncs, and notes that all is well; not after a failure. NULL is nothing. */
void cache_close(struct cache *cache, bool is_well);

/* From now on it is not believed any more: the next start builds it again. */
void cache_distrust(struct cache *cache);

struct env *cache_env(struct cache *cache);

/* For lookups. */
struct reader *cache_ledger(struct cache *cache);

/* Every record below it is committed; the record that comes next. */
uint64_t cache_as_of(const struct cache *cache);
uint64_t cache_next(const struct cache *cache);

/* The record that comes next was taken in. */
void cache_take(struct cache *cache, const struct reader_record *record);

/* Commits a transaction, with all that was taken in. Ends it, also on failure, SYSTEM or DAMAGED:
 * then the environment is what it was before. */
int cache_commit(struct cache *cache, MDB_txn *txn);

/* --- reading ---------------------------------------------------------------------------------- */

/* Opens the environment of a cache to read it, beside its writer, or one that nobody writes.
 * NOT_FOUND, DAMAGED, VERSION, SYSTEM. Whether it is of a certain ledger is not looked at. */
int cache_read(struct env **env, const struct cache_kind *kind, const char *dir);

/* The as-of that a transaction sees. 0; NOT_FOUND without a line when nothing was committed yet;
 * VERSION, DAMAGED, SYSTEM. */
int cache_read_as_of(const struct env *env, const struct cache_kind *kind, MDB_txn *txn,
                     uint64_t *as_of);

#endif
