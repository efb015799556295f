/* One argp parser for every command: its own options are kept as text until it asks for them. */
#include "gateway/cli_option.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/cli.h"
#include "gateway/cli_value.h"
#include "gateway/cli_walk.h"
#include "gateway/phrase.h"

#define TIMEOUT_MS     5000
#define TIMEOUT_S_MAX  3600
#define LINE_BYTES_MAX 1024
#define PATH_BYTES_MAX 4096

enum {
    KEY_PROFILE = 'p',
    KEY_JSON = 'j',
    KEY_SETTING = 0x100, /* + enum cli_setting */
    KEY_TIMEOUT = 0x200,
    KEY_NUMBER,
};

static const struct setting_name {
    const char *name; /* in a profile; the option has '-' for '_' */
    const char *variable;
    bool is_path;
} SETTINGS[CLI_SETTINGS] = {
    [CLI_ENDPOINT] = {"endpoint", "TPX_ENDPOINT", true},
    [CLI_SERVER_KEY] = {"server_key", "TPX_SERVER_KEY", true},
    [CLI_KEY] = {"key", "TPX_KEY", true},
    [CLI_SESSION] = {"session", "TPX_SESSION", false},
    [CLI_ACCOUNT] = {"account", "TPX_ACCOUNT", false},
    [CLI_LEDGER] = {"ledger", "TPX_LEDGER", true},
    [CLI_QUERY] = {"query", "TPX_QUERY", false},
    [CLI_FEED] = {"feed", "TPX_FEED", false},
};

/* Bits 1 << enum cli_reach: whom an option is for. */
enum {
    FOR_STATE = 1 << CLI_REACH_SESSION | 1 << CLI_REACH_ACCOUNT | 1 << CLI_REACH_STATE |
                1 << CLI_REACH_MARKET,
    FOR_EXCHANGE = 1 << CLI_REACH_ALL | FOR_STATE,
    FOR_LEDGER = FOR_EXCHANGE | 1 << CLI_REACH_LEDGER,
    FOR_EVERYBODY = FOR_LEDGER | 1 << CLI_REACH_FILES,
};

static const struct {
    struct argp_option option;
    uint32_t reaches;
} SHARED_OPTIONS[] = {
    {{"json", KEY_JSON, NULL, 0, "for programs: one JSON object, 64-bit numbers as strings", 90},
     FOR_EVERYBODY},
    {{NULL, 0, NULL, 0,
      "Settings, which the environment (TPX_PROFILE, TPX_LEDGER, ...) or a profile may give:", 80},
     FOR_LEDGER},
    {{"profile", KEY_PROFILE, "FILE", 0, "file with settings, one `name value` a line", 80},
     FOR_LEDGER},
    {{"ledger", KEY_SETTING + CLI_LEDGER, "DIR", 0, "a ledger's folder", 80}, FOR_LEDGER},
    {{"session", KEY_SETTING + CLI_SESSION, "NUMBER", 0, "own session", 80},
     1 << CLI_REACH_ALL | 1 << CLI_REACH_SESSION},
    {{"account", KEY_SETTING + CLI_ACCOUNT, "NUMBER", 0, "account to trade for", 80},
     1 << CLI_REACH_ALL | 1 << CLI_REACH_ACCOUNT},
    {{"endpoint", KEY_SETTING + CLI_ENDPOINT, "ADDRESS", 0,
      "e.g. tcp://127.0.0.1:7001, or an exchange's file `endpoints`", 80},
     FOR_EXCHANGE},
    {{"query", KEY_SETTING + CLI_QUERY, "ADDRESS", 0,
      "where to ask, e.g. tcp://127.0.0.1:7002; the file `endpoints` says it too", 80},
     FOR_EXCHANGE},
    {{"feed", KEY_SETTING + CLI_FEED, "ADDRESS", 0,
      "where to listen, e.g. tcp://127.0.0.1:7003; likewise", 80},
     1 << CLI_REACH_ALL | 1 << CLI_REACH_MARKET},
    {{"server-key", KEY_SETTING + CLI_SERVER_KEY, "KEY", 0,
      "the exchange's public key: Z85 or a file", 80},
     FOR_EXCHANGE},
    {{"key", KEY_SETTING + CLI_KEY, "FILE", 0, "own key file (tpx keygen)", 80}, FOR_EXCHANGE},
    {{"number", KEY_NUMBER, "N", 0, "number of the request: to ask again what became of it", 90},
     1 << CLI_REACH_ALL},
    {{"timeout", KEY_TIMEOUT, "SECONDS", 0, "wait so long for an answer (5)", 90}, FOR_EXCHANGE},
};
#define SHARED_COUNT (sizeof SHARED_OPTIONS / sizeof SHARED_OPTIONS[0])

/* --- profiles ------------------------------------------------------------------------------------
 */

struct settings_file {
    const char *path;
    uint32_t line;
    size_t folder_size; /* of path, with the slash */
    struct cli_arguments *arguments;
};

static char *copy(const char *text) {
    char *copied = strdup(text);
    if (copied == NULL)
        cli_die(CLI_FAILED, "no memory");
    return copied;
}

static bool is_address(const char *value) {
    return strstr(value, "://") != NULL;
}

/* The path of what a profile names; what can also be a key in Z85 is one, unless there is such a
 * file. */
static const char *within_folder(const struct settings_file *profile, const char *value) {
    char path[PATH_BYTES_MAX];
    uint8_t key[KEY_BYTES];
    if (value[0] == '/' || is_address(value))
        return copy(value);
    int size =
        snprintf(path, sizeof path, "%.*s%s", (int)profile->folder_size, profile->path, value);
    if (size >= (int)sizeof path)
        cli_die(CLI_USAGE, "%s:%u: the path is too long", profile->path, profile->line);
    if (keyfile_z85_decode(value, key) && access(path, F_OK) != 0)
        return copy(value);
    return copy(path);
}

static void add_symbol(const struct settings_file *profile, const char *value) {
    struct cli_arguments *arguments = profile->arguments;
    struct cli_symbol *symbol = &arguments->symbols[arguments->symbols_count];
    unsigned number;
    int used = 0;
    /* NOLINTNEXTLINE(cert-err34-c): nine digits cannot overflow */
    bool is_good = sscanf(value, "%9u %12s%n", &number, symbol->symbol, &used) == 2 &&
                   number != 0 && value[used] == '\0';
    if (!is_good)
        cli_die(CLI_USAGE, "%s:%u: must be `instrument NUMBER SYMBOL`", profile->path,
                profile->line);
    if (arguments->symbols_count == CLI_SYMBOLS_MAX - 1)
        cli_die(CLI_USAGE, "%s:%u: more than %d instruments", profile->path, profile->line,
                CLI_SYMBOLS_MAX - 1);
    symbol->instrument = number;
    arguments->symbols_count++;
}

static void take_setting(const struct settings_file *profile, const char *name, const char *value) {
    const char **setting = profile->arguments->setting;
    if (strcmp(name, "instrument") == 0) {
        add_symbol(profile, value);
        return;
    }
    for (int i = 0; i < CLI_SETTINGS; i++) {
        if (strcmp(name, SETTINGS[i].name) != 0)
            continue;
        if (setting[i] == NULL) /* option and environment go before */
            setting[i] = SETTINGS[i].is_path ? within_folder(profile, value) : copy(value);
        return;
    }
    cli_die(CLI_USAGE,
            "%s:%u: there is no setting \"%s\"; there are endpoint, server_key, key, session, "
            "account, ledger, query, feed, instrument",
            profile->path, profile->line, name);
}

static void take_line(const struct settings_file *profile, char *line) {
    line[strcspn(line, "\r\n")] = '\0';
    char *name = line + strspn(line, " \t");
    if (*name == '\0' || *name == '#')
        return;
    char *value = name + strcspn(name, " \t");
    if (*value != '\0')
        *value++ = '\0';
    value += strspn(value, " \t");
    size_t size = strlen(value);
    while (size > 0 && (value[size - 1] == ' ' || value[size - 1] == '\t'))
        value[--size] = '\0';
    if (size == 0)
        cli_die(CLI_USAGE, "%s:%u: %s has no value", profile->path, profile->line, name);
    take_setting(profile, name, value);
}

static void read_profile(struct cli_arguments *arguments, const char *path) {
    const char *slash = strrchr(path, '/');
    struct settings_file profile = {.path = path,
                                    .folder_size = slash != NULL ? (size_t)(slash - path) + 1 : 0,
                                    .arguments = arguments};
    char line[LINE_BYTES_MAX];
    FILE *file = fopen(path, "re");
    if (file == NULL)
        cli_die(CLI_USAGE, "profile %s: %s", path, strerror(errno));
    arguments->symbols = calloc(CLI_SYMBOLS_MAX, sizeof *arguments->symbols);
    if (arguments->symbols == NULL)
        cli_die(CLI_FAILED, "no memory");
    while (fgets(line, sizeof line, file) != NULL) {
        profile.line++;
        if (strchr(line, '\n') == NULL && !feof(file))
            cli_die(CLI_USAGE, "%s:%u: longer than %d bytes", path, profile.line,
                    LINE_BYTES_MAX - 2);
        take_line(&profile, line);
    }
    fclose(file);
}

/* --- an exchange's own word on where it is -------------------------------------------------------
 */

/* Reads addresses and key from the file that a server writes: "trade <address>", "query <address>",
 * "feed <address>", "server <Z85>". */
static void read_endpoints(struct cli_arguments *arguments) {
    const char *path = arguments->setting[CLI_ENDPOINT];
    char line[LINE_BYTES_MAX];
    if (path == NULL || is_address(path))
        return;
    FILE *file = fopen(path, "re");
    if (file == NULL && strchr(path, '/') == NULL && strchr(path, ':') != NULL)
        cli_die(CLI_USAGE, "endpoint: \"%s\" is no address; is tcp://%s meant?", path, path);
    if (file == NULL)
        cli_die(CLI_CONNECTION,
                "endpoint %s: %s; is the exchange running? (State can also be read with --ledger.)",
                path, strerror(errno));
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "trade ", 6) == 0)
            arguments->setting[CLI_ENDPOINT] = copy(line + 6);
        else if (strncmp(line, "query ", 6) == 0 && arguments->setting[CLI_QUERY] == NULL)
            arguments->setting[CLI_QUERY] = copy(line + 6);
        else if (strncmp(line, "feed ", 5) == 0 && arguments->setting[CLI_FEED] == NULL)
            arguments->setting[CLI_FEED] = copy(line + 5);
        else if (strncmp(line, "server ", 7) == 0 && arguments->setting[CLI_SERVER_KEY] == NULL)
            arguments->setting[CLI_SERVER_KEY] = copy(line + 7);
    }
    fclose(file);
    if (arguments->setting[CLI_ENDPOINT] == path)
        cli_die(CLI_USAGE,
                "endpoint: \"%s\" is neither an address such as tcp://127.0.0.1:7001 nor an "
                "exchange's file `endpoints`",
                path);
}

/* --- parsing -------------------------------------------------------------------------------------
 */

struct parsing {
    struct cli_arguments *arguments;
    const struct cli_spec *spec;
    const char *profile;
};

static error_t take_argument(struct parsing *parsing, const char *text, struct argp_state *state) {
    struct cli_arguments *arguments = parsing->arguments;
    if (arguments->count == parsing->spec->count_max)
        argp_error(state, phrase("\"%s\" is one argument too many"), text);
    arguments->positional[arguments->count++] = text;
    return 0;
}

static error_t take(int key, char *text, struct argp_state *state) {
    struct parsing *parsing = state->input;
    struct cli_arguments *arguments = parsing->arguments;
    if (key >= KEY_SETTING && key < KEY_SETTING + CLI_SETTINGS) {
        arguments->setting[key - KEY_SETTING] = text;
        arguments->asks_ledger = arguments->asks_ledger || key == KEY_SETTING + CLI_LEDGER;
        return 0;
    }
    if (key == CLI_OPTION_SIGN && cli_value(arguments, CLI_OPTION_SIGN) != NULL)
        key = CLI_OPTION_SIGN_TOO;
    if (key >= CLI_OPTION_FIRST && key < CLI_OPTION_END)
        arguments->value[key - CLI_OPTION_FIRST] = text != NULL ? text : "";
    else if (key == KEY_PROFILE)
        parsing->profile = text;
    else if (key == KEY_JSON)
        arguments->is_json = true;
    else if (key == KEY_TIMEOUT)
        arguments->timeout_ms = (uint32_t)cli_number("--timeout", text, 1, TIMEOUT_S_MAX) * 1000;
    else if (key == KEY_NUMBER)
        arguments->number = cli_number("--number", text, 1, ORDER_NUMBER_MAX);
    else if (key == ARGP_KEY_ARG)
        return take_argument(parsing, text, state);
    else if (key == ARGP_KEY_END && arguments->count < parsing->spec->count_min)
        argp_error(state, phrase("arguments are missing: %s"), parsing->spec->arguments);
    else
        return key == ARGP_KEY_END ? 0 : ARGP_ERR_UNKNOWN;
    return 0;
}

void cli_spec_options(const struct cli_spec *spec,
                      struct argp_option options[CLI_SPEC_OPTIONS_MAX]) {
    const struct argp_option *own = spec->options;
    size_t used = 0;
    for (; own != NULL && (own[used].name != NULL || own[used].doc != NULL); used++)
        options[used] = own[used];
    for (size_t i = 0; i < SHARED_COUNT; i++)
        if ((SHARED_OPTIONS[i].reaches >> spec->reach & 1) != 0)
            options[used++] = SHARED_OPTIONS[i].option;
    assert(used < CLI_SPEC_OPTIONS_MAX);
}

/* "-5" would be taken for an option, and the answer would not say what is wrong. */
static void refuse_negatives(int argc, char **argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (argv[i][0] == '-' && argv[i][1] >= '0' && argv[i][1] <= '9')
            cli_die(CLI_USAGE, "\"%s\": a number must not be negative here", argv[i]);
}

void cli_take_settings(struct cli_arguments *arguments, const char *profile) {
    for (int i = 0; i < CLI_SETTINGS; i++)
        if (arguments->setting[i] == NULL)
            arguments->setting[i] = getenv(SETTINGS[i].variable);
    if (profile == NULL)
        profile = getenv("TPX_PROFILE");
    if (profile != NULL)
        read_profile(arguments, profile);
}

void cli_parse(struct cli_arguments *arguments, const struct cli_spec *spec, int argc,
               char **argv) {
    struct argp_option options[CLI_SPEC_OPTIONS_MAX] = {0};
    cli_walk_spec(spec);
    cli_spec_options(spec, options);
    const struct argp argp = {
        .options = options, .parser = take, .args_doc = spec->arguments, .doc = spec->about};
    *arguments = (struct cli_arguments){.timeout_ms = TIMEOUT_MS};
    struct parsing parsing = {arguments, spec, NULL};
    refuse_negatives(argc, argv);
    argp_err_exit_status = CLI_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &parsing);
    if (spec->ledger_at != 0 && arguments->count >= spec->ledger_at)
        arguments->asks_ledger = true;
    if (spec->reach != CLI_REACH_FILES)
        cli_take_settings(arguments, parsing.profile);
    bool is_of_state = (FOR_STATE >> spec->reach & 1) != 0;
    if (spec->reach == CLI_REACH_ALL || (is_of_state && !arguments->asks_ledger))
        read_endpoints(arguments);
    if (is_of_state && arguments->setting[CLI_QUERY] == NULL &&
        arguments->setting[CLI_LEDGER] != NULL)
        arguments->asks_ledger = true;
}

const char *cli_setting_names(enum cli_setting setting, const char **variable) {
    *variable = SETTINGS[setting].variable;
    return SETTINGS[setting].name;
}

const char *cli_setting(const struct cli_arguments *arguments, enum cli_setting setting) {
    const struct setting_name *name = &SETTINGS[setting];
    if (arguments->setting[setting] != NULL)
        return arguments->setting[setting];
    char option[32];
    snprintf(option, sizeof option, "%s", name->name);
    for (char *at = option; *at != '\0'; at++)
        if (*at == '_')
            *at = '-';
    cli_die(CLI_USAGE, "%s is not said: --%s, %s, or a line `%s ...` in a profile (--profile FILE)",
            name->name, option, name->variable, name->name);
}

uint32_t cli_account_number(const struct cli_arguments *arguments) {
    return (uint32_t)cli_number("account", cli_setting(arguments, CLI_ACCOUNT), 1, UINT32_MAX);
}

uint32_t cli_instrument(const struct cli_arguments *arguments, const char *text) {
    for (uint32_t i = 0; i < arguments->symbols_count; i++)
        if (strcmp(arguments->symbols[i].symbol, text) == 0)
            return arguments->symbols[i].instrument;
    if (strspn(text, "0123456789") != strlen(text))
        cli_die(
            CLI_USAGE,
            "instrument: \"%s\" is no number, and the profile has no line `instrument NUMBER %s`",
            text, text);
    return (uint32_t)cli_number("instrument", text, 1, UINT32_MAX);
}

char *cli_symbol_text(const struct cli_arguments *arguments, char *text, uint32_t instrument) {
    for (uint32_t i = 0; i < arguments->symbols_count; i++)
        if (arguments->symbols[i].instrument == instrument)
            return strcpy(text, arguments->symbols[i].symbol);
    snprintf(text, CLI_VALUE_BYTES_MAX, "%" PRIu32, instrument);
    return text;
}
