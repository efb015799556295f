/*
 * Bytes that changed on the disk: verify says where, or nothing that a reader sees has changed; it
 * never takes its caller down with it.
 *
 * The ledger is small, of two volumes. FLIPS=n tries n places of its files; by default some
 * hundreds. SEED=n chooses others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "bench/random.h"
#include "bench/trial.h"
#include "ledger/failure.h"
#include "ledger/guard.h"
#include "ledger/reader.h"
#include "ledger/verify.h"
#include "ledger/volume.h"
#include "tests/unit/ledger_desk.h"

#define FLIPS_DEFAULT 400
#define VOLUMES       2
#define PAGE          4096u
#define PAGE_HEAD     64u /* where LMDB keeps what it believes */
#define CUTS          24

struct image {
    char path[LEDGER_FOLDER_PATH + 64];
    uint8_t *bytes; /* as they were written */
    size_t size;
    size_t used; /* below it lie pages; what follows is reserve */
};

struct bench {
    struct ledger_desk *desk;
    struct image images[VOLUMES];
    struct hash view; /* of all that a reader sees */
};

/* --- what a reader sees ----------------------------------------------------------------------- */

struct viewing {
    const char *dir;
    struct hash hash;
};

static bool view_records(struct reader *reader, struct hasher *hasher) {
    struct reader_record record;
    int step;
    while ((step = reader_next(reader, &record)) > 0)
        if (step == READER_RECORD)
            hasher_add(hasher, record.bytes, record.size);
    return step == READER_END;
}

static bool view_checkpoints(struct reader *reader, struct hasher *hasher) {
    char bytes[CHECKPOINT_SIZE_MAX];
    struct reader_note note = {.bytes = bytes, .bytes_max = sizeof bytes};
    int failure = 0;
    for (uint64_t size = 0; failure == 0; size = note.size + 1) {
        failure = reader_checkpoint(reader, size, &note);
        if (failure == 0)
            hasher_add(hasher, note.bytes, note.bytes_size);
    }
    return failure == FAILURE_NOT_FOUND;
}

static bool view_tiles(struct reader *reader, struct hasher *hasher) {
    struct hash hashes[TILE_WIDTH];
    struct merkle_head head;
    if (reader_head(reader, &head) != 0)
        return false;
    hasher_add(hasher, &head, sizeof head);
    for (uint64_t index = 0; index < head.size / TILE_WIDTH; index++) {
        if (reader_tile(reader, 0, index, hashes) != 0)
            return false;
        hasher_add(hasher, hashes, sizeof hashes);
    }
    return true;
}

static int view_in_child(void *owner, struct guard_pipe *pipe) {
    const struct viewing *viewing = owner;
    struct reader *reader = NULL;
    struct hasher *hasher = hasher_create(algorithms_profile());
    struct hash hash;
    if (hasher == NULL || reader_open(&reader, viewing->dir, true) != 0)
        return 1;
    hasher_begin(hasher);
    if (!view_records(reader, hasher) || !view_checkpoints(reader, hasher) ||
        !view_tiles(reader, hasher))
        return 1;
    hasher_end(hasher, &hash);
    guard_send(pipe, &hash, sizeof hash);
    return 0;
}

static void take_view(void *owner, const void *message, size_t size) {
    struct viewing *viewing = owner;
    assert_int_equal(size, sizeof viewing->hash);
    memcpy(&viewing->hash, message, size);
}

static bool is_view(const struct bench *bench, struct hash *view) {
    struct viewing viewing = {.dir = bench->desk->dir};
    struct guard_work work = {view_in_child, take_view, &viewing};
    struct guard_end end;
    assert_int_equal(guard_run(&work, &end), 0);
    *view = viewing.hash;
    return end.signal == 0 && end.result == 0;
}

/* --- the ledger ------------------------------------------------------------------------------- */

static void read_image(struct bench *bench, uint32_t volume) {
    struct image *image = &bench->images[volume];
    struct env *env = NULL;
    snprintf(image->path, sizeof image->path, "%s/volume-%06u/data.mdb", bench->desk->dir, volume);
    assert_int_equal(volume_open(&env, bench->desk->dir, volume, ENV_COPY, 0), 0);
    image->used = env_used_bytes(env);
    env_close(env);
    FILE *file = fopen(image->path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    image->size = (size_t)ftell(file);
    image->bytes = malloc(image->size);
    rewind(file);
    assert_int_equal(fread(image->bytes, 1, image->size, file), image->size);
    assert_int_equal(fclose(file), 0);
}

/* There is one for each damage found; the others tell why there was no verdict. */
static void drop_line(int failure, const char *line) {
    if (failure == FAILURE_SYSTEM)
        print_message("%s\n", line);
}

static int open_bench(void **state) {
    struct bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    failure_set_sink(drop_line);
    assert_int_equal(ledger_desk_open((void **)&bench->desk), 0);
    ledger_desk_trade(bench->desk, 400);
    ledger_desk_trade(bench->desk, 400);
    bench->desk->rolls[0] = 520;
    ledger_desk_store(bench->desk);
    for (uint32_t i = 0; i < VOLUMES; i++)
        read_image(bench, i);
    assert_true(is_view(bench, &bench->view));
    *state = bench;
    return 0;
}

static int close_bench(void **state) {
    struct bench *bench = *state;
    for (uint32_t i = 0; i < VOLUMES; i++)
        free(bench->images[i].bytes);
    ledger_desk_close((void **)&bench->desk);
    free(bench);
    return 0;
}

static void put_bytes(const struct image *image, size_t at, const void *bytes, size_t size) {
    FILE *file = fopen(image->path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static struct verify_report verify(const struct bench *bench) {
    struct verify_report report;
    struct verify_options options = {
        .dir = bench->desk->dir, .is_copy = true, .key = &bench->desk->verifiers[0]};
    assert_int_equal(verify_run(&options, &report), 0);
    return report;
}

/* --- places that have a name ------------------------------------------------------------------ */

/* Flips a bit where these bytes stand, in all copies of them. */
static void flip_where(const struct image *image, const void *bytes, size_t size, size_t at) {
    uint8_t *copy = malloc(image->size);
    const uint8_t *found = image->bytes;
    uint32_t count = 0;
    memcpy(copy, image->bytes, image->size);
    while ((found = memmem(found, image->size - (size_t)(found - image->bytes), bytes, size))) {
        copy[found - image->bytes + (long)at] ^= 4;
        found++;
        count++;
    }
    assert_int_not_equal(count, 0);
    put_bytes(image, 0, copy, image->size);
    free(copy);
}

static void restore(const struct image *image) {
    put_bytes(image, 0, image->bytes, image->size);
}

static void a_byte_of_a_record_is_named_by_its_sequence(void **state) {
    struct bench *bench = *state;
    static const uint64_t sequences[] = {0, 1, 255, 256, 400, 519, 520, 600, 767, 800};
    uint64_t tiled = bench->desk->list.count / TILE_WIDTH * TILE_WIDTH;
    for (size_t i = 0; i < sizeof sequences / sizeof sequences[0]; i++) {
        const struct listed_record *record = &bench->desk->list.records[sequences[i]];
        uint32_t volume = sequences[i] < bench->desk->rolls[0] ? 0 : 1;
        for (size_t at = 0; at < record->size; at += 1 + record->size / 5) {
            flip_where(&bench->images[volume], record->bytes, record->size, at);
            struct verify_report report = verify(bench);
            assert_int_equal(report.fault.kind, FINDING_TREE);
            assert_int_equal(report.volume, volume);
            /* Behind the last full tile no hash is stored, and of a salt nothing follows. */
            bool is_among =
                report.audit.sequence <= sequences[i] && sequences[i] <= report.audit.sequence_last;
            if (sequences[i] < tiled || !is_among)
                assert_int_equal(report.fault.sequence, sequences[i]);
            restore(&bench->images[volume]);
        }
    }
    assert_int_equal(verify(bench).fault.kind, FINDING_NONE);
}

static void a_byte_of_a_tile_is_named_as_the_tiles(void **state) {
    struct bench *bench = *state;
    struct hash hashes[TILE_WIDTH];
    for (uint64_t index = 0; index < 3; index++) {
        struct reader *reader = NULL;
        uint32_t volume = (index + 1) * TILE_WIDTH - 1 < bench->desk->rolls[0] ? 0 : 1;
        assert_int_equal(reader_open(&reader, bench->desk->dir, true), 0);
        assert_int_equal(reader_tile(reader, 0, index, hashes), 0);
        reader_close(reader);
        flip_where(&bench->images[volume], hashes, sizeof hashes, 32 * 77 + 9);
        struct verify_report report = verify(bench);
        assert_int_equal(report.audit.kind, AUDIT_TILE);
        assert_int_equal(report.fault.kind, FINDING_TREE);
        assert_int_equal(report.fault.sequence, index * TILE_WIDTH + 77);
        assert_int_equal(report.volume, volume);
        restore(&bench->images[volume]);
    }
}

static void a_byte_of_a_checkpoint_is_named_as_the_checkpoints(void **state) {
    struct bench *bench = *state;
    char bytes[CHECKPOINT_SIZE_MAX];
    struct reader_note note = {.bytes = bytes, .bytes_max = sizeof bytes};
    struct reader *reader = NULL;
    assert_int_equal(reader_open(&reader, bench->desk->dir, true), 0);
    assert_int_equal(reader_checkpoint(reader, 0, &note), 0);
    reader_close(reader);
    for (size_t at = 0; at < note.bytes_size; at += 1 + note.bytes_size / 12) {
        flip_where(&bench->images[0], note.bytes, note.bytes_size, at);
        struct verify_report report = verify(bench);
        assert_int_equal(report.fault.kind, FINDING_CHECKPOINT);
        assert_int_equal(report.fault.sequence, note.size);
        assert_int_equal(report.volume, 0);
        restore(&bench->images[0]);
    }
}

/* --- any place -------------------------------------------------------------------------------- */

static uint32_t number_of(const char *name, uint32_t without) {
    const char *text = getenv(name);
    return text != NULL ? (uint32_t)strtoul(text, NULL, 10) : without;
}

/* Half of the places anywhere in use, half where pages begin; one in eight in the meta pages. */
static size_t choose(struct random *random, const struct image *image) {
    if (random_once_in(random, 8))
        return random_below(random, 2) * PAGE + random_below(random, 168);
    size_t at = random_below(random, (uint32_t)image->used);
    return random_once_in(random, 2) ? at : at / PAGE * PAGE + random_below(random, PAGE_HEAD);
}

static void any_flip_is_named_or_changes_nothing_that_a_reader_sees(void **state) {
    struct bench *bench = *state;
    struct random random = {number_of("SEED", 1)};
    uint32_t flips = number_of("FLIPS", FLIPS_DEFAULT);
    uint32_t found[FINDING_END + 1] = {0};
    for (uint32_t i = 0; i < flips; i++) {
        uint32_t volume = random_below(&random, VOLUMES);
        const struct image *image = &bench->images[volume];
        size_t at = choose(&random, image);
        uint8_t changed = image->bytes[at] ^ (uint8_t)(1u << random_below(&random, 8));
        struct hash view;
        put_bytes(image, at, &changed, 1);
        struct verify_report report = verify(bench);
        if (i % 1000 == 999)
            print_message("%u of %u\n", i + 1, flips);
        found[report.fault.kind]++;
        if (report.fault.kind == FINDING_NONE &&
            (!is_view(bench, &view) || !hash_equal(&view, &bench->view)))
            fail_msg("volume %u, byte %zu: changed, and called verified", volume, at);
        if (report.fault.kind != FINDING_NONE && report.volume != volume)
            fail_msg("volume %u, byte %zu: volume %u is named: %s", volume, at, report.volume,
                     report.fault.text);
        put_bytes(image, at, &image->bytes[at], 1);
    }
    for (int kind = 0; kind <= FINDING_END; kind++)
        if (found[kind] != 0)
            print_message("%5u %s\n", found[kind], finding_name((enum finding_kind)kind));
    assert_int_equal(verify(bench).fault.kind, FINDING_NONE);
}

static void a_file_cut_short_is_named(void **state) {
    struct bench *bench = *state;
    for (uint32_t volume = 0; volume < VOLUMES; volume++) {
        const struct image *image = &bench->images[volume];
        for (size_t i = 0; i < CUTS; i++) {
            assert_int_equal(truncate(image->path, (off_t)(image->used * i / CUTS)), 0);
            struct verify_report report = verify(bench);
            if (report.fault.kind != FINDING_STORE)
                fail_msg("cut at %zu: %s", image->used * i / CUTS, report.fault.text);
            assert_int_equal(report.volume, volume);
            restore(image);
        }
    }
    assert_int_equal(verify(bench).fault.kind, FINDING_NONE);
}

/* --- commands that read ----------------------------------------------------------------------- */

struct ending {
    int code; /* 128 + the signal that ended it */
    char text[4096];
};

static void run_command(const char *command, struct ending *ending) {
    FILE *file = popen(command, "r");
    assert_non_null(file);
    size_t size = fread(ending->text, 1, sizeof ending->text - 1, file);
    ending->text[size] = '\0';
    char rest[4096];
    while (fread(rest, 1, sizeof rest, file) > 0)
        ;
    int status = pclose(file);
    ending->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Whatever the flip, the command ends with an exit code of its own, and says what is wrong when
 * it is. Returns whether reading crashed. */
static bool ends_well(const char *command, const struct image *image, size_t at) {
    struct ending ending;
    run_command(command, &ending);
    bool is_fine = ending.code == 0;
    bool is_told =
        (ending.code == 1 || ending.code == 4 || ending.code == 6) &&
        (strstr(ending.text, "tpx: ") != NULL || strstr(ending.text, "digest replayed") != NULL);
    if (!is_fine && !is_told)
        fail_msg("%s, byte %zu of %s: exit code %d: %s", command, at, image->path, ending.code,
                 ending.text);
    return strstr(ending.text, "ended in a crash") != NULL;
}

static void commands_that_read_survive_any_flip(void **state) {
    static const char *const FORMS[] = {
        "%s ledger replay %s 2>&1", "%s ledger show 530 %s 2>&1", "%s ledger checkpoint %s 2>&1",
        "%s ledger prove 530 %s --out %s/proof 2>&1", "%s ledger export %s --tlog %s/tlog 2>&1"};
    struct bench *bench = *state;
    struct random random = {number_of("SEED", 1) + 1};
    uint32_t flips = number_of("FLIPS", FLIPS_DEFAULT) / 4;
    uint32_t crashes = 0;
    char out[] = "/tmp/tpx-flips-XXXXXX";
    char program[TRIAL_PATH_MAX];
    char command[4 * TRIAL_PATH_MAX];
    trial_program("tpx", program);
    assert_non_null(mkdtemp(out));
    for (uint32_t i = 0; i < flips; i++) {
        const struct image *image = &bench->images[random_below(&random, VOLUMES)];
        size_t at = choose(&random, image);
        uint8_t changed = image->bytes[at] ^ (uint8_t)(1u << random_below(&random, 8));
        put_bytes(image, at, &changed, 1);
        snprintf(command, sizeof command, FORMS[i % 5], program, bench->desk->dir, out);
        crashes += ends_well(command, image, at);
        put_bytes(image, at, &image->bytes[at], 1);
    }
    print_message("%u of %u reads crashed, in their child\n", crashes, flips);
    snprintf(command, sizeof command, "rm -r %s", out);
    assert_int_equal(system(command), 0);
}

/* The first page is cut off below a sound head: what stands there is gone, and touched. */
static void commands_that_read_survive_a_file_cut_behind_its_head(void **state) {
    struct bench *bench = *state;
    const struct image *image = &bench->images[1];
    char program[TRIAL_PATH_MAX];
    char command[4 * TRIAL_PATH_MAX];
    trial_program("tpx", program);
    for (size_t i = 1; i < CUTS; i++) {
        size_t cut = image->used * i / CUTS;
        assert_int_equal(truncate(image->path, (off_t)cut), 0);
        snprintf(command, sizeof command, "%s ledger replay %s 2>&1", program, bench->desk->dir);
        (void)ends_well(command, image, cut);
        restore(image);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_byte_of_a_record_is_named_by_its_sequence),
        cmocka_unit_test(a_byte_of_a_tile_is_named_as_the_tiles),
        cmocka_unit_test(a_byte_of_a_checkpoint_is_named_as_the_checkpoints),
        cmocka_unit_test(any_flip_is_named_or_changes_nothing_that_a_reader_sees),
        cmocka_unit_test(a_file_cut_short_is_named),
        cmocka_unit_test(commands_that_read_survive_any_flip),
        cmocka_unit_test(commands_that_read_survive_a_file_cut_behind_its_head),
    };
    return cmocka_run_group_tests(tests, open_bench, close_bench);
}
