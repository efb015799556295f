/*
 * The register as it is kept against a list of what was told: random entries on rights and
 * holdings, commits now and then, the store closed, killed, or begun anew at any moment. Its root
 * is that of the map that follows from the records; and for random times past, every question of
 * its reader is answered as the list answers it.
 *
 * TPX_SEED and TPX_STEPS repeat or lengthen a run; a failure prints the seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "bench/register_maker.h"
#include "ledger/cache.h"
#include "ledger/failure.h"
#include "ledger/register_reader.h"
#include "ledger/register_store.h"
#include "tests/property/seed.h"
#include "tests/unit/ledger_folder.h"

#define STEPS        600
#define ASSETS_MAX   40u
#define ENTRIES_MAX  12u
#define TOLD_MAX     20000u
#define PARTIES      6u
#define NUMBERS      30u
#define INSTRUMENTS  3u
#define SECOND_NS    INT64_C(1000000000)
#define REPORTS_ONCE 6u

/* A version of an entry, as it was told. */
struct told {
    struct made_entry entry;
    struct made_moment moment;
    uint32_t asset; /* place in the world's list */
    size_t size;
    uint8_t report[REGISTER_MAKER_REPORT_MAX];
};

struct asset {
    struct asset_name name;
    char number[16];
    char code[16];
    uint32_t entries; /* 0: not admitted yet */
    uint32_t versions[ENTRIES_MAX];
};

struct world {
    struct random random;
    char ledger_dir[LEDGER_FOLDER_PATH];
    char dir[LEDGER_FOLDER_PATH + 16];
    char aside[LEDGER_FOLDER_PATH + 32];
    struct journal *journal;
    struct register_store *store;
    struct register_map *map; /* from the records */
    struct hasher *hasher;
    struct asset assets[ASSETS_MAX];
    uint64_t next; /* sequence */
    int64_t time_ns;
    uint32_t told_count;
    struct told *told;
};

/* --- what is told ------------------------------------------------------------------------------
 */

static void name_assets(struct world *world) {
    for (uint32_t i = 0; i < ASSETS_MAX; i++) {
        struct asset *asset = &world->assets[i];
        *asset = (struct asset){0};
        bool is_holding = i % 4 == 3;
        asset->name = (struct asset_name){.kind = is_holding ? ASSET_HOLDING : ASSET_RIGHT,
                                          .asset = is_holding ? 1 + i % INSTRUMENTS : i + 1,
                                          .holder = is_holding ? 100 + i : 0};
        snprintf(asset->number, sizeof asset->number, "ZL%u", is_holding ? i % INSTRUMENTS : i);
        snprintf(asset->code, sizeof asset->code, "CODE%u", i);
    }
}

static struct made_entry make_entry(struct world *world, struct asset *asset, uint32_t number) {
    struct random *random = &world->random;
    struct made_entry entry = {.asset = asset->name,
                               .entry = number,
                               .version = ++asset->versions[number],
                               .from_ns = world->time_ns};
    if (asset->name.kind == ASSET_RIGHT) {
        entry.right_kind = RIGHT_INVENTION;
        entry.number = asset->number;
    } else {
        entry.symbol = asset->number;
        entry.code = asset->code;
    }
    if (number == 0) {
        entry.kind = ENTRY_ASSET;
        entry.owner = asset->name.kind == ASSET_RIGHT ? 1 + random_below(random, PARTIES) : 0;
        return entry;
    }
    entry.kind = number % 3 == 0 ? ENTRY_FREEZE : ENTRY_PLEDGE;
    entry.quantity = 1 + random_below(random, 1000);
    entry.to_ns = random_once_in(random, 3) ? world->time_ns : 0;
    if (entry.kind == ENTRY_PLEDGE) {
        entry.pledgor = 1 + random_below(random, PARTIES);
        entry.pledgee = 1 + random_below(random, PARTIES);
        entry.registered = 1 + random_below(random, NUMBERS);
    }
    return entry;
}

/* One more version of something, or something new. */
static void tell(struct world *world, struct made_entry *entry, const struct made_moment *moment) {
    uint32_t at = random_below(&world->random, ASSETS_MAX);
    struct asset *asset = &world->assets[at];
    uint32_t number = 0;
    if (asset->entries == 0)
        asset->entries = 1;
    else if (asset->entries < ENTRIES_MAX && random_once_in(&world->random, 4))
        number = asset->entries++;
    else
        number = random_below(&world->random, asset->entries);
    *entry = make_entry(world, asset, number);
    assert_true(world->told_count < TOLD_MAX);
    struct told *told = &world->told[world->told_count++];
    *told = (struct told){.entry = *entry, .moment = *moment, .asset = at};
    told->size = register_maker_report(entry, moment, told->report);
}

static void append_record(struct world *world) {
    uint8_t bytes[RECORD_BYTES_MAX];
    struct made_entry entries[REPORTS_ONCE];
    struct record record;
    uint32_t count = random_below(&world->random, REPORTS_ONCE + 1);
    world->time_ns += random_below(&world->random, 2) * SECOND_NS;
    struct made_moment moment = {.sequence = world->next, .time_ns = world->time_ns};
    for (uint32_t i = 0; i < count; i++, moment.place++)
        tell(world, &entries[i], &moment);
    moment.place = 0;
    size_t size = register_maker_record(entries, count, &moment, bytes);
    assert_int_equal(journal_append(world->journal, bytes, size), 0);
    assert_true(record_read(bytes, size, &record));
    assert_int_equal(register_map_record(world->map, &record), 0);
    world->next++;
}

/* --- the store ---------------------------------------------------------------------------------
 */

static void catch_up(struct world *world) {
    struct reader *reader = NULL;
    struct reader_record record;
    int step = READER_PAUSE;
    assert_int_equal(journal_commit(world->journal), 0);
    assert_int_equal(reader_open(&reader, world->ledger_dir, false), 0);
    reader_seek(reader, register_store_next(world->store));
    while (step > 0) {
        step = reader_next(reader, &record);
        if (step == READER_RECORD)
            assert_int_equal(register_store_add(world->store, &record), 0);
    }
    assert_int_equal(step, READER_END);
    reader_close(reader);
    assert_int_equal(register_store_next(world->store), world->next);
}

static void open_store(struct world *world) {
    assert_int_equal(register_store_open(&world->store, world->dir, world->ledger_dir), 0);
}

/* A process that follows, commits perhaps, and dies. */
static void follow_and_die(struct world *world, bool commits) {
    register_store_close(world->store);
    assert_int_equal(journal_commit(world->journal), 0);
    pid_t child = fork();
    if (child == 0) {
        open_store(world);
        catch_up(world);
        if (commits && register_store_commit(world->store) != 0)
            _exit(1);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    open_store(world);
}

static void go_on(struct world *world) {
    switch (random_below(&world->random, 8)) {
    case 0:
        register_store_close(world->store);
        open_store(world);
        break;
    case 1:
        follow_and_die(world, random_once_in(&world->random, 2));
        break;
    case 2:
    case 3:
        assert_int_equal(register_store_commit(world->store), 0);
        break;
    default:
        break;
    }
    catch_up(world);
}

static void check_root(struct world *world) {
    struct hash expected;
    struct hash root;
    register_map_root(world->map, world->next, &expected);
    register_store_root(world->store, &root);
    assert_true(hash_equal(&root, &expected));
    struct hash asset;
    uint8_t proofs[2][MAP_PROOF_MAX];
    size_t size = 0;
    const struct asset *any = &world->assets[random_below(&world->random, ASSETS_MAX)];
    if (any->name.kind != ASSET_RIGHT)
        return;
    register_right_hash(world->hasher, RIGHT_INVENTION, any->number, strlen(any->number), &asset);
    size_t wanted =
        map_prove(register_map_map(world->map), world->hasher, asset.bytes, HASH_SIZE, proofs[0]);
    assert_int_equal(register_store_prove(world->store, &asset, proofs[1], &size), 0);
    assert_int_equal(size, wanted);
    assert_memory_equal(proofs[0], proofs[1], size);
}

/* --- questions ---------------------------------------------------------------------------------
 */

static bool is_told(const struct told *told, const struct register_time *at) {
    return told->moment.sequence < at->as_of && told->moment.time_ns <= at->time_ns;
}

/* The version of an entry at a time; NULL: there was none. */
static const struct told *find(const struct world *world, uint32_t asset, uint32_t entry,
                               const struct register_time *at) {
    const struct told *found = NULL;
    for (uint32_t i = 0; i < world->told_count; i++)
        if (world->told[i].asset == asset && world->told[i].entry.entry == entry &&
            is_told(&world->told[i], at))
            found = &world->told[i];
    return found;
}

static void assert_row(const struct register_row *row, const struct told *told) {
    assert_non_null(told);
    assert_int_equal(row->entry, told->entry.entry);
    assert_int_equal(row->sequence, told->moment.sequence);
    assert_int_equal(row->place, told->moment.place);
    assert_int_equal(row->report.size, told->size);
    assert_memory_equal(row->report.bytes, told->report, told->size);
}

static void check_asset(struct world *world, struct register_reader *reader, uint32_t asset,
                        const struct register_time *at) {
    struct register_walk walk = {.at = *at};
    struct register_row row;
    const struct told *first = find(world, asset, 0, at);
    int step = register_find_asset(reader, &world->assets[asset].name, &walk.asset);
    assert_true(step == 1 || (step == 0 && first == NULL));
    for (uint32_t entry = 0; step == 1 && entry < ENTRIES_MAX; entry++) {
        const struct told *told = find(world, asset, entry, at);
        if (told == NULL)
            break;
        assert_int_equal(register_next_entry(reader, &walk, &row), 1);
        assert_row(&row, told);
        struct register_place place = {world->assets[asset].name, entry};
        assert_int_equal(register_find_entry(reader, &place, at, &row), 1);
        assert_row(&row, told);
    }
    if (step != 1)
        return;
    assert_int_equal(register_next_entry(reader, &walk, &row), 0);
    struct register_walk alone = {.asset = walk.asset, .at = *at}; /* nothing else moves */
    for (uint32_t entry = 0; register_next_entry(reader, &alone, &row) == 1; entry++)
        assert_row(&row, find(world, asset, entry, at));
    assert_int_equal(alone.entry, walk.entry);
    assert_int_equal(register_next_entry(reader, &alone, &row), 0);
}

static void check_versions(struct world *world, struct register_reader *reader, uint32_t asset,
                           const struct register_time *at) {
    bool is_one = random_once_in(&world->random, 2);
    struct register_versions versions = {.at = *at, .is_one = is_one};
    struct register_row row;
    if (is_one)
        versions.entry = random_below(&world->random, ENTRIES_MAX);
    uint32_t only = (uint32_t)versions.entry;
    if (register_find_asset(reader, &world->assets[asset].name, &versions.asset) != 1)
        return;
    for (uint32_t entry = is_one ? only : 0; entry < (is_one ? only + 1 : ENTRIES_MAX); entry++) {
        for (uint32_t i = 0; i < world->told_count; i++) {
            const struct told *told = &world->told[i];
            if (told->asset != asset || told->entry.entry != entry || !is_told(told, at))
                continue;
            assert_int_equal(register_next_version(reader, &versions, &row), 1);
            assert_row(&row, told);
        }
    }
    assert_int_equal(register_next_version(reader, &versions, &row), 0);
}

/* True when an entry ever named the party so. */
static bool has_named(const struct world *world, const struct register_place *place, uint32_t party,
                      uint8_t role) {
    for (uint32_t i = 0; i < world->told_count; i++) {
        const struct made_entry *entry = &world->told[i].entry;
        bool is_it = entry->entry == place->entry && entry->asset.kind == place->asset.kind &&
                     entry->asset.asset == place->asset.asset &&
                     entry->asset.holder == place->asset.holder;
        uint32_t owner = entry->asset.kind == ASSET_HOLDING ? entry->asset.holder : entry->owner;
        if (is_it && ((role == ENTRY_ROLE_OWNER && owner == party) ||
                      (role == ENTRY_ROLE_PLEDGOR && entry->pledgor == party) ||
                      (role == ENTRY_ROLE_PLEDGEE && entry->pledgee == party)))
            return true;
    }
    return false;
}

static uint32_t count_named(const struct world *world, uint32_t party, uint8_t role) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < ASSETS_MAX; i++) {
        for (uint32_t entry = 0; entry < ENTRIES_MAX; entry++) {
            struct register_place place = {world->assets[i].name, entry};
            count += has_named(world, &place, party, role);
        }
    }
    return count;
}

static void check_party(struct world *world, struct register_reader *reader) {
    uint32_t party = 1 + random_below(&world->random, PARTIES);
    uint8_t role = (uint8_t)random_below(&world->random, ENTRY_ROLE_PLEDGEE + 1);
    struct register_of_party walk = {.party = party, .role = role};
    struct register_named_party named;
    uint32_t expected = 0;
    uint32_t count = 0;
    for (uint8_t i = ENTRY_ROLE_OWNER; i <= ENTRY_ROLE_PLEDGEE; i++)
        if (role == ENTRY_ROLE_ANY || role == i)
            expected += count_named(world, party, i);
    for (; register_next_of_party(reader, &walk, &named) == 1; count++)
        assert_true(has_named(world, &named.place, party, named.role));
    assert_int_equal(count, expected);
}

static void check_number(struct world *world, struct register_reader *reader) {
    struct register_of_number walk = {.series = ENTRY_PLEDGE,
                                      .number = 1 + random_below(&world->random, NUMBERS)};
    struct register_place place;
    uint32_t expected = 0;
    for (uint32_t i = 0; i < world->told_count; i++) {
        const struct made_entry *entry = &world->told[i].entry;
        bool is_first = entry->registered == walk.number;
        for (uint32_t j = 0; j < i && is_first; j++)
            is_first = world->told[j].asset != world->told[i].asset ||
                       world->told[j].entry.entry != entry->entry ||
                       world->told[j].entry.registered != walk.number;
        expected += is_first;
    }
    uint32_t count = 0;
    while (register_next_of_number(reader, &walk, &place) == 1)
        count++;
    assert_int_equal(count, expected);
}

static void check_changes(struct world *world, struct register_reader *reader, uint64_t as_of) {
    struct register_changes changes = {
        .sequence = random_below(&world->random, (uint32_t)as_of + 1), .to = as_of};
    struct register_row row;
    uint64_t from = changes.sequence;
    for (uint32_t i = 0; i < world->told_count; i++) {
        const struct told *told = &world->told[i];
        if (told->moment.sequence < from || told->moment.sequence >= as_of)
            continue;
        assert_int_equal(register_next_change(reader, &changes, &row), 1);
        assert_row(&row, told);
    }
    assert_int_equal(register_next_change(reader, &changes, &row), 0);
}

static void check_total(struct world *world, struct register_reader *reader,
                        const struct register_time *at) {
    uint32_t instrument = 1 + random_below(&world->random, INSTRUMENTS);
    uint8_t kind = random_once_in(&world->random, 2) ? ENTRY_PLEDGE : ENTRY_FREEZE;
    uint64_t expected = 0;
    uint64_t units;
    for (uint32_t i = 0; i < ASSETS_MAX; i++) {
        const struct asset_name *name = &world->assets[i].name;
        for (uint32_t entry = 1; entry < ENTRIES_MAX; entry++) {
            const struct told *told = find(world, i, entry, at);
            if (told != NULL && name->kind == ASSET_HOLDING && name->asset == instrument &&
                told->entry.kind == kind && told->entry.to_ns == 0)
                expected += told->entry.quantity;
        }
    }
    assert_int_equal(register_find_total(reader, instrument, kind, at, &units), 0);
    assert_int_equal(units, expected);
}

static void ask(struct world *world) {
    struct register_reader *reader = NULL;
    uint64_t as_of;
    assert_int_equal(register_store_commit(world->store), 0);
    assert_int_equal(register_reader_open(&reader, world->dir, algorithms_profile()), 0);
    assert_int_equal(register_reader_begin(reader), 0);
    assert_int_equal(register_reader_as_of(reader, &as_of), 0);
    assert_int_equal(as_of, world->next);
    for (uint32_t i = 0; i < 3; i++) {
        struct register_time at = {.as_of = random_below(&world->random, (uint32_t)as_of + 1),
                                   .time_ns = INT64_MAX};
        if (random_once_in(&world->random, 2))
            at.time_ns = random_below(&world->random, (uint32_t)(world->time_ns / SECOND_NS) + 1) *
                         SECOND_NS;
        uint32_t asset = random_below(&world->random, ASSETS_MAX);
        check_asset(world, reader, asset, &at);
        check_versions(world, reader, asset, &at);
        check_total(world, reader, &at);
    }
    check_party(world, reader);
    check_number(world, reader);
    check_changes(world, reader, as_of);
    register_reader_end(reader);
    register_reader_close(reader);
}

/* --- tests -------------------------------------------------------------------------------------
 */

static char line[FAILURE_LINE_SIZE]; /* the last in the log */

static void keep_line(int failure, const char *text) {
    (void)failure;
    snprintf(line, sizeof line, "%s", text);
}

static int set_up(void **state) {
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->random = seed_begin();
    world->told = calloc(TOLD_MAX, sizeof *world->told);
    world->hasher = hasher_create(algorithms_profile());
    world->map = register_map_create(algorithms_profile());
    assert_true(world->told != NULL && world->hasher != NULL && world->map != NULL);
    ledger_folder_make(world->ledger_dir);
    snprintf(world->dir, sizeof world->dir, "%s.register", world->ledger_dir);
    snprintf(world->aside, sizeof world->aside, "%s" CACHE_ASIDE_SUFFIX, world->dir);
    assert_int_equal(journal_create(world->ledger_dir, algorithms_profile()), 0);
    assert_int_equal(journal_open(&world->journal, world->ledger_dir, &ledger_folder_options), 0);
    name_assets(world);
    line[0] = '\0';
    failure_set_sink(keep_line);
    world->time_ns = SECOND_NS;
    append_record(world);
    assert_int_equal(journal_commit(world->journal), 0);
    open_store(world);
    *state = world;
    return 0;
}

static int tear_down(void **state) {
    struct world *world = *state;
    register_store_close(world->store);
    journal_close(world->journal);
    register_map_destroy(world->map);
    hasher_destroy(world->hasher);
    ledger_folder_remove(world->ledger_dir);
    ledger_folder_remove(world->dir);
    if (access(world->aside, F_OK) == 0)
        ledger_folder_remove(world->aside);
    free(world->told);
    free(world);
    return 0;
}

static void what_is_kept_is_what_was_told_at_any_time(void **state) {
    struct world *world = *state;
    uint64_t steps = seed_steps(STEPS);
    for (uint64_t step = 0; step < steps && world->told_count + 100 < TOLD_MAX; step++) {
        for (uint32_t n = random_below(&world->random, 8); n > 0; n--)
            append_record(world);
        go_on(world);
        check_root(world);
        if (random_once_in(&world->random, 10))
            ask(world);
    }
}

static void flip_reports(const struct world *world) {
    char path[sizeof world->dir + 16];
    snprintf(path, sizeof path, "%s/data.mdb", world->dir);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    uint8_t *bytes = malloc(size);
    assert_non_null(bytes);
    rewind(file);
    assert_int_equal(fread(bytes, 1, size, file), size);
    for (uint32_t i = 0; i < world->told_count; i++) {
        const struct told *told = &world->told[i];
        uint8_t *found = memmem(bytes, size, told->report, told->size);
        for (; found != NULL; found = memmem(bytes, size, told->report, told->size))
            found[told->size - 1] ^= 1;
    }
    rewind(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    free(bytes);
}

static void a_damaged_entry_is_found_before_a_root_rests_on_it(void **state) {
    struct world *world = *state;
    struct reader *reader = NULL;
    struct reader_record record;
    for (int i = 0; i < 30; i++)
        append_record(world);
    catch_up(world);
    register_store_close(world->store);
    flip_reports(world);
    for (int i = 0; i < 30; i++)
        append_record(world);
    assert_int_equal(journal_commit(world->journal), 0);
    open_store(world); /* hashes alone are read */
    assert_int_equal(reader_open(&reader, world->ledger_dir, false), 0);
    reader_seek(reader, register_store_next(world->store));
    int failure = 0;
    while (failure == 0 && reader_next(reader, &record) == READER_RECORD)
        failure = register_store_add(world->store, &record);
    reader_close(reader);
    assert_int_equal(failure, FAILURE_DAMAGED);
    assert_non_null(strstr(line, "does not hold what it held"));
    register_store_close(world->store);
    open_store(world);
    assert_non_null(strstr(line, "set aside"));
    assert_int_equal(register_store_next(world->store), 0);
    catch_up(world);
    check_root(world);
}

static void a_start_with_nothing_new_has_the_root_at_once(void **state) {
    struct world *world = *state;
    struct hash expected;
    struct hash root;
    for (int i = 0; i < 50; i++)
        append_record(world);
    catch_up(world);
    register_store_root(world->store, &expected);
    register_store_close(world->store);
    open_store(world);
    assert_int_equal(register_store_next(world->store), world->next);
    register_store_root(world->store, &root);
    assert_true(hash_equal(&root, &expected));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_kept_is_what_was_told_at_any_time, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_entry_is_found_before_a_root_rests_on_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_start_with_nothing_new_has_the_root_at_once, set_up,
                                        tear_down),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    seed_tell(failures);
    return failures;
}
