/*
 * The commands that the demo prints to try: every command of `tpx`, as it works on the demo's
 * exchange, one after the other. A test runs them as they are printed, and compares them with what
 * `tpx help` lists.
 *
 * Threads: one.
 */
#ifndef BENCH_DEMO_COMMANDS_H
#define BENCH_DEMO_COMMANDS_H

#include "bench/demo_player.h"

/* What they are printed with. */
struct demo_setting {
    const char *tpx;    /* how a command begins */
    const char *folder; /* the demo's */
    const struct demo_market *market;
    trading_date day;
    uint64_t next; /* records so far, about */
};

/* Writes the files that the commands name into the folder, and prints them. */
void demo_commands_print(const struct demo_setting *setting);

#endif
