/* Two rings: what is oldest makes room. */
#include "ledger/awaited.h"

#include <stddef.h>

struct awaited_mark *awaited_mark_add(struct awaited *awaited, uint64_t sequence) {
    struct awaited_mark *mark = &awaited->marks[awaited->marks_count++ % AWAITED_MARKS_MAX];
    *mark = (struct awaited_mark){.sequence = sequence};
    return mark;
}

struct awaited_mark *awaited_mark_find(struct awaited *awaited, uint64_t sequence) {
    uint32_t count = awaited->marks_count;
    if (count > AWAITED_MARKS_MAX) {
        count = AWAITED_MARKS_MAX;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (awaited->marks[i].sequence == sequence) {
            return &awaited->marks[i];
        }
    }
    return NULL;
}

void awaited_proposal_add(struct awaited *awaited, uint64_t sequence, const struct act *act) {
    awaited->proposals[awaited->proposals_count++ % AWAITED_PROPOSALS_MAX] =
        (struct awaited_proposal){.sequence = sequence, .act = *act};
}

static uint32_t place_of(const struct awaited *awaited, uint64_t sequence) {
    uint32_t place = 0;
    while (place < AWAITED_PROPOSALS_MAX && (awaited->proposals[place].act.kind == 0 ||
                                             awaited->proposals[place].sequence != sequence)) {
        place++;
    }
    return place;
}

const struct act *awaited_proposal_find(const struct awaited *awaited, uint64_t sequence) {
    uint32_t place = place_of(awaited, sequence);
    return place < AWAITED_PROPOSALS_MAX ? &awaited->proposals[place].act : NULL;
}

void awaited_proposal_forget(struct awaited *awaited, uint64_t sequence) {
    uint32_t place = place_of(awaited, sequence);
    if (place < AWAITED_PROPOSALS_MAX) {
        awaited->proposals[place].act.kind = 0;
    }
}
