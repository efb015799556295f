/*
 * The machine that a figure was measured on, and how busy others kept it meanwhile: a figure
 * without these means little.
 */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

struct machine {
    char cpu[96];
    long cores;
    const char *compiler;
    const char *flags;
    double load;          /* runnable tasks, mean over the last minute, when it began */
    double steal_share;   /* of all CPU time from begin to end, taken by the machine's neighbours */
    uint64_t steal_ticks; /* at the beginning, as /proc/stat counts */
    uint64_t all_ticks;
};

/* Reads what stands, and begins to count steal. What cannot be read is "unknown" or 0. */
void machine_begin(struct machine *machine);

/* Ends counting steal. */
void machine_end(struct machine *machine);

/* One line for people; and an object, new, for programs. */
void machine_print(const struct machine *machine, FILE *out);
json_t *machine_json(const struct machine *machine);

#endif
