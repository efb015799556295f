/*
 * A demo broker: asked to act, it sends one request, whatever its style and the market make of it;
 * told what came back, it knows which of its orders rest.
 *
 * Prices move around a fair one that all players see and demo_market_move() walks: within a fifth
 * of the reference, tick by tick, drawn to a target that changes now and then.
 *
 * Threads: one.
 */
#ifndef BENCH_DEMO_PLAYER_H
#define BENCH_DEMO_PLAYER_H

#include "bench/demo_world.h"
#include "bench/histogram.h"
#include "bench/random.h"

struct demo_market {
    struct random random;
    int64_t fair_fen[DEMO_INSTRUMENTS];
    int64_t target_fen[DEMO_INSTRUMENTS];
    int64_t last_fen[DEMO_INSTRUMENTS]; /* of the last trade, 0: none yet */
};

void demo_market_init(struct demo_market *market, uint64_t seed);

/* Moves every fair price by a tick or not. */
void demo_market_move(struct demo_market *market);

#define DEMO_REASONS_MAX 512

/* What the players have seen, together. */
struct demo_counts {
    uint64_t answered; /* requests with a durable answer */
    uint64_t entered;
    uint64_t replaced;
    uint64_t canceled;
    uint64_t refused;
    uint64_t trades;
    uint64_t volume;
    int64_t turnover_fen;
    uint64_t reasons[DEMO_REASONS_MAX]; /* of refused */
    struct histogram latency_us;        /* from the intended send time to the durable answer */
};

#define DEMO_LEVELS 3
/* Both hold more numbers than a session sends before an order of it is long gone. Powers of two. */
#define DEMO_ORDERS  65536u
#define DEMO_PASSIVE 128u

struct demo_order {
    uint64_t number; /* of the request that entered it; 0: none rests here */
    int64_t price_fen;
    uint32_t cum;
    uint32_t leaves; /* 0 while it is on its way */
};

struct demo_player {
    const struct demo_broker *broker;
    struct demo_market *market;
    struct demo_counts *counts;
    struct client *client;
    struct random random;
    uint32_t session;
    uint32_t account;
    uint32_t turn;
    uint64_t quotes[DEMO_INSTRUMENTS][2][DEMO_LEVELS]; /* a maker's orders by place, 0: none */
    uint64_t passive[DEMO_PASSIVE];                    /* a taker's resting orders, a ring */
    uint32_t passive_next;
    int64_t due_ns[DEMO_ORDERS]; /* [number]: when the request was to be sent, 0: answered */
    struct demo_order orders[DEMO_ORDERS];
};

/* Sends one request, due at `due_ns` of the monotonic clock; client_flush() is the caller's. False
 * when too many have no answer: nothing was sent. */
bool demo_player_act(struct demo_player *player, int64_t due_ns);

/* Takes what the client has received by now, at `now_ns`; ends the process when the session is
 * lost. */
void demo_player_take(struct demo_player *player, int64_t now_ns);

/* Logs off and closes the client. */
void demo_player_leave(struct demo_player *player);

#endif
