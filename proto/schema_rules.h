/*
 * How the rules of schema.h are written down: a macro for each common kind of field. Private to the
 * files that hold rules.
 */
#ifndef PROTO_SCHEMA_RULES_H
#define PROTO_SCHEMA_RULES_H

#include "proto/schema.h"

#define PLACE(type, member)                                                                        \
    .offset = offsetof(struct type, member), .size = sizeof(((struct type *)0)->member)
#define COUNT(type, member)                                                                        \
    .count_offset = offsetof(struct type, member), .count_size = sizeof(((struct type *)0)->member)

#define NUMBER(type, member, label, most)                                                          \
    { .name = (label), .kind = RULE_UINT, .wire = WIRE_VARINT, .max = (most), PLACE(type, member) }
#define REQUIRED(type, member, label, least, most)                                                 \
    {                                                                                              \
        .name = (label), .kind = RULE_UINT, .wire = WIRE_VARINT, .min = (least), .max = (most),    \
        PLACE(type, member)                                                                        \
    }
#define TIME(type, member, label)                                                                  \
    {                                                                                              \
        .name = (label), .kind = RULE_TIME, .wire = WIRE_FIXED64, .max = INT64_MAX,                \
        PLACE(type, member)                                                                        \
    }
#define HASH(type, member, label)                                                                  \
    {                                                                                              \
        .name = (label), .kind = RULE_HASH, .wire = WIRE_BYTES, .min = HASH_BYTES,                 \
        .max = HASH_BYTES, PLACE(type, member)                                                     \
    }
#define TEXT(type, member, label, least, letters)                                                  \
    {                                                                                              \
        .name = (label), .kind = RULE_TEXT, .wire = WIRE_BYTES, .min = (least),                    \
        .max = sizeof(((struct type *)0)->member), .alphabet = (letters), PLACE(type, member),     \
        COUNT(type, member##_bytes)                                                                \
    }
/* A key that signs, of either profile; that it is the ledger's is for the engine to see. */
#define SIGNING_KEY(type, member, label)                                                           \
    {                                                                                              \
        .name = (label), .kind = RULE_TEXT, .wire = WIRE_BYTES, .min = HASH_BYTES,                 \
        .max = SIGNING_KEY_BYTES_MAX, PLACE(type, member.bytes), COUNT(type, member.size)          \
    }
/* A list's elements and their count. */
#define LIST(type, member, label, least, its)                                                      \
    {                                                                                              \
        .name = (label), .kind = RULE_LIST, .wire = WIRE_BYTES, .min = (least),                    \
        .max = sizeof(((struct type *)0)->member) / sizeof(((struct type *)0)->member[0]),         \
        .element = (its), .offset = offsetof(struct type, member),                                 \
        .size = sizeof(((struct type *)0)->member[0]), COUNT(type, member##_count)                 \
    }
/* A text of which only the count is stored. */
#define OUTSIDE(type, member, label, least, most)                                                  \
    {                                                                                              \
        .name = (label), .kind = RULE_OUTSIDE, .wire = WIRE_BYTES, .min = (least), .max = (most),  \
        .alphabet = ALPHABET_NAME, COUNT(type, member)                                             \
    }
#define MESSAGE(type, needed)                                                                      \
    { #type, type##_fields, sizeof type##_fields / sizeof type##_fields[0], (needed) }
#define BIT(number) (UINT64_C(1) << (number))

/* Deeds of deed_freeze.h; NULL for others. */
const struct body_rule *schema_freeze_body(uint64_t kind);
/* And of deed_transfer.h. */
const struct body_rule *schema_transfer_body(uint64_t kind);

#endif
