/*
 * Timers: what is to happen at a time. A binary heap by due time, then by creation.
 *
 * Each session has at most one, and the grace after an outage or a start is one more; their places
 * in the heap are written beside what they belong to, so a timer is disarmed without a search. Room
 * is promised when a session is opened, so arming never fails.
 */
#ifndef ENGINE_TIMER_H
#define ENGINE_TIMER_H

#include "engine/state.h"

/* The time `ms` after `from_ns` at which a deadline has passed: a deadline itself is still in time,
 * so a timer is due one ns later (RULES.md, Time). */
int64_t timer_after(int64_t from_ns, uint32_t ms);

/* Arms a session's timer, or with session 0 the grace; it is not armed. */
void timer_arm(struct engine *engine, uint32_t session, int64_t due_ns);

/* Disarms it; nothing happens when it is not armed. */
void timer_disarm(struct engine *engine, uint32_t session);

/* Takes the earliest timer out and returns its session, 0 for the grace. There is one. */
uint32_t timer_fire(struct engine *engine);

/* Asserts the heap's order and that its places are those written. */
void timer_check(const struct engine *engine);

#endif
