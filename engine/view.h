/*
 * Looking into an engine without changing it: for the core (sessions, keys), for queries and for
 * the command line.
 *
 * Views are copies; nothing here hands out a pointer into the state. Numbers of participants,
 * keys, sessions, accounts and instruments are given out from 1 upwards without gaps, so a listing
 * counts from 1 to engine_count().
 */
#ifndef ENGINE_VIEW_H
#define ENGINE_VIEW_H

#include "engine/engine.h"

/* How many of a pool are in use. */
uint32_t engine_count(const struct engine *engine, enum pool pool);

/* A pool's limit in force; and how far it can be raised. */
uint32_t engine_limit(const struct engine *engine, enum pool pool);
uint32_t engine_ceiling(const struct engine *engine, enum pool pool);

/* The ledger's algorithms (enum profile), as Genesis named them. */
uint8_t engine_profile(const struct engine *engine);

struct market_view {
    trading_date date; /* the open day, or the last one */
    bool is_open;
    bool is_killed;      /* the whole exchange */
    bool is_halted;      /* after an outage: nothing trades before the reopening */
    bool is_expiring;    /* the end of a day, or of all before the open one, is unfinished */
    bool was_stopped;    /* the last command but for Seals and Digests was STOP */
    uint8_t environment; /* enum environment */
    uint8_t disk_step;   /* enum disk_step */
    uint32_t version;    /* behaviour in force */
    uint64_t epoch;      /* of the last start */
    uint64_t trades;     /* match_id of the last trade */
    int64_t time_ns;     /* stamp of the last command */
};
void engine_market(const struct engine *engine, struct market_view *view);

struct participant_view {
    uint32_t roles; /* set of enum role */
    bool is_killed;
    uint8_t code_bytes;
    char code[CODE_BYTES_MAX];
};
bool engine_participant(const struct engine *engine, uint32_t participant,
                        struct participant_view *view);

struct key_view {
    uint32_t participant;
    uint32_t person;
    bool is_revoked;
    uint8_t key[KEY_BYTES];
};
bool engine_key(const struct engine *engine, uint32_t key, struct key_view *view);

/* The number of a key that is in force or revoked; 0 when unknown. Reads all keys one by one. */
uint32_t engine_key_find(const struct engine *engine, const uint8_t key[KEY_BYTES]);

/* What a proposal that waits for its second key is about; false when none has this sequence. */
bool engine_proposal(const struct engine *engine, uint64_t sequence, struct act *act);

/* Whether a checkpoint key was added once and is revoked. */
bool engine_checkpoint_key_is_revoked(const struct engine *engine, const struct signing_key *key);

/* Whether a checkpoint that this key signs counts: Genesis or an act named it, none revoked it. */
bool engine_checkpoint_key_is_in_force(const struct engine *engine, const struct signing_key *key);

struct session_view {
    uint32_t participant;
    bool is_up;
    bool is_killed;
    bool cancels_on_disconnect;
    uint32_t grace_ms;
    uint64_t last_number;   /* highest request number sequenced, 0 for none */
    uint64_t last_sequence; /* sequence of its command; UINT64_MAX for none */
    uint32_t orders;        /* resting */
};
bool engine_session(const struct engine *engine, uint32_t session, struct session_view *view);

struct instrument_view {
    uint8_t symbol_bytes;
    char symbol[SYMBOL_BYTES_MAX];
    uint8_t phase; /* enum phase, as it acts now: of the market and its own */
    bool is_killed;
    bool is_halted; /* by itself, whatever the market's phase is */
    int64_t tick_fen;
    uint64_t lot_min;
    uint64_t lot_step;
    uint64_t qty_max;
    int64_t band_low_fen;
    int64_t band_high_fen;
    int64_t reference_fen;
    int64_t last_fen; /* price of the last trade, 0 for none */
};
/* Whether the sweep that the command of this sequence asked for is unfinished. */
bool engine_is_sweeping(const struct engine *engine, uint64_t sequence);

bool engine_instrument(const struct engine *engine, uint32_t instrument,
                       struct instrument_view *view);

/* The number of a symbol's instrument; 0 when unknown. Reads all one by one. */
uint32_t engine_instrument_find(const struct engine *engine, const char *symbol, size_t bytes);

struct account_view {
    uint32_t participant;
    uint64_t owner;
    bool is_killed;
    int64_t cash_fen;     /* settled */
    int64_t reserved_fen; /* of it, by buy orders */
};
bool engine_account(const struct engine *engine, uint32_t account, struct account_view *view);

struct holding_view {
    uint32_t account;
    uint32_t instrument;
    uint64_t quantity; /* settled */
    uint64_t reserved; /* of it, by sell orders */
    uint64_t bound;    /* of it, by entries of the register */
};
/* The holding at place `index`, 1 .. engine_count(POOL_HOLDINGS). */
bool engine_holding(const struct engine *engine, uint32_t index, struct holding_view *view);
/* The holding of an account in an instrument; false when there is none. */
bool engine_holding_find(const struct engine *engine, uint32_t account, uint32_t instrument,
                         struct holding_view *view);

struct order_view {
    uint64_t order_id;
    uint64_t entry; /* sequence at which it entered its place in the public book */
    uint32_t account;
    uint32_t instrument;
    int64_t price_fen;
    uint32_t order_qty;
    uint32_t cum_qty;
    uint32_t leaves_qty;
    trading_date good_till; /* DAY: its day; GTC: DATE_MAX */
    uint8_t side;
    uint32_t row; /* its place in the engine while it rests */
};
/* A resting order by its id; false when it does not rest. */
bool engine_order(const struct engine *engine, uint64_t order_id, struct order_view *view);
/* The resting orders of a session, newest first: the first after `after` (0: the newest). */
bool engine_order_next(const struct engine *engine, uint32_t session, uint64_t after,
                       struct order_view *view);

/* Walking without searching. The views of resting orders that begin a walk, and those that continue
 * it from a view that was made of the engine as it stands (asserted). False at the end. */
bool engine_order_newest(const struct engine *engine, uint32_t session, struct order_view *view);
bool engine_order_older(const struct engine *engine, const struct order_view *from,
                        struct order_view *view);

/* One side of a book in the order in which it would trade: the first order at this price (0: the
 * best) or a worse one; the next. */
bool engine_book_from(const struct engine *engine, uint32_t instrument, enum side side,
                      int64_t from_fen, struct order_view *view);
bool engine_book_next(const struct engine *engine, const struct order_view *from,
                      struct order_view *view);

/* The order that rests at a place; false when none does. */
bool engine_order_at(const struct engine *engine, uint32_t row, struct order_view *view);

/* Certificates that were asked for so far: the number of the last. */
uint64_t engine_certificates(const struct engine *engine);

struct party_view {
    uint32_t participant; /* that acts for it; 0: none */
    uint8_t code_bytes;   /* 0: a natural person */
    char code[CODE_BYTES_MAX];
    uint8_t identity[HASH_BYTES]; /* of a natural person */
};
bool engine_party(const struct engine *engine, uint32_t party, struct party_view *view);
/* The number of a legal person; 0 when unknown. */
uint32_t engine_party_find(const struct engine *engine, const char *code, size_t bytes);

/* What a participant may do for a party: everything (MANDATE_SCOPE_ALL) for its own, else the
 * scopes of its mandates in force; 0: nothing. */
uint32_t engine_party_scopes(const struct engine *engine, uint32_t party, uint32_t participant);

struct party_key_view {
    uint32_t party;
    uint32_t person;
    bool is_revoked;
    struct signing_key key;
    uint64_t serial; /* the highest that it has used; 0: none */
};
bool engine_party_key(const struct engine *engine, uint32_t party_key, struct party_key_view *view);

struct mandate_view {
    uint32_t principal;
    uint32_t agent;
    uint32_t scope; /* set of enum mandate_scope */
    int64_t limit_fen;
    trading_date until;
    int64_t from_ns;
    int64_t to_ns; /* 0: in force */
    uint8_t document[HASH_BYTES];
};
bool engine_mandate(const struct engine *engine, uint32_t mandate, struct mandate_view *view);

struct right_view {
    uint8_t kind;   /* enum right_kind */
    uint8_t office; /* enum office */
    uint8_t number_bytes;
    char number[RIGHT_NUMBER_BYTES_MAX];
    uint32_t status; /* set of enum right_status */
    uint32_t licence_of;
    uint32_t version; /* of its entry 0 */
    trading_date filed;
    trading_date term_end;
    uint32_t appraisals;
    int64_t value_fen; /* of the last */
    trading_date appraised;
    trading_date appraisal_expires;
    uint32_t owners_count;
    struct right_owner owners[RIGHT_OWNERS_MAX];
};
bool engine_right(const struct engine *engine, uint32_t right, struct right_view *view);
/* The number of a right of a kind; 0 when unknown. */
uint32_t engine_right_find(const struct engine *engine, enum right_kind kind, const char *number,
                           size_t bytes);

struct listing_view {
    uint8_t state; /* enum listing_state */
    uint8_t was;   /* SUSPENDED: where it stood */
    uint8_t object;
    uint8_t purpose; /* enum sale_purpose */
    uint8_t asset_kind;
    bool is_reserve_hidden;
    bool is_resuming; /* SUSPENDED: goes on at the deadline */
    uint32_t asset;
    uint32_t holder; /* of an instrument: the party */
    uint64_t units;  /* ppm of a right */
    int64_t floor_fen;
    int64_t increment_fen;
    int64_t reserve_fen; /* 0: none */
    int64_t deposit_fen;
    int64_t high_fen;    /* highest bid that stands, 0 for none */
    int64_t least_fen;   /* that may be bid; INT64_MAX: nothing */
    int64_t deadline_ns; /* of the state; 0: none */
    int64_t disclosed_until_ns;
    uint32_t high; /* whose bid it is: party */
    uint32_t bids;
    uint32_t bidders;     /* who are in */
    uint32_t certificate; /* of the transaction; 0: none yet */
    uint8_t number_bytes; /* the office's */
    char number[SALE_NUMBER_BYTES_MAX];
    uint32_t sellers_count;
    struct listing_seller sellers[LISTING_SELLERS_MAX];
};
bool engine_listing(const struct engine *engine, uint32_t listing, struct listing_view *view);

struct bidder_view {
    uint32_t listing;
    uint32_t party;
    uint32_t account;
    int64_t deposit_fen; /* in escrow */
    int64_t bid_fen;     /* its highest that stands, 0 for none */
    bool is_in;
    bool is_qualified;
};
/* The bidder at place `index`, 1 .. engine_count(POOL_BIDDERS). */
bool engine_bidder(const struct engine *engine, uint32_t index, struct bidder_view *view);
/* Those of a listing: the first place after `after` (0: the first); 0 at the end. */
uint32_t engine_bidder_next(const struct engine *engine, uint32_t listing, uint32_t after);

/* Cash that lies in no account: it waits for whom it is for. */
int64_t engine_escrow_fen(const struct engine *engine);

struct depth_level {
    int64_t price_fen;
    uint64_t quantity;
    uint32_t orders;
};
/* The best `most` prices of one side, best first; returns how many. */
uint32_t engine_depth(const struct engine *engine, uint32_t instrument, enum side side,
                      struct depth_level *levels, uint32_t most);
/* The same of the prices from this one on (0: the best) to the worse. */
uint32_t engine_depth_from(const struct engine *engine, uint32_t instrument, enum side side,
                           int64_t from_fen, struct depth_level *levels, uint32_t most);

#endif
