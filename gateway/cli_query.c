/* A source is a query client or a replayed ledger; both fill the same answer. */
#include "gateway/cli_query.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/cli.h"
#include "gateway/cli_state.h"
#include "gateway/cli_value.h"
#include "gateway/client.h"
#include "gateway/query_answer.h"
#include "gateway/query_client.h"
#include "ledger/register_reader.h"

/* Failed handshakes in a row that are no accident any more. */
#define BAD_SERVER_TIMES 3

struct cli_symbol_row {
    uint32_t instrument;
    char symbol[SYMBOL_BYTES_MAX + 1];
};

struct cli_source {
    const struct cli_arguments *arguments;
    struct query_client *client; /* NULL: the replay */
    struct replay *replay;
    struct register_reader *registered; /* beside the ledger that was replayed; NULL: none */
    uint64_t at_least;
    uint64_t as_of;
    int64_t time_ns;
    struct query query;
    struct answer answer;
    uint32_t symbols_count;
    struct cli_symbol_row *symbols;
    uint8_t frame[ANSWER_BYTES_MAX + WIRE_SLACK]; /* of the replay's answer */
};

/* --- of an exchange ----------------------------------------------------------------------------
 */

static void dial(struct cli_source *source) {
    const struct cli_arguments *arguments = source->arguments;
    char server_z85[KEYFILE_Z85_CHARS + 1];
    uint8_t server[KEY_BYTES];
    struct curve_key key;
    const char *endpoint = cli_setting(arguments, CLI_QUERY);
    if (strlen(endpoint) > QUERY_CLIENT_ENDPOINT_MAX)
        cli_die(CLI_USAGE, "query: has more than %d bytes", QUERY_CLIENT_ENDPOINT_MAX);
    cli_curve_key("server_key", cli_setting(arguments, CLI_SERVER_KEY), server);
    keyfile_z85_encode(server, server_z85);
    if (keyfile_curve_load(&key, cli_setting(arguments, CLI_KEY), true) != 0)
        cli_die(CLI_USAGE, "key: %s cannot be used", cli_setting(arguments, CLI_KEY));
    struct query_client_options options = {
        .endpoint = endpoint, .server_z85 = server_z85, .key = &key};
    source->client = query_client_open(&options);
    secret_cleanse(&key, sizeof key);
    if (source->client == NULL)
        cli_die(CLI_USAGE, "query: \"%s\" cannot be dialled", endpoint);
}

static void die_of(const struct cli_source *source, enum query_client_result result)
    __attribute__((noreturn));

static void die_of(const struct cli_source *source, enum query_client_result result) {
    const struct cli_arguments *arguments = source->arguments;
    const char *endpoint = cli_setting(arguments, CLI_QUERY);
    if (result == QUERY_CLIENT_KEY_REFUSED)
        cli_die(CLI_CONNECTION, "%s does not accept the key %s: it is not registered, or revoked",
                endpoint, cli_setting(arguments, CLI_KEY));
    if (result == QUERY_CLIENT_BAD_SERVER)
        cli_die(CLI_CONNECTION, "%s does not have the server key %s: another exchange, or none",
                endpoint, cli_setting(arguments, CLI_SERVER_KEY));
    cli_die(CLI_CONNECTION, "%s: nobody answers within %u s; --ledger DIR reads a ledger instead",
            endpoint, arguments->timeout_ms / 1000);
}

static void ask_exchange(struct cli_source *source) {
    uint32_t bad_servers = 0;
    enum query_client_result result;
    do {
        result = query_client_ask(source->client, &source->query,
                                  (int)source->arguments->timeout_ms, &source->answer);
    } while (result == QUERY_CLIENT_BAD_SERVER && ++bad_servers < BAD_SERVER_TIMES);
    if (result != QUERY_CLIENT_ANSWER)
        die_of(source, result);
}

/* --- of a ledger -------------------------------------------------------------------------------
 */

/* What an exchange's register has kept beside its ledger; NULL when there is none. */
static struct register_reader *find_register(const struct cli_arguments *arguments,
                                             uint8_t profile) {
    struct register_reader *reader = NULL;
    struct cli_ledger ledger = {0};
    char dir[sizeof ledger.dir + 16];
    char file[sizeof dir + 16];
    cli_ledger_find(&ledger, arguments, CLI_POSITIONALS_MAX);
    snprintf(dir, sizeof dir, "%s/../register", ledger.dir);
    snprintf(file, sizeof file, "%s/data.mdb", dir);
    if (access(file, R_OK) == 0)
        register_reader_open(&reader, dir, profile); /* NULL on failure */
    return reader;
}

/* Begins to read it; false when it has not come as far as the ledger. */
static bool has_register(struct cli_source *source, uint64_t next) {
    uint64_t as_of = 0;
    if (source->registered == NULL || register_reader_begin(source->registered) != 0)
        return false;
    if (register_reader_as_of(source->registered, &as_of) == 0 && as_of >= next)
        return true;
    register_reader_end(source->registered);
    return false;
}

/* Whoever can read the ledger sees everything in it. */
static void ask_replay(struct cli_source *source) {
    static const struct parameters_row NO_SERVER;
    static const struct query_asker READER = {.roles = ROLE_OPERATOR};
    struct query_scene scene = {.engine = cli_state_engine(source->replay),
                                .as_of = replay_next(source->replay),
                                .parameters = &NO_SERVER};
    bool is_registered = has_register(source, scene.as_of);
    if (is_registered)
        scene.registered = source->registered;
    struct message_output out = {.next = source->frame,
                                 .end = source->frame + sizeof source->frame};
    query_answer(&scene, &READER, &source->query, &out);
    if (is_registered)
        register_reader_end(source->registered);
    struct span frame = {source->frame, (size_t)(out.next - source->frame)};
    if (!codec_answer_read(&frame, &source->answer))
        cli_die(CLI_FAILED, "an answer cannot be read");
}

/* --- both --------------------------------------------------------------------------------------
 */

static void die_of_refusal(const struct cli_source *source) {
    struct refused refused;
    if (!query_client_refused(&source->answer, &refused))
        return;
    const char *field = strchr(refused.field, '.');
    cli_die(CLI_REFUSED, "%s%s%s (%s)", field != NULL ? field + 1 : refused.field,
            refused.field[0] != '\0' ? ": " : "", cli_reason_text(refused.reason, refused.text),
            client_reason_name(refused.reason));
}

static void ask_page(struct cli_source *source) {
    if (source->client != NULL)
        ask_exchange(source);
    else
        ask_replay(source);
}

bool cli_source_try(struct cli_source *source, const struct query *query) {
    source->query = *query;
    source->query.at_least = source->at_least;
    source->query.wait_ms = source->arguments->timeout_ms < QUERY_WAIT_MS_MAX
                                ? source->arguments->timeout_ms
                                : QUERY_WAIT_MS_MAX;
    ask_page(source);
    return source->answer.refused.bytes == NULL;
}

void cli_source_ask(struct cli_source *source, const struct query *query) {
    if (!cli_source_try(source, query))
        die_of_refusal(source);
}

bool cli_source_row(struct cli_source *source, struct answer_row *row) {
    while (!codec_answer_next(&source->answer, row)) {
        if (!query_client_next_page(&source->query, &source->answer))
            return false;
        ask_page(source);
        die_of_refusal(source);
    }
    return true;
}

/* What is durable now is in every answer from here on. */
static void take_as_of(struct cli_source *source) {
    struct answer_row row;
    struct query ledger = {.kind = QUERY_LEDGER};
    struct query parameters = {.kind = QUERY_PARAMETERS};
    if (source->client != NULL) {
        cli_source_ask(source, &ledger);
        if (cli_source_row(source, &row) && row.kind == ROW_LEDGER)
            source->at_least = row.ledger.durable;
    }
    cli_source_ask(source, &parameters);
    source->as_of = source->answer.as_of;
    if (cli_source_row(source, &row))
        source->time_ns = row.parameters.market.time_ns;
}

struct cli_source *cli_source_open(const struct cli_arguments *arguments) {
    struct cli_source *source = calloc(1, sizeof *source);
    if (source == NULL)
        cli_die(CLI_FAILED, "no memory");
    source->arguments = arguments;
    if (arguments->asks_ledger)
        source->replay = cli_state_replay(arguments);
    else
        dial(source);
    if (arguments->asks_ledger)
        source->registered =
            find_register(arguments, engine_profile(cli_state_engine(source->replay)));
    take_as_of(source);
    return source;
}

void cli_source_close(struct cli_source *source) {
    query_client_close(source->client);
    register_reader_close(source->registered);
    if (source->replay != NULL)
        replay_destroy(source->replay);
    free(source->symbols);
    free(source);
}

uint64_t cli_source_answered(const struct cli_source *source) {
    return source->answer.as_of;
}

void cli_source_as_of(const struct cli_source *source, struct cli_output *output) {
    char text[CLI_VALUE_BYTES_MAX];
    cli_number_field(output, "as_of", source->as_of);
    cli_text_field(output, "time", cli_time_text(text, source->time_ns));
}

struct answer_row *cli_source_rows(struct cli_source *source, const struct query *query,
                                   uint32_t *count) {
    struct answer_row *rows = NULL;
    struct answer_row row;
    uint32_t room = 0;
    *count = 0;
    cli_source_ask(source, query);
    while (cli_source_row(source, &row)) {
        if (*count == room) {
            room = 2 * room + 64;
            rows = realloc(rows, room * sizeof *rows);
            if (rows == NULL)
                cli_die(CLI_FAILED, "no memory");
        }
        rows[(*count)++] = row;
    }
    return rows;
}

/* The symbol of an instrument, asked for once. */
static const char *symbol_of(struct cli_source *source, uint32_t number) {
    struct query query = {.kind = QUERY_INSTRUMENTS, .instruments = {.instrument = number}};
    struct answer_row row;
    for (uint32_t i = 0; i < source->symbols_count; i++)
        if (source->symbols[i].instrument == number)
            return source->symbols[i].symbol;
    source->symbols =
        realloc(source->symbols, (source->symbols_count + 1) * sizeof *source->symbols);
    if (source->symbols == NULL)
        cli_die(CLI_FAILED, "no memory");
    struct cli_symbol_row *symbol = &source->symbols[source->symbols_count++];
    *symbol = (struct cli_symbol_row){.instrument = number};
    cli_source_ask(source, &query);
    if (cli_source_row(source, &row) && row.kind == ROW_INSTRUMENT)
        memcpy(symbol->symbol, row.instrument.view.symbol, row.instrument.view.symbol_bytes);
    return symbol->symbol;
}

void cli_source_instrument(struct cli_source *source, struct cli_output *output, uint32_t number) {
    char text[CLI_VALUE_BYTES_MAX];
    snprintf(text, sizeof text, "%" PRIu32, number);
    cli_table_both(output, symbol_of(source, number), text);
}
