/* tpx admin list: what there is, with the numbers that other commands want. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/view.h"
#include "gateway/cli.h"
#include "gateway/cli_state.h"
#include "gateway/cli_value.h"
#include "gateway/keyfile.h"

/* One kind of things: its table, and what puts a row into it. */
struct listing {
    const char *key; /* in JSON */
    enum pool pool;
    const struct cli_column *columns;
    uint32_t columns_count;
    void (*put)(const struct engine *engine, struct cli_output *output, uint32_t number);
};

static int list(const struct listing *listing, int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_LEDGER,
        .about = "Lists all there are, by number.\vThe ledger is replayed for it: the answer says "
                 "as of which sequence it holds."};
    struct cli_arguments arguments;
    cli_parse(&arguments, &SPEC, argc, argv);
    struct replay *replay = cli_state_replay(&arguments);
    const struct engine *engine = cli_state_engine(replay);
    struct cli_output *output = cli_output_create(arguments.is_json);
    cli_state_as_of(output, replay);
    cli_table_begin(output, listing->key, listing->columns, listing->columns_count);
    for (uint32_t i = 1; i <= engine_count(engine, listing->pool); i++)
        listing->put(engine, output, i);
    cli_output_end(output);
    replay_destroy(replay);
    return CLI_FINE;
}

#define COLUMNS(columns) (columns), sizeof(columns) / sizeof(columns)[0]

static const char *yes(bool is_so, const char *word) {
    return is_so ? word : "";
}

static void put_participant(const struct engine *engine, struct cli_output *output,
                            uint32_t number) {
    struct participant_view view;
    char code[CODE_BYTES_MAX + 1] = "";
    char roles[256] = "";
    if (!engine_participant(engine, number, &view))
        return;
    memcpy(code, view.code, view.code_bytes);
    cli_roles_text(roles, sizeof roles, view.roles);
    cli_table_small(output, number);
    cli_table_name(output, code);
    cli_table_text(output, roles);
    cli_table_text(output, yes(view.is_killed, "killed"));
}

static int participants(int argc, char **argv) {
    static const struct cli_column TABLE[] = {
        {"participant", "participant"}, {"code", "code"}, {"roles", "roles"}, {"state", "state"}};
    static const struct listing LISTING = {"participants", POOL_PARTICIPANTS, COLUMNS(TABLE),
                                           put_participant};
    return list(&LISTING, argc, argv);
}

static void put_key(const struct engine *engine, struct cli_output *output, uint32_t number) {
    struct key_view view;
    char z85[KEYFILE_Z85_CHARS + 1];
    if (!engine_key(engine, number, &view))
        return;
    keyfile_z85_encode(view.key, z85);
    cli_table_small(output, number);
    cli_table_small(output, view.participant);
    cli_table_small(output, view.person);
    cli_table_name(output, z85);
    cli_table_text(output, yes(view.is_revoked, "revoked"));
}

static int keys(int argc, char **argv) {
    static const struct cli_column TABLE[] = {{"key", "key"},
                                              {"participant", "participant"},
                                              {"person", "person"},
                                              {"public_key", "public key"},
                                              {"state", "state"}};
    static const struct listing LISTING = {"keys", POOL_KEYS, COLUMNS(TABLE), put_key};
    return list(&LISTING, argc, argv);
}

static void put_session(const struct engine *engine, struct cli_output *output, uint32_t number) {
    struct session_view view;
    char grace[CLI_VALUE_BYTES_MAX] = "";
    if (!engine_session(engine, number, &view))
        return;
    if (view.cancels_on_disconnect)
        snprintf(grace, sizeof grace, "%" PRIu32, view.grace_ms);
    cli_table_small(output, number);
    cli_table_small(output, view.participant);
    cli_table_text(output, view.is_killed ? "killed" : view.is_up ? "up" : "down");
    cli_table_number(output, view.last_number);
    cli_table_small(output, view.orders);
    cli_table_text(output, grace);
}

static int sessions(int argc, char **argv) {
    static const struct cli_column TABLE[] = {
        {"session", "session"}, {"participant", "participant"},
        {"state", "state"},     {"last_number", "last number"},
        {"orders", "orders"},   {"grace_ms", "cancels after ms"}};
    static const struct listing LISTING = {"sessions", POOL_SESSIONS, COLUMNS(TABLE), put_session};
    return list(&LISTING, argc, argv);
}

static void put_price(struct cli_output *output, int64_t fen) {
    if (fen != 0)
        cli_table_money(output, fen);
    else
        cli_table_both(output, "", "0");
}

static void put_instrument(const struct engine *engine, struct cli_output *output,
                           uint32_t number) {
    static const char *const PHASES[] = {
        [PHASE_CLOSED] = "closed", [PHASE_CONTINUOUS] = "continuous", [PHASE_HALTED] = "halted"};
    struct instrument_view view;
    char symbol[SYMBOL_BYTES_MAX + 1] = "";
    if (!engine_instrument(engine, number, &view))
        return;
    memcpy(symbol, view.symbol, view.symbol_bytes);
    cli_table_small(output, number);
    cli_table_name(output, symbol);
    cli_table_text(output, view.is_killed ? "killed" : PHASES[view.phase]);
    cli_table_money(output, view.tick_fen);
    cli_table_number(output, view.lot_min);
    cli_table_number(output, view.lot_step);
    cli_table_number(output, view.qty_max);
    put_price(output, view.band_low_fen);
    put_price(output, view.band_high_fen);
    put_price(output, view.reference_fen);
    put_price(output, view.last_fen);
}

static int instruments(int argc, char **argv) {
    static const struct cli_column TABLE[] = {
        {"instrument", "instrument"}, {"symbol", "symbol"},
        {"phase", "phase"},           {"tick", "tick"},
        {"lot_min", "lot"},           {"lot_step", "step"},
        {"qty_max", "most"},          {"band_low", "from"},
        {"band_high", "to"},          {"reference", "reference"},
        {"last_px", "last"},
    };
    static const struct listing LISTING = {"instruments", POOL_INSTRUMENTS, COLUMNS(TABLE),
                                           put_instrument};
    return list(&LISTING, argc, argv);
}

int cli_list(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"participants", participants, "", "firms and their roles"},
        {"keys", keys, "", "who holds which key"},
        {"sessions", sessions, "", "who is connected, and orders at rest"},
        {"instruments", instruments, "", "what is traded, and how"},
        {0},
    };
    return cli_dispatch(COMMANDS, "tpx admin list: what there is, read from the ledger.", argc,
                        argv);
}
