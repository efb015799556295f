/* Each table is read through a cursor of its own; a step is a search, for it costs little more than
 * to go on from where a cursor stands, and nothing has to be kept. */
#include "ledger/register_reader.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/failure.h"
#include "ledger/register_rows.h"

/* Versions of an entry that are passed over one by one before the wanted one is searched for. */
#define STEPS_MAX 4u

/* A row of a table; both lie in the map until the end. */
struct found {
    const uint8_t *key;
    struct span value;
};

struct register_reader {
    struct env *env;
    MDB_txn *txn; /* reset between begin and end */
    bool is_begun;
    struct hasher *hasher;
    MDB_cursor *cursors[REGISTER_TABLES];
    struct found entry; /* that the cursor on entries stands on, */
    uint64_t stand;     /* and how often it was moved: never the same twice */
};

int register_reader_open(struct register_reader **opened, const char *dir, uint8_t profile) {
    *opened = NULL;
    struct register_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return failure_errno("register reader");
    reader->hasher = hasher_create(profile);
    int failure = reader->hasher == NULL ? failure_log(FAILURE_SYSTEM, "register reader: no memory")
                                         : cache_read(&reader->env, &register_kind, dir);
    if (failure != 0)
        register_reader_close(reader);
    else
        *opened = reader;
    return failure;
}

void register_reader_close(struct register_reader *reader) {
    if (reader == NULL)
        return;
    for (uint32_t i = 0; i < REGISTER_TABLES; i++)
        if (reader->cursors[i] != NULL)
            mdb_cursor_close(reader->cursors[i]);
    if (reader->txn != NULL)
        mdb_txn_abort(reader->txn);
    env_close(reader->env);
    hasher_destroy(reader->hasher);
    free(reader);
}

int register_reader_begin(struct register_reader *reader) {
    bool is_first = reader->txn == NULL;
    int code = 0;
    if (reader->is_begun)
        return 0;
    code = is_first ? mdb_txn_begin(reader->env->mdb, NULL, MDB_RDONLY, &reader->txn)
                    : mdb_txn_renew(reader->txn);
    for (uint32_t i = 0; i < REGISTER_TABLES && code == 0; i++)
        code = is_first ? mdb_cursor_open(reader->txn, reader->env->tables[i], &reader->cursors[i])
                        : mdb_cursor_renew(reader->txn, reader->cursors[i]);
    reader->is_begun = code == 0;
    reader->stand++;
    return code == 0 ? 0 : env_failure(code, "read the register");
}

void register_reader_end(struct register_reader *reader) {
    if (reader->is_begun)
        mdb_txn_reset(reader->txn);
    reader->is_begun = false;
}

int register_reader_as_of(struct register_reader *reader, uint64_t *as_of) {
    assert(reader->is_begun);
    return cache_read_as_of(reader->env, &register_kind, reader->txn, as_of);
}

/* --- searches ----------------------------------------------------------------------------------
 */

/* Moves a table's cursor; 1, 0 when there is no row, or a failure. Keys of a table have one size.
 */
static int move(struct register_reader *reader, enum register_table table, MDB_val key,
                MDB_cursor_op op, struct found *found) {
    size_t size = key.mv_size;
    MDB_val value;
    assert(reader->is_begun);
    int code = mdb_cursor_get(reader->cursors[table], &key, &value, op);
    reader->stand += table == TABLE_ENTRIES;
    if (code == MDB_NOTFOUND)
        return 0;
    if (code != 0)
        return env_failure(code, "read the register");
    if (key.mv_size != size)
        return failure_log(FAILURE_DAMAGED, "register: a key of %zu bytes", key.mv_size);
    *found = (struct found){key.mv_data, {value.mv_data, value.mv_size}};
    if (table == TABLE_ENTRIES)
        reader->entry = *found;
    return 1;
}

static MDB_val key_of(const void *bytes, size_t size) {
    return (MDB_val){size, (void *)(uintptr_t)bytes};
}

/* The first row at or behind a key; 0 also when it does not begin with the key's first `same`
 * bytes. */
static int at_or_behind(struct register_reader *reader, enum register_table table, MDB_val key,
                        size_t same, struct found *found) {
    int step = move(reader, table, key, MDB_SET_RANGE, found);
    return step == 1 && memcmp(found->key, key.mv_data, same) != 0 ? 0 : step;
}

/* The last row before a key; likewise. */
static int before(struct register_reader *reader, enum register_table table, MDB_val key,
                  size_t same, struct found *found) {
    int step = move(reader, table, key, MDB_SET_RANGE, found);
    if (step < 0)
        return step;
    step = move(reader, table, key, step == 1 ? MDB_PREV : MDB_LAST, found);
    return step == 1 && memcmp(found->key, key.mv_data, same) != 0 ? 0 : step;
}

int register_find_asset(struct register_reader *reader, const struct asset_name *name,
                        struct hash *hash) {
    uint8_t bytes[ASSET_SIZE];
    struct found found;
    rows_put_asset(bytes, name);
    int step = move(reader, TABLE_ASSETS, key_of(bytes, sizeof bytes), MDB_SET, &found);
    if (step == 1 && found.value.size != sizeof *hash)
        return failure_log(FAILURE_DAMAGED, "register: a hash of %zu bytes", found.value.size);
    if (step == 1)
        memcpy(hash, found.value.bytes, sizeof *hash);
    return step;
}

void register_right_of(struct register_reader *reader, uint8_t kind, const char *number,
                       size_t bytes, struct hash *hash) {
    register_right_hash(reader->hasher, kind, number, bytes, hash);
}

/* --- by asset ----------------------------------------------------------------------------------
 */

static void entry_key(uint8_t key[ENTRY_KEY_SIZE], const struct hash *asset, uint64_t entry,
                      uint64_t sequence) {
    register_key(asset, entry, key);
    rows_put_moment(key + REGISTER_KEY_SIZE, sequence, 0);
}

static struct register_row row_of(const struct found *found) {
    const uint8_t *moment = found->key + REGISTER_KEY_SIZE;
    return (struct register_row){.entry = rows_get(found->key + HASH_SIZE, 8),
                                 .sequence = rows_get(moment, 8),
                                 .place = (uint32_t)rows_get(moment + 8, 2),
                                 .report = found->value};
}

/* Whether a version had been told by then. */
static bool is_told(const struct register_row *row, const struct register_time *at) {
    int64_t time_ns = INT64_MAX;
    if (row->sequence >= at->as_of)
        return false;
    return at->time_ns == INT64_MAX ||
           (entry_report_time(row->report, &time_ns) && time_ns <= at->time_ns);
}

/* The last version told by then of the entry of a row that was, by searching from the end. */
static int last_version(struct register_reader *reader, const struct register_walk *walk,
                        struct register_row *row) {
    uint8_t key[ENTRY_KEY_SIZE];
    struct found found;
    entry_key(key, &walk->asset, row->entry, walk->at.as_of);
    int step = before(reader, TABLE_ENTRIES, key_of(key, sizeof key), REGISTER_KEY_SIZE, &found);
    for (; step == 1;
         step = move(reader, TABLE_ENTRIES, key_of(key, sizeof key), MDB_PREV, &found)) {
        *row = row_of(&found);
        if (is_told(row, &walk->at))
            break;
    }
    return step;
}

/* Where a walk goes on: mostly where the reader stands. */
static int first_row(struct register_reader *reader, const struct register_walk *walk,
                     struct found *found) {
    uint8_t key[ENTRY_KEY_SIZE];
    if (walk->stand != 0 && walk->stand == reader->stand) {
        *found = reader->entry;
        return 1;
    }
    entry_key(key, &walk->asset, walk->entry, 0);
    return at_or_behind(reader, TABLE_ENTRIES, key_of(key, sizeof key), HASH_SIZE, found);
}

/* Entries are numbered as they come to be: where one had not been told, none behind it had. */
int register_next_entry(struct register_reader *reader, struct register_walk *walk,
                        struct register_row *row) {
    uint8_t key[ENTRY_KEY_SIZE];
    struct found found;
    bool has_row = false;
    int step = walk->is_over ? 0 : first_row(reader, walk, &found);
    walk->stand = 0;
    for (uint32_t steps = 0; step == 1; steps++) {
        struct register_row next = row_of(&found);
        if (!is_told(&next, &walk->at) || (has_row && next.entry != row->entry)) {
            walk->stand = has_row && next.entry != row->entry ? reader->stand : 0;
            break;
        }
        *row = next;
        has_row = true;
        if (steps >= STEPS_MAX) {
            step = last_version(reader, walk, row);
            break;
        }
        step = move(reader, TABLE_ENTRIES, key_of(key, sizeof key), MDB_NEXT, &found);
        if (step == 1 && memcmp(found.key, walk->asset.bytes, HASH_SIZE) != 0)
            step = 0;
    }
    if (step < 0)
        return step;
    walk->is_over = step == 0;
    if (!has_row)
        return 0;
    walk->entry = row->entry + 1;
    return 1;
}

int register_next_version(struct register_reader *reader, struct register_versions *versions,
                          struct register_row *row) {
    uint8_t key[ENTRY_KEY_SIZE];
    struct found found;
    register_key(&versions->asset, versions->entry, key);
    rows_put_moment(key + REGISTER_KEY_SIZE, versions->sequence, versions->place);
    size_t same = versions->is_one ? REGISTER_KEY_SIZE : HASH_SIZE;
    int step = at_or_behind(reader, TABLE_ENTRIES, key_of(key, sizeof key), same, &found);
    while (step == 1) {
        *row = row_of(&found);
        if (is_told(row, &versions->at))
            break;
        step = move(reader, TABLE_ENTRIES, key_of(key, sizeof key), MDB_NEXT, &found);
        if (step == 1 && memcmp(found.key, key, same) != 0)
            step = 0;
    }
    if (step != 1)
        return step;
    versions->entry = row->entry;
    versions->sequence = row->sequence;
    versions->place = row->place + 1;
    return 1;
}

/* --- by what an entry names --------------------------------------------------------------------
 */

static uint8_t *put_place(uint8_t *at, const struct register_place *place) {
    return rows_put(rows_put_asset(at, &place->asset), place->entry, 4);
}

static struct register_place get_place(const uint8_t *at) {
    return (struct register_place){.asset = rows_get_asset(at),
                                   .entry = (uint32_t)rows_get(at + ASSET_SIZE, 4)};
}

/* The first place behind another: only as far as keys go. */
static struct register_place behind(const struct register_place *place) {
    struct register_place next = *place;
    if (++next.entry != 0)
        return next;
    if (++next.asset.holder == 0 && ++next.asset.asset == 0)
        next.asset.kind++;
    return next;
}

int register_next_of_party(struct register_reader *reader, struct register_of_party *walk,
                           struct register_named_party *named) {
    uint8_t key[PARTY_KEY_SIZE];
    struct found found;
    if (walk->next_role < walk->role)
        walk->next_role = walk->role;
    uint8_t *at = rows_put(key, walk->party, 4);
    put_place(rows_put(at, walk->next_role, 1), &walk->next);
    int step = at_or_behind(reader, TABLE_PARTIES, key_of(key, sizeof key),
                            walk->role == ENTRY_ROLE_ANY ? 4 : 5, &found);
    if (step != 1)
        return step;
    *named = (struct register_named_party){found.key[4], get_place(found.key + 5)};
    walk->next_role = named->role;
    walk->next = behind(&named->place);
    return 1;
}

int register_next_of_number(struct register_reader *reader, struct register_of_number *walk,
                            struct register_place *place) {
    uint8_t key[NUMBER_KEY_SIZE];
    struct found found;
    uint8_t *at = rows_put(rows_put(key, walk->series, 1), walk->number, 8);
    put_place(at, &walk->next);
    int step = at_or_behind(reader, TABLE_NUMBERS, key_of(key, sizeof key), 9, &found);
    if (step != 1)
        return step;
    *place = get_place(found.key + 9);
    walk->next = behind(place);
    return 1;
}

int register_find_entry(struct register_reader *reader, const struct register_place *place,
                        const struct register_time *at, struct register_row *row) {
    struct register_walk walk = {.entry = place->entry, .at = *at};
    int step = register_find_asset(reader, &place->asset, &walk.asset);
    if (step == 1)
        step = register_next_entry(reader, &walk, row);
    return step == 1 && row->entry != place->entry ? 0 : step;
}

/* --- by time -----------------------------------------------------------------------------------
 */

int register_next_change(struct register_reader *reader, struct register_changes *changes,
                         struct register_row *row) {
    uint8_t key[ENTRY_KEY_SIZE];
    uint8_t *moment = key + REGISTER_KEY_SIZE;
    struct found found;
    rows_put_moment(moment, changes->sequence, changes->place);
    int step = at_or_behind(reader, TABLE_CHANGES, key_of(moment, MOMENT_SIZE), 0, &found);
    if (step != 1)
        return step;
    if (rows_get(found.key, 8) >= changes->to)
        return 0;
    if (found.value.size != REGISTER_KEY_SIZE)
        return failure_log(FAILURE_DAMAGED, "register: a change of %zu bytes", found.value.size);
    memcpy(key, found.value.bytes, REGISTER_KEY_SIZE);
    memcpy(moment, found.key, MOMENT_SIZE);
    step = move(reader, TABLE_ENTRIES, key_of(key, sizeof key), MDB_SET, &found);
    if (step != 1)
        return step < 0 ? step : failure_log(FAILURE_DAMAGED, "register: a change of no entry");
    /* After MDB_SET the key is the caller's own. */
    found.key = key;
    *row = row_of(&found);
    changes->sequence = row->sequence;
    changes->place = row->place + 1;
    return 1;
}

/* --- totals ------------------------------------------------------------------------------------
 */

int register_find_total(struct register_reader *reader, uint32_t instrument, uint8_t kind,
                        const struct register_time *at, uint64_t *units) {
    uint8_t key[TOTAL_KEY_SIZE];
    struct found found;
    uint8_t *moment = rows_put(rows_put(key, instrument, 4), kind, 1);
    rows_put_moment(moment, at->as_of, 0);
    *units = 0;
    int step =
        before(reader, TABLE_TOTALS, key_of(key, sizeof key), (size_t)(moment - key), &found);
    while (step == 1) {
        if (found.value.size != TOTAL_VALUE_SIZE)
            return failure_log(FAILURE_DAMAGED, "register: a total of %zu bytes", found.value.size);
        if ((int64_t)rows_get(found.value.bytes, 8) <= at->time_ns) {
            *units = rows_get(found.value.bytes + 8, 8);
            return 0;
        }
        step = move(reader, TABLE_TOTALS, key_of(key, sizeof key), MDB_PREV, &found);
        if (step == 1 && memcmp(found.key, key, (size_t)(moment - key)) != 0)
            step = 0;
    }
    return step;
}
