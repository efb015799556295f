/* tpx pledge: applications, registrations, and what becomes of them. */
#include "gateway/cli_pledge.h"

#include <stdio.h>
#include <string.h>

#include "engine/extract.h"
#include "engine/reason.h"
#include "gateway/cli.h"
#include "gateway/cli_admin.h"
#include "gateway/cli_certificate.h"
#include "gateway/cli_listing.h"
#include "gateway/cli_paper.h"
#include "gateway/cli_value.h"
#include "proto/tpx.pb-c.h"

static const struct argp_option DEED_OPTIONS[] = {CLI_DEED_OPTIONS, {0}};

int cli_pledge_send(const struct cli_pledge_deed *spec, int argc, char **argv) {
    struct cli_arguments arguments;
    struct command command = {.verb = VERB_DEED};
    struct cli_spec taken = spec->spec;
    if (taken.options == NULL)
        taken.options = DEED_OPTIONS;
    cli_parse(&arguments, &taken, argc, argv);
    command.deed.kind = spec->kind;
    spec->fill(&arguments, &command.deed);
    return cli_deed_send(&arguments, &command, NULL);
}

/* --- names -------------------------------------------------------------------------------------
 */

static const char *const OFFICES[] = {"tpx", "cnipa", "cpcc", "csdc", "company"};
const struct cli_pledge_names CLI_PLEDGE_OFFICES = {"office", OFFICES, 5,
                                                    "tpx, cnipa, cpcc, csdc, company"};
static const char *const CLASSES[] = {"patent",         "copyright", "trademark",
                                      "company_equity", "licence",   "shares"};
static const struct cli_pledge_names CLASS_NAMES = {
    "kind", CLASSES, 6, "patent, copyright, trademark, company_equity, licence, shares"};

uint32_t cli_pledge_name(const struct cli_pledge_names *names, const char *text) {
    for (uint32_t i = 0; i < names->count; i++)
        if (strcmp(names->list[i], text) == 0)
            return i + 1;
    cli_die(CLI_USAGE, "%s: there is no \"%s\"; there are %s", names->field, text, names->all);
}

uint32_t cli_pledge_set(const struct cli_pledge_names *names, const char *text) {
    char each[256];
    char *rest = NULL;
    uint32_t set = 0;
    snprintf(each, sizeof each, "%s", text);
    for (char *name = strtok_r(each, ",", &rest); name != NULL; name = strtok_r(NULL, ",", &rest))
        set |= 1u << (cli_pledge_name(names, name) - 1);
    return set;
}

/* The number of a reason by its name, in any case. */
static uint16_t reason_of(const char *text) {
    for (unsigned i = 0; i < tpx__reason__descriptor.n_values; i++) {
        const ProtobufCEnumValue *value = &tpx__reason__descriptor.values[i];
        if (value->value != 0 && strcasecmp(value->name + strlen("REASON_"), text) == 0)
            return (uint16_t)value->value;
    }
    cli_die(CLI_USAGE, "reason: there is no \"%s\"; proto/README.md lists them", text);
}

static uint32_t pledge_of(const struct cli_arguments *arguments) {
    return cli_id("pledge", arguments->positional[0]);
}

/* --- to the registration -----------------------------------------------------------------------
 */

static void fill_review(const struct cli_arguments *arguments, struct deed *deed) {
    deed->pledge_review.pledge = pledge_of(arguments);
    deed->pledge_review.is_deficient = cli_value(arguments, CLI_OPTION_IN_ORDER) == NULL;
    cli_digest_file(arguments->positional[1], deed->pledge_review.document);
}

static int review(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        CLI_DEED_OPTIONS,
        {"in-order", CLI_OPTION_IN_ORDER, NULL, 0, "what was missing has come", 0},
        {0},
    };
    static const struct cli_pledge_deed SPEC = {
        .spec = {.arguments = "PLEDGE DOCUMENT",
                 .about = "Says that an application lacks something (the file DOCUMENT says what), "
                          "or, with --in-order, that it has come. The registrar's days then begin "
                          "again.",
                 .options = OPTIONS,
                 .count_min = 2,
                 .count_max = 2},
        .kind = DEED_PLEDGE_REVIEW,
        .fill = fill_review};
    return cli_pledge_send(&SPEC, argc, argv);
}

static void fill_plain(const struct cli_arguments *arguments, struct deed *deed) {
    deed->pledge_plain.pledge = pledge_of(arguments);
}

static int enter(int argc, char **argv) {
    static const struct cli_pledge_deed SPEC = {
        .spec = {.arguments = "PLEDGE",
                 .about = "Registers a pledge that both sides have signed: all checks run again.",
                 .count_min = 1,
                 .count_max = 1},
        .kind = DEED_PLEDGE_REGISTER,
        .fill = fill_plain};
    return cli_pledge_send(&SPEC, argc, argv);
}

static void fill_refuse(const struct cli_arguments *arguments, struct deed *deed) {
    deed->pledge_refuse.pledge = pledge_of(arguments);
    deed->pledge_refuse.reason = reason_of(arguments->positional[1]);
    cli_digest_file(arguments->positional[2], deed->pledge_refuse.document);
}

static int refuse(int argc, char **argv) {
    static const struct cli_pledge_deed SPEC = {
        .spec = {.arguments = "PLEDGE REASON DOCUMENT",
                 .about = "Refuses an application: REASON is a reason's name, as fee_unpaid; of "
                          "the file DOCUMENT the digest is recorded.",
                 .count_min = 3,
                 .count_max = 3},
        .kind = DEED_PLEDGE_REFUSE,
        .fill = fill_refuse};
    return cli_pledge_send(&SPEC, argc, argv);
}

static int withdraw(int argc, char **argv) {
    static const struct cli_pledge_deed SPEC = {
        .spec = {.arguments = "PLEDGE",
                 .about = "Withdraws an application, signed by either side.",
                 .count_min = 1,
                 .count_max = 1},
        .kind = DEED_PLEDGE_WITHDRAW,
        .fill = fill_plain};
    return cli_pledge_send(&SPEC, argc, argv);
}

/* --- changes -----------------------------------------------------------------------------------
 */

/* "2:500000" */
static struct pledge_part part_of(const char *text) {
    char item[16];
    const char *colon = strchr(text, ':');
    if (colon == NULL)
        cli_die(CLI_USAGE, "item: as 2:500000, its place in the pledge and units");
    snprintf(item, sizeof item, "%.*s", (int)(colon - text), text);
    return (struct pledge_part){.item = cli_id("item", item),
                                .units = cli_number("units", colon + 1, 1, INT64_MAX)};
}

static void fill_release(const struct cli_arguments *arguments, struct deed *deed) {
    struct pledge_release *release = &deed->pledge_release;
    release->pledge = pledge_of(arguments);
    for (uint32_t i = 1; i < arguments->count; i++)
        release->parts[release->parts_count++] = part_of(arguments->positional[i]);
}

static int release(int argc, char **argv) {
    static const struct cli_pledge_deed SPEC = {
        .spec = {.arguments = "PLEDGE [ITEM:UNITS...]",
                 .about = "Releases a pledge, or so many units of its items; signed by the "
                          "pledgee, or by the pledgor where the terms allow it.",
                 .count_min = 1,
                 .count_max = CLI_POSITIONALS_MAX},
        .kind = DEED_PLEDGE_RELEASE,
        .fill = fill_release};
    return cli_pledge_send(&SPEC, argc, argv);
}

static void fill_assign(const struct cli_arguments *arguments, struct deed *deed) {
    deed->pledge_assign.pledge = pledge_of(arguments);
    deed->pledge_assign.pledgee = cli_id("pledgee", arguments->positional[1]);
    cli_digest_file(arguments->positional[2], deed->pledge_assign.terms);
}

static int assign(int argc, char **argv) {
    static const struct cli_pledge_deed SPEC = {
        .spec = {.arguments = "PLEDGE PLEDGEE TERMS",
                 .about = "Notes that a loan was sold: the party PLEDGEE holds the pledge, number "
                          "and rank stay. Both sign.\vOf the file TERMS, which should begin with "
                          "a salt, the digest is recorded and public.",
                 .count_min = 3,
                 .count_max = 3},
        .kind = DEED_PLEDGE_ASSIGN,
        .fill = fill_assign};
    return cli_pledge_send(&SPEC, argc, argv);
}

static void fill_succeed(const struct cli_arguments *arguments, struct deed *deed) {
    deed->pledge_succeed.party = cli_id("party", arguments->positional[0]);
    deed->pledge_succeed.successor = cli_id("successor", arguments->positional[1]);
    cli_digest_file(arguments->positional[2], deed->pledge_succeed.document);
}

static int succeed(int argc, char **argv) {
    static const struct cli_pledge_deed SPEC = {
        .spec = {.arguments = "PARTY SUCCESSOR DOCUMENT",
                 .about = "Moves the pledges of a party that was merged into another; its number "
                          "stays an alias, its keys sign for the successor.",
                 .count_min = 3,
                 .count_max = 3},
        .kind = DEED_PLEDGE_SUCCEED,
        .fill = fill_succeed};
    return cli_pledge_send(&SPEC, argc, argv);
}

static void fill_revoke(const struct cli_arguments *arguments, struct deed *deed) {
    deed->pledge_revoke.pledge = pledge_of(arguments);
    cli_digest_file(arguments->positional[1], deed->pledge_revoke.document);
}

static int revoke(int argc, char **argv) {
    static const struct cli_pledge_deed SPEC = {.spec = {.arguments = "PLEDGE DOCUMENT",
                                                         .about = "Revokes a registration.",
                                                         .count_min = 2,
                                                         .count_max = 2},
                                                .kind = DEED_PLEDGE_REVOKE,
                                                .fill = fill_revoke};
    return cli_pledge_send(&SPEC, argc, argv);
}

static void fill_determine(const struct cli_arguments *arguments, struct deed *deed) {
    deed->pledge_determine.pledge = pledge_of(arguments);
    deed->pledge_determine.amount_fen =
        cli_money("amount", arguments->positional[1], 1, CLI_AMOUNT_MAX);
    cli_digest_file(arguments->positional[2], deed->pledge_determine.document);
}

static int determine(int argc, char **argv) {
    static const struct cli_pledge_deed SPEC = {
        .spec = {.arguments = "PLEDGE YUAN DOCUMENT",
                 .about = "Fixes what a maximum-amount pledge secures, from its day on; both sign.",
                 .count_min = 3,
                 .count_max = 3},
        .kind = DEED_PLEDGE_DETERMINE,
        .fill = fill_determine};
    return cli_pledge_send(&SPEC, argc, argv);
}

/* --- ranks -------------------------------------------------------------------------------------
 */

/* "coowner", "swap:8", "increase:1000.00", "correction:1000.00" */
static void take_matter(struct pledge_assent *assent, const char *text) {
    static const char *const MATTERS[] = {"coowner", "swap", "increase", "correction"};
    static const struct cli_pledge_names NAMES = {
        "matter", MATTERS, 4, "coowner, swap:PLEDGE, increase:YUAN, correction:YUAN"};
    char name[32];
    const char *colon = strchr(text, ':');
    snprintf(name, sizeof name, "%.*s", colon != NULL ? (int)(colon - text) : 31, text);
    assent->matter = (uint8_t)cli_pledge_name(&NAMES, name);
    bool has_value = assent->matter != PLEDGE_MATTER_COOWNER;
    if (has_value != (colon != NULL))
        cli_die(CLI_USAGE, "matter: %s", NAMES.all);
    if (assent->matter == PLEDGE_MATTER_SWAP)
        assent->other = cli_id("pledge", colon + 1);
    else if (has_value)
        assent->amount_fen = cli_money("amount", colon + 1, 1, CLI_AMOUNT_MAX);
}

static void fill_assent(const struct cli_arguments *arguments, struct deed *deed) {
    deed->pledge_assent.pledge = pledge_of(arguments);
    deed->pledge_assent.party = cli_id("party", arguments->positional[1]);
    take_matter(&deed->pledge_assent, arguments->positional[2]);
}

static int assent(int argc, char **argv) {
    static const struct cli_pledge_deed SPEC = {
        .spec = {.arguments = "PLEDGE PARTY MATTER",
                 .about = "A party's yes to what may harm it, signed by it.\vMATTERs: coowner, "
                          "swap:PLEDGE, increase:YUAN, correction:YUAN.",
                 .count_min = 3,
                 .count_max = 3},
        .kind = DEED_PLEDGE_ASSENT,
        .fill = fill_assent};
    return cli_pledge_send(&SPEC, argc, argv);
}

/* "right:7" or "shares:1" */
static void fill_swap(const struct cli_arguments *arguments, struct deed *deed) {
    struct pledge_swap *swap = &deed->pledge_swap;
    const char *asset = arguments->positional[2];
    swap->pledge = pledge_of(arguments);
    swap->other = cli_id("pledge", arguments->positional[1]);
    if (strncmp(asset, "right:", 6) == 0) {
        swap->asset_kind = ASSET_RIGHT;
        swap->asset = cli_id("right", asset + 6);
    } else if (strncmp(asset, "shares:", 7) == 0) {
        swap->asset_kind = ASSET_HOLDING;
        swap->asset = cli_instrument(arguments, asset + 7);
    } else {
        cli_die(CLI_USAGE, "asset: right:NUMBER or shares:INSTRUMENT");
    }
}

static int swap(int argc, char **argv) {
    static const struct cli_pledge_deed SPEC = {
        .spec = {.arguments = "PLEDGE OTHER ASSET",
                 .about = "Swaps the ranks of two pledges on one asset (right:7, shares:HX), when "
                          "everyone whom it harms has assented.",
                 .count_min = 3,
                 .count_max = 3},
        .kind = DEED_PLEDGE_SWAP,
        .fill = fill_swap};
    return cli_pledge_send(&SPEC, argc, argv);
}

/* --- offices and rules -------------------------------------------------------------------------
 */

static void fill_confirm(const struct cli_arguments *arguments, struct deed *deed) {
    struct pledge_confirm *confirm = &deed->pledge_confirm;
    const char *effective = cli_value(arguments, CLI_OPTION_EFFECTIVE);
    confirm->pledge = pledge_of(arguments);
    confirm->office = (uint8_t)cli_pledge_name(&CLI_PLEDGE_OFFICES, arguments->positional[1]);
    confirm->number_bytes =
        (uint8_t)cli_text("number", arguments->positional[2], AUTHORITY_NUMBER_BYTES_MAX);
    memcpy(confirm->number, arguments->positional[2], confirm->number_bytes);
    cli_digest_file(arguments->positional[3], confirm->document);
    confirm->standing = effective != NULL ? STANDING_EFFECTIVE : STANDING_FILED;
    confirm->effective_ns = effective != NULL ? cli_time("effective", effective) : 0;
}

static int confirm(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        CLI_DEED_OPTIONS,
        {"effective", CLI_OPTION_EFFECTIVE, "TIME", 0, "registered there since then; else filed",
         0},
        {0},
    };
    static const struct cli_pledge_deed SPEC = {
        .spec = {.arguments = "PLEDGE OFFICE NUMBER DOCUMENT",
                 .about = "Enters what an office has registered: its number, its time, and the "
                          "digest of its document. The rank goes by that time.\vOFFICEs: cnipa, "
                          "cpcc, csdc, company.",
                 .options = OPTIONS,
                 .count_min = 4,
                 .count_max = 4},
        .kind = DEED_PLEDGE_CONFIRM,
        .fill = fill_confirm};
    return cli_pledge_send(&SPEC, argc, argv);
}

static void fill_compare(const struct cli_arguments *arguments, struct deed *deed) {
    static const char *const RESULTS[] = {"agrees", "stale", "conflict"};
    static const struct cli_pledge_names NAMES = {"result", RESULTS, 3, "agrees, stale, conflict"};
    struct pledge_compare *compare = &deed->pledge_compare;
    compare->pledge = pledge_of(arguments);
    compare->office = (uint8_t)cli_pledge_name(&CLI_PLEDGE_OFFICES, arguments->positional[1]);
    compare->standing =
        (uint8_t)(STANDING_EFFECTIVE - 1 + cli_pledge_name(&NAMES, arguments->positional[2]));
    cli_digest_file(arguments->positional[3], compare->document);
}

static int compare(int argc, char **argv) {
    static const struct cli_pledge_deed SPEC = {
        .spec = {.arguments = "PLEDGE OFFICE RESULT EXTRACT",
                 .about = "Notes that an office's extract was compared with this entry. RESULTs: "
                          "agrees, stale, conflict: then the office wins, and dealings stop.",
                 .count_min = 4,
                 .count_max = 4},
        .kind = DEED_PLEDGE_COMPARE,
        .fill = fill_compare};
    return cli_pledge_send(&SPEC, argc, argv);
}

static void fill_rule(const struct cli_arguments *arguments, struct deed *deed) {
    static const char *const OFTEN[] = {"once", "often"};
    static const struct cli_pledge_names NAMES = {"pledged", OFTEN, 2, "once, often"};
    struct pledge_rule_set *set = &deed->pledge_rule_set;
    set->kind = (uint8_t)cli_pledge_name(&CLASS_NAMES, arguments->positional[0]);
    set->allows_multi = cli_pledge_name(&NAMES, arguments->positional[1]) == 2;
    set->review_days = (uint32_t)cli_number("review", arguments->positional[2], 1, UINT32_MAX);
    set->hold_days = (uint32_t)cli_number("hold", arguments->positional[3], 1, UINT32_MAX);
    set->from = cli_date("from", arguments->positional[4]);
}

static int rule(int argc, char **argv) {
    static const struct cli_pledge_deed SPEC = {
        .spec = {.arguments = "KIND once|often REVIEW HOLD FROM",
                 .about = "Sets whether what is pledged may be pledged again, and the working days "
                          "of the review and of a hold, from a day on.\vKINDs: patent, copyright, "
                          "trademark, company_equity, licence, shares.",
                 .count_min = 5,
                 .count_max = 5},
        .kind = DEED_PLEDGE_RULE,
        .fill = fill_rule};
    return cli_pledge_send(&SPEC, argc, argv);
}

/* --- default -----------------------------------------------------------------------------------
 */

static void fill_default(const struct cli_arguments *arguments, struct deed *deed) {
    struct pledge_default *owed = &deed->pledge_default;
    owed->pledge = pledge_of(arguments);
    owed->costs_fen = cli_money("costs", arguments->positional[1], 0, CLI_AMOUNT_MAX);
    owed->interest_fen = cli_money("interest", arguments->positional[2], 0, CLI_AMOUNT_MAX);
    owed->principal_fen = cli_money("principal", arguments->positional[3], 0, CLI_AMOUNT_MAX);
    cli_digest_file(arguments->positional[4], owed->document);
}

static int default_(int argc, char **argv) {
    static const struct cli_pledge_deed SPEC = {
        .spec = {.arguments = "PLEDGE COSTS INTEREST PRINCIPAL DOCUMENT",
                 .about = "States that the debtor has defaulted, and what is owed, in yuan; signed "
                          "by the pledgee. Enforcement may begin.",
                 .count_min = 5,
                 .count_max = 5},
        .kind = DEED_PLEDGE_DEFAULT,
        .fill = fill_default};
    return cli_pledge_send(&SPEC, argc, argv);
}

static void fill_cure(const struct cli_arguments *arguments, struct deed *deed) {
    deed->pledge_cure.pledge = pledge_of(arguments);
    cli_digest_file(arguments->positional[1], deed->pledge_cure.document);
}

static int cure(int argc, char **argv) {
    static const struct cli_pledge_deed SPEC = {
        .spec = {.arguments = "PLEDGE DOCUMENT",
                 .about = "States that the default is over; signed by the pledgee.",
                 .count_min = 2,
                 .count_max = 2},
        .kind = DEED_PLEDGE_CURE,
        .fill = fill_cure};
    return cli_pledge_send(&SPEC, argc, argv);
}

static void fill_realise(const struct cli_arguments *arguments, struct deed *deed) {
    struct pledge_realise *realise = &deed->pledge_realise;
    struct pledge_part part = part_of(arguments->positional[1]);
    realise->pledge = pledge_of(arguments);
    realise->item = part.item;
    realise->units = part.units;
    realise->price_fen = cli_money("price", arguments->positional[2], 1, CLI_AMOUNT_MAX);
    realise->costs_fen = cli_money("costs", arguments->positional[3], 0, CLI_AMOUNT_MAX);
    realise->buyer = cli_id("buyer", arguments->positional[4]);
    realise->payer = cli_id("payer", arguments->positional[5]);
    realise->pledgee_account = cli_id("pledgee-account", arguments->positional[6]);
    realise->pledgor_account = cli_id("pledgor-account", arguments->positional[7]);
    cli_digest_file(arguments->positional[8], realise->document);
    realise->is_by_court = cli_value(arguments, CLI_OPTION_BY_COURT) != NULL;
}

#define REALISE_ARGUMENTS                                                                          \
    "PLEDGE ITEM:UNITS PRICE COSTS BUYER PAYER PLEDGEE-ACCOUNT PLEDGOR-ACCOUNT DOCUMENT"
#define REALISE_TEXT                                                                               \
    "PRICE for them all and COSTS of the enforcement are yuan, BUYER a party's number, the "       \
    "others "                                                                                      \
    "accounts: PAYER pays and gets shares. The price goes to the costs, then to every pledge on "  \
    "them by its rank, the rest to the pledgor; what is short stays owed."

static int appropriate(int argc, char **argv) {
    static const struct cli_pledge_deed SPEC = {
        .spec = {.arguments = REALISE_ARGUMENTS,
                 .about = "The pledgee takes what is pledged, at no less than the market says; "
                          "both sign, after the default.\v" REALISE_TEXT,
                 .count_min = 9,
                 .count_max = 9},
        .kind = DEED_PLEDGE_APPROPRIATE,
        .fill = fill_realise};
    return cli_pledge_send(&SPEC, argc, argv);
}

static int sell(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        CLI_DEED_OPTIONS,
        {"by-court", CLI_OPTION_BY_COURT, NULL, 0,
         "DOCUMENT is a court's; else the terms must give the power of sale", 0},
        {0},
    };
    static const struct cli_pledge_deed SPEC = {
        .spec = {.arguments = REALISE_ARGUMENTS,
                 .about = "The pledgee sells what is pledged, after the default, to a "
                          "third.\v" REALISE_TEXT,
                 .options = OPTIONS,
                 .count_min = 9,
                 .count_max = 9},
        .kind = DEED_PLEDGE_SELL,
        .fill = fill_realise};
    return cli_pledge_send(&SPEC, argc, argv);
}

static void fill_auction(const struct cli_arguments *arguments, struct deed *deed) {
    struct pledge_auction *auction = &deed->pledge_auction;
    struct pledge_part part = part_of(arguments->positional[1]);
    auction->pledge = pledge_of(arguments);
    auction->item = part.item;
    auction->units = part.units;
    cli_listing_terms(arguments, 2, &auction->terms);
    auction->costs_fen = cli_money("costs", arguments->positional[6], 0, CLI_AMOUNT_MAX);
    auction->pledgee_account = cli_id("pledgee-account", arguments->positional[7]);
    auction->pledgor_account = cli_id("pledgor-account", arguments->positional[8]);
    auction->is_by_court = cli_value(arguments, CLI_OPTION_BY_COURT) != NULL;
}

static int auction(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"by-court", CLI_OPTION_BY_COURT, NULL, 0,
         "a court has ordered it; else the terms must give the power of sale", 0},
        CLI_LISTING_OPTIONS,
        CLI_DEED_OPTIONS,
        {0},
    };
    static const struct cli_pledge_deed SPEC = {
        .spec = {.arguments = "PLEDGE ITEM:UNITS FLOOR INCREMENT UNTIL DOCUMENT COSTS "
                              "PLEDGEE-ACCOUNT PLEDGOR-ACCOUNT",
                 .about = "The pledgee puts what is pledged up for auction, after the default: a "
                          "listing, which goes on like any other (tpx listing).\vBidders come in "
                          "until the time UNTIL. FLOOR, INCREMENT and COSTS of the enforcement "
                          "are yuan. Of the file DOCUMENT, what is disclosed, the digest is "
                          "recorded. The price goes to the costs, then to every pledge on the "
                          "units by its rank, the rest to the pledgor, or to who has frozen it.",
                 .options = OPTIONS,
                 .count_min = 9,
                 .count_max = 9},
        .kind = DEED_PLEDGE_AUCTION,
        .fill = fill_auction};
    return cli_pledge_send(&SPEC, argc, argv);
}

int cli_pledge(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"apply", cli_pledge_apply, "PLEDGOR PLEDGEE YUAN ITEM...", "apply for a registration"},
        {"join", cli_pledge_join, "PLEDGE PLEDGOR PLEDGEE YUAN ITEM...", "the pledgee's side"},
        {"review", review, "PLEDGE DOCUMENT", "something is missing, or has come"},
        {"register", enter, "PLEDGE", "register it"},
        {"refuse", refuse, "PLEDGE REASON DOCUMENT", "refuse an application"},
        {"withdraw", withdraw, "PLEDGE", "withdraw an application"},
        {"release", release, "PLEDGE [ITEM:UNITS...]", "release it, or a part"},
        {"amend", cli_pledge_amend, "PLEDGE YUAN", "change its terms"},
        {"assign", assign, "PLEDGE PLEDGEE TERMS", "the loan was sold"},
        {"succeed", succeed, "PARTY SUCCESSOR DOCUMENT", "a party was merged"},
        {"correct", cli_pledge_correct, "PLEDGE YUAN DOCUMENT", "set right what was entered"},
        {"revoke", revoke, "PLEDGE DOCUMENT", "revoke a registration"},
        {"determine", determine, "PLEDGE YUAN DOCUMENT", "fix what a maximum secures"},
        {"assent", assent, "PLEDGE PARTY MATTER", "a party's yes"},
        {"swap", swap, "PLEDGE OTHER ASSET", "swap ranks"},
        {"confirm", confirm, "PLEDGE OFFICE NUMBER DOCUMENT", "what an office has registered"},
        {"compare", compare, "PLEDGE OFFICE RESULT EXTRACT", "an extract was compared"},
        {"reconcile", cli_pledge_reconcile, "OFFICE EXTRACT",
         "list what an extract says otherwise"},
        {"rule", rule, "KIND once|often REVIEW HOLD FROM", "what differs from kind to kind"},
        {"default", default_, "PLEDGE COSTS INTEREST ...", "the debtor has defaulted"},
        {"cure", cure, "PLEDGE DOCUMENT", "the default is over"},
        {"appropriate", appropriate, "PLEDGE ITEM:UNITS PRICE ...", "the pledgee takes it"},
        {"sell", sell, "PLEDGE ITEM:UNITS PRICE ...", "the pledgee sells it to a third"},
        {"auction", auction, "PLEDGE ITEM:UNITS FLOOR ...", "the pledgee has it auctioned"},
        {"show", cli_pledge_show, "PLEDGE", "one pledge, with its items"},
        {"list", cli_pledge_list, "[PARTY]", "all pledges, or a party's"},
        {"certificate", cli_right_certify, "KIND NUMBER [DIR]", "what binds an asset, proven"},
        {"verify", cli_right_check, "FILE", "check a certificate, offline"},
        {"still", cli_right_still, "FILE", "does a certificate still hold?"},
        {"print", cli_right_print, "FILE", "a certificate as a page for paper"},
        {0},
    };
    return cli_dispatch(COMMANDS, "tpx pledge: applied for, registered, changed, released.", argc,
                        argv);
}
