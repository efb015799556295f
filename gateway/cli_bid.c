/* tpx bid: bidding for what is on sale. */
#include "gateway/cli_bid.h"

#include "gateway/cli.h"
#include "gateway/cli_admin.h"
#include "gateway/cli_paper.h"
#include "gateway/cli_value.h"

static const struct argp_option DEED_OPTIONS[] = {CLI_DEED_OPTIONS, {0}};

static int place(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .arguments = "LISTING PARTY YUAN",
        .about = "Bids for a listing, for a party that has put down its deposit.\vYUAN is for all "
                 "that is sold: the floor or whole increments above it, then whole increments "
                 "above the highest bid. It binds until somebody bids more.",
        .options = DEED_OPTIONS,
        .count_min = 3,
        .count_max = 3};
    struct cli_arguments arguments;
    struct command command = {.verb = VERB_DEED, .deed.kind = DEED_BID};
    struct bid *bid = &command.deed.bid;
    cli_parse(&arguments, &SPEC, argc, argv);
    bid->listing = cli_id("listing", arguments.positional[0]);
    bid->party = cli_id("party", arguments.positional[1]);
    bid->price_fen = cli_money("price", arguments.positional[2], 1, CLI_AMOUNT_MAX);
    return cli_deed_send(&arguments, &command, NULL);
}

static int withdraw(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .arguments = "LISTING PARTY",
        .about = "Leaves a listing.\vWhile bidders still come in the deposit goes back; later it "
                 "is lost, unless the listing has been suspended for five working days, or for a "
                 "buyer twenty.",
        .options = DEED_OPTIONS,
        .count_min = 2,
        .count_max = 2};
    struct cli_arguments arguments;
    struct command command = {.verb = VERB_DEED, .deed.kind = DEED_LEAVE_LISTING};
    cli_parse(&arguments, &SPEC, argc, argv);
    command.deed.leave_listing.listing = cli_id("listing", arguments.positional[0]);
    command.deed.leave_listing.party = cli_id("party", arguments.positional[1]);
    return cli_deed_send(&arguments, &command, NULL);
}

int cli_bid(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"place", place, "LISTING PARTY YUAN", "bid"},
        {"withdraw", withdraw, "LISTING PARTY", "leave, and lose the deposit or not"},
        {"list", cli_bid_list, "LISTING", "the bidders that the key may see"},
        {0},
    };
    return cli_dispatch(COMMANDS, "tpx bid: bidding for rights on sale.", argc, argv);
}
