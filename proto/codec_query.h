/*
 * Queries between the wire and a struct: strict decoding, as of requests (codec_request.h), and
 * encoding. A query is never recorded.
 *
 * Threads: pure functions.
 */
#ifndef PROTO_CODEC_QUERY_H
#define PROTO_CODEC_QUERY_H

#include "engine/authority.h"
#include "proto/codec_request.h"
#include "proto/frame.h"

enum {
    QUERY_BYTES_MAX = FRAME_QUERY_BYTES_MAX, /* one encoded Query */
    QUERY_CURSOR_BYTES_MAX = 32,             /* of a page; opaque to who asks */
    QUERY_ROWS_MAX = 1000,                   /* of one answer */
    QUERY_DEPTH_MAX = 500,                   /* levels of a side in one answer */
    QUERY_WAIT_MS_MAX = 10000,
};

/* In each of these a number 0 stands for every one. */
struct order_query {
    uint64_t order_id;
};
struct open_orders_query {
    uint32_t session;
    uint32_t participant;
    uint32_t account;
    uint32_t instrument;
    uint8_t side; /* enum side */
};
struct accounts_query {
    uint32_t account;
    uint32_t participant;
};
struct positions_query {
    uint32_t account;
    uint32_t participant;
    uint32_t instrument;
};
struct book_levels_query {
    uint32_t instrument;
    uint32_t depth; /* levels of each side; 0: all, in pages */
};
struct book_orders_query {
    uint32_t instrument;
};
struct instruments_query {
    uint32_t instrument;
    uint8_t symbol_bytes; /* 0: whatever it is */
    char symbol[SYMBOL_BYTES_MAX];
};
struct participants_query {
    uint32_t participant;
};
struct sessions_query {
    uint32_t session;
    uint32_t participant;
};
struct keys_query {
    uint32_t key;
    uint32_t participant;
};

struct parties_query {
    uint32_t party;
    uint8_t code_bytes; /* 0: whatever it is */
    char code[CODE_BYTES_MAX];
};
struct party_keys_query {
    uint32_t party_key;
    uint32_t party;
};
struct certificate_query {
    uint64_t number;
};
struct mandates_query {
    uint32_t mandate;
    uint32_t principal;
    uint32_t agent;
};

/* In these the subject must be named. */
struct order_history_query {
    uint64_t order_id;
    uint64_t from; /* sequence */
};
struct account_history_query {
    uint32_t account;
    uint64_t from;
};
struct session_history_query {
    uint32_t session;
    uint64_t from;
};

struct trades_query {
    uint32_t instrument; /* 0: of all */
    uint64_t from;       /* sequence */
    bool newest_first;
};
struct queue_query {
    uint64_t order_id;
};

/* The register. An asset is named by its kind and number, of a holding its holder's too; or a right
 * by what kind of right it is and its canonical number. As of when is asked: a sequence, 0 for the
 * answer's own, and a time, 0 for any. */
struct entries_query {
    uint8_t asset_kind; /* enum asset_kind */
    uint32_t asset;
    uint32_t holder;
    uint8_t right_kind;   /* enum right_kind */
    uint8_t number_bytes; /* 0: by its number here */
    char number[RIGHT_NUMBER_BYTES_MAX];
    uint64_t as_of;
    int64_t time_ns;
    bool is_one;    /* ENTRY_VERSIONS: of one entry, */
    uint32_t entry; /* this one */
};
struct party_entries_query {
    uint32_t party;
    uint8_t code_bytes; /* 0: by its number here */
    char code[CODE_BYTES_MAX];
    uint8_t role;     /* enum entry_role; ANY */
    bool is_in_force; /* only what is */
    uint64_t as_of;
    int64_t time_ns;
};
struct number_entries_query {
    uint8_t series; /* enum entry_kind */
    uint64_t number;
    uint64_t as_of;
    int64_t time_ns;
};
struct register_changes_query {
    uint64_t from;
    uint32_t party; /* 0: whomever they name */
};
struct bound_totals_query {
    uint32_t instrument;
    uint64_t as_of;
    int64_t time_ns;
};
struct listings_query {
    uint32_t listing;
    uint32_t right;
};
struct bidders_query { /* the listing must be named */
    uint32_t listing;
    uint32_t party;
};

/* One decoded Query. */
struct query {
    uint64_t id;
    uint64_t at_least; /* as-of that the answer must have */
    uint32_t wait_ms;  /* how long it may wait for that */
    uint32_t limit;    /* rows of the answer; 0: QUERY_ROWS_MAX */
    uint8_t kind;      /* enum query_kind */
    uint8_t cursor_bytes;
    uint8_t cursor[QUERY_CURSOR_BYTES_MAX]; /* 0 bytes: the first page */
    union {
        struct order_query order;
        struct open_orders_query open_orders;
        struct accounts_query accounts;
        struct positions_query positions;
        struct book_levels_query book_levels;
        struct book_orders_query book_orders;
        struct instruments_query instruments;
        struct participants_query participants;
        struct sessions_query sessions;
        struct keys_query keys;
        struct order_history_query order_history;
        struct account_history_query account_history;
        struct session_history_query session_history;
        struct trades_query trades;
        struct queue_query queue;
        struct entries_query entries; /* and ENTRY_VERSIONS */
        struct party_entries_query party_entries;
        struct number_entries_query number_entries;
        struct register_changes_query register_changes;
        struct bound_totals_query bound_totals;
        struct parties_query parties;
        struct party_keys_query party_keys;
        struct mandates_query mandates;
        struct certificate_query certificate;
        struct listings_query listings;
        struct bidders_query bidders;
    };
};

/* Decodes one Query of at most QUERY_BYTES_MAX bytes. False: `fault` says why, and `query->id` is
 * the id if it could be read, else 0. Allocates nothing. */
bool codec_query_decode(const uint8_t *bytes, size_t size, struct query *query,
                        struct codec_fault *fault);

/* Encodes a query, canonically; `out` has room for QUERY_BYTES_MAX. Returns the bytes written.
 * Asserts: a kind that exists. */
size_t codec_query_encode(const struct query *query, uint8_t out[QUERY_BYTES_MAX]);

#endif
