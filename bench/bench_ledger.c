/*
 * bench-ledger: how fast the ledger takes records durably.
 *
 * Each batch size is run --runs times, each time into a new ledger; printed are medians over the
 * runs, with the lowest and highest rate beside them.
 */
#include <argp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include <linux/magic.h>

#include "bench/ledger_append.h"
#include "bench/machine.h"

#define RUNS_DEFAULT    5
#define RUNS_MAX        1000
#define RECORDS_DEFAULT 1000000
#define RECORDS_MAX     1000000000
#define EXIT_USAGE      2

/* Small batches end after so many commits, however many records were asked for. */
#define COMMITS_MAX 3000

static const uint32_t batches[] = {1, 10, 100, 1000, 4000, 10000};
#define BATCHES (sizeof batches / sizeof batches[0])

enum option_key { KEY_DIR = 0x100, KEY_RECORDS, KEY_RUNS, KEY_JSON };

struct options {
    const char *dir;
    uint64_t records;
    uint32_t runs;
    bool is_json;
};

/* What a run measured, by figure, so that each is sorted by itself. */
enum figure { RECORDS_PER_S, HASH_NS, P50_MS, P99_MS, FIGURES };

struct results {
    double figures[BATCHES][FIGURES][RUNS_MAX];
    uint32_t runs;
};

static uint64_t number(struct argp_state *state, const char *name, const char *text,
                       unsigned long max) {
    char *end = NULL;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || value < 1 || value > max)
        argp_error(state, "--%s: '%s' is no number from 1 to %lu", name, text, max);
    return value;
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
    case ARGP_KEY_ARG:
        if (strcmp(argument, "append") != 0)
            argp_error(state, "unknown measurement '%s': append", argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"dir", KEY_DIR, "DIR", 0, "Make ledgers in DIR, on the disk to be measured (/var/tmp)", 0},
    {"records", KEY_RECORDS, "N", 0, "Append N records a run (1000000)", 0},
    {"runs", KEY_RUNS, "N", 0, "Repeat N times (5)", 0},
    {"json", KEY_JSON, NULL, 0, "Print one JSON object", 0},
    {0},
};

static int compare(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static int measure(const struct options *options, struct results *results) {
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

/* tmpfs has no disk to wait for. */
static bool is_memory(const char *dir) {
    struct statfs status;
    return statfs(dir, &status) == 0 && status.f_type == TMPFS_MAGIC;
}

static void print_table(const struct options *options, const struct results *results,
                        const struct machine *machine) {
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

static int print_json(const struct options *options, const struct results *results,
                      const struct machine *machine) {
    json_t *list = json_array();
    int failed = 0;
    for (size_t i = 0; i < BATCHES; i++)
        failed |= json_array_append_new(list, batch_json(results, i));
    json_t *object =
        json_pack("{s:o, s:i, s:i, s:b, s:o}", "append", list, "record_bytes",
                  (int)LEDGER_APPEND_RECORD_BYTES, "runs", (int)results->runs, "is_memory",
                  is_memory(options->dir), "machine", machine_json(machine));
    if (failed == 0 && object != NULL)
        failed = json_dumpf(object, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(7));
    bool is_printed = failed == 0 && object != NULL;
    json_decref(object);
    (void)putchar('\n');
    return is_printed ? 0 : -1;
}

int main(int argc, char **argv) {
    struct options options = {.dir = "/var/tmp", .records = RECORDS_DEFAULT, .runs = RUNS_DEFAULT};
    const struct argp argp = {
        .options = option_list,
        .parser = parse,
        .args_doc = "[append]",
        .doc = "Measures how many records a second the ledger takes durably, by batch size."};
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
