/*
 * The rules of deeds that freeze, restrict, lock up, object (engine/deed_freeze.h).
 */
#include "engine/extract.h"
#include "proto/schema.h"
#include "proto/schema_rules.h"

static const struct field_rule freeze_order_fields[] = {
    [1] = NUMBER(freeze_order, asset_kind, "freeze.asset_kind", ASSET_KIND_LAST),
    [2] = NUMBER(freeze_order, asset, "freeze.asset", UINT32_MAX),
    [3] = NUMBER(freeze_order, holder, "freeze.holder", UINT32_MAX),
    [4] = NUMBER(freeze_order, account, "freeze.account", UINT32_MAX),
    [5] = REQUIRED(freeze_order, quantity, "freeze.quantity", 1, INT64_MAX),
    [6] = REQUIRED(freeze_order, authority, "freeze.authority", FREEZING_COURT,
                   FREEZING_PROCURATORATE),
    [7] = TEXT(freeze_order, case_number, "freeze.case_number", 1, ALPHABET_NAME),
    [8] = HASH(freeze_order, document, "freeze.document"),
    [9] = TIME(freeze_order, served_ns, "freeze.served"),
    [10] = NUMBER(freeze_order, until, "freeze.until", UINT32_MAX),
    [11] = NUMBER(freeze_order, may_be_sold, "freeze.may_be_sold", 1),
    [12] = NUMBER(freeze_order, has_fruits, "freeze.has_fruits", 1),
};
static const struct message_rule freeze_order =
    MESSAGE(freeze_order, BIT(5) | BIT(6) | BIT(7) | BIT(8));

static const struct field_rule renew_freeze_fields[] = {
    [1] = NUMBER(renew_freeze, freeze, "renew_freeze.freeze", UINT32_MAX),
    [2] = NUMBER(renew_freeze, until, "renew_freeze.until", UINT32_MAX),
    [3] = HASH(renew_freeze, document, "renew_freeze.document"),
};
static const struct message_rule renew_freeze = MESSAGE(renew_freeze, BIT(3));

static const struct field_rule lift_freeze_fields[] = {
    [1] = NUMBER(lift_freeze, freeze, "lift_freeze.freeze", UINT32_MAX),
    [2] = NUMBER(lift_freeze, quantity, "lift_freeze.quantity", INT64_MAX),
    [3] = HASH(lift_freeze, document, "lift_freeze.document"),
};
static const struct message_rule lift_freeze = MESSAGE(lift_freeze, BIT(3));

static const struct field_rule restrict_trading_fields[] = {
    [1] = REQUIRED(restrict_trading, asset_kind, "restrict_trading.asset_kind", 1, ASSET_KIND_LAST),
    [2] = NUMBER(restrict_trading, asset, "restrict_trading.asset", UINT32_MAX),
    [3] = NUMBER(restrict_trading, holder, "restrict_trading.holder", UINT32_MAX),
    [4] = REQUIRED(restrict_trading, sides, "restrict_trading.sides", 1, RESTRICTION_ALL),
    [5] = REQUIRED(restrict_trading, authority, "restrict_trading.authority", FREEZING_COURT,
                   FREEZING_PROCURATORATE),
    [6] = TEXT(restrict_trading, case_number, "restrict_trading.case_number", 1, ALPHABET_NAME),
    [7] = HASH(restrict_trading, document, "restrict_trading.document"),
    [8] = NUMBER(restrict_trading, until, "restrict_trading.until", UINT32_MAX),
};
static const struct message_rule restrict_trading =
    MESSAGE(restrict_trading, BIT(1) | BIT(4) | BIT(5) | BIT(6) | BIT(7));

static const struct field_rule lock_up_fields[] = {
    [1] = NUMBER(lock_up, account, "lock_up.account", UINT32_MAX),
    [2] = NUMBER(lock_up, instrument, "lock_up.instrument", UINT32_MAX),
    [3] = REQUIRED(lock_up, quantity, "lock_up.quantity", 1, INT64_MAX),
    [4] = NUMBER(lock_up, until, "lock_up.until", UINT32_MAX),
    [5] = HASH(lock_up, document, "lock_up.document"),
};
static const struct message_rule lock_up = MESSAGE(lock_up, BIT(3) | BIT(5));

static const struct field_rule object_fields[] = {
    [1] = REQUIRED(object, asset_kind, "object.asset_kind", 1, ASSET_KIND_LAST),
    [2] = NUMBER(object, asset, "object.asset", UINT32_MAX),
    [3] = NUMBER(object, holder, "object.holder", UINT32_MAX),
    [4] = NUMBER(object, entry, "object.entry", UINT32_MAX),
    [5] = NUMBER(object, party, "object.party", UINT32_MAX),
    [6] = NUMBER(object, until, "object.until", UINT32_MAX),
    [7] = HASH(object, document, "object.document"),
};
static const struct message_rule object = MESSAGE(object, BIT(1) | BIT(7));

static const struct field_rule end_entry_fields[] = {
    [1] = REQUIRED(end_entry, asset_kind, "end_entry.asset_kind", 1, ASSET_KIND_LAST),
    [2] = NUMBER(end_entry, asset, "end_entry.asset", UINT32_MAX),
    [3] = NUMBER(end_entry, holder, "end_entry.holder", UINT32_MAX),
    [4] = NUMBER(end_entry, entry, "end_entry.entry", UINT32_MAX),
    [5] = HASH(end_entry, document, "end_entry.document"),
};
static const struct message_rule end_entry = MESSAGE(end_entry, BIT(1) | BIT(5));

#define OF_DEED(member) offsetof(struct deed, member), sizeof(((struct deed *)0)->member)

static const struct body_rule bodies[] = {
    [DEED_FREEZE] = {&freeze_order, OF_DEED(freeze_order)},
    [DEED_RENEW_FREEZE] = {&renew_freeze, OF_DEED(renew_freeze)},
    [DEED_LIFT_FREEZE] = {&lift_freeze, OF_DEED(lift_freeze)},
    [DEED_RESTRICT_TRADING] = {&restrict_trading, OF_DEED(restrict_trading)},
    [DEED_LOCK_UP] = {&lock_up, OF_DEED(lock_up)},
    [DEED_OBJECT] = {&object, OF_DEED(object)},
    [DEED_END_ENTRY] = {&end_entry, OF_DEED(end_entry)},
};

const struct body_rule *schema_freeze_body(uint64_t kind) {
    size_t count = sizeof bodies / sizeof bodies[0];
    return kind < count && bodies[kind].message != NULL ? &bodies[kind] : NULL;
}
