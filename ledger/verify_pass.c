/*
 * The re-execution follows the audit: it goes on as far as the audit wants to know about keys, and
 * in the end as far as the audit has read. So both judge the same records of a ledger that grows.
 */
#include "ledger/verify_pass.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/failure.h"
#include "ledger/genesis.h"
#include "ledger/reader.h"
#include "ledger/recorded.h"
#include "ledger/volume.h"

/* How often progress is told while the re-execution goes on alone. */
#define PROGRESS_NS 200000000
#define SECOND_NS   1000000000

struct passes {
    const struct verify_options *options;
    struct verify_marks *marks;
    struct verify_report *report;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t replayed; /* records of the re-execution so far */
    uint64_t wanted;   /* it may go on up to here */
    bool is_audited;   /* nothing more will be wanted */
    bool has_ended;    /* the re-execution: at a fault, or at the end */
    struct key_chain chain;
    bool replays;            /* without, keys that the ledger adds are not known */
    uint8_t genesis_profile; /* as Genesis names it; 0: not read */

    /* The re-execution's own. */
    struct reader *reader;
    struct replay *replay;
    struct finding finding;
    bool is_pending; /* the finding is a difference that a Resolve may settle */
    int failure;
};

/* --- crashes ---------------------------------------------------------------------------------- */

/* Which pass a thread runs, for the handler. */
static _Thread_local enum verify_pass this_pass;
static struct verify_marks *crash_marks;

static void on_crash(int number) {
    crash_marks->crashed = (uint32_t)this_pass + 1;
    signal(number, SIG_DFL);
    raise(number);
}

static void watch_crashes(struct verify_marks *marks) {
    static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    crash_marks = marks;
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        signal(signals[i], on_crash);
}

/* --- the re-execution ------------------------------------------------------------------------- */

static void on_checkpoint_key(void *owner, uint64_t sequence, const struct checkpoint_key *key) {
    struct passes *passes = owner;
    pthread_mutex_lock(&passes->lock);
    if (key->is_revoked)
        key_chain_revoke(&passes->chain, sequence, &key->key);
    else
        (void)key_chain_add(&passes->chain, sequence, passes->report->origin, &key->key);
    pthread_mutex_unlock(&passes->lock);
}

/* A finding ends the re-execution, but for a difference of events, which may be settled yet. */
static bool judge(struct passes *passes, const struct finding *finding) {
    if (!passes->is_pending)
        passes->finding = *finding;
    passes->is_pending = finding->kind == FINDING_EVENTS;
    return passes->is_pending;
}

static void look_for_settlement(struct passes *passes) {
    struct divergence divergence;
    struct verify_report *report = passes->report;
    if (replay_divergence(passes->replay, &divergence))
        return;
    if (report->settled++ == 0)
        report->settled_sequence = passes->finding.sequence;
    passes->is_pending = false;
    passes->finding = (struct finding){0};
}

static bool replay_one(struct passes *passes, const struct reader_record *record) {
    struct finding finding;
    if (!replay_record(passes->replay, record->bytes, record->size, &finding) &&
        !judge(passes, &finding))
        return false;
    if (passes->is_pending)
        look_for_settlement(passes);
    return true;
}

/* Tells how far it is; waits until more is wanted. False at the end. */
static bool wait_for_more(struct passes *passes, uint64_t *end) {
    pthread_mutex_lock(&passes->lock);
    passes->replayed = replay_next(passes->replay);
    pthread_cond_broadcast(&passes->changed);
    while (passes->replayed >= passes->wanted && !passes->is_audited)
        pthread_cond_wait(&passes->changed, &passes->lock);
    *end = passes->wanted;
    pthread_mutex_unlock(&passes->lock);
    return passes->replayed < *end;
}

static void note_place(struct passes *passes, uint64_t next) {
    uint32_t volume = 0;
    passes->marks->next[VERIFY_REPLAY] = next;
    if (reader_volume(passes->reader, next, &volume) == 0)
        passes->marks->volume[VERIFY_REPLAY] = volume;
}

/* Re-executes up to `end`, or to the end of a view. */
static bool replay_some(struct passes *passes, uint64_t end) {
    struct reader_record record;
    while (replay_next(passes->replay) < end) {
        uint64_t next = replay_next(passes->replay);
        int step = reader_next(passes->reader, &record);
        if (step == READER_PAUSE) {
            note_place(passes, next);
            return true;
        }
        if (step != READER_RECORD)
            return finding_set(&passes->finding, FINDING_STORE, next, "the record cannot be read");
        atomic_store_explicit(&passes->marks->next[VERIFY_REPLAY], next, memory_order_relaxed);
        if (!replay_one(passes, &record))
            return false;
    }
    return true;
}

static void finish_replay(struct passes *passes) {
    struct verify_report *report = passes->report;
    bool is_end = report->audit.kind == AUDIT_SOUND;
    if (is_end && passes->finding.kind == FINDING_NONE && replay_is_within(passes->replay))
        finding_set(&passes->finding, FINDING_END, replay_next(passes->replay),
                    "the ledger ends in the middle of a command");
    replay_counts(passes->replay, &report->counts);
    report->replayed = replay_next(passes->replay);
    if (is_end && passes->finding.kind == FINDING_NONE && report->replayed > 0)
        replay_digest(passes->replay, &report->state);
}

static void *run_replay(void *owner) {
    struct passes *passes = owner;
    uint64_t end = 0;
    this_pass = VERIFY_REPLAY;
    while (wait_for_more(passes, &end) && replay_some(passes, end))
        ;
    finish_replay(passes);
    pthread_mutex_lock(&passes->lock);
    passes->replayed = replay_next(passes->replay);
    passes->has_ended = true;
    pthread_cond_broadcast(&passes->changed);
    pthread_mutex_unlock(&passes->lock);
    return NULL;
}

/* --- the audit ---------------------------------------------------------------------------------
 */

/* A checkpoint's keys are known when its records have been executed. */
static const struct note_keyring *keys_at(void *owner, uint64_t size) {
    struct passes *passes = owner;
    pthread_mutex_lock(&passes->lock);
    if (passes->wanted < size)
        passes->wanted = size;
    pthread_cond_broadcast(&passes->changed);
    while (passes->replayed < size && !passes->has_ended)
        pthread_cond_wait(&passes->changed, &passes->lock);
    const struct note_keyring *ring = key_chain_ring(&passes->chain, size);
    pthread_mutex_unlock(&passes->lock);
    return ring->count > 0 ? ring : NULL;
}

static const char *accept(void *owner, uint64_t size, uint64_t signed_by,
                          const struct reader_record *last) {
    struct passes *passes = owner;
    struct seal seal;
    if (!recorded_seal((struct span){last->bytes, last->size}, &seal))
        return "its tree does not end with a Seal";
    pthread_mutex_lock(&passes->lock);
    bool is_in_force = key_chain_signed(&passes->chain, size, signed_by);
    pthread_mutex_unlock(&passes->lock);
    return is_in_force || !passes->replays
               ? NULL
               : "signed by the key given, which the ledger does not name then";
}

static void on_progress(void *owner, uint64_t done, uint64_t total) {
    struct passes *passes = owner;
    struct verify_marks *marks = passes->marks;
    (void)total;
    marks->next[VERIFY_AUDIT] = done;
    marks->volume[VERIFY_AUDIT] = passes->report->audit.volume;
    uint64_t replayed = marks->next[VERIFY_REPLAY];
    bool is_behind = passes->replay != NULL && replayed < done;
    if (passes->options->progress != NULL)
        passes->options->progress(passes->options->owner, is_behind ? replayed : done,
                                  marks->total);
}

/* Runs the audit; then the re-execution is to end where that has ended. */
static int run_audit(struct passes *passes) {
    struct audit_witness witness = {keys_at, accept, passes, !passes->replays};
    struct audit_options options = {
        .dir = passes->options->dir,
        .is_copy = passes->options->is_copy,
        .witness = &witness,
        .origin = passes->report->origin[0] != '\0' ? passes->report->origin : NULL,
        .progress = on_progress,
        .owner = passes};
    struct audit_report *report = &passes->report->audit;
    this_pass = VERIFY_AUDIT;
    int failure = audit_run(&options, report);
    pthread_mutex_lock(&passes->lock);
    uint64_t last = report->kind == AUDIT_RECORDS ? report->sequence_last + 1 : report->sequence;
    uint64_t end = report->kind == AUDIT_SOUND ? report->head.size : last;
    passes->wanted = failure == 0 ? end : 0;
    passes->is_audited = true;
    pthread_cond_broadcast(&passes->changed);
    pthread_mutex_unlock(&passes->lock);
    return failure;
}

/* The re-execution goes on alone after the audit: somebody must tell how far it is. */
static void wait_for_replay(struct passes *passes) {
    pthread_mutex_lock(&passes->lock);
    while (!passes->has_ended) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += PROGRESS_NS;
        until.tv_sec += until.tv_nsec / SECOND_NS;
        until.tv_nsec %= SECOND_NS;
        (void)pthread_cond_timedwait(&passes->changed, &passes->lock, &until);
        pthread_mutex_unlock(&passes->lock);
        on_progress(passes, passes->report->audit.head.size, 0);
        pthread_mutex_lock(&passes->lock);
    }
    pthread_mutex_unlock(&passes->lock);
}

/* --- the verdict ------------------------------------------------------------------------------ */

static enum finding_kind kind_of(enum audit_kind kind) {
    switch (kind) {
    case AUDIT_RECORDS:
    case AUDIT_TILE:
        return FINDING_TREE;
    case AUDIT_CHECKPOINT:
        return FINDING_CHECKPOINT;
    case AUDIT_CRASH:
        return FINDING_CRASH;
    case AUDIT_VOLUME:
    case AUDIT_TABLE:
        return FINDING_STORE;
    case AUDIT_SOUND:
        break;
    }
    return FINDING_NONE;
}

void verify_merge(struct verify_report *report, const struct finding *replayed,
                  uint32_t replayed_volume) {
    const struct audit_report *audit = &report->audit;
    bool has_audit = audit->kind != AUDIT_SOUND;
    bool has_replay = replayed->kind != FINDING_NONE;
    uint64_t last = audit->kind == AUDIT_RECORDS ? audit->sequence_last : audit->sequence;
    if (has_replay && (!has_audit || replayed->sequence < audit->sequence)) {
        report->fault = *replayed;
        report->volume = replayed_volume;
        return;
    }
    if (!has_audit)
        return;
    finding_set(&report->fault, kind_of(audit->kind), audit->sequence, "%s", audit->text);
    report->volume = audit->volume;
    /* Of several records in doubt the re-execution may know which. */
    if (has_replay && replayed->sequence <= last && audit->sequence < last)
        finding_set(&report->fault, FINDING_TREE, replayed->sequence,
                    "volume %u: the record was changed: %.100s", audit->volume, replayed->text);
}

/* Genesis says which algorithms; the volumes repeat it. */
static void check_profile(const struct passes *passes) {
    struct verify_report *report = passes->report;
    if (report->fault.kind != FINDING_NONE || passes->genesis_profile == 0 ||
        passes->genesis_profile == report->audit.profile)
        return;
    finding_set(&report->fault, FINDING_STORE, 0,
                "the volumes are of another profile than Genesis");
    report->volume = 0;
}

/* Whether anybody whom the reader believes has signed. */
static void check_belief(struct passes *passes) {
    struct verify_report *report = passes->report;
    const struct key_chain *chain = &passes->chain;
    report->profile = chain->profile;
    report->vouched = chain->vouched;
    report->keys_count = chain->count;
    memcpy(report->keys, chain->keys, sizeof report->keys);
    if (report->fault.kind != FINDING_NONE || chain->given == NULL || chain->vouched > 0)
        return;
    if (chain->given->profile != chain->profile) {
        finding_set(&report->fault, FINDING_CHECKPOINT, report->audit.head.size,
                    "the key given is of the %s profile, this ledger is of the %s",
                    crypto_profile(chain->given->profile)->name,
                    crypto_profile(chain->profile)->name);
        report->volume = report->audit.volume;
        return;
    }
    finding_set(&report->fault, FINDING_CHECKPOINT, report->audit.head.size,
                "the key given has signed no checkpoint of this ledger");
    report->volume = report->audit.volume;
}

static int run_both(struct passes *passes) {
    pthread_t thread;
    struct replay_options options = {.checkpoint_key = on_checkpoint_key,
                                     .owner = passes,
                                     .takes_digests = true,
                                     .keeps_map = true,
                                     .checks_signatures = true};
    passes->replay = replay_create(&options);
    if (passes->replay == NULL)
        return failure_errno("verify");
    int code = pthread_create(&thread, NULL, run_replay, passes);
    if (code != 0)
        return failure_log(FAILURE_SYSTEM, "verify: a thread: %s", strerror(code));
    int failure = run_audit(passes);
    wait_for_replay(passes);
    pthread_join(thread, NULL);
    passes->report->is_replayed = true;
    return failure;
}

/* A ledger that begins past Genesis: the key given is all there is. */
static int run_audit_alone(struct passes *passes) {
    const struct note_verifier *key = passes->options->key;
    passes->has_ended = true;
    if (key != NULL && passes->chain.count == 0) {
        struct signing_key bytes;
        verifier_public(key->key, &bytes);
        passes->chain.profile = key->profile;
        snprintf(passes->report->origin, sizeof passes->report->origin, "%s", key->name);
        int failure = key_chain_add(&passes->chain, 0, key->name, &bytes);
        if (failure != 0)
            return failure;
    }
    return run_audit(passes);
}

/* Genesis names the first key, and the origin. What is wrong with it the re-execution will say. */
static void take_genesis(struct passes *passes) {
    struct genesis genesis;
    char *origin = passes->report->origin;
    static_assert(ORIGIN_BYTES_MAX < sizeof passes->report->origin, "an origin fits");
    if (genesis_read(passes->reader, &genesis) != 0)
        return;
    memcpy(origin, genesis.origin, genesis.origin_bytes);
    origin[genesis.origin_bytes] = '\0';
    passes->genesis_profile = genesis.profile;
    passes->chain.profile = genesis.profile;
    (void)key_chain_add(&passes->chain, 0, origin, &genesis.checkpoint_key);
}

/* The sequence that a volume begins with. */
static int read_first(struct passes *passes, uint32_t number, uint64_t *first) {
    struct env *env = NULL;
    MDB_txn *txn = NULL;
    struct volume_head head;
    int failure = volume_open(&env, passes->options->dir, number, ENV_COPY, 0);
    if (failure != 0)
        return failure;
    int code = mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, &txn);
    failure = code == 0 ? volume_read_head(env, txn, &head) : env_failure(code, "read");
    if (failure == 0)
        *first = head.start.size;
    if (txn != NULL)
        mdb_txn_abort(txn);
    env_close(env);
    return failure;
}

/* Where the ledger begins, and how much there is to do. */
static int look(struct passes *passes) {
    struct merkle_head head;
    uint32_t lowest = 0;
    uint32_t highest = 0;
    int failure = volume_range(passes->options->dir, &lowest, &highest);
    if (failure != 0)
        return failure;
    this_pass = VERIFY_REPLAY; /* who dies here is looked at by an audit alone */
    passes->marks->volume[VERIFY_REPLAY] = highest;
    failure = reader_open(&passes->reader, passes->options->dir, passes->options->is_copy);
    if (failure == 0 && reader_head(passes->reader, &head) == 0)
        passes->marks->total = passes->wanted = head.size;
    if (failure == 0 && lowest == 0)
        take_genesis(passes);
    if (failure == 0 && lowest > 0)
        failure = read_first(passes, lowest, &passes->report->first);
    return failure == FAILURE_NOT_FOUND ? FAILURE_DAMAGED : failure; /* within a volume */
}

int verify_passes(const struct verify_options *options, bool replays, struct verify_marks *marks,
                  struct verify_report *report) {
    struct passes passes = {
        .options = options, .marks = marks, .report = report, .lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&passes.changed, &attributes);
    pthread_condattr_destroy(&attributes);
    memset(report, 0, sizeof *report);
    key_chain_init(&passes.chain, PROFILE_INTERNATIONAL, options->key);
    watch_crashes(marks);
    int failure = replays ? look(&passes) : 0;
    marks->volume[VERIFY_REPLAY] = 0;
    passes.replays = failure == 0 && report->first == 0 && replays;
    if (failure == FAILURE_NOT_FOUND || failure == FAILURE_SYSTEM)
        ;
    else if (passes.replays)
        failure = run_both(&passes);
    else /* the audit says what is damaged */
        failure = run_audit_alone(&passes);
    if (failure == 0) {
        verify_merge(report, &passes.finding, marks->volume[VERIFY_REPLAY]);
        check_profile(&passes);
        check_belief(&passes);
    }
    replay_destroy(passes.replay);
    reader_close(passes.reader);
    key_chain_fini(&passes.chain);
    pthread_cond_destroy(&passes.changed);
    return failure;
}
