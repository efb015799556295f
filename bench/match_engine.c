/*
 * The whole engine: accounts, checks, events.
 *
 * Eight brokers send for 64 accounts, an order for the account that its id names modulo 64; each
 * account has more cash and shares than it can use; an instrument for each symbol, prices in fen as
 * the file's ticks. That market is furnished once, and each run trades in a copy of it.
 *
 * A replace of a flow names the new open quantity, the exchange's the new total. So the untimed
 * first run notes what an order has traded when it is replaced, and later runs, in which all goes
 * the same way, send the sum.
 *
 * Commands are made from the flow block by block, off the clock, as a gateway decodes them beside
 * the engine; the clock runs while a block is applied.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "bench/ledger_maker.h"
#include "bench/match.h"
#include "bench/stopwatch.h"
#include "engine/view.h"
#include "ledger/region.h"
#include "proto/codec_event.h"

#define PARTICIPANTS 8u
#define ACCOUNTS     64u
#define STEP_NS      1000

#define WINDOW 64
#define BLOCK  ((size_t)64)
/* Places of commands: a block, those hinted behind it, and so many that a modulo is a mask. */
#define PLACES (2 * BLOCK)

static_assert(BLOCK + MATCH_AHEAD <= PLACES, "a block and what is hinted behind it");

struct match_engine {
    struct match_subject subject;
    const struct flow *flow;
    bool is_ahead;
    bool is_encode;
    struct maker maker;    /* the market before any order */
    struct engine *engine; /* its copy, in which a run trades */

    uint64_t *order_ids; /* the exchange's, by the flow's ids; 0: never entered */
    uint64_t *numbers;   /* of each command's request in its session */
    uint64_t *totals;    /* of each replace: what the order has traded, and the new open quantity */
    uint32_t *file_ids[PARTICIPANTS]; /* the flow's ids, by session and number */

    struct command *commands; /* PLACES of them; a command's is its number modulo PLACES */
    size_t made;              /* commands below this one have been made */
    struct event_sink sink;
    struct event window[WINDOW];
    uint64_t encoded_bytes;
    const struct command *command; /* whose events these are */

    struct match_end end;
    uint32_t taker; /* flow's id of the last trade's taker */
    FILE *out;
};

static void *take_zeros(size_t count, size_t size) {
    void *memory = calloc(count != 0 ? count : 1, size);
    assert(memory != NULL);
    return memory;
}

/* --- what the flow becomes ----------------------------------------------------------------------
 */

static uint32_t broker_of(uint32_t id) {
    return id % ACCOUNTS % PARTICIPANTS;
}

/* Numbers requests in file order by session, and so names the orders. */
static void number_commands(struct match_engine *match) {
    uint64_t last[PARTICIPANTS] = {0};
    const struct flow *flow = match->flow;
    for (uint32_t i = 0; i < PARTICIPANTS; i++)
        match->file_ids[i] = take_zeros(flow->count + 1, sizeof(uint32_t));
    for (size_t i = 0; i < flow->count; i++) {
        const struct book_command *from = &flow->commands[i];
        uint32_t broker = broker_of(from->order.id);
        match->numbers[i] = ++last[broker];
        if (from->verb != BOOK_ENTER)
            continue;
        uint32_t session = match->maker.first_session + broker;
        match->order_ids[from->order.id] = order_id_of(session, last[broker]);
        match->file_ids[broker][last[broker]] = from->order.id;
    }
}

static struct new_order new_order_of(const struct book_order *from) {
    static const uint8_t times[] = {[BOOK_LIMIT] = TIME_IN_FORCE_GTC,
                                    [BOOK_MARKET] = TIME_IN_FORCE_IOC,
                                    [BOOK_IOC] = TIME_IN_FORCE_IOC,
                                    [BOOK_FOK] = TIME_IN_FORCE_FOK};
    bool is_priced = from->price_ticks != 0 && from->type != BOOK_MARKET;
    return (struct new_order){.account = from->id % ACCOUNTS + 1,
                              .instrument = from->book + 1,
                              .price_fen = from->price_ticks,
                              .order_qty = from->quantity,
                              .side = from->side == BOOK_BUY ? SIDE_BUY : SIDE_SELL,
                              .ord_type = is_priced ? ORD_TYPE_LIMIT : ORD_TYPE_MARKET,
                              .time_in_force = times[from->type]};
}

static void make_command(struct match_engine *match, size_t place) {
    const struct maker *maker = &match->maker;
    const struct book_command *from = &match->flow->commands[place];
    uint32_t broker = broker_of(from->order.id);
    struct command *command = &match->commands[place % PLACES];
    command->stamp = (struct stamp){.sequence = maker->next + place,
                                    .time_ns = maker->time_ns + STEP_NS * (int64_t)(place + 1),
                                    .number = match->numbers[place],
                                    .session = maker->first_session + broker,
                                    .participant = maker->first_participant + broker,
                                    .key = maker->first_key + broker,
                                    .version = 1};
    uint64_t order_id = match->order_ids[from->order.id];
    switch (from->verb) {
    case BOOK_ENTER:
        command->verb = VERB_NEW_ORDER;
        command->new_order = new_order_of(&from->order);
        break;
    case BOOK_REPLACE:
        command->verb = VERB_REPLACE;
        command->replace =
            (struct replace){order_id, from->order.price_ticks, match->totals[place]};
        break;
    case BOOK_CANCEL:
        command->verb = VERB_CANCEL;
        command->cancel = (struct cancel){order_id};
        break;
    }
}

/* Makes the commands up to `to` that are not made yet. */
static void make_commands(struct match_engine *match, size_t to) {
    for (; match->made < to; match->made++)
        make_command(match, match->made);
}

/* --- events -------------------------------------------------------------------------------------
 */

static void drop(struct event_sink *sink) {
    struct match_engine *match = sink->owner;
    sink->next = match->window;
}

static void encode(struct event_sink *sink) {
    struct match_engine *match = sink->owner;
    uint8_t bytes[CODEC_REPORT_BYTES_MAX];
    uint32_t place = 0;
    for (const struct event *event = match->window; event < sink->next; event++)
        match->encoded_bytes += codec_event_encode(event, match->command,
                                                   match->command->stamp.sequence, place++, bytes);
    sink->next = match->window;
}

static uint32_t file_id_of(const struct match_engine *match, uint64_t order_id) {
    uint32_t broker = order_id_session(order_id) - match->maker.first_session;
    return match->file_ids[broker][order_id_number(order_id)];
}

/* A fill is told to the taker first, then to the maker. */
static void tell_trade(struct match_engine *match, const struct event *event) {
    if (!event->is_maker) {
        match->taker = file_id_of(match, event->order_id);
        return;
    }
    match->end.trades++;
    if (match->out != NULL)
        (void)fprintf(match->out, "T,%u,%u,%lld,%u\n", match->taker,
                      file_id_of(match, event->order_id), (long long)event->price_fen,
                      event->quantity);
}

static void tell(struct event_sink *sink) {
    struct match_engine *match = sink->owner;
    for (const struct event *event = match->window; event < sink->next; event++) {
        match->end.refused += event->kind == EVENT_REJECTED;
        if (event->kind == EVENT_REJECTED && event->reason != REASON_UNKNOWN_ORDER)
            (void)fprintf(stderr, "bench-match: request %llu of session %u: refused, reason %u\n",
                          (unsigned long long)match->command->stamp.number,
                          match->command->stamp.session, event->reason);
        if (event->kind == EVENT_TRADE)
            tell_trade(match, event);
    }
    sink->next = match->window;
}

static void set_sink(struct match_engine *match, void (*flush)(struct event_sink *)) {
    match->sink = (struct event_sink){
        .next = match->window, .end = match->window + WINDOW, .flush = flush, .owner = match};
}

/* --- a run --------------------------------------------------------------------------------------
 */

/* A copy of the furnished market, in memory touched before. */
static void engine_open(void *self) {
    struct match_engine *match = self;
    struct extent extents[ENGINE_EXTENTS_MAX];
    match->engine = region_map(match->maker.engine_size);
    assert(match->engine != NULL);
    size_t count = engine_reach(match->maker.engine, 0, 0, extents);
    region_touch(match->engine, extents, count);
    count = engine_extents(match->maker.engine, extents);
    for (size_t i = 0; i < count; i++)
        memcpy((uint8_t *)match->engine + extents[i].offset,
               (const uint8_t *)match->maker.engine + extents[i].offset, extents[i].size);
    match->made = 0;
    match->end = (struct match_end){0};
}

static void engine_close(void *self) {
    struct match_engine *match = self;
    region_unmap(match->engine, match->maker.engine_size);
    match->engine = NULL;
}

static inline void execute(struct match_engine *match, size_t place) {
    match->command = &match->commands[place % PLACES];
    engine_apply(match->engine, match->command, &match->sink);
    if (match->is_encode)
        encode(&match->sink);
    match->sink.next = match->window;
}

/* The end of the block that begins at `from`; its commands, and those hinted meanwhile, are made.
 */
static size_t begin_block(struct match_engine *match, size_t from, size_t to, size_t *hinted) {
    size_t end = to - from > BLOCK ? from + BLOCK : to;
    *hinted = 0;
    if (match->is_ahead)
        *hinted = to - end > MATCH_AHEAD ? end + MATCH_AHEAD : to;
    make_commands(match, *hinted > end ? *hinted : end);
    return end;
}

/* Hints the commands that come some places after this one, where they are below `hinted`. */
static inline void hint(struct match_engine *match, size_t place, size_t hinted) {
    const struct command *commands = match->commands;
    if (place + MATCH_AHEAD >= hinted)
        return;
    engine_ahead(match->engine, &commands[(place + MATCH_AHEAD) % PLACES]);
    engine_nearer(match->engine, &commands[(place + MATCH_NEAR) % PLACES], 1);
    engine_nearer(match->engine, &commands[(place + MATCH_NEXT) % PLACES], 2);
}

static uint64_t engine_run(void *self, size_t from, size_t to) {
    struct match_engine *match = self;
    uint64_t spent_ns = 0;
    set_sink(match, match->is_encode ? encode : drop);
    while (from < to) {
        size_t hinted;
        size_t end = begin_block(match, from, to, &hinted);
        uint64_t start_ns = stopwatch_ns();
        for (; from < end; from++) {
            hint(match, from, hinted);
            execute(match, from);
        }
        spent_ns += stopwatch_ns() - start_ns;
    }
    return spent_ns;
}

static void engine_run_each(void *self, size_t from, size_t to, struct histogram *ticks) {
    struct match_engine *match = self;
    set_sink(match, match->is_encode ? encode : drop);
    while (from < to) {
        size_t hinted;
        size_t end = begin_block(match, from, to, &hinted);
        for (; from < end; from++) {
            hint(match, from, hinted);
            uint64_t before = stopwatch_ticks();
            execute(match, from);
            uint64_t after = stopwatch_ticks();
            histogram_add(ticks, after - before);
        }
    }
}

/* Notes a replace's total from what its order has traded by now. */
static void note_total(struct match_engine *match, size_t place) {
    const struct book_command *from = &match->flow->commands[place];
    if (from->verb != BOOK_REPLACE)
        return;
    struct order_view order = {0};
    (void)engine_order(match->engine, match->order_ids[from->order.id], &order); /* may be gone */
    match->totals[place] = (uint64_t)from->order.quantity + order.cum_qty;
}

static struct match_end engine_run_telling(void *self, size_t from, size_t to, FILE *out) {
    struct match_engine *match = self;
    set_sink(match, tell);
    match->out = out;
    for (size_t i = from; i < to; i++) {
        note_total(match, i);
        make_commands(match, i + 1);
        match->command = &match->commands[i % PLACES];
        engine_apply(match->engine, match->command, &match->sink);
        tell(&match->sink);
    }
    struct extent extents[ENGINE_EXTENTS_MAX];
    size_t count = engine_extents(match->engine, extents);
    for (size_t i = 0; i < count; i++)
        match->end.bytes += extents[i].size;
    match->end.resting = engine_count(match->engine, POOL_ORDERS);
    return match->end;
}

static void drop_record(void *owner, const uint8_t *bytes, size_t size) {
    (void)owner;
    (void)bytes;
    (void)size;
}

static void furnish(struct match_engine *match) {
    const struct flow *flow = match->flow;
    struct maker_market market = {.participants = PARTICIPANTS,
                                  .accounts = ACCOUNTS,
                                  .instruments = flow->books_max != 0 ? flow->books_max : 1,
                                  .is_funded = true};
    struct maker_genesis genesis = {.limits = maker_limits(flow->orders_max, &market),
                                    .origin = "bench.example/match"};
    struct book_limits books = flow_limits(flow);
    genesis.limits.price_ticks_max = books.price_ticks_max;
    maker_init(&match->maker, &genesis, drop_record, NULL);
    maker_market(&match->maker, &market);
}

struct match_subject *match_engine_create(const struct flow *flow, bool is_ahead, bool is_encode) {
    struct match_engine *match = take_zeros(1, sizeof *match);
    match->flow = flow;
    match->is_ahead = is_ahead;
    match->is_encode = is_encode;
    match->order_ids = take_zeros(flow->orders_max, sizeof *match->order_ids);
    match->numbers = take_zeros(flow->count, sizeof *match->numbers);
    match->totals = take_zeros(flow->count, sizeof *match->totals);
    match->commands = take_zeros(PLACES, sizeof *match->commands);
    furnish(match);
    number_commands(match);
    match->subject = (struct match_subject){.self = match,
                                            .open = engine_open,
                                            .run = engine_run,
                                            .run_each = engine_run_each,
                                            .run_telling = engine_run_telling,
                                            .close = engine_close};
    return &match->subject;
}

void match_engine_destroy(struct match_subject *subject) {
    struct match_engine *match = subject->self;
    maker_fini(&match->maker);
    for (uint32_t i = 0; i < PARTICIPANTS; i++)
        free(match->file_ids[i]);
    free(match->commands);
    free(match->totals);
    free(match->numbers);
    free(match->order_ids);
    free(match);
}
