/*
 * The rules of deeds about pledges (engine/deed_pledge.h).
 */
#include "proto/schema_pledge.h"

#include "engine/deed.h"
#include "engine/extract.h"
#include "proto/schema_rules.h"

static const struct field_rule item_fields[] = {
    [1] = REQUIRED(pledge_item_terms, asset_kind, "pledge.item.asset_kind", ASSET_RIGHT,
                   ASSET_HOLDING),
    [2] = NUMBER(pledge_item_terms, asset, "pledge.item.asset", UINT32_MAX),
    [3] = NUMBER(pledge_item_terms, account, "pledge.item.account", UINT32_MAX),
    [4] = NUMBER(pledge_item_terms, units, "pledge.item.units", INT64_MAX),
    [5] = NUMBER(pledge_item_terms, value_fen, "pledge.item.value", INT64_MAX),
    [6] = NUMBER(pledge_item_terms, appraiser, "pledge.item.appraiser", UINT32_MAX),
    [7] = NUMBER(pledge_item_terms, valued, "pledge.item.valued", UINT32_MAX),
};
static const struct message_rule item_rule = {"pledge.item", item_fields, 8, BIT(1)};

static const struct field_rule pledge_terms_fields[] = {
    [1] = NUMBER(pledge_terms, pledge, "pledge_terms.pledge", UINT32_MAX),
    [2] = NUMBER(pledge_terms, pledgor, "pledge_terms.pledgor", UINT32_MAX),
    [3] = NUMBER(pledge_terms, pledgee, "pledge_terms.pledgee", UINT32_MAX),
    [4] = NUMBER(pledge_terms, debtor, "pledge_terms.debtor", UINT32_MAX),
    [5] = HASH(pledge_terms, contract, "pledge_terms.contract"),
    [6] = HASH(pledge_terms, terms, "pledge_terms.terms"),
    [7] = NUMBER(pledge_terms, secured_fen, "pledge_terms.secured", INT64_MAX),
    [8] = NUMBER(pledge_terms, is_maximum, "pledge_terms.is_maximum", 1),
    [9] = NUMBER(pledge_terms, determined, "pledge_terms.determined", UINT32_MAX),
    [10] = NUMBER(pledge_terms, debt_start, "pledge_terms.debt_start", UINT32_MAX),
    [11] = NUMBER(pledge_terms, debt_end, "pledge_terms.debt_end", UINT32_MAX),
    [12] = NUMBER(pledge_terms, scope, "pledge_terms.scope", PLEDGE_SCOPE_ALL),
    [13] = NUMBER(pledge_terms, conditions, "pledge_terms.conditions", PLEDGE_CONDITIONS_ALL),
    [14] = NUMBER(pledge_terms, declarations, "pledge_terms.declarations", PLEDGE_DECLARATIONS_ALL),
    [15] = NUMBER(pledge_terms, coverage_ppm, "pledge_terms.coverage", UINT32_MAX),
    [16] = NUMBER(pledge_terms, predecessor, "pledge_terms.predecessor", UINT32_MAX),
    [17] = LIST(pledge_terms, items, "pledge_terms.item", 1, &item_rule),
};
static const struct message_rule pledge_terms = MESSAGE(pledge_terms, BIT(5) | BIT(6) | BIT(17));

static const struct field_rule pledge_review_fields[] = {
    [1] = NUMBER(pledge_review, pledge, "pledge_review.pledge", UINT32_MAX),
    [2] = NUMBER(pledge_review, is_deficient, "pledge_review.is_deficient", 1),
    [3] = HASH(pledge_review, document, "pledge_review.document"),
};
static const struct message_rule pledge_review = MESSAGE(pledge_review, BIT(3));

static const struct field_rule pledge_plain_fields[] = {
    [1] = NUMBER(pledge_plain, pledge, "pledge_plain.pledge", UINT32_MAX),
};
static const struct message_rule pledge_plain = MESSAGE(pledge_plain, 0);

static const struct field_rule pledge_refuse_fields[] = {
    [1] = NUMBER(pledge_refuse, pledge, "pledge_refuse.pledge", UINT32_MAX),
    [2] = {.name = "pledge_refuse.reason",
           .kind = RULE_REASON,
           .wire = WIRE_VARINT,
           .min = 1,
           .max = UINT16_MAX,
           PLACE(pledge_refuse, reason)},
    [3] = HASH(pledge_refuse, document, "pledge_refuse.document"),
};
static const struct message_rule pledge_refuse = MESSAGE(pledge_refuse, BIT(2) | BIT(3));

static const struct field_rule part_fields[] = {
    [1] = NUMBER(pledge_part, item, "pledge_release.part.item", UINT32_MAX),
    [2] = NUMBER(pledge_part, units, "pledge_release.part.units", INT64_MAX),
};
static const struct message_rule part_rule = {"pledge_release.part", part_fields, 3, 0};

static const struct field_rule pledge_release_fields[] = {
    [1] = NUMBER(pledge_release, pledge, "pledge_release.pledge", UINT32_MAX),
    [2] = LIST(pledge_release, parts, "pledge_release.part", 0, &part_rule),
};
static const struct message_rule pledge_release = MESSAGE(pledge_release, 0);

static const struct field_rule pledge_amend_fields[] = {
    [1] = NUMBER(pledge_amend, pledge, "pledge_amend.pledge", UINT32_MAX),
    [2] = HASH(pledge_amend, contract, "pledge_amend.contract"),
    [3] = HASH(pledge_amend, terms, "pledge_amend.terms"),
    [4] = NUMBER(pledge_amend, secured_fen, "pledge_amend.secured", INT64_MAX),
    [5] = NUMBER(pledge_amend, determined, "pledge_amend.determined", UINT32_MAX),
    [6] = NUMBER(pledge_amend, debt_end, "pledge_amend.debt_end", UINT32_MAX),
    [7] = NUMBER(pledge_amend, scope, "pledge_amend.scope", PLEDGE_SCOPE_ALL),
    [8] = NUMBER(pledge_amend, conditions, "pledge_amend.conditions", PLEDGE_CONDITIONS_ALL),
    [9] = NUMBER(pledge_amend, coverage_ppm, "pledge_amend.coverage", UINT32_MAX),
};
static const struct message_rule pledge_amend = MESSAGE(pledge_amend, BIT(2) | BIT(3));

static const struct field_rule pledge_assign_fields[] = {
    [1] = NUMBER(pledge_assign, pledge, "pledge_assign.pledge", UINT32_MAX),
    [2] = NUMBER(pledge_assign, pledgee, "pledge_assign.pledgee", UINT32_MAX),
    [3] = HASH(pledge_assign, terms, "pledge_assign.terms"),
};
static const struct message_rule pledge_assign = MESSAGE(pledge_assign, BIT(3));

static const struct field_rule pledge_confirm_fields[] = {
    [1] = NUMBER(pledge_confirm, pledge, "pledge_confirm.pledge", UINT32_MAX),
    [2] = REQUIRED(pledge_confirm, office, "pledge_confirm.office", OFFICE_TPX, OFFICE_COMPANY),
    [3] = REQUIRED(pledge_confirm, standing, "pledge_confirm.standing", STANDING_LOCAL,
                   STANDING_CONFLICT),
    [4] = TEXT(pledge_confirm, number, "pledge_confirm.number", 1, ALPHABET_SYMBOL),
    [5] = TIME(pledge_confirm, effective_ns, "pledge_confirm.effective"),
    [6] = HASH(pledge_confirm, document, "pledge_confirm.document"),
};
static const struct message_rule pledge_confirm =
    MESSAGE(pledge_confirm, BIT(2) | BIT(3) | BIT(4) | BIT(6));

static const struct field_rule pledge_compare_fields[] = {
    [1] = NUMBER(pledge_compare, pledge, "pledge_compare.pledge", UINT32_MAX),
    [2] = REQUIRED(pledge_compare, office, "pledge_compare.office", OFFICE_TPX, OFFICE_COMPANY),
    [3] = REQUIRED(pledge_compare, standing, "pledge_compare.standing", STANDING_LOCAL,
                   STANDING_CONFLICT),
    [4] = HASH(pledge_compare, document, "pledge_compare.document"),
};
static const struct message_rule pledge_compare = MESSAGE(pledge_compare, BIT(2) | BIT(3) | BIT(4));

static const struct field_rule pledge_assent_fields[] = {
    [1] = NUMBER(pledge_assent, pledge, "pledge_assent.pledge", UINT32_MAX),
    [2] = NUMBER(pledge_assent, party, "pledge_assent.party", UINT32_MAX),
    [3] = REQUIRED(pledge_assent, matter, "pledge_assent.matter", PLEDGE_MATTER_COOWNER,
                   PLEDGE_MATTER_CORRECTION),
    [4] = NUMBER(pledge_assent, other, "pledge_assent.other", UINT32_MAX),
    [5] = NUMBER(pledge_assent, amount_fen, "pledge_assent.amount", INT64_MAX),
};
static const struct message_rule pledge_assent = MESSAGE(pledge_assent, BIT(3));

static const struct field_rule pledge_swap_fields[] = {
    [1] = NUMBER(pledge_swap, pledge, "pledge_swap.pledge", UINT32_MAX),
    [2] = NUMBER(pledge_swap, other, "pledge_swap.other", UINT32_MAX),
    [3] = REQUIRED(pledge_swap, asset_kind, "pledge_swap.asset_kind", ASSET_RIGHT, ASSET_HOLDING),
    [4] = NUMBER(pledge_swap, asset, "pledge_swap.asset", UINT32_MAX),
};
static const struct message_rule pledge_swap = MESSAGE(pledge_swap, BIT(3));

static const struct field_rule pledge_correct_fields[] = {
    [1] = NUMBER(pledge_correct, pledge, "pledge_correct.pledge", UINT32_MAX),
    [2] = NUMBER(pledge_correct, debtor, "pledge_correct.debtor", UINT32_MAX),
    [3] = HASH(pledge_correct, contract, "pledge_correct.contract"),
    [4] = HASH(pledge_correct, terms, "pledge_correct.terms"),
    [5] = NUMBER(pledge_correct, secured_fen, "pledge_correct.secured", INT64_MAX),
    [6] = NUMBER(pledge_correct, debt_start, "pledge_correct.debt_start", UINT32_MAX),
    [7] = NUMBER(pledge_correct, debt_end, "pledge_correct.debt_end", UINT32_MAX),
    [8] = NUMBER(pledge_correct, is_by_court, "pledge_correct.is_by_court", 1),
    [9] = HASH(pledge_correct, document, "pledge_correct.document"),
};
static const struct message_rule pledge_correct = MESSAGE(pledge_correct, BIT(3) | BIT(4) | BIT(9));

static const struct field_rule pledge_succeed_fields[] = {
    [1] = NUMBER(pledge_succeed, party, "pledge_succeed.party", UINT32_MAX),
    [2] = NUMBER(pledge_succeed, successor, "pledge_succeed.successor", UINT32_MAX),
    [3] = HASH(pledge_succeed, document, "pledge_succeed.document"),
};
static const struct message_rule pledge_succeed = MESSAGE(pledge_succeed, BIT(3));

static const struct field_rule pledge_rule_set_fields[] = {
    [1] = REQUIRED(pledge_rule_set, kind, "pledge_rule_set.kind", PLEDGE_CLASS_PATENT,
                   PLEDGE_CLASS_SHARES),
    [2] = NUMBER(pledge_rule_set, allows_multi, "pledge_rule_set.allows_multi", 1),
    [3] = NUMBER(pledge_rule_set, review_days, "pledge_rule_set.review_days", UINT32_MAX),
    [4] = NUMBER(pledge_rule_set, hold_days, "pledge_rule_set.hold_days", UINT32_MAX),
    [5] = NUMBER(pledge_rule_set, from, "pledge_rule_set.from", UINT32_MAX),
};
static const struct message_rule pledge_rule_set = MESSAGE(pledge_rule_set, BIT(1));

static const struct field_rule pledge_revoke_fields[] = {
    [1] = NUMBER(pledge_revoke, pledge, "pledge_revoke.pledge", UINT32_MAX),
    [2] = HASH(pledge_revoke, document, "pledge_revoke.document"),
};
static const struct message_rule pledge_revoke = MESSAGE(pledge_revoke, BIT(2));

static const struct field_rule pledge_determine_fields[] = {
    [1] = NUMBER(pledge_determine, pledge, "pledge_determine.pledge", UINT32_MAX),
    [2] = NUMBER(pledge_determine, amount_fen, "pledge_determine.amount", INT64_MAX),
    [3] = HASH(pledge_determine, document, "pledge_determine.document"),
};
static const struct message_rule pledge_determine = MESSAGE(pledge_determine, BIT(3));

static const struct field_rule pledge_default_fields[] = {
    [1] = NUMBER(pledge_default, pledge, "pledge_default.pledge", UINT32_MAX),
    [2] = NUMBER(pledge_default, costs_fen, "pledge_default.costs", INT64_MAX),
    [3] = NUMBER(pledge_default, interest_fen, "pledge_default.interest", INT64_MAX),
    [4] = NUMBER(pledge_default, principal_fen, "pledge_default.principal", INT64_MAX),
    [5] = HASH(pledge_default, document, "pledge_default.document"),
};
static const struct message_rule pledge_default = MESSAGE(pledge_default, BIT(5));

static const struct field_rule pledge_cure_fields[] = {
    [1] = NUMBER(pledge_cure, pledge, "pledge_cure.pledge", UINT32_MAX),
    [2] = HASH(pledge_cure, document, "pledge_cure.document"),
};
static const struct message_rule pledge_cure = MESSAGE(pledge_cure, BIT(2));

static const struct field_rule pledge_realise_fields[] = {
    [1] = NUMBER(pledge_realise, pledge, "pledge_realise.pledge", UINT32_MAX),
    [2] = NUMBER(pledge_realise, item, "pledge_realise.item", UINT32_MAX),
    [3] = NUMBER(pledge_realise, units, "pledge_realise.units", INT64_MAX),
    [4] = NUMBER(pledge_realise, price_fen, "pledge_realise.price", INT64_MAX),
    [5] = NUMBER(pledge_realise, costs_fen, "pledge_realise.costs", INT64_MAX),
    [6] = NUMBER(pledge_realise, buyer, "pledge_realise.buyer", UINT32_MAX),
    [7] = NUMBER(pledge_realise, payer, "pledge_realise.payer", UINT32_MAX),
    [8] = NUMBER(pledge_realise, pledgee_account, "pledge_realise.pledgee_account", UINT32_MAX),
    [9] = NUMBER(pledge_realise, pledgor_account, "pledge_realise.pledgor_account", UINT32_MAX),
    [10] = HASH(pledge_realise, document, "pledge_realise.document"),
    [11] = NUMBER(pledge_realise, is_by_court, "pledge_realise.is_by_court", 1),
};
static const struct message_rule pledge_realise = MESSAGE(pledge_realise, BIT(10));

static const struct field_rule pledge_auction_fields[] = {
    [1] = NUMBER(pledge_auction, pledge, "pledge_auction.pledge", UINT32_MAX),
    [2] = NUMBER(pledge_auction, item, "pledge_auction.item", UINT32_MAX),
    [3] = NUMBER(pledge_auction, units, "pledge_auction.units", INT64_MAX),
    [4] = NUMBER(pledge_auction, costs_fen, "pledge_auction.costs", INT64_MAX),
    [5] = NUMBER(pledge_auction, pledgee_account, "pledge_auction.pledgee_account", UINT32_MAX),
    [6] = NUMBER(pledge_auction, pledgor_account, "pledge_auction.pledgor_account", UINT32_MAX),
    [7] = NUMBER(pledge_auction, is_by_court, "pledge_auction.is_by_court", 1),
    [8] = NUMBER(pledge_auction, terms.floor_fen, "pledge_auction.floor", INT64_MAX),
    [9] = NUMBER(pledge_auction, terms.increment_fen, "pledge_auction.increment", INT64_MAX),
    [10] = NUMBER(pledge_auction, terms.reserve_fen, "pledge_auction.reserve", INT64_MAX),
    [11] = NUMBER(pledge_auction, terms.is_reserve_hidden, "pledge_auction.is_reserve_hidden", 1),
    [12] = NUMBER(pledge_auction, terms.deposit_fen, "pledge_auction.deposit", INT64_MAX),
    [13] = TIME(pledge_auction, terms.disclosed_until_ns, "pledge_auction.disclosed_until"),
    [14] = NUMBER(pledge_auction, terms.free_ms, "pledge_auction.free_ms", UINT32_MAX),
    [15] = NUMBER(pledge_auction, terms.timed_ms, "pledge_auction.timed_ms", UINT32_MAX),
    [16] = NUMBER(pledge_auction, terms.hard_stop_ms, "pledge_auction.hard_stop_ms", UINT32_MAX),
    [17] = NUMBER(pledge_auction, terms.notice_ms, "pledge_auction.notice_ms", UINT32_MAX),
    [18] = NUMBER(pledge_auction, terms.sign_days, "pledge_auction.sign_days", UINT32_MAX),
    [19] = NUMBER(pledge_auction, terms.pay_days, "pledge_auction.pay_days", UINT32_MAX),
    [20] = NUMBER(pledge_auction, terms.is_qualifying, "pledge_auction.is_qualifying", 1),
    [21] = HASH(pledge_auction, terms.document, "pledge_auction.document"),
    [22] = TEXT(pledge_auction, terms.approval, "pledge_auction.approval", 0, 0),
};
static const struct message_rule pledge_auction = MESSAGE(pledge_auction, BIT(21));

#define OF_DEED(member) offsetof(struct deed, member), sizeof(((struct deed *)0)->member)

/* From the first kind on; those of enforcement stand behind. */
static const struct body_rule bodies[] = {
    [DEED_PLEDGE_APPLY] = {&pledge_terms, OF_DEED(pledge_terms)},
    [DEED_PLEDGE_JOIN] = {&pledge_terms, OF_DEED(pledge_terms)},
    [DEED_PLEDGE_REVIEW] = {&pledge_review, OF_DEED(pledge_review)},
    [DEED_PLEDGE_REGISTER] = {&pledge_plain, OF_DEED(pledge_plain)},
    [DEED_PLEDGE_REFUSE] = {&pledge_refuse, OF_DEED(pledge_refuse)},
    [DEED_PLEDGE_WITHDRAW] = {&pledge_plain, OF_DEED(pledge_plain)},
    [DEED_PLEDGE_RELEASE] = {&pledge_release, OF_DEED(pledge_release)},
    [DEED_PLEDGE_AMEND] = {&pledge_amend, OF_DEED(pledge_amend)},
    [DEED_PLEDGE_ASSIGN] = {&pledge_assign, OF_DEED(pledge_assign)},
    [DEED_PLEDGE_CONFIRM] = {&pledge_confirm, OF_DEED(pledge_confirm)},
    [DEED_PLEDGE_COMPARE] = {&pledge_compare, OF_DEED(pledge_compare)},
    [DEED_PLEDGE_ASSENT] = {&pledge_assent, OF_DEED(pledge_assent)},
    [DEED_PLEDGE_SWAP] = {&pledge_swap, OF_DEED(pledge_swap)},
    [DEED_PLEDGE_CORRECT] = {&pledge_correct, OF_DEED(pledge_correct)},
    [DEED_PLEDGE_SUCCEED] = {&pledge_succeed, OF_DEED(pledge_succeed)},
    [DEED_PLEDGE_RULE] = {&pledge_rule_set, OF_DEED(pledge_rule_set)},
    [DEED_PLEDGE_REVOKE] = {&pledge_revoke, OF_DEED(pledge_revoke)},
    [DEED_PLEDGE_DETERMINE] = {&pledge_determine, OF_DEED(pledge_determine)},
    [DEED_PLEDGE_DEFAULT] = {&pledge_default, OF_DEED(pledge_default)},
    [DEED_PLEDGE_CURE] = {&pledge_cure, OF_DEED(pledge_cure)},
    [DEED_PLEDGE_APPROPRIATE] = {&pledge_realise, OF_DEED(pledge_realise)},
    [DEED_PLEDGE_SELL] = {&pledge_realise, OF_DEED(pledge_realise)},
    [DEED_PLEDGE_AUCTION] = {&pledge_auction, OF_DEED(pledge_auction)},
};

const struct body_rule *schema_pledge_body(uint64_t kind) {
    size_t count = sizeof bodies / sizeof bodies[0];
    return kind < count && bodies[kind].message != NULL ? &bodies[kind] : NULL;
}
