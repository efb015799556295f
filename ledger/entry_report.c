/* Fields are known by their numbers in tpx.proto; what is not known is passed over. */
#include "ledger/entry_report.h"

/* Report's fields, and the extract's that every kind has. */
enum {
    REPORT_SEQUENCE = 1,
    REPORT_PLACE = 2,
    REPORT_TIME = 3,
    EXTRACT_VERSION = 5,
    EXTRACT_KIND = 6,
    EXTRACT_FROM = 7,
    EXTRACT_TO = 8,
    EXTRACT_QUANTITY = 9,
    EXTRACT_STATE = 10,
};

/* Fields that name parties. `inner`: the field is a message, and this its field; 0: a number. */
static const struct party_field {
    uint8_t number;
    uint8_t inner;
    uint8_t role; /* enum entry_role */
} PARTY_FIELDS[] = {
    {ENTRY_FIELD_HOLDER, 0, ENTRY_ROLE_OWNER},       {ENTRY_FIELD_OWNER, 1, ENTRY_ROLE_OWNER},
    {ENTRY_FIELD_PLEDGOR, 0, ENTRY_ROLE_PLEDGOR},    {ENTRY_FIELD_PLEDGEE, 0, ENTRY_ROLE_PLEDGEE},
    {ENTRY_FIELD_DEBTOR, 0, ENTRY_ROLE_DEBTOR},      {ENTRY_FIELD_STAKE_OF, 0, ENTRY_ROLE_OWNER},
    {ENTRY_FIELD_OBJECTOR, 0, ENTRY_ROLE_APPLICANT}, {ENTRY_FIELD_BUYER, 0, ENTRY_ROLE_OWNER},
};

/* Fields that hold the number by which an entry is registered. */
static const struct number_field {
    uint8_t number;
    uint8_t series; /* enum entry_kind */
} NUMBER_FIELDS[] = {
    {ENTRY_FIELD_PLEDGE, ENTRY_PLEDGE},
    {ENTRY_FIELD_FREEZE, ENTRY_FREEZE},
};

static void add_party(struct entry_report *told, uint64_t party, uint8_t role) {
    for (uint32_t i = 0; i < told->parties_count; i++)
        if (told->parties[i].party == party && told->parties[i].role == role)
            return;
    if (party == 0 || party > UINT32_MAX || told->parties_count == ENTRY_PARTIES_MAX)
        return;
    told->parties[told->parties_count++] =
        (struct entry_party){.party = (uint32_t)party, .role = role};
}

static void take_party(struct entry_report *told, const struct party_field *rule,
                       const struct wire_field *field) {
    if (rule->inner == 0) {
        if (field->wire == WIRE_VARINT)
            add_party(told, field->value, rule->role);
        return;
    }
    if (field->wire != WIRE_BYTES)
        return;
    struct wire_input in = wire_input_of(field->bytes);
    struct wire_field inner = {0};
    while (in.at != in.end && wire_get_field(&in, &inner))
        if (inner.number == rule->inner && inner.wire == WIRE_VARINT)
            add_party(told, inner.value, rule->role);
}

static void take_by_table(struct entry_report *told, const struct wire_field *field) {
    for (size_t i = 0; i < sizeof PARTY_FIELDS / sizeof PARTY_FIELDS[0]; i++)
        if (PARTY_FIELDS[i].number == field->number)
            take_party(told, &PARTY_FIELDS[i], field);
    for (size_t i = 0; i < sizeof NUMBER_FIELDS / sizeof NUMBER_FIELDS[0]; i++) {
        if (NUMBER_FIELDS[i].number == field->number && field->wire == WIRE_VARINT) {
            told->number = field->value;
            told->series = NUMBER_FIELDS[i].series;
        }
    }
}

static void take_common(struct entry_report *told, const struct wire_field *field) {
    switch (field->number) {
    case ENTRY_FIELD_HOLDER:
        told->asset.holder = (uint32_t)field->value;
        return;
    case EXTRACT_VERSION:
        told->version = (uint32_t)field->value;
        return;
    case EXTRACT_KIND:
        told->kind = (uint8_t)field->value;
        return;
    case EXTRACT_FROM:
        told->from_ns = (int64_t)field->value;
        return;
    case EXTRACT_TO:
        told->to_ns = (int64_t)field->value;
        return;
    case EXTRACT_QUANTITY:
        told->quantity = field->value;
        return;
    case EXTRACT_STATE:
        told->state = (uint8_t)field->value;
        return;
    default:
        return;
    }
}

static bool read_extract(struct span bytes, struct entry_report *told) {
    struct wire_input in = wire_input_of(bytes);
    while (in.at != in.end) {
        struct wire_field field = {0};
        if (!wire_get_field(&in, &field))
            return false;
        take_common(told, &field);
        take_by_table(told, &field);
    }
    return true;
}

static void read_head(struct span report, struct entry_report *told) {
    struct wire_input in = wire_input_of(report);
    struct wire_field field = {0};
    while (in.at != in.end && wire_get_field(&in, &field)) {
        if (field.number == REPORT_SEQUENCE)
            told->sequence = field.value;
        else if (field.number == REPORT_PLACE)
            told->place = (uint32_t)field.value;
        else if (field.number == REPORT_TIME)
            told->time_ns = (int64_t)field.value;
    }
}

bool entry_report_read(struct span report, struct entry_report *told) {
    *told = (struct entry_report){0};
    if (!register_read(report, &told->named) || told->named.asset == 0 ||
        told->named.asset > UINT32_MAX || told->named.entry > UINT32_MAX)
        return false;
    told->asset.kind = (uint8_t)told->named.asset_kind;
    told->asset.asset = (uint32_t)told->named.asset;
    told->entry = told->named.entry;
    read_head(report, told);
    return read_extract(register_extract(report), told);
}

bool entry_report_time(struct span report, int64_t *time_ns) {
    struct wire_input in = wire_input_of(report);
    struct wire_field field = {0};
    while (in.at != in.end && wire_get_field(&in, &field)) {
        if (field.number == REPORT_TIME && field.wire == WIRE_FIXED64) {
            *time_ns = (int64_t)field.value;
            return true;
        }
    }
    return false;
}
