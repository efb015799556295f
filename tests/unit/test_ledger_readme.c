/* ledger/README.md: its vectors are what the code makes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/block.h"
#include "ledger/checkpoint.h"
#include "ledger/edge.h"
#include "ledger/index_batch.h"
#include "ledger/map.h"
#include "ledger/record.h"
#include "ledger/tile.h"
#include "ledger/volume.h"
#include "proto/codec_request.h"
#include "tests/unit/readme.h"

#define README     "ledger/README.md"
#define ORIGIN     "exchange.example/2026"
#define VALUE_SIZE 512

static void write_hex(char *text, const void *bytes, size_t size) {
    for (size_t i = 0; i < size; i++)
        snprintf(text + 2 * i, 3, "%02x", ((const uint8_t *)bytes)[i]);
}

/* --- the tree of "a", "b", "c" -----------------------------------------------------------------
 */

static int no_tile(void *owner, uint32_t level, uint64_t index,
                   const struct hash hashes[TILE_WIDTH]) {
    (void)owner;
    (void)level;
    (void)index;
    (void)hashes;
    return -1;
}

static void tree_of(struct hasher *hasher, const char *letters, struct hash *root) {
    static struct edge edge;
    struct edge_sink sink = {no_tile, NULL};
    memset(&edge, 0, sizeof edge);
    for (; *letters != '\0'; letters++) {
        struct hash leaf;
        hasher_leaf(hasher, letters, 1, &leaf);
        assert_int_equal(edge_append(&edge, hasher, &leaf, &sink), 0);
    }
    edge_root(&edge, hasher, root);
}

static void make_signer(struct note_signer *signer, uint8_t profile) {
    uint8_t secret[SECRET_KEY_SIZE];
    for (uint32_t i = 0; i < sizeof secret; i++)
        secret[i] = (uint8_t)i;
    assert_int_equal(note_signer_make(signer, profile, ORIGIN, secret), 0);
}

/* --- the table ---------------------------------------------------------------------------------
 */

static void make_frame(struct hasher *hasher, char *value) {
    uint8_t frame[16];
    (void)hasher;
    write_hex(value, frame, frame_put(frame, "abc", 3));
}

static void make_leaf(struct hasher *hasher, char *value) {
    uint8_t frame[16];
    struct hash leaf;
    frame_put(frame, "abc", 3);
    frame_leaf(hasher, frame, &leaf);
    write_hex(value, &leaf, sizeof leaf);
}

static void make_node(struct hasher *hasher, char *value) {
    struct hash root;
    tree_of(hasher, "ab", &root);
    write_hex(value, &root, sizeof root);
}

static void make_tree(struct hasher *hasher, char *value) {
    struct hash root;
    tree_of(hasher, "abc", &root);
    write_hex(value, &root, sizeof root);
}

static void make_empty(struct hasher *hasher, char *value) {
    struct hash root;
    tree_of(hasher, "", &root);
    write_hex(value, &root, sizeof root);
}

static void make_salt(struct hasher *hasher, char *value) {
    uint8_t salt[SALT_SIZE];
    uint8_t derived[SALT_SIZE];
    for (uint32_t i = 0; i < sizeof salt; i++)
        salt[i] = (uint8_t)i;
    hasher_salt(hasher, salt, 1, derived);
    write_hex(value, derived, sizeof derived);
}

static void make_tile_row(struct hasher *hasher, char *value) {
    uint8_t key[VOLUME_KEY_SIZE];
    (void)hasher;
    volume_key(volume_tile_number(1, 5), key);
    write_hex(value, key, sizeof key);
}

/* Key, space, value. */
static int write_chunk(void *owner, const struct index_chunk *chunk) {
    uint8_t key[INDEX_KEY_SIZE];
    char *value = owner;
    index_key(chunk->group, chunk->base, key);
    write_hex(value, key, sizeof key);
    strcat(value, " ");
    write_hex(value + strlen(value), chunk->bytes.bytes, chunk->bytes.size);
    return 0;
}

static void make_chunk(struct hasher *hasher, char *value) {
    struct index_batch *batch = index_batch_create();
    (void)hasher;
    assert_non_null(batch);
    index_batch_add(batch, SUBJECT_ORDER, order_id_of(1, 1), 10);
    index_batch_add(batch, SUBJECT_ORDER, order_id_of(1, 2), 11);
    index_batch_add(batch, SUBJECT_ORDER, order_id_of(1, 1), 311);
    assert_int_equal(index_batch_flush(batch, write_chunk, value), 0);
    index_batch_destroy(batch);
}

static void make_tile_file(struct hasher *hasher, char *value) {
    (void)hasher;
    tile_path(0, 1234067, TILE_WIDTH, value);
}

static void make_entries_file(struct hasher *hasher, char *value) {
    (void)hasher;
    tile_path(TILE_ENTRIES, 2, 70, value);
}

static void make_key(struct hasher *hasher, char *value) {
    struct note_signer signer;
    struct note_verifier verifier;
    make_signer(&signer, hasher_profile(hasher));
    assert_int_equal(note_signer_verifier(&signer, &verifier), 0);
    note_verifier_format(&verifier, value);
    note_verifier_fini(&verifier);
    note_signer_fini(&signer);
}

/* The map of three entries with keys of two bytes. */
static struct map *make_three(struct hasher *hasher) {
    static const uint8_t keys[3][2] = {{0x10, 0x01}, {0x10, 0x02}, {0x20, 0x01}};
    struct map *map = map_create(2, 3);
    assert_non_null(map);
    for (uint32_t i = 0; i < 3; i++) {
        struct hash of;
        hasher_digest(hasher, &"abc"[i], 1, &of);
        assert_true(map_set(map, keys[i], &of));
    }
    return map;
}

static void make_map_entry(struct hasher *hasher, char *value) {
    static const uint8_t key[2] = {0x10, 0x01};
    struct hash hash;
    hasher_digest(hasher, "a", 1, &hash);
    map_leaf(hasher, key, sizeof key, &hash, &hash);
    write_hex(value, &hash, sizeof hash);
}

static void make_map(struct hasher *hasher, char *value) {
    struct map *map = make_three(hasher);
    struct hash root;
    map_root(map, hasher, &root);
    write_hex(value, &root, sizeof root);
    map_destroy(map);
}

static void write_proof(struct hasher *hasher, uint8_t prefix, char *value) {
    uint8_t proof[MAP_PROOF_MAX];
    struct map *map = make_three(hasher);
    write_hex(value, proof, map_prove(map, hasher, &prefix, 1, proof));
    map_destroy(map);
}

static void make_map_proof(struct hasher *hasher, char *value) {
    write_proof(hasher, 0x10, value);
}

static void make_map_none(struct hasher *hasher, char *value) {
    write_proof(hasher, 0x30, value);
}

/* The rows "national ..." are made by the same functions, with that profile's hasher. */
#define NATIONAL "national "

static const struct vector {
    const char *name;
    void (*make)(struct hasher *hasher, char *value);
} VECTORS[] = {{NATIONAL "leaf", make_leaf},
               {NATIONAL "node", make_node},
               {NATIONAL "tree", make_tree},
               {NATIONAL "empty tree", make_empty},
               {NATIONAL "verifier key", make_key},
               {"frame", make_frame},
               {"leaf", make_leaf},
               {"node", make_node},
               {"tree", make_tree},
               {"empty tree", make_empty},
               {"salt", make_salt},
               {"order chunk", make_chunk},
               {"tile row", make_tile_row},
               {"tile file", make_tile_file},
               {"entries file", make_entries_file},
               {"verifier key", make_key},
               {"map entry", make_map_entry},
               {"map", make_map},
               {"map proof", make_map_proof},
               {"map proof of none", make_map_none}};
#define VECTORS_COUNT (sizeof VECTORS / sizeof VECTORS[0])

struct found {
    struct hasher *hashers[PROFILES_END];
    uint32_t count;
};

static void compare_row(void *owner, char *cells[4]) {
    struct found *found = owner;
    for (size_t i = 0; i < VECTORS_COUNT; i++) {
        char value[VALUE_SIZE];
        char expected[VALUE_SIZE + 2];
        if (strcmp(cells[0], VECTORS[i].name) != 0)
            continue;
        bool is_national = strncmp(VECTORS[i].name, NATIONAL, strlen(NATIONAL)) == 0;
        VECTORS[i].make(found->hashers[is_national ? PROFILE_NATIONAL : PROFILE_INTERNATIONAL],
                        value);
        snprintf(expected, sizeof expected, "`%s`", value);
        assert_string_equal(cells[2], expected);
        found->count++;
    }
}

static void the_tables_vectors_are_what_we_make(void **state) {
    struct found found = {.count = 0};
    (void)state;
    for (uint8_t profile = 1; profile < PROFILES_END; profile++) {
        found.hashers[profile] = hasher_create(profile);
        assert_non_null(found.hashers[profile]);
    }
    readme_rows(README, compare_row, &found);
    assert_int_equal(found.count, VECTORS_COUNT);
    for (uint8_t profile = 1; profile < PROFILES_END; profile++)
        hasher_destroy(found.hashers[profile]);
}

static void the_checkpoint_is_the_one_we_sign(void **state) {
    struct checkpoint checkpoint = {.origin = ORIGIN, .head.size = 3};
    struct note_signer signer;
    const struct note_signer *signers[] = {&signer};
    struct hasher *hasher = hasher_create(PROFILE_INTERNATIONAL);
    char note[CHECKPOINT_SIZE_MAX + 1];
    (void)state;
    make_signer(&signer, PROFILE_INTERNATIONAL);
    tree_of(hasher, "abc", &checkpoint.head.root);
    int size = checkpoint_sign(&checkpoint, signers, 1, note);
    assert_true(size > 0);
    note[size] = '\0';
    char *block = readme_block(README, "note");
    assert_string_equal(block, note);
    free(block);
    note_signer_fini(&signer);
    hasher_destroy(hasher);
}

/* Signed once: what is compared is what it says, and that its key has signed it. */
static void the_national_checkpoint_is_right(void **state) {
    struct checkpoint checkpoint;
    struct note_signer signer;
    struct note_verifier verifier;
    struct note note;
    struct hash root;
    struct hasher *hasher = hasher_create(PROFILE_NATIONAL);
    char *block = readme_block(README, "national");
    (void)state;
    make_signer(&signer, PROFILE_NATIONAL);
    assert_int_equal(note_signer_verifier(&signer, &verifier), 0);
    struct note_keyring keys = {&verifier, 1};
    assert_int_equal(checkpoint_open(block, strlen(block), &keys, &checkpoint, &note), 0);
    tree_of(hasher, "abc", &root);
    assert_int_equal(checkpoint.head.size, 3);
    assert_true(hash_equal(&checkpoint.head.root, &root));
    note_verifier_fini(&verifier);
    note_signer_fini(&signer);
    hasher_destroy(hasher);
    free(block);
}

/* --- the record --------------------------------------------------------------------------------
 */

static uint8_t *on_room(struct record_output *output) {
    return output->owner;
}

static size_t record_size;

static void on_done(struct record_output *output, size_t size, const struct record_slice *slices,
                    uint32_t slices_count) {
    (void)output;
    (void)slices;
    (void)slices_count;
    record_size = size;
}

static void the_record_is_the_one_we_write(void **state) {
    static uint8_t bytes[RECORD_BYTES_MAX];
    static struct record_writer writer;
    struct record_output output = {.room = on_room, .done = on_done, .owner = bytes};
    struct request request = {.command = {.verb = VERB_STOP, .stamp = {.sequence = 7}}};
    struct record_header header = {.sequence = 7, .time_ns = 11, .version = 1};
    uint8_t body[64];
    char text[VALUE_SIZE];
    (void)state;
    for (uint8_t i = 0; i < SALT_BYTES; i++)
        header.salt[i] = i;
    size_t size = codec_request_encode(&request, NULL, body, sizeof body);
    record_begin(&writer, &output, &header, &request.command, (struct span){body, size});
    assert_int_equal(record_end(&writer), 1);
    write_hex(text, bytes, record_size);
    strcat(text, "\n");
    char *block = readme_block(README, "hex");
    assert_string_equal(block, text);
    free(block);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_vectors_are_what_we_make),
        cmocka_unit_test(the_checkpoint_is_the_one_we_sign),
        cmocka_unit_test(the_national_checkpoint_is_right),
        cmocka_unit_test(the_record_is_the_one_we_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
