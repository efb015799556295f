/*
 * Random acts, and the numbers and dates that random commands are made of.
 */
#ifndef TESTS_PROPERTY_RANDOM_ACT_H
#define TESTS_PROPERTY_RANDOM_ACT_H

#include "bench/random.h"
#include "tests/property/naive_market.h"

#define RANDOM_FIRST_DATE   UINT32_C(20261228) /* so that days cross into a year */
#define RANDOM_MIDDLE_TICKS 40u                /* prices and bands lie around it */

/* A number from 1 to `count`, now and then 0 or one too many. */
uint32_t random_any_of(struct random *random, uint32_t count);

trading_date random_day_after(trading_date date);

/* The next day, mostly; else one that is not possible, or too late. */
trading_date random_date_near(struct random *random, const struct naive_market *market);

/* Fills in an act of a kind. */
void random_shape_act(struct random *random, const struct naive_market *market, struct act *act);

/* Names something that is killed; leaves `kill` alone when nothing is. */
void random_shape_unkill(struct random *random, const struct naive_market *market,
                         struct kill *kill);

#endif
