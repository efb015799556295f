/* Folders and records for tests of the ledger. */
#include "tests/unit/ledger_folder.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "bench/random.h"
#include "ledger/edge.h"

#define LARGE_ONCE_IN 700

const struct journal_options ledger_folder_options = {
    .volume_bytes_max = UINT64_C(1) << 30, .space = {8u << 20, 4u << 20, 2u << 20, 1u << 20}};

void ledger_folder_make(char dir[LEDGER_FOLDER_PATH]) {
    const char *parent = getenv("TMPDIR");
    int size =
        snprintf(dir, LEDGER_FOLDER_PATH, "%s/tpx-ledger-XXXXXX", parent != NULL ? parent : "/tmp");
    assert_in_range(size, 1, LEDGER_FOLDER_PATH - 1);
    assert_non_null(mkdtemp(dir));
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk) {
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void ledger_folder_remove(const char *dir) {
    assert_int_equal(nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

size_t ledger_record(uint64_t sequence, uint8_t record[BLOCK_RECORD_MAX]) {
    struct random random = {.state = sequence * 77 + 1};
    size_t size = random_between(&random, 9, 600);
    if (random_once_in(&random, LARGE_ONCE_IN))
        size = random_between(&random, 9, BLOCK_RECORD_MAX);
    for (size_t at = 0; at < size; at += sizeof sequence) {
        uint64_t word = at == 0 ? sequence : random_next(&random);
        memcpy(record + at, &word, size - at < sizeof word ? size - at : sizeof word);
    }
    return size;
}

void ledger_folder_append(struct journal *journal, uint64_t count) {
    uint8_t record[BLOCK_RECORD_MAX];
    struct merkle_head head;
    journal_head(journal, &head);
    for (uint64_t i = 0; i < count; i++) {
        size_t size = ledger_record(head.size + i, record);
        assert_int_equal(journal_append(journal, record, size), 0);
    }
    assert_int_equal(journal_commit(journal), 0);
}

static int drop_tile(void *owner, uint32_t level, uint64_t index,
                     const struct hash hashes[TILE_WIDTH]) {
    (void)owner;
    (void)level;
    (void)index;
    (void)hashes;
    return 0;
}

void ledger_folder_root(uint64_t size, struct hash *root) {
    struct edge_sink sink = {drop_tile, NULL};
    struct hasher *hasher = hasher_create(algorithms_profile());
    struct edge *edge = calloc(1, sizeof *edge);
    uint8_t record[BLOCK_RECORD_MAX];
    assert_true(hasher != NULL && edge != NULL);
    while (edge->size < size) {
        struct hash leaf;
        hasher_leaf(hasher, record, ledger_record(edge->size, record), &leaf);
        assert_int_equal(edge_append(edge, hasher, &leaf, &sink), 0);
    }
    edge_root(edge, hasher, root);
    free(edge);
    hasher_destroy(hasher);
}
