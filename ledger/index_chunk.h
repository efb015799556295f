/*
 * Chunks: how the index keeps which records a group of subjects is in.
 *
 * A group is one account, one session, one instrument that traded, or 256 orders whose ids differ
 * in the last 8 bits only: a session numbers its orders upward, so those of one time lie together.
 * A chunk holds, in order of sequence, an entry for each record and subject of the group:
 *
 *     sequence minus that of the entry before, a varint as in protobuf; 0 in the first entry
 *     orders only: the id's last 8 bits, a byte
 *
 * The first entry's sequence is the chunk's base, which stands in its key:
 *
 *     group, 8 bytes BE | base, 8 bytes BE
 *
 * Chunks of a group do not overlap, and none ends in the middle of a record.
 *
 * Threads: pure functions; a struct belongs to its caller.
 */
#ifndef LEDGER_INDEX_CHUNK_H
#define LEDGER_INDEX_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/subject.h"

#define INDEX_KEY_SIZE 16u
/* A chunk is closed at the next record once it holds so many bytes: two lie in a page of LMDB. */
#define INDEX_CHUNK_BYTES 1900u
/* An entry takes at most so much. */
#define INDEX_ENTRY_BYTES_MAX (WIRE_VARINT_MAX + 1)
/* Orders of a group differ in so many bits. */
#define INDEX_ORDER_BITS 8u

/* The group of a subject, and what tells it from others in there. */
static inline uint64_t index_group(enum subject_kind kind, uint64_t id) {
    return kind == SUBJECT_ORDER ? id >> INDEX_ORDER_BITS : id;
}

static inline uint8_t index_member(enum subject_kind kind, uint64_t id) {
    return kind == SUBJECT_ORDER ? (uint8_t)(id & ((1u << INDEX_ORDER_BITS) - 1)) : 0;
}

void index_key(uint64_t group, uint64_t base, uint8_t key[INDEX_KEY_SIZE]);
uint64_t index_key_group(const void *key);
uint64_t index_key_base(const void *key);

/* Writes an entry; returns its size. WIRE_SLACK bytes behind it may be touched. */
size_t index_entry_put(enum subject_kind kind, uint64_t delta, uint8_t member, uint8_t *out);

/* Reading a chunk's entries. */
struct index_walk {
    enum subject_kind kind;
    struct wire_input in;
    uint64_t sequence; /* of the entry read last; the base, to begin with */
    uint8_t member;
};

struct index_walk index_walk_of(enum subject_kind kind, uint64_t base, struct span chunk);

/* True while there was another entry; at the end *is_damaged says whether it was one. */
bool index_walk_next(struct index_walk *walk, bool *is_damaged);

#endif
