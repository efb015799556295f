/*
 * One message by its rule (proto/schema.h): from bytes into a struct, and back.
 *
 * Threads: pure functions.
 */
#ifndef PROTO_MESSAGE_H
#define PROTO_MESSAGE_H

#include "proto/codec_request.h"
#include "proto/schema.h"
#include "proto/wire.h"

/* Sets a fault; always false, so that a decoder can return it. */
bool message_fault(struct codec_fault *fault, const char *field, uint64_t limit, const char *text);

/* Decodes a message's fields into `into`, a struct filled with zeros. False, and a fault, when the
 * bytes break the rule; `into` is then partly filled. */
bool message_decode(const struct message_rule *rule, struct wire_input in, void *into,
                    struct codec_fault *fault);

/* The same as a client reads, tolerantly: fields that the rule does not know are passed over, and
 * so are texts that are too long; numbers are cut to their place. False when the bytes are broken.
 * Not for rules with an ARRAY, INDEX or OUTSIDE. */
bool message_read(const struct message_rule *rule, struct span bytes, void *into);

/* Where an encoder writes, and whether it still fits. */
struct message_output {
    uint8_t *next;
    uint8_t *end;
    const char *outside; /* the text of a RULE_OUTSIDE field */
    bool is_full;        /* something did not fit: what was written is of no use */
};

/* Encodes a struct's fields, canonically. */
void message_encode(const struct message_rule *rule, const void *from, struct message_output *out);

/* A message inside another: open writes the tag and returns where the length stands, close fills
 * it in. NULL when there is no room. */
uint8_t *message_open(struct message_output *out, uint64_t number);
void message_close(struct message_output *out, uint8_t *length);

/* A number's field. */
void message_put_number(struct message_output *out, uint64_t number, uint64_t value);

/* A text's or bytes' field. */
void message_put_bytes(struct message_output *out, uint64_t number, struct span bytes);

#endif
