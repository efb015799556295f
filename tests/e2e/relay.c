/* A thread accepts; each connection is a pair of sockets with a thread of its own, so that a side
 * that does not read holds up nobody else. */
#include "tests/e2e/relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CHUNK_BYTES 65536
/* What a narrow connection's socket holds of the server's. */
#define NARROW_BYTES 4096
/* A look at what the test has asked for. */
#define LOOK_MS            10
#define LISTEN_BACKLOG     64
#define REPLAY_PATIENCE_MS 20000

struct link {
    struct relay *relay;
    pthread_t thread;
    int client;
    int server;
    unsigned cuts; /* of the relay, when it was made */
};

struct relay {
    int listener;
    char endpoint[64];
    pthread_t thread;
    _Atomic int target_port;
    _Atomic unsigned cuts;
    _Atomic unsigned links_on;
    _Atomic bool holds_answers;
    _Atomic bool is_narrow;
    _Atomic bool stops;
    pthread_mutex_t record_lock;
    size_t recorded; /* bytes that clients have sent; kept up to RELAY_RECORDED_MAX */
    char record[RELAY_RECORDED_MAX];
    struct link links[RELAY_CONNECTIONS_MAX];
    unsigned links_count;
};

static void die(const char *what) {
    fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
    exit(1);
}

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static bool is_over(const struct link *link) {
    return atomic_load(&link->relay->stops) || atomic_load(&link->relay->cuts) != link->cuts;
}

static void keep(struct relay *relay, const char *bytes, size_t size) {
    pthread_mutex_lock(&relay->record_lock);
    if (relay->recorded + size <= sizeof relay->record)
        memcpy(relay->record + relay->recorded, bytes, size);
    relay->recorded += size;
    pthread_mutex_unlock(&relay->record_lock);
}

/* Passes on what there is. False when the connection has ended. */
static bool pass(const struct link *link, int from, int to) {
    char bytes[CHUNK_BYTES];
    ssize_t size = recv(from, bytes, sizeof bytes, MSG_DONTWAIT);
    if (size < 0)
        return errno == EAGAIN || errno == EINTR;
    if (from == link->client)
        keep(link->relay, bytes, (size_t)size);
    for (ssize_t done = 0; done < size;) {
        struct pollfd room = {.fd = to, .events = POLLOUT};
        if (is_over(link))
            return false;
        if (poll(&room, 1, LOOK_MS) <= 0)
            continue;
        ssize_t sent = send(to, bytes + done, (size_t)(size - done), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        done += sent > 0 ? sent : 0;
    }
    return size > 0;
}

static void *run_link(void *owner) {
    struct link *link = owner;
    bool is_open = true;
    while (is_open && !is_over(link)) {
        bool holds = atomic_load(&link->relay->holds_answers);
        struct pollfd sides[] = {{.fd = link->client, .events = POLLIN},
                                 {.fd = link->server, .events = holds ? 0 : POLLIN}};
        if (poll(sides, 2, LOOK_MS) <= 0)
            continue;
        if (sides[0].revents != 0)
            is_open = pass(link, link->client, link->server);
        if (is_open && (sides[1].revents & POLLIN))
            is_open = pass(link, link->server, link->client);
        else if (sides[1].revents & (POLLHUP | POLLERR))
            is_open = false;
    }
    close(link->client);
    close(link->server);
    atomic_fetch_sub(&link->relay->links_on, 1);
    return NULL;
}

static void accept_one(struct relay *relay) {
    struct sockaddr_in target = loopback(atomic_load(&relay->target_port));
    int one = 1;
    int client = accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC);
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int narrow = NARROW_BYTES;
    if (client < 0 || server < 0)
        die("socket");
    if (atomic_load(&relay->is_narrow)) /* before the window is agreed upon */
        setsockopt(server, SOL_SOCKET, SO_RCVBUF, &narrow, sizeof narrow);
    if (target.sin_port == 0 || relay->links_count == RELAY_CONNECTIONS_MAX ||
        connect(server, (struct sockaddr *)&target, sizeof target) != 0) {
        close(server); /* nobody is there just now */
        close(client);
        return;
    }
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct link *link = &relay->links[relay->links_count++];
    *link = (struct link){.relay = relay, .client = client, .server = server};
    link->cuts = atomic_load(&relay->cuts);
    atomic_fetch_add(&relay->links_on, 1);
    if (pthread_create(&link->thread, NULL, run_link, link) != 0)
        die("thread");
}

static void *run(void *owner) {
    struct relay *relay = owner;
    while (!atomic_load(&relay->stops)) {
        struct pollfd listener = {.fd = relay->listener, .events = POLLIN};
        if (poll(&listener, 1, LOOK_MS) > 0)
            accept_one(relay);
    }
    return NULL;
}

struct relay *relay_open(void) {
    struct relay *relay = calloc(1, sizeof *relay);
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (relay == NULL)
        die("memory");
    relay->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (relay->listener < 0 ||
        bind(relay->listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(relay->listener, LISTEN_BACKLOG) != 0 ||
        getsockname(relay->listener, (struct sockaddr *)&address, &size) != 0)
        die("listen");
    pthread_mutex_init(&relay->record_lock, NULL);
    snprintf(relay->endpoint, sizeof relay->endpoint, "tcp://127.0.0.1:%d",
             ntohs(address.sin_port));
    if (pthread_create(&relay->thread, NULL, run, relay) != 0)
        die("thread");
    return relay;
}

void relay_close(struct relay *relay) {
    atomic_store(&relay->stops, true);
    pthread_join(relay->thread, NULL);
    for (unsigned i = 0; i < relay->links_count; i++)
        pthread_join(relay->links[i].thread, NULL);
    pthread_mutex_destroy(&relay->record_lock);
    close(relay->listener);
    free(relay);
}

const char *relay_endpoint(const struct relay *relay) {
    return relay->endpoint;
}

void relay_target(struct relay *relay, const char *endpoint) {
    const char *port = strrchr(endpoint, ':');
    if (port == NULL)
        die(endpoint);
    atomic_store(&relay->target_port, atoi(port + 1));
}

void relay_narrow(struct relay *relay) {
    atomic_store(&relay->is_narrow, true);
}

void relay_cut(struct relay *relay) {
    atomic_fetch_add(&relay->cuts, 1);
    while (atomic_load(&relay->links_on) > 0) {
        struct timespec moment = {.tv_nsec = 1000000};
        nanosleep(&moment, NULL);
    }
}

void relay_hold_answers(struct relay *relay, bool holds) {
    atomic_store(&relay->holds_answers, holds);
}

/* Reads until the other side closes; false when it takes too long. */
static bool is_closed_by_peer(int fd) {
    char bytes[CHUNK_BYTES];
    ssize_t size = 1;
    while (size > 0) {
        struct pollfd news = {.fd = fd, .events = POLLIN};
        if (poll(&news, 1, REPLAY_PATIENCE_MS) <= 0)
            return false;
        size = recv(fd, bytes, sizeof bytes, 0);
    }
    return true;
}

size_t relay_replay(struct relay *relay) {
    struct sockaddr_in target = loopback(atomic_load(&relay->target_port));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&target, sizeof target) != 0)
        die("replay");
    pthread_mutex_lock(&relay->record_lock);
    size_t size = relay->recorded;
    bool is_sent = size <= sizeof relay->record &&
                   send(fd, relay->record, size, MSG_NOSIGNAL) == (ssize_t)size;
    pthread_mutex_unlock(&relay->record_lock);
    bool is_closed = is_closed_by_peer(fd);
    close(fd);
    return is_sent && is_closed ? size : 0;
}
