/* A frame at hand is handed out answer by answer; then the monitor is asked, then the socket. */
#include "gateway/query_client.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/clock.h"
#include "gateway/dial.h"

/* Where there was no room for a connection, the next one is tried after so long. */
#define REDIAL_NS (500 * CLOCK_MILLISECOND_NS)

static_assert(QUERY_CLIENT_ENDPOINT_MAX == DIAL_ENDPOINT_BYTES_MAX, "a dial holds it");

struct query_client {
    struct dial dial;
    uint64_t last_id;
    int64_t redial_ns; /* when to dial again after there was no room; 0: not */
    zmq_msg_t message; /* the frame at hand */
    struct span rest;  /* of it */
    uint32_t count;    /* queries in `frame` */
    size_t size;
    uint8_t frame[QUERY_FRAME_BYTES_MAX + WIRE_SLACK];
};

static_assert(FRAME_QUERIES_MAX * (FRAME_QUERY_BYTES_MAX + 3) <= QUERY_FRAME_BYTES_MAX,
              "a frame holds as many queries as it may");

struct query_client *query_client_open(const struct query_client_options *options) {
    struct query_client *client = calloc(1, sizeof *client);
    if (client == NULL)
        return NULL;
    zmq_msg_init(&client->message);
    struct dial_options dial = {.context = options->context,
                                .endpoint = options->endpoint,
                                .server_z85 = options->server_z85,
                                .key = options->key};
    if (dial_open(&client->dial, &dial) == 0)
        return client;
    free(client);
    return NULL;
}

void query_client_close(struct query_client *client) {
    if (client == NULL)
        return;
    zmq_msg_close(&client->message);
    dial_close(&client->dial);
    free(client);
}

bool query_client_flush(struct query_client *client) {
    if (client->count == 0)
        return true;
    if (!dial_send(&client->dial, (struct span){client->frame, client->size}))
        return false;
    client->count = 0;
    client->size = 0;
    return true;
}

static void put_query(struct query_client *client, const struct query *query) {
    uint8_t bytes[QUERY_BYTES_MAX];
    size_t size = codec_query_encode(query, bytes);
    uint8_t *at = client->frame + client->size;
    *at = WIRE_TAG(1, WIRE_BYTES);
    client->size = (size_t)(wire_put_bytes(at + 1, bytes, size) - client->frame);
    client->count++;
}

uint64_t query_client_add(struct query_client *client, const struct query *query) {
    struct query numbered = *query;
    if (client->count == FRAME_QUERIES_MAX && !query_client_flush(client))
        return 0;
    numbered.id = ++client->last_id;
    put_query(client, &numbered);
    return numbered.id;
}

/* libzmq gives up where there was no room: we do not. */
static void redial_if_due(struct query_client *client) {
    if (client->redial_ns == 0 || clock_mono_ns() < client->redial_ns)
        return;
    client->redial_ns = 0;
    dial_again(&client->dial);
}

/* What the monitor has to tell. */
static enum query_client_result look_at_dial(struct query_client *client) {
    switch (dial_event(&client->dial)) {
    case DIAL_UP:
        return QUERY_CLIENT_UP;
    case DIAL_DOWN:
        return QUERY_CLIENT_LOST;
    case DIAL_KEY_REFUSED:
        return QUERY_CLIENT_KEY_REFUSED;
    case DIAL_BAD_SERVER:
        return QUERY_CLIENT_BAD_SERVER;
    case DIAL_NO_ROOM:
        client->redial_ns = clock_mono_ns() + REDIAL_NS;
        return QUERY_CLIENT_NO_ROOM;
    case DIAL_NOTHING:
        break;
    }
    return QUERY_CLIENT_NOTHING;
}

enum query_client_result query_client_poll(struct query_client *client, int timeout_ms,
                                           struct answer *answer) {
    int64_t deadline_ns = clock_mono_ns() + timeout_ms * CLOCK_MILLISECOND_NS;
    for (;;) {
        if (client->rest.size > 0 && codec_answer_read(&client->rest, answer))
            return QUERY_CLIENT_ANSWER;
        client->rest.size = 0;
        enum query_client_result event = look_at_dial(client);
        if (event != QUERY_CLIENT_NOTHING)
            return event;
        if (dial_receive(&client->dial, &client->message)) {
            client->rest =
                (struct span){zmq_msg_data(&client->message), zmq_msg_size(&client->message)};
            continue;
        }
        redial_if_due(client);
        int64_t left_ns = timeout_ms < 0 ? INT64_MAX : deadline_ns - clock_mono_ns();
        if (left_ns <= 0)
            return QUERY_CLIENT_NOTHING;
        if (client->redial_ns != 0 && left_ns > REDIAL_NS)
            left_ns = REDIAL_NS;
        (void)dial_wait(&client->dial,
                        left_ns == INT64_MAX ? -1 : (int)(left_ns / CLOCK_MILLISECOND_NS) + 1);
    }
}

void query_client_watch(const struct query_client *client, zmq_pollitem_t items[2]) {
    items[0] = (zmq_pollitem_t){.socket = client->dial.socket, .events = ZMQ_POLLIN};
    items[1] = (zmq_pollitem_t){.socket = client->dial.monitor, .events = ZMQ_POLLIN};
}

enum query_client_result query_client_ask(struct query_client *client, struct query *query,
                                          int timeout_ms, struct answer *answer) {
    int64_t deadline_ns = clock_mono_ns() + timeout_ms * CLOCK_MILLISECOND_NS;
    bool is_sent = false;
    query->id = ++client->last_id;
    put_query(client, query);
    for (;;) {
        is_sent = is_sent || query_client_flush(client);
        int64_t left_ns = deadline_ns - clock_mono_ns();
        int left_ms = left_ns > 0 ? (int)(left_ns / CLOCK_MILLISECOND_NS) : 0;
        enum query_client_result result =
            query_client_poll(client, timeout_ms < 0 ? -1 : left_ms, answer);
        if (result == QUERY_CLIENT_ANSWER && answer->id == query->id)
            return result;
        if (result == QUERY_CLIENT_UP && is_sent) { /* the connection before may have had it */
            put_query(client, query);
            is_sent = false;
        } else if (result == QUERY_CLIENT_NOTHING || result == QUERY_CLIENT_KEY_REFUSED ||
                   result == QUERY_CLIENT_BAD_SERVER) {
            return result;
        }
    }
}

bool query_client_row(struct answer *answer, struct answer_row *row) {
    return codec_answer_next(answer, row);
}

bool query_client_refused(const struct answer *answer, struct refused *refused) {
    return answer->refused.bytes != NULL && reply_refused_read(answer->refused, refused);
}

bool query_client_next_page(struct query *query, const struct answer *answer) {
    if (answer->cursor.size == 0)
        return false;
    memcpy(query->cursor, answer->cursor.bytes, answer->cursor.size);
    query->cursor_bytes = (uint8_t)answer->cursor.size;
    return true;
}
