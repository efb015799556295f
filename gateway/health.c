/* One function a thing that can be wrong, called in the order of how bad it is. */
#include "gateway/health.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "gateway/clock.h"
#include "gateway/exchange.h"
#include "gateway/figure.h"
#include "gateway/follower.h"
#include "gateway/phrase.h"
#include "gateway/wording.h"

enum heading {
    HEADING_NONE,
    HEADING_KILLED,
    HEADING_REQUEST,
    HEADING_HANGS,
    HEADING_DISK_SLOW,
    HEADING_DISK_FULL,
    HEADING_CLOCK,
    HEADING_DIVERGED,
    HEADING_START,
    HEADING_LEDGER,
    HEADING_KILL_SWITCH,
    HEADING_POOL,
    HEADING_FOLLOWER,
    HEADING_READER,
};

const char *const health_headings[] = {
    [HEADING_NONE] = "When something happens",
    [HEADING_KILLED] = "The server was killed, or the machine went down",
    [HEADING_REQUEST] = "One request stops the server each time it comes",
    [HEADING_HANGS] = "The server hangs",
    [HEADING_DISK_SLOW] = "The disk does not answer, or fails",
    [HEADING_DISK_FULL] = "The disk is nearly full",
    [HEADING_CLOCK] = "The clock leapt",
    [HEADING_DIVERGED] = "Record and replay disagree",
    [HEADING_START] = "The server does not start",
    [HEADING_LEDGER] = "The ledger is damaged, or another server has it",
    [HEADING_KILL_SWITCH] = "A participant runs wild",
    [HEADING_POOL] = "A pool is nearly full",
    [HEADING_FOLLOWER] = "A follower is behind, or has failed",
    [HEADING_READER] = "An old reader holds the ledger",
    NULL,
};

const struct health_follower health_followers[] = {
    {"shadow", COUNTER_SHADOW, COUNTER_SHADOW_STATE},
    {"index", COUNTER_INDEX, COUNTER_INDEX_STATE},
    {"feed", COUNTER_FEED, COUNTER_FEED_STATE},
    {"register", COUNTER_REGISTER, COUNTER_REGISTER_STATE},
    {NULL, COUNTERS_END, COUNTERS_END},
};

/* --- words -------------------------------------------------------------------------------------
 */

const char *health_name(enum health_verdict verdict) {
    static const char *const NAMES[] = {[HEALTH_FINE] = "running",
                                        [HEALTH_ATTENTION] = "needs attention",
                                        [HEALTH_STOPPED] = "stopped",
                                        [HEALTH_HANGS] = "hangs",
                                        [HEALTH_DEAD] = "dead"};
    return NAMES[verdict];
}

const char *health_state(const struct counters *counters) {
    static const char *const NAMES[] = {[EXCHANGE_STARTING] = "starting",
                                        [EXCHANGE_READY] = "ready",
                                        [EXCHANGE_TIME_HELD] = "time held",
                                        [EXCHANGE_DIVERGED] = "diverged",
                                        [EXCHANGE_STOPPING] = "stopping"};
    uint64_t state = counter_get(counters, COUNTER_STATE);
    return state >= EXCHANGE_STARTING && state <= EXCHANGE_STOPPING ? NAMES[state] : "unknown";
}

const char *health_doing(enum doing doing) {
    static const char *const NAMES[DOINGS_END] = {
        [DOING_SLEEP] = "waits for work",
        [DOING_START] = "starts: snapshot and replay",
        [DOING_TAKE] = "takes requests",
        [DOING_TIMERS] = "looks after timers, Seals and the disk",
        [DOING_ANSWER] = "hands records on and answers",
        [DOING_LEDGER] = "waits until the ledger is durable",
        [DOING_THREADS] = "looks at other threads",
        [DOING_STOP] = "stops",
        [DOING_APPEND] = "writes records",
        [DOING_COMMIT] = "waits for the disk",
        [DOING_VOLUME] = "begins a new volume",
    };
    return doing < DOINGS_END ? NAMES[doing] : "does something unknown";
}

const char *health_pool(enum pool pool) {
    static const char *const NAMES[POOLS_END] = {
        [POOL_ORDERS] = "orders",
        [POOL_LEVELS] = "price levels",
        [POOL_INSTRUMENTS] = "instruments",
        [POOL_ACCOUNTS] = "accounts",
        [POOL_HOLDINGS] = "holdings",
        [POOL_SESSIONS] = "sessions",
        [POOL_PARTICIPANTS] = "participants",
        [POOL_KEYS] = "keys",
        [POOL_PROPOSALS] = "proposals",
        [POOL_TIMERS] = "timers",
        [POOL_PARTIES] = "parties",
        [POOL_PARTY_KEYS] = "party keys",
        [POOL_RIGHTS] = "rights",
        [POOL_STAKES] = "stakes",
        [POOL_ESTATES] = "estates",
        [POOL_BINDINGS] = "bindings",
        [POOL_PARCELS] = "parcels",
        [POOL_TIES] = "ties",
        [POOL_CALENDAR] = "days of the calendar",
        [POOL_MANDATES] = "mandates",
        [POOL_FREEZES] = "freezes",
        [POOL_RESTRAINTS] = "restraints",
        [POOL_PLEDGES] = "pledges",
        [POOL_PLEDGE_ITEMS] = "pledged things",
        [POOL_INCREASES] = "increases of pledges",
        [POOL_ASSENTS] = "assents",
        [POOL_CORRECTIONS] = "corrections",
        [POOL_LISTINGS] = "listings",
        [POOL_BIDDERS] = "bidders",
        [POOL_CONSENTS] = "consents",
        [POOL_TRANSFERS] = "transfers",
    };
    return pool > 0 && pool < POOLS_END && NAMES[pool] != NULL ? NAMES[pool] : "?";
}

/* "04:22:00 UTC" of the day, which a person at the console knows. */
static char *time_of_day(char text[FIGURE_BYTES_MAX], int64_t wall_ns) {
    uint64_t second = (uint64_t)(wall_ns / CLOCK_SECOND_NS) % 86400;
    snprintf(text, FIGURE_BYTES_MAX, "%02u:%02u:%02u UTC", (unsigned)(second / 3600),
             (unsigned)(second / 60 % 60), (unsigned)(second % 60));
    return text;
}

/* --- findings ----------------------------------------------------------------------------------
 */

__attribute__((format(printf, 4, 5))) static void find(struct health *health,
                                                       enum health_verdict verdict,
                                                       enum heading heading, const char *format,
                                                       ...) {
    assert(health->count < HEALTH_FINDINGS_MAX); /* there are fewer kinds than places */
    struct health_finding *finding = &health->findings[health->count++];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(finding->text, sizeof finding->text, health->is_for_people ? phrase(format) : format,
              arguments);
    va_end(arguments);
    finding->verdict = (uint8_t)verdict;
    finding->heading = heading == HEADING_NONE ? NULL : health_headings[heading];
    if (verdict > health->verdict)
        health->verdict = (uint8_t)verdict;
}

/* A word in a finding. */
static const char *word(const struct health *health, const char *english) {
    return health->is_for_people ? wording(english) : english;
}

bool health_core_hangs(const struct counters *counters, int64_t mono_ns) {
    uint64_t state = counter_get(counters, COUNTER_STATE);
    return state != EXCHANGE_STARTING && counter_get(counters, COUNTER_ENDED) == 0 &&
           mono_ns - (int64_t)counter_get(counters, COUNTER_HEARTBEAT_NS) > COUNTERS_HANGS_NS;
}

bool health_ledger_hangs(const struct counters *counters, int64_t mono_ns) {
    return counter_get(counters, COUNTER_LEDGER_DOING) != DOING_SLEEP &&
           counter_get(counters, COUNTER_LEDGER_SINCE_NS) != 0 &&
           mono_ns - (int64_t)counter_get(counters, COUNTER_LEDGER_SINCE_NS) > COUNTERS_HANGS_NS;
}

static void judge_core(struct health *health, const struct health_facts *facts) {
    const struct counters *counters = facts->counters;
    char since[FIGURE_BYTES_MAX];
    char span[FIGURE_BYTES_MAX];
    char request[64] = "";
    int64_t past_ns = facts->mono_ns - (int64_t)counter_get(counters, COUNTER_HEARTBEAT_NS);
    if (!health_core_hangs(counters, facts->mono_ns))
        return;
    if (facts->process_state == 'T' || facts->process_state == 't')
        find(health, HEALTH_HANGS, HEADING_HANGS,
             "a signal has stopped process %" PRIu64 "; `kill -CONT %" PRIu64 "` lets it go on",
             counter_get(counters, COUNTER_PID), counter_get(counters, COUNTER_PID));
    if (atomic_load_explicit(&counters->note.size, memory_order_relaxed) != 0)
        snprintf(request, sizeof request,
                 health->is_for_people ? phrase(": a request of session %u")
                                       : ": a request of session %u",
                 counters->note.session);
    find(health, HEALTH_HANGS, HEADING_HANGS,
         "the core's thread has not moved for %s, since %s; it %s%s", figure_span(span, past_ns),
         time_of_day(since, (int64_t)counter_get(counters, COUNTER_ALIVE_NS)),
         word(health, health_doing((enum doing)counter_get(counters, COUNTER_DOING))), request);
}

static void judge_ledger(struct health *health, const struct health_facts *facts) {
    const struct counters *counters = facts->counters;
    char span[FIGURE_BYTES_MAX];
    int64_t past_ns = facts->mono_ns - (int64_t)counter_get(counters, COUNTER_LEDGER_SINCE_NS);
    if (health_ledger_hangs(counters, facts->mono_ns))
        find(health, HEALTH_HANGS, HEADING_DISK_SLOW,
             "the ledger's thread has not moved for %s; it %s", figure_span(span, past_ns),
             word(health, health_doing((enum doing)counter_get(counters, COUNTER_LEDGER_DOING))));
}

static void judge_state(struct health *health, const struct health_facts *facts) {
    const struct counters *counters = facts->counters;
    uint64_t state = counter_get(counters, COUNTER_STATE);
    uint64_t market = counter_get(counters, COUNTER_MARKET);
    char span[FIGURE_BYTES_MAX];
    int64_t leap_ns = (int64_t)counter_get(counters, COUNTER_TIME_LEAP_NS);
    if (state == EXCHANGE_STARTING)
        find(
            health, HEALTH_ATTENTION, HEADING_NONE, "it has been starting for %s",
            figure_span(span, facts->wall_ns - (int64_t)counter_get(counters, COUNTER_STARTED_NS)));
    if (state == EXCHANGE_STOPPING)
        find(health, HEALTH_ATTENTION, HEADING_NONE, "it is stopping");
    if (state == EXCHANGE_TIME_HELD)
        find(health, HEALTH_ATTENTION, HEADING_CLOCK,
             leap_ns < 0 ? "the clock leapt back by %s: nothing is sequenced until two operators "
                           "confirm the time"
                         : "the clock leapt ahead by %s: nothing is sequenced until two operators "
                           "confirm the time",
             figure_span(span, leap_ns < 0 ? -leap_ns : leap_ns));
    if (counter_get(counters, COUNTER_DIVERGED) != 0)
        find(health, state == EXCHANGE_READY ? HEALTH_FINE : HEALTH_ATTENTION, HEADING_DIVERGED,
             "record and replay disagree at sequence %" PRIu64 "%s",
             counter_get(counters, COUNTER_DIVERGED) - 1,
             word(health, state == EXCHANGE_READY ? ", and two operators have settled it" : ""));
    if ((market & MARKET_KILLED) != 0)
        find(health, HEALTH_ATTENTION, HEADING_KILL_SWITCH,
             "the whole exchange is killed: nothing is let in");
    if ((market & MARKET_HALTED) != 0)
        find(health, HEALTH_ATTENTION, HEADING_KILLED,
             "the market is halted after an outage until two operators reopen it");
}

static void judge_disk(struct health *health, const struct health_facts *facts) {
    const struct counters *counters = facts->counters;
    char left[FIGURE_BYTES_MAX];
    char limit[FIGURE_BYTES_MAX];
    uint64_t step = counter_get(counters, COUNTER_DISK_STEP);
    uint64_t low = counter_get(counters, COUNTER_DISK_LOW);
    uint64_t ahead = counter_get(counters, COUNTER_DISK_FREE);
    figure_bytes(left, ahead);
    if (step == DISK_LOW)
        find(health, HEALTH_ATTENTION, HEADING_DISK_FULL,
             "the disk is low: %s left of the reserve, new orders are refused below %s", left,
             figure_bytes(limit, low));
    else if (step == DISK_CRITICAL)
        find(health, HEALTH_ATTENTION, HEADING_DISK_FULL,
             "the disk is critical: %s left of the reserve, the server stops below %s", left,
             figure_bytes(limit, counter_get(counters, COUNTER_DISK_HALT)));
    else if (ahead != 0 && facts->disk_available < low)
        find(health, HEALTH_ATTENTION, HEADING_DISK_FULL,
             "the disk has %s left besides the reserve of %s; when that is used, new orders are "
             "refused",
             figure_bytes(limit, facts->disk_available), left);
}

static void judge_pools(struct health *health, const struct counters *counters) {
    char used[FIGURE_BYTES_MAX];
    char most[FIGURE_BYTES_MAX];
    for (enum pool pool = POOL_ORDERS; pool < POOLS_END; pool++) {
        uint64_t count = counter_get(counters, counter_pool_used(pool));
        uint64_t limit = counter_get(counters, counter_pool_limit(pool));
        if (limit == 0 || count * 100 < limit * HEALTH_POOL_PERCENT)
            continue;
        find(health, HEALTH_ATTENTION, HEADING_POOL,
             "%s are at %" PRIu64 "%% of their limit: %s of %s", word(health, health_pool(pool)),
             count * 100 / limit, figure_count(used, count), figure_count(most, limit));
    }
}

static void judge_followers(struct health *health, const struct health_facts *facts) {
    const struct counters *counters = facts->counters;
    uint64_t durable = counter_get(counters, COUNTER_DURABLE);
    char span[FIGURE_BYTES_MAX];
    char behind[FIGURE_BYTES_MAX];
    for (const struct health_follower *each = health_followers; each->name != NULL; each++) {
        uint64_t as_of = counter_get(counters, each->as_of);
        uint64_t state = counter_get(counters, each->state);
        bool is_more;
        int64_t lag_ns = counters_lag_ns(counters, TRAIL_DURABLE, as_of, facts->mono_ns, &is_more);
        if (state == FOLLOWER_FAILED)
            find(health, HEALTH_ATTENTION, HEADING_FOLLOWER,
                 "the %s has failed; it stands at %" PRIu64, word(health, each->name), as_of);
        else if (state != FOLLOWER_NONE && lag_ns > HEALTH_LAG_NS)
            find(health, HEALTH_ATTENTION, HEADING_FOLLOWER, "the %s is %s records behind, %s%s",
                 word(health, each->name),
                 figure_count(behind, durable > as_of ? durable - as_of : 0),
                 word(health, is_more ? "more than " : ""), figure_span(span, lag_ns));
    }
}

static void judge_queues(struct health *health, const struct health_facts *facts) {
    const struct counters *counters = facts->counters;
    char count[FIGURE_BYTES_MAX];
    char span[FIGURE_BYTES_MAX];
    bool is_more;
    uint64_t busy = counter_get(counters, COUNTER_RING_BYTES_BUSY);
    uint64_t commits = counter_get(counters, COUNTER_COMMITS);
    uint64_t behind = counter_get(counters, COUNTER_READER_COMMITS);
    if (busy != 0 && counter_get(counters, COUNTER_RING_BYTES) >= busy)
        find(health, HEALTH_ATTENTION, HEADING_DISK_SLOW,
             "the ledger does not keep up: %s wait for it, and nothing more is taken from clients",
             figure_bytes(count, counter_get(counters, COUNTER_RING_BYTES)));
    int64_t old_ns = counters_lag_ns(
        counters, TRAIL_COMMITS, behind < commits ? commits - behind : 0, facts->mono_ns, &is_more);
    if (behind > 0 && old_ns > HEALTH_READER_NS)
        find(health, HEALTH_ATTENTION, HEADING_READER,
             "process %" PRIu64 " has been reading the ledger for %s%s, %s commits behind",
             counter_get(counters, COUNTER_READER_PID), word(health, is_more ? "more than " : ""),
             figure_span(span, old_ns), figure_count(count, behind));
}

/* --- one that lives no more --------------------------------------------------------------------
 */

static void judge_exit(struct health *health, enum exit_code code, const char *when) {
    static const struct {
        enum heading heading;
        const char *text;
    } CODES[] = {
        [EXIT_CODE_CLEAN] = {HEADING_NONE, "a clean stop"},
        [EXIT_CODE_FAILED] = {HEADING_START, "its start failed for a reason that may pass"},
        [EXIT_CODE_DISAGREE] = {HEADING_DIVERGED, "the shadow disagreed with the records"},
        [EXIT_CODE_CONFIG] = {HEADING_START, "configuration or key files are not in order"},
        [EXIT_CODE_LEDGER] = {HEADING_LEDGER, "the ledger is damaged, or of another version"},
        [EXIT_CODE_DISK] = {HEADING_DISK_SLOW, "a write or sync failed"},
        [EXIT_CODE_FULL] = {HEADING_DISK_FULL, "the disk's last reserve was reached"},
    };
    bool is_known = (size_t)code < sizeof CODES / sizeof CODES[0];
    find(health, code == EXIT_CODE_CLEAN ? HEALTH_STOPPED : HEALTH_DEAD,
         is_known ? CODES[code].heading : HEADING_START, "it ended at %s with exit code %d: %s",
         when, (int)code, word(health, is_known ? CODES[code].text : "its log says more"));
}

static void judge_dead(struct health *health, const struct health_facts *facts) {
    const struct counters *counters = facts->counters;
    const struct request_note *note = &counters->note;
    uint64_t ended = counter_get(counters, COUNTER_ENDED);
    char when[FIGURE_BYTES_MAX];
    time_of_day(when, (int64_t)counter_get(counters, COUNTER_ALIVE_NS));
    if (ended != 0)
        judge_exit(health, (enum exit_code)(ended - 1), when);
    else if (atomic_load_explicit(&note->size, memory_order_relaxed) != 0 && note->is_marked != 0)
        find(health, HEALTH_DEAD, HEADING_REQUEST,
             "it aborted at %s while it applied a request of session %u", when, note->session);
    else
        find(health, HEALTH_DEAD, HEADING_KILLED,
             "it was killed, or its machine went down: it lived last at %s, and %s", when,
             word(health, health_doing((enum doing)counter_get(counters, COUNTER_DOING))));
}

void health_judge(struct health *health, const struct health_facts *facts) {
    health->verdict = HEALTH_FINE;
    health->is_for_people = facts->is_for_people;
    health->count = 0;
    if (!facts->is_held) {
        judge_dead(health, facts);
        return;
    }
    judge_core(health, facts);
    judge_ledger(health, facts);
    judge_state(health, facts);
    judge_disk(health, facts);
    judge_queues(health, facts);
    judge_pools(health, facts->counters);
    judge_followers(health, facts);
}
