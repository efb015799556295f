/*
 * The words that commands, events and the engine's parts share: identities, sides, dates, roles.
 *
 * Numbers of enums that travel are part of the protocol and of the ledger: proto/tpx.proto has the
 * same names with the same numbers, and a test compares them. 0 is never a valid value, so that a
 * field that was not sent is seen.
 */
#ifndef ENGINE_TYPES_H
#define ENGINE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* An order's id is the session and the request number that entered it: the client knows it before
 * any answer, it is unique for ever, and it stays the same through replaces. */
#define ORDER_NUMBER_BITS 40
#define ORDER_NUMBER_MAX  ((UINT64_C(1) << ORDER_NUMBER_BITS) - 1)
#define SESSION_ID_MAX    ((UINT32_C(1) << 24) - 1)

static inline uint64_t order_id_of(uint32_t session, uint64_t number) {
    return (uint64_t)session << ORDER_NUMBER_BITS | number;
}

static inline uint32_t order_id_session(uint64_t id) {
    return (uint32_t)(id >> ORDER_NUMBER_BITS);
}

static inline uint64_t order_id_number(uint64_t id) {
    return id & ORDER_NUMBER_MAX;
}

/* Limits of text and keys, in bytes. */
enum {
    TEXT_BYTES_MAX = 20,        /* free text of an order, echoed in its acceptance */
    SYMBOL_BYTES_MAX = 12,      /* an instrument's symbol: A-Z 0-9 . - */
    CODE_BYTES_MAX = 18,        /* a participant's unified social credit code: A-Z 0-9 */
    NAME_BYTES_MAX = 120,       /* a participant's name, UTF-8; in the record, not in the engine */
    ORIGIN_BYTES_MAX = 100,     /* the checkpoints' origin line */
    KEY_BYTES = 32,             /* a CURVE public key: who is connected */
    SIGNING_KEY_BYTES_MAX = 33, /* a public key that signs: struct signing_key */
    HASH_BYTES = 32,            /* a digest */
    SALT_BYTES = 16,            /* what blinds a record's leaf hash */
    REQUEST_BYTES_MAX = 32768   /* one request as it came */
};

/* The algorithms of a ledger, chosen at its genesis for good. The engine computes none of them: it
 * knows how large a key is. */
enum profile {
    PROFILE_INTERNATIONAL = 1, /* SHA-256, Ed25519 */
    PROFILE_NATIONAL = 2,      /* SM3 (GB/T 32905), SM2 (GB/T 32918) */
};

#define PROFILES_END 3u /* one past the last */

/* Bytes of a public key that signs: Ed25519's, or a point of SM2's curve in its compressed form. */
static inline uint32_t signing_key_bytes(uint8_t profile) {
    return profile == PROFILE_NATIONAL ? 33 : 32;
}

/* A public key that signs, of a party or for checkpoints; zeros behind its bytes. */
struct signing_key {
    uint8_t size; /* signing_key_bytes() of the ledger's profile */
    uint8_t bytes[SIGNING_KEY_BYTES_MAX];
};

static inline bool signing_key_equal(const struct signing_key *a, const struct signing_key *b) {
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

enum side { SIDE_BUY = 1, SIDE_SELL = 2 };

enum ord_type { ORD_TYPE_LIMIT = 1, ORD_TYPE_MARKET = 2 };

enum time_in_force {
    TIME_IN_FORCE_DAY = 1,
    TIME_IN_FORCE_GTC = 2, /* good till cancelled */
    TIME_IN_FORCE_GTD = 3, /* good till a date, that day included */
    TIME_IN_FORCE_IOC = 4, /* immediate or cancel */
    TIME_IN_FORCE_FOK = 5, /* fill or kill */
};

/* What an order has come to, as its owner reads it. */
enum ord_status {
    ORD_STATUS_NEW = 1,
    ORD_STATUS_PARTIALLY_FILLED = 2,
    ORD_STATUS_FILLED = 3,
    ORD_STATUS_CANCELED = 4,
    ORD_STATUS_EXPIRED = 5,
    ORD_STATUS_REJECTED = 6,
};

/* Roles of a participant, a set of bits (RULES.md, section 6). */
enum role {
    ROLE_BROKER = 1 << 0,
    ROLE_BANK = 1 << 1,
    ROLE_REGISTRAR = 1 << 2,
    ROLE_SETTLEMENT_BANK = 1 << 3,
    ROLE_LISTING_AGENT = 1 << 4,
    ROLE_APPRAISER = 1 << 5,
    ROLE_TRANSFEREE = 1 << 6,
    ROLE_GUARANTOR = 1 << 7,
    ROLE_AUTHORITY_LIAISON = 1 << 8,
    ROLE_WITNESS = 1 << 9,
    ROLE_OPERATOR = 1 << 10,
    ROLE_REGULATOR = 1 << 11,
    ROLES_ALL = (1 << 12) - 1,
};

enum environment { ENVIRONMENT_PRODUCTION = 1, ENVIRONMENT_TEST = 2 };

/* Where an instrument stands. */
enum phase {
    PHASE_CLOSED = 1,     /* no day is open */
    PHASE_CONTINUOUS = 2, /* trades */
    PHASE_HALTED = 3,     /* by an outage or the operator: only cancels */
};

/* Disk space left (DESIGN.md, Ledger): what the engine still takes. */
enum disk_step {
    DISK_ENOUGH = 1,
    DISK_LOW = 2,      /* new orders and replaces are refused DISK_RESERVE */
    DISK_CRITICAL = 3, /* only cancels, kill, revocations and day close are taken */
};

/* A calendar day of the market's time zone as 10000 * year + 100 * month + day, e.g. 20261124. */
typedef uint32_t trading_date;
#define DATE_NONE UINT32_C(0)
#define DATE_MAX  UINT32_C(99991231)

/* Pools whose sizes the ledger fixes: a limit in use, and a ceiling for which address space is laid
 * out. The number names the pool in genesis, in RaiseLimit and in a LIMIT_REACHED answer. */
enum pool {
    POOL_ORDERS = 1,
    POOL_LEVELS = 2,
    POOL_INSTRUMENTS = 3,
    POOL_ACCOUNTS = 4,
    POOL_HOLDINGS = 5,
    POOL_SESSIONS = 6,
    POOL_PARTICIPANTS = 7,
    POOL_KEYS = 8,
    POOL_PROPOSALS = 9,
    POOL_TIMERS = 10,
    POOL_PARTIES = 11, /* from here on: the register's; an older genesis does not name them */
    POOL_PARTY_KEYS = 12,
    POOL_RIGHTS = 13,
    POOL_STAKES = 14,
    POOL_ESTATES = 15,
    POOL_BINDINGS = 16,
    POOL_PARCELS = 17,
    POOL_TIES = 18,
    POOL_CALENDAR = 19,
    POOL_MANDATES = 20,
    POOL_FREEZES = 21,
    POOL_RESTRAINTS = 22,
    POOL_PLEDGES = 23,
    POOL_PLEDGE_ITEMS = 24,
    POOL_INCREASES = 25,
    POOL_ASSENTS = 26,
    POOL_CORRECTIONS = 27,
    POOL_LISTINGS = 28,
    POOL_BIDDERS = 29,
    POOL_CONSENTS = 30,
    POOL_TRANSFERS = 31,
    POOLS_END = 32, /* one past the last */
};

/* Pools that every genesis names. */
#define POOLS_FIRST_RELEASE_END POOL_PARTIES

/* Sizes of an engine: [pool], entry 0 unused. limit <= ceiling. */
struct engine_limits {
    uint32_t limit[POOLS_END];
    uint32_t ceiling[POOLS_END];
    uint32_t price_ticks_max; /* highest price of any book, at most BOOK_PRICE_TICKS_MAX */
};

/* Most events of one command; what would make more goes on in Continue commands, or stops. The
 * engine counts them as they are written (emit.h). */
#define COMMAND_EVENTS_MAX (UINT32_C(1) << 19)
/* Most rows of any pool: what a table's slot can name. */
#define ENGINE_ROWS_MAX ((UINT32_C(1) << 26) - 3)
/* Most sessions and instruments: one command may tell of each, and then of orders as well. */
#define ENGINE_SESSIONS_MAX    (UINT32_C(1) << 18)
#define ENGINE_INSTRUMENTS_MAX (UINT32_C(1) << 17)
/* Orders that one command of a sweep looks at (mass cancel, expiry, kill): each makes at most 2
 * events. So few that whoever comes in between waits for some 30 ms. */
#define SWEEP_ORDERS_MAX (UINT32_C(1) << 15)
/* Orders that a sweep which does not end at once looks through for their instruments; behind more,
 * it closes every one. */
#define SWEEP_AHEAD_MAX (UINT32_C(1) << 20)
/* Unfinished mass cancels, all and of one participant; unfinished sweeps of acts. */
#define SWEEPS_MASS_MAX      16u
#define SWEEPS_MASS_EACH_MAX 4u
#define SWEEPS_ACTS_MAX      16u
/* Trades of one command: each makes 3 events, and some room for what comes before and after. */
#define COMMAND_TRADES_MAX ((COMMAND_EVENTS_MAX - 64) / 3)

#endif
