/* tpx order: buy, sell, replace, cancel; list reads the ledger (cli_state). */
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_request.h"
#include "gateway/cli_state.h"
#include "gateway/cli_value.h"

/* Prices have at most this many fen; what an instrument allows is for the exchange to say. */
#define PRICE_FEN_MAX INT64_C(100000000000000)

static const struct argp_option ENTER_OPTIONS[] = {
    {"tif", CLI_OPTION_TIF, "day|gtc|gtd|ioc|fok", 0,
     "how long it holds: day (default), gtd with --until", 0},
    {"until", CLI_OPTION_UNTIL, "DAY", 0, "last day of a gtd order, e.g. 20261231", 0},
    {"min", CLI_OPTION_MIN, "QUANTITY", 0, "trade so much at once, or cancel", 0},
    {"post-only", CLI_OPTION_POST_ONLY, NULL, 0, "refuse rather than trade at once", 0},
    {"text", CLI_OPTION_TEXT, "TEXT", 0, "up to 20 bytes, echoed in the acceptance", 0},
    {"date", CLI_OPTION_DATE, "DAY", 0, "refuse when another trading day is open", 0},
    {"protection", CLI_OPTION_PROTECTION, "YUAN", 0,
     "of a market order: trade at no worse price than this", 0},
    {0},
};

static const struct cli_spec ENTER = {
    .arguments = "QUANTITY INSTRUMENT [PRICE]",
    .about = "Enters an order and prints what became of it.\vPRICE is in yuan, e.g. 10.05. Without "
             "one it is a market order, which trades at any price within the band and never rests.",
    .options = ENTER_OPTIONS,
    .count_min = 2,
    .count_max = 3,
};

static uint8_t time_in_force(const char *text) {
    static const char *const NAMES[] = {[TIME_IN_FORCE_DAY] = "day",
                                        [TIME_IN_FORCE_GTC] = "gtc",
                                        [TIME_IN_FORCE_GTD] = "gtd",
                                        [TIME_IN_FORCE_IOC] = "ioc",
                                        [TIME_IN_FORCE_FOK] = "fok"};
    for (unsigned i = TIME_IN_FORCE_DAY; i <= TIME_IN_FORCE_FOK; i++)
        if (strcmp(NAMES[i], text) == 0)
            return (uint8_t)i;
    cli_die(CLI_USAGE, "tif: \"%s\" is none of day, gtc, gtd, ioc, fok", text);
}

static void take_enter_options(const struct cli_arguments *arguments, struct new_order *order) {
    const char *tif = cli_value(arguments, CLI_OPTION_TIF);
    const char *until = cli_value(arguments, CLI_OPTION_UNTIL);
    const char *min = cli_value(arguments, CLI_OPTION_MIN);
    const char *text = cli_value(arguments, CLI_OPTION_TEXT);
    const char *date = cli_value(arguments, CLI_OPTION_DATE);
    const char *protection = cli_value(arguments, CLI_OPTION_PROTECTION);
    if (protection != NULL && order->ord_type == ORD_TYPE_LIMIT)
        cli_die(CLI_USAGE, "protection: PRICE is given, so this is no market order");
    if (protection != NULL)
        order->price_fen = cli_money("protection", protection, 1, PRICE_FEN_MAX);
    order->is_post_only = cli_value(arguments, CLI_OPTION_POST_ONLY) != NULL;
    if (tif != NULL)
        order->time_in_force = time_in_force(tif);
    if ((until != NULL) != (order->time_in_force == TIME_IN_FORCE_GTD))
        cli_die(CLI_USAGE, "until: --tif gtd and --until go together");
    if (until != NULL)
        order->good_till = cli_date("until", until);
    if (min != NULL)
        order->min_qty = cli_number("min", min, 1, UINT64_MAX);
    if (date != NULL)
        order->trading_day = cli_date("date", date);
    if (text != NULL) {
        order->text_bytes = (uint8_t)cli_text("text", text, TEXT_BYTES_MAX);
        memcpy(order->text, text, order->text_bytes);
    }
}

static int enter(int argc, char **argv, enum side side) {
    struct cli_arguments arguments;
    struct command command = {.verb = VERB_NEW_ORDER};
    struct new_order *order = &command.new_order;
    cli_parse(&arguments, &ENTER, argc, argv);
    order->side = (uint8_t)side;
    order->account = cli_account_number(&arguments);
    order->order_qty = cli_number("quantity", arguments.positional[0], 1, UINT64_MAX);
    order->instrument = cli_instrument(&arguments, arguments.positional[1]);
    order->ord_type = ORD_TYPE_MARKET;
    order->time_in_force = TIME_IN_FORCE_IOC;
    if (arguments.count == 3) {
        order->price_fen = cli_money("price", arguments.positional[2], 1, PRICE_FEN_MAX);
        order->ord_type = ORD_TYPE_LIMIT;
        order->time_in_force = TIME_IN_FORCE_DAY;
    }
    take_enter_options(&arguments, order);
    return cli_do(&arguments, &command, NULL);
}

static int buy(int argc, char **argv) {
    return enter(argc, argv, SIDE_BUY);
}

static int sell(int argc, char **argv) {
    return enter(argc, argv, SIDE_SELL);
}

static int replace(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .arguments = "ORDER QUANTITY PRICE",
        .about =
            "Gives an order another price and total quantity.\vORDER is its session and number, "
            "e.g. 3-17. QUANTITY is the new total, what has traded included. At the same price "
            "and with no more left it keeps its place.",
        .count_min = 3,
        .count_max = 3,
    };
    struct cli_arguments arguments;
    struct command command = {.verb = VERB_REPLACE};
    cli_parse(&arguments, &SPEC, argc, argv);
    command.replace.order_id = cli_order_id("order", arguments.positional[0]);
    command.replace.order_qty = cli_number("quantity", arguments.positional[1], 1, UINT64_MAX);
    command.replace.price_fen = cli_money("price", arguments.positional[2], 1, PRICE_FEN_MAX);
    return cli_do(&arguments, &command, NULL);
}

static void fill_mass_cancel(const struct cli_arguments *arguments, struct mass_cancel *cancel) {
    const char *account = cli_value(arguments, CLI_OPTION_OF_ACCOUNT);
    const char *instrument = cli_value(arguments, CLI_OPTION_INSTRUMENT);
    const char *side = cli_value(arguments, CLI_OPTION_SIDE);
    if (account != NULL)
        cancel->account = (uint32_t)cli_number("of-account", account, 1, UINT32_MAX);
    if (instrument != NULL)
        cancel->instrument = cli_instrument(arguments, instrument);
    if (side != NULL && strcmp(side, "buy") != 0 && strcmp(side, "sell") != 0)
        cli_die(CLI_USAGE, "side: \"%s\" is neither buy nor sell", side);
    if (side != NULL)
        cancel->side = side[0] == 'b' ? SIDE_BUY : SIDE_SELL;
}

static int cancel(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"all", CLI_OPTION_ALL, NULL, 0, "every order of the session that fits the filters:", 0},
        {"of-account", CLI_OPTION_OF_ACCOUNT, "NUMBER", 0, "of this account", 0},
        {"instrument", CLI_OPTION_INSTRUMENT, "INSTRUMENT", 0, "in this instrument", 0},
        {"side", CLI_OPTION_SIDE, "buy|sell", 0, "of this side", 0},
        {0},
    };
    static const struct cli_spec SPEC = {
        .arguments = "ORDER | --all",
        .about =
            "Cancels an order, or all of a session.\vORDER is its session and number, e.g. 3-17.",
        .options = OPTIONS,
        .count_min = 0,
        .count_max = 1,
    };
    struct cli_arguments arguments;
    struct command command = {.verb = VERB_CANCEL};
    cli_parse(&arguments, &SPEC, argc, argv);
    bool is_all = cli_value(&arguments, CLI_OPTION_ALL) != NULL;
    if (is_all == (arguments.count == 1))
        cli_die(CLI_USAGE, "order: name one order, or give --all");
    if (!is_all && (cli_value(&arguments, CLI_OPTION_OF_ACCOUNT) != NULL ||
                    cli_value(&arguments, CLI_OPTION_INSTRUMENT) != NULL ||
                    cli_value(&arguments, CLI_OPTION_SIDE) != NULL))
        cli_die(CLI_USAGE, "order: --of-account, --instrument and --side go with --all");
    if (is_all) {
        command.verb = VERB_MASS_CANCEL;
        fill_mass_cancel(&arguments, &command.mass_cancel);
    } else {
        command.cancel.order_id = cli_order_id("order", arguments.positional[0]);
    }
    return cli_do(&arguments, &command, NULL);
}

int cli_order(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"buy", buy, "QUANTITY INSTRUMENT [PRICE]", "enter a buy order"},
        {"sell", sell, "QUANTITY INSTRUMENT [PRICE]", "enter a sell order"},
        {"replace", replace, "ORDER QUANTITY PRICE", "another price or total quantity"},
        {"cancel", cancel, "ORDER | --all", "take orders out of the book"},
        {"list", cli_state_orders, "", "resting orders"},
        {"watch", cli_order_watch, "", "reports as they come"},
        {0},
    };
    return cli_dispatch(COMMANDS, "tpx order: trade.", argc, argv);
}
