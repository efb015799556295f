/* Snapshots: what was written is loaded again; what is damaged is skipped for what is older. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/algorithms.h"
#include "ledger/crypto.h"
#include "ledger/failure.h"
#include "ledger/region.h"
#include "ledger/snapshot.h"

struct fixture {
    char folder[64];
    struct engine_limits limits;
    struct engine *engine;
    size_t size;
    uint64_t next; /* sequence of the next command */
};

static void drop(struct event_sink *sink) {
    sink->next = sink->end - 8;
}

static void apply(struct fixture *fixture, struct command *command) {
    struct event events[8];
    struct event_sink sink = {.next = events, .end = events + 8, .flush = drop};
    command->stamp.sequence = fixture->next++;
    command->stamp.time_ns = 1000000 + (int64_t)fixture->next;
    command->stamp.version = 1;
    engine_apply(fixture->engine, command, &sink);
}

static void mark(struct fixture *fixture) {
    struct command command = {.verb = VERB_MARK};
    apply(fixture, &command);
}

static void genesis(struct fixture *fixture) {
    struct command command = {.verb = VERB_GENESIS};
    struct genesis *genesis = &command.genesis;
    genesis->environment = ENVIRONMENT_TEST;
    genesis->profile = algorithms_profile();
    genesis->checkpoint_key = algorithms_key(0);
    genesis->origin_bytes = 8;
    memcpy(genesis->origin, "tpx/test", 8);
    for (uint8_t i = 0; i < 2; i++) {
        genesis->operators[i].person = i + 1u;
        memset(genesis->operators[i].key, i + 1, KEY_BYTES);
    }
    genesis->limits = fixture->limits;
    apply(fixture, &command);
}

static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    strcpy(fixture->folder, "/tmp/tpx-snapshot-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    for (uint32_t i = 1; i < POOLS_END; i++)
        fixture->limits.limit[i] = fixture->limits.ceiling[i] = 64;
    fixture->limits.price_ticks_max = 100000;
    fixture->engine = region_engine(&fixture->limits, &fixture->size);
    assert_non_null(fixture->engine);
    genesis(fixture);
    *state = fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", fixture->folder);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): a fixed command of the test's */
    region_unmap(fixture->engine, fixture->size);
    free(fixture);
    return 0;
}

static void feed(void *owner, const void *bytes, size_t size) {
    hasher_add(owner, bytes, size);
}

static struct hash digest(const struct engine *engine) {
    struct hasher *hasher = hasher_create(algorithms_profile());
    struct hash hash;
    hasher_begin(hasher);
    engine_digest(engine, feed, hasher);
    hasher_end(hasher, &hash);
    hasher_destroy(hasher);
    return hash;
}

static void take_and_write(struct fixture *fixture) {
    struct snapshot_image image = {0};
    struct snapshot_facts facts = {
        .next = fixture->next, .limits = fixture->limits, .notes_size = 3, .notes = "abc"};
    assert_int_equal(snapshot_image_take(&image, fixture->engine, &facts), 0);
    assert_int_equal(snapshot_write(fixture->folder, &image), 0);
    snapshot_image_free(&image);
}

static void file_of(struct fixture *fixture, uint64_t next, char path[128]) {
    (void)snprintf(path, 128, "%s/%020" PRIu64 ".snap", fixture->folder, next);
}

static void flip(struct fixture *fixture, uint64_t next, off_t at) {
    char path[128];
    uint8_t byte;
    file_of(fixture, next, path);
    int fd = open(path, O_RDWR);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

static void a_loaded_snapshot_is_the_same_engine(void **state) {
    struct fixture *fixture = *state;
    take_and_write(fixture);
    struct snapshot_loaded loaded;
    assert_int_equal(snapshot_load(fixture->folder, UINT64_MAX, &loaded), 0);
    assert_true(loaded.facts.next == fixture->next);
    assert_int_equal(loaded.facts.notes_size, 3);
    assert_memory_equal(loaded.facts.notes, "abc", 3);
    assert_int_equal(loaded.skipped, 0);
    engine_check(loaded.engine);
    struct hash before = digest(fixture->engine), after = digest(loaded.engine);
    assert_true(hash_equal(&before, &after));
    region_unmap(loaded.engine, loaded.size);
}

static void a_loaded_engine_goes_on_as_the_first_one_does(void **state) {
    struct fixture *fixture = *state;
    take_and_write(fixture);
    struct snapshot_loaded loaded;
    assert_int_equal(snapshot_load(fixture->folder, UINT64_MAX, &loaded), 0);
    struct fixture other = {.engine = loaded.engine, .next = loaded.facts.next};
    mark(fixture);
    mark(&other);
    struct hash one = digest(fixture->engine), two = digest(other.engine);
    assert_true(hash_equal(&one, &two));
    region_unmap(loaded.engine, loaded.size);
}

static void an_empty_or_missing_folder_has_none(void **state) {
    struct fixture *fixture = *state;
    struct snapshot_loaded loaded;
    assert_int_equal(snapshot_load(fixture->folder, UINT64_MAX, &loaded), FAILURE_NOT_FOUND);
    assert_int_equal(snapshot_load("/nonexistent/snapshots", UINT64_MAX, &loaded),
                     FAILURE_NOT_FOUND);
}

static void the_newest_two_are_kept(void **state) {
    struct fixture *fixture = *state;
    char path[128];
    for (int i = 0; i < 3; i++) {
        take_and_write(fixture);
        mark(fixture);
    }
    file_of(fixture, fixture->next - 3, path);
    assert_int_not_equal(access(path, F_OK), 0);
    file_of(fixture, fixture->next - 2, path);
    assert_int_equal(access(path, F_OK), 0);
    file_of(fixture, fixture->next - 1, path);
    assert_int_equal(access(path, F_OK), 0);
}

static void one_past_the_ledgers_end_is_not_taken(void **state) {
    struct fixture *fixture = *state;
    struct snapshot_loaded loaded;
    take_and_write(fixture);
    mark(fixture);
    take_and_write(fixture);
    assert_int_equal(snapshot_load(fixture->folder, fixture->next - 1, &loaded), 0);
    assert_true(loaded.facts.next == fixture->next - 1);
    region_unmap(loaded.engine, loaded.size);
}

static void a_flipped_byte_anywhere_leads_to_the_older_one(void **state) {
    struct fixture *fixture = *state;
    struct snapshot_loaded loaded;
    char path[128];
    struct stat file;
    take_and_write(fixture);
    mark(fixture);
    take_and_write(fixture);
    file_of(fixture, fixture->next, path);
    assert_int_equal(stat(path, &file), 0);
    off_t places[] = {0, 9, 100, 1500, 8192, 8192 + (file.st_size - 8192) / 2, file.st_size - 1};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        flip(fixture, fixture->next, places[i]);
        assert_int_equal(snapshot_load(fixture->folder, UINT64_MAX, &loaded), 0);
        assert_true(loaded.facts.next == fixture->next - 1);
        assert_int_equal(loaded.skipped, 1);
        region_unmap(loaded.engine, loaded.size);
        flip(fixture, fixture->next, places[i]);
    }
}

/* The header's own hash stands at its end, over the header with zeros there. */
static void seal_header(uint8_t header[8192], size_t size) {
    struct hasher *hasher = hasher_create(algorithms_profile());
    memset(header + size - HASH_SIZE, 0, HASH_SIZE);
    hasher_digest(hasher, header, size, (struct hash *)(header + size - HASH_SIZE));
    hasher_destroy(hasher);
}

/* Of another release: whole, and of no use here. */
static void one_of_another_layout_or_byte_order_leads_to_the_older_one(void **state) {
    struct fixture *fixture = *state;
    static const size_t places[] = {8, 12}; /* byte order, layout */
    struct snapshot_loaded loaded;
    char path[128];
    uint8_t header[8192], written[8192];
    size_t size = sizeof header;
    take_and_write(fixture);
    mark(fixture);
    take_and_write(fixture);
    file_of(fixture, fixture->next, path);
    int fd = open(path, O_RDWR);
    assert_int_equal(pread(fd, written, sizeof written, 0), sizeof written);
    while (written[size - 1] == 0)
        size--;
    memcpy(header, written, sizeof header);
    seal_header(header, size);
    assert_memory_equal(header, written, sizeof header);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        memcpy(header, written, sizeof header);
        header[places[i]]++;
        seal_header(header, size);
        assert_int_equal(pwrite(fd, header, sizeof header, 0), sizeof header);
        assert_int_equal(snapshot_load(fixture->folder, UINT64_MAX, &loaded), 0);
        assert_true(loaded.facts.next == fixture->next - 1);
        assert_int_equal(loaded.skipped, 1);
        region_unmap(loaded.engine, loaded.size);
    }
    close(fd);
}

static void a_file_cut_short_is_skipped(void **state) {
    struct fixture *fixture = *state;
    struct snapshot_loaded loaded;
    char path[128];
    take_and_write(fixture);
    file_of(fixture, fixture->next, path);
    assert_int_equal(truncate(path, 9000), 0);
    assert_int_equal(snapshot_load(fixture->folder, UINT64_MAX, &loaded), FAILURE_NOT_FOUND);
    assert_int_equal(loaded.skipped, 1);
}

static void a_file_under_another_name_is_skipped(void **state) {
    struct fixture *fixture = *state;
    struct snapshot_loaded loaded;
    char from[128], to[128];
    take_and_write(fixture);
    file_of(fixture, fixture->next, from);
    file_of(fixture, fixture->next + 7, to);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(snapshot_load(fixture->folder, UINT64_MAX, &loaded), FAILURE_NOT_FOUND);
    assert_int_equal(loaded.skipped, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_loaded_snapshot_is_the_same_engine, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_loaded_engine_goes_on_as_the_first_one_does, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_empty_or_missing_folder_has_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_newest_two_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_past_the_ledgers_end_is_not_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_flipped_byte_anywhere_leads_to_the_older_one, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(one_of_another_layout_or_byte_order_leads_to_the_older_one,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_cut_short_is_skipped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_under_another_name_is_skipped, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
