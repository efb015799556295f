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

/* Last day whose end fits an int64 of ns since 1970. */
#define DATE_NS_MAX UINT32_C(22611231)

#define NS_PER_DAY INT64_C(86400000000000)
/* The market's time is UTC+8, without summer time. */
#define MARKET_AHEAD_NS INT64_C(28800000000000)

/* Days from 1970-01-01 to a valid day. Years are counted from March, so that a leap day comes last:
 * then the days before a month follow a straight line. */
static inline int64_t date_days(trading_date date) {
    uint32_t month = date / 100 % 100;
    uint32_t from_march = (month + 9) % 12;
    int64_t year = (int64_t)(date / 10000) - (month <= 2);
    int64_t days = year * 365 + year / 4 - year / 100 + year / 400;
    return days + (153 * from_march + 2) / 5 + date % 100 - 1 - 719468;
}

/* The day so many days after 1970-01-01, from 0 on. */
static inline trading_date date_of_days(int64_t days) {
    int64_t from_march = days + 719468; /* days since 0000-03-01 */
    int64_t era = from_march / 146097;  /* of 400 years */
    int64_t of_era = from_march % 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153; /* March is 0 */
    int64_t day = of_year - (153 * month + 2) / 5 + 1;
    month = month < 10 ? month + 3 : month - 9;
    return (trading_date)(10000 * (year + era * 400 + (month <= 2)) + 100 * month + day);
}

/* The market's day at a time from 1970 on, in ns since 1970 UTC. */
static inline trading_date date_of_ns(int64_t ns) {
    return date_of_days((ns + MARKET_AHEAD_NS) / NS_PER_DAY);
}

/* 24:00 of a valid day up to DATE_NS_MAX in the market's time, in ns since 1970 UTC: a deadline,
 * itself still in time. */
static inline int64_t date_end_ns(trading_date date) {
    return (date_days(date) + 1) * NS_PER_DAY - MARKET_AHEAD_NS;
}

/* The last day of a period of so many months, 1 or more, whose first day is `from`: the day before
 * the corresponding date, or the month's last day where there is none such (RULES.md, Time). */
static inline trading_date date_after_months(trading_date from, uint32_t months) {
    uint32_t month = from / 100 % 100 - 1 + months;
    trading_date first = (from / 10000 + month / 12) * 10000 + (month % 12 + 1) * 100;
    trading_date same = first + from % 100;
    if (date_is_valid(same))
        return date_of_days(date_days(same) - 1);
    while (!date_is_valid(same))
        same--;
    return same;
}

#endif
