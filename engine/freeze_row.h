/*
 * Rows of freezes and restraints. Private to the engine's own files, and a part of state.h.
 */
#ifndef ENGINE_FREEZE_ROW_H
#define ENGINE_FREEZE_ROW_H

#include "engine/deed_freeze.h"

/* A freeze of units, or of an account's cash. Never taken out. */
struct freeze {
    int64_t from_ns;
    int64_t to_ns; /* cash: 0: in force */
    int64_t served_ns;
    uint64_t frozen;    /* units or fen that it holds, as told last */
    uint64_t marked;    /* of them, under an earlier pledge */
    uint64_t queued;    /* what it waits for */
    uint64_t missed;    /* what was not there, or is no more */
    uint32_t binding;   /* 0: cash */
    uint32_t account;   /* cash */
    uint32_t holder;    /* of a right: whose stake; 0: every owner's */
    uint32_t version;   /* cash: of what was told */
    uint32_t timer;     /* place in the heap until its last day has ended, else 0 */
    trading_date until; /* DATE_NONE: no last day */
    uint8_t authority;  /* enum freezing_authority */
    uint8_t state;      /* cash: enum freeze_state; of units the binding has it */
    bool may_be_sold;
    bool has_fruits;
    bool is_changed; /* within a command: to be told at its end */
    uint8_t case_number_bytes;
    char case_number[CASE_BYTES_MAX];
    uint8_t document[HASH_BYTES]; /* of the last order about it */
};

/* A restriction, a lock-up or an objection. Never taken out. */
struct restraint {
    uint32_t binding;
    uint32_t timer;     /* place in the heap until its last day has ended, else 0 */
    trading_date until; /* DATE_NONE: no last day */
    uint32_t party;     /* that objects */
    uint32_t about;     /* entry that it objects to; 0: the asset */
    uint8_t sides;      /* set of enum restriction_side */
    uint8_t authority;  /* enum freezing_authority; 0: none */
    uint8_t case_number_bytes;
    char case_number[CASE_BYTES_MAX];
    uint8_t document[HASH_BYTES];
};

#endif
