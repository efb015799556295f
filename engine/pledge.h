/*
 * Pledges: from the application to the release.
 *
 *     APPLIED <-> DEFICIENT, then REGISTERED <-> ENFORCING, at the end REALISED, RELEASED, REVOKED;
 *     or REFUSED, WITHDRAWN
 *
 * A pledge has 1 to 64 items. The pledgor's signed application puts a *hold* on each: what is held
 * can be neither sold nor pledged, but a hold gives no rank. When the pledgee has signed the same
 * terms the registrar reviews, and registers: all checks run again, and each hold becomes a pledge
 * in the docket of its asset. A hold ends when the application is refused or withdrawn, or has
 * waited for too long.
 *
 * The secured amount consists of a base, which has the rank of the items, and of increases, each of
 * which ranks behind whoever was registered before it.
 *
 * Every deed has a check, which changes nothing, and what does it, which may rely on the check and
 * returns the pledge's number.
 *
 * Files: pledge_apply.c (applications), pledge_register.c (review to registration), pledge_item.c
 * (things and their units), pledge_rank.c, pledge_change.c (versions), pledge_office.c (what other
 * registers say), pledge_correct.c, pledge_rule.c, pledge_look.c (extracts, invariants),
 * enforce.c, realise.c, auction.c.
 *
 * Source: RULES.md, section 3.
 */
#ifndef ENGINE_PLEDGE_H
#define ENGINE_PLEDGE_H

#include "engine/asset.h"
#include "engine/parcel.h"

/* --- deeds -------------------------------------------------------------------------------------
 */

struct refusal pledge_check_apply(const struct call *call, const struct deed *deed);
uint64_t pledge_apply(const struct call *call, const struct deed *deed);
struct refusal pledge_check_join(const struct call *call, const struct deed *deed);
uint64_t pledge_join(const struct call *call, const struct deed *deed);
struct refusal pledge_check_review(const struct call *call, const struct deed *deed);
uint64_t pledge_review(const struct call *call, const struct deed *deed);
struct refusal pledge_check_register(const struct call *call, const struct deed *deed);
uint64_t pledge_register(const struct call *call, const struct deed *deed);
struct refusal pledge_check_refuse(const struct call *call, const struct deed *deed);
uint64_t pledge_refuse(const struct call *call, const struct deed *deed);
struct refusal pledge_check_withdraw(const struct call *call, const struct deed *deed);
uint64_t pledge_withdraw(const struct call *call, const struct deed *deed);
struct refusal pledge_check_release(const struct call *call, const struct deed *deed);
uint64_t pledge_release(const struct call *call, const struct deed *deed);
struct refusal pledge_check_amend(const struct call *call, const struct deed *deed);
uint64_t pledge_amend(const struct call *call, const struct deed *deed);
struct refusal pledge_check_assign(const struct call *call, const struct deed *deed);
uint64_t pledge_assign(const struct call *call, const struct deed *deed);
struct refusal pledge_check_confirm(const struct call *call, const struct deed *deed);
uint64_t pledge_confirm(const struct call *call, const struct deed *deed);
struct refusal pledge_check_compare(const struct call *call, const struct deed *deed);
uint64_t pledge_compare(const struct call *call, const struct deed *deed);
struct refusal pledge_check_assent(const struct call *call, const struct deed *deed);
uint64_t pledge_assent(const struct call *call, const struct deed *deed);
struct refusal pledge_check_swap(const struct call *call, const struct deed *deed);
uint64_t pledge_swap(const struct call *call, const struct deed *deed);
struct refusal pledge_check_correct(const struct call *call, const struct deed *deed);
uint64_t pledge_correct(const struct call *call, const struct deed *deed);
struct refusal pledge_check_succeed(const struct call *call, const struct deed *deed);
uint64_t pledge_succeed(const struct call *call, const struct deed *deed);
struct refusal pledge_check_rule(const struct call *call, const struct deed *deed);
uint64_t pledge_set_rule(const struct call *call, const struct deed *deed);
struct refusal pledge_check_revoke(const struct call *call, const struct deed *deed);
uint64_t pledge_revoke(const struct call *call, const struct deed *deed);
struct refusal pledge_check_determine(const struct call *call, const struct deed *deed);
uint64_t pledge_determine(const struct call *call, const struct deed *deed);

/* --- time --------------------------------------------------------------------------------------
 */

/* A hold has run out: the application is withdrawn. The registrar's time is over: it is told. */
void pledge_hold_fires(const struct call *call, uint32_t pledge);
void pledge_review_fires(const struct call *call, uint32_t pledge);

/* A day was set: running deadlines are reckoned again. */
void pledge_calendar_changed(struct engine *engine);

/* --- for the other parts -----------------------------------------------------------------------
 */

/* What hold and pledge add to the extract of an entry. */
void pledge_describe(const struct engine *engine, const struct binding *binding,
                     struct extract *extract);

/* The pledge that a hold's or pledge's binding belongs to. */
static inline uint32_t pledge_of(const struct engine *engine, const struct binding *binding) {
    return pledge_item_at(engine, binding->subject)->pledge;
}

/* Its items, numbered from 0 to items_count - 1. */
static inline uint32_t pledge_item_number(const struct pledge *pledge, uint32_t place) {
    return pledge->items + place;
}

/* Whoever has sold units of an asset that pledges reached, with their pledgees' consent, calls this
 * at the end: pledges have what their ties say, and one without units is released. Before, how many
 * entries that may tell. */
void pledge_follow(const struct call *call, struct asset asset);
uint32_t pledge_follow_tells(const struct engine *engine, struct asset asset);

/* LIMIT_REACHED item when the end of a pledge would tell more entries than one command may, those
 * of freezes that marked it among them: then it is released in parts. */
struct refusal pledge_check_tells(const struct engine *engine, uint32_t pledge);

void pledge_check(const struct engine *engine);

#endif
