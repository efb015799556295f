/* tpx admin: firms, their keys, sessions and accounts, and what lies in these. */
#include <stdio.h>
#include <string.h>

#include "gateway/cli_admin.h"
#include "gateway/cli_paper.h"
#include "gateway/cli_value.h"

#define GRACE_MS_MAX 3600000

static const char *fill_participant(const struct cli_arguments *arguments, struct act *act) {
    struct add_participant *add = &act->add_participant;
    char roles[256];
    char *rest = NULL;
    add->code_bytes = (uint8_t)cli_text("code", arguments->positional[0], CODE_BYTES_MAX);
    memcpy(add->code, arguments->positional[0], add->code_bytes);
    add->name_bytes = (uint16_t)cli_text("name", arguments->positional[1], NAME_BYTES_MAX);
    snprintf(roles, sizeof roles, "%s", arguments->positional[2]);
    for (char *role = strtok_r(roles, ",", &rest); role != NULL;
         role = strtok_r(NULL, ",", &rest)) {
        uint32_t bit = cli_role_find(role);
        if (bit == 0)
            cli_die(CLI_USAGE, "roles: there is no \"%s\"; there are %s", role, CLI_ROLE_NAMES);
        add->roles |= bit;
    }
    return arguments->positional[1];
}

int cli_admin_participant(int argc, char **argv) {
    static const struct cli_act SPEC = {
        .spec = {.arguments = "CODE NAME ROLE[,ROLE...]",
                 .about =
                     "Admits a firm: its unified social credit code, its name, and what it may "
                     "do.\vRoles: " CLI_ROLE_NAMES ".",
                 .options = CLI_PROPOSE_ONLY,
                 .count_min = 3,
                 .count_max = 3},
        .kind = ACT_ADD_PARTICIPANT,
        .fill = fill_participant};
    return cli_act(&SPEC, argc, argv);
}

static const char *fill_key_add(const struct cli_arguments *arguments, struct act *act) {
    act->add_key.participant = cli_id("participant", arguments->positional[0]);
    act->add_key.person = cli_id("person", arguments->positional[1]);
    cli_curve_key("key", arguments->positional[2], act->add_key.key);
    return NULL;
}

static int key_add(int argc, char **argv) {
    static const struct cli_act SPEC = {
        .spec = {.arguments = "PARTICIPANT PERSON KEY",
                 .about =
                     "Lets a participant in under a key.\vPERSON numbers who holds it: two-key "
                     "commands need two different persons. KEY is the public key in Z85, or "
                     "its file.",
                 .options = CLI_PROPOSE_ONLY,
                 .count_min = 3,
                 .count_max = 3},
        .kind = ACT_ADD_KEY,
        .fill = fill_key_add};
    return cli_act(&SPEC, argc, argv);
}

static const char *fill_key_revoke(const struct cli_arguments *arguments, struct act *act) {
    const char *since = cli_value(arguments, CLI_OPTION_SINCE);
    act->revoke_key.key = cli_id("key", arguments->positional[0]);
    act->revoke_key.keeps_orders = cli_value(arguments, CLI_OPTION_KEEP_ORDERS) != NULL;
    if (since != NULL)
        act->revoke_key.compromised_since_ns = cli_time("compromised-since", since);
    return NULL;
}

static int key_revoke(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"keep-orders", CLI_OPTION_KEEP_ORDERS, NULL, 0, "leave its orders in the book", 0},
        {"compromised-since", CLI_OPTION_SINCE, "TIME", 0, "others may have had it from then on",
         0},
        CLI_PROPOSE_OPTION,
        {0},
    };
    static const struct cli_act SPEC = {
        .spec = {.arguments = "KEY",
                 .about = "Ends a key, at once and for good. KEY is its number.",
                 .options = OPTIONS,
                 .count_min = 1,
                 .count_max = 1},
        .kind = ACT_REVOKE_KEY,
        .fill = fill_key_revoke};
    return cli_act(&SPEC, argc, argv);
}

int cli_admin_key(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"add", key_add, "PARTICIPANT PERSON KEY", "let a participant in under a key"},
        {"revoke", key_revoke, "KEY", "end a key"},
        {"used", cli_admin_key_used, "KEY [DIR]", "what was sent under a key"},
        {0},
    };
    return cli_dispatch(COMMANDS, "tpx admin key: transport keys.", argc, argv);
}

static const char *fill_session_add(const struct cli_arguments *arguments, struct act *act) {
    const char *grace = cli_value(arguments, CLI_OPTION_CANCEL_AFTER);
    act->add_session.participant = cli_id("participant", arguments->positional[0]);
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
        CLI_PROPOSE_OPTION,
        {0},
    };
    static const struct cli_act SPEC = {.spec = {.arguments = "PARTICIPANT",
                                                 .about = "Opens a session for a participant.",
                                                 .options = OPTIONS,
                                                 .count_min = 1,
                                                 .count_max = 1},
                                        .kind = ACT_ADD_SESSION,
                                        .fill = fill_session_add};
    return cli_act(&SPEC, argc, argv);
}

static const char *fill_session_reset(const struct cli_arguments *arguments, struct act *act) {
    act->session_reset.session = cli_id("session", arguments->positional[0]);
    return NULL;
}

static int session_reset(int argc, char **argv) {
    static const struct cli_act SPEC = {
        .spec = {.arguments = "SESSION",
                 .about = "Closes a session's connection; it may log on again.",
                 .options = CLI_PROPOSE_ONLY,
                 .count_min = 1,
                 .count_max = 1},
        .kind = ACT_SESSION_RESET,
        .fill = fill_session_reset};
    return cli_act(&SPEC, argc, argv);
}

int cli_admin_session(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"add", session_add, "PARTICIPANT", "open a session"},
        {"reset", session_reset, "SESSION", "close a session's connection"},
        {0},
    };
    return cli_dispatch(COMMANDS, "tpx admin session: sessions of participants.", argc, argv);
}

static const char *fill_account(const struct cli_arguments *arguments, struct act *act) {
    act->add_account.participant = cli_id("participant", arguments->positional[0]);
    act->add_account.owner = cli_number("owner", arguments->positional[1], 1, UINT64_MAX);
    return NULL;
}

int cli_admin_account(int argc, char **argv) {
    static const struct cli_act SPEC = {
        .spec = {.arguments = "PARTICIPANT OWNER",
                 .about = "Opens an account. OWNER is the beneficial owner's party number.",
                 .options = CLI_PROPOSE_ONLY,
                 .count_min = 2,
                 .count_max = 2},
        .kind = ACT_ADD_ACCOUNT,
        .fill = fill_account};
    return cli_act(&SPEC, argc, argv);
}

static const char *fill_deposit(const struct cli_arguments *arguments, struct act *act) {
    struct deposit *deposit = &act->deposit;
    deposit->account = cli_id("account", arguments->positional[0]);
    if (arguments->count == 2) {
        deposit->amount = cli_money("amount", arguments->positional[1], 1, CLI_AMOUNT_MAX);
        return NULL;
    }
    deposit->amount =
        (int64_t)cli_number("quantity", arguments->positional[1], 1, (uint64_t)CLI_AMOUNT_MAX);
    deposit->instrument = cli_instrument(arguments, arguments->positional[2]);
    return NULL;
}

static const char *fill_withdrawal(const struct cli_arguments *arguments, struct act *act) {
    fill_deposit(arguments, act);
    act->deposit.amount = -act->deposit.amount;
    return NULL;
}

int cli_admin_deposit(int argc, char **argv) {
    static const struct cli_act SPEC = {
        .spec = {.arguments = "ACCOUNT AMOUNT | ACCOUNT QUANTITY INSTRUMENT",
                 .about = "Brings cash (yuan) or shares into the exchange.",
                 .options = CLI_PROPOSE_ONLY,
                 .count_min = 2,
                 .count_max = 3},
        .kind = ACT_DEPOSIT,
        .fill = fill_deposit};
    return cli_act(&SPEC, argc, argv);
}

int cli_admin_withdraw(int argc, char **argv) {
    static const struct cli_act SPEC = {
        .spec = {.arguments = "ACCOUNT AMOUNT | ACCOUNT QUANTITY INSTRUMENT",
                 .about = "Takes free cash (yuan) or shares out of the exchange.",
                 .options = CLI_PROPOSE_ONLY,
                 .count_min = 2,
                 .count_max = 3},
        .kind = ACT_DEPOSIT,
        .fill = fill_withdrawal};
    return cli_act(&SPEC, argc, argv);
}
