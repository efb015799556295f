/*
 * The generator plays its flow on real books as it goes, so that it knows which orders are alive
 * and where the market stands, and then chooses the next operation around that.
 *
 * Distances from the last price are exponential, by -log2 of a uniform number in whole arithmetic.
 */
#include "bench/flow_make.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "bench/random.h"

#define EVENTS_WINDOW 256
/* One in so many cancels and replaces names any order that ever was. */
#define STALE_ONE_IN 50
/* ln 2 in parts of 2^16. */
#define LN2_16 45426u

#define L BOOK_LIMIT
#define M BOOK_MARKET
#define I BOOK_IOC
#define F BOOK_FOK

static const struct flow_profile profiles[FLOW_PROFILES] = {
    {.name = "xcore",
     .says = "one symbol, small, nearly all of it replaces",
     .symbols = 1,
     .preload = 2000,
     .price_ticks_max = 65535,
     .adds_short = 1000,
     .adds_long = 0,
     .quiet_quantity = 100,
     .distance_mean = 40,
     .take_share = 30,
     .take_reach = 2,
     .take_quantity = 60,
     .take_types = {I, I, I, I, I, I, I, I, I, I},
     .replace_share = 820},
    {.name = "itch",
     .says = "100 symbols, adds and cancels, few trades",
     .symbols = 100,
     .preload = 100000,
     .price_ticks_max = 65535,
     .adds_short = 528,
     .adds_long = 428,
     .quiet_quantity = 100,
     .distance_mean = 15,
     .take_share = 70,
     .take_reach = 3,
     .take_quantity = 120,
     .take_types = {I, I, I, I, I, L, L, L, M, F},
     .replace_share = 30,
     .symbols_busy = 10},
    {.name = "cross",
     .says = "one symbol, half of the orders trade",
     .symbols = 1,
     .preload = 2000,
     .price_ticks_max = 65535,
     .adds_short = 1000,
     .adds_long = 0,
     .quiet_quantity = 200,
     .distance_mean = 40,
     .take_share = 500,
     .take_reach = 8,
     .take_quantity = 300,
     .take_types = {L, L, L, L, L, L, I, I, M, F}},
    {.name = "deep",
     .says = "one symbol with a million resting orders",
     .symbols = 1,
     .preload = 1000000,
     .price_ticks_max = 65535,
     .adds_short = 487,
     .adds_long = 487,
     .quiet_quantity = 100,
     .quiet_share = 50,
     .distance_mean = 2500,
     .take_share = 15,
     .take_reach = 5,
     .take_quantity = 100,
     .take_types = {L, L, L, L, L, L, L, L, L, I},
     .replace_share = 400},
    {.name = "sparse",
     .says = "prices spread over four million ticks",
     .symbols = 1,
     .preload = 200000,
     .price_ticks_max = 3999999,
     .adds_short = 487,
     .adds_long = 487,
     .quiet_quantity = 100,
     .quiet_share = 50,
     .distance_mean = 20000,
     .take_share = 15,
     .take_reach = 5,
     .take_quantity = 100,
     .take_types = {L, L, L, L, L, L, L, L, L, I},
     .replace_share = 400},
    {.name = "gap",
     .says = "the best price keeps falling into holes of 20,000 empty ticks",
     .symbols = 1,
     .preload = 2000,
     .price_ticks_max = 65535,
     .adds_short = 1000,
     .adds_long = 500,
     .quiet_quantity = 100,
     .distance_mean = 40,
     .hole = 20000,
     .take_share = 400,
     .take_reach = 4,
     .take_quantity = 60,
     .take_types = {I, I, I, I, I, I, I, I, I, I},
     .touch_share = 450},
    {.name = "market",
     .says = "6,000 symbols, a few busy, most nearly idle",
     .symbols = 6000,
     .preload = 1000000,
     .price_ticks_max = 16383,
     .adds_short = 528,
     .adds_long = 428,
     .quiet_quantity = 100,
     .distance_mean = 15,
     .take_share = 70,
     .take_reach = 3,
     .take_quantity = 120,
     .take_types = {I, I, I, I, I, L, L, L, M, F},
     .replace_share = 30,
     .symbols_skewed = 2},
};

#undef L
#undef M
#undef I
#undef F

/* One symbol's market: where it traded last, and who rests there. */
struct place {
    uint32_t last_ticks;
    uint32_t *alive; /* ids, in no order */
    uint32_t count;
    uint32_t room;
};

struct maker {
    const struct flow_profile *profile;
    struct random random;
    struct flow *flow;
    struct books *books;
    void *memory; /* in which the books lie */
    struct place *places;
    uint32_t *symbol_of; /* by id */
    uint32_t *alive_at;  /* by id: where in its place's list, or BOOK_NONE */
    uint32_t next_id;
    uint32_t target; /* resting orders a symbol is kept near */
    struct book_sink sink;
    struct book_event window[EVENTS_WINDOW];
};

const struct flow_profile *flow_profile_at(size_t place) {
    assert(place < FLOW_PROFILES);
    return &profiles[place];
}

const struct flow_profile *flow_profile_find(const char *name) {
    for (size_t i = 0; i < FLOW_PROFILES; i++) {
        if (strcmp(profiles[i].name, name) == 0)
            return &profiles[i];
    }
    return NULL;
}

/* -log2 of a fraction of 2^32, in parts of 2^16: squaring finds one binary digit at a time. */
static uint32_t minus_log2(uint32_t fraction) {
    assert(fraction > 0);
    uint32_t zeros = (uint32_t)__builtin_clz(fraction);
    uint64_t mantissa = (uint64_t)fraction << zeros; /* 1/2 .. 1 in parts of 2^32 */
    uint32_t digits = 0;
    for (int i = 0; i < 16; i++) {
        mantissa = mantissa * mantissa >> 32;
        digits <<= 1;
        if (mantissa < UINT64_C(1) << 31) {
            digits |= 1;
            mantissa <<= 1;
        }
    }
    return (zeros << 16) + digits;
}

static uint32_t exponential(struct random *random, uint32_t mean) {
    uint64_t log2_16 = minus_log2((uint32_t)(random_next(random) >> 32) | 1u);
    return (uint32_t)((log2_16 * LN2_16 >> 16) * mean >> 16);
}

static uint32_t within(const struct maker *maker, int64_t price_ticks) {
    int64_t most = maker->profile->price_ticks_max;
    return (uint32_t)(price_ticks < 1 ? 1 : price_ticks > most ? most : price_ticks);
}

/* A price `away` from where the symbol traded last, on the order's own side of it (or past it,
 * when `away` is negative). */
static uint32_t price_away(const struct maker *maker, uint32_t symbol, uint32_t side,
                           int64_t away) {
    int64_t last = maker->places[symbol].last_ticks;
    return within(maker, side == BOOK_BUY ? last - away : last + away);
}

static uint32_t quiet_price(struct maker *maker, uint32_t symbol, uint32_t side) {
    const struct flow_profile *profile = maker->profile;
    int64_t away = 1 + (int64_t)profile->hole + exponential(&maker->random, profile->distance_mean);
    return price_away(maker, symbol, side, away);
}

static void forget(struct maker *maker, uint32_t id) {
    uint32_t at = maker->alive_at[id];
    if (at == BOOK_NONE)
        return;
    struct place *place = &maker->places[maker->symbol_of[id]];
    uint32_t moved = place->alive[--place->count];
    place->alive[at] = moved;
    maker->alive_at[moved] = at;
    maker->alive_at[id] = BOOK_NONE;
}

static void remember(struct maker *maker, uint32_t id) {
    struct place *place = &maker->places[maker->symbol_of[id]];
    if (place->count == place->room) {
        place->room = place->room != 0 ? 2 * place->room : 64;
        place->alive = realloc(place->alive, place->room * sizeof *place->alive);
        assert(place->alive != NULL);
    }
    maker->alive_at[id] = place->count;
    place->alive[place->count++] = id;
}

/* Learns from the events of a command. */
static void drain(struct book_sink *sink) {
    struct maker *maker = sink->owner;
    for (const struct book_event *event = maker->window; event < sink->next; event++) {
        if (event->kind != BOOK_TRADED)
            continue;
        if (maker->profile->hole == 0)
            maker->places[maker->symbol_of[event->maker_id]].last_ticks = event->price_ticks;
        if (event->maker_leaves == 0)
            forget(maker, event->maker_id);
    }
    sink->next = maker->window;
}

/* Adds an operation to the flow and plays it. */
static void play(struct maker *maker, const struct book_command *command) {
    const struct book_order *order = &command->order;
    struct book_view view;
    flow_add(maker->flow, command);
    switch (command->verb) {
    case BOOK_ENTER:
        maker->symbol_of[order->id] = order->book;
        book_enter(maker->books, order, &maker->sink);
        break;
    case BOOK_REPLACE:
        book_replace(maker->books, order->id, order->price_ticks, order->quantity, &maker->sink);
        break;
    case BOOK_CANCEL:
        book_cancel(maker->books, order->id, &maker->sink);
        break;
    }
    drain(&maker->sink);
    bool rests = book_order_get(maker->books, order->id, &view);
    if (rests && maker->alive_at[order->id] == BOOK_NONE)
        remember(maker, order->id);
    else if (!rests)
        forget(maker, order->id);
}

static void play_new(struct maker *maker, struct book_order order) {
    order.id = maker->next_id++;
    if (order.type == BOOK_MARKET)
        order.price_ticks = 0;
    play(maker, &(struct book_command){.verb = BOOK_ENTER, .order = order});
}

static void play_quiet(struct maker *maker, uint32_t symbol, uint32_t immediate_share) {
    const struct flow_profile *profile = maker->profile;
    uint32_t side = random_below(&maker->random, 2);
    bool is_immediate = random_below(&maker->random, 1000) < immediate_share;
    struct book_order order = {.book = symbol,
                               .side = (uint8_t)side,
                               .type = is_immediate ? BOOK_IOC : BOOK_LIMIT,
                               .price_ticks = quiet_price(maker, symbol, side),
                               .quantity =
                                   random_between(&maker->random, 1, profile->quiet_quantity)};
    play_new(maker, order);
}

static void play_take(struct maker *maker, uint32_t symbol) {
    const struct flow_profile *profile = maker->profile;
    uint32_t side = random_below(&maker->random, 2);
    struct book_order order = {
        .book = symbol,
        .side = (uint8_t)side,
        .type = profile->take_types[random_below(&maker->random, sizeof profile->take_types)],
        .price_ticks = price_away(maker, symbol, side, -(int64_t)profile->take_reach),
        .quantity = random_between(&maker->random, 1, profile->take_quantity)};
    play_new(maker, order);
}

/* One small order within three ticks of the middle. */
static void play_touch(struct maker *maker, uint32_t symbol) {
    uint32_t side = random_below(&maker->random, 2);
    int64_t away = random_between(&maker->random, 1, 3);
    play_new(maker, (struct book_order){.book = symbol,
                                        .side = (uint8_t)side,
                                        .price_ticks = price_away(maker, symbol, side, away),
                                        .quantity = random_between(&maker->random, 1, 20)});
}

/* An order to cancel or replace: mostly one that rests at the symbol. */
static uint32_t any_id(struct maker *maker, uint32_t symbol) {
    const struct place *place = &maker->places[symbol];
    if (place->count == 0 || random_once_in(&maker->random, STALE_ONE_IN))
        return random_between(&maker->random, 1, maker->next_id - 1);
    return place->alive[random_below(&maker->random, place->count)];
}

static void play_cancel(struct maker *maker, uint32_t symbol) {
    struct book_command command = {.verb = BOOK_CANCEL};
    command.order.id = any_id(maker, symbol);
    play(maker, &command);
}

/* Mostly to another price; to the same or another quantity alike. */
static void play_replace(struct maker *maker, uint32_t symbol) {
    struct book_command command = {.verb = BOOK_REPLACE};
    command.order.id = any_id(maker, symbol);
    struct book_view view = {.book = symbol, .side = BOOK_BUY};
    bool rests = book_order_get(maker->books, command.order.id, &view);
    bool is_moved = !rests || !random_once_in(&maker->random, 4);
    bool is_resized = !rests || random_once_in(&maker->random, 2);
    command.order.price_ticks =
        is_moved ? quiet_price(maker, view.book, view.side) : view.price_ticks;
    command.order.quantity = is_resized ? random_between(&maker->random, 1, 100) : view.quantity;
    play(maker, &command);
}

static uint32_t any_symbol(struct maker *maker) {
    const struct flow_profile *profile = maker->profile;
    uint32_t limit = profile->symbols;
    if (profile->symbols_busy != 0 && !random_once_in(&maker->random, 3))
        limit = profile->symbols_busy;
    for (uint32_t i = 0; i < profile->symbols_skewed; i++)
        limit = random_between(&maker->random, 1, limit);
    return random_below(&maker->random, limit);
}

/* What is neither taking nor replacing nor touching adds or cancels, so that the number of resting
 * orders stays near its target. */
static void play_any(struct maker *maker) {
    const struct flow_profile *profile = maker->profile;
    uint32_t symbol = any_symbol(maker);
    uint32_t roll = random_below(&maker->random, 1000);
    if (roll < profile->take_share) {
        play_take(maker, symbol);
    } else if (roll < profile->take_share + profile->replace_share) {
        play_replace(maker, symbol);
    } else if (roll < profile->take_share + profile->replace_share + profile->touch_share) {
        play_touch(maker, symbol);
    } else {
        bool is_short = maker->places[symbol].count < maker->target;
        uint32_t adds = is_short ? profile->adds_short : profile->adds_long;
        if (random_below(&maker->random, 1000) < adds)
            play_quiet(maker, symbol, profile->quiet_share);
        else
            play_cancel(maker, symbol);
    }
}

static void *zeros(size_t count, size_t bytes) {
    void *memory = calloc(count, bytes);
    assert(memory != NULL);
    return memory;
}

static void open_books(struct maker *maker, uint32_t orders_max) {
    struct book_limits limits = {.orders_max = orders_max,
                                 .books_max = maker->profile->symbols,
                                 .levels_max = orders_max,
                                 .price_ticks_max = maker->profile->price_ticks_max};
    size_t size = books_size(&limits);
    assert(size > 0);
    /* Zeros that are not touched before they are needed, and room to align them. */
    maker->memory = zeros(1, size + BOOK_ALIGNMENT);
    size_t skip = BOOK_ALIGNMENT - (uintptr_t)maker->memory % BOOK_ALIGNMENT;
    void *memory = (char *)maker->memory + skip;
    maker->books = books_init(memory, size, &limits);
    assert(maker->books != NULL);
}

static void open_maker(struct maker *maker, uint32_t orders_max) {
    uint32_t symbols = maker->profile->symbols;
    open_books(maker, orders_max);
    maker->places = zeros(symbols, sizeof *maker->places);
    maker->symbol_of = zeros(orders_max, sizeof *maker->symbol_of);
    maker->alive_at = zeros(orders_max, sizeof *maker->alive_at);
    memset(maker->alive_at, 0xff, orders_max * sizeof *maker->alive_at);
    for (uint32_t i = 0; i < symbols; i++)
        maker->places[i].last_ticks = maker->profile->price_ticks_max / 2 + 1;
    maker->sink = (struct book_sink){.next = maker->window,
                                     .end = maker->window + EVENTS_WINDOW,
                                     .flush = drain,
                                     .owner = maker};
}

static void close_maker(struct maker *maker) {
    for (uint32_t i = 0; i < maker->profile->symbols; i++)
        free(maker->places[i].alive);
    free(maker->places);
    free(maker->symbol_of);
    free(maker->alive_at);
    free(maker->memory);
}

void flow_make(struct flow *flow, const struct flow_profile *profile, uint64_t seed,
               uint32_t operations, uint32_t shrink) {
    assert(shrink > 0);
    uint32_t preload = profile->preload / shrink;
    struct maker maker = {
        .profile = profile, .random = {.state = seed}, .flow = flow, .next_id = 1};
    *flow = (struct flow){0};
    maker.target = preload / profile->symbols;
    open_maker(&maker, preload + operations + 1);
    for (uint32_t i = 0; i < preload; i++) {
        maker.places[i % profile->symbols].last_ticks = profile->price_ticks_max / 2 + 1;
        play_quiet(&maker, i % profile->symbols, 0);
    }
    flow->preload = preload;
    for (uint32_t i = 0; i < operations; i++)
        play_any(&maker);
    close_maker(&maker);
}
