/* The parts in the order in which they need each other; closed in reverse. */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "engine/view.h"
#include "gateway/exchange.h"
#include "gateway/feed.h"
#include "gateway/gauges.h"
#include "gateway/indexer.h"
#include "gateway/lookout.h"
#include "gateway/notary.h"
#include "gateway/recovery.h"
#include "gateway/register.h"
#include "gateway/shadow.h"
#include "gateway/signing.h"
#include "ledger/failure.h"
#include "ledger/region.h"

#define MEBIBYTE (UINT64_C(1) << 20)

static void path_in(const struct exchange *exchange, const char *name,
                    char path[EXCHANGE_PATH_MAX]) {
    int size = snprintf(path, EXCHANGE_PATH_MAX, "%s/%s", exchange->folder, name);
    if (size >= EXCHANGE_PATH_MAX)
        path[0] = '\0'; /* opens nothing */
}

static int exit_code_of(int failure) {
    switch (failure) {
    case 0:
        return EXIT_CODE_CLEAN;
    case FAILURE_NOT_FOUND:
    case FAILURE_BUSY:
    case FAILURE_VERSION:
    case FAILURE_DAMAGED:
        return EXIT_CODE_LEDGER;
    case FAILURE_MALFORMED:
    case FAILURE_EXISTS:
        return EXIT_CODE_CONFIG;
    default:
        return EXIT_CODE_FAILED;
    }
}

static int open_files(struct exchange *exchange) {
    char path[EXCHANGE_PATH_MAX];
    path_in(exchange, "tpxd.conf", path);
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        (void)failure_log(FAILURE_NOT_FOUND,
                          "%s: no exchange, it has no tpxd.conf; `tpxd --create %s "
                          "--config FILE` makes one",
                          exchange->folder, exchange->folder);
        return EXIT_CODE_CONFIG;
    }
    if (config_load(&exchange->config, path) != 0)
        return EXIT_CODE_CONFIG;
    path_in(exchange, "server.key", path);
    if (keyfile_curve_load(&exchange->server_key, path, true) != 0)
        return EXIT_CODE_CONFIG;
    return 0;
}

struct journal_options exchange_ledger_options(const struct config *config) {
    return (struct journal_options){
        .volume_bytes_max = config->volume_mib * MEBIBYTE,
        .space = {.low_bytes = config->disk_low_mib * MEBIBYTE,
                  .critical_bytes = config->disk_critical_mib * MEBIBYTE,
                  .halt_bytes = config->disk_halt_mib * MEBIBYTE,
                  .zero_bytes = config->disk_zero_mib * MEBIBYTE},
    };
}

static int open_journal(struct exchange *exchange) {
    char path[EXCHANGE_PATH_MAX];
    struct journal_options options = exchange_ledger_options(&exchange->config);
    path_in(exchange, "ledger", path);
    return exit_code_of(journal_open(&exchange->journal, path, &options));
}

/* What is known before anything is done. */
static void set_first_counters(struct exchange *exchange) {
    struct counters *counters = exchange->counters;
    const struct config *config = &exchange->config;
    struct clock_reading reading = clock_read();
    stages_init(&exchange->stages, counters);
    counter_set(counters, COUNTER_PID, (uint64_t)getpid());
    counter_set(counters, COUNTER_STATE, EXCHANGE_STARTING);
    counter_set(counters, COUNTER_DOING, DOING_START);
    counter_set(counters, COUNTER_STARTED_NS, (uint64_t)reading.wall_ns);
    counter_set(counters, COUNTER_HEARTBEAT_NS, (uint64_t)reading.mono_ns);
    counter_set(counters, COUNTER_ALIVE_NS, (uint64_t)reading.wall_ns);
    counter_set(counters, COUNTER_VOLUME, journal_volume(exchange->journal));
    counter_set(counters, COUNTER_VOLUME_BYTES_MAX, config->volume_mib * MEBIBYTE);
    counter_set(counters, COUNTER_DISK_LOW, config->disk_low_mib * MEBIBYTE);
    counter_set(counters, COUNTER_DISK_CRITICAL, config->disk_critical_mib * MEBIBYTE);
    counter_set(counters, COUNTER_DISK_HALT, config->disk_halt_mib * MEBIBYTE);
}

/* Counters and the note in them belong to whoever writes the ledger: opened after it. */
static int open_counters(struct exchange *exchange) {
    exchange->counters = counters_open(exchange->folder);
    exchange->hasher = hasher_create(journal_profile(exchange->journal));
    if (exchange->counters == NULL || exchange->hasher == NULL)
        return EXIT_CODE_FAILED;
    set_first_counters(exchange);
    exchange->counters_hold = counters_hold(exchange->folder);
    if (exchange->counters_hold < 0)
        return EXIT_CODE_FAILED;
    return exit_code_of(quarantine_open(&exchange->quarantine, exchange->folder,
                                        &exchange->counters->note, exchange->hasher));
}

static int open_engine(struct exchange *exchange) {
    char ledger[EXCHANGE_PATH_MAX];
    char snapshots[EXCHANGE_PATH_MAX];
    struct extent extents[ENGINE_EXTENTS_MAX];
    struct recovery recovery;
    struct recovery_options options = {.ledger_dir = ledger, .snapshots_dir = snapshots};
    int64_t begun_ns = clock_mono_ns();
    path_in(exchange, "ledger", ledger);
    path_in(exchange, "snapshots", snapshots);
    int failure = recover(&recovery, &options);
    if (failure != 0)
        return exit_code_of(failure);
    exchange->next = replay_next(recovery.replay);
    assert(exchange->next == journal_durable(exchange->journal));
    exchange->genesis = recovery.genesis;
    memcpy(exchange->counters->origin, recovery.genesis.origin, recovery.genesis.origin_bytes);
    exchange->has_diverged = recovery.has_diverged;
    exchange->divergence = recovery.divergence;
    log_line(LOG_LEVEL_INFO, "recovered", "base=%lu records=%lu next=%lu ms=%ld", recovery.base,
             recovery.records, exchange->next, (clock_mono_ns() - begun_ns) / CLOCK_MILLISECOND_NS);
    exchange->engine = replay_take(recovery.replay, &exchange->engine_bytes);
    recovery_end(&recovery);
    if (exchange->genesis.environment == ENVIRONMENT_TEST) /* for tests that turn a bit in it */
        log_line(LOG_LEVEL_INFO, "region", "of=core at=%p bytes=%zu", (void *)exchange->engine,
                 exchange->engine_bytes);
    size_t count = engine_reach(exchange->engine, 0, 0, extents);
    region_touch(exchange->engine, extents, count);
    return 0;
}

static int open_signals(struct exchange *exchange) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    /* Before any thread is started, so that all of them leave the signals to this one. */
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
        return EXIT_CODE_FAILED;
    signal(SIGPIPE, SIG_IGN);
    exchange->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (exchange->signals < 0 || wake_init(&exchange->wake) != 0)
        return EXIT_CODE_FAILED;
    return 0;
}

/* What makes records durable: the ledger's thread, and the one that signs. */
static int open_pipeline(struct exchange *exchange) {
    exchange->signing =
        signing_create(exchange->folder, &exchange->genesis, &exchange->pipeline.wake);
    if (exchange->signing == NULL)
        return EXIT_CODE_CONFIG;
    if (!signing_is_in_force(exchange->signing, exchange->engine)) {
        failure_log(FAILURE_NOT_FOUND,
                    "no checkpoint.key in %s is in force: `tpx ledger key` lists those that are",
                    exchange->folder);
        return EXIT_CODE_CONFIG;
    }
    signing_look(exchange->signing, exchange->engine);
    exchange->notary = notary_create(&exchange->genesis, &exchange->wake);
    if (exchange->notary == NULL)
        return EXIT_CODE_FAILED;
    struct pipeline_parts parts = {.journal = exchange->journal,
                                   .counters = exchange->counters,
                                   .stages = &exchange->stages,
                                   .signing = exchange->signing,
                                   .core = &exchange->wake,
                                   .ring_bytes = exchange->config.ring_mib * MEBIBYTE};
    const uint32_t *ceilings = exchange->genesis.limits.ceiling;
    if (pipeline_init(&exchange->pipeline, &parts) != 0 ||
        owners_init(&exchange->owners, ceilings[POOL_SESSIONS], ceilings[POOL_PARTICIPANTS]) != 0)
        return EXIT_CODE_FAILED;
    owners_publish(&exchange->owners, exchange->engine);
    return 0;
}

/* Threads that follow what is durable. Without an index the exchange goes on. */
static int open_followers(struct exchange *exchange) {
    char ledger[EXCHANGE_PATH_MAX];
    char snapshots[EXCHANGE_PATH_MAX];
    char index[EXCHANGE_PATH_MAX];
    char registered[EXCHANGE_PATH_MAX];
    char drafts[EXCHANGE_PATH_MAX];
    path_in(exchange, "ledger", ledger);
    path_in(exchange, "snapshots", snapshots);
    path_in(exchange, "index", index);
    path_in(exchange, "register", registered);
    path_in(exchange, "certificates", drafts);
    exchange->indexer = indexer_create(ledger, index, exchange->counters);
    exchange->lookup =
        lookup_create(ledger, &exchange->owners, indexer_read(exchange->indexer), &exchange->wake);
    uint64_t diverged = exchange->has_diverged ? exchange->divergence.sequence + 1 : 0;
    exchange->shadow =
        shadow_create(ledger, snapshots, &exchange->wake, exchange->counters, diverged);
    exchange->registry =
        registry_create(ledger, registered, drafts, &exchange->wake, exchange->counters);
    if (exchange->lookup == NULL || exchange->shadow == NULL || exchange->registry == NULL)
        return EXIT_CODE_FAILED;
    pipeline_follow(&exchange->pipeline, shadow_wake(exchange->shadow));
    if (exchange->indexer != NULL)
        pipeline_follow(&exchange->pipeline, indexer_wake(exchange->indexer));
    pipeline_follow(&exchange->pipeline, registry_wake(exchange->registry));
    return 0;
}

static void session_up(void *owner, uint32_t session, uint64_t sequence) {
    trade_arrived(owner, session, sequence);
}

static void time_taken(void *owner, struct clock_reading reading) {
    trade_time(owner, reading);
}

static uint32_t session_of(void *owner, const struct trade_message *message) {
    const struct trade *trade = owner;
    uint32_t number = sessions_find(trade->sessions, &message->route, message->key);
    return sessions_market(trade->sessions, number);
}

static void item_taken(void *owner, struct intake_item *item) {
    trade_item(owner, item);
}

static int init_trade(struct exchange *exchange, const struct market_view *market) {
    struct trade *trade = &exchange->trade;
    *trade = (struct trade){
        .config = &exchange->config,
        .genesis = &exchange->genesis,
        .core = &exchange->core,
        .auth = &exchange->auth,
        .outbox = exchange->outbox,
        .sessions = &exchange->sessions,
        .owners = &exchange->owners,
        .release = &exchange->release,
        .lookup = exchange->lookup,
        .quarantine = &exchange->quarantine,
        .signing = exchange->signing,
        .notary = exchange->notary,
        .counters = exchange->counters,
        .divergence = exchange->has_diverged ? &exchange->divergence : NULL,
        .state = EXCHANGE_STARTING,
        .is_diverged = exchange->has_diverged,
        .date = market->date,
        .has_open_day = market->is_open || market->is_expiring,
        .started = exchange->next,
    };
    memcpy(trade->origin, exchange->genesis.origin, exchange->genesis.origin_bytes);
    trade->reading = clock_read();
    clock_start(&trade->clock, trade->reading, market->time_ns);
    refusals_init(&trade->refusals, exchange->config.refusals_s * CLOCK_SECOND_NS);
    return trade_init(trade);
}

static void init_core(struct exchange *exchange) {
    struct core_parts parts = {
        .engine = exchange->engine,
        .agree = &exchange->pipeline.agree,
        .note = &exchange->counters->note,
        .counters = exchange->counters,
        .stages = &exchange->stages,
        .hasher = exchange->hasher,
        .listener = exchange_core_listener,
        .assert_text = exchange->config.test_assert_text,
    };
    parts.listener.owner = exchange;
    core_init(&exchange->core, &parts, exchange->next, exchange->trade.clock.now_ns);
}

static int init_gateway(struct exchange *exchange) {
    struct market_view market;
    struct release_listener released = {session_up, &exchange->trade};
    struct intake_listener taken = {time_taken, session_of, item_taken, &exchange->trade};
    engine_market(exchange->engine, &market);
    if (sessions_init(&exchange->sessions, &exchange->owners) != 0)
        return EXIT_CODE_FAILED;
    exchange->outbox = outbox_create(&exchange->port, &exchange->sessions, exchange->counters,
                                     exchange->config.unread_mib * MEBIBYTE);
    exchange->intake = intake_create(&exchange->port, exchange->engine, &taken);
    if (exchange->outbox == NULL || exchange->intake == NULL)
        return EXIT_CODE_FAILED;
    release_init(&exchange->release, &exchange->pipeline.ring, exchange->outbox, &released,
                 exchange->next);
    if (init_trade(exchange, &market) != 0)
        return EXIT_CODE_FAILED;
    init_core(exchange);
    struct upkeep_parts parts = {&exchange->trade, exchange->registry, exchange->journal,
                                 &exchange->pipeline.ring};
    upkeep_init(&exchange->upkeep, &parts, market.disk_step);
    return 0;
}

static int open_network(struct exchange *exchange) {
    exchange->context = zmq_ctx_new();
    if (exchange->context == NULL)
        return EXIT_CODE_FAILED;
    struct auth_options options = {
        .context = exchange->context,
        .keys_max = exchange->genesis.limits.ceiling[POOL_KEYS],
        .connections_max = {[AUTH_TRADE] = exchange->config.connections,
                            [AUTH_QUERY] = exchange->config.query_connections,
                            [AUTH_FEED] = exchange->config.feed_connections},
        .counters = exchange->counters};
    if (auth_open(&exchange->auth, &options) != 0)
        return EXIT_CODE_FAILED;
    auth_publish(&exchange->auth, exchange->engine);
    return 0;
}

/* What needs both the ledger and the network. */
static int open_feed(struct exchange *exchange) {
    char ledger[EXCHANGE_PATH_MAX];
    path_in(exchange, "ledger", ledger);
    struct feed_options options = {
        .context = exchange->context,
        .key = &exchange->server_key,
        .auth = &exchange->auth,
        .endpoint = exchange->config.feed_endpoint,
        .ledger_dir = ledger,
        .counters = exchange->counters,
        .from = exchange->next,
        .instruments = engine_count(exchange->engine, POOL_INSTRUMENTS),
        .instruments_max = exchange->genesis.limits.ceiling[POOL_INSTRUMENTS],
        .keys_max = exchange->genesis.limits.ceiling[POOL_KEYS],
        .subscriptions_per_second = exchange->config.subscriptions_per_second,
        .heartbeat_ms = exchange->config.heartbeat_ms,
    };
    exchange->feed = feed_create(&options);
    if (exchange->feed == NULL)
        return EXIT_CODE_FAILED;
    pipeline_follow(&exchange->pipeline, feed_wake(exchange->feed));
    return 0;
}

static void init_parameters(struct exchange *exchange) {
    const struct genesis *genesis = &exchange->genesis;
    exchange->parameters = (struct parameters_row){
        .origin_bytes = genesis->origin_bytes,
        .price_ticks_max = genesis->limits.price_ticks_max,
        .credits = exchange->config.credits,
        .requests_per_second = exchange->config.requests_per_second,
        .queries_per_second = exchange->config.queries_per_second,
        .heartbeat_ms = exchange->config.heartbeat_ms,
    };
    memcpy(exchange->parameters.origin, genesis->origin, genesis->origin_bytes);
}

bool exchange_open_ports(struct exchange *exchange) {
    char ledger[EXCHANGE_PATH_MAX];
    path_in(exchange, "ledger", ledger);
    init_parameters(exchange);
    struct trade_port_options trade = {.context = exchange->context,
                                       .key = &exchange->server_key,
                                       .door = AUTH_TRADE,
                                       .endpoint = exchange->config.trade_endpoint,
                                       .outbound_messages = TRADE_PORT_PIPE_MESSAGES,
                                       .inbound_messages = (int)exchange->config.inbound_frames,
                                       .frame_bytes_max = FRAME_BYTES_MAX};
    struct query_port_options query = {.context = exchange->context,
                                       .key = &exchange->server_key,
                                       .endpoint = exchange->config.query_endpoint,
                                       .auth = &exchange->auth,
                                       .counters = exchange->counters,
                                       .ledger_dir = ledger,
                                       .parameters = &exchange->parameters,
                                       .keys_max = exchange->genesis.limits.ceiling[POOL_KEYS],
                                       .per_second = exchange->config.queries_per_second,
                                       .index = indexer_read(exchange->indexer),
                                       .registry = exchange->registry};
    if (trade_port_open(&exchange->port, &trade) != 0)
        return false;
    exchange->query_port = query_port_open(&query);
    if (exchange->query_port != NULL)
        shadow_serve(exchange->shadow, exchange->query_port);
    return exchange->query_port != NULL;
}

/* When everything is counted that was there before: what comes then are rates. */
static int open_lookout(struct exchange *exchange) {
    char ledger[EXCHANGE_PATH_MAX];
    path_in(exchange, "ledger", ledger);
    counter_set(exchange->counters, COUNTER_DURABLE, journal_durable(exchange->journal));
    gauges_look(&exchange->trade);
    exchange->lookout = lookout_create(exchange->counters, ledger);
    return exchange->lookout != NULL ? 0 : EXIT_CODE_FAILED;
}

int exchange_open(struct exchange *exchange, const char *folder) {
    memset(exchange, 0, sizeof *exchange);
    exchange->signals = -1;
    exchange->counters_hold = -1;
    exchange->wake.fd = -1;
    exchange->pipeline.wake.fd = -1;
    snprintf(exchange->folder, sizeof exchange->folder, "%s", folder);
    int (*const steps[])(struct exchange *) = {
        open_files,     open_signals, open_journal, open_counters, open_engine,  open_pipeline,
        open_followers, init_gateway, open_network, open_feed,     open_lookout,
    };
    int code = 0;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && code == 0; i++)
        code = steps[i](exchange);
    return code;
}

void exchange_close(struct exchange *exchange) {
    pipeline_stop(&exchange->pipeline); /* before those that it wakes */
    lookout_destroy(exchange->lookout);
    feed_destroy(exchange->feed);
    shadow_destroy(exchange->shadow); /* it reads what the registry keeps */
    registry_destroy(exchange->registry);
    lookup_destroy(exchange->lookup);
    indexer_destroy(exchange->indexer);
    notary_destroy(exchange->notary);
    signing_destroy(exchange->signing);
    intake_destroy(exchange->intake);
    trade_port_close(&exchange->port);
    query_port_close(exchange->query_port);
    auth_close(&exchange->auth);
    if (exchange->context != NULL)
        zmq_ctx_term(exchange->context);
    outbox_destroy(exchange->outbox);
    trade_fini(&exchange->trade);
    sessions_fini(&exchange->sessions);
    owners_fini(&exchange->owners);
    pipeline_fini(&exchange->pipeline);
    if (exchange->engine != NULL)
        region_unmap(exchange->engine, exchange->engine_bytes);
    if (exchange->journal != NULL)
        journal_close(exchange->journal);
    hasher_destroy(exchange->hasher);
    if (exchange->counters != NULL)
        counter_set(exchange->counters, COUNTER_ENDED, 1 + (uint64_t)exchange->exit_code);
    counters_close(exchange->counters);
    if (exchange->counters_hold >= 0)
        close(exchange->counters_hold);
    wake_fini(&exchange->wake);
    if (exchange->signals >= 0)
        close(exchange->signals);
    secret_cleanse(&exchange->server_key, sizeof exchange->server_key);
}
