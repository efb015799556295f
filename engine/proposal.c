/*
 * Proposals stand in order of sequence, rows 0 to count - 1; there are few.
 */
#include "engine/proposal.h"

#include <string.h>

void proposal_add(struct engine *engine, const struct command *command) {
    uint32_t row = pool_add(engine, POOL_PROPOSALS) - 1;
    *proposal_at(engine, row) = (struct proposal){
        .sequence = command->stamp.sequence, .key = command->stamp.key, .act = command->act};
}

const struct proposal *proposal_find(const struct engine *engine, uint64_t sequence) {
    for (uint32_t row = 0; row < engine->pools[POOL_PROPOSALS].count; row++)
        if (proposal_at(engine, row)->sequence == sequence)
            return proposal_at(engine, row);
    return NULL;
}

/* Keeps those that are neither of this sequence nor of this key. */
static void end_where(struct engine *engine, uint64_t sequence, uint32_t key) {
    uint32_t kept = 0;
    for (uint32_t row = 0; row < engine->pools[POOL_PROPOSALS].count; row++) {
        const struct proposal *each = proposal_at(engine, row);
        if (each->sequence == sequence || each->key == key)
            continue;
        if (kept != row)
            *proposal_at(engine, kept) = *each;
        kept++;
    }
    engine->pools[POOL_PROPOSALS].count = kept;
}

void proposal_end(struct engine *engine, uint64_t sequence) {
    assert(proposal_find(engine, sequence) != NULL);
    end_where(engine, sequence, 0);
}

void proposal_end_of_key(struct engine *engine, uint32_t key) {
    end_where(engine, UINT64_MAX, key);
}

void proposal_end_all(struct engine *engine) {
    engine->pools[POOL_PROPOSALS].count = 0;
}
