/*
 * Numbers in the texts that are signed: ASCII decimal, one way to write each.
 *
 * Threads: any.
 */
#ifndef LEDGER_DECIMAL_H
#define LEDGER_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads exactly `size` characters; false for an empty text, a leading zero before another digit,
 * anything but digits, or a number above 2^64 - 1. */
bool decimal_parse(const char *text, size_t size, uint64_t *number);

#endif
