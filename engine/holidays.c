/*
 * Sets a day, and lets every module with deadlines in working days know.
 */
#include "engine/holidays.h"

#include "engine/calendar.h"
#include "engine/listing.h"
#include "engine/pledge.h"

struct refusal holidays_check_set(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct set_calendar *set = &deed->set_calendar;
    if (!date_is_valid(set->date) || set->date > DATE_NS_MAX)
        return refusal_of(REASON_BAD_DATE, FIELD_DATE, DATE_NS_MAX);
    if (set->date < date_of_ns(engine->time_ns))
        return refusal_of(REASON_BAD_DATE, FIELD_DATE, date_of_ns(engine->time_ns));
    if (calendar_is_working(engine, set->date) == set->is_working &&
        calendar_is_trading(engine, set->date) == set->is_trading)
        return refusal_of(REASON_WRONG_STATE, FIELD_DATE, set->date);
    if (calendar_find(engine, set->date) == NULL && pool_is_full(engine, POOL_CALENDAR))
        return refusal_full(POOL_CALENDAR);
    return refusal_none();
}

uint64_t holidays_set(const struct call *call, const struct deed *deed) {
    const struct set_calendar *set = &deed->set_calendar;
    struct calendar_day day = {
        .date = set->date, .is_working = set->is_working, .is_trading = set->is_trading};
    calendar_set(call->engine, &day);
    pledge_calendar_changed(call->engine);
    listing_calendar_changed(call);
    return set->date;
}
