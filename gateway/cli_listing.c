/* tpx listing: rights on sale, from the disclosure to the transfer that is registered. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_admin.h"
#include "gateway/cli_listing.h"
#include "gateway/cli_paper.h"
#include "gateway/cli_value.h"

/* A command that is a deed about a listing. */
struct listing_deed {
    struct cli_spec spec;
    uint8_t kind; /* enum deed_kind */
    void (*fill)(const struct cli_arguments *arguments, struct deed *deed);
};

static int send_deed(const struct listing_deed *spec, int argc, char **argv) {
    struct cli_arguments arguments;
    struct command command = {.verb = VERB_DEED};
    cli_parse(&arguments, &spec->spec, argc, argv);
    command.deed.kind = spec->kind;
    spec->fill(&arguments, &command.deed);
    return cli_deed_send(&arguments, &command, NULL);
}

static const struct argp_option DEED_OPTIONS[] = {CLI_DEED_OPTIONS, {0}};

/* --- opening ----------------------------------------------------------------------------------
 */

static const char *const LICENCES[] = {"exclusive", "sole", "ordinary"};

static uint8_t object_of(const char *licence) {
    if (licence == NULL)
        return SALE_TRANSFER;
    for (uint8_t i = 0; i < 3; i++)
        if (strcmp(LICENCES[i], licence) == 0)
            return (uint8_t)(SALE_LICENCE_EXCLUSIVE + i);
    cli_die(CLI_USAGE, "%s: there is no \"%s\"; there are %s", "licence", licence,
            "exclusive, sole, ordinary");
}

/* "7:3" or "7:3:200000": party, its account, and how much it sells */
static void take_seller(struct open_listing *open, const char *text) {
    char part[3][16] = {"", "", ""};
    int count = sscanf(text, "%15[0-9]:%15[0-9]:%15[0-9]", part[0], part[1], part[2]);
    if (open->sellers_count == LISTING_SELLERS_MAX)
        cli_die(CLI_USAGE, "seller: there are at most %d", LISTING_SELLERS_MAX);
    if (count < 2)
        cli_die(CLI_USAGE, "seller: \"%s\" is not PARTY:ACCOUNT or PARTY:ACCOUNT:PPM", text);
    struct listing_seller *seller = &open->sellers[open->sellers_count++];
    seller->party = cli_id("seller", part[0]);
    seller->account = cli_id("account", part[1]);
    seller->ppm =
        count == 3 ? (uint32_t)cli_number("ppm", part[2], 1, RIGHT_WHOLE_PPM) : RIGHT_WHOLE_PPM;
}

static int64_t money_option(const struct cli_arguments *arguments, enum cli_key key,
                            const char *field) {
    const char *text = cli_value(arguments, key);
    return text != NULL ? cli_money(field, text, 1, CLI_AMOUNT_MAX) : 0;
}

/* Seconds. */
static uint32_t period_option(const struct cli_arguments *arguments, enum cli_key key,
                              const char *field) {
    const char *text = cli_value(arguments, key);
    return text != NULL ? (uint32_t)cli_number(field, text, 1, UINT32_MAX / 1000) * 1000 : 0;
}

static uint32_t days_option(const struct cli_arguments *arguments, enum cli_key key,
                            const char *field) {
    const char *text = cli_value(arguments, key);
    return text != NULL ? (uint32_t)cli_number(field, text, 1, UINT32_MAX) : 0;
}

void cli_listing_terms(const struct cli_arguments *arguments, uint32_t place,
                       struct open_listing *open) {
    const char *const *positional = (const char *const *)arguments->positional + place;
    const char *approval = cli_value(arguments, CLI_OPTION_APPROVAL);
    open->floor_fen = cli_money("floor", positional[0], 1, CLI_AMOUNT_MAX);
    open->increment_fen = cli_money("increment", positional[1], 1, CLI_AMOUNT_MAX);
    open->disclosed_until_ns = cli_time("until", positional[2]);
    cli_digest_file(positional[3], open->document);
    open->reserve_fen = money_option(arguments, CLI_OPTION_RESERVE, "reserve");
    open->is_reserve_hidden = cli_value(arguments, CLI_OPTION_HIDDEN) != NULL;
    open->deposit_fen = money_option(arguments, CLI_OPTION_DEPOSIT, "deposit");
    open->free_ms = period_option(arguments, CLI_OPTION_FREE, "free");
    open->timed_ms = period_option(arguments, CLI_OPTION_TIMED, "timed");
    open->hard_stop_ms = period_option(arguments, CLI_OPTION_HARD_STOP, "hard-stop");
    open->notice_ms = period_option(arguments, CLI_OPTION_NOTICE, "notice");
    open->sign_days = days_option(arguments, CLI_OPTION_SIGN_DAYS, "sign-days");
    open->pay_days = days_option(arguments, CLI_OPTION_PAY_DAYS, "pay-days");
    open->is_qualifying = cli_value(arguments, CLI_OPTION_QUALIFYING) != NULL;
    if (approval == NULL)
        return;
    open->approval_bytes = HASH_BYTES;
    cli_digest_file(approval, open->approval);
}

static void fill_open(const struct cli_arguments *arguments, struct deed *deed) {
    struct open_listing *open = &deed->open_listing;
    open->right = cli_id("right", arguments->positional[0]);
    open->mode = BID_MODE_MULTI;
    open->object = object_of(cli_value(arguments, CLI_OPTION_LICENCE));
    cli_listing_terms(arguments, 1, open);
    for (uint32_t i = 5; i < arguments->count; i++)
        take_seller(open, arguments->positional[i]);
}

static int listing_open(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"licence", CLI_OPTION_LICENCE, "KIND", 0, "sell a licence: exclusive, sole, ordinary", 0},
        CLI_LISTING_OPTIONS,
        CLI_DEED_OPTIONS,
        {0},
    };
    static const struct listing_deed SPEC = {
        .spec = {.arguments = "RIGHT FLOOR INCREMENT UNTIL DOCUMENT SELLER:ACCOUNT[:PPM]...",
                 .about = "Puts a right on sale: bidders come in until the time UNTIL, then they "
                          "bid.\vRIGHT is its number here, FLOOR and INCREMENT are yuan, a SELLER "
                          "is a party's number with its account for the proceeds. Of the file "
                          "DOCUMENT, what is disclosed, the digest is recorded. Every owner of "
                          "the right signs (--sign).",
                 .options = OPTIONS,
                 .count_min = 6,
                 .count_max = 5 + LISTING_SELLERS_MAX},
        .kind = DEED_OPEN_LISTING,
        .fill = fill_open};
    return send_deed(&SPEC, argc, argv);
}

/* --- bidders ----------------------------------------------------------------------------------
 */

static void fill_deposit(const struct cli_arguments *arguments, struct deed *deed) {
    struct join_listing *join = &deed->join_listing;
    join->listing = cli_id("listing", arguments->positional[0]);
    join->party = cli_id("party", arguments->positional[1]);
    join->account = cli_account_number(arguments);
}

static int listing_deposit(int argc, char **argv) {
    static const struct listing_deed SPEC = {
        .spec = {.arguments = "LISTING PARTY",
                 .about = "Makes a party a bidder: the deposit is taken from the account "
                          "(--account), and returns there if another one wins.",
                 .options = DEED_OPTIONS,
                 .count_min = 2,
                 .count_max = 2},
        .kind = DEED_JOIN_LISTING,
        .fill = fill_deposit};
    return send_deed(&SPEC, argc, argv);
}

static void fill_qualify(const struct cli_arguments *arguments, struct deed *deed) {
    struct qualify_bidder *qualify = &deed->qualify_bidder;
    qualify->listing = cli_id("listing", arguments->positional[0]);
    qualify->party = cli_id("party", arguments->positional[1]);
    qualify->is_qualified = true;
}

static int listing_qualify(int argc, char **argv) {
    static const struct listing_deed SPEC = {
        .spec = {.arguments = "LISTING PARTY",
                 .about = "Admits a bidder to a listing that asks for it.",
                 .options = DEED_OPTIONS,
                 .count_min = 2,
                 .count_max = 2},
        .kind = DEED_QUALIFY_BIDDER,
        .fill = fill_qualify};
    return send_deed(&SPEC, argc, argv);
}

static void fill_bar(const struct cli_arguments *arguments, struct deed *deed) {
    fill_qualify(arguments, deed);
    deed->qualify_bidder.is_qualified = false;
    deed->qualify_bidder.is_forfeit = cli_value(arguments, CLI_OPTION_FORFEIT) != NULL;
}

static int listing_bar(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"forfeit", CLI_OPTION_FORFEIT, NULL, 0, "for collusion: the deposit is lost", 0},
        CLI_DEED_OPTIONS,
        {0},
    };
    static const struct listing_deed SPEC = {
        .spec = {.arguments = "LISTING PARTY",
                 .about = "Sends a bidder away; the deposit goes back unless --forfeit is said.",
                 .options = OPTIONS,
                 .count_min = 2,
                 .count_max = 2},
        .kind = DEED_QUALIFY_BIDDER,
        .fill = fill_bar};
    return send_deed(&SPEC, argc, argv);
}

/* --- the sale ---------------------------------------------------------------------------------
 */

static void fill_sign(const struct cli_arguments *arguments, struct deed *deed) {
    deed->sign_sale.listing = cli_id("listing", arguments->positional[0]);
    deed->sign_sale.party = cli_id("party", arguments->positional[1]);
    cli_digest_file(arguments->positional[2], deed->sign_sale.document);
}

static int listing_sign(int argc, char **argv) {
    static const struct listing_deed SPEC = {
        .spec = {.arguments = "LISTING PARTY CONTRACT",
                 .about = "Signs the contract of an awarded listing, each side for itself "
                          "(--sign): of the file CONTRACT the digest is recorded, and it must be "
                          "the same for all.",
                 .options = DEED_OPTIONS,
                 .count_min = 3,
                 .count_max = 3},
        .kind = DEED_SIGN_SALE,
        .fill = fill_sign};
    return send_deed(&SPEC, argc, argv);
}

static void fill_pay(const struct cli_arguments *arguments, struct deed *deed) {
    deed->pay_sale.listing = cli_id("listing", arguments->positional[0]);
    deed->pay_sale.account = cli_account_number(arguments);
}

static int listing_pay(int argc, char **argv) {
    static const struct listing_deed SPEC = {
        .spec = {.arguments = "LISTING",
                 .about = "Pays the rest of the price from the account (--account) into escrow.",
                 .options = DEED_OPTIONS,
                 .count_min = 1,
                 .count_max = 1},
        .kind = DEED_PAY_SALE,
        .fill = fill_pay};
    return send_deed(&SPEC, argc, argv);
}

static void fill_certify(const struct cli_arguments *arguments, struct deed *deed) {
    deed->certify_sale.listing = cli_id("listing", arguments->positional[0]);
}

static int listing_certify(int argc, char **argv) {
    static const struct listing_deed SPEC = {
        .spec = {.arguments = "LISTING",
                 .about = "Gives the transaction certificate of a paid listing its number.",
                 .options = DEED_OPTIONS,
                 .count_min = 1,
                 .count_max = 1},
        .kind = DEED_CERTIFY_SALE,
        .fill = fill_certify};
    return send_deed(&SPEC, argc, argv);
}

static void fill_register(const struct cli_arguments *arguments, struct deed *deed) {
    struct register_sale *entry = &deed->register_sale;
    const char *number = cli_value(arguments, CLI_OPTION_OFFICE_NUMBER);
    entry->listing = cli_id("listing", arguments->positional[0]);
    entry->effective_ns = cli_time("effective", arguments->positional[1]);
    cli_digest_file(arguments->positional[2], entry->document);
    if (number == NULL)
        return;
    entry->number_bytes = (uint8_t)cli_text("number", number, SALE_NUMBER_BYTES_MAX);
    memcpy(entry->number, number, entry->number_bytes);
}

static int listing_register(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"office-number", CLI_OPTION_OFFICE_NUMBER, "TEXT", 0,
         "under which the office has registered it; not where TPX is the office", 0},
        CLI_DEED_OPTIONS,
        {0},
    };
    static const struct listing_deed SPEC = {
        .spec = {.arguments = "LISTING EFFECTIVE DOCUMENT",
                 .about = "Enters that the office has registered the transfer: in one record the "
                          "price is paid out and the right is the buyer's.\vEFFECTIVE is since "
                          "when; of the file DOCUMENT the digest is recorded.",
                 .options = OPTIONS,
                 .count_min = 3,
                 .count_max = 3},
        .kind = DEED_REGISTER_SALE,
        .fill = fill_register};
    return send_deed(&SPEC, argc, argv);
}

/* --- suspensions ------------------------------------------------------------------------------
 */

static void fill_mark(const struct cli_arguments *arguments, struct deed *deed) {
    deed->mark_listing.listing = cli_id("listing", arguments->positional[0]);
    cli_digest_file(arguments->positional[1], deed->mark_listing.document);
}

#define MARK(its_kind, what)                                                                       \
    {                                                                                              \
        .spec = {.arguments = "LISTING DOCUMENT",                                                  \
                 .about = what "\vOf the file DOCUMENT, on which it rests, the digest is "         \
                               "recorded.",                                                        \
                 .options = DEED_OPTIONS,                                                          \
                 .count_min = 2,                                                                   \
                 .count_max = 2},                                                                  \
        .kind = (its_kind), .fill = fill_mark                                                      \
    }

static int listing_suspend(int argc, char **argv) {
    static const struct listing_deed SPEC = MARK(DEED_SUSPEND_LISTING, "Suspends a listing.");
    return send_deed(&SPEC, argc, argv);
}

static int listing_resume(int argc, char **argv) {
    static const struct listing_deed SPEC =
        MARK(DEED_RESUME_LISTING, "Lets a suspended listing go on: where it stood begins anew.");
    return send_deed(&SPEC, argc, argv);
}

static int listing_end(int argc, char **argv) {
    static const struct listing_deed SPEC =
        MARK(DEED_END_LISTING, "Ends a listing before its time: everything goes back.");
    return send_deed(&SPEC, argc, argv);
}

int cli_listing(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"open", listing_open, "RIGHT FLOOR ...", "put a right on sale"},
        {"list", cli_listing_list, "[RIGHT]", "what is or was on sale"},
        {"show", cli_listing_show, "LISTING", "how one stands, once or as it changes"},
        {"deposit", listing_deposit, "LISTING PARTY", "become a bidder"},
        {"qualify", listing_qualify, "LISTING PARTY", "admit a bidder"},
        {"bar", listing_bar, "LISTING PARTY", "send a bidder away"},
        {"sign", listing_sign, "LISTING PARTY CONTRACT", "sign the contract"},
        {"pay", listing_pay, "LISTING", "pay the price into escrow"},
        {"certify", listing_certify, "LISTING", "number the transaction certificate"},
        {"register", listing_register, "LISTING EFFECTIVE DOCUMENT", "deliver and pay out"},
        {"suspend", listing_suspend, "LISTING DOCUMENT", "suspend it"},
        {"resume", listing_resume, "LISTING DOCUMENT", "let it go on"},
        {"end", listing_end, "LISTING DOCUMENT", "end it before its time"},
        {0},
    };
    return cli_dispatch(COMMANDS, "tpx listing: rights on sale by timed bidding.", argc, argv);
}
