/*
 * Published test vectors come in hexadecimal.
 */
#ifndef TESTS_UNIT_HEX_H
#define TESTS_UNIT_HEX_H

#include <stddef.h>
#include <stdint.h>

/* Decodes into at most `bytes_max` bytes; returns how many, -1 for what is no hexadecimal text. */
int hex_read(const char *hex, uint8_t *bytes, size_t bytes_max);

#endif
