/*
 * A bare line to the exchange, for what the client library would never do: any bytes as a frame,
 * any routing id, frames read when the test wants to.
 *
 *     struct line line;
 *     line_open(&line, &trial, &trial.brokers[0], NULL);
 *     line_logon(&line, session, 0);
 *     line_ask(&line, &request);                  one request in a frame
 *     line_until_refused(&line, number, &refused);
 *
 * What does not come in LINE_PATIENCE_MS fails the test.
 *
 * Threads: the test's.
 */
#ifndef TESTS_E2E_LINE_H
#define TESTS_E2E_LINE_H

#include <zmq.h>

#include "bench/trial.h"
#include "gateway/reply.h"
#include "proto/codec_request.h"
#include "proto/frame.h"

#define LINE_PATIENCE_MS 20000

struct line {
    void *socket;
    void *monitor;
    zmq_msg_t message; /* the frame at hand */
    struct reply reply;
    bool has_frame;
};

/* One part of a frame, with the frame's head. */
struct line_item {
    enum reply_part_kind kind;
    uint64_t from; /* of its frame */
    uint64_t next;
    bool is_page;
    bool is_live;
    uint32_t session;  /* of a report to a drop copy: whose it is */
    struct span bytes; /* valid until the next frame is taken */
    struct report report;
    struct refused refused;
    struct logged_on logged_on;
    struct logged_off logged_off;
};

/* Dials. `id` is the routing id, NULL: libzmq makes one. */
void line_open(struct line *line, const struct trial *trial, const struct curve_key *key,
               const char *id);
void line_close(struct line *line);

/* The same with a few socket options: receive buffers as small as they get, so that a peer that
 * does not read is soon seen. */
void line_open_narrow(struct line *line, const struct trial *trial, const struct curve_key *key);

/* --- sending ----------------------------------------------------------------------------------
 */

/* Bytes as they are, one frame. */
void line_send(struct line *line, const void *bytes, size_t size);

/* One frame of these requests, encoded. */
void line_send_requests(struct line *line, const struct span *requests, size_t count);

/* A hundred requests in one frame, each with the next number, all to be rejected. */
void line_ask_for_nothing(struct line *line, uint64_t *number);

/* One request in a frame; `name` as for codec_request_encode(). */
void line_ask(struct line *line, const struct request *request);
void line_ask_command(struct line *line, uint64_t number, const struct command *command);

/* Asks for a page; for nothing (a heartbeat); to log off. */
void line_resume(struct line *line, uint64_t next);
void line_heartbeat(struct line *line);
void line_logoff(struct line *line);

/* Appends a request field to a frame that is being made; returns the new size. */
size_t line_put(uint8_t *frame, size_t size, struct span request);

/* --- receiving --------------------------------------------------------------------------------
 */

/* The next part that says something; false when none comes in so many ms. Frames without parts
 * (heartbeats, empty pages) are passed over unless `heads`: then they are items of kind 0. */
bool line_take(struct line *line, int timeout_ms, bool heads, struct line_item *item);

/* The next part of a kind, of which others are dropped. */
void line_until(struct line *line, enum reply_part_kind kind, struct line_item *item);

/* Sends a Logon and waits for its answer: LoggedOn, or LoggedOff in a test of refusals. */
void line_logon(struct line *line, uint32_t session, uint64_t next, struct line_item *item);

/* The same for the drop copy of the key's participant. */
void line_logon_copy(struct line *line, uint64_t next, struct line_item *item);

/* Logs on, from the ledger's present end on. Ends the test when it is refused. */
void line_logon_live(struct line *line, uint32_t session);

/* The refusal of a request. */
void line_until_refused(struct line *line, uint64_t number, struct refused *refused);

/* A report that answers a request. */
void line_until_report(struct line *line, uint64_t number, struct line_item *item);

/* True when the handshake fails because of the key. */
bool line_is_key_refused(struct line *line);

/* True when the connection is closed from the other side within the patience. */
bool line_is_cut(struct line *line);

#endif
