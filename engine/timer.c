/*
 * The heap of timers. Place 1 is the earliest; the children of n are 2n and 2n + 1.
 */
#include "engine/timer.h"

#define NS_PER_MS INT64_C(1000000)

int64_t timer_after(int64_t from_ns, uint32_t ms) {
    return from_ns + (int64_t)ms * NS_PER_MS + 1;
}

/* Where it is written which place a timer has. */
static uint32_t *place_of(const struct engine *engine, uint8_t kind, uint32_t subject) {
    switch ((enum timer_kind)kind) {
    case TIMER_SESSION:
        return subject != 0 ? &session_at(engine, subject)->timer
                            : &((struct engine *)(uintptr_t)engine)->grace_timer;
    case TIMER_RIGHT:
        return &right_at(engine, subject)->timer;
    case TIMER_MANDATE:
        return &mandate_at(engine, subject)->timer;
    case TIMER_FREEZE:
        return &freeze_at(engine, subject)->timer;
    case TIMER_RESTRAINT:
        return &restraint_at(engine, subject)->timer;
    case TIMER_PLEDGE_HOLD:
        return &pledge_at(engine, subject)->hold_timer;
    case TIMER_PLEDGE_REVIEW:
        return &pledge_at(engine, subject)->review_timer;
    case TIMER_LISTING:
        return &listing_at(engine, subject)->timer;
    case TIMERS_END:
        break;
    }
    assert(false);
    return NULL;
}

static bool is_earlier(const struct timer *a, const struct timer *b) {
    return a->due_ns < b->due_ns || (a->due_ns == b->due_ns && a->created < b->created);
}

static void put(struct engine *engine, uint32_t place, struct timer timer) {
    *timer_at(engine, place) = timer;
    *place_of(engine, timer.kind, timer.subject) = place;
}

/* Puts a timer at a free place or above it, moving later ones down. */
static void rise(struct engine *engine, uint32_t place, struct timer timer) {
    while (place > 1 && is_earlier(&timer, timer_at(engine, place / 2))) {
        put(engine, place, *timer_at(engine, place / 2));
        place /= 2;
    }
    put(engine, place, timer);
}

/* Puts a timer at a free place or below it, moving earlier ones up. */
static void sink(struct engine *engine, uint32_t place, struct timer timer) {
    uint32_t count = engine->pools[POOL_TIMERS].count;
    while (2 * place <= count) {
        uint32_t child = 2 * place;
        if (child < count && is_earlier(timer_at(engine, child + 1), timer_at(engine, child)))
            child++;
        if (!is_earlier(timer_at(engine, child), &timer))
            break;
        put(engine, place, *timer_at(engine, child));
        place = child;
    }
    put(engine, place, timer);
}

static void note_due(struct engine *engine) {
    bool is_empty = engine->pools[POOL_TIMERS].count == 0;
    engine->timer_due_ns = is_empty ? INT64_MAX : timer_at(engine, 1)->due_ns;
}

/* Room for a timer of the register is taken when it is armed, and given back when it is not. */
static void promise(struct engine *engine, uint8_t kind, uint32_t change) {
    if (kind == TIMER_SESSION)
        return;
    engine->timers_promised += change;
    engine->timers_own += change;
}

void timer_arm(struct engine *engine, enum timer_kind kind, uint32_t subject, int64_t due_ns) {
    assert(*place_of(engine, (uint8_t)kind, subject) == 0);
    struct timer timer = {.due_ns = due_ns,
                          .created = ++engine->timers_created,
                          .subject = subject,
                          .kind = (uint8_t)kind};
    promise(engine, timer.kind, 1);
    rise(engine, pool_add(engine, POOL_TIMERS), timer);
    note_due(engine);
}

static void take_out(struct engine *engine, uint32_t place) {
    const struct timer *gone = timer_at(engine, place);
    *place_of(engine, gone->kind, gone->subject) = 0;
    promise(engine, gone->kind, UINT32_MAX);
    struct timer last = *timer_at(engine, engine->pools[POOL_TIMERS].count);
    bool is_last = place == engine->pools[POOL_TIMERS].count--;
    if (!is_last) {
        if (place > 1 && is_earlier(&last, timer_at(engine, place / 2)))
            rise(engine, place, last);
        else
            sink(engine, place, last);
    }
    note_due(engine);
}

void timer_disarm(struct engine *engine, enum timer_kind kind, uint32_t subject) {
    uint32_t place = *place_of(engine, (uint8_t)kind, subject);
    if (place != 0)
        take_out(engine, place);
}

struct timer timer_fire(struct engine *engine) {
    assert(engine->pools[POOL_TIMERS].count > 0);
    struct timer earliest = *timer_at(engine, 1);
    take_out(engine, 1);
    return earliest;
}

void timer_check(const struct engine *engine) {
    uint32_t count = engine->pools[POOL_TIMERS].count;
    assert(count <= engine->timers_promised);
    assert(engine->timers_promised <= engine->pools[POOL_TIMERS].limit);
    uint32_t own = 0;
    for (uint32_t place = 1; place <= count; place++) {
        const struct timer *timer = timer_at(engine, place);
        assert(place == 1 || is_earlier(timer_at(engine, place / 2), timer));
        own += timer->kind != TIMER_SESSION;
        assert(*place_of(engine, timer->kind, timer->subject) == place);
    }
    assert(own == engine->timers_own);
    assert(engine->timer_due_ns == (count == 0 ? INT64_MAX : timer_at(engine, 1)->due_ns));
}
