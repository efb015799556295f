/*
 * gateway/signing.h: which keys sign a checkpoint.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "gateway/keyfile.h"
#include "gateway/signing.h"
#include "tests/unit/ledger_folder.h"
#include "tests/unit/rig.h"

#define ORIGIN "tpx.example/signing"

/* A new key in a file of the folder, and known to the engine. */
static void add_key(struct rig *rig, const char *dir, const char *file, struct act *revoke) {
    char path[LEDGER_FOLDER_PATH + 32];
    struct note_signer signer;
    struct act act = {.kind = ACT_CHECKPOINT_KEY};
    assert_int_equal(note_signer_generate(&signer, algorithms_profile(), ORIGIN), 0);
    snprintf(path, sizeof path, "%s/%s", dir, file);
    assert_int_equal(keyfile_note_save(&signer, path), 0);
    signer_public(signer.key, &act.checkpoint_key.key);
    note_signer_fini(&signer);
    rig_act_by_two(rig, &act);
    *revoke = act;
    revoke->checkpoint_key.is_revoked = true;
}

/* Signatures under the checkpoint of a tree of `size`. */
static uint32_t count_signatures(struct signing *signing, uint64_t size) {
    struct merkle_head head = {.size = size};
    uint64_t tree_size;
    size_t note_size;
    uint32_t count = 0;
    assert_true(signing_push(signing, &head));
    signing_drain(signing);
    const char *note = signing_take(signing, &tree_size, &note_size);
    if (note == NULL)
        return 0;
    assert_int_equal(tree_size, size);
    for (size_t i = 0; i + 1 < note_size; i++)
        count += memcmp(note + i, "\n\xe2", 2) == 0; /* a line that begins with a dash */
    return count;
}

static void keys_sign_until_they_are_revoked(void **state) {
    struct rig *rig = *state;
    char dir[LEDGER_FOLDER_PATH];
    struct wake wake;
    struct act revoke_old;
    struct act revoke_new;
    ledger_folder_make(dir);
    assert_int_equal(wake_init(&wake), 0);
    add_key(rig, dir, "checkpoint.key", &revoke_old);
    add_key(rig, dir, "checkpoint-2.key", &revoke_new);
    struct genesis genesis = {.profile = algorithms_profile(), .origin_bytes = strlen(ORIGIN)};
    memcpy(genesis.origin, ORIGIN, strlen(ORIGIN));
    struct signing *signing = signing_create(dir, &genesis, &wake);
    assert_non_null(signing);
    signing_look(signing, rig->engine);
    assert_int_equal(count_signatures(signing, 10), 2);
    rig_act_by_two(rig, &revoke_old);
    signing_look(signing, rig->engine);
    assert_int_equal(count_signatures(signing, 20), 1);
    rig_act_by_two(rig, &revoke_new); /* the genesis's is left, and is not in the folder */
    signing_look(signing, rig->engine);
    assert_int_equal(count_signatures(signing, 30), 0);
    signing_destroy(signing);
    wake_fini(&wake);
    ledger_folder_remove(dir);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keys_sign_until_they_are_revoked, rig_set_up,
                                        rig_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
