/*
 * Deeds that bind an asset against its owner's will, or let go of what binds it: freezes, trading
 * restrictions, lock-ups, objections; consents, and transfers by agreement. Part of deed.h.
 *
 * An asset is named by kind, number and holder, as in extract.h. Of a right, holder 0 is every
 * owner. What concerns cash names an account instead, and asset kind 0.
 */
#ifndef ENGINE_DEED_FREEZE_H
#define ENGINE_DEED_FREEZE_H

#include "engine/types.h"

enum {
    CASE_BYTES_MAX = 48, /* an authority's case number, UTF-8 */
};

/* Who may freeze and restrict. */
enum freezing_authority {
    FREEZING_COURT = 1,         /* 法院 */
    FREEZING_CSRC = 2,          /* the securities commission: 证监会 */
    FREEZING_POLICE = 3,        /* 公安机关 */
    FREEZING_PROCURATORATE = 4, /* 检察院 */
};

/* What a trading restriction forbids, a set of bits. */
enum restriction_side {
    RESTRICTION_BUY = 1 << 0,
    RESTRICTION_SELL = 1 << 1,
    RESTRICTION_MOVE = 1 << 2, /* to another custodian, or out of the exchange */
    RESTRICTION_ALL = (1 << 3) - 1,
};

/* Freezes units of an asset, or an account's cash (冻结). What others have frozen before is queued
 * for (轮候); what is not there is missed. */
struct freeze_order {
    uint8_t asset_kind; /* enum asset_kind; 0: cash */
    uint32_t asset;     /* right or instrument */
    uint32_t holder;
    uint32_t account; /* cash */
    int64_t quantity; /* units, ppm or fen */
    uint8_t authority;
    uint8_t case_number_bytes;
    char case_number[CASE_BYTES_MAX];
    uint8_t document[HASH_BYTES]; /* digest of the notice */
    int64_t served_ns;            /* 0: as it is entered */
    trading_date until;           /* last day; DATE_NONE where the kind of asset sets no limit */
    bool may_be_sold;             /* by agreement, the proceeds being frozen */
    bool has_fruits;
};

/* A new last day; of a patent at most 6 months, of a trademark 1 year after the old one. */
struct renew_freeze {
    uint32_t freeze;
    trading_date until;
    uint8_t document[HASH_BYTES];
};

/* Lifts a freeze, or part of it: what is queued first. */
struct lift_freeze {
    uint32_t freeze;
    int64_t quantity; /* 0: all */
    uint8_t document[HASH_BYTES];
};

/* A trading restriction of a holding or a right. */
struct restrict_trading {
    uint8_t asset_kind;
    uint32_t asset;
    uint32_t holder;
    uint8_t sides; /* set of enum restriction_side */
    uint8_t authority;
    uint8_t case_number_bytes;
    char case_number[CASE_BYTES_MAX];
    uint8_t document[HASH_BYTES];
    trading_date until; /* DATE_NONE: until it is lifted */
};

/* Units of an account may not be sold up to and including a day (限售). */
struct lock_up {
    uint32_t account;
    uint32_t instrument;
    int64_t quantity;
    trading_date until;
    uint8_t document[HASH_BYTES];
};

/* A party disputes what the register says of an asset, or of an entry on it. */
struct object {
    uint8_t asset_kind;
    uint32_t asset;
    uint32_t holder;
    uint32_t entry; /* 0: the asset itself */
    uint32_t party; /* that objects */
    trading_date until;
    uint8_t document[HASH_BYTES];
};

/* Ends a restriction, a lock-up or an objection before its time. */
struct end_entry {
    uint8_t asset_kind;
    uint32_t asset;
    uint32_t holder;
    uint32_t entry;
    uint8_t document[HASH_BYTES];
};

#endif
