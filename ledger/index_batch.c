/* Open chunks are found by hashing kind and group. A chunk's bytes lie in a chain of small blocks
 * from a pool, because nobody knows how long it becomes. */
#include "ledger/index_batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define CHUNKS_MAX  (1u << 18)
#define BLOCKS_MAX  (1u << 18)
#define SLOTS       (1u << 19) /* of the table: at most half full */
#define BLOCK_BYTES 59u
/* The most that one record may need: of its events, each names an order, an account and a session,
 * or an instrument and all of them; and a request or a proposal may name one more. */
#define RECORD_ENTRIES_MAX (3u * RECORD_SLICES_MAX + 4u)
/* A chunk that is about to be closed may still take a whole record. */
#define CHUNK_BYTES_MAX (INDEX_CHUNK_BYTES + RECORD_ENTRIES_MAX * INDEX_ENTRY_BYTES_MAX)

struct block {
    uint32_t next; /* in the chain; unless it is the chunk's last */
    uint8_t used;
    uint8_t bytes[BLOCK_BYTES]; /* whole entries */
};

_Static_assert(sizeof(struct block) == 64, "a block is one cache line");

struct chunk {
    uint64_t group;
    uint64_t base;
    uint64_t last; /* sequence of the last entry */
    uint32_t first_block;
    uint32_t last_block;
    uint32_t size;
    uint8_t kind;
    uint8_t last_member;
};

struct index_batch {
    uint32_t chunks_count;
    uint32_t blocks_count;
    struct chunk chunks[CHUNKS_MAX];
    struct block blocks[BLOCKS_MAX];
    uint32_t slots[SLOTS]; /* the open chunk, plus 1; 0: none */
    const struct chunk *sorted[CHUNKS_MAX];
    uint8_t bytes[CHUNK_BYTES_MAX];
};

_Static_assert(RECORD_ENTRIES_MAX < CHUNKS_MAX / 2, "a batch takes many records");

struct index_batch *index_batch_create(void) {
    return calloc(1, sizeof(struct index_batch));
}

void index_batch_destroy(struct index_batch *batch) {
    free(batch);
}

bool index_batch_is_full(const struct index_batch *batch) {
    return batch->chunks_count > CHUNKS_MAX - RECORD_ENTRIES_MAX ||
           batch->blocks_count > BLOCKS_MAX - RECORD_ENTRIES_MAX;
}

/* The slot of the open chunk of a group, or the one where it belongs. */
static uint32_t *find_slot(struct index_batch *batch, enum subject_kind kind, uint64_t group) {
    uint64_t hash = (group * SUBJECT_KINDS + kind) * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t at = (uint32_t)(hash >> 45) & (SLOTS - 1);
    for (;; at = (at + 1) & (SLOTS - 1)) {
        uint32_t slot = batch->slots[at];
        if (slot == 0)
            return &batch->slots[at];
        const struct chunk *chunk = &batch->chunks[slot - 1];
        if (chunk->group == group && chunk->kind == kind)
            return &batch->slots[at];
    }
}

static uint32_t new_block(struct index_batch *batch) {
    assert(batch->blocks_count < BLOCKS_MAX);
    batch->blocks[batch->blocks_count].used = 0;
    return batch->blocks_count++;
}

static struct chunk *new_chunk(struct index_batch *batch, enum subject_kind kind, uint64_t group,
                               uint64_t base) {
    assert(batch->chunks_count < CHUNKS_MAX);
    struct chunk *chunk = &batch->chunks[batch->chunks_count++];
    uint32_t block = new_block(batch);
    *chunk = (struct chunk){.group = group,
                            .base = base,
                            .last = base,
                            .first_block = block,
                            .last_block = block,
                            .kind = (uint8_t)kind};
    return chunk;
}

static void append(struct index_batch *batch, struct chunk *chunk, const uint8_t *entry,
                   size_t size) {
    struct block *block = &batch->blocks[chunk->last_block];
    if (block->used + size > BLOCK_BYTES) {
        chunk->last_block = new_block(batch);
        block->next = chunk->last_block;
        block = &batch->blocks[chunk->last_block];
    }
    memcpy(block->bytes + block->used, entry, size);
    block->used = (uint8_t)(block->used + size);
    chunk->size += (uint32_t)size;
}

void index_batch_add(struct index_batch *batch, enum subject_kind kind, uint64_t id,
                     uint64_t sequence) {
    uint8_t entry[INDEX_ENTRY_BYTES_MAX + WIRE_SLACK];
    uint64_t group = index_group(kind, id);
    uint8_t member = index_member(kind, id);
    uint32_t *slot = find_slot(batch, kind, group);
    struct chunk *chunk = *slot == 0 ? NULL : &batch->chunks[*slot - 1];
    if (chunk == NULL || (chunk->size >= INDEX_CHUNK_BYTES && chunk->last != sequence)) {
        chunk = new_chunk(batch, kind, group, sequence);
        *slot = batch->chunks_count;
    } else if (chunk->last == sequence && chunk->last_member == member) {
        return;
    }
    assert(sequence >= chunk->last);
    size_t size = index_entry_put(kind, sequence - chunk->last, member, entry);
    append(batch, chunk, entry, size);
    chunk->last = sequence;
    chunk->last_member = member;
}

/* --- the end -----------------------------------------------------------------------------------
 */

static int compare(const void *a, const void *b) {
    const struct chunk *one = *(const struct chunk *const *)a;
    const struct chunk *two = *(const struct chunk *const *)b;
    if (one->kind != two->kind)
        return one->kind < two->kind ? -1 : 1;
    if (one->group != two->group)
        return one->group < two->group ? -1 : 1;
    return one->base < two->base ? -1 : 1; /* never equal */
}

static struct span gather(struct index_batch *batch, const struct chunk *chunk) {
    uint32_t size = 0;
    assert(chunk->size <= CHUNK_BYTES_MAX);
    for (uint32_t at = chunk->first_block;; at = batch->blocks[at].next) {
        const struct block *block = &batch->blocks[at];
        memcpy(batch->bytes + size, block->bytes, block->used);
        size += block->used;
        if (at == chunk->last_block)
            break;
    }
    assert(size == chunk->size);
    return (struct span){batch->bytes, size};
}

int index_batch_flush(struct index_batch *batch,
                      int (*take)(void *owner, const struct index_chunk *chunk), void *owner) {
    int result = 0;
    for (uint32_t i = 0; i < batch->chunks_count; i++)
        batch->sorted[i] = &batch->chunks[i];
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are what is sorted */
    qsort(batch->sorted, batch->chunks_count, sizeof batch->sorted[0], compare);
    for (uint32_t i = 0; i < batch->chunks_count && result == 0; i++) {
        const struct chunk *chunk = batch->sorted[i];
        struct index_chunk whole = {.kind = (enum subject_kind)chunk->kind,
                                    .group = chunk->group,
                                    .base = chunk->base,
                                    .bytes = gather(batch, chunk)};
        result = take(owner, &whole);
    }
    batch->chunks_count = 0;
    batch->blocks_count = 0;
    memset(batch->slots, 0, sizeof batch->slots);
    return result;
}
