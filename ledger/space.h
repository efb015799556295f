/*
 * Disk space, reserved ahead of a file that grows at its end.
 *
 * Two marks run ahead of what is used. Up to the first the file system has promised the room
 * (fallocate): a commit cannot fail there for lack of space, whoever else fills the disk. Up to the
 * second, nearer one, zeros are written: a commit then only writes over blocks that exist, which
 * took a batch of 4,000 records from 1.8-3.7 to 0.9 ms. A thread moves both marks.
 *
 * What is promised decides in three steps how much the exchange may still take on:
 *
 *     OK        everything
 *     LOW       less than low_bytes: nothing that adds obligations (new orders, bids, ...)
 *     CRITICAL  less than critical_bytes: only what ends things (cancels, kill, day close, ...)
 *     FULL      less than halt_bytes: only the record of the halt
 *
 * As long as the disk gives room the promise is kept above low_bytes. Everything in flight at a
 * step must fit between it and the next.
 *
 * Threads: space_state(), space_ahead() and space_failure() any; the others the writer's.
 */
#ifndef LEDGER_SPACE_H
#define LEDGER_SPACE_H

#include <stdint.h>

enum space_state { SPACE_OK, SPACE_LOW, SPACE_CRITICAL, SPACE_FULL };

/* In descending order; each above 0 but zero_bytes, which may be 0: no zeros are written then. */
struct space_limits {
    uint64_t low_bytes;
    uint64_t critical_bytes;
    uint64_t halt_bytes;
    uint64_t zero_bytes; /* zeros kept written ahead, at most low_bytes */
};

/* 1 GiB, 512 MiB, 64 MiB; 128 MiB of zeros: half a second at full rate. */
#define SPACE_LIMITS_DEFAULT                                                                       \
    {                                                                                              \
        .low_bytes = UINT64_C(1) << 30, .critical_bytes = UINT64_C(512) << 20,                     \
        .halt_bytes = UINT64_C(64) << 20, .zero_bytes = UINT64_C(64) << 20                         \
    }

struct space;

/* Starts for a file of which `used_bytes` are in use; reserves the first part before it returns, so
 * the state is true from the start (a full disk is no failure: it is a state). The descriptor stays
 * the caller's, is open for reading and writing, and outlives the space. Nobody else may extend the
 * file, and its offset is moved once. FAILURE_SYSTEM, FAILURE_MALFORMED for limits out of order. */
int space_start(struct space **space, int file, uint64_t used_bytes,
                const struct space_limits *limits);
void space_stop(struct space *space);

/* Leaves the file alone: after it the file may be cut or closed. space_move() goes on with another,
 * as space_start() does; between the two the state stays what it was. */
void space_rest(struct space *space);
void space_move(struct space *space, int file, uint64_t used_bytes);

/* Before the writer writes up to `end`: waits for zeros that are being written there, at most one
 * piece of 1 MiB, and keeps later ones behind it. */
void space_claim(struct space *space, uint64_t end);

/* After it: so much is in use. Wakes the thread when a mark has come near. */
void space_use(struct space *space, uint64_t used_bytes);

enum space_state space_state(const struct space *space);

/* Bytes promised and not used. */
uint64_t space_ahead(const struct space *space);

/* 0, or the failure of the disk that the thread has met; a full disk is none. */
int space_failure(const struct space *space);

#endif
