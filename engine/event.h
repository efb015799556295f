/*
 * What the engine answers: events, one cache line each, in the order in which things happened.
 *
 * An event names its audience: whom it is for. proto/codec_event.h turns it into the protobuf
 * message that its audience receives; those bytes stand in the ledger.
 *
 * A request of a session always gets at least one event for that session. Public events name an
 * order by the sequence at which it entered, never by its owner.
 */
#ifndef ENGINE_EVENT_H
#define ENGINE_EVENT_H

#include "engine/extract.h"
#include "engine/reason.h"
#include "engine/types.h"

enum audience {
    AUDIENCE_NOBODY = 0,      /* for the ledger alone */
    AUDIENCE_EVERYBODY = 1,   /* the feed */
    AUDIENCE_SESSION = 2,     /* to: session; copied to its participant's drop copy */
    AUDIENCE_PARTICIPANT = 3, /* to: participant */
};

enum event_kind {
    /* Reports on an order, to its session. */
    EVENT_NEW = 1,      /* accepted: order_qty in quantity */
    EVENT_TRADE = 2,    /* one fill: quantity at price_fen, leaves and cum after it */
    EVENT_REPLACED = 3, /* the new total in quantity, the new price */
    EVENT_CANCELED = 4, /* quantity is what was left; reason NONE: as asked */
    EVENT_EXPIRED = 5,  /* quantity is what was left */
    EVENT_REJECTED = 6, /* nothing has changed: reason, and field with limit where they help */

    /* Other answers, to the session that asked. */
    EVENT_MASS_CANCELED = 7, /* value: how many orders, after their CANCELED */
    EVENT_DONE = 8,          /* an act, a proposal or an approval: id is what was made (act_kind
                                in act); a proposal's id is its sequence */

    /* The feed, to everybody. Orders are named by entry. */
    EVENT_BOOK_ADDED = 16,   /* quantity rests at price_fen */
    EVENT_BOOK_REDUCED = 17, /* quantity rests from now on, place kept */
    EVENT_BOOK_DELETED = 18, /* gone without a trade; a replace that loses its place is DELETED
                                and, if it rests, ADDED */
    EVENT_BOOK_TRADED = 19,  /* entry (the resting order) traded quantity at price_fen; side is
                                the taker's; leaves is what rests on */
    EVENT_INSTRUMENT = 20,   /* an instrument was added or its band changed; id is its number */
    EVENT_PHASE = 21,        /* instrument (0: every one) has enum phase `phase` of its own, which
                                acts while the market's lets it */
    EVENT_DAY = 22,          /* the market's phase is `phase`, its day in value: at opening and
                                close, outage and reopening. An instrument's phase is the one that
                                allows less: CLOSED, HALTED, CONTINUOUS, of the two */

    /* State that others than the sender must know. */
    EVENT_KEY = 23,     /* id: key number; reason KEY_REVOKED when revoked; to its participant */
    EVENT_SESSION = 24, /* id: session; phase 1 up, 0 down; to its participant */
    EVENT_KILLED = 25,  /* act KILL or UNKILL; to the participant, or everybody */

    /* The register. */
    EVENT_ENTRY = 26,   /* an entry was made or has changed: `extract` */
    EVENT_MANDATE = 27, /* id: mandate; phase 1 in force, 2 revoked, 3 lapsed; value: principal,
                           quantity: agent, leaves: scope, limit: its limit, cum: last day; to the
                           agent, and to the principal's participant */

    /* Rights on sale. */
    EVENT_LISTING = 28, /* id: listing; phase: enum listing_state, stage: where it stood when it was
                           suspended, else the same; price_fen: the highest bid, 0 none; quantity:
                           bids so far; value: the state's deadline, 0 none; to a participant also
                           party: who has won */
    EVENT_ESCROW = 29,  /* id: listing; act: enum escrow_move of price_fen, from or to account;
                           party: the bidder or seller; to the account's participant */

    EVENT_NOTICE = 30, /* an entry that concerns a participant, or frozen cash, which is no entry:
                          `extract` */
};

struct event {
    uint8_t kind;     /* enum event_kind */
    uint8_t audience; /* enum audience */
    uint16_t reason;  /* enum reason */
    uint32_t to;      /* session or participant, by audience */
    union {
        uint64_t order_id;
        const struct extract *extract; /* ENTRY, NOTICE: in the engine, until the next command */
    };
    union {
        uint64_t entry; /* feed: sequence at which the order entered */
        uint64_t id;    /* DONE, INSTRUMENT, KEY, SESSION, MANDATE, LISTING, ESCROW */
    };
    union {
        uint64_t match_id; /* TRADE, BOOK_TRADED: number of the trade, from 1 */
        uint64_t value;    /* MASS_CANCELED, DAY, LISTING */
    };
    union {
        int64_t price_fen;
        int64_t limit; /* REJECTED: what the field may be at most, or at least */
    };
    uint32_t quantity;
    uint32_t leaves;
    union {
        uint32_t cum;
        uint32_t party; /* LISTING, ESCROW */
    };
    uint32_t instrument;
    uint32_t account;
    union {
        uint8_t side;  /* enum side */
        uint8_t stage; /* LISTING: enum listing_state */
    };
    uint8_t ord_status; /* enum ord_status */
    union {
        uint8_t field;      /* REJECTED: enum field */
        uint8_t phase;      /* PHASE, SESSION; LISTING: enum listing_state */
        uint8_t is_maker;   /* TRADE: it rested */
        uint8_t kept_place; /* REPLACED */
    };
    uint8_t act; /* DONE, REJECTED of an act, KILLED: enum act_kind; of a deed: enum deed_kind;
                    ESCROW: enum escrow_move */
};

_Static_assert(sizeof(struct event) == 64, "an event is one cache line");

/* Where events go: the caller's array, from `next` to `end`. flush() is called when an event is to
 * be written and next == end, also in the middle of a command; it must leave next < end and not
 * call the engine. What is left after a command lies before `next`. */
struct event_sink {
    struct event *next;
    struct event *end;
    void (*flush)(struct event_sink *sink);
    void *owner; /* the caller's, untouched */

    /* The engine's: how many events the command has made before `counted`. */
    uint64_t made;
    struct event *counted;
};

#endif
