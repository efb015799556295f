/*
 * Instruments: what may be traded, when, in which quantities and at which prices.
 */
#ifndef ENGINE_INSTRUMENT_H
#define ENGINE_INSTRUMENT_H

#include "engine/state.h"

/* Whether an unfinished sweep keeps an instrument closed. */
static inline bool instrument_is_swept(const struct engine *engine,
                                       const struct instrument *instrument) {
    return (engine->swept_until > engine->swept) | (instrument->swept_until > engine->swept);
}

/* The phase of its own. What is swept is HALTED: it goes on soon, by itself. */
static inline enum phase instrument_own_phase(const struct engine *engine,
                                              const struct instrument *instrument) {
    bool is_swept = instrument->swept_until > engine->swept;
    return instrument->is_halted || is_swept ? PHASE_HALTED : PHASE_CONTINUOUS;
}

/* The phase as it acts now. */
static inline enum phase instrument_phase(const struct engine *engine,
                                          const struct instrument *instrument) {
    if (!engine->is_open)
        return PHASE_CLOSED;
    bool is_held = instrument->is_halted | instrument_is_swept(engine, instrument);
    return engine->is_halted || is_held ? PHASE_HALTED : PHASE_CONTINUOUS;
}

/* Why no order may enter now: NOT_IN_SESSION, HALTED, or NONE. */
static inline enum reason instrument_phase_reason(const struct engine *engine,
                                                  const struct instrument *instrument) {
    enum phase phase = instrument_phase(engine, instrument);
    if (__builtin_expect(phase == PHASE_CONTINUOUS, 1))
        return REASON_NONE;
    return phase == PHASE_CLOSED ? REASON_NOT_IN_SESSION : REASON_HALTED;
}

/* Checks an order's total quantity, of which `open` units are to trade yet: LOT_SIZE below lot_min
 * or off lot_step, then MAX_QUANTITY. For a sell, `sellable` are the units it may have open, else
 * 0: what of them is no lots, the remainder, is sold whole, in one order, alone or on top of lots
 * (RULES.md, section 1). */
struct refusal instrument_check_quantity(const struct instrument *instrument, uint64_t quantity,
                                         uint64_t open, uint64_t sellable);

/* Checks a price: TICK_SIZE, then OUT_OF_BAND, also below one tick or above the books' highest
 * price. When it is fine, *price_ticks is the price in ticks. */
struct refusal instrument_check_price(const struct instrument *instrument, int64_t price_fen,
                                      uint32_t *price_ticks);

/* The act ADD_INSTRUMENT; _add returns the instrument's number. */
struct refusal instrument_check_add(const struct engine *engine, const struct add_instrument *add);
uint32_t instrument_add(struct engine *engine, const struct add_instrument *add);

/* The act SET_BAND: only while the instrument is halted or closed; a sweep alone does not do. */
struct refusal instrument_check_band(const struct engine *engine, const struct set_band *set);
void instrument_set_band(struct engine *engine, const struct set_band *set);

/* The number of a symbol, 0 when unknown. */
uint32_t instrument_find(const struct engine *engine, const char *symbol, size_t bytes);

#endif
