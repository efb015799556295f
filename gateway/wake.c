/* An eventfd and a word: see the header for the argument. */
#include "gateway/wake.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "ledger/failure.h"

#ifdef __SANITIZE_THREAD__
/* The sanitizer does not model fences. What it must see, that a queue's contents were written
 * before they are read, rests on the queue's own release and acquire. */
#pragma GCC diagnostic ignored "-Wtsan"
#endif

int wake_init(struct wake *wake) {
    atomic_init(&wake->is_asleep, 0);
    wake->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return wake->fd < 0 ? failure_errno("eventfd") : 0;
}

void wake_fini(struct wake *wake) {
    if (wake->fd >= 0)
        close(wake->fd);
    wake->fd = -1;
}

void wake_announce(struct wake *wake) {
    atomic_store_explicit(&wake->is_asleep, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst); /* partner: the fence in wake_signal() */
}

void wake_retract(struct wake *wake) {
    if (atomic_exchange_explicit(&wake->is_asleep, 0, memory_order_relaxed) == 1)
        return; /* nobody took it, so nobody writes */
    uint64_t count;
    /* Whoever took it may not have written yet: then the next sleep ends early, once. */
    ssize_t got = read(wake->fd, &count, sizeof count);
    (void)got;
}

void wake_wait(struct wake *wake, int timeout_ms) {
    struct pollfd ready = {.fd = wake->fd, .events = POLLIN};
    int count;
    do {
        count = poll(&ready, 1, timeout_ms);
    } while (count < 0 && errno == EINTR && timeout_ms < 0);
    wake_retract(wake);
}

void wake_signal(struct wake *wake) {
    atomic_thread_fence(memory_order_seq_cst); /* partner: the fence in wake_announce() */
    if (atomic_load_explicit(&wake->is_asleep, memory_order_relaxed) == 0)
        return;
    if (atomic_exchange_explicit(&wake->is_asleep, 0, memory_order_relaxed) == 0)
        return;
    uint64_t one = 1;
    ssize_t put = write(wake->fd, &one, sizeof one);
    (void)put; /* a full counter already wakes */
}
