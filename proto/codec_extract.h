/*
 * Extracts on the wire: the message Extract, which stands in a Report and whose bytes are what the
 * register's map commits to.
 *
 * Written field by field in the order of their numbers, first what all entries have, then what an
 * entry's kind adds: a row in codec_extract.c.
 */
#ifndef PROTO_CODEC_EXTRACT_H
#define PROTO_CODEC_EXTRACT_H

#include <stdint.h>

#include "engine/extract.h"

/* Writes the message's fields at `at`, which has room for CODEC_REPORT_BYTES_MAX. Returns the end.
 */
uint8_t *codec_extract(uint8_t *at, const struct extract *extract);

#endif
