/*
 * Calendar days as the numbers of engine/types.h.
 */
#ifndef ENGINE_DATE_H
#define ENGINE_DATE_H

#include "engine/types.h"

static inline bool date_is_leap(uint32_t year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Whether the Gregorian calendar has this day, from 1970 to DATE_MAX. */
static inline bool date_is_valid(trading_date date) {
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint32_t year = date / 10000;
    uint32_t month = date / 100 % 100;
    uint32_t day = date % 100;
    if (year < 1970 || date > DATE_MAX || month < 1 || month > 12 || day < 1)
        return false;
    bool is_leap_day = month == 2 && day == 29 && date_is_leap(year);
    return day <= days[month - 1] || is_leap_day;
}

#endif
