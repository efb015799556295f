#include "engine/certificates.h"

#include "engine/asset.h"
#include "engine/confirm.h"

/* Who keeps the register, watches it, or runs the exchange sees all of it. */
#define SEES_ALL (ROLE_REGISTRAR | ROLE_AUTHORITY_LIAISON | ROLE_REGULATOR | ROLE_OPERATOR)

/* Whether the asker keeps the account that has the holding. */
static bool keeps(const struct call *call, const struct certify *certify) {
    const struct engine *engine = call->engine;
    if (certify->asset_kind != ASSET_HOLDING || certify->account == 0 ||
        !pool_has(engine, POOL_ACCOUNTS, certify->account))
        return false;
    const struct account *account = account_at(engine, certify->account);
    return account->participant == call->command->stamp.participant &&
           account->owner == certify->holder;
}

/* Whether what concerns this party is the asker's to see. */
static bool may_see(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct certify *certify = &deed->certify;
    const struct participant *asker = participant_at(engine, call->command->stamp.participant);
    return (asker->roles & SEES_ALL) != 0 || party_acts(call, certify->holder) ||
           deed_signed_by(engine, deed, certify->holder) || keeps(call, certify);
}

struct refusal certificates_check(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct certify *certify = &deed->certify;
    struct asset asset = {
        .kind = certify->asset_kind, .id = certify->asset, .holder = certify->holder};
    if (asset.kind == ASSET_RIGHT) {
        if (asset.holder != 0)
            return refusal_of(REASON_BAD_COMBINATION, FIELD_PARTY, 0);
        return asset_check_exists(engine, asset);
    }
    if (asset.kind != ASSET_HOLDING)
        return refusal_of(REASON_BAD_COMBINATION, FIELD_RIGHT, 0);
    bool is_known =
        pool_has(engine, POOL_PARTIES, asset.holder) && asset_docket(engine, asset) != NULL;
    return is_known && may_see(call, deed) ? refusal_none()
                                           : refusal_of(REASON_UNKNOWN_RIGHT, FIELD_PARTY, 0);
}

uint64_t certificates_ask(const struct call *call, const struct deed *deed) {
    (void)deed;
    return ++call->engine->certificates;
}
