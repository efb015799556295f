/*
 * Answers to queries: written one after the other into a frame, and read from it.
 *
 *     struct message_output out = {.next = frame, .end = frame + room};
 *     uint8_t *length = codec_answer_open(&out, id, as_of);
 *     while (more rows)
 *         codec_answer_row(&out, ROW_ORDER, &order);
 *     codec_answer_close(&out, length, cursor, cursor_bytes);
 *
 * Threads: pure functions.
 */
#ifndef PROTO_CODEC_ANSWER_H
#define PROTO_CODEC_ANSWER_H

#include "engine/view.h"
#include "proto/codec_query.h"
#include "proto/frame.h"
#include "proto/message.h"

enum {
    ANSWER_FRAME_BYTES_MAX = 1 << 18, /* an AnswerFrame */
    ANSWER_BYTES_MAX = 1 << 16,       /* one Answer in it: a page ends before */
    ANSWER_ROW_BYTES_MAX = 544,       /* one row, but for that of the ledger */
    CHECKPOINT_BYTES_MAX = 16384,     /* of the ledger's row */
    FOLLOWER_NAME_BYTES_MAX = 32,
};

/* What a row is of; the number is that of its field in Answer. */
enum row_kind {
    ROW_ORDER = 4,
    ROW_ACCOUNT = 5,
    ROW_POSITION = 6,
    ROW_LEVEL = 7,
    ROW_ENTRY = 8,
    ROW_INSTRUMENT = 9,
    ROW_PARAMETERS = 10,
    ROW_PARTICIPANT = 11,
    ROW_SESSION = 12,
    ROW_KEY = 13,
    ROW_POOL = 14,
    ROW_LEDGER = 15,
    ROW_FOLLOWER = 16,
    ROW_REPORT = 17,
    ROW_QUEUE = 18,
    ROW_REGISTERED = 32,
    ROW_BOUND = 33,
    ROW_PARTY = 40,
    ROW_PARTY_KEY = 41,
    ROW_MANDATE = 42,
    ROW_CERTIFICATE = 48,
    ROW_LISTING = 52,
    ROW_BIDDER = 53,
    ROWS_END = 54, /* one past the last */
};

/* Rows are views of the engine (engine/view.h) with the number that names them. */
struct account_row {
    uint32_t account;
    struct account_view view;
};
struct level_row {
    uint8_t side; /* enum side */
    struct depth_level level;
};
struct entry_row {
    uint64_t entry;
    uint8_t side; /* enum side */
    int64_t price_fen;
    uint64_t quantity;
};
struct instrument_row {
    uint32_t instrument;
    struct instrument_view view;
    int64_t best_bid_fen; /* 0: none */
    int64_t best_ask_fen;
};
struct parameters_row {
    struct market_view market;
    uint8_t origin_bytes;
    char origin[ORIGIN_BYTES_MAX];
    uint32_t price_ticks_max;
    uint32_t credits;
    uint32_t requests_per_second;
    uint32_t heartbeat_ms;
    uint32_t queries_per_second;
};
struct participant_row {
    uint32_t participant;
    struct participant_view view;
};
struct session_row {
    uint32_t session;
    struct session_view view;
};
struct key_row {
    uint32_t key;
    struct key_view view;
};
struct pool_row {
    uint8_t pool; /* enum pool */
    uint32_t used;
    uint32_t limit;
    uint32_t ceiling;
};
struct ledger_row {
    uint64_t next;
    uint64_t durable;
    uint64_t sealed;
    uint64_t checkpoint_size;
    const uint8_t *checkpoint; /* a signed note, not owned */
    uint32_t checkpoint_bytes;
    uint8_t disk_step; /* enum disk_step */
};
struct follower_row {
    uint8_t name_bytes;
    char name[FOLLOWER_NAME_BYTES_MAX];
    uint64_t as_of;
};

struct report_row {
    uint32_t session;      /* that was told; 0: its participant as such */
    const uint8_t *report; /* encoded, not owned */
    uint32_t report_bytes; /* at most CODEC_REPORT_BYTES_MAX */
};
struct queue_row { /* of a page: an order's place is their sum */
    uint64_t order_id;
    uint64_t ahead_qty;
    uint32_t ahead_orders;
};

struct registered_row {
    uint8_t role;          /* PARTY_ENTRIES: enum entry_role */
    const uint8_t *report; /* encoded, not owned */
    uint32_t report_bytes; /* at most CODEC_REPORT_BYTES_MAX */
};
struct bound_row {
    uint32_t instrument;
    uint8_t kind; /* enum entry_kind */
    uint64_t quantity;
};
struct party_row {
    uint32_t party;
    struct party_view view;
};
struct party_key_row {
    uint32_t party_key;
    struct party_key_view view;
};
struct certificate_row { /* a piece of its text */
    uint64_t size;       /* of all of it */
    uint64_t offset;
    const uint8_t *text;
    uint32_t text_bytes;
};
struct mandate_row {
    uint32_t mandate;
    struct mandate_view view;
};
struct listing_row {
    uint32_t listing;
    struct listing_view view; /* without whose the highest bid is, and a hidden reserve */
};

/* --- writing ------------------------------------------------------------------------------------
 */

/* Opens an answer in an AnswerFrame; returns where its length stands. */
uint8_t *codec_answer_open(struct message_output *out, uint64_t id, uint64_t as_of);

/* Closes it. `cursor` is where the next page begins; `bytes` 0: there is none. */
void codec_answer_close(struct message_output *out, uint8_t *length, const uint8_t *cursor,
                        size_t bytes);

/* A refusal, in place of rows; its number is 0. */
void codec_answer_refuse(struct message_output *out, const struct reply_refused *refused);

/* A row of a kind: an order_view, or the struct above of that name. */
void codec_answer_row(struct message_output *out, enum row_kind kind, const void *row);

/* --- reading ------------------------------------------------------------------------------------
 */

/* An answer, and what is left of it to walk through. Spans point into the frame. */
struct answer {
    uint64_t id;
    uint64_t as_of;
    struct span refused; /* an encoded Refused; bytes NULL: it was not */
    struct span cursor;
    struct span rest;
};

struct answer_row {
    enum row_kind kind;
    union {
        struct order_view order; /* without `row` */
        struct account_row account;
        struct holding_view position;
        struct level_row level;
        struct entry_row entry;
        struct instrument_row instrument;
        struct parameters_row parameters;
        struct participant_row participant;
        struct session_row session;
        struct key_row key;
        struct pool_row pool;
        struct ledger_row ledger;
        struct follower_row follower;
        struct report_row report;
        struct queue_row queue;
        struct registered_row registered;
        struct bound_row bound;
        struct party_row party;
        struct party_key_row party_key;
        struct mandate_row mandate;
        struct certificate_row certificate;
        struct listing_row listing;
        struct bidder_view bidder;
    };
};

/* Takes the next answer off a frame; what this release does not know is passed over. False at the
 * frame's end, or where it is broken. */
bool codec_answer_read(struct span *frame, struct answer *answer);

/* The next row. False at the answer's end, or where it is broken. */
bool codec_answer_next(struct answer *answer, struct answer_row *row);

#endif
