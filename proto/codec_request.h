/*
 * Requests between the wire and the engine: strict decoding into struct command, and encoding.
 *
 * Decoding refuses what a later release could read differently: unknown fields, a field twice, an
 * enum without that number, a scalar out of its range, text that is not UTF-8 or too long, no body
 * or two. What it accepts is complete: the engine needs to check no lengths and no enums again.
 * The bytes themselves are what is hashed and recorded; nothing is ever re-encoded.
 *
 * Threads: functions here keep no state but the caller's codec, one a thread.
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

struct codec; /* arena and scratch of one thread */

/* Memory for a codec; NULL when there is none. */
struct codec *codec_create(void);
void codec_destroy(struct codec *codec);

/* Decodes one Request of at most REQUEST_BYTES_MAX bytes. `number` is 1 .. ORDER_NUMBER_MAX for
 * verbs 2 to 8 and 0 for all others. True: `request` is filled, its pointers point into `bytes`.
 * False: `fault` says why, `request->command.stamp.number` holds the number if it could be read,
 * else 0. Allocates nothing. */
bool codec_request_decode(struct codec *codec, const uint8_t *bytes, size_t size,
                          struct request *request, struct codec_fault *fault);

/* Encodes a command, or a connection verb, as a Request; returns the bytes written, 0 when
 * `room` is too small. Genesis fits in REQUEST_BYTES_MAX. Canonical: fields in order of their
 * numbers, defaults left out; the same bytes protobuf-c would write. `name` is an add_participant's
 * name (command.act.add_participant.name_bytes bytes), else NULL. */
size_t codec_request_encode(const struct request *request, const char *name, uint8_t *out,
                            size_t room);

#endif
