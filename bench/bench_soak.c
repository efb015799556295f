/*
 * bench-soak: a long run at a steady rate, with everybody there is: sessions that trade, one who
 * listens to the feed, one who asks, and in the server every follower. A line a minute; at its end
 * a verdict: memory and p99 must not have grown, nobody may be behind.
 */
#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "bench/gateway_watch.h"
#include "bench/load.h"
#include "bench/machine.h"
#include "bench/option_number.h"
#include "bench/soak_listener.h"

#define EXIT_USAGE 2

/* Half of what an exchange with all its followers must take in single frames. */
#define RATE_DEFAULT 110000
#define SECONDS_MAX  86400
#define SESSIONS     16
#define INSTRUMENTS  64
#define LINES_MAX    1441
#define LINE_SECONDS 60u
/* A run that is shorter has so many lines all the same: fewer would show no growth. */
#define LINES_MIN 6u

/* Of the disk, an order: its record, tiles, the index (some 355 were measured). */
#define DISK_BYTES_AN_ORDER UINT64_C(380)

/* What may come on top of the first lines and is no growth: pages first touched late, neighbours.
 */
#ifdef __SANITIZE_THREAD__
#define MEMORY_SLACK_MIB 1024u /* shadows of all that is touched */
#else
#define MEMORY_SLACK_MIB 32u
#endif
#define P99_SLACK_MS 5.0
#define P99_TIMES    2.0
#define LAG_MAX_S    1.0

enum option_key { KEY_SECONDS = 0x100, KEY_RATE, KEY_BATCH };

struct options {
    uint32_t seconds;
    uint32_t rate;
    uint32_t batch;
};

struct line {
    double seconds; /* since the beginning, at its end */
    double answers_per_s;
    double p50_ms;
    double p99_ms;
    uint64_t memory_mib; /* the least in its time: a snapshot takes some for a while */
    double lag_s[WATCH_FOLLOWERS];
    uint64_t lagged;   /* sessions that did not keep up */
    bool is_furnished; /* a snapshot had been taken before it began */
};

struct soak {
    struct options options;
    struct trial trial;
    struct load load;
    struct soak_listener listener;
    struct line lines[LINES_MAX];
    uint32_t count;
};

static error_t parse(int key, char *argument, struct argp_state *state) {
    struct options *options = state->input;
    switch (key) {
    case KEY_SECONDS:
        options->seconds = (uint32_t)option_number(state, argument, LINES_MIN, SECONDS_MAX);
        return 0;
    case KEY_RATE:
        options->rate = (uint32_t)option_number(state, argument, 100, 10000000);
        return 0;
    case KEY_BATCH:
        options->batch = (uint32_t)option_number(state, argument, 1, 1024);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"seconds", KEY_SECONDS, "N", 0, "So long (120)", 0},
    {"rate", KEY_RATE, "N", 0, "Requests a second (110000)", 0},
    {"batch", KEY_BATCH, "N", 0, "Requests a frame (1)", 0},
    {0},
};

/* --- running ------------------------------------------------------------------------------------
 */

/* Memory of the server, without pages of files. */
static uint64_t memory_mib(const struct trial *trial) {
    char path[64];
    char line[256];
    unsigned long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", trial->pid);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "RssAnon:", 8) == 0)
            kib = strtoul(line + 8, NULL, 10);
    if (file == NULL || fclose(file) != 0 || kib == 0)
        trial_die("the server is gone");
    return kib / 1024;
}

static void need_disk(const struct soak *soak) {
    struct statvfs disk;
    uint64_t needed = DISK_BYTES_AN_ORDER * soak->options.rate * soak->options.seconds;
    if (statvfs(soak->trial.folder, &disk) != 0)
        trial_die("%s: no file system", soak->trial.folder);
    uint64_t there = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (there < needed)
        trial_die("it would write %" PRIu64 " GB, and there are %" PRIu64
                  ": a lower --rate, or TMPDIR elsewhere",
                  needed / 1000000000, there / 1000000000);
}

static double latency_ms(const struct load *load, uint32_t ppm) {
    return (double)histogram_quantile(&load->latency_ns, ppm) / 1e6;
}

static void print_line(const struct line *line) {
    printf("%8.0f %12.0f %9.3f %9.3f %11" PRIu64, line->seconds, line->answers_per_s, line->p50_ms,
           line->p99_ms, line->memory_mib);
    for (size_t i = 0; i < WATCH_FOLLOWERS; i++)
        printf(" %9.3f", line->lag_s[i]);
    printf(" %7" PRIu64 "\n", line->lagged);
    fflush(stdout);
}

static void run_line(struct soak *soak, uint32_t seconds) {
    static struct gateway_watch watch;
    struct line *line = &soak->lines[soak->count++];
    uint64_t before = soak->load.answers;
    line->memory_mib = UINT64_MAX;
    load_count(&soak->load, true);
    gateway_watch_begin(&watch, &soak->trial);
    for (uint32_t i = 0; i < seconds; i++) {
        load_run(&soak->load, soak->options.rate, 1.0);
        uint64_t mib = memory_mib(&soak->trial);
        line->memory_mib = mib < line->memory_mib ? mib : line->memory_mib;
    }
    gateway_watch_end(&watch);
    line->is_furnished = watch.is_furnished;
    line->seconds = watch.seconds + (soak->count > 1 ? line[-1].seconds : 0);
    line->answers_per_s = (double)(soak->load.answers - before) / watch.seconds;
    line->p50_ms = latency_ms(&soak->load, 500000);
    line->p99_ms = latency_ms(&soak->load, 990000);
    line->lagged = watch.lagged;
    memcpy(line->lag_s, watch.lag_s, sizeof line->lag_s);
    print_line(line);
}

static void run(struct soak *soak) {
    struct options *options = &soak->options;
    uint32_t seconds = options->seconds / LINES_MIN;
    if (seconds > LINE_SECONDS)
        seconds = LINE_SECONDS;
    printf("%8s %12s %9s %9s %11s", "seconds", "answers/s", "p50 ms", "p99 ms", "memory MiB");
    for (size_t i = 0; i < WATCH_FOLLOWERS; i++)
        printf(" %9s", gateway_watch_followers[i]);
    printf(" %7s\n", "lagged");
    load_run(&soak->load, options->rate, seconds); /* warm */
    for (uint32_t left = options->seconds; left >= seconds; left -= seconds)
        run_line(soak, seconds);
}

/* --- the verdict --------------------------------------------------------------------------------
 */

static int by_p99(const void *a, const void *b) {
    const struct line *one = a;
    const struct line *other = b;
    return (one->p99_ms > other->p99_ms) - (one->p99_ms < other->p99_ms);
}

/* Of a run of lines the median p99, which one bad minute does not move. */
static double median_p99(const struct line *lines, uint32_t count) {
    static struct line sorted[LINES_MAX];
    memcpy(sorted, lines, count * sizeof *lines);
    qsort(sorted, count, sizeof *sorted, by_p99);
    return sorted[count / 2].p99_ms;
}

static uint64_t most_memory(const struct line *lines, uint32_t count) {
    uint64_t most = 0;
    for (uint32_t i = 0; i < count; i++)
        most = lines[i].memory_mib > most ? lines[i].memory_mib : most;
    return most;
}

static bool complain(bool is_wrong, const char *text) {
    if (is_wrong)
        printf("FAILED: %s\n", text);
    return !is_wrong;
}

/* The first line that is judged: the shadow's first image of the state stays in memory, so what
 * came before it is left out when enough comes after it. */
static uint32_t judged_from(const struct soak *soak) {
    uint32_t first = 0;
    while (first < soak->count && !soak->lines[first].is_furnished)
        first++;
    return soak->count - first >= LINES_MIN ? first : 0;
}

static bool judge(const struct soak *soak) {
    const struct line *first = soak->lines + judged_from(soak);
    uint32_t third = (soak->count - judged_from(soak)) / 3;
    const struct line *last = soak->lines + soak->count - third;
    double p99_ms = median_p99(first, third);
    double p99_last_ms = median_p99(last, third);
    uint64_t mib = most_memory(first, third);
    uint64_t mib_last = most_memory(last, third);
    bool is_well = complain(mib_last > mib + MEMORY_SLACK_MIB, "memory has grown");
    is_well &= complain(p99_last_ms > P99_TIMES * p99_ms + P99_SLACK_MS, "p99 has grown");
    for (size_t i = 0; i < WATCH_FOLLOWERS; i++)
        is_well &= complain(soak->lines[soak->count - 1].lag_s[i] >= LAG_MAX_S,
                            "a follower is a second behind");
    is_well &= complain(soak->load.rejected != 0, "requests were rejected");
    is_well &= complain(atomic_load(&soak->listener.answers) == 0, "no query was answered");
    is_well &= complain(atomic_load(&soak->listener.frames) == 0, "the feed told nothing");
    printf("memory %" PRIu64 " MiB in the first third, %" PRIu64
           " in the last; p99 %.3f and %.3f ms\n",
           mib, mib_last, p99_ms, p99_last_ms);
    printf("feed: %" PRIu64 " frames, %" PRIu64 " gaps; %" PRIu64 " queries answered\n",
           atomic_load(&soak->listener.frames), atomic_load(&soak->listener.gaps),
           atomic_load(&soak->listener.answers));
    return is_well;
}

int main(int argc, char **argv) {
    static struct soak soak = {.options = {.seconds = 120, .rate = RATE_DEFAULT, .batch = 1}};
    const struct argp argp = {
        .options = option_list,
        .parser = parse,
        .doc = "Trades at a steady rate for long, with every follower, and prints latency and the "
               "server's memory a minute. Fails when either grows, or somebody falls behind."};
    struct machine machine;
    struct trial_options wanted = {.brokers = SESSIONS,
                                   .sessions = SESSIONS,
                                   .accounts = SESSIONS,
                                   .instruments = INSTRUMENTS};
    argp_err_exit_status = EXIT_USAGE;
    if (argp_parse(&argp, argc, argv, 0, NULL, &soak.options) != 0)
        return EXIT_USAGE;
    trial_create(&soak.trial, &wanted);
    need_disk(&soak);
    trial_start(&soak.trial);
    trial_furnish(&soak.trial);
    struct load_options load = {.first = 1,
                                .sessions = SESSIONS,
                                .batch = soak.options.batch,
                                .window = 8192,
                                .instruments = INSTRUMENTS};
    load_open(&soak.load, &soak.trial, &load);
    soak_listener_begin(&soak.listener, &soak.trial);
    machine_begin(&machine);
    run(&soak);
    machine_end(&machine);
    load_settle(&soak.load);
    soak_listener_end(&soak.listener);
    bool is_well = judge(&soak);
    load_close(&soak.load);
    int code = trial_stop(&soak.trial);
    if (code != 0)
        trial_die("the server ended with exit code %d", code);
    trial_remove(&soak.trial);
    machine_print(&machine, stdout);
    return is_well ? EXIT_SUCCESS : EXIT_FAILURE;
}
