/* A table for each kind of subject. */
#include "ledger/index_rows.h"

#include "ledger/index.h"

_Static_assert(INDEX_TABLES == SUBJECT_KINDS, "a table for each kind");

static const char *const TABLES[INDEX_TABLES] = {[SUBJECT_ORDER] = "orders",
                                                 [SUBJECT_ACCOUNT] = "accounts",
                                                 [SUBJECT_SESSION] = "sessions",
                                                 [SUBJECT_TRADES] = "trades"};

const struct cache_kind index_kind = {
    .name = "index", .layout = INDEX_LAYOUT, .tables_count = INDEX_TABLES, .tables = TABLES};
