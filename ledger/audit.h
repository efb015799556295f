/*
 * The audit: reads a whole ledger, computes every hash anew, and says what is wrong first, and
 * where.
 *
 * It checks, volume by volume, that
 *   - each begins with the edge at which the one before ended, and names its number;
 *   - blocks and frames are of their form, in order, without a gap, and found by their key;
 *   - each full tile is stored, and holds what the records and the tiles below give;
 *   - each checkpoint is of its form, names the size that it is stored under, the origin, the root
 * of that size, and is signed by a known key;
 *   - the tree ends where the last commit and the closing of a volume say, with that root;
 *   - there is no row more, and each page of the file is in use or free, not both.
 * What records mean is not its business.
 *
 * A level-0 tile that differs from its records leaves open which of the two was changed: the next
 * root that somebody has signed or committed to decides. A record past the last full tile has no
 * hash stored: then the fault names the records since the last root that was right.
 *
 * A broken B-tree can crash the library that reads it: ledger/verify.h runs in a child.
 *
 * Threads: any, with what it opens its own. A ledger that is written meanwhile is audited up to the
 * size that it had at the start.
 */
#ifndef LEDGER_AUDIT_H
#define LEDGER_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/checkpoint.h"
#include "ledger/merkle.h"
#include "ledger/note.h"
#include "ledger/reader.h"

enum audit_kind {
    AUDIT_SOUND,      /* no fault */
    AUDIT_VOLUME,     /* a volume cannot be read, or its head, edge or end is wrong */
    AUDIT_RECORDS,    /* records `sequence` to `sequence_last` are not those that were written */
    AUDIT_TILE,       /* tile (level, index) is missing or not that of its records */
    AUDIT_CHECKPOINT, /* the checkpoint of size `sequence` */
    AUDIT_TABLE,      /* LMDB's own structure: rows too many, or pages that do not add up */
    AUDIT_CRASH,      /* never of an audit, which has no verdict then: verify says so of a child */
};

struct audit_report {
    enum audit_kind kind;
    uint32_t volume;        /* in which the fault lies */
    uint32_t level;         /* TILE */
    uint64_t index;         /* TILE */
    uint64_t sequence;      /* RECORDS: first in doubt; TILE: first below the hash that differs;
                               CHECKPOINT: the size it is stored under; else: how far all was read */
    uint64_t sequence_last; /* RECORDS */
    int signal;             /* CRASH */
    char text[160];         /* for people; "" when sound */

    uint8_t profile;  /* enum profile, as the first volume names it; 0: none was read */
    uint32_t volumes; /* read so far, like all below */
    uint64_t records;
    uint64_t bytes; /* of records */
    uint64_t tiles;
    uint64_t checkpoints;
    struct merkle_head head; /* the tree up to where all was right */
};

/* Somebody who knows more about checkpoints than their trees: whose keys were in force when, and
 * what a sealed tree must end with. Called on the audit's thread. */
struct audit_witness {
    /* The keys in force at a tree of `size` records, valid until the next call. */
    const struct note_keyring *(*keys)(void *owner, uint64_t size);

    /* A checkpoint that is right so far: `signed_by` of that ring have signed it (as
     * note.verified), `last` is the last record of its tree. NULL, or what is wrong with it. */
    const char *(*accept)(void *owner, uint64_t size, uint64_t signed_by,
                          const struct reader_record *last);
    void *owner;

    /* It does not know all keys: a checkpoint that none of its own has signed is taken as one
     * without a signature. */
    bool is_partial;
};

struct audit_options {
    const char *dir;
    bool is_copy;                        /* as reader_open() */
    const struct note_keyring *keys;     /* NULL: signatures are not checked, but for a witness */
    const struct audit_witness *witness; /* NULL: none; else `keys` is not looked at */
    const char *origin;                  /* NULL: any, the same in all */
    /* Called at each volume and some times a second, where not NULL: records done, of those up to
     * the end of this volume. */
    void (*progress)(void *owner, uint64_t done, uint64_t total);
    void *owner;
};

/* Audits. Returns 0 when there is a verdict, whatever it is; NOT_FOUND (no ledger), SYSTEM when
 * there is none. */
int audit_run(const struct audit_options *options, struct audit_report *report);

/* "sound", "volume", "records", "tile", "checkpoint", "table", "crash" */
const char *audit_kind_name(enum audit_kind kind);

#endif
