/*
 * UTF-8, as far as signed notes ask: is a text well formed, and does it hold a space?
 *
 * Threads: any.
 */
#ifndef LEDGER_UTF8_H
#define LEDGER_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Decodes the character at the start of `text`, which has `size` bytes, at least one. Returns its
 * length in bytes, or 0 for what no encoder writes: cut short, overlong, a surrogate, above
 * U+10FFFF. */
size_t utf8_decode(const char *text, size_t size, uint32_t *character);

#endif
