/* The judgement is pure, over readings, so that tests can hand in leaps. */
#include "gateway/clock.h"

#include <assert.h>
#include <time.h>

/* A reading whose two looks lie further apart than this (the thread was put aside in between) is
 * taken again, this many times at most: it would look like a leap. */
#define READING_WIDTH_NS (20 * CLOCK_MILLISECOND_NS)
#define READING_TRIES    100

static int64_t read_one(clockid_t id) {
    struct timespec time;
    int failed = clock_gettime(id, &time);
    assert(failed == 0);
    return time.tv_sec * CLOCK_SECOND_NS + time.tv_nsec;
}

int64_t clock_mono_ns(void) {
    return read_one(CLOCK_MONOTONIC);
}

int64_t clock_wall_ns(void) {
    return read_one(CLOCK_REALTIME);
}

struct clock_reading clock_read(void) {
    struct clock_reading reading;
    int64_t before_ns = read_one(CLOCK_MONOTONIC);
    for (int i = 0; i < READING_TRIES; i++) {
        reading.wall_ns = read_one(CLOCK_REALTIME);
        reading.mono_ns = read_one(CLOCK_MONOTONIC);
        if (reading.mono_ns - before_ns < READING_WIDTH_NS)
            break;
        before_ns = reading.mono_ns;
    }
    return reading;
}

static void hold(struct clock *clock, int64_t leap_ns) {
    clock->is_held = true;
    clock->leap_ns = leap_ns;
}

void clock_start(struct clock *clock, struct clock_reading reading, int64_t last_ns) {
    assert(last_ns >= 0);
    *clock = (struct clock){.now_ns = last_ns, .offset_ns = reading.wall_ns - reading.mono_ns};
    int64_t leap_ns = reading.wall_ns - last_ns;
    if (last_ns != 0 && (leap_ns > CLOCK_LEAP_START_NS || leap_ns < -CLOCK_LEAP_RUNNING_NS))
        hold(clock, leap_ns);
    else if (reading.wall_ns > clock->now_ns)
        clock->now_ns = reading.wall_ns;
}

bool clock_advance(struct clock *clock, struct clock_reading reading) {
    if (clock->is_held)
        return false;
    int64_t offset_ns = reading.wall_ns - reading.mono_ns;
    int64_t leap_ns = offset_ns - clock->offset_ns;
    if (leap_ns > CLOCK_LEAP_RUNNING_NS || leap_ns < -CLOCK_LEAP_RUNNING_NS) {
        hold(clock, leap_ns);
        return false;
    }
    clock->offset_ns = offset_ns;
    if (reading.wall_ns > clock->now_ns)
        clock->now_ns = reading.wall_ns;
    return true;
}

bool clock_confirm(struct clock *clock, struct clock_reading reading, int64_t confirmed_ns) {
    int64_t apart_ns;
    if (__builtin_sub_overflow(reading.wall_ns, confirmed_ns, &apart_ns) ||
        apart_ns > CLOCK_CONFIRM_NS || apart_ns < -CLOCK_CONFIRM_NS)
        return false;
    clock->offset_ns = reading.wall_ns - reading.mono_ns;
    clock->is_held = false;
    clock->leap_ns = 0;
    if (reading.wall_ns > clock->now_ns)
        clock->now_ns = reading.wall_ns;
    return true;
}
