/*
 * Timers: what is to happen at a time. A binary heap by due time, then by creation.
 *
 * Each session has at most one, and the grace after an outage or a start is one more; so has each
 * row of the register that waits. Their places in the heap are written beside what they belong to,
 * so a timer is disarmed without a search. Room is promised when a session is opened, so arming
 * never fails; whoever arms another kind asks before.
 */
#ifndef ENGINE_TIMER_H
#define ENGINE_TIMER_H

#include "engine/state.h"

/* The time `ms` after `from_ns` at which a deadline has passed: a deadline itself is still in time,
 * so a timer is due one ns later (RULES.md, Time). */
int64_t timer_after(int64_t from_ns, uint32_t ms);

/* Whether one more timer of the register may be armed. */
static inline bool timer_has_room(const struct engine *engine) {
    return engine->timers_promised < engine->pools[POOL_TIMERS].limit;
}

/* Arms the timer of a subject, which is not armed. */
void timer_arm(struct engine *engine, enum timer_kind kind, uint32_t subject, int64_t due_ns);

/* Disarms it; nothing happens when it is not armed. */
void timer_disarm(struct engine *engine, enum timer_kind kind, uint32_t subject);

/* Takes the earliest timer out; there is one. */
struct timer timer_fire(struct engine *engine);

/* Asserts the heap's order and that its places are those written. */
void timer_check(const struct engine *engine);

#endif
