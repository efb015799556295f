/*
 * The codec's tables and the engine's enums against tpx.proto, through the descriptors that
 * protobuf-c generates from it. What the engine's headers say is read from the headers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/command.h"
#include "engine/event.h"
#include "proto/schema.h"
#include "proto/tpx.pb-c.h"

#define FIELDS_END 64

/* Every field of a kind, whatever the engine keeps it in. */
static void assert_kind(const struct field_rule *rule, const ProtobufCFieldDescriptor *field) {
    switch ((int)field->type) {
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_BOOL:
    case PROTOBUF_C_TYPE_ENUM:
        assert_true(rule->kind == RULE_UINT || rule->kind == RULE_REASON ||
                    rule->kind == RULE_INDEX);
        assert_int_equal(rule->wire, WIRE_VARINT);
        break;
    case PROTOBUF_C_TYPE_SINT64:
        assert_int_equal(rule->kind, RULE_SINT);
        assert_int_equal(rule->wire, WIRE_VARINT);
        break;
    case PROTOBUF_C_TYPE_SFIXED64:
        assert_int_equal(rule->kind, RULE_TIME);
        assert_int_equal(rule->wire, WIRE_FIXED64);
        break;
    case PROTOBUF_C_TYPE_STRING:
        assert_true(rule->kind == RULE_TEXT || rule->kind == RULE_OUTSIDE);
        assert_int_not_equal(rule->alphabet, 0);
        assert_int_equal(rule->wire, WIRE_BYTES);
        break;
    case PROTOBUF_C_TYPE_BYTES:
        assert_true(rule->kind == RULE_HASH || rule->kind == RULE_SPAN ||
                    (rule->kind == RULE_TEXT && rule->alphabet == 0));
        assert_int_equal(rule->wire, WIRE_BYTES);
        break;
    case PROTOBUF_C_TYPE_MESSAGE:
        assert_true(rule->kind == RULE_ARRAY || rule->kind == RULE_LIST);
        assert_int_equal(field->label, PROTOBUF_C_LABEL_REPEATED);
        assert_int_equal(rule->wire, WIRE_BYTES);
        break;
    default:
        fail_msg("%s has a type that no rule is for", field->name);
    }
}

/* The most that a varint of this type may be. */
static void assert_range(const struct field_rule *rule, const ProtobufCFieldDescriptor *field) {
    if (rule->kind != RULE_UINT) {
        return;
    }
    if (field->type == PROTOBUF_C_TYPE_UINT32) {
        assert_true(rule->max <= UINT32_MAX);
    } else if (field->type == PROTOBUF_C_TYPE_BOOL) {
        assert_int_equal(rule->max, 1);
        assert_int_equal(rule->size, sizeof(bool));
    } else if (field->type == PROTOBUF_C_TYPE_ENUM) {
        const ProtobufCEnumDescriptor *members = field->descriptor;
        assert_int_equal(rule->max, members->values[members->n_values - 1].value);
        assert_int_equal(rule->max, members->n_values - 1); /* without gaps */
    }
    assert_true(rule->size == 8 || rule->max < UINT64_C(1) << 8 * rule->size);
}

static void assert_message(const struct message_rule *rule,
                           const ProtobufCMessageDescriptor *message) {
    uint64_t required = 0;
    assert_true(rule->fields_end <= FIELDS_END);
    for (uint32_t number = 0; number < rule->fields_end; number++) {
        const struct field_rule *field = &rule->fields[number];
        const ProtobufCFieldDescriptor *other =
            protobuf_c_message_descriptor_get_field(message, number);
        assert_int_equal(field->name != NULL, other != NULL);
        if (other == NULL) {
            continue;
        }
        assert_string_equal(strrchr(field->name, '.') + 1, other->name);
        assert_kind(field, other);
        assert_range(field, other);
        required |= (uint64_t)(field->min > 0) << number;
        if (field->kind == RULE_ARRAY || field->kind == RULE_LIST) {
            assert_message(field->element, other->descriptor);
        }
    }
    assert_true(rule->required == required);
    assert_int_equal(message->n_fields == 0 ? 0 : message->fields[message->n_fields - 1].id,
                     rule->fields_end - 1);
}

static void every_message_has_its_rule(void **state) {
    (void)state;
    for (uint32_t number = 0; number < FIELDS_END; number++) {
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(&tpx__request__descriptor, number);
        bool is_body = field != NULL && field->type == PROTOBUF_C_TYPE_MESSAGE;
        const struct body_rule *body = schema_request_body(number);
        assert_int_equal(is_body, body != NULL);
        if (is_body && body->message != NULL) {
            assert_message(body->message, field->descriptor);
        } else if (is_body) {
            assert_ptr_equal(field->descriptor,
                             number == VERB_DEED ? &tpx__deed__descriptor : &tpx__act__descriptor);
        }
    }
    for (uint32_t number = 0; number < FIELDS_END; number++) {
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(&tpx__act__descriptor, number);
        const struct body_rule *body = schema_act_body(number);
        assert_int_equal(field != NULL, body != NULL);
        if (field != NULL) {
            assert_message(body->message, field->descriptor);
        }
    }
    for (uint32_t number = DEED_ADD_PARTY; number <= UINT8_MAX; number++) {
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(&tpx__deed__descriptor, number);
        const struct body_rule *body = schema_deed_body(number);
        assert_int_equal(field != NULL, body != NULL);
        if (field != NULL) {
            assert_message(body->message, field->descriptor);
        }
    }
    assert_message(&schema_signature, &tpx__signature__descriptor);
    assert_null(schema_request_body(UINT64_MAX));
    assert_null(schema_act_body(UINT64_MAX));
    assert_null(schema_deed_body(UINT64_MAX));
    assert_null(schema_deed_body(1));
}

static void every_question_and_every_row_has_its_rule(void **state) {
    (void)state;
    for (uint32_t number = 0; number < FIELDS_END; number++) {
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(&tpx__query__descriptor, number);
        bool is_body = field != NULL && field->type == PROTOBUF_C_TYPE_MESSAGE;
        const struct body_rule *body = schema_query_body(number);
        assert_int_equal(is_body, body != NULL);
        if (is_body) {
            assert_message(body->message, field->descriptor);
        }
        field = protobuf_c_message_descriptor_get_field(&tpx__answer__descriptor, number);
        bool is_row = field != NULL && field->label == PROTOBUF_C_LABEL_REPEATED;
        assert_int_equal(is_row, schema_row(number) != NULL);
        if (is_row) {
            assert_message(schema_row(number), field->descriptor);
        }
    }
    assert_null(schema_query_body(UINT64_MAX));
    assert_null(schema_row(UINT64_MAX));
}

static void exactly_the_reasons_of_the_schema_exist(void **state) {
    (void)state;
    for (int number = 0; number < 70000; number++) {
        const ProtobufCEnumValue *value =
            protobuf_c_enum_descriptor_get_value(&tpx__reason__descriptor, number);
        assert_int_equal(schema_has_reason((uint64_t)number), value != NULL);
    }
    assert_false(schema_has_reason(UINT64_C(1) << 32));
}

/* Enums as the engine's headers write them. */

static char *text_of(const char *path) {
    static char text[65536];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t size = fread(text, 1, sizeof text - 1, file);
    assert_true(size > 0 && size < sizeof text - 1);
    assert_int_equal(fclose(file), 0);
    text[size] = '\0';
    return text;
}

/* Takes comments out, so that a name within one is no member. */
static void strip_comments(char *text) {
    char *begin;
    while ((begin = strstr(text, "/*")) != NULL) {
        char *end = strstr(begin, "*/");
        assert_non_null(end);
        memset(begin, ' ', (size_t)(end + 2 - begin));
    }
}

/* A member as the schema names it: those of a proto enum carry its name. */
struct naming {
    const char *header;
    const char *enum_name;
    const char *cut;  /* what our name begins with, */
    const char *put;  /* and the schema's in its place */
    bool has_no_zero; /* the schema has a member 0 beside ours */
    const ProtobufCEnumDescriptor *schema;
};

/* `member` as the header writes it, "SIDE_BUY = 1". */
static void compare_member(const struct naming *naming, const char *member) {
    char theirs[128];
    const char *equals = strchr(member, '=');
    const char *end = strpbrk(member, " \n=");
    assert_true(equals != NULL && end != NULL);
    assert_int_equal(strncmp(member, naming->cut, strlen(naming->cut)), 0);
    const char *rest = member + strlen(naming->cut);
    (void)snprintf(theirs, sizeof theirs, "%s%.*s", naming->put, (int)(end - rest), rest);
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value_by_name(naming->schema, theirs);
    if (value == NULL) {
        fail_msg("%s is not in the schema as %s", member, theirs);
    }
    assert_int_equal(value->value, strtol(equals + 1, NULL, 10));
}

static uint32_t compare_members(const struct naming *naming, char *body) {
    uint32_t count = 0;
    for (char *member = strtok(body, ","); member != NULL; member = strtok(NULL, ",")) {
        member += strspn(member, " \n");
        if (*member != '\0') {
            compare_member(naming, member);
            count++;
        }
    }
    return count;
}

static void compare_enum(const struct naming *naming) {
    char head[64];
    char *text = text_of(naming->header);
    strip_comments(text);
    (void)snprintf(head, sizeof head, "enum %s {", naming->enum_name);
    char *begin = strstr(text, head);
    assert_non_null(begin);
    char *end = strchr(begin, '}');
    assert_non_null(end);
    *end = '\0';
    uint32_t count = compare_members(naming, begin + strlen(head));
    assert_int_equal(count + naming->has_no_zero, naming->schema->n_values);
}

static void enums_have_the_numbers_of_the_schema(void **state) {
    (void)state;
    static const struct naming namings[] = {
        {"engine/types.h", "side", "", "", true, &tpx__side__descriptor},
        {"engine/types.h", "ord_type", "", "", true, &tpx__ord_type__descriptor},
        {"engine/types.h", "time_in_force", "", "", true, &tpx__time_in_force__descriptor},
        {"engine/types.h", "ord_status", "", "", true, &tpx__ord_status__descriptor},
        {"engine/types.h", "environment", "", "", true, &tpx__environment__descriptor},
        {"engine/types.h", "phase", "", "", true, &tpx__phase__descriptor},
        {"engine/types.h", "disk_step", "", "", true, &tpx__disk_step__descriptor},
        {"engine/reason.h", "reason", "", "", false, &tpx__reason__descriptor},
        {"engine/reason.h", "field", "", "", false, &tpx__field__descriptor},
        {"engine/command.h", "act_kind", "", "", true, &tpx__act_kind__descriptor},
        {"engine/event.h", "audience", "", "", false, &tpx__audience__descriptor},
        {"engine/deed.h", "deed_kind", "", "", true, &tpx__deed_kind__descriptor},
        {"engine/deed.h", "right_kind", "", "", true, &tpx__right_kind__descriptor},
        {"engine/deed.h", "office", "", "", true, &tpx__office__descriptor},
        {"engine/deed_transfer.h", "consent_purpose", "", "", true,
         &tpx__consent_purpose__descriptor},
        {"engine/deed_freeze.h", "freezing_authority", "", "", true,
         &tpx__freezing_authority__descriptor},
        {"engine/deed.h", "appraisal_method", "", "", true, &tpx__appraisal_method__descriptor},
        {"engine/deed_pledge.h", "pledge_state", "", "", true, &tpx__pledge_state__descriptor},
        {"engine/deed_pledge.h", "office_standing", "", "", true, &tpx__standing__descriptor},
        {"engine/deed_pledge.h", "pledge_matter", "", "", true, &tpx__pledge_matter__descriptor},
        {"engine/extract.h", "asset_kind", "", "", true, &tpx__asset_kind__descriptor},
        {"engine/extract.h", "entry_kind", "", "", true, &tpx__entry_kind__descriptor},
        {"engine/extract.h", "entry_role", "", "", false, &tpx__entry_role__descriptor},
    };
    for (size_t i = 0; i < sizeof namings / sizeof namings[0]; i++) {
        compare_enum(&namings[i]);
    }
}

static void pools_have_the_numbers_of_the_schema(void **state) {
    (void)state;
    char *text = text_of("engine/types.h");
    assert_non_null(strstr(text, "enum pool {"));
    for (unsigned i = 0; i < tpx__pool__descriptor.n_values; i++) {
        const ProtobufCEnumValue *value = &tpx__pool__descriptor.values[i];
        char line[64];
        (void)snprintf(line, sizeof line, " %s = %d,", value->name, value->value);
        assert_true(value->value == 0 || strstr(text, line) != NULL);
    }
    assert_int_equal(tpx__pool__descriptor.n_values, POOLS_END);
}

/* Names of message fields and of enum members differ in case only. */
static void assert_named(const char *header, const char *prefix, const char *name, uint32_t id) {
    char line[128];
    int length = snprintf(line, sizeof line, "    %s", prefix);
    for (const char *c = name; *c != '\0'; c++) {
        line[length++] = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
    }
    (void)snprintf(line + length, sizeof line - (size_t)length, " = %u,", id);
    if (strstr(text_of(header), line) == NULL) {
        fail_msg("%s has no%s", header, line);
    }
}

static void verbs_acts_and_events_are_the_numbers_of_their_fields(void **state) {
    (void)state;
    for (unsigned i = 0; i < tpx__request__descriptor.n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &tpx__request__descriptor.fields[i];
        bool is_connection = field->id >= 16 && field->id < 32;
        if (field->id != 1) {
            assert_named(is_connection ? "proto/codec_request.h" : "engine/command.h", "VERB_",
                         field->name, field->id);
        }
    }
    for (unsigned i = 0; i < tpx__act__descriptor.n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &tpx__act__descriptor.fields[i];
        assert_named("engine/command.h", "ACT_", field->name, field->id);
    }
    for (unsigned i = 0; i < tpx__report__descriptor.n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &tpx__report__descriptor.fields[i];
        if (field->id >= EVENT_BOOK_ADDED) {
            assert_named("engine/event.h", "EVENT_", field->name, field->id);
        }
    }
    for (unsigned i = 0; i < tpx__query__descriptor.n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &tpx__query__descriptor.fields[i];
        if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
            assert_named("engine/authority.h", "QUERY_", field->name, field->id);
        }
    }
    for (unsigned i = 1; i < tpx__exec_type__descriptor.n_values; i++) {
        const ProtobufCEnumValue *value = &tpx__exec_type__descriptor.values[i];
        assert_named("engine/event.h", "EVENT_", value->name + strlen("EXEC_TYPE_"),
                     (uint32_t)value->value);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_has_its_rule),
        cmocka_unit_test(every_question_and_every_row_has_its_rule),
        cmocka_unit_test(exactly_the_reasons_of_the_schema_exist),
        cmocka_unit_test(enums_have_the_numbers_of_the_schema),
        cmocka_unit_test(pools_have_the_numbers_of_the_schema),
        cmocka_unit_test(verbs_acts_and_events_are_the_numbers_of_their_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
