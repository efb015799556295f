/*
 * An exchange without a gateway: an engine, a clock that ticks by itself, and the records that come
 * of it, for benchmarks and tests that need a ledger.
 *
 * A maker keeps the engine's contract: Ticks before a command, time that goes
 * up by a fixed step with each command. Sweeps go on at once, unless it holds them. Salts are made
 * from the sequence, so the same commands make the same bytes.
 *
 *     struct maker maker;
 *     maker_init(&maker, &limits, take, owner);      Genesis
 *     maker_market(&maker, &market);                 brokers, accounts, instruments, an open day
 *     maker_play(&maker, &flow, 0, flow.count);      orders
 *     maker_seal(&maker);
 *     maker_fini(&maker);
 */
#ifndef BENCH_LEDGER_MAKER_H
#define BENCH_LEDGER_MAKER_H

#include "bench/flow.h"
#include "engine/engine.h"
#include "ledger/crypto.h"
#include "ledger/record.h"
#include "proto/codec_request.h"

#define MAKER_EVENTS 64

/* What the market consists of. */
struct maker_market {
    uint32_t participants; /* brokers, one session each */
    uint32_t accounts;     /* dealt out to them in turn */
    uint32_t instruments;  /* tick 1 fen, lots of 1, no band */
    bool is_funded;        /* each account gets cash and shares of each instrument, plenty */
};

struct maker {
    struct engine *engine;
    size_t engine_size;
    struct hasher *hasher;
    uint64_t next;   /* sequence of the next record */
    int64_t time_ns; /* of the next command */
    int64_t step_ns; /* added before each command */
    uint64_t done;   /* id in the last DONE event */
    bool holds_continues;

    void (*take)(void *owner, const uint8_t *bytes, size_t size); /* each record, in order */
    void *owner;
    uint64_t bytes; /* of all records so far */

    struct maker_market market;
    uint32_t first_session;     /* of the brokers, */
    uint32_t first_key;         /* of their keys, */
    uint32_t first_participant; /* and of themselves: all numbered without gaps */
    uint64_t *order_ids;        /* by the flow's ids */
    uint32_t order_ids_room;

    uint8_t *room;
    struct event_sink sink;
    struct event events[MAKER_EVENTS];
    struct record_output output;
    struct record_writer writer;
};

/* Sizes that are enough for so many orders and a market like that. */
struct engine_limits maker_limits(uint32_t orders, const struct maker_market *market);

/* Makes the engine and sequences Genesis, of a test environment with the operators' keys 1 and 2,
 * under the checkpoint key given. Asserts that there is memory. */
struct maker_genesis {
    struct engine_limits limits;
    const char *origin;
    struct signing_key checkpoint_key; /* its size 0: one that signs nothing */
    uint8_t profile;                   /* enum profile; 0: as bench/algorithms.h says */
};
void maker_init(struct maker *maker, const struct maker_genesis *genesis,
                void (*take)(void *owner, const uint8_t *bytes, size_t size), void *owner);
void maker_fini(struct maker *maker);

/* Sequences a request of a session under a key; its number is the session's next, `name` of an
 * add_participant. Returns its sequence. */
struct maker_sender {
    uint32_t session;
    uint32_t key;
};
uint64_t maker_request(struct maker *maker, struct maker_sender sender, struct command *command,
                       const char *name);

/* Sequences an act of the operators, with one key; or with two, one after the other. */
uint64_t maker_act(struct maker *maker, const struct act *act, const char *name);
uint64_t maker_act_of_two(struct maker *maker, const struct act *act);

/* Sequences a command of the exchange's own. Returns its sequence. */
uint64_t maker_own(struct maker *maker, struct command *command);
uint64_t maker_verb(struct maker *maker, enum verb verb);

/* A Seal over everything so far; a Mark; the Digest of the state right after that Mark. */
uint64_t maker_seal(struct maker *maker);
uint64_t maker_mark(struct maker *maker, struct hash *digest);
uint64_t maker_digest(struct maker *maker, uint64_t mark, const struct hash *digest);

/* Sets up a market; and plays a flow's commands from .. to - 1 in it, prices as fen. */
void maker_market(struct maker *maker, const struct maker_market *market);
void maker_play(struct maker *maker, const struct flow *flow, size_t from, size_t to);

#endif
