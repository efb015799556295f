/*
 * Blocks: how records lie in one value of the ledger.
 *
 * A block is records of one commit, each in a frame: its length as 4 bytes, little-endian, and its
 * bytes. A block of BLOCK_SIZE_MAX bytes fills whole pages of LMDB, whose own header takes 16 bytes
 * of the first (16 pages of 4 KiB).
 *
 * A record is shorter than 2^24 bytes, so the last byte of the length is 0: the prefix that RFC
 * 6962 puts before a leaf. The leaf's hash is the hash of the frame from that byte on, in one
 * piece.
 *
 * Threads: any.
 */
#ifndef LEDGER_BLOCK_H
#define LEDGER_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/crypto.h"

#define BLOCK_SIZE_MAX   65520u
#define BLOCK_RECORD_MAX 65000u /* bytes of a record; at least 1 */
#define FRAME_HEAD       4u

/* Writes the frame of a record of 1 to BLOCK_RECORD_MAX bytes; returns its size. */
size_t frame_put(uint8_t *frame, const void *record, size_t size);

/* The size of the record in the frame at `at`, or 0 when no whole frame stands between `at` and
 * `end`. The record begins at at + FRAME_HEAD. */
size_t frame_get(const uint8_t *at, const uint8_t *end);

/* The leaf hash of the record in a whole frame. */
void frame_leaf(struct hasher *hasher, const uint8_t *frame, struct hash *leaf);

#endif
