/* tpx status: the counters file of an exchange, which it keeps up to date until it dies. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_option.h"
#include "gateway/cli_output.h"
#include "gateway/cli_value.h"
#include "gateway/counters.h"
#include "gateway/trade.h"

/* Left by a server that ended without saying so. */
#define STATE_DEAD "dead"

static bool is_alive(uint64_t pid) {
    return pid != 0 && pid <= INT32_MAX && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

static const char *state_of(const struct counters *counters) {
    static const char *const NAMES[] = {[EXCHANGE_STARTING] = "starting",
                                        [EXCHANGE_READY] = "ready",
                                        [EXCHANGE_TIME_HELD] = "time held",
                                        [EXCHANGE_DIVERGED] = "diverged",
                                        [EXCHANGE_STOPPING] = "stopping"};
    uint64_t state = counter_get(counters, COUNTER_STATE);
    if (is_alive(counter_get(counters, COUNTER_PID)))
        return state >= EXCHANGE_STARTING && state <= EXCHANGE_STOPPING ? NAMES[state] : "unknown";
    return state == EXCHANGE_STOPPING ? "stopped" : STATE_DEAD;
}

static void put_counters(struct cli_output *output, const struct counters *counters) {
    char text[CLI_VALUE_BYTES_MAX];
    cli_text_field(output, "state", state_of(counters));
    cli_number_field(output, "pid", counter_get(counters, COUNTER_PID));
    cli_text_field(output, "started",
                   cli_time_text(text, (int64_t)counter_get(counters, COUNTER_STARTED_NS)));
    for (size_t i = 0; i < COUNTERS_END; i++)
        if (i != COUNTER_PID && i != COUNTER_STATE && i != COUNTER_STARTED_NS)
            cli_number_field(output, counters->values[i].name,
                             counter_get(counters, (enum counter)i));
}

static void put_histograms(struct cli_output *output, const struct counters *counters) {
    static const struct cli_column COLUMNS[] = {
        {"histogram", "upper bounds"}, {"p50", "p50"}, {"p99", "p99"}, {"p999", "p99.9"}};
    cli_table_begin(output, "histograms", COLUMNS, 4);
    for (size_t i = 0; i < HISTOGRAMS_END; i++) {
        enum histogram histogram = (enum histogram)i;
        cli_table_text(output, counters->histograms[i].name);
        cli_table_number(output, counter_histogram_quantile(counters, histogram, 500000));
        cli_table_number(output, counter_histogram_quantile(counters, histogram, 990000));
        cli_table_number(output, counter_histogram_quantile(counters, histogram, 999000));
    }
}

int cli_status(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_FILES,
        .arguments = "DIR",
        .about = "Shows the counters of the exchange in DIR: whether it runs, hangs, or is dead.\v"
                 "They are as of the server's last start. Nothing is asked of it: a file in DIR is "
                 "read. Percentiles are upper bounds, powers of two.",
        .count_min = 1,
        .count_max = 1};
    struct cli_arguments arguments;
    cli_parse(&arguments, &SPEC, argc, argv);
    const struct counters *counters = counters_look(arguments.positional[0]);
    if (counters == NULL)
        cli_die(CLI_FAILED,
                "%s: there are no counters of this release: no exchange, never started, "
                "or not yours to read",
                arguments.positional[0]);
    struct cli_output *output = cli_output_create(arguments.is_json);
    put_counters(output, counters);
    put_histograms(output, counters);
    cli_output_end(output);
    return strcmp(state_of(counters), STATE_DEAD) == 0 ? CLI_FAILED : CLI_FINE;
}
