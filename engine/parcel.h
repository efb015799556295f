/*
 * Parcels: which units of a holding or a stake are bound, and by what.
 *
 * A *place* is where units lie: a holding (an account's units of an instrument) or a stake (a
 * party's ppm of a right). Its unbound units are one number in its own row, so trading never looks
 * at parcels. What something binds lies in parcels, each with its *ties*: the bindings that reach
 * it. Flags overlap, since a freeze may lie over a pledge; a parcel is counted once however many
 * ties it has: total = unbound + the sum of its parcels.
 *
 * Tying splits parcels where it must, untying makes equal neighbours one again, and what nothing
 * ties any more is unbound.
 *
 *     if (parcel_has_room(engine, 2)) ...                       before anything changes
 *     parcel_tie_free(engine, place, pledge, 500);              of what is unbound
 *     for (parcel = parcel_first(...); ...) parcel_tie(engine, parcel, freeze, 200);
 *     parcel_untie(engine, parcel, pledge, 100);
 *
 * Source: RULES.md, section 3, "Holdings".
 */
#ifndef ENGINE_PARCEL_H
#define ENGINE_PARCEL_H

#include "engine/state.h"

/* Bindings of one parcel, at most; whoever ties asks parcel_ties() before. */
#define PARCEL_TIES_MAX 32u

struct place {
    uint8_t kind; /* enum asset_kind: ASSET_HOLDING a holding's row, ASSET_RIGHT a stake's */
    uint32_t row;
};

static inline struct place place_holding(uint32_t holding) {
    return (struct place){.kind = ASSET_HOLDING, .row = holding};
}

static inline struct place place_stake(uint32_t stake) {
    return (struct place){.kind = ASSET_RIGHT, .row = stake};
}

/* Units that nothing binds and no order has reserved. */
uint64_t place_free(const struct engine *engine, struct place place);
/* All units, bound or not. */
uint64_t place_total(const struct engine *engine, struct place place);
/* Moves free units to another place of the same asset; there are as many. */
void place_move(struct engine *engine, struct place from, struct place to, uint64_t units);

/* Whether there is room for so many of the operations below, whatever they split, and for those
 * that are promised to what must not be refused (engine->parcels_promised). */
struct refusal parcel_check_room(const struct engine *engine, uint32_t operations);

/* Binds free units of a place; there are as many, above 0. */
void parcel_tie_free(struct engine *engine, struct place place, uint32_t binding, uint64_t units);

/* Binds units, 1 .. all, of a parcel that the binding does not reach yet. The rest of it stays as
 * it was, behind it in the place's list. */
void parcel_tie(struct engine *engine, uint32_t parcel, uint32_t binding, uint64_t units);

/* Lets units, 1 .. all, of a parcel go that the binding reaches. The parcel may be gone or another
 * one afterwards: begin again from parcel_first(). */
void parcel_untie(struct engine *engine, uint32_t parcel, uint32_t binding, uint64_t units);
/* Lets units of a parcel go that `from` reaches, and binds them by `to`, which does not reach them;
 * they are never free in between. It may split once, and needs no other room. */
void parcel_retie(struct engine *engine, uint32_t parcel, uint32_t from, uint32_t to,
                  uint64_t units);
/* All that a binding reaches. */
void parcel_untie_all(struct engine *engine, uint32_t binding);

/* The parcels of a place in order; 0: no more. */
uint32_t parcel_first(const struct engine *engine, struct place place);
static inline uint32_t parcel_next(const struct engine *engine, uint32_t parcel) {
    return parcel_at(engine, parcel)->next;
}
static inline struct place parcel_place(const struct engine *engine, uint32_t parcel) {
    return (struct place){.kind = parcel_at(engine, parcel)->asset_kind,
                          .row = parcel_at(engine, parcel)->place};
}

/* How many bindings reach a parcel, whether this one does, and the first of a kind (0: none). */
uint32_t parcel_ties(const struct engine *engine, uint32_t parcel);
bool parcel_is_tied(const struct engine *engine, uint32_t parcel, uint32_t binding);
uint32_t parcel_tied_by(const struct engine *engine, uint32_t parcel, enum entry_kind kind);

/* Units that a binding reaches, and the first parcel among them (0: none). */
uint64_t parcel_units(const struct engine *engine, uint32_t binding);
uint32_t parcel_of(const struct engine *engine, uint32_t binding);

/* Asserts the lists' order, that none is empty, and that every row is in use or free. */
void parcel_check(const struct engine *engine);

#endif
