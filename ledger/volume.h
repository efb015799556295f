/*
 * Volumes: a ledger's folder is a row of LMDB environments, `volume-000000`, `volume-000001`, ...
 *
 * Tree and sequence run on across them. A volume begins with the edge of the tree as it stood at
 * its first record, so it can be continued and checked without the one before. The newest volume is
 * written; each older one is closed, names its end and the root there, and is never written again.
 *
 *     table        key                               value
 *     records      first sequence, 8 bytes BE        a block (ledger/block.h)
 *     tiles        level << 56 | index, 8 bytes BE   256 hashes; written once, when full
 *     checkpoints  tree size, 8 bytes BE             a signed note
 *     (unnamed)    "head"    format u32, number u32, first sequence u64, root there, profile u32
 *                  "edge"    hashes of the partial tiles there (ledger/edge.h)
 *                  "epoch"   u64: starts of the exchange so far
 *                  "tail"    size u64, root: the tree after the last commit
 *                  "closed"  the same, once nothing more is written here
 *
 * Numbers in values are little-endian. The unnamed table is where LMDB keeps the roots of the
 * others, so a commit writes that page anyway: the tail costs nothing.
 *
 * The profile is Genesis's (enum profile): a volume can be hashed without the one that Genesis
 * stands in. A head of format 1 names none, and is of the first.
 *
 * A tile lies in the volume of the last record below it.
 *
 * Threads: as ledger/env.h.
 */
#ifndef LEDGER_VOLUME_H
#define LEDGER_VOLUME_H

#include <stdint.h>

#include "ledger/edge.h"
#include "ledger/env.h"
#include "ledger/merkle.h"

#define VOLUME_FORMAT     2u
#define VOLUME_NUMBER_MAX 999999u
#define VOLUME_PATH_SIZE  4096
#define VOLUME_KEY_SIZE   8u

enum volume_table { VOLUME_RECORDS, VOLUME_TILES, VOLUME_CHECKPOINTS, VOLUME_TABLES };

struct volume_head {
    uint32_t number;
    uint8_t profile;          /* enum profile */
    struct merkle_head start; /* the tree before this volume's first record */
};

/* The lowest and highest volume of a folder; 0, NOT_FOUND when it holds none, DAMAGED when one
 * between them is missing, SYSTEM. */
int volume_range(const char *dir, uint32_t *lowest, uint32_t *highest);

/* "<dir>/volume-000003" */
int volume_path(const char *dir, uint32_t number, char path[VOLUME_PATH_SIZE]);

/* Two texts as one path; SYSTEM when it is too long. */
int volume_join(char path[VOLUME_PATH_SIZE], const char *begin, const char *end);

/* Removes a volume's folder, under whatever name, if there is one. 0 or SYSTEM. */
int volume_remove(const char *path);

/* Makes names in a folder durable. */
int volume_sync_folder(const char *path);

/* Makes volume `number` under another name, and gives it its own when all of it is on disk: after a
 * crash there is a whole volume or none. It is opened for writing before anyone can find it, so no
 * reader of this process is there first; it stays open for the caller. */
struct volume_birth {
    uint8_t profile;         /* enum profile: of the ledger */
    const struct edge *edge; /* that it begins with */
    uint64_t epoch;
    uint64_t map_bytes; /* for all its life, as far as this process writes it */
};
int volume_create(struct env **env, const char *dir, uint32_t number,
                  const struct volume_birth *birth);

/* Opens a volume. `map_bytes` counts for ENV_WRITE only. */
int volume_open(struct env **env, const char *dir, uint32_t number, enum env_mode mode,
                uint64_t map_bytes);

/* Rows of the unnamed table. Readers return 0, NOT_FOUND without a line in the log, DAMAGED for a
 * row of the wrong size, VERSION for a head of a later format. */
int volume_read_head(const struct env *env, MDB_txn *txn, struct volume_head *head);
int volume_read_edge(const struct env *env, MDB_txn *txn, struct hasher *hasher, struct edge *edge);
int volume_read_epoch(const struct env *env, MDB_txn *txn, uint64_t *epoch);
int volume_read_tail(const struct env *env, MDB_txn *txn, struct merkle_head *tail);
int volume_read_closed(const struct env *env, MDB_txn *txn, struct merkle_head *end);
int volume_write_epoch(const struct env *env, MDB_txn *txn, uint64_t epoch);
int volume_write_tail(const struct env *env, MDB_txn *txn, const struct merkle_head *tail);
int volume_write_closed(const struct env *env, MDB_txn *txn, const struct merkle_head *end);

/* Keys of the tables. */
void volume_key(uint64_t number, uint8_t key[VOLUME_KEY_SIZE]);
uint64_t volume_key_number(const void *key);
uint64_t volume_tile_number(uint32_t level, uint64_t index);

/* Blocks of records, through a cursor on that table: the last that begins at or before `sequence`,
 * and the one after. 0, NOT_FOUND without a line, DAMAGED. The block is valid as the transaction.
 */
int volume_find_block(MDB_cursor *cursor, uint64_t sequence, uint64_t *first, MDB_val *block);
int volume_next_block(MDB_cursor *cursor, uint64_t *first, MDB_val *block);

/* Reads a full tile: points *hashes into the map, valid as long as the transaction. 0, NOT_FOUND
 * without a line, DAMAGED. */
int volume_read_tile(const struct env *env, MDB_txn *txn, uint64_t tile_number,
                     const struct hash **hashes);

#endif
