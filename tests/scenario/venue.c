/*
 * The driver of an engine under test. Memory comes from mmap, which reads as zeros and costs only
 * what is touched, so ceilings may be high.
 */
#include "tests/scenario/venue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bench/algorithms.h"
#include "engine/version.h"
#include "engine/view.h"

/* More of these in a row than any test has timers or sweeps: then one never ends. */
#define TURNS_MAX 100000

#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

static uint64_t mix(uint64_t hash, const void *bytes, size_t size) {
    const uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * FNV_PRIME;
    return hash;
}

static void feed_hash(void *owner, const void *bytes, size_t size) {
    uint64_t *hash = owner;
    *hash = mix(*hash, bytes, size);
}

uint64_t venue_digest(const struct engine *engine) {
    uint64_t hash = FNV_BASIS;
    engine_digest(engine, feed_hash, &hash);
    return hash;
}

static void *map(size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert(memory != MAP_FAILED);
    return memory;
}

static void *grow(void *list, size_t *room, size_t size) {
    *room = *room == 0 ? 64 : *room * 2;
    list = realloc(list, *room * size);
    assert(list != NULL);
    return list;
}

static void hear(struct venue *venue, const struct event *event) {
    if (venue->heard_count == venue->heard_room)
        venue->heard = grow(venue->heard, &venue->heard_room, sizeof *venue->heard);
    struct heard *heard = &venue->heard[venue->heard_count++];
    memset(heard, 0, sizeof *heard);
    heard->event = *event;
    if (event->kind == EVENT_ENTRY || event->kind == EVENT_NOTICE) {
        venue->events_hash = mix(venue->events_hash, event->extract, sizeof *event->extract);
        /* The extract stays where it is for this command only. */
        heard->event.order_id = event->extract->force.freeze;
    }
    heard->sequence = venue->sequence;
    heard->place = venue->place++;
    venue->events_hash = mix(venue->events_hash, heard, sizeof *heard);
}

static void on_flush(struct event_sink *sink) {
    struct venue *venue = sink->owner;
    for (const struct event *event = venue->window; event < sink->next; event++)
        hear(venue, event);
    sink->next = venue->window;
}

/* Applies a command as it is stamped. */
static void apply(struct venue *venue, const struct command *command) {
    struct event_sink sink = {.next = venue->window,
                              .end = venue->window + VENUE_WINDOW,
                              .flush = on_flush,
                              .owner = venue};
    venue->sequence = command->stamp.sequence;
    venue->place = 0;
    engine_ahead(venue->engine, command);
    engine_nearer(venue->engine, command, 1);
    engine_nearer(venue->engine, command, 2);
    engine_apply(venue->engine, command, &sink);
    on_flush(&sink);
    assert(venue->place <= COMMAND_EVENTS_MAX);
}

/* Stamps what every command gets, remembers it and applies it. */
static void take(struct venue *venue, struct command *command) {
    command->stamp.time_ns = venue->time_ns;
    command->stamp.version = venue->version;
    command->stamp.sequence = venue->history_count == 0 ? 0 : venue->sequence + 1;
    if (venue->history_count == venue->history_room)
        venue->history = grow(venue->history, &venue->history_room, sizeof *venue->history);
    venue->history[venue->history_count++] = *command;
    apply(venue, command);
}

static void finish_sweeps(struct venue *venue) {
    for (int turns = 0; !venue->holds_continues && engine_continue_due(venue->engine); turns++) {
        assert(turns < TURNS_MAX);
        struct command command = engine_continue(venue->engine);
        take(venue, &command);
    }
}

static void fire_timers(struct venue *venue) {
    int64_t now_ns = venue->time_ns;
    int64_t last_ns = venue->history[venue->history_count - 1].stamp.time_ns;
    for (int turns = 0; engine_timer_due(venue->engine) <= now_ns; turns++) {
        assert(turns < TURNS_MAX);
        int64_t due_ns = engine_timer_due(venue->engine);
        struct command command = {.verb = VERB_TICK, .tick = {.due_ns = due_ns}};
        venue->time_ns = due_ns > last_ns ? due_ns : last_ns;
        take(venue, &command);
    }
    venue->time_ns = now_ns;
}

static void genesis(struct venue *venue, uint8_t environment) {
    struct command command = {.verb = VERB_GENESIS};
    struct genesis *genesis = &command.genesis;
    genesis->environment = environment;
    genesis->profile = algorithms_profile();
    genesis->version = venue->version == VERSION_FIRST ? 0 : venue->version;
    genesis->origin_bytes = 12;
    memcpy(genesis->origin, "tpx.test/one", 12);
    genesis->checkpoint_key = algorithms_key(0xcc);
    genesis->operators[0].person = VENUE_KEY_OLGA;
    memset(genesis->operators[0].key, VENUE_KEY_OLGA, KEY_BYTES);
    genesis->operators[1].person = VENUE_KEY_OTTO;
    memset(genesis->operators[1].key, VENUE_KEY_OTTO, KEY_BYTES);
    genesis->limits = venue->limits;
    take(venue, &command);
}

static void lay_out(struct venue *venue, const struct engine_limits *limits) {
    memset(venue, 0, sizeof *venue);
    venue->limits = *limits;
    venue->size = engine_size(limits);
    assert(venue->size > 0);
    venue->memory = map(venue->size);
    venue->engine = engine_init(venue->memory, venue->size, limits);
    assert(venue->engine != NULL);
    venue->events_hash = FNV_BASIS;
    venue->version = VERSION_KNOWN;
}

static void begin(struct venue *venue, const struct engine_limits *limits, int64_t time_ns) {
    lay_out(venue, limits);
    venue->spare = map(venue->size);
    venue->time_ns = time_ns;
}

void venue_init(struct venue *venue, const struct engine_limits *limits, uint8_t environment,
                int64_t time_ns) {
    begin(venue, limits, time_ns);
    genesis(venue, environment);
}

void venue_init_first(struct venue *venue, const struct engine_limits *limits, uint8_t environment,
                      int64_t time_ns) {
    begin(venue, limits, time_ns);
    venue->version = VERSION_FIRST;
    genesis(venue, environment);
}

void venue_fini(struct venue *venue) {
    munmap(venue->memory, venue->size);
    if (venue->spare != NULL)
        munmap(venue->spare, venue->size);
    free(venue->heard);
    free(venue->history);
    memset(venue, 0, sizeof *venue);
}

void venue_forget(struct venue *venue) {
    venue->heard_count = 0;
}

void venue_own(struct venue *venue, const struct command *command) {
    struct command own = *command;
    if (own.verb != VERB_OUTAGE && own.verb != VERB_START) /* they come before any timer fires */
        fire_timers(venue);
    take(venue, &own);
    finish_sweeps(venue);
}

/* The session's next number; a session that there is not begins at 1. */
static uint64_t next_number(const struct venue *venue, uint32_t session, uint32_t *participant) {
    struct session_view view = {.last_number = 0};
    bool is_known = engine_session(venue->engine, session, &view);
    *participant = is_known ? view.participant : 0;
    return (is_known ? view.last_number : 0) + 1;
}

uint64_t venue_request(struct venue *venue, uint32_t session, uint32_t key,
                       const struct command *command) {
    struct command request = *command;
    fire_timers(venue);
    request.stamp.session = session;
    request.stamp.key = key;
    request.stamp.number = next_number(venue, session, &request.stamp.participant);
    take(venue, &request);
    finish_sweeps(venue);
    return request.stamp.number;
}

void venue_wait_until(struct venue *venue, int64_t time_ns) {
    assert(time_ns >= venue->time_ns);
    venue->time_ns = time_ns;
    fire_timers(venue);
    finish_sweeps(venue);
}

void venue_hold(struct venue *venue, bool holds) {
    venue->holds_continues = holds;
    if (!holds)
        fire_timers(venue);
    finish_sweeps(venue);
}

void venue_move(struct venue *venue) {
    struct extent extents[ENGINE_EXTENTS_MAX];
    size_t count = engine_extents(venue->engine, extents);
    assert(count > 0 && count <= ENGINE_EXTENTS_MAX);
    uint64_t digest = venue_digest(venue->engine);
    int emptied = madvise(venue->spare, venue->size, MADV_DONTNEED);
    assert(emptied == 0);
    (void)emptied;
    for (size_t i = 0; i < count; i++) {
        const struct extent *extent = &extents[i];
        assert(extent->offset <= venue->size && extent->size <= venue->size - extent->offset);
        memcpy((char *)venue->spare + extent->offset, (char *)venue->memory + extent->offset,
               extent->size);
    }
    void *old = venue->memory;
    ptrdiff_t start = (char *)venue->engine - (char *)old;
    venue->memory = venue->spare;
    venue->spare = old;
    venue->engine = (struct engine *)(void *)((char *)venue->memory + start);
    assert(venue_digest(venue->engine) == digest);
}

void venue_replay(struct venue *venue) {
    struct venue second;
    lay_out(&second, &venue->limits);
    for (size_t i = 0; i < venue->history_count; i++) {
        apply(&second, &venue->history[i]);
        venue_forget(&second);
    }
    assert(second.events_hash == venue->events_hash);
    assert(venue_digest(second.engine) == venue_digest(venue->engine));
    venue_fini(&second);
}
