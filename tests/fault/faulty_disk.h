/*
 * The test's side of a faulty disk (disk_fault.h): plans faults, counts calls, cuts the power.
 *
 *     struct faulty_disk disk;
 *     char library[TRIAL_PATH_MAX];
 *     trial_program("preload_disk.so", library);       options.preload = library
 *     trial_create(&trial, &options);
 *     faulty_disk_open(&disk, trial.folder, "/ledger/", true);
 *     trial_start(&trial);
 *     ...
 *     trial_kill(&trial);
 *     faulty_disk_cut_power(&disk, &random);           what was never synced is gone
 *     trial_start(&trial);
 *     ...
 *     faulty_disk_close(&disk);
 *
 * Threads: belongs to one; one disk at a time in a process.
 */
#ifndef TESTS_FAULT_FAULTY_DISK_H
#define TESTS_FAULT_FAULTY_DISK_H

#include <stdbool.h>

#include "bench/random.h"
#include "tests/fault/disk_fault.h"

struct faulty_disk {
    struct disk_fault *fault;
    char path[DISK_FAULT_PATH_MAX];
    int undo_file; /* -1: what writes replace is not kept */
};

/* A sound disk for servers that start from now on. `path_part`: whose files are meant. */
void faulty_disk_open(struct faulty_disk *disk, const char *folder, const char *path_part,
                      bool keeps_undo);
void faulty_disk_close(struct faulty_disk *disk);

/* The nth call from now meets `effect` with `error`; every later one too, unless it is_once. */
struct faulty_disk_plan {
    enum disk_call call;
    enum disk_effect effect;
    int error;
    uint64_t nth;
    bool is_once;
};
void faulty_disk_plan(struct faulty_disk *disk, const struct faulty_disk_plan *plan);

/* Sound again, with as much room as there is and no delays. */
void faulty_disk_heal(struct faulty_disk *disk);

/* After the server was killed: what was never synced is put back to what stood there before, all of
 * it or a random part, as a power cut may leave it; of a disk that is late, all. Returns how many
 * writes are gone. */
uint64_t faulty_disk_cut_power(struct faulty_disk *disk, struct random *random);

#endif
