/* Frames: written byte by byte, so that a block is the same on any machine. */
#include "ledger/block.h"

#include <assert.h>
#include <string.h>

static_assert(FRAME_HEAD + BLOCK_RECORD_MAX <= BLOCK_SIZE_MAX, "a block holds any record");
static_assert(BLOCK_RECORD_MAX < 1u << 24, "the frame's last length byte is the leaf's prefix");

static size_t frame_length(const uint8_t *frame) {
    return (size_t)frame[0] | (size_t)frame[1] << 8 | (size_t)frame[2] << 16 |
           (size_t)frame[3] << 24;
}

size_t frame_put(uint8_t *frame, const void *record, size_t size) {
    assert(size >= 1 && size <= BLOCK_RECORD_MAX);
    frame[0] = (uint8_t)size;
    frame[1] = (uint8_t)(size >> 8);
    frame[2] = (uint8_t)(size >> 16);
    frame[3] = 0;
    memcpy(frame + FRAME_HEAD, record, size);
    return FRAME_HEAD + size;
}

size_t frame_get(const uint8_t *at, const uint8_t *end) {
    if ((size_t)(end - at) < FRAME_HEAD)
        return 0;
    size_t size = frame_length(at);
    return size <= BLOCK_RECORD_MAX && size <= (size_t)(end - at) - FRAME_HEAD ? size : 0;
}

void frame_leaf(struct hasher *hasher, const uint8_t *frame, struct hash *leaf) {
    hasher_digest(hasher, frame + FRAME_HEAD - 1, frame_length(frame) + 1, leaf);
}
