/*
 * A copy of a ledger in another folder, brought up to date while the exchange runs.
 *
 * Closed volumes are files that never change again: each that the copy lacks, or has otherwise, is
 * copied whole (ledger/volume_copy.h). The open one is read record by record as any follower reads
 * it, hashed again and appended to the copy's own: what the copy has is never copied twice, no read
 * transaction lasts longer than a reader's (ledger/reader.h), and a record that is not what was
 * hashed when it was written never gets in. A batch is one commit, between two commands.
 *
 * So a copy is a ledger at any moment, also after a kill: one that ends earlier. The next call goes
 * on from there.
 *
 * The copy must be the beginning of the ledger: its root is compared with the one that the ledger
 * had at that size. A ledger that was cut short or written anew does not overwrite a good copy.
 *
 * Epochs: the copy's is never below the ledger's, so an exchange can go on from it.
 *
 * Threads: any, one call at a time; nobody in the process has the copy open.
 */
#ifndef LEDGER_COPY_H
#define LEDGER_COPY_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/merkle.h"

struct copy_options {
    const char *from;
    const char *to; /* made where there is none */
    bool is_copy;   /* of `from`, as reader_open() */
    /* Called now and then, where not NULL: what is being done, how far. */
    void (*progress)(void *owner, const char *what, uint64_t done, uint64_t total);
    void *owner;
};

struct copy_report {
    uint32_t volumes;        /* of the copy */
    uint32_t copied;         /* closed ones copied now */
    uint64_t bytes;          /* in them */
    uint64_t appended;       /* records appended to the open one now */
    struct merkle_head head; /* of the copy: the ledger as of the call */
    uint64_t checkpoint;     /* size of the newest signed tree in it, 0: none */
};

/* Brings the copy up to date, and checks that its tree is the ledger's and has, at the newest
 * checkpoint, the root that was signed. Failures, with a line: NOT_FOUND (no ledger), BUSY (another
 * process writes the copy), EXISTS (the copy is no beginning of this ledger), MALFORMED (both are
 * one folder, or it is no folder), DAMAGED, VERSION, SYSTEM. */
int copy_run(const struct copy_options *options, struct copy_report *report);

#endif
