/*
 * Random commands for a market as it stands: mostly such as a market sees, now and then each kind
 * of nonsense that a decoder lets through.
 *
 * Whatever stops trading (a closed day, a halt, a kill, a full disk, a revoked key) is lifted again
 * after a while, so a long run does not end in refusals.
 */
#ifndef TESTS_PROPERTY_RANDOM_COMMAND_H
#define TESTS_PROPERTY_RANDOM_COMMAND_H

#include "bench/random.h"
#include "tests/property/naive_market.h"

/* Random limits, small enough to be reached. */
struct engine_limits random_limits(struct random *random);

/* GENESIS with these limits, in either environment. */
void random_genesis(struct random *random, const struct engine_limits *limits,
                    struct command *command);

/* The `step`-th command of those that make a market to begin with: participants, keys, sessions,
 * accounts, instruments, money, a day. False after the last. */
bool random_beginning(struct random *random, const struct naive_market *market, uint32_t step,
                      struct command *command);

/* Any command. `was_stopped`: the last one was a STOP. Time, sequence and version are the caller's
 * to stamp. */
void random_command(struct random *random, const struct naive_market *market, bool was_stopped,
                    struct command *command);

#endif
