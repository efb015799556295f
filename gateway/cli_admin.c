/* tpx admin: what its acts share, the second key, and the list of them. */
#include "gateway/cli_admin.h"

#include "gateway/cli_request.h"
#include "gateway/cli_state.h"
#include "gateway/cli_value.h"

const struct argp_option CLI_PROPOSE_ONLY[] = {CLI_PROPOSE_OPTION, {0}};

int cli_act(const struct cli_act *spec, int argc, char **argv) {
    struct cli_arguments arguments;
    struct command command = {.verb = VERB_ACT};
    cli_parse(&arguments, &spec->spec, argc, argv);
    command.act.kind = spec->kind;
    const char *name = spec->fill(&arguments, &command.act);
    if (cli_value(&arguments, CLI_OPTION_PROPOSE) != NULL)
        command.verb = VERB_PROPOSE;
    return cli_do(&arguments, &command, name);
}

uint32_t cli_id(const char *field, const char *text) {
    return (uint32_t)cli_number(field, text, 1, UINT32_MAX);
}

uint32_t cli_id_option(const struct cli_arguments *arguments, enum cli_key key, const char *field) {
    const char *text = cli_value(arguments, key);
    return text != NULL ? cli_id(field, text) : 0;
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
        {"list", cli_list, "participants|keys|...", "what there is, with its numbers"},
        {"participant", cli_admin_participant, "CODE NAME ROLES", "admit a firm"},
        {"key", cli_admin_key, "add|revoke ...", "transport keys"},
        {"session", cli_admin_session, "add|reset ...", "sessions of participants"},
        {"account", cli_admin_account, "PARTICIPANT OWNER", "open an account"},
        {"deposit", cli_admin_deposit, "ACCOUNT AMOUNT [INSTRUMENT]", "cash or shares come in"},
        {"withdraw", cli_admin_withdraw, "ACCOUNT AMOUNT [INSTRUMENT]", "they go out"},
        {"instrument", cli_admin_instrument, "SYMBOL", "list an instrument"},
        {"band", cli_admin_band, "INSTRUMENT LOW..HIGH", "prices allowed (two keys)"},
        {"day", cli_admin_day, "open|close DATE", "trading days"},
        {"halt", cli_admin_halt, "INSTRUMENT|all", "halt trading, or lift it (two keys)"},
        {"kill", cli_admin_kill, "--participant N|--all|...", "cancel all and enter nothing"},
        {"unkill", cli_admin_unkill, "--participant N|--all|...", "trade again (two keys)"},
        {"reopen", cli_admin_reopen, "", "after an outage (two keys)"},
        {"limits", cli_admin_limits, "list|raise ...", "sizes of pools (raise: two keys)"},
        {"checkpoint-key", cli_admin_checkpoint_key, "add|revoke KEY", "who signs (two keys)"},
        {"activate", cli_admin_activate, "VERSION", "behaviour in force (two keys)"},
        {"resolve", cli_admin_resolve, "SEQUENCE RECORDED REPLAYED",
         "the record stands (two keys)"},
        {"time", cli_admin_time, "TIME|now", "confirm the clock (two keys)"},
        {"--approve", approve, "SEQUENCE", "second key of what was sent with --propose"},
        {0},
    };
    return cli_dispatch(COMMANDS,
                        "tpx admin: the operator's commands. What takes two keys is sent with\n"
                        "--propose under one, and then approved under the other.",
                        argc, argv);
}
