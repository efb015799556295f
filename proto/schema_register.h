/*
 * The rules of questions about the register and of their rows. Private to the files that hold
 * rules.
 */
#ifndef PROTO_SCHEMA_REGISTER_H
#define PROTO_SCHEMA_REGISTER_H

#include "proto/schema.h"

extern const struct message_rule schema_entries_query;
extern const struct message_rule schema_entry_versions_query;
extern const struct message_rule schema_party_entries_query;
extern const struct message_rule schema_number_entries_query;
extern const struct message_rule schema_register_changes_query;
extern const struct message_rule schema_bound_totals_query;

extern const struct message_rule schema_registered_row;
extern const struct message_rule schema_bound_row;

#endif
