/*
 * The engine's state: what lies in its region, row by row. Private to the engine's own files.
 *
 * A region is one block of memory:
 *
 *     struct engine | a pool's rows, for each pool | tables of orders and holdings | sweeps | books
 *
 * Every part is laid out for its ceiling and written only up to a mark, so what a small market uses
 * of a large region is small. Rows are named by their number from 1; 0 is none, row 0 is never
 * written, and a row of zeros is empty. Nothing in the region is a pointer.
 */
#ifndef ENGINE_STATE_H
#define ENGINE_STATE_H

#include <assert.h>

#include "engine/book.h"
#include "engine/command.h"
#include "engine/engine.h"
#include "engine/event.h"
#include "engine/freeze_row.h"
#include "engine/pledge_row.h"
#include "engine/reason.h"
#include "engine/transfer_row.h"
#include "engine/types.h"

/* A resting order; its number is also its id in the books. An order that never rests has a row only
 * while its command lasts. */
struct order {
    uint64_t id;    /* session and number; 0 in a free row */
    uint64_t entry; /* sequence at which it took its place in the book */
    int64_t price_fen;
    uint32_t account;
    uint32_t instrument;
    uint32_t holding; /* of the account in the instrument */
    uint32_t leaves;
    uint32_t cum;
    trading_date good_till;
    uint32_t newer; /* neighbours in its session's list */
    uint32_t older; /* in a free row: the next free row */
    uint8_t side;   /* enum side */
    bool is_post_only;
    uint8_t unused[6];
};

/* What an account has of an instrument. Made when its first buy order is accepted or by a deposit,
 * and kept, also at 0. */
struct holding {
    uint32_t account;
    uint32_t instrument;
    uint64_t reserved; /* of what is unbound, by sell orders: the sum of their leaves */
    uint64_t unbound;  /* settled units that nothing binds */
    uint32_t parcels;  /* what something binds: the first */
    uint32_t unused;
};

struct account {
    int64_t cash_fen;     /* settled */
    int64_t reserved_fen; /* of it, by buy orders: the sum of price times leaves */
    uint64_t owner;       /* beneficial owner's party number */
    uint32_t participant;
    bool is_killed;
    bool has_freeze;    /* of its cash */
    bool is_restricted; /* something of its owner's is: restraint.h */
    uint8_t unused[1];
};

/* The first cache line is what an order needs. */
struct instrument {
    int64_t tick_fen;
    int64_t band_low_fen;     /* 0: none */
    int64_t band_high_fen;    /* 0: none */
    int64_t last_fen;         /* price of the last trade, 0: none */
    uint32_t band_low_ticks;  /* lowest price on the tick inside the band, at least 1 */
    uint32_t band_high_ticks; /* highest, at most the books' highest price */
    uint32_t lot_min;
    uint32_t lot_step;
    uint64_t swept_until; /* sequence + 1 of the newest sweep that has closed it; 0: none */
    uint32_t qty_max;
    bool is_killed;
    bool is_halted;
    uint8_t unused;
    uint8_t symbol_bytes;

    char symbol[SYMBOL_BYTES_MAX];
    uint32_t unused_too;
    int64_t reference_fen; /* previous close, 0: none */
    uint64_t deposited;    /* units that came in, less those that went out */
    uint8_t padding[32];
};

struct session {
    uint64_t last_number;   /* 0: none */
    uint64_t last_sequence; /* of that request, plus 1; 0: none */
    uint64_t dropped;       /* by this Outage or Start, sequence plus 1, and not up since; 0: no */
    uint32_t participant;
    uint32_t newest; /* its resting orders, newest first */
    uint32_t orders; /* how many */
    uint32_t timer;  /* place in the heap while a disconnect waits, else 0 */
    uint32_t grace_ms;
    bool is_up;
    bool is_killed;
    bool cancels_on_disconnect;
    uint8_t unused[1];
    uint64_t graced;       /* what entered below this sequence a grace has ended for; 0: nothing */
    uint8_t unused_too[8]; /* up to one cache line */
};

struct participant {
    uint32_t roles;
    bool is_killed;
    uint8_t code_bytes;
    char code[CODE_BYTES_MAX];
};

struct key {
    uint32_t participant;
    uint32_t person;
    bool is_revoked;
    uint8_t key[KEY_BYTES];
};

/* The first of two keys; in order of sequence, without gaps. */
struct proposal {
    uint64_t sequence;
    uint32_t key;
    struct act act;
};

/* What a timer is for. */
enum timer_kind {
    TIMER_SESSION = 0, /* subject: cancel on disconnect; 0: the grace after an outage or a start */
    TIMER_RIGHT = 1,   /* subject: a right's term has ended */
    TIMER_MANDATE = 2, /* subject: a mandate's term has ended */
    TIMER_FREEZE = 3,  /* subject: a freeze's last day has ended */
    TIMER_RESTRAINT = 4,
    TIMER_PLEDGE_HOLD = 5,   /* subject: a pledge; its hold has run out */
    TIMER_PLEDGE_REVIEW = 6, /* subject: a pledge; the registrar's time is over */
    TIMER_LISTING = 7,       /* subject: a stage of a listing has ended */
    TIMERS_END = 8,
};

/* What waits for its time; the heap's places count from 1. */
struct timer {
    int64_t due_ns;
    uint64_t created; /* counts up: of equal times, the first created fires first */
    uint32_t subject;
    uint8_t kind; /* enum timer_kind */
    uint8_t unused[3];
};

/* A person or firm that owns, pledges or lends. */
struct party {
    uint32_t participant;  /* that acts for it; 0: none */
    uint32_t keys;         /* in force that sign for it */
    uint32_t mandates;     /* in force: the newest */
    uint32_t restrictions; /* in force, of what it has of instruments */
    uint32_t successor;    /* party into which it was merged: its keys sign for that; 0: none */
    uint8_t code_bytes;    /* 0: a natural person */
    char code[CODE_BYTES_MAX];
    uint8_t identity[HASH_BYTES]; /* of a natural person */
};

/* Serials that the engine keeps of a key: signed deeds may overtake so many others. */
#define PARTY_KEY_SERIALS 32u

/* A key that signs for a party. */
struct party_key {
    uint32_t party;
    uint32_t person;
    bool is_revoked;
    struct signing_key key;
    uint32_t serials_count;
    uint64_t serials[PARTY_KEY_SERIALS]; /* the highest that are used, upward */
};

/* That a participant acts for a party. */
struct mandate {
    int64_t limit_fen;
    int64_t from_ns;
    int64_t to_ns; /* it has ended; 0: in force */
    uint32_t principal;
    uint32_t agent; /* participant */
    uint32_t scope; /* set of enum mandate_scope */
    trading_date until;
    uint32_t timer; /* place in the heap while it is in force, else 0 */
    uint32_t next;  /* the principal's next older in force; 0: the last */
    uint8_t document[HASH_BYTES];
};

/* What binds an asset: its entries but for entry 0, the asset itself. */
struct docket {
    uint32_t entries; /* so far; the next has this number plus 1 */
    uint32_t first;   /* binding; 0: none */
    uint32_t last;
};

/* A right, or a licence of one. */
struct right {
    int64_t admitted_ns;
    int64_t value_fen;              /* of the last appraisal */
    uint32_t stakes;                /* what its owners have of it: the first */
    uint32_t licence_of;            /* the right; 0: no licence */
    uint32_t status;                /* set of enum right_status */
    uint32_t version;               /* of its entry 0 */
    uint32_t timer;                 /* place in the heap until its term ends, else 0 */
    trading_date filed;             /* DATE_NONE: not said */
    trading_date term_end;          /* DATE_NONE: none */
    trading_date appraised;         /* the last time */
    trading_date appraisal_expires; /* its last day */
    uint32_t appraisals;
    uint8_t kind;   /* enum right_kind */
    uint8_t office; /* enum office */
    uint8_t number_bytes;
    char number[RIGHT_NUMBER_BYTES_MAX];
    struct docket docket;
};

/* What a party has of a right. */
struct stake {
    uint32_t right;
    uint32_t party;
    uint32_t unbound; /* ppm that nothing binds */
    uint32_t parcels; /* what something binds: the first */
    uint32_t next;    /* stake of the right; 0: the last */
};

/* What a party has of an instrument, over all its accounts: an asset of the register. */
struct estate {
    int64_t admitted_ns;
    uint32_t party;
    uint32_t instrument;
    uint32_t version; /* of its entry 0 */
    struct docket docket;
};

/* An entry of the register that binds an asset. Never taken out. */
struct binding {
    int64_t from_ns;
    int64_t to_ns;     /* 0: in force */
    uint64_t quantity; /* units that it is for; ppm of a right */
    uint32_t asset;    /* right or instrument */
    uint32_t holder;   /* of an instrument: the party */
    uint32_t entry;    /* its number on the asset, from 1 */
    uint32_t version;  /* of the entry, from 1; 0: not told yet */
    uint32_t subject;  /* the row it belongs to: a pledge, a freeze, by kind */
    uint32_t sibling;  /* next binding of the same subject; 0: the last */
    uint32_t next;     /* on the asset */
    uint32_t ties;     /* first: what it binds now */
    uint8_t kind;      /* enum entry_kind */
    uint8_t asset_kind;
    uint8_t state; /* of its kind's module */
    uint8_t unused[5];
};

/* Part of a holding or a stake that something binds. */
struct parcel {
    uint64_t quantity;  /* units or ppm */
    uint32_t place;     /* row of the holding or the stake */
    uint32_t ties;      /* first, in ascending order of their bindings */
    uint32_t next;      /* parcel of the place; of a free row: the next free one */
    uint8_t asset_kind; /* which of the two it is part of; 0: a free row */
    uint8_t unused[3];
};

/* One binding of one parcel. */
struct tie {
    uint32_t binding; /* 0: a free row */
    uint32_t parcel;
    uint32_t next;  /* on the parcel; of a free row: the next free one */
    uint32_t other; /* next of the same binding */
};

/* A day that is not what its weekday says. */
struct calendar_day {
    trading_date date;
    bool is_working;
    bool is_trading;
    uint8_t unused[2];
};

/* A right, a share of one, or part of a holding, on sale. Never taken out. */
struct listing {
    int64_t floor_fen;
    int64_t increment_fen;
    int64_t reserve_fen; /* 0: none */
    int64_t deposit_fen; /* of each bidder */
    int64_t disclosed_ns;
    int64_t disclosed_until_ns; /* as the deed said */
    int64_t since_ns;           /* the state began */
    int64_t deadline_ns;        /* it ends, the deadline itself included; 0: by no time */
    int64_t hard_ns;            /* TIMED: no bid moves the deadline beyond; 0: none */
    int64_t high_fen;           /* highest bid that stands; 0: none */
    int64_t paid_fen;           /* in escrow beside the deposit */
    int64_t effective_ns;       /* the transfer, at its office */
    uint64_t units;             /* what is sold; ppm of a right */
    uint32_t asset;             /* right or instrument */
    uint32_t holder;            /* of an instrument: the party */
    uint32_t binding;           /* its entry of the register */
    uint32_t timer;             /* place in the heap while it has not ended, else 0 */
    uint32_t subject;           /* what the sale rests on, by purpose; 0: its owners' will */
    uint32_t signatory;         /* the party that signs for the sellers; 0: each of them */
    uint32_t free_ms;
    uint32_t timed_ms;
    uint32_t hard_stop_ms;
    uint32_t notice_ms;
    uint32_t sign_days;
    uint32_t pay_days;
    uint32_t first;       /* bidder */
    uint32_t last;        /* bidder */
    uint32_t bidders;     /* so many rows */
    uint32_t high;        /* whose bid is the highest; from AWARDED on: the buyer; 0: none */
    uint32_t bids;        /* so far */
    uint32_t signed_by;   /* bits: seller's place, and LISTING_BUYER_BIT */
    uint32_t payer;       /* account that paid_fen came from */
    uint32_t certificate; /* number of the transaction certificate; 0: none yet */
    uint8_t state;        /* enum listing_state */
    uint8_t was;          /* SUSPENDED: where it stood */
    uint8_t causes;       /* SUSPENDED: set of enum suspended_by */
    bool is_resuming;     /* SUSPENDED: goes on at the deadline */
    bool is_reserve_hidden;
    bool is_qualifying;
    uint8_t object;  /* enum sale_object */
    uint8_t purpose; /* enum sale_purpose */
    uint8_t asset_kind;
    uint8_t number_bytes;
    uint8_t sellers_count;
    char number[SALE_NUMBER_BYTES_MAX]; /* the office's */
    uint8_t contract[HASH_BYTES];       /* digest of what was signed first */
    struct listing_seller sellers[LISTING_SELLERS_MAX];
};

/* A party that has put down a deposit for a listing. Never taken out. */
struct bidder {
    int64_t deposit_fen; /* in escrow; 0 when it is not there any more */
    int64_t bid_fen;     /* its highest that stands; 0: none */
    uint32_t listing;
    uint32_t party;
    uint32_t account;
    uint32_t next;     /* of the listing */
    bool is_in;        /* has not left, and was not sent away */
    bool is_qualified; /* may bid */
    uint8_t unused[6];
};

/* What a sweep is for. */
enum sweep_kind {
    SWEEP_MASS_CANCEL = 1,
    SWEEP_KILL = 2,       /* also after a revocation */
    SWEEP_EXPIRY = 3,     /* orders good till `date` or earlier */
    SWEEP_BAND = 4,       /* orders outside the instrument's band */
    SWEEP_DISCONNECT = 5, /* of `session` */
    SWEEP_GRACE = 6,      /* of each session that has not come back */
};

/* Orders that are being taken out, over as many commands as it needs. Filters at 0 let everything
 * through. */
struct sweep {
    uint64_t sequence; /* of the command that asked */
    uint64_t below;    /* takes out orders that entered below this sequence */
    uint64_t asker;    /* its session and number, as an order's id; 0: nobody waits for an answer */
    uint64_t count;    /* orders taken out so far */
    uint32_t session;
    uint32_t participant;
    uint32_t account;
    uint32_t instrument;
    trading_date date;
    uint32_t at;     /* session, or instrument, whose orders are being looked at */
    uint32_t cursor; /* the order to look at next; 0: none is left there */
    uint8_t kind;    /* enum sweep_kind */
    uint8_t side;
    uint8_t at_side; /* of the book that is being looked at */
    uint8_t unused;
};

#define CHECKPOINT_KEYS_MAX 16u

struct checkpoint_key_row {
    struct signing_key key;
    bool is_revoked;
};

/* Rows of one pool. */
struct pool_rows {
    uint64_t at;      /* offset of row 0 in the region */
    uint32_t count;   /* in use */
    uint32_t limit;   /* may be in use */
    uint32_t ceiling; /* are laid out for */
    uint32_t mark;    /* of rows that come back: the highest ever used */
    uint32_t free;    /* and the first free one below it */
    uint32_t unused;
};

/* An open-addressing table: see table.h. */
struct table_place {
    uint64_t at;
    uint32_t bits; /* 2^bits slots */
    uint32_t unused;
};

struct engine {
    uint64_t layout; /* ENGINE_LAYOUT */
    uint64_t size;
    int64_t time_ns;        /* stamp of the last command */
    uint64_t sequence_next; /* least that the next command may have */
    int64_t timer_due_ns;   /* of the earliest timer, INT64_MAX: none */
    uint64_t trades;        /* match_id of the last */
    uint64_t books_at;

    uint32_t orders_free; /* first free row below the mark */
    uint32_t orders_mark; /* highest row ever used */
    struct table_place order_table;
    struct table_place holding_table;
    struct table_place party_table;
    struct table_place right_table;
    struct table_place estate_table;
    uint64_t extracts_at;
    uint32_t extracts_count; /* told by this command */
    uint32_t timers_own;     /* of the promised timers, those that are armed for the register */
    struct pool_rows pools[POOLS_END];

    uint8_t environment; /* enum environment; 0 before genesis */
    uint8_t disk_step;   /* enum disk_step */
    bool is_open;
    bool is_killed;
    bool is_halted; /* by an outage */
    bool was_stopped;
    uint8_t profile; /* enum profile */
    uint8_t unused[1];
    trading_date date;
    uint32_t version;
    uint64_t epoch;

    uint64_t sweeps_at;
    uint32_t sweeps_first; /* place in the ring */
    uint32_t sweeps_count;
    uint32_t sweeps_mark; /* places of the ring ever used */
    uint32_t unused_too;
    uint64_t swept;           /* sequence + 1 of the last sweep that ended of those that waited */
    uint64_t swept_until;     /* of the newest sweep that has closed every instrument, as above */
    uint32_t grace_ms;        /* after the reopening */
    uint32_t grace_timer;     /* place in the heap, 0: none */
    uint32_t timers_promised; /* sessions that may need one at any moment, and the grace */
    uint64_t timers_created;
    int64_t deposited_fen;      /* cash that came in, less what went out */
    int64_t escrow_fen;         /* of it, what lies in no account: it waits for whom it is for */
    uint32_t sale_certificates; /* number of the last transaction certificate */
    uint32_t listings_active;   /* that have not ended */
    uint64_t certificates;      /* that were asked for so far: the number of the last */
    uint64_t resolved;          /* sequence of the last Resolve's subject, plus 1; 0: none */

    uint32_t parcels_promised; /* operations on parcels that must not be refused (parcel.h) */
    uint32_t unused_three;
    /* By enum pledge_class. */
    uint32_t pledge_rules_count[PLEDGE_CLASSES_END];
    struct pledge_rule pledge_rules[PLEDGE_CLASSES_END][PLEDGE_RULES_EACH];

    uint32_t price_ticks_max;
    uint32_t checkpoint_keys_count;
    struct checkpoint_key_row checkpoint_keys[CHECKPOINT_KEYS_MAX];
};

static_assert(sizeof(struct order) == 64, "an order is one cache line");
static_assert(sizeof(struct holding) == 32, "two holdings a cache line");
static_assert(sizeof(struct account) == 32, "two accounts a cache line");
static_assert(offsetof(struct instrument, symbol) == 64, "what an order needs is one cache line");
static_assert(sizeof(struct instrument) == 128, "an instrument is two cache lines");
static_assert(sizeof(struct session) == 64, "a session is one cache line");
static_assert(sizeof(struct timer) == 24, "a timer");

static inline void *region_place(const struct engine *engine, uint64_t offset) {
    return (uint8_t *)(uintptr_t)engine + offset;
}

#define STATE_ROW(type, pool)                                                                      \
    static inline struct type *type##_at(const struct engine *engine, uint32_t number) {           \
        return (struct type *)region_place(engine, engine->pools[pool].at) + number;               \
    }

STATE_ROW(order, POOL_ORDERS)
STATE_ROW(instrument, POOL_INSTRUMENTS)
STATE_ROW(account, POOL_ACCOUNTS)
STATE_ROW(holding, POOL_HOLDINGS)
STATE_ROW(session, POOL_SESSIONS)
STATE_ROW(participant, POOL_PARTICIPANTS)
STATE_ROW(key, POOL_KEYS)
STATE_ROW(proposal, POOL_PROPOSALS) /* from 0 */
STATE_ROW(timer, POOL_TIMERS)
STATE_ROW(party, POOL_PARTIES)
STATE_ROW(party_key, POOL_PARTY_KEYS)
STATE_ROW(mandate, POOL_MANDATES)
STATE_ROW(right, POOL_RIGHTS)
STATE_ROW(stake, POOL_STAKES)
STATE_ROW(estate, POOL_ESTATES)
STATE_ROW(binding, POOL_BINDINGS)
STATE_ROW(parcel, POOL_PARCELS)
STATE_ROW(tie, POOL_TIES)
STATE_ROW(calendar_day, POOL_CALENDAR) /* from 0, ascending */
STATE_ROW(freeze, POOL_FREEZES)
STATE_ROW(restraint, POOL_RESTRAINTS)
STATE_ROW(consent, POOL_CONSENTS)
STATE_ROW(transfer, POOL_TRANSFERS)
STATE_ROW(pledge, POOL_PLEDGES)
STATE_ROW(pledge_item, POOL_PLEDGE_ITEMS)
STATE_ROW(pledge_increase, POOL_INCREASES)
STATE_ROW(pledge_assent_row, POOL_ASSENTS)
STATE_ROW(pledge_correction, POOL_CORRECTIONS)
STATE_ROW(listing, POOL_LISTINGS)
STATE_ROW(bidder, POOL_BIDDERS)

#undef STATE_ROW

static inline struct books *books_of(const struct engine *engine) {
    return region_place(engine, engine->books_at);
}

/* Whether a pool, whose rows are numbered without gaps, has this one. */
static inline bool pool_has(const struct engine *engine, enum pool pool, uint32_t number) {
    return number - 1 < engine->pools[pool].count;
}

static inline bool pool_is_full(const struct engine *engine, enum pool pool) {
    return engine->pools[pool].count >= engine->pools[pool].limit;
}

/* The number of a new row of a pool that is not full. */
static inline uint32_t pool_add(struct engine *engine, enum pool pool) {
    assert(!pool_is_full(engine, pool));
    return ++engine->pools[pool].count;
}

/* A command being carried out. */
struct call {
    struct engine *engine;
    const struct command *command;
    struct event_sink *sink;
};

/* The market's no; reason NONE: yes. */
struct refusal {
    uint16_t reason; /* enum reason */
    uint16_t field;  /* enum field */
    int64_t limit;
};

static inline struct refusal refusal_of(enum reason reason, enum field field, int64_t limit) {
    return (struct refusal){(uint16_t)reason, (uint16_t)field, limit};
}

static inline struct refusal refusal_none(void) {
    return (struct refusal){0};
}

/* LIMIT_REACHED names the pool. */
static inline struct refusal refusal_full(enum pool pool) {
    return refusal_of(REASON_LIMIT_REACHED, FIELD_POOL, (int64_t)pool);
}

#endif
