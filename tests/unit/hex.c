/* Hexadecimal to bytes. */
#include "tests/unit/hex.h"

#include <string.h>

static int digit_value(char digit) {
    const char *digits = "0123456789abcdef";
    const char *found = digit != '\0' ? strchr(digits, digit) : NULL;
    return found != NULL ? (int)(found - digits) : -1;
}

int hex_read(const char *hex, uint8_t *bytes, size_t bytes_max) {
    size_t size = strlen(hex) / 2;
    if (strlen(hex) % 2 != 0 || size > bytes_max)
        return -1;
    for (size_t i = 0; i < size; i++) {
        int high = digit_value(hex[2 * i]);
        int low = digit_value(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return -1;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return (int)size;
}
