/*
 * The unfinished sweeps: which orders each has still to take out, and where it stands.
 *
 * A ring, the oldest first. A sweep walks along lists that change while it waits: each session's
 * orders, newest first, or a book's, as they would trade. Its cursor is the order to look at next,
 * and whatever takes that order out moves the cursor on.
 */
#ifndef ENGINE_SWEEP_LIST_H
#define ENGINE_SWEEP_LIST_H

#include "engine/region.h"
#include "engine/state.h"

/* The oldest sweep is number 0. */
static inline struct sweep *sweep_at(const struct engine *engine, uint32_t number) {
    assert(number < engine->sweeps_count);
    uint32_t place = (engine->sweeps_first + number) % region_sweeps_max(engine);
    return (struct sweep *)region_place(engine, engine->sweeps_at) + place;
}

/* Appends a sweep; there is room. Returns its row. */
struct sweep *sweep_list_add(struct engine *engine, const struct sweep *sweep);

/* Takes the oldest one out: it has ended. */
void sweep_list_remove_first(struct engine *engine);

/* The unfinished sweep of a kind, for a session or an instrument (0: none in particular); NULL when
 * there is none. */
struct sweep *sweep_list_find(const struct engine *engine, enum sweep_kind kind, uint32_t session,
                              uint32_t instrument);

/* Whether an act, or a mass cancel of a participant, may begin a sweep: LIMIT_REACHED sweeps. The
 * others always may. */
struct refusal sweep_check_act(const struct engine *engine);
struct refusal sweep_check_mass(const struct engine *engine, uint32_t participant);

/* Whether a sweep goes by sessions; else it goes by books. */
bool sweep_is_by_session(const struct sweep *sweep);

/* Whether a sweep takes this order out, wherever it stands. */
bool sweep_covers(const struct engine *engine, const struct sweep *sweep,
                  const struct order *order);

/* Looks at one place and goes on to the next: *row is an order that the sweep takes out, or 0.
 * False at the end. */
bool sweep_look(const struct engine *engine, struct sweep *sweep, uint32_t *row);

/* Moves on those that stand at an order that is about to go. It is still in its session's list, and
 * in its book unless it traded: then no sweep by books stands there, what it walks being closed. */
void sweep_step_over_each(struct engine *engine, uint32_t row);

static inline void sweep_step_over(struct engine *engine, uint32_t row) {
    if (__builtin_expect(engine->sweeps_count != 0, 0))
        sweep_step_over_each(engine, row);
}

#endif
