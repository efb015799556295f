/*
 * The register as it is kept: its map, and what its entries were at any time.
 *
 * A cache (ledger/cache.h) in a folder of its own, projected from the reports that tell of entries.
 * A start reads 65,536 hashes at most, whatever the register's size, and goes on at the as-of of
 * the last commit; entries are fetched into the map as they change (ledger/wide_map.h), each bucket
 * checked against its hash. All else that anybody may want to know of an entry, past versions
 * included, is found in the same tables by register_reader.h.
 *
 *     struct register_store *store;
 *     register_store_open(&store, "register", "ledger");
 *     reader_seek(reader, register_store_next(store));
 *     ... register_store_add(store, &record) for each record in order
 *     register_store_root(store, &root);          as of register_store_next()
 *     register_store_commit(store);               now and then: readers see it from then on
 *     register_store_close(store);
 *
 *     table     key                                   value
 *     buckets   bucket                                hash of the bucket's entries in the map
 *     entries   map key, sequence, place              the report that told this version
 *     assets    asset                                 its hash, with which its map keys begin
 *     changes   sequence, place                       map key
 *     parties   party, role, asset, entry             (once named, a row stays)
 *     numbers   series, number, asset, entry          (likewise)
 *     totals    instrument, kind of entry, moment     time, units that entries of it bind
 *
 * What is bigger than a register can be, or a transaction that cannot be written, is a failure:
 * then the store takes no more. A bucket that does not hold what its hash stands for makes the next
 * start build all of it again.
 *
 * Threads: belongs to one; readers have handles of their own.
 */
#ifndef LEDGER_REGISTER_STORE_H
#define LEDGER_REGISTER_STORE_H

#include "ledger/entry_report.h"
#include "ledger/reader.h"

/* It commits by itself when so many entries were told since the last time. */
#define REGISTER_STORE_BATCH 20000u

struct register_store;

/* Opens the store in folder `dir` to write it, as cache_open(). */
int register_store_open(struct register_store **store, const char *dir, const char *ledger_dir);

/* The ledger's algorithms (enum profile). */
uint8_t register_store_profile(const struct register_store *store);

/* The record that comes next; all below are in the root. */
uint64_t register_store_next(const struct register_store *store);

/* Everything below is committed. */
uint64_t register_store_as_of(const struct register_store *store);

/* Entries told since the last commit. */
uint32_t register_store_gathered(const struct register_store *store);

/* Takes the record that comes next. Returns 0; DAMAGED for one that cannot be read, that tells of
 * an asset that nobody admitted, or where what is stored is damaged; SYSTEM. */
int register_store_add(struct register_store *store, const struct reader_record *record);

/* The map's root as of the record that comes next. */
void register_store_root(struct register_store *store, struct hash *root);

/* Proves all entries on an asset under that root, and tells them, as wide_map_prove() and
 * wide_map_scan(). */
int register_store_prove(struct register_store *store, const struct hash *asset,
                         uint8_t proof[MAP_PROOF_MAX], size_t *size);
int register_store_scan(struct register_store *store, const struct hash *asset,
                        const struct map_listener *listener);

/* Commits what was taken. Returns 0 or a failure. */
int register_store_commit(struct register_store *store);

/* Commits, syncs and notes that all is well, unless something has failed before. */
void register_store_close(struct register_store *store);

#endif
