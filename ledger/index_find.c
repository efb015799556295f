/* Reading the index: the chunks of a group from the one that may hold the first record wanted. */
#include <assert.h>
#include <stdlib.h>

#include "ledger/failure.h"
#include "ledger/index.h"
#include "ledger/index_chunk.h"
#include "ledger/index_rows.h"

struct index_reader {
    struct env *env;
    MDB_txn *txn; /* reset between calls */
    MDB_cursor *cursors[INDEX_TABLES];
};

/* A search under way. */
struct search {
    struct index_page *page;
    MDB_cursor *cursor;
    uint64_t group;
    uint8_t member;
    uint32_t looked;
    MDB_val key;
    MDB_val value;
};

int index_reader_open(struct index_reader **opened, const char *dir) {
    *opened = NULL;
    struct index_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return failure_errno("index reader");
    int failure = cache_read(&reader->env, &index_kind, dir);
    if (failure != 0)
        index_reader_close(reader);
    else
        *opened = reader;
    return failure;
}

void index_reader_close(struct index_reader *reader) {
    if (reader == NULL)
        return;
    for (uint32_t i = 0; i < INDEX_TABLES; i++)
        if (reader->cursors[i] != NULL)
            mdb_cursor_close(reader->cursors[i]);
    if (reader->txn != NULL)
        mdb_txn_abort(reader->txn);
    env_close(reader->env);
    free(reader);
}

/* Begins to read what is newest, through the cursor on one table. */
static int begin(struct index_reader *reader, uint32_t table) {
    MDB_cursor **cursor = &reader->cursors[table];
    int code = reader->txn == NULL ? mdb_txn_begin(reader->env->mdb, NULL, MDB_RDONLY, &reader->txn)
                                   : mdb_txn_renew(reader->txn);
    if (code == 0)
        code = *cursor == NULL ? mdb_cursor_open(reader->txn, reader->env->tables[table], cursor)
                               : mdb_cursor_renew(reader->txn, *cursor);
    return code == 0 ? 0 : env_failure(code, "read the index");
}

static int move(struct search *search, MDB_cursor_op op) {
    int code = mdb_cursor_get(search->cursor, &search->key, &search->value, op);
    if (code == MDB_NOTFOUND)
        return FAILURE_NOT_FOUND;
    if (code != 0)
        return env_failure(code, "read the index");
    if (search->key.mv_size != INDEX_KEY_SIZE)
        return failure_log(FAILURE_DAMAGED, "index: a key of %zu bytes", search->key.mv_size);
    return 0;
}

static bool is_in_group(const struct search *search) {
    return index_key_group(search->key.mv_data) == search->group;
}

/* Goes to the last chunk of the group that begins at or before the first record wanted, or else to
 * the first after it. NOT_FOUND, without a line, when there is none. */
static int go_to_first(struct search *search) {
    uint8_t bytes[INDEX_KEY_SIZE];
    index_key(search->group, search->page->from, bytes);
    search->key = (MDB_val){sizeof bytes, bytes};
    int failure = move(search, MDB_SET_RANGE);
    if (failure == 0 && is_in_group(search) &&
        index_key_base(search->key.mv_data) == search->page->from)
        return 0;
    if (failure != 0 && failure != FAILURE_NOT_FOUND)
        return failure;
    bool has_after = failure == 0;
    failure = move(search, has_after ? MDB_PREV : MDB_LAST);
    if (failure == 0 && is_in_group(search))
        return 0;
    if (failure != 0 && failure != FAILURE_NOT_FOUND)
        return failure;
    if (!has_after)
        return FAILURE_NOT_FOUND;
    index_key(search->group, search->page->from, bytes);
    search->key = (MDB_val){sizeof bytes, bytes};
    failure = move(search, MDB_SET_RANGE);
    return failure == 0 && !is_in_group(search) ? FAILURE_NOT_FOUND : failure;
}

/* Takes what is wanted from a chunk. True while the next chunk may hold more. */
static bool take_chunk(struct search *search, bool *is_damaged) {
    struct index_page *page = search->page;
    struct index_walk walk =
        index_walk_of(page->kind, index_key_base(search->key.mv_data),
                      (struct span){search->value.mv_data, search->value.mv_size});
    while (index_walk_next(&walk, is_damaged)) {
        bool is_known = page->count > 0 && page->sequences[page->count - 1] == walk.sequence;
        if (walk.sequence >= page->to)
            return false;
        if (walk.sequence >= page->from && search->looked >= INDEX_LOOK_MAX && !is_known) {
            page->next = walk.sequence;
            return false;
        }
        search->looked++;
        if (walk.sequence < page->from || walk.member != search->member || is_known)
            continue;
        if (page->count == page->max) {
            page->next = walk.sequence;
            return false;
        }
        page->sequences[page->count++] = walk.sequence;
    }
    return !*is_damaged;
}

static int damaged(const struct search *search) {
    return failure_log(FAILURE_DAMAGED, "index: a chunk of %s group %lu is not of its form",
                       subject_name(search->page->kind), search->group);
}

static int search_chunks(struct search *search) {
    bool is_damaged = false;
    int failure = go_to_first(search);
    while (failure == 0 && take_chunk(search, &is_damaged)) {
        failure = move(search, MDB_NEXT);
        if (failure == 0 && !is_in_group(search))
            failure = FAILURE_NOT_FOUND;
    }
    if (is_damaged)
        return damaged(search);
    return failure == FAILURE_NOT_FOUND ? 0 : failure;
}

/* --- the last ones -----------------------------------------------------------------------------
 */

/* Goes to the last chunk of the group that begins below a sequence. NOT_FOUND, without a line, when
 * there is none. */
static int go_to_last(struct search *search, uint64_t end) {
    uint8_t bytes[INDEX_KEY_SIZE];
    index_key(search->group, end, bytes);
    search->key = (MDB_val){sizeof bytes, bytes};
    int failure = move(search, MDB_SET_RANGE);
    if (failure == 0 || failure == FAILURE_NOT_FOUND)
        failure = move(search, failure == 0 ? MDB_PREV : MDB_LAST);
    return failure == 0 && !is_in_group(search) ? FAILURE_NOT_FOUND : failure;
}

/* Whether an entry is wanted that is read after one of `last`. */
static bool is_wanted(const struct search *search, const struct index_walk *walk, uint64_t last) {
    return walk->member == search->member && walk->sequence >= search->page->from &&
           walk->sequence < search->page->to && walk->sequence != last;
}

/* Takes the last of what is wanted from a chunk, the newest first. A chunk can only be read
 * forwards: once to count, once to take. True while the chunk before it may hold more. */
static bool take_chunk_backwards(struct search *search, bool *is_damaged) {
    struct index_page *page = search->page;
    uint64_t base = index_key_base(search->key.mv_data);
    const struct index_walk whole = index_walk_of(
        page->kind, base, (struct span){search->value.mv_data, search->value.mv_size});
    uint32_t wanted = 0;
    uint64_t last = UINT64_MAX;
    for (struct index_walk walk = whole; index_walk_next(&walk, is_damaged); search->looked++)
        if (is_wanted(search, &walk, last)) {
            last = walk.sequence;
            wanted++;
        }
    if (*is_damaged)
        return false;
    uint32_t room = page->max - page->count;
    uint32_t passed_over = wanted > room ? wanted - room : 0;
    uint32_t at = wanted;
    last = UINT64_MAX;
    for (struct index_walk walk = whole; index_walk_next(&walk, is_damaged);)
        if (is_wanted(search, &walk, last)) {
            last = walk.sequence;
            if (at-- <= wanted - passed_over)
                page->sequences[page->count + at] = walk.sequence;
        }
    page->count += wanted - passed_over;
    page->next = base > page->from ? base : page->from;
    if (passed_over > 0)
        page->next = page->sequences[page->count - 1];
    return page->next > page->from && page->count < page->max && search->looked < INDEX_LOOK_MAX;
}

static int search_backwards(struct search *search) {
    bool is_damaged = false;
    int failure = go_to_last(search, search->page->next);
    while (failure == 0 && take_chunk_backwards(search, &is_damaged)) {
        failure = move(search, MDB_PREV);
        if (failure == 0 && !is_in_group(search))
            failure = FAILURE_NOT_FOUND;
    }
    if (is_damaged)
        return damaged(search);
    if (failure == FAILURE_NOT_FOUND)
        search->page->next = search->page->from;
    return failure == FAILURE_NOT_FOUND ? 0 : failure;
}

/* --- both --------------------------------------------------------------------------------------
 */

static int find(struct index_reader *reader, struct index_page *page,
                int (*search_table)(struct search *search)) {
    uint64_t as_of = 0;
    assert(page->kind < SUBJECT_KINDS && page->max > 0);
    page->count = 0;
    page->next = page->from;
    page->as_of = 0;
    int failure = begin(reader, page->kind);
    if (failure == 0)
        failure = cache_read_as_of(reader->env, &index_kind, reader->txn, &as_of);
    if (failure == 0 && page->from < as_of && page->from < page->to) {
        struct search search = {.page = page,
                                .cursor = reader->cursors[page->kind],
                                .group = index_group(page->kind, page->id),
                                .member = index_member(page->kind, page->id)};
        page->next = page->to < as_of ? page->to : as_of;
        failure = search_table(&search);
    }
    if (failure == 0)
        page->as_of = as_of;
    if (reader->txn != NULL)
        mdb_txn_reset(reader->txn);
    return failure == FAILURE_NOT_FOUND ? 0 : failure; /* nothing is committed yet */
}

int index_find(struct index_reader *reader, struct index_page *page) {
    return find(reader, page, search_chunks);
}

int index_find_last(struct index_reader *reader, struct index_page *page) {
    return find(reader, page, search_backwards);
}
