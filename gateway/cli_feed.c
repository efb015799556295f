/* Opening the feed by what a command was told, and ending when the user wants to. */
#include "gateway/cli_feed.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_value.h"
#include "gateway/query_client.h"
#include "ledger/crypto.h"

static volatile sig_atomic_t has_signal;

static void note_signal(int number) {
    (void)number;
    has_signal = 1;
}

void cli_follow_begin(void) {
    struct sigaction action = {.sa_handler = note_signal}; /* no SA_RESTART: waits return */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool cli_follow_is_over(void) {
    return has_signal != 0;
}

bool cli_follow_json(json_t *object) {
    bool is_printed = object != NULL && json_dumpf(object, stdout, JSON_COMPACT) == 0;
    json_decref(object);
    return is_printed && putchar('\n') != EOF && fflush(stdout) == 0;
}

/* Own key and the server's, as said. */
static void load_keys(const struct cli_arguments *arguments, struct curve_key *key,
                      char server_z85[KEYFILE_Z85_CHARS + 1]) {
    uint8_t server[KEY_BYTES];
    cli_curve_key("server_key", cli_setting(arguments, CLI_SERVER_KEY), server);
    keyfile_z85_encode(server, server_z85);
    if (keyfile_curve_load(key, cli_setting(arguments, CLI_KEY), true) != 0)
        cli_die(CLI_USAGE, "key: %s cannot be used", cli_setting(arguments, CLI_KEY));
}

static const char *endpoint_of(const struct cli_arguments *arguments, enum cli_setting setting) {
    const char *endpoint = cli_setting(arguments, setting);
    if (strlen(endpoint) > FEED_CLIENT_ENDPOINT_MAX)
        cli_die(CLI_USAGE, "endpoint: has more than %d bytes", FEED_CLIENT_ENDPOINT_MAX);
    return endpoint;
}

struct feed_client *cli_feed_open(const struct cli_arguments *arguments) {
    char server_z85[KEYFILE_Z85_CHARS + 1];
    struct curve_key key;
    struct feed_client_options options = {.endpoint = endpoint_of(arguments, CLI_FEED),
                                          .query_endpoint = endpoint_of(arguments, CLI_QUERY),
                                          .server_z85 = server_z85,
                                          .key = &key};
    load_keys(arguments, &key, server_z85);
    struct feed_client *client = feed_client_open(&options);
    secret_cleanse(&key, sizeof key);
    if (client == NULL)
        cli_die(CLI_USAGE, "feed: \"%s\" cannot be dialled", options.endpoint);
    return client;
}

void cli_feed_poll(struct feed_client *client, const struct cli_arguments *arguments,
                   int timeout_ms, struct feed_item *item) {
    feed_client_poll(client, timeout_ms, item);
    if (item->kind == FEED_KEY_REFUSED)
        cli_die(CLI_CONNECTION, "%s does not accept the key %s: it is not registered, or revoked",
                cli_setting(arguments, CLI_FEED), cli_setting(arguments, CLI_KEY));
    if (item->kind == FEED_BAD_SERVER)
        cli_die(CLI_CONNECTION, "%s does not have the server key %s: another exchange, or none",
                cli_setting(arguments, CLI_FEED), cli_setting(arguments, CLI_SERVER_KEY));
    if (item->kind == FEED_NO_BOOK)
        cli_die(CLI_REFUSED, "instrument %u: the exchange knows none", item->instrument);
    if (item->kind == FEED_LOST)
        cli_say("the connection is lost; dialling again");
    if (item->kind == FEED_GAP)
        cli_say("something of channel %u was lost", item->channel);
}

/* Asks the exchange; the row found, or the end of the program. */
static void ask_instrument(const struct cli_arguments *arguments, struct query *query,
                           const char *text, struct cli_instrument_facts *facts) {
    char server_z85[KEYFILE_Z85_CHARS + 1];
    struct curve_key key;
    struct answer answer;
    struct answer_row row;
    struct query_client_options options = {
        .endpoint = endpoint_of(arguments, CLI_QUERY), .server_z85 = server_z85, .key = &key};
    load_keys(arguments, &key, server_z85);
    struct query_client *client = query_client_open(&options);
    secret_cleanse(&key, sizeof key);
    if (client == NULL)
        cli_die(CLI_USAGE, "query: \"%s\" cannot be dialled", options.endpoint);
    enum query_client_result result =
        query_client_ask(client, query, (int)arguments->timeout_ms, &answer);
    if (result == QUERY_CLIENT_KEY_REFUSED)
        cli_die(CLI_CONNECTION, "%s does not accept the key %s: it is not registered, or revoked",
                options.endpoint, cli_setting(arguments, CLI_KEY));
    if (result != QUERY_CLIENT_ANSWER)
        cli_die(CLI_CONNECTION, "%s: nobody answers within %u s", options.endpoint,
                arguments->timeout_ms / 1000);
    if (answer.refused.bytes != NULL || !query_client_row(&answer, &row) ||
        row.kind != ROW_INSTRUMENT)
        cli_die(CLI_REFUSED, "instrument: the exchange knows no \"%s\"", text);
    facts->number = row.instrument.instrument;
    memcpy(facts->symbol, row.instrument.view.symbol, row.instrument.view.symbol_bytes);
    query_client_close(client);
}

void cli_feed_instrument(const struct cli_arguments *arguments, const char *text,
                         struct cli_instrument_facts *facts) {
    struct query query = {.kind = QUERY_INSTRUMENTS};
    *facts = (struct cli_instrument_facts){0};
    if (strspn(text, "0123456789") == strlen(text)) {
        query.instruments.instrument = cli_instrument(arguments, text);
    } else if (strlen(text) <= SYMBOL_BYTES_MAX) {
        query.instruments.symbol_bytes = (uint8_t)strlen(text);
        memcpy(query.instruments.symbol, text, strlen(text));
    } else {
        cli_die(CLI_USAGE, "instrument: \"%s\" has more than %d bytes", text, SYMBOL_BYTES_MAX);
    }
    ask_instrument(arguments, &query, text, facts);
}
