/* tpx admin: the exchange itself: sizes, signing keys, behaviour, disagreement, time. */
#include <string.h>

#include "gateway/cli_admin.h"
#include "gateway/cli_state.h"
#include "gateway/cli_value.h"
#include "gateway/clock.h"

static const char *fill_limit(const struct cli_arguments *arguments, struct act *act) {
    act->raise_limit.pool = cli_pool_find(arguments->positional[0]);
    if (act->raise_limit.pool == 0)
        cli_die(CLI_USAGE, "pool: there is no \"%s\"; there are %s", arguments->positional[0],
                CLI_POOL_NAMES);
    act->raise_limit.limit = cli_id("limit", arguments->positional[1]);
    return NULL;
}

static int limits_raise(int argc, char **argv) {
    static const struct cli_act SPEC = {
        .spec = {.arguments = "POOL LIMIT",
                 .about = "Raises the size of a pool, up to its ceiling. Takes two keys.\v"
                          "Pools: " CLI_POOL_NAMES ".",
                 .options = CLI_PROPOSE_ONLY,
                 .count_min = 2,
                 .count_max = 2},
        .kind = ACT_RAISE_LIMIT,
        .fill = fill_limit};
    return cli_act(&SPEC, argc, argv);
}

int cli_admin_limits(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"list", cli_state_limits, "", "how large pools are, and how full"},
        {"raise", limits_raise, "POOL LIMIT", "a pool takes more (two keys)"},
        {0},
    };
    return cli_dispatch(COMMANDS, "tpx admin limits: sizes of the exchange.", argc, argv);
}

static void read_checkpoint_key(const char *text, struct signing_key *key) {
    struct note_verifier verifier;
    if (note_verifier_parse(&verifier, text) != 0)
        cli_die(CLI_USAGE, "key: \"%s\" is no verifier key (tpx keygen --note prints one)", text);
    verifier_public(verifier.key, key);
    note_verifier_fini(&verifier);
}

static const char *fill_checkpoint_key_add(const struct cli_arguments *arguments, struct act *act) {
    read_checkpoint_key(arguments->positional[0], &act->checkpoint_key.key);
    return NULL;
}

static const char *fill_checkpoint_key_revoke(const struct cli_arguments *arguments,
                                              struct act *act) {
    read_checkpoint_key(arguments->positional[0], &act->checkpoint_key.key);
    act->checkpoint_key.is_revoked = true;
    return NULL;
}

static int checkpoint_key_add(int argc, char **argv) {
    static const struct cli_act SPEC = {
        .spec = {.arguments = "VERIFIER-KEY",
                 .about = "A new key may sign checkpoints, beside those in force. Takes two keys.",
                 .options = CLI_PROPOSE_ONLY,
                 .count_min = 1,
                 .count_max = 1},
        .kind = ACT_CHECKPOINT_KEY,
        .fill = fill_checkpoint_key_add};
    return cli_act(&SPEC, argc, argv);
}

static int checkpoint_key_revoke(int argc, char **argv) {
    static const struct cli_act SPEC = {
        .spec = {.arguments = "VERIFIER-KEY",
                 .about = "A key signs checkpoints no more. Takes two keys.",
                 .options = CLI_PROPOSE_ONLY,
                 .count_min = 1,
                 .count_max = 1},
        .kind = ACT_CHECKPOINT_KEY,
        .fill = fill_checkpoint_key_revoke};
    return cli_act(&SPEC, argc, argv);
}

int cli_admin_checkpoint_key(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"add", checkpoint_key_add, "VERIFIER-KEY", "a key may sign checkpoints"},
        {"revoke", checkpoint_key_revoke, "VERIFIER-KEY", "it may no more"},
        {0},
    };
    return cli_dispatch(COMMANDS, "tpx admin checkpoint-key: who signs the ledger.", argc, argv);
}

static const char *fill_activate(const struct cli_arguments *arguments, struct act *act) {
    act->activate.version = cli_id("version", arguments->positional[0]);
    return NULL;
}

int cli_admin_activate(int argc, char **argv) {
    static const struct cli_act SPEC = {
        .spec = {.arguments = "VERSION",
                 .about = "The behaviour of a later release holds from now on. Takes two keys.",
                 .options = CLI_PROPOSE_ONLY,
                 .count_min = 1,
                 .count_max = 1},
        .kind = ACT_ACTIVATE,
        .fill = fill_activate};
    return cli_act(&SPEC, argc, argv);
}

static const char *fill_resolve(const struct cli_arguments *arguments, struct act *act) {
    act->resolve.sequence = cli_number("sequence", arguments->positional[0], 0, UINT64_MAX - 1);
    cli_hex("recorded", arguments->positional[1], act->resolve.digest_recorded, HASH_BYTES);
    cli_hex("replayed", arguments->positional[2], act->resolve.digest_replayed, HASH_BYTES);
    return NULL;
}

int cli_admin_resolve(int argc, char **argv) {
    static const struct cli_act SPEC = {
        .spec = {.arguments = "SEQUENCE RECORDED REPLAYED",
                 .about = "Where record and replay disagree the record stands; trading goes on. "
                          "Takes two keys.\v`tpx ledger replay` names sequence and both digests.",
                 .options = CLI_PROPOSE_ONLY,
                 .count_min = 3,
                 .count_max = 3},
        .kind = ACT_RESOLVE,
        .fill = fill_resolve};
    return cli_act(&SPEC, argc, argv);
}

static const char *fill_time(const struct cli_arguments *arguments, struct act *act) {
    const char *text = arguments->positional[0];
    bool is_now = strcmp(text, "now") == 0;
    act->confirm_time.time_ns = is_now ? clock_wall_ns() : cli_time("time", text);
    return NULL;
}

int cli_admin_time(int argc, char **argv) {
    static const struct cli_act SPEC = {
        .spec = {.arguments = "TIME|now",
                 .about = "Confirms the time after the clock has leapt, read off a clock that is "
                          "trusted. Takes two keys.\vTIME is such as 2026-11-24T09:30:00Z.",
                 .options = CLI_PROPOSE_ONLY,
                 .count_min = 1,
                 .count_max = 1},
        .kind = ACT_CONFIRM_TIME,
        .fill = fill_time};
    return cli_act(&SPEC, argc, argv);
}
