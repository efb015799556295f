/*
 * Deeds about mandates: that somebody acts for a party (RULES.md, section 6).
 */
#ifndef ENGINE_DEED_MANDATE_H
#define ENGINE_DEED_MANDATE_H

#include "engine/types.h"

/* What an agent may do, a set of bits; which deeds each covers stands in mandate.c. */
enum mandate_scope {
    MANDATE_HOLDING = 1 << 0,     /* lets a holding become an asset of the register */
    MANDATE_PLEDGE = 1 << 1,      /* applies for pledges, changes and releases them */
    MANDATE_TRANSFER = 1 << 2,    /* consents, transfers */
    MANDATE_LISTING = 1 << 3,     /* lists and bids */
    MANDATE_ENFORCEMENT = 1 << 4, /* default and enforcement */
    MANDATE_INQUIRY = 1 << 5,     /* asks for certificates and reserves ranks; sees details */
    MANDATE_SCOPE_ALL = (1 << 6) - 1,
};

/* Of one party in force at a time. */
#define MANDATES_EACH_MAX 16u

/* Signed by the principal; the registrar may send it without, when the principal has no key. */
struct grant_mandate {
    uint32_t principal;           /* party */
    uint32_t agent;               /* participant */
    uint32_t scope;               /* set of enum mandate_scope */
    int64_t limit_fen;            /* the most that one deed may be about */
    trading_date until;           /* last day of its term */
    uint8_t document[HASH_BYTES]; /* digest of the power of attorney */
};

/* By the principal, or whoever acts for it with its own keys; by the agent; by the registrar. */
struct revoke_mandate {
    uint32_t mandate;
};

#endif
