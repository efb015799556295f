/* tpx status: the counters file of an exchange, which it keeps up to date until it dies. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "gateway/cli.h"
#include "gateway/cli_option.h"
#include "gateway/cli_output.h"
#include "gateway/cli_value.h"
#include "gateway/clock.h"
#include "gateway/status_page.h"

#define WATCH_PERIOD_MS 1000

/* --- facts -------------------------------------------------------------------------------------
 */

/* As the kernel has it: 'R', 'S', 'D', 'T', ...; '?' when that cannot be seen. */
static char process_state(uint64_t pid) {
    char path[64];
    char text[512];
    snprintf(path, sizeof path, "/proc/%" PRIu64 "/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    if (fd >= 0)
        close(fd);
    text[size > 0 ? size : 0] = '\0';
    const char *name_end = strrchr(text, ')');
    if (name_end == NULL || name_end[1] != ' ' || name_end[2] == '\0')
        return '?';
    return name_end[2];
}

static void gather(struct health_facts *facts, const struct counters *counters,
                   const char *folder) {
    struct statvfs disk;
    struct clock_reading reading = clock_read();
    *facts = (struct health_facts){
        .counters = counters,
        .is_held = counters_are_held(folder),
        .process_state = '?',
        .disk_available = UINT64_MAX,
        .mono_ns = reading.mono_ns,
        .wall_ns = reading.wall_ns,
    };
    if (facts->is_held)
        facts->process_state = process_state(counter_get(counters, COUNTER_PID));
    if (statvfs(folder, &disk) == 0)
        facts->disk_available = (uint64_t)disk.f_bavail * disk.f_frsize;
}

static const struct counters *must_find(const char *folder) {
    const struct counters *counters;
    uint32_t version;
    switch (counters_find(folder, &counters, &version)) {
    case COUNTERS_FOUND:
        return counters;
    case COUNTERS_NONE:
        cli_die(CLI_FAILED, "%s: no counters: no exchange, never started, or not yours to read",
                folder);
    case COUNTERS_FOREIGN:
        cli_die(CLI_FAILED, "%s/" COUNTERS_FILE ": is not a file of counters", folder);
    case COUNTERS_OTHER:
        cli_die(CLI_FAILED,
                "%s/" COUNTERS_FILE ": is of another release (layout %u, this one's is %u, or "
                "other values): ask with that release's tpx",
                folder, version, COUNTERS_VERSION);
    }
    return NULL;
}

static int exit_of(const struct health *health) {
    static const int CODES[] = {[HEALTH_FINE] = CLI_FINE,
                                [HEALTH_ATTENTION] = CLI_REFUSED,
                                [HEALTH_STOPPED] = CLI_CONNECTION,
                                [HEALTH_HANGS] = CLI_UNKNOWN,
                                [HEALTH_DEAD] = CLI_FAILED};
    return CODES[health->verdict];
}

/* --- for programs ------------------------------------------------------------------------------
 */

static void put_findings(struct cli_output *output, const struct health *health) {
    static const struct cli_column COLUMNS[] = {
        {"verdict", "verdict"}, {"text", "text"}, {"runbook", "runbook"}};
    cli_table_begin(output, "findings", COLUMNS, 3);
    for (uint32_t i = 0; i < health->count; i++) {
        const struct health_finding *finding = &health->findings[i];
        cli_table_text(output, health_name((enum health_verdict)finding->verdict));
        cli_table_text(output, finding->text);
        cli_table_text(output, finding->heading != NULL ? finding->heading : "");
    }
}

static void put_rates(struct cli_output *output, const struct counters *counters) {
    static const struct cli_column COLUMNS[] = {
        {"rate", "a second"}, {"over_1_s", "1 s"}, {"over_10_s", "10 s"}};
    static const char *const NAMES[TRAIL_VALUES] = {"requests", "refused", "trades",
                                                    "records",  "commits", "committed_bytes"};
    cli_table_begin(output, "rates", COLUMNS, 3);
    for (uint32_t i = 0; i < TRAIL_VALUES; i++) {
        cli_table_text(output, NAMES[i]);
        cli_table_number(output, status_rate(counters, (enum trail_value)i, 1));
        cli_table_number(output, status_rate(counters, (enum trail_value)i, 10));
    }
}

static void put_followers(struct cli_output *output, const struct health_facts *facts) {
    static const struct cli_column COLUMNS[] = {{"follower", "follower"},
                                                {"state", "state"},
                                                {"as_of", "as of"},
                                                {"behind", "behind"},
                                                {"lag_ms", "lag"}};
    const struct counters *counters = facts->counters;
    uint64_t durable = counter_get(counters, COUNTER_DURABLE);
    bool is_more;
    cli_table_begin(output, "followers", COLUMNS, 5);
    for (const struct health_follower *each = health_followers; each->name != NULL; each++) {
        uint64_t as_of = counter_get(counters, each->as_of);
        int64_t lag_ns = counters_lag_ns(counters, TRAIL_DURABLE, as_of, facts->mono_ns, &is_more);
        cli_table_text(output, each->name);
        cli_table_small(output, (uint32_t)counter_get(counters, each->state));
        cli_table_number(output, as_of);
        cli_table_number(output, durable > as_of ? durable - as_of : 0);
        cli_table_number(output, (uint64_t)(lag_ns / CLOCK_MILLISECOND_NS));
    }
}

static void put_histograms(struct cli_output *output, const struct counters *counters) {
    static const struct cli_column COLUMNS[] = {{"histogram", "upper bounds"},
                                                {"count", "count"},
                                                {"p50", "p50"},
                                                {"p99", "p99"},
                                                {"p999", "p99.9"}};
    struct tally_view view;
    cli_table_begin(output, "histograms", COLUMNS, 5);
    for (size_t i = 0; i < HISTOGRAMS_END; i++) {
        tally_read(&view, &counters->histograms[i].tally);
        cli_table_text(output, counters->histograms[i].name);
        cli_table_number(output, view.total);
        cli_table_number(output, tally_quantile(&view, 500000));
        cli_table_number(output, tally_quantile(&view, 990000));
        cli_table_number(output, tally_quantile(&view, 999000));
    }
}

static void print_json(const struct health_facts *facts, const struct health *health) {
    const struct counters *counters = facts->counters;
    char text[CLI_VALUE_BYTES_MAX];
    struct cli_output *output = cli_output_create(true);
    cli_text_field(output, "verdict", health_name((enum health_verdict)health->verdict));
    cli_text_field(output, "origin", counters->origin);
    cli_text_field(output, "build", counters->build);
    cli_text_field(output, "state", health_state(counters));
    cli_text_field(output, "doing", health_doing((enum doing)counter_get(counters, COUNTER_DOING)));
    cli_text_field(output, "started",
                   cli_time_text(text, (int64_t)counter_get(counters, COUNTER_STARTED_NS)));
    for (size_t i = 0; i < COUNTERS_END; i++)
        if (i != COUNTER_STATE && i != COUNTER_DOING && i != COUNTER_STARTED_NS)
            cli_number_field(output, counters->values[i].name,
                             counter_get(counters, (enum counter)i));
    put_findings(output, health);
    put_rates(output, counters);
    put_followers(output, facts);
    put_histograms(output, counters);
    cli_output_end(output);
}

/* --- for people --------------------------------------------------------------------------------
 */

static void read_tallies(struct tally_view views[HISTOGRAMS_END], const struct counters *counters) {
    for (size_t i = 0; i < HISTOGRAMS_END; i++)
        tally_read(&views[i], &counters->histograms[i].tally);
}

/* Until somebody ends it. Returns what the last look was. */
static int watch(const char *folder) {
    static struct page page;
    static struct tally_view before[2][HISTOGRAMS_END];
    static struct health health;
    struct health_facts facts;
    struct timespec period = {.tv_sec = WATCH_PERIOD_MS / 1000};
    const struct counters *counters = must_find(folder);
    struct screen *screen = screen_open();
    uint32_t look = 0;
    read_tallies(before[0], counters);
    do {
        gather(&facts, counters, folder);
        facts.is_for_people = screen != NULL;
        health_judge(&health, &facts);
        read_tallies(before[(look + 1) % 2], counters);
        if (screen != NULL) {
            status_page(&page, &facts, &health, look == 0 ? NULL : before[look % 2]);
            screen_show(screen, &page);
        } else {
            status_line(&page, &facts, &health, before[look % 2]);
            page_print(&page, stdout);
        }
        look++;
    } while (screen != NULL ? screen_wait(screen, WATCH_PERIOD_MS)
                            : !ferror(stdout) && nanosleep(&period, NULL) == 0);
    screen_close(screen);
    return exit_of(&health);
}

static int show(const char *folder, bool is_json) {
    static struct page page;
    static struct health health;
    struct health_facts facts;
    gather(&facts, must_find(folder), folder);
    facts.is_for_people = !is_json;
    health_judge(&health, &facts);
    if (is_json) {
        print_json(&facts, &health);
    } else {
        status_page(&page, &facts, &health, NULL);
        page_print(&page, stdout);
    }
    return exit_of(&health);
}

int cli_status(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"watch", CLI_OPTION_WATCH, NULL, 0,
         "Look each second: a page on a terminal (q or Ctrl-C ends it), else a line", 0},
        {0}};
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_FILES,
        .arguments = "DIR",
        .about = "Shows how the exchange in DIR is doing, whether it runs, hangs, or is dead.\v"
                 "Exit codes: 0 it runs and all is well; 1 it runs and somebody should look; 3 it "
                 "was stopped cleanly; 5 it hangs; 6 it is dead, or there are no counters.\n\n"
                 "Nothing is asked of the server: the file `counters` in DIR is read. Times are "
                 "upper bounds, at most an eighth above; sampled stages are of some requests, "
                 "chosen at random.",
        .options = OPTIONS,
        .count_min = 1,
        .count_max = 1};
    struct cli_arguments arguments;
    cli_parse(&arguments, &SPEC, argc, argv);
    bool is_watched = cli_value(&arguments, CLI_OPTION_WATCH) != NULL;
    if (is_watched && arguments.is_json)
        cli_die(CLI_USAGE, "--watch and --json do not go together");
    if (is_watched)
        return watch(arguments.positional[0]);
    return show(arguments.positional[0], arguments.is_json);
}
