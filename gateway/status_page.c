/* Composed line by line; two tables stand beside each other where that saves height. */
#include "gateway/status_page.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "gateway/clock.h"
#include "gateway/figure.h"
#include "gateway/follower.h"
#include "gateway/phrase.h"
#include "gateway/wording.h"

/* Where the right one of two tables begins. */
#define RIGHT_COLUMN 46

uint64_t status_rate(const struct counters *counters, enum trail_value value, uint32_t seconds) {
    const struct trail_point *last = counters_trail_last(counters);
    if (last == NULL)
        return 0;
    /* Points lie a second apart, some milliseconds more or less. */
    const struct trail_point *first = counters_trail_at(
        counters, last->mono_ns - (int64_t)seconds * CLOCK_SECOND_NS + CLOCK_SECOND_NS / 4);
    for (uint32_t less = seconds; first == NULL && less > 1; less--)
        first = counters_trail_at(counters, last->mono_ns - (int64_t)(less - 1) * CLOCK_SECOND_NS +
                                                CLOCK_SECOND_NS / 4);
    if (first == NULL || last->mono_ns <= first->mono_ns)
        return 0;
    uint64_t more = last->values[value] - first->values[value];
    return more * 1000 / (uint64_t)((last->mono_ns - first->mono_ns) / CLOCK_MILLISECOND_NS);
}

/* --- the head ----------------------------------------------------------------------------------
 */

static const char *style_of(enum health_verdict verdict) {
    static const char *const STYLES[] = {[HEALTH_FINE] = PAGE_GREEN,
                                         [HEALTH_ATTENTION] = PAGE_YELLOW,
                                         [HEALTH_STOPPED] = PAGE_YELLOW,
                                         [HEALTH_HANGS] = PAGE_RED,
                                         [HEALTH_DEAD] = PAGE_RED};
    return STYLES[verdict];
}

static void put_before(struct page *page, const struct counters *counters) {
    uint64_t ended = counter_get(counters, COUNTER_BEFORE_ENDED);
    if (counter_get(counters, COUNTER_BEFORE_STARTED_NS) == 0)
        return;
    if (ended == 0)
        page_put(page, "%s", phrase("  before: killed"));
    else if (ended == 1)
        page_put(page, "%s", phrase("  before: a clean stop"));
    else
        page_put(page, phrase("  before: exit code %" PRIu64), ended - 1);
}

static void put_head(struct page *page, const struct health_facts *facts,
                     const struct health *health) {
    const struct counters *counters = facts->counters;
    char span[FIGURE_BYTES_MAX];
    char stamp[32];
    enum health_verdict verdict = (enum health_verdict)health->verdict;
    time_t second = (time_t)(facts->wall_ns / CLOCK_SECOND_NS);
    struct tm parts;
    gmtime_r(&second, &parts);
    strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S UTC", &parts);
    int64_t up_ns =
        (facts->is_held ? facts->wall_ns : (int64_t)counter_get(counters, COUNTER_ALIVE_NS)) -
        (int64_t)counter_get(counters, COUNTER_STARTED_NS);
    page_put(page, PAGE_BOLD "%s  %s%s" PAGE_PLAIN, counters->origin, style_of(verdict),
             wording(health_name(verdict)));
    if (facts->is_held)
        page_put(page, phrase("  %s, %s up"), wording(health_state(counters)),
                 figure_span(span, up_ns));
    else
        page_put(page, phrase("  it ran for %s"), figure_span(span, up_ns));
    page_line(page, "%s", "");
    page_put(page, PAGE_DIM);
    page_put(page, phrase("%s  process %" PRIu64 "  build %s  epoch %" PRIu64), stamp,
             counter_get(counters, COUNTER_PID), counters->build,
             counter_get(counters, COUNTER_EPOCH));
    put_before(page, counters);
    page_line(page, PAGE_PLAIN);
}

static void put_findings(struct page *page, const struct health *health) {
    const char *heading = NULL;
    for (uint32_t i = 0; i < health->count; i++) {
        const struct health_finding *finding = &health->findings[i];
        bool goes_on = i + 1 < health->count && health->findings[i + 1].heading == finding->heading;
        page_line(page, "%s! %s" PAGE_PLAIN, style_of((enum health_verdict)finding->verdict),
                  finding->text);
        heading = finding->heading;
        if (heading != NULL && !goes_on)
            page_line(page, phrase("  what to do: gateway/README.md, \"%s\""), heading);
    }
    if (health->count > 0)
        page_line(page, "%s", "");
}

/* --- rates, and who is behind ------------------------------------------------------------------
 */

static void put_rate(struct page *page, const struct counters *counters, const char *name,
                     enum trail_value value, enum counter all) {
    char now[FIGURE_BYTES_MAX];
    char some[FIGURE_BYTES_MAX];
    char total[FIGURE_BYTES_MAX];
    page_left(page, wording(name), 9);
    page_put(page, " %9s %9s %14s", figure_count(now, status_rate(counters, value, 1)),
             figure_count(some, status_rate(counters, value, 10)),
             figure_count(total, counter_get(counters, all)));
}

static void put_place(struct page *page, const char *name, uint64_t behind, const char *lag) {
    char records[FIGURE_BYTES_MAX];
    page_column(page, RIGHT_COLUMN);
    page_left(page, wording(name), 8);
    page_put(page, " %13s ", figure_count(records, behind));
    page_right(page, lag, 11);
}

static uint64_t less(uint64_t whole, uint64_t part) {
    return whole > part ? whole - part : 0;
}

/* How long it has been behind, or why it is. */
static const char *lag_of(char text[FIGURE_BYTES_MAX], const struct health_facts *facts,
                          const struct health_follower *follower) {
    const struct counters *counters = facts->counters;
    char span[FIGURE_BYTES_MAX];
    bool is_more;
    int64_t lag_ns = counters_lag_ns(
        counters, TRAIL_DURABLE, counter_get(counters, follower->as_of), facts->mono_ns, &is_more);
    switch (counter_get(counters, follower->state)) {
    case FOLLOWER_STARTING:
        return wording("starts");
    case FOLLOWER_FAILED:
        snprintf(text, FIGURE_BYTES_MAX, PAGE_RED "%s" PAGE_PLAIN, wording("failed"));
        return text;
    case FOLLOWER_STOPPED:
        return wording("stopped");
    default:
        break;
    }
    if (!facts->is_held)
        return "";
    snprintf(text, FIGURE_BYTES_MAX, "%s%.24s", is_more ? ">" : "", figure_span(span, lag_ns));
    return text;
}

/* The right table's row, as long as there are any. */
static bool put_right(struct page *page, const struct health_facts *facts, uint32_t row) {
    const struct counters *counters = facts->counters;
    uint64_t durable = counter_get(counters, COUNTER_DURABLE);
    uint64_t next = counter_get(counters, COUNTER_NEXT);
    uint64_t signed_to = counter_get(counters, COUNTER_CHECKPOINT);
    uint32_t at = 2;
    char lag[FIGURE_BYTES_MAX];
    if (row == 0)
        put_place(page, "durable", less(next, durable), "");
    if (row == 1)
        put_place(page, "signed", less(durable, signed_to), "");
    for (const struct health_follower *each = health_followers; each->name != NULL; each++)
        if (counter_get(counters, each->state) != FOLLOWER_NONE && at++ == row)
            put_place(page, each->name, less(durable, counter_get(counters, each->as_of)),
                      lag_of(lag, facts, each));
    return row + 1 < at;
}

static void put_rates(struct page *page, const struct health_facts *facts) {
    static const struct {
        const char *name;
        enum trail_value value;
        enum counter all;
    } ROWS[] = {
        {"requests", TRAIL_REQUESTS, COUNTER_REQUESTS}, {"refused", TRAIL_REFUSED, COUNTER_REFUSED},
        {"trades", TRAIL_TRADES, COUNTER_TRADES},       {"records", TRAIL_DURABLE, COUNTER_DURABLE},
        {"commits", TRAIL_COMMITS, COUNTER_COMMITS},
    };
    const uint32_t rows = sizeof ROWS / sizeof ROWS[0];
    page_put(page, PAGE_BOLD);
    page_left(page, wording("a second"), 9);
    page_right(page, wording("1 s"), 10);
    page_right(page, wording("10 s"), 10);
    page_right(page, wording("in all"), 15);
    page_column(page, RIGHT_COLUMN);
    page_left(page, wording("behind"), 8);
    page_right(page, wording("records"), 14);
    page_right(page, wording("time"), 12);
    page_line(page, PAGE_PLAIN);
    bool has_more = true;
    for (uint32_t row = 0; row < rows || has_more; row++) {
        if (row < rows)
            put_rate(page, facts->counters, ROWS[row].name, ROWS[row].value, ROWS[row].all);
        if (has_more)
            has_more = put_right(page, facts, row);
        page_line(page, "%s", "");
    }
    page_line(page, "%s", "");
}

/* --- how long it takes -------------------------------------------------------------------------
 */

/* Sampled requests stand for all of them, about: "~". */
static void put_duration(struct page *page, const char *name, const struct tally_view *view,
                         bool is_sampled) {
    static const uint32_t PPM[] = {500000, 990000, 999000, 1000000};
    char text[FIGURE_BYTES_MAX];
    char count[FIGURE_BYTES_MAX];
    page_left(page, wording(name), 24);
    for (size_t i = 0; i < sizeof PPM / sizeof PPM[0]; i++)
        page_put(page, " %9s",
                 view->total == 0 ? "-" : figure_latency(text, tally_quantile(view, PPM[i])));
    snprintf(count, sizeof count, "%s%.30s", is_sampled ? "~" : "",
             figure_count(text, view->total));
    page_line(page, " %14s", count);
}

static void read_tally(struct tally_view *view, const struct counters *counters,
                       enum histogram histogram, const struct tally_view before[HISTOGRAMS_END]) {
    tally_read(view, &counters->histograms[histogram].tally);
    if (before != NULL)
        tally_since(view, &before[histogram]);
}

static void put_durations(struct page *page, const struct counters *counters,
                          const struct tally_view before[HISTOGRAMS_END]) {
    static const struct {
        enum histogram histogram;
        const char *name;
        bool is_sampled;
    } ROWS[] = {
        {HISTOGRAM_ANSWER_REQUEST, "answer: in, durable, out", false},
        {HISTOGRAM_WAIT_SAMPLED, "  waits for its turn", true},
        {HISTOGRAM_APPLY_SAMPLED, "  is applied", true},
        {HISTOGRAM_DURABLE_SAMPLED, "  becomes durable", true},
        {HISTOGRAM_SEND_SAMPLED, "  is sent", true},
        {HISTOGRAM_DISK_COMMIT, "commit: write and sync", false},
    };
    struct tally_view view;
    page_put(page, PAGE_BOLD);
    page_left(page, wording(before != NULL ? "time, since last drawn" : "time, since the start"),
              24);
    page_put(page, " %9s %9s %9s", "p50", "p99", "p99.9");
    page_right(page, wording("max"), 10);
    page_right(page, wording("count"), 15);
    page_line(page, PAGE_PLAIN);
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        read_tally(&view, counters, ROWS[i].histogram, before);
        put_duration(page, ROWS[i].name, &view, ROWS[i].is_sampled);
    }
    page_line(page, "%s", "");
}

/* --- what is in use ----------------------------------------------------------------------------
 */

/* "name  part of whole  12%" */
static void put_share(struct page *page, const char *name, const char *part, const char *whole,
                      uint64_t percent) {
    page_left(page, wording(name), 9);
    page_right(page, part, 11);
    page_put(page, phrase(" of %-10s %3" PRIu64 "%%"), whole, percent);
}

static uint64_t percent_of(uint64_t part, uint64_t whole) {
    return whole == 0 ? 0 : part / (whole / 100 + (whole < 100 ? 1 : 0));
}

static void put_bytes_share(struct page *page, const char *name, uint64_t part, uint64_t whole) {
    char a[FIGURE_BYTES_MAX];
    char b[FIGURE_BYTES_MAX];
    put_share(page, name, figure_bytes(a, part), figure_bytes(b, whole), percent_of(part, whole));
}

/* The pool that is fullest. */
static void put_fullest(struct page *page, const struct counters *counters) {
    char a[FIGURE_BYTES_MAX];
    char b[FIGURE_BYTES_MAX];
    enum pool fullest = POOL_ORDERS;
    uint64_t most = 0;
    for (enum pool pool = POOL_ORDERS; pool < POOLS_END; pool++) {
        uint64_t share = percent_of(counter_get(counters, counter_pool_used(pool)),
                                    counter_get(counters, counter_pool_limit(pool)));
        if (share > most) {
            most = share;
            fullest = pool;
        }
    }
    put_share(page, health_pool(fullest),
              figure_count(a, counter_get(counters, counter_pool_used(fullest))),
              figure_count(b, counter_get(counters, counter_pool_limit(fullest))), most);
}

static void put_disk(struct page *page, const struct health_facts *facts) {
    const struct counters *counters = facts->counters;
    char text[4][FIGURE_BYTES_MAX];
    page_left(page, wording("disk"), 10);
    page_right(page, figure_bytes(text[0], counter_get(counters, COUNTER_DISK_FREE)), 10);
    page_put(page, "%s", phrase(" reserved"));
    if (facts->disk_available != UINT64_MAX)
        page_put(page, phrase(", %s free"), figure_bytes(text[1], facts->disk_available));
    page_line(page, phrase("; steps at %s, %s, %s"),
              figure_bytes(text[1], counter_get(counters, COUNTER_DISK_LOW)),
              figure_bytes(text[2], counter_get(counters, COUNTER_DISK_CRITICAL)),
              figure_bytes(text[3], counter_get(counters, COUNTER_DISK_HALT)));
}

/* A figure at the right, behind its name. */
static void put_figure(struct page *page, const char *name) {
    page_column(page, RIGHT_COLUMN);
    page_left(page, wording(name), 9);
}

static void put_use(struct page *page, const struct health_facts *facts) {
    const struct counters *counters = facts->counters;
    char text[FIGURE_BYTES_MAX];
    page_line(page, PAGE_BOLD "%s" PAGE_PLAIN, wording("in use"));
    put_fullest(page, counters);
    put_figure(page, "sessions");
    page_line(page, phrase("%7" PRIu64 " up, %" PRIu64 " lag"),
              counter_get(counters, COUNTER_SESSIONS_UP),
              counter_get(counters, COUNTER_SESSIONS_LAGGING));
    put_bytes_share(page, "ring", counter_get(counters, COUNTER_RING_BYTES),
                    counter_get(counters, COUNTER_RING_BYTES_BUSY));
    put_figure(page, "lookup");
    page_line(page, phrase("%7" PRIu64 " jobs wait"), counter_get(counters, COUNTER_LOOKUP_JOBS));
    put_bytes_share(page, "volume", counter_get(counters, COUNTER_VOLUME_BYTES),
                    counter_get(counters, COUNTER_VOLUME_BYTES_MAX));
    put_figure(page, "readers");
    page_line(page, phrase("%7" PRIu64 ", oldest %" PRIu64 " commits"),
              counter_get(counters, COUNTER_READERS),
              counter_get(counters, COUNTER_READER_COMMITS));
    page_left(page, wording("memory"), 10);
    page_right(page, figure_bytes(text, counter_get(counters, COUNTER_MEMORY_BYTES)), 10);
    put_figure(page, "rounds");
    page_line(page, phrase("%7" PRIu64 " left some waiting"),
              counter_get(counters, COUNTER_ROUNDS_FULL));
    put_disk(page, facts);
}

/* --- public ------------------------------------------------------------------------------------
 */

void status_page(struct page *page, const struct health_facts *facts, const struct health *health,
                 const struct tally_view before[HISTOGRAMS_END]) {
    page_clear(page);
    put_head(page, facts, health);
    page_line(page, "%s", "");
    put_findings(page, health);
    put_rates(page, facts);
    put_durations(page, facts->counters, before);
    put_use(page, facts);
}

void status_line(struct page *page, const struct health_facts *facts, const struct health *health,
                 const struct tally_view before[HISTOGRAMS_END]) {
    const struct counters *counters = facts->counters;
    struct tally_view answers;
    uint64_t durable = counter_get(counters, COUNTER_DURABLE);
    uint64_t second = (uint64_t)(facts->wall_ns / CLOCK_SECOND_NS) % 86400;
    read_tally(&answers, counters, HISTOGRAM_ANSWER_REQUEST, before);
    page_clear(page);
    page_put(page, "%02u:%02u:%02u %s requests_s=%" PRIu64 " records_s=%" PRIu64,
             (unsigned)(second / 3600), (unsigned)(second / 60 % 60), (unsigned)(second % 60),
             health_name((enum health_verdict)health->verdict),
             status_rate(counters, TRAIL_REQUESTS, 1), status_rate(counters, TRAIL_DURABLE, 1));
    page_put(page, " answer_p50_us=%" PRIu64 " answer_p99_us=%" PRIu64 " durable=%" PRIu64,
             tally_quantile(&answers, 500000) / CLOCK_MICROSECOND_NS,
             tally_quantile(&answers, 990000) / CLOCK_MICROSECOND_NS, durable);
    for (const struct health_follower *each = health_followers; each->name != NULL; each++)
        if (counter_get(counters, each->state) != FOLLOWER_NONE)
            page_put(page, " %s_behind=%" PRIu64, each->name,
                     less(durable, counter_get(counters, each->as_of)));
    for (uint32_t i = 0; i < health->count; i++)
        page_put(page, "; %s", health->findings[i].text);
    page_line(page, "%s", "");
}
