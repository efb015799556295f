/*
 * Deeds about pledges: from the application to the release, and enforcement.
 *
 * An application is signed by the pledgor and by the pledgee over the same terms: both in one deed,
 * or the pledgor first and then the pledgee, who joins. What a party must confirm is signed by one
 * of its keys (engine/deed.h), so it does not matter which participant hands it in.
 *
 * Source: RULES.md, section 3.
 */
#ifndef ENGINE_DEED_PLEDGE_H
#define ENGINE_DEED_PLEDGE_H

#include "engine/deed_listing.h"
#include "engine/types.h"

enum {
    PLEDGE_ITEMS_MAX = 64,
    AUTHORITY_NUMBER_BYTES_MAX = 32, /* as an authority numbers an entry: A-Z 0-9 . - */
};

enum pledge_state {
    PLEDGE_APPLIED = 1,
    PLEDGE_DEFICIENT = 2, /* the registrar has asked for something */
    PLEDGE_REGISTERED = 3,
    PLEDGE_ENFORCING = 4, /* the debtor has defaulted */
    PLEDGE_REALISED = 5,  /* enforced: nothing is left in it */
    PLEDGE_RELEASED = 6,
    PLEDGE_REVOKED = 7,
    PLEDGE_REFUSED = 8,
    PLEDGE_WITHDRAWN = 9, /* also when the hold has run out */
};

/* How an entry stands in the register of the office that counts in law. */
enum office_standing {
    STANDING_LOCAL = 1,     /* known here alone */
    STANDING_FILED = 2,     /* applied for there */
    STANDING_EFFECTIVE = 3, /* registered there; here, where this exchange is the office */
    STANDING_STALE = 4,     /* that register has moved on since the last comparison */
    STANDING_CONFLICT = 5,  /* it says otherwise: it wins, and dealings stop */
};

/* What is secured, a set of bits. */
enum pledge_scope {
    PLEDGE_SECURES_PRINCIPAL = 1 << 0,
    PLEDGE_SECURES_INTEREST = 1 << 1,
    PLEDGE_SECURES_PENALTY = 1 << 2,
    PLEDGE_SECURES_DAMAGES = 1 << 3,
    PLEDGE_SECURES_COSTS = 1 << 4, /* of keeping and of enforcement */
    PLEDGE_SCOPE_ALL = (1 << 5) - 1,
};

/* Terms that others may rely on, a set of bits. */
enum pledge_condition {
    PLEDGE_TRANSFER_ALLOWED = 1 << 0,  /* the pledgee has agreed beforehand */
    PLEDGE_LICENCE_ALLOWED = 1 << 1,   /* the same, to licences */
    PLEDGE_POWER_OF_SALE = 1 << 2,     /* after default the pledgee may sell without a court */
    PLEDGE_FRUITS_TO_PLEDGOR = 1 << 3, /* agreed; else they are the pledgee's to collect */
    PLEDGE_FORFEITURE_AGREED = 1 << 4, /* gives priority in the proceeds, and no more [L 428] */
    PLEDGE_CONDITIONS_ALL = (1 << 5) - 1,
};

/* What the parties declare to know and to accept, a set of bits. */
enum pledge_declaration {
    PLEDGE_KNOWS_SAME_DAY_FILING = 1 << 0,
    PLEDGE_KNOWS_INVALIDATION_PENDING = 1 << 1,
    PLEDGE_DECLARATIONS_ALL = (1 << 2) - 1,
};

/* Kinds of what is pledged, as far as the rules for them differ. */
enum pledge_class {
    PLEDGE_CLASS_PATENT = 1,
    PLEDGE_CLASS_COPYRIGHT = 2,
    PLEDGE_CLASS_TRADEMARK = 3,
    PLEDGE_CLASS_COMPANY_EQUITY = 4,
    PLEDGE_CLASS_LICENCE = 5,
    PLEDGE_CLASS_SHARES = 6,
    PLEDGE_CLASSES_END = 7,
};

/* What a party assents to. */
enum pledge_matter {
    PLEDGE_MATTER_COOWNER = 1,    /* a co-owner: that the pledgor's share is pledged */
    PLEDGE_MATTER_SWAP = 2,       /* a pledgee: that `pledge` and `other` swap ranks */
    PLEDGE_MATTER_INCREASE = 3,   /* a pledgee: that `pledge` goes up to `amount` before his own */
    PLEDGE_MATTER_CORRECTION = 4, /* who is worse off: that `pledge` is corrected to `amount` */
};

/* One thing of a pledge: a right, a share of it, or shares of an instrument. */
struct pledge_item_terms {
    uint8_t asset_kind; /* enum asset_kind */
    uint32_t asset;     /* the right, or the instrument */
    uint32_t account;   /* of an instrument: where the shares lie */
    uint64_t units;     /* shares; of a right ppm */
    int64_t value_fen;  /* of them together, as the parties agreed; 0: not said */
    uint32_t appraiser; /* party; 0: none */
    trading_date valued;
};

/* What both sides sign. To join an application its number is named beside the same terms. */
struct pledge_terms {
    uint32_t pledge; /* JOIN; else 0 */
    uint32_t pledgor;
    uint32_t pledgee;
    uint32_t debtor;
    uint8_t contract[HASH_BYTES]; /* digest of the principal contract */
    uint8_t terms[HASH_BYTES];    /* salted digest of the whole terms: stands in the extract */
    int64_t secured_fen;          /* or the registered maximum */
    bool is_maximum;
    trading_date determined; /* maximum: the day on which what it secures is fixed */
    trading_date debt_start;
    trading_date debt_end;
    uint32_t scope;
    uint32_t conditions;
    uint32_t declarations;
    uint32_t coverage_ppm; /* the pledgor may take out what leaves this much of the secured amount
                              covered; 0: he may not */
    uint32_t predecessor;  /* pledge that this one renews; 0: none */
    uint32_t items_count;
    struct pledge_item_terms items[PLEDGE_ITEMS_MAX];
};

/* The registrar asks for something, or has got it. */
struct pledge_review {
    uint32_t pledge;
    bool is_deficient;
    uint8_t document[HASH_BYTES];
};

/* All checks run again. WITHDRAW by either party. */
struct pledge_plain {
    uint32_t pledge;
};

struct pledge_refuse {
    uint32_t pledge;
    uint16_t reason; /* enum reason */
    uint8_t document[HASH_BYTES];
};

/* Units of the item with this place, from 1. */
struct pledge_part {
    uint32_t item;
    uint64_t units;
};

/* Without parts: all of it. */
struct pledge_release {
    uint32_t pledge;
    uint32_t parts_count;
    struct pledge_part parts[PLEDGE_ITEMS_MAX];
};

/* Every value as it is to be from now on. */
struct pledge_amend {
    uint32_t pledge;
    uint8_t contract[HASH_BYTES];
    uint8_t terms[HASH_BYTES];
    int64_t secured_fen;
    trading_date determined;
    trading_date debt_end;
    uint32_t scope;
    uint32_t conditions;
    uint32_t coverage_ppm;
};

/* Signed by the one who had it and by the one who gets it. */
struct pledge_assign {
    uint32_t pledge;
    uint32_t pledgee;
    uint8_t terms[HASH_BYTES];
};

/* What an office has registered. */
struct pledge_confirm {
    uint32_t pledge;
    uint8_t office;   /* enum office: of the items that it is about */
    uint8_t standing; /* FILED or EFFECTIVE */
    uint8_t number_bytes;
    char number[AUTHORITY_NUMBER_BYTES_MAX];
    int64_t effective_ns; /* EFFECTIVE: since when, there */
    uint8_t document[HASH_BYTES];
};

/* An office's extract has been compared with this entry. */
struct pledge_compare {
    uint32_t pledge;
    uint8_t office;
    uint8_t standing; /* EFFECTIVE: it agrees; STALE; CONFLICT */
    uint8_t document[HASH_BYTES];
};

struct pledge_assent {
    uint32_t pledge;
    uint32_t party;
    uint8_t matter;     /* enum pledge_matter */
    uint32_t other;     /* SWAP: the other pledge */
    int64_t amount_fen; /* INCREASE, CORRECTION: up to, or to, which amount */
};

/* Two pledges of one asset change places. */
struct pledge_swap {
    uint32_t pledge;
    uint32_t other;
    uint8_t asset_kind;
    uint32_t asset;
};

/* The registrar sets right what was entered wrongly; the same again under the key of a second
 * person carries it out. */
struct pledge_correct {
    uint32_t pledge;
    uint32_t debtor;
    uint8_t contract[HASH_BYTES];
    uint8_t terms[HASH_BYTES];
    int64_t secured_fen;
    trading_date debt_start;
    trading_date debt_end;
    bool is_by_court;
    uint8_t document[HASH_BYTES];
};

/* One party has been merged into another. */
struct pledge_succeed {
    uint32_t party;
    uint32_t successor;
    uint8_t document[HASH_BYTES];
};

/* A rule for a kind of what is pledged, from a day on. */
struct pledge_rule_set {
    uint8_t kind; /* enum pledge_class */
    bool allows_multi;
    uint32_t review_days; /* working days */
    uint32_t hold_days;
    trading_date from;
};

struct pledge_revoke {
    uint32_t pledge;
    uint8_t document[HASH_BYTES];
};

/* What a maximum-amount pledge secures is fixed. */
struct pledge_determine {
    uint32_t pledge;
    int64_t amount_fen;
    uint8_t document[HASH_BYTES];
};

/* The debtor has defaulted: what is owed. */
struct pledge_default {
    uint32_t pledge;
    int64_t costs_fen;
    int64_t interest_fen;
    int64_t principal_fen;
    uint8_t document[HASH_BYTES];
};

/* The default is over: as before. */
struct pledge_cure {
    uint32_t pledge;
    uint8_t document[HASH_BYTES];
};

/* What an enforcement ends with: units of an item go to `buyer` for a price. Accounts: who pays,
 * and gets shares; the pledgee's, who bore the costs; the pledgor's, for what is left. */
struct pledge_realise {
    uint32_t pledge;
    uint32_t item; /* its place, from 1 */
    uint64_t units;
    int64_t price_fen; /* for them all */
    int64_t costs_fen; /* of the enforcement */
    uint32_t buyer;    /* party */
    uint32_t payer;    /* account of the buyer: pays, and gets shares */
    uint32_t pledgee_account;
    uint32_t pledgor_account;
    uint8_t document[HASH_BYTES]; /* the agreement, the sale's contract, or a court's document */
    bool is_by_court;
};

/* Units of an item go to whoever bids most. `terms` is what a listing says of itself, without right
 * and sellers; it is a transfer; its document is what is disclosed, a court's document among it. */
struct pledge_auction {
    uint32_t pledge;
    uint32_t item; /* its place, from 1 */
    uint64_t units;
    int64_t costs_fen; /* of the enforcement; at most the floor */
    uint32_t pledgee_account;
    uint32_t pledgor_account;
    bool is_by_court;
    struct open_listing terms;
};

#endif
