/* Keys are found by reading the table through: handshakes are rare, and thousands of keys are read
 * in tens of microseconds. */
#include "gateway/auth.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/log.h"
#include "ledger/failure.h"

#define ZAP_ENDPOINT  "inproc://zeromq.zap.01"
#define STOP_ENDPOINT "inproc://tpx.auth.stop"
/* Frames of a CURVE request: version, request id, domain, address, identity, mechanism, key. */
#define ZAP_FRAMES      7
#define ZAP_FRAME_BYTES 256

struct zap_frame {
    int size;
    char bytes[ZAP_FRAME_BYTES];
};

static bool is_open_to(const struct auth_key *key, bool is_for_feed) {
    return atomic_load_explicit(&key->is_revoked, memory_order_relaxed) == 0 &&
           !(is_for_feed && atomic_load_explicit(&key->is_barred, memory_order_relaxed));
}

/* The number of a key that is in force at an endpoint; 0: none. */
static uint32_t find_key(const struct auth *auth, const void *key, bool is_for_feed) {
    /* Partner: the release in auth_publish(). */
    uint32_t count = atomic_load_explicit(&auth->count, memory_order_acquire);
    for (uint32_t i = 0; i < count; i++)
        if (memcmp(auth->keys[i].key, key, KEY_BYTES) == 0)
            return is_open_to(&auth->keys[i], is_for_feed) ? i + 1 : 0;
    return 0;
}

static int receive_frames(void *socket, struct zap_frame frames[ZAP_FRAMES]) {
    int count = 0;
    int more = 1;
    size_t size = sizeof more;
    while (more) {
        struct zap_frame scratch;
        struct zap_frame *frame = count < ZAP_FRAMES ? &frames[count] : &scratch;
        frame->size = zmq_recv(socket, frame->bytes, ZAP_FRAME_BYTES, 0);
        if (frame->size < 0 || zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) != 0)
            return -1;
        count++;
    }
    return count;
}

static bool is_text(const struct zap_frame *frame, const char *text) {
    return frame->size == (int)strlen(text) && memcmp(frame->bytes, text, strlen(text)) == 0;
}

static void send_text(void *socket, const char *text, int flags) {
    zmq_send(socket, text, strlen(text), flags);
}

enum verdict { VERDICT_OK, VERDICT_TOO_MANY, VERDICT_NO_KEY };

static void answer(void *socket, const struct zap_frame *request_id, enum verdict verdict,
                   uint32_t number) {
    static const char *const STATUS[] = {"200", "500", "400"};
    static const char *const TEXT[] = {"OK", "too many connections", "key not accepted"};
    char user[16] = "";
    if (verdict == VERDICT_OK)
        snprintf(user, sizeof user, "%u", number);
    send_text(socket, "1.0", ZMQ_SNDMORE);
    zmq_send(socket, request_id->bytes, (size_t)request_id->size, ZMQ_SNDMORE);
    send_text(socket, STATUS[verdict], ZMQ_SNDMORE);
    send_text(socket, TEXT[verdict], ZMQ_SNDMORE);
    send_text(socket, user, ZMQ_SNDMORE);
    send_text(socket, "", 0);
}

static void serve_one(struct auth *auth, struct log_limit *limit) {
    struct zap_frame frames[ZAP_FRAMES];
    uint64_t held;
    int count = receive_frames(auth->socket, frames);
    if (count < 2 || !is_text(&frames[0], "1.0"))
        return; /* nothing to answer to: libzmq itself asks, and never like this */
    bool is_curve =
        count == ZAP_FRAMES && is_text(&frames[5], "CURVE") && frames[6].size == KEY_BYTES;
    bool is_for_feed = count == ZAP_FRAMES && is_text(&frames[2], AUTH_FEED);
    uint32_t number = is_curve ? find_key(auth, frames[6].bytes, is_for_feed) : 0;
    enum verdict verdict = VERDICT_OK;
    if (number == 0)
        verdict = VERDICT_NO_KEY;
    else if (!is_for_feed && auth->connections_count > auth->connections_max)
        verdict = VERDICT_TOO_MANY;
    answer(auth->socket, &frames[1], verdict, number);
    if (verdict == VERDICT_OK || !log_limit_take(limit, &held))
        return;
    log_line(LOG_LEVEL_WARNING,
             verdict == VERDICT_NO_KEY ? "key_not_accepted" : "too_many_connections",
             "address=%.*s key=%u held=%lu",
             count > 3 && frames[3].size < ZAP_FRAME_BYTES ? frames[3].size : 0, frames[3].bytes,
             number, held);
}

static bool has_input(void *socket) {
    int events = 0;
    size_t size = sizeof events;
    return zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN) != 0;
}

/* An event is two parts: its number (16 bits) and a value, then the endpoint. */
static void count_connections(struct auth *auth) {
    struct zap_frame frames[ZAP_FRAMES];
    uint16_t event;
    int count = receive_frames(auth->connections, frames);
    if (count < 1 || frames[0].size < (int)sizeof event)
        return;
    memcpy(&event, frames[0].bytes, sizeof event);
    if (event == ZMQ_EVENT_ACCEPTED)
        auth->connections_count++;
    else if (event == ZMQ_EVENT_DISCONNECTED && auth->connections_count > 0)
        auth->connections_count--;
}

static void *serve(void *owner) {
    struct auth *auth = owner;
    struct log_limit limit = {0};
    pthread_setname_np(pthread_self(), "zap");
    zmq_pollitem_t items[] = {{.socket = auth->socket, .events = ZMQ_POLLIN},
                              {.socket = auth->stopped, .events = ZMQ_POLLIN},
                              {.socket = auth->connections, .events = ZMQ_POLLIN}};
    while (zmq_poll(items, 3, -1) >= 0 || errno == EINTR) {
        if (items[1].revents & ZMQ_POLLIN)
            break;
        /* A connection is told of before it asks to be let in. */
        while (has_input(auth->connections))
            count_connections(auth);
        if (items[0].revents & ZMQ_POLLIN)
            serve_one(auth, &limit);
    }
    return NULL;
}

static bool open_sockets(struct auth *auth) {
    int linger = 0;
    auth->socket = zmq_socket(auth->context, ZMQ_REP);
    auth->stop = zmq_socket(auth->context, ZMQ_PAIR);
    auth->stopped = zmq_socket(auth->context, ZMQ_PAIR);
    auth->connections = zmq_socket(auth->context, ZMQ_PAIR);
    return auth->socket != NULL && auth->stop != NULL && auth->stopped != NULL &&
           auth->connections != NULL &&
           zmq_connect(auth->connections, AUTH_CONNECTIONS_ENDPOINT) == 0 &&
           zmq_setsockopt(auth->socket, ZMQ_LINGER, &linger, sizeof linger) == 0 &&
           zmq_bind(auth->socket, ZAP_ENDPOINT) == 0 &&
           zmq_bind(auth->stopped, STOP_ENDPOINT) == 0 &&
           zmq_connect(auth->stop, STOP_ENDPOINT) == 0;
}

static void close_sockets(struct auth *auth) {
    void *sockets[] = {auth->socket, auth->stop, auth->stopped, auth->connections};
    for (size_t i = 0; i < sizeof sockets / sizeof sockets[0]; i++)
        if (sockets[i] != NULL)
            zmq_close(sockets[i]);
}

int auth_open(struct auth *auth, void *context, uint32_t keys_max, uint32_t connections_max) {
    *auth =
        (struct auth){.context = context, .keys_max = keys_max, .connections_max = connections_max};
    auth->keys = calloc(keys_max, sizeof *auth->keys);
    if (auth->keys != NULL && open_sockets(auth) &&
        pthread_create(&auth->thread, NULL, serve, auth) == 0)
        return 0;
    failure_log(FAILURE_SYSTEM, "ZAP handler: %s", zmq_strerror(errno));
    close_sockets(auth);
    free(auth->keys);
    *auth = (struct auth){0};
    return FAILURE_SYSTEM;
}

void auth_close(struct auth *auth) {
    if (auth->context == NULL)
        return;
    zmq_send(auth->stop, "", 0, 0);
    pthread_join(auth->thread, NULL);
    close_sockets(auth);
    free(auth->keys);
    *auth = (struct auth){0};
}

void auth_publish(struct auth *auth, const struct engine *engine) {
    uint32_t known = atomic_load_explicit(&auth->count, memory_order_relaxed);
    uint32_t count = engine_count(engine, POOL_KEYS);
    assert(count <= auth->keys_max);
    for (uint32_t i = known; i < count; i++) {
        struct key_view view;
        bool is_key = engine_key(engine, i + 1, &view);
        assert(is_key);
        memcpy(auth->keys[i].key, view.key, KEY_BYTES);
        atomic_init(&auth->keys[i].is_revoked, view.is_revoked);
    }
    /* Partners: the acquires in find_key() and auth_is_in_force(). */
    atomic_store_explicit(&auth->count, count, memory_order_release);
}

void auth_revoke(struct auth *auth, uint32_t number) {
    assert(number >= 1 && number <= atomic_load_explicit(&auth->count, memory_order_relaxed));
    atomic_store_explicit(&auth->keys[number - 1].is_revoked, 1, memory_order_relaxed);
}

void auth_bar_from_feed(struct auth *auth, uint32_t number) {
    assert(auth_is_in_force(auth, number));
    atomic_store_explicit(&auth->keys[number - 1].is_barred, 1, memory_order_relaxed);
}

bool auth_is_in_force(const struct auth *auth, uint32_t number) {
    /* Partner: the release in auth_publish(). */
    return number >= 1 && number <= atomic_load_explicit(&auth->count, memory_order_acquire) &&
           atomic_load_explicit(&auth->keys[number - 1].is_revoked, memory_order_relaxed) == 0;
}
