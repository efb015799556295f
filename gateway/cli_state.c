/* Questions about orders, accounts and pools, and a ledger replayed to answer them. */
#include "gateway/cli_state.h"

#include <stdlib.h>

#include "engine/view.h"
#include "gateway/cli.h"
#include "gateway/cli_ledger.h"
#include "gateway/cli_query.h"
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

/* --- orders --------------------------------------------------------------------------------------
 */

static const struct cli_column ORDER_COLUMNS[] = {
    {"order_id", "order"},    {"account", "account"}, {"instrument", "instrument"},
    {"side", "side"},         {"price", "price"},     {"order_qty", "quantity"},
    {"leaves_qty", "leaves"}, {"cum_qty", "done"},    {"good_till", "good till"},
};

static void put_order(struct cli_source *source, struct cli_output *output,
                      const struct order_view *order) {
    char text[CLI_VALUE_BYTES_MAX];
    bool buys = order->side == SIDE_BUY;
    cli_table_order(output, order->order_id);
    cli_table_small(output, order->account);
    cli_source_instrument(source, output, order->instrument);
    cli_table_both(output, wording(buys ? "buy" : "sell"), buys ? "BUY" : "SELL");
    cli_table_money(output, order->price_fen);
    cli_table_number(output, order->order_qty);
    cli_table_number(output, order->leaves_qty);
    cli_table_number(output, order->cum_qty);
    cli_table_text(output, cli_date_text(text, order->good_till));
}

int cli_state_orders(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_SESSION,
        .about = "Lists the resting orders of the session, newest first; of every session that the "
                 "key may see when none is said.\vThe exchange is asked at its query endpoint. "
                 "With --ledger a ledger is replayed instead. The answer says as of which sequence "
                 "it holds."};
    struct cli_arguments arguments;
    struct query query = {.kind = QUERY_OPEN_ORDERS};
    uint32_t count;
    cli_parse(&arguments, &SPEC, argc, argv);
    if (arguments.setting[CLI_SESSION] != NULL)
        query.open_orders.session =
            (uint32_t)cli_number("session", arguments.setting[CLI_SESSION], 1, SESSION_ID_MAX);
    struct cli_source *source = cli_source_open(&arguments);
    struct cli_output *output = cli_output_create(arguments.is_json);
    cli_source_as_of(source, output);
    cli_table_begin(output, "orders", ORDER_COLUMNS,
                    sizeof ORDER_COLUMNS / sizeof ORDER_COLUMNS[0]);
    struct answer_row *rows = cli_source_rows(source, &query, &count);
    for (uint32_t i = 0; i < count; i++)
        put_order(source, output, &rows[i].order);
    cli_output_end(output);
    free(rows);
    cli_source_close(source);
    return CLI_FINE;
}

/* --- accounts ------------------------------------------------------------------------------------
 */

static const struct cli_column HOLDING_COLUMNS[] = {
    {"account", "account"},   {"instrument", "what"},     {"settled", "settled"},
    {"reserved", "reserved"}, {"available", "available"},
};

static void put_cash(struct cli_output *output, const struct account_row *row) {
    cli_table_small(output, row->account);
    cli_table_both(output, wording("cash"), "0");
    cli_table_money(output, row->view.cash_fen);
    cli_table_money(output, row->view.reserved_fen);
    cli_table_money(output, row->view.cash_fen - row->view.reserved_fen);
}

static void put_position(struct cli_source *source, struct cli_output *output,
                         const struct holding_view *view) {
    cli_table_small(output, view->account);
    cli_source_instrument(source, output, view->instrument);
    cli_table_number(output, view->quantity);
    cli_table_number(output, view->reserved);
    cli_table_number(output, view->quantity - view->reserved - view->bound);
}

static int compare_positions(const void *left, const void *right) {
    const struct holding_view *a = &((const struct answer_row *)left)->position;
    const struct holding_view *b = &((const struct answer_row *)right)->position;
    if (a->account != b->account)
        return a->account < b->account ? -1 : 1;
    return a->instrument < b->instrument ? -1 : a->instrument > b->instrument;
}

/* Cash and positions of an account; 0: of every one that is to be seen. */
static void put_accounts(struct cli_source *source, struct cli_output *output, uint32_t number) {
    struct query accounts = {.kind = QUERY_ACCOUNTS, .accounts = {.account = number}};
    struct query positions = {.kind = QUERY_POSITIONS, .positions = {.account = number}};
    uint32_t accounts_count;
    uint32_t positions_count;
    uint32_t at = 0;
    struct answer_row *account = cli_source_rows(source, &accounts, &accounts_count);
    struct answer_row *position = cli_source_rows(source, &positions, &positions_count);
    if (positions_count > 0)
        qsort(position, positions_count, sizeof *position, compare_positions);
    for (uint32_t i = 0; i < accounts_count; i++) {
        uint32_t of = account[i].account.account;
        put_cash(output, &account[i].account);
        while (at < positions_count && position[at].position.account < of)
            at++;
        for (; at < positions_count && position[at].position.account == of; at++)
            put_position(source, output, &position[at].position);
    }
    free(account);
    free(position);
}

int cli_state_account(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_ACCOUNT,
        .arguments = "[ACCOUNT]",
        .about = "Shows cash (yuan) and holdings of an account; of every one that the key may see "
                 "when none is said.\vThe exchange is asked at its query endpoint. With --ledger a "
                 "ledger is replayed instead. The answer says as of which sequence it holds.",
        .count_max = 1};
    struct cli_arguments arguments;
    cli_parse(&arguments, &SPEC, argc, argv);
    const char *account =
        arguments.count == 1 ? arguments.positional[0] : arguments.setting[CLI_ACCOUNT];
    uint32_t number = account != NULL ? (uint32_t)cli_number("account", account, 1, UINT32_MAX) : 0;
    struct cli_source *source = cli_source_open(&arguments);
    struct cli_output *output = cli_output_create(arguments.is_json);
    cli_source_as_of(source, output);
    cli_table_begin(output, "holdings", HOLDING_COLUMNS,
                    sizeof HOLDING_COLUMNS / sizeof HOLDING_COLUMNS[0]);
    put_accounts(source, output, number);
    cli_output_end(output);
    cli_source_close(source);
    return CLI_FINE;
}

/* --- limits --------------------------------------------------------------------------------------
 */

static const struct cli_column LIMIT_COLUMNS[] = {
    {"pool", "pool"}, {"used", "used"}, {"limit", "limit"}, {"ceiling", "ceiling"}};

int cli_state_limits(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_STATE,
        .about = "Shows how large each pool is, how much of it is used, and how far it can be "
                 "raised.\vThe exchange is asked at its query endpoint. With --ledger a ledger is "
                 "replayed instead."};
    struct cli_arguments arguments;
    struct query query = {.kind = QUERY_LIMITS};
    struct answer_row row;
    char name[CLI_VALUE_BYTES_MAX];
    cli_parse(&arguments, &SPEC, argc, argv);
    struct cli_source *source = cli_source_open(&arguments);
    struct cli_output *output = cli_output_create(arguments.is_json);
    cli_source_as_of(source, output);
    cli_table_begin(output, "limits", LIMIT_COLUMNS, 4);
    cli_source_ask(source, &query);
    while (cli_source_row(source, &row)) {
        cli_table_text(output, cli_pool_text(name, row.pool.pool));
        cli_table_small(output, row.pool.used);
        cli_table_small(output, row.pool.limit);
        cli_table_small(output, row.pool.ceiling);
    }
    cli_output_end(output);
    cli_source_close(source);
    return CLI_FINE;
}
