/*
 * A consent that is used up, revoked or over stays where it is.
 */
#include "engine/consent.h"

#include "engine/asset.h"
#include "engine/confirm.h"
#include "engine/date.h"
#include "engine/money.h"
#include "engine/parties.h"
#include "engine/pledge.h"
#include "engine/right.h"

/* --- giving ------------------------------------------------------------------------------------
 */

/* Who gives it; 0 when there is no such pledge, or he owns nothing. */
static uint32_t giver_of(const struct engine *engine, const struct give_consent *give) {
    return give->pledge != 0 ? pledge_at(engine, give->pledge)->pledgee : give->party;
}

static struct refusal check_pledge(const struct engine *engine, const struct give_consent *give) {
    if ((give->right | give->party) != 0)
        return refusal_of(REASON_BAD_COMBINATION, FIELD_PLEDGE, 0);
    if (!pool_has(engine, POOL_PLEDGES, give->pledge))
        return refusal_of(REASON_UNKNOWN_PLEDGE, FIELD_PLEDGE, 0);
    uint8_t state = pledge_at(engine, give->pledge)->state;
    if (state != PLEDGE_REGISTERED && state != PLEDGE_ENFORCING)
        return refusal_of(REASON_WRONG_STATE, FIELD_PLEDGE, state);
    return refusal_none();
}

static struct refusal check_coowner(const struct engine *engine, const struct give_consent *give) {
    struct refusal refusal = right_check_exists(engine, give->right);
    if (refusal.reason == REASON_NONE)
        refusal = parties_check_exists(engine, give->party, FIELD_PARTY);
    if (refusal.reason != REASON_NONE)
        return refusal;
    uint32_t stake = right_stake(engine, give->right, give->party);
    if (stake == 0 || right_stake_ppm(engine, stake) == 0)
        return refusal_of(REASON_NOT_OWNER, FIELD_PARTY, 0);
    if (give->states_payoff || give->account != 0)
        return refusal_of(REASON_BAD_COMBINATION, FIELD_PAYOFF, 0);
    return refusal_none();
}

/* Where a payoff goes to is the pledgee's own account. */
static struct refusal check_payoff(const struct engine *engine, const struct give_consent *give) {
    if (!give->states_payoff)
        return (give->payoff_fen | (int64_t)give->account) != 0
                   ? refusal_of(REASON_BAD_COMBINATION, FIELD_PAYOFF, 0)
                   : refusal_none();
    if (!pool_has(engine, POOL_ACCOUNTS, give->account))
        return refusal_of(REASON_UNKNOWN_ACCOUNT, FIELD_ACCOUNT, 0);
    if (account_at(engine, give->account)->owner != giver_of(engine, give))
        return refusal_of(REASON_NOT_OWNER, FIELD_ACCOUNT, 0);
    return refusal_none();
}

struct refusal consent_check_give(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct give_consent *give = &deed->give_consent;
    struct refusal refusal =
        give->pledge != 0 ? check_pledge(engine, give) : check_coowner(engine, give);
    if (refusal.reason == REASON_NONE)
        refusal = deed_check_signed_by(engine, deed, giver_of(engine, give));
    if (refusal.reason == REASON_NONE && give->buyer != 0)
        refusal = parties_check_exists(engine, give->buyer, FIELD_BUYER);
    if (refusal.reason == REASON_NONE)
        refusal = check_payoff(engine, give);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (!date_is_valid(give->until) || give->until > DATE_NS_MAX ||
        date_end_ns(give->until) <= engine->time_ns)
        return refusal_of(REASON_BAD_DATE, FIELD_UNTIL, date_of_ns(engine->time_ns));
    return pool_is_full(engine, POOL_CONSENTS) ? refusal_full(POOL_CONSENTS) : refusal_none();
}

uint64_t consent_give(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    const struct give_consent *give = &deed->give_consent;
    uint32_t number = pool_add(engine, POOL_CONSENTS);
    *consent_at(engine, number) = (struct consent){.quantity = give->quantity,
                                                   .left = give->quantity,
                                                   .floor_fen = give->floor_fen,
                                                   .payoff_fen = give->payoff_fen,
                                                   .pledge = give->pledge,
                                                   .right = give->right,
                                                   .party = giver_of(engine, give),
                                                   .buyer = give->buyer,
                                                   .account = give->account,
                                                   .until = give->until,
                                                   .purpose = give->purpose,
                                                   .states_payoff = give->states_payoff};
    return number;
}

struct refusal consent_check_revoke(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    uint32_t number = deed->revoke_consent.consent;
    if (!pool_has(engine, POOL_CONSENTS, number))
        return refusal_of(REASON_UNKNOWN_CONSENT, FIELD_CONSENT, 0);
    const struct consent *consent = consent_at(engine, number);
    struct refusal refusal = deed_check_signed_by(engine, deed, consent->party);
    if (refusal.reason == REASON_NONE && consent->is_revoked)
        refusal = refusal_of(REASON_WRONG_STATE, FIELD_CONSENT, number);
    return refusal;
}

uint64_t consent_revoke(const struct call *call, const struct deed *deed) {
    consent_at(call->engine, deed->revoke_consent.consent)->is_revoked = true;
    return deed->revoke_consent.consent;
}

/* --- using -------------------------------------------------------------------------------------
 */

static bool is_in_force(const struct engine *engine, const struct consent *consent) {
    return !consent->is_revoked && date_end_ns(consent->until) >= engine->time_ns;
}

int64_t consent_payoff_fen(const struct consent *consent, uint64_t quantity) {
    return money_proportion(consent->payoff_fen, quantity, consent->quantity);
}

struct refusal consent_check_use(const struct engine *engine, uint32_t number,
                                 const struct consent_wanted *wanted) {
    if (!pool_has(engine, POOL_CONSENTS, number))
        return refusal_of(REASON_UNKNOWN_CONSENT, FIELD_CONSENT, number);
    const struct consent *consent = consent_at(engine, number);
    enum reason reason = consent->pledge != 0 ? REASON_PLEDGEE_CONSENT : REASON_COOWNER_CONSENT;
    if (!is_in_force(engine, consent))
        return refusal_of(REASON_WRONG_STATE, FIELD_CONSENT, number);
    if (consent->purpose != CONSENT_TRANSFER)
        return refusal_of(reason, FIELD_PURPOSE, consent->purpose);
    if (consent->buyer != 0 && consent->buyer != wanted->buyer)
        return refusal_of(reason, FIELD_BUYER, consent->buyer);
    if ((uint64_t)consent->left < wanted->quantity)
        return refusal_of(reason, FIELD_QUANTITY, consent->left);
    int64_t least_fen = money_proportion(consent->floor_fen, wanted->quantity, consent->quantity);
    if (wanted->price_fen < least_fen)
        return refusal_of(reason, FIELD_PRICE, least_fen);
    return refusal_none();
}

/* Whether a pledgee has consented that this party gets a licence. */
static bool allows_licence(const struct engine *engine, uint32_t pledge, uint32_t party) {
    for (uint32_t number = 1; number <= engine->pools[POOL_CONSENTS].count; number++) {
        const struct consent *consent = consent_at(engine, number);
        if (consent->pledge == pledge && consent->purpose == CONSENT_LICENCE &&
            (consent->buyer == 0 || consent->buyer == party) && is_in_force(engine, consent))
            return true;
    }
    return false;
}

struct refusal consent_check_licence(const struct engine *engine, uint32_t right, uint32_t party) {
    struct asset asset = asset_right(right);
    for (uint32_t at = asset_bound(engine, asset, ENTRY_PLEDGE, 0); at != 0;
         at = asset_bound(engine, asset, ENTRY_PLEDGE, at)) {
        uint32_t pledge = pledge_of(engine, binding_at(engine, at));
        bool is_agreed = (pledge_at(engine, pledge)->conditions & PLEDGE_LICENCE_ALLOWED) != 0;
        if (!is_agreed && !allows_licence(engine, pledge, party))
            return refusal_of(REASON_PLEDGEE_CONSENT, FIELD_PLEDGE, pledge);
    }
    return refusal_none();
}

void consent_check(const struct engine *engine) {
    for (uint32_t number = 1; number <= engine->pools[POOL_CONSENTS].count; number++) {
        const struct consent *consent = consent_at(engine, number);
        assert(consent->left >= 0 && consent->left <= consent->quantity);
        assert(pool_has(engine, POOL_PARTIES, consent->party));
        assert((consent->pledge != 0) != (consent->right != 0));
    }
}
