/* Appending merges equal subtrees upwards as a binary counter carries; at every eighth height the
 * merged node is also the next hash of a tile. */
#include "ledger/edge.h"

#include <assert.h>
#include <string.h>

int edge_append(struct edge *edge, struct hasher *hasher, const struct hash *leaf,
                const struct edge_sink *sink) {
    uint64_t index = edge->size; /* of the node at `height` that is complete now */
    struct hash node = *leaf;
    assert(edge->size < TREE_SIZE_MAX - 1);
    edge->tiles[0][index % TILE_WIDTH] = node;
    for (uint32_t height = 0;; height++) {
        uint32_t level = height / TILE_HEIGHT;
        if (height % TILE_HEIGHT == 0 && height > 0)
            edge->tiles[level][index % TILE_WIDTH] = node;
        if (height % TILE_HEIGHT == 0 && index % TILE_WIDTH == TILE_WIDTH - 1) {
            int failure = sink->tile(sink->owner, level, index / TILE_WIDTH, edge->tiles[level]);
            if (failure != 0)
                return failure;
        }
        if ((index & 1) == 0) {
            edge->subtrees[height] = node;
            break;
        }
        hasher_node(hasher, &edge->subtrees[height], &node, &node);
        index >>= 1;
    }
    edge->size++;
    return 0;
}

void edge_root(const struct edge *edge, struct hasher *hasher, struct hash *root) {
    uint64_t size = edge->size;
    if (size == 0) {
        hasher_digest(hasher, "", 0, root);
        return;
    }
    *root = edge->subtrees[__builtin_ctzll(size)];
    for (size &= size - 1; size != 0; size &= size - 1)
        hasher_node(hasher, &edge->subtrees[__builtin_ctzll(size)], root, root);
}

static uint32_t partial_width(uint32_t level, uint64_t size) {
    return (uint32_t)(tile_hashes(level, size) % TILE_WIDTH);
}

uint32_t edge_hashes(uint64_t size) {
    uint32_t count = 0;
    for (uint32_t level = 0; level < TILE_LEVELS; level++)
        count += partial_width(level, size);
    return count;
}

uint32_t edge_write(const struct edge *edge, struct hash hashes[EDGE_HASHES_MAX]) {
    uint32_t count = 0;
    for (uint32_t level = 0; level < TILE_LEVELS; level++) {
        uint32_t width = partial_width(level, edge->size);
        memcpy(&hashes[count], edge->tiles[level], width * sizeof *hashes);
        count += width;
    }
    assert(count == edge_hashes(edge->size));
    return count;
}

void edge_read(struct edge *edge, struct hasher *hasher, uint64_t size, const struct hash *hashes) {
    assert(size < TREE_SIZE_MAX);
    edge->size = size;
    for (uint32_t level = 0; level < TILE_LEVELS; level++) {
        uint32_t width = partial_width(level, size);
        memcpy(edge->tiles[level], hashes, width * sizeof *hashes);
        hashes += width;
    }
    edge_restore(edge, hasher);
}

void edge_restore(struct edge *edge, struct hasher *hasher) {
    for (uint32_t level = 0; level < TILE_LEVELS; level++) {
        uint32_t width = partial_width(level, edge->size);
        const struct hash *hashes = edge->tiles[level];
        for (uint32_t bit = TILE_HEIGHT; bit-- > 0;) {
            if ((width >> bit & 1) == 0)
                continue;
            edge_tile_root(hasher, hashes, 1u << bit, &edge->subtrees[level * TILE_HEIGHT + bit]);
            hashes += 1u << bit;
        }
    }
}

void edge_tile_root(struct hasher *hasher, const struct hash *hashes, uint32_t width,
                    struct hash *root) {
    struct hash nodes[TILE_WIDTH / 2];
    assert(width >= 1 && width <= TILE_WIDTH && (width & (width - 1)) == 0);
    if (width == 1) {
        *root = hashes[0];
        return;
    }
    for (size_t i = 0; i < width / 2; i++)
        hasher_node(hasher, &hashes[2 * i], &hashes[2 * i + 1], &nodes[i]);
    for (width /= 2; width > 1; width /= 2)
        for (size_t i = 0; i < width / 2; i++)
            hasher_node(hasher, &nodes[2 * i], &nodes[2 * i + 1], &nodes[i]);
    *root = nodes[0];
}
