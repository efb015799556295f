/* The engine feeds field by field; the hash is quick only over larger pieces. */
#include "ledger/state_digest.h"

#include <string.h>

#define PIECE_SIZE 8192

struct pieces {
    struct hasher *hasher;
    size_t used;
    uint8_t bytes[PIECE_SIZE];
};

static void flush(struct pieces *pieces) {
    hasher_add(pieces->hasher, pieces->bytes, pieces->used);
    pieces->used = 0;
}

static void on_feed(void *owner, const void *bytes, size_t size) {
    struct pieces *pieces = owner;
    if (size > PIECE_SIZE - pieces->used) {
        flush(pieces);
    }
    if (size > PIECE_SIZE) {
        hasher_add(pieces->hasher, bytes, size);
        return;
    }
    memcpy(pieces->bytes + pieces->used, bytes, size);
    pieces->used += size;
}

void state_digest(struct hasher *hasher, const struct engine *engine, struct hash *digest) {
    struct pieces pieces = {.hasher = hasher};
    hasher_begin(hasher);
    engine_digest(engine, on_feed, &pieces);
    flush(&pieces);
    hasher_end(hasher, digest);
}
