/*
 * Decoding and encoding by table. One loop reads any message: the field's number is an index into
 * the rules, a bit set says what has been seen, and the rule says how to take the value. Nothing is
 * allocated and nothing is built in between, which also makes it faster than unpacking into
 * generated structs and copying from them.
 */
#include "proto/message.h"

#include <assert.h>

bool message_fault(struct codec_fault *fault, const char *field, uint64_t limit, const char *text) {
    *fault = (struct codec_fault){.field = field, .limit = limit, .text = text};
    return false;
}

static void store(uint8_t *at, uint8_t size, uint64_t value) {
    switch (size) {
    case 1:
        *at = (uint8_t)value;
        return;
    case 2:
        memcpy(at, &(uint16_t){(uint16_t)value}, 2);
        return;
    case 4:
        memcpy(at, &(uint32_t){(uint32_t)value}, 4);
        return;
    default:
        assert(size == 8);
        memcpy(at, &value, 8);
    }
}

static uint64_t load(const uint8_t *at, uint8_t size) {
    uint64_t value = 0;
    assert(size <= sizeof value);
    memcpy(&value, at, size); /* little-endian, as wire.h has made sure */
    return value;
}

static bool take_number(const struct field_rule *rule, struct wire_input *in, uint8_t *base,
                        struct codec_fault *fault) {
    uint64_t value;
    if (!wire_get_varint(in, &value)) {
        return message_fault(fault, rule->name, 0, "is no number");
    }
    if (value > rule->max) {
        return message_fault(fault, rule->name, rule->max, "is too large");
    }
    if (value < rule->min) {
        return message_fault(fault, rule->name, rule->max, "is too small");
    }
    store(base + rule->offset, rule->size, value);
    return true;
}

static bool take_signed(const struct field_rule *rule, struct wire_input *in, uint8_t *base,
                        struct codec_fault *fault) {
    uint64_t value;
    if (!wire_get_varint(in, &value)) {
        return message_fault(fault, rule->name, 0, "is no number");
    }
    if (value == UINT64_MAX) { /* INT64_MIN, which has no opposite */
        return message_fault(fault, rule->name, rule->max, "is too small");
    }
    store(base + rule->offset, rule->size, (uint64_t)wire_unzigzag(value));
    return true;
}

static bool take_reason(const struct field_rule *rule, struct wire_input *in, uint8_t *base,
                        struct codec_fault *fault) {
    uint64_t value;
    if (!wire_get_varint(in, &value)) {
        return message_fault(fault, rule->name, 0, "is no number");
    }
    if (value < rule->min || !schema_has_reason(value)) {
        return message_fault(fault, rule->name, 0, "is no reason");
    }
    store(base + rule->offset, rule->size, value);
    return true;
}

static bool take_time(const struct field_rule *rule, struct wire_input *in, uint8_t *base,
                      struct codec_fault *fault) {
    uint64_t value;
    if (!wire_get_fixed64(in, &value)) {
        return message_fault(fault, rule->name, 0, "is cut off");
    }
    if (value > rule->max) {
        return message_fault(fault, rule->name, rule->max, "is no time");
    }
    store(base + rule->offset, rule->size, value);
    return true;
}

static bool take_bytes(const struct field_rule *rule, struct wire_input *in, uint8_t *base,
                       struct codec_fault *fault) {
    struct span bytes;
    if (!wire_get_bytes(in, &bytes)) {
        return message_fault(fault, rule->name, 0, "is cut off");
    }
    if (bytes.size > rule->max) {
        return message_fault(fault, rule->name, rule->max, "is too long");
    }
    if (bytes.size < rule->min) {
        return message_fault(fault, rule->name, rule->max, "is too short");
    }
    if (rule->alphabet != 0 && !text_is_in(rule->alphabet, bytes.bytes, bytes.size)) {
        return message_fault(fault, rule->name, 0, "has a character that is not allowed");
    }
    if (rule->kind == RULE_SPAN) {
        memcpy(base + rule->offset, &bytes.bytes, sizeof bytes.bytes);
    } else if (rule->kind != RULE_OUTSIDE) {
        memcpy(base + rule->offset, bytes.bytes, bytes.size);
    }
    if (rule->count_size != 0) {
        store(base + rule->count_offset, rule->count_size, bytes.size);
    }
    return true;
}

/* What one message's decoding is about. */
struct decoding {
    const struct message_rule *rule;
    uint8_t *base;
    uint64_t element; /* its place in an array, from 1 */
    struct codec_fault *fault;
};

static bool decode(const struct decoding *decoding, struct wire_input in);

static bool take_index(const struct decoding *decoding, const struct field_rule *rule,
                       struct wire_input *in) {
    uint64_t value;
    if (!wire_get_varint(in, &value) || value != decoding->element) {
        return message_fault(decoding->fault, rule->name, decoding->element, "is out of order");
    }
    return true;
}

static bool end_elements(const struct decoding *decoding, const struct field_rule *rule,
                         uint64_t count) {
    bool is_enough =
        rule->kind == RULE_LIST ? count >= rule->min : count == rule->min || count == rule->max;
    if (!is_enough) {
        return message_fault(decoding->fault, rule->name, rule->max, "is there too few times");
    }
    if (rule->kind == RULE_LIST) {
        store(decoding->base + rule->count_offset, rule->count_size, count);
    }
    return true;
}

/* Goes past the next tag if it is this one, which takes two bytes from field 16 on. */
static bool take_tag(struct wire_input *in, uint64_t tag) {
    struct wire_input ahead = *in;
    uint64_t next;
    if (in->at == in->end || !wire_get_varint(&ahead, &next) || next != tag) {
        return false;
    }
    *in = ahead;
    return true;
}

/* The elements of an array or a list stand together: `in` is behind the first one's tag, and `tag`
 * stands before each further one. Whatever follows them must not be one more: that the field is
 * there twice is seen by the caller. */
static bool take_elements(const struct decoding *decoding, const struct field_rule *rule,
                          struct wire_input *in, uint64_t tag) {
    for (uint64_t element = 1; element <= rule->max; element++) {
        struct span bytes;
        struct decoding inner = {.rule = rule->element,
                                 .base = decoding->base + rule->offset + (element - 1) * rule->size,
                                 .element = element,
                                 .fault = decoding->fault};
        if (!wire_get_bytes(in, &bytes)) {
            return message_fault(decoding->fault, rule->name, 0, "is cut off");
        }
        if (!decode(&inner, wire_input_within(in, bytes))) {
            return false;
        }
        if (element == rule->max || !take_tag(in, tag)) {
            return end_elements(decoding, rule, element);
        }
    }
    return true;
}

static bool take(const struct decoding *decoding, const struct field_rule *rule,
                 struct wire_input *in, uint64_t tag) {
    switch ((enum rule_kind)rule->kind) {
    case RULE_UINT:
        return take_number(rule, in, decoding->base, decoding->fault);
    case RULE_REASON:
        return take_reason(rule, in, decoding->base, decoding->fault);
    case RULE_SINT:
        return take_signed(rule, in, decoding->base, decoding->fault);
    case RULE_TIME:
        return take_time(rule, in, decoding->base, decoding->fault);
    case RULE_HASH:
    case RULE_TEXT:
    case RULE_OUTSIDE:
    case RULE_SPAN:
        return take_bytes(rule, in, decoding->base, decoding->fault);
    case RULE_INDEX:
        return take_index(decoding, rule, in);
    case RULE_ARRAY:
    case RULE_LIST:
        return take_elements(decoding, rule, in, tag);
    }
    assert(false && "a rule of an unknown kind");
    return false;
}

static bool missing(const struct message_rule *rule, uint64_t absent, struct codec_fault *fault) {
    const struct field_rule *field = &rule->fields[__builtin_ctzll(absent)];
    return message_fault(fault, field->name, field->max, "is missing");
}

/* The usual case: a number whose tag and value lie within the next eight bytes, `word`, of which
 * `left` are there. Stores it and returns how many bytes it takes; 0 when it is anything else,
 * right or wrong, and then nothing has happened. */
static inline size_t take_quickly(const struct decoding *decoding, uint64_t word, size_t left,
                                  uint64_t *seen) {
    const struct message_rule *rule = decoding->rule;
    unsigned number = (unsigned)(word & 0xff) >> 3;
    if ((word & 0x87) != WIRE_VARINT || number >= rule->fields_end ||
        rule->fields[number].kind != RULE_UINT || (*seen >> number & 1) != 0) {
        return 0;
    }
    const struct field_rule *field = &rule->fields[number];
    uint64_t value = word >> 8 & 0xff;
    size_t taken = 2;
    if (value >= 0x80) { /* a branch that is guessed right breaks the chain from field to field */
        uint64_t rest = word >> 8;
        uint64_t stops = ~rest & UINT64_C(0x0080808080808080);
        unsigned last = (unsigned)__builtin_ctzll(stops | UINT64_C(1) << 63) - 7; /* of its bits */
        rest &= UINT64_MAX >> (56 - last);
        value = wire_gather(rest & UINT64_C(0x7f7f7f7f7f7f7f7f));
        taken = last / 8 + 2;
        left = rest >> last == 0 ? 0 : left; /* longer than it needs to be, or than the word */
    }
    if (taken > left || value - field->min > field->max - field->min) {
        return 0;
    }
    *seen |= UINT64_C(1) << number;
    store(decoding->base + field->offset, field->size, value);
    return taken;
}

/* Any field; says what is wrong. */
static bool take_carefully(const struct decoding *decoding, struct wire_input *in, uint64_t *seen) {
    const struct message_rule *rule = decoding->rule;
    uint64_t tag;
    if (!wire_get_varint(in, &tag)) {
        return message_fault(decoding->fault, rule->name, 0, "is cut off");
    }
    uint64_t number = tag >> 3;
    if (number >= rule->fields_end || rule->fields[number].name == NULL) {
        return message_fault(decoding->fault, rule->name, 0, "has an unknown field");
    }
    const struct field_rule *field = &rule->fields[number];
    if ((tag & 7) != field->wire) {
        return message_fault(decoding->fault, field->name, 0, "has the wrong wire type");
    }
    if ((*seen >> number & 1) != 0) {
        return message_fault(decoding->fault, field->name, 0, "is there twice");
    }
    *seen |= UINT64_C(1) << number;
    return take(decoding, field, in, tag);
}

static bool decode(const struct decoding *decoding, struct wire_input in) {
    const struct message_rule *rule = decoding->rule;
    uint64_t seen = 0;
    uint64_t word;
    while (in.at != in.end) {
        size_t taken = 0;
        if (wire_peek_word(&in, &word)) {
            taken = take_quickly(decoding, word, wire_left(&in), &seen);
        }
        if (taken != 0) {
            in.at += taken;
            continue;
        }
        struct wire_input field = in; /* so that `in` itself can stay in registers */
        if (!take_carefully(decoding, &field, &seen)) {
            return false;
        }
        in = field;
    }
    uint64_t absent = rule->required & ~seen;
    return absent == 0 || missing(rule, absent, decoding->fault);
}

bool message_decode(const struct message_rule *rule, struct wire_input in, void *into,
                    struct codec_fault *fault) {
    struct decoding decoding = {.rule = rule, .base = into, .fault = fault};
    return decode(&decoding, in);
}

/* Reading what a later release may have written: fields are taken as far as they are known. */

static void read_bytes(const struct field_rule *rule, struct span bytes, uint8_t *base) {
    if (bytes.size > rule->max || bytes.size < rule->min)
        return;
    if (rule->kind == RULE_SPAN)
        memcpy(base + rule->offset, &bytes.bytes, sizeof bytes.bytes);
    else
        memcpy(base + rule->offset, bytes.bytes, bytes.size);
    if (rule->count_size != 0)
        store(base + rule->count_offset, rule->count_size, bytes.size);
}

static void read_field(const struct field_rule *rule, const struct wire_field *field,
                       uint8_t *base) {
    switch ((enum rule_kind)rule->kind) {
    case RULE_UINT:
    case RULE_REASON:
    case RULE_TIME:
        store(base + rule->offset, rule->size, field->value);
        return;
    case RULE_SINT:
        store(base + rule->offset, rule->size, (uint64_t)wire_unzigzag(field->value));
        return;
    case RULE_HASH:
    case RULE_TEXT:
    case RULE_SPAN:
        read_bytes(rule, field->bytes, base);
        return;
    case RULE_OUTSIDE:
    case RULE_INDEX:
    case RULE_ARRAY:
    case RULE_LIST:
        assert(false && "no row has such a field");
        return;
    }
}

bool message_read(const struct message_rule *rule, struct span bytes, void *into) {
    struct wire_input in = wire_input_of(bytes);
    while (in.at != in.end) {
        struct wire_field field;
        if (!wire_get_field(&in, &field))
            return false;
        if (field.number < rule->fields_end && rule->fields[field.number].name != NULL &&
            rule->fields[field.number].wire == field.wire)
            read_field(&rule->fields[field.number], &field, into);
    }
    return true;
}

/* Encoding. */

static bool has_room(struct message_output *out, size_t size) {
    if (out->is_full || (size_t)(out->end - out->next) < size + WIRE_SLACK) {
        out->is_full = true;
        return false;
    }
    return true;
}

static void put_tag(struct message_output *out, uint64_t number, enum wire_type type) {
    if (has_room(out, WIRE_VARINT_MAX)) {
        out->next = wire_put_varint(out->next, number << 3 | type);
    }
}

uint8_t *message_open(struct message_output *out, uint64_t number) {
    put_tag(out, number, WIRE_BYTES);
    return has_room(out, 1) ? out->next++ : NULL;
}

void message_close(struct message_output *out, uint8_t *length) {
    if (length != NULL && has_room(out, WIRE_VARINT_MAX)) {
        out->next = wire_close(length, out->next);
    }
}

void message_put_number(struct message_output *out, uint64_t number, uint64_t value) {
    if (value != 0 && has_room(out, 2 * WIRE_VARINT_MAX)) {
        put_tag(out, number, WIRE_VARINT);
        out->next = wire_put_varint(out->next, value);
    }
}

static void put_time(struct message_output *out, uint64_t number, uint64_t value) {
    if (value != 0 && has_room(out, WIRE_VARINT_MAX + sizeof value)) {
        put_tag(out, number, WIRE_FIXED64);
        out->next = wire_put_fixed64(out->next, value);
    }
}

void message_put_bytes(struct message_output *out, uint64_t number, struct span bytes) {
    if (bytes.size != 0 && has_room(out, 2 * WIRE_VARINT_MAX + bytes.size)) {
        put_tag(out, number, WIRE_BYTES);
        out->next = wire_put_bytes(out->next, bytes.bytes, bytes.size);
    }
}

static struct span bytes_of(const struct field_rule *rule, const uint8_t *base,
                            const struct message_output *out) {
    struct span bytes = {base + rule->offset, rule->size};
    if (rule->kind == RULE_HASH) {
        return bytes;
    }
    bytes.size = (size_t)load(base + rule->count_offset, rule->count_size);
    if (rule->kind == RULE_OUTSIDE) {
        assert(bytes.size == 0 || out->outside != NULL);
        bytes.bytes = (const uint8_t *)out->outside;
    } else if (rule->kind == RULE_SPAN) {
        memcpy(&bytes.bytes, base + rule->offset, sizeof bytes.bytes);
    }
    return bytes;
}

static void encode(const struct message_rule *rule, const uint8_t *base, uint64_t element,
                   struct message_output *out);

/* Whether an element's numbers are all 0: what need not be there is not. */
static bool is_absent(const struct message_rule *rule, const uint8_t *base) {
    for (uint32_t number = 1; number < rule->fields_end; number++) {
        const struct field_rule *field = &rule->fields[number];
        if (field->kind == RULE_UINT && load(base + field->offset, field->size) != 0) {
            return false;
        }
    }
    return true;
}

static void put_elements(const struct field_rule *rule, uint64_t number, const uint8_t *base,
                         struct message_output *out) {
    const uint8_t *at = base + rule->offset;
    uint64_t count =
        rule->kind == RULE_LIST ? load(base + rule->count_offset, rule->count_size) : rule->max;
    assert(count <= rule->max);
    for (uint64_t element = 1; element <= count; element++, at += rule->size) {
        if (rule->kind == RULE_ARRAY && element > rule->min && is_absent(rule->element, at)) {
            break;
        }
        uint8_t *length = message_open(out, number);
        encode(rule->element, at, element, out);
        message_close(out, length);
    }
}

static void put(const struct field_rule *rule, uint64_t number, const uint8_t *base,
                struct message_output *out) {
    switch ((enum rule_kind)rule->kind) {
    case RULE_UINT:
    case RULE_REASON:
        message_put_number(out, number, load(base + rule->offset, rule->size));
        return;
    case RULE_SINT:
        message_put_number(out, number,
                           wire_zigzag((int64_t)load(base + rule->offset, rule->size)));
        return;
    case RULE_TIME:
        put_time(out, number, load(base + rule->offset, rule->size));
        return;
    case RULE_HASH:
    case RULE_TEXT:
    case RULE_OUTSIDE:
    case RULE_SPAN:
        message_put_bytes(out, number, bytes_of(rule, base, out));
        return;
    case RULE_INDEX:
    case RULE_ARRAY:
    case RULE_LIST:
        put_elements(rule, number, base, out);
        return;
    }
}

static void encode(const struct message_rule *rule, const uint8_t *base, uint64_t element,
                   struct message_output *out) {
    for (uint32_t number = 1; number < rule->fields_end; number++) {
        const struct field_rule *field = &rule->fields[number];
        if (field->kind == RULE_INDEX) {
            message_put_number(out, number, element);
        } else if (field->name != NULL) {
            put(field, number, base, out);
        }
    }
}

void message_encode(const struct message_rule *rule, const void *from, struct message_output *out) {
    encode(rule, from, 0, out);
}
