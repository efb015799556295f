/*
 * Enforcement of a pledge (实现质权): the debtor has defaulted.
 *
 *     REGISTERED -> ENFORCING (what is owed is stated) -> REGISTERED (the default is over)
 *
 * A default fixes what a maximum-amount pledge secures. What it ends with: realise.h.
 *
 * Source: RULES.md, section 3 (Enforcement).
 */
#ifndef ENGINE_ENFORCE_H
#define ENGINE_ENFORCE_H

#include "engine/state.h"

struct refusal enforce_check_default(const struct call *call, const struct deed *deed);
uint64_t enforce_default(const struct call *call, const struct deed *deed);

struct refusal enforce_check_cure(const struct call *call, const struct deed *deed);
uint64_t enforce_cure(const struct call *call, const struct deed *deed);

#endif
