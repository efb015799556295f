/*
 * bench-memory: what an engine of a whole market takes.
 *
 * A market of the given size is furnished, each account with cash and with shares of two
 * instruments, and orders enter until so many rest, over sixty prices on each side of every book.
 * Printed is what of the region is in use, part of the limits or not; what the limits in force have
 * touched before trading begins; and how much larger the process has become.
 */
#include <argp.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/ledger_maker.h"
#include "bench/machine.h"
#include "bench/option_number.h"
#include "bench/random.h"
#include "engine/view.h"
#include "ledger/region.h"

#define EXIT_USAGE      2
#define PARTICIPANTS    64u
#define HELD            2u /* instruments that an account deals in */
#define PRICES          60u
#define MIDDLE_FEN      1000
#define PRICE_TICKS_MAX 1000000u
#define CASH_FEN        INT64_C(1000000000)
#define SHARES          INT64_C(100000)
#define WINDOW          64

struct options {
    uint32_t instruments;
    uint32_t accounts;
    uint32_t orders;
    bool is_json;
};

enum option_key { KEY_INSTRUMENTS = 0x100, KEY_ACCOUNTS, KEY_ORDERS, KEY_JSON };

/* What was found, in bytes. */
struct figures {
    uint64_t used;
    uint64_t touched;
    uint64_t grown;
    uint64_t an_order; /* in use by each resting order, and by what came with it */
};

static error_t parse(int key, char *argument, struct argp_state *state) {
    struct options *options = state->input;
    switch (key) {
    case KEY_INSTRUMENTS:
        options->instruments = (uint32_t)option_number(state, argument, 1, 100000);
        return 0;
    case KEY_ACCOUNTS:
        options->accounts = (uint32_t)option_number(state, argument, 1, 10000000);
        return 0;
    case KEY_ORDERS:
        options->orders = (uint32_t)option_number(state, argument, 1, 40000000);
        return 0;
    case KEY_JSON:
        options->is_json = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"instruments", KEY_INSTRUMENTS, "N", 0, "Instruments (6000)", 0},
    {"accounts", KEY_ACCOUNTS, "N", 0, "Accounts (1000000)", 0},
    {"orders", KEY_ORDERS, "N", 0, "Resting orders (10000000)", 0},
    {"json", KEY_JSON, NULL, 0, "Print one JSON object", 0},
    {0},
};

/* Resident bytes of this process. */
static uint64_t resident(void) {
    unsigned long pages = 0;
    FILE *in = fopen("/proc/self/statm", "r");
    if (in == NULL)
        return 0;
    /* NOLINTNEXTLINE(cert-err34-c): the kernel writes a number of pages that is one */
    if (fscanf(in, "%*u %lu", &pages) != 1)
        pages = 0;
    (void)fclose(in); /* only read from */
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void drop_record(void *owner, const uint8_t *bytes, size_t size) {
    (void)owner;
    (void)bytes;
    (void)size;
}

static void drop(struct event_sink *sink) {
    sink->next = sink->owner;
}

static uint64_t sum(const struct extent *extents, size_t count) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += extents[i].size;
    return bytes;
}

static uint64_t bytes_used(const struct engine *engine) {
    struct extent extents[ENGINE_EXTENTS_MAX] = {0};
    return sum(extents, engine_extents(engine, extents));
}

/* One of the instruments that an account deals in. */
static uint32_t instrument_of(const struct options *options, uint32_t account, uint32_t which) {
    return (uint32_t)((account * UINT64_C(2654435761) + which) % options->instruments) + 1;
}

static struct engine_limits limits_of(const struct options *options,
                                      const struct maker_market *market) {
    struct engine_limits limits = maker_limits(options->orders, market);
    uint64_t levels = (uint64_t)options->instruments * 2 * PRICES;
    limits.limit[POOL_HOLDINGS] = options->accounts * HELD;
    limits.limit[POOL_LEVELS] = levels < options->orders ? (uint32_t)levels : options->orders;
    limits.price_ticks_max = PRICE_TICKS_MAX;
    memcpy(limits.ceiling, limits.limit, sizeof limits.ceiling);
    return limits;
}

static void furnish(struct maker *maker, const struct options *options) {
    for (uint32_t account = 1; account <= options->accounts; account++) {
        struct act act = {.kind = ACT_DEPOSIT, .deposit = {.account = account, .amount = CASH_FEN}};
        maker_act(maker, &act, NULL);
        act.deposit.amount = SHARES;
        for (uint32_t which = 0; which < HELD; which++) {
            act.deposit.instrument = instrument_of(options, account, which);
            maker_act(maker, &act, NULL);
        }
    }
}

/* Order i of all: each account in turn, buying and selling in turn what it deals in. */
static void enter(struct maker *maker, const struct options *options, uint32_t i,
                  struct random *random) {
    static uint64_t numbers[PARTICIPANTS];
    struct event window[WINDOW];
    struct event_sink sink = {
        .next = window, .end = window + WINDOW, .flush = drop, .owner = window};
    uint32_t account = i % options->accounts + 1;
    uint32_t round = i / options->accounts;
    uint32_t broker = (account - 1) % PARTICIPANTS;
    bool is_buy = round / HELD % 2 == 0;
    int64_t away = random_below(random, PRICES);
    struct command command = {.verb = VERB_NEW_ORDER};
    command.stamp = (struct stamp){.sequence = maker->next + i,
                                   .time_ns = maker->time_ns,
                                   .number = ++numbers[broker],
                                   .session = maker->first_session + broker,
                                   .participant = maker->first_participant + broker,
                                   .key = maker->first_key + broker,
                                   .version = 1};
    command.new_order =
        (struct new_order){.account = account,
                           .instrument = instrument_of(options, account, round % HELD),
                           .price_fen = is_buy ? MIDDLE_FEN - away : MIDDLE_FEN + 1 + away,
                           .order_qty = random_between(random, 1, 100),
                           .side = is_buy ? SIDE_BUY : SIDE_SELL,
                           .ord_type = ORD_TYPE_LIMIT,
                           .time_in_force = TIME_IN_FORCE_GTC};
    engine_apply(maker->engine, &command, &sink);
}

static void measure(const struct options *options, struct figures *figures) {
    struct maker_market market = {.participants = PARTICIPANTS,
                                  .accounts = options->accounts,
                                  .instruments = options->instruments};
    struct maker_genesis genesis = {.limits = limits_of(options, &market),
                                    .origin = "bench.example/memory"};
    static struct maker maker;
    struct extent extents[ENGINE_EXTENTS_MAX];
    uint64_t before = resident();
    maker_init(&maker, &genesis, drop_record, NULL);
    size_t count = engine_reach(maker.engine, 0, 0, extents);
    region_touch(maker.engine, extents, count);
    figures->touched = sum(extents, count);
    maker_market(&maker, &market);
    furnish(&maker, options);
    uint64_t furnished = bytes_used(maker.engine);
    struct random random = {.state = 1};
    for (uint32_t i = 0; i < options->orders; i++)
        enter(&maker, options, i, &random);
    assert(engine_count(maker.engine, POOL_ORDERS) == options->orders);
    figures->used = bytes_used(maker.engine);
    figures->an_order = (figures->used - furnished) / options->orders;
    figures->grown = resident() - before;
    maker_fini(&maker);
}

static void print_table(const struct options *options, const struct figures *figures,
                        const struct machine *machine) {
    (void)printf("%-12s %14u\n%-12s %14u\n%-12s %14u\n", "instruments", options->instruments,
                 "accounts", options->accounts, "orders", options->orders);
    (void)printf("%-12s %14.1f MB of the region, %llu bytes more for each order\n", "in use",
                 (double)figures->used / 1e6, (unsigned long long)figures->an_order);
    (void)printf("%-12s %14.1f MB, all that the limits in force may use\n", "touched",
                 (double)figures->touched / 1e6);
    (void)printf("%-12s %14.1f MB\n", "process grew", (double)figures->grown / 1e6);
    machine_print(machine, stdout);
}

static int print_json(const struct options *options, const struct figures *figures,
                      const struct machine *machine) {
    json_t *object = json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "instruments", (json_int_t)options->instruments,
        "accounts", (json_int_t)options->accounts, "orders", (json_int_t)options->orders,
        "used_bytes", (json_int_t)figures->used, "bytes_per_order", (json_int_t)figures->an_order,
        "touched_bytes", (json_int_t)figures->touched, "grown_bytes", (json_int_t)figures->grown,
        "machine", machine_json(machine));
    int failed = object == NULL ? -1 : json_dumpf(object, stdout, JSON_INDENT(2));
    json_decref(object);
    (void)putchar('\n');
    return failed;
}

int main(int argc, char **argv) {
    struct options options = {.instruments = 6000, .accounts = 1000000, .orders = 10000000};
    const struct argp argp = {.options = option_list,
                              .parser = parse,
                              .doc = "Fills an engine with a market of the given size and prints "
                                     "how much memory it takes."};
    argp_err_exit_status = EXIT_USAGE;
    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
        return EXIT_USAGE;
    struct machine machine;
    struct figures figures = {0};
    machine_begin(&machine);
    measure(&options, &figures);
    machine_end(&machine);
    if (!options.is_json) {
        print_table(&options, &figures, &machine);
        return EXIT_SUCCESS;
    }
    return print_json(&options, &figures, &machine) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
