/*
 * Random commands, held event by event against a market written to be obviously right. The same
 * commands go into a second engine in another memory, and now and then that one is thrown away for
 * a copy of the first, by its extents, which must go on alike. After each command the engine checks
 * its invariants, and accounts and orders are compared too.
 *
 * Failures are cmocka's. A sweep that goes on in CONTINUE commands must say in all what the other
 * market says at once.
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
};

/* Runs so many steps, on one market after another. `trades_max`: what the engine's own limit of the
 * trades of one command is. */
void market_run(struct market_run *run, struct random random, uint64_t steps, uint32_t trades_max);

#endif
