/*
 * Arguments of a command: what all commands share, and what is its own.
 *
 * How to reach the exchange, and as whom, is said by option, by environment, or in a profile, in
 * this order:
 *
 *     --profile FILE      TPX_PROFILE
 *     --endpoint ADDRESS  TPX_ENDPOINT    endpoint tcp://127.0.0.1:7001   or a file, see below
 *     --server-key KEY    TPX_SERVER_KEY  server_key server.pub      Z85, or a key file
 *     --key FILE          TPX_KEY         key ann.key
 *     --session NUMBER    TPX_SESSION     session 3
 *     --account NUMBER    TPX_ACCOUNT     account 1
 *     --ledger DIR        TPX_LEDGER      ledger exchange/ledger
 *     --query ADDRESS     TPX_QUERY       query tcp://127.0.0.1:7002
 *     --feed ADDRESS      TPX_FEED        feed tcp://127.0.0.1:7003
 *                                         instrument 1 HX            any number of these
 *
 * A profile has a name and its value on a line; a line that begins with '#' is a comment (a key may
 * hold that character); paths in it are relative to its folder. A name that does not exist is an
 * error with file and line.
 *
 * An endpoint without "://" is the name of the `endpoints` file that a server writes into its
 * folder: addresses and server key are read from there. So a profile beside an exchange that takes
 * any free port needs no change at its next start.
 *
 * Threads: one.
 */
#ifndef GATEWAY_CLI_OPTION_H
#define GATEWAY_CLI_OPTION_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/types.h"
#include "gateway/keyfile.h"

enum cli_setting {
    CLI_ENDPOINT,
    CLI_SERVER_KEY,
    CLI_KEY,
    CLI_SESSION,
    CLI_ACCOUNT,
    CLI_LEDGER,
    CLI_QUERY,
    CLI_FEED,
    CLI_SETTINGS,
};

#define CLI_SYMBOLS_MAX     10000
#define CLI_POSITIONALS_MAX 64

struct cli_symbol {
    uint32_t instrument;
    char symbol[SYMBOL_BYTES_MAX + 1];
};

/* Keys of commands' own options; their values stand in cli_arguments.value[]. */
enum cli_key {
    CLI_OPTION_FIRST = 0x1000,
    CLI_OPTION_TIF = CLI_OPTION_FIRST,
    CLI_OPTION_UNTIL,
    CLI_OPTION_MIN,
    CLI_OPTION_POST_ONLY,
    CLI_OPTION_TEXT,
    CLI_OPTION_DATE,
    CLI_OPTION_PROTECTION,
    CLI_OPTION_ALL,
    CLI_OPTION_SIDE,
    CLI_OPTION_PROPOSE,
    CLI_OPTION_PARTICIPANT,
    CLI_OPTION_INSTRUMENT,
    CLI_OPTION_OF_SESSION,
    CLI_OPTION_OF_ACCOUNT,
    CLI_OPTION_KEEP_ORDERS,
    CLI_OPTION_SINCE,
    CLI_OPTION_CANCEL_AFTER,
    CLI_OPTION_TICK,
    CLI_OPTION_LOT_MIN,
    CLI_OPTION_LOT_STEP,
    CLI_OPTION_QTY_MAX,
    CLI_OPTION_BAND,
    CLI_OPTION_REFERENCE,
    CLI_OPTION_LIFT,
    CLI_OPTION_NOTE,
    CLI_OPTION_ALGORITHMS,
    CLI_OPTION_CHECKPOINT_KEY,
    CLI_OPTION_OUT,
    CLI_OPTION_ENTRIES,
    CLI_OPTION_TLOG,
    CLI_OPTION_HASHES,
    CLI_OPTION_FROM,
    CLI_OPTION_TO,
    CLI_OPTION_RATE,
    CLI_OPTION_ACCOUNTS,
    CLI_OPTION_VERIFY,
    CLI_OPTION_WATCH,
    CLI_OPTION_OFFICE,
    CLI_OPTION_STATUS,
    CLI_OPTION_CLEAR,
    CLI_OPTION_FILED,
    CLI_OPTION_LICENCE_OF,
    CLI_OPTION_DEPTH,
    CLI_OPTION_ORDERS,
    CLI_OPTION_FOLLOW,
    CLI_OPTION_COUNT,
    CLI_OPTION_AS_OF,
    CLI_OPTION_AT,
    CLI_OPTION_ENTRY,
    CLI_OPTION_ROLE,
    CLI_OPTION_IN_FORCE,
    CLI_OPTION_PARTY,
    CLI_OPTION_SIGN, /* may be said twice: the second is */
    CLI_OPTION_SIGN_TOO,
    CLI_OPTION_EXPIRES,
    CLI_OPTION_BEHALF,
    CLI_OPTION_AUTHORITY,
    CLI_OPTION_SERVED,
    CLI_OPTION_MAY_BE_SOLD,
    CLI_OPTION_FLOOR,
    CLI_OPTION_PAYOFF,
    CLI_OPTION_PAID_TO,
    CLI_OPTION_LICENCE,
    CLI_OPTION_BUYER,
    CLI_OPTION_COSTS,
    CLI_OPTION_FRUITS,
    CLI_OPTION_QUANTITY,
    CLI_OPTION_AMOUNT,
    CLI_OPTION_DEBTOR,
    CLI_OPTION_CONTRACT,
    CLI_OPTION_TERMS,
    CLI_OPTION_MAXIMUM,
    CLI_OPTION_SCOPE,
    CLI_OPTION_CONDITIONS,
    CLI_OPTION_DECLARE,
    CLI_OPTION_COVERAGE,
    CLI_OPTION_RENEWS,
    CLI_OPTION_IN_ORDER,
    CLI_OPTION_EFFECTIVE,
    CLI_OPTION_BY_COURT,
    CLI_OPTION_RESERVE,
    CLI_OPTION_HIDDEN,
    CLI_OPTION_DEPOSIT,
    CLI_OPTION_FREE,
    CLI_OPTION_TIMED,
    CLI_OPTION_HARD_STOP,
    CLI_OPTION_NOTICE,
    CLI_OPTION_SIGN_DAYS,
    CLI_OPTION_PAY_DAYS,
    CLI_OPTION_QUALIFYING,
    CLI_OPTION_APPROVAL,
    CLI_OPTION_FORFEIT,
    CLI_OPTION_OFFICE_NUMBER,
    CLI_OPTION_END,
};

struct cli_arguments {
    const char *setting[CLI_SETTINGS]; /* NULL: not said */
    const char *value[CLI_OPTION_END - CLI_OPTION_FIRST];
    const char *positional[CLI_POSITIONALS_MAX];
    uint32_t count; /* of positional[] */
    bool is_json;
    bool asks_ledger; /* of the state: --ledger, or only a ledger is said */
    uint32_t timeout_ms;
    uint64_t number; /* --number, 0: the next */
    uint32_t symbols_count;
    struct cli_symbol *symbols; /* of the profile */
};

/* What a command has to do with; it takes, and its help shows, those of the shared options alone
 * that matter to it. */
enum cli_reach {
    CLI_REACH_ALL,     /* the exchange: every shared option */
    CLI_REACH_SESSION, /* the state, of a session: an exchange's query endpoint, or a ledger */
    CLI_REACH_ACCOUNT, /* the same, of an account */
    CLI_REACH_STATE,   /* the same, of neither */
    CLI_REACH_MARKET,  /* the same, and the feed */
    CLI_REACH_LEDGER,  /* a ledger's folder */
    CLI_REACH_FILES,   /* none of them */
};

/* What a command takes beside the shared options. */
struct cli_spec {
    uint8_t reach;         /* enum cli_reach */
    const char *arguments; /* as help shows them */
    const char *about;
    const struct argp_option *options; /* NULL: none of its own */
    uint32_t count_min;                /* positional arguments */
    uint32_t count_max;
    uint32_t ledger_at; /* from so many of them on the last is a ledger to ask; 0: never */
};

/* All options that a command takes: its own first, then the shared ones; ends with zeros. */
#define CLI_SPEC_OPTIONS_MAX 40
void cli_spec_options(const struct cli_spec *spec,
                      struct argp_option options[CLI_SPEC_OPTIONS_MAX]);

/* A setting's name in a profile, and its variable. */
const char *cli_setting_names(enum cli_setting setting, const char **variable);

/* Parses all of argv; ends the program on what is wrong. Never released: a command runs once. */
void cli_parse(struct cli_arguments *arguments, const struct cli_spec *spec, int argc, char **argv);

/* Settings that are not said yet, from the environment and a profile (NULL: the environment's). */
void cli_take_settings(struct cli_arguments *arguments, const char *profile);

/* The value of an own option, NULL when it was not given ("" for one without a value). */
static inline const char *cli_value(const struct cli_arguments *arguments, enum cli_key key) {
    return arguments->value[key - CLI_OPTION_FIRST];
}

/* A setting that the command needs; ends the program, naming the ways to say it. */
const char *cli_setting(const struct cli_arguments *arguments, enum cli_setting setting);

/* The account to trade for. */
uint32_t cli_account_number(const struct cli_arguments *arguments);

/* An instrument by number, or by a symbol that the profile names. */
uint32_t cli_instrument(const struct cli_arguments *arguments, const char *text);

/* The profile's symbol, or the number as text; into a buffer of CLI_VALUE_BYTES_MAX. */
char *cli_symbol_text(const struct cli_arguments *arguments, char *text, uint32_t instrument);

#endif
