/*
 * What an entry of the register says to whoever may read it: its public part.
 *
 * An extract is encoded once, as the report that tells of the entry's change; the hash of those
 * bytes is the entry's value in the register's map (ledger/README.md). So a later reader needs only
 * the record to check what a certificate claims.
 *
 * The engine writes extracts into a place of its own that holds those of one command: an event
 * points there, and is encoded before the next command.
 */
#ifndef ENGINE_EXTRACT_H
#define ENGINE_EXTRACT_H

#include "engine/deed.h"

enum asset_kind {
    ASSET_RIGHT = 1,   /* id: the right */
    ASSET_HOLDING = 2, /* id: the instrument; holder: the party */
};

#define ASSET_KIND_LAST ASSET_HOLDING
#define ASSETS_END      3u /* one past the last */

enum entry_kind {
    ENTRY_ASSET = 1, /* number 0: the asset itself */
    ENTRY_HOLD = 2,  /* an application for a pledge */
    ENTRY_PLEDGE = 3,
    ENTRY_FREEZE = 4,      /* also one that queues: its state says so */
    ENTRY_MARK = 5,        /* a freeze on what is pledged, which the pledgee may still sell */
    ENTRY_RESTRICTION = 6, /* of trading */
    ENTRY_LOCK_UP = 7,
    ENTRY_LICENCE = 8,
    ENTRY_LISTING = 9,
    ENTRY_OBJECTION = 10,
    ENTRY_RESERVATION = 11, /* of the next rank */
    ENTRY_TRANSFER = 12,    /* by agreement; ended ones are the history of ownership */
};

#define ENTRIES_END 13u /* one past the last */

/* As what an entry names a party. */
enum entry_role {
    ENTRY_ROLE_ANY = 0,   /* in questions */
    ENTRY_ROLE_OWNER = 1, /* of a right, or the holder of a holding */
    ENTRY_ROLE_PLEDGOR = 2,
    ENTRY_ROLE_PLEDGEE = 3,
    ENTRY_ROLE_DEBTOR = 4,
    ENTRY_ROLE_APPLICANT = 5, /* of a freeze, a restriction or an objection */
    ENTRY_ROLE_LICENSEE = 6,
    ENTRY_ROLE_SELLER = 7,
};

#define ENTRY_ROLES_END 8u /* one past the last */

/* What a freeze or a restraint says beside what all entries say. */
struct extract_force {
    uint64_t frozen; /* units or fen; of them marked: under an earlier pledge */
    uint64_t marked;
    uint64_t queued; /* behind earlier freezes */
    uint64_t missed; /* there were not so many */
    int64_t served_ns;
    uint32_t freeze;    /* its number */
    uint32_t account;   /* of cash */
    uint32_t holder;    /* of a right: whose share; 0: every owner's */
    trading_date until; /* its last day; DATE_NONE: none is set */
    uint32_t party;     /* an objection's; a transfer's seller */
    uint32_t buyer;     /* a transfer's */
    uint32_t transfer;  /* its number */
    uint32_t about;     /* entry that an objection is about; 0: the asset itself */
    uint8_t authority;  /* enum freezing_authority */
    uint8_t sides;      /* set of enum restriction_side */
    bool may_be_sold;
    bool has_fruits;
    uint8_t case_number_bytes;
    char case_number[CASE_BYTES_MAX];
    uint8_t document[HASH_BYTES]; /* of the last order about it */
};

struct extract {
    uint8_t asset_kind; /* enum asset_kind */
    uint8_t kind;       /* enum entry_kind */
    uint32_t asset;
    uint32_t holder;
    uint32_t entry;   /* its number on the asset */
    uint32_t version; /* of the entry, from 1 */
    int64_t from_ns;
    int64_t to_ns;     /* 0: in force */
    uint64_t quantity; /* units, or ppm of a right, that a binding is for; 0: the whole asset */
    uint8_t state;     /* of a binding, by its kind */

    /* What the asset is called outside: every entry says so, so that it can be read alone. */
    union {
        struct {
            uint8_t right_kind;
            uint8_t number_bytes;
            char number[RIGHT_NUMBER_BYTES_MAX];
        };
        struct {
            uint8_t symbol_bytes;
            char symbol[SYMBOL_BYTES_MAX];
            uint8_t code_bytes; /* of the party, a legal person; 0: a natural one */
            char code[CODE_BYTES_MAX];
            uint8_t identity[HASH_BYTES];
        };
    };

    /* ENTRY_LISTING; no amounts. */
    uint32_t listing;
    uint8_t object; /* enum sale_object */

    /* ENTRY_LICENCE: the right that it is. */
    uint32_t licence;

    /* ENTRY_ASSET of a right. */
    uint8_t office;
    uint32_t status;
    uint32_t licence_of;
    trading_date term_end;
    uint32_t owners_count;
    struct right_owner owners[RIGHT_OWNERS_MAX];

    /* ENTRY_FREEZE, ENTRY_MARK, ENTRY_RESTRICTION, ENTRY_LOCK_UP, ENTRY_OBJECTION. */
    struct extract_force force;
    /* ENTRY_HOLD, ENTRY_PLEDGE; `state` is enum pledge_state. */
    uint32_t pledge; /* its registration number */
    uint32_t pledge_version;
    uint32_t pledgor;
    uint32_t pledgee;
    uint32_t debtor;
    uint32_t predecessor;
    bool is_maximum;
    bool is_determined;
    bool is_overdue;
    trading_date determined;
    trading_date debt_start;
    trading_date debt_end;
    uint32_t scope;
    uint32_t conditions;
    uint32_t declarations;
    uint16_t refused; /* enum reason */
    int64_t registered_ns;
    uint64_t registered;
    uint8_t terms[HASH_BYTES]; /* salted digest of the whole terms */

    /* ENTRY_PLEDGE: what the office that counts says. */
    uint8_t standing; /* enum office_standing */
    uint8_t pledge_office;
    uint8_t authority_number_bytes;
    char authority_number[AUTHORITY_NUMBER_BYTES_MAX];
    int64_t effective_ns;
    int64_t compared_ns;
    int64_t rank_ns; /* 0: behind all that are effective */
    uint64_t rank_sequence;
    uint8_t document[HASH_BYTES];
};

/* Extracts that one command may tell; what would tell more goes on in Continue commands. */
#define EXTRACTS_MAX 256u
/* What its check cannot count beforehand comes on top: of each of a pledge's items every freeze
 * that moves when the pledge ends (PLEDGE_ITEMS_MAX times FREEZES_EACH_MAX, each told twice at
 * most). */
#define EXTRACTS_ROOM 16384u

#endif
