/* A walk over a descriptor's fields, once for each of the two forms. */
#include "gateway/cli_message.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_output.h"
#include "gateway/cli_value.h"

#define DEPTH_MAX 8 /* messages within messages; the schema has three */

/* A value of a field: where it lies, and what it is. */
struct place {
    const ProtobufCFieldDescriptor *field;
    const void *at; /* of the value, or of an element */
};

/* --- fields ------------------------------------------------------------------------------------
 */

static const ProtobufCMessage *inner_of(const struct place *place) {
    return *(const ProtobufCMessage *const *)place->at;
}

static bool is_repeated(const ProtobufCFieldDescriptor *field) {
    return field->label == PROTOBUF_C_LABEL_REPEATED;
}

static uint64_t number_at(const struct place *place, bool *is_negative) {
    int32_t small = 0;
    int64_t large = 0;
    switch (place->field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        memcpy(&small, place->at, sizeof small);
        large = small;
        break;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_ENUM:
    case PROTOBUF_C_TYPE_BOOL:
        memcpy(&small, place->at, sizeof small);
        return (uint32_t)small;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        memcpy(&large, place->at, sizeof large);
        break;
    }
    *is_negative = large < 0 && place->field->type != PROTOBUF_C_TYPE_UINT64 &&
                   place->field->type != PROTOBUF_C_TYPE_FIXED64;
    return (uint64_t)large;
}

/* Whether a field that is not repeated says something. */
static bool is_present(const ProtobufCMessage *message, const struct place *place) {
    const ProtobufCFieldDescriptor *field = place->field;
    const uint8_t *base = (const uint8_t *)message;
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
        uint32_t chosen = 0;
        memcpy(&chosen, base + field->quantifier_offset, sizeof chosen);
        return chosen == field->id;
    }
    if (field->type == PROTOBUF_C_TYPE_MESSAGE || field->type == PROTOBUF_C_TYPE_STRING) {
        const char *text = NULL;
        memcpy(&text, place->at, sizeof text);
        return text != NULL && (field->type == PROTOBUF_C_TYPE_MESSAGE || text[0] != '\0');
    }
    if (field->type == PROTOBUF_C_TYPE_BYTES)
        return ((const ProtobufCBinaryData *)place->at)->len > 0;
    bool is_negative = false;
    return number_at(place, &is_negative) != 0;
}

static size_t element_size(const ProtobufCFieldDescriptor *field) {
    switch (field->type) {
    case PROTOBUF_C_TYPE_MESSAGE:
    case PROTOBUF_C_TYPE_STRING:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return sizeof(uint64_t);
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_BOOL:
    case PROTOBUF_C_TYPE_ENUM:
        break;
    }
    return sizeof(uint32_t);
}

/* How many values a field has, and the first of them. */
static size_t values_of(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                        struct place *place) {
    const uint8_t *base = (const uint8_t *)message;
    size_t count = 0;
    *place = (struct place){field, base + field->offset};
    if (!is_repeated(field))
        return is_present(message, place) ? 1 : 0;
    memcpy(&count, base + field->quantifier_offset, sizeof count);
    memcpy(&place->at, base + field->offset, sizeof place->at);
    return count;
}

/* A value's name without what all names of its enum begin with: "BUY". */
static const char *enum_text(const struct place *place) {
    const ProtobufCEnumDescriptor *descriptor = place->field->descriptor;
    bool is_negative = false;
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(descriptor, (int)number_at(place, &is_negative));
    size_t same = 0;
    const char *first = descriptor->values[0].name;
    for (size_t i = 0; first[i] != '\0'; i++) {
        for (unsigned each = 1; each < descriptor->n_values; each++)
            if (strncmp(descriptor->values[each].name, first, i + 1) != 0)
                return value != NULL ? value->name + same : "?";
        if (first[i] == '_')
            same = i + 1;
    }
    return value != NULL ? value->name + same : "?";
}

static char *hex_text(const ProtobufCBinaryData *data) {
    char *text = malloc(2 * data->len + 1);
    if (text == NULL)
        cli_die(CLI_FAILED, "no memory");
    text[0] = '\0';
    for (size_t i = 0; i < data->len; i++)
        snprintf(text + 2 * i, 3, "%02x", data->data[i]);
    return text;
}

/* --- for people ------------------------------------------------------------------------------- */

/* Fields that are fen, and fields that are moments, by name. */
static bool is_in(const char *const *names, const char *name) {
    for (; *names != NULL; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static void number_text(const struct place *place, char *text) {
    static const char *const MONEY[] = {"price",     "last_px",   "tick",         "band_low",
                                        "band_high", "reference", "limit_amount", NULL};
    static const char *const TIMES[] = {"time",  "received", "due",     "from", "to",
                                        "first", "last",     "expires", NULL};
    const char *name = place->field->name;
    bool is_negative = false;
    uint64_t number = number_at(place, &is_negative);
    bool is_time = place->field->type == PROTOBUF_C_TYPE_SFIXED64 && is_in(TIMES, name);
    if (is_in(MONEY, name))
        cli_money_text(text, (int64_t)number);
    else if (is_time)
        cli_time_text(text, (int64_t)number);
    else if (strcmp(name, "order_id") == 0)
        cli_order_text(text, number);
    else if (is_negative)
        snprintf(text, CLI_VALUE_BYTES_MAX, "%" PRId64, (int64_t)number);
    else
        snprintf(text, CLI_VALUE_BYTES_MAX, "%" PRIu64, number);
}

static void write_message(FILE *out, const ProtobufCMessage *message, uint64_t skipped, int depth);

/* The value alone. */
static void write_bare(FILE *out, const struct place *place, int depth) {
    char text[CLI_VALUE_BYTES_MAX];
    const ProtobufCFieldDescriptor *field = place->field;
    if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        write_message(out, inner_of(place), 0, depth + 1);
    } else if (field->type == PROTOBUF_C_TYPE_STRING) {
        const char *string = NULL;
        memcpy(&string, place->at, sizeof string);
        fputs(string, out);
    } else if (field->type == PROTOBUF_C_TYPE_BYTES) {
        char *hex = hex_text(place->at);
        fputs(hex, out);
        free(hex);
    } else if (field->type == PROTOBUF_C_TYPE_BOOL) {
        fputs("yes", out);
    } else if (field->type == PROTOBUF_C_TYPE_ENUM) {
        fputs(enum_text(place), out);
    } else {
        number_text(place, text);
        fputs(text, out);
    }
}

static void write_value(FILE *out, const struct place *place, int depth) {
    const ProtobufCFieldDescriptor *field = place->field;
    const char *quote = field->type == PROTOBUF_C_TYPE_STRING ? "\"" : "";
    fputs(field->name, out);
    if (field->type == PROTOBUF_C_TYPE_BOOL)
        return;
    fprintf(out, "%s%s", field->type == PROTOBUF_C_TYPE_MESSAGE ? ": " : " ", quote);
    write_bare(out, place, depth);
    fputs(quote, out);
}

static void write_message(FILE *out, const ProtobufCMessage *message, uint64_t skipped, int depth) {
    bool is_first = true;
    for (unsigned i = 0; depth < DEPTH_MAX && i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        struct place place;
        size_t count = values_of(message, field, &place);
        if (field->id < 64 && (skipped >> field->id & 1) != 0)
            count = 0;
        for (size_t each = 0; each < count; each++) {
            fputs(is_first ? "" : ", ", out);
            write_value(out, &place, depth);
            place.at = (const uint8_t *)place.at + element_size(field);
            is_first = false;
        }
    }
}

char *cli_message_text(const ProtobufCMessage *message, uint64_t skipped) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        cli_die(CLI_FAILED, "no memory");
    write_message(out, message, skipped, 0);
    if (fclose(out) != 0 || text == NULL)
        cli_die(CLI_FAILED, "no memory");
    return text;
}

void cli_message_each(const ProtobufCMessage *message, cli_message_visitor *visit, void *owner) {
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        struct place place;
        size_t count = values_of(message, field, &place);
        for (size_t each = 0; each < count; each++) {
            char *text = NULL;
            size_t size = 0;
            FILE *out = open_memstream(&text, &size);
            if (out == NULL)
                cli_die(CLI_FAILED, "no memory");
            write_bare(out, &place, 0);
            if (fclose(out) != 0 || text == NULL)
                cli_die(CLI_FAILED, "no memory");
            visit(owner, field->name, text);
            free(text);
            place.at = (const uint8_t *)place.at + element_size(field);
        }
    }
}

/* --- for programs ----------------------------------------------------------------------------- */

static json_t *value_json(const struct place *place) {
    const ProtobufCFieldDescriptor *field = place->field;
    bool is_negative = false;
    if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        return cli_message_json(inner_of(place));
    }
    if (field->type == PROTOBUF_C_TYPE_STRING) {
        const char *string = NULL;
        memcpy(&string, place->at, sizeof string);
        return json_string(string);
    }
    if (field->type == PROTOBUF_C_TYPE_BYTES) {
        char *hex = hex_text(place->at);
        json_t *value = json_string(hex);
        free(hex);
        return value;
    }
    if (field->type == PROTOBUF_C_TYPE_BOOL)
        return json_true();
    if (field->type == PROTOBUF_C_TYPE_ENUM)
        return json_string(enum_text(place));
    uint64_t number = number_at(place, &is_negative);
    if (element_size(field) == sizeof(uint32_t))
        return json_integer((json_int_t)number);
    return is_negative ? cli_json_signed((int64_t)number) : cli_json_number(number);
}

json_t *cli_message_json(const ProtobufCMessage *message) {
    json_t *object = json_object();
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        struct place place;
        size_t count = values_of(message, field, &place);
        json_t *list = is_repeated(field) && count > 0 ? json_array() : NULL;
        for (size_t each = 0; each < count; each++) {
            if (list != NULL)
                json_array_append_new(list, value_json(&place));
            else
                json_object_set_new(object, field->name, value_json(&place));
            place.at = (const uint8_t *)place.at + element_size(field);
        }
        if (list != NULL)
            json_object_set_new(object, field->name, list);
    }
    return object;
}
