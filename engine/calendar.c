/*
 * Days that were set stand in one ascending array, searched by halves.
 */
#include "engine/calendar.h"

#include <string.h>

/* Place of the first day set that is not before `date`. */
static uint32_t place_of(const struct engine *engine, trading_date date) {
    uint32_t low = 0;
    uint32_t high = engine->pools[POOL_CALENDAR].count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (calendar_day_at(engine, middle)->date < date)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct calendar_day *calendar_find(const struct engine *engine, trading_date date) {
    uint32_t place = place_of(engine, date);
    if (place == engine->pools[POOL_CALENDAR].count)
        return NULL;
    const struct calendar_day *day = calendar_day_at(engine, place);
    return day->date == date ? day : NULL;
}

static bool is_weekday(trading_date date) {
    return (date_days(date) + 3) % 7 < 5; /* 1970-01-01 was a Thursday; Monday is 0 */
}

bool calendar_is_working(const struct engine *engine, trading_date date) {
    const struct calendar_day *day = calendar_find(engine, date);
    return day != NULL ? day->is_working : is_weekday(date);
}

bool calendar_is_trading(const struct engine *engine, trading_date date) {
    const struct calendar_day *day = calendar_find(engine, date);
    return day != NULL ? day->is_trading : is_weekday(date);
}

int64_t calendar_deadline(const struct engine *engine, int64_t from_ns, uint32_t days) {
    assert(days > 0 && days <= CALENDAR_DAYS_MAX);
    int64_t day = date_days(date_of_ns(from_ns));
    while (days > 0)
        days -= calendar_is_working(engine, date_of_days(++day));
    return (day + 1) * NS_PER_DAY - MARKET_AHEAD_NS;
}

void calendar_set(struct engine *engine, const struct calendar_day *day) {
    uint32_t place = place_of(engine, day->date);
    struct calendar_day *at = calendar_day_at(engine, place);
    if (calendar_find(engine, day->date) == NULL) {
        size_t later = engine->pools[POOL_CALENDAR].count - place;
        pool_add(engine, POOL_CALENDAR);
        memmove(at + 1, at, later * sizeof *at);
    }
    *at = *day;
}

void calendar_check(const struct engine *engine) {
    for (uint32_t place = 1; place < engine->pools[POOL_CALENDAR].count; place++)
        assert(calendar_day_at(engine, place - 1)->date < calendar_day_at(engine, place)->date);
}
