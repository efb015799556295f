/*
 * Deeds: what the register and the market of rights are told. One struct a kind.
 *
 * A deed is a participant's request like an order (verb DEED): numbered in its session, stamped,
 * recorded, refused with a reason. Who may send which stands in engine/authority.h. What a party
 * must confirm itself carries its signature over the deed's own bytes, checked before the deed is
 * sequenced and again by whoever verifies the ledger; the engine asks whose key it is, and that the
 * signature has not been used (confirm.h).
 *
 * Words (RULES.md, sections 2 and 3): a *party* is a person or firm with rights and duties, whether
 * it has keys here or not; an *asset* is a right, or what a party has of an instrument; an *office*
 * is the authority whose register counts in law; an *entry* is anything that binds an asset.
 */
#ifndef ENGINE_DEED_H
#define ENGINE_DEED_H

#include "engine/deed_certificate.h"
#include "engine/deed_freeze.h"
#include "engine/deed_listing.h"
#include "engine/deed_mandate.h"
#include "engine/deed_pledge.h"
#include "engine/deed_transfer.h"
#include "engine/types.h"

/* Beyond the numbers of acts, so that one byte of an event can name either. */
enum deed_kind {
    /* Who there is. */
    DEED_ADD_PARTY = 64,
    DEED_ADD_PARTY_KEY = 65,
    DEED_REVOKE_PARTY_KEY = 66,
    DEED_GRANT_MANDATE = 67,
    DEED_REVOKE_MANDATE = 68,

    /* Rights. */
    DEED_ADMIT_RIGHT = 72,
    DEED_SET_RIGHT_STATUS = 73,
    DEED_APPRAISE = 74,

    /* Holdings, and the days that deadlines are reckoned by. */
    DEED_ADMIT_HOLDING = 75,
    DEED_SET_CALENDAR = 76,

    /* What binds against an owner's will: deed_freeze.h. */
    DEED_FREEZE = 100,
    DEED_RENEW_FREEZE = 101,
    DEED_LIFT_FREEZE = 102,
    DEED_RESTRICT_TRADING = 103,
    DEED_LOCK_UP = 104,
    DEED_OBJECT = 105,
    DEED_END_ENTRY = 106,

    /* By agreement: deed_transfer.h. */
    DEED_GIVE_CONSENT = 112,
    DEED_REVOKE_CONSENT = 113,
    DEED_TRANSFER = 114,
    DEED_CONFIRM_TRANSFER = 115,
    DEED_END_TRANSFER = 116,
    DEED_PAY_OUT = 117,
    /* Pledges: deed_pledge.h. */
    DEED_PLEDGE_APPLY = 80,
    DEED_PLEDGE_JOIN = 81,
    DEED_PLEDGE_REVIEW = 82,
    DEED_PLEDGE_REGISTER = 83,
    DEED_PLEDGE_REFUSE = 84,
    DEED_PLEDGE_WITHDRAW = 85,
    DEED_PLEDGE_RELEASE = 86,
    DEED_PLEDGE_AMEND = 87,
    DEED_PLEDGE_ASSIGN = 88,
    DEED_PLEDGE_CONFIRM = 89,
    DEED_PLEDGE_COMPARE = 90,
    DEED_PLEDGE_ASSENT = 91,
    DEED_PLEDGE_SWAP = 92,
    DEED_PLEDGE_CORRECT = 93,
    DEED_PLEDGE_SUCCEED = 94,
    DEED_PLEDGE_RULE = 95,
    DEED_PLEDGE_REVOKE = 96,
    DEED_PLEDGE_DETERMINE = 97,

    /* Their enforcement. */
    DEED_PLEDGE_DEFAULT = 140,
    DEED_PLEDGE_CURE = 141,
    /* Rights on sale (deed_listing.h). */
    DEED_OPEN_LISTING = 120,
    DEED_JOIN_LISTING = 121,
    DEED_QUALIFY_BIDDER = 122,
    DEED_BID = 123,
    DEED_LEAVE_LISTING = 124,
    DEED_SIGN_SALE = 125,
    DEED_PAY_SALE = 126,
    DEED_CERTIFY_SALE = 127,
    DEED_REGISTER_SALE = 128,
    DEED_SUSPEND_LISTING = 129,
    DEED_RESUME_LISTING = 130,
    DEED_END_LISTING = 131,
    DEED_PLEDGE_APPROPRIATE = 142,
    DEED_PLEDGE_SELL = 143,
    DEED_PLEDGE_AUCTION = 144,

    /* Certificates. */
    DEED_CERTIFY = 150,
    DEED_RESERVE = 151,
};

#define DEEDS_END 152u /* one past the last */

enum {
    RIGHT_NUMBER_BYTES_MAX = 32, /* canonical number of a right: A-Z 0-9 . - */
    RIGHT_OWNERS_MAX = 16,       /* co-owners of a right */
    RIGHT_WHOLE_PPM = 1000000,   /* all of a right, in the units in which it is owned */
    DEED_SIGNATURES_MAX = 2,
    SIGNATURE_BYTES = 64,
};

#define SIGNATURE_SERIAL_MAX ((uint64_t)INT64_MAX - 1)

/* Kinds of rights; a licence is a right of its own, of another right. */
enum right_kind {
    RIGHT_INVENTION = 1,         /* patent: 发明 */
    RIGHT_UTILITY_MODEL = 2,     /* patent: 实用新型 */
    RIGHT_DESIGN = 3,            /* patent: 外观设计 */
    RIGHT_SOFTWARE = 4,          /* software copyright: 软件著作权 */
    RIGHT_TRADEMARK = 5,         /* 商标 */
    RIGHT_COMPANY_EQUITY = 6,    /* a block of a company's equity */
    RIGHT_LICENCE_EXCLUSIVE = 7, /* 独占: the owner is excluded, too */
    RIGHT_LICENCE_SOLE = 8,      /* 排他: the owner may still use it */
    RIGHT_LICENCE_ORDINARY = 9,  /* 普通 */
};

/* Whose register counts in law. */
enum office {
    OFFICE_TPX = 1,     /* this exchange, where it is appointed */
    OFFICE_CNIPA = 2,   /* patents, trademarks */
    OFFICE_CPCC = 3,    /* copyright */
    OFFICE_CSDC = 4,    /* equity of listed and NEEQ companies */
    OFFICE_COMPANY = 5, /* the company registrar: other equity */
};

/* What is true of a right, a set of bits. */
enum right_status {
    RIGHT_GRANTED = 1 << 0,
    RIGHT_FEE_UNPAID = 1 << 1,           /* the annual fee */
    RIGHT_SUSPENDED = 1 << 2,            /* under preservation, or its procedure is suspended */
    RIGHT_INVALIDATED = 1 << 3,          /* for good */
    RIGHT_LAPSED = 1 << 4,               /* for good */
    RIGHT_INVALIDATION_PENDING = 1 << 5, /* somebody has asked for it */
    RIGHT_SAME_DAY_FILING = 1 << 6,      /* an invention filed on the same day as a utility model */
    RIGHT_STATUS_ALL = (1 << 7) - 1,
    RIGHT_STATUS_FINAL = RIGHT_INVALIDATED | RIGHT_LAPSED,
};

enum appraisal_method {
    APPRAISAL_INCOME = 1,
    APPRAISAL_MARKET = 2,
    APPRAISAL_COST = 3,
};

/* A legal person by its code, or a natural one by a salted hash of the identity record, which lies
 * outside the ledger. Its name stays in the record. */
struct add_party {
    uint32_t participant; /* that acts for it with its own keys; 0: none, so only by mandate */
    uint8_t code_bytes;   /* 0: a natural person */
    char code[CODE_BYTES_MAX];
    uint8_t identity_bytes; /* 0: a legal person */
    uint8_t identity[HASH_BYTES];
    uint16_t name_bytes; /* legal persons alone */
};

/* A key that signs for a party, of the ledger's profile; never one of transport. */
struct add_party_key {
    uint32_t party;
    uint32_t person;
    struct signing_key key;
};

struct revoke_party_key {
    uint32_t party_key;
    int64_t compromised_since_ns; /* others may have had it from then on; 0: not said */
};

struct right_owner {
    uint32_t party;
    uint32_t ppm; /* 1 .. RIGHT_WHOLE_PPM; all owners' add up to the whole */
};

struct admit_right {
    uint8_t kind;   /* enum right_kind */
    uint8_t office; /* enum office */
    uint8_t number_bytes;
    char number[RIGHT_NUMBER_BYTES_MAX];
    uint16_t title_bytes;  /* the title itself stays in the record */
    uint32_t status;       /* set of enum right_status */
    trading_date filed;    /* DATE_NONE where nothing runs from it */
    trading_date term_end; /* last day of its term; DATE_NONE: without end */
    uint32_t licence_of;   /* licences: the right */
    uint32_t owners_count;
    struct right_owner owners[RIGHT_OWNERS_MAX];
};

/* Sets and clears; what is final stays. */
struct set_right_status {
    uint32_t right;
    uint32_t set;
    uint32_t clear;
    uint8_t document[HASH_BYTES]; /* digest of what it rests on */
};

/* One more appraisal; none is ever taken back. */
struct appraise {
    uint32_t right;
    uint8_t method; /* enum appraisal_method */
    int64_t value_fen;
    trading_date dated;
    trading_date expires;         /* last day on which it may be used */
    uint8_t document[HASH_BYTES]; /* digest of the report */
};

/* What a party has of an instrument becomes known to the register. */
struct admit_holding {
    uint32_t party;
    uint32_t instrument;
};

/* A day that is not what its weekday says. */
struct set_calendar {
    trading_date date;
    bool is_working;
    bool is_trading;
};

/* By a party's key over the deed; what exactly is signed stands in ledger/deed_signature.h. */
struct signature {
    uint32_t party_key;
    uint64_t serial;    /* of what the key has signed: each is good once */
    int64_t expires_ns; /* a deed stamped later is refused; 0: never */
    uint8_t bytes[SIGNATURE_BYTES];
};

struct deed {
    uint8_t kind;          /* enum deed_kind */
    uint32_t on_behalf_of; /* party for which its sender acts under a mandate; 0: none */
    uint32_t body_bytes;   /* of the body as it came: what the signatures are over */
    const uint8_t *body;
    uint32_t signatures_count;
    struct signature signatures[DEED_SIGNATURES_MAX];
    union {
        struct add_party add_party;
        struct add_party_key add_party_key;
        struct revoke_party_key revoke_party_key;
        struct grant_mandate grant_mandate;
        struct revoke_mandate revoke_mandate;
        struct admit_right admit_right;
        struct set_right_status set_right_status;
        struct freeze_order freeze_order;
        struct renew_freeze renew_freeze;
        struct lift_freeze lift_freeze;
        struct restrict_trading restrict_trading;
        struct lock_up lock_up;
        struct object object;
        struct end_entry end_entry;
        struct give_consent give_consent;
        struct revoke_consent revoke_consent;
        struct transfer_deed transfer_deed;
        struct confirm_transfer confirm_transfer;
        struct end_transfer end_transfer;
        struct pay_out pay_out;
        struct appraise appraise;
        struct admit_holding admit_holding;
        struct set_calendar set_calendar;
        struct pledge_terms pledge_terms; /* APPLY, JOIN */
        struct pledge_review pledge_review;
        struct pledge_plain pledge_plain; /* REGISTER, WITHDRAW */
        struct pledge_refuse pledge_refuse;
        struct pledge_release pledge_release;
        struct pledge_amend pledge_amend;
        struct pledge_assign pledge_assign;
        struct pledge_confirm pledge_confirm;
        struct pledge_compare pledge_compare;
        struct pledge_assent pledge_assent;
        struct pledge_swap pledge_swap;
        struct pledge_correct pledge_correct;
        struct pledge_succeed pledge_succeed;
        struct pledge_rule_set pledge_rule_set;
        struct pledge_revoke pledge_revoke;
        struct pledge_determine pledge_determine;
        struct pledge_default pledge_default;
        struct pledge_cure pledge_cure;
        struct pledge_realise pledge_realise; /* APPROPRIATE, SELL */
        struct pledge_auction pledge_auction;
        struct certify certify;
        struct reserve reserve;
        struct open_listing open_listing;
        struct join_listing join_listing;
        struct qualify_bidder qualify_bidder;
        struct bid bid;
        struct leave_listing leave_listing;
        struct sign_sale sign_sale;
        struct pay_sale pay_sale;
        struct certify_sale certify_sale;
        struct register_sale register_sale;
        struct mark_listing mark_listing; /* SUSPEND_LISTING, RESUME_LISTING, END_LISTING */
    };
};

#endif
