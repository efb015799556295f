/*
 * The rules of deeds about consents and transfers (engine/deed_transfer.h).
 */
#include "engine/extract.h"
#include "proto/schema.h"
#include "proto/schema_rules.h"

static const struct field_rule give_consent_fields[] = {
    [1] = NUMBER(give_consent, pledge, "give_consent.pledge", UINT32_MAX),
    [2] = NUMBER(give_consent, right, "give_consent.right", UINT32_MAX),
    [3] = NUMBER(give_consent, party, "give_consent.party", UINT32_MAX),
    [4] = REQUIRED(give_consent, quantity, "give_consent.quantity", 1, INT64_MAX / 2),
    [5] =
        REQUIRED(give_consent, purpose, "give_consent.purpose", CONSENT_TRANSFER, CONSENT_LICENCE),
    [6] = NUMBER(give_consent, buyer, "give_consent.buyer", UINT32_MAX),
    [7] = NUMBER(give_consent, floor_fen, "give_consent.floor", INT64_MAX),
    [8] = NUMBER(give_consent, states_payoff, "give_consent.states_payoff", 1),
    [9] = NUMBER(give_consent, payoff_fen, "give_consent.payoff", INT64_MAX),
    [10] = NUMBER(give_consent, account, "give_consent.account", UINT32_MAX),
    [11] = NUMBER(give_consent, until, "give_consent.until", UINT32_MAX),
};
static const struct message_rule give_consent = MESSAGE(give_consent, BIT(4) | BIT(5));

static const struct field_rule revoke_consent_fields[] = {
    [1] = NUMBER(revoke_consent, consent, "revoke_consent.consent", UINT32_MAX),
};
static const struct message_rule revoke_consent = MESSAGE(revoke_consent, 0);

static const struct field_rule transfer_consent_fields[] = {
    [1] = NUMBER(transfer_consent, consent, "transfer.consent.consent", UINT32_MAX),
};
static const struct message_rule transfer_consent = {"transfer.consent", transfer_consent_fields, 2,
                                                     0};

static const struct field_rule transfer_deed_fields[] = {
    [1] = REQUIRED(transfer_deed, asset_kind, "transfer.asset_kind", 1, ASSET_KIND_LAST),
    [2] = NUMBER(transfer_deed, asset, "transfer.asset", UINT32_MAX),
    [3] = NUMBER(transfer_deed, seller, "transfer.seller", UINT32_MAX),
    [4] = NUMBER(transfer_deed, buyer, "transfer.buyer", UINT32_MAX),
    [5] = REQUIRED(transfer_deed, quantity, "transfer.quantity", 1, INT64_MAX / 2),
    [6] = NUMBER(transfer_deed, price_fen, "transfer.price", INT64_MAX),
    [7] = NUMBER(transfer_deed, costs_fen, "transfer.costs", INT64_MAX),
    [8] = NUMBER(transfer_deed, costs_account, "transfer.costs_account", UINT32_MAX),
    [9] = NUMBER(transfer_deed, seller_account, "transfer.seller_account", UINT32_MAX),
    [10] = NUMBER(transfer_deed, buyer_account, "transfer.buyer_account", UINT32_MAX),
    [11] = LIST(transfer_deed, consents, "transfer.consent", 0, &transfer_consent),
};
static const struct message_rule transfer_deed = MESSAGE(transfer_deed, BIT(1) | BIT(5));

static const struct field_rule confirm_transfer_fields[] = {
    [1] = NUMBER(confirm_transfer, transfer, "confirm_transfer.transfer", UINT32_MAX),
    [2] = OUTSIDE(confirm_transfer, number_bytes, "confirm_transfer.number", 1,
                  TRANSFER_NUMBER_BYTES_MAX),
    [3] = HASH(confirm_transfer, document, "confirm_transfer.document"),
};
static const struct message_rule confirm_transfer = MESSAGE(confirm_transfer, BIT(2) | BIT(3));

static const struct field_rule end_transfer_fields[] = {
    [1] = NUMBER(end_transfer, transfer, "end_transfer.transfer", UINT32_MAX),
};
static const struct message_rule end_transfer = MESSAGE(end_transfer, 0);

static const struct field_rule pay_out_fields[] = {
    [1] = NUMBER(pay_out, transfer, "pay_out.transfer", UINT32_MAX),
    [2] = NUMBER(pay_out, pledgee_fen, "pay_out.pledgee_amount", INT64_MAX),
    [3] = NUMBER(pay_out, pledgee_account, "pay_out.pledgee_account", UINT32_MAX),
    [4] = NUMBER(pay_out, seller_fen, "pay_out.seller_amount", INT64_MAX),
};
static const struct message_rule pay_out = MESSAGE(pay_out, 0);

#define OF_DEED(member) offsetof(struct deed, member), sizeof(((struct deed *)0)->member)

static const struct body_rule bodies[] = {
    [DEED_GIVE_CONSENT] = {&give_consent, OF_DEED(give_consent)},
    [DEED_REVOKE_CONSENT] = {&revoke_consent, OF_DEED(revoke_consent)},
    [DEED_TRANSFER] = {&transfer_deed, OF_DEED(transfer_deed)},
    [DEED_CONFIRM_TRANSFER] = {&confirm_transfer, OF_DEED(confirm_transfer)},
    [DEED_END_TRANSFER] = {&end_transfer, OF_DEED(end_transfer)},
    [DEED_PAY_OUT] = {&pay_out, OF_DEED(pay_out)},
};

const struct body_rule *schema_transfer_body(uint64_t kind) {
    size_t count = sizeof bodies / sizeof bodies[0];
    return kind < count && bodies[kind].message != NULL ? &bodies[kind] : NULL;
}
