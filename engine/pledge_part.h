/*
 * What the files of pledges share. Private to them.
 */
#ifndef ENGINE_PLEDGE_PART_H
#define ENGINE_PLEDGE_PART_H

#include "engine/binding.h"
#include "engine/confirm.h"
#include "engine/pledge.h"

#define STATE_BIT(state) (1u << (state))
/* Registered and not over. */
#define PLEDGE_LIVES (STATE_BIT(PLEDGE_REGISTERED) | STATE_BIT(PLEDGE_ENFORCING))
/* Not registered and not over. */
#define PLEDGE_WAITS (STATE_BIT(PLEDGE_APPLIED) | STATE_BIT(PLEDGE_DEFICIENT))

/* --- pledge_look.c -----------------------------------------------------------------------------
 */

/* UNKNOWN_PLEDGE; then WRONG_STATE, with the state that it is in, unless that is one of `states`.
 */
struct refusal pledge_check_state(const struct engine *engine, uint32_t pledge, uint32_t states);

/* WRONG_STATE while an office says otherwise about one of its items: dealings stop. */
struct refusal pledge_check_dealings(const struct engine *engine, uint32_t pledge);

/* Tells every entry that a pledge has in force, as a new version of it. */
void pledge_tell(const struct call *call, uint32_t pledge);

/* --- pledge_item.c -----------------------------------------------------------------------------
 */

/* An item as it is looked at: agreed terms, whose, and for how long. */
struct item_view {
    const struct pledge_item_terms *terms;
    uint32_t pledgor;
    uint32_t pledgee;
    uint32_t declarations;
    trading_date debt_end;
    uint32_t hold;   /* its own; 0: not held yet */
    uint32_t pledge; /* at registration, where co-owners must have assented; else 0 */
};

/* Why it cannot be pledged; the field is ITEM's kind of trouble, the limit the entry or number
 * where there is one. */
struct refusal pledge_item_check(const struct engine *engine, const struct item_view *view);

struct asset pledge_item_asset(uint32_t pledgor, uint8_t kind, uint32_t asset);

/* Where an item's units lie; row 0: nowhere. */
struct place pledge_item_place(const struct engine *engine, uint32_t pledgor,
                               const struct pledge_item_terms *terms);

/* An item as it was agreed. */
struct pledge_item_terms pledge_item_terms(const struct pledge_item *item);

/* Ties `units` of a place, which pledge_item_check() has found, to `binding`: what `hold` has
 * first, then what is free, then what others have pledged. */
struct tying {
    struct place place;
    uint32_t binding;
    uint32_t hold;
    uint64_t units;
};
void pledge_item_tie(struct engine *engine, const struct tying *tying);

/* Lets units of an item go; without any left its entry ends, else it is told. */
void pledge_item_free(const struct call *call, uint32_t item, uint64_t units);

/* Operations on parcels that tying these items may need. */
uint32_t pledge_item_operations(const struct engine *engine, uint32_t pledgor,
                                const struct pledge_item_terms *terms);

/* --- pledge_rank.c -----------------------------------------------------------------------------
 */

struct rank {
    int64_t ns;
    uint64_t sequence;
};

static inline bool rank_is_before(struct rank a, struct rank b) {
    return a.ns < b.ns || (a.ns == b.ns && a.sequence < b.sequence);
}

static inline struct rank rank_of_item(const struct pledge_item *item) {
    return (struct rank){item->rank_ns, item->rank_sequence};
}

/* The item of a pledge on an asset; 0: none in force. */
uint32_t pledge_item_on(const struct engine *engine, uint32_t pledge, struct asset asset);

/* A pledge that ranks behind `pledge` on one of its assets and has not assented that it goes up to
 * `amount_fen`; 0: all have. */
uint32_t pledge_rank_objector(const struct engine *engine, uint32_t pledge, int64_t amount_fen);

/* Raises or lowers what is secured: an increase gets the rank of now unless all behind assented. */
struct refusal pledge_check_secured(const struct engine *engine, uint32_t pledge,
                                    int64_t secured_fen);
void pledge_secure(const struct call *call, uint32_t pledge, int64_t secured_fen);

/* Whether a party's assent stands; it is not used up. */
struct assent_wanted {
    uint32_t pledge;
    uint32_t party;
    uint32_t other;
    uint8_t matter;
    int64_t amount_fen; /* at least; 0: any */
};
bool pledge_has_assent(const struct engine *engine, const struct assent_wanted *wanted);

/* --- pledge_rule.c -----------------------------------------------------------------------------
 */

enum pledge_class pledge_class_of(const struct engine *engine, uint8_t asset_kind, uint32_t asset);

/* The rule in force for it. */
const struct pledge_rule *pledge_rule_of(const struct engine *engine, enum pledge_class class);

/* The shortest review and hold of a pledge's items, in working days. */
uint32_t pledge_review_days(const struct engine *engine, uint32_t pledge);
uint32_t pledge_hold_days(const struct engine *engine, uint32_t pledge);

/* --- pledge_register.c -------------------------------------------------------------------------
 */

/* The registrar has all that he needs, from now on. */
void pledge_begin_review(const struct call *call, uint32_t pledge);

/* The pledge's deadlines end, if they run. */
void pledge_disarm(struct engine *engine, uint32_t pledge);

/* Ends every entry that the pledge has in force, and its state is this one from now on. */
void pledge_end(const struct call *call, uint32_t pledge, enum pledge_state state);

#endif
