/* One ledger serves verify, replay and index, another, with orders that rest, recovery. */
#include "bench/ledger_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/flow_make.h"
#include "bench/ledger_day.h"
#include "bench/stopwatch.h"
#include "gateway/recovery.h"
#include "ledger/index.h"
#include "ledger/reader.h"
#include "ledger/region.h"
#include "ledger/snapshot.h"
#include "ledger/verify.h"

#define PATH_BYTES 4096
#define SEED       1
#define FLOW       "itch"
/* Orders of a flow that may rest at a time, beside its preload. */
#define ORDERS_SPARE 1000000u

struct folder {
    char base[PATH_BYTES];
    char ledger[PATH_BYTES + 16];
    char snapshots[PATH_BYTES + 16];
    char index[PATH_BYTES + 16];
};

/* As the exchange does. */
#define INDEX_BATCH 100000u

static int make_folder(struct folder *folder, const char *parent) {
    int size = snprintf(folder->base, sizeof folder->base, "%s/bench-ledger-XXXXXX", parent);
    if (size < 0 || (size_t)size >= sizeof folder->base || mkdtemp(folder->base) == NULL) {
        (void)fprintf(stderr, "bench-ledger: cannot make a folder in %s\n", parent);
        return -1;
    }
    (void)snprintf(folder->ledger, sizeof folder->ledger, "%s/ledger", folder->base);
    (void)snprintf(folder->snapshots, sizeof folder->snapshots, "%s/snapshots", folder->base);
    (void)snprintf(folder->index, sizeof folder->index, "%s/index", folder->base);
    return 0;
}

/* The day; the number of records before the snapshot and after go to *result. */
static void make_day(const struct folder *folder, const struct ledger_read_options *options,
                     uint32_t resting, struct ledger_read *result) {
    struct flow flow;
    struct ledger_day day;
    flow_make(&flow, flow_profile_find(FLOW), SEED, options->operations, 1);
    struct ledger_day_options day_options =
        ledger_day_options(folder->ledger, resting + ORDERS_SPARE);
    ledger_day_begin(&day, &day_options);
    if (resting > 0) {
        ledger_day_rest(&day, resting, flow.price_ticks_max);
        ledger_day_mark(&day, folder->snapshots);
    }
    uint64_t begun = resting > 0 ? day.maker.next : 0;
    ledger_day_trade(&day, &flow);
    result->resting = resting;
    result->all_records = day.maker.next;
    result->records = day.maker.next - begun;
    result->record_bytes = day.maker.bytes;
    ledger_day_end(&day);
    flow_fini(&flow);
}

static int complain(const char *what, const char *text) {
    (void)fprintf(stderr, "bench-ledger: %s: %s\n", what, text);
    return -1;
}

static int verify_once(const struct folder *folder, uint64_t *records) {
    struct verify_options options = {.dir = folder->ledger};
    static struct verify_report report;
    if (verify_run(&options, &report) != 0)
        return complain("verify", "no verdict");
    *records = report.audit.records;
    return report.fault.kind == FINDING_NONE ? 0 : complain("verify", report.fault.text);
}

static int replay_once(const struct folder *folder, uint64_t *records) {
    struct replay_options options = {.takes_digests = true, .keeps_map = true};
    struct replay *replay = replay_create(&options);
    struct reader *reader = NULL;
    struct reader_record record;
    struct finding finding = {0};
    int step = READER_PAUSE;
    if (replay == NULL || reader_open(&reader, folder->ledger, true) != 0)
        return complain("replay", "the ledger cannot be opened");
    while ((step = reader_next(reader, &record)) > 0)
        if (step == READER_RECORD && !replay_record(replay, record.bytes, record.size, &finding))
            break;
    *records = replay_next(replay);
    reader_close(reader);
    replay_destroy(replay);
    return step == READER_END ? 0 : complain("replay", finding.text);
}

/* Adds what one view of the reader gives. */
static int index_view(struct index *index, struct reader *reader) {
    struct reader_record record;
    int step;
    while ((step = reader_next(reader, &record)) == READER_RECORD)
        if (index_add(index, &record) != 0)
            return -1;
    if (index_gathered(index) >= INDEX_BATCH && index_commit(index) != 0)
        return -1;
    return step;
}

static int index_once(const struct folder *folder, uint64_t *records) {
    struct index *index = NULL;
    struct reader *reader = NULL;
    ledger_day_remove(folder->index);
    if (index_open(&index, folder->index, folder->ledger) != 0 ||
        reader_open(&reader, folder->ledger, false) != 0)
        return complain("index", "cannot be opened");
    int step = READER_PAUSE;
    while (step == READER_PAUSE)
        step = index_view(index, reader);
    bool is_right = step == READER_END && index_commit(index) == 0;
    *records = index_as_of(index);
    reader_close(reader);
    index_close(index);
    return is_right ? 0 : complain("index", "failed");
}

static int recover_once(const struct folder *folder, uint64_t *records) {
    struct recovery_options options = {.ledger_dir = folder->ledger,
                                       .snapshots_dir = folder->snapshots};
    struct recovery recovery;
    if (recover(&recovery, &options) != 0)
        return complain("recovery", "failed");
    bool is_right = recovery.base > 0 && !recovery.has_diverged;
    *records = recovery.records;
    recovery_end(&recovery);
    return is_right ? 0 : complain("recovery", "the snapshot was not taken");
}

static int load_once(const struct folder *folder) {
    struct snapshot_loaded loaded;
    if (snapshot_load(folder->snapshots, UINT64_MAX, &loaded) != 0)
        return complain("recovery", "the snapshot cannot be loaded");
    region_unmap(loaded.engine, loaded.size);
    return 0;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

typedef int once(const struct folder *folder, uint64_t *records);

/* A first run, untimed, brings the files into the page cache. */
static int measure(const struct folder *folder, uint32_t runs, once *run,
                   struct ledger_read *result) {
    for (uint32_t i = 0; i <= runs; i++) {
        uint64_t begun = stopwatch_ns();
        if (run(folder, &result->records) != 0)
            return -1;
        if (i > 0)
            result->seconds[i - 1] = (double)(stopwatch_ns() - begun) / 1e9;
    }
    qsort(result->seconds, runs, sizeof result->seconds[0], ascending);
    return 0;
}

static int measure_loading(const struct folder *folder, uint32_t runs, struct ledger_read *result) {
    for (uint32_t i = 0; i < runs; i++) {
        uint64_t begun = stopwatch_ns();
        if (load_once(folder) != 0)
            return -1;
        result->snapshot_s[i] = (double)(stopwatch_ns() - begun) / 1e9;
    }
    qsort(result->snapshot_s, runs, sizeof result->snapshot_s[0], ascending);
    return 0;
}

static int read_whole(const struct ledger_read_options *options,
                      struct ledger_read results[LEDGER_READINGS]) {
    struct folder folder = {0};
    if (make_folder(&folder, options->parent) != 0)
        return -1;
    struct ledger_read *verify = &results[LEDGER_VERIFY];
    make_day(&folder, options, 0, verify);
    results[LEDGER_REPLAY] = *verify;
    results[LEDGER_INDEX] = *verify;
    int failed = 0;
    if (options->wanted[LEDGER_VERIFY])
        failed = measure(&folder, options->runs, verify_once, verify);
    if (failed == 0 && options->wanted[LEDGER_REPLAY])
        failed = measure(&folder, options->runs, replay_once, &results[LEDGER_REPLAY]);
    if (failed == 0 && options->wanted[LEDGER_INDEX])
        failed = measure(&folder, options->runs, index_once, &results[LEDGER_INDEX]);
    ledger_day_remove(folder.base);
    return failed;
}

static int read_tail(const struct ledger_read_options *options, struct ledger_read *result) {
    struct folder folder = {0};
    if (make_folder(&folder, options->parent) != 0)
        return -1;
    make_day(&folder, options, options->resting, result);
    int failed = measure(&folder, options->runs, recover_once, result);
    if (failed == 0)
        failed = measure_loading(&folder, options->runs, result);
    ledger_day_remove(folder.base);
    return failed;
}

int ledger_read_run(const struct ledger_read_options *options,
                    struct ledger_read results[LEDGER_READINGS]) {
    int failed = 0;
    if (options->wanted[LEDGER_VERIFY] || options->wanted[LEDGER_REPLAY] ||
        options->wanted[LEDGER_INDEX])
        failed = read_whole(options, results);
    if (failed == 0 && options->wanted[LEDGER_RECOVERY])
        failed = read_tail(options, &results[LEDGER_RECOVERY]);
    return failed;
}
