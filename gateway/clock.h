/*
 * Time: the only file that reads the wall clock, and the judge of whether to believe it.
 *
 * Commands are stamped with wall time that never goes back. A wall clock that leaps against the
 * monotonic one (CLOCK_LEAP_RUNNING_NS while running, CLOCK_LEAP_START_NS between the ledger's last
 * stamp and a start, or back at a start) is not believed: time is held where it was and nothing is
 * sequenced until two operator keys confirm the time (DESIGN.md, point 2). Slow corrections by a
 * time service pass, for each reading is compared with the one before it.
 *
 *     struct clock clock;
 *     clock_start(&clock, clock_read(), last_stamp_ns);
 *     if (clock_advance(&clock, clock_read()))
 *         stamp(clock.now_ns);
 *
 * Threads: a struct clock belongs to one; reading the clocks is for any.
 */
#ifndef GATEWAY_CLOCK_H
#define GATEWAY_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_MICROSECOND_NS  INT64_C(1000)
#define CLOCK_MILLISECOND_NS  INT64_C(1000000)
#define CLOCK_SECOND_NS       INT64_C(1000000000)
#define CLOCK_LEAP_RUNNING_NS (500 * CLOCK_MILLISECOND_NS)
#define CLOCK_LEAP_START_NS   (INT64_C(7) * 86400 * CLOCK_SECOND_NS)
/* How far the time that two operators confirmed may lie from the wall clock when the second one
 * signs: they read it off a clock of their own, and signing takes them a while. */
#define CLOCK_CONFIRM_NS (600 * CLOCK_SECOND_NS)

/* One look at both clocks. */
struct clock_reading {
    int64_t wall_ns; /* since 1970 UTC */
    int64_t mono_ns; /* since some point before the start of the process */
};

struct clock {
    int64_t now_ns;    /* what a command is stamped with */
    int64_t offset_ns; /* wall - monotonic at the last reading that was believed */
    int64_t leap_ns;   /* while held: how far the wall clock leapt, negative for back */
    bool is_held;
};

/* Both clocks, at one moment. */
struct clock_reading clock_read(void);

/* The monotonic clock alone, for measuring. */
int64_t clock_mono_ns(void);

/* The wall clock as it is, for log lines; never for a stamp. */
int64_t clock_wall_ns(void);

/* Begins at a reading, after a ledger whose last stamp was `last_ns` (0: none). */
void clock_start(struct clock *clock, struct clock_reading reading, int64_t last_ns);

/* Moves now_ns on to the reading. False while time is held; is_held says so until it is
 * confirmed. */
bool clock_advance(struct clock *clock, struct clock_reading reading);

/* Two operators confirm that it is `confirmed_ns`. When the wall clock agrees within
 * CLOCK_CONFIRM_NS it is believed from this reading on, never going back behind now_ns; else
 * nothing changes and false is returned: set the wall clock right first. */
bool clock_confirm(struct clock *clock, struct clock_reading reading, int64_t confirmed_ns);

#endif
