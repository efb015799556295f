/*
 * The gateway's side of sessions: which connection each has, and how far it has been told.
 *
 * A session outlives connections, keys and days; what must survive the process is the engine's
 * (last number, orders, up or down). Here is the rest: the routing id and key of the connection in
 * use, credits, heartbeats, and the cursor of what was sent.
 *
 * A session's connection is found from the routing id of a message, and counts only when the
 * message came under the same key: the routing id is the client's choice, the key is its identity.
 *
 * A drop copy is a connection without a session: it is told what all sessions of its participant
 * are told. It stands in the same table, under the number that owners_copy() gives, with a cursor,
 * a state and heartbeats like any session; the market does not know of it.
 *
 * Threads: the core's.
 */
#ifndef GATEWAY_SESSION_H
#define GATEWAY_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/owners.h"
#include "gateway/unread.h"

/* A longer routing id than this cannot log on. libzmq makes ids of 5 bytes itself. */
#define ROUTING_BYTES_MAX 32

struct route {
    uint8_t size;
    uint8_t bytes[ROUTING_BYTES_MAX];
};

enum session_state {
    SESSION_AWAY,     /* no connection */
    SESSION_ARRIVING, /* SESSION_UP is sequenced and not yet durable */
    SESSION_RESUMING, /* logged on; pulls pages of what it lacks */
    SESSION_LIVE,     /* gets its reports as they become durable */
    SESSION_LAGGING,  /* did not read: the reader serves it from the ledger until it keeps up */
};

/* Frames that wait until a page before them has been sent (outbox.h). */
struct held_frame;

/* No slice: end of a chain, or nothing to send. No slice lies at the very front of a ring. */
#define SLICE_NONE 0

struct session {
    /* What each released record looks at. */
    uint8_t state;         /* enum session_state */
    bool is_holding;       /* live frames wait for the page that the reader makes */
    bool has_page_job;     /* the reader works on a page for it */
    bool is_lost;          /* its connection is gone; SESSION_DOWN is to be sequenced */
    uint32_t in_flight;    /* requests sequenced and not answered */
    uint32_t slices_first; /* chain of slices to be sent, in the ring's units; or SLICE_NONE */
    uint32_t slices_last;
    uint32_t touched_next; /* next session with slices to be sent, 0: last */
    uint64_t event_next;   /* no event for it stands at or past this, as far as released */
    uint64_t sent_next;    /* the client was sent everything below it */

    /* What each request looks at. */
    uint32_t key; /* of the connection */
    uint32_t participant;
    uint32_t roles;
    uint64_t last_number;   /* as the engine has it */
    uint64_t last_sequence; /* of that request, UINT64_MAX: none */
    int64_t received_ns;    /* monotonic: the last message */
    int64_t allowance_ns;   /* rate limit: when the next request would be on time */

    int64_t sent_ns;      /* monotonic: the last frame sent */
    uint64_t up_sequence; /* of the SESSION_UP in force */
    uint64_t logon_next;  /* what its Logon said it has seen */
    int64_t retry_ns;     /* monotonic: LAGGING, not before this is the next page tried */
    uint64_t page_end;    /* of the page that the reader makes */
    uint64_t hold_next;   /* while holding: the held frames reach up to here */
    uint32_t generation;  /* counts connections: an answer made for an earlier one is dropped */
    uint32_t repeats;     /* repeated requests that the reader works on */
    uint32_t waiting;     /* requests that wait for the notary */
    uint32_t held_count;
    uint32_t active_place; /* place in the list of sessions that are up, plus 1; 0: not in it */
    struct held_frame *held_first;
    struct held_frame *held_last;
    struct unread_line unread; /* outbox.h */
    bool is_seen; /* event_next is right: known since the session was created or found */
    struct route route;
};

struct sessions {
    const struct owners *owners;
    struct session *all; /* [number]; entry 0 is unused */
    uint32_t copies_up;  /* drop copies that have a connection */
    uint32_t *routes;    /* open addressing: session numbers by routing id, 0: free */
    uint32_t routes_mask;
    uint32_t *active; /* numbers of those that are not AWAY, in no order */
    uint32_t active_count;
};

/* Room for every session and drop copy that there may be. Returns 0 or a negative failure. */
int sessions_init(struct sessions *sessions, const struct owners *owners);
void sessions_fini(struct sessions *sessions);

/* The session of a number, also when the engine has none of it yet; or a drop copy. */
struct session *sessions_get(struct sessions *sessions, uint32_t number);

/* Whether a number is a drop copy's. */
static inline bool sessions_is_copy(const struct sessions *sessions, uint32_t number) {
    return number > sessions->owners->sessions_max;
}

/* The number as the market knows it: 0 for a drop copy. */
static inline uint32_t sessions_market(const struct sessions *sessions, uint32_t number) {
    return sessions_is_copy(sessions, number) ? 0 : number;
}

/* The number of the session, or drop copy, that has this connection, 0 when none has. */
uint32_t sessions_find(const struct sessions *sessions, const struct route *route, uint32_t key);

/* The same under whatever key. */
uint32_t sessions_holder(const struct sessions *sessions, const struct route *route);

/* Ties a session to a connection, which no other session holds; its own before is forgotten. The
 * state is the caller's to set. */
void sessions_connect(struct sessions *sessions, uint32_t number, const struct route *route,
                      uint32_t key);

/* Cuts a session from its connection: AWAY. */
void sessions_disconnect(struct sessions *sessions, uint32_t number);

#endif
