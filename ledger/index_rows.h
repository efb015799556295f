/*
 * The tables of the index, for its writer and its readers (ledger/index.h).
 *
 * Threads: constants.
 */
#ifndef LEDGER_INDEX_ROWS_H
#define LEDGER_INDEX_ROWS_H

#include "ledger/cache.h"

/* The tables' places are enum subject_kind. */
#define INDEX_TABLES 4u

extern const struct cache_kind index_kind;

#endif
