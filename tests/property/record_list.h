/*
 * A ledger in memory: the records of a maker (bench/ledger_maker.h), for tests that change one and
 * look what replay says.
 */
#ifndef TESTS_PROPERTY_RECORD_LIST_H
#define TESTS_PROPERTY_RECORD_LIST_H

#include "bench/ledger_maker.h"
#include "ledger/replay.h"

struct listed_record {
    uint8_t *bytes;
    size_t size;
};

struct record_list {
    struct listed_record *records;
    size_t count;
    size_t room;
};

/* Empty; release with record_list_fini(). */
void record_list_init(struct record_list *list);
void record_list_fini(struct record_list *list);

/* A maker's `take`: appends a copy. */
void record_list_take(void *owner, const uint8_t *bytes, size_t size);

/* Replaces a record's bytes by a copy of others. */
void record_list_put(struct record_list *list, size_t sequence, const uint8_t *bytes, size_t size);

/* A small market: 3 brokers, 5 accounts, 2 instruments. */
extern const struct maker_market record_list_market;

/* Begins such a ledger: Genesis and the market, open. */
void record_list_begin(struct record_list *list, struct maker *maker, uint32_t orders);

/* Hands every record from `from` to a replay until one is found wrong. True when none is. */
bool record_list_replay(const struct record_list *list, size_t from, struct replay *replay,
                        struct finding *finding);

#endif
