/*
 * What a replay keeps until a later record asks for it: the digests of Marks until their Digest
 * comes, and proposals that settle something in the ledger itself until they are approved.
 *
 * Threads: belongs to its owner.
 */
#ifndef LEDGER_AWAITED_H
#define LEDGER_AWAITED_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/command.h"
#include "ledger/crypto.h"

/* Marks whose Digest may still come; a Digest follows within seconds, a Mark within minutes. */
#define AWAITED_MARKS_MAX 8

/* Proposals kept until they are approved; an older one that is approved later is not understood as
 * what it is, and what it should have settled stays open. */
#define AWAITED_PROPOSALS_MAX 256

struct awaited_mark {
    uint64_t sequence;
    struct hash digest;
    bool is_known; /* the digest */
};

struct awaited_proposal {
    uint64_t sequence;
    struct act act; /* kind 0: none */
};

/* All zeros to begin with. */
struct awaited {
    struct awaited_mark marks[AWAITED_MARKS_MAX];
    uint32_t marks_count; /* ever */
    struct awaited_proposal proposals[AWAITED_PROPOSALS_MAX];
    uint32_t proposals_count; /* ever */
};

/* Notes a Mark, whose digest is not known yet, and returns it. */
struct awaited_mark *awaited_mark_add(struct awaited *awaited, uint64_t sequence);
/* NULL when it is not kept. */
struct awaited_mark *awaited_mark_find(struct awaited *awaited, uint64_t sequence);

void awaited_proposal_add(struct awaited *awaited, uint64_t sequence, const struct act *act);
/* The act of a proposal that is kept; NULL when it is not. */
const struct act *awaited_proposal_find(const struct awaited *awaited, uint64_t sequence);
/* It was carried out. */
void awaited_proposal_forget(struct awaited *awaited, uint64_t sequence);

#endif
