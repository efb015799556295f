/*
 * Deeds about rights on sale: a listing from its disclosure to the transfer that is registered.
 *
 * Included by engine/deed.h, which says what a deed is. Amounts are fen; a share of a right is ppm.
 */
#ifndef ENGINE_DEED_LISTING_H
#define ENGINE_DEED_LISTING_H

#include "engine/types.h"

enum {
    LISTING_SELLERS_MAX = 16,   /* as a right has co-owners */
    LISTING_BIDDERS_MAX = 1024, /* of one listing */
    SALE_NUMBER_BYTES_MAX = 32, /* an office's number: A-Z 0-9 . - */
};

/* Where a listing stands (RULES.md, section 2). What has no rule here yet keeps its number: modes
 * and states that come with the other markets. */
enum listing_state {
    LISTING_DRAFT = 1,
    LISTING_REVIEW = 2,
    LISTING_DISCLOSED = 3, /* bidders may come in until the disclosure ends */
    LISTING_EXTENDED = 4,
    LISTING_NO_BIDDER = 5,  /* the end: nobody came */
    LISTING_ONE_BIDDER = 6, /* the end until sales by agreement come: there is no auction of one */
    LISTING_AGREEMENT = 7,
    LISTING_FREE = 8,        /* bids; ends at its time */
    LISTING_TIMED = 9,       /* bids, each of which begins the period anew */
    LISTING_AWARDED = 10,    /* both sides are to sign */
    LISTING_FAILED = 11,     /* the end: no bid, the reserve missed, or somebody's default */
    LISTING_CONTRACTED = 12, /* the buyer is to pay */
    LISTING_PAID = 13,       /* the price is in escrow */
    LISTING_CERTIFIED = 14,  /* the transaction certificate has its number */
    LISTING_TRANSFER_REGISTERED = 15, /* the end: delivered and paid */
    LISTING_SUSPENDED = 16,           /* by a freeze, an outage or the registrar */
    LISTING_TERMINATED = 17,          /* the end: everything went back */
    LISTING_STATES_END = 18,
};

/* How bids are made; the others of RULES.md keep their numbers: one-shot 2, weighted score 3,
 * descending 4, multi-round 5. */
enum bid_mode {
    BID_MODE_MULTI = 1, /* each above the last, in the open */
};

/* What is sold: the right or a share of it, or a licence, in the order of the kinds of rights. */
enum sale_object {
    SALE_TRANSFER = 1,
    SALE_LICENCE_EXCLUSIVE = 2,
    SALE_LICENCE_SOLE = 3,
    SALE_LICENCE_ORDINARY = 4,
};

/* Why money went into escrow, or out of it, or where a deposit was lost. */
enum escrow_move {
    ESCROW_DEPOSIT = 1,  /* a bidder's, taken from his account */
    ESCROW_RETURN = 2,   /* to whom it was taken from */
    ESCROW_FORFEIT = 3,  /* a bidder has lost his deposit; nothing comes to his account */
    ESCROW_PRICE = 4,    /* the rest of the price, taken from the buyer's account */
    ESCROW_PROCEEDS = 5, /* to whom a price, or a deposit that was lost, is due */
};

struct listing_seller {
    uint32_t party;
    uint32_t account; /* its own, for the proceeds */
    uint32_t ppm;     /* of the right; of a licence: all that it has */
};

/* By the registrar, signed by every owner of the right. 0 takes what has a default. */
struct open_listing {
    uint32_t right;
    uint8_t object; /* enum sale_object */
    uint8_t mode;   /* enum bid_mode */
    bool is_reserve_hidden;
    bool is_qualifying; /* the registrar admits each bidder; else the deposit alone does */
    int64_t floor_fen;
    int64_t increment_fen;
    int64_t reserve_fen; /* 0: none */
    int64_t deposit_fen; /* at most 30% of the floor; 0: 10% */
    uint32_t free_ms;
    uint32_t timed_ms;
    uint32_t hard_stop_ms; /* from the timed period's beginning; 0: none */
    uint32_t notice_ms;    /* before a period begins anew after a suspension */
    uint32_t sign_days;    /* working days */
    uint32_t pay_days;
    int64_t disclosed_until_ns;   /* the disclosure's deadline */
    uint8_t document[HASH_BYTES]; /* digest of what is disclosed */
    uint8_t approval_bytes;       /* 0: none */
    uint8_t approval[HASH_BYTES]; /* of a floor below 90% of the appraisal */
    uint32_t sellers_count;
    struct listing_seller sellers[LISTING_SELLERS_MAX];
};

/* The deposit is taken from the account's free cash; what the bidder may get back returns there. */
struct join_listing {
    uint32_t listing;
    uint32_t party;
    uint32_t account;
};

/* By the registrar. Who is not qualified gets his deposit back, unless he has lost it by collusion.
 */
struct qualify_bidder {
    uint32_t listing;
    uint32_t party;
    bool is_qualified;
    bool is_forfeit;
};

struct bid {
    uint32_t listing;
    uint32_t party;
    int64_t price_fen; /* for all of the lot */
};

/* Before the disclosure ends: with the deposit. Later: without it, unless a suspension has lasted
 * so long that one may (RULES.md, section 3, Freeze). */
struct leave_listing {
    uint32_t listing;
    uint32_t party;
};

/* By each side, signed by its key, over the same document. */
struct sign_sale {
    uint32_t listing;
    uint32_t party;
    uint8_t document[HASH_BYTES];
};

/* The rest of the price, from the buyer's account into escrow. */
struct pay_sale {
    uint32_t listing;
    uint32_t account;
};

struct certify_sale {
    uint32_t listing;
};

/* What the right's office has registered: its number and document; where TPX is the office, without
 * a number. */
struct register_sale {
    uint32_t listing;
    uint8_t number_bytes;
    char number[SALE_NUMBER_BYTES_MAX];
    int64_t effective_ns;
    uint8_t document[HASH_BYTES];
};

/* SUSPEND, RESUME, END: by the registrar. */
struct mark_listing {
    uint32_t listing;
    uint8_t document[HASH_BYTES]; /* digest of what it rests on */
};

#endif
