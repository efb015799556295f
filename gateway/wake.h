/*
 * Waking a sleeping thread, without a call of the system when it does not sleep.
 *
 * A thread that found nothing to do announces that it will sleep, looks at its queues once more,
 * and only then sleeps. Whoever hands it work publishes the work first and signals afterwards;
 * the signal writes the eventfd only when sleep was announced.
 *
 *     sleeper: wake_announce(); if (queues are empty) wake_wait() or poll on .fd; wake_retract();
 *     waker:   publish work; wake_signal();
 *
 * Why none is missed: the sleeper writes `is_asleep`, then reads the queues; the waker writes the
 * queue, then reads `is_asleep`; between each write and read stands a sequentially consistent
 * fence. In the one total order of these fences one comes first, so at least one of the two reads
 * sees the other side's write: the sleeper finds the work, or the waker finds it asleep.
 *
 * Threads: one sleeps, any signal.
 */
#ifndef GATEWAY_WAKE_H
#define GATEWAY_WAKE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct wake {
    int fd;                     /* an eventfd, also for polling together with others */
    _Atomic uint32_t is_asleep; /* set by the sleeper, taken back by it or by whoever wakes it */
};

/* Returns 0, or a negative failure (ledger/failure.h). */
int wake_init(struct wake *wake);
void wake_fini(struct wake *wake);

/* The sleeper's side. */
void wake_announce(struct wake *wake);
void wake_retract(struct wake *wake);

/* Sleeps, after wake_announce(), until a signal or for `timeout_ms` (-1: without end), and takes
 * the announcement back. Returning says nothing: look at the queues. */
void wake_wait(struct wake *wake, int timeout_ms);

/* The waker's side: after the work was published. */
void wake_signal(struct wake *wake);

#endif
