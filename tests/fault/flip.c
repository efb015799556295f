/* The region is read piece by piece; rows lie on multiples of 8 bytes. */
#include "tests/fault/flip.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/state.h"

#define PIECE_BYTES ((size_t)1 << 20)
#define BIT         10

static bool is_row(const uint8_t *bytes, uint64_t order_id) {
    struct order order;
    memcpy(&order, bytes, sizeof order);
    return order.id == order_id && order.leaves != 0 && order.price_fen != 0;
}

/* The offset of the order's row in the region, 0 when there is none. */
static uint64_t find_row(const struct flip *flip, int memory, uint8_t *piece) {
    for (uint64_t at = 0; at < flip->bytes; at += PIECE_BYTES) {
        ssize_t size = pread(memory, piece, PIECE_BYTES, (off_t)(flip->begin + at));
        for (ssize_t i = 0; i + (ssize_t)sizeof(struct order) <= size; i += 8)
            if (is_row(piece + i, flip->order_id))
                return at + (uint64_t)i;
    }
    return 0;
}

static bool turn(int memory, off_t place) {
    uint32_t traded;
    if (pread(memory, &traded, sizeof traded, place) != sizeof traded)
        return false;
    traded ^= 1u << BIT;
    return pwrite(memory, &traded, sizeof traded, place) == sizeof traded;
}

bool flip_traded(const struct flip *flip) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", flip->pid);
    int memory = open(path, O_RDWR | O_CLOEXEC);
    uint8_t *piece = malloc(PIECE_BYTES);
    if (memory < 0 || piece == NULL)
        return false;
    uint64_t row = find_row(flip, memory, piece);
    bool is_turned =
        row != 0 && turn(memory, (off_t)(flip->begin + row + offsetof(struct order, cum)));
    free(piece);
    close(memory);
    return is_turned;
}
