/*
 * What one command may do at most: trades and events of a sweep, orders of a mass cancel. Times are
 * printed, not asserted.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "bench/stopwatch.h"
#include "engine/view.h"
#include "proto/codec_event.h"

#define WINDOW         4096
#define START_NS       INT64_C(1790000000000000000)
#define FIRST_SEQUENCE (UINT64_C(1) << 52) /* ten years of a million records a second are 2^49 */
#define PRICE_FEN      INT64_C(1000000)
#define MILLION        1000000u
/* "At most 128 bytes each in a sweep": what rings are sized by. */
#define SWEEP_EVENT_BYTES_MAX 128

/* A market with one broker, who trades with himself: session 3, key 3, account 1, instrument 1. */
struct flood {
    void *memory;
    size_t size;
    struct engine *engine;
    struct event window[WINDOW];
    struct command command; /* that is being carried out */
    uint64_t sequence;
    uint64_t number;
    uint32_t events; /* of the last command */
    uint32_t ends;   /* CANCELED among them */
    struct event last;
    struct event told; /* the last MASS_CANCELED */
    size_t longest;    /* encoded, of all so far */
    bool encodes;
};

static void look(struct flood *flood, const struct event *event) {
    uint8_t bytes[CODEC_REPORT_BYTES_MAX];
    flood->ends += event->kind == EVENT_CANCELED;
    if (flood->encodes) {
        size_t size = codec_event_encode(event, &flood->command, flood->command.stamp.sequence,
                                         flood->events, bytes);
        if (size > flood->longest)
            flood->longest = size;
    }
    flood->events++;
    flood->last = *event;
    if (event->kind == EVENT_MASS_CANCELED)
        flood->told = *event;
}

static void on_flush(struct event_sink *sink) {
    struct flood *flood = sink->owner;
    for (const struct event *event = flood->window; event < sink->next; event++)
        look(flood, event);
    sink->next = flood->window;
}

/* A window as the core's would be: what is not looked at costs nothing. */
static void apply(struct flood *flood, const struct command *command) {
    struct event_sink sink = {
        .next = flood->window, .end = flood->window + WINDOW, .flush = on_flush, .owner = flood};
    flood->command = *command;
    flood->command.stamp.sequence = flood->sequence++;
    flood->command.stamp.time_ns = START_NS;
    flood->command.stamp.version = 1;
    flood->events = 0;
    flood->ends = 0;
    engine_apply(flood->engine, &flood->command, &sink);
    on_flush(&sink);
    assert_true(flood->events <= COMMAND_EVENTS_MAX);
}

static void request(struct flood *flood, const struct command *command) {
    struct command sent = *command;
    sent.stamp.session = 3;
    sent.stamp.participant = 2;
    sent.stamp.key = 3;
    sent.stamp.number = ++flood->number;
    apply(flood, &sent);
}

static void admin(struct flood *flood, const struct act *act) {
    static uint64_t numbers; /* goes up over all markets, which is enough */
    struct command command = {.verb = VERB_ACT, .act = *act};
    command.stamp.session = 1;
    command.stamp.participant = 1;
    command.stamp.key = 1;
    command.stamp.number = ++numbers;
    apply(flood, &command);
    assert_int_not_equal(flood->last.kind, EVENT_REJECTED);
}

static void populate(struct flood *flood) {
    const struct act acts[] = {
        {ACT_ADD_PARTICIPANT,
         .add_participant = {.roles = ROLE_BROKER, .code_bytes = 1, .code = "B"}},
        {ACT_ADD_KEY, .add_key = {.participant = 2, .person = 3, .key = {3}}},
        {ACT_ADD_SESSION, .add_session = {.participant = 2}},
        {ACT_ADD_ACCOUNT, .add_account = {.participant = 2, .owner = 1}},
        {ACT_ADD_INSTRUMENT, .add_instrument = {.symbol_bytes = 1,
                                                .symbol = "X",
                                                .tick_fen = PRICE_FEN / 100,
                                                .lot_min = 1,
                                                .lot_step = 1}},
        {ACT_DEPOSIT, .deposit = {.account = 1, .amount = INT64_MAX}},
        {ACT_DEPOSIT, .deposit = {.account = 1, .instrument = 1, .amount = INT64_MAX}},
        {ACT_DAY_OPEN, .day = {20261124}},
    };
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        admin(flood, &acts[i]);
}

static void begin(struct flood *flood, uint32_t orders) {
    struct command genesis = {.verb = VERB_GENESIS,
                              .genesis = {.environment = ENVIRONMENT_TEST,
                                          .profile = PROFILE_INTERNATIONAL,
                                          .checkpoint_key.size = 32,
                                          .operators = {{1, {1}}, {2, {2}}}}};
    struct engine_limits *limits = &genesis.genesis.limits;
    *limits = (struct engine_limits){.price_ticks_max = 1000};
    for (uint32_t pool = POOL_ORDERS; pool < POOLS_END; pool++)
        limits->limit[pool] = limits->ceiling[pool] = pool == POOL_ORDERS ? orders : 100;
    memset(flood, 0, sizeof *flood);
    flood->size = engine_size(limits);
    flood->memory = mmap(NULL, flood->size, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_ptr_not_equal(flood->memory, MAP_FAILED);
    flood->engine = engine_init(flood->memory, flood->size, limits);
    assert_non_null(flood->engine);
    flood->sequence = FIRST_SEQUENCE;
    flood->number = ORDER_NUMBER_MAX - 3 * MILLION; /* long to encode */
    apply(flood, &genesis);
    populate(flood);
}

static void end(struct flood *flood) {
    engine_check(flood->engine);
    munmap(flood->memory, flood->size);
}

static struct command sell_one(void) {
    return (struct command){.verb = VERB_NEW_ORDER,
                            .new_order = {.account = 1,
                                          .instrument = 1,
                                          .price_fen = PRICE_FEN,
                                          .order_qty = 1,
                                          .side = SIDE_SELL,
                                          .ord_type = ORD_TYPE_LIMIT,
                                          .time_in_force = TIME_IN_FORCE_GTC}};
}

static void rest_many(struct flood *flood, uint32_t count) {
    struct command command = sell_one();
    for (uint32_t i = 0; i < count; i++)
        request(flood, &command);
    assert_int_equal(engine_count(flood->engine, POOL_ORDERS), count);
}

static struct command buy(uint32_t quantity, uint8_t time_in_force) {
    struct command command = sell_one();
    command.new_order.side = SIDE_BUY;
    command.new_order.order_qty = quantity;
    command.new_order.time_in_force = time_in_force;
    return command;
}

static void one_market_order_trades_with_100000_resting_orders(void **state) {
    (void)state;
    enum { RESTING = 100000 };
    static struct flood flood;
    begin(&flood, RESTING);
    rest_many(&flood, RESTING);
    struct command command = buy(RESTING + 1, TIME_IN_FORCE_IOC);
    command.new_order.ord_type = ORD_TYPE_MARKET;
    command.new_order.price_fen = 0;
    uint64_t start_ns = stopwatch_ns();
    request(&flood, &command);
    printf("  %u trades of one order: %.1f ms\n", (unsigned)RESTING,
           (double)(stopwatch_ns() - start_ns) / 1e6);
    assert_int_equal(flood.events, 1 + 3 * RESTING + 1);
    assert_int_equal(flood.last.reason, REASON_MARKET_REST);
    assert_int_equal(flood.last.quantity, 1);
    assert_int_equal(engine_count(flood.engine, POOL_ORDERS), 0);
    end(&flood);
}

static void expect_untouched(struct flood *flood, enum reason reason, uint32_t resting) {
    assert_int_equal(flood->events, 2);
    assert_int_equal(flood->last.kind, EVENT_CANCELED);
    assert_int_equal(flood->last.reason, reason);
    assert_int_equal(engine_count(flood->engine, POOL_ORDERS), resting);
}

static void a_sweep_stops_at_its_limit_and_all_or_nothing_does_not_begin(void **state) {
    (void)state;
    enum { BEYOND = 9, RESTING = COMMAND_TRADES_MAX + BEYOND };
    static struct flood flood;
    begin(&flood, RESTING);
    rest_many(&flood, RESTING);
    struct command fok = buy(COMMAND_TRADES_MAX + 1, TIME_IN_FORCE_FOK);
    request(&flood, &fok);
    expect_untouched(&flood, REASON_FOK_SHORT, RESTING);
    struct command least = buy(RESTING, TIME_IN_FORCE_DAY);
    least.new_order.min_qty = COMMAND_TRADES_MAX + 1;
    request(&flood, &least);
    expect_untouched(&flood, REASON_MIN_QUANTITY, RESTING);
    flood.encodes = true;
    struct command sweep = buy(RESTING, TIME_IN_FORCE_GTC);
    sweep.new_order.text_bytes = TEXT_BYTES_MAX;
    memset(sweep.new_order.text, 'x', TEXT_BYTES_MAX);
    request(&flood, &sweep);
    assert_int_equal(flood.events, 1 + 3 * COMMAND_TRADES_MAX + 1);
    assert_int_equal(flood.last.reason, REASON_SWEEP_LIMIT);
    assert_int_equal(flood.last.quantity, BEYOND);
    assert_int_equal(engine_count(flood.engine, POOL_ORDERS), BEYOND);
    printf("  longest event of the sweep: %zu bytes\n", flood.longest);
    assert_true(flood.longest <= SWEEP_EVENT_BYTES_MAX);
    end(&flood);
}

static void a_fill_or_kill_of_just_the_limit_trades(void **state) {
    (void)state;
    static struct flood flood;
    begin(&flood, COMMAND_TRADES_MAX);
    rest_many(&flood, COMMAND_TRADES_MAX);
    struct command fok = buy(COMMAND_TRADES_MAX, TIME_IN_FORCE_FOK);
    request(&flood, &fok);
    assert_int_equal(flood.events, 1 + 3 * COMMAND_TRADES_MAX);
    assert_int_equal(engine_count(flood.engine, POOL_ORDERS), 0);
    end(&flood);
}

static void expect_closed(struct flood *flood, uint32_t instrument, enum reason reason) {
    struct command order = sell_one();
    order.new_order.instrument = instrument;
    request(flood, &order);
    assert_int_equal(flood->last.reason, reason);
}

/* The sweep goes on in Continue commands; whoever comes in between finds its instrument closed, and
 * no other. */
static void a_mass_cancel_of_a_million_goes_on_with_its_instrument_closed(void **state) {
    (void)state;
    static struct flood flood;
    const struct act other = {
        ACT_ADD_INSTRUMENT,
        .add_instrument = {
            .symbol_bytes = 1, .symbol = "Y", .tick_fen = PRICE_FEN, .lot_min = 1, .lot_step = 1}};
    const struct act shares = {ACT_DEPOSIT,
                               .deposit = {.account = 1, .instrument = 2, .amount = 10}};
    struct command mass = {.verb = VERB_MASS_CANCEL,
                           .mass_cancel = {.instrument = 1, .account = 1}};
    begin(&flood, MILLION);
    admin(&flood, &other);
    admin(&flood, &shares);
    rest_many(&flood, MILLION);
    uint64_t start_ns = stopwatch_ns();
    request(&flood, &mass);
    uint64_t id = order_id_of(3, flood.number);
    uint32_t ends = flood.ends;
    uint32_t commands = 1;
    assert_true(ends > 0 && ends <= SWEEP_ORDERS_MAX);
    assert_true(engine_continue_due(flood.engine));
    expect_closed(&flood, 1, REASON_HALTED);
    expect_closed(&flood, 2, REASON_NONE);
    for (; engine_continue_due(flood.engine); commands++) {
        struct command command = engine_continue(flood.engine);
        apply(&flood, &command);
        ends += flood.ends;
    }
    printf("  a mass cancel of %u: %u commands, %.1f ms\n", MILLION, commands,
           (double)(stopwatch_ns() - start_ns) / 1e6);
    assert_int_equal(flood.last.kind, EVENT_PHASE);
    assert_int_equal(flood.last.phase, PHASE_CONTINUOUS);
    assert_int_equal(flood.told.order_id, id);
    assert_int_equal(flood.told.value, MILLION);
    assert_int_equal(ends, MILLION);
    assert_int_equal(engine_count(flood.engine, POOL_ORDERS), 1);
    expect_closed(&flood, 1, REASON_NONE);
    end(&flood);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_market_order_trades_with_100000_resting_orders),
        cmocka_unit_test(a_sweep_stops_at_its_limit_and_all_or_nothing_does_not_begin),
        cmocka_unit_test(a_fill_or_kill_of_just_the_limit_trades),
        cmocka_unit_test(a_mass_cancel_of_a_million_goes_on_with_its_instrument_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
