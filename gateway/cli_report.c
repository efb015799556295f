/* A refusal is said in a line that names field and limit, on standard error; reports are a table.
 */
#include "gateway/cli_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gateway/cli_output.h"
#include "gateway/cli_value.h"
#include "gateway/reason_text.h"
#include "gateway/wording.h"
#include "proto/tpx.pb-c.h"

static void say_refused(const char *by, uint32_t reason, const char *field, const char *more) {
    const struct reason_text *text = reason_text_find(reason);
    bool is_chinese = wording_is_chinese();
    fprintf(stderr, is_chinese ? "tpx: %s拒绝: %s" : "tpx: refused by the %s: %s", by,
            client_reason_name(reason));
    if (field[0] != '\0')
        fprintf(stderr, ": %s", field);
    if (more[0] != '\0')
        fprintf(stderr, " %s", more);
    fputc('\n', stderr);
    if (text != NULL)
        fprintf(stderr, "tpx: %s\n", is_chinese ? text->chinese : text->english);
}

static bool is_money(const struct execution *execution) {
    switch (execution->field) {
    case FIELD_PRICE:
    case FIELD_TICK_FEN:
    case FIELD_BAND_LOW:
    case FIELD_BAND_HIGH:
    case FIELD_REFERENCE:
        return true;
    case FIELD_AMOUNT:
        return execution->reason == REASON_INSUFFICIENT_CASH;
    default:
        return false;
    }
}

/* "(limit 10.05)"; nothing where there is none: a limit of 0 is one only of what somebody has. */
static void write_limit(const struct execution *execution, char *text, size_t size) {
    char value[CLI_VALUE_BYTES_MAX];
    bool is_having = execution->reason == REASON_INSUFFICIENT_CASH ||
                     execution->reason == REASON_INSUFFICIENT_POSITION;
    text[0] = '\0';
    if (execution->limit == 0 && !is_having)
        return;
    if (execution->field == FIELD_POOL)
        cli_pool_text(value, (uint32_t)execution->limit);
    else if (is_money(execution))
        cli_money_text(value, execution->limit);
    else
        snprintf(value, sizeof value, "%" PRId64, execution->limit);
    snprintf(text, size, "(%s %s)", wording(is_having ? "free" : "limit"), value);
}

static void say_rejected(const struct execution *execution) {
    char field[32] = "";
    char limit[64];
    if (execution->field != FIELD_NONE)
        client_field_name(execution->field, field);
    write_limit(execution, limit, sizeof limit);
    say_refused(wording_is_chinese() ? "市场" : "market", execution->reason, field, limit);
}

static void say_refused_by_gateway(const struct refused *refused) {
    char more[300] = "";
    if (refused->limit != 0)
        snprintf(more, sizeof more, "%s (%s %" PRIu64 ")", refused->text, wording("limit"),
                 refused->limit);
    else
        snprintf(more, sizeof more, "%s", refused->text);
    say_refused(wording_is_chinese() ? "网关" : "gateway", refused->reason, refused->field, more);
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

/* A market order without a protection price has none. */
static void put_price(struct cli_output *output, int64_t fen) {
    if (fen != 0)
        cli_table_money(output, fen);
    else
        cli_table_both(output, wording("market"), "0");
}

/* A refusal of what names no order that rests has none. */
static void put_side(struct cli_output *output, uint8_t side) {
    if (side == SIDE_BUY || side == SIDE_SELL)
        cli_table_both(output, wording(side == SIDE_BUY ? "buy" : "sell"),
                       side == SIDE_BUY ? "BUY" : "SELL");
    else
        cli_table_text(output, "");
}

static void put_reason(struct cli_output *output, uint32_t reason) {
    const struct reason_text *text = reason_text_find(reason);
    const char *name = reason != REASON_NONE ? client_reason_name(reason) : "";
    cli_table_both(output, text != NULL && wording_is_chinese() ? text->chinese : name, name);
}

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
    put_side(output, execution->side);
    put_price(output, is_trade ? execution->last_px_fen : execution->price_fen);
    cli_table_number(output, is_trade ? execution->last_qty : execution->order_qty);
    cli_table_number(output, execution->leaves_qty);
    cli_table_number(output, execution->cum_qty);
    put_reason(output, execution->reason);
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
    const char *act = done->deed != 0 ? name_of(&tpx__deed_kind__descriptor, done->deed, "DEED_")
                                      : name_of(&tpx__act_kind__descriptor, done->act, "ACT_");
    cli_text_field(output, "done", done->is_proposal ? "PROPOSED" : act);
    if (done->is_proposal)
        cli_text_field(output, "act", act);
    if (done->id != 0)
        cli_number_field(output, done->is_proposal ? "proposal" : "id", done->id);
    cli_number_field(output, "sequence", report->sequence);
    if (done->is_proposal && !arguments->is_json)
        printf(wording_is_chinese() ? "\n由另一人的密钥复核: tpx admin --approve %" PRIu64 "\n"
                                    : "\nWith a key of another person: tpx admin --approve %" PRIu64
                                      "\n",
               done->id);
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

bool cli_is_rejected(const struct report *report) {
    return report->body == REPORT_EXECUTION && report->execution.exec_type == EXEC_TYPE_REJECTED;
}

/* For people a rejection is one line; a table would say less with more. */
static bool say_rejections(const struct cli_answer *answer) {
    bool has_any = false;
    for (uint32_t i = 0; i < answer->count; i++) {
        if (!cli_is_rejected(&answer->reports[i]))
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
        fprintf(stderr,
                wording_is_chinese() ? "tpx: 另有 %" PRIu64 " 条回报\n"
                                     : "tpx: and %" PRIu64 " more reports\n",
                answer->more);
}
