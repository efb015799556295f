/* tpx admin list, tpx instrument, tpx session: what there is, with the numbers that other commands
 * want. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/view.h"
#include "gateway/cli.h"
#include "gateway/cli_query.h"
#include "gateway/cli_state.h"
#include "gateway/cli_value.h"
#include "gateway/keyfile.h"

/* One kind of things: its table, and what puts a row into it. */
struct listing {
    const char *key; /* in JSON */
    const struct cli_column *columns;
    uint32_t columns_count;
    void (*put)(struct cli_output *output, const struct answer_row *row);
};

/* The answer to a question that was put. */
static void show_answer(const struct cli_arguments *arguments, const struct listing *listing,
                        struct cli_source *source) {
    struct answer_row row;
    struct cli_output *output = cli_output_create(arguments->is_json);
    cli_source_as_of(source, output);
    cli_table_begin(output, listing->key, listing->columns, listing->columns_count);
    while (cli_source_row(source, &row))
        listing->put(output, &row);
    cli_output_end(output);
}

static void show(const struct cli_arguments *arguments, const struct listing *listing,
                 const struct query *query) {
    struct cli_source *source = cli_source_open(arguments);
    cli_source_ask(source, query);
    show_answer(arguments, listing, source);
    cli_source_close(source);
}

static int list(const struct listing *listing, enum query_kind kind, int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_STATE,
        .about = "Lists all there are, by number.\vThe exchange is asked at its query endpoint. "
                 "With --ledger a ledger is replayed instead. The answer says as of which sequence "
                 "it holds."};
    struct cli_arguments arguments;
    struct query query = {.kind = (uint8_t)kind};
    cli_parse(&arguments, &SPEC, argc, argv);
    show(&arguments, listing, &query);
    return CLI_FINE;
}

#define COLUMNS(columns) (columns), sizeof(columns) / sizeof(columns)[0]

/* --- participants and keys ---------------------------------------------------------------------
 */

static void put_participant(struct cli_output *output, const struct answer_row *row) {
    const struct participant_view *view = &row->participant.view;
    char code[CODE_BYTES_MAX + 1] = "";
    char roles[256] = "";
    memcpy(code, view->code, view->code_bytes);
    cli_roles_text(roles, sizeof roles, view->roles);
    cli_table_small(output, row->participant.participant);
    cli_table_name(output, code);
    cli_table_text(output, roles);
    cli_table_flag(output, view->is_killed, "killed");
}

static int participants(int argc, char **argv) {
    static const struct cli_column TABLE[] = {{"participant", "participant"},
                                              {"code", "code"},
                                              {"roles", "roles"},
                                              {"is_killed", "state"}};
    static const struct listing LISTING = {"participants", COLUMNS(TABLE), put_participant};
    return list(&LISTING, QUERY_PARTICIPANTS, argc, argv);
}

static void put_key(struct cli_output *output, const struct answer_row *row) {
    char z85[KEYFILE_Z85_CHARS + 1];
    keyfile_z85_encode(row->key.view.key, z85);
    cli_table_small(output, row->key.key);
    cli_table_small(output, row->key.view.participant);
    cli_table_small(output, row->key.view.person);
    cli_table_name(output, z85);
    cli_table_flag(output, row->key.view.is_revoked, "revoked");
}

static int keys(int argc, char **argv) {
    static const struct cli_column TABLE[] = {{"key", "key"},
                                              {"participant", "participant"},
                                              {"person", "person"},
                                              {"public_key", "public key"},
                                              {"is_revoked", "state"}};
    static const struct listing LISTING = {"keys", COLUMNS(TABLE), put_key};
    return list(&LISTING, QUERY_KEYS, argc, argv);
}

/* --- sessions ----------------------------------------------------------------------------------
 */

static void put_session(struct cli_output *output, const struct answer_row *row) {
    const struct session_view *view = &row->session.view;
    const char *state = view->is_killed ? "killed" : view->is_up ? "up" : "down";
    char grace[CLI_VALUE_BYTES_MAX] = "";
    if (view->cancels_on_disconnect)
        snprintf(grace, sizeof grace, "%" PRIu32, view->grace_ms);
    cli_table_small(output, row->session.session);
    cli_table_small(output, view->participant);
    cli_table_value(output, state, json_boolean(view->is_up));
    cli_table_flag(output, view->is_killed, "killed");
    cli_table_number(output, view->last_number);
    cli_table_small(output, view->orders);
    cli_table_flag(output, view->cancels_on_disconnect, "");
    cli_table_value(output, grace, json_integer(view->grace_ms));
}

static const struct cli_column SESSION_COLUMNS[] = {{"session", "session"},
                                                    {"participant", "participant"},
                                                    {"is_up", "state"},
                                                    {"is_killed", NULL},
                                                    {"last_number", "last number"},
                                                    {"orders", "orders"},
                                                    {"cancel_on_disconnect", NULL},
                                                    {"grace_ms", "cancels after ms"}};
static const struct listing SESSIONS = {"sessions", COLUMNS(SESSION_COLUMNS), put_session};

static int sessions(int argc, char **argv) {
    return list(&SESSIONS, QUERY_SESSIONS, argc, argv);
}

int cli_session(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_STATE,
        .arguments = "[SESSION]",
        .about = "Shows a session, or all that the key may see, a broker its own: whether it is "
                 "connected, its last request's number, its orders at rest.\vThe exchange is asked "
                 "at its query endpoint. With --ledger a ledger is replayed instead.",
        .count_max = 1};
    struct cli_arguments arguments;
    struct query query = {.kind = QUERY_SESSIONS};
    cli_parse(&arguments, &SPEC, argc, argv);
    if (arguments.count == 1)
        query.sessions.session =
            (uint32_t)cli_number("session", arguments.positional[0], 1, SESSION_ID_MAX);
    show(&arguments, &SESSIONS, &query);
    return CLI_FINE;
}

/* --- instruments -------------------------------------------------------------------------------
 */

static void put_price(struct cli_output *output, int64_t fen) {
    if (fen != 0)
        cli_table_money(output, fen);
    else
        cli_table_both(output, "", "0");
}

/* A phase for people and by its name in tpx.proto. */
static void put_phase(struct cli_output *output, const struct instrument_view *view) {
    static const char *const PHASES[][2] = {[PHASE_CLOSED] = {"closed", "CLOSED"},
                                            [PHASE_CONTINUOUS] = {"continuous", "CONTINUOUS"},
                                            [PHASE_HALTED] = {"halted", "HALTED"}};
    static const char *const UNKNOWN[2] = {"?", "?"};
    bool is_known = view->phase >= PHASE_CLOSED && view->phase <= PHASE_HALTED;
    const char *const *names = is_known ? PHASES[view->phase] : UNKNOWN;
    cli_table_value(output, view->is_killed ? "killed" : names[0], json_string(names[1]));
    cli_table_flag(output, view->is_killed, "killed");
}

static void put_instrument(struct cli_output *output, const struct answer_row *row) {
    const struct instrument_view *view = &row->instrument.view;
    char symbol[SYMBOL_BYTES_MAX + 1] = "";
    memcpy(symbol, view->symbol, view->symbol_bytes);
    cli_table_small(output, row->instrument.instrument);
    cli_table_name(output, symbol);
    put_phase(output, view);
    cli_table_money(output, view->tick_fen);
    cli_table_number(output, view->lot_min);
    cli_table_number(output, view->lot_step);
    cli_table_number(output, view->qty_max);
    put_price(output, view->band_low_fen);
    put_price(output, view->band_high_fen);
    put_price(output, view->reference_fen);
    put_price(output, view->last_fen);
    put_price(output, row->instrument.best_bid_fen);
    put_price(output, row->instrument.best_ask_fen);
}

static const struct cli_column INSTRUMENT_COLUMNS[] = {
    {"instrument", "instrument"}, {"symbol", "symbol"},       {"phase", "phase"},
    {"is_killed", NULL},          {"tick", "tick"},           {"lot_min", "lot"},
    {"lot_step", "step"},         {"qty_max", "most"},        {"band_low", "from"},
    {"band_high", "to"},          {"reference", "reference"}, {"last_px", "last"},
    {"best_bid", "bid"},          {"best_ask", "ask"},
};
static const struct listing INSTRUMENTS = {"instruments", COLUMNS(INSTRUMENT_COLUMNS),
                                           put_instrument};

static int instruments(int argc, char **argv) {
    return list(&INSTRUMENTS, QUERY_INSTRUMENTS, argc, argv);
}

/* By symbol; symbols may be numbers too, so what is none may still be an instrument's number. */
static void ask_instrument(struct cli_source *source, const char *text) {
    struct query query = {.kind = QUERY_INSTRUMENTS};
    bool is_number = strspn(text, "0123456789") == strlen(text);
    size_t size = cli_text("instrument", text, SYMBOL_BYTES_MAX);
    query.instruments.symbol_bytes = (uint8_t)size;
    memcpy(query.instruments.symbol, text, size);
    if (cli_source_try(source, &query))
        return;
    if (is_number) {
        query.instruments.symbol_bytes = 0;
        query.instruments.instrument = (uint32_t)cli_number("instrument", text, 1, UINT32_MAX);
    }
    cli_source_ask(source, &query);
}

int cli_instruments(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_STATE,
        .arguments = "[SYMBOL|NUMBER]",
        .about = "Shows an instrument, or every one: how it trades now, tick, lots, band, last and "
                 "best prices.\vThe exchange is asked at its query endpoint. With --ledger a "
                 "ledger is replayed instead.",
        .count_max = 1};
    struct cli_arguments arguments;
    struct query query = {.kind = QUERY_INSTRUMENTS};
    cli_parse(&arguments, &SPEC, argc, argv);
    struct cli_source *source = cli_source_open(&arguments);
    if (arguments.count == 1)
        ask_instrument(source, arguments.positional[0]);
    else
        cli_source_ask(source, &query);
    show_answer(&arguments, &INSTRUMENTS, source);
    cli_source_close(source);
    return CLI_FINE;
}

int cli_list(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"participants", participants, "", "firms and their roles"},
        {"keys", keys, "", "who holds which key"},
        {"sessions", sessions, "", "who is connected, and orders at rest"},
        {"instruments", instruments, "", "what is traded, and how"},
        {0},
    };
    return cli_dispatch(COMMANDS, "tpx admin list: what there is.", argc, argv);
}
