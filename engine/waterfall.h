/*
 * The waterfall: who is paid what out of the proceeds of an enforcement, to the fen.
 *
 * Paid in this order, each as far as the money goes: the costs of enforcement; then, rank by rank,
 * the costs, the interest and the principal of the claim that has the rank, all three together up
 * to what the rank secures (its secured or maximum amount); then a freeze, up to what it reaches;
 * what is left is the pledgor's. What a claim lacks stays owed.
 *
 * A claim may have several ranks: an increase of the secured amount ranks behind what was
 * registered before it. What its first rank could not take, the next may.
 *
 *     proceeds 100: costs 5 | rank 1 secures 60, owed 4 + 6 + 70: paid 4, 6, 50 | rank 2 ...
 *
 * Pure functions; no rounding is needed, since nothing is divided.
 *
 * Source: RULES.md, section 3 (Enforcement).
 */
#ifndef ENGINE_WATERFALL_H
#define ENGINE_WATERFALL_H

#include <stdint.h>

enum waterfall_part {
    WATERFALL_COSTS = 0,
    WATERFALL_INTEREST = 1,
    WATERFALL_PRINCIPAL = 2,
    WATERFALL_PARTS = 3,
};

enum {
    WATERFALL_CLAIMS_MAX = 64,
    WATERFALL_RANKS_MAX = 128,
};

/* A freeze that reaches whatever there is. */
#define WATERFALL_ALL INT64_MAX

/* What somebody is owed, and gets. Amounts are never negative, and their sum fits an int64. */
struct waterfall_claim {
    int64_t owed_fen[WATERFALL_PARTS];
    int64_t paid_fen[WATERFALL_PARTS]; /* out */
};

struct waterfall_rank {
    uint32_t claim; /* place in claims[] */
    int64_t cap_fen;
    int64_t paid_fen; /* out: to the claim by this rank */
};

struct waterfall {
    int64_t proceeds_fen;
    int64_t costs_fen; /* of enforcement */
    int64_t freeze_fen;
    uint32_t claims_count;
    uint32_t ranks_count;
    struct waterfall_claim claims[WATERFALL_CLAIMS_MAX];
    struct waterfall_rank ranks[WATERFALL_RANKS_MAX]; /* the first is paid first */

    /* Out: with all claims' they add up to the proceeds. */
    int64_t costs_paid_fen;
    int64_t frozen_fen;
    int64_t surplus_fen; /* the pledgor's */
};

/* Fills what is marked as out. Asserts that no amount is negative and every claim exists. */
void waterfall_run(struct waterfall *waterfall);

/* What a claim has got, and what it is owed still. */
int64_t waterfall_paid(const struct waterfall_claim *claim);
int64_t waterfall_short(const struct waterfall_claim *claim);

#endif
