/*
 * The query endpoint: takes frames of queries, and answers them from the shadow's engine, beside
 * its following, so that neither starves: a call serves for a millisecond at most.
 *
 * Who asks is the key that the connection has proved; it is looked at with each message, in the
 * table of keys (auth.h) and in the engine. A query that wants an as-of that the engine has not
 * reached waits here, as long as it said; QUERY_WAITING_MAX in all and QUERY_WAITING_KEY_MAX of one
 * key may wait. What a key asks above its rate is refused RATE_LIMIT.
 *
 * Questions about the register are answered from what its follower keeps, as of what both that and
 * the engine have reached.
 *
 * What one call answers to one connection travels together (query_outbox.h). What a receiver has no
 * room for is dropped and counted: nothing is lost by asking again. So a client that does not read
 * costs QUERY_PIPE_MESSAGES frames at most.
 *
 * Threads: opened and closed by the core's, before and after the shadow serves it.
 */
#ifndef GATEWAY_QUERY_PORT_H
#define GATEWAY_QUERY_PORT_H

#include "gateway/auth.h"
#include "gateway/counters.h"
#include "gateway/query_answer.h"
#include "gateway/trade_port.h"

/* Messages that a connection's pipe holds, each way: of QUERY_FRAME_BYTES_MAX in and of
 * QUERY_OUTPUT_BYTES out. */
#define QUERY_PIPE_MESSAGES   256
#define QUERY_WAITING_MAX     1024u
#define QUERY_WAITING_KEY_MAX 64u

struct query_port;
struct registry;

struct query_port_options {
    void *context;               /* of libzmq; the ZAP handler answers in it */
    const struct curve_key *key; /* the server's */
    const char *endpoint;
    const struct auth *auth;
    struct counters *counters;
    const char *ledger_dir;
    const struct parameters_row *parameters; /* but for its market */
    uint32_t keys_max;
    uint32_t per_second;        /* queries of one key; 0: no limit */
    struct index_reader *index; /* NULL: there is none; the port's from here on */
    struct registry *registry;  /* NULL: there is none; closed after the serving */
};

/* Binds. NULL on failure, with a line in the log. What `options` points to, but for the texts and
 * the key, must outlive it. */
struct query_port *query_port_open(const struct query_port_options *options);
void query_port_close(struct query_port *port);

/* As bound: the port is a number. */
const char *query_port_endpoint(const struct query_port *port);

/* Answers what has come, and what has waited, from an engine as of a sequence, for a millisecond at
 * most. True when there may be more to do at once. */
bool query_port_serve(struct query_port *port, const struct engine *engine, uint64_t as_of);

/* True while a query waits for a later as-of. */
bool query_port_waits(const struct query_port *port);

/* Sleeps until there is a message, `fd` can be read (-1: none), somebody's wait ends, or
 * `timeout_ns` are over (-1: without end). */
void query_port_sleep(struct query_port *port, int fd, int64_t timeout_ns);

#endif
