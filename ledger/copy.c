/*
 * First a look at both folders, then closed volumes, then the records of the open one, then a look
 * at what came of it. Environments are open only while a part needs them: a volume's file is not
 * copied, nor written by the journal, while this process reads it.
 */
#include "ledger/copy.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/failure.h"
#include "ledger/folder_lock.h"
#include "ledger/journal.h"
#include "ledger/record.h"
#include "ledger/tree.h"
#include "ledger/volume.h"
#include "ledger/volume_copy.h"

#define FOLDER_MODE 0750

/* A commit of the copy, but for a command that is larger. */
#define BATCH_BYTES (8u << 20)

/* The reserve that is kept ahead in the copy: its last step holds a batch. */
#define COPY_SPACE                                                                                 \
    { .low_bytes = 24u << 20, .critical_bytes = 16u << 20, .halt_bytes = 10u << 20 }

/* The small rows of a volume. */
struct rows {
    struct volume_head head;
    struct merkle_head tail;
    struct merkle_head closed;
    bool is_closed;
    uint64_t epoch;
    uint64_t map_bytes;
};

struct copying {
    const struct copy_options *options;
    struct copy_report *report;
    uint32_t lowest; /* of the ledger's volumes */
    uint32_t highest;
    bool has_any; /* the copy holds volumes: */
    uint32_t copy_lowest;
    uint32_t copy_highest;
    struct rows newest;      /* of the ledger's newest volume */
    struct merkle_head goal; /* the ledger's tree: up to here */
};

/* --- rows ------------------------------------------------------------------------------------- */

static int read_rows(const struct env *env, MDB_txn *txn, struct rows *rows) {
    int failure = volume_read_head(env, txn, &rows->head);
    if (failure == 0)
        failure = volume_read_tail(env, txn, &rows->tail);
    if (failure == 0)
        failure = volume_read_epoch(env, txn, &rows->epoch);
    if (failure != 0)
        return failure;
    failure = volume_read_closed(env, txn, &rows->closed);
    rows->is_closed = failure == 0;
    return failure == FAILURE_NOT_FOUND ? 0 : failure;
}

static int look(const char *dir, uint32_t number, enum env_mode mode, struct rows *rows) {
    MDB_txn *txn = NULL;
    MDB_envinfo info = {0};
    struct env *env = NULL;
    *rows = (struct rows){0};
    int failure = volume_open(&env, dir, number, mode, 0);
    if (failure != 0)
        return failure;
    int code = mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, &txn);
    if (code == 0)
        code = mdb_env_info(env->mdb, &info);
    failure = code != 0 ? env_failure(code, dir) : read_rows(env, txn, rows);
    rows->map_bytes = info.me_mapsize;
    if (txn != NULL)
        mdb_txn_abort(txn);
    env_close(env);
    return failure;
}

static enum env_mode ledger_mode(const struct copying *copying) {
    return copying->options->is_copy ? ENV_COPY : ENV_READ;
}

static bool is_same_tree(const struct merkle_head *a, const struct merkle_head *b) {
    return a->size == b->size && hash_equal(&a->root, &b->root);
}

/* --- before ----------------------------------------------------------------------------------- */

static int make_folder(const struct copy_options *options) {
    struct stat from;
    struct stat to;
    if (mkdir(options->to, FOLDER_MODE) != 0 && errno != EEXIST)
        return failure_errno("make %s", options->to);
    if (stat(options->from, &from) != 0 || stat(options->to, &to) != 0)
        return failure_errno("%s and %s", options->from, options->to);
    if (!S_ISDIR(to.st_mode))
        return failure_log(FAILURE_MALFORMED, "%s is no folder", options->to);
    if (from.st_dev == to.st_dev && from.st_ino == to.st_ino)
        return failure_log(FAILURE_MALFORMED, "%s is the ledger itself", options->to);
    return 0;
}

static int look_at_ledger(struct copying *copying) {
    const struct copy_options *options = copying->options;
    int failure = volume_range(options->from, &copying->lowest, &copying->highest);
    if (failure == FAILURE_NOT_FOUND)
        return failure_log(failure, "%s holds no ledger", options->from);
    if (failure == 0)
        failure = look(options->from, copying->highest, ledger_mode(copying), &copying->newest);
    copying->goal = copying->newest.tail;
    return failure;
}

/* Which volumes the copy has; one that lacks some between is filled up again. */
static int look_at_copy(struct copying *copying) {
    int failure = volume_range(copying->options->to, &copying->copy_lowest, &copying->copy_highest);
    copying->has_any = failure == 0 || failure == FAILURE_DAMAGED;
    return copying->has_any || failure == FAILURE_NOT_FOUND ? 0 : failure;
}

/* The tree of the copy's newest volume that can be read; an empty one when there is none. */
static int find_copy_head(const struct copying *copying, struct merkle_head *head) {
    struct rows rows = {0};
    *head = (struct merkle_head){0};
    if (!copying->has_any)
        return 0;
    for (uint32_t number = copying->copy_highest + 1; number-- > copying->copy_lowest;) {
        int failure = look(copying->options->to, number, ENV_COPY, &rows);
        if (failure == 0) {
            *head = rows.tail;
            return 0;
        }
        if (failure != FAILURE_NOT_FOUND && failure != FAILURE_DAMAGED)
            return failure;
    }
    return 0;
}

/* The copy must be the beginning of this ledger. */
static int check_beginning(const struct copying *copying) {
    struct merkle_head head;
    struct tree *tree = NULL;
    struct hash root;
    const char *to = copying->options->to;
    int failure = find_copy_head(copying, &head);
    if (failure != 0)
        return failure;
    if (head.size > copying->goal.size ||
        (copying->has_any && copying->copy_highest > copying->highest))
        return failure_log(FAILURE_EXISTS,
                           "%s goes on after the ledger's end: it holds %" PRIu64
                           " records, the ledger %" PRIu64,
                           to, head.size, copying->goal.size);
    if (head.size == 0)
        return 0;
    failure = tree_open(&tree, copying->options->from, copying->options->is_copy);
    if (failure == 0)
        failure = tree_root(tree, head.size, &root);
    tree_close(tree);
    if (failure == 0 && !hash_equal(&root, &head.root))
        failure =
            failure_log(FAILURE_EXISTS,
                        "%s is of another ledger: its first %" PRIu64 " records are not this one's",
                        to, head.size);
    return failure;
}

/* --- closed volumes --------------------------------------------------------------------------- */

struct bar {
    const struct copying *copying;
    char what[32];
};

static void on_bytes(void *owner, uint64_t done, uint64_t total) {
    const struct bar *bar = owner;
    bar->copying->options->progress(bar->copying->options->owner, bar->what, done, total);
}

/* True when the copy has the volume as the ledger has it. */
static int is_whole(const struct copying *copying, uint32_t number, bool *whole) {
    const struct copy_options *options = copying->options;
    struct rows ours;
    struct rows theirs;
    char path[VOLUME_PATH_SIZE];
    *whole = false;
    int failure = look(options->from, number, ledger_mode(copying), &ours);
    if (failure == 0 && !ours.is_closed)
        failure = failure_log(FAILURE_DAMAGED, "%s: volume %u is not closed, and not the newest",
                              options->from, number);
    if (failure == 0)
        failure = volume_path(options->to, number, path);
    if (failure != 0 || access(path, F_OK) != 0 ||
        look(options->to, number, ENV_COPY, &theirs) != 0)
        return failure;
    *whole = theirs.is_closed && is_same_tree(&ours.head.start, &theirs.head.start) &&
             is_same_tree(&ours.closed, &theirs.closed) &&
             volume_copy_bytes(options->from, number) == volume_copy_bytes(options->to, number);
    return 0;
}

static int bring_volume(const struct copying *copying, uint32_t number) {
    const struct copy_options *options = copying->options;
    struct bar bar = {.copying = copying};
    bool whole = false;
    int failure = is_whole(copying, number, &whole);
    if (failure != 0 || whole)
        return failure;
    snprintf(bar.what, sizeof bar.what, "copying volume %u", number);
    struct volume_copy copy = {.from_dir = options->from,
                               .to_dir = options->to,
                               .progress = options->progress != NULL ? on_bytes : NULL,
                               .owner = &bar};
    failure = volume_copy(&copy, number);
    if (failure != 0)
        return failure;
    copying->report->copied++;
    copying->report->bytes += volume_copy_bytes(options->to, number);
    return 0;
}

/* Older ones than the copy has come backwards, the others forwards: a copy that is left in the
 * middle has no gap. */
static int bring_volumes(const struct copying *copying) {
    uint32_t end = copying->newest.is_closed ? copying->highest + 1 : copying->highest;
    uint32_t middle = copying->has_any ? copying->copy_lowest : copying->lowest;
    int failure = 0;
    for (uint32_t number = middle < end ? middle : end; number > copying->lowest && failure == 0;
         number--)
        failure = bring_volume(copying, number - 1);
    for (uint32_t number = middle > copying->lowest ? middle : copying->lowest;
         number < end && failure == 0; number++)
        failure = bring_volume(copying, number);
    return failure;
}

/* --- the open volume -------------------------------------------------------------------------- */

/* Makes the copy's newest volume, which begins as the ledger's does. */
static int begin_volume(const struct copying *copying) {
    struct env *env = NULL;
    MDB_txn *txn = NULL;
    uint8_t profile = copying->newest.head.profile;
    struct hasher *hasher = hasher_create(profile);
    struct edge *edge = calloc(1, sizeof *edge);
    int failure = hasher == NULL || edge == NULL ? failure_errno("edge") : 0;
    if (failure == 0)
        failure =
            volume_open(&env, copying->options->from, copying->highest, ledger_mode(copying), 0);
    if (failure == 0) {
        int code = mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, &txn);
        failure = code != 0 ? env_failure(code, copying->options->from)
                            : volume_read_edge(env, txn, hasher, edge);
    }
    if (txn != NULL)
        mdb_txn_abort(txn);
    env_close(env);
    env = NULL;
    struct volume_birth birth = {profile, edge, copying->newest.epoch, copying->newest.map_bytes};
    if (failure == 0)
        failure = volume_create(&env, copying->options->to, copying->highest, &birth);
    env_close(env);
    free(edge);
    hasher_destroy(hasher);
    return failure;
}

/* What is under way while records are appended. */
struct appending {
    const struct copying *copying;
    struct journal *journal;
    struct tree *tree; /* of the ledger */
    struct reader_note note;
    uint64_t batch_bytes;
    uint64_t begun_at;
};

/* Checkpoints of what is durable; they become so with the next commit. */
static int put_checkpoints(struct appending *appending) {
    struct reader *reader = tree_reader(appending->tree);
    int failure = 0;
    while (failure == 0) {
        uint64_t next = journal_last_checkpoint(appending->journal) + 1;
        failure = reader_checkpoint(reader, next, &appending->note);
        if (failure != 0 || appending->note.size > journal_durable(appending->journal))
            break;
        failure = journal_put_checkpoint(appending->journal, appending->note.size,
                                         appending->note.bytes, appending->note.bytes_size);
    }
    return failure == FAILURE_NOT_FOUND ? 0 : failure;
}

/* Commits what is appended, when it has the root that the ledger had there. */
static int commit(struct appending *appending) {
    const struct copy_options *options = appending->copying->options;
    struct merkle_head head;
    struct hash root;
    journal_head(appending->journal, &head);
    int failure = tree_root(appending->tree, head.size, &root);
    if (failure == 0 && !hash_equal(&root, &head.root))
        failure = failure_log(FAILURE_DAMAGED,
                              "%s: a record from %" PRIu64 " to %" PRIu64
                              " is not what was hashed when it was written",
                              options->from, journal_durable(appending->journal), head.size - 1);
    if (failure == 0 && journal_space(appending->journal) == SPACE_FULL)
        failure =
            failure_log(FAILURE_SYSTEM, "%s: the disk is full; the copy ends at record %" PRIu64,
                        options->to, journal_durable(appending->journal));
    if (failure == 0)
        failure = journal_commit(appending->journal);
    appending->batch_bytes = 0;
    return failure == 0 ? put_checkpoints(appending) : failure;
}

static int append(struct appending *appending, const struct reader_record *record) {
    struct record read;
    /* Bytes that are no record are verify's business. */
    bool begins = !record_read(record->bytes, record->size, &read) || read.header.part == 0;
    if (begins && appending->batch_bytes >= BATCH_BYTES) {
        int failure = commit(appending);
        if (failure != 0)
            return failure;
    }
    appending->batch_bytes += record->size;
    appending->copying->report->appended++;
    return journal_append(appending->journal, record->bytes, record->size);
}

static int append_all(struct appending *appending) {
    const struct copy_options *options = appending->copying->options;
    struct reader *reader = tree_reader(appending->tree);
    uint64_t goal = appending->copying->goal.size;
    struct reader_record record;
    int failure = 0;
    appending->begun_at = journal_durable(appending->journal);
    reader_seek(reader, appending->begun_at);
    while (failure == 0 && reader_position(reader) < goal) {
        int step = reader_next(reader, &record);
        if (step == READER_RECORD)
            failure = append(appending, &record);
        else if (step == READER_PAUSE && options->progress != NULL)
            options->progress(options->owner, "copying records",
                              reader_position(reader) - appending->begun_at,
                              goal - appending->begun_at);
        else if (step != READER_PAUSE)
            failure = step < 0
                          ? step
                          : failure_log(FAILURE_DAMAGED, "%s ends before its end", options->from);
    }
    if (failure == 0)
        failure = commit(appending);
    return failure == 0 ? journal_commit(appending->journal) : failure;
}

static int bring_records(const struct copying *copying) {
    const struct copy_options *options = copying->options;
    struct appending appending = {.copying = copying, .note.bytes_max = JOURNAL_CHECKPOINT_MAX};
    struct journal_options journal_options = {.volume_bytes_max = copying->newest.map_bytes,
                                              .space = COPY_SPACE,
                                              .epoch_min = copying->newest.epoch};
    char path[VOLUME_PATH_SIZE];
    int failure = volume_path(options->to, copying->highest, path);
    if (failure == 0 && access(path, F_OK) != 0)
        failure = begin_volume(copying);
    if (failure == 0)
        failure = journal_open(&appending.journal, options->to, &journal_options);
    if (failure == 0)
        failure = tree_open(&appending.tree, options->from, options->is_copy);
    appending.note.bytes = malloc(appending.note.bytes_max);
    if (failure == 0 && appending.note.bytes == NULL)
        failure = failure_errno("checkpoint");
    if (failure == 0)
        failure = append_all(&appending);
    tree_close(appending.tree);
    journal_close(appending.journal);
    free(appending.note.bytes);
    return failure;
}

/* --- after ------------------------------------------------------------------------------------ */

/* The root at the newest checkpoint must be the one that it names. */
static int check_checkpoint(const struct copying *copying, struct tree *tree) {
    struct reader_note note = {.bytes_max = JOURNAL_CHECKPOINT_MAX};
    struct checkpoint checkpoint;
    struct note parts;
    struct hash root;
    note.bytes = malloc(note.bytes_max);
    int failure = note.bytes == NULL ? failure_errno("checkpoint")
                                     : reader_last_checkpoint(tree_reader(tree), &note);
    bool has_one = failure == 0;
    if (has_one && (note_parse(note.bytes, note.bytes_size, &parts) != 0 ||
                    checkpoint_parse(parts.text, parts.text_size, &checkpoint) != 0))
        failure = FAILURE_DAMAGED;
    if (has_one && failure == 0)
        failure = tree_root(tree, checkpoint.head.size, &root);
    if (has_one && (failure != 0 || !hash_equal(&root, &checkpoint.head.root)))
        failure = failure_log(FAILURE_DAMAGED, "%s: not the tree that its newest checkpoint signs",
                              copying->options->to);
    copying->report->checkpoint = has_one ? note.size : 0;
    free(note.bytes);
    return failure == FAILURE_NOT_FOUND ? 0 : failure;
}

static int check_copy(const struct copying *copying) {
    struct merkle_head *head = &copying->report->head;
    struct tree *tree = NULL;
    int failure = tree_open(&tree, copying->options->to, true);
    if (failure == 0)
        failure = reader_head(tree_reader(tree), head);
    if (failure == 0 && !is_same_tree(head, &copying->goal))
        failure = failure_log(FAILURE_DAMAGED, "%s: not the tree that the ledger had",
                              copying->options->to);
    if (failure == 0)
        failure = check_checkpoint(copying, tree);
    tree_close(tree);
    return failure;
}

int copy_run(const struct copy_options *options, struct copy_report *report) {
    struct copying copying = {.options = options, .report = report};
    int lock = -1;
    *report = (struct copy_report){0};
    int failure = make_folder(options);
    if (failure == 0)
        failure = look_at_ledger(&copying);
    if (failure == 0)
        failure = folder_lock(&lock, options->to);
    if (failure == 0)
        failure = look_at_copy(&copying);
    if (failure == 0)
        failure = check_beginning(&copying);
    if (failure == 0)
        failure = bring_volumes(&copying);
    if (lock >= 0)
        close(lock); /* the journal takes it again */
    if (failure == 0 && !copying.newest.is_closed)
        failure = bring_records(&copying);
    report->volumes = copying.highest - copying.lowest + 1;
    return failure == 0 ? check_copy(&copying) : failure;
}
