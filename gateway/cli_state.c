/* Replays a ledger as far as it goes, then lists what the engine holds. */
#include "gateway/cli_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/view.h"
#include "gateway/cli.h"
#include "gateway/cli_ledger.h"
#include "gateway/cli_value.h"
#include "gateway/wording.h"

const struct engine *cli_state_engine(const struct replay *replay) {
    size_t size;
    return replay_engine(replay, &size);
}

struct replay *cli_state_replay(const struct cli_arguments *arguments) {
    struct cli_ledger ledger = {0};
    struct merkle_head head;
    cli_ledger_find(&ledger, arguments, CLI_POSITIONALS_MAX);
    struct reader *reader = cli_ledger_reader(&ledger);
    if (reader_head(reader, &head) != 0 || head.size == 0)
        cli_die(CLI_UNVERIFIED, "ledger: %s is empty", ledger.dir);
    struct replay *replay = cli_ledger_replay(reader, NULL, head.size);
    reader_close(reader);
    return replay;
}

void cli_state_as_of(struct cli_output *output, struct replay *replay) {
    struct market_view market;
    char text[CLI_VALUE_BYTES_MAX];
    engine_market(cli_state_engine(replay), &market);
    cli_number_field(output, "as_of", replay_next(replay));
    cli_text_field(output, "time", cli_time_text(text, market.time_ns));
}

static void put_instrument(const struct engine *engine, struct cli_output *output,
                           uint32_t number) {
    struct instrument_view view;
    char symbol[SYMBOL_BYTES_MAX + 1] = "";
    char text[CLI_VALUE_BYTES_MAX];
    if (engine_instrument(engine, number, &view))
        memcpy(symbol, view.symbol, view.symbol_bytes);
    snprintf(text, sizeof text, "%" PRIu32, number);
    cli_table_both(output, symbol, text);
}

/* --- orders --------------------------------------------------------------------------------------
 */

static const struct cli_column ORDER_COLUMNS[] = {
    {"order_id", "order"},    {"account", "account"}, {"instrument", "instrument"},
    {"side", "side"},         {"price", "price"},     {"order_qty", "quantity"},
    {"leaves_qty", "leaves"}, {"cum_qty", "done"},    {"good_till", "good till"},
};

static void put_orders(const struct engine *engine, struct cli_output *output, uint32_t session) {
    struct order_view order;
    char text[CLI_VALUE_BYTES_MAX];
    uint64_t after = 0;
    while (engine_order_next(engine, session, after, &order)) {
        after = order.order_id;
        cli_table_order(output, order.order_id);
        cli_table_small(output, order.account);
        put_instrument(engine, output, order.instrument);
        bool buys = order.side == SIDE_BUY;
        cli_table_both(output, wording(buys ? "buy" : "sell"), buys ? "BUY" : "SELL");
        cli_table_money(output, order.price_fen);
        cli_table_number(output, order.order_qty);
        cli_table_number(output, order.leaves_qty);
        cli_table_number(output, order.cum_qty);
        cli_table_text(output, cli_date_text(text, order.good_till));
    }
}

int cli_state_orders(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_SESSION,
        .about = "Lists the resting orders of the session, or of every session when none is said, "
                 "newest first.\vThe ledger is replayed for it: the answer says as of which "
                 "sequence it holds."};
    struct cli_arguments arguments;
    cli_parse(&arguments, &SPEC, argc, argv);
    struct replay *replay = cli_state_replay(&arguments);
    const struct engine *engine = cli_state_engine(replay);
    struct cli_output *output = cli_output_create(arguments.is_json);
    cli_state_as_of(output, replay);
    cli_table_begin(output, "orders", ORDER_COLUMNS,
                    sizeof ORDER_COLUMNS / sizeof ORDER_COLUMNS[0]);
    if (arguments.setting[CLI_SESSION] != NULL) {
        put_orders(
            engine, output,
            (uint32_t)cli_number("session", arguments.setting[CLI_SESSION], 1, SESSION_ID_MAX));
    } else {
        for (uint32_t session = 1; session <= engine_count(engine, POOL_SESSIONS); session++)
            put_orders(engine, output, session);
    }
    cli_output_end(output);
    replay_destroy(replay);
    return CLI_FINE;
}

/* --- accounts ------------------------------------------------------------------------------------
 */

static const struct cli_column HOLDING_COLUMNS[] = {
    {"account", "account"},   {"instrument", "what"},     {"settled", "settled"},
    {"reserved", "reserved"}, {"available", "available"},
};

static void put_cash(struct cli_output *output, uint32_t number, const struct account_view *view) {
    cli_table_small(output, number);
    cli_table_both(output, wording("cash"), "0");
    cli_table_money(output, view->cash_fen);
    cli_table_money(output, view->reserved_fen);
    cli_table_money(output, view->cash_fen - view->reserved_fen);
}

static int compare_holdings(const void *left, const void *right) {
    const struct holding_view *a = left;
    const struct holding_view *b = right;
    if (a->account != b->account)
        return a->account < b->account ? -1 : 1;
    return a->instrument < b->instrument ? -1 : a->instrument > b->instrument;
}

/* All holdings that are not empty, by account and instrument; *count of them. The caller's. */
static struct holding_view *holdings_of(const struct engine *engine, uint32_t *count) {
    uint32_t all = engine_count(engine, POOL_HOLDINGS);
    struct holding_view *holdings = calloc((size_t)all + 1, sizeof *holdings);
    if (holdings == NULL)
        cli_die(CLI_FAILED, "no memory");
    *count = 0;
    for (uint32_t i = 1; i <= all; i++)
        if (engine_holding(engine, i, &holdings[*count]) && holdings[*count].quantity != 0)
            (*count)++;
    qsort(holdings, *count, sizeof *holdings, compare_holdings);
    return holdings;
}

static void put_holding(const struct engine *engine, struct cli_output *output,
                        const struct holding_view *view) {
    cli_table_small(output, view->account);
    put_instrument(engine, output, view->instrument);
    cli_table_number(output, view->quantity);
    cli_table_number(output, view->reserved);
    cli_table_number(output, view->quantity - view->reserved);
}

/* Cash and holdings of the accounts from `first` to `last`. */
static void put_accounts(const struct engine *engine, struct cli_output *output, uint32_t first,
                         uint32_t last) {
    struct account_view view;
    uint32_t count;
    struct holding_view *holdings = holdings_of(engine, &count);
    const struct holding_view *holding = holdings;
    const struct holding_view *end = holdings + count;
    for (uint32_t number = first; number <= last; number++) {
        if (!engine_account(engine, number, &view))
            continue;
        put_cash(output, number, &view);
        while (holding < end && holding->account < number)
            holding++;
        for (; holding < end && holding->account == number; holding++)
            put_holding(engine, output, holding);
    }
    free(holdings);
}

int cli_state_account(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_ACCOUNT,
        .arguments = "[ACCOUNT]",
        .about = "Shows cash (yuan) and holdings of an account, or of every one when none is said."
                 "\vThe ledger is replayed for it: the answer says as of which sequence it holds.",
        .count_max = 1};
    struct cli_arguments arguments;
    cli_parse(&arguments, &SPEC, argc, argv);
    const char *account =
        arguments.count == 1 ? arguments.positional[0] : arguments.setting[CLI_ACCOUNT];
    uint32_t number = account != NULL ? (uint32_t)cli_number("account", account, 1, UINT32_MAX) : 0;
    struct replay *replay = cli_state_replay(&arguments);
    const struct engine *engine = cli_state_engine(replay);
    struct account_view view;
    if (number != 0 && !engine_account(engine, number, &view))
        cli_die(CLI_REFUSED, "account: there is no %" PRIu32, number);
    struct cli_output *output = cli_output_create(arguments.is_json);
    cli_state_as_of(output, replay);
    cli_table_begin(output, "holdings", HOLDING_COLUMNS,
                    sizeof HOLDING_COLUMNS / sizeof HOLDING_COLUMNS[0]);
    if (number != 0)
        put_accounts(engine, output, number, number);
    else
        put_accounts(engine, output, 1, engine_count(engine, POOL_ACCOUNTS));
    cli_output_end(output);
    replay_destroy(replay);
    return CLI_FINE;
}

/* --- limits --------------------------------------------------------------------------------------
 */

static const struct cli_column LIMIT_COLUMNS[] = {
    {"pool", "pool"}, {"used", "used"}, {"limit", "limit"}, {"ceiling", "ceiling"}};

int cli_state_limits(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_LEDGER,
        .about = "Shows how large each pool is, how much of it is used, and how far it can be "
                 "raised.\vThe ledger is replayed for it."};
    struct cli_arguments arguments;
    cli_parse(&arguments, &SPEC, argc, argv);
    struct replay *replay = cli_state_replay(&arguments);
    const struct engine *engine = cli_state_engine(replay);
    struct cli_output *output = cli_output_create(arguments.is_json);
    char name[CLI_VALUE_BYTES_MAX];
    cli_state_as_of(output, replay);
    cli_table_begin(output, "limits", LIMIT_COLUMNS, 4);
    for (enum pool pool = POOL_ORDERS; pool < POOLS_END; pool++) {
        cli_table_text(output, cli_pool_text(name, pool));
        cli_table_small(output, engine_count(engine, pool));
        cli_table_small(output, engine_limit(engine, pool));
        cli_table_small(output, engine_ceiling(engine, pool));
    }
    cli_output_end(output);
    replay_destroy(replay);
    return CLI_FINE;
}
