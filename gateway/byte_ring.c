/* Entries are a 16-byte head and the bytes. Where the ring goes back to its front, it leaves a gap:
 * at most one at a time, and nothing that stands in it tells of it, so that its memory can be
 * written over as soon as all before it is free, whether or not the consumer has passed it. */
#include "gateway/byte_ring.h"

#include <assert.h>
#include <sys/mman.h>

#include "ledger/failure.h"

struct entry_head {
    uint64_t size; /* of the bytes after it */
    uint64_t unused;
};

_Static_assert(sizeof(struct entry_head) == BYTE_RING_ALIGNMENT, "heads keep entries aligned");

#define NO_GAP UINT64_MAX

static size_t span_of(size_t size) {
    return sizeof(struct entry_head) +
           ((size + BYTE_RING_ALIGNMENT - 1) & ~(size_t)(BYTE_RING_ALIGNMENT - 1));
}

static size_t offset_of(const struct byte_ring *ring, uint64_t position) {
    return (size_t)position & (ring->capacity - 1);
}

static struct entry_head *head_at(const struct byte_ring *ring, uint64_t position) {
    return (struct entry_head *)(void *)(ring->memory + offset_of(ring, position));
}

int byte_ring_init(struct byte_ring *ring, size_t capacity, size_t early) {
    assert((capacity & (capacity - 1)) == 0 && (early & (early - 1)) == 0 && early < capacity);
    *ring = (struct byte_ring){.capacity = capacity, .early = early};
    void *memory = mmap(NULL, capacity, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return failure_errno("address space of %zu bytes for a ring", capacity);
    ring->memory = memory;
    atomic_init(&ring->gap_from, NO_GAP);
    return 0;
}

void byte_ring_fini(struct byte_ring *ring) {
    if (ring->memory != NULL)
        munmap(ring->memory, ring->capacity);
    ring->memory = NULL;
}

/* A position, or where the ring goes on when it is that of the gap. */
static uint64_t past_gap(const struct byte_ring *ring, uint64_t position) {
    if (position != atomic_load_explicit(&ring->gap_from, memory_order_relaxed))
        return position;
    return atomic_load_explicit(&ring->gap_to, memory_order_relaxed);
}

static uint64_t look_freed(const struct byte_ring *ring) {
    /* Partner: the release in byte_ring_free(); what was freed has been read. */
    return atomic_load_explicit(&ring->freed, memory_order_acquire);
}

static uint64_t look_free(struct byte_ring *ring) {
    ring->free_seen = past_gap(ring, look_freed(ring));
    return ring->free_seen;
}

/* Whether the consumer may still have to pass the gap. */
static bool has_gap(const struct byte_ring *ring) {
    return look_freed(ring) < atomic_load_explicit(&ring->gap_to, memory_order_relaxed);
}

/* Positions up to which the producer may write are those before free + capacity. */
static bool is_room(struct byte_ring *ring, uint64_t end) {
    return end <= ring->free_seen + ring->capacity || end <= look_free(ring) + ring->capacity;
}

/* Whether to go back to the front although the entry has room here: when nothing is in flight, or
 * half the ring is free there. From the front on there is room only up to what is still held, or,
 * for what is not published is never freed, up to where the command at hand begins. */
static bool goes_back_early(struct byte_ring *ring, size_t offset) {
    uint64_t published = atomic_load_explicit(&ring->published, memory_order_relaxed);
    if (ring->early == 0 || offset < ring->early || ring->write != published || has_gap(ring))
        return false;
    return look_free(ring) == ring->write ||
           ring->free_seen >= ring->write - offset + ring->capacity / 2;
}

/* Leaves a gap up to the front. False when there is no room behind it for `span` bytes, or another
 * gap: it is passed once something is freed. */
static bool leave_gap(struct byte_ring *ring, size_t span) {
    uint64_t front = ring->write - offset_of(ring, ring->write) + ring->capacity;
    if (has_gap(ring) || !is_room(ring, front + span))
        return false;
    atomic_store_explicit(&ring->gap_from, ring->write, memory_order_relaxed);
    atomic_store_explicit(&ring->gap_to, front, memory_order_relaxed);
    ring->write = front;
    return true;
}

uint8_t *byte_ring_reserve(struct byte_ring *ring, size_t size) {
    size_t span = span_of(size);
    size_t offset = offset_of(ring, ring->write);
    assert(span <= ring->capacity / 2);
    if ((offset + span > ring->capacity || goes_back_early(ring, offset)) && !leave_gap(ring, span))
        return NULL;
    if (!is_room(ring, ring->write + span))
        return NULL;
    return (uint8_t *)(head_at(ring, ring->write) + 1);
}

uint64_t byte_ring_append(struct byte_ring *ring, size_t size) {
    head_at(ring, ring->write)->size = size;
    ring->write += span_of(size);
    return ring->write;
}

void byte_ring_publish_to(struct byte_ring *ring, uint64_t position) {
    assert(position <= ring->write);
    /* Partner: the acquire in byte_ring_next(). */
    atomic_store_explicit(&ring->published, position, memory_order_release);
}

void byte_ring_publish(struct byte_ring *ring) {
    byte_ring_publish_to(ring, ring->write);
}

static const uint8_t *next_before(const struct byte_ring *ring, uint64_t end, uint64_t *position,
                                  size_t *size) {
    if (*position == end)
        return NULL;
    *position = past_gap(ring, *position);
    if (*position == end)
        return NULL; /* the gap was published before what comes after it */
    const struct entry_head *head = head_at(ring, *position);
    *size = (size_t)head->size;
    *position += span_of(*size);
    assert(*position <= end);
    return (const uint8_t *)(head + 1);
}

const uint8_t *byte_ring_next(const struct byte_ring *ring, uint64_t *position, size_t *size) {
    /* Partner: the release in byte_ring_publish(). */
    uint64_t end = atomic_load_explicit(&ring->published, memory_order_acquire);
    return next_before(ring, end, position, size);
}

const uint8_t *byte_ring_own(const struct byte_ring *ring, uint64_t *position, size_t *size) {
    return next_before(ring, ring->write, position, size);
}

bool byte_ring_is_empty(const struct byte_ring *ring, uint64_t position) {
    return atomic_load_explicit(&ring->published, memory_order_acquire) == position;
}

void byte_ring_free(struct byte_ring *ring, uint64_t position) {
    /* Partner: the acquire in look_free(). */
    atomic_store_explicit(&ring->freed, position, memory_order_release);
}

size_t byte_ring_used(struct byte_ring *ring) {
    uint64_t gap_from = atomic_load_explicit(&ring->gap_from, memory_order_relaxed);
    uint64_t gap_to = atomic_load_explicit(&ring->gap_to, memory_order_relaxed);
    uint64_t used = ring->write - look_free(ring);
    return (size_t)(ring->free_seen < gap_to ? used - (gap_to - gap_from) : used);
}
