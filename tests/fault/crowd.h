/*
 * A crowd: sessions that trade at random and forget nothing, to hold an exchange to its answers.
 *
 * Each member remembers every request it has sent and every report it was given. When the server
 * dies it hangs up, comes back with the cursor it had, gets what it missed, and sends again under
 * their numbers the requests that have no answer, and one that has. crowd_check() then compares
 * what it was told with what the ledger holds:
 *   - every report stands there, at its sequence and place, with the same bytes;
 *   - every request stands there at most once, answered ones exactly once, with the same bytes;
 *   - a request sent again was answered with the same bytes as the first time.
 *
 *     struct crowd *crowd = crowd_create(&trial, seed);
 *     crowd_connect(crowd);
 *     crowd_trade(crowd, 1000);            until 1,000 more answers are here
 *     trial_kill(&trial);                  in the moment the last of them came
 *     crowd_hang_up(crowd);
 *     fault = crowd_check(crowd);          NULL, or a sentence
 *
 * Threads: belongs to one.
 */
#ifndef TESTS_FAULT_CROWD_H
#define TESTS_FAULT_CROWD_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/trial.h"

struct crowd;

/* Members are all broker sessions of the trial, which is furnished. */
struct crowd *crowd_create(const struct trial *trial, uint64_t seed);
void crowd_destroy(struct crowd *crowd);

/* Logs everybody on and settles what was open. False when the server died meanwhile. */
bool crowd_connect(struct crowd *crowd);

/* Sends and listens until so many more requests are answered; false when a connection is gone
 * before. */
bool crowd_trade(struct crowd *crowd, uint64_t answers);

/* Listens until nothing is without an answer; false likewise. */
bool crowd_settle(struct crowd *crowd);

/* The server is dead: takes in what still lies in the sockets, and closes them. */
void crowd_hang_up(struct crowd *crowd);

/* Compares what has come since the last check with the ledger, which nobody writes now. NULL when
 * all is well, else what is wrong, valid until the next call. */
const char *crowd_check(struct crowd *crowd);

/* Asks for everything to be compared at the next check, from the beginning. */
void crowd_forget_checks(struct crowd *crowd);

uint64_t crowd_answered(const struct crowd *crowd);
uint64_t crowd_reports(const struct crowd *crowd);

#endif
