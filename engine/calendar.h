/*
 * Two calendars: working days and trading days. Monday to Friday are both unless the ledger was
 * told otherwise (the deed SET_CALENDAR, a day at a time: a make-up Saturday is a working day and
 * no trading day).
 *
 * A period in days leaves out its first day and ends at 24:00 of its last, which is still in time;
 * a timer for it is due one ns later (RULES.md, Time). A deadline in working days may move when a
 * day is set: holidays.c then asks whoever has one to reckon it again.
 */
#ifndef ENGINE_CALENDAR_H
#define ENGINE_CALENDAR_H

#include "engine/date.h"
#include "engine/state.h"

bool calendar_is_working(const struct engine *engine, trading_date date);
bool calendar_is_trading(const struct engine *engine, trading_date date);

/* The last ns, still in time, of a period of `days` (1 .. CALENDAR_DAYS_MAX) working days that
 * begins at from_ns. */
int64_t calendar_deadline(const struct engine *engine, int64_t from_ns, uint32_t days);

/* Longest period in working days. */
#define CALENDAR_DAYS_MAX 1000u

/* The same for plain days. */
static inline int64_t calendar_days_deadline(int64_t from_ns, uint32_t days) {
    return date_end_ns(date_of_ns(from_ns)) + (int64_t)days * NS_PER_DAY;
}

/* Sets a day, which holidays.c has checked. */
void calendar_set(struct engine *engine, const struct calendar_day *day);

/* The day as set; NULL: as its weekday says. */
const struct calendar_day *calendar_find(const struct engine *engine, trading_date date);

/* Asserts that the days set ascend. */
void calendar_check(const struct engine *engine);

#endif
