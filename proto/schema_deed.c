/*
 * The rules of deeds (engine/deed.h), as proto/schema.c has those of all other requests.
 */
#include "engine/deed.h"
#include "engine/extract.h"
#include "proto/schema.h"
#include "proto/schema_listing.h"
#include "proto/schema_pledge.h"
#include "proto/schema_rules.h"

static const struct field_rule signature_fields[] = {
    [1] = REQUIRED(signature, party_key, "signature.party_key", 1, UINT32_MAX),
    [2] = {.name = "signature.bytes",
           .kind = RULE_HASH,
           .wire = WIRE_BYTES,
           .min = SIGNATURE_BYTES,
           .max = SIGNATURE_BYTES,
           PLACE(signature, bytes)},
    [3] = REQUIRED(signature, serial, "signature.serial", 1, SIGNATURE_SERIAL_MAX),
    [4] = TIME(signature, expires_ns, "signature.expires"),
};
const struct message_rule schema_signature = {"signature", signature_fields, 5,
                                              BIT(1) | BIT(2) | BIT(3)};

static const struct field_rule add_party_fields[] = {
    [1] = NUMBER(add_party, participant, "add_party.participant", UINT32_MAX),
    [2] = TEXT(add_party, code, "add_party.code", 0, ALPHABET_CODE),
    [3] = TEXT(add_party, identity, "add_party.identity", 0, 0),
    [4] = OUTSIDE(add_party, name_bytes, "add_party.name", 0, NAME_BYTES_MAX),
};
static const struct message_rule add_party = MESSAGE(add_party, 0);

static const struct field_rule add_party_key_fields[] = {
    [1] = NUMBER(add_party_key, party, "add_party_key.party", UINT32_MAX),
    [2] = NUMBER(add_party_key, person, "add_party_key.person", UINT32_MAX),
    [3] = SIGNING_KEY(add_party_key, key, "add_party_key.key"),
};
static const struct message_rule add_party_key = MESSAGE(add_party_key, BIT(3));

static const struct field_rule revoke_party_key_fields[] = {
    [1] = NUMBER(revoke_party_key, party_key, "revoke_party_key.party_key", UINT32_MAX),
    [2] = TIME(revoke_party_key, compromised_since_ns, "revoke_party_key.compromised_since"),
};
static const struct message_rule revoke_party_key = MESSAGE(revoke_party_key, 0);

static const struct field_rule grant_mandate_fields[] = {
    [1] = NUMBER(grant_mandate, principal, "grant_mandate.principal", UINT32_MAX),
    [2] = NUMBER(grant_mandate, agent, "grant_mandate.agent", UINT32_MAX),
    [3] = REQUIRED(grant_mandate, scope, "grant_mandate.scope", 1, MANDATE_SCOPE_ALL),
    [4] = REQUIRED(grant_mandate, limit_fen, "grant_mandate.limit_amount", 1, INT64_MAX),
    [5] = NUMBER(grant_mandate, until, "grant_mandate.until", UINT32_MAX),
    [6] = HASH(grant_mandate, document, "grant_mandate.document"),
};
static const struct message_rule grant_mandate = MESSAGE(grant_mandate, BIT(3) | BIT(4) | BIT(6));

static const struct field_rule revoke_mandate_fields[] = {
    [1] = NUMBER(revoke_mandate, mandate, "revoke_mandate.mandate", UINT32_MAX),
};
static const struct message_rule revoke_mandate = MESSAGE(revoke_mandate, 0);

static const struct field_rule owner_fields[] = {
    [1] = NUMBER(right_owner, party, "admit_right.owner.party", UINT32_MAX),
    [2] = NUMBER(right_owner, ppm, "admit_right.owner.ppm", RIGHT_WHOLE_PPM),
};
static const struct message_rule owner_rule = {"admit_right.owner", owner_fields, 3, 0};

static const struct field_rule admit_right_fields[] = {
    [1] = REQUIRED(admit_right, kind, "admit_right.kind", RIGHT_INVENTION, RIGHT_LICENCE_ORDINARY),
    [2] = REQUIRED(admit_right, office, "admit_right.office", OFFICE_TPX, OFFICE_COMPANY),
    [3] = TEXT(admit_right, number, "admit_right.number", 1, ALPHABET_SYMBOL),
    [4] = OUTSIDE(admit_right, title_bytes, "admit_right.title", 1, NAME_BYTES_MAX),
    [5] = NUMBER(admit_right, status, "admit_right.status", RIGHT_STATUS_ALL),
    [6] = NUMBER(admit_right, filed, "admit_right.filed", UINT32_MAX),
    [7] = NUMBER(admit_right, term_end, "admit_right.term_end", UINT32_MAX),
    [8] = NUMBER(admit_right, licence_of, "admit_right.licence_of", UINT32_MAX),
    [9] = LIST(admit_right, owners, "admit_right.owner", 1, &owner_rule),
};
static const struct message_rule admit_right =
    MESSAGE(admit_right, BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(9));

static const struct field_rule set_right_status_fields[] = {
    [1] = NUMBER(set_right_status, right, "set_right_status.right", UINT32_MAX),
    [2] = NUMBER(set_right_status, set, "set_right_status.set", RIGHT_STATUS_ALL),
    [3] = NUMBER(set_right_status, clear, "set_right_status.clear", RIGHT_STATUS_ALL),
    [4] = HASH(set_right_status, document, "set_right_status.document"),
};
static const struct message_rule set_right_status = MESSAGE(set_right_status, BIT(4));

static const struct field_rule appraise_fields[] = {
    [1] = NUMBER(appraise, right, "appraise.right", UINT32_MAX),
    [2] = REQUIRED(appraise, method, "appraise.method", APPRAISAL_INCOME, APPRAISAL_COST),
    [3] = NUMBER(appraise, value_fen, "appraise.value", INT64_MAX),
    [4] = NUMBER(appraise, dated, "appraise.dated", UINT32_MAX),
    [5] = NUMBER(appraise, expires, "appraise.expires", UINT32_MAX),
    [6] = HASH(appraise, document, "appraise.document"),
};
static const struct message_rule appraise = MESSAGE(appraise, BIT(2) | BIT(6));

static const struct field_rule admit_holding_fields[] = {
    [1] = NUMBER(admit_holding, party, "admit_holding.party", UINT32_MAX),
    [2] = NUMBER(admit_holding, instrument, "admit_holding.instrument", UINT32_MAX),
};
static const struct message_rule admit_holding = MESSAGE(admit_holding, 0);

static const struct field_rule set_calendar_fields[] = {
    [1] = NUMBER(set_calendar, date, "set_calendar.date", UINT32_MAX),
    [2] = NUMBER(set_calendar, is_working, "set_calendar.is_working", 1),
    [3] = NUMBER(set_calendar, is_trading, "set_calendar.is_trading", 1),
};
static const struct message_rule set_calendar = MESSAGE(set_calendar, 0);

static const struct field_rule certify_fields[] = {
    [1] = NUMBER(certify, asset_kind, "certify.asset_kind", ASSET_HOLDING),
    [2] = NUMBER(certify, asset, "certify.asset", UINT32_MAX),
    [3] = NUMBER(certify, holder, "certify.holder", UINT32_MAX),
    [4] = NUMBER(certify, account, "certify.account", UINT32_MAX),
};
static const struct message_rule certify = MESSAGE(certify, 0);

static const struct field_rule reserve_fields[] = {
    [1] = REQUIRED(reserve, asset_kind, "reserve.asset_kind", ASSET_RIGHT, ASSET_HOLDING),
    [2] = NUMBER(reserve, asset, "reserve.asset", UINT32_MAX),
    [3] = NUMBER(reserve, holder, "reserve.holder", UINT32_MAX),
    [4] = NUMBER(reserve, party, "reserve.party", UINT32_MAX),
    [5] = NUMBER(reserve, until, "reserve.until", UINT32_MAX),
};
static const struct message_rule reserve = MESSAGE(reserve, BIT(1));

#define OF_DEED(member) offsetof(struct deed, member), sizeof(((struct deed *)0)->member)

static const struct body_rule deed_bodies[] = {
    [DEED_ADD_PARTY] = {&add_party, OF_DEED(add_party)},
    [DEED_ADD_PARTY_KEY] = {&add_party_key, OF_DEED(add_party_key)},
    [DEED_REVOKE_PARTY_KEY] = {&revoke_party_key, OF_DEED(revoke_party_key)},
    [DEED_GRANT_MANDATE] = {&grant_mandate, OF_DEED(grant_mandate)},
    [DEED_REVOKE_MANDATE] = {&revoke_mandate, OF_DEED(revoke_mandate)},
    [DEED_ADMIT_RIGHT] = {&admit_right, OF_DEED(admit_right)},
    [DEED_SET_RIGHT_STATUS] = {&set_right_status, OF_DEED(set_right_status)},
    [DEED_APPRAISE] = {&appraise, OF_DEED(appraise)},
    [DEED_ADMIT_HOLDING] = {&admit_holding, OF_DEED(admit_holding)},
    [DEED_SET_CALENDAR] = {&set_calendar, OF_DEED(set_calendar)},
    [DEED_CERTIFY] = {&certify, OF_DEED(certify)},
    [DEED_RESERVE] = {&reserve, OF_DEED(reserve)},
};

const struct body_rule *schema_deed_body(uint64_t kind) {
    const struct body_rule *freeze = schema_freeze_body(kind);
    if (freeze != NULL)
        return freeze;
    const struct body_rule *transfer = schema_transfer_body(kind);
    if (transfer != NULL)
        return transfer;
    size_t bodies = sizeof deed_bodies / sizeof deed_bodies[0];
    if (kind < bodies && deed_bodies[kind].message != NULL)
        return &deed_bodies[kind];
    const struct body_rule *body = schema_pledge_body(kind);
    return body != NULL ? body : schema_listing_body(kind);
}
