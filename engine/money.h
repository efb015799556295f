/*
 * Money: int64 fen; products are checked, sums of many are made in 128 bits.
 */
#ifndef ENGINE_MONEY_H
#define ENGINE_MONEY_H

#include <stdbool.h>
#include <stdint.h>

__extension__ typedef __int128 i128;

/* price_fen times quantity; false when it is no int64, so that nobody can own it. */
static inline bool money_product(int64_t price_fen, uint64_t quantity, int64_t *amount_fen) {
    return !__builtin_mul_overflow(price_fen, quantity, amount_fen);
}

/* Splits an amount by weights, each 0 or more and not all 0, so that the parts add up to it: each
 * is rounded down, and the fen that are left go to the largest remainders, the earlier of equal
 * ones first (RULES.md, Conventions). At most MONEY_PARTS_MAX parts. */
#define MONEY_PARTS_MAX 80u
void money_split(int64_t amount_fen, const int64_t *weights, uint32_t count, int64_t *parts_fen);

/* `all` times part / whole, rounded half up; `part` is at most `whole`, which is below 2^62. */
static inline int64_t money_proportion(int64_t all, uint64_t part, int64_t whole) {
    i128 product = (i128)all * (i128)part;
    return (int64_t)((2 * product + whole) / (2 * (i128)whole));
}

#endif
