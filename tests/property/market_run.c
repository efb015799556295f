/*
 * Three markets side by side: an engine, another one, and the model.
 */
#include "tests/property/market_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "engine/version.h"
#include "engine/view.h"
#include "tests/property/naive_market.h"
#include "tests/property/random_command.h"
#include "tests/scenario/venue.h"

/* Steps of one market before the next one, with other limits, begins. */
#define ROUND_STEPS 1500
#define WINDOW_MAX  5
#define START_NS    INT64_C(1790000000000000000)

/* An engine with its memory and what it said last. */
struct twin {
    void *memory;
    struct engine *engine;
    struct event window[WINDOW_MAX];
    uint32_t window_count; /* places in use, so that flushes come at all places */
    struct event events[NAIVE_EVENTS_MAX];
    uint32_t count;
};

struct rig {
    struct random random;
    size_t size;
    struct twin first;
    struct twin second;
    struct naive_market market;
    uint64_t sequence;
    int64_t now_ns;
    bool was_stopped;
    struct market_run *run;
    uint32_t trades_max;
};

static void keep(struct twin *twin, const struct event *end) {
    for (const struct event *event = twin->window; event < end; event++) {
        assert_true(twin->count < NAIVE_EVENTS_MAX);
        twin->events[twin->count++] = *event;
    }
}

static void on_flush(struct event_sink *sink) {
    struct twin *twin = sink->owner;
    keep(twin, sink->next);
    sink->next = twin->window;
}

static void *map(size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_ptr_not_equal(memory, MAP_FAILED);
    return memory;
}

static void apply(struct twin *twin, const struct command *command) {
    struct event_sink sink = {.next = twin->window,
                              .end = twin->window + twin->window_count,
                              .flush = on_flush,
                              .owner = twin};
    engine_ahead(twin->engine, command);
    engine_nearer(twin->engine, command, 1);
    engine_nearer(twin->engine, command, 2);
    engine_apply(twin->engine, command, &sink);
    keep(twin, sink.next);
}

static void write_events(const char *who, const struct event *events, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const struct event *each = &events[i];
        fprintf(stderr, "%s %u: kind %d reason %d field %d order %llx price %lld quantity %u/%u\n",
                who, i, each->kind, each->reason, each->field, (unsigned long long)each->order_id,
                (long long)each->price_fen, each->quantity, each->leaves);
    }
}

static void compare_events(const struct rig *rig, const struct command *command) {
    const struct naive_market *market = &rig->market;
    uint32_t count = rig->first.count;
    bool is_same = count == market->count &&
                   memcmp(rig->first.events, market->events, count * sizeof(struct event)) == 0;
    if (!is_same) {
        fprintf(stderr, "sequence %llu verb %d act %d\n",
                (unsigned long long)command->stamp.sequence, command->verb, command->act.kind);
        write_events("engine", rig->first.events, count);
        write_events("naive ", market->events, market->count);
        fail();
    }
    assert_int_equal(rig->second.count, count);
    assert_memory_equal(rig->second.events, rig->first.events, count * sizeof(struct event));
}

static void compare_accounts(struct rig *rig) {
    struct naive_market *market = &rig->market;
    for (uint32_t number = 1; number <= market->counts[POOL_ACCOUNTS]; number++) {
        struct account_view account;
        assert_true(engine_account(rig->first.engine, number, &account));
        assert_int_equal(account.cash_fen, market->accounts[number - 1].cash_fen);
        assert_int_equal(account.reserved_fen, naive_market_reserved_fen(market, number));
    }
    assert_int_equal(engine_count(rig->first.engine, POOL_HOLDINGS), market->counts[POOL_HOLDINGS]);
    for (uint32_t row = 0; row < market->counts[POOL_HOLDINGS]; row++) {
        const struct naive_holding *wanted = &market->holdings[row];
        struct holding_view holding;
        assert_true(
            engine_holding_find(rig->first.engine, wanted->account, wanted->instrument, &holding));
        assert_int_equal(holding.quantity, wanted->quantity);
        assert_int_equal(holding.reserved,
                         naive_market_reserved_units(market, wanted->account, wanted->instrument));
    }
}

static void compare_instruments(const struct rig *rig) {
    const struct naive_market *market = &rig->market;
    for (uint32_t number = 1; number <= market->counts[POOL_INSTRUMENTS]; number++) {
        const struct naive_instrument *wanted = &market->instruments[number - 1];
        struct instrument_view instrument;
        assert_true(engine_instrument(rig->first.engine, number, &instrument));
        assert_int_equal(instrument.last_fen, wanted->last_fen);
        assert_int_equal(instrument.is_killed, wanted->is_killed);
        assert_int_equal(instrument.phase, naive_phase_of(market, number));
        assert_int_equal(instrument.band_low_fen, wanted->of.band_low_fen);
        assert_int_equal(instrument.band_high_fen, wanted->of.band_high_fen);
    }
}

static void compare_orders(const struct rig *rig) {
    const struct naive_market *market = &rig->market;
    assert_int_equal(engine_count(rig->first.engine, POOL_ORDERS), market->counts[POOL_ORDERS]);
    for (uint32_t row = 0; row < market->counts[POOL_ORDERS]; row++) {
        const struct naive_market_order *wanted = &market->orders[row];
        struct order_view order;
        assert_true(engine_order(rig->first.engine, wanted->id, &order));
        assert_int_equal(order.entry, wanted->entry);
        assert_int_equal(order.price_fen, wanted->price_fen);
        assert_int_equal(order.leaves_qty, wanted->leaves);
        assert_int_equal(order.cum_qty, wanted->cum);
        assert_int_equal(order.good_till, wanted->good_till);
    }
}

/* Makes a twin, whose memory is zeros, another first. */
static void copy_into(const struct rig *rig, struct twin *twin) {
    struct extent extents[ENGINE_EXTENTS_MAX];
    size_t count = engine_extents(rig->first.engine, extents);
    for (size_t i = 0; i < count; i++)
        memcpy((char *)twin->memory + extents[i].offset,
               (char *)rig->first.memory + extents[i].offset, extents[i].size);
    twin->engine = twin->memory;
}

/* Throws the second engine away for a copy of the first. */
static void copy_first(struct rig *rig) {
    munmap(rig->second.memory, rig->size);
    rig->second.memory = map(rig->size);
    copy_into(rig, &rig->second);
}

static void stamp(struct rig *rig, struct command *command) {
    command->stamp.time_ns = rig->now_ns;
    command->stamp.version = VERSION_KNOWN;
    command->stamp.sequence = rig->sequence;
    rig->sequence += random_once_in(&rig->random, 10) ? 3 : 1; /* a command of several records */
}

/* How many orders a sweep took out; only one acts in a command. */
static uint32_t count_swept(const struct twin *twin) {
    uint32_t swept = 0;
    for (uint32_t i = 0; i < twin->count; i++) {
        const struct event *each = &twin->events[i];
        swept += each->kind == EVENT_EXPIRED ||
                 (each->kind == EVENT_CANCELED &&
                  (each->reason == REASON_MASS_CANCEL || each->reason == REASON_KILLED ||
                   each->reason == REASON_OUT_OF_BAND || each->reason == REASON_DISCONNECTED));
    }
    return swept;
}

/* Tells the model how much of a sweep the engine did. */
static void tell_sweep(struct rig *rig, const struct command *command) {
    const struct engine *engine = rig->first.engine;
    uint64_t sweep =
        command->verb == VERB_CONTINUE ? command->continuation.sweep : command->stamp.sequence;
    rig->market.sweep_takes = count_swept(&rig->first);
    rig->market.sweep_ends = !engine_is_sweeping(engine, sweep);
}

/* Makes a twin another's copy, in memory of its own. */
static struct twin copy_of_first(const struct rig *rig) {
    struct twin twin = {.memory = map(rig->size), .window_count = WINDOW_MAX};
    copy_into(rig, &twin);
    return twin;
}

/* Nothing is half done: an engine that refuses a request is in the state of one that was asked,
 * with the same number, to cancel an order that never was. */
static void check_refusal(struct rig *rig, const struct command *command, struct twin *before) {
    struct command nothing = {.verb = VERB_CANCEL, .stamp = command->stamp};
    apply(before, &nothing);
    if (venue_digest(before->engine) != venue_digest(rig->first.engine)) {
        fprintf(stderr, "verb %d act %d is refused and changes something\n", command->verb,
                command->act.kind);
        fail();
    }
}

/* Both engines, and now and then a look at what a refusal leaves. */
static void apply_both(struct rig *rig, const struct command *command) {
    struct twin before = {0};
    if (command->stamp.session != 0 && random_once_in(&rig->random, 50))
        before = copy_of_first(rig);
    rig->first.count = 0;
    rig->second.count = 0;
    apply(&rig->first, command);
    apply(&rig->second, command);
    if (before.memory == NULL)
        return;
    if (rig->first.events[0].kind == EVENT_REJECTED && rig->first.count > 0)
        check_refusal(rig, command, &before);
    munmap(before.memory, rig->size);
}

/* Stamps a command, lets all three carry it out, and compares. */
static void carry_out(struct rig *rig, struct command *command) {
    stamp(rig, command);
    rig->first.window_count = random_between(&rig->random, 1, WINDOW_MAX);
    rig->second.window_count = random_between(&rig->random, 1, WINDOW_MAX);
    apply_both(rig, command);
    tell_sweep(rig, command);
    naive_market_apply(&rig->market, command);
    compare_events(rig, command);
    assert_int_equal(engine_timer_due(rig->first.engine), naive_market_timer_due(&rig->market));
    assert_int_equal(engine_continue_due(rig->first.engine), rig->market.waiting_count > 0);
    engine_check(rig->first.engine);
    if (command->verb != VERB_SEAL && command->verb != VERB_DIGEST)
        rig->was_stopped = command->verb == VERB_STOP || command->verb == VERB_GENESIS;
    for (uint32_t i = 0; i < rig->first.count; i++)
        rig->run->has_met[rig->first.events[i].reason] = true;
}

/* Lets the oldest unfinished sweep go on, or not yet. */
static void go_on(struct rig *rig) {
    while (engine_continue_due(rig->first.engine) && !random_once_in(&rig->random, 3)) {
        struct command more = engine_continue(rig->first.engine);
        carry_out(rig, &more);
        rig->run->continues++;
    }
}

/* Lets due timers fire, at their time or late. */
static void fire_timers(struct rig *rig, int64_t until_ns) {
    while (engine_timer_due(rig->first.engine) <= until_ns) {
        struct command tick = {.verb = VERB_TICK,
                               .tick = {.due_ns = engine_timer_due(rig->first.engine)}};
        if (tick.tick.due_ns > rig->now_ns)
            rig->now_ns = tick.tick.due_ns;
        carry_out(rig, &tick);
    }
    rig->now_ns = until_ns;
}

static void begin_round(struct rig *rig) {
    struct engine_limits limits = random_limits(&rig->random);
    struct command command;
    rig->size = engine_size(&limits);
    assert_true(rig->size > 0);
    rig->first.memory = map(rig->size);
    rig->second.memory = map(rig->size);
    rig->first.engine = engine_init(rig->first.memory, rig->size, &limits);
    rig->second.engine = engine_init(rig->second.memory, rig->size, &limits);
    assert_non_null(rig->first.engine);
    assert_non_null(rig->second.engine);
    naive_market_init(&rig->market, rig->trades_max);
    rig->sequence = 0;
    rig->now_ns = START_NS;
    random_genesis(&rig->random, &limits, &command);
    carry_out(rig, &command);
    for (uint32_t step = 0; random_beginning(&rig->random, &rig->market, step, &command); step++)
        carry_out(rig, &command);
}

static void end_round(struct rig *rig) {
    munmap(rig->first.memory, rig->size);
    munmap(rig->second.memory, rig->size);
}

static void step(struct rig *rig, uint64_t number) {
    struct command command;
    int64_t pause_ns =
        random_once_in(&rig->random, 3) ? 0 : (int64_t)1 << random_below(&rig->random, 23);
    random_command(&rig->random, &rig->market, rig->was_stopped, &command);
    if (command.verb == VERB_OUTAGE || command.verb == VERB_START)
        rig->now_ns += pause_ns * 100; /* before any timer */
    else
        fire_timers(rig, rig->now_ns + pause_ns);
    rig->run->between += engine_continue_due(rig->first.engine);
    if (command.verb == VERB_OUTAGE)
        command.outage.to_ns = command.outage.from_ns + pause_ns;
    if (command.stamp.session != 0)
        command.stamp.participant = rig->market.sessions[command.stamp.session - 1].of.participant;
    carry_out(rig, &command);
    if (engine_timer_due(rig->first.engine) > rig->now_ns)
        go_on(rig);
    compare_accounts(rig);
    compare_orders(rig);
    compare_instruments(rig);
    if (number % 50 == 0)
        assert_true(venue_digest(rig->first.engine) == venue_digest(rig->second.engine));
    if (random_once_in(&rig->random, 100))
        copy_first(rig);
}

void market_run(struct market_run *run, struct random random, uint64_t steps, uint32_t trades_max) {
    static struct rig rig; /* large, and only one at a time */
    memset(&rig, 0, sizeof rig);
    memset(run, 0, sizeof *run);
    rig.random = random;
    rig.run = run;
    rig.trades_max = trades_max;
    for (uint64_t done = 0; done < steps; done += ROUND_STEPS) {
        begin_round(&rig);
        for (uint64_t number = 1; number <= ROUND_STEPS; number++)
            step(&rig, number);
        end_round(&rig);
    }
}
