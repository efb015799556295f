/*
 * Rows of pledges. Private to the engine's own files, and a part of state.h.
 */
#ifndef ENGINE_PLEDGE_ROW_H
#define ENGINE_PLEDGE_ROW_H

#include "engine/deed_pledge.h"
#include "engine/types.h"
#include "engine/waterfall.h"

/* A pledge from its application on; its number is that of its registration. Never taken out. */
struct pledge {
    int64_t secured_fen;    /* now, with its increases; or the registered maximum */
    int64_t base_fen;       /* of it, what has the rank of its items; the rest is in increases */
    int64_t applied_ns;     /* the pledgor's application */
    int64_t review_from_ns; /* since when the registrar has all that he needs; 0: he has not */
    int64_t registered_ns;  /* 0: not yet */
    uint64_t registered;    /* sequence */
    int64_t owed_fen[WATERFALL_PARTS]; /* ENFORCING and after: less what was paid */
    int64_t paid_fen;                  /* out of what was pledged: it secures so much less */
    uint32_t items;                    /* its first; the others follow it in their pool */
    uint32_t items_count;
    uint32_t increases; /* first, in the order in which they came */
    uint32_t assents;   /* first; the newest stands first */
    uint32_t pledgor;
    uint32_t pledgee;
    uint32_t debtor;
    uint32_t predecessor;
    uint32_t version; /* of the pledge as a whole, from 1 */
    uint32_t scope;
    uint32_t conditions;
    uint32_t declarations;
    uint32_t coverage_ppm;
    uint32_t hold_timer; /* places in the heap, 0: not armed */
    uint32_t review_timer;
    trading_date determined;
    trading_date debt_start;
    trading_date debt_end;
    uint16_t hold_days;   /* working days that the hold lasts */
    uint16_t review_days; /* working days that the registrar has */
    uint16_t reason;      /* REFUSED: enum reason */
    uint8_t state;        /* enum pledge_state */
    bool is_maximum;
    bool is_determined; /* of a maximum: what it secures has been fixed */
    bool is_overdue;    /* the registrar is */
    uint8_t contract[HASH_BYTES];
    uint8_t terms[HASH_BYTES];
};

/* An item's last auction: what must be known when it brings money. */
struct pledge_auction_row {
    int64_t costs_fen; /* of the enforcement, that nothing has paid yet */
    uint32_t listing;  /* 0: there was none */
    uint32_t pledgee_account;
    uint32_t pledgor_account;
};

/* One thing of a pledge. */
struct pledge_item {
    uint64_t units;  /* pledged now */
    uint64_t agreed; /* pledged at first: what value_fen is of */
    int64_t value_fen;
    int64_t effective_ns; /* there, at the office; 0: not yet */
    int64_t compared_ns;  /* the last time; 0: never */
    int64_t rank_ns;      /* INT64_MAX: not effective yet */
    uint64_t rank_sequence;
    uint32_t pledge;
    uint32_t asset;
    uint32_t account; /* of an instrument */
    uint32_t appraiser;
    trading_date valued;
    uint32_t hold;    /* binding; 0: none any more */
    uint32_t binding; /* of the pledge; 0: not registered */
    struct pledge_auction_row auction;
    uint8_t asset_kind;
    uint8_t office;   /* enum office */
    uint8_t standing; /* enum office_standing; 0: not registered */
    uint8_t number_bytes;
    char number[AUTHORITY_NUMBER_BYTES_MAX];
    uint8_t document[HASH_BYTES];
};

/* What was added to the secured amount, behind those who ranked before. */
struct pledge_increase {
    int64_t amount_fen;
    int64_t rank_ns; /* INT64_MAX: not effective yet */
    uint64_t rank_sequence;
    uint32_t pledge;
    uint32_t next;
};

/* A party's yes. */
struct pledge_assent_row {
    int64_t amount_fen;
    uint32_t party;
    uint32_t other;
    uint32_t next;
    uint8_t matter; /* enum pledge_matter; 0: used up */
};

/* The first of two keys of a correction. */
struct pledge_correction {
    struct pledge_correct wanted;
    uint32_t key;
    bool is_open;
};

struct pledge_rule {
    int64_t from_ns;
    uint32_t review_days;
    uint32_t hold_days;
    bool allows_multi;
};

/* Rules of a kind that wait for their day, besides the one in force. */
#define PLEDGE_RULES_EACH 4u

#endif
