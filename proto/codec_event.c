/*
 * Reports, written field by field in the order of their numbers. Bodies stay below 128 bytes, so
 * their length is one byte that is filled in afterwards.
 */
#include "proto/codec_event.h"

#include <assert.h>

#include "proto/codec_extract.h"
#include "proto/wire.h"

/* Tags of Report's bodies. */
enum { BODY_EXECUTION = 4, BODY_MASS_CANCELED = 5, BODY_DONE = 6 };

/* The number of the request that the event answers; 0 when its receiver did not send it. */
static uint64_t cl_ord_id(const struct event *event, const struct command *command) {
    bool is_sender = event->audience == AUDIENCE_SESSION && event->to == command->stamp.session;
    return is_sender ? command->stamp.number : 0;
}

static uint8_t *put_text(uint8_t *at, const struct command *command) {
    if (command->verb != VERB_NEW_ORDER || command->new_order.text_bytes == 0) {
        return at;
    }
    at = wire_put_high_tag(at, 20, WIRE_BYTES);
    return wire_put_bytes(at, command->new_order.text, command->new_order.text_bytes);
}

static uint8_t *put_trade(uint8_t *at, const struct event *event) {
    at = wire_put_number(at, 9, (uint64_t)event->leaves + event->cum);
    at = wire_put_number(at, 10, event->leaves);
    at = wire_put_number(at, 11, event->cum);
    at = wire_put_number(at, 12, (uint64_t)event->price_fen);
    at = wire_put_number(at, 13, event->quantity);
    at = wire_put_number(at, 14, event->match_id);
    return wire_put_number(at, 15, event->is_maker);
}

/* NEW and REPLACED speak of the whole order; what goes, of the rest that goes. */
static uint8_t *put_order(uint8_t *at, const struct event *event, uint64_t order_qty) {
    at = wire_put_number(at, 8, (uint64_t)event->price_fen);
    at = wire_put_number(at, 9, order_qty);
    at = wire_put_number(at, 10, event->leaves);
    return wire_put_number(at, 11, event->cum);
}

static uint8_t *put_rejected(uint8_t *at, const struct event *event,
                             const struct command *command) {
    at = wire_put_number(at, 9, event->quantity);
    at = wire_put_number(at, 10, event->leaves);
    at = wire_put_number(at, 11, event->cum);
    at = wire_put_high_number(at, 16, event->reason);
    at = wire_put_high_number(at, 17, event->field);
    at = wire_put_high_number(at, 18, wire_zigzag(event->limit));
    return wire_put_high_number(at, command->verb == VERB_DEED ? 22 : 21, event->act);
}

static uint8_t *put_execution(uint8_t *at, const struct event *event,
                              const struct command *command) {
    at = wire_put_number(at, 1, event->kind);
    at = wire_put_number(at, 2, event->ord_status);
    at = wire_put_number(at, 3, cl_ord_id(event, command));
    at = wire_put_number(at, 4, event->order_id);
    at = wire_put_number(at, 5, event->account);
    at = wire_put_number(at, 6, event->instrument);
    at = wire_put_number(at, 7, event->side);
    switch (event->kind) {
    case EVENT_NEW:
        return put_text(put_order(at, event, event->quantity), command);
    case EVENT_TRADE:
        return put_trade(at, event);
    case EVENT_REPLACED:
        at = put_order(at, event, event->quantity);
        return wire_put_high_number(at, 19, event->kept_place);
    case EVENT_CANCELED:
    case EVENT_EXPIRED:
        at = put_order(at, event, (uint64_t)event->quantity + event->cum);
        return wire_put_high_number(at, 16, event->reason);
    default:
        return put_rejected(at, event, command);
    }
}

static uint8_t *put_done(uint8_t *at, const struct event *event, const struct command *command) {
    at = wire_put_number(at, 1, cl_ord_id(event, command));
    bool is_deed = command->verb == VERB_DEED;
    at = wire_put_number(at, 2, is_deed ? 0 : event->act);
    at = wire_put_number(at, 3, event->id);
    at = wire_put_number(at, 4, command->verb == VERB_PROPOSE);
    return wire_put_number(at, 5, is_deed ? event->act : 0);
}

static uint8_t *put_book(uint8_t *at, const struct event *event) {
    at = wire_put_number(at, 1, event->entry);
    at = wire_put_number(at, 2, event->instrument);
    switch (event->kind) {
    case EVENT_BOOK_ADDED:
        at = wire_put_number(at, 3, event->side);
        at = wire_put_number(at, 4, (uint64_t)event->price_fen);
        return wire_put_number(at, 5, event->quantity);
    case EVENT_BOOK_REDUCED:
        return wire_put_number(at, 3, event->quantity);
    case EVENT_BOOK_TRADED:
        at = wire_put_number(at, 3, event->side);
        at = wire_put_number(at, 4, (uint64_t)event->price_fen);
        at = wire_put_number(at, 5, event->quantity);
        at = wire_put_number(at, 6, event->leaves);
        return wire_put_number(at, 7, event->match_id);
    default:
        return at;
    }
}

static uint8_t *put_killed(uint8_t *at, const struct event *event) {
    bool is_ours = event->audience == AUDIENCE_PARTICIPANT;
    at = wire_put_number(at, 1, event->act == ACT_KILL);
    at = wire_put_number(at, 2, is_ours ? event->to : 0);
    at = wire_put_number(at, 3, event->id);
    at = wire_put_number(at, 4, event->account);
    return wire_put_number(at, 5, event->instrument);
}

static uint8_t *put_mandate(uint8_t *at, const struct event *event) {
    at = wire_put_number(at, 1, event->id);
    at = wire_put_number(at, 2, event->phase);
    at = wire_put_number(at, 3, event->value);
    at = wire_put_number(at, 4, event->quantity);
    at = wire_put_number(at, 5, event->leaves);
    at = wire_put_number(at, 6, (uint64_t)event->limit);
    return wire_put_number(at, 7, event->cum);
}

static uint8_t *put_listing(uint8_t *at, const struct event *event) {
    at = wire_put_number(at, 1, event->id);
    at = wire_put_number(at, 2, event->phase);
    at = wire_put_number(at, 3, event->stage);
    at = wire_put_number(at, 4, (uint64_t)event->price_fen);
    at = wire_put_number(at, 5, event->quantity);
    at = wire_put_time(at, 6, (int64_t)event->value);
    at = wire_put_number(at, 7, event->reason);
    return wire_put_number(at, 8, event->party);
}

static uint8_t *put_escrow(uint8_t *at, const struct event *event) {
    at = wire_put_number(at, 1, event->id);
    at = wire_put_number(at, 2, event->act);
    at = wire_put_number(at, 3, event->party);
    at = wire_put_number(at, 4, event->account);
    return wire_put_number(at, 5, (uint64_t)event->price_fen);
}

static uint8_t *put_state(uint8_t *at, const struct event *event) {
    switch (event->kind) {
    case EVENT_INSTRUMENT:
        return wire_put_number(at, 1, event->id);
    case EVENT_PHASE:
        at = wire_put_number(at, 1, event->instrument);
        return wire_put_number(at, 2, event->phase);
    case EVENT_DAY:
        at = wire_put_number(at, 1, event->value);
        return wire_put_number(at, 2, event->phase);
    case EVENT_KEY:
        at = wire_put_number(at, 1, event->id);
        return wire_put_number(at, 2, event->reason == REASON_KEY_REVOKED);
    case EVENT_SESSION:
        at = wire_put_number(at, 1, event->id);
        return wire_put_number(at, 2, event->phase == 1);
    case EVENT_MANDATE:
        return put_mandate(at, event);
    case EVENT_LISTING:
        return put_listing(at, event);
    case EVENT_ESCROW:
        return put_escrow(at, event);
    default:
        assert(event->kind == EVENT_KILLED);
        return put_killed(at, event);
    }
}

static uint8_t *put_body(uint8_t *at, const struct event *event, const struct command *command) {
    if (event->kind >= EVENT_INSTRUMENT) {
        return put_state(at, event);
    }
    if (event->kind >= EVENT_BOOK_ADDED) {
        return put_book(at, event);
    }
    if (event->kind <= EVENT_REJECTED) {
        return put_execution(at, event, command);
    }
    if (event->kind == EVENT_DONE) {
        return put_done(at, event, command);
    }
    assert(event->kind == EVENT_MASS_CANCELED);
    /* It may come in a Continue: the event itself says what it answers. */
    at = wire_put_number(at, 1, order_id_number(event->order_id));
    return wire_put_number(at, 2, event->value);
}

static uint8_t *put_body_tag(uint8_t *at, uint8_t kind) {
    if (kind >= EVENT_BOOK_ADDED) {
        return wire_put_high_tag(at, kind,
                                 WIRE_BYTES); /* Report's fields have the kinds' numbers */
    }
    unsigned body = kind <= EVENT_REJECTED        ? BODY_EXECUTION
                    : kind == EVENT_MASS_CANCELED ? BODY_MASS_CANCELED
                                                  : BODY_DONE;
    *at = WIRE_TAG(body, WIRE_BYTES);
    return at + 1;
}

size_t codec_event_encode(const struct event *event, const struct command *command,
                          uint64_t sequence, uint32_t place, uint8_t *out) {
    uint8_t *at = wire_put_number(out, 1, sequence);
    at = wire_put_number(at, 2, place);
    at = wire_put_time(at, 3, command->stamp.time_ns);
    uint8_t *length = put_body_tag(at, event->kind);
    if (event->kind == EVENT_ENTRY || event->kind == EVENT_NOTICE)
        return (size_t)(wire_close(length, codec_extract(length + 1, event->extract)) - out);
    uint8_t *end = put_body(length + 1, event, command);
    assert(end - length <= INT8_MAX);
    *length = (uint8_t)(end - length - 1);
    return (size_t)(end - out);
}
