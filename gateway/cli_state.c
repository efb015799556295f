/* Replays a ledger as far as it goes, then lists what the engine holds. */
#include "gateway/cli_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/view.h"
#include "gateway/cli.h"
#include "gateway/cli_option.h"
#include "gateway/cli_output.h"
#include "gateway/cli_progress.h"
#include "gateway/cli_value.h"
#include "ledger/failure.h"
#include "ledger/reader.h"
#include "ledger/replay.h"

static struct reader *open_ledger(const char *dir) {
    struct reader *reader;
    int failure = reader_open(&reader, dir, false);
    if (failure == FAILURE_NOT_FOUND)
        cli_die(CLI_USAGE, "ledger: there is none in %s", dir);
    if (failure != 0)
        cli_die(CLI_FAILED, "ledger: %s cannot be read", dir);
    return reader;
}

/* Feeds every record up to `end`; ends the program on one that is wrong. */
static void replay_all(struct reader *reader, struct replay *replay, uint64_t end) {
    struct cli_progress progress;
    struct reader_record record;
    struct finding finding;
    int step = READER_PAUSE;
    cli_progress_begin(&progress, "replaying", end);
    while (step > 0 && replay_next(replay) < end) {
        step = reader_next(reader, &record);
        if (step != READER_RECORD)
            continue;
        cli_progress_at(&progress, record.sequence);
        if (!replay_record(replay, record.bytes, record.size, &finding)) {
            cli_progress_end(&progress);
            cli_die(CLI_UNVERIFIED, "record %" PRIu64 ": %s: %s; `tpx ledger verify` tells more",
                    finding.sequence, finding_name(finding.kind), finding.text);
        }
    }
    cli_progress_end(&progress);
    if (step < 0)
        cli_die(CLI_FAILED, "ledger: cannot be read beyond record %" PRIu64, replay_next(replay));
}

/* The market as the ledger has it now. */
static struct replay *replay_ledger(const struct cli_arguments *arguments) {
    struct merkle_head head;
    struct reader *reader = open_ledger(cli_setting(arguments, CLI_LEDGER));
    struct replay *replay = replay_create(NULL);
    if (replay == NULL)
        cli_die(CLI_FAILED, "no memory");
    if (reader_head(reader, &head) != 0)
        cli_die(CLI_FAILED, "ledger: cannot be read");
    replay_all(reader, replay, head.size);
    reader_close(reader);
    if (replay_engine(replay, NULL) == NULL)
        cli_die(CLI_UNVERIFIED, "ledger: it is empty");
    return replay;
}

static void put_as_of(struct cli_output *output, struct replay *replay) {
    struct market_view market;
    char text[CLI_VALUE_BYTES_MAX];
    engine_market(replay_engine(replay, NULL), &market);
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

/* --- orders -------------------------------------------------------------------------------------- */

static const struct cli_column ORDER_COLUMNS[] = {
    {"order_id", "order"},     {"account", "account"},     {"instrument", "instrument"},
    {"side", "side"},          {"price", "price"},         {"order_qty", "quantity"},
    {"leaves_qty", "leaves"},  {"cum_qty", "done"},        {"good_till", "good till"},
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
        cli_table_text(output, order.side == SIDE_BUY ? "buy" : "sell");
        cli_table_money(output, order.price_fen);
        cli_table_number(output, order.order_qty);
        cli_table_number(output, order.leaves_qty);
        cli_table_number(output, order.cum_qty);
        cli_table_text(output, cli_date_text(text, order.good_till));
    }
}

int cli_state_orders(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .about = "Lists the resting orders of the session, or of every session when none is said, "
                 "newest first.\vThe ledger is replayed for it: the answer says as of which "
                 "sequence it holds."};
    struct cli_arguments arguments;
    cli_parse(&arguments, &SPEC, argc, argv);
    struct replay *replay = replay_ledger(&arguments);
    const struct engine *engine = replay_engine(replay, NULL);
    struct cli_output *output = cli_output_create(arguments.is_json);
    put_as_of(output, replay);
    cli_table_begin(output, "orders", ORDER_COLUMNS,
                    sizeof ORDER_COLUMNS / sizeof ORDER_COLUMNS[0]);
    if (arguments.setting[CLI_SESSION] != NULL) {
        put_orders(engine, output,
                   (uint32_t)cli_number("session", arguments.setting[CLI_SESSION], 1,
                                        SESSION_ID_MAX));
    } else {
        for (uint32_t session = 1; session <= engine_count(engine, POOL_SESSIONS); session++)
            put_orders(engine, output, session);
    }
    cli_output_end(output);
    replay_destroy(replay);
    return CLI_FINE;
}

/* --- accounts ------------------------------------------------------------------------------------ */

static const struct cli_column HOLDING_COLUMNS[] = {
    {"account", "account"},   {"instrument", "what"},
    {"settled", "settled"},   {"reserved", "reserved"},
    {"available", "available"},
};

static void put_cash(struct cli_output *output, uint32_t number, const struct account_view *view) {
    cli_table_small(output, number);
    cli_table_both(output, "cash", "0");
    cli_table_money(output, view->cash_fen);
    cli_table_money(output, view->reserved_fen);
    cli_table_money(output, view->cash_fen - view->reserved_fen);
}

static void put_holdings(const struct engine *engine, struct cli_output *output, uint32_t number) {
    struct holding_view view;
    for (uint32_t i = 1; i <= engine_count(engine, POOL_INSTRUMENTS); i++) {
        if (!engine_holding_find(engine, number, i, &view) || view.quantity == 0)
            continue;
        cli_table_small(output, number);
        put_instrument(engine, output, i);
        cli_table_number(output, view.quantity);
        cli_table_number(output, view.reserved);
        cli_table_number(output, view.quantity - view.reserved);
    }
}

static void put_account(const struct engine *engine, struct cli_output *output, uint32_t number) {
    struct account_view view;
    if (!engine_account(engine, number, &view))
        cli_die(CLI_REFUSED, "account: there is no %" PRIu32, number);
    put_cash(output, number, &view);
    put_holdings(engine, output, number);
}

int cli_state_account(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .arguments = "[ACCOUNT]",
        .about = "Shows cash (yuan) and holdings of an account, or of every one when none is said."
                 "\vThe ledger is replayed for it: the answer says as of which sequence it holds.",
        .count_max = 1};
    struct cli_arguments arguments;
    cli_parse(&arguments, &SPEC, argc, argv);
    const char *account = arguments.count == 1 ? arguments.positional[0]
                                               : arguments.setting[CLI_ACCOUNT];
    uint32_t number = account != NULL ? (uint32_t)cli_number("account", account, 1, UINT32_MAX) : 0;
    struct replay *replay = replay_ledger(&arguments);
    const struct engine *engine = replay_engine(replay, NULL);
    struct cli_output *output = cli_output_create(arguments.is_json);
    put_as_of(output, replay);
    cli_table_begin(output, "holdings", HOLDING_COLUMNS,
                    sizeof HOLDING_COLUMNS / sizeof HOLDING_COLUMNS[0]);
    if (number != 0)
        put_account(engine, output, number);
    for (uint32_t i = 1; number == 0 && i <= engine_count(engine, POOL_ACCOUNTS); i++)
        put_account(engine, output, i);
    cli_output_end(output);
    replay_destroy(replay);
    return CLI_FINE;
}
