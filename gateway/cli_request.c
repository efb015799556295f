/* The way of one request. */
#include "gateway/cli_request.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_report.h"
#include "gateway/cli_value.h"
#include "gateway/clock.h"

/* After the first report of an answer: how long the next frame of the same commit may take. */
#define REST_MS 20

void cli_die_of(const struct cli_arguments *arguments, const struct client_item *item) {
    const char *endpoint = cli_setting(arguments, CLI_ENDPOINT);
    switch (item->kind) {
    case CLIENT_KEY_REFUSED:
        cli_die(CLI_CONNECTION, "%s does not accept the key %s: it is not registered, or revoked",
                endpoint, cli_setting(arguments, CLI_KEY));
    case CLIENT_BAD_SERVER:
        cli_die(CLI_CONNECTION, "%s does not have the server key %s: another exchange, or none",
                endpoint, cli_setting(arguments, CLI_SERVER_KEY));
    case CLIENT_LOGGED_OFF:
        cli_die(CLI_CONNECTION, "session %s: the exchange refused or ended it: %s (%s)",
                arguments->setting[CLI_SESSION] != NULL ? arguments->setting[CLI_SESSION] : "-",
                cli_reason_text(item->logged_off.reason, item->logged_off.text),
                client_reason_name(item->logged_off.reason));
    case CLIENT_NOTHING:
    case CLIENT_REPORT:
    case CLIENT_REFUSED:
    case CLIENT_LIVE:
    case CLIENT_LOST:
    default:
        cli_die(CLI_CONNECTION, "%s: nobody answers within %u s", endpoint,
                arguments->timeout_ms / 1000);
    }
}

static void load_server_key(const struct cli_arguments *arguments,
                            char z85[KEYFILE_Z85_CHARS + 1]) {
    uint8_t key[KEY_BYTES];
    cli_curve_key("server_key", cli_setting(arguments, CLI_SERVER_KEY), key);
    keyfile_z85_encode(key, z85);
}

static struct client *connect_as(const struct cli_arguments *arguments,
                                 struct client_options *options) {
    char server_z85[KEYFILE_Z85_CHARS + 1];
    struct curve_key key;
    struct client_item item;
    options->endpoint = cli_setting(arguments, CLI_ENDPOINT);
    options->server_z85 = server_z85; // cppcheck-suppress autoVariables ; a client keeps copies
    options->key = &key;              // cppcheck-suppress autoVariables
    if (strlen(options->endpoint) > CLIENT_ENDPOINT_BYTES_MAX)
        cli_die(CLI_USAGE, "endpoint: has more than %d bytes", CLIENT_ENDPOINT_BYTES_MAX);
    load_server_key(arguments, server_z85);
    if (keyfile_curve_load(&key, cli_setting(arguments, CLI_KEY), true) != 0)
        cli_die(CLI_USAGE, "key: %s cannot be used", cli_setting(arguments, CLI_KEY));
    struct client *client = client_open(options);
    secret_cleanse(&key, sizeof key);
    if (client == NULL)
        cli_die(CLI_USAGE, "endpoint: \"%s\" cannot be dialled", options->endpoint);
    if (!client_wait_live(client, (int)arguments->timeout_ms, &item))
        cli_die_of(arguments, &item);
    return client;
}

struct client *cli_connect(const struct cli_arguments *arguments, bool skips_past) {
    (void)cli_setting(arguments, CLI_ENDPOINT); /* what is missing is said in this order */
    struct client_options options = {
        .session =
            (uint32_t)cli_number("session", cli_setting(arguments, CLI_SESSION), 1, SESSION_ID_MAX),
        .skips_past = skips_past,
    };
    return connect_as(arguments, &options);
}

struct client *cli_connect_copy(const struct cli_arguments *arguments) {
    struct client_options options = {.is_drop_copy = true, .skips_past = true};
    return connect_as(arguments, &options);
}

void cli_disconnect(struct client *client) {
    struct client_item item;
    client_logoff(client);
    do
        client_poll(client, 1000, &item);
    while (item.kind == CLIENT_REPORT || item.kind == CLIENT_REFUSED);
    client_close(client);
}

/* --- asking --------------------------------------------------------------------------------------
 */

static void keep_report(struct cli_answer *answer, const struct report *report) {
    if (answer->count < CLI_REPORTS_MAX)
        answer->reports[answer->count++] = *report;
    else
        answer->more++;
}

/* Takes what belongs to the answer; true when more of it may follow at once. */
static bool take_item(const struct client_item *item, struct cli_answer *answer) {
    if (item->kind == CLIENT_REFUSED && item->refused.number == answer->number) {
        answer->is_refused = true;
        answer->refused = item->refused;
        return false;
    }
    if (item->kind == CLIENT_REPORT && report_answers(&item->report) == answer->number)
        keep_report(answer, &item->report);
    return true;
}

static void await_answer(struct client *client, uint32_t timeout_ms, struct cli_answer *answer) {
    int64_t deadline_ns = clock_mono_ns() + timeout_ms * CLOCK_MILLISECOND_NS;
    struct client_item item;
    for (;;) {
        int64_t left_ms = (deadline_ns - clock_mono_ns()) / CLOCK_MILLISECOND_NS;
        if (left_ms <= 0)
            return;
        client_poll(client, answer->count > 0 ? REST_MS : (int)left_ms, &item);
        if (item.kind == CLIENT_LOGGED_OFF)
            cli_say("the exchange ended the session's connection: %s (%s)",
                    cli_reason_text(item.logged_off.reason, item.logged_off.text),
                    client_reason_name(item.logged_off.reason));
        if (!take_item(&item, answer) || (item.kind == CLIENT_NOTHING && answer->count > 0) ||
            item.kind == CLIENT_LOGGED_OFF || item.kind == CLIENT_KEY_REFUSED)
            return;
    }
}

int cli_ask(struct client *client, const struct cli_arguments *arguments,
            const struct command *command, const char *name, struct cli_answer *answer) {
    struct command numbered = *command;
    numbered.stamp.number = arguments->number;
    *answer = (struct cli_answer){.number = client_add(client, &numbered, name)};
    client_flush(client);
    await_answer(client, arguments->timeout_ms, answer);
    if (answer->count == 0 && !answer->is_refused) {
        cli_say("no answer: what became of request %" PRIu64 " is not known.", answer->number);
        cli_say("the same command with --number %" PRIu64 " asks again, and does it only once.",
                answer->number);
        return CLI_UNKNOWN;
    }
    for (uint32_t i = 0; i < answer->count; i++)
        if (cli_is_rejected(&answer->reports[i]))
            return CLI_REFUSED;
    return answer->is_refused ? CLI_REFUSED : CLI_FINE;
}

int cli_do(const struct cli_arguments *arguments, const struct command *command, const char *name) {
    static struct cli_answer answer;
    struct client *client = cli_connect(arguments, true);
    int code = cli_ask(client, arguments, command, name, &answer);
    if (code != CLI_UNKNOWN)
        cli_show_answer(arguments, &answer);
    cli_disconnect(client);
    return code;
}
