/*
 * Restraints: what keeps an asset from being dealt in without being a claim on it. Each is one
 * entry of its asset, with a term.
 *
 * - A *restriction* forbids an owner's accounts to buy, to sell, or to move out what they have of
 * an instrument; or to transfer a right. It cancels the orders that it forbids. Whoever has none
 *   pays nothing: order entry reads one flag of an account that it reads anyway.
 * - A *lock-up* (限售) binds units of one account until a day has ended: they may be pledged, but
 *   not sold.
 * - A *reservation* keeps the next rank on an asset for a party that means to take a pledge on it:
 * a search with priority. Until its last day no pledge of it is applied for or registered here but
 *   for that party; then it is used. What an authority orders pays no heed to it, and neither does
 *   anything that is done elsewhere: it binds dealings on this exchange alone.
 * - An *objection* says that somebody disputes an entry, or the asset itself: it stands in every
 *   answer and stops transfers.
 *
 * Each ends when its last day has ended, or by the deed END_ENTRY.
 *
 * Source: RULES.md, sections 1 and 3.
 */
#ifndef ENGINE_RESTRAINT_H
#define ENGINE_RESTRAINT_H

#include "engine/asset.h"

/* In the binding's state. */
enum restraint_state {
    RESTRAINT_IN_FORCE = 1,
    RESTRAINT_ENDED = 2,  /* by a deed */
    RESTRAINT_LAPSED = 3, /* its last day is over */
};

/* Each deed has a check, which changes nothing, and what does it, which may rely on the check and
 * returns the entry's number on its asset. */
struct refusal restraint_check_restrict(const struct call *call, const struct deed *deed);
uint64_t restraint_restrict(const struct call *call, const struct deed *deed);

struct refusal restraint_check_lock_up(const struct call *call, const struct deed *deed);
uint64_t restraint_lock_up(const struct call *call, const struct deed *deed);

struct refusal restraint_check_object(const struct call *call, const struct deed *deed);
uint64_t restraint_object(const struct call *call, const struct deed *deed);

struct refusal restraint_check_reserve(const struct call *call, const struct deed *deed);
uint64_t restraint_reserve(const struct call *call, const struct deed *deed);

/* RANK_RESERVED, with the entry, when the asset's next rank is kept for another party. */
struct refusal restraint_check_rank(const struct engine *engine, struct asset asset,
                                    uint32_t party);

/* A pledge of the asset is registered: what was reserved is used. */
void restraint_use_rank(const struct call *call, struct asset asset);

struct refusal restraint_check_end(const struct call *call, const struct deed *deed);
uint64_t restraint_end(const struct call *call, const struct deed *deed);

/* Its last day has ended. */
void restraint_timer_fires(const struct call *call, uint32_t restraint);

/* RESTRICTED, with the entry, when something of an asset is forbidden: `sides` is a set of enum
 * restriction_side. Of an account ask only when it is_restricted. */
struct refusal restraint_check_sides(const struct engine *engine, struct asset asset,
                                     uint8_t sides);

/* OBJECTION, with the entry, when somebody objects. */
struct refusal restraint_check_objections(const struct engine *engine, struct asset asset);

/* Whether an owner's new account is restricted from its beginning. */
bool restraint_reaches_owner(const struct engine *engine, uint64_t owner);

/* What a restraint adds to its extract. */
void restraint_describe(const struct engine *engine, const struct binding *binding,
                        struct extract *extract);

/* Asserts the module's invariants. */
void restraint_check(const struct engine *engine);

#endif
