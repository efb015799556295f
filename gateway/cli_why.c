/*
 * tpx why: one order's life, from one of two sources.
 *
 * A running exchange tells the order's reports, and where it stands now. Where it stood right after
 * a trade follows from the market's rules: nothing trades before what is ahead of it.
 *
 * A ledger is executed again, and after each record that is about the order the engine is asked
 * where it stands.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/view.h"
#include "gateway/cli.h"
#include "gateway/cli_ledger.h"
#include "gateway/cli_progress.h"
#include "gateway/cli_query.h"
#include "gateway/cli_value.h"
#include "gateway/client.h"
#include "gateway/reason_text.h"
#include "gateway/reply.h"
#include "gateway/wording.h"
#include "ledger/subject.h"
#include "proto/tpx.pb-c.h"

/* Where the order stands. */
struct standing {
    bool rests;
    bool is_known; /* what is ahead */
    uint64_t ahead_qty;
    uint32_t ahead_orders;
};

struct life {
    uint64_t order_id;
    struct cli_output *output;
    uint32_t reports;

    /* Of a ledger. */
    struct replay *replay;
    bool is_about; /* the event that is looked at */
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

/* --- the queue, in an engine --------------------------------------------------------------------
 */

static struct standing standing_in(const struct engine *engine, uint64_t order_id) {
    struct standing standing = {0};
    struct order_view order;
    struct order_view at;
    if (!engine_order(engine, order_id, &order))
        return standing;
    bool has_one = engine_book_from(engine, order.instrument, (enum side)order.side, 0, &at);
    while (has_one && at.order_id != order_id) {
        struct order_view from = at;
        standing.ahead_qty += at.leaves_qty;
        standing.ahead_orders++;
        has_one = engine_book_next(engine, &from, &at);
    }
    standing.rests = standing.is_known = has_one;
    return standing;
}

/* --- reports -----------------------------------------------------------------------------------
 */

static const struct cli_column COLUMNS[] = {
    {"sequence", "sequence"}, {"time", "time"},         {"exec_type", "report"},
    {"price", "price"},       {"quantity", "quantity"}, {"leaves_qty", "leaves"},
    {"ahead_qty", "ahead"},   {"cl_ord_id", "number"},  {"trd_match_id", NULL},
    {"reason", NULL},         {"rule", "why"},
};

static void put_number_if(struct cli_output *output, bool is_there, uint64_t number) {
    if (is_there)
        cli_table_number(output, number);
    else
        cli_table_name(output, "");
}

static bool ends(const struct execution *execution) {
    return execution->exec_type == EXEC_TYPE_CANCELED ||
           execution->exec_type == EXEC_TYPE_EXPIRED ||
           execution->exec_type == EXEC_TYPE_REJECTED || execution->leaves_qty == 0;
}

/* `standing`: right after what is reported. */
static void put_report(struct life *life, const struct report *report,
                       const struct standing *standing) {
    const struct execution *execution = &report->execution;
    const ProtobufCEnumValue *type =
        protobuf_c_enum_descriptor_get_value(&tpx__exec_type__descriptor, execution->exec_type);
    bool is_trade = execution->exec_type == EXEC_TYPE_TRADE;
    char text[CLI_VALUE_BYTES_MAX];
    struct rule rule = rule_of(execution, standing->rests);
    cli_table_number(life->output, report->sequence);
    cli_table_name(life->output, cli_time_text(text, report->time_ns));
    cli_table_text(life->output, type != NULL ? type->name + strlen("EXEC_TYPE_") : "?");
    cli_table_money(life->output, is_trade ? execution->last_px_fen : execution->price_fen);
    cli_table_number(life->output, is_trade ? execution->last_qty : execution->order_qty);
    cli_table_number(life->output, execution->leaves_qty);
    put_number_if(life->output, standing->rests && standing->is_known, standing->ahead_qty);
    put_number_if(life->output, execution->cl_ord_id != 0, execution->cl_ord_id);
    put_number_if(life->output, is_trade, execution->trd_match_id);
    cli_table_text(life->output,
                   execution->reason != REASON_NONE ? client_reason_name(execution->reason) : "");
    cli_table_both(life->output, wording_is_chinese() ? rule.chinese : rule.english, rule.english);
    life->reports++;
}

static void begin(struct life *life, bool is_json) {
    char text[CLI_VALUE_BYTES_MAX];
    life->output = cli_output_create(is_json);
    cli_text_field(life->output, "order", cli_order_text(text, life->order_id));
    cli_table_begin(life->output, "reports", COLUMNS, sizeof COLUMNS / sizeof COLUMNS[0]);
}

/* `now`: at the end of what was looked at. */
static void end(struct life *life, const struct standing *now, uint64_t as_of) {
    char text[CLI_VALUE_BYTES_MAX];
    if (life->reports == 0)
        cli_die(CLI_REFUSED, "order: there is none of number %s",
                cli_order_text(text, life->order_id));
    cli_text_field(life->output, "state", now->rests ? "rests" : "gone");
    if (now->rests && now->is_known) {
        cli_number_field(life->output, "ahead_qty", now->ahead_qty);
        cli_number_field(life->output, "ahead_orders", now->ahead_orders);
    }
    cli_number_field(life->output, "as_of", as_of);
    cli_output_end(life->output);
}

/* --- of an exchange ----------------------------------------------------------------------------
 */

/* The reports of an order's life. */
struct reports {
    struct report *reports;
    uint32_t count;
    uint32_t room;
};

static void keep(struct reports *kept, const struct report *report) {
    if (kept->count == kept->room) {
        kept->room = 2 * kept->room + 64;
        kept->reports = realloc(kept->reports, kept->room * sizeof *kept->reports);
        if (kept->reports == NULL)
            cli_die(CLI_FAILED, "no memory");
    }
    kept->reports[kept->count++] = *report;
}

static void ask_history(struct cli_source *source, uint64_t order_id, struct reports *kept) {
    struct query query = {.kind = QUERY_ORDER_HISTORY, .order_history = {.order_id = order_id}};
    struct answer_row row;
    struct report report;
    cli_source_ask(source, &query);
    while (cli_source_row(source, &row)) {
        bool is_one =
            row.kind == ROW_REPORT &&
            report_read((struct span){row.report.report, row.report.report_bytes}, &report) &&
            report.body == REPORT_EXECUTION;
        if (is_one)
            keep(kept, &report);
    }
}

/* Where the order stood after the record of a report. When it has traded and rests, nothing is
 * ahead of it: that would have traded before. */
static struct standing standing_after(const struct reports *kept, uint32_t at) {
    struct standing standing = {.rests = true};
    uint64_t sequence = kept->reports[at].sequence;
    while (at > 0 && kept->reports[at - 1].sequence == sequence)
        at--;
    for (; at < kept->count && kept->reports[at].sequence == sequence; at++) {
        const struct execution *execution = &kept->reports[at].execution;
        standing.is_known = standing.is_known || execution->exec_type == EXEC_TYPE_TRADE;
        standing.rests = standing.rests && !ends(execution);
    }
    return standing;
}

/* What is ahead of it, page by page; nothing is known when it does not rest. */
static struct standing ask_standing(struct cli_source *source, uint64_t order_id) {
    struct query query = {.kind = QUERY_QUEUE, .queue = {.order_id = order_id}};
    struct standing standing = {0};
    struct answer_row row;
    if (!cli_source_try(source, &query))
        return standing;
    while (cli_source_row(source, &row)) {
        standing.ahead_qty += row.queue.ahead_qty;
        standing.ahead_orders += row.queue.ahead_orders;
    }
    standing.is_known = true;
    return standing;
}

/* The history is asked for last, so what it says of the order's end is true. */
static void ask(struct life *life, const struct cli_arguments *arguments) {
    struct cli_source *source = cli_source_open(arguments);
    struct reports kept = {0};
    struct standing now = ask_standing(source, life->order_id);
    ask_history(source, life->order_id, &kept);
    now.rests = kept.count > 0 && standing_after(&kept, kept.count - 1).rests;
    begin(life, arguments->is_json);
    for (uint32_t i = 0; i < kept.count; i++) {
        struct standing standing = standing_after(&kept, i);
        put_report(life, &kept.reports[i], &standing);
    }
    end(life, &now, cli_source_answered(source));
    free(kept.reports);
    cli_source_close(source);
}

/* --- of a ledger -------------------------------------------------------------------------------
 */

static void compare(void *owner, enum subject_kind kind, uint64_t id) {
    struct life *life = owner;
    life->is_about = life->is_about || (kind == SUBJECT_ORDER && id == life->order_id);
}

/* A record that has been executed. */
static void look_at(struct life *life, const struct reader_record *stored) {
    struct record record;
    struct record_event_view event;
    struct report report;
    struct standing standing = standing_in(replay_engine(life->replay, NULL), life->order_id);
    if (!record_read(stored->bytes, stored->size, &record))
        return; /* replay has refused it */
    while (record_event_next(&record.events, &event)) {
        life->is_about = false;
        if (event.audience == AUDIENCE_SESSION && subject_walk_event(&event, compare, life) &&
            life->is_about && report_read(event.report, &report)) {
            put_report(life, &report, &standing);
            life->is_over = ends(&report.execution) && !standing.rests;
        }
    }
}

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

static void replay(struct life *life, const struct cli_arguments *arguments) {
    struct cli_ledger ledger = {0};
    cli_ledger_find(&ledger, arguments, 1);
    struct reader *reader = cli_ledger_reader(&ledger);
    life->replay = replay_create(NULL);
    if (life->replay == NULL)
        cli_die(CLI_FAILED, "no memory");
    begin(life, arguments->is_json);
    live(life, reader);
    struct standing now = standing_in(replay_engine(life->replay, NULL), life->order_id);
    end(life, &now, replay_next(life->replay));
    replay_destroy(life->replay);
    reader_close(reader);
}

int cli_why(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_STATE,
        .arguments = "ORDER [DIR]",
        .about =
            "Tells an order's life: each report on it, the rule that decided it, how many units "
            "stood ahead of it in its queue right after, and how many do now.\vThe exchange is "
            "asked at its query endpoint, by the order's owner or whoever may see everything; it "
            "tells what was ahead only where the order had just traded. With DIR or --ledger that "
            "ledger is executed again, up to the order's end, and tells it of every report.",
        .count_min = 1,
        .count_max = 2,
        .ledger_at = 2};
    struct cli_arguments arguments;
    cli_parse(&arguments, &SPEC, argc, argv);
    struct life life = {.order_id = cli_order_id("order", arguments.positional[0])};
    if (arguments.asks_ledger)
        replay(&life, &arguments);
    else
        ask(&life, &arguments);
    return CLI_FINE;
}
