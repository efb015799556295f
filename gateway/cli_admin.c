/*
 * tpx admin: the operator's acts, one subcommand each. A subcommand fills a struct act from its
 * arguments; what all share (one key, --propose, --approve) stands in run_act().
 */
#include <stdio.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_request.h"
#include "gateway/cli_value.h"
#include "gateway/clock.h"

#define MONEY_FEN_MAX INT64_C(1000000000000000000)
#define GRACE_MS_MAX  3600000

static const struct argp_option PROPOSE_ONLY[] = {
    {"propose", CLI_OPTION_PROPOSE, NULL, 0,
     "first of two keys: remembered until another person's key approves it", 0},
    {0},
};

/* What one act's subcommand is. */
struct act_spec {
    struct cli_spec spec;
    uint8_t kind; /* enum act_kind */
    /* Fills the act; returns an add_participant's name, else NULL. */
    const char *(*fill)(const struct cli_arguments *arguments, struct act *act);
};

static int run_act(const struct act_spec *spec, int argc, char **argv) {
    struct cli_arguments arguments;
    struct command command = {.verb = VERB_ACT};
    cli_parse(&arguments, &spec->spec, argc, argv);
    command.act.kind = spec->kind;
    const char *name = spec->fill(&arguments, &command.act);
    if (cli_value(&arguments, CLI_OPTION_PROPOSE) != NULL)
        command.verb = VERB_PROPOSE;
    return cli_do(&arguments, &command, name);
}

static uint32_t id(const char *field, const char *text) {
    return (uint32_t)cli_number(field, text, 1, UINT32_MAX);
}

static uint32_t id_option(const struct cli_arguments *arguments, enum cli_key key,
                          const char *field) {
    const char *text = cli_value(arguments, key);
    return text != NULL ? id(field, text) : 0;
}

/* --- participants, keys, sessions, accounts ------------------------------------------------------ */

static const char *fill_participant(const struct cli_arguments *arguments, struct act *act) {
    struct add_participant *add = &act->add_participant;
    char roles[256];
    char *rest = NULL;
    add->code_bytes = (uint8_t)cli_text("code", arguments->positional[0], CODE_BYTES_MAX);
    memcpy(add->code, arguments->positional[0], add->code_bytes);
    add->name_bytes = (uint16_t)cli_text("name", arguments->positional[1], NAME_BYTES_MAX);
    snprintf(roles, sizeof roles, "%s", arguments->positional[2]);
    for (char *role = strtok_r(roles, ",", &rest); role != NULL; role = strtok_r(NULL, ",", &rest)) {
        uint32_t bit = cli_role_find(role);
        if (bit == 0)
            cli_die(CLI_USAGE, "roles: there is no \"%s\"; there are %s", role, CLI_ROLE_NAMES);
        add->roles |= bit;
    }
    return arguments->positional[1];
}

static int participant(int argc, char **argv) {
    static const struct act_spec SPEC = {
        .spec = {.arguments = "CODE NAME ROLE[,ROLE...]",
                 .about = "Admits a firm: its unified social credit code, its name, and what it may "
                          "do.\vRoles: " CLI_ROLE_NAMES ".",
                 .options = PROPOSE_ONLY,
                 .count_min = 3,
                 .count_max = 3},
        .kind = ACT_ADD_PARTICIPANT,
        .fill = fill_participant};
    return run_act(&SPEC, argc, argv);
}

static const char *fill_key_add(const struct cli_arguments *arguments, struct act *act) {
    act->add_key.participant = id("participant", arguments->positional[0]);
    act->add_key.person = id("person", arguments->positional[1]);
    cli_curve_key("key", arguments->positional[2], act->add_key.key);
    return NULL;
}

static int key_add(int argc, char **argv) {
    static const struct act_spec SPEC = {
        .spec = {.arguments = "PARTICIPANT PERSON KEY",
                 .about = "Lets a participant in under a key.\vPERSON numbers who holds it: two-key "
                          "commands need two different persons. KEY is the public key in Z85, or "
                          "its file.",
                 .options = PROPOSE_ONLY,
                 .count_min = 3,
                 .count_max = 3},
        .kind = ACT_ADD_KEY,
        .fill = fill_key_add};
    return run_act(&SPEC, argc, argv);
}

static const char *fill_key_revoke(const struct cli_arguments *arguments, struct act *act) {
    const char *since = cli_value(arguments, CLI_OPTION_SINCE);
    act->revoke_key.key = id("key", arguments->positional[0]);
    act->revoke_key.keeps_orders = cli_value(arguments, CLI_OPTION_KEEP_ORDERS) != NULL;
    if (since != NULL)
        act->revoke_key.compromised_since_ns = cli_time("compromised-since", since);
    return NULL;
}

static int key_revoke(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"keep-orders", CLI_OPTION_KEEP_ORDERS, NULL, 0, "leave its orders in the book", 0},
        {"compromised-since", CLI_OPTION_SINCE, "TIME", 0, "others may have had it from then on", 0},
        {"propose", CLI_OPTION_PROPOSE, NULL, 0, "first of two keys", 0},
        {0},
    };
    static const struct act_spec SPEC = {
        .spec = {.arguments = "KEY",
                 .about = "Ends a key, at once and for good. KEY is its number.",
                 .options = OPTIONS,
                 .count_min = 1,
                 .count_max = 1},
        .kind = ACT_REVOKE_KEY,
        .fill = fill_key_revoke};
    return run_act(&SPEC, argc, argv);
}

static int key(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"add", key_add, "PARTICIPANT PERSON KEY", "let a participant in under a key"},
        {"revoke", key_revoke, "KEY", "end a key"},
        {0},
    };
    return cli_dispatch(COMMANDS, "tpx admin key: transport keys.", argc, argv);
}

static const char *fill_session_add(const struct cli_arguments *arguments, struct act *act) {
    const char *grace = cli_value(arguments, CLI_OPTION_CANCEL_AFTER);
    act->add_session.participant = id("participant", arguments->positional[0]);
    act->add_session.cancels_on_disconnect = grace != NULL;
    if (grace != NULL)
        act->add_session.grace_ms =
            (uint32_t)cli_number("cancel-on-disconnect", grace, 0, GRACE_MS_MAX);
    return NULL;
}

static int session_add(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"cancel-on-disconnect", CLI_OPTION_CANCEL_AFTER, "MS", 0,
         "cancel its orders so long after it has fallen silent", 0},
        {"propose", CLI_OPTION_PROPOSE, NULL, 0, "first of two keys", 0},
        {0},
    };
    static const struct act_spec SPEC = {.spec = {.arguments = "PARTICIPANT",
                                                  .about = "Opens a session for a participant.",
                                                  .options = OPTIONS,
                                                  .count_min = 1,
                                                  .count_max = 1},
                                         .kind = ACT_ADD_SESSION,
                                         .fill = fill_session_add};
    return run_act(&SPEC, argc, argv);
}

static const char *fill_session_reset(const struct cli_arguments *arguments, struct act *act) {
    act->session_reset.session = id("session", arguments->positional[0]);
    return NULL;
}

static int session_reset(int argc, char **argv) {
    static const struct act_spec SPEC = {
        .spec = {.arguments = "SESSION",
                 .about = "Closes a session's connection; it may log on again.",
                 .options = PROPOSE_ONLY,
                 .count_min = 1,
                 .count_max = 1},
        .kind = ACT_SESSION_RESET,
        .fill = fill_session_reset};
    return run_act(&SPEC, argc, argv);
}

static int session(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"add", session_add, "PARTICIPANT", "open a session"},
        {"reset", session_reset, "SESSION", "close a session's connection"},
        {0},
    };
    return cli_dispatch(COMMANDS, "tpx admin session: sessions of participants.", argc, argv);
}

static const char *fill_account(const struct cli_arguments *arguments, struct act *act) {
    act->add_account.participant = id("participant", arguments->positional[0]);
    act->add_account.owner = cli_number("owner", arguments->positional[1], 1, UINT64_MAX);
    return NULL;
}

static int account(int argc, char **argv) {
    static const struct act_spec SPEC = {
        .spec = {.arguments = "PARTICIPANT OWNER",
                 .about = "Opens an account. OWNER is the beneficial owner's party number.",
                 .options = PROPOSE_ONLY,
                 .count_min = 2,
                 .count_max = 2},
        .kind = ACT_ADD_ACCOUNT,
        .fill = fill_account};
    return run_act(&SPEC, argc, argv);
}

static const char *fill_deposit(const struct cli_arguments *arguments, struct act *act) {
    struct deposit *deposit = &act->deposit;
    deposit->account = id("account", arguments->positional[0]);
    if (arguments->count == 2) {
        deposit->amount = cli_money("amount", arguments->positional[1], 1, MONEY_FEN_MAX);
        return NULL;
    }
    deposit->amount =
        (int64_t)cli_number("quantity", arguments->positional[1], 1, (uint64_t)MONEY_FEN_MAX);
    deposit->instrument = cli_instrument(arguments, arguments->positional[2]);
    return NULL;
}

static const char *fill_withdrawal(const struct cli_arguments *arguments, struct act *act) {
    fill_deposit(arguments, act);
    act->deposit.amount = -act->deposit.amount;
    return NULL;
}

static int deposit(int argc, char **argv) {
    static const struct act_spec SPEC = {
        .spec = {.arguments = "ACCOUNT AMOUNT | ACCOUNT QUANTITY INSTRUMENT",
                 .about = "Brings cash (yuan) or shares into the exchange.",
                 .options = PROPOSE_ONLY,
                 .count_min = 2,
                 .count_max = 3},
        .kind = ACT_DEPOSIT,
        .fill = fill_deposit};
    return run_act(&SPEC, argc, argv);
}

static int withdraw(int argc, char **argv) {
    static const struct act_spec SPEC = {
        .spec = {.arguments = "ACCOUNT AMOUNT | ACCOUNT QUANTITY INSTRUMENT",
                 .about = "Takes free cash (yuan) or shares out of the exchange.",
                 .options = PROPOSE_ONLY,
                 .count_min = 2,
                 .count_max = 3},
        .kind = ACT_DEPOSIT,
        .fill = fill_withdrawal};
    return run_act(&SPEC, argc, argv);
}

/* --- instruments and days ------------------------------------------------------------------------ */

static uint64_t quantity_option(const struct cli_arguments *arguments, enum cli_key key,
                                const char *field, uint64_t usual) {
    const char *text = cli_value(arguments, key);
    return text != NULL ? cli_number(field, text, 1, UINT32_MAX) : usual;
}

static int64_t price_option(const struct cli_arguments *arguments, enum cli_key key,
                            const char *field, int64_t usual) {
    const char *text = cli_value(arguments, key);
    return text != NULL ? cli_money(field, text, 1, MONEY_FEN_MAX) : usual;
}

/* LOW..HIGH in yuan. */
static void read_band(const char *text, int64_t *low_fen, int64_t *high_fen) {
    char low[64];
    const char *dots = strstr(text, "..");
    if (dots == NULL || (size_t)(dots - text) >= sizeof low)
        cli_die(CLI_USAGE, "band: \"%s\" is not LOW..HIGH, e.g. 7.26..13.48", text);
    memcpy(low, text, (size_t)(dots - text));
    low[dots - text] = '\0';
    *low_fen = cli_money("band_low", low, 1, MONEY_FEN_MAX);
    *high_fen = cli_money("band_high", dots + 2, *low_fen, MONEY_FEN_MAX);
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

static int instrument(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"tick", CLI_OPTION_TICK, "YUAN", 0, "smallest step of a price (0.01)", 0},
        {"lot-min", CLI_OPTION_LOT_MIN, "QUANTITY", 0, "smallest order (100)", 0},
        {"lot-step", CLI_OPTION_LOT_STEP, "QUANTITY", 0, "orders are multiples of it (1)", 0},
        {"qty-max", CLI_OPTION_QTY_MAX, "QUANTITY", 0, "largest order (1000000)", 0},
        {"band", CLI_OPTION_BAND, "LOW..HIGH", 0, "prices allowed, in yuan; none without", 0},
        {"reference", CLI_OPTION_REFERENCE, "YUAN", 0, "previous close", 0},
        {"propose", CLI_OPTION_PROPOSE, NULL, 0, "first of two keys", 0},
        {0},
    };
    static const struct act_spec SPEC = {.spec = {.arguments = "SYMBOL",
                                                  .about = "Lists an instrument.",
                                                  .options = OPTIONS,
                                                  .count_min = 1,
                                                  .count_max = 1},
                                         .kind = ACT_ADD_INSTRUMENT,
                                         .fill = fill_instrument};
    return run_act(&SPEC, argc, argv);
}

static const char *fill_band(const struct cli_arguments *arguments, struct act *act) {
    act->set_band.instrument = cli_instrument(arguments, arguments->positional[0]);
    if (strcmp(arguments->positional[1], "none") != 0)
        read_band(arguments->positional[1], &act->set_band.band_low_fen,
                  &act->set_band.band_high_fen);
    return NULL;
}

static int band(int argc, char **argv) {
    static const struct act_spec SPEC = {
        .spec = {.arguments = "INSTRUMENT LOW..HIGH|none",
                 .about = "Changes the prices allowed, while the instrument does not trade. Orders "
                          "outside are cancelled. Takes two keys.",
                 .options = PROPOSE_ONLY,
                 .count_min = 2,
                 .count_max = 2},
        .kind = ACT_SET_BAND,
        .fill = fill_band};
    return run_act(&SPEC, argc, argv);
}

static const char *fill_day(const struct cli_arguments *arguments, struct act *act) {
    act->day.date = cli_date("date", arguments->positional[0]);
    return NULL;
}

static int day_open(int argc, char **argv) {
    static const struct act_spec SPEC = {.spec = {.arguments = "DATE",
                                                  .about = "Opens a trading day, e.g. 20261124.",
                                                  .options = PROPOSE_ONLY,
                                                  .count_min = 1,
                                                  .count_max = 1},
                                         .kind = ACT_DAY_OPEN,
                                         .fill = fill_day};
    return run_act(&SPEC, argc, argv);
}

static int day_close(int argc, char **argv) {
    static const struct act_spec SPEC = {
        .spec = {.arguments = "DATE",
                 .about = "Closes a trading day: its day orders expire.",
                 .options = PROPOSE_ONLY,
                 .count_min = 1,
                 .count_max = 1},
        .kind = ACT_DAY_CLOSE,
        .fill = fill_day};
    return run_act(&SPEC, argc, argv);
}

static int day(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"open", day_open, "DATE", "open a trading day"},
        {"close", day_close, "DATE", "close it"},
        {0},
    };
    return cli_dispatch(COMMANDS, "tpx admin day: trading days.", argc, argv);
}

/* --- stopping and going on ----------------------------------------------------------------------- */

static const char *fill_halt(const struct cli_arguments *arguments, struct act *act) {
    const char *what = arguments->positional[0];
    act->halt.instrument = strcmp(what, "all") == 0 ? 0 : cli_instrument(arguments, what);
    act->halt.is_halted = cli_value(arguments, CLI_OPTION_LIFT) == NULL;
    return NULL;
}

static int halt(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"lift", CLI_OPTION_LIFT, NULL, 0, "go on (takes two keys)", 0},
        {"propose", CLI_OPTION_PROPOSE, NULL, 0, "first of two keys", 0},
        {0},
    };
    static const struct act_spec SPEC = {
        .spec = {.arguments = "INSTRUMENT|all",
                 .about = "Halts trading: cancels are still taken, nothing else.",
                 .options = OPTIONS,
                 .count_min = 1,
                 .count_max = 1},
        .kind = ACT_HALT,
        .fill = fill_halt};
    return run_act(&SPEC, argc, argv);
}

static const struct argp_option KILL_OPTIONS[] = {
    {"participant", CLI_OPTION_PARTICIPANT, "NUMBER", 0, "a participant", 0},
    {"of-session", CLI_OPTION_OF_SESSION, "NUMBER", 0, "a session", 0},
    {"of-account", CLI_OPTION_OF_ACCOUNT, "NUMBER", 0, "an account", 0},
    {"instrument", CLI_OPTION_INSTRUMENT, "INSTRUMENT", 0, "an instrument", 0},
    {"all", CLI_OPTION_ALL, NULL, 0, "the whole exchange", 0},
    {"propose", CLI_OPTION_PROPOSE, NULL, 0, "first of two keys", 0},
    {0},
};

static const char *fill_kill(const struct cli_arguments *arguments, struct act *act) {
    const char *instrument_text = cli_value(arguments, CLI_OPTION_INSTRUMENT);
    struct kill *kill = &act->kill;
    kill->participant = id_option(arguments, CLI_OPTION_PARTICIPANT, "participant");
    kill->session = id_option(arguments, CLI_OPTION_OF_SESSION, "of-session");
    kill->account = id_option(arguments, CLI_OPTION_OF_ACCOUNT, "of-account");
    if (instrument_text != NULL)
        kill->instrument = cli_instrument(arguments, instrument_text);
    int scopes = (kill->participant != 0) + (kill->session != 0) + (kill->account != 0) +
                 (kill->instrument != 0) + (cli_value(arguments, CLI_OPTION_ALL) != NULL);
    if (scopes != 1)
        cli_die(CLI_USAGE, "scope: say exactly one of --participant, --of-session, --of-account, "
                           "--instrument, --all");
    return NULL;
}

static int kill_switch(int argc, char **argv) {
    static const struct act_spec SPEC = {
        .spec = {.about = "Cancels the resting orders of a scope; it enters no new ones.",
                 .options = KILL_OPTIONS},
        .kind = ACT_KILL,
        .fill = fill_kill};
    return run_act(&SPEC, argc, argv);
}

static int unkill(int argc, char **argv) {
    static const struct act_spec SPEC = {
        .spec = {.about = "Lets a killed scope trade again. Takes two keys.",
                 .options = KILL_OPTIONS},
        .kind = ACT_UNKILL,
        .fill = fill_kill};
    return run_act(&SPEC, argc, argv);
}

static const char *fill_nothing(const struct cli_arguments *arguments, struct act *act) {
    (void)arguments;
    (void)act;
    return NULL;
}

static int reopen(int argc, char **argv) {
    static const struct act_spec SPEC = {
        .spec = {.about = "Continuous trading again after an outage. Takes two keys.",
                 .options = PROPOSE_ONLY},
        .kind = ACT_REOPEN,
        .fill = fill_nothing};
    return run_act(&SPEC, argc, argv);
}

/* --- the exchange itself ------------------------------------------------------------------------- */

static const char *fill_limit(const struct cli_arguments *arguments, struct act *act) {
    act->raise_limit.pool = cli_pool_find(arguments->positional[0]);
    if (act->raise_limit.pool == 0)
        cli_die(CLI_USAGE, "pool: there is no \"%s\"; there are %s", arguments->positional[0],
                CLI_POOL_NAMES);
    act->raise_limit.limit = id("limit", arguments->positional[1]);
    return NULL;
}

static int limit(int argc, char **argv) {
    static const struct act_spec SPEC = {
        .spec = {.arguments = "POOL LIMIT",
                 .about = "Raises the size of a pool, up to its ceiling. Takes two keys.\v"
                          "Pools: " CLI_POOL_NAMES ".",
                 .options = PROPOSE_ONLY,
                 .count_min = 2,
                 .count_max = 2},
        .kind = ACT_RAISE_LIMIT,
        .fill = fill_limit};
    return run_act(&SPEC, argc, argv);
}

static void read_checkpoint_key(const char *text, uint8_t public_key[KEY_BYTES]) {
    struct note_verifier verifier;
    if (note_verifier_parse(&verifier, text) != 0)
        cli_die(CLI_USAGE, "key: \"%s\" is no verifier key (tpx keygen --note prints one)", text);
    verifier_public(verifier.key, public_key);
    note_verifier_fini(&verifier);
}

static const char *fill_checkpoint_key_add(const struct cli_arguments *arguments, struct act *act) {
    read_checkpoint_key(arguments->positional[0], act->checkpoint_key.key);
    return NULL;
}

static const char *fill_checkpoint_key_revoke(const struct cli_arguments *arguments,
                                              struct act *act) {
    read_checkpoint_key(arguments->positional[0], act->checkpoint_key.key);
    act->checkpoint_key.is_revoked = true;
    return NULL;
}

static int checkpoint_key_add(int argc, char **argv) {
    static const struct act_spec SPEC = {
        .spec = {.arguments = "VERIFIER-KEY",
                 .about = "A new key may sign checkpoints, beside those in force. Takes two keys.",
                 .options = PROPOSE_ONLY,
                 .count_min = 1,
                 .count_max = 1},
        .kind = ACT_CHECKPOINT_KEY,
        .fill = fill_checkpoint_key_add};
    return run_act(&SPEC, argc, argv);
}

static int checkpoint_key_revoke(int argc, char **argv) {
    static const struct act_spec SPEC = {
        .spec = {.arguments = "VERIFIER-KEY",
                 .about = "A key signs checkpoints no more. Takes two keys.",
                 .options = PROPOSE_ONLY,
                 .count_min = 1,
                 .count_max = 1},
        .kind = ACT_CHECKPOINT_KEY,
        .fill = fill_checkpoint_key_revoke};
    return run_act(&SPEC, argc, argv);
}

static int checkpoint_key(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"add", checkpoint_key_add, "VERIFIER-KEY", "a key may sign checkpoints"},
        {"revoke", checkpoint_key_revoke, "VERIFIER-KEY", "it may no more"},
        {0},
    };
    return cli_dispatch(COMMANDS, "tpx admin checkpoint-key: who signs the ledger.", argc, argv);
}

static const char *fill_activate(const struct cli_arguments *arguments, struct act *act) {
    act->activate.version = id("version", arguments->positional[0]);
    return NULL;
}

static int activate(int argc, char **argv) {
    static const struct act_spec SPEC = {
        .spec = {.arguments = "VERSION",
                 .about = "The behaviour of a later release holds from now on. Takes two keys.",
                 .options = PROPOSE_ONLY,
                 .count_min = 1,
                 .count_max = 1},
        .kind = ACT_ACTIVATE,
        .fill = fill_activate};
    return run_act(&SPEC, argc, argv);
}

static const char *fill_resolve(const struct cli_arguments *arguments, struct act *act) {
    act->resolve.sequence = cli_number("sequence", arguments->positional[0], 0, UINT64_MAX - 1);
    cli_hex("recorded", arguments->positional[1], act->resolve.digest_recorded, HASH_BYTES);
    cli_hex("replayed", arguments->positional[2], act->resolve.digest_replayed, HASH_BYTES);
    return NULL;
}

static int resolve(int argc, char **argv) {
    static const struct act_spec SPEC = {
        .spec = {.arguments = "SEQUENCE RECORDED REPLAYED",
                 .about = "Where record and replay disagree the record stands; trading goes on. "
                          "Takes two keys.\vThe exchange's log names sequence and both digests.",
                 .options = PROPOSE_ONLY,
                 .count_min = 3,
                 .count_max = 3},
        .kind = ACT_RESOLVE,
        .fill = fill_resolve};
    return run_act(&SPEC, argc, argv);
}

static const char *fill_time(const struct cli_arguments *arguments, struct act *act) {
    const char *text = arguments->positional[0];
    bool is_now = strcmp(text, "now") == 0;
    act->confirm_time.time_ns = is_now ? clock_wall_ns() : cli_time("time", text);
    return NULL;
}

static int confirm_time(int argc, char **argv) {
    static const struct act_spec SPEC = {
        .spec = {.arguments = "TIME|now",
                 .about = "Confirms the time after the clock has leapt, read off a clock that is "
                          "trusted. Takes two keys.\vTIME is such as 2026-11-24T09:30:00Z.",
                 .options = PROPOSE_ONLY,
                 .count_min = 1,
                 .count_max = 1},
        .kind = ACT_CONFIRM_TIME,
        .fill = fill_time};
    return run_act(&SPEC, argc, argv);
}

static int approve(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .arguments = "SEQUENCE",
        .about = "Second of two keys: carries a proposal out. SEQUENCE is what --propose printed.",
        .count_min = 1,
        .count_max = 1,
    };
    struct cli_arguments arguments;
    struct command command = {.verb = VERB_APPROVE};
    cli_parse(&arguments, &SPEC, argc, argv);
    command.approve.proposal = cli_number("sequence", arguments.positional[0], 0, UINT64_MAX - 1);
    return cli_do(&arguments, &command, NULL);
}

int cli_admin(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"participant", participant, "CODE NAME ROLES", "admit a firm"},
        {"key", key, "add|revoke ...", "transport keys"},
        {"session", session, "add|reset ...", "sessions of participants"},
        {"account", account, "PARTICIPANT OWNER", "open an account"},
        {"deposit", deposit, "ACCOUNT AMOUNT [INSTRUMENT]", "cash or shares come in"},
        {"withdraw", withdraw, "ACCOUNT AMOUNT [INSTRUMENT]", "they go out"},
        {"instrument", instrument, "SYMBOL", "list an instrument"},
        {"band", band, "INSTRUMENT LOW..HIGH", "prices allowed (two keys)"},
        {"day", day, "open|close DATE", "trading days"},
        {"halt", halt, "INSTRUMENT|all", "halt trading, or lift it (two keys)"},
        {"kill", kill_switch, "SCOPE", "cancel all and enter nothing"},
        {"unkill", unkill, "SCOPE", "trade again (two keys)"},
        {"reopen", reopen, "", "after an outage (two keys)"},
        {"limit", limit, "POOL LIMIT", "raise a pool (two keys)"},
        {"checkpoint-key", checkpoint_key, "add|revoke KEY", "who signs (two keys)"},
        {"activate", activate, "VERSION", "behaviour in force (two keys)"},
        {"resolve", resolve, "SEQUENCE RECORDED REPLAYED", "the record stands (two keys)"},
        {"time", confirm_time, "TIME|now", "confirm the clock (two keys)"},
        {"--approve", approve, "SEQUENCE", "second key of what was sent with --propose"},
        {0},
    };
    return cli_dispatch(COMMANDS,
                        "tpx admin: the operator's commands. What takes two keys is sent with\n"
                        "--propose under one, and then approved under the other.",
                        argc, argv);
}
