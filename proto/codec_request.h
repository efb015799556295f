/*
 * Requests between the wire and the engine: strict decoding into struct command, and encoding.
 *
 * Decoding refuses what a later release could read differently: unknown fields, a field twice, an
 * enum without that number, a scalar out of its range, text that is not UTF-8 or too long, no body
 * or two. What it accepts is complete: the engine needs to check no lengths and no enums again.
 * The bytes themselves are what is hashed and recorded; nothing is ever re-encoded.
 *
 * Threads: pure functions.
 */
#ifndef PROTO_CODEC_REQUEST_H
#define PROTO_CODEC_REQUEST_H

#include "engine/command.h"
#include "engine/reason.h"

/* Requests of the connection, beside enum verb: never sequenced, number 0. */
enum connection_verb {
    VERB_LOGON = 16,
    VERB_RESUME = 17,
    VERB_HEARTBEAT = 18,
    VERB_LOGOFF = 19,
};

struct logon {
    uint32_t session;
    uint32_t protocol;
    uint64_t next;
    bool is_drop_copy;
};

/* One decoded Request. */
struct request {
    struct command command; /* stamp.number and verb are set; the rest of the stamp is 0 */
    struct logon logon;     /* VERB_LOGON; VERB_RESUME uses `next` */
};

/* Why bytes are no request. */
struct codec_fault {
    const char *field; /* a constant such as "new_order.price", "request" for the whole */
    uint64_t limit;    /* what it may be at most, 0 where that does not help */
    const char *text;  /* a constant sentence */
};

/* Decodes one Request of at most REQUEST_BYTES_MAX bytes. `number` is 1 .. ORDER_NUMBER_MAX for
 * verbs 2 to 9 and 0 for all others. True: `request` is filled, its pointers point into `bytes`.
 * False: `fault` says why, `request->command.stamp.number` holds the number if it could be read,
 * else 0. Allocates nothing. */
bool codec_request_decode(const uint8_t *bytes, size_t size, struct request *request,
                          struct codec_fault *fault);

#define CODEC_REQUEST_SLACK 32

/* Encodes a command, or a connection verb, as a Request; returns the bytes written, 0 when they
 * would come within CODEC_REQUEST_SLACK bytes of `room`. Genesis fits in REQUEST_BYTES_MAX.
 * Canonical: fields in order of their numbers, defaults left out; the same bytes protobuf-c would
 * write. `name` is the text that stays outside (a name or title, as many bytes as its message
 * says), else NULL. Asserts: a verb, or kind of act, that exists. */
size_t codec_request_encode(const struct request *request, const char *name, uint8_t *out,
                            size_t room);

/* Encodes the body of a deed alone, byte for byte as it will stand in the request: what its
 * signatures are over. `out` has room for REQUEST_BYTES_MAX. Returns its bytes, which may be none;
 * -1 when it is too large for a request. */
int codec_deed_body_encode(const struct deed *deed, const char *name,
                           uint8_t out[REQUEST_BYTES_MAX]);

#endif
