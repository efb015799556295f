#include "bench/register_read.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/algorithms.h"
#include "bench/random.h"
#include "bench/register_bulk.h"
#include "bench/stopwatch.h"
#include "bench/trial.h"
#include "ledger/journal.h"
#include "ledger/register_reader.h"
#include "ledger/register_store.h"

/* Look-ups in one view, as the exchange does in a slice of its time. */
#define VIEW_LOOKUPS 64u
/* Updates told by one record. */
#define RECORD_UPDATES 10u
/* A root, and a commit, come once in so long. */
#define SEAL_NS   UINT64_C(100000000)
#define COMMIT_NS UINT64_C(25000000)
#define TIME_NS   INT64_C(1790000001000000000)

static double seconds_since(uint64_t begun_ns) {
    return (double)(stopwatch_ns() - begun_ns) / 1e9;
}

/* --- the scene ---------------------------------------------------------------------------------
 */

static void make_ledger(const struct register_scene *scene) {
    static uint8_t bytes[RECORD_BYTES_MAX];
    struct journal_options options = {.volume_bytes_max = UINT64_C(1) << 30,
                                      .space = {8u << 20, 4u << 20, 2u << 20, 1u << 20}};
    struct journal *journal = NULL;
    struct made_moment moment = {.time_ns = TIME_NS};
    size_t size = register_maker_record(NULL, 0, &moment, bytes);
    if (journal_create(scene->ledger, algorithms_profile()) != 0 ||
        journal_open(&journal, scene->ledger, &options) != 0 ||
        journal_append(journal, bytes, size) != 0 || journal_commit(journal) != 0)
        trial_die("no ledger in %s", scene->dir);
    journal_close(journal);
}

static struct register_store *open_store(const struct register_scene *scene) {
    struct register_store *store = NULL;
    if (register_store_open(&store, scene->registered, scene->ledger) != 0)
        trial_die("no register in %s", scene->dir);
    return store;
}

/* The one record that there is. */
static void take_first(const struct register_scene *scene, struct register_store *store) {
    struct reader *reader = NULL;
    struct reader_record record;
    if (reader_open(&reader, scene->ledger, false) != 0 || reader_get(reader, 0, &record) != 0 ||
        register_store_add(store, &record) != 0)
        trial_die("the ledger in %s cannot be read", scene->dir);
    reader_close(reader);
}

void register_scene_create(struct register_scene *scene, const char *parent, uint32_t pledges) {
    char path[320];
    struct stat status;
    *scene = (struct register_scene){.pledges = pledges};
    snprintf(scene->dir, sizeof scene->dir, "%.200s/tpx-register-XXXXXX", parent);
    if (mkdtemp(scene->dir) == NULL)
        trial_die("%s: no folder can be made there", parent);
    snprintf(scene->ledger, sizeof scene->ledger, "%s/ledger", scene->dir);
    snprintf(scene->registered, sizeof scene->registered, "%s/register", scene->dir);
    make_ledger(scene);
    struct register_store *store = open_store(scene);
    take_first(scene, store);
    register_store_close(store);
    uint64_t begun_ns = stopwatch_ns();
    if (register_bulk_write(scene->registered, pledges) != 0)
        trial_die("no register of %u pledges", pledges);
    scene->write_s = seconds_since(begun_ns);
    snprintf(path, sizeof path, "%s/data.mdb", scene->registered);
    if (stat(path, &status) == 0)
        scene->bytes = (uint64_t)status.st_size;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk) {
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void register_scene_remove(const struct register_scene *scene) {
    (void)nftw(scene->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* --- looking up --------------------------------------------------------------------------------
 */

/* Says how many entries in force a right has. */
static uint32_t look_up(struct register_reader *reader, uint32_t right, uint64_t as_of) {
    char number[REGISTER_BULK_NUMBER_MAX];
    struct register_walk walk = {.at = {.as_of = as_of, .time_ns = INT64_MAX}};
    struct register_row row;
    struct entry_report told;
    uint32_t count = 0;
    register_bulk_number(right, number);
    register_right_of(reader, RIGHT_INVENTION, number, strlen(number), &walk.asset);
    while (register_next_entry(reader, &walk, &row) == 1)
        count += entry_report_read(row.report, &told) && told.to_ns == 0;
    return count;
}

double register_measure_status(const struct register_scene *scene, double seconds) {
    struct register_reader *reader = NULL;
    struct random random = {.state = 1};
    uint64_t count = 0;
    uint64_t found = 0;
    uint64_t as_of = 0;
    if (register_reader_open(&reader, scene->registered, algorithms_profile()) != 0)
        trial_die("the register cannot be read");
    uint64_t begun_ns = stopwatch_ns();
    while (seconds_since(begun_ns) < seconds) {
        if (register_reader_begin(reader) != 0 || register_reader_as_of(reader, &as_of) != 0)
            trial_die("the register cannot be read");
        for (uint32_t i = 0; i < VIEW_LOOKUPS; i++, count++)
            found += look_up(reader, 1 + random_below(&random, scene->pledges), as_of);
        register_reader_end(reader);
    }
    double spent = seconds_since(begun_ns);
    register_reader_close(reader);
    if (found != 2 * count)
        trial_die("%lu look-ups found %lu entries", count, found);
    return (double)count / spent;
}

/* --- starting ----------------------------------------------------------------------------------
 */

static void drop_entry(void *owner, const uint8_t *key, const struct hash *value) {
    uint64_t *count = owner;
    (void)key;
    (void)value;
    ++*count;
}

static void fetch_all(struct register_store *store) {
    uint64_t count = 0;
    struct map_listener listener = {drop_entry, &count};
    for (uint32_t bucket = 0; bucket < UINT32_C(1) << 16; bucket++) {
        struct hash prefix = {{(uint8_t)(bucket >> 8), (uint8_t)bucket}};
        if (register_store_scan(store, &prefix, &listener) != 0)
            trial_die("a bucket cannot be fetched");
    }
}

struct register_start register_measure_start(const struct register_scene *scene) {
    struct register_start start;
    struct hash root;
    uint64_t begun_ns = stopwatch_ns();
    struct register_store *store = open_store(scene);
    register_store_root(store, &root);
    start.root_ms = seconds_since(begun_ns) * 1e3;
    fetch_all(store);
    start.all_s = seconds_since(begun_ns);
    register_store_close(store);
    return start;
}

/* --- updates -----------------------------------------------------------------------------------
 */

struct updating {
    const struct register_scene *scene;
    struct register_store *store;
    struct random random;
    uint32_t version;
    uint64_t root_max_ns;
};

static void take_record(struct updating *updating) {
    static uint8_t bytes[RECORD_BYTES_MAX];
    char numbers[RECORD_UPDATES][REGISTER_BULK_NUMBER_MAX];
    struct made_entry entries[RECORD_UPDATES];
    struct made_moment moment = {.sequence = register_store_next(updating->store),
                                 .time_ns = TIME_NS};
    for (uint32_t i = 0; i < RECORD_UPDATES; i++) {
        uint32_t right = 1 + random_below(&updating->random, updating->scene->pledges);
        register_bulk_number(right, numbers[i]);
        entries[i] = register_bulk_pledge(right, ++updating->version, numbers[i]);
    }
    size_t size = register_maker_record(entries, RECORD_UPDATES, &moment, bytes);
    struct reader_record record = {moment.sequence, bytes, (uint32_t)size};
    if (register_store_add(updating->store, &record) != 0)
        trial_die("an update was not taken");
}

/* Updates a second over so long. */
static double update_for(struct updating *updating, double seconds) {
    uint64_t begun_ns = stopwatch_ns();
    uint64_t sealed_ns = begun_ns;
    uint64_t committed_ns = begun_ns;
    uint64_t now_ns = begun_ns;
    uint64_t count = 0;
    struct hash root;
    for (; (double)(now_ns - begun_ns) / 1e9 < seconds; now_ns = stopwatch_ns()) {
        take_record(updating);
        count += RECORD_UPDATES;
        if (now_ns - sealed_ns >= SEAL_NS) {
            uint64_t before_ns = stopwatch_ns();
            register_store_root(updating->store, &root);
            sealed_ns = stopwatch_ns();
            if (sealed_ns - before_ns > updating->root_max_ns)
                updating->root_max_ns = sealed_ns - before_ns;
        }
        if (now_ns - committed_ns >= COMMIT_NS) {
            if (register_store_commit(updating->store) != 0)
                trial_die("no commit");
            committed_ns = now_ns;
        }
    }
    return (double)count / ((double)(now_ns - begun_ns) / 1e9);
}

struct register_updates register_measure_updates(const struct register_scene *scene,
                                                 double seconds) {
    struct register_updates updates;
    struct updating updating = {.scene = scene, .random = {.state = 2}, .version = 1};
    updating.store = open_store(scene);
    updates.cold_per_s = update_for(&updating, seconds < 2 ? seconds : 2);
    fetch_all(updating.store);
    updating.root_max_ns = 0;
    updates.warm_per_s = update_for(&updating, seconds);
    updates.root_ms = (double)updating.root_max_ns / 1e6;
    register_store_close(updating.store);
    return updates;
}
