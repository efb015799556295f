/*
 * libtpx: trading on TPX from C.
 *
 * A client is one session's connection: it dials, proves its key, logs on, sends requests and hands
 * out reports in the order of the ledger, each exactly once. What the world does to connections is
 * its own affair: it dials again, logs on again, fetches what was missed page by page, and sends
 * requests that have no answer again under their numbers, which the exchange answers once.
 *
 *     struct client_options options = {
 *         .endpoint = "tcp://127.0.0.1:7001",
 *         .server_z85 = server.public_z85, // keyfile_curve_load(&server, "server.pub", false)
 *         .key = &key,                     // keyfile_curve_load(&key, "ann.key", true)
 *         .session = 3,
 *         .next = cursor,                  // as client_next() said when it was last stored, or 0
 *     };
 *     struct client *client = client_open(&options);
 *     struct client_item item;
 *     do
 *         client_poll(client, -1, &item);  // reports that were missed, then CLIENT_LIVE
 *     while (item.kind != CLIENT_LIVE);
 *     struct command buy = {.verb = VERB_NEW_ORDER, .new_order = {...}};
 *     uint64_t number = client_add(client, &buy, NULL);
 *     client_flush(client);
 *     for (;;) {
 *         client_poll(client, 1000, &item);
 *         if (item.kind == CLIENT_REPORT && report_answers(&item.report) == number)
 *             ...                          // durable: it is never taken back
 *     }
 *
 * To lose nothing over a crash of its own, a program stores client_next() together with what it
 * made of the reports below it, and begins from there. To know what became of a request that it had
 * sent: numbers up to client_logged_on()->last_number are decided, those above never arrived.
 *
 * With `is_drop_copy` a client listens for a whole participant instead: it hands out the reports of
 * all sessions of the key's participant, and those to the participant as such, in the order of the
 * ledger, and sends no requests; client_item.session says whom each was for.
 *
 * client_poll() also keeps the connection alive: call it at least every heartbeat (1 s by default).
 *
 * Threads: a client belongs to one and starts none but libzmq's. Nothing is allocated for a message
 * except by libzmq.
 */
#ifndef GATEWAY_CLIENT_H
#define GATEWAY_CLIENT_H

#include <zmq.h>

#include "engine/command.h"
#include "gateway/keyfile.h"
#include "gateway/reply.h"

struct client;

struct client_options {
    void *context;        /* of libzmq, shared by many clients; NULL: one of its own */
    const char *endpoint; /* at most CLIENT_ENDPOINT_BYTES_MAX */
    const char *server_z85;
    const struct curve_key *key; /* with its secret */
    uint32_t session;            /* 0: a drop copy */
    bool is_drop_copy;
    uint64_t next;   /* every report below this ledger sequence has been seen */
    bool skips_past; /* begin where the ledger stands at the first logon, whatever `next` says */
};

#define CLIENT_ENDPOINT_BYTES_MAX 255

enum client_item_kind {
    CLIENT_NOTHING,     /* the time is up */
    CLIENT_REPORT,      /* report, bytes, is_repeat */
    CLIENT_REFUSED,     /* refused: the gateway's own answer to a request; its number is free */
    CLIENT_LIVE,        /* logged on, and all that was missed has been handed out */
    CLIENT_LOST,        /* the connection is gone; it comes back by itself, then CLIENT_LIVE */
    CLIENT_LOGGED_OFF,  /* logged_off: by ourselves, a newer connection, or a refused Logon */
    CLIENT_KEY_REFUSED, /* the exchange does not accept the key */
    CLIENT_BAD_SERVER,  /* who answers there does not have the server's key; it goes on trying */
};

/* After LOGGED_OFF and KEY_REFUSED a client stays off until client_logon(). */
struct client_item {
    enum client_item_kind kind;
    bool is_repeat;    /* a recorded answer to a request that was sent again */
    uint32_t session;  /* whose report; 0: to a drop copy's participant as such */
    struct span bytes; /* the Report as the ledger holds it; valid until the next client_poll() */
    union {
        struct report report;
        struct refused refused;
        struct logged_off logged_off;
    };
};

/* A client that dials and logs on while it is polled. NULL on failure, after a line that says
 * why. */
struct client *client_open(const struct client_options *options);

/* Hangs up, without a Logoff: for the exchange the session falls silent. */
void client_close(struct client *client);

/* The next thing that happened; waits for it at most `timeout_ms`, -1 without end. */
void client_poll(struct client *client, int timeout_ms, struct client_item *item);

/* Polls until CLIENT_LIVE, dropping reports. Returns false, with the item that stands in the way,
 * when that cannot be, or CLIENT_NOTHING when the time is up. */
bool client_wait_live(struct client *client, int timeout_ms, struct client_item *item);

/* Dials and logs on again after CLIENT_LOGGED_OFF or CLIENT_KEY_REFUSED. */
void client_logon(struct client *client);

/* Asks to be logged off; CLIENT_LOGGED_OFF follows. With cancel-on-disconnect the grace begins. */
void client_logoff(struct client *client);

/* Takes a request to be sent, with number last + 1, or under stamp.number when that is not 0: above
 * every number that has no answer yet, also one that is used (then it is a repeat and must be the
 * same request). `name` as for codec_request_encode(). Returns the number; 0 when there was no
 * logon yet, for a drop copy, or without room: 16,384 requests without an answer. Requests wait
 * here while the connection is away or the session's credits are used up. */
uint64_t client_add(struct client *client, const struct command *command, const char *name);

/* Sends what was added, up to 1,024 requests a frame. client_poll() does so too. */
void client_flush(struct client *client);

/* Requests without an answer. */
uint32_t client_unanswered(const struct client *client);

/* Every report below this ledger sequence has been handed out. */
uint64_t client_next(const struct client *client);

/* What the exchange said at the last logon; participant 0 before the first. */
const struct logged_on *client_logged_on(const struct client *client);

/* How often the connection was lost, and how often a gap was found in the frames. */
struct client_counts {
    uint64_t lost;
    uint64_t gaps;
};
struct client_counts client_counts(const struct client *client);

/* What to give zmq_poll() to wait for several clients at once; then client_poll() each with
 * timeout 0 until it says CLIENT_NOTHING. */
void client_watch(const struct client *client, zmq_pollitem_t items[2]);

/* The name of a reason as in tpx.proto without its prefix, e.g. "LOT_SIZE"; of a field, in lower
 * case as in the message, e.g. "order_qty"; "unknown" for a number this release does not know. */
const char *client_reason_name(uint32_t reason);
void client_field_name(uint32_t field, char name[32]);

#endif
