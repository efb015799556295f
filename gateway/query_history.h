/*
 * What histories are read from: the index up to its as-of, and the records themselves, by their
 * sequences or, where the index does not reach, one after the other.
 *
 * Threads: the shadow's, which serves queries.
 */
#ifndef GATEWAY_QUERY_HISTORY_H
#define GATEWAY_QUERY_HISTORY_H

#include "ledger/index.h"

struct query_history;

/* Takes the reader of the index, which may be NULL: then all is read one after the other. NULL,
 * with a line in the log, without memory or ledger. */
struct query_history *query_history_create(const char *ledger_dir, struct index_reader *index);
void query_history_destroy(struct query_history *history);

/* Looks into the index, for the first or the last that are found; what it holds is below
 * page->as_of, 0 when there is none. One that fails is not looked into again. */
void query_history_find(struct query_history *history, struct index_page *page, bool is_last);

/* The record at a sequence, valid until the next one; false when it cannot be read. In the end
 * comes query_history_rest(). */
bool query_history_record(struct query_history *history, uint64_t sequence, struct record *record);
void query_history_rest(struct query_history *history);

#endif
