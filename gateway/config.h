/*
 * The configuration file: what a new exchange is made of, and how the server of one runs.
 *
 * Sizes of pools, ceilings, origin, environment and operators go into genesis and are read from the
 * ledger ever after: changing them in the file later changes nothing (DESIGN.md, point 13). The
 * rest is the server's own and may change between starts. gateway/README.md has an example and the
 * table of names.
 *
 * A name that does not exist, a value out of its range, a second operator missing: an error with
 * file and line, and nothing starts.
 *
 * Threads: the one that starts the process.
 */
#ifndef GATEWAY_CONFIG_H
#define GATEWAY_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/command.h"

#define CONFIG_ENDPOINT_BYTES_MAX 255

struct config {
    /* Genesis. */
    char origin[ORIGIN_BYTES_MAX + 1];
    uint8_t environment; /* enum environment */
    uint8_t profile;     /* enum profile: "algorithms" in the file */
    struct genesis_operator operators[2];
    struct engine_limits limits;

    /* The server. */
    char trade_endpoint[CONFIG_ENDPOINT_BYTES_MAX + 1]; /* "tcp://127.0.0.1:*": any free port */
    char query_endpoint[CONFIG_ENDPOINT_BYTES_MAX + 1];
    char feed_endpoint[CONFIG_ENDPOINT_BYTES_MAX + 1];
    uint32_t credits;             /* requests of one session that may be in flight */
    uint32_t requests_per_second; /* of one session, 0: no limit */
    uint32_t logons_per_second;   /* of one key, 0: no limit */
    uint32_t connections;         /* of the trade endpoint at a time */
    uint32_t query_connections;
    uint32_t feed_connections;
    uint32_t queries_per_second;       /* of one key, 0: no limit */
    uint32_t subscriptions_per_second; /* to the feed, of one key, 0: no limit */
    uint32_t inbound_frames;           /* of one connection that wait to be taken */
    uint64_t unread_mib;               /* what a session may leave unread before it lags */
    uint32_t heartbeat_ms;             /* a session is dead after HEARTBEATS_MISSED of these */
    uint32_t grace_ms;                 /* after a start, before cancel-on-disconnect acts */
    uint32_t seal_ms;                  /* from the first uncovered record to its Seal */
    uint32_t refusals_s;               /* from one digest of refusals to the next */
    uint64_t mark_records;             /* from one Mark to the next */
    uint64_t ring_mib;                 /* between core and ledger; a power of two */
    uint64_t volume_mib;               /* a volume ends at this size at the latest */
    uint64_t disk_low_mib;             /* reserved space below this: step DISK_LOW */
    uint64_t disk_critical_mib;        /* below this: DISK_CRITICAL */
    uint64_t disk_halt_mib;            /* below this the exchange stops, cleanly */
    uint64_t disk_zero_mib;            /* zeros written ahead of the ledger, 0: none */

    /* Only in environment "test". */
    char test_assert_text[TEXT_BYTES_MAX + 1]; /* an order with this text aborts; "": none */
};

#define HEARTBEATS_MISSED 3

/* Reads a file. Returns 0 or MALFORMED (ledger/failure.h), with the line that says where. */
int config_load(struct config *config, const char *path);

/* One name of the file, for people. */
struct config_name {
    const char
        *section; /* "" for one outside of sections; those of `ceilings` are as of `limits` */
    const char *name;
    const char *range;
    const char *usual; /* NULL: must be given */
    const char *what;
    bool is_genesis; /* read by --create alone */
};

/* Tells every name, from the tables that the file is read by. Texts are valid during the call. */
struct config_teller {
    void (*take)(void *owner, const struct config_name *name);
    void *owner;
};
void config_describe(const struct config_teller *teller);

#endif
