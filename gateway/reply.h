/*
 * Answers as a client reads them: a ReplyFrame taken apart, and the reports in it as structs.
 *
 *     struct reply reply;
 *     struct reply_part part;
 *     struct report report;
 *     if (reply_read(bytes, size, &reply))
 *         while (reply_next(&reply, &part))
 *             if (part.kind == REPLY_PART_EVENT && report_read(part.bytes, &report))
 *                 ...
 *
 * Reading is tolerant where requests are strict: fields that this release does not know are passed
 * over, so that an older client can talk to a newer exchange.
 *
 * Threads: pure functions. Nothing is allocated; spans point into the frame.
 */
#ifndef GATEWAY_REPLY_H
#define GATEWAY_REPLY_H

#include "engine/reason.h"
#include "engine/types.h"
#include "proto/wire.h"

/* A frame's head, and what is left of it to walk through. */
struct reply {
    uint64_t from; /* it covers the ledger's sequences from .. next - 1 */
    uint64_t next; /* equal to `from`: it stands beside the order, e.g. a repeated answer */
    bool is_page;
    bool is_live;
    struct span rest; /* reply_next()'s */
};

enum reply_part_kind {
    REPLY_PART_EVENT = 3,      /* an encoded Report */
    REPLY_PART_REFUSED = 4,    /* reply_refused_read() */
    REPLY_PART_LOGGED_ON = 5,  /* reply_logged_on_read() */
    REPLY_PART_LOGGED_OFF = 9, /* reply_logged_off_read() */
};

struct reply_part {
    enum reply_part_kind kind;
    uint32_t session; /* of an event for a drop copy: who is told it; 0: the participant as such */
    struct span bytes;
};

#define REPLY_TEXT_BYTES_MAX 200

/* A request that the gateway refused: its number is not used up. */
struct refused {
    uint64_t number; /* 0: it could not be read, or the request has none */
    uint32_t reason; /* enum reason */
    uint64_t limit;  /* what the field may be at most, 0 where that does not help */
    char field[REPLY_TEXT_BYTES_MAX + 1]; /* e.g. "new_order.price", or "" */
    char text[REPLY_TEXT_BYTES_MAX + 1];  /* for people, or "" */
};

struct logged_on {
    uint32_t session; /* 0: a drop copy */
    uint32_t participant;
    uint64_t last_number; /* highest request number sequenced */
    uint64_t next;        /* where the ledger stands */
    trading_date trading_date;
    uint32_t environment; /* enum environment */
    uint32_t credits;
    uint32_t requests_per_second; /* 0: no limit */
    uint32_t heartbeat_ms;
    bool is_live;
    char origin[ORIGIN_BYTES_MAX + 1];
};

struct logged_off {
    uint32_t reason; /* enum reason */
    char text[REPLY_TEXT_BYTES_MAX + 1];
};

/* Reads a frame's head, wherever in it that stands. False when the bytes are no ReplyFrame. */
bool reply_read(const uint8_t *bytes, size_t size, struct reply *reply);

/* The next part that a client acts on; false at the end. */
bool reply_next(struct reply *reply, struct reply_part *part);

/* Texts longer than their limit are cut. False when the bytes are no such message. */
bool reply_refused_read(struct span bytes, struct refused *refused);
bool reply_logged_on_read(struct span bytes, struct logged_on *logged_on);
bool reply_logged_off_read(struct span bytes, struct logged_off *logged_off);

/* What a report tells: the numbers are those of Report's oneof in tpx.proto. */
enum report_body {
    REPORT_EXECUTION = 4,
    REPORT_MASS_CANCELED = 5,
    REPORT_DONE = 6,
    REPORT_BOOK_ADDED = 16,
    REPORT_BOOK_REDUCED = 17,
    REPORT_BOOK_DELETED = 18,
    REPORT_BOOK_TRADED = 19,
    REPORT_INSTRUMENT = 20,
    REPORT_PHASE = 21,
    REPORT_DAY = 22,
    REPORT_KEY = 23,
    REPORT_SESSION = 24,
    REPORT_KILLED = 25,
    REPORT_LISTING = 28,
    REPORT_ESCROW = 29,
};

enum exec_type {
    EXEC_TYPE_NEW = 1,
    EXEC_TYPE_TRADE = 2,
    EXEC_TYPE_REPLACED = 3,
    EXEC_TYPE_CANCELED = 4,
    EXEC_TYPE_EXPIRED = 5,
    EXEC_TYPE_REJECTED = 6,
};

/* As ExecutionReport in tpx.proto; money in fen. */
struct execution {
    uint64_t cl_ord_id; /* number of the request that this answers, 0: nobody asked */
    uint64_t order_id;
    int64_t price_fen;
    uint64_t order_qty;
    uint64_t leaves_qty;
    uint64_t cum_qty;
    int64_t last_px_fen;
    uint64_t last_qty;
    uint64_t trd_match_id;
    int64_t limit;
    uint32_t account;
    uint32_t instrument;
    uint32_t reason;    /* enum reason */
    uint32_t field;     /* enum field */
    uint8_t exec_type;  /* enum exec_type */
    uint8_t ord_status; /* enum ord_status */
    uint8_t side;       /* enum side */
    uint8_t act;        /* enum act_kind */
    uint8_t deed;       /* enum deed_kind */
    bool is_maker;
    bool kept_place;
    char text[TEXT_BYTES_MAX + 1];
};

struct mass_canceled {
    uint64_t cl_ord_id;
    uint64_t count;
};

struct done {
    uint64_t cl_ord_id;
    uint64_t id;      /* what was made */
    uint8_t act;      /* enum act_kind */
    uint8_t deed;     /* enum deed_kind; then id is what it is about */
    bool is_proposal; /* only proposed: it waits for an approval that names id */
};

/* Of the feed's BOOK_ADDED, BOOK_REDUCED, BOOK_DELETED, BOOK_TRADED: fields that a message does not
 * have are 0. */
struct book_change {
    uint64_t
        entry; /* the resting order's public name: the sequence at which it entered its place */
    int64_t price_fen;
    uint64_t quantity; /* ADDED, REDUCED: rests from now on; TRADED: of the trade */
    uint64_t leaves;   /* TRADED: rests from now on; 0: the order is gone */
    uint64_t trd_match_id;
    uint32_t instrument;
    uint8_t side; /* enum side; TRADED: the aggressor's */
};

/* Of INSTRUMENT, PHASE, DAY, KEY, SESSION, KILLED: as the messages in tpx.proto; other fields are
 * 0. */
struct notice {
    uint32_t instrument;
    uint32_t phase; /* enum phase */
    trading_date date;
    uint32_t key;
    uint32_t session;
    uint32_t participant;
    uint32_t account;
    bool is_revoked;
    bool is_up;
    bool is_killed;
};

/* As ListingStatus in tpx.proto. */
struct listing_notice {
    int64_t high_fen;    /* 0: none */
    int64_t deadline_ns; /* 0: none */
    uint32_t listing;
    uint32_t bids;
    uint32_t reason; /* enum reason */
    uint32_t buyer;  /* to the two sides alone: the party that has won */
    uint8_t state;   /* enum listing_state */
    uint8_t stage;
};

/* As EscrowMoved in tpx.proto. */
struct escrow_notice {
    int64_t amount_fen;
    uint32_t listing;
    uint32_t party;
    uint32_t account;
    uint8_t move; /* enum escrow_move */
};

struct report {
    uint64_t sequence; /* with `place`, its ExecID */
    int64_t time_ns;
    uint32_t place;
    uint8_t body; /* enum report_body; 0: one that this release does not know */
    union {
        struct execution execution;
        struct mass_canceled mass_canceled;
        struct done done;
        struct book_change book;
        struct notice notice;
        struct listing_notice listing;
        struct escrow_notice escrow;
    };
};

/* Reads an encoded Report. False when the bytes are none. */
bool report_read(struct span bytes, struct report *report);

/* The number of the request that a report answers, 0 when nobody asked. */
uint64_t report_answers(const struct report *report);

#endif
