/* The thread of gateway and core: its loop, its first commands and its last. */
#include "gateway/exchange.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "engine/view.h"
#include "gateway/allocation.h"
#include "gateway/feed.h"
#include "gateway/notary.h"
#include "gateway/notify.h"
#include "gateway/register.h"
#include "gateway/shadow.h"
#include "ledger/failure.h"

/* Nothing more is taken while this part of the ring is in flight: the clients' pipes fill instead.
 * The rest is for what was taken before and makes much. */
#define RING_BUSY_PART 4
/* Under load a signal is seen within this. */
#define SIGNALS_PERIOD_NS (50 * CLOCK_MILLISECOND_NS)
/* A clean stop waits so long for the shadow, in rounds of 10 ms. */
#define STOP_ROUNDS   6000
#define STOP_ROUND_MS 10

/* --- what agreement and core say ---------------------------------------------------------------
 */

static void committed(void *owner, uint64_t next) {
    struct exchange *exchange = owner;
    release_run(&exchange->release, next, clock_wall_ns());
    if (stages_has_durable(&exchange->stages))
        stages_sent(&exchange->stages, next, clock_mono_ns());
}

static void unknown(void *owner, uint64_t from) {
    struct exchange *exchange = owner;
    exchange->has_failed = true;
    exchange->stops = true;
    exchange->exit_code = EXIT_CODE_DISK;
    log_line(LOG_LEVEL_ERROR, "outcome_unknown", "from=%lu", from);
}

static void take_role(void *owner, enum agree_role role, uint64_t epoch) {
    struct exchange *exchange = owner;
    assert(role == AGREE_LEADER);
    exchange->core.epoch = epoch;
    counter_set(exchange->counters, COUNTER_EPOCH, epoch);
}

const struct agree_listener exchange_agree_listener = {committed, unknown, take_role, NULL};

static void heard_event(void *owner, const struct event *event) {
    struct exchange *exchange = owner;
    trade_event(&exchange->trade, event);
}

static bool has_news(const struct exchange *exchange) {
    return pipeline_has_news(&exchange->pipeline) || lookup_has_results(exchange->lookup) ||
           shadow_has_news(exchange->shadow) || registry_has_root(exchange->registry) ||
           notary_has_news(exchange->notary);
}

/* Tells whoever looks at the counters what this thread is at. */
static enum doing doing(struct exchange *exchange, enum doing what) {
    enum doing before = (enum doing)counter_get(exchange->counters, COUNTER_DOING);
    counter_set(exchange->counters, COUNTER_DOING, what);
    return before;
}

/* And that it goes on. */
static void beat(struct exchange *exchange, struct clock_reading reading) {
    counter_set(exchange->counters, COUNTER_HEARTBEAT_NS, (uint64_t)reading.mono_ns);
    counter_set(exchange->counters, COUNTER_ALIVE_NS, (uint64_t)reading.wall_ns);
}

/* The ring is full: what is on its way becomes durable in time. A failed ledger frees nothing ever
 * again, and a command cannot stop halfway: then the process ends here. */
static void wait_for_room(void *owner) {
    struct exchange *exchange = owner;
    counter_set(exchange->counters, COUNTER_RING_BYTES, byte_ring_used(&exchange->pipeline.ring));
    counter_add(exchange->counters, COUNTER_RING_WAITS, 1);
    exchange->pipeline.agree.flush(&exchange->pipeline.agree);
    exchange->pipeline.agree.poll(&exchange->pipeline.agree);
    if (exchange->has_failed) {
        counter_set(exchange->counters, COUNTER_ENDED, 1 + EXIT_CODE_DISK);
        _exit(EXIT_CODE_DISK);
    }
    enum doing before = doing(exchange, DOING_LEDGER);
    beat(exchange, clock_read());
    wake_announce(&exchange->wake);
    if (pipeline_has_news(&exchange->pipeline))
        wake_retract(&exchange->wake);
    else
        wake_wait(&exchange->wake, -1);
    doing(exchange, before);
    exchange->pipeline.agree.poll(&exchange->pipeline.agree);
}

const struct core_listener exchange_core_listener = {heard_event, wait_for_room, NULL};

/* --- rounds ------------------------------------------------------------------------------------
 */

static void take_digest(struct exchange *exchange) {
    struct command command = {.verb = VERB_DIGEST};
    if (shadow_take_digest(exchange->shadow, &command.digest))
        core_own(&exchange->core, &command);
}

/* Looks at what other threads have found out. */
static void look_at_threads(struct exchange *exchange) {
    if (exchange->trade.state == EXCHANGE_READY)
        take_digest(exchange);
    trade_take_results(&exchange->trade);
    trade_flush_refused(&exchange->trade);
    if (shadow_disagrees(exchange->shadow) != 0 && !exchange->stops) {
        exchange->stops = true;
        exchange->has_failed = true; /* nothing more is sequenced on a state in doubt */
        exchange->exit_code = EXIT_CODE_DISAGREE;
    }
    if (lookup_failure(exchange->lookup) != 0 && !exchange->stops) {
        exchange->stops = true;
        exchange->exit_code = EXIT_CODE_LEDGER;
    }
}

static void flush(struct exchange *exchange) {
    struct agree *agree = &exchange->pipeline.agree;
    agree->flush(agree);
    if (exchange->trade.rolls_volume) {
        exchange->trade.rolls_volume = false;
        pipeline_roll(&exchange->pipeline, exchange->core.next);
    }
    agree->poll(agree);
}

static void tell_time(struct exchange *exchange) {
    trade_time(&exchange->trade, clock_read());
    exchange->outbox->now_ns = exchange->trade.reading.mono_ns;
    beat(exchange, exchange->trade.reading);
}

/* A thread that always has work never sleeps, and only a sleep looks at signals: now and then it
 * looks at them itself. */
static void look_for_signals(struct exchange *exchange) {
    struct signalfd_siginfo info;
    int64_t now_ns = exchange->trade.reading.mono_ns;
    if (now_ns < exchange->signals_due_ns)
        return;
    exchange->signals_due_ns = now_ns + SIGNALS_PERIOD_NS;
    if (read(exchange->signals, &info, sizeof info) == (ssize_t)sizeof info)
        exchange->stops = true;
}

static size_t busy_bytes(const struct exchange *exchange) {
    return exchange->pipeline.ring.capacity / RING_BUSY_PART;
}

static void count_round(struct exchange *exchange, uint32_t taken, bool is_drained) {
    struct counters *counters = exchange->counters;
    if (taken == 0)
        return;
    counter_add(counters, COUNTER_FRAMES, taken);
    counter_set(counters, COUNTER_ROUND_REQUESTS, exchange->intake->requests);
    counter_histogram_add(counters, HISTOGRAM_ROUND_REQUESTS, exchange->intake->requests, 1);
    if (!is_drained)
        counter_add(counters, COUNTER_ROUNDS_FULL, 1);
}

/* One round. Returns how many messages were taken. */
static uint32_t round_once(struct exchange *exchange) {
    uint32_t taken = 0;
    bool is_drained = false;
    allocation_forbid();
    tell_time(exchange);
    size_t queued = byte_ring_used(&exchange->pipeline.ring);
    if (queued < busy_bytes(exchange)) {
        doing(exchange, DOING_TAKE);
        taken = intake_drain(exchange->intake);
        is_drained = intake_is_drained(exchange->intake);
        count_round(exchange, taken, is_drained);
    }
    trade_take_checked(&exchange->trade);
    counter_set(exchange->counters, COUNTER_RING_BYTES, queued);
    doing(exchange, DOING_TIMERS);
    trade_flush_refused(&exchange->trade);
    upkeep_run(&exchange->upkeep, is_drained);
    doing(exchange, DOING_ANSWER);
    flush(exchange);
    doing(exchange, DOING_THREADS);
    look_at_threads(exchange);
    look_for_signals(exchange);
    watchdog_look(&exchange->watchdog, exchange->counters, exchange->trade.reading.mono_ns);
    if (exchange->upkeep.is_full && !exchange->stops) {
        exchange->stops = true;
        exchange->exit_code = EXIT_CODE_FULL;
    }
    allocation_allow();
    return taken;
}

static void sleep_until_work(struct exchange *exchange) {
    zmq_pollitem_t items[] = {
        {.socket = exchange->port.socket, .events = ZMQ_POLLIN},
        {.fd = exchange->wake.fd, .events = ZMQ_POLLIN},
        {.fd = exchange->signals, .events = ZMQ_POLLIN},
    };
    if (byte_ring_used(&exchange->pipeline.ring) >= busy_bytes(exchange))
        items[0].events = 0; /* messages wait: the next commit wakes us */
    tell_time(exchange);
    int timeout_ms = upkeep_timeout_ms(&exchange->upkeep);
    int watchdog_ms = watchdog_timeout_ms(&exchange->watchdog, exchange->trade.reading.mono_ns);
    timeout_ms = watchdog_ms < timeout_ms ? watchdog_ms : timeout_ms;
    doing(exchange, DOING_SLEEP);
    wake_announce(&exchange->wake);
    int ready = has_news(exchange) ? 0 : zmq_poll(items, 3, timeout_ms);
    wake_retract(&exchange->wake);
    if (ready > 0 && (items[2].revents & ZMQ_POLLIN))
        exchange->stops = true;
}

bool exchange_settle(struct exchange *exchange) {
    enum doing before = doing(exchange, DOING_LEDGER);
    flush(exchange);
    while (exchange->release.next < exchange->core.next && !exchange->has_failed) {
        wake_announce(&exchange->wake);
        if (pipeline_has_news(&exchange->pipeline))
            wake_retract(&exchange->wake);
        else
            wake_wait(&exchange->wake, -1);
        exchange->pipeline.agree.poll(&exchange->pipeline.agree);
        beat(exchange, clock_read());
    }
    doing(exchange, before);
    return !exchange->has_failed;
}

/* --- the beginning -----------------------------------------------------------------------------
 */

static void set_state(struct exchange *exchange, uint8_t state) {
    exchange->trade.state = state;
    counter_set(exchange->counters, COUNTER_STATE, state);
}

/* The first command of an epoch, and what a test environment does by itself. */
static void sequence_start(struct exchange *exchange) {
    struct market_view market;
    struct core *core = &exchange->core;
    engine_market(exchange->engine, &market);
    if (market.was_stopped) {
        struct command start = {.verb = VERB_START,
                                .start = {core->epoch, exchange->config.grace_ms}};
        core_begin(core, &start);
    } else {
        struct command outage = {
            .verb = VERB_OUTAGE,
            .outage = {market.time_ns, core->now_ns, core->epoch, exchange->config.grace_ms}};
        core_begin(core, &outage);
    }
    engine_market(exchange->engine, &market);
    if (market.is_halted && exchange->genesis.environment == ENVIRONMENT_TEST &&
        !exchange->has_diverged)
        core_verb(core, VERB_REOPEN);
}

/* Writes where clients find the exchange, whole or not at all. */
static int write_endpoints(const struct exchange *exchange) {
    char path[EXCHANGE_PATH_MAX + 32];
    char new_path[EXCHANGE_PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/endpoints", exchange->folder);
    snprintf(new_path, sizeof new_path, "%s/endpoints.new", exchange->folder);
    FILE *file = fopen(new_path, "we");
    if (file == NULL)
        return failure_errno("%s", new_path);
    fprintf(file, "trade %s\n", exchange->port.endpoint);
    fprintf(file, "query %s\n", query_port_endpoint(exchange->query_port));
    fprintf(file, "feed %s\n", feed_endpoint(exchange->feed));
    fprintf(file, "server %s\n", exchange->server_key.public_z85);
    bool is_written = fflush(file) == 0 && fsync(fileno(file)) == 0;
    is_written = fclose(file) == 0 && is_written;
    if (!is_written || rename(new_path, path) != 0)
        return failure_errno("%s", path);
    return 0;
}

static void print_hash(const struct hash *hash, char text[2 * HASH_SIZE + 1]) {
    for (size_t i = 0; i < HASH_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", hash->bytes[i]);
}

/* What the two operators must name to go on. */
static void announce_divergence(struct exchange *exchange) {
    const struct divergence *divergence = &exchange->divergence;
    char recorded[2 * HASH_SIZE + 1];
    char replayed[2 * HASH_SIZE + 1];
    print_hash(&divergence->recorded, recorded);
    print_hash(&divergence->replayed, replayed);
    set_state(exchange, EXCHANGE_DIVERGED);
    counter_set(exchange->counters, COUNTER_DIVERGED, divergence->sequence + 1);
    log_line(LOG_LEVEL_ERROR, "diverged", "sequence=%lu records=%lu recorded=%s replayed=%s",
             divergence->sequence, divergence->records, recorded, replayed);
}

static void announce(struct exchange *exchange) {
    struct trade *trade = &exchange->trade;
    set_state(exchange, EXCHANGE_READY);
    if (exchange->has_diverged)
        announce_divergence(exchange);
    if (trade->clock.is_held) {
        set_state(exchange, EXCHANGE_TIME_HELD);
        counter_set(exchange->counters, COUNTER_TIME_LEAP_NS, (uint64_t)trade->clock.leap_ns);
        log_line(LOG_LEVEL_ERROR, "time_leapt", "by_ns=%ld", trade->clock.leap_ns);
    }
    log_line(LOG_LEVEL_INFO, "ready", "trade=%s query=%s feed=%s epoch=%lu next=%lu state=%u",
             exchange->port.endpoint, query_port_endpoint(exchange->query_port),
             feed_endpoint(exchange->feed), exchange->core.epoch, exchange->core.next,
             trade->state);
    notify_manager("READY=1");
    watchdog_init(&exchange->watchdog);
}

static int begin(struct exchange *exchange) {
    struct agree_listener listener = exchange_agree_listener;
    struct market_view market;
    listener.owner = exchange;
    engine_market(exchange->engine, &market);
    uint64_t epoch = journal_epoch(exchange->journal);
    assert(epoch > market.epoch);
    assert(exchange->next == journal_durable(exchange->journal));
    counter_set(exchange->counters, COUNTER_RING_BYTES_BUSY, busy_bytes(exchange));
    if (pipeline_start(&exchange->pipeline, &listener, epoch) != 0 ||
        quarantine_watch(&exchange->counters->note) != 0)
        return EXIT_CODE_FAILED;
    sequence_start(exchange);
    if (!exchange_settle(exchange))
        return exchange->exit_code;
    if (!exchange_open_ports(exchange) || write_endpoints(exchange) != 0)
        return EXIT_CODE_FAILED;
    announce(exchange);
    return 0;
}

/* --- the end -----------------------------------------------------------------------------------
 */

/* Waits for the shadow, so that the last Mark's digest is sequenced and its snapshot is there. */
static void wait_for_shadow(struct exchange *exchange) {
    uint64_t next = exchange->core.next;
    for (int i = 0; i < STOP_ROUNDS && !exchange->has_failed; i++) {
        beat(exchange, clock_read());
        take_digest(exchange);
        if (!exchange_settle(exchange) || shadow_disagrees(exchange->shadow) != 0)
            return;
        if (shadow_is_done(exchange->shadow, next) && !shadow_has_news(exchange->shadow))
            return;
        wake_announce(&exchange->wake);
        if (has_news(exchange))
            wake_retract(&exchange->wake);
        else
            wake_wait(&exchange->wake, STOP_ROUND_MS);
    }
}

/* The last Seal, which may have to wait for its root. A register that has failed brings none. */
static void seal_last(struct exchange *exchange) {
    for (int i = 0; i < STOP_ROUNDS && !registry_has_failed(exchange->registry); i++) {
        if (!exchange_settle(exchange) || upkeep_seal_last(&exchange->upkeep))
            return;
        wake_announce(&exchange->wake);
        if (has_news(exchange))
            wake_retract(&exchange->wake);
        else
            wake_wait(&exchange->wake, STOP_ROUND_MS);
    }
}

static void stop_cleanly(struct exchange *exchange) {
    struct core *core = &exchange->core;
    bool is_ready = exchange->trade.state == EXCHANGE_READY;
    set_state(exchange, EXCHANGE_STOPPING);
    doing(exchange, DOING_STOP);
    notify_manager("STOPPING=1\nSTATUS=stopping");
    trade_farewell(&exchange->trade);
    if (is_ready) {
        tell_time(exchange);
        while (core_continue(core)) /* who has asked for a sweep gets its end */
            tell_time(exchange);
        core_verb(core, VERB_MARK);
        exchange_settle(exchange);
        wait_for_shadow(exchange);
    }
    if (exchange->has_failed)
        return;
    core_verb(core, VERB_STOP);
    seal_last(exchange);
    exchange_settle(exchange);
}

int exchange_run(const char *folder) {
    static struct exchange exchange; /* large, and there is one */
    exchange.exit_code = exchange_open(&exchange, folder);
    if (exchange.exit_code == 0)
        exchange.exit_code = begin(&exchange);
    if (exchange.exit_code == 0) {
        while (!exchange.stops)
            if (round_once(&exchange) == 0)
                sleep_until_work(&exchange);
        if (!exchange.has_failed)
            stop_cleanly(&exchange);
    }
    int code = exchange.exit_code;
    exchange_close(&exchange);
    allocation_report();
    log_line(code == 0 ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "stopped", "exit=%d", code);
    return code;
}
