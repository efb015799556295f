/* tpx pledge show, list, reconcile: what there is, from a ledger. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/date.h"
#include "engine/extract.h"
#include "engine/view.h"
#include "engine/view_pledge.h"
#include "gateway/cli.h"
#include "gateway/cli_admin.h"
#include "gateway/cli_certificate.h"
#include "gateway/cli_ledger.h"
#include "gateway/cli_output.h"
#include "gateway/cli_pledge.h"
#include "gateway/cli_state.h"
#include "gateway/cli_value.h"
#include "gateway/wording.h"

static const char *const STATES[] = {"?",         "APPLIED",  "DEFICIENT", "REGISTERED",
                                     "ENFORCING", "REALISED", "RELEASED",  "REVOKED",
                                     "REFUSED",   "WITHDRAWN"};
static const char *const STANDINGS[] = {"", "LOCAL", "FILED", "EFFECTIVE", "STALE", "CONFLICT"};

static void put_word(struct cli_output *output, const char *word) {
    cli_table_both(output, wording(word), word);
}

static void put_time(struct cli_output *output, int64_t time_ns) {
    char text[CLI_VALUE_BYTES_MAX];
    cli_table_name(output, time_ns != 0 ? cli_time_text(text, time_ns) : "");
}

/* --- items -------------------------------------------------------------------------------------
 */

static const struct cli_column ITEM_COLUMNS[] = {
    {"pledge", "pledge"},       {"item", "item"},           {"asset", "what"},
    {"units", "units"},         {"value", "value"},         {"entry", "entry"},
    {"rank", "rank"},           {"office", "office"},       {"standing", "standing"},
    {"number", "their number"}, {"effective", "effective"}, {"compared", "compared"},
};

static void put_asset(struct cli_output *output, const struct engine *engine,
                      const struct pledge_item_view *item) {
    char text[128];
    struct right_view right;
    struct instrument_view instrument;
    if (item->asset_kind == ASSET_RIGHT && engine_right(engine, item->asset, &right))
        snprintf(text, sizeof text, "%s %.*s", cli_right_kind_name(right.kind),
                 (int)right.number_bytes, right.number);
    else if (engine_instrument(engine, item->asset, &instrument))
        snprintf(text, sizeof text, "%.*s of account %u", (int)instrument.symbol_bytes,
                 instrument.symbol, item->account);
    else
        snprintf(text, sizeof text, "?");
    cli_table_name(output, text);
}

static void put_item(struct cli_output *output, const struct engine *engine, uint32_t pledge,
                     uint32_t place) {
    struct pledge_item_view item;
    char number[AUTHORITY_NUMBER_BYTES_MAX + 1] = "";
    engine_pledge_item(engine, pledge, place, &item);
    memcpy(number, item.number, item.number_bytes);
    cli_table_small(output, pledge);
    cli_table_small(output, place);
    put_asset(output, engine, &item);
    cli_table_number(output, item.units);
    cli_table_money(output, item.value_fen);
    cli_table_small(output, item.entry);
    cli_table_small(output, item.rank);
    cli_table_name(output, CLI_PLEDGE_OFFICES.list[item.office - 1]);
    put_word(output, STANDINGS[item.standing]);
    cli_table_name(output, number);
    put_time(output, item.effective_ns);
    put_time(output, item.compared_ns);
}

/* --- pledges -----------------------------------------------------------------------------------
 */

static const struct cli_column PLEDGE_COLUMNS[] = {
    {"pledge", "pledge"},   {"state", "state"},   {"version", "version"}, {"pledgor", "pledgor"},
    {"pledgee", "pledgee"}, {"debtor", "debtor"}, {"secured", "secured"}, {"first_rank", "first"},
    {"maximum", "maximum"}, {"until", "until"},   {"items", "items"},     {"deadline", "deadline"},
};

static void put_pledge(struct cli_output *output, uint32_t number, const struct pledge_view *view) {
    char date[CLI_VALUE_BYTES_MAX];
    bool is_late = view->is_overdue && view->review_until_ns == 0;
    cli_table_small(output, number);
    put_word(output, STATES[view->state]);
    cli_table_small(output, view->version);
    cli_table_small(output, view->pledgor);
    cli_table_small(output, view->pledgee);
    cli_table_small(output, view->debtor);
    cli_table_money(output, view->secured_fen);
    cli_table_money(output, view->base_fen);
    put_word(output, !view->is_maximum ? "" : view->is_determined ? "determined" : "maximum");
    cli_table_name(output, cli_date_text(date, view->debt_end));
    cli_table_small(output, view->items_count);
    if (is_late)
        put_word(output, "overdue");
    else
        put_time(output, view->review_until_ns != 0 ? view->review_until_ns : view->hold_until_ns);
}

#define COLUMNS(columns) (columns), sizeof(columns) / sizeof(columns)[0]

static bool concerns(const struct pledge_view *view, uint32_t party) {
    return party == 0 || view->pledgor == party || view->pledgee == party || view->debtor == party;
}

int cli_pledge_list(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_LEDGER,
        .arguments = "[PARTY]",
        .about = "Lists all pledges and applications, or those of a party, from a ledger that is "
                 "replayed.",
        .count_max = 1};
    struct cli_arguments arguments;
    struct pledge_view view;
    cli_parse(&arguments, &SPEC, argc, argv);
    uint32_t party = arguments.count == 1 ? cli_id("party", arguments.positional[0]) : 0;
    struct replay *replay = cli_state_replay(&arguments);
    const struct engine *engine = cli_state_engine(replay);
    struct cli_output *output = cli_output_create(arguments.is_json);
    cli_table_begin(output, "pledges", COLUMNS(PLEDGE_COLUMNS));
    for (uint32_t number = 1; engine_pledge(engine, number, &view); number++)
        if (concerns(&view, party))
            put_pledge(output, number, &view);
    cli_output_end(output);
    replay_destroy(replay);
    return CLI_FINE;
}

static const char *owed_key(uint32_t part) {
    static const char *const keys[] = {"owed_costs", "owed_interest", "owed_principal"};
    return keys[part];
}

int cli_pledge_show(int argc, char **argv) {
    static const struct cli_spec SPEC = {.reach = CLI_REACH_LEDGER,
                                         .arguments = "PLEDGE",
                                         .about = "Shows a pledge with its items, their ranks and "
                                                  "what their offices say, from a ledger.",
                                         .count_min = 1,
                                         .count_max = 1};
    struct cli_arguments arguments;
    struct pledge_view view;
    cli_parse(&arguments, &SPEC, argc, argv);
    uint32_t number = cli_id("pledge", arguments.positional[0]);
    struct replay *replay = cli_state_replay(&arguments);
    const struct engine *engine = cli_state_engine(replay);
    if (!engine_pledge(engine, number, &view))
        cli_die(CLI_REFUSED, "pledge: there is none with the number %u", number);
    struct cli_output *output = cli_output_create(arguments.is_json);
    for (uint32_t part = 0; part < WATERFALL_PARTS; part++)
        if (view.owed_fen[part] != 0)
            cli_money_field(output, owed_key(part), view.owed_fen[part]);
    cli_table_begin(output, "pledges", COLUMNS(PLEDGE_COLUMNS));
    put_pledge(output, number, &view);
    cli_table_begin(output, "items", COLUMNS(ITEM_COLUMNS));
    for (uint32_t place = 1; place <= view.items_count; place++)
        put_item(output, engine, number, place);
    cli_output_end(output);
    replay_destroy(replay);
    return CLI_FINE;
}

/* --- reconciliation ----------------------------------------------------------------------------
 *
 * An office's extract is a text file, a pledge a line, fields with blanks or tabs between them; a
 * line that begins with '#' is a comment:
 *
 *     OFFICE'S-NUMBER KIND RIGHT'S-NUMBER PLEDGEE'S-CODE EFFECTIVE-DATE
 *     Y2026980001234 invention ZL202610000001.1 91440000000000002B 2026-11-25
 */

struct line {
    char number[AUTHORITY_NUMBER_BYTES_MAX + 1];
    char kind[32];
    char right[RIGHT_NUMBER_BYTES_MAX + 1];
    char pledgee[CODE_BYTES_MAX + 1];
    trading_date effective;
    bool is_met;
};

struct extract_file {
    struct line *lines;
    size_t count;
};

static const struct cli_column DIFFERENCE_COLUMNS[] = {
    {"pledge", "pledge"},         {"item", "item"}, {"number", "their number"},
    {"difference", "difference"}, {"here", "here"}, {"there", "there"},
    {"compared", "compared"},
};

#define LINES_MAX (1u << 20)

static void take_line(struct extract_file *file, const char *path, char *text, size_t at) {
    struct line *line = &file->lines[file->count];
    char date[16];
    while (isspace((unsigned char)*text))
        text++;
    if (*text == '\0' || *text == '#')
        return;
    *line = (struct line){.is_met = false};
    if (sscanf(text, "%32s %31s %32s %18s %15s", line->number, line->kind, line->right,
               line->pledgee, date) != 5)
        cli_die(CLI_USAGE, "%s:%zu: NUMBER KIND RIGHT CODE DATE is wanted", path, at);
    line->effective = cli_date("effective", date);
    file->count++;
}

static struct extract_file read_extract(const char *path) {
    struct extract_file file = {.count = 0};
    FILE *in = fopen(path, "r");
    char text[512];
    size_t at = 0;
    if (in == NULL)
        cli_die(CLI_USAGE, "%s: cannot be read", path);
    file.lines = calloc(LINES_MAX, sizeof *file.lines);
    if (file.lines == NULL)
        cli_die(CLI_FAILED, "no memory");
    while (file.count < LINES_MAX && fgets(text, sizeof text, in) != NULL)
        take_line(&file, path, text, ++at);
    fclose(in);
    return file;
}

/* A pledge's item, as the office would name it. */
struct entry {
    uint32_t pledge;
    uint32_t place;
    struct pledge_item_view item;
    char number[AUTHORITY_NUMBER_BYTES_MAX + 1];
    char right[RIGHT_NUMBER_BYTES_MAX + 1];
    char kind[32];
    char pledgee[CODE_BYTES_MAX + 1];
    bool is_live;
};

static void entry_of(const struct engine *engine, const struct pledge_view *pledge,
                     struct entry *entry) {
    struct right_view right = {.kind = 0};
    struct party_view party = {.participant = 0};
    engine_pledge_item(engine, entry->pledge, entry->place, &entry->item);
    engine_right(engine, entry->item.asset, &right);
    engine_party(engine, pledge->pledgee, &party);
    snprintf(entry->number, sizeof entry->number, "%.*s", (int)entry->item.number_bytes,
             entry->item.number);
    snprintf(entry->right, sizeof entry->right, "%.*s", (int)right.number_bytes, right.number);
    snprintf(entry->kind, sizeof entry->kind, "%s", cli_right_kind_name(right.kind));
    snprintf(entry->pledgee, sizeof entry->pledgee, "%.*s", (int)party.code_bytes, party.code);
    entry->is_live = entry->item.rank != 0;
}

static struct line *line_of(const struct extract_file *file, const struct entry *entry) {
    for (size_t i = 0; i < file->count; i++) {
        struct line *line = &file->lines[i];
        if (strcmp(line->right, entry->right) == 0 && strcmp(line->kind, entry->kind) == 0 &&
            (entry->number[0] == '\0' || strcmp(line->number, entry->number) == 0))
            return line;
    }
    return NULL;
}

static void put_difference(struct cli_output *output, const struct entry *entry, const char *what,
                           const char *here, const char *there) {
    cli_table_small(output, entry->pledge);
    cli_table_small(output, entry->place);
    cli_table_name(output, entry->number);
    put_word(output, what);
    cli_table_name(output, here);
    cli_table_name(output, there);
    put_time(output, entry->item.compared_ns);
}

/* Returns how many differences it has put. */
static uint32_t compare_entry(struct cli_output *output, const struct extract_file *file,
                              const struct entry *entry) {
    char here[CLI_VALUE_BYTES_MAX] = "";
    char there[CLI_VALUE_BYTES_MAX] = "";
    uint32_t count = 0;
    struct line *line = line_of(file, entry);
    if (line != NULL)
        line->is_met = true;
    if (line == NULL) {
        if (!entry->is_live)
            return 0;
        put_difference(output, entry, "only here", entry->right, "");
        return 1;
    }
    if (!entry->is_live) {
        put_difference(output, entry, "over here", "", line->number);
        return 1;
    }
    if (strcmp(line->pledgee, entry->pledgee) != 0) {
        put_difference(output, entry, "pledgee", entry->pledgee, line->pledgee);
        count++;
    }
    if (entry->item.effective_ns != 0)
        cli_date_text(here, date_of_ns(entry->item.effective_ns));
    cli_date_text(there, line->effective);
    if (strcmp(here, there) != 0) {
        put_difference(output, entry, "effective", here, there);
        count++;
    }
    return count;
}

static uint32_t compare_all(struct cli_output *output, const struct engine *engine, uint32_t office,
                            const struct extract_file *file) {
    struct pledge_view pledge;
    uint32_t count = 0;
    for (uint32_t number = 1; engine_pledge(engine, number, &pledge); number++) {
        for (uint32_t place = 1; place <= pledge.items_count && pledge.registered_ns != 0;
             place++) {
            struct entry entry = {.pledge = number, .place = place};
            entry_of(engine, &pledge, &entry);
            if (entry.item.office == office && entry.item.asset_kind == ASSET_RIGHT)
                count += compare_entry(output, file, &entry);
        }
    }
    for (size_t i = 0; i < file->count; i++) {
        struct entry none = {.pledge = 0};
        if (file->lines[i].is_met)
            continue;
        snprintf(none.number, sizeof none.number, "%s", file->lines[i].number);
        put_difference(output, &none, "only there", "", file->lines[i].right);
        count++;
    }
    return count;
}

int cli_pledge_reconcile(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_LEDGER,
        .arguments = "OFFICE EXTRACT",
        .about = "Lists every difference between the pledges of a ledger and an office's extract, "
                 "with the time of the last comparison. Exit code 1 when there is one.\v"
                 "EXTRACT has a pledge a line: NUMBER KIND RIGHT PLEDGEE DATE, as in "
                 "\"Y2026 invention ZL20261 91440000000000002B 2026-11-25\". What is found is "
                 "noted by `tpx pledge compare`, an entry at a time.",
        .count_min = 2,
        .count_max = 2};
    struct cli_arguments arguments;
    cli_parse(&arguments, &SPEC, argc, argv);
    uint32_t office = cli_pledge_name(&CLI_PLEDGE_OFFICES, arguments.positional[0]);
    struct extract_file file = read_extract(arguments.positional[1]);
    struct replay *replay = cli_state_replay(&arguments);
    struct cli_output *output = cli_output_create(arguments.is_json);
    cli_table_begin(output, "differences", COLUMNS(DIFFERENCE_COLUMNS));
    uint32_t count = compare_all(output, cli_state_engine(replay), office, &file);
    cli_output_end(output);
    replay_destroy(replay);
    free(file.lines);
    return count == 0 ? CLI_FINE : CLI_REFUSED;
}
