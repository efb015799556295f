/*
 * libtpx: asking TPX from C.
 *
 * A query client dials the endpoint `query`, proves its key, and asks: about orders, accounts,
 * positions, books, instruments, the exchange itself. It needs no session, and as many as wanted
 * may use one key. What the key may not see is answered as what does not exist.
 *
 *     struct query_client_options options = {
 *         .endpoint = "tcp://127.0.0.1:7002",
 *         .server_z85 = server.public_z85,  // keyfile_curve_load(&server, "server.pub", false)
 *         .key = &key};                     // keyfile_curve_load(&key, "ann.key", true)
 *     struct query_client *client = query_client_open(&options);
 *     struct query query = {.kind = QUERY_OPEN_ORDERS, .open_orders = {.account = 1}};
 *     struct answer answer;
 *     struct answer_row row;
 *     do {                                  // page by page
 *         if (query_client_ask(client, &query, 5000, &answer) != QUERY_CLIENT_ANSWER ||
 *             answer.refused.bytes != NULL) // query_client_refused() says why
 *             break;
 *         while (query_client_row(&answer, &row))
 *             printf("%" PRIu64 " at %" PRId64 "\n", row.order.leaves_qty, row.order.price_fen);
 *     } while (query_client_next_page(&query, &answer));
 *
 * An answer says as of which sequence of the ledger it holds, answer.as_of. To see in it what a
 * report has told, ask for `at_least` its sequence + 1, and say by `wait_ms` how long it may wait.
 *
 * Many questions at once go by query_client_add(), up to FRAME_QUERIES_MAX a frame, and
 * query_client_poll(): answers come in any order, each with its query's id. The exchange drops
 * answers that are not read: keep no more than QUERY_CLIENT_OPEN_MAX frames unanswered.
 *
 * Threads: a client belongs to one and starts none but libzmq's. Nothing is allocated for a message
 * except by libzmq.
 */
#ifndef GATEWAY_QUERY_CLIENT_H
#define GATEWAY_QUERY_CLIENT_H

#include <zmq.h>

#include "gateway/keyfile.h"
#include "gateway/reply.h"
#include "proto/codec_answer.h"

struct query_client;

struct query_client_options {
    void *context;        /* of libzmq, shared by many clients; NULL: one of its own */
    const char *endpoint; /* at most QUERY_CLIENT_ENDPOINT_MAX characters */
    const char *server_z85;
    const struct curve_key *key; /* with its secret */
};

#define QUERY_CLIENT_ENDPOINT_MAX 255
#define QUERY_CLIENT_OPEN_MAX     128

enum query_client_result {
    QUERY_CLIENT_NOTHING,     /* the time is up */
    QUERY_CLIENT_ANSWER,      /* answer; valid until the next call but query_client_row() */
    QUERY_CLIENT_UP,          /* connected; what was sent before is lost */
    QUERY_CLIENT_LOST,        /* the connection is gone; it comes back by itself, then UP */
    QUERY_CLIENT_KEY_REFUSED, /* the exchange does not accept the key; it goes on trying */
    QUERY_CLIENT_BAD_SERVER,  /* who answers there does not have the server's key; likewise */
    QUERY_CLIENT_NO_ROOM,     /* the exchange has as many connections as it may; likewise */
};

/* A client that dials. NULL on failure, after a line that says why. */
struct query_client *query_client_open(const struct query_client_options *options);
void query_client_close(struct query_client *client);

/* Asks one question and waits for its answer, over losses of the connection. `query->id` is given
 * by the client. Answers to other questions are dropped. ANSWER, NOTHING, KEY_REFUSED or
 * BAD_SERVER. */
enum query_client_result query_client_ask(struct query_client *client, struct query *query,
                                          int timeout_ms, struct answer *answer);

/* The next row of an answer; false at its end. */
bool query_client_row(struct answer *answer, struct answer_row *row);

/* Why an answer is a refusal; false when it is none. */
bool query_client_refused(const struct answer *answer, struct refused *refused);

/* Turns a query to the page behind an answer; false when that was the last one. */
bool query_client_next_page(struct query *query, const struct answer *answer);

/* Adds a question to the frame to be sent, under an id of the client's, which is returned. A full
 * frame is sent at once; 0 when it cannot leave now. */
uint64_t query_client_add(struct query_client *client, const struct query *query);

/* Sends what was added; false when it cannot leave now: not connected, or too much is queued. */
bool query_client_flush(struct query_client *client);

/* What to give zmq_poll() to wait for several things at once; then query_client_poll() with timeout
 * 0 until it says NOTHING. */
void query_client_watch(const struct query_client *client, zmq_pollitem_t items[2]);

/* The next thing that happened; waits for it at most `timeout_ms`, -1 without end. */
enum query_client_result query_client_poll(struct query_client *client, int timeout_ms,
                                           struct answer *answer);

#endif
