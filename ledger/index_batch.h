/*
 * What one commit of the index is made of, gathered in memory.
 *
 * Entries go at once into the chunk of their group that is open, encoded; only chunks are sorted at
 * the end, so a record costs a look into a table and a few bytes. Memory is taken when it is made:
 * a batch is full before it runs out.
 *
 * Threads: belongs to one.
 */
#ifndef LEDGER_INDEX_BATCH_H
#define LEDGER_INDEX_BATCH_H

#include "ledger/index_chunk.h"

struct index_batch;

/* NULL without memory. */
struct index_batch *index_batch_create(void);
void index_batch_destroy(struct index_batch *batch);

/* True when the next record might not fit, whatever it is. */
bool index_batch_is_full(const struct index_batch *batch);

/* A subject is in a record; sequences never go down, and the batch is not full where a record
 * begins. What was added last for its group is not added twice. */
void index_batch_add(struct index_batch *batch, enum subject_kind kind, uint64_t id,
                     uint64_t sequence);

/* A chunk, in one piece. */
struct index_chunk {
    enum subject_kind kind;
    uint64_t group;
    uint64_t base;
    struct span bytes; /* valid until `take` returns */
};

/* Hands over all chunks, by kind, group and base, until `take` returns something other than 0,
 * which is returned. The batch is empty afterwards in any case. */
int index_batch_flush(struct index_batch *batch,
                      int (*take)(void *owner, const struct index_chunk *chunk), void *owner);

#endif
