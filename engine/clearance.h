/*
 * Clearing the way for what binds an asset by force: an owner's resting orders are canceled, the
 * newest first, until enough is free. In every phase, and whatever windows close cancels to others
 * (RULES.md, section 1: freezes are not bound by them).
 *
 * An order is as new as its place in the book.
 */
#ifndef ENGINE_CLEARANCE_H
#define ENGINE_CLEARANCE_H

#include "engine/state.h"

/* Whose orders: of one account, or with account 0 of every account of an owner. */
struct clearance {
    uint64_t owner;
    uint32_t account;
    uint32_t instrument; /* 0: every one; only with an account */
    uint8_t side;        /* enum side; what they reserve is units of a sell, fen of a buy */
};

/* LIMIT_REACHED orders when there are more than one command may cancel: then the accounts are
 * killed first. */
struct refusal clearance_check(const struct engine *engine, const struct clearance *clearance);

/* Cancels the newest until what they reserved adds up to `need` or none is left; returns what they
 * reserved. */
uint64_t clearance_cancel(const struct call *call, const struct clearance *clearance, uint64_t need,
                          enum reason reason);

#endif
