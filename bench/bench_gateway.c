/*
 * bench-gateway: orders through a whole exchange, from the socket to the disk and back.
 *
 * A real server in a folder of its own, one client process with many sessions over CURVE, answers
 * counted when they are durable and received. Full speed without --rate; with it every request's
 * latency from the time at which it was to be sent.
 */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "bench/deed_load.h"
#include "bench/feed_listener.h"
#include "bench/gateway_scene.h"
#include "bench/gateway_watch.h"
#include "bench/load.h"
#include "bench/machine.h"
#include "bench/option_number.h"
#include "bench/query_load.h"
#include "bench/stopwatch.h"

#define EXIT_USAGE 2

#define RATE_OF_SCENES 20000
#define RESUME_DEFAULT 1000000
#define SWEEP_DEFAULT  100000
#define SWEEP_MAX      900000 /* of the million that may rest */

#define LISTENERS_MAX 16

enum option_key {
    KEY_RATE = 0x100,
    KEY_BATCH,
    KEY_SESSIONS,
    KEY_WINDOW,
    KEY_SECONDS,
    KEY_WARMUP,
    KEY_INSTRUMENTS,
    KEY_RESUME,
    KEY_SWEEP,
    KEY_LISTENERS,
    KEY_QUERIES,
    KEY_QUERY_BATCH,
    KEY_DEEDS,
    KEY_CONFIG,
    KEY_JSON,
};

struct options {
    uint64_t rate;
    uint32_t batch;
    uint32_t sessions;
    uint32_t window; /* 0: as fits */
    uint32_t seconds;
    uint32_t warmup;
    uint32_t instruments;
    uint32_t listeners; /* to the feed */
    uint64_t resume;    /* records; 0: no such scene */
    uint64_t sweep;     /* orders; 0: no such scene */
    bool asks;          /* queries beside the orders */
    uint64_t queries;   /* a second; 0: as fast as they are answered */
    uint32_t query_batch;
    uint64_t deeds; /* signed ones a second beside the orders; 0: none */
    const char *config;
    bool is_json;
};

struct results {
    uint64_t answers;
    double seconds;
    struct machine machine;
    struct gateway_watch watch;
    struct load load;
    struct feed_listener listeners[LISTENERS_MAX];
    struct query_load queries;
    struct deed_load deeds;
    struct scene_result scenes[SCENE_RESULTS_MAX];
    uint32_t scenes_count; /* 0: no scene */
};

static error_t parse(int key, char *argument, struct argp_state *state) {
    struct options *options = state->input;
    switch (key) {
    case KEY_RATE:
        options->rate = option_number(state, argument, 1, 10000000);
        return 0;
    case KEY_BATCH:
        options->batch = (uint32_t)option_number(state, argument, 1, 1024);
        return 0;
    case KEY_SESSIONS:
        options->sessions = (uint32_t)option_number(state, argument, 1, 4000);
        return 0;
    case KEY_WINDOW:
        options->window = (uint32_t)option_number(state, argument, 1, 10000);
        return 0;
    case KEY_SECONDS:
        options->seconds = (uint32_t)option_number(state, argument, 1, 3600);
        return 0;
    case KEY_WARMUP:
        options->warmup = (uint32_t)option_number(state, argument, 0, 3600);
        return 0;
    case KEY_INSTRUMENTS:
        options->instruments = (uint32_t)option_number(state, argument, 1, 10000);
        return 0;
    case KEY_RESUME:
        options->resume =
            argument != NULL ? option_number(state, argument, 1, 100000000) : RESUME_DEFAULT;
        return 0;
    case KEY_SWEEP:
        options->sweep =
            argument != NULL ? option_number(state, argument, 1, SWEEP_MAX) : SWEEP_DEFAULT;
        return 0;
    case KEY_LISTENERS:
        options->listeners = (uint32_t)option_number(state, argument, 0, LISTENERS_MAX);
        return 0;
    case KEY_QUERIES:
        options->asks = true;
        options->queries = argument != NULL ? option_number(state, argument, 1, 10000000) : 0;
        return 0;
    case KEY_QUERY_BATCH:
        options->query_batch = (uint32_t)option_number(state, argument, 1, FRAME_QUERIES_MAX);
        return 0;
    case KEY_DEEDS:
        options->deeds = option_number(state, argument, 1, 100000);
        return 0;
    case KEY_CONFIG:
        options->config = argument;
        return 0;
    case KEY_JSON:
        options->is_json = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"rate", KEY_RATE, "N", 0, "Requests a second, evenly spaced; latencies are printed", 0},
    {"batch", KEY_BATCH, "N", 0, "Requests a frame (1)", 0},
    {"sessions", KEY_SESSIONS, "N", 0, "Sessions of the client (16)", 0},
    {"window", KEY_WINDOW, "N", 0, "Requests of a session without an answer", 0},
    {"seconds", KEY_SECONDS, "N", 0, "Measure so long (60)", 0},
    {"warmup", KEY_WARMUP, "N", 0, "after so long (5)", 0},
    {"instruments", KEY_INSTRUMENTS, "N", 0, "Instruments (64)", 0},
    {"resume", KEY_RESUME, "N", OPTION_ARG_OPTIONAL,
     "Instead: a session resumes N (1000000) records while others go on at a rate (20000)", 0},
    {"sweep", KEY_SWEEP, "N", OPTION_ARG_OPTIONAL,
     "Instead: N (100000) orders are traded with by one, then mass canceled, likewise", 0},
    {"listeners", KEY_LISTENERS, "N", 0, "Listen to the whole feed, so many times (0)", 0},
    {"queries", KEY_QUERIES, "N", OPTION_ARG_OPTIONAL,
     "Beside them, N queries a second, or as many as are answered", 0},
    {"query-batch", KEY_QUERY_BATCH, "N", 0, "Queries a frame (1)", 0},
    {"deeds", KEY_DEEDS, "N", 0, "Beside them, N deeds a second, each signed by two parties", 0},
    {"config", KEY_CONFIG, "LINES", 0, "More lines for the server's configuration", 0},
    {"json", KEY_JSON, NULL, 0, "Print one JSON object", 0},
    {0},
};

/* --- measuring ---------------------------------------------------------------------------------
 */

static void open_load(const struct options *options, const struct trial *trial,
                      struct results *results) {
    uint32_t window = options->window != 0 ? options->window : options->batch > 1 ? 2048 : 512;
    struct load_options load = {.first = 1,
                                .sessions = options->sessions,
                                .batch = options->batch,
                                .window = window < options->batch ? options->batch : window,
                                .instruments = options->instruments};
    load_open(&results->load, trial, &load);
}

static void close_load(struct results *results) {
    load_settle(&results->load);
    if (results->load.rejected != 0)
        trial_die("%lu requests were rejected", results->load.rejected);
    load_close(&results->load);
}

static void measure_scene(const struct options *options, const struct trial *trial,
                          struct results *results) {
    struct scene scene = {.trial = trial,
                          .load = &results->load,
                          .rate = options->rate != 0 ? options->rate : RATE_OF_SCENES,
                          .size = options->resume != 0 ? options->resume : options->sweep};
    machine_begin(&results->machine);
    if (options->resume != 0)
        results->scenes_count = scene_resume(&scene, results->scenes);
    else
        results->scenes_count = scene_sweep(&scene, results->scenes);
    machine_end(&results->machine);
}

static void measure_load(const struct options *options, const struct trial *trial,
                         struct results *results) {
    uint32_t brokers = options->sessions < 16 ? options->sessions : 16;
    struct query_load_options queries = {.rate = options->queries,
                                         .batch = options->query_batch,
                                         .connections = brokers,
                                         .instruments = options->instruments};
    if (options->asks)
        query_load_begin(&results->queries, trial, &queries);
    if (options->deeds != 0)
        deed_load_begin(&results->deeds);
    load_run(&results->load, options->rate, options->warmup);
    load_count(&results->load, true);
    for (uint32_t i = 0; i < options->listeners; i++)
        feed_listener_count(&results->listeners[i]);
    if (options->asks)
        query_load_count(&results->queries);
    if (options->deeds != 0)
        deed_load_count(&results->deeds);
    machine_begin(&results->machine);
    gateway_watch_begin(&results->watch, trial);
    uint64_t before = results->load.answers;
    uint64_t begun_ns = stopwatch_ns();
    load_run(&results->load, options->rate, options->seconds);
    results->seconds = (double)(stopwatch_ns() - begun_ns) / 1e9;
    results->answers = results->load.answers - before;
    gateway_watch_end(&results->watch);
    machine_end(&results->machine);
    if (options->asks)
        query_load_end(&results->queries);
    if (options->deeds != 0)
        deed_load_end(&results->deeds);
}

/* --- printing ----------------------------------------------------------------------------------
 */

static double latency_ms(const struct results *results, uint32_t ppm) {
    return (double)histogram_quantile(&results->load.latency_ns, ppm) / 1e6;
}

static double cpu_us(const struct results *results, double seconds) {
    return seconds * 1e6 / (double)results->answers;
}

static void print_listener(const struct results *results, const struct feed_listener *listener) {
    printf("%12s %.0f events/s in %.0f frames, %lu gaps; age p50 %.3f, p99 %.3f, max %.3f ms\n",
           "listener", (double)listener->events / results->seconds,
           (double)listener->frames / results->seconds, listener->gaps,
           (double)histogram_quantile(&listener->age_ns, 500000) / 1e6,
           (double)histogram_quantile(&listener->age_ns, 990000) / 1e6,
           (double)listener->age_ns.max / 1e6);
}

static double query_us(const struct results *results, uint32_t ppm) {
    return (double)histogram_quantile(&results->queries.latency_ns, ppm) / 1e3;
}

static double queries_per_s(const struct results *results) {
    return (double)results->queries.answers / results->queries.seconds;
}

static void print_queries(const struct options *options, const struct results *results) {
    const struct query_load *queries = &results->queries;
    printf("%12.0f queries/s answered, frames of %u, %u connections, ", queries_per_s(results),
           options->query_batch, queries->options.connections);
    if (options->queries != 0)
        printf("%lu/s intended, %lu frames late\n", options->queries, queries->late);
    else
        printf("%u frames unanswered on each\n", QUERY_LOAD_WINDOW);
    printf("%12s p50 %.0f, p99 %.0f, p99.9 %.0f, max %.0f us; %.1f rows an answer, %.1f%% about "
           "orders gone by\n",
           "latency", query_us(results, 500000), query_us(results, 990000),
           query_us(results, 999000), (double)queries->latency_ns.max / 1e3,
           (double)queries->rows / (double)queries->answers,
           100 * (double)queries->gone / (double)queries->answers);
}

static double deed_ms(const struct results *results, uint32_t ppm) {
    return (double)histogram_quantile(&results->deeds.latency_ns, ppm) / 1e6;
}

static double deeds_per_s(const struct results *results) {
    return (double)results->deeds.answers / results->deeds.seconds;
}

static void print_deeds(const struct options *options, const struct results *results) {
    printf("%12.0f deeds/s of two signatures, %lu/s intended, %lu refused; p50 %.3f, p99 %.3f, "
           "max %.3f ms\n",
           deeds_per_s(results), options->deeds, results->deeds.refused, deed_ms(results, 500000),
           deed_ms(results, 990000), (double)results->deeds.latency_ns.max / 1e6);
}

static void print_table(const struct options *options, const struct results *results) {
    const struct gateway_watch *watch = &results->watch;
    printf("%u sessions, frames of %u, ", options->sessions, options->batch);
    if (options->rate != 0)
        printf("%lu requests/s intended\n", options->rate);
    else
        printf("full speed, %u without an answer a session\n", results->load.options.window);
    printf("%12.0f durable answers/s over %.1f s\n", (double)results->answers / results->seconds,
           results->seconds);
    printf("%12s p50 %.3f, p99 %.3f, p99.9 %.3f, max %.3f ms%s\n", "latency",
           latency_ms(results, 500000), latency_ms(results, 990000), latency_ms(results, 999000),
           (double)results->load.latency_ns.max / 1e6,
           options->rate != 0 ? " from the intended send time" : "");
    printf("%12s server %.2f, client %.2f us an order; %.0f commits/s of %.0f records\n", "cpu",
           cpu_us(results, watch->server_cpu_s), cpu_us(results, watch->client_cpu_s),
           (double)watch->commits / watch->seconds,
           (double)watch->records / (double)(watch->commits != 0 ? watch->commits : 1));
    for (size_t i = 0; i < WATCH_FOLLOWERS; i++)
        printf("%12s %.3f s behind at the end%s, %.3f at most\n", gateway_watch_followers[i],
               watch->lag_s[i], watch->lag_s[i] < 1 ? "" : " (TOO FAR)", watch->lag_max_s[i]);
    printf("%12lu sessions lagged\n", watch->lagged);
    for (uint32_t i = 0; i < options->listeners; i++)
        print_listener(results, &results->listeners[i]);
    if (options->asks)
        print_queries(options, results);
    if (options->deeds != 0)
        print_deeds(options, results);
    machine_print(&results->machine, stdout);
}

static void print_scenes(const struct results *results) {
    printf("%-26s %10s %10s %10s %10s %10s\n", "while orders go on", "seconds", "reports", "p50 ms",
           "p99 ms", "max ms");
    for (uint32_t i = 0; i < results->scenes_count; i++) {
        const struct scene_result *scene = &results->scenes[i];
        printf("%-26s %10.3f %10lu %10.3f %10.3f %10.3f\n", scene->name, scene->seconds,
               scene->reports, scene->p50_ms, scene->p99_ms, scene->max_ms);
    }
    machine_print(&results->machine, stdout);
}

static int dump_json(json_t *object) {
    bool is_printed =
        object != NULL && json_dumpf(object, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(7)) == 0;
    json_decref(object);
    putchar('\n');
    return is_printed ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int print_scenes_json(const struct results *results) {
    json_t *list = json_array();
    for (uint32_t i = 0; i < results->scenes_count; i++) {
        const struct scene_result *scene = &results->scenes[i];
        json_array_append_new(list, json_pack("{s:s, s:f, s:I, s:f, s:f, s:f}", "scene",
                                              scene->name, "seconds", scene->seconds, "reports",
                                              (json_int_t)scene->reports, "p50_ms", scene->p50_ms,
                                              "p99_ms", scene->p99_ms, "max_ms", scene->max_ms));
    }
    return dump_json(
        json_pack("{s:o, s:o}", "scenes", list, "machine", machine_json(&results->machine)));
}

static json_t *listeners_json(const struct options *options, const struct results *results) {
    json_t *list = json_array();
    for (uint32_t i = 0; i < options->listeners; i++) {
        const struct feed_listener *listener = &results->listeners[i];
        json_array_append_new(
            list,
            json_pack("{s:f, s:f, s:I, s:f, s:f}", "events_per_s",
                      (double)listener->events / results->seconds, "frames_per_s",
                      (double)listener->frames / results->seconds, "gaps",
                      (json_int_t)listener->gaps, "age_p50_ms",
                      (double)histogram_quantile(&listener->age_ns, 500000) / 1e6, "age_p99_ms",
                      (double)histogram_quantile(&listener->age_ns, 990000) / 1e6));
    }
    return list;
}

static int print_json(const struct options *options, const struct results *results) {
    const struct gateway_watch *watch = &results->watch;
    json_t *object = json_pack(
        "{s:i, s:i, s:i, s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:I, s:o, s:o}", "sessions",
        (int)options->sessions, "batch", (int)options->batch, "window",
        (int)results->load.options.window, "rate", (json_int_t)options->rate, "answers_per_s",
        (double)results->answers / results->seconds, "seconds", results->seconds, "p50_ms",
        latency_ms(results, 500000), "p99_ms", latency_ms(results, 990000), "p999_ms",
        latency_ms(results, 999000), "max_ms", (double)results->load.latency_ns.max / 1e6,
        "server_cpu_us", cpu_us(results, watch->server_cpu_s), "client_cpu_us",
        cpu_us(results, watch->client_cpu_s), "sessions_lagged", (json_int_t)watch->lagged,
        "listeners", listeners_json(options, results), "machine", machine_json(&results->machine));
    if (options->asks)
        json_object_set_new(
            object, "queries",
            json_pack("{s:f, s:i, s:f, s:f, s:f, s:f}", "answers_per_s", queries_per_s(results),
                      "batch", (int)options->query_batch, "p50_us", query_us(results, 500000),
                      "p99_us", query_us(results, 990000), "p999_us", query_us(results, 999000),
                      "max_us", (double)results->queries.latency_ns.max / 1e3));
    if (options->deeds != 0)
        json_object_set_new(object, "deeds",
                            json_pack("{s:f, s:I, s:f, s:f}", "answers_per_s", deeds_per_s(results),
                                      "refused", (json_int_t)results->deeds.refused, "p50_ms",
                                      deed_ms(results, 500000), "p99_ms",
                                      deed_ms(results, 990000)));
    for (size_t i = 0; i < WATCH_FOLLOWERS && object != NULL; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s_lag_s", gateway_watch_followers[i]);
        json_object_set_new(object, name, json_real(watch->lag_s[i]));
        snprintf(name, sizeof name, "%s_lag_max_s", gateway_watch_followers[i]);
        json_object_set_new(object, name, json_real(watch->lag_max_s[i]));
    }
    return dump_json(object);
}

static int print(const struct options *options, const struct results *results) {
    if (results->scenes_count != 0 && options->is_json)
        return print_scenes_json(results);
    if (options->is_json)
        return print_json(options, results);
    if (results->scenes_count != 0)
        print_scenes(results);
    else
        print_table(options, results);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
    struct options options = {.batch = 1,
                              .sessions = 16,
                              .seconds = 60,
                              .warmup = 5,
                              .instruments = 64,
                              .query_batch = 1};
    const struct argp argp = {
        .options = option_list,
        .parser = parse,
        .doc = "Measures orders through a whole exchange: CURVE, matching, a durable ledger, its "
               "followers. Half are new orders, half cancels."};
    static struct results results;
    struct trial trial;
    argp_err_exit_status = EXIT_USAGE;
    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
        return EXIT_USAGE;
    struct trial_options wanted = {.config = options.config,
                                   .brokers = options.sessions < 16 ? options.sessions : 16,
                                   .sessions = options.sessions + SCENE_SESSIONS,
                                   .accounts = 16,
                                   .instruments = options.instruments + SCENE_INSTRUMENTS};
    trial_create(&trial, &wanted);
    trial_start(&trial);
    trial_furnish(&trial);
    for (uint32_t i = 0; i < options.listeners; i++)
        feed_listener_begin(&results.listeners[i], &trial);
    if (options.deeds != 0)
        deed_load_open(&results.deeds, &trial, options.deeds, options.warmup + options.seconds);
    open_load(&options, &trial, &results);
    if (options.resume != 0 || options.sweep != 0)
        measure_scene(&options, &trial, &results);
    else
        measure_load(&options, &trial, &results);
    close_load(&results);
    for (uint32_t i = 0; i < options.listeners; i++)
        feed_listener_end(&results.listeners[i]);
    int code = trial_stop(&trial);
    if (code != 0)
        trial_die("the server ended with exit code %d", code);
    trial_remove(&trial);
    return print(&options, &results);
}
