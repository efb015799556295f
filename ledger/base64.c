/* Base 64 in groups of three bytes and four characters. */
#include "ledger/base64.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "ledger/failure.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void encode_group(const uint8_t *bytes, size_t size, char text[4]) {
    uint32_t bits = (uint32_t)bytes[0] << 16;
    bits |= size > 1 ? (uint32_t)bytes[1] << 8 : 0u;
    bits |= size > 2 ? bytes[2] : 0u;
    text[0] = alphabet[bits >> 18];
    text[1] = alphabet[bits >> 12 & 63];
    text[2] = '=';
    text[3] = '=';
    if (size > 1)
        text[2] = alphabet[bits >> 6 & 63];
    if (size > 2)
        text[3] = alphabet[bits & 63];
}

size_t base64_encode(const void *bytes, size_t size, char *text) {
    const uint8_t *input = bytes;
    char *out = text;
    for (; size > 0; out += 4) {
        size_t group = size < 3 ? size : 3;
        encode_group(input, group, out);
        input += group;
        size -= group;
    }
    return (size_t)(out - text);
}

/* A character's six bits, or 64 for one that is none of the alphabet. */
static uint32_t character_bits(char character) {
    if (character >= 'A' && character <= 'Z')
        return (uint32_t)(character - 'A');
    if (character >= 'a' && character <= 'z')
        return (uint32_t)(character - 'a') + 26;
    if (character >= '0' && character <= '9')
        return (uint32_t)(character - '0') + 52;
    return character == '+' ? 62 : character == '/' ? 63 : 64;
}

/* Decodes four characters of which the last `padding` are '='. */
static bool decode_group(const char *text, size_t padding, uint8_t bytes[3]) {
    uint32_t bits = 0;
    for (size_t i = 0; i < 4; i++) {
        uint32_t value = i < 4 - padding ? character_bits(text[i]) : 0;
        if (value > 63)
            return false;
        bits = bits << 6 | value;
    }
    bytes[0] = (uint8_t)(bits >> 16);
    bytes[1] = (uint8_t)(bits >> 8);
    bytes[2] = (uint8_t)bits;
    return (padding < 1 || bytes[2] == 0) && (padding < 2 || bytes[1] == 0);
}

int base64_decode(const char *text, size_t size, uint8_t *bytes, size_t bytes_max) {
    if (size % 4 != 0 || size / 4 > INT_MAX / 3)
        return FAILURE_MALFORMED;
    size_t padding = size == 0 || text[size - 1] != '=' ? 0 : text[size - 2] != '=' ? 1 : 2;
    size_t total = size / 4 * 3 - padding;
    if (total > bytes_max)
        return FAILURE_MALFORMED;
    for (size_t at = 0; at < total; at += 3, text += 4) {
        uint8_t group[3];
        size_t left = total - at < 3 ? total - at : 3;
        if (!decode_group(text, 3 - left, group))
            return FAILURE_MALFORMED;
        memcpy(bytes + at, group, left);
    }
    return (int)total;
}
