/*
 * Agreement: the seam between what the core proposes and what is decided.
 *
 * The core submits what it has sequenced, in order; the other side says, in order and once each,
 * what is decided. On one machine that is the ledger's commit (pipeline.h): what is durable is
 * decided. Replicas put a log between machines here, and nothing else of the exchange changes
 * (DESIGN.md, point 15).
 *
 * What is submitted are whole entries (entry.h): the record of the proposal with the events that
 * follow from it, so that a one-machine form has nothing left to do but to store it; a replicated
 * one need only send the proposals, that is the parts of records without events.
 *
 * Threads: the core's; its callbacks come from agree_poll(), on that thread.
 */
#ifndef GATEWAY_AGREE_H
#define GATEWAY_AGREE_H

#include <stddef.h>
#include <stdint.h>

enum agree_role {
    AGREE_FOLLOWER, /* applies what is decided, submits nothing */
    AGREE_LEADER,
};

/* What the core is told. */
struct agree_listener {
    /* Every entry whose record lies below `next` is decided; called in order, each once. */
    void (*committed)(void *owner, uint64_t next);

    /* From record `from` on the outcome is not known: the engine is to be dropped and rebuilt from
     * the ledger, and nothing past it may be answered; what was submitted may still be decided
     * later. On one machine a write has failed, and the exchange stops. */
    void (*unknown)(void *owner, uint64_t from);

    /* This node's part from now on. An epoch is higher than every one before it. */
    void (*role)(void *owner, enum agree_role role, uint64_t epoch);

    void *owner;
};

struct agree {
    /* Room for an entry of at most `size` bytes; NULL when too much is in flight. */
    uint8_t *(*room)(struct agree *agree, size_t size);

    /* Submits what was written there: the entry of record `sequence`, `size` bytes. Nothing needs
     * to leave this thread before flush(). */
    void (*submit)(struct agree *agree, uint64_t epoch, uint64_t sequence, size_t size);

    /* What was submitted so far ends with a command's last record. */
    void (*whole)(struct agree *agree);

    /* Everything submitted before the last whole() goes on its way, so that no command is ever
     * decided in part. May be called in the middle of one. */
    void (*flush)(struct agree *agree);

    /* Makes the callbacks that are due. */
    void (*poll)(struct agree *agree);
};

#endif
