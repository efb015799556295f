/*
 * The tables of the index, for its writer and its readers (ledger/index.h).
 *
 * Threads: as ledger/env.h.
 */
#ifndef LEDGER_INDEX_ROWS_H
#define LEDGER_INDEX_ROWS_H

#include "ledger/crypto.h"
#include "ledger/env.h"

/* The tables' places are enum subject_kind. */
#define INDEX_TABLES 3u

/* Opens the environment of an index: to write it, making it where there is none, or to read. */
int index_rows_open(struct env **env, const char *dir, enum env_mode mode);

/* What its rows say. `first` is the hash of the ledger's record 0, `last` that of the record before
 * as_of; both zeros as long as as_of is 0. */
struct index_rows {
    uint64_t as_of;
    struct hash first;
    struct hash last;
};

/* 0; NOT_FOUND without a line when nothing was committed yet; VERSION, DAMAGED, SYSTEM. */
int index_rows_read(const struct env *env, MDB_txn *txn, struct index_rows *rows);
int index_rows_write(const struct env *env, MDB_txn *txn, const struct index_rows *rows);

#endif
