/*
 * The inside of an audit: what its parts hand to each other. Faults and what settles a doubt
 * (audit_fault.c), checkpoints (audit_checkpoint.c), a volume's small rows (audit_rows.c), and the
 * pass itself (audit.c).
 */
#ifndef LEDGER_AUDIT_STATE_H
#define LEDGER_AUDIT_STATE_H

#include "ledger/audit.h"
#include "ledger/edge.h"
#include "ledger/env.h"
#include "ledger/tree.h"

/* What ends the pass when there is a fault; never leaves this file. */
#define FAULT_FOUND 1

enum doubt { DOUBT_NONE, DOUBT_TILE, DOUBT_CHECKPOINT };

struct audit {
    const struct audit_options *options;
    struct audit_report *report;
    struct hasher *hasher; /* of the first volume's profile; NULL before it is read */
    struct edge *edge;     /* of the records read so far */
    struct tree *tree;     /* for checkpoints that were stored late; NULL until one is met */
    char origin[CHECKPOINT_ORIGIN_MAX + 1];
    uint64_t epoch;
    struct merkle_head goal; /* the tree at the audit's start, or the end of a closed volume */
    bool is_last;            /* the volume read is the newest */

    enum doubt doubt;
    struct audit_report suspect; /* the fault if the doubt turns out against it */
    uint64_t suspect_sequence;   /* the record in doubt together with a tile */
    uint64_t settled;            /* size of the last tree whose root somebody committed to */

    struct env *env; /* the volume read */
    MDB_txn *txn;    /* of this slice */
    uint64_t volume_blocks;
    uint64_t volume_tiles;
    uint64_t volume_checkpoints;

    struct reader_note note;   /* the checkpoint that comes next; size 0: none */
    bool has_keys;             /* its signatures were checked */
    struct reader_record last; /* the one read last, in this slice; bytes NULL: none */
};

/* Faults: each is written into the report, and FAULT_FOUND returned. The text is of the volume's,
 * record's or checkpoint's predicate. */
int audit_fault_volume(struct audit *audit, const char *what);
int audit_fault_table(struct audit *audit, const char *what);
int audit_fault_records(struct audit *audit, uint64_t first, uint64_t last, const char *what);
int audit_fault_checkpoint(struct audit *audit, const char *what);

/* Writes that a tile differs at a place, without ending anything. */
void audit_tile_report(struct audit_report *report, uint32_t level, uint64_t index, uint32_t place);

/* A failure on the way: what the volume holds is a fault, anything else ends the audit without a
 * verdict. */
int audit_judge(struct audit *audit, int failure, const char *what);

/* A root that somebody committed to at the size that the edge has; `what` is said of the records if
 * it is another than theirs. Settles a doubt. */
int audit_commitment(struct audit *audit, const struct hash *root, const char *what);

/* Reads the checkpoint that comes after `size` in this volume; and checks those that the edge has
 * reached. */
int audit_next_checkpoint(struct audit *audit, uint64_t size);
int audit_check_checkpoints(struct audit *audit);

/* A volume's rows, within a slice: its beginning, its end, and at last its tables. */
int audit_check_start(struct audit *audit, bool is_first);
int audit_read_goal(struct audit *audit);
int audit_check_tables(struct audit *audit);

#endif
