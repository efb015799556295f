/*
 * A bit turned over in the engine of another process, through /proc/<pid>/mem: what a resting order
 * has traded so far, which its next trade reports.
 *
 * Threads: any.
 */
#ifndef TESTS_FAULT_FLIP_H
#define TESTS_FAULT_FLIP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct flip {
    pid_t pid;      /* a child of ours */
    uint64_t begin; /* of the engine's region there */
    uint64_t bytes;
    uint64_t order_id;
};

/* False when the memory cannot be written, or the order does not rest there. */
bool flip_traded(const struct flip *flip);

#endif
