/*
 * Random commands, held event by event against a market written to be obviously right. The same
 * commands go into a second engine in another memory, and now and then that one is thrown away for
 * a copy of the first, by its extents, which must go on alike. After each command the engine checks
 * its invariants, and accounts and orders are compared too.
 *
 * A sweep that is unfinished goes on now and then; other commands come in between. How many orders
 * each of its commands takes out is the engine's to choose and told to the other market, which
 * knows which they are. Failures are cmocka's.
 */
#ifndef TESTS_PROPERTY_MARKET_RUN_H
#define TESTS_PROPERTY_MARKET_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/random.h"
#include "engine/reason.h"

#define MARKET_RUN_REASONS_END (REASON_WRONG_STATE + 1)

/* What a run has met. */
struct market_run {
    bool has_met[MARKET_RUN_REASONS_END]; /* by reason */
    uint64_t continues;                   /* CONTINUE commands */
    uint64_t between;                     /* commands while a sweep was unfinished */
};

/* Runs so many steps, on one market after another. `trades_max`: what the engine's own limit of the
 * trades of one command is. */
void market_run(struct market_run *run, struct random random, uint64_t steps, uint32_t trades_max);

#endif
