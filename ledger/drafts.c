/*
 * What waits is kept in memory in the order of its numbers, which is the order in which it came.
 * Proofs are made of its beginning; the Seal turns those into drafts, or the next root replaces
 * them.
 */
#include "ledger/drafts.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/cache.h"
#include "ledger/failure.h"
#include "ledger/recorded.h"

enum drafts_table { TABLE_PENDING, TABLE_DRAFTS, TABLE_KEYS, TABLES };

static const char *const TABLE_NAMES[TABLES] = {"pending", "drafts", "keys"};
static const struct cache_kind KIND = {
    .name = "drafts", .layout = 1, .tables_count = TABLES, .tables = TABLE_NAMES};

#define KEY_SIZE 8u

/* Values as they lie. */
struct __attribute__((packed)) request_row {
    uint64_t asked;
    uint32_t asset;
    uint32_t holder;
    uint8_t asset_kind;
};
struct __attribute__((packed)) draft_row {
    struct request_row request;
    uint64_t as_of;
    uint64_t sealed;
    uint8_t asset[HASH_SIZE];
    uint8_t proof[]; /* the rest of the value */
};

/* The proof of one that waits. */
struct proven {
    struct hash asset;
    bool is_nothing; /* there is no such asset */
    uint32_t size;
    uint8_t *proof;
};

struct drafts {
    struct cache *cache;
    bool has_failed;
    uint32_t pending_count;
    uint32_t pending_stored; /* of them, the first so many are committed */
    uint32_t proven_count;   /* of them, the first so many are proven, */
    uint64_t proven_as_of;   /* as of this, */
    uint64_t sealed;         /* and sealed by this record; 0: not yet */
    uint32_t keys_stored;
    struct key_history keys;
    struct draft_request pending[DRAFTS_PENDING_MAX];
    struct proven proven[DRAFTS_PENDING_MAX];
};

static void put_key(uint64_t number, uint8_t key[KEY_SIZE]) {
    for (uint32_t i = 0; i < KEY_SIZE; i++)
        key[i] = (uint8_t)(number >> (56 - 8 * i));
}

static uint64_t get_key(const MDB_val *key) {
    uint64_t number = 0;
    for (uint32_t i = 0; i < KEY_SIZE; i++)
        number = number << 8 | ((const uint8_t *)key->mv_data)[i];
    return number;
}

static struct request_row row_of(const struct draft_request *request) {
    return (struct request_row){.asked = request->asked,
                                .asset = request->certify.asset,
                                .holder = request->certify.holder,
                                .asset_kind = request->certify.asset_kind};
}

static struct draft_request request_of(uint64_t number, const struct request_row *row) {
    return (struct draft_request){
        .number = number,
        .asked = row->asked,
        .certify = {.asset_kind = row->asset_kind, .asset = row->asset, .holder = row->holder}};
}

/* --- opening -----------------------------------------------------------------------------------
 */

static int load_pending(struct drafts *drafts) {
    const struct env *env = cache_env(drafts->cache);
    MDB_txn *txn = NULL;
    MDB_cursor *cursor = NULL;
    MDB_val key;
    MDB_val value;
    int code = mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, &txn);
    if (code == 0)
        code = mdb_cursor_open(txn, env->tables[TABLE_PENDING], &cursor);
    while (code == 0 && (code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        struct request_row row;
        if (key.mv_size != KEY_SIZE || value.mv_size != sizeof row ||
            drafts->pending_count == DRAFTS_PENDING_MAX) {
            code = MDB_CORRUPTED;
            break;
        }
        memcpy(&row, value.mv_data, sizeof row);
        drafts->pending[drafts->pending_count++] = request_of(get_key(&key), &row);
    }
    if (cursor != NULL)
        mdb_cursor_close(cursor);
    if (txn != NULL)
        mdb_txn_abort(txn);
    drafts->pending_stored = drafts->pending_count;
    return code == MDB_NOTFOUND ? 0 : env_failure(code, "drafts");
}

int drafts_open(struct drafts **opened, const char *dir, const char *ledger_dir) {
    *opened = NULL;
    struct drafts *drafts = calloc(1, sizeof *drafts);
    if (drafts == NULL)
        return failure_errno("drafts");
    int failure = cache_open(&drafts->cache, &KIND, dir, ledger_dir);
    if (failure == 0)
        failure = load_pending(drafts);
    drafts->has_failed = failure != 0;
    if (failure != 0)
        drafts_close(drafts);
    else
        *opened = drafts;
    return failure;
}

static int commit(struct drafts *drafts);

static void forget_proven(struct drafts *drafts) {
    for (uint32_t i = 0; i < drafts->proven_count; i++)
        free(drafts->proven[i].proof);
    drafts->proven_count = 0;
    drafts->sealed = 0;
}

void drafts_close(struct drafts *drafts) {
    if (drafts == NULL)
        return;
    if (drafts->cache != NULL)
        cache_close(drafts->cache, !drafts->has_failed && commit(drafts) == 0);
    forget_proven(drafts);
    free(drafts);
}

uint64_t drafts_next(const struct drafts *drafts) {
    return cache_next(drafts->cache);
}

/* --- what records tell -------------------------------------------------------------------------
 */

/* Nobody fetches what is so old; what is committed of it goes with the next commit. */
static int forget_old(struct drafts *drafts) {
    uint32_t gone = drafts->pending_count / 2;
    failure_log(FAILURE_NOT_FOUND, "drafts: %u certificates were asked for long ago; forgotten",
                gone);
    forget_proven(drafts);
    for (uint32_t i = 0; i < gone; i++)
        drafts->proven[i] = (struct proven){.is_nothing = true};
    drafts->proven_count = gone;
    drafts->sealed = 1;
    return commit(drafts);
}

static int take_deed(struct drafts *drafts, const struct record *record,
                     const struct request *request) {
    uint64_t number = 0;
    if (request->command.deed.kind != DEED_CERTIFY || !recorded_done(record, DEED_CERTIFY, &number))
        return 0;
    int failure = drafts->pending_count == DRAFTS_PENDING_MAX ? forget_old(drafts) : 0;
    drafts->pending[drafts->pending_count++] =
        (struct draft_request){.number = number,
                               .asked = record->header.sequence,
                               .certify = request->command.deed.certify};
    return failure;
}

static int take(struct drafts *drafts, const struct record *record) {
    struct request request;
    struct codec_fault fault;
    uint64_t verb = recorded_verb(record->request);
    key_history_record(&drafts->keys, record);
    if (verb != VERB_DEED && verb != VERB_SEAL)
        return 0;
    if (!codec_request_decode(record->request.bytes, record->request.size, &request, &fault))
        return failure_log(FAILURE_DAMAGED, "drafts: record %" PRIu64 " asks for nothing",
                           record->header.sequence);
    if (verb == VERB_DEED)
        return take_deed(drafts, record, &request);
    if (drafts->proven_count > 0 && request.command.seal.as_of == drafts->proven_as_of)
        drafts->sealed = record->header.sequence;
    return 0;
}

int drafts_add(struct drafts *drafts, const struct reader_record *stored) {
    struct record record;
    int failure = drafts->has_failed ? FAILURE_STOPPED : 0;
    assert(stored->sequence == drafts_next(drafts));
    if (failure == 0 && !record_read(stored->bytes, stored->size, &record))
        failure =
            failure_log(FAILURE_DAMAGED, "drafts: record %" PRIu64 " is none", stored->sequence);
    if (failure == 0)
        failure = take(drafts, &record);
    drafts->has_failed = failure != 0;
    if (failure == 0)
        cache_take(drafts->cache, stored);
    return failure;
}

/* --- proofs ------------------------------------------------------------------------------------
 */

bool drafts_wait(const struct drafts *drafts, uint64_t as_of) {
    return drafts->pending_count > 0 && drafts->pending[0].asked < as_of;
}

static int prove(struct drafts *drafts, const struct draft_request *request,
                 const struct drafts_prover *prover) {
    uint8_t proof[MAP_PROOF_MAX];
    size_t size = 0;
    struct proven *proven = &drafts->proven[drafts->proven_count];
    *proven = (struct proven){.size = 0};
    int failure = prover->prove(prover->owner, &request->certify, &proven->asset, proof, &size);
    proven->is_nothing = failure == FAILURE_NOT_FOUND;
    if (failure != 0 && !proven->is_nothing)
        return failure;
    proven->proof = malloc(size + 1);
    if (proven->proof == NULL)
        return failure_errno("drafts");
    memcpy(proven->proof, proof, size);
    proven->size = (uint32_t)size;
    drafts->proven_count++;
    return 0;
}

int drafts_prove(struct drafts *drafts, uint64_t as_of, const struct drafts_prover *prover) {
    int failure = drafts->has_failed ? FAILURE_STOPPED : 0;
    if (failure == 0 && drafts->sealed != 0)
        failure = commit(drafts);
    forget_proven(drafts);
    drafts->proven_as_of = as_of;
    for (uint32_t i = 0; failure == 0 && i < drafts->pending_count; i++) {
        if (drafts->pending[i].asked >= as_of)
            break;
        failure = prove(drafts, &drafts->pending[i], prover);
    }
    drafts->has_failed = failure != 0;
    return failure;
}

/* --- commits -----------------------------------------------------------------------------------
 */

struct change {
    MDB_txn *txn;
    const struct env *env;
};

static int put(const struct change *change, enum drafts_table table, uint64_t number,
               MDB_val value) {
    uint8_t bytes[KEY_SIZE];
    MDB_val key = {sizeof bytes, bytes};
    put_key(number, bytes);
    return mdb_put(change->txn, change->env->tables[table], &key, &value, 0);
}

static int take_out(const struct change *change, enum drafts_table table, uint64_t number) {
    uint8_t bytes[KEY_SIZE];
    MDB_val key = {sizeof bytes, bytes};
    put_key(number, bytes);
    int code = mdb_del(change->txn, change->env->tables[table], &key, NULL);
    return code == MDB_NOTFOUND ? 0 : code;
}

/* One that waited is a draft now. */
static int put_draft(const struct drafts *drafts, const struct change *change, uint32_t place) {
    const struct proven *proven = &drafts->proven[place];
    uint64_t number = drafts->pending[place].number;
    uint8_t bytes[sizeof(struct draft_row) + MAP_PROOF_MAX];
    struct draft_row row = {.request = row_of(&drafts->pending[place]),
                            .as_of = drafts->proven_as_of,
                            .sealed = drafts->sealed};
    int code = take_out(change, TABLE_PENDING, number);
    if (code != 0 || proven->is_nothing)
        return code;
    memcpy(row.asset, proven->asset.bytes, HASH_SIZE);
    memcpy(bytes, &row, sizeof row);
    memcpy(bytes + sizeof row, proven->proof, proven->size);
    code = put(change, TABLE_DRAFTS, number, (MDB_val){sizeof row + proven->size, bytes});
    if (code == 0 && number > DRAFTS_KEPT)
        code = take_out(change, TABLE_DRAFTS, number - DRAFTS_KEPT);
    return code;
}

static int write_all(struct drafts *drafts, MDB_txn *txn) {
    struct change change = {txn, cache_env(drafts->cache)};
    uint32_t done = drafts->sealed != 0 ? drafts->proven_count : 0;
    int code = 0;
    for (uint32_t i = 0; code == 0 && i < done; i++)
        code = put_draft(drafts, &change, i);
    for (uint32_t i = drafts->pending_stored; code == 0 && i < drafts->pending_count; i++) {
        struct request_row row = row_of(&drafts->pending[i]);
        if (i >= done)
            code =
                put(&change, TABLE_PENDING, drafts->pending[i].number, (MDB_val){sizeof row, &row});
    }
    for (uint32_t i = drafts->keys_stored; code == 0 && i < drafts->keys.count; i++) {
        struct key_change *each = &drafts->keys.changes[i];
        code = put(&change, TABLE_KEYS, each->approved,
                   (MDB_val){sizeof each->proposed, &each->proposed});
    }
    return code == 0 ? 0 : env_failure(code, "drafts");
}

/* What was committed waits no longer. */
static void drop_done(struct drafts *drafts) {
    uint32_t done = drafts->sealed != 0 ? drafts->proven_count : 0;
    if (done > 0) {
        drafts->pending_count -= done;
        memmove(drafts->pending, drafts->pending + done,
                drafts->pending_count * sizeof *drafts->pending);
        forget_proven(drafts);
    }
    drafts->pending_stored = drafts->pending_count;
    drafts->keys_stored = drafts->keys.count;
}

static int commit(struct drafts *drafts) {
    MDB_txn *txn = NULL;
    if (drafts->has_failed)
        return FAILURE_STOPPED;
    int code = mdb_txn_begin(cache_env(drafts->cache)->mdb, NULL, 0, &txn);
    int failure = code == 0 ? write_all(drafts, txn) : env_failure(code, "drafts");
    if (failure == 0)
        failure = cache_commit(drafts->cache, txn);
    else if (txn != NULL)
        mdb_txn_abort(txn);
    drafts->has_failed = failure != 0;
    if (failure == 0)
        drop_done(drafts);
    return failure;
}

int drafts_commit(struct drafts *drafts) {
    uint64_t records = drafts_next(drafts) - cache_as_of(drafts->cache);
    bool is_wanted = drafts->sealed != 0 || drafts->keys.count > drafts->keys_stored;
    return is_wanted || records >= DRAFTS_STEP_RECORDS ? commit(drafts) : 0;
}

/* --- reading -----------------------------------------------------------------------------------
 */

struct drafts_reader {
    struct env *env;
};

int drafts_reader_open(struct drafts_reader **opened, const char *dir) {
    *opened = NULL;
    struct drafts_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return failure_errno("drafts");
    int failure = cache_read(&reader->env, &KIND, dir);
    if (failure != 0) {
        free(reader);
        return failure;
    }
    *opened = reader;
    return 0;
}

void drafts_reader_close(struct drafts_reader *reader) {
    if (reader == NULL)
        return;
    env_close(reader->env);
    free(reader);
}

static int read_draft(uint64_t number, const MDB_val *value, struct draft *draft) {
    struct draft_row row;
    if (value->mv_size < sizeof row || value->mv_size > sizeof row + MAP_PROOF_MAX)
        return failure_log(FAILURE_DAMAGED, "drafts: %" PRIu64 " cannot be read", number);
    memcpy(&row, value->mv_data, sizeof row);
    *draft = (struct draft){.request = request_of(number, &row.request),
                            .as_of = row.as_of,
                            .sealed = row.sealed,
                            .proof_size = value->mv_size - sizeof row};
    memcpy(draft->asset.bytes, row.asset, HASH_SIZE);
    memcpy(draft->proof, (const uint8_t *)value->mv_data + sizeof row, draft->proof_size);
    return 0;
}

int drafts_find(struct drafts_reader *reader, uint64_t number, struct draft *draft) {
    MDB_txn *txn = NULL;
    uint8_t bytes[KEY_SIZE];
    MDB_val key = {sizeof bytes, bytes};
    MDB_val value;
    put_key(number, bytes);
    int code = mdb_txn_begin(reader->env->mdb, NULL, MDB_RDONLY, &txn);
    if (code == 0)
        code = mdb_get(txn, reader->env->tables[TABLE_DRAFTS], &key, &value);
    int failure = code == MDB_NOTFOUND ? FAILURE_NOT_FOUND : 0;
    if (failure == 0)
        failure = code == 0 ? read_draft(number, &value, draft) : env_failure(code, "drafts");
    if (txn != NULL)
        mdb_txn_abort(txn);
    return failure;
}

int drafts_keys(struct drafts_reader *reader, struct key_history *history) {
    MDB_txn *txn = NULL;
    MDB_cursor *cursor = NULL;
    MDB_val key;
    MDB_val value;
    *history = (struct key_history){0};
    int code = mdb_txn_begin(reader->env->mdb, NULL, MDB_RDONLY, &txn);
    if (code == 0)
        code = mdb_cursor_open(txn, reader->env->tables[TABLE_KEYS], &cursor);
    while (code == 0 && (code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        struct key_change *change = &history->changes[history->count++];
        if (key.mv_size != KEY_SIZE || value.mv_size != sizeof change->proposed ||
            history->count == KEY_CHANGES_MAX) {
            code = MDB_CORRUPTED;
            break;
        }
        change->approved = get_key(&key);
        memcpy(&change->proposed, value.mv_data, sizeof change->proposed);
    }
    if (cursor != NULL)
        mdb_cursor_close(cursor);
    if (txn != NULL)
        mdb_txn_abort(txn);
    return code == MDB_NOTFOUND ? 0 : env_failure(code, "drafts");
}
