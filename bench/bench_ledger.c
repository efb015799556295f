/*
 * bench-ledger: how fast the ledger takes records durably, and how fast it is verified, executed
 * again, indexed and recovered.
 *
 * Appends: each batch size is run --runs times, each time into a new ledger. The others read one
 * ledger --runs times. Printed are medians over the runs, with the lowest and highest beside them.
 */
#include <argp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include <linux/magic.h>

#include "bench/ledger_append.h"
#include "bench/ledger_read.h"
#include "bench/machine.h"

#define RUNS_DEFAULT    5
#define RUNS_MAX        1000
#define RECORDS_DEFAULT 1000000
#define RECORDS_MAX     1000000000
#define OPS_DEFAULT     1000000
#define OPS_MAX         100000000
#define RESTING_DEFAULT 1000000
#define RESTING_MAX     100000000
#define EXIT_USAGE      2

/* Small batches end after so many commits, however many records were asked for. */
#define COMMITS_MAX 3000

static const uint32_t batches[] = {1, 10, 100, 1000, 4000, 10000};
#define BATCHES (sizeof batches / sizeof batches[0])

enum option_key { KEY_DIR = 0x100, KEY_RECORDS, KEY_OPS, KEY_RESTING, KEY_RUNS, KEY_JSON };

static const char *const reading_names[LEDGER_READINGS] = {"verify", "replay", "index", "recovery"};

struct options {
    const char *dir;
    uint64_t records;
    uint32_t operations;
    uint32_t resting;
    uint32_t runs;
    bool is_json;
    bool appends;
    int reads[LEDGER_READINGS];
};

/* What a run measured, by figure, so that each is sorted by itself. */
enum figure { RECORDS_PER_S, HASH_NS, P50_MS, P99_MS, FIGURES };

struct results {
    double figures[BATCHES][FIGURES][RUNS_MAX];
    uint32_t runs;
    struct ledger_read reads[LEDGER_READINGS];
};

static uint64_t number(struct argp_state *state, const char *name, const char *text,
                       unsigned long max) {
    char *end = NULL;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || value < 1 || value > max)
        argp_error(state, "--%s: '%s' is no number from 1 to %lu", name, text, max);
    return value;
}

/* A measurement by name. */
static void choose(struct argp_state *state, const char *name) {
    struct options *options = state->input;
    if (strcmp(name, "append") == 0) {
        options->appends = true;
        return;
    }
    for (int i = 0; i < LEDGER_READINGS; i++) {
        if (strcmp(name, reading_names[i]) == 0) {
            options->reads[i] = 1;
            return;
        }
    }
    argp_error(state, "unknown measurement '%s': append, verify, replay, index, recovery", name);
}

static bool is_chosen(const struct options *options) {
    bool is_any = options->appends;
    for (int i = 0; i < LEDGER_READINGS; i++)
        is_any = is_any || options->reads[i] != 0;
    return is_any;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    struct options *options = state->input;
    switch (key) {
    case KEY_DIR:
        options->dir = argument;
        return 0;
    case KEY_RECORDS:
        options->records = number(state, "records", argument, RECORDS_MAX);
        return 0;
    case KEY_RUNS:
        options->runs = (uint32_t)number(state, "runs", argument, RUNS_MAX);
        return 0;
    case KEY_JSON:
        options->is_json = true;
        return 0;
    case KEY_OPS:
        options->operations = (uint32_t)number(state, "ops", argument, OPS_MAX);
        return 0;
    case KEY_RESTING:
        options->resting = (uint32_t)number(state, "resting", argument, RESTING_MAX);
        return 0;
    case ARGP_KEY_ARG:
        choose(state, argument);
        return 0;
    case ARGP_KEY_END:
        if (is_chosen(options))
            return 0;
        options->appends = true;
        for (int i = 0; i < LEDGER_READINGS; i++)
            options->reads[i] = 1;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"dir", KEY_DIR, "DIR", 0, "Make ledgers in DIR, on the disk to be measured (/var/tmp)", 0},
    {"records", KEY_RECORDS, "N", 0, "Append N records a run (1000000)", 0},
    {"ops", KEY_OPS, "N", 0, "Read ledgers of N operations of bench-flow itch (1000000)", 0},
    {"resting", KEY_RESTING, "N", 0, "Recover with N orders in the snapshot (1000000)", 0},
    {"runs", KEY_RUNS, "N", 0, "Repeat N times (5)", 0},
    {"json", KEY_JSON, NULL, 0, "Print one JSON object", 0},
    {0},
};

static int compare(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static int measure_appends(const struct options *options, struct results *results) {
    for (; results->runs < options->runs; results->runs++) {
        for (size_t i = 0; i < BATCHES; i++) {
            struct ledger_append run;
            uint64_t most = (uint64_t)batches[i] * COMMITS_MAX;
            uint64_t records = options->records < most ? options->records : most;
            if (ledger_append_run(options->dir, batches[i], records, &run) != 0)
                return -1;
            results->figures[i][RECORDS_PER_S][results->runs] = run.records_per_s;
            results->figures[i][HASH_NS][results->runs] = run.hash_ns;
            results->figures[i][P50_MS][results->runs] = run.p50_ms;
            results->figures[i][P99_MS][results->runs] = run.p99_ms;
        }
    }
    for (size_t i = 0; i < BATCHES; i++)
        for (int k = 0; k < FIGURES; k++)
            qsort(results->figures[i][k], results->runs, sizeof results->figures[i][k][0], compare);
    return 0;
}

static int measure(const struct options *options, struct results *results) {
    struct ledger_read_options read = {.parent = options->dir,
                                       .operations = options->operations,
                                       .resting = options->resting,
                                       .runs = options->runs,
                                       .wanted = options->reads};
    if (options->appends && measure_appends(options, results) != 0)
        return -1;
    return ledger_read_run(&read, results->reads);
}

/* tmpfs has no disk to wait for. */
static bool is_memory(const char *dir) {
    struct statfs status;
    return statfs(dir, &status) == 0 && status.f_type == TMPFS_MAGIC;
}

static void print_appends(const struct options *options, const struct results *results) {
    uint32_t middle = results->runs / 2;
    (void)printf("durable appends, records of %u bytes, medians of %u runs\n",
                 LEDGER_APPEND_RECORD_BYTES, results->runs);
    (void)printf("%7s %12s %12s %12s %10s %10s %14s\n", "batch", "records/s", "lowest", "highest",
                 "p50 ms", "p99 ms", "ns appending");
    for (size_t i = 0; i < BATCHES; i++)
        (void)printf("%7u %12.0f %12.0f %12.0f %10.3f %10.3f %14.0f\n", batches[i],
                     results->figures[i][RECORDS_PER_S][middle],
                     results->figures[i][RECORDS_PER_S][0],
                     results->figures[i][RECORDS_PER_S][results->runs - 1],
                     results->figures[i][P50_MS][middle], results->figures[i][P99_MS][middle],
                     results->figures[i][HASH_NS][middle]);
    if (is_memory(options->dir))
        (void)printf("%s is in memory: nothing here was durable\n", options->dir);
}

static double rate(const struct ledger_read *read, double seconds) {
    return (double)read->records / seconds;
}

static void print_read(const struct options *options, enum ledger_reading reading,
                       const struct ledger_read *read) {
    uint32_t middle = options->runs / 2;
    (void)printf("%8s %10lu %9.0f %12.0f %12.0f %12.0f %9.2f", reading_names[reading],
                 read->records, (double)read->record_bytes / (double)read->all_records,
                 rate(read, read->seconds[middle]), rate(read, read->seconds[options->runs - 1]),
                 rate(read, read->seconds[0]), read->seconds[middle]);
    if (reading == LEDGER_RECOVERY)
        (void)printf("   %.2f s of it load a snapshot of %lu resting orders",
                     read->snapshot_s[middle], read->resting);
    (void)putchar('\n');
}

static void print_table(const struct options *options, const struct results *results,
                        const struct machine *machine) {
    bool is_first = true;
    if (options->appends)
        print_appends(options, results);
    for (int i = 0; i < LEDGER_READINGS; i++) {
        if (options->reads[i] == 0)
            continue;
        if (is_first)
            (void)printf("reading a ledger of bench-flow itch, medians of %u runs\n"
                         "%8s %10s %9s %12s %12s %12s %9s\n",
                         options->runs, "", "records", "bytes", "records/s", "lowest", "highest",
                         "seconds");
        is_first = false;
        print_read(options, (enum ledger_reading)i, &results->reads[i]);
    }
    machine_print(machine, stdout);
}

static json_t *batch_json(const struct results *results, size_t i) {
    uint32_t middle = results->runs / 2;
    return json_pack("{s:i, s:f, s:f, s:f, s:f, s:f, s:f}", "batch", (int)batches[i],
                     "records_per_s", results->figures[i][RECORDS_PER_S][middle],
                     "records_per_s_lowest", results->figures[i][RECORDS_PER_S][0],
                     "records_per_s_highest", results->figures[i][RECORDS_PER_S][results->runs - 1],
                     "p50_ms", results->figures[i][P50_MS][middle], "p99_ms",
                     results->figures[i][P99_MS][middle], "append_ns",
                     results->figures[i][HASH_NS][middle]);
}

static json_t *read_json(const struct options *options, const struct ledger_read *read) {
    uint32_t middle = options->runs / 2;
    return json_pack("{s:I, s:f, s:f, s:f, s:f, s:f, s:I, s:f}", "records",
                     (json_int_t)read->records, "record_bytes",
                     (double)read->record_bytes / (double)read->all_records, "records_per_s",
                     rate(read, read->seconds[middle]), "records_per_s_lowest",
                     rate(read, read->seconds[options->runs - 1]), "records_per_s_highest",
                     rate(read, read->seconds[0]), "seconds", read->seconds[middle], "resting",
                     (json_int_t)read->resting, "snapshot_s", read->snapshot_s[middle]);
}

static json_t *appends_json(const struct results *results) {
    json_t *list = json_array();
    for (size_t i = 0; i < BATCHES; i++)
        (void)json_array_append_new(list, batch_json(results, i));
    return list;
}

static int print_json(const struct options *options, const struct results *results,
                      const struct machine *machine) {
    json_t *object = json_pack(
        "{s:i, s:i, s:b, s:o}", "record_bytes", (int)LEDGER_APPEND_RECORD_BYTES, "runs",
        (int)options->runs, "is_memory", is_memory(options->dir), "machine", machine_json(machine));
    if (object == NULL)
        return -1;
    if (options->appends)
        (void)json_object_set_new(object, "append", appends_json(results));
    for (int i = 0; i < LEDGER_READINGS; i++)
        if (options->reads[i] != 0)
            (void)json_object_set_new(object, reading_names[i],
                                      read_json(options, &results->reads[i]));
    int failed = json_dumpf(object, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(7));
    json_decref(object);
    (void)putchar('\n');
    return failed;
}

int main(int argc, char **argv) {
    struct options options = {.dir = "/var/tmp",
                              .records = RECORDS_DEFAULT,
                              .operations = OPS_DEFAULT,
                              .resting = RESTING_DEFAULT,
                              .runs = RUNS_DEFAULT};
    const struct argp argp = {
        .options = option_list,
        .parser = parse,
        .args_doc = "[append] [verify] [replay] [index] [recovery]",
        .doc =
            "Measures how many records a second the ledger takes durably, by batch size; and how "
            "many are verified, executed again, indexed, and recovered from a snapshot and the "
            "tail after it."};
    static struct results results;
    struct machine machine;
    argp_err_exit_status = EXIT_USAGE;
    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
        return EXIT_USAGE;
    machine_begin(&machine);
    if (measure(&options, &results) != 0)
        return EXIT_FAILURE;
    machine_end(&machine);
    if (!options.is_json)
        print_table(&options, &results, &machine);
    else if (print_json(&options, &results, &machine) != 0)
        return EXIT_FAILURE;
    return EXIT_SUCCESS;
}
