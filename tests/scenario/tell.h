/*
 * What happened, in the words in which a scenario expects it.
 *
 *     rests; trades 200 at 10.00 with ann; canceled 100 IOC_REST; refused TICK_SIZE price; done;
 *     ann#1 canceled 100 KILLED; HX HALTED; session ann down
 *
 * What is said of another order than the line's own begins with that order's name. More than
 * TELL_CROWD ends of orders in a row are told as a number. Public events on single orders are not
 * told: the mirror holds them against the book.
 */
#ifndef TESTS_SCENARIO_TELL_H
#define TESTS_SCENARIO_TELL_H

#include <stdio.h>

#include "tests/scenario/stage.h"

#define TELL_CROWD 8

/* Writes the answers to the line that was just said, parted by "; "; "nothing" when there are
 * none. */
void tell(const struct stage *stage, FILE *out);

/* True when the line's own request was refused. */
bool tell_is_refused(const struct stage *stage);

/* The name of a reason, without REASON_. */
const char *tell_reason(uint16_t reason);

#endif
