/*
 * Bindings: the entries of an asset's docket, from number 1 on. Everything that binds a buyer or a
 * lender is one: pledge, hold, freeze, mark, restriction, lock-up, licence, listing, objection,
 * reservation.
 *
 * A binding belongs to a row of its kind's module, its *subject*; one subject may have several (a
 * pledge has one for each item). What has ended stays, with from and to. Which units it binds is
 * said by its ties (parcel.h); a binding without any (an objection, a licence) binds the asset.
 *
 *     number = binding_make(call, &wanted);    the next entry of its asset
 *     parcel_tie_free(engine, place, number, units);
 *     binding_tell(call, number);              its extract, as the next version of the entry
 *     ...
 *     binding_end(call, number);               nothing is tied any more; it is told as ended
 *
 * A module describes its own part of an extract: a row of the table in binding.c.
 *
 * Source: RULES.md, section 3, "Answers".
 */
#ifndef ENGINE_BINDING_H
#define ENGINE_BINDING_H

#include "engine/asset.h"

/* Whether `count` more bindings can be made, and as many extracts told by this command. */
struct refusal binding_check_room(const struct engine *engine, uint32_t count);

/* Adds an entry to its asset, which is known. Of *wanted are read: kind, asset, quantity, subject,
 * state; its from is the command's time. Returns its number. */
uint32_t binding_make(const struct call *call, struct asset asset, const struct binding *wanted);

/* Tells how the entry stands, as its next version. */
void binding_tell(const struct call *call, uint32_t binding);

/* It is in force no longer: unties all that it binds, and tells. */
void binding_end(const struct call *call, uint32_t binding);

static inline struct asset binding_asset(const struct binding *binding) {
    return (struct asset){
        .kind = binding->asset_kind, .id = binding->asset, .holder = binding->holder};
}

static inline bool binding_is_in_force(const struct engine *engine, uint32_t binding) {
    return binding_at(engine, binding)->to_ns == 0;
}

/* Asserts that dockets list every binding once, in order, and that what has ended ties nothing. */
void binding_check(const struct engine *engine);

#endif
