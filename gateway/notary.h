/*
 * The notary: checks parties' signatures before a deed is sequenced, on a thread of its own.
 *
 * One check takes as long as some hundred orders. So a signed deed waits beside, and with it what
 * its session sends behind it, for a session's requests keep their order; nobody else waits for
 * them. All that waits lies in one ring, in the order in which it came; the notary reads it there,
 * and what it has decided comes back in the same order.
 *
 * An item has the public keys with it, as the core knew them when it came: the notary looks into
 * nobody's state. A key that is revoked meanwhile is the engine's to find.
 *
 * How much waits is bounded, and what one session may have of it; beyond, the gateway refuses
 * (NO_CREDIT). The notary is woken once for what one round has handed in, and wakes the core when
 * it has nothing left, else every NOTARY_TELL_NS.
 *
 * Threads: one of its own, of lower priority, for where there are too few processors orders go
 * before deeds; the functions here are the core's.
 */
#ifndef GATEWAY_NOTARY_H
#define GATEWAY_NOTARY_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/command.h"
#include "gateway/session.h"
#include "gateway/wake.h"
#include "proto/wire.h"

/* Items that may wait, all and of one session: a full frame. Two signatures each are 0.9 s. */
#define NOTARY_ITEMS_MAX      4096u
#define NOTARY_ITEMS_EACH_MAX 1024u
/* And their bytes, with what is kept of each. */
#define NOTARY_BYTES_MAX ((size_t)8 << 20)
/* While it is at work, what has been decided is told this often. */
#define NOTARY_TELL_NS INT64_C(1000000)

/* Below what trades, above what writes snapshots. */
#define NOTARY_NICE 5

struct notary;

/* One request that waits. */
struct notary_item {
    uint32_t session;
    uint32_t generation; /* of its connection */
    uint32_t key;        /* number of the transport key it came under */
    struct route route;
    int64_t received_ns; /* wall time */
    int64_t received_mono_ns;
    uint32_t signatures; /* to be checked; 0: it only waits behind others */
    struct signing_key keys[DEED_SIGNATURES_MAX]; /* in the order of the signatures */
};

/* For the ledger that begins with this genesis. Starts the thread, which wakes `core` when
 * something is decided. NULL on failure, with a line in the log. */
struct notary *notary_create(const struct genesis *genesis, struct wake *core);
void notary_destroy(struct notary *notary);

/* Hands in a request's bytes; they are copied. The notary sees it after notary_flush(). False, and
 * nothing has happened, when too much waits already. */
bool notary_put(struct notary *notary, const struct notary_item *item, struct span bytes);
void notary_flush(struct notary *notary);

/* The next item that is decided, valid until the next call, NULL when there is none. *wrong is the
 * first of its signatures, from 1, that is false; 0: none is. */
const struct notary_item *notary_take(struct notary *notary, struct span *bytes, uint32_t *wrong);

/* True when notary_take() has one. */
bool notary_has_news(const struct notary *notary);

/* Items that wait now; signatures checked, and false ones among them, since the start. */
uint32_t notary_waiting(const struct notary *notary);
uint64_t notary_checked(const struct notary *notary);
uint64_t notary_wrong(const struct notary *notary);

#endif
