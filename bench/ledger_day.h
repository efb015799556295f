/*
 * A ledger on disk with a day of trading in it, for benchmarks and tests: what an exchange would
 * have left, made by a maker without a gateway.
 *
 * Records are committed in batches; a Seal ends so many records, and a checkpoint is signed over
 * it, as the exchange does some times a second. The same options make the same records.
 *
 *     struct ledger_day day;
 *     ledger_day_begin(&day, &options);       Genesis, market, the first Seal
 *     ledger_day_trade(&day, &flow);          orders
 *     ledger_day_end(&day);                   Seal, checkpoint; closes the ledger
 *
 * Threads: one.
 */
#ifndef BENCH_LEDGER_DAY_H
#define BENCH_LEDGER_DAY_H

#include "bench/ledger_maker.h"
#include "ledger/journal.h"
#include "ledger/note.h"
#include "ledger/replay.h"

#define LEDGER_DAY_ORIGIN "tpx.example/bench"

struct ledger_day_options {
    const char *dir;       /* of the ledger, which is made */
    uint32_t orders;       /* that may rest at a time */
    uint32_t batch;        /* records of a commit */
    uint32_t sealed_every; /* records from one Seal to the next */
    struct maker_market market;
};

struct ledger_day {
    struct ledger_day_options options;
    struct journal *journal;
    struct note_signer signer;
    struct maker maker;
    uint64_t sealed; /* size of the last tree that was signed */
};

/* A day with bench-flow's books: 8 brokers, 64 accounts, 100 instruments. */
struct ledger_day_options ledger_day_options(const char *dir, uint32_t orders);

/* Each asserts that the disk and the memory do what they should. */
void ledger_day_begin(struct ledger_day *day, const struct ledger_day_options *options);
void ledger_day_trade(struct ledger_day *day, const struct flow *flow);
void ledger_day_end(struct ledger_day *day);

/* Enters `count` orders that rest, far from the middle of a flow with prices up to
 * `price_ticks_max`. */
void ledger_day_rest(struct ledger_day *day, uint32_t count, uint32_t price_ticks_max);

/* Seals and signs; rolls the volume. */
void ledger_day_seal(struct ledger_day *day);
void ledger_day_roll(struct ledger_day *day);

/* A Mark with its snapshot in `folder`, and its Digest. */
void ledger_day_mark(struct ledger_day *day, const char *folder);

/* The verifier key of the checkpoints. */
void ledger_day_key(const struct ledger_day *day, char text[NOTE_KEY_TEXT_SIZE]);

/* Removes a folder with everything in it. */
void ledger_day_remove(const char *dir);

#endif
