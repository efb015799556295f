/*
 * The rules of questions about the register and of the rows that answer them.
 */
#include "proto/schema_register.h"

#include "proto/codec_answer.h"
#include "proto/codec_event.h"
#include "proto/codec_query.h"
#include "proto/schema_rules.h"

/* What both questions about an asset begin with. */
#define OF_ASSET(label)                                                                            \
    [1] = NUMBER(entries_query, asset_kind, label ".asset_kind", ASSETS_END - 1),                  \
    [2] = NUMBER(entries_query, asset, label ".asset", UINT32_MAX),                                \
    [3] = NUMBER(entries_query, holder, label ".holder", UINT32_MAX),                              \
    [4] = NUMBER(entries_query, right_kind, label ".right_kind", RIGHT_LICENCE_ORDINARY),          \
    [5] = TEXT(entries_query, number, label ".number", 0, ALPHABET_SYMBOL),                        \
    [6] = NUMBER(entries_query, as_of, label ".as_of", INT64_MAX),                                 \
    [7] = TIME(entries_query, time_ns, label ".time")

#define RULE(name, type, its_fields)                                                               \
    const struct message_rule schema_##name = {#type, (its_fields),                                \
                                               sizeof(its_fields) / sizeof(its_fields)[0], 0}

static const struct field_rule entries_fields[] = {OF_ASSET("entries")};
RULE(entries_query, entries_query, entries_fields);

static const struct field_rule entry_versions_fields[] = {
    OF_ASSET("entry_versions"),
    [8] = NUMBER(entries_query, is_one, "entry_versions.is_one", 1),
    [9] = NUMBER(entries_query, entry, "entry_versions.entry", UINT32_MAX),
};
RULE(entry_versions_query, entry_versions_query, entry_versions_fields);

static const struct field_rule party_entries_fields[] = {
    [1] = NUMBER(party_entries_query, party, "party_entries.party", UINT32_MAX),
    [2] = TEXT(party_entries_query, code, "party_entries.code", 0, ALPHABET_CODE),
    [3] = NUMBER(party_entries_query, role, "party_entries.role", ENTRY_ROLES_END - 1),
    [4] = NUMBER(party_entries_query, is_in_force, "party_entries.is_in_force", 1),
    [6] = NUMBER(party_entries_query, as_of, "party_entries.as_of", INT64_MAX),
    [7] = TIME(party_entries_query, time_ns, "party_entries.time"),
};
RULE(party_entries_query, party_entries_query, party_entries_fields);

static const struct field_rule number_entries_fields[] = {
    [1] = NUMBER(number_entries_query, series, "number_entries.series", ENTRIES_END - 1),
    [2] = NUMBER(number_entries_query, number, "number_entries.number", INT64_MAX),
    [6] = NUMBER(number_entries_query, as_of, "number_entries.as_of", INT64_MAX),
    [7] = TIME(number_entries_query, time_ns, "number_entries.time"),
};
RULE(number_entries_query, number_entries_query, number_entries_fields);

static const struct field_rule register_changes_fields[] = {
    [1] = NUMBER(register_changes_query, from, "register_changes.from", INT64_MAX),
    [2] = NUMBER(register_changes_query, party, "register_changes.party", UINT32_MAX),
};
RULE(register_changes_query, register_changes_query, register_changes_fields);

static const struct field_rule bound_totals_fields[] = {
    [1] = NUMBER(bound_totals_query, instrument, "bound_totals.instrument", UINT32_MAX),
    [6] = NUMBER(bound_totals_query, as_of, "bound_totals.as_of", INT64_MAX),
    [7] = TIME(bound_totals_query, time_ns, "bound_totals.time"),
};
RULE(bound_totals_query, bound_totals_query, bound_totals_fields);

/* Rows. */

static const struct field_rule registered_row_fields[] = {
    [1] = NUMBER(registered_row, role, "registered.role", ENTRY_ROLES_END - 1),
    [2] = {.name = "registered.report",
           .kind = RULE_SPAN,
           .wire = WIRE_BYTES,
           .max = CODEC_REPORT_BYTES_MAX,
           PLACE(registered_row, report),
           COUNT(registered_row, report_bytes)},
};
RULE(registered_row, registered_row, registered_row_fields);

static const struct field_rule bound_row_fields[] = {
    [1] = NUMBER(bound_row, instrument, "bound.instrument", UINT32_MAX),
    [2] = NUMBER(bound_row, kind, "bound.kind", ENTRIES_END - 1),
    [3] = NUMBER(bound_row, quantity, "bound.quantity", UINT64_MAX),
};
RULE(bound_row, bound_row, bound_row_fields);
