/*
 * The core: gives each command its place and time, applies it, and submits what came of it.
 *
 * One thread, one order. A command is stamped with the next sequence and with time that never goes
 * back; before it, each timer that is due gets its Tick. A sweep that is unfinished goes on when
 * the core's owner says so (core_continue()), between whatever else there is. Events are encoded
 * into the command's records as the engine makes them, in the room that agreement (agree.h) gives.
 *
 * The core knows nothing of connections. It does not decide what may be sequenced either: by the
 * time it gets a request, the gateway has let it pass.
 *
 * Threads: one, the gateway's too.
 */
#ifndef GATEWAY_CORE_H
#define GATEWAY_CORE_H

#include "engine/engine.h"
#include "gateway/agree.h"
#include "gateway/counters.h"
#include "gateway/entry.h"
#include "gateway/stages.h"
#include "ledger/crypto.h"
#include "proto/codec_request.h"

/* Events that the engine writes before they are encoded: a few are the rule, more come in turns. */
#define CORE_EVENTS 64

/* What was submitted goes on its way at the latest when it is so much: a sweep of ten million
 * orders makes gigabytes, which the ledger takes while they come, and not only once the ring is
 * full of them (core_listener.wait). */
#define CORE_FLUSH_BYTES ((size_t)16 << 20)

/* Of requests whose sweeps are unfinished as many are remembered as there may be; each is short. */
#define CORE_SWEEPERS          (SWEEPS_MASS_MAX + SWEEPS_ACTS_MAX)
#define CORE_SWEEPER_BYTES_MAX 256

struct core_sweeper {
    uint64_t sweep; /* sequence of the request */
    uint32_t session;
    uint32_t size;
    uint8_t bytes[CORE_SWEEPER_BYTES_MAX];
};

/* Where a request came from. */
struct core_origin {
    uint32_t session;
    uint32_t participant;
    uint32_t key;
    uint64_t previous;   /* sequence + 1 of the session's request before this, 0: none */
    int64_t received_ns; /* wall time */
    int64_t received_mono_ns;
};

/* What the core tells its owner. */
struct core_listener {
    /* An event of the rarer kinds (DONE, and from PHASE on), as it is applied, before it is
     * durable.
     */
    void (*event)(void *owner, const struct event *event);

    /* There is no room: flush, and wait until something is decided and released. Called also in the
     * middle of a command; must not call the engine. */
    void (*wait)(void *owner);

    void *owner;
};

struct core {
    struct engine *engine;
    struct agree *agree;
    struct core_listener listener;
    struct request_note *note; /* of the request being applied */
    struct counters *counters;
    struct stages *stages;
    struct hasher *hasher;
    uint64_t epoch;
    uint32_t version;        /* behaviour in force */
    uint64_t next;           /* sequence of the next record */
    int64_t now_ns;          /* what commands are stamped with; moved by core_time() */
    uint64_t uncovered;      /* a record that the next Seal must cover; NONE: no record needs one */
    uint64_t newest;         /* the last record that is neither a Seal nor a Digest */
    uint64_t since_mark;     /* records since the last Mark */
    const char *assert_text; /* "" or the text of an order that aborts, for tests */

    /* The command at hand. */
    const struct core_origin *origin;
    struct entry *entry; /* the record being written */
    uint64_t first;      /* sequence of its first record */
    uint32_t parts;      /* records of it submitted */
    size_t submitted;    /* bytes since the core has flushed */

    /* Noted again while their sweeps go on; the newest CORE_SWEEPERS, and as sweeps end in their
     * order these are all that matter. */
    uint32_t sweepers_at;
    struct core_sweeper sweepers[CORE_SWEEPERS];

    struct entropy entropy;
    struct record_output output;
    struct event_sink sink;
    struct event events[CORE_EVENTS];
    struct record_writer writer;
};

#define CORE_NONE UINT64_MAX

/* What a core is made of; all stays the caller's. */
struct core_parts {
    struct engine *engine;
    struct agree *agree;
    struct request_note *note;
    struct counters *counters;
    struct stages *stages;
    struct hasher *hasher;
    struct core_listener listener;
    const char *assert_text;
};

/* A core that goes on after `next` records, the last stamped now_ns at the latest. */
void core_init(struct core *core, const struct core_parts *parts, uint64_t next, int64_t now_ns);

/* Time has passed: commands are stamped now_ns from now on, not below what it was. */
void core_time(struct core *core, int64_t now_ns);

/* Sequences a Tick for each timer due by now. */
void core_tick(struct core *core);

/* The oldest unfinished sweep goes on by one Continue, after the timers that are due. Returns
 * whether a sweep is still unfinished. */
bool core_continue(struct core *core);

/* Sequences a request: `command` as decoded, `bytes` as it came. Returns its sequence. */
uint64_t core_request(struct core *core, struct command *command, struct span bytes,
                      const struct core_origin *origin);

/* A request that is in quarantine: sequenced unread, with its number. What can be decoded is far
 * shorter than CORE_QUARANTINED_BYTES_MAX. */
#define CORE_QUARANTINED_BYTES_MAX 4096
uint64_t core_quarantined(struct core *core, uint64_t number, struct span bytes,
                          const struct core_origin *origin);

/* Sequences a command of the exchange's own. Returns its sequence. */
uint64_t core_own(struct core *core, struct command *command);

/* Sequences Start or Outage, the first command of an epoch: before any timer that came due in
 * between, which get their Ticks with the next command. Returns its sequence. */
uint64_t core_begin(struct core *core, struct command *command);

/* As core_own() for a command that has nothing but its verb. */
uint64_t core_verb(struct core *core, enum verb verb);

/* Sequences a Seal over everything so far, before there is a register: its root is that of the
 * empty map. */
uint64_t core_seal(struct core *core);

/* Sequences a Seal that names the register's root as of `as_of`, which the register's follower has
 * read. */
uint64_t core_seal_as_of(struct core *core, uint64_t as_of, const struct hash *root);

#endif
