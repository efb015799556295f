/*
 * ledger/audit.h and ledger/tree.h on small ledgers: sound ones, and ones in which a row was
 * changed, taken away or added behind the journal's back.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "ledger/audit.h"
#include "ledger/failure.h"
#include "ledger/guard.h"
#include "ledger/tree.h"
#include "ledger/volume.h"
#include "tests/unit/ledger_folder.h"

#define ORIGIN    "tpx.example/test"
#define MAP_BYTES (UINT64_C(1) << 30)

struct desk {
    char dir[LEDGER_FOLDER_PATH];
    struct journal *journal;
    struct note_signer signer;
    struct note_verifier verifier;
    struct note_keyring keys;
    struct hasher *hasher;
};

static int open_desk(void **state) {
    struct desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    ledger_folder_make(desk->dir);
    desk->hasher = hasher_create(algorithms_profile());
    assert_int_equal(note_signer_generate(&desk->signer, algorithms_profile(), ORIGIN), 0);
    assert_int_equal(note_signer_verifier(&desk->signer, &desk->verifier), 0);
    desk->keys = (struct note_keyring){&desk->verifier, 1};
    assert_int_equal(journal_create(desk->dir, algorithms_profile()), 0);
    assert_int_equal(journal_open(&desk->journal, desk->dir, &ledger_folder_options), 0);
    *state = desk;
    return 0;
}

static int close_desk(void **state) {
    struct desk *desk = *state;
    journal_close(desk->journal);
    note_signer_fini(&desk->signer);
    note_verifier_fini(&desk->verifier);
    hasher_destroy(desk->hasher);
    ledger_folder_remove(desk->dir);
    free(desk);
    return 0;
}

/* Signs the tree as it stands, `root_flip` being put into its root. */
static void put_checkpoint(struct desk *desk, const char *origin, uint8_t root_flip) {
    struct checkpoint checkpoint = {0};
    const struct note_signer *signers[] = {&desk->signer};
    char note[CHECKPOINT_SIZE_MAX];
    strcpy(checkpoint.origin, origin);
    journal_head(desk->journal, &checkpoint.head);
    checkpoint.head.root.bytes[7] ^= root_flip;
    int size = checkpoint_sign(&checkpoint, signers, 1, note);
    assert_true(size > 0);
    assert_int_equal(
        journal_put_checkpoint(desk->journal, checkpoint.head.size, note, (size_t)size), 0);
    assert_int_equal(journal_commit(desk->journal), 0);
}

/* Three volumes of 700, 1,000 and 300 records in batches of 50, a checkpoint each 250 records. */
static void fill(struct desk *desk) {
    static const uint64_t ends[] = {700, 1700, 2000};
    for (int i = 0; i < 3; i++) {
        while (journal_durable(desk->journal) < ends[i]) {
            ledger_folder_append(desk->journal, 50);
            if (journal_durable(desk->journal) % 250 == 0)
                put_checkpoint(desk, ORIGIN, 0);
        }
        if (i < 2)
            assert_int_equal(journal_roll(desk->journal), 0);
    }
}

static void close_journal(struct desk *desk) {
    journal_close(desk->journal);
    desk->journal = NULL;
}

static struct audit_report audit_with(struct desk *desk, const struct note_keyring *keys) {
    struct audit_report report;
    struct audit_options options = {.dir = desk->dir, .keys = keys, .origin = ORIGIN};
    assert_int_equal(audit_run(&options, &report), 0);
    return report;
}

static struct audit_report audit(struct desk *desk) {
    return audit_with(desk, &desk->keys);
}

/* --- changes behind the journal's back ------------------------------------------------------- */

/* One row, to be changed in a volume of a ledger that is closed. */
struct row {
    uint32_t volume;
    const char *name; /* of the unnamed table; NULL for a number's */
    enum volume_table table;
    uint64_t number;
};

struct change {
    struct env *env;
    MDB_txn *txn;
    MDB_dbi table;
    uint8_t number[VOLUME_KEY_SIZE];
    MDB_val key;
    MDB_val value; /* a copy */
};

static void begin_change(struct desk *desk, const struct row *row, struct change *change) {
    MDB_val value;
    close_journal(desk);
    assert_int_equal(volume_open(&change->env, desk->dir, row->volume, ENV_WRITE, MAP_BYTES), 0);
    assert_int_equal(mdb_txn_begin(change->env->mdb, NULL, 0, &change->txn), 0);
    change->table = row->name != NULL ? change->env->main : change->env->tables[row->table];
    volume_key(row->number, change->number);
    change->key = (MDB_val){VOLUME_KEY_SIZE, change->number};
    if (row->name != NULL)
        change->key = (MDB_val){strlen(row->name), (char *)(uintptr_t)row->name};
    change->value = (MDB_val){0, NULL};
    if (mdb_get(change->txn, change->table, &change->key, &value) != 0)
        return;
    change->value = (MDB_val){value.mv_size, malloc(value.mv_size)};
    memcpy(change->value.mv_data, value.mv_data, value.mv_size);
}

static void end_change(struct change *change) {
    assert_int_equal(mdb_txn_commit(change->txn), 0);
    free(change->value.mv_data);
    env_close(change->env);
}

static void flip(struct desk *desk, struct row row, size_t at) {
    struct change change;
    begin_change(desk, &row, &change);
    assert_true(change.value.mv_size > at);
    ((uint8_t *)change.value.mv_data)[at] ^= 0x10;
    assert_int_equal(mdb_put(change.txn, change.table, &change.key, &change.value, 0), 0);
    end_change(&change);
}

static void take_away(struct desk *desk, struct row row) {
    struct change change;
    begin_change(desk, &row, &change);
    assert_int_equal(mdb_del(change.txn, change.table, &change.key, NULL), 0);
    end_change(&change);
}

static void add(struct desk *desk, struct row row, const char *bytes) {
    struct change change;
    begin_change(desk, &row, &change);
    MDB_val value = {strlen(bytes), (char *)(uintptr_t)bytes};
    assert_null(change.value.mv_data);
    assert_int_equal(mdb_put(change.txn, change.table, &change.key, &value, 0), 0);
    end_change(&change);
}

/* Where the frame of a record begins in its block. */
static size_t offset_in_block(uint64_t first, uint64_t sequence) {
    static uint8_t record[BLOCK_RECORD_MAX];
    size_t at = 0;
    for (; first < sequence; first++)
        at += FRAME_HEAD + ledger_record(first, record);
    return at;
}

static struct row block_row(uint32_t volume, uint64_t first) {
    return (struct row){volume, NULL, VOLUME_RECORDS, first};
}

static struct row tile_row(uint32_t volume, uint32_t level, uint64_t index) {
    return (struct row){volume, NULL, VOLUME_TILES, volume_tile_number(level, index)};
}

static struct row checkpoint_row(uint32_t volume, uint64_t size) {
    return (struct row){volume, NULL, VOLUME_CHECKPOINTS, size};
}

static struct row head_row(uint32_t volume, const char *name) {
    return (struct row){volume, name, VOLUME_TABLES, 0};
}

static void assert_fault(const struct audit_report *report, enum audit_kind kind, uint32_t volume) {
    if (report->kind != kind || report->volume != volume)
        print_message("%s: %s\n", audit_kind_name(report->kind), report->text);
    assert_int_equal(report->kind, kind);
    assert_int_equal(report->volume, volume);
    assert_true(strlen(report->text) > 0);
}

/* --- sound ledgers --------------------------------------------------------------------------- */

static void sound_ledger_is_called_sound_and_counted(void **state) {
    struct desk *desk = *state;
    struct hash root;
    fill(desk);
    struct audit_report report = audit(desk);
    assert_string_equal(report.text, "");
    assert_int_equal(report.kind, AUDIT_SOUND);
    assert_int_equal(report.volumes, 3);
    assert_int_equal(report.records, 2000);
    assert_int_equal(report.tiles, 7);
    assert_int_equal(report.checkpoints, 8);
    ledger_folder_root(2000, &root);
    assert_int_equal(report.head.size, 2000);
    assert_true(hash_equal(&report.head.root, &root));
}

static void new_ledger_is_sound(void **state) {
    struct desk *desk = *state;
    struct audit_report report = audit(desk);
    assert_int_equal(report.kind, AUDIT_SOUND);
    assert_int_equal(report.records, 0);
    assert_int_equal(report.volumes, 1);
}

static void ledger_of_many_tiles_and_small_commits_is_sound(void **state) {
    struct desk *desk = *state;
    for (int i = 0; i < 300; i++)
        ledger_folder_append(desk->journal, 1);
    assert_int_equal(journal_roll(desk->journal), 0);
    ledger_folder_append(desk->journal, 66000);
    for (int i = 0; i < 300; i++)
        ledger_folder_append(desk->journal, 3);
    put_checkpoint(desk, ORIGIN, 0);
    struct audit_report report = audit(desk);
    assert_string_equal(report.text, "");
    assert_int_equal(report.kind, AUDIT_SOUND);
    assert_int_equal(report.tiles, 67200 / 256 + 1);
}

static void checkpoint_stored_after_its_volume_closed_is_checked(void **state) {
    struct desk *desk = *state;
    struct checkpoint late = {.origin = ORIGIN};
    const struct note_signer *signers[] = {&desk->signer};
    for (int is_wrong = 0; is_wrong <= 1; is_wrong++) {
        char note[CHECKPOINT_SIZE_MAX];
        ledger_folder_append(desk->journal, 300);
        journal_head(desk->journal, &late.head);
        late.head.root.bytes[0] ^= (uint8_t)is_wrong;
        int size = checkpoint_sign(&late, signers, 1, note);
        ledger_folder_append(desk->journal, 7);
        assert_int_equal(journal_roll(desk->journal), 0);
        assert_int_equal(journal_put_checkpoint(desk->journal, late.head.size, note, (size_t)size),
                         0);
        assert_int_equal(journal_commit(desk->journal), 0);
        struct audit_report report = audit(desk);
        assert_int_equal(report.kind, is_wrong ? AUDIT_CHECKPOINT : AUDIT_SOUND);
    }
}

static void audit_goes_on_beside_the_writer(void **state) {
    struct desk *desk = *state;
    fill(desk);
    uint8_t record[BLOCK_RECORD_MAX];
    assert_int_equal(journal_append(desk->journal, record, ledger_record(2000, record)), 0);
    struct audit_report report = audit(desk);
    assert_int_equal(report.kind, AUDIT_SOUND);
    assert_int_equal(report.records, 2000);
    assert_int_equal(journal_commit(desk->journal), 0);
    report = audit(desk);
    assert_int_equal(report.records, 2001);
}

static void ledger_whose_older_volumes_were_put_away_is_audited_from_there(void **state) {
    struct desk *desk = *state;
    char path[LEDGER_FOLDER_PATH + 32];
    fill(desk);
    close_journal(desk);
    snprintf(path, sizeof path, "%s/volume-000000", desk->dir);
    ledger_folder_remove(path);
    struct audit_report report = audit(desk);
    assert_int_equal(report.kind, AUDIT_SOUND);
    assert_int_equal(report.records, 1300);
    assert_int_equal(report.head.size, 2000);
}

/* --- changed ledgers ------------------------------------------------------------------------- */

static void changed_record_is_named_when_its_tile_is_full(void **state) {
    struct desk *desk = *state;
    fill(desk);
    /* Record 333 lies in the block that begins at 300. */
    flip(desk, block_row(0, 300), offset_in_block(300, 333) + FRAME_HEAD + 3);
    struct audit_report report = audit(desk);
    assert_fault(&report, AUDIT_RECORDS, 0);
    assert_int_equal(report.sequence, 333);
    assert_int_equal(report.sequence_last, 333);
}

static void changed_record_below_a_full_tile_of_level_1_is_named(void **state) {
    struct desk *desk = *state;
    for (int i = 0; i < 660; i++)
        ledger_folder_append(desk->journal, 100);
    flip(desk, block_row(0, 41000), offset_in_block(41000, 41077) + FRAME_HEAD);
    struct audit_report report = audit(desk);
    assert_fault(&report, AUDIT_RECORDS, 0);
    assert_int_equal(report.sequence, 41077);
    assert_int_equal(report.sequence_last, 41077);
    assert_true(report.records <= 65536);
}

static void changed_record_in_the_last_partial_tile_is_narrowed_down(void **state) {
    struct desk *desk = *state;
    fill(desk);
    ledger_folder_append(desk->journal, 20);
    /* The checkpoint of 2,000 is right, so it is one of the 20 after. */
    flip(desk, block_row(2, 2000), offset_in_block(2000, 2011) + FRAME_HEAD + 1);
    struct audit_report report = audit(desk);
    assert_fault(&report, AUDIT_RECORDS, 2);
    assert_int_equal(report.sequence, 2000);
    assert_int_equal(report.sequence_last, 2019);
}

static void broken_frame_is_named(void **state) {
    struct desk *desk = *state;
    fill(desk);
    flip(desk, block_row(1, 1000), offset_in_block(1000, 1010) + 2);
    struct audit_report report = audit(desk);
    assert_fault(&report, AUDIT_RECORDS, 1);
    assert_int_equal(report.sequence, 1010);
}

static void missing_block_is_named(void **state) {
    struct desk *desk = *state;
    fill(desk);
    take_away(desk, block_row(1, 1650));
    struct audit_report report = audit(desk);
    assert_fault(&report, AUDIT_RECORDS, 1);
    assert_int_equal(report.sequence, 1650);
    assert_int_equal(report.sequence_last, 1699);
}

static void changed_tile_is_named_not_its_records(void **state) {
    struct desk *desk = *state;
    fill(desk);
    flip(desk, tile_row(0, 0, 1), 32 * 99 + 5);
    struct audit_report report = audit(desk);
    assert_fault(&report, AUDIT_TILE, 0);
    assert_int_equal(report.level, 0);
    assert_int_equal(report.index, 1);
    assert_int_equal(report.sequence, 256 + 99);
}

static void changed_tile_below_a_full_one_is_named(void **state) {
    struct desk *desk = *state;
    ledger_folder_append(desk->journal, 66000);
    flip(desk, tile_row(0, 0, 200), 32 * 7);
    struct audit_report report = audit(desk);
    assert_fault(&report, AUDIT_TILE, 0);
    assert_int_equal(report.level, 0);
    assert_int_equal(report.index, 200);
}

static void changed_tile_of_level_1_is_named(void **state) {
    struct desk *desk = *state;
    ledger_folder_append(desk->journal, 66000);
    flip(desk, tile_row(0, 1, 0), 32 * 44 + 31);
    struct audit_report report = audit(desk);
    assert_fault(&report, AUDIT_TILE, 0);
    assert_int_equal(report.level, 1);
    assert_int_equal(report.index, 0);
    assert_int_equal(report.sequence, 44 * 256);
}

static void missing_tile_is_named(void **state) {
    struct desk *desk = *state;
    fill(desk);
    take_away(desk, tile_row(1, 0, 4));
    struct audit_report report = audit(desk);
    assert_fault(&report, AUDIT_TILE, 1);
    assert_int_equal(report.index, 4);
}

static void changed_checkpoint_is_named(void **state) {
    struct desk *desk = *state;
    fill(desk);
    /* A digit of the size, a character of the root, of the signature, and of the key's name. */
    static const size_t places[] = {sizeof ORIGIN, sizeof ORIGIN + 10, sizeof ORIGIN + 100,
                                    sizeof ORIGIN + 60};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        flip(desk, checkpoint_row(1, 1250), places[i]);
        struct audit_report report = audit(desk);
        assert_fault(&report, AUDIT_CHECKPOINT, 1);
        assert_int_equal(report.sequence, 1250);
        flip(desk, checkpoint_row(1, 1250), places[i]);
        assert_int_equal(audit(desk).kind, AUDIT_SOUND);
    }
}

static void signed_checkpoint_of_another_tree_accuses_the_records(void **state) {
    struct desk *desk = *state;
    ledger_folder_append(desk->journal, 100);
    put_checkpoint(desk, ORIGIN, 0);
    ledger_folder_append(desk->journal, 30);
    put_checkpoint(desk, ORIGIN, 1);
    struct audit_report report = audit(desk);
    assert_fault(&report, AUDIT_RECORDS, 0);
    assert_int_equal(report.sequence, 100);
    assert_int_equal(report.sequence_last, 129);
}

static void checkpoint_of_another_root_is_named_when_no_key_is_given(void **state) {
    struct desk *desk = *state;
    ledger_folder_append(desk->journal, 100);
    put_checkpoint(desk, ORIGIN, 1);
    ledger_folder_append(desk->journal, 30);
    struct audit_report report = audit_with(desk, NULL);
    assert_fault(&report, AUDIT_CHECKPOINT, 0);
    assert_int_equal(report.sequence, 100);
}

static void checkpoint_of_a_stranger_or_of_another_origin_is_named(void **state) {
    struct desk *desk = *state;
    struct note_signer stranger;
    ledger_folder_append(desk->journal, 10);
    put_checkpoint(desk, ORIGIN "x", 0);
    struct audit_report report = audit(desk);
    assert_fault(&report, AUDIT_CHECKPOINT, 0);

    struct note_verifier verifier;
    assert_int_equal(note_signer_generate(&stranger, algorithms_profile(), ORIGIN), 0);
    assert_int_equal(note_signer_verifier(&stranger, &verifier), 0);
    struct note_keyring keys = {&verifier, 1};
    report = audit_with(desk, &keys);
    assert_fault(&report, AUDIT_CHECKPOINT, 0);
    assert_non_null(strstr(report.text, "signed"));
    note_verifier_fini(&verifier);
    note_signer_fini(&stranger);
}

static void changed_rows_of_a_volumes_head_are_named(void **state) {
    struct desk *desk = *state;
    static const struct {
        uint32_t volume;
        const char *name;
        size_t at;
    } rows[] = {{0, "head", 0},  {1, "head", 5},   {1, "head", 9},
                {1, "head", 20}, {1, "edge", 40},  {0, "tail", 2},
                {1, "tail", 20}, {0, "closed", 3}, {1, "closed", 30}};
    fill(desk);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct row row = head_row(rows[i].volume, rows[i].name);
        flip(desk, row, rows[i].at);
        struct audit_report report = audit(desk);
        assert_fault(&report, AUDIT_VOLUME, rows[i].volume);
        flip(desk, row, rows[i].at);
        assert_int_equal(audit(desk).kind, AUDIT_SOUND);
    }
    take_away(desk, head_row(1, "closed"));
    struct audit_report report = audit(desk);
    assert_fault(&report, AUDIT_VOLUME, 1);
}

static void changed_end_of_an_open_tree_is_noticed(void **state) {
    struct desk *desk = *state;
    fill(desk);
    flip(desk, head_row(2, "tail"), 20);
    struct audit_report report = audit(desk);
    assert_fault(&report, AUDIT_VOLUME, 2);
}

static void rows_too_many_are_named(void **state) {
    struct desk *desk = *state;
    fill(desk);
    add(desk, block_row(2, 5000), "x");
    struct audit_report report = audit(desk);
    assert_fault(&report, AUDIT_TABLE, 2);
    take_away(desk, block_row(2, 5000));
    add(desk, tile_row(1, 3, 0), "x");
    report = audit(desk);
    assert_fault(&report, AUDIT_TABLE, 1);
    take_away(desk, tile_row(1, 3, 0));
    add(desk, head_row(0, "stranger"), "x");
    report = audit(desk);
    assert_fault(&report, AUDIT_TABLE, 0);
    take_away(desk, head_row(0, "stranger"));
    add(desk, checkpoint_row(1, 1701), "x");
    report = audit(desk);
    assert_fault(&report, AUDIT_CHECKPOINT, 1);
}

static void exchanged_volumes_are_noticed(void **state) {
    struct desk *desk = *state;
    char paths[3][LEDGER_FOLDER_PATH + 32];
    fill(desk);
    close_journal(desk);
    snprintf(paths[0], sizeof paths[0], "%s/volume-000000", desk->dir);
    snprintf(paths[1], sizeof paths[1], "%s/volume-000001", desk->dir);
    snprintf(paths[2], sizeof paths[2], "%s/aside", desk->dir);
    for (int i = 0; i < 3; i++)
        assert_int_equal(rename(paths[i == 0 ? 0 : i == 1 ? 1 : 2], paths[i == 0 ? 2 : i - 1]), 0);
    struct audit_report report = audit(desk);
    assert_fault(&report, AUDIT_VOLUME, 0);
}

static void file_cut_short_is_noticed_before_it_is_mapped(void **state) {
    struct desk *desk = *state;
    char path[LEDGER_FOLDER_PATH + 64];
    struct journal *journal = NULL;
    fill(desk);
    close_journal(desk);
    snprintf(path, sizeof path, "%s/volume-000001/data.mdb", desk->dir);
    assert_int_equal(truncate(path, 300000), 0);
    struct audit_report report = audit(desk);
    assert_fault(&report, AUDIT_VOLUME, 1);
    snprintf(path, sizeof path, "%s/volume-000002/data.mdb", desk->dir);
    for (off_t size = 20000; size >= 0; size -= 4999) {
        assert_int_equal(truncate(path, size), 0);
        assert_int_equal(journal_open(&journal, desk->dir, &ledger_folder_options),
                         FAILURE_DAMAGED);
    }
}

/* --- the guard ------------------------------------------------------------------------------- */

static int die(void *owner, struct guard_pipe *pipe) {
    guard_send(pipe, "about to", 8);
    raise(*(int *)owner);
    return 0;
}

static int finish(void *owner, struct guard_pipe *pipe) {
    (void)pipe;
    return *(int *)owner;
}

static void expect_message(void *owner, const void *message, size_t size) {
    (void)owner;
    assert_int_equal(size, 8);
    assert_memory_equal(message, "about to", 8);
}

static void guard_tells_how_its_child_ended(void **state) {
    (void)state;
    static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT};
    struct guard_end end;
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        int number = signals[i];
        struct guard_work work = {die, expect_message, &number};
        assert_int_equal(guard_run(&work, &end), 0);
        assert_int_equal(end.signal, number);
        assert_int_equal(end.result, -1);
    }
    int result = 42;
    struct guard_work work = {finish, expect_message, &result};
    assert_int_equal(guard_run(&work, &end), 0);
    assert_int_equal(end.signal, 0);
    assert_int_equal(end.result, 42);
}

/* --- the stored tree ------------------------------------------------------------------------- */

static void stored_tree_proves_across_volumes_at_any_size(void **state) {
    struct desk *desk = *state;
    static const uint64_t sizes[] = {1, 2, 255, 256, 257, 700, 701, 1024, 1699, 1999, 2000};
    struct tree *tree = NULL;
    struct merkle_proof proof;
    struct merkle_head old = {0};
    fill(desk);
    assert_int_equal(tree_open(&tree, desk->dir, false), 0);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct merkle_head head = {.size = sizes[i]};
        uint8_t record[BLOCK_RECORD_MAX];
        struct hash root;
        assert_int_equal(tree_root(tree, sizes[i], &head.root), 0);
        ledger_folder_root(sizes[i], &root);
        assert_true(hash_equal(&head.root, &root));
        for (uint64_t index = 0; index < sizes[i]; index += 1 + sizes[i] / 9) {
            struct hash leaf;
            hasher_leaf(desk->hasher, record, ledger_record(index, record), &leaf);
            assert_int_equal(tree_prove_inclusion(tree, index, sizes[i], &proof), 0);
            assert_true(merkle_check_inclusion(desk->hasher, &head, index, &leaf, &proof));
        }
        if (i == 0)
            hasher_digest(desk->hasher, "", 0, &old.root);
        assert_int_equal(tree_prove_consistency(tree, old.size, sizes[i], &proof), 0);
        assert_true(merkle_check_consistency(desk->hasher, &old, &head, &proof));
        old = head;
    }
    assert_int_equal(tree_prove_inclusion(tree, 5, 2001, &proof), FAILURE_NOT_FOUND);
    tree_close(tree);
}

static void stored_tree_follows_as_it_grows(void **state) {
    struct desk *desk = *state;
    struct tree *tree = NULL;
    assert_int_equal(tree_open(&tree, desk->dir, false), 0);
    for (uint64_t size = 100; size <= 66000; size = size * 2 + 7) {
        struct hash stored;
        struct hash expected;
        ledger_folder_append(desk->journal, size - journal_durable(desk->journal));
        assert_int_equal(tree_root(tree, size, &stored), 0);
        ledger_folder_root(size, &expected);
        assert_true(hash_equal(&stored, &expected));
    }
    tree_close(tree);
}

int main(void) {
#define WITH_LEDGER(test) cmocka_unit_test_setup_teardown(test, open_desk, close_desk)
    const struct CMUnitTest tests[] = {
        WITH_LEDGER(sound_ledger_is_called_sound_and_counted),
        WITH_LEDGER(new_ledger_is_sound),
        WITH_LEDGER(ledger_of_many_tiles_and_small_commits_is_sound),
        WITH_LEDGER(checkpoint_stored_after_its_volume_closed_is_checked),
        WITH_LEDGER(audit_goes_on_beside_the_writer),
        WITH_LEDGER(ledger_whose_older_volumes_were_put_away_is_audited_from_there),
        WITH_LEDGER(changed_record_is_named_when_its_tile_is_full),
        WITH_LEDGER(changed_record_below_a_full_tile_of_level_1_is_named),
        WITH_LEDGER(changed_record_in_the_last_partial_tile_is_narrowed_down),
        WITH_LEDGER(broken_frame_is_named),
        WITH_LEDGER(missing_block_is_named),
        WITH_LEDGER(changed_tile_is_named_not_its_records),
        WITH_LEDGER(changed_tile_below_a_full_one_is_named),
        WITH_LEDGER(changed_tile_of_level_1_is_named),
        WITH_LEDGER(missing_tile_is_named),
        WITH_LEDGER(changed_checkpoint_is_named),
        WITH_LEDGER(signed_checkpoint_of_another_tree_accuses_the_records),
        WITH_LEDGER(checkpoint_of_another_root_is_named_when_no_key_is_given),
        WITH_LEDGER(checkpoint_of_a_stranger_or_of_another_origin_is_named),
        WITH_LEDGER(changed_rows_of_a_volumes_head_are_named),
        WITH_LEDGER(changed_end_of_an_open_tree_is_noticed),
        WITH_LEDGER(rows_too_many_are_named),
        WITH_LEDGER(exchanged_volumes_are_noticed),
        WITH_LEDGER(file_cut_short_is_noticed_before_it_is_mapped),
        cmocka_unit_test(guard_tells_how_its_child_ended),
        WITH_LEDGER(stored_tree_proves_across_volumes_at_any_size),
        WITH_LEDGER(stored_tree_follows_as_it_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
