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

#endif
