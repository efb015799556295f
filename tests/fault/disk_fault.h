/*
 * What a disk does wrong: the words between a test and the library in the server
 * (preload_disk.c), in a file that both map.
 *
 * The test sets the fields of a plan, the server's calls are counted, and the call whose number
 * comes up meets the fault. Only files of which the path holds `path_part` are touched. The file
 * outlives the server, so the test still reads it after a kill.
 *
 * Threads: every field is read and written whole; a test that plans sets `at` last.
 */
#ifndef TESTS_FAULT_DISK_FAULT_H
#define TESTS_FAULT_DISK_FAULT_H

#include <stdatomic.h>
#include <stdint.h>

/* The environment variable that names the file. Without it the library does nothing. */
#define DISK_FAULT_VARIABLE "TPX_TEST_DISK_FAULT"

#define DISK_FAULT_PATH_MAX 512
#define DISK_FAULT_PART_MAX 64

enum disk_call {
    DISK_CALL_WRITE, /* write, writev, pwrite */
    DISK_CALL_SYNC,  /* fsync, fdatasync */
    DISK_CALLS,
};

enum disk_effect {
    DISK_EFFECT_NONE,
    DISK_EFFECT_FAIL,  /* returns `error`, has done nothing */
    DISK_EFFECT_SHORT, /* a write takes only half of what it was given, this time */
    DISK_EFFECT_DIE,   /* the process is killed before the call is made */
};

/* The nth call, and where not once, every later one. */
struct disk_plan {
    _Atomic uint64_t calls; /* counted by the library */
    _Atomic uint64_t at;    /* 0: never */
    _Atomic uint32_t effect;
    _Atomic int32_t error;
    _Atomic uint32_t is_once;
};

struct disk_fault {
    char path_part[DISK_FAULT_PART_MAX]; /* "" for every file */
    char undo_path[DISK_FAULT_PATH_MAX]; /* "" or where what writes replace is kept */
    struct disk_plan plans[DISK_CALLS];
    _Atomic uint64_t room_bytes;    /* 0, or no file grows past this: the disk is full */
    _Atomic uint32_t sync_delay_us; /* every sync takes so much longer, as long as this stands */
    _Atomic uint32_t is_late;       /* a sync makes durable only what the sync before it should */

    /* Positions in the file of undo entries. */
    _Atomic uint64_t undo_end;
    _Atomic uint64_t undo_returned; /* every write before it has returned */
    _Atomic uint64_t undo_synced;   /* everything before it was asked to be durable */
    _Atomic uint64_t undo_begin;    /* everything before it is durable */
};

/* One write: what stood there before. `size` bytes follow. */
struct disk_undo {
    uint64_t offset;
    uint32_t size;
    uint32_t is_durable; /* through a descriptor with O_DSYNC: once it returns it is on the disk */
    uint32_t path_bytes; /* of the file's path, after the head, before the bytes */
    uint32_t unused;
};

#endif
