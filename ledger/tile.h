/*
 * Geometry and paths of tiles (C2SP tlog-tiles).
 *
 * A tile is 256 neighbouring hashes of the tree at a height that is a multiple of 8: tile (level L,
 * index N) holds the roots of the complete subtrees of 256^L leaves from N * 256 on. A tile with
 * fewer hashes is partial; only the right edge of the tree has such.
 *
 * An entry bundle is the entries of one tile of level 0, each with its length before it as two
 * bytes, big-endian.
 *
 * Threads: any.
 */
#ifndef LEDGER_TILE_H
#define LEDGER_TILE_H

#include <stddef.h>
#include <stdint.h>

#define TILE_WIDTH  256u
#define TILE_HEIGHT 8u
/* Levels that a tree may have: 2^56 leaves, at a million a second two thousand years. */
#define TILE_LEVELS   7u
#define TREE_SIZE_MAX (UINT64_C(1) << (TILE_HEIGHT * TILE_LEVELS))

/* Enough for "tile/entries/", an index below 2^56 and ".p/255". */
#define TILE_PATH_SIZE 64

/* The level that stands for entry bundles in tile_path(). */
#define TILE_ENTRIES TILE_LEVELS

/* Complete hashes at `level` of a tree of `size` leaves; `level` may be TILE_LEVELS, then 0. */
uint64_t tile_hashes(uint32_t level, uint64_t size);

/* Hashes of tile (level, index) in a tree of `size` leaves: 0 to TILE_WIDTH. */
uint32_t tile_width(uint32_t level, uint64_t index, uint64_t size);

/* The sequence of the last leaf below tile (level, index) when it is full. */
uint64_t tile_last_leaf(uint32_t level, uint64_t index);

/* Writes "tile/<L>/<N>[.p/<W>]", or "tile/entries/<N>[.p/<W>]" for level TILE_ENTRIES, with a
 * closing zero. `width` is 1 to TILE_WIDTH. */
void tile_path(uint32_t level, uint64_t index, uint32_t width, char path[TILE_PATH_SIZE]);

/* Bytes that an entry of `size` bytes, at most 65,535, takes in a bundle. */
#define BUNDLE_ENTRY_SIZE(size) ((size) + 2)

/* Writes one entry of a bundle; returns the bytes written, BUNDLE_ENTRY_SIZE(size). */
size_t bundle_put(uint8_t *bundle, const void *entry, size_t size);

#endif
