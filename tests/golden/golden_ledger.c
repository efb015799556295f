#include "tests/golden/golden_ledger.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "ledger/block.h"
#include "ledger/checkpoint.h"
#include "ledger/edge.h"
#include "ledger/state_digest.h"
#include "tests/golden/golden_day.h"

#define ORIGIN      "tpx.example/golden"
#define ORDERS      2000
#define PATH_BYTES  512
#define SECRET_BYTE 0x47 /* a key that nobody trusts */

/* --- reading -----------------------------------------------------------------------------------
 */

static void path_of(char path[PATH_BYTES], const char *folder, const char *name) {
    assert_in_range(snprintf(path, PATH_BYTES, "%s/%s", folder, name), 1, PATH_BYTES - 1);
}

static FILE *open_file(const char *folder, const char *name, const char *mode) {
    char path[PATH_BYTES];
    path_of(path, folder, name);
    FILE *file = fopen(path, mode);
    if (file == NULL)
        fail_msg("%s: cannot be opened", path);
    return file;
}

static void read_entries(struct golden_ledger *golden, const char *folder) {
    FILE *file = open_file(folder, "entries", "rb");
    static uint8_t record[BLOCK_RECORD_MAX];
    int high;
    record_list_init(&golden->list);
    while ((high = fgetc(file)) != EOF) {
        size_t size = (size_t)high << 8 | (size_t)fgetc(file);
        assert_in_range(size, 1, sizeof record);
        assert_int_equal(fread(record, 1, size, file), size);
        record_list_take(&golden->list, record, size);
    }
    assert_int_equal(fclose(file), 0);
}

static void read_checkpoint(struct golden_ledger *golden, const char *folder) {
    FILE *file = open_file(folder, "checkpoint", "rb");
    golden->checkpoint = malloc(CHECKPOINT_SIZE_MAX);
    assert_non_null(golden->checkpoint);
    golden->checkpoint_size = fread(golden->checkpoint, 1, CHECKPOINT_SIZE_MAX, file);
    assert_int_equal(fclose(file), 0);
}

static void read_hex(const char *text, struct hash *hash) {
    for (size_t i = 0; i < HASH_SIZE; i++) {
        unsigned byte;
        assert_int_equal(sscanf(text + 2 * i, "%2x", &byte), 1);
        hash->bytes[i] = (uint8_t)byte;
    }
}

static void take_line(struct golden_ledger *golden, const char *line) {
    char word[16];
    char rest[NOTE_KEY_TEXT_SIZE]; /* of 344 bytes, as the format below counts on */
    char hex[2 * HASH_SIZE + 1];
    struct golden_digest *digest = &golden->digests[golden->digests_count];
    assert_int_equal(sscanf(line, "%15s %343s %64s", word, rest, hex),
                     strncmp(line, "digest", 6) == 0 ? 3 : 2);
    if (strcmp(word, "key") == 0) {
        strcpy(golden->key, rest);
    } else if (strcmp(word, "records") == 0) {
        assert_int_equal(golden->list.count, strtoull(rest, NULL, 10));
    } else if (strcmp(word, "events") == 0) {
        golden->events = strtoull(rest, NULL, 10);
    } else {
        assert_string_equal(word, "digest");
        assert_true(golden->digests_count++ < GOLDEN_DIGESTS_MAX);
        digest->as_of = strtoull(rest, NULL, 10);
        read_hex(hex, &digest->digest);
    }
}

void golden_ledger_read(struct golden_ledger *golden, const char *folder) {
    char line[512];
    *golden = (struct golden_ledger){0};
    read_entries(golden, folder);
    read_checkpoint(golden, folder);
    FILE *file = open_file(folder, "expected", "r");
    while (fgets(line, sizeof line, file) != NULL)
        take_line(golden, line);
    assert_int_equal(fclose(file), 0);
    assert_true(golden->digests_count > 0);
}

void golden_ledger_fini(struct golden_ledger *golden) {
    record_list_fini(&golden->list);
    free(golden->checkpoint);
}

/* --- making ------------------------------------------------------------------------------------
 */

struct making {
    struct record_list list;
    struct maker maker;
    struct note_signer signer;
    FILE *expected;
};

static void write_digest(void *owner, struct maker *maker) {
    struct making *making = owner;
    struct hash digest;
    state_digest(maker->hasher, maker->engine, &digest);
    fprintf(making->expected, "digest %" PRIu64 " ", maker->next);
    for (size_t i = 0; i < HASH_SIZE; i++)
        fprintf(making->expected, "%02x", digest.bytes[i]);
    fputc('\n', making->expected);
}

static void make_signer(struct making *making, struct signing_key *key) {
    uint8_t secret[SECRET_KEY_SIZE];
    char text[NOTE_KEY_TEXT_SIZE];
    struct note_verifier verifier;
    memset(secret, SECRET_BYTE, sizeof secret);
    assert_int_equal(note_signer_make(&making->signer, algorithms_profile(), ORIGIN, secret), 0);
    signer_public(making->signer.key, key);
    assert_int_equal(note_signer_verifier(&making->signer, &verifier), 0);
    note_verifier_format(&verifier, text);
    fprintf(making->expected, "key %s\n", text);
    note_verifier_fini(&verifier);
}

static int drop_tile(void *owner, uint32_t level, uint64_t index,
                     const struct hash hashes[TILE_WIDTH]) {
    (void)owner;
    (void)level;
    (void)index;
    (void)hashes;
    return 0;
}

static void write_checkpoint(struct making *making, const char *folder) {
    struct edge *edge = calloc(1, sizeof *edge);
    struct edge_sink sink = {drop_tile, NULL};
    struct checkpoint checkpoint = {.origin = ORIGIN};
    const struct note_signer *signers[] = {&making->signer};
    char note[CHECKPOINT_SIZE_MAX];
    assert_non_null(edge);
    for (size_t i = 0; i < making->list.count; i++) {
        struct hash leaf;
        hasher_leaf(making->maker.hasher, making->list.records[i].bytes,
                    making->list.records[i].size, &leaf);
        assert_int_equal(edge_append(edge, making->maker.hasher, &leaf, &sink), 0);
    }
    checkpoint.head.size = edge->size;
    edge_root(edge, making->maker.hasher, &checkpoint.head.root);
    free(edge);
    int size = checkpoint_sign(&checkpoint, signers, 1, note);
    assert_true(size > 0);
    FILE *file = open_file(folder, "checkpoint", "wb");
    assert_int_equal(fwrite(note, 1, (size_t)size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void write_entries(const struct record_list *list, const char *folder) {
    FILE *file = open_file(folder, "entries", "wb");
    for (size_t i = 0; i < list->count; i++) {
        const struct listed_record *record = &list->records[i];
        fputc((int)(record->size >> 8), file);
        fputc((int)(record->size & 0xff), file);
        assert_int_equal(fwrite(record->bytes, 1, record->size, file), record->size);
    }
    assert_int_equal(fclose(file), 0);
}

static void write_counts(struct making *making) {
    struct replay *replay = replay_create(NULL);
    struct replay_counts counts;
    struct finding finding;
    assert_non_null(replay);
    if (!record_list_replay(&making->list, 0, replay, &finding))
        fail_msg("%s at %" PRIu64 ": %s", finding_name(finding.kind), finding.sequence,
                 finding.text);
    replay_counts(replay, &counts);
    replay_destroy(replay);
    fprintf(making->expected, "records %" PRIu64 "\nevents %" PRIu64 "\n", counts.records,
            counts.events);
}

void golden_ledger_make(const char *folder) {
    static struct making making;
    struct maker_genesis genesis = {.limits = maker_limits(ORDERS, &golden_market),
                                    .origin = ORIGIN};
    /* Accounts, instruments and parties that the days add. */
    genesis.limits.limit[POOL_ACCOUNTS] += 5;
    genesis.limits.limit[POOL_INSTRUMENTS] += 5;
    genesis.limits.limit[POOL_HOLDINGS] += 50;
    genesis.limits.limit[POOL_SESSIONS] += 5;
    genesis.limits.limit[POOL_PARTICIPANTS] += 5;
    genesis.limits.limit[POOL_KEYS] += 10;
    genesis.limits.limit[POOL_TIMERS] += 10;
    memcpy(genesis.limits.ceiling, genesis.limits.limit, sizeof genesis.limits.ceiling);
    assert_int_equal(mkdir(folder, 0755), 0);
    making.expected = open_file(folder, "expected", "w");
    make_signer(&making, &genesis.checkpoint_key);
    record_list_init(&making.list);
    maker_init(&making.maker, &genesis, record_list_take, &making.list);
    maker_market(&making.maker, &golden_market);
    golden_day_play(&making.maker, write_digest, &making);
    write_counts(&making);
    write_entries(&making.list, folder);
    write_checkpoint(&making, folder);
    assert_int_equal(fclose(making.expected), 0);
    note_signer_fini(&making.signer);
    maker_fini(&making.maker);
    record_list_fini(&making.list);
}
