/*
 * What each message of a Request or a Query may hold, and each row of an Answer, field by field:
 * the table that decoding and encoding both walk, so that they cannot drift apart. A test compares
 * it with tpx.proto.
 *
 * A rule says where a field's value lies in the engine's struct, and its range. A minimum above 0
 * makes the field required: proto3 cannot tell 0 from absent, and neither do we.
 */
#ifndef PROTO_SCHEMA_H
#define PROTO_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/text.h"
#include "proto/wire.h"

/* How a field is written, and what is stored. */
enum rule_kind {
    RULE_UINT = 1, /* varint: number, bool or enum, min .. max */
    RULE_REASON,   /* varint: an enum reason that exists, and not NONE */
    RULE_SINT,     /* zigzag varint: -max .. max */
    RULE_TIME,     /* sfixed64: 0 .. INT64_MAX ns */
    RULE_HASH,     /* exactly `size` bytes, required */
    RULE_TEXT,     /* min .. max bytes, of `alphabet` if one is named, stored with their count */
    RULE_OUTSIDE,  /* the same, but only the count is stored: the text stays in the record */
    RULE_SPAN,     /* min .. max bytes, stored as a pointer to them and a 32-bit count */
    RULE_INDEX,    /* varint: 1 for the first element of its array, 2, ...; not stored */
    RULE_ARRAY,    /* min or max messages, one after the other */
    RULE_LIST,     /* min .. max messages, one after the other, stored with their count */
};

struct field_rule {
    const char *name; /* as a fault names it: "new_order.price"; NULL: there is no such field */
    uint64_t min;     /* of the value, or of the bytes */
    uint64_t max;
    const struct message_rule *element; /* ARRAY */
    uint16_t offset;                    /* of the value in the message's struct */
    uint16_t count_offset;              /* TEXT, OUTSIDE, SPAN: of the count of bytes; LIST */
    uint8_t size;                       /* of the value; ARRAY: from one element to the next */
    uint8_t count_size;
    uint8_t kind;     /* enum rule_kind */
    uint8_t wire;     /* enum wire_type */
    uint8_t alphabet; /* enum alphabet */
};

struct message_rule {
    const char *name;
    const struct field_rule *fields; /* [field number] */
    uint32_t fields_end;             /* one past the last field number, at most 64 */
    uint64_t required;               /* bit field number */
};

/* A choice of a oneof: its message, and where that lies in the struct around it. */
struct body_rule {
    const struct message_rule *message; /* NULL: no such choice, or one that is a choice itself */
    uint16_t offset;                    /* in struct request; of an act or a deed: in its struct */
    uint16_t size;                      /* of the message's struct; 0 when it has none */
};

/* The choice with this field number; NULL when there is none. ACT, PROPOSE and DEED are choices
 * whose message is NULL: an act, or a deed, stands in them. */
const struct body_rule *schema_request_body(uint64_t verb);
const struct body_rule *schema_act_body(uint64_t kind);
const struct body_rule *schema_deed_body(uint64_t kind);

/* A signature of a deed. */
extern const struct message_rule schema_signature;

/* A question's message, and where it lies in struct query; NULL when there is none. */
const struct body_rule *schema_query_body(uint64_t kind);

/* A row of an answer, by enum row_kind; NULL when there is none. */
const struct message_rule *schema_row(uint64_t kind);

/* True for a number that enum reason has, NONE included. */
bool schema_has_reason(uint64_t number);

#endif
