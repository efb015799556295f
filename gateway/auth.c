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
/* Where the sockets of an endpoint tell of their connections, and of what. */
#define WATCH_ENDPOINT "inproc://tpx.auth.%s.%u"
#define WATCH_BYTES    64
#define WATCH_EVENTS   (ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_MONITOR_STOPPED)
/* Frames of a CURVE request: version, request id, domain, address, identity, mechanism, key. */
#define ZAP_FRAMES      7
#define ZAP_FRAME_BYTES 256

static const char *const DOORS[AUTH_DOORS] = {
    [AUTH_TRADE] = "trade", [AUTH_QUERY] = "query", [AUTH_FEED] = "feed"};

const char *auth_door_name(enum auth_door door) {
    return DOORS[door];
}

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

/* The endpoint of a request; AUTH_DOORS: none of ours. */
static enum auth_door door_of(const struct zap_frame *domain) {
    int door = 0;
    while (door < AUTH_DOORS && !is_text(domain, DOORS[door]))
        door++;
    return (enum auth_door)door;
}

static enum verdict judge(const struct auth *auth, const struct zap_frame frames[ZAP_FRAMES],
                          uint32_t *number) {
    enum auth_door door = door_of(&frames[2]);
    bool is_curve = is_text(&frames[5], "CURVE") && frames[6].size == KEY_BYTES;
    *number =
        is_curve && door != AUTH_DOORS ? find_key(auth, frames[6].bytes, door == AUTH_FEED) : 0;
    if (*number == 0)
        return VERDICT_NO_KEY;
    const struct auth_watched *watched = &auth->watched[door];
    return watched->count > watched->max ? VERDICT_TOO_MANY : VERDICT_OK;
}

static void serve_one(struct auth *auth, struct log_limit *limit) {
    struct zap_frame frames[ZAP_FRAMES];
    uint64_t held;
    uint32_t number = 0;
    int count = receive_frames(auth->socket, frames);
    if (count < 2 || !is_text(&frames[0], "1.0"))
        return; /* nothing to answer to: libzmq itself asks, and never like this */
    enum verdict verdict = count == ZAP_FRAMES ? judge(auth, frames, &number) : VERDICT_NO_KEY;
    answer(auth->socket, &frames[1], verdict, number);
    if (verdict == VERDICT_TOO_MANY)
        counter_add(auth->counters, COUNTER_CONNECTIONS_REFUSED, 1);
    if (verdict == VERDICT_OK || !log_limit_take(limit, &held))
        return;
    bool has_place =
        count == ZAP_FRAMES && frames[2].size < ZAP_FRAME_BYTES && frames[3].size < ZAP_FRAME_BYTES;
    log_line(LOG_LEVEL_WARNING,
             verdict == VERDICT_NO_KEY ? "key_not_accepted" : "too_many_connections",
             "endpoint=%.*s address=%.*s key=%u held=%lu", has_place ? frames[2].size : 0,
             frames[2].bytes, has_place ? frames[3].size : 0, frames[3].bytes, number, held);
}

static bool has_input(void *socket) {
    int events = 0;
    size_t size = sizeof events;
    return socket != NULL && zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size) == 0 &&
           (events & ZMQ_POLLIN) != 0;
}

/* --- connections -------------------------------------------------------------------------------
 */

static void name_watch(char name[WATCH_BYTES], enum auth_door door, uint32_t opening) {
    snprintf(name, WATCH_BYTES, WATCH_ENDPOINT, DOORS[door], opening);
}

bool auth_watch(void *socket, enum auth_door door, uint32_t opening) {
    char name[WATCH_BYTES];
    name_watch(name, door, opening);
    return zmq_socket_monitor(socket, name, WATCH_EVENTS) == 0;
}

void auth_unwatch(void *socket) {
    zmq_socket_monitor(socket, NULL, 0);
}

/* Waits for the endpoint's socket, the one there is or is to come; nothing is connected to it. */
static bool listen_to(struct auth *auth, enum auth_door door) {
    struct auth_watched *watched = &auth->watched[door];
    char name[WATCH_BYTES];
    name_watch(name, door, watched->opening);
    watched->count = 0;
    watched->told = zmq_socket(auth->context, ZMQ_PAIR);
    return watched->told != NULL && zmq_connect(watched->told, name) == 0;
}

/* An event is two parts: its number (16 bits) and a value, then the endpoint. */
static void take_event(struct auth *auth, enum auth_door door) {
    static const enum counter COUNTS[AUTH_DOORS] = {COUNTER_CONNECTIONS, COUNTER_QUERY_CONNECTIONS,
                                                    COUNTER_FEED_CONNECTIONS};
    struct auth_watched *watched = &auth->watched[door];
    struct zap_frame frames[ZAP_FRAMES];
    uint16_t event;
    int count = receive_frames(watched->told, frames);
    if (count < 1 || frames[0].size < (int)sizeof event)
        return;
    memcpy(&event, frames[0].bytes, sizeof event);
    if (event == ZMQ_EVENT_ACCEPTED) {
        watched->count++;
    } else if (event == ZMQ_EVENT_DISCONNECTED && watched->count > 0) {
        watched->count--;
    } else if (event == ZMQ_EVENT_MONITOR_STOPPED) { /* another socket is to come */
        zmq_close(watched->told);
        watched->opening++;
        if (!listen_to(auth, door))
            log_line(LOG_LEVEL_ERROR, "connections_not_counted", "endpoint=%s text=\"%s\"",
                     DOORS[door], zmq_strerror(errno));
    }
    counter_set(auth->counters, COUNTS[door], watched->count);
}

static void *serve(void *owner) {
    struct auth *auth = owner;
    struct log_limit limit = {0};
    pthread_setname_np(pthread_self(), "zap");
    for (;;) {
        zmq_pollitem_t items[2 + AUTH_DOORS] = {{.socket = auth->socket, .events = ZMQ_POLLIN},
                                                {.socket = auth->stopped, .events = ZMQ_POLLIN}};
        int count = 2;
        for (int door = 0; door < AUTH_DOORS; door++)
            if (auth->watched[door].told != NULL)
                items[count++] =
                    (zmq_pollitem_t){.socket = auth->watched[door].told, .events = ZMQ_POLLIN};
        if ((zmq_poll(items, count, -1) < 0 && errno != EINTR) || items[1].revents & ZMQ_POLLIN)
            break;
        /* A connection is told of before it asks to be let in. */
        for (int door = 0; door < AUTH_DOORS; door++)
            while (has_input(auth->watched[door].told))
                take_event(auth, (enum auth_door)door);
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
    return auth->socket != NULL && auth->stop != NULL && auth->stopped != NULL &&
           listen_to(auth, AUTH_TRADE) && listen_to(auth, AUTH_QUERY) &&
           listen_to(auth, AUTH_FEED) &&
           zmq_setsockopt(auth->socket, ZMQ_LINGER, &linger, sizeof linger) == 0 &&
           zmq_bind(auth->socket, ZAP_ENDPOINT) == 0 &&
           zmq_bind(auth->stopped, STOP_ENDPOINT) == 0 &&
           zmq_connect(auth->stop, STOP_ENDPOINT) == 0;
}

static void close_sockets(struct auth *auth) {
    void *sockets[] = {auth->socket,
                       auth->stop,
                       auth->stopped,
                       auth->watched[AUTH_TRADE].told,
                       auth->watched[AUTH_QUERY].told,
                       auth->watched[AUTH_FEED].told};
    for (size_t i = 0; i < sizeof sockets / sizeof sockets[0]; i++)
        if (sockets[i] != NULL)
            zmq_close(sockets[i]);
}

int auth_open(struct auth *auth, const struct auth_options *options) {
    *auth = (struct auth){
        .context = options->context, .keys_max = options->keys_max, .counters = options->counters};
    for (int door = 0; door < AUTH_DOORS; door++)
        auth->watched[door].max = options->connections_max[door];
    auth->keys = calloc(options->keys_max, sizeof *auth->keys);
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
