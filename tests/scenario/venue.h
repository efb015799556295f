/*
 * An engine as tests drive it: memory, stamps, timers, continues, and an ear for its events.
 *
 * A venue keeps the contract of engine/engine.h for its user: sequences go up, every timer that is
 * due gets its TICK before the next command, every unfinished sweep its CONTINUE at once. Events
 * pass through a sink of a few places, so that flushing in the middle of a command happens all the
 * time. It remembers every command, so that the whole history can be told to a second engine.
 *
 *     struct venue venue;
 *     venue_init(&venue, &limits, ENVIRONMENT_TEST, now_ns);
 *     venue_request(&venue, session, key, &command);
 *     ... venue.heard[0 .. venue.heard_count - 1] ...
 *     venue_replay(&venue);
 *     venue_fini(&venue);
 */
#ifndef TESTS_SCENARIO_VENUE_H
#define TESTS_SCENARIO_VENUE_H

#include "engine/engine.h"

/* Places of the sink that the engine writes into. */
#define VENUE_WINDOW 3

/* An event, and its ExecID: which command made it and the how-manieth of that it is. */
struct heard {
    struct event event;
    uint64_t sequence;
    uint32_t place;
};

struct venue {
    struct engine_limits limits;
    struct engine *engine;
    void *memory; /* where the engine lives */
    void *spare;  /* as large, for a copy */
    size_t size;
    struct event window[VENUE_WINDOW];
    struct heard *heard; /* since the last venue_forget() */
    size_t heard_count;
    size_t heard_room;
    struct command *history; /* every command so far */
    size_t history_count;
    size_t history_room;
    uint64_t sequence;    /* of the last command */
    uint32_t place;       /* of the next event in its command */
    uint64_t events_hash; /* over all events so far with their ExecIDs */
    int64_t time_ns;      /* stamp of the next command */
    uint32_t version;     /* stamped on it */
    bool holds_continues; /* sweeps wait */
};

/* Lays out an engine and applies GENESIS, with operator keys VENUE_KEY_OLGA and _OTTO. Asserts that
 * the limits are good and that there is memory. */
void venue_init(struct venue *venue, const struct engine_limits *limits, uint8_t environment,
                int64_t time_ns);
void venue_fini(struct venue *venue);

/* As venue_init(), with the behaviour of the first release: what came later waits for Activate. */
void venue_init_first(struct venue *venue, const struct engine_limits *limits, uint8_t environment,
                      int64_t time_ns);

/* The operators' keys: every byte is this. Persons have the same numbers. */
#define VENUE_KEY_OLGA 1
#define VENUE_KEY_OTTO 2

/* Forgets what has been heard. */
void venue_forget(struct venue *venue);

/* Stamps and applies one command of the exchange's own, after the TICKs that are due before it and
 * with the CONTINUEs after it. */
void venue_own(struct venue *venue, const struct command *command);

/* The same for a request of a session under a key; its number is the session's next. Returns that
 * number. */
uint64_t venue_request(struct venue *venue, uint32_t session, uint32_t key,
                       const struct command *command);

/* Moves the clock and lets due timers fire. Asserts that it does not go back. */
void venue_wait_until(struct venue *venue, int64_t time_ns);

/* Whether unfinished sweeps wait from now on, or go on. */
void venue_hold(struct venue *venue, bool holds);

/* Copies the engine by its extents into fresh memory, asserts that the copy's digest is the same,
 * and goes on with the copy. */
void venue_move(struct venue *venue);

/* Tells the whole history to a fresh engine; asserts equal events, in order, and equal digests. */
void venue_replay(struct venue *venue);

/* A number that two engines share when their digest feeds are the same bytes. */
uint64_t venue_digest(const struct engine *engine);

#endif
