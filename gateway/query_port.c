/* One message at a time is worked off, query by query; a call may end in the middle of it. */
#include "gateway/query_port.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/clock.h"
#include "gateway/query_history.h"
#include "gateway/query_outbox.h"
#include "gateway/rate.h"
#include "gateway/register.h"
#include "ledger/issue.h"

/* A call serves for so long. */
#define SLICE_NS CLOCK_MILLISECOND_NS
/* Where so many came at once more are on their way: they are let gather for a moment. Each wake-up
 * saved is latency of orders, where processors are few. */
#define CROWD           8u
#define CROWD_GATHER_NS (CLOCK_MILLISECOND_NS / 2)

/* A query that waits for a later as-of. */
struct waiting {
    struct query query;
    struct route route;
    uint32_t key;
    int64_t due_ns; /* monotonic: when it has waited long enough */
};

struct query_port {
    struct trade_port socket;
    const struct auth *auth;
    struct counters *counters;
    struct query_status status;
    struct query_scene scene;
    struct registry *registry;
    struct register_reader *registered; /* NULL: there is none, or it has failed */
    uint64_t readable;                  /* of the register, as of the last call */
    uint64_t registered_as_of;          /* what both have reached, of this call */
    int64_t now_ns;

    /* The message being worked off. */
    struct trade_message message;
    struct span queries[FRAME_QUERIES_MAX];
    int count;
    int at;

    uint32_t keys_max;
    uint32_t per_second;    /* of one key; 0: no limit */
    int64_t *allowances_ns; /* [key]: rate.h */

    bool is_crowded; /* the last call found many */
    struct query_outbox outbox;

    uint32_t waiting_count;
    int64_t waiting_due_ns;      /* the earliest */
    uint64_t waiting_lowest;     /* the least as-of that one of them waits for */
    uint64_t waiting_registered; /* the least that one waits for of the register; 0: none does */
    struct waiting waiting[QUERY_WAITING_MAX];
};

struct query_port *query_port_open(const struct query_port_options *options) {
    struct query_port *port = calloc(1, sizeof *port);
    struct trade_port_options socket = {.context = options->context,
                                        .key = options->key,
                                        .door = AUTH_QUERY,
                                        .endpoint = options->endpoint,
                                        .outbound_messages = QUERY_PIPE_MESSAGES,
                                        .inbound_messages = QUERY_PIPE_MESSAGES,
                                        .frame_bytes_max = QUERY_FRAME_BYTES_MAX};
    if (port == NULL) {
        index_reader_close(options->index);
        return NULL;
    }
    trade_message_init(&port->message);
    port->auth = options->auth;
    port->counters = options->counters;
    port->scene.parameters = options->parameters;
    port->scene.status = &port->status;
    port->keys_max = options->keys_max;
    port->per_second = options->per_second;
    port->allowances_ns = calloc((size_t)options->keys_max + 1, sizeof *port->allowances_ns);
    query_outbox_init(&port->outbox, &port->socket, options->counters);
    port->scene.history = query_history_create(options->ledger_dir, options->index);
    port->registry = options->registry;
    if (port->registry != NULL) {
        port->registered = registry_read(port->registry);
        port->scene.issue = registry_issue(port->registry);
    }
    if (port->allowances_ns != NULL && port->scene.history != NULL &&
        query_status_open(&port->status, options->ledger_dir, options->counters) == 0 &&
        trade_port_open(&port->socket, &socket) == 0)
        return port;
    query_port_close(port);
    return NULL;
}

void query_port_close(struct query_port *port) {
    if (port == NULL)
        return;
    trade_message_fini(&port->message);
    trade_port_close(&port->socket);
    query_status_close(&port->status);
    query_history_destroy(port->scene.history);
    register_reader_close(port->registered);
    free(port->allowances_ns);
    issue_close(port->scene.issue);
    free(port);
}

const char *query_port_endpoint(const struct query_port *port) {
    return port->socket.endpoint;
}

static void refuse(struct query_port *port, const struct route *route, uint64_t id,
                   const struct reply_refused *refused) {
    query_refuse(query_outbox_to(&port->outbox, route), id, port->scene.as_of, refused);
    counter_add(port->counters, COUNTER_QUERIES_REFUSED, 1);
}

/* --- as of when --------------------------------------------------------------------------------
 */

static bool is_of_register(const struct query *query) {
    return query->kind >= QUERY_ENTRIES && query->kind <= QUERY_BOUND_TOTALS;
}

/* Everything below is seen by a query of this kind. */
static uint64_t as_of_for(const struct query_port *port, const struct query *query) {
    return is_of_register(query) ? port->registered_as_of : port->scene.as_of;
}

/* What this call answers from. What is readable is looked at before anything is read. */
static void set_scene(struct query_port *port, const struct engine *engine, uint64_t as_of) {
    uint64_t readable = port->registry != NULL ? registry_readable(port->registry) : as_of;
    port->scene.engine = engine;
    port->scene.as_of = as_of;
    port->readable = readable;
    port->registered_as_of = readable < as_of ? readable : as_of;
}

/* The scene of one query; what is read of the register stays the same to the end of a call. */
static struct query_scene scene_for(struct query_port *port, const struct query *query) {
    struct query_scene scene = port->scene;
    scene.as_of = as_of_for(port, query);
    if (is_of_register(query) && port->registered != NULL &&
        register_reader_begin(port->registered) == 0)
        scene.registered = port->registered;
    return scene;
}

/* --- one query ---------------------------------------------------------------------------------
 */

/* Who asks, by the key of his connection; false, with a refusal, when he is nobody any more, or
 * nobody yet as of the answer. */
static bool know_asker(const struct query_port *port, uint32_t number, struct query_asker *asker,
                       struct reply_refused *refused) {
    struct key_view key;
    struct participant_view participant;
    bool is_known = engine_key(port->scene.engine, number, &key) &&
                    engine_participant(port->scene.engine, key.participant, &participant);
    if (!auth_is_in_force(port->auth, number) || (is_known && key.is_revoked)) {
        *refused =
            (struct reply_refused){.reason = REASON_KEY_REVOKED, .text = "the key has ended"};
        return false;
    }
    if (!is_known) {
        *refused = (struct reply_refused){.reason = REASON_NOT_READY,
                                          .text = "the key is younger than the answer would be"};
        return false;
    }
    *asker = (struct query_asker){.participant = key.participant, .roles = participant.roles};
    return true;
}

static void answer(struct query_port *port, const struct route *route, uint32_t key,
                   const struct query *query) {
    struct query_asker asker;
    struct reply_refused refused;
    if (!know_asker(port, key, &asker, &refused)) {
        refuse(port, route, query->id, &refused);
        return;
    }
    struct query_scene scene = scene_for(port, query);
    query_answer(&scene, &asker, query, query_outbox_to(&port->outbox, route));
    counter_add(port->counters, COUNTER_QUERIES, 1);
}

static void refuse_as_of(struct query_port *port, const struct route *route,
                         const struct query *query) {
    struct reply_refused refused = {.reason = REASON_NOT_READY,
                                    .field = "at_least",
                                    .limit = as_of_for(port, query),
                                    .text = "as_of has not come so far"};
    refuse(port, route, query->id, &refused);
}

static bool may_wait(const struct query_port *port, uint32_t key) {
    uint32_t of_key = 0;
    for (uint32_t i = 0; i < port->waiting_count; i++)
        of_key += port->waiting[i].key == key;
    return port->waiting_count < QUERY_WAITING_MAX && of_key < QUERY_WAITING_KEY_MAX;
}

/* A query waits: what for. */
static void note_lowest(struct query_port *port, const struct query *query) {
    if (query->at_least < port->waiting_lowest)
        port->waiting_lowest = query->at_least;
    if (is_of_register(query) &&
        (port->waiting_registered == 0 || query->at_least < port->waiting_registered))
        port->waiting_registered = query->at_least;
}

static void wait_or_refuse(struct query_port *port, const struct query *query) {
    const struct trade_message *message = &port->message;
    if (query->wait_ms == 0) {
        refuse_as_of(port, &message->route, query);
        return;
    }
    if (!may_wait(port, message->key)) {
        struct reply_refused refused = {.reason = REASON_NO_CREDIT,
                                        .field = "wait_ms",
                                        .limit = QUERY_WAITING_KEY_MAX,
                                        .text = "too many queries wait already"};
        refuse(port, &message->route, query->id, &refused);
        return;
    }
    int64_t due_ns = port->now_ns + query->wait_ms * CLOCK_MILLISECOND_NS;
    port->waiting[port->waiting_count++] =
        (struct waiting){*query, message->route, message->key, due_ns};
    if (port->waiting_count == 1)
        port->waiting_lowest = UINT64_MAX;
    if (port->waiting_count == 1 || due_ns < port->waiting_due_ns)
        port->waiting_due_ns = due_ns;
    note_lowest(port, query);
}

static bool is_on_time(struct query_port *port, uint32_t key) {
    return key <= port->keys_max &&
           rate_take(&port->allowances_ns[key], rate_step_ns(port->per_second), port->now_ns);
}

static void refuse_rate(struct query_port *port, uint64_t id) {
    struct reply_refused refused = {.reason = REASON_RATE_LIMIT,
                                    .limit = port->per_second,
                                    .text = "too many queries a second under this key"};
    counter_add(port->counters, COUNTER_QUERIES_LIMITED, 1);
    refuse(port, &port->message.route, id, &refused);
}

static void take_query(struct query_port *port, struct span bytes) {
    const struct trade_message *message = &port->message;
    struct query query;
    struct codec_fault fault;
    bool is_query = codec_query_decode(bytes.bytes, bytes.size, &query, &fault);
    if (!is_on_time(port, message->key)) {
        refuse_rate(port, query.id);
    } else if (!is_query) {
        struct reply_refused refused = {.reason = REASON_MALFORMED,
                                        .field = fault.field,
                                        .limit = fault.limit,
                                        .text = fault.text};
        refuse(port, &message->route, query.id, &refused);
    } else if (query.at_least > as_of_for(port, &query)) {
        wait_or_refuse(port, &query);
    } else {
        answer(port, &message->route, message->key, &query);
    }
}

/* --- those that wait ---------------------------------------------------------------------------
 */

/* Answers those whose as-of has come, refuses those whose time is up. */
static void serve_waiting(struct query_port *port) {
    uint32_t left = 0;
    if (port->waiting_count == 0 ||
        (port->scene.as_of < port->waiting_lowest && port->now_ns < port->waiting_due_ns))
        return;
    port->waiting_due_ns = INT64_MAX;
    port->waiting_lowest = UINT64_MAX;
    port->waiting_registered = 0;
    for (uint32_t i = 0; i < port->waiting_count; i++) {
        const struct waiting *each = &port->waiting[i];
        if (as_of_for(port, &each->query) >= each->query.at_least) {
            answer(port, &each->route, each->key, &each->query);
        } else if (port->now_ns >= each->due_ns) {
            refuse_as_of(port, &each->route, &each->query);
        } else {
            if (each->due_ns < port->waiting_due_ns)
                port->waiting_due_ns = each->due_ns;
            note_lowest(port, &each->query);
            port->waiting[left++] = *each;
        }
    }
    port->waiting_count = left;
}

bool query_port_waits(const struct query_port *port) {
    return port->waiting_count > 0;
}

/* --- messages ----------------------------------------------------------------------------------
 */

static void cut_frame(struct query_port *port) {
    struct codec_fault fault;
    struct trade_message *message = &port->message;
    port->at = 0;
    port->count = frame_queries(zmq_msg_data(&message->payload), zmq_msg_size(&message->payload),
                                port->queries, &fault);
    if (port->count > 0)
        return;
    struct reply_refused refused = {
        .reason = REASON_MALFORMED, .field = fault.field, .limit = fault.limit, .text = fault.text};
    refuse(port, &message->route, 0, &refused);
}

/* The next query of the message at hand, or the next message; false when there is neither. */
static bool take_one(struct query_port *port) {
    if (port->at < port->count) {
        take_query(port, port->queries[port->at++]);
        return true;
    }
    if (!trade_port_receive(&port->socket, &port->message))
        return false;
    port->at = port->count = 0;
    if (port->message.is_framed)
        cut_frame(port);
    return true;
}

bool query_port_serve(struct query_port *port, const struct engine *engine, uint64_t as_of) {
    bool has_more = true;
    uint32_t served = 0;
    set_scene(port, engine, as_of);
    port->now_ns = clock_mono_ns();
    int64_t end_ns = port->now_ns + SLICE_NS;
    serve_waiting(port);
    for (; has_more && port->now_ns < end_ns; served++) {
        has_more = take_one(port);
        port->now_ns = clock_mono_ns();
    }
    if (port->registered != NULL)
        register_reader_end(port->registered);
    query_outbox_flush(&port->outbox);
    port->is_crowded = served >= CROWD;
    counter_set(port->counters, COUNTER_QUERIES_WAITING, port->waiting_count);
    return has_more;
}

static long timeout_of(const struct query_port *port, int64_t timeout_ns) {
    if (port->waiting_count > 0) {
        int64_t left_ns = port->waiting_due_ns - clock_mono_ns();
        if (left_ns < 0)
            left_ns = 0;
        if (timeout_ns < 0 || left_ns < timeout_ns)
            timeout_ns = left_ns;
    }
    return timeout_ns < 0 ? -1
                          : (long)((timeout_ns + CLOCK_MILLISECOND_NS - 1) / CLOCK_MILLISECOND_NS);
}

/* Sleeps also until the register has come to what a query waits for; not at all when it came there
 * since the last call. */
static void sleep_for_register(struct query_port *port, zmq_pollitem_t items[3], long timeout_ms) {
    struct wake *wake = registry_readers_wake(port->registry);
    wake_announce(wake);
    registry_watch(port->registry, port->waiting_registered);
    items[2] = (zmq_pollitem_t){.fd = wake->fd, .events = ZMQ_POLLIN};
    if (registry_readable(port->registry) < port->waiting_registered)
        (void)zmq_poll(items, 3, timeout_ms);
    wake_retract(wake);
}

void query_port_sleep(struct query_port *port, int fd, int64_t timeout_ns) {
    zmq_pollitem_t items[3] = {{.socket = port->socket.socket, .events = ZMQ_POLLIN},
                               {.fd = fd, .events = fd >= 0 ? ZMQ_POLLIN : 0}};
    struct timespec moment = {.tv_nsec = CROWD_GATHER_NS};
    if (port->is_crowded)
        nanosleep(&moment, NULL);
    long timeout_ms = timeout_of(port, timeout_ns);
    if (port->readable < port->waiting_registered)
        sleep_for_register(port, items, timeout_ms);
    else
        (void)zmq_poll(items, fd >= 0 ? 2 : 1, timeout_ms);
}
