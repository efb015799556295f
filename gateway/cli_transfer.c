/* tpx consent, tpx transfer: what lets pledged things go, and transfers by agreement. Signed by
 * those whom they bind. */
#include <stdio.h>
#include <string.h>

#include "engine/extract.h"
#include "gateway/cli.h"
#include "gateway/cli_admin.h"
#include "gateway/cli_paper.h"
#include "gateway/cli_value.h"

struct cli_transfer_spec {
    struct cli_spec spec;
    uint8_t kind; /* enum deed_kind */
    /* Fills the deed; returns the text that stays outside of it, else NULL. */
    const char *(*fill)(const struct cli_arguments *arguments, struct deed *deed);
};

static const struct argp_option SIGN_OPTIONS[] = {CLI_DEED_OPTIONS, {0}};

static int send(const struct cli_transfer_spec *spec, int argc, char **argv) {
    struct cli_arguments arguments;
    struct command command = {.verb = VERB_DEED};
    struct cli_spec taken = spec->spec;
    if (taken.options == NULL)
        taken.options = SIGN_OPTIONS;
    cli_parse(&arguments, &taken, argc, argv);
    command.deed.kind = spec->kind;
    const char *text = spec->fill(&arguments, &command.deed);
    return cli_deed_send(&arguments, &command, text);
}

/* --- consents ----------------------------------------------------------------------------------
 */

/* "pledge:7", or "right:3:12" for the co-owner 12 of the right 3. */
static void take_subject(const char *text, struct give_consent *give) {
    char right[16];
    if (strncmp(text, "pledge:", 7) == 0) {
        give->pledge = cli_id("pledge", text + 7);
        return;
    }
    const char *colon = strncmp(text, "right:", 6) == 0 ? strchr(text + 6, ':') : NULL;
    if (colon == NULL)
        cli_die(CLI_USAGE, "subject: \"%s\" is none; there are pledge:NUMBER, right:NUMBER:PARTY",
                text);
    snprintf(right, sizeof right, "%.*s", (int)(colon - text - 6), text + 6);
    give->right = cli_id("right", right);
    give->party = cli_id("party", colon + 1);
}

static const char *fill_consent(const struct cli_arguments *arguments, struct deed *deed) {
    struct give_consent *give = &deed->give_consent;
    const char *floor = cli_value(arguments, CLI_OPTION_FLOOR);
    const char *payoff = cli_value(arguments, CLI_OPTION_PAYOFF);
    take_subject(arguments->positional[0], give);
    give->quantity = (int64_t)cli_number("quantity", arguments->positional[1], 1, INT64_MAX / 2);
    give->until = cli_date("until", arguments->positional[2]);
    give->purpose =
        cli_value(arguments, CLI_OPTION_LICENCE) != NULL ? CONSENT_LICENCE : CONSENT_TRANSFER;
    give->buyer = cli_id_option(arguments, CLI_OPTION_BUYER, "buyer");
    give->floor_fen = floor != NULL ? cli_money("floor", floor, 0, CLI_AMOUNT_MAX) : 0;
    give->states_payoff = payoff != NULL;
    give->payoff_fen = payoff != NULL ? cli_money("payoff", payoff, 0, CLI_AMOUNT_MAX) : 0;
    give->account = cli_id_option(arguments, CLI_OPTION_PAID_TO, "to");
    return NULL;
}

static int consent_give_command(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"buyer", CLI_OPTION_BUYER, "PARTY", 0, "only to this one", 0},
        {"floor", CLI_OPTION_FLOOR, "YUAN", 0, "for no less; of a part in proportion", 0},
        {"payoff", CLI_OPTION_PAYOFF, "YUAN", 0,
         "what is paid for the release; without it the price waits in escrow", 0},
        {"to", CLI_OPTION_PAID_TO, "ACCOUNT", 0, "where it is paid to", 0},
        {"licence", CLI_OPTION_LICENCE, NULL, 0, "to a licence instead of a transfer", 0},
        CLI_DEED_OPTIONS,
        {0},
    };
    static const struct cli_transfer_spec SPEC = {
        .spec = {.arguments = "SUBJECT QUANTITY UNTIL",
                 .about = "Consents that pledged units, or a co-owned right's, change hands.\v"
                          "SUBJECT is pledge:NUMBER, by its pledgee, or right:NUMBER:PARTY, by "
                          "that co-owner; who gives it signs. UNTIL is its last day.",
                 .options = OPTIONS,
                 .count_min = 3,
                 .count_max = 3},
        .kind = DEED_GIVE_CONSENT,
        .fill = fill_consent};
    return send(&SPEC, argc, argv);
}

static const char *fill_revoke(const struct cli_arguments *arguments, struct deed *deed) {
    deed->revoke_consent.consent = cli_id("consent", arguments->positional[0]);
    return NULL;
}

static int consent_revoke_command(int argc, char **argv) {
    static const struct cli_transfer_spec SPEC = {
        .spec = {.arguments = "CONSENT",
                 .about = "Revokes a consent: what has been agreed under it stands.",
                 .count_min = 1,
                 .count_max = 1},
        .kind = DEED_REVOKE_CONSENT,
        .fill = fill_revoke};
    return send(&SPEC, argc, argv);
}

int cli_consent(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"give", consent_give_command, "SUBJECT QUANTITY UNTIL", "let pledged units go"},
        {"revoke", consent_revoke_command, "CONSENT", "no more"},
        {0},
    };
    return cli_dispatch(COMMANDS, "tpx consent: what pledgees and co-owners consent to.", argc,
                        argv);
}

/* --- transfers ---------------------------------------------------------------------------------
 */

/* "7:3": a party and its account. */
static uint32_t take_side(const char *field, const char *text, uint32_t *account) {
    char party[16];
    const char *colon = strchr(text, ':');
    if (colon == NULL)
        cli_die(CLI_USAGE, "%s: PARTY:ACCOUNT, both numbers", field);
    snprintf(party, sizeof party, "%.*s", (int)(colon - text), text);
    *account = cli_id("account", colon + 1);
    return cli_id(field, party);
}

static void take_asset(const struct cli_arguments *arguments, const char *text,
                       struct transfer_deed *wanted) {
    bool is_right = strncmp(text, "right:", 6) == 0;
    wanted->asset_kind = is_right ? ASSET_RIGHT : ASSET_HOLDING;
    wanted->asset = is_right ? cli_id("right", text + 6) : cli_instrument(arguments, text);
}

static const char *fill_transfer(const struct cli_arguments *arguments, struct deed *deed) {
    struct transfer_deed *wanted = &deed->transfer_deed;
    const char *costs = cli_value(arguments, CLI_OPTION_COSTS);
    take_asset(arguments, arguments->positional[0], wanted);
    wanted->quantity = (int64_t)cli_number("quantity", arguments->positional[1], 1, INT64_MAX / 2);
    wanted->seller = take_side("seller", arguments->positional[2], &wanted->seller_account);
    wanted->buyer = take_side("buyer", arguments->positional[3], &wanted->buyer_account);
    wanted->price_fen = cli_money("price", arguments->positional[4], 0, CLI_AMOUNT_MAX);
    wanted->costs_fen = costs != NULL ? cli_money("costs", costs, 1, CLI_AMOUNT_MAX) : 0;
    wanted->costs_account = cli_id_option(arguments, CLI_OPTION_PAID_TO, "to");
    for (uint32_t i = 5; i < arguments->count; i++)
        wanted->consents[wanted->consents_count++].consent =
            cli_id("consent", arguments->positional[i]);
    return NULL;
}

static int transfer_make_command(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"costs", CLI_OPTION_COSTS, "YUAN", 0, "of the price, paid first", 0},
        {"to", CLI_OPTION_PAID_TO, "ACCOUNT", 0, "where the costs go to", 0},
        CLI_DEED_OPTIONS,
        {0},
    };
    static const struct cli_transfer_spec SPEC = {
        .spec = {.arguments = "WHAT QUANTITY SELLER:ACCOUNT BUYER:ACCOUNT YUAN [CONSENT]...",
                 .about = "Transfers shares or a right by agreement, off the book.\vWHAT is "
                          "right:NUMBER or an instrument; QUANTITY units or parts per million; "
                          "both sides sign. CONSENTs are what it rests on. A right whose office is "
                          "another register waits for that, the price in escrow.",
                 .options = OPTIONS,
                 .count_min = 5,
                 .count_max = 5 + TRANSFER_CONSENTS_MAX},
        .kind = DEED_TRANSFER,
        .fill = fill_transfer};
    return send(&SPEC, argc, argv);
}

static const char *fill_confirm(const struct cli_arguments *arguments, struct deed *deed) {
    struct confirm_transfer *confirm = &deed->confirm_transfer;
    confirm->transfer = cli_id("transfer", arguments->positional[0]);
    confirm->number_bytes =
        (uint8_t)cli_text("number", arguments->positional[1], TRANSFER_NUMBER_BYTES_MAX);
    cli_digest_file(arguments->positional[2], confirm->document);
    return arguments->positional[1];
}

static int transfer_confirm_command(int argc, char **argv) {
    static const struct cli_transfer_spec SPEC = {
        .spec = {.arguments = "TRANSFER NUMBER DOCUMENT",
                 .about =
                     "The office has registered it under NUMBER: it is settled, the price paid "
                     "out, the right delivered.",
                 .count_min = 3,
                 .count_max = 3},
        .kind = DEED_CONFIRM_TRANSFER,
        .fill = fill_confirm};
    return send(&SPEC, argc, argv);
}

static const char *fill_end(const struct cli_arguments *arguments, struct deed *deed) {
    deed->end_transfer.transfer = cli_id("transfer", arguments->positional[0]);
    return NULL;
}

static int transfer_end_command(int argc, char **argv) {
    static const struct cli_transfer_spec SPEC = {
        .spec = {.arguments = "TRANSFER",
                 .about = "The office will not register it: the price goes back.",
                 .count_min = 1,
                 .count_max = 1},
        .kind = DEED_END_TRANSFER,
        .fill = fill_end};
    return send(&SPEC, argc, argv);
}

static const char *fill_pay_out(const struct cli_arguments *arguments, struct deed *deed) {
    struct pay_out *pay = &deed->pay_out;
    pay->transfer = cli_id("transfer", arguments->positional[0]);
    pay->pledgee_fen = cli_money("pledgee", arguments->positional[1], 0, CLI_AMOUNT_MAX);
    pay->pledgee_account = cli_id("account", arguments->positional[2]);
    pay->seller_fen = cli_money("seller", arguments->positional[3], 0, CLI_AMOUNT_MAX);
    return NULL;
}

static int transfer_pay_out_command(int argc, char **argv) {
    static const struct cli_transfer_spec SPEC = {
        .spec = {.arguments = "TRANSFER YUAN ACCOUNT YUAN",
                 .about = "Pays out what waits in escrow: so much to the pledgee's account, the "
                          "rest to the seller. Both sign.",
                 .count_min = 4,
                 .count_max = 4},
        .kind = DEED_PAY_OUT,
        .fill = fill_pay_out};
    return send(&SPEC, argc, argv);
}

int cli_transfer(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"make", transfer_make_command, "WHAT QUANTITY SELLER BUYER YUAN", "agree, and settle"},
        {"confirm", transfer_confirm_command, "TRANSFER NUMBER DOCUMENT",
         "the office registered it"},
        {"end", transfer_end_command, "TRANSFER", "it will not"},
        {"pay-out", transfer_pay_out_command, "TRANSFER YUAN ACCOUNT YUAN", "divide the escrow"},
        {0},
    };
    return cli_dispatch(COMMANDS, "tpx transfer: transfers by agreement, off the book.", argc,
                        argv);
}
