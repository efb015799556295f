/*
 * Measuring a register of many pledges (bench/register_bulk.h) through the library: looking up,
 * starting, and taking in what changes.
 *
 * What the world does wrong ends the process with a line, as in trial.h.
 *
 * Threads: one.
 */
#ifndef BENCH_REGISTER_READ_H
#define BENCH_REGISTER_READ_H

#include <stdint.h>

/* A register in a folder of its own, beside a ledger of one record. */
struct register_scene {
    char dir[256];
    char ledger[300];
    char registered[300];
    uint32_t pledges;
    uint64_t bytes; /* of its file */
    double write_s;
};

void register_scene_create(struct register_scene *scene, const char *parent, uint32_t pledges);
void register_scene_remove(const struct register_scene *scene);

/* Status by right, drawn uniformly, for so many seconds: entries in force now, the key made from
 * the right's number. Returns look-ups a second. */
double register_measure_status(const struct register_scene *scene, double seconds);

/* From opening to the map's root, in ms; and to when all buckets have been fetched, in s. */
struct register_start {
    double root_ms;
    double all_s;
};
struct register_start register_measure_start(const struct register_scene *scene);

/* New versions of pledges drawn uniformly, taken in record by record, committed and with a root ten
 * times a second of that work's own time. Updates a second, first of buckets not fetched before,
 * then of all. */
struct register_updates {
    double cold_per_s;
    double warm_per_s;
    double root_ms; /* at most */
};
struct register_updates register_measure_updates(const struct register_scene *scene,
                                                 double seconds);

#endif
