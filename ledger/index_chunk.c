/* Keys and entries, as the header lays them out. */
#include "ledger/index_chunk.h"

#include <endian.h>
#include <string.h>

void index_key(uint64_t group, uint64_t base, uint8_t key[INDEX_KEY_SIZE]) {
    uint64_t words[2] = {htobe64(group), htobe64(base)};
    memcpy(key, words, INDEX_KEY_SIZE);
}

static uint64_t word_at(const void *bytes, size_t at) {
    uint64_t word;
    memcpy(&word, (const uint8_t *)bytes + at, sizeof word);
    return be64toh(word);
}

uint64_t index_key_group(const void *key) {
    return word_at(key, 0);
}

uint64_t index_key_base(const void *key) {
    return word_at(key, sizeof(uint64_t));
}

size_t index_entry_put(enum subject_kind kind, uint64_t delta, uint8_t member, uint8_t *out) {
    uint8_t *at = wire_put_varint(out, delta);
    if (kind == SUBJECT_ORDER)
        *at++ = member;
    return (size_t)(at - out);
}

struct index_walk index_walk_of(enum subject_kind kind, uint64_t base, struct span chunk) {
    return (struct index_walk){.kind = kind, .in = wire_input_of(chunk), .sequence = base};
}

bool index_walk_next(struct index_walk *walk, bool *is_damaged) {
    uint64_t delta;
    *is_damaged = false;
    if (walk->in.at == walk->in.end)
        return false;
    bool is_good = wire_get_small(&walk->in, &delta) && delta <= UINT64_MAX - walk->sequence &&
                   (walk->kind != SUBJECT_ORDER || walk->in.at != walk->in.end);
    *is_damaged = !is_good;
    if (!is_good)
        return false;
    walk->sequence += delta;
    if (walk->kind == SUBJECT_ORDER)
        walk->member = *walk->in.at++;
    return true;
}
