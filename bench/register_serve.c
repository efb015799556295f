#include "bench/register_serve.h"

#include <stdio.h>

#include "bench/gateway_watch.h"
#include "bench/load.h"
#include "bench/query_load.h"
#include "bench/register_bulk.h"
#include "bench/stopwatch.h"
#include "bench/trial.h"

#define SESSIONS    16u
#define INSTRUMENTS 64u
#define WARMUP_S    4u

static double seconds_since(uint64_t begun_ns) {
    return (double)(stopwatch_ns() - begun_ns) / 1e9;
}

/* The server begins anew with a register of many pledges beside its ledger. */
static void start_with_register(struct trial *trial, const struct register_serve_options *options,
                                struct register_serve *serve) {
    char path[TRIAL_PATH_MAX + 16];
    if (trial_stop(trial) != 0)
        trial_die("the server did not end cleanly");
    snprintf(path, sizeof path, "%s/register", trial->exchange);
    if (register_bulk_write(path, options->pledges) != 0)
        trial_die("no register of %u pledges", options->pledges);
    uint64_t begun_ns = stopwatch_ns();
    trial_start(trial);
    serve->ready_s = seconds_since(begun_ns);
    gateway_watch_await_seal(trial);
    serve->seal_s = seconds_since(begun_ns);
}

static void measure(struct trial *trial, const struct register_serve_options *options,
                    struct register_serve *serve) {
    static struct load load;
    static struct query_load queries;
    struct load_options load_options = {
        .first = 1, .sessions = SESSIONS, .batch = 1, .window = 512, .instruments = INSTRUMENTS};
    struct query_load_options query_options = {.rate = options->queries,
                                               .batch = 1,
                                               .connections = SESSIONS,
                                               .instruments = INSTRUMENTS,
                                               .pledges = options->pledges};
    load_open(&load, trial, &load_options);
    query_load_begin(&queries, trial, &query_options);
    load_run(&load, options->rate, WARMUP_S);
    load_count(&load, true);
    query_load_count(&queries);
    uint64_t before = load.answers;
    uint64_t begun_ns = stopwatch_ns();
    load_run(&load, options->rate, options->seconds);
    serve->orders_per_s = (double)(load.answers - before) / seconds_since(begun_ns);
    query_load_end(&queries);
    load_settle(&load);
    serve->rejected = load.rejected;
    serve->order_p50_ms = (double)histogram_quantile(&load.latency_ns, 500000) / 1e6;
    serve->order_p99_ms = (double)histogram_quantile(&load.latency_ns, 990000) / 1e6;
    serve->answers_per_s = (double)queries.answers / queries.seconds;
    serve->query_p50_us = (double)histogram_quantile(&queries.latency_ns, 500000) / 1e3;
    serve->query_p99_us = (double)histogram_quantile(&queries.latency_ns, 990000) / 1e3;
    serve->refused = queries.gone;
    load_close(&load);
}

void register_serve_run(const struct register_serve_options *options,
                        struct register_serve *serve) {
    struct trial_options wanted = {.brokers = SESSIONS,
                                   .sessions = SESSIONS,
                                   .accounts = SESSIONS,
                                   .instruments = INSTRUMENTS};
    struct trial trial;
    *serve = (struct register_serve){.ready_s = 0};
    trial_create(&trial, &wanted);
    trial_start(&trial);
    trial_furnish(&trial);
    start_with_register(&trial, options, serve);
    measure(&trial, options, serve);
    int code = trial_stop(&trial);
    if (code != 0)
        trial_die("the server ended with exit code %d", code);
    trial_remove(&trial);
}
