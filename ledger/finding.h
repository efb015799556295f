/*
 * What is wrong with a ledger: found by replay and verify, named by sequence.
 *
 * A finding is an answer, not a failure of this machine: it is returned, not logged.
 */
#ifndef LEDGER_FINDING_H
#define LEDGER_FINDING_H

#include <stdbool.h>
#include <stdint.h>

enum finding_kind {
    FINDING_NONE = 0,

    /* Of replay (ledger/replay.h). */
    FINDING_RECORD,    /* the bytes are no record */
    FINDING_ORDER,     /* sequence, part or time does not follow what stands before */
    FINDING_REQUEST,   /* the request is none that could have been sequenced */
    FINDING_CONTRACT,  /* a command that the engine must never be given: it is not applied */
    FINDING_EVENTS,    /* the command was applied, and other records came of it */
    FINDING_SEAL,      /* a Seal with another root than the register's map has */
    FINDING_DIGEST,    /* a Digest of another state than the one at its Mark */
    FINDING_SIGNATURE, /* a deed with a signature that is not its key's */

    /* Of verify (ledger/verify.h). */
    FINDING_TREE,       /* leaf, tile or root */
    FINDING_CHECKPOINT, /* a checkpoint that no key in force has signed, or of another tree */
    FINDING_STORE,      /* the file that holds the records is broken */
    FINDING_CRASH,      /* re-execution ended in an assertion or a signal */
    FINDING_END,        /* the ledger ends in the middle of a command */
};

#define FINDING_TEXT_MAX 160

struct finding {
    enum finding_kind kind;
    uint64_t sequence; /* of the record; where records cannot be read, of the last that could */
    uint32_t offset;   /* EVENTS: first byte of the record that differs */
    char text[FINDING_TEXT_MAX];
};

/* The kind's name in lower case. */
const char *finding_name(enum finding_kind kind);

/* Fills a finding; always false, so that a check can return it. */
bool finding_set(struct finding *finding, enum finding_kind kind, uint64_t sequence,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
