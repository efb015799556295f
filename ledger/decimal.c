/* Decimal numbers, strictly. */
#include "ledger/decimal.h"

bool decimal_parse(const char *text, size_t size, uint64_t *number) {
    *number = 0;
    if (size == 0 || (size > 1 && text[0] == '0'))
        return false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(*number, 10u, number) ||
            __builtin_add_overflow(*number, (uint64_t)(text[i] - '0'), number))
            return false;
    }
    return true;
}
