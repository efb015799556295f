/*
 * The deed SET_CALENDAR: a day is a working day, a trading day, both or neither, against what its
 * weekday says. Days that are over cannot be set. Deadlines in working days that are running are
 * reckoned again.
 *
 * Source: RULES.md, Time.
 */
#ifndef ENGINE_HOLIDAYS_H
#define ENGINE_HOLIDAYS_H

#include "engine/state.h"

struct refusal holidays_check_set(const struct call *call, const struct deed *deed);
uint64_t holidays_set(const struct call *call, const struct deed *deed);

#endif
