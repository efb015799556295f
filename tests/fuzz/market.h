/*
 * What the targets that execute requests begin with: the records of a Genesis and of a small market
 * with tight limits, made once.
 *
 * Threads: one.
 */
#ifndef TESTS_FUZZ_MARKET_H
#define TESTS_FUZZ_MARKET_H

#include "ledger/replay.h"

/* Three brokers with a session, a key and an account each; the operators' keys are 1 and 2. */
struct market {
    uint32_t first_session;
    uint32_t first_key;
};

/* Gives all of it to a replay that has just been created. */
const struct market *market_replay(struct replay *replay);

#endif
