/* Rows are reports; what they say of an entry is shown, and for programs the reports themselves. */
#include "gateway/cli_register.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_certificate.h"
#include "gateway/cli_query.h"
#include "gateway/cli_value.h"
#include "gateway/wording.h"
#include "ledger/entry_report.h"

/* --- names -------------------------------------------------------------------------------------
 */

static const char *const ENTRY_KINDS[ENTRIES_END] = {[ENTRY_ASSET] = "asset",
                                                     [ENTRY_HOLD] = "hold",
                                                     [ENTRY_PLEDGE] = "pledge",
                                                     [ENTRY_FREEZE] = "freeze",
                                                     [ENTRY_MARK] = "mark",
                                                     [ENTRY_RESTRICTION] = "restriction",
                                                     [ENTRY_LOCK_UP] = "lock_up",
                                                     [ENTRY_LICENCE] = "licence",
                                                     [ENTRY_LISTING] = "listing",
                                                     [ENTRY_OBJECTION] = "objection",
                                                     [ENTRY_RESERVATION] = "reservation"};

static const char *const ROLES[ENTRY_ROLES_END] = {"any",    "owner",     "pledgor",  "pledgee",
                                                   "debtor", "applicant", "licensee", "seller"};
#define ROLES_TEXT "any, owner, pledgor, pledgee, debtor, applicant, licensee, seller"

static uint8_t role_of(const char *text) {
    for (uint8_t i = 0; i < ENTRY_ROLES_END; i++)
        if (strcmp(ROLES[i], text) == 0)
            return i;
    cli_die(CLI_USAGE, "%s: there is no \"%s\"; there are %s", "role", text, ROLES_TEXT);
}

static const char *kind_name(uint8_t kind) {
    return kind < ENTRIES_END && ENTRY_KINDS[kind] != NULL ? ENTRY_KINDS[kind] : "?";
}

/* "invention ZL2021...": as others call it; a holding by its instrument's symbol and whose it is.
 */
static void put_asset(struct cli_output *output, const struct entry_report *told) {
    const struct register_named *named = &told->named;
    char text[128];
    if (told->asset.kind == ASSET_RIGHT)
        snprintf(text, sizeof text, "%s %.*s", cli_right_kind_name((uint8_t)named->right_kind),
                 (int)named->number.size, (const char *)named->number.bytes);
    else
        snprintf(text, sizeof text, "%.*s of party %" PRIu32, (int)named->symbol.size,
                 (const char *)named->symbol.bytes, told->asset.holder);
    cli_table_name(output, text);
}

static void put_time(struct cli_output *output, int64_t time_ns) {
    char text[CLI_VALUE_BYTES_MAX];
    cli_table_name(output, time_ns != 0 ? cli_time_text(text, time_ns) : "");
}

/* "pledgor 3, pledgee 4" */
static void put_parties(struct cli_output *output, const struct entry_report *told) {
    char text[ENTRY_PARTIES_MAX * 24] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < told->parties_count && used < sizeof text; i++)
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s%s %" PRIu32, i > 0 ? ", " : "",
                             ROLES[told->parties[i].role], told->parties[i].party);
    cli_table_name(output, text);
}

static void put_hex(struct cli_output *output, struct span bytes) {
    char text[2 * 512 + 1] = "";
    for (size_t i = 0; i < bytes.size && i < 512; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes.bytes[i]);
    cli_table_name(output, text);
}

static const struct cli_column COLUMNS[] = {
    {"asset", "right"},       {"entry", "entry"},
    {"kind", "kind"},         {"version", "version"},
    {"state", "state"},       {"number", "number"},
    {"from", "from"},         {"to", "to"},
    {"quantity", "quantity"}, {"parties", "parties"},
    {"sequence", "sequence"}, {"asset_kind", NULL},
    {"asset_number", NULL},   {"holder", NULL},
    {"report", NULL},
};

static void put_row(struct cli_output *output, const struct registered_row *row) {
    struct entry_report told;
    struct span report = {row->report, row->report_bytes};
    if (!entry_report_read(report, &told))
        cli_die(CLI_FAILED, "an entry cannot be read");
    put_asset(output, &told);
    cli_table_small(output, (uint32_t)told.entry);
    cli_table_text(output, kind_name(told.kind));
    cli_table_small(output, told.version);
    cli_table_small(output, told.state);
    cli_table_number(output, told.number);
    put_time(output, told.from_ns);
    put_time(output, told.to_ns);
    cli_table_number(output, told.quantity);
    put_parties(output, &told);
    cli_table_number(output, told.sequence);
    cli_table_text(output, told.asset.kind == ASSET_RIGHT ? "right" : "holding");
    cli_table_small(output, told.asset.asset);
    cli_table_small(output, told.asset.holder);
    put_hex(output, report);
}

static void show(const struct cli_arguments *arguments, const struct query *query) {
    struct answer_row row;
    struct cli_source *source = cli_source_open(arguments);
    struct cli_output *output = cli_output_create(arguments->is_json);
    cli_source_ask(source, query);
    cli_source_as_of(source, output);
    cli_table_begin(output, "entries", COLUMNS, sizeof COLUMNS / sizeof COLUMNS[0]);
    while (cli_source_row(source, &row))
        if (row.kind == ROW_REGISTERED)
            put_row(output, &row.registered);
    cli_output_end(output);
    cli_source_close(source);
}

/* --- what and when is asked --------------------------------------------------------------------
 */

#define TIME_OPTIONS                                                                               \
    {"as-of", CLI_OPTION_AS_OF, "SEQUENCE", 0, "as it was below this sequence of the ledger", 0},  \
    {                                                                                              \
        "at", CLI_OPTION_AT, "TIME", 0, "as it was at this time, 2026-11-24T09:30:00Z", 0          \
    }

static void take_time(const struct cli_arguments *arguments, uint64_t *as_of, int64_t *time_ns) {
    const char *sequence = cli_value(arguments, CLI_OPTION_AS_OF);
    const char *time = cli_value(arguments, CLI_OPTION_AT);
    *as_of = sequence != NULL ? cli_number("as-of", sequence, 1, INT64_MAX) : 0;
    *time_ns = time != NULL ? cli_time("at", time) : 0;
}

#define ASSET_TEXT                                                                                 \
    "\vKIND and NUMBER are what a right is called outside; \"right 7\" is the right with this "    \
    "number here, \"holding 12:3\" what party 12 has of instrument 3. "

static void take_asset(const struct cli_arguments *arguments, struct entries_query *asked) {
    const char *kind = arguments->positional[0];
    const char *number = arguments->positional[1];
    if (strcmp(kind, "right") == 0) {
        asked->asset_kind = ASSET_RIGHT;
        asked->asset = (uint32_t)cli_number("right", number, 1, UINT32_MAX);
    } else if (strcmp(kind, "holding") == 0) {
        const char *colon = strchr(number, ':');
        char party[16];
        if (colon == NULL)
            cli_die(CLI_USAGE, "holding: PARTY:INSTRUMENT, two numbers");
        snprintf(party, sizeof party, "%.*s", (int)(colon - number), number);
        asked->asset_kind = ASSET_HOLDING;
        asked->holder = (uint32_t)cli_number("party", party, 1, UINT32_MAX);
        asked->asset = (uint32_t)cli_number("instrument", colon + 1, 1, UINT32_MAX);
    } else {
        asked->right_kind = cli_right_kind(kind);
        asked->number_bytes = (uint8_t)cli_text("number", number, RIGHT_NUMBER_BYTES_MAX);
        memcpy(asked->number, number, asked->number_bytes);
    }
    take_time(arguments, &asked->as_of, &asked->time_ns);
}

int cli_right_status(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {TIME_OPTIONS, {0}};
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_STATE,
        .arguments = "KIND NUMBER",
        .about = "Says what the register has on an asset: the asset itself, entry 0, and whatever "
                 "binds it or did." ASSET_TEXT "Exit code 1: nobody has admitted it here; that is "
                 "not the same as free.",
        .options = OPTIONS,
        .count_min = 2,
        .count_max = 2};
    struct cli_arguments arguments;
    struct query query = {.kind = QUERY_ENTRIES};
    cli_parse(&arguments, &SPEC, argc, argv);
    take_asset(&arguments, &query.entries);
    show(&arguments, &query);
    return CLI_FINE;
}

int cli_right_history(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"entry", CLI_OPTION_ENTRY, "NUMBER", 0, "of this entry alone; 0 is the asset itself", 0},
        TIME_OPTIONS,
        {0}};
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_STATE,
        .arguments = "KIND NUMBER",
        .about = "Says every version that the entries on an asset have had." ASSET_TEXT,
        .options = OPTIONS,
        .count_min = 2,
        .count_max = 2};
    struct cli_arguments arguments;
    struct query query = {.kind = QUERY_ENTRY_VERSIONS};
    cli_parse(&arguments, &SPEC, argc, argv);
    const char *entry = cli_value(&arguments, CLI_OPTION_ENTRY);
    take_asset(&arguments, &query.entries);
    query.entries.is_one = entry != NULL;
    if (entry != NULL)
        query.entries.entry = (uint32_t)cli_number("entry", entry, 0, UINT32_MAX);
    show(&arguments, &query);
    return CLI_FINE;
}

/* --- by party, by number -----------------------------------------------------------------------
 */

/* A party's number here, or a firm's code: what is longer than a number can be, or none. */
static void take_party(const char *text, struct party_entries_query *asked) {
    size_t size = cli_text("party", text, CODE_BYTES_MAX);
    if (size < CODE_BYTES_MAX && strspn(text, "0123456789") == size) {
        asked->party = (uint32_t)cli_number("party", text, 1, UINT32_MAX);
        return;
    }
    asked->code_bytes = (uint8_t)size;
    memcpy(asked->code, text, size);
}

int cli_right_list(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"role", CLI_OPTION_ROLE, "ROLE", 0, "as what they name it: " ROLES_TEXT, 0},
        {"in-force", CLI_OPTION_IN_FORCE, NULL, 0, "only those that have not ended", 0},
        TIME_OPTIONS,
        {0}};
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_STATE,
        .arguments = "PARTY",
        .about = "Lists the entries that name a party, once for each role.\vPARTY is a firm's "
                 "code, or a party's number here.",
        .options = OPTIONS,
        .count_min = 1,
        .count_max = 1};
    struct cli_arguments arguments;
    struct query query = {.kind = QUERY_PARTY_ENTRIES};
    cli_parse(&arguments, &SPEC, argc, argv);
    const char *role = cli_value(&arguments, CLI_OPTION_ROLE);
    struct party_entries_query *asked = &query.party_entries;
    take_party(arguments.positional[0], asked);
    asked->role = role != NULL ? role_of(role) : ENTRY_ROLE_ANY;
    asked->is_in_force = cli_value(&arguments, CLI_OPTION_IN_FORCE) != NULL;
    take_time(&arguments, &asked->as_of, &asked->time_ns);
    show(&arguments, &query);
    return CLI_FINE;
}

int cli_right_portfolio(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {TIME_OPTIONS, {0}};
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_STATE,
        .arguments = "PARTY",
        .about = "Lists what is pledged to a party and in force.\vPARTY is a firm's code, or a "
                 "party's number here.",
        .options = OPTIONS,
        .count_min = 1,
        .count_max = 1};
    struct cli_arguments arguments;
    struct query query = {.kind = QUERY_PARTY_ENTRIES};
    cli_parse(&arguments, &SPEC, argc, argv);
    struct party_entries_query *asked = &query.party_entries;
    take_party(arguments.positional[0], asked);
    asked->role = ENTRY_ROLE_PLEDGEE;
    asked->is_in_force = true;
    take_time(&arguments, &asked->as_of, &asked->time_ns);
    show(&arguments, &query);
    return CLI_FINE;
}

int cli_right_number(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {TIME_OPTIONS, {0}};
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_STATE,
        .arguments = "NUMBER",
        .about = "Lists the entries of a pledge by its registration number: one on each item.",
        .options = OPTIONS,
        .count_min = 1,
        .count_max = 1};
    struct cli_arguments arguments;
    struct query query = {.kind = QUERY_NUMBER_ENTRIES};
    cli_parse(&arguments, &SPEC, argc, argv);
    struct number_entries_query *asked = &query.number_entries;
    asked->series = ENTRY_PLEDGE;
    asked->number = cli_number("number", arguments.positional[0], 1, INT64_MAX);
    take_time(&arguments, &asked->as_of, &asked->time_ns);
    show(&arguments, &query);
    return CLI_FINE;
}

/* --- by time, and sums -------------------------------------------------------------------------
 */

int cli_right_changes(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"from", CLI_OPTION_FROM, "SEQUENCE", 0, "of the ledger; the \"as of\" of an answer", 0},
        {"party", CLI_OPTION_PARTY, "NUMBER", 0, "only what names this party", 0},
        {0}};
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_STATE,
        .about = "Says what has changed in the register, in the order in which it did.",
        .options = OPTIONS};
    struct cli_arguments arguments;
    struct query query = {.kind = QUERY_REGISTER_CHANGES};
    cli_parse(&arguments, &SPEC, argc, argv);
    const char *from = cli_value(&arguments, CLI_OPTION_FROM);
    const char *party = cli_value(&arguments, CLI_OPTION_PARTY);
    struct register_changes_query *asked = &query.register_changes;
    asked->from = from != NULL ? cli_number("from", from, 0, INT64_MAX) : 0;
    asked->party = party != NULL ? (uint32_t)cli_number("party", party, 1, UINT32_MAX) : 0;
    show(&arguments, &query);
    return CLI_FINE;
}

int cli_right_totals(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {TIME_OPTIONS, {0}};
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_STATE,
        .arguments = "INSTRUMENT",
        .about = "Says how many units of an instrument are pledged, frozen and so on, over all who "
                 "have it.",
        .options = OPTIONS,
        .count_min = 1,
        .count_max = 1};
    static const struct cli_column TABLE[] = {{"kind", "kind"}, {"quantity", "quantity"}};
    struct cli_arguments arguments;
    struct query query = {.kind = QUERY_BOUND_TOTALS};
    struct answer_row row;
    cli_parse(&arguments, &SPEC, argc, argv);
    struct bound_totals_query *asked = &query.bound_totals;
    asked->instrument = cli_instrument(&arguments, arguments.positional[0]);
    take_time(&arguments, &asked->as_of, &asked->time_ns);
    struct cli_source *source = cli_source_open(&arguments);
    struct cli_output *output = cli_output_create(arguments.is_json);
    cli_source_ask(source, &query);
    cli_source_as_of(source, output);
    cli_table_begin(output, "bound", TABLE, 2);
    while (cli_source_row(source, &row)) {
        cli_table_text(output, kind_name(row.bound.kind));
        cli_table_number(output, row.bound.quantity);
    }
    cli_output_end(output);
    cli_source_close(source);
    return CLI_FINE;
}
