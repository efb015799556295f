/*
 * Splits by the largest remainder.
 */
#include "engine/money.h"

#include <assert.h>

/* The largest remainder that has got nothing yet, the earliest of equal ones. */
static uint32_t next_largest(const i128 *rests, uint32_t count) {
    uint32_t largest = 0;
    for (uint32_t i = 1; i < count; i++)
        if (rests[i] > rests[largest])
            largest = i;
    return largest;
}

void money_split(int64_t amount_fen, const int64_t *weights, uint32_t count, int64_t *parts_fen) {
    i128 rests[MONEY_PARTS_MAX];
    i128 sum = 0;
    int64_t left_fen = amount_fen;
    assert(amount_fen >= 0 && count > 0 && count <= MONEY_PARTS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        assert(weights[i] >= 0);
        sum += weights[i];
    }
    assert(sum > 0);
    for (uint32_t i = 0; i < count; i++) {
        i128 product = (i128)amount_fen * weights[i];
        parts_fen[i] = (int64_t)(product / sum);
        rests[i] = product - parts_fen[i] * sum;
        left_fen -= parts_fen[i];
    }
    for (; left_fen > 0; left_fen--) {
        uint32_t next = next_largest(rests, count);
        parts_fen[next]++;
        rests[next] = -1;
    }
}
