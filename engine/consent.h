/*
 * Consents: a pledgee lets what is pledged to him go, a co-owner lets a share go.
 *
 * A consent names how many units, for what, to whom, for how much at least, what is to be paid to
 * whom for the release, and until when. A transfer names its consents, and uses up of each what it
 * moves; revoking one never touches what has been agreed.
 *
 * Source: RULES.md, section 3, "Effect".
 */
#ifndef ENGINE_CONSENT_H
#define ENGINE_CONSENT_H

#include "engine/state.h"

struct refusal consent_check_give(const struct call *call, const struct deed *deed);
uint64_t consent_give(const struct call *call, const struct deed *deed);
struct refusal consent_check_revoke(const struct call *call, const struct deed *deed);
uint64_t consent_revoke(const struct call *call, const struct deed *deed);

/* Whether a consent lets this much go to this buyer at this price now: UNKNOWN_CONSENT, WRONG_STATE
 * when it is revoked or over, PLEDGEE_CONSENT or COOWNER_CONSENT with what it misses. */
struct consent_wanted {
    uint32_t buyer;
    uint64_t quantity;
    int64_t price_fen; /* of the whole quantity */
};
struct refusal consent_check_use(const struct engine *engine, uint32_t consent,
                                 const struct consent_wanted *wanted);

/* What it asks for `quantity` units, in proportion, rounded half up. */
int64_t consent_payoff_fen(const struct consent *consent, uint64_t quantity);

/* PLEDGEE_CONSENT unless every pledgee of a right has consented to a licence of it for this party.
 */
struct refusal consent_check_licence(const struct engine *engine, uint32_t right, uint32_t party);

/* Asserts the module's invariants. */
void consent_check(const struct engine *engine);

#endif
