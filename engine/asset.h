/*
 * Assets: what the register is about, and the list of what binds each.
 *
 * An asset is a right, or what a party has of an instrument over all its accounts: an *estate*
 * (RULES.md, section 3: a holding's id is its beneficial owner and the instrument, never a broker's
 * account). A right becomes one when it is admitted; an estate by a deed, or by the first thing
 * that binds it. From then on it has an entry 0, which says that it is known, and a *docket*: the
 * list of its other entries, the bindings (binding.h).
 *
 * An asset is never taken out, and neither are its entries.
 */
#ifndef ENGINE_ASSET_H
#define ENGINE_ASSET_H

#include "engine/state.h"

struct asset {
    uint8_t kind;    /* enum asset_kind */
    uint32_t id;     /* right, or instrument */
    uint32_t holder; /* of an instrument: the party; of a right 0 */
};

static inline struct asset asset_right(uint32_t right) {
    return (struct asset){.kind = ASSET_RIGHT, .id = right};
}

static inline struct asset asset_holding(uint32_t party, uint32_t instrument) {
    return (struct asset){.kind = ASSET_HOLDING, .id = instrument, .holder = party};
}

static inline bool asset_is_same(struct asset a, struct asset b) {
    return a.kind == b.kind && a.id == b.id && a.holder == b.holder;
}

/* Whether there can be such an asset: UNKNOWN_RIGHT, UNKNOWN_PARTY, UNKNOWN_INSTRUMENT, or none. */
struct refusal asset_check_exists(const struct engine *engine, struct asset asset);

/* Its docket; NULL for an estate that nobody has admitted. */
struct docket *asset_docket(const struct engine *engine, struct asset asset);

/* LIMIT_REACHED when it would have to be admitted and there is no room. */
struct refusal asset_check_room(const struct engine *engine, struct asset asset);

/* Makes an estate known, and tells its entry 0; nothing happens when it is known. */
void asset_admit(const struct call *call, struct asset asset);

/* Puts what an asset is called outside into an extract. */
void asset_name(const struct engine *engine, struct asset asset, struct extract *extract);

/* The number of an estate; 0 when it is not admitted. */
uint32_t asset_estate(const struct engine *engine, uint32_t party, uint32_t instrument);

/* The first binding of a kind that is in force on the asset, after `after` (0: from the first on);
 * 0: none. */
uint32_t asset_bound(const struct engine *engine, struct asset asset, enum entry_kind kind,
                     uint32_t after);

/* The deed ADMIT_HOLDING. */
struct refusal asset_check_admit(const struct call *call, const struct deed *deed);
uint64_t asset_admit_holding(const struct call *call, const struct deed *deed);

/* Moves the table of estates to another size, at least as large. */
void asset_table_resize(struct engine *engine, uint32_t bits);

#endif
