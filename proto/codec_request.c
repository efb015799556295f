/*
 * The envelope of a request: its number and its one body; and the same for an act within. What
 * stands in a body is read and written by table (proto/message.h).
 *
 * A request is read in two steps, number and body first, so that a fault within the body can still
 * be answered to a number, wherever in the bytes that stands.
 */
#include "proto/codec_request.h"

#include <assert.h>

#include "proto/message.h"

/* The one choice that a oneof holds, undecoded. */
struct choice {
    uint64_t number; /* of its field; 0: none */
    struct span bytes;
};

/* Takes a field of a choice, whose tag has been read. */
static bool take_choice(struct choice *choice, const char *name, uint64_t tag,
                        struct wire_input *in, struct codec_fault *fault) {
    if ((tag & 7) != WIRE_BYTES) {
        return message_fault(fault, name, 0, "has an unknown field");
    }
    if (choice->number != 0) {
        return message_fault(fault, name, 0, "has two bodies");
    }
    choice->number = tag >> 3;
    return wire_get_bytes(in, &choice->bytes) || message_fault(fault, name, 0, "is cut off");
}

static bool take_signature(struct wire_input *in, struct deed *deed, struct codec_fault *fault) {
    struct span bytes;
    if (deed->signatures_count == DEED_SIGNATURES_MAX) {
        return message_fault(fault, "deed.signature", DEED_SIGNATURES_MAX, "is there too often");
    }
    if (!wire_get_bytes(in, &bytes)) {
        return message_fault(fault, "deed.signature", 0, "is cut off");
    }
    struct signature *signature = &deed->signatures[deed->signatures_count++];
    return message_decode(&schema_signature, wire_input_within(in, bytes), signature, fault);
}

#define SIGNATURE_FIELD 1
#define BEHALF_FIELD    2

static bool take_behalf(struct wire_input *in, struct deed *deed, bool *is_seen,
                        struct codec_fault *fault) {
    uint64_t party;
    if (*is_seen) {
        return message_fault(fault, "deed.on_behalf_of", 0, "is there twice");
    }
    if (!wire_get_varint(in, &party)) {
        return message_fault(fault, "deed.on_behalf_of", 0, "is no number");
    }
    if (party > UINT32_MAX) {
        return message_fault(fault, "deed.on_behalf_of", UINT32_MAX, "is too large");
    }
    *is_seen = true;
    deed->on_behalf_of = (uint32_t)party;
    return true;
}

static bool decode_deed(struct wire_input in, struct deed *deed, struct codec_fault *fault) {
    struct choice choice = {0};
    bool has_behalf = false;
    while (in.at != in.end) {
        uint64_t tag;
        bool is_taken;
        if (!wire_get_small(&in, &tag)) {
            return message_fault(fault, "deed", 0, "is cut off");
        }
        if (tag == WIRE_TAG(SIGNATURE_FIELD, WIRE_BYTES)) {
            is_taken = take_signature(&in, deed, fault);
        } else if (tag == WIRE_TAG(BEHALF_FIELD, WIRE_VARINT)) {
            is_taken = take_behalf(&in, deed, &has_behalf, fault);
        } else if (schema_deed_body(tag >> 3) != NULL) {
            is_taken = take_choice(&choice, "deed", tag, &in, fault);
        } else {
            is_taken = message_fault(fault, "deed", 0, "has an unknown field");
        }
        if (!is_taken) {
            return false;
        }
    }
    if (choice.number == 0) {
        return message_fault(fault, "deed", 0, "has no body");
    }
    const struct body_rule *body = schema_deed_body(choice.number);
    deed->kind = (uint8_t)choice.number;
    deed->body = choice.bytes.bytes;
    deed->body_bytes = (uint32_t)choice.bytes.size;
    return message_decode(body->message, wire_input_within(&in, choice.bytes),
                          (uint8_t *)deed + body->offset, fault);
}

static bool decode_act(struct wire_input in, struct act *act, struct codec_fault *fault) {
    struct choice choice = {0};
    while (in.at != in.end) {
        uint64_t tag;
        if (!wire_get_small(&in, &tag)) {
            return message_fault(fault, "act", 0, "is cut off");
        }
        if (schema_act_body(tag >> 3) == NULL) {
            return message_fault(fault, "act", 0, "has an unknown field");
        }
        if (!take_choice(&choice, "act", tag, &in, fault)) {
            return false;
        }
    }
    if (choice.number == 0) {
        return message_fault(fault, "act", 0, "has no body");
    }
    const struct body_rule *body = schema_act_body(choice.number);
    act->kind = (uint8_t)choice.number;
    return message_decode(body->message, wire_input_within(&in, choice.bytes),
                          (uint8_t *)act + body->offset, fault);
}

/* What a request consists of. */
struct envelope {
    bool has_number;
    uint64_t number;
    struct choice body;
};

static bool take_number(struct wire_input *in, struct envelope *envelope,
                        struct codec_fault *fault) {
    uint64_t number;
    if (envelope->has_number) {
        return message_fault(fault, "number", 0, "is there twice");
    }
    if (!wire_get_varint(in, &number)) {
        return message_fault(fault, "number", 0, "is no number");
    }
    if (number > ORDER_NUMBER_MAX) {
        return message_fault(fault, "number", ORDER_NUMBER_MAX, "is too large");
    }
    envelope->has_number = true;
    envelope->number = number;
    return true;
}

#define NUMBER_FIELD 1

static bool take_field(struct wire_input *in, struct envelope *envelope,
                       struct codec_fault *fault) {
    uint64_t tag;
    if (!wire_get_small(in, &tag)) {
        return message_fault(fault, "request", 0, "is cut off");
    }
    if (tag == WIRE_TAG(NUMBER_FIELD, WIRE_VARINT)) {
        return take_number(in, envelope, fault);
    }
    if (schema_request_body(tag >> 3) == NULL) {
        return message_fault(fault, "request", 0, "has an unknown field");
    }
    return take_choice(&envelope->body, "request", tag, in, fault);
}

static bool take_envelope(struct wire_input in, struct envelope *envelope,
                          struct codec_fault *fault) {
    while (in.at != in.end) {
        if (!take_field(&in, envelope, fault)) {
            return false;
        }
    }
    return envelope->body.number != 0 || message_fault(fault, "request", 0, "has no body");
}

/* A client's requests have a number, all others none. */
static bool check_number(const struct envelope *envelope, struct codec_fault *fault) {
    if (envelope->body.number > VERB_REQUESTS_LAST) {
        return envelope->number == 0 || message_fault(fault, "number", 0, "is too large");
    }
    return envelope->number != 0 || message_fault(fault, "number", ORDER_NUMBER_MAX, "is missing");
}

/* The head of a command is all but its union, of which only the verb's own member is cleared: on a
 * hot path the rest would cost as much as half the decoding. */
static void clear(struct request *request, const struct body_rule *body) {
    memset(&request->command, 0, offsetof(struct command, new_order));
    memset(&request->logon, 0, sizeof request->logon);
    if (body != NULL) {
        memset((uint8_t *)request + body->offset, 0, body->size);
    }
}

bool codec_request_decode(const uint8_t *bytes, size_t size, struct request *request,
                          struct codec_fault *fault) {
    struct wire_input in = wire_input_of((struct span){bytes, size});
    struct envelope envelope = {0};
    struct command *command = &request->command;
    if (size > REQUEST_BYTES_MAX) {
        clear(request, NULL);
        return message_fault(fault, "request", REQUEST_BYTES_MAX, "is too long");
    }
    bool is_whole = take_envelope(in, &envelope, fault);
    const struct body_rule *body = schema_request_body(envelope.body.number);
    clear(request, body);
    command->stamp.number = envelope.number;
    if (!is_whole || !check_number(&envelope, fault)) {
        return false;
    }
    command->verb = (uint8_t)envelope.body.number;
    in = wire_input_within(&in, envelope.body.bytes);
    if (command->verb == VERB_DEED) {
        return decode_deed(in, &command->deed, fault);
    }
    if (body->message == NULL) {
        return decode_act(in, &command->act, fault);
    }
    return message_decode(body->message, in, (uint8_t *)request + body->offset, fault);
}

static void encode_act(const struct act *act, struct message_output *out) {
    const struct body_rule *body = schema_act_body(act->kind);
    assert(body != NULL);
    uint8_t *length = message_open(out, act->kind);
    message_encode(body->message, (const uint8_t *)act + body->offset, out);
    message_close(out, length);
}

static void encode_deed(const struct deed *deed, struct message_output *out) {
    const struct body_rule *body = schema_deed_body(deed->kind);
    assert(body != NULL && deed->signatures_count <= DEED_SIGNATURES_MAX);
    for (uint32_t i = 0; i < deed->signatures_count; i++) {
        uint8_t *length = message_open(out, SIGNATURE_FIELD);
        message_encode(&schema_signature, &deed->signatures[i], out);
        message_close(out, length);
    }
    message_put_number(out, BEHALF_FIELD, deed->on_behalf_of);
    uint8_t *length = message_open(out, deed->kind);
    message_encode(body->message, (const uint8_t *)deed + body->offset, out);
    message_close(out, length);
}

int codec_deed_body_encode(const struct deed *deed, const char *name,
                           uint8_t out[REQUEST_BYTES_MAX]) {
    struct message_output output = {.next = out, .end = out + REQUEST_BYTES_MAX, .outside = name};
    const struct body_rule *body = schema_deed_body(deed->kind);
    assert(body != NULL);
    message_encode(body->message, (const uint8_t *)deed + body->offset, &output);
    return output.is_full ? -1 : (int)(output.next - out);
}

size_t codec_request_encode(const struct request *request, const char *name, uint8_t *out,
                            size_t room) {
    struct message_output output = {.next = out, .end = out + room, .outside = name};
    const struct body_rule *body = schema_request_body(request->command.verb);
    assert(body != NULL);
    message_put_number(&output, NUMBER_FIELD, request->command.stamp.number);
    uint8_t *length = message_open(&output, request->command.verb);
    if (request->command.verb == VERB_DEED) {
        encode_deed(&request->command.deed, &output);
    } else if (body->message == NULL) {
        encode_act(&request->command.act, &output);
    } else {
        message_encode(body->message, (const uint8_t *)request + body->offset, &output);
    }
    message_close(&output, length);
    size_t written = (size_t)(output.next - out);
    return output.is_full || written > REQUEST_BYTES_MAX ? 0 : written;
}
