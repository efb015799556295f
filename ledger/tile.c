/* Tiles: arithmetic on sizes, and the paths under which they are served. */
#include "ledger/tile.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Three-digit groups of an index below 2^56 (17 decimal digits). */
#define PATH_GROUPS 6

uint64_t tile_hashes(uint32_t level, uint64_t size) {
    assert(level <= TILE_LEVELS && size <= TREE_SIZE_MAX);
    return size >> (TILE_HEIGHT * level);
}

uint32_t tile_width(uint32_t level, uint64_t index, uint64_t size) {
    uint64_t hashes = tile_hashes(level, size);
    uint64_t first = index * TILE_WIDTH;
    if (hashes <= first)
        return 0;
    return hashes - first < TILE_WIDTH ? (uint32_t)(hashes - first) : TILE_WIDTH;
}

uint64_t tile_last_leaf(uint32_t level, uint64_t index) {
    assert(level < TILE_LEVELS);
    return ((index + 1) << (TILE_HEIGHT * (level + 1))) - 1;
}

void tile_path(uint32_t level, uint64_t index, uint32_t width, char path[TILE_PATH_SIZE]) {
    uint32_t groups[PATH_GROUPS];
    uint32_t count = 0;
    char *out = path;
    char *end = path + TILE_PATH_SIZE;
    assert(level <= TILE_ENTRIES && index < TREE_SIZE_MAX && width >= 1 && width <= TILE_WIDTH);
    do {
        groups[count++] = (uint32_t)(index % 1000);
        index /= 1000;
    } while (index > 0);
    if (level == TILE_ENTRIES)
        out += snprintf(out, (size_t)(end - out), "tile/entries");
    else
        out += snprintf(out, (size_t)(end - out), "tile/%u", level);
    while (count-- > 0)
        out += snprintf(out, (size_t)(end - out), count > 0 ? "/x%03u" : "/%03u", groups[count]);
    if (width < TILE_WIDTH)
        out += snprintf(out, (size_t)(end - out), ".p/%u", width);
    assert(out < end);
}

size_t bundle_put(uint8_t *bundle, const void *entry, size_t size) {
    assert(size <= UINT16_MAX);
    bundle[0] = (uint8_t)(size >> 8);
    bundle[1] = (uint8_t)size;
    memcpy(bundle + 2, entry, size);
    return BUNDLE_ENTRY_SIZE(size);
}
