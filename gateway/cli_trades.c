/* tpx trades: what was traded, by asking or from a ledger, or what is, from the feed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_feed.h"
#include "gateway/cli_ledger.h"
#include "gateway/cli_output.h"
#include "gateway/cli_query.h"
#include "gateway/cli_value.h"
#include "gateway/wording.h"
#include "ledger/record.h"
#include "proto/feed_frame.h"

#define COUNT_DEFAULT 20
#define COUNT_MAX     1000
/* Records of a ledger looked through, from its end, for the last trades. */
#define LOOK_RECORDS UINT64_C(1000000)

static const char *side_name(uint8_t side) {
    return side == SIDE_BUY ? "BUY" : "SELL";
}

/* --- what is traded ------------------------------------------------------------------------------
 */

static bool print_trade(const struct cli_arguments *arguments, const struct report *report) {
    const struct book_change *trade = &report->book;
    char time[CLI_VALUE_BYTES_MAX];
    char symbol[CLI_VALUE_BYTES_MAX];
    char price[CLI_VALUE_BYTES_MAX];
    if (arguments->is_json)
        return cli_follow_json(json_pack(
            "{s:o, s:o, s:i, s:s, s:o, s:o, s:o}", "sequence", cli_json_number(report->sequence),
            "time", cli_json_signed(report->time_ns), "instrument", (int)trade->instrument,
            "aggressor", side_name(trade->side), "price", cli_json_signed(trade->price_fen),
            "quantity", cli_json_number(trade->quantity), "trd_match_id",
            cli_json_number(trade->trd_match_id)));
    printf("%s  %-12s %-4s %12" PRIu64 " x %-12s %" PRIu64 "\n",
           cli_time_text(time, report->time_ns),
           cli_symbol_text(arguments, symbol, trade->instrument),
           wording(trade->side == SIDE_BUY ? "buy" : "sell"), trade->quantity,
           cli_money_text(price, trade->price_fen), trade->trd_match_id);
    return fflush(stdout) == 0;
}

static void follow(const struct cli_arguments *arguments, uint32_t instrument) {
    struct feed_client *client = cli_feed_open(arguments);
    struct feed_item item;
    bool goes_on = true;
    cli_follow_begin();
    feed_client_listen(client, instrument != 0 ? feed_channel_of(instrument) : FEED_CHANNEL_ALL);
    while (goes_on && !cli_follow_is_over()) {
        cli_feed_poll(client, arguments, 1000, &item);
        bool is_trade = item.kind == FEED_EVENT && item.report.body == REPORT_BOOK_TRADED;
        if (is_trade && (instrument == 0 || item.report.book.instrument == instrument))
            goes_on = print_trade(arguments, &item.report);
    }
    feed_client_close(client);
}

/* --- what was traded -----------------------------------------------------------------------------
 */

/* So many at most; the last of those that were put into it, in a ring. */
struct last_trades {
    uint32_t instrument; /* 0: of all */
    uint32_t most;
    uint64_t count;
    struct report trades[COUNT_MAX];
};

static void put_last(struct last_trades *last, const struct report *report) {
    last->trades[last->count++ % last->most] = *report;
}

static void ask(struct last_trades *last, struct cli_source *source, const struct query *query) {
    struct answer_row row;
    struct report report;
    cli_source_ask(source, query);
    while (last->count < last->most && cli_source_row(source, &row))
        if (row.kind == ROW_REPORT &&
            report_read((struct span){row.report.report, row.report.report_bytes}, &report))
            put_last(last, &report);
}

/* The newest come first; they are shown as those of a ledger, the newest last. */
static void turn_round(struct last_trades *last) {
    for (uint64_t low = 0, high = last->count; low + 1 < high; low++, high--) {
        struct report report = last->trades[low];
        last->trades[low] = last->trades[high - 1];
        last->trades[high - 1] = report;
    }
}

static void look_at_record(struct last_trades *last, const struct reader_record *bytes) {
    struct record record;
    struct record_event_view event;
    if (!record_read(bytes->bytes, bytes->size, &record))
        cli_die(CLI_UNVERIFIED, "record %" PRIu64 " is none", bytes->sequence);
    struct span rest = record.events;
    while (record_event_next(&rest, &event)) {
        struct report report;
        bool is_trade = event.audience == AUDIENCE_EVERYBODY &&
                        report_read(event.report, &report) && report.body == REPORT_BOOK_TRADED;
        if (is_trade && (last->instrument == 0 || report.book.instrument == last->instrument))
            put_last(last, &report);
    }
}

static void read_trades(struct last_trades *last, const struct cli_arguments *arguments) {
    struct cli_ledger ledger;
    struct reader_record record;
    struct merkle_head head;
    int step = READER_PAUSE;
    cli_ledger_find(&ledger, arguments, UINT32_MAX);
    struct reader *reader = cli_ledger_reader(&ledger);
    if (reader_head(reader, &head) != 0)
        cli_die(CLI_FAILED, "%s: cannot be read", ledger.dir);
    reader_seek(reader, head.size > LOOK_RECORDS ? head.size - LOOK_RECORDS : 0);
    while (step != READER_END) {
        step = reader_next(reader, &record);
        if (step < 0)
            cli_die(CLI_FAILED, "%s: cannot be read", ledger.dir);
        if (step == READER_RECORD)
            look_at_record(last, &record);
    }
    reader_close(reader);
}

/* `source` NULL: instruments are named by the profile alone. */
static void put_trade(const struct cli_arguments *arguments, struct cli_source *source,
                      struct cli_output *output, const struct report *report) {
    const struct book_change *trade = &report->book;
    char text[CLI_VALUE_BYTES_MAX];
    char number[CLI_VALUE_BYTES_MAX];
    snprintf(number, sizeof number, "%" PRId64, report->time_ns);
    cli_table_both(output, cli_time_text(text, report->time_ns), number);
    snprintf(number, sizeof number, "%" PRIu32, trade->instrument);
    if (source != NULL)
        cli_source_instrument(source, output, trade->instrument);
    else
        cli_table_both(output, cli_symbol_text(arguments, text, trade->instrument), number);
    cli_table_both(output, wording(trade->side == SIDE_BUY ? "buy" : "sell"),
                   side_name(trade->side));
    cli_table_money(output, trade->price_fen);
    cli_table_number(output, trade->quantity);
    cli_table_number(output, trade->trd_match_id);
    cli_table_number(output, report->sequence);
}

static void show(const struct cli_arguments *arguments, struct cli_source *source,
                 const struct last_trades *last) {
    static const struct cli_column COLUMNS[] = {
        {"time", "time"},   {"instrument", "instrument"}, {"aggressor", "side"},
        {"price", "price"}, {"quantity", "quantity"},     {"trd_match_id", "trade"},
        {"sequence", NULL}};
    struct cli_output *output = cli_output_create(arguments->is_json);
    cli_table_begin(output, "trades", COLUMNS, sizeof COLUMNS / sizeof COLUMNS[0]);
    for (uint64_t i = last->count > last->most ? last->count - last->most : 0; i < last->count; i++)
        put_trade(arguments, source, output, &last->trades[i % last->most]);
    cli_output_end(output);
}

/* --- the command ---------------------------------------------------------------------------------
 */

static void show_asked(const struct cli_arguments *arguments, struct last_trades *last,
                       const char *from) {
    struct cli_instrument_facts facts = {0};
    if (arguments->count == 1)
        cli_feed_instrument(arguments, arguments->positional[0], &facts);
    struct query query = {.kind = QUERY_TRADES,
                          .limit = last->most,
                          .trades = {.instrument = facts.number, .newest_first = from == NULL}};
    if (from != NULL)
        query.trades.from = cli_number("--from", from, 0, INT64_MAX);
    struct cli_source *source = cli_source_open(arguments);
    ask(last, source, &query);
    if (from == NULL)
        turn_round(last);
    show(arguments, source, last);
    cli_source_close(source);
}

static void show_read(const struct cli_arguments *arguments, struct last_trades *last) {
    if (arguments->count == 1)
        last->instrument = cli_instrument(arguments, arguments->positional[0]);
    read_trades(last, arguments);
    show(arguments, NULL, last);
}

int cli_trades(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"follow", CLI_OPTION_FOLLOW, NULL, 0,
         "Show each trade as it happens, from the feed, a line each; Ctrl-C ends it", 0},
        {"count", CLI_OPTION_COUNT, "N", 0, "Without it: N trades (20), the last ones", 0},
        {"from", CLI_OPTION_FROM, "SEQUENCE", 0,
         "The first ones from this sequence of the ledger on, instead of the last", 0},
        {0}};
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_MARKET,
        .arguments = "[INSTRUMENT]",
        .about = "Shows trades, of one instrument or of all: the last ones, or with --follow those "
                 "to come.\vThe exchange is asked at its query endpoint. With --ledger they are "
                 "looked for in a ledger's last million records instead.",
        .options = OPTIONS,
        .count_min = 0,
        .count_max = 1};
    static struct last_trades last = {.most = COUNT_DEFAULT};
    struct cli_arguments arguments;
    struct cli_instrument_facts facts = {0};
    cli_parse(&arguments, &SPEC, argc, argv);
    const char *count = cli_value(&arguments, CLI_OPTION_COUNT);
    const char *from = cli_value(&arguments, CLI_OPTION_FROM);
    bool follows = cli_value(&arguments, CLI_OPTION_FOLLOW) != NULL;
    if ((count != NULL || from != NULL) && follows)
        cli_die(CLI_USAGE, "--%s and --follow do not go together",
                count != NULL ? "count" : "from");
    if (from != NULL && arguments.asks_ledger)
        cli_die(CLI_USAGE, "--from and --ledger do not go together");
    if (count != NULL)
        last.most = (uint32_t)cli_number("count", count, 1, COUNT_MAX);
    if (follows && arguments.count == 1)
        cli_feed_instrument(&arguments, arguments.positional[0], &facts);
    if (follows)
        follow(&arguments, facts.number);
    else if (arguments.asks_ledger)
        show_read(&arguments, &last);
    else
        show_asked(&arguments, &last, from);
    return CLI_FINE;
}
