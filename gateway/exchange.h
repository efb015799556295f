/*
 * The exchange: all parts of the server put together, started, run and stopped.
 *
 * Start: configuration, keys, counters, the ledger (one process writes it), the engine recovered
 * from it, threads, then the first commands of the new epoch, and only when those are durable the
 * endpoint. Stop: no more requests, a Mark and its digest, Stop, a last Seal and its checkpoint.
 *
 * In the folder of an exchange (gateway/README.md): tpxd.conf, server.key, checkpoint.key, ledger/,
 * index/, snapshots/, counters, quarantine, endpoints.
 *
 * Threads: exchange_run() is the thread of gateway and core; it starts the others and ends them.
 */
#ifndef GATEWAY_EXCHANGE_H
#define GATEWAY_EXCHANGE_H

#include "gateway/pipeline.h"
#include "gateway/query_port.h"
#include "gateway/trade.h"
#include "gateway/upkeep.h"
#include "gateway/watchdog.h"
#include "ledger/replay.h"

/* How the server ends. A service manager starts it again after 1 and 2 only: from 3 on it has
 * refused something that a new start would refuse again. */
enum exit_code {
    EXIT_CODE_CLEAN = 0,
    EXIT_CODE_FAILED = 1,   /* a start failed for a reason that may pass */
    EXIT_CODE_DISAGREE = 2, /* the shadow disagrees with the records: the next start finds out */
    EXIT_CODE_CONFIG = 3,   /* configuration, key files or command line */
    EXIT_CODE_LEDGER = 4,   /* the ledger is damaged, of another version, or in use */
    EXIT_CODE_DISK = 5,     /* a write or sync failed */
    EXIT_CODE_FULL = 6,     /* the disk's last reserve is reached; the stop itself was clean */
};

#define EXCHANGE_PATH_MAX 4096

struct feed;
struct notary;
struct registry;
struct shadow;
struct lookout;

struct exchange {
    char folder[EXCHANGE_PATH_MAX];
    struct config config;
    struct curve_key server_key;
    struct counters *counters;
    int counters_hold; /* descriptor that says that we live */
    struct lookout *lookout;
    struct stages stages;
    struct hasher *hasher;
    struct quarantine quarantine;

    struct journal *journal;
    struct engine *engine;
    size_t engine_bytes;
    struct genesis genesis;
    uint64_t next;                /* first record of this start */
    bool has_diverged;            /* the recovery: */
    struct divergence divergence; /* what a Resolve must name */

    void *context;
    struct wake wake;       /* the core's sleep */
    int signals;            /* signalfd of SIGINT and SIGTERM */
    int64_t signals_due_ns; /* monotonic: when they are looked at although there is no sleep */
    struct auth auth;
    struct owners owners;
    struct sessions sessions;
    struct trade_port port;
    struct query_port *query_port;
    struct parameters_row parameters; /* what queries say of genesis and configuration */
    struct pipeline pipeline;
    struct signing *signing;
    struct notary *notary;
    struct lookup *lookup;
    struct shadow *shadow;
    struct indexer *indexer; /* NULL: it cannot be had */
    struct feed *feed;
    struct registry *registry;
    struct outbox *outbox;
    struct intake *intake;
    struct release release;
    struct trade trade;
    struct upkeep upkeep;
    struct core core;
    struct watchdog watchdog;

    bool has_failed; /* the ledger has stopped: nothing more is decided */
    bool stops;
    int exit_code; /* enum exit_code */
};

/* Runs the exchange in `folder` until it is told to stop by SIGINT or SIGTERM, or has to. Returns
 * an enum exit_code. */
int exchange_run(const char *folder);

/* --- assembly.c: the parts ---------------------------------------------------------------------
 */

/* Opens everything up to, not including, the endpoint. Returns 0 or an exit code; what was opened
 * is closed by exchange_close() in either case. */
int exchange_open(struct exchange *exchange, const char *folder);
void exchange_close(struct exchange *exchange);

/* Opens the endpoints, the shadow serving that of queries from then on. False on failure. */
bool exchange_open_ports(struct exchange *exchange);

/* Sizes and reserves of the ledger, as the configuration says. */
struct journal_options exchange_ledger_options(const struct config *config);

/* --- exchange.c --------------------------------------------------------------------------------
 */

/* Waits until everything sequenced so far is durable and released; false when it never will be. */
bool exchange_settle(struct exchange *exchange);

/* Callbacks of core and agreement, for assembly.c. */
extern const struct agree_listener exchange_agree_listener;
extern const struct core_listener exchange_core_listener;

#endif
