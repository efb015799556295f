/*
 * A small exchange is sent whatever decodes: the input is cut into requests, each after a byte that
 * says whose session and key it comes under, and two that say how long it is. The engine must
 * answer each and keep its invariants. A sweep does little in one command, so that others come in
 * between.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/types.h"
#undef SWEEP_ORDERS_MAX
#define SWEEP_ORDERS_MAX 2u
#include "engine/sweep.c" /* NOLINT(bugprone-suspicious-include): compiled anew on purpose */

#include "engine/view.h"
#include "proto/codec_request.h"

#define START_NS INT64_C(1790000000000000000)
#define WINDOW   64
/* Of sessions and keys: 1 and 2 are the operators', 3 and 4 the brokers'. */
#define SENDERS 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct market {
    struct engine *engine;
    struct event window[WINDOW];
    uint64_t sequence;
    uint32_t events; /* of the last command */
};

static void on_flush(struct event_sink *sink) {
    struct market *market = sink->owner;
    market->events += (uint32_t)(sink->next - market->window);
    sink->next = market->window;
}

static void apply(struct market *market, struct command *command) {
    struct event_sink sink = {
        .next = market->window, .end = market->window + WINDOW, .flush = on_flush, .owner = market};
    command->stamp.sequence = market->sequence++;
    command->stamp.time_ns = START_NS;
    command->stamp.version = 1;
    market->events = 0;
    engine_ahead(market->engine, command);
    engine_apply(market->engine, command, &sink);
    on_flush(&sink);
}

static void request(struct market *market, uint32_t session, uint32_t key,
                    struct command *command) {
    struct session_view view;
    if (!engine_session(market->engine, session, &view))
        return;
    command->stamp.session = session;
    command->stamp.key = key;
    command->stamp.participant = view.participant;
    command->stamp.number = view.last_number + 1;
    apply(market, command);
    assert(market->events > 0 || engine_continue_due(market->engine));
}

/* An unfinished sweep goes on by so many commands. */
static void go_on(struct market *market, uint32_t commands) {
    for (; commands > 0 && engine_continue_due(market->engine); commands--) {
        struct command more = engine_continue(market->engine);
        apply(market, &more);
    }
}

static void act(struct market *market, struct act wanted) {
    struct command command = {.verb = VERB_ACT, .act = wanted};
    request(market, 1, 1, &command);
}

static void populate(struct market *market) {
    act(market, (struct act){ACT_ADD_INSTRUMENT, .add_instrument = {.symbol_bytes = 1,
                                                                    .symbol = "X",
                                                                    .tick_fen = 1,
                                                                    .lot_min = 1,
                                                                    .lot_step = 1}});
    for (uint32_t broker = 2; broker <= 3; broker++) {
        act(market, (struct act){ACT_ADD_PARTICIPANT,
                                 .add_participant = {ROLE_BROKER, 1, {(char)('A' + broker)}, 0}});
        act(market, (struct act){ACT_ADD_KEY, .add_key = {broker, broker + 1, {(uint8_t)broker}}});
        act(market, (struct act){ACT_ADD_SESSION, .add_session = {broker, true, 0}});
        act(market, (struct act){ACT_ADD_ACCOUNT, .add_account = {broker, 1}});
        act(market, (struct act){ACT_DEPOSIT, .deposit = {broker - 1, 0, 1000000}});
        act(market, (struct act){ACT_DEPOSIT, .deposit = {broker - 1, 1, 1000000}});
    }
    act(market, (struct act){ACT_DAY_OPEN, .day = {20261124}});
}

static void begin(struct market *market, void **memory) {
    struct command command = {.verb = VERB_GENESIS,
                              .genesis = {.environment = ENVIRONMENT_TEST,
                                          .profile = 1,
                                          .operators = {{1, {0xa1}}, {2, {0xa2}}}}};
    struct engine_limits *limits = &command.genesis.limits;
    limits->price_ticks_max = 100;
    for (uint32_t pool = POOL_ORDERS; pool < POOLS_END; pool++) {
        limits->limit[pool] = 12;
        limits->ceiling[pool] = 20;
    }
    size_t size = engine_size(limits);
    assert(size > 0);
    if (*memory == NULL)
        *memory = aligned_alloc(ENGINE_ALIGNMENT, size);
    assert(*memory != NULL);
    memset(*memory, 0, size);
    market->engine = engine_init(*memory, size, limits);
    market->sequence = 0;
    apply(market, &command);
    populate(market);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static void *memory;
    static struct market market;
    static struct request decoded;
    begin(&market, &memory);
    while (size >= 3) {
        uint8_t first = data[0];
        uint32_t sender = first % SENDERS + 1;
        uint32_t key = data[0] & 0x80 ? data[0] >> 4 & 7 : sender;
        size_t length = (size_t)data[1] | (size_t)data[2] << 8;
        struct codec_fault fault;
        data += 3;
        size -= 3;
        length = length < size ? length : size;
        if (length <= REQUEST_BYTES_MAX && codec_request_decode(data, length, &decoded, &fault) &&
            decoded.command.verb <= VERB_APPROVE)
            request(&market, sender, key, &decoded.command);
        go_on(&market, first >> 2 & 3);
        data += length;
        size -= length;
    }
    go_on(&market, UINT32_MAX);
    engine_check(market.engine);
    return 0;
}
