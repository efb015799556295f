/*
 * Standard base 64 with padding (RFC 4648, section 4), strict: no line breaks, no missing padding,
 * no bits set where padding says there are none. So a text has one decoding and bytes one text.
 *
 * Threads: any.
 */
#ifndef LEDGER_BASE64_H
#define LEDGER_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Characters of the text of `size` bytes, without a closing zero. */
#define BASE64_SIZE(size) (((size_t)(size) + 2) / 3 * 4)

/* Writes BASE64_SIZE(size) characters, no closing zero; returns how many. */
size_t base64_encode(const void *bytes, size_t size, char *text);

/* Decodes `text` of `size` characters into at most `bytes_max` bytes. Returns the number of bytes,
 * or FAILURE_MALFORMED. */
int base64_decode(const char *text, size_t size, uint8_t *bytes, size_t bytes_max);

#endif
