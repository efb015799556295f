/*
 * The market: a pure function from (state, command) to (state, events).
 *
 * The engine has no clock, no I/O, no malloc, no randomness and no float. Its state lies in one
 * region of memory that its caller hands it, linked by indices, so a copy of the used part is a
 * snapshot and its digest does not depend on where it lies. The same commands give the same state
 * and the same events on any machine: that is what makes the ledger provable.
 *
 * A command is checked completely before the first change; what is refused changes nothing but the
 * session's last number. Order of checks: RULES.md, section 7.
 *
 * Whoever drives the engine (the core while trading; replay; the shadow) keeps this contract:
 *   - the first command is GENESIS with the limits that engine_init() was given;
 *   - stamps never go back, sequences only go up, a session's numbers only go up;
 *   - before a command stamped t, each timer due at or before t got its TICK (engine_timer_due());
 *   - a CONTINUE comes only while a sweep is unfinished, and names the oldest (engine_continue()).
 * All are asserted. Whatever else comes in between two CONTINUEs is the driver's to choose: what a
 * sweep has still to do is protected by closing the instruments in which it lies (sweep.h).
 *
 * Threads: an engine belongs to one thread.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "engine/command.h"
#include "engine/event.h"

struct engine;

#define ENGINE_ALIGNMENT 4096

/* Number of the layout of the region: a snapshot of another layout is not loaded. */
#define ENGINE_LAYOUT 7

/* Bytes of address space for these ceilings; 0 when a limit is out of range. */
size_t engine_size(const struct engine_limits *limits);

/* Lays out an empty engine in `memory`, which is aligned to ENGINE_ALIGNMENT, holds engine_size()
 * bytes and reads as zeros. NULL when a limit is out of range or `size` too small. */
struct engine *engine_init(void *memory, size_t size, const struct engine_limits *limits);

/* Applies one command and writes its events to the sink, at most COMMAND_EVENTS_MAX: they are
 * counted. */
void engine_apply(struct engine *engine, const struct command *command, struct event_sink *sink);

/* A hint that this command comes soon: prefetches, changes nothing. */
void engine_ahead(const struct engine *engine, const struct command *command);

/* Further hints for the same command, nearer to its turn: step 1, then 2. Each reads what the one
 * before asked for and prefetches what that leads to, so they want to be two or three commands
 * apart: 8, 5 and 2 commands before its turn. */
#define ENGINE_AHEAD_STEPS 2
void engine_nearer(const struct engine *engine, const struct command *command, uint32_t step);

/* When the next timer fires, in ns since 1970; INT64_MAX when there is none. */
int64_t engine_timer_due(const struct engine *engine);

/* True while a sweep is unfinished and wants a CONTINUE. */
bool engine_continue_due(const struct engine *engine);

/* The CONTINUE that is wanted; one is. */
struct command engine_continue(const struct engine *engine);

/* A byte range of the region, from its start. */
struct extent {
    size_t offset;
    size_t size;
};

#define ENGINE_EXTENTS_MAX 128

/* The ranges that are in use: a copy of them into zeroed memory of the same size is the same
 * engine. Returns how many, at most ENGINE_EXTENTS_MAX. */
size_t engine_extents(const struct engine *engine, struct extent extents[ENGINE_EXTENTS_MAX]);

/* The ranges that a raise of `pool` to `limit` will use, for the core to touch before it sequences
 * the raise; with pool 0, all that today's limits use. */
size_t engine_reach(const struct engine *engine, uint32_t pool, uint32_t limit,
                    struct extent extents[ENGINE_EXTENTS_MAX]);

/* Feeds the live state, field by field in a fixed, versioned order, to `feed`: blind to layout,
 * free slots and limits of pools, so two engines with the same history feed the same bytes.
 * Integers are fed little-endian. The hash over it is the state digest. */
#define ENGINE_DIGEST_VERSION 1
void engine_digest(const struct engine *engine, void (*feed)(void *owner, const void *, size_t),
                   void *owner);

/* Asserts every invariant of every module: cash and shares are conserved, no crossed book, books
 * and orders agree, reserves equal what orders need. Slow: for tests and the simulator. */
void engine_check(const struct engine *engine);

#endif
