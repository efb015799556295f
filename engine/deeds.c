/*
 * One row a kind: its check, and what does it and returns the number of what was made.
 */
#include "engine/deeds.h"

#include "engine/admit.h"
#include "engine/asset.h"
#include "engine/auction.h"
#include "engine/bid.h"
#include "engine/certificates.h"
#include "engine/confirm.h"
#include "engine/consent.h"
#include "engine/emit.h"
#include "engine/enforce.h"
#include "engine/freeze.h"
#include "engine/holidays.h"
#include "engine/listing.h"
#include "engine/mandate.h"
#include "engine/parties.h"
#include "engine/pledge.h"
#include "engine/realise.h"
#include "engine/restraint.h"
#include "engine/right.h"
#include "engine/sale.h"
#include "engine/transfer.h"
#include "engine/version.h"

static const struct {
    struct refusal (*check)(const struct call *call, const struct deed *deed);
    uint64_t (*carry_out)(const struct call *call, const struct deed *deed);
} rows[DEEDS_END] = {
    [DEED_ADD_PARTY] = {parties_check_add, parties_add},
    [DEED_ADD_PARTY_KEY] = {parties_check_add_key, parties_add_key},
    [DEED_REVOKE_PARTY_KEY] = {parties_check_revoke_key, parties_revoke_key},
    [DEED_GRANT_MANDATE] = {mandate_check_grant, mandate_grant},
    [DEED_REVOKE_MANDATE] = {mandate_check_revoke, mandate_revoke},
    [DEED_ADMIT_RIGHT] = {right_check_admit, right_admit},
    [DEED_SET_RIGHT_STATUS] = {right_check_status, right_set_status},
    [DEED_APPRAISE] = {right_check_appraise, right_appraise},
    [DEED_ADMIT_HOLDING] = {asset_check_admit, asset_admit_holding},
    [DEED_SET_CALENDAR] = {holidays_check_set, holidays_set},
    [DEED_FREEZE] = {freeze_check_enter, freeze_enter},
    [DEED_RENEW_FREEZE] = {freeze_check_renew, freeze_renew},
    [DEED_LIFT_FREEZE] = {freeze_check_lift, freeze_lift},
    [DEED_RESTRICT_TRADING] = {restraint_check_restrict, restraint_restrict},
    [DEED_LOCK_UP] = {restraint_check_lock_up, restraint_lock_up},
    [DEED_OBJECT] = {restraint_check_object, restraint_object},
    [DEED_END_ENTRY] = {restraint_check_end, restraint_end},
    [DEED_GIVE_CONSENT] = {consent_check_give, consent_give},
    [DEED_REVOKE_CONSENT] = {consent_check_revoke, consent_revoke},
    [DEED_TRANSFER] = {transfer_check_make, transfer_make},
    [DEED_CONFIRM_TRANSFER] = {transfer_check_confirm, transfer_confirm},
    [DEED_END_TRANSFER] = {transfer_check_end, transfer_end},
    [DEED_PAY_OUT] = {transfer_check_pay_out, transfer_pay_out},
    [DEED_PLEDGE_APPLY] = {pledge_check_apply, pledge_apply},
    [DEED_PLEDGE_JOIN] = {pledge_check_join, pledge_join},
    [DEED_PLEDGE_REVIEW] = {pledge_check_review, pledge_review},
    [DEED_PLEDGE_REGISTER] = {pledge_check_register, pledge_register},
    [DEED_PLEDGE_REFUSE] = {pledge_check_refuse, pledge_refuse},
    [DEED_PLEDGE_WITHDRAW] = {pledge_check_withdraw, pledge_withdraw},
    [DEED_PLEDGE_RELEASE] = {pledge_check_release, pledge_release},
    [DEED_PLEDGE_AMEND] = {pledge_check_amend, pledge_amend},
    [DEED_PLEDGE_ASSIGN] = {pledge_check_assign, pledge_assign},
    [DEED_PLEDGE_CONFIRM] = {pledge_check_confirm, pledge_confirm},
    [DEED_PLEDGE_COMPARE] = {pledge_check_compare, pledge_compare},
    [DEED_PLEDGE_ASSENT] = {pledge_check_assent, pledge_assent},
    [DEED_PLEDGE_SWAP] = {pledge_check_swap, pledge_swap},
    [DEED_PLEDGE_CORRECT] = {pledge_check_correct, pledge_correct},
    [DEED_PLEDGE_SUCCEED] = {pledge_check_succeed, pledge_succeed},
    [DEED_PLEDGE_RULE] = {pledge_check_rule, pledge_set_rule},
    [DEED_PLEDGE_REVOKE] = {pledge_check_revoke, pledge_revoke},
    [DEED_PLEDGE_DETERMINE] = {pledge_check_determine, pledge_determine},
    [DEED_PLEDGE_DEFAULT] = {enforce_check_default, enforce_default},
    [DEED_PLEDGE_CURE] = {enforce_check_cure, enforce_cure},
    [DEED_OPEN_LISTING] = {listing_check_open, listing_open},
    [DEED_JOIN_LISTING] = {bid_check_join, bid_join},
    [DEED_QUALIFY_BIDDER] = {bid_check_qualify, bid_qualify},
    [DEED_BID] = {bid_check, bid_place},
    [DEED_LEAVE_LISTING] = {bid_check_leave, bid_leave},
    [DEED_SIGN_SALE] = {sale_check_sign, sale_sign},
    [DEED_PAY_SALE] = {sale_check_pay, sale_pay},
    [DEED_CERTIFY_SALE] = {sale_check_certify, sale_certify},
    [DEED_REGISTER_SALE] = {sale_check_register, sale_register},
    [DEED_SUSPEND_LISTING] = {listing_check_suspend, listing_suspend_by_deed},
    [DEED_RESUME_LISTING] = {listing_check_resume, listing_resume_by_deed},
    [DEED_END_LISTING] = {listing_check_end, listing_end_by_deed},
    [DEED_PLEDGE_APPROPRIATE] = {realise_check_appropriate, realise},
    [DEED_PLEDGE_SELL] = {realise_check_sell, realise},
    [DEED_PLEDGE_AUCTION] = {auction_check_open, auction_open},
    [DEED_CERTIFY] = {certificates_check, certificates_ask},
    [DEED_RESERVE] = {restraint_check_reserve, restraint_reserve},
};

static struct refusal check_authority(const struct call *call, const struct deed *deed) {
    const struct stamp *stamp = &call->command->stamp;
    if (call->engine->version < VERSION_REGISTER)
        return refusal_of(REASON_WRONG_STATE, FIELD_VERSION, VERSION_REGISTER);
    enum reason reason =
        admit(call->engine, stamp, authority_find(VERB_DEED, deed->kind, AUTHORITY_PLAIN));
    if (reason == REASON_NOT_AUTHORISED)
        return refusal_of(reason, FIELD_DEED, 0);
    return admit_refusal(reason);
}

void deeds_request(const struct call *call) {
    const struct deed *deed = &call->command->deed;
    assert(deed->kind < DEEDS_END && rows[deed->kind].check != NULL);
    struct refusal refusal = check_authority(call, deed);
    if (refusal.reason == REASON_NONE)
        refusal = confirm_check(call);
    if (refusal.reason == REASON_NONE)
        refusal = rows[deed->kind].check(call, deed);
    if (refusal.reason != REASON_NONE) {
        emit_rejected(call, refusal)->act = deed->kind;
        return;
    }
    confirm_use(call->engine, deed);
    emit_done(call, deed->kind, rows[deed->kind].carry_out(call, deed));
}
