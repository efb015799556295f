/*
 * One loop: hand out what the frame at hand holds; else take the next frame; else do what is due
 * (monitor, logon, heartbeat, requests); else wait.
 *
 * The cursor `next` moves when all of a frame has been handed out. A frame that begins above it
 * shows a gap: it is dropped, and pages from the cursor on bring everything. A report below it has
 * been handed out already.
 */
#include "gateway/client.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/clock.h"
#include "gateway/dial.h"
#include "gateway/pending.h"
#include "proto/frame.h"
#include "proto/tpx.pb-c.h"

#define PROTOCOL 1
/* The longest request of a client is far below. */
#define CLIENT_REQUEST_BYTES_MAX 1024
/* A Logon that is not answered, and a page that was refused, are tried again after so long. */
#define LOGON_PATIENCE_NS (10 * CLOCK_SECOND_NS)
#define RETRY_NS          (100 * CLOCK_MILLISECOND_NS)
#define REDIAL_NS         (500 * CLOCK_MILLISECOND_NS)
/* Missed heartbeats of the server after which it counts as gone. */
#define HEARTBEATS_PATIENCE 3
/* Failed handshakes in a row that are no accident any more. */
#define BAD_SERVER_TIMES 3

enum client_state {
    STATE_OFF,      /* waits for client_logon() */
    STATE_WAITING,  /* the exchange has no room: dials again at asked_ns */
    STATE_DIALLING, /* no Logon sent on this connection yet */
    STATE_LOGON,    /* Logon sent */
    STATE_RESUMING, /* a page was asked for */
    STATE_LIVE,
};

static_assert(CLIENT_ENDPOINT_BYTES_MAX == DIAL_ENDPOINT_BYTES_MAX, "a dial holds it");

struct client {
    struct dial dial;
    struct pending pending;
    struct logged_on logged_on;
    struct client_counts counts;
    uint64_t next;        /* the cursor */
    uint64_t last_number; /* highest given to a request, or told by the exchange */
    uint32_t session;
    uint32_t bad_servers; /* failed handshakes in a row */
    uint8_t state;        /* enum client_state */
    bool is_drop_copy;
    bool skips_past;
    bool has_frame;
    bool is_beside;   /* the frame at hand stands beside the order */
    int64_t now_ns;   /* monotonic, as of the last look */
    int64_t asked_ns; /* when to ask again for logon or page; INT64_MAX: an answer will come */
    int64_t heard_ns;
    int64_t sent_ns;
    struct reply reply; /* of the frame at hand */
    zmq_msg_t message;  /* it */
};

struct client *client_open(const struct client_options *options) {
    struct client *client = calloc(1, sizeof *client);
    if (client == NULL || !pending_init(&client->pending)) {
        free(client);
        return NULL;
    }
    client->session = options->session;
    client->is_drop_copy = options->is_drop_copy;
    client->next = options->next;
    client->skips_past = options->skips_past;
    client->state = STATE_DIALLING;
    zmq_msg_init(&client->message);
    struct dial_options dial = {.context = options->context,
                                .endpoint = options->endpoint,
                                .server_z85 = options->server_z85,
                                .key = options->key};
    if (dial_open(&client->dial, &dial) == 0)
        return client;
    pending_fini(&client->pending);
    free(client);
    return NULL;
}

void client_close(struct client *client) {
    if (client == NULL)
        return;
    zmq_msg_close(&client->message);
    dial_close(&client->dial);
    pending_fini(&client->pending);
    free(client);
}

/* --- sending -------------------------------------------------------------------------------------
 */

/* Sends a request of the connection. False when it cannot leave now. */
static bool send_own(struct client *client, uint8_t verb) {
    struct request request = {.command.verb = verb,
                              .logon = {.session = client->session,
                                        .protocol = PROTOCOL,
                                        .next = client->next,
                                        .is_drop_copy = client->is_drop_copy}};
    uint8_t bytes[64];
    uint8_t frame[80] = {WIRE_TAG(1, WIRE_BYTES)};
    if (verb == VERB_RESUME)
        request.logon = (struct logon){.next = client->next};
    size_t size = codec_request_encode(&request, NULL, bytes, sizeof bytes);
    assert(size != 0);
    uint8_t *end = wire_put_bytes(frame + 1, bytes, size);
    if (!dial_send(&client->dial, (struct span){frame, (size_t)(end - frame)}))
        return false;
    client->sent_ns = client->now_ns;
    return true;
}

uint64_t client_add(struct client *client, const struct command *command, const char *name) {
    struct request request = {.command = *command};
    uint8_t bytes[CLIENT_REQUEST_BYTES_MAX];
    uint64_t *number = &request.command.stamp.number;
    if (client->logged_on.participant == 0 || client->is_drop_copy)
        return 0;
    if (*number == 0)
        *number = client->last_number + 1;
    size_t size = codec_request_encode(&request, name, bytes, sizeof bytes);
    assert(size != 0);
    if (!pending_add(&client->pending, *number, (struct span){bytes, size}))
        return 0;
    if (*number > client->last_number)
        client->last_number = *number;
    return *number;
}

void client_flush(struct client *client) {
    struct pending *pending = &client->pending;
    if (client->state != STATE_LIVE)
        return;
    while (pending->in_flight < client->logged_on.credits) {
        struct span frame;
        uint32_t most = client->logged_on.credits - pending->in_flight;
        if (most > FRAME_REQUESTS_MAX)
            most = FRAME_REQUESTS_MAX;
        uint32_t count = pending_next(pending, most, &frame);
        if (count == 0 || !dial_send(&client->dial, frame))
            return;
        pending_sent(pending, count);
        client->sent_ns = client->now_ns;
    }
}

static void ask_page(struct client *client) {
    bool is_sent = send_own(client, VERB_RESUME);
    client->state = STATE_RESUMING;
    client->asked_ns = is_sent ? INT64_MAX : client->now_ns + RETRY_NS;
}

/* --- the connection ------------------------------------------------------------------------------
 */

static void drop_frame(struct client *client) {
    client->has_frame = false;
}

/* The connection is of no use any more; the next Logon may leave at `asked_ns`. */
static void lose(struct client *client, int64_t asked_ns) {
    if (client->state > STATE_DIALLING)
        client->counts.lost++;
    client->state = STATE_DIALLING;
    client->asked_ns = asked_ns;
}

static void turn_off(struct client *client) {
    client->state = STATE_OFF;
    dial_hang_up(&client->dial);
}

void client_logon(struct client *client) {
    client->state = STATE_DIALLING;
    client->asked_ns = 0;
    drop_frame(client);
    dial_again(&client->dial);
}

void client_logoff(struct client *client) {
    if (client->state > STATE_LOGON)
        (void)send_own(client, VERB_LOGOFF);
}

/* What the monitor has to tell; true when the caller is to be told. */
static bool look_at_dial(struct client *client, struct client_item *item) {
    uint8_t before = client->state;
    switch (dial_event(&client->dial)) {
    case DIAL_NOTHING:
        return false;
    case DIAL_UP:
        client->bad_servers = 0;
        lose(client, 0);
        return false;
    case DIAL_DOWN:
        lose(client, 0);
        item->kind = CLIENT_LOST;
        return before > STATE_LOGON;
    case DIAL_KEY_REFUSED:
        turn_off(client);
        item->kind = CLIENT_KEY_REFUSED;
        return true;
    case DIAL_NO_ROOM:
        client->state = STATE_WAITING;
        client->asked_ns = client->now_ns + REDIAL_NS;
        return false;
    case DIAL_BAD_SERVER:
        item->kind = CLIENT_BAD_SERVER;
        return ++client->bad_servers % BAD_SERVER_TIMES == 0;
    default:
        assert(false);
        return false;
    }
}

/* Logon and page that are due, and heartbeats. */
static void ask_what_is_due(struct client *client) {
    bool is_due = client->now_ns >= client->asked_ns;
    int64_t heartbeat_ns = (int64_t)client->logged_on.heartbeat_ms * CLOCK_MILLISECOND_NS;
    if (client->state == STATE_WAITING && is_due) {
        client_logon(client);
    } else if (client->state == STATE_DIALLING && is_due && client->dial.is_up) {
        if (send_own(client, VERB_LOGON)) {
            client->state = STATE_LOGON;
            client->asked_ns = client->now_ns + LOGON_PATIENCE_NS;
        }
    } else if (client->state == STATE_RESUMING && is_due) {
        ask_page(client);
    } else if (client->state > STATE_LOGON && client->now_ns - client->sent_ns > heartbeat_ns / 2) {
        (void)send_own(client, VERB_HEARTBEAT);
    }
}

/* True when the server has said nothing for too long. */
static bool is_silent(const struct client *client) {
    int64_t patience_ns =
        (int64_t)client->logged_on.heartbeat_ms * HEARTBEATS_PATIENCE * CLOCK_MILLISECOND_NS;
    if (client->state == STATE_LOGON)
        return client->now_ns >= client->asked_ns;
    return client->state > STATE_LOGON && client->now_ns - client->heard_ns > patience_ns;
}

/* Does what is due; true when the caller is to be told of something. */
static bool tend(struct client *client, struct client_item *item) {
    client->now_ns = clock_mono_ns();
    if (client->state == STATE_OFF)
        return false;
    if (look_at_dial(client, item))
        return true;
    if (is_silent(client)) {
        lose(client, 0);
        dial_again(&client->dial);
        item->kind = CLIENT_LOST;
        return true;
    }
    ask_what_is_due(client);
    client_flush(client);
    return false;
}

/* --- frames --------------------------------------------------------------------------------------
 */

static void become_live(struct client *client, struct client_item *item) {
    client->state = STATE_LIVE;
    pending_rewind(&client->pending);
    item->kind = CLIENT_LIVE;
}

static bool take_logged_on(struct client *client, struct span bytes, struct client_item *item) {
    bool is_first = client->logged_on.participant == 0;
    if (client->state != STATE_LOGON || !reply_logged_on_read(bytes, &client->logged_on))
        return false;
    if (client->last_number < client->logged_on.last_number)
        client->last_number = client->logged_on.last_number;
    if (is_first && client->skips_past)
        client->next = client->logged_on.next;
    if (!client->logged_on.is_live) {
        ask_page(client);
        return false;
    }
    become_live(client, item);
    return true;
}

static bool take_logged_off(struct client *client, struct span bytes, struct client_item *item) {
    bool was_on = client->state > STATE_LOGON;
    if (!reply_logged_off_read(bytes, &item->logged_off))
        return false;
    drop_frame(client);
    /* The exchange starts or stops, or many come at once. */
    if (item->logged_off.reason == REASON_NOT_READY ||
        item->logged_off.reason == REASON_RATE_LIMIT) {
        lose(client, client->now_ns + RETRY_NS);
        item->kind = CLIENT_LOST;
        return was_on;
    }
    turn_off(client);
    item->kind = CLIENT_LOGGED_OFF;
    return true;
}

static bool take_refused(struct client *client, struct span bytes, struct client_item *item) {
    if (!reply_refused_read(bytes, &item->refused))
        return false;
    if (item->refused.number == 0 && client->state == STATE_RESUMING) {
        client->asked_ns = client->now_ns + RETRY_NS; /* the page: ask again */
        return false;
    }
    (void)pending_answered(&client->pending, item->refused.number);
    item->kind = CLIENT_REFUSED;
    return true;
}

static bool take_report(struct client *client, const struct reply_part *part,
                        struct client_item *item) {
    if (!report_read(part->bytes, &item->report) ||
        (!client->is_beside && item->report.sequence < client->next))
        return false;
    uint64_t number = report_answers(&item->report);
    if (number != 0 && !client->is_drop_copy)
        (void)pending_answered(&client->pending, number);
    item->kind = CLIENT_REPORT;
    item->bytes = part->bytes;
    item->session = client->is_drop_copy ? part->session : client->session;
    item->is_repeat = client->is_beside;
    return true;
}

static bool take_part(struct client *client, const struct reply_part *part,
                      struct client_item *item) {
    switch (part->kind) {
    case REPLY_PART_EVENT:
        return take_report(client, part, item);
    case REPLY_PART_REFUSED:
        return take_refused(client, part->bytes, item);
    case REPLY_PART_LOGGED_ON:
        return take_logged_on(client, part->bytes, item);
    case REPLY_PART_LOGGED_OFF:
        return take_logged_off(client, part->bytes, item);
    default:
        assert(false);
        return false;
    }
}

/* All of the frame has been handed out: the cursor moves. True when that makes us live. */
static bool end_frame(struct client *client, struct client_item *item) {
    const struct reply *reply = &client->reply;
    client->has_frame = false;
    if (client->next < reply->next)
        client->next = reply->next;
    if (reply->is_live && client->state == STATE_RESUMING) {
        become_live(client, item);
        return true;
    }
    /* We lagged, and the exchange has caught up for us. Its own answers meanwhile, refusals and
     * repeats, are lost: what has no answer is asked again. */
    if (reply->is_live && client->state == STATE_LIVE)
        pending_rewind(&client->pending);
    if (reply->is_page && client->state == STATE_RESUMING)
        ask_page(client);
    return false;
}

/* Hands out the next item of the frame at hand; false when there is none (any more). */
static bool hand_out(struct client *client, struct client_item *item) {
    struct reply_part part;
    if (!client->has_frame)
        return false;
    while (client->has_frame && reply_next(&client->reply, &part))
        if (take_part(client, &part, item))
            return true;
    return client->has_frame && end_frame(client, item);
}

static bool take_frame(struct client *client) {
    struct reply *reply = &client->reply;
    if (!dial_receive(&client->dial, &client->message))
        return false;
    client->heard_ns = client->now_ns;
    if (!reply_read(zmq_msg_data(&client->message), zmq_msg_size(&client->message), reply) ||
        client->state == STATE_OFF)
        return true;
    client->is_beside = reply->from == reply->next;
    client->has_frame = client->is_beside || reply->from <= client->next;
    if (!client->has_frame && client->state == STATE_LIVE) {
        client->counts.gaps++;
        ask_page(client);
    }
    return true;
}

/* How long nothing may happen before something is due. */
static int until_due_ms(const struct client *client, int64_t deadline_ns) {
    int64_t wait_ns = CLOCK_SECOND_NS;
    if (client->state > STATE_LOGON)
        wait_ns = (int64_t)client->logged_on.heartbeat_ms * CLOCK_MILLISECOND_NS / 2;
    if (client->asked_ns - client->now_ns < wait_ns && client->asked_ns > client->now_ns)
        wait_ns = client->asked_ns - client->now_ns;
    if (deadline_ns - client->now_ns < wait_ns)
        wait_ns = deadline_ns - client->now_ns;
    return (int)((wait_ns + CLOCK_MILLISECOND_NS - 1) / CLOCK_MILLISECOND_NS);
}

void client_poll(struct client *client, int timeout_ms, struct client_item *item) {
    int64_t deadline_ns = INT64_MAX;
    item->kind = CLIENT_NOTHING;
    if (hand_out(client, item))
        return;
    client->now_ns = clock_mono_ns();
    if (timeout_ms >= 0)
        deadline_ns = client->now_ns + timeout_ms * CLOCK_MILLISECOND_NS;
    for (;;) {
        if (tend(client, item))
            return;
        while (take_frame(client))
            if (hand_out(client, item))
                return;
        if (client->now_ns >= deadline_ns)
            return;
        (void)dial_wait(&client->dial, until_due_ms(client, deadline_ns));
    }
}

bool client_wait_live(struct client *client, int timeout_ms, struct client_item *item) {
    int64_t deadline_ns = clock_mono_ns() + timeout_ms * CLOCK_MILLISECOND_NS;
    for (;;) {
        int64_t left_ns = deadline_ns - clock_mono_ns();
        client_poll(client, left_ns > 0 ? (int)(left_ns / CLOCK_MILLISECOND_NS) : 0, item);
        if (item->kind == CLIENT_LIVE)
            return true;
        if (item->kind != CLIENT_REPORT && item->kind != CLIENT_LOST)
            return false;
    }
}

/* --- what is known -------------------------------------------------------------------------------
 */

uint32_t client_unanswered(const struct client *client) {
    return client->pending.unanswered;
}

uint64_t client_next(const struct client *client) {
    return client->next;
}

const struct logged_on *client_logged_on(const struct client *client) {
    return &client->logged_on;
}

struct client_counts client_counts(const struct client *client) {
    return client->counts;
}

void client_watch(const struct client *client, zmq_pollitem_t items[2]) {
    items[0] = (zmq_pollitem_t){.socket = client->dial.socket, .events = ZMQ_POLLIN};
    items[1] = (zmq_pollitem_t){.socket = client->dial.monitor, .events = ZMQ_POLLIN};
}

const char *client_reason_name(uint32_t reason) {
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(&tpx__reason__descriptor, (int)reason);
    return value != NULL ? value->name + strlen("REASON_") : "unknown";
}

void client_field_name(uint32_t field, char name[32]) {
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(&tpx__field__descriptor, (int)field);
    snprintf(name, 32, "%s", value != NULL ? value->name + strlen("FIELD_") : "unknown");
    for (char *at = name; *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
}
