/*
 * The protobuf wire format, as little of it as the codec needs: varints, tags, eight-byte numbers.
 *
 * Writers append at `at` and return the next free byte; whoever calls them has made sure of the
 * room, and of WIRE_SLACK bytes behind it, because short varints are stored as one eight-byte word.
 * Readers take from a span and refuse what has more than one spelling: a varint longer than it
 * needs to be.
 *
 * Threads: pure functions.
 */
#ifndef PROTO_WIRE_H
#define PROTO_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are stored as they lie");

/* Bytes behind what is written that a writer may touch. */
#define WIRE_SLACK 8
/* No varint is longer. */
#define WIRE_VARINT_MAX ((size_t)10)

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2 };

/* A tag of a field below 16, which is one byte. */
#define WIRE_TAG(number, type) ((uint8_t)((number) << 3 | (type)))

/* Bytes somewhere else, not owned. */
struct span {
    const uint8_t *bytes;
    size_t size;
};

static inline uint64_t wire_zigzag(int64_t value) {
    return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

static inline int64_t wire_unzigzag(uint64_t value) {
    return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

static inline size_t wire_varint_size(uint64_t value) {
    return (size_t)(((unsigned)(63 - __builtin_clzll(value | 1)) * 9 + 73) / 64);
}

/* Moves the 7-bit groups of a value below 2^56 to bytes of their own. */
static inline uint64_t wire_spread(uint64_t value) {
    value = (value & UINT64_C(0x000000000fffffff)) | (value & UINT64_C(0x00fffffff0000000)) << 4;
    value = (value & UINT64_C(0x00003fff00003fff)) | (value & UINT64_C(0x0fffc0000fffc000)) << 2;
    return (value & UINT64_C(0x007f007f007f007f)) | (value & UINT64_C(0x3f803f803f803f80)) << 1;
}

static inline uint64_t wire_gather(uint64_t word) {
    word = (word & UINT64_C(0x007f007f007f007f)) | (word & UINT64_C(0x7f007f007f007f00)) >> 1;
    word = (word & UINT64_C(0x00003fff00003fff)) | (word & UINT64_C(0x3fff00003fff0000)) >> 2;
    return (word & UINT64_C(0x000000000fffffff)) | (word & UINT64_C(0x0fffffff00000000)) >> 4;
}

static inline uint8_t *wire_put_varint(uint8_t *at, uint64_t value) {
    if (value < 0x80) {
        *at = (uint8_t)value;
        return at + 1;
    }
    while (value >> 56 != 0) {
        *at++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    uint64_t word = wire_spread(value);
    unsigned last = (63u - (unsigned)__builtin_clzll(word | 1)) & ~7u; /* bit of the last byte */
    word |= UINT64_C(0x8080808080808080) & ((UINT64_C(1) << last) - 1);
    memcpy(at, &word, sizeof word);
    return at + last / 8 + 1;
}

static inline uint8_t *wire_put_fixed64(uint8_t *at, uint64_t value) {
    memcpy(at, &value, sizeof value);
    return at + sizeof value;
}

/* Length and bytes; the tag stands before. */
static inline uint8_t *wire_put_bytes(uint8_t *at, const void *bytes, size_t size) {
    at = wire_put_varint(at, size);
    memcpy(at, bytes, size);
    return at + size;
}

/* A field below 16 that is left out when it is 0, as proto3 wants. */
static inline uint8_t *wire_put_number(uint8_t *at, unsigned field, uint64_t value) {
    if (value == 0) {
        return at;
    }
    *at = WIRE_TAG(field, WIRE_VARINT);
    return wire_put_varint(at + 1, value);
}

static inline uint8_t *wire_put_time(uint8_t *at, unsigned field, int64_t value) {
    if (value == 0) {
        return at;
    }
    *at = WIRE_TAG(field, WIRE_FIXED64);
    return wire_put_fixed64(at + 1, (uint64_t)value);
}

/* A field of 16 or more has a tag of two bytes. */
static inline uint8_t *wire_put_high_tag(uint8_t *at, unsigned field, enum wire_type type) {
    *at = (uint8_t)((field << 3 | type) | 0x80);
    at[1] = (uint8_t)(field >> 4);
    return at + 2;
}

static inline uint8_t *wire_put_high_number(uint8_t *at, unsigned field, uint64_t value) {
    return value == 0 ? at : wire_put_varint(wire_put_high_tag(at, field, WIRE_VARINT), value);
}

static inline uint8_t *wire_put_high_time(uint8_t *at, unsigned field, int64_t value) {
    return value == 0
               ? at
               : wire_put_fixed64(wire_put_high_tag(at, field, WIRE_FIXED64), (uint64_t)value);
}

/* Left out when it is empty. */
static inline uint8_t *wire_put_high_bytes(uint8_t *at, unsigned field, const void *bytes,
                                           size_t size) {
    return size == 0 ? at : wire_put_bytes(wire_put_high_tag(at, field, WIRE_BYTES), bytes, size);
}

/* Writes a length before `size` bytes that were written with one byte kept free for it at `length`;
 * moves them when it takes more. Returns the end. */
static inline uint8_t *wire_close(uint8_t *length, uint8_t *end) {
    size_t size = (size_t)(end - length) - 1;
    size_t more = wire_varint_size(size) - 1;
    if (more != 0) {
        memmove(length + 1 + more, length + 1, size);
        for (size_t i = 0; i <= more; i++) {
            length[i] = (uint8_t)((size >> 7 * i & 0x7f) | (i < more ? 0x80 : 0));
        }
        return end + more;
    }
    *length = (uint8_t)size;
    return end;
}

/* A place to read from. Short varints are read as one eight-byte word, which near the end may begin
 * before `at`, but not before `floor`. */
struct wire_input {
    const uint8_t *at;
    const uint8_t *end;
    const uint8_t *floor;
};

static inline struct wire_input wire_input_of(struct span span) {
    return (struct wire_input){span.bytes, span.bytes + span.size, span.bytes};
}

/* The bytes of a field in `in`, to be read in turn. */
static inline struct wire_input wire_input_within(const struct wire_input *in, struct span span) {
    return (struct wire_input){span.bytes, span.bytes + span.size, in->floor};
}

static inline size_t wire_left(const struct wire_input *in) {
    return (size_t)(in->end - in->at);
}

/* Byte by byte: what is longer than a word, or lies in fewer than eight bytes. */
static inline bool wire_get_varint_slowly(struct wire_input *in, uint64_t *value) {
    size_t left = wire_left(in);
    uint64_t result = 0;
    for (size_t i = 0; i < left && i < WIRE_VARINT_MAX; i++) {
        uint8_t byte = in->at[i];
        if (i == WIRE_VARINT_MAX - 1 && byte > 1) {
            return false;
        }
        result |= (uint64_t)(byte & 0x7f) << 7 * i;
        if (byte < 0x80) {
            in->at += i + 1;
            *value = result;
            return byte != 0 || i == 0;
        }
    }
    return false;
}

/* The next eight bytes, zeros behind the end. */
static inline bool wire_peek_word(const struct wire_input *in, uint64_t *word) {
    size_t left = wire_left(in);
    if (left >= sizeof *word) {
        memcpy(word, in->at, sizeof *word);
        return true;
    }
    if (left == 0 || (size_t)(in->end - in->floor) < sizeof *word) {
        return false;
    }
    memcpy(word, in->end - sizeof *word, sizeof *word);
    *word >>= 8 * (sizeof *word - left);
    return true;
}

/* False when it is cut off, longer than 64 bits, or longer than it needs to be. */
static inline bool wire_get_varint(struct wire_input *in, uint64_t *value) {
    uint64_t word;
    if (!wire_peek_word(in, &word)) {
        return wire_get_varint_slowly(in, value);
    }
    uint64_t stops = ~word & UINT64_C(0x8080808080808080);
    if (stops == 0) {
        return wire_get_varint_slowly(in, value);
    }
    unsigned last = (unsigned)__builtin_ctzll(stops) - 7; /* bit of the last byte */
    word &= UINT64_MAX >> (56 - last);
    *value = wire_gather(word & UINT64_C(0x7f7f7f7f7f7f7f7f));
    in->at += last / 8 + 1;
    /* A last byte of zeros says nothing, except alone; behind the end, zeros were filled in. */
    return (last == 0 || word >> last != 0) && in->at <= in->end;
}

/* The same, quicker where one byte is likely: tags, lengths, small enums. */
static inline bool wire_get_small(struct wire_input *in, uint64_t *value) {
    if (in->at != in->end && *in->at < 0x80) {
        *value = *in->at++;
        return true;
    }
    return wire_get_varint(in, value);
}

static inline bool wire_get_fixed64(struct wire_input *in, uint64_t *value) {
    if (wire_left(in) < sizeof *value) {
        return false;
    }
    memcpy(value, in->at, sizeof *value);
    in->at += sizeof *value;
    return true;
}

static inline bool wire_get_bytes(struct wire_input *in, struct span *out) {
    uint64_t size;
    if (!wire_get_small(in, &size) || size > wire_left(in)) {
        return false;
    }
    *out = (struct span){in->at, (size_t)size};
    in->at += size;
    return true;
}

/* Any field, as a reader takes it that passes over what it does not know. */
struct wire_field {
    uint64_t number;
    uint64_t value; /* VARINT, FIXED64 */
    struct span bytes;
    uint32_t wire; /* enum wire_type */
};

static inline bool wire_get_field(struct wire_input *in, struct wire_field *field) {
    uint64_t tag;
    if (!wire_get_varint(in, &tag))
        return false;
    field->number = tag >> 3;
    field->wire = tag & 7;
    if (field->wire == WIRE_VARINT)
        return wire_get_varint(in, &field->value);
    if (field->wire == WIRE_FIXED64)
        return wire_get_fixed64(in, &field->value);
    return field->wire == WIRE_BYTES && wire_get_bytes(in, &field->bytes);
}

#endif
