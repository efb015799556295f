/*
 * bench-register: a register of many pledges: how many look-ups a second the library and a whole
 * exchange answer, how fast the exchange's register starts, and how fast it takes in what changes.
 *
 * The register is made once a measurement, straight in its environment (bench/register_bulk.h).
 * Printed are medians over the runs, with the lowest and highest beside them.
 */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "bench/machine.h"
#include "bench/option_number.h"
#include "bench/register_bulk.h"
#include "bench/register_read.h"
#include "bench/register_serve.h"
#include "bench/trial.h"

#define EXIT_USAGE 2
#define RUNS_MAX   100u

enum option_key {
    KEY_DIR = 0x100,
    KEY_PLEDGES,
    KEY_RUNS,
    KEY_SECONDS,
    KEY_RATE,
    KEY_QUERIES,
    KEY_JSON,
};

enum measurement { STATUS, START, UPDATES, GATEWAY, MEASUREMENTS };
static const char *const NAMES[MEASUREMENTS] = {"status", "start", "updates", "gateway"};

struct options {
    const char *dir;
    uint32_t pledges;
    uint32_t runs;
    uint32_t seconds; /* of a run */
    uint64_t rate;    /* orders a second beside the queries */
    uint64_t queries; /* a second; 0: as fast as they are answered */
    bool is_chosen[MEASUREMENTS];
    bool is_json;
};

/* Sorted, over the runs. */
struct figures {
    double values[RUNS_MAX];
};

struct results {
    struct machine machine;
    struct register_scene scene;
    struct figures status_per_s;
    struct figures root_ms;
    struct figures all_s;
    struct register_updates updates;
    struct register_serve serve;
};

static void choose(struct argp_state *state, const char *name) {
    struct options *options = state->input;
    for (int i = 0; i < MEASUREMENTS; i++) {
        if (strcmp(name, NAMES[i]) == 0) {
            options->is_chosen[i] = true;
            return;
        }
    }
    argp_error(state, "unknown measurement '%s': status, start, updates, gateway", name);
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    struct options *options = state->input;
    switch (key) {
    case KEY_DIR:
        options->dir = argument;
        return 0;
    case KEY_PLEDGES:
        options->pledges = (uint32_t)option_number(state, argument, 1, REGISTER_BULK_MAX);
        return 0;
    case KEY_RUNS:
        options->runs = (uint32_t)option_number(state, argument, 1, RUNS_MAX);
        return 0;
    case KEY_SECONDS:
        options->seconds = (uint32_t)option_number(state, argument, 1, 3600);
        return 0;
    case KEY_RATE:
        options->rate = option_number(state, argument, 1, 10000000);
        return 0;
    case KEY_QUERIES:
        options->queries = option_number(state, argument, 0, 10000000);
        return 0;
    case KEY_JSON:
        options->is_json = true;
        return 0;
    case ARGP_KEY_ARG:
        choose(state, argument);
        return 0;
    case ARGP_KEY_NO_ARGS:
        memset(options->is_chosen, 1, sizeof options->is_chosen);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"dir", KEY_DIR, "DIR", 0, "Make registers in DIR, on the disk to be measured (/var/tmp)", 0},
    {"pledges", KEY_PLEDGES, "N", 0, "Rights, each with one pledge (10000000)", 0},
    {"runs", KEY_RUNS, "N", 0, "Repeat status and start N times (5)", 0},
    {"seconds", KEY_SECONDS, "N", 0, "Measure so long a run (10)", 0},
    {"rate", KEY_RATE, "N", 0, "gateway: orders a second beside the queries (20000)", 0},
    {"queries", KEY_QUERIES, "N", 0,
     "gateway: queries a second in single frames; 0: as many as are answered (60000)", 0},
    {"json", KEY_JSON, NULL, 0, "Print one JSON object", 0},
    {0},
};

/* --- measuring ---------------------------------------------------------------------------------
 */

static int compare(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static void sort(struct figures *figures, uint32_t runs) {
    qsort(figures->values, runs, sizeof figures->values[0], compare);
}

static void measure_library(const struct options *options, struct results *results) {
    if (!options->is_chosen[STATUS] && !options->is_chosen[START] && !options->is_chosen[UPDATES])
        return;
    register_scene_create(&results->scene, options->dir, options->pledges);
    if (options->is_chosen[STATUS])
        (void)register_measure_status(&results->scene, options->seconds); /* the cache is warm */
    for (uint32_t i = 0; i < options->runs; i++) {
        if (options->is_chosen[STATUS])
            results->status_per_s.values[i] =
                register_measure_status(&results->scene, options->seconds);
        if (options->is_chosen[START]) {
            struct register_start start = register_measure_start(&results->scene);
            results->root_ms.values[i] = start.root_ms;
            results->all_s.values[i] = start.all_s;
        }
    }
    if (options->is_chosen[UPDATES])
        results->updates = register_measure_updates(&results->scene, options->seconds);
    register_scene_remove(&results->scene);
    sort(&results->status_per_s, options->runs);
    sort(&results->root_ms, options->runs);
    sort(&results->all_s, options->runs);
}

static void measure(const struct options *options, struct results *results) {
    machine_begin(&results->machine);
    measure_library(options, results);
    if (options->is_chosen[GATEWAY]) {
        struct register_serve_options serve = {.pledges = options->pledges,
                                               .seconds = options->seconds,
                                               .rate = options->rate,
                                               .queries = options->queries};
        register_serve_run(&serve, &results->serve);
    }
    machine_end(&results->machine);
}

/* --- printing ----------------------------------------------------------------------------------
 */

static void print_figures(const char *name, const struct figures *figures, uint32_t runs) {
    printf("%-34s %12.1f %12.1f %12.1f\n", name, figures->values[runs / 2], figures->values[0],
           figures->values[runs - 1]);
}

static void print_serve(const struct options *options, const struct register_serve *serve) {
    printf("gateway: %.0f look-ups/s answered in single frames, %lu/s intended; %lu refused; p50 "
           "%.0f, p99 %.0f us\n",
           serve->answers_per_s, options->queries, serve->refused, serve->query_p50_us,
           serve->query_p99_us);
    printf("         beside %.0f orders/s, %lu/s intended: p50 %.3f, p99 %.3f ms, %lu refused; "
           "ready %.2f s after its start, first Seal %.2f s\n",
           serve->orders_per_s, options->rate, serve->order_p50_ms, serve->order_p99_ms,
           serve->rejected, serve->ready_s, serve->seal_s);
}

static void print_table(const struct options *options, const struct results *results) {
    printf("%u pledges on as many rights; file of %.2f GB, made in %.1f s\n%-34s %12s %12s %12s\n",
           options->pledges, (double)results->scene.bytes / 1e9, results->scene.write_s, "",
           "median", "lowest", "highest");
    if (options->is_chosen[STATUS])
        print_figures("status look-ups/s, one core", &results->status_per_s, options->runs);
    if (options->is_chosen[START]) {
        print_figures("start to root, ms", &results->root_ms, options->runs);
        print_figures("start to all fetched, s", &results->all_s, options->runs);
    }
    if (options->is_chosen[UPDATES])
        printf("updates/s, a root each 100 ms: %.0f at first, %.0f when all is fetched; root %.1f "
               "ms at most\n",
               results->updates.cold_per_s, results->updates.warm_per_s, results->updates.root_ms);
    if (options->is_chosen[GATEWAY])
        print_serve(options, &results->serve);
    machine_print(&results->machine, stdout);
}

static int print_json(const struct options *options, const struct results *results) {
    uint32_t middle = options->runs / 2;
    const struct register_serve *serve = &results->serve;
    json_t *object = json_pack(
        "{s:i, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:I, s:I, s:o}",
        "pledges", (int)options->pledges, "status_per_s", results->status_per_s.values[middle],
        "start_root_ms", results->root_ms.values[middle], "start_all_s",
        results->all_s.values[middle], "updates_cold_per_s", results->updates.cold_per_s,
        "updates_warm_per_s", results->updates.warm_per_s, "root_ms", results->updates.root_ms,
        "gateway_per_s", serve->answers_per_s, "gateway_p50_us", serve->query_p50_us,
        "gateway_p99_us", serve->query_p99_us, "order_p50_ms", serve->order_p50_ms, "order_p99_ms",
        serve->order_p99_ms, "first_seal_s", serve->seal_s, "queries_refused",
        (json_int_t)serve->refused, "orders_refused", (json_int_t)serve->rejected, "machine",
        machine_json(&results->machine));
    bool is_printed =
        object != NULL && json_dumpf(object, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(7)) == 0;
    json_decref(object);
    putchar('\n');
    return is_printed ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv) {
    struct options options = {.dir = "/var/tmp",
                              .pledges = 10000000,
                              .runs = 5,
                              .seconds = 10,
                              .rate = 20000,
                              .queries = 60000};
    const struct argp argp = {
        .options = option_list,
        .parser = parse,
        .args_doc = "[status] [start] [updates] [gateway]",
        .doc = "Measures a register of many pledges: look-ups through the library and through an "
               "exchange that trades, starts, and updates."};
    static struct results results;
    argp_err_exit_status = EXIT_USAGE;
    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
        return EXIT_USAGE;
    measure(&options, &results);
    if (options.is_json)
        return print_json(&options, &results);
    print_table(&options, &results);
    return EXIT_SUCCESS;
}
