/* tpx pledge: commands that carry terms. */
#include <stdio.h>
#include <string.h>

#include "engine/extract.h"
#include "gateway/cli.h"
#include "gateway/cli_admin.h"
#include "gateway/cli_paper.h"
#include "gateway/cli_pledge.h"
#include "gateway/cli_value.h"

static const char *const SCOPES[] = {"principal", "interest", "penalty", "damages", "costs"};
#define SCOPES_TEXT "principal, interest, penalty, damages, costs"
static const struct cli_pledge_names SCOPE_NAMES = {"scope", SCOPES, 5, SCOPES_TEXT};
static const char *const CONDITIONS[] = {"transfer_allowed", "licence_allowed", "power_of_sale",
                                         "fruits_to_pledgor", "forfeiture_agreed"};
#define CONDITIONS_TEXT                                                                            \
    "transfer_allowed, licence_allowed, power_of_sale, fruits_to_pledgor, forfeiture_agreed"
static const struct cli_pledge_names CONDITION_NAMES = {"conditions", CONDITIONS, 5,
                                                        CONDITIONS_TEXT};
static const char *const DECLARATIONS[] = {"same_day_filing", "invalidation_pending"};
#define DECLARATIONS_TEXT "same_day_filing, invalidation_pending"
static const struct cli_pledge_names DECLARATION_NAMES = {"declare", DECLARATIONS, 2,
                                                          DECLARATIONS_TEXT};

/* Options of the terms that can be changed, and of those that are fixed at the beginning. */
#define CHANGING_OPTIONS                                                                           \
    {"contract", CLI_OPTION_CONTRACT, "FILE", 0, "the principal contract: its digest counts", 0},  \
        {"terms",                                                                                  \
         CLI_OPTION_TERMS,                                                                         \
         "FILE",                                                                                   \
         0,                                                                                        \
         "the whole terms, which should begin with a salt: their digest is public",                \
         0},                                                                                       \
        {"until", CLI_OPTION_UNTIL, "DATE", 0, "the debt's last day", 0},                          \
        {"maximum",                                                                                \
         CLI_OPTION_MAXIMUM,                                                                       \
         "DATE",                                                                                   \
         0,                                                                                        \
         "YUAN is a maximum; the day on which what it secures is fixed",                           \
         0},                                                                                       \
        {"scope", CLI_OPTION_SCOPE, "NAME[,...]", 0, "instead of all: " SCOPES_TEXT, 0},           \
        {"conditions", CLI_OPTION_CONDITIONS, "NAME[,...]", 0, CONDITIONS_TEXT, 0}, {              \
        "coverage", CLI_OPTION_COVERAGE, "PPM", 0,                                                 \
            "the pledgor may take out what leaves this much of YUAN covered", 0                    \
    }

static const struct argp_option TERMS_OPTIONS[] = {
    CLI_DEED_OPTIONS,
    CHANGING_OPTIONS,
    {"debtor", CLI_OPTION_DEBTOR, "PARTY", 0, "where it is not the pledgor", 0},
    {"since", CLI_OPTION_SINCE, "DATE", 0, "the debt's first day", 0},
    {"declare", CLI_OPTION_DECLARE, "NAME[,...]", 0, "what both know: " DECLARATIONS_TEXT, 0},
    {"renews", CLI_OPTION_RENEWS, "PLEDGE", 0, "the pledge that this one renews", 0},
    {0},
};

static const char *needed(const struct cli_arguments *arguments, enum cli_key key,
                          const char *name) {
    const char *value = cli_value(arguments, key);
    if (value == NULL)
        cli_die(CLI_USAGE, "--%s is needed", name);
    return value;
}

static trading_date date_option(const struct cli_arguments *arguments, enum cli_key key,
                                const char *field) {
    const char *text = cli_value(arguments, key);
    return text != NULL ? cli_date(field, text) : DATE_NONE;
}

static uint32_t set_option(const struct cli_arguments *arguments, enum cli_key key,
                           const struct cli_pledge_names *names, uint32_t otherwise) {
    const char *text = cli_value(arguments, key);
    return text != NULL ? cli_pledge_set(names, text) : otherwise;
}

static uint32_t coverage_option(const struct cli_arguments *arguments) {
    const char *text = cli_value(arguments, CLI_OPTION_COVERAGE);
    return text != NULL ? (uint32_t)cli_number("coverage", text, 1, UINT32_MAX) : 0;
}

/* --- items -------------------------------------------------------------------------------------
 */

#define FIELDS_MAX 4

/* Cuts "shares:3:HX:500" at its colons; returns how many fields there are. */
static uint32_t cut(char *text, char *fields[FIELDS_MAX]) {
    uint32_t count = 0;
    char *rest = NULL;
    for (char *field = strtok_r(text, ":", &rest); field != NULL;
         field = strtok_r(NULL, ":", &rest)) {
        if (count == FIELDS_MAX)
            return FIELDS_MAX + 1;
        fields[count++] = field;
    }
    return count;
}

/* right:7[:PPM][@YUAN] or shares:ACCOUNT:INSTRUMENT:UNITS[@YUAN] */
static struct pledge_item_terms item_of(const struct cli_arguments *arguments, const char *text) {
    struct pledge_item_terms item = {.units = RIGHT_WHOLE_PPM};
    char copy[128];
    char *fields[FIELDS_MAX];
    snprintf(copy, sizeof copy, "%s", text);
    char *value = strchr(copy, '@');
    if (value != NULL) {
        *value++ = '\0';
        item.value_fen = cli_money("value", value, 0, CLI_AMOUNT_MAX);
    }
    uint32_t count = cut(copy, fields);
    if ((count == 2 || count == 3) && strcmp(fields[0], "right") == 0) {
        item.asset_kind = ASSET_RIGHT;
        item.asset = cli_id("right", fields[1]);
        if (count == 3)
            item.units = cli_number("ppm", fields[2], 1, RIGHT_WHOLE_PPM);
    } else if (count == 4 && strcmp(fields[0], "shares") == 0) {
        item.asset_kind = ASSET_HOLDING;
        item.account = cli_id("account", fields[1]);
        item.asset = cli_instrument(arguments, fields[2]);
        item.units = cli_number("units", fields[3], 1, INT64_MAX);
    } else {
        cli_die(CLI_USAGE,
                "item: right:NUMBER[:PPM][@YUAN] or shares:ACCOUNT:INSTRUMENT:UNITS[@YUAN]");
    }
    return item;
}

/* --- application -------------------------------------------------------------------------------
 */

static void fill_terms(const struct cli_arguments *arguments, uint32_t first,
                       struct pledge_terms *terms) {
    terms->pledgor = cli_id("pledgor", arguments->positional[first]);
    terms->pledgee = cli_id("pledgee", arguments->positional[first + 1]);
    terms->secured_fen = cli_money("amount", arguments->positional[first + 2], 1, CLI_AMOUNT_MAX);
    for (uint32_t i = first + 3; i < arguments->count; i++)
        terms->items[terms->items_count++] = item_of(arguments, arguments->positional[i]);
    uint32_t debtor = cli_id_option(arguments, CLI_OPTION_DEBTOR, "debtor");
    terms->debtor = debtor != 0 ? debtor : terms->pledgor;
    terms->predecessor = cli_id_option(arguments, CLI_OPTION_RENEWS, "renews");
    terms->debt_start = cli_date("since", needed(arguments, CLI_OPTION_SINCE, "since"));
    terms->debt_end = cli_date("until", needed(arguments, CLI_OPTION_UNTIL, "until"));
    terms->determined = date_option(arguments, CLI_OPTION_MAXIMUM, "maximum");
    terms->is_maximum = terms->determined != DATE_NONE;
    terms->scope = set_option(arguments, CLI_OPTION_SCOPE, &SCOPE_NAMES, PLEDGE_SCOPE_ALL);
    terms->conditions = set_option(arguments, CLI_OPTION_CONDITIONS, &CONDITION_NAMES, 0);
    terms->declarations = set_option(arguments, CLI_OPTION_DECLARE, &DECLARATION_NAMES, 0);
    terms->coverage_ppm = coverage_option(arguments);
    cli_digest_file(needed(arguments, CLI_OPTION_CONTRACT, "contract"), terms->contract);
    cli_digest_file(needed(arguments, CLI_OPTION_TERMS, "terms"), terms->terms);
}

static void fill_apply(const struct cli_arguments *arguments, struct deed *deed) {
    fill_terms(arguments, 0, &deed->pledge_terms);
}

#define ITEMS_TEXT                                                                                 \
    "An ITEM is right:NUMBER[:PPM][@YUAN], all of it where no PPM is said, or "                    \
    "shares:ACCOUNT:INSTRUMENT:UNITS[@YUAN]; @YUAN is what both sides take it to be worth."

int cli_pledge_apply(int argc, char **argv) {
    static const struct cli_pledge_deed SPEC = {
        .spec = {.arguments = "PLEDGOR PLEDGEE YUAN ITEM...",
                 .about = "Applies for the registration of a pledge, signed by the pledgor, or by "
                          "both sides. What is to be pledged is held from now on.\v" ITEMS_TEXT,
                 .options = TERMS_OPTIONS,
                 .count_min = 4,
                 .count_max = CLI_POSITIONALS_MAX},
        .kind = DEED_PLEDGE_APPLY,
        .fill = fill_apply};
    return cli_pledge_send(&SPEC, argc, argv);
}

static void fill_join(const struct cli_arguments *arguments, struct deed *deed) {
    fill_terms(arguments, 1, &deed->pledge_terms);
    deed->pledge_terms.pledge = cli_id("pledge", arguments->positional[0]);
}

int cli_pledge_join(int argc, char **argv) {
    static const struct cli_pledge_deed SPEC = {
        .spec = {.arguments = "PLEDGE PLEDGOR PLEDGEE YUAN ITEM...",
                 .about = "The pledgee's side of an application: the same terms, signed by it. "
                          "What differs is named.\v" ITEMS_TEXT,
                 .options = TERMS_OPTIONS,
                 .count_min = 5,
                 .count_max = CLI_POSITIONALS_MAX},
        .kind = DEED_PLEDGE_JOIN,
        .fill = fill_join};
    return cli_pledge_send(&SPEC, argc, argv);
}

/* --- changes -----------------------------------------------------------------------------------
 */

static void fill_amend(const struct cli_arguments *arguments, struct deed *deed) {
    struct pledge_amend *amend = &deed->pledge_amend;
    amend->pledge = cli_id("pledge", arguments->positional[0]);
    amend->secured_fen = cli_money("amount", arguments->positional[1], 1, CLI_AMOUNT_MAX);
    amend->debt_end = cli_date("until", needed(arguments, CLI_OPTION_UNTIL, "until"));
    amend->determined = date_option(arguments, CLI_OPTION_MAXIMUM, "maximum");
    amend->scope = set_option(arguments, CLI_OPTION_SCOPE, &SCOPE_NAMES, PLEDGE_SCOPE_ALL);
    amend->conditions = set_option(arguments, CLI_OPTION_CONDITIONS, &CONDITION_NAMES, 0);
    amend->coverage_ppm = coverage_option(arguments);
    cli_digest_file(needed(arguments, CLI_OPTION_CONTRACT, "contract"), amend->contract);
    cli_digest_file(needed(arguments, CLI_OPTION_TERMS, "terms"), amend->terms);
}

int cli_pledge_amend(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {CLI_DEED_OPTIONS, CHANGING_OPTIONS, {0}};
    static const struct cli_pledge_deed SPEC = {
        .spec = {.arguments = "PLEDGE YUAN",
                 .about = "Changes a pledge's terms, signed by both sides: each as it is to be "
                          "from now on.\vWhat YUAN is above what was secured ranks from now on, "
                          "unless all who rank behind have assented.",
                 .options = OPTIONS,
                 .count_min = 2,
                 .count_max = 2},
        .kind = DEED_PLEDGE_AMEND,
        .fill = fill_amend};
    return cli_pledge_send(&SPEC, argc, argv);
}

static void fill_correct(const struct cli_arguments *arguments, struct deed *deed) {
    struct pledge_correct *correct = &deed->pledge_correct;
    correct->pledge = cli_id("pledge", arguments->positional[0]);
    correct->secured_fen = cli_money("amount", arguments->positional[1], 1, CLI_AMOUNT_MAX);
    cli_digest_file(arguments->positional[2], correct->document);
    correct->debtor = cli_id("debtor", needed(arguments, CLI_OPTION_DEBTOR, "debtor"));
    correct->debt_start = cli_date("since", needed(arguments, CLI_OPTION_SINCE, "since"));
    correct->debt_end = cli_date("until", needed(arguments, CLI_OPTION_UNTIL, "until"));
    correct->is_by_court = cli_value(arguments, CLI_OPTION_BY_COURT) != NULL;
    cli_digest_file(needed(arguments, CLI_OPTION_CONTRACT, "contract"), correct->contract);
    cli_digest_file(needed(arguments, CLI_OPTION_TERMS, "terms"), correct->terms);
}

int cli_pledge_correct(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        CLI_DEED_OPTIONS,
        {"contract", CLI_OPTION_CONTRACT, "FILE", 0, "the principal contract", 0},
        {"terms", CLI_OPTION_TERMS, "FILE", 0, "the whole terms", 0},
        {"debtor", CLI_OPTION_DEBTOR, "PARTY", 0, "who owes", 0},
        {"since", CLI_OPTION_SINCE, "DATE", 0, "the debt's first day", 0},
        {"until", CLI_OPTION_UNTIL, "DATE", 0, "the debt's last day", 0},
        {"by-court", CLI_OPTION_BY_COURT, NULL, 0, "DOCUMENT is a court's", 0},
        {0},
    };
    static const struct cli_pledge_deed SPEC = {
        .spec = {.arguments = "PLEDGE YUAN DOCUMENT",
                 .about = "Sets right what was entered wrongly: each value as it should be. The "
                          "same command under the key of a second person carries it out.",
                 .options = OPTIONS,
                 .count_min = 3,
                 .count_max = 3},
        .kind = DEED_PLEDGE_CORRECT,
        .fill = fill_correct};
    return cli_pledge_send(&SPEC, argc, argv);
}
