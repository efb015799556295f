/* tpx listing list, tpx listing show, tpx bid list: how sales stand. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_admin.h"
#include "gateway/cli_bid.h"
#include "gateway/cli_feed.h"
#include "gateway/cli_listing.h"
#include "gateway/cli_query.h"
#include "gateway/cli_value.h"
#include "gateway/client.h"
#include "gateway/wording.h"

const char *cli_listing_state(uint8_t state) {
    static const char *const NAMES[LISTING_STATES_END] = {
        [LISTING_DRAFT] = "DRAFT",
        [LISTING_REVIEW] = "REVIEW",
        [LISTING_DISCLOSED] = "DISCLOSED",
        [LISTING_EXTENDED] = "EXTENDED",
        [LISTING_NO_BIDDER] = "NO_BIDDER",
        [LISTING_ONE_BIDDER] = "ONE_BIDDER",
        [LISTING_AGREEMENT] = "AGREEMENT",
        [LISTING_FREE] = "FREE",
        [LISTING_TIMED] = "TIMED",
        [LISTING_AWARDED] = "AWARDED",
        [LISTING_FAILED] = "FAILED",
        [LISTING_CONTRACTED] = "CONTRACTED",
        [LISTING_PAID] = "PAID",
        [LISTING_CERTIFIED] = "CERTIFIED",
        [LISTING_TRANSFER_REGISTERED] = "TRANSFER_REGISTERED",
        [LISTING_SUSPENDED] = "SUSPENDED",
        [LISTING_TERMINATED] = "TERMINATED",
    };
    return state < LISTING_STATES_END && NAMES[state] != NULL ? NAMES[state] : "?";
}

/* --- tables -----------------------------------------------------------------------------------
 */

/* An amount, or nothing where there is none. */
static void put_money(struct cli_output *output, int64_t fen) {
    if (fen != 0)
        cli_table_money(output, fen);
    else
        cli_table_both(output, "", "0");
}

static void put_time(struct cli_output *output, int64_t time_ns) {
    char shown[CLI_VALUE_BYTES_MAX] = "";
    char number[CLI_VALUE_BYTES_MAX];
    snprintf(number, sizeof number, "%" PRId64, time_ns);
    cli_table_both(output, time_ns != 0 ? cli_time_text(shown, time_ns) : "", number);
}

static void put_listing(struct cli_output *output, const struct answer_row *row) {
    const struct listing_view *view = &row->listing.view;
    bool takes_bids = view->state == LISTING_FREE || view->state == LISTING_TIMED;
    cli_table_small(output, row->listing.listing);
    cli_table_small(output, view->asset);
    cli_table_number(output, view->units);
    cli_table_text(output, cli_listing_state(view->state));
    cli_table_text(output, view->was != 0 ? cli_listing_state(view->was) : "");
    cli_table_money(output, view->floor_fen);
    cli_table_money(output, view->increment_fen);
    cli_table_money(output, view->deposit_fen);
    put_money(output, view->high_fen);
    put_money(output, takes_bids ? view->least_fen : 0);
    cli_table_small(output, view->bids);
    cli_table_small(output, view->bidders);
    put_time(output, view->deadline_ns);
    cli_table_small(output, view->certificate);
}

static const struct cli_column LISTING_COLUMNS[] = {
    {"listing", "listing"},   {"asset", "right"},        {"units", "ppm"},
    {"state", "state"},       {"stage", "stage"},        {"floor", "floor"},
    {"increment", "raise"},   {"deposit", "deposit"},    {"high", "high"},
    {"least", "least"},       {"bids", "bids"},          {"bidders", "bidders"},
    {"deadline", "deadline"}, {"certificate", "number"},
};

static const struct cli_column BIDDER_COLUMNS[] = {
    {"listing", "listing"}, {"party", "party"}, {"account", "account"},
    {"deposit", "deposit"}, {"bid", "bid"},     {"state", "state"},
};

static void put_bidder(struct cli_output *output, const struct answer_row *row) {
    const struct bidder_view *view = &row->bidder;
    cli_table_small(output, view->listing);
    cli_table_small(output, view->party);
    cli_table_small(output, view->account);
    put_money(output, view->deposit_fen);
    put_money(output, view->bid_fen);
    cli_table_text(output, !view->is_in         ? "gone"
                           : view->is_qualified ? "qualified"
                                                : "not admitted");
}

#define COLUMNS(columns) (columns), sizeof(columns) / sizeof(columns)[0]

static void show_listings(const struct cli_arguments *arguments, const struct query *query) {
    struct cli_source *source = cli_source_open(arguments);
    struct cli_output *output = cli_output_create(arguments->is_json);
    struct answer_row row;
    cli_source_ask(source, query);
    cli_source_as_of(source, output);
    cli_table_begin(output, "listings", COLUMNS(LISTING_COLUMNS));
    while (cli_source_row(source, &row))
        put_listing(output, &row);
    cli_output_end(output);
    cli_source_close(source);
}

int cli_listing_list(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_STATE,
        .arguments = "[RIGHT]",
        .about = "Lists what is or was on sale, of one right or of all.\vThe exchange is asked at "
                 "its query endpoint. With --ledger a ledger is replayed instead.",
        .count_max = 1};
    struct cli_arguments arguments;
    struct query query = {.kind = QUERY_LISTINGS};
    cli_parse(&arguments, &SPEC, argc, argv);
    if (arguments.count == 1)
        query.listings.right = cli_id("right", arguments.positional[0]);
    show_listings(&arguments, &query);
    return CLI_FINE;
}

int cli_bid_list(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_STATE,
        .arguments = "LISTING",
        .about = "Lists the bidders of a listing that the key may see, who bids its own alone: "
                 "deposit, and the highest bid that stands.",
        .count_min = 1,
        .count_max = 1};
    struct cli_arguments arguments;
    struct query query = {.kind = QUERY_BIDDERS};
    struct answer_row row;
    cli_parse(&arguments, &SPEC, argc, argv);
    query.bidders.listing = cli_id("listing", arguments.positional[0]);
    struct cli_source *source = cli_source_open(&arguments);
    struct cli_output *output = cli_output_create(arguments.is_json);
    cli_source_ask(source, &query);
    cli_source_as_of(source, output);
    cli_table_begin(output, "bidders", COLUMNS(BIDDER_COLUMNS));
    while (cli_source_row(source, &row))
        put_bidder(output, &row);
    cli_output_end(output);
    cli_source_close(source);
    return CLI_FINE;
}

/* --- as it changes ----------------------------------------------------------------------------
 */

static bool print_change(const struct cli_arguments *arguments, const struct report *report) {
    const struct listing_notice *notice = &report->listing;
    const char *reason = notice->reason != 0 ? client_reason_name(notice->reason) : "";
    char time[CLI_VALUE_BYTES_MAX];
    char deadline[CLI_VALUE_BYTES_MAX] = "";
    char high[CLI_VALUE_BYTES_MAX] = "";
    if (arguments->is_json)
        return cli_follow_json(json_pack(
            "{s:o, s:o, s:i, s:s, s:s, s:o, s:i, s:o, s:s}", "sequence",
            cli_json_number(report->sequence), "time", cli_json_signed(report->time_ns), "listing",
            (int)notice->listing, "state", cli_listing_state(notice->state), "stage",
            cli_listing_state(notice->stage), "high", cli_json_signed(notice->high_fen), "bids",
            (int)notice->bids, "deadline", cli_json_signed(notice->deadline_ns), "reason", reason));
    if (notice->high_fen != 0)
        cli_money_text(high, notice->high_fen);
    if (notice->deadline_ns != 0)
        cli_time_text(deadline, notice->deadline_ns);
    printf("%s  %-6" PRIu32 " %-20s %14s  %-30s %s\n", cli_time_text(time, report->time_ns),
           notice->listing, wording(cli_listing_state(notice->state)), high, deadline, reason);
    return fflush(stdout) == 0;
}

/* Listings are told on every channel of the feed; one is enough. */
static void watch(const struct cli_arguments *arguments, uint32_t listing) {
    struct feed_client *client = cli_feed_open(arguments);
    struct feed_item item;
    bool goes_on = true;
    cli_follow_begin();
    feed_client_listen(client, 0);
    while (goes_on && !cli_follow_is_over()) {
        cli_feed_poll(client, arguments, 1000, &item);
        if (item.kind == FEED_EVENT && item.report.body == REPORT_LISTING &&
            item.report.listing.listing == listing)
            goes_on = print_change(arguments, &item.report);
    }
    feed_client_close(client);
}

int cli_listing_show(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"watch", CLI_OPTION_WATCH, NULL, 0,
         "go on with a line for each change, from the feed, until Ctrl-C", 0},
        {0},
    };
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_STATE,
        .arguments = "LISTING",
        .about = "Shows how a listing stands: highest bid, the least that may be bid, deadline.",
        .options = OPTIONS,
        .count_min = 1,
        .count_max = 1};
    struct cli_arguments arguments;
    struct query query = {.kind = QUERY_LISTINGS};
    cli_parse(&arguments, &SPEC, argc, argv);
    query.listings.listing = cli_id("listing", arguments.positional[0]);
    show_listings(&arguments, &query);
    if (cli_value(&arguments, CLI_OPTION_WATCH) != NULL)
        watch(&arguments, query.listings.listing);
    return CLI_FINE;
}
