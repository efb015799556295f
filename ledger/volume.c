/* Names, birth and small rows of volumes. */
#include "ledger/volume.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/failure.h"

#define FOLDER_MODE 0750
#define NAME_DIGITS 6

#define HEAD_SIZE       (4 + 4 + 8 + HASH_SIZE + 4)
#define HEAD_SIZE_FIRST (HEAD_SIZE - 4) /* of format 1 */
#define TREE_SIZE       (8 + HASH_SIZE)
#define EPOCH_SIZE      8

static const char *const table_names[VOLUME_TABLES] = {"records", "tiles", "checkpoints"};

/* --- names ----------------------------------------------------------------------------------- */

int volume_join(char path[VOLUME_PATH_SIZE], const char *begin, const char *end) {
    int size = snprintf(path, VOLUME_PATH_SIZE, "%s%s", begin, end);
    if (size < 0 || size >= VOLUME_PATH_SIZE)
        return failure_log(FAILURE_SYSTEM, "path too long: %.80s...", begin);
    return 0;
}

int volume_path(const char *dir, uint32_t number, char path[VOLUME_PATH_SIZE]) {
    char name[32];
    assert(number <= VOLUME_NUMBER_MAX);
    snprintf(name, sizeof name, "/volume-%06u", number);
    return volume_join(path, dir, name);
}

/* The number in a folder's name, or -1 for another name. */
static int64_t name_number(const char *name) {
    static const char prefix[] = "volume-";
    int64_t number = 0;
    if (strncmp(name, prefix, strlen(prefix)) != 0)
        return -1;
    name += strlen(prefix);
    for (int i = 0; i < NAME_DIGITS; i++) {
        if (name[i] < '0' || name[i] > '9')
            return -1;
        number = number * 10 + (name[i] - '0');
    }
    return name[NAME_DIGITS] == '\0' ? number : -1;
}

int volume_range(const char *dir, uint32_t *lowest, uint32_t *highest) {
    uint32_t count = 0;
    DIR *folder = opendir(dir);
    if (folder == NULL)
        return errno == ENOENT ? FAILURE_NOT_FOUND : failure_errno("open %s", dir);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        int64_t number = name_number(entry->d_name);
        if (number < 0)
            continue;
        if (count == 0 || (uint32_t)number < *lowest)
            *lowest = (uint32_t)number;
        if (count == 0 || (uint32_t)number > *highest)
            *highest = (uint32_t)number;
        count++;
    }
    closedir(folder);
    if (count == 0)
        return FAILURE_NOT_FOUND;
    if (count != *highest - *lowest + 1)
        return failure_log(FAILURE_DAMAGED, "%s: a volume is missing between %u and %u", dir,
                           *lowest, *highest);
    return 0;
}

/* --- rows ------------------------------------------------------------------------------------ */

static void put_number(uint8_t *bytes, uint64_t number, uint32_t size) {
    for (uint32_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(number >> (8 * i));
}

static uint64_t get_number(const uint8_t *bytes, uint32_t size) {
    uint64_t number = 0;
    for (uint32_t i = size; i-- > 0;)
        number = number << 8 | bytes[i];
    return number;
}

void volume_key(uint64_t number, uint8_t key[VOLUME_KEY_SIZE]) {
    for (uint32_t i = 0; i < VOLUME_KEY_SIZE; i++)
        key[i] = (uint8_t)(number >> (56 - 8 * i));
}

uint64_t volume_key_number(const void *key) {
    const uint8_t *bytes = key;
    uint64_t number = 0;
    for (uint32_t i = 0; i < VOLUME_KEY_SIZE; i++)
        number = number << 8 | bytes[i];
    return number;
}

uint64_t volume_tile_number(uint32_t level, uint64_t index) {
    assert(index < UINT64_C(1) << 56);
    return (uint64_t)level << 56 | index;
}

static int read_row(const struct env *env, MDB_txn *txn, const char *name, MDB_val *value) {
    MDB_val key = {strlen(name), (char *)(uintptr_t)name};
    int code = mdb_get(txn, env->main, &key, value);
    if (code == MDB_NOTFOUND)
        return FAILURE_NOT_FOUND;
    return code == 0 ? 0 : env_failure(code, name);
}

/* A row whose size is known; copied, for values are not aligned. */
static int read_fixed(const struct env *env, MDB_txn *txn, const char *name, uint8_t *bytes,
                      size_t size) {
    MDB_val value;
    int failure = read_row(env, txn, name, &value);
    if (failure != 0)
        return failure;
    if (value.mv_size != size)
        return failure_log(FAILURE_DAMAGED, "row %s has %zu bytes, not %zu", name, value.mv_size,
                           size);
    memcpy(bytes, value.mv_data, size);
    return 0;
}

static int write_row(const struct env *env, MDB_txn *txn, const char *name, MDB_val value) {
    MDB_val key = {strlen(name), (char *)(uintptr_t)name};
    int code = mdb_put(txn, env->main, &key, &value, 0);
    return code == 0 ? 0 : env_failure(code, name);
}

static int read_tree(const struct env *env, MDB_txn *txn, const char *name,
                     struct merkle_head *tree) {
    uint8_t bytes[TREE_SIZE];
    int failure = read_fixed(env, txn, name, bytes, sizeof bytes);
    if (failure != 0)
        return failure;
    tree->size = get_number(bytes, 8);
    memcpy(tree->root.bytes, bytes + 8, HASH_SIZE);
    if (tree->size >= TREE_SIZE_MAX)
        return failure_log(FAILURE_DAMAGED, "row %s names an impossible size", name);
    return 0;
}

static int write_tree(const struct env *env, MDB_txn *txn, const char *name,
                      const struct merkle_head *tree) {
    uint8_t bytes[TREE_SIZE];
    put_number(bytes, tree->size, 8);
    memcpy(bytes + 8, tree->root.bytes, HASH_SIZE);
    return write_row(env, txn, name, (MDB_val){sizeof bytes, bytes});
}

/* The head's bytes; of a format before the profile, as that format's successor writes it. */
static int read_head(const struct env *env, MDB_txn *txn, uint8_t bytes[HEAD_SIZE]) {
    MDB_val value;
    int failure = read_row(env, txn, "head", &value);
    if (failure != 0)
        return failure;
    uint64_t format = value.mv_size >= 4 ? get_number(value.mv_data, 4) : 0;
    if (format > VOLUME_FORMAT)
        return failure_log(FAILURE_VERSION, "volume of format %u, this release reads %u",
                           (uint32_t)format, VOLUME_FORMAT);
    size_t size = format == VOLUME_FORMAT ? HEAD_SIZE : HEAD_SIZE_FIRST;
    if (format == 0 || value.mv_size != size)
        return failure_log(FAILURE_DAMAGED, "row head has %zu bytes, not %zu", value.mv_size, size);
    put_number(bytes + HEAD_SIZE_FIRST, PROFILE_INTERNATIONAL, 4);
    memcpy(bytes, value.mv_data, size);
    return 0;
}

int volume_read_head(const struct env *env, MDB_txn *txn, struct volume_head *head) {
    uint8_t bytes[HEAD_SIZE];
    int failure = read_head(env, txn, bytes);
    if (failure != 0)
        return failure;
    head->number = (uint32_t)get_number(bytes + 4, 4);
    head->start.size = get_number(bytes + 8, 8);
    memcpy(head->start.root.bytes, bytes + 16, HASH_SIZE);
    uint64_t profile = get_number(bytes + HEAD_SIZE_FIRST, 4);
    if (head->start.size >= TREE_SIZE_MAX)
        return failure_log(FAILURE_DAMAGED, "volume begins at an impossible sequence");
    if (profile == 0 || profile >= PROFILES_END)
        return failure_log(FAILURE_DAMAGED, "volume of no profile that there is");
    head->profile = (uint8_t)profile;
    return 0;
}

static int write_head(const struct env *env, MDB_txn *txn, const struct volume_head *head) {
    uint8_t bytes[HEAD_SIZE];
    put_number(bytes, VOLUME_FORMAT, 4);
    put_number(bytes + 4, head->number, 4);
    put_number(bytes + 8, head->start.size, 8);
    memcpy(bytes + 16, head->start.root.bytes, HASH_SIZE);
    put_number(bytes + HEAD_SIZE_FIRST, head->profile, 4);
    return write_row(env, txn, "head", (MDB_val){sizeof bytes, bytes});
}

int volume_read_edge(const struct env *env, MDB_txn *txn, struct hasher *hasher,
                     struct edge *edge) {
    struct volume_head head;
    struct hash root;
    MDB_val value;
    int failure = volume_read_head(env, txn, &head);
    if (failure == 0)
        failure = read_row(env, txn, "edge", &value);
    if (failure != 0)
        return failure;
    if (value.mv_size != edge_hashes(head.start.size) * sizeof(struct hash))
        return failure_log(FAILURE_DAMAGED, "volume %u: its edge has the wrong size", head.number);
    edge_read(edge, hasher, head.start.size, value.mv_data);
    edge_root(edge, hasher, &root);
    if (!hash_equal(&root, &head.start.root))
        return failure_log(FAILURE_DAMAGED, "volume %u: its edge has another root", head.number);
    return 0;
}

int volume_read_epoch(const struct env *env, MDB_txn *txn, uint64_t *epoch) {
    uint8_t bytes[EPOCH_SIZE];
    int failure = read_fixed(env, txn, "epoch", bytes, sizeof bytes);
    if (failure == 0)
        *epoch = get_number(bytes, EPOCH_SIZE);
    return failure;
}

int volume_write_epoch(const struct env *env, MDB_txn *txn, uint64_t epoch) {
    uint8_t bytes[EPOCH_SIZE];
    put_number(bytes, epoch, EPOCH_SIZE);
    return write_row(env, txn, "epoch", (MDB_val){sizeof bytes, bytes});
}

int volume_read_tail(const struct env *env, MDB_txn *txn, struct merkle_head *tail) {
    return read_tree(env, txn, "tail", tail);
}

int volume_read_closed(const struct env *env, MDB_txn *txn, struct merkle_head *end) {
    return read_tree(env, txn, "closed", end);
}

int volume_write_tail(const struct env *env, MDB_txn *txn, const struct merkle_head *tail) {
    return write_tree(env, txn, "tail", tail);
}

int volume_write_closed(const struct env *env, MDB_txn *txn, const struct merkle_head *end) {
    return write_tree(env, txn, "closed", end);
}

/* Judges what a cursor has brought. */
static int block_failure(int code, const MDB_val *key, uint64_t *first) {
    if (code == MDB_NOTFOUND)
        return FAILURE_NOT_FOUND;
    if (code != 0)
        return env_failure(code, "records");
    if (key->mv_size != VOLUME_KEY_SIZE)
        return failure_log(FAILURE_DAMAGED, "block with a key of %zu bytes", key->mv_size);
    *first = volume_key_number(key->mv_data);
    return 0;
}

int volume_find_block(MDB_cursor *cursor, uint64_t sequence, uint64_t *first, MDB_val *block) {
    uint8_t bytes[VOLUME_KEY_SIZE];
    MDB_val key = {sizeof bytes, bytes};
    volume_key(sequence, bytes);
    int code = mdb_cursor_get(cursor, &key, block, MDB_SET_RANGE);
    int failure = block_failure(code, &key, first);
    if (failure == 0 && *first == sequence)
        return 0;
    if (failure != 0 && failure != FAILURE_NOT_FOUND)
        return failure;
    code = mdb_cursor_get(cursor, &key, block, failure == 0 ? MDB_PREV : MDB_LAST);
    failure = block_failure(code, &key, first);
    if (failure == 0 && *first > sequence)
        return failure_log(FAILURE_DAMAGED, "blocks are out of order at %" PRIu64, sequence);
    return failure;
}

int volume_next_block(MDB_cursor *cursor, uint64_t *first, MDB_val *block) {
    MDB_val key;
    uint64_t before = *first;
    int failure = block_failure(mdb_cursor_get(cursor, &key, block, MDB_NEXT), &key, first);
    if (failure == 0 && *first <= before)
        return failure_log(FAILURE_DAMAGED, "blocks are out of order after %" PRIu64, before);
    return failure;
}

int volume_read_tile(const struct env *env, MDB_txn *txn, uint64_t tile_number,
                     const struct hash **hashes) {
    uint8_t bytes[VOLUME_KEY_SIZE];
    MDB_val key = {sizeof bytes, bytes};
    MDB_val value;
    volume_key(tile_number, bytes);
    int code = mdb_get(txn, env->tables[VOLUME_TILES], &key, &value);
    if (code == MDB_NOTFOUND)
        return FAILURE_NOT_FOUND;
    if (code != 0)
        return env_failure(code, "tile");
    if (value.mv_size != TILE_WIDTH * sizeof(struct hash))
        return failure_log(FAILURE_DAMAGED, "tile of %zu bytes", value.mv_size);
    *hashes = value.mv_data;
    return 0;
}

/* --- birth ----------------------------------------------------------------------------------- */

int volume_sync_folder(const char *path) {
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return failure_errno("open %s", path);
    int failure = fsync(folder) == 0 ? 0 : failure_errno("sync %s", path);
    close(folder);
    return failure;
}

int volume_remove(const char *path) {
    static const char *const files[] = {"/data.mdb", "/lock.mdb"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char file[VOLUME_PATH_SIZE];
        int failure = volume_join(file, path, files[i]);
        if (failure != 0)
            return failure;
        if (unlink(file) != 0 && errno != ENOENT)
            return failure_errno("remove %s", file);
    }
    return rmdir(path) == 0 || errno == ENOENT ? 0 : failure_errno("remove %s", path);
}

/* The rows of an empty volume that begins with `edge`. */
static int write_birth(const struct env *env, uint32_t number, const struct volume_birth *birth) {
    struct volume_head head = {
        .number = number, .profile = birth->profile, .start.size = birth->edge->size};
    struct hasher *hasher = hasher_create(birth->profile);
    struct hash *hashes = calloc(EDGE_HASHES_MAX, sizeof *hashes);
    MDB_txn *txn = NULL;
    int failure = hasher == NULL || hashes == NULL ? failure_errno("new volume") : 0;
    int code = failure == 0 ? mdb_txn_begin(env->mdb, NULL, 0, &txn) : 0;
    if (code != 0)
        failure = env_failure(code, "new volume");
    if (failure == 0) {
        edge_root(birth->edge, hasher, &head.start.root);
        failure = write_head(env, txn, &head);
    }
    if (failure == 0) {
        MDB_val value = {edge_write(birth->edge, hashes) * sizeof *hashes, hashes};
        failure = write_row(env, txn, "edge", value);
    }
    if (failure == 0)
        failure = volume_write_epoch(env, txn, birth->epoch);
    if (failure == 0)
        failure = volume_write_tail(env, txn, &head.start);
    if (failure == 0) {
        code = mdb_txn_commit(txn);
        failure = code == 0 ? 0 : env_failure(code, "new volume");
    } else if (txn != NULL) {
        mdb_txn_abort(txn);
    }
    free(hashes);
    hasher_destroy(hasher);
    return failure;
}

static int make_environment(struct env **env, const char *path, uint32_t number,
                            const struct volume_birth *birth) {
    struct env_options options = {.mode = ENV_WRITE,
                                  .map_bytes = birth->map_bytes,
                                  .tables = table_names,
                                  .tables_count = VOLUME_TABLES};
    if (mkdir(path, FOLDER_MODE) != 0)
        return failure_errno("make %s", path);
    int failure = env_open(env, path, &options);
    return failure != 0 ? failure : write_birth(*env, number, birth);
}

int volume_create(struct env **env, const char *dir, uint32_t number,
                  const struct volume_birth *birth) {
    char path[VOLUME_PATH_SIZE];
    char path_new[VOLUME_PATH_SIZE];
    *env = NULL;
    if (number > VOLUME_NUMBER_MAX)
        return failure_log(FAILURE_SYSTEM, "no volume numbers left");
    int failure = volume_path(dir, number, path);
    if (failure == 0)
        failure = volume_join(path_new, path, ".new");
    if (failure == 0)
        failure = volume_remove(path_new);
    if (failure == 0)
        failure = make_environment(env, path_new, number, birth);
    if (failure == 0)
        failure = volume_sync_folder(path_new);
    if (failure == 0 && rename(path_new, path) != 0)
        failure = failure_errno("rename %s", path_new);
    if (failure == 0)
        failure = volume_sync_folder(dir);
    if (failure != 0) {
        env_close(*env);
        *env = NULL;
    }
    return failure;
}

int volume_open(struct env **env, const char *dir, uint32_t number, enum env_mode mode,
                uint64_t map_bytes) {
    char path[VOLUME_PATH_SIZE];
    struct env_options options = {
        .mode = mode, .map_bytes = map_bytes, .tables = table_names, .tables_count = VOLUME_TABLES};
    *env = NULL;
    int failure = volume_path(dir, number, path);
    return failure != 0 ? failure : env_open(env, path, &options);
}
