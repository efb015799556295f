/*
 * Authority: who may send what, and who may see what. One table, exported as data so that a test, a
 * reader and the gateway's early filter can walk it; the engine decides by it again for every
 * request, from the key number in the record (RULES.md, section 6).
 *
 * A row is a verb, or with VERB_ACT an act, whichever way it comes: sent alone, proposed, approved.
 * Two acts have two rows, because one of their forms needs a second key (`form`).
 *
 * An act that needs one key may also be proposed and approved: two keys are never less. Proposals
 * and approvals are judged by the row of their act, for each of the two keys.
 */
#ifndef ENGINE_AUTHORITY_H
#define ENGINE_AUTHORITY_H

#include "engine/extract.h"

enum authority_form {
    AUTHORITY_PLAIN = 0,
    AUTHORITY_GUARDED = 1, /* ADD_KEY: for an operator or a regulator */
    AUTHORITY_RESUMES = 2, /* HALT with is_halted false */
};

/* Environments in which a row holds, a set of bits 1 << enum environment. */
enum {
    AUTHORITY_IN_TEST = 1 << ENVIRONMENT_TEST,
    AUTHORITY_EVERYWHERE = 1 << ENVIRONMENT_PRODUCTION | 1 << ENVIRONMENT_TEST,
};

struct authority {
    uint8_t verb;         /* enum verb */
    uint8_t act;          /* enum act_kind with VERB_ACT, enum deed_kind with VERB_DEED; else 0 */
    uint8_t form;         /* enum authority_form */
    uint8_t keys;         /* of different persons: 1 or 2; 0: the exchange's own command */
    uint8_t environments; /* bits 1 << enum environment */
    uint8_t disk_worst;   /* enum disk_step: the worst at which it is still taken */
    uint32_t roles;       /* any of these may send it, about anybody */
    uint32_t roles_own;   /* any of these may, about their own participant alone */
};

/* Rows; the first are the requests that come often, where the engine needs no search. */
enum authority_row {
    AUTHORITY_ROW_NEW_ORDER,
    AUTHORITY_ROW_REPLACE,
    AUTHORITY_ROW_CANCEL,
    AUTHORITY_ROW_MASS_CANCEL,
    AUTHORITY_ROW_REST, /* no order from here on */
};

extern const struct authority authority_table[];
extern const size_t authority_rows;

/* The row of a verb, or of an act in a form; it exists. */
const struct authority *authority_find(uint8_t verb, uint8_t act, enum authority_form form);

/* Whether a participant of these roles may send what the row says, about its own participant or
 * about another. */
static inline bool authority_allows(const struct authority *row, uint32_t roles, bool is_own) {
    return (roles & (row->roles | (is_own ? row->roles_own : 0))) != 0;
}

/* What can be asked, of a state alone: nothing of it is sequenced. The number is that of the
 * question's field in tpx.proto's Query. */
enum query_kind {
    QUERY_ORDER = 8,
    QUERY_OPEN_ORDERS = 9,
    QUERY_ACCOUNTS = 10,
    QUERY_POSITIONS = 11,
    QUERY_BOOK_LEVELS = 12,
    QUERY_BOOK_ORDERS = 13,
    QUERY_INSTRUMENTS = 14,
    QUERY_PARAMETERS = 15,
    QUERY_PARTICIPANTS = 16,
    QUERY_SESSIONS = 17,
    QUERY_KEYS = 18,
    QUERY_LIMITS = 19,
    QUERY_LEDGER = 20,
    QUERY_ORDER_HISTORY = 21,
    QUERY_ACCOUNT_HISTORY = 22,
    QUERY_SESSION_HISTORY = 23,
    QUERY_TRADES = 24,
    QUERY_QUEUE = 25,
    QUERY_ENTRIES = 32,
    QUERY_ENTRY_VERSIONS = 33,
    QUERY_PARTY_ENTRIES = 34,
    QUERY_NUMBER_ENTRIES = 35,
    QUERY_REGISTER_CHANGES = 36,
    QUERY_BOUND_TOTALS = 37,
    QUERY_PARTIES = 40,
    QUERY_PARTY_KEYS = 41,
    QUERY_MANDATES = 42,
    QUERY_CERTIFICATE = 48,
    QUERY_LISTINGS = 52,
    QUERY_BIDDERS = 53,
    QUERIES_END = 54, /* one past the last */
};

/* Who may see what a question is about. What belongs to a participant is shown, row by row, to
 * these roles and to these of its own; what belongs to nobody (a book, an instrument) to the first
 * alone. */
struct authority_sight {
    uint32_t roles;     /* any of these see it, whosever it is */
    uint32_t roles_own; /* any of these see what is their own participant's */
};

extern const struct authority_sight authority_sights[QUERIES_END]; /* [enum query_kind] */

/* Who may see the entries on an asset, besides: one's own is what one's party has, or is named by
 * in an entry in force. */
extern const struct authority_sight authority_assets[ASSETS_END]; /* [enum asset_kind] */

/* Whether a participant of these roles may see a row, its own or another's. */
static inline bool authority_shows(enum query_kind kind, uint32_t roles, bool is_own) {
    const struct authority_sight *sight = &authority_sights[kind];
    return (roles & (sight->roles | (is_own ? sight->roles_own : 0))) != 0;
}

static inline bool authority_shows_asset(enum asset_kind kind, uint32_t roles, bool is_own) {
    const struct authority_sight *sight = &authority_assets[kind];
    return (roles & (sight->roles | (is_own ? sight->roles_own : 0))) != 0;
}

#endif
