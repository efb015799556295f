/*
 * tpx why: one order's life. The ledger is executed again, and at each record that is about the
 * order the engine is asked where it stands in the queue.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/view.h"
#include "gateway/cli.h"
#include "gateway/cli_ledger.h"
#include "gateway/cli_progress.h"
#include "gateway/cli_value.h"
#include "gateway/client.h"
#include "gateway/reason_text.h"
#include "gateway/reply.h"
#include "gateway/wording.h"
#include "ledger/subject.h"
#include "proto/tpx.pb-c.h"

struct life {
    uint64_t order_id;
    struct replay *replay;
    struct cli_output *output;
    uint32_t reports;
    bool is_about; /* of the event that is looked at */
    bool is_over;  /* the order is gone */
};

/* --- rules -------------------------------------------------------------------------------------
 */

/* Why it came so; the market's reasons have texts of their own (reason_text.h). */
struct rule {
    const char *english;
    const char *chinese;
};

static const struct rule RESTS = {
    "entered; it rests behind those at a better price, and at its price behind earlier ones",
    "已受理；排在更优价格及同价更早的委托之后"};
static const struct rule ENTERED = {"entered; it does not rest", "已受理；未挂入订单簿"};
static const struct rule MAKER = {"first in its queue: best price, then earliest; at its own price",
                                  "位于队首：价格优先、时间优先；按其挂单价成交"};
static const struct rule TAKER = {"met the first in the other queue: at the resting order's price",
                                  "与对手方队首成交：按挂单价成交"};
static const struct rule KEPT = {"less at the same price: it keeps its place",
                                 "同价减量：保留排队位置"};
static const struct rule MOVED = {"another price, or more: it queues anew", "改价或加量：重新排队"};
static const struct rule ASKED = {"as asked", "按申报撤单"};
static const struct rule DAY_OVER = {"its last day is over", "有效期已过"};

static struct rule rule_of(const struct execution *execution, bool rests) {
    const struct reason_text *text = reason_text_find(execution->reason);
    if (execution->reason != REASON_NONE && text != NULL)
        return (struct rule){text->english, text->chinese};
    switch ((enum exec_type)execution->exec_type) {
    case EXEC_TYPE_NEW:
        return rests ? RESTS : ENTERED;
    case EXEC_TYPE_TRADE:
        return execution->is_maker ? MAKER : TAKER;
    case EXEC_TYPE_REPLACED:
        return execution->kept_place ? KEPT : MOVED;
    case EXEC_TYPE_CANCELED:
        return ASKED;
    case EXEC_TYPE_EXPIRED:
        return DAY_OVER;
    case EXEC_TYPE_REJECTED:
        break;
    }
    return (struct rule){"", ""};
}

/* --- the queue ---------------------------------------------------------------------------------
 */

/* Units that would trade before the order, as the engine stands; false when it does not rest. */
static bool count_ahead(const struct engine *engine, uint64_t order_id, uint64_t *ahead) {
    struct order_view order;
    struct order_view at;
    *ahead = 0;
    if (!engine_order(engine, order_id, &order))
        return false;
    bool has_one = engine_book_from(engine, order.instrument, (enum side)order.side, 0, &at);
    while (has_one && at.order_id != order_id) {
        struct order_view from = at;
        *ahead += at.leaves_qty;
        has_one = engine_book_next(engine, &from, &at);
    }
    return has_one;
}

/* --- reports -----------------------------------------------------------------------------------
 */

static const struct cli_column COLUMNS[] = {
    {"sequence", "sequence"}, {"time", "time"},         {"exec_type", "report"},
    {"price", "price"},       {"quantity", "quantity"}, {"leaves_qty", "leaves"},
    {"ahead_qty", "ahead"},   {"reason", NULL},         {"rule", "why"},
};

static void put_report(struct life *life, const struct report *report) {
    const struct execution *execution = &report->execution;
    const struct engine *engine = replay_engine(life->replay, NULL);
    const ProtobufCEnumValue *type =
        protobuf_c_enum_descriptor_get_value(&tpx__exec_type__descriptor, execution->exec_type);
    bool is_trade = execution->exec_type == EXEC_TYPE_TRADE;
    char text[CLI_VALUE_BYTES_MAX];
    uint64_t ahead;
    bool rests = count_ahead(engine, life->order_id, &ahead);
    struct rule rule = rule_of(execution, rests);
    cli_table_number(life->output, report->sequence);
    cli_table_name(life->output, cli_time_text(text, report->time_ns));
    cli_table_text(life->output, type != NULL ? type->name + strlen("EXEC_TYPE_") : "?");
    cli_table_money(life->output, is_trade ? execution->last_px_fen : execution->price_fen);
    cli_table_number(life->output, is_trade ? execution->last_qty : execution->order_qty);
    cli_table_number(life->output, execution->leaves_qty);
    if (rests)
        cli_table_number(life->output, ahead);
    else
        cli_table_name(life->output, "");
    cli_table_text(life->output,
                   execution->reason != REASON_NONE ? client_reason_name(execution->reason) : "");
    cli_table_both(life->output, wording_is_chinese() ? rule.chinese : rule.english, rule.english);
    life->reports++;
    bool has_ended = execution->exec_type == EXEC_TYPE_CANCELED ||
                     execution->exec_type == EXEC_TYPE_EXPIRED ||
                     execution->exec_type == EXEC_TYPE_REJECTED || execution->leaves_qty == 0;
    life->is_over = has_ended && !rests;
}

static void compare(void *owner, enum subject_kind kind, uint64_t id) {
    struct life *life = owner;
    life->is_about = life->is_about || (kind == SUBJECT_ORDER && id == life->order_id);
}

/* A record that has been executed. */
static void look_at(struct life *life, const struct reader_record *stored) {
    struct record record;
    struct record_event_view event;
    struct report report;
    if (!record_read(stored->bytes, stored->size, &record))
        return; /* replay has refused it */
    while (record_event_next(&record.events, &event)) {
        life->is_about = false;
        if (event.audience == AUDIENCE_SESSION && subject_walk_event(&event, compare, life) &&
            life->is_about && report_read(event.report, &report))
            put_report(life, &report);
    }
}

/* --- the walk ----------------------------------------------------------------------------------
 */

static void execute(struct life *life, const struct reader_record *stored) {
    struct finding finding;
    if (!replay_record(life->replay, stored->bytes, stored->size, &finding) &&
        finding.kind != FINDING_EVENTS)
        cli_die(CLI_UNVERIFIED, "record %" PRIu64 ": %s: %s; `tpx ledger verify` tells more",
                finding.sequence, finding_name(finding.kind), finding.text);
    look_at(life, stored);
}

static void live(struct life *life, struct reader *reader) {
    struct cli_progress progress;
    struct reader_record record;
    struct merkle_head head;
    int step = READER_PAUSE;
    if (reader_head(reader, &head) != 0)
        cli_die(CLI_UNVERIFIED, "ledger: it cannot be read");
    cli_progress_begin(&progress, "replaying", head.size);
    reader_seek(reader, 0);
    while (step > 0 && !life->is_over) {
        step = reader_next(reader, &record);
        if (step != READER_RECORD)
            continue;
        cli_progress_at(&progress, record.sequence);
        execute(life, &record);
    }
    cli_progress_end(&progress);
    if (step < 0)
        cli_die(CLI_UNVERIFIED, "ledger: record %" PRIu64 " cannot be read",
                replay_next(life->replay));
}

int cli_why(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_LEDGER,
        .arguments = "ORDER [DIR]",
        .about = "Tells an order's life: each report on it, the rule that decided it, and how many "
                 "units stood ahead of it in its queue right after.\vThe ledger is executed again "
                 "up to the order's end.",
        .count_min = 1,
        .count_max = 2};
    struct cli_arguments arguments;
    struct cli_ledger ledger = {0};
    char text[CLI_VALUE_BYTES_MAX];
    cli_parse(&arguments, &SPEC, argc, argv);
    struct life life = {.order_id = cli_order_id("order", arguments.positional[0])};
    cli_ledger_find(&ledger, &arguments, 1);
    struct reader *reader = cli_ledger_reader(&ledger);
    life.replay = replay_create(NULL);
    if (life.replay == NULL)
        cli_die(CLI_FAILED, "no memory");
    life.output = cli_output_create(arguments.is_json);
    cli_text_field(life.output, "order", cli_order_text(text, life.order_id));
    cli_table_begin(life.output, "reports", COLUMNS, sizeof COLUMNS / sizeof COLUMNS[0]);
    live(&life, reader);
    if (life.reports == 0)
        cli_die(CLI_REFUSED, "order: the ledger has none of number %s", text);
    cli_number_field(life.output, "as_of", replay_next(life.replay));
    cli_output_end(life.output);
    replay_destroy(life.replay);
    reader_close(reader);
    return CLI_FINE;
}
