/*
 * bench-match FLOW.csv: how fast a flow of orders is matched.
 *
 * One untimed run counts and writes the trades; then each of --runs runs plays the flow twice, from
 * empty books each time: against one clock, and operation by operation against the time-stamp
 * counter. Printed are medians over the runs, with the lowest and the highest beside them.
 */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/flow.h"
#include "bench/histogram.h"
#include "bench/machine.h"
#include "bench/match.h"
#include "bench/stopwatch.h"

#define RUNS_DEFAULT 5
#define RUNS_MAX     1000
#define EMPTY_PAIRS  100000
#define EXIT_USAGE   2

enum option_key { KEY_BOOK = 0x100, KEY_AHEAD, KEY_ENCODE, KEY_TRADES, KEY_RUNS, KEY_JSON };

struct options {
    const char *flow_path;
    const char *trades_path;
    bool is_book;
    bool is_ahead;
    bool is_encode;
    bool is_json;
    uint32_t runs;
};

/* What one run measured. */
enum figure { NS_PER_OP, OPS_PER_S, P50_NS, P99_NS, P999_NS, MAX_NS, FIGURES };

static const char *const figure_names[FIGURES] = {"ns_per_op", "ops_per_s", "p50_ns",
                                                  "p99_ns",    "p999_ns",   "max_ns"};

struct results {
    double figures[FIGURES][RUNS_MAX]; /* sorted at the end */
    uint32_t runs;
    double empty_pair_ns;
    struct match_end end;
};

static error_t parse(int key, char *argument, struct argp_state *state) {
    struct options *options = state->input;
    switch (key) {
    case KEY_BOOK:
        options->is_book = true;
        return 0;
    case KEY_AHEAD:
        options->is_ahead = true;
        return 0;
    case KEY_ENCODE:
        options->is_encode = true;
        return 0;
    case KEY_JSON:
        options->is_json = true;
        return 0;
    case KEY_TRADES:
        options->trades_path = argument;
        return 0;
    case KEY_RUNS: {
        char *end;
        unsigned long runs = strtoul(argument, &end, 10);
        if (argument[0] < '0' || argument[0] > '9' || *end != '\0' || runs < 1 || runs > RUNS_MAX)
            argp_error(state, "--runs: '%s' is no number from 1 to %d", argument, RUNS_MAX);
        options->runs = (uint32_t)runs;
        return 0;
    }
    case ARGP_KEY_ARG:
        if (options->flow_path != NULL)
            argp_usage(state);
        options->flow_path = argument;
        return 0;
    case ARGP_KEY_END:
        if (options->flow_path == NULL)
            argp_usage(state);
        if (options->is_book && options->is_encode)
            argp_error(state, "--encode: the books alone have nothing to encode");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"book", KEY_BOOK, NULL, 0, "Drive the order books alone, without accounts and checks", 0},
    {"ahead", KEY_AHEAD, NULL, 0, "Hint each command eight operations before its turn", 0},
    {"encode", KEY_ENCODE, NULL, 0, "Encode the events too (the whole engine only)", 0},
    {"trades", KEY_TRADES, "FILE", 0, "Write T,taker,maker,price_ticks,qty for each trade", 0},
    {"runs", KEY_RUNS, "N", 0, "Repeat N times (5)", 0},
    {"json", KEY_JSON, NULL, 0, "Print one JSON object", 0},
    {0},
};

/* Plays the flow once, untimed. Returns 0, or -1 when the trades cannot be written. */
static int run_telling(const struct match_subject *subject, const struct flow *flow,
                       const char *path, struct match_end *end) {
    FILE *out = NULL;
    if (path != NULL && (out = fopen(path, "w")) == NULL)
        goto fail;
    subject->open(subject->self);
    *end = subject->run_telling(subject->self, 0, flow->count, out);
    subject->close(subject->self);
    if (out == NULL)
        return 0;
    bool has_failed = ferror(out) != 0;
    if (fclose(out) == 0 && !has_failed)
        return 0;
fail:
    (void)fprintf(stderr, "bench-match: %s: %s\n", path, strerror(errno));
    return -1;
}

static void measure_speed(const struct match_subject *subject, const struct flow *flow,
                          struct results *results) {
    subject->open(subject->self);
    subject->run(subject->self, 0, flow->preload);
    uint64_t spent_ns = subject->run(subject->self, flow->preload, flow->count);
    subject->close(subject->self);
    double operations = (double)(flow->count - flow->preload);
    results->figures[NS_PER_OP][results->runs] = (double)spent_ns / operations;
    results->figures[OPS_PER_S][results->runs] = operations * 1e9 / (double)spent_ns;
}

/* The median of two readings with nothing between them, in ticks. */
static uint64_t measure_empty_pair(void) {
    static struct histogram empty;
    histogram_init(&empty);
    for (int i = 0; i < EMPTY_PAIRS; i++) {
        uint64_t before = stopwatch_ticks();
        uint64_t after = stopwatch_ticks();
        histogram_add(&empty, after - before);
    }
    return histogram_quantile(&empty, 500000);
}

static void measure_latency(const struct match_subject *subject, const struct flow *flow,
                            struct results *results) {
    static struct histogram each;
    histogram_init(&each);
    uint64_t empty = measure_empty_pair();
    subject->open(subject->self);
    subject->run(subject->self, 0, flow->preload);
    uint64_t start_ns = stopwatch_ns();
    uint64_t start = stopwatch_ticks();
    subject->run_each(subject->self, flow->preload, flow->count, &each);
    double ns_per_tick = (double)(stopwatch_ns() - start_ns) / (double)(stopwatch_ticks() - start);
    subject->close(subject->self);
    const uint64_t ticks[] = {histogram_quantile(&each, 500000), histogram_quantile(&each, 990000),
                              histogram_quantile(&each, 999000), each.max};
    for (size_t i = 0; i < 4; i++) {
        uint64_t net = ticks[i] > empty ? ticks[i] - empty : 0;
        results->figures[P50_NS + i][results->runs] = (double)net * ns_per_tick;
    }
    results->empty_pair_ns = (double)empty * ns_per_tick;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_table(const struct results *results, const struct machine *machine) {
    (void)printf("%-12s %14s %14s %14s\n", "", "median", "lowest", "highest");
    for (int i = 0; i < FIGURES; i++) {
        const double *sorted = results->figures[i];
        (void)printf("%-12s %14.1f %14.1f %14.1f\n", figure_names[i], sorted[results->runs / 2],
                     sorted[0], sorted[results->runs - 1]);
    }
    (void)printf("%-12s %14llu\n", "trades", (unsigned long long)results->end.trades);
    (void)printf("%-12s %14llu\n", "refused", (unsigned long long)results->end.refused);
    (void)printf("%-12s %14llu orders, %llu bytes\n", "at the end",
                 (unsigned long long)results->end.resting, (unsigned long long)results->end.bytes);
    (void)printf("%-12s %14.1f ns, subtracted from each latency\n", "empty pair",
                 results->empty_pair_ns);
    machine_print(machine, stdout);
}

static int print_json(const struct results *results, const struct machine *machine) {
    json_t *object = json_object();
    int failed = 0;
    for (int i = 0; i < FIGURES; i++) {
        const double *sorted = results->figures[i];
        const double values[] = {sorted[results->runs / 2], sorted[0], sorted[results->runs - 1]};
        static const char *const suffixes[] = {"", "_lowest", "_highest"};
        for (size_t k = 0; k < 3; k++) {
            char name[32];
            (void)snprintf(name, sizeof name, "%s%s", figure_names[i], suffixes[k]);
            failed |= json_object_set_new(object, name, json_real(values[k]));
        }
    }
    failed |= json_object_set_new(object, "trades", json_integer((json_int_t)results->end.trades));
    failed |=
        json_object_set_new(object, "refused", json_integer((json_int_t)results->end.refused));
    failed |= json_object_set_new(object, "runs", json_integer(results->runs));
    failed |= json_object_set_new(object, "orders_resting",
                                  json_integer((json_int_t)results->end.resting));
    failed |= json_object_set_new(object, "bytes", json_integer((json_int_t)results->end.bytes));
    failed |= json_object_set_new(object, "empty_pair_ns", json_real(results->empty_pair_ns));
    failed |= json_object_set_new(object, "machine", machine_json(machine));
    if (failed == 0)
        failed = json_dumpf(object, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    json_decref(object);
    (void)putchar('\n');
    return failed == 0 ? 0 : -1;
}

/* Measures a subject with a flow and prints what came of it. Returns the program's exit code. */
static int measure(const struct match_subject *subject, const struct flow *flow,
                   const struct options *options) {
    static struct results results;
    struct machine machine;
    if (run_telling(subject, flow, options->trades_path, &results.end) != 0)
        return EXIT_FAILURE;
    machine_begin(&machine);
    for (; results.runs < options->runs; results.runs++) {
        measure_speed(subject, flow, &results);
        measure_latency(subject, flow, &results);
    }
    machine_end(&machine);
    for (int i = 0; i < FIGURES; i++)
        qsort(results.figures[i], results.runs, sizeof results.figures[i][0], compare);
    if (!options->is_json)
        print_table(&results, &machine);
    else if (print_json(&results, &machine) != 0)
        return EXIT_FAILURE;
    return EXIT_SUCCESS;
}

static int measure_kind(const struct flow *flow, const struct options *options) {
    if (options->is_book) {
        struct match_subject *books = match_book_create(flow, options->is_ahead);
        int status = measure(books, flow, options);
        match_book_destroy(books);
        return status;
    }
    struct match_subject *engine = match_engine_create(flow, options->is_ahead, options->is_encode);
    int status = measure(engine, flow, options);
    match_engine_destroy(engine);
    return status;
}

int main(int argc, char **argv) {
    struct options options = {.runs = RUNS_DEFAULT};
    const struct argp argp = {
        .options = option_list,
        .parser = parse,
        .args_doc = "FLOW.csv",
        .doc = "Plays an order flow and prints how long it took. The flow's preload is not timed."};
    argp_err_exit_status = EXIT_USAGE;
    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
        return EXIT_USAGE;
    struct flow flow;
    struct flow_error error;
    if (flow_read(&flow, options.flow_path, &error) != 0) {
        (void)fprintf(stderr, "bench-match: %s\n", error.text);
        return EXIT_FAILURE;
    }
    int status = EXIT_FAILURE;
    if (flow.preload < flow.count) {
        status = measure_kind(&flow, &options);
    } else {
        (void)fprintf(stderr, "bench-match: %s: nothing after the preload\n", options.flow_path);
    }
    flow_fini(&flow);
    return status;
}
