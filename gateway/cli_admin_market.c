/* tpx admin: what is traded, and when; stopping it, and going on. */
#include <string.h>

#include "gateway/cli_admin.h"
#include "gateway/cli_value.h"

static uint64_t quantity_option(const struct cli_arguments *arguments, enum cli_key key,
                                const char *field, uint64_t usual) {
    const char *text = cli_value(arguments, key);
    return text != NULL ? cli_number(field, text, 1, UINT32_MAX) : usual;
}

static int64_t price_option(const struct cli_arguments *arguments, enum cli_key key,
                            const char *field, int64_t usual) {
    const char *text = cli_value(arguments, key);
    return text != NULL ? cli_money(field, text, 1, CLI_AMOUNT_MAX) : usual;
}

/* LOW..HIGH in yuan. */
static void read_band(const char *text, int64_t *low_fen, int64_t *high_fen) {
    char low[64];
    const char *dots = strstr(text, "..");
    if (dots == NULL || (size_t)(dots - text) >= sizeof low)
        cli_die(CLI_USAGE, "band: \"%s\" is not LOW..HIGH, e.g. 7.26..13.48", text);
    memcpy(low, text, (size_t)(dots - text));
    low[dots - text] = '\0';
    *low_fen = cli_money("band_low", low, 1, CLI_AMOUNT_MAX);
    *high_fen = cli_money("band_high", dots + 2, *low_fen, CLI_AMOUNT_MAX);
}

static const char *fill_instrument(const struct cli_arguments *arguments, struct act *act) {
    struct add_instrument *add = &act->add_instrument;
    const char *band = cli_value(arguments, CLI_OPTION_BAND);
    add->symbol_bytes = (uint8_t)cli_text("symbol", arguments->positional[0], SYMBOL_BYTES_MAX);
    memcpy(add->symbol, arguments->positional[0], add->symbol_bytes);
    add->tick_fen = price_option(arguments, CLI_OPTION_TICK, "tick", 1);
    add->lot_min = quantity_option(arguments, CLI_OPTION_LOT_MIN, "lot-min", 100);
    add->lot_step = quantity_option(arguments, CLI_OPTION_LOT_STEP, "lot-step", 1);
    add->qty_max = quantity_option(arguments, CLI_OPTION_QTY_MAX, "qty-max", 1000000);
    add->reference_fen = price_option(arguments, CLI_OPTION_REFERENCE, "reference", 0);
    if (band != NULL)
        read_band(band, &add->band_low_fen, &add->band_high_fen);
    return NULL;
}

int cli_admin_instrument(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"tick", CLI_OPTION_TICK, "YUAN", 0, "smallest step of a price (0.01)", 0},
        {"lot-min", CLI_OPTION_LOT_MIN, "QUANTITY", 0, "smallest order (100)", 0},
        {"lot-step", CLI_OPTION_LOT_STEP, "QUANTITY", 0, "orders are multiples of it (1)", 0},
        {"qty-max", CLI_OPTION_QTY_MAX, "QUANTITY", 0, "largest order (1000000)", 0},
        {"band", CLI_OPTION_BAND, "LOW..HIGH", 0, "prices allowed, in yuan; none without", 0},
        {"reference", CLI_OPTION_REFERENCE, "YUAN", 0, "previous close", 0},
        CLI_PROPOSE_OPTION,
        {0},
    };
    static const struct cli_act SPEC = {.spec = {.arguments = "SYMBOL",
                                                 .about = "Lists an instrument.",
                                                 .options = OPTIONS,
                                                 .count_min = 1,
                                                 .count_max = 1},
                                        .kind = ACT_ADD_INSTRUMENT,
                                        .fill = fill_instrument};
    return cli_act(&SPEC, argc, argv);
}

static const char *fill_band(const struct cli_arguments *arguments, struct act *act) {
    act->set_band.instrument = cli_instrument(arguments, arguments->positional[0]);
    if (strcmp(arguments->positional[1], "none") != 0)
        read_band(arguments->positional[1], &act->set_band.band_low_fen,
                  &act->set_band.band_high_fen);
    return NULL;
}

int cli_admin_band(int argc, char **argv) {
    static const struct cli_act SPEC = {
        .spec = {.arguments = "INSTRUMENT LOW..HIGH|none",
                 .about = "Changes the prices allowed, while the instrument does not trade. Orders "
                          "outside are cancelled. Takes two keys.",
                 .options = CLI_PROPOSE_ONLY,
                 .count_min = 2,
                 .count_max = 2},
        .kind = ACT_SET_BAND,
        .fill = fill_band};
    return cli_act(&SPEC, argc, argv);
}

static const char *fill_day(const struct cli_arguments *arguments, struct act *act) {
    act->day.date = cli_date("date", arguments->positional[0]);
    return NULL;
}

static int day_open(int argc, char **argv) {
    static const struct cli_act SPEC = {.spec = {.arguments = "DATE",
                                                 .about = "Opens a trading day, e.g. 20261124.",
                                                 .options = CLI_PROPOSE_ONLY,
                                                 .count_min = 1,
                                                 .count_max = 1},
                                        .kind = ACT_DAY_OPEN,
                                        .fill = fill_day};
    return cli_act(&SPEC, argc, argv);
}

static int day_close(int argc, char **argv) {
    static const struct cli_act SPEC = {
        .spec = {.arguments = "DATE",
                 .about = "Closes a trading day: its day orders expire.",
                 .options = CLI_PROPOSE_ONLY,
                 .count_min = 1,
                 .count_max = 1},
        .kind = ACT_DAY_CLOSE,
        .fill = fill_day};
    return cli_act(&SPEC, argc, argv);
}

int cli_admin_day(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"open", day_open, "DATE", "open a trading day"},
        {"close", day_close, "DATE", "close it"},
        {0},
    };
    return cli_dispatch(COMMANDS, "tpx admin day: trading days.", argc, argv);
}

/* --- stopping and going on -----------------------------------------------------------------------
 */

static const char *fill_halt(const struct cli_arguments *arguments, struct act *act) {
    const char *what = arguments->positional[0];
    act->halt.instrument = strcmp(what, "all") == 0 ? 0 : cli_instrument(arguments, what);
    act->halt.is_halted = cli_value(arguments, CLI_OPTION_LIFT) == NULL;
    return NULL;
}

int cli_admin_halt(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"lift", CLI_OPTION_LIFT, NULL, 0, "go on (takes two keys)", 0},
        CLI_PROPOSE_OPTION,
        {0},
    };
    static const struct cli_act SPEC = {
        .spec = {.arguments = "INSTRUMENT|all",
                 .about = "Halts trading: cancels are still taken, nothing else.",
                 .options = OPTIONS,
                 .count_min = 1,
                 .count_max = 1},
        .kind = ACT_HALT,
        .fill = fill_halt};
    return cli_act(&SPEC, argc, argv);
}

static const struct argp_option KILL_OPTIONS[] = {
    {"participant", CLI_OPTION_PARTICIPANT, "NUMBER", 0, "a participant", 0},
    {"of-session", CLI_OPTION_OF_SESSION, "NUMBER", 0, "a session", 0},
    {"of-account", CLI_OPTION_OF_ACCOUNT, "NUMBER", 0, "an account", 0},
    {"instrument", CLI_OPTION_INSTRUMENT, "INSTRUMENT", 0, "an instrument", 0},
    {"all", CLI_OPTION_ALL, NULL, 0, "the whole exchange", 0},
    CLI_PROPOSE_OPTION,
    {0},
};

static const char *fill_kill(const struct cli_arguments *arguments, struct act *act) {
    const char *instrument_text = cli_value(arguments, CLI_OPTION_INSTRUMENT);
    struct kill *kill = &act->kill;
    kill->participant = cli_id_option(arguments, CLI_OPTION_PARTICIPANT, "participant");
    kill->session = cli_id_option(arguments, CLI_OPTION_OF_SESSION, "of-session");
    kill->account = cli_id_option(arguments, CLI_OPTION_OF_ACCOUNT, "of-account");
    if (instrument_text != NULL)
        kill->instrument = cli_instrument(arguments, instrument_text);
    int scopes = (kill->participant != 0) + (kill->session != 0) + (kill->account != 0) +
                 (kill->instrument != 0) + (cli_value(arguments, CLI_OPTION_ALL) != NULL);
    if (scopes != 1)
        cli_die(CLI_USAGE, "scope: say exactly one of --participant, --of-session, --of-account, "
                           "--instrument, --all");
    return NULL;
}

int cli_admin_kill(int argc, char **argv) {
    static const struct cli_act SPEC = {
        .spec = {.about = "Cancels the resting orders of a scope; it enters no new ones.",
                 .options = KILL_OPTIONS},
        .kind = ACT_KILL,
        .fill = fill_kill};
    return cli_act(&SPEC, argc, argv);
}

int cli_admin_unkill(int argc, char **argv) {
    static const struct cli_act SPEC = {
        .spec = {.about = "Lets a killed scope trade again. Takes two keys.",
                 .options = KILL_OPTIONS},
        .kind = ACT_UNKILL,
        .fill = fill_kill};
    return cli_act(&SPEC, argc, argv);
}

static const char *fill_nothing(const struct cli_arguments *arguments, struct act *act) {
    (void)arguments;
    (void)act;
    return NULL;
}

int cli_admin_reopen(int argc, char **argv) {
    static const struct cli_act SPEC = {
        .spec = {.about = "Continuous trading again after an outage. Takes two keys.",
                 .options = CLI_PROPOSE_ONLY},
        .kind = ACT_REOPEN,
        .fill = fill_nothing};
    return cli_act(&SPEC, argc, argv);
}
