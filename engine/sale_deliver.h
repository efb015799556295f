/*
 * What a sale delivers: units of an asset to the buyer's place, or a new licence.
 *
 * A transfer moves what the listing's binding ties; a licence becomes a right of its own, the
 * buyer's, under the number of its registration. An exclusive licence excludes every other, a sole
 * one every other but the owner's own use (RULES.md, section 2).
 */
#ifndef ENGINE_SALE_DELIVER_H
#define ENGINE_SALE_DELIVER_H

#include "engine/state.h"

/* EXCLUSIVE_CONFLICT with the licence that is in the way; BAD_COMBINATION for a licence of a
 * licence. */
struct refusal sale_check_licence(const struct engine *engine, uint32_t right, uint8_t object);

/* Whether it can be delivered now, on what the office says. */
struct refusal sale_check_deliver(const struct call *call, const struct register_sale *entry);

void sale_deliver(const struct call *call, const struct register_sale *entry);

#endif
