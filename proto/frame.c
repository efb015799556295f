/*
 * Frames, by hand: a ClientFrame is one repeated field, and a ReplyFrame is fields put one after
 * the other, so that slices of records are copied once.
 */
#include "proto/frame.h"

#include <assert.h>

#include "proto/message.h"
#include "proto/wire.h"

/* Fields of ReplyFrame. */
enum {
    REPLY_FROM = 1,
    REPLY_NEXT = 2,
    REPLY_EVENT = 3,
    REPLY_REFUSED = 4,
    REPLY_LOGGED_ON = 5,
    REPLY_IS_PAGE = 6,
    REPLY_IS_LIVE = 7,
    REPLY_HEARTBEAT = 8,
    REPLY_LOGGED_OFF = 9,
    REPLY_SESSION = 10,
};

/* Longest of the texts that are our own constants. */
#define REPLY_TEXT_MAX 200

/* What a frame of requests, or of queries, may hold. */
struct frame_rule {
    const char *item; /* as a fault names it */
    uint32_t frame_bytes_max;
    uint32_t item_bytes_max;
    int items_max;
};

static int cut(const struct frame_rule *rule, struct span frame, struct span *items,
               struct codec_fault *fault) {
    struct wire_input in = wire_input_of(frame);
    int count = 0;
    if (frame.size > rule->frame_bytes_max) {
        message_fault(fault, "frame", rule->frame_bytes_max, "is too long");
        return -1;
    }
    while (in.at != in.end) {
        if (*in.at != WIRE_TAG(1, WIRE_BYTES)) {
            message_fault(fault, "frame", 0, "has an unknown field");
            return -1;
        }
        if (count == rule->items_max) {
            message_fault(fault, rule->item, (uint64_t)rule->items_max, "is there too many times");
            return -1;
        }
        in.at++;
        if (!wire_get_bytes(&in, &items[count])) {
            message_fault(fault, rule->item, 0, "is cut off");
            return -1;
        }
        if (items[count].size > rule->item_bytes_max) {
            message_fault(fault, rule->item, rule->item_bytes_max, "is too long");
            return -1;
        }
        count++;
    }
    if (count == 0) {
        message_fault(fault, rule->item, 0, "is missing");
        return -1;
    }
    return count;
}

int frame_requests(const uint8_t *bytes, size_t size, struct span requests[FRAME_REQUESTS_MAX],
                   struct codec_fault *fault) {
    static const struct frame_rule RULE = {"frame.request", FRAME_BYTES_MAX, REQUEST_BYTES_MAX,
                                           FRAME_REQUESTS_MAX};
    return cut(&RULE, (struct span){bytes, size}, requests, fault);
}

int frame_queries(const uint8_t *bytes, size_t size, struct span queries[FRAME_QUERIES_MAX],
                  struct codec_fault *fault) {
    static const struct frame_rule RULE = {"frame.query", QUERY_FRAME_BYTES_MAX,
                                           FRAME_QUERY_BYTES_MAX, FRAME_QUERIES_MAX};
    return cut(&RULE, (struct span){bytes, size}, queries, fault);
}

/* A message inside the frame: open returns where its length stands, wire_close() ends it. */
static uint8_t *open_message(uint8_t *out, unsigned field) {
    *out = WIRE_TAG(field, WIRE_BYTES);
    return out + 1;
}

static uint8_t *put_text(uint8_t *at, unsigned field, const char *text, size_t most) {
    if (text == NULL || *text == '\0') {
        return at;
    }
    size_t size = strlen(text);
    assert(size <= most);
    *at = WIRE_TAG(field, WIRE_BYTES);
    return wire_put_bytes(at + 1, text, size);
}

size_t reply_put_head(uint8_t *out, const struct reply_head *head) {
    uint8_t *at = wire_put_number(out, REPLY_FROM, head->from);
    at = wire_put_number(at, REPLY_NEXT, head->next);
    at = wire_put_number(at, REPLY_IS_PAGE, head->is_page);
    at = wire_put_number(at, REPLY_IS_LIVE, head->is_live);
    if (head->is_heartbeat) {
        at = open_message(at, REPLY_HEARTBEAT);
        *at++ = 0;
    }
    return (size_t)(at - out);
}

size_t reply_put_event(uint8_t *out, const uint8_t *report, size_t size) {
    *out = WIRE_TAG(REPLY_EVENT, WIRE_BYTES);
    uint8_t *at = wire_put_bytes(out + 1, report, size);
    return (size_t)(at - out);
}

size_t reply_put_session(uint8_t *out, uint32_t session) {
    *out = WIRE_TAG(REPLY_SESSION, WIRE_VARINT);
    return (size_t)(wire_put_varint(out + 1, session) - out); /* also when it is 0 */
}

size_t reply_put_refused(uint8_t *out, const struct reply_refused *refused) {
    uint8_t *length = open_message(out, REPLY_REFUSED);
    uint8_t *at = wire_put_number(length + 1, 1, refused->number);
    at = wire_put_number(at, 2, (uint64_t)refused->reason);
    at = put_text(at, 3, refused->field, REPLY_TEXT_MAX);
    at = wire_put_number(at, 4, refused->limit);
    at = put_text(at, 5, refused->text, REPLY_TEXT_MAX);
    return (size_t)(wire_close(length, at) - out);
}

size_t reply_put_logged_on(uint8_t *out, const struct reply_logged_on *logged_on) {
    uint8_t *length = open_message(out, REPLY_LOGGED_ON);
    uint8_t *at = wire_put_number(length + 1, 1, logged_on->session);
    at = wire_put_number(at, 2, logged_on->last_number);
    at = wire_put_number(at, 3, logged_on->next);
    at = wire_put_number(at, 4, logged_on->trading_date);
    at = wire_put_number(at, 5, logged_on->environment);
    at = put_text(at, 6, logged_on->origin, ORIGIN_BYTES_MAX);
    at = wire_put_number(at, 7, logged_on->credits);
    at = wire_put_number(at, 8, logged_on->requests_per_second);
    at = wire_put_number(at, 9, logged_on->heartbeat_ms);
    at = wire_put_number(at, 10, logged_on->participant);
    at = wire_put_number(at, 11, logged_on->is_live);
    return (size_t)(wire_close(length, at) - out);
}

size_t reply_put_logged_off(uint8_t *out, enum reason reason, const char *text) {
    uint8_t *length = open_message(out, REPLY_LOGGED_OFF);
    uint8_t *at = wire_put_number(length + 1, 1, (uint64_t)reason);
    at = put_text(at, 2, text, REPLY_TEXT_MAX);
    return (size_t)(wire_close(length, at) - out);
}
