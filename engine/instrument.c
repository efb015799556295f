/*
 * Instruments and their parameters.
 */
#include "engine/instrument.h"

#include <string.h>

/* Quotient and remainder; by the short division where both fit it. */
static inline uint64_t divide(uint64_t value, uint64_t by, uint64_t *rest) {
    if (((value | by) >> 32) == 0) {
        *rest = (uint32_t)value % (uint32_t)by;
        return (uint32_t)value / (uint32_t)by;
    }
    *rest = value % by;
    return value / by;
}

/* The most whole lots up to a quantity: a multiple of the step, not below the minimum; 0: none. */
static uint64_t whole_lots(const struct instrument *instrument, uint64_t most) {
    uint64_t rest;
    divide(most, instrument->lot_step, &rest);
    return most - rest >= instrument->lot_min ? most - rest : 0;
}

/* Whether selling `open` of `sellable` units sells the remainder, which is no lots, whole: alone or
 * on top of lots. */
static bool sells_remainder(const struct instrument *instrument, uint64_t open, uint64_t sellable) {
    uint64_t remainder = sellable - whole_lots(instrument, sellable);
    if (remainder == 0 || open < remainder || open > sellable)
        return false;
    uint64_t lots = open - remainder;
    return whole_lots(instrument, lots) == lots;
}

struct refusal instrument_check_quantity(const struct instrument *instrument, uint64_t quantity,
                                         uint64_t open, uint64_t sellable) {
    uint64_t rest;
    divide(quantity, instrument->lot_step, &rest);
    bool is_short = quantity < instrument->lot_min;
    if (__builtin_expect(is_short || rest != 0, 0) && !sells_remainder(instrument, open, sellable))
        return refusal_of(REASON_LOT_SIZE, FIELD_ORDER_QTY,
                          is_short ? instrument->lot_min : instrument->lot_step);
    if (quantity > instrument->qty_max)
        return refusal_of(REASON_MAX_QUANTITY, FIELD_ORDER_QTY, instrument->qty_max);
    return refusal_none();
}

static struct refusal below_band(const struct instrument *instrument) {
    int64_t low = (int64_t)instrument->band_low_ticks * instrument->tick_fen;
    return refusal_of(REASON_OUT_OF_BAND, FIELD_PRICE, low);
}

struct refusal instrument_check_price(const struct instrument *instrument, int64_t price_fen,
                                      uint32_t *price_ticks) {
    if (price_fen <= 0)
        return below_band(instrument);
    uint64_t rest;
    uint64_t ticks = divide((uint64_t)price_fen, (uint64_t)instrument->tick_fen, &rest);
    if (rest != 0)
        return refusal_of(REASON_TICK_SIZE, FIELD_PRICE, instrument->tick_fen);
    if (ticks < instrument->band_low_ticks)
        return below_band(instrument);
    if (ticks > instrument->band_high_ticks)
        return refusal_of(REASON_OUT_OF_BAND, FIELD_PRICE,
                          (int64_t)instrument->band_high_ticks * instrument->tick_fen);
    *price_ticks = (uint32_t)ticks;
    return refusal_none();
}

/* A band in ticks. */
struct band {
    int64_t low_fen;
    int64_t high_fen;
    uint32_t low_ticks;
    uint32_t high_ticks;
};

/* A band in ticks; a side at 0 is open. Refused when it is off the tick or holds no price of the
 * books. */
static struct refusal band_of(const struct engine *engine, int64_t tick_fen, struct band *band) {
    uint32_t top = engine->price_ticks_max;
    if (band->low_fen < 0)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_BAND_LOW, 0);
    if (band->high_fen < 0)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_BAND_HIGH, 0);
    if (band->low_fen % tick_fen != 0)
        return refusal_of(REASON_TICK_SIZE, FIELD_BAND_LOW, tick_fen);
    if (band->high_fen % tick_fen != 0)
        return refusal_of(REASON_TICK_SIZE, FIELD_BAND_HIGH, tick_fen);
    int64_t low = band->low_fen == 0 ? 1 : band->low_fen / tick_fen;
    int64_t high = band->high_fen == 0 ? top : band->high_fen / tick_fen;
    if (high > top)
        high = top;
    if (low > top)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_BAND_LOW, (int64_t)top * tick_fen);
    if (high < low)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_BAND_HIGH, low * tick_fen);
    band->low_ticks = (uint32_t)low;
    band->high_ticks = (uint32_t)high;
    return refusal_none();
}

uint32_t instrument_find(const struct engine *engine, const char *symbol, size_t bytes) {
    for (uint32_t number = 1; number <= engine->pools[POOL_INSTRUMENTS].count; number++) {
        const struct instrument *row = instrument_at(engine, number);
        if (row->symbol_bytes == bytes && memcmp(row->symbol, symbol, bytes) == 0)
            return number;
    }
    return 0;
}

/* A number from 1 to `most`; the refusal names the end that it misses. */
static struct refusal check_range(int64_t value, int64_t most, enum field field) {
    if (value < 1)
        return refusal_of(REASON_OUT_OF_LIMITS, field, 1);
    if (value > most)
        return refusal_of(REASON_OUT_OF_LIMITS, field, most);
    return refusal_none();
}

/* Ranges of the numbers of an instrument. The highest price must fit an int64. */
static struct refusal check_numbers(const struct engine *engine, const struct add_instrument *add) {
    int64_t tick_most = INT64_MAX / engine->price_ticks_max;
    struct refusal refusal = check_range(add->tick_fen, tick_most, FIELD_TICK_FEN);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (add->qty_max > UINT32_MAX)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_QTY_MAX, UINT32_MAX);
    int64_t most = add->qty_max == 0 ? UINT32_MAX : (int64_t)add->qty_max;
    refusal = check_range((int64_t)add->lot_min, most, FIELD_LOT_MIN);
    if (refusal.reason == REASON_NONE)
        refusal = check_range((int64_t)add->lot_step, most, FIELD_LOT_STEP);
    if (refusal.reason == REASON_NONE && add->reference_fen < 0)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_REFERENCE, 0);
    return refusal;
}

static bool is_symbol(const char *symbol, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        char c = symbol[i];
        bool is_letter = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
        if (!is_letter)
            return false;
    }
    return bytes > 0;
}

struct refusal instrument_check_add(const struct engine *engine, const struct add_instrument *add) {
    assert(add->symbol_bytes <= SYMBOL_BYTES_MAX);
    if (!is_symbol(add->symbol, add->symbol_bytes))
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_SYMBOL, 0);
    struct refusal refusal = check_numbers(engine, add);
    if (refusal.reason != REASON_NONE)
        return refusal;
    struct band band = {.low_fen = add->band_low_fen, .high_fen = add->band_high_fen};
    refusal = band_of(engine, add->tick_fen, &band);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (instrument_find(engine, add->symbol, add->symbol_bytes) != 0)
        return refusal_of(REASON_ALREADY_EXISTS, FIELD_SYMBOL, 0);
    if (pool_is_full(engine, POOL_INSTRUMENTS))
        return refusal_full(POOL_INSTRUMENTS);
    return refusal_none();
}

static void put_band(struct instrument *instrument, const struct band *band) {
    instrument->band_low_fen = band->low_fen;
    instrument->band_high_fen = band->high_fen;
    instrument->band_low_ticks = band->low_ticks;
    instrument->band_high_ticks = band->high_ticks;
}

uint32_t instrument_add(struct engine *engine, const struct add_instrument *add) {
    uint32_t number = pool_add(engine, POOL_INSTRUMENTS);
    struct instrument *instrument = instrument_at(engine, number);
    *instrument = (struct instrument){
        .tick_fen = add->tick_fen,
        .lot_min = (uint32_t)add->lot_min,
        .lot_step = (uint32_t)add->lot_step,
        .qty_max = add->qty_max == 0 ? UINT32_MAX : (uint32_t)add->qty_max,
        .reference_fen = add->reference_fen,
        .symbol_bytes = add->symbol_bytes,
    };
    memcpy(instrument->symbol, add->symbol, add->symbol_bytes);
    struct band band = {.low_fen = add->band_low_fen, .high_fen = add->band_high_fen};
    struct refusal refusal = band_of(engine, add->tick_fen, &band);
    assert(refusal.reason == REASON_NONE);
    put_band(instrument, &band);
    return number;
}

struct refusal instrument_check_band(const struct engine *engine, const struct set_band *set) {
    if (!pool_has(engine, POOL_INSTRUMENTS, set->instrument))
        return refusal_of(REASON_UNKNOWN_INSTRUMENT, FIELD_INSTRUMENT, 0);
    const struct instrument *instrument = instrument_at(engine, set->instrument);
    struct band band = {.low_fen = set->band_low_fen, .high_fen = set->band_high_fen};
    struct refusal refusal = band_of(engine, instrument->tick_fen, &band);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (engine->is_open && !engine->is_halted && !instrument->is_halted)
        return refusal_of(REASON_WRONG_STATE, FIELD_INSTRUMENT, 0);
    return refusal_none();
}

void instrument_set_band(struct engine *engine, const struct set_band *set) {
    struct instrument *instrument = instrument_at(engine, set->instrument);
    struct band band = {.low_fen = set->band_low_fen, .high_fen = set->band_high_fen};
    struct refusal refusal = band_of(engine, instrument->tick_fen, &band);
    assert(refusal.reason == REASON_NONE);
    put_band(instrument, &band);
}
