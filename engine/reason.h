/*
 * Why the exchange said no, or why an order left the book: one enum for the whole project.
 *
 * Numbers are part of the ledger and of the protocol (proto/tpx.proto mirrors them, a test
 * compares), so a number is never used for anything else again. 1-99 are the gateway's own and are
 * never sequenced; 100-199 orders and administration; 200-299 rights; 300-399 the register; from
 * 400 clearing and loans. Gaps belong to market rules that are not built yet.
 */
#ifndef ENGINE_REASON_H
#define ENGINE_REASON_H

enum reason {
    REASON_NONE = 0,

    /* The gateway's own: never sequenced, and the request's number is not used up. */
    REASON_MALFORMED = 1,                 /* the bytes are no request; the answer names the field */
    REASON_NO_CREDIT = 2,                 /* too many requests of this session are in flight */
    REASON_RATE_LIMIT = 3,                /* too many requests of this session in a second */
    REASON_DUPLICATE_CLIENT_ORDER_ID = 4, /* this number was sequenced with other bytes */
    REASON_NOT_SEQUENCED = 5,             /* at or below the last number, and never sequenced */
    REASON_NOT_READY = 6,                 /* starting, halted, or the session is not logged on */

    /* Orders. */
    REASON_UNKNOWN_INSTRUMENT = 100,
    REASON_NOT_IN_SESSION = 101, /* the instrument's day is not open, or it is closed for a sweep */
    REASON_HALTED = 102,
    REASON_LOT_SIZE = 104,     /* lot_min or lot_step is missed */
    REASON_MAX_QUANTITY = 105, /* above the instrument's maximum or 2^32 - 1 */
    REASON_TICK_SIZE = 106,
    REASON_OUT_OF_BAND = 107, /* also below one tick, or above the book's highest price */
    REASON_INSUFFICIENT_CASH = 110,
    REASON_INSUFFICIENT_POSITION = 111,
    /* He has the units, or the cash, but something binds them. */
    REASON_LOCKED = 112,
    REASON_PLEDGED = 113,
    REASON_FROZEN = 114,
    REASON_KILLED = 122,
    REASON_KEY_REVOKED = 123,
    REASON_NOT_AUTHORISED = 124,
    REASON_BOOK_FULL = 125, /* no order slot or no level */
    REASON_DISK_RESERVE = 126,
    REASON_QUARANTINED = 127,
    REASON_UNKNOWN_ORDER = 128,
    REASON_UNKNOWN_ACCOUNT = 129,
    REASON_BAD_COMBINATION = 130,
    REASON_WOULD_TRADE = 131,
    REASON_BAD_DATE = 132,
    REASON_LIMIT_REACHED = 133, /* a pool other than the book's is full; the answer names it */

    /* Why an order is CANCELED (besides OUT_OF_BAND and KILLED above). */
    REASON_IOC_REST = 140,
    REASON_MARKET_REST = 141,
    REASON_FOK_SHORT = 142,
    REASON_MIN_QUANTITY = 143,
    REASON_REPLACED_TO_ZERO = 144,
    REASON_SWEEP_LIMIT = 145,
    REASON_MASS_CANCEL = 146,
    REASON_DISCONNECTED = 147,

    /* Administration. */
    REASON_ALREADY_EXISTS = 160, /* a code, symbol or key that is taken */
    REASON_UNKNOWN_PARTICIPANT = 161,
    REASON_UNKNOWN_SESSION = 162,
    REASON_UNKNOWN_KEY = 163,
    REASON_UNKNOWN_PROPOSAL = 164,
    REASON_SAME_PERSON = 165,    /* a proposal is approved by a key of another person */
    REASON_OUT_OF_LIMITS = 166,  /* a field outside its range; the answer names field and limit */
    REASON_NEEDS_TWO_KEYS = 167, /* this command is a proposal and an approval, never alone */

    /* Rights. */
    REASON_DISCLOSURE_OPEN = 200, /* no bids yet */
    REASON_NOT_QUALIFIED = 201,
    REASON_NO_DEPOSIT = 202,
    REASON_BELOW_RESERVE = 203, /* also below the floor; of a listing that failed: the reserve */
    REASON_BAD_INCREMENT = 204, /* the answer names the least that may be bid */
    REASON_LATE_BID = 205,
    REASON_COOWNER_CONSENT = 208, /* the answer names an owner who has not signed */
    REASON_PLEDGEE_CONSENT = 209, /* the answer names the entry */
    REASON_RIGHT_LAPSED = 210,
    REASON_EXCLUSIVE_CONFLICT = 211,
    REASON_UNKNOWN_RIGHT = 212,
    REASON_HELD = 213, /* by an application for a pledge */
    REASON_SUSPENDED = 214,
    REASON_OBJECTION =
        215, /* somebody disputes what the register says; the answer names the entry */
    REASON_UNKNOWN_PARTY = 240,
    REASON_UNKNOWN_LISTING = 241,
    REASON_BELOW_APPRAISAL = 242, /* a floor below 90% of the value wants approval */
    REASON_NO_BID = 243,          /* why a listing failed, these three */
    REASON_BUYER_DEFAULT = 244,
    REASON_SELLER_DEFAULT = 245,
    REASON_SERIAL_USED = 246, /* what is signed counts once; the key signs it again */
    REASON_UNKNOWN_MANDATE = 247,

    /* Register. */
    REASON_NOT_OWNER = 300,
    REASON_RIGHT_INVALIDATED = 301,
    REASON_NOT_GRANTED = 302,
    REASON_FEE_UNPAID = 303,
    REASON_UNDER_PRESERVATION = 304,
    REASON_BEYOND_TERM = 305,     /* the debt ends after the right */
    REASON_ALREADY_PLEDGED = 306, /* the answer names the entry */
    REASON_TERMS_DIFFER = 307, /* from what the other side has signed; the answer names the field */
    REASON_UNKNOWN_PLEDGE = 308,
    REASON_WRONG_STATE = 309,  /* not possible now: a day that is open, a tick under orders */
    REASON_RANK_CONSENT = 310, /* of somebody whom it harms */
    REASON_OVER_MAXIMUM = 311,
    REASON_DUPLICATE_FREEZE = 312, /* a patent is frozen once; the answer names the entry */
    REASON_UNDER_COVERAGE = 313,
    REASON_ENCUMBERED = 314,           /* the answer names the entry */
    REASON_BAD_SIGNATURE = 315,        /* false, missing, expired, or of somebody else's key */
    REASON_MANDATE_SCOPE = 316,        /* not what the mandate is for, or for both sides */
    REASON_RESERVED_BY_ORDER = 317,    /* cancel first */
    REASON_LISTED = 319,               /* on sale; the answer names the entry */
    REASON_SAME_DAY_FILING = 341,      /* and the parties do not declare to know it */
    REASON_INVALIDATION_PENDING = 342, /* the same */
    REASON_RESTRICTED = 345, /* an authority has forbidden it; the answer names the entry */
    REASON_UNKNOWN_FREEZE = 346,
    REASON_UNKNOWN_ENTRY = 347,
    REASON_UNKNOWN_CONSENT = 348,
    REASON_UNKNOWN_TRANSFER = 349,
    REASON_RANK_RESERVED = 350, /* for another; the answer names the entry */
};

/* Which field of a request an answer speaks of; the answer may carry the limit beside it. */
enum field {
    FIELD_NONE = 0,
    FIELD_ACCOUNT = 1,
    FIELD_INSTRUMENT = 2,
    FIELD_ORDER_ID = 3,
    FIELD_SIDE = 4,
    FIELD_ORD_TYPE = 5,
    FIELD_TIME_IN_FORCE = 6,
    FIELD_PRICE = 7,
    FIELD_ORDER_QTY = 8,
    FIELD_MIN_QTY = 9,
    FIELD_POST_ONLY = 10,
    FIELD_GOOD_TILL_DATE = 11,
    FIELD_TRADING_DATE = 12,
    FIELD_SESSION = 13,
    FIELD_PARTICIPANT = 14,
    FIELD_KEY = 15,
    FIELD_PERSON = 16,
    FIELD_ROLES = 17,
    FIELD_CODE = 18,
    FIELD_NAME = 19,
    FIELD_SYMBOL = 20,
    FIELD_TICK_FEN = 21,
    FIELD_LOT_MIN = 22,
    FIELD_LOT_STEP = 23,
    FIELD_QTY_MAX = 24,
    FIELD_BAND_LOW = 25,
    FIELD_BAND_HIGH = 26,
    FIELD_AMOUNT = 27,
    FIELD_POOL = 28,
    FIELD_LIMIT = 29,
    FIELD_PROPOSAL = 30,
    FIELD_ACT = 31,
    FIELD_GRACE = 32,
    FIELD_VERSION = 33,
    FIELD_SEQUENCE = 34,
    FIELD_OWNER = 35,
    FIELD_REFERENCE = 36,
    FIELD_SWEEPS = 37, /* unfinished mass cancels, or sweeps that acts began */
    FIELD_DEED = 64,
    FIELD_PARTY = 65,
    FIELD_IDENTITY = 66,
    FIELD_RIGHT = 67,
    FIELD_NUMBER = 68,
    FIELD_PPM = 69,
    FIELD_FILED = 70,
    FIELD_TERM_END = 71,
    FIELD_STATUS = 72,
    FIELD_DATED = 73,
    FIELD_EXPIRES = 74,
    FIELD_DATE = 75,
    FIELD_PLEDGE = 90,
    FIELD_PLEDGOR = 91,
    FIELD_PLEDGEE = 92,
    FIELD_DEBTOR = 93,
    FIELD_SECURED = 94,
    FIELD_DETERMINED = 95,
    FIELD_DEBT_START = 96,
    FIELD_DEBT_END = 97,
    FIELD_CONDITIONS = 99,
    FIELD_DECLARATIONS = 100,
    FIELD_COVERAGE = 101,
    FIELD_PREDECESSOR = 102,
    FIELD_ITEM = 103,
    FIELD_UNITS = 104,
    FIELD_VALUE = 105,
    FIELD_APPRAISER = 106,
    FIELD_VALUED = 107,
    FIELD_CONTRACT = 108,
    FIELD_TERMS = 109,
    FIELD_STATE = 110,
    FIELD_OFFICE = 111,
    FIELD_STANDING = 112,
    FIELD_MATTER = 113,
    FIELD_EFFECTIVE = 114,
    FIELD_REVIEW_DAYS = 115,
    FIELD_HOLD_DAYS = 116,
    FIELD_MAXIMUM = 117,
    FIELD_COSTS = 118,
    FIELD_BUYER = 119,
    FIELD_FREEZE = 120,
    FIELD_ENTRY = 121, /* of an asset */
    FIELD_SERVED = 122,
    FIELD_QUANTITY = 124,
    FIELD_ASSET = 125,
    FIELD_HOLDER = 126,
    FIELD_LISTING = 140,
    FIELD_FLOOR = 141,
    FIELD_INCREMENT = 142,
    FIELD_RESERVE = 143,
    FIELD_DEPOSIT = 144,
    FIELD_PERIOD = 145,
    FIELD_DAYS = 146,
    FIELD_DISCLOSED_UNTIL = 147,
    FIELD_SELLER = 148,
    FIELD_DOCUMENT = 149,
    FIELD_SIGNATURE = 170,
    FIELD_SERIAL = 171,
    FIELD_MANDATE = 172,
    FIELD_PRINCIPAL = 173,
    FIELD_AGENT = 174,
    FIELD_SCOPE = 175,
    FIELD_UNTIL = 176,
    FIELD_ON_BEHALF_OF = 177,
    FIELD_CONSENT = 127,
    FIELD_TRANSFER = 128,
    FIELD_PAYOFF = 129,
    FIELD_PURPOSE = 130,
};

#endif
