/* Checkpoints in an audit: form, signature, root, origin, and what a witness says. */
#include "ledger/audit_state.h"

#include <string.h>

#include "ledger/failure.h"
#include "ledger/journal.h"
#include "ledger/volume.h"

/* Reads the checkpoint that comes after `size` in this volume. */
int audit_next_checkpoint(struct audit *audit, uint64_t size) {
    uint8_t bytes[VOLUME_KEY_SIZE];
    MDB_val key = {sizeof bytes, bytes};
    MDB_val value;
    MDB_cursor *cursor = NULL;
    audit->note.size = 0;
    volume_key(size + 1, bytes);
    int code = mdb_cursor_open(audit->txn, audit->env->tables[VOLUME_CHECKPOINTS], &cursor);
    if (code == 0)
        code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    mdb_cursor_close(cursor);
    if (code == MDB_NOTFOUND)
        return 0;
    if (code != 0)
        return audit_judge(audit, env_failure(code, "checkpoints"),
                           "its checkpoints cannot be read");
    if (key.mv_size != VOLUME_KEY_SIZE || value.mv_size > JOURNAL_CHECKPOINT_MAX ||
        volume_key_number(key.mv_data) <= size)
        return audit_fault_table(audit, "a row of the checkpoints is not of its form");
    audit->note.size = volume_key_number(key.mv_data);
    audit->note.bytes_size = value.mv_size;
    memcpy(audit->note.bytes, value.mv_data, value.mv_size);
    return 0;
}

/* Opens the note; what it says may still be wrong. *signed_by tells which keys have signed. */
static int open_checkpoint(struct audit *audit, struct checkpoint *checkpoint,
                           uint64_t *signed_by) {
    const struct audit_witness *witness = audit->options->witness;
    const struct note_keyring *keys =
        witness != NULL ? witness->keys(witness->owner, audit->note.size) : audit->options->keys;
    struct note note = {0};
    int failure = FAILURE_SIGNATURE;
    if (keys != NULL)
        failure =
            checkpoint_open(audit->note.bytes, audit->note.bytes_size, keys, checkpoint, &note);
    audit->has_keys = failure == 0;
    if (keys == NULL || (failure == FAILURE_SIGNATURE && witness != NULL && witness->is_partial)) {
        failure = note_parse(audit->note.bytes, audit->note.bytes_size, &note);
        if (failure == 0)
            failure = checkpoint_parse(note.text, note.text_size, checkpoint);
    }
    *signed_by = note.verified;
    /* What is in doubt may be the record that names the key. */
    if (failure == FAILURE_SIGNATURE && audit->doubt == DOUBT_TILE)
        return audit_fault_records(audit, audit->suspect_sequence, audit->suspect_sequence,
                                   "or its tile was changed");
    if (failure == FAILURE_SIGNATURE)
        return audit_fault_checkpoint(audit, "not signed by a known key, or changed since");
    if (failure != 0)
        return audit_fault_checkpoint(audit, "not of its form");
    if (checkpoint->head.size != audit->note.size)
        return audit_fault_checkpoint(audit, "names another size");
    return 0;
}

static int check_origin(struct audit *audit, const struct checkpoint *checkpoint) {
    if (audit->origin[0] == '\0')
        memcpy(audit->origin, checkpoint->origin, sizeof audit->origin);
    return strcmp(audit->origin, checkpoint->origin) == 0
               ? 0
               : audit_fault_checkpoint(audit, "names another origin");
}

/* The stored tree and its records, for what lies before this slice. */
static int open_tree(struct audit *audit) {
    return audit->tree != NULL
               ? 0
               : tree_open(&audit->tree, audit->options->dir, audit->options->is_copy);
}

/* A checkpoint stored after its volume was closed: its root is computed from the stored tree, which
 * has been compared up to here. */
static int check_late(struct audit *audit, const struct checkpoint *checkpoint) {
    struct hash root;
    int failure = open_tree(audit);
    if (failure == 0)
        failure = tree_root(audit->tree, checkpoint->head.size, &root);
    if (failure != 0)
        return audit_judge(audit, failure, "the tree before it cannot be read");
    return hash_equal(&root, &checkpoint->head.root)
               ? 0
               : audit_fault_checkpoint(audit, "names another root");
}

/* Without a key nobody vouches for a checkpoint: it may be what was changed. */
static void doubt_checkpoint(struct audit *audit) {
    struct audit_report report = *audit->report;
    audit_fault_checkpoint(audit, "names another root");
    audit->suspect = *audit->report;
    *audit->report = report;
    audit->doubt = DOUBT_CHECKPOINT;
}

static int check_root(struct audit *audit, const struct checkpoint *checkpoint) {
    struct hash computed;
    if (checkpoint->head.size < audit->edge->size)
        return check_late(audit, checkpoint);
    edge_root(audit->edge, audit->hasher, &computed);
    if (audit->has_keys || hash_equal(&computed, &checkpoint->head.root))
        return audit_commitment(audit, &checkpoint->head.root, "was changed");
    if (audit->doubt == DOUBT_NONE)
        doubt_checkpoint(audit);
    return 0;
}

/* Asks the witness about a checkpoint whose root is right. */
static int ask_witness(struct audit *audit, uint64_t signed_by) {
    const struct audit_witness *witness = audit->options->witness;
    struct reader_record last = audit->last;
    uint64_t size = audit->note.size;
    int failure = 0;
    if (witness == NULL)
        return 0;
    if (last.bytes == NULL || last.sequence != size - 1) {
        failure = open_tree(audit);
        if (failure == 0)
            failure = reader_get(tree_reader(audit->tree), size - 1, &last);
    }
    if (failure != 0)
        return audit_judge(audit, failure, "the last record of a checkpoint cannot be read");
    const char *what = witness->accept(witness->owner, size, signed_by, &last);
    return what == NULL ? 0 : audit_fault_checkpoint(audit, what);
}

/* Checks the next checkpoint, whose size the edge has reached or passed, and reads the one after.
 */
static int check_checkpoint(struct audit *audit) {
    struct checkpoint checkpoint;
    uint64_t signed_by = 0;
    int failure = open_checkpoint(audit, &checkpoint, &signed_by);
    if (failure != 0)
        return failure;
    audit->report->checkpoints++;
    audit->volume_checkpoints++;
    failure = check_root(audit, &checkpoint);
    if (failure == 0)
        failure = check_origin(audit, &checkpoint);
    if (failure == 0)
        failure = ask_witness(audit, signed_by);
    return failure == 0 ? audit_next_checkpoint(audit, audit->note.size) : failure;
}

int audit_check_checkpoints(struct audit *audit) {
    int failure = 0;
    while (failure == 0 && audit->note.size != 0 && audit->note.size <= audit->edge->size)
        failure = check_checkpoint(audit);
    return failure;
}
