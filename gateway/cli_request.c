/* The way of one request, and how its reports read. */
#include "gateway/cli_request.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_output.h"
#include "gateway/cli_value.h"
#include "gateway/clock.h"
#include "proto/tpx.pb-c.h"

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
        cli_die(CLI_CONNECTION, "session %s: logon refused: %s (%s)",
                cli_setting(arguments, CLI_SESSION), item->logged_off.text,
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

struct client *cli_connect(const struct cli_arguments *arguments, bool skips_past) {
    char server_z85[KEYFILE_Z85_CHARS + 1];
    struct curve_key key;
    struct client_item item;
    struct client_options options = {
        .endpoint = cli_setting(arguments, CLI_ENDPOINT),
        .server_z85 = server_z85,
        .key = &key,
        .session =
            (uint32_t)cli_number("session", cli_setting(arguments, CLI_SESSION), 1, SESSION_ID_MAX),
        .skips_past = skips_past,
    };
    if (strlen(options.endpoint) > CLIENT_ENDPOINT_BYTES_MAX)
        cli_die(CLI_USAGE, "endpoint: has more than %d bytes", CLIENT_ENDPOINT_BYTES_MAX);
    load_server_key(arguments, server_z85);
    if (keyfile_curve_load(&key, cli_setting(arguments, CLI_KEY), true) != 0)
        cli_die(CLI_USAGE, "key: %s cannot be used", cli_setting(arguments, CLI_KEY));
    struct client *client = client_open(&options);
    secret_cleanse(&key, sizeof key);
    if (client == NULL)
        cli_die(CLI_CONNECTION, "endpoint: \"%s\" cannot be dialled", options.endpoint);
    if (!client_wait_live(client, (int)arguments->timeout_ms, &item))
        cli_die_of(arguments, &item);
    return client;
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

static bool is_rejected(const struct report *report) {
    return report->body == REPORT_EXECUTION && report->execution.exec_type == EXEC_TYPE_REJECTED;
}

static void await_answer(struct client *client, uint32_t timeout_ms, struct cli_answer *answer) {
    int64_t deadline_ns = clock_mono_ns() + timeout_ms * CLOCK_MILLISECOND_NS;
    struct client_item item;
    for (;;) {
        int64_t left_ms = (deadline_ns - clock_mono_ns()) / CLOCK_MILLISECOND_NS;
        if (left_ms <= 0)
            return;
        client_poll(client, answer->count > 0 ? REST_MS : (int)left_ms, &item);
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
        fprintf(stderr,
                "tpx: no answer within %u s: what became of request %" PRIu64 " is not known.\n"
                "tpx: the same command with --number %" PRIu64
                " asks again, and does it only once.\n",
                arguments->timeout_ms / 1000, answer->number, answer->number);
        return CLI_UNKNOWN;
    }
    for (uint32_t i = 0; i < answer->count; i++)
        if (is_rejected(&answer->reports[i]))
            return CLI_REFUSED;
    return answer->is_refused ? CLI_REFUSED : CLI_FINE;
}

/* --- showing -------------------------------------------------------------------------------------
 */

/* What helps with a refusal, beyond its name. */
static const char *advice(uint32_t reason) {
    switch (reason) {
    case REASON_NEEDS_TWO_KEYS:
        return "it takes the keys of two persons: send it with --propose, then let another "
               "operator "
               "send `tpx admin --approve SEQUENCE`";
    case REASON_SAME_PERSON:
        return "a proposal is approved with a key of another person";
    case REASON_NOT_AUTHORISED:
        return "the role of the session's participant does not allow it";
    case REASON_NOT_SEQUENCED:
        return "this number was never sequenced and never will be";
    case REASON_DUPLICATE_CLIENT_ORDER_ID:
        return "this number was used for another request";
    case REASON_NOT_IN_SESSION:
        return "no trading day is open for it";
    default:
        return NULL;
    }
}

static void say_refused(const char *by, uint32_t reason, const char *field, const char *more) {
    const char *help = advice(reason);
    fprintf(stderr, "tpx: refused by the %s: %s", by, client_reason_name(reason));
    if (field[0] != '\0')
        fprintf(stderr, ": %s", field);
    if (more[0] != '\0')
        fprintf(stderr, " %s", more);
    fprintf(stderr, help != NULL ? "\ntpx: %s\n" : "\n", help);
}

static bool is_money(uint32_t field) {
    return field == FIELD_PRICE || field == FIELD_TICK_FEN || field == FIELD_BAND_LOW ||
           field == FIELD_BAND_HIGH || field == FIELD_REFERENCE;
}

static void say_rejected(const struct execution *execution) {
    char field[32] = "";
    char limit[64] = "";
    char value[CLI_VALUE_BYTES_MAX];
    if (execution->field != FIELD_NONE)
        client_field_name(execution->field, field);
    if (execution->limit != 0 && is_money(execution->field))
        snprintf(limit, sizeof limit, "(limit %s)", cli_money_text(value, execution->limit));
    else if (execution->limit != 0)
        snprintf(limit, sizeof limit, "(limit %" PRId64 ")", execution->limit);
    say_refused("market", execution->reason, field, limit);
}

static void say_refused_by_gateway(const struct refused *refused) {
    char more[300] = "";
    if (refused->limit != 0)
        snprintf(more, sizeof more, "%s (limit %" PRIu64 ")", refused->text, refused->limit);
    else
        snprintf(more, sizeof more, "%s", refused->text);
    say_refused("gateway", refused->reason, refused->field, more);
}

static const char *name_of(const ProtobufCEnumDescriptor *descriptor, int number,
                           const char *prefix) {
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(descriptor, number);
    return value != NULL ? value->name + strlen(prefix) : "?";
}

static const struct cli_column EXECUTION_COLUMNS[] = {
    {"sequence", "sequence"},     {"exec_type", "report"},  {"order_id", "order"},
    {"instrument", "instrument"}, {"side", "side"},         {"price", "price"},
    {"quantity", "quantity"},     {"leaves_qty", "leaves"}, {"cum_qty", "done"},
    {"reason", "reason"},         {"place", NULL},          {"time", NULL},
    {"trd_match_id", NULL},       {"field", NULL},          {"limit", NULL},
};

static void put_execution(const struct cli_arguments *arguments, struct cli_output *output,
                          const struct report *report) {
    const struct execution *execution = &report->execution;
    bool is_trade = execution->exec_type == EXEC_TYPE_TRADE;
    char text[CLI_VALUE_BYTES_MAX];
    char number[CLI_VALUE_BYTES_MAX];
    char field[32] = "";
    snprintf(number, sizeof number, "%" PRIu32, execution->instrument);
    if (execution->field != FIELD_NONE)
        client_field_name(execution->field, field);
    cli_table_number(output, report->sequence);
    cli_table_text(output,
                   name_of(&tpx__exec_type__descriptor, execution->exec_type, "EXEC_TYPE_"));
    cli_table_order(output, execution->order_id);
    cli_table_both(output, cli_symbol_text(arguments, text, execution->instrument), number);
    cli_table_text(output, execution->side == SIDE_BUY ? "buy" : "sell");
    cli_table_money(output, is_trade ? execution->last_px_fen : execution->price_fen);
    cli_table_number(output, is_trade ? execution->last_qty : execution->order_qty);
    cli_table_number(output, execution->leaves_qty);
    cli_table_number(output, execution->cum_qty);
    cli_table_text(output,
                   execution->reason != REASON_NONE ? client_reason_name(execution->reason) : "");
    cli_table_small(output, report->place);
    cli_table_number(output, (uint64_t)report->time_ns);
    cli_table_number(output, execution->trd_match_id);
    cli_table_text(output, field);
    snprintf(text, sizeof text, "%" PRId64, execution->limit);
    cli_table_text(output, text);
}

static void put_done(const struct cli_arguments *arguments, struct cli_output *output,
                     const struct report *report) {
    const struct done *done = &report->done;
    const char *act = name_of(&tpx__act_kind__descriptor, done->act, "ACT_");
    cli_text_field(output, "done", done->is_proposal ? "PROPOSED" : act);
    if (done->is_proposal)
        cli_text_field(output, "act", act);
    if (done->id != 0)
        cli_number_field(output, done->is_proposal ? "proposal" : "id", done->id);
    cli_number_field(output, "sequence", report->sequence);
    if (done->is_proposal && !arguments->is_json)
        printf("\nWith a key of another person: tpx admin --approve %" PRIu64 "\n", done->id);
}

/* Reports on orders as a table; what else there is before it. */
static void put_reports(const struct cli_arguments *arguments, struct cli_output *output,
                        const struct cli_answer *answer) {
    uint32_t executions = 0;
    for (uint32_t i = 0; i < answer->count; i++) {
        const struct report *report = &answer->reports[i];
        if (report->body == REPORT_DONE)
            put_done(arguments, output, report);
        else if (report->body == REPORT_MASS_CANCELED)
            cli_number_field(output, "mass_canceled", report->mass_canceled.count);
        executions += report->body == REPORT_EXECUTION;
    }
    if (executions == 0)
        return;
    cli_table_begin(output, "reports", EXECUTION_COLUMNS,
                    sizeof EXECUTION_COLUMNS / sizeof EXECUTION_COLUMNS[0]);
    for (uint32_t i = 0; i < answer->count; i++)
        if (answer->reports[i].body == REPORT_EXECUTION)
            put_execution(arguments, output, &answer->reports[i]);
}

static void put_refused(struct cli_output *output, const struct refused *refused) {
    cli_text_field(output, "refused", client_reason_name(refused->reason));
    cli_text_field(output, "field", refused->field);
    cli_number_field(output, "limit", refused->limit);
    cli_text_field(output, "text", refused->text);
}

/* For people a rejection is one line; a table would say less with more. */
static bool say_rejections(const struct cli_answer *answer) {
    bool has_any = false;
    for (uint32_t i = 0; i < answer->count; i++) {
        if (!is_rejected(&answer->reports[i]))
            continue;
        say_rejected(&answer->reports[i].execution);
        has_any = true;
    }
    return has_any;
}

void cli_show_answer(const struct cli_arguments *arguments, const struct cli_answer *answer) {
    if (answer->is_refused)
        say_refused_by_gateway(&answer->refused);
    bool is_rejected_only = say_rejections(answer);
    if (!arguments->is_json && (answer->is_refused || is_rejected_only))
        return;
    struct cli_output *output = cli_output_create(arguments->is_json);
    if (arguments->is_json)
        cli_number_field(output, "number", answer->number);
    if (answer->is_refused)
        put_refused(output, &answer->refused);
    put_reports(arguments, output, answer);
    cli_output_end(output);
    if (answer->more > 0)
        fprintf(stderr, "tpx: and %" PRIu64 " more reports\n", answer->more);
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
