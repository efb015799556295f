/*
 * The ring's producer is the core, which also frees: what it has taken back. Between the two the
 * notary reads in place. What it finds stands in an array of as many places as items may wait, and
 * counts up to `decided`, which is published after it.
 */
#include "gateway/notary.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "gateway/byte_ring.h"
#include "gateway/clock.h"
#include "gateway/log.h"
#include "ledger/deed_signature.h"
#include "ledger/failure.h"
#include "proto/codec_request.h"

struct notary {
    char origin[ORIGIN_BYTES_MAX + 1];
    uint8_t profile; /* enum profile */
    struct wake *core;
    struct wake wake;
    pthread_t thread;
    bool is_running;
    _Atomic bool stops;
    struct byte_ring ring;

    /* The core's. */
    uint64_t put;         /* items handed in */
    uint64_t taken;       /* and taken back */
    uint64_t taken_at;    /* position in the ring behind them */
    bool has_unpublished; /* something was handed in since the last flush */

    /* The notary's. */
    uint64_t read_at; /* position in the ring */
    uint64_t told;    /* items decided when the core was last woken */
    int64_t told_ns;  /* and when that was */

    _Alignas(64) _Atomic uint64_t decided; /* items; notary to core, with release */
    _Atomic uint64_t checked;              /* signatures */
    _Atomic uint64_t wrong;
    uint8_t found[NOTARY_ITEMS_MAX]; /* [item % max]: the first false signature, from 1; 0: none */
};

/* --- the notary's thread -----------------------------------------------------------------------
 */

/* An item in the ring is its head and then the request. */
static struct span bytes_of(const uint8_t *entry, size_t size) {
    return (struct span){entry + sizeof(struct notary_item), size - sizeof(struct notary_item)};
}

static bool is_right(const struct notary *notary, const struct deed *deed,
                     const struct notary_item *item, uint32_t which) {
    struct deed_signing signing = deed_signing_of(notary->origin, deed, which);
    return deed_signature_is_right(&signing, notary->profile, &item->keys[which],
                                   deed->signatures[which].bytes);
}

/* The first false signature, from 1; 0: none is. */
static uint8_t check(struct notary *notary, const struct notary_item *item, struct span bytes) {
    struct request request;
    struct codec_fault fault;
    if (item->signatures == 0)
        return 0;
    /* The core has decoded it before. */
    if (!codec_request_decode(bytes.bytes, bytes.size, &request, &fault) ||
        request.command.deed.signatures_count != item->signatures)
        return 1;
    for (uint32_t i = 0; i < item->signatures; i++) {
        atomic_fetch_add_explicit(&notary->checked, 1, memory_order_relaxed);
        if (is_right(notary, &request.command.deed, item, i))
            continue;
        atomic_fetch_add_explicit(&notary->wrong, 1, memory_order_relaxed);
        return (uint8_t)(i + 1);
    }
    return 0;
}

static bool decide_next(struct notary *notary) {
    size_t size;
    const uint8_t *entry = byte_ring_next(&notary->ring, &notary->read_at, &size);
    if (entry == NULL)
        return false;
    const struct notary_item *item = (const struct notary_item *)(const void *)entry;
    uint64_t decided = atomic_load_explicit(&notary->decided, memory_order_relaxed);
    notary->found[decided % NOTARY_ITEMS_MAX] = check(notary, item, bytes_of(entry, size));
    /* Partner: the acquire in notary_take(); `found` is read there. */
    atomic_store_explicit(&notary->decided, decided + 1, memory_order_release);
    return true;
}

/* Wakes the core for what it has not been told. */
static void tell(struct notary *notary, int64_t now_ns) {
    uint64_t decided = atomic_load_explicit(&notary->decided, memory_order_relaxed);
    if (decided == notary->told)
        return;
    notary->told = decided;
    notary->told_ns = now_ns;
    wake_signal(notary->core);
}

static void *run(void *owner) {
    struct notary *notary = owner;
    pthread_setname_np(pthread_self(), "notary");
    /* A thread's nice value is its own on Linux. */
    setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NOTARY_NICE);
    while (!atomic_load(&notary->stops)) {
        if (decide_next(notary)) {
            int64_t now_ns = clock_mono_ns();
            if (now_ns - notary->told_ns >= NOTARY_TELL_NS)
                tell(notary, now_ns);
            continue;
        }
        tell(notary, clock_mono_ns());
        wake_announce(&notary->wake);
        if (byte_ring_is_empty(&notary->ring, notary->read_at) && !atomic_load(&notary->stops))
            wake_wait(&notary->wake, -1);
        else
            wake_retract(&notary->wake);
    }
    return NULL;
}

/* --- starting ----------------------------------------------------------------------------------
 */

struct notary *notary_create(const struct genesis *genesis, struct wake *core) {
    struct notary *notary = calloc(1, sizeof *notary);
    if (notary == NULL)
        return NULL;
    notary->wake.fd = -1;
    notary->core = core;
    memcpy(notary->origin, genesis->origin, genesis->origin_bytes);
    notary->profile = genesis->profile;
    int failure = byte_ring_init(&notary->ring, NOTARY_BYTES_MAX, 0);
    if (failure == 0)
        failure = wake_init(&notary->wake);
    int error = failure == 0 ? pthread_create(&notary->thread, NULL, run, notary) : 0;
    if (error != 0)
        failure_log(FAILURE_SYSTEM, "notary's thread: %s", strerror(error));
    notary->is_running = failure == 0 && error == 0;
    if (notary->is_running)
        return notary;
    notary_destroy(notary);
    return NULL;
}

void notary_destroy(struct notary *notary) {
    if (notary == NULL)
        return;
    if (notary->is_running) {
        atomic_store(&notary->stops, true);
        wake_signal(&notary->wake);
        pthread_join(notary->thread, NULL);
    }
    wake_fini(&notary->wake);
    byte_ring_fini(&notary->ring);
    free(notary);
}

/* --- the core's side ---------------------------------------------------------------------------
 */

bool notary_put(struct notary *notary, const struct notary_item *item, struct span bytes) {
    size_t size = sizeof *item + bytes.size;
    uint8_t *room = NULL;
    if (notary->put - notary->taken < NOTARY_ITEMS_MAX)
        room = byte_ring_reserve(&notary->ring, size);
    if (room == NULL)
        return false;
    memcpy(room, item, sizeof *item);
    memcpy(room + sizeof *item, bytes.bytes, bytes.size);
    byte_ring_append(&notary->ring, size);
    notary->put++;
    notary->has_unpublished = true;
    return true;
}

void notary_flush(struct notary *notary) {
    if (!notary->has_unpublished)
        return;
    notary->has_unpublished = false;
    byte_ring_publish(&notary->ring);
    wake_signal(&notary->wake);
}

bool notary_has_news(const struct notary *notary) {
    /* Partner: the release in decide_next(). */
    return atomic_load_explicit(&notary->decided, memory_order_acquire) > notary->taken;
}

const struct notary_item *notary_take(struct notary *notary, struct span *bytes, uint32_t *wrong) {
    size_t size;
    /* The item handed out last is done with. */
    byte_ring_free(&notary->ring, notary->taken_at);
    if (!notary_has_news(notary))
        return NULL;
    const uint8_t *entry = byte_ring_own(&notary->ring, &notary->taken_at, &size);
    *bytes = bytes_of(entry, size);
    *wrong = notary->found[notary->taken++ % NOTARY_ITEMS_MAX];
    return (const struct notary_item *)(const void *)entry;
}

uint32_t notary_waiting(const struct notary *notary) {
    return (uint32_t)(notary->put - notary->taken);
}

uint64_t notary_checked(const struct notary *notary) {
    return atomic_load_explicit(&notary->checked, memory_order_relaxed);
}

uint64_t notary_wrong(const struct notary *notary) {
    return atomic_load_explicit(&notary->wrong, memory_order_relaxed);
}
