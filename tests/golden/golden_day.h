/*
 * Some days of an exchange in small, with every kind of command in them, refused ones too: what a
 * golden ledger is made of.
 *
 * Only what every later release decides in the same way may stand here. An Activate of a number
 * that this release does not know may not: no server sequences one, for a later one knows it.
 */
#ifndef TESTS_GOLDEN_GOLDEN_DAY_H
#define TESTS_GOLDEN_GOLDEN_DAY_H

#include "bench/ledger_maker.h"

/* The market that a maker begins with. */
extern const struct maker_market golden_market;

/* Plays the days into a maker that has just set up that market. `as_of` is called now and then:
 * the state's digest there is worth keeping. */
void golden_day_play(struct maker *maker, void (*as_of)(void *owner, struct maker *maker),
                     void *owner);

#endif
