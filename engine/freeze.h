/*
 * Freezes: an authority holds units of an asset, or an account's cash, against its owner's will
 * (冻结).
 *
 * A freeze takes what nobody has frozen: what is unbound first, and for that cancels orders of the
 * holder, newest first; then what something else binds already, since a freeze lies over a hold, a
 * lock-up, a pledge. Shares under an earlier pledge are *marked*: the pledgee may still sell, what
 * is left of the proceeds is for the marking authority, and when the pledge ends the mark is a
 * freeze like any other. What earlier freezes have is *queued* for (轮候): when one of those lets
 * go, the earliest queued takes over in the same command, before anybody can act. What is not there
 * at all is *missed*, for good.
 *
 *     ordered = frozen (of it marked) + queued + missed + lifted
 *
 * A freeze is one entry of its asset. It lapses when the last day of its term has ended. Cash is no
 * asset of the register: its freezes are told to whom they concern.
 *
 * Source: RULES.md, section 3, "Freeze".
 */
#ifndef ENGINE_FREEZE_H
#define ENGINE_FREEZE_H

#include "engine/asset.h"

/* Where a freeze stands; in the binding's state and the extract. */
enum freeze_state {
    FREEZE_IN_FORCE = 1, /* it holds something that is not marked */
    FREEZE_QUEUED = 2,   /* it holds nothing yet */
    FREEZE_MARKED = 3,   /* all that it holds is under an earlier pledge */
    FREEZE_LIFTED = 4,
    FREEZE_LAPSED = 5,
    FREEZE_SPENT = 6, /* there was nothing to hold, or what it held was sold: then the proceeds are
                         frozen for the same case */
};

/* Freezes in force on one asset, or on one account's cash. */
#define FREEZES_EACH_MAX 64u

/* Each deed has a check, which changes nothing, and what does it, which may rely on the check and
 * returns the freeze's number. */
struct refusal freeze_check_enter(const struct call *call, const struct deed *deed);
uint64_t freeze_enter(const struct call *call, const struct deed *deed);

struct refusal freeze_check_renew(const struct call *call, const struct deed *deed);
uint64_t freeze_renew(const struct call *call, const struct deed *deed);

struct refusal freeze_check_lift(const struct call *call, const struct deed *deed);
uint64_t freeze_lift(const struct call *call, const struct deed *deed);

/* Its last day has ended. */
void freeze_timer_fires(const struct call *call, uint32_t freeze);

/* Whoever has untied or moved units of an asset that freezes may reach calls this at the end: those
 * that hold or mark other quantities than before are told. */
void freeze_follow(const struct call *call, struct asset asset);

/* The first freeze or mark in force on an asset after a binding (0: from the first on); 0: none. */
uint32_t freeze_bound(const struct engine *engine, struct asset asset, uint32_t after);

/* The freeze or mark that reaches a parcel, as a binding; 0: none. */
uint32_t freeze_of_parcel(const struct engine *engine, uint32_t parcel);

/* An account's cash that is frozen. */
int64_t freeze_cash_fen(const struct engine *engine, uint32_t account);

/* Whether `freezes` more may be entered on the proceeds of a sale, in an account: LIMIT_REACHED. */
struct refusal freeze_check_proceeds(const struct engine *engine, uint32_t account,
                                     uint32_t freezes);

/* What a freeze held has been sold: cash of the account, which has so much free, is frozen for the
 * same case and as long; behind what is frozen already it queues. Returns the new freeze. */
uint32_t freeze_proceeds(const struct call *call, uint32_t freeze, uint32_t account,
                         int64_t amount_fen);

/* What a freeze adds to its extract. */
void freeze_describe(const struct engine *engine, const struct binding *binding,
                     struct extract *extract);

/* Asserts the module's invariants. */
void freeze_check(const struct engine *engine);

#endif
