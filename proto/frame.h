/*
 * Frames: cutting a ClientFrame into requests and a QueryFrame into queries, and putting a
 * ReplyFrame together from slices of records. No copies but the one into the outgoing frame.
 */
#ifndef PROTO_FRAME_H
#define PROTO_FRAME_H

#include "engine/reason.h"
#include "proto/codec_request.h"
#include "proto/wire.h"

enum {
    FRAME_BYTES_MAX = 1 << 20,       /* a ClientFrame */
    FRAME_REQUESTS_MAX = 1024,       /* requests in one */
    REPLY_FRAME_BYTES_MAX = 1 << 18, /* a ReplyFrame */

    QUERY_FRAME_BYTES_MAX = 1 << 15, /* a QueryFrame */
    FRAME_QUERIES_MAX = 64,          /* queries in one */
    FRAME_QUERY_BYTES_MAX = 256,     /* one of them */
};

/* Cuts a ClientFrame into its requests (encoded, not yet looked into). Returns how many, 0 ..
 * FRAME_REQUESTS_MAX, or -1 and a fault when the bytes are no ClientFrame, hold an unknown field,
 * none or too many requests, or one above REQUEST_BYTES_MAX. */
int frame_requests(const uint8_t *bytes, size_t size, struct span requests[FRAME_REQUESTS_MAX],
                   struct codec_fault *fault);

/* Cuts a QueryFrame into its queries, likewise. */
int frame_queries(const uint8_t *bytes, size_t size, struct span queries[FRAME_QUERIES_MAX],
                  struct codec_fault *fault);

/* What a ReplyFrame holds besides events; zeros and NULLs are left out. */
struct reply_head {
    uint64_t from;
    uint64_t next;
    bool is_page;
    bool is_live;
    bool is_heartbeat;
};

struct reply_refused {
    uint64_t number;
    enum reason reason;
    const char *field; /* NULL: none */
    uint64_t limit;
    const char *text; /* NULL: none */
};

struct reply_logged_on {
    uint32_t session;
    uint32_t participant;
    uint64_t last_number;
    uint64_t next;
    uint32_t trading_date;
    uint8_t environment;
    const char *origin;
    uint32_t credits;
    uint32_t requests_per_second;
    uint32_t heartbeat_ms;
    bool is_live;
};

/* Writers append one field at `out` and return the bytes written; each says the most it writes, and
 * may touch WIRE_SLACK bytes behind. A field's name and a text have at most 200 bytes. */
#define REPLY_HEAD_BYTES_MAX 32
size_t reply_put_head(uint8_t *out, const struct reply_head *head);
/* At most size + REPLY_EVENT_OVERHEAD_MAX. */
#define REPLY_EVENT_OVERHEAD_MAX 4
size_t reply_put_event(uint8_t *out, const uint8_t *report, size_t size);
/* Behind an event of a drop copy: whose it is. */
#define REPLY_SESSION_BYTES_MAX 6
size_t reply_put_session(uint8_t *out, uint32_t session);
/* What the reports of one record may take, to whomever they go. */
#define REPLY_RECORD_BYTES_MAX(record_bytes, reports)                                              \
    ((record_bytes) + (reports) * (REPLY_EVENT_OVERHEAD_MAX + REPLY_SESSION_BYTES_MAX))
#define REPLY_REFUSED_BYTES_MAX 512
size_t reply_put_refused(uint8_t *out, const struct reply_refused *refused);
#define REPLY_LOGGED_ON_BYTES_MAX 256
size_t reply_put_logged_on(uint8_t *out, const struct reply_logged_on *logged_on);
#define REPLY_LOGGED_OFF_BYTES_MAX 256
size_t reply_put_logged_off(uint8_t *out, enum reason reason, const char *text);

#endif
