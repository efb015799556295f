/*
 * What the engine is told: one struct a command, stamped by the core.
 *
 * A command is a participant's request (session and number set) or one of the exchange's own
 * (session 0, number 0, key 0). It is decoded from the bytes that stand in the ledger
 * (proto/codec_request.h) and nothing else, so a replay hands the engine the same struct.
 *
 * A struct command is filled with zeros before it is decoded into; fields that a verb does not name
 * are 0. Pointers in it point into the decoded bytes and live as long as those.
 */
#ifndef ENGINE_COMMAND_H
#define ENGINE_COMMAND_H

#include "engine/deed.h"
#include "engine/types.h"

enum verb {
    /* Requests: at most one of these a number. */
    VERB_NEW_ORDER = 2,
    VERB_REPLACE = 3,
    VERB_CANCEL = 4,
    VERB_MASS_CANCEL = 5,
    VERB_ACT = 6,     /* administration by one key */
    VERB_PROPOSE = 7, /* the first of two keys: remembered, nothing else happens */
    VERB_APPROVE = 8, /* the second: the proposal is carried out now */
    VERB_DEED = 9,    /* the register and the market of rights: engine/deed.h */
    VERB_REQUESTS_LAST = VERB_DEED,

    /* The exchange's own. */
    VERB_GENESIS = 32,  /* record 0 */
    VERB_TICK = 33,     /* the earliest timer fires */
    VERB_CONTINUE = 34, /* the oldest unfinished sweep goes on */
    VERB_SEAL = 35,
    VERB_MARK = 36,   /* a snapshot may be taken of the state right after this */
    VERB_DIGEST = 37, /* what the state's digest was at a mark */
    VERB_OUTAGE = 38, /* first command after an unclean stop */
    VERB_START = 39,  /* first command after a clean stop */
    VERB_STOP = 40,   /* a clean stop: the last command but for Seals and Digests */
    VERB_SESSION_UP = 41,
    VERB_SESSION_DOWN = 42,
    VERB_QUARANTINED = 43, /* a request that is refused unread: it stopped the exchange before */
    VERB_REFUSALS = 44,    /* what the gateway refused an authenticated participant, a digest */
    VERB_DISK = 45,        /* the disk's step has changed */
    VERB_REOPEN = 46,      /* test environment: continuous trading again after an outage */
};

/* Administration, by role and number of keys as engine/authority.h says. */
enum act_kind {
    ACT_ADD_PARTICIPANT = 1,
    ACT_ADD_KEY = 2,
    ACT_REVOKE_KEY = 3,
    ACT_ADD_SESSION = 4,
    ACT_ADD_ACCOUNT = 5,
    ACT_DEPOSIT = 6,
    ACT_ADD_INSTRUMENT = 7,
    ACT_SET_BAND = 8,
    ACT_DAY_OPEN = 9,
    ACT_DAY_CLOSE = 10,
    ACT_HALT = 11,
    ACT_KILL = 12,
    ACT_UNKILL = 13,
    ACT_RAISE_LIMIT = 14,
    ACT_ACTIVATE = 15,
    ACT_RESOLVE = 16,
    ACT_REOPEN = 17,
    ACT_CHECKPOINT_KEY = 18,
    ACT_CONFIRM_TIME = 19,
    ACT_SESSION_RESET = 20, /* an order of the operator to close a session's connection */
};

/* What the core stamps on a command; the ledger's header holds the same. */
struct stamp {
    uint64_t sequence;    /* of the command's first record */
    int64_t time_ns;      /* since 1970 UTC, never decreasing */
    uint64_t number;      /* of the request within its session, 1 .. ORDER_NUMBER_MAX; own: 0 */
    uint32_t session;     /* own: 0 */
    uint32_t participant; /* of the session; own: 0 */
    uint32_t key;         /* number of the key it came under; own: 0 */
    uint32_t version;     /* behaviour in force (Activate), 1 at genesis */
};

struct new_order {
    uint32_t account;
    uint32_t instrument;
    int64_t price_fen;        /* per unit; MARKET: protection price, 0 for none */
    uint64_t order_qty;       /* units; above 2^32 - 1 is refused, not cut */
    uint64_t min_qty;         /* 0 for none */
    trading_date good_till;   /* GTD only */
    trading_date trading_day; /* the day that its sender means; 0: whichever is open */
    uint8_t side;             /* enum side */
    uint8_t ord_type;         /* enum ord_type */
    uint8_t time_in_force;    /* enum time_in_force */
    bool is_post_only;
    uint8_t text_bytes; /* 0 .. TEXT_BYTES_MAX */
    char text[TEXT_BYTES_MAX];
};

struct replace {
    uint64_t order_id;
    int64_t price_fen;
    uint64_t order_qty; /* the new total: leaves = order_qty - what has traded */
};

struct cancel {
    uint64_t order_id;
};

/* All given filters must hold; 0 is not given. Without any: all of the sender's own session. Only
 * the operator may name another participant's session or account. */
struct mass_cancel {
    uint32_t session;
    uint32_t participant;
    uint32_t account;
    uint32_t instrument;
    uint8_t side;
};

struct add_participant {
    uint32_t roles; /* set of enum role */
    uint8_t code_bytes;
    char code[CODE_BYTES_MAX];
    uint16_t name_bytes; /* the name itself stays in the record */
};

struct add_key {
    uint32_t participant;
    uint32_t person; /* who holds it; two-key commands need two different persons */
    uint8_t key[KEY_BYTES];
};

struct revoke_key {
    uint32_t key;
    bool keeps_orders;            /* else the participant's resting orders are canceled */
    int64_t compromised_since_ns; /* 0: not said */
};

struct add_session {
    uint32_t participant;
    bool cancels_on_disconnect;
    uint32_t grace_ms; /* from the disconnect to the cancel, 0 .. 3,600,000 */
};

struct add_account {
    uint32_t participant;
    uint64_t owner; /* the beneficial owner's party number, above 0 */
};

/* Cash (instrument 0) or shares in or out of the exchange, by the settlement bank or operator. */
struct deposit {
    uint32_t account;
    uint32_t instrument;
    int64_t amount; /* fen or units; negative takes out what is free */
};

struct add_instrument {
    uint8_t symbol_bytes;
    char symbol[SYMBOL_BYTES_MAX];
    int64_t tick_fen;
    uint64_t lot_min;
    uint64_t lot_step;
    uint64_t qty_max;      /* of one order, 0: 2^32 - 1 */
    int64_t band_low_fen;  /* 0: none */
    int64_t band_high_fen; /* 0: none */
    int64_t reference_fen; /* previous close, 0: none */
};

/* Only while the instrument is HALTED or CLOSED; orders outside are canceled OUT_OF_BAND. */
struct set_band {
    uint32_t instrument;
    int64_t band_low_fen;
    int64_t band_high_fen;
};

struct day {
    trading_date date;
};

/* A halted instrument goes on (is_halted false) by two keys; 0: every instrument. */
struct halt {
    uint32_t instrument;
    bool is_halted;
};

/* What is killed cancels its resting orders and enters no new ones; exactly one scope, or none for
 * the whole exchange. */
struct kill {
    uint32_t participant;
    uint32_t session;
    uint32_t account;
    uint32_t instrument;
};

struct raise_limit {
    uint32_t pool; /* enum pool */
    uint32_t limit;
};

struct activate {
    uint32_t version;
};

/* What stands where record and replay disagree: the record. */
struct resolve {
    uint64_t sequence;
    uint8_t digest_recorded[HASH_BYTES];
    uint8_t digest_replayed[HASH_BYTES];
};

struct checkpoint_key {
    struct signing_key key;
    bool is_revoked; /* adds, or revokes one that was added */
};

struct confirm_time {
    int64_t time_ns; /* that both operators read on a clock they trust */
};

struct session_reset {
    uint32_t session;
};

struct act {
    uint8_t kind; /* enum act_kind */
    union {
        struct add_participant add_participant;
        struct add_key add_key;
        struct revoke_key revoke_key;
        struct add_session add_session;
        struct add_account add_account;
        struct deposit deposit;
        struct add_instrument add_instrument;
        struct set_band set_band;
        struct day day; /* DAY_OPEN, DAY_CLOSE */
        struct halt halt;
        struct kill kill; /* KILL, UNKILL */
        struct raise_limit raise_limit;
        struct activate activate;
        struct resolve resolve;
        struct checkpoint_key checkpoint_key;
        struct confirm_time confirm_time;
        struct session_reset session_reset;
    };
};

struct approve {
    uint64_t proposal; /* the sequence of the Propose */
};

struct genesis_operator {
    uint32_t person;
    uint8_t key[KEY_BYTES];
};

struct genesis {
    uint8_t environment; /* enum environment */
    uint8_t profile;     /* enum profile */
    uint8_t origin_bytes;
    char origin[ORIGIN_BYTES_MAX];
    uint32_t version; /* of behaviour, to begin with; 0: the first */
    struct signing_key checkpoint_key;
    struct genesis_operator operators[2];
    struct engine_limits limits;
};

struct tick {
    int64_t due_ns; /* the timer's own time; the stamp is at or after it */
};

struct continuation {
    uint64_t sweep; /* sequence of the command that asked for the sweep */
};

struct seal {
    uint64_t as_of; /* m: covers the records below it */
    uint8_t root[HASH_BYTES];
};

struct digest {
    uint64_t mark; /* sequence of the Mark */
    uint8_t digest[HASH_BYTES];
};

struct outage {
    int64_t from_ns;
    int64_t to_ns;
    uint64_t epoch;
    uint32_t grace_ms; /* before cancel-on-disconnect acts on who does not come back */
};

struct start {
    uint64_t epoch;
    uint32_t grace_ms;
};

struct session_up {
    uint32_t session;
    uint32_t key;
};

struct session_down {
    uint32_t session;
};

struct quarantined {
    const uint8_t *bytes; /* the request, unread */
    uint32_t size;
};

struct refusals {
    uint32_t key;
    uint32_t reason; /* enum reason */
    uint64_t count;
    int64_t first_ns;
    int64_t last_ns;
};

struct disk {
    uint8_t step; /* enum disk_step */
};

struct command {
    struct stamp stamp;
    uint8_t verb; /* enum verb */
    union {
        struct new_order new_order;
        struct replace replace;
        struct cancel cancel;
        struct mass_cancel mass_cancel;
        struct act act; /* ACT, PROPOSE */
        struct approve approve;
        struct deed deed;
        struct genesis genesis;
        struct tick tick;
        struct continuation continuation;
        struct seal seal;
        struct digest digest;
        struct outage outage;
        struct start start;
        struct session_up session_up;
        struct session_down session_down;
        struct quarantined quarantined;
        struct refusals refusals;
        struct disk disk;
    };
};

#endif
