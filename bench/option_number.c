/* strtoul would take signs, spaces and what wraps around. */
#include "bench/option_number.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

uint64_t option_number(struct argp_state *state, const char *text, uint64_t min, uint64_t max) {
    char *end = NULL;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < min || value > max)
        argp_error(state, "'%s' is no number from %" PRIu64 " to %" PRIu64, text, min, max);
    return value;
}
