/*
 * Work that may crash, done in a child: reading a file whose B-tree may be broken, say.
 *
 * The child runs a function that sends messages; the parent takes them as they come and learns how
 * the child ended. A child that dies by a signal is an answer, not an accident. It dies with its
 * parent and leaves no core.
 *
 * Threads: the parent should have one thread: a child that is forked beside others finds locks of
 * libraries held by threads that do not exist in it. Environments that the parent has open are
 * opened anew by the child (ledger/env.h).
 */
#ifndef LEDGER_GUARD_H
#define LEDGER_GUARD_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of one message. */
#define GUARD_MESSAGE_MAX 4000u

struct guard_pipe;

struct guard_work {
    /* Runs in the child; returns 0 to 100, which the parent gets. */
    int (*run)(void *owner, struct guard_pipe *pipe);
    /* Called in the parent for each message, in order. */
    void (*take)(void *owner, const void *message, size_t size);
    void *owner;
};

struct guard_end {
    int signal; /* that ended the child, or 0 */
    int result; /* what run() returned; -1 when a signal came first */
};

/* Runs the work to its end. Returns 0, or FAILURE_SYSTEM when there could be no child. */
int guard_run(const struct guard_work *work, struct guard_end *end);

/* Splits the process: the child goes on, and this returns true in it; in the parent it returns
 * false when the child has ended, with *end. Without a child the process goes on as it is: true. */
bool guard_split(struct guard_end *end);

/* In the child: sends a message of 1 to GUARD_MESSAGE_MAX bytes. A parent that is gone ends the
 * child. */
void guard_send(struct guard_pipe *pipe, const void *message, size_t size);

#endif
