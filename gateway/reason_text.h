/*
 * What a reason says to a person, in Chinese and in English (RULES: every reason has both).
 * Programs go by the number, and by its name in tpx.proto.
 *
 * Threads: any.
 */
#ifndef GATEWAY_REASON_TEXT_H
#define GATEWAY_REASON_TEXT_H

#include <stdint.h>

struct reason_text {
    uint32_t reason; /* enum reason */
    const char *chinese;
    const char *english;
};

/* NULL for a number that this release does not know. */
const struct reason_text *reason_text_find(uint32_t reason);

#endif
